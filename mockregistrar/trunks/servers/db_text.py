"""Files of db_text, the database of Kamailio and OpenSIPS that is a folder of plain text.

Theory of operation. The first line names the columns, `name(type)` or `name(type,null)`; every other line is a row, its
values parted by `:`. A backslash escapes `:`, itself, and `n r t 0`; nothing else may follow it. A value that is empty
is NULL, which only a column with `null` may be. **One bad row, and the table is not loaded at all**: with a `:` too
many (a SIP URI has one!), letters in an `int`, an escape that does not exist, or a NULL. A row is taken over when its
line ends, so that the last one needs its line end too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mockregistrar.trunks.form_fields import Field, Piece
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.sql_rows import Row, Schema

_HEADER = re.compile(
    r"[ ]*(\w+)[ ]*\([ ]*(str|int|double|blob|time|date)[^,)\n]*(?:,[ ]*([na])[^)\n]*)?\)", re.IGNORECASE
)
_PARTING = re.compile(r"\\.|:", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]+\Z")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", ":": ":", "0": "\0"}
_HEADER_LINES = 5
_WHOLE = "the whole table is not loaded"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the header: its name in lower case, whether it holds numbers, whether it may be NULL."""

    name: str
    number: bool
    null: bool
    spelled: Piece


@dataclass(slots=True)
class Table:
    """The rows that are loaded, none where one is bad; `meant` holds the rows as they were probably meant then."""

    rows: list[Row]
    meant: list[Row]
    ok: bool = True


def recognise(head: str, schema: Schema) -> bool:
    """Whether the header of such a file, for one of the tables looked for, is among the first lines of a text."""
    for line in head.lstrip("\ufeff").split("\n", _HEADER_LINES)[:_HEADER_LINES]:
        names = [column.name for column in header(line)]
        if len(names) > 1 and not schema.telling.isdisjoint(names):
            return True
    return False


def header(line: str) -> list[Column]:
    """The columns that a first line names, none where it is no header."""
    columns: list[Column] = []
    at = 0
    line = line.rstrip("\r ")
    while at < len(line):
        match = _HEADER.match(line, at)
        if match is None:
            return []
        number = match.group(2).lower() in ("int", "time", "date", "double")
        may = (match.group(3) or "").lower()
        piece = Piece(match.group(1), 1, match.start(1) + 1)
        columns.append(Column(match.group(1).lower(), number, may in ("n", "a"), piece))
        at = match.end()
    return columns


def read(text: str, schema: Schema, notes: Notes, secrets: frozenset[str], log: str) -> Table:
    """The rows of a file; `secrets` are the columns whose values are hidden, `log` is what is printed for a table that
    is not loaded. Never raises.
    """
    lines = text.split("\n")
    columns = header(lines[0].lstrip("\ufeff"))
    if not columns:
        notes.add(
            "SR436", Span(1, 1, len(lines[0].rstrip("\r"))), f"The first line names no columns: {_WHOLE}.", log=log
        )
        return Table([], [], ok=False)
    reader = _Reader(columns, notes, secrets, log)
    reader.ends(lines)
    unknown = [column.spelled for column in columns if column.name not in schema.columns]
    names = {column.name: column.spelled for column in columns}
    numbers = frozenset(column.name for column in columns if column.number)
    rows: list[Row] = []
    meant: list[Row] = []
    for number, raw in enumerate(lines[1:], 2):
        line = raw.rstrip("\r")
        if not line:
            continue
        found, probably = reader.row(line, number)
        for fields, made in ((found, rows), (probably or found, meant)):
            if fields is not None:
                span = Span(number, 1, len(line))
                made.append(Row("", fields, span, names=names, unknown=unknown, numbers=numbers))
    if lines[-1] and len(lines) > 1:
        message = "The last line has no end. If the file ends like that, this row is lost: db_text takes a row over at "
        message += "the end of its line. Press Enter behind it."
        notes.add("SR437", Span(len(lines), max(1, len(lines[-1])), 1), message)
    return Table(rows, [], ok=True) if reader.ok else Table([], meant, ok=False)


def written(rows: Sequence[Mapping[str, str | int]]) -> str:
    """A file with these rows, all of the same columns; what is empty is NULL."""
    kinds = {name: "int" if isinstance(value, int) else "string,null" for name, value in rows[0].items()}
    lines = [" ".join(f"{name}({kind})" for name, kind in kinds.items())]
    for row in rows:
        cells = (str(value) if isinstance(value, int) else _escaped(value) for value in row.values())
        lines.append(":".join(cells))
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(":", "\\:")
    for letter, character in (("n", "\n"), ("r", "\r"), ("t", "\t")):
        escaped = escaped.replace(character, f"\\{letter}")
    return escaped


class _Reader:
    def __init__(self, columns: Sequence[Column], notes: Notes, secrets: frozenset[str], log: str) -> None:
        self.columns = columns
        self.notes = notes
        self.secrets = secrets
        self.log = log
        self.ok = True

    def ends(self, lines: Sequence[str]) -> None:
        """Judge the line ends: a file from Windows is not read."""
        if lines[0].endswith("\r"):
            self.ok = False
            message = f"The lines end as on Windows, with a carriage return that db_text does not know: {_WHOLE}. "
            message += "Save it with those of Unix (dos2unix)."
            self.notes.add("SR436", Span(1, len(lines[0]), 1), message, log=self.log)

    def row(self, line: str, number: int) -> tuple[dict[str, Field] | None, dict[str, Field] | None]:
        """A row as it is, None where it is refused; and as it was probably meant, None where nobody can say."""
        cells = _cells(line, number)
        if len(cells) == len(self.columns):
            good = self.judged(cells, number)
            fields = self.fields(cells)
            return (fields if good else None), fields
        self.ok = False
        joined = self.joined(cells) if len(cells) > len(self.columns) else None
        if joined is None:
            few = "too few" if len(cells) < len(self.columns) else "too many"
            message = f"The row has {len(cells)} values and the table {len(self.columns)} columns, {few}: {_WHOLE}. "
            message += "A `:` in a value is written `\\:`."
            self.notes.add("SR431", Span(number, 1, len(line)), message, log=self.log)
            self.hide(cells, len(cells) - len(self.columns))
            return None, None
        whole, at = joined
        colon = Span(number, cells[at].span.column + len(cells[at].text), 1)
        message = (
            f"`:` parts the values here: the row has {len(cells)} of them and the table {len(self.columns)} columns, "
        )
        message += f"and {_WHOLE}."
        self.notes.reveal(colon)
        self.notes.add("SR431", colon, message, instead="\\:", log=self.log)
        fields = self.fields(whole)
        return None, fields

    def joined(self, cells: Sequence[Piece]) -> tuple[list[Piece], int] | None:
        """The cells with those joined that a `:` parted by mistake, and where: in a URI, or in the password."""
        more = len(cells) - len(self.columns)
        starts = [i for i, cell in enumerate(cells[:-more]) if cell.text.lower() in ("sip", "sips")]
        starts += [i for i, column in enumerate(self.columns) if column.name in self.secrets]
        for start in starts:
            if start + more >= len(cells):
                continue
            parts = cells[start : start + more + 1]
            text = ":".join(part.text for part in parts)
            whole = [*cells[:start], Piece(text, parts[0].line, parts[0].column), *cells[start + more + 1 :]]
            numbers = [cell.text for cell, column in zip(whole, self.columns, strict=True) if column.number]
            if all(not text or _NUMBER.match(text) for text in numbers):
                return whole, start
        return None

    def judged(self, cells: Sequence[Piece], number: int) -> bool:
        """Whether db_text takes the values of a row."""
        good = True
        for index, (cell, column) in enumerate(zip(cells, self.columns, strict=True)):
            if not cell.text:
                if not column.null:
                    good = False
                    message = f"`{column.name}` is empty, which is NULL, and its column does not allow that: {_WHOLE}. "
                    message += f"`{column.name}(...,null)` in the first line allows it."
                    log = f"null value not allowed - field {index}"
                    self.notes.add("SR434", Span(number, cell.column, 0), message, log=log)
            elif column.number and not _NUMBER.match(cell.text):
                good = False
                message = f"`{column.name}` takes a number, and this is none: {_WHOLE}."
                self.notes.add("SR432", cell.span, message, log=self.log)
            elif not column.number:
                good = self.escapes(cell, column) and good
        self.ok = self.ok and good
        return good

    def escapes(self, cell: Piece, column: Column) -> bool:
        at = cell.text.find("\\")
        while at >= 0:
            if cell.text[at + 1 : at + 2] not in _ESCAPES:
                span = cell.part(at, min(at + 2, len(cell.text))).span
                self.notes.reveal(cell.part(at, at + 1).span)
                message = f"A backslash in `{column.name}` is followed by nothing that db_text can escape: {_WHOLE}."
                self.notes.add("SR433", span, message, instead=f"\\{cell.text[at : at + 2]}", log=self.log)
                self.hide([cell], 0, always=column.name in self.secrets)
                return False
            at = cell.text.find("\\", at + 2)
        return True

    def fields(self, cells: Sequence[Piece]) -> dict[str, Field]:
        return {
            column.name: [_unescaped(cell)] if cell.text else []
            for cell, column in zip(cells, self.columns, strict=False)
        }

    def hide(self, cells: Sequence[Piece], more: int, *, always: bool = False) -> None:
        """Hide what may be the secret in a row that is not in order."""
        if always:
            self.notes.secret(cells[0].text, cells[0].span)
            return
        for index, column in enumerate(self.columns):
            if column.name in self.secrets:
                low, high = sorted((index, index + more))
                for cell in cells[max(0, low) : high + 1]:
                    self.notes.secret(cell.text, cell.span)


def _cells(line: str, number: int) -> list[Piece]:
    """The stretches between the `:` that no backslash stands in front of."""
    cuts = [match.start() for match in _PARTING.finditer(line) if match.group() == ":"]
    edges = [-1, *cuts, len(line)]
    return [Piece(line[a + 1 : b], number, a + 2) for a, b in pairwise(edges)]


def _unescaped(cell: Piece) -> Piece:
    if "\\" not in cell.text:
        return cell
    characters: list[str] = []
    columns: list[int] = []
    at = 0
    while at < len(cell.text):
        columns.append(cell.column + at)
        escaped = _ESCAPES.get(cell.text[at + 1 : at + 2]) if cell.text[at] == "\\" else None
        characters.append(cell.text[at] if escaped is None else escaped)
        at += 1 if escaped is None else 2
    return Piece("".join(characters), cell.line, cell.column, (*columns, cell.column + at))
