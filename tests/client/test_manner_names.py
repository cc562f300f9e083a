"""Manners by the name of a dialect, and as a configuration changes them."""

from __future__ import annotations

import pickle
import string
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockregistrar.client import ASTERISK_CHAN_SIP, ASTERISK_PJSIP, MANNERS, RFC3261, manners_for, manners_named
from mockregistrar.client.manners import RetryRule
from mockregistrar.trunks import registry

OF_DIALECT = {
    "asterisk-chan_sip": "asterisk-chan_sip",
    "asterisk-chan_sip-1.4": "asterisk-chan_sip",
    "asterisk-sip.conf": "asterisk-chan_sip",
    "asterisk-pjsip.conf": "asterisk-pjsip",
    "asterisk-pjsip_wizard.conf": "asterisk-pjsip",
    "vicidial-carrier": "asterisk-chan_sip",
    "freeswitch-gateway": "freeswitch",
    "kamailio-uacreg": "kamailio-uac",
    "opensips-registrant": "opensips-registrant",
    "freepbx-chan_sip-form": "asterisk-chan_sip",
    "freepbx-pjsip-form": "freepbx-pjsip",
    "mikopbx-provider": "mikopbx",
    "3cx-trunk": "3cx",
    "baresip-accounts": "baresip",
    "linphonerc": "linphone",
    "pjsua-cmdline": "pjsua",
    "microsip-ini": "microsip",
    "twinkle-cfg": "twinkle",
    "yate-accfile": "rfc3261",
    "yealink-cfg": "rfc3261",
    "grandstream-xml": "grandstream",
    "cisco-spa-xml": "rfc3261",
    "sipp-inf": "sipp",
    "sipsak-cmdline": "sipsak",
    "sipexer-cmdline": "rfc3261",
    "jssip": "jssip",
    "sipjs": "sipjs",
    "pyvoip": "pyvoip",
    "drachtio": "rfc3261",
    "env": "rfc3261",
    "sip-uri-chan_sip": "rfc3261",
    "sip-uri-pjsip": "rfc3261",
}


@pytest.mark.parametrize(("dialect", "name"), OF_DIALECT.items())
def test_manners_of_a_dialect(dialect, name):
    assert manners_for(dialect) is MANNERS[name]
    assert manners_for(dialect.upper()) is MANNERS[name]


@pytest.mark.parametrize("dialect", [name for name in registry.names() if name != "asterisk-iax2"])
def test_every_dialect_there_is_has_manners(dialect):
    assert dialect in OF_DIALECT, "a dialect that nobody has thought of here"
    assert manners_for(dialect) is MANNERS[OF_DIALECT[dialect]]


@pytest.mark.parametrize(
    ("alias", "dialect"), [(a, d) for a, d in sorted(registry.aliases().items()) if d != "asterisk-iax2"]
)
def test_short_names_will_do(alias, dialect):
    assert manners_for(alias) is manners_for(dialect)


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_so_will_the_names_of_manners(name):
    assert manners_named(name) is MANNERS[name]
    assert manners_for(name).name == registry_name(name)


def registry_name(name: str) -> str:
    """Return whose manners a name means: a short name of a dialect goes before the manners of that name."""
    dialect = registry.aliases().get(name, name)
    return OF_DIALECT.get(dialect, name)


def test_a_vicidial_carrier_of_the_other_driver():
    assert manners_for("vicidial", protocol="SIP") is ASTERISK_CHAN_SIP
    assert manners_for("vicidial", protocol="PJSIP") is ASTERISK_PJSIP
    assert manners_for("vicidial-carrier", protocol="PJSIP_WIZ") is ASTERISK_PJSIP
    assert manners_for("freeswitch", protocol="PJSIP") is MANNERS["freeswitch"]


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [("baresip-account", "baresip-accounts"), ("freeswich", "freeswitch"), ("linphone-rc", "linphonerc")],
)
def test_a_name_that_is_none(wrong, nearest):
    with pytest.raises(ValueError, match=f"no dialect is called '{wrong}'; did you mean '{nearest}'"):
        manners_for(wrong)


@given(st.text(string.printable, max_size=30))
def test_any_text_that_is_no_name_is_a_value_error(text):
    known = {*OF_DIALECT, *registry.aliases(), *MANNERS}
    if text.lower() in known:
        return
    with pytest.raises(ValueError, match=r"is called|is not SIP"):
        manners_for(text)


@pytest.mark.parametrize("name", ["asterisk-iax2", "iax2"])
def test_iax2_is_not_sip(name):
    with pytest.raises(ValueError, match="asterisk-iax2 is not SIP"):
        manners_for(name)


# --- as a configuration changes them -----------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_nothing_given_changes_nothing(name):
    assert MANNERS[name].adjusted() == MANNERS[name]


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_manners_are_plain_values(name):
    manners = MANNERS[name]
    assert pickle.loads(pickle.dumps(manners)) == manners
    assert hash(manners) == hash(manners.adjusted())
    assert manners.title
    assert manners.user_agent
    if len(manners.algorithms) > 1:
        assert "algorithm" in manners.authorization_order or manners.names_algorithm == "never"
    for each in fields(manners):
        assert each.init


def test_chan_sip_s_settings():
    changed = ASTERISK_CHAN_SIP.adjusted(retry_interval=30, max_retries=5, expiry=300)
    assert (changed.attempt_timeout, changed.max_attempts, changed.default_expiry) == (30, 5, 300)
    assert changed.retry == ASTERISK_CHAN_SIP.retry
    assert ASTERISK_CHAN_SIP.adjusted(max_retries=0) == ASTERISK_CHAN_SIP


def test_pjsip_s_settings():
    changed = ASTERISK_PJSIP.adjusted(
        retry_interval=20, max_retries=0, forbidden_retry_interval=30, fatal_retry_interval=40, expiry=120
    )
    assert (changed.retry, changed.max_retries, changed.default_expiry) == (RetryRule(20), 0, 120)
    assert (changed.forbidden_retry, changed.fatal_retry) == (30, 40)
    assert changed.name == ASTERISK_PJSIP.name


def test_settings_that_a_system_does_not_have_change_nothing():
    assert RFC3261.adjusted(auth_rejection_permanent=False, timer_interval=5) == RFC3261


def test_an_expiry_of_its_own_is_no_lot():
    assert MANNERS["baresip"].adjusted(expiry=300).expiry_spread == 0


@pytest.mark.parametrize(
    "setting",
    ["expiry", "retry_interval", "max_retries", "forbidden_retry_interval", "fatal_retry_interval", "timer_interval"],
)
def test_a_negative_setting(setting):
    with pytest.raises(ValueError, match=f"{setting} -1 is negative"):
        ASTERISK_PJSIP.adjusted(**{setting: -1})


def test_chan_sip_cannot_do_without_its_timeout():
    with pytest.raises(ValueError, match="retry_interval 0"):
        ASTERISK_CHAN_SIP.adjusted(retry_interval=0)
