"""``mockregistrar faults``: how faults are written, and what a text would do."""

from __future__ import annotations

import argparse
import dataclasses
import json
import textwrap
from typing import TYPE_CHECKING

from mockregistrar.cli.parser import PROGRAM, Parser, UsageError
from mockregistrar.cli.terminal import paint, write

if TYPE_CHECKING:
    from mockregistrar.faults import FaultSpec

_EXAMPLES = """\
examples:
  mockregistrar faults
      the grammar, the actions and the keys
  mockregistrar faults "drop REGISTER from trunk1 first=2"
      whether this is a fault, and how it is read
"""
_WIDTH = 100


def faults_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar faults``."""
    parser = Parser(
        prog=f"{PROGRAM} faults",
        usage=f"{PROGRAM} faults [--json] [FAULT ...]",
        description="Tell how faults are written: what `serve --fault`, `faults = [...]` and sipreg.fault() take.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="a fault to check, in quotes (default: none)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def faults(arguments: argparse.Namespace) -> int:
    """Print what was asked for; return the exit code. Raises `UsageError` for a text that is no fault."""
    from mockregistrar.faults import FaultError, FaultSpec

    try:
        read = [FaultSpec.parse(text) for text in arguments.faults]
    except FaultError as error:
        raise UsageError(f"{PROGRAM} faults: {error.line}") from None
    if read:
        write(_checked_json(read) if arguments.json else "".join(f"{_checked(spec)}\n" for spec in read))
    else:
        write(_grammar_json() if arguments.json else _grammar())
    return 0


def _checked_json(read: list[FaultSpec]) -> str:
    found = []
    for spec in read:
        fields = dataclasses.asdict(spec)
        given = {name: value for name, value in fields.items() if value not in (None, "", (), False)}
        found.append({"fault": str(spec), **given})
    return json.dumps({"faults": found}, indent=2) + "\n"


def _checked(fault: FaultSpec) -> str:
    from mockregistrar.faults import ACTIONS

    action = ACTIONS[fault.action]
    ways = {"in": "reaches the carrier", "out": "leaves it"}
    where = " or ".join(ways[direction] for direction in fault.acts_in)
    text = f"{action.says}; looked at: what {where}" if action.side == "wire" else action.says
    return f"{paint('head', str(fault))}\n{textwrap.fill(text, _WIDTH, initial_indent='  ', subsequent_indent='  ')}"


def _grammar() -> str:
    from mockregistrar.faults import ACTIONS, KEYS
    from mockregistrar.faults.words import COMMON, GRAMMAR, WORDS

    lines = [paint("head", GRAMMAR), ""]
    places = (("wire", "on the wire"), ("answer", "in the carrier's place"), ("names", "in the carrier's names"))
    for side, title in places:
        lines.append(paint("head", f"actions {title}"))
        for action in ACTIONS.values():
            if action.side == side:
                lines += _entry(action.name, action.says)
                lines.append(f"{'':14}e.g. {action.example}")
        lines.append("")
    lines.append(paint("head", "words"))
    for word, text in WORDS.items():
        lines += _entry(word, text)
    lines += ["", paint("head", "keys of every action")]
    for key in COMMON:
        lines += _entry(f"{key}=", KEYS[key])
    lines += ["", paint("head", "keys of some")]
    for key, text in KEYS.items():
        if key not in COMMON:
            lines += _entry(f"{key}=", text)
    return "\n".join(lines) + "\n"


def _entry(name: str, text: str) -> list[str]:
    wrapped = textwrap.wrap(text, _WIDTH - 14)
    return [f"  {name:<12}{wrapped[0]}", *(f"{'':14}{line}" for line in wrapped[1:])]


def _grammar_json() -> str:
    from mockregistrar.faults import ACTIONS, KEYS
    from mockregistrar.faults.words import COMMON, GRAMMAR, WORDS

    actions = {
        action.name: {
            "says": action.says,
            "side": action.side,
            "keys": [*action.keys, *(key for key in COMMON if key not in action.keys)],
            "needs": [action.needs] if action.needs else [],
            "directions": list(action.directions),
            "transports": list(action.transports),
            "example": action.example,
        }
        for action in ACTIONS.values()
    }
    return json.dumps({"grammar": GRAMMAR, "actions": actions, "words": WORDS, "keys": KEYS}, indent=2) + "\n"
