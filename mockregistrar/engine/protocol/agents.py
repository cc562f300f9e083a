"""Built-in clients: the commands that run them, and how what they were asked ended."""

from __future__ import annotations

from dataclasses import dataclass

from mockregistrar.client.profile import Profile
from mockregistrar.engine.protocol.accounts import Command


@dataclass(frozen=True, slots=True)
class OpenAgent(Command):
    """Start a built-in client for an account of this carrier. Answered with its number."""

    profile: Profile
    manners: str
    source: str = "127.0.0.1"
    """The local address to send from."""


@dataclass(frozen=True, slots=True)
class AgentAct(Command):
    """Let a built-in client ``register``, ``refresh`` or ``unregister``. Answered with an `AgentOutcome`."""

    agent: int
    action: str
    timeout: float | None = None
    """Seconds to wait for the outcome; the client itself goes on in its own time."""


@dataclass(frozen=True, slots=True)
class CloseAgent(Command):
    """Stop a built-in client, without unregistering. Answered with None."""

    agent: int


@dataclass(frozen=True, slots=True)
class AgentOutcome:
    """How what a built-in client was asked to do ended."""

    ok: bool
    state: str
    """The client's state, in the words of its own system."""
    status: int | None
    """Status of the last answer; None when none came."""
    reason: str
    """The answer's phrase, or what is wrong."""
    expires_in: int
    """Seconds granted, as the client understands the answer; 0 where nothing is bound."""
    log: tuple[str, ...]
    """What the real client would have printed so far."""

    def __bool__(self) -> bool:
        return self.ok
