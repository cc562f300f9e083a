"""Mistakes in the accounts of baresip, linphone, pjsua and FreeSWITCH, and in SIP URIs: what was meant by them."""

from __future__ import annotations

import pytest
from dialect_checks import fields, loud, parsed, says, under

from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

FS, BARESIP, LINPHONE, PJSUA, URI = (
    "freeswitch-gateway",
    "baresip-accounts",
    "linphonerc",
    "pjsua-cmdline",
    "sip-uri-pjsip",
)
TEXTS = {
    FS: (
        '<include>\n<gateway name="acme">\n<param name="username" value="100"/>\n'
        '<param name="password" value="hunter22"/>\n<param name="proxy" value="sip.acme.example"/>\n'
        "</gateway>\n</include>\n"
    ),
    BARESIP: "<sip:100@sip.acme.example>;auth_pass=hunter22\n",
    LINPHONE: (
        "[auth_info_0]\nusername=100\npasswd=hunter22\nrealm=acme\n\n[proxy_0]\nreg_proxy=<sip:sip.acme.example>\n"
        "reg_identity=sip:100@sip.acme.example\nreg_expires=600\n"
    ),
    PJSUA: (
        "pjsua --id=sip:100@sip.acme.example --registrar=sip:sip.acme.example --realm='*' --username=100 "
        "--password=hunter22"
    ),
    URI: "sip:100:hunter22@sip.acme.example",
}
MISTAKES = [
    # dialect, old, new, code, severity, place, whether it is taken, fields of what was meant
    (FS, 'me="password', 'me="pasword', "SR406", "warning", "pasword", False, {"secret": "hunter22"}),
    (FS, "hunter22", "hun:ter22", "SR409", "error", ":", True, {"secret": "hun:ter22"}),
    (FS, 'value="sip.', 'value="sip:sip.', "SR408", "error", "sip:", True, {"host": "sip.acme.example"}),
    (FS, "acme.example", "acme.example:5O60", "SR414", "error", "5O60", True, {"port": 5060}),
    (FS, 'value="hunter22', 'value=" hunter22', "SR413", "warning", " ", True, None),
    (FS, "</gateway>", '<param name="register" value="ture"/>\n</gateway>', "SR412", "warning", "ture", True, None),
    (FS, 'name="acme"', "name=“acme”", "SR401", "error", "“", False, None),
    (FS, "</gateway>\n", "", "SR401", "error", "i", False, {"secret": "hunter22"}),
    (BARESIP, "hunter22", "hun;ter22", "SR505", "error", ";", True, {"secret": "hun;ter22"}),
    (BARESIP, "hunter22", "hun ter22", "SR505", "error", " ", True, {"secret": "hun ter22"}),
    (BARESIP, "hunter22", "'hun;ter22'", "SR505", "error", ";", True, {"secret": "hun;ter22"}),
    (BARESIP, "example>", "example", "SR502", "error", ";", False, {"secret": "hunter22"}),
    (BARESIP, "<sip", "sip", "SR502", "error", ">", True, {"host": "sip.acme.example"}),
    (BARESIP, "sip:100", "100", "SR501", "error", "100@sip.acme.example", False, {"user": "100"}),
    (BARESIP, "sip:100", "sip:a@b", "SR501", "error", "b@sip.acme.example", True, {"user": "a@b"}),
    (BARESIP, "sip:100@", "sip:", "SR510", "error", "sip:sip.acme.example", False, None),
    (BARESIP, "auth_pass", "authpass", "SR504", "error", "authpass", True, {"secret": "hunter22"}),
    (BARESIP, ";auth", ";transport=tls;auth", "SR503", "error", "transport", True, {"transport": "tls"}),
    (BARESIP, ";auth", ",auth", "SR513", "error", ",", True, {"secret": "hunter22"}),
    (BARESIP, "sip:100", "sip:a%40b", "SR514", "warning", "a%40b", True, None),
    (BARESIP, "\n", ";auth_pass=other\n", "SR515", "warning", "auth_pass", True, None),
    (BARESIP, "<sip", " # <sip", "SR516", "warning", "#", True, None),
    (BARESIP, "\n", ";outbound=p.example\n", "SR501", "error", "p.example", True, None),
    (BARESIP, "\n", ";regint=1h\n", "SR509", "error", "1h", True, None),
    (LINPHONE, "passwd", "password", "SR527", "error", "password", True, {"secret": "hunter22"}),
    (LINPHONE, "reg_proxy", "regproxy", "SR527", "error", "regproxy", False, {"host": "sip.acme.example"}),
    (LINPHONE, "hunter22", "hunter22 # mine", "SR522", "error", " # mine", True, {"secret": "hunter22"}),
    (LINPHONE, "hunter22", '"hunter22"', "SR528", "warning", '"hunter22"', True, {"secret": "hunter22"}),
    (LINPHONE, "sip:100@", "sip:100:hunter22@", "SR526", "warning", "hunter22", True, None),
    (LINPHONE, "ntity=sip:", "ntity=", "SR523", "error", "100@sip.acme.example", False, {"user": "100"}),
    (LINPHONE, "auth_info_0", "auth_info_1", "SR521", "error", "[auth_info_1]", True, {"secret": "hunter22"}),
    (LINPHONE, "[proxy_0]", "[proxy_1]", "SR521", "error", "[proxy_1]", True, {"secret": "hunter22"}),
    (LINPHONE, "=hunter22", "= hunter22", "SR520", "error", " ", True, {"secret": "hunter22"}),
    (LINPHONE, "=600", "=1h", "SR509", "error", "1h", True, None),
    (PJSUA, "sip:100@", "100@", "SR535", "error", "100@sip.acme.example", False, {"user": "100"}),
    (PJSUA, "registrar=sip:", "registrar=", "SR535", "error", "sip.acme.example", False, {"host": "sip.acme.example"}),
    (PJSUA, "--registrar", "--registar", "SR538", "error", "--registar", False, {"host": "sip.acme.example"}),
    (PJSUA, "--username", "-username", "SR538", "error", "-username", False, {"auth_user": "100"}),
    (PJSUA, "--username", "–username", "SR151", "error", "–username", False, {"auth_user": "100"}),
    (PJSUA, "22", "22 --reg-timeout=7200", "SR537", "error", "7200", False, {"expiry": 3600}),
    (PJSUA, "--realm='*' ", "", "SR533", "error", "100", True, None),
    (PJSUA, "--username=100 ", "", "SR536", "warning", "hunter22", True, None),
    (PJSUA, " --registrar=sip:sip.acme.example", "", "SR511", "hint", "sip:100@sip.acme.example", True, None),
    (URI, "sip:", "", "SR203", "error", "100:hunter22@sip.acme.example", False, {"user": "100"}),
    (URI, "sip:", "tel:", "SR203", "error", "tel:100:hunter22@sip.acme.example", False, None),
    (URI, "sip:", "sip://", "SR240", "error", "//", True, {"user": "100"}),
    (URI, "example", "example:5O60", "SR204", "error", "5O60", False, {"port": 5060}),
    (URI, "example", "example\u00a0", "SR150", "error", "\u00a0", False, {"host": "sip.acme.example"}),
    (URI, "hunter22", "hun@ter22", "SR204", "error", "@", False, {"secret": "hun@ter22"}),
    (URI, "example", "example;transport=ssl", "SR604", "warning", "ssl", True, None),
    (URI, "example", "example:5061;transport=udp", "SR117", "hint", "5061", True, None),
    (URI, "example", "example:4569", "SR144", "warning", "4569", True, None),
    (URI, "100:hunter22", "your_username", "SR109", "hint", "your_username", True, None),
]


@pytest.mark.parametrize(("dialect", "old", "new", "code", "severity", "place", "ok", "meant"), MISTAKES)
def test_mistakes(dialect, old, new, code, severity, place, ok, meant):
    assert loud(parsed(dialect, TEXTS[dialect])) == []
    text = TEXTS[dialect].replace(old, new, 1)
    found = parsed(dialect, text)
    says(found, code, severity)
    assert under(text, found, code) == place
    assert found.ok is ok
    assert meant is None or meant.items() <= found.meant[0].to_json().items()
    told = report(explain(text, dialect=dialect))
    assert "hunter22" not in told
    assert "ter22" not in told


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("<100@sip.acme.example>;auth_pass=hunter22", BARESIP),
        ("[acme]\nsends_auth=yes\nremote_hosts=h.example\noutbound_auth/username=1\n", "asterisk-pjsip_wizard.conf"),
        ("[acme]\ntype=wizzard\nsends_registrations=yes\n", "asterisk-pjsip_wizard.conf"),
        ("[Account1]\nsip_server=h.example\nusername=1\npassword=x\n", "microsip-ini"),
        ("sip:100@h.example", URI),
        ("--id sip:1@h.example\n--registrar sip:h.example\n", PJSUA),
    ],
)
def test_what_is_wrong_is_detected_too(text, dialect):
    assert detect(text).dialect == dialect


@pytest.mark.parametrize(
    ("dialect", "old", "new", "expected"),
    [
        (FS, 'me="username" value="100"', 'me="register" value="false"', {"user": "FreeSWITCH", "register": False}),
        (FS, "</gateway>", '<param name="from-user" value="200"/>\n</gateway>', {"user": "200", "auth_user": ""}),
        (FS, "</gateway>", '<param name="register-proxy" value="sip:r.example"/>\n</gateway>', {"user": "100"}),
        (BARESIP, "auth_pass", "AUTH_PASS", {"secret": "hunter22"}),
        (BARESIP, "hunter22", "hunter22 # mine", {"secret": "hunter22"}),
        (BARESIP, "hunter22", '"hun;ter 22"', {"secret": "hun;ter 22"}),
        (LINPHONE, "hunter22", "hunter22  ", {"secret": "hunter22"}),
        (LINPHONE, "hunter22", "hun;t#er=22", {"secret": "hun;t#er=22"}),
        (PJSUA, "22", "22 --next-cred --username=x --password=y --realm=z", {"secret": "hunter22"}),
        (URI, "sip:", "sips:", {"transport": "tls"}),
        (URI, "sip:100:hunter22@", '"Al" <sip:100@', {"user": "100", "secret": ""}),
        (URI, "100:hunter22@", "", {"user": "", "host": "sip.acme.example"}),
    ],
)
def test_what_is_right(dialect, old, new, expected):
    text = TEXTS[dialect].replace(old, new, 1)
    text += ">" if new.startswith('"Al"') else ""
    found = parsed(dialect, text)
    assert loud(found) == []
    assert expected.items() <= fields(found).items()
    assert found.meant == ()


CONFIG = "# mine\n--id sip:100@sip.acme.example\n--registrar sip:sip.acme.example;transport=tcp\n--realm *\n"
CONFIG += "--username 100\n--password hun$t#er # x\n--null-audio\n"


def test_a_config_file_of_pjsua_is_no_command_line():
    found = parsed(PJSUA, CONFIG)
    assert loud(found) == []
    assert {"secret": "hun$t#er", "transport": "tcp"}.items() <= fields(found).items()
    wrong = CONFIG.replace("--password hun$t#er", '--password="hun ter"')
    found = parsed(PJSUA, wrong)
    assert under(wrong, found, "SR539") == '"'
    assert found.registrations[0].secret == '"hun'
    assert found.meant[0].secret == "hun ter"
    assert "hun ter" not in report(explain(wrong, dialect=PJSUA))
