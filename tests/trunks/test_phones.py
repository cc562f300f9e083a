"""Yealink's cfg, Grandstream's P-values and the profile of Cisco's SPA: what each phone makes of its file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from dialect_checks import HOSTS, SECRETS, USERS, codes_of, fields, loud, parsed, says, under
from growth import assert_linear_reading
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

YEALINK, GRANDSTREAM, SPA = "yealink-cfg", "grandstream-xml", "cisco-spa-xml"
DIALECTS = [YEALINK, GRANDSTREAM, SPA]

DEFAULTS = {
    "user": "100",
    "secret": "hunter22",
    "auth_user": "login",
    "effective_auth_user": "login",
    "domain": "sip.acme.example",
    "host": "sip.acme.example",
    "port": 5060,
    "transport": "udp",
    "expiry": 3600,
    "outbound_proxy": "",
    "register": True,
    "display_name": "",
    "retry_interval": 30,
}


def shown(text: str, **more: object) -> str:
    return report(explain(text, **more)) + str(explain(text, **more).to_json())


# --- Yealink

CFG = """#!version:1.0.0.1
## the header above must be the first line
account.1.enable = 1
account.1.label = Reception
account.1.display_name = Al # 1
account.1.auth_name = login
account.1.user_name = 100
account.1.password = hunter22
account.1.sip_server.1.address = sip.acme.example
account.1.sip_server.1.port = 5061
account.1.sip_server.1.transport_type = 2
account.1.sip_server.1.expires = 600
account.1.sip_server.1.retry_counts = 3
account.1.sip_server.2.address = spare.acme.example
account.1.sip_server.2.port = 5060
account.1.outbound_proxy_enable = 0
account.1.codec.pcmu.enable = 1
account.2.enable = 0
account.2.user_name = %NULL%
account.2.password =
account.2.sip_server.1.address = %EMPTY%
linekey.1.type = 15
static.auto_provision.server.url = http://prov.example/
"""


def test_a_cfg():
    found = parsed(YEALINK, CFG)
    assert detect(CFG).dialect == YEALINK
    assert found.findings == ()
    assert len(found.registrations) == 1
    assert fields(found) == DEFAULTS | {"port": 5061, "transport": "tls", "expiry": 600, "display_name": "Al # 1"}


OLD_CFG = """#!version:1.0.0.1
account.1.enable=1
account.1.auth_name=100
account.1.user_name=100
account.1.password=hunter22
account.1.sip_server_host=172.16.156.223
account.1.sip_server_port=5070
account.1.transport=1
account.1.expires=60
account.1.outbound_proxy_enable=1
account.1.outbound_host=sbc.example
account.1.outbound_port=5080
"""


def test_the_names_of_older_phones():
    found = parsed(YEALINK, OLD_CFG)
    assert found.findings == ()
    expected = {"host": "172.16.156.223", "port": 5070, "transport": "tcp", "expiry": 60}
    assert (expected | {"outbound_proxy": "sbc.example:5080"}).items() <= fields(found).items()


def without(text: str, *beginnings: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(beginnings))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (without(CFG, "account.1.sip_server.1.expires"), {"expiry": 3600}),
        (without(CFG, "account.1.sip_server.1.port", "account.1.sip_server.1.tr"), {"port": 5060, "transport": "udp"}),
        (without(CFG, "account.1.auth_name"), {"auth_user": "", "effective_auth_user": "100"}),
        (without(CFG, "account.1.display_name"), {"display_name": ""}),
        (CFG.replace("hunter22", "a;b#c=d: @/?\"'"), {"secret": "a;b#c=d: @/?\"'"}),
        (CFG.replace("hunter22", "hunter22 \t"), {"secret": "hunter22"}),
        (CFG.replace("\n", "\r\n"), {"secret": "hunter22", "port": 5061}),
        ("\ufeff" + CFG, {"user": "100"}),
        (CFG.replace("account.1.user", "[T46S,T48S]account.1.user"), {"user": "100"}),
        (CFG.replace("account.1.user_name", "Account.1.User_Name"), {"user": "100"}),
        (CFG.replace("type = 2", "type = 0").replace("5061", "5060"), {"transport": "udp", "port": 5060}),
        (CFG.replace("address = sip.acme.example", "address = 2001:db8::1"), {"host": "2001:db8::1", "port": 5061}),
        (CFG + "account.1.reg_fail_retry_interval = 60\n", {"retry_interval": 60}),
        (
            CFG.replace("proxy_enable = 0", "proxy_enable = 1") + "account.1.outbound_proxy.1.address = sbc.example\n",
            {"outbound_proxy": "sbc.example"},
        ),
        (
            CFG.replace("proxy_enable = 0", "proxy_enable = 1")
            + "account.1.outbound_proxy.1.address = sbc.example\naccount.1.outbound_proxy.1.port = 5060\n",
            {"outbound_proxy": "sbc.example"},
        ),
    ],
)
def test_what_a_yealink_reads(text, expected):
    found = parsed(YEALINK, text)
    assert codes_of(found) == []
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize("port", ["", "account.1.sip_server.1.port = 0\n"])
def test_dns_settles_transport_and_port(port):
    text = without(CFG, "account.1.sip_server.1.port").replace("type = 2", "type = 3") + port
    found = fields(parsed(YEALINK, text))
    assert "port" not in found
    assert "transport" not in found


def test_several_accounts():
    text = CFG + CFG.replace("account.1.", "account.3.").replace("= 100", "= 300")
    found = parsed(YEALINK, text)
    assert [(r.name, r.user) for r in found.registrations] == [("account.1", "100"), ("account.3", "300")]
    assert codes_of(found) == []


def test_a_file_for_all_phones_has_no_account_of_its_own():
    text = "#!version:1.0.0.1\naccount.1.enable = 1\naccount.1.sip_server.1.address = sip.acme.example\n"
    found = parsed(YEALINK, text)
    assert found.registrations == ()
    assert found.findings == ()


YEALINK_MISTAKES = [
    ("account.1.enable = 1\n", "", "SR706", "warning", "account.1.label"),
    ("account.1.enable = 1", "account.1.enable = 0", "SR511", "hint", "0"),
    ("account.1.enable = 1", "account.1.enable = yes", "SR712", "warning", "yes"),
    ("user_name = 100", "usr_name = 100", "SR702", "warning", "account.1.usr_name"),
    ("account.1.user_name", "acount.1.user_name", "SR702", "warning", "acount.1.user_name"),
    ("account.1.user_name", "account.l.user_name", "SR702", "warning", "account.l.user_name"),
    ("account.1.user_name", "account1.user_name", "SR702", "warning", "account1.user_name"),
    ("account.1.password", "account.1.pasword", "SR702", "warning", "account.1.pasword"),
    ("account.1.password", "account.1.secret", "SR702", "warning", "account.1.secret"),
    ("sip_server.1.address = sip", "sip_server.1.adress = sip", "SR702", "warning", "account.1.sip_server.1.adress"),
    ("user_name = 100", "user_name : 100", "SR709", "warning", "account.1.user_name"),
    ("password = hunter22", "password hunter22", "SR709", "warning", "account.1.password"),
    ("= sip.acme.example", "= sip:sip.acme.example", "SR708", "error", "sip:"),
    ("= sip.acme.example", "= sip.acme.example:5080", "SR710", "warning", "5080"),
    ("= sip.acme.example", "= sip.acme,example", "SR140", "error", "sip.acme,example"),
    ("port = 5061", "port = 5O61", "SR712", "warning", "5O61"),
    ("port = 5061", "port = 70000", "SR712", "warning", "70000"),
    ("port = 5061", "port = 5060", "SR117", "hint", "5060"),
    ("account.1.sip_server.1.port = 5061\n", "", "SR117", "hint", "2"),
    ("type = 2", "type = TLS", "SR712", "warning", "TLS"),
    ("type = 2", "type = 7", "SR712", "warning", "7"),
    ("type = 2", "type = UDP", "SR712", "hint", "UDP"),
    ("type = 2", "type = 2 # TLS", "SR704", "hint", " # TLS"),
    ("user_name = 100", "user_name = 100 # mine", "SR704", "warning", " # mine"),
    ("user_name = 100", "user_name = 100@sip.acme.example", "SR717", "warning", "@sip.acme.example"),
    ("user_name = 100", "user_name = 100@other.example", "SR717", "hint", "@other.example"),
    ("user_name = 100", 'user_name = "100"', "SR720", "warning", '"100"'),
    ("hunter22", '"hunter22"', "SR720", "hint", '"hunter22"'),
    ("user_name = 100", "user_name =", "SR707", "error", ""),
    ("account.1.user_name = 100\n", "", "SR707", "hint", "account.1.enable"),
    ("hunter22", "", "SR707", "hint", ""),
    ("expires = 600", "expires = soon", "SR712", "warning", "soon"),
    ("expires = 600", "expires = 10", "SR712", "warning", "10"),
    ("expires = 600", "expires = 30", "SR136", "hint", "30"),
    ("hunter22", "hunter22\u200b", "SR150", "error", "\u200b"),
    ("hunter22", "hunter22’", "SR151", "error", "’"),
    ("user_name = 100", "user_name = USERNAME", "SR109", "hint", "USERNAME"),
    ("account.1.codec.pcmu.enable", "account.1.sip_server_host = b.example\n#", "SR601", "warning", "b.example"),
    ("account.1.codec.pcmu.enable", "account.1.user_name = 200\n#", "SR703", "hint", "200"),
    ("#!version:1.0.0.1\n", "\n#!version:1.0.0.1\n", "SR705", "hint", "#!version:1.0.0.1"),
    (
        "account.1.codec",
        "account.1.outbound_proxy.1.address = p.example\naccount.1.codec",
        "SR714",
        "hint",
        "p.example",
    ),
    (
        "outbound_proxy_enable = 0",
        "outbound_proxy_enable = 1\naccount.1.outbound_host = sip:p.example",
        "SR708",
        "error",
        "sip:",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "severity", "place"), YEALINK_MISTAKES)
def test_mistakes_in_a_cfg(old, new, code, severity, place):
    text = CFG.replace(old, new, 1)
    assert text != CFG
    found = parsed(YEALINK, text)
    says(found, code, severity)
    assert under(text, found, code) == place
    assert detect(text).dialect == YEALINK
    assert "hunter" not in shown(text)


@pytest.mark.parametrize(
    ("old", "new", "real", "meant"),
    [
        ("account.1.enable = 1\n", "", {"register": False}, {"register": True}),
        ("account.1.enable = 1", "account.1.enable = yes", {"register": False}, {"register": True}),
        ("user_name = 100", "usr_name = 100", {}, {"user": "100"}),
        ("account.1.password", "account.1.pasword", {}, {"secret": "hunter22"}),
        ("user_name = 100", "user_name = 100 # mine", {"user": "100 # mine"}, {"user": "100"}),
        (
            "= sip.acme.example",
            "= sip:sip.acme.example",
            {"host": "sip:sip.acme.example"},
            {"host": "sip.acme.example"},
        ),
        ("= sip.acme.example", "= sip.acme.example:5080", {"host": "sip.acme.example", "port": 5061}, {"port": 5080}),
        ("type = 2", "type = TLS", {"transport": "udp"}, {"transport": "tls"}),
        ("user_name = 100", "user_name = 100@sip.acme.example", {"user": "100@sip.acme.example"}, {"user": "100"}),
        ("user_name = 100", 'user_name = "100"', {"user": '"100"'}, {"user": "100"}),
    ],
)
def test_what_was_meant_by_a_cfg(old, new, real, meant):
    found = parsed(YEALINK, CFG.replace(old, new, 1))
    assert real.items() <= fields(found).items()
    assert meant.items() <= found.meant[0].to_json().items()


def test_two_accounts_of_a_yealink_for_one_login():
    text = CFG + CFG.replace("account.1.", "account.4.")
    found = parsed(YEALINK, text)
    assert says(found, "SR163", "warning").startswith("account.1 registers this account too")
    assert codes_of(parsed(YEALINK, text.replace("account.4.enable = 1", "account.4.enable = 0"))) == ["SR511"]


def test_the_first_line_is_missing_in_a_file_but_not_in_an_excerpt():
    text = CFG.replace("#!version:1.0.0.1\n", "")
    assert codes_of(parsed(YEALINK, text)) == []
    assert codes_of(parsed(YEALINK, text, path=Path("y000000000028.cfg"))) == ["SR705"]
    assert detect("##\n", "y000000000028.cfg").dialect == YEALINK


# --- Grandstream


def provision(*rows: tuple[str, str], **more: str) -> str:
    values = (
        {"P271": "1", "P47": "sip.acme.example", "P35": "100", "P36": "login", "P34": "hunter22"} | more | dict(rows)
    )
    lines = [f"    <{name}>{value}</{name}>" for name, value in values.items() if value is not None]
    head = '<?xml version="1.0" encoding="UTF-8" ?>\n<gs_provision version="1">\n  <mac>000b82f81d21</mac>\n'
    return "\n".join([head + '  <config version="1">', *lines, "  </config>", "</gs_provision>"]) + "\n"


def lines(**more: str) -> str:
    values = {"P271": "1", "P47": "sip.acme.example", "P35": "100", "P36": "login", "P34": "hunter22"} | more
    return "# Account 1\n" + "".join(f"{name} = {value}\n" for name, value in values.items() if value is not None)


@pytest.mark.parametrize("write", [provision, lines])
def test_p_values_and_their_defaults(write):
    text = write()
    found = parsed(GRANDSTREAM, text)
    assert detect(text).dialect == GRANDSTREAM
    assert found.findings == ()
    assert fields(found) == DEFAULTS | {"retry_interval": 20}


@pytest.mark.parametrize("write", [provision, lines])
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"P47": "sip.acme.example:5080"}, {"host": "sip.acme.example", "port": 5080}),
        ({"P47": "[2001:db8::1]:5080"}, {"host": "[2001:db8::1]", "port": 5080}),
        ({"P130": "1"}, {"transport": "tcp", "port": 5060}),
        ({"P130": "2"}, {"transport": "tls", "port": 5061}),
        ({"P32": "5"}, {"expiry": 300}),
        ({"P32": "1440"}, {"expiry": 86_400}),
        ({"P239": "300"}, {"expiry": 300}),
        ({"P239": "300", "P32": "2"}, {"expiry": 120}),
        ({"P138": "60"}, {"retry_interval": 60}),
        ({"P48": "sbc.example"}, {"outbound_proxy": "sbc.example", "host": "sip.acme.example"}),
        ({"P48": "sbc.example:5070"}, {"outbound_proxy": "sbc.example:5070"}),
        ({"P36": ""}, {"auth_user": "", "effective_auth_user": "100"}),
        ({"P36": None}, {"auth_user": "", "effective_auth_user": "100"}),
        ({"P3": "Al"}, {"display_name": "Al"}),
        ({"P271": None}, {"register": True}),
        ({"P40": "5066", "P2312": "spare.example"}, {"port": 5060, "host": "sip.acme.example"}),
    ],
)
def test_what_a_grandstream_reads(write, more, expected):
    found = parsed(GRANDSTREAM, write(**more))
    assert codes_of(found) == []
    assert expected.items() <= fields(found).items()


def test_srv_settles_the_port():
    assert "port" not in fields(parsed(GRANDSTREAM, provision(P103="1")))
    assert fields(parsed(GRANDSTREAM, provision(P103="2", P47="203.0.113.5")))["port"] == 5060
    assert fields(parsed(GRANDSTREAM, provision(P103="1", P47="h.example:5070")))["port"] == 5070


@pytest.mark.parametrize("write", [provision, lines])
def test_further_accounts_have_blocks_of_their_own(write):
    second = {"P401": "1", "P402": "b.example", "P404": "200", "P405": "login2", "P406": "hunter33", "P412": "10"}
    third = {"P501": "0", "P502": "c.example", "P504": "300", "P506": "hunter44", "P548": "2", "P503": "p.example"}
    empty = {"P601": "1", "P602": "", "P604": "", "P606": ""}
    found = parsed(GRANDSTREAM, write(**second, **third, **empty))
    assert loud(found) == []
    assert [(r.name, r.user, r.host, r.register) for r in found.registrations] == [
        ("account 1", "100", "sip.acme.example", True),
        ("account 2", "200", "b.example", True),
        ("account 3", "300", "c.example", False),
    ]
    assert {"effective_auth_user": "login2", "secret": "hunter33", "expiry": 600}.items() <= fields(found, 1).items()
    assert {"transport": "tls", "port": 5061, "outbound_proxy": "p.example"}.items() <= fields(found, 2).items()


def test_an_adapter_with_two_ports():
    second = {"P401": "1", "P747": "b.example", "P735": "200", "P736": "login2", "P734": "hunter33", "P703": "Kitchen"}
    found = parsed(GRANDSTREAM, provision(**second))
    assert codes_of(found) == []
    assert [(r.name, r.user, r.host) for r in found.registrations] == [
        ("port 1", "100", "sip.acme.example"),
        ("port 2", "200", "b.example"),
    ]
    assert {"effective_auth_user": "login2", "secret": "hunter33", "display_name": "Kitchen"}.items() <= fields(
        found, 1
    ).items()
    assert "hunter33" not in shown(provision(**second))


def test_an_excerpt_without_its_root():
    text = "<P47>sip.acme.example</P47>\n<P35>100</P35>\n<P34>a&amp;b&lt;c</P34> <!-- the password -- mine -->\n"
    found = parsed(GRANDSTREAM, text)
    assert detect(text).dialect == GRANDSTREAM
    assert found.findings == ()
    assert fields(found)["secret"] == "a&b<c"


GRANDSTREAM_MISTAKES = [
    ({"P47": "sip:sip.acme.example"}, "SR708", "error", "sip:"),
    ({"P47": "sip.acme.example:5O60"}, "SR542", "error", "5O60"),
    ({"P47": "sip.acme.example:"}, "SR542", "error", ""),
    ({"P47": "sip.acme,example"}, "SR140", "error", "sip.acme,example"),
    ({"P47": "2001:db8::1"}, "SR141", "error", "2001:db8::1"),
    ({"P47": "sip.acme.example:4569"}, "SR144", "warning", "sip.acme.example:4569"),
    ({"P47": "sip.acme.example:5060", "P130": "2"}, "SR117", "hint", "sip.acme.example:5060"),
    ({"P47": ""}, "SR707", "error", ""),
    ({"P48": "5060"}, "SR711", "error", "5060"),
    ({"P48": "sip:sbc.example"}, "SR708", "error", "sip:"),
    ({"P48": "sbc..example"}, "SR140", "error", "sbc..example"),
    ({"P48": "sbc.example:5O60"}, "SR542", "error", "5O60"),
    ({"P32": "3600"}, "SR713", "warning", "3600"),
    ({"P32": "600"}, "SR713", "hint", "600"),
    ({"P32": "86400"}, "SR713", "warning", "86400"),
    ({"P32": "0"}, "SR712", "warning", "0"),
    ({"P32": "6O"}, "SR712", "warning", "6O"),
    ({"P239": "30"}, "SR136", "hint", "30"),
    ({"P130": "4"}, "SR712", "warning", "4"),
    ({"P130": "tls"}, "SR712", "warning", "tls"),
    ({"P271": "0"}, "SR511", "hint", "0"),
    ({"P31": "0"}, "SR511", "hint", "0"),
    ({"P35": "100@sip.acme.example"}, "SR717", "warning", "@sip.acme.example"),
    ({"P35": "your_username"}, "SR109", "hint", "your_username"),
    ({"P34": "hunter22\u00a0"}, "SR150", "error", "\u00a0"),
    ({"P35": ""}, "SR707", "error", ""),
    ({"P404": "100", "P402": "sip.acme.example"}, "SR163", "warning", "100"),
]


@pytest.mark.parametrize("write", [provision, lines])
@pytest.mark.parametrize(("more", "code", "severity", "place"), GRANDSTREAM_MISTAKES)
def test_mistakes_in_p_values(write, more, code, severity, place):
    text = write(**more)
    found = parsed(GRANDSTREAM, text)
    says(found, code, severity)
    assert under(text, found, code) == place
    assert detect(text).dialect == GRANDSTREAM
    assert "hunter" not in shown(text)


@pytest.mark.parametrize(
    ("more", "real", "meant"),
    [
        ({"P47": "sip:sip.acme.example:5080"}, {"port": 5060}, {"host": "sip.acme.example", "port": 5080}),
        ({"P47": "sip.acme.example:5O80"}, {"port": 5060}, {"port": 5080}),
        ({"P47": "2001:db8::1"}, {"host": "2001:db8::1"}, {"host": "[2001:db8::1]"}),
        ({"P48": "5070"}, {"outbound_proxy": "5070", "port": 5060}, {"outbound_proxy": "", "port": 5070}),
        ({"P48": "5070", "P47": "h.example:5080"}, {"outbound_proxy": "5070"}, {"outbound_proxy": "", "port": 5080}),
        ({"P32": "3600"}, {"expiry": 216_000}, {"expiry": 3600}),
    ],
)
def test_what_was_meant_by_p_values(more, real, meant):
    found = parsed(GRANDSTREAM, provision(**more))
    assert real.items() <= fields(found).items()
    assert meant.items() <= found.meant[0].to_json().items()


def test_a_note_behind_a_line():
    text = lines(P35="100 # mine", P32="5   # minutes")
    found = parsed(GRANDSTREAM, text)
    assert [(f.code, f.severity) for f in found.findings] == [("SR704", "warning"), ("SR704", "hint")]
    assert fields(found)["user"] == "100 # mine"
    assert fields(found)["expiry"] == 300
    assert found.meant[0].user == "100"


def test_the_last_of_two_counts():
    text = provision().replace("  </config>", "    <P35>200</P35>\n  </config>")
    found = parsed(GRANDSTREAM, text)
    assert says(found, "SR703", "hint") == "`P35` stands in line 7 already: the last one counts."
    assert fields(found)["user"] == "200"


def test_a_file_that_no_phone_loads():
    text = provision(P34="hunt<er22")
    found = parsed(GRANDSTREAM, text)
    assert not found.ok
    assert found.registrations == ()
    says(found, "SR401", "error")
    assert "hunt<er22" not in shown(text)
    broken = provision().replace("</config>", "")
    found = parsed(GRANDSTREAM, broken)
    assert not found.ok
    assert (found.meant[0].user, found.meant[0].secret) == ("100", "hunter22")


def test_a_document_type_is_not_read():
    found = parsed(GRANDSTREAM, '<!DOCTYPE l [<!ENTITY a "aaaa">]>' + provision(P34="&a;"))
    assert not found.ok
    assert found.registrations == found.meant == ()


def test_a_bare_ampersand():
    text = provision(P34="hunter&22")
    found = parsed(GRANDSTREAM, text)
    says(found, "SR701", "warning")
    assert under(text, found, "SR701") == "&"
    assert fields(found)["secret"] == "hunter&22"
    assert "hunter" not in shown(text)


def test_names_in_place_of_p_values():
    text = '<gs_provision version="1"><config version="2"><item name="account.1.sip.userid">100</item></config>'
    text += "</gs_provision>"
    found = parsed(GRANDSTREAM, text)
    assert found.registrations == ()
    says(found, "SR719", "hint")


# --- Cisco SPA


def profile(**more: str | None) -> str:
    values = {
        "Line_Enable_1_": "Yes",
        "Proxy_1_": "sip.acme.example",
        "User_ID_1_": "100",
        "Password_1_": "hunter22",
        "Display_Name_1_": "Al",
    } | more
    rows = [f'  <{name} ua="na">{value}</{name}>' for name, value in values.items() if value is not None]
    return "\n".join(["<flat-profile>", "  <!-- Line 1 -->", *rows, "</flat-profile>"]) + "\n"


def test_a_profile_and_its_defaults():
    text = profile()
    found = parsed(SPA, text)
    assert detect(text).dialect == SPA
    assert found.findings == ()
    assert fields(found) == DEFAULTS | {"auth_user": "", "effective_auth_user": "100", "display_name": "Al"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"Proxy_1_": "sip.acme.example:5080"}, {"host": "sip.acme.example", "port": 5080}),
        ({"Proxy_1_": "\n  sip.acme.example\n  "}, {"host": "sip.acme.example"}),
        ({"SIP_Transport_1_": "TLS"}, {"transport": "tls", "port": 5061}),
        ({"SIP_Transport_1_": "TCP", "SIP_Port_1_": "5066"}, {"transport": "tcp", "port": 5060}),
        ({"Use_Auth_ID_1_": "Yes", "Auth_ID_1_": "login"}, {"auth_user": "login", "effective_auth_user": "login"}),
        ({"Use_Auth_ID_1_": " yes ", "Auth_ID_1_": "login"}, {"effective_auth_user": "login"}),
        ({"Use_Auth_ID_1_": "No", "Auth_ID_1_": "100"}, {"auth_user": "100", "effective_auth_user": "100"}),
        ({"Use_Auth_ID_1_": "No", "Auth_ID_1_": ""}, {"auth_user": "", "effective_auth_user": "100"}),
        ({"Register_Expires_1_": "300"}, {"expiry": 300}),
        ({"Reg_Retry_Intvl": "60", "Reg_Retry_Long_Intvl": "1200"}, {"retry_interval": 60}),
        ({"Outbound_Proxy_1_": "sip.acme.example"}, {"outbound_proxy": ""}),
        (
            {"Outbound_Proxy_1_": "sbc.example:5070", "Use_Outbound_Proxy_1_": "Yes"},
            {"outbound_proxy": "sbc.example:5070"},
        ),
        ({"Password_1_": "a&amp;b&lt;c\"'"}, {"secret": "a&b<c\"'"}),
        ({"Line_Enable_1_": None}, {"register": True}),
        ({"Proxy_Fallback_Intvl_1_": "120", "Speed_Dial_2": "", "Registrar_2_": "x"}, {"user": "100"}),
    ],
)
def test_what_an_spa_reads(more, expected):
    found = parsed(SPA, profile(**more))
    assert codes_of(found) == []
    assert expected.items() <= fields(found).items()


def test_dns_settles_the_port_of_an_spa():
    assert "port" not in fields(parsed(SPA, profile(Use_DNS_SRV_1_="Yes")))
    found = fields(parsed(SPA, profile(SIP_Transport_1_="AUTO")))
    assert "port" not in found
    assert "transport" not in found


def test_only_the_profile_counts_and_several_lines_do():
    text = f"<device>\n<User_ID_2_>999</User_ID_2_>\n{profile(User_ID_2_='200', Password_2_='x', Proxy_2_='b.example')}"
    found = parsed(SPA, text + "// a note\n</device>")
    assert codes_of(found) == []
    assert [(r.name, r.user, r.host) for r in found.registrations] == [
        ("line 1", "100", "sip.acme.example"),
        ("line 2", "200", "b.example"),
    ]


def test_an_empty_element_leaves_the_setting_as_it_is():
    text = profile().replace('<Password_1_ ua="na">hunter22</Password_1_>', '<Password_1_ ua="rw"/>')
    found = parsed(SPA, text)
    assert codes_of(found) == []
    assert found.registrations[0].secret is None
    says(parsed(SPA, profile(Password_1_="")), "SR707", "hint")


def test_an_excerpt_of_a_profile():
    text = "<User_ID_1_>100</User_ID_1_>\n<Proxy_1_>h.example</Proxy_1_>\n<Password_1_>hunter22</Password_1_>\n"
    assert detect(text).dialect == SPA
    found = parsed(SPA, text)
    assert found.findings == ()
    assert {"user": "100", "host": "h.example", "secret": "hunter22"}.items() <= fields(found).items()


SPA_MISTAKES = [
    ({"Auth_ID_1_": "login"}, "SR715", "warning", "login"),
    ({"Auth_ID_1_": "login", "Use_Auth_ID_1_": "No"}, "SR715", "warning", "login"),
    ({"Auth_ID_1_": "", "Use_Auth_ID_1_": "Yes"}, "SR716", "warning", "Yes"),
    ({"Proxy_1_": "sip:sip.acme.example"}, "SR708", "error", "sip:"),
    ({"Proxy_1_": "sip.acme.example:5O60"}, "SR542", "error", "5O60"),
    ({"Proxy_1_": "sip.acme,example"}, "SR140", "error", "sip.acme,example"),
    ({"Proxy_1_": ""}, "SR707", "error", ""),
    ({"Proxy_1_": None}, "SR707", "hint", "Line_Enable_1_"),
    ({"SIP_Transport_1_": "sctp"}, "SR712", "warning", "sctp"),
    ({"SIP_Transport_1_": "TLS", "Proxy_1_": "h.example:5060"}, "SR117", "hint", "h.example:5060"),
    ({"Register_Expires_1_": "1h"}, "SR712", "warning", "1h"),
    ({"Register_Expires_1_": "30"}, "SR136", "hint", "30"),
    ({"Register_1_": "No"}, "SR511", "hint", "No"),
    ({"Line_Enable_1_": "No"}, "SR511", "hint", "No"),
    ({"Outbound_Proxy_1_": "sbc.example"}, "SR714", "hint", "sbc.example"),
    ({"Outbound_Proxy_1_": "5060", "Use_Outbound_Proxy_1_": "Yes"}, "SR711", "error", "5060"),
    ({"User_ID_1_": None, "User_Id_1_": "100"}, "SR702", "warning", "User_Id_1_"),
    ({"User_ID_1_": None, "User_ID_1": "100"}, "SR702", "warning", "User_ID_1"),
    ({"User_ID_1_": None, "User_ID": "100"}, "SR702", "warning", "User_ID"),
    ({"Password_1_": None, "Pasword_1_": "hunter22"}, "SR702", "warning", "Pasword_1_"),
    ({"Proxy_1_": None, "Registrar_1_": "sip.acme.example"}, "SR702", "warning", "Registrar_1_"),
    ({"User_ID_1_": "100@sip.acme.example"}, "SR717", "warning", "@sip.acme.example"),
    ({"Password_1_": "hunterß"}, "SR718", "warning", "ß"),
    ({"Password_1_": "hunter’22"}, "SR151", "error", "’"),
    ({"Password_1_": "hunter&22"}, "SR701", "warning", "&"),
    ({"User_ID_1_": "{{ user }}"}, "SR109", "hint", "{{ user }}"),
    ({"User_ID_2_": "100", "Proxy_2_": "SIP.acme.example"}, "SR163", "warning", "100"),
]


@pytest.mark.parametrize(("more", "code", "severity", "place"), SPA_MISTAKES)
def test_mistakes_in_a_profile(more, code, severity, place):
    text = profile(**more)
    found = parsed(SPA, text)
    says(found, code, severity)
    assert under(text, found, code) == place
    assert detect(text).dialect == SPA
    assert "hunter" not in shown(text)


@pytest.mark.parametrize(
    ("more", "real", "meant"),
    [
        ({"Auth_ID_1_": "login"}, {"effective_auth_user": "100"}, {"effective_auth_user": "login"}),
        (
            {"Auth_ID_1_": "", "Use_Auth_ID_1_": "Yes"},
            {"effective_auth_user": ""},
            {"effective_auth_user": "100"},
        ),
        ({"Proxy_1_": "sips:h.example:5070"}, {"port": 5060}, {"host": "h.example", "port": 5070}),
        ({"User_ID_1_": None, "UserID_1_": "100"}, {}, {"user": "100"}),
        ({"Password_1_": None, "Pasword_1_": "hunter22"}, {}, {"secret": "hunter22"}),
        ({"User_ID_1_": "100@sip.acme.example"}, {}, {"user": "100", "effective_auth_user": "100"}),
        (
            {"User_ID_1_": "100@sip.acme.example", "Use_Auth_ID_1_": "Yes", "Auth_ID_1_": "login"},
            {"effective_auth_user": "login"},
            {"user": "100", "effective_auth_user": "login"},
        ),
    ],
)
def test_what_was_meant_by_a_profile(more, real, meant):
    found = parsed(SPA, profile(**more))
    assert real.items() <= fields(found).items()
    assert meant.items() <= found.meant[0].to_json().items()


def test_a_password_of_several_lines_is_hidden_in_each():
    text = profile(Password_1_="\nhunter22\nmore33\n")
    found = parsed(SPA, text)
    assert found.registrations[0].secret == "hunter22 more33"
    assert {span.line for span in found.secret_spans} >= {7, 8}


def test_the_broken_line_of_a_profile_does_not_show_its_password():
    text = profile(Password_1_="hunt<er22")
    found = parsed(SPA, text)
    assert not found.ok
    assert "hunt<er22" not in shown(text)


# --- all of them


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    user=USERS,
    secret=SECRETS,
    host=HOSTS,
    auth_user=st.sampled_from(["", "login"]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    port=st.sampled_from([5060, 5061, 5080]),
    minutes=st.integers(1, 120),
)
@settings(max_examples=100, deadline=None)
def test_round_trips(dialect, user, secret, host, auth_user, transport, port, minutes):
    trunk = Trunk(user, host, secret=secret, auth_user=auth_user, transport=transport, port=port, expiry=minutes * 60)
    try:
        text = registry.render(dialect, trunk)
    except CannotRender:
        assume(False)
    found = parsed(dialect, text)
    assert found.ok, found.findings
    assert found.registrations[0].trunk == trunk
    assert detect(text).dialect == dialect
    if secret.isascii() and user.isalnum() and port == (5061 if transport == "tls" else 5060):
        assert loud(found) == []


@pytest.mark.parametrize(
    ("dialect", "trunk", "character"),
    [
        (YEALINK, Trunk("100", "h.example", secret="a\nb"), "\n"),
        (YEALINK, Trunk("100", "h.example", secret=" a"), " "),
        (YEALINK, Trunk("100", "h.example", secret="%NULL%"), "%NULL%"),
        (YEALINK, Trunk("100", "h.example", secret="a", expiry=20), "20"),
        (GRANDSTREAM, Trunk("100", "h.example", secret="a", expiry=90), "90"),
        (GRANDSTREAM, Trunk("100", "h.example", secret="a\x01b"), "\x01"),
        (SPA, Trunk("100", "h.example", secret="aß"), "ß"),
        *((dialect, Trunk("100", "h.example", secret="a", domain="d.example"), "d.example") for dialect in DIALECTS),
        *((dialect, Trunk("100", "h.example", secret="a", domain_port=5060), "5060") for dialect in DIALECTS),
        *((dialect, Trunk("100", "h.example", secret="a", transport="ws"), "ws") for dialect in DIALECTS),
        *((dialect, Trunk("100", "a:b", secret="a"), ":") for dialect in DIALECTS),
        *((dialect, Trunk("100", "h.example", ha1="0" * 32), "ha1") for dialect in DIALECTS),
    ],
)
def test_what_no_phone_can_hold_is_refused(dialect, trunk, character):
    with pytest.raises(CannotRender) as caught:
        registry.render(dialect, trunk)
    assert caught.value.character == character


@pytest.mark.parametrize("dialect", DIALECTS)
@given(st.text(alphabet="<>/&;account.1user_name=P3457 \n\r#:@\"'[]!-_flat-profile{}é\u00a0", max_size=100))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_them_raise(dialect, text):
    for whole in (
        text,
        f"account.1.user_name = {text}\naccount.1.sip_server.1.address = {text}",
        f"P47 = {text}\nP35 = {text}\nP32 = {text}",
        f"<P47>{text}</P47><P35>{text}</P35><P48>{text}</P48>",
        f"<flat-profile><Proxy_1_>{text}</Proxy_1_><User_ID_1_>{text}</User_ID_1_>",
        f"<User_ID_1_>1</User_ID_1_><Proxy_1_>{text}</Proxy_1_>",
    ):
        parsed(dialect, whole)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "unit",
    [
        "account.1.user_nam = 1\n",
        "P35 = 1\n",
        "<P35>x</P35>",
        "<Usr_ID_1_>1</Usr_ID_1_>",
        " ",
        "<!--",
        "&",
        "x:",
        " #",
        "account.1.",
    ],
)
def test_time_is_linear(dialect, unit):
    frames = (
        "{}",
        "account.1.user_name = {}\naccount.1.sip_server_host = {}",
        "P35 = {}\nP47 = {}",
        "<User_ID_1_>1</User_ID_1_><Proxy_1_>{}</Proxy_1_>",
    )
    assert_linear_reading(partial(parsed, dialect), unit, frames)
