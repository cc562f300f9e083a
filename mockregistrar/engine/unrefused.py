"""Verdicts where nothing was refused: on contacts that calls cannot reach, on what was no SIP, and on silence.

They are worked out from the records when somebody asks, and stand in no trace: what is registered, or dropped, costs
nothing more for them. Such a verdict has the number and the times of the record that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from mockregistrar.carrier.diagnosis.contacts import BECAUSE, Unreachable, plain, unanswered, unreachable
from mockregistrar.carrier.diagnosis.foreign import foreign
from mockregistrar.carrier.diagnosis.whys import why
from mockregistrar.engine.texts import short
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow, format_address
from mockregistrar.sip.message import Request, parse, response_target
from mockregistrar.trace import (
    BindingEvent,
    Dropped,
    FaultTouched,
    MessageSeen,
    Record,
    Refreshed,
    Registered,
    Verdict,
)

if TYPE_CHECKING:
    from mockregistrar.carrier.settings import ListenSpec
    from mockregistrar.trace import Trace

_REPEATED: Final = 2
"""Retransmissions from which on it is taken that no answer arrives."""
_LOOKS: Final = 100
"""Contacts that are looked at for one question, and REGISTERs that no answer reached: some 30 ms of work."""
BEFORE: Final = 64
"""Messages before a change of a binding among which the REGISTER is that made it."""


def further_verdicts(records: Iterable[Record], listening: Iterable[ListenSpec] = ()) -> list[Verdict]:
    """Return the verdicts on what was not refused, in order: contacts that cannot be reached, and what was no SIP.

    `records` are those of a trace, messages included; `listening` is where its carrier listens, for what to do instead.
    """
    held = list(records)
    messages = [r for r in held if isinstance(r, MessageSeen)]
    found = [*of_contacts([r for r in held if isinstance(r, BindingEvent)], messages), *_of_drops(held, listening)]
    if not any(isinstance(r, FaultTouched) for r in held):
        found += _of_lost_answers(messages)
    return sorted(found, key=lambda verdict: verdict.seq)


def of_silence(trace: Trace, listening: Iterable[ListenSpec], since: int, account: str = "") -> Iterator[Verdict]:
    """Yield why there was no refusal either: what came and was no SIP, or that nothing came at all.

    With an `account`, what a fault kept from others is none of its business, and neither is what others sent.
    """
    others = trace.others(since=since, partial=True)
    dropped = any(isinstance(r, Dropped) for r in others)
    if dropped:
        incoming: list[Record] = list(trace.messages(direction="in", since=since, partial=True))
        yield from _of_drops([*incoming, *others], listening)
    touched = [r for r in others if isinstance(r, FaultTouched)]
    told = set()
    for touch in touched:
        key = (touch.fault, touch.account, touch.method)
        if touch.direction == "in" and touch.effect == "dropped" and key not in told and account in ("", touch.account):
            told.add(key)
            sentence = f"a {touch.method} arrived, and was dropped by the fault `{touch.spec}`"
            yield _verdict(touch, touch.account, "fault", "", sentence, *why("fault"), flow=touch.flow)
    came = len(trace.messages(direction="in", since=since, partial=True))
    if not dropped and not told and (account or (not came and not touched)):
        places = ", ".join(f"{p.transport} {format_address((p.host, p.port))}" for p in listening)
        sentence = f"nothing arrived on {places}"
        if came:
            about = f"{came} messages" if came > 1 else "one message"
            sentence = f"nothing arrived for `{account}` on {places}, but {about} about others"
        nothing = Record(trace.seq, 0.0, 0.0)
        yield _verdict(nothing, account, "nothing-arrived", "", sentence, *why("nothing-arrived"))


def of_accepted(trace: Trace, since: int) -> list[Verdict]:
    """Return the verdicts on contacts that are, or were, bound, and on clients that no answer reaches."""
    bindings = trace.bindings(since=since, partial=True)
    messages = trace.messages(method="REGISTER", direction="in", since=since, partial=True)
    found = of_contacts(bindings, messages)
    if not any(isinstance(r, FaultTouched) for r in trace.others(since=since, partial=True)):
        found += _of_lost_answers(messages)
    return found


# -- contacts --------------------------------------------------------------------------------------------------


def of_contacts(bindings: Sequence[BindingEvent], messages: Sequence[MessageSeen]) -> list[Verdict]:
    """Return a verdict for each contact that calls cannot reach, about the first record that bound it so.

    One that its client put another in place of, as clients do that learn their address from the answer, has none.
    """
    found: dict[str, list[tuple[Verdict, BindingEvent]]] = {}
    looks = _LOOKS
    for event in bindings:
        if not isinstance(event, (Registered, Refreshed)):
            continue
        told = found.get(event.account, [])
        if told and isinstance(event, Registered):
            told[:] = [(verdict, earlier) for verdict, earlier in told if not _replaces(event, earlier)]
        if looks and event.flow is not None and not plain(event.contact, event.flow):
            looks -= 1
            verdict = of_contact(event, messages)
            if verdict is not None and all(
                (verdict.how, event.contact) != (other.how, earlier.contact) for other, earlier in told
            ):
                found.setdefault(event.account, told).append((verdict, event))
    return [verdict for told in found.values() for verdict, _ in told]


def of_contact(event: BindingEvent, messages: Sequence[MessageSeen]) -> Verdict | None:
    """Return the verdict on one contact, None where nothing says that it cannot be reached.

    `messages` hold the REGISTER that bound it; without that there is no verdict.
    """
    flow = event.flow
    if flow is None or plain(event.contact, flow):
        return None
    request = _register_of(event, flow, messages)
    if request is None:
        return None
    name, client = _client(request)
    found = unreachable(event.contact, flow, request, name)
    return None if found is None else _on_contact(event, event.account, found, client, flow)


def _replaces(event: BindingEvent, earlier: BindingEvent) -> bool:
    """Whether a client put one contact in another's place."""
    if event.account != earlier.account or event.contact == earlier.contact:
        return False
    return event.call_id == earlier.call_id or event.flow == earlier.flow


def _register_of(event: BindingEvent, flow: Flow, messages: Sequence[MessageSeen]) -> Request | None:
    """Return the REGISTER that changed a binding: the last message that came before on that flow."""
    low, high = 0, len(messages)
    while low < high:
        middle = (low + high) // 2
        if messages[middle].seq < event.seq:
            low = middle + 1
        else:
            high = middle
    for message in reversed(messages[max(0, low - BEFORE) : low]):
        if message.direction == "in" and message.flow == flow:
            request = _request(message)
            return request if request is not None and request.method == "REGISTER" else None
    return None


def _request(message: MessageSeen) -> Request | None:
    try:
        found = parse(message.data)
    except ParseError:
        return None
    return found if isinstance(found, Request) else None


def _client(request: Request, status: int | None = 200) -> tuple[str, str]:
    """Return the name of a client's manners and what it makes of its answer; empty for one that is not known."""
    from mockregistrar.client.manners.recognise import manners_seen

    manners = manners_seen(request)
    return ("", "") if manners is None else (manners.name, manners.outlook(status))


def _of_lost_answers(messages: Sequence[MessageSeen]) -> list[Verdict]:
    """Return a verdict for each REGISTER whose answers went elsewhere than it came from, and that came again.

    A client that sent something else afterwards has taken an answer.
    """
    again: dict[tuple[Flow, bytes], int] = {}
    latest: dict[Flow, MessageSeen] = {}
    for message in messages:
        if message.direction == "in" and message.flow.transport == "udp":
            if message.note == "retransmission":
                key = (message.flow, message.data)
                again[key] = again.get(key, 0) + 1
            else:
                latest[message.flow] = message
    found: list[Verdict] = []
    for (flow, data), times in again.items():
        asked = latest.get(flow)
        if times < _REPEATED or asked is None or asked.data != data or len(found) >= _LOOKS:
            continue
        request = _request(asked)
        if request is None or request.method != "REGISTER" or request.rport:
            continue
        target = response_target(request, flow)
        if target[0] == flow.remote[0] and target[1] != flow.remote[1]:
            name, client = _client(request, None)
            lost = unanswered(request, flow, times + 1, name)
            found.append(_on_contact(asked, asked.account, lost, client, flow))
    return found


# -- drops -----------------------------------------------------------------------------------------------------


def of_drop(record: Dropped, messages: Sequence[MessageSeen], listening: Iterable[ListenSpec]) -> Verdict:
    """Return the verdict on input that was dropped; `messages` may hold what it was."""
    data = b""
    if record.size:
        data = next((m.data for m in reversed(messages) if m.seq < record.seq and m.flow == record.flow), b"")
    told = foreign(record.because, record.detail, data, record.flow, listening)
    return _verdict(
        record, "", told.because, told.how, told.sentence, told.cause, told.fix,
        evidence=_whence(record), flow=record.flow,
    )  # fmt: skip


def _whence(drop: Dropped) -> str:
    if drop.flow is None:
        return ""
    what = f"{drop.size} octets came" if drop.size else "It came"
    return f"{what} from {format_address(drop.flow.remote)} to {drop.flow.transport} {format_address(drop.flow.local)}."


def _of_drops(records: Iterable[Record], listening: Iterable[ListenSpec]) -> list[Verdict]:
    """Return a verdict for each input that was dropped."""
    places = tuple(listening)
    found: list[Verdict] = []
    last: list[MessageSeen] = []
    for record in sorted(records, key=lambda record: record.seq):
        if isinstance(record, MessageSeen):
            last = [record]
        elif isinstance(record, Dropped):
            found.append(of_drop(record, last, places))
    return found


# -- verdicts --------------------------------------------------------------------------------------------------


def _on_contact(record: Record, account: str, found: Unreachable, client: str, flow: Flow) -> Verdict:
    user = account.partition("@")[0]
    return _verdict(
        record, account, BECAUSE, found.how, found.sentence, found.cause, found.fix,
        evidence=found.evidence, user=user, client=client, flow=flow,
    )  # fmt: skip


def _verdict(
    record: Record, account: str, because: str, how: str, sentence: str, cause: str, fix: str, *,
    evidence: str = "", user: str = "", client: str = "", flow: Flow | None = None,
) -> Verdict:  # fmt: skip
    return Verdict(
        record.seq, record.wire, record.carrier, record.seq, account, user, because, how, short(sentence),
        short(evidence), cause, fix, client, None, flow,
    )  # fmt: skip
