"""Servers that register as clients: FreeSWITCH, Kamailio, OpenSIPS, 3CX.

FreeSWITCH: read in mod_sofia's `sofia_reg.c` and Sofia-SIP. Kamailio's uac: read and measured, version 5.6.3.
OpenSIPS: read in `uac_registrant`. What none of these settles is as the RFCs have it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.plain import UNKNOWN
from mockregistrar.client.manners.rules import ChallengeRule, Reaction, RefreshRule, RetryRule, reactions

_FAILED = (
    "{name} Failed Registration with status {reason} [{status}]. failure #{failures}\n"
    "{name} Failed Registration [{status}], setting retry to {pause} seconds."
)
_FAILURE = Reaction("retry", _FAILED)

FREESWITCH: Final = Manners(
    name="freeswitch",
    title="FreeSWITCH",
    user_agent="FreeSWITCH-mod_sofia",
    reactions=reactions(_FAILURE, {423: Reaction("adopt"), 503: Reaction("retry", _FAILED, flat=True)}),
    silence=Reaction("retry", _FAILED.replace("{status}", "408").replace("{reason}", "Request Timeout")),
    rejected=_FAILURE,
    refresh=RefreshRule(guard=15.0, short=30, share=0.5),
    retry=RetryRule(30.0, growth="count"),
    challenges=ChallengeRule(pick="single"),
    reuse_nonce=False,
    request_uri_host="registrar",
    contact_user="gw+{name}",
)
"""A gateway of mod_sofia.

After a failure it waits `retry-seconds` times the failures in a row, after a 503 only once that, and it never stops.
The realm of the configuration is not compared with that of the challenge. How often it answers challenges in one
attempt is not settled: once here, as the RFC wants."""

_BRANDED = Reaction("retry", "got sip response {status} while registering [{contact}]")

KAMAILIO_UAC: Final = Manners(
    name="kamailio-uac",
    title="Kamailio (uac)",
    user_agent="kamailio (5.6.3 (x86_64/linux))",
    reactions=reactions(_BRANDED, {423: Reaction("adopt")}),
    silence=Reaction("retry", "got sip response 408 while registering [{contact}]"),
    rejected=Reaction("retry", "authentication failed for <{contact}>"),
    unanswerable=Reaction("retry"),
    zero_grant="kept",
    refresh=RefreshRule(guard=3.0, timer=90.0, timer_early=True),
    adopts_later=True,
    doubles_expiry=True,
    challenges=ChallengeRule(pick="first-only"),
    realm_rule="exact",
    stale_is_free=False,
    reuse_nonce=False,
    names_algorithm="always",
    rport=False,
    request_uri_port="never",
    answer_uri_port="never",
    digest_uri_port="never",
    contact_user="{user}",
    contact_transport="never",
    new_call_id="attempt",
    restarts_cseq=True,
    first_cseq=10,
    header_order=(
        "Via",
        "To",
        "From",
        "CSeq",
        "Call-ID",
        "Max-Forwards",
        "User-Agent",
        "Contact",
        "Expires",
        "Authorization",
    ),
    unanswerable_log="failed to parse auth hdr body",
    unchallenged_log="failed to extract authenticate hdr",
    foreign_realm_log="realms do not match. requested realm: [{realm}]",
)
"""A record of `uacreg`: one failure of any kind disables it until `uac.reg_enable`, unless `reg_retry_interval` is set.

It looks at its records every `reg_timer_interval` (90 s) and refreshes what has no more than that and 3 s left, which
is too late for a grant of less than 90 s. Its `l_uuid` is the user part of the Contact. `expires` is a column
without a useful default: what the RFC suggests is asked for here."""

_TICK = 100.0
_LATER = Reaction("retry")

OPENSIPS_REGISTRANT: Final = Manners(
    name="opensips-registrant",
    title="OpenSIPS (uac_registrant)",
    user_agent="OpenSIPS",
    reactions=reactions(_LATER, {423: Reaction("adopt"), 3: Reaction("retry", "Redirection not implemented yet")}),
    silence=_LATER,
    rejected=Reaction("retry", "Wrong credentials for [{aor}]"),
    unanswerable=_LATER,
    refresh=RefreshRule(guard=0.0, timer=_TICK, timer_early=True),
    retry=RetryRule(0.0, timer=_TICK),
    stale_is_free=False,
    reuse_nonce=False,
    request_uri_host="registrar",
    contact_user="{user}",
    expires_in="contact",
    new_call_id="failure",
    unchallenged_log="Unable to extract authentication info",
    short_grant_log=(
        "Please decrease timer_interval=[{timer}] - imposed server expires [{expires}] to small for AOR=[{aor}]"
    ),
)
"""A record of `registrant`: all it does it does when its timer comes by, every `timer_interval` (100 s).

A registration is refreshed one interval before its end, so a grant of 100 s or less is refreshed too late; a failed
one, whatever the reason, is tried again at the next visit. How it chooses among several challenges is not settled."""

THREE_CX: Final = replace(
    UNKNOWN,
    name="3cx",
    title="3CX",
    user_agent="3CXPhoneSystem",
    default_expiry=600,
    aor_port="unless-default",
    contact_user="{user}",
)
"""A trunk of 3CX as its template has it: 600 s, the port stays in the address of record. The rest is the RFC's."""

FAMILY: Final = (FREESWITCH, KAMAILIO_UAC, OPENSIPS_REGISTRANT, THREE_CX)
