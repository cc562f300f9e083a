"""Tools that register once and end, and phones of which little is known.

SIPp 3.6.1 and sipsak 0.9.8 were measured. Neither refreshes and neither tries again: SIPp does what its scenario says,
and the usual one expects 401, then 200.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.plain import UNKNOWN
from mockregistrar.client.manners.rules import ChallengeRule, Reaction, RefreshRule, RetryRule, reactions

_ONCE = RefreshRule(guard=0.0, never=True)
_STOPS = Reaction("stop")

SIPP: Final = Manners(
    name="sipp",
    title="SIPp",
    user_agent="SIPp",
    reactions=reactions(_STOPS),
    silence=_STOPS,
    refresh=_ONCE,
    challenges=ChallengeRule(pick="first-only"),
    stale_is_free=False,
    names_algorithm="always",
    authorization_order=("username", "realm", "cnonce", "nc", "qop", "uri", "nonce", "response", "algorithm", "opaque"),
    contact_user="{user}",
    upper_transport=True,
)
"""SIPp with a scenario that logs in. A 407 is answered where the scenario expects one."""

SIPSAK: Final = replace(
    SIPP,
    name="sipsak",
    title="sipsak",
    user_agent="sipsak 0.9.8.1",
    authorization_order=("username", "uri", "algorithm", "realm", "nonce", "opaque", "qop", "nc", "cnonce", "response"),
    request_uri_port="always",
    answer_uri_port="always",
    digest_uri_port="always",
    aor_port="always",
    upper_transport=False,
    header_order=(
        "Authorization",
        "Via",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Max-Forwards",
        "User-Agent",
        "Expires",
        "Contact",
    ),
)
"""sipsak in usrloc mode. It cuts a port of five digits to four; here it does not."""

GRANDSTREAM: Final = replace(
    UNKNOWN,
    name="grandstream",
    title="Grandstream phone",
    user_agent="Grandstream",
    retry=RetryRule(20.0),
    contact_user="{user}",
)
"""A Grandstream phone: 60 minutes (P32), a retry after 20 s (P138). When it refreshes is not written down."""

FAMILY: Final = (SIPP, SIPSAK, GRANDSTREAM)
