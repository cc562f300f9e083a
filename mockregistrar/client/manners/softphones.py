"""Softphones: baresip, Linphone, Twinkle, pjsua and MicroSIP.

baresip 1.0.0, linphonec 5.1.65 and Twinkle 1.10.2 were measured against a registrar that answered everything; pjsua was
read in `pjsua_acc.c`, `sip_reg.c` and `sip_auth_client.c`, baresip's newer ways in `src/reg.c`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.rules import ChallengeRule, Reaction, RefreshRule, RetryRule, reactions
from mockregistrar.sip.challenge import AUTHORIZATION_ORDER

_BARESIP_LOG = "reg: {aor}: {status} {reason} ({software})"
_BARESIP_FAILURE = Reaction("retry", _BARESIP_LOG)

BARESIP: Final = Manners(
    name="baresip",
    title="baresip",
    user_agent="baresip v1.0.0 (x86_64/linux)",
    reactions=reactions(_BARESIP_FAILURE, {423: Reaction("adopt")}),
    silence=Reaction("retry", "reg: {aor}: Register: Connection timed out"),
    rejected=_BARESIP_FAILURE,
    brief_refused=_BARESIP_FAILURE,
    zero_grant="kept",
    refresh=RefreshRule(guard=0.0, short=float("inf"), share=0.1),
    retry=RetryRule(60.0, growth="doubling", longest=1800.0, spread=0.5),
    expiry_spread=255,
    challenges=ChallengeRule(pick="single"),
    max_auth_tries=15,
    stale_is_free=False,
    reuse_nonce=False,
    names_algorithm="never",
    authorization_order=("username", "realm", "nonce", "uri", "response", "opaque", "cnonce", "qop", "nc"),
    contact_user="{user}",
    contact_suffix="-0x{random}",
    expires_in="contact",
    extra_headers=(("Allow", "INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY,SUBSCRIBE,INFO,MESSAGE,REFER"),),
    header_order=(
        "Via",
        "Contact",
        "Max-Forwards",
        "Authorization",
        "To",
        "From",
        "Call-ID",
        "CSeq",
        "User-Agent",
        "Allow",
    ),
)
"""baresip 1.0, which Debian has.

With a wrong password it sends 16 REGISTERs in a burst. Whatever was refused, it tries again after half a minute to a
minute, twice that and so on, at most half an hour; nothing stops it."""

BARESIP_4: Final = replace(
    BARESIP,
    name="baresip-4",
    title="baresip 4",
    user_agent="baresip v4.0.0 (x86_64/linux)",
    challenges=ChallengeRule(("SHA-256", "MD5")),
    max_auth_tries=1,
    stale_is_free=True,
    reuse_nonce=True,
    names_algorithm="as-asked",
    authorization_order=AUTHORIZATION_ORDER,
    contact_suffix="",
)
"""baresip 4: SHA-256, one nonce for many requests, and two REGISTERs where 1.0 sends 16."""

# Of these it says that it will not try again, unless it is told when.
_LINPHONE_STOPS_UNLESS_TOLD = Reaction("stop", heeds_retry_after=True)
# A default in milliseconds that is multiplied as if it were seconds: almost 17 hours.
_LINPHONE_LONG_AFTER = Reaction("retry", rule=RetryRule(60_000.0), heeds_retry_after=True)

LINPHONE: Final = Manners(
    name="linphone",
    title="Linphone",
    user_agent="Linphonec/5.1.65",
    reactions=reactions(
        Reaction("retry"),
        {
            **dict.fromkeys((404, 480, 500), _LINPHONE_STOPS_UNLESS_TOLD),
            **dict.fromkeys((301, 302, 501, 505, 6), Reaction("stop")),
            **dict.fromkeys((481, 503), _LINPHONE_LONG_AFTER),
            423: Reaction("adopt"),
            491: Reaction("retry", rule=RetryRule(10.0, spread=1.0)),
        },
    ),
    silence=Reaction("retry", rule=RetryRule(2.0)),
    rejected=Reaction("retry"),
    brief_refused=Reaction("stop"),
    zero_grant="kept",
    refresh=RefreshRule(guard=0.0, short=float("inf"), share=0.1),
    retry=RetryRule(60.0),
    challenges=ChallengeRule(("SHA-256", "MD5"), pick="first"),
    stale_is_free=False,
    contact_user="{user}",
    contact_transport="always",
    first_cseq=20,
    extra_headers=(("Supported", "replaces, outbound, gruu"),),
    header_order=(
        "Via",
        "From",
        "To",
        "CSeq",
        "Call-ID",
        "Max-Forwards",
        "Supported",
        "Contact",
        "Expires",
        "User-Agent",
        "Authorization",
    ),
)
"""Linphone.

Of two challenges it answers the first. 404, 480 and 500 stop it, unless Retry-After says when to come back, and so do
501, 505, 6xx, and a redirection, which is not followed here; a 503 without Retry-After stops it for 60,000 s. Anything
else it tries again after 60 s, silence after 2 s."""

_TWINKLE_LOG = "{name}, registration failed: {status} {reason}"
_TWINKLE_FAILURE = Reaction("retry", _TWINKLE_LOG)

TWINKLE: Final = Manners(
    name="twinkle",
    title="Twinkle",
    user_agent="Twinkle/1.10.2",
    reactions=reactions(_TWINKLE_FAILURE, {423: Reaction("adopt")}),
    silence=Reaction("retry", "{name}, registration failed: 408 Request Timeout"),
    rejected=Reaction("stop", _TWINKLE_LOG),
    brief_refused=Reaction("stop", _TWINKLE_LOG),
    refresh=RefreshRule(guard=5.0, short=5.0),
    retry=RetryRule(30.0),
    challenges=ChallengeRule(pick="last-only"),
    realm_rule="exact",
    reuse_nonce=False,
    names_algorithm="always",
    authorization_order=("username", "realm", "nonce", "uri", "response", "algorithm", "opaque", "cnonce", "qop", "nc"),
    contact_user="{user}",
    contact_transport="always",
    expires_in="contact",
    extra_headers=(("Allow", "INVITE,ACK,BYE,CANCEL,OPTIONS,PRACK,REFER,NOTIFY,SUBSCRIBE,INFO,MESSAGE"),),
    header_order=(
        "Via",
        "Max-Forwards",
        "To",
        "From",
        "Call-ID",
        "CSeq",
        "Contact",
        "Authorization",
        "Allow",
        "User-Agent",
    ),
)
"""Twinkle: of several challenges it reads the last. Only a refused password stops it, and a 423 that names nothing
longer than it asked for; anything else it tries again after 30 s. A grant of 5 s or less is refreshed at its end."""

_PJSUA_LOG = "SIP registration failed, status={status} ({reason})"
_PJSUA_STOPS = Reaction("stop", _PJSUA_LOG)
_PJSUA_RETRIES = Reaction("retry", _PJSUA_LOG)

PJSUA: Final = Manners(
    name="pjsua",
    title="pjsua",
    user_agent="PJSUA v2.14",
    reactions=reactions(
        _PJSUA_STOPS,
        {423: Reaction("adopt"), **dict.fromkeys((408, 480, 500, 502, 503, 504, 6), _PJSUA_RETRIES)},
    ),
    silence=Reaction("retry", "SIP registration failed, status=408 (Request Timeout)"),
    request_uri_host="registrar",
    rejected=_PJSUA_STOPS,
    brief_refused=_PJSUA_STOPS,
    refresh=RefreshRule(guard=5.0, floor=5.0),
    retry=RetryRule(300.0, first=0.0, jitter=10.0),
    default_expiry=300,
    challenges=ChallengeRule(("SHA-256", "MD5")),
    realm_rule="named",
    max_auth_tries=3,
    stale_is_free=False,
    same_nonce_ends=True,
    reuse_nonce=False,
    contact_user="{user}",
    upper_transport=True,
)
"""pjsua, and what is built on pjsua-lib.

A challenge with another nonce is a stale one to it, marked or not: a wrong password costs four REGISTERs. Without
`--realm` its credentials fit no challenge. The first retry comes within 10 s, the next ones after 300 s
(`--reg-retry-interval`), 10 s more or less; 4xx but 408 and 480 stop it, as do 3xx, 501 and the like."""

MICROSIP: Final = replace(
    PJSUA,
    name="microsip",
    title="MicroSIP",
    user_agent="MicroSIP/3.21",
    realm_rule="any",
    rejected=Reaction("stop", "Incorrect Password"),
)
"""MicroSIP: pjsua, with `*` for the realm. What it prints is what its window shows."""

FAMILY: Final = (BARESIP, BARESIP_4, LINPHONE, TWINKLE, PJSUA, MICROSIP)
