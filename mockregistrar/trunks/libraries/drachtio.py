"""A REGISTER of drachtio-srf: `srf.request(uri, {method: 'REGISTER', headers: {...}, auth: {username, password}})`.

Theory of operation. drachtio sends what it is given: the URI is where the request goes, To is the account, Contact and
Expires are headers like others. With `auth` it answers a challenge by itself, once, with MD5; whatever is not set in
`auth` is an empty string for the digest. Without `auth` the program gets the 401.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import checks
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri

from . import configuration, readers, signs
from .configuration import Options
from .js_literals import Program
from .literals import Call, Constant, Entry, Listing, Number, Record, Text, Unsettled, Value

NAME = "drachtio"
ALIASES: tuple[str, ...] = ()
FORMS = ("code", "json")

_WORDS = re.compile(r"request|uac|method|uri|auth")
_KNOWN = ("method", "uri", "headers", "auth", "proxy", "body", "cookies", "noAck", "stackTxnId", "stackDialogId")
_LOGIN = ("username", "password")
_LOGINS = {
    "user": ("username", "other libraries"),
    "authUser": ("username", "other libraries"),
    "pass": ("password", "other libraries"),
    "secret": ("password", "Asterisk"),
}
_HEADERS = ("To", "From", "Contact", "Expires", "Call-ID", "CSeq", "Route", "User-Agent", "Supported", "Allow", "Via")
_NO_CREDENTIALS = "no credentials were supplied to reply to server authentication challenge"
_NO_METHOD = "TypeError: Cannot read properties of undefined (reading 'toUpperCase')"


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    return signs.recognise(NAME, head)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the REGISTER requests in a program, or the options of one. Never raises."""
    del path
    return readers.parsed(NAME, text, form, _WORDS, _all)


def _all(program: Program, notes: Notes, form: str) -> Iterator[_Request]:
    for uri, record, span in _requests(program, form):
        yield _Request(program, Options(program, record), uri, span, notes, form)


def _requests(program: Program, form: str) -> list[tuple[Value | None, Record, Span]]:
    """The URI, the options and the place of each request that registers."""
    first = program.first()
    if form == "json" or isinstance(first, Record):
        return [(None, first, first.span)] if isinstance(first, Record) else []
    found: list[tuple[Value | None, Record, Span]] = []
    for call in program.calls("request", "uac"):
        values = [program.settled(value) for value in call.arguments[:3]]
        at = next((index for index, value in enumerate(values) if isinstance(value, Record)), -1)
        record = values[at] if at >= 0 else None
        if isinstance(record, Record) and _registers(program, record):
            found.append((values[at - 1] if at > 0 else None, record, call.span))
    if found:
        return found
    return [(None, record, record.span) for record in program.records(("method",)) if _registers(program, record)]


def _registers(program: Program, record: Record) -> bool:
    options = Options(program, record)
    method = options.get("method")
    if isinstance(method, Text):
        return method.text.upper() == "REGISTER"
    return method is None and not record.open and options.has("auth") and options.has("headers")


class _Request:
    """One request, judged while it is read."""

    def __init__(
        self, program: Program, options: Options, uri: Value | None, span: Span, notes: Notes, form: str
    ) -> None:
        self.program = program
        self.options = options
        self.uri = uri
        self.span = span
        self.notes = notes
        self.form = form
        self.good = True
        self.renamed: dict[str, str] = {}
        self.lenient = False

    def read(self) -> tuple[Registration | None, Registration]:
        """What drachtio does with it, None where it sends nothing; and what was probably meant."""
        options = self.options
        if not options.has("method") and not options.record.open:
            self.good = False
            message = "There is no `method`: drachtio throws."
            self.notes.add("SR812", options.record.span, message, fix="method: 'REGISTER'", log=_NO_METHOD)
        needed = {"auth": "", "method": _NO_METHOD, "headers": "", "uri": ""}
        self.renamed = configuration.names(self.notes, options, _KNOWN, {}, needed, "drachtio")
        real = self.registration()
        if self.form == "code":
            record = options.record
            self.good = configuration.syntax(self.notes, self.program, record.start, record.stop) and self.good
        meant = _Request(
            self.program, replace(self.again(), renamed=self.renamed), self.uri, self.span, Notes(), self.form
        )
        meant.lenient = True
        return (real if self.good else None), meant.registration()

    def again(self) -> Options:
        """The options with the credentials where they belong."""
        options = self.options
        entries = tuple(entry for entry in options.record.entries if entry.name in _LOGIN)
        if entries and not options.has("auth"):
            moved = Entry("auth", options.record.span, Record(entries, options.record.span))
            return Options(options.program, replace(options.record, entries=(*options.record.entries, moved)))
        return options

    def text(self, value: Value | None, what: str, *, secret: bool = False) -> Text | None:
        """A value where it is a string, judged."""
        if not isinstance(value, Text):
            return None
        good = configuration.string(self.notes, value, what, "drachtio", secret=secret, code=self.form == "code")
        self.good = good and self.good
        return replace(value, text=value.kept) if self.lenient else value

    def registration(self) -> Registration:
        """Settle every field."""
        target = self.target()
        headers = self.options.inner("headers")
        names = self.header_names(headers) if headers is not None else {}
        to, _ = self.header(headers, names, "to")
        sender, _ = self.header(headers, names, "from")
        contact, params = self.header(headers, names, "contact")
        account = to or sender or (target if headers is not None and not headers.record.open else None)
        login, secret, effective = self.credentials()
        proxy = self.text(self.options.get("proxy"), "proxy")
        transport = target.transport if target is not None else None
        port = target.port if target is not None else None
        if target is not None and pjsip_uri.is_address(target.host):
            transport = transport or "udp"
            port = port if port is not None else 5061 if transport == "tls" else 5060
        return Registration(
            user=account.user if account is not None else None,
            secret=secret,
            auth_user=login,
            effective_auth_user=effective,
            domain=account.host if account is not None else None,
            domain_port=account.port if account is not None else None,
            host=target.host if target is not None else None,
            port=port,
            transport=transport,
            extension=contact.user if contact is not None else None,
            expiry=self.expires(headers, names, params),
            outbound_proxy=proxy.text if proxy is not None else None if self.options.has("proxy") else "",
            display_name=account.display if account is not None and account is not target else None,
            span=self.span,
        )

    def target(self) -> PjUri | None:
        """Where the request goes."""
        given = self.uri if self.uri is not None else self.options.get("uri")
        if given is None:
            if not self.options.record.open:
                self.good = False
                self.notes.add("SR812", self.options.record.span, "There is no URI to send to.", fix="sip:…")
            return None
        value = self.text(given, "URI")
        if value is None:
            return None
        read = pjsip_uri.parse(value.text)
        if isinstance(read, BadUri):
            repaired = pjsip_uri.parse(f"sip:{value.text}") if read.kind == "scheme" else read
            fix = f"sip:{value.text}" if isinstance(repaired, PjUri) else ""
            message = f"drachtio cannot send to this URI: {read.why}."
            self.notes.add("SR812", value.part(read.start, read.stop), message, instead=fix or None, at=value.inside)
            self.good = False
            return repaired if isinstance(repaired, PjUri) and self.lenient else None
        host = value.part(read.host_at, read.host_at + len(read.host))
        checks.host(self.notes, read.host, host, "drachtio")
        checks.port_and_transport(self.notes, read.port, read.transport or "udp", host)
        if read.password:
            self.password(value, read)
        return read

    def password(self, value: Text, read: PjUri) -> None:
        """A password in a URI is sent as a part of it, and not used."""
        at = value.text.find("@")
        colon = value.text.find(":", value.text.find(":") + 1, at)
        self.notes.secret(read.password, value.part(colon + 1, at))
        message = "drachtio takes no password from a URI: it is sent in the clear, and never used."
        fix = value.text[:colon] + value.text[at:]
        severity = "warning" if self.options.has("auth") else "error"
        self.notes.add("SR794", value.part(colon, at), message, fix=fix, instead="", severity=severity)  # type: ignore[arg-type]

    # --- headers

    def header_names(self, headers: Options) -> dict[str, str]:
        """The headers as they are written, by their names in lower case; misspelt ones are said."""
        written = {name.lower(): name for name in headers.spans}
        known = {name.lower(): name for name in _HEADERS}
        for name in list(written):
            near = difflib.get_close_matches(name, known, 1, 0.82)
            if name in known or not near or near[0] in written:
                continue
            better = known[near[0]]
            message = (
                f"drachtio sends `{written[name]}` as it stands, and no registrar knows it. Did you mean `{better}`?"
            )
            self.notes.add("SR783", headers.spans[written[name]], message, instead=better)
            if self.lenient:
                written[near[0]] = written[name]
        return written

    def header(self, headers: Options | None, names: dict[str, str], name: str) -> tuple[PjUri | None, str]:
        """A header that holds an address: the address, and the parameters behind it."""
        if headers is None or name not in names:
            return None, ""
        value = self.text(headers.get(names[name]), names[name])
        if value is None or value.text.strip() == "*":
            return None, ""
        text = value.text
        close = text.rfind(">")
        stop = close + 1 if close >= 0 else text.find(";") if ";" in text else len(text)
        read = pjsip_uri.parse(text[:stop])
        if isinstance(read, PjUri):
            return read, text[stop:]
        fix = ""
        if read.kind == "scheme":
            bare = text[:stop].strip().strip("<>")
            repaired = pjsip_uri.parse(f"sip:{bare}")
            fix = f"<sip:{bare}>{text[stop:]}" if isinstance(repaired, PjUri) else ""
            if fix and self.lenient and isinstance(repaired, PjUri):
                return repaired, text[stop:]
        message = f"`{names[name]}` holds no SIP URI: {read.why}."
        self.notes.add(
            "SR813",
            value.part(read.start, max(read.stop, read.start + 1)),
            message,
            instead=fix or None,
            at=value.inside,
        )
        return None, text[stop:]

    def expires(self, headers: Options | None, names: dict[str, str], params: str) -> int | None:
        """Seconds: those of the Contact come before those of the Expires header."""
        own = re.search(r";[ \t]*expires[ \t]*=[ \t]*(\d{1,9})", params, re.IGNORECASE)
        if own:
            return self.judged(int(own.group(1)), headers.span(names["contact"]) if headers is not None else self.span)
        if headers is None or "expires" not in names:
            return None
        value = headers.get(names["expires"])
        said = value.text.strip() if isinstance(value, Text | Number) else ""
        if re.fullmatch(r"[0-9]{1,9}", said):
            return self.judged(int(said), headers.span(names["expires"]))
        if isinstance(value, Text | Number):
            message = "`Expires` is a number of seconds: registrars do not understand this."
            self.notes.add("SR813", headers.span(names["expires"]), message, fix="3600")
        return None

    def judged(self, seconds: int, span: Span) -> int:
        """An expiry, with what is to be said about it."""
        checks.expiry(self.notes, seconds, span)
        if seconds == 0:
            message = "A registration for 0 seconds takes the binding away."
            self.notes.add("SR135", span, message, severity="hint")
        return seconds

    # --- credentials

    def credentials(self) -> tuple[str | None, str | None, str | None]:
        """The auth user as configured, the password, and what goes into the digest."""
        options, notes = self.options, self.notes
        given = options.get("auth")
        if isinstance(given, Record):
            return self.given(Options(self.program, given))
        if isinstance(given, Unsettled | Call) or (given is None and options.record.open):
            return None, None, None
        stray = [name for name in _LOGIN if options.has(name)]
        if stray:
            configuration.hide_value(notes, self.program, options.get("password"))
            message = "drachtio takes credentials from `auth` only: the 401 comes back to the program."
            notes.add(
                "SR783", options.named(stray[-1]), message, fix="auth: {username: '…', password: '…'}", severity="error"
            )
        elif "auth" in self.renamed.values():
            pass
        elif given is None or (isinstance(given, Constant) and not given.value):
            message = "There is no `auth`: drachtio hands the 401 of the carrier to the program."
            notes.add("SR811", options.record.span, message)
        elif not (isinstance(given, Text | Number) and not given.text.strip("0")):
            configuration.hide_value(notes, self.program, given)
            kind = "a list" if isinstance(given, Listing) else "neither an object nor a function"
            message = f"`auth` is {kind}: drachtio finds no credentials in it when the carrier asks."
            log = "" if isinstance(given, Listing) else _NO_CREDENTIALS
            notes.add("SR810", options.span("auth"), message, fix="auth: {username: '…', password: '…'}", log=log)
        return "", "", None

    def given(self, auth: Options) -> tuple[str | None, str | None, str | None]:
        """The credentials in `auth`."""
        notes = self.notes
        renamed = configuration.names(notes, auth, _LOGIN, _LOGINS, {"username": "", "password": ""}, "drachtio")
        for name in _LOGIN:
            if not auth.has(name) and not auth.record.open and name not in renamed.values():
                message = f"There is no `{name}` in `auth`: drachtio answers the challenge with an empty one."
                notes.add("SR810", auth.record.span, message, fix=name)
        if self.lenient:
            auth = Options(auth.program, auth.record, renamed=renamed)
        password, username = auth.get("password"), auth.get("username")
        configuration.hide_value(notes, self.program, password)
        read = self.text(password, "password", secret=True)
        login = self.text(username, "user name")
        if read is not None:
            checks.placeholders(notes, [("password", read.text, read.inside)])
        if login is not None:
            checks.placeholders(notes, [("user name", login.text, login.inside)])
        for name, what in (("username", "user name"), ("password", "password")):
            configuration.number_as_text(notes, auth, name, what)
        repaired = Options(auth.program, auth.record, dict(auth.repairs), auth.renamed) if self.lenient else auth
        user = login.text if login is not None else repaired.said("username")
        secret = read.text if read is not None else repaired.said("password")
        return user, secret, user


def render(trunk: Trunk) -> str:
    """A request that registers. Raises CannotRender for a digest, for WebSocket, and for what a URI cannot hold."""
    configuration.refuse_digest(trunk.ha1, trunk.secret, "drachtio")
    transport = trunk.dial_transport
    if transport not in ("udp", "tcp", "tls"):
        raise CannotRender(transport, f"drachtio registers over udp, tcp and tls, and not over {transport}")
    usual = 5061 if transport == "tls" else 5060
    port = f":{trunk.dial_port}" if trunk.dial_port != usual else ""
    target = f"sip:{trunk.dial_host}{port};transport={transport}"
    domain = trunk.aor_host + (f":{trunk.domain_port}" if trunk.domain_port is not None else "")
    user = pjsip_uri.user_part(trunk.user)
    extension = user if trunk.extension == "s" else pjsip_uri.user_part(trunk.extension)
    account, contact = f"sip:{user}@{domain}", f"sip:{extension}@localhost"
    for uri in (target, account, contact):
        read = pjsip_uri.parse(uri)
        if isinstance(read, BadUri):
            raise CannotRender(uri[read.start : read.stop], f"the URI cannot be written: {read.why}")
    quoted = configuration.javascript
    headers = (("To", account), ("From", account), ("Contact", contact))
    lines = [f"srf.request({quoted(target)}, {{", "  method: 'REGISTER',", "  headers: {"]
    lines += [f"    {name}: {quoted(f'<{uri}>')}," for name, uri in headers]
    lines += [f"    Expires: {trunk.expiry},", "  },"]
    login = quoted(trunk.effective_auth_user)
    lines += [f"  auth: {{ username: {login}, password: {quoted(trunk.secret)} }},"] if trunk.secret else []
    lines += ["}, (err, req) => {", "  if (err) throw err;"]
    lines += ["  req.on('response', (res) => console.log(res.status));", "});"]
    return "\n".join(lines) + "\n"
