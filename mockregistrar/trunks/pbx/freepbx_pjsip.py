"""The pjsip trunk page of FreePBX: its fields, and the objects of pjsip.conf that it writes from them.

SIP Server and Port go into both URIs. With Authentication Inbound or Both, or without a username, the *name of the
trunk* takes the place of the username, in the URI and for the login (FREEPBX-17062). Server URI, Client URI and Match
overrule what would be made. The objects are then read like any pjsip.conf.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import secret_lines
from mockregistrar.trunks.asterisk import pjsip_conf
from mockregistrar.trunks.form_fields import Assembled, Form, Piece, looks_like_form, read_form
from mockregistrar.trunks.model import CannotRender, Finding, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed
from mockregistrar.trunks.several import section_name
from mockregistrar.trunks.uris import pjsip_uri

NAME = "freepbx-pjsip-form"
ALIASES = ("freepbx-pjsip",)
FORMS = ("form", "json")

LABELS = {
    "trunkname": "name",
    "username": "user",
    "authusername": "auth_user",
    "authenticationusername": "auth_user",
    "secret": "secret",
    "password": "secret",
    "authentication": "authentication",
    "registration": "registration",
    "sipserver": "server",
    "sipserverport": "port",
    "context": "context",
    "transport": "transport",
    "authrejectionpermanent": "rejection",
    "permanentauthrejection": "rejection",
    "forbiddenretryinterval": "forbidden_retry_interval",
    "fatalretryinterval": "fatal_retry_interval",
    "generalretryinterval": "retry_interval",
    "retryinterval": "retry_interval",
    "expiration": "expiration",
    "maxretries": "max_retries",
    "qualifyfrequency": "qualify",
    "outboundproxy": "proxy",
    "contactuser": "contact_user",
    "fromdomain": "from_domain",
    "fromuser": "from_user",
    "clienturi": "client_uri",
    "serveruri": "server_uri",
    "aor": "aors",
    "aorcontact": "aor_contact",
    "matchpermit": "match",
    "match": "match",
    "disabletrunk": "disabled",
}
_TELLING = {key: value for key, value in LABELS.items() if value in ("server", "port", "user", "secret", "transport")}
_DEFAULTS = {"expiration": "3600", "retry_interval": "60", "max_retries": "10000"}
_MOST_RETRIES = 1_000_000


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    if head.lstrip().startswith("{"):
        found = '"sip_server"' in head or '"sip_server_port"' in head
        return ("json", "it has the keys of FreePBX's pjsip trunk") if found else None
    server = {key: value for key, value in LABELS.items() if value == "server"}
    if looks_like_form(head, server, 1) and looks_like_form(head, _TELLING, 2):
        return "form", "it has the labels of FreePBX's pjsip trunk page"
    return None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the form. Never raises."""
    del path
    fields = read_form(text, LABELS)
    kind = form or ("json" if text.lstrip().startswith("{") else "form")
    return _parsed(fields, text, kind)


def _choice(form: Form, key: str, default: str) -> str:
    return (form.text(key).strip().lower() or default).split(" ")[0]


def _parsed(form: Form, text: str, kind: str) -> Parsed:
    notes = Notes()
    if _choice(form, "disabled", "no") in ("yes", "on", "true", "1"):
        message = "The trunk is disabled: FreePBX writes nothing for it."
        notes.add("SR310", form.span("disabled"), message)
        secret = form.piece("secret")
        notes.secret(secret.text, secret.span) if secret is not None else None
        return _done(notes, text, kind, None)
    registration = _choice(form, "registration", "send")
    authentication = _choice(form, "authentication", "outbound")
    name: Piece | str = form.piece("name") or "trunk"
    server, port, user = form.piece("server"), form.piece("port"), form.piece("user")
    title = name if isinstance(name, str) else name.text
    login = _login(notes, form, name, authentication, registration)
    if server is None and not (form.piece("server_uri") and form.piece("client_uri")):
        message = "SIP Server is empty: FreePBX refuses to write the trunk."
        notes.add("SR312", form.span("server"), message, fix="SIP Server: …")
        secret = form.piece("secret")
        notes.secret(secret.text, secret.span) if secret is not None else None
        return _done(notes, text, kind, None, ok=False)
    if server is not None and (put_right := _server(notes, server, port, form)) is not None:
        rest = _parsed(Form(form.fields | put_right, form.unknown), text, kind)
        notes.merge(rest)
        meant = rest.registrations or rest.meant
        done = _done(notes, text, kind, replace(rest, registrations=(), meant=meant, findings=(), ok=False))
        return replace(done, auth_method=rest.auth_method, dial_peer=rest.dial_peer)
    assembled = Assembled()
    host: list[str | Piece] = [server or ""]
    if port is not None:
        host += [":", port]
    if registration == "send":
        _registration(assembled, form, name, title, login, host)
    if authentication != "none":
        auth_login: Piece | str = login
        if login is user and user is not None:
            auth_login = form.piece("auth_user") or login
        assembled.line("[", name, "]")
        assembled.line("type=auth")
        assembled.line("auth_type=userpass")
        assembled.line("username=", auth_login)
        assembled.line("password=", form.piece("secret") or "")
    _endpoint(assembled, form, name, authentication)
    _aor(assembled, form, name, [*([login, "@"] if login else []), *host], registration)
    if registration != "receive":
        assembled.line("[", name, "]")
        assembled.line("type=identify")
        assembled.line("endpoint=", name)
        assembled.line("match=", form.piece("match") or server or "")
    transport = form.piece("transport")
    protocol = re.search(r"\b(udp|tcp|tls|wss?|ws)\b", transport.text.lower()) if transport else None
    if transport is not None and protocol is not None:
        assembled.line("[", transport, "]")
        assembled.line("type=transport")
        assembled.line(f"protocol={protocol.group()}")
    found = assembled.back(pjsip_conf.parse(assembled.text), text, lambda finding: _adapted(finding, form, title))
    if registration != "send":
        how = "waits for the carrier to register" if registration == "receive" else "does not register"
        notes.add("SR310", form.span("registration"), f"Registration is {registration.capitalize()}: the trunk {how}.")
    return _done(notes, text, kind, found, registration=registration, title=title)


def _login(notes: Notes, form: Form, name: Piece | str, authentication: str, registration: str) -> Piece | str:
    """The user that FreePBX writes: the name of the trunk takes the place of one that it cannot use."""
    user = form.piece("user")
    title = name if isinstance(name, str) else name.text
    if user is not None and authentication not in ("inbound", "both"):
        return user
    if user is not None and user.text != title and registration == "send":
        message = f"With Authentication {authentication.capitalize()} FreePBX puts the name of the trunk, `{title}`, "
        message += "in the place of the username."
        notes.add("SR311", user.span, message, fix="Authentication: Outbound")
    elif user is None and registration == "send":
        message = f"Without a username FreePBX takes the name of the trunk, `{title}`."
        notes.add("SR311", form.span("name"), message, severity="hint")
    return name if registration == "send" or authentication != "none" else ""


def _endpoint(assembled: Assembled, form: Form, name: Piece | str, authentication: str) -> None:
    assembled.line("[", name, "]")
    assembled.line("type=endpoint")
    assembled.line("transport=", form.piece("transport") or "udp")
    assembled.line("context=", form.piece("context") or "from-pstn")
    assembled.line("aors=", form.piece("aors") or name)
    if authentication in ("outbound", "both"):
        assembled.line("outbound_auth=", name)
    if authentication in ("inbound", "both"):
        assembled.line("auth=", name)
    for key, option in (("proxy", "outbound_proxy"), ("from_user", "from_user"), ("from_domain", "from_domain")):
        piece = form.piece(key)
        if piece is not None:
            assembled.line(f"{option}=", piece)


def _aor(
    assembled: Assembled, form: Form, name: Piece | str, address: Sequence[Piece | str], registration: str
) -> None:
    assembled.line("[", name, "]")
    assembled.line("type=aor")
    if registration == "receive":
        assembled.line("max_contacts=1")
        return
    contact = form.piece("aor_contact")
    assembled.line("contact=", *([contact] if contact else ["sip:", *address]))


def _registration(
    assembled: Assembled,
    form: Form,
    name: Piece | str,
    title: str,
    login: Piece | str,
    host: list[str | Piece],
) -> None:
    assembled.line("[", name, "]")
    assembled.line("type=registration")
    transport = form.piece("transport")
    if transport is not None:
        assembled.line("transport=", transport)
    assembled.line("outbound_auth=", name)
    for key, default in _DEFAULTS.items():
        piece = form.piece(key)
        if key == "max_retries" and piece is not None:
            digits = re.match(r"\s*-?(\d+)", piece.text)
            retries = min(int(digits.group(1)[:12]), _MOST_RETRIES) if digits else 0
            assembled.line(f"{key}=", piece if piece.text == str(retries) else str(retries))
        else:
            assembled.line(f"{key}=", piece or default)
    assembled.line("line=yes")
    assembled.line("endpoint=", name if " " not in title else title.replace(" ", ""))
    contact = form.piece("contact_user")
    if contact is not None:
        assembled.line("contact_user=", contact)
    server_uri, client_uri = form.piece("server_uri"), form.piece("client_uri")
    assembled.line("server_uri=", *([server_uri] if server_uri else ["sip:", *host]))
    assembled.line("client_uri=", *([client_uri] if client_uri else ["sip:", login, "@", *host]))
    proxy = form.piece("proxy")
    if proxy is not None:
        assembled.line("outbound_proxy=", proxy)


def _server(notes: Notes, server: Piece, port: Piece | None, form: Form) -> dict[str, list[Piece]] | None:
    """Judge the server field; returns the fields put right where FreePBX makes an address of it that is none."""
    scheme = re.match(r"(?:sips?|https?|udp|tcp|tls):(?://)?", server.text, re.IGNORECASE)
    if scheme:
        bare = server.part(scheme.end(), len(server.text))
        message = f"FreePBX puts `sip:` in front by itself: it writes `sip:{server.text}`."
        span = Span(server.line, server.column, scheme.end())
        notes.add("SR313", span, message, fix=f"SIP Server: {bare.text}")
        return {"server": [bare]}
    if re.search(r":\d+\Z", server.text) is None or server.text.count(":") != 1:
        return None
    at = server.text.index(":")
    host, own = server.part(0, at), server.part(at + 1, len(server.text))
    span = Span(server.line, server.column + at, len(server.text) - at)
    if port is None:
        message = "The port has a field of its own. Calls are not matched by an address with a port in it."
        fix = f"SIP Server: {host.text}, SIP Server Port: {own.text}"
        if form.piece("match") is None:
            notes.add("SR313", span, message, fix=fix, severity="warning")
        return None
    message = f"The port has a field of its own: FreePBX writes `{server.text}:{port.text}`, which pjsip cannot read."
    log = f"ERROR ... Invalid server URI 'sip:{server.text}:{port.text}' specified on outbound registration "
    name = form.piece("name")
    log += f"'{name.text if name else 'trunk'}'"
    notes.add("SR313", span, message, fix=f"SIP Server: {host.text}, SIP Server Port: {own.text}", log=log)
    return {"server": [host], "port": [own]}


_FIELD_OF = {
    "contact_user": "Contact User",
    "outbound_proxy": "Outbound Proxy",
    "username": "Username",
    "password": "Secret",
    "expiration": "Expiration",
    "max_retries": "Max Retries",
    "match": "Match",
}


def _adapted(finding: Finding, form: Form, title: str) -> Finding:
    """A finding in words of this form: options are fields."""
    message, fix, span = finding.message, finding.fix, finding.span
    if finding.code in ("SR205", "SR225"):
        message = message.replace("starts a comment here", "starts a comment in the file that FreePBX writes", 1)
    option, equals, value = fix.partition("=")
    if equals and option in _FIELD_OF:
        fix = f"{_FIELD_OF[option]}: {value}"
    elif equals and option in ("server_uri", "client_uri"):
        own = form.piece(option) is not None
        fix = f"{option.split('_')[0].capitalize()} URI: {value}"
        server = re.fullmatch(r"sips?:(?:[^@]*@)?([^@;]+?)(?::(\d+))?", value)
        if not own and server and option == "server_uri":
            fix = f"SIP Server: {server.group(1)}" + (
                f", SIP Server Port: {server.group(2)}" if server.group(2) else ""
            )
    if finding.code == "SR223" and " " in title:
        message = "FreePBX leaves the blanks out of the trunk's name in one place only: calls are not matched to it."
        fix, span = f"Trunk Name: {title.replace(' ', '-')}", form.span("name")
    return replace(finding, message=message, fix=fix, span=span)


def _done(
    notes: Notes,
    text: str,
    kind: str,
    found: Parsed | None,
    *,
    ok: bool = True,
    registration: str = "",
    title: str = "",
) -> Parsed:
    found = found or Parsed(NAME, kind, text, ok=ok)
    silent = {"SR224", "SR222" if registration != "send" else ""}
    notes.secrets.update(found.secrets)
    notes.secret_spans.extend(found.secret_spans)
    secret_lines.hide(notes, text)
    own = notes.done()
    findings = [f for f in found.findings if f.code not in silent]
    name = title if found.peers and any(peer.get("name") == title for peer in found.peers) else None
    return replace(
        found,
        dialect=NAME,
        form=kind,
        findings=tuple(sorted((*findings, *own), key=lambda f: (f.span.line, f.span.column))),
        auth_method=found.auth_method or ("ip" if found.identify else None),
        dial_peer=name,
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=tuple(dict.fromkeys(notes.secret_spans)),
    )


def render(trunk: Trunk, name: str = "") -> str:
    """The fields to fill in, one a line. Raises CannotRender for what the file behind the form cannot hold."""
    pjsip_conf.render(trunk, name)  # whatever PJSIP cannot hold, the form cannot either
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "the form takes a password, not its digest")
    if trunk.secret.startswith(">"):
        raise CannotRender(">", "FreePBX writes `password=` before it, and Asterisk takes `=>` for one sign")
    host = trunk.dial_host
    client = f"sip:{pjsip_uri.user_part(trunk.user)}@{trunk.aor_host}"
    client += f":{trunk.domain_port}" if trunk.domain_port is not None else ""
    server = f"sip:{host}:{trunk.dial_port}"
    server += f";transport={trunk.dial_transport}" if trunk.dial_transport != "udp" else ""
    rows = [
        ("Trunk Name", name or section_name(trunk)),
        ("Username", trunk.user),
        ("Auth username", trunk.auth_user),
        ("Secret", trunk.secret),
        ("Authentication", "Outbound"),
        ("Registration", "Send"),
        ("SIP Server", host),
        ("SIP Server Port", str(trunk.dial_port)),
        ("Transport", f"0.0.0.0-{trunk.dial_transport}"),
        ("Contact User", trunk.extension if trunk.extension != "s" else ""),
        ("Expiration", str(trunk.expiry)),
        ("Max Retries", "10000"),
        ("Client URI", client),
        ("Server URI", server),
    ]
    for label, value in rows:
        if value != value.strip() or re.search(r"[\r\n\0]", value):
            raise CannotRender(" ", f"{label} begins or ends with a blank, or holds a line break")
    return "".join(f"{label}: {value.replace(';', chr(92) + ';')}\n" for label, value in rows if value)
