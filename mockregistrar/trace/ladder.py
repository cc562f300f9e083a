"""The ladder: a conversation as text, one line per message, for people.

::

  ladder     client udp 127.0.0.1:41822                       carrier 127.0.0.1:35060
   +0.0 ms   REGISTER sip:sip.acme.example  cseq 102, asks 120 s  ------------------>
   +0.6 ms   <------------  401 Unauthorized  realm "sip.acme.example", MD5, qop auth
   +1.4 ms   REGISTER  cseq 103, Digest user 200, nc 1, asks 120 s  ---------------->
   +1.9 ms   <------------  401 Unauthorized  refused: wrong-password
             ... the same again, 3 times, until +95.0 ms

Requests and responses that the carrier receives point right, what it sends points left. The
Request-URI is shown when it is the first of its kind. What repeats, a line or a run of up to twelve,
is folded; CSeq and nonce counts, which grow by nature, do not make a difference.

A reason for a refusal is put on the answer that gave it, which the trace may have recorded just
before or just after it; a refusal that was met with silence gets a line of its own. So do turns of
events that no message shows: a lapse, an outage, a clock that was advanced.

Text from the wire cannot harm a terminal: what is not printable is shown as an escape. Secrets are
masked before a line is cut to width, so that no part of one stays behind.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from mockregistrar.sip.flow import Flow, format_address
from mockregistrar.trace.describe import describe
from mockregistrar.trace.incidents import Dropped, FaultTouched, InternalError, Note, Qualified, Refused, Verdict
from mockregistrar.trace.masking import Masker
from mockregistrar.trace.records import Lapsed, MessageSeen, Record

WIDTH = 110
"""Columns that a line takes at most, unless asked for otherwise."""

_TITLE = "ladder"
_ARROW = 12  # dashes of an arrow to the left, and the fewest of one to the right
_FOLD = 12  # messages in the longest run that is looked for
_CUT = "…"
_REFUSED = "refused: "
_DROPPED = "dropped: "


@dataclass(slots=True)
class _Row:
    """One line before it is laid out."""

    wire: float
    text: str
    direction: str = ""
    """``in``, ``out``, or nothing: a remark, without an arrow."""
    flow: Flow | None = None
    status: int | None = None
    size: int = 0
    remark: str = ""
    """``refused: wrong-password`` and the like."""
    details: str = ""
    key: tuple[Hashable, ...] = ()
    noted: bool = False
    """Whether the message's own note already says what became of it."""
    label: str = field(default="")

    @property
    def line(self) -> str:
        details = "" if self.remark.startswith(_REFUSED) else self.details  # the reason says more
        return "  ".join(filter(None, (self.text, self.remark, details)))

    @property
    def sameness(self) -> tuple[Hashable, ...]:
        return (self.direction, self.label, self.key or self.text, self.remark)


def ladder(records: Iterable[Record], masker: Masker | None = None, *, width: int = WIDTH) -> str:
    """Return the ladder of *records*, which are in their order; of no message, a line that says so.

    Messages, refusals, drops, lapses, notes and defects are shown; other records are passed over. No line
    is longer than *width* columns (at least 60), and none ends in a line feed.
    """
    rows = _rows(records)
    if not rows:
        return "no SIP traffic was seen"
    masker = masker if masker is not None else Masker()
    for row in rows:
        row.text, row.remark, row.details = (
            printable(masker.text(text)) for text in (row.text, row.remark, row.details)
        )
    return "\n".join(_laid_out(rows, max(width, 60)))


def printable(text: str) -> str:
    """Return *text* with what a terminal cannot show, or would obey, as backslash escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # an octet that was not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


# -- from records to rows -------------------------------------------------------------------------------


def _rows(records: Iterable[Record]) -> list[_Row]:
    rows: list[_Row] = []
    shown: set[tuple[str, str, str]] = set()
    waiting: list[_Row] = []  # refusals whose answers are still to come
    heard: set[Flow | None] = set()
    told: set[tuple[str, str, str]] = set()
    for record in records:
        if isinstance(record, MessageSeen):
            row = _message_row(record, shown)
            if row.direction == "in":
                heard.add(row.flow)
                if rows and _is_drop_of(rows[-1], row):
                    row.remark = rows.pop().remark
            elif row.status is not None and (refusal := _refusal_behind(row, waiting, heard)) is not None:
                row.remark = refusal.remark
                waiting.remove(refusal)
                rows.remove(refusal)
            rows.append(row)
        elif isinstance(record, Refused):
            if record.status is None or not _put_on_last_answer(rows, record):
                rows.append(_refused_row(record))
                if record.status is not None:
                    waiting.append(rows[-1])
        elif isinstance(record, Verdict):
            verdict = (record.account, record.user, record.sentence)
            if record.how and verdict not in told:
                told.add(verdict)
                rows.append(_Row(record.wire, f"why: {record.sentence}"))
        elif isinstance(record, Dropped):
            _add_drop(rows, record)
        elif isinstance(record, Lapsed):
            why = ", ".join(filter(None, (record.because, record.detail))) or "no refresh"
            rows.append(_Row(record.wire, f"{record.account} lapsed: {why}"))
        elif isinstance(record, FaultTouched):
            rows.append(_Row(record.wire, fault_text(record)))
        elif isinstance(record, Qualified):
            rows.append(_Row(record.wire, qualified_text(record)))
        elif isinstance(record, Note):
            rows.append(_Row(record.wire, record.text))
        elif isinstance(record, InternalError):
            rows.append(_Row(record.wire, f"internal error: {record.detail}"))
    return rows


def qualified_text(record: Qualified) -> str:
    """Return what a ping of a contact showed: ``alice is reachable: sip:alice@192.0.2.7 answered OPTIONS with 200``."""
    what = f"{record.contact} answered OPTIONS with {record.status}" if record.reachable else record.detail
    return f"{record.account} is {'' if record.reachable else 'not '}reachable: {what}"


def fault_text(record: FaultTouched) -> str:
    """Return which fault touched which message how: ``fault 1 (drop REGISTER): REGISTER of trunk1 dropped``."""
    what = record.method or "octets"
    if record.status is not None:
        what = f"{record.status} to {what}"
    who = f" of {record.account}" if record.account else ""
    return f"fault {record.fault} ({record.spec}): {what}{who} {record.effect}"


def _message_row(record: MessageSeen, shown: set[tuple[str, str, str]]) -> _Row:
    what = describe(record.data)
    text = what.head
    if what.uri:
        kind = (record.direction, what.head, what.uri)
        if kind not in shown:
            shown.add(kind)
            text = f"{what.head} {what.uri}"
    details = ", ".join(part.text for part in what.parts)
    note = f"({record.note})" if record.note else ""
    if what.kind == "other" and note:  # the note says why it is unreadable, in the same words
        details = ""
    return _Row(
        record.wire,
        text,
        record.direction,
        record.flow,
        what.status,
        len(record.data),
        details="  ".join(filter(None, (details, note))),
        key=(*what.sameness, record.note),
        noted=bool(record.note),
    )


def _refused_row(refusal: Refused) -> _Row:
    if refusal.status is None:
        text = f"no answer to {refusal.method}" if refusal.method else "no answer"
    else:
        text = f"answer {refusal.status} not seen"
    return _Row(refusal.wire, text, flow=refusal.flow, status=refusal.status, remark=_REFUSED + refusal.because)


def _refusal_behind(answer: _Row, waiting: list[_Row], heard: set[Flow | None]) -> _Row | None:
    """Return the refusal that led to *answer*: of its flow; or of its host, where nothing came by that flow.

    The second is for clients whose Via names another port than they send from.
    """
    waiting = [row for row in waiting if row.status == answer.status]
    for row in waiting:
        if row.flow == answer.flow:
            return row
    if answer.flow in heard:
        return None
    return next((row for row in waiting if _host(row) == _host(answer)), None)


def _host(row: _Row) -> str:
    return row.flow.remote[0] if row.flow is not None else ""


def _put_on_last_answer(rows: list[_Row], refusal: Refused) -> bool:
    """Put the reason on the latest line of its flow, if that is the answer it is for."""
    for row in reversed(rows):
        if row.flow == refusal.flow:
            if row.direction == "out" and row.status == refusal.status and not row.remark:
                row.remark = _REFUSED + refusal.because
                return True
            return False
    return False


def _add_drop(rows: list[_Row], drop: Dropped) -> None:
    """Put a drop on the message just shown, or give it a line until its message comes."""
    remark = _DROPPED + drop.because
    if rows and rows[-1].direction == "in" and rows[-1].flow == drop.flow and rows[-1].size == drop.size:
        if not rows[-1].noted:
            rows[-1].remark = remark
        return
    rows.append(_Row(drop.wire, f"{drop.size} octets", flow=drop.flow, size=drop.size, remark=remark))


def _is_drop_of(row: _Row, message: _Row) -> bool:
    return (
        not row.direction
        and row.remark.startswith(_DROPPED)
        and row.flow == message.flow
        and row.size == message.size
        and not message.noted
    )


# -- from rows to lines ---------------------------------------------------------------------------------


def _laid_out(rows: list[_Row], width: int) -> list[str]:
    flows = list(dict.fromkeys(row.flow for row in rows if row.flow is not None))
    clients, carrier = _label(rows, flows)
    start = rows[0].wire
    times = [_relative(row.wire - start) for row in rows]
    time_width = max(len(_TITLE), *map(len, times))
    label_width = max((len(row.label) for row in rows), default=0)
    margin = 2 + time_width + 3 + (label_width + 2 if label_width else 0)
    wanted = max(len(row.line) + _ARROW + 3 for row in rows)
    lane = min(width - margin, max(wanted, len(clients) + len(carrier) + 4))
    head = f"{clients}{carrier:>{max(lane - len(clients), len(carrier) + 2)}}"
    lines = [f"  {_TITLE:<{time_width}}   {'':{margin - time_width - 5}}{head}".rstrip()]
    for at, repeats, period in _folds([row.sameness for row in rows]):
        for index in range(at, at + period):
            row = rows[index]
            label = f"{row.label:<{label_width}}  " if label_width else ""
            lines.append(f"  {times[index]:>{time_width}}   {label}{_drawn(row, lane)}")
        if repeats:
            until = times[at + period * (repeats + 1) - 1]
            again = {1: "once", 2: "twice"}.get(repeats, f"{repeats} times")
            lines.append(f"{'':{margin}}... the same again, {again}, until {until}")
    return [_cut(line.rstrip(), width) for line in lines]


def _label(rows: list[_Row], flows: list[Flow]) -> tuple[str, str]:
    """Label the rows where there are several clients; return what the head says of both sides."""
    remotes = dict.fromkeys((flow.transport, flow.remote) for flow in flows)
    locals_ = dict.fromkeys((flow.transport, flow.local) for flow in flows)
    addresses = dict.fromkeys(format_address(local) for _, local in locals_)
    carrier = f"carrier {', '.join(addresses)}" if addresses else ""
    if len(remotes) <= 1:
        clients = "".join(f"client {transport} {format_address(remote)}" for transport, remote in remotes)
        return clients, carrier
    hosts = dict.fromkeys(remote[0] for _, remote in remotes)
    transports = dict.fromkeys(transport for transport, _ in remotes)
    for row in rows:
        if row.flow is not None:
            remote = row.flow.remote
            label = f":{remote[1]}" if len(hosts) == 1 else format_address(remote)
            row.label = label if len(transports) == 1 else f"{row.flow.transport} {label}"
    where = next(iter(hosts)) if len(hosts) == 1 else f"{len(hosts)} addresses"
    return f"clients {'/'.join(transports)} {where}", carrier


def _relative(seconds: float) -> str:
    return f"+{seconds * 1000:.1f} ms"


def _drawn(row: _Row, lane: int) -> str:
    if row.direction == "in":
        text = _cut(row.line, lane - _ARROW - 3)
        return f"{text}  {'-' * (lane - len(text) - 3)}>"
    arrow = f"<{'-' * _ARROW}  " if row.direction == "out" else "* "
    return arrow + _cut(row.line, lane - len(arrow))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - len(_CUT)] + _CUT


def _folds(keys: list[tuple[Hashable, ...]]) -> list[tuple[int, int, int]]:
    """Return runs as (start, repeats after the first, length of the run), covering all of *keys*.

    At each place the run that saves most lines is taken; one that saves none is not.
    """
    runs: list[tuple[int, int, int]] = []
    at = 0
    while at < len(keys):
        best, repeats, period = 0, 0, 1
        for length in range(1, min(_FOLD, (len(keys) - at) // 2) + 1):
            run = keys[at : at + length]
            times = 0
            while keys[at + length * (times + 1) : at + length * (times + 2)] == run:
                times += 1
            saved = times * length - 1  # the line that says so is not saved
            if saved > best:
                best, repeats, period = saved, times, length
        runs.append((at, repeats, period))
        at += period * (repeats + 1)
    return runs
