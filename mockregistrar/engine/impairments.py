"""Faults at work in an engine: what `mockregistrar.faults` decides is carried out here, at its two points.

Theory of operation. On the wire side every message passes here on its way in (before it is parsed for real) and on its
way out (after the transactions, so that retransmissions count). What is to come later is kept on one heap of deadlines
in wire time, bounded in number and octets; what does not fit goes on at once, which the trace says. On the answer side
a request that is new is shown to the faults before the carrier decides about it. An engine that never had a fault has
none of this.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from mockregistrar.carrier.answer import Answer
from mockregistrar.carrier.reasons import Reason
from mockregistrar.engine.outputs import PauseReading, Send
from mockregistrar.engine.ways import Carry, Drip, Way
from mockregistrar.faults import Facts, FaultInfo, Faults, FaultSpec
from mockregistrar.faults.active import Active, Passage
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import REASONS, Request

if TYPE_CHECKING:
    import random

    from mockregistrar.engine.engine import CarrierEngine
    from mockregistrar.trace import Direction

MOST_HELD, MOST_OCTETS = 10_000, 1 << 20
"""Messages, and octets of them, that are held for later."""
_ALONE = 1.0
"""Seconds that a message waits for another to overtake it."""
_DRIP = 0.02
_SLICE = 50
"""Messages that go on in one input, about 5 ms of work; the next timer is then due at once."""
_REBOUND = 4096


class Impairments:
    """The faults of one engine, and the messages that they hold."""

    def __init__(self, engine: CarrierEngine, rng: random.Random, last: int = 0) -> None:
        """Begin with none; `last` is the number of the last fault that the carrier ever had."""
        self._engine = engine
        self.faults = Faults(rng, last)
        self._heap: list[tuple[float, int, int, Carry]] = []
        self._serial = 0
        self._held = self._octets = 0
        self._ways: dict[tuple[Flow, str], Way] = {}
        self._drips: dict[Flow, Drip] = {}
        self._seen: dict[Flow, tuple[int, Flow]] = {}
        """Of flows behind a NAT that bound them anew: the fault, and the flow as the carrier sees it."""
        self._really: dict[Flow, Flow] = {}
        self._outage: int | None = None
        """Number of the fault that took the carrier down."""

    # -- turned on and off -------------------------------------------------------------------------------
    def add(self, spec: FaultSpec, given: str, now: float) -> FaultInfo:
        """Turn a fault on."""
        fault = self.faults.add(spec, given, self._engine.trace.seq)
        self._engine.note(f"fault {fault.number} on: {fault.spec}", now)
        return fault.info()

    def remove(self, number: int, now: float, *, told: bool = False) -> FaultInfo:
        """Turn a fault off, let go of what stalls by it, and return how it stood."""
        was_on = self.faults.get(number) is not None
        info = self.faults.remove(number, told=told)
        if was_on:
            self._engine.note(f"{info} off".replace("  (", " ("), now)
            self._end(number, now)
        return info

    def _end(self, number: int, now: float) -> None:
        """End what a fault changed for good."""
        for (flow, direction), way in list(self._ways.items()):
            if way.stalled is not None and way.stalled.number == number:
                self._flow_again(flow, direction, now)
        for real, (by, seen) in list(self._seen.items()):
            if by == number:
                del self._seen[real]
                self._really.pop(seen, None)
        if self._outage == number:
            self._outage = None
            self._engine.go_up(now)

    def give_up(self) -> None:
        """Forget everything that is held, and read again from what stalled: the carrier starts over."""
        for (flow, direction), way in self._ways.items():
            if way.stalled is not None and direction == "in":
                self._engine.put(PauseReading(flow, False))
        self._heap.clear()
        self._ways.clear()
        self._drips.clear()

    def gone(self, flow: Flow) -> None:
        """Forget what a connection held that is gone."""
        for direction in ("in", "out"):
            way = self._ways.pop((flow, direction), None)
            if way is not None:
                self._forget(way)
        self._drips.pop(flow, None)

    # -- the wire side -----------------------------------------------------------------------------------
    def incoming(self, data: bytes, flow: Flow, now: float) -> None:
        """Take a message that came, and hand on to the engine what comes of it."""
        if flow.reliable and not self._engine.connected(flow):
            return  # reset by a fault, with octets still in hand
        if self.faults.wire or self._ways or self._seen:
            self._pass(data, Facts.of_octets(data, "in", flow), flow, now, self._engine.take)
        else:
            self._engine.take(data, flow, now)

    def outgoing(
        self, data: bytes, request: Request | None, flow: Flow, now: float, account: str, note: str, *, traced: bool
    ) -> None:
        """Take an answer that is to leave, and send what comes of it."""

        def leave(octets: bytes, to: Flow, then: float) -> None:
            self._leave(octets, to, then, account, note if octets == data else "", traced=traced)

        if self.faults.wire or self._ways:
            if request is not None:
                facts = Facts.of_answer(request, int(data[8:11]), flow)
            else:
                facts = Facts.of_octets(data, "out", flow)
            self._pass(data, facts, flow, now, leave)
        else:
            leave(data, flow, now)

    def _pass(
        self, data: bytes, facts: Facts, flow: Flow, now: float, carry: Callable[[bytes, Flow, float], None]
    ) -> None:
        """Let a message through the faults of the wire; `carry` takes it on from there."""
        way = self._ways.get((flow, facts.direction))
        if way is not None and way.stalled is not None:
            if way.late:
                self._line_up(
                    way, now, self._arrival(Passage(data), facts, flow, carry), facts.direction, flow, len(data)
                )
            else:
                self._wait(way, flow, lambda then: carry(data, flow, then), len(data))
            return
        overtaken = None
        if way is not None:
            overtaken, way.overtaken = way.overtaken, None
        passage = self.faults.pass_wire(facts, data, flow)
        if passage.rebound is not None:
            self._rebind(passage.rebound, facts, flow, now)
        if flow in self._seen:
            flow = self._seen[flow][1]
        if passage.touched is not None:
            for fault, effect in passage.touched:
                self._record(fault, effect, facts, flow, now)
        if passage.end is not None and passage.end.spec.action in ("drop", "reset"):
            self._trace_lost(passage.data, passage.end, facts, flow, now)
            if passage.end.spec.action == "reset":
                self._engine.break_off(flow)
        else:
            arrive, octets = self._arrival(passage, facts, flow, carry), len(passage.data)
            for _ in range(passage.copies + 1):
                if flow.reliable and (passage.delay > 0 or (way is not None and way.late)):
                    way = self._ways.setdefault((flow, facts.direction), way or Way())
                    self._line_up(way, now + passage.delay, arrive, facts.direction, flow, octets)
                else:
                    self._later(passage.delay, now, arrive, octets)
        if overtaken is not None:
            overtaken(now)

    def _arrival(
        self, passage: Passage, facts: Facts, flow: Flow, carry: Callable[[bytes, Flow, float], None]
    ) -> Carry:
        """Return what is done with a message that was delayed, or not: it goes on, unless its way has stalled since."""

        def arrive(now: float) -> None:
            way = self._ways.get((flow, facts.direction))
            if way is not None and way.stalled is not None:
                self._wait(way, flow, lambda then: carry(passage.data, flow, then), len(passage.data))
            elif passage.end is not None and self.faults.get(passage.end.number) is not None:  # not removed meanwhile
                self._hinder(passage, passage.end, facts, flow, now, carry)
            else:
                carry(passage.data, flow, now)

        return arrive

    def _line_up(self, way: Way, when: float, arrive: Carry, direction: str, flow: Flow, octets: int) -> None:
        """Let a message of a connection arrive at `when`, and behind those that are late already.

        Where there are too many the connection is broken off.
        """
        if not self._fits(octets):
            self._engine.break_off(flow)
            return
        way.until = max(way.until, when)
        way.late += 1

        def go_on(now: float) -> None:
            if self._ways.get((flow, direction)) is way:  # else the connection is gone
                way.late -= 1
                arrive(now)
                self._tidy(flow, direction, way)

        self._at(way.until, go_on, octets)

    def _hinder(
        self,
        passage: Passage,
        fault: Active,
        facts: Facts,
        flow: Flow,
        now: float,
        carry: Callable[[bytes, Flow, float], None],
    ) -> None:
        """Let a message drip, stall, or wait to be overtaken."""
        spec = fault.spec
        if spec.action == "drip":
            self._drips[flow] = drip = self._drips.get(flow) or Drip(1, _DRIP)
            drip.size, drip.pause = spec.octets or 1, _DRIP if spec.by is None else spec.by
            carry(passage.data, flow, now)
            return
        way = self._ways.setdefault((flow, facts.direction), Way())
        if spec.action == "stall":
            way.stalled = fault
            if facts.direction == "in":
                self._engine.put(PauseReading(flow, True))
            self._wait(way, flow, lambda then: carry(passage.data, flow, then), len(passage.data))
            if spec.by is not None:
                self._at(now + spec.by, lambda then: self._flow_again(flow, facts.direction, then), 0)
        else:
            self._hold_back((flow, facts.direction), way, passage, carry, now)

    def _hold_back(
        self,
        at: tuple[Flow, str],
        way: Way,
        passage: Passage,
        carry: Callable[[bytes, Flow, float], None],
        now: float,
    ) -> None:
        """Keep a message until the next one has passed, or a while."""
        assert passage.end is not None
        by = passage.end.spec.by
        done: list[bool] = []

        def release(then: float) -> None:
            if way.overtaken is release:
                way.overtaken = None
            self._tidy(*at, way)
            if not done:
                done.append(True)
                carry(passage.data, at[0], then)

        way.overtaken = release
        self._later(_ALONE if by is None else by, now, release, len(passage.data))

    def _wait(self, way: Way, flow: Flow, carry: Carry, octets: int) -> None:
        """Keep a message behind a stall; where there are too many the connection is broken off."""
        if not self._fits(octets):
            self._forget(way)
            self._engine.break_off(flow)
            return
        self._held += 1
        self._octets += octets
        way.waiting.append((carry, octets))

    def _flow_again(self, flow: Flow, direction: str, now: float) -> None:
        """End a stall: what waited goes on, in its order."""
        way = self._ways.get((flow, direction))
        if way is None or way.stalled is None:
            return
        way.stalled = None
        waiting = self._forget(way)
        if direction == "in":
            self._engine.put(PauseReading(flow, False))
        self._tidy(flow, direction, way)
        for carry in waiting:
            carry(now)

    def _forget(self, way: Way) -> list[Carry]:
        waiting, way.waiting = way.waiting, []
        self._held -= len(waiting)
        self._octets -= sum(octets for _, octets in waiting)
        return [carry for carry, _ in waiting]

    def _tidy(self, flow: Flow, direction: str, way: Way) -> None:
        if way.stalled is None and way.overtaken is None and not way.late:
            self._ways.pop((flow, direction), None)

    def _rebind(self, fault: Active, facts: Facts, flow: Flow, now: float) -> None:
        """Have the sender of this flow seen at another port."""
        host, port = flow.remote
        _, before = self._seen.get(flow, (0, flow))
        new = fault.spec.port
        if new is None:
            new = 1024 + (before.remote[1] - 1024 + 4099) % 64512
        if len(self._seen) >= _REBOUND:
            self._seen.clear()
            self._really.clear()
        self._really.pop(before, None)
        while (seen := Flow(flow.transport, flow.local, (host, new))) in self._really:
            new = new % 65535 + 1  # another sender is seen at this one
        self._seen[flow] = (fault.number, seen)
        self._really[seen] = flow
        self._record(fault, f"seen at port {new} in place of {port}", facts, flow, now)

    # -- what leaves -------------------------------------------------------------------------------------
    def _leave(self, data: bytes, flow: Flow, now: float, account: str, note: str, *, traced: bool) -> None:
        engine = self._engine
        if traced:
            engine.trace.message(engine.wire_time(now), engine.carrier_time(now), "out", flow, data, account, note)
        self._send(data, flow, now)

    def pong(self, flow: Flow, now: float) -> None:
        """Answer a keep-alive of a connection, which is no message: behind what is late, stalls or drips there."""
        self._behind(flow, "in", now, lambda then: self.keep_alive(b"\r\n", flow, then))

    def keep_alive(self, data: bytes, flow: Flow, now: float) -> None:
        """Send what is no message, and so no fault's to touch."""
        self._behind(flow, "out", now, lambda then: self._send(data, flow, then))

    def _behind(self, flow: Flow, direction: str, now: float, carry: Carry) -> None:
        def arrive(then: float) -> None:
            way = self._ways.get((flow, direction))
            if way is not None and way.stalled is not None:
                self._wait(way, flow, carry, 2)
            else:
                carry(then)

        way = self._ways.get((flow, direction))
        if way is not None and way.late:
            self._line_up(way, now, arrive, direction, flow, 2)
        else:
            arrive(now)

    def _send(self, data: bytes, flow: Flow, now: float) -> None:
        """Send octets that passed all faults: behind those that drip, if there are any."""
        drip = self._drips.get(flow)
        if drip is None:
            self._engine.put(Send(self._really.get(flow, flow), data))
            return
        if len(drip.octets) + len(data) > MOST_OCTETS:
            self._engine.break_off(flow)
            return
        first = not drip.octets
        drip.octets += data
        if first:
            self._drop_of(drip, flow, now)

    def _drop_of(self, drip: Drip, flow: Flow, now: float) -> None:
        """Send the next piece, and come back for the one behind it."""
        if self._drips.get(flow) is not drip:
            return  # the connection is gone
        self._engine.put(Send(flow, bytes(drip.octets[: drip.size])))
        del drip.octets[: drip.size]
        if drip.octets:
            self._at(now + drip.pause, lambda then: self._drop_of(drip, flow, then), 0)
        else:
            del self._drips[flow]

    # -- later -------------------------------------------------------------------------------------------
    def _fits(self, octets: int) -> bool:
        return self._held < MOST_HELD and self._octets + octets <= MOST_OCTETS

    def _later(self, delay: float, now: float, carry: Carry, octets: int) -> None:
        """Let something happen after `delay` seconds; at once where that is now, or too much is held."""
        if delay <= 0:
            carry(now)
        elif not self._fits(octets):
            self._engine.note(f"not delayed: {self._held} messages of {self._octets} octets are held already", now)
            carry(now)
        else:
            self._at(now + delay, carry, octets)

    def _at(self, when: float, carry: Carry, octets: int) -> None:
        self._serial += 1
        self._held += 1
        self._octets += octets
        heapq.heappush(self._heap, (when, self._serial, octets, carry))

    def next_timer(self) -> float | None:
        """Return the wire time of the next held message; None for never."""
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> None:
        """Let go on what has come due, a slice of it."""
        for _ in range(_SLICE):
            if not self._heap or self._heap[0][0] > now:
                return
            _, _, octets, carry = heapq.heappop(self._heap)
            self._held -= 1
            self._octets -= octets
            carry(now)

    # -- the answer side ---------------------------------------------------------------------------------
    def handle(self, request: Request, flow: Flow, now: float) -> Answer:
        """Decide about a request as the carrier does at wire time `now`, but for what faults have it do."""
        engine = self._engine
        carrier_now = engine.carrier_time(now)
        if not self.faults.answer:
            return engine.carrier.handle(request, flow, carrier_now)
        facts = Facts.of_request(request, flow)
        skew = 0.0
        with ExitStack() as stack:
            for fault in self.faults.on_request(facts, flow):
                action = fault.spec.action
                if action == "skew":
                    skew += fault.spec.by or 0.0
                    self._record(fault, f"Date off by {fault.spec.by:g} s", facts, flow, now)
                elif action == "password":
                    account = engine.carrier.accounts.find(facts.user, facts.host)
                    if account is not None:
                        stack.enter_context(account.with_secret(f"\0{fault.number}"))
                    self._record(fault, "held against another password", facts, flow, now)
                else:
                    return self._instead(fault, request, facts, flow, now)
            answer = engine.carrier.handle(request, flow, carrier_now)
        if skew:
            date = engine.carrier.date_at(carrier_now + skew)
            answer.headers = [(n, date if n == "Date" else v) for n, v in answer.headers]
        return answer

    def _instead(self, fault: Active, request: Request, facts: Facts, flow: Flow, now: float) -> Answer:
        """Return what a fault has answered in the carrier's place."""
        spec, engine = fault.spec, self._engine
        account, user = engine.whom(request)
        detail = f"fault {fault.number}: {spec}"
        if spec.action == "outage":
            self._record(fault, "carrier taken down", facts, flow, now)
            engine.go_down(spec.kind or "silent", spec.forget, now)
            self._outage = fault.number
            if spec.by is not None:
                self._at(now + spec.by, lambda then: self._up_again(fault.number, then), 0)
            return engine.during_outage(request)
        if spec.action == "silence":
            self._record(fault, "not answered", facts, flow, now)
            return Answer(None, account=account, user=user, because=Reason.FAULT, detail=detail)
        if spec.action == "block":
            self._record(fault, "source blocked", facts, flow, now)
            return engine.carrier.refuse_source(account, user, f"{facts.source} is blocked by {detail}")
        if spec.action == "suspend":
            self._record(fault, "answered 403", facts, flow, now)
            because = Reason.ACCOUNT_SUSPENDED
            return Answer(403, "Account Suspended", account=account, user=user, because=because, detail=detail)
        status = spec.answer_status or 503
        self._record(fault, f"answered {status}", facts, flow, now)
        headers = list(spec.headers)
        if spec.retry_after is not None:
            headers.append(("Retry-After", str(spec.retry_after)))
        answer = Answer(status, spec.reason or REASONS.get(status, "Fault"), headers, account=account, user=user)
        if status >= 300:
            answer.because, answer.detail = Reason.FAULT, detail
        return answer

    def query(self, name: str, flow: Flow, now: float) -> str:
        """Return how the look-up of a name fails: ``nxdomain``, ``servfail``, ``silent``, or empty for not at all."""
        facts = Facts("in", flow, "DNS", None, "", name, None)
        for fault in self.faults.on_query(facts, flow):
            kind = fault.spec.kind or "nxdomain"
            self._record(fault, f"{name} not resolved ({kind})", facts, flow, now)
            return kind
        return ""

    def outage_changed(self) -> None:
        """Take note that the carrier went down, or came up, by another's order: it is no fault's to end any more."""
        self._outage = None

    def _up_again(self, number: int, now: float) -> None:
        if self._outage == number:
            self._outage = None
            self._engine.go_up(now)

    # -- what the trace is told --------------------------------------------------------------------------
    def _account(self, facts: Facts) -> str:
        account = self._engine.carrier.accounts.find(facts.user, facts.host)
        return "" if account is None else account.name

    def _record(self, fault: Active, effect: str, facts: Facts, flow: Flow, now: float) -> None:
        engine = self._engine
        account = self._account(facts)
        direction: Direction = "in" if facts.direction == "in" else "out"
        engine.trace.fault(
            engine.wire_time(now), engine.carrier_time(now), fault.number, str(fault.spec), effect, direction, flow,
            account, facts.method, facts.status,
        )  # fmt: skip

    def _trace_lost(self, data: bytes, fault: Active, facts: Facts, flow: Flow, now: float) -> None:
        engine = self._engine
        note = f"{'lost' if facts.direction == 'in' else 'not sent'}: fault {fault.number}"
        direction: Direction = "in" if facts.direction == "in" else "out"
        engine.trace.message(
            engine.wire_time(now), engine.carrier_time(now), direction, flow, data, self._account(facts), note
        )
