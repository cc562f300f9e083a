"""Digest authentication: challenges, credentials and the arithmetic between them.

Sources: :rfc:`2617` (MD5, qop, ``-sess``), :rfc:`7616` (SHA-256, SHA-512-256, userhash) and :rfc:`8760`
(which of them SIP uses, one challenge per header field). :rfc:`3261` section 22.4 says how SIP differs
from HTTP: the ``uri`` is the Request-URI in quotes and an empty body hashes as an empty entity.

Text is ``str`` decoded with ``surrogateescape``; it is encoded back before it is hashed, so that a user name
in any encoding hashes as it came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from mockregistrar.sip.credentials import Credentials, read_parameters, read_scheme, unreadable

__all__ = [
    "ALGORITHMS",
    "AUTHORIZATION_ORDER",
    "AUTO",
    "Challenge",
    "Credentials",
    "authorization",
    "canonical_algorithm",
    "digest_response",
    "expected_response",
    "ha1",
    "ha2",
    "user_hash",
]

_Hash = Callable[[bytes], "hashlib._Hash"]


def _hashes() -> dict[str, _Hash]:
    md5: _Hash = hashlib.md5
    try:
        md5(b"")
    except ValueError:  # FIPS mode: a mock protects nothing with MD5, so it may say so, at some cost per call
        md5 = partial(hashlib.md5, usedforsecurity=False)
    known: dict[str, _Hash] = {"MD5": md5, "SHA-256": hashlib.sha256}
    if "sha512_256" in hashlib.algorithms_available:
        known["SHA-512-256"] = partial(hashlib.new, "sha512_256")
    return known


_HASHES: Final = _hashes()

ALGORITHMS: Final[Mapping[str, bool]] = MappingProxyType(
    {name + suffix: bool(suffix) for name in _HASHES for suffix in ("", "-sess")}
)
"""The algorithms in canonical spelling, weakest first; the value says whether it is a ``-sess`` one.

SHA-512-256 is there only if this Python's OpenSSL has it."""

_CANONICAL: Final = {name.casefold(): name for name in ALGORITHMS}
# Looked up per request, so keyed by the spellings that are usual on the wire.
_HASH_OF: Final[dict[str, _Hash]] = {name: _HASHES[name.removesuffix("-sess")] for name in ALGORITHMS}

_PLAIN_HASH_OF: Final = {name: _HASH_OF[name] for name, session in ALGORITHMS.items() if not session}

AUTHORIZATION_ORDER: Final = (
    "username",
    "realm",
    "nonce",
    "uri",
    "response",
    "algorithm",
    "cnonce",
    "opaque",
    "qop",
    "nc",
)
"""The order in which `authorization` prints parameters when not told otherwise."""

_UNQUOTED: Final = frozenset({"algorithm", "qop", "nc", "stale", "userhash"})


def canonical_algorithm(name: str | None) -> str | None:
    """Return an algorithm in canonical spelling, ``MD5`` for None (:rfc:`7616` 3.3), or None if unknown."""
    return "MD5" if name is None else _CANONICAL.get(name.casefold())


def _hash_of(algorithm: str) -> _Hash:
    found = _HASH_OF.get(algorithm)
    if found is None:
        canonical = canonical_algorithm(algorithm)
        if canonical is None:
            raise ValueError(f"{algorithm!r} is not one of the digest algorithms {', '.join(ALGORITHMS)}")
        found = _HASH_OF[canonical]
    return found


def _digest(make: _Hash, text: str) -> str:
    return make(text.encode("utf-8", "surrogateescape")).hexdigest()


def ha1(algorithm: str, username: str, realm: str, secret: str) -> str:
    """Return H(username:realm:secret), the part that can be stored (:rfc:`7616` 3.4.2).

    It is the same for an algorithm and its ``-sess`` form: `digest_response` folds the session in.
    Raises ValueError for an algorithm that is not in `ALGORITHMS`.
    """
    return _digest(_hash_of(algorithm), f"{username}:{realm}:{secret}")


def ha2(algorithm: str, method: str, uri: str, body: bytes | None = None) -> str:
    """Return H(method:uri), or with a `body` H(method:uri:H(body)) for qop=auth-int (:rfc:`7616` 3.4.3).

    Raises ValueError for an algorithm that is not in `ALGORITHMS`.
    """
    make = _hash_of(algorithm)
    if body is None:
        return _digest(make, f"{method}:{uri}")
    return _digest(make, f"{method}:{uri}:{make(body).hexdigest()}")


def digest_response(
    algorithm: str,
    ha1: str,
    ha2: str,
    nonce: str,
    nc: str | None = None,
    cnonce: str | None = None,
    qop: str | None = None,
) -> str:
    """Return the ``response`` for precomputed `ha1` and `ha2` (:rfc:`7616` 3.4.1, :rfc:`2617` 3.2.2.1).

    A ``-sess`` algorithm folds nonce and cnonce into `ha1`. A missing `nc` or `cnonce` counts as empty:
    whether it may be missing is the caller's question. Raises ValueError for an unknown algorithm.
    """
    make = _PLAIN_HASH_OF.get(algorithm) or _hash_of(algorithm)
    if algorithm not in _PLAIN_HASH_OF and algorithm[-5:].casefold() == "-sess":
        ha1 = _digest(make, f"{ha1}:{nonce}:{cnonce or ''}")
    if qop is None:
        text = f"{ha1}:{nonce}:{ha2}"
    else:
        text = f"{ha1}:{nonce}:{nc or ''}:{cnonce or ''}:{qop}:{ha2}"
    return make(text.encode("utf-8", "surrogateescape")).hexdigest()


def expected_response(credentials: Credentials, ha1: str, method: str, body: bytes = b"") -> str:
    """Return the ``response`` that would be right for the secret behind `ha1`.

    Computed over nonce, uri, qop, nc and cnonce as sent; `body` counts for qop=auth-int alone. Raises
    ValueError if the credentials name an algorithm that is not in `ALGORITHMS`.
    """
    algorithm = credentials.algorithm or "MD5"
    qop = credentials.qop
    entity = body if qop is not None and qop.casefold() == "auth-int" else None
    second = ha2(algorithm, method, credentials.uri or "", entity)
    return digest_response(algorithm, ha1, second, credentials.nonce or "", credentials.nc, credentials.cnonce, qop)


def user_hash(algorithm: str, username: str, realm: str) -> str:
    """Return H(username:realm), what ``userhash=true`` sends in place of the name (:rfc:`7616` 3.4.4)."""
    return _digest(_hash_of(algorithm), f"{username}:{realm}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge, the value of a WWW-Authenticate or Proxy-Authenticate header field (:rfc:`7616` 3.3)."""

    realm: str
    nonce: str
    algorithm: str | None = "MD5"
    """As on the wire; None leaves it out, which means MD5."""
    qop: tuple[str, ...] = ("auth",)
    """The qualities offered; empty leaves the parameter out, as :rfc:`2069` servers do."""
    opaque: str | None = None
    stale: bool = False
    """Whether the digest was right and only the nonce too old."""
    domain: str | None = None
    userhash: bool = False
    algorithm_quoted: bool = False
    """Whether the algorithm stands in quotes: against the grammar, and chan_sip skips such a challenge."""

    def __str__(self) -> str:
        parts = [f"realm={_quote(self.realm)}"]
        if self.domain is not None:
            parts.append(f"domain={_quote(self.domain)}")
        parts.append(f"nonce={_quote(self.nonce)}")
        if self.algorithm is not None:
            parts.append(f"algorithm={_quote(self.algorithm) if self.algorithm_quoted else self.algorithm}")
        if self.qop:
            parts.append(f"qop={_quote(','.join(self.qop))}")
        if self.opaque is not None:
            parts.append(f"opaque={_quote(self.opaque)}")
        if self.userhash:
            parts.append("userhash=true")
        if self.stale:
            parts.append("stale=true")
        return "Digest " + ", ".join(parts)

    @classmethod
    def parse(cls, value: str, *, field: str = "WWW-Authenticate") -> Challenge:
        """Read a header value as tolerantly as clients do; raise ParseError if it is no Digest challenge.

        Realm and nonce must be there. Of a parameter given twice the first counts. The error has no
        status: nobody answers a response.
        """
        scheme, start = read_scheme(value, field, None)
        if scheme.casefold() != "digest":
            raise unreadable(field, None, "the scheme is not Digest", 0)
        found, in_quotes = read_parameters(value, start, field, None, first_counts=True)
        for needed in ("realm", "nonce"):
            if needed not in found:
                raise unreadable(field, None, f"{needed} is missing", len(value))
        offered = (name.strip(" \t\r\n") for name in found.get("qop", "").split(","))
        return cls(
            realm=found["realm"],
            nonce=found["nonce"],
            algorithm=found.get("algorithm"),
            qop=tuple(name for name in offered if name),
            opaque=found.get("opaque"),
            stale=found.get("stale", "").casefold() == "true",
            domain=found.get("domain"),
            userhash=found.get("userhash", "").casefold() == "true",
            algorithm_quoted="algorithm" in in_quotes,
        )

    def choose_qop(self, preferences: Iterable[str] = ("auth", "auth-int")) -> str | None:
        """Return the first of `preferences` that is offered, in any letter case; None: answer without qop."""
        offered = {name.casefold() for name in self.qop}
        return next((name for name in preferences if name in offered), None)


def _quote(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


AUTO: Final = "auto"
"""For `authorization`: answer the best quality offered."""


def authorization(
    challenge: Challenge,
    *,
    username: str,
    method: str,
    uri: str,
    secret: str | None = None,
    ha1: str | None = None,
    nc: int = 1,
    cnonce: str = "",
    body: bytes = b"",
    algorithm: str | None = None,
    qop: str | None = AUTO,
    order: Sequence[str] = AUTHORIZATION_ORDER,
) -> str:
    """Return the Authorization value that answers `challenge` (:rfc:`7616` 3.4).

    Give `secret`, or `ha1` (see the function of that name; without the session). `nc` is printed as eight
    hexadecimal digits. `algorithm` overrides what is printed and used; without it the challenge's is echoed,
    and left out if the challenge has none. `qop` overrides the choice; None answers without qop. `order`
    lists the parameters to print; one that does not apply is passed over.

    Raises ValueError for an unknown algorithm, for neither or both of `secret` and `ha1`, and for a value
    with a line break.
    """
    if (secret is None) == (ha1 is None):
        raise ValueError("give either the secret or the HA1 made of it")
    named = algorithm if algorithm is not None else challenge.algorithm
    used = canonical_algorithm(named)
    if used is None:
        raise ValueError(f"{named!r} is not one of the digest algorithms {', '.join(ALGORITHMS)}")
    if qop == AUTO:
        qop = challenge.choose_qop()
    first = ha1 if ha1 is not None else _ha1_of(used, username, challenge.realm, secret or "")
    second = ha2(used, method, uri, body if qop == "auth-int" else None)
    count = f"{nc:08x}"
    values: dict[str, str | None] = {
        "username": user_hash(used, username, challenge.realm) if challenge.userhash else username,
        "realm": challenge.realm,
        "nonce": challenge.nonce,
        "uri": uri,
        "response": digest_response(used, first, second, challenge.nonce, count, cnonce, qop),
        "algorithm": named,
        "opaque": challenge.opaque,
        "userhash": "true" if challenge.userhash else None,
    }
    if qop is not None:
        values.update(qop=qop, nc=count, cnonce=cnonce)
    elif used.endswith("-sess"):
        values["cnonce"] = cnonce
    printed = list(order) + ["userhash"] * ("userhash" not in order)
    parts = []
    for name in printed:
        text = values.get(name)
        if text is not None:
            parts.append(f"{name}={text if name in _UNQUOTED else _quote(text)}")
    line = "Digest " + ", ".join(parts)
    if "\r" in line or "\n" in line:
        raise ValueError("a line break in a digest parameter would begin a new header field")
    return line


_ha1_of: Final = ha1
