"""Transactions (:rfc:`3261` section 17): what makes a request happen once over a network that repeats it.

The state machines are the literal tables below, after the RFC's figures 6, 7 and 8 with the Accepted state of
:rfc:`6026`. A step that is not in the table is our own mistake and raises `IllegalStep`; whatever the other side
may send has a row.

Theory of operation, server side. Under load nearly every request is new, so the question that must be cheap is
"have I seen this?": one look into a dict. The answer given is kept for the 32 s in which a client may repeat the
request. All lifetimes are alike, so the order of completion is the order of expiry, and one deque serves both
expiry (lazily, while working) and eviction when entries or octets grow beyond their bounds. What is evicted is
answered anew if it comes again; `evicted` counts it. Time is an argument everywhere, in seconds of wire time.
"""

from __future__ import annotations

import heapq
import re
from collections import deque
from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Final

from mockregistrar.sip._usual import UsualRequest
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import Request

T1: Final = 0.5
"""Estimate of the round trip, in seconds (17.1.1.1)."""
T2: Final = 4.0
"""Longest interval between retransmissions, in seconds."""
T4: Final = 5.0
"""Longest time a message stays in the network, in seconds."""
LIFETIME: Final = 64 * T1
"""How long the other side may repeat a message, in seconds: timers B, F, H, J and L."""
OPEN_LIFETIME: Final = 180.0
"""How long a transaction may stay without a final answer, in seconds (timer C, 16.6)."""

# States.
TRYING: Final = "Trying"
PROCEEDING: Final = "Proceeding"
COMPLETED: Final = "Completed"
CONFIRMED: Final = "Confirmed"
ACCEPTED: Final = "Accepted"
TERMINATED: Final = "Terminated"

# Events.
REQUEST: Final = "request"
ACK: Final = "ACK"
PROVISIONAL: Final = "1xx"
SUCCESS: Final = "2xx"
FAILURE: Final = "300-699"
TIMER_E: Final = "timer E"
TIMER_F: Final = "timer F"
TIMER_G: Final = "timer G"
TIMER_H: Final = "timer H"
TIMER_K: Final = "timer K"

# Actions.
NOTHING: Final = "nothing"
SEND: Final = "send"
"""Send what the caller brought, and keep it."""
RESEND: Final = "resend"
"""Send the octets kept."""
PASS: Final = "pass"
"""Tell the transaction's user."""

Table = Mapping[tuple[str, str], tuple[str, str]]
"""(state, event) -> (next state, action)."""

NON_INVITE_SERVER: Final[Table] = MappingProxyType(
    {
        (TRYING, REQUEST): (TRYING, NOTHING),
        (TRYING, PROVISIONAL): (PROCEEDING, SEND),
        (TRYING, SUCCESS): (COMPLETED, SEND),
        (TRYING, FAILURE): (COMPLETED, SEND),
        (PROCEEDING, REQUEST): (PROCEEDING, RESEND),
        (PROCEEDING, PROVISIONAL): (PROCEEDING, SEND),
        (PROCEEDING, SUCCESS): (COMPLETED, SEND),
        (PROCEEDING, FAILURE): (COMPLETED, SEND),
        (COMPLETED, REQUEST): (COMPLETED, RESEND),
        # "Any other final responses passed by the TU MUST be discarded" (17.2.2).
        (COMPLETED, SUCCESS): (COMPLETED, NOTHING),
        (COMPLETED, FAILURE): (COMPLETED, NOTHING),
        (COMPLETED, ACK): (COMPLETED, NOTHING),
        (TRYING, ACK): (TRYING, NOTHING),
        (PROCEEDING, ACK): (PROCEEDING, NOTHING),
    }
)
"""Figure 8. Timer J is the lifetime, and none over a reliable transport: Completed is left at once."""

INVITE_SERVER: Final[Table] = MappingProxyType(
    {
        (PROCEEDING, REQUEST): (PROCEEDING, RESEND),
        (PROCEEDING, PROVISIONAL): (PROCEEDING, SEND),
        (PROCEEDING, SUCCESS): (ACCEPTED, SEND),
        (PROCEEDING, FAILURE): (COMPLETED, SEND),
        (PROCEEDING, ACK): (PROCEEDING, NOTHING),
        (COMPLETED, REQUEST): (COMPLETED, RESEND),
        (COMPLETED, ACK): (CONFIRMED, NOTHING),
        (COMPLETED, TIMER_G): (COMPLETED, RESEND),
        (COMPLETED, TIMER_H): (TERMINATED, PASS),
        (CONFIRMED, REQUEST): (CONFIRMED, NOTHING),
        (CONFIRMED, ACK): (CONFIRMED, NOTHING),
        # RFC 6026 absorbs the INVITE here and leaves repeating the 2xx to the user; the octets are the same.
        (ACCEPTED, REQUEST): (ACCEPTED, RESEND),
        (ACCEPTED, SUCCESS): (ACCEPTED, SEND),
        (ACCEPTED, ACK): (ACCEPTED, NOTHING),
    }
)
"""Figure 7 with :rfc:`6026`. Timers I (T4) and L (32 s) are the entry's lifetime."""

NON_INVITE_CLIENT: Final[Table] = MappingProxyType(
    {
        (TRYING, TIMER_E): (TRYING, RESEND),
        (TRYING, TIMER_F): (TERMINATED, PASS),
        (TRYING, PROVISIONAL): (PROCEEDING, PASS),
        (TRYING, SUCCESS): (COMPLETED, PASS),
        (TRYING, FAILURE): (COMPLETED, PASS),
        (PROCEEDING, TIMER_E): (PROCEEDING, RESEND),
        (PROCEEDING, TIMER_F): (TERMINATED, PASS),
        (PROCEEDING, PROVISIONAL): (PROCEEDING, PASS),
        (PROCEEDING, SUCCESS): (COMPLETED, PASS),
        (PROCEEDING, FAILURE): (COMPLETED, PASS),
        (COMPLETED, PROVISIONAL): (COMPLETED, NOTHING),
        (COMPLETED, SUCCESS): (COMPLETED, NOTHING),
        (COMPLETED, FAILURE): (COMPLETED, NOTHING),
        (COMPLETED, TIMER_K): (TERMINATED, NOTHING),
        (TERMINATED, PROVISIONAL): (TERMINATED, NOTHING),
        (TERMINATED, SUCCESS): (TERMINATED, NOTHING),
        (TERMINATED, FAILURE): (TERMINATED, NOTHING),
    }
)
"""Figure 6."""


class IllegalStep(RuntimeError):  # noqa: N818 - it names what happened, as h11's LocalProtocolError does
    """An event that a state machine has no row for: a mistake of ours, not of the other side."""

    def __init__(self, machine: str, state: str, event: str) -> None:
        super().__init__(f"{machine}: {event} cannot happen in state {state}")
        self.machine = machine
        self.state = state
        self.event = event


def step(machine: str, table: Table, state: str, event: str) -> tuple[str, str]:
    """Return (next state, action) of `table`; raise `IllegalStep` naming `machine`, state and event."""
    row = table.get((state, event))
    if row is None:
        raise IllegalStep(machine, state, event)
    return row


def event_of(status: int) -> str:
    """Return the event that a response of this status is."""
    return PROVISIONAL if status < 200 else SUCCESS if status < 300 else FAILURE


# --- identity ----------------------------------------------------------------------------------------------

_COOKIE: Final = "z9hG4bK"
_UNUSUAL: Final = re.compile(r"""[, \t"]|\A\Z""")
"""What the end of a branch needs a careful look for: a list, white space, nothing at all."""


class _AckKey(tuple[str, ...]):
    """An ACK's key: equal to that of the INVITE it acknowledges, but no retransmission of it."""

    __slots__ = ()


def key_of(request: Request, flow: Flow) -> Hashable:  # noqa: ARG001 - the flow's part is already in the Via
    """Return the identity of the server transaction a request belongs to (17.2.3).

    With an :rfc:`3261` branch: sent-protocol, sent-by, branch and CSeq of the top Via's sender. The
    source address is no part of it, since a client behind a NAT may change its port between two tries; the sequence
    number is, because some clients use a branch again for the request with credentials. Without the cookie the
    rules for :rfc:`2543` apply. The key of an ACK equals that of its INVITE, and `ServerTransactions.find` knows the
    two apart.

    Raises ParseError (400, or without status if there is no Via) when the request cannot be identified.
    """
    if type(request) is UsualRequest:
        return request.key
    headers = request.headers
    try:
        sender, cookie, branch = headers["via"][0].partition(";branch=z9hG4bK")
        cseq = headers["cseq"][0]
    except KeyError:
        return _slow_key(request)
    if ";" in branch:
        branch = branch[: branch.index(";")]
    if not branch.isalnum() and _UNUSUAL.search(branch):
        return _slow_key(request)
    if not cookie or "," in sender:
        return _slow_key(request)
    if ";" in sender:
        if '"' in sender:
            return _slow_key(request)
        sender = sender[: sender.index(";")]
    if request.method == "ACK":
        cseq = f"{request.cseq_number} INVITE"
        return _AckKey((sender, branch, cseq))
    return (sender, branch, cseq)


def _slow_key(request: Request) -> Hashable:
    branch, via, method = request.branch, request.top_via, request.method
    is_ack = method == "ACK"
    cseq = f"{request.cseq_number} {'INVITE' if is_ack else request.cseq.method}"
    if branch is not None and len(branch) > len(_COOKIE) and branch.startswith(_COOKIE):
        key: tuple[str, ...] = (f"{via.protocol}/{via.transport} {via.sent_by}", branch[len(_COOKIE) :], cseq)
    else:
        # An ACK carries the To tag of the response, so To is part of the identity of other requests only.
        to = "" if is_ack or method == "INVITE" else str(request.to)
        key = ("2543", request.uri, str(request.from_), to, request.call_id, cseq, str(via))
    return _AckKey(key) if is_ack else key


# --- server ------------------------------------------------------------------------------------------------


class _Entry:
    """One server transaction."""

    __slots__ = ("deadline", "flow", "interval", "invite", "key", "octets", "reliable", "state")

    def __init__(self, key: Hashable, invite: bool, reliable: bool, deadline: float) -> None:
        self.key = key
        self.invite = invite
        self.reliable = reliable
        self.state: str = PROCEEDING if invite else TRYING
        self.octets = b""
        self.deadline = deadline
        self.interval = T1
        self.flow: Flow | None = None


class ServerTransactions:
    """The requests answered within the last 32 s, with their answers, bounded in number and octets."""

    def __init__(self, max_entries: int = 2000, max_bytes: int = 1 << 20, lifetime: float = LIFETIME) -> None:
        self.max_entries = max_entries
        """Transactions kept."""
        self.max_bytes = max_bytes
        """Octets of answers kept."""
        self.lifetime = lifetime
        """Seconds an answer is kept for retransmissions."""
        self.evicted = 0
        """How many were given up early because of the bounds."""
        self.unacknowledged = 0
        """How many INVITEs were refused without an ACK coming back (timer H)."""
        self.octets = 0
        """Octets of answers held now."""
        self._entries: dict[Hashable, _Entry] = {}
        self._order: deque[_Entry] = deque()
        self._timers: list[tuple[float, int, _Entry]] = []
        self._serial = 0

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: Hashable, now: float) -> bytes | None:
        """Return what to answer a request that was seen before; None: it is new, or an ACK.

        Empty octets: it was seen, and there is nothing to send (no answer yet, or all is said).
        """
        entry = self._entries.get(key)
        if entry is None or type(key) is _AckKey:
            return None
        if entry.deadline <= now:
            self._drop(entry)
            return None
        entry.state, action = self._step(entry, REQUEST)
        return entry.octets if action is RESEND else b""

    def open(self, key: Hashable, now: float, *, invite: bool = False, reliable: bool = False) -> None:
        """Note a request whose answer takes its time, so that its retransmissions are absorbed.

        Raises IllegalStep if it is open already.
        """
        known = self._entries.get(key)
        if known is not None and known.deadline > now:
            raise IllegalStep(_machine(known.invite), known.state, "opening")
        self._add(_Entry(key, invite, reliable, now + OPEN_LIFETIME))
        self._bound(now)

    def complete(
        self,
        key: Hashable,
        octets: bytes,
        now: float,
        *,
        invite: bool = False,
        reliable: bool = False,
        flow: Flow | None = None,
    ) -> None:
        """Keep the response just sent, to be sent again; a provisional one until the next comes.

        Opens the transaction if `open` did not. A refused INVITE is repeated by `due` until its ACK,
        over UDP. `flow` is only kept for `flow_of`. Raises IllegalStep for a response after the final one of an INVITE.
        """
        entry = self._entries.get(key)
        if entry is None and not invite and not reliable and octets[8:9] != b"1":
            # What the rows of the table come to for a request that is answered finally, and at once.
            entry = _Entry(key, False, False, now + self.lifetime)
            entry.state, entry.octets, entry.flow = COMPLETED, octets, flow
            self._entries[key] = entry
            self.octets += len(octets)
            self._order.append(entry)
            self._bound(now)
            return
        event = _event_in(octets)
        if entry is None or entry.deadline <= now:
            if not invite and reliable and event is not PROVISIONAL:
                return  # timer J is 0: over a stream, what comes twice was sent twice
            if entry is not None:
                self._drop(entry)
            entry = _Entry(key, invite, reliable, 0.0)
            state, action = self._step(entry, event)
            self._entries[key] = entry
        else:
            state, action = self._step(entry, event)
        if action is not SEND:
            return
        self.octets += len(octets) - len(entry.octets)
        entry.state = state
        entry.octets = octets
        entry.flow = flow
        entry.deadline = now + (OPEN_LIFETIME if event is PROVISIONAL else self.lifetime)
        if state is COMPLETED:
            if entry.invite:
                self._start_timer(entry, now)
            elif entry.reliable:
                self._drop(entry)
                return
        self._order.append(entry)
        self._bound(now)

    def acknowledge(self, key: Hashable, now: float) -> bool:
        """Take an ACK: stop repeating the refusal. Return whether it belongs to a refused INVITE."""
        entry = self._entries.get(key)
        if entry is None or entry.deadline <= now:
            return False
        was = entry.state
        entry.state, _ = self._step(entry, ACK)
        if was is not COMPLETED or entry.state is not CONFIRMED:
            return was is CONFIRMED
        entry.deadline = now + T4
        if entry.reliable:  # timer I is 0
            self._drop(entry)
        return True

    def due(self, now: float) -> list[tuple[Hashable, bytes]]:
        """Return the refusals of INVITEs to send again now, with their keys."""
        again = []
        timers = self._timers
        while timers and (timers[0][0] <= now or timers[0][2].state is not COMPLETED):
            _, _, entry = heapq.heappop(timers)
            if entry.state is not COMPLETED:
                continue
            if entry.deadline <= now:
                self._step(entry, TIMER_H)
                self.unacknowledged += 1
                self._drop(entry)
                continue
            self._step(entry, TIMER_G)
            again.append((entry.key, entry.octets))
            entry.interval = min(2 * entry.interval, T2)
            self._schedule(entry, min(now + entry.interval, entry.deadline))
        return again

    def next_timer(self) -> float | None:
        """Return the wire time at which `due` has something to do; None for never."""
        timers = self._timers
        while timers and timers[0][2].state is not COMPLETED:
            heapq.heappop(timers)
        return timers[0][0] if timers else None

    def flow_of(self, key: Hashable) -> Flow | None:
        """Return the flow that `complete` was given."""
        entry = self._entries.get(key)
        return None if entry is None else entry.flow

    def clear(self) -> None:
        """Forget every transaction; the counters stay."""
        self._entries.clear()
        self._order.clear()
        self._timers.clear()
        self.octets = 0

    def _step(self, entry: _Entry, event: str) -> tuple[str, str]:
        table = INVITE_SERVER if entry.invite else NON_INVITE_SERVER
        row = table.get((entry.state, event))
        if row is None:
            raise IllegalStep(_machine(entry.invite), entry.state, event)
        return row

    def _start_timer(self, entry: _Entry, now: float) -> None:
        self._schedule(entry, entry.deadline if entry.reliable else min(now + T1, entry.deadline))

    def _schedule(self, entry: _Entry, when: float) -> None:
        self._serial += 1
        heapq.heappush(self._timers, (when, self._serial, entry))

    def _add(self, entry: _Entry) -> None:
        known = self._entries.get(entry.key)
        if known is not None:
            self._drop(known)
        self._entries[entry.key] = entry
        self._order.append(entry)

    def _drop(self, entry: _Entry) -> None:
        held = self._entries.pop(entry.key, None)
        if held is entry:
            self.octets -= len(entry.octets)
        elif held is not None:  # a later transaction of the same key
            self._entries[entry.key] = held
        entry.state = TERMINATED

    def _bound(self, now: float) -> None:
        """Drop what has expired, then the oldest until the bounds hold."""
        order, entries = self._order, self._entries
        while order:
            oldest = order[0]
            if oldest.state is not TERMINATED:
                if oldest.deadline > now:
                    if len(entries) <= self.max_entries and self.octets <= self.max_bytes:
                        break
                    self.evicted += 1
                self._drop(oldest)
            order.popleft()
        if len(order) > 2 * self.max_entries + 16:  # finished ones behind one that is still open
            self._order = deque(entry for entry in order if entry.state is not TERMINATED)


def _machine(invite: bool) -> str:
    return "INVITE server transaction" if invite else "non-INVITE server transaction"


def _event_in(octets: bytes) -> str:
    """Return the event in a response's octets, by the first digit of its status."""
    digit = octets[8:9]
    return PROVISIONAL if digit == b"1" else SUCCESS if digit == b"2" else FAILURE


# --- client ------------------------------------------------------------------------------------------------


class NonInviteClientTransaction:
    """A request on its way, until a final response or its time-out, 32 s, have come (17.1.2)."""

    def __init__(self, octets: bytes, now: float, reliable: bool, lifetime: float = LIFETIME) -> None:
        """Begin at wire time `now`; `lifetime` is timer F."""
        self.octets = octets
        """The request."""
        self.reliable = reliable
        """Whether the transport repeats by itself: then only the time-out runs."""
        self.state: str = TRYING
        self.timed_out = False
        """Whether it ended because nothing final came."""
        self.sent = 0
        """How often the request went out."""
        self._interval = T1
        self._again: float | None = now
        self._end = now + lifetime

    def due(self, now: float) -> list[bytes]:
        """Return what to send now: the request at first, its retransmissions later.

        When the time is up the state becomes Terminated, with `timed_out` if no final response came.
        """
        if self._end <= now and self.state is not TERMINATED:
            self.timed_out = self.state is not COMPLETED
            self._to(TIMER_F if self.timed_out else TIMER_K)
            self._again = None
        if self._again is None or self._again > now:
            return []
        self.sent += 1
        if self.sent == 1:
            self._again = None if self.reliable else now + T1
            return [self.octets]
        self._to(TIMER_E)
        self._interval = T2 if self.state is PROCEEDING else min(2 * self._interval, T2)
        self._again = now + self._interval
        return [self.octets]

    def next_timer(self) -> float | None:
        """Return the wire time at which `due` has something to do; None when it is over."""
        if self.state is TERMINATED:
            return None
        return self._end if self._again is None else min(self._again, self._end)

    def received(self, status: int, now: float) -> bool:
        """Take a response; return whether it is news: a retransmitted final one is not."""
        action = self._to(event_of(status))
        if action is PASS and self.state is COMPLETED:
            self._again = None
            self._end = now if self.reliable else now + T4
            if self.reliable:
                self._to(TIMER_K)
        return action is PASS

    def _to(self, event: str) -> str:
        self.state, action = step("non-INVITE client transaction", NON_INVITE_CLIENT, self.state, event)
        return action
