"""Yealink's cfg: `account.N.user_name = 100`, one setting a line, below the line `#!version:1.0.0.1`.

A line that begins with `#` is a comment; a `#` further on is part of the value, and so are quotes. `%NULL%` and
`%EMPTY%` are nothing. An account is off unless `enable` is 1. `sip_server.1` has taken the place of `sip_server_host`
and its like, which older phones know; `sip_server.2` is a spare server for the same account, not another registration.
The transport is a number: 0 UDP, 1 TCP, 2 TLS, 3 what DNS says.
"""

from __future__ import annotations

import re
from pathlib import Path

from mockregistrar.trunks import checks
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed
from mockregistrar.trunks.plausible import repaired_number

from . import account as phone
from .account import Account, Settled

NAME = "yealink-cfg"
ALIASES = ("yealink",)
FORMS = ("file",)

HEADER = "#!version:1.0.0.1"
EXPIRES, SHORTEST, LONGEST, RETRY = 3600, 30, 2**31 - 1, 30
_OPTIONS: dict[str, tuple[str, ...]] = {
    "enable": ("enable",),
    "user": ("user_name",),
    "auth_user": ("auth_name",),
    "secret": ("password",),
    "display_name": ("display_name",),
    "server": ("sip_server.1.address", "sip_server_host"),
    "port": ("sip_server.1.port", "sip_server_port"),
    "transport": ("sip_server.1.transport_type", "transport"),
    "expiry": ("sip_server.1.expires", "expires"),
    "retry": ("reg_fail_retry_interval",),
    "use_proxy": ("outbound_proxy_enable",),
    "proxy": ("outbound_proxy.1.address", "outbound_host"),
    "proxy_port": ("outbound_proxy.1.port", "outbound_port"),
}
"""What a setting is called, the name of today first."""
_KEYS = {option: key for key, options in _OPTIONS.items() for option in options}
_KNOWN = tuple(_KEYS)
_MEANT = {
    "active": "enable",
    "user": "user_name",
    "sip_user": "user_name",
    "auth_id": "auth_name",
    "auth_user": "auth_name",
    "auth_username": "auth_name",
    "register_name": "auth_name",
    "secret": "password",
    "passwd": "password",
    "auth_password": "password",
    "server": "sip_server.1.address",
    "sip_server": "sip_server.1.address",
    "sip_server.address": "sip_server.1.address",
    "sip_server.1": "sip_server.1.address",
    "sip_server.1.host": "sip_server.1.address",
    "sip_server.1.transport": "sip_server.1.transport_type",
    "sip_port": "sip_server.1.port",
    "port": "sip_server.1.port",
    "sip_server.port": "sip_server.1.port",
    "reg_interval": "sip_server.1.expires",
    "register_expires": "sip_server.1.expires",
    "outbound_proxy": "outbound_proxy.1.address",
    "outbound_proxy_host": "outbound_proxy.1.address",
    "outbound_proxy.1.host": "outbound_proxy.1.address",
}
_SPARE = re.compile(r"(?:sip_server|outbound_proxy)[._]?[02-9]")
_NUMBERS = frozenset(("enable", "port", "transport", "expiry", "retry", "use_proxy", "proxy_port"))
_NOTED = (*sorted(_NUMBERS), "user", "auth_user", "server", "proxy")
_TRANSPORTS: tuple[str | None, ...] = ("udp", "tcp", "tls", None)
_NOTHING = frozenset(("%NULL%", "%EMPTY%"))
_LINE = re.compile(
    r"[ \t]*(?:\[[^\]]{0,200}\][ \t]*)?(?:static\.)?"  # [T46S,T48S] narrows a line to these models
    r"([A-Za-z]{5,9})([._]?)([0-9lIO]{1,3})\.([A-Za-z0-9_.]{1,60})[ \t]*([=:]|(?=[ \t]))[ \t]*"
)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    for line in head.split("\n"):
        match = _LINE.match(line)
        if match and _right(match) and match.group(4).lower() in _KEYS:
            return "file", "it has settings such as account.1.user_name"
    return None


def _right(match: re.Match[str]) -> bool:
    return match.group(1).lower() == "account" and match.group(2) == "." and match.group(3).isdigit()


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the accounts of a cfg. Never raises."""
    del form
    notes = Notes()
    _header(text, notes, whole=path is not None)
    return phone.parsed(NAME, "file", text, _accounts(text, notes), _settled, notes)


def _header(text: str, notes: Notes, *, whole: bool) -> None:
    """The first line of a file, without which a phone reads nothing of it; an excerpt has none."""
    if text.lstrip("\ufeff").startswith("#!version:"):
        return
    match = re.search(r"^#!version:[^\r\n]*", text, re.MULTILINE)
    if match is None and not whole:
        return
    line = text.count("\n", 0, match.start()) + 1 if match else 1
    span = Span(line, 1, match.end() - match.start()) if match else Span(1, 1, 0)
    message = f"The first line of a file is `{HEADER}`: "
    message += f"here it is line {line}." if match else f"{phone.PHONE} reads nothing of a file without it."
    notes.add("SR705", span, message, fix=HEADER)


class _Section:
    """The lines of one account, by the names of their options."""

    def __init__(self, number: int, span: Span) -> None:
        self.number = number
        self.span = span
        self.options: dict[str, Piece] = {}
        self.others: list[tuple[str, Span, Piece]] = []


def _accounts(text: str, notes: Notes) -> list[Account]:
    sections: dict[int, _Section] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if line.lstrip(" \t\ufeff").startswith("#"):
            continue
        match = _LINE.match(line)
        if match is not None:
            _line(match, line, number, sections, notes)
    return [_account(sections[number], notes) for number in sorted(sections)]


def _line(match: re.Match[str], line: str, number: int, sections: dict[int, _Section], notes: Notes) -> None:
    """One line with a setting of an account, or with something that is nearly one."""
    prefix, dot, digits, option = match.group(1, 2, 3, 4)
    index = repaired_number(digits)
    if index is None or (prefix.lower() != "account" and not phone.misspelt(prefix.lower(), ("account",))):
        return
    span = Span(number, match.start(1) + 1, match.end(4) - match.start(1))
    section = sections.setdefault(index, _Section(index, span))
    value = Piece(line[match.end() :], number, match.end() + 1).strip()
    if value.text in _NOTHING:
        value = value.part(0, 0)
    option = option.lower()
    if not _right(match) or match.group(5) != "=":
        if option in _KEYS:
            right = f"account.{index}.{option}"
            misspelt = not _right(match)
            why = "does not know" if misspelt else "finds no `=` behind"
            message = f"{phone.PHONE.capitalize()} {why} `{prefix}{dot}{digits}.{option}` and ignores the line."
            notes.add("SR702" if misspelt else "SR709", span, message, fix=f"{right} = …")
            section.others.append((option, span, value))
        return
    if option in _KEYS:
        phone.twice(notes, f"account.{index}.{option}", section.options.get(option), value)
        section.options[option] = value
        if option == "password":
            notes.secret(value.text, value.span)
    elif _SPARE.match(option) is None:
        section.others.append((option, span, value))


def _account(section: _Section, notes: Notes) -> Account:
    """The options of a section by what they mean."""
    names: dict[str, str] = {}
    account = Account(f"account.{section.number}", section.span, names)
    for key, options in _OPTIONS.items():
        written = [option for option in options if option in section.options]
        filled = [option for option in written if section.options[option].text]
        chosen = (filled or written or options)[0]
        names[key] = f"{account.name}.{chosen}"
        if not written:
            continue
        account.settings[key] = section.options[chosen]
        if len(filled) > 1 and len({section.options[option].text for option in filled}) > 1:
            span = section.options[filled[1]].span
            message = f"`{filled[1]}` is the old name of `{filled[0]}`, which says something else: one of them counts."
            notes.add("SR601", span, message)
    for option, span, value in section.others:
        meant = option if option in _KEYS else _MEANT.get(option) or phone.misspelt(option, _KNOWN)
        if not meant or account.text(_KEYS[meant]) or not value.text:
            continue
        if option not in _KEYS:
            message = f"{phone.PHONE.capitalize()} does not know `{account.name}.{option}` and ignores the line."
            message += f" Did you mean `{meant}`?"
            notes.add("SR702", span, message, instead=f"{account.name}.{meant}")
        account.correct(notes, _KEYS[meant], value)
    return account


def _settled(account: Account, notes: Notes) -> Settled:
    changes: dict[str, object] = {}
    phone.cut_notes(account, notes, _NOTED, _NUMBERS)
    _quotes(account, notes)
    phone.credentials(account, notes)
    register = phone.number(account, notes, "enable", 0, 1, 0) == 1
    if not account.text("enable") and "enable" not in account.corrections:
        message = f"`{account.names['enable']}` is not set, and 0 from the factory: the account is off."
        notes.add("SR706", account.span, message, fix=f"{account.names['enable']} = 1")
        changes["register"] = True
    elif account.text("enable") == "0":
        phone.switched_off(account, notes, "enable", "is off")
    elif account.text("enable").lower() in ("yes", "on", "true", "enabled"):
        changes["register"] = True
    phone.missing(account, notes, registers=register or "register" in changes)
    found = phone.server(account, notes, port_apart=account.names["port"])
    transport, meant_transport = _transport(account, notes)
    port = _port(account, notes, transport)
    if found.meant_port is not None and found.meant_port != port:
        changes["port"] = found.meant_port
    if found.meant_host is not None:
        changes |= {"host": found.meant_host, "domain": found.meant_host}
    if meant_transport:
        changes["transport"] = meant_transport
    expiry = phone.number(account, notes, "expiry", SHORTEST, LONGEST, EXPIRES)
    checks.expiry(notes, expiry, account.span_of("expiry"))
    proxy, more = _proxy(account, notes, found)
    changes |= phone.meant_user(account, notes, found, account.text("auth_user") or account.text("user"))
    real = phone.registration(
        account,
        found,
        port=port,
        transport=transport,
        expiry=expiry,
        retry_interval=phone.number(account, notes, "retry", 0, 1800, RETRY),
        outbound_proxy=proxy,
        register=register,
    )
    return Settled(real, changes | more)


def _quotes(account: Account, notes: Notes) -> None:
    """Quotes are no part of this format: what stands in them is taken with them."""
    for key in ("user", "auth_user", "secret", "server"):
        piece = account.piece(key)
        if len(piece.text) < 2 or piece.text[0] not in "\"'" or piece.text[0] != piece.text[-1]:
            continue
        bare = piece.part(1, len(piece.text) - 1)
        if key == "secret":
            for at in (0, len(piece.text) - 1):
                notes.reveal(piece.part(at, at + 1).span)
            notes.secret(bare.text)
        else:
            account.corrections[key] = bare
        message = f"Values stand without quotes: {phone.PHONE} takes these as part of `{account.names[key]}`."
        notes.add("SR720", piece.span, message, instead=bare.text, severity="hint" if key == "secret" else None)


def _transport(account: Account, notes: Notes) -> tuple[str | None, str]:
    """The transport, and the one that was meant where it is another."""
    piece = account.piece("transport")
    if re.fullmatch(r"[0-3]", piece.text):
        return _TRANSPORTS[int(piece.text)], ""
    if piece.text and not checks.placeholder(piece.text):
        word = piece.text.lower()
        meant = word if word in phone.TRANSPORTS else ""
        message = f"`{account.names['transport']}` is a number: 0 UDP, 1 TCP, 2 TLS, 3 DNS-NAPTR; its default is 0."
        fix = str(_TRANSPORTS.index(meant)) if meant else "0"
        notes.add("SR712", piece.span, message, instead=fix, severity="hint" if meant == "udp" else None)
        return "udp", meant if meant != "udp" else ""
    return "udp", ""


def _port(account: Account, notes: Notes, transport: str | None) -> int | None:
    """The port, None where DNS decides: with a port of 0, and with DNS-NAPTR unless there is one."""
    port = phone.number(account, notes, "port", 0, 65535, 5060 if transport else 0)
    if transport is not None:
        key = "port" if account.text("port") else "transport"
        checks.port_and_transport(notes, port, transport, account.span_of(key))
    return port or None


def _proxy(account: Account, notes: Notes, found: phone.Server) -> tuple[str, dict[str, object]]:
    """The outbound proxy with its port where that is not the usual one; empty where none is used."""
    address = account.text("proxy")
    if phone.number(account, notes, "use_proxy", 0, 1, 0) != 1:
        if address and address.lower() != (found.host or "").lower():
            message = f"`{account.names['use_proxy']}` is not 1: the outbound proxy is not used."
            notes.add("SR714", account.span_of("proxy"), message, fix=f"{account.names['use_proxy']} = 1")
        return "", {}
    written, changes = phone.outbound_proxy(account, notes, found)
    port = phone.number(account, notes, "proxy_port", 0, 65535, 5060)
    apart = address and port not in (0, 5060) and not re.search(r"[^\]]:[0-9]+\Z", address)
    return f"{written}:{port}" if apart else written, changes


def render(trunk: Trunk) -> str:
    """The cfg of a phone with one account. Raises CannotRender for what a phone has no field for."""
    phone.check_writable(trunk)
    for label, value in (("user", trunk.user), ("auth user", trunk.auth_user), ("password", trunk.secret)):
        if value in _NOTHING:
            raise CannotRender(value, f"the {label} is a word that means nothing to a Yealink")
    if not SHORTEST <= trunk.expiry <= LONGEST:
        raise CannotRender(str(trunk.expiry), f"a Yealink takes no expiry below {SHORTEST} seconds")
    rows = [
        ("enable", "1"),
        ("label", trunk.user),
        ("user_name", trunk.user),
        ("auth_name", trunk.effective_auth_user),
        ("password", trunk.secret),
        ("sip_server.1.address", trunk.dial_host),
        ("sip_server.1.port", str(trunk.dial_port)),
        ("sip_server.1.transport_type", str(_TRANSPORTS.index(trunk.dial_transport))),
        ("sip_server.1.expires", str(trunk.expiry)),
    ]
    return "\n".join([HEADER, *(f"account.1.{name} = {value}" for name, value in rows)]) + "\n"
