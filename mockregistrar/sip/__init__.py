"""The wire: SIP grammar, URIs, header fields, messages, framing, digest and transactions (:rfc:`3261`)."""

from __future__ import annotations

from mockregistrar.sip.digest import ALGORITHMS, Challenge, Credentials, authorization
from mockregistrar.sip.errors import FramingError, ParseError
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.framing import KeepAlive, StreamFramer, sniff
from mockregistrar.sip.headers import STAR, CSeq, NameAddr, Star, Via, parse_contacts, parse_expires
from mockregistrar.sip.message import (
    REASONS,
    Limits,
    Message,
    Request,
    Response,
    build_request,
    parse,
    response,
    response_target,
)
from mockregistrar.sip.transactions import IllegalStep, NonInviteClientTransaction, ServerTransactions, key_of
from mockregistrar.sip.uri import Uri

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
