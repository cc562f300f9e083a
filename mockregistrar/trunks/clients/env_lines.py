"""Settings of an environment as they are written down: `.env` and compose files, Kubernetes, Dockerfiles, `docker -e`.

Each gives a `Setting`: the name as written, the value by the rules of what reads it, and where both stand. `notes` get
what is only to be said about the way of writing: comments, quotes that are not closed, characters that cannot be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import Span

DOTENV, YAML, SHELL = "dotenv", "yaml", "shell"

_NAME = r"([A-Za-z_][A-Za-z0-9_]{1,80})"
_LINE = re.compile(
    rf"\ufeff?[ \t]*(?:(-[ \t]+)([\"']?)|(?:export|set|\$env:)[ \t]*|(ENV)[ \t]+)?{_NAME}[ \t]*(=|:(?=[ \t]|\Z))[ \t]*"
)
_ENV = re.compile(rf"[ \t]*ENV[ \t]+{_NAME}[ \t]+(?=[^=\s])")
_ITEM_NAME = re.compile(rf"[ \t]*(?:-[ \t]+)?name:[ \t]+[\"']?{_NAME}[\"']?[ \t]*\Z")
_ITEM_VALUE = re.compile(r"[ \t]*(?:-[ \t]+)?value:[ \t]+")
_MORE = re.compile(rf"[ \t]+{_NAME}=")
_OPTION = re.compile(rf"(?<!\S)(?:-e|--env)(?:[ \t]+|=)([\"']?){_NAME}=")
_QUOTED = {'"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL), "'": re.compile(r"'([^']*)'")}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}
_WORD = re.compile(r"(?:[^\s\\\"']|\\.)*")
_COMMENT = re.compile(r"(?:(?<=\s)|\A)#")


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that is set. `value` is what it holds; `written` is where that stands, without its quotes.

    `quote` is the quote around it, `unclosed` tells that it begins with one and does not end there. `comment` is what
    follows behind a `#`.
    """

    name: str
    value: str
    written: Piece
    place: Span
    kind: str = DOTENV
    quote: str = ""
    unclosed: bool = False
    comment: Piece | None = None


def settings(text: str) -> Iterator[Setting]:
    """Everything that is set in a text, in order."""
    named: Piece | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = Piece(raw.rstrip("\r"), number, 1)
        value = _ITEM_VALUE.match(line.text) if named is not None else None
        if named is not None and value is not None:
            made = _setting(line, (0, 0), value.end(), YAML, whole=True)
            yield replace(made, name=named.text, place=named.span)
            named = None
            continue
        item = _ITEM_NAME.match(line.text)
        named = line.part(*item.span(1)) if item is not None else None
        found = list(_options(line)) if "-e" in line.text else []
        yield from found or _line(line)


def _line(line: Piece) -> Iterator[Setting]:
    match = _LINE.match(line.text) or _ENV.match(line.text)
    if match is None:
        return
    if match.re is _ENV:
        yield _setting(line, match.span(1), match.end(), SHELL, whole=True)
        return
    item, around, docker, _, sign = match.groups()
    kind = YAML if item or sign == ":" else SHELL if docker else DOTENV
    if around:
        yield _in_quotes(line, match.span(4), match.end(), around)
        return
    made = _setting(line, match.span(4), match.end(), kind, whole=kind != SHELL)
    yield made
    while docker and (
        more := _MORE.match(line.text, made.written.column - 1 + len(made.written.text) + bool(made.quote))
    ):
        made = _setting(line, more.span(1), more.end(), kind, whole=False)
        yield made


def _options(line: Piece) -> Iterator[Setting]:
    """`-e NAME=value` on a command line."""
    for match in _OPTION.finditer(line.text):
        if match.group(1):
            yield _in_quotes(line, match.span(2), match.end(), match.group(1), SHELL)
        else:
            yield _setting(line, match.span(2), match.end(), SHELL, whole=False)


def _in_quotes(line: Piece, name: tuple[int, int], at: int, quote: str, kind: str = YAML) -> Setting:
    """A setting that is in quotes as a whole, `"NAME=value"`."""
    stop = line.text.find(quote, at)
    written = line.part(at, stop if stop >= 0 else len(line.text.rstrip(" \t")))
    place = line.part(*name)
    return Setting(place.text, written.text, written, place.span, kind, quote, unclosed=stop < 0)


def _setting(line: Piece, name: tuple[int, int], at: int, kind: str, *, whole: bool) -> Setting:
    """A setting whose value begins at `at`; it is the `whole` rest of the line, or one word of a shell."""
    text = line.text
    place = line.part(*name)
    quote = text[at : at + 1]
    if quote in _QUOTED:
        match = _QUOTED[quote].match(text, at)
        behind = text[match.end() :] if match is not None else ""
        if match is not None and (not whole or re.match(r"\s*(?:#.*|;)?\Z", behind)):
            inner = match.group(1)
            if quote == '"' and "\\" in inner:
                inner = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group()), inner)
            return Setting(place.text, inner, line.part(*match.span(1)), place.span, kind, quote)
        written = line.part(at, len(text.rstrip(" \t")))
        return Setting(place.text, written.text, written, place.span, kind, quote, unclosed=len(written.text) > 1)
    if not whole:
        match = _WORD.match(text, at)
        written = line.part(at, match.end() if match else at)
        return Setting(place.text, re.sub(r"\\(.)", r"\1", written.text), written, place.span, kind)
    comment = _COMMENT.search(text, at) if text[at : at + 1] != "#" else _COMMENT.match(text[at:])
    begin = len(text)
    if comment is not None:
        begin = comment.start() if text[at : at + 1] != "#" else at
    written = line.part(at, at + len(text[at:begin].rstrip(" \t")))
    note = line.part(begin, len(text)) if begin < len(text) else None
    return Setting(place.text, written.text, written, place.span, kind, comment=note)
