"""The literals of a Python program: calls, their arguments, and names that stand for constants further up.

Theory of operation. Nothing is run: the text is parsed by Python itself, and the tree is walked once. A name is looked
up in the blocks around the place that uses it; where several blocks set it, or a function hands it in, it stays
unsettled. Columns count code points, and a string knows where each of its characters stands unless it is put together.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from mockregistrar.trunks.form_fields import Places
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.positions import decode, encode

from .literals import Constant, Entry, Listing, Number, Record, Text, Unsettled, Value, decoded, python_escape

_DEEPEST = 20
_LONGEST = 4_096
_MOST = 200
_LOOKUPS = 100_000
_Order = tuple[int, int]  # line and column, by which nodes are in order
_SECRET = re.compile(r"(?:.*\.)?\w*(?:pass(?:word|wd)?|pwd|secret)\Z", re.IGNORECASE)
_QUOTES = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")")


@dataclass(frozen=True, slots=True)
class NoPython:
    """Why a text is no Python, and where."""

    why: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Binding:
    """A name that is set: in which block, how far into the text, to what (None: to what is not known)."""

    block: int
    order: _Order
    value: ast.expr | None


class Python:
    """A program, parsed."""

    def __init__(self, text: str, tree: ast.AST, added: int = 0) -> None:
        self.text = text
        self.places = Places(text)
        self._added = added  # lines in front that are not in the text
        self._lines = text.split("\n")
        self._budget = _LOOKUPS
        self._bindings: dict[str, list[_Binding]] = {}
        self._parents: list[int] = [-1]  # of each block the one around it
        self._scopes: list[bool] = [True]  # whether a block is a function's
        self._blocks: dict[int, int] = {}  # the block that a call stands in
        self._orders: dict[int, _Order] = {}
        self._calls: list[ast.Call] = []
        self.targets: dict[int, str] = {}
        """What the result of a call is kept as, by the call's number."""
        self._walk(tree)

    def calls(self, name: str) -> Iterator[ast.Call]:
        """The calls of what has a name, dotted or not, in order."""
        for call in self._calls:
            function = call.func
            if (isinstance(function, ast.Name) and function.id == name) or (
                isinstance(function, ast.Attribute) and function.attr == name
            ):
                yield call

    def settled(self, node: ast.expr, call: ast.Call) -> Value:
        """An argument of a call with its names looked up."""
        return self._value(node, self._blocks[id(call)], self._orders[id(call)], 0)

    def member(self, path: str) -> Value | None:
        """What a member is set to, such as `phone.sip.default_expires`; None where it is not set."""
        found = self._bindings.get(path, [])
        if not found:
            return None
        last = found[-1]
        if len(found) > 1 or last.value is None:
            return Unsettled(Span(1, 1, 0))
        return self._value(last.value, last.block, last.order, 0)

    def strings(self, node: ast.expr) -> Iterator[Text]:
        """The strings in an expression, for what must not be shown."""
        for each in ast.walk(node):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield self._text(each, each.value)

    def secrets(self) -> Iterator[Text]:
        """The strings that a name for a password is set to."""
        for path, bindings in self._bindings.items():
            for binding in bindings if _SECRET.match(path) else ():
                if isinstance(binding.value, ast.Constant) and isinstance(binding.value.value, str):
                    yield self._text(binding.value, binding.value.value)

    def span(self, node: ast.expr | ast.keyword) -> Span:
        """Where an expression stands; of several lines the first one."""
        line, column = self._place(node.lineno, node.col_offset)
        end_line, end = self._place(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        width = (end if end_line == line else len(self._lines[line - 1]) + 1) - column
        return Span(line, column, max(0, width))

    def _place(self, lineno: int, octets: int) -> tuple[int, int]:
        line = min(max(1, lineno - self._added), len(self._lines))
        data = encode(self._lines[line - 1])[:octets]
        return line, len(decode(data)) + 1

    # --- names

    def _walk(self, tree: ast.AST) -> None:
        """Note each call and each name that is set."""
        stack: list[tuple[ast.AST, int, _Order]] = [(tree, 0, (0, 0))]
        while stack:
            node, block, order = stack.pop()
            if isinstance(node, ast.expr | ast.stmt):
                order = (node.lineno, node.col_offset)
            if isinstance(node, ast.Call):
                self._calls.append(node)
                self._blocks[id(node)], self._orders[id(node)] = block, order
            self._bound(node, block, order)
            opens = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            if opens:
                block = self._open(block, scope=True)
                for argument in ast.walk(node.args):  # type: ignore[attr-defined]
                    if isinstance(argument, ast.arg):
                        self._bind(argument.arg, block, order, None)
            for name, field in ast.iter_fields(node):
                inner = block
                if name in ("body", "orelse", "finalbody", "handlers") and isinstance(field, list) and not opens:
                    inner = (
                        self._open(block, scope=isinstance(node, ast.ClassDef)) if block or node is not tree else block
                    )
                children = field if isinstance(field, list) else [field]
                stack.extend((child, inner, order) for child in children if isinstance(child, ast.AST))
        self._calls.sort(key=lambda call: (call.lineno, call.col_offset))
        for found in self._bindings.values():
            found.sort(key=lambda binding: binding.order)

    def _open(self, around: int, *, scope: bool) -> int:
        self._parents.append(around)
        self._scopes.append(scope)
        return len(self._parents) - 1

    def _bound(self, node: ast.AST, block: int, order: _Order) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assigned(target, node.value, block, order)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            self._assigned(node.target, node.value, block, order)
        elif isinstance(node, ast.AugAssign | ast.For | ast.AsyncFor | ast.comprehension):
            self._foreign(node.target, block, order)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._foreign(node.optional_vars, block, order)
        elif isinstance(node, ast.alias):
            self._bind((node.asname or node.name).partition(".")[0], block, order, None)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            for name in node.names:
                self._bind(name, block, order, None)

    def _assigned(self, target: ast.expr, value: ast.expr, block: int, order: _Order) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            for index, inner in enumerate(target.elts):
                if len(parts) == len(target.elts):
                    self._assigned(inner, parts[index], block, order)
                else:
                    self._foreign(inner, block, order)
            return
        path = _path(target)
        if path:
            self._bind(path, block, order, value)
            if isinstance(value, ast.Call):
                self.targets[id(value)] = path

    def _foreign(self, target: ast.expr, block: int, order: _Order) -> None:
        for each in ast.walk(target):
            if isinstance(each, ast.Name):
                self._bind(each.id, block, order, None)

    def _bind(self, path: str, block: int, order: _Order, value: ast.expr | None) -> None:
        self._bindings.setdefault(path, []).append(_Binding(block, order, value))

    def _looked_up(self, path: str, block: int, order: _Order) -> _Binding | None:
        """What sets a name for a place; None where that cannot be told."""
        found = self._bindings.get(path, [])[:_MOST]
        if len(found) == 1 and path.startswith("self."):
            return found[0]
        around: list[int] = []
        while block >= 0 and len(around) < _MOST:
            around.append(block)
            block = self._parents[block]
        own = set(around)
        seen = [binding for binding in found if binding.block in own]
        if not seen:
            return None
        nearest = next(each for each in around if any(binding.block == each for binding in seen))
        here = [binding for binding in seen if binding.block == nearest]
        chosen = next((binding for binding in reversed(here) if binding.order <= order), None)
        if chosen is None:
            chosen = here[0] if len(here) == 1 and nearest == 0 else None
        elsewhere = [b for b in found if b.block not in own and self._scope(b.block) == self._scope(nearest)]
        return None if elsewhere else chosen

    def _scope(self, block: int) -> int:
        while block > 0 and not self._scopes[block]:
            block = self._parents[block]
        return block

    # --- values

    def _value(self, node: ast.expr, block: int, order: _Order, depth: int) -> Value:
        self._budget -= 1
        unknown = Unsettled(self.span(node))
        if depth > _DEEPEST or self._budget < 0:
            return unknown
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            number = self._value(node.operand, block, order, depth + 1)
            if isinstance(number, Number):
                return Number(f"-{number.written}", f"-{number.text}", -number.value, self.span(node))
        if isinstance(node, ast.Tuple | ast.List):
            items = tuple(self._value(each, block, order, depth + 1) for each in node.elts[:_MOST])
            return Listing(items, self.span(node))
        if isinstance(node, ast.Dict):
            return self._record(node, block, order, depth)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node, list(node.values), block, order, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._joined(node, _operands(node), block, order, depth)
        path = _path(node)
        if path:
            binding = self._looked_up(path, block, order)
            if binding is not None and binding.value is not None:
                return self._value(binding.value, binding.block, binding.order, depth + 1)
        return unknown

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if isinstance(value, str):
            return self._text(node, value)
        if value is None or isinstance(value, bool):
            return Constant(value, self.span(node))
        if isinstance(value, int | float):
            span = self.span(node)
            written = self._lines[span.line - 1][span.column - 1 : span.end - 1]
            return Number(written, written, value, span)
        return Unsettled(self.span(node))

    def _text(self, node: ast.Constant, value: str) -> Text:
        """A string literal; one that is put together of several has no exact places."""
        span = self.span(node)
        start = self.places.starts[span.line - 1] + span.column - 1
        line, column = self._place(node.end_lineno or node.lineno, node.end_col_offset or 0)
        stop = self.places.starts[line - 1] + column - 1
        match = _QUOTES.match(self.text, start, stop)
        if match and stop - match.end() >= len(match.group(2)):
            inside = match.end()
            rule = None if "r" in match.group(1).lower() else python_escape
            read = decoded(self.text, inside, stop - len(match.group(2)), self.places.place(inside), rule)
            if read.text == value:
                return read
        return Text(value, span, kept=value)

    def _record(self, node: ast.Dict, block: int, order: _Order, depth: int) -> Record:
        entries: list[Entry] = []
        open_ = False
        for key, value in zip(node.keys[:_MOST], node.values, strict=False):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                entries.append(Entry(key.value, self.span(key), self._value(value, block, order, depth + 1)))
                continue
            inner = self._value(value, block, order, depth + 1) if key is None else None
            entries += inner.entries if isinstance(inner, Record) else ()
            open_ = open_ or not isinstance(inner, Record) or inner.open
        return Record(tuple(entries), self.span(node), open=open_)

    def _joined(self, node: ast.expr, parts: list[ast.expr], block: int, order: _Order, depth: int) -> Value:
        """What is put together with `+` or in an f-string."""
        words: list[str] = []
        for part in parts:
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None or part.conversion not in (-1, 115):
                    return Unsettled(self.span(node))
                found = self._value(part.value, block, order, depth + 1)
                found = Text(found.text, found.span) if isinstance(found, Number) else found
            else:
                found = self._value(part, block, order, depth + 1)
            if not isinstance(found, Text) or sum(map(len, words)) > _LONGEST:
                return Unsettled(self.span(node))
            words.append(found.text)
        text = "".join(words)
        return Text(text, self.span(node), kept=text)


def _operands(node: ast.expr) -> list[ast.expr]:
    """The parts of `a + b + c`, from left to right."""
    found: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and len(found) < _MOST:
        found.append(node.right)
        node = node.left
    return [node, *reversed(found)]


def _path(node: ast.expr) -> str:
    """A dotted name, empty for anything else."""
    words: list[str] = []
    while isinstance(node, ast.Attribute) and len(words) < 8:
        words.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(words)]) if isinstance(node, ast.Name) else ""


def python(text: str) -> Python | NoPython:
    """Parse a program; one that is indented as a whole, as it is cut out of another one, is one too. Never raises."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    added = int(first[:1] in (" ", "\t"))
    try:
        with warnings.catch_warnings():  # about escapes, which are judged here
            warnings.simplefilter("ignore")
            tree = ast.parse("if 1:\n" * added + text)
    except SyntaxError as error:
        lines = text.split("\n")
        line = min(max(1, (error.lineno or 1) - added), len(lines))
        column = min(max(1, error.offset or 1), len(lines[line - 1]) + 1)
        return NoPython(error.msg, Span(line, column, 1))
    except (ValueError, MemoryError, RecursionError):
        return NoPython("it cannot be parsed", Span(1, 1, 1))
    try:
        return Python(text, tree, added)
    except RecursionError:
        return NoPython("it is nested too deep", Span(1, 1, 1))
