"""A user agent core that registers, refreshes and unregisters with a known client's manners.

Pure: time is an argument, randomness is a generator passed in, octets go in and out through methods. It works on two
clocks. *Wire time* drives what happens between two machines: retransmissions, the timeout of an attempt, the pause
before the next. *Carrier time*, the clock of the mock carrier that it shares, drives the refresh.

An *attempt* is everything from the first REGISTER to the outcome: challenge and answer, a longer expiry, another
challenge. What the outcome does is not decided here but looked up in the manners (`patience`); the states are the table
in `mockregistrar.client.states`. After any call the owner drains `outgoing` and `events`, and arms one timer for
`next_timer` (wire time) and one for `next_refresh` (carrier time).

Over a stream the owner frames: `receive` takes one message. What comes back from `outgoing` goes to the registrar, on
the connection in use.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from mockregistrar.client import answers, states
from mockregistrar.client.authority import Authority, choose
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
    Warned,
)
from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.rules import Reaction, realm_fits
from mockregistrar.client.patience import LEAST_PAUSE, verdict
from mockregistrar.client.printing import Log, entry_values, seconds
from mockregistrar.client.profile import Profile
from mockregistrar.client.requests import Turn, call_id_host, contact_uri, digest_uri, register_request
from mockregistrar.client.serving import Serving
from mockregistrar.sip.challenge import Challenge
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Address, Flow
from mockregistrar.sip.message import Request, Response, parse
from mockregistrar.sip.transactions import NonInviteClientTransaction
from mockregistrar.sip.uri import Uri

if TYPE_CHECKING:
    from random import Random

_MAX_STALES: Final = 3
"""Challenges marked stale that count as no try, in one attempt: a registrar may call every nonce stale."""
_KEPT_EVENTS: Final = 10_000
_CONNECTION_LOST: Final = Reaction("retry")


class UserAgent:
    """One registration of one account."""

    def __init__(
        self, profile: Profile, manners: Manners, local: Address, rng: Random, *, delays_first: bool = False
    ) -> None:
        self.profile = profile
        self.manners = manners
        self.state: str = states.IDLE
        """One of `mockregistrar.client.states`."""
        self.failure: Failed | TimedOut | None = None
        """Why the last attempt brought nothing; None after a success."""
        self.attempts = 0
        """REGISTERs sent since the last success, retransmissions not counted."""
        self.failures = 0
        """Attempts failed since the last success, those not counted that Retry-After put off."""
        self.registered_until: float | None = None
        """Carrier time at which what was last granted ends; None if nothing is bound."""
        self._rng = rng
        self._delays_first = delays_first
        self._lot = f"{rng.getrandbits(48):012x}"
        self.local = local
        self._asked = manners.default_expiry if profile.expiry is None else profile.expiry
        if profile.expiry is None and manners.expiry_spread:
            self._asked += rng.randrange(manners.expiry_spread + 1)
        self.expiry = self._asked
        """Seconds that the next REGISTER asks for."""
        self._reliable = profile.transport != "udp" or not manners.retransmits
        self._new_dialogue()
        self._cseq = manners.first_cseq - 1
        self._branch = ""
        self._begun = False
        self._authority: Authority | None = None
        self._transaction: NonInviteClientTransaction | None = None
        self._tries = 0
        self._stales = 0
        self._briefs = 0
        self._attempt_end: float | None = None
        self._wake: float | None = None
        self._refresh_at: float | None = None
        self._log = Log(entry_values(profile, manners, self._lot))
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
        self._contact = Uri.parse(contact_uri(self.profile, self.manners, address, self._lot))
        self._local = address

    # -- what the owner wants ----------------------------------------------------------------------------------
    def register(self, now: float, carrier_now: float) -> None:  # noqa: ARG002 - the contract of all three
        """Begin an attempt to register; the very first may be put off, where the owner wants what the manners have.

        Raises IllegalStep while one is under way.
        """
        delay = self.manners.initial_delay
        if delay is not None and self._delays_first and not self._begun and self._wake is None:
            self._to(states.HOLD)
            self._wake = now + delay[0] + self._rng.random() * (delay[1] - delay[0])
            return
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
            self._react(_CONNECTION_LOST, None, "the connection was closed", now)

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
        return self._log.lines

    # -- sending -----------------------------------------------------------------------------------------------
    def _begin(self, now: float) -> None:
        """Start an attempt: a REGISTER, with credentials if they may be used again."""
        renewal = self.manners.new_call_id
        if self._begun and (renewal == "attempt" or (renewal == "failure" and self.failure is not None)):
            self._new_dialogue()
            if self.manners.restarts_cseq:
                self._cseq = self.manners.first_cseq - 1
        self._begun = True
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
        turn = Turn(self._cseq, self._branch, self._tag, self._call_id, expires, self.contact, credentials, answers)
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

    def _new_dialogue(self) -> None:
        self._call_id = f"{self._rng.getrandbits(128):032x}@{call_id_host(self.local)}"
        self._tag = self._new_tag()

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
            self.attempts = self.failures = 0
        if reaction.do == "answer":
            self._challenged(response, now)
        elif reaction.do == "adopt" and self.state not in states.LEAVINGS:
            self._too_brief(response, reaction.log, now)
        else:
            self._react(reaction, response, response.reason, now)

    def _succeeded(self, response: Response, now: float, carrier_now: float) -> None:
        contacts = answers.contacts_in(response)
        uris = tuple(contact.uri_text for contact in contacts)
        granted = answers.granted(response, contacts, self._contact, self.expiry, self.manners)
        leaving = self.state in states.LEAVINGS or not self.expiry
        if not leaving:
            granted = max(granted, self.manners.refresh.lowest)
            if not granted and self.manners.zero_grant != "kept":
                final = Reaction("stop" if self.manners.zero_grant == "removed" else "retry")
                self._react(final, response, "granted 0 s", now)
                return
        self.attempts = self.failures = 0
        self.failure = None
        self._attempt_end = None
        if leaving:
            self._to(states.REMOVED)
            self.registered_until = None
            self._tell(Unregistered(uris))
            return
        known = self.registered_until is not None and carrier_now < self.registered_until
        refresh_in = self._refresh_in(granted)
        if self.manners.forgets_minimum:
            self.expiry = self._asked
        self._to(states.GRANTED)
        self._refresh_at = carrier_now + refresh_in if refresh_in < math.inf else None
        self.registered_until = carrier_now + granted
        outcome = Refreshed if known else Registered
        self._tell(outcome(granted, uris, refresh_in))

    def _refresh_in(self, granted: int) -> float:
        """Return the seconds until the refresh, infinite where there is none; say so where it comes too late."""
        rule, title = self.manners.refresh, self.manners.title or self.manners.name
        if rule.never:
            self._tell(Warned(f"{title} does not refresh: what was granted ends in {granted} s"))
            return math.inf
        due = rule.refresh_in(granted, self.expiry, self._rng.random())
        if due <= 0:
            self._tell(
                Warned(
                    f"a grant of {granted} s leaves nothing of the time that {title} refreshes early: "
                    f"the real one registers again at once, over and over, here once in {LEAST_PAUSE:g} s"
                )
            )
            return LEAST_PAUSE
        if due >= granted:
            printed = self._print(self.manners.short_grant_log, expires=granted)
            late = f"what was granted ends after {granted} s, and {title} refreshes after {due:g} s"
            self._tell(Warned(late, printed))
        return due

    def _challenged(self, response: Response, now: float) -> None:
        manners = self.manners
        status = response.status
        proxy = status == 407
        header = "Proxy-Authorization" if proxy else "Authorization"
        values = response.headers.get("proxy-authenticate" if proxy else "www-authenticate", [])
        chosen = choose(values, manners.challenges)
        if chosen is not None and chosen.stale and manners.stale_is_free and self._stales < _MAX_STALES:
            self._stales += 1
        else:
            self._tries += 1
        if chosen is None:
            self._tell(Challenged(status, "", None, False, self._tries))
            why = manners.unanswerable_log if values else manners.unchallenged_log or manners.unanswerable_log
            self._react(manners.unanswerable or manners.rejected, response, response.reason, now, why)
            return
        self._tell(Challenged(status, chosen.realm, chosen.algorithm, chosen.stale, self._tries))
        fits = realm_fits(manners.realm_rule, self.profile.realm, chosen.realm)
        if not fits or not self.profile.answers_challenges:
            why = manners.foreign_realm_log or manners.unanswerable_log
            self._react(manners.unanswerable or manners.rejected, response, response.reason, now, why, chosen.realm)
        elif self._tries > manners.max_auth_tries or self._is_last_word(header, chosen):
            self._react(manners.rejected, response, response.reason, now)
        else:
            if self._authority is None or not self._authority.covers(header, chosen):
                self._authority = Authority(header, chosen)
            self._to(states.CHALLENGED)
            self._send(now, answers=True)

    def _is_last_word(self, header: str, challenge: Challenge) -> bool:
        """Return whether the challenge says no more than that its own nonce was answered wrongly."""
        known = self._authority
        return (
            self.manners.same_nonce_ends
            and not challenge.stale
            and known is not None
            and (known.header, known.challenge.nonce) == (header, challenge.nonce)
        )

    def _too_brief(self, response: Response, template: str, now: float) -> None:
        manners = self.manners
        minimum = answers.min_expires(response)
        wanted = minimum or (self.expiry * 2 if manners.doubles_expiry else 0)
        self._briefs += 1
        if manners.max_expiry is not None and minimum > manners.max_expiry:
            self._print(template, response=response)
            self._react(Reaction("stop", manners.too_high_log), response, response.reason, now)
        elif wanted <= self.expiry or self._briefs > manners.max_briefs:
            # The same again would be refused again: a registrar that wants nothing longer is left alone for a while.
            self._react(manners.brief_refused, response, response.reason, now, template)
        else:
            self.expiry = wanted
            self._tries = self._stales = 0
            printed = self._print(template, response=response)
            self.failure = Failed(response.status, response.reason, printed, final=False)
            self._tell(self.failure)
            if manners.adopts_later:
                self._pause(max(manners.refresh.timer, LEAST_PAUSE), now)
            else:
                self._to(states.BRIEF)
                self._request(now)

    # -- setbacks ----------------------------------------------------------------------------------------------
    def _react(
        self, reaction: Reaction, response: Response | None, reason: str, now: float, first: str = "", realm: str = ""
    ) -> None:
        """End the attempt without success, as the manners say; `first` is a template to print before theirs."""
        what = verdict(
            self.manners,
            reaction,
            status=None if response is None else response.status,
            failures=self.failures,
            attempts=self.attempts,
            retry_after=None if response is None else answers.retry_after(response),
            chance=self._rng.random(),
        )
        self.failures = what.failures
        printed = self._print(first, what.log, response=response, realm=realm, pause=what.pause)
        final = what.do == "stop" or self.state in states.LEAVINGS
        if response is None and reaction is self.manners.silence and not final:
            self.failure = TimedOut(self.attempts, printed)
        else:
            self.failure = Failed(None if response is None else response.status, reason, printed, final)
        self._tell(self.failure)
        if final:
            self._to(states.REFUSED)
            self._attempt_end = None
        elif what.do == "wait":
            self._to(states.SETBACK)
        else:
            self._pause(what.pause, now)

    def _pause(self, pause: float, now: float) -> None:
        """Wait for so long before the next attempt; begin it at once if that is no time at all."""
        self._attempt_end = None
        self._to(states.SETBACK)
        if pause:
            self._wake = now + pause
        else:
            self._to(states.RETRY)
            self._begin(now)

    def _timed_out(self, now: float) -> None:
        """Take the silence for an answer."""
        self._transaction = None
        self._attempt_end = None
        self._react(self.manners.silence, None, "no answer", now)

    # -- bookkeeping -------------------------------------------------------------------------------------------
    def _to(self, event: str) -> None:
        self.state = states.follow(self.state, event)

    def _tell(self, event: Event) -> None:
        if len(self._events) >= _KEPT_EVENTS:  # nobody drains them
            del self._events[: _KEPT_EVENTS // 2]
        self._events.append(event)

    def _print(
        self, *templates: str, response: Response | None = None, realm: str = "", pause: float = 0.0, expires: int = 0
    ) -> str:
        """Put lines into the log as the real client words them, and return them."""
        return self._log.print(
            *templates,
            status=None if response is None else response.status,
            reason="" if response is None else response.reason,
            software="" if response is None else response.first("server") or "",
            minimum=0 if response is None else answers.min_expires(response),
            realm=realm,
            pause=seconds(pause),
            expires=expires,
            failures=self.failures,
            tries=min(self._tries, self.manners.max_auth_tries),
            attempt=self.attempts,
            following=self.attempts + 1,
        )
