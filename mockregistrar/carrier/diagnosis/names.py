"""How a name that anybody may read (user, auth user, realm, domain) misses one that exists."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from mockregistrar.carrier.diagnosis.misses import Miss, difference


def one_stroke(got: str, want: str) -> bool:
    """Whether one character inserted, removed or replaced, or two swapped, makes `want` of `got`."""
    if abs(len(got) - len(want)) > 1:
        return False
    head = _common(got, want)
    rest_got, rest_want = got[head:], want[head:]
    tail = _common(rest_got[::-1], rest_want[::-1])
    if max(len(rest_got), len(rest_want)) - tail <= 1:
        return True
    return len(rest_got) - tail == 2 == len(rest_want) - tail and rest_got[1::-1] == rest_want[:2]


def _common(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def nearest_name(got: str, known: Iterable[str]) -> tuple[str, Miss | None] | None:
    """Return the known name that was meant, and how it was missed; None when none is near.

    A name that is one stroke or one usual mistake away goes before one that is merely alike.
    """
    names = list(known)
    folded = got.strip().strip("\"'<>").casefold()
    for name in names:
        if name.casefold() == folded or one_stroke(got, name):
            return name, difference(got, name)
    close = difflib.get_close_matches(got, names, 1, 0.75)
    return (close[0], difference(got, close[0])) if close else None
