"""SIP URIs as Kamailio and OpenSIPS read them: the two have one ancestor, and its reader.

Nothing is stripped: no blanks, no `<...>`, no name in front. The user ends at the first `@`, and a second one is
refused, as are a missing scheme, an empty host, and a port that is not digits up to 65535. Whatever else stands in
the host is taken, and fails in the DNS.
"""

from __future__ import annotations

import re

from mockregistrar.trunks import checks
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.plausible import host_problem, is_ipv6, repaired_number
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri

_ENDS_OF_HOST = ":;?"
_MOST_DIGITS = 5


def parse(text: str) -> PjUri | BadUri:
    """Read a URI; user and password are percent-decoded. Never raises."""
    scheme = text.partition(":")[0].lower()
    if ":" not in text or scheme not in ("sip", "sips"):
        return BadUri("scheme", "`sip:` is missing in front", 0, len(text))
    at = len(scheme) + 1
    user = password = ""
    cut = text.find("@", at)
    if cut >= 0:
        second = text.find("@", cut + 1)
        if second >= 0:
            return BadUri("second-at", "there are two `@`: one in the user is written `%40`", cut, cut + 1)
        user, _, password = text[at:cut].partition(":")
        if not user:
            return BadUri("user", "there is nothing in front of the `@`", at, cut + 1)
        at = cut + 1
    if text[at : at + 1] == "[":
        close = text.find("]", at)
        if close < 0 or not is_ipv6(text[at + 1 : close]):
            return BadUri("host", "there is no IPv6 address in the brackets", at, max(close + 1, at + 1))
        stop = close + 1
    else:
        stop = min((i for i in (text.find(c, at) for c in _ENDS_OF_HOST) if i >= 0), default=len(text))
    host, host_at = text[at:stop], at
    rest = text[at:].partition(";")[0]
    if not host:
        return BadUri("host", "there is no host", at, at + 1)
    if is_ipv6(rest):
        return BadUri("ipv6", "an IPv6 address stands in `[...]`", at, at + len(rest))
    port: int | None = None
    port_at = stop
    if text[stop : stop + 1] == ":":
        port_at = stop + 1
        stop = min((i for i in (text.find(c, port_at) for c in ";?") if i >= 0), default=len(text))
        digits = text[port_at:stop]
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS and int(digits) <= 65535):
            return BadUri("port", "a port is a number from 0 to 65535", port_at, max(stop, port_at + 1))
        port = int(digits)
    if stop < len(text) and text[stop] not in ";?":
        return BadUri("rest", f"`{text[stop]}` cannot stand here", stop, len(text))
    params: list[tuple[str, str]] = []
    for each in text[stop:].partition("?")[0].split(";"):
        name, _, value = each.partition("=")
        if name:
            params.append((name.strip().lower(), value))
    decoded = pjsip_uri.plain(user), pjsip_uri.plain(password)
    return PjUri(scheme, *decoded, host, port, tuple(params), "", host_at, port_at)


def settled_port(uri: PjUri, transport: str | None) -> int | None:
    """The port that a request goes to, None where the DNS decides it."""
    if uri.port:
        return uri.port
    return (5061 if transport == "tls" else 5060) if pjsip_uri.is_address(uri.host) else None


def repaired(text: str) -> str:
    """The URI that was probably meant, empty where nothing is probable."""
    bare = text.strip().strip("<>")
    read = parse(bare)
    if isinstance(read, BadUri) and read.kind == "port":
        number = repaired_number(bare[read.start : read.stop])
        bare = bare[: read.start] + str(number) + bare[read.stop :] if number else bare
    for candidate in (bare, re.sub(r"\A(sips?):?/+", r"\1:", bare), f"sip:{bare}"):
        read = parse(candidate)
        if candidate != text and isinstance(read, PjUri) and host_problem(read.host) is None:
            return candidate
    return ""


def likely(text: str) -> tuple[str, PjUri | BadUri]:
    """The URI that a text is, or was probably meant to be, as text and read."""
    read = parse(text)
    if isinstance(read, PjUri):
        return text, read
    better = repaired(text)
    return (better, parse(better)) if better else (text, read)


def judge(notes: Notes, piece: Piece, uri: PjUri, system: str, *, offset: int = 0) -> None:
    """Host, port and transport of a URI that stands in a piece, `offset` code points before its begin."""
    start = max(0, uri.host_at - offset)
    place = piece.part(start, start + len(uri.host)).span
    checks.host(notes, uri.host, place, system)
    if uri.port is not None:
        begin = max(0, uri.port_at - offset)
        span = piece.part(begin, begin + len(str(uri.port))).span
        checks.port_and_transport(notes, uri.port, uri.transport or "udp", span)


def bracketed(host: str) -> str:
    """A host as it stands in a URI."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def written(trunk: Trunk) -> str:
    """The URI of the place that a trunk registers at, its port settled so that no DNS decides it."""
    uri = f"sip:{bracketed(trunk.dial_host)}:{trunk.dial_port}"
    return uri if trunk.dial_transport == "udp" else f"{uri};transport={trunk.dial_transport}"


def writable(name: str, value: str, longest: int) -> str:
    """A value that a column can hold. Raises CannotRender for NUL, for what is no Unicode text, and beyond its length.

    The columns of both systems are VARCHAR: a longer value is refused by MySQL, or cut.
    """
    bad = next((c for c in value if c == "\0" or "\ud800" <= c <= "\udfff"), "")
    if bad:
        raise CannotRender(bad, f"{name} holds a character that no database keeps in a text")
    if len(value) > longest:
        raise CannotRender("", f"{name} has {len(value)} characters, and the column keeps {longest}")
    return value
