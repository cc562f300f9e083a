"""Asterisk's two SIP drivers, and the PBXs that are Asterisk with other settings.

chan_sip was measured: Asterisk 16.28. Of PJSIP the settings are those of `type=registration`; what it does with an
answer was read in `res_pjsip_outbound_registration.c`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.rules import ChallengeRule, Reaction, RefreshRule, RetryRule, reactions

_GIVING_UP = "Got error {status} on register to {user}@{host}, giving up (check config)"
_NO_LOGIN = "Failed to authenticate on REGISTER to '{user}@{host}' (Tries {tries})"

ASTERISK_CHAN_SIP: Final = Manners(
    name="asterisk-chan_sip",
    title="Asterisk (chan_sip)",
    user_agent="Asterisk PBX 16.28.0",
    # Statuses that chan_sip does not know are left to the registration timeout; Retry-After is never read.
    reactions=(
        (401, Reaction("answer")),
        (407, Reaction("answer")),
        (403, Reaction("stop", "Forbidden - wrong password on authentication for REGISTER for '{user}' to '{host}'")),
        (404, Reaction("stop", "Got 404 Not found on SIP register to service {user}@{host}, giving up")),
        (408, Reaction("wait", forgives=True)),
        (
            423,
            Reaction("adopt", "Got 423 Interval too brief for service {user}@{host}, minimum is {minimum} seconds"),
        ),
        (400, Reaction("stop", _GIVING_UP)),
        (414, Reaction("stop", _GIVING_UP)),
        (493, Reaction("stop", _GIVING_UP)),
    ),
    silence=Reaction(
        "retry",
        "   -- Registration for '{user}@{host}' timed out, trying again (Attempt #{following})",
        rule=RetryRule(0.0),
    ),
    rejected=Reaction("wait", _NO_LOGIN),
    zero_grant="default",
    refresh=RefreshRule(guard=15.0, short=30, share=0.2, least=0.5),
    default_expiry=120,
    attempt_timeout=20.0,
    paced_by_timeout=True,
    max_expiry=3600,
    forgets_minimum=True,
    challenges=ChallengeRule(pick="first", reads_quoted=False),
    max_auth_tries=3,
    stale_is_free=False,
    qop="auth",
    names_algorithm="always",
    authorization_order=(
        "username",
        "realm",
        "algorithm",
        "uri",
        "nonce",
        "response",
        "opaque",
        "qop",
        "cnonce",
        "nc",
    ),
    rport=False,
    answer_uri_port="never",
    escapes_user=False,
    tag_prefix="as",
    first_cseq=102,
    extra_headers=(("Supported", "replaces, timer"),),
    header_order=(
        "Via",
        "Max-Forwards",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Supported",
        "User-Agent",
        "Authorization",
        "Expires",
        "Contact",
    ),
    gave_up_log=(
        "   -- Last Registration Attempt #{attempt} failed, Giving up forever trying to register '{user}@{host}'"
    ),
    too_high_log="Required expiration time from {user}@{host} is too high, giving up",
)
"""Asterisk's old driver, up to version 20: what VICIdial runs."""

_ATTEMPT = "received from '{server}' on registration attempt to '{aor}'"
_FATAL = f"Fatal response '{{status}}' {_ATTEMPT}, stopping outbound registration"
_TEMPORAL_LOG = f"Temporal response '{{status}}' {_ATTEMPT}, retrying in '{{pause}}'"
# Retry-After is looked at first, whatever the status is, and such a delay is no retry that is counted.
_STOPS = Reaction("stop", _FATAL, heeds_retry_after=True)
_TEMPORAL = Reaction("retry", _TEMPORAL_LOG, heeds_retry_after=True, final_log=_FATAL)

ASTERISK_PJSIP: Final = Manners(
    name="asterisk-pjsip",
    title="Asterisk (PJSIP)",
    user_agent="Asterisk PBX 22.0.0",
    reactions=reactions(_STOPS, {423: Reaction("adopt"), **dict.fromkeys((408, 500, 502, 503, 504, 6), _TEMPORAL)}),
    silence=Reaction(
        "retry",
        "No response received from '{server}' on registration attempt to '{aor}', retrying in '{pause}'",
        final_log="Fatal registration attempt to '{aor}', stopping outbound registration",
    ),
    request_uri_host="registrar",
    rejected=_STOPS,
    brief_refused=_STOPS,
    soft_rejection=_TEMPORAL,
    zero_grant="removed",
    refresh=RefreshRule(guard=10.0),
    retry=RetryRule(60.0),
    initial_delay=(1.0, 10.0),
    max_retries=10,
    zero_delay_counts=False,
    challenges=ChallengeRule(("SHA-256", "MD5")),
    realm_rule="caseless",
    stale_is_free=False,
    reuse_nonce=False,
    upper_transport=True,
    gave_up_log=(
        "Maximum retries reached when attempting outbound registration to '{server}' with client '{aor}', "
        "stopping registration attempt"
    ),
    delayed_log=_TEMPORAL_LOG,
    forbidden_retry_log=f"403 Forbidden fatal response {_ATTEMPT}, retrying in '{{pause}}' seconds",
    fatal_retry_log=f"'{{status}}' fatal response {_ATTEMPT}, retrying in '{{pause}}' seconds",
    unanswerable_log="Failed to create authenticated REGISTER request to server '{server}' from client '{aor}'",
)
"""Asterisk's driver of today, with the defaults of `type=registration`.

It has one login in an attempt: a challenge to that is a refusal, though it be marked stale. A grant of 10 s or less
leaves nothing of the time it refreshes early, and it registers again at once, over and over. A grant of 0 s is to it
that it was unregistered, and it stays so."""

ASTERISK_PJSIP_16: Final = replace(
    ASTERISK_PJSIP,
    name="asterisk-pjsip-16",
    title="Asterisk 16 (PJSIP)",
    user_agent="Asterisk PBX 16.28.0",
    challenges=ChallengeRule(("SHA-256", "MD5"), needs="MD5"),
)
"""The same as Asterisk 16 has it: measured, it answers SHA-256 where MD5 is offered beside it, and not alone."""

FREEPBX_PJSIP: Final = replace(
    ASTERISK_PJSIP,
    name="freepbx-pjsip",
    title="FreePBX (PJSIP)",
    max_retries=10_000,
)
"""The same with what FreePBX writes for a trunk: `max_retries=10000`."""

MIKOPBX: Final = replace(
    ASTERISK_PJSIP,
    name="mikopbx",
    title="MikoPBX",
    default_expiry=120,
    retry=RetryRule(45.0),
    max_retries=200,
    forbidden_retry=300.0,
    fatal_retry=300.0,
    contact_user="{user}",
)
"""The same with what MikoPBX writes: 120 s, a retry after 45 s, 200 of them, and 300 s after a 403 or the like."""

FAMILY: Final = (ASTERISK_CHAN_SIP, ASTERISK_PJSIP, ASTERISK_PJSIP_16, FREEPBX_PJSIP, MIKOPBX)
