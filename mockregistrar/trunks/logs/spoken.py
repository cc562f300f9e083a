"""How a log is explained to people: whom its lines are about, and what stands behind each finding."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mockregistrar.trunks.excerpt import WIDTH
from mockregistrar.trunks.masking import Veil
from mockregistrar.trunks.model import Finding
from mockregistrar.trunks.parsed import Registration


def about(each: Registration, veil: Veil) -> str:
    """What a log tells of a registration, in a phrase."""
    parts = [veil(each.name)] if each.name else []
    if each.user is not None:
        parts.append(f"user {veil(each.user)}")
    if each.domain and each.domain != each.host:
        parts.append(f"domain {veil(each.domain)}")
    if each.host:
        port = f" port {each.port}" if each.port is not None else ""
        iax = " (IAX2)" if each.protocol == "iax2" else ""
        parts.append(f"at {veil(each.host)}{port}{f' {each.transport}' if each.transport else ''}{iax}")
    if each.expiry is not None:
        parts.append(f"expiry {each.expiry} s")
    return ", ".join(parts) or "one that is not named whole"


def once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, of which those that say the same as one before say their message only; no log line, it is above."""
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    for finding in findings:
        key = (finding.code, finding.fix, finding.causes)
        yield replace(finding, log="", **({"fix": "", "causes": ()} if key in seen else {}))  # type: ignore[arg-type]
        seen.add(key)


def background(finding: Finding) -> list[str]:
    """What can be behind a finding, a line each, and what to check first."""
    indent = " " * (4 + len(str(finding.span.line)))
    lines = [f"{indent}cause   {cause}" for cause in finding.causes]
    if finding.fix:
        lines += textwrap.wrap(
            finding.fix, WIDTH, initial_indent=f"{indent}check   ", subsequent_indent=f"{indent}        "
        )
    return lines
