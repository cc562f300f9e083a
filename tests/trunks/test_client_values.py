"""Where values end in configs of baresip and linphone, and which names a client cannot be told.

All of it was asked of the real clients: tests/e2e/test_rendered_configs.py asks them again.
"""

from __future__ import annotations

import pytest
from dialect_checks import SECRETS, codes_of, fields, parsed, says, under
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.explanation import explain, report

BARESIP, LINPHONE = "baresip-accounts", "linphonerc"
A = "<sip:100@h.example>"

# --- baresip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{A};auth_pass=ab\\;cd;regint=90", {"secret": "ab\\;cd", "expiry": 90}),
        (f"{A};auth_pass=ab\\ cd;regint=90", {"secret": "ab\\ cd", "expiry": 90}),
        (f'{A};auth_pass=a"b;c"d;regint=90', {"secret": 'a"b;c"d', "expiry": 90}),
        (f'{A};regint=90;auth_pass=a"b', {"secret": 'a"b', "expiry": 90}),
        (f'{A};regint=90;auth_pass=""ab""', {"secret": '"ab"'}),
        (f"{A};regint=90;auth_pass=ab\\", {"secret": "ab\\"}),
        (f'{A};regint=90;auth_pass="a;b\\"', {"secret": "a;b\\"}),
        (f'{A};auth_pass="";AUTH_PASS = ab; Regint = 90', {"secret": "ab", "expiry": 90}),
        (f"{A};regint;regint=90;auth_user=;auth_pass=ab", {"auth_user": "", "expiry": 90}),
        (f'{A};auth_pass="a;regint=90;b=";regint=120', {"expiry": 90}),
        (f"{A};auth_pass=ab;regint=60s", {"expiry": 0, "register": False}),
        (f"{A};auth_pass=ab;outbound=sip:a.example;outbound1=sip:b.example", {"outbound_proxy": "sip:b.example"}),
        (f'{A};auth_pass=ab;outbound="sip:a.example;transport=tcp"', {"transport": "tcp"}),
        ("<sip:100@h.example;transport=tcp>;auth_pass=ab;outbound=sip:a.example", {"transport": "udp"}),
        ("<sip:a%40b@h.example>;auth_pass=ab", {"user": "a@b", "effective_auth_user": "a%40b"}),
    ],
)
def test_what_baresip_reads(text, expected):
    assert expected.items() <= fields(parsed(BARESIP, text)).items()


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (f"{A};auth_pass=hunter22\\;regint=90", "SR506", "\\;"),
        (f'{A};auth_pass="hunter22;regint=90', "SR505", None),
        (f'{A};auth_pass="a;regint=90;hunter22";regint=120', "SR512", ";regint="),
        (f"{A};auth_pass=hunter22;regint=60s", "SR509", "60s"),
        (f'{A};auth_pass=hunter22;regint=90;auth_user=a"b', "SR576", '"'),
    ],
)
def test_mistakes_of_values(text, code, place):
    found = parsed(BARESIP, text)
    says(found, code, "error")
    if place:
        assert under(text, found, code) == place
    assert "hunter22" not in report(explain(text, dialect=BARESIP))


def test_a_password_in_the_address_is_no_second_at():
    assert "SR501" not in codes_of(parsed(BARESIP, "<sip:100:pw@h.example>;auth_pass=ab"))


def test_a_line_that_cannot_be_read_is_the_last():
    found = parsed(BARESIP, f"{A};auth_pass=ab\n200@h.example;auth_pass=ab\n<sip:300@h.example>;auth_pass=ab\n")
    assert [each.user for each in found.registrations] == ["100"]
    assert [each.user for each in found.meant] == ["200", "300"]
    assert "no further" in says(found, "SR501")


def test_the_password_is_the_last():
    text = registry.render(BARESIP, Trunk("100", "h.example", secret="a;b\\", auth_user="login", domain="d.example"))
    assert text.endswith(';auth_pass="a;b\\"')
    assert fields(parsed(BARESIP, text))["secret"] == "a;b\\"


@pytest.mark.parametrize("secret", ["a;regint=0", "a; OUTBOUND1 =sip:x", "a;auth_user=b"])
def test_a_password_that_names_a_parameter(secret):
    with pytest.raises(CannotRender) as caught:
        registry.render(BARESIP, Trunk("100", "h.example", secret=secret))
    assert caught.value.character == ";"


@given(
    user=st.one_of(
        st.sampled_from(["a@b", "a;b", "a?b", "a:b", "%41", "a b", "ü", "<a>"]), st.text('a%@:;é" ', min_size=1)
    ),
    secret=SECRETS,
)
@settings(max_examples=60, deadline=None)
def test_any_user_of_baresip(user, secret):
    try:
        text = registry.render(BARESIP, Trunk(user, "h.example", secret=secret))
    except CannotRender:
        assert '"' in user + secret
        return
    back = parsed(BARESIP, text).registrations[0]
    assert (back.user, back.effective_auth_user, back.secret) == (user, user, secret)


# --- linphone

RC = (
    "[auth_info_0]\nusername=100\npasswd=hunter22\n"
    "[proxy_0]\nreg_proxy=<sip:h.example>\nreg_identity=sip:100@d.example\nreg_expires=600\n"
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("hunter22", "hunter22  ", {"secret": "hunter22"}),
        ("hunter22", "  hunter22", {"secret": "  hunter22"}),
        ("hunter22", "hunter22\t", {"secret": "hunter22\t"}),
        ("reg_expires=600", "reg_expires=", {"expiry": 3600}),
        ("reg_expires=600", "reg_expires= 0x70 s", {"expiry": 112}),
        ("reg_expires=600", "reg_expires=soon", {"expiry": 0}),
        ("reg_expires=600", "reg_sendregister=yes", {"register": False}),
        ("reg_expires=600", "reg_sendregister=-1", {"register": True}),
        ("<sip:h.example>", "<sip:h.example>;transport=tcp", {"transport": "udp"}),
        ("sip:100@d.example", "<sip:100@d.example>;x=y", {"user": "100"}),
        ("passwd", "domain=elsewhere.example\npasswd", {"secret": "hunter22"}),
        ("passwd", "realm=elsewhere\npasswd", {"secret": "hunter22"}),
        ("passwd=hunter22", f"passwd=hunter22\nrealm=r\nha1={'0' * 32}", {"secret": "", "ha1": "0" * 32}),
        ("[proxy_0]", "[auth_info_0]\npasswd=x1\n[proxy_0]", {"secret": "x1"}),
    ],
)
def test_what_linphone_reads(old, new, expected):
    assert expected.items() <= fields(parsed(LINPHONE, RC.replace(old, new))).items()


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "place"),
    [
        ("hunter22", "hunter22\t", "SR520", "error", "\t"),
        ("<sip:h.example>", "<sip:h.example>;transport=tcp", "SR503", "error", "transport=tcp"),
        ("reg_expires=600", "reg_expires=soon", "SR135", "error", "soon"),
        ("reg_expires=600", "reg_sendregister=yes", "SR509", "error", "yes"),
        ("reg_expires=600", "reg_sendregister=0", "SR511", "hint", "0"),
        ("passwd=hunter22", f"ha1={'0' * 32}", "SR525", "error", "0" * 32),
        ("passwd", 'userid="login"\npasswd', "SR576", "error", '"'),
    ],
)
def test_mistakes_in_linphonerc(old, new, code, severity, place):
    text = RC.replace(old, new)
    found = parsed(LINPHONE, text)
    says(found, code, severity)
    assert under(text, found, code) == place
    assert "hunter22" not in report(explain(text, dialect=LINPHONE))


def test_what_was_meant_by_a_transport_outside():
    found = parsed(LINPHONE, RC.replace("<sip:h.example>", "<sip:h.example>;transport=tcp"))
    assert [each.transport for each in found.meant] == ["tcp"]


def test_credentials_of_the_domain_come_first():
    text = "[auth_info_0]\nusername=100\npasswd=x1\ndomain=e.example\n" + RC.replace("info_0]", "info_1]").replace(
        "passwd", "domain=D.example\npasswd"
    )
    assert fields(parsed(LINPHONE, text))["secret"] == "hunter22"


@pytest.mark.parametrize(
    ("changes", "character"),
    [
        ({"secret": "ab "}, " "),
        ({"auth_user": "ab "}, " "),
        ({"user": "a;b"}, ";"),
        ({"user": "a,b"}, ","),
        ({"secret": "", "ha1": "0" * 32}, "ha1"),
        ({"secret": "a\nb"}, "\n"),
    ],
)
def test_what_linphone_would_not_keep(changes, character):
    with pytest.raises(CannotRender) as caught:
        registry.render(LINPHONE, Trunk(**({"user": "100", "host": "h.example", "secret": "x1"} | changes)))
    assert caught.value.character == character


# --- names


@pytest.mark.parametrize(
    "dialect",
    [BARESIP, LINPHONE, "twinkle-cfg", "sipp-inf", "sipsak-cmdline", "kamailio-uacreg", "pjsua-cmdline"],
)
@pytest.mark.parametrize("character", ['"', "\\"])
def test_no_client_escapes_the_user_that_it_logs_in_with(dialect, character):
    trunk = Trunk("100", "h.example", secret="x1", auth_user=f"a{character}b")
    with pytest.raises(CannotRender) as caught:
        registry.render(dialect, trunk)
    assert caught.value.character == character
    with pytest.raises(CannotRender):
        registry.render(dialect, Trunk(f"a{character}b", "h.example", secret="x1"))


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (BARESIP, f'{A};auth_pass=x1;regint=90;auth_user=a"b'),
        (LINPHONE, RC.replace("passwd", 'userid=a"b\npasswd')),
        ("twinkle-cfg", 'user_name=100\nuser_domain=h.example\nauth_name=a"b\nauth_pass=x1\n'),
        ("sipp-inf", 'SEQUENTIAL\n100;h.example;[authentication username=a"b password=x1]\n'),
        ("sipsak-cmdline", "sipsak -U -x 120 -s sip:100@h.example -u 'a\"b' -a x1"),
        ("kamailio-uacreg", registry.render("kamailio", Trunk("100", "h.example", secret="x1", auth_user="axb"))),
    ],
)
def test_a_quote_in_the_user_that_logs_in(dialect, text):
    found = parsed(dialect, text.replace("axb", 'a"b'))
    assert "ends there" in says(found, "SR576", "error")


@pytest.mark.parametrize(
    ("dialect", "user", "character"),
    [
        ("twinkle-cfg", "/100", "/"),
        ("pyvoip", "a:b", ":"),
        ("pyvoip", "a b", " "),
        ("pyvoip", "%41", "%"),
        ("pyvoip", "ü", "ü"),
        ("pjsua-cmdline", "100%", "%"),
    ],
)
def test_users_that_cannot_be_told(dialect, user, character):
    with pytest.raises(CannotRender) as caught:
        registry.render(dialect, Trunk(user, "h.example", secret="x1"))
    assert caught.value.character == character


@pytest.mark.parametrize("dialect", ["sipp-inf", "sipsak-cmdline"])
@pytest.mark.parametrize("user", ["a;b", "a,b", "a?b", "#1", "a b", "%41", "a@b", "ü"])
def test_users_with_percent_signs(dialect, user):
    text = registry.render(dialect, Trunk(user, "h.example", secret="x1"))
    back = parsed(dialect, text).registrations[0]
    assert (back.user, back.effective_auth_user) == (user, user)


def test_a_user_that_sipsak_writes_without_brackets():
    assert "-s sip:a%3Bb%2Cc@h.example " in registry.render("sipsak", Trunk("a;b,c", "h.example", secret="x1"))
