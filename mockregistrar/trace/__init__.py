"""What was seen: records, bounded history, and the ways to show it (ladder, JSON lines, pcap).

Messages, binding changes and the history come with the package; the records of what goes wrong, and what counts or
shows records, are imported when first used (PEP 562), since a test that passes needs none of it. The writers are
modules: ``jsonl.write``, ``pcap.write``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mockregistrar.trace.counting import NOT_SIP, OTHER, start_of
from mockregistrar.trace.history import Trace
from mockregistrar.trace.records import (
    BindingEvent,
    Direction,
    Lapsed,
    MessageSeen,
    Record,
    Refreshed,
    Registered,
    Unregistered,
)
from mockregistrar.trace.shelves import HistoryTruncated

if TYPE_CHECKING:
    from mockregistrar.trace import jsonl, pcap
    from mockregistrar.trace.incidents import (
        RECORD_TYPES,
        Dropped,
        FaultTouched,
        InternalError,
        Note,
        Qualified,
        Refused,
        Verdict,
    )
    from mockregistrar.trace.masking import Masker
    from mockregistrar.trace.totals import AccountSummary, Counters

__all__ = [
    "NOT_SIP",
    "OTHER",
    "RECORD_TYPES",
    "AccountSummary",
    "BindingEvent",
    "Counters",
    "Direction",
    "Dropped",
    "FaultTouched",
    "HistoryTruncated",
    "InternalError",
    "Lapsed",
    "Masker",
    "MessageSeen",
    "Note",
    "Qualified",
    "Record",
    "Refreshed",
    "Refused",
    "Registered",
    "Trace",
    "Unregistered",
    "Verdict",
    "jsonl",
    "pcap",
    "start_of",
]


_INCIDENTS = {"RECORD_TYPES", "Dropped", "FaultTouched", "InternalError", "Note", "Qualified", "Refused", "Verdict"}


def __getattr__(name: str) -> Any:
    if name in _INCIDENTS:
        return getattr(importlib.import_module("mockregistrar.trace.incidents"), name)
    if name == "Masker":
        return importlib.import_module("mockregistrar.trace.masking").Masker
    if name in {"AccountSummary", "Counters"}:
        return getattr(importlib.import_module("mockregistrar.trace.totals"), name)
    if name in {"jsonl", "pcap"}:
        return importlib.import_module(f"mockregistrar.trace.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
