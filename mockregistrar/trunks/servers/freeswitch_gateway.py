"""A gateway of FreeSWITCH: `<gateway name="..."><param name="..." value="..."/>...</gateway>`, as mod_sofia takes it.

Theory of operation. The XML is read by expat with entity declarations forbidden; a `&` that begins no entity is let
through, as FreeSWITCH does. Unknown params are ignored, missing ones have defaults that lean on each other: `proxy`
is the realm, the realm is the gateway's name, `from-domain` is the proxy with its port. The credentials travel inside
sofia as `scheme:"realm":user:pass`, so that a `:` in user or password cuts them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mockregistrar.trunks import checks, secret_lines, several, xml_text
from mockregistrar.trunks.c_numbers import c_integer
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import is_ipv6, meant_transport, repaired_number
from mockregistrar.trunks.positions import Mapped, encode
from mockregistrar.trunks.xml_text import Document

from .gateway_params import meant_param

NAME = "freeswitch-gateway"
ALIASES = ("freeswitch",)
FORMS = ("file",)

_PASSWORD = re.compile(r"password[\"']\s+value\s*=\s*[\"']?(.*?)[\"']?\s*/?>?\s*$")
_NAME = re.compile(r"[\w.\-]+\Z", re.ASCII)
_TRUE = frozenset(("yes", "on", "true", "t", "enabled", "active", "allow"))
_FALSE = frozenset(("no", "off", "false", "f", "disabled", "inactive", "disallow", ""))
_TRANSPORTS = ("udp", "tcp", "tls", "sctp")
_NOBODY = "FreeSWITCH"
_BLANK = " \t\r\n"
_OTHER_HOMES = frozenset(("gateway", "user", "users", "profile", "domain", "settings", "configuration", "section"))
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
    loads = document.judge(notes, "FreeSWITCH", _PASSWORD)
    for element in document.elements:
        if element.name == "param" and "password" in element.attribute("name").text.lower():
            value = element.attribute("value")
            notes.secret(value.text, value.span)
    ok = loads
    made: list[Registration] = []
    meant: list[Registration] = []
    seen: dict[str, Span] = {}
    for gateway in gateways:
        settled = _Settled(gateway, notes if loads else Notes())
        real, probably = settled.registration()
        notes.secrets.update(settled.notes.secrets)
        notes.secret_spans.extend(settled.notes.secret_spans if not loads else ())
        if loads and not _named(gateway, seen, notes):
            ok = ok and gateway.name in seen
            meant += [each for each in (probably or real,) if each is not None and each not in made]
            continue
        seen.setdefault(gateway.name, gateway.span)
        if not loads:
            meant += [each for each in (probably or real,) if each is not None]
            continue
        ok = ok and real is not None
        made += [real] if real is not None else []
        meant += [probably] if probably is not None and probably != real else []
    if loads and not gateways:
        notes.add("SR411", Span(1, 1, 0), "There is no gateway in it: nothing is registered.")
    checks.one_account_twice(notes, made)
    found = Parsed(
        NAME,
        "file",
        text,
        ok=ok,
        registrations=tuple(made),
        meant=tuple(meant),
        auth_method="digest" if any(r.register for r in made) else "ip" if made else None,
    )
    return secret_lines.completed(notes, found)


def _named(gateway: _Gateway, seen: dict[str, Span], notes: Notes) -> bool:
    """Whether FreeSWITCH takes the name of a gateway; one that is a variable is not known here."""
    if not _NAME.match(gateway.name) and "$${" not in gateway.name:
        log = f"[WARNING] Ignoring invalid name '{gateway.name}'"
        message = f"`{gateway.name}` cannot be the name of a gateway: letters, digits, `.`, `-` and `_` can."
        fix = re.sub(r"[^\w.\-]+", "-", gateway.name, flags=re.ASCII).strip("-")
        notes.add("SR402", gateway.span, message, instead=fix, log=log)
        return False
    if gateway.name in seen:
        log = f"[WARNING] Ignoring duplicate gateway '{gateway.name}'"
        message = f"The gateway `{gateway.name}` stands in line {seen[gateway.name].line} already: this one is ignored."
        notes.add("SR403", gateway.span, message, log=log)
        return False
    return True


def _gateways(document: Document) -> list[_Gateway]:
    """The gateways, variables filled in where the text sets them; params alone belong to a gateway without a name."""
    found: list[_Gateway] = []
    current: _Gateway | None = None
    stop = 0
    variables: dict[str, str] = {}
    bare = not {element.name for element in document.elements} & _OTHER_HOMES
    for element in document.elements:
        if element.name.upper() == "X-PRE-PROCESS" and element.attribute("cmd").text in ("set", "stun-set", "env-set"):
            name, _, value = element.attribute("data").text.partition("=")
            variables[name.strip()] = value
        if element.start >= stop:
            current, stop = None, len(document.text)
        if element.name == "gateway":
            name_piece = _expanded(element.attribute("name"), variables)
            current, stop = _Gateway(name_piece.text, name_piece.span), element.stop
            found.append(current)
        elif element.name == "param" and "name" in element.attributes:
            if current is None:
                if not bare:
                    continue
                current = _Gateway("gateway", Span(1, 1, 0))
                found.append(current)
            key = element.attribute("name")
            current.params[key.text] = _expanded(element.attribute("value"), variables)
            current.names[key.text] = key.span
    return found


def _expanded(piece: Piece, variables: dict[str, str]) -> Piece:
    """A value with its `$${variables}`; one that the text does not set stays as it is."""
    if "$${" not in piece.text:
        return piece
    places = piece.columns or tuple(range(piece.column, piece.column + len(piece.text) + 1))
    text = ""
    columns: list[int] = []
    at = 0
    for match in (*re.finditer(r"\$\$\{([^}]*)\}", piece.text), None):
        stop = match.start() if match else len(piece.text)
        text += piece.text[at:stop]
        columns += places[at:stop]
        if match is not None:
            value = variables.get(match.group(1), match.group())
            text += value
            columns += [places[match.start()]] * len(value)
            at = match.end()
    return Piece(text, piece.line, places[0], (*columns, places[-1]))


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
        self.blanks()
        register = self.register()
        good = True
        for name in ("username", "password") if register else ():
            if not self.get(name):
                good = False
                log = f"[ERR] ERROR: {name} param is REQUIRED!"
                fix = f'<param name="{name}" value="…"/>'
                notes.add("SR404", self.span(name), f"The gateway has no `{name}`: it is skipped.", fix=fix, log=log)
        transport = self.get("register-transport").lower() or "udp"
        if transport not in _TRANSPORTS:
            good = False
            near = meant_transport(transport, _TRANSPORTS) or "udp"
            message = f"`{transport}` is no transport of a gateway: udp, tcp, tls and sctp are. The gateway is skipped."
            span, log = self.span("register-transport"), "[ERR] ERROR: unsupported transport"
            notes.add("SR405", span, message, instead=near, log=log)
        expiry = self.seconds("expire-seconds", 3600, "register-frequency")
        retry = self.seconds("retry-seconds", 30, "retry-seconds")
        source = "proxy" if self.get("proxy") else "realm"
        proxy = self.get("proxy") or self.get("realm") or gateway.name
        bare = self.proxy(source, proxy)
        real = self.settled(proxy, register, transport, expiry, retry)
        login, secret = real.effective_auth_user or "", real.secret or ""
        cut_login, cut_secret = self.colon(login, secret, real.auth_user or "")
        checks.placeholders(notes, [(n, self.get(n), self.span(n)) for n in ("username", "password") if self.get(n)])
        for name in ("username", "password", "proxy"):
            piece = gateway.params.get(name)
            if piece is not None and not piece.columns:
                mapped = Mapped.from_text(piece.text, piece.line, piece.column)
                checks.characters(notes, mapped, name, "FreeSWITCH", secret=name == "password")
        meant = real
        if bare != proxy or self.renamed:
            better = _Settled(self.put_right({source: bare} if self.get(source) else {}), Notes())
            if self.renamed:
                meant = better.registration()[0] or real
            else:
                meant = better.settled(bare, register, transport, expiry, retry)
        real = replace(real, effective_auth_user=cut_login, secret=cut_secret)
        return (real if good else None), (meant if meant != real and (good or self.renamed) else None)

    def settled(self, proxy: str, register: bool, transport: str, expiry: int, retry: int) -> Registration:
        """The registration, without what a `:` cuts. From and To are those of `from-user`, the login is not."""
        host, port = _host_port(proxy)
        from_domain, domain_port = _host_port(self.get("from-domain") or proxy)
        user = self.get("username") or ("" if register else _NOBODY)
        if port is None and _address(host):
            port = 5061 if transport == "tls" else 5060
        return Registration(
            user=user if _yes(self.get("distinct-to")) else self.get("from-user") or user,
            secret=self.get("password"),
            auth_user=self.get("auth-username"),
            effective_auth_user=self.get("auth-username") or user,
            domain=from_domain,
            domain_port=domain_port,
            host=host,
            port=port,
            transport=transport,
            extension=self.get("extension") or user,
            expiry=expiry,
            realm=self.get("realm") or proxy,
            outbound_proxy=self.get("register-proxy") or self.get("outbound-proxy"),
            register=register,
            retry_interval=retry,
            name=self.gateway.name,
            span=self.gateway.span,
        )

    def register(self) -> bool:
        """Whether the gateway registers; what is neither yes nor no is no."""
        piece = self.gateway.params.get("register")
        if piece is None:
            return True
        text = piece.text.lower()
        yes = _yes(text)
        if not yes and text not in _FALSE and not re.fullmatch(r"-?0+", text):
            message = f"`{piece.text}` is neither yes nor no: FreeSWITCH takes it for no, and does not register."
            self.notes.add("SR412", piece.span, message, instead="true")
        return yes

    def blanks(self) -> None:
        """Blanks at the edge of a value, which are part of it."""
        for name in ("username", "auth-username", "password", "from-user", "realm"):
            piece = self.gateway.params.get(name)
            if piece is None or piece.text == piece.text.strip(_BLANK) or not piece.text.strip():
                continue
            lead = len(piece.text) - len(piece.text.lstrip(_BLANK))
            edge = piece.part(0, lead) if lead else piece.part(len(piece.text.rstrip(_BLANK)), len(piece.text))
            self.notes.reveal(edge.span)
            message = f"The blank is part of `{name}`: FreeSWITCH does not strip it."
            self.notes.add("SR413", edge.span, message, instead="")

    @property
    def renamed(self) -> dict[str, str]:
        """Params that FreeSWITCH does not know, and what they were meant to be."""
        return {name: meant for name in self.gateway.names if (meant := meant_param(name)) and not self.get(meant)}

    def put_right(self, values: dict[str, str]) -> _Gateway:
        """The gateway with all that was meant."""
        renamed = self.renamed
        params = {renamed.get(name, name): piece for name, piece in self.gateway.params.items()}
        for name, text in values.items():
            params[name] = replace(params[name], text=text, columns=())
        names = {renamed.get(name, name): span for name, span in self.gateway.names.items()}
        return _Gateway(self.gateway.name, self.gateway.span, params, names)

    def names(self) -> None:
        """Params that FreeSWITCH ignores without a message."""
        for name, span in self.gateway.names.items():
            meant = meant_param(name)
            if meant:
                if meant == "password":
                    self.notes.secret(self.get(name), self.span(name))
                message = f"FreeSWITCH does not know `{name}` and ignores it. Did you mean `{meant}`?"
                self.notes.add("SR406", span, message, instead=meant)

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
            self.notes.add("SR407", self.span(name), message, instead=str(default), log=log + "instead.")
            return default
        if name == "expire-seconds":
            checks.expiry(self.notes, number, self.span(name))
        return number

    def proxy(self, name: str, proxy: str) -> str:
        """Judge the proxy; returns it as it was meant."""
        piece = self.gateway.params.get(name)
        if "$${" in proxy:
            return proxy
        scheme = re.match(r"(?:sips?|https?|udp|tcp|tls):(?://)?", proxy, re.IGNORECASE)
        if scheme is not None:
            span = piece.part(0, scheme.end()).span if piece is not None else self.gateway.span
            message = f"`proxy` takes no scheme: FreeSWITCH makes `sip:{proxy}` of it."
            self.notes.add("SR408", span, message, fix=proxy[scheme.end() :], instead="" if piece else None)
            return proxy[scheme.end() :]
        host, port = _host_port(proxy)
        wrong = re.fullmatch(r"([^:\[\]]*):([^:;?]*)", re.split(r"[;?]", host, maxsplit=1)[0])
        if wrong is None and not (port is not None and not 0 < port < 65536):
            checks.host(self.notes, host, self.span(name), "FreeSWITCH")
            checks.port_and_transport(self.notes, port, self.get("register-transport").lower() or None, self.span(name))
            return f"[{proxy}]" if is_ipv6(proxy) else proxy
        text = wrong.group(2) if wrong else str(port)
        at = proxy.find(f":{text}") + 1
        letter = checks.digits_look_alike(text)
        message = f"`{text}` is no port: FreeSWITCH cannot make an address of `{proxy}`."
        message = f"`{text}` holds the letter {letter}: it is no port." if letter else message
        number = repaired_number(text)
        better = proxy[:at] + str(number) + proxy[at + len(text) :] if number else proxy[: at - 1]
        span = piece.part(at, at + len(text)).span if piece is not None else self.gateway.span
        number_at = better[at : len(better) - len(proxy) + at + len(text)]
        self.notes.add("SR414", span, message, fix=better, instead=number_at if piece and number else None)
        return better

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
            message += f"way to write one. It takes another {what}."
            notes.add("SR409", span, message)
        joined = f"{login}:{secret}"
        octets = len(encode(f'Digest:"{self.get("realm") or self.get("proxy")}":{joined}'))
        if octets > _BUFFER:
            message = f"Realm, user and password are {octets} octets together: FreeSWITCH has room for {_BUFFER}."
            notes.add("SR410", self.span("password"), message)
        first, _, rest = joined.partition(":")
        return first, rest.partition(":")[0]


def _yes(text: str) -> bool:
    """Whether FreeSWITCH takes a word, or a number, for yes."""
    return text.lower() in _TRUE or (re.fullmatch(r"-?\d{1,9}", text) is not None and int(text) != 0)


def _host_port(text: str) -> tuple[str, int | None]:
    text = re.split(r"[;?]", text, maxsplit=1)[0]
    match = re.match(r"(\[[^\]]*\]|[^:]*):(\d{1,5})\Z", text)
    return (match.group(1), int(match.group(2))) if match else (text, None)


def _address(host: str) -> bool:
    return host.startswith("[") or re.fullmatch(r"\d+(?:\.\d+){3}", host) is not None


def render(trunk: Trunk, name: str = "") -> str:
    """The gateway as XML. Raises CannotRender for `:` in user or password, and for what XML cannot hold."""
    name = name or several.section_name(trunk)
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
