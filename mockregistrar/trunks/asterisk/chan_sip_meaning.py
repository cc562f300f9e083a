"""What the person meant by a register value, and where Asterisk reads something else.

Theory of operation. The value is cut as Asterisk cuts it. Then it is looked at for evidence that something else was
meant: each piece of evidence has a code, repairs a working copy of the value (or turns off one of chan_sip's habits for
it) and is remembered. At the end the repaired copy is cut again. If nothing was repaired there is one reading; without
evidence Asterisk is right. Sentences are put together last, when it is known what must not be shown in them.
"""

from __future__ import annotations

from dataclasses import replace

from mockregistrar.trunks import codes
from mockregistrar.trunks.masking import Veil, mask, occurrences
from mockregistrar.trunks.model import CannotRender, Finding, Reading, Span, Trunk
from mockregistrar.trunks.positions import Mapped

from . import chan_sip_left, chan_sip_line, chan_sip_login, chan_sip_right
from .chan_sip_cuts import Cut, cut, trunk_of
from .chan_sip_notes import Meaning


def read_value(
    value: Mapped,
    *,
    source: Mapped,
    tail: Mapped | None = None,
    in_file: bool = False,
    default_expiry: int = 120,
    keyword: bool = False,
) -> Reading:
    """Read one register value; `source` is the whole line as typed, `tail` the comment behind the value.

    With `keyword` the proposed text is a whole line, with `in_file` a semicolon in it is escaped.
    """
    real_cut = cut(value)
    real = trunk_of(real_cut, default_expiry)
    meaning = Meaning(value, tail, source, in_file, default_expiry, value, keyword=keyword)
    meaning.last_cut = value, meaning.rules, None, real_cut
    _gather(meaning)
    meant_cut = meaning.cut() if meaning.known else None
    meant = real if meant_cut is real_cut else trunk_of(meant_cut, default_expiry) if meant_cut else None
    if meant is not None and meaning.overrides:
        meant = replace(meant, **meaning.overrides)  # type: ignore[arg-type]
    if real is not None and (meaning.trigger is None or meant == real):
        meant = real
    return _reading(meaning, real_cut, real, meant_cut, meant)


def suspicions(value: Mapped) -> frozenset[str]:
    """The codes of all that would be found in a value."""
    meaning = Meaning(value, None, value, False, 120, value)
    _gather(meaning)
    return frozenset(note.code for note in meaning.notes)


def _gather(meaning: Meaning) -> None:
    for step in (
        chan_sip_line.too_long,
        chan_sip_line.comment,
        chan_sip_line.keywords,
        chan_sip_line.characters,
        chan_sip_line.whole_quotes,
        chan_sip_left.scheme,
        chan_sip_left.separators,
        chan_sip_left.missing_at,
        chan_sip_right.host_half,
        chan_sip_login.left_half,
    ):
        step(meaning)


# --- the result


def _spans(cut_: Cut | None, name: str) -> list[Span]:
    if cut_ is None or name not in cut_.fields:
        return []
    start, stop = cut_.fields[name]
    found: list[Span] = []
    for column in sorted(set(cut_.value.columns[start:stop])):
        if found and found[-1].end == column:
            found[-1] = Span(found[-1].line, found[-1].column, found[-1].length + 1)
        else:
            found.append(Span(cut_.value.line, column, 1))
    return found


def _reading(m: Meaning, real_cut: Cut, real: Trunk | None, meant_cut: Cut | None, meant: Trunk | None) -> Reading:
    secret_spans = _spans(real_cut, "secret") + (_spans(meant_cut, "secret") if meant is not real else [])
    secrets = {trunk.secret for trunk in (real, meant) if trunk is not None and trunk.secret}
    if real is None and meant is None:
        secret_spans.extend(_perhaps_secret(m))
    elif not m.certain:
        secret_spans.extend(_perhaps_secret(m, m.halves()))
    text = m.source.text
    first = m.source.columns[0] if len(m.source) else m.source.end
    line = m.source.line
    for secret_span in secret_spans:
        word = text[secret_span.column - first : secret_span.end - first]
        if len(word) > 3:
            secrets.add(word)
    secret_spans.extend(occurrences(text, secrets, line, first))
    spans = _without(secret_spans, m.visible)
    veil = Veil(secrets)
    proposes = any(note.fix is None for note in m.notes)
    rewritten = veil(_rewritten(m, meant)) if proposes else ""
    hidden = mask(text, spans, column=first) if m.notes else ""

    def show(argument: str | Span) -> str:
        if isinstance(argument, Span):
            return veil.word(hidden[argument.column - first : argument.end - first])
        return veil.word(argument)

    findings: list[Finding] = []
    for note in m.notes:
        message = veil(note.message.format(*map(show, note.arguments)))
        fix = rewritten if note.fix is None else veil(note.fix)
        if note.instead is not None:
            fix = veil(_rewritten(m, meant, note.instead))
        log = note.log.format(*map(show, note.logged), line=line) if note.log else ""
        findings.append(codes.finding(note.code, note.span, message, fix=fix, log=log, severity=note.severity))
    real_spans = tuple(
        (name, span)
        for name in real_cut.fields
        if name != "raw_extension" and (span := real_cut.span(name)) is not None
    )
    return Reading(
        text=text,
        real=real,
        meant=meant,
        findings=tuple(findings),
        secret_spans=spans,
        parts_certain=m.certain and (real is not None or meant is not None),
        trigger=m.trigger if meant is not real else None,
        real_spans=real_spans if real is not None else (),
        secrets=veil.secrets,
    )


def _perhaps_secret(m: Meaning, stop: int | None = None) -> list[Span]:
    """All that could be the password where nobody can say which part is."""
    data = m.work.data
    begin = data.find(b":") + 1
    spans = [m.work.span(begin, len(data) if stop is None else stop)]
    if m.tail is not None and stop is None:
        spans.append(m.tail.span(0, len(m.tail)))
    return [span for span in spans if span.length > 0]


def _without(spans: list[Span], visible: list[Span]) -> tuple[Span, ...]:
    """The spans merged, without the columns that stay visible."""
    columns = {(s.line, c) for s in spans for c in range(s.column, s.end)}
    columns -= {(s.line, c) for s in visible for c in range(s.column, s.end)}
    merged: list[Span] = []
    for line, column in sorted(columns):
        if merged and merged[-1].line == line and merged[-1].end == column:
            merged[-1] = Span(line, merged[-1].column, merged[-1].length + 1)
        else:
            merged.append(Span(line, column, 1))
    return tuple(merged)


def _rewritten(m: Meaning, meant: Trunk | None, instead: dict[str, object] | None = None) -> str:
    """The line to type instead, with other fields perhaps, the secret dotted out; empty when there is none."""
    from . import chan_sip as asterisk_chan_sip

    auth_user = meant.auth_user if meant is not None and m.certain else ""
    if meant is not None and instead:
        meant = replace(meant, **instead)  # type: ignore[arg-type]
    if meant is None or not meant.user or not meant.host:
        return ""
    # an auth user that may belong to the password is shown in the line, so it is here
    joined = bool(auth_user) and not meant.auth_user and meant.secret.endswith(f":{auth_user}")
    first = m.source.columns[0] if len(m.source) else m.source.end
    text = m.source.text
    shown = {text[span.column - first : span.end - first] for span in m.visible}
    try:
        line = asterisk_chan_sip.masked(
            meant,
            shown,
            escape=m.in_file,
            default_expiry=m.default_expiry,
            certain=m.certain,
            seen=f":{auth_user}" if joined else "",
        )
        return f"register => {line}" if m.keyword else line
    except CannotRender:
        return ""
