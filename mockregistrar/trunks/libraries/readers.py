"""From a program with the configuration of a JavaScript library to what its dialect gives back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Protocol

from mockregistrar.trunks.parsed import Notes, Parsed, Registration

from . import configuration, signs
from .js_literals import Program


class Reader(Protocol):
    """What stands for one registration in a program."""

    def read(self) -> tuple[Registration | None, Registration | None]:
        """What the library makes of it, None where it throws; and what was probably meant."""


def parsed(
    name: str,
    text: str,
    form: str | None,
    words: re.Pattern[str],
    readers: Callable[[Program, Notes, str], Iterable[Reader]],
) -> Parsed:
    """What the dialect `name` makes of a text; `words` are those without which there is nothing of it in a program."""
    notes = Notes()
    program, form, ok = configuration.program(notes, text, form, words)
    found: list[tuple[Registration | None, Registration | None]] = []
    for each in readers(program, notes, form):
        real, meant = each.read()
        found.append((real if ok else None, meant))
    if not found:
        signs.elsewhere(notes, name, text)
    return configuration.conclude(name, form, text, notes, found, ok=ok)
