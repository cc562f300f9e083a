"""On which line each key of a TOML text stands, which the standard library's reader does not tell.

Theory of operation. The text has been read by a real TOML reader before, so it is known to be well formed, and
finding the keys takes no more than walking over headers, keys, strings, brackets and comments. A key is named by
its path from the root, array elements by their index: ``("carrier", "acme", "accounts", 0, "user")``.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_BLANKS = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r'\\(?:([btnfr"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))')
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def lines_of_keys(text: str) -> dict[Path, int]:
    """Return the 1-based line of every key and table header of `text`, which is valid TOML."""
    return _Walk(text).lines


class _Walk:
    """One pass over the text."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._counted = (0, 1)  # a place, and the line it is on
        self._elements: dict[Path, int] = {}  # arrays of tables: how many elements so far
        table: Path = ()
        self._skip(_BLANKS)
        while self._at < len(text):
            if text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANKS)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _line(self) -> int:
        at, line = self._counted
        line += self._text.count("\n", at, self._at)
        self._counted = (self._at, line)
        return line

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self._line())

    def _key(self) -> list[str]:
        """Read a dotted key and what is blank around it."""
        parts: list[str] = []
        while True:
            self._skip(_SPACES)
            bare = _BARE_KEY.match(self._text, self._at)
            quoted = None if bare else _STRING.match(self._text, self._at)
            if bare:
                parts.append(bare[0])
                self._at = bare.end()
            elif quoted:
                inner = quoted[0][1:-1]
                parts.append(_ESCAPE.sub(_unescaped, inner) if quoted[0][0] == '"' else inner)
                self._at = quoted.end()
            else:
                self._at += 1  # nothing a valid text has here; go on rather than stand still
                return parts
            self._skip(_SPACES)
            if self._peek() != ".":
                return parts
            self._at += 1

    def _header(self) -> Path:
        doubled = self._text.startswith("[[", self._at)
        line_at = self._at
        self._at += 2 if doubled else 1
        parts = self._key()
        path: Path = ()
        for number, part in enumerate(parts, 1):
            path += (part,)
            if doubled and number == len(parts):
                self._elements[path] = self._elements.get(path, -1) + 1
            if path in self._elements:
                end, self._at = self._at, line_at
                self._note(path)
                self._at = end
                path += (self._elements[path],)
        end, self._at = self._at, line_at
        self._note(path)
        self._at = end + (2 if doubled else 1)
        return path

    def _pair(self, table: Path) -> None:
        start = self._at
        parts = self._key()
        end, self._at = self._at, start
        path = table
        for part in parts:
            path += (part,)
            self._note(path)
        self._at = end + 1  # behind the equals sign
        self._skip(_SPACES)
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._peek()
        if opening == "[":
            self._at += 1
            index = 0
            self._skip(_BLANKS)
            while self._peek() not in ("]", ""):
                before = self._at
                self._note((*path, index))
                self._value((*path, index))
                index += 1
                self._skip(_BLANKS)
                self._comma()
                if self._at == before:  # not valid TOML after all
                    return
            self._at += 1
        elif opening == "{":
            self._at += 1
            self._skip(_BLANKS)
            while self._peek() not in ("}", ""):
                self._pair(path)
                self._skip(_BLANKS)
                self._comma()
            self._at += 1
        else:
            string = _STRING.match(self._text, self._at)
            self._skip(_STRING if string else _BARE_VALUE)

    def _comma(self) -> None:
        if self._peek() == ",":
            self._at += 1
        self._skip(_BLANKS)


def _unescaped(match: re.Match[str]) -> str:
    short, four, eight = match.groups()
    return _ESCAPED[short] if short else chr(int(four or eight, 16))
