"""Where the history keeps its entries: bounded runs of them, and what is said when one no longer holds an answer."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any

from mockregistrar.trace.records import EVERYDAY, Record

Entry = tuple[Any, ...]
"""(kind, seq, wire, carrier, the type's own fields...)"""

SEQ = 1
"""Where an entry has its number."""
WIRE = 2
"""Where it has its wire time."""


class HistoryTruncated(LookupError):  # noqa: N818 - the public name of DESIGN decision 14
    """The question reaches behind what the bounded history still holds.

    ``setting`` is the carrier setting to raise (``history_messages``, ``history_bytes`` or
    ``history_records``), ``now`` its present value, ``evicted`` how many records are gone.
    """

    def __init__(self, setting: str, now: int, evicted: int) -> None:
        super().__init__(setting, now, evicted)
        self.setting = setting
        self.now = now
        self.evicted = evicted

    def __str__(self) -> str:
        return (
            f"the history no longer holds all that this asks for ({self.evicted} older records were evicted): "
            f"give the carrier a larger {self.setting}= (now {self.now}), or ask sooner"
        )


class Shelf:
    """One bounded run of entries, and what was lost from it."""

    __slots__ = ("entries", "limit", "lost", "lost_seq")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.entries: deque[Entry] = deque()
        self.clear()

    def clear(self) -> None:
        """Forget all entries, and that some were lost."""
        self.entries.clear()
        self.lost = 0
        self.lost_seq = 0  # the number of the latest entry lost

    def add(self, entry: Entry) -> None:
        """Keep one more entry; the oldest goes where there are too many."""
        entries = self.entries
        entries.append(entry)
        if len(entries) > self.limit:
            self.lost += 1
            self.lost_seq = entries.popleft()[SEQ]

    def after(self, seq: int) -> list[Entry]:
        """Return the entries with a higher number than *seq*, oldest first, at the cost of these alone."""
        entries = self.entries
        if not entries or entries[0][SEQ] > seq:
            return list(entries)
        found = []
        for entry in reversed(entries):
            if entry[SEQ] <= seq:
                break
            found.append(entry)
        found.reverse()
        return found


def record_of(entry: Entry) -> Record:
    """Return the record of an entry: what calling its type makes, in two thirds of the time.

    Frozen dataclasses set each field by name; here the slots are set without asking.
    """
    record_type, putters = _type_of(entry[0])
    made = _new(record_type)
    for put, value in zip(putters, entry[1:], strict=True):
        put(made, value)
    return made


_new = object.__new__


@cache
def _type_of(kind: str) -> tuple[type[Record], tuple[Callable[[Any, Any], None], ...]]:
    """Return the record type of a kind, and what puts its fields in place."""
    record_type = EVERYDAY.get(kind)
    if record_type is None:
        from mockregistrar.trace.incidents import RECORD_TYPES  # here, as a test that passes has none of them

        record_type = RECORD_TYPES[kind]
    return record_type, tuple(getattr(record_type, field.name).__set__ for field in dataclasses.fields(record_type))


@cache
def account_field(kind: str) -> int | None:
    """Return where the entries of a kind have the name of their account; None where they have none."""
    names = [field.name for field in dataclasses.fields(_type_of(kind)[0])]
    return 1 + names.index("account") if "account" in names else None
