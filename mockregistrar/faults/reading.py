"""The text of a fault cut into words with their places, and the error that points at one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

LONGEST = 1000
"""Characters of a fault's text."""


class FaultError(ValueError):
    """A fault that cannot be; the message says where in its text, and what would do."""

    def __init__(self, message: str, text: str = "", column: int = 0, length: int = 0, field: str = "") -> None:
        super().__init__(message, text, column, length, field)
        self.message = message
        self.text = text
        self.column = column
        """Where it is wrong, in characters from 1; 0 for the whole."""
        self.length = length
        self.field = field
        """The field of `FaultSpec` that it is about."""

    @property
    def line(self) -> str:
        """All of it in one line."""
        if not self.text:
            return self.message
        return f"{self.message} ({f'column {self.column} of ' if self.column else 'in '}`{self.text}`)"

    def __str__(self) -> str:
        if not self.text:
            return self.message
        if not self.column:
            return self.line
        marks = " " * (self.column - 1) + "^" * max(1, self.length)
        return f"{self.message} (column {self.column})\n  {self.text}\n  {marks}"


class Token(NamedTuple):
    """One word of the text; for ``KEY=VALUE`` the key, and the value as `text`."""

    text: str
    key: str | None
    quoted: bool
    """Whether it begins with a quote, and so is no word of the grammar."""
    start: int
    end: int
    whole: str
    """The word without its quotes, key and all."""

    def error(self, text: str, message: str, *, whole: bool = True) -> FaultError:
        """Return an error about this word, or (not `whole`) its key alone."""
        length = self.end - self.start if whole or self.key is None else len(self.key)
        return FaultError(message, text, self.start + 1, length)


def tokens(text: str) -> list[Token]:
    """Return the words of `text`; raise `FaultError` for a quote that is not closed, or a control character."""
    if len(text) > LONGEST:
        raise FaultError(f"is longer than {LONGEST} characters", text[:40] + "…")
    for at, char in enumerate(text):
        if ord(char) < 32 or ord(char) == 127:
            shown = text.encode("unicode_escape").decode("ascii")
            raise FaultError(f"holds a control character (column {at + 1})", shown)
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token(text, at)
        found.append(token)
        at = token.end
    return found


def _token(text: str, start: int) -> Token:
    made, at, opened, equals = "", start, -1, -1
    while at < len(text):
        char = text[at]
        if opened >= 0 and char == "\\":
            at += 1
            if at == len(text):
                break
            made += text[at]
        elif char == '"':
            opened = -1 if opened >= 0 else at
        elif opened < 0 and char.isspace():
            break
        else:
            if char == "=" and opened < 0 and equals < 0 and text[start] != '"':
                equals = len(made)
            made += char
        at += 1
    if opened >= 0:
        raise FaultError("this quote is never closed", text, opened + 1, 1)
    key = made[:equals] if equals >= 0 else None
    return Token(made if key is None else made[equals + 1 :], key, text[start] == '"', start, at, made)


def said(what: str, word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return "no word `x`", with the nearest of `known`; where none is near, `otherwise` or what there are."""
    import difflib  # here, since most faults are right

    names = list(known)
    close = difflib.get_close_matches(word, names, n=1) or difflib.get_close_matches(word.upper(), names, n=1)
    hint = f"; did you mean `{close[0]}`?" if close else otherwise or f"; there are {', '.join(names)}"
    return f"no {what} `{word}`{hint}"
