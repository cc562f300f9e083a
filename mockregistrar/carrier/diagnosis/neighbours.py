"""How each reason is known, and what it is mistaken for: what a verdict's page says beside cause and fix."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from mockregistrar.carrier.diagnosis.hows import HOWS

_OF_NAMES: Final = ("unknown-user", "wrong-auth-user", "wrong-realm", "wrong-domain")
_DIGEST: Final = "The digest was recomputed with the carrier's own password, and does not fit."
_SENT: Final = "What was sent stands in the trace, and is compared with what the carrier has."
_ORDERED: Final = "The test ordered it: the trace names the order."
_KNOWN_BY: Final = {
    "wrong-password": _DIGEST + " Where a refinement is named, the password with that mistake makes just the digest "
    "that came.",
    "unknown-user": _SENT + " A digest tells besides whether the password was the right one.",
    "wrong-auth-user": _SENT,
    "wrong-realm": _SENT,
    "wrong-domain": _SENT,
    "no-credentials": "The same Call-ID was challenged before.",
    "algorithm-not-offered": "The algorithm in the credentials is compared with those of the challenge.",
    "qop-mismatch": "The qop in the credentials is compared with that of the challenge.",
    "nonce-stale": "The nonce holds the time at which the carrier made it.",
    "nonce-foreign": "The nonce is signed with a key of the carrier's own, and this signature is none of it.",
    "nonce-replayed": "The carrier remembers the counts that a nonce was used with.",
    "digest-uri-mismatch": "The digest's `uri` is compared with the Request-URI.",
    "third-party-registration": "The digest is right for one account, and the To field names another.",
    "ip-not-allowed": "The source address is compared with the networks that are allowed; the sentence names them.",
    "interval-too-brief": "The expiry asked for is compared with the carrier's minimum.",
    "too-many-contacts": "The contacts that are bound are counted.",
    "cseq-not-increased": "The binding holds the CSeq that it was last bound with.",
    "wrong-transport": "The first octets say which protocol it is.",
    "malformed": "The parser names the field and the place where it could not go on.",
    "not-sip": "The first octets say which protocol it is, where it is one that is known.",
    "nothing-arrived": "No octet came to the addresses that are named; of other ports nothing is known.",
    "extension-not-supported": "The Require field names it.",
    "method-not-supported": "The request line names it.",
    "outage": _ORDERED,
    "tls-failed": "OpenSSL's own reason is quoted.",
    "rate-limited": "The requests of each address are counted.",
    "locked-out": "The wrong passwords in a row are counted.",
    "refused-at-first": "The first requests of each account are counted.",
    "fault": _ORDERED,
    "account-suspended": _ORDERED,
    "contact-unreachable": "Contact and Via of the REGISTER are compared with the address that it came from. Where "
    "both may be right nothing is claimed: over a connection, from loopback, private behind private, with outbound, "
    "Path or GRUU.",
}
KNOWN_BY: Final = MappingProxyType(_KNOWN_BY)
"""By reason: how it is known."""

_NEIGHBOURS: Final = {
    "wrong-password": ("wrong-auth-user", "wrong-realm", "third-party-registration"),
    "unknown-user": ("wrong-domain", "third-party-registration", "wrong-auth-user"),
    "wrong-auth-user": ("wrong-password", "unknown-user", "third-party-registration"),
    "wrong-realm": ("wrong-domain", "wrong-password"),
    "wrong-domain": ("wrong-realm", "unknown-user"),
    "no-credentials": ("algorithm-not-offered", "qop-mismatch"),
    "algorithm-not-offered": ("qop-mismatch", "no-credentials"),
    "qop-mismatch": ("algorithm-not-offered", "nonce-replayed"),
    "nonce-stale": ("nonce-foreign", "nonce-replayed"),
    "nonce-foreign": ("nonce-stale", "nonce-replayed"),
    "nonce-replayed": ("nonce-stale", "qop-mismatch"),
    "digest-uri-mismatch": ("wrong-password",),
    "third-party-registration": ("wrong-auth-user", "unknown-user"),
    "ip-not-allowed": ("unknown-user", "outage"),
    "interval-too-brief": ("too-many-contacts",),
    "too-many-contacts": ("interval-too-brief",),
    "cseq-not-increased": ("nonce-replayed",),
    "wrong-transport": ("not-sip", "tls-failed", "nothing-arrived"),
    "malformed": ("not-sip",),
    "not-sip": ("wrong-transport", "malformed"),
    "nothing-arrived": ("not-sip", "wrong-transport", "fault"),
    "outage": ("fault", "nothing-arrived"),
    "tls-failed": ("wrong-transport",),
    "rate-limited": ("locked-out", "refused-at-first"),
    "locked-out": ("wrong-password", "rate-limited"),
    "refused-at-first": ("rate-limited",),
    "fault": ("outage", "nothing-arrived"),
    "account-suspended": ("locked-out", "fault"),
    "contact-unreachable": ("nothing-arrived", "wrong-transport"),
    "unknown-user/address-is-allowed": ("ip-not-allowed",),
    "wrong-transport/plain-at-tls-port": ("tls-failed",),
    "contact-unreachable/no-rport": ("contact-unreachable/other-port", "contact-unreachable/private-address"),
    "contact-unreachable/other-port": ("contact-unreachable/no-rport", "contact-unreachable/no-port"),
    "contact-unreachable/invalid-name": ("contact-unreachable/local-name", "contact-unreachable/other-transport"),
}


def neighbours(slug: str) -> tuple[str, ...]:
    """Return the verdicts that one is mistaken for: those of a refinement, then those of its reason."""
    because, refined, how = slug.partition("/")
    own = _NEIGHBOURS.get(slug, ()) if refined else ()
    alike = (f"wrong-password/{how}",) if refined and because in _OF_NAMES and how in HOWS else ()
    found = dict.fromkeys((*own, *alike, *((because,) if refined else ()), *_NEIGHBOURS.get(because, ())))
    return tuple(found)
