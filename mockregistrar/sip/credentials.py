"""The value of an Authorization header field, read fast (:rfc:`7616` 3.4, :rfc:`2617` 3.2.2).

Theory of operation. A registrar under load reads one Authorization header per
request, and a client writes thousands of them alike: the same parameters in the same order, of which only
the *quoted* strings and the nonce count change. So the text is cut at its double quotes. What lies outside
them is the *skeleton*; what lies inside is data that cannot change the reading of the rest, unless there
is a backslash in it. The real parser below reads a skeleton once, with numbered stand-ins for the
strings, and leaves a *plan*: which string, or which unquoted literal, each field takes. A bounded table
maps skeletons to plans. Everything unusual (backslashes, an odd number of quotes, skeletons that do not
parse) goes through the real parser; so there is one grammar, and the table can only make it faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from mockregistrar.sip.errors import ParseError

_SCHEME: Final = re.compile(r"[ \t\r\n]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?=[ \t\r\n]|\Z)")
_PARAMETER: Final = re.compile(
    r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t\r\n]*=[ \t\r\n]*"
    r'(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^ \t\r\n",]*))[ \t\r\n]*(?=,|\Z)',
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_EXT_VALUE: Final = re.compile(
    r"(?i:(utf-8|iso-8859-1))'[A-Za-z0-9\-]*'((?:[!#$&+\-.^_`|~0-9A-Za-z]|%[0-9A-Fa-f]{2})*)"
)

_FIELDS: Final = (
    "username",
    "realm",
    "nonce",
    "uri",
    "response",
    "algorithm",
    "cnonce",
    "nc",
    "qop",
    "opaque",
)

_MAX_PLANS: Final = 512
_MAX_SKELETON: Final = 512
"""Characters in a skeleton worth remembering: real clients have about a hundred."""


class _Plan(NamedTuple):
    """Where each field of a known skeleton is found, in the text cut at its quotes plus the literals."""

    pick: Callable[[list[str]], tuple[str | None, ...]]
    literals: tuple[str | None, ...]
    places: tuple[tuple[str, int], ...]


_plans: dict[str, _Plan] = {}


class Credentials:
    """The value of one Authorization or Proxy-Authorization header field (:rfc:`7616` 3.4).

    Each well-known parameter is an attribute, unquoted and unescaped, None if it was not sent. Nothing is
    judged here: whether a missing ``nc`` matters, or an unknown algorithm, is the carrier's question.
    """

    __slots__ = (
        "_pieces",
        "_places",
        "algorithm",
        "cnonce",
        "nc",
        "nonce",
        "opaque",
        "qop",
        "realm",
        "response",
        "scheme",
        "uri",
        "username",
    )

    scheme: str
    """``Digest`` in this spelling, or another scheme as it was written."""
    username: str | None
    """The digest user name; ``username*`` decoded; the hash itself under ``userhash=true``."""
    realm: str | None
    nonce: str | None
    uri: str | None
    """As sent: the hash is made over it, whatever the Request-URI looks like."""
    response: str | None
    algorithm: str | None
    """As sent, in any letter case; see `canonical_algorithm`."""
    cnonce: str | None
    nc: str | None
    """As sent: normally eight hexadecimal digits."""
    qop: str | None
    opaque: str | None
    _pieces: list[str]
    _places: tuple[tuple[str, int], ...]

    @classmethod
    def parse(cls, value: str, *, field: str = "Authorization") -> Credentials:
        """Read a header value; raise ParseError (400) when it has no reading.

        Any order, letter case and spacing; quoted commas and escapes; unquoted values. Unknown parameters are
        kept in `params`. A parameter given twice has no one meaning and is refused (:rfc:`7235` 2.1).
        The parameters of a scheme other than Digest are not read. `field` names the header in the error.
        """
        pieces = value.split('"')
        plan = _plans.get('"'.join(pieces[::2]))
        if plan is None or "\\" in value:
            return _parse_credentials(value, field)
        pick, literals, places = plan
        pieces += literals  # type: ignore[arg-type]  # the last one is None, for the fields that are not there
        self = cls.__new__(cls)
        self.scheme = "Digest"
        (
            self.username,
            self.realm,
            self.nonce,
            self.uri,
            self.response,
            self.algorithm,
            self.cnonce,
            self.nc,
            self.qop,
            self.opaque,
        ) = pick(pieces)
        self._pieces = pieces
        self._places = places
        return self

    @property
    def params(self) -> dict[str, str]:
        """Every parameter, names in lower case, values unquoted and unescaped, in the order sent."""
        pieces = self._pieces
        return {name: pieces[at] for name, at in self._places}

    @property
    def userhash(self) -> bool:
        """Whether `username` is H(username:realm) instead of the name (:rfc:`7616` 3.4.4)."""
        return self.params.get("userhash", "").casefold() == "true"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Credentials):
            return NotImplemented
        return self.scheme == other.scheme and self.params == other.params

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        listed = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"Credentials({self.scheme}: {listed})"


def digest_fields(value: str, *, field: str = "Authorization") -> tuple[str | None, ...]:
    """Return username, realm, nonce, uri, response, algorithm, cnonce, nc, qop and opaque of a header value.

    They are the attributes that `Credentials.parse` would give them, without making the object for a value of known
    shape; all None for another scheme than Digest. Raises ParseError as that does.
    """
    pieces = value.split('"')
    plan = _plans.get('"'.join(pieces[::2]))
    if plan is None or "\\" in value:
        read = _parse_credentials(value, field)
        return tuple([getattr(read, name) for name in _FIELDS])
    pieces += plan[1]  # type: ignore[arg-type]  # the last one is None, for the fields that are not there
    return plan[0](pieces)


def _parse_credentials(value: str, field: str) -> Credentials:
    scheme, start = read_scheme(value, field, 400)
    self = Credentials.__new__(Credentials)
    if scheme.casefold() != "digest":
        self.scheme = scheme
        for name in _FIELDS:
            setattr(self, name, None)
        self._pieces, self._places = [], ()
        return self
    found, _ = read_parameters(value, start, field, 400)
    self.scheme = "Digest"
    for name in _FIELDS:
        setattr(self, name, found.get(name))
    if "username*" in found:
        self.username = _extended_username(found, value, field)
    self._pieces = list(found.values())
    self._places = tuple((name, at) for at, name in enumerate(found))
    _remember(value)
    return self


def _remember(value: str) -> None:
    """Leave a plan for the skeleton of a value that was just read, if it can have one."""
    pieces = value.split('"')
    gaps = pieces[::2]
    if "\\" in value or len(pieces) % 2 == 0 or len(gaps) == 1 or sum(map(len, gaps)) > _MAX_SKELETON:
        return
    # A stand-in holds a blank, so that it equals no unquoted literal.
    stand_ins = {f" {at}": at for at in range(1, len(pieces), 2)}
    skeleton = gaps[0] + "".join(f'"{text}"{gap}' for text, gap in zip(stand_ins, gaps[1:], strict=True))
    _, start = read_scheme(skeleton, "", None)
    found, _ = read_parameters(skeleton, start, "", None)
    if "username*" in found:  # its value is decoded, which a plan cannot do
        return
    literals: list[str | None] = []
    places: dict[str, int] = {}
    for name, text in found.items():
        if text in stand_ins:
            places[name] = stand_ins[text]
        else:
            places[name] = len(pieces) + len(literals)
            literals.append(text)
    nothing = len(pieces) + len(literals)
    if len(_plans) >= _MAX_PLANS:
        _plans.clear()
    _plans['"'.join(gaps)] = _Plan(
        itemgetter(*(places.get(name, nothing) for name in _FIELDS)),
        (*literals, None),
        tuple(places.items()),
    )


def read_scheme(value: str, field: str, status: int | None) -> tuple[str, int]:
    """Return the authentication scheme and where it ends; raise ParseError with `status` if there is none."""
    match = _SCHEME.match(value)
    if match is None:
        raise unreadable(field, status, "it does not begin with the name of an authentication scheme", 0)
    return match[1], match.end()


def read_parameters(
    value: str, start: int, field: str, status: int | None, *, first_counts: bool = False
) -> tuple[dict[str, str], set[str]]:
    """Return the parameters behind the scheme, names in lower case, and the names of those in quotes.

    Raises ParseError with `status` at the first thing that is no parameter, and at a repeated one unless
    `first_counts`.
    """
    found: dict[str, str] = {}
    in_quotes: set[str] = set()
    end = len(value)
    at = _skip(value, start)
    while at < end:
        match = _PARAMETER.match(value, at)
        if match is None:
            raise unreadable(field, status, "there is no parameter that can be read", at)
        name = match[1].lower()
        if name not in found:
            text = match[2]
            if text is None:
                found[name] = match[3]
            else:
                found[name] = _ESCAPE.sub(r"\1", text) if "\\" in text else text
                in_quotes.add(name)
        elif not first_counts:
            raise unreadable(field, status, f"the parameter {name} is there twice", at)
        at = _skip(value, match.end())
    return found, in_quotes


def _skip(value: str, at: int) -> int:
    """Return where the next parameter begins; empty list elements are allowed (:rfc:`7230` 7)."""
    end = len(value)
    while at < end and value[at] in " \t\r\n,":
        at += 1
    return at


def _extended_username(found: dict[str, str], value: str, field: str) -> str:
    """Return the name in ``username*`` (:rfc:`5987`), which excludes ``username`` (:rfc:`7616` 3.4)."""
    at = max(value.lower().find("username*"), 0)
    if "username" in found:
        raise unreadable(field, 400, "both username and username* are there", at)
    match = _EXT_VALUE.fullmatch(found["username*"])
    if match is None:
        raise unreadable(field, 400, "username* is not charset'language'percent-encoded text", at)
    octets = unquote_to_bytes(match[2])
    if match[1].casefold() == "utf-8":
        return octets.decode("utf-8", "surrogateescape")
    return octets.decode("iso-8859-1")


def unreadable(field: str, status: int | None, what: str, offset: int) -> ParseError:
    """Return the error that says what is wrong with the header `field` at character `offset`."""
    return ParseError(
        status,
        f"Malformed {field}",
        f"At character {offset + 1} {what}.",
        field=field,
        offset=offset,
    )
