"""Lines for programs: one JSON object each, plain ASCII, secrets masked.

The first is the ``ready`` event, the last ``stopped``; between them stands one record per line, exactly as the trace's
JSON lines have it (``kind``, ``seq``, ``wire``, ``carrier``, then the fields of its kind). ``kind`` is in every line.

A carrier under load makes thousands of lines a second on the thread that also answers. So the usual record, whose
text is plain ASCII, is written by a short way that keeps what comes again: an encoder, the twins of flows, masked text.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from mockregistrar.cli.opening import Opening
from mockregistrar.sip.flow import Flow, format_address
from mockregistrar.trace import Masker, Record, jsonl

_NEVER_MASKED = frozenset({"because", "direction", "method"})
_KEPT = 4096  # flows, and masked texts, that are kept


class ProgramLines:
    """Makes the lines that programs read."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker if masker else None
        self._encode = json.JSONEncoder(separators=(",", ":")).encode
        self._names: dict[type[Record], tuple[str, ...]] = {}
        self._flows: dict[Flow, dict[str, Any]] = {}
        self._masked: dict[str, str] = {}

    def opening(self, opening: Opening) -> str:
        """Return the ``ready`` event."""
        return self._event("ready", **opening.to_json())

    def lines(self, records: list[Record]) -> str:
        """Return the lines of a batch of records."""
        return "".join([f"{self._line(record)}\n" for record in records])

    def lost(self, number: int) -> str:
        """Return the event about records that were left out because nobody read."""
        return self._event("lost", records=number)

    def closing(self, files: Iterable[object]) -> str:
        """Return the ``stopped`` event with the files that were written."""
        return self._event("stopped", files=[str(file) for file in files])

    def _event(self, name: str, **fields: object) -> str:
        return self._encode({"event": name, "kind": name, **fields}) + "\n"

    def _line(self, record: Record) -> str:
        names = self._names.get(type(record))
        if names is None:
            names = self._names[type(record)] = tuple(f.name for f in dataclasses.fields(record))
        twin: dict[str, Any] = {"kind": record.kind}
        for name in names:
            value = getattr(record, name)
            if isinstance(value, str):
                if not value.isascii():
                    return next(jsonl.lines([record], self._masker))
                if value and self._masker is not None and name not in _NEVER_MASKED:
                    value = self._mask(value, self._masker)
            elif isinstance(value, Flow):
                value = self._flow(value)
            elif isinstance(value, bytes):
                return next(jsonl.lines([record], self._masker))
            twin[name] = value
        return self._encode(twin)

    def _mask(self, text: str, masker: Masker) -> str:
        masked = self._masked.get(text)
        if masked is None:
            if len(self._masked) >= _KEPT:
                self._masked.clear()
            masked = self._masked[text] = masker.text(text)
        return masked

    def _flow(self, flow: Flow) -> dict[str, Any]:
        twin = self._flows.get(flow)
        if twin is None:
            if len(self._flows) >= _KEPT:
                self._flows.clear()
            local, remote = format_address(flow.local), format_address(flow.remote)
            twin = {"transport": flow.transport, "local": local, "remote": remote, "serial": flow.serial}
            self._flows[flow] = twin
        return twin
