"""Records of what goes wrong, or otherwise than usual: refusals and why, drops, faults, defects, turns of events.

They stand apart from the records of messages and bindings because a test that passes has none of them, and to make
such a class takes a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockregistrar.sip.flow import Flow
from mockregistrar.trace.records import (
    Direction,
    Lapsed,
    MessageSeen,
    Record,
    Refreshed,
    Registered,
    Unregistered,
)


@dataclass(frozen=True, slots=True)
class Refused(Record):
    """A request was not granted, and why: the reason stands here in full, on the wire perhaps not."""

    kind: ClassVar[str] = "refused"

    account: str
    """Name of the account it was taken for; empty when none fits."""
    user: str
    """The user as the client sent it."""
    because: str
    """The reason's public slug: ``wrong-password``."""
    detail: str
    """What refines the slug: ``one character differs: position 7``."""
    status: int | None
    """Status it was answered with; None when it was met with silence."""
    method: str
    """The request's method."""
    flow: Flow | None
    """Where it came from."""


@dataclass(frozen=True, slots=True)
class Verdict(Record):
    """Why a request was refused, found out after the answer was sent: it follows its refusal, a little later.

    One on what was not refused (a contact, input that was no SIP) stands in no trace: it is made when somebody asks,
    with the number and the times of the record that it is about.
    """

    kind: ClassVar[str] = "verdict"

    about: int
    """Number of the record that it is about: a refusal, or what was registered, dropped or not answered."""
    account: str
    """Name of the account it was taken for; empty when none fits."""
    user: str
    """The user as the client sent it."""
    because: str
    """The reason's slug; another than the refusal's where the digest tells more."""
    how: str
    """What refines it: ``cut-at-character``; empty where nothing is known."""
    sentence: str
    """What happened, without a full stop."""
    evidence: str
    """How that is known; empty where it is plain."""
    cause: str
    """Where it usually comes from."""
    fix: str
    """What to do about it."""
    client: str
    """What the client does on the answer, and prints; empty where it is none that is known."""
    position: int | None
    """Where in the password or the name it is, in code points from 1; None where it is nowhere in particular."""
    flow: Flow | None
    """Where the request came from."""

    @property
    def slug(self) -> str:
        """Reason and refinement in one: ``wrong-password/cut-at-character``."""
        return f"{self.because}/{self.how}" if self.how else self.because


@dataclass(frozen=True, slots=True)
class Dropped(Record):
    """Input that nothing could be done with, not even answer it."""

    kind: ClassVar[str] = "dropped"

    flow: Flow | None
    """Where it came from."""
    because: str
    """The reason's public slug: ``malformed``, ``not-sip``."""
    detail: str
    """Which part was wrong, and how."""
    size: int
    """Octets dropped."""


@dataclass(frozen=True, slots=True)
class FaultTouched(Record):
    """A fault that the test ordered touched a message."""

    kind: ClassVar[str] = "fault"

    fault: int
    """Number of the fault."""
    spec: str
    """The fault, as it is written: ``drop REGISTER from trunk1``."""
    effect: str
    """What it did to the message: ``dropped``, ``delayed 2 s``."""
    direction: Direction
    """``in`` or ``out``, as the carrier sees it."""
    flow: Flow
    """Where the message travelled."""
    account: str
    """Name of the account that the message is about; empty when none fits."""
    method: str
    """Method of the request, or of the one that is answered."""
    status: int | None
    """Status of the answer that it touched; None for a request."""


@dataclass(frozen=True, slots=True)
class Qualified(Record):
    """A bound contact was asked by OPTIONS whether it is there, and that it is, or is not, is news."""

    kind: ClassVar[str] = "qualified"

    account: str
    """Name of the account."""
    contact: str
    """The Contact URI as the client wrote it."""
    reachable: bool
    """Whether it answered."""
    status: int | None
    """What it answered; None where it did not."""
    after: float
    """Seconds of wire time until that was known."""
    flow: Flow | None
    """Where the OPTIONS went."""
    detail: str = ""
    """Why it counts as not reachable; empty where it answered."""


@dataclass(frozen=True, slots=True)
class InternalError(Record):
    """An exception inside the carrier: always a defect of ours. The carrier goes on."""

    kind: ClassVar[str] = "internal-error"

    detail: str
    """What was being done, and the exception's last line."""
    traceback: str
    """The traceback's text."""


@dataclass(frozen=True, slots=True)
class Note(Record):
    """A turn of events that no message shows: an outage, a rule changed, the clock advanced."""

    kind: ClassVar[str] = "note"

    text: str
    """The turn of events, a phrase."""


RECORD_TYPES: dict[str, type[Record]] = {
    record_type.kind: record_type
    for record_type in (
        MessageSeen,
        Registered,
        Refreshed,
        Unregistered,
        Lapsed,
        Refused,
        Verdict,
        Dropped,
        FaultTouched,
        Qualified,
        InternalError,
        Note,
    )
}
"""The record types by their ``kind``; only ever added to."""
