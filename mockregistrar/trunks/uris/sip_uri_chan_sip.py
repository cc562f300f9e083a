"""A SIP URI as chan_sip's `parse_uri` reads it: cut at the first `@` and `:`, percent signs left alone, all forgiven.

A wrong scheme still fills the parts, and returns an error besides: `ok` is False then, and the parts are told.
"""

from __future__ import annotations

import re
from pathlib import Path

from mockregistrar.trunks.c_numbers import port_number
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, encode, part_span

from .sip_uris import judge, result

NAME = "sip-uri-chan_sip"
ALIASES: tuple[str, ...] = ()
FORMS = ("value",)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a URI. Never raises."""
    del form, path
    text = text.strip("\r\n")
    notes = Notes()
    scheme = re.match(r"sips?:", text, re.IGNORECASE)
    rest = text[scheme.end() :] if scheme else text
    userinfo, at, host_port = rest.partition("@")
    if not at:
        userinfo, host_port = "", rest
    user, _, secret = userinfo.partition(":")
    host_port, _, headers = host_port.partition("?")
    host_port, _, params = host_port.partition(";")
    del headers
    matched = re.match(r"(\[[^\]]*\]|[^:]*)(?::(.*))?\Z", host_port, re.DOTALL)
    host, port_text = (matched.group(1), matched.group(2) or "") if matched else (host_port, "")
    transport = "tls" if scheme and scheme.group().lower() == "sips:" else "udp"
    named = re.search(r"(?:\A|;)transport=([^;]*)", params)
    if named and named.group(1).lower() in ("udp", "tcp", "tls", "ws", "wss"):
        transport = named.group(1).lower()
    start = text.find("@") + 1
    if secret:
        begin = (scheme.end() if scheme else 0) + len(user) + 1
        notes.secret(secret, part_span(Mapped.from_text(text), begin, begin + len(secret)))
    made = Registration(
        user=user,
        secret=secret,
        host=host,
        port=port_number(encode(port_text)) or (5061 if transport == "tls" else 5060),
        transport=transport,
    )
    if scheme is None:
        message = "There is no `sip:` in front: Asterisk complains, and takes the parts as they come."
        notes.add("SR203", Span(1, 1, max(1, len(text))), message, fix=f"sip:{text}" if "@" in text else "")
    if re.search(r"%[0-9A-Fa-f]{2}", userinfo):
        at_percent = text.index("%")
        message = "chan_sip leaves percent signs as they are: `%40` is three characters here."
        notes.add("SR127", part_span(Mapped.from_text(text), at_percent, at_percent + 3), message)
    if "@" in text[start:] and at:
        message = "chan_sip cuts a URI at the first `@`: what stands behind it is the host."
        notes.secret(rest.rpartition("@")[0].partition(":")[2])
        notes.add("SR204", part_span(Mapped.from_text(text), start - 1, start), message, fix="")
    elif host:
        judge(notes, text, made, "Asterisk")
    else:
        notes.add("SR142", Span(1, 1, max(1, len(text))), "There is no host in the URI.")
    return result(NAME, text, notes, made, ok=scheme is not None)


def render(trunk: Trunk) -> str:
    """The URI of a trunk as chan_sip reads it, nothing escaped. Raises CannotRender for what it would cut."""
    for label, text, taken in (
        ("user", trunk.user, ":@\r\n"),
        ("password", trunk.secret, "@\r\n"),
        ("host", trunk.dial_host, "@?;\r\n"),
    ):
        for character in taken:
            if character in text:
                raise CannotRender(character, f"the {label} holds {character!r}, and chan_sip decodes no escapes")
    if not trunk.user or not trunk.dial_host:
        raise CannotRender("", "a URI of an account needs a user and a host")
    usual = 5061 if trunk.dial_transport == "tls" else 5060
    text = f"sip:{trunk.user}" + (f":{trunk.secret}" if trunk.secret else "") + f"@{trunk.dial_host}"
    text += f":{trunk.dial_port}" if trunk.dial_port != usual else ""
    return text + (f";transport={trunk.dial_transport}" if trunk.dial_transport != "udp" else "")
