"""What faults keep for a flow: its two directions, each with what is held there, and what leaves it slowly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockregistrar.faults.active import Active

Carry = Callable[[float], None]
"""What is done with a held message when its time has come."""


class Way:
    """One direction of one flow: what stalls on it, what is late on a connection, and what waits to be overtaken."""

    __slots__ = ("late", "overtaken", "stalled", "until", "waiting")

    def __init__(self) -> None:
        self.late = 0
        """Messages of a connection that a delay holds: what comes behind them waits, as octets cannot overtake."""
        self.until = 0.0
        """When the last of them goes on, in wire time."""
        self.stalled: Active | None = None
        self.waiting: list[tuple[Carry, int]] = []
        """Behind a stall: what to do, and its octets."""
        self.overtaken: Carry | None = None


class Drip:
    """What leaves a connection slowly: so many octets at a time, and the seconds between."""

    __slots__ = ("octets", "pause", "size")

    def __init__(self, size: int, pause: float) -> None:
        self.size = size
        self.pause = pause
        self.octets = bytearray()
