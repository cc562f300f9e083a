"""The command line of sipsak."""

from __future__ import annotations

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says
from tool_checks import check_mistake

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.detect import detect

SIPSAK = "sipsak-cmdline"

SAK = "sipsak -U -s sip:100@sip.acme.example -a hunter22 -u login -x 3600 -C sip:me@192.0.2.9"


def test_a_command_line_of_sipsak():
    found = parsed(SIPSAK, SAK)
    assert detect(SAK).dialect == SIPSAK
    assert found.ok
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "login",
        "effective_auth_user": "login",
        "domain": "sip.acme.example",
        "host": "sip.acme.example",
        "extension": "me",
        "expiry": 3600,
        "outbound_proxy": "",
        "register": True,
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1", {"port": 5060, "transport": "udp", "secret": "", "extension": "1"}),
        ("sipsak -U -x60 -u1 -ssip:1@192.0.2.1:5070 -apw", {"port": 5070, "domain_port": 5070, "secret": "pw"}),
        ("sipsak -Uvvix 60 -u 1 -s sip:1@192.0.2.1 -a ''", {"register": True, "expiry": 60, "secret": ""}),
        ("sipsak -U -x 60 -u 1 -r 5070 -s sip:1@h.example", {"port": 5070, "transport": "udp"}),
        ("sipsak -U -x 60 -u 1 -r 5070 -s sip:1@h.example:5080", {"port": 5070, "domain_port": 5080}),
        ("sipsak -U -x 60 -u 1 -s sip:1@h.example:5080 -r 5070", {"port": 5070, "domain_port": 5080}),
        ("sipsak -U -x 60 -u 1 -E TCP -s sip:1@h.example:5080", {"transport": "tcp"}),
        (
            "sipsak -U -x 60 -u 1 -p p.example:5070 -s sip:1@h.example",
            {"host": "p.example", "port": 5070, "domain": "h.example", "outbound_proxy": "p.example:5070"},
        ),
        ("sipsak -U -x 60 -u 1 -p sip:192.0.2.7 -s sip:1@h.example", {"host": "192.0.2.7", "port": 5060}),
        ("sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -C none", {"user": "1"}),
        ("sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -C '<sip:a%20b@h>'", {"extension": "a b"}),
        ("sipsak -U -x 60 -s sip:%2B49@192.0.2.1", {"user": "+49", "effective_auth_user": "%2B49", "auth_user": ""}),
        ("sipsak --usrloc --exp 60 --auth-user=1 --pass pw --sip-uri sip:1@192.0.2.1", {"secret": "pw", "expiry": 60}),
        (f"sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -J {'0a' * 16}", {"ha1": "0a" * 16}),
        ("sipsak -s sip:1@192.0.2.1", {"register": False, "expiry": 15}),
        ("sipsak -U -I -l 5070 -x 60 -u 1 -s sip:1@192.0.2.1", {"register": True}),
        ("sipsak -M -s sip:1@192.0.2.1", {"register": False}),
        ("sipsak -U -T -s sip:1@192.0.2.1", {"register": False}),
        ("sipsak -U -s sip:1@192.0.2.1", {"expiry": 15}),
        ("sipsak -U -x 0 -C star -u 1 -s sip:1@192.0.2.1", {"expiry": 0}),
        ("$ sudo -u me /usr/bin/sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -a pw 2>&1 | grep -q OK", {"secret": "pw"}),
        ("sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -a pw > /tmp/out.log 2>&1; echo $?", {"secret": "pw"}),
        ("sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -a pw && echo up  # every minute", {"secret": "pw"}),
        ("sipsak -U -x 60 -u 1 \\\n  -s sip:1@192.0.2.1 \\\n  -a 'p;w'\n", {"secret": "p;w"}),
        ("sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -a 'it'\"'\"'s'", {"secret": "it's"}),
        ('sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -a "p\\$w\\"\\s"', {"secret": 'p$w"\\s'}),
        ("sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -a p\\;w\\&\\ x", {"secret": "p;w& x"}),
    ],
)
def test_what_sipsak_reads(line, expected):
    found = parsed(SIPSAK, line)
    assert loud(found) == []
    assert found.ok
    assert expected.items() <= fields(found).items()


def test_what_dns_decides_is_left_open():
    found = fields(parsed(SIPSAK, "sipsak -U -x 60 -u 1 -s sip:1@h.example"))
    assert not {"port", "transport", "domain_port"} & found.keys()
    proxied = fields(parsed(SIPSAK, "sipsak -U -x 60 -u 1 -p p.example -s sip:1@h.example"))
    assert not {"port", "transport"} & proxied.keys()


@pytest.mark.parametrize(
    ("value", "secret"),
    [('"$PASS"', None), ("${PASS}", None), ("$(cat pw)", None), ("`cat pw`", None), ("-", None), ("'$PASS'", "$PASS")],
)
def test_a_variable_or_a_question_leaves_the_password_open(value, secret):
    found = parsed(SIPSAK, SAK.replace("hunter22", value))
    assert loud(found) == []
    assert found.registrations[0].secret == secret
    assert found.meant == ()


def test_variables_in_the_uri_leave_it_open():
    found = parsed(SIPSAK, 'sipsak -U -x 60 -u "$NAME" -s "sip:$NAME@$HOST:$PORT" -a "$PW"')
    assert codes_of(found) == ["SR532"]
    assert found.findings[0].severity == "hint"
    assert fields(found) == {"expiry": 60, "outbound_proxy": "", "register": True}


def test_words_behind_two_dashes_are_no_options():
    found = parsed(SIPSAK, "sipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -- -a pw")
    assert codes_of(found) == ["SR765", "SR765"]
    assert found.registrations[0].secret == ""


def test_several_commands():
    text = "#!/bin/sh\n# both of them\nset -e\nsipsak -U -x 60 -u 1 -s sip:1@192.0.2.1 -a pw\n"
    text += "if true; then\n  sipsak -U -x 60 -u 2 -s sip:2@192.0.2.1 -a 'p;w'\nfi\n"
    found = parsed(SIPSAK, text)
    assert detect(text).dialect == SIPSAK
    assert found.findings == ()
    assert [(each.user, each.secret) for each in found.registrations] == [("1", "pw"), ("2", "p;w")]


def test_numbered_users():
    found = parsed(SIPSAK, "sipsak -U -x 60 -b 3 -e 5 -s sip:u@192.0.2.1 -u u")
    assert [each.user for each in found.registrations] == ["u3", "u4", "u5"]
    assert [each.user for each in parsed(SIPSAK, "sipsak -U -e 1 -s sip:u@192.0.2.1").registrations] == ["u0", "u1"]
    assert len(parsed(SIPSAK, "sipsak -U -e 99999999 -s sip:u@192.0.2.1").registrations) == 1000
    alone = parsed(SIPSAK, "sipsak -U -b 3 -s sip:u@192.0.2.1")
    assert not alone.ok
    says(alone, "SR764", "error")


SAK_MISTAKES = [
    ("-a hunter22", "-a hun;ter22", "SR531", "error", None, {"secret": "hun;ter22"}),
    ("-a hunter22", "-a hun&ter22", "SR531", "error", None, {"secret": "hun&ter22"}),
    ("-a hunter22", "-a hun|ter22", "SR531", "error", None, {"secret": "hun|ter22"}),
    ("-a hunter22", "-a hun>ter22", "SR531", "error", ">", {"secret": "hun>ter22"}),
    ("-a hunter22", "-a hun(ter22", "SR531", "error", None, {"secret": "hun(ter22"}),
    ("-a hunter22", "-a #hunter22", "SR531", "error", None, {"secret": "#hunter22"}),
    ("-a hunter22", "-a hun\\ter22", "SR779", "warning", "\\t", {"secret": "hun\\ter22"}),
    ("-a hunter22", "-a hunter22$x", "SR532", "warning", "$x", {"secret": "hunter22$x"}),
    ("-a hunter22", '-a "hunter22$$"', "SR532", "warning", "$$", {"secret": "hunter22$$"}),
    ("-a hunter22", "-a hunter22!x", "SR532", "hint", "!", {"secret": "hunter22!x"}),
    ("-a hunter22", "-a 'hunter22", "SR530", "error", "'", None),
    ("-C sip:me@192.0.2.9", "-C *", "SR532", "warning", "*", None),
    (" -x", "\n-x", "SR531", "error", "", {"expiry": 3600}),
    ("sip:100@sip.acme.example", "<sip:100@sip.acme.example>", "SR531", "error", "<", {"user": "100"}),
    (
        "sip:100@sip.acme.example",
        "sip:100@sip.acme.example;transport=tcp",
        "SR531",
        "error",
        None,
        {"transport": "tcp", "host": "sip.acme.example"},
    ),
    (
        "sip:100@sip.acme.example",
        "'sip:100@sip.acme.example:5070;transport=tcp'",
        "SR767",
        "error",
        ";transport=tcp",
        {"transport": "tcp", "port": 5070},
    ),
    ("-s sip:100@", "-s sips:100@", "SR767", "error", "sips:", {"transport": "tls", "user": "100"}),
    ("-s sip:100@", "-s 100@", "SR767", "error", "100@sip.acme.example", {"user": "100"}),
    ("-s sip:100@", "-s tel:100@", "SR767", "error", "tel:", None),
    ("-s sip:100@", "-s sip:100@x@", "SR767", "error", "@x@", {"user": "100@x"}),
    ("-s sip:100@", "-s sip:100:pa55word@", "SR767", "warning", ":", {"user": "100"}),
    ("sip:100@sip.acme.example", "'sip:100@[2001:db8::1]'", "SR767", "error", None, None),
    ("sip.acme.example", "sip.acme,example", "SR140", "error", "sip.acme,example", None),
    ("sip.acme.example", "sip.acme.example.", "SR143", "warning", "sip.acme.example.", None),
    ("sip.acme.example", "sip.acme.example:5O60", "SR772", "error", "5O60", {"port": 5060}),
    ("sip.acme.example", "sip.acme.example:70000", "SR772", "error", "70000", None),
    ("sip.acme.example", "sip.acme.example:15060", "SR771", "hint", "15060", {"domain_port": 1506, "port": 15060}),
    ("sip.acme.example", "sip.acme.example:4569", "SR144", "warning", "4569", None),
    ("sip.acme.example", "sip.acme.example:5061", "SR117", "hint", "5061", None),
    ("-s sip:100@", "-s sip:", "SR768", "error", "-s", None),
    ("-s sip:", "sip:", "SR765", "error", "sip:100@sip.acme.example", {"user": "100"}),
    ("-U", "-U alice", "SR765", "warning", "alice", None),
    (" -u login", "", "SR770", "hint", "-s", None),
    (" -x 3600", "", "SR136", "hint", "-U", {"expiry": 15}),
    ("3600", "30", "SR136", "hint", "30", None),
    ("3600", "36OO", "SR772", "error", "36OO", {"expiry": 3600}),
    ("3600", "soon", "SR772", "error", "soon", None),
    ("3600", "0", "SR135", "hint", "0", {"expiry": 0}),
    ("-U", "-U -E sctp", "SR773", "error", "sctp", None),
    ("-U", "-U -y", "SR763", "error", "y", {"user": "100"}),
    ("-a hunter22", "--passwort hunter22", "SR763", "error", "--passwort", {"secret": "hunter22"}),
    ("-C sip:me@192.0.2.9", "--s x", "SR763", "error", "--s", None),
    ("-a hunter22", "-password hunter22", "SR766", "error", "-password", {"secret": "hunter22"}),
    ("-u login", "-username login", "SR766", "error", "-username", {"auth_user": "login"}),
    ("-a hunter22", "-a", "SR764", "error", "-a", None),
    ("-C sip:me@192.0.2.9", "-C me@192.0.2.9", "SR767", "error", "me@192.0.2.9", None),
    ("-C sip:me@192.0.2.9", "-C none", "SR769", "hint", "-C", None),
    ("-C sip:me@192.0.2.9", "-C", "SR764", "error", "-C", None),
    ("-U ", "", "SR769", "hint", None, {"register": False}),
    ("-a hunter22", "-J hunter22", "SR777", "error", "hunter22", None),
    ("-U", "-U -I", "SR764", "error", "-I", None),
    ("hunter22", "hunter22\u00a0", "SR150", "error", "\u00a0", None),
    ("hunter22", "“hunter22”", "SR151", "error", None, None),
    ("hunter22", "your_password", "SR109", "hint", "your_password", None),
]


@pytest.mark.parametrize(("old", "new", "code", "severity", "place", "meant"), SAK_MISTAKES)
def test_mistakes_on_sipsaks_command_line(old, new, code, severity, place, meant):
    text = SAK.replace(old, new, 1)
    assert text != SAK
    check_mistake(SIPSAK, text, code, severity, place, meant)


@pytest.mark.parametrize(
    ("old", "new", "log"),
    [
        ("-s sip:100@", "-s 100@", "error: missing scheme in SIP URI"),
        ("-s sip:100@", "-s sips:100@", "error: sips is not supported yet"),
        ("-s sip:100@", "-s sip:", "error: for the USRLOC mode you have to give a SIPURI with a username"),
        ("3600", "soon", "error: string is not a number: 'soon'"),
        ("-U", "-U -E sctp", "error: unsupported transport 'sctp', supported values: udp, tcp"),
        ("-U", "-U -y", "sipsak: invalid option -- 'y'"),
        ("-U", "--usrlocmode", "sipsak: unrecognized option '--usrlocmode'"),
        ("-U", "--usrloc-mode=x", "sipsak: option '--usrloc-mode' doesn't allow an argument"),
        ("-C sip:me@192.0.2.9", "-C", "sipsak: option requires an argument -- 'C'"),
        ("-C sip:me@192.0.2.9", "--contact", "sipsak: option '--contact' requires an argument"),
        ("sip.acme.example", "sip.acme.example:70000", "error: invalid remote port: 70000"),
    ],
)
def test_what_sipsak_prints(old, new, log):
    found = parsed(SIPSAK, SAK.replace(old, new, 1))
    assert not found.ok
    assert found.registrations == ()
    assert log in [finding.log for finding in found.findings]


def test_a_password_in_the_uri_belongs_to_the_user():
    found = parsed(SIPSAK, "sipsak -U -x 60 -u 100 -s sip:100:hunter22@192.0.2.1")
    assert found.registrations[0].user == "100:hunter22"
    assert (found.meant[0].user, found.meant[0].secret) == ("100", "hunter22")


def test_sipsak_goes_by_port_and_proxy():
    plain = registry.render(SIPSAK, Trunk("100", "h.example", secret="a", port=15060))
    assert plain == "sipsak -U -x 120 -r 15060 -s sip:100@h.example -u 100 -a a"
    apart = registry.render(SIPSAK, Trunk("100", "h.example", secret="a;b", domain="d.example", transport="tcp"))
    assert apart == "sipsak -U -x 120 -E tcp -p h.example:5060 -s sip:100@d.example -u 100 -a 'a;b'"
    assert registry.render(SIPSAK, Trunk("1", "h", secret="-x")).endswith(" -a-x")


@pytest.mark.parametrize(
    "trunk",
    [
        Trunk("1", "[2001:db8::1]", secret="x"),
        Trunk("1", "h", secret="-"),
        Trunk("1", "h", secret="x\ny"),
        Trunk("", "h", secret="x"),
        Trunk("1", "h", secret="x", domain="d", domain_port=15060),
        Trunk("1", "h", secret="x", transport="ws"),
    ],
)
def test_what_sipsak_cannot_be_told(trunk):
    with pytest.raises(CannotRender):
        registry.render(SIPSAK, trunk)
