"""A line of a log that is known: how it is written, what it means, what can cause it, what to check first.

A line is given by the forms in which the versions of a system print it, `Failed to authenticate on REGISTER to
'{user}@{host}' (Tries {tries})`, the usual one first. A form is at once the pattern that reads the line, the words by
which it is looked for, and what is quoted as the line's canonical text. Blanks, case and the kind of quotes do not
count; quotes may also be missing, because a shell eats them. Placeholders named in `_KINDS` are numbers, users, hosts;
any other takes what stands there.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mockregistrar.trunks.model import Severity

_QUOTE = "['\"`\u00b4\u2018\u2019\u201c\u201d]"
_CLOSING = f"{_QUOTE}(?![\\w{_QUOTE[1:-1]}])"
_NUMBER = r"\d{1,10}|(?-i:\b[NX]\b)"  # N and X: as documentation writes them
_HOST = r"[^\s'\"@,<>]{1,255}"
_KINDS = {
    **dict.fromkeys(("attempt", "tries", "seconds", "minimum", "status", "line", "failures", "expiry"), _NUMBER),
    **dict.fromkeys(("host", "gateway"), _HOST),
    "user": r"[^'\"<>]{1,255}?",
    "which": r"[A-Za-z]{1,20}(?:\s{1,5}[A-Za-z]{1,20})?",
    "account": r"<?sips?:[^\s'\"<>]{1,300}?>?",
}
_TEXT = r".{1,300}"
_TOKEN = re.compile(r"'\{(\w+)\}'|\{(\w+)\}|(--\s)|(')|(\s+)|([^\s'{-]+|.)")
_GAP = re.compile(r"--\s|'|\{\w+\}")


class Said(str):
    """A value from a line. Formatted with nouns, `{tries:try|tries}`, it is said with the one that its number needs."""

    def __format__(self, nouns: str) -> str:
        if not nouns:
            return str(self)
        one, _, many = nouns.partition("|")
        return f"{self or 'some'} {one if self == '1' else many}"


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line that `dialect`'s system prints; an empty dialect stands for a part that all of Asterisk shares.

    `means`, `check` and `causes` are sentences with the placeholders of the forms. `focus` names the placeholder that
    matters most, empty for the whole line. With `answer` the status in the line adds what is known about it. `severity`
    is the code's unless given.
    """

    code: str
    dialect: str
    forms: tuple[str, ...]
    means: str
    check: str = ""
    causes: tuple[str, ...] = ()
    focus: str = ""
    answer: bool = False
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A known line found in a text: where, as offsets, and the values of its placeholders."""

    known: KnownLine
    form: str
    start: int
    stop: int
    values: Mapping[str, str]
    places: Mapping[str, tuple[int, int]]

    @property
    def focus(self) -> tuple[int, int]:
        """The stretch that matters."""
        return self.places.get(self.known.focus, (self.start, self.stop))

    @property
    def canonical(self) -> str:
        """The line as the system prints it, with the values of this one."""
        return re.sub(r"\{(\w+)\}", lambda m: self.values[m.group(1)], self.form)


def needle(form: str) -> str:
    """The longest run of words in a form, lower case and single-spaced: no line without it is of this form."""
    return max((" ".join(part.lower().split()) for part in _GAP.split(form)), key=len)


@functools.cache
def _pattern(form: str) -> re.Pattern[str]:
    parts: list[str] = []
    tokens = list(_TOKEN.finditer(form))
    for token in tokens:
        quoted, name, dashes, quote, blank, literal = token.groups()
        last = token is tokens[-1]
        if quoted and quoted not in _KINDS:
            parts.append(f"(?:{_QUOTE}(?P<{quoted}>.{{0,300}}?){_CLOSING}|(?P<{quoted}_bare>[^\\s'\"]{{1,300}}))")
        elif quoted:
            parts.append(f"{_QUOTE}?(?P<{quoted}>{_KINDS[quoted]}){_QUOTE}?")
        elif name:
            parts.append(f"(?P<{name}>{_KINDS.get(name) or _TEXT + ('' if last else '?')})")
        elif dashes:
            parts.append(r"(?:--\s+)?")
        elif quote:
            parts.append(f"{_QUOTE}?")
        else:
            parts.append(r"\s+" if blank else re.escape(literal))
    return re.compile("".join(parts), re.IGNORECASE)


def match(known: KnownLine, form: str, line: str, at: int, *, anywhere: bool) -> Match | None:
    """Find a form at a place of a line, or anywhere in it."""
    pattern = _pattern(form)
    found = pattern.match(line, at) or (pattern.search(line) if anywhere else None)
    if found is None:
        return None
    values: dict[str, str] = {}
    places: dict[str, tuple[int, int]] = {}
    for name, value in found.groupdict().items():
        if value is not None:
            plain = name.removesuffix("_bare")
            values[plain] = value.strip()
            places[plain] = found.span(name)
    return Match(known, form, found.start(), len(line[: found.end()].rstrip()), values, places)
