"""Bindings and the one heap of their deadlines (:rfc:`3261` 10.3, :rfc:`5626` 6).

Theory of operation: an account holds a short list of bindings. The heap holds each live binding once,
ordered by the deadline it had when it was pushed. A refresh only moves `expires_at` on; the heap
learns of it when the old deadline comes up and pushes the binding again. So a refresh costs no heap operation,
and a hundred thousand lapses at once are swept in slices.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from mockregistrar.carrier.accounts import Account
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.uri import Uri


class Binding:
    """One contact of one account. Times are carrier time in seconds."""

    __slots__ = (
        "account", "call_id", "cseq", "expires_at", "flow", "granted", "heap_at", "instance", "live", "path", "q",
        "reg_id", "uri", "user_agent", "wire",
    )  # fmt: skip

    def __init__(self, account: Account, uri: str) -> None:
        self.account = account
        self.uri = uri
        self.call_id = ""
        self.cseq = 0
        self.expires_at = 0.0
        self.granted = 0
        self.heap_at = 0.0
        self.flow: Flow | None = None
        self.q: str | None = None
        self.instance: str | None = None
        self.reg_id: int | None = None
        self.path: tuple[str, ...] = ()
        self.user_agent = ""
        self.live = True
        self.wire = 0.0
        """Wire time of the record that last told of it."""

    def __lt__(self, other: Binding) -> bool:
        return self.heap_at < other.heap_at


class Bindings:
    """All bindings of a carrier, by account, with their deadlines."""

    def __init__(self) -> None:
        self._heap: list[Binding] = []
        self._live = 0
        self._dead = 0

    def __len__(self) -> int:
        return self._live

    def add(self, binding: Binding) -> None:
        """Take up a new binding whose `expires_at` is set."""
        account = binding.account
        if account.bindings is None:
            account.bindings = [binding]
        else:
            account.bindings.append(binding)
        binding.heap_at = binding.expires_at
        heapq.heappush(self._heap, binding)
        self._live += 1

    def moved(self, binding: Binding) -> Binding:
        """Take note of a changed `expires_at`; return the binding that now stands for the contact.

        A later deadline needs nothing. An earlier one needs an entry of its own, and so another object,
        since an entry's place in the heap must not change under it.
        """
        if binding.expires_at >= binding.heap_at:
            return binding
        twin = Binding(binding.account, binding.uri)
        for name in (
            "call_id",
            "cseq",
            "expires_at",
            "flow",
            "granted",
            "instance",
            "path",
            "q",
            "reg_id",
            "user_agent",
        ):
            setattr(twin, name, getattr(binding, name))
        current = binding.account.bindings
        assert current is not None
        binding.live = False
        twin.heap_at = twin.expires_at
        current[current.index(binding)] = twin
        heapq.heappush(self._heap, twin)
        self._bury()
        return twin

    def remove(self, binding: Binding) -> None:
        """Drop a binding; its heap entry dies when it comes up."""
        self._drop(binding)
        self._bury()

    def _drop(self, binding: Binding) -> None:
        account = binding.account
        assert account.bindings is not None
        account.bindings.remove(binding)
        if not account.bindings:
            account.bindings = None
        binding.live = False
        self._live -= 1

    def _bury(self) -> None:
        """Count a dead heap entry, and sweep them out when they outnumber the live ones."""
        self._dead += 1
        if self._dead > self._live + 1024:
            self._heap = [b for b in self._heap if b.live]
            heapq.heapify(self._heap)
            self._dead = 0

    def next_deadline(self) -> float | None:
        """Return the carrier time when `lapse` has something to look at; a refresh may have moved it on."""
        return self._heap[0].heap_at if self._heap else None

    def lapse(self, now: float, limit: int) -> Iterator[Binding]:
        """Remove and yield at most `limit` bindings whose deadline has come."""
        heap = self._heap
        while heap and limit > 0:
            top = heap[0]
            if top.live and top.heap_at > now:
                return
            limit -= 1
            if not top.live:
                heapq.heappop(heap)
                self._dead -= 1
            elif top.expires_at > now:
                top.heap_at = top.expires_at
                heapq.heapreplace(heap, top)
            else:
                heapq.heappop(heap)
                self._drop(top)
                yield top

    def take_overdue(self, account: Account, now: float) -> list[Binding]:
        """Remove and return the bindings of one account whose time is up, ahead of `lapse`."""
        late = [b for b in account.bindings or () if b.expires_at <= now]
        for binding in late:
            self.remove(binding)
        return late

    def clear(self) -> None:
        """Forget every binding, without a word."""
        for binding in self._heap:
            binding.live = False
            binding.account.bindings = None
        self._heap.clear()
        self._live = self._dead = 0


def same_contact(binding: Binding, uri: str, parsed: Uri) -> bool:
    """Whether `uri` names the binding's contact (:rfc:`3261` 19.1.4 equality)."""
    return binding.uri == uri or Uri.parse(binding.uri).equivalent(parsed)
