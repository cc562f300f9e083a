"""Built-in clients on real sockets: the shim around `client.UserAgent`."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, succeed


class Agents:
    """The built-in clients of one carrier; they share its clock."""

    def __init__(self, host: Any, reactor: Any, rng: Any) -> None:
        self._host = host

    def settled(self, limit: float) -> Deferred[None]:
        """Fires when no client has an exchange under way."""
        return succeed(None)

    def next_refresh(self) -> float | None:
        return None

    def clock_moved(self) -> None:
        pass

    def stop(self) -> None:
        pass
