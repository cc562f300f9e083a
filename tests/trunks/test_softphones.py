"""linphonerc, the command line of pjsua, and MicroSIP's ini file."""

from __future__ import annotations

import shlex
from functools import partial

import pytest
from dialect_checks import HOSTS, SECRETS, fields, loud, parsed, says, under
from growth import assert_linear_reading
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

LINPHONE, PJSUA, MICROSIP = "linphonerc", "pjsua-cmdline", "microsip-ini"

RC = """[sip]
default_proxy=0
[auth_info_0]
username=100
passwd=hunter22
domain=sip.acme.example
realm="acme realm"

[proxy_0]
reg_proxy=<sip:sip.acme.example;transport=tls>
reg_identity="Al" <sip:100@sip.acme.example>
reg_expires=600
reg_sendregister=1
"""


def test_a_linphonerc():
    found = parsed(LINPHONE, RC)
    assert detect(RC).dialect == LINPHONE
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "",
        "effective_auth_user": "100",
        "domain": "sip.acme.example",
        "host": "sip.acme.example",
        "transport": "tls",
        "expiry": 600,
        "realm": '"acme realm"',
        "outbound_proxy": "",
        "register": True,
        "display_name": "Al",
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("passwd=hunter22", "passwd=a;b#c=d:@/?\"'", {"secret": "a;b#c=d:@/?\"'"}),
        ("<sip:sip.acme.example;transport=tls>", "sip.acme.example:5080", {"port": 5080, "transport": "udp"}),
        ("username=100", "username=100\nuserid=login", {"auth_user": "login", "effective_auth_user": "login"}),
        ("reg_sendregister=1", "reg_sendregister=0", {"register": False}),
        ("reg_expires=600\n", "", {"expiry": 3600}),
        ("reg_expires=600", "reg_route=<sip:p.example;lr>", {"outbound_proxy": "<sip:p.example;lr>"}),
    ],
)
def test_what_linphone_reads(old, new, expected):
    found = parsed(LINPHONE, RC.replace(old, new))
    assert loud(found) == []
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "place"),
    [
        ("passwd=", "passwd= ", "SR520", "error", " "),
        ("hunter22", "hunter22\t", "SR520", "error", "\t"),
        ("[proxy_0]", "[proxy_1]", "SR521", "error", "[proxy_1]"),
        ("[auth_info_0]", "[auth_info_1]", "SR524", "warning", "[proxy_0]"),
        ("username=100", "username=100 # mine", "SR522", "error", " # mine"),
        ('"Al" <sip:100@', "100@", "SR523", "error", None),
        ("<sip:sip.acme.example;transport=tls>", "<sip:a b>", "SR523", "error", " b"),
        ("username=100", "username=200", "SR524", "warning", "[proxy_0]"),
        ("<sip:sip.acme.example;transport=tls>", "<sip:h..example>", "SR140", "error", "h..example"),
        ("hunter22", "hunter22\u200b", "SR150", "error", "\u200b"),
        ("reg_expires=600", "reg_expires=30", "SR136", "hint", "30"),
    ],
)
def test_mistakes_in_linphonerc(old, new, code, severity, place):
    text = RC.replace(old, new)
    found = parsed(LINPHONE, text)
    says(found, code, severity)
    if place is not None:
        assert under(text, found, code) == place
    assert "hunter22" not in report(explain(text))


def test_the_blank_is_part_of_the_password():
    assert parsed(LINPHONE, RC.replace("passwd=", "passwd= ")).registrations[0].secret == " hunter22"


LINE = (
    "pjsua --id=sip:100@sip.acme.example --registrar='sip:sip.acme.example;transport=tcp' --realm='*' "
    "--username=100 --password='hunter22' --reg-timeout 600"
)


def test_a_command_line():
    found = parsed(PJSUA, LINE)
    assert detect(LINE).dialect == PJSUA
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "100",
        "effective_auth_user": "100",
        "domain": "sip.acme.example",
        "host": "sip.acme.example",
        "port": 5060,
        "transport": "tcp",
        "expiry": 600,
        "realm": "*",
        "outbound_proxy": "",
        "register": True,
        "display_name": "",
        "server_uri": "sip:sip.acme.example;transport=tcp",
        "client_uri": "sip:100@sip.acme.example",
        "retry_interval": 300,
    }


def test_several_accounts_and_a_config_file():
    text = "# mine\n--id sip:1@h.example\n--registrar sip:h.example\n--realm *\n--username 1\n--password a;b&c\n"
    text += (
        "--next-account\n--id sip:2@h.example\n--registrar sip:h.example:5080\n--realm *\n--username 2\n--password x1\n"
    )
    found = parsed(PJSUA, text)
    assert found.form == "file"
    assert loud(found) == []
    assert [(r.user, r.secret, r.port) for r in found.registrations] == [("1", "a;b&c", 5060), ("2", "x1", 5080)]


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "place"),
    [
        (" --realm='*'", "", "SR533", "error", "100"),
        ("'sip:sip.acme.example;transport=tcp'", "sip:sip.acme.example;transport=tcp", "SR531", "error", None),
        ("'hunter22'", "hunter22&more", "SR531", "error", None),
        ("'hunter22'", '"hunter22$x"', "SR532", "warning", "$x"),
        ("'hunter22'", "'hunter22", "SR530", "error", None),
        ("--id=sip:", "--id=", "SR535", "error", "100@sip.acme.example"),
        (" --username=100", "", "SR536", "warning", "hunter22"),
        ("600", "soon", "SR509", "error", "soon"),
        ("sip:sip.acme.example;", "sip:sip.acme.example:5O60;", "SR535", "error", None),
        (" --username", "\n--username", "SR531", "error", None),
    ],
)
def test_mistakes_on_the_command_line(old, new, code, severity, place):
    text = LINE.replace(old, new)
    assert text != LINE
    found = parsed(PJSUA, text)
    says(found, code, severity)
    if place is not None:
        assert under(text, found, code) == place
    assert "hunter22" not in report(explain(text, dialect=PJSUA))


def test_what_pjsua_prints():
    found = parsed(PJSUA, LINE.replace("--id=sip:", "--id="))
    assert not found.ok
    assert found.findings[0].log == "Error: invalid SIP URL '100@sip.acme.example' in local id argument"
    assert found.meant[0].user == "100"


DIALECTS = [LINPHONE, PJSUA, MICROSIP]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    secret=SECRETS,
    host=HOSTS,
    auth_user=st.sampled_from(["", "login"]),
    domain=st.sampled_from(["", "d.example"]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    port=st.sampled_from([5060, 5061, 5080]),
    expiry=st.integers(60, 7200),
)
@settings(max_examples=80, deadline=None)
def test_round_trips(dialect, secret, host, auth_user, domain, transport, port, expiry):
    trunk = Trunk(
        "100", host, secret=secret, auth_user=auth_user, domain=domain, transport=transport, port=port, expiry=expiry
    )
    try:
        text = registry.render(dialect, trunk)
    except CannotRender:
        assume(False)
    found = parsed(dialect, text)
    assert found.ok, found.findings
    assert found.registrations[0].trunk == trunk


@given(secret=st.text(alphabet="ab'\"\\$` ;&|*!~", min_size=1, max_size=12))
@settings(max_examples=100, deadline=None)
def test_the_shell_gives_back_what_was_quoted(secret):
    text = registry.render(PJSUA, Trunk("100", "h.example", secret=secret))
    assert f"--password={secret}" in shlex.split(text)
    assert loud(parsed(PJSUA, text)) == []


@pytest.mark.parametrize("dialect", DIALECTS)
@given(st.text(alphabet="[proxy_0]auth_infAccount1=sip:@<>;'\"\\$`&|# \n--regidé", max_size=120))
@settings(max_examples=120, deadline=None)
def test_no_text_makes_them_raise(dialect, text):
    for form in registry.named(dialect).FORMS:
        parsed(dialect, text, form=form)
        parsed(dialect, "[proxy_0]\nreg_identity=" + text, form=form)
        parsed(dialect, "[Account1]\nserver=" + text, form=form)
        parsed(dialect, "pjsua --id=" + text, form=form)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("unit", ["'", "$", "--id=x ", "[proxy_0]\n", " "])
def test_time_is_linear(dialect, unit):
    assert_linear_reading(partial(parsed, dialect), unit, ("{}", "[proxy_0]\nreg_identity={}#"))
