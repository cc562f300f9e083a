"""A configuration object of a library: its options by name, what is always judged in it, and what was probably meant.

The object comes from code or from JSON. An option that only the running program knows stays open; so does every option
that is not written in an object into which something else is spread. What was meant is found by reading the same
options once more with the repairs that were found: names that stand for others, values that replace the written ones.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from mockregistrar.trunks import checks
from mockregistrar.trunks.form_fields import Places
from mockregistrar.trunks.model import CannotRender, Severity, Span
from mockregistrar.trunks.parsed import Notes, Parsed, Registration

from .js_literals import Program
from .literals import Call, Constant, Listing, Number, Record, Text, Unsettled, Value, mapped

_NAMED_SECRET = re.compile(r"(?:pass\w{0,10}|pwd|secret|ha1)\W{1,12}([^\"'`,)\s]{1,200})", re.IGNORECASE)
_SECRET = re.compile(
    r"(?:pass\w{0,10}|pwd|secret|ha1)[\"']?\s{0,3}[:=]\s{0,3}[\"'`]?([^\"'`,)\s]{1,200})", re.IGNORECASE
)
_SECRET = re.compile(r"password|ha1", re.IGNORECASE)
_TEMPLATE = re.compile(r"\$\{[A-Za-z_$][\w.$]*\}")
_FAULTS = {
    "quote": ("The string ends at this quote, and what follows is no JavaScript: the program does not start.", ""),
    "unclosed": ("The string is never closed: the program does not start.", "SyntaxError: Invalid or unexpected token"),
    "curly": (
        "A typographic quote begins no string: the program does not start.",
        "SyntaxError: Invalid or unexpected token",
    ),
    "escape": (
        "`\\u` and `\\x` need their hexadecimal digits: the program does not start.",
        "SyntaxError: Invalid {} escape sequence",
    ),
    "comma": ("A comma is missing between two options: the program does not start.", "SyntaxError: Unexpected {}"),
    "semicolon": ("Options are parted by commas: the program does not start.", "SyntaxError: Unexpected token ';'"),
    "equals": (
        "An option is set with `:`, not with `=`: the program does not start.",
        "SyntaxError: Invalid shorthand property initializer",
    ),
}
_FIXES = {"curly": "'", "comma": ",", "semicolon": ",", "equals": ":"}


@dataclass(slots=True)
class Options:
    """The options of an object, looked up when they are asked for.

    `repaired` holds what takes the place of written values (None: nothing does), `renamed` what a written name meant;
    `repairs` are those that were found on the way, for the next reading. A `lenient` one takes backslashes for such.
    """

    program: Program
    record: Record
    repaired: Mapping[str, Value | None] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    repairs: dict[str, Value | None] = field(default_factory=dict)
    lenient: bool = False

    @property
    def spans(self) -> dict[str, Span]:
        """The names that are written, and where; of two the last one counts."""
        return {entry.name: entry.span for entry in self.record.entries if entry.name != "..."}

    def named(self, name: str) -> Span:
        """Where an option's name stands, under whichever name it is written; else where the object does."""
        found = [each.span for each in self.record.entries if self.renamed.get(each.name, each.name) == name]
        return found[-1] if found else self.record.span

    def has(self, name: str) -> bool:
        """Whether an option is set, to whatever."""
        return self._written(name) is not None

    def get(self, name: str) -> Value | None:
        """An option, None where it is not written."""
        value = self._written(name)
        found = None if value is None else self.program.settled(value)
        if self.lenient and isinstance(found, Text) and found.kept != found.text:
            return Text(found.kept, found.span, kept=found.kept)
        return found

    def _written(self, name: str) -> Value | None:
        if name in self.repaired:
            return self.repaired[name]
        found = [each.value for each in self.record.entries if self.renamed.get(each.name, each.name) == name]
        return found[-1] if found else None

    def unknown(self, name: str) -> bool:
        """Whether only the running program knows an option."""
        value = self.get(name)
        return isinstance(value, Unsettled | Call) or (value is None and self.record.open)

    def text(self, name: str) -> Text | None:
        """An option where it is a string; an empty one is none."""
        value = self.get(name)
        return value if isinstance(value, Text) and value.text else None

    def said(self, name: str) -> str | None:
        """What `String()` makes of an option: empty where it is not set, None where it is not known."""
        if self.unknown(name):
            return None
        value = self.get(name)
        if isinstance(value, Text | Number):
            return value.text
        if isinstance(value, Constant) and value.value is not None:
            return "true" if value.value else "false"
        return None if isinstance(value, Listing | Record) else ""

    def span(self, name: str) -> Span:
        """Where an option's value stands, else where the object does."""
        value = self.get(name)
        if isinstance(value, Text):
            return value.inside
        return value.span if value is not None else self.record.span

    def inner(self, name: str) -> Options | None:
        """An option that is an object itself."""
        value = self.get(name)
        return Options(self.program, value) if isinstance(value, Record) else None

    def repair(self, name: str, text: str) -> None:
        """Remember the text that an option was probably meant to be."""
        self.repairs[name] = Text(text, self.span(name), kept=text)

    def meant(self, renamed: Mapping[str, str]) -> Options | None:
        """The options as they were probably meant, None where nothing is to be repaired."""
        if not self.repairs and not renamed:
            return None
        return Options(self.program, self.record, dict(self.repairs), renamed, lenient=True)


def program(notes: Notes, text: str, form: str | None, words: re.Pattern[str]) -> tuple[Program, str, bool]:
    """The program in a text, the form that it has, and whether it can be read at all.

    A text without any of the `words` that the library goes by is not looked into.
    """
    read = Program(text if words.search(text) else "")
    for literal in read.secrets():
        hide(notes, literal)
    if form is None:
        form = "json" if _json_fault(text) is None else "code"
    fault = _json_fault(text) if form == "json" else None
    if fault is not None or any(token.fault for token in read.tokens):
        hide_roughly(notes, text)
    if fault is None:
        return read, form, True
    lines = text.split("\n")
    line = min(fault.lineno, len(lines))
    span = Span(line, min(fault.colno, len(lines[line - 1]) + 1), 1)
    message = f"This is no JSON: {fault.msg[:1].lower()}{fault.msg[1:]}."
    notes.add("SR781", span, message)
    return read, form, False


def _json_fault(text: str) -> json.JSONDecodeError | None:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        return error
    except (ValueError, RecursionError):
        return json.JSONDecodeError("Nested too deep", text, 0)
    return None if isinstance(found, dict | list) else json.JSONDecodeError("Expecting an object", text, 0)


def hide_roughly(notes: Notes, text: str) -> None:
    """In a text that cannot be read as a whole: keep unseen what stands behind a name for a password."""
    places = Places(text)
    for match in _NAMED_SECRET.finditer(text):
        notes.secret(match.group(1), Span(*places.place(match.start(1)), len(match.group(1))))


def hide(notes: Notes, value: Text) -> None:
    """Keep a secret unseen, wherever parts of it are written."""
    notes.secret(value.text, *(piece.span for piece in value.pieces) if value.pieces else (value.span,))
    if value.kept != value.text:
        notes.secret(value.kept)


def hide_value(notes: Notes, read: Program, value: Value | None) -> None:
    """Keep the value of an option for a secret unseen, also where it cannot be told which of its strings it is."""
    if isinstance(value, Text):
        hide(notes, value)
    elif isinstance(value, Number):
        notes.secret(value.text, value.span)
        notes.secret(value.written)
    elif isinstance(value, Unsettled | Call):
        for literal in read.literals(value.start, value.stop):
            hide(notes, literal)


def syntax(notes: Notes, read: Program, start: int, stop: int) -> bool:
    """Say what no program may hold in a stretch that was read; False where there is such a thing."""
    problems = read.problems(start, stop)
    for problem in problems:
        _fault(notes, problem.kind, problem.span, problem.found)
    return not problems


def _fault(notes: Notes, kind: str, span: Span, found: str = "") -> None:
    message, log = _FAULTS[kind]
    notes.reveal(span)
    notes.add("SR780", span, message, instead=_FIXES.get(kind), log=log.format(found))


def string(notes: Notes, value: Text, what: str, system: str, *, secret: bool = False, code: bool = True) -> bool:
    """Judge a string that is used; False where it is none for the language. `what` names it."""
    if secret:
        hide(notes, value)
    language = "Python" if system == "pyVoIP" else "JavaScript"
    for escape in value.escapes:
        if not escape.surprising:
            continue
        notes.reveal(escape.span)
        written, made = escape.written, escape.made
        if made == written[1:]:
            message = f"{language} drops the backslash in front of `{made}`: it is not part of the {what}."
            message += " Written twice it would be."
            notes.add("SR792", escape.span, message, instead=f"\\{written}")
        else:
            message = f"`{written}` is no backslash for {language}, but one other character in the {what}."
            notes.add("SR791", escape.span, message, instead=f"\\{written}")
    template = _TEMPLATE.search(value.text) if code and language == "JavaScript" else None
    if template:
        span = value.part(template.start(), template.end())
        shown = "${…}" if secret else template.group()
        message = f"`{shown}` is replaced in backquotes only: in other quotes it is the {what} as it stands."
        notes.reveal(span)
        notes.add("SR796", span, message, instead=f"`{value.text}`" if value.quoted else None, at=value.quoted)
    hidden = {escape.span.column for escape in value.escapes if escape.surprising}
    for piece in value.pieces:
        columns = piece.columns or range(piece.column, piece.column + len(piece.text))
        seen = "".join("x" if column in hidden else c for c, column in zip(piece.text, columns, strict=False))
        checks.characters(notes, mapped(replace(piece, text=seen)), what, system, secret=secret)
    if value.fault and value.broken is not None:
        wrong = next((escape.written for escape in value.escapes if escape.broken), "")
        _fault(notes, value.fault, value.broken, "Unicode" if wrong == "\\u" else "hexadecimal")
    return not value.fault


def kept(options: Options, name: str) -> None:
    """Remember the backslashes that were probably meant as characters."""
    value = options.get(name)
    if isinstance(value, Text) and value.kept != value.text:
        options.repair(name, value.kept)


def names(
    notes: Notes,
    options: Options,
    known: Collection[str],
    others: Mapping[str, tuple[str, str]],
    needed: Mapping[str, str],
    system: str,
) -> dict[str, str]:
    """What was meant by options the library ignores: names of another library, old ones, and misspelt ones.

    `others` says what a name is here and where it is one; `needed` are the options that a login depends on, with what
    is thrown where they are missing.
    """
    found: dict[str, str] = {}
    for name, span in options.spans.items():
        if name in known:
            continue
        meant, where = others.get(name, ("", ""))
        if not meant:
            near = difflib.get_close_matches(name.lower(), [each.lower() for each in known], 1, 0.75)
            meant = next((each for each in known if near and each.lower() == near[0]), "")
        if not meant or options.has(meant):
            continue
        found[name] = meant
        if _SECRET.search(meant):
            hide_value(notes, options.program, options.get(name))
        message = f"{system} does not know `{name}` and ignores it. "
        message += f"That is the name in {where}; here it is `{meant}`." if where else f"Did you mean `{meant}`?"
        severity: Severity | None = "error" if meant in needed else None
        notes.add("SR783", span, message, instead=meant, log=needed.get(meant, ""), severity=severity)
    return found


def number_as_text(notes: Notes, options: Options, name: str, what: str) -> None:
    """A number where a text belongs: leading zeros make it octal, and long ones lose digits."""
    value = options.get(name)
    if isinstance(value, Number) and value.text != value.written:
        message = f"JavaScript reads the {what} as a number, and makes {len(value.text)} other characters of it."
        notes.add("SR793", value.span, message, instead=f"'{value.written}'")
        options.repair(name, value.written)


def conclude(
    dialect: str,
    form: str,
    text: str,
    notes: Notes,
    found: list[tuple[Registration | None, Registration | None]],
    *,
    ok: bool,
) -> Parsed:
    """The result: for each place what the library makes of it (None: it throws), and what was probably meant."""
    made = [real for real, _ in found if real is not None]
    checks.one_account_twice(notes, made)
    return notes.complete(
        Parsed(
            dialect,
            form,
            text,
            ok=ok and len(made) == len(found),
            registrations=tuple(made),
            meant=tuple(meant for real, meant in found if meant is not None and meant != real),
        )
    )


def javascript(text: str) -> str:
    """A text as a string literal of JavaScript in single quotes."""
    found = []
    for character in text:
        if character in "\\'":
            found.append(f"\\{character}")
        elif character.isprintable() and not 0xD800 <= ord(character) <= 0xDFFF:
            found.append(character)
        elif ord(character) < 0x10000:
            found.append(f"\\u{ord(character):04x}")
        else:
            found.append(f"\\u{{{ord(character):x}}}")
    return "'" + re.sub(r"</(?=script)", r"<\\/", "".join(found), flags=re.IGNORECASE) + "'"


def refuse_digest(ha1: str, secret: str, system: str) -> None:
    """Raise CannotRender for a digest in place of the password."""
    if ha1 and not secret:
        raise CannotRender("ha1", f"{system} takes a password, not its digest")


def positive(seconds: int, system: str) -> None:
    """Raise CannotRender for an expiry that is not above 0."""
    if seconds <= 0:
        raise CannotRender(str(seconds), f"{system} takes no expiry that is not above 0")
