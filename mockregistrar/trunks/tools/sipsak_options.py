"""The options of sipsak as getopt reads them, and as they were meant.

Single letters may be joined (`-Uvv`, `-x300`), long names shortened while they are unambiguous, and a value is the
next word whatever it looks like. What belongs to no option is ignored. At the first option that does not exist sipsak
stops; the reading that was meant goes on.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from itertools import dropwhile, islice, takewhile

from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.shell_words import Command, Word

from .word_scan import WordScan

WITH_VALUE = frozenset((*"aAbBcCDeEfgHjJkKlmoOpPqrstuWxzZ", "ca-cert", "client-cert"))
_ALONE = frozenset((*"dFGhiILMnNRSTUvVw", "no-cert"))
_STRICT = frozenset("AbcCDeEKlmopPrstWxzZ")
"""Options that make sipsak stop at a value that is none."""
LONG = {
    "help": "h",
    "version": "V",
    "filename": "f",
    "sip-uri": "s",
    "traceroute": "T",
    "traceroute-mode": "T",
    "usrloc-mode": "U",
    "invite-mode": "I",
    "message-mode": "M",
    "contact": "C",
    "appendix-begin": "b",
    "appendix-end": "e",
    "sleep": "o",
    "expires": "x",
    "remove-bindings": "z",
    "flood-mode": "F",
    "random-mode": "R",
    "trash-chars": "t",
    "local-port": "l",
    "remote-port": "r",
    "outbound-proxy": "p",
    "hostname": "H",
    "max-forwards": "m",
    "max-fowards": "m",
    "numeric": "n",
    "no-via": "i",
    "password": "a",
    "ignore-redirects": "d",
    "verbose": "v",
    "extract-ip": "w",
    "replace-string": "g",
    "replace": "G",
    "nagios-code": "N",
    "nagios-warn": "W",
    "search": "q",
    "message-body": "B",
    "disposition": "O",
    "processes": "P",
    "auth-username": "u",
    "no-crlf": "L",
    "timing": "A",
    "symmetric": "S",
    "from": "c",
    "timeout-factor": "D",
    "timer-t1": "Z",
    "transport": "E",
    "headers": "j",
    "authhash": "J",
    "autohash": "J",
    "local-ip": "k",
    "syslog": "K",
    "tls-ca-cert": "ca-cert",
    "tls-client-cert": "client-cert",
    "tls-ignore-cert-failure": "no-cert",
}
"""Long names and their letters, those of the manual and those of the program where they differ."""

_MOST_GUESSES = 20
_MEANT = {
    "user": "auth-username",
    "username": "auth-username",
    "auth-user": "auth-username",
    "authuser": "auth-username",
    "pass": "password",
    "passwd": "password",
    "secret": "password",
    "uri": "sip-uri",
    "proxy": "outbound-proxy",
    "port": "remote-port",
    "expire": "expires",
    "usrloc": "usrloc-mode",
    "register": "usrloc-mode",
    "ha1": "authhash",
}
"""Names that are typed for others, with one dash or two."""


@dataclass(slots=True)
class Options:
    """The options in the order in which they count: letter, value (None for a switch), and the word they begin in."""

    found: list[tuple[str, Word | None, Word]] = field(default_factory=list)
    stray: list[Word] = field(default_factory=list)
    ok: bool = True

    def value(self, letter: str) -> Word | None:
        """The value of an option, the last one where it is given more than once."""
        return next((value for name, value, _ in reversed(self.found) if name == letter), None)

    def word(self, letter: str) -> Word | None:
        """The word in which an option stands."""
        return next((word for name, _, word in reversed(self.found) if name == letter), None)


def read(words: Command, notes: Notes) -> Options:
    """The options as sipsak gets them, up to the one that makes it stop."""
    return _Scan(words, notes, Options()).options()


def read_meant(words: Command) -> Options:
    """The options as they were meant: misspelt names repaired, and a URI without its `-s` taken for one."""
    options = _Scan(words, None, Options()).options()
    if options.value("s") is None:
        uri = next((word for word in options.stray if re.match(r"<?sips?:|[^@\s]+@[^@\s]+\Z", word.text)), None)
        if uri is not None:
            options.found.append(("s", uri, uri))
    return options


class _Scan(WordScan[Options]):
    def options(self) -> Options:
        for word in self.each():
            if word.text == "--":
                self.made.stray += self.rest()
                break
            if word.text.startswith("--"):
                self._long(word, word.text[2:])
            elif len(word.text) > 1 and word.text.startswith("-"):
                self._short(word)
            else:
                self.made.stray.append(word)
        if self.notes is not None and self.made.ok:
            self._hide_rest_of_password(self.notes)
            for word in self.made.stray:
                self._tell_stray(word, self.notes)
        return self.made

    def _hide_rest_of_password(self, notes: Notes) -> None:
        """Hide the words right behind the password that belong to no option: it holds blanks that are not quoted."""
        password = self.made.value("a")
        if password is None:
            return
        stray = {id(word) for word in self.made.stray}
        end = (password.span.line, password.span.end)
        behind = dropwhile(lambda word: (word.span.line, word.span.end) != end, self.words)
        for word in takewhile(lambda word: id(word) in stray, islice(behind, 1, None)):
            notes.secret(word.text, *word.spans)

    def _tell_stray(self, word: Word, notes: Notes) -> None:
        uri = re.match(r"sips?:", word.text) is not None and self.made.value("s") is None
        message = "This belongs to no option: sipsak ignores it."
        fix = f"-s {word.text}" if uri else ""
        notes.add("SR765", word.span, message, fix=fix, severity="error" if uri else None)

    def _long(self, word: Word, text: str) -> None:
        name, equals, _ = text.partition("=")
        dashes = len(word.text) - len(text)
        known = self._known(name)
        if len(known) != 1:
            near = _MEANT.get(name) or self._like(name)
            if self.notes is None:
                if near:
                    self._take(word, LONG[near], dashes + len(name) + 1 if equals else None)
                return
            what = "stands for several options" if len(known) > 1 else "is no option of sipsak"
            log = (
                f"sipsak: option '--{name}' is ambiguous"
                if len(known) > 1
                else f"sipsak: unrecognized option '--{name}'"
            )
            span = word.part(0, dashes + len(name)).span
            self.stop("SR763", span, f"`--{name}` {what}: it stops there.", f"--{near}" if near else None, log=log)
            return
        letter = next(iter(known))
        if equals and letter in _ALONE:
            log = f"sipsak: option '--{name}' doesn't allow an argument"
            self.stop("SR763", word.span, f"`--{name}` takes no value: sipsak stops there.", f"--{name}", log=log)
            return
        self._take(word, letter, dashes + len(name) + 1 if equals else None, f"--{name}")

    def _like(self, name: str) -> str:
        """The long name that a name looks like, for the first few."""
        self.guesses += 1
        near = difflib.get_close_matches(name, LONG, 1, 0.7) if self.guesses <= _MOST_GUESSES else []
        return near[0] if near else ""

    def _known(self, name: str) -> set[str]:
        if name in LONG:
            return {LONG[name]}
        return {letter for full, letter in LONG.items() if name and full.startswith(name)}

    def _short(self, word: Word) -> None:
        text = word.text[1:]
        name = text.partition("=")[0]
        if len(name) > 3 and (name in LONG or name in _MEANT):
            if self.notes is None:
                self._long(word, text)
                return
            self._tell_one_dash(word, name, self.notes)
        for index, letter in enumerate(text, 1):
            if letter in WITH_VALUE:
                self._take(word, letter, index + 1 if index < len(text) else None, f"-{letter}")
                return
            if letter not in _ALONE:
                log = f"sipsak: invalid option -- '{letter}'"
                span = word.part(index, index + 1).span
                self.stop("SR763", span, f"`-{letter}` is no option of sipsak: it stops there.", log=log)
                return
            self.made.found.append((letter, None, word))

    def _tell_one_dash(self, word: Word, name: str, notes: Notes) -> None:
        letter, rest = name[0], name[1:]
        long = name if name in LONG else _MEANT[name]
        reads = f"`-{letter}` with the value `{rest}`" if letter in WITH_VALUE else f"`-{letter}` and other letters"
        message = f"With one dash sipsak reads {reads}. A long option has two."
        notes.add("SR766", word.part(0, len(name) + 1).span, message, instead=f"--{long}")
        self.made.ok = self.made.ok and letter not in _STRICT

    def _take(self, word: Word, letter: str, value_at: int | None, said: str = "") -> None:
        """Take an option and its value, from the same word or the next."""
        if letter and letter not in WITH_VALUE:
            self.made.found.append((letter, None, word))
            return
        if value_at is not None:
            self.made.found.append((letter, word.part(value_at), word))
            return
        if self.at >= len(self.words):
            short = f"sipsak: option requires an argument -- '{letter}'"
            log = f"sipsak: option '{said}' requires an argument" if said.startswith("--") else short
            self.stop("SR764", word.span, f"`{said}` needs a value: sipsak stops there.", log=log)
            return
        value = self.words[self.at]
        if re.fullmatch(r"-[A-Za-z]|--[a-z]+(?:-[a-z]+)*(?:=.*)?", value.text):
            if self.notes is None:
                return
            message = f"`{said}` takes the next word for its value, and that looks like an option: a value is missing."
            self.notes.add("SR764", word.span, message)
        self.at += 1
        self.made.found.append((letter, value, word))
