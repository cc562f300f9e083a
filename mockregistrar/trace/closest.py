"""What arrived instead: the records seen while a wait ran out, closest to what was waited for first.

A test that waits for `trunk1` and sees nothing is told what did come: refusals for that account, then
for accounts of a similar name, then everything else, each kind once with how often.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow, format_address
from mockregistrar.sip.message import Request, parse
from mockregistrar.trace.incidents import Dropped, FaultTouched, Refused
from mockregistrar.trace.records import BindingEvent, MessageSeen, Record, Refreshed, Registered

_LINES = 8


def seen_instead(records: Iterable[Record], wanted: str, known: Sequence[str]) -> list[str]:
    """Return a line for each kind of thing that `records` hold, closest to the account `wanted` first.

    `known` are the carrier's account names. No line where nothing came.
    """
    groups: dict[tuple[object, ...], tuple[float, str, int]] = {}
    records = list(records)
    answered = {(r.flow, r.method) for r in records if isinstance(r, Refused)}
    answered |= {(r.flow, "REGISTER") for r in records if isinstance(r, (Registered, Refreshed))}
    for record in records:
        described = _describe(record, wanted, known, answered)
        if described is None:
            continue
        closeness, key, text = described
        _, _, count = groups.get(key, (closeness, text, 0))
        groups[key] = (closeness, text, count + 1)
    ranked = sorted(groups.values(), key=lambda g: -g[0])
    lines = [text if count == 1 else f"{text}, {_times(count)}" for _, text, count in ranked[:_LINES]]
    if len(ranked) > _LINES:
        lines.append(f"and {len(ranked) - _LINES} more kinds of things")
    return lines


def _times(count: int) -> str:
    return {2: "twice", 3: "three times"}.get(count, f"{count} times")


def _likeness(user: str, wanted: str) -> float:
    return difflib.SequenceMatcher(None, user, wanted.partition("@")[0]).ratio()


def _describe(
    record: Record, wanted: str, known: Sequence[str], answered: set[tuple[Flow | None, str]]
) -> tuple[float, tuple[object, ...], str] | None:
    if isinstance(record, Refused):
        answer = f"answered {record.status}" if record.status is not None else "not answered"
        where = f" from {format_address(record.flow.remote)}" if record.flow is not None else ""
        key: tuple[object, ...] = ("refused", record.method, record.user, record.because, record.status, record.flow)
        mine = record.account == wanted
        reason = record.because.replace("-", " ")
        if not mine and record.because == "unknown-user":
            close = difflib.get_close_matches(record.user, known, n=1)
            reason += f", did you mean `{close[0]}`?" if close else ""
        elif record.detail:
            reason += f" ({record.detail})"
        text = f"{record.method}{where} for `{record.user}`: {reason} ({answer})"
        return (3.0 if mine else 1.0 + _likeness(record.user, wanted)), key, text
    if isinstance(record, BindingEvent):
        where = f" from {format_address(record.flow.remote)}" if record.flow is not None else ""
        key = ("binding", record.kind, record.account, record.flow)
        mine = record.account == wanted
        why = f", {record.because}" if record.because else ""
        text = f"`{record.account}` {record.kind}{where}{why}"
        return (2.5 if mine else 1.0 + _likeness(record.account, wanted)), key, text
    if isinstance(record, Dropped):
        where = f" from {format_address(record.flow.remote)}" if record.flow is not None else ""
        return 0.7, ("dropped", record.because, record.flow), f"{record.size} octets{where}: {record.detail}"
    if isinstance(record, FaultTouched):
        where = format_address(record.flow.remote)
        what = record.method if record.status is None else f"{record.status} to the {record.method}"
        key = ("fault", record.fault, record.method, record.status, record.account, record.effect)
        mine = record.account == wanted
        text = f"{what} {'from' if record.direction == 'in' else 'to'} {where}"
        text += f" for `{record.account}`" if record.account else ""
        return (2.8 if mine else 0.9), key, f"{text}: {record.effect} by fault {record.fault}, `{record.spec}`"
    if isinstance(record, MessageSeen) and record.direction == "in" and not record.note:
        return _describe_request(record, wanted, answered)
    return None


def _describe_request(
    record: MessageSeen, wanted: str, answered: set[tuple[Flow | None, str]]
) -> tuple[float, tuple[object, ...], str] | None:
    """Describe a request that was not refused: a challenge that was not answered, a ping."""
    try:
        message = parse(record.data)
        if not isinstance(message, Request) or (record.flow, message.method) in answered:
            return None
        user = message.to_aor.rpartition("@")[0]
    except ParseError:
        return None
    where = format_address(record.flow.remote)
    if message.method == "REGISTER":
        if "authorization" in message.headers:
            return None
        text = f"REGISTER from {where} for `{user}`: challenged, and no credentials came"
        return 1.0 + _likeness(user, wanted), ("challenged", user, record.flow), text
    return 0.3, ("request", message.method, record.flow), f"{message.method} from {where}"
