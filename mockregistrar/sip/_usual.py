"""The usual REGISTER, read by one expression: the fast way into :mod:`mockregistrar.sip.message`.

Nearly all that a registrar gets is one kind of request, spelt alike by all clients but for the order of its
header fields. For it, `parse` and `Request.check` cost more than everything decided about it later. So
:func:`read_usual` matches a whole head against *one* expression: a loop over the lines that such a request may
have, each of which may come once where that matters, in any order. What matches has been checked, and its groups
are all that a registrar needs. Nothing else is made: the dictionary of header fields and the typed views appear
when somebody asks for them.

The expression accepts a part of what the careful way accepts, and gives what that gives; everything else is left
to it: other octets than ASCII, compact names, folds, lists of Via or Contact, escapes, parameters beyond tags, a
body. The tests hold the two ways to each other on requests made up for the purpose.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

from mockregistrar.sip._model import (
    ADDRESS_SHAPE,
    CONTACT_SHAPE,
    HOST_SHAPE,
    PORT_SHAPE,
    REQUEST_VIEWS,
    TOKEN_SHAPE,
    Request,
    Views,
    known_uris,
)
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.grammar import WS

_LONGEST: Final = 2048
"""Octets; so short a head cannot have more lines than `Limits.fields` allows."""

_LONGEST_URI: Final = 128
"""Characters; a longer one is not remembered."""

_TEXT: Final = r"[\t -~]*"
_ONCE: Final = (
    (
        "Via",
        7,
        rf"((SIP/2\.0/[A-Z]+ ({HOST_SHAPE})(?::({PORT_SHAPE}))?)(;rport)?;branch=z9hG4bK({TOKEN_SHAPE})(;rport)?)",
    ),
    ("From", 4, rf"((?! ){ADDRESS_SHAPE})"),
    ("To", 4, rf"((?! ){ADDRESS_SHAPE})"),
    ("Call-ID", 1, r"([!-~]+)"),
    ("CSeq", 2, r"(([0-9]{1,9}) REGISTER)"),
    ("Contact", 5, rf"({CONTACT_SHAPE})"),
    ("Expires", 1, r"([0-9]{1,9})"),
    ("Authorization", 1, rf"({_TEXT})"),
    ("User-Agent", 1, rf"({_TEXT})"),
    ("Max-Forwards", 1, r"([0-9]+)"),
    ("Content-Length", 1, r"(0)"),
)
"""Fields that may come once, how many groups they have, and what they look like; the first group is the value."""
_ANY: Final = (
    rf"(?:Accept(?:-Encoding|-Language)?|Allow(?:-Events)?|Date|Organization|Route|Supported|[PX]-[-A-Za-z]+): {_TEXT}"
)
"""Fields that change nothing here, however often they come."""


def _expression() -> re.Pattern[str]:
    head = r"REGISTER ([^ \r\n]+) SIP/2\.0\r\n"
    taken = 1
    lines = []
    for name, groups, shape in _ONCE:
        lines.append(rf"{name}: *(?({taken + 1})(?!)){shape}")  # a second one finds its first group taken
        taken += groups
    # Without the empty line at the end: a line that does not fit ends the match, and nothing is tried twice.
    return re.compile(rf"{head}(?:(?:{'|'.join([*lines, _ANY])})\r\n)+")


_match: Final = _expression().match


class UsualRequest(Request):
    """A REGISTER of the usual shape: checked already, its header fields made when asked for."""

    __slots__ = ("cseq_value", "from_value", "key", "to_value", "via_value")

    _views: ClassVar[Views] = {**REQUEST_VIEWS, "headers": lambda request: _headers(request.raw)}
    _doubled = False
    _plain_via = True

    method = "REGISTER"
    version = "SIP/2.0"
    body = b""
    has_require = False
    key: tuple[str, str, str]
    """What :func:`mockregistrar.sip.transactions.key_of` returns."""
    via_value: str
    from_value: str
    to_value: str
    cseq_value: str

    def __init__(self, raw: bytes, uri: str) -> None:
        self.raw = raw
        self.uri = uri

    def check(self) -> None:
        """Do nothing: the expression has proved all that `Request.check` proves."""


def read_usual(data: bytes) -> UsualRequest | None:
    """Return the request in ``data`` if it is a REGISTER of the usual shape; ``None`` says nothing about why."""
    if len(data) > _LONGEST or not data.endswith(b"\r\n\r\n"):
        return None
    try:
        found = _match(data.decode("ascii"))
    except UnicodeDecodeError:
        return None
    if found is None or found.end() != len(data) - 2:
        return None
    (
        uri,
        via,
        sender,
        sent_host,
        sent_port,
        rport,
        branch,
        late_rport,
        from_value,
        _,
        _,
        _,
        to_value,
        to_user,
        to_host,
        to_tag,
        call_id,
        cseq,
        number,
        contact,
        _,
        _,
        contact_uri,
        params,
        expires,
        authorization,
        user_agent,
        _,
        _,
    ) = found.groups()
    if via is None or from_value is None or to_value is None or cseq is None or call_id is None:
        return None  # a mandatory field is missing
    if ".." in via or ".." in from_value or ".." in to_value or ".." in call_id or (contact and ".." in contact):
        return None  # no host may have that; the careful way looks where it stands
    if (rport is not None and late_rport is not None) or len(uri) > _LONGEST_URI:
        return None
    request = UsualRequest(data, uri)
    if uri not in known_uris:
        try:
            _ = request.request_uri
        except ParseError:
            return None
    request.key = (sender, branch, cseq)
    request.via_value = via
    request.from_value = from_value
    request.to_value = to_value
    request.cseq_value = cseq
    request.call_id = call_id
    request.sent_host = sent_host
    request.sent_port = int(sent_port) if sent_port else None
    request.rport = rport is not None or late_rport is not None
    request.to_tag = to_tag
    request.to_aor = f"{to_user}@{to_host.lower()}" if to_user else to_host.lower()
    request.cseq_number = int(number)
    request.plain_contact = None if params else contact_uri
    request.expires = None if expires is None else int(expires)
    request.credentials = [] if authorization is None else [authorization.strip(WS)]
    request.user_agent = "" if user_agent is None else user_agent.strip(WS)
    return request


def _headers(raw: bytes) -> dict[str, list[str]]:
    """Return the header fields of a head that matched: long names, no folds, ASCII."""
    headers: dict[str, list[str]] = {}
    for line in raw.decode("ascii").split("\r\n")[1:-2]:
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), []).append(value.strip(WS))
    return headers
