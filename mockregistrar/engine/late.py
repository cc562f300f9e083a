"""Answers that go out late: decided when the request came, sent when their time has come, in wire time.

Meanwhile the transaction stays open, so that what the client repeats is absorbed, or meets the 100 Trying again.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from mockregistrar.sip.message import Request, response
from mockregistrar.sip.transactions import key_of

if TYPE_CHECKING:
    from mockregistrar.carrier.answer import Answer
    from mockregistrar.engine.engine import CarrierEngine
    from mockregistrar.sip.flow import Flow

MOST = 2000
"""Answers that are held at once; one more goes out at once."""
_SLICE = 50


class LateAnswers:
    """The answers of one carrier that wait for their time."""

    def __init__(self, engine: CarrierEngine) -> None:
        self._engine = engine
        self._heap: list[tuple[float, int, bytes, Request, Flow, str]] = []
        self._serial = 0

    def add(self, octets: bytes, answer: Answer, request: Request, flow: Flow, now: float) -> None:
        """Hold an answer for as long as it says."""
        engine = self._engine
        if len(self._heap) >= MOST:
            self._send(octets, request, flow, now, answer.account)
            return
        if answer.trying:
            trying = response(request, 100, "Trying", to_tag="", source=flow.remote)
            self._send(trying, request, flow, now, answer.account)
        else:
            engine.transactions.open(key_of(request, flow), now, reliable=flow.reliable)
        self._serial += 1
        heapq.heappush(self._heap, (now + answer.delay, self._serial, octets, request, flow, answer.account))

    def next_timer(self) -> float | None:
        """Return the wire time of the next answer; None for never."""
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> None:
        """Send what has come due, a slice of it; a carrier that went down meanwhile sends nothing."""
        for _ in range(_SLICE):
            if not self._heap or self._heap[0][0] > now:
                return
            _, _, octets, request, flow, account = heapq.heappop(self._heap)
            if self._engine.outage is None:
                self._send(octets, request, flow, now, account)

    def _send(self, octets: bytes, request: Request, flow: Flow, now: float, account: str) -> None:
        """Send an answer, a provisional or the late one, and have it sent again to who asks again."""
        engine = self._engine
        target = engine.send(octets, request, flow, engine.wire_time(now), engine.carrier_time(now), account, "")
        engine.transactions.complete(key_of(request, flow), octets, now, reliable=flow.reliable, flow=target)


def answer_late(engine: CarrierEngine, octets: bytes, answer: Answer, request: Request, flow: Flow, now: float) -> None:
    """Hold an answer of `engine` for as long as it says."""
    if engine.late is None:
        engine.late = LateAnswers(engine)
    engine.late.add(octets, answer, request, flow, now)
