"""The Registration String of VICIdial's carrier page: a line for sip-vicidial.conf, written there as typed.

It is a chan_sip registration with its keyword, at most 255 characters long, but for one thing: the page deletes every
`;`. What holds one cannot be written at all.
"""

from __future__ import annotations

from dataclasses import replace

from mockregistrar.trunks import codes
from mockregistrar.trunks.asterisk import chan_sip as asterisk_chan_sip
from mockregistrar.trunks.model import CannotRender, Reading, Trunk
from mockregistrar.trunks.positions import Mapped

FIELD_LENGTH = 255


def parse(
    text: str,
    *,
    line: int = 1,
    column: int = 1,
    in_file: bool = False,
    default_expiry: int = asterisk_chan_sip.DEFAULT_EXPIRY,
) -> Reading:
    """Read the field, where every `;` is deleted, or with `in_file` a line of sip-vicidial.conf. Never raises."""
    escaped = "\\;" in text  # typed as for a file, though nobody will read it as one
    meant = asterisk_chan_sip.parse(
        text, line=line, column=column, in_file=in_file or escaped, default_expiry=default_expiry
    )
    if in_file or ";" not in text:
        return meant
    source = Mapped.from_text(text, line, column)
    at = source.data.find(b";")
    real = asterisk_chan_sip.parse(
        text.replace(";", ""), line=line, column=column, in_file=False, default_expiry=default_expiry
    )
    finding = codes.finding(
        "SR104",
        source.span(at, at + 1),
        "VICIdial deletes every `;` from this field, and there is no way to write one: the password, or "
        "what else holds "
        "it, arrives without it.",
    )
    return replace(meant, real=real.real, findings=(finding, *meant.findings), trigger=meant.trigger or "SR104")


def render(trunk: Trunk) -> str:
    """The value behind the keyword. Raises CannotRender as chan_sip does, and for `;`."""
    return registration_line(trunk).removeprefix("register => ")


def registration_line(trunk: Trunk) -> str:
    """What to type into the field. Raises CannotRender as chan_sip does, for `;`, and beyond 255 characters."""
    text = "register => " + asterisk_chan_sip.render(trunk)
    if ";" in text:
        raise CannotRender(";", "VICIdial deletes every `;` from its fields: it cannot be written there")
    if len(text) > FIELD_LENGTH:
        raise CannotRender("", f"VICIdial keeps {FIELD_LENGTH} characters of a registration string")
    return text
