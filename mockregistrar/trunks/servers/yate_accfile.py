"""Yate's accfile.conf: a section for each account that Yate logs in with.

Theory of operation. Names are case-sensitive. An account is used with `enabled=yes`, or without `enabled` when there
is a `username`.
The SIP module takes it where `protocol` is `sip`, and registers where there are `username` and `registrar` (or
`server`): `sip:registrar` is the request URI, `username@domain` (or `@registrar`) the AOR, `username` the user of the
Contact; it is sent to `outbound` where that is set.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from mockregistrar.trunks import checks, several
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import is_ipv6, meant_seconds, meant_transport, repaired_number
from mockregistrar.trunks.positions import Mapped, encode
from mockregistrar.trunks.uris import pjsip_uri

from . import logins, ser_uris, yate_sections
from .yate_sections import Section

NAME = "yate-accfile"
ALIASES = ("yate",)
FORMS = ("file",)

INTERVAL = 600
_NOTE = re.compile(r"(?<![ \t])[ \t]+[;#][ \t]*\w.*\Z")
_SIGN = re.compile(
    r"^[ \t]*(?:protocol[ \t]*=[ \t]*(?:sip|iax|h323|jabber)\b|ip_transport\w*[ \t]*=|(?:registrar|authname)[ \t]*=)",
    re.MULTILINE | re.IGNORECASE,
)
_PROTOCOLS = ("iax", "h323", "jabber", "xmpp", "mgcp")
_TRUE, _FALSE = ("yes", "true", "on", "enable", "t"), ("no", "false", "off", "disable", "f")
_TRANSPORTS = ("udp", "tcp", "tls")
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?\Z", re.DOTALL)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    if _SIGN.search(head) is None or re.search(r"^[ \t]*\[[^\]\n]+\]", head, re.MULTILINE) is None:
        return None
    if re.search(r"^[ \t]*(?:type|server_uri|client_uri|reg_proxy|reg_identity)[ \t]*=", head, re.MULTILINE):
        return None
    return "file", "it has [sections] with the options of Yate's accounts"


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the accounts. Never raises."""
    del form, path
    notes = Notes()
    made: list[Registration] = []
    meant: list[Registration] = []
    ok = True
    accounts: dict[tuple[str, ...], Registration] = {}
    for section in yate_sections.read(text, notes):
        account = _Account(section, notes)
        if not account.used():
            continue
        real, probably = account.settled()
        ok = ok and real is not None
        if real is not None:
            made.append(real)
            logins.same_account(real, accounts, notes)
        meant += [probably] if probably is not None and probably != real else []
    return logins.result(NAME, "file", text, notes, made, meant, ok=ok)


# --- an account


class _Account:
    """A section as accfile hands it to the SIP module."""

    def __init__(self, section: Section, notes: Notes) -> None:
        self.section = section
        self.notes = notes
        self.taken = True
        for name, pieces in section.values.items():
            yate_sections.hide(name, pieces, notes)

    def text(self, name: str) -> str:
        return "".join(piece.text for piece in self.section.values.get(name, []))

    def piece(self, name: str) -> Piece:
        """Where a value stands, else where its section does."""
        pieces = self.section.values.get(name)
        return pieces[0] if pieces else Piece("", self.section.span.line, self.section.span.column)

    def span(self, name: str) -> Span:
        pieces = self.section.values.get(name)
        return pieces[0].span if pieces and pieces[0].text else self.section.span

    def used(self) -> bool:
        """Whether the section is meant as an account for SIP, and says why not; `taken` tells whether it is one."""
        notes, name = self.notes, self.section.name
        enabled, user, protocol = self.text("enabled"), self.text("username"), self.text("protocol")
        if enabled in _FALSE:
            notes.add("SR455", self.span("enabled"), f"The account [{name}] is not enabled: Yate ignores it.")
            return False
        if enabled and enabled not in _TRUE:
            message = f"`enabled` is `yes` or `no`, in small letters: Yate takes `{enabled}` as if it were not there."
            notes.add(
                "SR464", self.span("enabled"), message, instead="no" if enabled.lower() in ("0", *_FALSE) else "yes"
            )
        if not user and enabled not in _TRUE:
            self.taken = False
            if not any(self.text(each) for each in ("registrar", "server", "password")):
                return False
            message = f"There is no `username` in [{name}]: Yate ignores the section."
            notes.add("SR456", self.section.span, message, fix="username=…")
        if protocol in _PROTOCOLS:
            message = f"This is an account for {protocol}, not for SIP."
            notes.add("SR458", self.span("protocol"), message)
            return False
        if protocol != "sip":
            self.taken = False
            near = protocol.lower() == "sip" or difflib.get_close_matches(protocol.lower(), ["sip"], 1, 0.6)
            why = f"`{protocol}` is no protocol of Yate" if protocol else f"There is no `protocol` in [{name}]"
            why += ", whose names are written in small letters" if near else ""
            message = f"{why}: no module takes the account, and nothing is logged in."
            notes.add("SR457", self.span("protocol"), message, fix="protocol=sip")
        return True

    def settled(self) -> tuple[Registration | None, Registration | None]:
        """What Yate makes of the account, None where no module takes it; and what was probably meant."""
        self.names()
        self.judge()
        real = self.registration(self.text)
        values = {name: "".join(piece.text for piece in pieces) for name, pieces in self.section.values.items()}
        for name, value in list(values.items()):
            right = yate_sections.right(name)
            if right and not values.get(right):
                values[right] = value
        for name in ("username", "authname", "registrar", "server", "domain", "outbound"):
            note = _NOTE.search(values.get(name, ""))
            if note:
                values[name] = values[name][: note.start()]
        for name in ("registrar", "server", "outbound", "domain"):
            if values.get(name):
                values[name] = _repaired(values[name])
        values["interval"] = _meant_interval(values.get("interval", ""))
        transport = values.get("ip_transport", "").lower()
        if transport and transport not in _TRANSPORTS:
            values["ip_transport"] = meant_transport(transport, _TRANSPORTS) or "udp"
        if values.get("username", "").count("@") == 1:
            values["username"], _, home = values["username"].partition("@")
            values["domain"] = values.get("domain") or home
        meant = self.registration(lambda name: values.get(name, ""))
        return (real if self.taken else None), (meant if meant.user else None)

    def names(self) -> None:
        """Options that Yate does not know, and ignores without a message."""
        for name, spelled in self.section.names.items():
            right = yate_sections.right(name)
            if right:
                message = f"Yate does not know `{name}` and ignores it. Did you mean `{right}`?"
                missed = right in ("username", "password", "registrar") and not self.text(right)
                self.notes.add("SR430", spelled.span, message, instead=right, severity="error" if missed else None)

    def judge(self) -> None:
        """The values one by one."""
        notes = self.notes
        named = {"username": "user name", "authname": "auth user", "password": "password", "domain": "domain"}
        named |= {"registrar": "registrar", "outbound": "outbound proxy", "server": "server"}
        for name, what in named.items():
            for piece in self.section.values.get(name, []):
                mapped = Mapped.from_text(piece.text, piece.line, piece.column)
                checks.characters(notes, mapped, what, "Yate", secret=name == "password")
                note = _NOTE.search(piece.text) if name != "password" else None
                if note:
                    message = "Only a line that begins with `;` is a comment for Yate: the note is part of the value."
                    span = piece.part(note.start(), note.end()).span
                    notes.add("SR461", span, message, instead="")
        checks.placeholders(
            notes, [(named[n], self.text(n), self.span(n)) for n in ("username", "password", "registrar")]
        )
        user = self.text("username")
        if "@" in user:
            at = user.index("@")
            span = self.piece("username").part(at, len(user)).span
            message = "Yate puts `@` and the domain behind `username`: with an `@` in it the AOR has two, and carriers "
            message += f"refuse it. The domain stands in an option of its own, `domain={user[at + 1 :]}`."
            notes.add("SR429", span, message, fix=f"username={user[:at]}")
        elif not user and self.taken:
            message = f"There is no `username` in [{self.section.name}]: the account is used, and does not register."
            notes.add("SR459", self.section.span, message)
        for name in ("registrar", "server", "outbound", "domain"):
            self.host(name)
        if not self.text("registrar") and not self.text("server") and user:
            message = "There is no `registrar`: the account can make calls, and does not register."
            notes.add("SR459", self.section.span, message, fix="registrar=…")
        self.interval()
        transport = self.text("ip_transport")
        if transport and transport.lower() not in _TRANSPORTS:
            message = f"`{transport}` is no transport of Yate (udp, tcp, tls): it stays with udp."
            fix = meant_transport(transport, _TRANSPORTS) or "udp"
            notes.add("SR467", self.span("ip_transport"), message, instead=fix)

    def host(self, name: str) -> None:
        """A host, with its port or without."""
        text, piece = self.text(name), self.piece(name)
        note = _NOTE.search(text)
        text = text[: note.start()] if note else text
        if not text:
            return
        scheme = re.match(r"sips?:(?://)?", text, re.IGNORECASE)
        if scheme:
            message = f"`{name}` takes a bare host: "
            message += "Yate takes `sip` for its name." if name == "outbound" else f"Yate makes `sip:{text}` of it."
            span = piece.part(0, scheme.end()).span
            self.notes.add("SR460", span, message, fix=f"{name}={text[scheme.end() :]}")
            return
        host, port, written = _host_port(text)
        if not is_ipv6(text):
            checks.host(self.notes, host, piece.part(0, len(host)).span, "Yate")
        if written and port is None:
            start = len(text) - len(written)
            letter = checks.digits_look_alike(written)
            why = f"`{written}` holds the letter {letter}: it is no port" if letter else f"`{written}` is no port"
            message = f"{why}, and Yate goes to the usual one."
            self.notes.add("SR468", piece.part(start, len(text)).span, message)
        elif port is not None and name != "domain":
            start = len(text) - len(written)
            span = piece.part(start, len(text)).span
            checks.port_and_transport(self.notes, port, self.text("ip_transport").lower() or "udp", span)

    def interval(self) -> None:
        """The seconds that are asked for."""
        text, span = self.text("interval"), self.span("interval")
        seconds = _interval(text)
        if not text:
            return
        if not re.fullmatch(r"[0-9]{1,9}", text) and seconds == INTERVAL:
            message = f"`interval` takes seconds, and `{text}` are none: Yate asks for {INTERVAL}."
            self.notes.add("SR465", span, message, instead=_meant_interval(text))
        elif text.lstrip("0") != str(seconds) and seconds > 0:
            message = f"A number that begins with 0 is read as hexadecimal or octal: Yate asks for {seconds} s."
            self.notes.add("SR465", span, message, instead=text.lstrip("0") or "0")
        elif seconds <= 0:
            message = "An interval of 0 asks to be un-registered."
            self.notes.add("SR466", span, message, instead=str(INTERVAL))
        checks.expiry(self.notes, seconds, span)

    def registration(self, text: Callable[[str], str]) -> Registration:
        """The account, its values taken from `text`."""
        registrar = text("registrar") or text("server")
        transport = text("ip_transport").lower()
        transport = transport if transport in _TRANSPORTS else "udp"
        host, port, _ = _host_port(registrar)
        home, home_port, _ = _host_port(text("domain") or registrar)
        user = text("username")
        usual = 5061 if transport == "tls" else 5060
        return Registration(
            user=pjsip_uri.plain(user),
            secret=text("password"),
            auth_user=text("authname"),
            effective_auth_user=text("authname") or user,
            domain=home,
            domain_port=home_port,
            host=host if registrar else None,
            port=(port or usual) if registrar else None,
            transport=transport,
            extension=pjsip_uri.plain(user),
            expiry=_interval(text("interval")),
            realm="",
            outbound_proxy=text("outbound"),
            register=bool(registrar and user),
            display_name=text("description"),
            name=self.section.name,
            span=self.section.span,
        )


def _interval(text: str) -> int:
    """What Yate makes of an interval, a number as C's `strtol` knows them; the default for anything else."""
    if not re.fullmatch(r"[+-]?[0-9][0-9A-Fa-fx]{0,9}", text, re.IGNORECASE):
        return INTERVAL
    digits = text.lstrip("+-")
    base = 16 if digits[:2].lower() == "0x" else 8 if digits[0] == "0" else 10
    try:
        return int(text, base)
    except ValueError:
        return INTERVAL


def _meant_interval(text: str) -> str:
    """The seconds that were probably meant; the text itself where Yate takes it."""
    if re.fullmatch(r"[0-9]{1,9}", text) or _interval(text) != INTERVAL:
        return text
    return str(meant_seconds(text) or INTERVAL)


def _host_port(text: str) -> tuple[str, int | None, str]:
    """Host, port where it is one, and the port as written; an IPv6 address without brackets has none."""
    if is_ipv6(text):
        return f"[{text}]", None, ""
    if text.count(":") > 1 and not text.startswith("["):
        return text, None, ""
    match = _HOST_PORT.match(text)
    host, written = (match.group(1), match.group(2) or "") if match else (text, "")
    good = re.fullmatch(r"[0-9]{1,5}", written) and 0 < int(written) < 65536
    return host, int(written) if good else None, written


def _repaired(text: str) -> str:
    """A host with its port as it was probably meant."""
    bare = re.sub(r"\Asips?:(?://)?", "", text, flags=re.IGNORECASE)
    host, port, written = _host_port(bare)
    number = repaired_number(written) if written and port is None else None
    return f"{host}:{number}" if number else bare


# --- writing


def render(trunk: Trunk, name: str = "") -> str:
    """The section of an account. Raises CannotRender for what a line cannot hold.

    The user of Yate's Contact is the user name: there is no way to name another extension.
    """
    name = name or several.section_name(trunk)
    if re.search(r"[\]\r\n\0$]", name):
        raise CannotRender(name, "the name of a section cannot hold `]`, `$` or a line break")
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "Yate takes a password, not its digest")
    if not trunk.user:
        raise CannotRender("", "Yate registers no account without a user name")
    if trunk.expiry <= 0:
        raise CannotRender(str(trunk.expiry), "an interval of 0 asks to be un-registered")
    user = pjsip_uri.user_part(trunk.user)
    usual = 5061 if trunk.dial_transport == "tls" else 5060
    port = f":{trunk.dial_port}" if trunk.dial_port != usual else ""
    home = f":{trunk.domain_port}" if trunk.domain_port is not None else ""
    rows = [
        ("enabled", "yes"),
        ("protocol", "sip"),
        ("username", user),
        ("authname", trunk.effective_auth_user if trunk.effective_auth_user != user else ""),
        ("password", trunk.secret),
        ("registrar", f"{ser_uris.bracketed(trunk.dial_host)}{port}"),
        ("domain", f"{ser_uris.bracketed(trunk.aor_host)}{home}" if trunk.domain or port or home else ""),
        ("interval", str(trunk.expiry)),
        ("ip_transport", trunk.dial_transport if trunk.dial_transport != "udp" else ""),
    ]
    if trunk.dial_transport not in _TRANSPORTS:
        raise CannotRender(trunk.dial_transport, f"Yate has no transport `{trunk.dial_transport}`")
    return "\n".join([f"[{name}]", *(_line(key, value) for key, value in rows if value)]) + "\n"


def render_all(trunks: Sequence[Trunk]) -> str:
    """A section for each trunk. Raises CannotRender as `render` does."""
    return several.in_sections(render, trunks)


def _line(name: str, value: str) -> str:
    bad = re.search(r"[\r\n\0]", value)
    if bad:
        raise CannotRender(bad.group(), f"`{name}` holds a line break, or an octet 0")
    if value != value.strip(" \t"):
        raise CannotRender(" ", f"`{name}` begins or ends with a blank, which Yate strips")
    line = f"{name}={value}" + (" " if value.endswith("\\") else "")  # a blank keeps the lines apart, and is stripped
    if len(encode(line)) >= yate_sections.LONGEST_LINE:
        raise CannotRender(
            "", f"`{name}` is longer than the {yate_sections.LONGEST_LINE} octets of a line that Yate reads"
        )
    return line
