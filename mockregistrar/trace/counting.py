"""What is counted and never evicted: messages by how they start, and a tally per account.

The counters by method and status come without parsing: the first eleven octets of a message hold a
response's status (``SIP/2.0 401``) and any method of ten letters or fewer, so a dictionary keyed by
these octets counts a message in one step. Since a request's octets may run on into its URI
(``ACK sip:100``), the dictionary has a cap; what does not fit, or is odd, is classified at once, and
counted under its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockregistrar.trace.totals import AccountSummary

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
        from mockregistrar.trace.totals import AccountSummary

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
