"""Mistakes with a password, made on purpose: what each makes of it, and what a diagnosis has to say of that."""

from __future__ import annotations

import html
import random
import string
from typing import NamedTuple
from urllib.parse import quote, unquote

LETTERS = string.ascii_letters + string.digits
SPECIALS = ";:#@/\"'&%$\\ <>?=!,.-_+*()[]{}|^~`"


class Mistake(NamedTuple):
    """What became of a password."""

    wrong: bytes
    hows: tuple[str, ...]
    """The refinements that are right: where two mistakes make the same text, either is."""
    positions: tuple[int, ...] = ()
    """The positions that are right; empty where none is asked for."""


def secret(rng: random.Random) -> str:
    """Return a password as people and portals make them: eight to twenty characters, one in three with specials."""
    length = rng.randint(8, 20)
    if rng.random() < 0.15:
        fragment = rng.choice(["%3B", "%41", "&amp;", " ", "'", '"', "$x", "\\n", "<", ";"])
        head, tail = (("".join(rng.choices(LETTERS, k=length // 2))) for _ in range(2))
        return f"x{head}{fragment}{tail}"
    if rng.random() < 0.35:
        return "".join(rng.choices(LETTERS + SPECIALS, k=length)).strip() or "x;y"
    return "".join(rng.choices(LETTERS, k=length))


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


AT_THE_END = ("cut-at-character", "blank-lost", "quotes-lost", "variable-replaced", "backslash-lost")
ONE = ("character-differs", "look-alike", "neighbour-key", "wrong-case", "smart-character")


def differs(text: str, rng: random.Random) -> Mistake:
    at = rng.randrange(len(text))
    other = rng.choice([c for c in LETTERS + SPECIALS if c != text[at]])
    return Mistake(_octets(text[:at] + other + text[at + 1 :]), (*ONE, "percent-encoded", "cut-at-length"), (at + 1,))


def missing(text: str, rng: random.Random) -> Mistake:
    at = rng.randrange(len(text))
    wrong = text[:at] + text[at + 1 :]
    right = tuple(i + 1 for i in range(len(text)) if text[:i] + text[i + 1 :] == wrong)
    also = ("cut-at-character", "begun-behind-character", "blank-lost", "quotes-lost", "backslash-lost", "look-alike")
    also += ("character-halved", "variable-replaced")
    return Mistake(_octets(wrong), ("character-missing", *also), right)


def extra(text: str, rng: random.Random) -> Mistake:
    at = rng.randrange(len(text) + 1)
    wrong = text[:at] + rng.choice(LETTERS + SPECIALS) + text[at:]
    right = tuple(i + 1 for i in range(len(wrong)) if wrong[:i] + wrong[i + 1 :] == text)
    also = ("trailing-blank", "leading-blank", "quotes-kept", "backslash-kept", "character-doubled", "look-alike")
    return Mistake(_octets(wrong), ("character-extra", *also), right)


def swapped(text: str, rng: random.Random) -> Mistake | None:
    places = [i for i in range(len(text) - 1) if text[i] != text[i + 1]]
    if not places:
        return None
    at = rng.choice(places)
    wrong = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return Mistake(_octets(wrong), ("characters-swapped", "wrong-case", "other-keyboard"), (at + 1,))


def cut(text: str, rng: random.Random) -> Mistake | None:
    places = [i for i, c in enumerate(text) if not c.isalnum() and i > 0]
    if not places:
        return None
    at = rng.choice(places)
    return Mistake(_octets(text[:at]), AT_THE_END, (at + 1,))


def shortened(text: str, rng: random.Random) -> Mistake:
    length = rng.randrange(1, len(text) - 1)
    return Mistake(_octets(text[:length]), ("cut-at-length", *AT_THE_END), (length + 1,))


def _whole(make, *hows):
    def mistake(text: str, _rng: random.Random) -> Mistake | None:
        wrong = make(text)
        if wrong == text:
            return None
        return Mistake(wrong if isinstance(wrong, bytes) else _octets(wrong), hows)

    return mistake


MISTAKES = {
    "differs": differs,
    "missing": missing,
    "extra": extra,
    "swapped": swapped,
    "cut": cut,
    "shortened": shortened,
    "empty": _whole(lambda t: "", "empty"),
    "lower": _whole(str.lower, "wrong-case", "other-keyboard"),
    "upper": _whole(str.upper, "wrong-case"),
    "swapcase": _whole(str.swapcase, "wrong-case"),
    "trailing blank": _whole(lambda t: t + " ", "trailing-blank", "character-doubled"),
    "leading blank": _whole(lambda t: " " + t, "leading-blank", "character-doubled"),
    "newline": _whole(lambda t: t + "\n", "newline"),
    "windows newline": _whole(lambda t: t + "\r\n", "newline"),
    "quoted": _whole(lambda t: f'"{t}"', "quotes-kept", "character-doubled"),
    "single quoted": _whole(lambda t: f"'{t}'", "quotes-kept", "character-doubled"),
    "escaped": _whole(lambda t: t.replace(";", "\\;"), "backslash-kept"),
    "percent-encoded": _whole(lambda t: quote(t, safe=""), "percent-encoded", "backslash-kept", "character-doubled"),
    "percent-decoded": _whole(unquote, "percent-decoded"),
    "html": _whole(html.escape, "html-entity"),
    "twice": _whole(lambda t: t + t, "pasted-twice"),
    "smart quotes": _whole(lambda t: t.replace("'", "\u2019"), "smart-character"),
    "no-break space": _whole(lambda t: t.replace(" ", "\u00a0"), "smart-character"),
}
