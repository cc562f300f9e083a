"""An engine on a stage: octets in, octets out, and what the trace says about it."""

from __future__ import annotations

import random
from typing import Any

from playbook import HOST, LOCAL, NOW, SOURCE, Ask, Desk, spec

from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.engine import CarrierEngine, Send, StreamLimits, protocol
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import Response, parse
from mockregistrar.trace import Dropped, InternalError, MessageSeen, Record, Refused

UDP = Flow("udp", LOCAL, SOURCE)
PLACES = (ListenSpec("udp", *LOCAL), ListenSpec("tcp", *LOCAL))


class Stage:
    """One engine, one client's memory, one wire clock."""

    def __init__(self, *accounts: str | AccountSpec, limits: StreamLimits | None = None, **settings: Any) -> None:
        specs = tuple(spec(a) if isinstance(a, str) else a for a in accounts)
        given = {"realm": HOST, **settings}
        self.now = 100.0
        self.engine = CarrierEngine(
            CarrierSettings().changed(accounts=specs, **given),
            rng=random.Random(1),
            now=self.now,
            epoch=NOW,
            limits=limits,
        )
        self.engine.listening(PLACES)
        self.desk = Desk()
        self._serial = 0

    def feed(self, data: bytes, flow: Flow = UDP) -> list[Any]:
        """Hand octets to the engine; return what it wants done."""
        self.engine.receive(data, flow, self.now)
        return self.engine.outgoing()

    def connect(self, transport: str = "tcp") -> Flow:
        """Open a connection; return its flow."""
        self._serial += 1
        flow = Flow(transport, LOCAL, (SOURCE[0], 40_000 + self._serial % 20_000), self._serial)
        self.engine.opened(flow, self.now)
        return flow

    def ask(self, request: Ask, flow: Flow | None = None) -> Response | None:
        """Send a request; return the one answer, or None for silence."""
        flow = Flow("udp", LOCAL, request.source) if flow is None else flow
        sent = self.feed(request.octets(self.desk), flow)
        if not sent:
            return None
        (send,) = sent
        assert isinstance(send, Send)
        return self.take(send.data)

    def take(self, data: bytes) -> Response:
        """Parse an answer and remember its challenges."""
        answer = parse(data)
        assert isinstance(answer, Response)
        if answer.status not in (400, 503):  # which may mirror what was malformed
            answer.check()
        self.desk.take([("WWW-Authenticate", v) for v in answer.headers.get("www-authenticate", ())])
        return answer

    def register(self, user: str = "alice", password: str = "x", flow: Flow | None = None, **fields: Any) -> Response:
        """Register in two steps; return the last answer."""
        first = self.ask(Ask(user=user, **fields), flow)
        assert first is not None
        assert first.status == 401
        answer = self.ask(Ask(user=user, password=password, **fields), flow)
        assert answer is not None
        return answer

    def until(self, seconds: float) -> list[tuple[float, Any]]:
        """Let time go on, timer by timer; return what was sent, and after how many seconds."""
        start, end, sent = self.now, self.now + seconds, []
        while True:
            due = self.engine.next_timer()
            if due is None or due > end:
                self.now = end
                return sent
            self.now = max(self.now, due)
            self.engine.timer_fired(self.now)
            sent += [(round(self.now - start, 3), output) for output in self.engine.outgoing()]

    def command(self, value: protocol.Command) -> Any:
        """Carry out a command."""
        return self.engine.command(value, self.now)

    def records(self, kind: type[Record] | None = None) -> list[Any]:
        """Return what the trace holds, of one kind."""
        return [r for r in self.engine.trace.since(0, partial=True) if kind is None or isinstance(r, kind)]

    def refusals(self) -> list[str]:
        return [r.because for r in self.records(Refused)]

    def drops(self) -> list[str]:
        return [r.because for r in self.records(Dropped)]

    def notes(self) -> list[tuple[str, str]]:
        return [(r.direction, r.note) for r in self.records(MessageSeen)]

    def sound(self) -> None:
        """Fail if the engine recorded a defect of its own, or does not work as usual any more."""
        assert self.records(InternalError) == []
        answer = self.ask(Ask(method="OPTIONS", user="ping", source=(SOURCE[0], 59_999)))
        assert answer is not None
        assert answer.status == 200
