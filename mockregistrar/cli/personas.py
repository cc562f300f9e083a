"""``mockregistrar personas``: which carriers there are to play, and what each comes to as TOML."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mockregistrar.cli.parser import PROGRAM, Parser, UsageError
from mockregistrar.cli.terminal import paint, write

if TYPE_CHECKING:
    from mockregistrar.carrier.personas import Persona

_EXAMPLES = """\
examples:
  mockregistrar personas
      a line for each: servers as they come, then one oddity each
  mockregistrar personas kamailio no-stale
      what the two come to, as a table for sipreg.toml
"""


def personas_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar personas``."""
    parser = Parser(
        prog=f"{PROGRAM} personas",
        usage=f"{PROGRAM} personas [--config FILE.toml] [--json] [NAME ...]",
        description=(
            "List the personas that a carrier can take on, or print what one, or several put over one another, set.\n"
            "Later ones win; one whole server and any number of oddities go together."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as kamailio (default: list all)")
    parser.add_argument("--config", metavar="FILE.toml", help="know the [persona.NAME] tables of this file too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def personas(arguments: argparse.Namespace) -> int:
    """Print what was asked for; return the exit code."""
    from mockregistrar.carrier.checking import SettingsError
    from mockregistrar.carrier.persona_tables import composed, write_persona
    from mockregistrar.carrier.personas import combined, lineage
    from mockregistrar.carrier.personas.presets import PERSONAS

    own = _own(arguments.config)
    names = arguments.names
    if not names:
        known = [*PERSONAS.values(), *own]
        if arguments.json:
            twins = {
                each.name: {"kind": each.kind, "title": each.title, "knobs": combined((each,), own)} for each in known
            }
            write(json.dumps(twins, indent=2) + "\n")
            return 0
        width = max(len(each.name) for each in known)
        blocks = []
        for kind, title in (("server", "servers"), ("oddity", "oddities, to put over a server"), ("own", "your own")):
            lines = [f"  {each.name:<{width}}  {each.title}".rstrip() for each in known if each.kind == kind]
            if lines:
                blocks.append("\n".join([paint("head", title), *lines]) + "\n")
        write("\n".join(blocks))
        return 0
    try:
        knobs, sources = composed(names, own)
        taken = lineage(names, own)
    except SettingsError as error:
        raise _usage(error.message if error.setting == "persona" else f"{error.setting}: {error.message}") from None
    if arguments.json:
        write(json.dumps({"personas": names, "knobs": knobs, "sources": sources}, indent=2) + "\n")
        return 0
    head = [f"{each.name}: {each.title}" if each.title else each.name for each in taken]
    unknown = [name for each in taken for name in each.unknown if name not in knobs]
    if unknown:
        head.append(f"not known, and so as the default: {', '.join(dict.fromkeys(unknown))}")
    write(write_persona("-".join(["my", *names]), knobs, sources, head))
    return 0


def _own(config: str | None) -> tuple[Persona, ...]:
    if config is None:
        return ()
    from mockregistrar.carrier.accounts_file import FileError
    from mockregistrar.carrier.config_file import read_config

    try:
        return read_config(Path(config).read_text("utf-8-sig"), config, trunks=False).personas
    except FileError as error:
        raise _usage(str(error)) from None
    except OSError as error:
        raise _usage(f"--config: {config}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise _usage(f"--config: {config} is not UTF-8 text (octet {error.start})") from None


def _usage(text: str) -> UsageError:
    return UsageError(f"{PROGRAM} personas: {text}")
