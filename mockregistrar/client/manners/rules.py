"""The rules that manners are made of: when to refresh, when to retry, which challenge to answer, what a status does.

Each is a value. Where a client draws lots, the rule says between what, and the caller hands in the lot: `chance`, from
0 to 1. Times are in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Do = Literal["answer", "adopt", "stop", "wait", "retry"]
"""What an outcome makes a client do.

``answer`` the challenge; ``adopt`` Min-Expires and ask again; ``stop`` for good; ``wait`` for the attempt's own
timeout; ``retry`` as the `RetryRule` says, and stop where there is none."""

FOREVER: Final = math.inf


def _next_look(due: float, timer: float) -> float:
    """Return when a client that looks every `timer` seconds, and looked just now, notices what is due in `due` s."""
    if not timer:
        return due
    return max(math.ceil(due / timer), 1) * timer


@dataclass(frozen=True, slots=True)
class RefreshRule:
    """When to refresh what was granted: `guard` seconds early, or a `share` of a short grant early."""

    guard: float
    """Seconds before the end."""
    short: float = 0.0
    """Up to this grant, in seconds, the share counts instead."""
    share: float = 0.0
    """Part of the grant, 0 to 1."""
    least: float = 0.0
    """Seconds; the share is never less than this."""
    floor: float = 0.0
    """Never sooner than this after the answer, whatever was granted."""
    lowest: int = 0
    """A smaller grant is taken for this one."""
    by: Literal["granted", "asked"] = "granted"
    """Whose expiry counts: the registrar's, or that of the request."""
    spread_above: float = FOREVER
    """A longer grant is refreshed at any moment between its half and `spread_guard` seconds before its end."""
    spread_guard: float = 0.0
    timer: float = 0.0
    """The client looks only so often; what has come due is done at the next look. 0: it looks all the time."""
    timer_early: bool = False
    """Whether the refresh is due one more `timer` early."""
    never: bool = False
    """Whether it does not refresh by itself at all."""

    def refresh_in(self, granted: int, asked: int | None = None, chance: float = 1.0) -> float:
        """Return the seconds until the refresh, not below 0; `asked` is what the request asked for."""
        seconds = max(asked if self.by == "asked" and asked is not None else granted, self.lowest)
        if seconds > self.spread_above:
            half = seconds / 2
            return half + chance * max(half - self.spread_guard, 0.0)
        early = self.guard if seconds > self.short else max(seconds * self.share, self.least)
        if self.timer_early:
            early += self.timer
        return _next_look(max(seconds - early, self.floor, 0.0), self.timer)


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How long to wait between a failed attempt and the next."""

    pause: float
    first: float | None = None
    """Before the first retry, where that differs."""
    growth: Literal["none", "count", "doubling"] = "none"
    """Whether the pause is multiplied by the failures in a row, or doubled with each."""
    longest: float = FOREVER
    """What it grows to."""
    spread: float = 0.0
    """The part of the pause, 0 to 1, that a lot may take off."""
    jitter: float = 0.0
    """Seconds that a lot may add or take off; a pause shorter than this is drawn from 0 to this."""
    timer: float = 0.0
    """As in `RefreshRule`."""

    def bounds(self, failures: int = 1) -> tuple[float, float]:
        """Return the shortest and the longest pause after so many failures in a row."""
        if failures <= 1 and self.first is not None:
            pause = self.first
        elif self.growth == "count":
            pause = self.pause * failures
        elif self.growth == "doubling":
            pause = self.pause * 2.0 ** min(failures - 1, 64)
        else:
            pause = self.pause
        pause = min(pause, self.longest)
        low, high = pause * (1 - self.spread), pause
        if self.jitter:
            low, high = (pause - self.jitter, pause + self.jitter) if pause >= self.jitter else (0.0, self.jitter)
        return _next_look(low, self.timer), _next_look(high, self.timer)

    def pause_after(self, failures: int, chance: float = 1.0) -> float:
        """Return the pause after so many failures in a row."""
        low, high = self.bounds(failures)
        return _next_look(low + chance * (high - low), self.timer)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a client does and prints when an attempt comes to something else than success."""

    do: Do
    log: str = ""
    """What it prints; empty where it prints nothing, or nothing is known of it."""
    forgives: bool = False
    """Whether the count of attempts starts over."""
    rule: RetryRule | None = None
    """A pause of its own, in place of the manners'."""
    flat: bool = False
    """Whether the pause is that after a first failure, however many there were."""
    heeds_retry_after: bool = False
    """Whether Retry-After, if it is there, says when to try again: also where the client would stop."""
    final_log: str = ""
    """What it prints where it would try again, but its configuration allows no retry; empty: `log` too."""


def reactions(failure: Reaction, named: Mapping[int, Reaction] | None = None) -> tuple[tuple[int, Reaction], ...]:
    """Return the table of a client to which all refusals are one, but for those `named` by status or class.

    401 and 407 are answered unless they are named too.
    """
    answered = Reaction("answer")
    table = {401: answered, 407: answered, 3: failure, 4: failure, 5: failure, 6: failure}
    return tuple({**table, **(named or {})}.items())


@dataclass(frozen=True, slots=True)
class ChallengeRule:
    """Which of the challenges in an answer a client takes up."""

    algorithms: tuple[str, ...] = ("MD5",)
    """What it can answer, most wanted first."""
    pick: Literal["best", "first", "first-only", "last-only", "single"] = "best"
    """``best``: the one most wanted; ``first``: the first it can answer; ``first-only`` and ``last-only``: it reads no
    other; ``single``: it gives up when there are several."""
    reads_quoted: bool = True
    """Whether ``algorithm="MD5"``, in quotes against the grammar, is read."""
    needs: str = ""
    """An algorithm that must be among those offered, although another may be answered."""
    ignores_algorithm: bool = False
    """Whether it answers MD5 whatever it was asked for."""


RealmRule = Literal["any", "exact", "caseless", "named"]
"""How the realm of the configuration is held against that of a challenge.

``any``: not at all. ``exact``: the same octets, where one is configured. ``caseless``: in any letter case; none or
``*`` fits all. ``named``: as ``caseless``, but none fits nothing."""


def realm_fits(rule: RealmRule, configured: str | None, challenged: str) -> bool:
    """Return whether credentials for the `configured` realm answer a challenge; None: nothing is known of it."""
    if rule == "any" or configured is None:
        return True
    if rule == "exact":
        return configured in ("", challenged)
    if configured == "":
        return rule == "caseless"
    return configured == "*" or configured.casefold() == challenged.casefold()
