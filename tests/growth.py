"""How work grows with what it is done on: ratios that are taken in one run, never times.

What counts is the time of the processor, which others may use as well, and of a few runs the least. Linear work on
eight times as much takes about eight times as long, quadratic work 64 times: twenty times is between them.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from functools import partial

_FACTOR = 8
_TIMES = 20
_FLOOR = 0.0005
_RUNS = 3
_ATTEMPTS = 4


def repeated(unit: str, size: int) -> str:
    """A text of about `size` characters; the unit is in it an odd number of times, so that quotes stay open."""
    return unit * (size // len(unit) | 1)


def assert_at_most(times: float, work: Callable[[], object], than: Callable[[], object], what: str = "it") -> None:
    """Fail where some work takes more than so many times as long as other work.

    Half a millisecond is added to the other, so that work which takes next to no time cannot fail. What does not fit
    is measured again: one attempt out of four that fits is enough.
    """
    than()
    told = []
    for _ in range(_ATTEMPTS):
        less = min(_seconds(than) for _ in range(_RUNS))
        more = _seconds(work)
        if more <= (less + _FLOOR) * times:
            return
        told.append(f"{more * 1000:.1f} ms against {less * 1000:.1f} ms")
    raise AssertionError(f"{what} takes too long: {', '.join(told)}")


def assert_linear(work: Callable[[int], object], small: int, what: str = "it") -> None:
    """Fail where `work(size)` takes far more than eight times as long for eight times the small size."""
    large = small * _FACTOR
    assert_at_most(_TIMES, partial(work, large), partial(work, small), f"{what} in sizes {large} and {small}")


def assert_linear_reading(
    read: Callable[[str], object], unit: str, frames: Iterable[str] = ("{}",), small: int = 1000
) -> None:
    """Fail where a text is not read in linear time that is a unit over and over, in one of some frames."""
    for frame in frames:
        texts = {size: frame.replace("{}", repeated(unit, size)) for size in (small, small * _FACTOR)}
        assert_linear(lambda size, texts=texts: read(texts[size]), small, f"{unit!r} in {frame!r}")


def _seconds(work: Callable[[], object]) -> float:
    """The time of the processor that it takes, without that of a garbage collection that happens to fall due."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        begin = time.process_time()
        work()
        return time.process_time() - begin
    finally:
        if collecting:
            gc.enable()
