"""Config files of any dialect, as the items that can be tried: what the plugin and `check` go through.

Reading a file is the only I/O here, through a callable that may be replaced.
"""

from __future__ import annotations

import glob
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import detect, explanation
from .items import Item, items_of
from .model import Finding
from .positions import decode

ReadFile = Callable[[Path], bytes]
ListFiles = Callable[[str], "list[str]"]

_SIP_CONF = "asterisk-sip.conf"


@dataclass(frozen=True, slots=True)
class TrunkFile:
    """A config: its dialect and items, findings that belong to none of them, and all files that were read for it.

    `reason` says by which sign the dialect was known, empty where it was named. `notes` are sentences about the file as
    a whole. `is_fragment` tells a file that another one is meant to include.
    """

    path: Path
    dialect: str
    items: tuple[Item, ...]
    findings: tuple[Finding, ...] = ()
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    is_fragment: bool = False
    reason: str = ""


def read(
    path: Path | str,
    *,
    dialect: str | None = None,
    form: str | None = None,
    read_file: ReadFile = Path.read_bytes,
    list_files: ListFiles = glob.glob,
    rootdir: Path | None = None,
) -> TrunkFile:
    """Read a config with all that it includes; the dialect is detected where none is named.

    `rootdir` is what the paths in notes are shown relative to. Raises OSError when `path` itself cannot be read, and
    ValueError for a dialect or form that there is not.
    """
    path = Path(path)
    octets = read_file(path)
    text = text_of(octets)
    name, reason, form = explanation.chosen(text, dialect, form, path)
    if name == _SIP_CONF:
        from .asterisk import sip_conf

        conf = sip_conf.read(
            path,
            read_file=lambda wanted: octets if wanted == path else read_file(wanted),
            list_files=list_files,
            rootdir=rootdir,
        )
        return TrunkFile(path, name, conf.items, conf.findings, conf.files, conf.notes, conf.is_fragment, reason)
    parsed = explanation.explain(text, dialect=name, form=form, path=path).parsed
    elsewhere = tuple(finding for finding in parsed.findings if finding.path)
    files = parsed.files or (path,)
    return TrunkFile(path, parsed.dialect, items_of(parsed, path), elsewhere, files, reason=reason)


def of_text(text: str, *, dialect: str | None = None, form: str | None = None, called: str = "text") -> TrunkFile:
    """Read a text that is no file; `called` is how it is called in reports. Raises ValueError as `read` does."""
    path = Path(called)
    found = explanation.explain(text, dialect=dialect, form=form)
    if found.parsed.dialect == _SIP_CONF:
        made = read(path, dialect=_SIP_CONF, read_file=lambda _: text.encode("utf-8", "surrogateescape"))
        return TrunkFile(path, made.dialect, made.items, made.findings, reason=found.reason)
    return TrunkFile(path, found.parsed.dialect, items_of(found.parsed, path), reason=found.reason)


def looks_like_trunks(octets: bytes, name: str) -> bool:
    """Whether a file of this name is a config of a known dialect; cheap, and never raises."""
    from .asterisk.sip_conf import looks_like_sip_conf

    head = octets[: detect.HEAD]
    if b"\0" in head[:4096] and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return looks_like_sip_conf(head) or detect.detect(text_of(head), name).sure


def text_of(octets: bytes) -> str:
    """The octets of a config as text: UTF-8 with what is none kept, or the UTF-16 of Windows programs."""
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return octets.decode("utf-16", "replace")
    return decode(octets)
