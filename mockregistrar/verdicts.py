"""The verdicts that there are: why a request was refused, or why none came, with cause and fix.

What a running carrier found out is asked of it: `MockRegistrar.verdicts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mockregistrar.carrier.diagnosis.refinements import VerdictKind, every_verdict

VERDICTS: Final[Mapping[str, VerdictKind]] = MappingProxyType(every_verdict())
"""By slug; only ever added to."""

__all__ = ["VERDICTS", "VerdictKind"]
