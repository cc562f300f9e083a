"""Text in, explanation out: the dialect, what its system makes of the text, what was meant, and every finding.

This is the whole of `explain` but for its arguments: `explain` reads, `report` writes for people, and the JSON twin is
`Explanation.to_json`.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from . import registry
from .detect import detect
from .excerpt import WIDTH, excerpt
from .masking import Veil, dotted, lifted, occurrences
from .model import Finding, Span
from .parsed import Parsed, Registration

_INDENT = "                   "
_MOST_SHOWN = 20
_HOST_APART = {"sipp-inf": "to the host on SIPp's command line"}
"""What to say of a host that does not stand where the account does."""

Paint = Callable[[str, str], str]
"""Colours a piece of text by what it is: error, warning, hint, head, meant or fix."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of a text; `reason` says why its dialect was chosen, empty where it was named."""

    parsed: Parsed
    reason: str = ""
    path: Path | None = None
    shown_as: str = field(default="text")

    @property
    def exit_status(self) -> int:
        """0 for a text without errors, 1 for one with."""
        return 1 if self.parsed.worst == "error" else 0

    def to_json(self, *, show_secrets: bool = False) -> dict[str, object]:
        """The JSON twin; `secret` appears in it only with `show_secrets`."""
        return self.parsed.to_json(show_secrets=show_secrets)


def explain(
    text: str,
    *,
    dialect: str | None = None,
    form: str | None = None,
    path: Path | None = None,
    show_secrets: bool = False,
) -> Explanation:
    """Read a text; the dialect is detected where none is named. With `show_secrets` what is proposed shows them.

    Raises ValueError for a dialect that does not exist, or has no such form.
    """
    name, reason, form = chosen(text, dialect, form, path) if form != "log" else ("", "", form)
    if form == "log":
        return _explain_log(text, registry.family(dialect) if dialect is not None else (), reason, path, show_secrets)
    with lifted() if show_secrets else contextlib.nullcontext():
        parsed = registry.named(name).parse(text, form=form, path=path)
    return Explanation(parsed, reason, path, str(path) if path else "text")


def _explain_log(text: str, dialects: Sequence[str], reason: str, path: Path | None, show_secrets: bool) -> Explanation:
    """The lines of a log or a console's table; with `dialects` only those of their systems."""
    from .logs import parse

    with lifted() if show_secrets else contextlib.nullcontext():
        parsed = parse(text, path=path, dialects=dialects)
    return Explanation(parsed, reason, path, str(path) if path else "text")


def chosen(text: str, dialect: str | None, form: str | None, path: Path | None) -> tuple[str, str, str | None]:
    """The dialect, why, and the form. A short name may stand for several dialects: then the text decides.

    Raises ValueError for a dialect that does not exist, or has no such form.
    """
    family = registry.family(dialect) if dialect is not None else ()
    name, reason, kind = family[0] if family else "", "", form
    if len(family) != 1:
        found = detect(text, path.name if path else None)
        if not family or found.dialect in family:
            name, reason, kind = found.dialect, found.reason, form or found.form
    if kind not in (None, "log", *registry.named(name).FORMS):
        known = f"{name} has no form {kind!r}; it has {', '.join(registry.named(name).FORMS)}"
        others = ", ".join(each for each in registry.names() if kind in registry.named(each).FORMS)
        raise ValueError(f"{known} (form {kind!r} have: {others})" if others else known)
    return name, reason, kind


def report(explanation: Explanation, *, show_secrets: bool = False, paint: Paint = lambda _, text: text) -> str:
    """The explanation for people, secrets dotted out unless `show_secrets`. No line end behind the last line."""
    with lifted() if show_secrets else contextlib.nullcontext():
        return "\n".join(_report(explanation, paint))


def _report(explanation: Explanation, paint: Paint) -> list[str]:
    parsed = explanation.parsed
    head = f"{parsed.dialect}, {parsed.form}"
    if explanation.reason:
        head += f" (because {explanation.reason})"
    lines = [paint("head", head)]
    veil = parsed.veil
    source = parsed.text.split("\n")
    hidden = _Hidden(parsed, source)
    if parsed.form == "log":
        from .logs import spoken

        for each in parsed.registrations:
            lines += _wrapped("is about", spoken.about(each, veil))
        for finding in spoken.once(parsed.findings):
            told = [*_finding(explanation, replace(finding, fix=""), hidden), *spoken.background(finding)]
            lines += ["", *_painted(told, finding, paint)]
        return lines
    real = [_sentence(each, veil, parsed.dialect) for each in parsed.registrations] or [_nobody(parsed)]
    said = frozenset(real)
    probably = [_sentence(each, veil, parsed.dialect) for each in parsed.meant if each.user or each.host]
    meant = [sentence for sentence in probably if sentence not in said]
    lines += _listed("will log in as", real)
    lines += [paint("meant", line) for line in _listed("probably meant", meant)]
    for finding in parsed.findings:
        lines += ["", *_painted(_finding(explanation, finding, hidden), finding, paint)]
    return lines


def _painted(lines: list[str], finding: Finding, paint: Paint) -> list[str]:
    """A finding in colours: its carets and code by severity, what to write instead as a fix."""

    def painted(line: str) -> str:
        carets = re.match(r"( +\| +)(\^[\^ ]*.*)\Z", line)
        if carets:
            return carets.group(1) + paint(finding.severity, carets.group(2))
        return paint("fix", line) if line.lstrip().startswith(("write   ", "check   ")) else line

    return [painted(line) for line in lines]


def _listed(label: str, sentences: Sequence[str]) -> list[str]:
    """The first of the sentences, and how many more there are."""
    lines = [line for sentence in sentences[:_MOST_SHOWN] for line in _wrapped(label, sentence)]
    more = len(sentences) - _MOST_SHOWN
    return [*lines, *_wrapped(label, f"... and {more} more")] if more > 0 else lines


def _wrapped(label: str, sentence: str) -> list[str]:
    return textwrap.wrap(
        sentence,
        WIDTH,
        initial_indent=f"  {label:<15}  ",
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _nobody(parsed: Parsed) -> str:
    if not parsed.ok:
        return "nobody: it is refused"
    if parsed.auth_method == "ip":
        return "nobody: the carrier knows the address, there is nothing to register"
    return "nobody: nothing in it is a registration"


def _sentence(each: Registration, veil: Veil, dialect: str) -> str:
    """What a registration does, in one sentence."""
    parts = [f"user {veil.field(each.user or '') or '(none)'}"]
    unused = " (not used)" if each.secret_used is False else ""
    if each.secret:
        parts.append(f"password {dotted(each.secret)}{unused}")
    elif each.ha1:
        parts.append(f"a digest in place of the password{unused}")
    elif each.secret is not None:
        parts.append("no password")
    if each.effective_auth_user and each.effective_auth_user != each.user:
        parts.append(f"auth user {veil.field(each.effective_auth_user)}")
    if each.domain and each.domain != each.host:
        port = f":{each.domain_port}" if each.domain_port else ""
        parts.append(f"domain {veil.field(each.domain)}{port}")
    apart = _HOST_APART.get(dialect, "") if not each.host else ""
    to = apart or f"to {veil.field(each.host or '') or '(no host)'}"
    to += f" port {each.port}" if each.port is not None else ""
    to += f" {each.transport}" if each.transport else ""
    to += " (IAX2)" if each.protocol == "iax2" else ""
    settled = apart or each.port is not None or each.transport
    parts.append(to if settled else f"{to}, port and transport from DNS")
    if each.outbound_proxy:
        parts.append(f"through {veil.field(each.outbound_proxy)}")
    if each.extension:
        parts.append(f"calls to extension {veil.field(each.extension)}")
    if each.expiry_range is not None:
        parts.append(f"asks for {each.expiry_range[0]} to {each.expiry_range[1]} s")
    elif each.expiry is not None:
        parts.append(f"asks for {each.expiry} s")
    if each.register is False:
        parts.append("but it does not register")
    return ", ".join(parts)


def _finding(explanation: Explanation, finding: Finding, hidden: _Hidden) -> list[str]:
    line = finding.span.line
    code = f"{finding.code} {finding.severity}"
    if finding.path or not 0 < line <= len(hidden.source):
        where = finding.path or explanation.shown_as
        lines = [f"  {where}:{line}:{finding.span.column}  {code}"]
        lines += textwrap.wrap(
            finding.message, WIDTH, initial_indent="      ", subsequent_indent="      ", break_long_words=False
        )
        lines += [f"        {finding.log}"] if finding.log else []
        return lines + ([f"      write   {finding.fix}"] if finding.fix else [])
    return excerpt(
        explanation.shown_as,
        line,
        hidden.source[line - 1].rstrip("\r"),
        [finding.span],
        code,
        finding.message,
        finding.log,
        finding.fix,
        secret_spans=hidden.of_line(line),
    ).split("\n")


def spellings(secret: str) -> list[str]:
    """A secret as it may stand in a text: plain, and escaped as in SQL, JSON, XML, URIs and Asterisk's configs."""
    found = [
        secret,
        secret.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"'),
        secret.replace("\\", "\\\\").replace("'", "\\'"),
        secret.replace("'", "''"),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),
        quote(secret, safe="", errors="replace"),
        secret.replace(";", "\\;"),
    ]
    return list(dict.fromkeys(found))


class _Hidden:
    """What to dot out in each line that is shown: by place and by value, without what a finding is about.

    A dump has all its carriers in one line, and as many findings; so a line is gone through once.
    """

    def __init__(self, parsed: Parsed, source: list[str]) -> None:
        self.source = source
        self._spans: dict[int, list[Span]] = {}
        for span in parsed.secret_spans:
            self._spans.setdefault(span.line, []).append(span)
        self._visible: dict[int, set[int]] = {}
        for span in parsed.visible:
            self._visible.setdefault(span.line, set()).update(range(span.column, span.end))
        self._secrets = parsed.secrets
        self._complete = parsed.spans_complete
        self._known: dict[int, list[Span]] = {}
        self._spellings: list[str] | None = None

    def of_line(self, line: int) -> list[Span]:
        """The stretches of a line, counted from 1, that stay unseen."""
        if line not in self._known:
            self._known[line] = self._of_line(line)
        return self._known[line]

    def _of_line(self, line: int) -> list[Span]:
        spans = list(self._spans.get(line, ()))
        if not (spans and self._complete):
            if self._spellings is None:
                self._spellings = [form for secret in self._secrets for form in spellings(secret)]
            spans += occurrences(self.source[line - 1].rstrip("\r"), self._spellings, line)
        visible = self._visible.get(line)
        if not visible:
            return spans
        columns = {column for span in spans for column in range(span.column, span.end)} - visible
        return [Span(line, column, 1) for column in sorted(columns)]
