"""The carrier's names in DNS: what a client finds that looks it up (:rfc:`3263`), and what faults make of that.

A served name has an address record for where the carrier listens, SRV records with the ports, and NAPTR records for
the transports. A carrier without domains serves every name, here too. Whatever else is asked does not exist.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from mockregistrar.sip import dns
from mockregistrar.sip.flow import Flow

if TYPE_CHECKING:
    from mockregistrar.carrier.settings import ListenSpec
    from mockregistrar.engine.engine import CarrierEngine

_SERVICES = {"udp": ("_sip._udp.", "SIP+D2U"), "tcp": ("_sip._tcp.", "SIP+D2T"), "tls": ("_sips._tcp.", "SIPS+D2T")}
"""Where a transport is looked for, and what NAPTR calls it (:rfc:`3263` 4.1)."""
_FAILURES = {"nxdomain": dns.NXDOMAIN, "servfail": dns.SERVFAIL}


def resolve(engine: CarrierEngine, data: bytes, flow: Flow, now: float) -> bytes | None:
    """Return the answer to a DNS query; None for silence, and for what is no query."""
    try:
        query = dns.parse_query(data)
    except dns.NotDns as error:
        engine.note(f"dns: no query from {flow.remote[0]}: {error}", now)
        return None
    failure = "" if engine.faults is None else engine.faults.query(query.name, flow, now)
    status, told = dns.NOERROR, ""
    records: list[dns.ResourceRecord] = []
    if failure:
        status, told = _FAILURES.get(failure, dns.NOERROR), failure
    elif query.opcode:
        status, told = dns.NOTIMP, "not implemented"
    else:
        status, records, told = _look_up(engine, query)
    engine.note(f"dns: {query.type} {query.name[:255]} from {flow.remote[0]}: {told}", now)
    return None if failure == "silent" else dns.answer(query, status, records)


def _look_up(engine: CarrierEngine, query: dns.Query) -> tuple[int, list[dns.ResourceRecord], str]:
    """Return status, records, and what to tell of them."""
    name = query.name
    transport = next((t for t, (prefix, _) in _SERVICES.items() if name.startswith(prefix)), "")
    domain = name.removeprefix(_SERVICES[transport][0]) if transport else name
    if not domain or domain.startswith("_") or domain.endswith(".arpa") or not engine.carrier.serves(domain):
        return dns.NXDOMAIN, [], "nxdomain"
    places = {place.transport: place for place in engine.listening_at}
    if transport and transport not in places:
        return dns.NXDOMAIN, [], "nxdomain"
    if transport and query.type == "SRV":
        port = places[transport].port
        return dns.NOERROR, [dns.ResourceRecord.srv(0, 0, port, domain)], f"port {port} of {domain}"
    if not transport and query.type in ("A", "AAAA"):
        hosts = dict.fromkeys(host for place in engine.listening_at if (host := _host(engine, place)))
        records = [r for r in map(dns.ResourceRecord.address, hosts) if r.type == query.type]
        shown = ", ".join(str(ipaddress.ip_address(r.data)) for r in records)
        return dns.NOERROR, records, shown or "nothing of that type"
    if not transport and query.type == "NAPTR":
        found = [_SERVICES[t] for t in places]
        records = [
            dns.ResourceRecord.naptr(10, 10 * order, service, prefix + domain)
            for order, (prefix, service) in enumerate(found, 1)
        ]
        return dns.NOERROR, records, ", ".join(service for _, service in found)
    return dns.NOERROR, [], "nothing of that type"


def _host(engine: CarrierEngine, place: ListenSpec) -> str:
    """Return the address that a place is told by: the advertised one for a wildcard; empty where there is none."""
    address = ipaddress.ip_address(place.host)
    if not address.is_unspecified:
        return place.host
    try:
        return str(ipaddress.ip_address(engine.settings.advertise or ""))
    except ValueError:
        return "127.0.0.1" if address.version == 4 else "::1"
