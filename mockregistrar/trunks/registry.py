"""All dialects by name and alias; a dialect's module is imported when it is first asked for."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import cast

from .model import CannotRender, Trunk
from .parsed import Dialect

# The name, the module, and the short names. Order is the order in which they are listed.
_ROWS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("asterisk-chan_sip", "asterisk.chan_sip_dialect", ("asterisk", "chan_sip", "sip")),
    ("asterisk-chan_sip-1.4", "asterisk.chan_sip_14", ("asterisk-1.4", "chan_sip-1.4")),
    ("asterisk-sip.conf", "asterisk.sip_conf_dialect", ("sip.conf",)),
    ("asterisk-iax2", "asterisk.iax2", ("iax2", "iax")),
    ("asterisk-pjsip.conf", "asterisk.pjsip_conf", ("pjsip", "pjsip.conf", "asterisk-pjsip")),
    (
        "asterisk-pjsip_wizard.conf",
        "asterisk.pjsip_wizard",
        ("pjsip_wizard", "pjsip_wizard.conf", "asterisk-pjsip_wizard"),
    ),
    ("vicidial-carrier", "pbx.vicidial_carrier", ("vicidial",)),
    ("freepbx-chan_sip-form", "pbx.freepbx_chan_sip", ("freepbx", "freepbx-chan_sip", "elastix", "issabel")),
    ("freepbx-pjsip-form", "pbx.freepbx_pjsip", ("freepbx-pjsip",)),
    ("mikopbx-provider", "pbx.mikopbx_provider", ("mikopbx",)),
    ("3cx-trunk", "pbx.threecx_trunk", ("3cx",)),
    ("freeswitch-gateway", "servers.freeswitch_gateway", ("freeswitch",)),
    ("kamailio-uacreg", "servers.kamailio_uacreg", ("kamailio",)),
    ("opensips-registrant", "servers.opensips_registrant", ("opensips",)),
    ("yate-accfile", "servers.yate_accfile", ("yate",)),
    ("baresip-accounts", "clients.baresip", ("baresip",)),
    ("linphonerc", "clients.linphonerc", ("linphone",)),
    ("pjsua-cmdline", "clients.pjsua_cmdline", ("pjsua",)),
    ("microsip-ini", "clients.microsip_ini", ("microsip",)),
    ("twinkle-cfg", "clients.twinkle_cfg", ("twinkle",)),
    ("yealink-cfg", "phones.yealink_cfg", ("yealink",)),
    ("grandstream-xml", "phones.grandstream_xml", ("grandstream",)),
    ("cisco-spa-xml", "phones.cisco_spa_xml", ("cisco-spa", "spa")),
    ("jssip", "libraries.jssip", ()),
    ("sipjs", "libraries.sipjs", ()),
    ("pyvoip", "libraries.pyvoip", ()),
    ("drachtio", "libraries.drachtio", ()),
    ("sipp-inf", "tools.sipp_inf", ("sipp",)),
    ("sipsak-cmdline", "tools.sipsak_cmdline", ("sipsak",)),
    ("sipexer-cmdline", "tools.sipexer_cmdline", ("sipexer",)),
    ("env", "clients.env_file", ("dotenv", ".env")),
    ("sip-uri-chan_sip", "uris.sip_uri_chan_sip", ()),
    ("sip-uri-pjsip", "uris.sip_uri_pjsip", ("sip-uri", "uri")),
)
_MODULES = {name: module for canonical, module, aliases in _ROWS for name in (canonical, *aliases)}

# A short name that stands for several systems' dialects of one house: which of them a text is in, the text tells.
_FAMILIES = {
    "asterisk": (
        "asterisk-chan_sip",
        "asterisk-sip.conf",
        "asterisk-pjsip.conf",
        "asterisk-pjsip_wizard.conf",
    ),
    "pjsip": ("asterisk-pjsip.conf", "asterisk-pjsip_wizard.conf"),
    "freepbx": ("freepbx-chan_sip-form", "freepbx-pjsip-form"),
}

_SYSTEMS = {
    "asterisk": "Asterisk",
    "vicidial": "Asterisk",
    "freepbx": "Asterisk",
    "freeswitch": "FreeSWITCH",
    "kamailio": "Kamailio",
    "opensips": "OpenSIPS",
    "mikopbx": "MikoPBX",
    "3cx": "3CX",
    "linphonerc": "linphone",
    "microsip": "MicroSIP",
    "twinkle": "Twinkle",
    "yate": "Yate",
    "yealink": "Yealink phone",
    "grandstream": "Grandstream phone",
    "cisco": "Cisco phone",
    "sipp": "SIPp",
    "jssip": "JsSIP",
    "sipjs": "SIP.js",
    "pyvoip": "pyVoIP",
    "env": "client",
    "sip-uri-chan_sip": "Asterisk",
    "sip-uri": "client",
}
"""What the system is called, by how the names of its dialects begin; others are called as their dialect begins."""


def system(name: str) -> str:
    """What the system of a dialect is called in a sentence. Raises ValueError for a name that is none."""
    found = str(module(name).NAME)
    words = {start: label for start, label in _SYSTEMS.items() if found.startswith(start)}
    return words[max(words, key=len)] if words else found.partition("-")[0]


def family(name: str) -> tuple[str, ...]:
    """The dialects that a name stands for, the usual one first. Raises ValueError for a name that is none."""
    return _FAMILIES.get(name.lower()) or (str(module(name).NAME),)


def names() -> tuple[str, ...]:
    """The names of all dialects, without aliases."""
    return tuple(row[0] for row in _ROWS)


def aliases() -> dict[str, str]:
    """Every short name, and the dialect that it stands for."""
    return {alias: name for name, _, short in _ROWS for alias in short}


def module(name: str) -> ModuleType:
    """The module of a dialect, by name or alias. Raises ValueError naming the nearest."""
    found = _MODULES.get(name.lower())
    if found is None:
        near = difflib.get_close_matches(name.lower(), _MODULES, 1, 0.3) or [names()[0]]
        raise ValueError(f"unknown dialect {name!r}; did you mean {near[0]!r}? Known: {', '.join(names())}")
    return import_module(f"{__package__}.{found}")


def named(name: str) -> Dialect:
    """A dialect by name or alias. Raises ValueError naming the nearest."""
    return cast(Dialect, module(name))


def renders(name: str) -> bool:
    """Whether a dialect can write a trunk."""
    return hasattr(module(name), "render")


def render(name: str, trunk: Trunk) -> str:
    """What is pasted into that system for a trunk: the registration where it has a field of its own, else the config.

    Raises CannotRender where the dialect has no way to write it, ValueError where it writes none.
    """
    found = _writing(name)
    return str(getattr(found, "registration_line", found.render)(trunk))


def render_config(name: str, trunk: Trunk, section: str = "") -> str:
    """A whole client config for a trunk; `section` is what it is called there. Raises as `render` does."""
    found = _writing(name)
    if hasattr(found, "render_config"):
        return str(found.render_config(trunk, section))
    named = section and "name" in inspect.signature(found.render).parameters
    return str(found.render(trunk, section) if named else found.render(trunk))


def render_all(name: str, trunks: Sequence[Trunk]) -> str:
    """One config for several trunks. Raises CannotRender for a dialect that holds one only, and as `render` does."""
    found = _writing(name)
    if hasattr(found, "render_all"):
        return str(found.render_all(trunks))
    if len(trunks) != 1:
        raise CannotRender("", f"it is written one account at a time, and there are {len(trunks)}")
    return render_config(name, trunks[0])


def _writing(name: str) -> ModuleType:
    found = module(name)
    if not hasattr(found, "render"):
        writing = ", ".join(each for each in names() if renders(each))
        raise ValueError(f"{found.NAME} is read here, but not written; written are {writing}")
    return found
