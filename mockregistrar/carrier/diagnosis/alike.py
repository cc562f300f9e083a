"""Characters that people and programs take for one another."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_FAMILIES: Final = ("0Oo", "1lI|i!", "5S", "8B", "2Z", "6G", "9g", "uv", "-_", ".,", "'`", "cC", "xX", "sS", "vV", "wW")
_FOREIGN: Final = MappingProxyType(
    {
        "a": "\u0430", "c": "\u0441", "e": "\u0435", "i": "\u0456", "o": "\u043e", "p": "\u0440", "x": "\u0445",
        "y": "\u0443", "A": "\u0410", "B": "\u0412", "C": "\u0421", "E": "\u0415", "H": "\u041d", "K": "\u041a",
        "M": "\u041c", "O": "\u041e", "P": "\u0420", "T": "\u0422", "X": "\u0425",
    }
)  # fmt: skip
"""Latin letters and the Cyrillic ones that look the same."""

RUNS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"), ("ii", "u"), ("VV", "W"))
"""Two letters that look like one."""

SMART: Final = MappingProxyType(
    {"'": "\u2019\u2018\u00b4\u2032", '"': "\u201d\u201c\u201e\u2033", "-": "\u2013\u2014\u2011\u2212", " ": "\u00a0"}
)
"""What word processors and portals write in place of a character."""

_ROWS: Final = (
    ("1234567890-=", "!@#$%^&*()_+"),
    ("qwertyuiop[]", "QWERTYUIOP{}"),
    ("asdfghjkl;'\\", 'ASDFGHJKL:"|'),
    ("zxcvbnm,./", "ZXCVBNM<>?"),
)


def _look_alikes() -> dict[str, str]:
    found: dict[str, str] = {}
    for family in _FAMILIES:
        for one in family:
            found[one] = found.get(one, "") + "".join(c for c in family if c != one)
    for latin, cyrillic in _FOREIGN.items():
        found[latin] = found.get(latin, "") + cyrillic
        found[cyrillic] = latin
    return found


def _neighbours() -> dict[str, str]:
    """Return the keys around each key of an American keyboard, and what it gives with Shift."""
    found: dict[str, str] = {}
    for number, row in enumerate(_ROWS):
        for layer in (0, 1):
            for at, key in enumerate(row[layer]):
                near = row[layer][max(at - 1, 0) : at] + row[layer][at + 1 : at + 2]
                if number:
                    near += _ROWS[number - 1][layer][at : at + 2]
                if number + 1 < len(_ROWS):
                    near += _ROWS[number + 1][layer][max(at - 1, 0) : at + 1]
                other = row[1 - layer][at]
                found[key] = near + ("" if other.lower() == key.lower() else other)
    return found


LOOK_ALIKES: Final = MappingProxyType(_look_alikes())
"""For a character, those that look like it."""
NEIGHBOURS: Final = MappingProxyType(_neighbours())
"""For a character, those of the keys beside it and of its own key with the other Shift."""
