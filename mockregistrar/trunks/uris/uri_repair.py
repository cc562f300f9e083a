"""What was probably meant by a URI that pjsip does not take: the first guess that it does take.

The guesses for what is wrong come first, then those that fit any text; a guess that itself has one fault is repaired
once more. Nothing is guessed where the scheme names another protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.plausible import invisible, is_ipv6, look_alike
from mockregistrar.trunks.positions import encode

from . import pjsip_uri
from .pjsip_uri import BadUri, PjUri

_TRANSPORTS = {"udp": "", "tcp": "tcp", "tls": "tls", "ssl": "tls", "ws": "ws", "wss": "wss"}
_WEB = ("http", "https")
_FOREIGN = frozenset(("im", "xmpp", "mailto", "callto", "skype", "h323", "tel", "iax2", "file", "ftp", "pres"))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(//?)?")
_TWICE = re.compile(r"sips?:(?://)?(?=sips?:)", re.IGNORECASE)
_BROKEN_SCHEME = re.compile(r"(sips?)(?:[;,/\\ ]+|:[\s/\\]+|::+)(?=\S)", re.IGNORECASE)
_PORT_LENGTH = 5
_NOTE = re.compile(r"\s+(?:#|//).*\Z", re.DOTALL)
_SLASHED = re.compile(r"/(udp|tcp|tls)/?\Z", re.IGNORECASE)
_DIGIT_LOOK_ALIKES = str.maketrans("OoIl|SB", "0011158")
_USER_LITERAL = "-_.!~*'()&=+$,;?/#%"
_PASSWORD_LITERAL = "-_.!~*'()&=+$,%"


def repaired(text: str, bad: BadUri, more: bool = True) -> str:
    """The URI that was probably meant, empty when nothing is probable; with `more` for two faults at once."""
    first = ""
    for candidate in _guesses(text, bad):
        if candidate == text:
            continue
        first = first or candidate
        if isinstance(pjsip_uri.parse(candidate), PjUri):
            return candidate
    if more and first and isinstance(again := pjsip_uri.parse(first), BadUri):
        return repaired(first, again, more=False)
    return ""


def repaired_and_hidden(piece: Piece, bad: BadUri, notes: Notes) -> str:
    """What was probably meant by a URI; what could be a password in one of the two is hidden."""
    hide_password(piece, notes)
    better = repaired(piece.text, bad)
    read = pjsip_uri.parse(better)
    if isinstance(read, PjUri) and read.password:
        notes.secret(read.password)
        notes.secret(better[read.password_at : better.find("@", read.password_at)])
    return better


def hide_password(piece: Piece, notes: Notes) -> None:
    """Hide what could be a password in a URI that is not understood."""
    left, at, _ = piece.text.rpartition("@")
    scheme = re.match(r"(?:[^:]*<)?\s*(?:[A-Za-z]+:)?(?://)?", left)
    begin = scheme.end() if scheme else 0
    colon = left.find(":", begin)
    if at and 0 <= colon < len(left) - 1:
        notes.secret(left[colon + 1 :], piece.part(colon + 1, len(left)).span)
        notes.secret(left.rpartition(":")[2])
    without = re.match(r"[^:]*sips?:[^:@]*:([^:;>\s]+)", piece.text, re.IGNORECASE) if not at else None
    if without and re.search(r"[A-Za-z]", without.group(1)) and len(without.group(1)) > _PORT_LENGTH:
        notes.secret(without.group(1), piece.part(*without.span(1)).span)


def _guesses(text: str, bad: BadUri) -> Iterator[str]:
    stripped = text.strip()
    unquoted = stripped.strip("\"'`<> ")
    if bad.kind == "scheme":
        yield from _with_scheme(unquoted)
        return
    if bad.kind == "tel":
        return
    twice = _TWICE.match(unquoted)
    if twice:
        yield unquoted[twice.end() :]
    if bad.kind == "port":
        yield from _with_port(text, bad)
    else:
        yield from _BY_KIND.get(bad.kind, _behind)(unquoted)
    yield unquoted
    trimmed = re.sub(r"[/;,.:?\s]+\Z", "", unquoted)
    if ":" in trimmed:
        yield trimmed
    yield _NOTE.sub("", unquoted)


def _with_scheme(text: str) -> Iterator[str]:
    """A text that begins with no scheme of SIP's: it has another one, or none."""
    broken = _BROKEN_SCHEME.match(text)
    if broken:
        yield f"{broken.group(1).lower()}:{text[broken.end() :]}"
    if re.match(r"sips?:", text, re.IGNORECASE):
        yield text
        return
    scheme = _SCHEME.match(text)
    word = scheme.group(1).lower() if scheme else ""
    if scheme and (word in _TRANSPORTS or (word in _WEB and scheme.group(2))):
        body, transport = text[scheme.end() :], _TRANSPORTS.get(word, "")
        body = re.sub(r"^sips?:", "", body, flags=re.IGNORECASE)
        yield f"sip:{body}" + (f";transport={transport}" if transport and ";transport=" not in body.lower() else "")
    elif word not in _FOREIGN:
        yield f"sip:{text}"


def _at_host(uri: str) -> Iterator[str]:
    yield _BROKEN_SCHEME.sub(r"\1:", uri, count=1)
    yield re.sub(r"@\s+", "@", uri)


def _in_ascii(uri: str) -> Iterator[str]:
    plain = "".join(look_alike(c) or ("" if invisible(c) else c) for c in uri).strip("\"'<> ")
    yield plain
    scheme, colon, body = plain.partition(":")
    user, at, host = body.rpartition("@")
    if at and host.isascii():
        yield f"{scheme}{colon}{quote(encode(user), safe=_USER_LITERAL + ':')}@{host}"


def _one_at(uri: str) -> Iterator[str]:
    left, _, host = uri.rpartition("@")
    scheme, _, user = left.partition(":")
    yield f"{scheme}:{user.replace('@', '%40')}@{host}"


def _bracketed(uri: str) -> Iterator[str]:
    matched = re.match(r"(sips?:)(?:([^@]*@))?([0-9A-Fa-f:.]+)(.*)\Z", uri, re.DOTALL | re.IGNORECASE)
    if matched is None:
        return
    scheme, user, address, rest = matched.groups(default="")
    shorter, _, port = address.rpartition(":")
    if re.fullmatch(r"5\d{3}|\d{5}", port) and is_ipv6(shorter):
        yield f"{scheme}{user}[{shorter}]:{port}{rest}"
    yield f"{scheme}{user}[{address}]{rest}"


def _with_port(text: str, bad: BadUri) -> Iterator[str]:
    before, port, behind = text[: bad.start], text[bad.start : bad.stop], text[bad.stop :]
    slashed = _SLASHED.search(port)
    if slashed:
        number, transport = port[: slashed.start()], slashed.group(1).lower()
        yield before + number + (f";transport={transport}" if transport != "udp" else "") + behind
    yield before + re.sub(r"\s+", "", port).translate(_DIGIT_LOOK_ALIKES) + behind
    first = re.match(r"\s*(\d{1,5})(?=[:/,\s#].*\Z)", port, re.DOTALL)
    if first:
        yield before + first.group(1) + behind
    yield before[:-1] + behind


def _escaped(uri: str) -> Iterator[str]:
    """What cannot stand in user or password, escaped; blanks at their edges, and among digits, are left out."""
    scheme, _, body = uri.partition(":")
    left, _, host = body.rpartition("@")
    user, colon, password = left.partition(":")
    user = user.strip()
    if re.fullmatch(r"\+?[\d\s]+", user):
        user = re.sub(r"\s+", "", user)
    user = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", user)
    password = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", password)
    yield (
        f"{scheme}:{quote(encode(user), safe=_USER_LITERAL)}{colon}"
        f"{quote(encode(password), safe=_PASSWORD_LITERAL)}@{host.strip()}"
    )


def _behind(uri: str) -> Iterator[str]:
    """Something behind the host that cannot stand there."""
    yield _NOTE.sub("", uri)
    slashed = _SLASHED.search(uri)
    if slashed:
        transport = slashed.group(1).lower()
        yield uri[: slashed.start()] + (f";transport={transport}" if transport != "udp" else "")
    head, at, host = uri.rpartition("@") if "@" in uri else uri.partition(":")
    yield head + at + re.sub(r"(?<=\w),(?=\w)", ".", host)
    yield re.sub(r"\s*([:;=?])\s*", r"\1", uri)
    yield uri.split(">", 1)[0]
    yield uri.split("#", 1)[0]


_BY_KIND = {"ascii": _in_ascii, "second-at": _one_at, "ipv6": _bracketed, "user": _escaped, "host": _at_host}
