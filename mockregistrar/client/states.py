"""The life of a registration, as a literal table.

`REQUESTED` and `ANSWERED` tell a REGISTER without credentials from one with; `LEAVING` and `LEAVING_ANSWERED` are the
same two on the way out. `WAITING` is between two attempts, or before the very first (`HOLD`): a timer will bring
`RETRY`. `STOPPED` has no timer; only the owner starts again. A step that is not here raises
`mockregistrar.sip.IllegalStep`, naming event and state.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from mockregistrar.sip.transactions import IllegalStep

# States.
IDLE: Final = "Unregistered"
REQUESTED: Final = "Request Sent"
ANSWERED: Final = "Auth. Sent"
REGISTERED: Final = "Registered"
WAITING: Final = "Waiting"
STOPPED: Final = "Stopped"
LEAVING: Final = "Unregistering"
LEAVING_ANSWERED: Final = "Unregistering, Auth. Sent"

# Events from the owner.
REGISTER: Final = "register"
HOLD: Final = "hold"
REFRESH: Final = "refresh"
UNREGISTER: Final = "unregister"
# Events from the carrier and the clock.
CHALLENGED: Final = "challenged"
BRIEF: Final = "interval too brief"
GRANTED: Final = "granted"
REMOVED: Final = "removed"
SETBACK: Final = "setback"
REFUSED: Final = "refused"
RETRY: Final = "retry"

TABLE: Final = MappingProxyType(
    {
        (IDLE, REGISTER): REQUESTED,
        (IDLE, HOLD): WAITING,
        (IDLE, UNREGISTER): LEAVING,
        (REQUESTED, CHALLENGED): ANSWERED,
        (REQUESTED, BRIEF): REQUESTED,
        (REQUESTED, GRANTED): REGISTERED,
        (REQUESTED, REMOVED): IDLE,
        (REQUESTED, SETBACK): WAITING,
        (REQUESTED, REFUSED): STOPPED,
        (REQUESTED, UNREGISTER): LEAVING,
        (ANSWERED, CHALLENGED): ANSWERED,
        (ANSWERED, BRIEF): REQUESTED,
        (ANSWERED, GRANTED): REGISTERED,
        (ANSWERED, REMOVED): IDLE,
        (ANSWERED, SETBACK): WAITING,
        (ANSWERED, REFUSED): STOPPED,
        (ANSWERED, UNREGISTER): LEAVING,
        (REGISTERED, REGISTER): REQUESTED,
        (REGISTERED, REFRESH): REQUESTED,
        (REGISTERED, UNREGISTER): LEAVING,
        (WAITING, RETRY): REQUESTED,
        (WAITING, REGISTER): REQUESTED,
        (WAITING, UNREGISTER): LEAVING,
        (WAITING, SETBACK): WAITING,
        (WAITING, REFUSED): STOPPED,
        (STOPPED, REGISTER): REQUESTED,
        (STOPPED, HOLD): WAITING,
        (STOPPED, UNREGISTER): LEAVING,
        (LEAVING, CHALLENGED): LEAVING_ANSWERED,
        (LEAVING, REMOVED): IDLE,
        (LEAVING, REFUSED): STOPPED,
        (LEAVING_ANSWERED, CHALLENGED): LEAVING_ANSWERED,
        (LEAVING_ANSWERED, REMOVED): IDLE,
        (LEAVING_ANSWERED, REFUSED): STOPPED,
    }
)
"""(state, event) -> next state."""

IN_FLIGHT: Final = frozenset({REQUESTED, ANSWERED, LEAVING, LEAVING_ANSWERED})
"""States in which an answer is awaited."""
LEAVINGS: Final = frozenset({LEAVING, LEAVING_ANSWERED})


def follow(state: str, event: str) -> str:
    """Return the state that `event` leads to; raise IllegalStep if it cannot happen in `state`."""
    following = TABLE.get((state, event))
    if following is None:
        raise IllegalStep("registration", state, event)
    return following
