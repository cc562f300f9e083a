"""Which dialect a text is in, and by which sign: a keyword, `<sip:`, `[section]` and `type=`, an XML root, a port.

The signs are tried from the surest to the weakest; the first that fits decides, and is said. Only the beginning of a
text is looked at, so that a long one costs no more than a short one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from . import (
    baresip,
    env_file,
    freepbx_chan_sip,
    freepbx_pjsip,
    freeswitch_gateway,
    iax2,
    linphonerc,
    microsip_ini,
    pjsua_cmdline,
    vicidial_rows,
)
from .chan_sip_dialect import looks_like_line

HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Detected:
    """A dialect, the form of the text in it, and why: `reason` completes "because ..."."""

    dialect: str
    form: str
    reason: str


_FILES = {
    "sip.conf": "asterisk-sip.conf",
    "sip-vicidial.conf": "asterisk-sip.conf",
    "pjsip.conf": "asterisk-pjsip.conf",
    "pjsip_wizard.conf": "asterisk-pjsip_wizard.conf",
}
_TYPE = re.compile(r"^[ \t]*type[ \t]*=>?[ \t]*([A-Za-z-]+)", re.MULTILINE)
_SECTION = re.compile(r"^[ \t]*\[[^\]\n]+\]", re.MULTILINE)
_PJSIP_OPTION = re.compile(
    r"^[ \t]*(?:server_uri|client_uri|outbound_auth|auth_type|aors|contact_user)[ \t]*=", re.MULTILINE
)
_PJSIP_TYPES = frozenset(
    ("registration", "auth", "endpoint", "aor", "identify", "transport", "acl", "global", "system")
)
_OPTION = re.compile(r"^[ \t]*[A-Za-z_]\w*[ \t]*=", re.MULTILINE)


def detect(text: str, path_name: str | None = None) -> Detected:
    """The dialect and form of a text; `path_name` is the name of the file that it comes from. Never raises."""
    head = text[:HEAD].lstrip("\ufeff")
    found = _by_name(head, path_name) or _forms(head) or _clients(head) or _sections(head)
    return found or _single(head)


def _by_name(head: str, path_name: str | None) -> Detected | None:
    if not path_name:
        return None
    name = PurePath(path_name).name.lower()
    if name == "accounts" and "sip" in head:
        return Detected(baresip.NAME, "file", "the file is named accounts")
    if name == ".env" or name.endswith(".env"):
        return Detected(env_file.NAME, "file", f"the file is named {name}")
    if name in _FILES:
        return Detected(_FILES[name], "file", f"the file is named {name}")
    if name == "iax.conf" and "\n" not in head.strip():
        return Detected(iax2.NAME, "line", "the file is named iax.conf")
    if name.startswith("pjsip") and name.endswith(".conf") and _SECTION.search(head):
        wizard = "wizard" in name
        dialect = "asterisk-pjsip_wizard.conf" if wizard else "asterisk-pjsip.conf"
        return Detected(dialect, "file", f"the file is named {name}")
    return None


def _forms(head: str) -> Detected | None:
    rows = vicidial_rows.looks_like(head)
    if rows:
        what = {"row": "rows of vicidial_server_carriers", "json": "its columns", "form": "the fields of its page"}
        return Detected("vicidial-carrier", rows, f"it has {what[rows]}")
    if head.lstrip().startswith("{"):
        if '"sip_server"' in head or '"sip_server_port"' in head:
            return Detected(freepbx_pjsip.NAME, "json", "it has the keys of FreePBX's pjsip trunk")
        return None
    if freepbx_chan_sip.is_form(head):
        return Detected(freepbx_chan_sip.NAME, "form", "it has the labels of FreePBX's chan_sip trunk page")
    if freepbx_pjsip.is_form(head):
        return Detected(freepbx_pjsip.NAME, "form", "it has the labels of FreePBX's pjsip trunk page")
    return None


def _clients(head: str) -> Detected | None:
    start = head.lstrip()
    if start.startswith("<") and freeswitch_gateway.looks_like(head):
        return Detected(freeswitch_gateway.NAME, "file", "it is XML with a gateway")
    if _SECTION.search(head) is None and baresip.looks_like(head):
        form = "file" if "\n" in head.strip() else "line"
        return Detected(baresip.NAME, form, "it has an address in angle brackets, or baresip's parameters")
    if linphonerc.looks_like(head):
        return Detected(linphonerc.NAME, "file", "it has sections such as [proxy_0] and [auth_info_0]")
    if microsip_ini.looks_like(head):
        return Detected(microsip_ini.NAME, "file", "it has sections such as [Account1]")
    if pjsua_cmdline.looks_like(head):
        return Detected(pjsua_cmdline.NAME, pjsua_cmdline.form_of(head), "it has the options of pjsua")
    if env_file.looks_like(head):
        return Detected(env_file.NAME, "file", "it sets variables such as SIP_USERNAME")
    if re.match(r"(?:sips?|tel):[^\n]*\Z", start.strip(), re.IGNORECASE) and "@" in start + "@":
        return Detected("sip-uri-pjsip", "value", "it begins with a URI scheme")
    return None


def _sections(head: str) -> Detected | None:
    if _SECTION.search(head) is None:
        options = [line for line in head.splitlines() if _OPTION.match(line)]
        if len(options) > 1 and _PJSIP_OPTION.search(head):
            return Detected("asterisk-pjsip.conf", "file", "it has the options of PJSIP objects")
        if len(options) > 1:
            return Detected("asterisk-sip.conf", "file", "it is several options without a section")
        return None
    kinds = [kind.lower() for kind in _TYPE.findall(head)]
    if "wizard" in kinds:
        return Detected("asterisk-pjsip_wizard.conf", "file", "a section has type=wizard")
    for kind in kinds:
        if kind in _PJSIP_TYPES:
            return Detected("asterisk-pjsip.conf", "file", f"a section has type={kind}")
    if _PJSIP_OPTION.search(head):
        return Detected("asterisk-pjsip.conf", "file", "it has the options of PJSIP objects")
    for kind in kinds:
        if kind in ("peer", "friend", "user"):
            return Detected("asterisk-sip.conf", "file", f"a section has type={kind}")
    return Detected("asterisk-sip.conf", "file", "it has [sections] and options")


def _single(head: str) -> Detected:
    line = head.strip()
    if "\n" in line:
        return Detected("asterisk-sip.conf", "file", "it has several lines")
    form = "line" if looks_like_line(line) else "value"
    why = iax2.looks_like(line.split(";")[0])
    if why:
        return Detected(iax2.NAME, form, why)
    if form == "line":
        return Detected("asterisk-chan_sip", "line", "it begins with an option name, as a line of sip.conf does")
    return Detected("asterisk-chan_sip", "value", "it has the form user:password@host")
