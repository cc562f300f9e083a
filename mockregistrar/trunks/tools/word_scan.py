"""The words of a command on the way to options: what is read next, and how a tool is stopped by one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.shell_words import Command, Word


class Stoppable(Protocol):
    """What is made of the words; `ok` is False where the tool stops at one."""

    ok: bool


Made = TypeVar("Made", bound=Stoppable)


class WordScan(Generic[Made]):
    """Goes through the words; without `notes` as they were meant, and then nothing stops it."""

    def __init__(self, words: Command, notes: Notes | None, made: Made) -> None:
        self.words = words
        self.notes = notes
        self.at = 0
        self.guesses = 0
        self.made = made

    def each(self) -> Iterator[Word]:
        """The words up to the one that stops the tool; those that an option takes for its value are left out."""
        while self.at < len(self.words) and self.made.ok:
            self.at += 1
            yield self.words[self.at - 1]

    def rest(self) -> Command:
        """The words that were not read yet."""
        return self.words[self.at :]

    def stop(self, code: str, span: Span, message: str, instead: str | None = None, *, log: str = "") -> None:
        """Say what stops the tool; `instead` is what belongs in the place of the span."""
        if self.notes is not None:
            self.notes.add(code, span, message, instead=instead, log=log)
            self.made.ok = False
