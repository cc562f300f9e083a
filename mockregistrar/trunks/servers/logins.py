"""What the readers of servers' accounts end with: the result for a text, and accounts that are there twice."""

from __future__ import annotations

from collections.abc import Sequence

from mockregistrar.trunks.model import Severity, Span
from mockregistrar.trunks.parsed import Notes, Parsed, Registration


def same_account(
    made: Registration, seen: dict[tuple[str, ...], Registration], notes: Notes, severity: Severity | None = None
) -> None:
    """Say that two entries log in to one account; `severity` is given where that may be on purpose."""
    if not made.user or made.host is None or not made.register or made.span is None:
        return
    key = (made.user, (made.domain or "").lower(), made.host.lower(), str(made.port))
    before = seen.setdefault(key, made)
    if before is not made:
        line = (before.span or Span(1, 1, 0)).line
        message = f"The account in line {line} is the same: a carrier that keeps one binding lets the two take turns."
        notes.add("SR163", made.span, message, severity=severity)


def result(
    dialect: str,
    form: str,
    text: str,
    notes: Notes,
    made: Sequence[Registration],
    meant: Sequence[Registration],
    *,
    ok: bool,
) -> Parsed:
    """The result for a text."""
    return notes.complete(
        Parsed(
            dialect,
            form,
            text,
            ok=ok,
            registrations=tuple(made),
            meant=tuple(meant),
        )
    )
