"""What may refine each reason: the public list behind ``because="wrong-password/cut-at-character"`` and the docs."""

from __future__ import annotations

from typing import Final, NamedTuple

from mockregistrar.carrier.diagnosis.hows import HOWS
from mockregistrar.carrier.diagnosis.neighbours import KNOWN_BY, neighbours
from mockregistrar.carrier.diagnosis.whys import WHYS, Why, why
from mockregistrar.carrier.reasons import REASONS

OF_PASSWORDS = frozenset(
    (
        "empty",
        "hash-as-password",
        "other-account",
        "password-as-hash",
        "pasted-twice",
        "user-and-password",
        "user-as-password",
    )
)
"""Refinements of ``wrong-password`` that a name cannot have."""
OF_DOMAINS = frozenset(
    (
        "begun-behind-character",
        "character-differs",
        "character-extra",
        "character-missing",
        "characters-swapped",
        "cut-at-character",
        "cut-at-length",
        "look-alike",
        "neighbour-key",
        "other-keyboard",
        "start-missing",
    )
)
"""What may refine ``wrong-domain``: a host holds letters (in either case), digits, ``-``, ``_`` and ``.``; with
anything else there a message is malformed."""
_TITLES: Final = {
    "wrong-password/response-length": "the response is not as long as the algorithm makes it",
    "wrong-password/changed-meanwhile": "the password was another one when the request came",
    "wrong-domain/cut-at-character": "it is cut",
    "wrong-domain/begun-behind-character": "its beginning is missing",
    "unknown-user/auth-user-sent": "the user that was sent is the auth user of an account",
    "unknown-user/domain-in-user": "the user that was sent has a domain in it",
    "unknown-user/other-domain": "the account is one of another domain",
    "wrong-auth-user/user-sent": "the user was sent where the auth user belongs",
    "wrong-auth-user/domain-in-user": "the auth user that was sent has a domain in it",
    "wrong-auth-user/other-account": "the auth user is that of another account",
    "wrong-auth-user/digest": "the password is right, and the digest was made over another user name than was sent",
    "wrong-realm/empty": "the realm is empty",
    "wrong-realm/domain-as-realm": "the domain stands for the realm",
    "wrong-realm/digest": "the password is right, and the digest was made over another realm than was sent",
    "no-credentials/wrong-header": "a 401 was answered by Proxy-Authorization, or a 407 by Authorization",
    "no-credentials/not-digest": "the credentials are of another scheme than Digest",
    "algorithm-not-offered/digest": "the password is right, and the digest is of another algorithm than it says",
    "qop-mismatch/digest": "the password is right, and the digest was made over another qop, nc or cnonce",
    "nonce-foreign/before-restart": "the nonce is from before the carrier was restarted",
    "nonce-replayed/count-reset": "the nonce count begins anew with a nonce that was used before",
    "digest-uri-mismatch/digest": "the password is right, and the digest was made over another URI or method",
    "third-party-registration/auth-user-sent": "the auth user stands where the user belongs",
    "ip-not-allowed/denied": "the address is on the deny-list",
    "unknown-user/address-is-allowed": "no account has this user, and the address it came from is allowed for another",
    "wrong-domain/address": "an address stands for the domain, and it is none of the carrier's",
    "wrong-domain/part-of-it": "a part of the domain was sent, or more than it",
    "wrong-transport/tls": "TLS came to a port for plain SIP",
    "wrong-transport/dtls": "DTLS came to the SIP port",
    "wrong-transport/http": "HTTP came to the SIP port",
    "wrong-transport/websocket": "a WebSocket was to be opened at the SIP port",
    "wrong-transport/plain-at-tls-port": "what came to the TLS port was no TLS",
    "not-sip/rtp": "RTP or RTCP, that is media, came to the SIP port",
    "not-sip/stun": "STUN came to the SIP port",
    "not-sip/iax2": "IAX2 came to the SIP port",
    "not-sip/proxy-protocol": "the PROXY line of a load balancer came before SIP",
    "contact-unreachable/private-address": "the Contact has an address of an inner network, behind a public one",
    "contact-unreachable/loopback-address": "the Contact has a loopback address, seen from another machine",
    "contact-unreachable/unspecified-address": "the Contact has the address that stands for every one",
    "contact-unreachable/invalid-name": "the Contact has a name that is never found",
    "contact-unreachable/local-name": "the Contact has a name that only its own network knows",
    "contact-unreachable/port-zero": "the Contact has port 0",
    "contact-unreachable/no-port": "the Contact has no port, and the client is not at 5060",
    "contact-unreachable/other-port": "the Contact has another port than the router opened",
    "contact-unreachable/no-rport": "the client is behind a router that changed its port, and does not ask for rport",
    "contact-unreachable/other-transport": "the Contact has another transport than it was registered over",
}
_OF_TEXT = ("wrong-password", "unknown-user", "wrong-auth-user", "wrong-realm", "wrong-domain")


def refinements(because: str) -> dict[str, Why]:
    """Return what may refine a reason, by slug, each with cause and fix."""
    found = {key.partition("/")[2]: known for key, known in WHYS.items() if key.startswith(f"{because}/")}
    if because in _OF_TEXT:
        for how in HOWS:
            if how not in (OF_DOMAINS if because == "wrong-domain" else HOWS):
                continue
            if because == "wrong-password" or how not in OF_PASSWORDS:
                found.setdefault(how, why(because, how))
    if because == "no-credentials":
        found.setdefault("gave-up", why(because))
    return found


class VerdictKind(NamedTuple):
    """One verdict that there is."""

    slug: str
    """Reason, or reason and refinement: ``wrong-password/cut-at-character``."""
    title: str
    """What happened, in a phrase."""
    cause: str
    """Where it usually comes from; empty where that is not known."""
    fix: str
    """What to do about it."""
    known_by: str = ""
    """How it is known."""
    neighbours: tuple[str, ...] = ()
    """The slugs of verdicts that it is mistaken for."""


def every_verdict() -> dict[str, VerdictKind]:
    """Return every verdict by its slug: each reason, followed by what may refine it."""
    found: dict[str, VerdictKind] = {}
    for because, sentence in REASONS.items():
        known_by = KNOWN_BY[because]
        found[because] = VerdictKind(because, sentence, *why(because), known_by, neighbours(because))
        for how, known in refinements(because).items():
            slug = f"{because}/{how}"
            plain = how in HOWS and slug not in WHYS
            title = HOWS[how].title if plain else _TITLES.get(slug, sentence)
            found[slug] = VerdictKind(slug, title, *known, known_by, neighbours(slug))
    return found
