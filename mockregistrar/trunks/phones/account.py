"""An account of a phone: its settings by what they mean, and the judgements that all phones share.

A dialect reads its file into `Account`s, whatever the settings are called there, and settles each with the defaults of
its phone (`Settled`). What was probably meant is the same account with the misspelt names corrected and the notes
behind values cut off, settled once more, together with the changes that the dialect named.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from mockregistrar.trunks import checks
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import is_ipv6, repaired_number
from mockregistrar.trunks.positions import Mapped
from mockregistrar.trunks.uris.pjsip_uri import is_address
from mockregistrar.trunks.xml_text import Document

PHONE = "the phone"
TRANSPORTS = ("udp", "tcp", "tls")
_LABELS = {
    "user": "user name",
    "auth_user": "auth user",
    "secret": "password",
    "server": "server",
    "proxy": "outbound proxy",
}
_ON = ("yes", "on", "true", "enabled", "enable", "active")
_OFF = ("no", "off", "false", "disabled", "disable", "inactive")
_SCHEME = re.compile(r"sips?:(?://)?", re.IGNORECASE)
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?\Z", re.DOTALL)
_NOTE = re.compile(r"(?<![ \t])[ \t]+#[ \t]*\w.*\Z")
_TYPO = 0.86


@dataclass(slots=True)
class Account:
    """The settings of one account by their meaning (`user`, `server`, ...), as written.

    `names` says what each setting is called in the file, also of those that are absent. `corrections` are values that
    stand behind a misspelt name, or without the note behind them.
    """

    name: str
    span: Span
    names: Mapping[str, str]
    settings: dict[str, Piece] = field(default_factory=dict)
    corrections: dict[str, Piece] = field(default_factory=dict)

    def piece(self, key: str) -> Piece:
        """A setting, empty at the beginning of the account where it is absent."""
        return self.settings.get(key) or Piece("", self.span.line, self.span.column)

    def text(self, key: str) -> str:
        """A setting as text, empty where it is absent."""
        return self.piece(key).text

    def given(self, key: str) -> str | None:
        """A setting as text, None where the file does not have it and the phone keeps what it has."""
        piece = self.settings.get(key)
        return None if piece is None else piece.text

    def span_of(self, key: str) -> Span:
        """Where a setting stands; the account where it is absent or empty."""
        piece = self.settings.get(key)
        return piece.span if piece is not None and piece.text else self.span

    def put(self, notes: Notes, key: str, piece: Piece) -> None:
        """Remember a setting; the last one counts."""
        twice(notes, self.names[key], self.settings.get(key), piece)
        self._hide(notes, key, piece)
        self.settings[key] = piece

    def correct(self, notes: Notes, key: str, piece: Piece) -> None:
        """Remember what stands behind a misspelt name."""
        self._hide(notes, key, piece)
        self.corrections[key] = piece

    @staticmethod
    def _hide(notes: Notes, key: str, piece: Piece) -> None:
        if key == "secret":
            notes.secret(piece.text, piece.span)

    @property
    def alive(self) -> bool:
        """Whether it says anything of somebody who logs in."""
        known = {**self.settings, **self.corrections}
        return any(key in known and known[key].text for key in ("user", "auth_user", "secret"))

    @property
    def corrected(self) -> Account:
        """The account with its corrections."""
        return Account(self.name, self.span, self.names, self.settings | self.corrections)


@dataclass(frozen=True, slots=True)
class Server:
    """A field that holds `host` or `host:port`, as the phone takes it and as it was meant."""

    host: str | None
    port: int | None = None
    meant_host: str | None = None
    meant_port: int | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """An account as the phone takes it, and the fields that were probably meant otherwise."""

    real: Registration
    changes: Mapping[str, object] = field(default_factory=dict)

    @property
    def meant(self) -> Registration:
        """What was probably meant."""
        return replace(self.real, **self.changes)  # type: ignore[arg-type]


@lru_cache(maxsize=1024)
def misspelt(name: str, known: tuple[str, ...]) -> str:
    """The name of a setting that was probably meant, empty where nothing is probable."""
    return next(iter(difflib.get_close_matches(name, known, 1, _TYPO)), "")


def twice(notes: Notes, name: str, before: Piece | None, piece: Piece) -> None:
    """A setting that stands in the file already, with another value."""
    if before is not None and before.text and piece.text and before.text != piece.text:
        notes.add("SR703", piece.span, f"`{name}` stands in line {before.line} already: the last one counts.")


def loads(document: Document, notes: Notes, secret: re.Pattern[str]) -> bool:
    """Whether a phone loads an XML file; `secret` finds a password in a broken line."""
    for span in document.strays:
        notes.reveal(span)
        message = "This `&` begins no entity: a strict reader refuses the whole file."
        notes.add("SR701", span, message, instead="&amp;")
    return document.judge(notes, PHONE, secret)


def cut_notes(account: Account, notes: Notes, keys: Collection[str], numbers: Collection[str]) -> None:
    """Notes behind values, which are part of them; behind a number they do no harm."""
    for key in keys:
        piece = account.settings.get(key)
        match = _NOTE.search(piece.text) if piece is not None else None
        if piece is None or match is None:
            continue
        bare = piece.part(0, match.start())
        span = piece.part(match.start(), len(piece.text)).span
        if key in numbers:
            account.settings[key] = bare
            message = "A note has a line of its own: here it belongs to the value, of which only the number is used."
            notes.add("SR704", span, message, severity="hint")
            continue
        account.corrections[key] = bare
        message = f"A note has a line of its own: {PHONE} takes this one as part of the {_LABELS[key]}."
        notes.add("SR704", span, message, instead="")


def credentials(account: Account, notes: Notes) -> None:
    """Characters and placeholders in what the phone logs in with."""
    fields: list[tuple[str, str, Span]] = []
    for key in ("user", "auth_user", "secret", "server"):
        piece = account.settings.get(key)
        if piece is None or not piece.text:
            continue
        label = _LABELS[key]
        fields.append((label, piece.text, piece.span))
        if not piece.columns:
            mapped = Mapped.from_text(piece.text, piece.line, piece.column)
            checks.characters(notes, mapped, label, PHONE, secret=key == "secret")
    checks.placeholders(notes, fields)


def meant_user(account: Account, notes: Notes, found: Server, login: str | None) -> dict[str, object]:
    """Judge a domain behind the user name: the fields that were meant without it. `login` is the digest user."""
    piece, host = account.piece("user"), found.meant_host or found.host
    user, at, domain = piece.text.partition("@")
    if not at or not host:
        return {}
    same = domain.partition(":")[0].lower() == host.lower()
    message = f"{PHONE.capitalize()} puts `@{host}` behind the user name by itself: it becomes `{piece.text}@{host}`."
    span = piece.part(len(user), len(piece.text)).span
    notes.add("SR717", span, message, fix=user, instead="", severity=None if same else "hint")
    if not same:
        return {}
    return {"user": user, **({"effective_auth_user": user} if login == piece.text else {})}


def server(account: Account, notes: Notes, key: str = "server", *, port_apart: str = "") -> Server:
    """Judge a field for `host` or `host:port`. With `port_apart` the port has a setting of its own, which is so called.

    What was meant is None where it does not differ.
    """
    piece = account.settings.get(key)
    if piece is None:
        return Server(None)
    text, name = piece.text, account.names[key]
    scheme = _SCHEME.match(text)
    if scheme:
        bare = text[scheme.end() :].rpartition("@")[2]
        host, port_text = _cut(bare)
        message = f"`{name}` takes a bare host: {PHONE} looks for one that is called `{text}`."
        notes.add("SR708", piece.part(0, scheme.end()).span, message, fix=bare, instead="")
        return Server(text, None, host, _port(port_text))
    if is_ipv6(text):
        if not port_apart:
            message = f"An IPv6 address ends at its first `:` unless it stands in brackets: `[{text}]`."
            notes.add("SR141", piece.span, message, instead=f"[{text}]")
        return Server(text, None, None if port_apart else f"[{text}]")
    host, port_text = _cut(text)
    if host and not checks.placeholder(host):
        checks.host(notes, host, piece.part(0, len(host)).span, PHONE)
    if port_text is None:
        return Server(host)
    span = piece.part(len(host) + 1, len(text)).span
    port = _port(port_text)
    if port is None and not checks.placeholder(port_text):
        letter = checks.digits_look_alike(port_text)
        message = f"`{port_text}` holds the letter {letter}: it is no port." if letter else f"`{port_text}` is no port."
        repaired = repaired_number(port_text)
        notes.add("SR542", span, message, instead=str(repaired) if repaired else None)
        return Server(host, None, None, repaired)
    if port_apart and port is not None:
        notes.add("SR710", span, f"The port has a setting of its own: `{port_apart}`.", fix=f"{port_apart} = {port}")
        return Server(host, None, None, port)
    return Server(host, port)


def _cut(text: str) -> tuple[str, str | None]:
    match = _HOST_PORT.match(text)
    return (match.group(1), match.group(2)) if match else (text, None)


def outbound_proxy(account: Account, notes: Notes, found: Server) -> tuple[str, dict[str, object]]:
    """Judge the outbound proxy: as it is written, and the fields that were meant otherwise."""
    piece = account.piece("proxy")
    text, name = piece.text, account.names["proxy"]
    if not text or checks.placeholder(text):
        return text, {}
    if re.fullmatch(r"[0-9]{1,5}", text):
        host, port = found.meant_host or found.host or "host", found.port or found.meant_port
        message = f"`{name}` is the outbound proxy: {PHONE} looks for one that is called `{text}`. "
        message += f"The port stands behind the host, `{host}:{port or text}` in `{account.names['server']}`."
        notes.add("SR711", piece.span, message, instead="")
        return text, {"outbound_proxy": "", **({} if port else {"port": int(text)})}
    scheme = _SCHEME.match(text)
    if scheme:
        bare = text[scheme.end() :]
        message = f"`{name}` takes a bare host: {PHONE} looks for one that is called `{text}`."
        notes.add("SR708", piece.part(0, scheme.end()).span, message, fix=bare, instead="")
        return text, {"outbound_proxy": bare}
    if not is_ipv6(text):
        host, port_text = _cut(text.partition(";")[0])
        checks.host(notes, host, piece.part(0, len(host)).span, PHONE)
        if port_text is not None and _port(port_text) is None:
            span = piece.part(len(host) + 1, len(host) + 1 + len(port_text)).span
            notes.add("SR542", span, f"`{port_text}` is no port.", fix=str(repaired_number(port_text) or ""))
    return text, {}


def usual_port(host: str | None, transport: str | None, *, by_dns: bool) -> int | None:
    """The port where none is written, None where DNS decides."""
    if by_dns and not is_address(host or ""):
        return None
    return 5061 if transport == "tls" else 5060


def switched_off(account: Account, notes: Notes, key: str, what: str) -> None:
    """An account that does not register because it says so."""
    piece = account.piece(key)
    notes.add("SR511", account.span_of(key), f"`{account.names[key]}` is {piece.text}: the account {what}.")


def registers(account: Account, notes: Notes, *, enabled: bool, wanted: bool) -> bool:
    """Whether the phone registers: the account is switched on, and so is its registration."""
    if not enabled:
        switched_off(account, notes, "enable", "is off")
    elif not wanted:
        switched_off(account, notes, "register", "does not register")
    missing(account, notes, registers=enabled and wanted)
    return enabled and wanted


def _port(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) < 65536 else None


def number(account: Account, notes: Notes, key: str, low: int, high: int, default: int) -> int:
    """A setting that is a number; the default where it is absent, empty or none."""
    piece = account.piece(key)
    if not piece.text or checks.placeholder(piece.text):
        return default
    if re.fullmatch(r"[0-9]{1,10}", piece.text) and low <= int(piece.text) <= high:
        return int(piece.text)
    letter = checks.digits_look_alike(piece.text)
    why = f"holds the letter {letter}" if letter else f"is no number from {low} to {high}"
    message = f"`{piece.text}` {why}, which `{account.names[key]}` must be; its default is {default}."
    notes.add("SR712", piece.span, message, instead=str(_meant_number(piece.text, low, high, default)))
    return default


def _meant_number(text: str, low: int, high: int, default: int) -> int:
    """The number that was probably meant; of a switch the words for on and off."""
    word = text.strip().lower()
    if (low, high) == (0, 1) and word in (*_ON, *_OFF):
        return int(word in _ON)
    return repaired_number(text) or default


def missing(account: Account, notes: Notes, *, registers: bool) -> None:
    """What an account needs and has not. A file without a setting may be one of several, so that is only a hint."""
    if not registers:
        return
    for key in ("user", "server", "secret"):
        piece = account.settings.get(key)
        if key in account.corrections or (piece is not None and piece.text) or (piece is None and key == "secret"):
            continue
        name, label = account.names[key], _LABELS[key]
        if piece is None:
            message = (
                f"The {label}, `{name}`, is not in this text: {PHONE} has it from elsewhere, or does not register."
            )
            notes.add("SR707", account.span, message, severity="hint")
        elif key == "secret":
            message = f"There is no {label}: {PHONE} cannot answer the carrier's challenge."
            notes.add("SR707", piece.span, message, severity="hint", instead="…")
        else:
            message = f"There is no {label}: {PHONE} does not register this account."
            notes.add("SR707", piece.span, message, instead="…")


def registration(account: Account, found: Server, **more: object) -> Registration:
    """The fields that every phone settles alike; `more` adds to them and overrules them."""
    user, auth_user = account.given("user"), account.text("auth_user")
    made = Registration(
        user=user,
        secret=account.given("secret"),
        auth_user=auth_user,
        effective_auth_user=auth_user or user,
        domain=found.host,
        host=found.host,
        display_name=account.text("display_name"),
        name=account.name,
        span=account.span,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def meant_server(found: Server) -> dict[str, object]:
    """The fields in which the server was meant otherwise."""
    changes: dict[str, object] = {}
    if found.meant_host is not None:
        changes |= {"host": found.meant_host, "domain": found.meant_host}
    if found.meant_port is not None:
        changes["port"] = found.meant_port
    return changes


def parsed(
    dialect: str,
    form: str,
    text: str,
    accounts: Iterable[Account],
    settle: Callable[[Account, Notes], Settled],
    notes: Notes,
    *,
    loaded: bool = True,
) -> Parsed:
    """All accounts settled. What the phone does not load (`loaded`) was only meant."""
    made: list[Registration] = []
    meant: list[Registration] = []
    seen: dict[tuple[str, str, int | None], str] = {}
    for account in accounts:
        if not account.alive:
            if account.text("server") and account.given("user") == "":
                settle(account, notes)
            continue
        real = settle(account, notes)
        probable = (settle(account.corrected, Notes()) if account.corrections else real).meant
        if loaded:
            made.append(real.real)
            meant += [probable] if probable != real.real else []
        else:
            meant.append(probable)
        key = ((probable.user or "").lower(), (probable.host or "").lower(), probable.port)
        if not all(key[:2]) or not probable.register:
            continue
        other = seen.setdefault(key, account.name)
        if other != account.name:
            message = f"{other} registers this account too: the two take turns at the binding."
            notes.add("SR163", account.span_of("user"), message)
    return notes.complete(
        Parsed(
            dialect,
            form,
            text,
            ok=loaded,
            registrations=tuple(made),
            meant=tuple(meant),
        )
    )


def check_writable(trunk: Trunk) -> None:
    """Raise CannotRender for what no phone has a field for."""
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "a phone takes a password, not its digest")
    if trunk.aor_host.lower() != trunk.dial_host.lower():
        why = f"a phone has one field for domain and registrar, and `{trunk.aor_host}` is not `{trunk.dial_host}`"
        raise CannotRender(trunk.aor_host, why)
    if trunk.domain_port is not None:
        raise CannotRender(str(trunk.domain_port), "a phone has no port for the domain alone")
    if trunk.dial_transport not in TRANSPORTS:
        raise CannotRender(trunk.dial_transport, "a phone registers over udp, tcp or tls")
    if not re.fullmatch(r"\[[^\]\s]*\]|[^:\s]*", trunk.dial_host):
        raise CannotRender(":", f"`{trunk.dial_host}` is no bare host")
    for label, value in (("user", trunk.user), ("auth user", trunk.auth_user), ("password", trunk.secret)):
        broken = re.search(r"[\r\n\0]", value)
        if broken:
            raise CannotRender(broken.group(), f"the {label} holds a line break")
        if value != value.strip(" \t"):
            raise CannotRender(" ", f"the {label} begins or ends with a blank, which a phone strips")
