"""Where in a text a hand could slip: each function proposes the edits of one sort of slip, likeliest first.

They know shapes (a value, a character between values, the keyword of sip.conf), not dialects. An edit that needs a
sentence of its own has one; no sentence holds a value, and a single character is named only where it is the mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest

from .places import Edit, Place, Sheet

Edits = Callable[[Sheet], Iterable[Edit]]
"""The edits of one sort, for a text."""

LABELS = {"secret": "password", "user": "user name", "host": "host", "port": "port", "expiry": "expiry"}
"""How sentences call the fields that are slipped in."""

KEYWORD = r"^[ \t]*(register)([ \t]*=>?[ \t]*)(?=[^\s=>])"
_OPTION = (
    r"^[ \t]*([A-Za-z_][\w/.-]{3,})(?=[ \t]*[=:])|--([a-z][\w-]{3,})|[;?]([a-z_]{4,})(?==)|"
    r"name=\"([\w-]{4,})\"|[\"']?\b([A-Za-z_]\w{3,})[\"']?(?=[ \t]*[:=][ \t]*[\"'{])|<([A-Za-z_]\w{3,})"
)
_PORT = re.compile(r":\d+")
_ENTITY = re.compile(r"&(amp|lt|gt|quot|#39|#x27|apos);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}
_MOST_PAIRS = 6

_KEYS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOOK_ALIKE = {
    "0": ("O", "The letter O stands for the digit 0"),
    "O": ("0", "The digit 0 stands for the letter O"),
    "o": ("0", "The digit 0 stands for the letter o"),
    "1": ("l", "The letter l stands for the digit 1"),
    "l": ("1", "The digit 1 stands for the letter l"),
    "I": ("l", "The letter l stands for the letter I"),
}


# --- slips inside a value

_Slip = Callable[[str, int], "tuple[int, int, str] | None"]
"""What happens to a value at an index: the stretch that is replaced, and by what; None where nothing can."""


def _swapped(value: str, at: int) -> tuple[int, int, str] | None:
    pair = value[at : at + 2]
    return (at, at + 2, pair[::-1]) if len(pair) == 2 and pair[0] != pair[1] else None


def _missing(value: str, at: int) -> tuple[int, int, str] | None:
    return (at, at + 1, "") if len(value) > 1 else None


def _doubled(value: str, at: int) -> tuple[int, int, str] | None:
    return at, at, value[at]


def _key_beside(character: str) -> str:
    for row in _KEYS:
        at = row.find(character.lower())
        if at >= 0:
            key = row[at + 1] if at + 1 < len(row) else row[at - 1]
            return key.upper() if character.isupper() else key
    return ""


def _extra(value: str, at: int) -> tuple[int, int, str] | None:
    key = _key_beside(value[at])
    return (at + 1, at + 1, key) if key else None


def _wrong(value: str, at: int) -> tuple[int, int, str] | None:
    key = _key_beside(value[at])
    return (at, at + 1, key) if key else None


def _case(value: str, at: int) -> tuple[int, int, str] | None:
    other = value[at].swapcase()
    return (at, at + 1, other) if value[at].isascii() and other != value[at] else None


SLIPS: dict[str, tuple[_Slip, str, str]] = {
    "swapped": (_swapped, "Two neighbouring characters of the {} are swapped", "{} with neighbours that differ"),
    "missing": (_missing, "A character of the {} is missing", "{} of several characters"),
    "extra": (
        _extra,
        "The {} has one character too many, from a key beside the right one",
        "letter or digit in its {}",
    ),
    "doubled": (_doubled, "A character of the {} is there twice", "{}"),
    "wrong": (_wrong, "A character of the {} is from a key beside the right one", "letter or digit in its {}"),
    "case": (_case, "A letter of the {} is in the wrong case", "letter in its {}"),
}
"""What may happen to one character of a value, the sentence for it, and what the text needs to have for it."""


def _middle_first(length: int) -> list[int]:
    """The indexes of a value from its middle to its ends, as what is at the ends is sometimes stripped."""
    return sorted(range(length), key=lambda index: (abs(2 * index - length + 1), index))


def _each_index(sheet: Sheet, name: str) -> Iterator[tuple[Place, int]]:
    """Every place of a field with every index in it: the middle of each place, then what is beside it."""
    orders = [[(place, at) for at in _middle_first(place.stop - place.start)] for place in sheet.places(name)]
    for turn in zip_longest(*orders):
        yield from (each for each in turn if each is not None)


def inside(name: str, slip: _Slip) -> Edits:
    """One slip in a value."""

    def edits(sheet: Sheet) -> Iterator[Edit]:
        for place, at in _each_index(sheet, name):
            found = slip(sheet.at(place), at)
            if found is not None:
                yield Edit(place.start + found[0], place.start + found[1], found[2])

    return edits


def look_alike(name: str) -> Edits:
    """O for 0, l for 1, and the reverse."""

    def edits(sheet: Sheet) -> Iterator[Edit]:
        for place, at in _each_index(sheet, name):
            found = _LOOK_ALIKE.get(sheet.text[place.start + at])
            if found is not None:
                what = f"{found[1]} in the {LABELS[name]}"
                yield Edit(place.start + at, place.start + at + 1, found[0], what)

    return edits


def letter_in(name: str) -> Edits:
    """The letter O for the digit 0 in a number."""
    return inside(name, lambda value, at: (at, at + 1, "O") if value[at] == "0" else None)


def blank_in(name: str) -> Edits:
    """A blank inside a value."""
    return inside(name, lambda _value, at: (at, at, " ") if at else None)


def instead(name: str, new: Callable[[str], str]) -> Edits:
    """Another value in place of the right one."""

    def edits(sheet: Sheet) -> Iterator[Edit]:
        for place in sheet.places(name):
            value = sheet.at(place)
            if new(value) != value:
                yield Edit(place.start, place.stop, new(value))

    return edits


def around(name: str, before: str, behind: str) -> Edits:
    """Something typed or pasted before a value, or behind it, or both."""
    if not behind:
        return lambda sheet: [Edit(place.start, place.start, before) for place in sheet.places(name)]
    if not before:
        return lambda sheet: [Edit(place.stop, place.stop, behind) for place in sheet.places(name)]
    return instead(name, lambda value: f"{before}{value}{behind}")


def exchanged(first: str, second: str) -> Edits:
    """Two values, each in the place of the other."""

    def edits(sheet: Sheet) -> Iterator[Edit]:
        for one in sheet.places(first)[:_MOST_PAIRS]:
            for other in sheet.places(second)[:_MOST_PAIRS]:
                a, b = sorted((one, other), key=lambda place: place.start)
                if a.stop <= b.start and sheet.at(a) != sheet.at(b):
                    yield Edit(a.start, b.stop, sheet.at(b) + sheet.text[a.stop : b.start] + sheet.at(a))

    return edits


# --- slips in the way that the password is written


def special(characters: str) -> Edits:
    """Characters inside the password as they are, where the dialect may want them quoted."""

    def edits(sheet: Sheet) -> Iterator[Edit]:
        for place in sheet.places("secret"):
            middle = (place.start + place.stop + 1) // 2
            if place.plain and middle < place.stop:
                yield Edit(middle, middle, characters)

    return edits


def each_special(new: Callable[[str], str]) -> Edits:
    """One character of the password that is no letter or digit, written in another way."""

    def edits(sheet: Sheet) -> Iterator[Edit]:
        for place in (each for each in sheet.places("secret") if each.plain):
            for at in range(place.start, place.stop):
                character = sheet.text[at]
                if not character.isalnum() and new(character) != character:
                    yield Edit(at, at + 1, new(character))

    return edits


def unquoted(sheet: Sheet) -> Iterator[Edit]:
    """The password without the quotes around it."""
    for place in sheet.places("secret"):
        quotes = sheet.text[place.start - 1 : place.start] + sheet.text[place.stop : place.stop + 1]
        if quotes in ('""', "''"):
            yield Edit(place.start - 1, place.stop + 1, sheet.at(place))


def unescaped(sheet: Sheet) -> Iterator[Edit]:
    """A character of the password itself where an entity of XML belongs."""
    for place in sheet.places("secret"):
        for found in _ENTITY.finditer(sheet.at(place)):
            raw = _ENTITIES.get(found[1], "'")
            yield Edit(place.start + found.start(), place.start + found.end(), raw)


# --- slips between the values


def put(pattern: str, new: str = "") -> Edits:
    """What fits a pattern, outside of secrets, in another form (an expansion of the match); left out by default."""

    def edits(sheet: Sheet) -> Iterator[Edit]:
        for found in sheet.outside(pattern):
            if found.expand(new) != found[0]:
                yield Edit(found.start(), found.end(), found.expand(new))

    return edits


def in_a_name(*, swap: bool) -> Edits:
    """A letter of an option's name left out, or two of them swapped."""

    def edits(sheet: Sheet) -> Iterator[Edit]:
        for found in sheet.outside(_OPTION):
            start, stop = found.span(found.lastindex or 0)
            for at in ((start + stop) // 2, stop - 2):
                pair = sheet.text[at : at + 2]
                if not swap:
                    yield Edit(at, at + 1, "")
                elif pair[0] != pair[1]:
                    yield Edit(at, at + 2, pair[::-1])

    return edits


def _behind_host(sheet: Sheet, place: Place) -> int:
    """The offset behind a host and its port."""
    port = _PORT.match(sheet.text, place.stop)
    return port.end() if port else place.stop


def slash_behind_host(sheet: Sheet) -> Iterator[Edit]:
    """A slash behind host and port where there is none."""
    for place in sheet.places("host"):
        end = _behind_host(sheet, place)
        if sheet.text[end : end + 1] != "/":
            yield Edit(end, end, "/")


def transport_behind_host(sheet: Sheet) -> Iterator[Edit]:
    """Another transport as a parameter behind host and port."""
    other = "tls" if "tcp" in sheet.values("transport") else "tcp"
    for place in sheet.places("host"):
        end = _behind_host(sheet, place)
        yield Edit(end, end, f";transport={other}")


def domain_behind_user(sheet: Sheet) -> Iterator[Edit]:
    """The host behind the user name, as in an address."""
    for host in sheet.values("host")[:1]:
        for place in sheet.places("user"):
            yield Edit(place.stop, place.stop, f"@{host}")


# --- slips about the whole


def _only_value(sheet: Sheet) -> tuple[int, int] | None:
    """A text of one line, without the keyword of sip.conf and the blanks at its ends; None for a longer text."""
    if "\n" in sheet.text.strip("\r\n"):
        return None
    keyword = re.match(KEYWORD, sheet.text)
    start = keyword.end() if keyword else len(sheet.text) - len(sheet.text.lstrip())
    return start, max(start, len(sheet.text.rstrip()))


def whole_quoted(sheet: Sheet) -> Iterator[Edit]:
    """Quotes around all of a string."""
    found = _only_value(sheet)
    if found is not None:
        yield Edit(*found, f'"{sheet.text[slice(*found)]}"')


def keyword_before(sheet: Sheet) -> Iterator[Edit]:
    """`register =>` before a register value that stands alone."""
    found = _only_value(sheet)
    if found is None or re.match(KEYWORD, sheet.text):
        return
    if re.match(r"(?!sips?:|\w+[ \t]+--)[^@\s=<{]+@", sheet.text[slice(*found)]):
        yield Edit(found[0], found[0], "register => ")


def note_behind(sheet: Sheet) -> Iterator[Edit]:
    """A note at the end of a line that holds a value of the account."""
    for end in sorted({sheet.line_end(p.stop) for name in ("secret", "host", "user") for p in sheet.places(name)}):
        yield Edit(end, end, " # main line")


def account_twice(sheet: Sheet) -> Iterator[Edit]:
    """The line of the account a second time, a little different where that is a second account; or the whole text."""
    for place in sheet.places("secret"):
        end = sheet.line_end(place.stop)
        line = sheet.text[sheet.text.rfind("\n", 0, place.start) + 1 : end]
        if re.match(KEYWORD, line):
            more = " " if "/" in line.rpartition("@")[2] else "/s"
            yield Edit(end, end, f"\n{line}{more}")
        yield Edit(end, end, f"\n{line}")
    end = len(sheet.text)
    yield Edit(end, end, ("" if sheet.text.endswith("\n") else "\n") + sheet.text)
