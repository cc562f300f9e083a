"""A SIP trunk of 3CX: the fields of its page, of its API, or of its XML, and what it registers.

Theory of operation. User of To, From and Contact is the Authentication ID, their host the registrar *with its port*; it
is the user of the digest, too, unless 3 Way Authentication names another. It asks for 600 s. With Do not require - IP
Based nothing is registered. Auto discovery, or port 0, leaves port and transport to DNS. The XML is either a setup
(`<siptrunk>` with the names that the API has) or a provider template (`<field name="RegistrarHost">`), which names a
server but no account.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mockregistrar.trunks import checks, xml_text
from mockregistrar.trunks.form_fields import Field, Form, Piece, looks_like_form, normal
from mockregistrar.trunks.model import CannotRender, Severity, Span, Trunk
from mockregistrar.trunks.parsed import Entry, Notes, Parsed, Registration
from mockregistrar.trunks.xml_text import Element

from . import trunk_records
from .trunk_records import yes

NAME = "3cx-trunk"
ALIASES = ("3cx",)
FORMS = ("form", "json", "file")

EXPIRES, PORT = 600, 5060

LABELS = {
    "entername": "name",
    "enternameoftrunk": "name",
    "enternamefortrunk": "name",
    "trunkname": "name",
    "name": "name",
    "registrarservergatewayhostnameorip": "host",
    "registrarserver": "host",
    "registrarservergateway": "host",
    "registrarhost": "host",
    "registrar": "host",
    "hostname": "host",
    "host": "host",
    "server": "host",
    "port": "port",
    "registrarport": "port",
    "serverport": "port",
    "autodiscovery": "discovery",
    "outboundproxy": "proxy",
    "proxyhost": "proxy",
    "proxy": "proxy",
    "outboundproxyport": "proxy_port",
    "proxyport": "proxy_port",
    "typeofauthentication": "authentication",
    "authenticationtype": "authentication",
    "authtype": "authentication",
    "requireregistrationfor": "authentication",
    "requireauthfor": "authentication",
    "authenticationidakasipuserid": "user",
    "authenticationid": "user",
    "authid": "user",
    "sipuserid": "user",
    "authenticationpassword": "secret",
    "authpassword": "secret",
    "password": "secret",
    "use3wayauth": "three_way",
    "3wayauthentication": "three_way",
    "separateauthid": "login",
    "3wayauthenticationid": "login",
    "reregistertimeout": "expiry",
    "registertimeout": "expiry",
    "registrationtime": "expiry",
    "timebetweenreg": "expiry",
    "timebetweenregistration": "expiry",
    "transportprotocol": "transport",
    "transportrestriction": "transport",
    "transport": "transport",
    "numberofsimcalls": "calls",
    "simultaneouscalls": "calls",
    "maintrunkno": "number",
    "maintrunknumber": "number",
    "externalnumber": "number",
}
_OTHER = (
    "selectcountry selectproviderinyourcountry destinationforcallsduringofficehours"
    " destinationforcallsoutsideofficehours secondaryregistrar iprestriction direction templatefilename"
    " separateauthpassword"
)
LABELS |= dict.fromkeys(_OTHER.split(), "other")
_SHOWN = {
    "name": "Enter name of Trunk",
    "host": "Registrar/Server/Gateway Hostname or IP",
    "port": "Port",
    "authentication": "Type of Authentication",
    "user": "Authentication ID (aka SIP User ID)",
    "secret": "Authentication Password",
    "three_way": "3 Way Authentication",
    "login": "3 Way Authentication ID",
    "expiry": "Re-Register Timeout",
    "transport": "Transport Protocol",
}
_TELLING = {
    label: LABELS[label]
    for label in (
        "registrarservergatewayhostnameorip",
        "registrarservergateway",
        "registrarserver",
        "authenticationidakasipuserid",
        "typeofauthentication",
        "numberofsimcalls",
        "maintrunkno",
    )
}
_API = re.compile(r'"(?:AuthID|RequireRegistrationFor|SimultaneousCalls|TimeBetweenReg)"\s*:', re.IGNORECASE)
_XML = re.compile(r"<siptrunk[\s>]|<field\s+name\s*=\s*[\"']RegistrarHost[\"']")
_PASSWORD = re.compile(r"<AuthPassword>([^<]*)", re.IGNORECASE)
_TYPES = {
    "registeraccountbased": "register",
    "register": "register",
    "account": "register",
    "inoutcalls": "register",
    "3": "register",
    "4": "register",
    "donotrequire": "ip",
    "ipbased": "ip",
    "ip": "ip",
    "nothing": "ip",
    "none": "ip",
    "noregistration": "ip",
    "0": "ip",
    "incoming": "one_way",
    "inboundonly": "one_way",
    "outgoing": "one_way",
    "outboundonly": "one_way",
    "1": "one_way",
    "2": "one_way",
}
_TRANSPORTS = {"udp": "udp", "tcp": "tcp", "tls": "tls"}
_LEADING_DIGIT = re.compile(r"^([ \t]*)3(?=[ -]?way)", re.IGNORECASE | re.MULTILINE)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    begin = head.lstrip()[:1]
    if begin == "<":
        return ("file", "it is the XML of 3CX") if _XML.search(head) else None
    if begin in ("{", "["):
        return ("json", "it has the keys of a trunk of 3CX") if _API.search(head) else None
    if looks_like_form(head, _TELLING, 1) and looks_like_form(head, LABELS, 2):
        return "form", "it has the labels of 3CX's page for SIP trunks"
    return None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the trunks of a text. Never raises."""
    del path
    begin = text.lstrip()[:1]
    kind = form or ("file" if begin == "<" else "json" if begin in ("{", "[") else "form")
    notes = Notes()
    ok = True
    if kind == "file":
        document = xml_text.read(text)
        ok = document.judge(notes, "3CX", _PASSWORD)
        forms = _elements(document.elements)
    else:
        # No label begins with a digit but one; in front of the reader it begins with a letter.
        shown = _LEADING_DIGIT.sub(r"\1T", text) if kind == "form" else text
        known = LABELS | {f"t{label[1:]}": key for label, key in LABELS.items() if label[0] == "3"}
        forms = _joined(trunk_records.read(shown, kind, known, notes))
        ok = bool(forms) or kind != "json"
    found = [_Trunk(each, notes, text, kind).parsed() for each in forms]
    result = trunk_records.combined(NAME, kind, text, found, notes)
    return result if ok else replace(result, ok=False)


def _joined(forms: list[Form]) -> list[Form]:
    """Trunks; an object that has a server and no account belongs to the trunk in front of it, which has none."""
    found: list[Form] = []
    for form in forms:
        if not set(form.fields) & {"host", "user", "secret", "authentication"}:
            continue
        if found and "user" in found[-1].fields and "host" not in found[-1].fields and "user" not in form.fields:
            found[-1].fields = form.fields | found[-1].fields
            found[-1].unknown += form.unknown
        else:
            found.append(form)
    return found


def _elements(elements: list[Element]) -> list[Form]:
    """The trunks of a setup, or the one of a provider template."""
    found: list[Form] = []
    stop = -1
    for element in elements:
        if element.name.lower() == "siptrunk":
            found.append(Form({"place": [Piece(element.name, element.span.line, element.span.column)]}))
            stop = element.stop
        elif element.name == "field" and element.attribute("name").text:
            name = element.attribute("name")
            if not found or stop >= 0:
                found.append(Form({"template": [name]}))
                stop = -1
            _put(found[-1], name.text, [element.value])
        elif element.leaf and element.start < stop:
            _put(found[-1], element.name, [element.value])
    return [form for form in found if set(form.fields) - {"place", "template"}]


def _put(form: Form, name: str, value: Field) -> None:
    key = LABELS.get(normal(name))
    if key is not None:
        form.fields.setdefault(key, value)


@dataclass(frozen=True, slots=True)
class _Server:
    """A server. `port` is None where DNS decides, `good` says whether 3CX takes it, `place` is that of the port."""

    host: str
    port: int | None
    good: bool
    place: Span | None

    @property
    def written(self) -> str:
        """The host, with its port where that is not the usual one."""
        return self.host if self.port in (None, PORT) else f"{self.host}:{self.port}"


class _Trunk:
    def __init__(self, form: Form, notes: Notes, text: str, kind: str) -> None:
        self.form = form
        self.notes = notes
        self.text = text
        self.kind = kind
        self.name = form.text("name").strip()
        pieces = [piece for lines in form.fields.values() for piece in lines]
        self.span = form.span("name") if self.name else min((p.span for p in pieces), default=Span(1, 1, 0))

    def parsed(self) -> Parsed:
        """What 3CX makes of the trunk, and what was probably meant."""
        lost = trunk_records.mislabelled(self.notes, self.form, LABELS, "3CX", self.text)
        found = self.read(lost)
        if not lost:
            return found
        form = Form(self.form.fields | {key: [piece] for key, piece in lost.items()})
        likely = _Trunk(form, Notes(), self.text, self.kind).read({})
        return replace(found, meant=likely.registrations or likely.meant)

    def read(self, lost: Mapping[str, Piece]) -> Parsed:
        """What 3CX makes of the fields; `lost` are those that are filled in under another name."""
        form, notes = self.form, self.notes
        secret = form.piece("secret")
        if secret is not None:
            notes.secret(secret.text, secret.span)
        named = {"user": "Authentication ID", "secret": "password", "login": "3 Way Authentication ID"}
        trunk_records.characters(notes, form, named, "3CX")
        authentication = self.authentication()
        host, likely = self.server("host", "port", "The registrar")
        proxy, likely_proxy = self.server("proxy", "proxy_port", "The outbound proxy")
        transport = self.transport()
        expiry = self.expiry()
        if likely is not None and likely.port is not None and likely.place is not None:
            checks.port_and_transport(notes, likely.port, transport or "udp", likely.place)
        result = Parsed(NAME, self.kind, self.text, peers=self.peer(host, proxy), dial_peer=self.name or None)
        if authentication == "ip":
            self.unused()
            return replace(result, auth_method="ip")
        if "template" in form.fields and not form.text("user"):
            message = "A template has no account: the Authentication ID and the password are typed in on the page."
            notes.add("SR367", form.span("template"), message)
            return result
        good = self.complete(host, lost) and host is not None and host.good
        user = form.text("user")
        made = self.registration(user, host, proxy, transport, expiry)
        meant = self.registration(self.bare_user(likely), likely, likely_proxy, transport, expiry)
        return replace(
            result,
            ok=good,
            registrations=(made,) if good else (),
            meant=(meant,) if meant.host and meant.user and (meant != made or not good) else (),
            auth_method="digest",
        )

    # --- fields

    def authentication(self) -> str:
        """`register` or `ip`."""
        piece = self.form.piece("authentication")
        if piece is None:
            return "register"
        said = normal(piece.text)
        kind = _TYPES.get(said) or next((kind for word, kind in _TYPES.items() if len(word) > 1 and word in said), "")
        if not kind:
            message = f"`{piece.text}` is no type of authentication."
            self.notes.add("SR364", piece.span, message, instead="Register/Account based")
        elif kind == "one_way":
            message = f"`{piece.text}` is deprecated."
            self.notes.add("SR365", piece.span, message, instead="Register/Account based")
        return "ip" if kind == "ip" else "register"

    def server(self, key: str, port_key: str, what: str) -> tuple[_Server | None, _Server | None]:
        """A server as 3CX takes it, and as it was probably meant."""
        notes, form = self.notes, self.form
        piece = form.piece(key)
        if piece is None:
            return None, None
        bare = trunk_records.bare_host(notes, piece, what, "3CX puts `sip:` in front by itself")
        host, typed = trunk_records.host_and_port(bare)
        port = typed or form.piece(port_key)
        number: int | None = PORT
        good = True
        discovered = key == "host" and typed is None and yes(form.text("discovery"))
        if discovered or (port is not None and port.text == "0"):
            number = None
        elif port is not None:
            problem = trunk_records.port_problem(port)
            if problem:
                good = False
                notes.add("SR362", port.span, f"{problem}: 3CX does not take it.", instead=str(PORT))
            else:
                number = int(port.text)
        checks.host(notes, host.text, host.span, "3CX")
        place = port.span if port is not None else None
        meant = _Server(host.text, number, good, place)
        real = meant if bare is piece else _Server(piece.text, number, good, place)
        return real, meant

    def transport(self) -> str:
        """`udp`, `tcp`, `tls`, or empty where 3CX chooses."""
        said = self.form.text("transport").strip().lower()
        return _TRANSPORTS.get(said, "")

    def expiry(self) -> int:
        """The seconds that are asked for."""
        piece = self.form.piece("expiry")
        if piece is None:
            return EXPIRES
        digits = re.fullmatch(r"(\d{1,9})(?: ?(?:s|sec|seconds))?", piece.text.strip())
        if digits is None or int(digits.group(1)) == 0:
            message = f"`{piece.text}` is no number of seconds: 3CX does not take it."
            self.notes.add("SR362", piece.span, message, instead=str(EXPIRES))
            return EXPIRES
        checks.expiry(self.notes, int(digits.group(1)), piece.span)
        return int(digits.group(1))

    def unused(self) -> None:
        """What is filled in, and not used without a registration."""
        piece = self.form.piece("secret")
        if piece is not None:
            message = "With Do not require - IP Based nothing is registered: the password is not used for that."
            self.notes.add("SR363", piece.span, message)
        else:
            message = "With Do not require - IP Based nothing is registered: the carrier must know your address."
            self.notes.add("SR310", self.form.span("authentication"), message)

    def complete(self, host: _Server | None, lost: Mapping[str, Piece]) -> bool:
        """Whether everything is there that a registration needs."""
        good = host is not None
        if not good and "host" not in lost:
            place = self.form.span("host") if self.form.lines("host") else self.span
            self.notes.add("SR360", place, "There is no registrar, server or gateway: 3CX has nowhere to register.")
        for key, what in (("user", "Authentication ID"), ("secret", "Authentication Password")):
            if not self.form.text(key) and key in lost:
                good = good and key != "user"
            elif not self.form.text(key):
                place = self.form.span(key) if self.form.lines(key) else self.span
                severity: Severity | None = None if key == "user" else "warning"
                does = "registers nobody" if key == "user" else "cannot answer a challenge"
                self.notes.add("SR361", place, f"There is no {what}: 3CX {does}.", severity=severity)
                good = good and key != "user"
        return good

    # --- what comes of them

    def bare_user(self, server: _Server | None) -> str:
        """The Authentication ID without the domain that 3CX adds by itself."""
        piece = self.form.piece("user")
        user, _, domain = piece.text.rpartition("@") if piece is not None else ("", "", "")
        if piece is None or not user or server is None or domain.lower() != server.host.lower():
            return self.form.text("user")
        message = f"3CX puts the registrar behind the ID by itself: it registers `{piece.text}@{server.host}`."
        self.notes.add("SR366", piece.part(len(user), len(piece.text)).span, message, fix=user, instead="")
        return user

    def registration(
        self, user: str, server: _Server | None, proxy: _Server | None, transport: str, expiry: int
    ) -> Registration:
        """The registration of a user at a server."""
        form = self.form
        host = server.host if server is not None else ""
        separate = form.text("login") if yes(form.text("three_way")) or "three_way" not in form.fields else ""
        port = server.port if server is not None else None
        return Registration(
            user=user,
            secret=form.text("secret"),
            auth_user=separate or user,
            effective_auth_user=separate or user,
            domain=host,
            domain_port=port,
            host=host,
            port=port,
            transport=transport or ("udp" if port is not None else None),
            extension=user,
            expiry=expiry,
            outbound_proxy=proxy.written if proxy is not None else "",
            name=self.name,
            span=self.span,
        )

    def peer(self, host: _Server | None, proxy: _Server | None) -> tuple[Entry, ...] | None:
        """The trunk as the other end of calls."""
        if host is None:
            return None
        entry: dict[str, str | int | bool | list[str]] = {"name": self.name, "host": host.host}
        if host.port is not None:
            entry["port"] = host.port
        if proxy is not None:
            entry["outbound_proxy"] = proxy.written
        number = self.form.text("number").strip()
        if number:
            entry["number"] = number
        return (entry,)


def render(trunk: Trunk, name: str = "") -> str:
    """The fields to fill in. Raises CannotRender for what the page has no field for."""
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "the page takes a password, not its digest")
    if trunk.domain and trunk.domain.lower() != trunk.dial_host.lower():
        why = f"3CX registers under the name of its registrar: it cannot register {trunk.domain} at {trunk.dial_host}"
        raise CannotRender(trunk.domain, why)
    if trunk.domain_port not in (None, trunk.dial_port):
        raise CannotRender(str(trunk.domain_port), "3CX registers under the port of its registrar")
    if trunk.dial_transport not in _TRANSPORTS:
        raise CannotRender(trunk.dial_transport, f"3CX has no transport {trunk.dial_transport}")
    if not trunk.user or not trunk.secret:
        raise CannotRender("", "3CX needs an Authentication ID and a password")
    if trunk.expiry <= 0:
        raise CannotRender("0", "3CX has no way to ask for an expiry of 0")
    login = trunk.auth_user if trunk.auth_user != trunk.user else ""
    rows = [
        ("name", name or trunk.dial_host),
        ("host", trunk.dial_host),
        ("port", str(trunk.dial_port)),
        ("authentication", "Register/Account based"),
        ("user", trunk.user),
        ("secret", trunk.secret),
        *([("three_way", "Yes"), ("login", login)] if login else []),
        ("expiry", str(trunk.expiry)),
        ("transport", trunk.dial_transport.upper()),
    ]
    for key, value in rows:
        if value != value.strip() or re.search(r"[\r\n\0]", value):
            raise CannotRender(" ", f"{_SHOWN[key]} begins or ends with a blank, or holds a line break")
    return "".join(f"{_SHOWN[key]}: {value}\n" for key, value in rows)
