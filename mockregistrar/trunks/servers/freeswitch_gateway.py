"""A gateway of FreeSWITCH: `<gateway name="..."><param name="..." value="..."/>...</gateway>`, as mod_sofia takes it.

Theory of operation. The XML is read by expat with entity declarations forbidden; a `&` that begins no entity is let
through, as FreeSWITCH does. Unknown params are ignored, missing ones have defaults that lean on each other: `proxy`
is the realm, the realm is the gateway's name, `from-domain` is the proxy with its port. The credentials travel inside
sofia as `scheme:"realm":user:pass`, so that a `:` in user or password cuts them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mockregistrar.trunks import checks, several, xml_text
from mockregistrar.trunks.c_numbers import c_integer
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, encode
from mockregistrar.trunks.xml_text import Document

NAME = "freeswitch-gateway"
ALIASES = ("freeswitch",)
FORMS = ("file",)

_PASSWORD = re.compile(r"password[\"']\s+value\s*=\s*[\"']?(.*?)[\"']?\s*/?>?\s*$")
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
    document = xml_text.read(text)
    gateways = _gateways(document)
    ok = document.judge(notes, "FreeSWITCH", _PASSWORD)
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


def _gateways(document: Document) -> list[_Gateway]:
    """The gateways; a `param` outside of one belongs to a gateway without a name."""
    found: list[_Gateway] = []
    current: _Gateway | None = None
    stop = 0
    for element in document.elements:
        if element.start >= stop:
            current, stop = None, len(document.text)
        if element.name == "gateway":
            name = element.attribute("name")
            current, stop = _Gateway(name.text, name.span), element.stop
            found.append(current)
        elif element.name == "param" and "name" in element.attributes:
            if current is None:
                current = _Gateway("gateway", Span(1, 1, 0))
                found.append(current)
            key = element.attribute("name")
            current.params[key.text] = element.attribute("value")
            current.names[key.text] = key.span
    return found


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
    return "\n".join(["<include>", *_gateway(trunk, name), "</include>"]) + "\n"


def render_all(trunks: Sequence[Trunk]) -> str:
    """One file with a gateway for each trunk. Raises CannotRender as `render` does."""
    names = several.section_names(trunks)
    gateways = [line for trunk, name in zip(trunks, names, strict=True) for line in _gateway(trunk, name)]
    return "\n".join(["<include>", *gateways, "</include>"]) + "\n"


def _gateway(trunk: Trunk, name: str) -> list[str]:
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
    lines = [f'  <param name="{key}" value={xml_text.attribute_text(key, value)}/>' for key, value in rows if value]
    return [f'<gateway name="{name}">', *lines, "</gateway>"]
