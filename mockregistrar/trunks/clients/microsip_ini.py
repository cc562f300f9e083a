"""MicroSIP's ini file: `[AccountN]` with server, proxy, domain, username, password, authID, transport, registerRefresh.

Windows strips blanks and one pair of quotes around a value. `server` and `proxy` are bare hosts: MicroSIP adds `sip:`.
An account without `server` does not register. A `registerRefresh` that is no number or not above 0 counts as 300, one
up to 10 as 10. Any realm is answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mockregistrar.trunks import checks, ini_lines
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.ini_lines import IniSection
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped

NAME = "microsip-ini"
ALIASES = ("microsip",)
FORMS = ("file",)

REFRESH, SHORTEST_REFRESH = 300, 10
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?\Z", re.DOTALL)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    if re.search(r"^[ \t]*\[Account\d+\]", head, re.MULTILINE | re.IGNORECASE) is None:
        return None
    return "file", "it has sections such as [Account1]"


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the accounts of an ini file. Never raises."""
    del form, path
    notes = Notes()
    made: list[Registration] = []
    meant: list[Registration] = []
    ok = True
    for section in ini_lines.read(text.lstrip("\ufeff"), comments=";", lower=True):
        if not re.fullmatch(r"Account\d+", section.name, re.IGNORECASE):
            continue
        real, probably = _account(section, notes)
        ok = ok and real is not None
        made += [real] if real is not None else []
        meant += [probably] if probably is not None and probably != real else []
    return Parsed(
        NAME,
        "file",
        text,
        ok=ok,
        registrations=tuple(made),
        findings=notes.done(),
        meant=tuple(meant),
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=tuple(notes.secret_spans),
        visible=tuple(notes.visible),
    )


def _value(section: IniSection, key: str) -> Piece:
    """A value as Windows hands it over."""
    piece = section.get(key)
    if piece is None:
        return Piece("", section.span.line, section.span.column)
    piece = piece.strip()
    text = piece.text
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return piece.part(1, len(text) - 1)
    return piece


def _account(section: IniSection, notes: Notes) -> tuple[Registration | None, Registration | None]:
    server, domain = _value(section, "server"), _value(section, "domain")
    user, auth_id, secret = (_value(section, key) for key in ("username", "authid", "password"))
    notes.secret(secret.text, secret.span)
    for piece, what in ((server, "server"), (domain, "domain"), (user, "user name"), (secret, "password")):
        mapped = Mapped.from_text(piece.text, piece.line, piece.column)
        checks.characters(notes, mapped, what, "MicroSIP", secret=what == "password")
    checks.placeholders(notes, [("user name", user.text, user.span), ("password", secret.text, secret.span)])
    good = True
    if not domain.text:
        message = "There is no `domain`: MicroSIP needs one for every account."
        notes.add("SR541", section.span, message, fix="domain=the carrier's domain")
        good = False
    transport = _value(section, "transport").text.lower()
    if transport not in ("", "udp", "tcp", "tls"):
        piece = _value(section, "transport")
        notes.add("SR543", piece.span, f"`{piece.text}` is no transport of MicroSIP: udp, tcp, tls or nothing.")
    scheme = re.match(r"sips?:(?://)?", server.text, re.IGNORECASE)
    bare = server.text[scheme.end() :] if scheme else server.text
    if scheme:
        span = Span(server.line, server.column, scheme.end())
        message = f"`server` is a bare host: MicroSIP makes `sip:{server.text}` of it and says Invalid registrar URI."
        notes.add("SR540", span, message, fix=bare, log="Invalid registrar URI")
    elif not server.text:
        message = "There is no `server`: the account exists, but does not register."
        notes.add("SR511", section.span, message, fix="server=the carrier's host")
    host_port, _, parameters = bare.partition(";")
    matched = _HOST_PORT.match(host_port)
    host, port_text = (matched.group(1), matched.group(2)) if matched else (host_port, None)
    usual = 5061 if transport == "tls" else 5060
    port: int | None = usual if server.text else None
    if port_text is not None:
        if re.fullmatch(r"\d{1,5}", port_text) and 0 < int(port_text) < 65536:
            port = int(port_text)
        else:
            good = False
            letter = checks.digits_look_alike(port_text)
            at = server.text.find(port_text) if port_text else 0
            span = Span(server.line, server.column + max(0, at), max(1, len(port_text)))
            message = (
                f"`{port_text}` holds the letter {letter}: it is no port." if letter else f"`{port_text}` is no port."
            )
            notes.add("SR542", span, message, log="Invalid registrar URI")
    if host and not scheme:
        checks.host(notes, host, server.span, "MicroSIP")
        checks.port_and_transport(notes, port if port_text else None, transport or None, server.span)
    made = Registration(
        user=user.text,
        secret=secret.text,
        auth_user=auth_id.text,
        effective_auth_user=auth_id.text or user.text,
        domain=domain.text,
        host=host if server.text else None,
        port=port,
        transport=_transport(transport, parameters),
        expiry=_refresh(_value(section, "registerrefresh"), notes),
        realm="*",
        outbound_proxy=_value(section, "proxy").text,
        register=bool(server.text),
        display_name=_value(section, "displayname").text,
        name=section.name,
        span=section.span,
    )
    if scheme or not good:
        return None, made if good else None
    return made, None


def _transport(transport: str, parameters: str) -> str | None:
    named = re.search(r"(?:\A|;)transport=(\w+)", parameters, re.IGNORECASE)
    if named:
        return named.group(1).lower()
    return transport if transport in ("udp", "tcp", "tls") else None


def _refresh(piece: Piece, notes: Notes) -> int:
    digits = re.match(r"\d{1,9}", piece.text)
    seconds = int(digits.group()) if digits else 0
    if not piece.text or seconds == 0:
        return REFRESH
    if seconds <= SHORTEST_REFRESH:
        notes.add("SR136", piece.span, f"MicroSIP uses {SHORTEST_REFRESH} seconds for anything up to that.", fix="300")
        return SHORTEST_REFRESH
    checks.expiry(notes, seconds, piece.span)
    return seconds


def render_all(trunks: Sequence[Trunk]) -> str:
    """A section for each account, numbered from 1. Raises CannotRender as `render` does."""
    return "\n".join(render(trunk, number) for number, trunk in enumerate(trunks, 1))


def render(trunk: Trunk, number: int = 1) -> str:
    """The section for one account. Raises CannotRender for line breaks."""
    usual = 5061 if trunk.dial_transport == "tls" else 5060
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "MicroSIP takes a password, not its digest")
    rows = [
        ("label", trunk.aor_host),
        ("server", trunk.dial_host + (f":{trunk.dial_port}" if trunk.dial_port != usual else "")),
        ("proxy", ""),
        ("domain", trunk.aor_host),
        ("username", trunk.user),
        ("password", trunk.secret),
        ("authID", trunk.auth_user),
        ("transport", trunk.dial_transport),
        ("registerRefresh", str(trunk.expiry)),
    ]
    return "\n".join([f"[Account{number}]", *(f"{name}={_written(name, value)}" for name, value in rows)]) + "\n"


def _written(name: str, value: str) -> str:
    if re.search(r"[\r\n\0]", value):
        raise CannotRender("\n", f"{name} holds a line break")
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return f'"{value}"' if quoted or value != value.strip(" \t") else value
