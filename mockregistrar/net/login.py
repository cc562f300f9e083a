"""The real login of one registration line: a built-in client with chan_sip's manners against a carrier of its own.

Theory of operation. The carrier is given the *truth* (what the person meant, or what the accounts file says), the
client what Asterisk *reads*. A private name map stands in for DNS and the network: the host, port and transport that
were meant lead to the carrier's real socket, any other port or address to a bound socket that never answers, any
other name to "does not resolve". Sockets are real; the client's timers run on a clock of its own, which skips the
waiting, so that a registration timeout costs milliseconds. The client registers, refreshes once with the carrier's time
moved on, and unregisters; each step is checked on both sides.
"""

from __future__ import annotations

import ipaddress
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, ensureDeferred

from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec, SettingsError
from mockregistrar.client import ASTERISK_CHAN_SIP, Profile, Refreshed, TimedOut
from mockregistrar.net.agents import Agent, Route
from mockregistrar.net.host import CarrierHost
from mockregistrar.net.reactor import SHARED, ReactorThread
from mockregistrar.trace import Refused
from mockregistrar.trace.ladder import ladder
from mockregistrar.trace.masking import Masker
from mockregistrar.trunks import Difference, Item, Span, Trunk, Truth, excerpt

if TYPE_CHECKING:
    from mockregistrar.engine.protocol import AgentOutcome

REAL_LIMIT = 2.0
"""Seconds of real time that one item may take."""
_PATIENCE = 0.3
"""Seconds of real time that the carrier, which answers at once or never, is waited for."""
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class LoginReport:
    """How the login of one registration line went. Secrets are masked in every text."""

    ok: bool
    headline: str
    """What happened, in one sentence."""
    because: str = ""
    """The slug of the refusal, or ``nothing-arrived``; empty where there was none."""
    steps: tuple[str, ...] = ()
    """What was sent where and what came of it, a line each."""
    where_they_part: str = ""
    """The field, and the character, in which what is sent and what was meant part; empty where they agree."""
    log: tuple[str, ...] = ()
    """The lines that the real Asterisk prints."""
    ladder: str = ""
    excerpt: str = ""
    """The line, with the place underlined where what is sent and what was meant part; empty where it is not in it."""

    @property
    def text(self) -> str:
        """Return everything below the headline, ready to print."""
        lines = [*self.excerpt.splitlines(), ""] if self.excerpt else []
        lines += self.steps
        if self.where_they_part:
            lines.append(f"they part at: {self.where_they_part}")
        if self.ladder:
            lines += ["", *(f"  {line}" for line in self.ladder.splitlines()), ""]
        lines += [f"your Asterisk will print   {line}" for line in self.log]
        return "\n".join(lines)


def check_login(
    item: Item,
    truth: Truth,
    *,
    settings: CarrierSettings | None = None,
    thread: ReactorThread | None = None,
    authority: Any = None,
    path: str = "",
) -> LoginReport:
    """Log in with what Asterisk reads of `item` at a carrier that has the `truth`; refresh; unregister.

    `settings` are the carrier's policies (expiry limits, algorithms...); its listeners, domains and accounts are
    replaced by what the truth says. `path` is how the file is called in the report. Raises nothing for what the line
    gets wrong: that is the report.
    """
    trunk = item.reading.real
    masker = Masker([s for s in (*item.reading.secrets, truth.secret or "", trunk.secret if trunk else "") if s])
    if trunk is None or not truth.known:
        return LoginReport(False, "Asterisk refuses this line: nothing is sent, and the trunk does not come up.")
    try:
        profile = _profile(trunk)
    except ValueError as error:
        return LoginReport(False, f"What Asterisk reads cannot be sent: {masker.text(str(error))}.")
    held = thread or SHARED
    held.hold()
    try:
        login = _Login(item, trunk, truth, profile, settings or CarrierSettings(), authority)
        login.path = path or str(item.path)
        held.call(lambda: ensureDeferred(login.run(held.reactor)), timeout=REAL_LIMIT + 10.0)
    except SettingsError as error:
        return LoginReport(False, f"The carrier cannot have this account: {masker.text(str(error))}.")
    finally:
        held.release()
    return login.report(masker)


def _profile(trunk: Trunk) -> Profile:
    return Profile(
        user=trunk.user,
        secret=trunk.secret,
        ha1=trunk.ha1,
        auth_user=trunk.auth_user or None,
        domain=trunk.domain,
        domain_port=trunk.domain_port,
        host=trunk.dial_host,
        port=trunk.dial_port,
        transport=trunk.dial_transport if trunk.dial_transport in ("udp", "tcp", "tls") else "udp",
        contact_user=trunk.extension or "s",
        expiry=trunk.expiry,
    )


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

    def skip_to(self, due: float) -> None:
        """Let the time in between be over."""
        self._skipped += max(0.0, due - self.wire_time())


class _Login:
    """One login, on the reactor thread."""

    def __init__(
        self, item: Item, trunk: Trunk, truth: Truth, profile: Profile, settings: CarrierSettings, authority: Any
    ) -> None:
        self._item = item
        self._trunk = trunk
        self._truth = truth
        self._profile = profile
        self._settings = _carrier_for(truth, settings)
        self._authority = authority
        self.path = ""
        self._steps: list[str] = []
        self._failed = ""
        self._because = ""
        self._log: list[str] = []
        self._ladder: Callable[[Masker], str] = lambda _: ""

    # -- the steps -------------------------------------------------------------------------------------------
    async def run(self, reactor: Any) -> None:
        """Register, refresh, unregister; what went wrong stands in `_failed`."""
        self._deadline = time.monotonic() + REAL_LIMIT
        host = CarrierHost(self._settings, reactor, self._get_authority)
        host.start()
        silent: Any = None
        try:
            address = self._answering_address(host)
            if address is None and not self._resolves():
                self._does_not_resolve()
                return
            if address is None:
                silent = _silent_port(reactor, self._profile.transport)
                address = (_LOOPBACK, silent.getHost().port)
            route = Route(self._profile.transport, address, _LOOPBACK, tls_name=self._profile.host)
            clock = _ItemClock(host)
            agent = Agent(
                self._profile,
                ASTERISK_CHAN_SIP,
                route,
                clock=clock,
                reactor=reactor,
                rng=random.Random(host.seed),
                tls_options=lambda name: self._get_authority().client_options(name),
            )
            host.agents.add(agent)
            await self._exchange(reactor, host, agent, clock, patient=silent is None)
            self._log = list(dict.fromkeys(agent.core.log))
        finally:
            records = host.engine.trace.since(0, partial=True)
            self._ladder = lambda masker: ladder(records, masker) if records else ""
            self._because = self._because or _last_refusal(records)
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
            self._failed = (
                "Asterisk asks for an expiry of 0 s, which un-registers: "
                "the carrier keeps no contact and has nowhere to send calls"
            )
            return
        refresh_at = agent.core.next_refresh()
        if refresh_at is not None:
            await host.advance(refresh_at - host.carrier_time() + 0.001)
        if not any(isinstance(event, Refreshed) for event in agent.happened):
            self._failed = "the refresh did not come before the binding lapsed"
            return
        self._steps.append(f"refresh {agent.core.manners.refresh.refresh_in(outcome.expires_in):g} s later: accepted")
        outcome = await self._act(reactor, agent, clock, "unregister", patient=patient)
        self._steps.append(f"unregister: {'accepted' if outcome.ok else f'refused, {outcome.status} {outcome.reason}'}")
        if not outcome.ok or len(host.engine.carrier.bindings):
            self._failed = "unregistering left the contact bound"

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
        self._steps.append(f"{what} to {where}: {came}" + (f" in {timeouts * 20} s" if timeouts else ""))

    def _refused(self, outcome: AgentOutcome, agent: Agent) -> None:
        if outcome.status is not None:
            self._failed = f"the carrier answers {outcome.status} {outcome.reason}"
        elif any(isinstance(event, TimedOut) for event in agent.happened):
            self._failed, self._because = "nothing answers", "nothing-arrived"
        else:
            self._failed, self._because = outcome.reason, "nothing-arrived"

    def _does_not_resolve(self) -> None:
        user, host = self._profile.user, self._profile.host
        self._failed, self._because = f"the name {host!r} does not resolve", "nothing-arrived"
        self._steps.append(f"look-up of {host}: no such name (the name map knows {self._truth.host})")
        self._log = [
            f"WARNING ... Unable to lookup '{host}'",
            f"   -- Registration for '{user}@{host}' timed out, trying again (Attempt #2)",
        ]

    # -- the name map ----------------------------------------------------------------------------------------
    def _answering_address(self, host: CarrierHost) -> tuple[str, int] | None:
        """Return the carrier's real socket when the client dials what was meant, else None."""
        truth, p = self._truth, self._profile
        if (_host(p.host), p.port, p.transport) != (_host(truth.host), truth.port, truth.transport):
            return None
        place = next(place for place in host.listening if place.transport == truth.transport)
        return place.host, place.port

    def _resolves(self) -> bool:
        name = _host(self._profile.host)
        return name == _host(self._truth.host) or _is_address(name)

    def _get_authority(self) -> Any:
        if self._authority is None:
            from mockregistrar.net.tls import TestAuthority

            self._authority = TestAuthority()
        return self._authority() if callable(self._authority) else self._authority

    # -- the report ------------------------------------------------------------------------------------------
    def report(self, masker: Masker) -> LoginReport:
        """Return how it went, every secret masked."""
        parts = self._truth.differences(self._trunk)
        if not self._failed:
            granted = next((s for s in self._steps if "granted" in s), "")
            return LoginReport(True, masker.text(f"The trunk comes up. {granted}".strip()), steps=self._masked(masker))
        headline = f"The trunk does not come up: {self._headline(parts)}."
        where = "; ".join(self._described(d) for d in parts)
        return LoginReport(
            False,
            masker.text(headline),
            self._because,
            self._masked(masker),
            masker.text(where),
            tuple(masker.text(line) for line in self._log),
            self._ladder(masker),
            self._excerpt(parts),
        )

    def _masked(self, masker: Masker) -> tuple[str, ...]:
        return tuple(masker.text(step) for step in self._steps)

    def _headline(self, parts: tuple[Difference, ...]) -> str:
        whose = {"accounts": "the accounts file has", "peer": "the peer section has"}.get(
            self._truth.source, "was meant"
        )
        found = {d.field: d for d in parts}
        if "user" in found:
            return f"Asterisk logs in as another user than {whose}"
        if "host" in found or "port" in found or "transport" in found:
            p, t = self._profile, self._truth
            return (
                f"Asterisk sends to {p.host} port {p.port} {p.transport}, where {self._failed}; "
                f"the carrier is {t.host} port {t.port} {t.transport}"
            )
        if "secret" in found:
            return f"wrong password: it is not the one that {whose}; {self._secret(found['secret'])}"
        if "auth_user" in found:
            return f"Asterisk sends another auth user than {whose}"
        return self._failed

    def _secret(self, d: Difference) -> str:
        """Say how two passwords part, showing one character of each at the most."""
        sent, has = self._trunk.secret, self._truth.secret or ""
        if d.missing:
            return f"shorter by {d.missing}, from character {d.position} on"
        if d.extra:
            return f"longer by {d.extra}, from character {d.position} on"
        apart = [(a, b) for a, b in zip(sent, has, strict=True) if a != b]
        if len(apart) == 1:
            return f"one character differs: position {d.position} is `{apart[0][0]}`, the carrier has `{apart[0][1]}`"
        return f"{len(apart)} characters differ, the first at position {d.position}"

    def _mark(self, d: Difference) -> Span | None:
        """Return the place where a field parts; of a password that stands there as it is, the character alone."""
        span = d.span
        if span is None or d.field != "secret" or d.position is None or span.length != len(self._trunk.secret):
            return span
        return Span(span.line, span.column + min(d.position, span.length) - 1, 1)

    def _excerpt(self, parts: tuple[Difference, ...]) -> str:
        """Show the line with the first place underlined where what is sent and what was meant part."""
        marks = [mark for mark in map(self._mark, parts) if mark is not None and mark.line == self._item.line]
        if not marks:
            return ""
        shown = [piece for span in self._item.reading.secret_spans for piece in _without(span, marks[0])]
        return excerpt(self.path, self._item.line, self._item.source_line, marks[:1], secret_spans=shown)

    def _described(self, d: Difference) -> str:
        mark = self._mark(d)
        where = f", column {mark.column} of line {mark.line}" if mark is not None else " (a default, not in the line)"
        name = f"password, character {d.position}" if d.field == "secret" else d.field.replace("_", " ")
        return f"{name}{where}"


def _without(span: Span, shown: Span) -> list[Span]:
    """Return what is left of a secret's span when the one character that is `shown` is taken out of it."""
    if shown.length != 1 or shown.line != span.line or not span.column <= shown.column < span.end:
        return [span]
    left = Span(span.line, span.column, shown.column - span.column)
    right = Span(span.line, shown.end, span.end - shown.end)
    return [piece for piece in (left, right) if piece.length]


def _wake(result: Any, pause: Deferred[None]) -> Any:
    if not pause.called:
        pause.callback(None)
    return result


def _last_refusal(records: list[Any]) -> str:
    return next((r.because for r in reversed(records) if isinstance(r, Refused)), "")


def _host(name: str) -> str:
    return name.lower().strip("[]").rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _carrier_for(truth: Truth, settings: CarrierSettings) -> CarrierSettings:
    """Return the carrier that has the truth: its account, its names, its transport."""
    account = AccountSpec(
        user=truth.user,
        secret=truth.secret,
        ha1={"MD5": truth.ha1} if truth.ha1 and truth.secret is None else None,
        auth_user=truth.auth_user or None,
    )
    transport = truth.transport if truth.transport in ("udp", "tcp", "tls") else "udp"
    listen = ListenSpec(transport, _LOOPBACK, 0)
    names = dict.fromkeys(_host(n) for n in (truth.domain, truth.host) if n)
    return settings.changed(
        listen=(listen,),
        accounts=(account,),
        domains=tuple(names),
        realm=settings.realm or (truth.domain or truth.host),
        advertise=None,
    )


def _silent_port(reactor: Any, transport: str) -> Any:
    """Return a port that is bound and never answers: what a wrong port or address is to a client."""
    from twisted.internet.protocol import DatagramProtocol, Factory, Protocol

    if transport == "udp":
        return reactor.listenUDP(0, DatagramProtocol(), _LOOPBACK)
    factory: Any = Factory.forProtocol(Protocol)
    factory.noisy = False
    return reactor.listenTCP(0, factory, interface=_LOOPBACK)
