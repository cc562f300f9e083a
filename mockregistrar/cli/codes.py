"""``mockregistrar codes``: what the codes of findings mean."""

from __future__ import annotations

import argparse
import difflib
import json
import textwrap

from mockregistrar.cli.parser import PROGRAM, Parser, UsageError
from mockregistrar.cli.terminal import paint, write

_EXAMPLES = """\
examples:
  mockregistrar codes SR104
      what is behind a finding
  mockregistrar codes
      a line for each of them
"""

_DIGITS = str.maketrans("OIL", "011")


def codes_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar codes``."""
    parser = Parser(
        prog=f"{PROGRAM} codes",
        usage=f"{PROGRAM} codes [--json] [CODE ...]",
        description="Say what the codes of findings mean. A code is never renumbered.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("codes", nargs="*", metavar="CODE", help="such as SR104 (default: all of them)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, codes by name")
    return parser


def codes(arguments: argparse.Namespace) -> int:
    """Print what was asked for; return the exit code."""
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
