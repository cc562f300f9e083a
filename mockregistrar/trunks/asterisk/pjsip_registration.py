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
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes, Registration
from mockregistrar.trunks.positions import Mapped, part_span
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri

from .pjsip_options import EXPIRATION, MAX_RETRIES, RETRY_INTERVAL

_PARAMETER = re.compile(rb";[A-Za-z][A-Za-z0-9_-]*(?:=[^\s;]*)?(?=[\s;]|\Z)")
_ATTACHED = re.compile(r";transport=|;lr\b", re.IGNORECASE)
LOG_SCHEME = "Server URI or hostname length exceeds pjproject limit or is not a sip(s) uri: '{0}'"


@dataclass(frozen=True, slots=True)
class Value:
    """A value with its place; `tail` is the comment behind it. A value that a form put together has no octets."""

    text: str
    span: Span
    mapped: Mapped | None = None
    tail: Mapped | None = None

    def part(self, start: int, stop: int) -> Span:
        """Where a stretch of the value stands."""
        return part_span(self.mapped, start, stop) if self.mapped is not None else self.span


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an auth object holds."""

    name: str
    user: str
    secret: str
    realm: str
    ha1: str = ""


def number(text: str) -> int | None:
    """A number as Asterisk takes one for an option, None when it refuses the text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 and int(text) < 2**32 else None


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
        name=name,
        span=span,
    )


def judge_uri(notes: Notes, option: str, value: Value, owner: str, *, path: str = "") -> tuple[PjUri | None, str]:
    """Judge `server_uri`, `client_uri` or `outbound_proxy`: what pjsip reads, and the text that was probably meant."""
    text, meant = value.text, value.text
    if value.mapped is not None:
        checks.characters(notes, value.mapped, f"`{option}`", "pjsip")
    tail = value.tail
    if tail is not None and value.mapped is not None and tail.columns[0] == value.mapped.end:
        parameter = _PARAMETER.match(tail.data)
        if parameter:
            lost = tail.part(0, parameter.end()).text
            meant = text + lost
            message = f"`;` starts a comment here: Asterisk reads `{text}`, and `{lost[1:]}` has no effect. It prints "
            message += "nothing."
            fix = f"{option}={text}\\{lost}"
            notes.add("SR205", tail.span(0, parameter.end()), message, fix=fix, path=path)
    elif value.mapped is not None and "\\;" in text:
        meant = text.replace("\\;", ";")
    read = pjsip_uri.parse(text)
    if isinstance(read, PjUri):
        _judge_read(notes, option, value, read, owner, path)
        return read, meant
    meant = repaired(text, read) or meant
    label = {"server_uri": "Server", "client_uri": "Client"}.get(option, "outbound proxy")
    if read.kind in ("scheme", "tel") and option != "outbound_proxy":
        log = LOG_SCHEME.replace("Server", label).format(owner)
        message = f"`{option}` is no SIP URI, {read.why}: Asterisk refuses the registration."
        if read.kind == "tel":
            message = "A `tel:` number is no account: Asterisk refuses the registration."
        notes.add("SR203", value.span, message, fix=_fix(option, meant, text), log="ERROR ... " + log, path=path)
        return None, meant
    what = {"Server": "server", "Client": "client"}.get(label, label)
    log = f"ERROR ... Invalid {what} URI '{text}' specified on outbound registration '{owner}'"
    letter = checks.digits_look_alike(text[read.start : read.stop]) if read.kind == "port" else ""
    why = f"`{text[read.start : read.stop]}` holds the letter {letter}, and {read.why}" if letter else read.why
    span = value.part(read.start, read.stop)
    message = f"pjsip cannot read `{option}`: {why}. Asterisk refuses the registration."
    notes.add("SR204", span, message, fix=_fix(option, meant, text), log=log, path=path)
    return None, meant


def _judge_read(notes: Notes, option: str, value: Value, read: PjUri, owner: str, path: str) -> None:
    place = value.part(read.host_at, read.host_at + len(read.host))
    checks.host(notes, read.host, place, "Asterisk")
    if read.password:
        notes.secret(read.password)
        message = "The password in the URI is not used for the login: it belongs into `password=` of the auth section."
        notes.add("SR227", value.span, message, path=path)
    if option == "outbound_proxy" and read.param("lr") is None:
        lost = bool(value.tail is not None and re.match(rb";lr\b", value.tail.data))
        if not lost:
            message = "Without `\\;lr` Asterisk takes the proxy for a strict router, which hardly any proxy is."
            notes.add("SR206", value.span, message, fix=f"{option}={value.text}\\;lr", path=path)
    named = read.param("transport")
    if named is not None and named.lower() not in ("udp", "tcp", "tls", "ws", "wss"):
        message = f"`{named}` is no transport: udp, tcp, tls, ws and wss are."
        notes.add("SR204", value.span, message, path=path)
    if option == "server_uri":
        port_place = value.part(read.port_at, read.port_at + len(str(read.port or "")))
        checks.port_and_transport(notes, read.port, read.transport, port_place if read.port else place)
    del owner


def repaired(text: str, bad: BadUri, more: bool = True) -> str:
    """The URI that was probably meant, empty when nothing is probable; with `more` for two faults at once."""
    candidates: list[str] = []
    stripped = text.strip()
    if bad.kind == "scheme":
        body = stripped.split("://", 1)[1] if re.match(r"[A-Za-z]+://", stripped) else stripped
        scheme = stripped.split("://", 1)[0].lower() if body is not stripped else ""
        transport = f";transport={scheme}" if scheme in ("tcp", "tls") else ""
        candidates.append(f"sip:{body}{transport}")
        if body.lower().startswith(("sip:", "sips:")):
            candidates.append(body)
    elif bad.kind == "second-at":
        user, _, rest = stripped.rpartition("@")
        scheme, _, user = user.partition(":")
        candidates.append(f"{scheme}:{user.replace('@', '%40')}@{rest}")
    elif bad.kind == "ipv6":
        matched = re.match(r"(.*?:)(?:([^@]*)@)?([0-9A-Fa-f:.]+)(.*)\Z", stripped, re.DOTALL)
        if matched:
            user = f"{matched[2]}@" if matched[2] else ""
            candidates.append(f"{matched[1]}{user}[{matched[3]}]{matched[4]}")
    elif bad.kind == "port":
        port = text[bad.start : bad.stop].translate(str.maketrans("OoIl|SB ", "00111580")).replace(" ", "")
        candidates += [text[: bad.start] + port + text[bad.stop :], text[: max(0, bad.start - 1)] + text[bad.stop :]]
    candidates += [
        re.sub(r"[/;,.\s]+\Z", "", stripped),
        re.sub(r"\s+", "", stripped),
        stripped.strip("\"'<>"),
        stripped.replace("://", ":", 1),
    ]
    for candidate in candidates:
        if candidate != text and isinstance(pjsip_uri.parse(candidate), PjUri):
            return candidate
    if more and candidates[0] != text and isinstance(again := pjsip_uri.parse(candidates[0]), BadUri):
        return repaired(candidates[0], again, more=False)
    return ""


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
        log = "Maximum retries reached when attempting outbound registration to '...' with client '...', stopping"
        notes.add("SR214", retries.span, message, fix="max_retries=10000", log="WARNING ... " + log, path=path)


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
            notes.add("SR212", secret.span, message, fix="the password without the quotes", path=path)
    if user is not None and user.text:
        if user.mapped is not None:
            checks.characters(notes, user.mapped, "user name", "Asterisk")
        if re.search(r"%[0-9A-Fa-f]{2}", user.text):
            plain = pjsip_uri.plain(user.text)
            message = f"`{user.text}` is sent as it stands: `%` is decoded in URIs only, and this is none."
            notes.add("SR213", user.span, message, fix=plain, path=path)
        if re.match(r"sips?:", user.text, re.IGNORECASE):
            message = "The user name is no URI: `sip:` becomes part of it."
            notes.add("SR213", user.span, message, fix=user.text.split(":", 1)[1], path=path)
    fields = [("user name", user), ("password", secret)]
    checks.placeholders(notes, [(label, value.text, value.span) for label, value in fields if value is not None])


def _attached(notes: Notes, value: Value, label: str, path: str) -> None:
    tail = value.tail
    if tail is None or value.mapped is None or tail.columns[0] != value.mapped.end or not tail.data[1:2].strip():
        return
    message = f"`;` right behind the {label} starts a comment: Asterisk reads {len(value.text)} characters. If it "
    message += "belongs to it, write `\\;`."
    notes.reveal(tail.span(0, 1))
    notes.secret_spans.append(tail.span(1, len(tail)))
    notes.add("SR225", tail.span(0, 1), message, severity="warning", path=path)
