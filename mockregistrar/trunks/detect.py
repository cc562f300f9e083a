"""Which dialect a text is in, and by which sign: a keyword, `<sip:`, `[section]` and `type=`, an XML root, a port.

The signs are tried from the surest to the weakest; the first that fits decides, and is said. Only the beginning of a
text is looked at, so that a long one costs no more than a short one. A dialect knows its own signs (`recognise`); its
module is imported only where a word that every text of it holds is there, so that a short string imports little.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from pathlib import PurePath

from . import registry

HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Detected:
    """A dialect, the form of the text in it, and why: `reason` completes "because ..."."""

    dialect: str
    form: str
    reason: str


_FILES = (
    ("sip.conf", "asterisk-sip.conf", ""),
    ("sip-vicidial.conf", "asterisk-sip.conf", ""),
    ("pjsip.conf", "asterisk-pjsip.conf", ""),
    ("pjsip_wizard.conf", "asterisk-pjsip_wizard.conf", ""),
    ("pjsip*wizard*.conf", "asterisk-pjsip_wizard.conf", r"^[ \t]*\["),
    ("pjsip*.conf", "asterisk-pjsip.conf", r"^[ \t]*\["),
    ("accounts", "baresip-accounts", "sip"),
    (".env", "env", ""),
    ("*.env", "env", ""),
)
"""Names of files (shell patterns, lower case), the dialect, and what the text must hold besides."""

_GATES = (
    ("vicidial-carrier", r"vicidial_|carrier|registration.?string|account.?entry|globals.?string|dialplan.?entry"),
    ("freepbx-chan_sip-form", r"register.?string|peer.?details|user.?details|user.?context"),
    ("freepbx-pjsip-form", r"sip.?server"),
    ("freeswitch-gateway", r"<gateway|<param"),
    ("baresip-accounts", r"sips?:"),
    ("linphonerc", r"\[(?:proxy|auth_info)_"),
    ("microsip-ini", r"\[account\d"),
    ("pjsua-cmdline", r"pjsua|--registrar"),
    ("env", r"^[^\n]*sip[^\n]*="),
)
"""A dialect, and a word without which no text is in it: behind it the dialect's own module is asked."""
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
    return _by_name(head, path_name) or _by_signs(head) or _uri(head) or _sections(head) or _single(head)


def _by_name(head: str, path_name: str | None) -> Detected | None:
    if not path_name:
        return None
    name = PurePath(path_name).name.lower()
    for pattern, dialect, needed in _FILES:
        if fnmatch.fnmatchcase(name, pattern) and re.search(needed, head, re.MULTILINE):
            return Detected(dialect, "file", f"the file is named {name}")
    if name == "iax.conf" and "\n" not in head.strip():
        return Detected("asterisk-iax2", "line", "the file is named iax.conf")
    return None


def _by_signs(head: str) -> Detected | None:
    for dialect, word in _GATES:
        if re.search(word, head, re.IGNORECASE | re.MULTILINE) is None:
            continue
        found = registry.module(dialect).recognise(head)
        if found is not None:
            return Detected(dialect, *found)
    return None


def _uri(head: str) -> Detected | None:
    line = head.strip()
    if "@" in line and "\n" not in line and re.match(r"(?:sips?|tel):", line, re.IGNORECASE):
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
    from .asterisk import iax2
    from .asterisk.plain_registers import looks_like_line

    found = iax2.recognise(head)
    if found is not None:
        return Detected(iax2.NAME, *found)
    if looks_like_line(line):
        return Detected("asterisk-chan_sip", "line", "it begins with an option name, as a line of sip.conf does")
    return Detected("asterisk-chan_sip", "value", "it has the form user:password@host")
