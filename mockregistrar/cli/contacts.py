"""Verdicts on contacts as they are bound: what a carrier in the foreground puts behind the line of a registration.

Worked out here, where records are shown, and not in the carrier. Each contact is looked at once, and no more than
`PACE` of them in a second of the carrier's own time, so that a load test is not held up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mockregistrar.carrier.diagnosis.contacts import plain
from mockregistrar.trace import Record, Registered, Trace

PACE: Final = 20
"""Contacts that are looked at in a second: some two milliseconds of work."""
_REMEMBERED: Final = 10_000
"""Contacts that are known to have been looked at."""


class WithContacts:
    """A subscriber between a carrier and one that shows its records."""

    def __init__(self, trace: Trace, behind: Callable[[list[Any]], None]) -> None:
        """Hand records on to `behind`; `trace` holds the messages that belong to them."""
        self._trace = trace
        self._behind = behind
        self._seen: set[tuple[str, str]] = set()
        self._second = -1
        self._looked = 0

    def records(self, records: list[Any]) -> None:
        """Take a batch of records, and hand it on with what there is to say of contacts."""
        new = [r for r in records if type(r) is Registered and r.flow is not None and not plain(r.contact, r.flow)]
        if new:
            records = [each for record in records for each in self._with_verdict(record)]
        self._behind(records)

    def _with_verdict(self, record: Record) -> list[Record]:
        if not isinstance(record, Registered) or record.flow is None or plain(record.contact, record.flow):
            return [record]
        key = (record.account, record.contact)
        if key in self._seen or len(self._seen) >= _REMEMBERED or self._too_fast(record.wire):
            return [record]
        self._seen.add(key)
        from mockregistrar.engine.unrefused import BEFORE, of_contact  # here, as most contacts are plain

        messages = self._trace.messages(since=max(0, record.seq - BEFORE), partial=True)
        verdict = of_contact(record, messages)
        return [record] if verdict is None else [record, verdict]

    def _too_fast(self, wire: float) -> bool:
        if int(wire) != self._second:
            self._second, self._looked = int(wire), 0
        self._looked += 1
        return self._looked > PACE
