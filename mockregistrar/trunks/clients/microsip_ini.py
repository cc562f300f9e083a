"""MicroSIP's ini file: `[AccountN]` with server, proxy, domain, username, password, authID, transport, registerRefresh.

Windows strips blanks and one pair of quotes around a value. `server` and `proxy` are bare hosts: MicroSIP adds `sip:`.
An account without `server` does not register. A `registerRefresh` that is no number or not above 0 counts as 300, one
up to 10 as 10. Any realm is answered. Of two values with one name Windows takes the first.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import checks, ini_lines, secret_lines
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.ini_lines import IniSection
from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import is_ipv6, repaired_number
from mockregistrar.trunks.positions import Mapped

NAME = "microsip-ini"
ALIASES = ("microsip",)
FORMS = ("file",)

REFRESH, SHORTEST_REFRESH = 300, 10
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?\Z", re.DOTALL)
_SCHEME = re.compile(r"sips?:(?://)?", re.IGNORECASE)
_NOTE = re.compile(r"[ \t]+(?:[;#]|//)(?=\s|[A-Za-z]).*\Z", re.DOTALL)
_SECRET_NOTE = re.compile(r"[ \t]+(?:[;#]|//)[ \t].*\Z", re.DOTALL)
_KEYS = ("server", "proxy", "domain", "username", "password", "authID", "transport", "registerRefresh")
_OTHER_KEYS = (
    *("label", "displayname", "dialingprefix", "dialplan", "hidecid", "voicemailnumber", "publicaddr", "srtp"),
    *("keepalive", "publish", "ice", "allowrewrite", "disablesessiontimer", "rememberpassword", "cid"),
)
_MEANT_KEYS = {
    "user": "username",
    "login": "username",
    "extension": "username",
    "pass": "password",
    "passwd": "password",
    "secret": "password",
    "sipserver": "server",
    "registrar": "server",
    "host": "server",
    "sipproxy": "proxy",
    "outboundproxy": "proxy",
    "authuser": "authID",
    "authusername": "authID",
    "authname": "authID",
    "expires": "registerRefresh",
    "registerexpires": "registerRefresh",
}
_TRANSPORTS = ("", "udp", "tcp", "tls")


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
    read = f" {text[1:]}" if text.startswith("\ufeff") else text
    for section in ini_lines.read(read, comments=";", lower=True, first=True):
        if not re.fullmatch(r"Account\d+", section.name, re.IGNORECASE):
            continue
        renamed = _renamed(section, notes)
        account = _Account(section, notes)
        better = _Account(renamed, Notes()) if renamed is not None else account
        real = account.settled(better)
        probably = better.meant()
        ok = ok and real is not None
        made += [real] if real is not None else []
        meant += [probably] if probably != real else []
    found = Parsed(
        NAME,
        "file",
        text,
        ok=ok,
        registrations=tuple(made),
        meant=tuple(meant),
    )
    return secret_lines.completed(notes, found)


def _renamed(section: IniSection, notes: Notes) -> IniSection | None:
    """The section with the keys that were meant, None where all are known."""
    values = dict(section.values)
    for key, piece in section.values.items():
        bare = re.sub(r"[\s_-]", "", key)
        lower = {name.lower(): name for name in _KEYS}
        if key in lower or key in _OTHER_KEYS:
            continue
        near = lower.get(bare) or _MEANT_KEYS.get(bare) or ""
        near = near or next((lower[each] for each in difflib.get_close_matches(bare, lower, 1, 0.8)), "")
        given = section.get(near.lower())
        if not near or (given is not None and given.text.strip()):
            continue
        if near == "password":
            notes.secret(piece.text.strip(), piece.strip().span)
        message = f"MicroSIP does not know `{key}` and ignores it. Did you mean `{near}`?"
        notes.add("SR545", section.places[key], message, fix=f"{near}={piece.text.strip()}")
        values[near.lower()] = piece
    return replace(section, values=values) if values != section.values else None


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


class _Account:
    """One account: what MicroSIP makes of it, and what was meant."""

    def __init__(self, section: IniSection, notes: Notes) -> None:
        self.section = section
        self.notes = notes
        self.good = True
        self.values = {key.lower(): _value(section, key.lower()) for key in (*_KEYS, "displayname")}

    def settled(self, better: _Account) -> Registration | None:
        """The registration, None where MicroSIP makes none. Says what is wrong, unless it is right in the `better`."""
        notes = self.notes
        server, user, secret = (self.values[key] for key in ("server", "username", "password"))
        notes.secret(secret.text, secret.span)
        notes.secret(_without_note(secret, _SECRET_NOTE).text.strip("\"'"))
        for key, what in (
            ("server", "server"),
            ("domain", "domain"),
            ("proxy", "proxy"),
            ("username", "user name"),
            ("authid", "auth ID"),
            ("password", "password"),
        ):
            piece = self.values[key]
            self.note(piece, key)
            mapped = Mapped.from_text(piece.text, piece.line, piece.column)
            checks.characters(notes, mapped, what, "MicroSIP", secret=key == "password")
        checks.placeholders(notes, [("user name", user.text, user.span), ("password", secret.text, secret.span)])
        self.quotes()
        self.schemes()
        self.user()
        if not user.text and server.text and not better.values["username"].text:
            message = "There is no `username`: a challenge cannot be answered."
            notes.add("SR548", self.section.span, message, fix="username=…")
        if not self.values["domain"].text:
            message = "There is no `domain`: MicroSIP needs one for every account."
            if not better.values["domain"].text:
                notes.add("SR541", self.section.span, message, fix=f"domain={_host(server.text) or '…'}")
            self.good = False
        transport = self.values["transport"]
        if transport.text.lower() not in _TRANSPORTS:
            near = _meant_transport(transport.text)
            message = f"`{transport.text}` is no transport of MicroSIP: udp, tcp, tls or nothing."
            notes.add("SR543", transport.span, message, fix=f"transport={near}" if near else "")
        if not server.text and not better.values["server"].text:
            message = "There is no `server`: the account exists, but does not register."
            notes.add("SR511", self.section.span, message, fix="server=…")
        made = self.registration(server)
        self.where(server, made)
        self.refresh()
        return made if self.good else None

    def meant(self) -> Registration:
        """What was probably meant."""
        values = {key: _without_note(piece, _NOTE) for key, piece in self.values.items() if key != "password"}
        secret = _without_note(self.values["password"], _SECRET_NOTE)
        values["password"] = secret.part(1, len(secret.text)) if _half_quoted(secret.text) else secret
        for key in ("server", "proxy", "domain", "username"):
            scheme = _SCHEME.match(values[key].text)
            values[key] = values[key].part(scheme.end(), len(values[key].text)) if scheme else values[key]
        user, at, domain = values["username"].text.rpartition("@")
        if at and user:
            if not values["authid"].text and domain.lower() != _host(values["domain"].text).lower():
                values["authid"] = values["username"]
            values["username"] = values["username"].part(0, len(user))
        if is_ipv6(values["server"].text):
            values["server"] = replace(values["server"], text=f"[{values['server'].text}]")
        host, colon, port = values["server"].text.rpartition(":")
        if colon and checks.digits_look_alike(port):
            number = repaired_number(port)
            values["server"] = replace(values["server"], text=f"{host}:{number}")
        if not values["domain"].text:
            values["domain"] = replace(values["domain"], text=_host(values["server"].text))
        if values["transport"].text.lower() not in _TRANSPORTS:
            values["transport"] = replace(values["transport"], text=_meant_transport(values["transport"].text))
        account = _Account(self.section, Notes())
        account.values = values
        return account.registration(values["server"])

    def note(self, piece: Piece, key: str) -> None:
        """A note behind a value."""
        cut = _without_note(piece, _SECRET_NOTE if key == "password" else _NOTE)
        if cut is piece:
            return
        behind = piece.part(len(cut.text), len(piece.text))
        place = behind.strip().span
        self.notes.reveal(behind.span)
        message = "Only a line of its own that begins with `;` is a comment: here the note is part of the value."
        self.notes.add("SR546", place, message, instead="")
        self.good = self.good and key not in ("server", "domain", "proxy")

    def quotes(self) -> None:
        """Quotes at one side only, which stay."""
        secret = self.values["password"]
        if _half_quoted(secret.text):
            message = "The quote is never closed, so that it is part of the password: Windows takes pairs only away."
            self.notes.add("SR547", secret.part(0, 1).span, message, instead="")

    def schemes(self) -> None:
        """`sip:` where MicroSIP adds it."""
        for key in ("server", "proxy", "domain"):
            piece = self.values[key]
            scheme = _SCHEME.match(piece.text)
            if scheme is None:
                continue
            self.good = False
            message = f"`{key}` is a bare host: MicroSIP adds `sip:` by itself, and pjsip cannot read the URI with two."
            log = "Invalid registrar URI" if key == "server" else ""
            fix = f"{key}={piece.text[scheme.end() :]}"
            self.notes.add("SR540", piece.part(0, scheme.end()).span, message, fix=fix, log=log)

    def user(self) -> None:
        """A user name that is an address."""
        user = self.values["username"]
        named, at, _ = user.text.rpartition("@")
        scheme = _SCHEME.match(user.text)
        if at or scheme:
            message = "`username` is the user alone: MicroSIP adds `@` and the domain by itself."
            bare = (named if at else user.text)[scheme.end() if scheme else 0 :]
            self.notes.add("SR544", user.span, message, fix=f"username={bare}")

    def where(self, server: Piece, made: Registration) -> None:
        """Host and port of the server."""
        scheme = _SCHEME.match(server.text)
        begin = scheme.end() if scheme else 0
        matched = _HOST_PORT.match(_without_note(server, _NOTE).text[begin:].partition(";")[0])
        host, port = matched.group(1, 2) if matched else ("", None)
        if is_ipv6(f"{host}:{port}"):
            host, port = f"{host}:{port}", None
            self.good = False
        place = server.part(begin, begin + len(host)).span
        checks.host(self.notes, host, place, "MicroSIP")
        port_place = server.part(begin + len(host) + 1, begin + len(host) + 1 + len(port or "")).span if port else place
        if port is not None and not _port(port):
            self.good = False
            letter = checks.digits_look_alike(port)
            message = f"`{port}` holds the letter {letter}: it is no port." if letter else f"`:{port}` is no port."
            fix = f"server={host}:{repaired_number(port)}" if letter else f"server={host}"
            self.notes.add("SR542", port_place, message, fix=fix, log="Invalid registrar URI")
        elif server.text:
            checks.port_and_transport(self.notes, _port(port or ""), made.transport, port_place)

    def registration(self, server: Piece) -> Registration:
        """The fields, whether MicroSIP takes them or not."""
        text = {key: piece.text for key, piece in self.values.items()}
        named = text["transport"].lower()
        scheme = _SCHEME.match(server.text)
        host_port, _, parameters = server.text[scheme.end() if scheme else 0 :].partition(";")
        matched = _HOST_PORT.match(host_port)
        host, port = matched.group(1, 2) if matched else (host_port, None)
        other = re.search(r"(?:\A|;)transport=(\w+)", parameters, re.IGNORECASE)
        transport = other.group(1).lower() if other else named if named in _TRANSPORTS[1:] else None
        domain, _, domain_port = text["domain"].rpartition(":")
        if not domain or not _port(domain_port) or is_ipv6(text["domain"]):
            domain, domain_port = text["domain"], ""
        return Registration(
            user=text["username"],
            secret=text["password"],
            auth_user=text["authid"],
            effective_auth_user=text["authid"] or text["username"],
            domain=domain,
            domain_port=_port(domain_port),
            host=host if server.text else None,
            port=(_port(port or "") or (5061 if transport == "tls" else 5060)) if server.text else None,
            transport=transport,
            expiry=_seconds(text["registerrefresh"]),
            realm="*",
            outbound_proxy=text["proxy"],
            register=bool(server.text),
            display_name=text["displayname"],
            name=self.section.name,
            span=self.section.span,
        )

    def refresh(self) -> None:
        """What MicroSIP makes of `registerRefresh`, where that is another number."""
        piece = self.values["registerrefresh"]
        seconds = _seconds(piece.text)
        if piece.text and not re.fullmatch(r"[+-]?\d{1,9}", piece.text):
            message = f"`{piece.text}` is no number of seconds: MicroSIP takes {seconds}."
            self.notes.add("SR509", piece.span, message, fix=f"registerRefresh={REFRESH}", severity="hint")
        elif re.fullmatch(r"\+?0*(?:[1-9]|10)", piece.text):
            message = f"MicroSIP uses {SHORTEST_REFRESH} seconds for anything up to that."
            self.notes.add("SR136", piece.span, message, fix=f"registerRefresh={REFRESH}")
        else:
            checks.expiry(self.notes, seconds, piece.span)


def _without_note(piece: Piece, note: re.Pattern[str]) -> Piece:
    match = note.search(piece.text)
    return piece.part(0, match.start()) if match and match.start() else piece


def _half_quoted(text: str) -> bool:
    return len(text) > 1 and text[0] == '"' and '"' not in text[1:]


def _host(text: str) -> str:
    """The host of `server`, without what may stand around it."""
    matched = _HOST_PORT.match(_SCHEME.sub("", text, count=1).partition(";")[0])
    return matched.group(1) if matched else ""


def _port(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,5}", text) and 0 < int(text) < 65536 else None


def _meant_transport(text: str) -> str:
    words = re.findall(r"udp|tcp|tls|ssl", text.lower())
    return words[0].replace("ssl", "tls") if len(set(words)) == 1 else ""


def _seconds(text: str) -> int:
    digits = re.match(r"\+?(\d{1,9})", text)
    seconds = int(digits.group(1)) if digits else 0
    return max(seconds, SHORTEST_REFRESH) if seconds else REFRESH


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
