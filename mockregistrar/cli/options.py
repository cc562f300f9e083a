"""From the words of the command line, and of a config file, to the settings of a carrier.

Flags win over the file, a list replaces a list. A setting that cannot be used is answered where it was written: by the
name of its flag, or by file and line.
"""

from __future__ import annotations

import os
import random
import re
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockregistrar.carrier.accounts_file import FileError, load_accounts_csv, unreachable
from mockregistrar.carrier.checking import SettingsError
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.cli.parser import PROGRAM, UsageError

if TYPE_CHECKING:
    from mockregistrar.carrier.config_file import CarrierTable

DEFAULT_LISTEN = (ListenSpec("udp", "127.0.0.1", 5060), ListenSpec("tcp", "127.0.0.1", 5060))
DEFAULT_ACCOUNT = "trunk1"
"""The account of a carrier that was given none."""

_FLAGS = {
    "listen": "--listen",
    "advertise": "--advertise",
    "domains": "--domain",
    "realm": "--realm",
    "allow": "--allow",
    "deny": "--deny",
    "access": "--access",
    "refuse": "--refuse",
    "min_expires": "--min-expires",
    "max_expires": "--max-expires",
    "default_expires": "--default-expires",
    "short_expires": "--short-expires",
    "algorithms": "--algorithm",
    "qop": "--qop",
    "nonce_ttl": "--nonce-ttl",
    "persona": "--persona",
    "faults": "--fault",
}
"""The flag of each setting that has one with the setting's own value."""

_SECRET_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"  # none that looks like another
_SECRET_LENGTH = 12
_TRACED_MESSAGES, _TRACED_BYTES = 20_000, 32 << 20  # and as many records of other kinds
"""What the history holds for ``--trace``, unless the config file says otherwise."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What `serve` does: a carrier's settings, and what to print and write."""

    settings: CarrierSettings
    default_listen: bool
    """Whether nobody said where to listen."""
    listen_named: str
    """Where the listeners were named, for an error about one: a flag, or file and line."""
    json: bool
    show_secrets: bool
    ready_file: Path | None
    trace: Path | None
    tls_ca: Path | None
    given_secrets: tuple[str, ...] = field(repr=False)
    """Secrets that people gave us, to be masked wherever a person sees them."""


def usage(text: str) -> UsageError:
    """Return the error whose line is `text` behind the command's name."""
    return UsageError(f"{PROGRAM} serve: {text}")


def options_from(arguments: Namespace, environ: Mapping[str, str] | None = None) -> ServeOptions:
    """Return what the arguments ask for, files read and values checked. Raises `UsageError`."""
    given = _flag_values(arguments)
    table = _table(arguments)
    merged: dict[str, Any] = {}
    if table is not None:
        folder = Path(arguments.config).parent
        try:
            environment = os.environ if environ is None else environ
            merged = table.overrides(environment, lambda name: _text_of(folder / name), without=given)
        except FileError as error:
            raise usage(str(error)) from None
    merged.update(given)
    default_listen = "listen" not in merged
    if default_listen:
        merged["listen"] = DEFAULT_LISTEN
    if "accounts" in given:
        merged["accounts"] = _accounts(arguments, merged)
    elif not merged.get("accounts"):
        merged["accounts"] = (_made_up(DEFAULT_ACCOUNT, merged.get("seed")),)
    if arguments.trace is not None:
        merged.setdefault("history_messages", _TRACED_MESSAGES)
        merged.setdefault("history_bytes", _TRACED_BYTES)
        merged.setdefault("history_records", _TRACED_MESSAGES)
    settings = _settings(merged, given, table)
    if arguments.tls_ca is not None and not any(place.transport == "tls" for place in settings.listen):
        raise usage("--tls-ca: nothing listens with TLS; add e.g. --listen tls:127.0.0.1:5061")
    return ServeOptions(
        settings=settings,
        default_listen=default_listen,
        listen_named="--listen" if table is None or "listen" in given else table.error("listen", "").where,
        json=arguments.json,
        show_secrets=arguments.show_secrets,
        ready_file=_path(arguments.ready_file),
        trace=_path(arguments.trace),
        tls_ca=_path(arguments.tls_ca),
        given_secrets=() if arguments.show_secrets else _given_secrets(settings),
    )


def _flag_values(arguments: Namespace) -> dict[str, Any]:
    """Return the settings that flags give, by field of `CarrierSettings`; accounts as they were written."""
    given = {name: value for name in _FLAGS if (value := getattr(arguments, name)) is not None}
    if "listen" in given:
        given["listen"] = tuple(_flag("--listen", ListenSpec.parse, text) for text in given["listen"])
    if arguments.account or arguments.accounts:
        given["accounts"] = ()
    return given


def _flag(flag: str, make: Callable[..., Any], *values: Any) -> Any:
    try:
        return make(*values)
    except SettingsError as error:
        raise usage(f"{flag}: {error.message}") from None


def _table(arguments: Namespace) -> CarrierTable | None:
    if arguments.config is None:
        if arguments.carrier is not None:
            raise usage("--carrier: names a table of a config file; give --config FILE.toml too")
        return None
    from mockregistrar.carrier.config_file import read_config

    try:
        file = read_config(_read("--config", arguments.config), arguments.config, trunks=False)
        return file.carrier(arguments.carrier)
    except FileError as error:
        hint = "" if arguments.carrier or error.line is not None else " with --carrier"
        raise usage(f"{error}{hint if 'several' in error.message else ''}") from None


def _text_of(path: Path) -> str:
    return path.read_text("utf-8-sig")


def _read(flag: str, name: str) -> str:
    try:
        return _text_of(Path(name))
    except OSError as error:
        raise usage(f"{flag}: {name}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise usage(f"{flag}: {name} is not UTF-8 text (octet {error.start})") from None


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name).absolute()


# -- accounts --------------------------------------------------------------------------------------------
def _accounts(arguments: Namespace, merged: Mapping[str, Any]) -> tuple[AccountSpec, ...]:
    """Return the accounts of ``--account`` and ``--accounts``, each user once for each domain."""
    accounts: list[AccountSpec] = []
    for index, text in enumerate(arguments.account or ()):
        seed = merged.get("seed")
        accounts.append(_account(text, None if seed is None else seed + index))
    for name in arguments.accounts or ():
        accounts += _accounts_in(name, needs_networks=not merged.get("allow"))
    return tuple(accounts)


def _accounts_in(name: str, *, needs_networks: bool) -> tuple[AccountSpec, ...]:
    try:
        return load_accounts_csv(_read("--accounts", name), name, needs_networks=needs_networks)
    except FileError as error:
        raise usage(f"--accounts: {error}") from None


def _account(text: str, seed: int | None) -> AccountSpec:
    user, colon, secret = text.partition(":")
    if not user:
        raise usage("--account: there is no user before the colon; write USER or USER:SECRET")
    if colon and not secret:
        raise usage(f"--account: {text!r} has no secret behind the colon; write {user} to have one made up")
    if not colon:
        return _flag("--account", _made_up, user, seed)  # type: ignore[no-any-return]
    account: AccountSpec = _flag("--account", lambda: AccountSpec(user=user, secret=secret))
    return account


def _made_up(user: str, seed: int | None) -> AccountSpec:
    """Return an account with a secret of letters and digits that are not easily confused."""
    generator = random.SystemRandom() if seed is None else random.Random(seed)
    secret = "".join(generator.choice(_SECRET_LETTERS) for _ in range(_SECRET_LENGTH))
    return AccountSpec(user=user, secret=secret, made_up=True)


def _given_secrets(settings: CarrierSettings) -> tuple[str, ...]:
    return tuple({a.secret for a in settings.accounts if a.secret is not None and not a.made_up})


# -- settings --------------------------------------------------------------------------------------------
def _settings(merged: dict[str, Any], given: Mapping[str, Any], table: CarrierTable | None) -> CarrierSettings:
    try:
        settings = CarrierSettings().changed(**merged)
    except SettingsError as error:
        raise _blame(error, merged, given, table) from None
    for account in settings.accounts:
        if not (account.has_credentials or account.networks or account.access or settings.allow):
            raise usage(unreachable(account.user))
    return settings


def _blame(
    error: SettingsError, merged: Mapping[str, Any], given: Mapping[str, Any], table: CarrierTable | None
) -> UsageError:
    """Return the error about settings as one about what was written: a flag, or a line of the file."""
    setting, message = error.setting, error.message
    if setting not in merged:  # a default, at odds with something that was given
        at_odds = [name for name in merged if re.search(rf"\b{name}\b", message)]
        setting, message = (at_odds or [setting])[0], f"the {_whose(setting, merged)} {setting} {message}"
    if setting in given or table is None:
        flag = "--account" if setting == "accounts" else _FLAGS.get(setting, setting)
        return usage(f"{flag}: {_with_flags(message)}")
    return usage(str(table.error(setting, message)))


def _whose(setting: str, merged: Mapping[str, Any]) -> str:
    """Return where a setting is from that nobody gave by name."""
    from mockregistrar.carrier.personas import combined

    return "persona's" if setting in combined(merged.get("persona", ()), merged.get("personas", ())) else "default"


def _with_flags(message: str) -> str:
    """Return a message about settings in terms of flags."""
    names = "|".join(name for name in _FLAGS if "_" in name)
    return re.sub(rf"\b(?:{names})\b", lambda match: _FLAGS[match[0]], message)
