"""The wire: SIP grammar, URIs, header fields, messages, framing, digest and transactions (:rfc:`3261`).

Names are exported lazily (PEP 562): who needs one part of the wire does not wait for the others.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockregistrar.sip.challenge import Challenge as Challenge
    from mockregistrar.sip.challenge import authorization as authorization
    from mockregistrar.sip.digest import ALGORITHMS as ALGORITHMS
    from mockregistrar.sip.digest import Credentials as Credentials
    from mockregistrar.sip.errors import FramingError as FramingError
    from mockregistrar.sip.errors import ParseError as ParseError
    from mockregistrar.sip.flow import Flow as Flow
    from mockregistrar.sip.framing import KeepAlive as KeepAlive
    from mockregistrar.sip.framing import StreamFramer as StreamFramer
    from mockregistrar.sip.framing import sniff as sniff
    from mockregistrar.sip.headers import STAR as STAR
    from mockregistrar.sip.headers import CSeq as CSeq
    from mockregistrar.sip.headers import NameAddr as NameAddr
    from mockregistrar.sip.headers import Star as Star
    from mockregistrar.sip.headers import Via as Via
    from mockregistrar.sip.headers import parse_contacts as parse_contacts
    from mockregistrar.sip.headers import parse_expires as parse_expires
    from mockregistrar.sip.message import REASONS as REASONS
    from mockregistrar.sip.message import Limits as Limits
    from mockregistrar.sip.message import Message as Message
    from mockregistrar.sip.message import Request as Request
    from mockregistrar.sip.message import Response as Response
    from mockregistrar.sip.message import build_request as build_request
    from mockregistrar.sip.message import parse as parse
    from mockregistrar.sip.message import response as response
    from mockregistrar.sip.message import response_target as response_target
    from mockregistrar.sip.transactions import IllegalStep as IllegalStep
    from mockregistrar.sip.transactions import NonInviteClientTransaction as NonInviteClientTransaction
    from mockregistrar.sip.transactions import ServerTransactions as ServerTransactions
    from mockregistrar.sip.transactions import key_of as key_of
    from mockregistrar.sip.uri import Uri as Uri

_ROOMS = {
    name: room
    for room, names in (
        ("challenge", "Challenge authorization"),
        ("digest", "ALGORITHMS Credentials"),
        ("errors", "FramingError ParseError"),
        ("flow", "Flow"),
        ("framing", "KeepAlive StreamFramer sniff"),
        ("headers", "STAR CSeq NameAddr Star Via parse_contacts parse_expires"),
        ("message", "REASONS Limits Message Request Response build_request parse response response_target"),
        ("transactions", "IllegalStep NonInviteClientTransaction ServerTransactions key_of"),
        ("uri", "Uri"),
    )
    for name in names.split()
}
"""The module of each name."""


def __getattr__(name: str) -> Any:
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{room}"), name)
    globals()[name] = value
    return value


__all__ = [
    "ALGORITHMS",
    "REASONS",
    "STAR",
    "CSeq",
    "Challenge",
    "Credentials",
    "Flow",
    "FramingError",
    "IllegalStep",
    "KeepAlive",
    "Limits",
    "Message",
    "NameAddr",
    "NonInviteClientTransaction",
    "ParseError",
    "Request",
    "Response",
    "ServerTransactions",
    "Star",
    "StreamFramer",
    "Uri",
    "Via",
    "authorization",
    "build_request",
    "key_of",
    "parse",
    "parse_contacts",
    "parse_expires",
    "response",
    "response_target",
    "sniff",
]
