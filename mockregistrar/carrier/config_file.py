"""`sipreg.toml`: carriers in a file, one ``[carrier.NAME]`` table each, with the names of `CarrierSettings`, and the
trunks that must log in to them, one ``[[trunk]]`` table each (`mockregistrar.carrier.trunk_plan`). Personas of
one's own stand in ``[persona.NAME]`` tables (`mockregistrar.carrier.persona_tables`).

Text in, settings out; what a table refers to (an accounts file, an environment variable) comes through arguments.
Every key and type is checked here, so that an error names file and line, and the nearest name where one is unknown.
Values are checked when a table becomes settings, since what is too small for one maximum is right for another.

::

    [carrier.acme]
    listen = ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"]
    domain = "sip.acme.example"
    min_expires = 60
    allow = ["10.0.0.0/8"]
    accounts = [
        { user = "100", secret = "s3cret" },
        { user = "200", secret_env = "ACME_SECRET", networks = ["192.0.2.7"] },
    ]
    accounts_file = "carrier.csv"   # beside this file
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from mockregistrar.carrier.accounts_file import FileError, load_accounts_csv, unreachable
from mockregistrar.carrier.checking import SettingsError, nearest
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec, account_from
from mockregistrar.carrier.toml_lines import Path, lines_of_keys

if TYPE_CHECKING:
    from mockregistrar.carrier.personas import Persona
    from mockregistrar.carrier.trunk_plan import PlannedTrunk

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

TABLES = ("carrier", "persona", "trunk")
"""What stands at the top of a file."""
FILE_NAME = "sipreg.toml"
"""What the file is called where it is looked for."""

Reader = Callable[[str], str]
"""Returns the text of a file named in a table; raises `OSError` or `UnicodeDecodeError` when it cannot."""

Check = tuple[Callable[[Any], bool], str]
"""Whether a value is of the right type, and what is said of one that is not."""


def _is_int(value: Any) -> bool:
    return type(value) is int


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, list) and all(map(_is_text, value)))


SECONDS: Check = (_is_int, "is a whole number of seconds")
COUNT: Check = (_is_int, "is a whole number")
TEXT: Check = (_is_text, "is text in quotes")
TEXTS: Check = (_is_texts, "is a list of texts in quotes")
SWITCH: Check = (lambda value: isinstance(value, bool), "is true or false")
NUMBER: Check = (lambda value: type(value) in (int, float), "is a number of seconds")
STATUS: Check = (lambda value: _is_text(value) or _is_int(value), "is a status, e.g. 403")
FAULTS: Check = (_is_texts, 'is a list of faults in quotes, e.g. ["drop REGISTER first=2"]')

SETTINGS: dict[str, Check] = {
    "listen": TEXTS,
    "advertise": TEXT,
    "domains": TEXTS,
    "realm": TEXT,
    "accounts": (
        lambda value: isinstance(value, list) and all(isinstance(v, (dict, str)) for v in value),
        'is a list of accounts, e.g. [{ user = "100", secret = "s3cret" }]',
    ),
    "accounts_file": TEXT,
    "allow": TEXTS,
    "deny": TEXTS,
    "access": TEXT,
    "refuse": STATUS,
    "min_expires": SECONDS,
    "max_expires": SECONDS,
    "default_expires": SECONDS,
    "short_expires": TEXT,
    "algorithms": TEXTS,
    "qop": TEXTS,
    "nonce_ttl": NUMBER,
    "max_contacts": COUNT,
    "wrong_password": STATUS,
    "unknown_user": STATUS,
    "path": SWITCH,
    "outbound": SWITCH,
    "service_route": TEXTS,
    "server": TEXT,
    "challenge": STATUS,
    "realm_rule": TEXT,
    "algorithm_form": TEXT,
    "stale": SWITCH,
    "nonce_use": TEXT,
    "digest_uri": TEXT,
    "unregister_challenge": TEXT,
    "min_expires_step": SECONDS,
    "grant": SECONDS,
    "grant_in": TEXT,
    "grant_shown": SECONDS,
    "contact_answer": TEXT,
    "foreign_contacts": TEXTS,
    "contacts_joined": SWITCH,
    "date": SWITCH,
    "too_many_contacts": STATUS,
    "first_refused": COUNT,
    "first_status": STATUS,
    "retry_after": SECONDS,
    "rate_limit": COUNT,
    "rate_window": SECONDS,
    "lockout_after": COUNT,
    "lockout_time": SECONDS,
    "header_order": TEXTS,
    "compact_headers": SWITCH,
    "stale_always": SWITCH,
    "unknown_user_at_once": SWITCH,
    "uri_user": STATUS,
    "cseq_rule": TEXT,
    "expires_from": TEXT,
    "lockout_counts": TEXT,
    "first_hop_outbound": SWITCH,
    "pub_gruu": SWITCH,
    "via_rport": TEXT,
    "to_tag": SWITCH,
    "pong": SWITCH,
    "grant_delay": NUMBER,
    "trying": SWITCH,
    "qualify": SECONDS,
    "qualify_with": TEXT,
    "qualify_timeout": NUMBER,
    "qualify_remove": SWITCH,
    "persona": TEXTS,
    "history_messages": COUNT,
    "history_bytes": COUNT,
    "history_records": COUNT,
    "faults": FAULTS,
    "seed": COUNT,
}
"""What each key of a carrier's table holds; the keys are the fields of `CarrierSettings`, and ``accounts_file``."""

SINGULAR = {"domain": "domains", "algorithm": "algorithms", "account": "accounts", "fault": "faults"}
"""Keys by the name that the command line's repeatable flags have."""

ACCOUNT: dict[str, Check] = {
    "user": TEXT,
    "secret": TEXT,
    "secret_env": (_is_text, "is the name of an environment variable, in quotes"),
    "ha1": (
        lambda value: _is_text(value) or (isinstance(value, dict) and all(map(_is_text, value.values()))),
        'is a hash in quotes, or a table of them, e.g. { MD5 = "..." }',
    ),
    "auth_user": TEXT,
    "domain": TEXT,
    "networks": TEXTS,
    "access": TEXT,
    "min_expires": SECONDS,
    "max_expires": SECONDS,
    "grant": SECONDS,
    "max_contacts": COUNT,
}


@dataclass(frozen=True, slots=True)
class CarrierTable:
    """One ``[carrier.NAME]`` table: its keys and types are right, its values not yet looked at."""

    name: str
    source: str
    """What errors call the file."""
    values: Mapping[str, Any] = field(repr=False)
    """The table as it was read, by the names of `CarrierSettings` (and ``accounts_file``)."""
    lines: Mapping[Path, int] = field(repr=False)
    """Line of each key, by its path within the table, as it is spelled there."""
    line: int
    """Line of the table's header."""
    personas: tuple[Persona, ...] = ()
    """The personas that the file has."""

    def error(self, setting: str, message: str, *inside: str | int) -> FileError:
        """Return an error about a setting of this table, with its line; `inside` leads on into its value."""
        spelled = setting
        if (setting,) not in self.lines:
            spelled = next((one for one, many in SINGULAR.items() if many == setting), setting)
        path: Path = (spelled, *inside)
        while path and path not in self.lines:
            path = path[:-1]
        return FileError(
            spelled if not inside else str(inside[-1]), message, self.source, self.lines[path] if path else self.line
        )

    def overrides(self, environ: Mapping[str, str], read: Reader, *, without: Iterable[str] = ()) -> dict[str, Any]:
        """Return the settings that this table makes, by field of `CarrierSettings`, but for those of `without`.

        `environ` is where ``secret_env`` looks, `read` what ``accounts_file`` is read with. Raises `FileError`
        for a listener or account that cannot be used; other values are checked with the settings as a whole.
        """
        found: dict[str, Any] = {"name": self.name}
        if self.personas:
            found["personas"] = self.personas
        passed_over = set(without)
        for setting, value in self.values.items():
            if setting in passed_over or setting in ("accounts", "accounts_file"):
                continue
            found[setting] = tuple(value) if isinstance(value, list) else value
        if "listen" in found:
            listen = (found["listen"],) if isinstance(found["listen"], str) else found["listen"]
            found["listen"] = tuple(self._listener(text, index) for index, text in enumerate(listen))
        if "faults" in found:
            faults = (found["faults"],) if isinstance(found["faults"], str) else found["faults"]
            found["faults"] = tuple(self._fault(text, index) for index, text in enumerate(faults))
        if "accounts" not in passed_over and not self.values.keys().isdisjoint(("accounts", "accounts_file")):
            open_to_all = bool(found.get("allow")) or "allow" in passed_over
            found["accounts"] = self._accounts(environ, read, needs_networks=not open_to_all)
        return found

    def settings(self, environ: Mapping[str, str], read: Reader) -> CarrierSettings:
        """Return the settings that this table makes; raises `FileError`. Arguments as in `overrides`."""
        overrides = self.overrides(environ, read)
        try:
            return CarrierSettings().changed(**overrides)
        except SettingsError as error:
            raise self.error(error.setting, error.message) from None

    def _fault(self, text: str, index: int) -> str:
        from mockregistrar.faults import FaultError, FaultSpec  # here, as most carriers have none

        try:
            FaultSpec.parse(text)
        except FaultError as error:
            place = "fault" if ("fault",) in self.lines else "faults"
            line = self.lines.get((place, index)) or self.error("faults", "").line
            raise FileError(place, error.line, self.source, line) from None
        return text

    def _listener(self, text: str, index: int) -> ListenSpec:
        try:
            return ListenSpec.parse(text)
        except SettingsError as error:
            path: tuple[int, ...] = (index,) if ("listen", index) in self.lines else ()
            raise FileError("listen", error.message, self.source, self.error("listen", "", *path).line) from None

    def _accounts(self, environ: Mapping[str, str], read: Reader, *, needs_networks: bool) -> tuple[AccountSpec, ...]:
        accounts = [
            self._account(row, index, environ, needs_networks=needs_networks)
            for index, row in enumerate(self.values.get("accounts", ()))
        ]
        name = self.values.get("accounts_file")
        if name is not None:
            try:
                text = read(name)
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
                raise self.error("accounts_file", f"{name}: {reason or error}") from None
            accounts += load_accounts_csv(text, name, needs_networks=needs_networks)
        return tuple(accounts)

    def _account(
        self, row: dict[str, Any] | str, index: int, environ: Mapping[str, str], *, needs_networks: bool
    ) -> AccountSpec:
        place = "account" if ("account", index) in self.lines else "accounts"
        if isinstance(row, str):
            if not row.partition(":")[2]:
                message = (
                    'an account in quotes is "USER:SECRET"; one without a secret is { user = ..., networks = ... }'
                )
                raise FileError(place, message, self.source, self.lines.get((place, index), self.line))
            return account_from(row)
        given = dict(row)
        variable = given.pop("secret_env", None)
        if variable is not None:
            if "secret" in given:
                raise self.error(place, "there is a secret beside it; one of the two", index, "secret_env")
            if not environ.get(variable):
                message = f"the environment variable {variable} is {'empty' if variable in environ else 'not set'}"
                raise self.error(place, message, index, "secret_env")
            given["secret"] = environ[variable]
        if given.get("secret") == "":
            message = "is empty; leave it out for an account that is let in by address alone"
            raise self.error(place, message, index, "secret")
        if isinstance(given.get("ha1"), str):
            given["ha1"] = given["ha1"].lower()
        try:
            account = account_from(given)
        except SettingsError as error:
            raise self.error(place, error.message, index, error.setting) from None
        if needs_networks and not (account.has_credentials or account.networks or account.access):
            raise self.error(place, unreachable(account.user), index, "user")
        return account


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A whole file: its carriers and trunks, in their order."""

    source: str
    carriers: Mapping[str, CarrierTable]
    trunks: tuple[PlannedTrunk, ...] = ()
    personas: tuple[Persona, ...] = ()

    def carrier(self, name: str | None = None) -> CarrierTable:
        """Return the table called `name`; without a name, the only one. Raises `FileError` naming those there are."""
        if not self.carriers:
            raise FileError("", "has no [carrier.NAME] table", self.source)
        names = ", ".join(self.carriers)
        if name is not None:
            if name not in self.carriers:
                hint = nearest(name, self.carriers) or f"; there are {names}"
                raise FileError("", f"has no [carrier.{name}] table{hint}", self.source)
            return self.carriers[name]
        if len(self.carriers) > 1:
            raise FileError("", f"has several carriers, name one of {names}", self.source)
        return next(iter(self.carriers.values()))


def read_config(text: str, source: str = FILE_NAME, *, trunks: bool = True) -> ConfigFile:
    """Return what a `sipreg.toml` holds; `source` is what errors call it. Without `trunks` those are passed over.

    Raises `FileError` with the line: for what is not TOML, an unknown key (with the nearest known one), a value of
    the wrong type.
    """
    text = text.removeprefix("\ufeff")
    try:
        root = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, source) from None
    lines = lines_of_keys(text)

    def wrong(message: str, setting: str, path: Path) -> FileError:
        inside = (line for found, line in lines.items() if found[: len(path)] == path)
        return FileError(setting, message, source, lines.get(path) or min(inside, default=None))

    for key in root:
        if key not in TABLES:
            named = "; tables of this file are [carrier.NAME], [persona.NAME] and [[trunk]]"
            hint = nearest(key, TABLES) or named
            raise wrong(f"no such table{hint}", key, (key,))
    personas = _personas(root, wrong)
    carriers: dict[str, CarrierTable] = {}
    tables = root.get("carrier", {})
    if not isinstance(tables, dict):
        raise wrong("is a table for each carrier: [carrier.NAME]", "carrier", ("carrier",))
    for name, table in tables.items():
        at: Path = ("carrier", name)
        if not isinstance(table, dict):
            known = name in SETTINGS or name in SINGULAR
            hint = f"; settings stand in a table with a name, e.g. [carrier.acme] and under it {name}" if known else ""
            raise wrong(f"is not a table{hint}", f"carrier.{name}", at)
        values = _checked(table, SETTINGS, at, wrong)
        for setting in ("accounts", "account"):
            for index, row in enumerate(values["accounts"] if setting in table else ()):
                if isinstance(row, dict):
                    _checked(row, ACCOUNT, (*at, setting, index), wrong)
                    if "user" not in row:
                        raise wrong("an account needs a user", setting, (*at, setting, index))
        inside = {path[2:]: line for path, line in lines.items() if path[:2] == at and len(path) > 2}
        carriers[name] = CarrierTable(name, source, values, inside, lines.get(at, 1), personas)
    planned = _trunks(root, carriers, source, lines, wrong) if trunks else ()
    return ConfigFile(source, carriers, planned, personas)


def _personas(root: Mapping[str, Any], wrong: Callable[[str, str, Path], FileError]) -> tuple[Persona, ...]:
    if "persona" not in root:
        return ()
    from mockregistrar.carrier.persona_tables import read_personas  # few files have any

    return read_personas(root["persona"], SETTINGS, wrong)


def _trunks(
    root: Mapping[str, Any],
    carriers: Mapping[str, CarrierTable],
    source: str,
    lines: Mapping[Path, int],
    wrong: Callable[[str, str, Path], FileError],
) -> tuple[PlannedTrunk, ...]:
    if "trunk" not in root:
        return ()
    from mockregistrar.carrier.trunk_plan import planned_trunks  # the dialects behind it take long to import

    return planned_trunks(root["trunk"], carriers, source, lines, wrong)


def _checked(
    table: Mapping[str, Any], known: Mapping[str, Check], at: Path, wrong: Callable[[str, str, Path], FileError]
) -> dict[str, Any]:
    """Return the table by its settings' names; raise for an unknown key, a wrong type, the same setting twice."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        setting = SINGULAR.get(key, key) if known is SETTINGS else key
        if setting not in known:
            what = "no such setting" if known is SETTINGS else "no such account field"
            raise wrong(what + _hint(key, known), key, (*at, key))
        if setting in values:
            raise wrong(f"is the same setting as {setting}", key, (*at, key))
        right, what = known[setting]
        if not right(value):
            if setting == "accounts" and isinstance(value, str):
                what += f', or to read them from a file: accounts_file = "{value}"'
            raise wrong(f"{_shown(value, setting)}{what}", key, (*at, key))
        values[setting] = value
    return values


def _shown(value: Any, setting: str) -> str:
    """Return a wrong value as TOML would have it, where it is short and cannot be a secret."""
    if setting in ("secret", "ha1", "accounts"):
        return ""
    if isinstance(value, bool):
        return f"{str(value).lower()} is wrong here: it "
    if isinstance(value, (str, int, float)) and len(str(value)) <= 60:
        text = f'"{value}"' if isinstance(value, str) else str(value)
        return f"{text} is wrong here: it "
    return ""


def _hint(key: str, known: Iterable[str]) -> str:
    return nearest(key.replace("-", "_").lower(), known)


def _not_toml(error: Exception, source: str) -> FileError:
    """Return the reader's complaint with its place in front."""
    match = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error), re.DOTALL)
    if not match:
        return FileError("", f"not TOML: {error}", source)
    return FileError("", f"not TOML: {match[1]} (column {match[3]})", source, int(match[2]))


def load_config(
    text: str,
    source: str = FILE_NAME,
    *,
    carrier: str | None = None,
    environ: Mapping[str, str] | None = None,
    read: Reader | None = None,
    several: CarrierSettings | None = None,
) -> CarrierSettings:
    """Return the settings of one carrier in a `sipreg.toml`: the one called `carrier`, or the only one.

    `environ` is where ``secret_env`` looks, `read` returns the text of an ``accounts_file`` (named as it is in the
    file, so relative to it). `several` is what is returned where the file has several carriers, or none but trunks, and
    none is named. Raises `FileError`, a `SettingsError` with file and line.
    """
    config = read_config(text, source, trunks=False)
    if several is not None and carrier is None and len(config.carriers) != 1:
        return several.changed(personas=config.personas) if config.personas else several
    return config.carrier(carrier).settings(environ or {}, read or _no_file)


def _no_file(name: str) -> str:
    raise FileNotFoundError(2, f"cannot be read from here ({PurePath(name).name})")
