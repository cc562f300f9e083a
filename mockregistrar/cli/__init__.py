"""The command line. Nothing heavy is imported before the arguments are known to be right."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (the process's own arguments when None) names; return the exit code.

    0: it ended as it should. 1: it did, and found something wrong, or could not write something at the end. 2: the
    arguments or settings are wrong, a file cannot be read, or a port is taken; one line on standard error says which
    and what would do.
    """
    from mockregistrar.cli.parser import Command, UsageError, parse

    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
        if arguments is None:
            return 0
        command: Command = arguments.command
        return command.call(arguments)
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return 2
