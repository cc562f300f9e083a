"""Qualify: OPTIONS to the contacts that are bound, on the carrier's own initiative, and what comes of it.

Theory of operation. Each contact has a deadline on the carrier's clock, one interval after it was bound and then after
each ping; all stand on one heap, whose dead entries (unbound since, or moved on) fall out when they come up. A ping is
a client transaction (:rfc:`3261` 17.1.2) in wire time: repeated by timer E over UDP, given up after `qualify_timeout`
where timer F would take 32 s. It goes where the REGISTER came from, over its connection if that is still there. Any
final answer shows that somebody is there; the trace has a record only where that changes. A carrier whose settings
ask for no pings has none of this.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from mockregistrar.carrier.answer import Change
from mockregistrar.carrier.bindings import Binding
from mockregistrar.client.requests import escaped
from mockregistrar.engine.lapses import UNREACHABLE
from mockregistrar.engine.outputs import Send
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow, format_address
from mockregistrar.sip.message import Response, build_request
from mockregistrar.sip.transactions import NonInviteClientTransaction

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from mockregistrar.engine.engine import CarrierEngine

ZEROS = b"\0\0\0\0"
"""The keep-alive of Kamailio's nathelper, which nobody answers."""
SLICE = 50
"""Pings that are begun or repeated in one input, about 5 ms of work; the next timer is then due at once."""


class _Contact:
    """A contact that is pinged."""

    __slots__ = ("binding", "branch", "call_id", "cseq", "due", "reachable", "sent", "transaction", "uri")

    def __init__(self, binding: Binding, call_id: str) -> None:
        self.binding = binding
        self.call_id = call_id
        self.uri = binding.uri
        self.due = 0.0
        """Carrier time of the next ping; an entry of the heap with another time is a dead one."""
        self.reachable: bool | None = None
        """What the last ping showed; None before the first."""
        self.cseq = 0
        self.branch = ""
        self.sent = 0.0
        self.transaction: NonInviteClientTransaction | None = None
        """The ping under way."""

    @property
    def bound(self) -> bool:
        """Whether the contact is still what it was pinged for."""
        return self.binding.live and self.binding.uri == self.uri


class Pings:
    """The pings of one carrier."""

    def __init__(self, engine: CarrierEngine, rng: random.Random) -> None:
        self._engine = engine
        self._rng = rng
        self._contacts: dict[tuple[str, str], _Contact] = {}
        self._heap: list[tuple[float, int, _Contact]] = []
        self._timers: list[tuple[float, int, _Contact]] = []
        self._under_way: dict[str, _Contact] = {}
        self._serial = 0
        self._awaited = 0

    # -- who is pinged, and when -------------------------------------------------------------------------
    def changed(self, changes: Iterable[tuple[Change, Binding, float]], now: float) -> None:
        """Take note of bindings that came or were refreshed; those that went are found out."""
        for change, binding, _ in changes:
            if change is Change.UNREGISTERED or not binding.uri.startswith(("sip:", "sips:")):
                continue
            key = (binding.account.name, binding.uri)
            contact = self._contacts.get(key)
            if contact is None or change is Change.REGISTERED:
                contact = self._contacts[key] = _Contact(binding, f"{self._rng.getrandbits(64):016x}")
                self._plan(contact, self._engine.carrier_time(now) + self._engine.settings.qualify)
            contact.binding = binding

    def _plan(self, contact: _Contact, due: float) -> None:
        contact.due = due
        self._serial += 1
        heapq.heappush(self._heap, (due, self._serial, contact))

    def next_timer(self) -> float | None:
        """Return the wire time at which a ping under way is to be repeated or given up; None for never."""
        return self._timers[0][0] if self._timers else None

    def next_deadline(self) -> float | None:
        """Return the carrier time of the next ping; None for never."""
        heap = self._heap
        while heap and not self._stands(*heap[0]):
            self._pop()
        return heap[0][0] if heap else None

    def reachable(self, binding: Binding) -> bool | None:
        """Return whether the last ping of a contact was answered; None where none was finished yet."""
        contact = self._contacts.get((binding.account.name, binding.uri))
        return None if contact is None or contact.binding is not binding else contact.reachable

    @property
    def awaited(self) -> bool:
        """Whether the answer of a contact is awaited that is not known to be gone."""
        return self._awaited > 0

    @staticmethod
    def _stands(due: float, _serial: int, contact: _Contact) -> bool:
        return contact.due == due and contact.bound

    def _pop(self) -> None:
        due, _, contact = heapq.heappop(self._heap)
        key = (contact.binding.account.name, contact.uri)
        if contact.due == due and self._contacts.get(key) is contact and not contact.bound:
            del self._contacts[key]
            self._end(contact)

    # -- what comes due ----------------------------------------------------------------------------------
    def due(self, now: float) -> None:
        """Begin and repeat the pings whose time has come, a slice of them."""
        carrier_now = self._engine.carrier_time(now)
        left = SLICE
        while self._timers and self._timers[0][0] <= now and left:
            left -= self._repeat(heapq.heappop(self._timers)[2], now)
        while self._heap and self._heap[0][0] <= carrier_now and left:
            left -= 1
            entry = self._heap[0]
            if not self._stands(*entry):
                self._pop()
                continue
            contact = heapq.heappop(self._heap)[2]
            interval = self._engine.settings.qualify
            following = contact.due + interval
            self._plan(contact, following if following > carrier_now else carrier_now + interval)
            if self._engine.outage is None and contact.transaction is None:
                self._begin(contact, now)

    def _repeat(self, contact: _Contact, now: float) -> int:
        """Repeat a ping or give it up; return 1, or 0 where nothing was left of it."""
        transaction = contact.transaction
        if transaction is None or (when := transaction.next_timer()) is None or when > now:
            return 0
        if self._engine.outage is not None or not contact.bound:
            self._end(contact)
            return 0
        flow = contact.binding.flow
        for octets in transaction.due(now):
            assert flow is not None, "what is pinged was registered over a flow"
            note = "" if transaction.sent == 1 else "retransmission"
            self._send(octets, flow, now, contact.binding.account.name, note)
        if transaction.timed_out:
            self._end(contact)
            seconds = self._engine.settings.qualify_timeout
            self._outcome(contact, None, now, f"no answer to OPTIONS within {seconds:g} s")
        else:
            self._arm(contact)
        return 1

    def _arm(self, contact: _Contact) -> None:
        when = None if contact.transaction is None else contact.transaction.next_timer()
        if when is not None:
            self._serial += 1
            heapq.heappush(self._timers, (when, self._serial, contact))

    def _begin(self, contact: _Contact, now: float) -> None:
        engine, flow = self._engine, contact.binding.flow
        if flow is None:
            return
        if engine.settings.qualify_with == "zeros":
            if flow.transport == "udp":
                if engine.faults is None:
                    engine.put(Send(flow, ZEROS))
                else:
                    engine.faults.keep_alive(ZEROS, flow, now)
            return
        contact.sent = now
        if not engine.connected(flow):
            self._outcome(contact, None, now, "the connection that it registered over is gone")
            return
        contact.cseq += 1
        contact.branch = f"z9hG4bK{self._rng.getrandbits(64):016x}"
        contact.transaction = NonInviteClientTransaction(
            self._request(contact, flow), now, flow.reliable, engine.settings.qualify_timeout
        )
        self._under_way[contact.branch] = contact
        self._awaited += contact.reachable is not False
        self._arm(contact)
        self._repeat(contact, now)

    def _send(self, octets: bytes, flow: Flow, now: float, account: str, note: str) -> None:
        engine = self._engine
        if engine.faults is not None:
            engine.faults.outgoing(octets, None, flow, now, account, note, traced=True)
            return
        engine.trace.message(engine.wire_time(now), engine.carrier_time(now), "out", flow, octets, account, note)
        engine.put(Send(flow, octets))

    def _request(self, contact: _Contact, flow: Flow) -> bytes:
        """Return the OPTIONS: to the contact as it was registered, over the path that it named (:rfc:`3327` 5.3)."""
        engine, spec = self._engine, contact.binding.account.spec
        host, local = engine.carrier.default_host, format_address(flow.local)
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        headers = [
            ("Via", f"SIP/2.0/{flow.transport.upper()} {local};branch={contact.branch};rport"),
            ("Max-Forwards", "70"),
            *(("Route", value) for value in contact.binding.path),
            ("From", f"<sip:qualify@{host}>;tag={contact.branch[7:15]}"),
            ("To", f"<sip:{escaped(spec.user)}@{spec.domain or host}>"),
            ("Call-ID", contact.call_id),
            ("CSeq", f"{contact.cseq} OPTIONS"),
            ("Contact", f"<sip:qualify@{local}{transport}>"),
        ]
        if engine.settings.server is not None:
            headers.append(("User-Agent", engine.settings.server))
        return build_request("OPTIONS", contact.uri.partition("?")[0], headers)

    # -- what comes of it --------------------------------------------------------------------------------
    def received(self, response: Response, flow: Flow, now: float) -> bool:
        """Take a response; return whether it belongs to a ping (:rfc:`3261` 17.1.3: by branch and method)."""
        try:
            response.check()
            branch = response.vias[0].param("branch") or ""
            method = response.cseq.method
        except ParseError:
            return False
        contact = self._under_way.get(branch)
        if contact is None or contact.transaction is None or method != "OPTIONS":
            return False
        account = contact.binding.account.name
        self._engine.trace.message(
            self._engine.wire_time(now), self._engine.carrier_time(now), "in", flow, response.raw, account
        )
        contact.transaction.received(response.status, now)
        if response.status < 200:
            self._arm(contact)
            return True
        self._end(contact)
        if contact.bound:
            self._outcome(contact, response.status, now, "")
        return True

    def _end(self, contact: _Contact) -> None:
        """End the ping under way, if there is one."""
        if contact.transaction is not None:
            contact.transaction = None
            del self._under_way[contact.branch]
            self._awaited -= contact.reachable is not False

    def _outcome(self, contact: _Contact, status: int | None, now: float, detail: str) -> None:
        """Tell what a ping showed where it is news, and remove the contact where the settings say so."""
        engine, binding = self._engine, contact.binding
        wire, carrier = engine.wire_time(now), engine.carrier_time(now)
        reachable = status is not None
        if contact.reachable is not reachable:
            contact.reachable = reachable
            engine.trace.qualified(
                wire, carrier, binding.account.name, binding.uri, reachable, status, now - contact.sent, binding.flow,
                detail,
            )  # fmt: skip
        if not reachable and engine.settings.qualify_remove:
            engine.carrier.bindings.remove(binding)
            engine.lapse([binding], now, detail, UNREACHABLE)
