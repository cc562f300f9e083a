"""XML configs, with the place of every attribute and of every text: what FreeSWITCH and desk phones are given.

Theory of operation. expat reads the text, but never a document type, so that there is nothing to expand. What people
write and these readers let pass is made harmless first, without moving a character: comments (they may hold `--`) and
the XML declaration (its encoding is not ours, the text is decoded already) become blanks, and a `&` that begins no
entity becomes a stand-in. A root of our own around it lets a text have several roots, or none.

expat tells the octet where an event begins; octets are counted up to code points as the events come, so that the whole
is linear. Inside of a value each code point has a place of its own, because an entity is longer than what it means.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from xml.parsers import expat

from .form_fields import Field, Piece, Places
from .model import CannotRender, Span
from .parsed import Notes
from .plausible import TYPOGRAPHIC_QUOTES, character_name

_AMPERSAND = "\ue000"
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9A-Fa-f]+|amp|lt|gt|quot|apos);")
_STRAY = re.compile(r"&(?!(?:#\d+|#x[0-9A-Fa-f]+|amp|lt|gt|quot|apos);)")
_DECLARATION = re.compile(r"[\s\ufeff]*<\?xml[^>]*\?>")
_ATTRIBUTE = re.compile(r"""\s+([^\s=<>/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_EMPTY = re.compile(r"\s*/>")
_UNHOLDABLE = re.compile(r"[\x00-\x1f\ue000\ud800-\udfff\ufffe\uffff]")
_ROOT, _END = b"<x>", b"</x>"
_MOST_STRAYS = 8


@dataclass(slots=True)
class Element:
    """An element: the place of its name, its attributes, and, where no element is in it, the lines of its text.

    `start` and `stop` are code points of the whole text. `empty` is true for `<x/>`, which says less than `<x></x>`.
    """

    name: str
    span: Span
    start: int
    stop: int
    attributes: dict[str, Piece] = field(default_factory=dict)
    lines: Field = field(default_factory=list)
    empty: bool = False
    leaf: bool = True

    def attribute(self, name: str) -> Piece:
        """An attribute, empty at the name of the element where it is absent."""
        return self.attributes.get(name) or Piece("", self.span.line, self.span.column)

    @property
    def value(self) -> Piece:
        """The text without outer white space, its line ends as blanks; what is beyond its first line has no place."""
        lines = [piece.strip() for piece in self.lines]
        while lines and not lines[0].text:
            lines.pop(0)
        while lines and not lines[-1].text:
            lines.pop()
        if not lines:
            behind = self.lines[0] if self.lines else Piece("", self.span.line, self.span.end)
            return behind.part(0, 0)
        if len(lines) == 1:
            return lines[0]
        first, rest = lines[0], "".join(f" {piece.text}" for piece in lines[1:])
        columns = first.columns or tuple(range(first.column, first.column + len(first.text) + 1))
        return Piece(first.text + rest, first.line, first.column, columns + columns[-1:] * len(rest))


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is no XML, and where; `row` is the line as written."""

    why: str
    span: Span
    row: str


@dataclass(slots=True)
class Document:
    """The elements in order, up to the problem where there is one. `strays` are the first `&` that begin no entity."""

    text: str
    elements: list[Element] = field(default_factory=list)
    problem: Problem | None = None
    strays: list[Span] = field(default_factory=list)

    def judge(self, notes: Notes, system: str, secret: re.Pattern[str]) -> bool:
        """Whether it is XML; if not, that is noted. `secret` finds a password in a broken line."""
        problem = self.problem
        if problem is None:
            return True
        if not problem.why:
            message = "The text declares a document type: its entities are not expanded here, and nothing was read."
            notes.add("SR401", problem.span, message)
            return False
        row = problem.row
        match = secret.search(row)
        if match and match.group(1):
            notes.secret(match.group(1), Span(problem.span.line, match.start(1) + 1, len(match.group(1))))
        message = f"This is no well-formed XML ({problem.why}): {system} does not load the file."
        offender = row[problem.span.column - 1 : problem.span.column]
        instead: str | None = None
        span = problem.span
        if offender in TYPOGRAPHIC_QUOTES:
            instead = TYPOGRAPHIC_QUOTES[offender]
            message = f"`{offender}` ({character_name(offender)}) is no quote for XML: {system} does not load the file."
        elif offender == "<" and row[: span.column - 1].count('"') % 2:
            instead = "&lt;"
            message = f"A `<` in a value is written `&lt;`: this is no XML, and {system} does not load the file."
        elif '"' in row or "<" in row:
            message += " In a value `<` is written `&lt;`, `&` is `&amp;`, and a quote is `&quot;`."
        notes.add("SR401", Span(span.line, span.column, 1) if instead else span, message, instead=instead)
        return False


def read(text: str) -> Document:
    """Read a text. Never raises, and expands no entity of its own."""
    return _Reader(text).document


def without_comments(text: str) -> str:
    """The text with blanks for its comments, those in CDATA sections excepted."""
    parts: list[str] = []
    at = 0
    opens = re.compile(r"<!--|<!\[CDATA\[")
    while (match := opens.search(text, at)) is not None:
        comment = match.group() == "<!--"
        end = text.find("-->" if comment else "]]>", match.end())
        if end < 0:
            break
        parts.append(text[at : match.start()])
        inside = text[match.start() : end + 3]
        parts.append(re.sub(r"[^\n]", " ", inside) if comment else inside)
        at = end + 3
    return "".join([*parts, text[at:]])


def element_text(name: str, value: str) -> str:
    """A value as the text of an element. Raises CannotRender for what XML cannot hold."""
    _holdable(name, value)
    return html.escape(value, quote=False)


def attribute_text(name: str, value: str) -> str:
    """A value as an attribute, with its quotes. Raises CannotRender for what XML cannot hold."""
    _holdable(name, value)
    return '"' + html.escape(value, quote=False).replace('"', "&quot;") + '"'


def _holdable(name: str, value: str) -> None:
    match = _UNHOLDABLE.search(value)
    if match:
        raise CannotRender(match.group(), f"`{name}` holds a character that XML cannot hold")


class _Reader:
    """One run of expat over a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places = Places(text)
        self.document = Document(text)
        self.stack: list[tuple[Element, list[tuple[int, str, bool]]]] = []
        self.data = b""
        self.done = (0, 0)
        self.raw = False
        bare = without_comments(text)
        declared = re.search(r"<!(?:DOCTYPE|ENTITY)", bare)
        if declared:
            span = Span(*self.places.place(declared.start()), 9)
            self.document.problem = Problem("", span, self._row(span.line))
            return
        declaration = _DECLARATION.match(bare)
        if declaration:
            bare = re.sub(r"[^\n]", " ", declaration.group()) + bare[declaration.end() :]
        for match in _STRAY.finditer(bare):
            if len(self.document.strays) == _MOST_STRAYS:
                break
            self.document.strays.append(Span(*self.places.place(match.start()), 1))
        self._parse(_STRAY.sub(_AMPERSAND, bare))

    def _parse(self, lenient: str) -> None:
        self.data = lenient.encode("utf-8", "replace")
        parser = expat.ParserCreate("utf-8")
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.EntityDeclHandler = self._no_entities
        parser.StartElementHandler = lambda name, given: self._start(parser, name, given)
        parser.EndElementHandler = lambda _: self._end(parser)
        parser.CharacterDataHandler = lambda words: self._words(parser, words)
        parser.StartCdataSectionHandler = lambda: self._cdata(True)
        parser.EndCdataSectionHandler = lambda: self._cdata(False)
        try:
            parser.Parse(_ROOT + self.data + _END, True)
        except (expat.ExpatError, ValueError) as problem:
            line = min(getattr(problem, "lineno", 1), self.text.count("\n") + 1)
            column = getattr(problem, "offset", 0) + 1 - (len(_ROOT) if line == 1 else 0)
            row = self._row(line)
            span = Span(line, max(1, min(column, len(row) + 1)), 1)
            self.document.problem = Problem(str(problem).split(":", 1)[0], span, row)
            for element, _ in self.stack:  # what was never closed has no text that anybody could know
                element.leaf = False

    def _row(self, line: int) -> str:
        start = self.places.starts[line - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)]

    @staticmethod
    def _no_entities(*_: object) -> None:
        raise ValueError("entity declaration")

    def _cdata(self, inside: bool) -> None:
        self.raw = inside

    def _offset(self, parser: expat.XMLParserType) -> int:
        """The code point where an event begins; negative for our own root."""
        index = parser.CurrentByteIndex - len(_ROOT)
        octets, points = self.done
        if index < octets:
            return -1 if index < 0 else points
        points += len(self.data[octets:index].decode("utf-8", "replace"))
        self.done = (index, points)
        return points

    def _start(self, parser: expat.XMLParserType, name: str, given: dict[str, str]) -> None:
        at = self._offset(parser)
        if at < 0:
            return
        line, column = self.places.place(at)
        element = Element(name, Span(line, column + 1, len(name)), at, len(self.text))
        self._attributes(element, at + 1 + len(name), given)
        if self.stack:
            self.stack[-1][0].leaf = False
        self.stack.append((element, []))
        self.document.elements.append(element)

    def _attributes(self, element: Element, at: int, given: dict[str, str]) -> None:
        while (match := _ATTRIBUTE.match(self.text, at)) is not None:
            at = match.end()
            group = 2 if match.group(2) is not None else 3
            start = match.start(group)
            cells = _attribute_cells(given.get(match.group(1), ""), match.group(group), start)
            element.attributes[match.group(1)] = self._piece(cells, start)
        element.empty = _EMPTY.match(self.text, at) is not None

    def _words(self, parser: expat.XMLParserType, words: str) -> None:
        at = self._offset(parser)
        if at >= 0 and self.stack:
            self.stack[-1][1].append((at, words, self.raw))

    def _end(self, parser: expat.XMLParserType) -> None:
        if not self.stack:
            return
        element, runs = self.stack.pop()
        element.stop = self._offset(parser)
        if element.leaf:
            element.lines = self._lines(runs, element.stop)

    def _lines(self, runs: list[tuple[int, str, bool]], end: int) -> Field:
        """The lines of a text that came in runs: an entity and a line end are runs of their own."""
        lines: list[list[_Cell]] = [[]]
        ends: list[int] = []
        for at, words, raw in runs:
            if words == "\n":
                ends.append(at)
                lines.append([])
                continue
            entity = None if raw else _ENTITY.match(self.text, at)
            lines[-1] += [(words, at, entity.end())] if entity else _cells(words, at)
        ends.append(end)
        return [self._piece(cells, stop) for cells, stop in zip(lines, ends, strict=True)]

    def _piece(self, cells: list[_Cell], at: int) -> Piece:
        """Cells as a piece; `at` is where an empty one stands. What is on later lines has no place of its own."""
        value = "".join(cell[0] for cell in cells).replace(_AMPERSAND, "&")
        start = cells[0][1] if cells else at
        line, column = self.places.place(start)
        plain = not cells or (cells[-1][2] - start == len(value) and "\n" not in self.text[start : cells[-1][2]])
        if plain:
            return Piece(value, line, column)
        row_end = self.text.find("\n", start)
        last = row_end if row_end >= 0 else len(self.text)
        columns = [min(cell[1], last) - start + column for cell in cells]
        return Piece(value, line, column, (*columns, min(cells[-1][2], last) - start + column))


_Cell = tuple[str, int, int]
"""A code point of a value, where it begins in the text, and where it ends."""


def _cells(words: str, at: int) -> list[_Cell]:
    return [(character, at + index, at + index + 1) for index, character in enumerate(words)]


def _attribute_cells(value: str, raw: str, at: int) -> list[_Cell]:
    """The cells of an attribute: entities are one, and so is a line end of two characters."""
    if raw == value:
        return _cells(value, at)
    cells: list[_Cell] = []
    index = 0
    for character in value:
        entity = _ENTITY.match(raw, index)
        width = len(entity.group()) if entity else 2 if raw.startswith("\r\n", index) else 1
        cells.append((character, at + index, at + index + width))
        index += width
    return cells
