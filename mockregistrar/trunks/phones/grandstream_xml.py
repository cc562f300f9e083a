"""Grandstream's P-values: `<P47>host</P47>` in a `gs_provision` file, or `P47 = host` as in the maker's templates.

A setting is a number. The second to fourth account of a phone have blocks of a hundred of their own; the second port of
an adapter has the numbers of the first plus 700. The port of the server is written behind its host, never in a field of
its own. An account is active, and registers, unless 0 says otherwise. `P32` counts minutes; the oldest phones have
`P239` in seconds instead.
"""

from __future__ import annotations

import re
from pathlib import Path

from mockregistrar.trunks import checks, xml_text
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Severity, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed
from mockregistrar.trunks.xml_text import Document

from . import account as phone
from .account import Account, Settled

NAME = "grandstream-xml"
ALIASES = ("grandstream",)
FORMS = ("file",)

MINUTES, LONGEST_MINUTES, RETRY = 60, 64_800, 20
SECONDS_OF_OLD = 3600
_FIRST = {
    "enable": 271,
    "server": 47,
    "proxy": 48,
    "user": 35,
    "auth_user": 36,
    "secret": 34,
    "display_name": 3,
    "register": 31,
    "expiry": 32,
    "transport": 130,
    "retry": 138,
    "dns": 103,
}
_IN_BLOCK = {
    "enable": 1,
    "server": 2,
    "proxy": 3,
    "user": 4,
    "auth_user": 5,
    "secret": 6,
    "display_name": 7,
    "dns": 8,
    "register": 10,
    "expiry": 12,
    "transport": 48,
    "retry": 71,
}
_SECOND_PORT = {key: number + 700 for key, number in _FIRST.items()} | {"enable": 401}
_PHONE: tuple[tuple[str, dict[str, int]], ...] = (
    ("account 1", _FIRST),
    *((f"account {n}", {key: (n + 2) * 100 + offset for key, offset in _IN_BLOCK.items()}) for n in (2, 3, 4)),
)
_ADAPTER: tuple[tuple[str, dict[str, int]], ...] = (("port 1", _FIRST), ("port 2", _SECOND_PORT))
_OLD_EXPIRY = 239
_NUMBERS = frozenset(("enable", "register", "expiry", "transport", "retry", "dns"))
_NOTED = (*sorted(_NUMBERS), "user", "auth_user", "server", "proxy")
_BY_DNS = (1, 2)
_TELLING = (35, 34, 47, 404, 402)
_PASSWORDS = frozenset(table["secret"] for _, table in (*_PHONE, *_ADAPTER))
_SECRET = re.compile(rf"<P(?:{'|'.join(map(str, sorted(_PASSWORDS)))})\b[^<>]*>(.*?)(?:</|\s*$)")
_LINE = re.compile(r"[ \t]*P([0-9]{1,6})[ \t]*=[ \t]*")
_LIKE_SECONDS = frozenset((300, 600, 900, 1200, 1800, 3600, 7200, 14_400, 21_600, 28_800, 43_200, 86_400))
_SURELY_SECONDS = 1800


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    numbers = "|".join(map(str, _TELLING))
    if head.lstrip("\ufeff \t\r\n").startswith("<"):
        if re.search(r"<gs_provision\b", head):
            return "file", "its XML has the root gs_provision"
        if re.search(rf"<P(?:{numbers})\b", head) and "<hl_provision" not in head:
            return "file", "it is XML with P-values such as <P47>"
        return None
    if len(re.findall(rf"^[ \t]*P(?:{numbers})[ \t]*=", head, re.MULTILINE)) > 1:
        return "file", "it has P-values such as P47"
    return None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the accounts of a file. Never raises."""
    del form, path
    notes = Notes()
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        accounts = _accounts(_lines(text), notes)
        for account in accounts:
            phone.cut_notes(account, notes, _NOTED, _NUMBERS)
        return phone.parsed(NAME, "file", text, accounts, _settled, notes)
    document = xml_text.read(text)
    loaded = phone.loads(document, notes, _SECRET)
    values = _elements(document)
    if not values:
        _aliases(document, notes)
    return phone.parsed(NAME, "file", text, _accounts(values, notes), _settled, notes, loaded=loaded)


_Values = list[tuple[int, Piece, Span, list[Span]]]
"""P-values in order: the number, the value, the place of the name, and those of the lines of the value."""


def _lines(text: str) -> _Values:
    found: _Values = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        match = _LINE.match(line)
        if match:
            value = Piece(line[match.end() :], number, match.end() + 1).strip()
            name = Span(number, match.start(1), len(match.group(1)) + 1)
            found.append((int(match.group(1)), value, name, [value.span]))
    return found


def _elements(document: Document) -> _Values:
    found: _Values = []
    for element in document.elements:
        match = re.fullmatch(r"P([0-9]{1,6})", element.name)
        if match and element.leaf:
            found.append((int(match.group(1)), element.value, element.span, [line.span for line in element.lines]))
    return found


def _aliases(document: Document, notes: Notes) -> None:
    """The other language of these files, which has names for the settings."""
    for element in document.elements:
        if element.name == "item" and element.attribute("name").text.startswith("account."):
            message = "These are the names of `config version=2`: only P-values are read here."
            notes.add("SR719", element.attribute("name").span, message)
            return


def _accounts(values: _Values, notes: Notes) -> list[Account]:
    filled = {number for number, value, *_ in values if value.text}
    adapter = {_SECOND_PORT["server"], _SECOND_PORT["user"]} <= filled and not {402, 404} & filled
    keys: dict[int, tuple[int, str]] = {_OLD_EXPIRY: (0, "old_expiry")}
    accounts: list[Account] = []
    for index, (title, table) in enumerate(_ADAPTER if adapter else _PHONE):
        accounts.append(Account(title, Span(1, 1, 0), {key: f"P{number}" for key, number in table.items()}))
        keys |= {number: (index, key) for key, number in table.items()}
    for number, value, name, lines in values:
        if number not in keys:
            continue
        index, key = keys[number]
        account = accounts[index]
        if not account.settings:
            account.span = name
        if key == "old_expiry":
            account.settings[key] = value
            continue
        account.put(notes, key, value)
        if key == "secret":
            notes.secret(value.text, *lines)
    return [account for account in accounts if account.settings]


def _settled(account: Account, notes: Notes) -> Settled:
    phone.credentials(account, notes)
    active = phone.number(account, notes, "enable", 0, 1, 1) == 1
    wanted = phone.number(account, notes, "register", 0, 1, 1) == 1
    register = phone.registers(account, notes, enabled=active, wanted=wanted)
    found = phone.server(account, notes)
    changes = phone.meant_server(found)
    transport = phone.TRANSPORTS[phone.number(account, notes, "transport", 0, 2, 0)]
    by_dns = phone.number(account, notes, "dns", 0, 3, 0) in _BY_DNS
    checks.port_and_transport(notes, found.port, transport, account.span_of("server"))
    proxy, more = phone.outbound_proxy(account, notes, found)
    changes |= phone.meant_user(account, notes, found, account.text("auth_user") or account.text("user"))
    expiry, meant_expiry = _expiry(account, notes)
    if meant_expiry is not None:
        changes["expiry"] = meant_expiry
    real = phone.registration(
        account,
        found,
        port=found.port or phone.usual_port(found.host, transport, by_dns=by_dns),
        transport=transport,
        expiry=expiry,
        retry_interval=phone.number(account, notes, "retry", 1, 3600, RETRY),
        outbound_proxy=proxy,
        register=register,
    )
    return Settled(real, changes | more)


def _expiry(account: Account, notes: Notes) -> tuple[int, int | None]:
    """The expiry in seconds, and the one that was meant where minutes were taken for seconds."""
    if not account.text("expiry") and account.text("old_expiry"):
        text = account.text("old_expiry")
        seconds = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else SECONDS_OF_OLD
        checks.expiry(notes, seconds, account.span_of("old_expiry"))
        return seconds, None
    text, name = account.text("expiry"), account.names["expiry"]
    written = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
    if written in _LIKE_SECONDS:
        surely = written >= _SURELY_SECONDS
        message = (
            f"`{name}` counts minutes: {written} are {written // 60} hours. {written} seconds are {written // 60}."
        )
        severity: Severity | None = None if surely else "hint"
        notes.add("SR713", account.span_of("expiry"), message, instead=str(written // 60), severity=severity)
        taken = written if written <= LONGEST_MINUTES else MINUTES
        return taken * 60, written if surely else None
    return phone.number(account, notes, "expiry", 1, LONGEST_MINUTES, MINUTES) * 60, None


def render(trunk: Trunk) -> str:
    """The file of a phone with one account. Raises CannotRender for what a phone has no field for."""
    phone.check_writable(trunk)
    if trunk.expiry % 60 or not 1 <= trunk.expiry // 60 <= LONGEST_MINUTES:
        raise CannotRender(str(trunk.expiry), "a Grandstream counts the expiry in whole minutes, up to 64800")
    usual = phone.usual_port(trunk.dial_host, trunk.dial_transport, by_dns=False)
    values = {
        "enable": "1",
        "server": trunk.dial_host + (f":{trunk.dial_port}" if trunk.dial_port != usual else ""),
        "user": trunk.user,
        "auth_user": trunk.effective_auth_user,
        "secret": trunk.secret,
        "register": "1",
        "expiry": str(trunk.expiry // 60),
        "transport": str(phone.TRANSPORTS.index(trunk.dial_transport)),
    }
    rows = [
        f"    <P{_FIRST[key]}>{xml_text.element_text(key, value)}</P{_FIRST[key]}>" for key, value in values.items()
    ]
    head = ['<?xml version="1.0" encoding="UTF-8"?>', '<gs_provision version="1">', '  <config version="1">']
    return "\n".join([*head, *rows, "  </config>", "</gs_provision>"]) + "\n"
