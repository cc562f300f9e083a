"""Evidence that can be seen in a register value as a whole: too long, cut by a comment, or odd single characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from mockregistrar.trunks.model import Span
from mockregistrar.trunks.plausible import (
    TYPOGRAPHIC_QUOTES,
    character_name,
    invisible,
    look_alike,
    separator_look_alike,
)
from mockregistrar.trunks.positions import Mapped, decode

from .chan_sip_cuts import BUFFER_OCTETS, Cut, cut
from .chan_sip_notes import FORMAT_LOG, FROM_SCHEME, Meaning

_KEYWORDS = re.compile(rb"(?:register\s*(?:=>|=|->)\s*)+", re.IGNORECASE)
_ARROW_REST = re.compile("(?:[=>\\s]|＝|＞)+".encode())
_PAIRS = ((b'"', b'"'), (b"'", b"'"), (b"`", b"`"), (b"<", b">"))
# What stands behind a `;` where a `.` or a `:` was meant: the rest of a host name, a port.
_REST_OF_HOST = re.compile(rb";(?:[A-Za-z0-9-]+\.)*[A-Za-z]{2,}(?:[:/~]\S*)?\Z")
_PORT_BEHIND = re.compile(rb";([0-9]{2,5})(?:[/~]\S*)?\Z")
_PARAMETER = re.compile(rb";\s*transport\s*=\s*([A-Za-z]+)", re.IGNORECASE)


def too_long(m: Meaning) -> None:
    """More octets than the buffer holds."""
    if len(m.value) <= BUFFER_OCTETS:
        return
    m.rules = replace(m.rules, limit=None)
    m.note(
        "SR107",
        m.value.span(BUFFER_OCTETS, len(m.value)),
        "The text is {0} octets long; Asterisk keeps the first 255 and drops the rest silently.",
        str(len(m.value)),
        fix="",
        trigger=True,
    )


def comment(m: Meaning) -> None:
    """A `;` that has swallowed the `@`, or the only port that makes sense."""
    if m.tail is None:
        return
    parameter = _PARAMETER.match(m.tail.data)
    attached = bool(m.value) and m.tail.columns[0] == m.value.end
    stop = next((i for i, octet in enumerate(m.tail.data) if octet <= 32), len(m.tail))
    token = m.tail.part(0, stop)
    left = cut(m.value)
    broken = left.refused is not None or (
        "port" in left.fields and re.fullmatch(rb"\s*[0-9]+\s*", left.octets("port")) is None
    )
    if left.refused is None and parameter:
        _parameter(m, m.tail.span(0, parameter.end()), decode(parameter.group(1)).lower(), "starts a comment here")
        return
    if b"@" not in m.tail.data or not broken:
        if attached and len(token) == len(m.tail) and left.refused is None:
            _typed_for_another(m, token, left)
        return
    offender = m.tail.span(0, 1)
    shown = m.value.span(0, len(m.value))
    if not m.value and b"@" in token.data:
        m.note(
            "SR104",
            m.tail.span(0, len(token)),
            "`;` starts a comment: Asterisk reads an empty value, and there is no registration.",
            log=FORMAT_LOG,
            trigger=True,
        )
        m.visible.append(offender)
        m.work = token.part(1, len(token))
        return
    if b"@" not in token.data or not attached:
        m.known = False
        m.note(
            "SR104",
            m.tail.span(0, len(m.tail)),
            "`;` starts a comment: Asterisk reads `{0}` and finds no `@`, so there is no registration.",
            shown,
            fix="",
            log=FORMAT_LOG,
            trigger=True,
            certain=False,
        )
        m.visible.append(offender)
        return
    m.visible.append(offender)
    if b":" not in m.value.data and b":" not in token.data.split(b"@")[0]:
        m.work = m.value.append(token.replace(0, 1, b":"))
        m.note(
            "SR128",
            offender,
            (
                "`:` is expected between user and password, but there is `;`, which starts a comment: Asterisk "
                "reads `{0}`."
            ),
            shown,
            log=FORMAT_LOG if left.refused else "",
            trigger=True,
            certain=False,
        )
        return
    m.work = m.value.append(token)
    what = "the password" if b":" in m.value.data else "the line"
    m.note(
        "SR104",
        m.value.line_span(offender.column, token.end),
        "`;` starts a comment in sip.conf: "
        + what
        + " is cut there. Asterisk reads `{0}`"
        + (" and finds no `@`." if left.refused else ", and takes what follows its last `@` for the host."),
        shown,
        log=FORMAT_LOG if left.refused else "",
        trigger=True,
    )


def _typed_for_another(m: Meaning, token: Mapped, left: Cut) -> None:
    """A `;` in the place of the `.` in a host name, or of the `:` in front of the port."""
    host, offender = left.octets("host"), m.tail.span(0, 1) if m.tail is not None else Span(1, 1, 0)
    if not host or left.octets("port") or "raw_extension" in left.fields or "expiry" in left.fields:
        return
    port = _PORT_BEHIND.match(token.data)
    if port is not None:
        same = int(port.group(1)) == (5061 if left.text("transport")[:3].lower() == "tls" else 5060)
        m.note(
            "SR104",
            offender,
            "`;` starts a comment, so that `{0}` is no port: Asterisk uses the default port. Is `;` meant to be `:`?",
            decode(port.group(1)),
            trigger=True,
            severity="hint" if same and port.group(1) == token.data[1:] else None,
        )
        m.work = m.value.append(token.replace(0, 1, b":"))
    elif b"." not in host and _REST_OF_HOST.match(token.data) and (b"." in token.data or b":" in token.data):
        m.note(
            "SR104",
            offender,
            "`;` starts a comment: Asterisk takes `{0}` for the host name. Is `;` meant to be `.`?",
            decode(host),
            trigger=True,
        )
        m.work = m.value.append(token.replace(0, 1, b"."))


def _parameter(m: Meaning, span: Span, transport: str, what: str) -> None:
    m.overrides["transport"] = FROM_SCHEME.get(transport, "udp")
    if m.overrides["transport"] == "tls" and "port" not in cut(m.value).fields:
        m.overrides["port"] = 5061
    m.note(
        "SR114",
        span,
        "`;` {0}, so that `transport={1}` has no effect: Asterisk uses udp. The transport stands in front, with `://`.",
        what,
        transport,
        trigger=True,
        severity="hint" if transport == "udp" else None,
    )


def keywords(m: Meaning) -> None:
    """What is left of an arrow, or a keyword typed where a form adds it."""
    arrow = _ARROW_REST.match(m.work.data)
    if arrow:
        m.note(
            "SR105",
            m.work.span(0, len(arrow.group().rstrip())),
            "The arrow is `=>`, once and without a blank in it: here `{0}` became part of the user name.",
            decode(arrow.group().rstrip()),
            trigger=True,
        )
        m.work = m.work.part(arrow.end(), len(m.work))
    match = _KEYWORDS.match(m.work.data)
    if match:
        m.note(
            "SR103",
            m.work.span(0, len(match.group().rstrip())),
            "The keyword is there twice: Asterisk takes `{0}` for the beginning of the user name. "
            "Where a form adds `register =>` by itself, do not type it.",
            decode(match.group().rstrip()),
            trigger=True,
        )
        m.work = m.work.part(match.end(), len(m.work))


def characters(m: Meaning) -> None:
    """Invisible characters and those that look like others."""
    text = m.work.text
    if text.isascii() and text.isprintable():
        return
    fields = _field_map(m)
    octet = 0
    edits: list[tuple[int, int, bytes]] = []
    for index, character in enumerate(text):
        size = len(Mapped.from_text(character))
        place = fields(octet)
        edit = _judge(m, text, index, character, octet, size, place)
        if edit is not None:
            edits.append((octet, octet + size, edit))
        octet += size
    if edits:
        m.work = m.work.replace_all(edits)


def _field_map(m: Meaning) -> Callable[[int], str]:
    cut_ = m.cut()
    ranges = [(start, stop, name) for name, (start, stop) in cut_.fields.items() if name != "raw_extension"]

    def name_at(octet: int) -> str:
        return next((name for start, stop, name in ranges if start <= octet < stop), "")

    return name_at


def _judge(m: Meaning, text: str, index: int, character: str, octet: int, size: int, place: str) -> bytes | None:
    """What to put in place of a character in the reading that was meant; None leaves it."""
    span = m.work.span(octet, octet + size)
    in_secret = place in ("secret", "auth_user", "")
    if character == "\t" and place not in ("user", "secret", "host"):
        return None
    if invisible(character):
        m.visible.append(span)
        m.note(
            "SR150",
            span,
            "There is an invisible character at column {0} ({1}): Asterisk does not strip it, it becomes part of what "
            "it stands in.",
            str(span.column),
            character_name(character),
            trigger=True,
        )
        inside = 0 < index < len(text) - 1 and text[index - 1] not in ":@/~?" and text[index + 1] not in ":@/~?"
        blank = character.isspace() or character == "\udca0"
        return b" " if blank and inside else b""
    if character.isascii():
        return None
    separator = separator_look_alike(character)
    quote = TYPOGRAPHIC_QUOTES.get(character, "")
    wraps = bool(quote) and (
        index == 0 or index == len(text) - 1 or text[index - 1] in ":@/?" or text[index + 1] in ":@/~?"
    )
    if separator or wraps or (look_alike(character) and not in_secret and _mixed(text, character)):
        meant = separator or quote or look_alike(character)
        m.visible.append(span)
        m.note(
            "SR151",
            span,
            "The character at column {0} ({1}) looks like `{2}` but is another one: Asterisk takes it as it is.",
            str(span.column),
            character_name(character),
            meant,
            trigger=True,
        )
        return meant.encode()
    if look_alike(character):
        m.note(
            "SR151",
            span,
            "The character at column {0} ({1}) looks like `{2}`. If it was pasted, type it again.",
            str(span.column),
            character_name(character),
            look_alike(character),
            fix="",
            severity="hint",
        )
    return None


def _mixed(text: str, character: str) -> bool:
    """A letter of another alphabet is suspicious only among ASCII ones: `аcme` but not `почта`."""
    if not character.isalpha():
        return True
    foreign = [c for c in text if c.isalpha() and not c.isascii()]
    return all(look_alike(c) for c in foreign)


def whole_quotes(m: Meaning) -> None:
    """Quotes around everything."""
    data = m.work.data
    at = m.halves()
    for begin, end in _PAIRS:
        whole = len(data) > 2 and data.startswith(begin) and data.endswith(end) and at < len(data)
        if whole and data[:at].count(begin) % 2 == 1 and data[at:].count(end) % 2 == 1:
            what = "Brackets" if begin == b"<" else "Quotes"
            m.note(
                "SR125",
                m.work.span(0, len(data)),
                what
                + " around the whole text become part of user and host"
                + (": they may wrap a single field only." if begin == b'"' else "."),
                trigger=True,
                certain=False,
            )
            m.work = m.work.part(1, len(data) - 1)
            keyword = _KEYWORDS.match(m.work.data)
            if keyword:
                m.keyword = True
                m.work = m.work.part(keyword.end(), len(m.work))
            return
