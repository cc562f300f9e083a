"""SIP and SIPS URIs (:rfc:`3261` 19.1), and room for those of any other scheme.

A parsed URI prints as it was written. Comparison is two things here: ``==`` compares what was
written, part by part; :meth:`Uri.equivalent` is the comparison of section 19.1.4, which is
reflexive and symmetric but, by the RFC's own rules, not transitive.

Liberal where phones want it: ``#`` may stand unescaped in a user part (feature codes), ``_`` in a
host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final

from mockregistrar.sip.errors import BAD_REQUEST, ParseError
from mockregistrar.sip.grammar import HOST, excerpt, format_params, unescape

_UNRESERVED: Final = r"\-_.!~*'()0-9A-Za-z"
_PARAM: Final = rf"[\[\]/:&+${_UNRESERVED}%]+"
_SIP_RE: Final = re.compile(
    rf"(?i:sips?):"
    rf"(?:(?P<user>[&=+$,;?/#{_UNRESERVED}%]+)(?::(?P<password>[&=+$,{_UNRESERVED}%]*))?@)?"
    rf"(?P<host>{HOST})(?::(?P<port>[0-9]+))?"
    rf"(?P<params>(?:;{_PARAM}(?:={_PARAM})?)*)"
    rf"(?:\?(?P<headers>[\[\]/?:+$&={_UNRESERVED}%]+))?"
)
_SCHEME_RE: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_OPAQUE_RE: Final = re.compile(rf"[;/?:@&=+$,\[\]{_UNRESERVED}%]+")
_BAD_ESCAPE_RE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE_RE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN: Final = frozenset("-_.!~*'()0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ#")
_NEVER_ONE_SIDED: Final = frozenset(("user", "ttl", "method", "maddr", "transport"))
"""Parameters that must be in both or in neither (19.1.4; ``transport`` by its examples)."""
_TOP_PORT: Final = 65535

Params = tuple[tuple[str, "str | None"], ...]


@dataclass(frozen=True, slots=True)
class Uri:
    """A URI taken apart; every part is as written unless its docstring says otherwise."""

    scheme: str
    """Lower-case: ``sip``, ``sips``, ``tel``..."""
    user: str | None = None
    """Escapes left alone; see :attr:`unescaped_user`."""
    password: str | None = None
    host: str = ""
    """A name or an address; an IPv6 address in its brackets."""
    port: int | None = None
    params: Params = ()
    """Name and value, ``None`` for a parameter without ``=``."""
    headers: tuple[tuple[str, str], ...] = ()
    opaque: str = ""
    """Everything behind the colon, when the scheme is neither ``sip`` nor ``sips``."""
    _text: str = field(init=False, repr=False, compare=False, default_factory=str)

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Parse a URI; nothing may stand around it, no white space and no ``<>``.

        :raises ParseError: 400, saying which character is wrong.
        """
        found = _SIP_RE.fullmatch(text)
        if found is None:
            return cls._parse_other(text)
        if "%" in text and (bad := _BAD_ESCAPE_RE.search(text)) is not None:
            raise _error(f"the % at character {bad.start() + 1} starts no escape (%HH)", bad.start())
        host = found["host"]
        if host[0] == "[" and not is_host(host):
            raise _error(f"{excerpt(host)} is no IPv6 address", found.start("host"))
        port = found["port"]
        if port is not None and (len(port) > 20 or int(port) > _TOP_PORT):
            raise _error(f"the port is above {_TOP_PORT}", found.start("port"))
        uri = cls(
            scheme="sips" if text[3] in "sS" else "sip",
            user=found["user"],
            password=found["password"],
            host=host,
            port=int(port) if port is not None else None,
            params=_parse_params(found["params"]),
            headers=_parse_headers(found["headers"], found.start("headers")),
        )
        object.__setattr__(uri, "_text", text)
        return uri

    @classmethod
    def _parse_other(cls, text: str) -> Uri:
        scheme = _SCHEME_RE.match(text)
        if scheme is None and text[:1] in (" ", "\t"):
            raise _error("white space before the URI", 0)
        if scheme is None and text[:1] == "<":
            raise _error("the URI must not stand in <> here", 0)
        if scheme is None:
            raise _error(f"expected a scheme and a colon, found {excerpt(text)}", 0)
        name = scheme[1].lower()
        if name in ("sip", "sips"):
            raise _explain(text)
        if (found := _OPAQUE_RE.match(text, scheme.end())) is None or found.end() < len(text):
            offset = found.end() if found is not None else scheme.end()
            raise _error(f"character {offset + 1} cannot be in a URI: {excerpt(text[offset:])}", offset)
        uri = cls(scheme=name, opaque=text[scheme.end() :])
        object.__setattr__(uri, "_text", text)
        return uri

    def __str__(self) -> str:
        if self._text:
            return self._text
        if self.opaque:
            return f"{self.scheme}:{self.opaque}"
        userinfo = ""
        if self.user is not None:
            userinfo = f"{self.user}@" if self.password is None else f"{self.user}:{self.password}@"
        port = "" if self.port is None else f":{self.port}"
        headers = "?" + "&".join([f"{name}={value}" for name, value in self.headers]) if self.headers else ""
        return f"{self.scheme}:{userinfo}{self.host}{port}{format_params(self.params)}{headers}"

    def param(self, name: str) -> str | None:
        """Return a URI parameter's value as written; ``None`` if it is missing or has none.

        Names are compared in any letter case and with escapes decoded (:rfc:`4475` 3.1.1.3).
        """
        return self._find(name)[1]

    def has_param(self, name: str) -> bool:
        """Return whether the URI parameter is there, with or without a value."""
        return self._find(name)[0]

    def _find(self, name: str) -> tuple[bool, str | None]:
        name = name.lower()
        for key, value in self.params:
            if unescape(key).lower() == name:
                return True, value
        return False, None

    @property
    def unescaped_user(self) -> str | None:
        """The user part with its escapes decoded."""
        return None if self.user is None else unescape(self.user)

    @property
    def aor(self) -> str:
        """The canonical address of record, ``user@host`` (10.3 step 5).

        User unescaped, host lower-case and without a final dot, an IPv6 address in its shortest
        form; no scheme, password, port or parameters. Without a user it is the host alone; of other
        schemes the whole URI.
        """
        if self.opaque:
            return f"{self.scheme}:{self.opaque}"
        host = canonical_host(self.host)
        return host if self.user is None else f"{unescape(self.user)}@{host}"

    def equivalent(self, other: Uri) -> bool:
        """Return whether both mean the same resource by the rules of :rfc:`3261` 19.1.4."""
        if self.scheme != other.scheme or self.port != other.port:
            return False
        if self.opaque or other.opaque:
            return _normal(self.opaque) == _normal(other.opaque)
        if canonical_host(self.host) != canonical_host(other.host):
            return False
        if _normal(self.user) != _normal(other.user) or _normal(self.password) != _normal(other.password):
            return False
        mine, theirs = _folded(self.params), _folded(other.params)
        if any((name in mine) != (name in theirs) for name in _NEVER_ONE_SIDED):
            return False
        if any(theirs.get(name, value) != value for name, value in mine.items()):
            return False
        return _sorted_headers(self.headers) == _sorted_headers(other.headers)


def is_host(text: str) -> bool:
    """Return whether ``text`` is a host (25.1): a name, an IPv4 address, an IPv6 one in brackets."""
    if _HOST_RE.fullmatch(text) is None:
        return False
    return text[0] != "[" or _ipv6(text) is not None


_HOST_RE: Final = re.compile(HOST)
_LONGEST_IPV6: Final = 64
_THREE_COLONS_RE: Final = re.compile(r":::(?=[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+\Z)")


def canonical_host(host: str) -> str:
    """Return a host for comparing: lower-case, no final dot, IPv6 in its shortest form."""
    if host[:1] == "[" and (address := _ipv6(host)) is not None:
        return f"[{address.compressed}]"
    return host.lower().rstrip(".")


def _ipv6(reference: str) -> IPv6Address | None:
    return _ipv6_memo(reference) if len(reference) <= _LONGEST_IPV6 else None


@lru_cache(maxsize=512)
def _ipv6_memo(reference: str) -> IPv6Address | None:
    text = reference[1:-1]
    if ":::" in text:  # the grammar of RFC 3261 asks for it before an IPv4 part; RFC 5118 4.10: tolerate it
        text = _THREE_COLONS_RE.sub("::", text)
    try:
        return IPv6Address(text)
    except ValueError:
        return None


def _parse_params(text: str) -> Params:
    if not text:
        return ()
    params: list[tuple[str, str | None]] = []
    for piece in text[1:].split(";"):
        name, equals, value = piece.partition("=")
        params.append((name, value if equals else None))
    return tuple(params)


def _parse_headers(text: str | None, offset: int) -> tuple[tuple[str, str], ...]:
    if text is None:
        return ()
    headers = []
    for piece in text.split("&"):
        name, equals, value = piece.partition("=")
        if not name or not equals or "=" in value:
            raise _error(f"{excerpt(piece)} behind the ? is no name=value", offset)
        headers.append((name, value))
    return tuple(headers)


def _normal(text: str | None) -> str | None:
    """Decode the escapes that mean the same as their character (19.1.4); the others in upper case."""
    if text is None or "%" not in text:
        return text
    return _ESCAPE_RE.sub(_normal_escape, text)


def _normal_escape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _PLAIN else found[0].upper()


def _folded(params: Params) -> dict[str, str | None]:
    folded: dict[str, str | None] = {}
    for name, value in params:
        normal = _normal(value)
        folded.setdefault((_normal(name) or "").lower(), normal.lower() if normal is not None else None)
    return folded


def _sorted_headers(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return sorted([((_normal(name) or "").lower(), _normal(value) or "") for name, value in headers])


def _error(detail: str, offset: int) -> ParseError:
    return ParseError(BAD_REQUEST, "Malformed URI", detail, offset=offset)


def _explain(text: str) -> ParseError:
    """Return the error for a sip: text that is no SIP URI: the first character that does not fit."""
    for offset, character in enumerate(text):
        if character in " \t":
            return _error(f"white space at character {offset + 1}", offset)
        if character in '<>"\\^`{|}' or not "!" <= character <= "~":
            return _error(f"{character!a} at character {offset + 1} must be escaped", offset)
    host = text.rfind("@") + 1 or text.find(":") + 1
    found = _SIP_RE.match(text)
    if found is None or _HOST_RE.match(text, host) is None:
        return _error(f"no host at character {host + 1}: {excerpt(text[host:])}", host)
    offset = found.end()
    if text[offset : offset + 1] == ":":
        return _error(
            f"no port behind the colon at character {offset + 1} (is it an IPv6 address without [ ]?)", offset
        )
    return _error(f"cannot go on at character {offset + 1}: {excerpt(text[offset:])}", offset)
