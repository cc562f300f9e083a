"""Manners by name: by their own, and by that of the dialect that a registration is written in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mockregistrar.client.manners import asterisk, libraries, plain, servers, softphones, tools
from mockregistrar.client.manners.model import Manners

MANNERS: Final[Mapping[str, Manners]] = MappingProxyType(
    {
        manners.name: manners
        for room in (asterisk, plain, servers, softphones, libraries, tools)
        for manners in room.FAMILY
    }
)
"""All manners by name."""

_OF_DIALECT: Final = MappingProxyType(
    {
        "asterisk-chan_sip": "asterisk-chan_sip",
        "asterisk-chan_sip-1.4": "asterisk-chan_sip",
        "asterisk-sip.conf": "asterisk-chan_sip",
        "asterisk-pjsip.conf": "asterisk-pjsip",
        "asterisk-pjsip_wizard.conf": "asterisk-pjsip",
        "vicidial-carrier": "asterisk-chan_sip",
        "freepbx-chan_sip-form": "asterisk-chan_sip",
        "freepbx-pjsip-form": "freepbx-pjsip",
        "mikopbx-provider": "mikopbx",
        "3cx-trunk": "3cx",
        "freeswitch-gateway": "freeswitch",
        "kamailio-uacreg": "kamailio-uac",
        "opensips-registrant": "opensips-registrant",
        "baresip-accounts": "baresip",
        "linphonerc": "linphone",
        "pjsua-cmdline": "pjsua",
        "microsip-ini": "microsip",
        "twinkle-cfg": "twinkle",
        "grandstream-xml": "grandstream",
        "sipp-inf": "sipp",
        "sipsak-cmdline": "sipsak",
        "jssip": "jssip",
        "sipjs": "sipjs",
        "pyvoip": "pyvoip",
        # Nothing is known of how these refresh and retry, or the text does not say who will read it.
        "yate-accfile": "rfc3261",
        "yealink-cfg": "rfc3261",
        "cisco-spa-xml": "rfc3261",
        "sipexer-cmdline": "rfc3261",
        "drachtio": "rfc3261",
        "env": "rfc3261",
        "sip-uri-chan_sip": "rfc3261",
        "sip-uri-pjsip": "rfc3261",
    }
)
_NOT_SIP: Final = "asterisk-iax2"


def manners_named(name: str) -> Manners:
    """Return the manners of that name; raise ValueError listing those there are, the nearest first."""
    found = MANNERS.get(name)
    if found is None:
        import difflib

        near = difflib.get_close_matches(name, MANNERS, len(MANNERS), 0.5)
        known = sorted(MANNERS, key=lambda other: (near.index(other) if other in near else len(near), other))
        raise ValueError(f"no manners are called {name!r}; there are {', '.join(known)}")
    return found


def manners_for(dialect: str, *, protocol: str = "") -> Manners:
    """Return the manners of the system that reads a dialect, by the dialect's name or a short one for it.

    `protocol` is what a VICIdial carrier has there: with ``PJSIP`` or ``PJSIP_WIZ`` another driver reads it. The names
    of manners are taken too. Raises ValueError for a name that is none, with the nearest, and for IAX2, which is not
    SIP.
    """
    from mockregistrar.trunks import registry

    wanted = dialect.lower()
    aliases = registry.aliases()
    canonical = aliases.get(wanted, wanted)
    if canonical == _NOT_SIP:
        raise ValueError(f"{_NOT_SIP} is not SIP: no client here behaves as its system does")
    if canonical == "vicidial-carrier" and protocol.upper().startswith("PJSIP"):
        return asterisk.ASTERISK_PJSIP
    name = _OF_DIALECT.get(canonical, canonical)
    if name not in MANNERS:
        import difflib

        known = [*_OF_DIALECT, *aliases, *MANNERS]
        near = difflib.get_close_matches(wanted, known, 1, 0.0)[0]
        raise ValueError(f"no dialect is called {dialect!r}; did you mean {near!r}?")
    return MANNERS[name]
