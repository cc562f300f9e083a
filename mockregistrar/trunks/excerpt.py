"""A finding as people see it: where, the line with carets under it, what happens, the log line, what to write instead.

::

      asterisk/sip.conf:12:21
       12 | register => 100:••••;•••@sip.acme.example/100
          |                     ^^^^^^^^^^^^^^^^^^^^^^^^^ SR104
          ; starts a comment in sip.conf: the password is cut there.
            WARNING ... Format for registration is ...
          write   register => 100:••••\\;•••@sip.acme.example/100
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from .masking import mask
from .model import Finding, Reading, Span
from .plausible import invisible

WIDTH = 100
_BLANK = "␣"


def excerpt(
    path: Path | str,
    line: int,
    source_line: str,
    spans: Iterable[Span],
    code: str = "",
    message: str = "",
    log: str = "",
    fix: str = "",
    *,
    secret_spans: Iterable[Span] = (),
) -> str:
    """Render one place. `spans` get carets; `secret_spans` are masked. No line end behind the last line."""
    marks = [span for span in spans if span.line == line]
    column = marks[0].column if marks else 1
    first, stop = _window(len(source_line), marks)
    inside = [s for s in secret_spans if s.line == line and s.column <= stop and s.end > first]
    shown = [_visible(character) for character in mask(source_line[first:stop], inside, column=first + 1)]
    number = str(line)
    gutter = " " * (3 + len(number))
    before, after = "…" if first else "", "…" if stop < len(source_line) else ""
    body = before + "".join(shown) + after
    lines = [f"  {path}:{line}:{column}", f"   {number} | {body}".rstrip()]
    if marks:
        lines.append(f"{gutter} | {_carets(shown, marks, first, stop, len(before))} {code}".rstrip())
    elif code:
        lines.append(f"{gutter} | {code}")
    indent = gutter + " "
    if message:
        lines += textwrap.wrap(
            message, WIDTH - len(indent), initial_indent=indent, subsequent_indent=indent, break_long_words=False
        )
    if log:
        lines.append(f"{indent}  {log}")
    if fix:
        lines.append(f"{indent}write   {fix}")
    return "\n".join(lines)


def finding_excerpt(path: Path | str, source_line: str, finding: Finding, reading: Reading | None = None) -> str:
    """Render a finding in its line; `reading` says what to mask."""
    return excerpt(
        path,
        finding.span.line,
        source_line,
        [finding.span],
        finding.code,
        finding.message,
        finding.log,
        finding.fix,
        secret_spans=reading.secret_spans if reading is not None else (),
    )


def _visible(character: str) -> str:
    """One cell for what cannot be printed, so that carets stay below what they mean."""
    if character == "\t":
        return " "
    if invisible(character):
        return _BLANK
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return character


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _window(length: int, marks: list[Span]) -> tuple[int, int]:
    """The part of a long line that is worth showing."""
    if length <= WIDTH:
        return 0, length
    start = max(0, (marks[0].column - 1 if marks else 0) - WIDTH // 3)
    start = min(start, length - WIDTH)
    return start, start + WIDTH


def _carets(shown: list[str], marks: list[Span], first: int, stop: int, offset: int) -> str:
    marked = {
        column - 1
        for span in marks
        for column in range(max(first + 1, span.column), min(stop + 2, span.column + max(1, span.length)))
    }
    cells = [" " * offset]
    end = max(marked, default=first)
    for index in range(first, end + 1):
        width = _cells(shown[index - first]) if index - first < len(shown) else 1
        cells.append(("^" if index in marked else " ") * width)
    return "".join(cells)
