"""How a user agent answers challenges: which one it picks, and the count of what it answered with one nonce."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mockregistrar.client.manners import Manners
from mockregistrar.client.profile import Profile
from mockregistrar.sip.challenge import AUTO, Challenge, authorization
from mockregistrar.sip.digest import canonical_algorithm
from mockregistrar.sip.errors import ParseError


@dataclass(slots=True)
class Authority:
    """The challenge that later requests answer too, and how often it was answered."""

    header: str
    """``Authorization`` or ``Proxy-Authorization``."""
    challenge: Challenge
    count: int = 0
    """The nonce count of the last answer."""

    def covers(self, header: str, challenge: Challenge) -> bool:
        """Return whether `challenge` asks for nothing new, so that the count goes on."""
        known = self.challenge
        return (header, challenge.nonce, challenge.realm, challenge.algorithm, challenge.qop) == (
            self.header,
            known.nonce,
            known.realm,
            known.algorithm,
            known.qop,
        )

    def credentials(self, profile: Profile, manners: Manners, uri: str, cnonce: str) -> tuple[str, str]:
        """Return header name and value of the next answer, for a REGISTER with this digest `uri`."""
        self.count += 1
        challenge = self.challenge
        algorithm = challenge.algorithm
        if algorithm is None and manners.always_names_algorithm:
            algorithm = "MD5"
        qop: str | None = AUTO
        if manners.always_qop_auth:
            qop = "auth" if challenge.qop else None
        value = authorization(
            challenge,
            username=profile.digest_user,
            secret=None if profile.ha1 else profile.secret,
            ha1=profile.ha1 or None,
            method="REGISTER",
            uri=uri,
            nc=self.count,
            cnonce=cnonce,
            algorithm=algorithm,
            qop=qop,
            order=manners.authorization_order,
        )
        return self.header, value


def readable_challenges(values: Iterable[str]) -> list[Challenge]:
    """Return the Digest challenges among header values; what cannot be read is passed over."""
    found = []
    for value in values:
        challenge = _challenge(value)
        if challenge is not None:
            found.append(challenge)
    return found


def _challenge(value: str) -> Challenge | None:
    try:
        return Challenge.parse(value)
    except ParseError:  # another scheme, or one that no client could answer: the next header may be better
        return None


def choose(challenges: Iterable[Challenge], manners: Manners) -> Challenge | None:
    """Return the challenge that a client of these manners answers; None if it can answer none."""
    best: Challenge | None = None
    best_rank = len(manners.algorithms)
    for challenge in challenges:
        if challenge.algorithm_quoted and manners.skips_quoted_algorithm:
            continue
        algorithm = canonical_algorithm(challenge.algorithm)
        if algorithm not in manners.algorithms:
            continue
        if manners.picks_first:
            return challenge
        rank = manners.algorithms.index(algorithm)
        if rank < best_rank:
            best, best_rank = challenge, rank
    return best
