"""``mockregistrar dialects``: which dialects there are, by which names, in which forms."""

from __future__ import annotations

import argparse
import json

from mockregistrar.cli.parser import PROGRAM, Parser
from mockregistrar.cli.terminal import paint, write

_EXAMPLES = """\
examples:
  mockregistrar dialects
  mockregistrar dialects --json
"""


def dialects_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar dialects``."""
    parser = Parser(
        prog=f"{PROGRAM} dialects",
        usage=f"{PROGRAM} dialects [--json]",
        description=(
            "List the dialects that explain, convert and check know: the name, the forms that a text of it can have,\n"
            "whether `convert --to` writes it, and its short names."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, dialects by name")
    return parser


def dialects(arguments: argparse.Namespace) -> int:
    """Print the list; return the exit code."""
    from mockregistrar.trunks import registry

    if arguments.json:
        found = {
            name: {
                "forms": list(registry.named(name).FORMS),
                "written": registry.renders(name),
                "aliases": list(registry.named(name).ALIASES),
            }
            for name in registry.names()
        }
        write(json.dumps(found, indent=2) + "\n")
        return 0
    rows = [("dialect", "forms", "written", "short names")]
    for name in registry.names():
        module = registry.named(name)
        written = "yes" if registry.renders(name) else "-"
        rows.append((name, " ".join(module.FORMS), written, " ".join(module.ALIASES)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    write("\n".join([paint("head", lines[0]), *lines[1:]]) + "\n")
    return 0
