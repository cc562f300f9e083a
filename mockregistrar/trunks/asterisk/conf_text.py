"""A config text of Asterisk's, read whether it is a file with includes or something pasted without any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks.model import Finding, Span
from mockregistrar.trunks.positions import encode

from .config_reader import Config, Option, Section, read_config


def read_text(text: str, path: Path | None = None, *, called: str = "sip.conf", inside: str | None = None) -> Config:
    """Read a text. Without a path its includes are not looked for, and that they were not read is a hint only.

    `called` is the name that a pasted text has in log lines.
    """
    octets = encode(text)
    if path is None:
        pasted = Path(called)
        config = read_config(pasted, only(pasted, octets), lambda _: [], inside=inside)
        config.findings = softened(config.findings)
        return config
    return read_config(path, only(path, octets, Path.read_bytes), inside=inside)


def only(path: Path, octets: bytes, otherwise: Callable[[Path], bytes] | None = None) -> Callable[[Path], bytes]:
    """A reader of files that has one of them at hand."""

    def read_file(wanted: Path) -> bytes:
        if wanted == path:
            return octets
        if otherwise is None:
            raise FileNotFoundError(wanted)
        return otherwise(wanted)

    return read_file


def soft(finding: Finding) -> Finding:
    """A finding about a pasted text: it belongs to no file, and what it includes is simply not there."""
    finding = replace(finding, path="")
    if finding.code != "SR165":
        return finding
    message = "What is included here was not read: only this text was given."
    return replace(finding, severity="hint", message=message, fix="", log="")


def softened(findings: Iterable[Finding]) -> list[Finding]:
    """The findings about a pasted text; that its includes are not there is said once, at the first."""
    found: list[Finding] = []
    missing = 0
    for finding in map(soft, findings):
        missing += finding.code == "SR165"
        if finding.code != "SR165" or missing == 1:
            found.append(finding)
    if missing > 1:
        more = "another line" if missing == 2 else f"{missing - 1} other lines"
        message = f"What is included here and in {more} was not read: only this text was given."
        found = [replace(each, message=message) if each.code == "SR165" else each for each in found]
    return found


def where(option: Option | Section, config: Config) -> str:
    """The path of a finding: empty for the main text."""
    return "" if option.path == config.path else str(option.path)


def value_span(option: Option) -> Span:
    """Where the value of an option stands, or its name when it is empty."""
    return option.value.span(0, len(option.value)) if len(option.value) else option.name_span


def section_span(section: Section) -> Span:
    """Where the header of a section stands."""
    return Span(section.line, 1, len(section.name) + 2)
