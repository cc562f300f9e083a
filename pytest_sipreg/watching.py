"""Which traffic belongs to which test.

A carrier of one test is watched from its start; one that lasts for the session from the number of its latest record
when the test began. When a carrier is stopped, what it saw is kept here first, since reports come later than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_sipreg.plugin import WATCHES

if TYPE_CHECKING:
    import pytest

    from mockregistrar import CarrierSettings, FaultInfo, ListenSpec, MockRegistrar, Record

_MALFORMED = ("malformed", "not-sip")


class Watch:
    """One carrier, and the part of its traffic that belongs to one test (or, for the session's list, all of it)."""

    def __init__(
        self,
        carrier: MockRegistrar,
        label: str,
        base: CarrierSettings,
        sources: Mapping[str, str],
        *,
        strict: bool,
        since: int = 0,
    ) -> None:
        """Watch `carrier` from record number `since` on.

        `base` is what `sipreg_config` said; `sources` says where the settings put over it are from.
        """
        self.carrier = carrier
        self.label = label
        self.base = base
        self.sources = sources
        self.strict = strict
        self._listening = carrier.listening
        self._since = since
        self._kept: tuple[Record, ...] | None = None
        self._kept_faults: tuple[FaultInfo, ...] = ()

    def from_now(self) -> Watch:
        """Return a watch of the same carrier that begins now."""
        from mockregistrar import ReactorStopped

        try:
            since = self.carrier.status().seq
        except ReactorStopped:
            since = 0  # stopped by a test; it counts from 1 if it is started again
        return Watch(self.carrier, self.label, self.base, self.sources, strict=self.strict, since=since)

    @property
    def listening(self) -> tuple[ListenSpec, ...]:
        """Where the carrier listens, TLS included if it was used by now."""
        with suppress(RuntimeError):  # stopped: what it was
            self._listening = self.carrier.listening
        return self._listening

    @property
    def lost(self) -> bool:
        """Whether the test stopped the carrier itself, so that what it saw is gone."""
        return self._kept is None and self._ask() is None

    def records(self) -> tuple[Record, ...]:
        """Return what the carrier saw, oldest first."""
        return self._kept if self._kept is not None else self._ask() or ()

    def keep(self) -> None:
        """Keep what was seen: the carrier is about to stop."""
        if self._kept is None:
            self._kept = self._ask()
            self._kept_faults = self._faults()

    def _ask(self) -> tuple[Record, ...] | None:
        """Return the records of the running carrier; None where it does not run."""
        from mockregistrar import ReactorStopped

        try:
            return self.carrier.records(self._since)
        except ReactorStopped:
            return None

    def internal_errors(self) -> list[Any]:
        """Return the records of defects in the carrier itself."""
        return [record for record in self.records() if record.kind == "internal-error"]

    def faults_missed(self) -> list[FaultInfo]:
        """Return the faults of this test that touched nothing, are not optional, and were not told of yet.

        Those of `sipreg.toml` are for every test, and need not touch something in each.
        """
        faults = self._kept_faults if self._kept is not None else self._faults()
        return [
            fault
            for fault in faults
            if fault.missed
            and not fault.told
            and (fault.since >= self._since if fault.given == "test" else "faults" in self.sources and not self._since)
        ]

    def _faults(self) -> tuple[FaultInfo, ...]:
        from mockregistrar import ReactorStopped

        try:
            return self.carrier.faults(removed=True)
        except ReactorStopped:
            return ()

    def malformed(self) -> list[Any]:
        """Return the records of traffic that was no proper SIP."""
        return [
            record
            for record in self.records()
            if record.kind == "dropped" or (record.kind == "refused" and getattr(record, "because", "") in _MALFORMED)
        ]


@dataclass(slots=True)
class Traffic:
    """All that belongs to one test, and what was said about it already."""

    watches: list[Watch] = field(default_factory=list)
    failed: bool = False
    """Whether the test failed, and its report was given."""
    shown: set[tuple[int, int]] = field(default_factory=set)
    """Defects that a report told already: number of the watch, and of the record."""

    def __bool__(self) -> bool:
        return bool(self.watches)


def traffic_of(item: pytest.Item) -> Traffic:
    """Return the traffic of a test, there from now on."""
    return item.stash.setdefault(WATCHES, Traffic())
