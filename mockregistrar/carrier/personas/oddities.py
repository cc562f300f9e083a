"""One oddity each: something that a real registrar did and that broke a client, with the report of it.

They are made to be put over a server: ``persona=["kamailio", "no-stale"]``.
"""

from __future__ import annotations

from typing import Any

from mockregistrar.carrier.personas.model import Persona


def _oddity(name: str, title: str, source: str, **knobs: Any) -> Persona:
    return Persona(name=name, kind="oddity", title=title, knobs=knobs, sources=dict.fromkeys(knobs, source))


_PLAIN = "nobody's report; here to try a client that must not care"
_EXPIRY = "pjsip/pjproject#4038; versatica/JsSIP#105; sipsorcery-org/sipsorcery#11"
_GRANT = "versatica/JsSIP#52, #482, #544; meetecho/janus-gateway#2950; onsip/SIP.js#868; pjsip/pjproject#371"
_CONTACT = "pjsip/pjproject#534, #2809; asterisk/asterisk#452; RestComm/Restcomm-Connect#2601"
_ALGORITHMS = "pjsip/pjproject#2408; LubosD/twinkle#233; SIPp/sipp#488; sipsorcery-org/sipsorcery#525"
_REALM = "pamapa/callblocker#15; drachtio/drachtio-srf#17; pjsip/pjproject#3973"
_RETRY = "onsip/SIP.js#472; pjsip/pjproject#1640; siphon-project/siphon-sip#69"

ODDITIES = (
    # -- the challenge
    _oddity(
        "no-stale",
        "Says nothing of stale=true when a nonce is too old: clients take it for a wrong password and give up.",
        "creytiv/re#223, #226; baresip/baresip#717; tayler6000/pyVoIP#86; versatica/JsSIP#25",
        stale=False,
    ),
    _oddity(
        "short-nonces",
        "Nonces live 5 seconds, so that every refresh meets an old one.",
        "creytiv/re#223; versatica/JsSIP#25",
        nonce_ttl=5.0,
    ),
    _oddity(
        "one-time-nonce",
        "A nonce is good for one request: a client that counts nc up is challenged again each time.",
        "freeswitch/sofia-sip#316; RestComm/jain-sip#181; OpenSIPS, auth module",
        nonce_use="once",
    ),
    _oddity(
        "nonce-each-time",
        "Each challenge makes the one before void: two clients of one account push each other out.",
        "freeswitch/sofia-sip#316; pjsip/pjproject#1796",
        nonce_use="latest",
    ),
    _oddity(
        "two-challenges-md5-first",
        "Two challenges, MD5 before SHA-256.",
        _ALGORITHMS,
        algorithms=("MD5", "SHA-256"),
        algorithm_form="token",
    ),
    _oddity(
        "two-challenges-sha256-first",
        "Two challenges, SHA-256 before MD5, as RFC 8760 has them.",
        _ALGORITHMS,
        algorithms=("SHA-256", "MD5"),
        algorithm_form="token",
    ),
    _oddity(
        "sha256-only", "One challenge, SHA-256.", _ALGORITHMS, algorithms=("SHA-256",), algorithm_form="token"
    ),
    _oddity(
        "quoted-algorithm",
        'algorithm="MD5" in quotes: chan_sip passes such a challenge over.',
        "channels/chan_sip.c: looks for the literal algorithm=MD5",
        algorithm_form="quoted",
    ),
    _oddity(
        "missing-algorithm",
        "A challenge without algorithm, which means MD5.",
        "baresip/baresip#3006; pjsip/pjproject#2712",
        algorithms=("MD5",),
        algorithm_form="omitted",
    ),
    _oddity("no-qop", "A challenge without qop, as in RFC 2069.", "sipsorcery-org/sipsorcery#525", qop=("none",)),
    _oddity("empty-realm", 'realm="" in the challenge.', _REALM, realm=""),
    _oddity(
        "foreign-realm",
        "A realm that is not the carrier's domain: credentials kept by realm are not found.",
        _REALM,
        realm="softswitch.invalid",
    ),
    _oddity(
        "realm-as-asked",
        "The realm is whatever domain the client wrote in its AOR: an address, where it wrote an address.",
        f"{_REALM}; the realm of Kamailio's usual route is the domain in From",
        realm_rule="aor",
    ),
    _oddity(
        "proxy-challenge",
        "407 with Proxy-Authenticate for REGISTER, where RFC 3261 has 401.",
        "RFC 3261 22.1 and 22.3, done the other way; a wrong header for the status is a common mistake",
        challenge="407",
    ),
    _oddity(
        "challenge-unregister",
        "A REGISTER that removes bindings is challenged anew, whatever credentials it brings.",
        "freeswitch/sofia-sip#319; asterisk/asterisk#1859",
        unregister_challenge="always",
    ),
    _oddity(
        "stale-always",
        "Says stale=true to a wrong password too: clients take the password for right, and try for ever.",
        "RFC 7616 3.3 has it for a right digest alone; espressif/esp-adf#735",
        stale_always=True,
    ),
    # -- refusals
    _oddity(
        "wrong-password-403",
        "403 for a wrong password, where most challenge again.",
        "chan_sip stops for good at a 403; VoiceBlender/voiceblender#107",
        wrong_password="403",
    ),
    _oddity(
        "unknown-user-404",
        "404 for a user that is not there.",
        "chan_sip and res_pjsip stop for good at a 404",
        unknown_user="404",
    ),
    _oddity(
        "404-before-auth",
        "404 for a user that is not there, before any challenge: it tells strangers who is.",
        "chan_sip and res_pjsip stop for good at a 404; RFC 3261 10.3 has the challenge first",
        unknown_user="404",
        unknown_user_at_once=True,
    ),
    _oddity(
        "uri-user-silent",
        "No answer to a REGISTER whose Request-URI has a user part.",
        "n-IA-hane/esphome-intercom#93",
        uri_user="drop",
    ),
    _oddity(
        "cseq-across-calls",
        "A contact is refreshed by a higher CSeq alone, whatever the Call-ID: a client that was restarted is refused.",
        "OpenSIPS/opensips#641; kamailio/kamailio#280, #931",
        cseq_rule="contact",
    ),
    _oddity(
        "439-outbound",
        "439 First Hop Lacks Outbound Support to who asks for outbound.",
        "pjsip/pjproject#5146, #5154; RFC 5626 6",
        path=True,
        outbound=True,
        first_hop_outbound=False,
    ),
    _oddity(
        "stale-counts",
        "Three old nonces lock the account for five minutes, as three wrong passwords do: nonces live 5 s.",
        "thevoiceguy/siphon-ai#430",
        nonce_ttl=5.0,
        lockout_after=3,
        lockout_time=300,
        lockout_counts="stale-too",
    ),
    _oddity(
        "silent",
        "Never refuses: a wrong password, an unknown user or a foreign address gets no answer.",
        "kamailio/kamailio#149",
        wrong_password="drop",
        unknown_user="drop",
        refuse="drop",
    ),
    _oddity(
        "lock-out",
        "Three wrong passwords in a row lock the account for five minutes, the right one then gets 403 too.",
        "pjsip tries 4 times and baresip 1.0 16 times with a wrong password; espressif/esp-adf#735",
        lockout_after=3,
        lockout_time=300,
    ),
    _oddity(
        "503-retry-after",
        "The first REGISTER of each account gets 503 with Retry-After: 2.",
        _RETRY,
        first_refused=1,
        first_status="503",
        retry_after=2,
    ),
    _oddity(
        "503-bare",
        "The first REGISTER of each account gets 503 without Retry-After.",
        _RETRY,
        first_refused=1,
        first_status="503",
    ),
    _oddity(
        "403-then-fine",
        "The first REGISTER of each account gets 403, and the next is welcome.",
        "futel/asteriskserver#514; chan_sip never comes back unless register_retry_403",
        first_refused=1,
        first_status="403",
    ),
    _oddity(
        "rate-limit",
        "Twenty REGISTERs of one address in ten seconds; more get 503 with Retry-After: 10.",
        _RETRY,
        rate_limit=20,
        rate_window=10,
        retry_after=10,
    ),
    # -- the expiry
    _oddity(
        "423-after-auth",
        "Less than 1800 s gets 423, once the client has shown who it is.",
        _EXPIRY,
        min_expires=1800,
        short_expires="reject",
    ),
    _oddity(
        "423-before-auth",
        "Less than 1800 s gets 423 before any challenge.",
        _EXPIRY,
        min_expires=1800,
        short_expires="reject-first",
    ),
    _oddity(
        "423-moving",
        "Less than 600 s gets 423, and each 423 asks for 600 s more than the one before.",
        "OpenSIPS/opensips#3910; pjsip/pjproject#4038",
        min_expires=600,
        min_expires_step=600,
        short_expires="reject",
    ),
    _oddity("grant-in-header", "The grant stands in the Expires header alone.", _GRANT, grant_in="header"),
    _oddity("grant-in-contact", "The grant stands in the Contact alone.", _GRANT, grant_in="contact"),
    _oddity("grant-in-both", "The grant stands in Contact and Expires header.", _PLAIN, grant_in="both"),
    _oddity("grant-absent", "A 200 does not tell the grant.", _GRANT, grant_in="neither"),
    _oddity(
        "grant-zero", "A 200 tells a grant of 0 s, and the binding is there.", "baresip/re#581; " + _CONTACT,
        grant_shown=0,
    ),
    _oddity("grant-shrunk", "Whatever is asked, 60 s are granted.", "OpenSIPS/opensips#3429, #3659", grant=60),
    _oddity(
        "grant-raised",
        "Less than an hour is raised to an hour, without a word.",
        "OpenSIPS/opensips#3429; eigger/hass-sip#20",
        min_expires=3600,
        short_expires="raise",
    ),
    _oddity(
        "header-beats-contact",
        "The Expires header counts, not the contact's parameter: who asks for both gets the wrong one.",
        "commonly done wrong; RFC 3261 10.2.1.1 has it the other way",
        expires_from="header",
    ),
    # -- the contacts
    _oddity(
        "contact-rewritten",
        "The Contact of a 200 is where the request came from, not what was registered.",
        _CONTACT,
        contact_answer="rewrite",
    ),
    _oddity("contact-omitted", "A 200 has no Contact.", _CONTACT, contact_answer="omit"),
    _oddity(
        "contact-foreign",
        "Somebody else's binding stands before the client's own, with another expiry.",
        "versatica/JsSIP#544; OpenSIPS/opensips#3659",
        foreign_contacts=("sip:other@192.0.2.99:5060",),
    ),
    _oddity(
        "contacts-joined",
        "All contacts stand in one Contact field, with commas between them.",
        "Kamailio; seen on the wire of 5.6.3",
        contacts_joined=True,
    ),
    _oddity(
        "contact-decoded",
        "The Contact of a 200 has its percent-encoded characters decoded: who compares text does not find its own.",
        f"commonly done wrong; {_CONTACT}",
        contact_answer="decode",
    ),
    _oddity(
        "pub-gruu",
        "A 200 gives a public GRUU that nothing is routed to: linphone takes it for its Contact at once.",
        "seen of linphone 5.1; RFC 5627 is not played here",
        pub_gruu=True,
    ),
    # -- later than one would think, and unasked
    _oddity(
        "late-200",
        "A 200 comes 0.7 s late, when the client has repeated the REGISTER over UDP already.",
        "the catalogue of odd registrars, `late 200 after retransmit`; kamailio/kamailio#149 is the silence before it",
        grant_delay=0.7,
    ),
    _oddity(
        "trying-first",
        "100 Trying at once, and the 200 0.7 s later.",
        "RFC 4320 4.1 forbids a provisional answer so early; proxies in front of a registrar send it",
        grant_delay=0.7,
        trying=True,
    ),
    _oddity(
        "qualify-pings",
        "Sends OPTIONS to every bound contact once a minute, as a PBX with qualify does.",
        "Asterisk qualify and qualify_frequency, FreeSWITCH all-reg-options-ping, Kamailio nathelper; off as they come",
        qualify=60,
    ),
    _oddity(
        "ping-or-go",
        "Pings once a minute, and removes a contact that does not answer.",
        "FreeSWITCH unregister-on-options-fail",
        qualify=60,
        qualify_remove=True,
    ),
    _oddity(
        "zero-pings",
        "Sends four zero octets to every contact bound over UDP, twice a minute.",
        "Kamailio nathelper, natping_interval",
        qualify=30,
        qualify_with="zeros",
    ),
    _oddity(
        "no-pong",
        "Does not answer the keep-alive of a connection: clients with outbound take it for broken.",
        "commonly done wrong; linphone wants it, RFC 5626 4.4.1",
        pong=False,
    ),
    # -- the message
    _oddity(
        "rport-changing",
        "The rport of each answer is another: clients that learn their address from it register anew, and anew.",
        "the catalogue of odd registrars; pjsip/pjproject#2809",
        via_rport="changing",
    ),
    _oddity("rport-absent", "An rport that was asked for is not filled in.", "commonly done wrong; RFC 3581 4",
        via_rport="none"),
    _oddity("no-to-tag", "Answers have no tag in To.", "commonly done wrong; RFC 3261 8.2.6.2", to_tag=False),
    _oddity("compact-headers", "Responses have the compact header names.", _PLAIN, compact_headers=True),
    _oddity(
        "shuffled-headers",
        "Responses begin with Contact, CSeq and Call-ID; Via comes behind them.",
        _PLAIN,
        header_order=("Contact", "CSeq", "Call-ID", "To", "From"),
    ),
    _oddity("no-date", "A 200 has no Date.", "Kamailio; seen on the wire of 5.6.3", date=False),
)  # fmt: skip
