"""What a user agent tells its owner, in the order it happened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """A request or response was put on its way."""

    method: str
    """The method, of the request answered in case of a response."""
    cseq: int
    status: int | None = None
    """The status of a response; None for a request."""
    authenticated: bool = False
    """Whether the request carries credentials."""
    again: bool = False
    """Whether it is a retransmission."""


@dataclass(frozen=True, slots=True)
class Challenged:
    """The carrier asked for credentials (401 or 407)."""

    status: int
    realm: str
    """The realm of the challenge chosen; empty if none could be answered."""
    algorithm: str | None
    stale: bool
    tries: int
    """How many challenges this attempt has met."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The binding was made."""

    expires_in: int
    """Seconds granted to our own contact, as the client understands the response."""
    contacts: tuple[str, ...]
    """Every Contact URI in the response, as written."""
    refresh_in: float
    """Seconds of carrier time until the refresh; infinite for a client that does not refresh."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A binding that was there was prolonged; fields as in `Registered`."""

    expires_in: int
    contacts: tuple[str, ...]
    refresh_in: float


@dataclass(frozen=True, slots=True)
class Unregistered:
    """Our binding was removed."""

    contacts: tuple[str, ...]
    """The Contact URIs that are left."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The carrier refused, or the client gave up."""

    status: int | None
    """The status of the response; None if none came."""
    reason: str
    """The response's phrase, or what is wrong."""
    log: str
    """What the real client would print; empty if it prints nothing."""
    final: bool
    """Whether the client will not try again by itself."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """No usable answer came in time; the client tries again by itself."""

    attempt: int
    log: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Nothing was refused, and yet this client will not stay registered with such answers."""

    detail: str
    log: str = ""
    """What the real client would print; empty if it prints nothing."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message came that is not for us: no SIP, or a response to nothing we sent."""

    detail: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A question to the registrar has its final answer."""

    status: int
    reason: str
    challenged: bool
    """Whether it asked for credentials first, and got them."""
    realm: str
    algorithm: str
    contacts: tuple[tuple[str, int | None], ...]
    """Every contact that is bound, with the seconds it has left; None where the answer does not say."""


Event = Answered | Sent | Challenged | Registered | Refreshed | Unregistered | Failed | TimedOut | Warned | Ignored
