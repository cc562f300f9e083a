"""What the two older register readers of Asterisk share: values cut by `strchr` and `strsep`, without any quoting."""

from __future__ import annotations

import re
from dataclasses import replace

from mockregistrar.trunks import checks, codes
from mockregistrar.trunks.c_numbers import c_integer
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes, Parsed
from mockregistrar.trunks.positions import Mapped

from .chan_sip_cuts import BUFFER_OCTETS
from .config_reader import split_option, strip_comments

_REGISTER = re.compile(rb"register\Z", re.IGNORECASE)
_OPTION_NAME = re.compile(r"\s*[A-Za-z_]+\s*(?:=|->|⇒|→)|\s*register\b", re.IGNORECASE)


def looks_like_line(text: str) -> bool:
    """Whether a text begins with an option name rather than with the value itself."""
    return _OPTION_NAME.match(text) is not None


def value_of(text: str, form: str | None) -> tuple[Mapped, str]:
    """The value in a text, and the form it has: a line with `register =>` loses its comment and keyword."""
    whole = Mapped.from_text(text.split("\n", 1)[0].rstrip("\r"))
    if form != "value":
        pieces, _ = strip_comments(whole.data)
        parts = split_option(whole.gather(pieces or []).strip())
        if parts is not None and _REGISTER.match(parts[0].data):
            return parts[1], "line"
    return whole.strip(), "value"


def without_keyword(found: Parsed, file: str) -> Parsed:
    """What becomes of a line that has no `register =>` in front: Asterisk does not know what it is."""
    end = len(found.text.split("\n", 1)[0].rstrip("\r"))
    finding = codes.finding(
        "SR102",
        Span(1, 1, end),
        "This looks like a registration, but `register =>` is missing in front of it: Asterisk ignores the line.",
        fix="register => with the rest behind it",
        log=f"WARNING ... No '=' (equal sign) in line 1 of {file}",
    )
    meant = found.meant or found.registrations
    return replace(found, form="line", ok=False, registrations=(), meant=meant, findings=(finding, *found.findings))


def limited(notes: Notes, value: Mapped) -> Mapped:
    """What is left of a value in a buffer of 256 octets."""
    if len(value) <= BUFFER_OCTETS:
        return value
    message = f"The text is {len(value)} octets long; Asterisk keeps the first 255 and drops the rest silently."
    notes.add("SR107", value.span(BUFFER_OCTETS, len(value)), message)
    return value.part(0, BUFFER_OCTETS)


def partition(value: Mapped, separator: bytes) -> tuple[Mapped, Mapped | None]:
    """A value cut at its first separator; None where there is none."""
    at = value.data.find(separator)
    if at < 0:
        return value, None
    return value.part(0, at), value.part(at + 1, len(value))


def whole(value: Mapped | None) -> Span:
    """Where a field stands."""
    return value.span(0, len(value)) if value is not None else Span(1, 1, 0)


def port(notes: Notes, field: Mapped | None, line: int) -> tuple[int | None, bool]:
    """A port as `atoi` reads it, None for none written; False where Asterisk refuses it."""
    if field is None:
        return None, True
    number = c_integer(field.data) or 0
    text = field.text
    letter = checks.digits_look_alike(text)
    if number == 0:
        log = f"WARNING ... {text} is not a valid port number at line {line}"
        message = f"`{text}` is no port: Asterisk drops the registration."
        notes.add("SR133", whole(field), message, log=log, severity="error")
        return None, False
    if text != str(number):
        message = f"Asterisk reads port {number}: it stops at the first character that is no digit."
        if letter:
            message = f"`{text}` holds the letter {letter}: Asterisk stops reading there and uses port {number}."
        notes.add("SR131" if letter else "SR132", whole(field), message)
    elif number > 65535:
        notes.add("SR133", whole(field), f"{number} is no port: ports end at 65535.", severity="error")
    return number, True
