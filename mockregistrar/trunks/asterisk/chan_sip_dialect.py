"""One registration of chan_sip in the common protocol: a bare value, or a line as it stands in sip.conf.

The two are read by different rules. A value has gone through the config reader already, so that a `;` in it is a plain
character; in a line it begins a comment.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mockregistrar.trunks import several
from mockregistrar.trunks.model import Reading, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, first_line

from . import chan_sip as asterisk_chan_sip
from .chan_sip import NAME, registration_line, render
from .plain_registers import looks_like_line
from .sip_conf_dialect import read_items
from .sip_conf_writer import render as render_config

ALIASES = ("asterisk", "chan_sip", "sip")
FORMS = ("value", "line")


__all__ = [
    "ALIASES",
    "FORMS",
    "NAME",
    "of_reading",
    "parse",
    "registration_line",
    "render",
    "render_all",
    "render_config",
]


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a value or a line. Never raises."""
    del path
    value, number = first_line(text)
    if form == "line" or (form is None and looks_like_line(value)) or "\n" in text.strip("\r\n"):
        return read_items(text, None, dialect=NAME, form="line")
    reading = asterisk_chan_sip.parse(value, line=number)
    notes = Notes()
    at = value.find(";")
    if at >= 0 and not any(f.code in ("SR104", "SR114", "SR128") for f in reading.findings):
        source = Mapped.from_text(value, number)
        first = len(Mapped.from_text(value[:at]))
        escaped = value[at - 1 : at] == "\\"
        message = "In sip.conf `;` starts a comment unless it is written `\\;`."
        if escaped:
            message = "This is how `;` is written in sip.conf. As a value the backslash belongs to it."
        notes.add("SR104", source.span(first, first + 1), message, severity="hint")
    return of_reading(reading, NAME, "value", text, notes)


def of_reading(reading: Reading, dialect: str, form: str, text: str, notes: Notes | None = None) -> Parsed:
    """The result for one reading."""
    notes = notes or Notes()
    notes.secrets.update(reading.secrets)
    notes.findings.extend(reading.findings)
    real, meant = reading.real, reading.meant
    if not reading.parts_certain:
        notes.secrets.update(trunk.auth_user for trunk in (real, meant) if trunk is not None and trunk.auth_user)
    return Parsed(
        dialect,
        form,
        text,
        ok=real is not None,
        registrations=(Registration.of(real),) if real is not None else (),
        findings=notes.done(text),
        meant=(Registration.of(meant),) if meant is not None and meant != real else (),
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=reading.secret_spans,
        spans_complete=True,
    )


def render_all(trunks: Sequence[Trunk]) -> str:
    """A line for each trunk. Raises CannotRender as `render` does."""
    return several.in_lines(registration_line, trunks)
