"""Kamailio's `uacreg` table: the accounts that its uac module logs in with.

Theory of operation. A record is loaded or ignored as a whole: most columns may not be empty, although the schema's
default is empty, and one of `auth_password` and `auth_ha1` must be there. The AOR is `r_username@r_domain`, the
request URI `sip:r_domain`; it is sent to `auth_proxy`, a SIP URI, or where that is NULL to `r_domain`. The user of the
Contact is `contact_user`, else `l_uuid`. `auth_ha1` is used before `auth_password`; an empty `realm` answers any, else
it must be the challenge's to the letter. `expires` 0 never registers, and the first failure disables the record until
`uac.reg_enable` (`reg_retry_interval` is 0). In an RPC `.` is an empty value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import checks, header_words, several, sql_rows
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.sql_rows import Row, Schema, Table
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri

from . import account_tables, db_text, logins, ser_uris
from .account_tables import AccountTable, Record

NAME = "kamailio-uacreg"
ALIASES = ("kamailio",)
FORMS = ("row", "json", "form")

TIMER_INTERVAL, RETRY_INTERVAL = 90, 0
_DIGITS = 32
_HA1 = re.compile(r"[0-9A-Fa-f]{32}\Z")
_DISABLED = 1
_LONGEST = 64

_LOGIN = ("l_uuid", "l_username", "l_domain", "r_username", "r_domain", "realm", "auth_username", "auth_password")
_REST = ("auth_proxy", "expires", "flags", "reg_delay")
_COLUMNS = ("id", *_LOGIN, "auth_ha1", *_REST, "contact_addr", "socket", "contact_user")
_NEEDED = ("l_uuid", "l_username", "l_domain", "r_username", "r_domain", "auth_username", "auth_proxy")
_NEEDED_FOR = {
    "auth_proxy": " It is the SIP URI that the REGISTER is sent to.",
    "l_domain": " It is the domain that calls are looked up by.",
}
_LOADED = (*_LOGIN, "auth_ha1", *_REST, "contact_addr", "socket")

TABLE = AccountTable(
    "Kamailio",
    Schema(
        [
            Table(
                "uacreg",
                _COLUMNS,
                frozenset(["l_uuid", "r_username", "r_domain", "auth_proxy", "auth_ha1"]),
                (_COLUMNS[:-1], ("id", *_LOGIN, "auth_ha1", *_REST), ("id", *_LOGIN, *_REST)),
            )
        ]
    ),
    secrets=frozenset(["auth_password", "auth_ha1"]),
    signs=frozenset(["l_uuid", "r_username", "r_domain"]),
    extra=frozenset(["diff_expires", "timer_expires", "reg_init", "callid", "cseq", "jsonrpc", "method"]),
    positional=(*_LOGIN, "auth_ha1", *_REST, "socket", "contact_addr", "contact_user"),
    method="uac.reg_add",
    uris=frozenset(["auth_proxy"]),
    not_loaded="could not load database from file [uacreg]",
)
_NAMED = {
    "l_uuid": "l_uuid",
    "r_username": "user name",
    "r_domain": "domain",
    "realm": "realm",
    "auth_username": "auth user",
    "auth_password": "password",
    "auth_proxy": "proxy",
}
_LENGTHS = dict.fromkeys(("l_uuid", "l_username", "r_username", "auth_username", "auth_password"), _LONGEST)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    form = TABLE.form_of(head)
    return (form, "it has the columns of Kamailio's uacreg table") if form else None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the records. Never raises."""
    del path
    notes = Notes()
    records = account_tables.read(text, TABLE, notes, form)
    made: list[Registration] = []
    meant: list[Registration] = []
    ok = True
    uuids: dict[str, Span] = {}
    accounts: dict[tuple[str, ...], Registration] = {}
    for row in records.rows:
        account = _Account(row, notes, stored=records.form == "row")
        real, probably = account.settled()
        ok = ok and real is not None
        if real is not None:
            made.append(real)
            _again(account, uuids, notes)
            logins.same_account(real, accounts, notes)
        meant += [probably] if probably is not None and probably != real else []
    for row in records.meant:
        real, probably = _Account(row, notes, stored=True).settled()
        meant += [each for each in (probably or real,) if each is not None]
    return logins.result(NAME, records.form, text, notes, made, meant, ok=ok and records.ok)


def _again(account: _Account, uuids: dict[str, Span], notes: Notes) -> None:
    uuid, span = account.text("l_uuid"), account.span("l_uuid")
    before = uuids.setdefault(uuid, span)
    if uuid and before is not span:
        message = (
            f"`l_uuid` stands in line {before.line} already: the table keeps it once, and Kamailio finds the first "
        )
        notes.add("SR435", span, f"{message}only. Each record needs one of its own.")


class _Account(Record):
    """A record as Kamailio loads it."""

    def __init__(self, row: Row, notes: Notes, *, stored: bool) -> None:
        super().__init__(row, TABLE, notes, stored=stored)
        if not stored:
            self.empties()

    def empties(self) -> None:
        """What an RPC writes for nothing: `.` in what it takes, `none` and `<null string>` in what it dumps."""
        for name, lines in self.row.fields.items():
            text = lines[0].text if len(lines) == 1 else ""
            dumped = name in ("auth_ha1", "auth_proxy", "socket", "contact_addr") or (
                name == "auth_password" and _HA1.match(self.text("auth_ha1"))
            )
            if text == "." or (dumped and text in ("none", "<null string>")):
                self.row.fields[name] = [lines[0].part(0, 0)]

    def settled(self) -> tuple[Registration | None, Registration | None]:
        """What Kamailio makes of the record, None where it ignores it; and what was probably meant."""
        good = self.statement()
        self.values(_NAMED, _LENGTHS)
        good = self.needed() and good
        good = self.password() and good
        self.literal()
        login = self.piece("auth_username")
        if login is not None:
            header_words.judge_login(self.notes, login.text, login, "Kamailio")
        domain = self.domain()
        target = self.target(domain)
        expiry, flags = self.seconds("expires"), self.seconds("flags")
        meant_domain, meant_target = domain, target
        repaired = ""
        if isinstance(domain, BadUri):
            bare = re.sub(r"\Asips?:(?://)?", "", self.text("r_domain"), flags=re.IGNORECASE)
            meant_domain = ser_uris.likely(f"sip:{bare}")[1]
        if isinstance(target, BadUri):
            proxy = _read(ser_uris.repaired(self.text("auth_proxy")))
            meant_target = proxy if isinstance(proxy, PjUri) else meant_domain
            repaired = ser_uris.repaired(self.text("auth_proxy")) if isinstance(proxy, PjUri) else ""
        self.expiry(expiry)
        if flags is not None and flags & _DISABLED:
            message = "`flags` has the bit 1 set: the record is loaded and disabled, until `uac.reg_enable`."
            self.notes.add("SR427", self.span("flags"), message, fix="0")
        real = self.registration(self.text("r_username"), domain, target, expiry, flags)
        meant = self.registration(self.user(), meant_domain, meant_target, expiry, flags)
        if meant is not None and repaired:
            meant = replace(meant, outbound_proxy=repaired)
        return (real if good else None), meant

    def needed(self) -> bool:
        """Whether the columns that must not be empty are not."""
        good = True
        for name in _NEEDED:
            if not self.known(name) or self.text(name):
                continue
            if self.null(name) and not self.row.inserted:
                continue  # NULL is taken; the schema does not have it, other databases may
            if not self.stored and name in ("l_username", "l_domain", "auth_proxy"):
                continue  # an RPC may leave these out
            good = False
            if self.null(name):
                log = f"ERROR 1048 (23000): Column '{name}' cannot be null"
                message = f"`{name}` may not be NULL: the database refuses the record."
            else:
                log = f"empty value not allowed for column[{_LOADED.index(name)}]='{name}' - ignoring record"
                left = " is left out, its default is empty" if name not in self.row.fields else " is empty"
                message = f"`{name}`{left}, and Kamailio ignores a record without it."
            message += _NEEDED_FOR.get(name, "")
            fix = "sip:…" if name == "auth_proxy" else ""
            self.notes.add("SR421", self.span(name), message, fix=fix, log=log if self.stored else "")
        return good

    def password(self) -> bool:
        """Whether there is something to log in with."""
        notes, ha1, secret = self.notes, self.text("auth_ha1"), self.text("auth_password")
        if not ha1:
            if secret or not (self.known("auth_password") and (self.known("auth_ha1") or self.stored)):
                return True
            message = "There is neither `auth_password` nor `auth_ha1`: Kamailio ignores the record."
            notes.add("SR422", self.span("auth_password"), message, log="no password value provided - ignoring record")
            return False
        if secret not in ("", "."):
            message = "`auth_ha1` is used, and `auth_password` is not."
            notes.add("SR424", self.span("auth_password"), message)
        if _HA1.match(ha1):
            return True
        message = f"`auth_ha1` is an MD5 digest of 32 hexadecimal digits, and this has {len(ha1)} characters"
        log = f"invalid HA2 length: {len(ha1)} - ignoring record"
        if len(ha1) == 32:
            at = next(i for i, c in enumerate(ha1) if c not in "0123456789abcdefABCDEF")
            message = f"`auth_ha1` is an MD5 digest of hexadecimal digits, and character {at + 1} is none"
            log = f"invalid char {at} in HA1 string: {ha1}"
        notes.add(
            "SR423",
            self.span("auth_ha1"),
            f"{message}: Kamailio ignores the record. A password belongs into `auth_password`.",
            log=log,
        )
        return False

    def literal(self) -> None:
        """Words for nothing that the database keeps as they are."""
        if not self.stored:
            return
        names = ("realm", "contact_user", "contact_addr", "socket")
        for name in (*names, "auth_password") if not self.text("auth_ha1") else names:
            text = self.text(name)
            if text in (".", "none", "NULL"):
                message = f"Only in an RPC does `{text}` stand for an empty value: here Kamailio takes it as it is."
                self.notes.add("SR438", self.span(name), message, fix="''")

    def domain(self) -> PjUri | BadUri:
        """`r_domain` as the request URI is made of it."""
        text, place = self.text("r_domain"), self.span("r_domain")
        read = ser_uris.parse(f"sip:{text}")
        scheme = re.match(r"sips?:(?://)?", text, re.IGNORECASE)
        sent = "sends that" if self.text("auth_proxy") else "cannot send to it"
        log = "" if self.text("auth_proxy") else self.unsent()
        if scheme:
            message = f"`r_domain` takes no scheme: Kamailio makes `sip:{text}` of it, and {sent}."
            self.notes.add("SR428", place, message, fix=text[scheme.end() :], log=log)
            return BadUri("scheme", "there is a scheme too many", 0, len(text))
        if isinstance(read, BadUri):
            if text:
                message = f"Kamailio makes `sip:{text}` of `r_domain` and {sent}: {read.why}."
                self.notes.add("SR425", place, message, log=log)
            return read
        piece = self.piece("r_domain")
        if piece is not None:
            checks.host(self.notes, read.host, piece.part(0, len(read.host)).span, "Kamailio")
            if not self.text("auth_proxy"):
                ser_uris.judge(self.notes, piece, read, "Kamailio", offset=len("sip:"))
        return read

    def target(self, domain: PjUri | BadUri) -> PjUri | BadUri:
        """Where REGISTER is sent."""
        text = self.text("auth_proxy")
        if not text:
            return domain
        read = _read(text)
        piece = self.piece("auth_proxy")
        if isinstance(read, BadUri):
            span = piece.part(read.start, read.stop).span if piece is not None else self.span("auth_proxy")
            message = (
                f"`auth_proxy` is a SIP URI, and Kamailio cannot send to this: {read.why}. The record is disabled then."
            )
            self.notes.add("SR425", span, message, fix=ser_uris.repaired(text), log=self.unsent())
        elif piece is not None:
            ser_uris.judge(self.notes, piece, read, "Kamailio")
        return read

    def unsent(self) -> str:
        return f"failed to send request for [{self.text('l_uuid')}]"

    def user(self) -> str:
        """`r_username` as it was probably meant."""
        text = self.text("r_username")
        scheme = re.match(r"sips?:", text, re.IGNORECASE)
        if scheme:
            message = f"`r_username` takes a bare user: Kamailio writes `sip:{text}@` of it."
            self.notes.add("SR428", self.span("r_username"), message, fix=text[scheme.end() :].partition("@")[0])
            text = text[scheme.end() :]
        elif "@" in text:
            piece = self.piece("r_username")
            at = text.index("@")
            span = piece.part(at, len(text)).span if piece is not None else self.span("r_username")
            message = (
                "Kamailio puts `@` and `r_domain` behind `r_username`: with an `@` in it the AOR has two, and carriers "
            )
            message += "refuse it. The domain belongs into `r_domain`; an `@` of the user itself is `%40`."
            self.notes.add("SR429", span, message, fix=text[:at])
        contact = "contact_user" if self.text("contact_user") else "l_uuid"
        self.odd(contact, r"[\s@<>:\"]", "it is the user of the Contact")
        self.odd("r_username", r"[\s<>\"]", "it is the user of the AOR")
        return text.partition("@")[0]

    def odd(self, name: str, pattern: str, why: str) -> None:
        found, piece = re.search(pattern, self.text(name)), self.piece(name)
        if found and piece is not None:
            span = piece.part(found.start(), found.end()).span
            message = f"This character cannot stand in `{name}`: {why}, and Kamailio writes it as it is. Letters, "
            message += "digits, `-`, `_`, `.` and `+` can."
            self.notes.add("SR442", span, message)

    def expiry(self, seconds: int | None) -> None:
        if seconds == 0:
            left = "is left out, its default is 0" if "expires" not in self.row.fields else "is 0"
            self.notes.add("SR426", self.span("expires"), f"`expires` {left}: Kamailio never registers.", fix="3600")
        elif seconds is not None and checks.SHORTEST_EXPIRY <= seconds < TIMER_INTERVAL:
            message = f"Kamailio looks every {TIMER_INTERVAL} s what is to be refreshed (`reg_timer_interval`): a "
            message += f"registration for {seconds} s lapses before the next look."
            self.notes.add("SR439", self.span("expires"), message, fix="3600")
        elif seconds is not None:
            checks.expiry(self.notes, seconds, self.span("expires"))

    def registration(
        self, user: str, domain: PjUri | BadUri, target: PjUri | BadUri, expiry: int | None, flags: int | None
    ) -> Registration | None:
        """The record with its URIs read; None where there is nothing to send to."""
        if isinstance(target, BadUri) and (self.text("auth_proxy") or self.text("r_domain")):
            return None
        sent = target if isinstance(target, PjUri) else None
        home = domain if isinstance(domain, PjUri) else None
        ha1, secret = self.text("auth_ha1"), self.optional("auth_password")
        if ha1 and len(ha1) != _DIGITS:  # it is ignored, and was probably meant as the password
            ha1, secret = "", secret or ha1
        transport = (sent.transport or "udp") if sent else None
        login = self.optional("auth_username")
        contact = self.text("contact_user") or self.optional("l_uuid")
        return Registration(
            user=pjsip_uri.plain(user) if self.known("r_username") else None,
            secret="" if ha1 else secret,
            ha1=ha1.lower() or None,
            auth_user=login,
            effective_auth_user=login,
            domain=home.host if home else self.optional("r_domain"),
            domain_port=home.port if home else None,
            host=sent.host if sent else None,
            port=ser_uris.settled_port(sent, transport) if sent else None,
            transport=transport,
            extension=pjsip_uri.plain(contact) if contact is not None else None,
            expiry=expiry,
            realm=self.optional("realm"),
            outbound_proxy=self.optional("auth_proxy"),
            register=expiry != 0 and not (flags or 0) & _DISABLED,
            retry_interval=RETRY_INTERVAL,
            name=self.text("l_uuid"),
            span=self.row.span,
        )


def _read(text: str) -> PjUri | BadUri:
    """`auth_proxy`, which may stand in `<...>`."""
    if text.startswith("<") and text.endswith(">"):
        read = ser_uris.parse(text[1:-1])
        if isinstance(read, PjUri):
            return replace(read, host_at=read.host_at + 1, port_at=read.port_at + 1)
    return ser_uris.parse(text)


def _values(trunk: Trunk) -> dict[str, str | int]:
    """The record of a trunk. The user of the Contact is the `l_uuid`: the extension, else the user."""
    if not trunk.secret and not trunk.ha1:
        raise CannotRender("", "Kamailio ignores a record without a password")
    if trunk.ha1 and not trunk.secret and not _HA1.match(trunk.ha1):
        raise CannotRender("ha1", "the digest has not 32 hexadecimal digits")
    if trunk.expiry == 0:
        raise CannotRender("0", "Kamailio never registers with an expiry of 0")
    if not trunk.user:
        raise CannotRender("", "Kamailio ignores a record without a user")
    user = pjsip_uri.user_part(trunk.user)
    uuid = user if trunk.extension in ("", "s") else pjsip_uri.user_part(trunk.extension)
    home = ser_uris.bracketed(trunk.aor_host) + (f":{trunk.domain_port}" if trunk.domain_port is not None else "")
    values: dict[str, str | int] = {
        "l_uuid": uuid,
        "l_username": user,
        "l_domain": ser_uris.bracketed(trunk.aor_host),
        "r_username": user,
        "r_domain": home,
        "realm": "",
        "auth_username": header_words.login(trunk.effective_auth_user, "Kamailio"),
        "auth_password": trunk.secret,
        "auth_ha1": "" if trunk.secret else trunk.ha1,
        "auth_proxy": ser_uris.written(trunk),
        "expires": trunk.expiry,
        "flags": 0,
        "reg_delay": 0,
    }
    for name, most in _LENGTHS.items():
        ser_uris.writable(name, str(values[name]), most)
    return values


def render(trunk: Trunk) -> str:
    """The INSERT statement for MySQL. Raises CannotRender for what a column or a URI cannot hold."""
    return sql_rows.statement("uacreg", _values(trunk))


def render_all(trunks: Sequence[Trunk]) -> str:
    """A statement for each trunk. Raises CannotRender as `render` does, and for two trunks with one Contact."""
    _told_apart(trunks)
    return several.in_lines(render, trunks)


def render_db_text(trunks: Sequence[Trunk]) -> str:
    """The file `uacreg` of a db_text database, for Kamailio without a server for it. Raises as `render_all` does."""
    _told_apart(trunks)
    return db_text.written([_values(trunk) | {"contact_addr": "", "socket": ""} for trunk in trunks])


def _told_apart(trunks: Sequence[Trunk]) -> None:
    seen: set[str] = set()
    for trunk in trunks:
        uuid = trunk.user if trunk.extension in ("", "s") else trunk.extension
        if uuid in seen:
            raise CannotRender(uuid, f"two trunks would have the l_uuid `{uuid}`, and the table keeps it once")
        seen.add(uuid)
