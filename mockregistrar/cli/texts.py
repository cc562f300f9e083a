"""What a command was given to read: a file by its name, standard input as `-`, or the text itself."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from mockregistrar.cli.parser import PROGRAM, UsageError

_SUFFIXES = "cfg conf csv dump env inf ini js json log mjs py sql toml ts txt xml"
_PATH = re.compile(rf"(?:/|\.{{1,2}}/|~/)[^\n]*|[^\s@:=<>{{}}?*]+\.(?:{'|'.join(_SUFFIXES.split())})", re.IGNORECASE)
_MOST = 64 << 20


@dataclass(frozen=True, slots=True)
class Given:
    """A text, and the file that it was read from; None for standard input and for a text typed as such."""

    text: str = field(repr=False)
    path: Path | None = None


def given(command: str, word: str) -> Given:
    """Return what `word` stands for. Raises `UsageError` for a file that is not there or cannot be read."""
    if word == "-":
        return Given(_decoded(command, "standard input", sys.stdin.buffer.read(_MOST + 1)))
    if not word.strip():
        raise UsageError(f"{PROGRAM} {command}: there is nothing to read in an empty text")
    path = Path(os.path.expanduser(word)) if len(word) < 4096 and "\0" not in word and "\n" not in word else None
    if path is None or not _exists(path):
        if looks_like_path(word):
            raise UsageError(
                f"{PROGRAM} {command}: {word}: no such file (a text is taken as it stands, `-` reads stdin)"
            )
        # what the shell hands over is decoded in its own way: octets that are no UTF-8 stay what they are
        return Given(os.fsencode(word).decode("utf-8", "surrogateescape"))
    try:
        with path.open("rb") as file:
            return Given(_decoded(command, word, file.read(_MOST + 1)), path)
    except OSError as error:
        raise UsageError(f"{PROGRAM} {command}: {word}: {error.strerror or error}") from None


def looks_like_path(word: str) -> bool:
    """Whether somebody meant a file by it: it begins as a path does, or ends as a config file's name."""
    return _PATH.fullmatch(word) is not None and not (word.startswith("/") and "@" in word)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a text that is no name for a file: too long, say
        return False


def _decoded(command: str, name: str, octets: bytes) -> str:
    if len(octets) > _MOST:
        raise UsageError(
            f"{PROGRAM} {command}: {name}: more than {_MOST >> 20} MiB; give the part with the registrations"
        )
    if b"\0" in octets[:4096] and not octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{PROGRAM} {command}: {name}: is no text (it holds NUL octets)")
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):  # Windows programs such as MicroSIP write UTF-16
        return octets.decode("utf-16", "replace")
    return octets.decode("utf-8", "surrogateescape")
