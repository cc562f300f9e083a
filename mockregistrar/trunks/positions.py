"""Octets that remember where they came from.

Asterisk works on octets: its buffer, its cuts and its limits count them. People count code points. A `Mapped` is a run
of octets together with the column each one has in the line as typed, so that a cut found in octets is reported in
columns even after escapes were removed or text was repaired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .model import Span


def encode(text: str) -> bytes:
    """The octets of a text decoded with surrogateescape; other lone surrogates pass as they are."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def decode(data: bytes) -> str:
    """Octets as text, losslessly: what is not UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def first_line(text: str) -> tuple[str, int]:
    """The first line of a text that is not empty, and its number; an empty one for a text without any."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            return line.rstrip("\r"), number
    return "", 1


@dataclass(frozen=True, slots=True)
class Mapped:
    """Octets of one line with the column of each; `end` is the column behind the last one."""

    data: bytes
    columns: Sequence[int]
    end: int
    line: int

    @classmethod
    def from_text(cls, text: str, line: int = 1, column: int = 1) -> Mapped:
        """Map a text whose first code point stands at `column`."""
        data = encode(text)
        if len(data) == len(text):
            return cls(data, range(column, column + len(text)), column + len(text), line)
        columns: list[int] = []
        for index, character in enumerate(text, column):
            columns.extend([index] * len(encode(character)))
        if len(columns) != len(data):  # a text that is not from surrogateescape: keep the columns in range
            columns = (columns + [column + len(text)] * len(data))[: len(data)]
        return cls(data, columns, column + len(text), line)

    def __len__(self) -> int:
        return len(self.data)

    @property
    def text(self) -> str:
        """The octets as text."""
        return decode(self.data)

    def part(self, start: int, stop: int) -> Mapped:
        """Octets `start` up to `stop`."""
        end = self.columns[stop] if stop < len(self.data) else self.end
        return Mapped(self.data[start:stop], self.columns[start:stop], end, self.line)

    def gather(self, pieces: Sequence[tuple[int, int]]) -> Mapped:
        """The named stretches joined, each octet keeping its column."""
        data = b"".join(self.data[start:stop] for start, stop in pieces)
        columns = [column for start, stop in pieces for column in self.columns[start:stop]]
        end = self.end
        if pieces and pieces[-1][1] < len(self.data):
            end = self.columns[pieces[-1][1]]
        return Mapped(data, columns, end, self.line)

    def replace(self, start: int, stop: int, data: bytes) -> Mapped:
        """Put other octets in place of a stretch; they take its column."""
        column = self.columns[start] if start < len(self.data) else self.end
        columns = [*self.columns[:start], *([column] * len(data)), *self.columns[stop:]]
        return Mapped(self.data[:start] + data + self.data[stop:], columns, self.end, self.line)

    def replace_all(self, edits: Sequence[tuple[int, int, bytes]]) -> Mapped:
        """Several replacements, in ascending order, in one pass."""
        data: list[bytes] = []
        columns: list[int] = []
        at = 0
        for start, stop, new in edits:
            data += [self.data[at:start], new]
            columns.extend(self.columns[at:start])
            columns.extend([self.columns[start]] * len(new))
            at = stop
        data.append(self.data[at:])
        columns.extend(self.columns[at:])
        return Mapped(b"".join(data), columns, self.end, self.line)

    def append(self, other: Mapped) -> Mapped:
        """This run followed by another of the same line."""
        return Mapped(self.data + other.data, [*self.columns, *other.columns], other.end, self.line)

    def strip(self) -> Mapped:
        """Without blanks and control characters at both ends, as Asterisk strips."""
        start, stop = strip_range(self.data, 0, len(self.data))
        return self.part(start, stop)

    def span(self, start: int, stop: int) -> Span:
        """Where a stretch stands in the line as typed; an empty one has length 0."""
        column = self.columns[start] if start < len(self.data) else self.end
        if stop <= start:
            return Span(self.line, column, 0)
        return Span(self.line, column, self.columns[stop - 1] + 1 - column)

    def line_span(self, column: int, end: int) -> Span:
        """A span of this line from a column up to another."""
        return Span(self.line, column, end - column)


def strip_range(data: bytes, start: int, stop: int) -> tuple[int, int]:
    """The stretch without octets below 33 at its ends."""
    while start < stop and data[start] < 33:
        start += 1
    while stop > start and data[stop - 1] < 33:
        stop -= 1
    return start, stop


def part_span(value: Mapped, start: int, stop: int) -> Span:
    """Where code points `start` up to `stop` of a value stand."""
    text = value.text
    first = len(encode(text[:start]))
    return value.span(first, first + len(encode(text[start:stop])))
