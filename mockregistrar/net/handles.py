"""Handles: a built-in client and an outage, as a test holds them. They hold a link and a name, nothing live."""

from __future__ import annotations

from types import TracebackType

from mockregistrar.engine import protocol
from mockregistrar.net.link import Link


class BuiltInClient:
    """A client of our own: a user agent core on a real socket, with a known client's manners."""

    def __init__(self, link: Link, number: int, account: str, timeout: float) -> None:
        self._link = link
        self._number = number
        self._timeout = timeout
        self.account = account

    def register(self, timeout: float | None = None) -> protocol.AgentOutcome:
        """Register and return how it ended; later refreshes go by themselves, on the carrier's clock.

        Where nothing answers, the outcome says so after `timeout` seconds (the carrier's default when None).
        """
        return self._act("register", timeout)

    def refresh(self, timeout: float | None = None) -> protocol.AgentOutcome:
        """Refresh now; raises `IllegalStep` when nothing is registered."""
        return self._act("refresh", timeout)

    def unregister(self, timeout: float | None = None) -> protocol.AgentOutcome:
        """Remove the binding."""
        return self._act("unregister", timeout)

    def close(self) -> None:
        """Stop without unregistering, as a client that loses power does."""
        self._link.call(protocol.CloseAgent(self._number))

    def _act(self, action: str, timeout: float | None) -> protocol.AgentOutcome:
        limit = self._timeout if timeout is None else timeout
        act = protocol.AgentAct(self._number, action, limit)
        outcome: protocol.AgentOutcome = self._link.call(act, timeout=limit + 30.0)
        return outcome


class Outage:
    """A carrier that is down for a while."""

    def __init__(self, link: Link, kind: str, forget: tuple[str, ...]) -> None:
        self._link = link
        self.kind = kind
        self.forget = forget

    def down(self) -> None:
        """Start the outage."""
        self._link.call(protocol.GoDown(self.kind, self.forget))

    def up(self) -> None:
        """End it."""
        self._link.call(protocol.GoUp())

    def __enter__(self) -> Outage:
        self.down()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.up()
