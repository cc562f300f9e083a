"""A SIP URI as chan_sip's `parse_uri` reads it: cut at the first `@` and `:`, percent signs left alone, all forgiven.

A wrong scheme still fills the parts, and returns an error besides: `ok` is False then, and the parts are told.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import checks
from mockregistrar.trunks.c_numbers import port_number
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import is_ipv6
from mockregistrar.trunks.positions import Mapped, encode, first_line, part_span

from .sip_uris import judge, result

NAME = "sip-uri-chan_sip"
ALIASES: tuple[str, ...] = ()
FORMS = ("value",)
_BEGINNING = re.compile(r'\s*(?:"[^"]*"\s*)?<?\s*(?:sips?:|https?://|tcp://|tls://|udp://)?', re.IGNORECASE)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a URI. Never raises."""
    del form, path
    line, number = first_line(text)
    found = _read(line)
    if number == 1:
        return found
    return replace(
        found,
        text=text,
        findings=tuple(replace(each, span=replace(each.span, line=number)) for each in found.findings),
        secret_spans=tuple(replace(span, line=number) for span in found.secret_spans),
    )


def _read(text: str) -> Parsed:
    notes = Notes()
    scheme = re.match(r"sips?:|tel:", text, re.IGNORECASE)
    if scheme is not None and scheme.group().lower() == "tel:":
        return _number(text, notes)
    begin = scheme.end() if scheme else 0
    userinfo, at, behind = text[begin:].partition("@")
    if not at:
        userinfo, behind = "", text[begin:]
    user, _, secret = userinfo.partition(":")
    host_port, _, params = (behind.rpartition("?")[0] if "?" in behind else behind).partition(";")
    matched = re.match(r"(\[[^\]]*\]|[^:]*)(?::(.*))?\Z", host_port, re.DOTALL)
    host, port_text = (matched.group(1), matched.group(2)) if matched else (host_port, None)
    transport = "tls" if scheme and scheme.group().lower() == "sips:" else "udp"
    named = _transport(params)
    if named.lower() in ("udp", "tcp", "tls", "ws", "wss"):
        transport = named.lower()
    mapped = Mapped.from_text(text)
    if secret:
        notes.secret(secret, part_span(mapped, begin + len(user) + 1, begin + len(user) + 1 + len(secret)))
    made = Registration(
        user=user,
        secret=secret,
        host=host,
        port=port_number(encode(port_text or "")) or (5061 if transport == "tls" else 5060),
        transport=transport,
    )
    start = text.find("@") + 1 if at else begin
    if scheme is None:
        known = _BEGINNING.match(text)
        colon = text.find(":", known.end() if known else 0) + 1  # nobody can say what behind it is a password
        notes.secret(text[colon:] if colon else "", part_span(mapped, colon, len(text)))
        message = "There is no `sip:` in front: Asterisk complains, and takes the parts as they come."
        notes.add("SR203", Span(1, 1, max(1, len(text))), message, fix=_with_scheme(text))
    if re.search(r"%[0-9A-Fa-f]{2}", userinfo):
        at_percent = text.index("%")
        message = "chan_sip leaves percent signs as they are: `%40` is three characters here."
        notes.add("SR127", part_span(mapped, at_percent, at_percent + 3), message)
    meant = None
    if at and "@" in behind:
        message = "chan_sip cuts a URI at the first `@`: what stands behind it is the host."
        account, _, rest = text[begin:].rpartition("@")
        name, _, password = account.partition(":")
        notes.secret(password)
        meant = replace(made, user=name, secret=password, host=host_port.rpartition("@")[2]) if rest else None
        notes.add("SR204", part_span(mapped, start - 1, start), message, fix="")
    elif is_ipv6(host_port):
        message = "An IPv6 address needs brackets: Asterisk ends the host at the first `:`."
        place = part_span(mapped, start, start + len(host_port))
        notes.add("SR141", place, message, fix=text.replace(host_port, f"[{host_port}]"))
    elif host:
        judge(notes, text, made, "Asterisk")
        if port_text is not None:
            _port(notes, port_text, part_span(mapped, start + len(host) + 1, start + len(host_port)), made)
    else:
        notes.add("SR142", Span(1, 1, max(1, len(text))), "There is no host in the URI.")
    overlooked = re.search(r"(?:\A|;)(transport=[^;]*)", params)
    if overlooked and not named:
        first = text.index(overlooked.group(1), start)
        message = "chan_sip overlooks `transport=` behind a parameter that has no `=`: it uses " + transport + "."
        span = part_span(mapped, first, first + len(overlooked.group(1)))
        notes.add("SR114", span, message, severity="warning")
    return result(NAME, text, notes, made, ok=scheme is not None, meant=meant)


def _number(text: str, notes: Notes) -> Parsed:
    """`tel:`, a number: its context stands in for the host, and a local number without one is an error."""
    body, _, _ = text[len("tel:") :].partition("?")
    number, context, behind = body.partition(";phone-context=")
    host = behind.partition(";")[0]
    if not context and number.startswith("+"):
        host = number = number.partition(";")[0]
    made = Registration(user=number, secret="", host=host, port=5060, transport="udp")
    notes.add("SR203", Span(1, 1, len(text)), "`tel:` is a number and no account: nobody logs in with it.")
    return result(NAME, text, notes, made, ok=bool(context) or number.startswith("+"))


def _transport(params: str) -> str:
    """The transport parameter as `parse_uri` looks for it: a name ends at its `=`, whatever `;` stands before that."""
    while "=" in params:
        label, _, rest = params.partition("=")
        value, more, params = rest.partition(";")
        if label == "transport":
            return value
        if not more:
            break
    return ""


def _with_scheme(text: str) -> str:
    """The URI in a header value, or with the scheme that it lacks; empty where that makes no sense."""
    inner = re.search(r"<\s*(sips?:[^<>\s]+)\s*>", text, re.IGNORECASE)
    if inner is not None:
        return inner.group(1)
    bare = re.sub(r"\A[a-z]+://", "", text.strip(), flags=re.IGNORECASE)
    return "" if "@" not in bare else bare if bare.lower().startswith(("sip:", "sips:")) else f"sip:{bare}"


def _port(notes: Notes, text: str, span: Span, made: Registration) -> None:
    letter = checks.digits_look_alike(text)
    if port_number(encode(text)) is None:
        message = f"`{text}` is no port: Asterisk uses the default port {made.port}."
        notes.add("SR133", span, message, severity="warning")
    elif letter:
        message = f"`{text}` holds the letter {letter}: Asterisk stops reading there and uses port {made.port}."
        notes.add("SR131", span, message)
    elif not re.fullmatch(r"\s*\+?[0-9]+\s*", text):
        notes.add("SR132", span, f"`{text}` is not only a number: Asterisk uses {made.port} and ignores the rest.")


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
