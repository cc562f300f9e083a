"""A login that was accepted, and a Contact that calls cannot reach: told from where the REGISTER came from.

Theory of operation. A Contact is what the client says of itself, the source address is a fact. A claim is made only
where the two cannot both be right for somebody who sends calls to the Contact as it stands: an address that means
nothing beyond its own network, behind a source address that anybody can reach; an address, a port or a name that means
nothing anywhere; a port that contradicts what the client's own Via says. Everything else is passed over in silence:

- over a connection, as calls go back on it, and with what keeps the way open (outbound, Path, GRUU);
- from a loopback address, which reaches whatever the machine has;
- a private address behind another private one, which may be routed between the two;
- another port than that of the request, unless a router is known to stand between: a client may listen elsewhere.
"""

from __future__ import annotations

import ipaddress
from functools import cache, lru_cache
from typing import Final, NamedTuple

from mockregistrar.carrier.accounts import Source, listed, source_address
from mockregistrar.carrier.checking import Network
from mockregistrar.carrier.diagnosis.whys import why
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow, format_address
from mockregistrar.sip.message import Request
from mockregistrar.sip.uri import Uri

BECAUSE: Final = "contact-unreachable"
_INNER: Final = {
    "private address (RFC 1918)": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    "address of a provider's inner network (RFC 6598)": ("100.64.0.0/10",),
    "link-local address": ("169.254.0.0/16", "fe80::/10"),
    "private address (RFC 4193)": ("fc00::/7",),
    "loopback address": ("127.0.0.0/8", "::1/128"),
}
"""Networks whose addresses mean nothing outside of them."""
_LOCAL_NAMES: Final = (".local", ".internal", ".home.arpa")
"""Ends of names that are reserved for networks of one's own (:rfc:`6762`, :rfc:`8375`)."""
_TRANSPORTS: Final = ("udp", "tcp", "tls", "sctp", "tls-sctp", "ws", "wss")
_USUAL_PORTS: Final = range(5060, 5100)
"""Ports that servers listen at, with more than one transport as a rule."""

_PUBLIC_ADDRESS: Final = {
    "asterisk-chan_sip": "In sip.conf, set `externip` to the public address and `localnet` to the inner networks.",
    "asterisk-pjsip": "In the transport of pjsip.conf, set `external_signaling_address` to the public address and "
    "`local_net` to the inner networks.",
    "freepbx-pjsip": "In Asterisk SIP Settings, set the external address and the local networks.",
    "freeswitch": "In the SIP profile, set `ext-sip-ip` to the public address.",
    "kamailio-uac": "Set the uac module's `reg_contact_addr` to the public address and port.",
    "baresip": "Add `;sipnat=outbound` to the account, or `;transport=tcp` to its address.",
    "linphone": "Switch on STUN in the account's NAT policy, or register over TCP.",
    "twinkle": "In the user profile, under NAT, have it use STUN or set the public address.",
    "pjsua": "Leave `--auto-update-nat` at 1, or name a STUN server: `--stun-srv`.",
    "microsip": 'Switch on "Allow IP rewrite", or set the public address or a STUN server.',
}
"""What tells a client which address to put into its Contact, by its manners."""
_ALIASES: Final = {"asterisk-pjsip-16": "asterisk-pjsip", "baresip-4": "baresip"}
_OF_ROUTERS: Final = ("private-address", "loopback-address", "local-name", "other-port", "no-rport")
"""What a client is spared that knows its public address."""


class Unreachable(NamedTuple):
    """Why calls cannot reach a contact."""

    how: str
    """Refines ``contact-unreachable``."""
    sentence: str
    """What stands in the Contact, without a full stop."""
    evidence: str
    """How that is known to be wrong."""
    cause: str
    """Where it usually comes from."""
    fix: str
    """What to do about it: the client's own settings first, where it is one that is known."""


class _Facts(NamedTuple):
    uri: Uri
    flow: Flow
    request: Request
    address: Source | None
    """The address that the Contact names; None where it names a host."""
    source: Source

    @property
    def port(self) -> int:
        """The port that the Contact names or means (:rfc:`3263` 4.2)."""
        return self.uri.port or (5061 if self.uri.scheme == "sips" or self.uri.param("transport") == "tls" else 5060)


def unreachable(contact: str, flow: Flow, request: Request, client: str = "") -> Unreachable | None:
    """Return why calls cannot reach `contact`, which `request` bound over `flow`; None where nothing says so.

    `client` is the name of the manners that the client has, empty for one that is not known.
    """
    try:
        uri = Uri.parse(contact)
        if uri.scheme not in ("sip", "sips") or _kept_open(uri, request):
            return None
        host = uri.host.strip("[]")
        address = source_address(host) if _is_address(host) else None
        facts = _Facts(uri, flow, request, address, source_address(flow.remote[0]))
        found = _wrong_transport(facts)
        if found is None and flow.transport == "udp":
            found = _wrong_address(facts) or _wrong_port(facts)
    except ParseError:
        return None
    return None if found is None else _told(*found, client)


def plain(contact: str, flow: Flow) -> bool:
    """Whether a look at `contact` suffices: it names the very address and port that the request came from."""
    host, port = flow.remote
    return contact.startswith("sip:") and f"@{host}:{port}" in contact and "transport=" not in contact


def _told(how: str, sentence: str, evidence: str, client: str) -> Unreachable:
    cause, fix = why(BECAUSE, how)
    own = _PUBLIC_ADDRESS.get(_ALIASES.get(client, client), "")
    if own and how in _OF_ROUTERS:
        fix = f"{own} {fix}"
    return Unreachable(how, sentence, evidence, cause, fix)


def _kept_open(uri: Uri, request: Request) -> bool:
    """Whether the client or a proxy takes care of the way back (:rfc:`5626`, :rfc:`3327`, :rfc:`5627`)."""
    if uri.has_param("ob") or uri.has_param("gr") or "path" in request.headers or len(request.vias) > 1:
        return True
    if any(tag.lower() == "outbound" for name in ("supported", "require") for tag in request.values(name)):
        return True
    contacts = request.contacts
    return isinstance(contacts, list) and any(contact.has_param("reg-id") for contact in contacts)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _networks() -> tuple[tuple[str, tuple[Network, ...]], ...]:
    """Return the networks of `_INNER`; most carriers never ask for them."""
    return tuple((kind, tuple(ipaddress.ip_network(text) for text in texts)) for kind, texts in _INNER.items())


@lru_cache(256)
def _inner(address: Source) -> str:
    """Return what kind of address it is that means nothing outside of its network; empty for any other."""
    return next((kind for kind, networks in _networks() if listed(address, networks)), "")


_Found = tuple[str, str, str]
"""Refinement, sentence, evidence."""


def _wrong_address(facts: _Facts) -> _Found | None:
    uri, flow, address, source = facts.uri, facts.flow, facts.address, facts.source
    came = f"The REGISTER came from {format_address(flow.remote)}."
    if address is None:
        return _wrong_name(facts, came)
    if address == source:
        return None
    if address.is_unspecified:
        sentence = f"the Contact says `{uri.host}`, which is no address that a call can be sent to"
        return "unspecified-address", sentence, came
    inner, outer = _inner(address), not _inner(source)
    if address.is_loopback:
        if source.is_loopback or flow.remote[0] == flow.local[0]:  # one machine
            return None
        sentence = f"the Contact says `{uri.host}`, which is for the carrier the carrier itself"
        return "loopback-address", sentence, came
    if inner and outer:
        sentence = f"the Contact says `{uri.host}`, a {inner}, and the REGISTER came from {flow.remote[0]}"
        if inner[0] == "a":
            sentence = sentence.replace(", a ", ", an ")
        return "private-address", sentence, "Calls to that address do not leave the carrier's own network."
    return None


def _wrong_name(facts: _Facts, came: str) -> _Found | None:
    name = facts.uri.host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        if facts.source.is_loopback or facts.flow.remote[0] == facts.flow.local[0]:
            return None
        return "loopback-address", f"the Contact says `{name}`, which is for the carrier the carrier itself", came
    if name.endswith(".invalid") or name == "invalid":
        sentence = f"the Contact says `{name}`, and no name that ends in `.invalid` is ever found"
        return "invalid-name", sentence, "Over UDP there is no connection for calls to come back on."
    if not _inner(facts.source) and (name.endswith(_LOCAL_NAMES) or "." not in name):
        sentence = f"the Contact says `{name}`, a name that is known in its own network only"
        return "local-name", sentence, came
    return None


def _wrong_port(facts: _Facts) -> _Found | None:
    uri, flow, request = facts.uri, facts.flow, facts.request
    came = f"The REGISTER came from port {flow.remote[1]}"
    if uri.port == 0:
        return "port-zero", "the Contact says port 0, which is no port that a call can be sent to", f"{came}."
    if facts.address != facts.source or facts.port == flow.remote[1]:
        return None
    via = request.top_via
    sent_by, sent_port = via.host.strip("[]"), via.port or 5060
    if uri.port is None and sent_port == flow.remote[1]:
        sentence = f"the Contact has no port, which means {facts.port}, and the client is at port {flow.remote[1]}"
        return "no-port", sentence, f"{came}, which is also the one in its Via."
    if not _is_address(sent_by) or not _inner(source_address(sent_by)) or _inner(facts.source):
        return None
    sentence = f"the Contact says port {facts.port}, and the router has opened port {flow.remote[1]}"
    evidence = f"{came} of {flow.remote[0]}; its Via says `{via.sent_by}`, so there is a router between"
    if via.has_rport:
        return "other-port", sentence, f"{evidence}."
    return "no-rport", sentence, f"{evidence}, and without `rport` the client is not told of it."


def _wrong_transport(facts: _Facts) -> _Found | None:
    uri, flow = facts.uri, facts.flow
    asked = (uri.param("transport") or ("tls" if uri.scheme == "sips" else "")).lower()
    if not asked or asked == flow.transport:
        return None
    over = f"it was registered over {flow.transport}"
    if asked not in _TRANSPORTS:
        sentence = f"the Contact says `transport={asked}`, and there is no such transport"
        return "other-transport", sentence, f"Known are {', '.join(_TRANSPORTS)}; {over}."
    if asked in ("ws", "wss"):
        sentence = f"the Contact says `transport={asked}`, and {over}"
        return "other-transport", sentence, "A WebSocket is opened by the client only (RFC 7118)."
    if {asked, flow.transport} == {"tcp", "tls"} or facts.address != facts.source:
        return None
    port = flow.remote[1]
    if uri.port != port or port in _USUAL_PORTS:
        return None  # it may have a listener of its own there; a server has one as a rule
    sentence = f"the Contact says {asked}, and its port {port} is the one that the client speaks {flow.transport} at"
    return "other-transport", sentence, f"The REGISTER came from {format_address(flow.remote)} over {flow.transport}."


def unanswered(request: Request, flow: Flow, times: int, client: str = "") -> Unreachable:
    """Return the verdict on a request whose answers went where its Via has them, and never arrived there."""
    via = request.top_via
    went = f"the answers went to port {via.port or 5060}, as the Via has it"
    sentence = f"{went}, and the client sends from port {flow.remote[1]}"
    evidence = f"It sent the same {times} times and took no answer; the Via has no `rport`."
    return _told("no-rport", sentence, evidence, client)
