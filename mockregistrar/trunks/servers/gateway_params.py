"""The params of a gateway of FreeSWITCH, and what people write for them."""

from __future__ import annotations

import difflib

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


def meant_param(name: str) -> str:
    """What a param that FreeSWITCH does not know was meant to be; empty for one that it knows, or that says nothing."""
    if name in _PARAMS:
        return ""
    near = next(iter(difflib.get_close_matches(name.lower(), sorted(_PARAMS), 1, 0.82)), "")
    return _MEANT.get(name.lower()) or near
