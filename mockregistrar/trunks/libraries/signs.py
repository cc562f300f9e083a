"""By which sign a program or a piece of JSON is known to configure one of these libraries."""

from __future__ import annotations

import re

from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes

_FLAGS = re.IGNORECASE
_KEY = r"[\"']?\s*[:,}]"  # behind the name of an option, in code and in JSON

_SIGNS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("pyvoip", re.compile(r"\bVoIPPhone\s*\("), "it makes a VoIPPhone"),
    (
        "pyvoip",
        re.compile(r'\A\s*\{(?=[^{}]*"(?:myIP|sipPort|rtpPortLow)")(?=[^{}]*"username")'),
        "it has myIP or sipPort",
    ),
    (
        "drachtio",
        re.compile(r"\bmethod[\"']?\s*:\s*[\"'`]REGISTER\b", _FLAGS),
        "it is a request with the method REGISTER",
    ),
    ("jssip", re.compile(r"\bJsSIP\s*\.\s*(?:UA|WebSocketInterface)\b"), "it names JsSIP"),
    (
        "sipjs",
        re.compile(r"\bSIP\s*\.\s*(?:UA|UserAgent|WebRTC|Web|SimpleUser)\b|from\s*[\"']sip\.js"),
        "it names SIP.js",
    ),
    (
        "sipjs",
        re.compile(rf"\b(?:wsServers|authorizationUser(?:name)?|authorizationPassword|registerExpires){_KEY}"),
        "it has the options of SIP.js",
    ),
    ("sipjs", re.compile(r"\bnew\s+SimpleUser\s*\((?=[^;]{0,400}\baor\b)"), "it makes a SimpleUser"),
    (
        "sipjs",
        re.compile(r"\bnew\s+UserAgent\s*\((?=[^;]{0,400}\b(?:transportOptions|makeURI)\b)"),
        "it makes a UserAgent",
    ),
    (
        "jssip",
        re.compile(rf"\b(?:authorization_user|register_expires|registrar_server|ws_servers){_KEY}"),
        "it has the options of JsSIP",
    ),
)
"""A dialect, a sign, and how the sign is named; the surer ones come first."""

_TITLES = {"jssip": "JsSIP", "sipjs": "SIP.js", "drachtio": "drachtio", "pyvoip": "pyVoIP"}


def recognise(dialect: str, head: str) -> tuple[str, str] | None:
    """The form of a text that configures a library, and by which sign; None for any other."""
    found = _first(head)
    if found is None or found[0] != dialect:
        return None
    return _form(head), found[1]


def _first(head: str) -> tuple[str, str] | None:
    found = next(((name, reason) for name, sign, reason in _SIGNS if sign.search(head)), None)
    if found is None and all(re.search(rf"\b{name}{_KEY}", head) for name in ("sockets", "uri")):
        return "jssip", "it has the options `sockets` and `uri`, as JsSIP has"
    return found


def _form(head: str) -> str:
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"|\b(?:true|false|null)\b', "", head)
    return "json" if re.match(r"\s*\{", head) and not re.search(r"[A-Za-z_$'`(/]", bare) else "code"


def elsewhere(notes: Notes, dialect: str, text: str) -> None:
    """Say which library a text belongs to in which nothing of this one was found."""
    found = _first(text[:65_536])
    if found is not None and found[0] != dialect:
        message = f"This is {_TITLES[found[0]]}, not {_TITLES[dialect]}: {found[1]}. `--dialect {found[0]}` reads it."
        line = next((i for i, row in enumerate(text.split("\n"), 1) if row.strip()), 1)
        notes.add("SR820", Span(line, 1, len(text.split("\n")[line - 1])), message)
