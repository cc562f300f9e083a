"""Asterisk 1.4 and IAX2: readers that cut without quotes, and how their lines are told apart from chan_sip's."""

from __future__ import annotations

import pytest
from dialect_checks import HOSTS, SECRETS, codes_of, fields, loud, parsed, says, under
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk
from mockregistrar.trunks.asterisk import chan_sip_14, iax2
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

OLD, IAX = "asterisk-chan_sip-1.4", "asterisk-iax2"


def test_the_usual_line_of_1_4():
    found = parsed(OLD, "register => 100:hunter22:login@sip.acme.example:5080/200 ; note")
    assert found.form == "line"
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "login",
        "effective_auth_user": "login",
        "domain": "",
        "host": "sip.acme.example",
        "port": 5080,
        "transport": "udp",
        "extension": "200",
        "expiry": 120,
        "peer": "",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u:p@ss@h.example", {"secret": "p@ss", "host": "h.example"}),
        ("u:a:b:c@h.example", {"secret": "a", "auth_user": "b:c"}),
        ('u:"p"@h.example', {"secret": '"p"'}),
        ("u:pa/ss@h.example", {"secret": "pa/ss"}),
        ("u:p@h.example/", {"extension": "s"}),
        ("tcp://u:p@h.example", {"user": "tcp", "secret": "//u", "auth_user": "p", "transport": "udp"}),
        ("u:p@h.example/100~60", {"extension": "100~60", "expiry": 120}),
        ("peer?u:p@h.example", {"user": "peer?u", "peer": ""}),
    ],
)
def test_how_1_4_cuts(text, expected):
    assert expected.items() <= fields(parsed(OLD, text)).items()


@pytest.mark.parametrize(
    ("text", "code", "place", "ok"),
    [
        ("u:p@h.example:abc", "SR133", "abc", False),
        ("u:p@h.example:5O60", "SR131", "5O60", True),
        ("u:p#h.example", "SR101", "u:p#h.example", False),
        ("tls://u:p@h.example", "SR301", "tls://", True),
        ("u:p@h.example/100~60", "SR301", "~60", True),
        ("peer?u:p@h.example", "SR301", "peer?", True),
    ],
)
def test_what_1_4_does_not_know(text, code, place, ok):
    found = parsed(OLD, text)
    says(found, code, "error")
    assert under(text, found, code) == place
    assert found.ok is ok


def test_what_was_meant_is_what_later_versions_read():
    found = parsed(OLD, "tls://100:hunter22@sip.acme.example/100~60")
    assert (found.meant[0].user, found.meant[0].transport, found.meant[0].expiry) == ("100", "tls", 60)
    assert "hunter22" not in str(found.to_json())


def test_the_usual_line_of_iax2():
    found = parsed(IAX, "register => 100:hunter22@iax.acme.example")
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "host": "iax.acme.example",
        "port": 4569,
        "protocol": "iax2",
    }
    assert "SIP registrar" in says(found, "SR304", "hint")
    assert parsed(IAX, "100:[key]@h.example:4569").registrations[0].secret == "[key]"


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("u:p@ss@h.example", "SR302", {"secret": "p", "host": "ss"}),
        ("u:a:b@h.example", "SR303", {"secret": "a"}),
        ("u:p@h.example:4569x", "SR132", {"port": 4569}),
    ],
)
def test_what_iax2_cannot_hold(text, code, expected):
    found = parsed(IAX, text)
    says(found, code)
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize("text", ["u:p", "u:p@h.example:port"])
def test_iax2_refuses(text):
    found = parsed(IAX, text)
    assert not found.ok
    assert found.registrations == ()


@given(secret=SECRETS, host=HOSTS, auth_user=st.sampled_from(["", "login"]), port=st.sampled_from([5060, 5080]))
@settings(max_examples=80, deadline=None)
def test_round_trips(secret, host, auth_user, port):
    trunk = Trunk("100", host, secret=secret, auth_user=auth_user, port=port, extension="200")
    try:
        text = chan_sip_14.render(trunk)
    except CannotRender:
        assume(False)
    assert parsed(OLD, text, form="value").registrations[0].trunk == trunk


@given(secret=SECRETS, host=HOSTS)
@settings(max_examples=80, deadline=None)
def test_iax2_round_trips(secret, host):
    try:
        text = iax2.render(Trunk("100", host, secret=secret))
    except CannotRender as refusal:
        assert set(secret) & set("@:") or secret != secret.strip() or refusal.character in "\r\n\0"  # noqa: PT017
        return
    back = parsed(IAX, text, form="value").registrations[0]
    assert (back.user, back.secret, back.host) == ("100", secret, host)


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_them_raise(text):
    for dialect in (OLD, IAX):
        for form in ("value", "line", None):
            parsed(dialect, text, form=form)


def test_rendering_refuses_what_would_be_lost():
    for trunk in (
        Trunk("u", "h", secret="p:w"),
        Trunk("u", "h", transport="tls"),
        Trunk("u", "h", domain="d"),
        Trunk("u", "h", expiry=300),
    ):
        with pytest.raises(CannotRender):
            chan_sip_14.render(trunk)
    with pytest.raises(CannotRender) as caught:
        iax2.render(Trunk("u", "h", secret="p@w"))
    assert caught.value.character == "@"
    assert loud(parsed(OLD, chan_sip_14.render(Trunk("u", "h.example", secret="p/w?(")))) == []


@pytest.mark.parametrize("dialect", [OLD, IAX])
def test_a_comment_that_swallows_the_host(dialect):
    text = "register => 100:hun;ter22@h.example ; note"
    found = parsed(dialect, text)
    assert not found.ok
    assert codes_of(found) == ["SR104"]
    assert under(text, found, "SR104") == ";ter22@h.example"
    assert found.findings[0].log.startswith("WARNING ... Format for registration is user[:secret")
    assert found.meant[0].secret == "hun;ter22"
    assert "hun" not in report(explain(text, dialect=dialect)) + str(found.to_json())


@pytest.mark.parametrize(
    ("dialect", "text", "code", "severity", "place"),
    [
        (OLD, "u:p@h.example:4569", "SR144", "warning", "4569"),
        (OLD, "u:p@h.example:5061", "SR117", "hint", "5061"),
        (OLD, 'u:"p:q"@h.example', "SR301", "error", '"'),
        (OLD, "tls:u:p@h.example", "SR113", "error", "tls:"),
        (OLD, "u:p@h.example:", "SR133", "error", ":"),
        (IAX, "u:p@h.example:5060", "SR144", "warning", "5060"),
        (IAX, "u:p@h.example/100", "SR305", "error", "/100"),
        (IAX, "u:p@h.example~300", "SR305", "error", "~300"),
        (IAX, "u:p@", "SR142", "error", ""),
        (IAX, "@h.example", "SR129", "error", "@"),
    ],
)
def test_what_belongs_to_the_other_one(dialect, text, code, severity, place):
    found = parsed(dialect, text)
    says(found, code, severity)
    assert under(text, found, code) == place


def test_an_extension_is_no_sign_of_iax2():
    assert detect("register => 100:pw@iax2.example.com/100").dialect == "asterisk-chan_sip"
    assert detect("register => 100:pw@iax2.example.com").dialect == IAX


IAX_CONF = """[general]
bindport=4569
; register => 1:commented@h.example
register => 123456:Secr3t@iax.voip.ms
register => 100:pw@ss99@iax.other.example ; two
register => 7:hun;ter22@iax.third.example

[voipms]
type=friend
host=iax.voip.ms
username=123456
secret=Secr3t
requirecalltoken=no
register => 9:misplaced@h.example
"""


@pytest.mark.parametrize("name", [None, "iax.conf", "iax-vicidial.conf"])
def test_a_whole_iax_conf(name):
    assert (detect(IAX_CONF, name).dialect, detect(IAX_CONF, name).form) == (IAX, "file")
    found = parsed(IAX, IAX_CONF)
    assert [(r.user, r.host, r.port, r.protocol) for r in found.registrations] == [
        ("123456", "iax.voip.ms", 4569, "iax2"),
        ("100", "ss99", 4569, "iax2"),
    ]
    assert [each.secret for each in found.meant] == ["pw@ss99", "hun;ter22"]
    assert found.peers == (
        {"name": "voipms", "type": "friend", "host": "iax.voip.ms", "user": "123456", "secret": "Secr3t"},
    )
    assert [(f.code, f.span.line) for f in found.findings] == [
        ("SR304", 4),
        ("SR302", 5),
        ("SR104", 6),
        ("SR161", 14),
    ]
    told = report(explain(IAX_CONF)) + str(found.to_json())
    assert not [secret for secret in ("Secr3t", "pw@", "ter22", "misplaced", "commented") if secret in told]


@pytest.mark.parametrize("text", ["[general]\nregister => u:p@iax.example.com\n[a]\ntype=peer\nhost=h.example\n"])
def test_a_host_called_iax_makes_no_file_of_iax2(text):
    assert detect(text).dialect == "asterisk-sip.conf"


@pytest.mark.parametrize(
    ("options", "dialect"),
    [
        ("trunk=yes\n", IAX),
        ("trunk=yes\ninsecure=very\n", "asterisk-sip.conf"),
        ("trunk=yes\ndtmfmode=rfc2833\n", "asterisk-sip.conf"),
        ("calltokenoptional=0.0.0.0/0.0.0.0\n", IAX),
        ("", "asterisk-sip.conf"),
    ],
)
def test_options_that_only_iax2_has(options, dialect):
    assert detect(f"[acme]\ntype=peer\nhost=h.example\n{options}").dialect == dialect
