"""Accounts that a server keeps in a table of a database: read from whatever people have of it, and judged alike.

Kamailio and OpenSIPS log in with records of `uacreg` and `registrant`. What people show of them are rows (SQL, what its
clients print, a file of db_text), the JSON of an RPC, or lines of `name: value`, as kamcmd prints them and as they are
written by hand. All become `Record`s; what a server does with its records is the business of its own dialect.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from mockregistrar.trunks import checks, json_records, sql_rows
from mockregistrar.trunks.form_fields import Piece, normal
from mockregistrar.trunks.json_records import JsonObject, NoJson
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.positions import Mapped, encode
from mockregistrar.trunks.sql_rows import Row, Schema

from . import db_text

HEAD = 65_536
_JSON = re.compile(r"\s*(?:\{|\[\s*[\[{])")
_PAIR = re.compile(r"[ \t]*([A-Za-z_]\w*)[ \t]*(?:::?|=>|=)[ \t]*")
_BRACE = re.compile(r"[ \t]*[{}\[\]],?[ \t]*\Z")
_DIGITS = re.compile(r"[0-9]{1,10}\Z")
_NEAR = 0.8
_MOST_NAMES = 40


@dataclass(frozen=True)
class AccountTable:
    """A server's table. `signs` are columns that only its records have, `secrets` those that are hidden, `uris` those
    that hold URIs; `labels` are further names for columns (as `normal` makes them), `extra` names that its RPC prints
    besides. `positional` is the order of the plain parameters of the RPC `method`, `not_loaded` what is printed for a
    file of db_text that is not loaded.
    """

    system: str
    schema: Schema
    secrets: frozenset[str]
    signs: frozenset[str]
    extra: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    positional: tuple[str, ...] = ()
    method: str = ""
    not_loaded: str = ""
    uris: frozenset[str] = frozenset()

    def column(self, name: str) -> str:
        """The column that a name stands for, empty for none."""
        return self.labels.get(normal(name)) or self.schema.labels.get(normal(name), "")

    def form_of(self, text: str) -> str:
        """The form of a text that holds records of the table, empty when it does not."""
        head = text[:HEAD]
        if self.schema.shape(head) or db_text.recognise(head, self.schema):
            return "row"
        names = {self.column(name) for name in re.findall(r'"(\w+)"\s*:', head)} - {""}
        if _JSON.match(head) and (
            (len(names) > 1 and not self.signs.isdisjoint(names)) or (self.method and self.method in head)
        ):
            return "json"
        found = [self.column(m.group(1)) for line in head.split("\n") if (m := _PAIR.match(line)) is not None]
        return "form" if not self.signs.isdisjoint(found) and len(set(found) - {""}) > 1 else ""


@dataclass(slots=True)
class Records:
    """What was read. `meant` holds the rows of a table that is refused as a whole, as they were probably meant."""

    form: str
    rows: list[Row] = field(default_factory=list)
    meant: list[Row] = field(default_factory=list)
    ok: bool = True


def read(text: str, table: AccountTable, notes: Notes, form: str | None = None) -> Records:
    """The records of a text in one of the forms. Never raises."""
    kind = form or table.form_of(text) or "form"
    if kind == "row":
        if table.schema.shape(text) == "" and db_text.recognise(text, table.schema):
            found = db_text.read(text, table.schema, notes, table.secrets, table.not_loaded)
            return Records(kind, found.rows, found.meant, found.ok)
        return Records(kind, sql_rows.read(text, table.schema))
    if kind == "json":
        objects = json_records.read(text)
        if isinstance(objects, NoJson):
            message = f"This is no JSON ({objects.why}): nothing was read."
            notes.add("SR420", Span(objects.line, objects.column, 1), message)
            _hide_lines(text, table, notes)
            return Records(kind, ok=False)
        return Records(kind, [row for each in objects if (row := _of_object(each, table)) is not None])
    return Records(kind, _listed(text, table))


def _hide_lines(text: str, table: AccountTable, notes: Notes) -> None:
    """Hide what stands behind the name of a secret in a text that cannot be read."""
    names = "|".join(sorted(table.secrets))
    for number, line in enumerate(text.split("\n"), 1):
        match = re.search(rf'"(?:{names})"\s*:\s*"?((?:[^"\\]|\\.)*)', line, re.IGNORECASE)
        if match and match.group(1):
            notes.secret(match.group(1), Span(number, match.start(1) + 1, len(match.group(1))))


def _of_object(each: JsonObject, table: AccountTable) -> Row | None:
    """The record that an object is, or that the parameters of an RPC are; None for another object."""
    method = "".join(piece.text for piece in each.members.get("method", []))
    if table.method and method == table.method and each.lists.get("params"):
        values = each.lists["params"]
        place = next((piece.span for value in values for piece in value), Span(1, 1, 0))
        return Row("", dict(zip(table.positional, values, strict=False)), place)
    known = [name for name in each.members if table.column(name)]
    if len(known) < 2:
        return None
    row = Row("", {}, each.names[known[0]].span)
    for name, value in each.members.items():
        row.fields[table.column(name) or name.lower()] = value
        row.names[table.column(name) or name.lower()] = each.names[name]
        if not table.column(name) and name.lower() not in table.extra:
            row.unknown.append(each.names[name])
    return row


def _listed(text: str, table: AccountTable) -> list[Row]:
    """Lines of `name: value` or `name=value`; a brace, or a name that was there already, begins the next record."""
    rows: list[Row] = []
    row: Row | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        match = _PAIR.match(line)
        if match is None:
            row = None if _BRACE.match(line) else row
            continue
        name = table.column(match.group(1)) or match.group(1).lower()
        spelled = Piece(match.group(1), number, match.start(1) + 1)
        if row is None or name in row.fields:
            row = Row("", {}, spelled.span)
            rows.append(row)
        row.fields[name] = [Piece(line[match.end() :], number, match.end() + 1).strip()]
        row.names[name] = spelled
        if not table.column(match.group(1)) and name not in table.extra:
            row.unknown.append(spelled)
    return [each for each in rows if sum(1 for name in each.fields if table.column(name)) > 1]


@lru_cache(maxsize=256)
def _nearest(name: str, columns: tuple[str, ...]) -> str:
    return next(iter(difflib.get_close_matches(name, columns, 1, _NEAR)), "")


def _mapped(piece: Piece) -> Mapped:
    """The octets of a piece, each with the column of its code point."""
    if not piece.columns:
        return Mapped.from_text(piece.text, piece.line, piece.column)
    octets = [encode(character) for character in piece.text]
    columns = [column for part, column in zip(octets, piece.columns, strict=False) for _ in part]
    return Mapped(b"".join(octets), columns, piece.columns[-1], piece.line)


class Record:
    """A row of the table, and what is said about its values whichever server reads it.

    `stored` says that the database keeps it as it is shown, so that an empty string and NULL are told apart.
    """

    def __init__(self, row: Row, table: AccountTable, notes: Notes, *, stored: bool) -> None:
        self.row = row
        self.table = table
        self.notes = notes
        self.stored = stored
        for name in table.secrets:
            for piece in row.fields.get(name, []):
                notes.secret(piece.text, piece.span)
            notes.secret(self.text(name))

    def known(self, name: str) -> bool:
        """Whether it is known what stands in a column: it is named, or left to its default."""
        return name in self.row.fields or (self.row.inserted and name not in self.row.unsettled)

    def null(self, name: str) -> bool:
        """Whether a column is NULL."""
        return name in self.row.fields and not self.row.fields[name]

    def text(self, name: str) -> str:
        """A value as text; empty for NULL, and where it is absent."""
        return "\n".join(piece.text for piece in self.row.fields.get(name, []))

    def optional(self, name: str) -> str | None:
        """A value as text, None where it is not known."""
        return self.text(name) if self.known(name) else None

    def piece(self, name: str) -> Piece | None:
        """The place of a value of one line."""
        lines = self.row.fields.get(name, [])
        return lines[0] if len(lines) == 1 else None

    def span(self, name: str) -> Span:
        """Where a value stands, else its name, else the record."""
        lines = self.row.fields.get(name, [])
        if lines and (lines[0].text or name not in self.row.names):
            return lines[0].span
        spelled = self.row.names.get(name)
        return spelled.span if spelled is not None else self.row.span

    def seconds(self, name: str) -> int | None:
        """A column that holds a number, None where it is not known or not one."""
        if not self.known(name):
            return None
        text = self.text(name).strip()
        if not text:
            return 0
        if _DIGITS.match(text):
            return int(text)
        numbers = self.row.numbers
        if numbers is None or name not in numbers:  # db_text judges its numbers by itself
            letter = checks.digits_look_alike(text)
            why = f"holds the letter {letter}" if letter else "is none"
            does = ": MySQL refuses it, or keeps 0." if numbers is None else "."
            self.notes.add("SR441", self.span(name), f"`{name}` takes a number, and this {why}{does}")
        return None

    def statement(self) -> bool:
        """Judge the statement that puts the record into the table; False where the database refuses it."""
        good = True
        counts = self.row.counts
        if counts is not None:
            good = False
            message = f"The statement names {counts[0]} columns and gives {counts[1]} values: the database refuses it."
            log = "ERROR 1136 (21S01): Column count doesn't match value count at row 1"
            self.notes.add("SR440", self.row.span, message, log=log)
        for spelled in self.row.unknown[:_MOST_NAMES]:
            name = spelled.text.lower()
            near = _nearest(name, tuple(sorted({*self.table.schema.columns.values()})))
            if near in self.table.secrets:
                for piece in self.row.fields.get(name, []):
                    self.notes.secret(piece.text, piece.span)
            hint = f" Did you mean `{near}`?" if near else ""
            if self.row.inserted:
                good = False
                log = f"ERROR 1054 (42S22): Unknown column '{spelled.text}' in 'field list'"
                message = f"The table has no column `{spelled.text}`: the database refuses the statement.{hint}"
                self.notes.add("SR430", spelled.span, message, fix=near, log=log, severity="error")
            elif near:
                message = f"{self.table.system} has no `{spelled.text}`: nothing reads it.{hint}"
                self.notes.add("SR430", spelled.span, message, fix=near)
        return good

    def values(self, named: Mapping[str, str], longest: Mapping[str, int]) -> None:
        """Judge characters, blanks, lengths and placeholders; `named` says what people call a column."""
        system = self.table.system
        for name, what in named.items():
            piece = self.piece(name)
            if piece is None:
                continue
            secret = name in self.table.secrets
            if not (piece.text.isascii() and piece.text.isprintable()):
                checks.characters(self.notes, _mapped(piece), what, system, secret=secret)
            bare = piece.text.strip(" \t")
            if bare and bare != piece.text and self.stored:
                lead = len(piece.text) - len(piece.text.lstrip(" \t"))
                edge = piece.part(0, lead) if lead else piece.part(len(piece.text.rstrip(" \t")), len(piece.text))
                span = edge.span
                self.notes.reveal(span)
                message = f"The blank is part of the {what}: neither the database nor {system} strips it."
                self.notes.add("SR444", span, message, instead="")
            most = longest.get(name, 0)
            if most and self.stored and len(piece.text) > most:
                message = (
                    f"The {what} has {len(piece.text)} characters and the column keeps {most}: MySQL refuses it, or "
                )
                self.notes.add("SR443", piece.part(most, len(piece.text)).span, f"{message}cuts it.")
        told = [(what, self.text(name), self.span(name)) for name, what in named.items() if name not in self.table.uris]
        checks.placeholders(self.notes, told)
