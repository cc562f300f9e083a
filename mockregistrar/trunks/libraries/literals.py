"""What a program says in literals, each value with its place: what the readers of JavaScript, JSON and Python give.

A value that only the running program knows is `Unsettled`; nobody guesses it. A string remembers the literals that it
is made of, where each of its characters stands, and the escapes in it, so that a finding points at the character and a
secret is hidden wherever a part of it is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.positions import Mapped, encode

Fault = Literal["", "quote", "unclosed", "curly", "escape"]
"""Why a string is none: a quote inside of it, no closing quote, typographic quotes, a broken escape."""


@dataclass(frozen=True, slots=True)
class Escape:
    """A backslash with what belongs to it, and what it makes."""

    written: str
    made: str
    span: Span

    @property
    def surprising(self) -> bool:
        """Whether somebody who typed a backslash as a character would get another text than the one that is seen."""
        letter = self.written[1:2]
        return letter.isascii() and letter.isalnum() and letter not in "xuUN" and self.made != self.written

    @property
    def broken(self) -> bool:
        """Whether JavaScript takes the string for no string because of it: `\\x` and `\\u` need their digits."""
        return self.written in ("\\x", "\\u")


@dataclass(frozen=True, slots=True)
class Text:
    """A string. `pieces` are the stretches that it is written in, none where that cannot be said exactly.

    `kept` is the text with the backslashes left in that were probably meant as characters. `broken` says where the
    `fault` is.
    """

    text: str
    span: Span
    pieces: tuple[Piece, ...] = ()
    escapes: tuple[Escape, ...] = ()
    kept: str = ""
    fault: Fault = ""
    broken: Span | None = None

    def part(self, start: int, stop: int) -> Span:
        """Where code points `start` up to `stop` stand; the whole where that cannot be said exactly."""
        if len(self.pieces) == 1 and self.pieces[0].text == self.text and start < stop:
            return self.pieces[0].part(start, stop).span
        return self.span

    def saying(self, text: str) -> Text:
        """Another text at the same place."""
        return Text(text, self.span, kept=text)

    @property
    def inside(self) -> Span:
        """Where the text stands, without its quotes."""
        return self.part(0, len(self.text))

    @property
    def quoted(self) -> Span | None:
        """Where the text stands with its quotes, None where it is not one piece of the source as it is."""
        if len(self.pieces) != 1 or self.pieces[0].text != self.text:
            return None
        return Span(self.span.line, self.inside.column - 1, self.inside.length + 2)


@dataclass(frozen=True, slots=True)
class Number:
    """A number: as written, and as the language turns it into text."""

    written: str
    text: str
    value: int | float
    span: Span


@dataclass(frozen=True, slots=True)
class Constant:
    """True or false, or nothing: null, undefined, None."""

    value: bool | None
    span: Span


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What only the running program knows. `function` for what is called later; offsets say where it stands."""

    span: Span
    start: int = 0
    stop: int = 0
    function: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """An array or a tuple."""

    items: tuple[Value, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in an object, and what it is set to."""

    name: str
    span: Span
    value: Value


@dataclass(frozen=True, slots=True)
class Record:
    """An object literal; with `open` more may be in it than is written. Offsets say where it stands."""

    entries: tuple[Entry, ...]
    span: Span
    start: int = 0
    stop: int = 0
    open: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call by its dotted name; with `new` it makes an instance."""

    name: str
    arguments: tuple[Value, ...]
    span: Span
    start: int = 0
    stop: int = 0
    new: bool = False

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Name:
    """A name, dotted or not, that is not looked up yet; `at` is where in the program it stands."""

    path: str
    at: int
    span: Span
    start: int = 0
    stop: int = 0


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts that are put together to one string."""

    parts: tuple[Value, ...]
    span: Span
    start: int = 0
    stop: int = 0


Value = Text | Number | Constant | Unsettled | Listing | Record | Call | Name | Joined
"""A value as written; `Name` and `Joined` are gone once it is looked up."""


def mapped(piece: Piece) -> Mapped:
    """A piece as octets that know their columns."""
    if not piece.columns:
        return Mapped.from_text(piece.text, piece.line, piece.column)
    octets = [encode(character) for character in piece.text]
    columns = [column for column, data in zip(piece.columns, octets, strict=False) for _ in data]
    return Mapped(b"".join(octets), columns, piece.columns[-1], piece.line)


EscapeRule = Callable[[str, int, int], tuple[str, int]]
"""What a backslash at an index makes, and how many characters it takes; the third argument is where the text ends."""


def decoded(source: str, start: int, stop: int, place: tuple[int, int], rule: EscapeRule | None) -> Text:
    """The inside of a string literal: its text, a piece for each of its lines, and its escapes.

    Without a `rule` nothing is escaped. The span is that of the first line.
    """
    line, column = place
    text: list[str] = []
    kept: list[str] = []
    pieces: list[Piece] = []
    escapes: list[Escape] = []
    characters: list[str] = []
    columns: list[int] = []

    def flush() -> None:
        pieces.append(Piece("".join(characters), line, columns[0] if columns else column, (*columns, column)))
        characters.clear()
        columns.clear()

    at = start
    while at < stop:
        made, width = source[at], 1
        if made == "\\" and rule is not None and at + 1 < stop:
            made, width = rule(source, at, stop)
            escapes.append(Escape(source[at : at + width], made, Span(line, column, width)))
            kept.append(escapes[-1].written if escapes[-1].surprising else made)
        else:
            kept.append(made)
        text.append(made)
        if "\n" in source[at : at + width]:
            flush()
            line, column = line + 1, 1
            at += width
            continue
        if made and "\udc00" <= made <= "\udfff" and characters and "\ud800" <= characters[-1] <= "\udbff":
            pair = characters[-1] + made
            characters[-1] = pair.encode("utf-16", "surrogatepass").decode("utf-16")
            text[-2:] = [characters[-1]]
        else:
            characters.extend(made)
            columns.extend([column] * len(made))
        column += width
        at += width
    flush()
    return Text("".join(text), pieces[0].span, tuple(pieces), tuple(escapes), "".join(kept))


_ONE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_OCTAL = re.compile(r"[0-3][0-7]{0,2}|[4-7][0-7]?")
_HEXADECIMAL = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}")
_PYTHON = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|N\{([^}\n]{1,80})\}|([0-7]{1,3})")


def javascript_escape(source: str, at: int, stop: int) -> tuple[str, int]:
    """A backslash in JavaScript: it is dropped in front of what is no escape."""
    character = source[at + 1]
    if character in _ONE:
        return _ONE[character], 2
    if character == "\r" and source[at + 2 : at + 3] == "\n":
        return "", 3
    if character in "\n\r\u2028\u2029":
        return "", 2
    octal = _OCTAL.match(source, at + 1, stop)
    if octal:
        return chr(int(octal.group(), 8)), 1 + len(octal.group())
    found = _HEXADECIMAL.match(source, at + 1, stop)
    if found:
        return _character(int(next(filter(None, found.groups())), 16)), 1 + len(found.group())
    return character, 2


def python_escape(source: str, at: int, stop: int) -> tuple[str, int]:
    """A backslash in Python: it stays in front of what is no escape."""
    character = source[at + 1]
    if character == "a":
        return "\a", 2
    if character in _ONE:
        return _ONE[character], 2
    if character == "\n":
        return "", 2
    if character in "\\'\"":
        return character, 2
    found = _PYTHON.match(source, at + 1, stop)
    if found is None:
        return f"\\{character}", 2
    width = 1 + len(found.group())
    if found.group(5):
        return chr(int(found.group(5), 8)), width
    if found.group(4):
        try:
            return unicodedata.lookup(found.group(4)), width
        except KeyError:
            return source[at : at + width], width
    return _character(int(next(filter(None, found.groups())), 16)), width


def _character(number: int) -> str:
    return chr(number) if number <= 0x10FFFF else "\ufffd"


def javascript_number(written: str) -> tuple[int | float, str]:
    """A number literal of JavaScript: its value, and what `String()` makes of it."""
    plain = written.replace("_", "").rstrip("n").lower()
    value: int | float
    if len(plain) > 300:
        return float("inf"), "Infinity"
    if plain[:2] in ("0x", "0b", "0o") and len(plain) > 2:
        value = int(plain[2:], {"x": 16, "b": 2, "o": 8}[plain[1]])
    elif re.fullmatch(r"0[0-7]+", plain):
        value = int(plain, 8)
    elif plain.isdigit():
        value = int(plain)
    else:
        value = float(plain)
    if isinstance(value, int) and (abs(value) < 1 << 53 or written.endswith("n")):
        return value, str(value)
    try:
        number = float(value)
    except OverflowError:
        return value, "Infinity"
    if number in (float("inf"), float("-inf")):
        return number, "Infinity"
    if 1e-6 <= abs(number) < 1e21 or number == 0:
        shown = format(Decimal(repr(number)), "f")
        return value, shown.rstrip("0").rstrip(".") if "." in shown else shown
    return value, re.sub(r"e([+-])0+(?=\d)", r"e\1", repr(number))
