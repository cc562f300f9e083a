"""Manners: how a known client behaves, as data.

A user agent is one machine; what differs between clients is written down here: what they put into a REGISTER, which
challenge they pick, what each final status makes them do, when they refresh, and the very line they log, because that
line is what their owner will search for. Log texts are templates; the names in braces are `user`, `host`, `status`,
`tries` (challenges met in this attempt), `attempt` (REGISTERs sent since the last success), `following` (the one after
these), `minimum` (Min-Expires).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mockregistrar.sip.challenge import AUTHORIZATION_ORDER
from mockregistrar.sip.digest import ALGORITHMS

Do = Literal["answer", "adopt", "stop", "wait", "retry"]
"""What a final status makes a client do.

``answer`` the challenge; ``adopt`` Min-Expires and ask again; ``stop`` for good; ``wait`` for the attempt's own
timeout; ``retry`` after Retry-After or, without one, after `Manners.retry_delay`."""

PortRule = Literal["never", "unless-default", "always"]
"""Whether a URI names the port."""


@dataclass(frozen=True, slots=True)
class RefreshRule:
    """When to refresh what was granted: `guard` seconds early, or a `share` of a short grant early."""

    guard: float
    """Seconds before the end."""
    short: float
    """Up to this grant, in seconds, the share counts instead."""
    share: float
    """Part of the grant, 0 to 1."""
    least: float
    """Seconds; the share is never less than this."""

    def refresh_in(self, granted: int) -> float:
        """Return the seconds until the refresh, not below 0."""
        early = self.guard if granted > self.short else max(granted * self.share, self.least)
        return max(granted - early, 0.0)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a client does and prints on a final status."""

    do: Do
    log: str = ""
    forgives: bool = False
    """Whether the count of attempts starts over."""


@dataclass(frozen=True, slots=True)
class Manners:
    """One client's way of registering. Times are in seconds."""

    name: str
    user_agent: str
    """The User-Agent header."""
    reactions: tuple[tuple[int, Reaction], ...]
    """By status, or by class of statuses (3 to 6)."""
    refresh: RefreshRule
    default_expiry: int = 3600
    """What is asked for when the profile says nothing."""
    max_briefs: int = 5
    """How often an attempt takes up another Min-Expires before it waits; real clients know no bound."""
    forgets_minimum: bool = False
    """Whether, after a success, it asks for what it was told to ask for, and not for the Min-Expires it took up."""
    max_expiry: int | None = None
    """A Min-Expires above this is given up on; None: any is adopted."""
    zero_is_default: bool = False
    """Whether a grant of 0 s is read as no word about the expiry."""
    attempt_timeout: float | None = None
    """From the first REGISTER of an attempt to the next attempt; None: until the transaction gives up, 32 s."""
    retry_delay: float = 0.0
    """Between a failed attempt and the next."""
    max_attempts: int = 0
    """REGISTERs without success before giving up for good; 0: never."""
    max_auth_tries: int = 1
    """Challenges answered in one attempt."""
    after_auth_failure: Do = "stop"
    """What follows when no challenge can be answered, or too many were."""
    stale_is_free: bool = True
    """Whether a challenge marked stale counts as no try."""
    reuse_nonce: bool = True
    """Whether later requests carry credentials at once, nc counting up."""
    algorithms: tuple[str, ...] = ("MD5",)
    """What it can answer, most wanted first."""
    picks_first: bool = False
    """Whether the first challenge it can answer wins; else the one most wanted."""
    skips_quoted_algorithm: bool = False
    """Whether ``algorithm="MD5"`` is taken for an unknown algorithm."""
    always_qop_auth: bool = False
    """Whether any qop offered is answered with ``auth``."""
    always_names_algorithm: bool = False
    """Whether ``algorithm=`` is printed though the challenge had none."""
    authorization_order: tuple[str, ...] = AUTHORIZATION_ORDER
    rport: bool = True
    """Whether Via asks for :rfc:`3581`."""
    request_uri_port: PortRule = "unless-default"
    answer_uri_port: PortRule = "unless-default"
    """In the Request-URI of what answers a challenge."""
    digest_uri_port: PortRule = "unless-default"
    aor_port: PortRule = "never"
    """In From and To."""
    escapes_user: bool = True
    """Whether user parts are escaped as :rfc:`3261` 19.1.2 wants."""
    tag_prefix: str = ""
    first_cseq: int = 1
    extra_headers: tuple[tuple[str, str], ...] = ()
    header_order: tuple[str, ...] = (
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
    """``Authorization`` stands for Proxy-Authorization too; headers not named come last."""
    auth_failed_log: str = ""
    """When no challenge can be answered, or too many were."""
    timeout_log: str = ""
    gave_up_log: str = ""
    """When `max_attempts` is reached."""
    too_high_log: str = ""
    """When Min-Expires is above `max_expiry`."""

    def reaction(self, status: int) -> Reaction:
        """Return the reaction to a final status of 300 or above."""
        known = dict(self.reactions)
        return known.get(status) or known.get(status // 100) or Reaction("wait")


_GIVING_UP = "Got error {status} on register to {user}@{host}, giving up (check config)"

ASTERISK_CHAN_SIP: Final = Manners(
    name="asterisk-chan_sip",
    user_agent="Asterisk PBX 16.28.0",
    # Statuses that chan_sip does not know are left to the registration timeout; Retry-After is never read.
    reactions=(
        (401, Reaction("answer")),
        (407, Reaction("answer")),
        (403, Reaction("stop", "Forbidden - wrong password on authentication for REGISTER for '{user}' to '{host}'")),
        (404, Reaction("stop", "Got 404 Not found on SIP register to service {user}@{host}, giving up")),
        (408, Reaction("wait", forgives=True)),
        (
            423,
            Reaction("adopt", "Got 423 Interval too brief for service {user}@{host}, minimum is {minimum} seconds"),
        ),
        (400, Reaction("stop", _GIVING_UP)),
        (414, Reaction("stop", _GIVING_UP)),
        (493, Reaction("stop", _GIVING_UP)),
    ),
    refresh=RefreshRule(guard=15.0, short=30, share=0.2, least=0.5),
    default_expiry=120,
    forgets_minimum=True,
    max_expiry=3600,
    zero_is_default=True,
    attempt_timeout=20.0,
    max_auth_tries=3,
    after_auth_failure="wait",
    stale_is_free=False,
    picks_first=True,
    skips_quoted_algorithm=True,
    always_qop_auth=True,
    always_names_algorithm=True,
    authorization_order=(
        "username",
        "realm",
        "algorithm",
        "uri",
        "nonce",
        "response",
        "opaque",
        "qop",
        "cnonce",
        "nc",
    ),
    rport=False,
    answer_uri_port="never",
    escapes_user=False,
    tag_prefix="as",
    first_cseq=102,
    extra_headers=(("Supported", "replaces, timer"),),
    header_order=(
        "Via",
        "Max-Forwards",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Supported",
        "User-Agent",
        "Authorization",
        "Expires",
        "Contact",
    ),
    auth_failed_log="Failed to authenticate on REGISTER to '{user}@{host}' (Tries {tries})",
    timeout_log="   -- Registration for '{user}@{host}' timed out, trying again (Attempt #{following})",
    gave_up_log=(
        "   -- Last Registration Attempt #{attempt} failed, Giving up forever trying to register '{user}@{host}'"
    ),
    too_high_log="Required expiration time from {user}@{host} is too high, giving up",
)
"""Asterisk's old driver, up to version 20: what VICIdial runs."""

RFC3261: Final = Manners(
    name="rfc3261",
    user_agent="mockregistrar",
    reactions=(
        (401, Reaction("answer")),
        (407, Reaction("answer")),
        (423, Reaction("adopt", "423 Interval Too Brief: the registrar wants at least {minimum} s")),
        (408, Reaction("retry", "{status} on REGISTER to {user}@{host}, trying again later")),
        (480, Reaction("retry", "{status} on REGISTER to {user}@{host}, trying again later")),
        (3, Reaction("stop", "{status} on REGISTER to {user}@{host}, redirection is not followed")),
        (4, Reaction("stop", "{status} on REGISTER to {user}@{host}, giving up")),
        (5, Reaction("retry", "{status} on REGISTER to {user}@{host}, trying again later")),
        (6, Reaction("stop", "{status} on REGISTER to {user}@{host}, giving up")),
    ),
    refresh=RefreshRule(guard=10.0, short=50, share=0.2, least=0.5),
    retry_delay=30.0,
    algorithms=tuple(name for name in ("SHA-512-256", "SHA-256", "MD5") if name in ALGORITHMS),
    auth_failed_log="{user}@{host}: the credentials were refused (tries: {tries})",
    timeout_log="no answer to REGISTER of {user}@{host} (attempt {attempt})",
    too_high_log="{user}@{host}: the registrar wants {minimum} s, which is too long",
)
"""A plain good citizen: what the RFCs ask of a client, and nothing else."""

MANNERS: Final = {manners.name: manners for manners in (ASTERISK_CHAN_SIP, RFC3261)}


def manners_named(name: str) -> Manners:
    """Return the manners of that name; raise ValueError listing those there are, the nearest first."""
    found = MANNERS.get(name)
    if found is None:
        known = sorted(MANNERS, key=lambda other: (name not in other, other))
        raise ValueError(f"no manners are called {name!r}; there are {', '.join(known)}")
    return found
