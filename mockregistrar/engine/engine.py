"""The carrier core: octets and time in, octets and events out; no sockets, no clock, no threads.

The contract (DESIGN section 2). Inputs: `opened`, `receive`, `closed`, `timer_fired`, `command`, each with the wire
time in seconds. After any input the shim drains `outgoing`, hands out `events`, and arms one timer for
`next_timer`. No input takes longer than about 5 ms: longer work is done in slices, `next_timer` returning a time that
has come until it is done.

Two clocks: wire time is the argument; carrier time is what `clock` shows then.
"""

from __future__ import annotations

import traceback
import zlib
from typing import Any

from mockregistrar.carrier.answer import Answer, Change
from mockregistrar.carrier.bindings import Binding
from mockregistrar.carrier.reasons import Reason
from mockregistrar.carrier.settings import ListenSpec
from mockregistrar.engine import control, protocol
from mockregistrar.engine.foreign import handshake_failed, octets_because
from mockregistrar.engine.outputs import Close, Output, Reset, Send
from mockregistrar.engine.texts import short
from mockregistrar.engine.turns import Turns
from mockregistrar.sip.errors import FramingError, ParseError
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.framing import KeepAlive, sniff
from mockregistrar.sip.message import Request, Response, parse, response, response_target
from mockregistrar.sip.transactions import key_of
from mockregistrar.trace import Record, Refreshed, Registered, Unregistered

LAPSE_SLICE = 400
"""Lapses in one input: about 3 ms of work."""
_KEPT_AFTER_LAPSE = 60.0
_CHANGES = {
    Change.REGISTERED: Registered,
    Change.REFRESHED: Refreshed,
    Change.UNREGISTERED: Unregistered,
}
_KEEPALIVES = (b"", b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0")
_LONGEST_KEEPALIVE = 4


class CarrierEngine(Turns):
    """One carrier: flows, framing, transactions, decisions and trace in one order."""

    # -- inputs ----------------------------------------------------------------------------------------
    def listening(self, places: tuple[ListenSpec, ...]) -> None:
        """Take note of what was really bound: these addresses are served names."""
        self.listening_at = places
        self.carrier.listening(places)

    def opened(self, flow: Flow, now: float) -> None:
        """Take up a connection that was made."""
        if self.outage == "refused" or self._streams.open(flow, now) is None:
            self._out.append(Reset(flow))

    def closed(self, flow: Flow, reason: str, now: float) -> None:
        """Forget a connection that is gone; `reason` tells what broke it, and is empty where it was simply closed."""
        self._streams.close(flow)
        if self.faults is not None:
            self.faults.gone(flow)
        if reason:
            wire, carrier = now - self._start, self.clock.at(now)
            because, detail = handshake_failed(reason)
            self.trace.dropped(wire, carrier, flow, because, detail, 0)

    def receive(self, data: bytes, flow: Flow, now: float) -> None:
        """Take one datagram, or any slice of a stream."""
        if flow.transport == "udp":
            if len(data) > _LONGEST_KEEPALIVE or data not in _KEEPALIVES:
                self._message(data, flow, now)
        else:
            self._stream(data, flow, now)

    def timer_fired(self, now: float) -> None:
        """Do what has come due: lapses, retransmissions, connections whose time is up."""
        for key, octets in self.transactions.due(now):
            target = self.transactions.flow_of(key)
            if target is not None and self.faults is not None:
                self.faults.outgoing(octets, None, target, now, "", "", traced=False)
            elif target is not None:
                self._out.append(Send(target, octets))
        for flow, why in self._streams.overdue(now):
            self.trace.dropped(now - self._start, self.clock.at(now), flow, "malformed", f"the connection {why}", 0)
            self._streams.close(flow)
            self._out.append(Close(flow))
        for part in (self.faults, self.pings, self.late):
            if part is not None:
                part.due(now)
        carrier_now = self.clock.at(now)
        deadline = self.carrier.bindings.next_deadline()
        if deadline is not None and deadline <= carrier_now:
            self.lapse(self.carrier.lapse(carrier_now, LAPSE_SLICE), now)
        elif self.diagnoses is not None and self.diagnoses.due is not None:
            self.diagnoses.slice()

    def command(self, value: protocol.Command, now: float) -> Any:
        """Carry out a command and return its value; raises what the command documents."""
        handler = control.HANDLERS.get(type(value).__name__)
        if handler is None or not isinstance(value, protocol.Command):
            raise TypeError(f"{type(value).__name__} is not a command of the engine")
        return handler(self, value, now)

    # -- outputs ---------------------------------------------------------------------------------------
    def outgoing(self) -> list[Output]:
        """Return what is to be done on the wire, and let go of it."""
        out = self._out
        if not out:
            return []  # never the list that goes on growing
        self._out = []
        return out

    def events(self) -> list[Record]:
        """Return the records since the last call, while there is a subscriber."""
        return self.trace.drain(messages=self._want_messages)

    def subscribe(self, *, messages: bool = False) -> None:
        """Keep events for one more subscriber; with `messages`, each message is an event too."""
        self.trace.listeners += 1
        self._want_messages = self.trace.keep_messages = self._want_messages or messages

    def unsubscribe(self) -> None:
        """One subscriber less."""
        self.trace.listeners -= 1
        if not self.trace.listeners:
            self._want_messages = self.trace.keep_messages = False

    def next_timer(self) -> float | None:
        """Return the wire time at which `timer_fired` wants to be called; None for never."""
        deadline = self.next_carrier_deadline()
        best = None if deadline is None else self.clock.wire_at(deadline)
        looking = None if self.diagnoses is None else self.diagnoses.due
        parts = [part.next_timer() for part in (self.faults, self.pings, self.late) if part is not None]
        for other in (self.transactions.next_timer(), self._streams.next_deadline(), looking, *parts):
            if other is not None and (best is None or other < best):
                best = other
        return best

    def next_carrier_deadline(self) -> float | None:
        """Return the carrier time of the next deadline on the carrier's own clock."""
        deadline = self.carrier.bindings.next_deadline()
        ping = None if self.pings is None else self.pings.next_deadline()
        return ping if deadline is None or (ping is not None and ping < deadline) else deadline

    def carrier_time(self, now: float) -> float:
        """Return the carrier's clock (POSIX seconds) at wire time `now`."""
        return self.clock.at(now)

    # -- streams ---------------------------------------------------------------------------------------
    def _stream(self, data: bytes, flow: Flow, now: float) -> None:
        stream = self._streams.get(flow)
        if stream is None:
            return
        whole = False
        try:
            for piece in stream.framer.feed(data):
                if piece is KeepAlive.PING:
                    self._pong(flow, now)
                    whole = True
                elif isinstance(piece, bytes):
                    whole = True
                    self._message(piece, flow, now)
        except FramingError as error:
            self._lost_place(data, error, flow, now)
            self._streams.close(flow)
            self._out.append(Close(flow))
            return
        # Two or three octets may be the line ends of a keep-alive: they begin nothing that has to be finished.
        self._streams.progressed(stream, now, whole=whole, partial=stream.framer.pending > 3)

    def _pong(self, flow: Flow, now: float) -> None:
        if not self.settings.pong:
            return
        if self.faults is None:
            self._out.append(Send(flow, b"\r\n"))
        else:
            self.faults.pong(flow, now)

    def connected(self, flow: Flow) -> bool:
        """Whether the connection of a flow is there; UDP always is."""
        return flow.transport == "udp" or self._streams.get(flow) is not None

    def break_off(self, flow: Flow) -> None:
        """Break a connection off at once."""
        self._streams.close(flow)
        self._out.append(Reset(flow))

    def put(self, output: Output) -> None:
        """Have something done on the wire."""
        self._out.append(output)

    def _lost_place(self, data: bytes, error: FramingError, flow: Flow, now: float) -> None:
        """Answer 400 where a whole head came whose body cannot be found, else tell what came instead of SIP."""
        if error.head is None:
            self._drop(data, flow, now, error.detail, sip=not error.detail.startswith("no SIP"))
            return
        problem = ParseError(400, "Malformed Content-Length", error.detail, field="Content-Length")
        request: Request | None = None
        try:
            message = parse(error.head)
            request = message if isinstance(message, Request) else None
        except ParseError as other:
            request = other.request
        self._malformed(request, error.head, problem, flow, now)

    # -- messages --------------------------------------------------------------------------------------
    def _message(self, data: bytes, flow: Flow, now: float) -> None:
        if self.faults is None:
            self.take(data, flow, now)
        else:
            self.faults.incoming(data, flow, now)

    def take(self, data: bytes, flow: Flow, now: float) -> None:
        """Take one message that came through the wire and its faults."""
        try:
            message = parse(data)
        except ParseError as error:
            self._malformed(error.request, data, error, flow, now)
            return
        if isinstance(message, Response):
            if self.pings is not None and self.outage is None and self.pings.received(message, flow, now):
                return
            self.trace.message(
                now - self._start, self.clock.at(now), "in", flow, data, "", "dropped: a response to nothing we sent"
            )
            return
        self._request(message, flow, now)

    def _drop(self, data: bytes, flow: Flow, now: float, detail: str, *, sip: bool = True) -> None:
        wire, carrier = now - self._start, self.clock.at(now)
        kind = sniff(data)
        because = str(Reason.MALFORMED)
        if kind is not None or not sip:
            because = octets_because(kind)
        detail = short(detail) if kind is None else f"{kind}, not SIP"
        self.trace.message(wire, carrier, "in", flow, data, "", f"dropped: {detail}")
        self.trace.dropped(wire, carrier, flow, because, detail, len(data))

    def _request(self, request: Request, flow: Flow, now: float) -> None:
        trace, wire, carrier_now = self.trace, now - self._start, now * self.clock.rate + self.clock.offset
        try:
            key = key_of(request, flow)
            octets = self.transactions.find(key, now)
        except ParseError as error:
            self._malformed(request, request.raw, error, flow, now)
            return
        if octets is not None:
            trace.message(wire, carrier_now, "in", flow, request.raw, "", "retransmission")
            if octets:
                self.send(octets, request, flow, wire, carrier_now, "", "retransmission")
            return
        method = request.method
        if method == "ACK":
            trace.message(wire, carrier_now, "in", flow, request.raw)
            self.transactions.acknowledge(key, now)
            return
        if self.outage is not None:
            answer = self.during_outage(request)
        else:
            try:
                request.check()
                if self.faults is None:
                    answer = self.carrier.handle(request, flow, carrier_now)
                else:
                    answer = self.faults.handle(request, flow, now)
            except ParseError as error:
                self._malformed(request, request.raw, error, flow, now)
                return
            except Exception as error:  # noqa: BLE001 - the registrar never dies of input: recorded, fails the test
                self.defect(repr(error), traceback.format_exc(), now)
                answer = Answer(500, "Server Internal Error", detail="internal error")
            finally:
                if self.carrier.overdue:
                    self.lapse(self.carrier.overdue, now)
                    self.carrier.overdue = []
        account = answer.account
        trace.message(wire, carrier_now, "in", flow, request.raw, account)
        if answer.changes:
            self._record_changes(answer, request, flow, now, wire, carrier_now)
        if answer.because is not None:
            seq = trace.refused(
                wire,
                carrier_now,
                account,
                short(answer.user),
                answer.because.value,
                short(answer.detail),
                answer.status,
                method,
                flow,
            )
            self._look_into(seq, request, flow, answer, now)
        if answer.status is None:
            if answer.because is Reason.FAULT:  # whose silence meets the retransmissions too
                self.transactions.open(key, now, invite=method == "INVITE", reliable=flow.transport != "udp")
            return
        self._tags += 1
        octets = response(
            request,
            answer.status,
            answer.reason,
            to_tag=f"{self._tag}{self._tags:x}",
            source=flow.remote,
            headers=answer.headers,
        )
        if self.carrier.dress is not None:
            octets = self.carrier.dress(octets)
        note = "" if answer.because is None else f"refused: {answer.because.value}"
        if answer.delay:
            from mockregistrar.engine.late import answer_late  # here, as most carriers answer at once

            answer_late(self, octets, answer, request, flow, now)
            return
        target = self.send(octets, request, flow, wire, carrier_now, account, note)
        reliable = flow.transport != "udp"
        self.transactions.complete(key, octets, now, invite=method == "INVITE", reliable=reliable, flow=target)

    def _look_into(self, seq: int, request: Request, flow: Flow, answer: Answer, now: float) -> None:
        from mockregistrar.engine.diagnoses import look_into  # here, as a test that passes refuses nothing

        look_into(self, seq, request, flow, answer, now)

    def finish_diagnoses(self) -> None:
        """Look into all refusals that wait, for a question about them."""
        if self.diagnoses is not None:
            self.diagnoses.finish()

    def during_outage(self, request: Request) -> Answer:
        """Return the answer, or the silence, of a carrier that is down."""
        kind = self.outage
        detail = f"the carrier is down ({kind})"
        account, user = self.whom(request)
        if kind == "503":
            phrase = "Service Unavailable"
            return Answer(503, phrase, account=account, user=user, because=Reason.OUTAGE, detail=detail)
        return Answer(None, account=account, user=user, because=Reason.OUTAGE, detail=detail)

    def whom(self, request: Request) -> tuple[str, str]:
        """Return the name of the account a request is about and the user as sent; empty where it does not say."""
        try:
            user, _, host = request.to_aor.rpartition("@")
        except ParseError:
            return "", ""
        account = self.carrier.accounts.find(user, host)
        return "" if account is None else account.name, user

    def _malformed(self, request: Request | None, data: bytes, error: ParseError, flow: Flow, now: float) -> None:
        """Answer what is malformed if there is anybody to answer, drop it otherwise.

        No transaction is kept, since it may be the very field that names it that is malformed. The To tag is made of
        the octets, so that a retransmission gets the same octets nevertheless (8.2.7).
        """
        if request is None or error.status is None or request.method == "ACK":
            self._drop(data, flow, now, error.detail, sip=request is not None or data[:4] == b"SIP/")
            return
        if self.outage is not None and self.outage != "503":
            self._drop(data, flow, now, f"the carrier is down ({self.outage})")
            return
        tag = f"{self._tag}x{zlib.crc32(data):08x}"
        try:
            octets = response(request, error.status, error.reason, to_tag=tag, source=flow.remote)
            if self.carrier.dress is not None:
                octets = self.carrier.dress(octets)
        except ParseError:
            self._drop(data, flow, now, error.detail)
            return
        wire, carrier_now = now - self._start, self.clock.at(now)
        account, user = self.whom(request)
        detail = short(str(error))
        self.trace.message(wire, carrier_now, "in", flow, data, account)
        because = Reason.MALFORMED
        seq = self.trace.refused(
            wire, carrier_now, account, short(user), because.value, detail, error.status, request.method, flow
        )
        answer = Answer(error.status, error.reason, account=account, user=user, because=because, detail=detail)
        self._look_into(seq, request, flow, answer, now)
        self.send(octets, request, flow, wire, carrier_now, account, f"refused: malformed: {detail}")

    def send(
        self, octets: bytes, request: Request, flow: Flow, wire: float, carrier_now: float, account: str, note: str
    ) -> Flow:
        """Send a response where 18.2.2 and RFC 3581 have it; return where that was."""
        if flow.transport == "udp":
            target = response_target(request, flow)
            host, port = target
            # A maddr or a forged sent-by never makes us send elsewhere than to the source address.
            if target is not flow.remote and port != flow.remote[1] and host == flow.remote[0]:
                flow = Flow(flow.transport, flow.local, (host, port), flow.serial)
        elif self._streams.get(flow) is None:
            note = "not sent: the connection is gone"
        if self.faults is not None:
            self.faults.outgoing(octets, request, flow, wire + self._start, account, note, traced=True)
            return flow
        self.trace.message(wire, carrier_now, "out", flow, octets, account, note)
        self._out.append(Send(flow, octets))
        return flow

    # -- bindings --------------------------------------------------------------------------------------
    def _record_changes(
        self, answer: Answer, request: Request, flow: Flow, now: float, wire: float, carrier_now: float
    ) -> None:
        aor = request.to_aor
        if self.pings is not None:
            self.pings.changed(answer.changes, now)
        for change, binding, left in answer.changes:
            gone = change is Change.UNREGISTERED
            binding.wire = wire
            self.trace.binding(
                _CHANGES[change], wire, carrier_now, answer.account, aor, binding.uri, 0 if gone else binding.granted,
                flow, binding.call_id, binding.cseq, binding.user_agent, left,
            )  # fmt: skip
            if not gone and flow.transport != "udp":
                until = self.clock.wire_at(binding.expires_at)
                self._streams.keep(flow, (now + binding.granted if until is None else until) + _KEPT_AFTER_LAPSE)

    def lapse(self, lapsed: list[Binding], now: float, detail: str = "", because: str = "") -> None:
        """Record that bindings, removed already, have lapsed: of themselves, or as `detail` and `because` have it."""
        from mockregistrar.engine.lapses import record_lapses  # here, as in most tests nothing lapses

        record_lapses(self, lapsed, now, detail, because)

    def revoke(self, revoked: list[Binding], now: float) -> None:
        """Record that the tester took bindings, removed already, away."""
        from mockregistrar.engine.lapses import record_revoked

        record_revoked(self, revoked, now)
