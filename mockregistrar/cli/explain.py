"""``mockregistrar explain``: what a system makes of a text, what was meant, and where the two part."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from mockregistrar.cli.parser import PROGRAM, Parser, UsageError
from mockregistrar.cli.terminal import paint, write
from mockregistrar.cli.texts import given

if TYPE_CHECKING:
    from mockregistrar.trunks import Explanation

_EXAMPLES = """\
examples:
  mockregistrar explain 'register => 100:s3cret@sip.acme.example/100'
      one registration string; which system reads it is detected, and said
  mockregistrar explain /etc/asterisk/pjsip.conf
      a whole config, with what it includes
  mockregistrar explain --dialect freepbx '100:s3cret@sip.acme.example'
      the same text means something else in another place: here the form adds `register=`
  mysql asterisk -B -e 'select * from vicidial_server_carriers' | mockregistrar explain -
      the carriers of a VICIdial
  mockregistrar explain --form log "Registration for '100@sip.acme.example' timed out, trying again (Attempt #3)"
      what a line of the log means, and what to check first

exit code: 0 no errors found; 1 errors found; 2 wrong arguments, or a file that cannot be read
"""


def explain_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar explain``."""
    parser = Parser(
        prog=f"{PROGRAM} explain",
        usage=f"{PROGRAM} explain [options] TEXT|FILE|-",
        description=(
            "Say what a system will do with a registration string or client config, what the person probably meant,\n"
            "where the two part, and what to write instead. Nothing is sent anywhere."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_text(parser)
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object: dialect, form, ok, registrations, findings"
    )
    parser.add_argument("--show-secrets", action="store_true", help="do not dot out the passwords that you gave")
    return parser


def add_text(parser: Parser, flag: str = "--dialect") -> None:
    """Add what is read, and as what."""
    parser.takes_text = True
    parser.add_argument(
        "text", metavar="TEXT|FILE|-", help="an existing file, - for standard input, or the text itself"
    )
    parser.add_argument(
        flag,
        dest="dialect",
        metavar="DIALECT",
        help="whose text it is (default: detected); `mockregistrar dialects` lists them",
    )
    parser.add_argument(
        "--form",
        metavar="{value,line,file,form,row,json,code,log}",
        help="what kind of text of that dialect it is (default: detected)",
    )


def explain(arguments: argparse.Namespace) -> int:
    """Print the explanation; return the exit code."""
    from mockregistrar.trunks.explanation import report

    explanation = read("explain", arguments)
    show_secrets: bool = arguments.show_secrets
    if arguments.json:
        text = json.dumps(explanation.to_json(show_secrets=show_secrets), indent=2)
    else:
        text = report(explanation, show_secrets=show_secrets, paint=paint)
    write(text + "\n")
    return explanation.exit_status


def read(command: str, arguments: argparse.Namespace) -> Explanation:
    """Return the explanation of what was given. Raises `UsageError`."""
    from mockregistrar.trunks import explanation

    source = given(command, arguments.text)
    lifted = getattr(arguments, "show_secrets", False)
    try:
        return explanation.explain(
            source.text, dialect=arguments.dialect, form=arguments.form, path=source.path, show_secrets=lifted
        )
    except ValueError as error:
        raise UsageError(f"{PROGRAM} {command}: {error}") from None
