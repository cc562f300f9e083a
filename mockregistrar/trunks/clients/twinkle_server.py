"""Where Twinkle registers: servers, `host[:port][;parameters]`, as its own reader of addresses takes them apart.

Twinkle puts `sip:` in front and reads the result as an address. A user makes it drop the value. The port is read as C's
atol does it: `5O60` is 5, what is no number is the default. So `sip:host` is the host `sip` with the port that the real
host's name begins with, and no message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mockregistrar.trunks import checks
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import Severity, Span
from mockregistrar.trunks.parsed import Notes, Registration
from mockregistrar.trunks.plausible import is_ipv6, repaired_host, repaired_number
from mockregistrar.trunks.uris.pjsip_uri import is_address

REGISTRATION_TIME = 3600
_NUMBER = re.compile(r"[ \t\r\n\v\f]*([+-]?)(\d+)")
_SCHEME = re.compile(r"sips?:(?://)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Server:
    """A server as Twinkle reads it. `port` is None where DNS decides on it; `at` is where the text of a port stands."""

    host: str
    port: int | None = None
    transport: str = ""
    at: tuple[int, int] = (0, 0)


def number(text: str) -> int | None:
    """What C's atol makes of a text, None where there is no digit."""
    match = _NUMBER.match(text)
    if match is None:
        return None
    return int(match.group(2)[:18]) * (-1 if match.group(1) == "-" else 1)


def read(text: str) -> Server | None:
    """The server, None where Twinkle drops the value."""
    cut = re.search(r"[;?]", text)
    stop = cut.start() if cut else len(text)
    if "@" in text or stop == 0:
        return None
    if text.startswith("["):
        close = text.find("]", 0, stop)
        colon = close + 1 if 0 <= close < stop - 1 else -1
        if close < 0 or (colon >= 0 and text[colon] != ":"):
            return None
        end = close + 1
    else:
        colon = text.find(":", 0, stop)
        end = colon if colon >= 0 else stop
    if colon == 0 or colon == stop - 1:
        return None
    port = (number(text[colon + 1 : stop]) or 0) if colon >= 0 else 0
    parameters = _parameters(text[stop:])
    if not 0 <= port <= 65535 or parameters is None:
        return None
    host = text[:end]
    settled = port or (5060 if is_address(host) else None)
    at = (colon + 1, stop) if colon >= 0 else (end, end)
    return Server(host, settled, parameters.get("transport", "").lower(), at)


def _parameters(text: str) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for each in text.split("?", 1)[0].split(";"):
        name, *values = each.split("=")
        if len(values) > 1:
            return None
        found[name.strip(" ").lower()] = values[0].strip(" ") if values else ""
    return found


def host_port(text: str) -> tuple[str, int | None]:
    """A domain and its port, None where it has none."""
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d{1,5})", text)
    return (match.group(1), int(match.group(2))) if match else (text, None)


def settled(values: Mapping[str, str], span: Span) -> Registration:
    """What Twinkle registers with these settings."""
    domain, domain_port = host_port(values.get("user_domain", ""))
    registrar = read(values.get("registrar", ""))
    proxy = read(values.get("outbound_proxy", ""))
    target = registrar or proxy or read(values.get("user_domain", ""))
    wanted = values.get("sip_transport", "")
    named = target.transport if target is not None else ""
    user, login = values.get("user_name", ""), values.get("auth_name", "")
    seconds = number(values.get("registration_time", str(REGISTRATION_TIME))) or 0
    host = re.split(r"[;?]", domain, maxsplit=1)[0]
    contact = f"{user}_{host.replace('.', '_')}" if values.get("use_domain_in_contact") == "yes" else user
    return Registration(
        user=user,
        secret=values.get("auth_pass", ""),
        auth_user=login,
        effective_auth_user=login or None,
        secret_used=False if values.get("auth_pass") and not login else None,
        domain=domain,
        domain_port=domain_port,
        host=target.host if target is not None else None,
        port=target.port if target is not None else None,
        transport=wanted if wanted in ("udp", "tcp") else named if named == "tcp" else "udp",
        extension=contact,
        expiry=seconds % 2**32 or None,
        realm=values.get("auth_realm", ""),
        outbound_proxy=values.get("outbound_proxy", "") if proxy is not None else "",
        register=values.get("register_at_startup", "yes") == "yes",
        display_name=values.get("user_display", ""),
        span=span,
    )


def judge(notes: Notes, name: str, piece: Piece, sip_transport: str, *, decides: bool) -> str:
    """Judge a server; returns the text that was probably meant. `decides` tells whether REGISTER goes there."""
    text = piece.text
    severity: Severity | None = None if decides else "warning"
    scheme = _SCHEME.match(text)
    if scheme:
        bare = text[scheme.end() :]
        heard = read(text)
        told = f" and the port {heard.port}" if heard is not None and heard.port else ""
        message = (
            f"`{name}` takes no scheme: Twinkle puts `sip:` in front, and takes `{text.split(':', 1)[0]}` for the "
        )
        message += f"host{told}."
        span = Span(piece.line, piece.column, scheme.end())
        notes.add("SR560", span, message, fix=f"{name}={bare}", severity=severity)
        return judge(notes, name, piece.part(scheme.end(), len(text)), sip_transport, decides=decides) if bare else ""
    if is_ipv6(text):
        message = "Twinkle speaks IPv4 only: it cannot use an IPv6 address."
        notes.add("SR574", piece.span, message, severity=severity)
        return text
    server = read(text)
    if server is None:
        meant = _repaired(text)
        message = f"`{text}` {_why(text)}: Twinkle drops it and goes on without `{name}`."
        fix = f"{name}={meant}" if meant else ""
        notes.add("SR561", piece.span, message, fix=fix, log=f"Invalid server value: {text}", severity=severity)
        return meant
    if server.host.startswith("["):
        message = "Twinkle speaks IPv4 only: it sends nothing to an IPv6 address."
        notes.add("SR574", piece.part(0, len(server.host)).span, message, severity=severity)
    else:
        checks.host(notes, server.host, piece.part(0, len(server.host)).span, "Twinkle")
    _transport(notes, piece, server, sip_transport, severity)
    place = piece.part(*server.at) if server.at[0] < server.at[1] else piece
    shown = text[server.at[0] : server.at[1]]
    checks.port_and_transport(
        notes, server.port if shown else None, server.transport or sip_transport or "udp", place.span
    )
    return _repaired_port(notes, name, piece, server, severity) or text


def _transport(notes: Notes, piece: Piece, server: Server, sip_transport: str, severity: Severity | None) -> None:
    named = server.transport
    if not named or (named in ("udp", "tcp") and sip_transport in ("", named)):
        return
    at = piece.text.lower().find("transport")
    span = piece.part(max(at, 0), len(piece.text)).span
    whole = piece.part(max(at - 1 if piece.text[at - 1 : at] == ";" else at, 0), len(piece.text)).span
    if named not in ("udp", "tcp"):
        message = f"Twinkle has no `{named}`: it goes by udp and tcp, and sends nothing here."
    else:
        message = f"`sip_transport` is {sip_transport}, and here stands `{named}`: Twinkle sends nothing."
    notes.add("SR567", span, message, instead="", at=whole, severity=severity)


def _repaired_port(notes: Notes, name: str, piece: Piece, server: Server, severity: Severity | None) -> str:
    """Judge the port; returns the server with the port that was probably meant, if it is another."""
    start, stop = server.at
    shown = piece.text[start:stop]
    if not shown or shown.strip(" ").isdigit():
        return ""
    digits = number(shown)
    does = f"reads port {digits}" if digits else "uses the default port"
    place = piece.part(start, stop).span
    letter = checks.digits_look_alike(shown)
    likely = repaired_number(shown) if letter else None
    if letter and likely is not None:
        meant = piece.text[:start] + str(likely) + piece.text[stop:]
        message = f"`{shown}` holds the letter {letter}: Twinkle {does}."
        notes.add("SR131", place, message, fix=f"{name}={meant}", severity=severity)
        return meant
    if digits:
        rest = re.sub(r"\A\s*\d+", "", shown)
        message = f"What stands behind the number is ignored: Twinkle {does}."
        span = Span(place.line, place.end - len(rest), len(rest))
        notes.add("SR132", span, message, severity="hint" if rest[:1] == " " else None)
        return ""
    notes.add("SR131", place, f"`{shown}` is no number: Twinkle {does}.", severity=severity)
    return piece.text[: start - 1] + piece.text[stop:]


def _why(text: str) -> str:
    if "@" in text:
        return "holds a user, and a server has none"
    if re.search(r":\d{5,}", text):
        return "has a port above 65535"
    return "is no host with a port"


def _repaired(text: str) -> str:
    """The server that was probably meant, empty where nothing is probable."""
    host, _, port = text.rpartition("@")[2].partition(":")
    port = port if port.isdigit() and 0 < int(port[:6]) < 65536 else ""
    found = host if re.fullmatch(r"[A-Za-z0-9.-]+", host) else repaired_host(host)
    meant = f"{found}:{port}" if found and port else found
    return meant if meant and read(meant) is not None else ""
