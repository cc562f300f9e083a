"""A user agent core that registers, refreshes and unregisters with a known client's manners.

Pure: time is an argument, randomness is a generator passed in, octets go in and out through methods. It works on two
clocks. *Wire time* drives what happens between two machines: retransmissions, the timeout of an attempt, the pause
before the next. *Carrier time*, the clock of the mock carrier that it shares, drives the refresh.

An *attempt* is everything from the first REGISTER to the outcome: challenge and answer, a longer expiry, another
challenge. What the outcome does is not decided here but looked up in the manners; the states are the table in
`mockregistrar.client.states`. After any call the owner drains `outgoing` and `events`, and arms one timer for
`next_timer` (wire time) and one for `next_refresh` (carrier time).

Over a stream the owner frames: `receive` takes one message. What comes back from `outgoing` goes to the registrar, on
the connection in use.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from mockregistrar.client import states
from mockregistrar.client.authority import Authority, choose, readable_challenges
from mockregistrar.client.events import (
    Challenged,
    Event,
    Failed,
    Ignored,
    Refreshed,
    Registered,
    Sent,
    TimedOut,
    Unregistered,
)
from mockregistrar.client.manners import Do, Manners
from mockregistrar.client.profile import Profile
from mockregistrar.client.requests import Turn, call_id_host, contact_uri, digest_uri, register_request
from mockregistrar.client.serving import Serving
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Address, Flow
from mockregistrar.sip.headers import NameAddr, Star, parse_expires
from mockregistrar.sip.message import Request, Response, parse
from mockregistrar.sip.transactions import NonInviteClientTransaction
from mockregistrar.sip.uri import Uri

if TYPE_CHECKING:
    from random import Random

_MAX_STALES: Final = 3
"""Challenges marked stale that count as no try, in one attempt: a registrar may call every nonce stale."""
_LEAST_PAUSE: Final = 1.0
"""Seconds before a new attempt, so that ``Retry-After: 0`` is no invitation to flood."""
_KEPT_LOG: Final = 1000
_KEPT_EVENTS: Final = 10_000


class UserAgent:
    """One registration of one account."""

    def __init__(self, profile: Profile, manners: Manners, local: Address, rng: Random) -> None:
        self.profile = profile
        self.manners = manners
        self.state: str = states.IDLE
        """One of `mockregistrar.client.states`."""
        self._asked = manners.default_expiry if profile.expiry is None else profile.expiry
        self.expiry = self._asked
        """Seconds that the next REGISTER asks for."""
        self.failure: Failed | TimedOut | None = None
        """Why the last attempt brought nothing; None after a success."""
        self.attempts = 0
        """REGISTERs sent since the last success, retransmissions not counted."""
        self.registered_until: float | None = None
        """Carrier time at which what was last granted ends; None if nothing is bound."""
        self.local = local
        self._rng = rng
        self._reliable = profile.transport != "udp"
        self._call_id = f"{rng.getrandbits(128):032x}@{call_id_host(local)}"
        self._tag = self._new_tag()
        self._cseq = manners.first_cseq - 1
        self._branch = ""
        self._authority: Authority | None = None
        self._transaction: NonInviteClientTransaction | None = None
        self._tries = 0
        self._stales = 0
        self._briefs = 0
        self._attempt_end: float | None = None
        self._wake: float | None = None
        self._refresh_at: float | None = None
        self._log: deque[str] = deque(maxlen=_KEPT_LOG)
        self._out: list[bytes] = []
        self._events: list[Event] = []
        flow = Flow(profile.transport, local, (profile.host, profile.port))
        self._serving = Serving(flow, self._new_tag(), self._out, self._events)

    @property
    def local(self) -> Address:
        """Our own address, as it goes into Via and Contact; set it anew when the connection is another one.

        Raises ParseError, a ValueError, for a host that cannot stand in a URI.
        """
        return self._local

    @local.setter
    def local(self, address: Address) -> None:
        self._contact = Uri.parse(contact_uri(self.profile, address))
        self._local = address

    # -- what the owner wants ----------------------------------------------------------------------------------
    def register(self, now: float, carrier_now: float) -> None:  # noqa: ARG002 - the contract of all three
        """Begin an attempt to register.

        Raises IllegalStep while one is under way.
        """
        self._to(states.REGISTER)
        self._begin(now)

    def refresh(self, now: float, carrier_now: float) -> None:  # noqa: ARG002
        """Prolong the binding now. Raises IllegalStep if there is none."""
        self._to(states.REFRESH)
        self._begin(now)

    def unregister(self, now: float, carrier_now: float) -> None:  # noqa: ARG002
        """Remove our binding (:rfc:`3261` 10.2.2), giving up what is under way.

        Raises IllegalStep if it is being removed already.
        """
        self._to(states.UNREGISTER)
        self._begin(now)

    # -- what happens to it ------------------------------------------------------------------------------------
    def receive(self, data: bytes, now: float, carrier_now: float, source: Address | None = None) -> None:
        """Take one datagram, or one message of a stream; never raises.

        `source` is where it came from, for the Via of our answers (:rfc:`3261` 18.2.1).
        """
        if not data.strip(b"\r\n\0"):
            return  # keep-alive
        try:
            message = parse(data)
        except ParseError as error:
            if error.request is None:
                self._tell(Ignored(error.detail))
            else:
                self._serving.refuse(error.request, error, source)
            return
        if isinstance(message, Request):
            self._serving.receive(message, now, source)
        else:
            self._answered(message, now, carrier_now)

    def timer_fired(self, now: float, carrier_now: float) -> None:
        """Do what has come due on either clock."""
        self._serving.timer_fired(now)
        if self._attempt_end is not None and self._attempt_end <= now:
            self._timed_out(now)
        elif self.busy:
            self._transmit(now)
        if self._wake is not None and self._wake <= now:
            self._to(states.RETRY)
            self._begin(now)
        refresh_at = self.next_refresh()
        if refresh_at is not None and refresh_at <= carrier_now:
            self.refresh(now, carrier_now)

    def disconnected(self, now: float) -> None:
        """Take note that the connection is gone: what was sent on it will not be answered."""
        if not self.busy:
            return
        self._transaction = None
        if self._attempt_end is None:
            self._set_back("retry", None, "the connection was closed", "", now)

    # -- what it wants from its owner --------------------------------------------------------------------------
    def outgoing(self) -> list[bytes]:
        """Return the messages to send to the registrar now, and let go of them."""
        out = self._out.copy()
        self._out.clear()
        return out

    def events(self) -> list[Event]:
        """Return what happened since the last call."""
        happened = self._events.copy()
        self._events.clear()
        return happened

    def next_timer(self) -> float | None:
        """Return the wire time at which `timer_fired` wants to be called; None for never."""
        times = [self._attempt_end, self._wake, self._serving.next_timer()]
        if self.busy and self._transaction is not None:
            times.append(self._transaction.next_timer())
        return min((time for time in times if time is not None), default=None)

    def next_refresh(self) -> float | None:
        """Return the carrier time at which `timer_fired` wants to be called; None for never."""
        return self._refresh_at if self.state is states.REGISTERED else None

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self.state in states.IN_FLIGHT

    @property
    def contact(self) -> str:
        """Our own Contact URI."""
        return str(self._contact)

    @property
    def log(self) -> tuple[str, ...]:
        """The lines that the real client would have printed so far, the last 1000 of them."""
        return tuple(self._log)

    # -- sending -----------------------------------------------------------------------------------------------
    def _begin(self, now: float) -> None:
        """Start an attempt: a REGISTER, with credentials if they may be used again."""
        self._tries = self._stales = self._briefs = 0
        self._request(now)

    def _request(self, now: float) -> None:
        timeout = self.manners.attempt_timeout
        self._attempt_end = None if timeout is None else now + timeout
        self._wake = None
        self._refresh_at = None
        if not self.manners.reuse_nonce:
            self._authority = None
        self._send(now)

    def _send(self, now: float, *, answers: bool = False) -> None:
        manners = self.manners
        self._cseq += 1
        self.attempts += 1
        self._branch = f"z9hG4bK{self._rng.getrandbits(64):016x}"
        credentials = None
        if self._authority is not None:
            cnonce = f"{self._rng.getrandbits(32):08x}"
            uri = digest_uri(self.profile, manners)
            credentials = self._authority.credentials(self.profile, manners, uri, cnonce)
        expires = 0 if self.state in states.LEAVINGS else self.expiry
        turn = Turn(self._cseq, self._branch, self._tag, self._call_id, expires, credentials, answers)
        octets = register_request(self.profile, manners, self.local, turn)
        self._transaction = NonInviteClientTransaction(octets, now, self._reliable)
        self._transmit(now)

    def _transmit(self, now: float) -> None:
        """Send what the transaction has due; notice when it has given up."""
        transaction = self._transaction
        if transaction is None:
            return
        for octets in transaction.due(now):
            self._out.append(octets)
            authenticated = self._authority is not None
            again = transaction.sent > 1
            self._tell(Sent("REGISTER", self._cseq, authenticated=authenticated, again=again))
        if transaction.timed_out and self._attempt_end is None:
            self._timed_out(now)

    def _new_tag(self) -> str:
        return f"{self.manners.tag_prefix}{self._rng.getrandbits(32):08x}"

    # -- answers -----------------------------------------------------------------------------------------------
    def _answered(self, response: Response, now: float, carrier_now: float) -> None:
        transaction = self._transaction
        try:
            ours = response.top_via.branch == self._branch and response.cseq.number == self._cseq
        except ParseError as error:
            self._tell(Ignored(error.detail))
            return
        if transaction is None or not ours or response.cseq.method != "REGISTER":
            self._tell(Ignored(f"a response ({response.status}) to nothing we sent"))
            return
        if not transaction.received(response.status, now) or response.status < 200 or not self.busy:
            return
        if response.status < 300:
            self._succeeded(response, now, carrier_now)
            return
        reaction = self.manners.reaction(response.status)
        if reaction.forgives:
            self.attempts = 0
        if reaction.do == "answer":
            self._challenged(response, now)
        elif reaction.do == "adopt" and self.state not in states.LEAVINGS:
            self._too_brief(response, reaction.log, now)
        else:
            log = self._print(reaction.log, status=response.status)
            self._set_back(reaction.do, response.status, response.reason, log, now, _retry_after(response))

    def _succeeded(self, response: Response, now: float, carrier_now: float) -> None:
        contacts = _contacts(response)
        uris = tuple(contact.uri_text for contact in contacts)
        granted = self._granted(response, contacts)
        if self.state not in states.LEAVINGS and not granted and self.expiry:
            self._set_back("retry", response.status, "granted 0 s", "", now)
            return
        self.attempts = 0
        self.failure = None
        self._attempt_end = None
        if self.manners.forgets_minimum:
            self.expiry = self._asked
        if self.state in states.LEAVINGS or not granted:
            self._to(states.REMOVED)
            self.registered_until = None
            self._tell(Unregistered(uris))
            return
        self._to(states.GRANTED)
        known = self.registered_until is not None and carrier_now < self.registered_until
        refresh_in = self.manners.refresh.refresh_in(granted)
        self._refresh_at = carrier_now + refresh_in
        self.registered_until = carrier_now + granted
        outcome = Refreshed if known else Registered
        self._tell(outcome(granted, uris, refresh_in))

    def _granted(self, response: Response, contacts: list[NameAddr]) -> int:
        """Return the seconds granted to us: our own contact's, else the header's, else a default (10.2.4)."""
        own = next((contact for contact in contacts if contact.uri.equivalent(self._contact)), None)
        says = None if own is None else parse_expires(own.param("expires") or "")
        if says is None or (says == 0 and self.manners.zero_is_default):
            says = response.expires
        if says is None or (says == 0 and self.manners.zero_is_default):
            says = self.manners.default_expiry if self.manners.zero_is_default else self.expiry
        return says

    def _challenged(self, response: Response, now: float) -> None:
        status = response.status
        proxy = status == 407
        values = response.headers.get("proxy-authenticate" if proxy else "www-authenticate", [])
        chosen = choose(readable_challenges(values), self.manners)
        if chosen is not None and chosen.stale and self.manners.stale_is_free and self._stales < _MAX_STALES:
            self._stales += 1
        else:
            self._tries += 1
        if chosen is None:
            self._tell(Challenged(status, "", None, False, self._tries))
        else:
            self._tell(Challenged(status, chosen.realm, chosen.algorithm, chosen.stale, self._tries))
        if chosen is None or self._tries > self.manners.max_auth_tries:
            log = self._print(self.manners.auth_failed_log, status=status)
            self._set_back(self.manners.after_auth_failure, status, response.reason, log, now)
            return
        header = "Proxy-Authorization" if proxy else "Authorization"
        if self._authority is None or not self._authority.covers(header, chosen):
            self._authority = Authority(header, chosen)
        self._to(states.CHALLENGED)
        self._send(now, answers=True)

    def _too_brief(self, response: Response, log: str, now: float) -> None:
        status, reason = response.status, response.reason
        minimum = parse_expires(response.first("min-expires") or "") or 0
        printed = self._print(log, status=status, minimum=minimum)
        self._briefs += 1
        ceiling = self.manners.max_expiry
        if ceiling is not None and minimum > ceiling:
            printed = self._print(self.manners.too_high_log, status=status, minimum=minimum)
            self._set_back("stop", status, reason, printed, now)
        elif minimum <= self.expiry or self._briefs > self.manners.max_briefs:
            # The same again would be refused again: a registrar that wants nothing longer is left alone for a while.
            self._set_back("wait", status, reason, printed, now)
        else:
            self.expiry = minimum
            self._tries = self._stales = 0
            self._tell(Failed(status, reason, printed, final=False))
            self._to(states.BRIEF)
            self._request(now)

    # -- setbacks ----------------------------------------------------------------------------------------------
    def _set_back(
        self, do: Do, status: int | None, reason: str, log: str, now: float, after: float | None = None
    ) -> None:
        """End the attempt without success: for good, until its timeout, or until `after` seconds have passed."""
        final = do == "stop" or self.state in states.LEAVINGS
        self.failure = Failed(status, reason, log, final)
        self._tell(self.failure)
        if final:
            self._to(states.REFUSED)
            self._attempt_end = None
            return
        self._to(states.SETBACK)
        if do == "wait" and self._attempt_end is not None:
            return
        self._attempt_end = None
        self._wake = now + (self._pause() if after is None else max(after, _LEAST_PAUSE))

    def _timed_out(self, now: float) -> None:
        """Take the silence for an answer: try again, or give up."""
        manners = self.manners
        self._transaction = None
        self._attempt_end = None
        limit = manners.max_attempts
        if self.state in states.LEAVINGS or (limit and self.attempts >= limit):
            self._set_back("stop", None, "no answer", self._print(manners.gave_up_log), now)
            return
        self.failure = TimedOut(self.attempts, self._print(manners.timeout_log))
        self._tell(self.failure)
        self._to(states.SETBACK)
        if manners.retry_delay:
            self._wake = now + manners.retry_delay
        else:
            self._to(states.RETRY)
            self._begin(now)

    def _pause(self) -> float:
        """Return the seconds before the next attempt where nobody names them."""
        return max(self.manners.retry_delay or self.manners.attempt_timeout or 0.0, _LEAST_PAUSE)

    # -- bookkeeping -------------------------------------------------------------------------------------------
    def _to(self, event: str) -> None:
        self.state = states.follow(self.state, event)

    def _tell(self, event: Event) -> None:
        if len(self._events) >= _KEPT_EVENTS:  # nobody drains them
            del self._events[: _KEPT_EVENTS // 2]
        self._events.append(event)

    def _print(self, template: str, *, status: int | None = None, minimum: int = 0) -> str:
        """Put a line into the log as the real client words it, and return it."""
        if not template:
            return ""
        line = template.format(
            user=self.profile.user,
            host=self.profile.host,
            status=status,
            minimum=minimum,
            tries=min(self._tries, self.manners.max_auth_tries),
            attempt=self.attempts,
            following=self.attempts + 1,
        )
        self._log.append(line)
        return line


def _contacts(response: Response) -> list[NameAddr]:
    """Return the contacts of a response; none if they cannot be read, as clients that do not find theirs."""
    try:
        found = response.contacts
    except ParseError:
        return []
    return [] if isinstance(found, Star) else found


def _retry_after(response: Response) -> float | None:
    """Return the seconds in Retry-After (:rfc:`3261` 20.33), whose comment and parameters do not matter here."""
    text = (response.first("retry-after") or "").partition(";")[0].partition("(")[0]
    seconds = parse_expires(text)
    return None if seconds is None else float(seconds)
