"""Servers as they come: what each does unless its configuration says otherwise.

Read in their sources and documentation; Kamailio's row is held against a running one by a test. What is not known of a
server stays at the default, and is listed in `unknown`.
"""

from __future__ import annotations

from mockregistrar.carrier.checking import EXPIRES_LIMIT
from mockregistrar.carrier.personas.model import Persona

DEFAULT = Persona(
    name="default",
    kind="server",
    title="What real clients can live with: the settings as they are; it changes nothing.",
)

_SEEN = "seen on the wire of 5.6.3"

KAMAILIO = Persona(
    name="kamailio",
    kind="server",
    title="Kamailio with auth, registrar and usrloc as they come: no qop, short expiries raised silently.",
    knobs={
        "algorithms": ("MD5",),
        "algorithm_form": "omitted",
        "qop": ("none",),
        "nonce_ttl": 300.0,
        "stale": False,
        "wrong_password": "401",
        "unknown_user": "401",
        "default_expires": 3600,
        "min_expires": 60,
        "max_expires": EXPIRES_LIMIT,
        "short_expires": "raise",
        "grant_in": "contact",
        "contacts_joined": True,
        "max_contacts": 100,
        "too_many_contacts": "503",
        "date": False,
        "server": "kamailio (5.6.3 (x86_64/linux))",
    },
    sources={
        "algorithms": "auth module, parameter algorithm: empty unless set",
        "algorithm_form": f"{_SEEN}: no algorithm parameter unless the module's is set",
        "qop": "auth module, parameter qop: unset unless set",
        "nonce_ttl": "auth module, parameter nonce_expire: 300",
        "stale": f"{_SEEN}, with the usual route: www_challenge() says nothing of it by itself",
        "wrong_password": f"{_SEEN}, with the usual route: www_challenge() after any failure",
        "unknown_user": f"{_SEEN}, with the usual route: www_challenge() after any failure",
        "default_expires": "registrar module, parameter default_expires: 3600",
        "min_expires": "registrar module, parameter min_expires: 60",
        "max_expires": f"{_SEEN}: none, unless the registrar module's max_expires is set",
        "short_expires": "registrar module, parameter min_expires_mode: 0, raise; 1 is 423",
        "grant_in": _SEEN,
        "contacts_joined": _SEEN,
        "max_contacts": "none, unless the registrar module's max_contacts is set; a mock has bounds",
        "too_many_contacts": f"{_SEEN}: 503, Retry-After only if the registrar module's retry_after is set",
        "date": f"{_SEEN}: a 200 has none",
        "server": f"{_SEEN}: in every answer",
    },
    unknown=("realm", "realm_rule"),
)

OPENSIPS = Persona(
    name="opensips",
    kind="server",
    title="OpenSIPS with auth, registrar and usrloc: a nonce of 30 s is good for one request, no 423 at all.",
    knobs={
        "algorithms": ("MD5",),
        "nonce_ttl": 30.0,
        "nonce_use": "once",
        "default_expires": 3600,
        "min_expires": 60,
        "short_expires": "raise",
        "too_many_contacts": "503",
    },
    sources={
        "algorithms": "auth module: MD5 unless www_challenge() names others",
        "nonce_ttl": "auth module, parameter nonce_expire: 30",
        "nonce_use": "auth module: the index of a nonce is used up by its first use",
        "default_expires": "registrar module, parameter default_expires: 3600",
        "min_expires": "registrar module, parameter min_expires: 60",
        "short_expires": "registrar module and lib/reg: raised, there is no 423",
        "too_many_contacts": "registrar module: 503, Retry-After only if retry_after is set",
    },
    unknown=("qop", "max_expires", "max_contacts", "wrong_password", "unknown_user", "date", "realm", "realm_rule"),
)

ASTERISK_PJSIP = Persona(
    name="asterisk-pjsip",
    kind="server",
    title="Asterisk with res_pjsip: MD5 with qop=auth, a nonce of 32 s, short expiries raised silently.",
    knobs={
        "algorithms": ("MD5",),
        "qop": ("auth",),
        "nonce_ttl": 32.0,
        "default_expires": 3600,
        "min_expires": 60,
        "max_expires": 7200,
        "short_expires": "raise",
        "too_many_contacts": "403",
    },
    sources={
        "algorithms": "res_pjsip: MD5 unless the auth section names others",
        "qop": "res_pjsip_authenticator_digest: auth",
        "nonce_ttl": "res_pjsip, auth section, nonce_lifetime: 32",
        "default_expires": "res_pjsip, aor section, default_expiration: 3600",
        "min_expires": "res_pjsip, aor section, minimum_expiration: 60",
        "max_expires": "res_pjsip, aor section, maximum_expiration: 7200",
        "short_expires": "res_pjsip_registrar.c: raised, there is no 423",
        "too_many_contacts": "res_pjsip_registrar.c: 403 unless remove_existing makes room",
    },
    unknown=("max_contacts", "wrong_password", "unknown_user", "date", "realm", "realm_rule"),
)

ASTERISK_CHAN_SIP = Persona(
    name="asterisk-chan_sip",
    kind="server",
    title="Asterisk with chan_sip, up to version 20: MD5 without qop, 120 s unless asked for more.",
    knobs={
        "algorithms": ("MD5",),
        "qop": ("none",),
        "default_expires": 120,
        "min_expires": 60,
        "max_expires": 3600,
        "short_expires": "raise",
    },
    sources={
        "algorithms": "chan_sip.c: MD5 alone",
        "qop": "chan_sip.c: its challenge has none",
        "default_expires": "sip.conf, defaultexpiry: 120",
        "min_expires": "sip.conf, minexpiry: 60",
        "max_expires": "sip.conf, maxexpiry: 3600",
        "short_expires": "chan_sip.c: raised; its 423 is for PUBLISH and SUBSCRIBE",
    },
    unknown=("nonce_ttl", "max_contacts", "wrong_password", "unknown_user", "date", "realm", "realm_rule"),
)

FREESWITCH = Persona(
    name="freeswitch",
    kind="server",
    title="FreeSWITCH with mod_sofia: qop=auth, a nonce of 60 s; little else of it is known here.",
    knobs={"qop": ("auth",), "nonce_ttl": 60.0},
    sources={
        "qop": "seen in a trace of sipsorcery-org/sipsorcery#525",
        "nonce_ttl": "sofia profile, nonce-ttl: 60",
    },
    unknown=(
        "algorithms",
        "default_expires",
        "min_expires",
        "max_expires",
        "short_expires",
        "max_contacts",
        "wrong_password",
        "unknown_user",
        "date",
        "realm",
        "realm_rule",
    ),
)

STRICT = Persona(
    name="strict",
    kind="server",
    title="The letter of the RFCs: strongest challenge first, the digest over the exact Request-URI, 423.",
    knobs={
        "algorithms": ("SHA-512-256", "SHA-256", "MD5"),
        "algorithm_form": "token",
        "qop": ("auth",),
        "stale": True,
        "digest_uri": "exact",
        "short_expires": "reject",
        "grant_in": "contact",
        "contact_answer": "echo",
        "challenge": "401",
        "date": True,
    },
    sources={
        "algorithms": "RFC 8760 2.4: in order of preference, the most preferred first",
        "algorithm_form": "RFC 7616 3.3: a token, never in quotes",
        "qop": "RFC 7616 3.3: must be there",
        "stale": "RFC 7616 3.3",
        "digest_uri": "RFC 7616 3.4.6: the same as the Request-URI, else 400",
        "short_expires": "RFC 3261 10.3 step 7: 423 with Min-Expires",
        "grant_in": "RFC 3261 10.3 step 8: each Contact with its expires parameter",
        "contact_answer": "RFC 3261 10.3 step 8: all current bindings",
        "challenge": "RFC 3261 22.1: a registrar answers 401; 407 is for proxies",
        "date": "RFC 3261 10.3 step 8: should be there",
    },
)

SERVERS = (DEFAULT, KAMAILIO, OPENSIPS, ASTERISK_PJSIP, ASTERISK_CHAN_SIP, FREESWITCH, STRICT)
