"""The user agents of JsSIP and of SIP.js before 0.16, which check their configuration in one way, by other names.

Theory of operation. What is empty or null counts as not given. A value that does not fit throws a ConfigurationError,
so that there is no user agent at all; an option that is not known is ignored without a word. REGISTER goes through the
WebSocket, whatever host it names. The object is read as the library does; repairs that were found on the way are then
applied, and it is read once more for what was meant.
"""

from __future__ import annotations

import copy
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from mockregistrar.trunks import checks
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes, Registration
from mockregistrar.trunks.plausible import repaired_host

from . import configuration, web_sockets
from .configuration import Options
from .literals import Constant, Listing, Number, Text, Unsettled, Value
from .web_sockets import NoUri, SipUri

EXPIRES = 600
ANONYMOUS = "anonymous.invalid"
_BAD_QUOTED = re.compile(r'(?:[^\\]|\A)(?:\\\\)*(?:"|\\\Z)|[\r\n]')


@dataclass(frozen=True, slots=True)
class Library:
    """The names of a library: of itself, and of its options; `known` are all of them.

    `others` says what a name of somebody else is here and whose it is. `needed` are the options that a login depends
    on, with what is thrown where they are missing; `required` are those without which it throws.
    """

    system: str
    known: tuple[str, ...]
    others: Mapping[str, tuple[str, str]]
    needed: Mapping[str, str]
    required: tuple[str, ...]
    sockets: str
    auth_user: str
    password: str
    ha1: str
    realm: str
    expires: str
    register: str
    registrar: str
    display_name: str
    uri: str = "uri"


class UserAgent(ABC):
    """One configuration object, judged while it is read."""

    def __init__(self, library: Library, options: Options, notes: Notes, form: str) -> None:
        self.library = library
        self.options = options
        self.notes = notes
        self.form = form
        self.good = True
        self.renamed: Mapping[str, str] = {}
        self.odd = False  # whether a lenient reading has another result
        self.lenient = False  # whether what was meant is read

    def read(self) -> tuple[Registration | None, Registration]:
        """What the library makes of it, None where it throws; and what was probably meant."""
        options, notes, library = self.options, self.notes, self.library
        self.renamed = configuration.names(
            notes, options, library.known, library.others, library.needed, library.system
        )
        real = self.registration()
        if self.form == "code":
            record = options.record
            self.good = configuration.syntax(notes, options.program, record.start, record.stop) and self.good
        repaired = options.meant(self.renamed)
        if repaired is None and not self.odd:
            return (real if self.good else None), real
        again = copy.copy(self)
        again.options = repaired or options
        again.notes, again.renamed, again.lenient = Notes(), {}, True
        return (real if self.good else None), again.registration()

    def registration(self) -> Registration:
        """Settle every field."""
        options, library = self.options, self.library
        for name in library.required:
            if not options.has(name) and not options.record.open:
                self.good = False
                if name not in self.renamed.values():
                    message = f"There is no `{name}`: {library.system} throws."
                    self.notes.add("SR785", options.record.span, message, fix=f"{name}: …", log=library.needed[name])
        register = self.register()
        user, domain, port = self.account()
        url, transport = self.socket()
        login = self.login()
        secret, ha1 = self.secret(register=register is not False)
        registrar = self.registrar()
        return Registration(
            user=user,
            secret=secret,
            auth_user=login,
            effective_auth_user=None if login is None else login or user,
            domain=domain,
            domain_port=port,
            host=domain if registrar == "" else registrar,
            transport=transport,
            extension=self.contact(),
            expiry=self.expires(),
            realm=options.said(library.realm) if library.realm else None,
            outbound_proxy=url,
            register=register,
            display_name=options.said(library.display_name),
            ha1=ha1,
            span=options.record.span,
        )

    # --- values

    def string(self, value: Value | None, what: str, *, secret: bool = False) -> None:
        """Judge an option where it is a string."""
        if isinstance(value, Text):
            code = self.form == "code"
            good = configuration.string(self.notes, value, what, self.library.system, secret=secret, code=code)
            self.good = good and self.good

    def thrown(
        self,
        name: str,
        why: str,
        *,
        fix: str = "",
        instead: str | None = None,
        span: Span | None = None,
        at: Span | None = None,
        code: str = "SR784",
    ) -> None:
        """A value for which the library throws a ConfigurationError; `instead` belongs in place of `at` or `span`."""
        value = self.options.get(name)
        self.good = False
        log = ""
        if isinstance(value, Text):
            log = f'Invalid value {json.dumps(value.text, ensure_ascii=False)} for parameter "{name}"'
        elif isinstance(value, Number | Constant):
            shown = value.text if isinstance(value, Number) else "true"
            log = f'Invalid value {shown} for parameter "{name}"' if value.value else f"Missing parameter: {name}"
        message = f"{why}: {self.library.system} throws."
        self.notes.add(code, span or self.options.span(name), message, fix=fix, instead=instead, at=at, log=log)

    def uri(self, name: str) -> SipUri | None:
        """An address: `sip:` is put in front where it is missing. None where the library takes it for none."""
        value = self.options.get(name)
        written = self.options.said(name) or ""
        begin = 0 if re.match(r"sip:", written, re.IGNORECASE) else 4
        read = web_sockets.sip_uri(written if begin == 0 else f"sip:{written}")
        if isinstance(read, SipUri):
            return read
        start, stop = max(0, read.start - begin), max(1, read.stop - begin)
        span = value.part(start, stop) if isinstance(value, Text) else None
        fix = repaired_uri(written)
        if fix:
            self.options.repair(name, fix)
        at = value.inside if isinstance(value, Text) else None
        why = f"`{name}` is no SIP URI, {read.why}"
        self.thrown(name, why, instead=fix or None, span=span, at=at, code="SR786")
        return None

    # --- what the fields are made of

    def account(self) -> tuple[str | None, str | None, int | None]:
        """User, domain and its port."""
        options, name = self.options, self.library.uri
        value = options.get(name)
        if options.unknown(name) or not options.said(name):
            if options.said(name) == "" and name not in self.library.required:
                return None, ANONYMOUS, None  # the user is made up
            if value is not None and not options.unknown(name):
                self.thrown(name, f"`{name}` is no SIP URI")
            return None, None, None
        self.string(value, "URI")
        read = self.uri(name)
        if read is None:
            return None, None, None
        if not read.user:
            self.thrown(name, f"`{name}` needs a user in front of the host", instead=f"sip:user@{read.host}")
            return None, None, None
        if isinstance(value, Text):
            at = value.text.rfind("@")
            begin = 4 if value.text[:4].lower() == "sip:" else 0
            colon = value.text.find(":", begin, at)
            if read.password_at is not None and colon >= 0:
                self.password_in_uri(value, colon, at)
            placed = [
                ("user", read.user, value.part(begin, at)),
                ("domain", read.host, value.part(at + 1, at + 1 + len(read.host))),
            ]
            checks.placeholders(self.notes, placed)
        return read.user, read.host, read.port

    def password_in_uri(self, value: Text, colon: int, at: int) -> None:
        """`sip:alice:secret@host`: all of it is the user."""
        options, library = self.options, self.library
        secret = value.text[colon + 1 : at]
        self.notes.secret(secret, value.part(colon + 1, at))
        fix = value.text[:colon] + value.text[at:]
        message = f"{library.system} takes a password in the URI for a part of the user name, and never uses it as one."
        self.notes.add("SR794", value.part(colon, at), message, fix=fix, instead="")
        options.repair(library.uri, fix)
        if options.said(library.password) == "" and not options.has(library.ha1):
            options.repair(library.password, secret)

    @abstractmethod
    def socket(self) -> tuple[str | None, str | None]:
        """The address of the WebSocket that is used first, and its transport."""

    def login(self) -> str | None:
        """The auth user, empty where it is not set."""
        options, name = self.options, self.library.auth_user
        value = options.get(name)
        self.string(value, "user name")
        configuration.kept(options, name)
        configuration.number_as_text(self.notes, options, name, "user name")
        if isinstance(value, Text) and _BAD_QUOTED.search(value.text):
            self.thrown(name, f'A `"` or a lone backslash cannot stand in `{name}`')
        return options.said(name)

    def secret(self, *, register: bool) -> tuple[str | None, str | None]:
        """The password, and the digest that takes its place."""
        options, notes, library = self.options, self.notes, self.library
        for name in (library.password, library.ha1):
            configuration.hide_value(notes, options.program, options.get(name))
        value = options.get(library.password)
        self.string(value, "password", secret=True)
        configuration.kept(options, library.password)
        configuration.number_as_text(notes, options, library.password, "password")
        if isinstance(value, Text):
            checks.placeholders(notes, [("password", value.text, value.inside)])
        password = options.said(library.password)
        ha1 = options.said(library.ha1) if library.ha1 else ""
        if ha1:
            self.digest(password, ha1)
        asked = password == "" and ha1 == "" and library.password not in self.renamed.values()
        if asked and register and not options.has("authorization_jwt"):
            message = f"There is no password: {library.system} cannot answer when the carrier asks for one."
            notes.add("SR795", options.record.span, message, log=self.no_password)
        return (None if ha1 and password == "" else password), self.used(password, ha1)

    no_password = ""
    """What the library prints when it is asked for a password that it does not have."""

    def used(self, password: str | None, ha1: str | None) -> str | None:
        """The digest that is used in place of the password."""
        return ha1 if ha1 and password == "" else None

    def digest(self, password: str | None, ha1: str) -> None:
        """Judge a digest in place of the password."""
        options, notes, library = self.options, self.notes, self.library
        if password:
            message = (
                f"{library.system} uses the password, and not the digest in `{library.ha1}`, where both are given. "
                "Leave one of them out."
            )
            notes.add("SR789", options.span(library.ha1), message)
            return
        if not re.fullmatch(r"[0-9a-fA-F]{32}", ha1):
            message = f"`{library.ha1}` is an MD5 in 32 hexadecimal digits; this has {len(ha1)} characters."
            notes.add("SR790", options.span(library.ha1), message)
        if library.realm and options.said(library.realm) == "" and password == "":
            message = "A digest is used only for the realm that is named beside it, and there is no `realm`."
            log = "authenticate() | no plain SIP password, and stored `realm` does not match the given `realm`, cannot "
            notes.add(
                "SR790", options.span(library.ha1), message, fix=f"{library.realm}: '…'", log=f"{log}authenticate"
            )

    def registrar(self) -> str | None:
        """The host of the registrar; empty where the URI's host is the registrar."""
        options, name = self.options, self.library.registrar
        said = options.said(name)
        if not said:
            return said
        self.string(options.get(name), "registrar")
        read = self.uri(name)
        if read is None:
            return None
        if read.user:
            fix = f"sip:{read.host}" + (f":{read.port}" if read.port is not None else "")
            self.thrown(name, f"`{name}` is a host without a user", instead=fix, code="SR788")
            options.repair(name, fix)
            return None
        return read.host

    def contact(self) -> str | None:
        """The user of the Contact; made up by the library unless it is told."""
        return None

    def expires(self) -> int | None:
        """Seconds; a string of digits is a number too."""
        options, name = self.options, self.library.expires
        said = options.said(name)
        if not said:
            return None if said is None else EXPIRES
        value = options.get(name)
        number = None if isinstance(value, Constant) else _decimal(said)
        if number is None or number <= 0:
            self.thrown(name, f"`{name}` is a number of seconds above 0", fix=f"{name}: {EXPIRES}")
            options.repairs[name] = None
            return None
        checks.expiry(self.notes, number, options.span(name))
        return number

    def register(self) -> bool | None:
        """Whether it registers; true unless it is switched off."""
        options, name = self.options, self.library.register
        value = options.get(name)
        if isinstance(value, Unsettled) or (value is None and options.record.open):
            return None
        if isinstance(value, Constant):
            return value.value is not False
        if (
            value is None
            or (isinstance(value, Text) and not value.text)
            or (isinstance(value, Listing) and not value.items)
        ):
            return True
        meant = options.said(name) not in ("false", "0")
        self.thrown(name, f"`{name}` is true or false, without quotes", fix=f"{name}: {'true' if meant else 'false'}")
        options.repairs[name] = Constant(meant, options.span(name))
        return meant


def repaired_uri(written: str) -> str:
    """What a URI was probably meant to be, empty when nobody can say."""
    match = re.match(r"\s*<?\s*(?:(?:sips?|wss?|https?):(?://)?)?([^@\s]*@)?([^@/<>]+)", written, re.IGNORECASE)
    if match is None:
        return ""
    for host in (match.group(2).strip().rstrip("."), repaired_host(match.group(2))):
        fix = f"sip:{match.group(1) or ''}{host}"
        if not isinstance(web_sockets.sip_uri(fix), NoUri):
            return fix
    return ""


def _decimal(said: str) -> int | None:
    """A whole number as `isDecimal` and `Number()` take it."""
    try:
        number = float(said)
    except ValueError:
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else None


def repaired_address(address: web_sockets.SocketAddress, value: Text) -> Text:
    """The address of a WebSocket as it was probably meant."""
    return value.saying(address.repaired or value.text)
