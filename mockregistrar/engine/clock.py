"""Carrier time: wire time at a rate, moved on and held at a tester's order.

Two clocks (DESIGN decision 6). Wire time is an argument everywhere and nothing can change it. Carrier time is what
bindings, nonces and lock-outs go by; it is ``wire time * rate + offset``, so reading it costs one multiplication. A
frozen clock has rate 0 until it is thawed.
"""

from __future__ import annotations

FASTEST = 100_000.0
"""Carrier seconds in a second of wire time, at most: a day in less than one."""


class CarrierClock:
    """One carrier's clock. The hot path reads `rate` and `offset` itself."""

    __slots__ = ("_frozen_rate", "_real", "offset", "rate")

    def __init__(self, now: float, epoch: float) -> None:
        """Show `epoch` (POSIX seconds) at wire time `now`, and run along with wire time."""
        self.rate = 1.0
        self.offset = self._real = epoch - now
        self._frozen_rate: float | None = None

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen_rate is not None

    @property
    def pace(self) -> float:
        """The rate at which it runs, or will once it is thawed."""
        return self.rate if self._frozen_rate is None else self._frozen_rate

    def at(self, now: float) -> float:
        """Return what it shows at wire time `now`, in POSIX seconds."""
        return now * self.rate + self.offset

    def wire_at(self, moment: float) -> float | None:
        """Return the wire time at which it shows `moment`; None where it stands still, and never will."""
        return (moment - self.offset) / self.rate if self.rate else None

    def move(self, seconds: float) -> None:
        """Move it on, or back where `seconds` is negative."""
        self.offset += seconds

    def set_rate(self, rate: float, now: float) -> None:
        """Let it run `rate` times as fast as wire time from `now` on, or once it is thawed.

        Raises ValueError for a rate that is not above 0 and at most `FASTEST`.
        """
        if not 0 < rate <= FASTEST:
            raise ValueError(f"a clock's rate is above 0 and at most {FASTEST:g}, not {rate:g}; freeze() holds it")
        if self._frozen_rate is None:
            self._run(rate, now)
        else:
            self._frozen_rate = rate

    def freeze(self, now: float) -> None:
        """Hold it from wire time `now` on. Holding it twice is fine."""
        if self._frozen_rate is None:
            pace = self.rate
            self._run(0.0, now)
            self._frozen_rate = pace

    def thaw(self, now: float) -> None:
        """Let it run on, from what it shows, at the rate it had. Fine where it runs."""
        pace, self._frozen_rate = self._frozen_rate, None
        if pace is not None:
            self._run(pace, now)

    def restart(self, now: float, *, keep: bool) -> None:
        """Run along with wire time again, and show the real time unless what it shows is to be kept."""
        self.thaw(now)
        self._run(1.0, now)
        if not keep:
            self.offset = self._real

    def _run(self, rate: float, now: float) -> None:
        shown = self.at(now)
        self.rate = rate
        self.offset = shown - now * rate
