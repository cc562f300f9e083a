"""One client's way of registering, as a value.

A user agent is one machine; what differs between clients is written down here: what they put into a REGISTER, which
challenge they pick, what each outcome makes them do, when they refresh, and the very line they log, because that line
is what their owner will search for.

Log texts are templates. The names in braces: `user`, `host`, `contact` (the user part of our Contact), `name` (what the
configuration calls the entry), `aor` (the address of record), `server` (the registrar's URI), `realm` (that of the
challenge), `status`, `reason`, `software` (the answer's Server header), `minimum` (Min-Expires), `expires` (granted),
`pause` (seconds until the next attempt), `timer` (how often it looks), `failures` (attempts failed in a row), `tries`
(challenges met in this attempt), `attempt` (REGISTERs sent since the last success), `following` (the one after these).
A template may have several lines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from mockregistrar.client.manners.rules import ChallengeRule, Reaction, RealmRule, RefreshRule, RetryRule
from mockregistrar.sip.challenge import AUTHORIZATION_ORDER

if TYPE_CHECKING:
    from mockregistrar.client.profile import Profile

PortRule = Literal["never", "unless-default", "always"]
"""Whether a URI names the port."""

_RETRY: Final = Reaction("retry")
_STOP: Final = Reaction("stop")
_WAIT: Final = Reaction("wait")
_MD5: Final = ChallengeRule()

HEADER_ORDER: Final = (
    "Via",
    "Max-Forwards",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Authorization",
    "Expires",
    "User-Agent",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """One client's way of registering. Times are in seconds."""

    name: str
    title: str = ""
    """What a person calls the system: "Asterisk (chan_sip)"; empty: the name."""
    user_agent: str
    """The User-Agent header."""
    settled: bool = True
    """Whether it is known what the system does; False: the RFCs stand in for it."""

    # -- what comes of an attempt
    reactions: tuple[tuple[int, Reaction], ...]
    """By status, or by class of statuses (3 to 6)."""
    silence: Reaction = _RETRY
    """When no answer comes in time."""
    rejected: Reaction = _STOP
    """When more challenges came than it answers: the password is wrong."""
    unanswerable: Reaction | None = None
    """When no challenge can be answered; None: as `rejected`."""
    brief_refused: Reaction = _WAIT
    """When a 423 names nothing longer than it asked for."""
    zero_grant: Literal["failed", "default", "removed", "kept"] = "failed"
    """What a grant of 0 s is to it: a failed attempt, no word about the expiry, the end of its registration, or a
    registration like any other, to be refreshed at once."""

    # -- times
    refresh: RefreshRule
    retry: RetryRule | None = None
    """Between a failed attempt and the next; None: it never tries again by itself."""
    default_expiry: int = 3600
    """What is asked for when the profile says nothing."""
    expiry_spread: int = 0
    """A lot of up to this many seconds is added to that."""
    attempt_timeout: float | None = None
    """How long an attempt waits for what it needs; None: until the transaction gives up, 32 s."""
    paced_by_timeout: bool = False
    """Whether the next attempt begins when that time has passed, so that it is the setting for both."""
    initial_delay: tuple[float, float] | None = None
    """Between these it waits before its very first REGISTER, where its owner wants it to."""

    # -- limits
    max_attempts: int = 0
    """REGISTERs without success before giving up for good on the next silence; 0: never."""
    max_retries: int | None = None
    """Failed attempts in a row that are tried again; 0: it stops at the first; None: it never stops."""
    forbidden_retry: float = 0.0
    """Where it would stop on a 403: seconds after which it tries again all the same; 0: it does stop."""
    fatal_retry: float = 0.0
    """The same for all that makes it stop."""
    max_briefs: int = 5
    """How often an attempt takes up another Min-Expires before it waits; real clients know no bound."""
    max_expiry: int | None = None
    """A Min-Expires above this is given up on; None: any is adopted."""
    forgets_minimum: bool = False
    """Whether, after a success, it asks for what it was told to ask for, and not for the Min-Expires it took up."""
    doubles_expiry: bool = False
    """Whether a 423 without Min-Expires makes it ask for twice as long."""
    adopts_later: bool = False
    """Whether a longer expiry is asked for in the next attempt, and not at once."""

    # -- authentication
    challenges: ChallengeRule = _MD5
    realm_rule: RealmRule = "any"
    max_auth_tries: int = 1
    """Challenges answered in one attempt."""
    stale_is_free: bool = True
    """Whether a challenge marked stale counts as no try."""
    same_nonce_ends: bool = False
    """Whether a challenge with the nonce just answered, and not marked stale, is the last word."""
    reuse_nonce: bool = True
    """Whether later requests carry credentials at once, nc counting up."""
    qop: Literal["best", "auth", "auth-int", "never"] = "best"
    """Which quality is answered: the best it was offered, ``auth`` to any offer, ``auth-int`` where that is offered, or
    none, as before :rfc:`2617`."""
    names_algorithm: Literal["as-asked", "always", "never"] = "as-asked"
    """Whether ``algorithm=`` is printed."""
    authorization_order: tuple[str, ...] = AUTHORIZATION_ORDER

    # -- what is written
    rport: bool = True
    """Whether Via asks for :rfc:`3581`."""
    request_uri_host: Literal["domain", "registrar"] = "domain"
    """Whether the Request-URI names the address of record's host or that of the registrar, where they differ."""
    request_uri_port: PortRule = "unless-default"
    answer_uri_port: PortRule = "unless-default"
    """In the Request-URI of what answers a challenge."""
    digest_uri_port: PortRule = "unless-default"
    aor_port: PortRule = "never"
    """In From and To."""
    escapes_user: bool = True
    """Whether user parts are escaped as :rfc:`3261` 19.1.2 wants."""
    contact_user: str = "s"
    """A template for the user part of the Contact where the profile names none; `user`, `name`, `random` in braces."""
    contact_suffix: str = ""
    """What it always puts behind that user part; `random` in braces stays the same for its life."""
    contact_transport: Literal["unless-udp", "always", "never"] = "unless-udp"
    """Whether the Contact URI names the transport."""
    upper_transport: bool = False
    """Whether it does so in capitals."""
    contact_params: str = ""
    """Header parameters of the Contact, from their ``;`` on."""
    expires_in: Literal["header", "contact", "both"] = "header"
    """Where it says how long it wants to be bound."""
    new_call_id: Literal["never", "failure", "attempt"] = "never"
    """Whether an attempt begins with another Call-ID and From tag: any attempt, or one after a failure."""
    restarts_cseq: bool = False
    """Whether CSeq starts over with that."""
    tag_prefix: str = ""
    first_cseq: int = 1
    retransmits: bool = True
    """Whether a REGISTER over UDP is sent again when no answer comes."""
    extra_headers: tuple[tuple[str, str], ...] = ()
    header_order: tuple[str, ...] = HEADER_ORDER
    """``Authorization`` stands for Proxy-Authorization too; headers not named come last."""

    # -- what is printed besides the reactions' lines
    gave_up_log: str = ""
    """When `max_attempts` or `max_retries` is reached, in place of the line of what came last."""
    too_high_log: str = ""
    """When Min-Expires is above `max_expiry`."""
    zero_delay_counts: bool = True
    """Whether ``Retry-After: 0`` is taken for a word about the delay at all."""
    delayed_log: str = ""
    """When Retry-After says when to try again; empty: the reaction's own line."""
    forbidden_retry_log: str = ""
    fatal_retry_log: str = ""
    unanswerable_log: str = ""
    """Before the line of `unanswerable`."""
    unchallenged_log: str = ""
    """In place of that, where there was no challenge at all."""
    foreign_realm_log: str = ""
    """In place of that, where the realm of the challenge is not the one configured."""
    short_grant_log: str = ""
    """When what was granted ends before the refresh."""
    soft_rejection: Reaction | None = None
    """What `rejected` becomes where the configuration says that a refused login is no reason to stop."""

    @property
    def algorithms(self) -> tuple[str, ...]:
        """What it can answer, most wanted first."""
        return self.challenges.algorithms

    def reaction(self, status: int) -> Reaction:
        """Return the reaction to a final status of 300 or above."""
        known = dict(self.reactions)
        return known.get(status) or known.get(status // 100) or _WAIT

    def adjusted(
        self,
        *,
        expiry: int | None = None,
        retry_interval: float | None = None,
        max_retries: int | None = None,
        forbidden_retry_interval: float | None = None,
        fatal_retry_interval: float | None = None,
        auth_rejection_permanent: bool | None = None,
        timer_interval: float | None = None,
    ) -> Manners:
        """Return these manners as a configuration changes them; None leaves a setting alone.

        Each means what it means in its own system. `retry_interval` 0: it does not try again (in chan_sip, where it is
        the `registertimeout`, it cannot be 0). `max_retries` 0: it stops at the first failure (in chan_sip, whose
        `registerattempts` this is: it never stops). `timer_interval` is how often Kamailio and OpenSIPS look. Raises
        ValueError for a negative number, and for what cannot be.
        """
        for name, value in {
            "expiry": expiry,
            "retry_interval": retry_interval,
            "max_retries": max_retries,
            "forbidden_retry_interval": forbidden_retry_interval,
            "fatal_retry_interval": fatal_retry_interval,
            "timer_interval": timer_interval,
        }.items():
            if value is not None and value < 0:
                raise ValueError(f"{name} {value:g} is negative")
        changed = self
        if expiry is not None:
            changed = replace(changed, default_expiry=expiry, expiry_spread=0)
        if timer_interval is not None and changed.refresh.timer:
            changed = replace(
                changed,
                refresh=replace(changed.refresh, timer=timer_interval),
                retry=changed.retry and replace(changed.retry, timer=timer_interval),
            )
        if retry_interval is not None:
            changed = changed._retrying_after(retry_interval)
        if max_retries is not None:
            if changed.paced_by_timeout:
                changed = replace(changed, max_attempts=max_retries)
            else:
                changed = replace(changed, max_retries=max_retries)
        if forbidden_retry_interval is not None:
            changed = replace(changed, forbidden_retry=forbidden_retry_interval)
        if fatal_retry_interval is not None:
            changed = replace(changed, fatal_retry=fatal_retry_interval)
        if auth_rejection_permanent is False and changed.soft_rejection is not None:
            changed = replace(changed, rejected=changed.soft_rejection)
        return changed

    def _retrying_after(self, seconds: float) -> Manners:
        if self.paced_by_timeout:
            if not seconds:
                raise ValueError(f"retry_interval 0: {self.title or self.name} would send without end")
            return replace(self, attempt_timeout=seconds)
        if not seconds:
            return replace(self, retry=None)
        if self.retry is None:
            return replace(self, retry=RetryRule(seconds, timer=self.refresh.timer))
        return replace(self, retry=replace(self.retry, pause=seconds))

    def outlook(self, status: int | None, profile: Profile | None = None) -> str:
        """Return a sentence for a person: what this system does on `status`, and what it prints; None: on silence.

        With a profile its log lines are filled in; without one, names in capitals stand in them. Raises ValueError for
        what is no status.
        """
        from mockregistrar.client.manners.outlook import outlook

        return outlook(self, status, profile)
