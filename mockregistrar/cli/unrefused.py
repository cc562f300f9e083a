"""Verdicts where nothing was refused, behind the lines they are about: a contact that was bound, input dropped.

Worked out here, where records are shown, and not in the carrier. Each contact, and each protocol of each source, is
looked at once, and no more than `PACE` of them in a second of the carrier's own time: a load test is not held up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from mockregistrar.carrier.diagnosis.contacts import plain
from mockregistrar.trace import Dropped, Record, Registered, Trace

if TYPE_CHECKING:
    from mockregistrar.carrier.settings import ListenSpec

PACE: Final = 20
"""Looks in a second: some six milliseconds of work."""
_REMEMBERED: Final = 10_000
"""Contacts and sources that are known to have been looked at."""


class WithUnrefused:
    """A subscriber between a carrier and one that shows its records."""

    def __init__(self, trace: Trace, listening: Iterable[ListenSpec], behind: Callable[[list[Any]], None]) -> None:
        """Hand records on to `behind`; `trace` holds the messages that belong to them."""
        self._trace = trace
        self._listening = tuple(listening)
        self._behind = behind
        self._seen: set[tuple[str, str]] = set()
        self._second = -1
        self._looked = 0

    def records(self, records: list[Any]) -> None:
        """Take a batch of records, and hand it on with what there is to say of them."""
        if any(_worth_a_look(record) for record in records):
            records = [each for record in records for each in self._with_verdict(record)]
        self._behind(records)

    def _with_verdict(self, record: Record) -> list[Record]:
        key = _worth_a_look(record)
        if key is None or key in self._seen or len(self._seen) >= _REMEMBERED or self._too_fast(record.wire):
            return [record]
        self._seen.add(key)
        from mockregistrar.engine.unrefused import BEFORE, of_contact, of_drop  # here, as most contacts are plain

        messages = self._trace.messages(since=max(0, record.seq - BEFORE), partial=True)
        if isinstance(record, Dropped):
            verdict = of_drop(record, messages, self._listening)
            return [record, verdict] if verdict.how else [record]
        contact = of_contact(record, messages) if isinstance(record, Registered) else None
        return [record] if contact is None else [record, contact]

    def _too_fast(self, wire: float) -> bool:
        if int(wire) != self._second:
            self._second, self._looked = int(wire), 0
        self._looked += 1
        return self._looked > PACE


def _worth_a_look(record: Record) -> tuple[str, str] | None:
    """Return what a record would be remembered by; None where there is nothing to look for."""
    if isinstance(record, Registered):
        there = record.flow is not None and not plain(record.contact, record.flow)
        return (record.account, record.contact) if there else None
    if isinstance(record, Dropped) and record.flow is not None:
        return record.flow.remote[0], f"{record.flow.transport} {record.because} {record.detail}"
    return None
