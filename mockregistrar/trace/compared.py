"""The closest candidate, field by field: what an account's REGISTER should have held, and what the nearest one held.

A wait that runs out says in a line for each kind of thing what came instead (``closest.py``). Of the REGISTER that came
closest this says what differs, all of it at once, since a config with one mistake often has two.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from mockregistrar.sip.credentials import Credentials
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow, format_address
from mockregistrar.sip.message import Request, parse
from mockregistrar.trace.incidents import FaultTouched, Refused, Verdict
from mockregistrar.trace.records import MessageSeen, Record

_LIKE = 0.6
"""How much the name of a user must be like the one that was waited for, to be told of field by field."""
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Expected:
    """What the REGISTER of one account has to hold to be let in. Nothing in it is secret."""

    user: str
    auth_user: str
    """Empty where no credentials are needed."""
    realm: str
    domains: tuple[str, ...]
    """The hosts that are served; none where all are."""
    transports: tuple[str, ...]
    networks: tuple[str, ...]
    """Addresses and networks it may come from; none where all are."""


class Difference(NamedTuple):
    """One field of the candidate that is not as it should be."""

    field: str
    expected: str
    seen: str


class Candidate(NamedTuple):
    """The REGISTER that came closest."""

    flow: Flow
    differs: tuple[Difference, ...]
    same: tuple[str, ...]
    """What is as it should be: ``realm sip.acme.example``."""
    verdict: Verdict | None
    refused: Refused | None

    def lines(self) -> list[str]:
        """Return the lines of a message: what differs, what does not, the verdict, what to do, where to read on."""
        lines = [f"The closest, from {format_address(self.flow.remote)} ({self.flow.transport}), field by field:"]
        width = max((len(each.field) for each in self.differs), default=0)
        lines += [f"  {d.field:<{width}}  expected {d.expected}, seen {d.seen}" for d in self.differs]
        if self.same:
            lines.append(f"  {'as it should be' if self.differs else 'all as it should be'}: {', '.join(self.same)}")
        verdict = self.verdict
        if verdict is not None:
            lines.append(f"verdict: {verdict.slug}: {verdict.sentence}")
            if verdict.fix:
                lines.append(f"next: {verdict.fix}")
            lines.append(f"more: mockregistrar codes {verdict.because}")
        elif self.refused is not None:
            lines.append(f"more: mockregistrar codes {self.refused.because}")
        return lines


def closest_register(records: Iterable[Record], expected: Expected) -> Candidate | None:
    """Return the REGISTER closest to an account's among the records, with what differs; None where none is like it."""
    best: tuple[tuple[float, bool, int], MessageSeen, Request] | None = None
    records = list(records)
    for record in records:
        if not isinstance(record, MessageSeen) or record.direction != "in" or record.note == "retransmission":
            continue
        request = _register(record.data)
        if request is None:
            continue
        likeness = _likeness(request, expected.user)
        if likeness < _LIKE:
            continue
        rank = (likeness, bool(request.credentials), record.seq)
        if best is None or rank > best[0]:
            best = rank, record, request
    if best is None:
        return None
    _, record, request = best
    refused = next(
        (r for r in records if isinstance(r, Refused) and r.seq > record.seq and r.flow == record.flow), None
    )
    # Its refusal is written right behind it; a later one is another request's.
    if refused is not None and refused.seq - record.seq > 2:
        refused = None
    verdicts = [r for r in records if isinstance(r, Verdict)]
    verdict = None if refused is None else next((v for v in verdicts if v.about == refused.seq), None)
    differs, same = _compared(request, record.flow, expected, challenged=_challenged(records, record))
    if refused is not None and refused.because == "wrong-password":
        differs.append(Difference("password", "the account's", "another"))
    differs += _touched(records, record)
    return Candidate(record.flow, tuple(differs), tuple(same), verdict, refused)


def _register(data: bytes) -> Request | None:
    if not data.startswith(b"REGISTER "):
        return None
    try:
        message = parse(data)
        if not isinstance(message, Request):
            return None
        _ = message.to.uri.host, message.credentials
    except ParseError:
        return None
    return message


def _likeness(request: Request, user: str) -> float:
    sent = request.to.uri.user or ""
    names = {sent, *(c.username or "" for c in _credentials(request))}
    return max(difflib.SequenceMatcher(None, name, user).ratio() for name in names)


def _credentials(request: Request) -> list[Credentials]:
    """Return the digest credentials that can be read; that others cannot be is what the refusal says."""
    values = (*request.credentials, *request.headers.get("proxy-authorization", ()))
    return [found for found in map(_readable, values) if found is not None]


def _readable(value: str) -> Credentials | None:
    try:
        return Credentials.parse(value)
    except ParseError:
        return None


def _compared(
    request: Request, flow: Flow, expected: Expected, *, challenged: bool
) -> tuple[list[Difference], list[str]]:
    differs: list[Difference] = []
    same: list[str] = []

    def compare(field: str, wanted: str, seen: str, *, fits: bool | None = None) -> None:
        if (wanted == seen) if fits is None else fits:
            same.append(f"{field} {_shown(seen)}" if seen else field)
        else:
            differs.append(Difference(field, _quoted(wanted), _quoted(seen)))

    to = request.to.uri
    compare("user", expected.user, to.user or "")
    if expected.domains:
        host = (to.host or "").lower()
        fits = host in {name.lower() for name in expected.domains}
        compare("domain", " or ".join(expected.domains), to.host or "", fits=fits)
    sender = _sender(request)
    if sender not in (None, to.user):
        compare("user in From", to.user or "", sender or "")
    if expected.auth_user:
        given = _credentials(request)
        if not given and challenged:
            differs.append(Difference("credentials", f"those of `{expected.auth_user}`", "none"))
        elif given:
            compare("auth user", expected.auth_user, given[0].username or "")
            compare("realm", expected.realm, given[0].realm or "")
    compare("transport", " or ".join(expected.transports), flow.transport, fits=flow.transport in expected.transports)
    if expected.networks:
        fits = _within(flow.remote[0], expected.networks)
        compare("source", " or ".join(expected.networks), flow.remote[0], fits=fits)
    if "contact" not in request.headers:
        differs.append(Difference("Contact", "one", "none, which asks who is registered and registers nobody"))
    return differs, same


def _sender(request: Request) -> str | None:
    try:
        return request.from_.uri.user
    except ParseError:
        return None


def _challenged(records: Iterable[Record], seen: MessageSeen) -> bool:
    """Whether a message was answered with a challenge, so that credentials were due."""
    answer = next((r for r in records if isinstance(r, MessageSeen) and r.seq > seen.seq and r.flow == seen.flow), None)
    return answer is not None and answer.direction == "out" and answer.data[8:11] in (b"401", b"407")


def _touched(records: Iterable[Record], seen: MessageSeen) -> list[Difference]:
    """Return what a fault did to the message or to its answer."""
    near = [
        r
        for r in records
        if isinstance(r, FaultTouched) and r.flow == seen.flow and abs(r.seq - seen.seq) <= 2 and r.method == "REGISTER"
    ]
    return [Difference("way", "undisturbed", f"{r.effect} by fault {r.fault}, `{r.spec}`") for r in near]


def _within(host: str, networks: Iterable[str]) -> bool:
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return any(address in ipaddress.ip_network(network, strict=False) for network in networks)


def _quoted(text: str) -> str:
    return f"`{_shown(text)}`" if text else "nothing"


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
