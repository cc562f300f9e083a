"""JsSIP's configuration object, in code or as JSON, as `JsSIP.UA` takes it (versatica/JsSIP 3.x, lib/Config.js).

`sockets` and `uri` are required. In code a socket is a `JsSIP.WebSocketInterface`; JSON holds its address. Of several
sockets the one with the highest weight is used, at random where there are more of it. The Contact has a user that is
made up, unless there is a `contact_uri`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed

from . import configuration, readers, signs, web_sockets
from .configuration import Options
from .js_literals import Program
from .literals import Call, Listing, Number, Record, Text, Unsettled, Value
from .user_agents import EXPIRES, Library, UserAgent, repaired_address
from .web_sockets import NoUri

NAME = "jssip"
ALIASES: tuple[str, ...] = ()
FORMS = ("code", "json")

_WORDS = re.compile(r"\bUA\b|uri|sockets|ws_servers")
_SYSTEM = "JsSIP"
_KNOWN = (
    "uri",
    "sockets",
    "authorization_user",
    "authorization_jwt",
    "password",
    "ha1",
    "realm",
    "display_name",
    "contact_uri",
    "instance_id",
    "register",
    "register_expires",
    "registrar_server",
    "use_preloaded_route",
    "user_agent",
    "session_timers",
    "session_timers_refresh_method",
    "session_timers_force_refresher",
    "no_answer_timeout",
    "connection_recovery_max_interval",
    "connection_recovery_min_interval",
    "via_host",
    "extra_headers",
)
_NEEDED = {
    "uri": "Missing parameter: uri",
    "sockets": "Missing parameter: sockets",
    "password": "",
    "authorization_user": "",
    "ha1": "",
}
_SIP_JS = "SIP.js"
_OLD = "versions of JsSIP before 3.0"
_OTHERS = {
    "ws_servers": ("sockets", _OLD),
    "ws_server": ("sockets", _OLD),
    "wsServers": ("sockets", _SIP_JS),
    "authorizationUser": ("authorization_user", _SIP_JS),
    "authorizationUsername": ("authorization_user", _SIP_JS),
    "authorizationPassword": ("password", _SIP_JS),
    "authorizationHa1": ("ha1", _SIP_JS),
    "displayName": ("display_name", _SIP_JS),
    "registerExpires": ("register_expires", _SIP_JS),
    "registrarServer": ("registrar_server", _SIP_JS),
    "auth_user": ("authorization_user", "baresip and PJSIP"),
    "username": ("authorization_user", "other clients"),
    "secret": ("password", "Asterisk"),
    "expires": ("register_expires", _SIP_JS),
    "registrar": ("registrar_server", _SIP_JS),
}
LIBRARY = Library(
    system=_SYSTEM,
    known=_KNOWN,
    others=_OTHERS,
    needed=_NEEDED,
    required=("sockets", "uri"),
    sockets="sockets",
    auth_user="authorization_user",
    password="password",
    ha1="ha1",
    realm="realm",
    expires="register_expires",
    register="register",
    registrar="registrar_server",
    display_name="display_name",
)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    return signs.recognise(NAME, head)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the user agents in a program, or a configuration object. Never raises."""
    del path
    return readers.parsed(NAME, text, form, _WORDS, _all)


def _all(program: Program, notes: Notes, form: str) -> Iterator[_UserAgent]:
    for record in _records(program, form):
        yield _UserAgent(LIBRARY, Options(program, record), notes, form)


def _records(program: Program, form: str) -> list[Record]:
    first = program.first()
    if form == "json" or isinstance(first, Record):
        return [first] if isinstance(first, Record) else []
    made = [program.settled(call.arguments[0]) for call in program.calls("UA") if call.new and call.arguments]
    records = [value for value in made if isinstance(value, Record)]
    return records or [
        record
        for record in program.records(("sockets", "ws_servers", "uri"))
        if {"uri", "sockets", "ws_servers"} & {entry.name for entry in record.entries}
        and len({*_KNOWN, *_OTHERS} & {entry.name for entry in record.entries}) > 1
    ]


class _UserAgent(UserAgent):
    no_password = "authenticate() | no plain SIP password nor ha1 provided, authentication aborted"

    def socket(self) -> tuple[str | None, str | None]:
        options = self.options
        value = options.get("sockets")
        if value is None or isinstance(value, Unsettled):
            return None, None
        items = value.items if isinstance(value, Listing) else (value,)
        if not items:
            self.thrown("sockets", "`sockets` is empty", fix="sockets: [socket]")
            return None, None
        found: dict[float, list[tuple[str | None, str | None]]] = {}
        repaired: list[Value] = []
        for item in items:
            weight, address = self.address(item, repaired)
            found.setdefault(weight, []).append(address)
        if repaired:
            options.repairs["sockets"] = Listing(tuple(repaired), value.span)
        best = list(dict.fromkeys(found[max(found)]))
        if len(best) == 1:
            return best[0]
        transports = {transport for _, transport in best}  # JsSIP takes one at random
        return None, transports.pop() if len(transports) == 1 else None

    def address(self, item: Value, repaired: list[Value]) -> tuple[float, tuple[str | None, str | None]]:
        """The weight of a socket, its address and its transport."""
        program = self.options.program
        item = program.settled(item)
        weight = 0.0
        if isinstance(item, Record):
            inner = Options(program, item)
            named = inner.get("weight")
            weight = float(named.value) if isinstance(named, Number) and math.isfinite(named.value) else 0.0
            item = inner.get("socket") or inner.get("ws_uri") or inner.get("url") or Unsettled(item.span)
        made = item
        if isinstance(item, Call) and item.new and item.last == "WebSocketInterface" and item.arguments:
            made = program.settled(item.arguments[0])
        if not isinstance(made, Text):
            return weight, (None, None)
        self.string(made, "address")
        log = f"TypeError: Invalid argument: {made.text}"
        address = web_sockets.socket_address(self.notes, made, _SYSTEM, log)
        if made is item and self.form == "code":
            message = "A socket is an instance, not its address: JsSIP has nothing to connect with."
            fix = f"new JsSIP.WebSocketInterface('{address.repaired or made.text}')"
            self.notes.add("SR798", made.span, message, fix=fix)
            self.good = False
        if address.transport is None:
            self.good = False
        if address.repaired or (made is item and self.form == "code"):
            repaired.append(Call("JsSIP.WebSocketInterface", (repaired_address(address, made),), made.span, new=True))
        return weight, (address.url if address.transport else None, address.transport)

    def contact(self) -> str | None:
        value = self.options.text("contact_uri")
        if value is None:
            return None
        read = web_sockets.sip_uri(value.text)
        if isinstance(read, NoUri):
            self.thrown("contact_uri", f"`contact_uri` is no SIP URI, {read.why}", code="SR786")
            return None
        return read.user


def render(trunk: Trunk) -> str:
    """A program that registers. Raises CannotRender for what is reached without WebSocket, and for a digest."""
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "JsSIP needs the realm beside a digest, and the trunk does not tell it")
    configuration.positive(trunk.expiry, _SYSTEM)
    if re.search(r'["\\\r\n]', trunk.auth_user):
        raise CannotRender('"', "JsSIP takes no quote, backslash or line break in the auth user")
    quoted = configuration.javascript
    rows = [
        ("sockets", "[socket]"),
        ("uri", quoted(web_sockets.uri_text(trunk.user, trunk.aor_host, trunk.domain_port))),
        ("authorization_user", quoted(trunk.auth_user) if trunk.auth_user else ""),
        ("password", quoted(trunk.secret) if trunk.secret else ""),
        ("register_expires", str(trunk.expiry) if trunk.expiry != EXPIRES else ""),
    ]
    socket = quoted(web_sockets.socket_url(trunk, _SYSTEM))
    lines = [f"const socket = new JsSIP.WebSocketInterface({socket});", "const ua = new JsSIP.UA({"]
    lines += [f"  {name}: {value}," for name, value in rows if value]
    return "\n".join([*lines, "});", "ua.start();"]) + "\n"
