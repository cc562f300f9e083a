"""What goes wrong in programs that register with JsSIP, SIP.js, drachtio and pyVoIP, what they say, what was meant."""

from __future__ import annotations

import shutil
import subprocess
from types import SimpleNamespace

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says, under
from library_programs import (
    CALL,
    DRACHTIO,
    DRACHTIO_CODE,
    JSSIP,
    JSSIP_CODE,
    PYVOIP,
    SIP_UA_CODE,
    SIPJS,
    SIPJS_CODE,
)

from mockregistrar.trunks.explanation import explain, report

JSSIP_MISTAKES = [
    ("'wss://sip", "'https://sip", "SR787", "error", "https://sip.acme.example:8089/ws"),
    ("'wss://sip", "'sip", "SR787", "error", "sip.acme.example:8089/ws"),
    ("'wss://sip", "'WSS://sip", "SR787", "error", "WSS://sip.acme.example:8089/ws"),
    ("example:8089", "example:8O89", "SR787", "error", "8O89"),
    ("sip.acme.example:", "sip,acme.example:", "SR140", "error", "sip,acme.example"),
    ("example:8089", "example:8088", "SR117", "hint", "8088"),
    ("example:8089", "example:5060", "SR117", "hint", "5060"),
    ("example:8089", "example:4569", "SR144", "warning", "4569"),
    ("[ socket ]", "['wss://h.example']", "SR798", "error", "wss://h.example"),
    ("[ socket ]", "[]", "SR784", "error", "[]"),
    ("  sockets  : [ socket ],\n", "", "SR785", "error", "{"),
    ("sockets ", "ws_servers ", "SR783", "error", "ws_servers"),
    ("  uri      : 'sip:100@acme.example',\n", "", "SR785", "error", "{"),
    ("sip:100@acme.example", "sip:acme.example", "SR784", "error", "sip:acme.example"),
    ("sip:100@", "sip:1 00@", "SR786", "error", " "),
    ("sip:100@acme.example", "sip:100@acme.example.", "SR786", "error", "acme.example."),
    ("sip:100@acme.example", "sips:100@acme.example", "SR794", "error", ":100"),
    ("sip:100@", "sip:100:hunter22@", "SR794", "error", ":hunter22"),
    ("sip:100@", "sip:${user}@", "SR796", "error", "${user}"),
    ("sip:100@", "sip:100\u200b@", "SR150", "error", "\u200b"),
    ("password :", "pasword :", "SR783", "error", "pasword"),
    ("password :", "authorizationPassword :", "SR783", "error", "authorizationPassword"),
    ("password :", "authorizationUser: '1', password :", "SR783", "error", "authorizationUser"),
    ("password :", "registerExpires: 300, password :", "SR783", "warning", "registerExpires"),
    ("password :", "register_expire: 300, password :", "SR783", "warning", "register_expire"),
    ("password :", "register_expires: 0, password :", "SR784", "error", "0"),
    ("password :", "register_expires: -60, password :", "SR784", "error", "-60"),
    ("password :", "register_expires: 'never', password :", "SR784", "error", "never"),
    ("password :", "register_expires: 30, password :", "SR136", "hint", "30"),
    ("password :", "register: 'true', password :", "SR784", "error", "true"),
    ("password :", "registrar_server: 'sip:100@reg.example', password :", "SR788", "error", "sip:100@reg.example"),
    ("password :", "registrar_server: 'wss://reg.example', password :", "SR786", "error", None),
    ("password :", "authorization_user: 'a\"b', password :", "SR784", "error", 'a"b'),
    ("password :", "contact_uri: 'me@x.invalid', password :", "SR786", "error", "me@x.invalid"),
    ("password :", "ha1: '0123456789abcdef0123456789abcdef', password :", "SR789", "warning", "•"),
    ("password : 'hunter22'", "ha1: '0123456789abcdef0123456789abcdef'", "SR790", "error", "•"),
    ("password : 'hunter22'", "realm: 'r', ha1: 'hunter22'", "SR790", "error", "hunter22"),
    ("  password : 'hunter22',", "", "SR795", "hint", "{"),
    ("'hunter22'", "'hun\\ter22'", "SR791", "error", "\\t"),
    ("'hunter22'", "'hun\\ser22'", "SR792", "warning", "\\s"),
    ("'hunter22'", "'hun\\user22'", "SR780", "error", "\\u"),
    ("'hunter22'", "01234567", "SR793", "error", "01234567"),
    ("'hunter22'", "12345678901234567890", "SR793", "error", "12345678901234567890"),
    ("'hunter22'", "'hunter22\u00a0'", "SR150", "error", "\u00a0"),
    ("'hunter22'", "'hun'ter22'", "SR780", "error", "'"),
    ("'hunter22'", "\u2018hunter22\u2019", "SR780", "error", "\u2018"),
    ("'hunter22'", "'hunter22", "SR780", "error", "'"),
    ("'sip:100@acme.example',", "'sip:100@acme.example'", "SR780", "error", None),
    ("'sip:100@acme.example',", "'sip:100@acme.example';", "SR780", "error", ";"),
    ("password :", "password =", "SR780", "error", "="),
    ("'hunter22'", "'your_password'", "SR109", "hint", "your_password"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "severity", "place"), JSSIP_MISTAKES)
def test_mistakes_in_jssip(old, new, code, severity, place):
    text = JSSIP_CODE.replace(old, new, 1)
    assert text != JSSIP_CODE
    found = parsed(JSSIP, text)
    says(found, code, severity)
    if place not in (None, "•"):
        assert under(text, found, code) in (place, place.strip("{}")) or under(text, found, code).startswith(place)
    for secret in ("hunter22", "01234567", "0123456789abcdef0123456789abcdef", "hun\\ter22"):
        assert secret not in report(explain(text, dialect=JSSIP))


@pytest.mark.parametrize(
    ("old", "new", "log"),
    [
        ("'wss://sip", "'https://sip", "TypeError: Invalid argument: https://sip.acme.example:8089/ws"),
        ("  sockets  : [ socket ],\n", "", "Missing parameter: sockets"),
        ("sockets ", "ws_servers ", "Missing parameter: sockets"),
        ("sip:100@acme.example", "acme.example", 'Invalid value "acme.example" for parameter "uri"'),
        ("password :", "register_expires: 0, password :", "Missing parameter: register_expires"),
        ("password :", "register_expires: -1, password :", 'Invalid value -1 for parameter "register_expires"'),
        ("password :", "register: 'yes', password :", 'Invalid value "yes" for parameter "register"'),
        (
            "password :",
            "registrar_server: 'a@b.example', password :",
            'Invalid value "a@b.example" for parameter "registrar_server"',
        ),
        ("password :", "password =", "SyntaxError: Invalid shorthand property initializer"),
    ],
)
def test_what_jssip_throws(old, new, log):
    found = parsed(JSSIP, JSSIP_CODE.replace(old, new, 1))
    assert not found.ok
    assert found.registrations == ()
    assert found.findings[0].log == log


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("'wss://sip", "'https://sip", {"transport": "wss", "outbound_proxy": "wss://sip.acme.example:8089/ws"}),
        ("'wss://sip", "'http://sip", {"transport": "ws"}),
        ("sockets ", "ws_servers ", {"user": "100", "secret": "hunter22"}),
        ("[ socket ]", "['wss://h.example']", {"transport": "wss", "outbound_proxy": "wss://h.example"}),
        ("password :", "pasword :", {"secret": "hunter22"}),
        ("sip:100@", "sip:100:hunter22@", {"user": "100", "secret": "hunter22"}),
        ("'hunter22'", "'hun\\ter22'", {"secret": "hun\\ter22"}),
        ("'hunter22'", "'hun\\wer22'", {"secret": "hun\\wer22"}),
        ("'hunter22'", "'it's me'", {"secret": "it's me"}),
        ("'hunter22'", "\u201chunter22\u201d", {"secret": "hunter22"}),
        ("'hunter22'", "01234567", {"secret": "01234567"}),
        ("'sip:100@acme.example',", "'sip:100@acme.example'", {"user": "100", "secret": "hunter22"}),
        ("password :", "registrar_server: 'sip:100@reg.example', password :", {"host": "reg.example"}),
        ("password :", "register: 'false', password :", {"register": False}),
        ("sip:100@acme.example", "sip:100@acme.example.", {"domain": "acme.example"}),
    ],
)
def test_what_was_meant_for_jssip(old, new, expected):
    found = parsed(JSSIP, JSSIP_CODE.replace(old, new, 1))
    assert found.ok is bool(found.registrations)
    assert expected.items() <= found.meant[0].to_json().items()


def test_what_jssip_really_makes_of_it():
    def secret(text):
        return parsed(JSSIP, JSSIP_CODE.replace("'hunter22'", text)).registrations[0].secret

    assert secret("'hun\\ter22'") == "hun\ter22"
    assert secret("'hun\\ser22'") == "hunser22"
    assert secret("01234567") == "342391"
    assert secret("12345678901234567890") == "12345678901234567000"
    in_uri = parsed(JSSIP, JSSIP_CODE.replace("sip:100@", "sip:100:hunter22@")).registrations[0]
    assert in_uri.user == "100:hunter22"
    sips = parsed(JSSIP, JSSIP_CODE.replace("sip:100@", "sips:100@")).registrations[0]
    assert sips.user == "sips:100"


# --- SIP.js


SIPJS_MISTAKES = [
    (SIPJS_CODE, '"sip:100@', '"100@', "SR786", "error", "100@acme.example"),
    (SIPJS_CODE, 'UserAgent.makeURI("sip:100@acme.example")', '"sip:100@acme.example"', "SR798", "error", None),
    (SIPJS_CODE, '  uri: UserAgent.makeURI("sip:100@acme.example"),\n', "", "SR785", "error", "{"),
    (SIPJS_CODE, "sip:100@", "sip:100:hunter22@", "SR794", "error", ":hunter22"),
    (SIPJS_CODE, '"wss://', '"https://', "SR787", "error", "https://sip.acme.example:8089/ws"),
    (SIPJS_CODE, '"wss://', '"', "SR787", "error", "sip.acme.example:8089/ws"),
    (SIPJS_CODE, "server:", "wsServers:", "SR799", "hint", "wsServers"),
    (SIPJS_CODE, 'transportOptions: { server: "wss', 'server: "wss', "SR783", "error", "server"),
    (SIPJS_CODE, '  transportOptions: { server: "wss://sip.acme.example:8089/ws" },\n', "", "SR785", "error", "{"),
    (SIPJS_CODE, "authorizationPassword", "password", "SR783", "error", "password"),
    (SIPJS_CODE, "authorizationPassword", "authorizationPasword", "SR783", "error", "authorizationPasword"),
    (SIPJS_CODE, "authorizationUsername", "authorizationUser", "SR783", "error", "authorizationUser"),
    (SIPJS_CODE, '  authorizationPassword: "hunter22",\n', "", "SR795", "hint", "{"),
    (SIPJS_CODE, "expires: 300", "expires: 30", "SR136", "hint", "30"),
    (SIPJS_CODE, "expires: 300", "expires: -5", "SR784", "error", "-5"),
    (SIPJS_CODE, "expires: 300", "expires: 'x'", "SR784", "error", "x"),
    (SIPJS_CODE, "expires: 300", "registrar: 'sip:reg.example'", "SR798", "error", "sip:reg.example"),
    (SIPJS_CODE, "authorizationPassword", "authorizationHa1: 'x', authorizationPassword", "SR789", "warning", None),
    (SIP_UA_CODE, "wss://", "http://", "SR787", "error", "http://sip.acme.example"),
    (SIP_UA_CODE, "  wsServers: ['wss://sip.acme.example'],\n", "", "SR785", "warning", "{"),
    (SIP_UA_CODE, "authorizationUser", "authorizationUsername", "SR783", "error", "authorizationUsername"),
    (SIP_UA_CODE, "password", "authorizationPassword", "SR783", "error", "authorizationPassword"),
    (SIP_UA_CODE, "password", "registerExpires: 0, password", "SR784", "error", "0"),
    (SIP_UA_CODE, "password", "register: 'no', password", "SR784", "error", "no"),
]


@pytest.mark.parametrize(("base", "old", "new", "code", "severity", "place"), SIPJS_MISTAKES)
def test_mistakes_in_sipjs(base, old, new, code, severity, place):
    text = base.replace(old, new, 1)
    assert text != base
    if new.startswith("server:"):
        text = text.replace('ws" }', 'ws"')
    found = parsed(SIPJS, text)
    says(found, code, severity)
    if place is not None:
        assert under(text, found, code).startswith(place)
    assert "hunter22" not in report(explain(text, dialect=SIPJS))


def test_a_uri_that_is_not_made_is_anonymous():
    found = parsed(SIPJS, SIPJS_CODE.replace('"sip:100@', '"100@'))
    assert found.ok
    assert found.registrations[0].domain == "anonymous.invalid"
    assert found.registrations[0].user is None
    assert (found.meant[0].user, found.meant[0].domain) == ("100", "acme.example")


def test_a_simple_user_throws_instead():
    text = "new SimpleUser('wss://h.example', { aor: '100@h.example', userAgentOptions: {} });"
    found = parsed(SIPJS, text)
    assert not found.ok
    assert "Failed to create valid URI from 100@h.example" in [finding.log for finding in found.findings]
    assert found.meant[0].user == "100"


@pytest.mark.parametrize(
    ("old", "new", "log"),
    [
        ('"wss://sip', '"https://sip', 'Invalid scheme in WebSocket Server URL "https://sip.acme.example:8089/ws"'),
        (
            '"wss://sip.acme.example:8089/ws"',
            '"sip.acme.example/ws"',
            'Invalid WebSocket Server URL "sip.acme.example/ws"',
        ),
        ("  transportOptions:", "  other:", 'Invalid WebSocket Server URL ""'),
        ("expires: 300", "expires: -5", "Invalid expires."),
    ],
)
def test_what_sipjs_throws(old, new, log):
    found = parsed(SIPJS, SIPJS_CODE.replace(old, new))
    assert not found.ok
    assert log in [finding.log for finding in found.findings]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (", { expires: 300 }", "", {"expiry": 600}),
        ("expires: 300", "expires: 0", {"expiry": 600}),
        ("expires: 300", "registrar: UserAgent.makeURI('sip:reg.example')", {"host": "reg.example", "expiry": 600}),
        ('makeURI("sip:100@acme.example")', 'makeURI("sip:100@acme.example")!', {"user": "100"}),
        (
            'UserAgent.makeURI("sip:100@acme.example")',
            'new URI("sip", "100", "acme.example", 5070)',
            {"domain_port": 5070},
        ),
        ("  authorizationUsername", "  contactName: 'me', authorizationUsername", {"extension": "me"}),
    ],
)
def test_what_sipjs_reads(old, new, expected):
    found = parsed(SIPJS, SIPJS_CODE.replace(old, new))
    assert loud(found) == []
    assert expected.items() <= fields(found).items()


def test_an_option_registers_nobody():
    text = SIPJS_CODE[: SIPJS_CODE.index("const registerer")].replace("uri:", "register: true, uri:")
    found = parsed(SIPJS, text)
    assert under(text, found, "SR797") == "register"
    assert found.registrations[0].register is None
    started = parsed(SIPJS, text.replace("register: true, ", "") + "userAgent.start();")
    assert codes_of(started) == ["SR797"]


# --- drachtio


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "place"),
    [
        ("'sip:sip.acme.example'", "'sip.acme.example'", "SR812", "error", "sip.acme.example"),
        ("'sip:sip.acme.example'", "'sip:sip.acme.example:5O60'", "SR812", "error", "5O60"),
        ("  method: 'REGISTER',\n", "", "SR812", "error", "{"),
        ("auth: {", "auht: {", "SR783", "error", "auht"),
        ("auth: { username: '100', password: 'hunter22' }", "auth: 'hunter22'", "SR810", "error", "hunter22"),
        ("auth: { username: '100', password: 'hunter22' }", "x: 1", "SR811", "hint", "{"),
        ("auth: { username: '100', password: 'hunter22' }", "username: '100', password: 'hunter22'", "SR783", "error",
         "password"),
        ("password: 'hunter22'", "pass: 'hunter22'", "SR783", "error", "pass"),
        ("username: '100'", "user: '100'", "SR783", "error", "user"),
        (", password: 'hunter22'", "", "SR810", "error", "{ username: '100' }"),
        ("To: 'sip:100@", "To: '100@", "SR813", "error", "100@acme.example"),
        ("Contact: '<sip:200@localhost>;expires=300'", "Contact: '<200@localhost>'", "SR813", "error", "200@localhost"),
        ("<sip:200@localhost>;expires=300'", "<sip:200@localhost>', Expires: 'soon'", "SR813", "error", "soon"),
        ("<sip:200@localhost>;expires=300'", "<sip:200@localhost>', Expire: 300", "SR783", "warning", "Expire"),
        ("expires=300", "expires=30", "SR136", "hint", "<sip:200@localhost>;expires=30"),
        ("'sip:sip.acme.example'", "'sip:100:hunter22@sip.acme.example'", "SR794", "warning", ":hunter22"),
        ("'sip:sip.acme.example'", "'sip:sip.acme.example:4569'", "SR144", "warning", "sip.acme.example"),
        ("'hunter22'", "'hunter22\u200b'", "SR150", "error", "\u200b"),
        ("'hunter22'", "'hun'ter22'", "SR780", "error", "'"),
    ],
)  # fmt: skip
def test_mistakes_in_drachtio(old, new, code, severity, place):
    text = DRACHTIO_CODE.replace(old, new, 1)
    assert text != DRACHTIO_CODE
    found = parsed(DRACHTIO, text)
    says(found, code, severity)
    assert under(text, found, code).startswith(place)
    assert "hunter22" not in report(explain(text, dialect=DRACHTIO))


def test_what_drachtio_says():
    def first(old, new):
        return parsed(DRACHTIO, DRACHTIO_CODE.replace(old, new, 1))

    wrong = first("auth: { username: '100', password: 'hunter22' }", "auth: 'hunter22'")
    assert wrong.findings[0].log == "no credentials were supplied to reply to server authentication challenge"
    assert wrong.ok
    none = first("  method: 'REGISTER',\n", "")
    assert none.findings[0].log == "TypeError: Cannot read properties of undefined (reading 'toUpperCase')"
    assert not none.ok


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("'sip:sip.acme.example'", "'sip.acme.example'", {"host": "sip.acme.example"}),
        ("auth: {", "auht: {", {"secret": "hunter22"}),
        ("password: 'hunter22'", "pass: 'hunter22'", {"secret": "hunter22", "auth_user": "100"}),
        (
            "auth: { username: '100', password: 'hunter22' }",
            "username: '100', password: 'hunter22'",
            {"secret": "hunter22"},
        ),
        ("To: 'sip:100@acme.example'", "To: '300@d.example'", {"user": "300", "domain": "d.example"}),
        ("<sip:200@localhost>;expires=300'", "<sip:200@localhost>', Expire: 300", {"expiry": 300}),
        ("'hunter22'", "'hun\\ter22'", {"secret": "hun\\ter22"}),
        ("'hunter22'", "0123", {"secret": "0123"}),
    ],
)
def test_what_was_meant_for_drachtio(old, new, expected):
    found = parsed(DRACHTIO, DRACHTIO_CODE.replace(old, new, 1))
    assert expected.items() <= found.meant[0].to_json().items()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("'sip:sip.acme.example'", "'sip:192.0.2.1'", {"host": "192.0.2.1", "port": 5060, "transport": "udp"}),
        ("'sip:sip.acme.example'", "'sips:192.0.2.1'", {"port": 5061, "transport": "tls"}),
        ("'sip:sip.acme.example'", "'sip:h.example:5070;transport=TCP'", {"port": 5070, "transport": "tcp"}),
        ("expires=300", "q=1", {"user": "100"}),
        ("<sip:200@localhost>;expires=300'", "<sip:200@localhost>;expires=300', expires: 900", {"expiry": 300}),
        (", password: 'hunter22'", ", password: 12345678", {"secret": "12345678"}),
        ("  auth:", "  proxy: 'sip:192.0.2.9',\n  auth:", {"outbound_proxy": "sip:192.0.2.9"}),
    ],
)
def test_what_drachtio_reads(old, new, expected):
    found = parsed(DRACHTIO, DRACHTIO_CODE.replace(old, new, 1))
    assert loud(found) == []
    assert expected.items() <= fields(found).items()


def test_other_requests_are_no_registrations():
    found = parsed(DRACHTIO, DRACHTIO_CODE.replace("REGISTER", "OPTIONS"))
    assert (found.registrations, found.findings, found.ok) == ((), (), True)


# --- pyVoIP


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "place"),
    [
        ("5060", '"5060"', "SR803", "error", "5060"),
        ("5060", '"5O60"', "SR803", "error", "5O60"),
        ("5060", "70000", "SR803", "error", "70000"),
        ("5060", "5060.0", "SR803", "error", "5060.0"),
        ("5060", "None", "SR803", "error", "None"),
        ("5060", "5061", "SR117", "hint", "5061"),
        ("5060", "4569", "SR144", "warning", "4569"),
        ('5060, "100", "hunter22"', '"100", "hunter22", 5060', "SR801", "error", "5060"),
        ('"192.0.2.1", 5060, "100"', '"100", 5060, "192.0.2.1"', "SR801", "error", "192.0.2.1"),
        ('"100", "hunter22"', '"hunter#22", "1000"', "SR801", "error", "hunter#22"),
        ('"192.0.2.1"', '"sip:192.0.2.1"', "SR802", "error", "sip:"),
        ('"192.0.2.1"', '"192.0.2.1:5060"', "SR802", "error", ":5060"),
        ('"192.0.2.1"', '"sip..example"', "SR140", "error", "sip..example"),
        ('"100"', '"100@192.0.2.1"', "SR805", "error", "@192.0.2.1"),
        ('"100"', '"sip:100"', "SR805", "error", "sip:"),
        ('"100"', "100", "SR793", "error", "100"),
        ('"hunter22"', "12345678", "SR793", "error", "12345678"),
        ('"hunter22"', '"hun\\ter22"', "SR791", "error", "\\t"),
        ('"hunter22"', '"hunter22\u200b"', "SR150", "error", "\u200b"),
        ('"hunter22"', '"your_password"', "SR109", "hint", "your_password"),
        (', myIP="192.0.2.2"', "", "SR804", "hint", "VoIPPhone("),
        ("192.0.2.2", "127.0.0.1", "SR804", "hint", "127.0.0.1"),
        ('"100", "hunter22"', 'user="100", password="hunter22"', "SR800", "error", "user"),
        (', "hunter22"', "", "SR800", "error", "VoIPPhone("),
        ("myIP=", "my_ip=", "SR800", "error", "my_ip"),
        (", myIP=", ", port=5060, myIP=", "SR800", "error", "VoIPPhone("),
        (", myIP=", ", rtpPortLow=30000, myIP=", "SR800", "error", "30000"),
        ("5060,", "5060", "SR782", "error", None),
        ('"hunter22"', "\u201chunter22\u201d", "SR782", "error", "\u201c"),
    ],
)
def test_mistakes_in_pyvoip(old, new, code, severity, place):
    text = f"phone = {CALL.replace(old, new, 1)}\nphone.start()\n"
    assert new in text
    found = parsed(PYVOIP, text)
    says(found, code, severity)
    if place is not None:
        assert under(text, found, code).startswith(place)
    shown = report(explain(text, dialect=PYVOIP))
    for secret in ("hunter22", "hunter#22", "12345678", "hun\\ter22"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("5060", '"5070"', {"port": 5070}),
        ('5060, "100", "hunter22"', '"100", "hunter22", 5060', {"port": 5060, "user": "100", "secret": "hunter22"}),
        ('"192.0.2.1", 5060, "100"', '"100", 5060, "192.0.2.1"', {"host": "192.0.2.1", "user": "100"}),
        ('"100", "hunter22"', '"hunter#22", "1000"', {"user": "1000", "secret": "hunter#22"}),
        ('"192.0.2.1"', '"sip:192.0.2.1:5070"', {"host": "192.0.2.1"}),
        ('"100"', '"100@192.0.2.1"', {"user": "100"}),
        ('"hunter22"', '"hun\\ter22"', {"secret": "hun\\ter22"}),
        ('"100", "hunter22"', 'user="100", password="hunter22"', {"user": "100"}),
    ],
)
def test_what_was_meant_for_pyvoip(old, new, expected):
    found = parsed(PYVOIP, CALL.replace(old, new, 1))
    assert expected.items() <= found.meant[0].to_json().items()


@pytest.mark.parametrize(
    "text",
    [
        CALL.replace(', "hunter22"', ""),
        CALL.replace('5060, "100", "hunter22", ', ""),
        CALL.replace('"100", "hunter22"', 'user="100", password="hunter22"'),
        CALL.replace(", myIP=", ", port=5060, myIP="),
        CALL.replace(", myIP=", ", None, None, 0, 1, 2, 3, myIP="),
        CALL.replace(", myIP=", ", rtpPortLow=30000, myIP="),
    ],
)
def test_what_python_says_of_the_arguments_is_what_it_says(text):
    voip = pytest.importorskip("pyVoIP.VoIP")
    found = parsed(PYVOIP, text)
    assert not found.ok
    with pytest.raises(Exception, match=r"VoIPPhone|rtpPort") as caught:
        eval(text, {"VoIPPhone": voip.VoIPPhone})
    said = f"{type(caught.value).__name__}: {caught.value}"
    assert said in [finding.log for finding in found.findings]


@pytest.mark.parametrize(("user", "secret"), [("100", 12345678), (100, "hunter22"), ("100", None)])
def test_what_is_no_string_fails_in_the_digest(user, secret):
    voip = pytest.importorskip("pyVoIP.VoIP")
    found = parsed(PYVOIP, f'VoIPPhone("192.0.2.1", 5060, {user!r}, {secret!r}, myIP="192.0.2.2")')

    challenge = SimpleNamespace(authentication={"realm": "r", "nonce": "n"}, headers={"CSeq": {"method": "REGISTER"}})
    with pytest.raises(TypeError) as caught:
        voip.VoIPPhone("192.0.2.1", 5060, user, secret).sip.gen_authorization(challenge)
    assert f"REGISTERATION ERROR: {caught.value}" in [finding.log for finding in found.findings]


def test_the_expiry_of_a_phone():
    voip = pytest.importorskip("pyVoIP.VoIP")
    assert voip.VoIPPhone("192.0.2.1", 5060, "100", "x").sip.default_expires == fields(parsed(PYVOIP, CALL))["expiry"]
    text = f"phone = {CALL}\nphone.sip.default_expires = 300\nphone.start()\n"
    assert fields(parsed(PYVOIP, text))["expiry"] == 300


@pytest.mark.parametrize(
    ("old", "new", "log"),
    [
        ("'sip:100@acme.example',", "'sip:100@acme.example'", "SyntaxError: Unexpected identifier"),
        ("'hunter22'", "'hun\\user22'", "SyntaxError: Invalid Unicode escape sequence"),
        ("'hunter22'", "'hun\\xer22'", "SyntaxError: Invalid hexadecimal escape sequence"),
        ("'hunter22'", "\u2018hunter22\u2019", "SyntaxError: Invalid or unexpected token"),
        ("'hunter22'", "'hunter22", "SyntaxError: Invalid or unexpected token"),
        ("'sip:100@acme.example',", "'sip:100@acme.example';", "SyntaxError: Unexpected token ';'"),
        ("password :", "password =", "SyntaxError: Invalid shorthand property initializer"),
    ],
)
def test_what_no_browser_loads_is_what_none_loads(old, new, log):
    text = JSSIP_CODE.replace(old, new, 1)
    found = parsed(JSSIP, text)
    assert not found.ok
    assert [finding.log for finding in found.findings] == [log]
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: what it prints is not compared")
    said = subprocess.run([node, "-e", text], capture_output=True, text=True, check=False, encoding="utf-8").stderr
    assert log in said


def test_a_registration_for_no_time_is_said():
    found = parsed(DRACHTIO, DRACHTIO_CODE.replace("expires=300", "expires=0"))
    says(found, "SR135", "hint")
    assert found.registrations[0].expiry == 0


def test_which_of_password_and_digest_is_used():
    digest = "0123456789abcdef" * 2
    found = parsed(JSSIP, JSSIP_CODE.replace("password :", f"ha1: '{digest}', password :"))
    assert (found.registrations[0].secret, found.registrations[0].ha1) == ("hunter22", None)
    found = parsed(
        SIPJS, SIPJS_CODE.replace("authorizationPassword", f"authorizationHa1: '{digest}', authorizationPassword")
    )
    assert found.registrations[0].ha1 == digest


def test_a_registrar_that_is_not_made():
    found = parsed(SIPJS, SIPJS_CODE.replace("expires: 300", "registrar: UserAgent.makeURI('reg.example')"))
    says(found, "SR786", "error")
    assert found.registrations[0].host == "acme.example"
    assert found.meant[0].host == "reg.example"


@pytest.mark.parametrize(("server", "span"), [("sip:192.0.2.1", "sip:"), ("192.0.2.1:5060", ":5060")])
def test_a_server_that_is_no_name_is_not_found(server, span):
    text = CALL.replace("192.0.2.1", server, 1)
    found = parsed(PYVOIP, text)
    assert under(text, found, "SR802") == span
    assert found.findings[-1].log == "REGISTERATION ERROR: [Errno -2] Name or service not known"
    assert found.registrations[0].host == server
