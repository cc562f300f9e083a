"""A stranger's passwords and mistakes: written from what people say they suffer from, not from what is looked for.

Nothing here knows the lists of the diagnosis. Each mistake says which refinements are a fair name for it, and where it
is; a text that two mistakes can make may bear the name of either.
"""

from __future__ import annotations

import hashlib
import html
import random
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, unquote

CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"
PORTAL = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MARKS = "!?;:#@/\"'$%&*+-_=.,()[]{}<>|~^\\"
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
PAIRS = ("O0", "l1", "I1", "lI", "S5", "B8")


class Slip(NamedTuple):
    """A password gone wrong."""

    sent: str
    """Octets that are not UTF-8 as surrogates."""
    names: frozenset[str]
    places: frozenset[int] = frozenset()
    """Where it is, from 1; empty where it has no one place."""


# --- passwords


def _word(dice: random.Random) -> str:
    return "".join(dice.choice(CONSONANTS) + dice.choice(VOWELS) for _ in range(dice.randint(2, 4)))


def password(dice: random.Random) -> str:
    """Return a password of one of the kinds that are about."""
    kind = dice.randrange(10)
    if kind < 3:  # a portal's
        return "".join(dice.choices(PORTAL, k=dice.randint(8, 24)))
    if kind == 3:  # a portal's that insists on marks
        return "".join(dice.choices(PORTAL + MARKS * 2, k=dice.randint(10, 20)))
    if kind == 4:
        return f"{_word(dice).capitalize()}{dice.randint(10, 9999)}{dice.choice('!?#$%&')}"
    if kind == 5:
        return dice.choice(" -_").join(_word(dice) for _ in range(dice.randint(2, 4)))
    if kind == 6:
        return "".join(dice.choices("0123456789abcdef", k=32))
    if kind == 7:  # somebody's own language
        return f"{_word(dice)}{dice.choice('äöüßéñçøå')}{_word(dice)}{dice.randint(10, 99)}"
    if kind == 8:
        return "".join(dice.choices(PORTAL, k=dice.choice((28, 36, 40))))
    return f"{_word(dice)}{dice.choice(MARKS)}{_word(dice)}{dice.choice(MARKS)}{dice.randint(100, 999)}"


def long_password(dice: random.Random) -> str:
    """Return a key or a token in a password's place."""
    return "".join(dice.choices(PORTAL, k=dice.choice((64, 128, 300))))


# --- mistakes of one character

SUBSTITUTED = frozenset(("character-differs", "neighbour-key", "look-alike", "wrong-case", "smart-character"))
DROPPED = frozenset(
    (
        "character-missing",
        "cut-at-character",
        "begun-behind-character",
        "blank-lost",
        "quotes-lost",
        "backslash-lost",
        "character-halved",
    )
)
ADDED = frozenset(
    ("character-extra", "trailing-blank", "leading-blank", "quotes-kept", "backslash-kept", "character-doubled")
)


def substituted(right: str, dice: random.Random) -> Slip:
    at = dice.randrange(len(right))
    other = dice.choice([c for c in PORTAL + MARKS if c != right[at]])
    names = SUBSTITUTED | ({"percent-encoded"} if (right[at], other) == (" ", "+") else set())
    if at == len(right) - 1 and other == "?":
        names |= {"wrong-encoding"}
    return Slip(right[:at] + other + right[at + 1 :], frozenset(names), frozenset((at + 1,)))


def dropped(right: str, dice: random.Random) -> Slip:
    at = dice.randrange(len(right))
    sent = right[:at] + right[at + 1 :]
    places = frozenset(i + 1 for i in range(len(right)) if right[:i] + right[i + 1 :] == sent)
    names = DROPPED | ({"wrong-encoding"} if not right[at].isascii() else set())
    return Slip(sent, frozenset(names | {"look-alike", "html-decoded"}), places)


def inserted(right: str, dice: random.Random) -> Slip:
    at = dice.randrange(len(right) + 1)
    sent = right[:at] + dice.choice(PORTAL + MARKS) + right[at:]
    places = frozenset(i + 1 for i in range(len(sent)) if sent[:i] + sent[i + 1 :] == right)
    return Slip(sent, ADDED | {"look-alike"}, places)


def transposed(right: str, dice: random.Random) -> Slip | None:
    spots = [i for i in range(len(right) - 1) if right[i] != right[i + 1]]
    if not spots:
        return None
    at = dice.choice(spots)
    sent = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
    return Slip(sent, frozenset(("characters-swapped", "wrong-case", "other-keyboard")), frozenset((at + 1,)))


def beside(right: str, dice: random.Random) -> Slip | None:
    spots = [(i, row) for i, c in enumerate(right) for row in KEYS if c in row]
    if not spots:
        return None
    at, row = dice.choice(spots)
    key = row.index(right[at])
    other = dice.choice(row[max(key - 1, 0) : key] + row[key + 1 : key + 2])
    return Slip(right[:at] + other + right[at + 1 :], frozenset(("neighbour-key", "look-alike")), frozenset((at + 1,)))


def mistaken(right: str, dice: random.Random) -> Slip | None:
    spots = [(i, pair) for i, c in enumerate(right) for pair in PAIRS if c in pair]
    if not spots:
        return None
    at, pair = dice.choice(spots)
    other = pair.replace(right[at], "")
    return Slip(right[:at] + other + right[at + 1 :], frozenset(("look-alike",)), frozenset((at + 1,)))


def other_case(right: str, dice: random.Random) -> Slip | None:
    spots = [i for i, c in enumerate(right) if c.swapcase() != c and len(c.swapcase()) == 1]
    if not spots:
        return None
    at = dice.choice(spots)
    return Slip(right[:at] + right[at].swapcase() + right[at + 1 :], frozenset(("wrong-case",)), frozenset((at + 1,)))


# --- mistakes with the whole of it


def _whole(make: Callable[[str], str], *names: str) -> Callable[[str, random.Random], Slip | None]:
    def slip(right: str, _dice: random.Random) -> Slip | None:
        sent = make(right)
        return None if sent == right else Slip(sent, frozenset(names))

    return slip


def cut_at(right: str, dice: random.Random) -> Slip | None:
    spots = [i for i, c in enumerate(right) if c in ';:#@/"' and i]
    if not spots:
        return None
    at = spots[0]
    names = {"cut-at-character", "quotes-lost", "html-decoded"}
    return Slip(right[:at], frozenset(names), frozenset((at + 1,)))


def cut_after(right: str, dice: random.Random) -> Slip | None:
    lengths = [n for n in (8, 16, 20, 32, 255) if n < len(right) - 1]
    if not lengths:
        return None
    at = dice.choice(lengths)
    names = {"cut-at-length"} | ({"cut-at-character"} if not right[at].isalnum() else set())
    if not right[at:].isascii() and right[:at].isascii():
        names |= {"wrong-encoding"}
    return Slip(right[:at], frozenset(names), frozenset((at + 1,)))


def _latin(right: str) -> str:
    return right.encode("latin-1").decode("utf-8", "surrogateescape")


def _curly(right: str) -> str:
    opening = True
    sent = ""
    for c in right.replace("'", "\u2019"):
        sent += ("\u201c" if opening else "\u201d") if c == '"' else c
        opening = not opening if c == '"' else opening
    return sent


def _escaped(right: str) -> str:
    return "".join(c if c.isalnum() else "\\" + c for c in right)


SINGLE = {
    "substituted": substituted,
    "dropped": dropped,
    "inserted": inserted,
    "transposed": transposed,
    "key beside": beside,
    "look-alike": mistaken,
    "one letter's case": other_case,
}
"""Mistakes with one character, or with two that are neighbours."""

WHOLE = {
    "cut at a character": cut_at,
    "cut at a length": cut_after,
    "capitals": _whole(str.upper, "wrong-case"),
    "small letters": _whole(str.lower, "wrong-case", "other-keyboard", "percent-encoded"),
    "caps lock": _whole(str.swapcase, "wrong-case"),
    "blank before": _whole(lambda t: " " + t, "leading-blank", "character-doubled"),
    "blank behind": _whole(lambda t: t + " ", "trailing-blank", "character-doubled"),
    "tab behind": _whole(lambda t: t + "\t", "trailing-blank"),
    "line feed": _whole(lambda t: t + "\n", "newline"),
    "carriage return": _whole(lambda t: t + "\r", "newline"),
    "both": _whole(lambda t: t + "\r\n", "newline"),
    "percent-encoded": _whole(lambda t: quote(t, safe=""), "percent-encoded", "character-doubled", "backslash-kept"),
    "percent-decoded": _whole(lambda t: unquote(t, errors="surrogateescape"), "percent-decoded"),
    "in quotes": _whole(lambda t: f'"{t}"', "quotes-kept", "character-doubled"),
    "in single quotes": _whole(lambda t: f"'{t}'", "quotes-kept", "character-doubled"),
    "backslashes kept": _whole(_escaped, "backslash-kept", "character-doubled"),
    "HTML": _whole(html.escape, "html-entity"),
    "ampersands in XML": _whole(lambda t: t.replace("&", "&amp;"), "html-entity"),
    "curly quotes": _whole(_curly, "smart-character"),
    "no-break spaces": _whole(lambda t: t.replace(" ", "\u00a0"), "smart-character"),
    "Latin-1": _whole(_latin, "wrong-encoding"),
    "UTF-8 taken for Latin-1": _whole(lambda t: t.encode().decode("latin-1"), "wrong-encoding"),
    "pasted twice": _whole(lambda t: t + t, "pasted-twice"),
    "nothing": _whole(lambda _: "", "empty"),
    "the user name": _whole(lambda _: "alice", "user-as-password"),
    "another account's": _whole(lambda _: OF_BOB, "other-account"),
    "the hash": _whole(lambda t: hashlib.md5(f"alice:carrier.test:{t}".encode()).hexdigest(), "hash-as-password"),
}

OF_BOB = "xQ9-bobs-very-own"


# --- no mistakes but other passwords


def near(one: str, other: str) -> bool:
    """Whether one mistake of an everyday kind makes one text of the other, as a stranger would say."""
    if one.casefold() == other.casefold() or one.startswith(other) or one.endswith(other):
        return True
    if one.replace(" ", "") == other or one in other or other in one:
        return True
    head = 0
    while head < min(len(one), len(other)) and one[head] == other[head]:
        head += 1
    a, b = one[head:], other[head:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if len(a) <= 1 and len(b) <= 1:
        return True
    if len(a) == len(b) == 2 and a == b[::-1]:
        return True
    return len(set(zip(one, other, strict=False))) < len(one) and _one_for_another(one, other)


def _one_for_another(one: str, other: str) -> bool:
    """Whether one character stands wherever another belongs."""
    return len(one) == len(other) and len({(a, b) for a, b in zip(one, other, strict=True) if a != b}) == 1


def several(right: str, dice: random.Random) -> str:
    """Return a password with two or three mistakes, each in a place of its own."""
    sent = right
    for _ in range(dice.choice((2, 2, 3))):
        slip = dice.choice(list(SINGLE.values()))(sent, dice)
        sent = sent if slip is None else slip.sent
    return sent


def sibling(right: str, dice: random.Random) -> str:
    """Return a password that shares much with the right one, as the next one of the same person does."""
    half = len(right) // 2
    kind = dice.randrange(4)
    if kind == 0:
        return right[:half] + password(dice)[:half]
    if kind == 1:
        return password(dice)[:half] + right[half:]
    if kind == 2:
        return f"{right}{dice.randint(10, 99)}"
    return "".join(dice.sample(right, len(right)))
