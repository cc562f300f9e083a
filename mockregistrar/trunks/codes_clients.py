"""Codes."""

from __future__ import annotations

from .model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = ()
