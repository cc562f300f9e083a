"""Read a sip.conf as chan_sip reads it, and list every registration that somebody meant to be in it.

Theory of operation. The config reader gives sections, options and strays. Each line that was meant as a registration
becomes an item: `register` in [general], which Asterisk acts on, and also `register` elsewhere, misspelt or unread
lines, which it does not. A commented-out line is none. Each `callbackextension` is one. The items belong to the file
and line where the text stands. Then context is added: the peer section that stands in for the host, duplicates,
defaults.
"""

from __future__ import annotations

import glob
import re
from dataclasses import dataclass, field
from pathlib import Path

from mockregistrar.trunks.items import Item
from mockregistrar.trunks.model import Finding, Span

from .config_reader import Comments, ListFiles, ReadFile, read_config, strip_comments
from .sip_peers import Peer, RealmCredentials, peers_of, realm_credentials

_KNOWN_NAMES = re.compile(
    rb"^\s*(?:register|context|bindaddr|udpbindaddr|bindport|allow|disallow|type|host|secret|defaultuser|username|nat"
    rb"|qualify|srvlookup|insecure|callbackextension|defaultexpiry|mwi|tcpenable|tlsenable)\s*=",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class SipConf:
    """A sip.conf with all it includes. `secret_spans` are places in the file itself, `secrets` what stands in any."""

    path: Path
    items: tuple[Item, ...]
    peers: tuple[Peer, ...]
    general: dict[str, str] = field(repr=False)
    findings: tuple[Finding, ...]
    files: tuple[Path, ...]
    notes: tuple[str, ...]
    is_fragment: bool
    credentials: tuple[RealmCredentials, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    secret_spans: tuple[Span, ...] = ()


def read(
    path: Path | str,
    *,
    read_file: ReadFile = Path.read_bytes,
    list_files: ListFiles = glob.glob,
    rootdir: Path | None = None,
) -> SipConf:
    """Read a sip.conf, or a fragment of one, with all its includes.

    `rootdir` is what the paths in notes are shown relative to. Raises OSError when `path` itself cannot be read.
    """
    from . import sip_items, sip_sections

    path = Path(path)
    octets = read_file(path)
    fragment = is_fragment(octets)
    config = read_config(path, read_file, list_files, inside="general" if fragment else None)
    notes: list[str] = []
    if fragment:
        name = shown_path(path, rootdir)
        notes.append(f"{name} begins without a section: it was read as if included at the end of [general].")
    peers = peers_of(config)
    credentials = realm_credentials(config)
    items = sip_items.items_of(config, peers, credentials)
    general = config.section("general")
    values = {option.key: option.text for option in general.options} if general else {}
    findings = tuple(config.findings) + sip_sections.findings(config, peers)
    hidden = sip_sections.secret_options(config)
    return SipConf(
        path,
        items,
        peers,
        values,
        findings,
        tuple(dict.fromkeys(config.files)),
        tuple(notes),
        fragment,
        credentials,
        tuple(dict.fromkeys(secret for secret, _ in hidden)),
        tuple(dict.fromkeys(span for _, span in hidden if span is not None)),
    )


def shown_path(path: Path, rootdir: Path | None) -> str:
    """A path as it is shown to people: relative to the root where that is possible."""
    if rootdir is not None:
        try:
            return str(path.relative_to(rootdir))
        except ValueError:
            return str(path)
    return str(path)


def is_fragment(octets: bytes) -> bool:
    """Whether a file is a piece that another includes: options first, and no [general] of its own."""
    if octets.startswith(b"\xef\xbb\xbf"):
        octets = octets[3:]
    first = ""
    state = Comments()
    for raw in octets.split(b"\n"):
        pieces, _ = strip_comments(raw, state)
        text = b"".join(raw[a:b] for a, b in pieces or ()).strip()
        if not text or text.startswith(b"#"):
            continue
        if text.startswith(b"["):
            first = first or "section"
            if re.match(rb"\[general\](?!\(\+\))", text, re.IGNORECASE):
                return False
        else:
            first = first or "option"
    return first == "option"


def looks_like_sip_conf(octets: bytes) -> bool:
    """Whether a file of any name could be a sip.conf or a fragment of one; cheap, and never raises."""
    head = octets[:262_144]
    if b"\0" in head[:4096]:
        return False
    return bool(_KNOWN_NAMES.search(head) or re.search(rb"^\s*\[(?:general|authentication)\]", head, re.I | re.M))
