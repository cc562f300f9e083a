"""What was seen: records, bounded history, and the ways to show it (ladder, JSON lines, pcap).

The records and the history come with the package; what counts them up or shows them is imported when first used
(PEP 562), since a test that passes shows nothing. The writers are modules: ``jsonl.write``, ``pcap.write``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mockregistrar.trace.counting import NOT_SIP, OTHER, start_of
from mockregistrar.trace.history import Trace
from mockregistrar.trace.records import (
    RECORD_TYPES,
    BindingEvent,
    Direction,
    Dropped,
    FaultTouched,
    InternalError,
    Lapsed,
    MessageSeen,
    Note,
    Qualified,
    Record,
    Refreshed,
    Refused,
    Registered,
    Unregistered,
    Verdict,
)
from mockregistrar.trace.shelves import HistoryTruncated

if TYPE_CHECKING:
    from mockregistrar.trace import jsonl, pcap
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


def __getattr__(name: str) -> Any:
    if name == "Masker":
        return importlib.import_module("mockregistrar.trace.masking").Masker
    if name in {"AccountSummary", "Counters"}:
        return getattr(importlib.import_module("mockregistrar.trace.totals"), name)
    if name in {"jsonl", "pcap"}:
        return importlib.import_module(f"mockregistrar.trace.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
