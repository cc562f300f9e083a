"""`SEQUENTIAL,PRINTF=1000,PRINTFOFFSET=100,PRINTFMULTIPLE=2`: lines of an injection file that SIPp makes by counting.

Each of the n lines takes one of the file in turn, and puts its number for `%d`, `%05d` and the like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_LINES = 1000
_PARAMETER = re.compile(r"PRINTF(OFFSET|MULTIPLE)?(=?)([^,\r\n]*)")
_NUMBER = re.compile(r"[ \t]*\+?(0[xX][0-9A-Fa-f]{1,8}|0[0-7]{0,10}|[1-9][0-9]{0,9})?")
_CONVERSION = re.compile(r"%([0-9.-]*)(.?)", re.DOTALL)
_WIDEST = 64


@dataclass(frozen=True, slots=True)
class Counter:
    """How many lines there are, and their numbers."""

    lines: int
    offset: int = 0
    multiple: int = 1

    def number(self, index: int) -> int:
        """The number of a line; the first has index 0."""
        return self.offset + index * self.multiple


@dataclass(frozen=True, slots=True)
class Problem:
    """What SIPp cannot read: where, the sentence, and what it prints."""

    start: int
    stop: int
    message: str
    log: str
    fix: str = ""


def counter(first: str) -> tuple[Counter | None, Problem | None]:
    """The counter that the first line asks for, if any."""
    found: dict[str, int] = {}
    for match in _PARAMETER.finditer(first):
        name = f"PRINTF{match.group(1) or ''}"
        number = _NUMBER.match(match.group(3))
        rest = match.group(3)[number.end() :] if number else ""
        problem = ""
        if not match.group(2) or (name != "PRINTF" and "PRINTF" not in found):
            kind = "file printf" if "PRINTF" not in found else f"file {name}"
            problem, log = "needs `=` and a number", f"Invalid {kind} specification (requires =) for"
            if name != "PRINTF" and match.group(2):
                problem = "stands in front of `PRINTF=`, where SIPp takes it for that"
        elif rest:
            kind = "file printf" if name == "PRINTF" else "PRINTFOFFSET"
            problem, log = "needs a number", f"Invalid {kind} specification for (invalid end character '{rest[0]}')"
        text = (number.group(1) if number else "") or "0"
        found[name] = int(text, 16 if text[:2] in ("0x", "0X") else 8 if text[0] == "0" else 10)
        if not problem and name == "PRINTF" and found[name] == 0:
            problem, log = "makes no line", "A printf file must have at least one virtual line"
        if problem:
            return None, Problem(match.start(), match.end(), f"`{name}` {problem}: SIPp stops.", log, f"{name}=100")
    if "PRINTF" not in found:
        return None, None
    return Counter(found["PRINTF"], found.get("PRINTFOFFSET", 0), found.get("PRINTFMULTIPLE", 1)), None


def printed(text: str, number: int) -> tuple[str, tuple[int, ...], Problem | None]:
    """A field with a number in place of its conversions; `%%` gives a `%` and still begins another one.

    With it comes the place in the pattern that each character is from, and the end. What is no conversion stays as it
    is, and the first such is told.
    """
    made: list[str] = []
    places: list[int] = []
    first: Problem | None = None
    at = 0
    while (begin := text.find("%", at)) >= 0:
        made.append(text[at:begin])
        places.extend(range(at, begin))
        match = _CONVERSION.match(text, begin)
        flags, kind = match.groups() if match else ("", "")
        if match is not None and kind == "d":
            digits = _formatted(flags, number)
            made.append(digits)
            places.extend([begin] * len(digits))
            at = match.end()
            continue
        if text[begin + 1 : begin + 2] != "%":
            log = f"Invalid printf injection field (only decimal values allowed '{kind}')"
            if not kind:
                log = "Invalid printf injection field (ran off end of line)"
            message = "With PRINTF a `%` begins a number such as `%d` or `%05d`: SIPp stops at anything else."
            first = first or Problem(begin, match.end() if match else begin + 1, message, log)
        made.append("%")
        places.append(begin)
        at = begin + 1
    made.append(text[at:])
    places.extend(range(at, len(text) + 1))
    return "".join(made), tuple(places), first


def _formatted(flags: str, number: int) -> str:
    """A number as C's printf writes it with these flags, width and precision."""
    match = re.fullmatch(r"([-0]*)(\d*)(?:\.(\d*))?", flags)
    if match is None:
        return str(number)
    width = min(int(match.group(2) or 0), _WIDEST)
    digits = str(number).rjust(min(int(match.group(3) or 0), _WIDEST), "0")
    if "-" in match.group(1):
        return digits.ljust(width)
    return digits.rjust(width, "0" if "0" in match.group(1) and match.group(3) is None else " ")
