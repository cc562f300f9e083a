"""The message classes, their typed views, and the check that a request can be answered.

See :mod:`mockregistrar.sip.message` for how the parts work together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from mockregistrar.sip.errors import BAD_REQUEST, ParseError
from mockregistrar.sip.grammar import (
    LONG_NAMES,
    WS,
    excerpt,
    parse_number,
    parse_params,
    printed_name,
    split_head,
    split_list,
    unfold,
)
from mockregistrar.sip.uri import Uri, canonical_host

if TYPE_CHECKING:
    from mockregistrar.sip.headers import CSeq, NameAddr, Star, Via

_In = TypeVar("_In")
_Out = TypeVar("_Out")
Views = dict[str, Callable[[Any], Any]]

_MEMO_SIZE: Final = 1024
_MEMO_KEY: Final = 128
known_uris: dict[str, Uri] = {}
"""Request-URIs as written, parsed: a carrier's clients all send the same few. Bounded."""

_MANDATORY: Final = ("via", "from", "to", "cseq", "call-id")
"""What every message needs (8.1.1); a missing Max-Forwards is tolerated (RFC 2543 had none)."""
_SINGLE: Final = ("from", "to", "call-id", "cseq", "max-forwards", "expires", "content-type")
"""What may be there once (7.3.1) and is needed: other fields that are doubled are ignored (8.2.2).
Content-Length is judged while parsing."""

_CALL_ID_RE: Final = re.compile(r"[^\x00-\x20\x7f]+")

# Spelt out, not \w: a class without a category compiles to one bitmap, which matches twice as fast.
TOKEN_SHAPE: Final = r"[-.!%*+`'~_0-9A-Za-z]+"
HOST_SHAPE: Final = r"(?!\.)[-_.0-9A-Za-z]*[-_0-9A-Za-z]"
"""A host, if there is no ``..`` anywhere."""
PORT_SHAPE: Final = r"[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}"
_USER: Final = r"[-_.!~*'()&=+$,;?/#0-9A-Za-z]+"
_URI_VALUE: Final = r"[-_.!~*'()\[\]/:&+$0-9A-Za-z]+"  # or the name of a URI parameter
_QUOTED: Final = r"[^\"\\\x00-\x1f\x7f]*"
_NAME: Final = r"[-.!%*+`'~_ 0-9A-Za-z]*"  # unquoted display name
_TAIL: Final = rf"(?::(?:{PORT_SHAPE}))?(?:;{_URI_VALUE}(?:={_URI_VALUE})?)*"
ADDRESS_SHAPE: Final = (
    rf'(?:"{_QUOTED}" ?|{_NAME})<sips?:(?:({_USER})@)?({HOST_SHAPE}){_TAIL}>(?:;tag=({TOKEN_SHAPE}))?'
)
"""From or To; the groups are user, host and tag."""
CONTACT_SHAPE: Final = (
    rf'(?:"({_QUOTED})" ?|({_NAME}))<(sips?:(?:{_USER}@)?{HOST_SHAPE}{_TAIL})>'
    rf'((?:;{TOKEN_SHAPE}(?:=(?:{TOKEN_SHAPE}|"{_QUOTED}"))?)*)'
)
"""One contact; the groups are the display name quoted and unquoted, the URI and the parameters."""


@cache
def _usual_shape() -> re.Pattern[str]:
    """Return what matches Via, From, To, CSeq, Call-ID and Contact of the usual shape, a line each.

    No escapes, no comma lists, no white space but single blanks: a subset of what the typed classes accept. Compiled
    when first needed, which takes as long as a hundred requests: a REGISTER seldom comes this way.
    """
    return re.compile(
        rf"SIP/2\.0/[A-Z]+ ({HOST_SHAPE})(?::({PORT_SHAPE}))?(;rport)?;branch=({TOKEN_SHAPE})(?(3)|(;rport)?)\n"
        rf"{ADDRESS_SHAPE}\n{ADDRESS_SHAPE}\n"
        rf"([0-9]{{1,9}}) ({TOKEN_SHAPE})\n"
        r"[!-~]+\n"
        rf"(?:\*|{CONTACT_SHAPE})?\n\Z",
    )


class Message:
    """A parsed message: what :class:`Request` and :class:`Response` share.

    The typed views are made when first read and then kept; reading one raises
    :class:`ParseError` (400, naming the field) when the field is malformed or, where it is
    mandatory, missing.
    """

    __slots__ = (
        "_doubled",
        "body",
        "call_id",
        "contacts",
        "cseq",
        "expires",
        "from_",
        "headers",
        "max_forwards",
        "raw",
        "to",
        "top_via",
        "vias",
    )

    _views: ClassVar[Views]
    _doubled: bool

    raw: bytes
    """The octets as they came, whatever stood before the start line and behind the body included."""
    headers: dict[str, list[str]]
    """Values by lower-case long name, in order; folds are one blank, outer white space is gone."""
    body: bytes
    """As long as Content-Length says; without one, the rest of the datagram."""
    vias: list[Via]
    """Every hop, comma lists flattened, the top-most first."""
    top_via: Via
    """The sender's hop."""
    from_: NameAddr
    """From."""
    to: NameAddr
    """To."""
    cseq: CSeq
    """CSeq."""
    call_id: str
    """Call-ID."""
    contacts: list[NameAddr] | Star
    """Every contact, :data:`STAR`, or an empty list."""
    expires: int | None
    """The Expires field in seconds, clamped to 2**32-1; ``None`` if it is missing or malformed."""
    max_forwards: int | None
    """``None`` if it is missing or above 255, which is treated as missing (:rfc:`4475` 3.1.2.4)."""

    def __init__(self, raw: bytes, headers: dict[str, list[str]], body: bytes) -> None:
        self.raw = raw
        self.headers = headers
        self.body = body

    def __getattr__(self, name: str) -> Any:
        """Fill a slot that was never set: the typed view of that name."""
        make = self._views.get(name)
        if make is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        value = make(self)
        setattr(self, name, value)
        return value

    def first(self, name: str) -> str | None:
        """Return the first value of a header field, in any letter case, long or compact."""
        values = self.headers.get(name) or self.headers.get(_long_name(name))
        return values[0] if values else None

    def values(self, name: str) -> list[str]:
        """Return every value of a list header field, split at top-level commas.

        :raises ParseError: 400, a quote or ``<`` is never closed.
        """
        fields = self.headers.get(name) or self.headers.get(_long_name(name)) or ()
        try:
            return [piece for value in fields for piece in split_list(value)]
        except ParseError as error:
            raise error.placed(printed_name(name)) from None

    def fields(self) -> list[tuple[str, str]]:
        """Return every header field in order, names as written, folds collapsed."""
        head, _ = split_head(self.raw)
        pairs = []
        for line in unfold(head.split("\r\n")[1:]):
            name, _, value = line.partition(":")
            pairs.append((name.strip(WS), value.strip(WS)))
        return pairs


class Request(Message):
    """A request.

    After :meth:`check` the plain attributes below are set; before it they are made on demand, like
    the typed views. They are what the hot path of a registrar needs, without typed objects.
    """

    __slots__ = (
        "_plain_via",
        "branch",
        "branch_key",
        "credentials",
        "cseq_number",
        "from_aor",
        "from_tag",
        "has_require",
        "method",
        "plain_contact",
        "request_uri",
        "rport",
        "sent_host",
        "sent_port",
        "to_aor",
        "to_tag",
        "uri",
        "user_agent",
        "version",
    )

    _plain_via: bool

    method: str
    """Case-sensitive."""
    uri: str
    """The Request-URI as written."""
    version: str
    """``SIP/2.0`` for any request that passes :meth:`check`."""
    request_uri: Uri
    """The Request-URI taken apart; of any scheme, 416 is the caller's answer."""
    branch: str | None
    """The top Via's branch."""
    branch_key: str
    """The top Via's sent-by, host in lower case, and branch: half of a transaction's identity (17.2.3)."""
    sent_host: str
    """The host of the top Via's sent-by as written."""
    sent_port: int | None
    """The port of the top Via's sent-by."""
    rport: bool
    """Whether the top Via asks for :rfc:`3581`."""
    from_tag: str | None
    """The tag of From; RFC 2543 clients send none."""
    from_aor: str
    """The canonical address of record in From, see :attr:`Uri.aor`."""
    to_tag: str | None
    """The tag of To; a request outside a dialog has none."""
    to_aor: str
    """The canonical address of record in To, see :attr:`Uri.aor`."""
    cseq_number: int
    """The sequence number of CSeq."""
    plain_contact: str | None
    """The URI of the one contact, if there is one and no more, without parameters."""
    credentials: list[str]
    """Every value of Authorization."""
    user_agent: str
    """User-Agent; empty if it is missing."""
    has_require: bool
    """Whether there is a Require field."""

    def __init__(
        self, raw: bytes, headers: dict[str, list[str]], body: bytes, method: str, uri: str, version: str
    ) -> None:
        self.raw = raw
        self.headers = headers
        self.body = body
        self.method = method
        self.uri = uri
        self.version = version

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri}>"

    def check(self) -> None:
        """Prove that the request can be processed and answered (8.2, 16.3 step 1).

        Via, From, To, Call-ID and CSeq are there, once where they may be once, and well-formed;
        CSeq agrees with the method; the Request-URI is a URI; Contact, Expires and Max-Forwards are
        well-formed where that matters. A missing Max-Forwards is none of our business.

        :raises ParseError: 505 for another version, 400 for anything else, without status when
            there is no Via to answer by; ``request`` is this request.
        """
        try:
            self._check()
        except ParseError as error:
            error.request = self
            raise

    def _check(self) -> None:
        if self.version != "SIP/2.0" and self.version.upper() != "SIP/2.0":
            raise ParseError(505, "Version Not Supported", "the version is not SIP/2.0", field="start line")
        headers = self.headers
        if self._doubled:
            _check_single(headers)
        try:
            vias = headers["via"]
            from_ = headers["from"][0]
            to = headers["to"][0]
            cseq = headers["cseq"][0]
            call_id = headers["call-id"][0]
        except KeyError:
            raise _missing(headers) from None
        contacts = headers.get("contact")
        contact = contacts[0] if contacts is not None and len(contacts) == 1 else ""
        usual = "\n".join((vias[0], from_, to, cseq, call_id, contact, ""))
        shape = _usual_shape()
        found = shape.match(usual)
        if found is None and contact:  # a contact without <> or with an escape: the rest may still be usual
            found = shape.match("\n".join((vias[0], from_, to, cseq, call_id, "", "")))
            contact = ""
        if found is None or ".." in usual:
            method = self._check_typed()
        else:
            self.call_id = call_id
            method = self._take(found)
            if contacts is not None and not contact:
                _ = self.contacts
            if len(vias) > 1:
                _ = self.vias
        if method != self.method:
            raise bad("CSeq", "the method in CSeq is not the request's")
        if self.uri not in known_uris:
            _ = self.request_uri
        hops = headers.get("max-forwards")
        if hops is not None and hops[0] != "70":
            _ = self.max_forwards
        expires = headers.get("expires")
        if expires is None:
            self.expires = None
        else:
            text = expires[0]
            plain = text.isdigit() and text.isascii() and len(text) < 10
            self.expires = int(text) if plain else _headers().parse_expires(text)

    def _take(self, found: re.Match[str]) -> str:
        """Fill the plain attributes from a match of the usual shape; return the method in CSeq."""
        (
            host,
            port,
            rport,
            branch,
            late_rport,
            from_user,
            from_host,
            self.from_tag,
            to_user,
            to_host,
            self.to_tag,
            number,
            method,
            display,
            name,
            contact,
            params,
        ) = found.groups()
        self._plain_via = True
        self.branch = branch
        self.sent_host = host
        self.sent_port = int(port) if port else None
        self.branch_key = f"{host.lower()}:{port or ''} {branch}"
        self.rport = rport is not None or late_rport is not None
        self.from_aor = f"{from_user}@{from_host.lower()}" if from_user else from_host.lower()
        self.to_aor = f"{to_user}@{to_host.lower()}" if to_user else to_host.lower()
        self.cseq_number = int(number)
        if contact is not None:
            if display is None:
                display = name.strip(WS) or None
            self.contacts = [_headers().known_name_addr(display, contact, parse_params(params) if params else ())]
        return method

    def _check_typed(self) -> str:
        _ = self.vias, self.from_, self.to, self.call_id, self.contacts
        return self.cseq.method


class Response(Message):
    """A response."""

    __slots__ = ("reason", "status")

    status: int
    """100 to 699."""
    reason: str
    """The phrase; may be empty."""

    def __init__(self, raw: bytes, headers: dict[str, list[str]], body: bytes, status: int, reason: str) -> None:
        self.raw = raw
        self.headers = headers
        self.body = body
        self.status = status
        self.reason = reason

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason}>"

    def check(self) -> None:
        """Prove that the response can be matched to its request (18.1.2).

        :raises ParseError: without status, since responses are never answered.
        """
        try:
            if self._doubled:
                _check_single(self.headers)
            _ = self.vias, self.from_, self.to, self.call_id, self.cseq
        except ParseError as error:
            error.status = None
            raise


@cache
def _headers() -> Any:
    """Return the module of the typed classes, imported when first needed: the usual REGISTER never needs it."""
    from mockregistrar.sip import headers

    return headers


def _long_name(name: str) -> str:
    name = name.lower()
    return LONG_NAMES.get(name, name)


def _vias(message: Message) -> list[Via]:
    values = message.headers.get("via")
    if not values:
        raise _missing(message.headers, "via")
    return [via for value in values for via in _typed("Via", _headers().Via.parse_list, value)]


def _name_addr(key: str) -> Callable[[Message], NameAddr]:
    def view(message: Message) -> NameAddr:
        address: NameAddr = _typed(printed_name(key), _headers().NameAddr.parse, _only(message, key))
        return address

    return view


def _call_id(message: Message) -> str:
    value = _only(message, "call-id")
    if _CALL_ID_RE.fullmatch(value) is None:
        raise bad("Call-ID", f"expected one word without white space, found {excerpt(value)}")
    return value


def _max_forwards(message: Message) -> int | None:
    values = message.headers.get("max-forwards")
    if values is None:
        return None
    number = parse_number(values[0], 256)
    if number is None:
        raise bad("Max-Forwards", f"expected a number, found {excerpt(values[0])}")
    return number if number <= 255 else None


def _expires(message: Message) -> int | None:
    values = message.headers.get("expires")
    return None if values is None else _headers().parse_expires(values[0])


def _contacts(message: Message) -> list[NameAddr] | Star:
    contacts: list[NameAddr] | Star = _typed("Contact", _headers().parse_contacts, message.headers.get("contact", []))
    return contacts


def _request_uri(request: Request) -> Uri:
    uri = known_uris.get(request.uri)
    if uri is None:
        uri = _typed("Request-URI", Uri.parse, request.uri)
        if uri.headers:
            raise bad("Request-URI", "a Request-URI cannot hold header fields (?name=value)")
        if len(request.uri) <= _MEMO_KEY:
            if len(known_uris) >= _MEMO_SIZE:
                known_uris.clear()
            known_uris[request.uri] = uri
    return uri


def _plain_contact(request: Request) -> str | None:
    contacts = request.contacts
    if not isinstance(contacts, list) or len(contacts) != 1 or contacts[0].params:
        return None
    return contacts[0].uri_text


def _branch_key(request: Request) -> str:
    via = request.top_via
    return f"{canonical_host(via.host)}:{'' if via.port is None else via.port} {via.branch}"


_MESSAGE_VIEWS: Final[Views] = {
    "vias": _vias,
    "top_via": lambda message: message.vias[0],
    "from_": _name_addr("from"),
    "to": _name_addr("to"),
    "cseq": lambda message: _typed("CSeq", _headers().CSeq.parse, _only(message, "cseq")),
    "call_id": _call_id,
    "contacts": _contacts,
    "expires": _expires,
    "max_forwards": _max_forwards,
    "_doubled": lambda message: any(len(values) > 1 for values in message.headers.values()),
}
REQUEST_VIEWS: Final[Views] = {
    **_MESSAGE_VIEWS,
    "request_uri": _request_uri,
    "branch": lambda request: request.top_via.branch,
    "branch_key": _branch_key,
    "sent_host": lambda request: request.top_via.host,
    "sent_port": lambda request: request.top_via.port,
    "rport": lambda request: request.top_via.has_rport,
    "from_tag": lambda request: request.from_.tag,
    "from_aor": lambda request: request.from_.uri.aor,
    "to_tag": lambda request: request.to.tag,
    "to_aor": lambda request: request.to.uri.aor,
    "cseq_number": lambda request: request.cseq.number,
    "plain_contact": _plain_contact,
    "credentials": lambda request: request.headers.get("authorization", []),
    "has_require": lambda request: "require" in request.headers,
    "user_agent": lambda request: request.first("user-agent") or "",
    "_plain_via": lambda _: False,
}
Message._views = _MESSAGE_VIEWS
Request._views = REQUEST_VIEWS


def _typed(field: str, parse_value: Callable[[_In], _Out], value: _In) -> _Out:
    try:
        return parse_value(value)
    except ParseError as error:
        raise error.placed(field) from None


def _only(message: Message, key: str) -> str:
    values = message.headers.get(key)
    if not values:
        raise _missing(message.headers, key)
    if len(values) > 1:
        raise doubled(key)
    return values[0]


def _check_single(headers: dict[str, list[str]]) -> None:
    for key in _SINGLE:
        if len(headers.get(key, ())) > 1:
            raise doubled(key)


def doubled(key: str) -> ParseError:
    name = printed_name(key)
    return ParseError(BAD_REQUEST, f"Several {name} Fields", "it may be there only once", field=name)


def _missing(headers: dict[str, list[str]], *keys: str) -> ParseError:
    """Return the error for mandatory fields of which at least one is not there."""
    names = [printed_name(key) for key in keys or _MANDATORY if not headers.get(key)]
    status = None if "Via" in names else BAD_REQUEST
    return ParseError(status, f"Missing {names[0]}", f"mandatory, but not there: {', '.join(names)}", field=names[0])


def bad(field: str, detail: str) -> ParseError:
    return ParseError(BAD_REQUEST, f"Malformed {field}", detail, field=field)
