"""The commands for a carrier's clock (DESIGN decision 6); `Advance` stands with the state."""

from __future__ import annotations

from dataclasses import dataclass

from mockregistrar.engine.protocol.accounts import Command


class Freeze(Command):
    """Hold the carrier's clock; `Advance` still moves it. Answered with None."""

    __slots__ = ()


class Thaw(Command):
    """Let the carrier's clock run on, from what it shows. Answered with None."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class SetRate(Command):
    """Let the carrier's clock run `rate` times as fast as wire time. Answered with None."""

    rate: float


@dataclass(frozen=True, slots=True)
class SetClock(Command):
    """Set the carrier's clock to `moment`, in POSIX seconds: on as `Advance` does, back only while nothing runs out.

    Answered with None.
    """

    moment: float
