"""SIP settings in an environment, by the names that are found in the wild, with or without a vendor in front.

There is no system behind these names, so that only what is written is settled. Quotes and inline comments go by the
rules of dotenv and compose; `docker --env-file` takes both as part of the value, which is said where it matters. With
an extension or a URI the username is the auth user. A value that is a variable as a whole, `${SIP_PASSWORD}`, is set
elsewhere.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mockregistrar.trunks import checks, secret_lines
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Severity, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import invisible, is_ipv6, placeholder_host, repaired_number
from mockregistrar.trunks.positions import Mapped
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import PjUri
from mockregistrar.trunks.uris.uri_repair import repaired, repaired_and_hidden

from .env_lines import DOTENV, Setting, settings
from .env_names import Name, name_of

NAME = "env"
ALIASES = ("dotenv", ".env")
FORMS = ("file",)

_TRANSPORTS = ("udp", "tcp", "tls", "ws", "wss")
_SERVER = re.compile(
    r"(?:([A-Za-z]{2,5}):(?://)?)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/;?]*)(?::([^/;?]*))?([/;?].*)?\Z", re.DOTALL
)
_SCHEMES = {"sip": "", "sips": "tls", "udp": "udp", "tcp": "tcp", "tls": "tls", "ws": "ws", "wss": "wss"}
_WEB = ("http", "https")
_ELSEWHERE = re.compile(r"\$(?:\{[^{}]*\}|\w+)\Z")
_REPLACED = re.compile(r"\$\{[^{}]*\}|(?<!\$)\$[A-Za-z_]\w*")
_YES, _NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")


@dataclass(slots=True)
class _Group:
    """The settings under one prefix: the values, where they stand, and by which names they were given."""

    values: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, Piece] = field(default_factory=dict)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)

    def put(self, key: str, setting: Setting, value: str) -> None:
        self.values[key] = value
        self.pieces[key] = setting.written
        self.names[key] = setting.name, setting.written.line

    def get(self, key: str) -> str | None:
        return self.values.get(key)

    def span(self, key: str) -> Span:
        return self.pieces[key].span if key in self.pieces else Span(1, 1, 0)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    found: list[str] = []
    for setting in settings(head):
        name = name_of(setting.name)
        if name is not None and name.key:
            found.append(setting.name)
        if len(found) > 1:
            return "file", "it sets variables such as SIP_USERNAME"
    lines = [line for line in head.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    alike = found and (len(lines) == 1 or all(re.match(r"\ufeff?(?:export )?[A-Z0-9_]+[ \t]*=", row) for row in lines))
    return ("file", f"it sets {found[0]}") if alike else None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the settings of an environment. Never raises."""
    del form, path
    notes = Notes()
    real: dict[str, _Group] = {}
    better: dict[str, _Group] = {}
    known = [(setting, name) for setting in settings(text) if (name := name_of(setting.name)) is not None]
    given = {(name.group, name.key) for _, name in known if name.key}
    told = False
    for setting, name in known:
        meant = _meant_name(setting, name, given, notes)
        if name.secret or meant.secret:
            notes.secret(setting.value, setting.written.span)
            notes.secret(setting.written.text)
        if not meant.key:
            continue
        told = _comment(setting, meant, notes, told=told)
        value = setting.value
        if _ELSEWHERE.match(value) and setting.quote != "'":
            continue
        if name.key:
            _twice(real.get(name.group), setting, name, notes)
            _judge(setting, name, notes)
            real.setdefault(name.group, _Group()).put(name.key, setting, value)
        better.setdefault(name.group, _Group()).put(meant.key, setting, _meant_value(setting, meant))
    for group in real.values():
        _account(group, notes)
    made = [each for name, group in real.items() if (each := _registration(name, group)) is not None]
    meant_ones = [
        each for name, group in better.items() if (each := _registration(name, group, meant=True)) is not None
    ]
    for each in (*made, *meant_ones):
        notes.secret(each.secret or "")
    found = Parsed(
        NAME,
        "file",
        text,
        registrations=tuple(made),
        meant=tuple(each for each in meant_ones if each not in made),
    )
    return secret_lines.completed(notes, found)


# --- one setting


def _meant_name(setting: Setting, name: Name, given: Iterable[tuple[str, str]], notes: Notes) -> Name:
    """The name that was meant by a misspelt one."""
    near = name.near
    if not near:
        return name
    meant = name.as_if(near)
    if (name.group, meant.key) in given:
        return name
    head = setting.name[: setting.name.upper().rfind(name.rest)]
    wanted = head + (near if setting.name.isupper() else near.lower())
    message = f"`{setting.name}` is no usual name. Did you mean `{wanted}`?"
    notes.add("SR607", setting.place, message, instead=wanted)
    return meant


def _twice(group: _Group | None, setting: Setting, name: Name, notes: Notes) -> None:
    if group is None or group.values.get(name.key, setting.value) == setting.value:
        return
    other, line = group.names[name.key]
    message = f"Line {line} sets `{other}` to another value: mostly the last counts."
    if other != setting.name:
        message = f"`{setting.name}` says the same as `{other}` in line {line}: only one of them can be meant."
    notes.add("SR601", setting.written.span, message)


def _comment(setting: Setting, name: Name, notes: Notes, *, told: bool) -> bool:
    """What a `#` does; of the harmless ones the first is told."""
    note = setting.comment
    if note is not None:
        glued = name.secret and bool(setting.value) and re.match(r"#[^\s#]\S*\Z", note.text) is not None
        message = "`#` starts a comment for dotenv and compose; `docker --env-file` takes it as part of the value."
        if glued:
            message = "`#` behind a blank starts a comment: the value ends there. Quotes keep it together."
            fix = f"{setting.name}='{setting.value} {note.text}'"
            notes.secret(f"{setting.value} {note.text}")
            notes.secret(note.text, note.span)
            notes.add("SR602", note.span, message, fix=fix, severity="warning")
        elif setting.kind == DOTENV and not told:
            notes.add("SR602", note.span, message)
            return True
    elif name.secret and setting.kind == DOTENV and not setting.quote and "#" in setting.value:
        at = setting.value.index("#")
        message = "Without quotes dotenv of Node.js ends the value at `#`; others keep it."
        place = setting.written.part(at, len(setting.value)).span
        notes.add("SR602", place, message, fix=f"{setting.name}='{setting.value}'")
    return told


def _judge(setting: Setting, name: Name, notes: Notes) -> None:
    """Characters, quotes and variables in a value."""
    written, secret = setting.written, name.key == "secret"
    label = name.rest.lower().replace("_", " ")
    mapped = Mapped.from_text(written.text, written.line, written.column)
    checks.characters(notes, mapped, label, "whatever reads the file", secret=secret)
    if setting.unclosed:
        message = f"The {label} begins with a quote and does not end with it: what reads the file refuses the line, or "
        message += "takes the quotes for part of the value."
        fix = f"{setting.name}={written.text.rstrip()}{written.text[:1]}"
        notes.add("SR605", written.part(0, 1).span, message, fix=fix)
    if setting.quote != "'" and (match := _REPLACED.search(written.text)):
        place = written.part(match.start(), match.end()).span
        message = "Where variables are expanded, as by compose, `$` and the name behind it are replaced."
        if setting.kind == DOTENV:
            notes.add("SR606", place, message, fix=f"{setting.name}='{setting.value}'")
        else:
            notes.add("SR606", place, message, instead=f"${match.group()}")
    if name.key in ("server", "domain") and placeholder_host(setting.value):
        notes.add("SR109", written.span, f"The {label} looks like a placeholder that was to be replaced.")
    else:
        checks.placeholders(notes, [(label, setting.value, written.span)])


def _meant_value(setting: Setting, name: Name) -> str:
    """The value without what was no part of it."""
    value = setting.value.lstrip("\"'") if setting.unclosed else setting.value
    note = setting.comment
    if name.secret and note is not None and value and re.match(r"#[^\s#]\S*\Z", note.text):
        return f"{value} {note.text}"
    if len(value) > 2 and value[0] in "“”‘’" and value[-1] in "“”‘’":
        value = value[1:-1]
    return "".join(c for c in value if not invisible(c))


# --- an account


def _account(group: _Group, notes: Notes) -> None:
    """What is wrong with the settings of an account."""
    uri = group.pieces.get("uri")
    if uri is not None and uri.text:
        read = pjsip_uri.parse(group.values["uri"])
        if isinstance(read, PjUri):
            if read.password:
                place = uri.part(read.password_at, uri.text.find("@", read.password_at))
                notes.secret(place.text, place.span)
            _host(group, "uri", read.host, notes)
        else:
            fix = repaired_and_hidden(uri, read, notes)
            place = uri if read.kind == "scheme" else uri.part(read.start, max(read.stop, read.start + 1))
            notes.add("SR204", place.span, f"The URI cannot be read: {read.why}.", fix=fix)
    for key in ("server", "domain"):
        if group.get(key):
            _server(group, key, notes)
    _numbers(group, notes)


def _host(group: _Group, key: str, host: str, notes: Notes) -> None:
    piece = group.pieces[key]
    at = piece.text.find(host)
    place = piece.part(at, at + len(host)).span if at >= 0 else piece.span
    if host and not placeholder_host(host) and not checks.placeholder(host):
        checks.host(notes, host, place, "DNS")


def _server(group: _Group, key: str, notes: Notes) -> None:
    """A host, with what may stand around it."""
    text = group.values[key]
    if is_ipv6(text):
        return _host(group, key, text, notes)
    match = _SERVER.match(text)
    if match is None:
        return _host(group, key, text, notes)
    _, host, port, _ = match.groups()
    _host(group, key, host, notes)
    if port is not None and not _port(port):
        _no_port(group, key, port, notes)
    given = _port(group.get("port") or "")
    if port is not None and given and _port(port) and _port(port) != given:
        at = group.pieces[key].text.rfind(port)
        message = f"`{group.names['port'][0]}` says {given}: only one of them can be meant."
        notes.add("SR601", group.pieces[key].part(at, at + len(port)).span, message)
    return None


def _no_port(group: _Group, key: str, text: str, notes: Notes) -> None:
    piece = group.pieces[key]
    at = max(0, piece.text.rfind(text))
    letter = checks.digits_look_alike(text)
    message = f"`{text}` holds the letter {letter}: it is no port." if letter else f"`{text}` is no port."
    fix = str(repaired_number(text)) if letter else ""
    notes.add("SR603", piece.part(at, at + len(text)).span, message, instead=fix or None)


def _numbers(group: _Group, notes: Notes) -> None:
    """Port, transport, expiry and whether to register."""
    port, transport = group.get("port"), (group.get("transport") or "").lower()
    if port and not _port(port):
        _no_port(group, "port", port, notes)
    if transport and transport not in _TRANSPORTS:
        near = _transport(transport)
        message = f"`{transport}` is no transport of SIP: udp, tcp, tls, ws and wss are."
        notes.add("SR604", group.span("transport"), message, instead=near or None)
    if port and _port(port):
        checks.port_and_transport(notes, _port(port), _transport(transport) if transport else None, group.span("port"))
    expiry = group.get("expiry")
    if expiry and not re.fullmatch(r"\d{1,9}", expiry):
        severity: Severity = "warning"
        notes.add("SR509", group.span("expiry"), f"`{expiry}` is no number of seconds.", severity=severity)
    elif expiry:
        checks.expiry(notes, int(expiry), group.span("expiry"))


def _registration(name: str, group: _Group, *, meant: bool = False) -> Registration | None:
    user, auth_user, domain = group.get("username"), group.get("auth_user"), group.get("domain")
    secret = group.get("secret")
    host, port, transport = _dialled(group, meant=meant)
    uri = _uri(group.get("uri") or "", meant=meant)
    if uri is not None:
        auth_user = auth_user or (user if uri.user and user != uri.user else None)
        user, domain = uri.user or user, domain or uri.host
        secret = secret if secret is not None else uri.password or None
        transport, port = transport or uri.transport, port or uri.port or None
    elif group.get("extension"):
        auth_user = auth_user or (user if user != group.get("extension") else None)
        user = group.get("extension")
    if domain and (match := _SERVER.match(domain)) and not is_ipv6(domain):
        domain, port = match.group(2), port or (_port(match.group(3) or "") if host is None else None)
    host = host if host is not None else domain
    if user is None and host is None:
        return None
    expiry, register = group.get("expiry"), (group.get("register") or "").lower()
    return Registration(
        user=user,
        secret=secret,
        auth_user=auth_user,
        effective_auth_user=auth_user or user,
        domain=domain,
        host=host,
        port=port,
        transport=transport,
        realm=group.get("realm"),
        outbound_proxy=group.get("proxy"),
        display_name=group.get("display_name"),
        expiry=int(expiry) if expiry and re.fullmatch(r"\d{1,9}", expiry) else None,
        register=True if register in _YES else False if register in _NO else None,
        name=name,
    )


def _uri(text: str, *, meant: bool) -> PjUri | None:
    read = pjsip_uri.parse(text)
    if meant and not isinstance(read, PjUri):
        read = pjsip_uri.parse(repaired(text, read))
    return read if isinstance(read, PjUri) else None


def _dialled(group: _Group, *, meant: bool) -> tuple[str | None, int | None, str | None]:
    """Host, port and transport, as far as they are named."""
    text = group.get("server")
    named = _port(_digits(group.get("port") or "") if meant else group.get("port") or "")
    transport = _transport(group.get("transport") or "") if meant else (group.get("transport") or "").lower()
    transport = transport if transport in _TRANSPORTS else None
    if text is None or is_ipv6(text):
        return (f"[{text}]" if meant and text else text), named, transport
    match = _SERVER.match(text)
    if match is None:
        return text, named, transport
    scheme, host, port, behind = match.groups(default="")
    if scheme and scheme.lower() not in (*_SCHEMES, *_WEB):
        return text, named, transport
    parameter = re.search(r";transport=(\w+)", behind, re.IGNORECASE)
    said = parameter.group(1).lower() if parameter else _SCHEMES.get(scheme.lower(), "")
    own = _port(_digits(port) if meant else port)
    return host, named or own, transport or (said if said in _TRANSPORTS else None)


def _port(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,5}", text) and 0 < int(text) < 65536 else None


def _digits(text: str) -> str:
    return str(repaired_number(text)) if checks.digits_look_alike(text) else text


def _transport(text: str) -> str | None:
    """The transport that a word names, or was meant to name."""
    word = text.lower()
    if word in _TRANSPORTS:
        return word
    known = {"ssl": "tls", "sips": "tls", "websocket": "ws", "websockets": "ws", "auto": None}
    return known[word] if word in known else next(iter(difflib.get_close_matches(word, _TRANSPORTS, 1, 0.6)), None)


def render(trunk: Trunk) -> str:
    """The lines for an env file. Raises CannotRender for line breaks."""
    rows = [
        ("SIP_EXTENSION" if trunk.auth_user else "SIP_USERNAME", trunk.user),
        ("SIP_AUTH_ID", trunk.auth_user),
        ("SIP_PASSWORD", trunk.secret),
        ("SIP_DOMAIN", trunk.aor_host),
        ("SIP_SERVER", trunk.dial_host),
        ("SIP_PORT", str(trunk.dial_port)),
        ("SIP_TRANSPORT", trunk.dial_transport),
        ("SIP_EXPIRES", str(trunk.expiry)),
    ]
    return "".join(f"{name}={_written(name, value)}\n" for name, value in rows if value)


def _written(name: str, value: str) -> str:
    if re.search(r"[\r\n\0]", value):
        raise CannotRender("\n", f"{name} holds a line break")
    if re.fullmatch(r"[A-Za-z0-9_.:@+/,%~^=!?-]*", value):
        return value
    if "'" not in value:
        return f"'{value}'"
    escaped = re.sub(r'(["\\$])', r"\\\1", value)
    return f'"{escaped}"'
