"""The question that a digest answers: was it made with this password?

Counting is the caller's: one question costs about two microseconds with MD5, twice that with SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from mockregistrar.carrier.diagnosis.misses import Candidate, octets
from mockregistrar.sip.credentials import Credentials
from mockregistrar.sip.digest import canonical_algorithm, digest_response, ha1, ha2

try:
    from _md5 import md5 as _plain_md5  # type: ignore[import-not-found]  # the interpreter's own: half the time of OpenSSL's for so short a text
except ImportError:  # an interpreter without it
    _plain_md5 = hashlib.md5


def _hash_of(algorithm: str) -> Callable[[bytes], Any]:
    if algorithm == "MD5":
        make: Callable[[bytes], Any] = _plain_md5
        return make
    if algorithm == "SHA-256":
        return hashlib.sha256
    return lambda data: hashlib.new("sha512_256", data)


class Probe:
    """One digest as a client sent it, and everything in it but the password."""

    __slots__ = ("_digest", "_hash", "_head", "_response", "_session", "_tail", "algorithm", "credentials", "second")

    def __init__(
        self,
        credentials: Credentials,
        method: str,
        body: bytes = b"",
        *,
        username: str | None = None,
        realm: str | None = None,
    ) -> None:
        """Take `username` and `realm` from the credentials unless given. Raises ValueError for an unknown algorithm."""
        algorithm = canonical_algorithm(credentials.algorithm)
        if algorithm is None:
            raise ValueError(f"no such digest algorithm: {credentials.algorithm!r}")
        self.credentials = credentials
        self.algorithm = algorithm
        self._session = algorithm.endswith("-sess")
        self._hash = _hash_of(algorithm.removesuffix("-sess"))
        self._response = (credentials.response or "").lower()
        name = credentials.username if username is None else username
        place = credentials.realm if realm is None else realm
        self._head = octets(f"{name or ''}:{place or ''}:")
        entity = body if (credentials.qop or "").lower() == "auth-int" else None
        self.second = ha2(algorithm, method, credentials.uri or "", entity)
        nonce, cnonce, nc, qop = (
            credentials.nonce or "",
            credentials.cnonce or "",
            credentials.nc or "",
            credentials.qop,
        )
        middle = f":{nonce}:{self.second}" if qop is None else f":{nonce}:{nc}:{cnonce}:{qop}:{self.second}"
        self._tail = octets(middle)
        self._digest = octets(f":{nonce}:{cnonce}")

    def password(self, secret: bytes) -> bool:
        """Whether the digest was made with this password."""
        return self.ha1(self._hash(self._head + secret).hexdigest())

    def ha1(self, value: str) -> bool:
        """Whether the digest was made with this H(username:realm:password)."""
        make = self._hash
        if self._session:
            value = make(value.encode("ascii", "surrogateescape") + self._digest).hexdigest()
        found: str = make(value.encode("utf-8", "surrogateescape") + self._tail).hexdigest()
        return found == self._response

    def first(self, guesses: Iterator[Candidate], number: int) -> tuple[Candidate | None, int]:
        """Try the next `number` guesses; return the one that is right, and how many were tried."""
        tried = 0
        if self._session:
            for guess in islice(guesses, number):
                tried += 1
                if self.password(guess[0]):
                    return guess, tried
            return None, tried
        make, head, tail, response = self._hash, self._head, self._tail, self._response
        for guess in islice(guesses, number):
            tried += 1
            if make(make(head + guess[0]).hexdigest().encode() + tail).hexdigest() == response:
                return guess, tried
        return None, tried


METHODS_MISTAKEN: Final = ("REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "GET", "POST")


def ingredients(
    credentials: Credentials,
    secret: str,
    method: str,
    *,
    users: Iterable[str],
    realms: Iterable[str],
    uris: Iterable[str],
) -> tuple[str, str] | None:
    """Return which part of the digest was not the one in the header, with what stood in its place; None for none.

    The password is taken to be right. The part is ``user``, ``realm``, ``uri``, ``method``, ``qop``, ``nc``,
    ``cnonce`` or ``algorithm``.
    """
    response = (credentials.response or "").lower()
    own = canonical_algorithm(credentials.algorithm)
    if own is None:
        return None
    name, place, uri = credentials.username or "", credentials.realm or "", credentials.uri or ""
    nonce, nc, cnonce, qop = credentials.nonce or "", credentials.nc, credentials.cnonce, credentials.qop

    def right(
        first: str, second: str, algorithm: str = own, *, nc: str | None = nc, cnonce: str | None = cnonce,
        qop: str | None = qop,
    ) -> bool:  # fmt: skip
        return digest_response(algorithm, first, second, nonce, nc, cnonce, qop) == response

    usual, second = ha1(own, name, place, secret), ha2(own, method, uri)
    for other in users:
        if other != name and right(ha1(own, other, place, secret), second):
            return "user", other
    for other in realms:
        if other != place and right(ha1(own, name, other, secret), second):
            return "realm", other
    for other in uris:
        if other != uri and right(usual, ha2(own, method, other)):
            return "uri", other
    for other in METHODS_MISTAKEN:
        if other != method and right(usual, ha2(own, other, uri)):
            return "method", other
    if qop is not None and right(usual, second, qop=None):
        return "qop", "no qop"
    if qop is None and right(usual, second, qop="auth"):
        return "qop", "auth"
    for other in ("1", "0", "", (nc or "").lstrip("0"), (nc or "").upper(), (nc or "").lower()):
        if qop is not None and other != nc and right(usual, second, nc=other):
            return "nc", other
    if qop is not None and cnonce and right(usual, second, cnonce=""):
        return "cnonce", ""
    for algorithm in ("MD5", "SHA-256", "MD5-sess"):
        if algorithm != own and right(ha1(algorithm, name, place, secret), ha2(algorithm, method, uri), algorithm):
            return "algorithm", algorithm
    return None
