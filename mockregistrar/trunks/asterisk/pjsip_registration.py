"""From the options of a PJSIP registration to what Asterisk makes of it, and how a value is judged on the way.

`settle` follows res_pjsip_outbound_registration: both URIs must be there, begin with a SIP scheme and be readable.
Host, port and transport come from `server_uri`; where it names a host without port and transport they stay unsettled,
because DNS (NAPTR, SRV) decides. The same judgement serves the wizard and the forms that write such objects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mockregistrar.trunks import checks
from mockregistrar.trunks.masking import dotted
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes, Registration
from mockregistrar.trunks.plausible import UNITS, repaired_number
from mockregistrar.trunks.positions import Mapped, encode, part_span
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri
from mockregistrar.trunks.uris.uri_repair import repaired

from .conf_text import value_span
from .config_reader import Option
from .pjsip_options import EXPIRATION, MAX_RETRIES, RETRY_INTERVAL

_PARAMETERS = re.compile(
    rb"(?:\\?;(?:lr|hide|ob|transport|user|maddr|ttl|method|line)(?:=[^\s;\\]*)?(?=[\s;\\]|\Z)"
    rb"|\\?;[A-Za-z][A-Za-z0-9_-]*=[^\s;\\]+(?=[\s;\\]|\Z))+",
    re.IGNORECASE,
)
_MEANT_NUMBER = re.compile(r"-?(\d{1,9})\s*([A-Za-z]*)")
_NUMBER = re.compile(r"\+?(?:0[xX][0-9A-Fa-f]{1,8}|0[0-7]{0,11}|[1-9][0-9]{0,9})", re.ASCII)
_LABELS = {"server_uri": "Server", "client_uri": "Client"}
_TRANSPORTS = frozenset(("udp", "tcp", "tls", "ws", "wss"))
_NOTE = re.compile(r"\s+#\s+\w.*\Z", re.DOTALL)
LONGEST_URI, LONGEST_HOST, ROOM_FOR_SRV = 511, 255, len("_sips.tcp.")
LOG_SCHEME = "Server URI or hostname length exceeds pjproject limit or is not a sip(s) uri: '{0}'"


@dataclass(frozen=True, slots=True)
class Value:
    """A value with its place; `tail` is the comment behind it. A value that a form put together has no octets.

    `pieces` are the stretches (from, to, value) of one that was put together from others, each with a place of its own.
    """

    text: str
    span: Span
    mapped: Mapped | None = None
    tail: Mapped | None = None
    pieces: tuple[tuple[int, int, Value], ...] = ()

    @classmethod
    def of(cls, option: Option) -> Value:
        """The value of an option."""
        return cls(option.text, value_span(option), option.value, option.tail)

    @classmethod
    def maybe(cls, option: Option | None) -> Value | None:
        """The value of an option that may be absent."""
        return cls.of(option) if option is not None else None

    def part(self, start: int, stop: int) -> Span:
        """Where a stretch of the value stands; of a value with pieces, in that of its first character."""
        for begin, end, piece in self.pieces:
            if begin <= start < end:
                return piece.part(start - begin, min(stop, end) - begin)
        return part_span(self.mapped, start, stop) if self.mapped is not None else self.span

    @property
    def attached(self) -> Mapped | None:
        """The comment that begins right behind the value, without a blank between them."""
        behind = self.tail is not None and self.mapped is not None and self.tail.columns[0] == self.mapped.end
        return self.tail if behind or self.pieces else None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an auth object holds."""

    name: str
    user: str
    secret: str
    realm: str
    ha1: str = ""


def number(text: str) -> int | None:
    """A number as Asterisk takes one for an option, None when it refuses the text; `0x10` and `010` are C's."""
    if not _NUMBER.fullmatch(text):
        return None
    digits = text.lstrip("+")
    octal = len(digits) > 1 and digits[0] == "0" and digits[1] not in "xX"
    found = int(digits, 8 if octal else 0)
    return found if found < 2**32 else None


def meant_number(text: str) -> str:
    """The number that was meant by a text that is none, as it has a unit, a note, a sign or a letter in it."""
    match = _MEANT_NUMBER.match(text)
    if match is None:
        return ""
    unit = match.group(2).lower()
    if unit and unit not in UNITS and checks.digits_look_alike(text):
        return str(repaired_number(text))
    return str(int(match.group(1)) * UNITS.get(unit, 1))


def settle(
    values: Mapping[str, str],
    credentials: Credentials | None,
    protocol: str | None = None,
    *,
    name: str = "",
    span: Span | None = None,
) -> Registration | None:
    """The registration that the options amount to; None when Asterisk refuses it. `protocol` is its transport's."""
    server, client = pjsip_uri.parse(values.get("server_uri", "")), pjsip_uri.parse(values.get("client_uri", ""))
    if isinstance(server, BadUri) or isinstance(client, BadUri):
        return None
    host = server.host
    transport = server.transport or protocol
    port = server.port or None
    if transport is None and (pjsip_uri.is_address(host) or port is not None):
        transport = "udp"
    if port is None and pjsip_uri.is_address(host):
        port = 5061 if transport == "tls" else 5060

    def integer(option: str, default: int) -> int:
        found = number(values.get(option, ""))
        return default if found is None else found

    login = credentials
    return Registration(
        user=client.user,
        secret=login.secret if login else None,
        auth_user=login.user if login else None,
        effective_auth_user=login.user if login else None,
        domain=client.host,
        domain_port=client.port or None,
        host=host,
        port=port,
        transport=transport,
        extension=values.get("contact_user") or "s",
        expiry=integer("expiration", EXPIRATION),
        peer=values.get("endpoint") or None,
        realm=login.realm if login else None,
        outbound_proxy=values.get("outbound_proxy", ""),
        server_uri=values.get("server_uri", ""),
        client_uri=values.get("client_uri", ""),
        retry_interval=integer("retry_interval", RETRY_INTERVAL),
        max_retries=integer("max_retries", MAX_RETRIES),
        ha1=(login.ha1 or None) if login else None,
        secret_used=False if login and login.secret and login.realm[:1] in ("'", '"') and login.realm else None,
        name=name,
        span=span,
    )


def judge_uri(
    notes: Notes, option: str, value: Value, owner: str, protocol: str | None = None, *, path: str = ""
) -> tuple[PjUri | None, str]:
    """Judge `server_uri`, `client_uri` or `outbound_proxy`: what pjsip reads, and the text that was probably meant.

    `protocol` is that of the transport that is named beside it, empty where it is not known.
    """
    text, meant = value.text, value.text
    lost = lost_parameter(notes, option, value, path=path)
    if lost:
        meant = text + lost
    elif value.mapped is not None and "\\;" in text:
        meant = text.replace("\\;", ";")
    read = pjsip_uri.parse(text)
    characters = Notes()
    if value.mapped is not None:
        checks.characters(characters, value.mapped, f"`{option}`", "pjsip")
    if isinstance(read, PjUri):
        too_much = "" if option == "outbound_proxy" else _too_much(text, read)
        if too_much:
            if read.display:
                meant = text[text.index("<") + 1 : text.rindex(">")]
            _no_sip_uri(notes, option, value, owner, too_much, meant, path)
            return None, meant
        notes.findings.extend(characters.findings)
        notes.visible.extend(characters.visible)
        good = _judge_read(notes, option, value, read, protocol, path)
        return (read if good else None), _without_slashes(read, meant)
    better = repaired(text, read)
    meant = better + lost if better else meant
    if read.kind in ("scheme", "tel") and option != "outbound_proxy":
        _no_sip_uri(notes, option, value, owner, read.why, meant, path)
    else:
        _unreadable(notes, option, value, owner, read, meant, characters, path)
    return None, meant


def _no_sip_uri(notes: Notes, option: str, value: Value, owner: str, why: str, meant: str, path: str) -> None:
    """Asterisk looks at the beginning of both URIs, and at how long they are, before pjsip reads them."""
    log = "ERROR ... " + LOG_SCHEME.replace("Server", _LABELS[option]).format(owner)
    if value.text[0] in "\"'":
        why = "because its quotes are not removed"
    message = f"`{option}` is no SIP URI, {why}: Asterisk refuses the registration."
    if value.text.lower().startswith("tel:"):
        message = "A `tel:` number is no account: Asterisk refuses the registration."
    notes.add("SR203", value.span, message, fix=_fix(option, meant, value.text), log=log, path=path)


def _unreadable(
    notes: Notes, option: str, value: Value, owner: str, read: BadUri, meant: str, characters: Notes, path: str
) -> None:
    """What pjsip cannot read."""
    text, fix = value.text, _fix(option, meant, value.text)
    what = _LABELS.get(option, "outbound proxy")
    what = what if option == "outbound_proxy" else what.lower()
    log = f"ERROR ... Invalid {what} URI '{text}' specified on outbound registration '{owner}'"
    if read.kind == "ascii" and characters.findings:
        for found in characters.findings:
            message = f"{found.message} pjsip cannot read `{option}` then, and Asterisk refuses the registration."
            notes.add(found.code, found.span, message, fix=fix, log=log, path=path)
            log = ""
        return
    span = value.part(read.start, read.stop)
    if read.kind == "rest" and re.search(r"\s#", text[read.start : read.stop]):
        message = f"`#` starts no comment here: it is part of `{option}`, and pjsip cannot read that. Asterisk refuses "
        notes.add("SR108", span, message + "the registration.", fix=fix, log=log, path=path)
        return
    letter = checks.digits_look_alike(text[read.start : read.stop]) if read.kind == "port" else ""
    why = f"`{text[read.start : read.stop]}` holds the letter {letter}, and {read.why}" if letter else read.why
    message = f"pjsip cannot read `{option}`: {why}. Asterisk refuses the registration."
    notes.add("SR204", span, message, fix=fix, log=log, path=path)


def lost_parameter(notes: Notes, option: str, value: Value, *, path: str = "") -> str:
    """A parameter of a URI that a comment has swallowed, with its `;`; empty where there is none."""
    tail = value.attached
    if tail is None:
        return ""
    parameters = _PARAMETERS.match(tail.data)
    if parameters is None:
        return ""
    lost = tail.part(0, parameters.end()).text.rstrip()
    message = f"`;` starts a comment here: Asterisk reads `{value.text}`, and `{lost[1:]}` has no effect. It prints "
    message += "nothing."
    fix = f"{option}={value.text}{lost.replace(chr(92) + ';', ';').replace(';', chr(92) + ';')}"
    notes.add("SR205", tail.span(0, len(encode(lost))), message, fix=fix, path=path)
    return lost.replace("\\;", ";")


def _too_much(text: str, read: PjUri | BadUri) -> str:
    """Why Asterisk does not take a URI that pjsip reads; it looks at the beginning and at lengths only."""
    if isinstance(read, BadUri):
        return ""
    if read.display or text.lstrip()[:1] == '"':
        return "a name stands in front of it"
    if len(encode(text)) > LONGEST_URI:
        return f"it is longer than {LONGEST_URI} characters"
    if len(read.host) > LONGEST_HOST - (0 if read.port is not None else ROOM_FOR_SRV):
        return "its host is too long"
    return ""


def _without_slashes(read: PjUri, text: str) -> str:
    """The URI without the `//` that became part of its user."""
    return text.replace("://", ":", 1) if read.user.startswith("//") else text


def _judge_read(notes: Notes, option: str, value: Value, read: PjUri, protocol: str | None, path: str) -> bool:
    """What there is to say of a URI that pjsip reads; whether Asterisk takes it."""
    place = value.part(read.host_at, read.host_at + len(read.host))
    checks.host(notes, read.host, place, "Asterisk")
    if read.user.startswith("//"):
        message = f"No `//` stands in a SIP URI: it becomes part of the user, `{read.user}`."
        fix = f"{option}={_without_slashes(read, value.text).replace(';', chr(92) + ';')}"
        notes.add("SR240", value.part(read.user_at, read.user_at + 2), message, fix=fix, path=path)
    elif option == "client_uri":
        checks.placeholders(notes, [("user", read.user, value.part(read.user_at, read.host_at - 1))])
    if read.password:
        at = value.text.find("@", read.password_at)
        secret = value.part(read.password_at, at)
        notes.secret(read.password, secret)
        notes.secret(value.text[read.password_at : at])
        message = "The password in the URI is not used for the login: it belongs into `password=` of the auth section."
        notes.add("SR227", secret, message, path=path)
    if option == "outbound_proxy" and read.param("lr") is None:
        lost = bool(value.tail is not None and re.search(rb";lr\b", value.tail.data))
        if not lost:
            message = "Without `\\;lr` Asterisk takes the proxy for a strict router, which hardly any proxy is."
            fix = f"{option}={value.text.replace(';', chr(92) + ';')}\\;lr"
            notes.add("SR206", value.span, message, fix=fix, path=path)
    named = read.param("transport")
    if named and named.lower() not in _TRANSPORTS:
        at = value.text.find(named, read.host_at + len(read.host))
        message = f"`{named}` is no transport: udp, tcp, tls, ws and wss are."
        message += " Asterisk drops the registration without a message." if option == "server_uri" else ""
        notes.add("SR204", value.part(at, at + len(named)), message, path=path)
        if option == "server_uri":
            return False
    if option == "server_uri":
        port_place = value.part(read.port_at, read.port_at + len(str(read.port or "")))
        transport = read.transport or protocol
        checks.port_and_transport(notes, read.port, transport, port_place if read.port else place)
        if read.user and not read.user.startswith("//"):
            span = value.part(read.user_at, read.host_at - 1)
            message = "`server_uri` is the server's address: with a user in it some registrars do not answer."
            bare = f"{read.scheme}:{value.text[read.host_at :].rstrip('> ')}"
            notes.add("SR228", span, message, fix=f"{option}={bare.replace(';', chr(92) + ';')}", path=path)
    return True


def _fix(option: str, meant: str, text: str) -> str:
    return f"{option}={meant.replace(';', chr(92) + ';')}" if meant != text else ""


def judge_numbers(notes: Notes, values: Mapping[str, Value], *, path: str = "") -> None:
    """The numbers of a registration that Asterisk takes, and regrets."""
    expiration = values.get("expiration")
    if expiration is not None and (seconds := number(expiration.text)) is not None:
        if seconds == 0:
            message = "An expiration of 0 removes the registration instead of making one."
            notes.add("SR135", expiration.span, message, fix="expiration=3600", path=path)
        elif seconds <= 10:
            message = f"PJSIP refreshes 10 seconds before the end: with {seconds} it registers without a pause."
            notes.add("SR215", expiration.span, message, fix="expiration=60", path=path)
        else:
            checks.expiry(notes, seconds, expiration.span)
    retries = values.get("max_retries")
    if retries is not None and number(retries.text) == 0:
        message = "`max_retries=0` is not for ever: the registration stops at the first failure."
        log = "WARNING ... Maximum retries reached when attempting outbound registration to '...' with client '...', "
        log += "stopping registration attempt"
        notes.add("SR214", retries.span, message, fix="max_retries=10000", log=log, path=path)


def judge_credentials(notes: Notes, user: Value | None, secret: Value | None, *, path: str = "") -> None:
    """User name and password of an auth object."""
    if secret is not None and secret.text:
        notes.secret(secret.text, secret.span)
        if secret.mapped is not None:
            checks.characters(notes, secret.mapped, "password", "Asterisk", secret=True)
        _attached(notes, secret, "password", path)
        if len(secret.text) > 2 and secret.text[0] == secret.text[-1] and secret.text[0] in "\"'":
            message = f"The quotes are not removed: the password that is sent begins and ends with `{secret.text[0]}`."
            notes.reveal(Span(secret.span.line, secret.span.column, 1))
            notes.reveal(Span(secret.span.line, secret.span.end - 1, 1))
            notes.secret(secret.text[1:-1])
            bare = secret.text[1:-1]
            notes.add("SR212", secret.span, message, fix=f"password={bare}", instead=bare, path=path)
    if user is not None and user.text:
        if user.mapped is not None:
            checks.characters(notes, user.mapped, "user name", "Asterisk")
        if re.search(r"%[0-9A-Fa-f]{2}", user.text):
            plain = pjsip_uri.plain(user.text)
            message = f"`{user.text}` is sent as it stands: `%` is decoded in URIs only, and this is none."
            notes.add("SR213", user.span, message, fix=f"username={plain}", path=path)
        if re.match(r"sips?:", user.text, re.IGNORECASE):
            message = "The user name is no URI: `sip:` becomes part of it."
            bare = user.text.split(":", 1)[1]
            notes.add("SR213", user.part(0, user.text.index(":") + 1), message, fix=f"username={bare}", path=path)
    fields = [("user name", "username", user), ("password", "password", secret)]
    for label, name, value in fields:
        note = _NOTE.search(value.text) if value is not None else None
        if value is not None and note:
            span = value.part(note.start(), note.end())
            message = f"`#` starts no comment here: the note is part of the {label} that is sent. `;` starts one."
            notes.secret(meant_secret(value.text)) if name == "password" else None
            notes.reveal(span)
            bare = dotted(value.text[: note.start()]) if name == "password" else value.text[: note.start()]
            notes.add("SR108", span, message, fix=f"{name}={bare}", instead="", path=path)
    checks.placeholders(notes, [(label, value.text, value.span) for label, _, value in fields if value is not None])


def meant_user(text: str) -> str:
    """A user name without what makes a URI or a note of it: Asterisk takes that for a part of it."""
    return pjsip_uri.plain(re.sub(r"\Asips?:", "", _NOTE.sub("", text), flags=re.IGNORECASE))


def meant_secret(text: str) -> str:
    """A password without a note behind it, and without the quotes around it: Asterisk takes both for a part of it."""
    text = _NOTE.sub("", text)
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'" else text


def _attached(notes: Notes, value: Value, label: str, path: str) -> None:
    tail = value.attached
    if tail is None or not tail.data[1:2].strip():
        return
    message = f"`;` right behind the {label} starts a comment: Asterisk reads {len(value.text)} characters. If it "
    message += "belongs to it, write `\\;`."
    notes.reveal(tail.span(0, 1))
    notes.secret(tail.part(1, len(tail)).text, tail.span(1, len(tail)))
    notes.secret(f"{value.text}{tail.text}")
    notes.secret(f"{value.text}\\{tail.text}")  # as the fix writes it
    fix = f"{label}={value.text}\\{tail.text}"
    notes.add("SR225", tail.span(0, 1), message, fix=fix, path=path)
