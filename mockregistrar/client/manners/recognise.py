"""Which client sent a request: told by what it calls itself, and where that is not enough by its branch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mockregistrar.client.manners.names import MANNERS

if TYPE_CHECKING:
    from mockregistrar.client.manners.model import Manners
    from mockregistrar.sip.message import Request

_BY_NAME: Final = (
    (r"FreeSWITCH", "freeswitch"),
    (r"kamailio", "kamailio-uac"),
    (r"OpenSIPS", "opensips-registrant"),
    (r"3CX", "3cx"),
    (r"baresip v[0-3]\.", "baresip"),
    (r"baresip v\d", "baresip-4"),
    (r"Linphone", "linphone"),
    (r"Twinkle/", "twinkle"),
    (r"PJSUA ", "pjsua"),
    (r"MicroSIP/", "microsip"),
    (r"sipsak ", "sipsak"),
    (r"Grandstream ", "grandstream"),
    (r"JsSIP ", "jssip"),
    (r"SIP\.js/", "sipjs"),
    (r"pyVoIP ", "pyvoip"),
)
_ASTERISK: Final = re.compile(r"Asterisk PBX|FPBX-|MikoPBX")
_PJSIP_BRANCH: Final = "z9hG4bKPj"
"""How pjproject begins every branch; chan_sip writes eight hexadecimal digits behind ``z9hG4bK``."""


def manners_seen(request: Request) -> Manners | None:
    """Return the manners of the client that sent `request`; None where it is none that is known."""
    agent = request.first("user-agent") or ""
    if _ASTERISK.match(agent):
        via = request.first("via") or ""
        by_name = {"FPBX": "freepbx-pjsip", "Miko": "mikopbx"}
        pjsip = by_name.get(agent[:4], "asterisk-pjsip")
        return MANNERS[pjsip if f"branch={_PJSIP_BRANCH}" in via else "asterisk-chan_sip"]
    for pattern, name in _BY_NAME:
        if re.match(pattern, agent, re.IGNORECASE):
            return MANNERS[name]
    return None
