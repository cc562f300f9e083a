"""The wire: SIP grammar, URIs, header fields, messages, framing, digest and transactions (:rfc:`3261`)."""

from __future__ import annotations

from mockregistrar.sip.errors import FramingError, ParseError
from mockregistrar.sip.flow import Flow
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
from mockregistrar.sip.uri import Uri

__all__ = [
    "REASONS",
    "STAR",
    "CSeq",
    "Flow",
    "FramingError",
    "Limits",
    "Message",
    "NameAddr",
    "ParseError",
    "Request",
    "Response",
    "Star",
    "Uri",
    "Via",
    "build_request",
    "parse",
    "parse_contacts",
    "parse_expires",
    "response",
    "response_target",
]
