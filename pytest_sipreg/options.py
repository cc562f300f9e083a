"""What a run was told: command line over environment over ini file over `sipreg.toml` over the default.

Everything that can be wrong with an option is a `pytest.UsageError` that names it, and the nearest right one. Paths
are relative to where they were written: on the command line and in the environment to the working directory, in the
ini file to that file.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pytest_sipreg.plugin import ini_names

if TYPE_CHECKING:
    from mockregistrar import CarrierSettings, ListenSpec

TRANSPORTS = ("udp", "tcp", "tls")
TRACES = ("failed", "all", "none")
TIMEOUT = 15.0
"""Seconds of every wait unless something else is said."""
TOML = "sipreg.toml"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean `x`?"`` for the known name closest to `name`, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def unknown_option(name: str, known: Iterable[str]) -> pytest.UsageError:
    """Return the error for an option that starts like ours and is none of them."""
    return pytest.UsageError(f"no such option: {name}{nearest(name, known)}")


@dataclass(frozen=True, slots=True)
class Options:
    """What was given on the command line, in the environment or in the ini file; None where nothing was."""

    given: Mapping[str, str]
    """Name of each field below that was given, and where: ``--sipreg-bind``, ``SIPREG_BIND``, ``ini sipreg_bind``."""
    accounts: Path | None = None
    advertise: str | None = None
    artifacts: Path | None = None
    bind: str | None = None
    carrier: str | None = None
    config: Path | None = None
    persona: tuple[str, ...] | None = None
    port: int | None = None
    seed: int | None = None
    timeout: float = TIMEOUT
    trace: str = "failed"
    transports: tuple[str, ...] | None = None
    strict: bool = False


class _Row(NamedTuple):
    """An option, where it may be given, and how its text is read."""

    name: str
    read: Callable[[str, Path], Any]
    cli: bool = True
    ini: str = ""
    env: str = ""


def options_of(config: pytest.Config) -> Options:
    """Return what `config` was told; raise `pytest.UsageError` for what cannot be used."""
    values: dict[str, Any] = {}
    given: dict[str, str] = {}
    for row in _ROWS:
        found = _first(config, row)
        if found is None:
            continue
        value, where, base = found
        if isinstance(value, str):
            try:
                value = row.read(value, base)
            except ValueError as error:
                raise pytest.UsageError(f"{where}: {error}") from None
        values[row.name], given[row.name] = value, where
    options = Options(given, **values)
    if options.port and _distributed(config):
        raise pytest.UsageError(
            f"{given['port']}: one port cannot serve several xdist workers; leave it at 0, or run without -n"
        )
    return options


def check_ini_names(config: pytest.Config, known: Iterable[str]) -> None:
    """Raise `pytest.UsageError` for a `sipreg` name in the ini file that does not exist."""
    names = list(known)
    for name in ini_names(config):
        if name.startswith("sipreg") and name not in names:
            raise pytest.UsageError(f"{config.inipath}: no such ini option: {name}{nearest(name, names)}")


def _first(config: pytest.Config, row: _Row) -> tuple[Any, str, Path] | None:
    """Return the value of an option, where it was given, and what a path in it is relative to."""
    here = config.invocation_params.dir
    if row.cli:
        value = config.getoption(f"sipreg_{row.name}", None)
        if value is not None:
            return value, f"--sipreg-{row.name}", here
    if row.env and row.env in os.environ:
        return os.environ[row.env], row.env, here
    if row.ini:
        value = config.getini(row.ini)
        if value not in ("", False, None):
            base = config.inipath.parent if config.inipath is not None else config.rootpath
            return value, f"ini {row.ini}", base
    return None


def _distributed(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput") or config.getoption("dist", "no") != "no"


# -- reading one value -----------------------------------------------------------------------------------------


def _path(text: str, base: Path) -> Path:
    if not text:
        raise ValueError("needs a path")
    return base / Path(text).expanduser()


def _file(text: str, base: Path) -> Path:
    path = _path(text, base)
    if not path.is_file():
        raise ValueError(f"there is no file {text}")
    return path


def _text(text: str, _: Path) -> str:
    if not text.strip():
        raise ValueError("needs a value")
    return text.strip()


def _address(text: str, _: Path) -> str:
    try:
        ipaddress.ip_address(text.strip("[] "))
    except ValueError:
        raise ValueError(f"{text!r} is no IP address; a carrier listens at an address, e.g. 127.0.0.1") from None
    return text.strip("[] ")


def _number(low: int, high: int) -> Callable[[str, Path], int]:
    def read(text: str, _: Path) -> int:
        if not (text.strip().isascii() and text.strip().isdigit() and low <= int(text) <= high):
            raise ValueError(f"{text!r} is not a number from {low} to {high}")
        return int(text)

    return read


def _seconds(text: str, _: Path) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ValueError(f"{text!r} is not a number of seconds above 0")
    return seconds


def transports_of(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return the transports that a text such as ``udp,tcp`` (or several such words) names; raise `ValueError`."""
    words = value.replace(",", " ").split() if isinstance(value, str) else list(value)
    names = tuple(dict.fromkeys(word.lower() for word in words))
    for name in names:
        if name not in TRANSPORTS:
            raise ValueError(f"no transport {name!r}{nearest(name, TRANSPORTS)} (there are {', '.join(TRANSPORTS)})")
    if not names:
        raise ValueError(f"needs at least one of {', '.join(TRANSPORTS)}")
    return names


def _trace(text: str, _: Path) -> str:
    if text not in TRACES:
        raise ValueError(f"{text!r} is not one of {', '.join(TRACES)}{nearest(text, TRACES)}")
    return text


def _transports(text: str, _: Path) -> tuple[str, ...]:
    return transports_of(text)


def _names(text: str, _: Path) -> tuple[str, ...]:
    names = tuple(text.replace(",", " ").split())
    if not names:
        raise ValueError("needs a name; `mockregistrar personas` lists them")
    return names


_ROWS = (
    _Row("accounts", _file, ini="sipreg_accounts", env="SIPREG_ACCOUNTS"),
    _Row("advertise", _text, ini="sipreg_advertise", env="SIPREG_ADVERTISE"),
    _Row("artifacts", _path),
    _Row("bind", _address, ini="sipreg_bind", env="SIPREG_BIND"),
    _Row("carrier", _text, ini="sipreg_carrier", env="SIPREG_CARRIER"),
    _Row("config", _file, ini="sipreg_config_file"),
    _Row("persona", _names, ini="sipreg_persona", env="SIPREG_PERSONA"),
    _Row("port", _number(0, 65534), env="SIPREG_PORT"),
    _Row("seed", _number(0, 2**63 - 1), env="SIPREG_SEED"),
    _Row("timeout", _seconds, cli=False, ini="sipreg_timeout"),
    _Row("trace", _trace, ini="sipreg_trace"),
    _Row("transports", _transports, ini="sipreg_transports"),
    _Row("strict", _text, ini="sipreg_strict"),
)


# -- the carrier's settings ------------------------------------------------------------------------------------


def settings_of(options: Options, rootpath: Path) -> CarrierSettings:
    """Return the carrier settings of a run: those of `sipreg.toml` with what was given put over them."""
    from mockregistrar import CarrierSettings, SettingsError

    settings = CarrierSettings()
    path = options.config or rootpath / TOML
    if options.config is not None or path.is_file():
        from mockregistrar import load_config

        try:
            settings = load_config(
                path.read_text(encoding="utf-8"),
                _shown(path, rootpath),
                carrier=options.carrier,
                environ=os.environ,
                read=lambda name: (path.parent / name).read_text(encoding="utf-8"),
                several=CarrierSettings(),
            )
        except (SettingsError, OSError, UnicodeDecodeError) as error:
            raise pytest.UsageError(str(error)) from None
    changes: dict[str, Any] = {}
    if options.advertise is not None:
        changes["advertise"] = options.advertise
    if options.persona is not None:
        changes["persona"] = options.persona
    if options.seed is not None:
        changes["seed"] = options.seed
    try:
        settings = settings.changed(**changes)
    except SettingsError as error:
        raise pytest.UsageError(f"{options.given.get(error.setting, error.setting)}: {error.message}") from None
    return replace(settings, listen=listen_of(settings.listen, options.transports, options.bind, options.port))


def listen_of(
    base: tuple[ListenSpec, ...], transports: tuple[str, ...] | None, bind: str | None, port: int | None
) -> tuple[ListenSpec, ...]:
    """Return the places of `base` with other transports, another address or another port where these are given.

    A given port is that of UDP and TCP; TLS beside them takes the next one, as 5061 is next to 5060.
    """
    from mockregistrar import ListenSpec

    if transports is None and bind is None and port is None:
        return base
    names = transports or tuple(dict.fromkeys(place.transport for place in base))
    hosts = (bind,) if bind is not None else tuple(dict.fromkeys(place.host for place in base))
    known = {(place.transport, place.host): place.port for place in base}
    places = []
    for name in names:
        for host in hosts:
            number = known.get((name, host), 0) if port is None else port
            if port and name == "tls" and len(names) > 1:
                number = port + 1
            places.append(ListenSpec(name, host, number))
    return tuple(places)


def _shown(path: Path, rootpath: Path) -> str:
    try:
        return str(path.relative_to(rootpath))
    except ValueError:
        return str(path)
