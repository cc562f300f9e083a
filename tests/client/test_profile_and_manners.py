from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockregistrar.client import ASTERISK_CHAN_SIP, MANNERS, RFC3261, Profile, manners_named, states
from mockregistrar.client.requests import Turn, aor_uri, contact_uri, digest_uri, escaped, register_request, request_uri
from mockregistrar.sip.message import Request, parse
from mockregistrar.sip.transactions import IllegalStep
from mockregistrar.sip.uri import Uri

# --- profile -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"transport": "sctp"}, "transport 'sctp' is not one of udp, tcp, tls"),
        ({"port": 0}, "port 0 is not between"),
        ({"domain_port": 70000}, "domain_port 70000 is not between"),
        ({"expiry": -1}, "expiry -1 is negative"),
        ({"user": ""}, "needs a user and a host"),
        ({"display_name": "a\r\nb"}, "display_name holds a line break"),
        ({"secret": "\ud800"}, "secret holds a character that cannot be encoded"),
        ({"host": "a b"}, "no white space"),
    ],
)
def test_profiles_that_cannot_be(fields, message):
    with pytest.raises(ValueError, match=message):
        Profile(**{"user": "u", **fields})


def test_the_secret_is_not_shown():
    assert "s3cret" not in repr(Profile("u", "s3cret"))


def test_who_it_is():
    plain = Profile("u", host="2001:db8::1", port=5070)
    assert (plain.digest_user, plain.aor_host, plain.aor_port) == ("u", "[2001:db8::1]", 5070)
    domain = Profile("u", auth_user="", domain="acme", host="h", transport="tls")
    assert (domain.digest_user, domain.aor_host, domain.aor_port) == ("", "acme", 5061)
    assert Profile("u", domain="acme", domain_port=5080).aor_port == 5080


# --- manners -----------------------------------------------------------------------------------------------


def test_manners_by_name():
    assert manners_named("asterisk-chan_sip") is ASTERISK_CHAN_SIP
    assert manners_named("rfc3261") is RFC3261
    with pytest.raises(ValueError, match=r"no manners are called 'baresipp'; there are baresip, baresip-4, .*twinkle"):
        manners_named("baresipp")


@pytest.mark.parametrize("manners", MANNERS.values(), ids=str)
def test_manners_are_values(manners):
    assert pickle.loads(pickle.dumps(manners)) == manners
    hash(manners)
    for _, reaction in manners.reactions:
        assert reaction.do in ("answer", "adopt", "stop", "wait", "retry")


def test_the_nearest_reaction_wins():
    assert RFC3261.reaction(404).do == "stop"
    assert RFC3261.reaction(480).do == "retry"
    assert RFC3261.reaction(302).do == "stop"
    assert ASTERISK_CHAN_SIP.reaction(503).do == "wait"
    assert ASTERISK_CHAN_SIP.reaction(408).forgives


# --- the table ---------------------------------------------------------------------------------------------


def test_every_state_can_be_left_and_the_owner_can_always_leave():
    reached = set(states.TABLE.values())
    assert {state for state, _ in states.TABLE} == reached
    for state in reached - states.LEAVINGS:
        assert (state, states.UNREGISTER) in states.TABLE
    for state in states.IN_FLIGHT:
        assert (state, states.CHALLENGED) in states.TABLE
        assert (state, states.REFUSED) in states.TABLE


def test_an_illegal_step_is_named():
    with pytest.raises(IllegalStep, match="registration: granted cannot happen in state Stopped"):
        states.follow(states.STOPPED, states.GRANTED)


# --- what is written ---------------------------------------------------------------------------------------


def test_uris_of_a_domain_with_a_port():
    profile = Profile("u", domain="acme", domain_port=5080, host="proxy")
    assert request_uri(profile, RFC3261) == "sip:acme:5080"
    assert request_uri(profile, ASTERISK_CHAN_SIP) == "sip:acme:5080"
    assert request_uri(profile, ASTERISK_CHAN_SIP, answers=True) == "sip:acme"
    assert digest_uri(profile, ASTERISK_CHAN_SIP) == "sip:acme:5080"
    assert aor_uri(profile, RFC3261) == "sip:u@acme"


def test_ipv6():
    profile = Profile("u", host="2001:db8::9", port=35060)
    assert request_uri(profile, RFC3261) == "sip:[2001:db8::9]:35060"
    assert contact_uri(profile, RFC3261, ("2001:db8::1", 5060)) == "sip:s@[2001:db8::1]:5060"
    assert contact_uri(profile, RFC3261, ("[2001:db8::1]", 5060)) == "sip:s@[2001:db8::1]:5060"


def test_without_an_extension_the_contact_has_no_user():
    assert contact_uri(Profile("u", contact_user=""), RFC3261, ("192.0.2.1", 5060)) == "sip:192.0.2.1:5060"


def test_chan_sip_writes_the_user_as_it_is():
    assert aor_uri(Profile("a b", domain="acme"), ASTERISK_CHAN_SIP) == "sip:a b@acme"
    assert aor_uri(Profile("a b", domain="acme"), RFC3261) == "sip:a%20b@acme"


@given(st.text(min_size=1).filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text)))
def test_escaped_users_make_uris(user):
    uri = Uri.parse(f"sip:{escaped(user)}@acme")
    assert uri.unescaped_user == user


def test_headers_the_order_does_not_name_come_last():
    turn = Turn(1, "z9hG4bK1", "t", "c", 60, credentials=("Authorization", "Digest x=y"))
    request = parse(register_request(Profile("u"), ASTERISK_CHAN_SIP, ("192.0.2.1", 5060), turn))
    assert isinstance(request, Request)
    names = [name for name, _ in request.fields()]
    assert names.index("Authorization") == names.index("User-Agent") + 1
    assert names[-2:] == ["Contact", "Content-Length"]
