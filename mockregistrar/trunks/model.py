"""The neutral values that every dialect reads into and renders from.

A text is read twice: as the system that owns the dialect reads it (`Reading.real`) and as the person who typed it
meant it (`Reading.meant`). They are the same object unless a named trigger says otherwise. Positions are 1-based lines
and columns counted in Unicode code points, so that an editor's "line 12, column 21" is the same place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "hint"]

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line: line and column are 1-based, column and length count code points."""

    line: int
    column: int
    length: int

    @property
    def end(self) -> int:
        """The column just behind the last code point."""
        return self.column + self.length


@dataclass(frozen=True, slots=True)
class Target:
    """Where the requests go when a peer section stands in for the host: its address, port, transport and domain."""

    host: str
    port: int
    transport: str
    outbound_proxy: str = ""
    from_domain: str = ""


@dataclass(frozen=True, slots=True)
class Trunk:
    """One registration, free of any dialect.

    `secret` and `ha1` never show in a repr. `expiry` is in seconds. `domain_port` is None when none was written.
    `host`, `port` and `transport` are as written; `target` is set when a peer section says where to dial instead.
    `ha1` is an MD5 digest of user, realm and secret that is used in place of the secret.
    """

    user: str
    host: str
    secret: str = field(default="", repr=False)
    auth_user: str = ""
    domain: str = ""
    domain_port: int | None = None
    port: int = 5060
    transport: str = "udp"
    extension: str = "s"
    expiry: int = 120
    peer: str = ""
    ha1: str = field(default="", repr=False)
    target: Target | None = None

    @property
    def effective_auth_user(self) -> str:
        """The digest user name: `auth_user`, or the user when that is empty."""
        return self.auth_user or self.user

    @property
    def aor_host(self) -> str:
        """The host part of the address of record: the domain, or the host when that is empty."""
        return self.domain or self.host

    @property
    def dial_host(self) -> str:
        """The host that is dialled."""
        return self.target.host if self.target else self.host

    @property
    def dial_port(self) -> int:
        """The port that is dialled."""
        return self.target.port if self.target else self.port

    @property
    def dial_transport(self) -> str:
        """The transport that is dialled."""
        return self.target.transport if self.target else self.transport


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell the person who typed the text: what happens, where, the log line to search for, and a fix.

    `message` is one or two sentences, `fix` the text to type instead (secrets masked) or empty, `log` what the system
    prints or empty when it prints nothing. `path` is set where a finding belongs to another file than its item.
    `causes` are what can be behind it where that is not one thing, the likeliest first; `fix` is then what to check.
    """

    code: str
    severity: Severity
    span: Span
    message: str
    fix: str = ""
    log: str = ""
    path: str = ""
    causes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The JSON twin; `causes` is in it only where there are some."""
        found: dict[str, object] = {
            "code": self.code,
            "severity": self.severity,
            "line": self.span.line,
            "column": self.span.column,
            "length": self.span.length,
            "message": self.message,
            "fix": self.fix,
            "log": self.log,
            "path": self.path,
        }
        if self.causes:
            found["causes"] = list(self.causes)
        return found


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one text.

    `real` is None when the system refuses the text, `meant` is None when nobody can say what was meant.
    `secret_spans` covers every stretch that either reading calls secret, without the characters that a finding is
    about. `parts_certain` is False where it is not sure which part is the secret. `trigger` is the code of the first
    finding that made `meant` depart from `real`. `real_spans` says where the fields of `real` stand.
    """

    text: str
    real: Trunk | None
    meant: Trunk | None
    findings: tuple[Finding, ...] = ()
    secret_spans: tuple[Span, ...] = ()
    parts_certain: bool = True
    trigger: str | None = None
    real_spans: tuple[tuple[str, Span], ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def span_of(self, name: str) -> Span | None:
        """Where a field of `real` stands; None for a default that is not in the text."""
        return dict(self.real_spans).get(name)

    @property
    def worst(self) -> Severity | None:
        """The gravest severity among the findings."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in _SEVERITIES if severity in found), None)


class CannotRender(ValueError):  # noqa: N818 - reads as the sentence it is
    """A trunk holds something that the dialect has no way to write: `character` names it, `why` says so."""

    def __init__(self, character: str, why: str) -> None:
        super().__init__(why)
        self.character = character
        self.why = why
