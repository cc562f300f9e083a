"""User names as clients put them into headers: between quotes, or into a URI, mostly without any escape.

No client that was asked (baresip, linphone, Twinkle, SIPp, sipsak, Kamailio) writes a backslash in front of a quote or
of a backslash in the `username` of its credentials: with a quote nobody can read the header, and without a backslash
that a carrier takes for an escape it is another name. What a URI cannot hold is written with percent signs, but only
where the text of a config goes into a URI and nowhere else.
"""

from __future__ import annotations

import re

from .form_fields import Piece
from .model import CannotRender
from .parsed import Notes
from .uris import pjsip_uri

_QUOTED_ODDLY = re.compile(r'["\\]')
_ESCAPED_IN_URI = re.compile(r"[^A-Za-z0-9\-_.!~*'()&=+$,;?/]")
_PARTS_OF_HEADERS = ",;?"


def login(name: str, system: str) -> str:
    """A digest user name that `system` writes between quotes as it is. Raises CannotRender."""
    odd = _QUOTED_ODDLY.search(name)
    if odd:
        raise CannotRender(
            odd.group(), f"{system} does not escape `{odd.group()}` in the user name that it logs in with"
        )
    return name


def judge_login(notes: Notes, name: str, piece: Piece, system: str) -> None:
    """Say that a quote in a digest user name breaks the header; `piece` is where the name stands."""
    at = name.find('"')
    if at >= 0:
        message = f"{system} does not escape the quote: the user name that it logs in with ends there."
        notes.add("SR576", piece.part(at, at + 1).span if piece.text == name else piece.span, message)


def user(name: str, system: str) -> str:
    """A user that `system` writes into its URIs as it is. Raises CannotRender for what needs percent signs there."""
    odd = _ESCAPED_IN_URI.search(name)
    if odd:
        raise CannotRender(
            odd.group(), f"{system} puts the user into a URI as it is, and `{odd.group()}` cannot stand there"
        )
    return name


def escaped_user(name: str) -> str:
    """A user for a URI that may stand in a header without `<>`, where `,`, `;` and `?` would end it."""
    return "".join(f"%{ord(c):02X}" if c in _PARTS_OF_HEADERS else c for c in pjsip_uri.user_part(name))
