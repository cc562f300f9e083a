"""A text with what its dialect makes of it, and where in it the values stand that a hand can slip in.

Theory of operation. A dialect says what a registration holds, but not where each value is written. So a value is looked
for in the text, in every spelling that it may have there (`explanation.spellings`). What is found is probed: another
character is put there, and where the dialect then reads another value, that was the place. Edits in the lines of the
account come first, since a config may hold a thousand others. Offsets are code points from 0; a `Span` is made of them
at the end. Values, probes and tries are bounded. Each is a reading of the whole text, though, and a config may hold a
thousand accounts: so where its beginning alone is read as it is read in the whole, slips are made there (`sheets`), and
the whole is read for nothing but what the beginning does not have.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile
from typing import TYPE_CHECKING, TypeVar

from mockregistrar.trunks import registry
from mockregistrar.trunks.explanation import explain, spellings
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Parsed

if TYPE_CHECKING:
    from random import Random

_PART_OF_A_WORD = re.compile(r"[A-Za-z0-9_]")
_MOST_VALUES = 12
_MOST_FOUND = 24
_ENOUGH = 4
_MOST_TRIES = 16
_FEWEST_TRIES = 3
_CHARACTERS_TO_READ = 100_000
_LONG = 4000
_BEGINNING = 1000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Edit:
    """One slip: what stands from `start` up to `stop` becomes `new`.

    `what` is a sentence without its end, empty where that of the kind will do.
    """

    start: int
    stop: int
    new: str
    what: str = ""

    def applied(self, text: str) -> str:
        """The text with the slip in it."""
        return text[: self.start] + self.new + text[self.stop :]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands; `plain` where it is written as it is, without any escape."""

    start: int
    stop: int
    plain: bool


class Sheet:
    """A text, how its dialect reads it, and the places in it. `rng` chooses among candidates; without it the first.

    `tries` is how many candidates are worth a reading: fewer in a long text.
    """

    def __init__(self, text: str, parsed: Parsed, rng: Random | None = None, beginning: Sheet | None = None) -> None:
        self.text = text
        self.rng = rng
        self.parsed = parsed
        self.beginning = beginning
        self.tries = max(_FEWEST_TRIES, min(_MOST_TRIES, _CHARACTERS_TO_READ // (len(text) + 1)))
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._places: dict[str, list[Place]] = {}

    def read(self, text: str) -> Parsed:
        """What the dialect makes of another text in the form of this one."""
        return registry.named(self.parsed.dialect).parse(text, form=self.parsed.form)

    # --- lines and columns

    def line_of(self, offset: int) -> int:
        """The line, from 0, that an offset is in."""
        return bisect.bisect_right(self._line_starts, offset) - 1

    def line_end(self, offset: int) -> int:
        """The offset behind the last character of the line that an offset is in."""
        end = self.text.find("\n", offset)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[end - 1 : end] == "\r" and end > offset else end

    def span(self, edit: Edit) -> Span:
        """Where a slip stands in the text that it makes; of several lines the first."""
        start, new = edit.start, edit.new
        kept = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(self.text[start : edit.stop], new, strict=False))
        )
        line = self.line_of(start + kept)
        column = start + kept - self._line_starts[line] + 1
        new = new[kept:]
        if edit.start == edit.stop and new.startswith("\n"):
            line, column, new = line + 1, 1, new[1:]
        return Span(line + 1, column, len(new.split("\n", 1)[0]))

    def where(self, edit: Edit) -> str:
        """The place of a slip, in words."""
        span = self.span(edit)
        alone = span.line == 1 and "\n" not in self.text.strip()
        return f"column {span.column}" if alone else f"line {span.line}, column {span.column}"

    # --- values

    def at(self, place: Place) -> str:
        """What stands at a place."""
        return self.text[place.start : place.stop]

    def values(self, name: str) -> list[str]:
        """What the registrations have in a field, as texts, each once; of very many the first, or some."""
        found = (getattr(each, name) for each in (*self.parsed.registrations, *self.parsed.meant))
        return self._some(dict.fromkeys(str(value) for value in found if value not in (None, "")))[:_MOST_VALUES]

    def places(self, name: str) -> list[Place]:
        """Where the values of a field stand: where the dialect reads another value when another stands there.

        In a text that is refused anyway, where they probably stand.
        """
        if self.beginning is not None:
            return self.beginning.places(name)
        if name not in self._places:
            found = {place for value in self.values(name) for place in self._found(value, name)}
            ordered = sorted(found, key=lambda place: (place.start, -place.stop))
            ordered = self._some(self._of_passwords(ordered) if name == "secret" else ordered)
            live = (place for place in ordered[: self.tries] if self._is_read(place, name))
            enough = _ENOUGH if self.tries > _FEWEST_TRIES else 1
            first = list(islice(live, enough)) or ordered[:enough]
            self._places[name] = sorted(first, key=lambda place: place.start)
        return self._places[name]

    def _some(self, found: Iterable[_T]) -> list[_T]:
        """In this order, or in that of the generator."""
        some = list(found)
        if self.rng is not None:
            self.rng.shuffle(some)
        return some

    def _is_read(self, place: Place, name: str) -> bool:
        """Whether the dialect takes this for a value of the field: another letter or digit here is another value."""
        at = max((at for at in range(place.start, place.stop) if self.text[at].isalnum()), default=None)
        if at is None:
            return False
        other = (
            "2" if self.text[at] == "1" else "1" if self.text[at].isdigit() else "q" if self.text[at] == "z" else "z"
        )
        before, after = self.parsed.registrations, self.read(self.text[:at] + other + self.text[at + 1 :]).registrations
        return len(after) == len(before) and any(
            getattr(a, name) != getattr(b, name) for a, b in zip(after, before, strict=True)
        )

    def _found(self, value: str, name: str) -> Iterator[Place]:
        for spelled in spellings(value) if name == "secret" else [value]:
            at = self.text.find(spelled) if spelled else -1
            for _ in range(_MOST_FOUND):
                if at < 0:
                    break
                end = at + len(spelled)
                if not (_inside_a_word(self.text, at) or _inside_a_word(self.text, end)):
                    yield Place(at, end, spelled == value)
                at = self.text.find(spelled, at + 1)

    def _of_passwords(self, found: list[Place]) -> list[Place]:
        """Those that stand where the dialect saw a secret, if it said where; a longer spelling before a part of it."""
        hidden = [self._stretch(span) for span in self.parsed.secret_spans]
        seen = [p for p in found if any(p.start < stop and start < p.stop for start, stop in hidden)]
        kept: list[Place] = []
        for place in seen or found:
            if not kept or place.start >= kept[-1].stop:
                kept.append(place)
        return kept

    def _stretch(self, span: Span) -> tuple[int, int]:
        starts = self._line_starts
        start = (starts[span.line - 1] if span.line <= len(starts) else len(self.text)) + span.column - 1
        return start, start + span.length

    # --- characters between the values

    @cached_property
    def _secret_stretches(self) -> tuple[list[int], list[int]]:
        """The beginnings and ends of all secrets, none overlapping another."""
        found = [self._stretch(span) for span in self.parsed.secret_spans]
        begins: list[int] = []
        ends: list[int] = []
        for start, stop in sorted([*found, *((place.start, place.stop) for place in self.places("secret"))]):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], stop)
            else:
                begins.append(start)
                ends.append(stop)
        return begins, ends

    def secret_at(self, start: int, stop: int) -> bool:
        """Whether a stretch touches a secret."""
        begins, ends = self._secret_stretches
        before = bisect.bisect_left(begins, stop)
        return before > 0 and ends[before - 1] > start

    def outside(self, pattern: str) -> list[re.Match[str]]:
        """Where a pattern fits outside of secrets, nearest to a password first."""
        found = re.finditer(pattern, self.text, re.MULTILINE)
        kept = [each for each in found if not self.secret_at(each.start(), max(each.end(), each.start() + 1))]
        password = self.places("secret")[0].start if self.places("secret") else 0
        return sorted(kept, key=lambda each: abs(each.start() - password))

    # --- which candidates to try

    @cached_property
    def _account_lines(self) -> frozenset[int]:
        named = ("secret", "user", "host")
        return frozenset(self.line_of(place.start) for name in named for place in self.places(name))

    def ordered(self, edits: Iterable[Edit]) -> list[Edit]:
        """Candidates in the order to try them: as given or as the generator has it, the account's lines first."""
        lines = self._account_lines
        return sorted(self._some(edits), key=lambda edit: self.line_of(edit.start) not in lines)


def sheets(text: str, dialect: str, form: str | None = None, rng: Random | None = None) -> tuple[Sheet, ...]:
    """The sheets to make a slip in, the first that has a place for it: the beginning of a long text, and the text."""
    parsed = explain(text, dialect=dialect, form=form).parsed
    beginning = _beginning(text, parsed, rng)
    whole = Sheet(text, parsed, rng, beginning)
    return (whole,) if beginning is None else (beginning, whole)


def _beginning(text: str, parsed: Parsed, rng: Random | None) -> Sheet | None:
    """The first lines of a long text, where they are read as in the whole; None where nothing is saved by them."""
    size = _BEGINNING if len(text) > _LONG else len(text)
    while size < len(text) // 2:
        stop = text.find("\n", size) + 1
        if stop == 0:
            return None
        head = registry.named(parsed.dialect).parse(text[:stop], form=parsed.form)
        made = _logins(head)
        if made and head.ok == parsed.ok and made == _logins(parsed)[: len(made)]:
            return Sheet(text[:stop], head, rng)
        size *= 4
    return None


def _inside_a_word(text: str, at: int) -> bool:
    around = text[at - 1 : at + 1] if at else ""
    return len(around) == 2 and all(_PART_OF_A_WORD.match(character) for character in around)


def same_registrations(one: Parsed, other: Parsed) -> bool:
    """Whether two texts come to the same logins, wherever in the text they stand."""
    return one.ok == other.ok and _logins(one) == _logins(other)


def same_in_all(one: Parsed, other: Parsed) -> bool:
    """Whether two texts come to the same in everything, with as much to say about the one as about the other."""
    return same_registrations(one, other) and _surroundings(one) == _surroundings(other)


def _logins(parsed: Parsed) -> list[dict[str, object]]:
    return [each.to_json() for each in parsed.registrations]


def _surroundings(parsed: Parsed) -> tuple[object, ...]:
    codes = sorted((finding.code, finding.severity) for finding in parsed.findings)
    return parsed.peers, parsed.identify, parsed.auth, parsed.auth_method, parsed.dial_peer, codes


def loudness(parsed: Parsed) -> int:
    """How many findings above a hint there are."""
    return sum(finding.severity != "hint" for finding in parsed.findings)
