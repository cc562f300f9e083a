"""How chan_sip takes a register value apart, cut by cut.

Theory of operation. chan_sip copies the value into a buffer of 256 octets and cuts it in place, writing a NUL over each
separator it uses. The order of the cuts explains every odd result, and so does the splitter: it does not cut inside
`(...)`, `[...]` or `"..."`, nor at the character behind a backslash, and it removes none of these. A backslash at the
very end of the left half even makes it step over the NUL that was the `@` and go on in the right half. All of this is
done here on a buffer of the same size in the same order, so what comes out is what Asterisk registers with; the
offsets of the fields lead back to the columns of the text.

`Rules` turns single habits off. That gives the reading that a person had in mind who did not know of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mockregistrar.trunks.c_numbers import c_integer, port_number
from mockregistrar.trunks.model import Span, Trunk
from mockregistrar.trunks.positions import Mapped, decode, strip_range

BUFFER_OCTETS = 255
TRANSPORTS = ("udp", "tcp", "tls")

_ESCAPE, _QUOTE = 0x5C, 0x22
_OPEN_PAREN, _CLOSE_PAREN, _OPEN_BRACKET, _CLOSE_BRACKET = 0x28, 0x29, 0x5B, 0x5D
_SPECIAL = re.compile(rb"[(\[\"\\]")
_WHOLE_TRANSPORT = re.compile(rb"(tcp|tls|udp)://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """Which of chan_sip's habits apply; all of them by default."""

    brackets: bool = True
    quotes: bool = True
    escapes: bool = True
    over_end: bool = True
    limit: int | None = BUFFER_OCTETS
    slashes: bool = True
    peers: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """The fields as stretches of the value, stripped as chan_sip strips them; `refused` names the step that failed.

    A field that is absent is missing from `fields`; `offset` is where the value was refused.
    """

    value: Mapped
    fields: dict[str, tuple[int, int]] = field(default_factory=dict)
    refused: str | None = None
    offset: int = 0

    def octets(self, name: str) -> bytes:
        """The octets of a field, empty when it is absent."""
        start, stop = self.fields.get(name, (0, 0))
        return self.value.data[start:stop]

    def text(self, name: str) -> str:
        """The text of a field, empty when it is absent."""
        return decode(self.octets(name))

    def span(self, name: str) -> Span | None:
        """Where a field stands in the line; None when it is absent."""
        if name not in self.fields:
            return None
        return self.value.span(*self.fields[name])


class _Buffer:
    """A C buffer with NUL-terminated strings in it; a string is the offset of its first octet."""

    def __init__(self, data: bytes, size: int, rules: Rules) -> None:
        self.octets = bytearray(data)
        self.octets.extend(bytes(max(1, size - len(data))))
        self.rules = rules

    def at(self, index: int) -> int:
        return self.octets[index] if 0 <= index < len(self.octets) else 0

    def end(self, start: int) -> int:
        found = self.octets.find(0, start)
        return len(self.octets) if found < 0 else found

    def empty(self, start: int | None) -> bool:
        return start is None or self.at(start) == 0

    def split(self, start: int | None, separator: bytes, pieces: int) -> list[int | None]:
        """Cut a string at up to `pieces - 1` separators; absent pieces are None."""
        found: list[int] = []
        last_cut = -1
        scan = 0 if start is None else start
        if start is not None:
            while self.at(scan) and len(found) < pieces - 1:
                found.append(scan)
                scan, cut_at = self._next(scan, separator[0])
                if cut_at is not None:
                    last_cut = cut_at
            if self.at(scan) or (scan > start and scan - 1 == last_cut):
                found.append(scan)
        return [*found, *([None] * (pieces - len(found)))]

    def _next(self, scan: int, separator: int) -> tuple[int, int | None]:
        end = self.end(scan)
        if _SPECIAL.search(self.octets, scan, end) is None:  # the usual text has nothing to count
            found = self.octets.find(separator, scan, end)
            if found < 0:
                return end, None
            self.octets[found] = 0
            return found + 1, found
        parens = brackets = 0
        quoted = False
        rules = self.rules
        while octet := self.at(scan):
            if octet == _OPEN_PAREN and rules.brackets:
                parens += 1
            elif octet == _CLOSE_PAREN and rules.brackets:
                parens = max(0, parens - 1)
            elif octet == _OPEN_BRACKET and rules.brackets:
                brackets += 1
            elif octet == _CLOSE_BRACKET and rules.brackets:
                brackets = max(0, brackets - 1)
            elif octet == _QUOTE and rules.quotes:
                quoted = not quoted
            elif octet == _ESCAPE and rules.escapes and (rules.over_end or self.at(scan + 1)):
                scan += 1  # a NUL here is stepped over, as in C
            elif octet == separator and not (parens or brackets or quoted):
                self.octets[scan] = 0
                return scan + 1, scan
            scan += 1
        return scan, None


AS_ASTERISK = Rules()


def cut(value: Mapped, rules: Rules = AS_ASTERISK) -> Cut:
    """Take a register value apart as chan_sip does (or would under other rules)."""
    data = value.data.split(b"\0", 1)[0]
    if rules.limit is not None:
        data = data[: rules.limit]
    buffer = _Buffer(data, (rules.limit or len(data)) + 1, rules)
    at = data.rfind(b"@")
    if at < 0:
        return Cut(value, refused="no-at", offset=len(data))
    buffer.octets[at] = 0
    if at == 0:
        return Cut(value, refused="empty-left", offset=0)
    if at == len(data) - 1:
        return Cut(value, refused="empty-right", offset=at)
    peer, user_half = buffer.split(0, b"?", 2) if rules.peers else (None, 0)
    if buffer.empty(user_half):
        peer, user_half = None, peer
    transport: int | None
    if rules.slashes:
        transport, blank, rest = buffer.split(user_half, b"/", 3)
        if buffer.empty(rest):
            transport, rest = None, transport
        elif transport is not None:
            if buffer.empty(transport):
                if transport == 0:
                    return Cut(value, refused="underflow", offset=0)
            else:
                buffer.octets[buffer.end(transport) - 1] = 0
        if not buffer.empty(blank):
            return Cut(value, refused="slash", offset=(blank or 1) - 1)
    else:
        transport, rest = None, user_half or 0
        if _WHOLE_TRANSPORT.match(data, rest):
            transport, rest = rest, rest + 6
            buffer.octets[rest - 3] = 0
    user, secret, auth_user = buffer.split(rest, b":", 3)
    host, expiry = buffer.split(at + 1, b"~", 2)
    host, extension = buffer.split(host, b"/", 2)
    host, port = buffer.split(host, b":", 2)
    user, domain = buffer.split(user, b"@", 2)
    fourth, domain_port = buffer.split(auth_user, b":", 2)
    if domain_port is not None:
        domain_port, secret, fourth = secret, fourth, domain_port
    fields: dict[str, tuple[int, int]] = {}
    for name, start in (
        ("peer", peer),
        ("user", user),
        ("domain", domain),
        ("secret", secret),
        ("auth_user", fourth),
        ("host", host),
        ("extension", extension),
        ("expiry", expiry),
    ):
        if start is not None:
            fields[name] = _unwrapped(buffer.octets, start, buffer.end(start))
    for name, start in (
        ("transport", transport),
        ("port", port),
        ("domain_port", domain_port),
        ("raw_extension", extension),
    ):
        if start is not None:
            fields[name] = (start, buffer.end(start))
    return Cut(value, {name: (a, min(b, len(data))) for name, (a, b) in fields.items()})


def _unwrapped(data: bytes | bytearray, start: int, stop: int) -> tuple[int, int]:
    """Without outer blanks and one pair of wrapping double quotes; a lone `"` is its own pair and vanishes."""
    start, stop = strip_range(bytes(data), start, stop)
    if start < stop and data[start] == _QUOTE and data[stop - 1] == _QUOTE:
        start, stop = start + 1, max(start + 1, stop - 1)
    return start, stop


def wrapped(cut_: Cut, name: str) -> bool:
    """Whether a field stands in wrapping double quotes."""
    if name not in cut_.fields:
        return False
    start, stop = cut_.fields[name]
    data = cut_.value.data
    return start > 0 and data[start - 1 : start] == b'"' and data[stop : stop + 1] == b'"'


def transport_of(data: bytes) -> str | None:
    """A transport by its first three letters in any case, else None."""
    word = decode(data[:3]).lower()
    return word if word in TRANSPORTS else None


def trunk_of(cut_: Cut, default_expiry: int = 120) -> Trunk | None:
    """The registration that the fields amount to; None when the value was refused."""
    if cut_.refused is not None:
        return None
    transport = transport_of(cut_.octets("transport")) or "udp"
    expiry = default_expiry
    if "expiry" in cut_.fields:
        expiry = c_integer(cut_.octets("expiry")) or 0
    # An absent or empty extension is `s`; one that is only blanks or quotes ends up empty.
    extension = cut_.text("extension") if cut_.octets("raw_extension") else "s"
    return Trunk(
        user=cut_.text("user"),
        secret=cut_.text("secret"),
        auth_user=cut_.text("auth_user"),
        domain=cut_.text("domain"),
        domain_port=port_number(cut_.octets("domain_port")),
        host=cut_.text("host"),
        port=port_number(cut_.octets("port")) or (5061 if transport == "tls" else 5060),
        transport=transport,
        extension=extension,
        expiry=expiry,
        peer=cut_.text("peer"),
    )
