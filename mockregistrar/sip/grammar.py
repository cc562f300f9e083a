"""The grammar of :rfc:`3261` section 25.1, as far as several header fields share it.

Everything here works on header values whose folds are already collapsed, so white space is blanks
and tabs only. All expressions are anchored and free of nested repetition over the same characters:
the work is linear in the length of the text, whatever the text is.

Where it is more liberal than the letter, and why:

* a host label may hold ``_``: container networks hand out such names;
* a parameter value may be any visible ASCII but ``" , ; < > ? \\``: tags with ``=`` and unbracketed
  IPv6 addresses in ``received`` (:rfc:`5118` 4.5) are seen in the field;
* an unquoted display name may hold characters beyond ASCII;
* a Call-ID may be any run of visible characters: it is compared, never taken apart.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from mockregistrar.sip.errors import BAD_REQUEST, ParseError

WS: Final = " \t"
"""Linear white space once folds are gone."""

MAX_EXPIRES: Final = 2**32 - 1
"""delta-seconds end here (20.19)."""

TOKEN: Final = r"[-.!%*_+`'~0-9A-Za-z]+"
"""token (25.1)."""
QUOTED: Final = r'"[^"\\\x00-\x08\x0a-\x1f\x7f]*(?:\\[^\x0a\x0d][^"\\\x00-\x08\x0a-\x1f\x7f]*)*"'
"""quoted-string, the quotes included."""
NAME_HOST: Final = r"[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*\.?"
"""hostname or IPv4address."""
HOST: Final = rf"(?:{NAME_HOST}|\[[0-9A-Fa-f:.]+\])"
"""host; whether a bracketed one is an IPv6 address is :func:`mockregistrar.sip.uri.is_host`'s matter."""
VALUE: Final = rf"(?:[!#-+\-./0-9:=@-\[\]-~]+|{QUOTED})"
"""gen-value, liberally."""

_TOKEN_RE: Final = re.compile(TOKEN)
_PARAM_RE: Final = re.compile(rf"[ \t]*;[ \t]*({TOKEN})(?:[ \t]*=[ \t]*({VALUE}))?")
_PIECE_RE: Final = re.compile(rf'(?:[^",<]+|{QUOTED}|<[^>]*>)*')
_HEAD_RE: Final = re.compile(rf'(?:[^";<]+|{QUOTED}|<[^>]*>)*')
_ESCAPES_RE: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PAIR_RE: Final = re.compile(r"\\(.)", re.DOTALL)
_NUMBER_RE: Final = re.compile(r"[0-9]+")

METHODS: Final = frozenset(
    (
        "ACK",
        "BYE",
        "CANCEL",
        "INFO",
        "INVITE",
        "MESSAGE",
        "NOTIFY",
        "OPTIONS",
        "PRACK",
        "PUBLISH",
        "REFER",
        "REGISTER",
        "SUBSCRIBE",
        "UPDATE",
    )
)
"""The methods of :rfc:`3261` and its extensions; case-sensitive."""

LONG_NAMES: Final = MappingProxyType(
    {
        "a": "accept-contact",
        "b": "referred-by",
        "c": "content-type",
        "d": "request-disposition",
        "e": "content-encoding",
        "f": "from",
        "i": "call-id",
        "j": "reject-contact",
        "k": "supported",
        "l": "content-length",
        "m": "contact",
        "n": "identity-info",
        "o": "event",
        "r": "refer-to",
        "s": "subject",
        "t": "to",
        "u": "allow-events",
        "v": "via",
        "x": "session-expires",
        "y": "identity",
    }
)
"""Compact form -> long name, both lower-case (:rfc:`3261` 7.3.3 and the IANA registry)."""

_PRINTED: Final = MappingProxyType(
    {
        "call-id": "Call-ID",
        "content-id": "Content-ID",
        "cseq": "CSeq",
        "mime-version": "MIME-Version",
        "min-se": "Min-SE",
        "rack": "RAck",
        "rseq": "RSeq",
        "sip-etag": "SIP-ETag",
        "sip-if-match": "SIP-If-Match",
        "www-authenticate": "WWW-Authenticate",
    }
)


def printed_name(name: str) -> str:
    """Return a header field's name as people print it: ``cseq`` -> ``CSeq``, ``v`` -> ``Via``."""
    low = name.lower()
    low = LONG_NAMES.get(low, low)
    return _PRINTED.get(low) or "-".join(part.capitalize() for part in low.split("-"))


def is_token(text: str) -> bool:
    """Return whether ``text`` is a token (25.1): methods, header names, tags, parameter names."""
    return _TOKEN_RE.fullmatch(text) is not None


def parse_number(text: str, ceiling: int) -> int | None:
    """Return the value of ``1*DIGIT``, ``ceiling`` for anything beyond it, ``None`` if it is no number.

    Takes ASCII digits only and any number of them, leading zeros included.
    """
    if _NUMBER_RE.fullmatch(text) is None:
        return None
    digits = text.lstrip("0")
    if len(digits) > len(str(ceiling)):
        return ceiling
    return min(int(digits or "0"), ceiling)


def split_list(value: str) -> list[str]:
    """Split a header value at its top-level commas; quotes, escapes and ``<...>`` hold together.

    An empty value gives ``[]``. Elements are stripped and may be empty (``a,,b``): what that means
    is the caller's matter.

    :raises ParseError: a quote or ``<`` is never closed.
    """
    if '"' not in value and "<" not in value:
        value = value.strip(WS)
        return [piece.strip(WS) for piece in value.split(",")] if value else []
    pieces = []
    position = 0
    match = _PIECE_RE.match
    while True:
        end = _end_of(match(value, position), value, ",")
        pieces.append(value[position:end].strip(WS))
        if end == len(value):
            return pieces
        position = end + 1


def split_params(text: str) -> tuple[str, tuple[tuple[str, str | None], ...]]:
    """Split ``value;name=value;name`` into the part before the parameters, and the parameters.

    Names and values come as written (a quoted value keeps its quotes, see :func:`unquote`); a
    parameter without ``=`` has the value ``None``.

    :raises ParseError: an unclosed quote or ``<``, or something that is no parameter.
    """
    end = text.find(";")
    if end < 0 and '"' not in text and "<" not in text:
        return text.strip(WS), ()
    end = _end_of(_HEAD_RE.match(text), text, ";")
    return text[:end].strip(WS), parse_params(text, end)


def parse_params(text: str, position: int = 0) -> tuple[tuple[str, str | None], ...]:
    """Read ``*( ";" name [ "=" value ] )`` from ``position`` to the end of ``text``.

    :raises ParseError: with the offset of what is no parameter.
    """
    params: list[tuple[str, str | None]] = []
    match = _PARAM_RE.match
    while (found := match(text, position)) is not None:
        params.append((found[1], found[2]))
        position = found.end()
    rest = text[position:].strip(WS)
    if rest:
        offset = len(text) - len(text[position:].lstrip(WS))
        raise ParseError(
            BAD_REQUEST,
            "Malformed Parameter",
            f"expected a parameter (;name or ;name=value) at character {offset + 1}, found {excerpt(rest)}",
            offset=offset,
        )
    return tuple(params)


def _end_of(found: re.Match[str] | None, text: str, separator: str) -> int:
    """Return where a piece ends; what stops it short of ``separator`` is an unclosed quote or bracket."""
    end = found.end() if found is not None else 0
    if end < len(text) and text[end] != separator:
        what = "quote" if text[end] == '"' else "<"
        raise ParseError(
            BAD_REQUEST,
            "Malformed Header",
            f"the {what} at character {end + 1} is never closed, or holds what cannot be there",
            offset=end,
        )
    return end


def find_param(params: tuple[tuple[str, str | None], ...], name: str) -> tuple[bool, str | None]:
    """Return whether ``name`` (any case) is there, and its unquoted value; the first one counts."""
    name = name.lower()
    for key, value in params:
        if key.lower() == name:
            return True, unquote(value) if value is not None else None
    return False, None


def format_params(params: tuple[tuple[str, str | None], ...]) -> str:
    """Return ``;name=value;name``, values as they are."""
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in params])


def quote(text: str) -> str:
    """Return ``text`` as a quoted-string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquote(text: str) -> str:
    """Return what a quoted-string says; text that is not quoted comes back as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    return _PAIR_RE.sub(r"\1", inner) if "\\" in inner else inner


def unescape(text: str) -> str:
    """Return ``text`` with its ``%HH`` escapes decoded; a ``%`` that starts no escape stays.

    Octets that are not UTF-8 become surrogates, as everywhere here, so nothing is lost.
    """
    if "%" not in text:
        return text
    return _ESCAPES_RE.sub(_decode_escapes, text)


def _decode_escapes(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "surrogateescape")


def excerpt(text: str, limit: int = 24) -> str:
    """Return the beginning of ``text`` for an error's detail, quoted and with odd characters escaped."""
    return ascii(text if len(text) <= limit else text[:limit] + "...")


def split_head(data: bytes) -> tuple[str, int]:
    """Return the head as text, without line ends before it, and where the body begins or -1."""
    begin = len(data) - len(data.lstrip(b"\r\n"))
    end = data.find(b"\r\n\r\n", begin)
    head = data[begin:end] if end >= 0 else data[begin:]
    return head.decode("utf-8", "surrogateescape"), end + 4 if end >= 0 else -1


def unfold(lines: list[str]) -> list[str]:
    """Join continuation lines to the line they continue, one blank between (7.3.1)."""
    groups: list[list[str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and groups:
            groups[-1].append(line.strip(WS))
        else:
            groups.append([line.rstrip(WS)])
    return [" ".join(group) for group in groups]
