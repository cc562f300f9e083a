"""SIP settings in a `.env` file, by the names that are found in the wild, with or without a vendor in front.

There is no system behind these names, so that only what is written is settled. Quotes and inline comments go by the
rules of dotenv and compose; `docker --env-file` takes both as part of the value, which is said where it matters. With
an extension or a URI the username is the auth user.
"""

from __future__ import annotations

import re
from pathlib import Path

from mockregistrar.trunks import checks
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, encode, part_span
from mockregistrar.trunks.uris import pjsip_uri

NAME = "env"
ALIASES = ("dotenv", ".env")
FORMS = ("file",)

_NAMES = {
    "USERNAME": "username",
    "USER": "username",
    "PASSWORD": "secret",
    "PASS": "secret",
    "SECRET": "secret",
    "AUTH_PASSWORD": "secret",
    "AUTH_ID": "auth_user",
    "AUTH_USER": "auth_user",
    "AUTH_USERNAME": "auth_user",
    "EXTENSION": "extension",
    "DOMAIN": "domain",
    "REALM": "realm",
    "SERVER": "server",
    "SERVER_HOST": "server",
    "HOST": "server",
    "REGISTRAR": "server",
    "PROXY": "proxy",
    "OUTBOUND_PROXY": "proxy",
    "PORT": "port",
    "SERVER_PORT": "port",
    "TRANSPORT": "transport",
    "PROTOCOL": "transport",
    "URI": "uri",
    "DISPLAY_NAME": "display_name",
    "EXPIRES": "expiry",
    "REGISTER_EXPIRES": "expiry",
}
_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Z0-9_]{1,80})[ \t]*=[ \t]*", re.IGNORECASE)
_QUOTED = {'"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL), "'": re.compile(r"'([^']*)'")}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


def _setting(name: str) -> tuple[str, str, str] | None:
    """The prefix, the rest of the name, and what it sets: `ACME_SIP_USER` is (ACME_SIP, USER, username)."""
    upper = name.upper()
    at = upper.find("SIP_")
    while at >= 0:
        key = _NAMES.get(upper[at + 4 :])
        if key is not None and (at == 0 or upper[at - 1] == "_"):
            return upper[: at + 3], upper[at + 4 :], key
        at = upper.find("SIP_", at + 1)
    return None


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    found = 0
    for line in head.split("\n"):
        match = _LINE.match(line)
        found += bool(match and _setting(match.group(1)) is not None)
        if found > 1:
            return "file", "it sets variables such as SIP_USERNAME"
    return None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read an env file. Never raises."""
    del form, path
    notes = Notes()
    groups: dict[str, dict[str, tuple[str, Span]]] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        match = _LINE.match(line)
        setting = _setting(match.group(1)) if match else None
        if match is None or setting is None:
            continue
        prefix, name, key = setting
        mapped = Mapped.from_text(line, number)
        value, start, stop = _value(notes, line, match.end(), mapped)
        span = part_span(mapped, start, stop)
        group = groups.setdefault(prefix, {})
        if key in group and group[key][0] != value:
            message = f"`{name}` says the same as another name further up: only one of them can be meant."
            notes.add("SR601", span, message)
        group[key] = (value, span)
        if key == "secret":
            notes.secret(value, span)
        piece = mapped.part(len(encode(line[:start])), len(encode(line[:stop])))
        label = name.lower().replace("_", " ")
        checks.characters(notes, piece, label, "whatever reads the file", secret=key == "secret")
        checks.placeholders(notes, [(label, value, span)])
    made = tuple(_registration(notes, name, group) for name, group in groups.items())
    return Parsed(
        NAME,
        "file",
        text,
        registrations=tuple(each for each in made if each is not None),
        findings=notes.done(),
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=tuple(notes.secret_spans),
        visible=tuple(notes.visible),
    )


def _value(notes: Notes, line: str, at: int, mapped: Mapped) -> tuple[str, int, int]:
    """The value by dotenv's rules, and the stretch of the line where it stands."""
    quote = line[at : at + 1]
    if quote in _QUOTED:
        match = _QUOTED[quote].match(line, at)
        if match is not None:
            inner = match.group(1)
            if quote == '"' and "\\" in inner:
                inner = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group()), inner)
            return inner, match.start(1), match.end(1)
    rest = line[at:]
    comment = re.search(r"(?:(?<=\s)|\A)#", rest)
    stop = at + len(rest[: comment.start()].rstrip() if comment else rest.rstrip())
    if comment:
        begin = at + comment.start()
        message = "`#` starts a comment for dotenv and compose; `docker --env-file` takes it as part of the value."
        notes.add("SR602", part_span(mapped, begin, len(line)), message)
    return line[at:stop], at, stop


def _registration(notes: Notes, name: str, group: dict[str, tuple[str, Span]]) -> Registration | None:
    def text(key: str) -> str | None:
        return group[key][0] if key in group else None

    user, auth_user = text("username"), text("auth_user")
    domain, host = text("domain"), text("server")
    transport = text("transport")
    port: int | None = None
    if "uri" in group:
        value, span = group["uri"]
        uri = pjsip_uri.parse(value)
        if isinstance(uri, pjsip_uri.PjUri):
            auth_user = auth_user or (user if user != uri.user else None)
            user, domain = uri.user, domain or uri.host
            transport = transport or uri.transport
            port = uri.port
        else:
            notes.add("SR204", span, f"The URI cannot be read: {uri.why}.")
    elif "extension" in group:
        auth_user = auth_user or (user if user != text("extension") else None)
        user = text("extension")
    host = host if host is not None else domain
    if host:
        place = group["server"][1] if "server" in group else group["domain"][1] if "domain" in group else Span(1, 1, 0)
        scheme = re.match(r"sips?:(?://)?|[a-z]+://", host, re.IGNORECASE)
        split = re.match(r"(\[[^\]]+\]|[^:]+):(\d+)\Z", host[scheme.end() :] if scheme else host)
        if scheme:
            host = host[scheme.end() :]
        if split:
            host, port = split.group(1), int(split.group(2)[:6])
        if place.length:
            checks.host(notes, host, place, "DNS")
    if "port" in group:
        value, span = group["port"]
        if re.fullmatch(r"\d{1,5}", value) and 0 < int(value) < 65536:
            port = int(value)
        else:
            letter = checks.digits_look_alike(value)
            message = f"`{value}` holds the letter {letter}: it is no port." if letter else f"`{value}` is no port."
            notes.add("SR603", span, message)
    transport = transport.lower() if transport else None
    if "transport" in group and transport not in ("udp", "tcp", "tls", "ws", "wss", "", None):
        notes.add(
            "SR604", group["transport"][1], f"`{transport}` is no transport of SIP: udp, tcp, tls, ws and wss are."
        )
    checks.port_and_transport(notes, port, transport, group["port"][1]) if "port" in group else None
    expiry = text("expiry")
    if user is None and host is None:
        return None
    return Registration(
        user=user,
        secret=text("secret"),
        auth_user=auth_user,
        effective_auth_user=auth_user or user,
        domain=domain,
        host=host,
        port=port,
        transport=transport or None,
        realm=text("realm"),
        outbound_proxy=text("proxy"),
        display_name=text("display_name"),
        expiry=int(expiry) if expiry and re.fullmatch(r"\d{1,9}", expiry) else None,
        name=name,
    )


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
