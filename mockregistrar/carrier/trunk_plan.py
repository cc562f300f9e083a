"""The trunks of a `sipreg.toml`: which configs must log in to which carrier, and with what outcome.

::

    [[trunk]]
    name = "acme main"
    config = "asterisk/sip.conf"      # beside this file; every registration in it, or one by select = "..."
    carrier = "acme"
    expect = "registered"             # or the name of a refusal, or "ip-auth"
    source = "203.0.113.7"            # the address that the carrier sees it come from

Keys and types are checked here, so that an error names file, line and key.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockregistrar.carrier.accounts_file import FileError
from mockregistrar.carrier.checking import nearest
from mockregistrar.carrier.reasons import REASONS
from mockregistrar.carrier.toml_lines import Path
from mockregistrar.trunks import registry

REGISTERED, REFUSED, IP_AUTH = "registered", "refused", "ip-auth"
FORMS = ("value", "line", "file", "form", "row", "json", "code")

KEYS = {
    "name": "what the trunk is called in reports; no two are called alike",
    "config": "the config file, relative to this file",
    "string": "a registration string, in place of a file",
    "string_env": "the environment variable that holds the registration string",
    "dialect": "whose config it is (default: detected)",
    "form": "what kind of text of that dialect it is (default: detected)",
    "select": "one registration of the config: its number from 1, its name, user or user@host (default: each of them)",
    "carrier": "the [carrier.NAME] table that it logs in to (default: the only one)",
    "expect": f"the outcome: {REGISTERED} (default), {IP_AUTH}, {REFUSED}, or the name of a refusal",
    "source": "the address that the carrier sees it come from (default: the first one that the carrier lets in)",
}
"""What each key of a trunk means; all hold text in quotes."""

Wrong = Callable[[str, str, Path], FileError]


def outcomes() -> tuple[str, ...]:
    """What `expect` may say."""
    return (REGISTERED, IP_AUTH, REFUSED, *REASONS)


@dataclass(frozen=True, slots=True)
class PlannedTrunk:
    """One ``[[trunk]]`` table. `line` is where it begins, `lines` where each key stands."""

    name: str
    config: str = ""
    string: str = field(default="", repr=False)
    string_env: str = ""
    dialect: str | None = None
    form: str | None = None
    select: str = ""
    carrier: str = ""
    expect: str = REGISTERED
    source: str = ""
    file: str = ""
    line: int = 1
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)

    def error(self, key: str, message: str) -> FileError:
        """Return an error about a key of this trunk, with its line."""
        return FileError(key, message, self.file, self.lines.get(key, self.line))


def planned_trunks(
    tables: Any, carriers: Mapping[str, Any], file: str, lines: Mapping[Path, int], wrong: Wrong
) -> tuple[PlannedTrunk, ...]:
    """Return the trunks of a file whose ``trunk`` key holds `tables`; raise what `wrong` makes of a mistake."""
    if not isinstance(tables, list):
        raise wrong("a trunk has double brackets: [[trunk]]", "trunk", ("trunk",))
    made: list[PlannedTrunk] = []
    for index, table in enumerate(tables):
        at: Path = ("trunk", index)
        if not isinstance(table, dict):
            raise wrong("a trunk is a table: [[trunk]]", "trunk", at)
        _check_types(table, at, wrong)
        own = {str(path[2]): line for path, line in lines.items() if path[:2] == at and len(path) == 3}
        given = dict(table)
        if not table.keys() & {"config", "string", "string_env"}:
            raise wrong('says nothing to test: config = "FILE", or string = "register => ..."', "trunk", at)
        given.setdefault("name", _name(table, index))
        trunk = PlannedTrunk(**given, file=file, line=lines.get(at, min(own.values(), default=1)), lines=own)
        made.append(_settled(trunk, carriers, made))
    return tuple(made)


def _name(table: Mapping[str, str], index: int) -> str:
    parts = (table.get("config") or f"trunk {index + 1}", table.get("select", ""))
    return " ".join(part for part in parts if part)


def _check_types(table: Mapping[str, Any], at: Path, wrong: Wrong) -> None:
    for key, value in table.items():
        if key not in KEYS:
            raise wrong(f"no such key of a trunk{nearest(key.replace('-', '_').lower(), KEYS)}", key, (*at, key))
        if not isinstance(value, str) or not value.strip():
            raise wrong("is text in quotes, and not empty", key, (*at, key))
        if "\n" in value:
            raise wrong("holds a line break", key, (*at, key))


def _settled(trunk: PlannedTrunk, carriers: Mapping[str, Any], others: list[PlannedTrunk]) -> PlannedTrunk:
    """Return the trunk with its carrier named. Raises `FileError` for a value that cannot be used."""
    ways = [key for key in ("config", "string", "string_env") if getattr(trunk, key)]
    if len(ways) > 1:
        raise trunk.error(ways[1], f"there is a {ways[0]} beside it; one of the two")
    if any(other.name == trunk.name for other in others):
        raise trunk.error("name", f"{trunk.name!r} is what another trunk is called; give each a name of its own")
    if trunk.dialect is not None:
        try:
            registry.named(trunk.dialect)
        except ValueError as error:
            raise trunk.error("dialect", str(error)) from None
    if trunk.form is not None and trunk.form not in FORMS:
        raise trunk.error("form", f"{trunk.form!r} is not one of {', '.join(FORMS)}{nearest(trunk.form, FORMS)}")
    if trunk.expect not in outcomes():
        hint = nearest(trunk.expect, outcomes()) or f"; there are {', '.join(outcomes())}"
        raise trunk.error("expect", f"no such outcome as {trunk.expect!r}{hint}")
    if trunk.source:
        try:
            ipaddress.ip_address(trunk.source)
        except ValueError:
            raise trunk.error("source", f"{trunk.source!r} is no IP address") from None
    return _with_carrier(trunk, carriers)


def _with_carrier(trunk: PlannedTrunk, carriers: Mapping[str, Any]) -> PlannedTrunk:
    names = ", ".join(carriers)
    if not carriers:
        raise trunk.error("carrier", "there is no [carrier.NAME] table to log in to; say there what the carrier has")
    if trunk.carrier and trunk.carrier not in carriers:
        hint = nearest(trunk.carrier, carriers) or f"; there are {names}"
        raise trunk.error("carrier", f"has no [carrier.{trunk.carrier}] table{hint}")
    if not trunk.carrier and len(carriers) > 1:
        raise trunk.error("carrier", f"there are several carriers: name one of {names}")
    return replace(trunk, carrier=trunk.carrier or next(iter(carriers)))
