"""The registration of chan_iax2, `user[:secret]@host[:port]` in iax.conf: recognised, and told apart from SIP's.

It is cut at the *first* `@`, the halves at their first `:`, and what follows a second separator is dropped. A secret in
`[brackets]` names an RSA key. The port is 4569 unless one is written; one that is no number is a failure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mockregistrar.trunks import checks, several
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped

from .plain_registers import limited, looks_like_line, partition, port, value_of, whole, without_keyword

NAME = "asterisk-iax2"
ALIASES = ("iax2", "iax")
FORMS = ("value", "line")
PORT = 4569

_LOG = "WARNING ... Format for registration is user[:secret]@host[:port] at line 1"
_SIGNS = re.compile(r"@[^@]*:4569(?:/|~|\s|\Z)|@iax[\w-]*\.|:\[[\w.-]+\]@", re.IGNORECASE)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    line = head.strip()
    found = None if "\n" in line else _SIGNS.search(line.split(";")[0])
    if found is None:
        return None
    sign = found.group()
    form = "line" if looks_like_line(line) else "value"
    if "4569" in sign:
        return form, "port 4569"
    return form, "the password names a key in brackets" if sign.startswith(":[") else "the host begins with `iax`"


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a value or a line. Never raises."""
    del path
    value, found = value_of(text, form)
    if form == "line" and found != "line":
        return without_keyword(_read(value, text, "line"), "iax.conf")
    return _read(value, text, found)


def _read(value: Mapped, text: str, form: str) -> Parsed:
    notes = Notes()
    value = limited(notes, value)
    left, right = partition(value, b"@")
    if right is None:
        colon = value.data.find(b":")
        if colon >= 0:
            notes.secret(value.part(colon + 1, len(value)).text, value.span(colon + 1, len(value)))
        notes.add("SR101", whole(value), "There is no `@`: Asterisk drops the registration.", log=_LOG)
        return _result(text, form, notes, None)
    user, rest = partition(left, b":")
    secret, lost = partition(rest, b":") if rest is not None else (None, None)
    host_port, second = partition(right, b"@")
    host, tail = partition(host_port, b":")
    port_field, _ = partition(tail, b":") if tail is not None else (None, None)
    if secret is not None:
        notes.secret(secret.text, whole(secret))
    if second is not None:
        end = second.span(0, 0).column
        span = Span(value.line, end - 1, 1)
        hidden = host_port.text
        notes.secret(hidden, whole(host_port))
        message = "IAX2 cuts at the first `@`: what stands between the two is taken for the host, and there is no way "
        message += "to write `@` in a password."
        notes.add("SR302", span, message, fix="a password without `@`")
    if lost is not None:
        notes.secret(lost.text, whole(lost))
        message = "IAX2 has two fields in front of the `@`: what stands behind the second `:` is dropped."
        notes.add("SR303", whole(lost), message, fix="a password without `:`")
    number, fine = port(notes, port_field, 1)
    if second is None:
        checks.host(notes, host.text, whole(host), "Asterisk")
    place = whole(port_field) if port_field is not None and number == PORT else whole(host)
    message = "This is a registration of IAX2"
    message += ": a SIP registrar does not answer it. It belongs into iax.conf."
    notes.add("SR304", place, message)
    made = Registration(
        user=user.text,
        secret=secret.text if secret else "",
        host=host.text,
        port=number or PORT,
        protocol="iax2",
    )
    return _result(text, form, notes, made if fine else None)


def _result(text: str, form: str, notes: Notes, made: Registration | None) -> Parsed:
    return Parsed(
        NAME,
        form,
        text,
        ok=made is not None,
        registrations=(made,) if made is not None else (),
        findings=notes.done(),
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=tuple(notes.secret_spans),
        visible=tuple(notes.visible),
    )


def render(trunk: Trunk) -> str:
    """The value for iax.conf; the port is IAX2's own. Raises CannotRender for `@` and `:`, which it cannot hold."""
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "a register line holds a password, not its digest")
    for label, field in (("user", trunk.user), ("password", trunk.secret), ("host", trunk.host)):
        for character in "@:\n\r\0":
            if character in field:
                raise CannotRender(character, f"the {label} holds {character!r}: IAX2 has no way to write it")
        if field != field.strip():
            raise CannotRender(" ", f"the {label} begins or ends with a blank")
    if not trunk.user or not trunk.host:
        raise CannotRender("", "a registration needs a user and a host")
    text = trunk.user + (f":{trunk.secret}" if trunk.secret else "") + f"@{trunk.host}"
    if len(text.encode("utf-8", "surrogateescape")) > 255:
        raise CannotRender("", "the registration is longer than 255 octets")
    return text


def render_all(trunks: Sequence[Trunk]) -> str:
    """A line for each trunk, with its keyword. Raises CannotRender as `render` does."""
    return several.in_lines(lambda trunk: "register => " + render(trunk), trunks)
