"""Standard output for commands that print once and end: colours on a terminal, whole writes, a closed pipe."""

from __future__ import annotations

import os
import sys

_COLOURS = {
    "error": "1;31",
    "warning": "1;33",
    "hint": "36",
    "head": "1",
    "meant": "32",
    "fix": "32",
    "good": "32",
    "bad": "1;31",
}


def coloured() -> bool:
    """Whether standard output is a terminal that shows colours, and nobody asked for none (https://no-color.org)."""
    if sys.stdout is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()


def paint(kind: str, text: str) -> str:
    """Return the text in the colour of what it is, where there are colours."""
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if coloured() else text


def write(text: str) -> None:
    """Write text to standard output, whatever its encoding can hold, and end quietly when nobody reads any more."""
    try:
        if hasattr(sys.stdout, "buffer"):
            sys.stdout.flush()
            encoding = sys.stdout.encoding or "utf-8"
            sys.stdout.buffer.write(_encoded(text, encoding))
            sys.stdout.buffer.flush()
        else:
            sys.stdout.write(text)
    except BrokenPipeError:
        # the reader is gone, and would be written to once more when the interpreter closes the stream
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _encoded(text: str, encoding: str) -> bytes:
    """Octets that were no UTF-8 are shown as such; what the terminal cannot show is escaped."""
    shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return shown.encode(encoding, "backslashreplace")


def printable(text: str) -> str:
    """Return text from the wire or a file so that it cannot harm a terminal: what is not printable is escaped."""
    if text.isprintable():
        return text
    from mockregistrar.trace.ladder import printable

    return printable(text)
