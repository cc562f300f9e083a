"""What the carrier decided about one request: the answer for the wire and the reason for the tester."""

from __future__ import annotations

from enum import Enum

from mockregistrar.carrier.bindings import Binding
from mockregistrar.carrier.reasons import Reason


class Change(Enum):
    """What happened to a binding."""

    REGISTERED = "registered"
    REFRESHED = "refreshed"
    UNREGISTERED = "unregistered"


class Answer:
    """A decision. `status` None means silence; `because` None means that nothing was refused."""

    __slots__ = ("account", "because", "changes", "delay", "detail", "headers", "reason", "status", "trying", "user")

    def __init__(
        self,
        status: int | None,
        reason: str = "",
        headers: list[tuple[str, str]] | None = None,
        *,
        account: str = "",
        user: str = "",
        because: Reason | None = None,
        detail: str = "",
    ) -> None:
        self.status = status
        self.reason = reason
        self.headers = [] if headers is None else headers
        self.account = account
        """Name of the account the request is about; empty where there is none."""
        self.user = user
        """User as the client sent it."""
        self.because = because
        self.detail = detail
        self.changes: list[tuple[Change, Binding, float]] = []
        """What changed, the binding, and the seconds it had left before."""
        self.delay = 0.0
        """Seconds of wire time that the answer goes out late."""
        self.trying = False
        """Whether 100 Trying goes out meanwhile."""
