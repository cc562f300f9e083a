"""Trunks as the pages and APIs of PBXes have them: `Label: value` lines, JSON, or rows of the PBX's own table.

Each trunk becomes a `Form`: its fields by key, with their places. What several trunks come to is put together again by
`combined`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mockregistrar.trunks import checks, json_records, sql_rows
from mockregistrar.trunks.form_fields import Form, Piece, normal, read_form
from mockregistrar.trunks.json_records import JsonObject, NoJson
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped
from mockregistrar.trunks.sql_rows import Schema

_SCHEME = re.compile(r"sips?:(?://)?", re.IGNORECASE)
_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]*):([^:]*)\Z")
_BEHIND = re.compile(r'"?[ \t]*(?::|=>|=|\t)[ \t]*(?:"((?:[^"\\]|\\.)*)"|(.*))')
_MOST_LABELS = 20
_JUDGED = frozenset(
    ("host", "port", "user", "secret", "transport", "proxy", "expiry", "registration", "authentication")
)


def read(text: str, kind: str, labels: Mapping[str, str], notes: Notes, schema: Schema | None = None) -> list[Form]:
    """The trunks of a text in one of the forms `form`, `json` and `row`. Never raises."""
    if kind == "row" and schema is not None:
        return [_form(row.fields, labels) for row in sql_rows.read(text, schema)]
    if kind != "json":
        return [read_form(text, labels)]
    found = json_records.read(text)
    if isinstance(found, NoJson):
        notes.add("SR340", Span(found.line, found.column, 1), f"This is no JSON ({found.why}): nothing was read.")
        _hide(text, labels, notes)
        return []
    return [_object(each, labels) for each in found]


def _hide(text: str, labels: Mapping[str, str], notes: Notes) -> None:
    """Hide what stands behind the name of a password in JSON that cannot be read."""
    for number, line in enumerate(text.split("\n"), 1):
        for match in re.finditer(r'"(\w{1,40})"\s*:\s*"?((?:[^"\\,]|\\.)*)', line):
            if labels.get(normal(match.group(1))) == "secret":
                notes.secret(match.group(2), Span(number, match.start(2) + 1, len(match.group(2))))


def _form(fields: Mapping[str, list[Piece]], labels: Mapping[str, str]) -> Form:
    return Form({labels[normal(name)]: value for name, value in fields.items() if normal(name) in labels})


def _object(each: JsonObject, labels: Mapping[str, str]) -> Form:
    form = _form(each.members, labels)
    for name, values in each.lists.items():
        key = labels.get(normal(name))
        if key is not None:
            form.fields[key] = [piece for value in values for piece in value]
    form.unknown = [piece for name, piece in each.names.items() if normal(name) not in labels]
    return form


def yes(text: str) -> bool:
    """Whether a switch is on."""
    return text.strip().lower() in ("1", "yes", "true", "on", "y", "enabled")


def bare_host(notes: Notes, piece: Piece, what: str, does: str) -> Piece:
    """A host without the scheme that does not belong there; `does` says what the PBX makes of one."""
    scheme = _SCHEME.match(piece.text)
    if scheme is None:
        return piece
    bare = piece.part(scheme.end(), len(piece.text))
    span = piece.part(0, scheme.end()).span
    notes.add("SR341", span, f"{what} takes a bare host: {does}.", fix=bare.text, instead="")
    return bare


def host_and_port(piece: Piece) -> tuple[Piece, Piece | None]:
    """A host, and the port that stands in the same field."""
    match = _PORT.match(piece.text)
    if match is None:
        return piece, None
    return piece.part(0, match.end(1)), piece.part(match.start(2), len(piece.text))


def port_problem(piece: Piece) -> str:
    """Why a text is no port, empty for a port."""
    if re.fullmatch(r"[0-9]{1,5}", piece.text) and 0 < int(piece.text) < 65536:
        return ""
    letter = checks.digits_look_alike(piece.text)
    return f"`{piece.text}` holds the letter {letter}" if letter else f"`{piece.text}` is no port from 1 to 65535"


def characters(notes: Notes, form: Form, named: Mapping[str, str], system: str) -> None:
    """Judge the characters of fields, and what was left in from a guide; `named` says what people call a field."""
    for key, what in named.items():
        piece = form.piece(key)
        if piece is not None:
            mapped = Mapped.from_text(piece.text, piece.line, piece.span.column)
            checks.characters(notes, mapped, what, system, secret=key == "secret")
            checks.placeholders(notes, [(what, piece.text, piece.span)])


def mislabelled(notes: Notes, form: Form, known: Mapping[str, str], system: str, text: str) -> dict[str, Piece]:
    """Labels that are none, where they look like one that is missing: the values behind them, by key."""
    missing = sorted(label for label, key in known.items() if key in _JUDGED and key not in form.fields)
    lines = text.split("\n") if form.unknown else []
    found: dict[str, Piece] = {}
    for piece in form.unknown[:_MOST_LABELS]:
        near = difflib.get_close_matches(normal(piece.text)[:60], missing, 1, 0.85)
        if not near or not 0 < piece.line <= len(lines):
            continue
        key = known[near[0]]
        message = f"{system} has no field `{piece.text}`: did you mean the one for the {_word(key)}?"
        notes.add("SR342", piece.span, message)
        value = _BEHIND.match(lines[piece.line - 1], piece.span.end - 1)
        if value is not None:
            group = 1 if value.group(1) is not None else 2
            found[key] = Piece(value.group(group), piece.line, value.start(group) + 1).strip()
            if key == "secret":
                notes.secret(found[key].text, found[key].span)
    return found


def _word(key: str) -> str:
    return {"secret": "password", "user": "user name"}.get(key, key.replace("_", " "))


def combined(dialect: str, kind: str, text: str, results: Sequence[Parsed], notes: Notes) -> Parsed:
    """What several trunks come to; two of them with one account are told."""
    for each in results:
        notes.merge(each)
    made = tuple(r for each in results for r in each.registrations)
    checks.one_account_twice(notes, made)
    methods = {each.auth_method for each in results if each.auth_method}
    single = results[0] if len(results) == 1 else None
    return notes.complete(
        Parsed(
            dialect,
            kind,
            text,
            ok=all(each.ok for each in results),
            registrations=made,
            meant=tuple(r for each in results for r in each.meant),
            peers=tuple(entry for each in results for entry in each.peers or ()) or None,
            identify=tuple(entry for each in results for entry in each.identify or ()) or None,
            auth=tuple(entry for each in results for entry in each.auth or ()) or None,
            auth_method=methods.pop() if len(methods) == 1 else None,
            dial_peer=single.dial_peer if single is not None else None,
        )
    )


def named(registration: Registration, name: str, span: Span) -> Registration:
    """A registration with the name and the place of its trunk."""
    return replace(registration, name=name, span=span)
