"""Typed views of the header fields a registrar and its clients take apart (:rfc:`3261` section 20).

Each class parses one header value whose folds are collapsed, and prints back what was written:
parameters keep their order, letter case, quotes and escapes; a contact's URI stays the text it
was, because clients look for their own URI in the answer and compare it as a string.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import Final

from mockregistrar.sip.errors import BAD_REQUEST, ParseError
from mockregistrar.sip.grammar import (
    HOST,
    MAX_EXPIRES,
    QUOTED,
    TOKEN,
    WS,
    excerpt,
    find_param,
    format_params,
    is_token,
    parse_number,
    parse_params,
    quote,
    split_list,
    unquote,
)
from mockregistrar.sip.uri import Params, Uri, is_host

MAX_CSEQ: Final = 2**31 - 1
"""A sequence number must be less than 2**31 (8.1.1.5)."""
_TOP_PORT: Final = 65535

_VIA_RE: Final = re.compile(
    rf"({TOKEN})[ \t]*/[ \t]*({TOKEN})[ \t]*/[ \t]*({TOKEN})[ \t]+({HOST})(?:[ \t]*:[ \t]*([0-9]+))?[ \t]*(?=;|\Z)"
)
# What an unquoted name cannot hold, not what it can: a class up to U+10FFFF takes milliseconds to compile.
_NEVER_BARE: Final = r"\x00-\x08\x0a-\x1f\"#$&(),/:;<=>?@\[\\\]^{|}\x7f"
_DISPLAY_RE: Final = re.compile(rf"(?:({QUOTED})[ \t]*|([^{_NEVER_BARE}]*))<")
_BARE_RE: Final = re.compile(r"[^;<>\"]*")
_CSEQ_RE: Final = re.compile(rf"([0-9]+)[ \t]+({TOKEN})")


@dataclass(frozen=True, slots=True)
class Via:
    """One hop (20.42)."""

    protocol: str
    """``SIP/2.0``."""
    transport: str
    """``UDP``, ``TCP``, ``TLS``, ``WS``... as written."""
    host: str
    """The host of sent-by as written; an IPv6 address in its brackets."""
    port: int | None = None
    """The port of sent-by."""
    params: Params = ()
    """As written."""

    @classmethod
    def parse(cls, text: str) -> Via:
        """Parse one via-parm.

        :raises ParseError: 400.
        """
        found = _VIA_RE.match(text)
        if found is None:
            raise _error("Via", f"expected protocol/version/transport and a host, found {excerpt(text)}", 0)
        host, digits = found[4], found[5]
        if host[0] == "[" and not is_host(host):
            raise _error("Via", f"{excerpt(host)} is no IPv6 address", found.start(4))
        port = None if digits is None else parse_number(digits, _TOP_PORT + 1)
        if port is not None and port > _TOP_PORT:
            raise _error("Via", f"the port is above {_TOP_PORT}", found.start(5))
        return cls(f"{found[1]}/{found[2]}", found[3], host, port, parse_params(text, found.end()))

    @classmethod
    def parse_list(cls, value: str) -> list[Via]:
        """Parse the comma list of one header field.

        :raises ParseError: 400, also for an empty element.
        """
        return [cls.parse(piece) for piece in _elements(value, "Via")]

    def __str__(self) -> str:
        return f"{self.protocol}/{self.transport} {self.sent_by}{format_params(self.params)}"

    def param(self, name: str) -> str | None:
        """Return a parameter's unquoted value; ``None`` if it is missing or has none."""
        return find_param(self.params, name)[1]

    @property
    def sent_by(self) -> str:
        """``host`` or ``host:port``, as written."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def branch(self) -> str | None:
        """The branch; one of :rfc:`3261` begins with ``z9hG4bK``."""
        return self.param("branch")

    @property
    def has_rport(self) -> bool:
        """Whether the sender asks for answers to its source port (:rfc:`3581`)."""
        return find_param(self.params, "rport")[0]

    @property
    def rport(self) -> int | None:
        """The source port a server filled in; ``None`` when it is missing, empty or no port."""
        number = parse_number(self.param("rport") or "", _TOP_PORT + 1)
        return None if number is None or number > _TOP_PORT else number

    @property
    def received(self) -> str | None:
        """The source address a server filled in."""
        return self.param("received")

    @property
    def maddr(self) -> str | None:
        """Where to send answers instead (18.2.2)."""
        return self.param("maddr")


def _nothing() -> None:
    """Stand in for a default, which a slot cannot have."""


@dataclass(frozen=True, slots=True)
class NameAddr:
    """A name-addr or addr-spec with header parameters: From, To, Contact, Route... (20.10)."""

    display: str | None
    """The display name without its quotes and escapes; ``None`` if there is none."""
    uri_text: str
    """The URI exactly as written."""
    params: Params = ()
    """The header parameters as written, quotes included; :meth:`param` unquotes."""
    _uri: Uri | None = field(init=False, repr=False, compare=False, default_factory=_nothing)

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        """Parse one value.

        Without ``<>``, what follows the first semicolon are parameters of the header field, and the
        URI may hold no comma or question mark (20.10).

        :raises ParseError: 400; the URI is checked as well.
        """
        text = text.strip(WS)
        found = _DISPLAY_RE.match(text)
        if found is not None:
            start = found.end()
            end = text.find(">", start)
            if end < 0:
                raise _error("Address", f"the < at character {start} is never closed", start - 1)
            quoted, bare = found[1], found[2]
            display = unquote(quoted) if quoted is not None else bare.strip(WS) or None
            address = cls(display, text[start:end], parse_params(text, end + 1))
        else:
            address = cls._parse_bare(text)
        object.__setattr__(address, "_uri", Uri.parse(address.uri_text))
        return address

    @classmethod
    def _parse_bare(cls, text: str) -> NameAddr:
        found = _BARE_RE.match(text)
        end = found.end() if found is not None else 0
        if end < len(text) and text[end] != ";":
            raise _error("Address", _what_about(text, end), end)
        uri = text[:end].strip(WS)
        if not uri:
            raise _error("Address", "there is no URI", 0)
        if (offset := uri.find("?")) >= 0:
            raise _error("Address", f"a URI with ? at character {offset + 1} must stand in <>", offset)
        if (offset := uri.find(",")) >= 0:
            raise _error(
                "Address", f"a URI or name with a comma at character {offset + 1} must stand in <> or quotes", offset
            )
        return cls(None, uri, parse_params(text, end))

    @property
    def uri(self) -> Uri:
        """The URI taken apart; parsed once.

        :raises ParseError: only if this object was made from a text that is no URI.
        """
        uri = self._uri
        if uri is None:
            uri = Uri.parse(self.uri_text)
            object.__setattr__(self, "_uri", uri)
        return uri

    def __str__(self) -> str:
        name = "" if self.display is None else quote(self.display) + " "
        return f"{name}<{self.uri_text}>{format_params(self.params)}"

    def param(self, name: str) -> str | None:
        """Return a header parameter's unquoted value; ``None`` if it is missing or has none."""
        return find_param(self.params, name)[1]

    def has_param(self, name: str) -> bool:
        """Return whether the header parameter is there, with or without a value."""
        return find_param(self.params, name)[0]

    @property
    def tag(self) -> str | None:
        """The tag of From or To (19.3)."""
        return self.param("tag")


_new: Final = object.__new__
_set_display: Final = NameAddr.__dict__["display"].__set__
_set_uri_text: Final = NameAddr.__dict__["uri_text"].__set__
_set_params: Final = NameAddr.__dict__["params"].__set__
_set_uri: Final = NameAddr.__dict__["_uri"].__set__


def known_name_addr(display: str | None, uri_text: str, params: Params) -> NameAddr:
    """Return what ``NameAddr(...)`` returns, in a third of the time: for the way of every REGISTER."""
    made = _new(NameAddr)
    _set_display(made, display)
    _set_uri_text(made, uri_text)
    _set_params(made, params)
    _set_uri(made, None)
    return made


class Star(enum.Enum):
    """The type of :data:`STAR`."""

    STAR = "*"


STAR: Final = Star.STAR
"""``Contact: *``: every binding of the address of record (10.2.2)."""


def parse_contacts(values: list[str]) -> list[NameAddr] | Star:
    """Parse all Contact fields of a message; :data:`STAR` if they say ``*`` and nothing else.

    :raises ParseError: 400, also for ``*`` beside other contacts.
    """
    contacts: list[NameAddr] = []
    stars = 0
    for value in values:
        for piece in _elements(value, "Contact"):
            if piece == "*":
                stars += 1
            else:
                contacts.append(NameAddr.parse(piece))
    if not stars:
        return contacts
    if contacts or stars > 1:
        raise _error("Contact", "* stands beside other contacts", None)
    return STAR


@dataclass(frozen=True, slots=True)
class CSeq:
    """Sequence number and method (20.16)."""

    number: int
    """0 to 2**31-1."""
    method: str
    """Case-sensitive."""

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Parse a CSeq value.

        :raises ParseError: 400, also for a number of 2**31 or above (8.1.1.5).
        """
        found = _CSEQ_RE.fullmatch(text.strip(WS))
        if found is None:
            raise _error("CSeq", f"expected a number and a method, found {excerpt(text)}", 0)
        number = parse_number(found[1], MAX_CSEQ + 1)
        if number is None or number > MAX_CSEQ:
            raise _error("CSeq", "the number is not below 2**31", 0)
        return cls(number, found[2])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


def parse_expires(text: str) -> int | None:
    """Return seconds, at most 2**32-1 however large the number; ``None`` if it is malformed.

    What a malformed value means is the caller's decision; :rfc:`3261` 20.10 suggests 3600.
    """
    return parse_number(text.strip(WS), MAX_EXPIRES)


def _elements(value: str, name: str) -> list[str]:
    pieces = split_list(value)
    if not pieces or not all(pieces):
        raise _error(name, "an element of the list is empty", None)
    return pieces


def _what_about(text: str, offset: int) -> str:
    if text[offset] == '"':
        return f"the quote at character {offset + 1} is never closed, or does not stand before <"
    if text[offset] == ">":
        return f"the > at character {offset + 1} was never opened"
    bad = next((i for i, c in enumerate(text[:offset]) if c not in WS and not is_token(c) and c < "\x80"), 0)
    return f"a display name with {text[bad]!a} (character {bad + 1}) must be quoted"


def _error(name: str, detail: str, offset: int | None) -> ParseError:
    return ParseError(BAD_REQUEST, f"Malformed {name}", detail, offset=offset)
