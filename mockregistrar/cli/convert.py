"""``mockregistrar convert``: a registration in the dialect of another system, or which character does not go there."""

from __future__ import annotations

import argparse
import json
import sys

from mockregistrar.cli.explain import add_text, read
from mockregistrar.cli.parser import PROGRAM, Parser, UsageError
from mockregistrar.cli.terminal import write

_EXAMPLES = """\
examples:
  mockregistrar convert --to pjsip 'register => 100:s3cret@sip.acme.example/100'
      from chan_sip to pjsip.conf
  mockregistrar convert --to vicidial --whole gateway.xml
      from a FreeSWITCH gateway to the fields of VICIdial's carrier page
  mockregistrar convert --to baresip --select 2 /etc/asterisk/sip.conf
      the second registration of a config as an account line

exit code: 0 written; 1 it cannot be written there (which character and why is said); 2 wrong arguments, or a file that
cannot be read. Remarks go to standard error, so that standard output is the converted text alone. The password is in
it, since it has to be.
"""


def convert_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar convert``."""
    parser = Parser(
        prog=f"{PROGRAM} convert",
        usage=f"{PROGRAM} convert --to DIALECT [options] TEXT|FILE|-",
        description=(
            "Write the registrations of a text in another dialect, quoted as that system really needs it. What\n"
            "cannot be written there is refused rather than lost."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--to", required=True, metavar="DIALECT", help="the dialect to write; `mockregistrar dialects` lists them"
    )
    add_text(parser, "--from")
    parser.add_argument(
        "--select",
        default="",
        metavar="WHICH",
        help="one of several registrations: its number, name, user or user@host",
    )
    parser.add_argument(
        "--whole",
        action="store_true",
        help="a whole config (peer section, dialplan...) where the usual text is one line",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object: dialect, text, notes; or error")
    return parser


def convert(arguments: argparse.Namespace) -> int:
    """Print the converted text; return the exit code."""
    from mockregistrar.trunks import CannotRender, conversion, registry

    arguments.show_secrets = True
    explanation = read("convert", arguments)
    try:
        target = registry.named(arguments.to).NAME
        found = conversion.convert(explanation.parsed, arguments.to, whole=arguments.whole, select=arguments.select)
    except CannotRender as error:
        if arguments.json:
            shown = {"dialect": target, "error": error.why, "character": error.character}
            write(json.dumps(shown, indent=2) + "\n")
        else:
            hint = "; --select picks one" if "one account at a time" in error.why else ""
            sys.stderr.write(f"{PROGRAM} convert: {target}: {error.why}{hint}\n")
        return 1
    except ValueError as error:
        raise UsageError(f"{PROGRAM} convert: {error}") from None
    if arguments.json:
        made = {"dialect": target, "from": explanation.parsed.dialect, "text": found.text, "notes": list(found.notes)}
        write(json.dumps(made, indent=2) + "\n")
        return 0
    for note in found.notes:
        sys.stderr.write(f"{PROGRAM} convert: {note}\n")
    write(found.text if found.text.endswith("\n") else found.text + "\n")
    return 0
