"""Passwords in lines that a dialect could not read: misspelt keys, lost separators, broken XML."""

from __future__ import annotations

import json
import random

import pytest
from growth import assert_linear_reading

from mockregistrar.trunks import secret_lines
from mockregistrar.trunks.explanation import explain, report
from mockregistrar.trunks.masking import lifted
from mockregistrar.trunks.parsed import Notes

SECRET = "Zq7vXk9mWp"
TEXTS = {
    "asterisk-pjsip.conf": (
        "[acme]\ntype=registration\noutbound_auth=acme\nserver_uri=sip:sip.acme.example\\;transport=tcp\n"
        "client_uri=sip:100@sip.acme.example\ncontact_user=100\n\n[acme]\ntype=auth\nusername=100\npassword={}\n"
    ),
    "asterisk-pjsip_wizard.conf": (
        "[acme]\ntype=wizard\nsends_auth=yes\nsends_registrations=yes\nremote_hosts=sip.acme.example\n"
        "outbound_auth/username=100\noutbound_auth/password={}\n"
    ),
    "freepbx-pjsip-form": (
        "Trunk Name: acme\nUsername: 100\nAuth username: \nSecret: {}\nAuthentication: Outbound\n"
        "Registration: Send\nSIP Server: sip.acme.example\nSIP Server Port: 5060\n"
    ),
    "freeswitch-gateway": (
        '<include>\n<gateway name="acme">\n<param name="username" value="100"/>\n'
        '<param name="password" value="{}"/>\n<param name="proxy" value="sip.acme.example"/>\n</gateway>\n</include>\n'
    ),
    "baresip-accounts": "<sip:100@sip.acme.example>;auth_user=100;auth_pass={};regint=600\n<sip:2:{}@h.example>\n",
    "linphonerc": (
        "[auth_info_0]\nusername=100\npasswd={}\nrealm=acme\n[proxy_0]\nreg_proxy=<sip:sip.acme.example>\n"
        "reg_identity=sip:100@sip.acme.example\n"
    ),
    "pjsua-cmdline": (
        "pjsua --id=sip:100:{}@sip.acme.example --registrar=sip:sip.acme.example --realm='*' --username=100 "
        "--password={} --reg-timeout=300\n"
    ),
    "microsip-ini": "[Account1]\nserver=sip.acme.example\ndomain=sip.acme.example\nusername=100\npassword={}\n",
    "env": 'SIP_USERNAME=100\nSIP_PASSWORD={}\nSIP_SERVER=sip.acme.example\nSIP_2_URI="sip:100:{}@h.example"\n',
}


@pytest.mark.parametrize(
    "line",
    [
        "pasword=hunter22",
        "outbound_auth/pIassword = hunter22",
        "passwor;d=hunter22",
        "Secret# hunter22",
        "Secreté: hunter22",
        "passwordhunter22",
        "outbound_auth/password hunter22",
        "--p>ssword=hunter22 --reg-timeout=300",
        '<param name="password" vaue="hunter22"/>',
        '<param name="passwo\u200brd"value="hunter22"/>',
        "auth_user=100auth_pass=hunter22;regint=600",
    ],
)
def test_what_is_hidden(line):
    notes = Notes()
    secret_lines.hide(notes, f"first=1\n{line}\n")
    assert notes.secrets == {"hunter22"}
    span = notes.secret_spans[0]
    assert line[span.column - 1 : span.end - 1] == "hunter22"
    assert span.line == 2


@pytest.mark.parametrize(
    "line", ["; password=hunter22 was before", "auth_type=userpass", "username=hunter22", "password=", "[passwords]"]
)
def test_what_stays(line):
    notes = Notes()
    secret_lines.hide(notes, line)
    assert notes.secrets == set()


def test_a_line_with_a_known_secret_is_left_alone():
    notes = Notes()
    notes.secret("hunter22")
    secret_lines.hide(notes, "password=hunter22 behind")
    assert notes.secret_spans == []


def broken(chance: random.Random, text: str) -> str:
    """The text with one thing broken, outside of its secret."""
    inside = {i for start in range(len(text)) if text.startswith(SECRET, start) for i in range(start, start + 11)}
    places = [i for i in range(len(text)) if i not in inside]
    at = chance.choice(places)
    character = chance.choice(" \t=:;@<>\"'#%\\,|&/-_0OlI\u00a0\u200b“–é\ufeff\x00\udcff")
    if chance.random() < 0.4:
        return text[:at] + text[at + 1 :]
    return text[:at] + character + text[at + (chance.random() < 0.5) :]


@pytest.mark.parametrize("dialect", TEXTS)
def test_one_broken_character_shows_no_secret(dialect):
    chance = random.Random(dialect)
    usual = TEXTS[dialect].format(*[SECRET] * 2)
    for _ in range(250):
        text = broken(chance, usual)
        found = explain(text, dialect=dialect)
        known = f"2{SECRET}" not in text and f"100{SECRET}" not in text and f"\n{SECRET}" not in text
        known = known and not any(f"\n{end}={SECRET}" in text for end in ("rd", "ord", "word", "sword", "d", ""))
        if not known or f"100#{SECRET}" in text:
            continue  # nothing says that it is one
        assert SECRET not in report(found), text
        assert SECRET not in json.dumps(found.to_json()), text
        with lifted():
            again = explain(text, dialect=dialect)
            shown = report(again) + json.dumps(again.to_json(show_secrets=True), ensure_ascii=False)
        assert "•" not in shown, text


@pytest.mark.parametrize(
    "unit", ["passwor=", "password ", 'password="', "pass\n", '<param password"a', "secret:#", "é"]
)
def test_time_is_linear(unit):
    assert_linear_reading(lambda text: secret_lines.hide(Notes(), text), unit, small=500)
    assert_linear_reading(lambda text: secret_lines.hide(Notes(), text), f"{unit}\n")
