"""From the words of a command line to what a dialect gives back: every command that runs the program is one login.

Where the shell takes a command apart, two readings are settled: what the program gets, and what was meant. The
shell's part is told once; for the rest the reading that was meant is judged, as that is what will be left to repair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .model import Span
from .parsed import Notes, Parsed, Registration
from .secret_lines import completed
from .shell_words import Command, Commands, read, starts_with, take_secrets


@dataclass(frozen=True, slots=True)
class Settled:
    """What a program makes of its words: whether it starts, the logins, and those that were meant (often the same)."""

    ok: bool = True
    made: tuple[Registration, ...] = ()
    meant: tuple[Registration, ...] = ()


class Settle(Protocol):
    """How a program reads the words behind its name; `place` is where its command begins."""

    def __call__(self, words: Command, notes: Notes, place: Span) -> Settled:
        """Settle the logins, and write what there is to say into the notebook."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that is told everything on its command line. `secret_option` is a pattern for options with a secret."""

    name: str
    dialect: str
    secret_option: str

    def recognise(self, head: str) -> tuple[str, str] | None:
        """The form of a text in which the program is run, and by which sign; None for any other."""
        return ("line", f"it runs {self.name}") if starts_with(self.name).search(head) else None

    def parse(self, text: str, settle: Settle) -> Parsed:
        """Every command in a text that runs the program. Never raises."""
        notes = Notes()
        commands = read(text, notes, self.name, self.secret_option)
        return settled(text, commands, settle, dialect=self.dialect, form="line", program=self.name, notes=notes)


def settled(
    text: str, commands: Commands, settle: Settle, *, dialect: str, form: str, program: str, notes: Notes
) -> Parsed:
    """The commands of a text settled one by one."""
    ok = commands.closed
    made: list[Registration] = []
    meant: list[Registration] = []
    for real, probable in commands.of(program) if ok else []:
        place = (probable or real)[0].span if probable or real else Span(1, 1, 0)
        found = settle(probable, notes, place)
        probably = found.meant
        if real != probable:
            aside = Notes()
            found = settle(real, aside, place)
            take_secrets(notes, aside)
        ok = ok and found.ok
        made += found.made
        meant += probably
    result = Parsed(
        dialect,
        form,
        text,
        ok=ok,
        registrations=tuple(made) if ok else (),
        meant=tuple(each for each in meant if not ok or each not in made),
    )
    return completed(notes, result)
