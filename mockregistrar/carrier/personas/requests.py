"""What a REGISTER asks for as a whole: how short an expiry, or to remove bindings."""

from __future__ import annotations

from mockregistrar.sip.grammar import MAX_EXPIRES, WS, parse_number
from mockregistrar.sip.message import Request


def user_of(request: Request) -> str:
    """Return the user of the AOR as it was sent."""
    return request.to_aor.rpartition("@")[0]


def expiries(request: Request) -> list[int | None]:
    """Return the expiry asked for each contact, in seconds; None where nothing readable is said."""
    contacts = request.contacts
    if not isinstance(contacts, list):
        return [request.expires]
    found: list[int | None] = []
    for contact in contacts:
        text = contact.param("expires") if contact.params else None
        found.append(request.expires if text is None else parse_number(text.strip(WS), MAX_EXPIRES))
    return found


def shortest_expiry(request: Request) -> int | None:
    """Return the shortest expiry above 0 that is asked for; None where there is none."""
    return min((seconds for seconds in expiries(request) if seconds), default=None)


def is_unregister(request: Request) -> bool:
    """Whether the request does nothing but remove bindings."""
    asked = expiries(request)
    return bool(asked) and all(seconds == 0 for seconds in asked)
