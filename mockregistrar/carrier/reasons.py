"""Why a login was refused: one enum of public slugs, only ever added to.

A reason is told to the tester (trace, report, events), never to the client: on the wire the carrier
says what its policy says. Details refine a slug; they never rename it.
"""

from __future__ import annotations

from enum import Enum


class Reason(str, Enum):
    """The slug of a refusal or a silence; its value is what reports, JSON and assertions use."""

    WRONG_PASSWORD = "wrong-password"
    UNKNOWN_USER = "unknown-user"
    WRONG_AUTH_USER = "wrong-auth-user"
    WRONG_REALM = "wrong-realm"
    WRONG_DOMAIN = "wrong-domain"
    NO_CREDENTIALS = "no-credentials"
    ALGORITHM_NOT_OFFERED = "algorithm-not-offered"
    QOP_MISMATCH = "qop-mismatch"
    NONCE_STALE = "nonce-stale"
    NONCE_FOREIGN = "nonce-foreign"
    NONCE_REPLAYED = "nonce-replayed"
    DIGEST_URI_MISMATCH = "digest-uri-mismatch"
    THIRD_PARTY_REGISTRATION = "third-party-registration"
    IP_NOT_ALLOWED = "ip-not-allowed"
    INTERVAL_TOO_BRIEF = "interval-too-brief"
    TOO_MANY_CONTACTS = "too-many-contacts"
    CSEQ_NOT_INCREASED = "cseq-not-increased"
    WRONG_TRANSPORT = "wrong-transport"
    MALFORMED = "malformed"
    NOT_SIP = "not-sip"
    NOTHING_ARRIVED = "nothing-arrived"
    EXTENSION_NOT_SUPPORTED = "extension-not-supported"
    METHOD_NOT_SUPPORTED = "method-not-supported"
    OUTAGE = "outage"
    TLS_FAILED = "tls-failed"
    RATE_LIMITED = "rate-limited"
    LOCKED_OUT = "locked-out"
    REFUSED_AT_FIRST = "refused-at-first"
    FAULT = "fault"
    ACCOUNT_SUSPENDED = "account-suspended"
    CONTACT_UNREACHABLE = "contact-unreachable"

    def __str__(self) -> str:
        return self.value


REASONS: dict[str, str] = {
    "wrong-password": "the digest was made with another password",
    "unknown-user": "no account has this user name",
    "wrong-auth-user": "the digest user name is not the one this account logs in with",
    "wrong-realm": "the credentials are for another realm than the one in the challenge",
    "wrong-domain": "the request is for a domain this carrier does not serve",
    "no-credentials": "the client was challenged and came back without credentials",
    "algorithm-not-offered": "the credentials use a digest algorithm that was not offered",
    "qop-mismatch": "the credentials use a qop that was not offered, or leave out what qop needs",
    "nonce-stale": "the nonce is older than the carrier accepts",
    "nonce-foreign": "the nonce was not issued by this carrier",
    "nonce-replayed": "the nonce count did not increase",
    "digest-uri-mismatch": "the digest was made for another resource than the request asks for",
    "third-party-registration": "the credentials are right, but for another account than the one registered",
    "ip-not-allowed": "the source address is not on the allow-list",
    "interval-too-brief": "the expiry asked for is below the carrier's minimum",
    "too-many-contacts": "the account would have more contacts than the carrier keeps",
    "cseq-not-increased": "the CSeq did not increase within one Call-ID",
    "wrong-transport": "the client speaks another protocol than the port does",
    "malformed": "the message is not well formed",
    "not-sip": "what arrived was not SIP",
    "nothing-arrived": "nothing arrived on the bound addresses",
    "extension-not-supported": "the request requires an extension that is not switched on",
    "method-not-supported": "the method is not one this carrier serves",
    "outage": "the carrier was down by order of the test",
    "tls-failed": "the TLS handshake failed",
    "rate-limited": "the source address sent more than the carrier looks at in that time",
    "locked-out": "the account is locked out after too many wrong passwords",
    "refused-at-first": "the carrier refuses the first requests of each account, as its persona has it",
    "fault": "a fault that the test ordered answered the request, or kept it from being answered",
    "account-suspended": "the account is suspended, by order of the test",
    "contact-unreachable": "the client cannot be reached where its Contact or its Via says",
}
"""One sentence for each slug, without a full stop: what happened, as a person would say it."""
