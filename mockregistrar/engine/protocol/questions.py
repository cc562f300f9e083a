"""Questions about what is bound and what was seen, and the values that answer them."""

from __future__ import annotations

from dataclasses import dataclass

from mockregistrar.engine.protocol.accounts import Command
from mockregistrar.sip.flow import Flow


@dataclass(frozen=True, slots=True)
class GetBindings(Command):
    """Answered with a tuple of `BindingInfo`, of one account or (None) of all."""

    account: str | None = None


@dataclass(frozen=True, slots=True)
class BindingInfo:
    """One binding as it stands."""

    account: str
    contact: str
    """The Contact URI exactly as the client wrote it."""
    expires_in: float
    """Seconds left on the carrier's clock."""
    granted: int
    """Seconds granted by the last REGISTER."""
    call_id: str
    cseq: int
    flow: Flow | None
    """Where the last REGISTER came from."""
    user_agent: str = ""
    q: str | None = None
    instance: str | None = None
    reg_id: int | None = None
    path: tuple[str, ...] = ()
    reachable: bool | None = None
    """Whether the last ping was answered; None where none was finished yet, or the carrier pings nobody."""


@dataclass(frozen=True, slots=True)
class GetMessages(Command):
    """Answered with a tuple of `MessageSeen`; raises `HistoryTruncated` where some were evicted."""

    method: str | None = None
    account: str | None = None
    direction: str | None = None
    since: int = 0
    partial: bool = False


@dataclass(frozen=True, slots=True)
class GetRefusals(Command):
    """Answered with a tuple of `Refused`; raises `HistoryTruncated` where some were evicted."""

    account: str | None = None
    because: str | None = None
    since: int = 0
    partial: bool = False


@dataclass(frozen=True, slots=True)
class GetVerdicts(Command):
    """Answered with a tuple of `Verdict`, of one account (``""``: of none) or (None) of all; those still held.

    Where nothing is known of an account, and without one, what came and was no SIP is told too, or that nothing came.
    Contacts that are bound though calls cannot reach them have one too.
    """

    account: str | None = None
    since: int = 0


@dataclass(frozen=True, slots=True)
class GetChanges(Command):
    """Answered with the binding changes of one account after record number `since`, oldest first, as a tuple.

    Raises `HistoryTruncated` where some of them are no longer held.
    """

    account: str
    since: int = 0


@dataclass(frozen=True, slots=True)
class GetExpected(Command):
    """Answered with an `Expected`: what the REGISTER of one account has to hold to be let in."""

    account: str


@dataclass(frozen=True, slots=True)
class GetRecords(Command):
    """Answered with a tuple of all records after number `since`, in order."""

    since: int = 0
    partial: bool = True
