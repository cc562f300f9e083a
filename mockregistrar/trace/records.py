"""The records of the trace, which are also the public events of the product.

One record says one thing that was seen or decided: a message, a binding change, a refusal. They are
frozen values that compare, pickle and travel as JSON; nothing in them is live. All share three stamps:

``seq``
    a number that runs over *all* records in one order, so that a refusal can be placed between the
    request it refuses and the answer that says so;
``wire``
    seconds since the carrier started, on the clock that nothing adjusts;
``carrier``
    POSIX seconds on the carrier's clock, which tests may advance or freeze.

Text that came from the wire is ``str`` decoded as UTF-8 with ``surrogateescape``, so that encoding it
back gives the octets that were sent. JSON has no such notion: there, text that is not UTF-8 is written
with backslash escapes for people (``caf\\xe9``), and the exact octets stand beside it in base64, under
the field's name in ``octets``. Text that *is* UTF-8, which is nearly all of it, has no ``octets`` entry.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from mockregistrar.sip.flow import Flow, format_address

Direction = Literal["in", "out"]
"""``in`` reached the carrier, ``out`` left it."""


@dataclass(frozen=True, slots=True)
class Record:
    """What every record has: its place in the one order, and the two times."""

    kind: ClassVar[str] = "record"
    """The record's name in JSON, one word."""

    seq: int
    """Place in the order of everything seen, from 1; never used twice."""
    wire: float
    """Seconds since the carrier started."""
    carrier: float
    """POSIX seconds on the carrier's clock."""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON twin: ``kind``, then the fields in their order; see the module's text on octets."""
        twin: dict[str, Any] = {"kind": self.kind}
        octets: dict[str, str] = {}
        for name, value in self.items():
            if isinstance(value, Flow):
                twin[name] = _flow_to_json(value)
            elif isinstance(value, (bytes, str)):
                raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
                twin[name] = raw.decode("utf-8", "backslashreplace")
                if twin[name].encode("utf-8") != raw:
                    octets[name] = base64.b64encode(raw).decode("ascii")
            else:
                twin[name] = value
        if octets:
            twin["octets"] = octets
        return twin

    @staticmethod
    def from_json(twin: Mapping[str, Any]) -> Record:
        """Return the record that :meth:`to_json` wrote.

        Keys that this version does not know are passed over, so that a newer trace can be read.
        Raises :exc:`ValueError` when the kind is unknown, or a field is missing or of the wrong shape.
        """
        kind = twin.get("kind")
        record_type = RECORD_TYPES.get(kind) if isinstance(kind, str) else None
        if record_type is None:
            raise ValueError(f"no record is of kind {kind!r}; known are {', '.join(sorted(RECORD_TYPES))}")
        octets = twin.get("octets", {})
        values: dict[str, Any] = {}
        for field in dataclasses.fields(record_type):
            if field.name not in twin:
                if field.default is dataclasses.MISSING:
                    raise ValueError(f"a {kind} record needs the field {field.name!r}")
                continue
            value = twin[field.name]
            if field.name == "flow" and value is not None:
                value = _flow_from_json(value)
            elif field.name in octets:
                raw = base64.b64decode(octets[field.name], validate=True)
                value = raw if field.type == "bytes" else raw.decode("utf-8", "surrogateescape")
            elif field.type == "bytes":
                value = value.encode("utf-8")
            values[field.name] = value
        return record_type(**values)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield the fields as (name, value), in their order."""
        for field in dataclasses.fields(self):
            yield field.name, getattr(self, field.name)


@dataclass(frozen=True, slots=True)
class MessageSeen(Record):
    """One message as it stood on the wire: a datagram, or one framed message of a stream."""

    kind: ClassVar[str] = "message"

    direction: Direction
    """``in`` or ``out``, as the carrier sees it."""
    flow: Flow
    """Where it travelled."""
    data: bytes
    """The octets."""
    account: str = ""
    """Name of the account it belongs to, where that is known."""
    note: str = ""
    """What became of it, where that is not plain: ``retransmission``, ``dropped: ...``."""


@dataclass(frozen=True, slots=True)
class BindingEvent(Record):
    """A change of one binding: an address of record bound to a contact (:rfc:`3261` 10)."""

    kind: ClassVar[str] = "binding"

    account: str
    """Name of the account."""
    aor: str
    """Address of record, ``user@host``."""
    contact: str
    """The Contact URI as the client wrote it."""
    expires: int
    """Seconds granted; 0 where the binding is gone."""
    flow: Flow | None
    """Where the REGISTER came from; None when no message caused the change."""
    call_id: str
    """Call-ID of the REGISTER that last touched the binding."""
    cseq: int
    """Its CSeq number."""
    user_agent: str
    """What the client calls itself; empty when it does not say."""
    left: float
    """Seconds that were left, on the carrier's clock, just before the change; 0 for a new binding."""
    detail: str = ""
    """One sentence more, where there is one."""
    because: str = ""
    """Why no refresh came, as a slug, where a binding lapsed and it is known: ``refresh-dropped``."""


# The four say no more than their base does, so the decorator need not make their methods again: that takes a
# millisecond each.
class Registered(BindingEvent):
    """A contact was bound that was not bound before."""

    __slots__ = ()
    kind: ClassVar[str] = "registered"


class Refreshed(BindingEvent):
    """A bound contact was bound again, before its lapse."""

    __slots__ = ()
    kind: ClassVar[str] = "refreshed"


class Unregistered(BindingEvent):
    """The client, or the tester, took the binding away."""

    __slots__ = ()
    kind: ClassVar[str] = "unregistered"


class Lapsed(BindingEvent):
    """The granted time ran out with no refresh."""

    __slots__ = ()
    kind: ClassVar[str] = "lapsed"


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


def _flow_to_json(flow: Flow) -> dict[str, Any]:
    return {
        "transport": flow.transport,
        "local": format_address(flow.local),
        "remote": format_address(flow.remote),
        "serial": flow.serial,
    }


def _flow_from_json(twin: Mapping[str, Any]) -> Flow:
    try:
        return Flow(twin["transport"], _address(twin["local"]), _address(twin["remote"]), int(twin.get("serial", 0)))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a flow (transport, local, remote, serial): {twin!r}") from error


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)
