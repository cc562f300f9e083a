"""Refusals that wait to be looked into, and the looking: a slice at a time, after the answer is sent.

Bounded three ways: 64 refusals wait at most, of 96 kB together; each takes 8,000 units of work at most (about 15 ms);
and all of them together a fifth of the time, with a second's worth in hand. A refusal that finds no room is counted,
and one note says so when there is room again.
"""

from __future__ import annotations

import traceback
from collections import deque
from typing import TYPE_CHECKING, Final

from mockregistrar.carrier.diagnosis.examine import SLICE, Case, Diagnosis, Work, examine
from mockregistrar.engine.texts import short

if TYPE_CHECKING:
    from mockregistrar.carrier.answer import Answer
    from mockregistrar.engine.engine import CarrierEngine
    from mockregistrar.sip.flow import Flow
    from mockregistrar.sip.message import Request
    from mockregistrar.trace import Trace

WAITING: Final = 64
"""Refusals that wait at most."""
_OCTETS_WAITING: Final = 96 << 10
"""Octets of requests that wait at most."""
_IN_HAND: Final = 500_000.0
"""Units of work that may be done at once, about a second's."""
_PER_SECOND: Final = 100_000.0
"""Units of work that come back in a second of wire time."""


class Diagnoses:
    """The refusals of one carrier that are being looked into."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._waiting: deque[tuple[int, float, float, Case]] = deque()
        self._work: Work | None = None
        self._octets = 0
        self._units = _IN_HAND
        self._filled_at = 0.0
        self._skipped = 0
        self.due: float | None = None
        """Wire time since which there is something to do; None when there is nothing."""

    def add(self, seq: int, wire: float, carrier: float, case: Case, now: float) -> None:
        """Take up the refusal with record number `seq`, which was written at those times."""
        self._units = min(_IN_HAND, self._units + (now - self._filled_at) * _PER_SECOND)
        self._filled_at = now
        size = len(case.request.raw)
        if self._units <= 0 or len(self._waiting) >= WAITING or self._octets + size > _OCTETS_WAITING:
            self._skipped += 1
            return
        if self._skipped:
            self._trace.note(wire, carrier, f"{self._skipped} refusals came too fast to be looked into one by one")
            self._skipped = 0
        self._waiting.append((seq, wire, carrier, case))
        self._octets += size
        if self.due is None:
            self.due = now

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._work = self.due = None
        self._skipped = self._octets = 0

    def slice(self) -> None:
        """Do some two milliseconds of work."""
        spent = 0
        while self._waiting and spent < SLICE:
            spent += self._step()
        if not self._waiting:
            self.due = None

    def finish(self) -> None:
        """Do all that waits, for somebody who asks now."""
        while self._waiting:
            self._step()
        self.due = None

    def _step(self) -> int:
        """Take the first refusal one step on; return the units spent."""
        seq, wire, carrier, case = self._waiting[0]
        if self._work is None:
            self._work = examine(case)
        try:
            spent = next(self._work)
        except StopIteration as done:
            self._drop_first()
            self._write(seq, wire, carrier, case, done.value)
            return 0
        except Exception as error:  # noqa: BLE001 - the registrar never dies of input: recorded, fails the test
            self._drop_first()
            self._trace.internal_error(wire, carrier, repr(error), traceback.format_exc())
            return 0
        self._units -= spent
        return spent

    def _drop_first(self) -> None:
        _, _, _, case = self._waiting.popleft()
        self._octets -= len(case.request.raw)
        self._work = None

    def _write(self, seq: int, wire: float, carrier: float, case: Case, found: Diagnosis) -> None:
        answer = case.answer
        self._trace.verdict(
            wire,
            carrier,
            seq,
            answer.account or found.meant,
            short(answer.user),
            found.because,
            found.how,
            short(found.sentence),
            short(found.evidence),
            found.cause,
            found.fix,
            _client(case),
            found.position,
            case.flow,
        )


def _client(case: Case) -> str:
    """Return what the client does on the answer and prints, where it is one that is known."""
    from mockregistrar.client.manners.recognise import manners_seen

    manners = manners_seen(case.request)
    return "" if manners is None else manners.outlook(case.answer.status)


def look_into(engine: CarrierEngine, seq: int, request: Request, flow: Flow, answer: Answer, now: float) -> None:
    """Have a refusal of `engine` looked into when its answer is sent; `seq` is the number of its record."""
    if engine.diagnoses is None:
        engine.diagnoses = Diagnoses(engine.trace)
    case = Case(engine.carrier, request, flow, answer)
    engine.diagnoses.add(seq, engine.wire_time(now), engine.carrier_time(now), case, now)
