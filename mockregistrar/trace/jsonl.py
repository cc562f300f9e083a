"""JSON lines: one record per line, for programs.

A line is the record's JSON twin (:meth:`Record.to_json <mockregistrar.trace.records.Record.to_json>`):
``kind``, ``seq``, ``wire``, ``carrier``, then the fields of its kind, always in this order. Keys and
kinds are only ever added to. Lines are plain ASCII, so that they survive any locale and harm no terminal.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from mockregistrar.trace.masking import Masker
from mockregistrar.trace.records import Record

_OURS = frozenset({"because", "direction", "method"})
"""Text fields with words of ours or of the protocol: never masked, so that programs can rely on them."""


def lines(records: Iterable[Record], masker: Masker | None = None) -> Iterator[str]:
    """Yield the line of each record, without its line feed."""
    for record in records:
        shown = masked(record, masker) if masker else record
        yield json.dumps(shown.to_json(), separators=(",", ":"))


def write(records: Iterable[Record], file: TextIO, masker: Masker | None = None) -> int:
    """Write the records to *file*, return how many there were."""
    number = 0
    for line in lines(records, masker):
        file.write(line + "\n")
        number += 1
    return number


def read(file: Iterable[str]) -> Iterator[Record]:
    """Yield the records of a file that :func:`write` wrote; blank lines are passed over.

    Raises :exc:`ValueError` naming the line when one is no record.
    """
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        yield _read(line, number)


def masked(record: Record, masker: Masker) -> Record:
    """Return the record with each secret hidden: dots in text, ``*`` in octets of the wire."""
    changes: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, bytes):
            changes[name] = masker.octets(value)
        elif isinstance(value, str) and name not in _OURS:
            changes[name] = masker.text(value)
    return dataclasses.replace(record, **changes)


def _read(line: str, number: int) -> Record:
    try:
        twin = json.loads(line)
        if not isinstance(twin, dict):
            raise ValueError("not a JSON object")
        return Record.from_json(twin)
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from error
