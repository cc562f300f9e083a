"""What the two older register readers of Asterisk share: values cut by `strchr` and `strsep`, without any quoting."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from mockregistrar.trunks import checks, codes
from mockregistrar.trunks.c_numbers import c_integer
from mockregistrar.trunks.masking import dotted, mask
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes, Parsed
from mockregistrar.trunks.positions import Mapped, first_line

from .chan_sip_cuts import BUFFER_OCTETS
from .config_reader import split_option, strip_comments

_REGISTER = re.compile(rb"register\Z", re.IGNORECASE)
_OPTION_NAME = re.compile(
    r"\s*[A-Za-z_]+\s*(?:=|->|⇒|→)|\s*register\b|[\W\d]{0,8}register\s*(?:=|->|⇒|→)", re.IGNORECASE
)


def looks_like_line(text: str) -> bool:
    """Whether a text begins with an option name rather than with the value itself."""
    return _OPTION_NAME.match(text) is not None


def value_of(text: str, form: str | None) -> tuple[Mapped, str, Mapped | None]:
    """The value in a text, its form, and the comment right behind it: a line loses its comment and `register =>`."""
    whole = Mapped.from_text(*first_line(text))
    if form != "value":
        pieces, tail_at = strip_comments(whole.data)
        parts = split_option(whole.gather(pieces or []).strip())
        if parts is not None and _REGISTER.match(parts[0].data):
            tail = whole.part(tail_at, len(whole)) if tail_at is not None else None
            return parts[1], "line", tail if tail is not None and tail.columns[0] == parts[1].end else None
    return whole.strip(), "value", None


def cut_by_comment(value: Mapped, tail: Mapped | None, read: Callable[[Mapped], Parsed], log: str) -> Parsed | None:
    """What becomes of a line whose `;` begins a comment in front of the `@`; None where no comment swallows it."""
    if tail is None or b"@" in value.data:
        return None
    stop = next((index for index, octet in enumerate(tail.data) if octet <= 32), len(tail))
    token = tail.part(0, stop)
    if b"@" not in token.data:
        return None
    meant = read(value.append(token))
    user, colon, secret = value.text.partition(":")
    message = f"`;` starts a comment: Asterisk reads `{user}{colon}{dotted(secret)}` and finds no `@`."
    behind, _, host = token.text[1:].rpartition("@")
    fix = f"register => {user}{colon}{dotted(secret)}\\;{dotted(behind)}@{host}"
    finding = codes.finding("SR104", token.span(0, len(token)), message, fix=fix, log=log)
    secrets = tuple(sorted({*meant.secrets, *({secret} if secret else ())}))
    visible = (*meant.visible, token.span(0, 1))
    return replace(
        meant,
        ok=False,
        registrations=(),
        meant=meant.registrations,
        findings=(finding,),
        secrets=secrets,
        visible=visible,
    )


def without_keyword(found: Parsed, file: str) -> Parsed:
    """What becomes of a line that has no `register =>` in front: Asterisk does not know what it is."""
    line, number = first_line(found.text)
    finding = codes.finding(
        "SR102",
        Span(number, 1, len(line)),
        "This looks like a registration, but `register =>` is missing in front of it: Asterisk ignores the line.",
        fix=f"register => {mask(line, (s for s in found.secret_spans if s.line == number), keep=found.visible)}",
        log=f"WARNING ... No '=' (equal sign) in line {number} of {file}",
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
        message = f"`{text}` is no port" if text else "There is no port behind `:`"
        span = whole(field)
        span = span if span.length else Span(span.line, span.column - 1, 1)
        notes.add("SR133", span, f"{message}: Asterisk drops the registration.", log=log, severity="error")
        return None, False
    if text != str(number):
        message = f"Asterisk reads port {number}: it stops at the first character that is no digit."
        if letter:
            message = f"`{text}` holds the letter {letter}: Asterisk stops reading there and uses port {number}."
        notes.add("SR131" if letter else "SR132", whole(field), message)
    elif number > 65535:
        notes.add("SR133", whole(field), f"{number} is no port: ports end at 65535.", severity="error")
    return number, True
