"""What every dialect gives back for a text: the registrations that its system makes of it, and what there is to say.

`Registration` holds the neutral fields. A field is None where the system leaves it unsettled (a port that DNS decides)
and empty where it leaves it empty. `Parsed` is one text with everything found in it; its JSON twin never shows a
secret unless it is asked to. `Notes` is the notebook that a dialect fills while it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from . import codes
from .masking import Veil, dotted, mask
from .model import Finding, Severity, Span, Target, Trunk

Entry = Mapping[str, "str | int | bool | list[str]"]
"""A peer, an identify or an auth entry: names as in the config, values as read."""

_HIDDEN = frozenset({"name", "span", "secret_used"})
_TEXTS = ("user", "auth_user", "effective_auth_user", "domain", "host", "peer", "extension", "outbound_proxy")
_LONGEST_FIX = 200
_SECRET_KEYS = frozenset({"secret", "password", "remotesecret", "md5secret", "md5_cred", "ha1"})


@dataclass(frozen=True, slots=True)
class Registration:
    """One registration as the system makes it. `expiry`, `expiry_range` and `retry_interval` are in seconds.

    `name` is what the config calls it and `span` where it stands; neither is part of the JSON twin. `ha1` stands in
    for a secret that is only known as a digest. `secret_used` is False where the secret is there and no challenge is
    answered with it.
    """

    user: str | None = None
    secret: str | None = field(default=None, repr=False)
    auth_user: str | None = None
    effective_auth_user: str | None = None
    domain: str | None = None
    domain_port: int | None = None
    host: str | None = None
    port: int | None = None
    transport: str | None = None
    extension: str | None = None
    expiry: int | None = None
    expiry_range: tuple[int, int] | None = None
    peer: str | None = None
    realm: str | None = None
    outbound_proxy: str | None = None
    register: bool | None = None
    display_name: str | None = None
    protocol: str | None = None
    server_uri: str | None = None
    client_uri: str | None = None
    retry_interval: int | None = None
    max_retries: int | None = None
    ha1: str | None = field(default=None, repr=False)
    secret_used: bool | None = None
    name: str = ""
    span: Span | None = None

    @classmethod
    def of(cls, trunk: Trunk, **more: object) -> Registration:
        """The registration of a trunk that settles every field of its own."""
        made = cls(
            user=trunk.user,
            secret=trunk.secret,
            auth_user=trunk.auth_user,
            effective_auth_user=trunk.effective_auth_user,
            domain=trunk.domain,
            domain_port=trunk.domain_port,
            host=trunk.host,
            port=trunk.port,
            transport=trunk.transport,
            extension=trunk.extension,
            expiry=trunk.expiry,
            peer=trunk.peer,
            ha1=trunk.ha1 or None,
        )
        return replace(made, **more)  # type: ignore[arg-type]

    @property
    def trunk(self) -> Trunk:
        """The neutral trunk, with the usual values where the system leaves something unsettled."""
        transport = self.transport or "udp"
        user = self.user or ""
        auth_user = self.effective_auth_user if self.effective_auth_user is not None else (self.auth_user or "")
        port = self.port or (5061 if transport == "tls" else 5060)
        socket = self.outbound_proxy if transport in ("ws", "wss") else None
        return Trunk(
            user=user,
            host=self.host or "",
            secret=self.secret or "",
            auth_user="" if auth_user == user else auth_user,
            domain="" if (self.domain or "") == (self.host or "") else self.domain or "",
            domain_port=self.domain_port,
            port=port,
            transport=transport,
            extension=self.extension or "s",
            expiry=120 if self.expiry is None else self.expiry,
            peer=self.peer or "",
            ha1=self.ha1 or "",
            target=Target(self.host or "", port, transport, socket) if socket else None,
        )

    def to_json(self, veil: Veil | None = None) -> dict[str, object]:
        """The settled fields. With a veil secrets are hidden by value, and `secret` itself is left out."""
        found: dict[str, object] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value is None or each.name in _HIDDEN or (veil is not None and each.name in _SECRET_KEYS):
                continue
            if isinstance(value, str) and veil is not None:
                value = veil.field(value)
            found[each.name] = list(value) if isinstance(value, tuple) else value
        return found


@dataclass(frozen=True, slots=True)
class Parsed:
    """One text as its system takes it. `ok` is False only where the system refuses something in it.

    `meant` holds what was probably meant where that differs from `registrations`. `peers`, `identify` and `auth` are
    None for what has no such things. `auth_method` is `digest` or `ip`, `dial_peer` the peer that calls go out by.
    `secret_spans` are hidden by place, `secrets` by value, `visible` is not hidden; with `spans_complete` the spans of
    a line tell all that is secret in it. `files` are all that were read for it, where a config can include others.
    """

    dialect: str
    form: str
    text: str = field(repr=False)
    ok: bool = True
    registrations: tuple[Registration, ...] = ()
    findings: tuple[Finding, ...] = ()
    meant: tuple[Registration, ...] = ()
    peers: tuple[Entry, ...] | None = field(default=None, repr=False)
    identify: tuple[Entry, ...] | None = None
    auth: tuple[Entry, ...] | None = field(default=None, repr=False)
    auth_method: str | None = None
    dial_peer: str | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    secret_spans: tuple[Span, ...] = ()
    visible: tuple[Span, ...] = ()
    spans_complete: bool = False
    files: tuple[Path, ...] = ()

    @property
    def worst(self) -> Severity | None:
        """The gravest severity among the findings."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in ("error", "warning", "hint") if severity in found), None)

    @property
    def veil(self) -> Veil:
        """What hides the secrets of this text, and the fields that hold a piece of a meant one."""
        probably = {(each.name, each.span): each for each in self.meant}
        alone = self.meant[0] if len(self.meant) == 1 else None
        pieces: dict[str, str] = {}
        for real in self.registrations:
            meant = probably.get((real.name, real.span), alone)
            if meant is not None:
                pieces.update(_pieces(real, meant))
            # a peer's name ends at the first `?`, which may be one in the password: then its beginning is in the name
            if real.peer and ":" in real.peer:
                pieces[real.peer] = dotted(real.peer)
        return Veil(self.secrets, pieces)

    def to_json(self, *, show_secrets: bool = False) -> dict[str, object]:
        """The JSON twin; `secret` appears in it only with `show_secrets`."""
        veil = None if show_secrets else self.veil
        found: dict[str, object] = {
            "dialect": self.dialect,
            "form": self.form,
            "ok": self.ok,
            "registrations": [registration.to_json(veil) for registration in self.registrations],
        }
        if self.meant:
            found["meant"] = [registration.to_json(veil) for registration in self.meant]
        for name, entries in (("peers", self.peers), ("identify", self.identify), ("auth", self.auth)):
            if entries is not None:
                found[name] = [_entry(entry, veil) for entry in entries]
        if self.auth_method is not None:
            found["auth_method"] = self.auth_method
        if self.dial_peer is not None:
            found["dial_peer"] = self.dial_peer if veil is None else veil.field(self.dial_peer)
        found["findings"] = [_finding(finding) for finding in self.findings]
        return found


def _pieces(real: Registration, meant: Registration) -> Iterator[tuple[str, str]]:
    """The values in which a part of the meant secret stands, and what is shown instead of each."""
    secret = meant.secret or ""
    for name in _TEXTS:
        value = getattr(real, name) or ""
        # with one `@` too many the end of a secret leads into the host
        cut = len(value) if value in secret else value.rfind("@") + 1
        if cut and value != getattr(meant, name) and value[:cut].rstrip("@") in secret:
            yield value, dotted(value[:cut]) + value[cut:]


def _entry(entry: Entry, veil: Veil | None) -> dict[str, object]:
    if veil is None:
        return dict(entry)
    return {
        key: veil.field(value)
        if isinstance(value, str)
        else [veil.field(v) for v in value]
        if isinstance(value, list)
        else value
        for key, value in entry.items()
        if key not in _SECRET_KEYS
    }


def _finding(finding: Finding) -> dict[str, object]:
    found = finding.to_json()
    if not found["path"]:
        del found["path"]
    return found


class Dialect(Protocol):
    """What a dialect's module offers; `parse` never raises, whatever the text."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant of the module
        """The name of the dialect, as the command line knows it."""

    @property
    def ALIASES(self) -> tuple[str, ...]:  # noqa: N802 - a constant of the module
        """Short names for it."""

    @property
    def FORMS(self) -> tuple[str, ...]:  # noqa: N802 - a constant of the module
        """The forms that a text of it can have, the usual one first."""

    def parse(self, text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
        """Read a text in one of its forms; `path` is where it was read from, so that its includes are found."""


class Notes:
    """Findings, secrets and what must stay visible, collected while a text is read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.secrets: set[str] = set()
        self.secret_spans: list[Span] = []
        self.visible: list[Span] = []
        self._instead: dict[Finding, tuple[Span, str]] = {}

    def add(
        self,
        code: str,
        span: Span,
        message: str,
        *,
        fix: str = "",
        instead: str | None = None,
        at: Span | None = None,
        log: str = "",
        severity: Severity | None = None,
        path: str = "",
    ) -> None:
        """Remember a finding; whatever is secret in its sentences is hidden at the end.

        `instead` is what belongs in the place of the span, or of `at`: the fix is then the whole line with it, to be
        typed as it stands; where there is no such line it is `fix`, or what belongs there alone.
        """
        found = codes.finding(code, span, message, fix=fix or instead or "", log=log, severity=severity, path=path)
        self.findings.append(found)
        if instead is not None and not path:
            self._instead[found] = at or span, instead

    def secret(self, text: str, *spans: Span) -> None:
        """Remember a secret, and where it stands."""
        if text:
            self.secrets.add(text)
            self.secret_spans.extend(spans)

    def reveal(self, span: Span) -> None:
        """Keep an offending character visible although it stands in a secret."""
        self.visible.append(span)

    def merge(self, other: Parsed) -> None:
        """Take over what was found in a part of the text."""
        self.findings.extend(other.findings)
        self.secrets.update(other.secrets)
        self.secret_spans.extend(other.secret_spans)
        self.visible.extend(other.visible)

    def done(self, text: str = "") -> tuple[Finding, ...]:
        """The findings in the order of their places, each once, secrets hidden; `text` is what they are about."""
        veil = Veil(self.secrets)
        better = _PutRight(text, self._instead, self.secret_spans, self.visible) if self._instead else None
        put_right = (better(f) if better is not None and f in self._instead else f for f in self.findings)
        veiled = (
            replace(f, message=veil(f.message), fix=veil(f.fix), log=veil(f.log)) if self.secrets else f
            for f in put_right
        )
        return tuple(sorted(dict.fromkeys(veiled), key=lambda f: (f.path, f.span.line, f.span.column)))

    def complete(self, parsed: Parsed) -> Parsed:
        """A result with the findings, and with what is to be hidden in it."""
        return replace(
            parsed,
            findings=self.done(parsed.text),
            secrets=tuple(sorted(self.secrets)),
            secret_spans=tuple(self.secret_spans),
            visible=tuple(self.visible),
        )


class _PutRight:
    """The lines of a text as they should be, secrets dotted out. What is wrong twice in one is put right in both."""

    def __init__(
        self, text: str, instead: Mapping[Finding, tuple[Span, str]], hidden: Iterable[Span], shown: Iterable[Span]
    ) -> None:
        self._lines = text.split("\n")
        self._instead = instead
        self._alike: dict[tuple[str, int], list[tuple[int, int, str]]] = {}
        for found, (span, new) in instead.items():
            self._alike.setdefault((found.code, span.line), []).append((span.column, span.end, new))
        self._hidden = _by_line(hidden)
        self._shown = _by_line(shown)

    def __call__(self, found: Finding) -> Finding:
        """The finding with its whole line, if that is not too long to be typed."""
        span, new = self._instead[found]
        number = span.line
        if not 0 < number <= len(self._lines) or len(self._lines[number - 1]) > _LONGEST_FIX:
            return found
        places = sorted(self._alike[found.code, number])
        if any(end > begin for (_, end, _), (begin, _, _) in pairwise(places)):
            places = [(span.column, span.end, new)]
        parts: list[str] = []
        at = 1
        for column, end, put in places:
            parts += [self._seen(number, at, column), put]
            at = end
        parts.append(self._seen(number, at, None))
        return replace(found, fix="".join(parts).strip(" \t\r"))

    def _seen(self, number: int, start: int, stop: int | None) -> str:
        """A stretch of a line, from one column up to another or the end."""
        piece = self._lines[number - 1][start - 1 : None if stop is None else stop - 1]
        return mask(piece, self._hidden.get(number, ()), column=start, keep=self._shown.get(number, ()))


def _by_line(spans: Iterable[Span]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for span in spans:
        found.setdefault(span.line, []).append(span)
    return found
