"""Command lines as a POSIX shell hands them to a program: its words, each with its place in the text.

Theory of operation. The shell has its say before the program: an unquoted `;`, `&`, `|` or line end ends the command,
`<` and `>` redirect, a `#` in front of a word begins a comment, `$` and backquotes are replaced, and a backslash that
protects nothing is dropped. All that is also used on purpose (`| grep 200`, `> log`, `"$PASSWORD"`), so that it is
told only on evidence: an operator glued to characters on both sides, a next line that begins with an option, a `#`
where a password is due. Where there is such evidence the text is read once more with those characters taken
literally: that is what was meant.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from .form_fields import Piece, Places
from .model import CannotRender, Severity, Span
from .parsed import Notes

_BLANKS = " \t\r\n"
_ENDS = ";&|()"
_RUN = re.compile(r"[;&|()]+")
_LONGEST_RUN = 8
_LONGEST_WORD = 200
_REDIRECTION = re.compile(r"&?(?:>>?|<{1,3})[&|]?[ \t]*")
_TARGET = re.compile(r"\S{0,256}")
_VARIABLE = re.compile(r"\$(?:\{[^}\n]*\}|\w+|[$!?#*@-])")
_ON_PURPOSE = re.compile(r"\$\{.*\}|\$[A-Z_][A-Z0-9_]*|\$[?!#@]")
_NEXT_OPTION = re.compile(r"\n\s*(?=--?[A-Za-z])")
_USUAL_NEXT = re.compile(
    r"(?:echo|printf|sleep|exit|done|fi|esac|then|do|if|for|while|grep|egrep|tee|tail|head|cat|wc|awk|sed|cut|less|true"
    r"|false|sudo|cd|export|time|logger|return|break|continue)\b(?!\S*[;&|])"
)
_USUAL_TARGET = re.compile(r"[/~&\d-]|\S*\.(?:log|txt|out|err|pcap)\b")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the program gets it. `spans` is where its characters stand, one for each line of it.

    `replaced` tells that the shell puts something else in place of a part of it, `whole` that it does so with all of
    it: a variable that holds the value.
    """

    piece: Piece
    spans: tuple[Span, ...]
    replaced: bool = False
    whole: bool = False

    @property
    def text(self) -> str:
        """The characters, variables as they are written."""
        return self.piece.text

    @property
    def span(self) -> Span:
        """Where the characters stand."""
        return self.piece.span

    def part(self, start: int, stop: int | None = None) -> Word:
        """The characters `start` up to `stop`."""
        if start == 0 and stop is None:
            return self
        piece = self.piece.part(start, len(self.text) if stop is None else stop)
        return Word(piece, (piece.span,), self.replaced, self.whole)


Command = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands of a text. `meant` is None where nothing else was meant; `closed` is False for an open quote."""

    real: tuple[Command, ...]
    meant: tuple[Command, ...] | None = None
    closed: bool = True

    def of(self, program: str) -> list[tuple[Command, Command]]:
        """The words behind the name of a program, as read and as meant, for each command that runs it."""
        meant = self.real if self.meant is None else self.meant
        found = [words for command in meant if (words := _behind(command, program)) is not None]
        real = [words for command in self.real if (words := _behind(command, program)) is not None]
        if not found and not real:
            found, real = list(meant[:1]), list(self.real[:1])
        return list(zip_longest(real, found, fillvalue=()))


def _behind(command: Command, program: str) -> Command | None:
    if not command or command[0].text.startswith("-"):
        return None
    for index, word in enumerate(command[:12]):
        if re.split(r"[/\\]", word.text)[-1].lower().removesuffix(".exe") == program:
            return command[index + 1 :]
    return None


def starts_with(program: str) -> re.Pattern[str]:
    """What a line that runs a program looks like: perhaps a prompt, variables, sudo, a path, and then an option."""
    before = r"(?:\w+=\S*|sudo(?:[ \t]+-u[ \t]+\w+|[ \t]+-\w+)*|exec|nohup|time|timeout[ \t]+\S+)[ \t]+"
    path = r"(?:[^\s#;]*[/\\])?"
    line = rf"^[ \t]*(?:[$>%][ \t]+)?(?:{before}){{0,4}}{path}{program}(?:\.exe)?[ \t]+(?:\\\r?\n[ \t]*)?-"
    return re.compile(line, re.MULTILINE)


def read(text: str, notes: Notes, program: str, secret_option: str) -> Commands:
    """The commands of a text, and what there is to say about the shell. Never raises.

    `secret_option` is a pattern for the options whose value is a secret: what the shell cuts off is hidden too.
    """
    places = Places(text)
    reader = _Reader(text, places, program, re.compile(secret_option), notes)
    try:
        real = reader.commands()
    except _OpenQuote as quote:
        line, column = places.place(quote.at)
        message = f"A quote is never closed: the shell waits for more, {program} never starts."
        notes.add("SR530", Span(line, column, 1), message)
        hide(text, notes, secret_option)
        return Commands((), closed=False)
    if not reader.mistaken:
        return Commands(real)
    hide(text[reader.mistaken[0] :], notes, secret_option)
    try:
        meant = _Reader(text, places, program, reader.secret_option, None).commands()
    except _OpenQuote:
        return Commands(real)
    return Commands(real, meant)


def plain_words(text: str, notes: Notes, program: str, secret_option: str) -> Command | None:
    """The words of a file of options, where only quotes and backslashes count; None where a quote is never closed."""
    places = Places(text)
    reader = _Reader(text, places, program, re.compile(secret_option), notes, shell=False)
    try:
        return tuple(word for command in reader.commands() for word in command)
    except _OpenQuote as quote:
        line, column = places.place(quote.at)
        notes.add("SR530", Span(line, column, 1), f"A quote is never closed: {program} cannot read the words.")
        hide(text, notes, secret_option)
        return None


def hide(text: str, notes: Notes, secret_option: str) -> None:
    """Remember what stands behind an option for a secret, in text that is not split into words."""
    for match in re.finditer(rf"(?:\A|(?<=\s))(?:{secret_option})(?:=|[ \t]+|(?=\S))(\S+)", text):
        notes.secret(match.group(1).strip("'\""))


def take_secrets(notes: Notes, other: Notes) -> None:
    """Hide what another notebook knows for a secret."""
    notes.secrets |= other.secrets
    notes.secret_spans += other.secret_spans


def word_for(value: str, what: str) -> str:
    """A value quoted for the shell, only where it needs it. Raises CannotRender for what no word should hold."""
    for character in "\0\r\n":
        if character in value:
            raise CannotRender(character, f"the {what} holds a line break or a NUL, which a command line cannot")
    return shlex.quote(value)


class _OpenQuote(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class _Reader:
    """One reading of a text. Without `notes` it reads what was meant: mistaken operators are plain characters."""

    def __init__(
        self,
        text: str,
        places: Places,
        program: str,
        secret_option: re.Pattern[str],
        notes: Notes | None,
        *,
        shell: bool = True,
    ) -> None:
        self.text = text
        self.places = places
        self.program = program
        self.secret_option = secret_option
        self.notes = notes
        self.shell = shell
        self.mistaken: list[int] = []
        self._unclosed: set[str] = set()
        self._muted = False
        self._told = False

    def commands(self) -> tuple[Command, ...]:
        """The commands, up to a mistake that ends them. Raises _OpenQuote."""
        found: list[list[Word]] = [[]]
        at = 0
        while at < len(self.text):
            character = self.text[at]
            if self.text.startswith(("\\\n", "\\\r\n"), at):
                at = self.text.index("\n", at) + 1
            elif character == "\n" and self.shell:
                at = self._line_end(at, found)
            elif character in _BLANKS:
                at += 1
            elif character == "#" and self.shell and not self._meant_as_word(at, found[-1]):
                at = self._comment(at, found[-1])
            elif (redirection := self._redirection(at)) is not None:
                at = redirection
            elif character in _ENDS and self.shell and not self._glued(at):
                at += 1
                if found[-1]:
                    found.append([])
            elif character in _ENDS and self.shell and self.notes is not None:
                return self._ended_by(at, found)
            else:
                word, at = self._word(at)
                if word is not None:
                    found[-1].append(word)
        return tuple(tuple(command) for command in found if command)

    def _note(
        self,
        code: str,
        at: int,
        length: int,
        message: str,
        *,
        fix: str = "",
        instead: str | None = None,
        severity: Severity | None = None,
    ) -> None:
        if self.notes is not None and not self._muted:
            line, column = self.places.place(at)
            self.notes.reveal(Span(line, column, 1))
            self.notes.add(code, Span(line, column, length), message, fix=fix, instead=instead, severity=severity)

    # --- what stands between words

    def _line_end(self, at: int, found: list[list[Word]]) -> int:
        if found[-1] and _NEXT_OPTION.match(self.text, at):
            if self.notes is None:
                return at + 1
            message = "The command ends with the line: a backslash at its end would go on with the next."
            self._note("SR531", at, 1, message, instead=" \\")
            self.mistaken.append(at)
            return len(self.text)
        if found[-1]:
            found.append([])
        return at + 1

    def _meant_as_word(self, at: int, command: Sequence[Word]) -> bool:
        """Whether a `#` in front of a word is taken literally: only in the reading that was meant."""
        return self.notes is None and self._comment_is_secret(at, command)

    def _comment_is_secret(self, at: int, command: Sequence[Word]) -> bool:
        behind = self.text[at + 1 : at + 2]
        return bool(command and behind.strip() and self.secret_option.fullmatch(command[-1].text))

    def _comment(self, at: int, command: Sequence[Word]) -> int:
        end = self.text.find("\n", at)
        end = len(self.text) if end < 0 else end
        if self._comment_is_secret(at, command):
            message = (
                f"`#` begins a comment for the shell: {self.program} never sees what follows. Put quotes around it."
            )
            self._note("SR531", at, len(self.text[at:end].rstrip()), message, fix=self._in_quotes(at))
            self.mistaken.append(at)
        return end

    def _glued(self, at: int) -> bool:
        """Whether an operator stands in the middle of what was meant as one word."""
        begin = at
        while begin and self.text[begin - 1] in _ENDS and at - begin < _LONGEST_RUN:
            begin -= 1
        if begin == 0 or self.text[begin - 1] in _BLANKS or self.text[begin - 1] in _ENDS:
            return False
        run = _RUN.match(self.text, at)
        end = run.end() if run else at + 1
        behind = self.text[end : end + 1]
        return bool(behind) and behind not in _BLANKS and _USUAL_NEXT.match(self.text, end) is None

    def _ended_by(self, at: int, found: list[list[Word]]) -> tuple[Command, ...]:
        character = self.text[at]
        rest = self.text[at:].split("\n", 1)[0].rstrip()
        message = f"`{character}` ends the command for the shell: {self.program} never sees what follows. "
        self._note("SR531", at, len(rest), message + "Put quotes around it.", fix=self._in_quotes(at))
        self.mistaken.append(at)
        return tuple(tuple(command) for command in found if command)

    def _redirection(self, at: int) -> int | None:
        """Where a redirection ends, its target included; None where there is none."""
        match = _REDIRECTION.match(self.text, at) if self.shell and self.text[at] in "<>&" else None
        if match is None or ("<" not in match.group() and ">" not in match.group()):
            return None
        if self._redirection_is_mistaken(at, match):
            if self.notes is None:
                return None
            if not self.mistaken:
                message = (
                    f"`{self.text[at]}` redirects for the shell: {self.program} never sees it. Put quotes around it."
                )
                self._note("SR531", at, 1, message, fix=self._in_quotes(at))
            self.mistaken.append(at)
        if match.end() == len(self.text) or self.text[match.end()] in "\n;|&()<>":
            return match.end()
        self._muted = True
        end = self._word(match.end())[1]
        self._muted = False
        return end

    def _redirection_is_mistaken(self, at: int, match: re.Match[str]) -> bool:
        target = _TARGET.match(self.text, match.end())
        text = target.group() if target else ""
        before = self.text[at - 1 : at] if at else ""
        if before and before not in _BLANKS and before not in _ENDS:
            begin = at
            while begin and self.text[begin - 1].isdigit():
                begin -= 1
            if begin < at and (begin == 0 or self.text[begin - 1] in _BLANKS):
                return False
            if self.text[at] == ">" and self.mistaken and not text:
                return False
            return (bool(text) and _USUAL_TARGET.match(text) is None) or self.notes is None
        return self.text[at] == "<" and re.match(r"[^\s>]*[:@>]", text) is not None

    # --- a word

    def _word(self, start: int) -> tuple[Word | None, int]:
        characters: list[str] = []
        offsets: list[int] = []
        replaced = 0
        quoted = False
        at = start

        def take(text: str, offset: int) -> None:
            characters.extend(text)
            offsets.extend(range(offset, offset + len(text)))

        while at < len(self.text):
            character = self.text[at]
            if character in _BLANKS:
                break
            if self.shell and character in _ENDS and at > start and not (self.notes is None and self._glued(at)):
                break
            if self.shell and character in "<>" and at > start and not self._plain_angle(at, characters):
                if self.text[start:at].isdigit():  # the number of what is redirected, as in `2>`
                    return None, at
                break
            if character == "$" and self.shell and self.text[at + 1 : at + 2] in ("'", '"'):
                at += 1
            elif character == "\\":
                at = self._backslash(at, take)
            elif character == "'":
                end = self.text.find("'", at + 1)
                if end < 0:
                    raise _OpenQuote(at)
                take(self.text[at + 1 : end], at + 1)
                at, quoted = end + 1, True
            elif character == '"':
                at, more = self._double_quoted(at, take)
                replaced, quoted = replaced + more, True
            else:
                stop = self._replaced(at)
                replaced += stop - at if stop is not None else 0
                stop = at + 1 if stop is None else stop
                take(self.text[at:stop], at)
                at = stop
        if not characters and not quoted:
            return None, max(at, start + 1)
        self._names_of_files(start, at)
        text = "".join(characters)
        piece = self._piece(text, start, offsets, at)
        spans = (piece.span,) if "\n" not in self.text[start:at] else self._rows(start, at)
        return Word(piece, spans, replaced > 0, replaced == len(text) > 0), at

    def _plain_angle(self, at: int, characters: Sequence[str]) -> bool:
        """Whether `<` or `>` inside of a word was meant to belong to it."""
        if self.notes is not None:
            return False
        if characters and characters[0] == "<":
            return True
        match = _REDIRECTION.match(self.text, at)
        return (
            match is not None
            and self._redirection_is_mistaken(at, match)
            and bool(self.text[match.end() : match.end() + 1].strip())
        )

    def _backslash(self, at: int, take: Callable[[str, int], None]) -> int:
        character = self.text[at + 1 : at + 2]
        if character in ("", "\n", "\r"):
            take("\\" if not character else "", at)
            return at + (2 if character != "\r" else 3)
        if self.shell and character.isalnum():
            message = f"The shell removes the backslash before {self.program} sees it. In single quotes it stays."
            if self.notes is None:
                take("\\", at)
            elif not self._muted:
                self._note("SR779", at, 2, message, fix=self._in_quotes(at))
                self.mistaken.append(at)
        take(character, at + 1)
        return at + 2

    def _double_quoted(self, start: int, take: Callable[[str, int], None]) -> tuple[int, int]:
        escaped = '$`"\\\n' if self.shell else '"\\'
        replaced = 0
        at = start + 1
        while at < len(self.text):
            character = self.text[at]
            if character == '"':
                return at + 1, replaced
            if character == "\\" and self.text[at + 1 : at + 2] in escaped and at + 1 < len(self.text):
                if self.text[at + 1] != "\n":
                    take(self.text[at + 1], at + 1)
                at += 2
                continue
            stop = self._replaced(at)
            replaced += stop - at if stop is not None else 0
            stop = at + 1 if stop is None else stop
            take(self.text[at:stop], at)
            at = stop
        raise _OpenQuote(start)

    def _replaced(self, at: int) -> int | None:
        """Where something ends that the shell replaces; None where nothing of that kind begins."""
        character = self.text[at]
        if not self.shell or character not in "$`!":
            return None
        if character == "!":
            if re.compile(r"![^\s=(\"';&|)]").match(self.text, at):
                message = (
                    "An interactive shell replaces `!` and what follows by an earlier command; not in single quotes."
                )
                self._note("SR532", at, 1, message, severity="hint")
            return None
        match = _VARIABLE.match(self.text, at)
        end = match.end() if match else self._substitution(at)
        if end is None:
            if character == "`":
                self._tell_replaced(at, 1, on_purpose=False)
            return None
        on_purpose = match is None or _ON_PURPOSE.fullmatch(match.group()) is not None
        self._tell_replaced(at, end - at, on_purpose=on_purpose)
        return end

    def _tell_replaced(self, at: int, length: int, *, on_purpose: bool) -> None:
        """Tell what the shell replaces; what looks like its purpose is told once."""
        if on_purpose and self._told:
            return
        self._told = self._told or (on_purpose and not self._muted)
        what = "`$` and the name behind it" if self.text[at] == "$" else "what the backquotes hold"
        message = f"The shell replaces {what} before {self.program} sees it. In single quotes it stays as it is."
        fix = "" if on_purpose else self._in_quotes(at)
        self._note("SR532", at, length, message, fix=fix, severity="hint" if on_purpose else None)

    def _in_quotes(self, at: int) -> str:
        """How the word around a place is written, without what it holds: that may be a password."""
        begin = at
        while begin and self.text[begin - 1] not in " \t\n" and at - begin < _LONGEST_WORD:
            begin -= 1
        option = re.compile(r"--?[A-Za-z][\w-]*=").match(self.text, begin, at)
        return f"{option.group() if option else ''}'…'"

    def _substitution(self, at: int) -> int | None:
        """Where `$(...)` or backquotes end, None for neither."""
        opening = "`" if self.text[at] == "`" else self.text[at : at + 2]
        if opening in self._unclosed or opening not in ("`", "$("):
            return None
        if opening == "`":
            end = self.text.find("`", at + 1)
            if end >= 0 and "\n" not in self.text[at:end]:
                return end + 1
        else:
            depth = 0
            for index in range(at + 1, len(self.text)):
                depth += {"(": 1, ")": -1}.get(self.text[index], 0)
                if depth == 0:
                    return index + 1
        self._unclosed.add(opening)
        return None

    def _names_of_files(self, start: int, end: int) -> None:
        word = self.text[start:end]
        if self.shell and (word == "*" or word in ("~", "~/")):
            what = "the names of the files that are there" if word == "*" else "your home directory"
            message = f"The shell replaces `{word}` by {what} before {self.program} sees it."
            self._note("SR532", start, len(word), message, fix=f"'{word}'")

    def _piece(self, text: str, start: int, offsets: Sequence[int], end: int) -> Piece:
        line, column = self.places.place(start)
        if list(offsets) == list(range(start, start + len(text))) and "\n" not in text:
            return Piece(text, line, column)
        last = self.text.find("\n", start, end)
        limit = (end if last < 0 else last) - start + column
        columns = [min(column + offset - start, limit) for offset in offsets]
        return Piece(text, line, column, (*columns, min((columns[-1] if columns else column) + 1, limit)))

    def _rows(self, start: int, end: int) -> tuple[Span, ...]:
        found: list[Span] = []
        line, column = self.places.place(start)
        for row in self.text[start:end].split("\n"):
            found.append(Span(line, column, len(row)))
            line, column = line + 1, 1
        return tuple(found)
