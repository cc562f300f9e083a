"""One question to a registrar: are these credentials right, and who is bound now?

A REGISTER without Contact (:rfc:`3261` 10.2.3) changes no binding; its answer lists those that exist. So a login can be
checked while the real trunk is up, and no call is moved. The password is used once at the most: whatever the answer to
the credentials is, nothing is tried again.

Pure, and driven as `UserAgent` is: octets in and out, time as an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockregistrar.client.answers import contacts_in
from mockregistrar.client.authority import Authority, choose
from mockregistrar.client.events import Answered, Challenged, Event, Failed, Ignored, Sent
from mockregistrar.client.manners import Manners
from mockregistrar.client.profile import Profile
from mockregistrar.client.requests import Turn, call_id_host, digest_uri, register_request
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Address
from mockregistrar.sip.headers import parse_expires
from mockregistrar.sip.message import Request, Response, parse
from mockregistrar.sip.transactions import NonInviteClientTransaction

if TYPE_CHECKING:
    from random import Random

IDLE: Final = "idle"
ASKED: Final = "asked"
LOGGED_IN: Final = "credentials sent"
DONE: Final = "done"


class Question:
    """A REGISTER without Contact, answered once with credentials where the registrar asks for them."""

    def __init__(self, profile: Profile, manners: Manners, local: Address, rng: Random) -> None:
        self.profile = profile
        self.manners = manners
        self.local = local
        self.state = IDLE
        self.log: tuple[str, ...] = ()
        self.answer: Answered | None = None
        """The final answer; None before it."""
        self._rng = rng
        self._call_id = f"{rng.getrandbits(128):032x}@{call_id_host(local)}"
        self._tag = f"{rng.getrandbits(64):016x}"
        self._cseq = 0
        self._branch = ""
        self._authority: Authority | None = None
        self._transaction: NonInviteClientTransaction | None = None
        self._out: list[bytes] = []
        self._events: list[Event] = []

    def ask(self, now: float, carrier_now: float) -> None:  # noqa: ARG002 - the contract of what is driven
        """Send the question. Raises ValueError for what cannot go on the wire."""
        self.state = ASKED
        self._send(now)

    def _send(self, now: float) -> None:
        self._cseq += 1
        self._branch = f"z9hG4bK{self._rng.getrandbits(64):016x}"
        credentials = None
        if self._authority is not None:
            uri = digest_uri(self.profile, self.manners)
            cnonce = f"{self._rng.getrandbits(32):08x}"
            credentials = self._authority.credentials(self.profile, self.manners, uri, cnonce)
        turn = Turn(self._cseq, self._branch, self._tag, self._call_id, None, "", credentials, credentials is not None)
        octets = register_request(self.profile, self.manners, self.local, turn)
        self._transaction = NonInviteClientTransaction(octets, now, self.profile.transport != "udp")
        self._transmit(now)

    def _transmit(self, now: float) -> None:
        transaction = self._transaction
        if transaction is None:
            return
        for octets in transaction.due(now):
            self._out.append(octets)
            authenticated = self._authority is not None
            self._events.append(Sent("REGISTER", self._cseq, authenticated=authenticated, again=transaction.sent > 1))
        if transaction.timed_out:
            self._fail(None, "no answer")

    # -- what happens to it --------------------------------------------------------------------------------------
    def receive(self, data: bytes, now: float, carrier_now: float, source: Address | None = None) -> None:  # noqa: ARG002
        """Take one datagram, or one message of a stream; never raises."""
        if not data.strip(b"\r\n\0"):
            return
        try:
            message = parse(data)
            if isinstance(message, Request):
                self._events.append(Ignored(f"a {message.method}, which this client does not serve"))
                return
            ours = message.top_via.branch == self._branch and message.cseq.number == self._cseq
        except ParseError as error:
            self._events.append(Ignored(error.detail))
            return
        transaction = self._transaction
        if transaction is None or not ours or not self.busy:
            self._events.append(Ignored(f"a response ({message.status}) to nothing we sent"))
            return
        if not transaction.received(message.status, now) or message.status < 200:
            return
        if message.status in (401, 407) and self.state is ASKED:
            self._challenged(message, now)
        else:
            self._end(message)

    def _challenged(self, response: Response, now: float) -> None:
        header = "Proxy-Authorization" if response.status == 407 else "Authorization"
        asks = "proxy-authenticate" if response.status == 407 else "www-authenticate"
        chosen = choose(response.headers.get(asks, []), self.manners.challenges)
        if chosen is None:
            self._fail(response.status, "none of its challenges can be answered")
            return
        self._events.append(Challenged(response.status, chosen.realm, chosen.algorithm, chosen.stale, 1))
        self._authority = Authority(header, chosen)
        self.state = LOGGED_IN
        self._send(now)

    def _end(self, response: Response) -> None:
        authority = self._authority
        contacts = tuple(
            (contact.uri_text, parse_expires(contact.param("expires") or str(response.expires or "")))
            for contact in contacts_in(response)
        )
        self.answer = Answered(
            response.status,
            response.reason,
            authority is not None,
            authority.challenge.realm if authority is not None else "",
            (authority.challenge.algorithm or "MD5") if authority is not None else "",
            contacts if response.status < 300 else (),
        )
        self.state = DONE
        self._events.append(self.answer)

    def _fail(self, status: int | None, reason: str) -> None:
        self._transaction = None
        self.state = DONE
        self._events.append(Failed(status, reason, "", final=True))

    def timer_fired(self, now: float, carrier_now: float) -> None:  # noqa: ARG002
        """Send again what was not answered, or give up (:rfc:`3261` 17.1.2)."""
        if self.busy:
            self._transmit(now)

    def disconnected(self, now: float) -> None:  # noqa: ARG002
        """Take note that the connection is gone."""
        if self.busy:
            self._fail(None, "the connection was closed")

    # -- what it wants from its owner ----------------------------------------------------------------------------
    def outgoing(self) -> list[bytes]:
        """Return the messages to send now, and let go of them."""
        out, self._out = self._out, []
        return out

    def events(self) -> list[Event]:
        """Return what happened since the last call."""
        happened, self._events = self._events, []
        return happened

    def next_timer(self) -> float | None:
        """Return the wire time at which `timer_fired` wants to be called; None for never."""
        return self._transaction.next_timer() if self.busy and self._transaction is not None else None

    def next_refresh(self) -> float | None:
        """Return None: a question binds nothing."""
        return None

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self.state in (ASKED, LOGGED_IN)
