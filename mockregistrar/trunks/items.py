"""Each registration that a config was meant to bring about, as an item that can be tried and reported on its own.

A sip.conf makes its own items, because it has lines that Asterisk does not act on. Every other dialect gives a
`Parsed`, and `items_of` makes items of that: what the system reads and what was meant belong together by name and
place, and a finding to the registration that stands next above it.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from . import codes
from .masking import Veil
from .model import Finding, Reading, Span
from .parsed import Parsed, Registration

if TYPE_CHECKING:
    from .asterisk.sip_peers import Peer, RealmCredentials

Kind = Literal["register", "callbackextension", "ip-peer", "nothing"]

IP_AUTHENTICATED = "IP-authenticated: nothing to register"
SWITCHED_OFF = "switched off: it does not register"
NOT_SIP = "a registration of IAX2: a SIP carrier does not answer it"


@dataclass(frozen=True, slots=True)
class Item:
    """One registration that was meant, or the reason why there is none.

    `ignored` says why the system does not act on it, None when it does. `skip` is a reason not to run the item.
    `findings` holds those of the reading and of its surroundings. `keywords` are safe to match tests by. `registration`
    is what the system makes of it in neutral fields, None where it makes nothing or where they say no more than
    the reading.
    """

    id: str
    kind: Kind
    path: Path
    line: int
    source_line: str
    reading: Reading
    peer: Peer | None = None
    ignored: str | None = None
    keywords: tuple[str, ...] = ()
    skip: str | None = None
    findings: tuple[Finding, ...] = ()
    credentials: tuple[RealmCredentials, ...] = ()
    value: str = field(default="", repr=False)
    dialect: str = "asterisk-sip.conf"
    registration: Registration | None = None

    @property
    def system(self) -> str:
        """What the system is called whose config it is."""
        from . import registry

        return registry.system(self.dialect)

    @property
    def failing(self) -> bool:
        """Whether the item fails whatever a carrier says."""
        return self.skip is None and (
            self.kind == "nothing" or self.ignored is not None or any(f.severity == "error" for f in self.findings)
        )


def named(items: Iterable[Item]) -> tuple[Item, ...]:
    """Give ids: user and host where that gives no secret away, else the line; repeats are numbered."""
    counts: dict[str, int] = {}
    found: list[Item] = []
    for item in items:
        name = item.id or _name(item)
        counts[name] = counts.get(name, 0) + 1
        found.append(replace(item, id=name if counts[name] == 1 else f"{name}-{counts[name]}"))
    return tuple(found)


def _name(item: Item) -> str:
    reading = item.reading
    trunk = reading.meant or reading.real
    veil = Veil(reading.secrets)
    if trunk is not None and reading.parts_certain and trunk.user and trunk.host:
        host = trunk.host.strip("[]")
        text = f"{trunk.user}@{host}"
        if (
            text.isprintable()
            and ":" not in trunk.user  # it was between quotes that cover the password too
            and not any(map(veil.knows, (text, trunk.user, trunk.host)))
            and not set(text) & set("[]")
        ):
            return f"{item.kind}[{text}]"
    return f"{item.kind}[line-{item.line}]"


def selected(items: tuple[Item, ...], select: str) -> tuple[Item, ...]:
    """The items that somebody means: by number from 1, id, what stands in its brackets, or a keyword; maybe none."""
    if select.isdigit() and 1 <= int(select) <= len(items):
        return (items[int(select) - 1],)
    return tuple(item for item in items if select in (item.id, item.id.partition("[")[2].rstrip("]"), *item.keywords))


def items_of(parsed: Parsed, path: Path) -> tuple[Item, ...]:
    """The items of a text that was read from `path`."""
    meant = {(each.name, each.span): each for each in parsed.meant}
    pairs: list[tuple[Registration | None, Registration | None]] = [
        (each, meant.pop((each.name, each.span), None)) for each in parsed.registrations
    ]
    pairs += [(None, each) for each in meant.values()]
    pairs.sort(key=lambda pair: _line(pair[0] or pair[1]))
    if not pairs:
        return _nothing(parsed, path)
    lines = [_line(real or probably) for real, probably in pairs]
    findings: list[list[Finding]] = [[] for _ in pairs]
    for finding in parsed.findings:
        if not finding.path:
            findings[max(0, bisect.bisect_right(lines, finding.span.line) - 1)].append(finding)
    source = parsed.text.split("\n")
    made = [
        _item(parsed, path, source, line, real, probably, tuple(own))
        for (real, probably), line, own in zip(pairs, lines, findings, strict=True)
    ]
    return named(made)


def _line(registration: Registration | None) -> int:
    return registration.span.line if registration is not None and registration.span is not None else 1


def _item(
    parsed: Parsed,
    path: Path,
    source: list[str],
    line: int,
    real: Registration | None,
    probably: Registration | None,
    findings: tuple[Finding, ...],
) -> Item:
    errors = [finding.code for finding in findings if finding.severity == "error"]
    reading = Reading(
        text=parsed.text,
        real=real.trunk if real is not None else None,
        meant=(probably or real or Registration()).trunk if probably is not None or real is not None else None,
        findings=findings,
        secret_spans=parsed.secret_spans,
        trigger=errors[0] if probably is not None and errors else None,
        secrets=parsed.secrets,
    )
    veil = Veil(parsed.secrets)
    trunk = reading.meant or reading.real
    words = (trunk.user, trunk.host, trunk.domain, (real or probably or Registration()).name) if trunk else ()
    either = real or probably or Registration()
    skip = SWITCHED_OFF if either.register is False else NOT_SIP if either.protocol == "iax2" else None
    return Item(
        "",
        "register",
        path,
        line,
        source[line - 1].rstrip("\r") if line <= len(source) else "",
        reading,
        keywords=tuple(dict.fromkeys(word for word in words if word and not veil.knows(word))),
        skip=skip,
        findings=findings,
        dialect=parsed.dialect,
        registration=real,
    )


def _nothing(parsed: Parsed, path: Path) -> tuple[Item, ...]:
    """The item of a text without a registration: the carrier knows the address, or it is refused, or there is none."""
    first = next((f.span.line for f in parsed.findings if f.severity == "error"), 1)
    source = parsed.text.split("\n")
    line = source[first - 1].rstrip("\r") if first <= len(source) else ""
    secrets = parsed.secrets
    reading = Reading(parsed.text, None, None, parsed.findings, parsed.secret_spans, secrets=secrets)
    made = Item("", "register", path, first, line, reading, findings=parsed.findings, dialect=parsed.dialect)
    if parsed.auth_method == "ip":
        return named([replace(made, kind="ip-peer", skip=IP_AUTHENTICATED)])
    if not parsed.ok or any(f.severity == "error" for f in parsed.findings):
        return named([made])
    finding = codes.finding("SR183", Span(1, 1, 1), "There is nothing to register in this file.")
    findings = (*parsed.findings, finding)
    return (replace(made, id="nothing", kind="nothing", ignored="nothing to register", findings=findings),)
