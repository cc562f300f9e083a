"""Built-in clients on real sockets: the shim around `client.UserAgent`.

An `Agent` has one user agent core, one socket or connection, and a clock that it may share with a carrier. Like the
carrier's shim it decides nothing. What it is asked to do ends in one `AgentOutcome`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from twisted.internet import protocol as twisted_protocol
from twisted.internet.defer import Deferred, succeed

from mockregistrar.client import (
    Answered,
    Failed,
    Manners,
    Profile,
    Refreshed,
    Registered,
    TimedOut,
    Unregistered,
    UserAgent,
)
from mockregistrar.client.events import Event
from mockregistrar.engine.protocol import AgentOutcome
from mockregistrar.net.listeners import tls_failure
from mockregistrar.sip.errors import FramingError
from mockregistrar.sip.flow import Address, format_address
from mockregistrar.sip.framing import KeepAlive, StreamFramer

_CONNECT_TIMEOUT = 5.0


class Clock(Protocol):
    """The two clocks of a client, in seconds."""

    def wire_time(self) -> float:
        """Return wire time."""

    def carrier_time(self) -> float:
        """Return carrier time."""

    def wire_until(self, moment: float) -> float | None:
        """Return the seconds of wire time until carrier time is `moment`; None where it stands still."""


Tap = Callable[[str, bytes, Address], None]
"""Is told of each message: ``in`` or ``out`` as the registrar sees it, the octets, and our own address."""


class Core(Protocol):
    """What an agent drives: a user agent, or a question to a registrar."""

    local: Address

    @property
    def log(self) -> tuple[str, ...]:
        """The lines that the real client would have printed."""

    @property
    def state(self) -> str:
        """What it is doing."""

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""

    def receive(self, data: bytes, now: float, carrier_now: float, source: Address | None = None) -> None:
        """Take one message."""

    def timer_fired(self, now: float, carrier_now: float) -> None:
        """Do what has come due."""

    def disconnected(self, now: float) -> None:
        """Take note that the connection is gone."""

    def outgoing(self) -> list[bytes]:
        """Return the messages to send now."""

    def events(self) -> list[Event]:
        """Return what happened since the last call."""

    def next_timer(self) -> float | None:
        """Return the wire time at which it wants to be called."""

    def next_refresh(self) -> float | None:
        """Return the carrier time at which it wants to be called."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where the octets of a client really go, whatever its configuration calls it."""

    transport: str
    address: Address
    source: str
    """The local address to send from."""
    tls_name: str = ""
    """The host name that the server's certificate must carry."""


class Agent:
    """One built-in client."""

    def __init__(
        self,
        profile: Profile,
        manners: Manners,
        route: Route,
        *,
        clock: Clock,
        reactor: Any,
        rng: random.Random,
        tls_options: Callable[[str], Any] | None = None,
        core: Core | None = None,
        tap: Tap | None = None,
    ) -> None:
        self.driven: Core = core or UserAgent(profile, manners, (route.source, 5060), rng)
        self.route = route
        self.lost_because = ""
        """Why TLS broke the last connection off; empty where it did not."""
        self._tap = tap
        self.happened: list[Event] = []
        """Every event since the start, for reports."""
        self._clock = clock
        self._reactor = reactor
        self._tls_options = tls_options
        self._wire: Any = None
        self._timer: Any = None
        self._waiting: Deferred[AgentOutcome] | None = None
        self._idle: list[Deferred[None]] = []
        self._closed = False

    @property
    def core(self) -> UserAgent:
        """The user agent that it drives."""
        assert isinstance(self.driven, UserAgent)
        return self.driven

    # -- what it is asked -----------------------------------------------------------------------------------
    def act(self, action: str, timeout: float | None = None) -> Deferred[AgentOutcome]:
        """Do ``register``, ``refresh``, ``unregister``, or ``ask``; fires with the outcome of the first attempt.

        After `timeout` seconds of real time it fires with what is known by then; the client goes on.
        Fails with `IllegalStep` when the client is not in a state for it.
        """
        if self._waiting is not None:
            raise RuntimeError("this client is busy with what it was asked before")
        waiting: Deferred[AgentOutcome] = Deferred(self._cancelled)
        self._waiting = waiting
        connected = self._connect()
        connected.addCallback(lambda _: self._begin(action))
        connected.addErrback(self._could_not, waiting)
        if timeout is not None and self._waiting is waiting:
            patience = self._reactor.callLater(timeout, self._no_answer_yet, waiting, timeout)
            waiting.addBoth(_cancel, patience)
        return waiting

    def _no_answer_yet(self, waiting: Deferred[AgentOutcome], timeout: float) -> None:
        if self._waiting is waiting:
            self._waiting = None
            waiting.callback(self._outcome(False, None, f"no answer within {timeout:g} s"))

    def _cancelled(self, _: Deferred[AgentOutcome]) -> None:
        self._waiting = None

    def _begin(self, action: str) -> None:
        getattr(self.driven, action)(self._clock.wire_time(), self._clock.carrier_time())
        self.pump()

    def _could_not(self, failure: Any, waiting: Deferred[AgentOutcome]) -> None:
        if self._waiting is waiting:
            self._waiting = None
            if failure.check(OSError, _NoConnection):
                waiting.callback(self._outcome(False, None, failure.getErrorMessage()))
            else:
                waiting.errback(failure)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self.driven.busy

    def when_idle(self) -> Deferred[None]:
        """Fires when no answer is awaited any more."""
        if not self.driven.busy:
            return succeed(None)
        idle: Deferred[None] = Deferred()
        self._idle.append(idle)
        return idle

    def clock_moved(self) -> None:
        """Do what has come due, after a clock was moved."""
        if not self._closed:
            self._fire()

    def close(self) -> None:
        """Stop without a word: nothing is unregistered."""
        self._closed = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        if self._wire is not None:
            self._wire.close()
            self._wire = None
        for idle in self._idle:
            idle.callback(None)
        self._idle.clear()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(self._outcome(False, None, "the client was stopped"))

    # -- the wire ---------------------------------------------------------------------------------------------
    def _connect(self) -> Deferred[Any]:
        if self._wire is not None and self._wire.open:
            return succeed(None)
        if self.route.transport == "udp":
            self._wire = _DatagramWire(self, self._reactor)
        else:
            self._wire = _StreamWire(self, self._reactor, self._tls_options)
        ready: Deferred[Any] = self._wire.ready
        return ready

    def arrived(self, data: bytes) -> None:
        """Take one message."""
        if self._tap is not None:
            self._tap("out", data, self.driven.local)
        self.driven.receive(data, self._clock.wire_time(), self._clock.carrier_time(), self.route.address)
        self.pump()

    def connection_lost(self) -> None:
        """Take note that the connection is gone."""
        if not self._closed:
            self.driven.disconnected(self._clock.wire_time())
            self.pump()

    def pump(self) -> None:
        """Send, take note of what happened, and arm the timer."""
        if self._closed:
            return
        out = self.driven.outgoing()
        if out and (self._wire is None or not self._wire.open):
            self._wire = None
            self._connect().addErrback(lambda _: self.connection_lost())
        for data in out:
            if self._wire is not None:
                self._wire.send(data)
                if self._tap is not None:
                    self._tap("in", data, self.driven.local)
        for event in self.driven.events():
            self._note(event)
        if self._idle and not self.driven.busy:
            idle, self._idle = self._idle, []
            for waiting in idle:
                waiting.callback(None)
        self._arm()

    def _note(self, event: Event) -> None:
        self.happened.append(event)
        if len(self.happened) > 1000:
            del self.happened[:500]
        waiting = self._waiting
        if waiting is None:
            return
        outcome: AgentOutcome | None = None
        if isinstance(event, (Registered, Refreshed)):
            outcome = self._outcome(True, 200, "OK", event.expires_in)
        elif isinstance(event, Unregistered):
            outcome = self._outcome(True, 200, "OK", 0)
        elif isinstance(event, Answered):
            outcome = self._outcome(event.status < 300, event.status, event.reason)
        elif isinstance(event, TimedOut):
            outcome = self._outcome(False, None, "no answer")
        elif isinstance(event, Failed) and not self.driven.busy:
            outcome = self._outcome(False, event.status, event.reason)
        if outcome is not None:
            self._waiting = None
            waiting.callback(outcome)

    def _outcome(self, ok: bool, status: int | None, reason: str, expires_in: int = 0) -> AgentOutcome:
        return AgentOutcome(ok, self.driven.state, status, reason, expires_in, self.driven.log)

    # -- time --------------------------------------------------------------------------------------------------
    def _arm(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
            self._timer = None
        delays = []
        due, refresh = self.driven.next_timer(), self.driven.next_refresh()
        if due is not None:
            delays.append(due - self._clock.wire_time())
        if refresh is not None:
            left = self._clock.wire_until(refresh)
            if left is not None:
                delays.append(left)
        if delays:
            self._timer = self._reactor.callLater(max(0.0, min(delays)), self._fire)

    def _fire(self) -> None:
        self.driven.timer_fired(self._clock.wire_time(), self._clock.carrier_time())
        self.pump()


def _cancel(result: Any, timer: Any) -> Any:
    if timer.active():
        timer.cancel()
    return result


class _NoConnection(Exception):  # noqa: N818 - travels inside this module only
    """The registrar could not be reached."""


class _DatagramWire(twisted_protocol.DatagramProtocol):
    """A UDP socket of its own."""

    def __init__(self, agent: Agent, reactor: Any) -> None:
        self._agent = agent
        self._port = reactor.listenUDP(0, self, agent.route.source, 65535)
        agent.driven.local = (agent.route.source, self._port.getHost().port)
        self.open = True
        self.ready: Deferred[Any] = succeed(None)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:  # noqa: N802 - Twisted's name
        if addr[1] == self._agent.route.address[1]:
            self._agent.arrived(datagram)

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        self._port.write(data, self._agent.route.address)

    def close(self) -> None:
        """Close the socket."""
        self.open = False
        self._port.stopListening()


class _StreamWire(twisted_protocol.Protocol):
    """A connection of its own, TLS where options are given."""

    transport: Any

    def __init__(self, agent: Agent, reactor: Any, tls_options: Callable[[str], Any] | None) -> None:
        self._agent = agent
        self._framer = StreamFramer()
        self.open = True
        self.ready: Deferred[Any] = Deferred()
        self._early: list[bytes] = []
        self._up = False
        factory: Any = _OneConnection(self)
        if agent.route.transport == "tls":
            from twisted.protocols.tls import TLSMemoryBIOFactory

            if tls_options is None:
                raise ValueError("a TLS client needs to know whom to trust")
            factory = TLSMemoryBIOFactory(tls_options(agent.route.tls_name), True, factory, clock=reactor)
        factory.noisy = False
        host, port = agent.route.address
        reactor.connectTCP(host, port, factory, _CONNECT_TIMEOUT, (agent.route.source, 0))

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        self.transport.setTcpNoDelay(True)
        local = self.transport.getHost()
        self._agent.driven.local = (local.host, local.port)
        self._up = True
        for data in self._early:
            self.transport.write(data)
        self._early.clear()
        if not self.ready.called:
            self.ready.callback(None)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        try:
            for piece in self._framer.feed(data):
                if isinstance(piece, bytes):
                    self._agent.arrived(piece)
                elif piece is KeepAlive.PING:
                    self.transport.write(b"\r\n")
        except FramingError:
            self.transport.abortConnection()

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 - Twisted's name
        was_open, self.open, self._up = self.open, False, False
        if not self.ready.called:
            self.failed(reason)
        elif was_open:
            self._agent.lost_because = tls_failure(reason)
            self._agent.connection_lost()

    def failed(self, reason: Any) -> None:
        """Take note that the connection could not be made."""
        self.open = False
        if not self.ready.called:
            where = format_address(self._agent.route.address)
            self.ready.errback(_NoConnection(f"cannot connect to {where}: {reason.getErrorMessage()}"))

    def send(self, data: bytes) -> None:
        """Send one message, once connected."""
        if self._up:
            self.transport.write(data)
        else:
            self._early.append(data)

    def close(self) -> None:
        """Break the connection off."""
        self.open = False
        if self._up:
            self.transport.abortConnection()


class _OneConnection(twisted_protocol.ClientFactory):
    noisy = False

    def __init__(self, wire: _StreamWire) -> None:
        self._wire = wire

    def buildProtocol(self, addr: Any) -> _StreamWire:  # noqa: ARG002, N802 - Twisted's names
        return self._wire

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:  # noqa: ARG002, N802 - Twisted's names
        self._wire.failed(reason)
