"""What the real client would print: its lines, filled in and kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.profile import Profile
from mockregistrar.client.requests import aor_uri, contact_user, request_uri

_KEPT: Final = 1000


def seconds(number: float) -> str:
    """Return a number of seconds as programs print it: without a point where there is nothing behind it."""
    return str(int(number)) if number == int(number) else f"{number:g}"


def entry_values(profile: Profile, manners: Manners, lot: str = "") -> dict[str, str]:
    """Return what an entry of a configuration gives to the templates of its system."""
    return {
        "user": profile.user,
        "host": profile.host,
        "name": profile.label,
        "contact": contact_user(profile, manners, lot),
        "aor": aor_uri(profile, manners),
        "server": request_uri(profile, manners),
        "timer": seconds(manners.refresh.timer),
    }


class Log:
    """The lines printed so far, the last 1000 of them."""

    def __init__(self, entry: Mapping[str, str]) -> None:
        self._entry = entry
        self._lines: deque[str] = deque(maxlen=_KEPT)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, oldest first."""
        return tuple(self._lines)

    def print(self, *templates: str, **values: object) -> str:
        """Fill in the templates that are not empty, put their lines into the log, and return them as one text."""
        text = "\n".join(template for template in templates if template)
        if not text:
            return ""
        text = text.format_map({**self._entry, **values})
        self._lines.extend(text.split("\n"))
        return text
