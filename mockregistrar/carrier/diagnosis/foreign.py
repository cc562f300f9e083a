"""Another protocol at a SIP port: which verdict it has, and what to type instead, by where this carrier listens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from mockregistrar.carrier.diagnosis.whys import why
from mockregistrar.carrier.reasons import REASONS
from mockregistrar.sip.flow import Flow, format_address

if TYPE_CHECKING:
    from mockregistrar.carrier.settings import ListenSpec

_HOWS: Final = {
    "TLS ClientHello": "wrong-transport/tls",
    "TLS": "wrong-transport/tls",
    "DTLS": "wrong-transport/dtls",
    "HTTP": "wrong-transport/http",
    "RTP": "not-sip/rtp",
    "RTCP": "not-sip/rtp",
    "STUN": "not-sip/stun",
    "IAX2": "not-sip/iax2",
    "PROXY protocol": "not-sip/proxy-protocol",
}
"""Verdicts by what `sniff` calls a protocol."""
_NAMED: Final = ", not SIP"
"""How a drop's detail ends whose protocol was recognised."""
_TOLD: Final = {"websocket": "a WebSocket handshake", "plain-at-tls-port": "plain text"}
"""What came, where another name fits better."""
_UPGRADE: Final = re.compile(rb"^upgrade[ \t]*:[ \t]*websocket|^sec-websocket-", re.IGNORECASE | re.MULTILINE)
_NO_TLS: Final = ("wrong version number", "http request", "https proxy request", "unknown protocol")
"""How OpenSSL says that what came is no TLS at all."""
_NO_TLS_HERE: Final = "This carrier does not listen for TLS: `listen` (`--listen`) `tls:127.0.0.1:0` has it do so."


class Foreign(NamedTuple):
    """What was dropped, and why it came."""

    because: str
    how: str
    sentence: str
    """What came, without a full stop."""
    cause: str
    fix: str


def foreign(because: str, detail: str, data: bytes, flow: Flow | None, listening: Iterable[ListenSpec]) -> Foreign:
    """Return the verdict on input that was dropped for `because` with `detail`.

    `data` is what came, as far as it is still there; `listening` says where the carrier listens.
    """
    places = list(listening)
    slug = _slug(because, detail, data)
    because, _, how = slug.partition("/")
    cause, fix = why(because, how)
    sentence = f"{REASONS.get(because, because)}: {_said_once(because, detail)}"
    if how and flow is not None:
        what = _TOLD.get(how) or detail.removesuffix(_NAMED)
        speaks = "TLS" if flow.secure else "plain SIP"
        sentence = f"{what} came to {flow.transport} {format_address(flow.local)}, where {speaks} is spoken"
    more = _instead(how, places)
    return Foreign(because, how, sentence, cause, f"{fix} {more}" if more else fix)


def _said_once(because: str, detail: str) -> str:
    """Return what a dropped message was, without what its reason says already."""
    if because == "not-sip":
        return detail.removeprefix("no SIP: ").removesuffix(_NAMED)
    return detail.removeprefix("TLS failed: ") if because == "tls-failed" else detail


def _slug(because: str, detail: str, data: bytes) -> str:
    if because in ("tls-failed", "wrong-transport") and any(text in detail for text in _NO_TLS):
        return "wrong-transport/plain-at-tls-port"
    slug = _HOWS.get(detail.removesuffix(_NAMED), "") if detail.endswith(_NAMED) else ""
    if slug == "wrong-transport/http" and _UPGRADE.search(data):
        slug = "wrong-transport/websocket"
    return slug or because


def _instead(how: str, places: list[ListenSpec]) -> str:
    """Return where this carrier has what the client wants, or how to have it there."""
    wanted = {"tls": ("tls",), "websocket": ("tcp", "tls"), "plain-at-tls-port": ("tls", "udp", "tcp")}.get(how)
    if wanted is None:
        return ""
    there = [f"{p.transport} at {format_address((p.host, p.port))}" for p in places if p.transport in wanted]
    if there:
        return f"Here: {', '.join(there)}."
    return _NO_TLS_HERE if how == "tls" else ""
