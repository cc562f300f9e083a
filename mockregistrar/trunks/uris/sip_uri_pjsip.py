"""A SIP URI as pjsip reads it: strict where chan_sip forgives. The password in it is shown apart from the user."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from mockregistrar.trunks import checks
from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, encode, part_span

from . import pjsip_uri
from .pjsip_uri import BadUri, PjUri
from .sip_uris import judge, result
from .uri_repair import repaired

NAME = "sip-uri-pjsip"
ALIASES = ("sip-uri", "uri")
FORMS = ("value",)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a URI. Never raises."""
    del form, path
    text = text.strip("\r\n")
    notes = Notes()
    mapped = Mapped.from_text(text)
    checks.characters(notes, mapped, "URI", "pjsip")
    read = pjsip_uri.parse(text)
    if isinstance(read, PjUri):
        made = _registration(read, notes, text)
        judge(notes, text, made, "pjsip")
        return result(NAME, text, notes, made, ok=True)
    _hide(notes, text)
    better = repaired(text, read)
    meant = None
    if better:
        again = pjsip_uri.parse(better)
        meant = _registration(again, notes, better) if isinstance(again, PjUri) else None
    code = "SR203" if read.kind in ("scheme", "tel") else "SR204"
    letter = checks.digits_look_alike(text[read.start : read.stop]) if read.kind == "port" else ""
    why = f"`{text[read.start : read.stop]}` holds the letter {letter}, and {read.why}" if letter else read.why
    span = part_span(mapped, read.start, max(read.stop, read.start))
    notes.add(code, span, f"pjsip refuses the URI: {why}.", fix=better)
    return result(NAME, text, notes, None, ok=False, meant=meant)


def _hide(notes: Notes, text: str) -> None:
    """What could be a password in a URI that is not understood."""
    body = text.partition(":")[2] if text.lower().startswith(("sip:", "sips:", "<sip")) else text
    left, at, _ = body.rpartition("@")
    _, colon, secret = left.partition(":")
    if at and colon:
        notes.secret(secret)


def _registration(read: PjUri, notes: Notes, text: str) -> Registration:
    if read.password:
        notes.secret(read.password)
        user_and = text.partition("@")[0]
        notes.secret(user_and.rpartition(":")[2])
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
