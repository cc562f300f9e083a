"""Configs as people and programs write them: nothing in them is a mistake, and every account is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialect_checks import loud

from mockregistrar.trunks.explanation import explain, report

REAL = Path(__file__).parent / "data" / "real"
FOUND = {
    "accounts": ("baresip-accounts", [("100", "sip.acme.example", "hunter22")], set()),
    "freeswitch-no-login.xml": ("freeswitch-gateway", [("acme", "carrier.example", "2007")], set()),
    "freeswitch-profile.xml": ("freeswitch-gateway", [("100000", "atlanta1.voip.ms", "pw1234")], set()),
    "freeswitch-variables.xml": (
        "freeswitch-gateway",
        [("$${default_provider_username}", "$${default_provider}", "$${default_provider_password}")],
        set(),
    ),
    "linphonerc": (
        "linphonerc",
        [("alice", "sip.linphone.org", ""), ("4930123", "sipgate.de", "geheim12")],
        set(),
    ),
    "pjsua.cfg": ("pjsua-cmdline", [("100", "sip.acme.example", "hunter22")], set()),
    "pjsip-flowroute.conf": (
        "asterisk-pjsip.conf",
        [("12345678", "us-east-va.sip.flowroute.com", "abcDEF123")],
        set(),
    ),
    "pjsip-freepbx.conf": ("asterisk-pjsip.conf", [], {"SR165"}),
    "pjsip-freepbx-registration.conf": (
        "asterisk-pjsip.conf",
        [("12345", "sip.provider.example", None)],
        {"SR165", "SR210"},
    ),
    "pjsip-telekom.conf": ("asterisk-pjsip.conf", [("+4930123456", "tel.t-online.de", "geheim12")], set()),
    "pjsip-twilio.conf": ("asterisk-pjsip.conf", [], {"SR223", "SR224"}),
    "pjsip-voipms.conf": ("asterisk-pjsip.conf", [("100000_sub", "atlanta1.voip.ms", "johndoe")], set()),
    "pjsip-trunk.conf": (
        "asterisk-pjsip.conf",
        [("1234567890", "sip.example.com", "1234567890")],
        {"SR221"},
    ),
}


def test_all_of_them_are_tried():
    assert sorted(FOUND) == sorted(path.name for path in REAL.iterdir())


@pytest.mark.parametrize("name", FOUND)
def test_a_real_config(name):
    dialect, accounts, hints = FOUND[name]
    found = explain((REAL / name).read_text(encoding="utf-8"))
    assert found.parsed.dialect == dialect
    assert found.parsed.ok
    assert loud(found.parsed) == []
    assert {finding.code for finding in found.parsed.findings} == hints
    assert [(each.user, each.host, each.secret) for each in found.parsed.registrations] == accounts
    assert found.parsed.meant == ()
    told = report(found)
    assert all(secret not in told for _, _, secret in accounts if secret and len(secret) > 4)


def test_the_telekom_trunk_in_full():
    found = explain((REAL / "pjsip-telekom.conf").read_text(encoding="utf-8")).parsed.registrations[0].to_json()
    assert found == {
        "user": "+4930123456",
        "secret": "geheim12",
        "auth_user": "anonymous@t-online.de",
        "effective_auth_user": "anonymous@t-online.de",
        "domain": "tel.t-online.de",
        "host": "tel.t-online.de",
        "extension": "+4930123456",
        "expiry": 480,
        "peer": "telekom-trunk",
        "realm": "tel.t-online.de",
        "outbound_proxy": "sip:tel.t-online.de;transport=tcp;lr",
        "server_uri": "sip:tel.t-online.de",
        "client_uri": "sip:+4930123456@tel.t-online.de",
        "retry_interval": 60,
        "max_retries": 1000,
    }
