"""Which messages a fault is about: what is known of a message, and in what it differs from what a fault asks for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache

from mockregistrar.faults.spec import FaultSpec
from mockregistrar.faults.words import ACTIONS
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import Message, Request, Response, parse


class Facts:
    """What faults ask about one message. What cannot be read from it is empty, and matches nothing that is asked."""

    __slots__ = ("auth", "direction", "host", "method", "source", "status", "transport", "user")

    def __init__(
        self, direction: str, flow: Flow, method: str, status: int | None, user: str, host: str, auth: bool | None
    ) -> None:
        self.direction = direction
        self.transport = flow.transport
        self.source = flow.remote[0]
        self.method = method
        """Of a request; of an answer that of its CSeq."""
        self.status = status
        """Of an answer; None for a request."""
        self.user = user
        self.host = host
        self.auth = auth
        """Whether the request had credentials; None where that is not known."""

    @classmethod
    def of_request(cls, request: Request, flow: Flow) -> Facts:
        """Return what is known of a request that came."""
        user, host = _whose(request, request.method)
        return cls("in", flow, request.method, None, user, host, _credentials(request))

    @classmethod
    def of_answer(cls, request: Request, status: int, flow: Flow) -> Facts:
        """Return what is known of an answer to `request` that is about to leave."""
        user, host = _whose(request, request.method)
        return cls("out", flow, request.method, status, user, host, _credentials(request))

    @classmethod
    def of_octets(cls, data: bytes, direction: str, flow: Flow) -> Facts:
        """Return what is known of octets, whatever they are."""
        try:
            message = parse(data)
        except ParseError as error:
            if error.request is None:
                return cls(direction, flow, "", None, "", "", None)
            message = error.request
        if isinstance(message, Request):
            user, host = _whose(message, "REGISTER" if direction == "out" else message.method)
            return cls(direction, flow, message.method, None, user, host, _credentials(message))
        assert isinstance(message, Response)
        try:
            method = message.cseq.method
        except ParseError:
            method = ""
        user, host = _whose(message, "REGISTER" if direction == "in" else method)
        return cls(direction, flow, method, message.status, user, host, None)

    def __str__(self) -> str:
        if self.method == "DNS":
            return f"a look-up of {self.host} from {self.source}"
        what = self.method or "octets that are no SIP message"
        if self.status is not None:
            what = f"{self.status} to {self.method}" if self.method else str(self.status)
        who = f" of `{self.user}`" if self.user else ""
        return f"{what}{who} {'to' if self.direction == 'out' else 'from'} {self.source} ({self.transport})"


def _whose(message: Message, method: str) -> tuple[str, str]:
    """Return user and host that a message is of: of To in a REGISTER, which may be sent by a third party.

    What the carrier asks of its own is treated as that: its pings name the account in To.
    """
    try:
        uri = message.to.uri if method == "REGISTER" else message.from_.uri
    except ParseError:
        return "", ""
    user, at, host = uri.aor.rpartition("@")
    return (user, host) if at else ("", host)


def _credentials(request: Request) -> bool:
    return "authorization" in request.headers or "proxy-authorization" in request.headers


@lru_cache(maxsize=256)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text)


@lru_cache(maxsize=1024)
def _within(host: str, network: str) -> bool:
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address) in _network(network)


def matches(spec: FaultSpec, facts: Facts) -> bool:
    """Whether a fault is about this message."""
    return not differences(spec, facts, 1)


def differences(spec: FaultSpec, facts: Facts, most: int = 8) -> list[str]:
    """Return in what a message differs from what a fault asks for, a phrase for each; none: it matches."""
    found: list[str] = []
    for phrase in _differences(spec, facts):
        found.append(phrase)
        if len(found) >= most:
            break
    return found


def _differences(spec: FaultSpec, facts: Facts) -> Iterator[str]:
    if facts.direction not in spec.acts_in:
        yield f"goes {facts.direction}, not {spec.acts_in[0]}"
    if spec.method and facts.method != spec.method:
        yield f"is {facts.method or 'no SIP'}, not {spec.method}"
    if spec.status:
        status = "" if facts.status is None else str(facts.status)
        if status != spec.status and not (spec.status.endswith("xx") and status[:1] == spec.status[0]):
            yield f"is {status or 'a request'}, not {spec.status}"
    if spec.user:
        user, at, host = spec.user.rpartition("@")
        wrong = facts.user != spec.user and not (at and (facts.user, facts.host) == (user, host.lower()))
        if wrong:
            yield f"is of `{facts.user}`, not of `{spec.user}`" if facts.user else f"is of nobody, not of `{spec.user}`"
    auth = True if spec.action == "password" else spec.auth
    if auth is not None and facts.auth is not auth:
        yield "has no credentials" if auth else "has credentials"
    transports = ACTIONS[spec.action].transports if not spec.transport else (spec.transport,)
    if facts.transport not in transports:
        yield f"is over {facts.transport}, not {' or '.join(transports)}"
    if spec.source and not _within(facts.source, spec.source):
        yield f"is {'to' if facts.direction == 'out' else 'from'} {facts.source}, which is not in {spec.source}"
