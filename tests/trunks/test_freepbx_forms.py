"""FreePBX's trunk pages: what they write, what Asterisk makes of that, and where in the form a fault stands."""

from __future__ import annotations

import json

import pytest
from dialect_checks import HOSTS, SECRETS, codes_of, fields, loud, parsed, says, under
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report
from mockregistrar.trunks.pbx import freepbx_chan_sip, freepbx_pjsip

CHAN_SIP, PJSIP = "freepbx-chan_sip-form", "freepbx-pjsip-form"

GREEN = [
    "username:password@switch.voipprovider.com",
    "username:password@switch.voipprovider.com/5551212",
    "tls://Username:Password@atlanta1.voip.ms:5061~300",
    "100:pa#ss@sip.acme.example/100",
    r"100:hun\;ter@sip.acme.example",
]


@pytest.mark.parametrize("text", GREEN)
def test_register_strings_that_are_right(text):
    found = parsed(CHAN_SIP, text)
    assert found.ok
    assert loud(found) == []


def test_the_keyword_must_not_be_typed():
    found = parsed(CHAN_SIP, "register => 100:hunter22@sip.acme.example")
    assert fields(found)["user"] == "register => 100"
    assert found.meant[0].user == "100"
    assert "FreePBX adds" in says(found, "SR103", "error")
    fix = next(f.fix for f in found.findings if f.code == "SR103")
    assert fix == "100:••••••••@sip.acme.example"


def test_a_semicolon_is_a_comment_in_the_file_behind_the_field():
    text = "100:hun;ter@sip.acme.example"
    found = parsed(CHAN_SIP, text)
    assert not found.ok
    assert found.meant[0].secret == "hun;ter"
    assert under(text, found, "SR104").startswith(";ter@")


def test_the_whole_form():
    text = (
        "Trunk Name: acme\nPEER Details:\nhost=sip.acme.example\ndefaultuser=100\nsecret=hunter22\ntype=peer\n"
        "USER Context: from-acme\nUSER Details:\ntype=user\ncontext=from-trunk\n"
        "Register String: 100:hunter22@sip.acme.example/100\n"
    )
    found = parsed(CHAN_SIP, text)
    assert found.form == "form"
    assert loud(found) == []
    assert found.dial_peer == "acme"
    assert [peer["name"] for peer in found.peers] == ["acme", "from-acme"]
    assert fields(found)["extension"] == "100"
    wrong = text.replace("100:hunter22@", "100:hunter23@")
    message = says(parsed(CHAN_SIP, wrong), "SR178", "error", line=11)
    assert "line 5" in message
    assert "hunter2" not in report(explain(wrong, dialect=CHAN_SIP))


def test_no_register_string_means_the_address_is_known():
    found = parsed(CHAN_SIP, "Trunk Name: acme\nPEER Details:\nhost=sip.acme.example\ntype=peer\n")
    assert found.auth_method == "ip"
    assert codes_of(found) == ["SR310"]


PAGE = {
    "Trunk Name": "acme",
    "Username": "100",
    "Secret": "hunter22",
    "Authentication": "Outbound",
    "Registration": "Send",
    "SIP Server": "sip.acme.example",
    "SIP Server Port": "5060",
    "Context": "from-pstn",
    "Transport": "0.0.0.0-udp",
    "Contact User": "100",
}


def page(**changes: str | None) -> str:
    rows = PAGE | {key.replace("_", " "): value for key, value in changes.items()}
    return "".join(f"{label}: {value}\n" for label, value in rows.items() if value is not None)


def test_the_usual_page():
    found = parsed(PJSIP, page())
    assert loud(found) == []
    assert fields(found) == {
        "user": "100",
        "secret": "hunter22",
        "auth_user": "100",
        "effective_auth_user": "100",
        "domain": "sip.acme.example",
        "domain_port": 5060,
        "host": "sip.acme.example",
        "port": 5060,
        "transport": "udp",
        "extension": "100",
        "expiry": 3600,
        "peer": "acme",
        "realm": "",
        "outbound_proxy": "",
        "server_uri": "sip:sip.acme.example:5060",
        "client_uri": "sip:100@sip.acme.example:5060",
        "retry_interval": 60,
        "max_retries": 10000,
    }
    assert found.to_json()["identify"] == [{"name": "acme", "endpoint": "acme", "match": ["sip.acme.example"]}]
    assert found.dial_peer == "acme"
    assert "hunter22" not in str(found.to_json())


@pytest.mark.parametrize("authentication", ["Both", "Inbound"])
def test_the_name_of_the_trunk_takes_the_place_of_the_username(authentication):
    text = page(Authentication=authentication)
    found = parsed(PJSIP, text)
    assert (fields(found)["user"], fields(found)["auth_user"]) == ("acme", "acme")
    says(found, "SR311", "warning")
    assert under(text, found, "SR311") == "100"


def test_the_auth_username_beats_the_username():
    found = parsed(PJSIP, page(Auth_username="login"))
    assert (fields(found)["user"], fields(found)["auth_user"]) == ("100", "login")
    assert loud(found) == []


def test_what_overrules_what_would_be_made():
    found = parsed(PJSIP, page(Match="203.0.113.5", Server_URI=r"sip:x.example\;transport=tls", Client_URI="sip:1@y.z"))
    assert (fields(found)["host"], fields(found)["transport"], fields(found)["user"]) == ("x.example", "tls", "1")
    assert found.identify[0]["match"] == ["203.0.113.5"]


@pytest.mark.parametrize(
    ("changes", "code", "severity", "place", "ok"),
    [
        ({"SIP_Server": "sip:sip.acme.example"}, "SR313", "error", "sip:", False),
        ({"SIP_Server": "https://sip.acme.example"}, "SR313", "error", "https://", False),
        ({"SIP_Server": "sip.acme.example:5080"}, "SR313", "error", ":5080", False),
        ({"SIP_Server": None}, "SR312", "error", None, False),
        ({"Disable_Trunk": "Yes"}, "SR310", "hint", "Yes", True),
        ({"SIP_Server_Port": "5O60"}, "SR204", "error", "5O60", False),
        ({"Username": "a@b"}, "SR204", "error", "@", False),
        ({"Secret": "hun;ter22"}, "SR225", "warning", ";", True),
        ({"Secret": '"hunter22"'}, "SR212", "warning", '"hunter22"', True),
        ({"Max_Retries": "0"}, "SR214", "warning", "0", True),
        ({"Expiration": "soon"}, "SR208", "error", "soon", False),
        ({"Outbound_Proxy": "sip:proxy.acme.example"}, "SR206", "warning", "sip:proxy.acme.example", True),
        ({"SIP_Server": "sip.acme,example"}, "SR204", "error", None, False),
        ({"Registration": "None"}, "SR310", "hint", "None", True),
        ({"Registration": "Receive"}, "SR310", "hint", "Receive", True),
        ({"Username": None}, "SR311", "hint", None, True),
    ],
)
def test_mistakes_on_the_page(changes, code, severity, place, ok):
    text = page(**changes)
    found = parsed(PJSIP, text)
    says(found, code, severity)
    assert found.ok is ok
    if place is not None:
        assert under(text, found, code) == place


def test_a_scheme_in_the_server_field_is_looked_through():
    found = parsed(PJSIP, page(SIP_Server="sip:sip.acme.example"))
    assert found.registrations == ()
    assert found.meant[0].host == "sip.acme.example"
    assert codes_of(found).count("SR313") == 1


def test_a_port_in_the_server_field_is_the_port_that_was_meant():
    found = parsed(PJSIP, page(SIP_Server="sip.acme.example:5080"))
    assert (found.meant[0].host, found.meant[0].port) == ("sip.acme.example", 5080)
    assert found.findings[0].fix == "SIP Server: sip.acme.example, SIP Server Port: 5080"


@pytest.mark.parametrize("changes", [{}, {"SIP_Server": None}, {"Disable_Trunk": "Yes"}, {"Username": None}])
def test_the_secret_shows_nowhere(changes):
    found = explain(page(**changes), dialect=PJSIP)
    assert "hunter22" not in report(found) + json.dumps(found.to_json())


def test_the_objects_that_freepbx_writes():
    found = parsed(PJSIP, page())
    assert found.to_json(show_secrets=True)["peers"] == [
        {
            "name": "acme",
            "transport": "0.0.0.0-udp",
            "context": "from-pstn",
            "outbound_auth": "acme",
            "aors": ["acme"],
            "contact": ["sip:100@sip.acme.example:5060"],
        }
    ]
    assert [(each["name"], each["username"]) for each in found.auth] == [("acme", "100")]
    assert found.auth_method == "digest"


def test_json_of_the_page():
    keys = {"trunk_name": "acme", "username": "100", "secret": 'hun"ter\\', "sip_server": "x.example", "max_retries": 0}
    text = json.dumps(keys, indent=2)
    found = parsed(PJSIP, text)
    assert found.form == "json"
    assert fields(found)["host"] == "x.example"
    assert found.registrations[0].secret == 'hun"ter\\'
    assert under(text, found, "SR214") == "0"
    assert "ter" not in report(explain(text))


@pytest.mark.parametrize(
    ("text", "dialect", "form"),
    [
        (page(), PJSIP, "form"),
        ('{"sip_server": "x.example"}', PJSIP, "json"),
        ("Trunk Name: acme\nRegister String: a:b@c\n", CHAN_SIP, "form"),
        ("PEER Details:\nhost=c\nRegister String: a:b@c\n", CHAN_SIP, "form"),
    ],
)
def test_forms_are_detected(text, dialect, form):
    assert (detect(text).dialect, detect(text).form) == (dialect, form)


def test_a_password_that_begins_with_the_sign_of_the_file_behind_the_form_is_refused():
    with pytest.raises(CannotRender, match="=>"):
        freepbx_pjsip.render(Trunk("100", "sip.acme.example", secret=">secret"))


@example(secret=">", host="0.0.example", auth_user="", transport="udp")
@given(secret=SECRETS, host=HOSTS, auth_user=st.sampled_from(["", "login"]), transport=st.sampled_from(["udp", "tls"]))
@settings(max_examples=60, deadline=None)
def test_round_trips(secret, host, auth_user, transport):
    trunk = Trunk("100", host, secret=secret, auth_user=auth_user, port=5080, transport=transport, extension="200")
    for module in (freepbx_chan_sip, freepbx_pjsip):
        try:
            text = module.render(trunk)
        except CannotRender:
            assume(secret != secret.strip() or secret.startswith(">") or module is freepbx_chan_sip)
            continue
        found = parsed(module.NAME, text)
        assert found.ok, found.findings
        back = found.registrations[0].trunk
        expiry = back.expiry
        assert back == Trunk("100", host, secret, auth_user, "", None, 5080, transport, "200", expiry, back.peer)
        assert back.secret == secret


@given(st.text(alphabet='Trunk Name:SIPerv=[]{}";@\n\\0.é', max_size=120))
@settings(max_examples=120, deadline=None)
def test_no_text_makes_them_raise(text):
    for dialect in (CHAN_SIP, PJSIP):
        parsed(dialect, text)
        parsed(dialect, page() + text, form="form")
        parsed(dialect, '{"secret": "' + text, form="json")


def test_the_chan_sip_page_as_json():
    form = {
        "Trunk Name": "acme",
        "PEER Details": "type=peer\nhost=h.example",
        "Register String": "100:hunter22@h.example",
    }
    text = json.dumps(form)
    assert (detect(text).dialect, detect(text).form) == (CHAN_SIP, "json")
    found = parsed(CHAN_SIP, text)
    assert found.findings == ()
    assert (found.form, found.dial_peer, fields(found)["user"]) == ("json", "acme", "100")


def test_the_usual_username_is_no_word_worth():
    text = "Trunk Name: acme\nPEER Details:\ntype=peer\nhost=h.example\nusername=100\nRegister String: 100:pw99x@h.ex\n"
    assert parsed(CHAN_SIP, text).findings == ()
