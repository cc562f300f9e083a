"""The XML profile of Cisco's SPA phones and adapters, earlier Linksys and Sipura: `<User_ID_1_>100</User_ID_1_>`.

Only what stands in `flat-profile` counts. Names are case-sensitive, unknown ones are ignored, the last of two counts.
White space around a value is stripped. `<x/>` leaves a setting as it is, `<x></x>` empties it; what is not in the file
stays as it is in the phone. `Auth ID` is for nothing unless `Use Auth ID` is Yes, and so is the outbound proxy.
"""

from __future__ import annotations

import re
from pathlib import Path

from mockregistrar.trunks import checks, xml_text
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed
from mockregistrar.trunks.plausible import invisible, look_alike
from mockregistrar.trunks.xml_text import Document, Element

from . import account as phone
from .account import Account, Settled

NAME = "cisco-spa-xml"
ALIASES = ("cisco-spa", "spa")
FORMS = ("file",)

EXPIRES, LONGEST, RETRY = 3600, 2**31 - 1, 30
_SETTINGS = {
    "Line_Enable": "enable",
    "Register": "register",
    "Proxy": "server",
    "Outbound_Proxy": "proxy",
    "Use_Outbound_Proxy": "use_proxy",
    "User_ID": "user",
    "Auth_ID": "auth_user",
    "Use_Auth_ID": "use_auth",
    "Password": "secret",
    "Display_Name": "display_name",
    "Register_Expires": "expiry",
    "SIP_Transport": "transport",
    "Use_DNS_SRV": "dns",
}
_KNOWN = tuple(_SETTINGS)
_BY_LOWER = {name.lower(): name for name in _SETTINGS}
_MEANT = {
    "username": "User_ID",
    "user_name": "User_ID",
    "userid": "User_ID",
    "auth_name": "Auth_ID",
    "auth_user": "Auth_ID",
    "registrar": "Proxy",
    "sip_proxy": "Proxy",
    "sip_server": "Proxy",
    "transport": "SIP_Transport",
    "secret": "Password",
}
_RETRY = "Reg_Retry_Intvl"
_NAME = re.compile(r"([A-Za-z][A-Za-z_]{0,40}?)_([0-9]{1,3})_")
_NEARLY = re.compile(r"([A-Za-z][A-Za-z_]{0,40}?)_?([0-9]{1,3})?_?")
_TELLING = re.compile(r"<(?:User_ID|Auth_ID|Proxy|Password)_[0-9]{1,3}_\b")
_SECRET = re.compile(r"<Password_[0-9]{1,3}_[^<>]*>(.*?)(?:</|\s*$)")
_YES, _NO = frozenset(("yes", "1", "true")), frozenset(("no", "0", "false"))


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    if not head.lstrip("\ufeff \t\r\n").startswith("<"):
        return None
    if re.search(r"<flat-profile\b", head):
        return "file", "its XML has the element flat-profile"
    return ("file", "it is XML with settings such as <User_ID_1_>") if _TELLING.search(head) else None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the lines of a profile. Never raises."""
    del form, path
    notes = Notes()
    document = xml_text.read(text)
    loaded = phone.loads(document, notes, _SECRET)
    return phone.parsed(NAME, "file", text, _accounts(document, notes), _settled, notes, loaded=loaded)


def _profile(document: Document) -> list[Element]:
    """The settings, which are those in `flat-profile`; an excerpt may come without it."""
    profile = next((element for element in document.elements if element.name == "flat-profile"), None)
    if profile is None:
        return [element for element in document.elements if element.leaf]
    inside = (e for e in document.elements if e.leaf and profile.start < e.start < profile.stop)
    return list(inside)


def _accounts(document: Document, notes: Notes) -> list[Account]:
    lines: dict[str, Account] = {}
    strange: list[tuple[str, str, Element]] = []
    retry: Piece | None = None
    for element in _profile(document):
        if element.name == _RETRY:
            retry = element.value
            continue
        exact = _NAME.fullmatch(element.name)
        nearly = exact or _NEARLY.fullmatch(element.name)
        if nearly is None:
            continue
        name, number = nearly.group(1), nearly.group(2) or "1"
        if exact is None or name not in _SETTINGS:
            strange.append((name, number, element))
        elif not element.empty:
            account = lines.setdefault(number, _account(number, element.span))
            account.put(notes, _SETTINGS[name], element.value)
            if name == "Password":
                notes.secret(element.value.text, *(line.span for line in element.lines))
    for name, number, element in strange:
        _strange(name, number, element, lines, notes)
    for account in lines.values():
        if retry is not None:
            account.settings["retry"] = retry
    return sorted(lines.values(), key=lambda account: int(account.name.removeprefix("line ")))


def _account(number: str, span: Span) -> Account:
    names = {key: f"{name}_{number}_" for name, key in _SETTINGS.items()}
    return Account(f"line {number}", span, names | {"retry": _RETRY})


def _strange(name: str, number: str, element: Element, lines: dict[str, Account], notes: Notes) -> None:
    """An element that is not the name of a setting, but nearly."""
    meant = _BY_LOWER.get(name.lower()) or _MEANT.get(name.lower()) or phone.misspelt(name, _KNOWN)
    account = lines.get(number)
    if not meant or account is None or account.text(_SETTINGS[meant]) or not element.value.text:
        return
    right = f"{meant}_{number}_"
    message = f"{phone.PHONE.capitalize()} does not know `{element.name}` and ignores it. Did you mean `{right}`?"
    notes.add("SR702", element.span, message, fix=f"<{right}>…</{right}>")
    account.correct(notes, _SETTINGS[meant], element.value)


def _yes(account: Account, key: str, *, default: bool) -> bool:
    word = account.text(key).lower()
    return True if word in _YES else False if word in _NO else default


def _settled(account: Account, notes: Notes) -> Settled:
    phone.credentials(account, notes)
    _ascii(account, notes)
    enabled, wanted = _yes(account, "enable", default=True), _yes(account, "register", default=True)
    register = phone.registers(account, notes, enabled=enabled, wanted=wanted)
    found = phone.server(account, notes)
    changes = phone.meant_server(found)
    transport = _transport(account, notes)
    by_dns = _yes(account, "dns", default=False) or transport is None
    if transport is not None:
        checks.port_and_transport(notes, found.port, transport, account.span_of("server"))
    proxy, more = _proxy(account, notes, found)
    login, meant_login = _login(account, notes)
    changes |= phone.meant_user(account, notes, found, login)
    if meant_login is not None:
        changes |= {"effective_auth_user": meant_login, "secret_used": None}
    expiry = phone.number(account, notes, "expiry", 0, LONGEST, EXPIRES)
    checks.expiry(notes, expiry, account.span_of("expiry"))
    real = phone.registration(
        account,
        found,
        effective_auth_user=login,
        secret_used=False if login == "" and account.text("secret") else None,
        port=found.port or phone.usual_port(found.host, transport, by_dns=by_dns),
        transport=transport,
        expiry=expiry,
        retry_interval=phone.number(account, notes, "retry", 0, LONGEST, RETRY),
        outbound_proxy=proxy,
        register=register,
    )
    return Settled(real, changes | more)


def _login(account: Account, notes: Notes) -> tuple[str | None, str | None]:
    """The digest user, and the one that was meant where it is another."""
    user, auth_user = account.given("user"), account.text("auth_user")
    use = account.names["use_auth"]
    if not _yes(account, "use_auth", default=False):
        if not auth_user or auth_user == user:
            return user, None
        message = (
            f"`{use}` is not Yes: {phone.PHONE} logs in with the User ID, `{user or ''}`, and not as `{auth_user}`."
        )
        notes.add("SR715", account.span_of("auth_user"), message, fix=f"<{use}>Yes</{use}>")
        return user, auth_user
    if auth_user or account.given("auth_user") is None:
        return auth_user or user, None
    message = f"`{use}` is Yes, but `{account.names['auth_user']}` is empty: there is no name to log in with."
    notes.add("SR716", account.span_of("use_auth"), message, fix=f"<{use}>No</{use}>")
    return "", user


def _transport(account: Account, notes: Notes) -> str | None:
    """The transport, None where DNS decides."""
    piece = account.piece("transport")
    word = piece.text.lower()
    if word in phone.TRANSPORTS:
        return word
    if word == "auto":
        return None
    if word and not checks.placeholder(piece.text):
        message = f"`{piece.text}` is none of UDP, TCP, TLS and AUTO, which `{account.names['transport']}` must be; "
        notes.add("SR712", piece.span, f"{message}its default is UDP.", instead="UDP")
    return "udp"


def _proxy(account: Account, notes: Notes, found: phone.Server) -> tuple[str, dict[str, object]]:
    """The outbound proxy, empty where none is used."""
    text, use = account.text("proxy"), account.names["use_proxy"]
    if _yes(account, "use_proxy", default=False):
        return phone.outbound_proxy(account, notes, found)
    if text and text.lower() != account.text("server").lower():
        message = f"`{use}` is not Yes: the outbound proxy is not used."
        notes.add("SR714", account.span_of("proxy"), message, fix=f"<{use}>Yes</{use}>")
    return "", {}


def _ascii(account: Account, notes: Notes) -> None:
    """Characters beyond ASCII, which the firmware does not know; look-alikes are spoken of already."""
    for key in ("user", "auth_user", "secret"):
        piece = account.piece(key)
        at = next((i for i, c in enumerate(piece.text) if not (c.isascii() or look_alike(c) or invisible(c))), None)
        if at is not None:
            message = f"There is a character beyond ASCII in `{account.names[key]}`: {phone.PHONE} knows ASCII only."
            notes.add("SR718", piece.part(at, at + 1).span, message)


def render(trunk: Trunk) -> str:
    """The profile of a phone with one line. Raises CannotRender for what a phone has no field for, or does not know."""
    phone.check_writable(trunk)
    for label, text in (("user", trunk.user), ("auth user", trunk.auth_user), ("password", trunk.secret)):
        beyond = re.search(r"[^\x00-\x7f]", text)
        if beyond:
            raise CannotRender(
                beyond.group(), f"the {label} holds a character beyond ASCII, which an SPA does not know"
            )
    usual = phone.usual_port(trunk.dial_host, trunk.dial_transport, by_dns=False)
    values = {
        "Line_Enable": "Yes",
        "Proxy": trunk.dial_host + (f":{trunk.dial_port}" if trunk.dial_port != usual else ""),
        "Register": "Yes",
        "Register_Expires": str(trunk.expiry),
        "SIP_Transport": trunk.dial_transport.upper(),
        "User_ID": trunk.user,
        "Password": trunk.secret,
        "Use_Auth_ID": "Yes" if trunk.auth_user else "No",
        "Auth_ID": trunk.auth_user,
    }
    rows = [f"  <{name}_1_>{xml_text.element_text(name, value)}</{name}_1_>" for name, value in values.items()]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<flat-profile>", *rows, "</flat-profile>"]) + "\n"
