"""SIP.js since 0.16: `new UserAgent({...})`, and the `Registerer` that registers for it.

Theory of operation. Nothing is checked: an option that does not fit is used or ignored. A URI is an object that
`UserAgent.makeURI` makes; it makes undefined of what is no URI, and without a URI the user agent is anonymous. The
expiry and the registrar are options of the Registerer. JSON has a string where code makes a URI.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mockregistrar.trunks import checks
from mockregistrar.trunks.model import Span

from . import configuration, sipjs_before, web_sockets
from .configuration import Options
from .literals import Call, Constant, Listing, Number, Text, Unsettled, Value
from .sipjs_before import JSSIP, SYSTEM
from .user_agents import ANONYMOUS, EXPIRES, UserAgent, repaired_uri
from .web_sockets import NoUri

_OLD = "SIP.js before 0.16"
_DEPRECATED = 'The transport option "wsServers" as has apparently been specified and has been deprecated.'
LIBRARY = replace(
    sipjs_before.LIBRARY,
    known=(
        *("uri", "transportOptions", "transportConstructor", "authorizationUsername", "authorizationPassword"),
        *("authorizationHa1", "displayName", "contactName", "contactParams", "delegate", "forceRport", "logLevel"),
        *("allowLegacyNotifications", "allowOutOfDialogRefers", "autoStart", "autoStop", "gracefulDisconnect"),
        *("hackAllowUnregisteredOptionTags", "hackIpInContact", "hackViaTcp", "hackWssInTransport", "logConnector"),
        *("instanceId", "instanceIdAlwaysAdded", "logBuiltinEnabled", "logConfiguration", "noAnswerTimeout"),
        *("preloadedRouteSet", "reconnectionAttempts", "reconnectionDelay", "sendInitialProvisionalResponse"),
        *("sessionDescriptionHandlerFactory", "sessionDescriptionHandlerFactoryOptions", "sipExtension100rel"),
        *("sipExtensionReplaces", "sipExtensionExtraSupported", "sipjsId", "userAgentString", "viaHost"),
        *("usePreloadedRoute", "register", "wsServers", "server"),
    ),
    others={
        "authorizationUser": ("authorizationUsername", _OLD),
        "password": ("authorizationPassword", _OLD),
        "authorization_user": ("authorizationUsername", JSSIP),
        "ha1": ("authorizationHa1", JSSIP),
        "authorizationHA1": ("authorizationHa1", "other versions"),
        "display_name": ("displayName", JSSIP),
    },
    needed={"uri": "", "authorizationPassword": "", "authorizationUsername": "", "transportOptions": ""},
    auth_user="authorizationUsername",
    password="authorizationPassword",
    ha1="authorizationHa1",
)


class Since(UserAgent):
    """SIP.js since 0.16: the user agent, and the Registerer that registers for it."""

    simple = False
    bare = False
    registerer: Options | None = None
    registers: bool | None = None
    silent = False

    def uri_of(self, value: Value | None, what: str) -> Text | None:
        """The text that a URI is made of."""
        value = self.options.program.settled(value)
        if isinstance(value, Call) and value.last == "makeURI" and value.arguments:
            made = self.options.program.settled(value.arguments[0])
            return made if isinstance(made, Text) else None
        if isinstance(value, Call) and value.new and value.last == "URI":
            return self.assembled(value)
        if not isinstance(value, Text) or self.bare or self.form == "json" or self.lenient:
            return value if isinstance(value, Text) else None
        self.good, self.odd = False, True
        message = f"`{what}` is a string, and SIP.js needs the object that `UserAgent.makeURI` makes of it."
        owner = "userAgent.configuration.uri" if what == "uri" else "this.options.registrar"
        log = f"TypeError: {owner}.clone is not a function"
        better = f"UserAgent.makeURI('{value.text}')"
        self.notes.add(
            "SR798", value.span, message, fix=better, instead=better if value.quoted else None, at=value.quoted, log=log
        )
        return value

    def assembled(self, call: Call) -> Text | None:
        """`new URI("sip", "alice", "example.com", 5060)` as one text."""
        parts = [self.options.program.settled(part) for part in call.arguments[:4]]
        words = [part.text for part in parts if isinstance(part, Text | Number)]
        if len(words) < 3 or len(words) != len([part for part in parts if not isinstance(part, Constant)]):
            return None
        text = f"{words[0]}:{words[1]}@{words[2]}" + (f":{words[3]}" if len(words) > 3 else "")
        return Text(text, call.span, kept=text)

    def account(self) -> tuple[str | None, str | None, int | None]:
        """User, domain and its port."""
        options, notes = self.options, self.notes
        given = options.get("uri")
        if isinstance(given, Unsettled) or (given is None and options.record.open):
            return None, None, None
        if given is None:
            message = f"There is no `uri`: SIP.js makes up an address at {ANONYMOUS}."
            if "uri" not in self.renamed.values():
                notes.add("SR785", options.record.span, message, fix="uri: UserAgent.makeURI('sip:…')")
            return None, ANONYMOUS, None
        value = self.uri_of(given, "uri")
        if value is None:
            return None, None, None
        self.string(value, "URI")
        text = value.text
        read = web_sockets.sip_uri(text)
        if isinstance(read, NoUri) or not read.user:
            why = read.why if isinstance(read, NoUri) else "there is no user in front of the host"
            span = value.part(read.start, read.stop) if isinstance(read, NoUri) else value.inside
            fix = repaired_uri(text)
            self.unmade(value, why, span, fix)
            read = web_sockets.sip_uri(fix) if fix and self.lenient else read
            if isinstance(read, NoUri):
                return None, None if self.simple else ANONYMOUS, None
        at = text.rfind("@")
        colon = text.find(":", text.find(":") + 1, at)
        user = read.user
        if read.password_at is not None and colon > 0:
            notes.secret(text[colon + 1 : at], value.part(colon + 1, at))
            message = "SIP.js takes a password in the URI for a part of the user name, and never uses it as one."
            notes.add("SR794", value.part(colon, at), message, fix=text[:colon] + text[at:], instead="")
            self.odd = True
            user = user.partition(":")[0] if self.lenient else user
        begin = text.find(":") + 1
        host = value.part(at + 1, at + 1 + len(read.host))
        checks.placeholders(
            notes, [("user", read.user, value.part(begin, max(begin, at))), ("domain", read.host, host)]
        )
        return user or None, read.host, read.port

    def unmade(self, value: Text, why: str, span: Span, fix: str) -> None:
        """A URI that `makeURI` does not make."""
        text, whole = value.text, value.inside
        self.odd = True
        log = ""
        if self.simple:
            self.good = False
            log = f"Failed to create valid URI from {text}"
            message = f"SimpleUser makes no URI of it, {why}: it throws."
        else:
            message = f"`makeURI` gives undefined, {why}: SIP.js then makes up an address at {ANONYMOUS}."
        self.notes.add("SR786", span, message, instead=fix or None, at=whole, log=log)

    def socket(self) -> tuple[str | None, str | None]:
        """The address of the server, and its transport."""
        options, notes = self.options, self.notes
        if options.unknown("transportOptions") or options.has("transportConstructor"):
            return None, None
        inner = options.inner("transportOptions")
        value = inner.get("server") if inner is not None else None
        if value is None and inner is not None and inner.has("wsServers"):
            old = inner.get("wsServers")
            value = options.program.settled(old.items[0]) if isinstance(old, Listing) and old.items else old
            message = "`wsServers` is the old name of `server`: it still works, with a warning."
            notes.add("SR799", inner.named("wsServers"), message, instead="server", log=_DEPRECATED)
        if value is None and not (inner is not None and inner.record.open):
            return self.no_server()
        if not isinstance(value, Text):
            return None, None
        self.string(value, "address")
        scheme = "scheme in " if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value.text) else ""
        log = f'Invalid {scheme}WebSocket Server URL "{value.text}"'
        address = web_sockets.socket_address(notes, value, SYSTEM, log)
        if address.transport is None:
            self.good, self.odd = False, True
            if self.lenient and address.repaired:
                return address.repaired, address.repaired.partition(":")[0]
            return None, None
        return address.url, address.transport

    def no_server(self) -> tuple[str | None, str | None]:
        """Where the server is missing, or stands in the wrong place."""
        options, notes = self.options, self.notes
        name = next((name for name in ("wsServers", "server") if options.has(name)), "")
        log = 'Invalid WebSocket Server URL ""'
        self.good = False
        if not name:
            notes.add(
                "SR785",
                options.record.span,
                "There is no server: SIP.js throws.",
                fix="transportOptions: {server: 'wss://…'}",
                log=log,
            )
            return None, None
        self.odd = True
        message = f"SIP.js does not know `{name}` here: the server belongs into `transportOptions`."
        notes.add(
            "SR783",
            options.named(name),
            message,
            fix="transportOptions: {server: 'wss://…'}",
            log=log,
            severity="error",
        )
        value = options.get(name)
        value = options.program.settled(value.items[0]) if isinstance(value, Listing) and value.items else value
        if self.lenient and isinstance(value, Text):
            address = web_sockets.socket_address(notes, value, SYSTEM, "")
            url = address.repaired or address.url
            return url, url.partition(":")[0]
        return None, None

    def login(self) -> str | None:
        """The auth user, empty where it is not set."""
        options = self.options
        self.string(options.get("authorizationUsername"), "user name")
        configuration.kept(options, "authorizationUsername")
        configuration.number_as_text(self.notes, options, "authorizationUsername", "user name")
        return options.said("authorizationUsername")

    def used(self, password: str | None, ha1: str | None) -> str | None:
        """The digest, which comes before the password."""
        del password
        return ha1 or None

    def digest(self, password: str | None, ha1: str) -> None:
        """Judge a digest in place of the password."""
        if password:
            message = "SIP.js uses the digest, and not the password, where both are given. Leave one of them out."
            self.notes.add("SR789", self.options.span("authorizationPassword"), message)
        else:
            super().digest(password, ha1)

    def registrar(self) -> str | None:
        """The host of the Registerer's registrar; empty where the URI's host is the registrar."""
        value = self.registerer.get("registrar") if self.registerer is not None else None
        if value is None:
            return None if self.registerer is not None and self.registerer.record.open else ""
        text = self.uri_of(value, "registrar")
        if text is None:
            return None
        read = web_sockets.sip_uri(text.text)
        if isinstance(read, NoUri):
            self.odd = True
            fix = repaired_uri(text.text)
            message = f"`makeURI` gives undefined, {read.why}: SIP.js takes the host of `uri`."
            self.notes.add("SR786", text.inside, message, instead=fix or None)
            read = web_sockets.sip_uri(fix) if self.lenient else read
        return "" if isinstance(read, NoUri) else read.host

    def expires(self) -> int | None:
        """Seconds that the Registerer asks for; 0 counts as not given."""
        if self.registerer is None:
            return EXPIRES
        value = self.registerer.get("expires")
        if value is None or (isinstance(value, Number | Constant) and not value.value):
            return None if value is None and self.registerer.record.open else EXPIRES
        said = self.registerer.said("expires") or ""
        if not isinstance(value, Text | Number):
            return None
        if re.fullmatch(r"[0-9]{1,9}", said):
            checks.expiry(self.notes, int(said), self.registerer.span("expires"))
            return int(said)
        log = ""
        if said.startswith("-"):
            self.good, log = False, "Invalid expires."
        message = "`expires` is a number of seconds above 0."
        self.notes.add("SR784", self.registerer.span("expires"), message, instead=str(EXPIRES), log=log)
        return None

    def register(self) -> bool | None:
        """True where a Registerer is made; there is no switch."""
        options = self.options
        if options.has("register") and not self.registers:
            message = "SIP.js since 0.16 has no `register`: it registers when a Registerer is told to."
            self.notes.add("SR797", options.named("register"), message, fix="new Registerer(userAgent).register()")
        elif self.silent:
            message = "Nothing here registers: SIP.js does it when a Registerer is told to."
            self.notes.add("SR797", options.record.span, message, fix="new Registerer(userAgent).register()")
        return self.registers

    def contact(self) -> str | None:
        """The user of the Contact, where it is told."""
        name = self.options.text("contactName")
        return name.text if name is not None else None
