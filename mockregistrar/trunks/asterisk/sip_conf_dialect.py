"""A whole sip.conf, or a piece of one: what it registers, and the peer sections by which calls go out.

A `register` line counts in [general] only; a peer section with `callbackextension` registers too. Where a line names a
section, or its host is the name of one, that section says where requests go. The same line twice is one registration.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks.c_numbers import c_integer
from mockregistrar.trunks.items import Item
from mockregistrar.trunks.model import Finding, Span, Trunk
from mockregistrar.trunks.parsed import Entry, Notes, Parsed, Registration
from mockregistrar.trunks.positions import encode

from . import sip_conf
from .conf_text import only, soft
from .sip_conf import SipConf
from .sip_conf_writer import NAME, render, render_all
from .sip_peers import Peer
from .sip_sections import unread_secrets

ALIASES = ("sip.conf",)
FORMS = ("file",)

_PASTED = Path("sip.conf")
_WARNED = frozenset(("SR102", "SR105", "SR188"))
_REFUSALS = frozenset(("SR160", "SR171"))
# What is said about the rest of a file, of which a single line has none.
_OF_A_FILE = frozenset(("SR174",))

__all__ = ["ALIASES", "FORMS", "NAME", "parse", "read_items", "render", "render_all"]


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a sip.conf or a piece of one. Never raises."""
    del form
    return read_items(text, path, dialect=NAME, form="file")


def read_items(text: str, path: Path | None, *, dialect: str, form: str) -> Parsed:
    """Read text of sip.conf as a whole; `dialect` and `form` are what the result calls itself."""
    octets = encode(text)
    if path is None:
        conf = sip_conf.read(_PASTED, read_file=only(_PASTED, octets), list_files=lambda _: [])
    else:
        conf = sip_conf.read(path, read_file=only(path, octets, Path.read_bytes))
    notes = Notes()
    real: list[Registration] = []
    meant: list[Registration] = []
    refused = any(f.code in _REFUSALS and f.severity == "error" for f in conf.findings)
    general = conf.general if form == "file" else None
    for item in conf.items:
        reading = item.reading
        notes.secrets.update(reading.secrets)
        if item.path == conf.path:
            notes.secret_spans.extend(reading.secret_spans)
        if item.kind not in ("register", "callbackextension"):
            continue
        acted_on = item.ignored is None and not refused
        if acted_on and reading.real is not None:
            real.append(_registration(reading.real, item, general))
        elif item.kind == "register" and (item.ignored is None or _warned(item)):
            refused = True
        repeated = any(f.code == "SR162" for f in item.findings)  # it is registered all the same, by the first of them
        if reading.meant is not None and not repeated and (not acted_on or reading.meant != reading.real):
            meant.append(_registration(reading.meant, item, general))
        if not reading.parts_certain:  # then the auth user may be a piece of the password
            both = (reading.real, reading.meant)
            notes.secrets.update(trunk.auth_user for trunk in both if trunk is not None and trunk.auth_user)
    notes.secrets.update(conf.secrets)
    notes.secret_spans.extend(conf.secret_spans)
    read = {span.line for span in notes.secret_spans}
    notes.secret_spans.extend(span for span in unread_secrets(text) if span.line not in read)
    notes.findings.extend(f for f in _findings(conf, path is None) if form == "file" or f.code not in _OF_A_FILE)
    by_address = any(item.kind == "ip-peer" for item in conf.items)
    return notes.complete(
        Parsed(
            dialect,
            form,
            text,
            ok=not refused,
            registrations=tuple(real),
            meant=tuple(meant),
            peers=tuple(map(peer_entry, conf.peers)) or None,
            auth=tuple(_auth(conf)) or None,
            auth_method=("ip" if by_address else "digest" if real else None) if form == "file" else None,
            spans_complete=True,
        )
    )


def _warned(item: Item) -> bool:
    """Whether Asterisk prints that it does not take the line, rather than ignoring it in silence."""
    return any(f.log and f.code in _WARNED for f in item.findings)


def _registration(trunk: Trunk, item: Item, general: dict[str, str] | None) -> Registration:
    """With a peer section that stands in for the host, requests go where that section says.

    `general` holds the options of [general], None where they are not known.
    """
    target = trunk.target
    made = Registration.of(trunk, name=item.id)
    if target is not None:
        made = replace(made, host=target.host, port=target.port, transport=target.transport)
    proxy = (target.outbound_proxy if target is not None else "") or (general or {}).get("outboundproxy", "")
    if proxy:
        made = replace(made, outbound_proxy=proxy)
    if general is not None:
        timeout = c_integer(encode(general.get("registertimeout", ""))) or 0
        attempts = c_integer(encode(general.get("registerattempts", ""))) or 0
        made = replace(made, retry_interval=timeout if timeout >= 1 else 20, max_retries=max(0, attempts))
    return made


def _findings(conf: SipConf, pasted: bool) -> list[Finding]:
    found = [*conf.findings, *(finding for item in conf.items for finding in item.findings)]
    once: dict[tuple[str, Span, str], Finding] = {}
    for finding in found:  # a line that refuses the file is told of by the reader and by its item
        once.setdefault((finding.code, finding.span, finding.path if not pasted else ""), finding)
    found = list(once.values())
    if pasted:
        return [soft(finding) for finding in found]
    paths = {f: item.path for item in conf.items for f in item.findings}
    return [
        replace(f, path="" if (f.path or str(paths.get(f, conf.path))) == str(conf.path) else f.path or str(paths[f]))
        for f in found
    ]


def peer_entry(peer: Peer) -> Entry:
    """A peer section for the JSON twin."""
    entry: dict[str, str | int | bool | list[str]] = {"name": peer.name, "type": peer.kind}
    entry["host"] = "dynamic" if peer.dynamic else peer.host
    if peer.port is not None:
        entry["port"] = peer.port
    entry["transport"] = peer.transport
    named = (
        ("user", peer.user),
        ("secret", peer.secret),
        ("remotesecret", peer.remote_secret),
        ("md5secret", peer.md5_secret),
        ("fromuser", peer.from_user),
        ("fromdomain", peer.from_domain),
        ("outbound_proxy", peer.outbound_proxy),
        ("callbackextension", peer.callback),
    )
    entry.update({key: value for key, value in named if value})
    return entry


def _auth(conf: SipConf) -> list[Entry]:
    found: list[Entry] = []
    for each in conf.credentials:
        entry: dict[str, str | int | bool | list[str]] = {"user": each.user, "realm": each.realm}
        if each.secret:
            entry["secret"] = each.secret
        if each.md5secret:
            entry["md5secret"] = each.md5secret
        found.append(entry)
    return found
