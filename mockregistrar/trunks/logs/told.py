"""The notebook of a log: what was said about its lines, the registrations they name, and whose lines they are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from mockregistrar.trunks import codes
from mockregistrar.trunks.model import Finding, Severity, Span
from mockregistrar.trunks.parsed import Notes, Registration
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import PjUri


class Told:
    """Findings, one for a line; registrations, each once; and how many lines each system printed."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.votes: Counter[str] = Counter()
        self.unwanted: dict[str, Span] = {}
        """Systems whose lines were found and not asked for, with the place of the first."""
        self._registrations: dict[object, Registration] = {}
        self._columns: dict[int, list[int]] = {}

    def coloured(self, number: int, colours: re.Pattern[str], raw: str) -> None:
        """Remember where the characters of a line stand that is read without its colours."""
        kept = [True] * len(raw)
        for found in colours.finditer(raw):
            kept[found.start() : found.end()] = [False] * (found.end() - found.start())
        self._columns[number] = [column for column, each in enumerate(kept, 1) if each] + [len(raw) + 1]

    def placed(self, span: Span) -> Span:
        """Where a stretch of a line stands in the text as it was given."""
        columns = self._columns.get(span.line)
        if columns is None:
            return span
        first = columns[min(span.column - 1, len(columns) - 1)]
        last = columns[min(max(span.end - 2, 0), len(columns) - 1)]
        return Span(span.line, first, last + 1 - first if span.length else 0)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was said, in the order of the lines."""
        return tuple(replace(finding, span=self.placed(finding.span)) for finding in self.notes.done())

    def say(
        self,
        code: str,
        span: Span,
        message: str,
        *,
        check: str = "",
        causes: tuple[str, ...] = (),
        log: str = "",
        severity: Severity | None = None,
    ) -> None:
        """Tell what a line means."""
        made = codes.finding(code, span, message, fix=check, log=log, severity=severity)
        self.notes.findings.append(replace(made, causes=causes))

    def registration(self, made: Registration) -> None:
        """Remember a registration that a line names; one that is named again is the same, with what is new in it."""
        key = (made.name, made.user, made.domain, made.host, made.port, made.protocol)
        if not any(key[1:]) and not made.server_uri:
            return
        known = self._registrations.get(key)
        if known is None:
            self._registrations[key] = made
        elif made.expiry is not None:
            self._registrations[key] = replace(known, expiry=made.expiry)

    def replaces(self, known: Registration | None, made: Registration) -> None:
        """Remember a registration in place of one that was known with less."""
        for key, each in self._registrations.items():
            if each is known:
                self._registrations[key] = made
                return
        self.registration(made)

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """All registrations, in the order in which they were first named."""
        found = self._registrations.values()
        return tuple(replace(each, span=self.placed(each.span)) if each.span else each for each in found)


def from_uris(client: str, server: str, span: Span, name: str = "") -> Registration:
    """The registration of an address (`client`) at a server, as far as the URIs can be read."""
    address, registrar = _uri(client), _uri(server)
    return Registration(
        user=address.user if address else None,
        domain=address.host if address else None,
        domain_port=address.port if address else None,
        host=registrar.host if registrar else None,
        port=registrar.port if registrar else None,
        transport=registrar.transport if registrar else None,
        server_uri=server or None,
        client_uri=client or None,
        name=name,
        span=span,
    )


def _uri(text: str) -> PjUri | None:
    read = pjsip_uri.parse(text[: text.rfind(">") + 1] or text) if text else None
    return read if isinstance(read, PjUri) else None
