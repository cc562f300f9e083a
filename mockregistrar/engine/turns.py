"""What one engine holds, and the turns of events that a tester orders: the clock, outages, a new start.

`CarrierEngine` adds what goes in and what comes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mockregistrar.carrier.making import new_carrier
from mockregistrar.carrier.settings import CarrierSettings, ListenSpec
from mockregistrar.engine.clock import CarrierClock
from mockregistrar.engine.outputs import Listen, Output, Reset
from mockregistrar.engine.streams import StreamLimits, Streams
from mockregistrar.sip.transactions import ServerTransactions
from mockregistrar.trace import Trace

if TYPE_CHECKING:
    import random

    from mockregistrar.engine.diagnoses import Diagnoses
    from mockregistrar.engine.engine import CarrierEngine
    from mockregistrar.engine.impairments import Impairments
    from mockregistrar.engine.late import LateAnswers
    from mockregistrar.engine.pings import Pings


class Turns:
    """The state of one engine, and what changes it from outside its messages."""

    def __init__(
        self,
        settings: CarrierSettings,
        *,
        rng: random.Random,
        now: float,
        epoch: float,
        limits: StreamLimits | None = None,
    ) -> None:
        """Start at wire time `now`, which is `epoch` in POSIX seconds on the carrier's clock."""
        self.settings = settings
        self._rng = rng
        self._start = now
        self.clock = CarrierClock(now, epoch)
        self._out: list[Output] = []
        self._streams = Streams(limits or StreamLimits())
        self.transactions = ServerTransactions()
        self.trace = Trace(settings.history_messages, settings.history_bytes, settings.history_records)
        self.carrier = new_carrier(settings, rng, epoch)
        self.listening_at: tuple[ListenSpec, ...] = ()
        self.outage: str | None = None
        self._tag = f"{rng.getrandbits(32):08x}"
        self._tags = 0
        self._want_messages = False
        self.diagnoses: Diagnoses | None = None
        """The refusals that are being looked into; None before the first."""
        self.faults: Impairments | None = None
        """The faults; None until there is one."""
        self._last_fault = 0
        self.pings: Pings | None = None
        """The pings of bound contacts; None where the settings ask for none."""
        self.late: LateAnswers | None = None
        """The answers that go out late; None before the first."""
        self._start_pings()
        self._turn_on_faults(now)

    # -- turns of events -----------------------------------------------------------------------------
    def advance_clock(self, seconds: float) -> None:
        """Move carrier time on; what falls due shows in `next_timer`."""
        self.clock.move(seconds)

    def set_clock(self, moment: float, now: float) -> None:
        """Set carrier time to `moment`: what falls due shows in `next_timer`.

        Raises ValueError where that is back in time and there are bindings, which would outlast their grant.
        """
        step = moment - self.clock.at(now)
        if step < 0:
            if len(self.carrier.bindings):
                raise ValueError(
                    f"the clock cannot be set back while there are bindings ({len(self.carrier.bindings)}): they would "
                    "outlast what was granted; set it before the first registration, or after reset()"
                )
            self.carrier.set_back(moment)
        self.clock.move(step)
        self.note(f"clock: set {'back' if step < 0 else 'on'} by {abs(step):.0f} s", now)

    def restart(self, now: float, *, keep: tuple[str, ...] = ()) -> None:
        """Start over with the same settings and ports; `keep` may name accounts, bindings, history.

        The clock runs as it did at first; with bindings kept, which are as old as they are, it shows what it shows.
        """
        self.clock.restart(now, keep="bindings" in keep)
        if "bindings" in keep:
            self.carrier.forget_nonces()
            self.carrier.forget_lists()
        else:
            old = self.carrier
            self.carrier = new_carrier(self.settings, self._rng, self.clock.at(now))
            self.carrier.listening(self.listening_at)
            self._start_pings()
            if "accounts" in keep:
                self.carrier.accounts.become(old.accounts)
        self._take_connections_again()
        self.transactions = ServerTransactions()
        self.late = None
        if "history" not in keep:
            self.trace.reset(now - self._start)
            if self.diagnoses is not None:
                self.diagnoses.clear()
        if self.faults is not None:
            self.faults.give_up()
            self._last_fault, self.faults = self.faults.faults.last, None
        self._turn_on_faults(now)

    def _start_pings(self) -> None:
        """Begin with no contact to ping."""
        if self.settings.qualify:
            from mockregistrar.engine.pings import Pings  # here, as most carriers ping nobody

            self.pings = Pings(cast("CarrierEngine", self), self._rng)

    def _turn_on_faults(self, now: float) -> None:
        """Turn on the faults that the settings name."""
        if not self.settings.faults:
            return
        from mockregistrar.faults import FaultSpec

        for text in self.settings.faults:
            self.impairments().add(FaultSpec.parse(text), "settings", now)

    def impairments(self) -> Impairments:
        """Return the faults, there from now on."""
        if self.faults is None:
            from mockregistrar.engine.impairments import Impairments  # here, as most carriers have none

            self.faults = Impairments(cast("CarrierEngine", self), self._rng, self._last_fault)
        return self.faults

    def go_down(self, kind: str, forget: tuple[str, ...], now: float) -> None:
        """Start an outage (see `protocol.GoDown`), in place of one that may be on."""
        self._take_connections_again()
        self.outage = kind
        if "bindings" in forget:
            for account in self.carrier.accounts:
                account.bindings = None
            self.carrier.bindings.clear()
        if "nonces" in forget:
            self.carrier.forget_nonces()
        if kind == "refused":
            for flow in self._streams.flows():
                self._streams.close(flow)
                self._out.append(Reset(flow))
            self._out += [Listen((p.host, p.port), False) for p in self.listening_at if p.transport != "udp"]
        self.note(f"outage: down ({kind})", now)

    def go_up(self, now: float) -> None:
        """End an outage."""
        self._take_connections_again()
        self.note("outage: up again", now)

    def _take_connections_again(self) -> None:
        if self.faults is not None:
            self.faults.outage_changed()
        if self.outage == "refused":
            self._out += [Listen((p.host, p.port), True) for p in self.listening_at if p.transport != "udp"]
        self.outage = None

    def note(self, text: str, now: float) -> None:
        """Put a turn of events into the trace."""
        self.trace.note(now - self._start, self.clock.at(now), text)

    def defect(self, detail: str, trace: str, now: float) -> None:
        """Put a defect of ours, or of a subscriber, into the trace."""
        self.trace.internal_error(now - self._start, self.clock.at(now), detail, trace)

    def wire_time(self, now: float) -> float:
        """Return the seconds since the carrier started."""
        return now - self._start
