"""Rows of SQL tables as people have them: `mysql -B`, `\\G`, tables drawn with bars, INSERT statements, dumps.

Theory of operation. A `Schema` names the tables that are looked for and their columns. `shape` says by which signs a
text holds such rows, `read` gives them as records: each column a field of pieces that know their place. Escapes (`\\n`,
`\\'`, `''`) are undone as MySQL does it, or as PostgreSQL and SQLite do it where the text is theirs: there a backslash
is a plain character. Every reader goes through the text once and takes up again behind what it cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .form_fields import SQL_ESCAPES, Field, Piece, Places, normal, unescaped
from .model import Span

_STARS = r"(?<!\*)\*{5,} *\d+\. row *\*{5,}|-\[ RECORD \d+ \]"
_VERTICAL = re.compile(_STARS)
_COLUMN = re.compile(r" *([A-Za-z_]\w*)(?: *\||:) ?")
_TRAILER = re.compile(r"\d+ rows? in set|\(\d+ rows?\)|mysql>|MariaDB")
_RULER = re.compile(r"[ \t]*[+|-]?-[-+|=]*[ \t]*\r?\Z")
_CREATED = re.compile(
    r"(?:^|,|\()[ \t]*[`\"]?(\w+)[`\"]?[ \t]+(?:(?:var)?char|(?:medium|tiny|long)?text|enum|(?:small|big|tiny)?int"
    r"|serial|datetime|timestamp|double|character)",
    re.IGNORECASE | re.MULTILINE,
)
_SET = re.compile(r"\s*[`\"]?(\w+)[`\"]?\s*=\s*")
_COMMA = re.compile(r"\s*,")
_BLANK = re.compile(r"(?:\s|--[^\n]*|/\*.{0,500}?\*/)*", re.DOTALL)
_BARE = re.compile(r"[^,)\s;(]+")
_PREFIX = re.compile(r"(?:_\w+|[NnEe])(?=')")
_ASKED = re.compile(r"[?$:%@{]")
_NO_BACKSLASH = re.compile(r"standard_conforming_strings|PostgreSQL database dump|^PRAGMA |^BEGIN TRANSACTION", re.M)
_HEADER_LINES = 20
_LONGEST_TABLE = 20_000


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in the usual order, and those by which output that names no table is known to be from it.

    `older` holds the columns of its older versions.
    """

    name: str
    columns: tuple[str, ...]
    telling: frozenset[str] = frozenset()
    older: tuple[tuple[str, ...], ...] = ()

    def order(self, count: int) -> list[str]:
        """The columns of a row with so many values: those of the nearest version of the table that has room."""
        fitting = [columns for columns in (self.columns, *self.older) if len(columns) >= count]
        return [name.lower() for name in min(fitting, key=len, default=self.columns)]


@dataclass(slots=True)
class Row:
    """One record, its columns in lower case. A NULL is a field without pieces, an empty string one with an empty piece.

    `inserted` says that it is put into the table, so that the columns it does not name get their defaults. `unsettled`
    are columns whose value is an expression. `names` are the columns as the text spells them, `unknown` those that the
    table does not have, `counts` how many columns and values there are where these differ. `numbers` are the columns
    that a file of db_text declares as numbers, None for any other row.
    """

    table: str
    fields: dict[str, Field]
    span: Span
    inserted: bool = False
    unsettled: set[str] = field(default_factory=set)
    names: dict[str, Piece] = field(default_factory=dict)
    unknown: list[Piece] = field(default_factory=list)
    counts: tuple[int, int] | None = None
    numbers: frozenset[str] | None = None


class Schema:
    """The tables that are looked for; `labels` maps names as `normal` makes them to columns in lower case."""

    def __init__(self, tables: Sequence[Table], labels: Mapping[str, str] | None = None) -> None:
        self.tables = {table.name: table for table in tables}
        self.columns = {spelled: name.lower() for t in tables for name in t.columns for spelled in (name, name.lower())}
        self.labels = dict(labels) if labels else {normal(name): name for name in self.columns.values()}
        self.telling = frozenset(name.lower() for table in tables for name in table.telling)
        names = "|".join(re.escape(name) for name in self.tables)
        table = rf"(?:[`\"]?\w+[`\"]?\.)?[`\"]?({names})[`\"]?(?!\w)\s*"
        self.insert = re.compile(
            rf"(?:INSERT|REPLACE)\s+(?:IGNORE\s+|OR\s+\w+\s+)?INTO\s+{table}"
            r"(?:\(([^)]{0,2000})\)\s*)?(VALUES?\b|SET\b|SELECT(?=\s+['\"\d]))\s*",
            re.IGNORECASE,
        )
        self.copy = re.compile(rf"^COPY\s+{table}\(([^)]{{0,2000}})\)\s+FROM\s+stdin[^\n]*\n", re.IGNORECASE | re.M)
        self.create = re.compile(rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{table}(?=\()", re.IGNORECASE)
        told = "|".join(sorted(self.telling)) or r"(?!)"
        self.told = re.compile(rf"^ *(?:{told})(?: *\||:)", re.IGNORECASE | re.MULTILINE)

    def column(self, name: str) -> str:
        """The column that a name stands for, else the name itself in lower case."""
        return self.labels.get(normal(name), name.strip().lower())

    def header(self, cells: Sequence[str]) -> bool:
        """Whether the cells of a line are the names of columns, with one by which the table is known."""
        found = [self.columns[cell] for cell in cells if cell in self.columns]
        return len(found) > 1 and not self.telling.isdisjoint(found)

    def shape(self, text: str) -> str:
        """`statements`, `vertical`, `batch` or `bars`: the signs of rows in a text; empty where there are none."""
        if self.insert.search(text) or self.copy.search(text):
            return "statements"
        if _VERTICAL.search(text) and self.told.search(text):
            return "vertical"
        for line in text.split("\n", _HEADER_LINES)[:_HEADER_LINES]:
            row = line.rstrip("\r")
            if self.header(row.split("\t")):
                return "batch"
            if "|" in row and self.header(_bar_cells(row)):
                return "bars"
        return ""


def read(text: str, schema: Schema) -> list[Row]:
    """The rows of a text, in order. Never raises."""
    if schema.insert.search(text) or schema.copy.search(text):
        return _Statements(text, schema).rows()
    if _VERTICAL.search(text):
        return _vertical(text, schema)
    if schema.shape(text) == "bars":
        return _bars(text, schema)
    return _batch(text, schema)


def quoted(value: str | int | None) -> str:
    """A value as it is written in a statement for MySQL."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    for letter, character in SQL_ESCAPES.items():
        escaped = escaped.replace(character, f"\\{letter}")
    return f"'{escaped}'"


def statement(table: str, values: Mapping[str, str | int | None]) -> str:
    """An INSERT statement for MySQL."""
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(quoted, values.values()))});\n"


# --- what the clients print


def _batch(text: str, schema: Schema) -> list[Row]:
    """`mysql -B`: columns parted by tabs, `\\n`, `\\t`, `\\\\` and `\\0` escaped."""
    rows: list[Row] = []
    columns: list[str] = []
    names: dict[str, Piece] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        cells = raw.rstrip("\r").split("\t")
        known = sum(normal(cell) in schema.labels for cell in cells)
        if known > 1 and (not columns or cells[0] in schema.columns):
            columns = [schema.column(cell) for cell in cells]
            names = _names(cells, number)
            continue
        if raw.strip() and columns:
            found = _escaped_cells(columns, cells, number, "NULL")
            rows.append(Row("", found, Span(number, 1, len(raw)), names=names, unknown=_unknown(names, schema)))
    return rows


def _escaped_cells(columns: Sequence[str], cells: Sequence[str], number: int, null: str) -> dict[str, Field]:
    found: dict[str, Field] = {}
    at = 1
    for name, cell in zip(columns, cells, strict=False):
        found[name] = [] if cell == null else unescaped(cell, number, at, escapes=SQL_ESCAPES)
        at += len(cell) + 1
    return found


def _names(cells: Sequence[str], number: int) -> dict[str, Piece]:
    names: dict[str, Piece] = {}
    at = 1
    for cell in cells:
        piece = Piece(cell, number, at).strip()
        names[piece.text.lower()] = piece
        at += len(cell) + 1
    return names


def _unknown(names: Mapping[str, Piece], schema: Schema) -> list[Piece]:
    return [piece for name, piece in names.items() if normal(name) not in schema.labels]


def _vertical(text: str, schema: Schema) -> list[Row]:
    """`\\G` and `\\x`: a name and a value in each line; a value goes on in lines that begin with no column's name."""
    rows: list[Row] = []
    row: Row | None = None
    current = ""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if _VERTICAL.match(line):
            row, current = None, ""
            continue
        match = _COLUMN.match(line)
        name = schema.columns.get(match.group(1), "") if match else ""
        if match and name and (row is None or name not in row.fields):
            if row is None:
                row = Row("", {}, Span(number, match.start(1) + 1, len(match.group(1))))
                rows.append(row)
            current = name
            value = Piece(line[match.end() :], number, match.end() + 1)
            row.fields[name] = [] if value.text == "NULL" else [value]
            row.names[name] = Piece(match.group(1), number, match.start(1) + 1)
        elif current and row is not None and not _TRAILER.match(line):
            row.fields[current].append(Piece(line, number, 1))
    for each in rows:
        for lines in each.fields.values():  # the empty lines between two records belong to neither
            while len(lines) > 1 and not lines[-1].text:
                lines.pop()
    return rows


def _bar_cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _bars(text: str, schema: Schema) -> list[Row]:
    """Columns parted by `|`: drawn tables of mysql and psql, and the plain lists of psql -A and sqlite3.

    In a drawn table the bars of the header say where the columns are, so that a `|` in a value parts nothing.
    """
    rows: list[Row] = []
    columns: list[str] = []
    names: dict[str, Piece] = {}
    bars: list[int] = []
    drawn = framed = False
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if not columns:
            if "|" in line and schema.header(_bar_cells(line)):
                framed = line.lstrip().startswith("|")
                bars = [at for at, character in enumerate(line) if character == "|"]
                cells = [cell.strip() for cell in _cut(line, number, bars)[framed:]]
                columns = [schema.column(cell.text) for cell in cells if cell.text]
                names = {cell.text.lower(): cell for cell in cells if cell.text}
        elif _RULER.match(line):
            drawn = True
        elif "|" in line:
            exact = drawn and all(line[at : at + 1] == "|" for at in bars)
            found = _cut(line, number, bars if exact else [at for at, c in enumerate(line) if c == "|"])[framed:]
            row = Row("", {}, Span(number, 1, len(line)), names=names, unknown=_unknown(names, schema))
            for name, cell in zip(columns, found, strict=False):
                piece = cell.strip() if drawn else cell
                row.fields[name] = [] if framed and piece.text == "NULL" else [piece]
            rows.append(row)
    return rows


def _cut(line: str, number: int, bars: Sequence[int]) -> list[Piece]:
    edges = [-1, *bars, len(line)]
    return [Piece(line[a + 1 : b], number, a + 2) for a, b in pairwise(edges)]


# --- statements and dumps


class _Statements:
    """INSERT and COPY. Columns that are not named stand in the order of CREATE TABLE, or the usual one."""

    def __init__(self, text: str, schema: Schema) -> None:
        self.text = text
        self.schema = schema
        self.places = Places(text)
        self.plain = _NO_BACKSLASH.search(text[:65_536]) is not None
        self.order: dict[str, list[str]] = {}
        for created in schema.create.finditer(text):
            begin = created.end()
            ends = [text.find(end, begin, begin + _LONGEST_TABLE) for end in ("\n)", ");")]
            stop = min((end for end in ends if end >= 0), default=begin + 4000)
            names = [name.lower() for name in _CREATED.findall(text[begin:stop])]
            self.order[created.group(1).lower()] = names

    def rows(self) -> list[Row]:
        """The rows of all statements, in order."""
        rows: list[Row] = []
        at = 0
        while (insert := self.schema.insert.search(self.text, at)) is not None:
            made, at = self.inserted(insert)
            rows += made
        for copy in self.schema.copy.finditer(self.text):
            rows += self.copied(copy)
        return rows

    def inserted(self, insert: re.Match[str]) -> tuple[list[Row], int]:
        """The rows of one INSERT, and where it ends."""
        table, kind, at = insert.group(1).lower(), insert.group(3).upper(), insert.end()
        names = self.listed(insert.group(2), insert.start(2))
        if kind == "SET":
            row, at = self.assigned(table, at)
            return [row], at
        if kind == "SELECT":
            values, at = self.values(at)
            return [self.row(table, names, values, insert.end())], at
        rows: list[Row] = []
        while self.text[at : at + 1] == "(":
            begin = at
            values, at = self.values(at + 1)
            rows.append(self.row(table, names, values, begin))
            if self.text[at : at + 1] != ")":
                break
            at = self.skip(at + 1)
            if self.text[at : at + 1] == ",":
                at = self.skip(at + 1)
        return rows, max(at, insert.end())

    def listed(self, text: str | None, at: int) -> list[Piece]:
        """The names in the list of columns."""
        names: list[Piece] = []
        for match in re.finditer(r"[^,]+", text or ""):
            raw = match.group()
            bare = raw.strip(' \t\r\n`"')
            start = at + match.start() + (raw.find(bare) if bare else 0)
            if bare:
                names.append(Piece(bare, *self.places.place(start)))
        return names

    def row(self, table: str, names: Sequence[Piece], values: Sequence[tuple[Field, bool]], at: int) -> Row:
        line, column = self.places.place(at)
        row = Row(table, {}, Span(line, column, 1), inserted=True)
        order = [name.text.lower() for name in names] or self.order.get(table) or []
        if order and len(order) != len(values):
            row.counts = (len(order), len(values))
        order = order or self.schema.tables[table].order(len(values))
        self.fill(row, names)
        for name, (value, settled) in zip(order, values, strict=False):
            if settled:
                row.fields[name] = value
            else:
                row.unsettled.add(name)
        return row

    def fill(self, row: Row, names: Sequence[Piece]) -> None:
        row.names = {name.text.lower(): name for name in names}
        own = {name.lower() for name in self.schema.tables[row.table].columns}
        row.unknown = [name for name in names if name.text.lower() not in own]

    def assigned(self, table: str, at: int) -> tuple[Row, int]:
        """`SET column = value, ...`."""
        line, column = self.places.place(at)
        row = Row(table, {}, Span(line, column, 1), inserted=True)
        names: list[Piece] = []
        while (match := _SET.match(self.text, at)) is not None:
            names.append(Piece(match.group(1), *self.places.place(match.start(1))))
            value, settled, at = self.value(match.end())
            if settled:
                row.fields[match.group(1).lower()] = value
            else:
                row.unsettled.add(match.group(1).lower())
            comma = _COMMA.match(self.text, at)
            if comma is None:
                break
            at = comma.end()
        self.fill(row, names)
        return row, at

    def values(self, at: int) -> tuple[list[tuple[Field, bool]], int]:
        """Values up to what is none; returns where that stands: at the `)` where all is well."""
        found: list[tuple[Field, bool]] = []
        at = self.skip(at)
        while at < len(self.text) and self.text[at] not in ");":
            value, settled, at = self.value(at)
            found.append((value, settled))
            at = self.skip(at)
            if self.text[at : at + 1] != ",":
                break
            at = self.skip(at + 1)
        return found, at

    def skip(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        return match.end() if match else at

    def value(self, at: int) -> tuple[Field, bool, int]:
        """One value: a string in either quotes, or a bare word; whether it is settled; and where it ends."""
        text = self.text
        prefix = _PREFIX.match(text, at)
        plain = self.plain
        if prefix:
            plain = plain and prefix.group() not in "eE"
            at = prefix.end()
        quote = text[at : at + 1]
        if quote not in ("'", '"'):
            return self.bare(at)
        end = at + 1
        while end < len(text):
            if text[end] == "\\" and not plain:
                end += 2
            elif text[end] == quote:
                if text[end + 1 : end + 2] != quote:
                    break
                end += 2
            else:
                end += 1
        raw, place = text[at + 1 : end], self.places.place(at + 1)
        found = _doubled(raw, *place, quote) if plain else unescaped(raw, *place, escapes=SQL_ESCAPES, quote=quote)
        return found, True, min(end + 1, len(text))

    def bare(self, at: int) -> tuple[Field, bool, int]:
        match = _BARE.match(self.text, at)
        end = match.end() if match else at
        if self.text[end : end + 1] == "(":
            return [], False, self.closed(end)
        word = self.text[at:end]
        if not word:
            return [], False, at + 1
        settled = word.upper() != "DEFAULT" and _ASKED.match(word) is None
        return ([] if word.upper() == "NULL" else [Piece(word, *self.places.place(at))]), settled, end

    def closed(self, at: int) -> int:
        """Behind the `)` that closes a `(`."""
        depth = 0
        while at < len(self.text):
            depth += {"(": 1, ")": -1}.get(self.text[at], 0)
            at += 1
            if depth == 0:
                break
        return at

    def copied(self, copy: re.Match[str]) -> list[Row]:
        """The lines of a COPY, up to `\\.`."""
        names = self.listed(copy.group(2), copy.start(2))
        columns = [name.text.lower() for name in names]
        rows: list[Row] = []
        number = self.places.place(copy.end())[0]
        begin = copy.end()
        while begin < len(self.text):
            end = self.text.find("\n", begin)
            line = self.text[begin : end if end >= 0 else len(self.text)].rstrip("\r")
            if line == "\\.":
                break
            row = Row(copy.group(1).lower(), {}, Span(number, 1, len(line)), inserted=True)
            row.fields = _escaped_cells(columns, line.split("\t"), number, "\\N")
            self.fill(row, names)
            rows.append(row)
            begin, number = (end + 1 if end >= 0 else len(self.text)), number + 1
        return rows


def _doubled(raw: str, line: int, column: int, quote: str) -> Field:
    """A string without escapes, in which a doubled quote is one; its lines keep their places."""
    pieces: Field = []
    for number, part in enumerate(raw.split("\n")):
        begin = column if number == 0 else 1
        characters: list[str] = []
        columns: list[int] = []
        at = 0
        while at < len(part):
            characters.append(part[at])
            columns.append(begin + at)
            at += 2 if part[at] == quote else 1
        pieces.append(Piece("".join(characters), line + number, begin, (*columns, begin + at)))
    return pieces
