"""Settings: what is wrong is said where it was written, with what would do."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from mockregistrar.carrier import checking
from mockregistrar.carrier.checking import SettingsError
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("udp:127.0.0.1:0", ListenSpec("udp", "127.0.0.1", 0)),
        ("TCP:0.0.0.0:5060", ListenSpec("tcp", "0.0.0.0", 5060)),
        ("tls:[::1]:5061", ListenSpec("tls", "::1", 5061)),
    ],
)
def test_a_place_to_listen_at_parses_and_prints_back(text, place):
    assert ListenSpec.parse(text) == place
    assert str(place) == text.replace("TCP", "tcp")


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("listen", "127.0.0.1:5060", "is not TRANSPORT:HOST:PORT, e.g. udp:127.0.0.1:5060"),
        ("listen", "upd:127.0.0.1:0", "did you mean `udp`"),
        ("listen", "udp:localhost:0", "is not an IP address"),
        ("listen", "udp:127.0.0.1:70000", "is above 65535"),
        ("access", "digset", "did you mean `digest`"),
        ("refuse", 404, "'404' is not one of 403, drop"),
        ("short_expires", "rise", "did you mean `raise`"),
        ("unknown_user", 500, "401, 403, 404"),
        ("algorithms", (), "needs at least one of MD5"),
        ("algorithms", "SHA256", "did you mean `SHA-256`"),
        ("qop", ("none", "auth"), "none alone"),
        ("qop", "atuh", "did you mean `auth`"),
        ("allow", "10.0.0.1/8", "not an address or CIDR network"),
        ("deny", "everywhere", "not an address or CIDR network"),
        ("min_expires", 9000, "above max_expires 7200"),
        ("max_expires", 0, "not between 1"),
        ("default_expires", 2**32, "not between 1"),
        ("nonce_ttl", 0, "above 0"),
        ("nonce_ttl", float("nan"), "above 0"),
        ("outbound", True, "needs path"),
        ("realm", "a\r\nX: 1", "control character"),
        ("server", "a\nb", "control character"),
        ("advertise", "a\x7f", "control character"),
        ("domains", "one test", "not a host name"),
        ("service_route", "sip:a\r\nX: 1", "is not a route"),
        ("service_route", "<sip:a", "is not a route"),
        ("accounts", ("alice:x", "alice:y"), "there twice"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_do(setting, value, told):
    with pytest.raises(SettingsError) as raised:
        CarrierSettings().changed(**{setting: value})
    assert raised.value.setting == setting
    assert told in str(raised.value)
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.setting, str(again)) == (setting, str(raised.value))


def test_an_unknown_setting_is_named_with_the_nearest():
    with pytest.raises(SettingsError, match="max_contact: no such setting; did you mean `max_contacts`"):
        CarrierSettings().changed(max_contact=1)
    with pytest.raises(SettingsError, match="secrt: no such account field; did you mean `secret`"):
        CarrierSettings().changed(accounts=({"user": "a", "secrt": "b"},))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"user": ""}, "needs a user name"),
        ({"user": "a\r\nb"}, "control character"),
        ({"user": "a", "auth_user": "b\0"}, "control character"),
        ({"user": "a", "access": "always"}, "not one of digest"),
        ({"user": "a", "networks": ("10.0.0.1/8",)}, "CIDR"),
        ({"user": "a", "grant": 0}, "not between 1"),
        ({"user": "a", "max_contacts": -1}, "not between 1"),
        ({"user": "a", "ha1": {"MD4": "00"}}, "not a digest algorithm; did you mean `MD5`"),
        ({"user": "a", "ha1": {"MD5": "XYZ"}}, "not lower-case hex"),
    ],
)
def test_a_wrong_account_is_named(fields, told):
    with pytest.raises(SettingsError, match=told):
        AccountSpec(**fields)


def test_the_loose_forms_that_people_write():
    settings = CarrierSettings().changed(
        listen="udp:127.0.0.1:5060",
        domains="one.test",
        refuse=403,
        accounts=("alice:a:b", "trunk", {"user": "bob", "secret": False, "networks": "10.0.0.0/8", "ha1": "0" * 32}),
    )
    assert settings.listen == (ListenSpec("udp", "127.0.0.1", 5060),)
    assert settings.domains == ("one.test",)
    assert settings.refuse == "403"
    alice, trunk, bob = settings.accounts
    assert (alice.user, alice.secret) == ("alice", "a:b")
    assert (trunk.secret, trunk.has_credentials) == (None, False)
    assert (bob.networks, bob.ha1, bob.has_credentials) == (("10.0.0.0/8",), {"MD5": "0" * 32}, True)


def test_a_secret_shows_in_no_repr():
    settings = CarrierSettings().changed(accounts=(AccountSpec(user="alice", secret="hush-hush", ha1={"MD5": "beef"}),))
    assert "hush" not in repr(settings) + repr(settings.accounts)
    assert "beef" not in repr(settings.accounts)


def test_every_setting_has_a_default_that_holds():
    assert CarrierSettings() == CarrierSettings().changed()
    assert dataclasses.replace(CarrierSettings()) == CarrierSettings()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"qualify_timeout": 0}, "qualify_timeout: is above 0 and up to 32 seconds"),
        ({"qualify_timeout": 33}, "qualify_timeout: is above 0 and up to 32 seconds"),
        ({"qualify": -1}, "qualify: -1 is not between 0"),
        ({"qualify_with": "zero"}, "did you mean `zeros`?"),
        ({"grant_delay": 61}, "grant_delay: is from 0 to 60 seconds"),
        ({"trying": True}, "trying: announces a 200 that comes late: it needs grant_delay"),
        ({"unknown_user_at_once": True}, "unknown_user_at_once: needs unknown_user"),
        ({"first_hop_outbound": False}, "first_hop_outbound: is about outbound: it needs outbound"),
    ],
)
def test_what_knobs_need(settings, message):
    with pytest.raises(SettingsError) as caught:
        CarrierSettings(**settings)
    assert message in str(caught.value)


def test_the_defaults_pass_the_checks_that_they_are_spared():
    """What is at its default is not checked when settings are made: here it is."""
    defaults = {f.name: f.default for f in dataclasses.fields(CarrierSettings)}
    for name, check in checking.CHECKS.items():
        check(name, defaults[name])
    for name, allowed in checking.CHOICES.items():
        assert defaults[name] in allowed
    for name, low in checking.LOWEST.items():
        assert low <= defaults[name] <= checking.EXPIRES_LIMIT
    for name in checking.LOWEST_IF_GIVEN:
        assert defaults[name] is None


def test_changed_settings_are_what_a_replaced_dataclass_is():
    before = CarrierSettings(name="one", seed=3)
    after = before.changed(domains="a.test", min_expires=5)
    assert after == dataclasses.replace(before, domains=("a.test",), min_expires=5)
    assert after.explicit == ("domains", "min_expires")
    assert before == CarrierSettings(name="one", seed=3)
    assert before.explicit == ()
    assert before.changed() is before


def test_what_only_goes_together_wrongly_is_said():
    with pytest.raises(SettingsError, match="omitted means MD5"):
        CarrierSettings().changed(algorithm_form="omitted", algorithms=("MD5", "SHA-256"))
    with pytest.raises(SettingsError, match="min_expires: 60 is above max_expires 30"):
        CarrierSettings().changed(max_expires=30)
