"""Judgements that every dialect shares: what a host, an expiry, a port or a character in a value gives away.

They see text and where it stands, and write into the notebook of the dialect that asks. Each speaks of `system`, the
name of what will read the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .model import Span
from .parsed import Notes, Registration
from .plausible import (
    TYPOGRAPHIC_QUOTES,
    character_name,
    host_problem,
    invisible,
    is_ipv6,
    look_alike,
    repaired_host,
    separator_look_alike,
)
from .positions import Mapped

SHORTEST_EXPIRY = 60
_PLACEHOLDER = re.compile(
    r"(?:your|my)[-_ ]?(?:user(?:name)?|pass(?:word)?|secret|account|domain|host|server|provider|number|login|sip)\w*"
    r"|user(?:name)?|pass(?:word)?|account[-_]?(?:id|number|name)?|auth[-_]?(?:user|name|id)|changeme|x{3,}|\*{3,}"
    r"|secret[-_]?here|<[^<>]+>|\$\{?[A-Z_]+\}?|\{\{[^}]+\}\}|%[A-Z_]+%|provider\.(?:com|net)",
    re.IGNORECASE,
)
_MOST_OF_A_KIND = 8


def placeholder(text: str) -> bool:
    """Whether a value is a word from a guide that was to be replaced."""
    return _PLACEHOLDER.fullmatch(text) is not None


def placeholders(notes: Notes, fields: list[tuple[str, str, Span]]) -> None:
    """Fields (label, text, place) that still hold a word from a guide; a user named `user` alone is nobody's error."""
    found = [(label, span) for label, text, span in fields if text and placeholder(text)]
    for label, span in found:
        notes.add("SR109", span, f"The {label} looks like a placeholder that was to be replaced.")


def characters(notes: Notes, value: Mapped, what: str, system: str, *, secret: bool = False) -> None:
    """Invisible characters, curly quotes and look-alikes in a value; `what` names it."""
    text = value.text
    if text.isascii() and text.isprintable():
        return
    octet = 0
    noted = 0
    letters = [c for c in text if c.isalpha() and not c.isascii()]
    mixed = bool(letters) and all(look_alike(c) for c in letters)
    for character in text:
        size = len(Mapped.from_text(character))
        span = value.span(octet, octet + size)
        octet += size
        if noted >= _MOST_OF_A_KIND:
            return
        if invisible(character):
            notes.reveal(span)
            name = character_name(character)
            message = f"There is an invisible character at column {span.column} ({name}): it becomes part of the {what}"
            notes.add("SR150", span, f"{message} for {system}.", instead="")
            noted += 1
            continue
        if character.isascii():
            continue
        quote = TYPOGRAPHIC_QUOTES.get(character, "")
        meant = separator_look_alike(character) or quote or look_alike(character)
        if not meant or (character.isalpha() and not mixed):
            continue
        if not secret:
            notes.reveal(span)
        message = f"The character at column {span.column} ({character_name(character)}) looks like `{meant}` but is "
        message += f"another one, and {system} takes it as it is."
        notes.add("SR151", span, message, fix=f"`{meant}`", severity="hint" if secret and not quote else None)
        noted += 1


def host(notes: Notes, text: str, span: Span, system: str) -> None:
    """A host that is none."""
    if not text:
        return
    problem = host_problem(text)
    if is_ipv6(text):
        message = f"`{text}` is an IPv6 address without brackets: {system} takes its first `:` for that of a port."
        notes.add("SR141", span, message, fix=f"[{text}]")
        return
    if problem is None:
        if text.endswith("."):
            notes.add("SR143", span, f"The dot at the end of `{text}` is sent along.", fix=text.rstrip("."))
        return
    repaired = repaired_host(text)
    message = f"`{text}` {problem[1]}: {system} cannot find it."
    if repaired:
        message += f" Did you mean `{repaired}`?"
    notes.add("SR140", span, message, fix=repaired)


def expiry(notes: Notes, seconds: int, span: Span) -> None:
    """An expiry that many carriers refuse."""
    if 0 < seconds < SHORTEST_EXPIRY:
        message = f"{seconds} seconds are less than many carriers grant: they answer 423 Interval Too Brief."
        notes.add("SR136", span, message, fix=str(SHORTEST_EXPIRY))


def port_and_transport(notes: Notes, port: int | None, transport: str | None, span: Span) -> None:
    """TLS to 5060, UDP to 5061, IAX2's port."""
    if port == 4569:
        message = "4569 is the port of IAX2: a SIP registrar will not answer there. SIP mostly lives on 5060."
        notes.add("SR144", span, message)
    elif (port == 5060 and transport == "tls") or (port == 5061 and transport in ("udp", "tcp", None)):
        said = transport or "no transport"
        message = f"Port {port} with {said} is unusual: TLS mostly lives on 5061, UDP and TCP on 5060."
        notes.add("SR117", span, message)


def one_account_twice(notes: Notes, registrations: Iterable[Registration], code: str = "SR163") -> None:
    """Two entries that log in one account at one place: each takes the binding from the other."""
    seen: dict[tuple[str, str, str, int | None], Registration] = {}
    for each in registrations:
        if each.register is False or each.span is None or not each.user:
            continue
        key = (each.user, (each.domain or "").lower(), (each.host or "").lower(), each.port)
        other = seen.setdefault(key, each)
        if other is each or other.span is None:
            continue
        named = other.name and other.name != each.name
        where = f"`{other.name}`" if named else f"Line {other.span.line}"
        message = f"{where} registers the same account: the two take the binding from one another."
        notes.add(code, each.span, message)


def digits_look_alike(text: str) -> str:
    """The letter in a number that was taken for a digit, else nothing."""
    if not re.fullmatch(r"[0-9OoIl|SB]+", text):
        return ""
    return next((c for c in text if not c.isdigit()), "")
