"""What the settings of a carrier may be: choices, numbers, and the checks of the others.

Each check raises `SettingsError`, which names the setting, what is wrong with it, and what it may be instead.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mockregistrar.sip.digest import ALGORITHMS

if TYPE_CHECKING:
    from mockregistrar.carrier.settings import AccountSpec

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

TRANSPORTS = ("udp", "tcp", "tls")
ACCESS = ("digest", "ip", "both", "either")
REFUSE = ("403", "drop")
SHORT_EXPIRES = ("reject", "reject-first", "raise")
QOPS = ("auth", "auth-int", "none")
CHOICES = {
    "refuse": REFUSE,
    "short_expires": SHORT_EXPIRES,
    "wrong_password": ("401", "403", "drop"),
    "unknown_user": ("401", "403", "404", "drop"),
    "challenge": ("401", "407"),
    "realm_rule": ("fixed", "aor"),
    "algorithm_form": ("token", "quoted", "omitted"),
    "nonce_use": ("many", "once", "latest"),
    "digest_uri": ("resource", "exact"),
    "unregister_challenge": ("usual", "always", "never"),
    "grant_in": ("contact", "header", "both", "neither"),
    "contact_answer": ("echo", "rewrite", "decode", "omit"),
    "too_many_contacts": ("403", "503"),
    "cseq_rule": ("call", "contact", "account"),
    "uri_user": ("any", "404", "drop"),
    "via_rport": ("right", "changing", "none"),
    "lockout_counts": ("wrong-password", "stale-too"),
    "expires_from": ("contact", "header"),
    "qualify_with": ("options", "zeros"),
    "first_status": ("403", "404", "408", "480", "500", "503", "drop"),
}
"""The settings that are a choice, with what they may be."""
LOWEST = {
    "min_expires": 0,
    "max_expires": 1,
    "default_expires": 1,
    "max_contacts": 1,
    "history_messages": 0,
    "history_bytes": 0,
    "history_records": 0,
    "min_expires_step": 0,
    "first_refused": 0,
    "rate_limit": 0,
    "rate_window": 1,
    "lockout_after": 0,
    "lockout_time": 1,
    "qualify": 0,
}
"""The settings that are whole numbers, with the least they may be."""
LOWEST_IF_GIVEN = {"grant": 1, "grant_shown": 0, "retry_after": 0}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TIMER_F, _LONGEST_WAIT = 32.0, 60.0
EXPIRES_LIMIT = 2**32 - 1
"""The largest expiry that the grammar of :rfc:`3261` 20.19 lets a client ask for, in seconds."""


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it and says what would do."""

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(f"{setting}: {message}")
        self.setting = setting
        self.message = message

    def __reduce__(self) -> tuple[type[SettingsError], tuple[str, str]]:
        return type(self), (self.setting, self.message)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean `x`?"`` for the known name closest to `name`, or an empty string."""
    import difflib  # here, since most settings are right

    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def one_of(setting: str, value: str, allowed: Iterable[str]) -> str:
    """Return `value` if it is among `allowed`; raise `SettingsError` with the choices otherwise."""
    choices = tuple(allowed)
    if value not in choices:
        raise SettingsError(setting, f"{value!r} is not one of {', '.join(choices)}{nearest(str(value), choices)}")
    return value


def parse_network(setting: str, text: str) -> Network:
    """Return the network that `text` (an address or CIDR) names; host bits are an error."""
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise SettingsError(setting, f"{text!r} is not an address or CIDR network ({error})") from None


def check_access(name: str, access: str | None) -> None:
    """Raise SettingsError for what is no policy of access; None is the carrier's."""
    if access is not None:
        one_of(name, access, ACCESS)


def check_networks(name: str, networks: tuple[str, ...]) -> None:
    """Raise SettingsError for what is neither an address nor a CIDR network."""
    for network in networks:
        parse_network(name, network)


def _check_algorithms(name: str, algorithms: tuple[str, ...]) -> None:
    if not algorithms:
        raise SettingsError(name, f"needs at least one of {', '.join(ALGORITHMS)}")
    for algorithm in algorithms:
        one_of(name, algorithm, ALGORITHMS)


def _check_qop(name: str, qop: tuple[str, ...]) -> None:
    if not qop or ("none" in qop and len(qop) > 1):
        raise SettingsError(name, "is auth, auth-int, both, or none alone")
    for value in qop:
        one_of(name, value, QOPS)


def _check_qualify_timeout(name: str, value: float) -> None:
    if not 0 < value <= _TIMER_F:
        raise SettingsError(name, f"is above 0 and up to {_TIMER_F:g} seconds")


def _check_grant_delay(name: str, value: float) -> None:
    if not 0 <= value <= _LONGEST_WAIT:
        raise SettingsError(name, f"is from 0 to {_LONGEST_WAIT:g} seconds")


def _check_nonce_ttl(name: str, seconds: float) -> None:
    if not seconds > 0:
        raise SettingsError(name, "is the seconds a nonce lives, above 0")


def check_text(name: str, text: str | None) -> None:
    """Raise SettingsError for a text that holds a control character."""
    if text is not None and _CONTROL.search(text):
        raise SettingsError(name, f"{text!r} holds a control character")


def _check_accounts(name: str, accounts: tuple[AccountSpec, ...]) -> None:
    seen: set[tuple[str, str]] = set()
    for account in accounts:
        key = (account.user, account.domain.lower())
        if key in seen:
            raise SettingsError(name, f"account {account.user!r} is there twice")
        seen.add(key)


def _check_faults(name: str, faults: tuple[str, ...]) -> None:
    from mockregistrar.faults import FaultError, FaultSpec  # here, as most carriers have none

    try:
        for text in faults:
            FaultSpec.parse(text)
    except FaultError as error:
        raise SettingsError(name, error.line) from None


def _each(pattern: str, what: str) -> Callable[[str, tuple[str, ...]], None]:
    """Return a check that all texts of a setting look like `pattern`, and so are `what`."""

    def check(name: str, texts: tuple[str, ...]) -> None:
        for text in texts:
            if not re.fullmatch(pattern, text):
                raise SettingsError(name, f"{text!r} is not {what}")

    return check


CHECKS: dict[str, Callable[[str, Any], None]] = {
    "access": check_access,
    "allow": check_networks,
    "deny": check_networks,
    "algorithms": _check_algorithms,
    "qop": _check_qop,
    "nonce_ttl": _check_nonce_ttl,
    "qualify_timeout": _check_qualify_timeout,
    "grant_delay": _check_grant_delay,
    "realm": check_text,
    "server": check_text,
    "advertise": check_text,
    "service_route": _each(
        r"<[^<>\x00-\x1f\x7f]+>[^<>\x00-\x1f\x7f]*|[^<>\x00-\x1f\x7f ]+", "a route, e.g. <sip:edge.example;lr>"
    ),
    "foreign_contacts": _each(r"sips?:[^<>,\x00-\x20\x7f]+", "a SIP URI, e.g. sip:100@192.0.2.99:5060"),
    "header_order": _each(r"[A-Za-z0-9.!%*_+`'~-]+", "the name of a header field"),
    "domains": _each(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:.]+", "a host name or address"),
    "faults": _check_faults,
    "accounts": _check_accounts,
}
"""The checks of settings that are neither a choice nor a number: each raises `SettingsError` naming the setting."""
