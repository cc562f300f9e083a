"""The registration of Asterisk 1.4: `user[:secret[:authuser]]@host[:port][/contact]` and nothing else.

It knows neither `tcp://` nor `peer?` nor `~expiry`, strips nothing and has no quotes; a bad port is a failure. The
cuts: last `@`; the left half at its first `:` and the rest at the next; the right half at `/`, then at `:`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mockregistrar.trunks import checks, several
from mockregistrar.trunks.masking import dotted
from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, part_span

from . import chan_sip as asterisk_chan_sip
from .plain_registers import cut_by_comment, limited, partition, port, value_of, whole, without_keyword

NAME = "asterisk-chan_sip-1.4"
ALIASES = ("asterisk-1.4", "chan_sip-1.4")
FORMS = ("value", "line")

_LOG = "WARNING ... Format for registration is user[:secret[:authuser]]@host[:port][/contact] at line {line}"


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a value or a line. Never raises."""
    del path
    value, found, tail = value_of(text, form)
    cut = cut_by_comment(value, tail, lambda joined: _read(joined, text, found), _LOG.format(line=value.line))
    if cut is not None:
        return cut
    if form == "line" and found != "line":
        return without_keyword(_read(value, text, "line"), "sip.conf")
    return _read(value, text, found)


def _read(value: Mapped, text: str, form: str) -> Parsed:
    notes = Notes()
    value = limited(notes, value)
    at = value.data.rfind(b"@")
    if at <= 0 or at == len(value) - 1:
        colon = value.data.find(b":")
        if colon >= 0:
            notes.secret(value.part(colon + 1, len(value)).text, value.span(colon + 1, len(value)))
        message = "There is no `@` with something on both sides: Asterisk drops the registration."
        notes.add("SR101", whole(value), message, log=_LOG.format(line=value.line))
        return _result(text, form, notes, None)
    left, right = value.part(0, at), value.part(at + 1, len(value))
    user, rest = partition(left, b":")
    secret, auth_user = partition(rest, b":") if rest is not None else (None, None)
    host_port, contact = partition(right, b"/")
    host, port_field = partition(host_port, b":")
    if secret is not None:
        notes.secret(secret.text, whole(secret))
    for field, label in ((user, "user name"), (secret, "password"), (auth_user, "auth user"), (host, "host")):
        if field is not None:
            checks.characters(notes, field, label, "Asterisk", secret=label in ("password", "auth user"))
    meant = _newer(notes, value, form, user.text, secret.text if secret else "", contact.text if contact else "")
    if auth_user is not None and re.fullmatch(r"tcp|tls|udp|sips?", user.text, re.IGNORECASE) and meant is None:
        notes.secret(auth_user.text, whole(auth_user))
        message = f"`{user.text}:` is read as the user name, and your user name as the password."
        notes.add("SR113", value.span(0, len(user) + 1), message, instead="")
        meant = asterisk_chan_sip.parse(value.part(len(user) + 1, len(value)).text).real
    number, fine = port(notes, port_field, value.line)
    checks.host(notes, host.text, whole(host), "Asterisk")
    if port_field is not None:
        checks.port_and_transport(notes, number, "udp", whole(port_field))
    made = Trunk(
        user=user.text,
        host=host.text,
        secret=secret.text if secret else "",
        auth_user=auth_user.text if auth_user else "",
        port=number or 5060,
        extension=(contact.text if contact else "") or "s",
    )
    if meant is not None:
        notes.secret(meant.secret)
    return _result(text, form, notes, made if fine else None, meant)


def _newer(notes: Notes, value: Mapped, form: str, user: str, secret: str, contact: str) -> Trunk | None:
    """What only later versions know; returns what they would read."""
    text = value.text
    newer = asterisk_chan_sip.parse(text).real
    scheme = re.match(r"(tcp|tls|udp)://", text, re.IGNORECASE)
    if scheme:
        message = f"Asterisk 1.4 knows no `{scheme.group()}`: the user becomes `{user}`, and the rest is taken for the "
        message += f"password ({len(secret)} characters)."
        fix = text[scheme.end() :]
        at = fix.find(f":{newer.secret}") + 1 if newer is not None and newer.secret else 0
        if at and newer is not None:
            keyword = "register => " if form == "line" else ""
            fix = keyword + fix[:at] + dotted(newer.secret) + fix[at + len(newer.secret) :]
        notes.add("SR301", value.span(0, scheme.end()), message, fix=fix if at else "")
        return newer
    if "~" in contact:
        at = (
            len(text.encode("utf-8", "surrogateescape")) - len(contact.partition("~")[2].encode("utf-8", "replace")) - 1
        )
        message = f"Asterisk 1.4 knows no `~expiry`: calls go to the extension `{contact}`."
        message += " `defaultexpiry=` above it is for all lines."
        notes.add("SR301", part_span(value, text.rindex("~"), len(text)), message, instead="")
        return newer
    quoted = re.search(r':"[^"]*[:/?@][^"]*"(?=[:@])', text)
    if quoted and newer is not None and newer.secret != secret:
        message = "Asterisk 1.4 knows no quotes: they are part of what they stand in, and do not keep it from cutting."
        notes.reveal(part_span(value, quoted.start() + 1, quoted.start() + 2))
        notes.secret(newer.secret)
        notes.add("SR301", part_span(value, quoted.start() + 1, quoted.start() + 2), message)
        return newer
    if re.match(r"[\w.-]+\?[^:@]+[:@]", text):
        at = text.index("?")
        message = f"Asterisk 1.4 knows no `peer?`: the user is `{user}`."
        notes.add("SR301", part_span(value, 0, at + 1), message, instead="")
        return newer
    return None


def _result(text: str, form: str, notes: Notes, trunk: Trunk | None, meant: Trunk | None = None) -> Parsed:
    made = (Registration.of(trunk),) if trunk is not None else ()
    return notes.complete(
        Parsed(
            NAME,
            form,
            text,
            ok=trunk is not None,
            registrations=made,
            meant=(Registration.of(meant),) if meant is not None and meant != trunk else (),
        )
    )


def render(trunk: Trunk) -> str:
    """The value that Asterisk 1.4 reads as this trunk. Raises CannotRender for what it has no way to write."""
    if trunk.transport != "udp":
        raise CannotRender(trunk.transport, "Asterisk 1.4 registers over udp only")
    if trunk.domain:
        raise CannotRender("@", "Asterisk 1.4 has no domain beside the host")
    if trunk.peer:
        raise CannotRender("?", "Asterisk 1.4 knows no `peer?`")
    if trunk.expiry != asterisk_chan_sip.DEFAULT_EXPIRY:
        raise CannotRender("~", "Asterisk 1.4 has no expiry in the line, but `defaultexpiry=`")
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "a register line holds a password, not its digest")
    for label, field, taken in (
        ("user", trunk.user, ":"),
        ("password", trunk.secret, ":"),
        ("host", trunk.host, "@:/"),
        ("extension", trunk.extension, "@"),
    ):
        for character in (*taken, "\n", "\r", "\0"):
            if character in field:
                raise CannotRender(character, f"the {label} holds {character!r}, and Asterisk 1.4 has no quotes")
    text = trunk.user
    if trunk.secret or trunk.auth_user:
        text += f":{trunk.secret}" + (f":{trunk.auth_user}" if trunk.auth_user else "")
    text += f"@{trunk.host}" + (f":{trunk.port}" if trunk.port != 5060 else "")
    text += f"/{trunk.extension}" if trunk.extension != "s" else ""
    found = parse(text, form="value").registrations
    if not found or found[0].trunk != Registration.of(trunk).trunk:
        raise CannotRender("", "Asterisk 1.4 would read another trunk than this one")
    return text


def render_all(trunks: Sequence[Trunk]) -> str:
    """A line for each trunk, with its keyword. Raises CannotRender as `render` does."""
    return several.in_lines(lambda trunk: "register => " + render(trunk), trunks)
