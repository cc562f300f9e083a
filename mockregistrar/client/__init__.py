"""A SIP user agent without I/O: registers, refreshes and unregisters with a known client's manners.

Names are exported lazily (PEP 562): a carrier that has no client of its own imports none of this.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockregistrar.client.events import Answered as Answered
    from mockregistrar.client.events import Challenged as Challenged
    from mockregistrar.client.events import Event as Event
    from mockregistrar.client.events import Failed as Failed
    from mockregistrar.client.events import Ignored as Ignored
    from mockregistrar.client.events import Refreshed as Refreshed
    from mockregistrar.client.events import Registered as Registered
    from mockregistrar.client.events import Sent as Sent
    from mockregistrar.client.events import TimedOut as TimedOut
    from mockregistrar.client.events import Unregistered as Unregistered
    from mockregistrar.client.events import Warned as Warned
    from mockregistrar.client.manners import ASTERISK_CHAN_SIP as ASTERISK_CHAN_SIP
    from mockregistrar.client.manners import ASTERISK_PJSIP as ASTERISK_PJSIP
    from mockregistrar.client.manners import MANNERS as MANNERS
    from mockregistrar.client.manners import RFC3261 as RFC3261
    from mockregistrar.client.manners import ChallengeRule as ChallengeRule
    from mockregistrar.client.manners import Manners as Manners
    from mockregistrar.client.manners import Reaction as Reaction
    from mockregistrar.client.manners import RefreshRule as RefreshRule
    from mockregistrar.client.manners import RetryRule as RetryRule
    from mockregistrar.client.manners import manners_for as manners_for
    from mockregistrar.client.manners import manners_named as manners_named
    from mockregistrar.client.profile import Profile as Profile
    from mockregistrar.client.question import Question as Question
    from mockregistrar.client.user_agent import UserAgent as UserAgent

_ROOMS = {
    name: room
    for room, names in (
        ("events", "Answered Challenged Event Failed Ignored Refreshed Registered Sent TimedOut Unregistered Warned"),
        ("manners", "ASTERISK_CHAN_SIP ASTERISK_PJSIP MANNERS RFC3261 manners_for manners_named"),
        ("manners", "ChallengeRule Manners Reaction RefreshRule RetryRule"),
        ("profile", "Profile"),
        ("question", "Question"),
        ("user_agent", "UserAgent"),
    )
    for name in names.split()
}
"""The module of each name."""


def __getattr__(name: str) -> Any:
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{room}"), name)
    globals()[name] = value
    return value


__all__ = [
    "ASTERISK_CHAN_SIP",
    "ASTERISK_PJSIP",
    "MANNERS",
    "RFC3261",
    "Answered",
    "ChallengeRule",
    "Challenged",
    "Event",
    "Failed",
    "Ignored",
    "Manners",
    "Profile",
    "Question",
    "Reaction",
    "RefreshRule",
    "Refreshed",
    "Registered",
    "RetryRule",
    "Sent",
    "TimedOut",
    "Unregistered",
    "UserAgent",
    "Warned",
    "manners_for",
    "manners_named",
]
