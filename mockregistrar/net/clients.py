"""The built-in clients of one carrier, by number: what is asked of them all.

They themselves are in `agents`, which is imported with the first of them: most carriers never have one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, succeed

if TYPE_CHECKING:
    from mockregistrar.net.agents import Agent


class Agents:
    """The built-in clients of one carrier; they share its clock."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._agents: dict[int, Agent] = {}
        self._serial = 0

    def add(self, agent: Agent) -> int:
        """Take up a client; return its number."""
        self._serial += 1
        self._agents[self._serial] = agent
        return self._serial

    def get(self, number: int) -> Agent:
        """Return the client with that number; raise `LookupError` when it is gone."""
        try:
            return self._agents[number]
        except KeyError:
            raise LookupError("this built-in client was closed, or the carrier was reset") from None

    def close(self, number: int) -> None:
        """Close one client."""
        agent = self._agents.pop(number, None)
        if agent is not None:
            agent.close()

    def settled(self, limit: float) -> Deferred[None]:
        """Fires when no client awaits an answer, or after `limit` seconds."""
        busy = [agent for agent in self._agents.values() if agent.busy]
        done: Deferred[None] = Deferred()
        if not busy:
            return succeed(None)
        left = [len(busy)]
        timer = self._reactor.callLater(limit, done.callback, None)

        def one(_: None) -> None:
            left[0] -= 1
            if not left[0] and not done.called:
                timer.cancel()
                done.callback(None)

        for agent in busy:
            agent.when_idle().addCallback(one)
        return done

    def next_refresh(self) -> float | None:
        """Return the carrier time of the next refresh of any client."""
        times = [agent.core.next_refresh() for agent in self._agents.values()]
        return min((t for t in times if t is not None), default=None)

    def clock_moved(self) -> None:
        """Let every client do what has come due."""
        for agent in list(self._agents.values()):
            agent.clock_moved()

    def stop(self) -> None:
        """Close every client."""
        for number in list(self._agents):
            self.close(number)
