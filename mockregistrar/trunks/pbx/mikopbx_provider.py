"""A SIP provider of MikoPBX: the fields of its page, REST API or table, and the objects of pjsip.conf that it writes.

Theory of operation. MikoPBX writes the fields into pjsip.conf as they are: `;` starts a comment there, and quotes stay.
Account type Outgoing makes a registration: host and port go into both URIs, the login into the Contact; it asks for
120 s, tries again after 45 s, 200 times. Incoming means that the provider registers at MikoPBX; without registration
the provider is known by its address. An outbound proxy gets `sip:` in front and `\\;lr` behind. `[section]`s of the
additional attributes overrule single options. A port left empty is none (since 2026): DNS decides then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import checks
from mockregistrar.trunks.asterisk import pjsip_conf
from mockregistrar.trunks.form_fields import Assembled, Form, Piece, looks_like_form, normal
from mockregistrar.trunks.model import CannotRender, Finding, Severity, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import repaired_number
from mockregistrar.trunks.uris import pjsip_uri

from . import mikopbx_fields, trunk_records
from .mikopbx_fields import ACCOUNT, LABELS, REGISTRATIONS, SCHEMA, TELLING, TELLING_TYPE
from .trunk_records import yes

NAME = "mikopbx-provider"
ALIASES = ("mikopbx",)
FORMS = ("form", "json", "row")

EXPIRY, RETRY_INTERVAL, MAX_RETRIES, REFUSED_INTERVAL = 120, 45, 200, 300
IAX_PORT = 4569


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    if SCHEMA.shape(head):
        return "row", "it has rows of m_Sip"
    if head.lstrip().startswith(("{", "[")):
        found = '"registration_type"' in head and ('"username"' in head or '"host"' in head)
        return ("json", "it has the keys of a provider of MikoPBX") if found else None
    told = TELLING_TYPE.search(head) is not None or looks_like_form(head, TELLING, 1)
    if told and looks_like_form(head, ACCOUNT, 2):
        return "form", "it has the labels of MikoPBX's page for providers"
    return None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the providers of a text. Never raises."""
    del path
    kind = form or mikopbx_fields.kind_of(text)
    notes = Notes()
    forms = mikopbx_fields.providers(text, kind, notes)
    found = [_Provider(each, notes, text, kind).parsed() for each in forms or ()]
    result = trunk_records.combined(NAME, kind, text, found, notes)
    return result if forms is not None else replace(result, ok=False)


_KINDS = ("Outgoing registration", "Incoming registration", "No registration")
"""The kinds of registration as the page calls them."""
_NO_PASSWORD = frozenset(("SR237",))
_UNFINISHED = _NO_PASSWORD | {"SR203", "SR204", "SR211", "SR221"}
"""What is said of objects that lack what the provider lacks, which is told at its fields."""
_Port = Piece | str | None


class _Provider:
    def __init__(self, form: Form, notes: Notes, text: str, kind: str) -> None:
        self.form = form
        self.notes = notes
        self.text = text
        self.kind = kind
        uniqid = form.piece("uniqid") or (form.piece("id") if not form.text("id").isdigit() else None)
        self.id: Piece | str = uniqid or "SIP-PROVIDER"
        self.title = form.text("name").strip() or (uniqid.text if uniqid is not None else "")
        self.manual = mikopbx_fields.attributes(form, notes)

    @property
    def span(self) -> Span:
        """Where the provider begins."""
        pieces = [piece for lines in self.form.fields.values() for piece in lines]
        return min((piece.span for piece in pieces), default=Span(1, 1, 0))

    # --- what kind of provider it is

    def registration(self) -> str:
        """`outbound`, `inbound` or `none`."""
        piece = self.form.piece("registration")
        if piece is None:
            return "none" if yes(self.form.text("noregister")) else "outbound"
        said = normal(piece.text)
        found = REGISTRATIONS.get(said, "")
        if not found:
            found = next((kind for word, kind in REGISTRATIONS.items() if said.startswith(word)), "")
        if not found:
            first, *others = _KINDS if self.kind == "form" else ("outbound", "inbound", "none")
            message = f"`{piece.text}` is no type of registration: {first}, {others[0]} and {others[1]} are."
            self.notes.add("SR350", piece.span, message, instead=first)
            return "outbound"
        return found

    def parsed(self) -> Parsed:
        """What MikoPBX makes of the provider."""
        notes, form = self.notes, self.form
        secret = form.piece("secret")
        if secret is not None:
            notes.secret(secret.text, secret.span)
        lost = trunk_records.mislabelled(notes, form, LABELS, "MikoPBX", self.text)
        mikopbx_fields.elsewhere(form, notes)
        if yes(form.text("disabled")):
            message = "The provider is disabled: MikoPBX writes nothing for it."
            notes.add("SR345", form.span("disabled"), message)
            return Parsed(NAME, self.kind, self.text)
        if form.text("type").strip().upper() in ("IAX", "IAX2"):
            return self.iax()
        kind = self.registration()
        good = self.complete(kind, lost)
        host, port, probably_host, probably_port = self.host()
        proxy, probably_proxy = self.proxy()
        self.login(kind)
        found = self.read(kind, host, port, proxy)
        if (probably_host, probably_port, probably_proxy) != (host, port, proxy):
            meant = self.read(kind, probably_host, probably_port, probably_proxy)
            likely = tuple(r for r in meant.registrations or meant.meant if r not in found.registrations)
            found = replace(meant, ok=found.ok, registrations=found.registrations, meant=likely)
        if kind != "outbound":
            self.silent(kind)
        if lost:
            fields = form.fields | {key: [piece] for key, piece in lost.items()}
            again = _Provider(Form(fields), Notes(), self.text, self.kind).parsed()
            found = replace(found, meant=again.registrations or again.meant)
        made = found.registrations if good else ()
        return replace(
            found,
            ok=found.ok and good,
            registrations=made,
            findings=tuple(f for f in found.findings if f.code not in (_UNFINISHED if not good else _NO_PASSWORD)),
            auth_method=self.method(kind, found),
        )

    def method(self, kind: str, found: Parsed) -> str | None:
        """How the two prove who they are."""
        if kind == "none" or (
            kind == "inbound" and yes(self.form.text("without_auth")) and not self.form.text("secret")
        ):
            return "ip"
        return "digest" if kind == "inbound" or found.auth else None

    def complete(self, kind: str, lost: Mapping[str, Piece]) -> bool:
        """Whether everything is there without which MikoPBX does not save it; a password may be left out on purpose."""
        good = True
        needed = {"outbound": ("host", "user", "secret"), "inbound": ("user",), "none": ("host",)}[kind]
        for key in needed:
            if self.form.text(key).strip():
                continue
            place = self.form.span(key) if self.form.lines(key) else self.span
            if key == "secret":
                message = "There is no password: a challenge of the provider cannot be answered."
                self.notes.add("SR347", place, message, severity="warning") if key not in lost else None
                continue
            what = {"host": "server address", "user": "login"}[key]
            self.notes.add("SR347", place, f"There is no {what}: MikoPBX does not save such a provider.")
            good = False
        return good

    def silent(self, kind: str) -> None:
        """Why nothing is registered."""
        if kind == "inbound":
            message = "The provider registers at MikoPBX: nothing is registered from here."
        else:
            message = "Without registration the provider is known by its address, and must know yours."
        place = self.form.span("registration" if self.form.lines("registration") else "noregister")
        self.notes.add("SR310", place, message)

    # --- fields

    def host(self) -> tuple[Piece | None, _Port, Piece | None, _Port]:
        """Host and port as they are, and as they were probably meant."""
        host = self.form.piece("host")
        port, likely = self.port()
        if host is None:
            return None, port, None, likely
        does = f"MikoPBX puts `sip:` in front and writes `sip:{host.text}`"
        bare, typed = trunk_records.host_and_port(trunk_records.bare_host(self.notes, host, "The address", does))
        if typed is None:
            return host, port, bare, likely
        severity: Severity | None = None if port is not None else "hint"
        message = f"The port has a field of its own: MikoPBX writes `{bare.text}:{typed.text}"
        message += f":{_text(port)}`, which is no address." if port is not None else "`."
        behind = Span(typed.span.line, typed.span.column - 1, typed.span.length + 1)
        self.notes.add("SR343", typed.span, message, fix=bare.text, instead="", at=behind, severity=severity)
        return host, port, bare, typed

    def port(self) -> tuple[_Port, _Port]:
        """The port that is written, None where DNS decides; and the one that was probably meant."""
        if "port" not in self.form.fields:
            return "5060", "5060"
        piece = self.form.piece("port")
        if piece is None or piece.text == "0":
            return None, None
        problem = trunk_records.port_problem(piece)
        if not problem:
            return piece, piece
        number = repaired_number(piece.text)
        likely = str(number) if number and number < 65536 else "5060"
        self.notes.add("SR362", piece.span, f"{problem}: Asterisk refuses the registration.", instead=likely)
        return piece, likely

    def proxy(self) -> tuple[Piece | None, Piece | None]:
        """The outbound proxy as it is, and as it was probably meant."""
        piece = self.form.piece("proxy")
        if piece is None:
            return None, None
        does = f"MikoPBX puts `sip:` in front and writes `sip:{piece.text}`"
        bare = trunk_records.bare_host(self.notes, piece, "The outbound proxy", does)
        at = bare.text.find(";")
        if at >= 0:
            message = (
                f"MikoPBX writes `sip:{bare.text}\\;lr`: the `;` starts a comment, and `lr` is lost with the rest."
            )
            fix = bare.text[:at].rstrip("\\")
            self.notes.add("SR344", bare.part(at, len(bare.text)).span, message, fix=fix, instead="")
            bare = bare.part(0, len(fix))
        return piece, bare

    def login(self, kind: str) -> None:
        """Characters of login and password."""
        piece = self.form.piece("user")
        cut = re.search(r"(?<!\\);", piece.text) if piece is not None else None
        if piece is not None and cut is not None:
            span = piece.part(cut.start(), len(piece.text)).span
            message = (
                f"`;` starts a comment in the file that MikoPBX writes: Asterisk reads `{piece.text[: cut.start()]}` "
            )
            self.notes.add("SR205", span, f"{message}for the login, and loses the host behind it.")
        odd = re.search(r"[^A-Za-z0-9_.\-]", piece.text) if piece is not None else None
        if piece is not None and odd is not None and kind != "none":
            span = piece.part(odd.start(), odd.end()).span
            since = ", a `+` since 2026" if odd.group() == "+" else ""
            message = f"The page takes letters, digits, `_`, `-` and `.` in the login{since}."
            self.notes.add("SR346", span, message)
        trunk_records.characters(self.notes, self.form, {"host": "server address", "proxy": "proxy"}, "Asterisk")

    def transport(self) -> str:
        """`udp`, `tcp` or `tls`; empty where Asterisk chooses."""
        piece = self.form.piece("transport")
        if piece is None:
            return "udp" if "transport" not in self.form.fields else ""
        said = piece.text.strip().lower()
        if said in ("udp", "tcp", "tls"):
            return said
        if said not in ("auto", "udp,tcp", "udp, tcp", "udp/tcp"):
            message = f"`{piece.text}` is no transport of MikoPBX: udp, tcp and tls are."
            self.notes.add("SR348", piece.span, message, instead="udp")
        return ""

    # --- what is written

    def section(
        self, assembled: Assembled, name: list[str | Piece], kind: str, options: dict[str, list[str | Piece]]
    ) -> None:
        """One object, its options overruled by the additional attributes."""
        values = {key: segments for key, segments in options.items() if _said(segments) not in ("", "0")}
        keys: dict[str, Piece] = {}
        for key, value in self.manual.get(kind, []):
            values[key.text] = [value]
            keys[key.text] = key
        assembled.line("[", *name, "]")
        assembled.line(f"type={kind if kind in ('registration', 'endpoint', 'aor', 'identify') else 'auth'}")
        for name_of, segments in values.items():
            assembled.line(keys.get(name_of, name_of), " = ", *segments)

    def read(self, kind: str, host: Piece | None, port: _Port, proxy: Piece | None) -> Parsed:
        """What Asterisk makes of the objects."""
        form, assembled = self.form, Assembled()
        user: Piece | str = form.piece("user") or ""
        secret: Piece | str = form.piece("secret") or ""
        transport = self.transport()
        name = self.id
        place: list[str | Piece] = [host or "", *([":", port] if port is not None else [])]
        route: list[str | Piece] = ["sip:", proxy, "\\;lr"] if proxy is not None else []
        through: list[str | Piece] = [f"transport-{transport}"] if transport else []
        login: dict[str, list[str | Piece]] = {"username": [user], "password": [secret]}
        if transport:
            assembled.line(f"[transport-{transport}]")
            assembled.line("type=transport")
            assembled.line(f"protocol={transport}")
        if kind == "outbound":
            self.section(assembled, ["REG-AUTH-", name], "registration-auth", login)
            options: dict[str, list[str | Piece]] = {
                "outbound_auth": ["REG-AUTH-", name],
                "contact_user": [user],
                "retry_interval": [str(RETRY_INTERVAL)],
                "max_retries": [str(MAX_RETRIES)],
                "forbidden_retry_interval": [str(REFUSED_INTERVAL)],
                "fatal_retry_interval": [str(REFUSED_INTERVAL)],
                "expiration": [str(EXPIRY)],
                "server_uri": ["sip:", *place],
                "client_uri": ["sip:", user, "@", *place],
                "transport": through,
                "outbound_proxy": route,
            }
            self.section(assembled, ["REG-", name], "registration", options)
        if kind != "none":
            self.section(assembled, [name, "-AUTH"], "endpoint-auth", login)
        match = self.match(host, proxy)
        if match:
            self.section(assembled, [name], "identify", {"endpoint": [name], "match": match})
        contact: list[str | Piece] = ["sip:", user, "@", *place] if kind == "outbound" else ["sip:", *place]
        aor = {"contact": contact, "outbound_proxy": route}
        self.section(assembled, [name], "aor", {} if kind == "inbound" else aor)
        from_user: Piece | str = form.piece("from_user") or user
        auth = {"outbound": "outbound_auth", "inbound": "auth"}.get(kind, "")
        endpoint: dict[str, list[str | Piece]] = {
            "aors": [name],
            "from_user": [] if yes(form.text("no_from_user")) else [from_user],
            "from_domain": [form.piece("from_domain") or host or ""],
            "transport": through,
            "outbound_proxy": route,
        }
        if auth:
            endpoint[auth] = [name, "-AUTH"]
        self.section(assembled, [name], "endpoint", endpoint)
        found = assembled.back(pjsip_conf.parse(assembled.text), self.text, _adapted)
        findings = tuple(f for f in found.findings if f.code not in ("SR117", "SR222", "SR224"))
        made = tuple(self.settled(each) for each in found.registrations)
        if isinstance(port, Piece) and kind == "outbound":
            number = int(port.text[:6]) if port.text.isdigit() else None
            checks.port_and_transport(self.notes, number, transport or None, port.span)
        peer = _said([name])
        return replace(
            found,
            dialect=NAME,
            form=self.kind,
            findings=findings,
            registrations=made,
            meant=tuple(self.settled(each) for each in found.meant),
            dial_peer=peer if isinstance(name, Piece) else None,
        )

    def settled(self, each: Registration) -> Registration:
        """A registration by the name of the provider."""
        return trunk_records.named(each, self.title or each.name, self.form.span("name") if self.title else self.span)

    def match(self, host: Piece | None, proxy: Piece | None) -> list[str | Piece]:
        """The addresses that the provider is known by."""
        found: list[str | Piece] = [host] if host is not None else []
        if proxy is not None:
            found.append(trunk_records.host_and_port(proxy)[0])
        for line in self.form.lines("hosts"):
            found += [line.part(m.start(), m.end()) for m in re.finditer(r"[^\s,;]+", line.text)]
        unique = list({_said([each]): each for each in found}.values())
        return [part for each in unique for part in (",", each)][1:]

    def iax(self) -> Parsed:
        """A provider that speaks IAX2."""
        form = self.form
        message = "The provider speaks IAX2: a SIP registrar does not answer it."
        self.notes.add("SR304", form.span("type"), message)
        registrations: tuple[Registration, ...] = ()
        if self.registration() == "outbound":
            port = form.text("port")
            made = Registration(
                user=form.text("user"),
                secret=form.text("secret"),
                host=form.text("host"),
                port=int(port) if re.fullmatch(r"[1-9]\d{0,4}", port) else IAX_PORT,
                protocol="iax2",
            )
            registrations = (self.settled(made),)
        return Parsed(NAME, self.kind, self.text, registrations=registrations)


def _text(segment: str | Piece) -> str:
    return segment if isinstance(segment, str) else segment.text


def _said(segments: list[str | Piece]) -> str:
    return "".join(map(_text, segments))


def _adapted(finding: Finding) -> Finding:
    """A finding in words of the page."""
    if finding.code in ("SR203", "SR204", "SR205"):
        message = finding.message.replace(" here:", " in the file that MikoPBX writes:", 1)
        return replace(finding, message=message, fix="" if "sip:" in finding.fix else finding.fix)
    return finding


# --- writing


def render(trunk: Trunk, name: str = "") -> str:
    """The fields to fill in. Raises CannotRender for what pjsip.conf or the page cannot hold."""
    pjsip_conf.render(trunk, name)  # whatever PJSIP cannot hold, the page cannot either
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "the page takes a password, not its digest")
    if trunk.dial_transport not in ("udp", "tcp", "tls"):
        raise CannotRender(trunk.dial_transport, f"MikoPBX has no transport {trunk.dial_transport}")
    odd = re.search(r"[^A-Za-z0-9_.+\-]", trunk.user)
    if odd or trunk.user in ("", "0"):
        raise CannotRender(odd.group() if odd else trunk.user, "the page takes letters, digits, `_ - . +` in the login")
    if trunk.secret in ("", "0"):
        raise CannotRender(trunk.secret, "MikoPBX does not write an empty password, nor one that is 0")
    if trunk.dial_host.startswith("["):
        raise CannotRender("[", "MikoPBX takes the brackets of an IPv6 address away")
    rows = [
        ("Provider name", name or trunk.dial_host),
        ("Account type", "Outgoing registration"),
        ("Provider server address", trunk.dial_host),
        ("Login", trunk.user),
        ("Password", trunk.secret.replace(";", "\\;")),
        ("SIP connection port", str(trunk.dial_port)),
        ("Transport protocol", trunk.dial_transport),
    ]
    for label, value in rows:
        if value != value.strip() or re.search(r"[\r\n\0]", value):
            raise CannotRender(" ", f"{label} begins or ends with a blank, or holds a line break")
    return "".join(f"{label}: {value}\n" for label, value in rows) + _attributes(trunk)


def _attributes(trunk: Trunk) -> str:
    """What the page has no field for, as additional attributes."""
    own: dict[str, list[tuple[str, str]]] = {"registration": [], "registration-auth": [], "endpoint-auth": []}
    domain_port = trunk.domain_port if trunk.domain_port is not None else trunk.dial_port if not trunk.domain else None
    written = trunk.aor_host == trunk.dial_host and domain_port == trunk.dial_port
    if not written:
        client = f"sip:{pjsip_uri.user_part(trunk.user)}@{trunk.aor_host}"
        client += f":{trunk.domain_port}" if trunk.domain_port is not None else ""
        own["registration"].append(("client_uri", client))
    if trunk.extension not in ("s", trunk.user):
        own["registration"].append(("contact_user", trunk.extension))
    if trunk.expiry != EXPIRY:
        own["registration"].append(("expiration", str(trunk.expiry)))
    if trunk.auth_user not in ("", trunk.user):
        own["registration-auth"].append(("username", trunk.auth_user))
        own["endpoint-auth"].append(("username", trunk.auth_user))
    lines = [line for kind, options in own.items() if options for line in (f"[{kind}]", *_written(options))]
    return "Additional PJSIP attributes:\n" + "\n".join(lines) + "\n" if lines else ""


def _written(options: list[tuple[str, str]]) -> list[str]:
    for key, value in options:
        if value in ("", "0"):
            raise CannotRender(value, f"MikoPBX does not write an empty `{key}`, nor one that is 0")
    return [pjsip_conf.option_line(key, value) for key, value in options]
