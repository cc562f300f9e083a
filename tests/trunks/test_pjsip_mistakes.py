"""Mistakes in pjsip.conf: what Asterisk refuses or ignores, where it stands, and what was meant."""

from __future__ import annotations

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says, under
from growth import assert_linear

from mockregistrar.trunks.explanation import explain, report

PJSIP = "asterisk-pjsip.conf"
USUAL = r"""[acme]
type=registration
server_uri=sip:sip.acme.example
client_uri=sip:100@sip.acme.example
contact_user=100
outbound_auth=acme

[acme]
type=auth
username=100
password=hunter22
"""
ENDPOINT = "\n[acme]\ntype=endpoint\naors=acme\noutbound_auth=acme\n\n[acme]\ntype=aor\ncontact=sip:sip.acme.example\n"
CLIENT, SERVER = "client_uri=sip:100@sip.acme.example", "server_uri=sip:sip.acme.example"
LONG = "a." * 127 + "example"


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "meant", "fix"),
    [
        # URIs
        (SERVER, "server_uri=sip.acme.example", "SR203", "sip.acme.example", {}, "server_uri=sip:sip.acme.example"),
        (
            SERVER,
            "server_uri=tcp://sip.acme.example",
            "SR203",
            "tcp://sip.acme.example",
            {"transport": "tcp"},
            r"server_uri=sip:sip.acme.example\;transport=tcp",
        ),
        (SERVER, f"server_uri=sip:{LONG}", "SR203", f"sip:{LONG}", {"host": LONG}, ""),
        (CLIENT, "client_uri=sip:100@" + "a" * 500, "SR203", "sip:100@" + "a" * 500, {}, ""),
        (SERVER, 'server_uri="sip:sip.acme.example"', "SR203", '"sip:sip.acme.example"', {}, SERVER),
        (CLIENT, 'client_uri="Al" <sip:100@sip.acme.example>', "SR203", '"Al" <sip:100@sip.acme.example>', {}, CLIENT),
        (SERVER, "server_uri=sip://sip.acme.example", "SR204", "//", {}, SERVER),
        (SERVER, "server_uri=sip:sip:sip.acme.example", "SR204", "sip:", {}, SERVER),
        (SERVER, f"{SERVER}:50 60", "SR204", "50 60", {"port": 5060}, f"{SERVER}:5060"),
        (SERVER, f"{SERVER}:5060:5060", "SR204", "5060:5060", {"port": 5060}, f"{SERVER}:5060"),
        (SERVER, rf"{SERVER}\;transport=foo", "SR204", "foo", {"transport": "foo"}, ""),
        (SERVER, f"{SERVER} # main", "SR108", " # main", {}, SERVER),
        (SERVER, f"{SERVER}\u00a0", "SR150", "\u00a0", {}, SERVER),
        (
            SERVER,
            "server_uri=sip:sip–a.example",
            "SR151",
            "–",
            {"host": "sip-a.example"},
            "server_uri=sip:sip-a.example",
        ),
        (
            CLIENT,
            "client_uri=sip:100@acme.example@sip.acme.example",
            "SR204",
            "@",
            {"user": "100@acme.example"},
            "client_uri=sip:100%40acme.example@sip.acme.example",
        ),
        # options
        ("server_uri", "serveruri", "SR207", "serveruri", {}, SERVER),
        ("outbound_auth", "outboundauth", "SR207", "outboundauth", {}, "outbound_auth=acme"),
        (SERVER, "server_uri -> sip:sip.acme.example", "SR105", "server_uri -> sip:sip.acme.example", {}, SERVER),
        (SERVER, "server_uri: sip:sip.acme.example", "SR105", "server_uri: sip:sip.acme.example", {}, SERVER),
        ("contact_user=100", "contact_user=100\nexpiration=1h", "SR208", "1h", {"expiry": 3600}, "expiration=3600"),
        ("contact_user=100", "contact_user=100\nexpiration=-5", "SR208", "-5", {}, "expiration=5"),
        ("contact_user=100", "contact_user=100\nexpiration=60 # a", "SR208", "60 # a", {"expiry": 60}, "expiration=60"),
        (
            "contact_user=100",
            "contact_user=100\n\u00a0expiration=60",
            "SR150",
            "\u00a0",
            {"expiry": 60},
            "expiration=60",
        ),
        ("contact_user=100", "contact_user=sip:100@x", "SR239", "sip:100@x", {}, "contact_user=100"),
        ("contact_user=100", "contact_user=100\nline=yes", "SR216", "line", {}, "endpoint=…"),
        # sections
        ("[acme]\ntype=auth", "type=auth", "SR236", "type", {"secret": "hunter22"}, "[acme]"),
    ],
)
def test_what_is_refused(old, new, code, place, meant, fix):
    text = USUAL.replace(old, new)
    found = parsed(PJSIP, text)
    assert codes_of(found) == [code]
    says(found, code, "error")
    assert under(text, found, code) == place
    assert found.findings[0].fix == fix
    assert not found.ok
    assert found.registrations == ()
    assert ({"user": "100", "secret": "hunter22"} | meant).items() <= found.meant[0].to_json().items()
    assert "hunter22" not in report(explain(text, dialect=PJSIP))


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "meant"),
    [
        ("password=", "secret=", "SR207", "secret", {"secret": "hunter22"}),
        ("username=", "defaultuser=", "SR207", "defaultuser", {"auth_user": "100"}),
        ("type=auth", "type=auth\nauth_type=md5", "SR238", "[acme]", {}),
        ("username=100\n", "", "SR211", "[acme]", {}),
    ],
)
def test_credentials_that_are_dropped(old, new, code, place, meant):
    text = USUAL.replace(old, new)
    found = parsed(PJSIP, text)
    assert under(text, found, code) == place
    says(found, code, "error")
    assert not found.ok
    assert "secret" not in fields(found)
    assert meant.items() <= (found.meant[0].to_json() if meant else {}).items()
    assert "hunter22" not in report(explain(text, dialect=PJSIP))


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "place", "meant"),
    [
        (CLIENT, "client_uri=sip:100:hunter22@sip.acme.example", "SR227", "warning", "hunter22", None),
        (CLIENT, "client_uri=sip://100@sip.acme.example", "SR240", "error", "//", {"user": "100"}),
        (SERVER, "server_uri=sip:100@sip.acme.example", "SR228", "hint", "100", None),
        ("password=hunter22\n", "", "SR237", "warning", "[acme]", None),
        (
            "username=100",
            "username=100%40x.example",
            "SR213",
            "warning",
            "100%40x.example",
            {"auth_user": "100@x.example"},
        ),
        ("username=100", "username=sip:100", "SR213", "warning", "sip:", {"auth_user": "100"}),
        ("hunter22", "hunter22 # mine", "SR108", "error", " # mine", {"secret": "hunter22"}),
        ("hunter22", "hun;ter22", "SR225", "warning", ";", None),
        ("hunter22", 'hunter22\nrealm="acme"', "SR226", "error", '"acme"', {"realm": "acme"}),
        ("outbound_auth=acme", "outbound_auth=acne", "SR210", "error", "acne", {"secret": "hunter22"}),
        ("contact_user=100", "contact_user=100\nforbidden_retry_interval=x1", "SR208", "error", "x1", {}),
        ("type=registration", "type=Registration", "SR217", "error", "Registration", {"user": "100"}),
        ("type=registration", "type=registraton", "SR217", "error", "registraton", {"user": "100"}),
        ("type=registration\n", "", "SR218", "warning", "[acme]", {"user": "100"}),
        (
            "contact_user=100",
            "contact_user=100\nauth_rejection_permanent=maybe",
            "SR208",
            "warning",
            "maybe",
            None,
        ),
        (
            "contact_user=100",
            "contact_user=100\nregister => 200:hunter22@h.example",
            "SR219",
            "error",
            "register",
            {"user": "100"},
        ),
    ],
)
def test_what_is_taken_otherwise(old, new, code, severity, place, meant):
    text = USUAL.replace(old, new)
    found = parsed(PJSIP, text)
    assert says(found, code, severity)
    assert under(text, found, code) == place
    assert meant is None or meant.items() <= found.meant[0].to_json().items()
    assert meant is not None or found.meant == ()
    assert "hunter22" not in report(explain(text, dialect=PJSIP))


@pytest.mark.parametrize(
    ("more", "code", "severity", "place", "ok"),
    [
        (ENDPOINT.replace("outbound_auth", "outbound_auht"), "SR207", "error", "outbound_auht", False),
        (ENDPOINT.replace("aors=", "dtmfmode=rfc4733\naors="), "SR207", "error", "dtmfmode", False),
        (ENDPOINT.replace("contact=sip:", "contact="), "SR203", "error", "sip.acme.example", False),
        (
            ENDPOINT + ";x\n\n[acme]\ntype=identify\nendpoint=acme\nmatch=sip:h.example\n",
            "SR229",
            "warning",
            "sip:h.example",
            True,
        ),
        (
            ENDPOINT + "\n[acme]\ntype=identify\nendpoint=acme\nmatch=h.example:5060\n",
            "SR229",
            "warning",
            "h.example:5060",
            True,
        ),
        (ENDPOINT + "\n[acme]\ntype=identify\nendpoint=acne\nmatch=h.example\n", "SR223", "warning", "acne", True),
        (ENDPOINT.replace("aors=acme", "aors=acmee"), "SR223", "warning", "acmee", True),
        (ENDPOINT.replace("acme.example", "acme.example;transport=tcp"), "SR205", "error", ";transport=tcp", True),
        (ENDPOINT + ENDPOINT, "SR209", "error", "[acme]", False),
    ],
)
def test_endpoints_and_their_like(more, code, severity, place, ok):
    text = USUAL + more
    found = parsed(PJSIP, text)
    says(found, code, severity)
    assert under(text, found, code) == place
    assert found.ok is ok


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("expiration=0x100", {"expiry": 256}),
        ("outbound_proxy=sip:p.example\\;lr", {"outbound_proxy": "sip:p.example;lr"}),
        ("outbound_proxy=<sip:p.example\\;lr>", {"outbound_proxy": "<sip:p.example;lr>"}),
        ("auth_rejection_permanent=off", {}),
        ("support_path=yes\nsecurity_negotiation=no", {}),
        ("transport=transport-udp", {}),
    ],
)
def test_what_is_right(option, expected):
    found = parsed(PJSIP, USUAL.replace("contact_user=100", f"contact_user=100\n{option}"))
    assert loud(found) == []
    assert expected.items() <= fields(found).items()


def test_one_password_for_two_registrations_of_one_account():
    text = USUAL + USUAL.split("[acme]\ntype=auth")[0].replace("[acme]", "[b]")
    found = parsed(PJSIP, text)
    assert codes_of(found) == ["SR220"]
    assert len(found.registrations) == 2


def test_a_thousand_lines_take_linear_time():
    blocks = (USUAL + ENDPOINT).replace("[acme]", "[acme{0}]").replace("=acme\n", "=acme{0}\n")
    blocks = blocks.replace("100", "10{0}").replace("hunter", "hunter{0}")

    def work(count):
        found = explain("\n".join(blocks.replace("{0}", str(number)) for number in range(count)))
        report(found)
        assert len(found.parsed.registrations) == count
        assert found.parsed.findings == ()

    assert_linear(work, 8)
