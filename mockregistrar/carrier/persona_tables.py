"""Personas of one's own in `sipreg.toml`: one ``[persona.NAME]`` table each, and the same text the other way.

::

    [persona.acme-edge]
    like = ["kamailio", "no-stale"]   # presets or other tables, later ones over earlier ones
    title = "The edge proxy of Acme, version 12."
    nonce_ttl = 20                    # and any knob, which beats those
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mockregistrar.carrier.checking import SettingsError, nearest
from mockregistrar.carrier.personas import Persona, combined, knob_names
from mockregistrar.carrier.personas.presets import PERSONAS
from mockregistrar.carrier.settings import CarrierSettings

if TYPE_CHECKING:
    from mockregistrar.carrier.accounts_file import FileError
    from mockregistrar.carrier.config_file import Check
    from mockregistrar.carrier.toml_lines import Path

_WIDTH = 100
OWN_KEYS = ("like", "title")
"""The keys of a persona's table that are no knobs."""

Wrong = Callable[[str, str, "Path"], "FileError"]


def read_personas(tables: Any, checks: Mapping[str, Check], wrong: Wrong) -> tuple[Persona, ...]:
    """Return the personas of the ``[persona.NAME]`` tables; `checks` says what each key holds.

    `wrong` makes the error about a key, with its line. Raises what it makes: for an unknown key (with the nearest
    known one), a value of the wrong type, a name that is a preset's, and a persona that cannot be.
    """
    if not isinstance(tables, dict):
        raise wrong("is a table for each persona: [persona.NAME]", "persona", ("persona",))
    known = (*OWN_KEYS, *knob_names())
    found = []
    for name, table in tables.items():
        at = ("persona", name)
        if not isinstance(table, dict):
            raise wrong("is not a table; knobs stand in one with a name, e.g. [persona.acme]", f"persona.{name}", at)
        if name in PERSONAS:
            raise wrong("is the name of a preset; take another, and like = " + f'["{name}"]', f"persona.{name}", at)
        for key, value in table.items():
            if key not in known:
                hint = "; it is set on a carrier, in its [carrier.NAME] table" if key in checks else ""
                hint = hint or nearest(key.replace("-", "_").lower(), known)
                raise wrong(f"no such knob of a persona{hint}", key, (*at, key))
            right, what = checks["domains" if key == "like" else "realm" if key == "title" else key]
            if not right(value):
                raise wrong(what, key, (*at, key))
        knobs = {key: value for key, value in table.items() if key not in OWN_KEYS}
        try:
            found.append(Persona(name=name, like=table.get("like", ()), title=table.get("title", ""), knobs=knobs))
        except SettingsError as error:
            raise wrong(error.message, error.setting, (*at, error.setting)) from None
    own = tuple(found)
    for persona in own:
        _check(persona, own, wrong)
    return own


def _check(persona: Persona, own: tuple[Persona, ...], wrong: Wrong) -> None:
    """Raise where a carrier cannot be that."""
    try:
        CarrierSettings(persona=(persona,), personas=own)
    except SettingsError as error:
        setting = "like" if error.setting == "persona" else error.setting
        raise wrong(error.message, setting, ("persona", persona.name, setting)) from None


# -- the other way -----------------------------------------------------------------------------------------------
def toml_value(value: Any) -> str:
    """Return a knob's value as TOML has it."""
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON's text in quotes is TOML's too


def write_persona(name: str, knobs: Mapping[str, Any], notes: Mapping[str, str], head: Iterable[str] = ()) -> str:
    """Return a ``[persona.NAME]`` table with `knobs`, a comment behind each that `notes` has one for.

    `head` are lines of comment above it, each wrapped where it is long. None stands for no
    value, which TOML does not have: it is left out.
    """
    wrapped = [part for line in head for part in textwrap.wrap(line, _WIDTH) or [""]]
    lines = [*(f"# {line}".rstrip() for line in wrapped), f"[persona.{name}]"]
    for knob in knob_names():
        if knob in knobs and knobs[knob] is not None:
            line = f"{knob} = {toml_value(knobs[knob])}"
            lines.append(f"{line:<32} # {notes[knob]}" if notes.get(knob) else line)
    return "\n".join(lines) + "\n"


def composed(names: Iterable[str], own: Iterable[Persona] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the knobs that the personas `names` come to, and where each is known from.

    Raises `SettingsError` for an unknown name, and for personas that do not go together.
    """
    from mockregistrar.carrier.personas import lineage

    chosen, own = tuple(names), tuple(own)
    CarrierSettings(persona=chosen, personas=own)  # whether they go together
    sources: dict[str, str] = {}
    for persona in lineage(chosen, own):
        sources.update({knob: persona.with_source(knob) for knob in persona.knobs})
    return combined(chosen, own), sources
