"""Reads a log line by line: cuts off what loggers put in front, finds the known line, says what it means.

A line of a table is read by `tables`. In any other the part in front of the message is walked over step by step
(timestamp, host, level, source file, function, `--`), and the message may begin behind each step: loggers put their
words before the systems' own, and people paste only a part. A form with enough words of its own is found anywhere. What
looks like a password is dotted out before anything else looks at the line. Only the first 4,096 characters of a line
count, so that no text takes longer than its length.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks.masking import dotted
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Parsed, Registration

from . import chan_sip_lines, config_lines, other_lines, pjsip_lines
from .answers import answer
from .known_line import KnownLine, Match, Said, match, needle
from .tables import Tables
from .told import Told, from_uris

KNOWN: tuple[KnownLine, ...] = (*chan_sip_lines.LINES, *config_lines.LINES, *pjsip_lines.LINES, *other_lines.LINES)

_ALL = frozenset(known.dialect for known in KNOWN if known.dialect)
_CHAN_SIP = frozenset(("asterisk-chan_sip",))
_PJSIP = frozenset(("asterisk-pjsip.conf", "asterisk-pjsip_wizard.conf"))
_SAME_SYSTEM = {
    "asterisk-chan_sip-1.4": _CHAN_SIP,
    "asterisk-sip.conf": _CHAN_SIP,
    "freepbx-chan_sip-form": _CHAN_SIP,
    "sip-uri-chan_sip": _CHAN_SIP,
    "asterisk-pjsip.conf": _PJSIP,
    "asterisk-pjsip_wizard.conf": _PJSIP,
    "freepbx-pjsip-form": _PJSIP,
    "mikopbx-provider": _PJSIP,
    "vicidial-carrier": _CHAN_SIP | _PJSIP | {"asterisk-iax2"},
}
_ASTERISK = _CHAN_SIP | _PJSIP | {"asterisk-iax2"}
_OF_FILE = (
    ("wizard", "asterisk-pjsip_wizard.conf"),
    ("pjsip", "asterisk-pjsip.conf"),
    ("iax", "asterisk-iax2"),
)
_USUAL = "asterisk-chan_sip"

_MOST = 4_096
_ANYWHERE = 16
"""A form is found anywhere in a line when so many characters of it are words of its own."""
_NEAR = 0.4

_LEVEL = r"(?:EMERG|ALERT|CRIT|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|VERBOSE|CONSOLE|SECURITY)"
_STAMP = re.compile(
    r"\[?(?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2}\s{1,2}\d{1,2})[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?"
)
_LEVELLED = re.compile(rf"\[?{_LEVEL}\]?(?:\[\d+\])?(?:\[C-[0-9a-fA-F]+\])?:?(?=\s|$)")
_SOURCE = re.compile(
    r"[\w./-]{1,80}\.c(?:pp)?(?::\d+)?(?:\s+(?:in\s+)?\w{1,80})?:(?=\s)|[\w./-]{1,80}\.c(?:pp)?:\d+(?=\s)"
)
_MODULE = re.compile(rf"{_LEVEL}:[\w-]+:[\w-]+:|[\w-]+ \[[\w./-]+\.c:\d+\]:")  # OpenSIPS, Kamailio
_STEPS = (
    re.compile(r"\s+"),
    _STAMP,
    re.compile(r"\d\d:\d\d:\d\d\.\d{3}(?=\s)"),
    re.compile(r"\d{1,3}(?:\.\d+)?%(?=\s)"),
    _LEVELLED,
    _SOURCE,
    re.compile(r"pjsua\w*\.c(?=\s)"),
    _MODULE,
    re.compile(r"\[\d+\](?=\s)|\d+\(\d+\)(?=\s)"),  # OpenSIPS, Kamailio: the process
    re.compile(r"\w+\(\):"),
    re.compile(r"[\w.-]{1,80}\s+[\w./-]{1,40}\[\d+\]:"),  # syslog: host and program
    re.compile(r"[\w./-]{1,80}\s+\|(?=\s)"),  # docker compose
    re.compile(r"[\w./-]{1,80}:\d{1,8}:"),  # grep -n
    re.compile(r"\.{2,}"),
    re.compile(r"(?:--|==|>)(?=\s)"),
    re.compile(r"[^\s>]{0,60}CLI>"),
)
_MOST_STEPS = 16

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# `user:secret@`, also in a URI or behind a transport; `sip:user@` is none, nor is `....sip:user@` as pjsua prints it.
_LOGIN = re.compile(
    r"(?<![^\s'\"<(,=.\[])(?:(?:sips?:)|(?:\w{2,6}://))?(?!(?:sips?|tels?|udp|tcp|tls|wss?):)"
    r"[\w+*#][^\s:@'\"<>/,=;()\[\]{}|]{0,80}:(?!sips?:)(?P<secret>[^\s'\"<>]{1,500})@",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"(?<![\w.])(?:password|passwd|secret|remotesecret|md5secret|md5_cred|auth_pass|ha1(?: string)?)\s*(?:=>?|:)\s*"
    r"(?P<secret>[^\s'\",;]{1,500})",
    re.IGNORECASE,
)
_GRAMMAR = re.compile(r"format\s+for\s+registration\s+is", re.IGNORECASE)  # `:secret]@` in it is nobody's
_UNSAID = {"user": "the account", "client": "the account", "host": "the carrier", "server": "the carrier"}


@functools.cache
def _index() -> tuple[tuple[str, str, KnownLine, bool], ...]:
    """Every form with the words that a line of it holds, and whether it may stand anywhere."""
    made = []
    for known in KNOWN:
        for form in known.forms:
            words = needle(form)
            free = re.match(r"\{(?!which|status|gateway|account)\w+\}", form) is not None
            made.append((words, form, known, len(words) >= _ANYWHERE and not free))
    return tuple(made)


def _starts(line: str) -> tuple[list[int], bool, str]:
    """Where the message may begin, the likeliest first; whether a logger wrote the line; and its source file."""
    at, starts, stamped, levelled, source = 0, [0], False, False, ""
    for _ in range(_MOST_STEPS):
        for step in _STEPS:
            found = step.match(line, at)
            if found is not None and found.end() > at:
                stamped = stamped or step is _STAMP
                levelled = levelled or step in (_SOURCE, _MODULE) or (step is _LEVELLED and "[" in found[0])
                source = found[0] if step is _SOURCE else source
                at = found.end()
                starts.append(at)
                break
        else:
            break
    return starts[::-1], stamped and levelled, source


def find(line: str) -> Match | None:
    """The known line that a line is, None for any other."""
    words = " ".join(line.lower().split())
    starts: list[int] | None = None
    for wanted, form, known, anywhere in _index():
        if wanted not in words:
            continue
        starts = starts or _starts(line)[0]
        for at in starts:
            found = match(known, form, line, at, anywhere=False)
            if found is not None:
                return found
        found = match(known, form, line, 0, anywhere=True) if anywhere else None
        if found is not None:
            return found
    return None


def _lines(text: str, told: Told | None = None) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without colours and with passwords dotted out, which stay secrets of `told`."""
    for number, raw in enumerate(text.split("\n"), 1):
        plain = raw.rstrip("\r").replace("\ufeff", " ")
        if "\x1b" in plain:
            if told is not None:
                told.coloured(number, _ANSI, plain)
            plain = _ANSI.sub("", plain)
        yield number, _without_passwords(plain, number, told)[:_MOST]


def _without_passwords(line: str, number: int, told: Told | None) -> str:
    """The line with what looks like a password dotted out."""

    def hidden(found: re.Match[str]) -> str:
        start, stop = found.span("secret")
        if told is not None:
            told.notes.secret(found["secret"], Span(number, start + 1, stop - start))
        return line[found.start() : start] + dotted(found["secret"]) + line[stop : found.end()]

    if _GRAMMAR.search(line):
        return line
    if "@" in line:
        line = _LOGIN.sub(hidden, line)
    return _OPTION.sub(hidden, line)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is a log or a table of registrations, and by which sign; None for any other."""
    first, told = True, Told()
    table = Tables(told, _ALL)
    for number, line in _lines(head):
        if number > 400:
            break
        if not line.strip():
            continue
        if table.takes(line, number) and (told.votes or table.under):
            return "log", "it is a table of registrations from a console"
        if _starts(line)[1]:
            return "log", "its lines have the time and level of a log"
        if first and line.lstrip()[:1] not in (";", "#", "<", "{"):
            found = find(line)
            if found is not None and "=" not in line[: found.start]:
                return "log", "it is a message that is known from logs"
        first = False
    return None


def parse(text: str, *, form: str = "log", path: Path | None = None, dialects: Sequence[str] = ()) -> Parsed:
    """Say what each line means that is known. With `dialects` only lines of their systems count. Never raises."""
    del path
    told = Told()
    wanted = _ALL
    if dialects:
        wanted = frozenset().union(*(_SAME_SYSTEM.get(name, frozenset((name,))) for name in dialects))
    table = Tables(told, wanted)
    for number, line in _lines(text, told):
        if line.strip() and not table.takes(line, number):
            found = find(line)
            if found is not None:
                _tell(told, found, number, wanted)
    table.done()
    known = bool(told.votes)
    if not known:
        _nothing(told, text, dialects)
    winner = max(told.votes, key=lambda name: told.votes[name]) if known else (*dialects, _USUAL)[0]
    return Parsed(
        winner,
        form,
        text,
        ok=known,
        registrations=told.registrations,
        findings=told.findings,
        secrets=tuple(sorted(told.notes.secrets)),
        secret_spans=tuple(told.placed(span) for span in told.notes.secret_spans),
    )


def _tell(told: Told, found: Match, number: int, wanted: frozenset[str]) -> None:
    known = found.known
    dialect = known.dialect or _by_file(found.values.get("file", ""), told.votes, wanted)
    start, stop = found.focus
    span = Span(number, start + 1, stop - start)
    if dialect not in wanted:
        told.unwanted.setdefault(dialect, span)
        return
    told.votes[dialect] += 1
    means, check, causes = known.means, known.check, known.causes
    values = _Values({name: Said(value) for name, value in found.values.items()})
    if known.answer:
        status = answer(found.values.get("status", ""))
        values["meaning"] = Said(status.means)
        check = "; ".join(part for part in (status.check, check) if part)
        causes = (*status.causes, *causes)
    message = means.format_map(values)
    if message.startswith("the "):
        message = "T" + message[1:]
    told.say(
        known.code,
        span,
        message,
        check=check.format_map(values),
        causes=tuple(cause.format_map(values) for cause in causes),
        log=found.canonical,
        severity=known.severity,
    )
    told.registration(_registration(found, dialect, span))


class _Values(dict[str, Said]):
    """What a line said; what it did not say is said in general words, and nothing stands for a number."""

    def __missing__(self, name: str) -> Said:
        return Said(_UNSAID.get(name, ""))


def _by_file(file: str, votes: Counter[str], wanted: frozenset[str]) -> str:
    """Whose config a line of the shared reader is about: by the file's name, else as the lines before it."""
    for word, dialect in _OF_FILE:
        if word in file.lower():
            return dialect
    if "sip" in file.lower():
        return _USUAL
    before = next((name for name in votes if name in _ASTERISK), _USUAL)
    return before if before in wanted else next((name for name in sorted(wanted & _ASTERISK)), _USUAL)


def _registration(found: Match, dialect: str, span: Span) -> Registration:
    """The registration that a line names, as far as it does."""
    values = found.values
    client = values.get("client") or values.get("account") or values.get("from", "")
    if client or "server" in values:
        made = from_uris(client, values.get("server", ""), span)
        plain = "client" in values or "server" in values
        return made if plain else replace(made, client_uri=None, server_uri=None)
    expiry = values.get("expiry", "")
    if not expiry and not ("user" in values and "host" in values):
        return Registration()
    return Registration(
        user=values.get("user"),
        host=values.get("host"),
        expiry=int(expiry) if expiry.isdecimal() else None,
        protocol="iax2" if dialect == "asterisk-iax2" else None,
        span=span,
    )


def _nothing(told: Told, text: str, dialects: Sequence[str]) -> None:
    """No line was known: say so, and which known one is the nearest."""
    if told.unwanted:
        dialect, span = next(iter(told.unwanted.items()))
        message = f"This line is from {dialect}, and only lines of {' and '.join(dialects)} were asked for."
        told.say("SR900", span, message, check=f"--dialect {dialect}, or none")
        return
    number, line = next(((n, each) for n, each in _lines(text) if each.strip()), (1, ""))
    span = Span(number, len(line) - len(line.lstrip()) + 1, len(line.strip()))
    message = "No line here is known as one that speaks of a registration."
    near = nearest(text)
    if near:
        message += f" The nearest known one is `{near}`."
    check = "whole lines as the log has them, or the output of `sip show registry`, `pjsip show registrations`, "
    told.say("SR900", span, message, check=check + "`iax2 show registry` or `sofia status`")


def nearest(text: str) -> str:
    """The known message that shares most words with one of the first lines; empty where none is near."""
    best, found = _NEAR, ""
    for number, line in _lines(text):
        if number > 20:
            break
        words = line[_starts(line)[0][0] :].lower().split()[:40]
        for known in KNOWN:
            ratio = difflib.SequenceMatcher(None, words, known.forms[0].lower().split(), autojunk=False).ratio()
            if ratio > best:
                best, found = ratio, known.forms[0]
    return re.sub(r"\{\w+\}", "...", found)
