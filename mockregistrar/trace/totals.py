"""The counts as they are told: of a carrier, and of one account."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals since the carrier started or was reset."""

    requests_in: dict[str, int]
    """Requests received, by method."""
    requests_out: dict[str, int]
    """Requests sent, by method."""
    responses_in: dict[int, int]
    """Responses received, by status."""
    responses_out: dict[int, int]
    """Responses sent, by status."""
    bindings: dict[str, int]
    """Binding changes, by kind: ``registered``, ``refreshed``, ``unregistered``, ``lapsed``."""
    refused: dict[str, int]
    """Refusals, by slug."""
    dropped: dict[str, int]
    """Dropped input, by slug."""
    internal_errors: int
    """Defects of ours."""


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What one account did since the carrier started or was reset."""

    account: str
    """Name of the account."""
    messages: int = 0
    """Messages seen of it, both directions, retransmissions included."""
    registered: int = 0
    """New bindings."""
    refreshed: int = 0
    """Refreshes."""
    unregistered: int = 0
    """Bindings taken away."""
    lapsed: int = 0
    """Bindings that ran out."""
    refused: int = 0
    """Requests refused."""
    last_because: str = ""
    """Slug of the latest refusal; empty when there was none."""
    last_wire: float | None = None
    """When it last did anything, in seconds since the carrier started."""
