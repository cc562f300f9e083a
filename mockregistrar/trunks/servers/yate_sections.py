"""Yate's configs: sections of options, each value with its places.

A `;` begins a comment only as the first character of a line; behind a value it belongs to the value, as quotes do.
Blanks around a value are stripped, a backslash at the very end of a line goes on with the next one, and a line is read
up to 1023 octets. Sections of one name are one section, and of two values for one name the first counts.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.positions import encode

LONGEST_LINE = 1023
_SECTION = re.compile(r"[ \t]*\[([^\]]+)\]")
_OPTION = re.compile(r"[ \t]*([A-Za-z_]\w*)[ \t]*=")
_KNOWN = frozenset(
    [
        "enabled",
        "protocol",
        "username",
        "authname",
        "password",
        "interval",
        "description",
        "registrar",
        "server",
        "domain",
        "outbound",
        "ip_transport",
        "ip_transport_remoteip",
        "ip_transport_remoteport",
        "ip_transport_localip",
        "ip_transport_localport",
        "localaddress",
        "keepalive",
        "operation",
        "match_port",
        "match_user",
        "sips",
        "xsip_flags",
        "xsip_trans_count",
    ]
)
_MEANT = {
    "secret": "password",
    "pass": "password",
    "passwd": "password",
    "auth_pass": "password",
    "user": "username",
    "user_name": "username",
    "auth_user": "authname",
    "authuser": "authname",
    "auth_name": "authname",
    "auth_username": "authname",
    "host": "registrar",
    "proxy": "outbound",
    "outbound_proxy": "outbound",
    "outboundproxy": "outbound",
    "transport": "ip_transport",
    "expires": "interval",
    "expiry": "interval",
    "expiration": "interval",
}


@dataclass(slots=True)
class Section:
    """A section: the pieces of each value, several where a line goes on in the next, and the names as they stand."""

    name: str
    span: Span
    values: dict[str, list[Piece]] = field(default_factory=dict)
    names: dict[str, Piece] = field(default_factory=dict)


def read(text: str, notes: Notes) -> list[Section]:
    """The sections in the order in which they begin."""
    found: dict[str, Section] = {}
    current: Section | None = None
    lines = text.removeprefix("\ufeff").split("\n")
    shift = 1 if text.startswith("\ufeff") else 0
    number = 0
    while number < len(lines):
        number += 1
        line = lines[number - 1].split("\r", 1)[0]
        lead = len(line) - len(line.lstrip(" \t"))
        column = lead + 1 + (shift if number == 1 else 0)
        line = line[lead:]
        if not line or line[0] == ";":
            continue
        if len(line) > LONGEST_LINE // 4 and len(encode(line)) > LONGEST_LINE - lead:
            message = f"Yate reads {LONGEST_LINE} octets of a line and takes the rest for the next one."
            notes.add("SR463", Span(number, column, len(line)), message)
        header = _SECTION.match(line)
        if line[0] == "[":
            name = header.group(1).strip(" \t") if header else ""
            if name.startswith("$"):
                message = f"`[{name.split(' ')[0]}]` is not followed here: what it brings or leaves out is not known."
                notes.add("SR453", Span(number, column, len(line)), message)
            elif name:
                span = Span(number, column, header.end() if header else len(line))
                current = found.setdefault(name, Section(name, span))
            continue
        key, equals, value = line.partition("=")
        bare = key.strip(" \t")
        if not bare:
            continue
        if current is None:
            if equals:
                message = f"`{bare}` stands in front of the first [section]: Yate ignores it."
                notes.add("SR454", Span(number, column, len(line)), message)
                hide(bare, [Piece(value, number, column + len(key) + 1).strip()], notes)
            continue
        pieces = [Piece(value, number, column + len(key) + len(equals))]
        while pieces[-1].text.endswith("\\") and number < len(lines):
            pieces[-1] = pieces[-1].part(0, len(pieces[-1].text) - 1)
            number += 1
            more = lines[number - 1].split("\r", 1)[0]
            start = len(more) - len(more.lstrip(" \t"))
            pieces.append(Piece(more[start:], number, start + 1))
            _joined(bare, pieces, notes)
        spelled = Piece(bare, pieces[0].line, column)
        if bare in current.values:
            message = f"`{bare}` stands in line {current.names[bare].line} already, and the first one counts."
            notes.add("SR469", spelled.span, message)
            hide(bare, pieces, notes)
            continue
        current.values[bare] = _stripped(pieces)
        current.names[bare] = spelled
    return list(found.values())


def _joined(name: str, pieces: Sequence[Piece], notes: Notes) -> None:
    """Say that a backslash swallowed the next option."""
    option = _OPTION.match(pieces[-1].text)
    if option and (option.group(1) in _KNOWN or option.group(1) in _MEANT):
        span = Span(pieces[-2].line, pieces[-2].column + len(pieces[-2].text), 1)
        notes.reveal(span)
        message = f"A backslash at the end goes on with the next line: `{option.group(1)}=` there becomes part of "
        notes.add("SR462", span, f"{message}`{name}`. A blank behind it, which Yate strips, prevents that.")
        hide(option.group(1), [pieces[-1].part(option.end(), len(pieces[-1].text))], notes)


def hide(name: str, pieces: Sequence[Piece], notes: Notes) -> None:
    """Hide the value of an option that holds a password, under whatever name."""
    if name == "password" or _MEANT.get(name.lower()) == "password":
        notes.secret("".join(piece.text for piece in pieces), *(piece.span for piece in pieces))


def _stripped(pieces: list[Piece]) -> list[Piece]:
    """The pieces of a value without blanks at its two ends."""
    while pieces and not pieces[0].text.strip(" \t"):
        if len(pieces) == 1:
            return [pieces[0].strip()]
        pieces = pieces[1:]
    while len(pieces) > 1 and not pieces[-1].text.strip(" \t"):
        pieces = pieces[:-1]
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return [first.strip()]
    lead = len(first.text) - len(first.text.lstrip(" \t"))
    return [first.part(lead, len(first.text)), *pieces[1:-1], last.part(0, len(last.text.rstrip(" \t")))]


def right(name: str) -> str:
    """The option that a name was probably meant to be, empty for a right one and for an unknown one."""
    if name in _KNOWN:
        return ""
    low = name.lower()
    return (
        _MEANT.get(low)
        or (low if low in _KNOWN else "")
        or next(iter(difflib.get_close_matches(low[:40], sorted(_KNOWN), 1, 0.84)), "")
    )
