"""How a user agent answers requests that reach it: it is no phone, but it is never silent.

OPTIONS, the carrier's qualify ping, gets 200. Methods that SIP knows get 405, others 501, both with Allow (:rfc:`3261`
8.2.1). A retransmission gets the same octets again, and a refused INVITE is refused until its ACK.
"""

from __future__ import annotations

from typing import Final

from mockregistrar.client.events import Event, Ignored, Sent
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Address, Flow
from mockregistrar.sip.message import Request, response
from mockregistrar.sip.transactions import ServerTransactions, key_of

ALLOW: Final = "OPTIONS"
_KNOWN: Final = frozenset(
    [
        "BYE",
        "CANCEL",
        "INFO",
        "INVITE",
        "MESSAGE",
        "NOTIFY",
        "PRACK",
        "PUBLISH",
        "REFER",
        "REGISTER",
        "SUBSCRIBE",
        "UPDATE",
    ]
)


class Serving:
    """The server half of a user agent; `outgoing` and `events` are lists that its owner drains."""

    def __init__(self, flow: Flow, tag: str, outgoing: list[bytes], events: list[Event]) -> None:
        self._flow = flow
        self._tag = tag
        self._outgoing = outgoing
        self._events = events
        self._transactions = ServerTransactions(max_entries=100, max_bytes=1 << 17)

    def next_timer(self) -> float | None:
        """Return the wire time at which `timer_fired` has something to send; None for never."""
        return self._transactions.next_timer()

    def timer_fired(self, now: float) -> None:
        """Repeat the refusals of INVITEs that were not acknowledged yet."""
        for _, octets in self._transactions.due(now):
            self._outgoing.append(octets)

    def receive(self, request: Request, now: float, source: Address | None) -> None:
        """Answer a request that could be parsed."""
        try:
            key = key_of(request, self._flow)
            known = self._transactions.find(key, now)
            if known is not None:
                if known:
                    self._outgoing.append(known)
                return
            request.check()
        except ParseError as error:
            self.refuse(request, error, source)
            return
        method = request.method
        if method == "ACK":
            self._transactions.acknowledge(key, now)
            return
        status = 200 if method == "OPTIONS" else 481 if method == "CANCEL" else 405 if method in _KNOWN else 501
        octets = self._answer(request, status, "", source)
        self._transactions.complete(key, octets, now, invite=method == "INVITE", reliable=self._flow.reliable)

    def refuse(self, request: Request, error: ParseError, source: Address | None) -> None:
        """Answer a malformed request if it can be answered."""
        if error.status is None or request.method == "ACK":
            self._events.append(Ignored(error.detail))
            return
        try:
            self._answer(request, error.status, error.reason, source)
        except ValueError as unanswerable:
            self._events.append(Ignored(str(unanswerable)))

    def _answer(self, request: Request, status: int, reason: str, source: Address | None) -> bytes:
        octets = response(
            request, status, reason, to_tag=self._tag, source=source, headers=(("Allow", ALLOW), ("Accept", "*/*"))
        )
        self._outgoing.append(octets)
        self._events.append(Sent(request.method, _number(request), status=status))
        return octets


def _number(request: Request) -> int:
    try:
        return request.cseq_number
    except ParseError:  # it is being answered with 400 for that
        return 0
