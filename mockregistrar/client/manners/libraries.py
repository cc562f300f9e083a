"""Libraries that softphones and dialers are built with: JsSIP, SIP.js, pyVoIP.

JsSIP 3.13 and SIP.js 0.21 were read, pyVoIP 1.6.8 read and measured. The first two speak WebSocket only; here they use
the transport of the profile. A library hands a failure to its user, who may try again; by itself JsSIP and SIP.js do
nothing more.
"""

from __future__ import annotations

from typing import Final

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.rules import ChallengeRule, Reaction, RefreshRule, RetryRule, reactions

_STOPS = Reaction("stop")

JSSIP: Final = Manners(
    name="jssip",
    title="JsSIP",
    user_agent="JsSIP 3.13.5",
    reactions=reactions(_STOPS, {423: Reaction("adopt")}),
    silence=_STOPS,
    brief_refused=_STOPS,
    refresh=RefreshRule(guard=5.0, lowest=10, spread_above=64, spread_guard=32.0),
    default_expiry=600,
    challenges=ChallengeRule(pick="first-only"),
    reuse_nonce=False,
    qop="auth-int",
    names_algorithm="always",
    contact_user="{random}",
    expires_in="both",
    contact_params=";+sip.ice;reg-id=1",
)
"""JsSIP: any failure is handed to the application ("registrationFailed") and not tried again.

A grant of up to 64 s is refreshed 5 s early, a longer one at a random moment in its second half, 32 s early at the
latest."""

_SIPJS_FAILED = "Failed to register, status code {status}"
_SIPJS_STOPS = Reaction("stop", _SIPJS_FAILED)

SIPJS: Final = Manners(
    name="sipjs",
    title="SIP.js",
    user_agent="SIP.js/0.21.2",
    reactions=reactions(
        _SIPJS_STOPS, {423: Reaction("adopt"), 3: Reaction("stop", "Redirect received. Not supported.")}
    ),
    silence=Reaction(
        "stop",
        "User agent client request timed out. Generating internal 408 Request Timeout.\n"
        "Failed to register, status code 408",
    ),
    rejected=Reaction("stop", f"{{status}} apparently in authentication loop, cannot authenticate\n{_SIPJS_FAILED}"),
    unanswerable=_SIPJS_STOPS,
    brief_refused=Reaction("stop", "423 response received for REGISTER without Min-Expires, dropping response"),
    refresh=RefreshRule(guard=0.0, short=float("inf"), share=0.01),
    default_expiry=600,
    challenges=ChallengeRule(pick="first-only"),
    reuse_nonce=False,
    qop="auth-int",
    names_algorithm="always",
    contact_user="{random}",
    expires_in="contact",
)
"""SIP.js: a registration is refreshed when 99 % of it is over; a failure is the application's to deal with."""

_PYVOIP_FAILURE = Reaction("retry")

PYVOIP: Final = Manners(
    name="pyvoip",
    title="pyVoIP",
    user_agent="pyVoIP 1.6.8",
    reactions=reactions(_PYVOIP_FAILURE, {407: _PYVOIP_FAILURE, 500: Reaction("retry", rule=RetryRule(5.0))}),
    silence=_PYVOIP_FAILURE,
    rejected=_PYVOIP_FAILURE,
    refresh=RefreshRule(guard=5.0, by="asked"),
    retry=RetryRule(0.0),
    default_expiry=120,
    attempt_timeout=30.0,
    max_retries=2,
    challenges=ChallengeRule(pick="first", ignores_algorithm=True),
    stale_is_free=False,
    reuse_nonce=False,
    qop="never",
    names_algorithm="always",
    authorization_order=("username", "realm", "nonce", "uri", "response", "algorithm"),
    request_uri_port="never",
    answer_uri_port="never",
    digest_uri_port="never",
    contact_user="{user}",
    contact_transport="always",
    upper_transport=True,
    new_call_id="attempt",
    retransmits=False,
    extra_headers=(("Allow", "INVITE, ACK, BYE, CANCEL"),),
    header_order=(
        "Via",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Contact",
        "Allow",
        "Max-Forwards",
        "User-Agent",
        "Expires",
        "Authorization",
    ),
)
"""pyVoIP: it refreshes 5 s before the end of what it *asked* for, whatever was granted.

A failure of any kind is tried again at once (a 500 after 5 s), the third in a row stops it, and its user is told. It
takes any challenge for one of MD5, does not know 407, and obeys no 423. It sends each REGISTER once and waits 30 s."""

FAMILY: Final = (JSSIP, SIPJS, PYVOIP)
