"""The exchange itself: the carrier and the client on the reactor thread, step by step."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, ensureDeferred

from mockregistrar.client import Manners, Profile, Refreshed, TimedOut, Warned
from mockregistrar.net.agents import Agent, Route
from mockregistrar.net.host import CarrierHost
from mockregistrar.net.login.stage import LOOPBACK, Stage
from mockregistrar.trace import Refused, Verdict
from mockregistrar.trace.ladder import ladder
from mockregistrar.trace.masking import Masker

if TYPE_CHECKING:
    from mockregistrar.engine.protocol import AgentOutcome

REAL_LIMIT = 2.0
"""Seconds of real time that one item may take."""
_PATIENCE = 0.3
"""Seconds of real time that the carrier, which answers at once or never, is waited for."""
_TRANSACTION = 32.0
"""Seconds until a client without a timeout of its own gives up on an answer (64 times T1, :rfc:`3261` 17.1.2.2)."""


class _ItemClock:
    """The client's clocks: its own wire time, which can skip ahead, and the carrier's time."""

    def __init__(self, host: CarrierHost) -> None:
        self._host = host
        self._skipped = 0.0

    def wire_time(self) -> float:
        """Return wire time."""
        return time.monotonic() + self._skipped

    def carrier_time(self) -> float:
        """Return the carrier's time."""
        return self._host.carrier_time()

    def wire_until(self, moment: float) -> float | None:
        """Return the seconds of wire time until the carrier's time is `moment`."""
        return self._host.wire_until(moment)

    def skip_to(self, due: float) -> None:
        """Let the time in between be over."""
        self._skipped += max(0.0, due - self.wire_time())


class Login:
    """One login, on the reactor thread."""

    def __init__(self, profile: Profile, manners: Manners, stage: Stage, authority: Any, system: str) -> None:
        self.manners = manners
        self.steps: list[str] = []
        """What was sent where and what came of it, a line each."""
        self.failed = ""
        """What went wrong, in one sentence; empty where nothing did."""
        self.because = ""
        """The slug of the refusal."""
        self.detail = ""
        """What refines it."""
        self.log: list[str] = []
        """What the real client prints."""
        self.outlook = ""
        """What it does after such an answer."""
        self.ladder: Callable[[Masker], str] = lambda _: ""
        self._profile = profile
        self._stage = stage
        self._authority = authority
        self._system = system

    def run(self, reactor: Any) -> Deferred[None]:
        """Register, refresh, unregister; what went wrong stands in `failed`."""
        return ensureDeferred(self._run(reactor))

    # -- the steps -------------------------------------------------------------------------------------------
    async def _run(self, reactor: Any) -> None:
        self._deadline = time.monotonic() + REAL_LIMIT
        seen_as = {LOOPBACK: self._stage.source} if self._stage.source else None
        host = CarrierHost(self._stage.settings, reactor, self._get_authority, seen_as=seen_as)
        host.start()
        silent: Any = None
        try:
            address = self._answering_address(host)
            if address is None and not self._stage.names.resolves(self._profile.host):
                self._does_not_resolve()
                return
            if address is None:
                silent = _silent_port(reactor, self._profile.transport)
                address = (LOOPBACK, silent.getHost().port)
            route = Route(self._profile.transport, address, LOOPBACK, tls_name=self._profile.host)
            clock = _ItemClock(host)
            agent = Agent(
                self._profile,
                self.manners,
                route,
                clock=clock,
                reactor=reactor,
                rng=random.Random(host.seed),
                tls_options=lambda name: self._get_authority().client_options(name),
            )
            host.agents.add(agent)
            await self._exchange(reactor, host, agent, clock, patient=silent is None)
            self.log = list(dict.fromkeys(agent.core.log)) if self.manners.settled else []
        finally:
            # without verdicts: the report's headline says as much
            records = [r for r in host.engine.trace.since(0, partial=True) if not isinstance(r, Verdict)]
            self.ladder = lambda masker: ladder(records, masker) if records else ""
            refused = next((r for r in reversed(records) if isinstance(r, Refused)), None)
            if refused is not None and not self.because:
                self.because, self.detail = refused.because, refused.detail
            if silent is not None:
                silent.stopListening()
            await host.stop()

    async def _exchange(
        self, reactor: Any, host: CarrierHost, agent: Agent, clock: _ItemClock, *, patient: bool
    ) -> None:
        outcome = await self._act(reactor, agent, clock, "register", patient=patient)
        self._step("REGISTER", outcome, agent)
        if not outcome.ok:
            self._refused(outcome, agent)
            return
        if not len(host.engine.carrier.bindings):
            self.failed = (
                f"{self._system} asks for an expiry of 0 s, which un-registers: "
                "the carrier keeps no contact and has nowhere to send calls"
            )
            return
        if self.manners.refresh.never:
            self.steps.append("refresh: none, it registers once")
        elif not await self._refresh(host, agent):
            return
        outcome = await self._act(reactor, agent, clock, "unregister", patient=patient)
        self.steps.append(f"unregister: {'accepted' if outcome.ok else f'refused, {outcome.status} {outcome.reason}'}")
        if not outcome.ok or len(host.engine.carrier.bindings):
            self.failed = "unregistering left the contact bound"

    async def _refresh(self, host: CarrierHost, agent: Agent) -> bool:
        """Move the carrier's time on to the refresh; return whether it came before the binding lapsed."""
        due = agent.core.next_refresh()
        begin = host.carrier_time()
        lapses = agent.core.registered_until
        if due is not None and (lapses is None or due <= lapses):
            await host.advance(due - host.carrier_time() + 0.001)
        if any(isinstance(event, Refreshed) for event in agent.happened):
            self.steps.append(f"refresh {round((due or begin) - begin, 1):g} s later: accepted")
            return True
        warned = next((event.detail for event in agent.happened if isinstance(event, Warned)), "")
        self.failed = f"the refresh does not come before the binding lapses{warned and f' ({warned})'}"
        return False

    async def _act(self, reactor: Any, agent: Agent, clock: _ItemClock, action: str, *, patient: bool) -> AgentOutcome:
        """Let the client act; where nothing answers, skip to its next timer instead of waiting."""
        outcome: list[AgentOutcome] = []
        ended: Deferred[Any] = agent.act(action)
        ended.addCallback(outcome.append)
        while not ended.called and time.monotonic() < self._deadline:
            pause: Deferred[None] = Deferred()
            timer = reactor.callLater(_PATIENCE if patient else 0.001, pause.callback, None)
            ended.addBoth(_wake, pause)
            await pause
            if timer.active():
                timer.cancel()
            due = agent.core.next_timer()
            if not ended.called and due is not None:
                clock.skip_to(due)
                agent.clock_moved()
        if not ended.called:
            agent.close()
        await ended
        return outcome[0]

    def _step(self, what: str, outcome: AgentOutcome, agent: Agent) -> None:
        p = self._profile
        where = f"{p.host} port {p.port} {p.transport}"
        came = f"{outcome.status} {outcome.reason}" if outcome.status is not None else outcome.reason
        if outcome.ok and outcome.expires_in:
            came += f", {outcome.expires_in} s granted"
        timeouts = sum(isinstance(event, TimedOut) for event in agent.happened)
        waited = timeouts * (self.manners.attempt_timeout or _TRANSACTION)
        self.steps.append(f"{what} to {where}: {came}" + (f" in {waited:g} s" if timeouts else ""))

    def _refused(self, outcome: AgentOutcome, agent: Agent) -> None:
        if outcome.status is not None:
            self.outlook = self.manners.outlook(outcome.status)
            self.failed = f"the carrier answers {outcome.status} {outcome.reason}"
        elif any(isinstance(event, TimedOut) for event in agent.happened):
            self.failed, self.because = "nothing answers", "nothing-arrived"
        else:
            self.failed, self.because = outcome.reason, "nothing-arrived"

    def _does_not_resolve(self) -> None:
        user, host = self._profile.user, self._profile.host
        self.failed, self.because = f"the name {host!r} does not resolve", "nothing-arrived"
        known = " ".join(sorted(self._stage.names.hosts))
        self.steps.append(f"look-up of {host}: no such name (the name map knows {known})")
        if self.manners.name == "asterisk-chan_sip":
            self.log = [
                f"WARNING ... Unable to lookup '{host}'",
                f"   -- Registration for '{user}@{host}' timed out, trying again (Attempt #2)",
            ]

    # -- the name map ----------------------------------------------------------------------------------------
    def _answering_address(self, host: CarrierHost) -> tuple[str, int] | None:
        """Return the carrier's real socket when the client dials it, else None."""
        if not self._stage.names.leads(self._profile):
            return None
        place = next(place for place in host.listening if place.transport == self._profile.transport)
        return place.host, place.port

    def _get_authority(self) -> Any:
        if self._authority is None:
            from mockregistrar.net.tls import TestAuthority

            self._authority = TestAuthority()
        return self._authority() if callable(self._authority) else self._authority


def _wake(result: Any, pause: Deferred[None]) -> Any:
    if not pause.called:
        pause.callback(None)
    return result


def _silent_port(reactor: Any, transport: str) -> Any:
    """Return a port that is bound and never answers: what a wrong port or address is to a client."""
    from twisted.internet.protocol import DatagramProtocol, Factory, Protocol

    if transport == "udp":
        return reactor.listenUDP(0, DatagramProtocol(), LOOPBACK)
    factory: Any = Factory.forProtocol(Protocol)
    factory.noisy = False
    return reactor.listenTCP(0, factory, interface=LOOPBACK)
