"""What may refine each reason: the public list behind ``because="wrong-password/cut-at-character"`` and the docs."""

from __future__ import annotations

from mockregistrar.carrier.diagnosis.hows import HOWS
from mockregistrar.carrier.diagnosis.whys import WHYS, Why, why
from mockregistrar.carrier.reasons import REASONS

OF_PASSWORDS = frozenset(
    "user-as-password user-and-password other-account hash-as-password password-as-hash pasted-twice empty".split()
)
"""Refinements of ``wrong-password`` that a name cannot have."""
_OF_TEXT = ("wrong-password", "unknown-user", "wrong-auth-user", "wrong-realm", "wrong-domain")


def refinements(because: str) -> dict[str, Why]:
    """Return what may refine a reason, by slug, each with cause and fix."""
    found = {key.partition("/")[2]: known for key, known in WHYS.items() if key.startswith(f"{because}/")}
    if because in _OF_TEXT:
        for how, known in HOWS.items():
            if because == "wrong-password" or how not in OF_PASSWORDS:
                found.setdefault(how, Why(known.cause, known.fix))
    if because == "no-credentials":
        found.setdefault("gave-up", why(because))
    return found


def verdicts() -> dict[str, tuple[str, Why]]:
    """Return every verdict: slug, refined or not, to what happened and what is known of it."""
    found: dict[str, tuple[str, Why]] = {}
    for because, sentence in REASONS.items():
        found[because] = (sentence, why(because))
        for how, known in refinements(because).items():
            title = HOWS[how].title if how in HOWS and f"{because}/{how}" not in WHYS else ""
            found[f"{because}/{how}"] = (title or sentence, known)
    return found
