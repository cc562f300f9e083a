"""Expressions of JavaScript, read from tokens where somebody asks for one.

Theory of operation. The tokens are bracketed once, and for each one it is known where the expression that it belongs to
ends, so that an expression that nobody can settle is stepped over at once. Each is read once and remembered, so that
any text takes linear time. A missing comma, a `;` or a `=` in an object does not stop the reader: it is a `Problem`.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, replace

from mockregistrar.trunks.form_fields import Places
from mockregistrar.trunks.model import Span

from .js_tokens import Token, inner_quote, tokens
from .literals import (
    Call,
    Constant,
    Entry,
    Joined,
    Listing,
    Name,
    Number,
    Record,
    Text,
    Unsettled,
    Value,
    decoded,
    javascript_escape,
    javascript_number,
)

_DEEPEST = 40  # nested expressions
MOST = 200  # items of a list, names of a pattern, assignments of one name that are looked at
_OPENS = {"(": ")", "[": "]", "{": "}", "${": "}$", "`<": "`>"}
_CLOSES = frozenset(_OPENS.values())
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that no program may hold: quote, unclosed, curly, comma, semicolon or equals; `at` is its offset.

    `found` is what stands where a comma is missing: an identifier or a string.
    """

    kind: str
    span: Span
    at: int
    found: str = ""


class Expressions:
    """The tokens of a text and the expressions in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places = Places(text)
        self.tokens: list[Token] = tokens(text)
        self.found: dict[int, Problem] = {}
        self.offsets: list[int] = []
        self._values: dict[int, tuple[Value, int]] = {}
        self._bracket()

    def span(self, start: int, stop: int) -> Span:
        """A stretch of the text; of several lines the first one."""
        line, column = self.places.place(start)
        end = self.text.find("\n", start, stop)
        return Span(line, column, (stop if end < 0 else end) - start)

    # --- brackets

    def _bracket(self) -> None:
        """Find the partner of each bracket, the one around each token, and where each expression ends."""
        size = len(self.tokens)
        self.partner = [-1] * size
        self.around = [-1] * size
        self.ends = [size - 1] * size
        stack: list[int] = []
        marks = [token.text if token.kind == "punctuation" else "" for token in self.tokens]
        for index, mark in enumerate(marks):
            if mark in _CLOSES:
                # a bracket that closes an outer one closes all that is open inside of it
                for depth in range(len(stack) - 1, max(-1, len(stack) - 9), -1):
                    if _OPENS[marks[stack[depth]]] == mark:
                        self.partner[stack[depth]], self.partner[index] = index, stack[depth]
                        del stack[depth:]
                        break
            self.around[index] = stack[-1] if stack else -1
            if mark in _OPENS:
                stack.append(index)
        for index in range(size - 2, -1, -1):
            mark = marks[index]
            if mark in _CLOSES or mark in (",", ";"):
                self.ends[index] = index
            elif mark in _OPENS:
                close = self.partner[index]
                self.ends[index] = self.ends[close + 1] if 0 <= close < size - 1 else size - 1
            else:
                self.ends[index] = self.ends[index + 1]

    # --- expressions

    def value(self, index: int, depth: int = 0) -> tuple[Value, int]:
        """The expression that begins at a token, and the token behind it."""
        known = self._values.get(index)
        if known is None:
            known = self._values[index] = self._expression(index, depth)
        return known

    def _expression(self, index: int, depth: int) -> tuple[Value, int]:
        if depth > _DEEPEST:
            return self._unsettled(index)
        start = index
        parts: list[Value] = []
        while True:
            part, index = self._primary(index, depth)
            parts.append(part)
            if self.tokens[index].text != "+" or self.tokens[index].kind != "punctuation":
                break
            index += 1
        if self.tokens[index].text == "!" and self._ends(index + 1):  # TypeScript: it is not null
            index += 1
        elif self.tokens[index].text in ("as", "satisfies"):
            index = self.ends[index]
        if not self._ends(index):
            return self._unsettled(start)
        if len(parts) == 1:
            return parts[0], index
        first, last = self.tokens[start], self.tokens[index - 1]
        begin, stop = first.start - (first.kind == "string"), last.stop + (last.kind == "string")
        return Joined(tuple(parts), self.span(begin, stop), begin, stop), index

    def _ends(self, index: int) -> bool:
        """Whether an expression may end in front of a token."""
        token = self.tokens[index]
        if token.kind == "end" or self.ends[index] == index:
            return True
        if token.kind in ("string", "number") or token.text == "{":
            return True  # which no program has: something is missing in between
        return token.kind == "name" and token.text not in ("in", "instanceof", "of")

    def _unsettled(self, index: int, *, function: bool = False) -> tuple[Value, int]:
        stop = self.ends[index]
        token = self.tokens[index]
        last = self.tokens[max(index, stop - 1)]
        begin, end = token.start - (token.kind == "string"), last.stop + (last.kind == "string")
        return Unsettled(self.span(begin, end), begin, end, function), stop

    def _primary(self, index: int, depth: int) -> tuple[Value, int]:
        token = self.tokens[index]
        if token.kind == "string":
            return self.string(token), index + 1
        if token.kind == "number":
            return self._number(token, token.text), index + 1
        if token.text == "-" and self.tokens[index + 1].kind == "number":
            return self._number(self.tokens[index + 1], f"-{self.tokens[index + 1].text}"), index + 2
        if token.kind == "name":
            return self._word(index, depth)
        if token.kind == "punctuation":
            close = self.partner[index]
            if token.text == "`<":
                return self._template(index, depth)
            if token.text == "{":
                return self._record(index, depth), close + 1 if close >= 0 else len(self.tokens) - 1
            if token.text == "[":
                listing = Listing(self._items(index, depth), self.span(token.start, self.tokens[close].stop))
                return listing, close + 1 if close >= 0 else len(self.tokens) - 1
            if token.text == "(" and close >= 0:
                if self.tokens[close + 1].text == "=>":
                    return self._unsettled(index, function=True)
                value, stop = self.value(index + 1, depth + 1)
                if stop == close:
                    return value, close + 1
        return self._unsettled(index)

    def _word(self, index: int, depth: int) -> tuple[Value, int]:
        token = self.tokens[index]
        if token.text in _CONSTANTS:
            return Constant(_CONSTANTS[token.text], self.span(token.start, token.stop)), index + 1
        if token.text in ("function", "async", "class") or self.tokens[index + 1].text == "=>":
            return self._unsettled(index, function=True)
        if token.text == "await":
            return self.value(index + 1, depth + 1)
        new = token.text == "new"
        last = index + 1 if new else index
        if self.tokens[last].kind != "name":
            return self._unsettled(index)
        while self.tokens[last + 1].text in (".", "?.") and self.tokens[last + 2].kind == "name" and last < index + 16:
            last += 2
        path = ".".join(t.text for t in self.tokens[index + new : last + 1 : 2])
        close = self.partner[last + 1] if self.tokens[last + 1].text == "(" else -1
        if close >= 0:
            call = self.call(index, last + 1, path, new=new, depth=depth)
            return (
                (call, close + 1)
                if self._ends(close + 1) or self.tokens[close + 1].text in "+!"
                else self._unsettled(index)
            )
        span = self.span(token.start, self.tokens[last].stop)
        return Name(path, index, span, token.start, self.tokens[last].stop), last + 1

    def call(self, first: int, opening: int, path: str, *, new: bool, depth: int = 0) -> Call:
        """A call, from the token it begins with and its opening parenthesis."""
        close = self.partner[opening]
        start = self.tokens[first].start
        stop = self.tokens[close].stop if close >= 0 else len(self.text)
        return Call(path, self._items(opening, depth), self.span(start, stop), start, stop, new)

    def _items(self, opening: int, depth: int) -> tuple[Value, ...]:
        """The values between brackets."""
        close = self.partner[opening] if self.partner[opening] >= 0 else len(self.tokens) - 1
        found: list[Value] = []
        index = opening + 1
        while index < close and len(found) < MOST:
            value, index = self.value(index, depth + 1)
            found.append(value)
            index = self.ends[index] + 1
        return tuple(found)

    def string(self, token: Token) -> Text:
        """A string token as text; one that no program could hold is noted as a problem."""
        read = decoded(self.text, token.start, token.stop, self.places.place(token.start), javascript_escape)
        fault, at = token.fault, token.start - 1
        if fault == "quote":
            at = inner_quote(self.text, token.start - 1)
        wrong = next((escape for escape in read.escapes if escape.broken), None)
        if fault:
            broken = self._problem(fault, at, at + 1)
        elif wrong is not None and token.kind == "string":
            fault, broken = "escape", wrong.span
        else:
            return read
        return replace(read, fault=fault, broken=broken)

    def _number(self, token: Token, written: str) -> Number:
        value, text = javascript_number(token.text)
        minus = written.startswith("-")
        span = self.span(token.start - minus, token.stop)
        return Number(written, f"-{text}" if minus else text, -value if minus else value, span)

    def _template(self, opening: int, depth: int) -> tuple[Value, int]:
        close = self.partner[opening]
        if close < 0:
            return self.string(self.tokens[opening + 1]), len(self.tokens) - 1
        parts: list[Value] = []
        index = opening + 1
        while index < close:
            if self.tokens[index].kind == "chunk":
                parts.append(self.string(self.tokens[index]))
                index += 1
                continue
            inner, stop = self.value(index + 1, depth + 1)
            brace = self.partner[index]
            parts.append(inner if stop == brace else self._unsettled(index + 1)[0])
            index = brace + 1 if brace > index else close
        if len(parts) == 1:
            return parts[0], close + 1
        begin, end = self.tokens[opening].start, self.tokens[close].stop
        return Joined(tuple(parts), self.span(begin, end), begin, end), close + 1

    def _record(self, opening: int, depth: int) -> Record:
        close = self.partner[opening] if self.partner[opening] >= 0 else len(self.tokens) - 1
        start, stop = self.tokens[opening].start, self.tokens[close].stop
        entries: list[Entry] = []
        open_ = False
        index = opening + 1
        while index < close:
            entry, index = self._entry(index, depth)
            if entry is None:
                open_ = True
            else:
                entries.append(entry)
            if index < close and self.ends[index] != index:
                follows = self.tokens[index + 1].text in (":", "=") and self.tokens[index].kind in ("name", "string")
                if follows:
                    before = self.tokens[index - 1]
                    end = before.stop + (before.kind == "string")
                    found = "string" if self.tokens[index].kind == "string" else "identifier"
                    self._problem("comma", end, end, found)
                    continue
                index = self.ends[index]
            if index < close and self.tokens[index].text == ";":
                self._problem("semicolon", self.tokens[index].start, self.tokens[index].stop)
            index += 1
        return Record(tuple(entries), self.span(start, stop), start, stop, open_)

    def _entry(self, index: int, depth: int) -> tuple[Entry | None, int]:
        """One property of an object; None for what may be any."""
        token = self.tokens[index]
        if token.text == "..." and token.kind == "punctuation":
            value, stop = self.value(index + 1, depth + 1)
            return Entry("...", value.span, value), stop
        if token.kind not in ("name", "string", "number"):
            return None, self.ends[index]
        name = self.string(token).text if token.kind == "string" else token.text
        span = self.span(token.start, token.stop)
        behind = self.tokens[index + 1]
        if behind.text in (":", "=") and behind.kind == "punctuation":
            if behind.text == "=":
                self._problem("equals", behind.start, behind.stop)
            value, stop = self.value(index + 2, depth + 1)
            return Entry(name, span, value), stop
        if behind.text == "(" or behind.kind == "name":  # a method
            value, stop = self._unsettled(index, function=True)
            named = self.tokens[index + 1].text if behind.kind == "name" and token.text == "async" else name
            return Entry(named, span, value), stop
        return Entry(name, span, Name(token.text, index, span, token.start, token.stop)), index + 1

    def _problem(self, kind: str, start: int, stop: int, found: str = "") -> Span:
        span = self.span(max(0, start), min(stop, len(self.text)))
        if start not in self.found:
            self.found[start] = Problem(kind, span, start, found)
            bisect.insort(self.offsets, start)
        return span
