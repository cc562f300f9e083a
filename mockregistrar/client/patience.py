"""What a client does after an attempt that was no success: try again, when, or stop.

The manners say it; here it is worked out from them, for the user agent that does it and for the sentence that foretells
it. Nothing is remembered: the failures in a row go in and come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.rules import Reaction

LEAST_PAUSE: Final = 1.0
"""Seconds before a new attempt after an answer, whatever the manners say: ``Retry-After: 0`` is no invitation to flood,
and a client that would try again at once, over and over, does so once a second here."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do now."""

    do: Literal["stop", "wait", "retry"]
    log: str
    """The template of the line to print."""
    failures: int
    """Failures in a row, this one included where it counts."""
    pause: float = 0.0
    """Seconds until the next attempt, for ``retry``."""


def verdict(
    manners: Manners,
    reaction: Reaction,
    *,
    status: int | None,
    failures: int = 0,
    attempts: int = 0,
    retry_after: float | None = None,
    chance: float = 1.0,
) -> Verdict:
    """Return what `reaction` comes to after `failures` failures in a row and `attempts` REGISTERs without success.

    `status` is that of the answer, None where none came; `retry_after` what it says in seconds; `chance` a lot from 0
    to 1.
    """
    if retry_after is not None and reaction.heeds_retry_after and (retry_after or manners.zero_delay_counts):
        return Verdict("retry", manners.delayed_log or reaction.log, failures, max(retry_after, LEAST_PAUSE))
    if reaction.do == "wait" and manners.attempt_timeout is not None:
        return Verdict("wait", reaction.log, failures + 1)
    if reaction.do in ("wait", "retry"):
        rule = reaction.rule or manners.retry
        if status is None and manners.max_attempts and attempts >= manners.max_attempts:
            return Verdict("stop", manners.gave_up_log, failures + 1)
        if rule is not None:
            if manners.max_retries is not None and failures >= manners.max_retries:
                return Verdict("stop", manners.gave_up_log or reaction.log, failures + 1)
            pause = rule.pause_after(1 if reaction.flat else failures + 1, chance)
            if status is not None:
                pause = max(pause, LEAST_PAUSE)
            return Verdict("retry", reaction.log, failures + 1, pause)
    return _stopped(manners, reaction, status, failures)


def _stopped(manners: Manners, reaction: Reaction, status: int | None, failures: int) -> Verdict:
    """Return the end of it, or the retry that a configuration wants even so."""
    if manners.max_retries is None or failures < manners.max_retries:
        if status == 403 and manners.forbidden_retry:
            return Verdict("retry", manners.forbidden_retry_log, failures + 1, manners.forbidden_retry)
        if manners.fatal_retry:
            return Verdict("retry", manners.fatal_retry_log, failures + 1, manners.fatal_retry)
    return Verdict("stop", reaction.final_log or reaction.log, failures + 1)
