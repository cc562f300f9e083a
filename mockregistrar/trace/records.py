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

Messages and binding changes are here; the other records, of which a test that passes has none, are in
:mod:`mockregistrar.trace.incidents`, which is imported when one is asked for.
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
        from mockregistrar.trace.incidents import RECORD_TYPES

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


EVERYDAY: dict[str, type[Record]] = {
    record_type.kind: record_type for record_type in (MessageSeen, Registered, Refreshed, Unregistered, Lapsed)
}
"""The record types of messages and binding changes by their ``kind``; `incidents.RECORD_TYPES` has all."""


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
