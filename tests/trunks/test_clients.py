"""Gateways of FreeSWITCH, accounts of baresip, env files and SIP URIs: what each makes of a text, and traps of each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from dialect_checks import HOSTS, SECRETS, codes_of, fields, loud, parsed, says, under
from growth import assert_linear_reading
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

FS, BARESIP, ENV, URI, CHAN_URI = (
    "freeswitch-gateway",
    "baresip-accounts",
    "env",
    "sip-uri-pjsip",
    "sip-uri-chan_sip",
)


def gateway(*params: tuple[str, str], name: str = "acme", **more: str) -> str:
    rows = {"username": "100", "password": "hunter22", "proxy": "sip.acme.example"} | more | dict(params)
    lines = [f'  <param name="{key}" value="{value}"/>' for key, value in rows.items() if value]
    return "\n".join(["<include>", f'<gateway name="{name}">', *lines, "</gateway>", "</include>"]) + "\n"


# --- FreeSWITCH


def test_a_gateway_and_its_defaults():
    found = parsed(FS, gateway())
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "",
        "effective_auth_user": "100",
        "domain": "sip.acme.example",
        "host": "sip.acme.example",
        "transport": "udp",
        "extension": "100",
        "expiry": 3600,
        "realm": "sip.acme.example",
        "outbound_proxy": "",
        "register": True,
        "retry_interval": 30,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (gateway(proxy="sip.acme.example:5080"), {"port": 5080, "domain_port": 5080, "realm": "sip.acme.example:5080"}),
        (gateway(proxy="", realm="r.example"), {"host": "r.example", "realm": "r.example"}),
        (gateway(proxy="", name="gw.example"), {"host": "gw.example", "realm": "gw.example"}),
        (gateway(("auth-username", "login")), {"auth_user": "login", "effective_auth_user": "login", "user": "100"}),
        (gateway(("register", "false"), password=""), {"register": False, "secret": ""}),
        (gateway(("register-transport", "tls")), {"transport": "tls"}),
        (gateway(("from-domain", "d.example")), {"domain": "d.example", "host": "sip.acme.example"}),
        (gateway(("register-proxy", "p.example")), {"outbound_proxy": "p.example"}),
        (gateway(password="a&amp;b&quot;&lt;@;#/?"), {"secret": 'a&b"<@;#/?'}),
        (gateway(password="a&b"), {"secret": "a&b"}),
        (gateway(proxy="203.0.113.5"), {"port": 5060}),
        (gateway(("expire-seconds", "600"), ("retry-seconds", "10")), {"expiry": 600, "retry_interval": 10}),
        ("\n".join(gateway().split("\n")[2:5]), {"user": "100", "host": "sip.acme.example"}),
    ],
)
def test_what_a_gateway_becomes(text, expected):
    found = parsed(FS, text)
    assert expected.items() <= fields(found).items()
    assert loud(found) == []


FS_MISTAKES = [
    (gateway(password="hun:ter22"), "SR409", "error", ":", ""),
    (gateway(username="a:b"), "SR409", "error", ":", ""),
    (gateway(proxy="sip:sip.acme.example"), "SR408", "error", "sip:", ""),
    (gateway(username=""), "SR404", "error", "acme", "username param is REQUIRED"),
    (gateway(password=""), "SR404", "error", "acme", "password param is REQUIRED"),
    (gateway(("register-transport", "ws")), "SR405", "error", "ws", "unsupported transport"),
    (gateway(("expire-seconds", "3")), "SR407", "warning", "3", "Invalid register-frequency of 3 on gateway acme"),
    (gateway(("retry-seconds", "1")), "SR407", "warning", "1", "Invalid retry-seconds of 1 on gateway acme"),
    (gateway(("auth-user", "x")), "SR406", "warning", "auth-user", ""),
    (gateway(("registerproxy", "x")), "SR406", "warning", "registerproxy", ""),
    (gateway(name="my gw"), "SR402", "error", "my gw", "Ignoring invalid name 'my gw'"),
    (gateway() + "<!-- -->" + gateway(), "SR403", "error", "acme", "Ignoring duplicate gateway 'acme'"),
    (gateway(proxy="sip.acme,example"), "SR140", "error", "sip.acme,example", ""),
    (gateway(password="hunter<22"), "SR401", "error", None, ""),
    ("<!DOCTYPE x [<!ENTITY a 'b'>]>" + gateway(), "SR401", "error", "<!DOCTYPE", ""),
    (gateway(("expire-seconds", "30")), "SR136", "hint", "30", ""),
    (gateway(password="x" * 250), "SR410", "warning", "x" * 250, ""),
]


@pytest.mark.parametrize(("text", "code", "severity", "place", "log"), FS_MISTAKES)
def test_mistakes_in_gateways(text, code, severity, place, log):
    found = parsed(FS, text)
    says(found, code, severity)
    finding = next(f for f in found.findings if f.code == code)
    assert log in finding.log
    if place is not None:
        assert under(text, found, code) == place
    assert "hunter" not in str(found.to_json())
    assert "hunter<22" not in report(explain(text))


def test_a_colon_cuts_the_password():
    found = parsed(FS, gateway(password="hun:ter22"))
    assert found.registrations[0].secret == "hun"
    assert found.meant[0].secret == "hun:ter22"


def test_entities_are_not_expanded():
    bomb = '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + gateway(password="&b;")
    found = parsed(FS, bomb)
    assert not found.ok
    assert found.registrations == ()


# --- baresip


BARESIP_GREEN = [
    ("<sip:100@sip.acme.example>;auth_pass=hunter22", {"user": "100", "host": "sip.acme.example", "transport": "udp"}),
    ('"Al" <sip:100@sip.acme.example:5061;transport=tls>;auth_pass=x1', {"transport": "tls", "display_name": "Al"}),
    ('<sip:100@h.example>;auth_pass="hu;n ter"', {"secret": "hu;n ter", "expiry_range": [3600, 3855]}),
    ("<sip:100@h.example>;auth_user=login;auth_pass=p@s:w/?#", {"effective_auth_user": "login", "secret": "p@s:w/?#"}),
    ('<sip:100@h.example>;auth_pass=x1;regint=600;outbound="sip:p.example"', {"expiry": 600, "register": True}),
    ("<sip:100@h.example>;auth_pass=x1;regint=0", {"register": False, "expiry": 0}),
    ("sip:100@h.example;auth_pass=x1", {"user": "100", "host": "h.example", "secret": "x1"}),
    ("<sips:100@203.0.113.5>;auth_pass=x1", {"transport": "tls", "port": 5061}),
    ("<sip:100@[2001:db8::1]:5080>;auth_pass=x1;answermode=auto;audio_codecs=pcma", {"port": 5080}),
]


@pytest.mark.parametrize(("text", "expected"), BARESIP_GREEN)
def test_accounts_of_baresip(text, expected):
    found = parsed(BARESIP, text)
    assert found.ok
    assert loud(found) == []
    assert expected.items() <= fields(found).items()
    assert detect(text).dialect == BARESIP


BARESIP_MISTAKES = [
    ("<sip:100@h.example>;transport=tls;auth_pass=x1", "SR503", "error", "transport"),
    ("<sip:100@h.example;auth_pass=hunter22", "SR502", "error", ";"),
    ("<sip:100:hunter22@h.example>", "SR507", "warning", "hunter22"),
    ("<sip:100@h.example>;auth_pass=hunter 22", "SR505", "error", " "),
    ("<sip:100@h.example>;auth_pass='hunter22'", "SR505", "warning", "'hunter22'"),
    ('<sip:100@h.example>;auth_pass="hun\\"ter"', "SR506", "error", '\\"'),
    ("<sip:100@h.example>;password=hunter22", "SR504", "error", "password"),
    ("<sip:100@h.example>;auth_pas=x1", "SR504", "error", "auth_pas"),
    ("<sip:a@b@h.example>;auth_pass=x1", "SR501", "error", "b@h.example"),
    ("<100@h.example>;auth_pass=x1", "SR501", "error", "100@h.example"),
    ("<sip:100@h.example:70000>;auth_pass=x1", "SR509", "error", "70000"),
    ("<sip:100@h.example:5O60>;auth_pass=x1", "SR509", "error", "5O60"),
    ("<sip:100@h.example>;auth_pass=x1;regint=5m", "SR509", "error", "5m"),
    ("<sip:100@h.example>;auth_pass=x1;regint=0", "SR511", "hint", "0"),
    ("<sip:100@h.example>;auth_user=login", "SR508", "hint", "login"),
    ("<sip:h.example>;auth_pass=x1", "SR510", "error", "sip:h.example"),
    ("<sip:100@h..example>;auth_pass=x1", "SR140", "error", "h..example"),
    ("<sip:1@h.example>;auth_pass=x1\n# c\n<sip:1@h.example>;auth_pass=x2", "SR163", "warning", None),
]


@pytest.mark.parametrize(("text", "code", "severity", "place"), BARESIP_MISTAKES)
def test_mistakes_in_accounts(text, code, severity, place):
    found = parsed(BARESIP, text)
    says(found, code, severity)
    if place is not None:
        assert under(text, found, code) == place
    assert "hunter" not in report(explain(text, dialect=BARESIP))


def test_what_was_meant_by_an_account():
    assert parsed(BARESIP, "<sip:100@h.example>;transport=tls").meant[0].transport == "tls"
    assert parsed(BARESIP, "<sip:100@h.example;auth_pass=x1").meant[0].secret == "x1"
    assert parsed(BARESIP, "<100@h.example>;auth_pass=x1").meant[0].user == "100"
    assert fields(parsed(BARESIP, "<sip:100@h.example:70000>"))["port"] == 4464


# --- env


def test_env_files():
    text = (
        "# trunk\nACME_SIP_USERNAME=login\nexport ACME_SIP_PASSWORD='hun #ter'\nACME_SIP_EXTENSION=100\n"
        'ACME_SIP_SERVER="sip.acme.example" # the first\nACME_SIP_PORT=5061\nACME_SIP_TRANSPORT=TLS\nOTHER=1\n'
        "SIP_USER=200\nSIP_AUTH_PASSWORD=hunter22 # note\nSIP_DOMAIN=h.example\n"
    )
    found = parsed(ENV, text)
    assert detect(text).dialect == ENV
    assert loud(found) == []
    assert fields(found) == {
        "user": "100",
        "secret": "hun #ter",
        "auth_user": "login",
        "effective_auth_user": "login",
        "host": "sip.acme.example",
        "port": 5061,
        "transport": "tls",
    }
    assert fields(found, 1) == {
        "user": "200",
        "secret": "hunter22",
        "effective_auth_user": "200",
        "domain": "h.example",
        "host": "h.example",
    }
    says(found, "SR602", "hint")


@pytest.mark.parametrize(
    ("text", "code", "severity", "place"),
    [
        ("SIP_USER=100\nSIP_SERVER=h.example\nSIP_PORT=5O60", "SR603", "error", "5O60"),
        ("SIP_USER=100\nSIP_SERVER=h.example\nSIP_TRANSPORT=http", "SR604", "warning", "http"),
        ("SIP_USER=100\nSIP_USERNAME=200\nSIP_SERVER=h.example", "SR601", "warning", "200"),
        ("SIP_USER=100\nSIP_SERVER=h,example", "SR140", "error", "h,example"),
        ("SIP_USER=your_username\nSIP_SERVER=h.example", "SR109", "hint", "your_username"),
        ("SIP_USER=100\nSIP_URI=100@h.example", "SR204", "error", "100@h.example"),
        ("SIP_USER=100\nSIP_SERVER=h.example\nSIP_PASSWORD=a\u00a0b", "SR150", "error", "\u00a0"),
    ],
)
def test_mistakes_in_env_files(text, code, severity, place):
    found = parsed(ENV, text)
    says(found, code, severity)
    assert under(text, found, code) == place


def test_a_uri_makes_the_username_the_auth_user():
    found = parsed(ENV, "SIP_URI=sip:100@h.example:5080;transport=tcp\nSIP_USERNAME=login\nSIP_PASSWORD=x1\n")
    assert {"user": "100", "auth_user": "login", "port": 5080, "transport": "tcp"}.items() <= fields(found).items()


# --- URIs


@pytest.mark.parametrize(
    ("dialect", "text", "ok", "expected"),
    [
        (URI, "sip:100:hun%40ter@h.example:5080;transport=tcp", True, {"secret": "hun@ter", "port": 5080}),
        (URI, "sip:a%40b@h.example", True, {"user": "a@b", "host": "h.example"}),
        (URI, "sips:100@203.0.113.5", True, {"transport": "tls", "port": 5061}),
        (URI, '"Al" <sip:100@h.example>', True, {"display_name": "Al"}),
        (CHAN_URI, "sip:100:hun%40ter@h.example:5080", True, {"secret": "hun%40ter", "port": 5080}),
        (CHAN_URI, "100:hunter22@h.example", False, {"user": "100", "secret": "hunter22"}),
        (CHAN_URI, "sip:a@b@h.example", True, {"user": "a", "host": "b@h.example"}),
        (CHAN_URI, "sip:100@h.example;transport=tls?x=y", True, {"transport": "tls", "port": 5061}),
        (CHAN_URI, "sip:u;p?x@h.example", True, {"user": "u;p?x"}),
    ],
)
def test_uris(dialect, text, ok, expected):
    found = parsed(dialect, text)
    assert found.ok is ok
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize(
    ("dialect", "text", "code", "place"),
    [
        (URI, "100@h.example", "SR203", "100@h.example"),
        (URI, "sip:a@b@h.example", "SR204", "@"),
        (URI, "sip:100@h.example:5O60", "SR204", "5O60"),
        (URI, "tel:+4930123", "SR203", "tel:+4930123"),
        (URI, "sip:100@h..example", "SR140", "h..example"),
        (CHAN_URI, "100@h.example", "SR203", "100@h.example"),
        (CHAN_URI, "sip:a%40b@h.example", "SR127", "%40"),
        (CHAN_URI, "sip:a@b@h.example", "SR204", "@"),
        (CHAN_URI, "sip:", "SR142", "sip:"),
    ],
)
def test_mistakes_in_uris(dialect, text, code, place):
    found = parsed(dialect, text)
    says(found, code)
    assert under(text, found, code) == place


def test_the_password_of_a_refused_uri_is_hidden_too():
    for dialect in (URI, CHAN_URI):
        assert "hunter" not in report(explain("sip:a@b:hunter22@h.example", dialect=dialect))
        assert "hunter" not in report(explain("sip:100:hunter22@h.example:5O60", dialect=dialect))


def test_a_uri_is_detected():
    assert detect("sip:100@h.example").dialect == URI


# --- all of them

DIALECTS = [FS, BARESIP, ENV, URI, CHAN_URI]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    secret=SECRETS,
    host=HOSTS,
    auth_user=st.sampled_from(["", "login"]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    port=st.sampled_from([5060, 5080]),
    expiry=st.integers(60, 7200),
)
@settings(max_examples=60, deadline=None)
def test_round_trips(dialect, secret, host, auth_user, transport, port, expiry):
    trunk = Trunk("100", host, secret=secret, auth_user=auth_user, transport=transport, port=port, expiry=expiry)
    try:
        text = registry.render(dialect, trunk)
    except CannotRender:
        assume(False)
    found = parsed(dialect, text)
    assert found.ok, found.findings
    back = found.registrations[0].trunk
    assert (back.user, back.secret, back.host, back.transport) == ("100", secret, host, transport)
    if transport != "tls" or port != 5060 or dialect in (FS, BARESIP):
        assert back.port == port
    if dialect not in (URI, CHAN_URI):
        assert (back.auth_user, back.expiry) == (auth_user, expiry)


@pytest.mark.parametrize(
    ("dialect", "secret", "character"),
    [(FS, "a:b", ":"), (BARESIP, 'a"b', '"'), (ENV, "a\nb", "\n"), (CHAN_URI, "a@b", "@"), (FS, "a\x01b", "\x01")],
)
def test_what_cannot_be_written_is_refused(dialect, secret, character):
    with pytest.raises(CannotRender) as caught:
        registry.render(dialect, Trunk("100", "h.example", secret=secret))
    assert caught.value.character == character


@pytest.mark.parametrize("dialect", DIALECTS)
@given(st.text(alphabet="<>sip:@;=\"'\\%&/?#[] authpregnm!ENTITY\n-é\u00a0", max_size=100))
@settings(max_examples=120, deadline=None)
def test_no_text_makes_them_raise(dialect, text):
    parsed(dialect, text)
    parsed(dialect, "<sip:100@h>;auth_pass=" + text)
    parsed(dialect, '<gateway name="x"><param name="password" value="' + text)
    parsed(dialect, "SIP_USER=" + text)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("unit", ["<", ";a", '"', "&", "\\", "<param "])
def test_time_is_linear(dialect, unit):
    assert_linear_reading(partial(parsed, dialect), unit, ("{}", "<sip:a@b>;auth_pass={}"))


def test_a_closing_bracket_in_front_of_the_opening_one_closes_nothing():
    found = parsed("baresip-accounts", "a><sip:100@sip.acme.example;auth_pass=hunter22")
    assert not found.ok
    says(found, "SR502")


def test_every_dialect_writes_what_it_reads():
    trunk = Trunk("100", "sip.acme.example", secret="hunter22", extension="100", expiry=120)
    for name in registry.names():
        if name == "asterisk-iax2" or not registry.renders(name):
            continue
        over = replace(trunk, transport="wss", port=8443) if name in ("jssip", "sipjs") else trunk
        found = parsed(name, registry.render(name, over))
        assert found.registrations[0].secret == "hunter22", name
        assert loud(found) == [], name
        assert set(codes_of(found)) <= {"SR221", "SR804"}, name
