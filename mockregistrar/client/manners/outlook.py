"""What a system will do on an answer, foretold in one sentence: "With 403 your Asterisk (chan_sip) stops for good...".

The sentence is not written for each pair of system and status but put together from the same rules that the user agent
follows (`mockregistrar.client.patience`), so that the two cannot part.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from mockregistrar.client.manners.model import Manners
from mockregistrar.client.manners.plain import RFC3261
from mockregistrar.client.manners.rules import FOREVER, Reaction, RefreshRule, RetryRule
from mockregistrar.client.patience import Verdict, verdict
from mockregistrar.client.printing import entry_values, seconds
from mockregistrar.client.profile import Profile

_TIMES = ("", "once", "twice", "three times")


def outlook(manners: Manners, status: int | None, profile: Profile | None = None) -> str:
    """Return the sentence of `Manners.outlook`."""
    if status is not None and not 100 <= status <= 699:
        raise ValueError(f"{status} is not the status of a response: those are 100 to 699")
    what = "Without an answer" if status is None else f"With {status}"
    does = _does(manners, status, profile)
    title = manners.title or manners.name
    if manners.settled:
        return f"{what} your {title} {does}."
    if manners.name == RFC3261.name:
        return f"{what} {title} {does}."
    how = what[0].lower() + what[1:]
    return f"What your {title} does {how} is not known; by RFC 3261 and its settings it {does}."


def _does(manners: Manners, status: int | None, profile: Profile | None) -> str:
    if status is None:
        return _after_silence(manners, profile)
    if status < 200:
        return "goes on waiting for a final answer"
    if status < 300:
        return f"is registered and {refreshing(manners.refresh)}"
    reaction = manners.reaction(status)
    if reaction.do == "answer":
        return _challenged(manners, status, profile)
    if reaction.do == "adopt":
        return _too_brief(manners, reaction, status, profile)
    return _consequence(manners, reaction, status, profile)


def refreshing(rule: RefreshRule) -> str:
    """Return what a refresh rule comes to, as a predicate: "refreshes 15 s before the end"."""
    if rule.never:
        return "does not refresh"
    whose = "of what it asked for" if rule.by == "asked" else "of what was granted"
    early = rule.guard + (rule.timer if rule.timer_early else 0.0)
    if rule.short == FOREVER:
        said = f"refreshes when {100 * (1 - rule.share):g} % {whose} is over"
    elif early:
        said = f"refreshes {seconds(early)} s before the end {whose}"
    else:
        said = f"refreshes at the end {whose}"
    if rule.short and rule.short != FOREVER:
        least = f", at least {rule.least:g} s," if rule.least else ""
        part = f"{100 * rule.share:g} %{least} before it" if rule.share else "at it"
        said += f" ({part} where that is {rule.short:g} s or less)"
    if rule.spread_above != FOREVER:
        said += (
            f" (where that is more than {rule.spread_above:g} s: at a random moment of its second half, "
            f"{rule.spread_guard:g} s before the end at the latest)"
        )
    if rule.floor:
        said += f", but not within {rule.floor:g} s"
    if rule.timer:
        said += f", looking every {seconds(rule.timer)} s"
    return said


def _challenged(manners: Manners, status: int, profile: Profile | None) -> str:
    times = manners.max_auth_tries
    answered = _TIMES[times] if times < len(_TIMES) else f"{times} times"
    logs_in = "logs in" if times == 1 else f"logs in, up to {answered}"
    return f"{logs_in}; refused even so, it {_consequence(manners, manners.rejected, status, profile)}"


def _too_brief(manners: Manners, reaction: Reaction, status: int, profile: Profile | None) -> str:
    when = "at its next look" if manners.adopts_later else "at once"
    said = f"asks {when} for as long as Min-Expires says"
    if manners.doubles_expiry:
        said += ", or for twice as long where that is missing"
    said += _prints(reaction.log, manners, status, profile)
    if manners.max_expiry is not None:
        stops = Reaction("stop", manners.too_high_log)
        said += f"; if that is above {manners.max_expiry} s it {_consequence(manners, stops, status, profile)}"
    if not manners.doubles_expiry:
        refused = manners.brief_refused
        said += f"; if that is no longer than it asked for, it {_consequence(manners, refused, status, profile)}"
    return said


def _after_silence(manners: Manners, profile: Profile | None) -> str:
    limit = 32.0 if manners.attempt_timeout is None else manners.attempt_timeout
    said = f"waits {seconds(limit)} s, then {_consequence(manners, manners.silence, None, profile)}"
    if manners.max_attempts:
        stops = Reaction("stop", manners.gave_up_log)
        said += (
            f"; after {manners.max_attempts} REGISTERs without success it {_consequence(manners, stops, None, profile)}"
        )
    return said


def _consequence(manners: Manners, reaction: Reaction, status: int | None, profile: Profile | None) -> str:
    """Return what a reaction leads to, as a predicate without a subject."""
    first = verdict(manners, reaction, status=status)
    said = _step(manners, reaction, first, status, profile)
    if first.do == "retry" and manners.max_retries is not None:
        last = verdict(manners, reaction, status=status, failures=manners.max_retries)
        times = manners.max_retries
        said += f"; after {times} {'retry' if times == 1 else 'retries'} in vain it "
        said += _step(manners, reaction, last, status, profile)
    if reaction.heeds_retry_after and status is not None:
        delayed = manners.delayed_log if first.do == "stop" else ""
        said += "; with Retry-After it tries again when that says"
        said += _prints(delayed, manners, status, profile, pause="SECONDS")
    return said


def _step(manners: Manners, reaction: Reaction, what: Verdict, status: int | None, profile: Profile | None) -> str:
    if what.do == "stop":
        said = "stops for good"
    elif what.do == "wait":
        said = f"tries again when {seconds(manners.attempt_timeout or 0.0)} s have passed since its REGISTER"
    else:
        said = f"tries again {_spacing(manners, reaction, what)}"
    return said + _prints(what.log, manners, status, profile, pause=seconds(what.pause))


def _spacing(manners: Manners, reaction: Reaction, what: Verdict) -> str:
    rule = reaction.rule or manners.retry
    if rule is None or reaction.do == "stop":
        return f"after {seconds(what.pause)} s"
    if reaction.flat:
        return f"after {_span(rule, 1)}"
    if rule.first is not None:
        return f"after {_span(rule, 1)}, then after {_span(rule, 2)} each time"
    if rule.growth == "count":
        return f"after {_span(rule, 1)}, then {_span(rule, 2)}, then {_span(rule, 3)} and so on"
    if rule.growth == "doubling":
        return f"after {_span(rule, 1)}, then {_span(rule, 2)}, doubling up to {_span(rule, 64)}"
    if not rule.pause and not rule.timer:
        return "at once"
    return f"after {_span(rule, 1)}"


def _span(rule: RetryRule, failures: int) -> str:
    low, high = rule.bounds(failures)
    return f"{seconds(high)} s" if low == high else f"{seconds(low)} to {seconds(high)} s"


def _prints(template: str, manners: Manners, status: int | None, profile: Profile | None, *, pause: str = "") -> str:
    """Return the end of a predicate, "and prints `...`"; empty where nothing is known to be printed."""
    if not template:
        return ""
    known: dict[str, object] = dict(_UNKNOWN_ENTRY if profile is None else entry_values(profile, manners))
    known |= _FIRST_FAILURE
    known |= {
        "status": status,
        "pause": pause,
        "tries": manners.max_auth_tries,
        "timer": seconds(manners.refresh.timer),
    }
    if manners.max_attempts:
        known["attempt"] = manners.max_attempts
    lines = template.format_map(_Named(known)).split("\n")
    return " and prints " + " and ".join(f"`{line}`" for line in lines)


_FIRST_FAILURE: Final = MappingProxyType({"failures": 1, "attempt": 1, "following": 2})
_UNKNOWN_ENTRY: Final = MappingProxyType({"aor": "sip:USER@HOST", "server": "sip:HOST"})


class _Named(dict[str, object]):
    """Names in capitals for what is not known yet."""

    def __missing__(self, key: str) -> str:
        return key.upper()
