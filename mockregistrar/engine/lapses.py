"""Why no refresh came: what the history holds of an account between the last word of its binding and the lapse.

Four answers, each a slug with a sentence: nothing was sent, it was lost on the way, it was refused (with the verdict),
or it was challenged and the credentials never followed. Where the history no longer holds what came, there is none.
The history is gone through once for all the bindings of a slice, from its end, and no further than the oldest of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from mockregistrar.engine.texts import short
from mockregistrar.trace.counting import start_of
from mockregistrar.trace.incidents import FaultTouched, Refused, Verdict
from mockregistrar.trace.records import BindingEvent, Lapsed, MessageSeen, Record, Unregistered

if TYPE_CHECKING:
    from mockregistrar.carrier.bindings import Binding
    from mockregistrar.engine.engine import CarrierEngine
    from mockregistrar.sip.flow import Address, Flow
    from mockregistrar.trace import Trace

NEVER_SENT: Final = "refresh-never-sent"
DROPPED: Final = "refresh-dropped"
DELAYED: Final = "refresh-delayed"
REFUSED: Final = "refresh-refused"
UNREACHABLE: Final = "unreachable"
UNFINISHED: Final = "refresh-unfinished"
LAPSE_REASONS: Final = {
    NEVER_SENT: "the client sent no REGISTER for this account any more",
    DROPPED: "a REGISTER came, or its answer went, and was lost on the way",
    DELAYED: "a REGISTER came, or its answer went, and was held on the way",
    REFUSED: "a REGISTER came and was refused; the detail says why",
    UNREACHABLE: "its contact did not answer a ping, and was removed for that",
    UNFINISHED: "a REGISTER came and was challenged, and no credentials followed",
}
"""Every slug that a lapse may have as its `because`, with what it means."""

OF_FAULTS: Final = {
    DROPPED: ("drop", "silence", "reset", "stall", "corrupt", "truncate"),
    DELAYED: ("delay", "reorder", "drip"),
    REFUSED: ("answer", "suspend", "block", "password", "outage"),
}
"""The actions of faults that are to blame, by slug."""
_OF_FAULT: Final = {action: because for because, actions in OF_FAULTS.items() for action in actions}
_OF_REGISTER: Final = re.compile(rb"\r?\nCSeq\s*:\s*\d+\s+REGISTER\s*\r?\n", re.IGNORECASE)


class Why(NamedTuple):
    """Why a binding lapsed."""

    because: str
    """A slug of `LAPSE_REASONS`; empty where it is not known."""
    detail: str
    """One sentence more; empty where there is none."""


_NOTHING: Final = Why(NEVER_SENT, "")
_FORGOTTEN: Final = Why("", "the history no longer holds what came from it before")


def whys(trace: Trace, lapsed: Sequence[Binding]) -> Iterator[Why]:
    """Yield why each of some bindings, removed already, was not refreshed.

    For those of which nothing was heard, which are most where many lapse, it makes no object that outlives its turn.
    """
    since: dict[str, float] = {}
    for binding in lapsed:
        name = binding.account.name
        since[name] = min(since.get(name, binding.wire), binding.wire)
    seen: dict[str, list[Record]] = {}
    sources: dict[Address, str] = {}
    for binding in lapsed:
        if binding.flow is not None:
            name = binding.account.name
            if sources.setdefault(binding.flow.remote, name) != name:
                sources[binding.flow.remote] = ""  # many accounts at one address: nobody knows whose it was
    for name, record in trace.concerning(since, sources):
        seen.setdefault(name, []).append(record)
    for binding in lapsed:
        records = seen.get(binding.account.name)
        if records is not None:
            yield _why(trace, binding, records)
        elif trace.forgot(binding.account.name, binding.wire):
            yield _FORGOTTEN
        else:
            yield _NOTHING


def _why(trace: Trace, binding: Binding, records: Iterable[Record]) -> Why:
    story = _Story(binding)
    for record in records:
        if record.wire >= binding.wire:  # what told of the binding itself clears what came just before it
            story.take(record)
    if story.why is not None:
        return story.why
    if trace.forgot(binding.account.name, binding.wire):
        return _FORGOTTEN
    came = [f"{count} {method}" for method, count in story.others.items()]
    detail = f"no REGISTER came; {' and '.join(came)} did" if came else ""
    return Why(NEVER_SENT, detail)


# -- what the trace is told --------------------------------------------------------------------------


def record_lapses(engine: CarrierEngine, lapsed: Sequence[Binding], now: float, detail: str, because: str) -> None:
    """Record that bindings, removed already, have lapsed: of themselves, or as `detail` and `because` have it."""
    reasons = repeat(Why(because, detail)) if detail else whys(engine.trace, lapsed)
    for binding, why in zip(lapsed, reasons, strict=False):
        _record_gone(engine, Lapsed, binding, now, why)


def record_revoked(engine: CarrierEngine, revoked: Sequence[Binding], now: float) -> None:
    """Record that the tester took bindings, removed already, away."""
    for binding in revoked:
        _record_gone(engine, Unregistered, binding, now, Why("", "revoked by the test"))


def _record_gone(engine: CarrierEngine, change: type[BindingEvent], b: Binding, now: float, why: Why) -> None:
    spec, carrier_now = b.account.spec, engine.carrier_time(now)
    aor = f"{spec.user}@{spec.domain or engine.carrier.default_host}"
    engine.trace.binding(
        change, engine.wire_time(now), carrier_now, b.account.name, aor, b.uri, 0, b.flow, b.call_id, b.cseq,
        b.user_agent, max(0.0, b.expires_at - carrier_now), short(why.detail), why.because,
    )  # fmt: skip


class _Story:
    """What became of the refreshes of one binding, as far as it has been told."""

    def __init__(self, binding: Binding) -> None:
        self._flow = binding.flow
        self._alone = not binding.account.bindings
        self.why: Why | None = None
        self.others: dict[str, int] = {}
        """How often each other method came."""
        self._touched: tuple[int, Why] | None = None
        """What a fault did to the request that is being told of, and the number of that record."""
        self._refused = 0
        """Number of the last refusal."""

    def take(self, record: Record) -> None:
        """Take the next record that concerns the account."""
        if isinstance(record, Verdict):
            self._judged(record)
        elif not self._mine(getattr(record, "flow", None)):
            return
        elif isinstance(record, FaultTouched):
            self._touch(record)
        elif isinstance(record, Refused):
            self._refuse(record)
        elif isinstance(record, BindingEvent):
            if record.expires:
                self.why = self._touched = None
        elif isinstance(record, MessageSeen):
            self._message(record)

    def _mine(self, flow: Flow | None) -> bool:
        """Whether what came over a flow is this binding's.

        Where the account has other bindings left, it must have come from where this one did.
        """
        own = self._flow
        if flow is None or own is None or self._alone:
            return True
        return flow.remote == own.remote or (flow.reliable and flow.remote[0] == own.remote[0])

    def _touch(self, record: FaultTouched) -> None:
        because = _OF_FAULT.get(record.spec.partition(" ")[0])
        granted = record.status is not None and record.status < 300
        if because and record.method == "REGISTER" and not granted:
            self.why = Why(because, f"fault {record.fault}: {record.spec}")
            self._touched = record.seq, self.why

    def _refuse(self, record: Refused) -> None:
        if record.method != "REGISTER":
            return
        self._refused = record.seq
        by_fault, self._touched = self._touched, None
        if by_fault is not None and record.seq - by_fault[0] <= 2:  # the fault, the message, the refusal
            self.why = by_fault[1]
            return
        told = f"{record.because}: {record.detail}" if record.detail else record.because
        self.why = Why(DROPPED if record.status is None else REFUSED, told)

    def _judged(self, record: Verdict) -> None:
        by_fault = self.why is not None and self.why.detail.startswith("fault ")
        if record.about == self._refused and self.why is not None:
            if not by_fault:
                self.why = Why(self.why.because, f"{record.slug}: {record.sentence}")
        elif record.about > self._refused and self._mine(record.flow) and not by_fault:
            # A name that fits no account, and was meant to be this one's.
            self.why = Why(REFUSED, f"{record.slug}: {record.sentence}")

    def _message(self, record: MessageSeen) -> None:
        if record.direction == "in":
            start = start_of(record.data)
            if isinstance(start, str) and start != "REGISTER":
                self.others[start] = self.others.get(start, 0) + 1
        elif not record.note and start_of(record.data) in (401, 407) and _OF_REGISTER.search(record.data):
            self.why = Why(UNFINISHED, "it was challenged, and no credentials followed")
