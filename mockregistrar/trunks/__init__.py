"""Registration strings and client configurations: one module for each dialect.

A text is read twice, as its system reads it and as it was meant (`Reading`), into the neutral `Trunk`. Nothing here
does any I/O but `sip_conf.read`, through the callable it is given.
"""

from __future__ import annotations

import difflib
from types import ModuleType

from . import asterisk_chan_sip, asterisk_sip_conf, sip_conf, vicidial
from .codes import CODES, Code
from .excerpt import excerpt, finding_excerpt
from .masking import Veil, mask
from .model import CannotRender, Finding, Reading, Severity, Span, Target, Trunk
from .sip_conf import Item, SipConf
from .sip_peers import Peer, RealmCredentials
from .truth import Difference, KnownAccount, Truth, truth

_DIALECTS: dict[str, ModuleType] = {
    name: module for module in (asterisk_chan_sip, vicidial) for name in (module.NAME, *module.ALIASES)
}
_CONFIGS: dict[str, ModuleType] = dict.fromkeys((asterisk_sip_conf.NAME, "sip.conf", *_DIALECTS), asterisk_sip_conf)


def dialect(name: str) -> ModuleType:
    """The module of a dialect: `parse`, `render`, `registration_line`. Raises ValueError naming the nearest."""
    return _named(name, _DIALECTS, "dialect")


def dialects() -> tuple[str, ...]:
    """The names that `dialect` knows, aliases included."""
    return tuple(_DIALECTS)


def render_config(dialect: str, trunk: Trunk, name: str = "") -> str:
    """A whole client config for a trunk; `name` is that of its section. Raises ValueError and CannotRender."""
    found = _named(dialect, _CONFIGS, "config dialect")
    if dialect.lower() == vicidial.NAME and ";" in trunk.secret:
        raise CannotRender(";", "VICIdial deletes every `;` from its fields: it cannot be written there")
    return str(found.render(trunk, name))


def _named(name: str, known: dict[str, ModuleType], what: str) -> ModuleType:
    found = known.get(name.lower())
    if found is None:
        near = difflib.get_close_matches(name.lower(), known, 1, 0.3) or sorted(known)[:1]
        raise ValueError(f"unknown {what} {name!r}; did you mean {near[0]!r}? Known: {', '.join(sorted(known))}")
    return found


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
