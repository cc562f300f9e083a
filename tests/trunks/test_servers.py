"""Servers that log in as clients: Kamailio's uacreg, OpenSIPS's registrant, Yate's accfile.conf."""

from __future__ import annotations

import json
from functools import partial

import pytest
from dialect_checks import HOSTS, SECRETS, USERS, codes_of, fields, loud, parsed, says, under
from growth import assert_linear_reading
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report
from mockregistrar.trunks.parsed import Parsed
from mockregistrar.trunks.servers import kamailio_uacreg

KAMAILIO, OPENSIPS, YATE = "kamailio-uacreg", "opensips-registrant", "yate-accfile"
HA1 = "0123456789abcdef0123456789abcdef"

UACREG = {
    "id": 1,
    "l_uuid": "acme1",
    "l_username": "100",
    "l_domain": "sbc.example",
    "r_username": "100",
    "r_domain": "acme.example",
    "realm": "acme",
    "auth_username": "login",
    "auth_password": "hunter22",
    "auth_ha1": "",
    "auth_proxy": "sip:sip.acme.example:5080",
    "expires": 360,
    "flags": 0,
    "reg_delay": 0,
    "contact_addr": "",
    "socket": "",
}
REGISTRANT = {
    "id": 1,
    "registrar": "sip:sip.acme.example",
    "proxy": None,
    "aor": "sip:100@acme.example",
    "third_party_registrant": None,
    "username": "login",
    "password": "hunter22",
    "binding_URI": "sip:200@203.0.113.7:5060",
    "binding_params": None,
    "expiry": 360,
    "forced_socket": None,
    "cluster_shtag": None,
    "state": 0,
}
TABLES = {KAMAILIO: ("uacreg", UACREG), OPENSIPS: ("registrant", REGISTRANT)}


def insert(table: str, row: dict[str, object], *, columns: bool = True) -> str:
    def quoted(value: object) -> str:
        if value is None or isinstance(value, int):
            return "NULL" if value is None else str(value)
        return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"

    names = f" ({', '.join(row)})" if columns else ""
    return f"INSERT INTO `{table}`{names} VALUES ({','.join(map(quoted, row.values()))});\n"


def batch(table: str, row: dict[str, object]) -> str:
    del table
    cells = ["NULL" if value is None else str(value).replace("\\", "\\\\") for value in row.values()]
    return "\t".join(row) + "\n" + "\t".join(cells) + "\n"


def vertical(table: str, row: dict[str, object]) -> str:
    del table
    lines = [f"{name:>25}: {'NULL' if value is None else value}" for name, value in row.items()]
    return "*************************** 1. row ***************************\n" + "\n".join(lines) + "\n1 row in set\n"


def drawn(table: str, row: dict[str, object]) -> str:
    del table
    cells = [(name, "NULL" if value is None else str(value)) for name, value in row.items()]
    ruler = "+" + "+".join("-" * (max(len(a), len(b)) + 2) for a, b in cells) + "+"
    lines = ["|" + "|".join(f" {pair[i]:<{max(map(len, pair))}} " for pair in cells) + "|" for i in (0, 1)]
    return "\n".join([ruler, lines[0], ruler, lines[1], ruler, "1 row in set (0.00 sec)", ""])


def copy(table: str, row: dict[str, object]) -> str:
    cells = ["\\N" if value is None else str(value).replace("\\", "\\\\") for value in row.values()]
    return f"COPY public.{table} ({', '.join(row).lower()}) FROM stdin;\n" + "\t".join(cells) + "\n\\.\n"


def db_text(table: str, row: dict[str, object]) -> str:
    del table
    kinds = ["int,auto" if n == "id" else "int" if isinstance(v, int) else "str,null" for n, v in row.items()]
    head = " ".join(f"{name}({kind})" for name, kind in zip(row, kinds, strict=True))
    cells = [("" if value is None else str(value)).replace("\\", "\\\\").replace(":", "\\:") for value in row.values()]
    return f"{head}\n{':'.join(cells)}\n"


def listed(table: str, row: dict[str, object]) -> str:
    del table
    return "{\n" + "".join(f"\t{n}: {'' if v is None else v}\n" for n, v in row.items()) + "}\n"


def assigned(table: str, row: dict[str, object]) -> str:
    del table
    return "".join(f"{name}={'' if value is None else value}\n" for name, value in row.items())


def one_object(table: str, row: dict[str, object]) -> str:
    del table
    return json.dumps(row, indent=1)


def answered(table: str, row: dict[str, object]) -> str:
    del table
    return json.dumps({"jsonrpc": "2.0", "result": [row], "id": 1})


WRITERS = {
    "insert": (insert, "row"),
    "values": (lambda table, row: insert(table, row, columns=False), "row"),
    "batch": (batch, "row"),
    "vertical": (vertical, "row"),
    "drawn": (drawn, "row"),
    "copy": (copy, "row"),
    "db_text": (db_text, "row"),
    "listed": (listed, "form"),
    "assigned": (assigned, "form"),
    "object": (one_object, "json"),
    "answer": (answered, "json"),
}
EXPECTED = {
    KAMAILIO: {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "login",
        "effective_auth_user": "login",
        "domain": "acme.example",
        "host": "sip.acme.example",
        "port": 5080,
        "transport": "udp",
        "extension": "acme1",
        "expiry": 360,
        "realm": "acme",
        "outbound_proxy": "sip:sip.acme.example:5080",
        "register": True,
        "retry_interval": 0,
    },
    OPENSIPS: {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "login",
        "effective_auth_user": "login",
        "domain": "acme.example",
        "host": "sip.acme.example",
        "extension": "200",
        "expiry": 360,
        "realm": "",
        "outbound_proxy": "",
        "register": True,
        "server_uri": "sip:sip.acme.example",
        "client_uri": "sip:100@acme.example",
    },
}


@pytest.mark.parametrize("dialect", TABLES)
@pytest.mark.parametrize("writer", WRITERS)
def test_a_record_as_people_have_it(dialect, writer):
    write, form = WRITERS[writer]
    text = write(*TABLES[dialect])
    detected = detect(text)
    assert (detected.dialect, detected.form) == (dialect, form)
    found = parsed(dialect, text)
    assert found.findings == ()
    assert found.ok
    assert fields(found) == EXPECTED[dialect]
    assert "hunter22" not in report(explain(text))
    assert "hunter22" not in str(found.to_json())


@pytest.mark.parametrize("dialect", TABLES)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("secret", ["hun'ter22", 'hun"ter22', "hun\\ter22", "hun:ter|22", "#hunter;22", "hun%ter@22"])
def test_escapes_are_undone_and_secrets_hidden_in_them(dialect, writer, secret):
    table, row = TABLES[dialect]
    column = "auth_password" if dialect == KAMAILIO else "password"
    text = WRITERS[writer][0](table, row | {column: secret})
    found = parsed(dialect, text)
    assert found.registrations[0].secret == secret
    assert loud(found) == []
    shown = report(explain(text + "\nx", dialect=dialect))
    assert "ter22" not in shown
    assert "hun" not in shown


def mistake(dialect: str, text: str, code: str, severity: str, place: str | None, log: str | None = None) -> Parsed:
    """What was found; holds code, severity, place, the log line's beginning, and that no secret is shown."""
    found = parsed(dialect, text)
    says(found, code, severity)
    finding = next(f for f in found.findings if f.code == code)
    assert log is None or (finding.log.startswith(log) if log else finding.log == "")
    if place is not None:
        assert under(text, found, code) == place
    shown = report(explain(text, dialect=dialect)).lower()
    assert not [secret for secret in ("hunter22", "other555", HA1[:-1]) if secret in shown]
    return found


# --- Kamailio

GUIDE = """USE kamailio;
INSERT INTO uacreg
  (l_uuid, l_username, l_domain, r_username, r_domain, realm,
   auth_username, auth_password, auth_ha1, auth_proxy, expires, flags, reg_delay)
VALUES
  (UUID(),
   '100',            -- your DID, no plus
   'sbc.example',    -- your own name, as clients know it
   '100', 'acme.example', 'acme.example',
   '100', 'hunter22', '', 'sip:acme.example', 3600, 0, 0);
"""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"realm": ""}, {"realm": ""}),
        ({"r_domain": "acme.example:5070"}, {"domain": "acme.example", "domain_port": 5070}),
        ({"auth_proxy": "sip:203.0.113.5"}, {"host": "203.0.113.5", "port": 5060, "transport": "udp"}),
        ({"auth_proxy": "sips:[2001:db8::1]"}, {"host": "[2001:db8::1]", "port": 5061, "transport": "tls"}),
        ({"auth_proxy": "sip:h.example:5061;transport=TLS"}, {"port": 5061, "transport": "tls"}),
        ({"r_username": "a%40b"}, {"user": "a@b"}),
        ({"r_username": "+4930123"}, {"user": "+4930123"}),
        ({"auth_password": "", "auth_ha1": HA1}, {"secret": "", "ha1": HA1}),
        ({"auth_password": ".", "auth_ha1": HA1.upper()}, {"secret": "", "ha1": HA1}),
        ({"auth_proxy": "<sip:203.0.113.5:5080>"}, {"host": "203.0.113.5", "port": 5080}),
        ({"auth_proxy": "sip:bob@203.0.113.5;lr"}, {"host": "203.0.113.5"}),
        ({"flags": 1}, {"register": False}),
        ({"flags": 2}, {"register": True}),
        ({"expires": 60}, {"expiry": 60}),
        ({"contact_user": "200"}, {"extension": "200"}),
        ({"auth_password": " hun;ter:22 "[1:-1]}, {"secret": "hun;ter:22"}),
    ],
)
def test_what_kamailio_reads(changes, expected):
    found = parsed(KAMAILIO, insert("uacreg", UACREG | changes))
    assert loud(found) == []
    assert found.ok
    assert expected.items() <= fields(found).items()


def test_a_scheme_in_the_domain_is_sent_as_it_is():
    found = parsed(KAMAILIO, insert("uacreg", UACREG | {"r_domain": "sip:acme.example"}))
    assert found.ok
    assert fields(found)["domain"] == "sip:acme.example"
    alone = batch("uacreg", UACREG | {"r_domain": "sip:acme.example", "auth_proxy": None})
    assert parsed(KAMAILIO, alone).findings[0].log == "failed to send request for [acme1]"
    assert not parsed(KAMAILIO, alone).ok


def test_a_name_without_a_port_is_left_to_the_dns():
    found = fields(parsed(KAMAILIO, insert("uacreg", UACREG | {"auth_proxy": "sip:sip.acme.example"})))
    assert "port" not in found
    assert found["transport"] == "udp"


def test_a_null_proxy_sends_to_the_domain():
    found = parsed(KAMAILIO, batch("uacreg", UACREG | {"auth_proxy": None, "r_domain": "acme.example:5070"}))
    assert loud(found) == []
    assert (fields(found)["host"], fields(found)["port"]) == ("acme.example", 5070)


EMPTY = ["l_uuid", "l_username", "l_domain", "r_username", "r_domain", "auth_username", "auth_proxy"]


@pytest.mark.parametrize("name", EMPTY)
def test_columns_that_kamailio_does_not_take_empty(name):
    loaded = [each for each in UACREG if each != "id"]
    log = f"empty value not allowed for column[{loaded.index(name)}]='{name}' - ignoring record"
    left = insert("uacreg", {column: value for column, value in UACREG.items() if column != name})
    for text in (insert("uacreg", UACREG | {name: ""}), left, batch("uacreg", UACREG | {name: ""})):
        found = parsed(KAMAILIO, text)
        says(found, "SR421", "error")
        assert next(f.log for f in found.findings if f.code == "SR421") == log
        assert not found.ok
        assert found.registrations == ()
    null = parsed(KAMAILIO, insert("uacreg", UACREG | {name: None}))
    assert (
        next(f.log for f in null.findings if f.code == "SR421") == f"ERROR 1048 (23000): Column '{name}' cannot be null"
    )


def test_columns_that_were_not_asked_for_are_no_mistake():
    chosen = {name: UACREG[name] for name in ("l_uuid", "r_username", "r_domain", "auth_username", "expires")}
    for write in (batch, vertical, listed, one_object):
        found = parsed(KAMAILIO, write("uacreg", chosen))
        assert found.findings == ()
        assert "secret" not in fields(found)
        assert fields(found)["user"] == "100"


KAMAILIO_MISTAKES = [
    ({"auth_password": ""}, "SR422", "error", None, "no password value provided - ignoring record", None),
    ({"auth_ha1": "hunter22"}, "SR423", "error", "hunter22", "invalid HA2 length: 8 - ignoring record", None),
    (
        {"auth_ha1": HA1[:-1] + "x"},
        "SR423",
        "error",
        HA1[:-1] + "x",
        "invalid char 31 in HA1 string: " + "•" * 32,
        None,
    ),
    ({"auth_ha1": HA1}, "SR424", "hint", "hunter22", "", None),
    (
        {"auth_proxy": "sip.acme.example:5080"},
        "SR425",
        "error",
        "sip.acme.example:5080",
        "failed to send request for [acme1]",
        {"host": "sip.acme.example", "port": 5080},
    ),
    (
        {"auth_proxy": "sip:sip.acme.example:5O60"},
        "SR425",
        "error",
        "5O60",
        "failed to send request for [acme1]",
        {"port": 5060},
    ),
    ({"auth_proxy": "<sip:h.example"}, "SR425", "error", "<sip:h.example", None, {"host": "h.example"}),
    ({"auth_proxy": "sip:h.example:5080 "}, "SR425", "error", "5080 ", None, {"port": 5080}),
    ({"auth_proxy": "sip:h.example:99999"}, "SR425", "error", "99999", None, None),
    ({"auth_proxy": "sip:2001:db8::1"}, "SR425", "error", "2001:db8::1", None, None),
    ({"expires": 0}, "SR426", "error", "0", "", None),
    ({"flags": 13}, "SR427", "hint", "13", "", None),
    (
        {"r_domain": "sip:acme.example"},
        "SR428",
        "error",
        "sip:acme.example",
        "",
        {"domain": "acme.example"},
    ),
    ({"r_username": "sip:100"}, "SR428", "error", "sip:100", "", {"user": "100"}),
    ({"r_username": "79001234567@multifon.ru"}, "SR429", "error", "@multifon.ru", "", {"user": "79001234567"}),
    ({"auth_pasword": "hunter22"}, "SR430", "error", "auth_pasword", "ERROR 1054 (42S22): Unknown column", None),
    ({"realm": "."}, "SR438", "warning", ".", "", None),
    ({"expires": 60}, "SR439", "hint", "60", "", None),
    ({"expires": 30}, "SR136", "hint", "30", "", None),
    ({"expires": "36O0"}, "SR441", "error", "36O0", "", None),
    ({"l_uuid": "ac me"}, "SR442", "error", " ", "", None),
    ({"auth_password": "hunter22" * 9}, "SR443", "warning", "hunter22", "", None),
    ({"auth_username": "login "}, "SR444", "error", " ", "", None),
    ({"auth_password": "hunter22 "}, "SR444", "error", " ", "", None),
    ({"auth_password": "your_password"}, "SR109", "hint", "your_password", "", None),
    ({"auth_password": "hunter22\u00a0"}, "SR150", "error", "\u00a0", "", None),
    ({"auth_proxy": "sip:sip.acme,example"}, "SR140", "error", "sip.acme,example", "", None),
    ({"auth_proxy": "sip:sip.acme.example:4569"}, "SR144", "warning", "4569", "", None),
    ({"auth_proxy": "sip:sip.acme.example:5060;transport=tls"}, "SR117", "hint", "5060", "", None),
]


@pytest.mark.parametrize(("changes", "code", "severity", "place", "log", "meant"), KAMAILIO_MISTAKES)
def test_mistakes_in_uacreg(changes, code, severity, place, log, meant):
    found = mistake(KAMAILIO, insert("uacreg", UACREG | changes), code, severity, place, log)
    if meant is not None:
        assert meant.items() <= found.meant[0].to_json().items()


def test_a_statement_with_too_few_values_is_refused_by_the_database():
    text = (
        "INSERT INTO uacreg (l_uuid, l_username, l_domain, r_username, r_domain, realm, auth_username, auth_password, "
        "auth_proxy, expires, flags, reg_delay, socket) VALUES ('7', '7', '192.0.2.1', '7', '192.0.2.1', 'asterisk', "
        "'7', 'hunter22', 'sip:192.0.2.1:5060', 1800, 0, 0);\n"
    )
    found = parsed(KAMAILIO, text)
    assert "13 columns and gives 12 values" in says(found, "SR440", "error")
    assert not found.ok
    assert "hunter22" not in report(explain(text))


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO uacreg VALUES (1,'k','k','192.0.2.3','k','h.example','a','k','hunter22','','sip:h.net',360,0,0);",
        "INSERT INTO uacreg VALUES (1,'k','k','192.0.2.3','k','192.0.2.2','','k','hunter22','sip:192.0.2.2',360,0,0);",
        GUIDE,
    ],
)
def test_statements_as_guides_have_them(text):
    found = parsed(KAMAILIO, text)
    assert loud(found) == []
    assert found.ok
    assert fields(found)["secret"] == "hunter22"


def test_the_rpc_writes_a_dot_for_nothing():
    params = ["acme1", "100", "sbc.example", "100", "acme.example", ".", "login", "hunter22", ".", "sip:h.example"]
    text = json.dumps({"jsonrpc": "2.0", "method": "uac.reg_add", "params": [*params, 360, 0, 0, ".", "."], "id": 1})
    assert detect(text).dialect == KAMAILIO
    found = parsed(KAMAILIO, text)
    assert found.findings == ()
    assert (fields(found)["realm"], fields(found)["secret"]) == ("", "hunter22")
    assert "ha1" not in fields(found)
    extra = {"diff_expires": 3, "timer_expires": 170, "reg_init": 1, "auth_ha1": "none", "socket": "<null string>"}
    dump = parsed(KAMAILIO, listed("", UACREG | {"auth_proxy": "none"} | extra))
    assert dump.findings == ()
    assert (fields(dump)["host"], fields(dump)["secret"]) == ("acme.example", "hunter22")
    digest = parsed(KAMAILIO, listed("", UACREG | extra | {"auth_ha1": HA1, "auth_password": "none"}))
    assert digest.findings == ()
    assert (fields(digest)["ha1"], fields(digest)["secret"]) == (HA1, "")


def test_several_records():
    second = UACREG | {"id": 2, "l_uuid": "acme2"}
    text = insert("uacreg", UACREG) + insert("uacreg", second)
    found = parsed(KAMAILIO, text)
    assert len(found.registrations) == 2
    says(found, "SR163", "warning", line=2)
    other = UACREG | {"r_username": "300", "auth_username": "300"}
    twice = parsed(KAMAILIO, insert("uacreg", UACREG) + insert("uacreg", other))
    assert codes_of(twice) == ["SR435"]
    dump = "[" + one_object("", UACREG) + "," + one_object("", UACREG | {"l_uuid": "b", "r_username": "b"}) + "]"
    assert [r.user for r in parsed(KAMAILIO, dump).registrations] == ["100", "b"]
    two = parsed(KAMAILIO, listed("", UACREG) + listed("", UACREG | {"l_uuid": "b", "r_username": "b"}))
    assert [r.user for r in two.registrations] == ["100", "b"]
    assert two.findings == ()


def test_text_that_is_no_json():
    text = one_object("", UACREG).replace('"realm":', '"realm"')
    found = parsed(KAMAILIO, text)
    assert not found.ok
    says(found, "SR420", "error", line=8)
    assert "hunter22" not in report(explain(text))


# --- db_text


DB_TEXT_MISTAKES = [
    (lambda text: text.replace("sip\\:sip.acme.example\\:5080", "sip:sip.acme.example:5080"), "SR431", ":", True),
    (lambda text: text.replace("hunter22", "hun:ter22"), "SR431", ":", True),
    (lambda text: text.replace(":360:", ":"), "SR431", None, False),
    (lambda text: text.replace(":360:", ":36O:"), "SR432", "36O", True),
    (lambda text: text.replace("hunter22", "hun\\ter;22").replace("\\t", "\\x"), "SR433", "\\x", True),
    (lambda text: text.replace("auth_ha1(str,null)", "auth_ha1(str)"), "SR434", "", True),
    (lambda text: "# mine\n" + text, "SR436", "# mine", False),
    (lambda text: text.replace("\n", "\r\n"), "SR436", "\r", True),
]


@pytest.mark.parametrize(("change", "code", "place", "meant"), DB_TEXT_MISTAKES)
def test_one_bad_row_and_a_db_text_table_is_not_loaded(change, code, place, meant):
    good = db_text("", UACREG)
    text = change(good)
    assert text != good
    found = parsed(KAMAILIO, text, form="row")
    says(found, code, "error")
    assert not found.ok
    assert found.registrations == ()
    if place is not None:
        assert under(text, found, code) == place
    assert [r.host for r in found.meant] == (["sip.acme.example"] if meant else [])
    shown = report(explain(text, dialect=KAMAILIO, form="row"))
    assert "hun" not in shown
    assert "ter22" not in shown


def test_what_db_text_says_of_null():
    text = db_text("", UACREG).replace("auth_ha1(str,null)", "auth_ha1(string)")
    assert next(f.log for f in parsed(KAMAILIO, text).findings) == "null value not allowed - field 9"


def test_a_last_row_without_a_line_end():
    found = parsed(KAMAILIO, db_text("", UACREG).rstrip("\n"))
    says(found, "SR437", "hint")
    assert loud(found) == []


def test_rows_after_a_bad_one_are_meant_too():
    text = db_text("", UACREG) + db_text("", UACREG | {"id": 2, "l_uuid": "b", "r_username": "b"}).split("\n")[1] + "\n"
    found = parsed(KAMAILIO, text.replace("sip\\:sip", "sip:sip", 1))
    assert found.registrations == ()
    assert [r.user for r in found.meant] == ["100", "b"]


# --- OpenSIPS


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"registrar": "sip:203.0.113.5"}, {"host": "203.0.113.5", "port": 5060, "transport": "udp"}),
        ({"registrar": "sip:h.example:5070"}, {"port": 5070, "transport": "udp"}),
        ({"registrar": "sips:h.example"}, {"host": "h.example", "transport": "tls"}),
        ({"proxy": "sip:p.example:5080;transport=tcp"}, {"outbound_proxy": "sip:p.example:5080;transport=tcp"}),
        ({"aor": "sip:a%40b@acme.example:5070"}, {"user": "a@b", "domain": "acme.example", "domain_port": 5070}),
        ({"binding_params": ';reg-id=1;+sip.instance="<urn:x>"'}, {"extension": "200"}),
        ({"username": None, "password": None}, {"auth_user": "", "secret": "", "effective_auth_user": ""}),
        ({"state": 1}, {"register": False}),
        ({"expiry": 101}, {"expiry": 101}),
        ({"forced_socket": "udp:192.0.2.1:5060", "cluster_shtag": "vip1/1"}, {"register": True}),
        ({"third_party_registrant": "sip:proxy@acme.example"}, {"user": "100"}),
    ],
)
def test_what_opensips_reads(changes, expected):
    found = parsed(OPENSIPS, insert("registrant", REGISTRANT | changes))
    assert loud(found) == []
    assert found.ok
    assert expected.items() <= fields(found).items()


NULLS = "columns [registrar] or/and [aor] or/and [binding_URI] cannot be null -> skipping"
OPENSIPS_MISTAKES = [
    ({"registrar": "sip.acme.example"}, "SR445", "error", "sip.acme.example", "cannot parse registrar uri [", True),
    (
        {"registrar": "sip:alice@h.example"},
        "SR446",
        "error",
        "alice@",
        "registrant uri must not have user [alice]",
        True,
    ),
    ({"proxy": "sip:bob@h.example"}, "SR446", "error", "bob@", "proxy uri must not have user [bob]", True),
    ({"proxy": "h.example:5060"}, "SR445", "error", "h.example:5060", "cannot parse proxy uri [h.example:5060]", True),
    (
        {"aor": "100@acme.example"},
        "SR445",
        "error",
        "100@acme.example",
        "cannot parse aor uri [100@acme.example]",
        True,
    ),
    ({"aor": "sip:a@b@acme.example"}, "SR445", "error", "@", "cannot parse aor uri [sip:a@b@acme.example]", False),
    ({"aor": "sip:acme.example"}, "SR446", "error", "sip:acme.example", "", False),
    ({"third_party_registrant": "x"}, "SR445", "error", "x", "cannot parse third party registrant uri [x]", True),
    (
        {"binding_URI": "200@h.example"},
        "SR445",
        "error",
        "200@h.example",
        "cannot parse contact uri [200@h.example]",
        True,
    ),
    ({"registrar": ""}, "SR445", "error", "registrar", "cannot parse registrar uri []", False),
    ({"registrar": None}, "SR447", "error", "registrar", NULLS, False),
    ({"binding_URI": None}, "SR447", "error", "binding_URI", NULLS, False),
    ({"binding_params": "reg-id=1"}, "SR448", "error", "reg-id=1", "", False),
    (
        {"expiry": 100},
        "SR449",
        "error",
        "100",
        "Please decrease timer_interval=[100] - requested expires=[100] to small for AOR=[sip:100@acme.example]",
        True,
    ),
    (
        {"expiry": None},
        "SR449",
        "error",
        "expiry",
        "Please decrease timer_interval=[100] - requested expires=[0]",
        True,
    ),
    ({"username": ""}, "SR450", "error", "username", "Credentials not provisioned", False),
    ({"password": None}, "SR450", "error", "password", "Credentials not provisioned", False),
    (
        {"forced_socket": "sip:192.0.2.1:5060"},
        "SR451",
        "error",
        "sip:192.0.2.1:5060",
        "invalid forced socket [sip:",
        True,
    ),
    (
        {"cluster_shtag": "vip1"},
        "SR452",
        "error",
        "vip1",
        "Bad naming for sharing tag <vip1>, <name/cluster_id> expected",
        True,
    ),
    ({"state": 1}, "SR427", "hint", "1", "", False),
    ({"passwort": "hunter22"}, "SR430", "error", "passwort", "ERROR 1054 (42S22): Unknown column 'passwort'", False),
    ({"password": "hunter22 "}, "SR444", "error", " ", "", False),
    ({"registrar": "sip:sip..example"}, "SR140", "error", "sip..example", "", False),
]


@pytest.mark.parametrize(("changes", "code", "severity", "place", "log", "meant"), OPENSIPS_MISTAKES)
def test_mistakes_in_registrant(changes, code, severity, place, log, meant):
    found = mistake(OPENSIPS, insert("registrant", REGISTRANT | changes), code, severity, place, log)
    if meant:
        assert found.registrations == ()
        assert found.meant[0].user == "100"


def test_records_that_are_skipped_are_refused():
    for changes in ({"registrar": "h.example"}, {"aor": None}, {"expiry": 60}, {"proxy": "sip:b@h.example"}):
        assert not parsed(OPENSIPS, insert("registrant", REGISTRANT | changes)).ok
    for changes in ({"state": 1}, {"username": ""}, {"binding_params": "a"}):
        assert parsed(OPENSIPS, insert("registrant", REGISTRANT | changes)).ok


def test_reg_list():
    text = json.dumps(
        {
            "Records": [
                {
                    "AOR": "sip:100@acme.example",
                    "expires": 3600,
                    "state": "REGISTERED_STATE",
                    "last_register_sent": "Mon Jan  1 00:00:00 2024",
                    "registration_t_out": "Mon Jan  1 00:58:20 2024",
                    "registrar": "sip:sip.acme.example",
                    "binding": "sip:200@203.0.113.7:5060",
                    "dst_IP": "IPv4",
                    "ip": "192.0.2.9",
                }
            ]
        }
    )
    assert detect(text).dialect == OPENSIPS
    found = parsed(OPENSIPS, text)
    assert found.findings == ()
    assert fields(found)["expiry"] == 3600
    assert fields(found)["extension"] == "200"
    assert "secret" not in fields(found)


def test_two_bindings_of_one_account_may_be_on_purpose():
    second = REGISTRANT | {"id": 2, "binding_URI": "sip:200@203.0.113.8:5060"}
    found = parsed(OPENSIPS, insert("registrant", REGISTRANT) + insert("registrant", second))
    says(found, "SR163", "hint", line=2)
    same = parsed(OPENSIPS, insert("registrant", REGISTRANT) + insert("registrant", REGISTRANT | {"id": 2}))
    says(same, "SR163", "warning", line=2)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO registrant (name, email) VALUES ('Al', 'al@h.example');",
        "INSERT INTO registrants (aor, registrar) VALUES ('sip:a@b', 'sip:b');",
        '{"AOR": "100", "expires": 3, "Contacts": []}',
        "registrar=h.example\nuser_name=x\n",
    ],
)
def test_registrants_of_something_else(text):
    assert detect(text).dialect != OPENSIPS


# --- Yate


ACCFILE = """; my accounts
[general]
auto_oper=login

[acme]
enabled=yes
protocol=sip
username=100
authname=login
password=hunter22
registrar=sip.acme.example:5080
domain=acme.example
description=Al
interval=300
"""
EXPECTED_YATE = {
    "user": "100",
    "secret": "hunter22",
    "auth_user": "login",
    "effective_auth_user": "login",
    "domain": "acme.example",
    "host": "sip.acme.example",
    "port": 5080,
    "transport": "udp",
    "extension": "100",
    "expiry": 300,
    "realm": "",
    "outbound_proxy": "",
    "register": True,
    "display_name": "Al",
}


def test_an_accfile():
    found = parsed(YATE, ACCFILE)
    assert detect(ACCFILE).dialect == YATE
    assert detect("[x]\nusername=1\n", "accfile.conf").dialect == YATE
    assert found.findings == ()
    assert fields(found) == EXPECTED_YATE


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("interval=300\n", "", {"expiry": 600}),
        ("domain=acme.example\n", "", {"domain": "sip.acme.example", "domain_port": 5080}),
        ("registrar=sip.acme.example:5080", "registrar=sip.acme.example", {"port": 5060}),
        (
            "registrar=sip.acme.example:5080",
            "registrar=h.example\nip_transport=tls",
            {"port": 5061, "transport": "tls"},
        ),
        ("registrar=sip.acme.example:5080", "server=h.example", {"host": "h.example", "register": True}),
        ("registrar=sip.acme.example:5080", "registrar=[2001:db8::1]:5070", {"host": "[2001:db8::1]", "port": 5070}),
        ("registrar=sip.acme.example:5080", "registrar=2001:db8::1", {"host": "[2001:db8::1]", "port": 5060}),
        ("description=Al", "outbound=p.example:5081", {"outbound_proxy": "p.example:5081", "host": "sip.acme.example"}),
        ("enabled=yes\n", "", {"user": "100"}),
        ("authname=login\n", "", {"auth_user": "", "effective_auth_user": "100"}),
        ("hunter22", "hun;ter#22\"'=[x]", {"secret": "hun;ter#22\"'=[x]"}),
        ("=hunter22", " = \thunter22\t ", {"secret": "hunter22"}),
        ("hunter22", "hunt\\\n  er22", {"secret": "hunter22"}),
        ("hunter22", "hunter22\\ ", {"secret": "hunter22\\"}),
        ("[general]", "[acme]\nkeepalive=25\n[general]", {"secret": "hunter22"}),
        ("username=100", "username=a%40b", {"user": "a@b", "extension": "a@b"}),
        ("registrar=sip.acme.example:5080\n", "", {"register": False}),
        ("username=100\n", "", {"register": False, "user": ""}),
    ],
)
def test_what_yate_reads(old, new, expected):
    text = ACCFILE.replace(old, new)
    assert text != ACCFILE
    assert detect(text).dialect == YATE
    found = parsed(YATE, text)
    assert loud(found) == []
    assert found.ok
    assert expected.items() <= fields(found).items()
    assert "ter22" not in report(explain(text))


YATE_MISTAKES = [
    ("enabled=yes", "enabled=no", "SR455", "hint", "no", None),
    ("enabled=yes\n", "enabled=0\n", "SR464", "warning", "0", None),
    ("enabled=yes\nprotocol=sip\nusername=100", "protocol=sip\nuser=100", "SR456", "error", "[acme]", {"user": "100"}),
    ("protocol=sip\n", "", "SR457", "error", "[acme]", {"user": "100"}),
    ("protocol=sip", "protocol=SIP", "SR457", "error", "SIP", {"user": "100"}),
    ("protocol=sip", "protocol=iax", "SR458", "hint", "iax", None),
    ("registrar=sip.acme.example:5080\n", "", "SR459", "hint", "[acme]", None),
    ("registrar=", "registrar=sip:", "SR460", "error", "sip:", {"host": "sip.acme.example", "port": 5080}),
    ("domain=", "domain=sip:", "SR460", "error", "sip:", {"domain": "acme.example"}),
    ("username=100", "username=100 ; mine", "SR461", "error", " ; mine", {"user": "100"}),
    ("registrar=sip.acme.example", "registrar=sip.acme.example # x", "SR461", "error", " # x:5080", None),
    ("hunter22", "hunter22\\", "SR462", "error", "\\", None),
    ("description=Al", "description=" + "A" * 1100, "SR463", "warning", None, None),
    ("interval=300", "interval=5m", "SR465", "warning", "5m", None),
    ("interval=300", "interval=0300", "SR465", "warning", "0300", None),
    ("interval=300", "interval=0", "SR466", "error", "0", None),
    ("interval=300", "interval=30", "SR136", "hint", "30", None),
    ("interval=300", "ip_transport=sctp", "SR467", "warning", "sctp", None),
    (":5080", ":5O80", "SR468", "error", "5O80", {"port": 5080}),
    ("interval=300", "interval=300\npassword=other555", "SR469", "warning", "password", None),
    ("interval=300", "intervall=300", "SR430", "warning", "intervall", {"expiry": 300}),
    ("password=", "secret=", "SR430", "error", "secret", {"secret": "hunter22"}),
    ("authname=", "AuthName=", "SR430", "warning", "AuthName", {"auth_user": "login"}),
    ("username=100", "username=100@acme.example", "SR429", "error", "@acme.example", {"user": "100"}),
    ("[general]", "[$include more.conf]\n[general]", "SR453", "hint", "[$include more.conf]", None),
    ("; my accounts", "password=hunter22", "SR454", "warning", None, None),
    ("sip.acme.example:5080", "sip.acme,example", "SR140", "error", "sip.acme,example", None),
    ("hunter22", "hunter22\u200b", "SR150", "error", "\u200b", None),
    ("hunter22", "your_password", "SR109", "hint", "your_password", None),
    (":5080", ":4569", "SR144", "warning", "4569", None),
    (":5080", ":5061", "SR117", "hint", "5061", None),
]


@pytest.mark.parametrize(("old", "new", "code", "severity", "place", "meant"), YATE_MISTAKES)
def test_mistakes_in_the_accfile(old, new, code, severity, place, meant):
    text = ACCFILE.replace(old, new, 1)
    assert text != ACCFILE
    found = mistake(YATE, text, code, severity, place)
    if meant is not None:
        assert meant.items() <= found.meant[0].to_json().items()


def test_what_no_module_takes_is_refused():
    for old, new in (
        ("protocol=sip\n", ""),
        ("protocol=sip", "protocol=Sip"),
        ("enabled=yes\nprotocol=sip\nusername", "x"),
    ):
        found = parsed(YATE, ACCFILE.replace(old, new))
        assert not found.ok
        assert found.registrations == ()
    assert parsed(YATE, ACCFILE.replace("enabled=yes", "enabled=no")).ok


def test_two_accounts_for_one():
    second = ACCFILE[ACCFILE.index("[acme]") :].replace("[acme]", "[other]")
    found = parsed(YATE, ACCFILE + second)
    assert len(found.registrations) == 2
    assert "line 5" in says(found, "SR163", "warning")


# --- all of them

DIALECTS = [KAMAILIO, OPENSIPS, YATE]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    user=USERS,
    secret=SECRETS,
    host=HOSTS,
    auth_user=st.sampled_from(["", "login"]),
    domain=st.sampled_from(["", "d.example"]),
    domain_port=st.sampled_from([None, 5070]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    port=st.sampled_from([5060, 5061, 5080]),
    expiry=st.integers(101, 7200),
    extension=st.sampled_from(["", "200"]),
)
@settings(max_examples=120, deadline=None)
def test_round_trips(dialect, user, secret, host, auth_user, domain, domain_port, transport, port, expiry, extension):
    trunk = Trunk(
        user,
        host,
        secret=secret,
        auth_user=auth_user,
        domain=domain,
        domain_port=domain_port,
        transport=transport,
        port=port,
        expiry=expiry,
        extension=user if dialect == YATE or not extension else extension,
    )
    try:
        text = registry.render(dialect, trunk)
    except CannotRender:
        assume(False)
    assert detect(text).dialect == dialect
    found = parsed(dialect, text)
    assert found.ok, found.findings
    assert found.registrations[0].trunk == trunk


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    st.lists(st.builds(Trunk, st.text("abc", min_size=1, max_size=3), HOSTS, secret=SECRETS), min_size=1, max_size=4)
)
@settings(max_examples=40, deadline=None)
def test_several_are_written_one_behind_the_other(dialect, trunks):
    try:
        text = registry.render_all(dialect, trunks)
    except CannotRender:
        assume(False)
    found = parsed(dialect, text)
    assert [(r.user, r.secret, r.host) for r in found.registrations] == [(t.user, t.secret, t.host) for t in trunks]


@given(secret=SECRETS, host=HOSTS, user=USERS)
@settings(max_examples=80, deadline=None)
def test_a_db_text_file_is_written_and_read(secret, host, user):
    trunks = [Trunk(user, host, secret=secret, extension="1"), Trunk("100", host, secret="x1", extension="2")]
    try:
        text = kamailio_uacreg.render_db_text(trunks)
    except CannotRender:
        assume(False)
    assert detect(text).dialect == KAMAILIO
    found = parsed(KAMAILIO, text)
    assert found.ok, found.findings
    assert [each.trunk for each in found.registrations] == trunks


def test_a_digest_is_written_and_read():
    text = registry.render(KAMAILIO, Trunk("100", "h.example", ha1=HA1))
    found = parsed(KAMAILIO, text)
    assert found.findings == ()
    assert found.registrations[0].trunk == Trunk("100", "h.example", ha1=HA1, extension="100")


@pytest.mark.parametrize(
    ("dialect", "changes", "character"),
    [
        (KAMAILIO, {"secret": "a\0b"}, "\0"),
        (KAMAILIO, {"secret": ""}, ""),
        (KAMAILIO, {"secret": "x" * 65}, ""),
        (KAMAILIO, {"expiry": 0}, "0"),
        (KAMAILIO, {"secret": "", "ha1": "x"}, "ha1"),
        (OPENSIPS, {"expiry": 100}, "100"),
        (OPENSIPS, {"secret": "", "ha1": HA1}, "ha1"),
        (OPENSIPS, {"secret": "a\0b"}, "\0"),
        (YATE, {"secret": "a\nb"}, "\n"),
        (YATE, {"secret": " a"}, " "),
        (YATE, {"secret": "a\t"}, " "),
        (YATE, {"secret": "x" * 1020}, ""),
        (YATE, {"transport": "ws"}, "ws"),
        (YATE, {"secret": "", "ha1": HA1}, "ha1"),
        (YATE, {"expiry": 0}, "0"),
    ],
)
def test_what_cannot_be_written_is_refused(dialect, changes, character):
    values = {"secret": "hunter22", "expiry": 300} | changes
    with pytest.raises(CannotRender) as caught:
        registry.render(dialect, Trunk("100", "h.example", **values))
    assert caught.value.character == character
    assert "hunter22" not in str(caught.value)


def test_one_contact_for_two_records_cannot_be_written():
    trunks = [Trunk("100", "a.example", secret="x1"), Trunk("100", "b.example", secret="x2")]
    with pytest.raises(CannotRender, match="l_uuid"):
        registry.render_all(KAMAILIO, trunks)


JUNK = "INSERT O`uacreg_sntpo(),'\"\\;|:.=[]{}@%<> \t\nl1é\u00a0"


@pytest.mark.parametrize("dialect", DIALECTS)
@given(st.text(alphabet=JUNK, max_size=100))
@settings(max_examples=100, deadline=None)
def test_no_text_makes_them_raise(dialect, text):
    table = "uacreg" if dialect == KAMAILIO else "registrant"
    for form in registry.named(dialect).FORMS:
        for start in (
            "",
            f"INSERT INTO {table} VALUES (1,'",
            "l_uuid(str) r_username(str) expires(int)\n",
            "[a]\nusername=",
        ):
            parsed(dialect, start + text, form=form)
    report(explain("[a]\nprotocol=sip\nusername=1\nregistrar=" + text, dialect=YATE))


@pytest.mark.parametrize("dialect", [KAMAILIO, OPENSIPS])
@given(name=st.integers(1, 15), value=st.text(alphabet="sip:@[]<>;?.5O x%'\\\n\u00a0", max_size=20))
@settings(max_examples=150, deadline=None)
def test_no_value_makes_them_raise(dialect, name, value):
    table, row = TABLES[dialect]
    column = list(row)[min(name, len(row) - 1)]
    for writer in WRITERS:
        text = WRITERS[writer][0](table, row | {column: value})
        report(explain(text, dialect=dialect, form=WRITERS[writer][1]))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "unit", ["{\n", "l_uuid: x\nr_username: y\n", ":", "\\", "[a]\nusername=x\n", "a=\\\n", "(", '{"l_uuid":', " ;x"]
)
def test_time_is_linear(dialect, unit):
    frames = ("{}", "l_uuid(str) r_username(str)\n{}", "[a]\nregistrar={}", "INSERT INTO uacreg VALUES ({}")
    for form in registry.named(dialect).FORMS:
        assert_linear_reading(partial(parsed, dialect, form=form), unit, frames)
