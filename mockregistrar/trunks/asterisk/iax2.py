"""The registration of chan_iax2, `user[:secret]@host[:port]` in iax.conf: recognised, and told apart from SIP's.

It is cut at the *first* `@`, the halves at their first `:`, and what follows a second separator is dropped. A secret in
`[brackets]` names an RSA key. The port is 4569 unless one is written; one that is no number is a failure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import checks, several
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, part_span

from .plain_registers import cut_by_comment, limited, looks_like_line, partition, port, value_of, whole, without_keyword

NAME = "asterisk-iax2"
ALIASES = ("iax2", "iax")
FORMS = ("value", "line", "file")
PORT = 4569

LOG = "WARNING ... Format for registration is user[:secret]@host[:port] at line {line}"
_SIGNS = re.compile(r"@[^@]*:4569(?:/|~|\s|\Z)|@iax[\w-]*\.[\w.:-]*\s*\Z|:\[[\w.-]+\]@", re.IGNORECASE)
_FILE = re.compile(
    r"^[ \t]*(?:requirecalltoken|calltokenoptional|maxcallnumbers|trunkfreq|trunktimestamps|iaxcompat|iaxmaxthreadcount"
    r"|(?:mailbox|register).{0,200}:4569|bindport[ \t]*=>?[ \t]*4569)\b",
    re.IGNORECASE | re.MULTILINE,
)
# Options of chan_sip that chan_iax2 does not have: `trunk=yes` beside one of them is a mistake, and no sign of IAX2.
_TRUNKED = re.compile(r"^[ \t]*trunk[ \t]*=>?[ \t]*(?:yes|no)\b", re.IGNORECASE | re.MULTILINE)
_OF_SIP = re.compile(
    r"^[ \t]*(?:insecure|fromuser|fromdomain|dtmfmode|canreinvite|directmedia|nat|outboundproxy|callbackextension"
    r"|bindport[ \t]*=>?[ \t]*50\d\d)\b",
    re.IGNORECASE | re.MULTILINE,
)
_SIP_ONLY = re.compile(r"(/[^~]*)?(~.*)?\Z", re.DOTALL)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    line = head.strip()
    if "\n" in line:
        named = _FILE.search(head) or (None if _OF_SIP.search(head) else _TRUNKED.search(head))
        return ("file", f"it has `{named.group().split('=')[0].strip()}`") if named is not None else None
    found = _SIGNS.search(line.split(";")[0])
    if found is None:
        return None
    sign = found.group()
    form = "line" if looks_like_line(line) else "value"
    if "4569" in sign:
        return form, "port 4569"
    return form, "the password names a key in brackets" if sign.startswith(":[") else "the host begins with `iax`"


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a value, a line, or an iax.conf. Never raises."""
    if form == "file" or (form is None and "\n" in text.strip()):
        from .iax_conf import read_file

        return read_file(text, path)
    value, found, tail = value_of(text, form)
    cut = cut_by_comment(value, tail, lambda joined: read_value(joined, text, found), LOG.format(line=value.line))
    if cut is not None:
        return cut
    if form == "line" and found != "line":
        return without_keyword(read_value(value, text, "line"), "iax.conf")
    return read_value(value, text, found)


def read_value(value: Mapped, text: str, form: str) -> Parsed:
    """Read one registration; `text` is what it stands in, and `form` what the result calls itself."""
    notes = Notes()
    value = limited(notes, value)
    left, right = partition(value, b"@")
    if right is None:
        colon = value.data.find(b":")
        if colon >= 0:
            notes.secret(value.part(colon + 1, len(value)).text, value.span(colon + 1, len(value)))
        log = LOG.format(line=value.line)
        notes.add("SR101", whole(value), "There is no `@`: Asterisk drops the registration.", log=log)
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
        between = right.part(0, right.data.rfind(b"@"))
        notes.secret(between.text, whole(between))
        notes.reveal(span)
        message = "IAX2 cuts at the first `@`: what stands between the two is taken for the host. There is no way "
        message += "to write `@` in a password: choose one without."
        notes.add("SR302", span, message)
    if lost is not None:
        notes.secret(lost.text, whole(lost))
        message = "IAX2 has two fields in front of the `@`: what stands behind the second `:` is dropped. There is no "
        message += "way to write `:` in a password: choose one without."
        notes.add("SR303", whole(lost), message)
    number, fine = port(notes, port_field, value.line)
    if not user.text:
        notes.add("SR129", value.span(0, 1), "There is no user name.")
    if second is None:
        _host(notes, host)
    if number in (5060, 5061) and port_field is not None:
        message = f"Port {number} is SIP's: an IAX2 server listens on 4569. Is this a line of sip.conf?"
        notes.add("SR144", whole(port_field), message, instead="4569")
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
    meant = _meant(value.text, made) if second is not None else None
    return _result(text, form, notes, made if fine else None, meant)


def _meant(value: str, made: Registration) -> Registration | None:
    """The registration of somebody whose password holds an `@`; None where there is no password."""
    account, _, host_port = value.rpartition("@")
    user, colon, secret = account.partition(":")
    host, _, port_text = host_port.partition(":")
    if not colon or not host:
        return None
    number = int(port_text) if re.fullmatch(r"[0-9]{1,5}", port_text) else PORT
    return replace(made, user=user, secret=secret, host=host, port=number)


def _host(notes: Notes, host: Mapped) -> None:
    """A host, without the extension and the expiry that only SIP has."""
    if not len(host):
        notes.add("SR142", host.span(0, 0), "There is no host behind the `@`.")
        return
    match = _SIP_ONLY.search(host.text)
    if match is None or not match.group():
        checks.host(notes, host.text, whole(host), "Asterisk")
        return
    message = f"IAX2 has no `{'/extension' if match.group(1) else '~expiry'}`: it becomes part of the host name."
    notes.add("SR305", part_span(host, match.start(), match.end()), message, instead="")


def _result(text: str, form: str, notes: Notes, made: Registration | None, meant: Registration | None = None) -> Parsed:
    return notes.complete(
        Parsed(
            NAME,
            form,
            text,
            ok=made is not None,
            registrations=(made,) if made is not None else (),
            meant=(meant,) if meant is not None else (),
        )
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
