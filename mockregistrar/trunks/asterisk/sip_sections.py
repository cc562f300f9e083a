"""What is to be said about the sections and options of a sip.conf, and belongs to no registration.

chan_sip ignores what it does not know, and most of what it cannot use, without a message. Only what bears on logins
and on the way to the carrier is looked at: the name of an option, a host, a port, a password, `insecure`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mockregistrar.trunks import checks, codes
from mockregistrar.trunks.c_numbers import c_integer, port_number
from mockregistrar.trunks.masking import dotted
from mockregistrar.trunks.model import Finding, Severity, Span
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.plausible import (
    character_name,
    host_problem,
    invisible,
    is_ipv6,
    placeholder_host,
    repaired_host,
)
from mockregistrar.trunks.positions import Mapped, encode

from .chan_sip_options import KNOWN, meant_option
from .config_reader import Config, Option, Section, Stray
from .sip_peers import Peer, option_span

_SECRETS = frozenset(("secret", "remotesecret", "md5secret"))
_LOGIN = {
    "host": "host",
    "secret": "password",
    "remotesecret": "password",
    "username": "user name",
    "defaultuser": "user name",
    "fromuser": "user name",
    "fromdomain": "domain",
    "outboundproxy": "proxy",
    "port": "port",
}
_NO = ("no", "false", "n", "f", "0", "off")
_UNREAD_OPTION = re.compile(
    r"\s*[;#][;#\s]*(?:(?:remote|md5)?secret|password)\s*=>?\s*(\S.*)", re.IGNORECASE | re.DOTALL
)
_WORDS = re.compile(r"([A-Za-z][\w-]*)[ \t:]+(\S.*)")
# More unknown names than this are another system's file.
_MOST_NAMES = 100


def findings(config: Config, peers: tuple[Peer, ...]) -> tuple[Finding, ...]:
    """All that is to be said, in no order."""
    found: list[Finding] = []
    general = config.section("general")
    seen: set[str] = set()
    dialled: set[tuple[object, str]] = set()
    for section in config.sections:
        if section.unread or section.template:
            continue
        own = section.name.lower()
        if own == "general" and section is not general:
            message = "Asterisk looks at the first [general] only: what is set here does not count."
            span = Span(section.line, 1, len(section.name) + 2)
            found.append(_finding("SR172", span, message, section, fix="[general](+)", severity="warning"))
        dialplan = any(option.key in ("exten", "same") for option in section.options)
        if dialplan:
            dialled.add((section.path, section.name))
        for option in section.options:
            found.extend(_option(section, option, seen))
            if not dialplan and own != "authentication" and len(seen) < _MOST_NAMES:
                found.extend(_name(option, seen))
    for peer in peers:
        if peer.kind not in ("peer", "user", "friend") and (peer.path, peer.name) not in dialled:
            log = f"WARNING ... Section '{peer.name}' lacks type"
            if peer.kind:
                log = f"WARNING ... Unknown type '{peer.kind}' for '{peer.name}' in sip.conf"
            message = f"Asterisk skips [{peer.name}]: it needs `type=peer`, `user` or `friend`."
            span = Span(peer.line, 1, len(peer.name) + 2)
            found.append(codes.finding("SR173", span, message, log=log, path=str(peer.path)))
    for stray in config.strays:
        found.extend(_stray(stray))
    return tuple(dict.fromkeys(found))


def secret_options(config: Config) -> list[tuple[str, Span | None]]:
    """Every password in an option, also in one whose name is misspelt, with its place where it is in the main file."""
    found: list[tuple[str, Span | None]] = []
    for section in config.sections:
        for option in section.options:
            if not len(option.value):
                continue
            span = option_span(option) if option.path == config.path else None
            if option.key in _SECRETS or meant_option(option.key) in _SECRETS:
                found.append((option.text, span))
                tail = _attached(option)
                if tail is not None:
                    place = tail.span(1, len(tail)) if span is not None else None
                    found.append((tail.part(1, len(tail)).text.rstrip(), place))
            elif option.key == "auth" and "@" in option.text:
                left = option.text.rpartition("@")[0]
                found.append((left.partition(":" if ":" in left else "#")[2], None))
            elif option.key == "mwi" and "@" in option.text:
                found.append((option.text.rpartition("@")[0].partition(":")[2].partition(":")[0], None))
    for stray in config.strays:
        match = _WORDS.match(stray.content.text)
        if match is not None and match.group(1).lower() in _SECRETS:
            begin = len(encode(stray.content.text[: match.start(2)]))
            place = stray.content.span(begin, len(stray.content))
            found.append((match.group(2), place if stray.path == config.path else None))
    return [(secret, span) for secret, span in found if secret]


def _attached(option: Option) -> Mapped | None:
    """A comment that begins right behind a value, and may be a part of it; None for any other."""
    tail = option.tail
    if tail is None or not len(option.value) or tail.columns[0] != option.value.end or not tail.data[1:2].strip():
        return None
    return tail


def unread_secrets(text: str) -> list[Span]:
    """Places that hold a password in a line that nobody reads: a comment, a directive, a registration without `=`.

    They are hidden by place alone: the passwords of an example are words that a sentence needs.
    """
    found: list[Span] = []
    for number, line in enumerate(text.split("\n"), 1):
        match = _UNREAD_OPTION.match(line)
        if match is not None:
            found.append(Span(number, match.start(1) + 1, len(match.group(1).rstrip())))
            continue
        at = line.rfind("@")
        colon = line.find(":", 0, at) + 1
        if colon and ("=" not in line or line.lstrip()[:1] in (";", "#")) and colon < at:
            found.append(Span(number, colon + 1, at - colon))
    return found


def _finding(
    code: str,
    span: Span,
    message: str,
    place: Section | Option | Stray,
    *,
    fix: str = "",
    log: str = "",
    severity: Severity | None = None,
) -> Finding:
    return codes.finding(code, span, message, fix=fix, log=log, severity=severity, path=str(place.path))


def _option(section: Section, option: Option, seen: set[str]) -> list[Finding]:
    """What a single option gives away."""
    name = section.name.lower()
    if name == "general":
        if option.key in ("defaultexpiry", "defaultexpirey"):
            return _short(option)
        if option.key != "auth":
            return []
        message = "`auth =` does not count in [general]; it belongs into [authentication] or a peer section."
        return [_finding("SR179", option.name_span, message, option)]
    if name == "authentication":
        return []
    found: list[Finding] = []
    if option.key in ("secret", "remotesecret") and (tail := _attached(option)) is not None:
        message = "`;` right behind the password starts a comment. If it belongs to it, write `\\;`."
        fix = f"{option.name}={dotted(option.text)}\\;{dotted(tail.text[1:])}"
        found.append(_finding("SR186", tail.span(0, 1), message, option, fix=fix))
    elif option.key == "username" and "username" not in seen:
        seen.add("username")
        message = "`username` still works, but is called `defaultuser` now."
        log = "NOTICE ... The 'username' field for sip peers has been deprecated in favor of the term 'defaultuser'"
        found.append(_finding("SR181", option.name_span, message, option, log=log))
    elif option.key == "insecure":
        found.extend(_insecure(option))
    elif option.key == "host":
        found.extend(_host(section, option))
    elif option.key == "port" and len(option.value) and port_number(encode(option.text)) is None:
        message = f"`{option.text}` is no port: Asterisk leaves it out."
        log = f"WARNING ... Invalid peer port configuration at line {option.line} : {option.text}"
        found.append(_finding("SR133", option_span(option), message, option, log=log, severity="warning"))
    if option.key in _LOGIN:
        notes = Notes()
        checks.characters(notes, option.value, _LOGIN[option.key], "Asterisk", secret=option.key in _SECRETS)
        found.extend(replace(finding, path=str(option.path)) for finding in notes.findings)
        found.extend(_placeholder(section, option, seen))
    return found


def _short(option: Option) -> list[Finding]:
    """A default expiry that many carriers refuse."""
    notes = Notes()
    checks.expiry(notes, c_integer(option.value.data) or 0, option_span(option))
    return [replace(finding, path=str(option.path)) for finding in notes.findings]


def _placeholder(section: Section, option: Option, seen: set[str]) -> list[Finding]:
    """A word from a guide, told once for each section."""
    text, key = option.text, f"[{section.name}] {section.line}"
    unfilled = placeholder_host(text) if option.key in ("host", "fromdomain") else checks.placeholder(text)
    if not unfilled or key in seen or (text.isalpha() and text.islower()) or any(map(str.isdigit, text)):
        return []
    seen.add(key)
    message = f"The {_LOGIN[option.key]} looks like a placeholder that was to be replaced."
    return [_finding("SR109", option_span(option), message, option)]


def _insecure(option: Option) -> list[Finding]:
    """Modes that chan_sip does not know; a blank behind the comma makes one of them."""
    text = option.text
    if text.lower() in _NO or not text:
        return []
    unknown = [word for word in text.split(",") if word.lower() not in ("port", "invite")]
    if not unknown:
        return []
    message = f"`insecure={text}` is gone: Asterisk ignores it."
    if text.lower() not in ("very", "yes"):
        message = f"Asterisk does not know the mode `{unknown[0]}` and leaves it out."
        if unknown[0].strip().lower() in ("port", "invite"):
            message = "The blank belongs to the word: Asterisk does not know that mode and leaves it out."
    log = f"WARNING ... Unknown insecure mode '{text}' on line {option.line}"
    return [_finding("SR182", option_span(option), message, option, fix="insecure=port,invite", log=log)]


def _host(section: Section, option: Option) -> list[Finding]:
    """A host that Asterisk cannot look up: it removes the peer then."""
    text = option.text.split(";")[0].strip()
    if not text or text.lower() == "dynamic" or is_ipv6(text) or not text.isascii():
        return []
    problem = host_problem(text)
    if problem is None:
        return []
    name, _, port = text.rpartition(":")
    scheme = re.match(r"(?:sips?|tcp|tls|udp):/{0,2}", text, re.IGNORECASE)
    message, fix = f"`{text}` {problem[1]}", repaired_host(text)
    if scheme is not None:
        message, fix = f"A bare host belongs here: `{scheme.group()}` is no part of one", text[scheme.end() :]
    elif port.isdigit() and host_problem(name) is None:
        message, fix = f"A bare host belongs here, and `port={port}` in a line of its own", f"{name}, and port={port}"
    log = f"ERROR ... srvlookup failed for host: {text}, on peer {section.name}, removing peer"
    message += f": Asterisk removes [{section.name}]."
    return [_finding("SR140", option_span(option), message, option, fix=f"host={fix}" if fix else "", log=log)]


def _name(option: Option, seen: set[str]) -> list[Finding]:
    """The name of an option that chan_sip does not have, where it is known which one was meant."""
    key = option.key
    if key in KNOWN or key.startswith("regist") or "@" in key or ":" in key or key in seen:
        return []
    odd = next((index for index, character in enumerate(option.name) if invisible(character)), -1)
    if odd >= 0 and "register" not in key:
        span = Span(option.name_span.line, option.name_span.column + odd, 1)
        message = f"There is an invisible character at column {span.column} ({character_name(option.name[odd])}): "
        message += "Asterisk does not know the option then, ignores the line, and prints nothing."
        return [_finding("SR150", span, message, option, fix="".join(c for c in option.name if not invisible(c)) + "=")]
    meant = meant_option(key)
    if not meant:
        seen.add(key)
    if not meant or (meant == "register" and b"@" in option.value.data):  # that is an item of its own
        return []
    message = f"Asterisk does not know `{option.name}`: it ignores the line and prints nothing. "
    message += f"Did you mean `{meant}`?"
    return [_finding("SR106", option.name_span, message, option, fix=f"{meant}=", severity="warning")]


def _stray(stray: Stray) -> list[Finding]:
    """A line that is no option, where it was meant as one."""
    if stray.unread:
        return []
    match = _WORDS.match(stray.content.text)
    span = stray.content.span(0, len(stray.content))
    if stray.why == "behind-header" and b"@" not in stray.content.data and b"=" in stray.content.data:
        message = f"What stands behind `[{stray.section}]` in the same line is not read: Asterisk prints nothing. "
        message += "It needs a line of its own."
        return [_finding("SR187", span, message, stray, severity="warning")]
    if stray.why == "no-equals" and match is not None and match.group(1).lower() in KNOWN - {"register"}:
        name = match.group(1)
        message = f"There is no `=` behind `{name}`: Asterisk warns and ignores the line."
        log = f"WARNING ... No '=' (equal sign) in line {stray.line} of {stray.path.name}"
        place = stray.content.span(0, len(name))
        return [_finding("SR105", place, message, stray, fix=f"{name}=", log=log, severity="warning")]
    return []
