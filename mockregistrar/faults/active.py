"""The faults that are on: which of them touch a message, and what is known about those that touched none.

Theory of operation. Each fault counts the messages that match it, from when it was added, and its count or its seeded
generator says whether it is its turn. A message goes through the faults of a point in the order in which they were
added; each may change what the ones behind it see (its octets, its delay, how often it comes), and one that ends the
message ends the row: what is lost is not counted by the faults behind. Nothing is carried out here: a `Passage` says
what becomes of the message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mockregistrar.faults.matching import Facts, differences
from mockregistrar.faults.spec import FaultError, FaultSpec
from mockregistrar.faults.words import ANSWER, NAMES, WIRE

if TYPE_CHECKING:
    import random

    from mockregistrar.sip.flow import Flow

MOST = 64
"""Faults that may be on at once; as many that were removed are remembered."""
_NEAR = 6
"""Kinds of messages that a fault remembers as close to what it asks for."""
_FLOWS = 1000
_ONCE = ("stall", "rebind")
"""Actions that change a flow for good: one message of a flow is enough."""


@dataclass(frozen=True, slots=True)
class Near:
    """Messages that came while a fault waited, and did not match it."""

    what: str
    """The message, in a few words."""
    differs: tuple[str, ...]
    """In what it differs from what the fault asks for."""
    count: int


@dataclass(frozen=True, slots=True)
class FaultInfo:
    """A fault as it stands."""

    number: int
    """From 1, in the order in which they were added; never used twice."""
    spec: FaultSpec
    """With the seed that it draws by, if it draws."""
    seen: int
    """Messages that matched it since it was added."""
    fired: int
    """Messages that it touched."""
    near: tuple[Near, ...] = ()
    """Messages that came close, closest first; while it touched none."""
    given: str = "test"
    """Who added it: ``test``, or ``settings`` for one that the carrier began with."""
    since: int = 0
    """Number of the latest record of the trace when it was added."""
    on: bool = True
    told: bool = False
    """Whether that it touched nothing was told already, when it was removed."""

    @property
    def missed(self) -> bool:
        """Whether it touched nothing although it was to."""
        return not self.fired and not self.spec.optional

    def __str__(self) -> str:
        times = {0: "touched nothing", 1: "touched one message"}.get(self.fired, f"touched {self.fired} messages")
        return f"fault {self.number}: {self.spec}  ({times})"

    def explain(self) -> str:
        """Return why it touched nothing: what came instead, closest first, each with all that differs."""
        lines = [f"the fault `{self.spec}` never touched a message."]
        if self.seen:
            came = "one message" if self.seen == 1 else f"{self.seen} messages"
            lines[0] += f" It matched {came}, and its turn ({_counting(self.spec)}) did not come."
        elif not self.near:
            way = " or ".join({"in": "came", "out": "left"}[d] for d in self.spec.acts_in)
            lines[0] += f" No message {way} while it was on."
        else:
            lines[0] += " Closest, with what differs:"
        for near in self.near if not self.seen else ():
            times = {1: "", 2: ", twice"}.get(near.count, f", {near.count} times")
            lines.append(f"  {near.what}{times}: {'; '.join(near.differs)}")
        lines.append("Change what it asks for, or mark it `optional` if nothing need come.")
        return "\n".join(lines)


def _counting(spec: FaultSpec) -> str:
    for name in ("nth", "first", "every", "p"):
        if (value := getattr(spec, name)) is not None:
            return f"{name}={value:g}"
    return "any"


class Active:
    """One fault that is on, with its counts."""

    __slots__ = ("_burst", "_near", "fired", "flows", "given", "number", "rng", "seen", "since", "spec")

    def __init__(self, number: int, spec: FaultSpec, rng: random.Random | None, given: str, since: int) -> None:
        self.number = number
        self.spec = spec
        self.rng = rng
        self.given = given
        self.since = since
        self.seen = self.fired = 0
        self.flows: set[Flow] = set()
        """The flows that it changed for good."""
        self._burst = 0
        self._near: dict[tuple[str, tuple[str, ...]], int] = {}

    def takes(self, facts: Facts, flow: Flow) -> bool:
        """Count a message, and return whether this fault touches it."""
        spec = self.spec
        wrong = differences(spec, facts, 8 if not self.fired else 1)
        if wrong:
            if not self.fired and facts.direction in spec.acts_in:
                self._note(str(facts), tuple(wrong))
            return False
        if flow in self.flows and spec.action in _ONCE and spec.every is None:
            return False
        self.seen += 1
        if not self._turn():
            return False
        self.fired += 1
        if spec.action in _ONCE and len(self.flows) < _FLOWS:
            self.flows.add(flow)
        return True

    def _turn(self) -> bool:
        spec, seen = self.spec, self.seen
        if self._burst:
            self._burst -= 1
            return True
        if spec.nth is not None:
            turn = seen == spec.nth
        elif spec.first is not None:
            turn = seen <= spec.first
        elif spec.every is not None:
            turn = seen % spec.every == 0
        elif spec.p is not None:
            turn = self.drawn() < spec.p
        else:
            turn = True
        if turn and spec.burst:
            self._burst = spec.burst - 1
        return turn

    def drawn(self) -> float:
        """Return the next number from 0 to 1 of its own generator."""
        assert self.rng is not None, "a fault that draws has a generator"
        return self.rng.random()

    def _note(self, what: str, wrong: tuple[str, ...]) -> None:
        key = (what, wrong)
        if key not in self._near and len(self._near) >= _NEAR:
            furthest = max(self._near, key=lambda k: len(k[1]))
            if len(furthest[1]) <= len(wrong):
                return
            del self._near[furthest]
        self._near[key] = self._near.get(key, 0) + 1

    def info(self, *, on: bool = True, told: bool = False) -> FaultInfo:
        """Return it as a value."""
        near = sorted(self._near.items(), key=lambda item: len(item[0][1])) if not self.fired else []
        return FaultInfo(
            self.number, self.spec, self.seen, self.fired, tuple(Near(*key, count) for key, count in near),
            self.given, self.since, on, told,
        )  # fmt: skip


@dataclass(slots=True)
class Passage:
    """What becomes of a message on the wire."""

    data: bytes
    delay: float = 0.0
    """Seconds that it comes later."""
    copies: int = 0
    """How often more it comes."""
    end: Active | None = None
    """The fault that ends its way as it was: by drop, reset, stall, reorder or drip."""
    rebound: Active | None = None
    """The fault that has its sender seen at another port."""
    touched: list[tuple[Active, str]] | None = None
    """The faults that touched it, each with what it did in a few words; None for none."""

    def by(self, fault: Active, effect: str) -> None:
        """Take note of a fault that touched it."""
        if self.touched is None:
            self.touched = []
        self.touched.append((fault, effect))


class Faults:
    """The faults of one carrier."""

    def __init__(self, rng: random.Random, last: int = 0) -> None:
        """Draw seeds from `rng`, whose type the generators of faults are of; numbers go on behind `last`."""
        self._rng = rng
        self._make: Callable[[int], random.Random] = type(rng)
        self._on: list[Active] = []
        self._removed: list[FaultInfo] = []
        self.last = last
        """Number of the fault added last."""
        self.wire: tuple[Active, ...] = ()
        """Those that act on the wire, in the order of their being added."""
        self.answer: tuple[Active, ...] = ()
        """Those that act on requests."""
        self.names: tuple[Active, ...] = ()
        """Those that act on what the nameserver is asked."""

    def add(self, spec: FaultSpec, given: str = "test", since: int = 0) -> Active:
        """Turn a fault on; raises `FaultError` where there are too many."""
        if len(self._on) >= MOST:
            raise FaultError(f"{MOST} faults are on already; remove some")
        rng = None
        if spec.draws:
            if spec.seed is None:
                spec = replace(spec, seed=self._rng.getrandbits(20))
            assert spec.seed is not None
            rng = self._make(spec.seed)
        self.last += 1
        fault = Active(self.last, spec, rng, given, since)
        self._on.append(fault)
        self._sort()
        return fault

    def get(self, number: int) -> Active | None:
        """Return the fault of this number, if it is on."""
        return next((fault for fault in self._on if fault.number == number), None)

    def remove(self, number: int, *, told: bool = False) -> FaultInfo:
        """Turn a fault off and return how it stood; one that is off already is returned as it was.

        `told` says that its touching nothing is told elsewhere. Raises `LookupError` for a number that never was.
        """
        fault = self.get(number)
        if fault is None:
            for at, info in enumerate(self._removed):
                if info.number == number:
                    self._removed[at] = replace(info, told=info.told or told)
                    return self._removed[at]
            raise LookupError(f"there is no fault {number}")
        self._on.remove(fault)
        self._sort()
        info = fault.info(on=False, told=told)
        self._removed.append(info)
        del self._removed[:-MOST]
        return info

    def _sort(self) -> None:
        self.wire = tuple(fault for fault in self._on if fault.spec.side == WIRE)
        self.answer = tuple(fault for fault in self._on if fault.spec.side == ANSWER)
        self.names = tuple(fault for fault in self._on if fault.spec.side == NAMES)

    def infos(self, *, removed: bool = False) -> tuple[FaultInfo, ...]:
        """Return the faults that are on, and those that were `removed` before them."""
        on = [fault.info() for fault in self._on]
        return (*self._removed, *on) if removed else tuple(on)

    # -- the two points ----------------------------------------------------------------------------------
    def pass_wire(self, facts: Facts, data: bytes, flow: Flow) -> Passage:
        """Return what becomes of a message on the wire."""
        passage = Passage(data)
        for fault in self.wire:
            if fault.takes(facts, flow):
                _touch(passage, fault)
                if passage.end is not None:
                    break
        return passage

    def on_request(self, facts: Facts, flow: Flow) -> Iterator[Active]:
        """Yield the faults that touch a request, in their order, for as long as the caller goes on."""
        for fault in self.answer:
            if fault.takes(facts, flow):
                yield fault

    def on_query(self, facts: Facts, flow: Flow) -> Iterator[Active]:
        """Yield the faults that touch a DNS query, in their order, for as long as the caller goes on."""
        for fault in self.names:
            if fault.takes(facts, flow):
                yield fault


def _touch(passage: Passage, fault: Active) -> None:
    """Let a fault do to a passing message what it does."""
    spec = fault.spec
    action = spec.action
    if action == "delay":
        seconds = spec.by or 0.0
        if spec.jitter:
            seconds += spec.jitter * fault.drawn()
        passage.delay += seconds
        passage.by(fault, f"delayed {seconds:.3g} s")
    elif action == "duplicate":
        copies = spec.copies or 1
        passage.copies += copies
        passage.by(fault, "sent twice" if copies == 1 else f"sent {copies + 1} times")
    elif action == "corrupt":
        passage.data, places = _corrupted(passage.data, fault)
        passage.by(fault, f"corrupted at octet {', '.join(map(str, places))}")
    elif action == "truncate":
        keep = len(passage.data) // 2 if spec.keep is None else spec.keep
        passage.by(fault, f"cut from {len(passage.data)} to {min(keep, len(passage.data))} octets")
        passage.data = passage.data[:keep]
    elif action == "rebind":
        passage.rebound = fault
    else:
        passage.end = fault
        passage.by(fault, _ENDS[action])


_ENDS = {
    "drop": "dropped",
    "reorder": "held back for the next one",
    "reset": "connection reset",
    "stall": "connection stalled",
    "drip": "sent slowly",
}


def _corrupted(data: bytes, fault: Active) -> tuple[bytes, list[int]]:
    """Return the octets with some of them changed, and which."""
    spec = fault.spec
    count = min(spec.octets or 1, len(data))
    if spec.at is not None:
        places = [at for at in range(spec.at, spec.at + count) if at < len(data)]
        bits = [0x80] * len(places)
    else:
        assert fault.rng is not None
        places = sorted(fault.rng.sample(range(len(data)), count))
        bits = [1 << fault.rng.randrange(8) for _ in places]
    changed = bytearray(data)
    for at, bit in zip(places, bits, strict=True):
        changed[at] ^= bit
    return bytes(changed), places
