"""The bounded history: everything that was seen, in one order, cheap to write and honest to read.

Theory of operation. Writing is the hot path (each registration writes four messages and a binding
change), reading is rare (a failed test, a page that somebody looks at). So writing stores one plain
tuple ``(kind, seq, wire, carrier, fields...)``, and reading makes records of the tuples asked for.

Three shelves hold the tuples: messages (bounded by number and by octets), binding changes, and
refusals with everything else that is no message. They are kept apart so that a flood of one does not
push out another. A shelf that is full forgets its oldest entry. What is never forgotten is *how much*
there was: counters by method, status and reason, and a tally per account (``counting.py``).

Nothing lies: a question whose answer may have been evicted raises :exc:`HistoryTruncated`, naming the
setting to raise. The counters make this precise: where the count of what was asked for equals what is
still there, nothing of it was evicted, and the question is answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, cast

from mockregistrar.trace.counting import OTHER, Tally, start_of
from mockregistrar.trace.shelves import SEQ, WIRE, Entry, HistoryTruncated, Shelf, account_field, record_of
from mockregistrar.trace.writing import CHANGES, Written

if TYPE_CHECKING:
    from mockregistrar.sip.flow import Address
    from mockregistrar.trace.incidents import Refused, Verdict
    from mockregistrar.trace.records import BindingEvent, Direction, MessageSeen, Record
    from mockregistrar.trace.totals import AccountSummary, Counters

_LATEST = 60.0  # seconds after its refusal, whose time it has, a verdict is written at the latest
_ACCOUNT, _BECAUSE = 4, 6  # of binding changes and refusals; of refusals
_DIRECTION, _FLOW, _DATA, _MESSAGE_ACCOUNT = 4, 5, 6, 7  # of messages


class Trace(Written):
    """Everything seen, in one order.

    *max_messages* and *max_bytes* bound the messages kept (octets of messages; what Python needs to keep
    each comes on top, some 200 octets); *max_records* bounds the binding changes, and by itself all the
    rest. The carrier's settings call them ``history_messages``, ``history_bytes`` and
    ``history_records``. A bound of 0 keeps nothing and still counts.

    Account names given to it are those of accounts that exist, as each gets a tally that is never
    evicted; what a stranger claims to be belongs into :meth:`refused`'s *user*.
    """

    __slots__ = ()

    # -- reading ------------------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """The number of the latest record; 0 before the first."""
        return self._seq

    @property
    def evicted(self) -> int:
        """How many records were evicted since the start or the last reset."""
        return self._messages.lost + self._bindings.lost + self._others.lost

    def since(self, seq: int = 0, *, partial: bool = False) -> list[Record]:
        """Return all records with a higher number than *seq*, in order.

        Raises :exc:`HistoryTruncated` when some of them were evicted; with *partial*, what is left is
        returned.
        """
        shelves = self._shelves()
        if not partial:
            for shelf in shelves:
                if shelf.lost_seq > seq:
                    raise self._truncated(shelf)
        entries = [entry for shelf in shelves for entry in shelf.after(seq)]
        entries.sort(key=itemgetter(SEQ))
        return [record_of(entry) for entry in entries]

    def messages(
        self,
        *,
        method: str | None = None,
        status: int | None = None,
        account: str | None = None,
        direction: Direction | None = None,
        since: int = 0,
        partial: bool = False,
    ) -> list[MessageSeen]:
        """Return the messages that meet all that is asked for, in order.

        *method* asks for requests of that method, *status* for responses of that status. Raises
        :exc:`HistoryTruncated` when such messages may have been evicted; with *partial*, what is left is
        returned.
        """
        if method is not None and status is not None:
            raise ValueError("a request has a method, a response a status; no message has both")
        shelf = self._messages
        start: str | int | None = method if method is not None else status
        if not partial and shelf.lost_seq > since and not self._messages_whole(start, account, direction):
            raise self._truncated(shelf)
        entries: Iterable[Entry] = shelf.after(since)
        if account is not None:
            entries = [entry for entry in entries if entry[_MESSAGE_ACCOUNT] == account]
        if direction is not None:
            entries = [entry for entry in entries if entry[_DIRECTION] == direction]
        if start is not None:
            entries = [entry for entry in entries if start_of(entry[_DATA]) == start]
        return [cast("MessageSeen", record_of(entry)) for entry in entries]

    def bindings(self, account: str | None = None, *, since: int = 0, partial: bool = False) -> list[BindingEvent]:
        """Return the binding changes, of *account* or of all, in order.

        Raises :exc:`HistoryTruncated` when some may have been evicted; with *partial*, what is left is
        returned.
        """
        shelf = self._bindings
        if not partial and shelf.lost_seq > since and not self._bindings_whole(account):
            raise self._truncated(shelf)
        return [
            cast("BindingEvent", record_of(entry))
            for entry in shelf.after(since)
            if account is None or entry[_ACCOUNT] == account
        ]

    def refusals(
        self,
        account: str | None = None,
        *,
        because: str | None = None,
        since: int = 0,
        partial: bool = False,
    ) -> list[Refused]:
        """Return the refusals, of *account* or of all, for the slug *because* or for any, in order.

        ``account=""`` asks for those that fit no account. Raises :exc:`HistoryTruncated` when some may
        have been evicted; with *partial*, what is left is returned.
        """
        shelf = self._others
        if not partial and shelf.lost_seq > since and not self._refusals_whole(account, because):
            raise self._truncated(shelf)
        return [
            cast("Refused", record_of(entry))
            for entry in shelf.after(since)
            if entry[0] == "refused"
            and (account is None or entry[_ACCOUNT] == account)
            and (because is None or entry[_BECAUSE] == because)
        ]

    def verdicts(self, account: str | None = None, *, since: int = 0) -> list[Verdict]:
        """Return the verdicts that are still held, of *account* or of all, in order; ``""`` as in :meth:`refusals`."""
        return [
            cast("Verdict", record_of(entry))
            for entry in self._others.after(since)
            if entry[0] == "verdict" and (account is None or entry[_ACCOUNT + 1] == account)
        ]

    def others(self, *, since: int = 0, partial: bool = False) -> list[Record]:
        """Return what is no message, no binding change and no refusal: drops, defects, notes; in order.

        Raises :exc:`HistoryTruncated` when some may have been evicted; with *partial*, what is left is
        returned.
        """
        shelf = self._others
        if not partial and shelf.lost_seq > since and not self._others_whole():
            raise self._truncated(shelf)
        return [record_of(entry) for entry in shelf.after(since) if entry[0] != "refused"]

    def concerning(self, since: Mapping[str, float], sources: Mapping[Address, str]) -> Iterator[tuple[str, Record]]:
        """Yield what concerns some accounts and is still held, in order, each with the name of its account.

        `since` has a wire time for each account: only what came then or later is of interest. What names no account is
        that of the one that `sources` has for where it came from. The history is gone through once for them all.
        """
        first = min(since.values(), default=float("inf"))
        found: list[tuple[str, Entry]] = []
        for shelf in self._shelves():
            for entry in reversed(shelf.entries):
                if entry[WIRE] < first - _LATEST:
                    break
                field = account_field(entry[0])
                name = "" if field is None else entry[field]
                if not name and entry[0] == "message":
                    name = sources.get(entry[_FLOW].remote, "")
                if name and entry[WIRE] >= since.get(name, float("inf")):
                    found.append((name, entry))
        found.sort(key=lambda each: each[1][SEQ])
        for name, entry in found:
            yield name, record_of(entry)

    def forgot(self, account: str, wire: float) -> bool:
        """Whether something of an account that came after wire time `wire` may be held no more."""
        if wire <= self._cleared:
            return True
        if not any(shelf.lost and (not shelf.entries or shelf.entries[0][WIRE] > wire) for shelf in self._shelves()):
            return False
        tally = self._tallies.get(account)
        return tally is None or tally.wire is None or tally.wire > wire

    def _shelves(self) -> tuple[Shelf, ...]:
        return self._messages, self._bindings, self._others

    def counters(self) -> Counters:
        """Return the totals, which no bound touches."""
        from mockregistrar.trace.totals import Counters

        starts_in, starts_out = self._in.totals(), self._out.totals()
        return Counters(
            requests_in={start: n for start, n in starts_in.items() if isinstance(start, str)},
            requests_out={start: n for start, n in starts_out.items() if isinstance(start, str)},
            responses_in={start: n for start, n in starts_in.items() if isinstance(start, int)},
            responses_out={start: n for start, n in starts_out.items() if isinstance(start, int)},
            bindings={kind: self._counts.get(kind, 0) for kind in CHANGES},
            refused=dict(self._refused),
            dropped=dict(self._dropped),
            internal_errors=self._counts.get("internal-error", 0),
        )

    def summary(self, account: str) -> AccountSummary:
        """Return what the account did; all zeros for one that was not seen."""
        tally = self._tallies.get(account)
        return (tally or Tally()).summary(account)

    def summaries(self) -> list[AccountSummary]:
        """Return the summaries of all accounts seen, first seen first."""
        return [tally.summary(account) for account, tally in self._tallies.items()]

    # -- whether an answer is whole -----------------------------------------------------------------

    def _truncated(self, shelf: Shelf) -> HistoryTruncated:
        if shelf is not self._messages:
            return HistoryTruncated("history_records", shelf.limit, shelf.lost)
        if self._squeezed:
            return HistoryTruncated("history_bytes", self._max_bytes, shelf.lost)
        return HistoryTruncated("history_messages", shelf.limit, shelf.lost)

    def _messages_whole(self, start: str | int | None, account: str | None, direction: Direction | None) -> bool:
        """Whether all that was ever counted of one of the things asked for is still held."""
        entries = self._messages.entries
        if account:
            tally = self._tallies.get(account)
            seen = tally.messages if tally is not None else 0
            if seen == _held(entries, _MESSAGE_ACCOUNT, account):
                return True
        if start is None and direction is None:
            return False
        asked = entries if direction is None else [each for each in entries if each[_DIRECTION] == direction]
        both = {"in": self._in, "out": self._out}
        counted = [both[each].totals() for each in (both if direction is None else (direction,))]
        if start is None:
            return sum(sum(totals.values()) for totals in counted) == len(asked)
        if isinstance(start, str) and any(OTHER in totals for totals in counted):
            return False
        return sum(totals.get(start, 0) for totals in counted) == sum(
            start_of(entry[_DATA]) == start for entry in asked
        )

    def _bindings_whole(self, account: str | None) -> bool:
        if account is None:
            return False
        tally = self._tallies.get(account)
        seen = tally.bindings if tally is not None else 0
        return seen == _held(self._bindings.entries, _ACCOUNT, account)

    def _refusals_whole(self, account: str | None, because: str | None) -> bool:
        held = [entry for entry in self._others.entries if entry[0] == "refused"]
        if account:
            tally = self._tallies.get(account)
            seen = tally.refused if tally is not None else 0
            if seen == _held(held, _ACCOUNT, account):
                return True
        if because is not None:
            return self._refused.get(because, 0) == _held(held, _BECAUSE, because)
        return sum(self._refused.values()) == len(held)

    def _others_whole(self) -> bool:
        seen = sum(self._dropped.values()) + sum(
            self._counts.get(kind, 0) for kind in ("note", "internal-error", "fault", "verdict", "qualified")
        )
        return seen == sum(1 for entry in self._others.entries if entry[0] != "refused")


def _held(entries: Iterable[Entry], field: int, value: str) -> int:
    return sum(entry[field] == value for entry in entries)
