"""What the tests of command-line tools share: how a mistake is told, and that no part of a secret is."""

from __future__ import annotations

from collections.abc import Mapping

from dialect_checks import parsed, says, under

from mockregistrar.trunks.explanation import explain, report

SECRET_PARTS = ("hunter22", "ter22", "pa55word")


def check_mistake(
    dialect: str, text: str, code: str, severity: str, place: str | None, meant: Mapping[str, object] | None
) -> None:
    """A finding of this code and severity under `place`, and `meant` in one of the readings that were meant."""
    found = parsed(dialect, text)
    says(found, code, severity)
    if place is not None:
        assert under(text, found, code) == place
    if meant is not None:
        readings = [each.to_json() for each in (*found.meant, *(() if found.meant else found.registrations))]
        assert any(meant.items() <= reading.items() for reading in readings), readings
    shown = report(explain(text, dialect=dialect))
    assert not any(part in shown for part in SECRET_PARTS)
