"""Which dialect a text is in, and by which sign: a keyword, `<sip:`, `[section]` and `type=`, an XML root, a port.

The signs are tried from the surest to the weakest; the first that fits decides, and is said. Only the beginning of a
text is looked at, so that a long one costs no more than a short one. A dialect knows its own signs (`recognise`); its
module is imported only where a word that every text of it holds is there, so that a short string imports little.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, replace
from pathlib import PurePath

from . import registry

HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Detected:
    """A dialect, the form of the text in it, and why: `reason` completes "because ..."; `sure` tells a sign of the
    dialect from a guess that any text would get.
    """

    dialect: str
    form: str
    reason: str
    sure: bool = True


_FILES = (
    ("sip.conf", "asterisk-sip.conf", ""),
    ("sip[-_]*.conf", "asterisk-sip.conf", ""),
    ("pjsip.conf", "asterisk-pjsip.conf", ""),
    ("pjsip_wizard.conf", "asterisk-pjsip_wizard.conf", ""),
    ("pjsip*wizard*.conf", "asterisk-pjsip_wizard.conf", r"^[ \t]*\["),
    ("pjsip*.conf", "asterisk-pjsip.conf", r"^[ \t]*\["),
    ("accounts", "baresip-accounts", "sip"),
    ("accfile.conf", "yate-accfile", r"^[ \t]*\["),
    ("*.pv.xml", "3cx-trunk", r"<field\b"),
    (".env", "env", "(?i)sip"),
    ("*.env", "env", "(?i)sip"),
    ("y0000000*.cfg", "yealink-cfg", ""),
)
"""Names of files (shell patterns, lower case), the dialect, and what the text must hold besides."""

_GATES = (
    ("microsip-ini", r"^[ \t]*\[account\d"),
    ("vicidial-carrier", r"vicidial_|carrier|registration.?string|account.?entry|globals.?string|dialplan.?entry"),
    ("freepbx-chan_sip-form", r"register.?string|peer.?details|user.?details|user.?context"),
    ("freepbx-pjsip-form", r"sip.?server"),
    ("mikopbx-provider", r"registration.?type|account type|provider (?:name|server|host)|m_sip"),
    ("3cx-trunk", r"registrar(?:/server|host)|authentication id|type of auth|sim calls|siptrunk|authid|requirereg"),
    ("freeswitch-gateway", r"<gateway|<param"),
    ("kamailio-uacreg", r"uacreg|uac\.reg_|l_uuid|r_username|r_domain"),
    ("opensips-registrant", r"registra(?:r|nt)"),
    ("yate-accfile", r"protocol[ \t]*=|registrar|authname|ip_transport"),
    ("jssip", r"jssip|sockets|authorization_user|register_expires|registrar_server|ws_servers"),
    ("sipjs", r"sip\.js|new\s+SIP\.|wsServers|authorization(?:User|Password)|registerExpires|SimpleUser|UserAgent"),
    ("drachtio", r"\bmethod[\"']?\s*:\s*[\"'`]register"),
    ("pyvoip", r"VoIPPhone|myIP|sipPort|rtpPortLow"),
    ("baresip-accounts", r"sips?:|;auth_(?:pass|user)=|;regint="),
    ("linphonerc", r"\[(?:proxy|auth_info)_"),
    ("pjsua-cmdline", r"pjsua|--registrar"),
    ("twinkle-cfg", r"^ *(?:user_name|user_domain|register_at_startup|registration_time|all_requests_to_proxy) *="),
    ("yealink-cfg", r"account\.\d"),
    ("grandstream-xml", r"<gs_provision|<P\d|^[ \t]*P\d+[ \t]*="),
    ("cisco-spa-xml", r"<flat-profile|<(?:user_id|auth_id|proxy|password)_\d"),
    ("sipp-inf", r"^\ufeff?[ \t]*(?:random|sequential|users?)\b|\[authentication[ \t]"),
    ("sipsak-cmdline", r"\bsipsak\b"),
    ("sipexer-cmdline", r"\bsipexer\b"),
    ("env", r"sips?\d{0,3}_\w{1,80}(?:[ \t]{0,9}[=:]|[ \t]|[\"']?$)"),
)
"""A dialect, and a word without which no text is in it: behind it the dialect's own module is asked."""
_LOG = re.compile(
    r"""^[\s\W]{0,20}(?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2}[ ]{1,2}\d{1,2})[ T]\d\d:\d\d  # a timestamp
    |^[ ]*<Registration/|^[ ]*Host[ ]+(?:dnsmgr[ ]+)?Username|^[ ]*ParameterName[ ]+:|CLI>|[ \t]gateway[ \t]
    |^Name[ \t]|\b(?:NOTICE|WARNING|ERROR)\[
    |\A\s*(?:No\ '='|==!!==|[^\s;\#<{\[=][^\n=]{0,60}?[A-Za-z]{2}[ '"]{1,3}[-(\#A-Za-z][A-Za-z])""",  # plain words
    re.MULTILINE | re.VERBOSE,
)
"""Without this no text is a log: a timestamp, a level, a table's header, or a first line in plain words."""
_TYPE = re.compile(r"^[ \t]*type[ \t]*=>?[ \t]*([A-Za-z-]+)", re.MULTILINE)
_SECTION = re.compile(r"^[ \t]*\[[^\]\n]+\]", re.MULTILINE)
_PJSIP_OPTION = re.compile(
    r"^[ \t]*(?:server_uri|client_uri|outbound_auth|auth_type|aors|contact_user)[ \t]*=", re.MULTILINE
)
_WIZARD_OPTION = re.compile(
    r"^[ \t]*(?:sends_auth|sends_registrations|remote_hosts|outbound_auth/(?:username|password))[ \t]*=", re.MULTILINE
)
_PJSIP_TYPES = frozenset(
    ("registration", "auth", "endpoint", "aor", "identify", "transport", "acl", "global", "system")
)
_IAX = re.compile(
    r"4569|trunk[ \t]*=|calltoken|maxcallnumbers|trunkfreq|trunktime|iaxcompat|iaxmaxthread", re.IGNORECASE
)
_OPTION = re.compile(r"^[ \t]*[A-Za-z_]\w*[ \t]*=", re.MULTILINE)


def detect(text: str, path_name: str | None = None) -> Detected:
    """The dialect and form of a text; `path_name` is the name of the file that it comes from. Never raises."""
    head = text[:HEAD].lstrip("\ufeff")
    found = _by_name(head, path_name) or _log(head) or _by_signs(head) or _uri(head) or _sections(head)
    if found is not None:
        return found
    found = _single(head)
    if path_name and found.form == "line" and found.dialect == "asterisk-chan_sip":
        return replace(found, dialect="asterisk-sip.conf", form="file")  # a piece that sip.conf includes
    return found


def _by_name(head: str, path_name: str | None) -> Detected | None:
    if not path_name:
        return None
    name = PurePath(path_name).name.lower()
    for pattern, dialect, needed in _FILES:
        if fnmatch.fnmatchcase(name, pattern) and re.search(needed, head, re.MULTILINE):
            return Detected(dialect, "file", f"the file is named {name}")
    if fnmatch.fnmatchcase(name, "iax*.conf"):
        return Detected("asterisk-iax2", "file" if "\n" in head.strip() else "line", f"the file is named {name}")
    return None


def _log(head: str) -> Detected | None:
    """A log, or a table from a console. No config, so `sure` is False: nobody logs in with it."""
    if _LOG.search(head) is None:
        return None
    from . import logs

    found = logs.recognise(head)
    return Detected(logs.parse(head[:8192]).dialect, *found, sure=False) if found is not None else None


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
    if _IAX.search(head) is not None and "\n" in head.strip():
        from .asterisk import iax2

        found = iax2.recognise(head)
        if found is not None:
            return Detected(iax2.NAME, *found)
    if _SECTION.search(head) is None:
        options = [line for line in head.splitlines() if _OPTION.match(line)]
        if len(options) > 1 and _PJSIP_OPTION.search(head):
            return Detected("asterisk-pjsip.conf", "file", "it has the options of PJSIP objects")
        if len(options) > 1:
            return Detected("asterisk-sip.conf", "file", "it is several options without a section", sure=False)
        return None
    kinds = [kind.lower() for kind in _TYPE.findall(head)]
    if "wizard" in kinds:
        return Detected("asterisk-pjsip_wizard.conf", "file", "a section has type=wizard")
    if not _PJSIP_TYPES & set(kinds) and _WIZARD_OPTION.search(head):
        return Detected("asterisk-pjsip_wizard.conf", "file", "it has the options of a PJSIP wizard")
    for kind in kinds:
        if kind in _PJSIP_TYPES:
            return Detected("asterisk-pjsip.conf", "file", f"a section has type={kind}")
    if _PJSIP_OPTION.search(head):
        return Detected("asterisk-pjsip.conf", "file", "it has the options of PJSIP objects")
    for kind in kinds:
        if kind in ("peer", "friend", "user"):
            return Detected("asterisk-sip.conf", "file", f"a section has type={kind}")
    return Detected("asterisk-sip.conf", "file", "it has [sections] and options", sure=False)


def _single(head: str) -> Detected:
    line = head.strip()
    if "\n" in line:
        return Detected("asterisk-sip.conf", "file", "it has several lines", sure=False)
    from .asterisk import iax2
    from .asterisk.plain_registers import looks_like_line

    found = iax2.recognise(head)
    if found is not None:
        return Detected(iax2.NAME, *found)
    if looks_like_line(line):
        return Detected(
            "asterisk-chan_sip", "line", "it begins with an option name, as a line of sip.conf does", sure=False
        )
    return Detected("asterisk-chan_sip", "value", "it has the form user:password@host", sure=False)
