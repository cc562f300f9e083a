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
    "contact-unreachable": Why(
        "The client is registered, and tells the carrier an address that calls cannot get to.",
        "Look at what it sends as Contact, and at its settings for NAT and for its own address.",
    ),
    "contact-unreachable/private-address": Why(
        "The client is behind a router, or in a container, and knows only its address there.",
        "Tell it its public address, have it use STUN, or register over TCP, where calls come back on the connection. "
        "Many carriers send calls to the source address instead: a setting there (`nat`, `rewrite_contact`).",
    ),
    "contact-unreachable/loopback-address": Why(
        "The client took its address from a look-up of its own host name, or is bound to the loopback interface.",
        "Have it listen at the interface that it sends from, and correct its own name in the hosts file.",
    ),
    "contact-unreachable/unspecified-address": Why(
        "The client listens at every address (`0.0.0.0`, `::`), and writes that into its Contact.",
        "Set the address that it shall be called at, in place of the wildcard.",
    ),
    "contact-unreachable/invalid-name": Why(
        "The client is made for WebSocket, where calls come back on the connection, and registers over UDP.",
        "Register over WebSocket, TCP or TLS, or set its address.",
    ),
    "contact-unreachable/local-name": Why(
        "The client takes the name of its machine for its address.",
        "Set its public address, or a name that the carrier can look up.",
    ),
    "contact-unreachable/port-zero": Why(
        "The client was to have a port chosen by the system (0), and wrote down what it was told.",
        "Set the port that it listens at, or look for a newer version of the client.",
    ),
    "contact-unreachable/no-port": Why(
        "The Contact in the client's config has no port, and the client does not listen at 5060.",
        "Put the port behind the address in the Contact, or have the client listen at 5060.",
    ),
    "contact-unreachable/other-port": Why(
        "A router between client and carrier gave the client another port, and the client does not ask for it.",
        "Have the client take its port from `rport` or from STUN, or forward the port of the Contact to it.",
    ),
    "contact-unreachable/no-rport": Why(
        "A router gave the client another port than it knows of, and the client does not ask for `rport` (RFC 3581): "
        "answers and calls go to the port that it believes in.",
        "Switch on `rport` (also called symmetric signalling) in the client, or register over TCP.",
    ),
    "contact-unreachable/other-transport": Why(
        "The transport in the client's Contact is not the one that it is connected with.",
        "Set one transport for registration and Contact, or leave it out of the Contact.",
    ),
    "unknown-user/address-is-allowed": Why(
        "The carrier knows the address, and expects the user of one of its accounts from there: in From and To, "
        "not the number to be shown.",
        "Set the user (also called from-user) to the account that the address is allowed for.",
    ),
    "wrong-domain/address": Why(
        "An address stands where the domain belongs: the carrier's behind its router, or an old one.",
        "Set the domain that the carrier gave; where a proxy can be set, the address goes there.",
    ),
    "wrong-domain/part-of-it": Why(
        "A host of the domain stands for the domain, or the domain for one of its hosts.",
        "Set the domain just as the carrier gave it.",
    ),
    "wrong-transport/tls": Why(
        "The client speaks TLS to a port for plain SIP.",
        "Set the port of TLS (5061 as a rule), or transport udp or tcp.",
    ),
    "wrong-transport/dtls": Why(
        "The client sends DTLS, which WebRTC media use, to the SIP port.",
        "Set transport udp, tcp or tls: SIP over DTLS is spoken nowhere.",
    ),
    "wrong-transport/http": Why(
        "A browser, a health check or a provisioning client asks the SIP port for a page.",
        "Give it the port of the web server; a health check is an OPTIONS request, or a TCP connect.",
    ),
    "wrong-transport/websocket": Why(
        "A browser phone (JsSIP, SIP.js) opens its WebSocket at a port for plain SIP.",
        "Set the URL of a WebSocket server (ws://host:port/path); this carrier has none: udp, tcp and tls.",
    ),
    "wrong-transport/plain-at-tls-port": Why(
        "The client speaks plain SIP (or HTTP) to the port of TLS.",
        "Set transport tls, or the port of plain SIP (5060 as a rule).",
    ),
    "not-sip/rtp": Why(
        "Media are sent to the SIP port: a wrong port in a call's description, or a call that is over.",
        "Set the client's ports for media apart from 5060, and look at the port behind `m=audio` in its SDP.",
    ),
    "not-sip/stun": Why(
        "The SIP port is set as the STUN server, or ICE checks are sent to it.",
        "Set a STUN server (port 3478 as a rule), or leave it empty.",
    ),
    "not-sip/iax2": Why(
        "An Asterisk registers with IAX2: a line in iax.conf, or a trunk of type IAX2.",
        "Put the registration into sip.conf or pjsip.conf; IAX2 has a port of its own, 4569.",
    ),
    "not-sip/proxy-protocol": Why(
        "A load balancer puts a PROXY line before each connection.",
        "Switch the PROXY protocol off in the load balancer (`send-proxy` in HAProxy).",
    ),
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
