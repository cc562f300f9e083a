"""What a failed test is told: the conversation, the refusals with their reasons, the settings and the seed."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_sipreg.plugin import TRUNK
from pytest_sipreg.session import SipSession, session_of
from pytest_sipreg.watching import Traffic, Watch, traffic_of

if TYPE_CHECKING:
    from mockregistrar import CarrierSettings, Masker, Record

SECTION = "SIP traffic"
_LATE = "SIP internal error in teardown"
_QUIET = ("accounts", "listen", "seed", "name", "explicit", "personas")
"""Settings that are told otherwise, or not at all."""
_GIVEN = {
    "advertise": ("advertise",),
    "listen": ("bind", "port", "transports"),
    "persona": ("persona",),
    "seed": ("seed",),
}
"""Options that end up in a setting."""


def attach(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add the section, the properties and the files of a test to its report, once, when it is known to have failed."""
    session, traffic = session_of(item.config), traffic_of(item)
    trace = session.options.trace
    if report.failed and not traffic.failed:
        traffic.failed = True
        _add_properties(item, report, session, traffic)
        text = section(session, traffic)
        if trace != "none":
            report.sections.append((SECTION, text))
        if session.options.artifacts is not None:
            _write_all(session.options.artifacts, item.nodeid, text, traffic)
        traffic.shown = _defects(traffic)
    elif report.when == "teardown" and traffic.failed:
        late = _defects(traffic) - traffic.shown
        if late:
            report.sections.append((_LATE, _defect_text(traffic, late)))
    elif report.when == "call" and trace == "all":
        report.sections.append((SECTION, section(session, traffic)))


def verify(item: pytest.Item) -> None:
    """Fail a test that passed although its carrier had a defect, or, if strict, was sent malformed traffic."""
    __tracebackhide__ = True
    traffic = traffic_of(item)
    if traffic.failed:
        return
    defects = _defects(traffic)
    if defects:
        pytest.fail(_defect_text(traffic, defects), pytrace=False)
    missed = [
        f"{watch.label}: {watch.carrier.masker.text(fault.explain())}"
        for watch in traffic.watches
        for fault in watch.faults_missed()
    ]
    if missed:
        pytest.fail("\n".join(missed), pytrace=False)
    lines = [
        f"  {watch.label}: {watch.carrier.masker.text(_malformed_line(record))}"
        for watch in traffic.watches
        if watch.strict
        for record in watch.malformed()
    ]
    if lines:
        pytest.fail("\n".join(["strict: the carrier was sent what is no proper SIP", *lines]), pytrace=False)


def attach_login(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add to the report of a trunk what the summary needs, and the section, properties and files of its login."""
    trunk = item.stash[TRUNK]
    session = session_of(item.config)
    if report.when == "call" or (report.when == "setup" and not report.passed):
        report.__dict__["sipreg"] = trunk.told(report.outcome)
    login = trunk.login
    if report.when != "call":
        return
    if report.failed:
        properties: list[tuple[str, object]] = [("sipreg_seed", session.settings.seed)]
        if login is not None and login.because:
            properties.append(("sipreg_refused", login.because))
        item.user_properties += properties
        report.user_properties += properties
        if session.options.artifacts is not None:
            path = _artifact(session.options.artifacts, item.nodeid)
            path.with_name(path.name + ".txt").write_text(report.longreprtext + "\n", encoding="utf-8")
    elif login is not None and session.options.trace == "all":
        report.sections.append((SECTION, login.text))


# -- the section -----------------------------------------------------------------------------------------------


def section(session: SipSession, traffic: Traffic) -> str:
    """Return what is said about the carriers of a test."""
    seed = session.settings.seed
    blocks = [_block(session, watch) for watch in traffic.watches]
    return "\n\n".join([*blocks, f"seed {seed}: --sipreg-seed {seed} gives the same nonces, tags and made-up secrets"])


def _block(session: SipSession, watch: Watch) -> str:
    from mockregistrar import render_ladder

    records, masker = watch.records(), watch.carrier.masker
    places: dict[str, list[str]] = {}
    for place in watch.listening:
        places.setdefault(str(place).partition(":")[2], []).append(place.transport)
    where = ", ".join(f"{address} {' '.join(names)}" for address, names in places.items())
    lines = [f"{watch.label}  carrier on {where}"]
    lines += [f"settings  {line}" for line in settings_in_force(session, watch)]
    lines += [f"refused   {line}" for line in _refusals(records)]
    lines += [f"beside    {line}" for line in _further(records, watch)]
    for record in records:
        if record.kind == "internal-error":
            lines += ["internal error, a defect of the mock carrier:", str(getattr(record, "traceback", "")).rstrip()]
    text = masker.text("\n".join(lines))
    if watch.lost:
        return f"{text}\n  the test stopped this carrier itself: what it saw is gone"
    ladder = render_ladder([record for record in records if record.kind != "verdict"], masker)  # told above it
    return f"{text}\n{ladder}"


def settings_in_force(session: SipSession, watch: Watch) -> list[str]:
    """Return a text for each setting that is not the default, with where it is from."""
    from mockregistrar import CarrierSettings

    final, default = watch.carrier.settings, CarrierSettings()
    lines = []
    for name in CarrierSettings.__dataclass_fields__:
        value = getattr(final, name)
        if name in _QUIET or value == getattr(default, name):
            continue
        lines.append(f"{name} = {value!r}  ({_source(session, watch, name)})")
    return lines + [f"{line}" for line in _changed_by_hook(session, watch.base)]


def _source(session: SipSession, watch: Watch, name: str) -> str:
    if name in watch.sources:
        return watch.sources[name]
    if name in watch.carrier.settings.taken_on:
        return "persona"
    if getattr(watch.base, name) != getattr(session.settings, name):
        return "sipreg_config"
    return session.options.given.get(name, "sipreg.toml")


def _changed_by_hook(session: SipSession, base: CarrierSettings) -> list[str]:
    """Return a line for each setting given on the command line that the fixture `sipreg_config` changed."""
    given = session.options.given
    lines = []
    for name, options in _GIVEN.items():
        on_cli = [given[option] for option in options if given.get(option, "").startswith("--")]
        if on_cli and getattr(base, name) != getattr(session.settings, name):
            lines.append(f"the fixture sipreg_config changed `{name}`, which {' and '.join(on_cli)} had set")
    return lines


def _refusals(records: tuple[Record, ...]) -> list[str]:
    """Return a line for each kind of refusal, with what is known of why below it."""
    verdicts = {getattr(record, "about", 0): record for record in records if record.kind == "verdict"}
    counted: Counter[str] = Counter()
    for record in records:
        if record.kind == "refused":
            refusal: Any = record
            verdict: Any = verdicts.get(record.seq)
            answer = f"answered {refusal.status}" if refusal.status is not None else "not answered"
            head = f"{refusal.method} for `{refusal.user}`: {refusal.because}"
            if verdict is None:
                detail = f" ({refusal.detail})" if refusal.detail else ""
                counted[f"{head}{detail}, {answer}\n"] += 1
            else:
                counted[f"{head}, {answer}\n{_why(verdict)}"] += 1
    lines = []
    for text, number in counted.items():
        head, _, why = text.partition("\n")
        lines.append((head if number == 1 else f"{head}, {number} times") + (f"\n{why}" if why else ""))
    return lines


def _further(records: tuple[Record, ...], watch: Watch) -> list[str]:
    """Return a line for each verdict on what was not refused, with what is known of why below it; each once."""
    if not any(record.kind in ("dropped", "registered", "message") for record in records):
        return []
    from mockregistrar import further_verdicts

    told = [verdict for verdict in further_verdicts(records, watch.listening) if verdict.how]
    lines = (f"{v.slug}{f' of `{v.account}`' if v.account else ''}\n{_why(v)}" for v in told)
    return list(dict.fromkeys(lines))


def _why(verdict: Any) -> str:
    """Return what a verdict says, a line for each part of it."""
    parts = {
        "why": ". ".join(filter(None, (verdict.sentence, verdict.evidence))).rstrip(".") + ".",
        "cause": verdict.cause,
        "fix": verdict.fix,
        "client": verdict.client,
    }
    return "\n".join(f"  {name:<7} {text}" for name, text in parts.items() if text)


def _malformed_line(record: Any) -> str:
    source = f" from {record.flow.remote[0]}:{record.flow.remote[1]}" if record.flow is not None else ""
    return f"{record.because}{source}: {record.detail}"


def _defects(traffic: Traffic) -> set[tuple[int, int]]:
    return {(number, record.seq) for number, watch in enumerate(traffic.watches) for record in watch.internal_errors()}


def _defect_text(traffic: Traffic, defects: set[tuple[int, int]]) -> str:
    lines = ["the mock carrier itself failed: this is a defect of pytest-sipreg, please report it"]
    lines += [
        watch.carrier.masker.text(f"{watch.label}: {record.detail}\n{record.traceback}".rstrip())
        for number, watch in enumerate(traffic.watches)
        for record in watch.internal_errors()
        if (number, record.seq) in defects
    ]
    return "\n".join(lines)


# -- properties and files --------------------------------------------------------------------------------------


def _add_properties(item: pytest.Item, report: pytest.TestReport, session: SipSession, traffic: Traffic) -> None:
    slugs = dict.fromkeys(
        str(getattr(record, "because", ""))
        for watch in traffic.watches
        for record in watch.records()
        if record.kind == "refused"
    )
    properties: list[tuple[str, object]] = [("sipreg_seed", session.settings.seed)]
    properties += [("sipreg_refused", slug) for slug in slugs]
    item.user_properties += properties
    report.user_properties += properties


def _artifact(directory: Path, nodeid: str) -> Path:
    """Return the path of a test's files, without their ending; what a file system may not like becomes ``_``."""
    directory.mkdir(parents=True, exist_ok=True)
    safe = re.sub(r"[^A-Za-z0-9._@-]+", "_", nodeid).strip("_.")
    if len(safe) > 150 or re.search(r"[^A-Za-z0-9._@\-/:\[\]]", nodeid):
        safe = f"{safe[:150]}-{hashlib.sha256(nodeid.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return directory / safe


def _write_all(directory: Path, nodeid: str, text: str, traffic: Traffic) -> None:
    """Write the section, and the records of each carrier as JSON lines and as pcap, given secrets masked."""
    path = _artifact(directory, nodeid)
    path.with_name(path.name + ".txt").write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    for number, watch in enumerate(traffic.watches, 1):
        name = path.name if number == 1 else f"{path.name}-{number}"
        _write_records(path.with_name(name), watch.records(), watch.carrier.masker)


def _write_records(path: Path, records: tuple[Record, ...], masker: Masker) -> None:
    from mockregistrar import write_jsonl, write_pcap

    with path.with_name(path.name + ".jsonl").open("w", encoding="utf-8") as lines:
        write_jsonl(records, lines, masker)
    epoch = records[0].carrier - records[0].wire if records else 0.0
    with path.with_name(path.name + ".pcap").open("wb") as capture:
        write_pcap(records, capture, epoch=epoch, masker=masker)
