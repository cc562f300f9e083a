"""How a user agent answers challenges: which one it picks, and the count of what it answered with one nonce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.rules import ChallengeRule
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
        if manners.challenges.ignores_algorithm or (algorithm is None and manners.names_algorithm == "always"):
            algorithm = "MD5"
        order = manners.authorization_order
        if manners.names_algorithm == "never":
            order = tuple(name for name in order if name != "algorithm")
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
            qop=_qop(challenge, manners),
            order=order,
        )
        return self.header, value


def _qop(challenge: Challenge, manners: Manners) -> str | None:
    """Return the quality to answer with; None: answer without one."""
    if manners.qop == "best":
        return AUTO
    if manners.qop == "auth-int":
        return challenge.choose_qop(("auth-int", "auth"))
    return "auth" if manners.qop == "auth" and challenge.qop else None


def choose(values: Sequence[str], rule: ChallengeRule) -> Challenge | None:
    """Return which of these header values a client with this rule answers; None if it can answer none."""
    if rule.pick == "first-only":
        values = values[:1]
    elif rule.pick == "last-only":
        values = values[-1:]
    challenges = [challenge for value in values if (challenge := _challenge(value)) is not None]
    if rule.pick == "single" and len(challenges) > 1:
        return None
    if rule.needs and rule.needs not in {canonical_algorithm(challenge.algorithm) for challenge in challenges}:
        return None
    ranked = [(rank, challenge) for challenge in challenges if (rank := _rank(challenge, rule)) is not None]
    if rule.pick == "best":
        return min(ranked, key=lambda pair: pair[0], default=(0, None))[1]
    return ranked[0][1] if ranked else None


def _challenge(value: str) -> Challenge | None:
    try:
        return Challenge.parse(value)
    except ParseError:  # another scheme, or one that no client could answer: the next header may be better
        return None


def _rank(challenge: Challenge, rule: ChallengeRule) -> int | None:
    """Return how welcome a challenge is, best 0; None for one that cannot be answered."""
    if rule.ignores_algorithm:
        return 0
    if challenge.algorithm_quoted and not rule.reads_quoted:
        return None
    algorithm = canonical_algorithm(challenge.algorithm)
    return rule.algorithms.index(algorithm) if algorithm in rule.algorithms else None
