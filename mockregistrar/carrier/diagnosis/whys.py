"""What each reason of a refusal comes from, and what to do about it; some with a refinement of their own.

The keys are ``reason`` or ``reason/how``; a refined one that is not here takes what is said of such a miss (`hows`),
and else what its reason says. Only ever added to.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

from mockregistrar.carrier.diagnosis.hows import how_of


class Why(NamedTuple):
    """What a refusal comes from."""

    cause: str
    """Where it usually comes from, in the client's config or on its way."""
    fix: str
    """What to do about it."""


_WHYS: Final = {
    "wrong-password": Why(
        "The client has another password than the carrier.",
        "Copy the password again from where it was given, and look at its ends and its special characters.",
    ),
    "wrong-password/response-length": Why(
        "The client hashes with another algorithm than it says, or cuts the response.",
        "Look for a newer version of the client, or another algorithm in its settings.",
    ),
    "wrong-password/changed-meanwhile": Why(
        "The password was another one at the carrier when the request came, and was changed since: by a fault of the "
        "test, or by hand.",
        "None, if the test wanted it; otherwise have the client log in again.",
    ),
    "unknown-user": Why(
        "The user name is misspelt, or is that of another carrier.",
        "Look at the user name in the client's config: it goes into To and From.",
    ),
    "unknown-user/auth-user-sent": Why(
        "The name for the login stands where the user belongs.",
        "Put the user into the user field, and the other name into the field for the auth user.",
    ),
    "unknown-user/domain-in-user": Why(
        "The whole address stands where only its user part belongs.", "Leave out `@` and what follows it."
    ),
    "unknown-user/other-domain": Why(
        "The account exists, in another domain.", "Set the domain (also called realm or from-domain) of the account."
    ),
    "wrong-auth-user": Why(
        "The carrier wants another name in the digest than in To and From.",
        "Set the auth user (also called auth id, authorization user or digest user name).",
    ),
    "wrong-auth-user/user-sent": Why(
        "No auth user is set, so the client logs in with its user.",
        "Set the auth user (also called auth id, authorization user or digest user name).",
    ),
    "wrong-auth-user/domain-in-user": Why(
        "The whole address stands where only the auth user belongs.", "Leave out `@` and what follows it."
    ),
    "wrong-auth-user/other-account": Why(
        "The auth user is that of another account: a copied config.", "Set the auth user of this account."
    ),
    "wrong-auth-user/digest": Why(
        "The client hashes another name than the one it sends in `username`.",
        "Give user and auth user the same value, or look for a newer version of the client.",
    ),
    "wrong-realm": Why(
        "A realm is set in the client's config that is not the carrier's.",
        "Leave the realm empty or `*`: the client then takes that of the challenge. Or set the carrier's.",
    ),
    "wrong-realm/empty": Why(
        "The client sends an empty realm: it was set to nothing, or the client does not read the challenge's.",
        "Set the realm of the challenge.",
    ),
    "wrong-realm/domain-as-realm": Why(
        "The client takes its domain for the realm.", "Set the realm, or leave it to the challenge."
    ),
    "wrong-realm/digest": Why(
        "The client hashes another realm than the one it sends.",
        "Leave the realm to the challenge, or look for a newer version of the client.",
    ),
    "wrong-domain/cut-at-character": Why(
        "The end of the name was left out, from a dot or a dash on.", "Write the whole name of the domain."
    ),
    "wrong-domain/begun-behind-character": Why(
        "The beginning of the name was left out, as far as a dot or a dash.", "Write the whole name of the domain."
    ),
    "wrong-domain": Why(
        "The domain in the client's config is not one of the carrier's.",
        "Set the domain (also called realm, from-domain or registrar) that the carrier gave.",
    ),
    "no-credentials": Why(
        "The client has no password for this realm, or does not know the algorithm or the qop of the challenge.",
        "Look whether a password is set, and whether the client binds it to a realm; offer it MD5.",
    ),
    "no-credentials/wrong-header": Why(
        "The client answers a 401 as if it were a 407, or the reverse.", "Look for a newer version of the client."
    ),
    "no-credentials/not-digest": Why(
        "The client logs in with another scheme than Digest.", "Have it use Digest, as the challenge asks for."
    ),
    "algorithm-not-offered": Why(
        "The client uses an algorithm that is not in the challenge, or the account has no hash for it.",
        "Have the client use the algorithm of the challenge, or offer its own: `algorithms`.",
    ),
    "algorithm-not-offered/digest": Why(
        "The client hashes with another algorithm than it says.", "Look for a newer version of the client."
    ),
    "qop-mismatch": Why(
        "The client does not answer the qop of the challenge as RFC 7616 has it.",
        'Have the carrier offer no qop (`qop = ["none"]`), or look for a newer version of the client.',
    ),
    "qop-mismatch/digest": Why(
        "The client sends qop, nc and cnonce, and hashes without them or with others.",
        'Have the carrier offer no qop (`qop = ["none"]`), or look for a newer version of the client.',
    ),
    "nonce-stale": Why(
        "The client keeps a challenge longer than the carrier accepts it. That is no error: with `stale=true` it "
        "answers the new challenge with the same password.",
        "None is needed where the client logs in at once; otherwise it does not know `stale`.",
    ),
    "nonce-foreign": Why(
        "The challenge came from another server, or from this one before it was started anew.",
        "Look whether several carriers share a name, and whether something between them changes the challenge.",
    ),
    "nonce-foreign/before-restart": Why(
        "The client answers a challenge from before the carrier's restart. With `stale=true` it should log in anew.",
        "None is needed where the client logs in at once; otherwise it does not know `stale`.",
    ),
    "nonce-replayed": Why(
        "The client sent the same nonce count again, or something repeats its requests.",
        "Have it count `nc` up with each request, or take a new challenge each time.",
    ),
    "nonce-replayed/count-reset": Why(
        "The client begins at nc=00000001 again with a nonce that it used before.",
        "Have it count `nc` on, or take a new challenge each time.",
    ),
    "digest-uri-mismatch": Why(
        "Something between client and carrier rewrites the Request-URI, or the client hashes another address.",
        "Look at proxies between the two, and at outbound proxy and registrar in the client's config.",
    ),
    "digest-uri-mismatch/digest": Why(
        "The client hashes another URI or method than those of its request.", "Look for a newer version of the client."
    ),
    "third-party-registration": Why(
        "The client logs in to one account and registers another.",
        "Give user and auth user of the same account; or let it register its own address.",
    ),
    "third-party-registration/auth-user-sent": Why(
        "The name for the login stands where the user belongs.",
        "Put the user into the user field, and the other name into the field for the auth user.",
    ),
    "ip-not-allowed": Why(
        "The client's address is not one of those that the carrier knows: another interface, a router in between, a "
        "new address of the line.",
        "Tell the carrier the address that it sees, or send from the one it knows.",
    ),
    "ip-not-allowed/denied": Why("The address is on the deny-list.", "Take it off, or send from another address."),
    "interval-too-brief": Why(
        "The client asks for a shorter registration than the carrier grants, and should ask again for Min-Expires.",
        "Set a longer expiry in the client's config.",
    ),
    "too-many-contacts": Why(
        "More devices than allowed, or one device whose address changes and whose old registrations linger.",
        "Have old registrations removed, or a shorter expiry.",
    ),
    "cseq-not-increased": Why(
        "The client started anew with the old Call-ID, or two clients share one.",
        "Have each start use a Call-ID of its own.",
    ),
    "wrong-transport": Why(
        "The client speaks TLS or HTTP to a port for plain SIP, or the reverse.",
        "Set transport and port that belong together: 5060 for udp and tcp, 5061 for tls.",
    ),
    "malformed": Why("The client, or something on the way, writes what is not SIP.", "Look at the message."),
    "not-sip": Why(
        "Another protocol on this port: RTP, STUN, IAX2, a scanner.", "Look at the port in the client's config."
    ),
    "nothing-arrived": Why(
        "The client does not run, is not told to register, sends elsewhere, or something drops it on its way.",
        "Look at host, port and transport in the client's config, and at its log.",
    ),
    "extension-not-supported": Why(
        "The client requires what the carrier does not have.", "Switch the extension off in the client, or on here."
    ),
    "method-not-supported": Why("The client sends what this carrier does not serve.", "None, if it is not needed."),
    "outage": Why("The test took the carrier down.", "None: the test wanted it."),
    "tls-failed": Why(
        "The client does not trust the certificate, or the two share no version of TLS.",
        "Give the client the certificate of the test's authority (`ca_pem`).",
    ),
    "rate-limited": Why(
        "The client registers again and again, or many clients share one address.",
        "Look at the client's retry interval; it should wait as long as Retry-After says.",
    ),
    "locked-out": Why(
        "A wrong password was sent several times in a row.",
        "Correct the password, and wait until the lock ends before the next login.",
    ),
    "refused-at-first": Why(
        "The persona refuses the first requests of each account, as some carriers do.",
        "None: the client should come back by itself.",
    ),
    "fault": Why("A fault that the test ordered.", "None: the test wanted it."),
    "account-suspended": Why("The test suspended the account.", "None: the test wanted it."),
}
WHYS: Final = MappingProxyType(_WHYS)
"""By reason, or by reason and refinement."""


def why(because: str, how: str = "") -> Why:
    """Return what is known of a refusal, of its refinement where there is something."""
    own = WHYS.get(f"{because}/{how}")
    if own is not None:
        return own
    of_reason, missed = WHYS.get(because) or Why("", ""), how_of(because, how)
    if missed is None:
        return of_reason
    if because == "wrong-realm":  # which need not be set at all
        return Why(
            missed.cause, f"{missed.fix} Or leave the realm empty or `*`: the client then takes that of the challenge."
        )
    return Why(missed.cause, missed.fix)
