"""Digest authentication: the arithmetic between a challenge and the credentials that answer it.

The challenge as clients read it, and their answer, are in :mod:`mockregistrar.sip.challenge`.

Sources: :rfc:`2617` (MD5, qop, ``-sess``), :rfc:`7616` (SHA-256, SHA-512-256, userhash) and :rfc:`8760`
(which of them SIP uses, one challenge per header field). :rfc:`3261` section 22.4 says how SIP differs
from HTTP: the ``uri`` is the Request-URI in quotes and an empty body hashes as an empty entity.

Text is ``str`` decoded with ``surrogateescape``; it is encoded back before it is hashed, so that a user name
in any encoding hashes as it came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from mockregistrar.sip.credentials import Credentials

__all__ = [
    "ALGORITHMS",
    "Credentials",
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
