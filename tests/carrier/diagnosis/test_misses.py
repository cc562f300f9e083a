"""Near misses: each usual mistake with a password is found from its digest alone, and told for what it is."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from mistakes import MISTAKES, secret

from mockregistrar.carrier.diagnosis.hows import HOWS
from mockregistrar.carrier.diagnosis.misses import Miss, candidates, difference, octets
from mockregistrar.carrier.diagnosis.probe import Probe
from mockregistrar.sip.credentials import Credentials
from mockregistrar.sip.digest import digest_response, ha1, ha2

NONCE = "0123456789abcdef" * 2


def credentials(password: bytes, algorithm: str = "MD5", qop: str = "auth") -> Credentials:
    first = ha1(algorithm, "100", "acme", password.decode("utf-8", "surrogateescape"))
    parts = (NONCE, "00000001", "c0ffee", qop) if qop else (NONCE,)
    second = ha2(algorithm, "REGISTER", "sip:acme", b"" if qop == "auth-int" else None)
    response = digest_response(algorithm, first, second, *parts)
    more = f', qop={qop}, nc=00000001, cnonce="c0ffee"' if qop else ""
    return Credentials.parse(
        f'Digest username="100", realm="acme", nonce="{NONCE}", uri="sip:acme", response="{response}", '
        f"algorithm={algorithm}{more}"
    )


def found(right: str, wrong: bytes, number: int = 20_000, **digest: str) -> Miss | None:
    hit, _ = Probe(credentials(wrong, **digest), "REGISTER").first(candidates(right), number)
    return None if hit is None else Miss(*hit[1:])


EACH = 1000 if os.environ.get("SIPREG_THOROUGH") == "1" else 60
"""Mistakes of each kind; ``SIPREG_THOROUGH=1`` takes minutes."""


@pytest.mark.parametrize("kind", MISTAKES)
def test_mistakes_are_found_for_what_they_are(kind):
    rng = random.Random(kind)
    seen: Counter[str] = Counter()
    while seen["all"] < EACH:
        right = secret(rng)
        mistake = MISTAKES[kind](right, rng)
        if mistake is None or mistake.wrong == octets(right):
            continue
        miss = found(right, mistake.wrong)
        assert miss is not None, (right, mistake)
        seen["all"] += 1
        seen["class"] += miss.how in mistake.hows
        seen["place"] += not mistake.positions or miss.position in mistake.positions
    assert seen["class"] >= 0.99 * seen["all"], seen
    assert seen["place"] >= 0.99 * seen["all"], seen


@pytest.mark.parametrize("kind", MISTAKES)
def test_another_password_altogether_is_none_of_them(kind):
    rng = random.Random(f"other {kind}")
    for _ in range(3):
        mistake = MISTAKES[kind](secret(rng), rng)
        if mistake is not None and len(mistake.wrong) > 4:
            assert found(secret(rng), mistake.wrong) is None


@pytest.mark.parametrize(
    "digest", [{"algorithm": "SHA-256"}, {"algorithm": "MD5-sess"}, {"qop": ""}, {"qop": "auth-int"}]
)
def test_whatever_the_digest(digest):
    miss = found("kD7m;Wq2x", b"kD7m", **digest)
    assert miss == Miss("cut-at-character", 5, "", ";")


@pytest.mark.parametrize(
    ("right", "wrong", "miss"),
    [
        ("kD7mWq2x", "kD7mWq2X", Miss("wrong-case", 8, "X", "x")),
        ("kD7mWq1x", "kD7mWqlx", Miss("look-alike", 7, "l", "1")),
        ("kD7mWq0x", "kD7mWqOx", Miss("look-alike", 7, "O", "0")),
        ("kD7mWq2x", "kD7mWw2x", Miss("neighbour-key", 6, "w", "q")),
        ("kD7mWq2x", "kD7mWqpx", Miss("character-differs", 7, "p", "2")),
        ("kD7mWq2x", "kD7mWq2xx", Miss("character-extra", 9, "x", "")),
        ("kD7mWq2x", "kD7mq2x", Miss("character-missing", 5, "", "W")),
        ("kD77mWq2", "kD7mWq2", Miss("character-missing", 4, "", "7")),
        ("kD7mWq2x", "kDm7Wq2x", Miss("characters-swapped", 3, "m7", "7m")),
        ("kD7m#Wq2x", "kD7m", Miss("cut-at-character", 5, "", "#")),
        ("kD7m?Wq2x", "Wq2x", Miss("begun-behind-character", 5, "", "?")),
        ("kD7mWq2x", "kD7mW", Miss("cut-at-length", 6)),
        ("kD7mWq2x", "mWq2x", Miss("start-missing", 4)),
        ("kD7mWq2x", "kD7mWq2x\t", Miss("trailing-blank", 9, "\t")),
        ("kD7m Wq2x", "kD7mWq2x", Miss("blank-lost", 5, "", " ")),
        ("kD7m;Wq2x", "kD7m\\;Wq2x", Miss("backslash-kept", 5, "\\")),
        ("kD7m$Wq2x", "kD7m", Miss("variable-replaced", 5, "", "$")),
        ("kD7m$Wq.2x", "kD7m.2x", Miss("variable-replaced", 5, "", "$")),
        ("kD7m%Wq2x", "kD7m%%Wq2x", Miss("character-doubled", 5, "%%", "%")),
        ("kD7m%3BWq2x", "kD7m;Wq2x", Miss("percent-decoded", 5, "", "%")),
        ("kD7m;Wq2x", "kD7m%3BWq2x", Miss("percent-encoded", 5, "%", "")),
        ("kD7m&Wq2x", "kD7m&amp;Wq2x", Miss("html-entity", 5, "&amp;", "&")),
        ("kD7m-Wq2x", "kD7m\u2013Wq2x", Miss("smart-character", 5, "\u2013", "-")),
        ("paBc123", "p\u0430Bc123", Miss("look-alike", 2, "\u0430", "a")),
        ("zyzzy123", "yzyyz123", Miss("other-keyboard")),
        ("corner12", "comer12", Miss("look-alike", 3, "m", "rn")),
    ],
)  # fmt: skip
def test_the_place_and_the_characters(right, wrong, miss):
    assert difference(wrong, right) == miss
    assert found(right, octets(wrong)) == miss


def test_another_encoding():
    assert found("Käse;123", "Käse;123".encode("latin-1")) == Miss("wrong-encoding", 2, "latin-1", "utf-8")
    assert found("Käse;123", "Käse;123".encode().decode("latin-1").encode()).got == "utf-8 twice"


def test_no_more_guesses_than_asked_for():
    guesses = candidates("kD7mWq2x")
    hit, tried = Probe(credentials(b"nothing like it"), "REGISTER").first(guesses, 100)
    assert (hit, tried) == (None, 100)
    assert next(guesses)[0] not in {guess[0] for guess, _ in zip(candidates("kD7mWq2x"), range(90), strict=False)}
    assert list(candidates("x" * 513)) == []


def test_each_way_has_words():
    for text in ("kD7m Wq;2x$y%41&amp;\\n'", 'yz\u00e4"--...', "rn  \u2019"):
        assert {guess[1] for guess in candidates(text)} <= HOWS.keys()
    for how in HOWS.values():
        assert how.title
        assert how.cause.endswith(".")
        assert how.fix.endswith(".")
