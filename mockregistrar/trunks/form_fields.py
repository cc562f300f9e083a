"""Forms as people copy them, `Label: value` or JSON, and config text put together from their fields.

A field is one or more `Piece`s: text with the place it has in the form. `Assembled` is a config that a web page writes
from such pieces. It is read like any config, and what is found in it is then told at the place in the form.
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from .model import Finding, Span
from .parsed import Parsed

_LABEL = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9 _/()'.-]{0,60}?)[ \t]*(?::|=>|=|\t)[ \t]*")
_LINE = re.compile(r"\bline (\d{1,6})\b")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line of the form. `columns` says where each code point stands, and the end of the last one,
    where escapes make that another place than the sum.
    """

    text: str
    line: int
    column: int
    columns: tuple[int, ...] = ()

    @property
    def span(self) -> Span:
        """Where it stands."""
        if self.columns:
            return Span(self.line, self.columns[0], self.columns[-1] - self.columns[0])
        return Span(self.line, self.column, len(self.text))

    def part(self, start: int, stop: int) -> Piece:
        """Code points `start` up to `stop`."""
        if self.columns:
            columns = self.columns[start : stop + 1]
            return Piece(self.text[start:stop], self.line, columns[0], columns)
        return Piece(self.text[start:stop], self.line, self.column + start)

    def strip(self) -> Piece:
        """Without outer blanks."""
        begin = len(self.text) - len(self.text.lstrip(" \t\r"))
        return self.part(begin, max(begin, len(self.text.rstrip(" \t\r"))))


Field = list[Piece]
"""The lines of a field."""


@dataclass(slots=True)
class Form:
    """The fields of a form by their keys; `unknown` holds the labels that no field has."""

    fields: dict[str, Field] = field(default_factory=dict)
    unknown: list[Piece] = field(default_factory=list)

    def lines(self, key: str) -> Field:
        """The lines of a field, none when it is absent."""
        return self.fields.get(key, [])

    def text(self, key: str) -> str:
        """A field as text, empty when it is absent."""
        return "\n".join(piece.text for piece in self.lines(key))

    def piece(self, key: str) -> Piece | None:
        """The first line of a field that is not empty."""
        return next((piece for piece in self.lines(key) if piece.text), None)

    def span(self, key: str) -> Span:
        """Where a field begins."""
        piece = self.piece(key)
        if piece is not None:
            return piece.span
        lines = self.lines(key)
        return lines[0].span if lines else Span(1, 1, 0)


def normal(label: str) -> str:
    """A label as it is compared: letters and digits in lower case."""
    return re.sub(r"[^a-z0-9]", "", label.lower())


def looks_like_form(text: str, labels: Mapping[str, str], least: int = 2) -> bool:
    """Whether so many lines begin with labels of a form."""
    found = 0
    for line in text.split("\n")[:400]:
        match = _LABEL.match(line)
        found += bool(match and normal(match.group(1)) in labels)
        if found >= least:
            return True
    return False


def read_form(text: str, labels: Mapping[str, str], areas: Collection[str] = (), options: Collection[str] = ()) -> Form:
    """Read `Label: value` lines, or a JSON object. `labels` maps normal labels to keys; `areas` may have more lines.

    The value of `options` looks like `name = value` itself, also where it stands in the line below its label.
    """
    if text.lstrip().startswith("{"):
        form = _json(text, labels)
        if form is not None:
            return form
    form = Form()
    current = ""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        match = _LABEL.match(line)
        key = labels.get(normal(match.group(1)), "") if match else ""
        if match and key and (key not in form.fields or current not in areas):
            current = key
            form.fields[key] = [Piece(line[match.end() :], number, match.end() + 1).strip()]
        elif current in areas:
            form.fields[current].append(Piece(line, number, 1))
        elif current in options and line.strip() and not form.text(current).strip():
            form.fields[current] = [Piece(line, number, 1).strip()]
        elif match:
            form.unknown.append(Piece(match.group(1), number, match.start(1) + 1))
            current = ""
        elif line.strip() and current and not form.text(current).strip():
            form.fields[current] = [Piece(line, number, 1).strip()]
    return form


def _json(text: str, labels: Mapping[str, str]) -> Form | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    form = Form()
    places = Places(text)
    for name, value in found.items():
        key = labels.get(normal(str(name)))
        at = places.value_of(str(name))
        if key is None:
            form.unknown.append(Piece(str(name), *places.place(at)))
        else:
            form.fields[key] = places.json_value(at, value)
    return form


class Places:
    """Line and column of an offset in a text, and the values of JSON keys with their places, in order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.at = 0

    def place(self, at: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        line = bisect.bisect_right(self.starts, at)
        return line, at - self.starts[line - 1] + 1

    def value_of(self, name: str) -> int:
        """Where the value of a key begins, behind its opening quote; searched from the last one on."""
        for spelled in (json.dumps(name, ensure_ascii=False), json.dumps(name)):
            match = re.compile(re.escape(spelled) + r'\s*:\s*"?').search(self.text, self.at)
            if match is not None:
                self.at = match.end()
                return self.at
        return self.at

    def json_value(self, at: int, value: object) -> Field:
        """A value as a field: its lines, with their places where it is a string."""
        if value is None:
            return []
        if not isinstance(value, str):
            said = ("yes" if value else "no") if isinstance(value, bool) else str(value)
            return [Piece(said, *self.place(at))]
        end = at
        while end < len(self.text) and self.text[end] != '"':
            end += 2 if self.text[end] == "\\" else 1
        pieces = unescaped(self.text[at:end], *self.place(at), escapes=JSON_ESCAPES)
        if "\n".join(piece.text for piece in pieces) == value:
            return pieces
        return [Piece(part, *self.place(at)) for part in value.split("\n")]


SQL_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "Z": "\x1a", "b": "\b"}
JSON_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "u": ""}


def unescaped(text: str, line: int, column: int, *, escapes: Mapping[str, str], quote: str = "") -> Field:
    """A string without its escapes, as lines whose code points keep their places; a doubled `quote` is one."""
    pieces: Field = []
    characters: list[str] = []
    columns: list[int] = []

    def flush() -> None:
        words = "".join(characters)
        stop = len(words.rstrip("\r"))
        exact = (*columns, column)
        pieces.append(Piece(words[:stop], line, exact[0], exact[: stop + 1]))
        characters.clear()
        columns.clear()

    index = 0
    while index < len(text):
        character, width = text[index], 1
        if character == "\\" and index + 1 < len(text):
            character, width = escapes.get(text[index + 1], text[index + 1]), 2
            if not character:
                hexadecimal = text[index + 2 : index + 6]
                width = 6
                character = chr(int(hexadecimal, 16)) if re.fullmatch(r"[0-9A-Fa-f]{4}", hexadecimal) else "?"
        elif quote and character == quote:
            width = 2
        index += width
        if character == "\n":
            flush()
            if width == 1:
                line, column = line + 1, 1
            else:
                column += width
            continue
        characters.append(character)
        columns.append(column)
        column += width
    flush()
    return pieces


class Assembled:
    """A config text put together from pieces and from text of its own, and the way back from it."""

    def __init__(self) -> None:
        self._lines: list[list[str | Piece]] = []

    def line(self, *segments: str | Piece) -> None:
        """Add a line."""
        self._lines.append(list(segments))

    def lines(self, pieces: Iterable[Piece]) -> None:
        """Add a line for each piece."""
        self._lines.extend([piece] for piece in pieces)

    @property
    def text(self) -> str:
        """The config."""
        return "\n".join("".join(s if isinstance(s, str) else s.text for s in line) for line in self._lines) + "\n"

    def span(self, span: Span) -> Span:
        """A place in the config as a place in the form: what is no piece stands for the first piece of its line."""
        if not 1 <= span.line <= len(self._lines):
            return Span(1, 1, 0)
        column = 1
        first: Span | None = None
        inside: Span | None = None
        for segment in self._lines[span.line - 1]:
            text = segment if isinstance(segment, str) else segment.text
            end = column + len(text)
            if isinstance(segment, Piece):
                first = first or segment.span
                begin, stop = max(span.column, column), min(span.end, end)
                if begin < stop or (span.length == 0 and column <= span.column <= end):
                    part = segment.part(begin - column, max(stop, begin) - column).span
                    if inside is None:
                        inside = part
                    elif inside.line == part.line and part.column >= inside.column:
                        inside = Span(part.line, inside.column, part.end - inside.column)
            column = end
        return inside or first or self._near(span.line)

    def _near(self, line: int) -> Span:
        """The next piece in the lines behind, or the last one before."""
        for candidates in (self._lines[line:], reversed(self._lines[:line])):
            for segments in candidates:
                for segment in segments:
                    if isinstance(segment, Piece):
                        return Span(segment.line, segment.column, len(segment.text))
        return Span(1, 1, 0)

    def back(self, found: Parsed, text: str, adapt: Callable[[Finding], Finding] = lambda f: f) -> Parsed:
        """What was found in the config, told at the places of the form; the same thing is told once."""
        findings: dict[tuple[str, Span], Finding] = {}
        for finding in found.findings:
            message = _LINE.sub(lambda m: f"line {self.span(Span(int(m.group(1)), 1, 0)).line}", finding.message)
            log = _LINE.sub("line N", finding.log)
            span = self.span(finding.span)
            message = message.replace(f"at column {finding.span.column} ", f"at column {span.column} ")
            moved = adapt(replace(finding, span=span, message=message, log=log))
            findings.setdefault((moved.code, moved.span), moved)
        return replace(
            found,
            text=text,
            findings=tuple(findings.values()),
            secret_spans=tuple(self.span(span) for span in found.secret_spans if self._placed(span)),
            visible=tuple(self.span(span) for span in found.visible if self._placed(span)),
        )

    def _placed(self, span: Span) -> bool:
        if not 1 <= span.line <= len(self._lines):
            return False
        return any(isinstance(segment, Piece) for segment in self._lines[span.line - 1])
