"""The registration string of Asterisk's chan_sip: the value of `register =>` in sip.conf.

::

    [peer?][transport://]user[@domain][:secret[:authuser]]@host[:port][/extension][~expiry]
    [peer?][transport://]user@domain:domainport:secret:authuser@host...

`parse` reads a text twice, as chan_sip does and as it was meant; `render` writes a trunk so that chan_sip reads exactly
that trunk, or says which character it has no way to write. There is only one escape: double quotes around a whole
field.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from mockregistrar.trunks.masking import dotted
from mockregistrar.trunks.model import CannotRender, Reading, Trunk
from mockregistrar.trunks.positions import Mapped

from .chan_sip_cuts import BUFFER_OCTETS, cut, trunk_of
from .chan_sip_meaning import read_value, suspicions
from .config_reader import strip_comments

NAME = "asterisk-chan_sip"
DEFAULT_EXPIRY = 120

_KEYWORD = re.compile(rb"\s*register\s*=>?\s*", re.IGNORECASE)
_NEEDS_QUOTES = re.compile(r'[:/?@~\\]|\A[\x00-\x20]|[\x00-\x20]\Z|\A".*"\Z', re.DOTALL)
# Texts that chan_sip reads right by luck are not written: a person, or the next editor, reads them otherwise.
_AMBIGUOUS = frozenset(
    f"SR{number}" for number in (103, 105, 110, 111, 112, 113, 115, 121, 122, 123, 124, 125, 126, 128, 139)
)
# Fields of these, and a password of those, are cut nowhere and look like nothing else: they need no quotes, no proof.
_PLAIN = re.compile(r"(?!(?:sips?|tcp|tls|udp|wss?|https?|iax2?)\Z)[A-Za-z0-9+][A-Za-z0-9._+-]*\Z", re.IGNORECASE)
_PLAIN_SECRET = re.compile(r"[A-Za-z0-9!#$%&*+,.;=^_{|}-]*\Z")
_FIELDS = ("secret", "auth_user", "user", "domain", "peer", "host", "extension")


def parse(
    text: str, *, line: int = 1, column: int = 1, in_file: bool = False, default_expiry: int = DEFAULT_EXPIRY
) -> Reading:
    """Read a bare value or a whole `register => ...` line that begins at `line` and `column`.

    With `in_file` the text is a line of sip.conf: `;` begins a comment and `\\;` is a semicolon. Never raises.
    """
    source = Mapped.from_text(text, line, column)
    content, tail = source, None
    if in_file:
        pieces, tail_at = strip_comments(source.data, number=line)
        content = source.gather(pieces or [])
        tail = source.part(tail_at, len(source)).strip() if tail_at is not None else None
    keyword = _KEYWORD.match(content.data)
    value = content.part(keyword.end() if keyword else 0, len(content)).strip()
    return read_value(
        value,
        source=source,
        tail=tail,
        in_file=in_file,
        default_expiry=default_expiry,
        keyword=in_file or keyword is not None,
    )


def render(trunk: Trunk) -> str:
    """The value that chan_sip reads as this trunk; quotes only where they are needed.

    Raises CannotRender where there is none. The text is as chan_sip sees it: in sip.conf a `;` in it is written `\\;`.
    """
    return "".join(text for text, _ in _pieces(trunk))


def registration_line(trunk: Trunk) -> str:
    """The line for sip.conf, `;` escaped. Raises CannotRender as `render` does."""
    return "register => " + escape(render(trunk))


def escape(text: str) -> str:
    """A value as it is written in an Asterisk config file."""
    return text.replace(";", "\\;")


def masked(
    trunk: Trunk,
    shown: set[str] | frozenset[str] = frozenset(),
    *,
    escape: bool = False,
    default_expiry: int = DEFAULT_EXPIRY,
    certain: bool = True,
    seen: str = "",
) -> str:
    """What `render` writes with a dot for each code point of the secret but those in `shown`, by value elsewhere.

    `seen` is an end of the secret that is shown, as it may be none. The expiry is left out where it is
    `default_expiry`. Unless it is `certain` which part is the secret, the auth user is dotted out too.
    """
    parts: list[str] = []
    if trunk.expiry == default_expiry:
        trunk = replace(trunk, expiry=DEFAULT_EXPIRY)
    for text, secret in _pieces(trunk):
        if secret or (not certain and text and text == trunk.auth_user):
            stop = len(text) - len(seen) if secret and text.endswith(seen) else len(text)
            hidden = "".join(c if c in shown else dotted(c) for c in text[:stop]) + text[stop:]
        elif text == trunk.secret or (len(trunk.secret) > 3 and trunk.secret in text):
            hidden = text.replace(trunk.secret, dotted(trunk.secret)) if trunk.secret else text
        else:
            hidden = text
        parts.append(hidden.replace(";", "\\;") if escape else hidden)
    return "".join(parts)


def _pieces(trunk: Trunk) -> list[tuple[str, bool]]:
    """The value in pieces, each with whether it is the secret. Tries quotes where they are needed, then elsewhere."""
    _check(trunk)
    if _is_plain(trunk):
        return _assemble(trunk, frozenset())
    wanted = frozenset(
        name
        for name in _FIELDS
        if _NEEDS_QUOTES.search(getattr(trunk, name)) and not (name == "host" and trunk.host.startswith("["))
    )
    if not wanted & {"secret"} and "@" in trunk.secret:
        wanted |= {"secret"}
    plain = wanted - ({"secret"} if _only(trunk.secret, "@") else frozenset())
    tried: set[frozenset[str]] = set()
    candidates = itertools.chain(
        (plain, wanted, frozenset()),
        (frozenset(names) for count in range(1, 4) for names in itertools.combinations(_FIELDS, count)),
    )
    problem: CannotRender | None = None
    for quoted in candidates:
        if quoted in tried:
            continue
        tried.add(quoted)
        pieces = _assemble(trunk, quoted)
        text = "".join(piece for piece, _ in pieces)
        value = Mapped.from_text(text)
        found = trunk_of(cut(value), DEFAULT_EXPIRY)
        if found is not None and found == _comparable(trunk) and not suspicions(value) & _AMBIGUOUS:
            return pieces
        if problem is None and len(text.encode("utf-8", "surrogateescape")) > BUFFER_OCTETS:
            problem = CannotRender("", f"the registration is longer than {BUFFER_OCTETS} octets: Asterisk cuts it off")
    raise problem or _reason(trunk)


def _is_plain(trunk: Trunk) -> bool:
    """Whether a trunk can be written without quotes, as can be seen at once."""
    fields = (trunk.user, trunk.host, trunk.auth_user, trunk.domain, trunk.peer, trunk.extension)
    return (
        all(_PLAIN.match(field) for field in fields if field)
        and bool(trunk.extension)
        and trunk.domain_port is None
        and (bool(trunk.secret) or not trunk.auth_user)
        and _PLAIN_SECRET.match(trunk.secret) is not None
        and sum(map(len, fields)) + len(trunk.secret) < BUFFER_OCTETS - 40
    )


def _only(text: str, character: str) -> bool:
    """Whether nothing but this character asks for quotes."""
    return _NEEDS_QUOTES.search(text.replace(character, "x")) is None


def _comparable(trunk: Trunk) -> Trunk:
    return replace(trunk, target=None, ha1="")


def _check(trunk: Trunk) -> None:
    for name in _FIELDS:
        text = getattr(trunk, name)
        for character in ("\n", "\r", "\0"):
            if character in text:
                raise CannotRender(character, f"the {name.replace('_', ' ')} holds a line break or a NUL")
    if trunk.transport not in ("udp", "tcp", "tls"):
        raise CannotRender(trunk.transport, f"chan_sip cannot register over {trunk.transport}: only udp, tcp and tls")
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "a register line holds a password, not its digest")
    if not trunk.user or not trunk.host:
        raise CannotRender("", "a registration needs a user and a host")


def _assemble(trunk: Trunk, quoted: frozenset[str]) -> list[tuple[str, bool]]:
    def text(name: str) -> list[tuple[str, bool]]:
        value = getattr(trunk, name)
        if name not in quoted or not value:
            return [(value, name == "secret")]
        return [('"', False), (value, name == "secret"), ('"', False)]

    pieces: list[tuple[str, bool]] = []
    if trunk.peer:
        pieces += [*text("peer"), ("?", False)]
    if trunk.transport != "udp":
        pieces.append((f"{trunk.transport}://", False))
    pieces += text("user")
    if trunk.domain:
        pieces += [("@", False), *text("domain")]
    if trunk.domain_port is not None:
        pieces += [(f":{trunk.domain_port}:", False), *text("secret"), (":", False), *text("auth_user")]
    elif trunk.secret or trunk.auth_user:
        pieces += [(":", False), *text("secret")]
        if trunk.auth_user:
            pieces += [(":", False), *text("auth_user")]
    pieces += [("@", False), *text("host")]
    if trunk.port != (5061 if trunk.transport == "tls" else 5060):
        pieces.append((f":{trunk.port}", False))
    if trunk.extension != "s":
        pieces += [("/", False), *text("extension")]
    if trunk.expiry != DEFAULT_EXPIRY:
        pieces.append((f"~{trunk.expiry}", False))
    return pieces


def _reason(trunk: Trunk) -> CannotRender:
    """Which character is to blame, as well as can be said."""
    for name in ("host", "extension"):
        if "@" in getattr(trunk, name):
            return CannotRender("@", f"the {name} holds `@`: chan_sip cuts at the last one")
    for name in ("secret", "auth_user", "user", "domain", "peer", "host", "extension"):
        text = getattr(trunk, name)
        label = name.replace("_", " ").replace("secret", "password")
        if '"' in text and (cause := re.search(r"[:/?@~\\]", text)):
            return CannotRender('"', f'the {label} holds `"` and `{cause.group()}`: a field cannot hold both')
        for character in "([":
            if text.count(character) > text.count({"(": ")", "[": "]"}[character]):
                return CannotRender(
                    character, f"the {label} holds a lone `{character}`: it hides the separators behind it"
                )
        if "\\" in text:
            return CannotRender("\\", f"the {label} holds a backslash in a place where it hides the next separator")
        if '"' in text:
            return CannotRender('"', f'the {label} holds a `"` that hides the separators behind it')
        if text != text.strip("".join(map(chr, range(33)))):
            return CannotRender(" ", f"the {label} begins or ends with a blank")
    return CannotRender("", "chan_sip would read another trunk than this one")
