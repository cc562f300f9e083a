"""What the two readers of SIP URIs share: a result from the parts, and what is said about a URI as an account."""

from __future__ import annotations

from mockregistrar.trunks import checks
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, part_span


def result(
    dialect: str, text: str, notes: Notes, made: Registration | None, *, ok: bool, meant: Registration | None = None
) -> Parsed:
    """The result for one URI."""
    return notes.complete(
        Parsed(
            dialect,
            "value",
            text,
            ok=ok,
            registrations=(made,) if made is not None else (),
            meant=(meant,) if meant is not None and meant != made else (),
        )
    )


def judge(notes: Notes, text: str, made: Registration, system: str) -> None:
    """Host, port and transport of a URI."""
    host = made.host or ""
    at = text.find(host, text.find("@") + 1)
    span = part_span(Mapped.from_text(text), at, at + len(host)) if host and at >= 0 else Span(1, 1, len(text))
    checks.host(notes, host, span, system)
    checks.port_and_transport(notes, made.port, made.transport, span)
