"""A carrier's state, and the commands that change it for a test."""

from __future__ import annotations

from dataclasses import dataclass

from mockregistrar.carrier.settings import ListenSpec
from mockregistrar.engine.protocol.accounts import Command
from mockregistrar.trace import Counters

KEEPABLE = ("accounts", "bindings", "history")
OUTAGES = ("silent", "refused", "503")
FORGETTABLE = ("bindings", "nonces")


class GetStatus(Command):
    """Answered with a `Status`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Status:
    """A carrier's state in numbers."""

    seq: int
    """Number of the latest record."""
    wire: float
    """Seconds since it started."""
    carrier: float
    """POSIX seconds on its own clock."""
    bindings: int
    accounts: int
    outage: str | None
    listening: tuple[ListenSpec, ...]
    realm: str
    counters: Counters
    rate: float = 1.0
    """Carrier seconds in a second of wire time; 0 while its clock is frozen."""


@dataclass(frozen=True, slots=True)
class OfNetwork(Command):
    """What is said of an address or CIDR network."""

    network: str


class Allow(OfNetwork):
    """Put a network on the allow-list. Answered with None."""

    __slots__ = ()


class Deny(OfNetwork):
    """Put a network on the deny-list. Answered with None."""

    __slots__ = ()


class OpenNameserver(Command):
    """Start the nameserver, if it is not there yet. Answered with the `ListenSpec` of where it answers."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class GoDown(Command):
    """Start an outage: ``silent`` (nothing is answered), ``refused`` (connections are reset, UDP is silent) or
    ``503``. `forget` names what is lost: ``bindings``, ``nonces``. Answered with None.
    """

    kind: str = "silent"
    forget: tuple[str, ...] = ()


class GoUp(Command):
    """End an outage. Answered with None."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Advance(Command):
    """Move carrier time on by `seconds`, deadline by deadline. Answered with None when all is done."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reset(Command):
    """Forget accounts, bindings, nonces, lists, outage and history, but for what `keep` names; ports stay.

    `keep` may hold ``accounts``, ``bindings``, ``history``. Answered with None.
    """

    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listen(Command):
    """Open one more listener. Answered with the `ListenSpec` that was really bound."""

    place: ListenSpec
