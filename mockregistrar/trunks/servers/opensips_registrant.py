"""OpenSIPS's `registrant` table: the accounts that its uac_registrant module logs in with.

Theory of operation. `registrar`, `aor` and `binding_URI` must be there, and with `proxy` and `third_party_registrant`
they are SIP URIs, scheme included; `registrar` and `proxy` must not have a user. REGISTER has `registrar` as its
request URI and goes to `proxy`, or else to it. The Contact is `<binding_URI>` with `binding_params` right behind it,
which therefore begin with `;`. A challenge is answered with `username` and `password`, whatever its realm, and only
when both are there: the AOR's user does not stand in. A record whose `expiry` is not above `timer_interval`, 100 s, is
skipped. `state` 0 means enabled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mockregistrar.trunks import several, sql_rows
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.sql_rows import Row, Schema, Table
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri

from . import account_tables, logins, ser_uris
from .account_tables import AccountTable, Record

NAME = "opensips-registrant"
ALIASES = ("opensips",)
FORMS = ("row", "json", "form")

TIMER_INTERVAL = 100
_LONGEST = 64
_SOCKET = re.compile(
    r"(?:(?:udp|tcp|tls|sctp|ws|wss):)?(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+|\*)(?::\d{1,5})?\Z", re.IGNORECASE
)
_URIS = {
    "registrar": "registrar uri",
    "proxy": "proxy uri",
    "aor": "aor uri",
    "third_party_registrant": "third party registrant uri",
    "binding_uri": "contact uri",
}
"""The columns that hold URIs, and what OpenSIPS calls each in its log."""

_COLUMNS = (
    "id",
    "registrar",
    "proxy",
    "aor",
    "third_party_registrant",
    "username",
    "password",
    "binding_URI",
    "binding_params",
    "expiry",
    "forced_socket",
    "cluster_shtag",
    "state",
)
TABLE = AccountTable(
    "OpenSIPS",
    Schema(
        [
            Table(
                "registrant",
                _COLUMNS,
                frozenset(["registrar", "aor", "binding_URI", "third_party_registrant"]),
                (_COLUMNS[:-1], _COLUMNS[:-2]),
            )
        ]
    ),
    secrets=frozenset(["password"]),
    uris=frozenset(_URIS),
    signs=frozenset(["registrar", "aor"]),
    extra=frozenset(["last_register_sent", "registration_t_out", "cluster_id", "dst_ip", "ip", "sa_family", "enabled"]),
    labels={"binding": "binding_uri", "expires": "expiry", "shtag": "cluster_shtag"},
)
_NAMED = {
    "registrar": "registrar",
    "proxy": "proxy",
    "aor": "AOR",
    "username": "user name",
    "password": "password",
    "binding_uri": "binding",
}
_LENGTHS = {"username": _LONGEST, "password": _LONGEST, "binding_params": _LONGEST}


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    form = TABLE.form_of(head)
    named = all(re.search(rf"(?<!=)\b{name}\b", head, re.IGNORECASE) for name in ("registrar", "aor"))
    if not named and not (form == "row" and TABLE.schema.insert.search(head) and re.search(r"\bsips?:", head)):
        return None  # registrars and AORs of something else
    return (form, "it has the columns of OpenSIPS's registrant table") if form else None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the records. Never raises."""
    del path
    notes = Notes()
    records = account_tables.read(text, TABLE, notes, form)
    made: list[Registration] = []
    meant: list[Registration] = []
    ok = True
    accounts: dict[tuple[str, ...], Registration] = {}
    bindings: set[str] = set()
    for row in records.rows:
        account = _Registrant(row, notes, stored=records.form == "row")
        real, probably = account.settled()
        ok = ok and real is not None
        if real is not None:
            made.append(real)
            binding = account.text("binding_uri")
            logins.same_account(real, accounts, notes, None if not binding or binding in bindings else "hint")
            bindings.add(binding)
        meant += [probably] if probably is not None and probably != real else []
    for row in records.meant:
        real, probably = _Registrant(row, notes, stored=True).settled()
        meant += [each for each in (probably or real,) if each is not None]
    return logins.result(NAME, records.form, text, notes, made, meant, ok=ok and records.ok)


class _Registrant(Record):
    """A record as OpenSIPS loads it."""

    def __init__(self, row: Row, notes: Notes, *, stored: bool) -> None:
        super().__init__(row, TABLE, notes, stored=stored)
        self.good = True

    def settled(self) -> tuple[Registration | None, Registration | None]:
        """What OpenSIPS makes of the record, None where it skips it; and what was probably meant."""
        self.good = self.statement()
        self.values(_NAMED, _LENGTHS)
        uris = {name: self.uri(name) for name in _URIS}
        self.credentials()
        self.params()
        self.socket()
        self.tag()
        expiry, state = self.seconds("expiry"), self.state()
        self.expiry(expiry)
        if state:
            message = "`state` 0 means enabled: with another number OpenSIPS loads the record and does not register it."
            self.notes.add("SR427", self.span("state"), message, fix="0")
        real = self.registration({name: (self.text(name), uri) for name, uri in uris.items()}, expiry, state)
        likely = {name: ser_uris.likely(self.text(name)) for name in _URIS if self.text(name)}
        meant = self.registration(likely, expiry, state)
        return (real if self.good else None), meant

    def refuse(self, code: str, span: Span, message: str, fix: str = "", log: str = "") -> None:
        """Remember a finding for which OpenSIPS skips the record."""
        self.good = False
        self.notes.add(code, span, message, fix=fix, log=log)

    def uri(self, name: str) -> PjUri | BadUri | None:
        """A column that holds a URI; None where it is empty and may be."""
        text, what = self.text(name), _URIS[name]
        spelled = {"binding_uri": "binding_URI"}.get(name, name)
        needed = name in ("registrar", "aor", "binding_uri")
        if not text and (not needed or not self.known(name)):
            return None
        if not text and (self.null(name) or name not in self.row.fields):
            log = "columns [registrar] or/and [aor] or/and [binding_URI] cannot be null -> skipping"
            message = f"`{spelled}` is NULL, and OpenSIPS skips a record without it."
            self.refuse("SR447", self.span(name), message, log=log if self.stored else "")
            return None
        read, piece = ser_uris.parse(text), self.piece(name)
        if isinstance(read, BadUri):
            log = f"cannot parse {what} [{text}]"
            why = read.why if text else "it is empty"
            span = piece.part(read.start, read.stop).span if piece is not None and text else self.span(name)
            message = f"OpenSIPS cannot read `{spelled}` and skips the record: {why}."
            self.refuse("SR445", span, message, ser_uris.repaired(text), log)
            return read
        if name in ("registrar", "proxy") and read.user:
            at = text.index("@")
            span = piece.part(text.index(":") + 1, at + 1).span if piece is not None else self.span(name)
            log = f"{'registrant' if name == 'registrar' else name} uri must not have user [{read.user}]"
            message = f"`{spelled}` is the URI of a server and must not have a user: OpenSIPS skips the record."
            self.refuse("SR446", span, message, text[: text.index(":") + 1] + text[at + 1 :], log)
        if piece is not None and name in ("registrar", "proxy"):
            ser_uris.judge(self.notes, piece, read, "OpenSIPS")
        elif piece is not None and not read.user and name != "third_party_registrant":
            message = f"`{spelled}` has no user: it is `sip:user@host`."
            self.notes.add("SR446", piece.span, message, fix=f"sip:user@{text.partition(':')[2]}")
        return read

    def credentials(self) -> None:
        user, secret = self.text("username"), self.text("password")
        if not (self.known("username") and self.known("password")) or bool(user) == bool(secret):
            return
        name, other = ("password", "username") if user else ("username", "password")
        message = f"There is a `{other}` and no `{name}`: OpenSIPS answers no challenge then."
        self.notes.add("SR450", self.span(name), message, log="Credentials not provisioned")

    def params(self) -> None:
        text = self.text("binding_params")
        if text and not text.startswith(";"):
            message = "`binding_params` is written right behind the `>` of the Contact: it must begin with `;`."
            self.notes.add("SR448", self.span("binding_params"), message, fix=f";{text}")

    def socket(self) -> None:
        text = self.text("forced_socket")
        if text and not _SOCKET.match(text):
            message = (
                "`forced_socket` is one of OpenSIPS's own sockets, `udp:address:port`: this is none, and the record is "
            )
            message += "skipped."
            fix = re.sub(r"\Asips?:", "udp:", text, flags=re.IGNORECASE)
            self.refuse("SR451", self.span("forced_socket"), message, fix, f"invalid forced socket [{text}]")

    def tag(self) -> None:
        text = self.text("cluster_shtag")
        if text and self.stored and "/" not in text:
            message = "A sharing tag is written `name/cluster_id`: OpenSIPS skips the record."
            log = f"Bad naming for sharing tag <{text}>, <name/cluster_id> expected"
            self.refuse("SR452", self.span("cluster_shtag"), message, f"{text}/1", log)

    def state(self) -> int | None:
        """0 for an enabled record; an MI command prints a word instead, which says how far it is."""
        text = self.text("state").strip()
        if self.stored or re.fullmatch(r"\d+", text):
            return self.seconds("state")
        return 1 if self.text("enabled") == "no" else 0 if self.known("state") or self.known("enabled") else None

    def expiry(self, seconds: int | None) -> None:
        if seconds is None or seconds > TIMER_INTERVAL:
            return
        left = "is left out, which is 0" if "expiry" not in self.row.fields else f"is {seconds}"
        message = f"`expiry` {left}, and OpenSIPS skips a record that does not ask for more than its `timer_interval`, "
        message += f"{TIMER_INTERVAL} s."
        log = f"Please decrease timer_interval=[{TIMER_INTERVAL}] - requested expires=[{seconds}] to small for "
        log += f"AOR=[{self.text('aor')}]"
        self.refuse("SR449", self.span("expiry"), message, "3600", log)

    def registration(
        self, uris: Mapping[str, tuple[str, PjUri | BadUri | None]], expiry: int | None, state: int | None
    ) -> Registration | None:
        """The record with its URIs read; None where one that is needed cannot be."""
        good = {name: uri for name, (_, uri) in uris.items() if isinstance(uri, PjUri)}
        registrar, aor, binding = (good.get(name) for name in ("registrar", "aor", "binding_uri"))
        needed = {"registrar": registrar, "aor": aor, "binding_uri": binding}
        if any(uri is None and self.known(name) for name, uri in needed.items()):
            return None
        transport = registrar.transport if registrar else None
        port = ser_uris.settled_port(registrar, transport) if registrar else None
        login = self.optional("username")
        return Registration(
            user=aor.user if aor else None,
            secret=self.optional("password"),
            auth_user=login,
            effective_auth_user=login,
            domain=aor.host if aor else None,
            domain_port=aor.port if aor else None,
            host=registrar.host if registrar else None,
            port=port,
            transport=transport or ("udp" if port is not None else None),
            extension=binding.user if binding else None,
            expiry=expiry,
            realm="",
            outbound_proxy=self.optional("proxy"),
            register=not state,
            server_uri=uris["registrar"][0] if registrar else None,
            client_uri=uris["aor"][0] if aor else None,
            name=self.text("aor"),
            span=self.row.span,
        )


def render(trunk: Trunk) -> str:
    """The INSERT statement for MySQL. Raises CannotRender for what a column cannot hold, and for too short an expiry.

    The binding is at 127.0.0.1:5060: the address that the carrier reaches OpenSIPS at is to be put there.
    """
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "OpenSIPS takes a password, not its digest")
    if trunk.expiry <= TIMER_INTERVAL:
        raise CannotRender(str(trunk.expiry), f"OpenSIPS skips a record with an expiry of {TIMER_INTERVAL} s or less")
    if not trunk.user:
        raise CannotRender("", "an AOR needs a user")
    user = pjsip_uri.user_part(trunk.user)
    contact = user if trunk.extension in ("", "s") else pjsip_uri.user_part(trunk.extension)
    port = f":{trunk.domain_port}" if trunk.domain_port is not None else ""
    values: dict[str, str | int | None] = {
        "registrar": ser_uris.written(trunk),
        "proxy": None,
        "aor": f"sip:{user}@{ser_uris.bracketed(trunk.aor_host)}{port}",
        "third_party_registrant": None,
        "username": trunk.effective_auth_user if trunk.secret else None,
        "password": trunk.secret or None,
        "binding_URI": f"sip:{contact}@127.0.0.1:5060",
        "binding_params": None,
        "expiry": trunk.expiry,
        "forced_socket": None,
        "cluster_shtag": None,
        "state": 0,
    }
    for name in ("username", "password"):
        ser_uris.writable(name, str(values[name] or ""), _LONGEST)
    for name in ("registrar", "aor", "binding_URI"):
        ser_uris.writable(name, str(values[name]), 255)
    return sql_rows.statement("registrant", values)


def render_all(trunks: Sequence[Trunk]) -> str:
    """A statement for each trunk. Raises CannotRender as `render` does."""
    return several.in_lines(render, trunks)
