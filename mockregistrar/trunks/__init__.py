"""Registration strings and client configurations: one module for each dialect.

A text is read twice, as its system reads it and as it was meant (`Reading`), into the neutral `Trunk`. Nothing here
does any I/O but `sip_conf.read`, through the callable it is given.

Names are exported lazily (PEP 562), and a dialect's module is imported when its name is first asked for: all together
take longer to import than a carrier takes to start.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .excerpt import excerpt, finding_excerpt  # not lazily: the import of that module would take the function's name

if TYPE_CHECKING:
    from . import asterisk_chan_sip as asterisk_chan_sip
    from . import asterisk_sip_conf as asterisk_sip_conf
    from . import sip_conf as sip_conf
    from . import vicidial as vicidial
    from .codes import CODES as CODES
    from .codes import Code as Code
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
    from .sip_conf import Item as Item
    from .sip_conf import SipConf as SipConf
    from .sip_peers import Peer as Peer
    from .sip_peers import RealmCredentials as RealmCredentials

# A public name needs a line above for type checkers, and its word here; a module exported by its own name stands in
# _MODULES. No module may be called like a function that it exports. (A dialect has its one line in `registry`.)
_ROOMS = {
    name: room
    for room, names in (
        ("codes", "CODES Code"),
        ("known", "Difference KnownAccount Truth truth"),
        ("masking", "Veil mask"),
        ("model", "CannotRender Finding Reading Severity Span Target Trunk"),
        ("sip_conf", "Item SipConf"),
        ("sip_peers", "Peer RealmCredentials"),
    )
    for name in names.split()
}
_MODULES = frozenset({"asterisk_chan_sip", "asterisk_sip_conf", "sip_conf", "vicidial"})

# What is pasted into a field, and by which module; what whole files are written by.
_DIALECTS = dict.fromkeys(("asterisk-chan_sip", "asterisk", "chan_sip"), "asterisk_chan_sip") | {"vicidial": "vicidial"}
_CONFIGS = dict.fromkeys(("asterisk-sip.conf", "sip.conf", *_DIALECTS), "asterisk_sip_conf")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{room}"), name)
    globals()[name] = value
    return value


def dialect(name: str) -> ModuleType:
    """The module of a dialect: `parse`, `render`, `registration_line`. Raises ValueError naming the nearest."""
    return _named(name, _DIALECTS, "dialect")


def dialects() -> tuple[str, ...]:
    """The names that `dialect` knows, aliases included."""
    return tuple(_DIALECTS)


def render_config(dialect: str, trunk: Trunk, name: str = "") -> str:
    """A whole client config for a trunk; `name` is that of its section. Raises ValueError and CannotRender."""
    found = _named(dialect, _CONFIGS, "config dialect")
    if dialect.lower() == "vicidial" and ";" in trunk.secret:
        from .model import CannotRender

        raise CannotRender(";", "VICIdial deletes every `;` from its fields: it cannot be written there")
    return str(found.render(trunk, name))


def _named(name: str, known: dict[str, str], what: str) -> ModuleType:
    found = known.get(name.lower())
    if found is None:
        import difflib

        near = difflib.get_close_matches(name.lower(), known, 1, 0.3) or sorted(known)[:1]
        raise ValueError(f"unknown {what} {name!r}; did you mean {near[0]!r}? Known: {', '.join(sorted(known))}")
    return importlib.import_module(f"{__name__}.{found}")


__all__ = [
    "CODES",
    "CannotRender",
    "Code",
    "Difference",
    "Finding",
    "Item",
    "KnownAccount",
    "Peer",
    "Reading",
    "RealmCredentials",
    "Severity",
    "SipConf",
    "Span",
    "Target",
    "Trunk",
    "Truth",
    "Veil",
    "asterisk_chan_sip",
    "asterisk_sip_conf",
    "dialect",
    "dialects",
    "excerpt",
    "finding_excerpt",
    "mask",
    "render_config",
    "sip_conf",
    "truth",
    "vicidial",
]
