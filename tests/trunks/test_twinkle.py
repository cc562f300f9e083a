"""Twinkle's user profiles. The readings were watched on Twinkle 1.10.2: what it sent, and what it logged."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from dialect_checks import HOSTS, SECRETS, codes_of, fields, loud, parsed, says, under
from growth import assert_linear_reading
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.clients import twinkle_server
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

TWINKLE = "twinkle-cfg"

CFG = """# USER
user_name=100
user_domain=sip.acme.example
user_display=Al
user_organization=
auth_realm=
auth_name=login
auth_pass=hunter22

# SIP SERVER
outbound_proxy=
all_requests_to_proxy=no
non_resolvable_to_proxy=no
registrar=reg.acme.example:5070
register_at_startup=yes
registration_time=600
reg_add_qvalue=no
reg_qvalue=1

# SIP PROTOCOL
hold_variant=rfc3264
registration_time_in_contact=yes
ext_100rel=supported
sip_transport=auto
sip_transport_udp_threshold=1300
"""


def test_a_profile_as_twinkle_writes_it():
    found = parsed(TWINKLE, CFG)
    assert (detect(CFG).dialect, detect(CFG).form) == (TWINKLE, "file")
    assert found.findings == ()
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "login",
        "effective_auth_user": "login",
        "domain": "sip.acme.example",
        "host": "reg.acme.example",
        "port": 5070,
        "transport": "udp",
        "extension": "100",
        "expiry": 600,
        "realm": "",
        "outbound_proxy": "",
        "register": True,
        "display_name": "Al",
    }


@pytest.mark.parametrize(
    ("text", "name", "dialect"),
    [
        ("user_name=100\nuser_domain=h.example\n", None, TWINKLE),
        ("  user_name = 100\n  registrar = h.example\n", None, TWINKLE),
        ("auth_pass=x\nregistration_time=60\n", None, TWINKLE),
        ("[a]\nuser_name=100\nuser_domain=h.example\n", None, "asterisk-sip.conf"),
        ("account.1.user_name = 100\naccount.1.auth_name = 100\n", None, None),
        ("user_name=100\n", None, None),
    ],
)
def test_profiles_are_told_from_other_files(text, name, dialect):
    found = detect(text, name).dialect
    assert found == dialect if dialect else found != TWINKLE


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("registration_time=600\n", "", {"expiry": 3600}),
        ("register_at_startup=yes\n", "", {"register": True}),
        ("register_at_startup=yes", "register_at_startup=no", {"register": False}),
        ("auth_realm=", "auth_realm=acme", {"realm": "acme"}),
        ("auth_pass=hunter22", "auth_pass =  a b;c#d=e:@/?\"'  ", {"secret": "a b;c#d=e:@/?\"'"}),
        ("sip_transport=auto", "sip_transport=tcp", {"transport": "tcp"}),
        ("example:5070", "example:5070;transport=tcp", {"transport": "tcp", "port": 5070}),
        ("user_name=100", "user_name = +49 30", {"user": "+49 30"}),
        ("user_name=100", "user_name=a@b", {"user": "a@b"}),
        ("user_domain=sip.acme.example", "user_domain=a.example:5080", {"domain": "a.example", "domain_port": 5080}),
        ("sip_transport=auto", "use_domain_in_contact=yes", {"extension": "100_sip_acme_example"}),
        ("user_display=Al", "user_display=a=b", {"display_name": "a=b"}),
        # where REGISTER goes
        ("reg.acme.example:5070", "203.0.113.5", {"host": "203.0.113.5", "port": 5060}),
        ("reg.acme.example:5070", "203.0.113.5:0", {"port": 5060}),
        ("outbound_proxy=", "outbound_proxy=p.example", {"host": "reg.acme.example", "outbound_proxy": "p.example"}),
        ("all_requests_to_proxy=no", "all_requests_to_proxy=yes", {"host": "reg.acme.example"}),
    ],
)
def test_what_twinkle_reads(old, new, expected):
    assert old in CFG
    found = parsed(TWINKLE, CFG.replace(old, new))
    assert loud(found) == []
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize(
    ("proxy", "host"), [("", "sip.acme.example"), ("p.example:5080", "p.example"), ("u@p.example", "sip.acme.example")]
)
def test_without_a_registrar_the_proxy_counts_and_then_the_domain(proxy, host):
    text = CFG.replace("registrar=reg.acme.example:5070\n", "").replace("outbound_proxy=", f"outbound_proxy={proxy}")
    assert fields(parsed(TWINKLE, text))["host"] == host


def test_dns_decides_on_the_port_of_a_name():
    found = parsed(TWINKLE, CFG.replace("reg.acme.example:5070", "reg.acme.example"))
    assert "port" not in fields(found)
    assert loud(found) == []


MISTAKES = [
    # the wrong thing in a field
    ("registrar=", "registrar=sip:", "SR560", "error", "sip:", {"host": "reg.acme.example", "port": 5070}),
    ("registrar=", "registrar=sips://", "SR560", "error", "sips://", {"host": "reg.acme.example"}),
    ("outbound_proxy=", "outbound_proxy=sip:p.example", "SR560", "warning", "sip:", {"outbound_proxy": "p.example"}),
    ("user_domain=", "user_domain=sip:", "SR560", "error", "sip:", {"domain": "sip.acme.example"}),
    ("user_name=100", "user_name=sip:100@h.example", "SR560", "error", "sip:", {"user": "100"}),
    ("registrar=reg", "registrar=100@reg", "SR561", "error", "100@reg.acme.example:5070", {"host": "reg.acme.example"}),
    ("reg.acme.example:5070", ":5060", "SR561", "error", ":5060", None),
    ("reg.acme.example:5070", "h.example:70000", "SR561", "error", "h.example:70000", {"host": "h.example"}),
    ("reg.acme.example:5070", "2001:db8::1", "SR574", "error", "2001:db8::1", None),
    ("reg.acme.example:5070", "[2001:db8::1]:5070", "SR574", "error", "[2001:db8::1]", None),
    ("outbound_proxy=", "outbound_proxy=u@p.example", "SR561", "warning", "u@p.example", None),
    ("reg.acme.example:5070", "reg.acme,example", "SR140", "error", "reg.acme,example", None),
    ("user_domain=sip.acme.example", "user_domain=sip acme", "SR140", "error", "sip acme", None),
    ("example:5070", "example:5O70", "SR131", "error", "5O70", {"port": 5070}),
    ("example:5070", "example:sip", "SR131", "error", "sip", None),
    ("example:5070", "example:5070/x", "SR132", "warning", "/x", None),
    ("example:5070", "example:5070 # note", "SR132", "hint", " # note", None),
    ("example:5070", "example:4569", "SR144", "warning", "4569", None),
    ("example:5070", "example:5061", "SR117", "hint", "5061", None),
    ("user_name=100", "user_name=100@sip.acme.example", "SR575", "warning", "@sip.acme.example", {"user": "100"}),
    ("user_name=100", "user_name=j\u00f6rg", "SR568", "error", "\u00f6", None),
    ("user_name=100\n", "", "SR573", "error", None, None),
    ("user_domain=sip.acme.example", "user_domain=", "SR573", "error", "", None),
    # what the file is like
    ("user_name=100", "user_name 100", "SR562", "error", "user_name 100", {"user": "100"}),
    ("user_name=100", "user_name: 100", "SR562", "error", "user_name: 100", {"user": "100"}),
    ("auth_pass=hunter22", "auth_pass hunter22", "SR562", "error", None, {"secret": "hunter22"}),
    ("# USER", "; USER", "SR562", "error", "; USER", {"user": "100"}),
    ("# USER", "[user]", "SR562", "error", "[user]", {"user": "100"}),
    ("# USER", "rubbish", "SR562", "error", "rubbish", {"user": "100"}),
    ("rfc3264", "rfc3265", "SR562", "error", "rfc3265", {"user": "100"}),
    ("100rel=supported", "100rel=yes", "SR562", "error", "yes", {"user": "100"}),
    ("# USER", "speex_quality=11", "SR562", "error", "11", {"user": "100"}),
    ("# USER", "\ufeff# USER", "SR150", "error", "\ufeff", {"user": "100"}),
    ("# USER\nuser_name", "\ufeffuser_name", "SR150", "error", "\ufeff", {"user": "100"}),
    ("\nuser_name=100", "\n\tuser_name=100", "SR563", "error", "\t", {"user": "100"}),
    ("auth_pass=hunter22", "auth_pass=hunter22\t", "SR563", "error", "\t", {"secret": "hunter22"}),
    ("auth_pass=hunter22", "auth_pass=hunter22\u00a0", "SR150", "error", "\u00a0", None),
    ("auth_pass=hunter22", "auth_pass=\u201chunter22\u201d", "SR151", "error", None, None),
    ("user_name=100", "user_name=100 # mine", "SR564", "error", " # mine", {"user": "100"}),
    ("auth_name=login", "auth_name=login ; mine", "SR564", "error", " ; mine", {"auth_user": "login"}),
    ("auth_pass=hunter22", "auth_pass=hunter22 # mine", "SR564", "warning", " # mine", None),
    ("startup=yes", "startup=yes # please", "SR564", "error", " # please", {"register": True}),
    ("auth_name=", "auth_nam=", "SR565", "error", "auth_nam", {"auth_user": "login"}),
    ("auth_pass=", "password=", "SR565", "error", "password", {"secret": "hunter22"}),
    ("registrar=", "Registrar=", "SR565", "error", "Registrar", {"host": "reg.acme.example"}),
    ("registration_time=", "registation_time=", "SR565", "warning", "registation_time", {"expiry": 600}),
    ("ext_100rel=supported", "colour=red", "SR565", "hint", "colour", None),
    ("user_name=100", "user_name=100\nuser_name=200", "SR570", "warning", "100", None),
    ("user_name=100", 'user_name="100"', "SR572", "error", '"100"', {"user": "100"}),
    ("auth_realm=", 'auth_realm="acme"', "SR572", "error", '"acme"', {"realm": "acme"}),
    ("auth_pass=hunter22", "auth_pass='hunter22'", "SR572", "warning", "'hunter22'", None),
    # what the settings say
    ("auth_name=login", "auth_name=", "SR566", "error", "hunter22", {"effective_auth_user": "100"}),
    ("auth_pass=hunter22", "auth_pass=", "SR566", "hint", "login", None),
    ("auth_name=login", 'auth_name=lo"gin', "SR576", "error", '"', None),
    ("transport=auto", "transport=tls", "SR567", "error", "tls", None),
    ("transport=auto", "transport=TCP", "SR567", "warning", "TCP", {"transport": "tcp"}),
    ("transport=auto", "transport=sctp", "SR567", "warning", "sctp", None),
    ("example:5070", "example:5070;transport=tls", "SR567", "error", "transport=tls", None),
    ("startup=yes", "startup=true", "SR569", "error", "true", {"register": True}),
    ("startup=yes", "startup=Yes", "SR569", "error", "Yes", {"register": True}),
    ("startup=yes", "startup=no", "SR511", "hint", "no", None),
    ("registration_time=600", "registration_time=soon", "SR571", "warning", "soon", None),
    ("registration_time=600", "registration_time=0", "SR571", "warning", "0", None),
    ("registration_time=600", "registration_time=600s", "SR132", "warning", "s", None),
    ("registration_time=600", "registration_time=30", "SR136", "hint", "30", None),
    ("user_name=100", "user_name=USERNAME", "SR109", "hint", "USERNAME", None),
]


@pytest.mark.parametrize(("old", "new", "code", "severity", "place", "meant"), MISTAKES)
def test_mistakes(old, new, code, severity, place, meant):
    assert old in CFG
    text = CFG.replace(old, new, 1)
    found = parsed(TWINKLE, text)
    says(found, code, severity)
    if place is not None:
        assert under(text, found, code) == place
    if meant is not None:
        assert meant.items() <= found.meant[0].to_json().items()
    told = report(explain(text, dialect=TWINKLE))
    assert "hunter22" not in told
    assert "hunter22" not in str(found.to_json())


def test_half_of_the_credentials_is_no_default():
    real = parsed(TWINKLE, CFG.replace("auth_name=login", "auth_name=")).registrations[0]
    assert (real.auth_user, real.effective_auth_user) == ("", None)
    neither = CFG.replace("auth_name=login", "").replace("auth_pass=hunter22", "")
    assert loud(parsed(TWINKLE, neither)) == []


def test_a_scheme_makes_another_host():
    real = parsed(TWINKLE, CFG.replace("registrar=reg.acme.example", "registrar=sip:203.0.113.5")).registrations[0]
    assert (real.host, real.port) == ("sip", 203)


def test_a_dropped_registrar_sends_the_request_elsewhere():
    found = parsed(TWINKLE, CFG.replace("registrar=", "registrar=100@"))
    assert found.ok
    assert found.findings[0].log == "Invalid server value: 100@reg.acme.example:5070"
    assert (found.registrations[0].host, found.meant[0].host) == ("sip.acme.example", "reg.acme.example")


def test_servers_that_contradict_the_transport():
    text = CFG.replace("transport=auto", "transport=udp").replace("example:5070", "example:5070;transport=tcp")
    assert "sends nothing" in says(parsed(TWINKLE, text), "SR567", "error")


def test_what_twinkle_prints_when_it_refuses():
    found = parsed(TWINKLE, CFG.replace("# USER", "; USER"), path=Path("/home/al/.twinkle/acme.cfg"))
    assert not found.ok
    assert found.registrations == ()
    assert found.findings[0].log == "Syntax error in file ~/.twinkle/acme.cfg"
    refused = parsed(TWINKLE, CFG.replace("rfc3264", "x")).findings[0]
    assert refused.log.endswith("Invalid hold variant: x")
    unknown = parsed(TWINKLE, CFG.replace("# USER\nuser_name", "\ufeffuser_name"))
    assert unknown.findings[0].log == "Unknown parameter in user profile: ...user_name"


def test_windows_line_ends_are_told_once():
    lines = [line for line in CFG.split("\n") if line and not line.startswith(("hold_", "ext_"))]
    text = "\r\n".join(lines) + "\r\n"
    found = parsed(TWINKLE, text)
    assert codes_of(found).count("SR563") == 1
    assert found.ok
    assert found.registrations[0].secret == "hunter22\r"
    assert found.registrations[0].register is False
    assert (found.meant[0].secret, found.meant[0].register) == ("hunter22", True)
    spoilt = parsed(TWINKLE, "\r\n".join(["hold_variant=rfc2543", *lines]))
    assert codes_of(spoilt) == ["SR563"]
    assert "`hold_variant`" in spoilt.findings[0].message
    assert not spoilt.ok
    refused = parsed(TWINKLE, CFG.replace("\n", "\r\n"))
    assert not refused.ok
    assert refused.meant[0].secret == "hunter22"


def test_the_last_value_counts():
    found = parsed(TWINKLE, CFG + "auth_pass=other555\n")
    assert found.registrations[0].secret == "other555"
    assert under(CFG, found, "SR570") == "hunter22"
    assert not {"hunter22", "other555"} & set(report(explain(CFG + "auth_pass=other555\n")).split())


def test_nothing_in_it():
    for text in ("", "\n# x\n"):
        found = parsed(TWINKLE, text)
        assert found.registrations == ()
        assert found.ok


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h.example", ("h.example", None, "")),
        ("h.example:", None),
        ("h.example: 5070", ("h.example", 5070, "")),
        ("h.example:5070:1", ("h.example", 5070, "")),
        ("h.example:-1", None),
        ("h.example;transport=TCP", ("h.example", None, "tcp")),
        ("h.example; transport=udp", ("h.example", None, "udp")),
        ("h.example;transport=udp=x", None),
        ("h.example;", ("h.example", None, "")),
        ("h.example?x=y", ("h.example", None, "")),
        ("[::1]", ("[::1]", 5060, "")),
        ("[::1]x", None),
        ("[::1", None),
        ("@h.example", None),
        (";x", None),
        ("", None),
    ],
)
def test_servers(text, expected):
    read = twinkle_server.read(text)
    assert (read and (read.host, read.port, read.transport)) == expected


# --- writing


@example(secret="#x", user="100", host="a.example", auth_user="", domain="", transport="udp", port=5060, expiry=60)
@given(
    secret=SECRETS,
    user=st.sampled_from(["100", "a@b", "+49-1", "a;b", "a b"]),
    host=HOSTS,
    auth_user=st.sampled_from(["", "login", "a@b.example"]),
    domain=st.sampled_from(["", "d.example"]),
    transport=st.sampled_from(["udp", "tcp"]),
    port=st.sampled_from([5060, 5061, 5080]),
    expiry=st.integers(60, 7200),
)
@settings(max_examples=120, deadline=None)
def test_round_trips(secret, user, host, auth_user, domain, transport, port, expiry):
    trunk = Trunk(
        user,
        host,
        secret=secret,
        auth_user=auth_user,
        domain=domain,
        transport=transport,
        port=port,
        expiry=expiry,
        extension=user,
    )
    try:
        text = registry.render(TWINKLE, trunk)
    except CannotRender:
        assert secret != secret.strip(" ")
        return
    found = parsed(TWINKLE, text)
    assert found.ok
    assert found.registrations[0].trunk == trunk
    assert [f for f in found.findings if f.code not in ("SR109", "SR117", "SR150", "SR151", "SR564", "SR572")] == []


@pytest.mark.parametrize(
    ("changes", "character"),
    [
        ({"transport": "tls", "port": 5061}, "tls"),
        ({"secret": " x"}, " "),
        ({"secret": "a\nb"}, "\n"),
        ({"secret": "", "ha1": "0" * 32}, "ha1"),
        ({"host": "[2001:db8::1]"}, "["),
        ({"user": "j\u00f6rg"}, "\u00f6"),
        ({"auth_user": 'a"b'}, '"'),
        ({"expiry": 0}, "0"),
    ],
)
def test_what_twinkle_cannot_hold(changes, character):
    fine = {"user": "100", "host": "h.example", "secret": "hunter22"}
    with pytest.raises(CannotRender) as caught:
        registry.render(TWINKLE, Trunk(**(fine | changes)))
    assert caught.value.character == character
    assert "hunter22" not in caught.value.why


@given(st.text(alphabet="user_namedoi=:#;[]\"' \t\r\n\ufeffé@.5", max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_it_raise(text):
    parsed(TWINKLE, text)
    parsed(TWINKLE, "registrar=" + text)
    parsed(TWINKLE, CFG.replace("hunter22", text))


@pytest.mark.parametrize("unit", ["x", "ab=\n", "ab\n", "user_name=\n", "="])
def test_time_is_linear(unit):
    assert_linear_reading(partial(parsed, TWINKLE), unit, ("{}", "registrar={}", "auth_pass={}"))
