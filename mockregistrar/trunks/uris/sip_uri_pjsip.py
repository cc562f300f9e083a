"""A SIP URI as pjsip reads it: strict where chan_sip forgives. The password in it is shown apart from the user."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote

from mockregistrar.trunks import checks
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, encode

from . import pjsip_uri
from .pjsip_uri import BadUri, PjUri
from .sip_uris import result
from .uri_repair import hide_password, repaired

NAME = "sip-uri-pjsip"
ALIASES = ("sip-uri", "uri")
FORMS = ("value",)

_TRANSPORTS = ("udp", "tcp", "tls", "ws", "wss", "sctp")


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a URI. Never raises."""
    del form, path
    text = text.strip("\r\n")
    notes = Notes()
    piece = Piece(text, 1, 1)
    read = pjsip_uri.parse(text)
    if isinstance(read, PjUri):
        checks.characters(notes, Mapped.from_text(text), "URI", "pjsip")
        _judge(notes, read, piece)
        meant = _without_slashes(read) if read.user.startswith("//") else None
        return result(NAME, text, notes, _registration(read), ok=True, meant=meant)
    hide_password(piece, notes)
    better = repaired(text, read)
    again = pjsip_uri.parse(better)
    meant = _registration(again) if isinstance(again, PjUri) else None
    if isinstance(again, PjUri) and again.password:
        notes.secret(again.password)
        notes.secret(better[again.password_at : better.find("@", again.password_at)])  # as the fix writes it
    _refusal(notes, read, piece, better)
    return result(NAME, text, notes, None, ok=False, meant=meant)


def _refusal(notes: Notes, bad: BadUri, piece: Piece, better: str) -> None:
    """Why pjsip does not take it."""
    text = piece.text
    if bad.kind == "tel":
        message = "`tel:` is a number and no account: pjsip parses it, but a registration does not take it."
        notes.add("SR203", piece.span, message)
        return
    characters = Notes()
    checks.characters(characters, Mapped.from_text(text), "URI", "pjsip")
    if bad.kind == "ascii" and characters.findings:
        notes.visible += characters.visible
        for found in characters.findings[:1]:
            notes.add(found.code, found.span, f"{found.message} pjsip refuses the URI.", fix=better)
        return
    written = text[bad.start : bad.stop]
    letter = checks.digits_look_alike(written) if bad.kind == "port" else ""
    why = f"`{written}` holds the letter {letter}, and {bad.why}" if letter else bad.why
    code = "SR203" if bad.kind == "scheme" else "SR204"
    notes.add(code, piece.part(bad.start, max(bad.stop, bad.start)).span, f"pjsip refuses the URI: {why}.", fix=better)


def _judge(notes: Notes, read: PjUri, piece: Piece) -> None:
    """What is strange about a URI that pjsip takes."""
    text = piece.text
    if read.password:
        notes.secret(read.password)
        notes.secret(text[read.password_at : text.find("@", read.password_at)])
    if read.user.startswith("//"):
        message = f"No `//` stands in a SIP URI: it becomes part of the user, `{read.user}`."
        fix = text[: read.user_at] + text[read.user_at + 2 :]
        notes.add("SR240", piece.part(read.user_at, read.user_at + 2).span, message, fix=fix)
    elif read.user:
        user = piece.part(read.user_at, read.password_at - 1 if read.password else read.host_at - 1)
        checks.placeholders(notes, [("user", read.user, user.span)])
    host = piece.part(read.host_at, read.host_at + len(read.host)).span
    checks.host(notes, read.host, host, "pjsip")
    port = piece.part(read.port_at, read.port_at + len(str(read.port))).span if read.port is not None else host
    named = read.transport
    if named is not None and named not in _TRANSPORTS:
        match = re.search(r";transport=([^;?>]*)", text[read.host_at :], re.IGNORECASE)
        start, stop = match.span(1) if match else (0, 0)
        message = f"`{named}` is no transport of SIP: udp, tcp, tls, ws and wss are."
        notes.add(
            "SR604",
            piece.part(read.host_at + start, read.host_at + stop).span,
            message,
            instead=_meant_transport(named) or None,
        )
    checks.port_and_transport(notes, read.port or None, named, port)


def _meant_transport(named: str) -> str:
    near = "tls" if named in ("ssl", "tsl", "sips") else next(iter(get_close_matches(named, _TRANSPORTS, 1, 0.6)), "")
    return f"transport={near}" if near else ""


def _without_slashes(read: PjUri) -> Registration:
    return replace(_registration(read), user=read.user[2:])


def _registration(read: PjUri) -> Registration:
    transport = read.transport
    port = read.port or None
    if transport is None and (port is not None or pjsip_uri.is_address(read.host)):
        transport = "udp"
    if port is None and pjsip_uri.is_address(read.host):
        port = 5061 if transport == "tls" else 5060
    return Registration(
        user=read.user,
        secret=read.password,
        host=read.host,
        port=port,
        transport=transport,
        display_name=read.display,
    )


def render(trunk: Trunk) -> str:
    """The URI of a trunk, password included, percent-encoded. Raises CannotRender for a host that is none."""
    text = f"sip:{pjsip_uri.user_part(trunk.user)}"
    if trunk.secret:
        text += ":" + quote(encode(trunk.secret), safe="-_.!~*'()&=+$,")
    if trunk.user:
        text += "@"
    text += trunk.dial_host
    usual = 5061 if trunk.dial_transport == "tls" else 5060
    text += f":{trunk.dial_port}" if trunk.dial_port != usual else ""
    text += f";transport={trunk.dial_transport}" if trunk.dial_transport != "udp" else ""
    read = pjsip_uri.parse(text)
    if isinstance(read, BadUri) or not trunk.user:
        why = read.why if isinstance(read, BadUri) else "there is no user"
        raise CannotRender(text[read.start : read.stop] if isinstance(read, BadUri) else "", f"pjsip refuses it: {why}")
    return text
