"""What `serve` tells first: where the carrier listens, and what to give the client that is to log in.

One value, `Opening`, that people's text, the JSON line and the ready-file are made from.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.sip.flow import format_address

MANY = 3
"""Accounts that people are shown a string for."""
_MANY_IN_JSON = 100
DIALECTS = ("vicidial", "asterisk-chan_sip")
"""Written in the first that can; VICIdial takes no `;`, which sip.conf does."""
_MASK = "•"
_UNKNOWN_SECRET = "SECRET"
_ORDER = ("udp", "tcp", "tls")
_PLAIN = re.compile(r"(?!(?:udp|tcp|tls|ws|wss)$)[A-Za-z][A-Za-z0-9]{0,39}|[0-9]{1,40}", re.IGNORECASE)
_PLAIN_SECRET = re.compile(r"[A-Za-z0-9]{1,40}")
_PLAIN_HOST = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")


@dataclass(frozen=True, slots=True)
class Login:
    """How a client logs in to one account."""

    user: str
    secret: str | None = field(repr=False)
    """The password where it was made up here or may be shown; None otherwise."""
    string: str | None
    """What is pasted, a given secret masked; None where nothing is, or it cannot be written."""
    remark: str
    """What is to be known about it, a phrase."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A carrier that listens, as those who asked for it are told."""

    name: str
    listening: tuple[ListenSpec, ...]
    realm: str
    accounts: int
    logins: tuple[Login, ...]
    """The first accounts, at most `MANY` for people."""
    ca: Path | None
    """Where the certificate is that TLS clients are to trust."""
    faults: tuple[str, ...] = ()
    """The faults that are on from the start."""

    @property
    def secure(self) -> bool:
        """Whether something listens with TLS."""
        return any(place.transport == "tls" for place in self.listening)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON twin: what the ready-file holds."""
        return {
            "pid": os.getpid(),
            "carrier": self.name,
            "listening": [dataclasses.asdict(place) for place in self.listening],
            "realm": self.realm,
            "ca": None if self.ca is None else str(self.ca),
            "accounts": [
                {"user": login.user, "secret": login.secret, "registration_string": login.string}
                for login in self.logins
            ],
            "faults": list(self.faults),
        }


def opening_of(
    settings: CarrierSettings,
    listening: tuple[ListenSpec, ...],
    realm: str,
    *,
    ca: Path | None,
    show_secrets: bool,
    machine: bool,
) -> Opening:
    """Return what is to be told; `machine` for a program, which is told of more accounts than people are."""
    specs = settings.accounts[: _MANY_IN_JSON if machine else MANY]
    address, transport = _address_for(settings, listening)
    logins = tuple(_login(spec, settings, address, transport, show_secrets=show_secrets) for spec in specs)
    return Opening(settings.name, listening, realm, len(settings.accounts), logins, ca, settings.faults)


def _address_for(
    settings: CarrierSettings, listening: tuple[ListenSpec, ...]
) -> tuple[Callable[[str], tuple[str, int]], str]:
    """Return where clients reach the carrier by a transport, and the transport that most of them would take."""
    first = min(listening, key=lambda place: _ORDER.index(place.transport))

    def address(transport: str) -> tuple[str, int]:
        places = [p for p in listening if p.transport == transport] or [first]
        reachable = [p for p in places if not _everywhere(p.host)] or places
        outside = [p for p in reachable if not ipaddress.ip_address(p.host).is_loopback]
        wildcard = any(_everywhere(p.host) for p in settings.listen)
        place = (outside if wildcard and outside else reachable)[0]
        host = place.host
        if _everywhere(host):
            from mockregistrar.net.listeners import local_addresses

            host = local_addresses(":" in host)[-1]
        return settings.advertise or host, place.port

    return address, first.transport


def _everywhere(host: str) -> bool:
    return ipaddress.ip_address(host).is_unspecified


def _login(
    spec: AccountSpec,
    settings: CarrierSettings,
    address: Callable[[str], tuple[str, int]],
    transport: str,
    *,
    show_secrets: bool,
) -> Login:
    if not spec.has_credentials:
        networks = ", ".join(spec.networks or settings.allow)
        return Login(spec.user, None, None, f"no login: let in by address, from {networks or 'no network yet'}")
    shown = spec.made_up or show_secrets
    secret = spec.secret if shown else None
    remark = ""
    if spec.secret is None:
        remark = f"{_UNKNOWN_SECRET} stands for the password that the hash was made of"
    elif not shown:
        remark = "your secret is masked; --show-secrets shows it"
    string = plain_string(spec, settings, address(transport), transport, shown=shown)
    if string is not None:
        return Login(spec.user, secret, string, remark)

    from mockregistrar.net.account import Account
    from mockregistrar.trunks import CannotRender

    account = Account(
        name=spec.user,
        user=spec.user,
        secret=spec.secret if spec.secret is not None else _UNKNOWN_SECRET,
        auth_user=spec.effective_auth_user,
        domain=spec.domain or (settings.domains[0] if settings.domains else ""),
        address=address,
    )
    hidden = account
    if spec.secret is not None and not shown:
        hidden = dataclasses.replace(account, secret=_MASK * len(spec.secret))
    try:
        account.registration_string(DIALECTS[0], transport=transport)
        return Login(spec.user, secret, hidden.registration_string(DIALECTS[0], transport=transport), remark)
    except CannotRender as error:
        why = str(error)
    try:
        account.registration_string(DIALECTS[1], transport=transport)
        string = hidden.registration_string(DIALECTS[1], transport=transport)
        return Login(spec.user, secret, string, f"for sip.conf alone, as {why}")
    except CannotRender as error:
        return Login(spec.user, secret, None, f"cannot be written as a registration string: {error}")


def plain_string(
    spec: AccountSpec, settings: CarrierSettings, address: tuple[str, int], transport: str, *, shown: bool
) -> str | None:
    """Return what the dialect writes for an account of letters and digits at an IPv4 address; None for any other.

    Importing the dialects is a tenth of the whole start, and most accounts that it starts with are as plain as this.
    """
    host, port = address
    secret = spec.secret or ""
    plain = _PLAIN.fullmatch(spec.user) and _PLAIN_SECRET.fullmatch(secret) and _PLAIN_HOST.fullmatch(host)
    if not plain or spec.domain or settings.domains or transport != "udp" or spec.effective_auth_user != spec.user:
        return None
    where = host if port == 5060 else f"{host}:{port}"
    extension = "" if spec.user == "s" else f"/{spec.user}"  # s is where calls go without one
    return f"register => {spec.user}:{secret if shown else _MASK * len(secret)}@{where}{extension}"


def places(listening: tuple[ListenSpec, ...]) -> str:
    """Return where a carrier listens, as people say it: ``127.0.0.1:5060 udp tcp, 5061 tls``."""
    by_address: dict[tuple[str, int], list[str]] = {}
    for place in sorted(listening, key=lambda p: _ORDER.index(p.transport)):
        by_address.setdefault((place.host, place.port), []).append(place.transport)
    phrases = []
    before = ""
    for (host, port), transports in by_address.items():
        where = str(port) if host == before else format_address((host, port))
        phrases.append(f"{where} {' '.join(transports)}")
        before = host
    return ", ".join(phrases)
