"""The literals of a JavaScript or TypeScript program: objects, strings, and names that stand for them further up.

Theory of operation. Nothing is run. A name is looked up as the language does it, by the innermost block that declares
it; where another block assigns it too, or a function hands it in, it stays unsettled: a guess would be worse than
nothing. What is looked at for one name, and for all of them, is bounded, so that any text takes linear time.

JSON is read by the same reader, since it is a part of the language.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mockregistrar.trunks.model import Span

from .js_expressions import MOST, Expressions, Problem
from .literals import Call, Constant, Entry, Joined, Name, Number, Record, Text, Unsettled, Value

_DEEPEST = 40  # names that stand for names
_LONGEST = 4_096  # characters that a string is put together to
_LOOKUPS = 200_000  # values that are looked up in one program
_DECLARES = frozenset(["const", "let", "var"])
_CONDITIONS = frozenset(["if", "while", "for", "switch", "with"])
_WORDS = _DECLARES | _CONDITIONS | {"return", "new", "await", "function", "async", "class", "typeof", "throw", "else"}
_SECRET_NAME = re.compile(r"(?:\w*(?:pass(?:word|wd)?|pwd|secret|ha1))\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Binding:
    """A name that is set: where, to what (None: by somebody else), and whether it is declared there.

    `block` is where the block begins in which it is seen, -1 for all of the text, and `stop` where that ends.
    """

    at: int
    block: int
    stop: int
    value: int | None
    declared: bool


class Program(Expressions):
    """A program as it stands in a text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._budget = _LOOKUPS
        self._starts = [token.start for token in self.tokens]
        self._bindings: dict[str, list[_Binding]] = {}
        self._members: dict[str, list[str]] = {}
        self._calls: list[tuple[int, int, str, bool]] = []
        self._scan()

    # --- what a dialect asks

    def calls(self, *lasts: str) -> Iterator[Call]:
        """All calls whose dotted name ends in one of these words, in order."""
        for first, opening, path, new in self._calls:
            if path.rpartition(".")[2] in lasts:
                yield self.call(first, opening, path, new=new)

    def records(self, names: Iterable[str]) -> Iterator[Record]:
        """All object literals that hold one of these names, in order, the outer ones first."""
        wanted = frozenset(names)
        seen: set[int] = set()
        for index, token in enumerate(self.tokens):
            opening = self.around[index]
            if token.text not in wanted or opening in seen or opening < 0 or self.tokens[opening].text != "{":
                continue
            if self.tokens[index + 1].text in (":", "="):
                seen.add(opening)
                value, _ = self.value(opening)
                if isinstance(value, Record):
                    yield value

    def first(self) -> Value:
        """The value that the text begins with: all of it, where the text is JSON or a bare object."""
        return self.value(0)[0]

    def settled(self, value: Value | None) -> Value:
        """A value with its names looked up and its parts put together."""
        if value is None:
            return Constant(None, Span(1, 1, 0))
        return self._settled(value, 0)

    def problems(self, start: int, stop: int) -> list[Problem]:
        """What no program may hold, in a stretch of the text that was read."""
        first, last = bisect.bisect_left(self.offsets, start), bisect.bisect_left(self.offsets, stop)
        return [self.found[offset] for offset in self.offsets[first:last]]

    def literals(self, start: int, stop: int) -> Iterator[Text]:
        """The string literals in a stretch of the text, for what must not be shown."""
        for index in range(bisect.bisect_left(self._starts, start), bisect.bisect_left(self._starts, stop)):
            if self.tokens[index].kind in ("string", "chunk"):
                yield self.string(self.tokens[index])

    def secrets(self) -> Iterator[Text]:
        """The string literals that stand behind a name for a password."""
        for index, token in enumerate(self.tokens[:-2]):
            if token.kind not in ("name", "string") or not _SECRET_NAME.match(token.text):
                continue
            if self.tokens[index + 1].text not in (":", "=", "||", "??"):
                continue
            behind = index + 3 if self.tokens[index + 2].text == "`<" else index + 2
            if behind < len(self.tokens) and self.tokens[behind].kind in ("string", "chunk"):
                yield self.string(self.tokens[behind])

    # --- brackets and names

    def _block(self, index: int) -> int:
        """The brace around a token; -1 at the top, and what is in parentheses is in none."""
        opening = self.around[index]
        return opening if opening < 0 or self.tokens[opening].text in ("{", "${") else -2

    def _scan(self) -> None:
        for index, token in enumerate(self.tokens):
            if token.kind == "punctuation":
                if token.text == "(":
                    self._parameters(index)
                    self._called(index)
                elif token.text == "=>" and index and self.tokens[index - 1].kind == "name":
                    self._foreign([index - 1], index + 1)
                elif token.text == "=":
                    self._assigned(index)
            elif token.text in _DECLARES and token.kind == "name":
                self._destructured(index)
                self._typed(index)

    def _path(self, index: int) -> tuple[str, int]:
        """The dotted name that ends at a token, and where it begins; empty where none does."""
        words: list[str] = []
        while index >= 0 and self.tokens[index].kind == "name" and len(words) < 8:
            words.append(self.tokens[index].text)
            if index < 2 or self.tokens[index - 1].text not in (".", "?."):
                break
            index -= 2
        return ".".join(reversed(words)), index

    def _called(self, opening: int) -> None:
        path, first = self._path(opening - 1)
        if not path or path in _WORDS:
            return
        new = first > 0 and self.tokens[first - 1].text == "new"
        self._calls.append((first - 1 if new else first, opening, path, new))

    def _parameters(self, opening: int) -> None:
        """What a function is handed is known to nobody inside of it."""
        close = self.partner[opening]
        if close < 0 or (opening and self.tokens[opening - 1].text in _CONDITIONS):
            return
        body = close + 1
        if self.tokens[body].text == "=>":
            body += 1
        elif self.tokens[body].text != "{":
            return
        names = [i for i in range(opening + 1, min(close, opening + MOST)) if self.tokens[i].kind == "name"]
        self._foreign(names, body)

    def _foreign(self, names: list[int], body: int) -> None:
        """Bind names to what is not known, inside of a function's body."""
        for index in names:
            stop = self._closing(body) if self.tokens[body].text == "{" else self.ends[body]
            self._bind(self.tokens[index].text, _Binding(body, body, stop, None, declared=True))

    def _closing(self, block: int) -> int:
        """Where a block ends."""
        close = self.partner[block] if block >= 0 else -1
        return close if close >= 0 else len(self.tokens)

    def _destructured(self, index: int) -> None:
        """`const {a, b} = ...`: names for what is not known."""
        opening = index + 1
        close = self.partner[opening]
        if self.tokens[opening].text not in ("{", "[") or close < 0:
            return
        block = self._block(index)
        for inner in range(opening + 1, min(close, opening + MOST)):
            if self.tokens[inner].kind == "name":
                binding = _Binding(close, block, self._closing(block), None, declared=True)
                self._bind(self.tokens[inner].text, binding)

    def _typed(self, index: int) -> None:
        """`const name: Type = ...`."""
        if len(self.tokens) < index + 4 or self.tokens[index + 2].text != ":":
            return
        stop = min(index + 24, self.ends[index])
        equals = next((i for i in range(index + 3, stop) if self.tokens[i].text == "="), -1)
        if equals > 0:
            block = self._block(index)
            binding = _Binding(equals, block, self._closing(block), equals + 1, declared=True)
            self._bind(self.tokens[index + 1].text, binding)

    def _assigned(self, equals: int) -> None:
        path, first = self._path(equals - 1)
        block = self._block(first) if path else -2
        declared = first > 0 and self.tokens[first - 1].text in _DECLARES
        if block == -2 or not path or path in _WORDS or self.tokens[first - 1].text == ":":
            return
        self._bind(path, _Binding(equals, block, self._closing(block), equals + 1, declared))
        base, _, member = path.rpartition(".")
        if base and base != "this":
            self._members.setdefault(base, []).append(member)

    def _bind(self, name: str, binding: _Binding) -> None:
        self._bindings.setdefault(name, []).append(binding)

    # --- looking up

    def _settled(self, value: Value, depth: int) -> Value:
        self._budget -= 1
        if depth > _DEEPEST or self._budget < 0:
            return Unsettled(value.span)
        if isinstance(value, Name):
            return self._looked_up(value, depth)
        if isinstance(value, Joined):
            return self._joined(value, depth)
        if isinstance(value, Record):
            return self._merged(value, depth)
        return value

    def _joined(self, value: Joined, depth: int) -> Value:
        unknown = Unsettled(value.span, value.start, value.stop)
        texts: list[Text] = []
        length = 0
        for part in value.parts:
            found = self._settled(part, depth + 1)
            if isinstance(found, Number):
                found = Text(found.text, found.span, kept=found.text)
            if not isinstance(found, Text):
                return unknown
            texts.append(found)
            length += len(found.text)
            if length > _LONGEST:
                return unknown
        if not any(isinstance(part, Text) for part in value.parts) and len(texts) != len(value.parts):
            return unknown
        return Text(
            "".join(text.text for text in texts),
            value.span,
            tuple(piece for text in texts for piece in text.pieces),
            tuple(escape for text in texts for escape in text.escapes),
            "".join(text.kept for text in texts),
            next((text.fault for text in texts if text.fault), ""),
        )

    def _merged(self, record: Record, depth: int) -> Record:
        """An object with what others spread into it."""
        if not any(entry.name == "..." for entry in record.entries):
            return record
        entries: list[Entry] = []
        open_ = record.open
        for entry in record.entries:
            if entry.name != "...":
                entries.append(entry)
                continue
            found = self._settled(entry.value, depth + 1)
            if isinstance(found, Record) and len(entries) + len(found.entries) < _LONGEST:
                entries.extend(found.entries)
                open_ = open_ or found.open
            else:
                open_ = True
        return replace(record, entries=tuple(entries), open=open_)

    def _looked_up(self, name: Name, depth: int) -> Value:
        unknown = Unsettled(name.span, name.start, name.stop)
        binding = self._binding(name.path, name.at)
        if binding is not None:
            if binding.value is None:
                return unknown
            found = self._settled(self.value(binding.value)[0], depth + 1)
            return self._completed(found, name, binding, depth) if isinstance(found, Record) else found
        base, _, member = name.path.rpartition(".")
        if not base:
            return unknown
        owner = self._looked_up(replace(name, path=base), depth + 1) if depth < _DEEPEST else unknown
        if isinstance(owner, Record) and not owner.open:
            values = [entry.value for entry in owner.entries if entry.name == member]
            if values:
                return self._settled(values[-1], depth + 1)
        return unknown

    def _completed(self, record: Record, name: Name, binding: _Binding, depth: int) -> Record:
        """An object with what is set in it later: `config.password = ...`."""
        entries = list(record.entries)
        for member in dict.fromkeys(self._members.get(name.path, ())[:MOST]):
            path = f"{name.path}.{member}"
            later = self._binding(path, name.at)
            if later is None or later.at < binding.at:
                if any(each.at > binding.at for each in self._bindings[path][:MOST]):
                    entries.append(Entry(member, name.span, Unsettled(name.span)))
                continue
            first = self.tokens[later.at - 1]
            value, _ = self.value(later.value, depth + 1) if later.value is not None else (Unsettled(name.span), 0)
            entries.append(Entry(member, self.span(first.start, first.stop), value))
        return replace(record, entries=tuple(entries))

    def _binding(self, name: str, at: int) -> _Binding | None:
        """What sets a name for a place; None where nothing does that can be told. A foreign one has no value."""
        found = self._bindings.get(name, [])[:MOST]
        if len(found) == 1:
            return found[0] if name.startswith("this.") or self._sees(found[0], at) else None
        seen = [binding for binding in found if binding.at <= at and self._sees(binding, at)]
        if not seen:
            return None
        chosen = seen[-1]
        if any(not each.declared and each.block != chosen.block for each in found):
            return None  # somebody else sets it too, and who comes first only the running program knows
        return chosen

    def _sees(self, binding: _Binding, at: int) -> bool:
        """Whether a place is inside of the block that a name is set in."""
        return binding.block == -1 or 0 <= binding.block <= at <= binding.stop
