"""What the status of a carrier's answer to REGISTER means, whichever system prints it.

`means` completes "The carrier answered N: ...".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """A status: what it means, what can cause it, and what to check first."""

    means: str
    causes: tuple[str, ...]
    check: str


NO_ANSWER = (
    "the host or the port is wrong",
    "a firewall or NAT drops the request or the answer",
    "the carrier drops requests from addresses that it does not know (allow-list)",
    "the carrier wants another transport (TCP or TLS in place of UDP)",
    "the carrier is down",
)
WRONG_LOGIN = (
    "the password is wrong, or is cut by a special character in the config",
    "the auth user differs from the user and is not set",
    "the user name of the web portal is used in place of that for SIP",
    "the user or its domain is unknown to the carrier",
)
REFUSED = (
    "the password is wrong, or is cut by a special character in the config",
    "the account is unknown, disabled, blocked or unpaid",
    "the carrier does not accept this address (allow-list, country, too many failed logins)",
    "the domain in From and To is not the one that the carrier serves",
    "too many devices are registered for the account",
)
_LOGIN = Answer(
    "the login is not accepted", WRONG_LOGIN, "the password, character by character, then auth user and realm"
)
_FAULT = Answer(
    "the carrier has a fault of its own",
    ("the carrier is overloaded or in maintenance", "the carrier's server behind its proxy is down"),
    "the carrier's status page; try again later",
)

_ANSWERS = {
    400: Answer(
        "it finds the request malformed",
        (
            "a character in the user, the domain or the contact that the carrier does not take",
            "the domain is no host name",
        ),
        "user, domain and contact user for blanks, quotes and other odd characters",
    ),
    401: _LOGIN,
    403: Answer(
        "it is forbidden, which need not be the password",
        REFUSED,
        "whether the account is active and this address allowed at the carrier, then the password",
    ),
    404: Answer(
        "it does not know this user at this domain",
        (
            "the user is misspelt",
            "the domain (fromdomain, client_uri, from-domain) is not one that the carrier serves",
            "the account was removed, or lives on another server of the carrier",
        ),
        "the user and the domain against the carrier's letter",
    ),
    405: Answer(
        "it takes no registrations there",
        (
            "the host is a gateway and not the registrar",
            "the trunk is authenticated by its address and never registers",
        ),
        "the carrier's registrar host; with IP authentication no registration is needed",
    ),
    407: _LOGIN,
    408: Answer("no answer came in time", NO_ANSWER, "host, port and transport, then the firewall"),
    414: Answer(
        "an address in the request is too long",
        ("user, domain or parameters were pasted twice or into the wrong field",),
        "the length of user and host",
    ),
    423: Answer(
        "the expiry is too short for it",
        ("the expiry is below the carrier's minimum",),
        "the expiry: ask for 3600 s, or for the minimum that the carrier names",
    ),
    439: Answer(
        "a proxy on the way does not support outbound (RFC 5626)",
        ("outbound support is on and the carrier has none",),
        "support_outbound=no",
    ),
    479: Answer(
        "its proxy (Kamailio, OpenSIPS) cannot use an address in the request",
        ("the host in the request is no name that it can resolve", "a private address or a wrong port in the contact"),
        "host and domain, and externaddr or external_signaling_address behind NAT",
    ),
    493: Answer(
        "it cannot decipher the request",
        ("the host is no registrar, or expects encrypted bodies",),
        "the host and the transport",
    ),
    500: _FAULT,
    502: _FAULT,
    503: Answer(
        "it is overloaded, in maintenance, or has too many contacts for the account",
        (
            "the carrier is overloaded or in maintenance",
            "more devices than allowed are registered for the account (Kamailio and OpenSIPS answer 503 then)",
        ),
        "the carrier's status page, and what else is registered for the account",
    ),
    504: _FAULT,
    603: Answer("it declines", REFUSED, "whether the account is active and this address allowed at the carrier"),
    908: Answer("FreeSWITCH got no answer in time", NO_ANSWER, "host, port and transport, then the firewall"),
}
_BY_CLASS = {
    3: Answer(
        "it sends the client to another server, which is not followed",
        ("the carrier moved the registrar",),
        "the address in the Contact of the answer",
    ),
    4: Answer("it refuses the request", REFUSED, "the answer itself, in a SIP trace: its reason phrase and Warning"),
    5: _FAULT,
    6: Answer("it refuses the request everywhere", REFUSED, "the answer itself, in a SIP trace"),
}
_UNKNOWN = Answer("nothing more is known about that status", (), "the answer itself, in a SIP trace")


def answer(status: str) -> Answer:
    """What a status means; never fails."""
    if not status.isdecimal():
        return _UNKNOWN
    number = int(status)
    return _ANSWERS.get(number) or _BY_CLASS.get(number // 100) or _UNKNOWN
