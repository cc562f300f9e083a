"""The words of the grammar of faults: actions and keys, with what they mean. Parser, docs and CLI read these."""

from __future__ import annotations

from typing import NamedTuple

GRAMMAR = (
    "ACTION [METHOD|STATUS] [from USER] [in|out] [auth|noauth] [nth=N|first=N|every=N|p=F] [KEY=VALUE ...] [optional]"
)
"""The shape of a fault; the words behind the action may come in any order."""

WIRE, ANSWER, NAMES = "wire", "answer", "names"


class Action(NamedTuple):
    """What a fault does to the messages that it touches."""

    name: str
    says: str
    """What it does, a sentence without a full stop."""
    side: str = WIRE
    """``wire``: datagrams and messages of streams, retransmissions included. ``answer``: requests, without them.
    ``names``: what the carrier's nameserver is asked."""
    keys: tuple[str, ...] = ()
    """The keys of its own; those of `COMMON` go with every action."""
    needs: str = ""
    """The key that it cannot do without."""
    directions: tuple[str, ...] = ("in", "out")
    """The directions that it can act in; the first one counts where nothing else tells."""
    transports: tuple[str, ...] = ("udp", "tcp", "tls")
    """The transports that it can act on."""
    example: str = ""


_STREAMS = ("tcp", "tls")

ACTIONS = {
    action.name: action
    for action in (
        Action("drop", "the message is lost", example="drop REGISTER from trunk1 first=2"),
        Action(
            "delay",
            "the message arrives later: by the time given, and up to `jitter` more; on a connection what comes behind "
            "it waits too",
            keys=("by", "jitter", "seed"),
            needs="by",
            example="delay 401 by=2s jitter=500ms",
        ),
        Action(
            "duplicate",
            "the message arrives twice, or with as many copies more as `copies` says",
            keys=("copies",),
            example="duplicate REGISTER copies=2",
        ),
        Action(
            "reorder",
            "the next message of the same flow and direction overtakes it; after `by` (1s) it goes on anyhow",
            keys=("by",),
            example="reorder 401 nth=1",
        ),
        Action(
            "corrupt",
            "bits of the message are flipped: in `octets` (1) places, drawn by the seed or from octet `at` on",
            keys=("octets", "at", "seed"),
            example="corrupt 401 octets=3 seed=7",
        ),
        Action(
            "truncate",
            "the message ends early: after `keep` octets, or else in its middle",
            keys=("keep",),
            example="truncate 200 keep=100",
        ),
        Action(
            "reset",
            "the connection is broken off when the message comes, which is lost",
            transports=_STREAMS,
            example="reset REGISTER auth nth=1",
        ),
        Action(
            "stall",
            "from this message on the connection is not read (in) or written to (out): for `by`, or until the fault "
            "is removed",
            keys=("by",),
            transports=_STREAMS,
            example="stall 200 by=3s",
        ),
        Action(
            "drip",
            "the message leaves slowly: `octets` (1) at a time, one such piece every `by` (20ms)",
            keys=("octets", "by"),
            directions=("out",),
            transports=_STREAMS,
            example="drip 401 octets=16 by=50ms",
        ),
        Action(
            "rebind",
            "from this message on the sender is seen at another port (`port`, or one that is made up), as behind a NAT "
            "that bound it anew; answers reach it all the same",
            keys=("port",),
            directions=("in",),
            transports=("udp",),
            example="rebind REGISTER from trunk1 nth=3",
        ),
        Action(
            "answer",
            "the request is answered with this status, and nothing else is done",
            ANSWER,
            ("status", "reason", "retry-after", "header"),
            "status",
            ("in",),
            example="answer REGISTER from trunk1 first=1 status=503 retry-after=5",
        ),
        Action(
            "silence",
            "the request and its retransmissions are never answered",
            ANSWER,
            directions=("in",),
            example="silence REGISTER auth",
        ),
        Action(
            "suspend",
            "the account is suspended: the request is answered 403",
            ANSWER,
            directions=("in",),
            example="suspend REGISTER from trunk1",
        ),
        Action(
            "block",
            "the source address is blocked: refused as one that is not on the allow-list",
            ANSWER,
            directions=("in",),
            example="block source=192.0.2.0/24",
        ),
        Action(
            "password",
            "the account has another password at the carrier than the client was told; only requests with credentials "
            "count",
            ANSWER,
            directions=("in",),
            example="password REGISTER from trunk1",
        ),
        Action(
            "skew",
            "the Date of the answer is off by the time given (a minus sign puts it back)",
            ANSWER,
            ("by",),
            "by",
            ("in",),
            example="skew REGISTER by=-1h",
        ),
        Action(
            "outage",
            "with this request the carrier goes down, for `by` (or until the fault is removed): `kind` is silent, "
            "refused or 503; `forget` names what is lost, bindings or nonces or both",
            ANSWER,
            ("by", "kind", "forget"),
            directions=("in",),
            example="outage REGISTER nth=3 by=10s kind=503 forget=nonces",
        ),
        Action(
            "dns",
            "the carrier's name is not found: its nameserver answers that there is no such name (nxdomain), that it "
            "failed (servfail), or nothing at all (silent), as `kind` says",
            NAMES,
            ("kind",),
            directions=("in",),
            transports=("udp",),
            example="dns first=2 kind=servfail",
        ),
    )
}
"""Every action by its name."""

COUNTS = ("nth", "first", "every", "p")
COMMON = (*COUNTS, "burst", "seed", "source", "transport")
"""Keys that go with every action; without one of `COUNTS` every message that matches is touched."""

KEYS = {
    "nth": "only the Nth message that matches, counted from when the fault was added",
    "first": "only the first N messages that match",
    "every": "every Nth message that matches",
    "p": "each message that matches, with this probability (above 0, up to 1), drawn by the seed",
    "burst": "once a message is touched, so are the next ones that match, N in a row",
    "seed": "seed of what is drawn (p, jitter, places); drawn itself, and shown, where it is not given",
    "source": "only messages from or to this address or CIDR network",
    "transport": "only messages over udp, tcp or tls",
    "by": "a time: 2s, 500ms, 1m, 1h",
    "jitter": "a time: up to so much more, drawn anew for each message",
    "copies": "a number of copies",
    "octets": "a number of octets",
    "at": "number of an octet, from 0",
    "keep": "a number of octets",
    "port": "a port number",
    "status": "a status, 100 to 699; `answer 503` says the same as `answer status=503`",
    "reason": "the phrase behind the status",
    "retry-after": "the value of Retry-After, in seconds",
    "header": 'a header field, "Name: value"; may be repeated',
    "kind": "of an outage silent, refused or 503; of dns nxdomain, servfail or silent",
    "forget": "bindings, nonces, or bindings,nonces",
}
"""What each key holds."""

WORDS = {
    "from": "only messages of this user: USER, or USER@HOST; the user of To in a REGISTER and in the carrier's own "
    "pings, of From in other requests",
    "in": "only what reaches the carrier",
    "out": "only what leaves it",
    "auth": "only requests with credentials, and answers to them",
    "noauth": "only requests without credentials, and answers to them",
    "optional": "that it touches nothing fails no test",
}
"""The words that stand alone."""
