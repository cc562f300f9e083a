"""A trunk plan read whole: the `sipreg.toml`, and every config that its trunks name.

So whatever is wrong with one of them is said before anything runs. A `PlanItem` is one login; it is carried out above
(`mockregistrar.net.plans`). Files are read through a callable that may be replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mockregistrar.carrier.accounts_file import FileError
from mockregistrar.carrier.config_file import read_config
from mockregistrar.carrier.settings import CarrierSettings
from mockregistrar.carrier.trunk_plan import PlannedTrunk
from mockregistrar.trunks import Item, TrunkFile, trunk_files
from mockregistrar.trunks.items import selected
from mockregistrar.trunks.trunk_files import ReadFile


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One login of a plan: the trunk that asks for it, the registration, and the carrier."""

    name: str
    """The trunk's name, with the registration in brackets where the config has several."""
    trunk: PlannedTrunk
    item: Item
    file: TrunkFile
    carrier: CarrierSettings


def read_plan(
    path: Path, environ: Mapping[str, str], *, rootdir: Path | None = None, read_file: ReadFile = Path.read_bytes
) -> tuple[PlanItem, ...]:
    """Return the logins that a `sipreg.toml` asks for, in its order; `environ` is where secrets may come from.

    Raises `FileError` with file, line and key for whatever is wrong in it or cannot be read.
    """
    shown = _relative(path, rootdir)
    try:
        text = read_file(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError("", _why(error), shown) from None
    config = read_config(text, shown)
    carriers: dict[str, CarrierSettings] = {}
    found: list[PlanItem] = []
    for trunk in config.trunks:
        if trunk.carrier not in carriers:
            table = config.carriers[trunk.carrier]
            carriers[trunk.carrier] = table.settings(
                environ, lambda name: read_file(path.parent / name).decode("utf-8-sig")
            )
        file = _config(trunk, path.parent, environ, read_file)
        items = _selected(trunk, file)
        for item in items:
            inside = item.id[item.id.find("[") :] if "[" in item.id else f"[{item.id}]"
            name = trunk.name if len(items) == 1 else f"{trunk.name}{inside}"
            found.append(PlanItem(name, trunk, item, file, carriers[trunk.carrier]))
    return tuple(found)


def configs_of(path: Path, read_file: ReadFile = Path.read_bytes) -> tuple[Path, ...]:
    """Return the config files that a plan names; none where it cannot be read, which `read_plan` will say."""
    try:
        config = read_config(read_file(path).decode("utf-8-sig"), path.name)
    except (FileError, OSError, UnicodeDecodeError):
        return ()
    return tuple(path.parent / trunk.config for trunk in config.trunks if trunk.config)


def _config(trunk: PlannedTrunk, folder: Path, environ: Mapping[str, str], read_file: ReadFile) -> TrunkFile:
    if not trunk.config:
        text = trunk.string
        if trunk.string_env:
            text = environ.get(trunk.string_env, "")
            if not text.strip():
                state = "empty" if trunk.string_env in environ else "not set"
                raise trunk.error("string_env", f"the environment variable {trunk.string_env} is {state}")
        try:
            return trunk_files.of_text(text, dialect=trunk.dialect, form=trunk.form, called=trunk.file)
        except ValueError as error:
            raise trunk.error("form", str(error)) from None
    try:
        return trunk_files.read(folder / trunk.config, dialect=trunk.dialect, form=trunk.form, read_file=read_file)
    except OSError as error:
        raise trunk.error("config", f"{trunk.config}: {_why(error)}") from None
    except ValueError as error:
        raise trunk.error("form", str(error)) from None


def _selected(trunk: PlannedTrunk, file: TrunkFile) -> tuple[Item, ...]:
    """Return the registrations that are meant. Raises `FileError` where the config has none of that name."""
    if not trunk.select:
        return file.items
    chosen = selected(file.items, trunk.select)
    if not chosen:
        known = ", ".join(item.id for item in file.items[:10])
        what = trunk.config or "the string"
        raise trunk.error("select", f"{what} has no registration {trunk.select!r}; it has {known}")
    return chosen


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 text (octet {error.start})"
    return str(getattr(error, "strerror", None) or error)


def _relative(path: Path, rootdir: Path | None) -> str:
    if rootdir is not None and rootdir in path.parents:
        return str(path.relative_to(rootdir))
    return str(path)
