"""Messages: octets to header fields and back (:rfc:`3261` section 7).

How it works, and why it is fast:

* :func:`parse` makes one split into lines and one into name and value, and types nothing. Known
  header names are looked up in a bounded memo, as written; a fold, an unknown name or anything odd
  leaves that way for the careful one, which reads the same lines one by one, with reasons.
* :meth:`Request.check` proves a request answerable. It lays Via, From, To, CSeq, Call-ID and a lone
  Contact behind each other and matches *one* expression for the shape that nearly all clients send;
  its groups fill the plain attributes (``branch_key``, ``to_aor``...). Whatever does not match is
  parsed typed, value by value: the expression accepts a subset of what the typed classes accept.
* Typed views (:attr:`Message.vias`, :attr:`Message.to`...) are made when first asked for and kept.

Heads are text decoded as UTF-8 with surrogates for other octets, so that encoding gives back the
same octets; bodies and raw messages are bytes. No state outlives a message but the two memos, which
only hold what is true of any message.

Bare CR and LF are no line ends in a head, and no white space: a message with one is refused, since
what one parser takes for one field, the next takes for two.
"""

from __future__ import annotations

from mockregistrar.sip._model import Message, Request, Response
from mockregistrar.sip._reading import DEFAULT_LIMITS, Limits, parse
from mockregistrar.sip._writing import REASONS, build_request, response, response_target

__all__ = [
    "DEFAULT_LIMITS",
    "REASONS",
    "Limits",
    "Message",
    "Request",
    "Response",
    "build_request",
    "parse",
    "response",
    "response_target",
]
