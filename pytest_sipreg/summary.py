"""What is said about a run as a whole: one line at its start, how many trunks were found, and how many come up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_sipreg.session import SipSession


def header(session: SipSession) -> str:
    """Return the header line: version, address, transports, seed."""
    from mockregistrar import __version__

    settings, options = session.settings, session.options
    hosts = dict.fromkeys(place.host for place in settings.listen)
    transports = dict.fromkeys(place.transport for place in settings.listen)
    if options.transports is None:
        transports["tls"] = None  # opens when it is first used
    port = f" port {options.port}" if options.port else ""
    names = [each if isinstance(each, str) else each.name for each in settings.persona]
    persona = f", persona {' '.join(names)}" if names else ""
    where = f"{' '.join(hosts)}{port} ({' '.join(transports)})"
    return f"sipreg: mock carrier {__version__} on {where}{persona}, seed {settings.seed}"


def found(session: SipSession) -> str:
    """Return how many trunks were collected, and where none was, what was looked for."""
    files, trunks = session.found["files"], session.found["trunks"]
    session.said_found = True
    if not files:
        patterns = session.selection.patterns if session.selection is not None else ()
        looked = " ".join(patterns)
        return f"sipreg: found no SIP config (looked for {looked}); name the file, or set sipreg_files in the ini"
    return f"sipreg: found {_count(trunks, 'trunk')} in {_count(files, 'file')}"


def write_summary(reporter: Any, session: SipSession) -> None:
    """Write how many trunks come up, remarks on those that do, and notes on their files."""
    told = [
        getattr(report, "sipreg")  # noqa: B009 - not a field of reports
        for reports in reporter.stats.values()
        for report in reports
        if hasattr(report, "sipreg")
    ]
    lines: list[str] = [] if session.said_found else [found(session)]
    lines += summary(told, checked=session.options.accounts is not None)
    if not lines:
        return
    reporter.write_sep("-", "sipreg")
    for line in lines:
        reporter.write_line(line)


def summary(told: list[dict[str, Any]], *, checked: bool) -> list[str]:
    """Return the lines of the summary for what the reports of trunks told."""
    lines = list(dict.fromkeys(note for one in told for note in one["notes"]))
    for severity in ("error", "warning", "hint"):
        remarks = list(dict.fromkeys(text for one in told for kind, text in one["findings"] if kind == severity))
        if remarks:
            lines.append(f"{_count(len(remarks), severity)} in trunks that come up:")
            lines += [f"  {text}" for text in remarks]
    lines += _planned([one["planned"] for one in told if "planned" in one])
    trunks = [one for one in told if one["kind"] in ("register", "callbackextension")]
    down = sum(one["state"] == "down" for one in trunks)
    up = sum(one["state"] == "up" for one in trunks)
    if down + up:
        verdict = _verdict(down, up)
        if not checked:
            verdict += " Passwords were taken from the configs, not checked: give --sipreg-accounts to check them."
        lines.append(verdict)
    unknown = [one["unchecked"] for one in told if one.get("unchecked")]
    if unknown:
        names = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        lines.append(f"Not in the accounts file, so the password was taken from the config, not checked: {names}")
    return lines


def _planned(trunks: list[tuple[str, str, bool, str]]) -> list[str]:
    """Return a line for each trunk of a plan: what it is called, what became of it, and why."""
    if not trunks:
        return []
    name, state = (max(len(trunk[column]) for trunk in trunks) for column in (0, 1))  # type: ignore[arg-type]
    rows = [
        f"  {trunk:<{name}}  {became:<{state}}  {'' if expected else 'not as planned: '}{why}".rstrip()
        for trunk, became, expected, why in trunks
    ]
    wrong = sum(not expected for _, _, expected, _ in trunks)
    verdict = f"{_count(len(trunks), 'trunk')} of the plan"
    return [f"{verdict}, {wrong} not as planned:" if wrong else f"{verdict}, all as planned:", *rows]


def _verdict(down: int, up: int) -> str:
    if not down:
        return f"{_count(up, 'trunk')} {'comes' if up == 1 else 'come'} up."
    text = f"{_count(down, 'trunk')} {'does' if down == 1 else 'do'} not come up"
    return f"{text}, {up} {'does' if up == 1 else 'do'}." if up else f"{text}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
