"""MicroSIP's ini file: what goes wrong in it, and what was meant."""

from __future__ import annotations

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says, under

from mockregistrar.trunks import trunk_files
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

MICROSIP = "microsip-ini"
INI = """[Settings]
accountId=1
[Account1]
label=acme
server=sip.acme.example
proxy=
domain=sip.acme.example
username=100
password=hunter22
authID=
displayName=Al
transport=tls
registerRefresh=600
"""
INSTALLED = """[Settings]
accountId=1
singleMode=1
audioInputDevice="Microphone (USB)"
defaultListAction=0
portableMode=0
[Account1]
label=Acme
server=pbx.acme.example
proxy=
domain=pbx.acme.example
username=101
password=_C:5f4dcc3b5aa765d61d8327deb882cf99
authID=101
displayName=Bob
dialingPrefix=
dialPlan=
hideCID=0
voicemailNumber=*97
transport=tls
publicAddr=
SRTP=mandatory
registerRefresh=300
keepAlive=15
publish=0
ICE=0
allowRewrite=0
disableSessionTimer=0
[Account2]
; the second
label=Two
server=sip2.acme.example:5080
domain=sip2.acme.example
username=202
password=hun;ter 22
[Calls]
0=100;;0;1;1700000000;10;
[Contacts]
sip:100@acme.example=Al
"""


def test_an_ini_of_microsip():
    found = parsed(MICROSIP, INI)
    assert detect(INI).dialect == MICROSIP
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "",
        "effective_auth_user": "100",
        "domain": "sip.acme.example",
        "host": "sip.acme.example",
        "port": 5061,
        "transport": "tls",
        "expiry": 600,
        "realm": "*",
        "outbound_proxy": "",
        "register": True,
        "display_name": "Al",
    }


def test_an_installed_one():
    found = parsed(MICROSIP, INSTALLED)
    assert detect(INSTALLED).dialect == MICROSIP
    assert found.findings == ()
    assert [(each.user, each.secret, each.port) for each in found.registrations] == [
        ("101", "_C:5f4dcc3b5aa765d61d8327deb882cf99", 5061),
        ("202", "hun;ter 22", 5080),
    ]


def test_the_file_as_windows_writes_it(tmp_path):
    path = tmp_path / "MicroSIP.ini"
    path.write_bytes(INSTALLED.replace("\n", "\r\n").encode("utf-16"))
    assert len(trunk_files.read(path).items) == 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("username=100", "username=100\nusername=200", {"user": "100"}),
        ("domain=sip.acme.example", "domain=acme.example:5080", {"domain": "acme.example", "domain_port": 5080}),
        ("server=sip.acme.example", "server=[2001:db8::1]:5080", {"host": "[2001:db8::1]", "port": 5080}),
        ("server=sip.acme.example", "server=sip.acme.example;transport=tcp", {"transport": "tcp", "port": 5060}),
        ("password=hunter22", "password='hunter22'", {"secret": "hunter22"}),
        ("password=hunter22", "password=hun ;ter22", {"secret": "hun ;ter22"}),
        ("[Settings]\naccountId=1\n[Account1]", "\ufeff[account1]", {"user": "100"}),
        ("username", "UserName", {"user": "100"}),
        ("registerRefresh=600", "registerRefresh=x", {"expiry": 300}),
        ("registerRefresh=600", "registerRefresh=0", {"expiry": 300}),
        ("registerRefresh=600\n", "", {"expiry": 300}),
        ("registerRefresh=600", "registerRefresh=7", {"expiry": 10}),
        ("authID=", "authID=login", {"auth_user": "login", "effective_auth_user": "login"}),
        ("password=hunter22", 'password= "a b;c#" ', {"secret": "a b;c#"}),
        ("server=sip.acme.example", "server=sip.acme.example:5080", {"port": 5080}),
    ],
)
def test_what_is_read(old, new, expected):
    found = parsed(MICROSIP, INI.replace(old, new))
    assert loud(found) == []
    assert expected.items() <= fields(found).items()
    assert found.meant == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "place", "ok", "meant"),
    [
        ("server=", "server=sip:", "SR540", "error", "sip:", False, {"host": "sip.acme.example"}),
        ("proxy=", "proxy=sip:p.example", "SR540", "error", "sip:", False, {"outbound_proxy": "p.example"}),
        ("domain=", "domain=sip:", "SR540", "error", "sip:", False, {"domain": "sip.acme.example"}),
        ("domain=sip.acme.example", "domain=", "SR541", "error", "[Account1]", False, {"domain": "sip.acme.example"}),
        ("acme.example\nproxy", "acme.example:5O60\nproxy", "SR542", "error", "5O60", False, {"port": 5060}),
        ("server=sip.acme.example", "server=2001:db8::1", "SR141", "error", "2001:db8::1", False, None),
        ("transport=tls", "transport=ssl", "SR543", "warning", "ssl", True, {"transport": "tls"}),
        ("=100", "=100@sip.acme.example", "SR544", "warning", "100@sip.acme.example", True, {"user": "100"}),
        ("=100", "=100@x.example", "SR544", "warning", "100@x.example", True, {"auth_user": "100@x.example"}),
        ("=100", "=sip:100", "SR544", "warning", "sip:100", True, {"user": "100"}),
        ("username", "user", "SR545", "error", "user", True, {"user": "100"}),
        ("server", "sip_server", "SR545", "error", "sip_server", True, {"register": True}),
        ("password=", " pasword = ", "SR545", "error", "pasword", True, {"secret": "hunter22"}),
        ("hunter22", "hunter22 ; mine", "SR546", "error", "; mine", True, {"secret": "hunter22"}),
        ("hunter22", "hunter22 # mine", "SR546", "error", "# mine", True, {"secret": "hunter22"}),
        (
            "acme.example\nproxy",
            "acme.example ; x\nproxy",
            "SR546",
            "error",
            "; x",
            False,
            {"host": "sip.acme.example"},
        ),
        ("hunter22", '"hunter22', "SR547", "warning", '"', True, {"secret": "hunter22"}),
        ("username=100", "username=", "SR548", "warning", "[Account1]", True, None),
        ("server=sip.acme.example", "server=", "SR511", "hint", "[Account1]", True, None),
        ("server=sip.acme.example", "server=sip.acme,example", "SR140", "error", "sip.acme,example", True, None),
        ("hunter22", "hunter22\u00a0", "SR150", "error", "\u00a0", True, None),
        ("=600", "=60s", "SR509", "hint", "60s", True, None),
        ("=600", "=30", "SR136", "hint", "30", True, None),
    ],
)
def test_mistakes(old, new, code, severity, place, ok, meant):
    text = INI.replace(old, new, 1)
    found = parsed(MICROSIP, text)
    assert codes_of(found) == [code]
    says(found, code, severity)
    assert under(text, found, code) == place
    assert found.ok is ok
    assert meant is None or meant.items() <= found.meant[0].to_json().items()
    assert "hunter22" not in report(explain(text))
