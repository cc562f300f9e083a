"""Carriers of VICIdial as people have them: the admin page's fields, `mysql -B`, `mysql ... \\G`, a mysqldump, JSON.

All of them become records: the columns of `vicidial_server_carriers`, or of `vicidial_conf_templates`, each a field of
pieces that know their place. Escapes (`\\n`, `\\'`) are undone; a piece keeps the place where its line begins.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from mockregistrar.trunks.form_fields import (
    SQL_ESCAPES,
    Field,
    Piece,
    Places,
    looks_like_form,
    normal,
    read_form,
    unescaped,
)

CARRIERS = (
    "carrier_id",
    "carrier_name",
    "registration_string",
    "template_id",
    "account_entry",
    "protocol",
    "globals_string",
    "dialplan_entry",
    "server_ip",
    "active",
    "carrier_description",
    "user_group",
)
TEMPLATES = ("template_id", "template_name", "template_contents", "user_group")
AREAS = frozenset(("account_entry", "dialplan_entry", "template_contents"))

LABELS = {normal(name): name for name in (*CARRIERS, *TEMPLATES)} | {
    "registration": "registration_string",
    "globals": "globals_string",
    "globalstring": "globals_string",
    "dialplan": "dialplan_entry",
    "account": "account_entry",
    "template": "template_id",
    "server": "server_ip",
    "admingusergroup": "user_group",
    "adminusergroup": "user_group",
}
# What no other form has: enough to know one by.
TELLING = {
    label: key
    for label, key in LABELS.items()
    if key in ("registration_string", "account_entry", "globals_string", "dialplan_entry", "carrier_id", "carrier_name")
}

_VERTICAL = re.compile(r"(?<!\*)\*{5,} *\d+\. row *\*{5,}")
_COLUMN = re.compile(r" *([a-z_]+): ?")
_INSERT = re.compile(
    r"(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+`?(vicidial_server_carriers|vicidial_conf_templates)`?\s*"
    r"(?:\(([^)]*)\)\s*)?(VALUES|SET)\s*",
    re.IGNORECASE,
)
_CREATE = re.compile(r"CREATE\s+TABLE\s+`?(vicidial_server_carriers|vicidial_conf_templates)`?\s*\(", re.IGNORECASE)
_CREATED = re.compile(
    r"^[ \t]*`?([a-z_]+)`?[ \t]+(?:varchar|text|enum|mediumtext|char|int)", re.IGNORECASE | re.MULTILINE
)
_SET = re.compile(r"\s*`?([a-z_]+)`?\s*=\s*", re.IGNORECASE)


@dataclass(slots=True)
class Records:
    """What was read: carriers and templates, and how the text looked (`form`, `row`, `json`)."""

    carriers: list[dict[str, Field]] = field(default_factory=list)
    templates: dict[str, Field] = field(default_factory=dict)
    form: str = "form"
    typed: bool = False

    def add(self, record: dict[str, Field]) -> None:
        """Sort a record by what it has."""
        if "template_contents" in record and "carrier_id" not in record and "protocol" not in record:
            self.templates[_text(record.get("template_id", []))] = record["template_contents"]
        else:
            self.carriers.append(record)


def _text(lines: Field) -> str:
    return "\n".join(piece.text for piece in lines)


def form_of(text: str) -> str:
    """The form of a text that holds carriers, empty when it does not."""
    head = text[:65_536]
    if _INSERT.search(head) or (_VERTICAL.search(head) and re.search(r"^ *registration_string:", head, re.MULTILINE)):
        return "row"
    first = head.split("\n", 1)[0].rstrip("\r").split("\t")
    if len(first) > 1 and sum(name in CARRIERS for name in first) > 1 and "registration_string" in first:
        return "row"
    if head.lstrip().startswith(("{", "[")) and '"registration_string"' in head:
        return "json"
    return "form" if looks_like_form(head, TELLING, 1) and looks_like_form(head, LABELS, 2) else ""


def read(text: str, form: str | None = None) -> Records:
    """Read the carriers in a text of any of the forms. Never raises."""
    kind = form or form_of(text) or "form"
    records = Records(form=kind)
    if kind == "row" and _INSERT.search(text):
        _dump(text, records)
    elif kind == "row" and _VERTICAL.search(text):
        _vertical(text, records)
    elif kind == "row":
        _batch(text, records)
    elif kind == "json" and text.lstrip().startswith("["):
        _list(text, records)
    else:
        records.typed = kind == "form"
        records.carriers.append(read_form(text, LABELS, AREAS).fields)
        for record in records.carriers:
            if "template_contents" in record:
                records.templates[_text(record.get("template_id", []))] = record["template_contents"]
    return records


def _batch(text: str, records: Records) -> None:
    """`mysql -B`: columns parted by tabs, `\\n`, `\\t`, `\\\\` and `\\0` escaped."""
    columns: list[str] = []
    for number, raw in enumerate(text.split("\n"), 1):
        cells = raw.rstrip("\r").split("\t")
        if sum(normal(cell) in LABELS for cell in cells) > 1 and (not columns or cells[0] in (*CARRIERS, *TEMPLATES)):
            columns = cells
            continue
        if not raw.strip() or not columns:
            continue
        record: dict[str, Field] = {}
        at = 1
        for name, cell in zip(columns, cells, strict=False):
            record[LABELS.get(normal(name), name)] = (
                [] if cell == "NULL" else unescaped(cell, number, at, escapes=SQL_ESCAPES)
            )
            at += len(cell) + 1
        records.add(record)


def _vertical(text: str, records: Records) -> None:
    """`\\G`: a name and a value in each line; a value goes on in the lines that begin with no name of a column."""
    record: dict[str, Field] = {}
    current = ""
    names = {*CARRIERS, *TEMPLATES}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if _VERTICAL.match(line):
            if record:
                records.add(record)
            record, current = {}, ""
            continue
        match = _COLUMN.match(line)
        if match and match.group(1) in names and match.group(1) not in record:
            current = match.group(1)
            value = Piece(line[match.end() :], number, match.end() + 1)
            record[current] = [] if value.text == "NULL" else [value]
        elif current and not re.match(r"\d+ rows? in set|mysql>|MariaDB", line):
            record[current].append(Piece(line, number, 1))
    if record:
        records.add(record)


def _dump(text: str, records: Records) -> None:
    """INSERT statements; without a list of columns in the order that CREATE TABLE has, or the usual one."""
    order: dict[str, list[str]] = {}
    for created in _CREATE.finditer(text):
        end = text.find("\n)", created.end())
        body = text[created.end() : end if end >= 0 else created.end() + 4000]
        order[created.group(1).lower()] = [name.lower() for name in _CREATED.findall(body)]
    lines = Places(text)
    for insert in _INSERT.finditer(text):
        table = insert.group(1).lower()
        usual = CARRIERS if table == "vicidial_server_carriers" else TEMPLATES
        columns = [name.strip(" `\n\r\t").lower() for name in insert.group(2).split(",")] if insert.group(2) else []
        columns = columns or order.get(table) or list(usual)
        if insert.group(3).upper() == "SET":
            records.add(_assignments(text, insert.end(), lines))
            continue
        at = insert.end()
        while at < len(text) and text[at] == "(":
            values, at = _tuple(text, at + 1, lines)
            records.add(dict(zip(columns, values, strict=False)))
            while at < len(text) and text[at] in " \t\r\n,":
                at += 1


def _tuple(text: str, at: int, lines: Places) -> tuple[list[Field], int]:
    values: list[Field] = []
    while at < len(text) and text[at] != ")":
        value, at = _value(text, at, lines)
        values.append(value)
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at < len(text) and text[at] == ",":
            at += 1
        elif at < len(text) and text[at] != ")":
            return values, len(text)
    return values, at + 1


def _assignments(text: str, at: int, lines: Places) -> dict[str, Field]:
    record: dict[str, Field] = {}
    while (match := _SET.match(text, at)) is not None:
        value, at = _value(text, match.end(), lines)
        record[match.group(1).lower()] = value
        comma = re.compile(r"\s*,").match(text, at)
        if comma is None:
            break
        at = comma.end()
    return record


def _value(text: str, at: int, lines: Places) -> tuple[Field, int]:
    """One SQL value: a string in either quotes, or a bare word."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    quote = text[at : at + 1]
    if quote not in ("'", '"'):
        bare = re.compile(r"[^,)\s;]*").match(text, at)
        end = bare.end() if bare else at
        if end == at:
            end += 1
        word = text[at:end]
        return ([] if word.upper() == "NULL" else [Piece(word, *lines.place(at))]), end
    end = at + 1
    while end < len(text):
        if text[end] == "\\":
            end += 2
        elif text[end] == quote:
            if text[end + 1 : end + 2] != quote:
                break
            end += 2
        else:
            end += 1
    value = unescaped(text[at + 1 : end], *lines.place(at + 1), escapes=SQL_ESCAPES, quote=quote)
    return value, min(end + 1, len(text))


def _list(text: str, records: Records) -> None:
    """A JSON list of records."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    places = Places(text)
    for each in found if isinstance(found, list) else []:
        if isinstance(each, dict):
            records.add(
                {_column(str(name)): places.json_value(places.value_of(str(name)), v) for name, v in each.items()}
            )


def _column(name: str) -> str:
    return LABELS.get(normal(name), name)
