"""What the words in the tables of `sip show registry`, `pjsip show registrations` and `sofia status` mean.

A word is not always what it seems: chan_sip prints `Registered` while it renews without an answer too, and PJSIP prints
`Rejected` both for a registration that is tried again and for one that has stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

from .answers import NO_ANSWER, REFUSED, WRONG_LOGIN

_STOPPED_SIP = "then `sip reload`, as it is not tried again"


@dataclass(frozen=True, slots=True)
class State:
    """A word for the state of a registration: its code, what it means, what to check first, what can cause it."""

    code: str
    means: str
    check: str = ""
    causes: tuple[str, ...] = ()


CHAN_SIP = {
    "Registered": State(
        "SR960",
        "The last registration that was answered succeeded. The word alone does not prove a live registration: it "
        "stays while Asterisk renews and nobody answers.",
        "Reg.Time: it is never older than Refresh while the registration lives",
    ),
    "Unregistered": State(
        "SR961",
        "No registration was sent yet, or the last one timed out and is tried again.",
        "the log for `timed out, trying again`; right after a reload this is usual",
        NO_ANSWER,
    ),
    "Request Sent": State(
        "SR962",
        "REGISTER is out and nothing has answered it yet. If the word stays, nothing answers at all.",
        "host, port and transport, then the firewall",
        NO_ANSWER,
    ),
    "Auth. Sent": State(
        "SR963",
        "The carrier asked for the login and got it, and has not answered since. If the word stays, it refuses the "
        "login again and again, or drops it.",
        "the log for `Failed to authenticate on REGISTER`, then password and auth user",
        WRONG_LOGIN,
    ),
    "Rejected": State(
        "SR964",
        "The carrier refused it (403, 404, 400, 414, 479, 493, or 423 above maxexpiry), and Asterisk has stopped.",
        f"the log for the answer, then account, address and password; {_STOPPED_SIP}",
        REFUSED,
    ),
    "No Authentication": State(
        "SR965",
        "The carrier did not accept the login.",
        "the password, character by character, then the auth user",
        WRONG_LOGIN,
    ),
    "Failed": State(
        "SR966",
        "`registerattempts` is used up: Asterisk has stopped.",
        f"host, port, transport and firewall, and registerattempts=0; {_STOPPED_SIP}",
        NO_ANSWER,
    ),
    "Timeout": State(
        "SR967",
        "Nothing answered in time; it is tried again.",
        "host, port and transport, then the firewall",
        NO_ANSWER,
    ),
}

IAX2 = {
    **CHAN_SIP,
    "Registered": State("SR969", "It is registered by IAX2, which is not SIP: a SIP registrar has no part in it."),
}

PJSIP = {
    "Registered": State("SR970", "It is registered."),
    "Overdue": State(
        "SR971",
        "It was registered, but the refresh is overdue: nobody has answered it yet.",
        "whether anything comes back (`pjsip set logger on`), then the firewall",
        NO_ANSWER,
    ),
    "Unregistered": State(
        "SR972",
        "No answer has been seen yet. The first REGISTER goes out 1 to 10 s after load; if the word stays, nothing "
        "answers, or it was unregistered by hand.",
        "whether anything comes back (`pjsip set logger on`); if not: host, port, transport, firewall",
        NO_ANSWER,
    ),
    "Retried": State(
        "SR973",
        "The last try failed, and it is tried again.",
        "the log for `Temporal response` or `No response received`",
        (*NO_ANSWER, "the carrier answers 5xx or 6xx"),
    ),
    "Rejected": State(
        "SR974",
        "The last try failed. The same word stands for `tried again later` and for `stopped`: with nothing ahead in "
        "(exp. ...) it has stopped.",
        "the log for `Fatal response` or `Maximum retries reached`; then `pjsip send register NAME`, or reload",
        (*REFUSED, "max_retries (10) is used up after an outage of the carrier"),
    ),
    "Stopped": State(
        "SR975",
        "It was stopped, by a reload that took it away or by hand. Nothing is sent any more.",
        "whether it is still in pjsip.conf; then `pjsip send register NAME`, or reload",
    ),
    "Stopping": State("SR976", "It is being taken away: the carrier is asked to forget it."),
}

FREESWITCH = {
    "REGED": State("SR986", "The gateway is registered."),
    "UNREGED": State(
        "SR987",
        "The gateway is not registered, and is about to be.",
        "the log; right after a rescan this is usual",
        NO_ANSWER,
    ),
    "TRYING": State(
        "SR988", "REGISTER is out and nothing final has answered it yet.", "host, port and transport", NO_ANSWER
    ),
    "REGISTER": State("SR988", "The carrier has just accepted it."),
    "UNREGISTER": State("SR987", "The gateway is being unregistered."),
    "FAILED": State(
        "SR989", "The last try failed; it is tried again.", "the log for `Failed Registration` and its status", REFUSED
    ),
    "FAIL_WAIT": State(
        "SR989",
        "The last try failed. FreeSWITCH waits for retry-seconds times the number of failures and tries again.",
        "the log for `Failed Registration` and its status",
        REFUSED,
    ),
    "EXPIRED": State("SR990", "The registration has run out and is about to be renewed.", "the log", NO_ANSWER),
    "TIMEOUT": State("SR990", "Nothing answered within 60 s; it is tried again.", "host, port, transport", NO_ANSWER),
    "NOREG": State(
        "SR991",
        "The gateway does not register, because `register` is false. That is right where the carrier knows the "
        "address.",
    ),
    "DOWN": State(
        "SR992",
        "The gateway does not answer the OPTIONS of `ping`: calls through it fail.",
        "whether the carrier answers OPTIONS at all; if it does not: no `ping`",
        NO_ANSWER,
    ),
}

NOTHING = State(
    "SR977",
    "Nothing is set up to register. That is right where the carrier knows the address, and wrong where it wants a "
    "login.",
    "whether the config was loaded: `register =>` in [general], or type=registration",
    (
        "the file was refused: see the log from the last reload",
        "the registration stands in a peer section, in extensions.conf, or in another file",
        "a VICIdial carrier with protocol PJSIP: its registration string is never written",
    ),
)
