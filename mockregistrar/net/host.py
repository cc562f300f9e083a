"""The shim around one carrier engine: pumps octets, arms one timer, hands out events, advances time.

Lives on the reactor thread alone. It decides nothing: after each input it drains the engine, sends, and re-arms.
"""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.defer import Deferred, ensureDeferred, succeed

from mockregistrar.carrier.settings import CarrierSettings, ListenSpec
from mockregistrar.engine import CarrierEngine, Close, Listen, PauseReading, Reset, Send
from mockregistrar.net.clients import Agents
from mockregistrar.net.listeners import (
    Connection,
    DatagramPort,
    Port,
    StreamPort,
    bind_all,
    is_wildcard,
    local_addresses,
)
from mockregistrar.net.pinging import PATIENCE, answered
from mockregistrar.sip.flow import Address, Flow

if TYPE_CHECKING:
    from mockregistrar.engine import protocol
    from mockregistrar.trace import Record

Subscriber = Callable[["list[Record]"], None]
_CLOCK = frozenset({"Freeze", "Thaw", "SetRate"})
"""The commands after which the clock runs otherwise."""
EXCHANGE_LIMIT = 2.0
"""Seconds of wire time that `advance` waits for the exchanges of built-in clients at one deadline."""


class CarrierHost:
    """One running carrier: its engine, its sockets, its built-in clients and its subscribers."""

    def __init__(
        self,
        settings: CarrierSettings,
        reactor: Any,
        authority: Callable[[], Any],
        *,
        seen_as: Mapping[str, str] | None = None,
    ) -> None:
        """Make a host that listens nowhere yet.

        `seen_as` names addresses by others: what comes from the first is, for the carrier, from the second. So a client
        on loopback can stand for one at a public address.
        """
        self.settings = settings
        self._seen_as = dict(seen_as or {})
        self._really = {shown: real for real, shown in self._seen_as.items()}
        self.reactor = reactor
        self._authority = authority
        self._now = time.monotonic
        seed = settings.seed if settings.seed is not None else random.SystemRandom().getrandbits(32)
        self.seed = seed
        self.engine = CarrierEngine(settings, rng=random.Random(seed), now=self._now(), epoch=time.time())
        self._agent_rng: random.Random | None = None
        self.agents = Agents(reactor)
        self._ports: list[Port] = []
        self._udp: dict[tuple[str, int], DatagramPort] = {}
        self._connections: dict[Flow, Connection] = {}
        self._subscribers: list[tuple[Subscriber, bool]] = []
        self._timer: Any = None
        self._nameserver: tuple[ListenSpec, Any] | None = None
        self._serial = 0
        self._pumping = False
        self._stopped = False

    # -- start and stop ----------------------------------------------------------------------------------
    def start(self) -> tuple[ListenSpec, ...]:
        """Bind everything that is asked for, or nothing; return what was really bound."""
        self._take(bind_all(self.settings.listen, self, self.reactor, self._tls_options))
        return self.listening

    @property
    def listening(self) -> tuple[ListenSpec, ...]:
        """What is bound, with the real port numbers."""
        return tuple(p.place for p in self._ports)

    def _take(self, ports: list[Port]) -> None:
        self._ports += ports
        for port in ports:
            if isinstance(port, DatagramPort):
                self._udp[port.place.host, port.place.port] = port
        self.engine.listening(self.listening)
        for place in self.listening:
            if is_wildcard(place.host):
                own = local_addresses(":" in place.host)
                self.engine.carrier.listening(ListenSpec(place.transport, host, place.port) for host in own)

    def _tls_options(self) -> Any:
        names = [*self.settings.domains, *(p.host for p in self.settings.listen if not is_wildcard(p.host))]
        for wildcard in {p.host for p in self.settings.listen if is_wildcard(p.host)}:
            names += local_addresses(":" in wildcard)
        if self.settings.advertise:
            names.append(self.settings.advertise)
        return self._authority().server_options(names)

    def stop(self) -> Deferred[None]:
        """Close every socket; fires when all are closed."""
        if self._stopped:
            return succeed(None)
        self._stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self.agents.stop()
        for port in self._ports:
            port.stopListening()
        self._ports.clear()
        if self._nameserver is not None:
            self._nameserver[1].stopListening()
        if not self._connections and self._nameserver is None:
            return succeed(None)
        for connection in list(self._connections.values()):
            connection.transport.abortConnection()
        return self._turn()  # in which they end

    # -- what comes in (Sink) ------------------------------------------------------------------------------
    def datagram(self, data: bytes, flow: Flow) -> None:
        """Take one datagram of a batch."""
        try:
            self.engine.receive(data, flow, self._now())
        except Exception as error:  # noqa: BLE001 - the registrar never dies of input: recorded, fails the test
            self._broken(error)

    def resolve(self, data: bytes, flow: Flow) -> bytes | None:
        """Return the answer to a DNS query, or None for silence."""
        from mockregistrar.engine.names import resolve

        answer = None
        try:
            answer = resolve(self.engine, data, flow, self._now())
        except Exception as error:  # noqa: BLE001 - as above
            self._broken(error)
        self.pump()
        return answer

    def _broken(self, error: Exception) -> None:
        """Put a defect of ours on record."""
        self.engine.defect(repr(error), traceback.format_exc(), self._now())

    def next_serial(self) -> int:
        """Return a number for a new connection."""
        self._serial += 1
        return self._serial

    def connection_made(self, connection: Connection, flow: Flow) -> None:
        """Take up a connection."""
        if self._stopped:
            connection.transport.abortConnection()
            return
        self._connections[flow] = connection
        self.engine.opened(flow, self._now())
        self.pump()

    def connection_data(self, flow: Flow, data: bytes) -> None:
        """Take a slice of a stream."""
        self.datagram(data, flow)
        self.pump()

    def connection_lost(self, flow: Flow, reason: str) -> None:
        """Forget a connection that is gone."""
        self._connections.pop(flow, None)
        self.engine.closed(flow, reason, self._now())
        self.pump()

    def seen_as(self, host: str) -> str:
        """Return the address that the carrier sees in place of a real one."""
        return self._seen_as.get(host, host)

    def _address(self, seen: Address) -> Address:
        return self._really.get(seen[0], seen[0]), seen[1]

    # -- what goes out ---------------------------------------------------------------------------------------
    def pump(self) -> None:
        """Drain the engine: send, hand out events, re-arm the timer."""
        if self._stopped:
            return
        for output in self.engine.outgoing():
            if isinstance(output, Send):
                flow, data = output
                port = self._udp.get(flow.local) if flow.transport == "udp" else None
                if port is not None:
                    port.send(data, self._address(flow.remote) if self._really else flow.remote)
                elif (connection := self._connections.get(flow)) is not None:
                    connection.transport.write(data)
            elif isinstance(output, (Close, Reset)):
                self._end(output)
            elif isinstance(output, PauseReading):
                self._pause(output)
            elif isinstance(output, Listen):
                self._listen_or_refuse(output)
        if self._subscribers:
            self._publish()
        self._arm()

    def _end(self, output: Close | Reset) -> None:
        connection = self._connections.get(output.flow)
        if connection is not None:
            if isinstance(output, Close):
                connection.close()
            else:
                connection.transport.abortConnection()

    def _pause(self, output: PauseReading) -> None:
        connection = self._connections.get(output.flow)
        if connection is not None:
            connection.pause(output.on)

    def _listen_or_refuse(self, output: Listen) -> None:
        for port in self._ports:
            if isinstance(port, StreamPort) and (port.place.host, port.place.port) == output.address:
                if output.up:
                    port.accept_again()
                else:
                    port.refuse()

    def _publish(self) -> None:
        records = self.engine.events()
        if records:
            for subscriber, messages in list(self._subscribers):
                chosen = records if messages else [r for r in records if r.kind != "message"]
                if chosen:
                    try:
                        subscriber(chosen)
                    except Exception as error:  # noqa: BLE001 - the others and the carrier go on; it stands in the trace
                        self.engine.defect(f"a subscriber raised {error!r}", traceback.format_exc(), self._now())

    def _arm(self) -> None:
        due = self.engine.next_timer()
        if due is None:
            return
        timer = self._timer
        delay = max(0.0, due - self._now())
        if timer is not None and timer.active():
            if timer.getTime() <= self.reactor.seconds() + delay:
                return
            timer.cancel()
        self._timer = self.reactor.callLater(delay, self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        try:
            self.engine.timer_fired(self._now())
        except Exception as error:  # noqa: BLE001 - as above
            self._broken(error)
        self.pump()

    # -- commands ----------------------------------------------------------------------------------------------
    def execute(self, command: protocol.Command) -> Any:
        """Carry out a command; returns its value, or a Deferred of it."""
        kind, asked = type(command).__name__, cast("Any", command)  # by name: not all kinds need be imported for one
        if kind == "Advance":
            return ensureDeferred(self.advance(asked.seconds))
        if kind == "SetClock":
            return ensureDeferred(self._set_clock(asked))
        if kind == "Listen":
            return self._listen_more(asked.place)
        if kind == "OpenNameserver":
            return self._open_nameserver()
        if kind == "OpenAgent":
            return self._open_agent(asked)
        if kind == "AgentAct":
            return self.agents.get(asked.agent).act(asked.action, asked.timeout)
        if kind == "CloseAgent":
            self.agents.close(asked.agent)
            return None
        if kind == "Reset":
            self.agents.stop()
        value = self.engine.command(command, self._now())
        self.pump()
        if kind in _CLOCK:
            self._clock_changed()
        return value

    def _open_agent(self, command: protocol.OpenAgent) -> int:
        from mockregistrar.client import manners_named
        from mockregistrar.net.agents import Agent, Route

        profile = command.profile
        if self._agent_rng is None:
            self._agent_rng = random.Random(self.seed ^ 0x5EED)
        route = Route(profile.transport, (profile.host, profile.port), command.source, tls_name=profile.host)
        agent = Agent(
            profile,
            manners_named(command.manners),
            route,
            clock=self,
            reactor=self.reactor,
            rng=self._agent_rng,
            tls_options=lambda name: self._authority().client_options(name),
        )
        return self.agents.add(agent)

    def _open_nameserver(self) -> ListenSpec:
        if self._nameserver is None:
            from mockregistrar.net.nameserver import open_nameserver  # here, as hardly any carrier has one

            self._nameserver = open_nameserver(self, self.reactor)
        return self._nameserver[0]

    def _listen_more(self, place: ListenSpec) -> ListenSpec:
        ports = bind_all((place,), self, self.reactor, self._tls_options)
        self._take(ports)
        return ports[0].place

    def subscribe(self, subscriber: Subscriber, *, messages: bool = False) -> Callable[[], None]:
        """Call `subscriber` with every run of records from now on; return what ends it."""
        entry = (subscriber, messages)
        self._subscribers.append(entry)
        self.engine.subscribe(messages=messages)

        def end() -> None:
            if entry in self._subscribers:
                self._subscribers.remove(entry)
                self.engine.unsubscribe()

        return end

    # -- time ----------------------------------------------------------------------------------------------------
    def wire_time(self) -> float:
        """Return wire time."""
        return self._now()

    def carrier_time(self) -> float:
        """Return the carrier's clock now, in POSIX seconds."""
        return self.engine.carrier_time(self._now())

    def wire_until(self, moment: float) -> float | None:
        """Return the seconds of wire time until the carrier's clock shows `moment`; None where it stands still."""
        due = self.engine.clock.wire_at(moment)
        if due is None:
            return None if moment > self.carrier_time() else 0.0
        return due - self._now()

    def _clock_changed(self) -> None:
        """Let the built-in clients go by the carrier's clock as it runs now."""
        self.agents.clock_moved()
        self.pump()

    async def _set_clock(self, command: protocol.SetClock) -> None:
        step = command.moment - self.carrier_time()
        if step >= 0:
            await self.advance(step)
            return
        if self.agents.next_refresh() is not None:
            raise ValueError("the clock cannot be set back while a built-in client waits for its next step on it")
        self.engine.command(command, self._now())
        self._clock_changed()

    async def advance(self, seconds: float) -> None:
        """Move carrier time on, stopping at each deadline of the carrier or of a built-in client."""
        self.engine.note(f"clock: advance {seconds:g} s", self._now())
        target = self.carrier_time() + seconds
        patience = PATIENCE
        await self.agents.settled(EXCHANGE_LIMIT)
        while True:
            due = [d for d in (self.engine.next_carrier_deadline(), self.agents.next_refresh()) if d is not None]
            step = min(due, default=target)
            step = min(step, target)
            now = self.carrier_time()
            if step > now:
                self.engine.advance_clock(step - now)
            if not due or min(due) > self.carrier_time():
                if self.carrier_time() >= target:
                    return
                continue
            self.agents.clock_moved()
            await self.agents.settled(EXCHANGE_LIMIT)
            self.engine.finish_diagnoses()  # a lapse tells what a refused refresh was refused for
            self.engine.timer_fired(self._now())
            self.pump()
            if self.engine.pings is not None:
                patience = await answered(self, patience)
            await self._turn()

    def _turn(self) -> Deferred[None]:
        """Fires in the reactor's next turn, so that a long advance lets everything else run."""
        turn: Deferred[None] = Deferred()
        self.reactor.callLater(0, turn.callback, None)
        return turn
