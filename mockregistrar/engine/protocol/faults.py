"""Faults: the commands that turn them on and off, and ask after them. They are answered with `FaultInfo`."""

from __future__ import annotations

from dataclasses import dataclass

from mockregistrar.engine.protocol.accounts import Command
from mockregistrar.faults import FaultInfo, FaultSpec

__all__ = ["AddFault", "FaultInfo", "FaultSpec", "GetFaults", "RemoveFault"]


@dataclass(frozen=True, slots=True)
class AddFault(Command):
    """Turn a fault on; it counts from now. Answered with its `FaultInfo`.

    Raises `FaultError` for a text that is no fault, and where too many are on.
    """

    spec: str
    """As `FaultSpec.parse` reads it."""
    optional: bool = False
    """Whether it may touch nothing, as the word ``optional`` in its text says."""


@dataclass(frozen=True, slots=True)
class RemoveFault(Command):
    """Turn a fault off and let go of what stalls by it; once it is off this changes nothing.

    Answered with its `FaultInfo`. Raises `LookupError` for a number that never was.
    """

    number: int
    told: bool = False
    """Whether the caller tells, if it touched nothing, so that nobody else need do it again."""


@dataclass(frozen=True, slots=True)
class GetFaults(Command):
    """Answered with a tuple of the `FaultInfo` of those that are on, and of those `removed` before them."""

    removed: bool = False
