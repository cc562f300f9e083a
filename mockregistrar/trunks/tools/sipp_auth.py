"""`[authentication username=... password=...]` in a field of SIPp's injection file: what SIPp makes of it.

Theory of operation. The marker goes from `[authentication` to the first `]`, quotes or not. A parameter is searched for
as text (`password=` wherever it stands). Its value is hexadecimal behind `0x`, in double quotes with backslashes for
escapes, or else goes to the first blank or character that is not ASCII. The value is then read like the text of a
scenario: `\\xHH` is an octet and `[` begins a keyword. All of it is done on octets.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.plausible import character_name
from mockregistrar.trunks.positions import decode, encode

MARKER = "[authentication"
ROOM = 256
_MOST_READ = 4 * ROOM
_KNOWN = ("username", "password", "aka_K", "aka_OP", "aka_AMF")
_MEANT = {"user": "username", "login": "username", "pass": "password", "passwd": "password", "secret": "password"}
_ASSIGNED = re.compile(r"(?<![\w=])([A-Za-z_]\w*)([ \t]*)=([ \t]*)")
_HEXADECIMAL = re.compile(r"0x([0-9A-Fa-f]*)")
_UNQUOTED = re.compile(r"[\x21-\x5c\x5e-\x7e]*")
_OCTET = re.compile(rb"\\x(?:([0-9A-Fa-f]{2})|([0-9A-Fa-f]).?|.?)", re.DOTALL)
_PLAIN = re.compile(r"[!#-Z^-~\\]+")


@dataclass(slots=True)
class Credentials:
    """The two parameters; None for one that SIPp takes from its command line. `ok` is False where SIPp stops."""

    username: str | None = None
    password: str | None = None
    ok: bool = True
    pieces: dict[str, Piece] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    start: int
    stop: int
    kind: str


def read(piece: Piece, notes: Notes, number: int) -> Credentials:
    """What SIPp makes of a field with a marker in it; `number` is that of the field."""
    at = piece.text.find(MARKER)
    close = piece.text.find("]", at)
    made = Credentials()
    if close < 0:
        made.ok = False
        span = piece.part(at, at + len(MARKER)).span
        _hide(piece.part(at, len(piece.text)), notes)
        message = f"There is no `]` in field {number}: SIPp crashes when it comes to it."
        end = piece.part(len(piece.text.rstrip()), len(piece.text)).span
        notes.add("SR756", span, message, instead="]", at=end)
        return made
    marker = piece.part(at, close)
    for name in ("username", "password"):
        found = _value(marker.text, name)
        if found is None:
            continue
        where = marker.part(found.start, found.stop)
        made.pieces[name] = where
        if name == "password":
            notes.secret(found.text, where.span)
            notes.secret(where.text)
        octets = _expanded(encode(found.text))
        _judge(name, found, marker, notes, made)
        if octets is None:
            made.ok = False
        elif octets:
            setattr(made, name, decode(octets))
    if made.password is not None:
        notes.secret(made.password)
    _judge_names(marker, notes)
    _judge_end(piece, close, notes)
    if len(encode(marker.text)) > ROOM:
        made.ok = False
        message = f"SIPp has room for {ROOM} octets up to the `]`: it stops, or writes beyond its buffer."
        notes.add("SR762", marker.part(0, len(MARKER)).span, message)
    return made


def read_meant(text: str) -> Credentials:
    """What was meant by a marker: up to the last `]`, values up to the next parameter, blanks around `=` or not."""
    start = text.lower().find(MARKER)
    close = text.rfind("]")
    body = text[start + len(MARKER) : close if close > start else len(text)]
    made = Credentials()
    body = body[:_MOST_READ]
    found = [match for match in _ASSIGNED.finditer(body) if _canonical(match.group(1)) in _KNOWN]
    for index, match in enumerate(found):
        end = found[index + 1].start() if index + 1 < len(found) else len(body)
        value = body[match.end() : end].strip()
        value = value.removesuffix(",").rstrip() if end < len(body) else value
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == '"' else value[1:-1]
        elif hexadecimal := re.fullmatch(r"0x((?:[0-9A-Fa-f]{2})+)", value):
            value = decode(bytes.fromhex(hexadecimal.group(1)))
        octets = _expanded(encode(value), keywords=False)
        name = _canonical(match.group(1))
        if name in ("username", "password") and octets is not None and getattr(made, name) is None:
            setattr(made, name, decode(octets))
    return made


def written(user: str, secret: str) -> str:
    """The marker for a login. Raises CannotRender for what SIPp has no room or no way for."""
    values = [("username", user)] if user else []
    values += [("password", secret)] if secret else []
    text = " ".join([MARKER, *(f"{name}={_written(name, value)}" for name, value in values)])
    if len(encode(text)) > ROOM:
        raise CannotRender("", f"SIPp has room for {ROOM} octets for user and password together")
    return f"{text}]"


def _written(name: str, value: str) -> str:
    """A value: as it is where that is enough, else in quotes with `\\xHH` for what would end field or marker."""
    for character in "\0\r\n":
        if character in value:
            raise CannotRender(character, f"the {name} holds a line break or a NUL")
    own = any(f"{other}=" in value for other in _KNOWN)
    if _PLAIN.fullmatch(value) and not value.startswith("0x") and "\\x" not in value and ";" not in value and not own:
        return value
    escaped = re.sub(r"[;\[\]]", lambda m: f"\0x{ord(m.group()):02X}", value)
    escaped = escaped.replace("=", "\0x3D") if own else escaped
    escaped = escaped.replace("\\x", "\0x5Cx").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\0", "\\\\") + '"'


def _canonical(name: str) -> str:
    lower = name.lower()
    exact = next((known for known in _KNOWN if known.lower() == lower), "") or _MEANT.get(lower, "")
    return exact or next(iter(difflib.get_close_matches(lower, ("username", "password"), 1, 0.75)), name)


def _value(text: str, name: str) -> _Value | None:
    at = text.find(f"{name}=")
    if at < 0:
        return None
    start = at + len(name) + 1
    if text.startswith("0x", start):
        match = _HEXADECIMAL.match(text, start)
        digits = match.group(1) if match else ""
        octets = bytes.fromhex(digits if len(digits) % 2 == 0 else digits[:-1] + "0" + digits[-1])
        return _Value(decode(octets.split(b"\0")[0]), start, start + 2 + len(digits), "hexadecimal")
    if text.startswith('"', start):
        found: list[str] = []
        index = start + 1
        while index < len(text) and text[index] != '"':
            index += text[index] == "\\"
            found.append(text[index : index + 1])
            index += 1
        return _Value("".join(found), start + 1, min(index, len(text)), "quoted")
    match = _UNQUOTED.match(text, start)
    stop = match.end() if match else start
    return _Value(text[start:stop], start, stop, "unquoted")


def _expanded(octets: bytes, *, keywords: bool = True) -> bytes | None:
    """Octets as the text of a scenario; None where a keyword begins, at which SIPp stops."""
    if keywords and b"[" in octets:
        return None
    if b"\\x" not in octets:
        return octets

    def octet(match: re.Match[bytes]) -> bytes:
        digits = match.group(1) or match.group(2)
        return bytes([int(digits, 16)]) if digits else b""

    return _OCTET.sub(octet, octets).split(b"\0")[0]


def _hide(piece: Piece, notes: Notes) -> None:
    match = re.search(r"(?:password|passwd|pass|secret)[ \t]*=[ \t]*(.+)", piece.text, re.IGNORECASE)
    if match:
        part = piece.part(match.start(1), match.end(1))
        notes.secret(part.text, part.span)


def _judge(name: str, value: _Value, marker: Piece, notes: Notes, made: Credentials) -> None:
    where = marker.part(value.start, value.stop)
    bracket = where.text.find("[")
    if bracket >= 0:
        span = where.part(bracket, bracket + 1).span
        notes.reveal(span)
        write = "\\\\x5B" if value.kind == "quoted" else "\\x5B"
        log = "Syntax error or invalid [keyword] in scenario while parsing ''"
        message = f"SIPp takes `[` in the {name} for the beginning of a keyword, and stops."
        notes.add("SR757", span, message, instead=write, log=log)
        made.ok = False
    behind = marker.text[value.stop :]
    if value.kind == "hexadecimal":
        _judge_hexadecimal(name, value, marker, notes)
    elif value.kind == "unquoted":
        _judge_unquoted(name, value, marker, behind, notes)


def _judge_hexadecimal(name: str, value: _Value, marker: Piece, notes: Notes) -> None:
    more = _UNQUOTED.match(marker.text, value.stop)
    end = more.end() if more else value.stop
    digits = value.stop - value.start - 2
    span = marker.part(value.start, value.start + 2).span
    notes.reveal(span)
    if end > value.stop and name == "password":
        rest = marker.part(value.start, end)
        notes.secret(rest.text, rest.span)
    clean = end == value.stop and digits and digits % 2 == 0
    message = f"SIPp reads the {name} as hexadecimal octets, as it begins with `0x`; in quotes it is taken literally."
    notes.add("SR758", span, message, fix=f'{name}="0x…"', severity="hint" if clean else None)


def _judge_unquoted(name: str, value: _Value, marker: Piece, behind: str, notes: Notes) -> None:
    if len(value.text) > 1 and value.text[0] == value.text[-1] == "'":
        span = marker.part(value.start, value.start + 1).span
        notes.reveal(span)
        message = f"Single quotes are plain characters for SIPp: they belong to the {name}."
        notes.add("SR752", span, message, fix=f'{name}="…"')
    comma = re.search(r",(?=(?:username|password)=)", value.text)
    if comma:
        span = marker.part(value.start + comma.start(), value.start + comma.end()).span
        message = f"A comma does not part the parameters: it and what follows belong to the {name}. A blank parts them."
        notes.add("SR752", span, message, instead=" ")
    rest = re.split(r"[ \t]+(?=[A-Za-z_]\w*[ \t]*=)", behind, maxsplit=1)[0]
    if rest.strip() and not re.match(r"[ \t]+[A-Za-z_]\w*[ \t]*=", behind):
        span = marker.part(value.stop, value.stop + 1).span
        notes.reveal(span)
        if name == "password":
            whole = marker.part(value.start, value.stop + len(rest.rstrip()))
            notes.secret(whole.text, whole.span)
            notes.secret(rest.strip())
        what = f"the first character that is not ASCII ({character_name(behind[0])})"
        what = "the blank" if behind[0] in " \t" else what
        message = f"The {name} ends at {what}: in double quotes it stays together."
        notes.add("SR752", span, message, fix=f'{name}="…"')


def _judge_names(marker: Piece, notes: Notes) -> None:
    values = [_value(marker.text, name) for name in _KNOWN]
    inside = [(value.start, value.stop) for value in values if value is not None]
    for match in _ASSIGNED.finditer(marker.text[:_MOST_READ]):
        name = match.group(1)
        if any(start <= match.start() < stop for start, stop in inside):
            continue
        if name in _KNOWN and not match.group(2):
            if match.group(3):
                _tell_name(marker, match, f"The {name} is empty for SIPp: a blank ends it.", f"{name}=…", notes)
            continue
        better = _canonical(name)
        fix = f"{better}=" if better in _KNOWN else ""
        command = {"username": "`-au` or `-s`", "password": "`-ap`"}.get(better, "what the command line says")
        message = f"SIPp does not find `{better}=` here, and uses {command} of its command line."
        if better not in _KNOWN:
            message = f"SIPp does not know `{name}` and ignores it."
        _tell_name(marker, match, message, fix, notes)
        if better == "password":
            value = marker.part(match.end(), len(marker.text))
            notes.secret(value.text, value.span)


def _tell_name(marker: Piece, match: re.Match[str], message: str, fix: str, notes: Notes) -> None:
    notes.add("SR760", marker.part(match.start(), match.end(1)).span, message, instead=fix.rstrip("=…") or None)


def _judge_end(piece: Piece, close: int, notes: Notes) -> None:
    """What follows the first `]`: with another one it was to belong to a value."""
    last = piece.text.rfind("]")
    if last <= close:
        return
    _hide(piece.part(0, last), notes)
    span: Span = piece.part(close, close + 1).span
    notes.reveal(span)
    message = "The first `]` ends the credentials, in quotes too: what follows is sent behind the Authorization header."
    write = "\\\\x5D" if piece.text[:close].count('"') % 2 else "\\x5D"
    notes.add("SR756", span, message, instead=write)
