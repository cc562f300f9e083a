"""Secrets stay unseen: one dot for each code point.

By place where a line is shown (`mask`), and by value in sentences (`Veil`), because a password also turns up as a user
name, in a comment or in a log line. `lifted` shows all of it, for somebody who asked to see their own secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from .model import Span

DOT = "•"

_LIFTED: ContextVar[bool] = ContextVar("secrets are shown", default=False)


@contextmanager
def lifted() -> Iterator[None]:
    """Show secrets in all that is read and written inside of this context."""
    token = _LIFTED.set(True)
    try:
        yield
    finally:
        _LIFTED.reset(token)


def dotted(secret: str) -> str:
    """A dot for each code point; the secret itself where secrets are shown."""
    return secret if _LIFTED.get() else DOT * len(secret)


# Shorter values are hidden only where they are the whole word: "1" would garble every sentence.
_SHORTEST_BY_VALUE = 4


def mask(text: str, secret_spans: Iterable[Span], *, column: int = 1, keep: Iterable[Span] = ()) -> str:
    """The line with a dot for each secret code point; `column` is that of its first one, `keep` stays visible."""
    if _LIFTED.get():
        return text
    hidden: set[int] = set()
    for span in secret_spans:
        hidden.update(range(max(0, span.column - column), min(len(text), span.end - column)))
    for span in keep:
        hidden.difference_update(range(span.column - column, span.end - column))
    return "".join(DOT if index in hidden else character for index, character in enumerate(text))


def occurrences(text: str, secrets: Iterable[str], line: int, column: int = 1) -> list[Span]:
    """Every place where one of the secrets stands in the text, overlapping ones included."""
    found: list[Span] = []
    for secret in secrets:
        if len(secret) < _SHORTEST_BY_VALUE:
            continue
        at = text.find(secret)
        while at >= 0:
            found.append(Span(line, column + at, len(secret)))
            at = text.find(secret, at + len(secret))
    return found


class Veil:
    """Hides known secrets by value in text for people.

    A config may hold a thousand secrets, and each of its texts goes through here. So they are kept by their first four
    code points: only those whose beginning stands in a text are looked for in it.
    """

    def __init__(self, secrets: Iterable[str], pieces: Mapping[str, str] | None = None) -> None:
        """Know `secrets`, and the values of fields that hold `pieces` of one, with what is shown instead of each."""
        self._pieces = pieces or {}
        self.secrets = tuple(sorted({secret for secret in secrets if secret}, key=lambda s: (-len(s), s)))
        self._known = frozenset(self.secrets)
        self._by_beginning: dict[str, list[str]] = {}
        for secret in self.secrets:
            if len(secret) >= _SHORTEST_BY_VALUE:
                self._by_beginning.setdefault(secret[:_SHORTEST_BY_VALUE], []).append(secret)

    def __call__(self, text: str) -> str:
        """The text with each secret of four or more code points dotted out."""
        if _LIFTED.get():
            return text
        for secret in self._candidates(text):
            text = text.replace(secret, DOT * len(secret))
        return text

    def _candidates(self, text: str) -> list[str]:
        """The secrets that may stand in a text, the longest first."""
        beginnings = self._by_beginning
        if not beginnings:
            return []
        size = _SHORTEST_BY_VALUE
        found = {piece for at in range(len(text) - size + 1) if (piece := text[at : at + size]) in beginnings}
        chosen = [secret for piece in found for secret in beginnings[piece] if secret in text]
        return sorted(chosen, key=lambda s: (-len(s), s)) if len(chosen) > 1 else chosen

    def word(self, text: str) -> str:
        """A value to be quoted: hidden as a whole when it is a secret, however short."""
        return dotted(text) if text in self._known else self(text)

    def field(self, text: str) -> str:
        """The value of a field: as far as it is a piece of a secret hidden, else by value."""
        if _LIFTED.get():
            return text
        return self._pieces[text] if text in self._pieces else self(text)

    def knows(self, text: str) -> bool:
        """Whether the text is, or holds, one of the secrets."""
        return text in self._known or bool(self._candidates(text))
