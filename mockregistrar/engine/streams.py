"""Connections: framing, and the limits that keep idle, slow and half-open ones from piling up.

Theory of operation: each connection has one deadline. It starts as the time in which a first whole message
must have come; while a message is incomplete it stays where it was set (so that a drip of octets
buys no time), after each whole message it moves on by the idle limit, and a binding made over the connection keeps it
until that binding lapses. One heap of deadlines is looked at lazily, as for bindings. Times are wire time in seconds.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

from mockregistrar.sip.flow import Flow
from mockregistrar.sip.framing import StreamFramer


class StreamLimits(NamedTuple):
    """What connections may take. Times in seconds."""

    connections: int = 2000
    first_message: float = 30.0
    whole_message: float = 15.0
    idle: float = 900.0


class Stream:
    """One connection: its framer and its deadline."""

    __slots__ = ("deadline", "flow", "framer", "heap_at", "kept_until", "open", "partial")

    def __init__(self, flow: Flow, deadline: float) -> None:
        self.flow = flow
        self.framer = StreamFramer()
        self.deadline = self.heap_at = deadline
        self.kept_until = 0.0
        self.partial = False
        self.open = True

    def __lt__(self, other: Stream) -> bool:
        return self.heap_at < other.heap_at


class Streams:
    """All open connections of one engine."""

    def __init__(self, limits: StreamLimits) -> None:
        self.limits = limits
        self._streams: dict[Flow, Stream] = {}
        self._heap: list[Stream] = []
        self._dead = 0

    def __len__(self) -> int:
        return len(self._streams)

    def open(self, flow: Flow, now: float) -> Stream | None:
        """Take up a connection; return None when there are too many."""
        if len(self._streams) >= self.limits.connections:
            return None
        stream = self._streams[flow] = Stream(flow, now + self.limits.first_message)
        heapq.heappush(self._heap, stream)
        return stream

    def get(self, flow: Flow) -> Stream | None:
        """Return the connection of `flow`, if it is open."""
        return self._streams.get(flow)

    def close(self, flow: Flow) -> None:
        """Forget a connection that is gone."""
        stream = self._streams.pop(flow, None)
        if stream is None:
            return
        stream.open = False
        self._dead += 1
        if self._dead > len(self._streams) + 256:
            self._heap = [s for s in self._heap if s.open]
            heapq.heapify(self._heap)
            self._dead = 0

    def flows(self) -> list[Flow]:
        """Return all open flows."""
        return list(self._streams)

    def progressed(self, stream: Stream, now: float, *, whole: bool, partial: bool) -> None:
        """Move the deadline on after octets came: `whole` messages among them, or a `partial` one left over."""
        if partial and (whole or not stream.partial):
            self._move(stream, now + self.limits.whole_message)
        elif whole and not partial:
            self._move(stream, max(now + self.limits.idle, stream.kept_until))
        stream.partial = partial

    def keep(self, flow: Flow, until: float) -> None:
        """Keep the connection at least `until` then: a binding was made over it."""
        stream = self._streams.get(flow)
        if stream is not None and until > stream.kept_until:
            stream.kept_until = until

    def _move(self, stream: Stream, deadline: float) -> None:
        stream.deadline = deadline
        if deadline < stream.heap_at:
            stream.heap_at = deadline
            heapq.heapify(self._heap)

    def next_deadline(self) -> float | None:
        """Return the wire time when `overdue` has something to look at."""
        heap = self._heap
        while heap and not heap[0].open:
            heapq.heappop(heap)
            self._dead -= 1
        return heap[0].heap_at if heap else None

    def overdue(self, now: float) -> list[tuple[Flow, str]]:
        """Return the connections whose time is up, each with what it failed to do."""
        heap, late = self._heap, []
        while heap and (not heap[0].open or heap[0].heap_at <= now):
            stream = heap[0]
            if not stream.open:
                heapq.heappop(heap)
                self._dead -= 1
            elif stream.deadline > now:
                stream.heap_at = stream.deadline
                heapq.heapreplace(heap, stream)
            else:
                heapq.heappop(heap)
                self._dead -= 1  # it is closed by the caller, with no entry left to die
                late.append((stream.flow, "left a message unfinished" if stream.partial else "was idle"))
        return late
