"""The refreshes of an account as a test looks at them: how far apart, how early, how steady."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from mockregistrar.trace import BindingEvent, Lapsed, Refreshed, Registered


@dataclass(frozen=True, slots=True)
class Refreshes(Sequence[Refreshed]):
    """The refreshes of one account, oldest first. All times are in seconds, on the carrier's clock."""

    account: str
    records: tuple[Refreshed, ...]
    intervals: tuple[float, ...]
    """From the registration or refresh of the same contact before it to each refresh."""

    @property
    def margins(self) -> tuple[float, ...]:
        """How long before the lapse each came."""
        return tuple(record.left for record in self.records)

    @property
    def margin(self) -> float:
        """How long before the lapse the latest-coming one came. Raises ValueError where there is none."""
        if not self.records:
            raise ValueError(f"`{self.account}` has not been refreshed")
        return min(self.margins)

    @property
    def jitter(self) -> float:
        """By how much the longest interval exceeds the shortest; 0 where there are fewer than two."""
        return max(self.intervals) - min(self.intervals) if self.intervals else 0.0

    @overload
    def __getitem__(self, index: int) -> Refreshed: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Refreshed, ...]: ...

    def __getitem__(self, index: int | slice) -> Refreshed | tuple[Refreshed, ...]:
        return self.records[index]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Refreshed]:
        return iter(self.records)

    def __str__(self) -> str:
        if not self.records:
            return f"`{self.account}` has not been refreshed"
        low, high = min(self.intervals), max(self.intervals)
        apart = f"{low:.1f} s" if high - low < 0.05 else f"{low:.1f} to {high:.1f} s"
        count = "once" if len(self.records) == 1 else f"{len(self.records)} times"
        early = min(self.margins)
        return f"`{self.account}` was refreshed {count}, after {apart}, {early:.1f} s before the lapse at the latest"


def refreshes_of(account: str, changes: Iterable[BindingEvent], since: int) -> Refreshes:
    """Return the refreshes after record number `since` among all binding changes of an account."""
    last: dict[str, float] = {}
    found: list[Refreshed] = []
    intervals: list[float] = []
    for change in changes:
        if isinstance(change, Refreshed) and change.seq > since:
            found.append(change)
            intervals.append(change.carrier - last.get(change.contact, change.carrier + change.left - change.expires))
        if isinstance(change, (Registered, Refreshed)):
            last[change.contact] = change.carrier
        else:
            last.pop(change.contact, None)
    return Refreshes(account, tuple(found), tuple(intervals))


def told(change: BindingEvent) -> str:
    """Return a binding change in a line of an assertion's message."""
    if isinstance(change, Lapsed):
        why = ": ".join(filter(None, (change.because, change.detail)))
        return f"lapsed  {change.contact}" + (f"  {why}" if why else "")
    if isinstance(change, Refreshed):
        return f"refreshed  {change.contact}  {change.left:.1f} s before the lapse, granted {change.expires} s"
    return f"{change.kind}  {change.contact}" + (f"  {change.detail}" if change.detail else "")
