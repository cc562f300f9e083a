"""A login at a registrar that is there already: the credentials alone, once, and who is bound.

What is sent is a `Question`: a REGISTER without Contact, which moves no binding. With `bind` a contact of our own is
registered behind it and removed again, and no other is touched; that is done only once the credentials were accepted.
The ladder is drawn from what really went over the wire.
"""

from __future__ import annotations

import ipaddress
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from mockregistrar.client import RFC3261, Answered, Profile, Question
from mockregistrar.engine.protocol import AgentOutcome
from mockregistrar.net.agents import Agent, Route
from mockregistrar.net.reactor import ReactorThread
from mockregistrar.sip.flow import Address, Flow
from mockregistrar.trace import MessageSeen, Record

ONCE = replace(RFC3261, max_auth_tries=1, retry=None)
"""The manners of a client that never comes back after a refusal."""
_BIND_SECONDS = 60


class _RealClock:
    """Both clocks of a client that has no mock carrier to share one with."""

    def wire_time(self) -> float:
        """Return wire time."""
        return time.monotonic()

    carrier_time = wire_time

    def wire_until(self, moment: float) -> float:
        """Return the seconds until `moment`."""
        return moment - time.monotonic()


@dataclass(frozen=True, slots=True)
class LiveOutcome:
    """What a registrar said to the credentials. Nothing in it is secret."""

    accepted: bool
    status: int | None
    reason: str
    challenged: bool = False
    """Whether it asked for the password at all."""
    realm: str = ""
    algorithm: str = ""
    contacts: tuple[tuple[str, int | None], ...] = ()
    """Who is bound now, with the seconds left; None where it is not said."""
    bound: bool | None = None
    """Whether a contact of our own was bound and removed again; None where that was not asked for."""
    bind_detail: str = ""
    records: tuple[Record, ...] = field(default=(), repr=False)
    """What went over the wire, for a ladder."""

    def to_json(self) -> dict[str, object]:
        """The JSON twin."""
        return {
            "ok": self.accepted and self.bound is not False,
            "accepted": self.accepted,
            "status": self.status,
            "reason": self.reason,
            "challenged": self.challenged,
            "realm": self.realm,
            "algorithm": self.algorithm,
            "contacts": [{"uri": uri, "expires_in": seconds} for uri, seconds in self.contacts],
            "bound": self.bound,
            "bind_detail": self.bind_detail,
        }


def addresses_of(host: str, port: int, transport: str) -> list[Address]:
    """Return the addresses of a host, in the system's order. Raises `OSError` where the name does not resolve."""
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    found = socket.getaddrinfo(host.strip("[]"), port, type=kind)
    return list(dict.fromkeys((str(place[0]), int(place[1])) for *_, place in found))


def is_loopback(address: Address) -> bool:
    """Whether an address is this very machine's loopback."""
    return ipaddress.ip_address(address[0].partition("%")[0]).is_loopback


def source_for(address: Address) -> str:
    """Return the local address that packets to `address` leave from; nothing is sent to find it. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(address)
        return str(probe.getsockname()[0])


def ask(
    profile: Profile,
    address: Address,
    *,
    thread: ReactorThread,
    timeout: float,
    tls_name: str = "",
    tls_options: Callable[[str], Any] | None = None,
    bind: bool = False,
) -> LiveOutcome:
    """Ask the registrar at `address` whether it takes the credentials; wait `timeout` seconds for each answer.

    Blocks; raises what `source_for` and `tls_options` raise.
    """
    route = Route(profile.transport, address, source_for(address), tls_name=tls_name)
    session = _Session(profile, route, thread, timeout, tls_options)
    found = session.question()
    if bind and found.accepted:
        found = session.binding(found)
    return replace(found, records=tuple(session.records))


class _Session:
    """The agents of one check, on the reactor thread one after the other."""

    def __init__(
        self,
        profile: Profile,
        route: Route,
        thread: ReactorThread,
        timeout: float,
        tls_options: Callable[[str], Any] | None,
    ) -> None:
        self._profile = profile
        self._route = route
        self._thread = thread
        self._timeout = timeout
        self._tls_options = tls_options
        self._rng = random.SystemRandom()
        self._begin = time.monotonic()
        self.records: list[Record] = []

    def question(self) -> LiveOutcome:
        """Send the question."""
        core = Question(self._profile, ONCE, (self._route.source, 5060), self._rng)
        agent = self._agent(self._profile, core)
        try:
            outcome = self._act(agent, "ask")
        finally:
            self._thread.call(agent.close)
        answer: Answered | None = core.answer
        if answer is None:
            reason = agent.lost_because or outcome.reason
            return LiveOutcome(False, outcome.status, reason, challenged=core.state == "credentials sent")
        return LiveOutcome(
            answer.status < 300,
            answer.status,
            answer.reason,
            answer.challenged,
            answer.realm,
            answer.algorithm,
            answer.contacts,
        )

    def binding(self, found: LiveOutcome) -> LiveOutcome:
        """Register a contact of our own, and remove just that one again."""
        agent = self._agent(replace(self._profile, expiry=_BIND_SECONDS))
        try:
            outcome = self._act(agent, "register")
            if not outcome.ok:
                return replace(found, bound=False, bind_detail=f"registering: {_said(outcome)}")
            contact, granted = agent.core.contact, outcome.expires_in
            outcome = self._act(agent, "unregister")
            if not outcome.ok:
                detail = f"registered {contact} for {granted} s, and removing it: {_said(outcome)}; it ends by itself"
                return replace(found, bound=False, bind_detail=detail)
            return replace(found, bound=True, bind_detail=f"registered {contact} for {granted} s, and removed it again")
        finally:
            self._thread.call(agent.close)

    def _agent(self, profile: Profile, core: Question | None = None) -> Agent:
        return Agent(
            profile,
            ONCE,
            self._route,
            clock=_RealClock(),
            reactor=self._thread.reactor,
            rng=self._rng,
            tls_options=self._tls_options,
            core=core,
            tap=self._seen,
        )

    def _seen(self, direction: str, data: bytes, local: Address) -> None:
        passed = time.monotonic() - self._begin
        flow = Flow(self._route.transport, self._route.address, local)
        self.records.append(
            MessageSeen(len(self.records) + 1, passed, passed, "in" if direction == "in" else "out", flow, data)
        )

    def _act(self, agent: Agent, action: str) -> AgentOutcome:
        outcome: AgentOutcome = self._thread.call(
            lambda: agent.act(action, self._timeout), timeout=self._timeout + 10.0
        )
        return outcome


def _said(outcome: AgentOutcome) -> str:
    return f"{outcome.status} {outcome.reason}" if outcome.status is not None else outcome.reason
