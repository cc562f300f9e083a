"""A gateway of FreeSWITCH: `<gateway name="..."><param name="..." value="..."/>...</gateway>`, as mod_sofia takes it.

Theory of operation. The XML is read by expat with entity declarations forbidden; a `&` that begins no entity is let
through, as FreeSWITCH does. Unknown params are ignored, missing ones have defaults that lean on each other: `proxy`
is the realm, the realm is the gateway's name, `from-domain` is the proxy with its port. The credentials travel inside
sofia as `scheme:"realm":user:pass`, so that a `:` in user or password cuts them.
"""

from __future__ import annotations

import difflib
import html
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.parsers import expat

from mockregistrar.trunks import checks
from mockregistrar.trunks.c_numbers import c_integer
from mockregistrar.trunks.form_fields import Piece, Places
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, encode

NAME = "freeswitch-gateway"
ALIASES = ("freeswitch",)
FORMS = ("file",)

_AMPERSAND = "\ue000"
_STRAY = re.compile(r"&(?!(?:#\d+|#x[0-9A-Fa-f]+|amp|lt|gt|quot|apos);)")
_NAME = re.compile(r"[\w.\-]+\Z", re.ASCII)
_PARAMS = frozenset(
    [
        "register",
        "scheme",
        "realm",
        "username",
        "auth-username",
        "password",
        "from-user",
        "from-domain",
        "register-proxy",
        "proxy",
        "outbound-proxy",
        "register-transport",
        "register-proxy-port",
        "expire-seconds",
        "retry-seconds",
        "fail-908-retry-seconds",
        "timeout-seconds",
        "retry-503-seconds",
        "extension",
        "extension-in-contact",
        "caller-id-in-from",
        "contact-params",
        "contact-host",
        "contact-in-ping",
        "ping",
        "ping-max",
        "ping-min",
        "ping-user-agent",
        "context",
        "dialplan",
        "sip-cid-type",
        "distinct-to",
        "destination-prefix",
        "cid-type",
        "rfc-5626",
        "reg-id",
        "options-in-dialog",
        "channels",
        "codec-prefs",
        "absolute-codec-string",
        "gateway-name",
        "302-retries",
        "apply-nat-acl",
        "enabled",
        "use-rfc-5626",
        "options-user-agent",
        "dtmf-type",
        "ping-contact-in-ping",
        "caller-id-type",
        "retry-on-503",
    ]
)
_MEANT = {
    "user": "username",
    "secret": "password",
    "auth-user": "auth-username",
    "authuser": "auth-username",
    "auth_username": "auth-username",
    "host": "proxy",
    "server": "proxy",
    "registrar": "proxy",
    "outboundproxy": "outbound-proxy",
    "transport": "register-transport",
    "expires": "expire-seconds",
    "expiry": "expire-seconds",
}
_TRUE = frozenset(("yes", "on", "true", "t", "enabled", "active", "allow"))
_BUFFER = 255


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    if not head.lstrip().startswith("<"):
        return None
    if re.search(r"<gateway\b|<param\s+name\s*=\s*[\"'](?:username|proxy|password|realm)[\"']", head) is None:
        return None
    return "file", "it is XML with a gateway"


@dataclass(slots=True)
class _Gateway:
    name: str
    span: Span
    params: dict[str, Piece] = field(default_factory=dict)
    names: dict[str, Span] = field(default_factory=dict)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the gateways of a text. Never raises."""
    del form, path
    notes = Notes()
    reader = _Reader(text, notes)
    gateways = reader.read()
    ok = not reader.failed
    made: list[Registration] = []
    meant: list[Registration] = []
    seen: dict[str, Span] = {}
    accounts: dict[tuple[str | None, str | None, int | None], str] = {}
    for gateway in gateways:
        if not _NAME.match(gateway.name):
            ok = False
            log = f"[WARNING] Ignoring invalid name '{gateway.name}'"
            message = f"`{gateway.name}` cannot be the name of a gateway: letters, digits, `.`, `-` and `_` can."
            fix = re.sub(r"[^\w.\-]+", "-", gateway.name, flags=re.ASCII).strip("-")
            notes.add("SR402", gateway.span, message, fix=fix, log=log)
            _Settled(gateway, notes).secrets()
            continue
        if gateway.name in seen:
            log = f"[WARNING] Ignoring duplicate gateway '{gateway.name}'"
            message = (
                f"The gateway `{gateway.name}` stands in line {seen[gateway.name].line} already: this one is ignored."
            )
            notes.add("SR403", gateway.span, message, log=log)
            _Settled(gateway, notes).secrets()
            continue
        seen[gateway.name] = gateway.span
        real, probably = _Settled(gateway, notes).registration()
        if real is None:
            ok = False
        else:
            made.append(real)
            key = (real.user, real.host, real.port)
            other = accounts.setdefault(key, gateway.name)
            if other != gateway.name and real.register:
                message = f"The gateway `{other}` registers this account too: the two take turns at the binding."
                notes.add("SR163", gateway.span, message)
        if probably is not None and probably != real:
            meant.append(probably)
    return Parsed(
        NAME,
        "file",
        text,
        ok=ok,
        registrations=tuple(made),
        findings=notes.done(),
        meant=tuple(meant),
        auth_method="digest" if any(r.register for r in made) else "ip" if made else None,
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=tuple(notes.secret_spans),
        visible=tuple(notes.visible),
    )


class _Reader:
    """Gateways with the places of their attributes."""

    def __init__(self, text: str, notes: Notes) -> None:
        self.text = text
        self.notes = notes
        self.failed = False
        self.gateways: list[_Gateway] = []
        self.loose: _Gateway | None = None
        self.places = Places(text)
        self.data = b""
        self.prefix = b""
        self.done = (0, 0)

    def read(self) -> list[_Gateway]:
        text = self.text
        if "<!ENTITY" in text or "<!DOCTYPE" in text:
            self.failed = True
            at = text.index("<!")
            message = "The text declares a document type: its entities are not expanded here, and nothing was read."
            self.notes.add("SR401", Piece(text[at : at + 9], *self.places.place(at)).span, message)
            return []
        lenient = _STRAY.sub(_AMPERSAND, text)
        declaration = re.match(r"[\s\ufeff]*<\?xml[^>]*\?>", lenient)
        if declaration:  # its encoding is not ours any more: the text is decoded already
            lenient = " " * declaration.end() + lenient[declaration.end() :]
        self.prefix = b"<x>"
        try:
            body = lenient.encode("utf-8", "replace")
            self.data = self.prefix + body + b"</x>"
            parser = expat.ParserCreate("utf-8")
            parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
            parser.EntityDeclHandler = self._no_entities
            parser.StartElementHandler = lambda name, attributes: self.start(parser, name, attributes)
            parser.EndElementHandler = self.end
            parser.Parse(self.data, True)
        except (expat.ExpatError, ValueError) as problem:
            self.failed = True
            line = getattr(problem, "lineno", 1)
            column = getattr(problem, "offset", 0) + 1 - (len(self.prefix) if line == 1 else 0)
            row = [*text.split("\n"), ""][min(line, text.count("\n") + 1) - 1]
            column = max(1, min(column, len(row) + 1))
            why = str(problem).split(":", 1)[0]
            message = f"This is no well-formed XML ({why}): FreeSWITCH does not load the file."
            hint = "`&lt;` for `<` and `&quot;` for a quote in a value" if '"' in row or "<" in row else ""
            self.mask_row(row, min(line, text.count("\n") + 1))
            self.notes.add("SR401", Span(min(line, text.count("\n") + 1), column, 1), message, fix=hint)
        return self.gateways

    def mask_row(self, row: str, line: int) -> None:
        match = re.search(r"password[\"']\s+value\s*=\s*[\"']?(.*?)[\"']?\s*/?>?\s*$", row)
        if match and match.group(1):
            self.notes.secret(match.group(1), Span(line, match.start(1) + 1, len(match.group(1))))

    @staticmethod
    def _no_entities(*_: object) -> None:
        raise ValueError("entity declaration")

    def start(self, parser: expat.XMLParserType, name: str, attributes: dict[str, str]) -> None:
        index = parser.CurrentByteIndex - len(self.prefix)
        if index < 0:
            return
        at = self.offset(index)
        plain = {key: value.replace(_AMPERSAND, "&") for key, value in attributes.items()}
        if name == "gateway":
            piece = self.attribute(at, "name", plain.get("name", ""))
            self.gateways.append(_Gateway(plain.get("name", ""), piece.span))
            self.loose = self.gateways[-1]
        elif name == "param" and "name" in plain:
            if self.loose is None:
                self.loose = _Gateway("gateway", Span(1, 1, 0))
                self.gateways.append(self.loose)
            key = plain["name"]
            self.loose.params[key] = self.attribute(at, "value", plain.get("value", ""))
            self.loose.names[key] = self.attribute(at, "name", key).span

    def end(self, name: str) -> None:
        if name == "gateway":
            self.loose = None

    def offset(self, index: int) -> int:
        """The code point that an octet belongs to; asked for in ascending order."""
        octets, points = self.done
        body = len(self.prefix)
        points += len(self.data[body + octets : body + index].decode("utf-8", "replace"))
        self.done = (index, points)
        return points

    def attribute(self, at: int, name: str, value: str) -> Piece:
        """Where the value of an attribute of the tag at an offset stands."""
        close = self.text.find(">", at)
        stop = close if close >= 0 else len(self.text)
        match = re.compile(rf"\s{name}\s*=\s*([\"'])").search(self.text, at, max(stop, at))
        if match is None:
            return Piece(value, *self.places.place(at))
        end = self.text.find(match.group(1), match.end())
        raw = self.text[match.end() : end if end >= 0 else len(self.text)]
        line, column = self.places.place(match.end())
        if raw == value:
            return Piece(value, line, column)
        columns: list[int] = []
        index = 0
        while index < len(raw):
            columns.append(column + index)
            entity = re.compile(r"&[#\w]+;").match(raw, index)
            index = entity.end() if entity and not _STRAY.match(raw, index) else index + 1
        columns.append(column + len(raw))
        if len(columns) != len(value) + 1:
            return Piece(value, line, column)
        return Piece(value, line, column, tuple(columns))


class _Settled:
    """The defaults of mod_sofia over the params of a gateway."""

    def __init__(self, gateway: _Gateway, notes: Notes) -> None:
        self.gateway = gateway
        self.notes = notes

    def get(self, name: str) -> str:
        piece = self.gateway.params.get(name)
        return piece.text if piece is not None else ""

    def span(self, name: str) -> Span:
        piece = self.gateway.params.get(name)
        return piece.span if piece is not None else self.gateway.span

    def secrets(self) -> None:
        """Hide the password."""
        piece = self.gateway.params.get("password")
        if piece is not None:
            self.notes.secret(piece.text, piece.span)

    def registration(self) -> tuple[Registration | None, Registration | None]:
        """What FreeSWITCH makes of the gateway, and what was probably meant."""
        notes, gateway = self.notes, self.gateway
        self.secrets()
        self.names()
        register = self.get("register").strip().lower() in _TRUE if "register" in gateway.params else True
        good = True
        for name, needed in (("username", True), ("password", register)):
            if needed and not self.get(name):
                good = False
                log = f"[ERR] ERROR: {name} param is REQUIRED!"
                fix = f'<param name="{name}" value="…"/>'
                notes.add("SR404", self.span(name), f"The gateway has no `{name}`: it is skipped.", fix=fix, log=log)
        transport = self.get("register-transport").lower() or "udp"
        if transport not in ("udp", "tcp", "sctp", "tls"):
            good = False
            message = f"`{transport}` is no transport of a gateway: udp, tcp, tls and sctp are. It is skipped."
            notes.add("SR405", self.span("register-transport"), message, log="[ERR] ERROR: unsupported transport")
        expiry = self.seconds("expire-seconds", 3600, "register-frequency")
        retry = self.seconds("retry-seconds", 30, "retry-seconds")
        proxy = self.get("proxy") or self.get("realm") or gateway.name
        realm = self.get("realm") or proxy
        bare = self.proxy("proxy" if self.get("proxy") else "realm", proxy)
        host, port = _host_port(proxy)
        from_domain, domain_port = _host_port(self.get("from-domain") or proxy)
        user, secret = self.get("username"), self.get("password")
        auth_user = self.get("auth-username")
        login = auth_user or user
        real_login, real_secret = self.colon(login, secret, auth_user)
        real = Registration(
            user=user,
            secret=real_secret,
            auth_user=auth_user,
            effective_auth_user=real_login,
            domain=from_domain,
            domain_port=domain_port,
            host=host,
            port=port if port is not None else (5061 if transport == "tls" else 5060) if _address(host) else None,
            transport=transport,
            extension=self.get("extension") or user,
            expiry=expiry,
            realm=realm,
            outbound_proxy=self.get("register-proxy") or self.get("outbound-proxy"),
            register=register,
            retry_interval=retry,
            name=gateway.name,
            span=gateway.span,
        )
        if not bare:
            checks.host(notes, host, self.span("proxy"), "FreeSWITCH")
            checks.port_and_transport(notes, port, transport, self.span("proxy"))
        checks.placeholders(notes, [(n, self.get(n), self.span(n)) for n in ("username", "password") if self.get(n)])
        for name in ("username", "password", "proxy"):
            piece = gateway.params.get(name)
            if piece is not None and not piece.columns:
                mapped = Mapped.from_text(piece.text, piece.line, piece.column)
                checks.characters(notes, mapped, name, "FreeSWITCH", secret=name == "password")
        meant = replace(real, secret=secret, effective_auth_user=login)
        if bare:
            meant_host, meant_port = _host_port(bare)
            meant = replace(meant, host=meant_host, port=meant_port, domain=meant_host, realm=self.get("realm") or bare)
        return (real if good else None), (meant if meant != real and good else None)

    def names(self) -> None:
        """Params that FreeSWITCH ignores without a message."""
        for name, span in self.gateway.names.items():
            if name in _PARAMS:
                continue
            meant = _MEANT.get(name.lower()) or next(
                iter(difflib.get_close_matches(name, sorted(_PARAMS), 1, 0.82)), ""
            )
            if meant:
                if meant == "password":
                    self.notes.secret(self.get(name), self.span(name))
                message = f"FreeSWITCH does not know `{name}` and ignores it. Did you mean `{meant}`?"
                self.notes.add("SR406", span, message, fix=meant)

    def seconds(self, name: str, default: int, logged: str) -> int:
        if name not in self.gateway.params:
            return default
        text = self.get(name)
        number = c_integer(encode(text)) or 0
        if number < 5:
            log = (
                f"[WARNING] Invalid {logged} of {number} on gateway {self.gateway.name}, using the value of {default} "
            )
            message = f"`{name}` must be 5 or more: FreeSWITCH uses {default}."
            self.notes.add("SR407", self.span(name), message, fix=str(default), log=log + "instead.")
            return default
        if name == "expire-seconds":
            checks.expiry(self.notes, number, self.span(name))
        return number

    def proxy(self, name: str, proxy: str) -> str:
        """Judge the proxy; returns it without a scheme where it has one."""
        scheme = re.match(r"sips?:(?://)?", proxy, re.IGNORECASE)
        if scheme is None:
            return ""
        bare = proxy[scheme.end() :]
        message = f"`proxy` takes no scheme: FreeSWITCH makes `sip:{proxy}` of it."
        self.notes.add("SR408", self.span(name), message, fix=bare)
        return bare

    def colon(self, login: str, secret: str, auth_user: str) -> tuple[str, str]:
        """User and password as they come out of `scheme:"realm":user:pass`."""
        notes = self.notes
        for name, text in (("auth-username" if auth_user else "username", login), ("password", secret)):
            if ":" not in text:
                continue
            piece = self.gateway.params[name]
            at = text.index(":")
            span = piece.part(at, at + 1).span
            notes.reveal(span)
            what = "password" if name == "password" else "user name"
            message = (
                f"The {what} is cut at the `:`: FreeSWITCH logs in with its first {at} characters, and there is no "
            )
            message += "way to write one."
            notes.add("SR409", span, message, fix="credentials without `:`")
        joined = f"{login}:{secret}"
        octets = len(encode(f'Digest:"{self.get("realm") or self.get("proxy")}":{joined}'))
        if octets > _BUFFER:
            message = f"Realm, user and password are {octets} octets together: FreeSWITCH has room for {_BUFFER}."
            notes.add("SR410", self.span("password"), message)
        first, _, rest = joined.partition(":")
        return first, rest.partition(":")[0]


def _host_port(text: str) -> tuple[str, int | None]:
    text = re.split(r"[;?]", text, maxsplit=1)[0]
    match = re.match(r"(\[[^\]]*\]|[^:]*):(\d{1,5})\Z", text)
    return (match.group(1), int(match.group(2))) if match else (text, None)


def _address(host: str) -> bool:
    return host.startswith("[") or re.fullmatch(r"\d+(?:\.\d+){3}", host) is not None


def render(trunk: Trunk, name: str = "") -> str:
    """The gateway as XML. Raises CannotRender for `:` in user or password, and for what XML cannot hold."""
    name = name or re.sub(r"[^\w.\-]+", "-", trunk.host, flags=re.ASCII).strip("-") or "carrier"
    if not _NAME.match(name):
        raise CannotRender(name, f"`{name}` cannot be the name of a gateway")
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "a gateway holds a password, not its digest")
    for label, text in (("user", trunk.effective_auth_user), ("password", trunk.secret)):
        if ":" in text:
            raise CannotRender(":", f"the {label} holds `:`, where FreeSWITCH cuts it")
    if not trunk.secret:
        raise CannotRender("", "a gateway that registers needs a password")
    port = f":{trunk.dial_port}" if trunk.dial_port != (5061 if trunk.dial_transport == "tls" else 5060) else ""
    domain = trunk.domain + (f":{trunk.domain_port}" if trunk.domain_port is not None else "") if trunk.domain else ""
    rows = [
        ("username", trunk.user),
        ("auth-username", trunk.auth_user),
        ("password", trunk.secret),
        ("proxy", f"{trunk.dial_host}{port}"),
        ("from-domain", domain),
        ("register", "true"),
        ("register-transport", trunk.dial_transport),
        ("expire-seconds", str(trunk.expiry)),
        ("extension", trunk.extension if trunk.extension not in ("s", trunk.user) else ""),
    ]
    if trunk.expiry < 5:
        raise CannotRender(str(trunk.expiry), "FreeSWITCH takes no expiry below 5 seconds")
    lines = [f'  <param name="{key}" value={_attribute(key, value)}/>' for key, value in rows if value]
    return "\n".join(["<include>", f'<gateway name="{name}">', *lines, "</gateway>", "</include>"]) + "\n"


def _attribute(name: str, value: str) -> str:
    if re.search(r"[\x00-\x1f\ue000\ud800-\udfff\ufffe\uffff]", value):
        raise CannotRender(value, f"`{name}` holds a character that XML cannot hold")
    escaped = html.escape(value, quote=False).replace('"', "&quot;")
    return '"' + "".join(f"&#{ord(c)};" if c in "\n\r\t" else c for c in escaped) + '"'
