"""The Asterisk config-file reader, with the place of everything it keeps and everything it drops.

Theory of operation. A file is read line by line as octets. `;` starts a comment anywhere, also inside quotes; `\\;`
is a plain `;`; `;--` opens a block comment (not `;---`) and `--;` closes one, also when none is open, which hides the
rest of the file. What is left is a section header, a directive or an option. Asterisk gives up a whole file at its
first bad line; this reader notes where, and goes on, because the lines behind were meant too: they are kept with
`unread` set.

Nothing is executed (`#exec` is noted only), includes are bounded in depth and number, and no input makes it raise.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mockregistrar.trunks import codes
from mockregistrar.trunks.model import Finding, Span
from mockregistrar.trunks.positions import Mapped, decode, strip_range

LINE_OCTETS = 8191
MAX_INCLUDE_DEPTH = 10
MAX_FILES = 500
MAX_NESTED_COMMENTS = 128
_SYSTEM_DIRECTORY = "/etc/asterisk"

# Copies of inherited options are bounded: `[b](a,a)` doubles them at each step.
MAX_OPTIONS = 200_000

# message, fix, log for what only this reader sees
_SENTENCES: dict[str, tuple[str, str, str]] = {
    "SR160": (
        "This line stands before the first [section]: Asterisk refuses the whole file. It needs one in a line above.",
        "[general]",
        "WARNING ... parse error: No category context for line {line} of {file}",
    ),
    "SR165": (
        (
            "`{subject}` is not here, so what it holds was not read. If it is missing on the server too, "
            "Asterisk refuses "
            "the whole file; with `#tryinclude` it would not."
        ),
        "",
        "ERROR ... The file '{subject}' was listed as a #include but it does not exist.",
    ),
    "SR166": (
        "`#exec` was not run: registrations that the program prints are not seen here.",
        "",
        "",
    ),
    "SR167": (
        (
            "`{subject}` is included from itself or too deep: it was not read again here, and Asterisk "
            "stops at ten levels."
        ),
        "",
        "WARNING ... Maximum Include level (10) exceeded",
    ),
    "SR168": (
        (
            "`;--` opens a block comment here that never ends: Asterisk does not read the rest of the file. `;` alone "
            "is for a line, and `--;` belongs where the comment ends."
        ),
        "",
        "WARNING ... Unterminated comment detected beginning on line {line}",
    ),
    "SR169": (
        "`#` first in a line is no comment but a directive: Asterisk warns and ignores the line. A comment has `;`.",
        "",
        "WARNING ... Unknown directive '#{subject}' at line {line} of {file}",
    ),
    "SR170": (
        "This line is longer than 8190 octets: Asterisk does not read it.",
        "",
        "WARNING ... Line {line} too long, skipping.",
    ),
    "SR171": (
        "Asterisk refuses the whole file here: {subject}.",
        "",
        "",
    ),
    "SR185": (
        (
            "`--;` closes a block comment, but none is open: Asterisk does not read the rest of the file. A blank "
            "between `--` and `;` makes it harmless."
        ),
        "",
        "WARNING ... Unterminated comment detected beginning on line",
    ),
}

ReadFile = Callable[[Path], bytes]
ListFiles = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Option:
    """One `name = value` line. `tail` is the comment behind it, `unread` says why Asterisk never got to it."""

    name: str
    value: Mapped
    name_span: Span
    path: Path
    line: int
    source: str
    section: str
    tail: Mapped | None = None
    unread: str = ""

    @property
    def key(self) -> str:
        """The name as Asterisk compares it."""
        return self.name.lower()

    @property
    def text(self) -> str:
        """The value as text."""
        return self.value.text


@dataclass(frozen=True, slots=True)
class Stray:
    """A line that is neither section, directive nor option, or that a comment has swallowed; `why` names the case.

    `no-equals`: no `=` in it. `swallowed`: it stands in a block comment that is never closed. `behind-header`: it
    stands behind a section header in the same line.
    """

    why: str
    content: Mapped
    path: Path
    line: int
    source: str
    section: str
    opened: int = 0
    tail: Mapped | None = None
    unread: str = ""


@dataclass(slots=True)
class Section:
    """A section; one that is inherited from or added to stays one object."""

    name: str
    path: Path
    line: int
    template: bool = False
    options: list[Option] = field(default_factory=list)
    unread: str = ""

    def last(self, *names: str) -> Option | None:
        """The last option of one of the names, which is the one that counts in a peer."""
        return next((o for o in reversed(self.options) if o.key in names), None)

    def get(self, *names: str) -> str:
        """The last value of one of the names, empty when there is none."""
        option = self.last(*names)
        return option.text if option else ""


@dataclass(slots=True)
class Config:
    """All that was read, in order. `refused` is the log line with which Asterisk refuses the whole file."""

    path: Path
    sections: list[Section] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    refused: str = ""

    def section(self, name: str) -> Section | None:
        """The first section of that name that is no template: the only one Asterisk looks at by name."""
        return next((s for s in self.sections if s.name.lower() == name.lower() and not s.template), None)


@dataclass(slots=True)
class Comments:
    """The comment state that a file carries from line to line."""

    depth: int = 0
    opened: list[int] = field(default_factory=list)


def strip_comments(
    data: bytes, state: Comments | None = None, number: int = 1
) -> tuple[list[tuple[int, int]] | None, int | None]:
    """The stretches of a line that are no comment, and where a `;` comment begins.

    The stretches are None when the line begins inside a block comment and does not leave it.
    """
    state = state or Comments()
    pieces: list[tuple[int, int]] = []
    active = state.depth == 0
    begin: int | None = 0 if active else None  # start of the stretch being kept
    tail: int | None = None
    base = 0
    at = data.find(b";")
    while at >= 0:
        if at > base and data[at - 1] == 0x5C:
            if begin is not None:
                pieces.append((begin, at - 1))
                begin = at
            base = at + 1
        elif data[at + 1 : at + 3] == b"--" and data[at + 3 : at + 4] != b"-":
            if state.depth < MAX_NESTED_COMMENTS:
                if begin is not None:
                    pieces.append((begin, at))
                    begin = None
                state.depth += 1
                state.opened.append(number)
            base = at + 3
        elif at >= base + 2 and data[at - 2 : at] == b"--":
            state.depth -= 1
            if state.opened:
                state.opened.pop()
            elif state.depth < 0:
                state.opened = []
            base = at + 1
            if state.depth == 0:
                begin, active = base, True
        elif state.depth == 0:
            if begin is not None:
                pieces.append((begin, at))
                begin, tail = None, at
            break
        else:
            base = at + 1
        at = data.find(b";", base)
    if begin is not None:
        pieces.append((begin, len(data)))
    return (pieces if active else None), tail


def split_option(content: Mapped) -> tuple[Mapped, Mapped] | None:
    """Name and value at the first `=`, a `>` behind it eaten, both stripped; None when there is no `=`."""
    at = content.data.find(b"=")
    if at < 0:
        return None
    behind = at + 2 if content.data[at + 1 : at + 2] == b">" else at + 1
    return content.part(0, at).strip(), content.part(behind, len(content)).strip()


def read_config(
    path: Path,
    read_file: ReadFile = Path.read_bytes,
    list_files: ListFiles = glob.glob,
    *,
    inside: str | None = None,
) -> Config:
    """Read a file and all it includes; `inside` names the section that a fragment is read into.

    Raises OSError when the file itself cannot be read; a missing include is a finding.
    """
    reader = _Reader(path, read_file, list_files)
    if inside is not None:
        reader.current = Section(inside, path, 1)
        reader.config.sections.append(reader.current)
    reader.file(path, read_file(path), 1)
    if reader.config.section("general") is not None:
        reader.config.findings[:] = [_below_general(each) for each in reader.config.findings]
    return reader.config


def _below_general(found: Finding) -> Finding:
    """What stands before the first section belongs into the [general] that there is."""
    if found.code != "SR160":
        return found
    return replace(
        found, message=found.message.replace("It needs one in a line above.", "Move it below [general]."), fix=""
    )


class _Reader:
    def __init__(self, path: Path, read_file: ReadFile, list_files: ListFiles) -> None:
        self.config = Config(path)
        self.read_file = read_file
        self.list_files = list_files
        self.current: Section | None = None
        self.stack: list[Path] = []
        self.by_name: dict[str, Section] = {}
        self.copied = 0

    def file(self, path: Path, data: bytes, depth: int, unread: str = "") -> None:
        self.config.files.append(path)
        self.stack.append(path)
        comments = Comments()
        section = self.current
        swallowed: list[Stray] = []
        if data.startswith(b"\xef\xbb\xbf"):  # a byte-order mark is skipped here and nowhere else
            data = data[3:]
        for number, raw in enumerate(data.split(b"\n"), 1):
            octets = raw.split(b"\0", 1)[0]
            source = decode(raw.rstrip(b"\r"))
            whole = Mapped.from_text(decode(octets), number)
            if len(octets) >= LINE_OCTETS:
                self.note(path, "SR170", whole.span(0, len(whole)), unread)
                continue
            hidden_before = comments.depth != 0
            pieces, tail_at = strip_comments(octets, comments, number)
            if pieces is None:
                content = whole.strip()
                if len(content):
                    opened = comments.opened[0] if comments.opened else 0
                    swallowed.append(Stray("swallowed", content, path, number, source, _name(section), opened))
                continue
            if not hidden_before and comments.depth < 0:
                self.note(path, "SR185", whole.span(0, len(whole)), unread)
            if comments.depth == 0:
                swallowed.clear()
            content = whole.gather(pieces).strip()
            if not len(content):
                continue
            tail = whole.part(tail_at, len(whole)).strip() if tail_at is not None else None
            section, failed = self.line(content, tail, path, number, source, section, unread, depth)
            if failed and not unread:
                unread = failed
                if depth == 1 and not self.config.refused:
                    self.config.refused = failed
        if comments.depth != 0 and swallowed:
            opened = next((s.opened for s in swallowed if s.opened), 0)
            if opened:
                self.note(path, "SR168", Span(opened, 1, 1), unread)
            self.config.strays.extend(swallowed)
        self.stack.pop()

    def note(self, path: Path, code: str, span: Span, unread: str = "", subject: str = "", failed: str = "") -> None:
        """Record a finding, unless Asterisk never gets to the line. `failed` is what it prints as it gives up."""
        if unread:
            return
        message, fix, log = (part.format(subject=subject, line=span.line, file=path.name) for part in _SENTENCES[code])
        log = f"WARNING ... {failed}" if failed else log
        self.config.findings.append(codes.finding(code, span, message, fix=fix, log=log, path=str(path)))

    def line(
        self,
        content: Mapped,
        tail: Mapped | None,
        path: Path,
        number: int,
        source: str,
        section: Section | None,
        unread: str,
        depth: int,
    ) -> tuple[Section | None, str]:
        """One line without comments. Returns the section in force behind it, and the log line if the file ends here."""
        first = content.data[:1]
        if first == b"[":
            return self.header(content, tail, path, number, section, unread, source)
        if first == b"#":
            return section, self.directive(content, path, unread, depth)
        if section is None:
            failed = f"parse error: No category context for line {number} of {path.name}"
            self.note(path, "SR160", content.span(0, len(content)), unread)
            section = Section("", path, number, unread=unread or failed)
            self.config.sections.append(section)
            unread = section.unread
            self.option(content, tail, path, number, source, section, unread)
            return section, failed
        self.option(content, tail, path, number, source, section, unread or section.unread)
        return section, ""

    def option(
        self,
        content: Mapped,
        tail: Mapped | None,
        path: Path,
        number: int,
        source: str,
        section: Section,
        unread: str,
    ) -> None:
        if content.data[:1] == b"\\":
            content = content.part(1, len(content))
        parts = split_option(content)
        if parts is None:
            self.config.strays.append(
                Stray("no-equals", content, path, number, source, section.name, tail=tail, unread=unread)
            )
            return
        name, value = parts
        text = name.text
        if text.endswith("+"):  # `name += more` goes on with the last value of that name
            text = text[:-1].rstrip()
            before = next((i for i in reversed(range(len(section.options))) if section.options[i].name == text), None)
            if before is not None:
                joined = Mapped(
                    section.options[before].value.data + value.data,
                    [value.columns[0] if len(value) else value.end] * (len(section.options[before].value) + len(value)),
                    value.end,
                    number,
                )
                del section.options[before]
                value = joined
        span = name.span(0, len(name))
        section.options.append(Option(text, value, span, path, number, source, section.name, tail, unread))

    def header(
        self,
        content: Mapped,
        tail: Mapped | None,
        path: Path,
        number: int,
        section: Section | None,
        unread: str,
        source: str,
    ) -> tuple[Section | None, str]:
        data = content.data
        close = data.find(b"]")
        if close < 0:
            failed = f"parse error: no closing ']', line {number} of {path.name}"
            self.note(path, "SR171", content.span(0, len(content)), unread, "the section header has no `]`", failed)
            return section, failed
        name = decode(data[1:close])
        new = Section(name, path, number, unread=unread)
        failed = ""
        target = new
        behind = close + 1
        if data[close + 1 : close + 2] == b"(":
            end = data.find(b")", close)
            behind = end + 1 if end >= 0 else len(data)
            if end < 0:
                failed = f"parse error: no closing ')', line {number} of {path.name}"
                self.note(path, "SR171", content.span(0, len(content)), unread, "the section header has no `)`", failed)
                end = len(data)
            for word in decode(data[close + 2 : end]).split(","):
                if word == "!":
                    target.template = True
                    continue
                if not word:
                    continue
                adds = word == "+"
                of = name if adds else word
                base = self._any(of)
                if base is None:
                    asked = "Category addition" if adds else "Inheritance"
                    log = f"{asked} requested, but category '{of}' does not exist, line {number} of {path.name}"
                    why = f"there is no section [{of}] to {'add to' if adds else 'inherit from'}"
                    self.note(path, "SR171", content.span(0, behind), unread, why, log)
                    failed = failed or log
                elif adds:
                    base.options.extend(target.options)
                    target = base
                else:
                    self.inherit(target, base)
        rest = content.part(behind, len(content)).strip()
        if len(rest):
            stray = Stray("behind-header", rest, path, number, source, name, tail=tail, unread=unread)
            self.config.strays.append(stray)
        if target is new:
            self.config.sections.append(new)
            self.by_name.setdefault(name.lower(), new)
            self.current = new  # what an include falls into; `(+)` does not move it
        if failed:
            target.unread = target.unread or (unread or failed)
        return target, failed

    def _any(self, name: str) -> Section | None:
        return self.by_name.get(name.lower())

    def inherit(self, target: Section, base: Section) -> None:
        room = MAX_OPTIONS - self.copied
        self.copied += len(base.options)
        target.options.extend(base.options[: max(0, room)])

    def directive(self, content: Mapped, path: Path, unread: str, depth: int) -> str:
        data = content.data
        stop = next((i for i, octet in enumerate(data) if i and octet <= 32), len(data))
        word = decode(data[1:stop]).lower()
        begin, end = strip_range(data, stop, len(data))
        span = content.span(0, len(content))
        if word == "exec":
            self.note(path, "SR166", span, unread)
            return ""
        if word not in ("include", "tryinclude"):
            self.note(path, "SR169", span, unread, decode(data[1:stop]))
            return ""
        if begin == end:
            self.note(path, "SR165", span, unread, "")
            return ""
        quote = {b'"': b'"', b"<": b">"}.get(data[begin : begin + 1])
        if quote is not None and end > begin + 1 and data[end - 1 : end] == quote:
            begin, end = begin + 1, end - 1
        name = decode(data[begin:end])
        span = content.span(begin, end)
        if depth >= MAX_INCLUDE_DEPTH or len(self.config.files) >= MAX_FILES:
            self.note(path, "SR167", span, unread, name)
            return ""
        found = self.look_up(name, path)
        if not found and word == "include":
            self.config.missing.append(name)
            self.note(path, "SR165", span, unread, name)
        for included in found:
            if included in self.stack:
                self.note(path, "SR167", span, unread, name)
                continue
            try:
                octets = self.read_file(included)
            except (OSError, ValueError) as problem:
                self.config.missing.append(name)
                self.note(path, "SR165", span, unread, f"{name} ({problem.__class__.__name__})")
                continue
            self.file(included, octets, depth + 1, unread)
        return ""

    def look_up(self, name: str, path: Path) -> list[Path]:
        """The files an include names: beside the main file as Asterisk does, else beside the including one."""
        main, here = self.config.path.parent, path.parent
        if not name.startswith("/"):
            places = [main / name, here / name]
        else:
            places = [Path(name)]
            if name.startswith(_SYSTEM_DIRECTORY + "/"):
                places.append(main / name[len(_SYSTEM_DIRECTORY) + 1 :])
            places += [here / Path(name).name, main / Path(name).name]
        for place in places:
            if any(sign in name for sign in "*?["):
                try:
                    matches = sorted(self.list_files(str(place)))
                except (OSError, ValueError):
                    continue
                if matches:
                    return [Path(match) for match in matches]
                continue
            try:
                self.read_file(place)
            except (OSError, ValueError):
                continue
            return [place]
        return []


def _name(section: Section | None) -> str:
    return section.name if section else ""
