"""Registration strings and client configurations: one module for each dialect.

A text is read as its system reads it and as it was meant, into the neutral `Trunk`. `explain` reads any text, `render`
writes a trunk in any dialect that writes one; `registry` knows the dialects. Nothing here does any I/O but
`trunk_files.read` and the includes of what has a path, through callables that may be replaced.

Names are exported lazily (PEP 562), and a dialect's module is imported when its name is first asked for: all together
take longer to import than a carrier takes to start.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .excerpt import excerpt, finding_excerpt  # not lazily: the import of that module would take the function's name

if TYPE_CHECKING:
    from .asterisk.sip_peers import Peer as Peer
    from .asterisk.sip_peers import RealmCredentials as RealmCredentials
    from .codes import CODES as CODES
    from .codes import Code as Code
    from .explanation import Explanation as Explanation
    from .explanation import explain as explain
    from .explanation import report as report
    from .items import Item as Item
    from .known import Difference as Difference
    from .known import KnownAccount as KnownAccount
    from .known import Truth as Truth
    from .known import truth as truth
    from .masking import Veil as Veil
    from .masking import mask as mask
    from .model import CannotRender as CannotRender
    from .model import Finding as Finding
    from .model import Reading as Reading
    from .model import Severity as Severity
    from .model import Span as Span
    from .model import Target as Target
    from .model import Trunk as Trunk
    from .parsed import Parsed as Parsed
    from .parsed import Registration as Registration
    from .registry import aliases as aliases
    from .registry import named as dialect
    from .registry import names as dialects
    from .registry import render as render
    from .registry import render_config as render_config
    from .trunk_files import TrunkFile as TrunkFile

# A public name needs a line above for type checkers, and its word here. No module may be called like a function that it
# exports. (A dialect has its one line in `registry`.)
_ROOMS = {
    name: room
    for room, names in (
        ("asterisk.sip_peers", "Peer RealmCredentials"),
        ("codes", "CODES Code"),
        ("explanation", "Explanation explain report"),
        ("items", "Item"),
        ("known", "Difference KnownAccount Truth truth"),
        ("masking", "Veil mask"),
        ("model", "CannotRender Finding Reading Severity Span Target Trunk"),
        ("parsed", "Parsed Registration"),
        ("registry", "aliases render render_config"),
        ("trunk_files", "TrunkFile"),
    )
    for name in names.split()
}
_RENAMED = {"dialect": ("registry", "named"), "dialects": ("registry", "names")}


def __getattr__(name: str) -> Any:
    room, attribute = _RENAMED.get(name) or (_ROOMS.get(name), name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{room}"), attribute)
    globals()[name] = value
    return value


__all__ = [
    "CODES",
    "CannotRender",
    "Code",
    "Difference",
    "Explanation",
    "Finding",
    "Item",
    "KnownAccount",
    "Parsed",
    "Peer",
    "Reading",
    "RealmCredentials",
    "Registration",
    "Severity",
    "Span",
    "Target",
    "Trunk",
    "TrunkFile",
    "Truth",
    "Veil",
    "aliases",
    "dialect",
    "dialects",
    "excerpt",
    "explain",
    "finding_excerpt",
    "mask",
    "render",
    "render_config",
    "report",
    "truth",
]
