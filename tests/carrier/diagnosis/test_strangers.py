"""How often the diagnosis is right, measured on passwords and mistakes that it was not written from.

Two thousand mistakes and more in each run; with ``SIPREG_THOROUGH=1`` some sixty thousand, by several seeds.
"""

from __future__ import annotations

import os
import random
import re
import sys
from collections import Counter

import pytest
from looking import looked_into
from strangers import OF_BOB, SINGLE, WHOLE, Slip, long_password, near, password, several, sibling

from mockregistrar.carrier.diagnosis.examine import BUDGET, SLICE, Diagnosis

SEEDS, EACH = (range(4), 500) if os.environ.get("SIPREG_THOROUGH") == "1" else (range(1), 60)
BOB = f"bob:{OF_BOB}"


def slips(kind: str, seed: int) -> list[tuple[str, Slip]]:
    """Return passwords with what a mistake made of them."""
    dice = random.Random(f"{kind} {seed}")
    made: list[tuple[str, Slip]] = []
    for attempt in range(EACH * 200):
        long = kind == "cut at a length" and attempt % 2
        right = long_password(dice) if long else password(dice)
        slip = {**SINGLE, **WHOLE}[kind](right, dice)
        if slip is not None and slip.sent != right:
            made.append((right, slip))
        if len(made) == EACH:
            break
    assert len(made) >= EACH / 2
    return made


def fair(found: Diagnosis, slip: Slip) -> bool:
    return found.because == "wrong-password" and found.how in slip.names


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [*SINGLE, *WHOLE])
def test_mistakes_are_called_by_their_names(kind: str, seed: int) -> None:
    seen: Counter[str] = Counter()
    wrong = []
    for right, slip in slips(kind, seed):
        found = looked_into(right, slip.sent, BOB)
        assert found is not None
        seen["all"] += 1
        seen["class"] += fair(found, slip)
        seen["place"] += not slip.places or found.position in slip.places
        seen["claims"] += bool(found.how)
        if not fair(found, slip) and found.how:
            wrong.append((right, slip, found))
    assert seen["class"] >= 0.99 * seen["all"], seen
    assert seen["place"] >= 0.99 * seen["all"], seen
    assert wrong == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "make", [several, sibling, lambda _, dice: password(dice)], ids=["several", "sibling", "other"]
)
def test_when_in_doubt_nothing_is_claimed(make, seed: int) -> None:
    dice = random.Random(f"doubt {seed}")
    asked = 0
    while asked < EACH * 2:
        right = password(dice)
        sent = make(right, dice)
        if near(right, sent):
            continue
        asked += 1
        found = looked_into(right, sent, BOB)
        assert found is not None
        assert (found.because, found.how, found.position) == ("wrong-password", "", None), (right, sent)
        assert found.sentence == "wrong password, no near miss found"


@pytest.mark.parametrize("kind", SINGLE)
def test_a_password_too_long_to_be_looked_through_is_claimed_nothing_wrong_of(kind: str) -> None:
    dice = random.Random(f"long {kind}")
    for _ in range(10):
        right = long_password(dice)
        slip = SINGLE[kind](right, dice)
        if slip is None:
            continue
        found = looked_into(right, slip.sent)
        assert found is not None
        if found.how:
            assert fair(found, slip)
            assert found.position in slip.places
        else:
            assert found.sentence == "wrong password, no near miss found"
            assert found.evidence.endswith("the rest was not, to leave the carrier its time.")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_password_in_the_place_of_a_hash(seed: int) -> None:
    dice = random.Random(f"as a hash {seed}")
    for _ in range(EACH):
        right = password(dice)
        found = looked_into(right, right, as_hash=True)
        assert found is not None
        assert found.how == "password-as-hash"
        other = looked_into(right, password(dice), as_hash=True)
        assert other is not None
        assert other.how == ""


@pytest.mark.parametrize("kind", SINGLE)
def test_with_sha_256_too(kind: str) -> None:
    dice = random.Random(f"SHA-256 {kind}")
    for _ in range(20):
        right = password(dice)[:12]
        slip = SINGLE[kind](right, dice)
        if slip is not None:
            found = looked_into(right, slip.sent, algorithms=("SHA-256",))
            assert found is not None
            assert fair(found, slip), (right, slip, found)
            assert found.position in slip.places


class Digests:
    """Counts the hashes that are made, whoever makes them, for as long as the block lasts."""

    def __init__(self) -> None:
        self.made = 0

    def __enter__(self) -> Digests:
        self._before = sys.getprofile()
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)

    def _called(self, _frame: object, event: str, what: object) -> None:
        if event == "c_call" and re.fullmatch(r"(openssl_)?(md5|sha256)|new", getattr(what, "__name__", "")):
            self.made += 1


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("length", [8, 20, 64, 512, 513])
@pytest.mark.parametrize("others", [0, 1200])
def test_no_slice_is_longer_than_it_says(length: int, others: int, algorithm: str) -> None:
    """Counted in digests, two for a guess: that over the password, and the response made of it."""
    right = "".join(random.Random(length).choices("abcdefghijkmnopqrstuvwxyzABCDEFGH0123456789", k=length))
    crowd = [f"user{number}:secret{number}" for number in range(others)]
    slices: list[tuple[int, int]] = []
    with Digests() as digests:
        found = looked_into(
            right,
            "something else",
            *crowd,
            each=lambda units: slices.append((units, digests.made)),
            algorithms=(algorithm,),
        )
    assert found is not None
    assert found.how == ""
    cost = 1 if algorithm == "MD5" else 2
    before = slices[0][1]  # what the login itself took
    for units, made in slices[1:]:
        assert units <= SLICE
        assert made - before <= 2 * units // cost + 100
        before = made
    assert digests.made == before  # nothing is done behind the last
    assert sum(units for units, _ in slices) <= BUDGET + 100
    assert others == 0 or sum(units for units, _ in slices) > 900  # the counting counts


def test_a_thousand_names_are_looked_through_in_slices() -> None:
    crowd = [f"user{number}:x" for number in range(1000)]
    slices: list[int] = []
    found = looked_into("x", "x", *crowd, each=slices.append, user="usr77")
    assert found is not None
    assert (found.because, found.how, found.meant) == ("unknown-user", "character-missing", "user77")
    assert max(slices) <= SLICE
    assert sum(slices) <= BUDGET + SLICE
