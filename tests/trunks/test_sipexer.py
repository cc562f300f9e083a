"""The command line of sipexer."""

from __future__ import annotations

import pytest
from dialect_checks import codes_of, fields, loud, parsed, under
from tool_checks import check_mistake

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report
from mockregistrar.trunks.tools.sipexer_cmdline import target_of

SIPEXER = "sipexer-cmdline"

EXER = "sipexer -register -cb -ex 600 -fuser 100 -fd sip.acme.example -au login -ap hunter22 udp:sip.acme.example:5070"


def test_a_command_line_of_sipexer():
    found = parsed(SIPEXER, EXER)
    assert detect(EXER).dialect == SIPEXER
    assert found.ok
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "login",
        "effective_auth_user": "login",
        "domain": "sip.acme.example",
        "host": "sip.acme.example",
        "port": 5070,
        "transport": "udp",
        "extension": "",
        "expiry": 600,
        "register": True,
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # the examples of its manual
        (
            "sipexer -register -cb -ex 600 -au alice -ap test123 udp:127.0.0.1:5060",
            {"user": "alice", "domain": "localhost", "secret": "test123", "host": "127.0.0.1", "expiry": 600},
        ),
        (
            f'sipexer -register -vl 3 -co -com -ex 60 -fuser alice -cb -ap "{"ab" * 16}" -ha1 -sd udp:h.example:5060',
            {"ha1": "ab" * 16, "effective_auth_user": "alice", "auth_user": "", "domain": "h.example"},
        ),
        ("sipexer --register-first --invite -fuser 1 -tuser b -cb -sd -su tcp:h.example:5060", {"register": True}),
        ("sipexer --call-self --ring-time 2000 -fuser 1 -ex 60 -cb -sd -su udp:h.example:5060", {"user": "1"}),
        ("sipexer --register -cb -sd --fuser=1 --auth-password=pw h.example", {"port": 5060, "transport": "udp"}),
        (
            "sipexer -r -cb -fu 1 -sd -ap pw tls:h.example:5061",
            {"transport": "tls", "port": 5061, "domain": "h.example"},
        ),
        ("sipexer -r=true -cb -fu 1 -sd -ap pw h.example:5070", {"port": 5070}),
        ("sipexer -r -cb -fu 1 -sd -ap pw h.example 5070", {"port": 5070, "transport": "udp"}),
        ("sipexer -r -cb -fu 1 -sd -ap pw tcp h.example", {"port": 5060, "transport": "tcp"}),
        ("sipexer -r -cb -fu 1 -sd -ap pw tcp h.example 5070", {"port": 5070, "transport": "tcp"}),
        ("sipexer -r -cb -fu 1 -sd -ap pw 'sip:h.example:5071;transport=tls'", {"port": 5071, "transport": "tls"}),
        ("sipexer -r -cb -fu 1 -sd -ap pw sip:h.example", {"port": 5060, "transport": "udp"}),
        ("sipexer -r -cb -fu 1 -sd -ap pw wss://h.example/ws", {"port": 443, "transport": "wss", "host": "h.example"}),
        ("sipexer -r -cb -fu 1 -sd -ap pw ws://h.example:8080/ws", {"port": 8080, "transport": "ws"}),
        ("sipexer -r -cb -fu 1 -sd -ap pw 'udp:[2001:db8::1]:5060'", {"host": "[2001:db8::1]"}),
        ("sipexer -r -cb -fu 1 -ap pw", {"host": "127.0.0.1", "port": 5060, "domain": "localhost"}),
        ("sipexer -r -fu 1 -sd -cu sip:ext@192.0.2.9 -ap pw h.example", {"extension": "ext"}),
        ("sipexer -r -cb -fv fuser:1 -fv fdomain:d.example -ap pw h.example", {"user": "1", "domain": "d.example"}),
        ("sipexer -r -cb -fu 1 -fd d.example:5080 -ap pw h.example", {"domain": "d.example", "domain_port": 5080}),
        ("sipexer -r -cb -fu 1 -ruri sip:d.example -sd -ap pw h.example", {"domain": "d.example"}),
        ("sipexer -r -cb -to-uri sip:1@d.example -ap pw h.example", {"user": "1", "domain": "d.example"}),
        (
            "sipexer -r -cb -register-party -tu 1 -td d.example -fd x -ap pw h.example",
            {"user": "1", "domain": "d.example"},
        ),
        ("sipexer -mt register -cb -fu 1 -sd -ap pw h.example", {"register": True}),
        ("sipexer -r -cb -fu 1 -sd -ap=-pw h.example", {"secret": "-pw"}),
        ("sipexer h.example", {"register": False, "secret": ""}),
        ("sipexer -r -cb -fu 1 -sd -ap pw tls:h.example", {"port": 5060, "transport": "tls"}),
        ("sipexer -r -cb -fu 1 -sd -ap pw -ua2-fuser x h.example", {"user": "1"}),
        ("sipexer -r -cb -fu %2B49 -sd -ap pw h.example", {"user": "+49", "effective_auth_user": "%2B49"}),
    ],
)
def test_what_sipexer_reads(line, expected):
    found = parsed(SIPEXER, line)
    assert loud(found) == []
    assert found.ok
    assert expected.items() <= fields(found).items()


def test_no_expiry_unless_it_is_written():
    assert "expiry" not in fields(parsed(SIPEXER, EXER.replace(" -ex 600", "")))


EXER_MISTAKES = [
    (" -fuser 100", "", "SR775", "warning", "login", {"user": "login"}),
    (" -fd sip.acme.example", "", "SR776", "hint", None, {"domain": "localhost"}),
    (" -cb", "", "SR769", "hint", None, None),
    (" -register", "", "SR769", "hint", None, {"register": False}),
    ("-ap", "-password", "SR763", "error", "-password", {"secret": "hunter22"}),
    ("-fuser", "-fusr", "SR763", "error", "-fusr", {"user": "100"}),
    ("-cb", "-cb -zzz", "SR763", "warning", "-zzz", None),
    ("-ap hunter22", "-ap", "SR764", "error", "-ap", {"secret": "", "host": "sip.acme.example"}),
    ("-ap hunter22 udp:sip.acme.example:5070", "-ap", "SR764", "error", "-ap", None),
    ("-au login -ap", "-au -ap", "SR764", "error", "-au", {"secret": "hunter22"}),
    ("600", "6OO", "SR772", "error", "6OO", {"expiry": 600}),
    ("600", "-1", "SR772", "error", "-1", None),
    ("600", "30", "SR136", "hint", "30", None),
    ("600", "0", "SR135", "hint", "0", {"expiry": 0}),
    ("5070", "5O70", "SR774", "error", "udp:sip.acme.example:5O70", {"port": 5070}),
    ("5070", "507000", "SR772", "error", None, None),
    ("5070", "4569", "SR144", "warning", None, None),
    ("udp:sip.acme.example:5070", "udp:sip.acme.example:5061", "SR117", "hint", None, None),
    ("udp:sip", "udp://sip", "SR774", "error", "udp://sip.acme.example:5070", {"host": "sip.acme.example"}),
    ("udp:sip", "http:sip", "SR774", "error", None, None),
    ("udp:", "sctp:", "SR773", "error", None, None),
    ("udp:", "sips:", "SR774", "warning", None, {"transport": "udp"}),
    ("udp:sip.acme.example", "udp:sip.acme,example", "SR140", "error", "sip.acme,example", None),
    ("-fd sip.acme.example", "-fd sip.acme,example", "SR140", "error", "sip.acme,example", None),
    ("udp:sip.acme.example:5070", "sip:sip.acme.example;transport=tls", "SR531", "error", None, {"transport": "tls"}),
    ("-ap hunter22", "-ap hun;ter22", "SR531", "error", None, {"secret": "hun;ter22"}),
    ("-ap hunter22", '-ap "hunter22$x"', "SR532", "warning", "$x", {"secret": "hunter22$x"}),
    ("-ap hunter22", "-ap 'hunter22", "SR530", "error", "'", None),
    ("-ap hunter22", "-ha1 -ap hunter22", "SR777", "error", "hunter22", None),
    ("hunter22", "hunter22\u200b", "SR150", "error", "\u200b", None),
    ("hunter22", "changeme", "SR109", "hint", "changeme", None),
]


@pytest.mark.parametrize(("old", "new", "code", "severity", "place", "meant"), EXER_MISTAKES)
def test_mistakes_on_sipexers_command_line(old, new, code, severity, place, meant):
    text = EXER.replace(old, new, 1)
    assert text != EXER
    check_mistake(SIPEXER, text, code, severity, place, meant)


def test_options_behind_the_target_belong_to_it():
    text = "sipexer -register -cb -sd udp:h.example:5060 -fuser 100 -ap hunter22"
    found = parsed(SIPEXER, text)
    assert not found.ok
    assert under(text, found, "SR778") == "-fuser"
    assert found.findings[0].log == "invalid number of arguments : 5"
    assert (found.meant[0].user, found.meant[0].secret) == ("100", "hunter22")
    assert "hunter22" not in report(explain(text))


@pytest.mark.parametrize(
    ("old", "new", "log"),
    [
        ("-ap", "-password", "flag provided but not defined: -password"),
        ("-ap hunter22 udp:sip.acme.example:5070", "-ap", "flag needs an argument: -ap"),
        ("600", "soon", "invalid expires value: soon"),
        ("5070", "5O70", "invalid destination address: udp:sip.acme.example:5O70"),
        ("udp:", "sctp:", "transport protocol not supported yet for target sctp:sip.acme.example:5070"),
    ],
)
def test_what_sipexer_prints(old, new, log):
    found = parsed(SIPEXER, EXER.replace(old, new, 1))
    assert not found.ok
    assert found.registrations == ()
    assert log in [finding.log for finding in found.findings]


def test_variables_leave_target_and_password_open():
    found = parsed(SIPEXER, 'sipexer -r -cb -sd -fu "$NAME" -ap "$PW" "udp:$HOST:5060"')
    assert codes_of(found) == ["SR532"]
    assert fields(found) == {"auth_user": "", "extension": "", "register": True}


@pytest.mark.parametrize(
    "words", [["a", "b", "c", "d"], ["h:x"], ["h:"], ["sip:h:x"], ["sip:h;transport=x"], ["mailto:x"]]
)
def test_targets_that_are_none(words):
    assert target_of(words).why


def test_sipexer_is_written_with_a_contact():
    text = registry.render(SIPEXER, Trunk("100", "h.example", secret="a;b", domain="d.example", port=5070))
    assert text == "sipexer -register -cb -ex 120 -fuser 100 -fd d.example -au 100 -ap 'a;b' udp:h.example:5070"
    assert "-ap=-x" in registry.render(SIPEXER, Trunk("1", "h", secret="-x"))
    assert registry.render(SIPEXER, Trunk("1", "h", secret="x", transport="wss", port=443)).endswith(" wss://h:443")


@pytest.mark.parametrize(
    "trunk",
    [
        Trunk("no", "h", secret="x"),
        Trunk("", "h", secret="x"),
        Trunk("1", "h example", secret="x"),
        Trunk("1", "h", secret="x", transport="sctp"),
        Trunk("1", "h", secret="x\0"),
    ],
)
def test_what_sipexer_cannot_be_told(trunk):
    with pytest.raises(CannotRender):
        registry.render(SIPEXER, trunk)
