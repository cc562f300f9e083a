"""JavaScript and TypeScript cut into tokens, forgivingly: a snippet, a module, or a page with a program in it.

Theory of operation. One pass from left to right, bounded look-ahead, so that any text takes linear time. Comments are
dropped. A template string becomes its chunks and the tokens between `${` and `}`. What no program could hold does not
stop the reader: a string that is broken is given as the string that was probably meant, with the fault named, and
whoever uses it says so.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mockregistrar.trunks.plausible import TYPOGRAPHIC_QUOTES

from .literals import Fault

_FAR = 100  # how far a closing quote is looked for behind one that cannot be it

_PLAIN = re.compile(
    r"""(?P<blank>[\s\ufeff]+)
    |(?P<name>\#?(?:[^\W\d]|\$)(?:\w|\$)*)
    |(?P<number>0[xX][0-9A-Fa-f_]+n?|0[bB][01_]+n?|0[oO][0-7_]+n?
        |(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?n?)
    |(?P<punctuation>\.\.\.|=>|[=!]==?|\?\?=?|\?\.(?![0-9])|&&=?|\|\|=?|\+\+|--|\*\*=?|<<=?|>>>?=?|[-+*/%&|^<>]=?
        |[=?:;,.!~@()\[\]{}])""",
    re.VERBOSE,
)
_REGEX = re.compile(r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,100}\]){1,200}/[A-Za-z]*")
_STRING = {quote: re.compile(rf"{quote}(?:[^{quote}\\\n]|\\.)*", re.DOTALL) for quote in "\"'"}
_CHUNK = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
_CLOSES = {quote: re.compile(rf"[^\n]{{0,{_FAR}}}?{quote}(?=[ \t]*(?:[,;)}}\]\n]|\Z))") for quote in "\"'"}
_CURLY = re.compile(rf"[^\n]{{0,{_FAR}}}?[{''.join(TYPOGRAPHIC_QUOTES)}]")
_BEFORE_REGEX = frozenset(
    ["return", "typeof", "case", "in", "of", "delete", "void", "instanceof", "new", "do", "else", "await", "yield"]
)
_SPECIAL = frozenset(["'", '"', "`", "/", *TYPOGRAPHIC_QUOTES])
_BREAKS = "@#$\\{~\"'`"


class Token(NamedTuple):
    """A token. `kind` is name, number, string, chunk, punctuation, regex, bad, or end.

    A string's `start` and `stop` are those of its inside where `kind` is string or chunk. Template quotes are the
    punctuation ```<`` and ```>``, and the brace that ends `${` is `}$`.
    """

    kind: str
    text: str
    start: int
    stop: int
    newline: bool = False
    fault: Fault = ""


def inner_quote(text: str, start: int) -> int:
    """Where the string that begins with a quote at `start` ends for JavaScript."""
    match = _STRING[text[start]].match(text, start)
    return match.end() if match else start


def tokens(text: str) -> list[Token]:
    """All tokens, with an `end` behind the last one. Never raises."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: list[Token] = []
        self.newline = False
        self.templates: list[int] = []  # for each `${` that is open: how many braces are open inside of it

    def run(self) -> list[Token]:
        text, size = self.text, len(self.text)
        while self.at < size:
            at = self.at
            if text[at] in _SPECIAL and self.special(text[at]):
                continue
            match = _PLAIN.match(text, at)
            kind = match.lastgroup if match else None
            if match is None or kind is None:
                self.add("bad", text[at], at + 1)
            elif kind == "blank":
                self.newline = self.newline or "\n" in match.group()
                self.at = match.end()
            elif kind == "punctuation":
                self.punctuation(match.group())
            else:
                self.add(kind, match.group(), match.end())
        self.add("end", "", size)
        return self.found

    def add(self, kind: str, text: str, stop: int, *, start: int | None = None, fault: Fault = "") -> None:
        self.found.append(Token(kind, text, self.at if start is None else start, stop, self.newline, fault))
        self.newline = False
        self.at = stop

    def special(self, character: str) -> bool:
        """Strings, comments and regular expressions; False where it is none of them."""
        text, at = self.text, self.at
        if character in _STRING:
            self.string(character)
        elif character == "`":
            self.add("punctuation", "`<", at + 1)
            self.chunk()
        elif character in TYPOGRAPHIC_QUOTES:
            self.curly()
        elif text.startswith("//", at):
            end = text.find("\n", at)
            self.at = len(text) if end < 0 else end
        elif text.startswith("/*", at):
            end = text.find("*/", at + 2)
            self.at = len(text) if end < 0 else end + 2
            self.newline = self.newline or "\n" in text[at : self.at]
        else:
            regex = _REGEX.match(text, at) if self.regex_may_begin() else None
            if regex is None:
                return False
            self.add("regex", regex.group(), regex.end())
        return True

    def regex_may_begin(self) -> bool:
        last = self.found[-1] if self.found else None
        if last is None or last.kind == "name":
            return last is None or last.text in _BEFORE_REGEX
        return last.kind == "punctuation" and last.text not in (")", "]", "}", "`>")

    def punctuation(self, mark: str) -> None:
        if self.templates and mark in "{}":
            if mark == "}" and self.templates[-1] == 0:
                self.templates.pop()
                self.add("punctuation", "}$", self.at + 1)
                self.chunk()
                return
            self.templates[-1] += 1 if mark == "{" else -1
        self.add("punctuation", mark, self.at + len(mark))

    def chunk(self) -> None:
        """A stretch of a template string, and what ends it."""
        match = _CHUNK.match(self.text, self.at)
        stop = match.end() if match else self.at
        closed = stop < len(self.text)
        self.add("chunk", self.text[self.at : stop], stop, fault="" if closed else "unclosed")
        if self.text.startswith("${", stop):
            self.add("punctuation", "${", stop + 2)
            self.templates.append(0)
        elif closed and self.text[stop] == "`":
            self.add("punctuation", "`>", stop + 1)

    def string(self, quote: str) -> None:
        text, at = self.text, self.at
        match = _STRING[quote].match(text, at)
        stop = match.end() if match else at + 1
        fault: Fault = ""
        if not text.startswith(quote, stop):
            line_end = text.find("\n", at)
            line = text[at + 1 : len(text) if line_end < 0 else line_end]
            stop = at + 1 + len(line.rstrip(" \t\r,;)}]"))
            self.add("string", text[at + 1 : stop], stop, start=at + 1, fault="unclosed")
            return
        behind = text[stop + 1 : stop + 2]
        if behind and (behind.isalnum() or behind == "_" or behind in _BREAKS):
            closes = _CLOSES[quote].match(text, stop + 1)
            if closes:
                stop, fault = closes.end() - 1, "quote"
        self.add("string", text[at + 1 : stop], stop, start=at + 1, fault=fault)
        self.at = stop + 1

    def curly(self) -> None:
        at = self.at
        match = _CURLY.match(self.text, at + 1)
        if match is None:
            self.add("bad", self.text[at], at + 1)
            return
        self.add("string", self.text[at + 1 : match.end() - 1], match.end() - 1, start=at + 1, fault="curly")
        self.at = match.end()
