"""``mockregistrar codes``: what the codes of findings and the verdicts on refusals mean."""

from __future__ import annotations

import argparse
import difflib
import json
import textwrap
from typing import TYPE_CHECKING

from mockregistrar.cli.parser import PROGRAM, Parser, UsageError
from mockregistrar.cli.terminal import paint, write

if TYPE_CHECKING:
    from mockregistrar.carrier.diagnosis.refinements import VerdictKind

_EXAMPLES = """\
examples:
  mockregistrar codes SR104
      what is behind a finding
  mockregistrar codes wrong-password/cut-at-character
      what is behind a verdict
  mockregistrar codes
      a line for each code; with --verdicts, for each verdict
"""

_DIGITS = str.maketrans("OIL", "011")


def codes_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar codes``."""
    parser = Parser(
        prog=f"{PROGRAM} codes",
        usage=f"{PROGRAM} codes [--json] [--verdicts] [CODE ...]",
        description="Say what the codes of findings and the verdicts on refusals mean. None is ever renamed.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("codes", nargs="*", metavar="CODE", help="such as SR104 or wrong-password (default: all codes)")
    parser.add_argument("--verdicts", action="store_true", help="list the verdicts")
    parser.add_argument("--json", action="store_true", help="print one JSON object, codes by name")
    return parser


def codes(arguments: argparse.Namespace) -> int:
    """Print what was asked for; return the exit code."""
    slugs = [word.lower() for word in arguments.codes if word[:2].upper() != "SR"]
    if slugs or arguments.verdicts:
        if len(slugs) < len(arguments.codes):
            raise UsageError(f"{PROGRAM} codes: codes and verdicts are not told in one go")
        return _verdicts(slugs, machine=arguments.json)
    from mockregistrar.trunks import CODES

    wanted = [word.upper() for word in arguments.codes]
    for word in wanted:
        if word not in CODES:
            digits = word[:2] + word[2:].translate(_DIGITS)  # a letter that looks like the digit is the nearest of all
            near = [digits] if digits in CODES else difflib.get_close_matches(word, CODES, 1, 0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"{PROGRAM} codes: there is no code {word}{hint} (`{PROGRAM} codes` lists them)")
    chosen = [CODES[word] for word in wanted] or list(CODES.values())
    if arguments.json:
        found = {
            code.code: {"severity": code.severity, "title": code.title, "explanation": code.explanation}
            for code in chosen
        }
        write(json.dumps(found, indent=2) + "\n")
    elif wanted:
        blocks = [
            f"{paint('head', code.code)}  {paint(code.severity, code.severity)}  {code.title}\n\n"
            f"{textwrap.fill(code.explanation, 100, initial_indent='  ', subsequent_indent='  ')}\n"
            for code in chosen
        ]
        write("\n".join(blocks))
    else:
        lines = [f"{code.code}  {paint(code.severity, f'{code.severity:<7}')}  {code.title}" for code in chosen]
        write("\n".join(lines) + "\n")
    return 0


def _told(kind: VerdictKind) -> str:
    """Return what is known of a verdict, a line for each part of it."""
    alike = f"See also {', '.join(kind.neighbours)}." if kind.neighbours else ""
    return "".join(f"  {text}\n" for text in (kind.cause, kind.fix, kind.known_by, alike) if text)


def _verdicts(wanted: list[str], *, machine: bool) -> int:
    """Print verdicts as codes are printed."""
    from mockregistrar.carrier.diagnosis.refinements import every_verdict

    known = every_verdict()
    for word in wanted:
        if word not in known:
            near = difflib.get_close_matches(word, known, 1, 0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"{PROGRAM} codes: there is no verdict {word}{hint} (`{PROGRAM} codes --verdicts`)")
    chosen = [known[word] for word in wanted] or list(known.values())
    if machine:
        found = {
            kind.slug: {
                "title": kind.title,
                "cause": kind.cause,
                "fix": kind.fix,
                "known_by": kind.known_by,
                "neighbours": kind.neighbours,
            }
            for kind in chosen
        }
        write(json.dumps(found, indent=2) + "\n")
    elif wanted:
        write("\n".join(f"{paint('head', kind.slug)}  {kind.title}\n\n{_told(kind)}" for kind in chosen))
    else:
        width = max(len(kind.slug) for kind in chosen)
        write("".join(f"{kind.slug:<{width}}  {kind.title}\n" for kind in chosen))
    return 0
