"""What is counted and never evicted: messages by how they start, and a tally per account.

The counters by method and status come without parsing: the first eleven octets of a message hold a
response's status (``SIP/2.0 401``) and any method of ten letters or fewer, so a dictionary keyed by
these octets counts a message in one step. Since a request's octets may run on into its URI
(``ACK sip:100``), the dictionary has a cap; what does not fit, or is odd, is classified at once, and
counted under its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD_OCTETS = 11
"""How much of a message's start is the key under which :class:`Starts` counts it."""

NOT_SIP = "not-sip"
"""Counted as the method of what does not start like a SIP message (keep-alives included)."""
OTHER = "other"
"""Counted as the method of requests beyond the first 64 odd methods."""

_HEADS_CAP = 512
_ODD_CAP = 64
_START = re.compile(rb"(?:\r\n)*(?:SIP/2\.0 ([1-6]\d\d)|([\w!%'*+.`~-]{1,32}) [a-zA-Z])", re.ASCII)


def start_of(data: bytes) -> str | int:
    """Return the method of a request, the status of a response, or :data:`NOT_SIP`; a look, not a parse."""
    match = _START.match(data)
    if match is None:
        return NOT_SIP
    return int(match[1]) if match[1] is not None else match[2].decode("ascii")


class Starts:
    """How many messages of one direction started how."""

    __slots__ = ("_odd", "heads")

    def __init__(self) -> None:
        self.heads: dict[bytes, int] = {}
        """Counts by the first eleven octets; the hot path adds to what is there."""
        self._odd: dict[str | int, int] = {}

    def add_new(self, data: bytes) -> None:
        """Count a message whose first octets are not among :attr:`heads`."""
        start = start_of(data)
        head = data[:HEAD_OCTETS]
        if start != NOT_SIP and len(self.heads) < _HEADS_CAP and _start_of_head(head) == start:
            self.heads[head] = 1
            return
        if isinstance(start, str) and start not in self._odd and len(self._odd) >= _ODD_CAP:
            start = OTHER
        self._odd[start] = self._odd.get(start, 0) + 1

    def totals(self) -> dict[str | int, int]:
        """Return the counts by method, status, :data:`NOT_SIP` and :data:`OTHER`."""
        totals = dict(self._odd)
        for head, number in self.heads.items():
            start = _start_of_head(head)
            totals[start] = totals.get(start, 0) + number
        return totals


def _start_of_head(head: bytes) -> str | int:
    return start_of(head + b"a")  # the letter completes `SUBSCRIBE s`, cut behind the blank or not


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals since the carrier started or was reset."""

    requests_in: dict[str, int]
    """Requests received, by method."""
    requests_out: dict[str, int]
    """Requests sent, by method."""
    responses_in: dict[int, int]
    """Responses received, by status."""
    responses_out: dict[int, int]
    """Responses sent, by status."""
    bindings: dict[str, int]
    """Binding changes, by kind: ``registered``, ``refreshed``, ``unregistered``, ``lapsed``."""
    refused: dict[str, int]
    """Refusals, by slug."""
    dropped: dict[str, int]
    """Dropped input, by slug."""
    internal_errors: int
    """Defects of ours."""


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What one account did since the carrier started or was reset."""

    account: str
    """Name of the account."""
    messages: int = 0
    """Messages seen of it, both directions, retransmissions included."""
    registered: int = 0
    """New bindings."""
    refreshed: int = 0
    """Refreshes."""
    unregistered: int = 0
    """Bindings taken away."""
    lapsed: int = 0
    """Bindings that ran out."""
    refused: int = 0
    """Requests refused."""
    last_because: str = ""
    """Slug of the latest refusal; empty when there was none."""
    last_wire: float | None = None
    """When it last did anything, in seconds since the carrier started."""


class Tally:
    """The live counts of one account: eight slots and no more, since there may be 100,000 accounts."""

    __slots__ = ("because", "lapsed", "messages", "refreshed", "refused", "registered", "unregistered", "wire")

    def __init__(self) -> None:
        self.messages = self.registered = self.refreshed = self.unregistered = self.lapsed = self.refused = 0
        self.because = ""
        self.wire: float | None = None

    @property
    def bindings(self) -> int:
        """All binding changes."""
        return self.registered + self.refreshed + self.unregistered + self.lapsed

    def summary(self, account: str) -> AccountSummary:
        """Return the counts as they are now."""
        return AccountSummary(
            account,
            self.messages,
            self.registered,
            self.refreshed,
            self.unregistered,
            self.lapsed,
            self.refused,
            self.because,
            self.wire,
        )
