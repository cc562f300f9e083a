"""What is written to the history: the hot path, and what waits for subscribers.

See :mod:`mockregistrar.trace.history` for how it is kept and how it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from mockregistrar.trace.counting import Starts, Tally
from mockregistrar.trace.shelves import Entry, Shelf, record_of

if TYPE_CHECKING:
    from mockregistrar.sip.flow import Flow
    from mockregistrar.trace.records import BindingEvent, Direction, Record

CHANGES = ("registered", "refreshed", "unregistered", "lapsed")
"""The kinds of binding changes."""


class Written:
    """The shelves, the counts and what fills them; :class:`~mockregistrar.trace.history.Trace` reads them."""

    __slots__ = (
        "_bindings",
        "_bytes",
        "_cleared",
        "_counts",
        "_dropped",
        "_in",
        "_listeners",
        "_max_bytes",
        "_messages",
        "_others",
        "_out",
        "_pending",
        "_refused",
        "_seq",
        "_squeezed",
        "_tallies",
        "keep_messages",
    )

    def __init__(self, max_messages: int = 2000, max_bytes: int = 2 << 20, max_records: int = 10_000) -> None:
        if min(max_messages, max_bytes, max_records) < 0:
            raise ValueError("a bound of the history is 0 or more")
        self._messages = Shelf(max_messages)
        self._max_bytes = max_bytes
        self._bindings = Shelf(max_records)
        self._others = Shelf(max_records)
        self._seq = 0
        self._listeners = 0
        self._pending: list[Entry] | None = None
        self._cleared = -1.0  # wire time of the last reset; before any, none
        self.keep_messages = True
        """Whether messages are kept for :meth:`drain` too; without, it gives the other records alone."""
        self._clear()

    def _clear(self) -> None:
        self._messages.clear()
        self._bindings.clear()
        self._others.clear()
        self._bytes = 0
        self._squeezed = False  # whether octets, rather than the number, last pushed a message out
        self._in = Starts()
        self._out = Starts()
        self._tallies: dict[str, Tally] = {}
        self._counts: dict[str, int] = {}
        self._refused: dict[str, int] = {}
        self._dropped: dict[str, int] = {}

    # -- writing ------------------------------------------------------------------------------------

    def message(
        self,
        wire: float,
        carrier: float,
        direction: Direction,
        flow: Flow,
        data: bytes,
        account: str = "",
        note: str = "",
    ) -> int:
        """Keep one message, return its number. The hot path; fields as in :class:`MessageSeen`."""
        self._seq = seq = self._seq + 1
        entry = ("message", seq, wire, carrier, direction, flow, data, account, note)
        starts = self._in if direction == "in" else self._out
        try:
            starts.heads[data[:11]] += 1
        except KeyError:
            starts.add_new(data)
        if account:
            try:
                tally = self._tallies[account]
            except KeyError:
                tally = self._tallies[account] = Tally()
            tally.messages += 1
            tally.wire = wire
        shelf = self._messages
        queue = shelf.entries
        queue.append(entry)
        held = self._bytes + len(data)
        if len(queue) > shelf.limit:
            old = queue.popleft()
            held -= len(old[6])
            shelf.lost += 1
            shelf.lost_seq = old[1]
            self._squeezed = False
        while held > self._max_bytes:
            old = queue.popleft()
            held -= len(old[6])
            shelf.lost += 1
            shelf.lost_seq = old[1]
            self._squeezed = True
        self._bytes = held
        if self._pending is not None and self.keep_messages:
            self._pending.append(entry)
        return seq

    def binding(
        self,
        change: type[BindingEvent],
        wire: float,
        carrier: float,
        account: str,
        aor: str,
        contact: str,
        expires: int,
        flow: Flow | None,
        call_id: str,
        cseq: int,
        user_agent: str,
        left: float,
        detail: str = "",
        because: str = "",
    ) -> int:
        """Keep one binding change, return its number.

        *change* is the record type, e.g. :class:`Registered`; fields as in :class:`BindingEvent`.
        """
        kind = change.kind
        entry = (
            kind,
            self._seq + 1,
            wire,
            carrier,
            account,
            aor,
            contact,
            expires,
            flow,
            call_id,
            cseq,
            user_agent,
            left,
            detail,
            because,
        )
        try:
            tally = self._tallies[account]
        except KeyError:
            tally = self._tallies[account] = Tally()
        if kind == "refreshed":
            tally.refreshed += 1
        elif kind == "registered":
            tally.registered += 1
        elif kind == "unregistered":
            tally.unregistered += 1
        elif kind == "lapsed":
            tally.lapsed += 1
        else:
            raise TypeError(f"not a binding change: {change!r}")
        tally.wire = wire
        counts = self._counts
        counts[kind] = counts.get(kind, 0) + 1
        return self._keep(self._bindings, entry)

    def refused(
        self,
        wire: float,
        carrier: float,
        account: str,
        user: str,
        because: str,
        detail: str,
        status: int | None,
        method: str,
        flow: Flow | None,
    ) -> int:
        """Keep one refusal, return its number; fields as in :class:`Refused`."""
        entry = (
            "refused", self._seq + 1, wire, carrier, account, user, because, detail, status, method, flow
        )  # fmt: skip
        if account:
            try:
                tally = self._tallies[account]
            except KeyError:
                tally = self._tallies[account] = Tally()
            tally.refused += 1
            tally.because = because
            tally.wire = wire
        self._refused[because] = self._refused.get(because, 0) + 1
        return self._keep(self._others, entry)

    def verdict(self, wire: float, carrier: float, *fields: Any) -> int:
        """Keep one verdict, return its number; fields as in :class:`Verdict`."""
        self._counts["verdict"] = self._counts.get("verdict", 0) + 1
        return self._keep(self._others, ("verdict", self._seq + 1, wire, carrier, *fields))

    def dropped(self, wire: float, carrier: float, flow: Flow | None, because: str, detail: str, size: int) -> int:
        """Keep one drop, return its number; fields as in :class:`Dropped`."""
        self._dropped[because] = self._dropped.get(because, 0) + 1
        return self._keep(self._others, ("dropped", self._seq + 1, wire, carrier, flow, because, detail, size))

    def internal_error(self, wire: float, carrier: float, detail: str, traceback: str) -> int:
        """Keep one defect of ours, return its number; fields as in :class:`InternalError`."""
        self._counts["internal-error"] = self._counts.get("internal-error", 0) + 1
        return self._keep(self._others, ("internal-error", self._seq + 1, wire, carrier, detail, traceback))

    def fault(self, wire: float, carrier: float, *fields: object) -> int:
        """Keep that a fault touched a message, return its number; *fields* are those of :class:`FaultTouched`."""
        self._counts["fault"] = self._counts.get("fault", 0) + 1
        return self._keep(self._others, ("fault", self._seq + 1, wire, carrier, *fields))

    def qualified(self, wire: float, carrier: float, *fields: object) -> int:
        """Keep what a ping of a contact showed, return its number; *fields* are those of :class:`Qualified`."""
        self._counts["qualified"] = self._counts.get("qualified", 0) + 1
        return self._keep(self._others, ("qualified", self._seq + 1, wire, carrier, *fields))

    def note(self, wire: float, carrier: float, text: str) -> int:
        """Keep one turn of events, return its number; fields as in :class:`Note`."""
        self._counts["note"] = self._counts.get("note", 0) + 1
        return self._keep(self._others, ("note", self._seq + 1, wire, carrier, text))

    def add(self, record: Record) -> int:
        """Keep a record made elsewhere, return the number it gets here: its own ``seq`` is not used."""
        fields = [value for name, value in record.items() if name != "seq"]
        if record.kind in CHANGES:
            return self.binding(cast("type[BindingEvent]", type(record)), *fields)
        writer = _WRITERS.get(record.kind)
        if writer is None:
            raise TypeError(f"not a record type of the trace: {type(record).__name__}")
        return writer(self, *fields)

    def reset(self, wire: float = 0.0) -> None:
        """Forget all records, counts and tallies, at that wire time. Numbers go on: no two records ever share one."""
        self._clear()
        self._cleared = wire

    def _keep(self, shelf: Shelf, entry: Entry) -> int:
        self._seq = seq = self._seq + 1
        shelf.add(entry)
        if self._pending is not None:
            self._pending.append(entry)
        return seq

    # -- subscribers --------------------------------------------------------------------------------

    @property
    def listeners(self) -> int:
        """How many subscribers there are; at 0 nothing is kept for them, and what was is let go."""
        return self._listeners

    @listeners.setter
    def listeners(self, number: int) -> None:
        if number < 0:
            raise ValueError("fewer than no listeners")
        self._listeners = number
        if not number:
            self._pending = None
        elif self._pending is None:
            self._pending = []

    def pending(self) -> int:
        """Return how many records wait for :meth:`drain`."""
        return len(self._pending) if self._pending is not None else 0

    def drain(self, *, messages: bool = True) -> list[Record]:
        """Return what was seen since the last call, in order, and let go of it.

        Evicted or not, it is all there: drain after each input, as this list has no other bound. Without
        *messages*, the messages among it are let go without being made into records.
        """
        entries = self._pending
        if not entries:
            return []
        self._pending = []
        return [record_of(entry) for entry in entries if messages or entry[0] != "message"]


_WRITERS: dict[str, Callable[..., int]] = {
    "message": Written.message,
    "refused": Written.refused,
    "dropped": Written.dropped,
    "fault": Written.fault,
    "internal-error": Written.internal_error,
    "note": Written.note,
    "qualified": Written.qualified,
    "verdict": Written.verdict,
}
