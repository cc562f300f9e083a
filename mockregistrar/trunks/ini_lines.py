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
    """A section: its name, its place, and the values in it by key; `places` says where each key stands."""

    name: str
    span: Span
    values: dict[str, Piece] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)

    def get(self, key: str) -> Piece | None:
        """A value as written behind the `=`, None when it is absent."""
        return self.values.get(key)


def read(text: str, *, comments: str, lower: bool = False, first: bool = False) -> list[IniSection]:
    """The sections in order. Lines that begin with one of `comments` are skipped; with `lower` keys ignore case. The
    last value of a key counts, with `first` the first.
    """
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
            key = key.lower() if lower else key
            if not (first and key in found[-1].values):
                begin = len(name) - len(name.lstrip(" \t")) + 1
                found[-1].values[key] = Piece(value, number, len(name) + 2)
                found[-1].places[key] = Span(number, begin, len(name.strip(" \t")))
    return found
