"""From one dialect to another: what was meant, written so that the target reads exactly that, or not at all.

Theory of operation. The registrations of a text are written one by one by the target's `render`. What it wrote is then
read back by the target's own reader and compared with what was to be said, because a dialect that has no place for an
outbound proxy or a realm would lose it without a word. What is lost and matters for the login refuses the conversion;
what only changes manners (retries, a display name) is noted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from . import registry
from .model import CannotRender, Trunk
from .parsed import Dialect, Parsed, Registration

_ANY_REALM = ("", "*", None)
_IAX2 = "asterisk-iax2"


@dataclass(frozen=True, slots=True)
class Converted:
    """A text in the target's dialect, and what there is to say about it."""

    text: str = field(repr=False)
    notes: tuple[str, ...] = ()


def registrations_of(parsed: Parsed) -> tuple[tuple[Registration, ...], tuple[str, ...]]:
    """What is to be converted: what was meant where that is known, else what the system reads; and notes about it."""
    if not parsed.meant:
        return parsed.registrations, ()
    places = {(each.name, each.span): each for each in parsed.meant}
    chosen = [places.pop((each.name, each.span), each) for each in parsed.registrations]
    chosen += places.values()
    codes = ", ".join(dict.fromkeys(f.code for f in parsed.findings if f.severity == "error"))
    return tuple(chosen), (f"converted what was probably meant, not what {parsed.dialect} reads ({codes})",)


def convert(parsed: Parsed, to: str, *, whole: bool = False, select: str = "") -> Converted:
    """Write the registrations of a text in another dialect; `whole` asks for a whole config.

    `select` picks one of several: its number from 1, its name, user or `user@host`. Raises CannotRender where something
    would be lost, and ValueError for a dialect that is not written here, or when nothing is selected.
    """
    if parsed.form == "log":
        raise CannotRender("", "it is a log: it tells who registers where, but holds no password")
    found, notes = registrations_of(parsed)
    if select:
        found = _selected(found, select)
    if not found:
        raise CannotRender("", _nothing(parsed))
    target = registry.named(to)
    for each in found:
        _refuse(each, parsed.dialect)
    trunks = [_trunk(each, target.NAME) for each in found]
    said = [note for each, trunk in zip(found, trunks, strict=True) for note in _lost(each, trunk, target)]
    if len(trunks) > 1:
        text = registry.render_all(to, trunks)
    else:
        text = registry.render_config(to, trunks[0]) if whole else registry.render(to, trunks[0])
    return Converted(text, tuple(dict.fromkeys([*notes, *said])))


def _selected(found: Sequence[Registration], select: str) -> tuple[Registration, ...]:
    if select.isdigit() and 1 <= int(select) <= len(found):
        return (found[int(select) - 1],)
    chosen = tuple(each for each in found if select in (each.name, each.user, f"{each.user}@{each.host}"))
    if not chosen:
        known = ", ".join(f"{number} ({each.user}@{each.host})" for number, each in enumerate(found[:10], 1))
        raise ValueError(f"no registration is called {select!r}; there are {known or 'none'}")
    return chosen


def _nothing(parsed: Parsed) -> str:
    if parsed.auth_method == "ip":
        return "there is nothing to register in it: the carrier knows the address"
    return (
        "there is no registration in it"
        if parsed.ok
        else f"{parsed.dialect} refuses it, and what was meant is not known"
    )


def _refuse(each: Registration, source: str) -> None:
    """Raise CannotRender for what no target can say."""
    if not each.user or not each.host:
        missing = "user" if not each.user else "host"
        raise CannotRender("", f"{source} leaves the {missing} open: a registration needs one")


def _trunk(each: Registration, target: str) -> Trunk:
    """The trunk to write. A port of IAX2 means nothing in SIP, nor the other way round."""
    if (each.protocol == "iax2") != (target == _IAX2):
        return replace(each, port=None).trunk
    return each.trunk


def _host_of(proxy: str) -> str:
    """The host of a proxy, which is a URI in some dialects and a host with or without a port in others."""
    found = re.match(r"[\s<]*(?:[a-z]+:(?://)?)?(?:[^@>]*@)?(\[[^\]]*\]|[^:;>\s/?]*)", proxy, re.IGNORECASE)
    return found.group(1).lower() if found else ""


def _lost(each: Registration, trunk: Trunk, target: Dialect) -> list[str]:
    """What the target's own reader does not find again. Raises CannotRender where the login depends on it."""
    back = target.parse(registry.render_config(target.NAME, trunk)).registrations
    if not back:
        raise CannotRender("", f"{target.NAME} would not read what is written for it")
    read = back[0]
    proxy = _host_of(each.outbound_proxy or "")
    if proxy not in ("", (each.host or "").lower(), (read.host or "").lower(), _host_of(read.outbound_proxy or "")):
        raise CannotRender(proxy, f"{target.NAME} is written without the outbound proxy `{proxy}` that it needs")
    notes = []
    if (each.protocol == "iax2") != (target.NAME == _IAX2):
        notes.append("IAX2 and SIP are two protocols: the carrier must offer the other one too, at its own port")
    if each.realm not in (*_ANY_REALM, each.host, each.domain, each.name, read.realm):
        notes.append(f"the realm `{each.realm}` is left out: {target.NAME} answers any")
    if each.display_name and each.display_name != read.display_name:
        notes.append(f"the display name `{each.display_name}` is left out")
    if each.extension not in (None, "", "s") and read.extension not in (None, each.extension):
        notes.append(f"calls will not come to extension `{each.extension}`, but to `{read.extension or 's'}`")
    if each.expiry is not None and read.expiry not in (None, each.expiry):
        notes.append(f"it will ask for {read.expiry} s instead of {each.expiry} s")
    if each.register is False:
        notes.append("it does not register where it comes from; what is written here does")
    return notes
