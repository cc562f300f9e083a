"""What a login is played on: the carrier, and the map of names and ports that stands in for DNS and the network."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from mockregistrar.carrier.checking import parse_network
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.client import Manners, Profile, manners_for
from mockregistrar.trunks import Item, Registration, Trunk, Truth

LOOPBACK = "127.0.0.1"
_USUAL = (("udp", 5060), ("tcp", 5060), ("tls", 5061))
_OVER = {"ws": "tcp", "wss": "tls"}
"""What stands in for a transport that the mock carrier does not speak."""


@dataclass(frozen=True, slots=True)
class NameMap:
    """Which names, transports and ports lead to the carrier; no hosts: any name does."""

    hosts: frozenset[str]
    places: tuple[tuple[str, int], ...]
    """Transport and port of each listener, as clients know them."""

    def leads(self, profile: Profile) -> bool:
        """Whether what the client dials is the carrier."""
        return self._known(profile.host) and (profile.transport, profile.port) in self.places

    def resolves(self, host: str) -> bool:
        """Whether a name can be looked up at all; an address always can."""
        return self._known(host) or is_address(bare(host))

    def _known(self, host: str) -> bool:
        return not self.hosts or bare(host) in self.hosts

    def __str__(self) -> str:
        """The carrier's address, in words."""
        names = " or ".join(sorted(self.hosts)) or "any host"
        ports: dict[int, list[str]] = {}
        for transport, port in self.places:
            ports.setdefault(port, []).append(transport)
        return f"{names} " + ", ".join(f"port {port} {' '.join(names)}" for port, names in ports.items())


@dataclass(frozen=True, slots=True)
class Stage:
    """A carrier that listens on loopback, how clients are to find it, and where it sees them come from."""

    settings: CarrierSettings
    names: NameMap
    source: str = ""
    """The address that stands for the client's own; empty: loopback itself."""
    assumed: bool = False
    """Whether `source` is only the first address that the carrier lets in."""


def stage_for(truth: Truth, settings: CarrierSettings, realm: str = "") -> Stage:
    """Return the carrier that has the truth: its account, names and transport, and the realm that the config names.

    Raises `SettingsError`.
    """
    account = AccountSpec(
        user=truth.user,
        secret=truth.secret,
        ha1={"MD5": truth.ha1} if truth.ha1 and truth.secret is None else None,
        auth_user=truth.auth_user or None,
    )
    transport = spoken(truth.transport)
    names = dict.fromkeys(bare(n) for n in (truth.domain, truth.host) if n)
    made = settings.changed(
        listen=(ListenSpec(transport, LOOPBACK, 0),),
        accounts=(account,),
        domains=tuple(names),
        realm=settings.realm if settings.realm is not None else realm or (truth.domain or truth.host),
        advertise=None,
    )
    return Stage(made, NameMap(frozenset((bare(truth.host),)), ((transport, truth.port),)))


def staged(carrier: CarrierSettings, source: str = "") -> Stage:
    """Return a stage for a carrier as its settings say. Without `source` it sees clients at the first allowed address.

    Its listeners are the ports that clients are to dial; without any these are 5060 for UDP and TCP, 5061 for TLS.
    """
    if any(place.port for place in carrier.listen):
        places = tuple((place.transport, place.port) for place in carrier.listen if place.port)
    else:
        places = _USUAL
    hosts = {bare(name) for name in carrier.domains}
    hosts.update(bare(carrier.advertise) for _ in (1,) if carrier.advertise)
    hosts.update(bare(p.host) for p in carrier.listen if p.port and not ipaddress.ip_address(p.host).is_unspecified)
    transports = dict.fromkeys(transport for transport, _ in places)
    listen = tuple(ListenSpec(transport, LOOPBACK, 0) for transport in transports)
    made = carrier.changed(listen=listen, advertise=None, realm=carrier.realm or next(iter(carrier.domains), None))
    names = NameMap(frozenset(hosts) if carrier.domains else frozenset(), places)
    if source:
        return Stage(made, names, source)
    first = _first_allowed(carrier)
    return Stage(made, names, first, assumed=bool(first))


def _first_allowed(carrier: CarrierSettings) -> str:
    """Return an address that is on an allow-list, the carrier's or else an account's; empty where there is none."""
    lists = (carrier.allow, *(account.networks for account in carrier.accounts))
    first = next((networks[0] for networks in lists if networks), None)
    if first is None:
        return ""
    network = parse_network("allow", first)
    address = network.network_address
    return str(address if network.num_addresses == 1 else address + 1)


def profile_of(trunk: Trunk, registration: Registration | None = None) -> tuple[Profile, list[str]]:
    """Return what the client is told about its account, and what to say first. Raises ValueError where it cannot be.

    What `registration`, the neutral reading of a whole config, leaves unsettled is left to the client's manners.
    """
    transport = spoken(trunk.dial_transport)
    aside = []
    if transport != trunk.dial_transport:
        aside.append(f"over {transport} instead of {trunk.dial_transport}, which the mock carrier does not speak")
    profile = Profile(
        user=trunk.user,
        secret=trunk.secret,
        ha1=trunk.ha1,
        auth_user=trunk.auth_user or None,
        domain=trunk.domain,
        domain_port=trunk.domain_port,
        host=trunk.dial_host,
        port=trunk.dial_port,
        transport=transport,
        contact_user=trunk.extension or "s",
        expiry=trunk.expiry,
    )
    if registration is not None:
        profile = replace(
            profile,
            contact_user=registration.extension,
            expiry=registration.expiry,
            realm=registration.realm,
            name=registration.name if registration.name.isprintable() else "",
            answers_challenges=registration.secret_used is not False,
        )
    return profile, aside


def manners_of(item: Item) -> Manners:
    """Return the manners of the system whose config it is, with the retries that the config sets.

    Raises ValueError for a registration of IAX2, which is not SIP, and for retries that cannot be.
    """
    settled = item.registration
    if settled is None:
        return manners_for(item.dialect)
    protocol = "PJSIP" if settled.server_uri is not None else ""
    found = manners_for(item.dialect, protocol=protocol)
    return found.adjusted(retry_interval=settled.retry_interval, max_retries=settled.max_retries)


def spoken(transport: str) -> str:
    """Return the transport itself, or what stands in for one that the mock carrier does not speak."""
    return transport if transport in ("udp", "tcp", "tls") else _OVER.get(transport, "udp")


def bare(name: str) -> str:
    """Return a host as it is compared: lower case, no brackets, no dot at the end of a name (an address has none)."""
    found = name.lower().strip("[]")
    return found if is_address(found.rstrip(".")) else found.rstrip(".")


def is_address(name: str) -> bool:
    """Whether a host is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
