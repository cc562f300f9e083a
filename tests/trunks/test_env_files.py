"""SIP settings of an environment: how they are written down, what they are called, and what goes wrong with them."""

from __future__ import annotations

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says, under
from growth import assert_linear_reading

from mockregistrar.trunks.clients.env_names import name_of
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

ENV = "env"
USUAL = "SIP_USERNAME=100\nSIP_PASSWORD=hunter22\nSIP_SERVER=sip.acme.example\n"
FIELDS = {"user": "100", "secret": "hunter22", "effective_auth_user": "100", "host": "sip.acme.example"}

WRITTEN = {
    "plain": "# SIP\nNODE_ENV=production\n\n" + USUAL + "SIP_CALLER_ID=+15551234567\n",
    "exported": USUAL.replace("SIP_", "export SIP_"),
    "with blanks": USUAL.replace("=", " = "),
    "lower case": USUAL.lower(),
    "with a vendor": USUAL.replace("SIP_", "TWILIO_SIP_"),
    "a framework's": USUAL.replace("SIP_", "VITE_SIP_")
    .replace("USERNAME", "AUTHORIZATION_USER")
    .replace("VITE_SIP_AUTHORIZATION_USER", "VITE_SIP_USER"),
    "with a byte-order mark": "\ufeff" + USUAL,
    "of Windows": "".join(f"set {line}\r\n" for line in USUAL.splitlines()),
    "of PowerShell": '$env:SIP_USERNAME="100"\n$env:SIP_PASSWORD="hunter22"\n$env:SIP_SERVER="sip.acme.example"\n',
    "a list of compose": "services:\n  bot:\n    environment:\n"
    + "".join(f"      - {line}\n" for line in USUAL.splitlines()),
    "a quoted list": "environment:\n" + "".join(f'  - "{line}" # x\n' for line in USUAL.splitlines()),
    "a map of compose": "environment:\n  SIP_USERNAME: '100'\n  SIP_PASSWORD: hunter22 # x\n"
    "  SIP_SERVER: sip.acme.example\n",
    "of Kubernetes": "env:\n"
    + "".join('  - name: {}\n    value: "{}"\n'.format(*line.split("=")) for line in USUAL.splitlines()),
    "docker run": "docker run -e SIP_USERNAME=100 -e SIP_PASSWORD='hunter22' --env \"SIP_SERVER=sip.acme.example\" i",
    "a Dockerfile": 'FROM x\nENV SIP_USERNAME=100 SIP_PASSWORD="hunter22"\nENV SIP_SERVER sip.acme.example\n',
    "numbered": USUAL.replace("=", "_1=", 3),
    "a numbered prefix": USUAL.replace("SIP_", "SIP1_"),
    "of a trunk": USUAL.replace("SIP_", "SIP_TRUNK_"),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_ways_to_write_them_down(text):
    found = parsed(ENV, text)
    assert fields(found) == FIELDS
    assert found.findings == ()
    assert found.meant == ()
    assert detect(text).dialect == ENV
    assert "hunter22" not in report(explain(text))


def test_several_accounts_are_told_apart_by_their_numbers():
    text = USUAL.replace("=", "_1=") + USUAL.replace("=100", "=200").replace("=", "_2=")
    found = parsed(ENV, text)
    assert [each.user for each in found.registrations] == ["100", "200"]
    assert codes_of(found) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("SIP_SERVER=tls://sip.acme.example:5061", {"transport": "tls", "port": 5061}),
        ("SIP_SERVER=wss://sip.acme.example:8089/ws", {"transport": "wss", "port": 8089}),
        ("SIP_SERVER=sip:sip.acme.example;transport=tcp", {"transport": "tcp"}),
        ("SIP_TRANSPORT=UDP", {"transport": "udp"}),
        ("SIP_REGISTER=false", {"register": False}),
        ("SIP_EXPIRES=600", {"expiry": 600}),
        ("SIP_DOMAIN=acme.example:5080", {"domain": "acme.example"}),
        ("SIP_PORT=", {"user": "100"}),
        ("SIP_PASSWORD=${SECRET}", {"user": "100"}),
        ("SIP_REALM=acme", {"realm": "acme"}),
        ("SIP_URI=sip:sip.acme.example;transport=tls", {"user": "100", "transport": "tls"}),
        ("SIP_URI=sip:200@acme.example", {"user": "200", "auth_user": "100", "domain": "acme.example"}),
    ],
)
def test_what_is_read(more, expected):
    name = more.split("=")[0]
    text = "".join(f"{line}\n" for line in USUAL.splitlines() if not line.startswith(f"{name}=")) + more + "\n"
    found = parsed(ENV, text)
    assert expected.items() <= fields(found).items()
    assert {"host": "sip.acme.example"}.items() <= fields(found).items()
    assert found.findings == ()


def test_the_password_of_a_uri_is_a_secret():
    for text in ("SIP_URI=sip:100:hunter22@h.example", "SIP_URI=sip:100:hunter22@h.example:5O60\nSIP_PORT=5060"):
        assert "hunter22" not in report(explain(text, dialect=ENV))
    assert fields(parsed(ENV, "SIP_URI=sip:100:hunter22@h.example"))["secret"] == "hunter22"
    assert detect("SIP_URI=sip:100:hunter22@h.example").dialect == ENV


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "place", "meant"),
    [
        ("SIP_PASSWORD=", "SIP_PASWORD=", "SR607", "warning", "SIP_PASWORD", {"secret": "hunter22"}),
        ("SIP_USERNAME", "SIP_USRNAME", "SR607", "warning", "SIP_USRNAME", {"user": "100"}),
        ("=hunter22", '="hunter22', "SR605", "error", '"', {"secret": "hunter22"}),
        ("=hunter22", "='it's", "SR605", "error", "'", {"secret": "it's"}),
        ("=hunter22", "=hun #ter22", "SR602", "warning", "#ter22", {"secret": "hun #ter22"}),
        ("=hunter22", "=hunter22 # mine", "SR602", "hint", "# mine", None),
        ("=hunter22", "=hun#ter22", "SR602", "hint", "#ter22", None),
        ("=hunter22", "=hun$ter22", "SR606", "hint", "$ter22", None),
        ("=hunter22", "=“hunter22”", "SR151", "error", "“", {"secret": "hunter22"}),
        ("=hunter22", "=hunter22\u00a0", "SR150", "error", "\u00a0", {"secret": "hunter22"}),
        ("acme.example", "acme.example\nSIP_PORT=5O60", "SR603", "error", "5O60", {"port": 5060}),
        ("acme.example", "acme.example:5O60", "SR603", "error", "5O60", {"port": 5060}),
        ("acme.example", "acme.example\nSIP_TRANSPORT=ssl", "SR604", "warning", "ssl", {"transport": "tls"}),
        ("acme.example", "acme.example:5080\nSIP_PORT=5060", "SR601", "warning", "5080", None),
        ("acme.example", "acme.example\nSIP_EXPIRES=1h", "SR509", "warning", "1h", None),
        ("acme.example", "acme.example\nSIP_EXPIRES=30", "SR136", "hint", "30", None),
        ("acme.example", "acme.example\nSIP_PASSWORD=other123", "SR601", "warning", "other123", None),
        ("sip.acme.example", "your-sip-server.com", "SR109", "hint", "your-sip-server.com", None),
        ("sip.acme.example", "2001:db8::1", "SR141", "error", "2001:db8::1", {"host": "[2001:db8::1]"}),
        ("=100", "=100\nSIP_URI=100@h.example", "SR204", "error", "100@h.example", {"domain": "h.example"}),
    ],
)
def test_mistakes(old, new, code, severity, place, meant):
    text = USUAL.replace(old, new)
    found = parsed(ENV, text)
    says(found, code, severity)
    assert under(text, found, code) == place
    assert meant is None or meant.items() <= found.meant[0].to_json().items()
    assert meant is not None or found.meant == ()
    told = report(explain(text, dialect=ENV))
    assert all(word not in told for word in ("hunter22", "ter22", "it's", "other123"))


def test_harmless_comments_are_told_of_once():
    found = parsed(ENV, USUAL.replace("100", "100 # a").replace("acme.example", "acme.example # b"))
    assert codes_of(found) == ["SR602"]
    assert loud(found) == []


@pytest.mark.parametrize(
    "name",
    [
        "LOCAL_PORT",
        "RTP_PORT",
        "PORT_RANGE",
        "PROXY_HOST",
        "PROXY_PORT",
        "CALLER_ID",
        "FROM_USER",
        "FROM_DOMAIN",
        "TRUNK_ID",
        "USE_TLS",
        "USERS",
        "SERVER_NAME",
        "EXTENSIONS",
        "USER_AGENT",
        "AUTH_TYPE",
        "AUTH_REALM",
        "REGISTRATION",
        "PUBLIC_IP",
        "WS_URL",
        "PASSPHRASE",
        "DEBUG",
    ],
)
def test_other_names_are_no_misspelt_ones(name):
    found = name_of(f"SIP_{name}")
    assert found is not None
    assert found.key == ""
    assert found.near == ""


@pytest.mark.parametrize("name", ["GOSSIP_USER", "SIPUSER", "USER", "MYSIP_USER", "_" * 5000, "SIP_" * 300])
def test_names_that_have_nothing_to_do_with_it(name):
    assert name_of(name) is None or not name_of(name).key


@pytest.mark.parametrize("unit", ["SIP_", "SIP_1", "1", "_", "SIP_TRUNK_"])
def test_a_name_is_read_in_linear_time(unit):
    assert_linear_reading(name_of, unit, ("{}", "{}SIP_USER", "SIP_{}"))


def test_the_last_word_for_sip_counts_in_a_name_that_nobody_knows():
    found = name_of("SIP_" * 40 + "COLOUR")
    assert (found.group, found.rest, found.key) == ("_".join(["SIP"] * 39), "SIP_COLOUR", "")
    assert name_of(f"{'SIP_' * 41}USER").key == "username"
