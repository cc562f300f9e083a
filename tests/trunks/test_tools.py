"""What SIPp's injection files, sipsak and sipexer have in common: round trips, no exceptions, linear time."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from dialect_checks import HOSTS, SECRETS, USERS, parsed
from growth import assert_linear_reading
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

SIPP, SIPSAK, SIPEXER = "sipp-inf", "sipsak-cmdline", "sipexer-cmdline"

DIALECTS = [SIPP, SIPSAK, SIPEXER]
EXTENSIONS = {SIPSAK: lambda trunk: trunk.user}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    user=USERS,
    secret=SECRETS,
    host=HOSTS,
    auth_user=st.sampled_from(["", "login", "a b", "-a"]),
    domain=st.sampled_from(["", "d.example"]),
    domain_port=st.sampled_from([None, 5080]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    port=st.sampled_from([5060, 5061, 5080, 35060]),
    expiry=st.integers(60, 7200),
)
@settings(max_examples=150, deadline=None)
def test_round_trips(dialect, user, secret, host, auth_user, domain, domain_port, transport, port, expiry):
    trunk = Trunk(
        user,
        host,
        secret=secret,
        auth_user=auth_user,
        domain=domain,
        domain_port=domain_port,
        transport=transport,
        port=port,
        expiry=expiry,
    )
    assume(auth_user != user)
    try:
        text = registry.render(dialect, trunk)
    except CannotRender:
        assume(False)
    found = parsed(dialect, text)
    assert found.ok, found.findings
    assert {f.code for f in found.findings if f.severity != "hint"} <= {"SR150", "SR151"}
    assert found.meant == ()
    assert detect(text).dialect == dialect
    extension = EXTENSIONS.get(dialect, lambda trunk: trunk.extension)(trunk)
    assert found.registrations[0].trunk == replace(trunk, extension=extension)


@pytest.mark.parametrize("dialect", [SIPSAK, SIPEXER])
def test_an_ha1_goes_round(dialect):
    trunk = Trunk("100", "192.0.2.1", ha1="0123456789abcdef" * 2, extension="100")
    found = parsed(dialect, registry.render(dialect, trunk))
    assert found.findings == ()
    assert found.registrations[0].trunk.ha1 == trunk.ha1
    assert trunk.ha1 not in report(explain(registry.render(dialect, trunk)))


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    st.text(alphabet="SEQUNTIAL;[authenticaion username=pw]\"'\\x3B0$`&|<>()# \n\r-sUaregist:@é%d{}!*~", max_size=120)
)
@settings(max_examples=200, deadline=None)
def test_no_text_makes_them_raise(dialect, text):
    begins = ("", "SEQUENTIAL\n100;", "USER,PRINTF=9\n", "100;[authentication username=1 password=")
    for begin in (*begins, "sipsak -U -s sip:1@h ", "sipsak -a ", "sipexer -register -ap ", "sipexer "):
        found = parsed(dialect, begin + text)
        report(explain(begin + text, dialect=dialect))
        found.to_json()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "unit",
    [
        ";",
        "a;",
        "a;b ",
        "$(",
        "`",
        "$",
        "\\",
        "a\\b",
        "<a:",
        "-a ",
        "--a=b ",
        "-zz y ",
        "a=",
        "user=",
        "[authentication ",
        "\n-",
        "#\n",
        "a;b\n",
        "%d",
        "!",
        "~ * ",
        "sipsak\n",
        "x=y ",
    ],
)
def test_time_is_linear(dialect, unit):
    starts = ("sipsak -U -s sip:1@h -a x", "sipexer -r h ", "USER,PRINTF=9\n", "1;[authentication username=")
    assert_linear_reading(partial(parsed, dialect), unit, [start + "{}" for start in starts], small=500)
    assert_linear_reading(registry.named(dialect).recognise, unit)
