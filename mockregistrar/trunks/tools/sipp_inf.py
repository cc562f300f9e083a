"""SIPp's injection file (`-inf`): one account a line, `user;domain;[authentication username=... password=...]`.

Theory of operation. The first line holds RANDOM, SEQUENTIAL or USER, perhaps `PRINTF=n` for lines that are made by
counting. A `#` in the first column is a comment, an empty line ends the file, fields end at every `;`. Which field is
what the scenario decides: the first is taken for the user, one that looks like a host for the domain, and a comment
that names the fields (`#user;domain;auth;host;port;transport;expires`, as `render` writes it) is believed. Where
requests go stands on SIPp's command line, so host, port and transport stay open unless a field has them.
"""

from __future__ import annotations

import re
from collections import Counter as Counts
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mockregistrar.trunks import checks, header_words, shell_words
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import host_problem, repaired_number
from mockregistrar.trunks.positions import Mapped
from mockregistrar.trunks.uris import pjsip_uri

from . import sipp_auth, sipp_printf
from .sipp_auth import MARKER, Credentials
from .sipp_printf import Counter

NAME = "sipp-inf"
ALIASES = ("sipp",)
FORMS = ("file",)

_KINDS = ("RANDOM", "SEQUENTIAL", "USER")
_FIRST = re.compile(
    r"\ufeff?[ \t]*(?:random|sequential|users?)[ \t]*(?:,[ \t]*printf\w*(?:=\w*)?[ \t]*)*\r?\n", re.IGNORECASE
)
_LOGIN = re.compile(r"^[^<\n]*\[authentication[ \t]+[A-Za-z_]\w*[ \t]*=[^\n]*", re.IGNORECASE | re.MULTILINE)
_TRANSPORTS = ("udp", "tcp", "tls", "sctp", "ws", "wss")
_HOST = re.compile(r"(?:[A-Za-z0-9_-]+\.)+[A-Za-z]{2,}|\d{1,3}(?:\.\d{1,3}){3}|localhost|\[[0-9A-Fa-f:.]+\]")
_COLUMNS = {
    "user": ("user", "username", "login", "account", "number", "ext", "extension", "aor", "uid", "msisdn"),
    "domain": ("domain", "sipdomain"),
    "host": ("host", "server", "registrar", "sipserver", "ip"),
    "port": ("port", "sipport"),
    "transport": ("transport", "proto", "protocol"),
    "expires": ("expires", "expiry"),
    "auth": ("auth", "authentication", "credentials"),
    "password": ("password", "passwd", "pass", "secret", "pwd"),
    "auth_user": ("authuser", "authid", "authname", "authusername"),
    "display": ("displayname", "display", "callerid", "cid"),
}
_NAMED = {spelling: column for column, spellings in _COLUMNS.items() for spelling in spellings}
_WRITTEN = ("user", "domain", "auth", "host", "port", "transport", "expires")
_MOST_OF_A_KIND = 20
_MOST_COUNTED = 200_000


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    if _FIRST.match(head):
        return "file", "its first line is a file type of SIPp"
    if not head.lstrip().startswith("<") and _LOGIN.search(head):
        return "file", "it has fields such as [authentication username=...]"
    return None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read an injection file. Never raises."""
    del form
    return _File(text, path.name if path is not None else "FILE.csv").parsed()


@dataclass(slots=True)
class _Line:
    """A line of data: its number and its fields, as SIPp splits them; at a `broken` one SIPp stops."""

    piece: Piece
    fields: list[Piece]
    broken: bool = False

    @property
    def number(self) -> int:
        return self.piece.line


class _File:
    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.notes = Notes()
        self.ok = True
        self.starts = True
        self.columns: dict[str, int] = {}
        self.width = 0
        self.counter: Counter | None = None

    def parsed(self) -> Parsed:
        """Everything in the file."""
        rows = self.text.split("\n")
        if rows[-1] == "":
            rows.pop()
        begin = self._file_type(rows)
        lines = self._lines(rows, begin)
        self._columns(rows, begin, lines)
        made: list[Registration] = []
        meant: list[Registration] = []
        pairs = [pair for line in self._counted(lines) if (pair := self._registration(*line)) != (None, None)]
        for real, probable in pairs:
            made += [real] if real is not None else []
            meant += [probable] if probable is not None and probable != real else []
        self._judge_lines(lines)
        self._judge_twice(made)
        return Parsed(
            NAME,
            "file",
            self.text,
            ok=self.ok,
            registrations=tuple(made) if self.starts else (),
            findings=self.notes.done(self.text),
            meant=tuple(meant)
            if self.starts
            else tuple(each for real, probable in pairs if (each := probable or real)),
            secrets=tuple(sorted(self.notes.secrets)),
            secret_spans=tuple(self.notes.secret_spans),
            visible=tuple(self.notes.visible),
        )

    def _refuse(self) -> None:
        """SIPp does not even start."""
        self.ok = self.starts = False

    # --- lines

    def _file_type(self, rows: Sequence[str]) -> int:
        """The index of the first line behind the file type: SIPp finds its word anywhere in the first line."""
        first = rows[0].rstrip("\r") if rows else ""
        kind = next((kind for kind in _KINDS if kind in first), None)
        if kind is None:
            self._refuse()
            words = re.findall(r"[A-Z]+", first.upper()) if ";" not in first else []
            named = next((each for each in _KINDS if each in words), "")
            message = "The first line says no file type: SIPp stops."
            if named:
                message = f"The file type is written in capitals, `{named}`: SIPp stops."
            log = f"Unknown file type (valid values are RANDOM, SEQUENTIAL, and USER) for {self.name}:"
            data = ";" in first or MARKER in first
            fix = named or "SEQUENTIAL"
            self.notes.add("SR750", Span(1, 1, 0 if data else len(first)), message, fix=fix, log=log)
            return 1 if named and not data else 0
        if ";" in first and not first.startswith("#"):
            at = first.index(kind)
            message = f"SIPp takes the first line for the file type, as it holds `{kind}`: this account is never used."
            self.notes.add("SR750", Span(1, at + 1, len(kind)), message, fix="SEQUENTIAL", severity="warning")
            self._hide(Piece(first, 1, 1))
        self.counter, problem = sipp_printf.counter(first)
        if problem is not None:
            self._refuse()
            shown = first if ";" not in first else ""
            span = Span(1, problem.start + 1, max(1, problem.stop - problem.start))
            self.notes.add("SR759", span, problem.message, fix=problem.fix, log=f"{problem.log} {self.name}:{shown}")
        return 1

    def _lines(self, rows: Sequence[str], begin: int) -> list[_Line]:
        found: list[_Line] = []
        for index in range(begin, len(rows)):
            row = rows[index]
            if row == "":
                self._judge_end(rows, index)
                break
            piece = Piece(row, index + 1, 1)
            if row.startswith("#"):
                self._hide(piece)
                continue
            found.append(_Line(piece, _split(piece)))
        if not found and self.ok:
            self._refuse()
            message = "There is no line with data: SIPp stops."
            self.notes.add("SR761", Span(1, 1, 0), message, log=f"Input file has zero lines: {self.name}")
        return found

    def _judge_end(self, rows: Sequence[str], index: int) -> None:
        """An empty line, behind which there may be accounts that are never used."""
        lost = [number for number in range(index + 1, len(rows)) if rows[number].strip() and rows[number][0] != "#"]
        if not lost:
            return
        lines = "1 line of data behind it is" if len(lost) == 1 else f"{len(lost)} lines of data behind it are"
        message = f"The empty line ends the file for SIPp: {lines} never used."
        self.notes.add("SR753", Span(index + 1, 1, 0), message, instead="#")
        for number in lost:
            self._hide(Piece(rows[number], number + 1, 1))

    def _hide(self, piece: Piece) -> None:
        """Remember the passwords of a line that SIPp does not use."""
        aside = Notes()
        if MARKER in piece.text:
            sipp_auth.read(piece, aside, 0)
        shell_words.take_secrets(self.notes, aside)

    def _columns(self, rows: Sequence[str], begin: int, lines: Sequence[_Line]) -> None:
        """What the fields are called, in a comment of as many names as there are fields."""
        counts = Counts(len(line.fields) for line in lines)
        self.width = max(counts, key=lambda count: (counts[count], count), default=0)
        for row in rows[begin:]:
            if not row.startswith("#"):
                continue
            names = [re.sub(r"[^a-z]", "", name.lower()) for name in row.lstrip("#").split(";")]
            columns = {_NAMED[name]: index for index, name in enumerate(names) if name in _NAMED}
            if len(names) == self.width and "user" in columns and len(columns) > 1:
                self.columns = columns
                return

    def _counted(self, lines: Sequence[_Line]) -> list[tuple[_Line, str]]:
        """The lines with their names; with PRINTF each number's own."""
        if self.counter is None or not lines:
            return [(line, f"line {line.number}") for line in lines]
        found: list[tuple[_Line, str]] = []
        longest = max(len(line.piece.text) for line in lines)
        most = min(self.counter.lines, sipp_printf.MOST_LINES, max(len(lines), _MOST_COUNTED // longest))
        for index in range(most):
            line = lines[index % len(lines)]
            number = self.counter.number(index)
            fields: list[Piece] = []
            broken = False
            for piece in line.fields:
                made, places, problem = sipp_printf.printed(piece.text, number)
                broken = broken or problem is not None
                if problem is not None and index < len(lines):
                    self.ok = False
                    span = piece.part(problem.start, problem.stop).span
                    self.notes.add("SR759", span, problem.message, log=problem.log)
                columns = tuple(piece.column + place for place in places)
                fields.append(piece if made == piece.text else Piece(made, piece.line, piece.column, columns))
            found.append((_Line(line.piece, fields, broken), f"line {line.number}, number {number}"))
        if self.counter.lines > sipp_printf.MOST_LINES:
            message = (
                f"SIPp makes {self.counter.lines} lines of it; the first {sipp_printf.MOST_LINES} are listed here."
            )
            self.notes.add("SR759", Span(1, 1, len(self.text.split("\n", 1)[0])), message, severity="hint")
        return found

    # --- an account

    def _registration(self, line: _Line, name: str) -> tuple[Registration | None, Registration | None]:
        """What SIPp makes of a line, and what was meant; neither for a line of blanks."""
        real, meant = self._read(line, name)
        return (None, meant or real) if line.broken else (real, meant)

    def _read(self, line: _Line, name: str) -> tuple[Registration | None, Registration | None]:
        """The same as if SIPp went on."""
        if not line.piece.text.strip():
            return None, None
        index = next((i for i, piece in enumerate(line.fields) if MARKER in piece.text), None)
        base = replace(self._by_place(line, index), name=name, span=line.piece.span)
        loose = re.search(re.escape(MARKER), line.piece.text, re.IGNORECASE)
        if index is None:
            if loose is None:
                return base, None
            span = line.piece.part(loose.start(), loose.end()).span
            message = f"SIPp looks for `{MARKER}` in small letters: this is sent as it stands."
            self.notes.add("SR760", span, message, fix=MARKER, severity="error")
            return base, _logged_in(base, sipp_auth.read_meant(line.piece.text))
        field = line.fields[index]
        told = len(self.notes.findings)
        cut = self._cut(line, index)
        made = sipp_auth.read(field, self.notes, index) if cut is None else Credentials(ok=False)
        real = _logged_in(base, made) if made.ok else None
        parted = real is None or any(finding.severity != "hint" for finding in self.notes.findings[told:])
        self._judge_login(made)
        self.ok = self.ok and made.ok
        if not parted:
            return real, real
        meant = sipp_auth.read_meant(field.text if cut is None else cut)
        if meant.password:
            self.notes.secret(meant.password)
        return real, _logged_in(base, meant)

    def _cut(self, line: _Line, index: int) -> str | None:
        """The credentials in one piece where a `;` in them ended the field."""
        field = line.fields[index]
        start = field.text.find(MARKER)
        if "]" in field.text[start:] or "]" not in line.piece.text[field.column + start :]:
            return None
        semicolon = line.piece.part(field.column - 1 + len(field.text), field.column + len(field.text))
        whole = line.piece.part(field.column - 1 + start, line.piece.text.rfind("]") + 1)
        quoted = whole.text[: semicolon.column - whole.column].count('"') % 2 == 1
        write = "\\\\x3B" if quoted else "\\x3B"
        message = "`;` ends the field, in quotes too: SIPp finds no `]` in it and crashes."
        self.notes.add("SR751", semicolon.span, message, instead=write)
        self.notes.reveal(semicolon.span)
        secret = re.search(r"(?:password|passwd|pass|secret)[ \t]*=[ \t]*(.*?)[ \t]*\]?\Z", whole.text, re.IGNORECASE)
        if secret:
            part = whole.part(secret.start(1), secret.end(1))
            self.notes.secret(part.text, part.span)
        return whole.text

    def _by_place(self, line: _Line, login: int | None) -> Registration:
        """What the fields say, by the names of their columns or by what they look like."""
        texts = [piece.text.strip(" \t\r") for piece in line.fields]
        if self.columns and len(texts) == self.width:
            return self._by_name(line, texts)
        user = "" if login == 0 else re.sub(r"\Asips?:", "", texts[0])
        user, at, domain = user.partition("@")
        user = pjsip_uri.plain(user)
        hosts: list[str] = [domain] if at else []
        transport: str | None = None
        for index, text in enumerate(texts):
            if index in (0, login):
                continue
            if _HOST.fullmatch(re.sub(r":\d{1,5}\Z", "", text)) and len(hosts) < 2:
                hosts.append(text)
            elif text.lower() in _TRANSPORTS:
                transport = text.lower()
            elif text and login is None:  # it may be a password: the scenario knows
                self.notes.secret_spans.append(line.fields[index].strip().span)
        name, port = _host_port(hosts[0]) if hosts else (None, None)
        host, host_port = _host_port(hosts[1]) if len(hosts) > 1 else (None, None)
        return Registration(user=user, domain=name, domain_port=port, host=host, port=host_port, transport=transport)

    def _by_name(self, line: _Line, texts: Sequence[str]) -> Registration:
        values = {column: texts[index] for column, index in self.columns.items()}
        domain, domain_port = _host_port(values["domain"]) if values.get("domain") else (None, None)
        host, port = _host_port(values["host"]) if values.get("host") else (None, None)
        secret = values.get("password")
        if secret:
            self.notes.secret(secret, line.fields[self.columns["password"]].strip().span)
        return Registration(
            user=pjsip_uri.plain(values["user"]),
            secret=secret,
            auth_user=values.get("auth_user", "" if secret is not None else None),
            effective_auth_user=values.get("auth_user") or (values["user"] if secret is not None else None),
            domain=domain,
            domain_port=domain_port,
            host=host,
            port=self._number(line, "port", values) or port,
            transport=values["transport"].lower() if values.get("transport") else None,
            expiry=self._number(line, "expires", values),
            display_name=values.get("display"),
        )

    def _number(self, line: _Line, column: str, values: dict[str, str]) -> int | None:
        text = values.get(column, "")
        if not text:
            return None
        if re.fullmatch(r"\d{1,9}", text, re.ASCII):
            return int(text)
        span = line.fields[self.columns[column]].strip().span
        repaired = repaired_number(text)
        fix = str(repaired) if repaired is not None else ""
        self.notes.add("SR772", span, f"`{text}` is no number.", fix=fix, severity="warning")
        return None

    def _judge_login(self, made: Credentials) -> None:
        fields: list[tuple[str, str, Span]] = []
        for name, what in (("username", "user name"), ("password", "password")):
            piece = made.pieces.get(name)
            if piece is None:
                continue
            if name == "username" and made.username:
                header_words.judge_login(self.notes, made.username, piece, "SIPp")
            mapped = Mapped.from_text(piece.text, piece.line, piece.column)
            checks.characters(self.notes, mapped, what, "SIPp", secret=name == "password")
            fields.append((what, piece.text, piece.span))
        checks.placeholders(self.notes, fields)

    # --- the lines together

    def _judge_lines(self, lines: Sequence[_Line]) -> None:
        told = 0
        carriage = [line for line in lines if line.piece.text.endswith("\r")]
        if carriage:
            line = carriage[0]
            message = "The line ends in CR LF: SIPp keeps the CR as a part of the last field and sends it."
            if len(carriage) > 1:
                message += f" So do {len(carriage) - 1} more."
            message += " Save the file with the line ends of Unix (dos2unix)."
            span = Span(line.number, len(line.piece.text), 1)
            self.notes.add("SR755", span, message)
        broken = {finding.span.line for finding in self.notes.findings if finding.code == "SR751"}
        for line in lines:
            count = len(line.fields)
            if count == self.width or line.number in broken or told >= _MOST_OF_A_KIND:
                continue
            told += 1
            fields = "1 field" if count == 1 else f"{count} fields"
            message = f"This line has {fields}, others have {self.width}."
            log = f"Field {count} not found in the file {self.name}" if count < self.width else ""
            if count < self.width:
                message += " What is missing is empty for SIPp."
            span = Span(line.number, 1, len(line.piece.text.rstrip("\r")))
            self.notes.add("SR754", span, message, log=log)

    def _judge_twice(self, made: Sequence[Registration]) -> None:
        seen: dict[tuple[str | None, str | None, str | None], Registration] = {}
        told = 0
        for each in made:
            key = (each.user, each.domain, each.host)
            first = seen.setdefault(key, each)
            if first is each or not each.user or each.span is None or first.span is None or told >= _MOST_OF_A_KIND:
                continue
            told += 1
            message = (
                f"Line {first.span.line} has the same account: two calls at once take the binding from one another."
            )
            self.notes.add("SR163", each.span, message, severity="hint")


def _split(piece: Piece) -> list[Piece]:
    found: list[Piece] = []
    start = 0
    for part in piece.text.split(";"):
        found.append(piece.part(start, start + len(part)))
        start += len(part) + 1
    return found


def _host_port(text: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d{1,5})", text, re.ASCII)
    return (match.group(1), int(match.group(2))) if match else (text, None)


def _logged_in(base: Registration, login: Credentials) -> Registration:
    """A registration with the credentials of its line; a missing user is that of the login."""
    return replace(
        base,
        user=base.user or login.username or "",
        secret=login.password if login.password is not None else base.secret,
        auth_user=login.username or base.auth_user or "",
        effective_auth_user=login.username or base.effective_auth_user,
    )


def render(trunk: Trunk) -> str:
    """A file for one account. Raises CannotRender for what a field cannot hold."""
    return render_all([trunk])


def render_all(trunks: Sequence[Trunk]) -> str:
    """A file with a line for each account; the comment says which field is what. Raises CannotRender."""
    rows = ["SEQUENTIAL", "#" + ";".join(_WRITTEN)]
    for trunk in trunks:
        if trunk.ha1 and not trunk.secret:
            raise CannotRender("ha1", "SIPp takes a password, not its digest")
        for host in (trunk.dial_host, trunk.aor_host):
            if not host or host_problem(host) is not None:
                raise CannotRender(host, "it is no host")
        domain_port = f":{trunk.domain_port}" if trunk.domain_port is not None else ""
        fields = [
            _field("user", header_words.escaped_user(trunk.user)),
            trunk.aor_host + domain_port,
            sipp_auth.written(header_words.login(trunk.effective_auth_user, "SIPp"), trunk.secret),
            trunk.dial_host,
            str(trunk.dial_port),
            trunk.dial_transport,
            str(trunk.expiry),
        ]
        rows.append(";".join(fields))
    return "\n".join(rows) + "\n"


def _field(what: str, value: str) -> str:
    """A field that is not quoted. Raises CannotRender for what would end it or be taken for something else."""
    for character in ";\r\n\0":
        if character in value:
            raise CannotRender(character, f"a `;` or a line break ends the field, so that no {what} can hold it")
    if not value or value.startswith("#") or value != value.strip(" \t") or MARKER in value:
        raise CannotRender(value[:1], f"SIPp would not take it for the {what}")
    return value
