"""SIP.js before 0.16: `new SIP.UA({...})`, which checks its options and registers by itself, as JsSIP does."""

from __future__ import annotations

import re

from mockregistrar.trunks import checks

from . import web_sockets
from .configuration import Options
from .literals import Listing, Number, Record, Text, Unsettled, Value
from .user_agents import Library, UserAgent, repaired_address
from .web_sockets import NoUri

SYSTEM, JSSIP = "SIP.js", "JsSIP"
_NEW = "SIP.js since 0.16"
_DEFAULT_SERVER = "wss://edge.sip.onsip.com"
LIBRARY = Library(
    system=SYSTEM,
    known=(
        *("uri", "wsServers", "authorizationUser", "password", "displayName", "register", "registerExpires"),
        *("registrarServer", "registerOptions", "transportOptions", "transportConstructor", "contactName"),
        *("contactTransport", "instanceId", "traceSip", "log", "logLevel", "userAgentString", "autostart", "autostop"),
        *("rel100", "replaces", "dtmfType", "extraSupported", "forceRport", "keepAliveInterval", "noAnswerTimeout"),
        *("usePreloadedRoute", "hackViaTcp", "hackIpInContact", "hackWssInTransport", "custom", "media"),
        *("hackAllowUnregisteredOptionTags", "allowLegacyNotifications", "allowOutOfDialogRefers", "hackStripTcp"),
        *("sessionDescriptionHandlerFactory", "sessionDescriptionHandlerFactoryOptions", "authenticationFactory"),
        *("wsServerMaxReconnection", "wsServerReconnectionTimeout", "connectionRecoveryMinInterval"),
        *("connectionRecoveryMaxInterval", "experimentalFeatures", "stunServers", "turnServers", "iceCheckingTimeout"),
    ),
    others={
        "authorizationUsername": ("authorizationUser", _NEW),
        "authorizationPassword": ("password", _NEW),
        "authorization_user": ("authorizationUser", JSSIP),
        "ws_servers": ("wsServers", JSSIP),
        "display_name": ("displayName", JSSIP),
        "register_expires": ("registerExpires", JSSIP),
        "registrar_server": ("registrarServer", JSSIP),
    },
    needed={"uri": "", "password": "", "authorizationUser": "", "wsServers": ""},
    required=(),
    sockets="wsServers",
    auth_user="authorizationUser",
    password="password",
    ha1="",
    realm="",
    expires="registerExpires",
    register="register",
    registrar="registrarServer",
    display_name="displayName",
)


class Before(UserAgent):
    """SIP.js before 0.16."""

    def socket(self) -> tuple[str | None, str | None]:
        """The address of the server, and its transport."""
        options = self.options
        value = options.get("wsServers")
        inner = options.inner("transportOptions")
        if value is None and inner is not None:
            value = inner.get("wsServers") or inner.get("server")
            options = inner
        if value is None and not options.record.open and not self.options.unknown("transportOptions"):
            message = f"There is no server: SIP.js before 0.16 connects to {_DEFAULT_SERVER}."
            self.notes.add("SR785", self.options.record.span, message, fix="wsServers", severity="warning")
            return _DEFAULT_SERVER, "wss"
        items = value.items if isinstance(value, Listing) else (value,)
        found = list(dict.fromkeys(self.address(options.program.settled(item)) for item in items))
        return found[0] if len(found) == 1 else (None, None)

    def address(self, item: Value) -> tuple[str | None, str | None]:
        """The address and the transport of one server."""
        if isinstance(item, Record):
            inner = Options(self.options.program, item)
            item = inner.get("ws_uri") or inner.get("wsUri") or Unsettled(item.span)
        if not isinstance(item, Text):
            return None, None
        self.string(item, "address")
        log = f'Invalid value "{item.text}" for parameter "wsServers"'
        address = web_sockets.socket_address(self.notes, item, SYSTEM, log)
        if address.transport is None:
            self.good = False
            self.options.repairs["wsServers"] = repaired_address(address, item)
            return None, None
        return address.url, address.transport

    def expires(self) -> int | None:
        """Seconds, from `registerOptions` where they are there."""
        inner = self.options.inner("registerOptions")
        value = inner.get("expires") if inner is not None else None
        if isinstance(value, Number) and value.value > 0:
            checks.expiry(self.notes, int(value.value), value.span)
            return int(value.value)
        return super().expires()

    def registrar(self) -> str | None:
        """The registrar's host, from `registerOptions` where it is there."""
        inner = self.options.inner("registerOptions")
        value = inner.text("registrar") if inner is not None else None
        if value is None:
            return super().registrar()
        read = web_sockets.sip_uri(value.text if re.match(r"sip:", value.text, re.IGNORECASE) else f"sip:{value.text}")
        return None if isinstance(read, NoUri) else read.host

    def contact(self) -> str | None:
        """The user of the Contact, where it is told."""
        name = self.options.text("contactName")
        return name.text if name is not None else None
