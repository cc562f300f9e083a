"""A plain good citizen: what the RFCs ask of a client, and nothing else.

It stands in where nothing is known of a client: URIs, `.env` files, and systems whose retries nobody has written down.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.rules import ChallengeRule, Reaction, RefreshRule, RetryRule, reactions
from mockregistrar.sip.digest import ALGORITHMS

STOPS: Final = Reaction("stop", "{status} on REGISTER to {user}@{host}, giving up")
RETRIES: Final = Reaction("retry", "{status} on REGISTER to {user}@{host}, trying again later", heeds_retry_after=True)

RFC3261: Final = Manners(
    name="rfc3261",
    title="a client that goes by RFC 3261",
    user_agent="mockregistrar",
    settled=False,
    reactions=reactions(
        STOPS,
        {
            423: Reaction("adopt", "423 Interval Too Brief: the registrar wants at least {minimum} s"),
            408: RETRIES,
            480: RETRIES,
            3: Reaction("stop", "{status} on REGISTER to {user}@{host}, redirection is not followed"),
            5: RETRIES,
        },
    ),
    silence=Reaction("retry", "no answer to REGISTER of {user}@{host} (attempt {attempt})"),
    rejected=Reaction("stop", "{user}@{host}: the credentials were refused (tries: {tries})"),
    refresh=RefreshRule(guard=10.0, short=50, share=0.2, least=0.5),
    retry=RetryRule(30.0),
    challenges=ChallengeRule(tuple(name for name in ("SHA-512-256", "SHA-256", "MD5") if name in ALGORITHMS)),
    too_high_log="{user}@{host}: the registrar wants {minimum} s, which is too long",
)
"""A plain good citizen."""

UNKNOWN: Final = replace(
    RFC3261,
    reactions=tuple((status, replace(reaction, log="")) for status, reaction in RFC3261.reactions),
    silence=replace(RFC3261.silence, log=""),
    rejected=replace(RFC3261.rejected, log=""),
    too_high_log="",
)
"""The same without our own words: for systems of which hardly more is known than their defaults."""

FAMILY: Final = (RFC3261,)
