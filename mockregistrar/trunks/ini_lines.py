"""INI files as softphones read them: sections and `key=value` lines with their places, nothing stripped or unescaped.

Whether blanks, quotes and notes behind a value belong to it is the business of the program that reads the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .form_fields import Piece
from .model import Span

_SECTION = re.compile(r"[ \t]*\[([^\]\n]*)\]")


@dataclass(slots=True)
class IniSection:
    """A section: its name, its place, and the values in it by key; the last value of a key counts."""

    name: str
    span: Span
    values: dict[str, Piece] = field(default_factory=dict)

    def get(self, key: str) -> Piece | None:
        """A value as written behind the `=`, None when it is absent."""
        return self.values.get(key)


def read(text: str, *, comments: str, lower: bool = False) -> list[IniSection]:
    """The sections in order. Lines that begin with one of `comments` are skipped; with `lower` keys ignore case."""
    found: list[IniSection] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if not line.strip() or line.lstrip()[0] in comments:
            continue
        header = _SECTION.match(line)
        if header:
            span = Span(number, header.start() + 1, header.end() - header.start())
            found.append(IniSection(header.group(1), span))
            continue
        name, equals, value = line.partition("=")
        if equals and found:
            key = name.strip(" \t")
            found[-1].values[key.lower() if lower else key] = Piece(value, number, len(name) + 2)
    return found
