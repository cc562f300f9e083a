"""The objects of pjsip.conf and their options, as far as a registration needs them, with Asterisk 20's defaults."""

from __future__ import annotations

REGISTRATION = frozenset(
    [
        "type",
        "server_uri",
        "client_uri",
        "contact_user",
        "contact_header_params",
        "transport",
        "outbound_proxy",
        "outbound_auth",
        "expiration",
        "max_random_initial_delay",
        "retry_interval",
        "forbidden_retry_interval",
        "fatal_retry_interval",
        "max_retries",
        "auth_rejection_permanent",
        "support_path",
        "support_outbound",
        "line",
        "endpoint",
        "security_negotiation",
        "security_mechanisms",
        "user_agent",
    ]
)

AUTH = frozenset(
    [
        "type",
        "auth_type",
        "username",
        "password",
        "md5_cred",
        "realm",
        "nonce_lifetime",
        "refresh_token",
        "oauth_clientid",
        "oauth_secret",
        "password_digest",
        "supported_algorithms_uac",
        "supported_algorithms_uas",
    ]
)

IDENTIFY = frozenset(("type", "endpoint", "match", "srv_lookups", "match_header", "match_request_uri", "transport"))

TYPES = frozenset(
    [
        "registration",
        "auth",
        "endpoint",
        "aor",
        "identify",
        "transport",
        "acl",
        "global",
        "system",
        "domain_alias",
        "phoneprov",
        "contact",
        "outbound-publish",
        "inbound-publication",
        "asterisk-publication",
        "resource_list",
        "subscription_persistence",
        "wizard",
    ]
)

# Names of endpoints and AORs whose underscores get lost on wikis; nothing else is judged in those sections.
WIKI_NAMES = (
    "outbound_auth",
    "outbound_proxy",
    "from_user",
    "from_domain",
    "direct_media",
    "server_uri",
    "client_uri",
    "contact_user",
    "auth_type",
    "retry_interval",
    "max_retries",
    "qualify_frequency",
    "max_contacts",
    "rtp_symmetric",
    "rewrite_contact",
    "force_rport",
    "dtmf_mode",
    "identify_by",
)
SQUEEZED = {name.replace("_", ""): name for name in WIKI_NAMES}

# What chan_sip calls it, in hands that know chan_sip.
FROM_CHAN_SIP = {
    "secret": "password",
    "fromuser": "from_user",
    "fromdomain": "from_domain",
    "defaultuser": "username",
    "user": "username",
    "host": "server_uri",
    "outboundproxy": "outbound_proxy",
    "defaultexpiry": "expiration",
    "expiry": "expiration",
    "expires": "expiration",
    "registerattempts": "max_retries",
    "registertimeout": "retry_interval",
    "remotesecret": "password",
    "md5secret": "md5_cred",
    "authuser": "username",
    "auth_username": "username",
    "auth_user": "username",
}

EXPIRATION, RETRY_INTERVAL, MAX_RETRIES = 3600, 60, 10

# Names that people use for settings of other objects of the same trunk.
TRUE_WORDS = frozenset(("yes", "true", "y", "t", "1", "on"))
