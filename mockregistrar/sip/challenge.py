"""Digest challenges as clients read them, and the credentials that answer them (:rfc:`7616` 3.3 and 3.4).

Apart from `digest`, since a registrar alone reads no challenge: it is spared the import.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mockregistrar.sip import digest
from mockregistrar.sip.credentials import read_parameters, read_scheme, unreadable
from mockregistrar.sip.digest import ALGORITHMS, canonical_algorithm, digest_response, ha2, user_hash

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
    first = ha1 if ha1 is not None else digest.ha1(used, username, challenge.realm, secret or "")
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
