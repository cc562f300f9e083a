"""The dialect's face: the two readings, the findings with their places, and rendering."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CODES, CannotRender, Reading, Trunk, mask
from mockregistrar.trunks.asterisk import chan_sip as asterisk_chan_sip
from mockregistrar.trunks.asterisk.chan_sip import parse, registration_line, render

# Correct texts from documentation and guides: nothing above a hint.
GREEN = [
    "name@domain",
    "name:pass@domain",
    "name@namedomain:pass:authuser@domain",
    "tls://name@namedomain:pass:authuser@domain/extension~111",
    "peer?tcp://name@namedomain:pass:authuser@domain:1234/extension~111",
    "name@namedomain:4321:pass:authuser@domain",
    "name@namedomain:4321::@domain",
    "testcarrier:test@10.10.10.15:5060",
    "1234:password@mysipprovider.com",
    "2345:password@sip_proxy/1234",
    "username:password@switch.voipprovider.com",
    "username:password@switch.voipprovider.com/5551212",
    "tls://Username:Password@atlanta1.voip.ms:5061~300",
    "3344:s3cr3t:authname@tel.t-online.de:5060/didnumber~480",
    "1777000000:secret@callcentric.com/1777000000",
    "79001234567@multifon.ru:secret@sbc.megafon.ru:5060/79001234567",
    "+4930123456@t-online.de:secret:mail@tel.t-online.de",
    "100:pa#ss@sip.acme.example/100",
    "100:p@ss@sip.acme.example",
    '100:"p:a/s?s"@sip.acme.example',
    "100:pässwörd@sip.acme.example",
    "100:pa(ss@sip.acme.example",
    "100:pa(s)s@sip.acme.example",
    "100:pa%40ss@sip.acme.example",
    "u:p:@h",
    "u:secret@[2001:db8::1]:5060/100",
    "1234567e0:secret@sipgate.de/1234567e0~600",
    "5551212:secret@sip.messagenet.it:5061/5551212",
    "tls://100:pa/ss@sip.acme.example",  # behind a transport a slash does not cut
    "+4930123456:secret:anonymous@t-online.de@tel.t-online.de/+4930123456",
    "79261234567@multifon.ru:secret:79261234567@multifon.ru@sbc.megafon.ru:5060/79261234567",
    "tls://05012345678:secret:12345678@050plus.example:5061",
    "1001:secret:1001@sip.acme.example",
    "sip_user@dom.example:88,e{=f:auth671@sipgate.de:5080~300",
    "100:ab%ceg@sip.acme.example",
    "2345:password@sip_proxy/1234",
]

# Of these not even a hint is worth a word.
SILENT = [
    "123456_sub:S3cr3t!@atlanta.voip.ms:5060",
    "tls://123456:S3cr3t!@atlanta1.voip.ms:5061~300",
    "17770001234:MyPass99@in.callcentric.com:5080/17770001234",
    "1234567t0:XyZaBc@proxy.live.sipgate.de/1234567t0~600",
    "+4930123456:geheim:anonymous@t-online.de@tel.t-online.de/+4930123456~480",
    "+8675512345678@gd.ctcims.cn:pw123:+8675512345678@gd.ctcims.cn@bac.gd.ctcims.cn",
    "12345678:pwd99@us-east-va.sip.flowroute.com",
    "0049301234567:Abc123@sip.easybell.de/0049301234567",
    "tcp://+4930123456@tel.t-online.de:geheim@tel.t-online.de:5060/+4930123456~600",
    "1234:s3cr3t:1234@host.example/1234",
    "100:a&b=c+d%e@sip.acme.example",
    "u:p:@h",
]

# text, code, severity, (column, length), what was meant
MISTAKES: list[tuple[str, str, str, tuple[int, int], dict[str, object] | None]] = [
    ("u:pa/ss@h", "SR122", "error", (5, 1), {"user": "u", "secret": "pa/ss", "host": "h"}),
    ("u:p//ss@h", "SR122", "error", (4, 1), {"user": "u", "secret": "p//ss"}),
    ("u:pa?ss@h", "SR123", "error", (5, 1), {"user": "u", "secret": "pa?ss", "peer": ""}),
    ("u:p@h:5O60", "SR131", "error", (7, 4), {"port": 5060}),
    ("u:p@h:50 60", "SR131", "error", (7, 5), {"port": 5060}),
    ("u:p@h:5060abc", "SR132", "warning", (7, 7), {"port": 5060}),
    ("u:p@h:5060:5061", "SR137", "warning", (7, 9), {"port": 5060}),
    ("u:p@h:70000", "SR133", "error", (7, 5), None),
    ("u:p@h:", "SR133", "warning", (6, 1), None),
    ("u:p@h~60/100", "SR134", "error", (7, 6), {"expiry": 60, "extension": "100"}),
    ("u:p@h~0", "SR135", "error", (7, 1), {"expiry": 120}),
    ("u:p@h~", "SR135", "error", (6, 1), {"expiry": 120}),
    ("u:p@h~3OO", "SR131", "error", (7, 3), {"expiry": 300}),
    ("u:p@h~300s", "SR132", "warning", (7, 4), {"expiry": 300}),
    ("u:p@h~10", "SR136", "hint", (7, 2), {"expiry": 10}),
    ("u p@h", "SR128", "error", (2, 1), {"user": "u", "secret": "p"}),
    ("u:p#h.example", "SR101", "error", (4, 1), {"user": "u", "secret": "p", "host": "h.example"}),
    ("u:p@h/", "SR145", "hint", (6, 1), {"extension": "s"}),
    ("tcp:/u:p@h", "SR112", "error", (1, 5), {"transport": "tcp", "user": "u", "secret": "p"}),
    ("tls:u:p@h", "SR113", "error", (1, 4), {"transport": "tls", "user": "u", "secret": "p", "port": 5061}),
    ("sip:1001@host.example", "SR113", "error", (1, 4), {"user": "1001", "secret": ""}),
    ("sip://u:p@h", "SR111", "warning", (1, 6), {"user": "u"}),
    ("ws://u:p@h", "SR110", "error", (1, 5), {"transport": "ws"}),
    ("sips://u:p@h", "SR110", "error", (1, 7), {"transport": "tls", "port": 5061}),
    ("//u:p@h", "SR115", "error", (1, 2), {"user": "u", "secret": "p"}),
    ("tcpx://u:p@h", "SR116", "hint", (1, 4), {"transport": "tcp"}),
    ("register => register => u:p@h", "SR103", "error", (13, 11), {"user": "u", "secret": "p"}),
    ("register = > u:p@h", "SR105", "error", (12, 1), {"user": "u", "secret": "p"}),
    ('"u:p@h"', "SR125", "error", (1, 7), {"user": "u", "secret": "p", "host": "h"}),
    ("u:“pass”@h", "SR151", "error", (3, 1), {"secret": "pass"}),
    ("u:pass\u00a0@h", "SR150", "error", (7, 1), {"secret": "pass"}),
    ("u:pass@h\u200b", "SR150", "error", (9, 1), {"host": "h"}),
    ("u:pass＠sip.h.example", "SR151", "error", (7, 1), {"secret": "pass", "host": "sip.h.example"}),
    ("100:pass@sip.аcme.example", "SR151", "error", (14, 1), {"host": "sip.acme.example"}),
    ("u:p(w:auth@h", "SR124", "error", (4, 1), {"secret": "p(w", "auth_user": "auth"}),
    ('u:"p(w":auth@h', "SR124", "error", (5, 1), {"secret": "p(w", "auth_user": "auth"}),
    ("(user:pass@host", "SR124", "error", (1, 1), {"user": "(user", "secret": "pass"}),
    ('u:pa"ss:auth@h', "SR124", "error", (5, 1), {"secret": 'pa"ss', "auth_user": "auth"}),
    ("u:a:b:auth@h", "SR121", "error", (4, 1), {"secret": "a:b", "auth_user": "auth"}),
    ("u:p@h,com", "SR140", "error", (5, 5), {"host": "h.com"}),
    ("u:p@h.", "SR143", "warning", (6, 1), {"host": "h"}),
    ("u:p@192.168.1.300", "SR140", "error", (5, 13), None),
    ("u:p@<sip.h.example>", "SR140", "error", (5, 15), {"host": "sip.h.example"}),
    ("u:p@2001:db8::1", "SR141", "error", (5, 11), {"host": "[2001:db8::1]", "port": 5060}),
    ("u:p@/100", "SR142", "error", (4, 1), None),
    ("u:p@sip:h.example", "SR118", "error", (5, 4), {"host": "h.example"}),
    ("u:p@tls://h.example", "SR118", "error", (5, 6), {"host": "h.example", "transport": "tls", "port": 5061}),
    ("u:p@h.example/tcp", "SR119", "warning", (15, 3), None),
    ("u:p@h;transport=tls", "SR114", "error", (6, 14), {"host": "h", "transport": "tls", "port": 5061}),
    ("u:p@h # note", "SR108", "error", (7, 6), {"host": "h"}),
    ("u:p@h/100 # note", "SR108", "error", (11, 6), {"extension": "100"}),
    ("u:p@h:5060 # note", "SR132", "hint", (12, 6), {"port": 5060}),
    ("u:p@h:4569", "SR144", "warning", (7, 4), None),
    ("u:[key]@h", "SR147", "hint", (3, 5), None),
    ("tls://u:p@h:5060", "SR117", "hint", (13, 4), None),
    ("u:p@h:5061", "SR117", "hint", (7, 4), None),
    (":pass@h", "SR129", "error", (1, 1), None),
    (r"u:pa\:ss@h", "SR126", "warning", (5, 1), None),
    ("u:pa%3Ass@h", "SR127", "hint", (5, 1), None),
    ("u:'pass'@h", "SR127", "hint", (3, 1), None),
    ("u:pass\\@h.example:5070", "SR139", "error", (7, 1), {"port": 5070, "auth_user": "", "secret": "pass\\"}),
    ("u:pa:ss@h", "SR120", "hint", (6, 2), None),
    ("u:1234:pw:auth@h", "SR138", "hint", (3, 4), None),
    ("u:pass@sip.h.example@h", "SR130", "hint", (21, 1), None),
    ("YOUR_USERNAME:x@h", "SR109", "hint", (1, 13), None),
    ("@h", "SR101", "error", (1, 2), None),
    ("u:p@", "SR101", "error", (1, 4), None),
    ("mypeer", "SR101", "error", (1, 6), None),
    ("u:pass/@h.example", "SR122", "error", (7, 1), {"secret": "pass/"}),
    ("u:pass//@h.example", "SR122", "error", (7, 1), {"secret": "pass//"}),
    ("u:pass?@h.example", "SR123", "error", (7, 1), {"secret": "pass?", "peer": ""}),
    ("u?:pass@h.example", "SR123", "error", (2, 1), {"user": "u?", "secret": "pass"}),
    ("u:p@h.example/100@foo", "SR130", "error", (18, 4), {"host": "h.example", "extension": "100"}),
    ("u:p@h.example, v:q@h.example", "SR130", "error", (14, 15), {"user": "u", "host": "h.example"}),
    ("tls//u:p@h", "SR110", "error", (1, 5), {"transport": "tls", "user": "u", "port": 5061}),
    ("udp//u:p@h", "SR110", "warning", (1, 5), {"transport": "udp", "user": "u"}),
    ("foo://u:p@h", "SR110", "warning", (1, 3), {"transport": "udp"}),
    ("tcp:\\\\u:p@h", "SR112", "error", (1, 6), {"transport": "tcp", "user": "u"}),
    ("tcp:u@h.example", "SR113", "error", (1, 4), {"transport": "tcp", "user": "u"}),
    ("<sip:u:p@h.example>", "SR125", "error", (1, 19), {"user": "u", "secret": "p", "host": "h.example"}),
    ("`u:p@h`", "SR125", "error", (1, 7), {"user": "u", "host": "h"}),
    ("u,p@h.example", "SR128", "error", (2, 1), {"user": "u", "secret": "p"}),
    ("u|p@h.example", "SR128", "error", (2, 1), {"user": "u", "secret": "p"}),
    ("u;p@h.example", "SR128", "error", (2, 1), {"user": "u", "secret": "p"}),
    ("u@h.example", "SR146", "hint", (1, 1), None),
    ("u:p@@h.example", "SR130", "hint", (4, 2), None),
    ("register => => u:p@h", "SR105", "error", (13, 2), {"user": "u"}),
    ("register ==> u:p@h", "SR105", "error", (11, 2), {"user": "u"}),
    ("u:p@h.example?transport=tcp", "SR114", "error", (14, 14), {"transport": "tcp", "host": "h.example"}),
    ("u:p@h:5060 transport=tls", "SR114", "error", (11, 14), {"transport": "tls"}),
    ("u:p@h.example:tcp", "SR133", "error", (15, 3), {"transport": "tcp"}),
    ("u:p@h:S060", "SR133", "warning", (7, 4), {"port": 5060}),
    ("u:p@h:506", "SR117", "hint", (7, 3), None),
    ("u:p@h:50600", "SR117", "hint", (7, 5), None),
    ("u:p@h:5060 (main)", "SR132", "hint", (12, 6), None),
    ("u:p@h.example (main)", "SR108", "error", (15, 6), {"host": "h.example"}),
    ("u:p@h.example/100 main", "SR108", "error", (15, 8), {"extension": "100"}),
    ("u:p@h.example/tls", "SR119", "warning", (15, 3), {"transport": "tls", "extension": "s", "port": 5061}),
    ("u:p@h~1h", "SR131", "error", (7, 2), {"expiry": 3600}),
    ("u:p@h.example\\", "SR140", "error", (5, 10), {"host": "h.example"}),
    ("u:p@.h.example", "SR140", "error", (5, 10), {"host": "h.example"}),
    ("u:p@h.example main trunk", "SR140", "error", (5, 20), {"host": "h.example"}),
    ("u:p@100", "SR140", "error", (5, 3), None),
    ("u:YOUR_PASSWORD@h", "SR109", "hint", (3, 13), None),
    ("u:p@sip.your-provider.com", "SR109", "hint", (5, 21), None),
]

# text, the line to write instead where that is only a possibility
POSSIBILITIES = [
    (r"u:pa\:ss@h", "SR126", 'u:"•••••"@h'),
    ("u:pa%3Ass@h", "SR127", 'u:"•••••"@h'),
    ("u:'pass'@h", "SR127", "u:••••@h"),
    ("u:pa:ss@h", "SR120", 'u:"••:ss"@h'),
    ("u:p@h~10", "SR136", "u:•@h~60"),
    ("tls://u:p@h:5060", "SR117", "tls://u:•@h"),
    ("u:p@h:5061", "SR117", "tls://u:•@h"),
    ("u:p@h:4569", "SR144", "u:•@h"),
    ("u:p@h/", "SR145", "u:•@h"),
]

LOGS = [
    ("foo://u:p@h", "SR110", "NOTICE ... 'foo' is not a valid transport type on line 4 of sip.conf."),
    ("tls//u:p@h", "SR110", "NOTICE ... 'tl' is not a valid transport type on line 4 of sip.conf. defaulting to udp."),
    ("u:p@100", "SR140", "WARNING ... Purely numeric hostname (100), and not a peer--rejecting!"),
    ("u:p@2001:db8::1", "SR141", "NOTICE ... 'db8::1' is not a valid port number on line 4 of sip.conf."),
    ("u:p@2001:470::1", "SR141", "WARNING ... Purely numeric hostname (2001), and not a peer--rejecting!"),
    ("u:p@h:abc", "SR133", "NOTICE ... 'abc' is not a valid port number on line 4 of sip.conf. using default."),
]


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


@pytest.mark.parametrize("text", GREEN)
def test_a_correct_text_gives_nothing_above_a_hint(text):
    for reading in (parse(text), parse(f"register => {text}"), parse(f"register => {text}", in_file=True)):
        assert reading.worst in (None, "hint"), reading.findings
        assert reading.real is not None
        assert reading.meant is reading.real
        assert reading.trigger is None


@pytest.mark.parametrize(("text", "code", "severity", "place", "meant"), MISTAKES)
def test_a_mistake_is_found_where_it_is(text, code, severity, place, meant):
    reading = parse(text, line=4)
    found = [f for f in reading.findings if f.code == code]
    assert found, codes(reading)
    assert found[0].severity == severity
    assert (found[0].span.column, found[0].span.length) == place
    assert found[0].span.line == 4
    if meant is not None:
        assert reading.meant is not None
        assert {name: getattr(reading.meant, name) for name in meant} == meant
    # nothing worse than what the row names
    order = ["hint", "warning", "error"]
    assert order.index(reading.worst or "hint") == order.index(severity)


@pytest.mark.parametrize(("text", "code", "severity", "place", "meant"), [m for m in MISTAKES if m[2] == "error"])
def test_the_proposed_text_is_good(text, code, severity, place, meant):
    """What is proposed instead reads as what was meant, and gives nothing above a hint."""
    reading = parse(text)
    if reading.meant is None or not any(f.fix for f in reading.findings if f.code == code):
        return
    rendered = render(reading.meant)
    again = parse(rendered)
    assert again.real == reading.meant
    assert again.worst in (None, "hint")


@pytest.mark.parametrize("text", SILENT)
def test_nothing_is_said_where_nothing_is_worth_it(text):
    assert parse(f"register => {text}", in_file=True).findings == ()
    assert parse(text).findings == ()


@pytest.mark.parametrize(("text", "code", "fix"), POSSIBILITIES)
def test_what_is_only_possible_is_proposed_and_not_meant(text, code, fix):
    reading = parse(text)
    found = next(f for f in reading.findings if f.code == code)
    assert reading.meant is reading.real
    dots = re.compile("•+")
    assert dots.sub("•", found.fix) == dots.sub("•", fix)


@pytest.mark.parametrize(("text", "code", "log"), LOGS)
def test_the_log_line_is_the_one_to_search_for(text, code, log):
    assert next(f.log for f in parse(text, line=4).findings if f.code == code).startswith(log)


@pytest.mark.parametrize(
    ("line", "code", "severity", "meant"),
    [
        ("register => u:p@sip;provider.com", "SR104", "error", {"host": "sip.provider.com"}),
        ("register => u:p@h;com:5060/100", "SR104", "error", {"host": "h.com", "extension": "100"}),
        ("register => u:p@h.example;5062/100", "SR104", "error", {"port": 5062, "extension": "100"}),
        ("register => u:p@h.example;5060", "SR104", "hint", {"port": 5060}),
        ("register => ;u:p@h.example", "SR104", "error", {"user": "u", "host": "h.example"}),
    ],
)
def test_a_semicolon_in_the_place_of_another_sign(line, code, severity, meant):
    reading = parse(line, in_file=True)
    found = [f for f in reading.findings if f.code == code]
    assert [f.severity for f in found] == [severity]
    assert {name: getattr(reading.meant, name) for name in meant} == meant


@pytest.mark.parametrize("value", ["u:p@acme;main", "u:p@h.example;old", "u:p@h;x 1", "u:p@h:5060;main.trunk"])
def test_a_note_right_behind_the_host_is_a_note(value):
    assert parse(f"register => {value}", in_file=True).findings == ()


def test_every_code_is_registered_and_told():
    for row in MISTAKES:
        code = CODES[row[1]]
        assert code.title
        assert code.explanation.endswith((".", "`"))
    assert all(re.fullmatch(r"SR\d\d\d", code) for code in CODES)


# --- the comment in a file


def test_a_semicolon_that_swallows_the_host():
    line = "register => 100:abcd;efg@sip.acme.example/100"
    reading = parse(line, line=12, in_file=True)
    assert reading.real is None
    assert reading.meant == Trunk("100", "sip.acme.example", secret="abcd;efg", extension="100")
    assert reading.trigger == "SR104"
    assert reading.parts_certain
    (finding,) = reading.findings
    assert (finding.span.line, finding.span.column, finding.span.length) == (12, 21, 25)
    assert finding.fix == r"register => 100:••••\;•••@sip.acme.example/100"
    assert finding.log.startswith("WARNING ... Format for registration is [peer?]")
    assert finding.log.endswith("at line 12")
    assert mask(reading.text, reading.secret_spans) == "register => 100:••••;•••@sip.acme.example/100"


@pytest.mark.parametrize(
    "line",
    [
        "register => 100:secret@sip.acme.example/100 ; trunk of bob@acme.example",
        "register => 100:secret@sip.acme.example;main trunk",
        r"register => 100:sec\;ret@sip.acme.example",
        "register => 100:secret@sip.acme.example:5060;bob@acme.example",
        "register=100:secret@sip.acme.example",
        "  REGISTER  =>  100:secret@sip.acme.example  ",
    ],
)
def test_a_comment_that_swallows_nothing(line):
    reading = parse(line, in_file=True)
    assert reading.worst in (None, "hint"), reading.findings
    assert reading.meant is reading.real
    assert reading.real.host == "sip.acme.example"


def test_an_escaped_semicolon_keeps_its_columns():
    reading = parse(r"register => 100:sec\;ret@sip.acme.example:5O60", in_file=True)
    assert reading.real.secret == "sec;ret"
    (finding,) = reading.findings
    assert (finding.span.column, finding.span.length) == (43, 4)


def test_a_note_that_is_not_attached_leaves_the_meaning_open():
    reading = parse("register => 100:abcd; mail bob@acme.example", in_file=True)
    assert reading.real is None
    assert reading.meant is None
    assert not reading.parts_certain
    assert "abcd" not in mask(reading.text, reading.secret_spans)
    assert "bob" not in mask(reading.text, reading.secret_spans)


def test_a_uri_parameter_is_a_comment():
    reading = parse("register => 100:secret@sip.acme.example;transport=tls", in_file=True)
    assert codes(reading) == ["SR114"]
    assert reading.real.transport == "udp"
    assert (reading.meant.transport, reading.meant.port) == ("tls", 5061)


def test_the_sketch_of_the_first_page():
    reading = parse("register => tls:100:secret@sip.acme.example:5O60/100~300")
    assert codes(reading) == ["SR113", "SR131"]
    assert (reading.real.user, reading.real.auth_user, reading.real.port) == ("tls", "secret", 5)
    assert reading.meant == Trunk(
        "100", "sip.acme.example", secret="secret", port=5060, transport="tls", extension="100", expiry=300
    )
    assert reading.findings[0].fix == "register => tls://100:••••••@sip.acme.example:5060/100~300"


# --- rendering


@pytest.mark.parametrize(
    ("trunk", "text"),
    [
        (Trunk("100", "h.example", secret="p"), "100:p@h.example"),
        (Trunk("100", "h.example", secret="p@w"), "100:p@w@h.example"),
        (Trunk("100", "h.example", secret="p:w"), '100:"p:w"@h.example'),
        (Trunk("100", "h.example", secret="p;w"), "100:p;w@h.example"),
        (Trunk("100", "h.example", secret="p", auth_user="a"), "100:p:a@h.example"),
        (Trunk("100", "h.example", auth_user="a"), "100::a@h.example"),
        (Trunk("100", "h.example", secret="p", transport="tls", port=5061), "tls://100:p@h.example"),
        (Trunk("100", "h.example", secret="p", transport="tls", port=5060), "tls://100:p@h.example:5060"),
        (Trunk("100", "[2001:db8::1]", secret="p", extension="7", expiry=60), "100:p@[2001:db8::1]/7~60"),
        (Trunk("a@b", "h.example", secret="p"), '"a@b":p@h.example'),
        (Trunk("u", "h", secret="p", domain="d", domain_port=5080, auth_user="a"), "u@d:5080:p:a@h"),
        (Trunk("u", "h", secret="pa(ss"), "u:pa(ss@h"),
        (Trunk("u", "h", secret=" p "), 'u:" p "@h'),
        (Trunk("u", "h", secret='"p"'), 'u:""p""@h'),
        (Trunk("u", "h", secret="pass\\"), 'u:"pass\\"@h'),
    ],
)
def test_a_trunk_is_written_with_quotes_only_where_needed(trunk, text):
    assert render(trunk) == text
    assert parse(text).real == trunk


@pytest.mark.parametrize(
    ("trunk", "character"),
    [
        (Trunk("u", "h", secret='p":w'), '"'),
        (Trunk("u", "h", secret="p(w", auth_user="a"), "("),
        (Trunk("u", "h", secret="p[w", auth_user="a"), "["),
        (Trunk("u", "h", secret="p\\", auth_user="a"), "\\"),
        (Trunk("u", "h@i", secret="p"), "@"),
        (Trunk("u", "h", secret="p\nw"), "\n"),
        (Trunk("u", "h", secret="p", transport="ws"), "ws"),
        (Trunk("u", "h", secret="p" * 300), ""),
        (Trunk("", "h", secret="p"), ""),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(trunk, character):
    with pytest.raises(CannotRender) as caught:
        render(trunk)
    assert caught.value.character == character
    assert "p" * 20 not in caught.value.why


def test_exactly_255_octets_can_be_written():
    trunk = Trunk("u", "h", secret="é" + "p" * (255 - len("u:@h") - 2))
    assert len(render(trunk).encode()) == 255
    with pytest.raises(CannotRender):
        render(Trunk("u", "h", secret=trunk.secret + "p"))


def test_the_line_escapes_semicolons():
    trunk = Trunk("100", "h.example", secret="p;w\\;")
    line = registration_line(trunk)
    assert line == "register => 100:" + render(trunk).split(":", 1)[1].replace(";", r"\;")
    assert parse(line, in_file=True).real == trunk


def words(alphabet: str, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(alphabet=alphabet, min_size=least, max_size=12)


NASTY = string.ascii_letters[:6] + "01:@/?~;#\"'()[]\\ %é\t"
HOSTS = st.sampled_from(["sip.acme.example", "10.1.2.3", "[2001:db8::1]", "h", "my-host"])


@st.composite
def trunks(draw, alphabet: str = NASTY) -> Trunk:
    transport = draw(st.sampled_from(["udp", "tcp", "tls"]))
    domain = draw(words("ab.-1"))
    return Trunk(
        user=draw(words(alphabet, 1)),
        host=draw(HOSTS),
        secret=draw(words(alphabet)),
        auth_user=draw(words(alphabet)),
        domain=domain,
        domain_port=draw(st.none() | st.integers(1, 65535)) if domain else None,
        port=draw(st.sampled_from([5060, 5061, 1, 65535])),
        transport=transport,
        extension=draw(words("s0123", 1)),
        expiry=draw(st.integers(0, 100000)),
        peer=draw(words('ab?:"(')),
    )


@given(trunks())
@settings(max_examples=120, deadline=None)
def test_what_is_written_is_read_back(trunk):
    try:
        text = render(trunk)
    except CannotRender:
        return
    assert parse(text).real == trunk
    assert parse(registration_line(trunk), in_file=True).real == trunk
    assert len(text.encode("utf-8", "surrogateescape")) <= 255


@given(words(NASTY, 1), words("abc123", 1))
@settings(max_examples=120, deadline=None)
def test_what_is_written_raises_no_alarm(secret, user):
    try:
        line = registration_line(Trunk(user, "sip.acme.example", secret=secret))
    except CannotRender:
        return
    assume("\t" not in secret)  # an invisible character is one, also where it was meant
    reading = parse(line, in_file=True)
    assert reading.worst in (None, "hint"), (line, reading.findings)
    assert reading.meant is reading.real


@given(st.text(max_size=80) | st.text(alphabet=NASTY + "regist=>", max_size=60), st.booleans())
@settings(max_examples=120, deadline=None)
def test_no_text_makes_it_raise(text, in_file):
    reading = parse(text, in_file=in_file)
    for finding in reading.findings:
        assert finding.code in CODES
        assert finding.span.column >= 1
        assert finding.span.end <= len(text) + 2
        assert finding.span.length >= 0
    for span in reading.secret_spans:
        assert 1 <= span.column < span.end <= len(text) + 1


SECRET = st.text(alphabet="QXZ79:@/?~;#\"'()[]\\%ß", min_size=4, max_size=10).filter(lambda s: s.strip() == s)


@given(SECRET, st.sampled_from(["100:{}@sip.acme.example/100", "tls:100:{}@h:5O60", "u?100:{}:auth@h", '100:"{}"@h~x']))
@settings(max_examples=120, deadline=None)
def test_no_finding_tells_the_secret(secret, pattern):
    for in_file in (True, False):
        reading = parse("register => " + pattern.format(secret), in_file=in_file)
        for finding in reading.findings:
            assert secret not in finding.message
            assert secret not in finding.fix
            assert secret not in finding.log
        for trunk in (reading.real, reading.meant):
            if trunk is not None and len(trunk.secret) >= 4:
                for finding in reading.findings:
                    assert trunk.secret not in finding.message + finding.fix
        assert "secret=" not in repr(reading.real)


def test_the_time_is_linear():
    """Ten thousand octets are as little a problem as ten: the buffer is bounded, the findings are few."""
    for text in (
        "u:" + "(" * 8000 + "@h",
        "u:" + "é" * 4000 + "@h",
        "\u00a0" * 400 + "u:p@h",
        "?" * 8000,
        "/" * 8000 + "@",
    ):
        reading = parse(text, in_file=True)
        assert len(reading.findings) < 500


def test_the_dialect_has_its_names():
    assert asterisk_chan_sip.NAME == "asterisk-chan_sip"


# -- what is written without proof -------------------------------------------------------------------------------------

PLAIN = st.from_regex(asterisk_chan_sip._PLAIN, fullmatch=True)


@given(
    user=PLAIN,
    host=PLAIN,
    others=st.tuples(*[st.one_of(st.just(""), PLAIN)] * 3),
    extension=PLAIN,
    secret=st.from_regex(asterisk_chan_sip._PLAIN_SECRET, fullmatch=True),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    port=st.integers(1, 65535),
    expiry=st.integers(0, 9999),
)
@settings(max_examples=300, deadline=None)
def test_what_is_plain_is_read_back_without_a_doubt(user, host, others, extension, secret, transport, port, expiry):
    auth_user, domain, peer = others
    trunk = Trunk(user, host, secret, auth_user, domain, None, port, transport, extension, expiry, peer)
    assume(asterisk_chan_sip._is_plain(trunk))
    reading = parse(render(trunk))
    assert reading.real == trunk
    assert not {finding.code for finding in reading.findings} & asterisk_chan_sip._AMBIGUOUS
