"""pjsip_wizard.conf: patterns, prefixes and what is needed before anything is created."""

from __future__ import annotations

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says, under

WIZARD = "asterisk-pjsip_wizard.conf"
USUAL = """[acme]
type = wizard
sends_auth = yes
sends_registrations = yes
remote_hosts = sip1.acme.example:5070,sip2.acme.example
outbound_auth/username = 100
outbound_auth/password = hunter22
registration/expiration = 1800
endpoint/context = default
aor/qualify_frequency = 30
"""


def test_each_host_is_registered_at():
    found = parsed(WIZARD, USUAL)
    assert found.ok
    assert loud(found) == []
    assert [r.server_uri for r in found.registrations] == ["sip:sip1.acme.example:5070", "sip:sip2.acme.example"]
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "100",
        "effective_auth_user": "100",
        "domain": "sip1.acme.example",
        "domain_port": 5070,
        "host": "sip1.acme.example",
        "port": 5070,
        "transport": "udp",
        "extension": "s",
        "expiry": 1800,
        "realm": "",
        "outbound_proxy": "",
        "server_uri": "sip:sip1.acme.example:5070",
        "client_uri": "sip:100@sip1.acme.example:5070",
        "retry_interval": 60,
        "max_retries": 10,
    }
    assert found.to_json()["identify"][0]["match"] == ["sip1.acme.example", "sip2.acme.example"]
    assert "hunter22" not in str(found.to_json())


def test_templates_create_nothing_and_hand_on_their_options():
    text = USUAL.replace("[acme]", "[base](!)") + "[acme](base)\nremote_hosts = sip3.acme.example\n"
    found = parsed(WIZARD, text)
    assert [r.host for r in found.registrations] == ["sip3.acme.example"]
    assert loud(found) == []


def test_patterns():
    text = USUAL + "server_uri_pattern = sip:${REMOTE_HOST}\\;transport=tls\nclient_uri_pattern = sip:${USERNAME}@x.y\n"
    found = parsed(WIZARD, text)
    assert found.registrations[1].transport == "tls"
    assert found.registrations[1].client_uri == "sip:100@x.y"
    assert loud(found) == []


def test_without_sends_auth_the_section_names_the_user():
    text = USUAL.replace("sends_auth = yes\n", "")
    found = parsed(WIZARD, text)
    assert found.registrations[0].user == "acme"
    assert found.registrations[0].secret is None
    says(found, "SR233", "warning")
    says(found, "SR234", "warning")


# text, code, severity, what the carets stand under, part of the log
MISTAKES = [
    (USUAL.replace("outbound_auth/u", "outbound/u"), "SR232", "error", "outbound/username", ""),
    (USUAL.replace("outbound_auth/u", "outbound/u"), "SR231", "error", "[acme]", "must have 'outbound_auth/username'"),
    (USUAL.replace("remote_hosts", ";remote_hosts"), "SR230", "error", "[acme]", "must have 'remote_hosts'"),
    (USUAL.replace("sip1.", "sip:sip1."), "SR235", "error", "sip:", ""),
    (USUAL.replace("5070", "5O70"), "SR204", "error", "5O70", "Invalid server URI 'sip:sip1.acme.example:5O70'"),
    (USUAL.replace("sends_registrations = yes\n", ""), "SR234", "warning", "registration/expiration", ""),
    (USUAL + "server_uri_pattern=sip:${REMOTE_HOST};transport=tcp\n", "SR205", "error", ";transport=tcp", ""),
    (USUAL.replace("/expiration", "/expire"), "SR207", "error", "registration/expire", ""),
    (USUAL.replace("remote_hosts", "remote_host"), "SR207", "error", "remote_host", ""),
    (USUAL.replace("hunter22", '"hunter22"'), "SR212", "warning", '"hunter22"', ""),
    (USUAL + "outbound_proxy = sip:proxy.acme.example\n", "SR206", "warning", "sip:proxy.acme.example", ""),
    (USUAL.replace("1800", "half"), "SR208", "error", "half", ""),
]


# what is written in place of what, code, what the carets stand under, the fix, fields of what was meant
MEANT = [
    (
        "outbound_auth/u",
        "outbound/u",
        "SR232",
        "outbound/username",
        "outbound_auth/username=100",
        {"secret": "hunter22"},
    ),
    ("outbound_auth/username", "username", "SR207", "username", "outbound_auth/username=100", {"auth_user": "100"}),
    ("type = wizard\n", "", "SR218", "[acme]", "type=wizard", {"user": "100"}),
    ("wizard", "wizzard", "SR217", "wizzard", "type=wizard", {"user": "100"}),
    ("sends_auth", "send_auth", "SR207", "send_auth", "sends_auth=yes", {"secret": "hunter22"}),
    ("5070,", "5070 ", "SR241", "sip1.acme.example:5070 sip2.acme.example", None, {"host": "sip1.acme.example"}),
    ("5070,", "5070;", "SR225", ";", None, {"host": "sip2.acme.example"}),
    ("1800", "30m", "SR208", "30m", "registration/expiration=1800", {"expiry": 1800}),
    ("1800", "10", "SR215", "10", "registration/expiration=60", None),
    ("= 100", "= 100@t.example", "SR204", "@", "client_uri_pattern=sip:100%40t.example@${REMOTE_HOST}", None),
    ("hunter22", "hun;ter22", "SR225", ";", "outbound_auth/password=••••••••••", None),
]


@pytest.mark.parametrize(("old", "new", "code", "place", "fix", "meant"), MEANT)
def test_what_was_meant(old, new, code, place, fix, meant):
    text = USUAL.replace(old, new, 1)
    found = parsed(WIZARD, text)
    says(found, code)
    assert under(text, found, code) == place
    assert fix is None or fix in [finding.fix for finding in found.findings]
    assert meant is None or meant.items() <= found.meant[0].to_json().items()


def test_a_pattern_that_names_what_there_is_not():
    text = USUAL + "client_uri_pattern = sip:${USER}@${REMOTE_HOSTS}\n"
    found = parsed(WIZARD, text)
    assert not found.ok
    assert [f.fix for f in found.findings if f.code == "SR242"] == [
        "client_uri_pattern = sip:${USERNAME}@${REMOTE_HOST}"
    ] * 2
    assert found.meant[0].client_uri == "sip:100@sip1.acme.example:5070"


@pytest.mark.parametrize(("text", "code", "severity", "place", "log"), MISTAKES)
def test_mistakes(text, code, severity, place, log):
    found = parsed(WIZARD, text)
    says(found, code, severity)
    finding = next(f for f in found.findings if f.code == code)
    assert log in finding.log
    assert under(text, found, code) == place
    assert "hunter22" not in str(found.to_json())


def test_a_uri_among_the_hosts_is_said_once():
    found = parsed(WIZARD, USUAL.replace("sip1.", "sip:sip1."))
    assert not found.ok
    assert codes_of(found).count("SR235") == 1
    assert "SR204" not in codes_of(found)
    assert found.meant[0].host == "sip1.acme.example"
