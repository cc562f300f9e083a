"""A persona: a frozen set of knobs, which are settings of a carrier; how several become one.

A knob is a field of `CarrierSettings` that says how a carrier behaves, not where it listens, whom it knows or what it
remembers of the traffic. So a persona is nothing but a set of overrides, with a sentence and sources; what it does is
done by the carrier's rooms, which know settings alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from mockregistrar.carrier.checking import SettingsError, nearest
from mockregistrar.carrier.settings import NOT_SETTINGS, CarrierSettings, normalised

KINDS = ("server", "oddity", "own")
"""What a persona is of: a whole server, of which a carrier can be one; a single oddity; something of the user's."""
NOT_KNOBS = frozenset(
    {
        "name", "listen", "advertise", "domains", "accounts", "allow", "deny", "access", "history_messages",
        "history_bytes", "history_records", "seed", "persona", "personas", "faults", *NOT_SETTINGS,
    }
)  # fmt: skip
"""Settings that no persona has: they are of one carrier, not of a kind of carrier."""
ALL = "*"
"""Stands for every persona where the pytest marker takes one."""


def knob_names() -> tuple[str, ...]:
    """Return the names of all knobs, in the order of the settings."""
    return tuple(f.name for f in fields(CarrierSettings) if f.name not in NOT_KNOBS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A kind of carrier. Raises `SettingsError` for a name that cannot be one, and for what is no knob."""

    name: str
    """Small letters, digits and hyphens, as oddities are called; server names may have an underscore."""
    kind: str = "own"
    """``server``, ``oddity``, or ``own``."""
    title: str = ""
    """What it is, in one sentence."""
    like: tuple[str, ...] = ()
    """Personas that it starts from, later ones over earlier ones."""
    knobs: Mapping[str, Any] = field(default_factory=dict)
    """What it sets, by field of `CarrierSettings`; these beat what it starts from."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where a knob's value is known from."""
    unknown: tuple[str, ...] = ()
    """Knobs whose value is not known for this server: they stay at the default."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", self.name):
            raise SettingsError("persona", f"{self.name!r} is no name: letters, digits, `-`, `_` and `.`")
        known = knob_names()
        for name in self.knobs:
            if name in NOT_KNOBS and name not in NOT_SETTINGS:
                raise SettingsError(name, "is a setting of one carrier and no persona's; set it on the carrier")
            if name not in known:
                raise SettingsError(name, f"no such knob{nearest(name.replace('-', '_'), known)}")
        tidy = {name: normalised(name, value) for name, value in self.knobs.items()}
        object.__setattr__(self, "knobs", tidy)  # before anybody has seen it
        like: Any = self.like
        object.__setattr__(self, "like", (like,) if isinstance(like, str) else tuple(like))

    def with_source(self, knob: str) -> str:
        """Return where the value of a knob is known from; empty where nobody says."""
        return self.sources.get(knob, "")


def named(name: object, own: Iterable[Persona] = ()) -> Persona:
    """Return the persona called `name`, among the presets and `own`; raise `SettingsError` with the nearest name."""
    from mockregistrar.carrier.personas.presets import PERSONAS

    if isinstance(name, Persona):
        return name
    if not isinstance(name, str):
        raise SettingsError("persona", f"{name!r} is not the name of a persona, e.g. {next(iter(PERSONAS))!r}")
    if name == ALL:
        raise SettingsError("persona", "`*` runs a test once for each persona: it is for @pytest.mark.sipreg alone")
    for persona in own:
        if persona.name == name:
            return persona
    if name in PERSONAS:
        return PERSONAS[name]
    near = nearest(name.lower().replace("_", "-"), [*PERSONAS, *(persona.name for persona in own)])
    if near:
        raise SettingsError("persona", f"no persona {name!r}{near}")
    if name in knob_names():
        hint = f"; {name} is a setting, which stands for itself: {name} = ..."
    else:
        hint = "; `mockregistrar personas` lists them"
    raise SettingsError("persona", f"no persona {name!r}{hint}")


def lineage(chosen: Iterable[object], own: Iterable[Persona] = ()) -> list[Persona]:
    """Return the personas that those `chosen` come to, with all that they start from, the weakest first.

    Raises `SettingsError` for an unknown name, a persona that starts from itself, and two whole servers.
    """
    own = tuple(own)
    found: list[Persona] = []

    def take(name: object, path: tuple[str, ...]) -> None:
        persona = named(name, own)
        if persona.name in path:
            raise SettingsError("like", f"{' is like '.join((*path, persona.name))}: one of these has to let go")
        for other in persona.like:
            take(other, (*path, persona.name))
        found.append(persona)

    for name in chosen:
        take(name, ())
    servers = list(dict.fromkeys(p.name for p in found if p.kind == "server" and p.knobs))
    if len(servers) > 1:
        raise SettingsError(
            "persona",
            f"{' and '.join(servers)} are whole servers, and a carrier is one; keep one, add oddities",
        )
    return found


def combined(chosen: Iterable[object], own: Iterable[Persona] = ()) -> dict[str, Any]:
    """Return the knobs of the personas `chosen`, put over one another in their order; raises as `lineage` does."""
    knobs: dict[str, Any] = {}
    for persona in lineage(chosen, own):
        knobs.update(persona.knobs)
    return knobs
