"""Which commands there are, and how they say what is wrong with their arguments: in one line that names the flag.

A command's words stand in a module of its own, which is imported when the command is called. Only words are read here;
what they mean is for the commands. A flag that may be repeated gathers a list, one that is not given is None, so that
a config file can be told from a default.
"""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

PROGRAM = "mockregistrar"


class UsageError(Exception):
    """The arguments cannot be used; the text is the line for standard error."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the function that makes its parser and the one that runs it, each as module and name."""

    name: str
    help: str
    parser: tuple[str, str]
    run: tuple[str, str]

    def make_parser(self) -> argparse.ArgumentParser:
        """Return the parser of the command's arguments."""
        return cast(argparse.ArgumentParser, _named(*self.parser)())

    def call(self, arguments: argparse.Namespace) -> int:
        """Run the command; return its exit code."""
        return cast(int, _named(*self.run)(arguments))


def _named(module: str, name: str) -> Callable[..., object]:
    return cast(Callable[..., object], getattr(importlib.import_module(f"mockregistrar.cli.{module}"), name))


COMMANDS = {
    command.name: command
    for command in (
        Command(
            "explain",
            "say what a system makes of a registration string or config, and what is wrong with it",
            ("explain", "explain_parser"),
            ("explain", "explain"),
        ),
        Command(
            "convert",
            "write a registration in the dialect of another system",
            ("convert", "convert_parser"),
            ("convert", "convert"),
        ),
        Command(
            "check",
            "log in with it at a mock carrier, or credentials only at a real one",
            ("check", "check_parser"),
            ("check", "check"),
        ),
        Command(
            "dialects",
            "list the systems whose strings and configs are read",
            ("dialects", "dialects_parser"),
            ("dialects", "dialects"),
        ),
        Command(
            "codes",
            "say what the codes of findings and the verdicts on refusals mean",
            ("codes", "codes_parser"),
            ("codes", "codes"),
        ),
        Command(
            "personas",
            "list the carriers that the mock can play, and print what they set",
            ("personas", "personas_parser"),
            ("personas", "personas"),
        ),
        Command(
            "learn",
            "write the persona of the registrar that a capture shows",
            ("learn", "learn_parser"),
            ("learn", "learn"),
        ),
        Command(
            "faults",
            "tell how faults are written, or check one",
            ("faults", "faults_parser"),
            ("faults", "faults"),
        ),
        Command(
            "serve",
            "run a carrier in the foreground until Ctrl-C",
            ("serve_parser", "serve_parser"),
            ("serve", "serve"),
        ),
    )
}


class Parser(argparse.ArgumentParser):
    """argparse whose errors are one line, with the nearest flag where one is unknown."""

    takes_text = False
    """Whether a word may be a registration string, with a password in it: then it is not repeated."""

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` with the line."""
        unknown = re.match(r"unrecognized arguments: (\S+)", message)
        if unknown:
            flag = unknown[1].partition("=")[0]
            if not flag.startswith("-") and self.takes_text:
                message = f"more words than expected; quote a text that has blanks in it (see {self.prog} --help)"
                raise UsageError(f"{self.prog}: {message}")
            import difflib

            close = difflib.get_close_matches(flag, self._option_string_actions, n=1)
            message = f"{flag}: no such option" if flag.startswith("-") else f"{flag}: not expected here"
            message += (
                f"; did you mean {close[0]}?" if close and flag.startswith("--") else f" (see {self.prog} --help)"
            )
        raise UsageError(f"{self.prog}: {re.sub(r'^argument ', '', message)}")


def parse(argv: Sequence[str]) -> argparse.Namespace | None:
    """Return the arguments of the command that `argv` names, the command itself in `command`.

    None when what was asked for (help, the version) has been printed. Raises `UsageError` for anything else.
    """
    command = COMMANDS.get(argv[0]) if argv else None
    try:
        if command is not None:
            arguments = command.make_parser().parse_args(argv[1:])
            arguments.command = command
            return arguments
        parser = main_parser()
        if not argv:
            parser.print_help()
            return None
        if not argv[0].startswith("-"):
            _unknown(argv[0])
        parser.parse_args(argv)
        parser.error("the command comes first: mockregistrar COMMAND [options]")
    except SystemExit:  # --help and --version have printed what was asked for
        return None


def _unknown(word: str) -> NoReturn:
    import difflib

    known = ", ".join(COMMANDS)
    near = difflib.get_close_matches(word, COMMANDS, n=1)
    if near:
        raise UsageError(f"{PROGRAM}: {word!r} is no command; did you mean {near[0]}? There are {known}")
    raise UsageError(f"{PROGRAM}: {word!r} is no command; there are {known} (see {PROGRAM} --help)")


def main_parser() -> argparse.ArgumentParser:
    """Return the parser of ``mockregistrar`` itself, which knows its commands by name."""
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [-h] [--version] COMMAND ...",
        description="Reads SIP registration strings and configs as the real systems do, and plays the carrier.",
        epilog=f"{PROGRAM} COMMAND --help tells the options of a command.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", parser_class=Parser)
    for command in COMMANDS.values():
        commands.add_parser(command.name, help=command.help)
    return parser


def _version() -> str:
    from mockregistrar import __version__

    return __version__
