"""A SIP user agent without I/O: registers, refreshes and unregisters with a known client's manners."""

from __future__ import annotations

from mockregistrar.client.events import (
    Challenged,
    Event,
    Failed,
    Ignored,
    Refreshed,
    Registered,
    Sent,
    TimedOut,
    Unregistered,
)
from mockregistrar.client.manners import (
    ASTERISK_CHAN_SIP,
    MANNERS,
    RFC3261,
    Manners,
    Reaction,
    RefreshRule,
    manners_named,
)
from mockregistrar.client.profile import Profile
from mockregistrar.client.user_agent import UserAgent

__all__ = [
    "ASTERISK_CHAN_SIP",
    "MANNERS",
    "RFC3261",
    "Challenged",
    "Event",
    "Failed",
    "Ignored",
    "Manners",
    "Profile",
    "Reaction",
    "RefreshRule",
    "Refreshed",
    "Registered",
    "Sent",
    "TimedOut",
    "Unregistered",
    "UserAgent",
    "manners_named",
]
