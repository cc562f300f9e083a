"""What JsSIP and SIP.js share: the SIP URIs that their grammar takes, and the addresses of WebSockets.

The grammar is that of RFC 3261 with oddities that both inherited from the same source: a password in a URI stays in the
user part, an empty port is no port, and a host must not end in a dot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from mockregistrar.trunks import checks
from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.plausible import is_ipv6
from mockregistrar.trunks.positions import decode, encode

from .literals import Text

_USERINFO = re.compile(
    r"((?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+)(:(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*)?@"
)
_NAME = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_-]*\.)*[A-Za-z][A-Za-z0-9_-]*\Z")
_ADDRESS = re.compile(
    r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}\Z"
)
_HOST = re.compile(r"\[[0-9A-Fa-f:.]*\]|[A-Za-z0-9_.-]*")
_REST = re.compile(r"(?::[0-9]{0,5})?(?:;(?:[A-Za-z0-9\-_.!~*'()\[\]/:&+$=]|%[0-9A-Fa-f]{2})+)*(?:\?[^\s@#\"<>]+)?\Z")
_URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(/*)(\[[^\]/?#]*\]|[^:/?#]*)(?::([^/?#]*))?")
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-_.!~*'()%;/?:@&=+$,\[\]]*\Z")
_SIP_PORTS = (5060, 5061)
_ASTERISK_PORTS = {8088: "ws", 8089: "wss"}


@dataclass(frozen=True, slots=True)
class SipUri:
    """A SIP URI: the user decoded and with the password that was written behind it, the host in lower case."""

    scheme: str
    user: str
    host: str
    port: int | None
    host_at: int
    password_at: int | None = None
    transport: str | None = None


@dataclass(frozen=True, slots=True)
class NoUri:
    """Why a text is no SIP URI, and where."""

    why: str
    start: int
    stop: int


def sip_uri(text: str) -> SipUri | NoUri:
    """Read a SIP URI as the grammar of JsSIP and SIP.js does. Never raises."""
    scheme = re.match(r"(sips?):", text, re.IGNORECASE)
    if scheme is None:
        return NoUri("`sip:` is missing in front", 0, len(text))
    at = scheme.end()
    userinfo = _USERINFO.match(text, at)
    if userinfo is None and "@" in text:
        bad = next((i for i in range(at, text.rindex("@")) if not _USERINFO.match(text[i] + "@")), at)
        what = "a blank" if text[bad] == " " else f"`{text[bad]}`"
        why = (
            "there is no user in front of `@`"
            if text[bad] == "@" and bad == at
            else f"{what} cannot stand in the user part"
        )
        return NoUri(why, bad, bad + 1)
    user, password_at = "", None
    if userinfo:
        user = decode(unquote_to_bytes(encode(text[at : userinfo.end() - 1])))
        password_at = userinfo.start(2) if userinfo.group(2) else None
        at = userinfo.end()
    found = _HOST.match(text, at)
    host = found.group() if found else ""
    stop = at + len(host)
    whole = is_ipv6(host[1:-1]) if host.startswith("[") else bool(_NAME.match(host) or _ADDRESS.match(host))
    if not whole:
        return NoUri("there is no host that could be one", at, max(stop, min(at + 1, len(text))))
    rest = _REST.match(text, stop)
    if rest is None:
        bad = stop + 1 if text[stop : stop + 1] in (":", ";", "?") else stop
        bad = min(bad, len(text) - 1)
        return NoUri("what stands behind the host cannot stand there", bad, len(text))
    port = re.match(r":([0-9]+)", text[stop:])
    transport = re.search(r";transport=([^;?]+)", text[stop:], re.IGNORECASE)
    return SipUri(
        scheme.group(1).lower(),
        user,
        host.lower(),
        int(port.group(1)) if port else None,
        at,
        password_at,
        transport.group(1).lower() if transport else None,
    )


def uri_text(user: str, host: str, port: int | None = None) -> str:
    """A SIP URI for an account. Raises CannotRender for a host or a port that the grammar does not take."""
    escaped = quote(encode(user), safe="-_.!~*'()&=+$,;?/")
    written = f"sip:{escaped}@{host}" + (f":{port}" if port is not None else "")
    read = sip_uri(written)
    if isinstance(read, NoUri) or read.host != host or not user:
        why = read.why if isinstance(read, NoUri) else "hosts are written in lower case, and a user is needed"
        raise CannotRender(host if user else "", f"the URI cannot be written: {why}")
    return written


@dataclass(frozen=True, slots=True)
class SocketAddress:
    """The address of a WebSocket: ws or wss, host and port; `repaired` is what was probably meant where it is none."""

    transport: str | None
    url: str
    repaired: str = ""


def socket_address(notes: Notes, value: Text, system: str, log: str) -> SocketAddress:
    """Judge the address of a WebSocket; `log` is what the library throws where it is none."""
    text = value.text
    match = _URL.match(text)
    scheme = (match.group(1) or "") if match else ""
    if match is None or scheme not in ("ws", "wss") or not _URL_CHARACTERS.match(text):
        repaired = _repaired(text)
        if scheme.lower() in ("http", "https"):
            message = f"`{scheme}://` is no WebSocket: {system} takes `ws://` or `wss://`."
        elif scheme.lower() in ("ws", "wss") and scheme != scheme.lower():
            message = f"{system} knows `ws` and `wss` in lower case only."
        elif scheme in ("ws", "wss"):
            message = f"{system} cannot read the address of the WebSocket: it holds a character that no URL has."
        else:
            message = f"The address of a WebSocket begins with `wss://` or `ws://`: {system} refuses this one."
        notes.add("SR787", value.inside, message, instead=repaired or None, log=log)
        return SocketAddress(None, text, repaired)
    host, port_text = match.group(3), match.group(4)
    if host:
        checks.host(notes, host, value.part(match.start(3), match.end(3)), "DNS")
    if port_text:
        span = value.part(match.start(4), match.end(4))
        if not re.fullmatch(r"[0-9]{1,5}", port_text) or not 0 < int(port_text) < 65536:
            letter = checks.digits_look_alike(port_text)
            message = (
                f"`{port_text}` holds the letter {letter}: it is no port." if letter else f"`{port_text}` is no port."
            )
            notes.add("SR787", span, message)
        else:
            _port(notes, int(port_text), scheme, value, match)
    return SocketAddress(scheme, text)


def _port(notes: Notes, port: int, scheme: str, value: Text, match: re.Match[str]) -> None:
    span = value.part(match.start(4), match.end(4))
    other = _ASTERISK_PORTS.get(port, scheme)
    if port == 4569:
        checks.port_and_transport(notes, port, scheme, span)
    elif port in _SIP_PORTS:
        message = f"Port {port} is where SIP without WebSocket lives: {scheme} mostly has another."
        notes.add("SR117", span, message)
    elif other != scheme:
        message = f"Port {port} is that of {other}:// in most Asterisks, and this is {scheme}://."
        notes.add("SR117", span, message, fix=f"{other}://")


def _repaired(text: str) -> str:
    match = re.match(
        r"(?:([A-Za-z][A-Za-z0-9+.-]*):(?=/))?/*(?:sips?:)?(?:[^@/]*@)?([A-Za-z0-9\-.\[\]:]+(?:/[^\s]*)?)\s*\Z", text
    )
    if match is None:
        return ""
    plain = (match.group(1) or "").lower() in ("http", "ws")
    return f"{'ws' if plain else 'wss'}://{match.group(2)}"


def socket_url(trunk: Trunk, system: str) -> str:
    """The WebSocket that a trunk is reached by. Raises CannotRender where it has none."""
    target = trunk.target
    if target is not None and re.match(r"wss?://", target.outbound_proxy):
        return target.outbound_proxy
    transport, port = trunk.dial_transport, trunk.dial_port
    if transport not in ("ws", "wss"):
        raise CannotRender(transport, f"{system} speaks WebSocket only, and the carrier is reached by {transport}")
    if port in _SIP_PORTS:
        raise CannotRender(str(port), f"the WebSocket is not known: {port} is where SIP without WebSocket lives")
    if not re.fullmatch(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+", trunk.dial_host):
        raise CannotRender(trunk.dial_host, f"`{trunk.dial_host}` is no host of a WebSocket")
    return f"{transport}://{trunk.dial_host}" + (f":{port}" if port != (443 if transport == "wss" else 80) else "")
