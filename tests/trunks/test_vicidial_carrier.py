"""Carriers of VICIdial: the field alone, the page, rows as mysql prints them, and a dump."""

from __future__ import annotations

import json
from functools import partial

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says, under
from growth import assert_linear, assert_linear_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import Trunk, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

VICIDIAL = "vicidial-carrier"

ACCOUNT = (
    "[testcarrier]\ndisallow=all\nallow=ulaw\ntype=friend\nusername=testcarrier\nsecret=hunter22\nhost=dynamic\n"
    "dtmfmode=rfc2833\ncontext=trunkinbound"
)
ROW = {
    "carrier_id": "ACME",
    "carrier_name": "Acme",
    "registration_string": "register => testcarrier:hunter22@10.10.10.15:5060",
    "template_id": "--NONE--",
    "account_entry": ACCOUNT,
    "protocol": "SIP",
    "globals_string": "TESTSIPTRUNK = SIP/testcarrier",
    "dialplan_entry": (
        "exten => _91999NXXNXXXXXX,1,AGI(agi://127.0.0.1:4577/call_log)\n"
        "exten => _91999NXXNXXXXXX,2,Dial(${TESTSIPTRUNK}/${EXTEN:2},,tTor)"
    ),
    "server_ip": "10.0.0.1",
    "active": "Y",
}


def batch(*rows: dict[str, str]) -> str:
    def cell(text: str) -> str:
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")

    lines = ["\t".join(ROW), *("\t".join(cell(row[name]) for name in ROW) for row in rows)]
    return "\n".join(lines) + "\n"


def vertical(*rows: dict[str, str]) -> str:
    text = ""
    for number, row in enumerate(rows, 1):
        text += f"*************************** {number}. row ***************************\n"
        text += "".join(f"{name:>19}: {row[name]}\n" for name in ROW)
    return text + f"{len(rows)} rows in set (0.00 sec)\n"


def dump(*rows: dict[str, str], columns: bool = False) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"

    values = ",".join("(" + ",".join([*map(quoted, row.values()), "NULL", "'---ALL---'"]) + ")" for row in rows)
    names = f" ({','.join([*ROW, 'carrier_description', 'user_group'])})" if columns else ""
    return f"-- MySQL dump\nINSERT INTO `vicidial_server_carriers`{names} VALUES {values};\nUNLOCK TABLES;\n"


def form(row: dict[str, str]) -> str:
    return "".join(f"{name.replace('_', ' ').title()}: {value}\n" for name, value in row.items())


WRITERS = {
    "batch": batch,
    "vertical": vertical,
    "dump": dump,
    "columns": lambda row: dump(row, columns=True),
    "form": form,
    "json": lambda row: json.dumps(row, indent=1),
    "list": lambda row: json.dumps([row]),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_carrier_as_people_have_it(writer):
    text = WRITERS[writer](ROW)
    assert detect(text).dialect == VICIDIAL
    found = parsed(VICIDIAL, text)
    assert found.form == {"form": "form", "json": "json", "list": "json"}.get(writer, "row")
    assert loud(found) == []
    assert found.ok
    assert fields(found) == {
        "user": "testcarrier",
        "secret": "hunter22",
        "auth_user": "",
        "effective_auth_user": "testcarrier",
        "domain": "",
        "host": "10.10.10.15",
        "port": 5060,
        "transport": "udp",
        "extension": "s",
        "expiry": 120,
        "peer": "",
    }
    assert found.dial_peer == "testcarrier"
    assert found.auth_method == "digest"
    assert found.to_json()["peers"][0]["host"] == "dynamic"
    assert "hunter22" not in str(found.to_json())
    assert "hunter22" not in report(explain(text))


@pytest.mark.parametrize("writer", [name for name in WRITERS if name != "form"])
@pytest.mark.parametrize("secret", ["hun'ter22", 'hun"ter22', "hun\\ter22"])
def test_escapes_are_undone_and_secrets_hidden_in_them(writer, secret):
    row = ROW | {"registration_string": f"register => 100:{secret}@10.10.10.15", "globals_string": "X = SIP/other"}
    text = WRITERS[writer](row)
    found = parsed(VICIDIAL, text)
    assert found.registrations[0].secret == secret
    assert "ter22" not in report(explain(text))
    assert under(text, found, "SR326") == "other"


MISTAKES = [
    ({"registration_string": "100:hunter22@h.example"}, "SR102", "error", "100:hunter22@h.example"),
    ({"server_ip": "0.0.0.0"}, "SR323", "warning", "0.0.0.0"),
    ({"protocol": "PJSIP"}, "SR321", "error", "testcarrier:hunter22@10.10.10.15:5060"),
    ({"protocol": "EXTERNAL"}, "SR322", "error", None),
    ({"protocol": "Zap"}, "SR322", "error", None),
    ({"globals_string": "TESTSIPTRUNK = SIP/testcarier"}, "SR326", "warning", "testcarier"),
    ({"dialplan_entry": "exten => _9.,1,Dial(SIP/${EXTEN:1}@acme,60)"}, "SR326", "warning", "acme"),
    ({"dialplan_entry": "exten => _9.,1,Dial(SIP/acme/${EXTEN:1},60)"}, "SR326", "warning", "acme"),
    ({"dialplan_entry": "exten => _9.,1,Dial(${TRUNKX}/${EXTEN:1},60)"}, "SR327", "warning", "${TRUNKX}"),
    ({"active": "N"}, "SR329", "hint", "N"),
    ({"template_id": "SIP_generic"}, "SR328", "hint", "SIP_generic"),
    ({"registration_string": ""}, "SR310", "hint", None),
    ({"registration_string": "register => u:" + "p" * 234 + "@h.exam"}, "SR324", "warning", "m"),
    ({"registration_string": 'register => 100:"p:w"@h.example'}, "SR325", "warning", '"'),
    ({"registration_string": "register => 100:pa/ss@h.example"}, "SR122", "error", "/"),
    ({"registration_string": "register => 100:hunter22@h.example:4569"}, "SR144", "warning", "4569"),
    ({"registration_string": "NONE"}, "SR333", "warning", "NONE"),
    ({"registration_string": "--NONE--"}, "SR333", "warning", "--NONE--"),
    ({"registration_string": "N/A"}, "SR333", "warning", "N/A"),
    ({"account_entry": ACCOUNT.replace("[testcarrier]\n", "")}, "SR331", "error", "disallow=all"),
    ({"protocol": "PJSIP", "registration_string": ""}, "SR330", "error", "friend"),
    ({"account_entry": "[testcarrier]\ntype=endpoint"}, "SR330", "error", "endpoint"),
    ({"account_entry": "[testcarrier]\ntype=wizard"}, "SR330", "error", "wizard"),
    ({"account_entry": ""}, "SR326", "hint", "testcarrier"),
    ({"globals_string": "TESTSIPTRUNK = IAX2/testcarrier"}, "SR326", "warning", "testcarrier"),
    ({"account_entry": ACCOUNT.replace("host=dynamic", "host=h.example:5060")}, "SR140", "error", "h.example:5060"),
    ({"account_entry": ACCOUNT.replace("secret", "secrect")}, "SR106", "warning", "secrect"),
    ({"account_entry": ACCOUNT + "\ninsecure=very"}, "SR182", "warning", "very"),
    ({"account_entry": ACCOUNT + "\nregister => 1:hunter22@h.example"}, "SR161", "error", "register"),
    ({"server_ip": "0.0.0.0", "protocol": "IAX2"}, "SR323", "warning", "0.0.0.0"),
    (
        {"registration_string": "register => 100:hunter22@h.example:5060", "protocol": "IAX2"},
        "SR144",
        "warning",
        "5060",
    ),
    ({"registration_string": "100:hunter22@h.example", "protocol": "IAX2"}, "SR102", "error", "100:hunter22@h.example"),
    ({"registration_string": "#register => 100:hunter22@h.example"}, "SR169", "hint", None),
]


@pytest.mark.parametrize(("changes", "code", "severity", "place"), MISTAKES)
def test_mistakes(changes, code, severity, place):
    text = vertical(ROW | changes)
    found = parsed(VICIDIAL, text)
    says(found, code, severity)
    if place is not None:
        assert under(text, found, code) == place
    assert "hunter22" not in report(explain(text))


def test_several_carriers_and_templates():
    text = dump(
        ROW,
        ROW | {"carrier_id": "B"},
        ROW | {"carrier_id": "C", "template_id": "T", "registration_string": "", "account_entry": ""},
    )
    text += (
        "INSERT INTO vicidial_conf_templates (template_id,template_name,template_contents) VALUES "
        "('T','t','[tpl]\\ntype=peer\\nhost=sip.acme.example\\n');\n"
    )
    found = parsed(VICIDIAL, text)
    assert len(found.registrations) == 2
    assert "ACME" in says(found, "SR163", "warning")
    assert [peer["name"] for peer in found.peers] == ["testcarrier", "testcarrier", "tpl"]
    assert "SR328" not in codes_of(found)


def test_what_is_typed_into_the_page_loses_its_semicolons():
    text = form(
        ROW | {"registration_string": "register => 100:hun;ter22@h.example", "account_entry": ACCOUNT + "\n; x"}
    )
    found = parsed(VICIDIAL, text)
    assert found.registrations[0].secret == "hunter22"
    assert found.meant[0].secret == "hun;ter22"
    says(found, "SR104", "error")
    says(found, "SR320", "warning")
    stored = parsed(VICIDIAL, vertical(ROW | {"account_entry": ACCOUNT + " ; a note"}))
    assert loud(stored) == []


def test_pjsip_carriers_register_by_their_account_entry():
    entry = (
        "[acme]\ntype=registration\nserver_uri=sip:sip.acme.example\nclient_uri=sip:100@sip.acme.example\n"
        "contact_user=100\noutbound_auth=acme\n[acme]\ntype=auth\nusername=100\npassword=hunter22\n"
        "[acme]\ntype=aor\ncontact=sip:sip.acme.example\n[acme]\ntype=endpoint\naors=acme\noutbound_auth=acme"
    )
    row = ROW | {
        "protocol": "PJSIP",
        "registration_string": "",
        "account_entry": entry,
        "globals_string": "TRUNK = PJSIP/acme",
        "dialplan_entry": "exten => _9.,1,Dial(PJSIP/${EXTEN:1}@acme,60)",
    }
    found = parsed(VICIDIAL, batch(row))
    assert loud(found) == []
    assert fields(found)["server_uri"] == "sip:sip.acme.example"
    assert found.dial_peer == "acme"
    typed = parsed(
        VICIDIAL, form(row | {"account_entry": entry.replace("example\nclient", "example\\;transport=tls\nclient")})
    )
    says(typed, "SR104", "error")


def test_iax2_carriers():
    row = ROW | {
        "protocol": "IAX2",
        "registration_string": "register => 100:hunter22@iax.acme.example",
        "globals_string": "TRUNK = IAX2/testcarrier",
        "dialplan_entry": "exten => _9.,1,Dial(IAX2/testcarrier/${EXTEN:1})",
    }
    found = parsed(VICIDIAL, vertical(row))
    assert loud(found) == []
    assert fields(found)["protocol"] == "iax2"
    bare = parsed(VICIDIAL, vertical(row | {"registration_string": "100:hunter22@iax.acme.example"}))
    says(bare, "SR102", "error")


def test_no_string_is_right_for_a_carrier_that_knows_the_address():
    row = ROW | {"registration_string": "", "account_entry": "[testcarrier]\ntype=peer\nhost=sip.acme.example"}
    found = parsed(VICIDIAL, vertical(row))
    assert found.auth_method == "ip"
    assert codes_of(found) == ["SR310"]


@pytest.mark.parametrize(
    "text",
    [
        "register => testcarrier:test@10.10.10.15:5060",
        "register => 100:hunter22@sip.acme.example:5060/100",
        "register=>100:p@ss#w@sip.acme.example",
    ],
)
def test_strings_that_are_right(text):
    found = parsed(VICIDIAL, text)
    assert (found.form, found.ok) == ("line", True)
    assert loud(found) == []


def test_a_freepbx_string_needs_the_keyword_here():
    found = parsed(VICIDIAL, "100:hunter22@sip.acme.example")
    assert not found.ok
    fix = next(f.fix for f in found.findings if f.code == "SR102")
    assert fix == "register => 100:••••••••@sip.acme.example"


def test_rendering_is_the_line():
    assert registry.render(VICIDIAL, Trunk("100", "h.example", secret="p:w")) == 'register => 100:"p:w"@h.example'


@given(st.text(alphabet="INSERT O`vicdal_eurpn:;'\"\\()\t\n=>@*.1 row{}[]é", max_size=150))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_it_raise(text):
    for kind in ("line", "form", "row", "json"):
        parsed(VICIDIAL, text, form=kind)
    parsed(VICIDIAL, "INSERT INTO vicidial_server_carriers VALUES " + text, form="row")
    parsed(VICIDIAL, vertical(ROW) + text, form="row")


@pytest.mark.parametrize("unit", ["'", "(", "\\", "a: b\n", "INSERT INTO vicidial_server_carriers VALUES ("])
def test_time_is_linear(unit):
    rows = "INSERT INTO vicidial_server_carriers VALUES ("
    assert_linear_reading(partial(parsed, VICIDIAL, form="row"), unit, (rows + "{}", rows + "'{}"), small=2000)
    assert_linear_reading(partial(parsed, VICIDIAL, form="form"), unit, ("Registration String: x\n{}",), small=2000)


# --- the page as it is copied, and rows of several carriers

PAGE = """MODIFY A CARRIERS RECORD: acme
Carrier ID: acme
Admin User Group: ---ALL---
Registration String:
register => 100:hunter22@sip.acme.example:5060
Template ID: --NONE-- -
Account Entry:
[acme]
disallow=all

type=peer
host=sip.acme.example
Protocol: SIP
Globals String:
ACME = SIP/acme
Dialplan Entry:
exten => _91X.,1,AGI(agi://127.0.0.1:4577/call_log)
exten => _91X.,2,Dial(${ACME}/${EXTEN:1},,tTor)
Server IP: 10.0.0.1 - vici - ACTIVE
Active: Y
"""


@pytest.mark.parametrize("text", [PAGE, PAGE.replace("\n", "\r\n"), PAGE.replace(": ", ":\t")])
def test_the_page_with_values_below_their_labels(text):
    assert detect(text).dialect == VICIDIAL
    found = parsed(VICIDIAL, text)
    assert found.findings == ()
    assert (fields(found)["user"], fields(found)["host"]) == ("100", "sip.acme.example")
    assert (found.dial_peer, found.auth_method) == ("acme", "digest")
    assert found.peers[0]["host"] == "sip.acme.example"


@pytest.mark.parametrize(
    "text",
    [
        "Registration String: register => 100:hunter22@h.example",
        "Registration String:\nregister => 100:hunter22@h.example\n",
        '{"Registration String": "register => 100:hunter22@h.example", "Protocol": "SIP"}',
        "carrier_id|registration_string|protocol|active\nA|register => 100:hunter22@h.example|SIP|Y\n",
        "REPLACE INTO vicidial_server_carriers (registration_string) VALUES\n('register => 100:hunter22@h.example')",
    ],
)
def test_short_texts_that_are_known(text):
    assert detect(text).dialect == VICIDIAL
    found = parsed(VICIDIAL, text)
    assert loud(found) == []
    assert fields(found)["host"] == "h.example"


INSTALL = (
    "INSERT INTO vicidial_server_carriers SET carrier_id='PARAXIP', carrier_name='TEST',registration_string='', "
    "template_id='--NONE--', account_entry=\"[paraxip]\\ndisallow=all\\ntype=peer\\nusername=paraxip\\nsecret=test\\n"
    "fromdomain=10.10.10.16\\nhost=10.10.10.15\\ninsecure=port,invite\\noutboundproxy=10.0.0.7\", protocol='SIP', "
    "globals_string='TESTSIPTRUNKP = SIP/paraxip', dialplan_entry=\"exten => _5591999NXXXXXX,1,AGI(agi://127.0.0.1:4577"
    "/call_log)\\nexten => _5591999NXXXXXX,2,Dial(${TESTSIPTRUNKP}/${EXTEN:4},,tTor)\", server_ip='10.10.10.15', "
    "active='Y';\n"
    "INSERT INTO vicidial_server_carriers SET carrier_id='IAXEXAMPLE', registration_string='register => "
    "testcarrier:test@10.10.10.15:4569', account_entry=\"[testcarrier]\\ntype=friend\\naccountcode=testcarrier\\nsecret"
    "=test\\nhost=dynamic\\ncontext=trunkinbound\\n\", protocol='IAX2', globals_string='TESTIAXTRUNK = "
    "IAX2/testcarrier', "
    "dialplan_entry=\"exten => _71999NXXXXXX,2,Dial(${TESTIAXTRUNK}/${EXTEN:2},,tTor)\", active='Y';\n"
)


def test_the_examples_that_come_with_vicidial():
    found = parsed(VICIDIAL, INSTALL)
    assert found.form == "row"
    assert codes_of(found) == ["SR310"]
    assert fields(found)["protocol"] == "iax2"
    assert [peer["name"] for peer in found.peers] == ["paraxip", "testcarrier"]
    assert found.peers[0]["outbound_proxy"] == "10.0.0.7"


def test_a_field_that_registers_nothing_leaves_the_address():
    for string in ("NONE", ";register => 100:hunter22@h.example", "#register => 100:hunter22@h.example"):
        row = ROW | {"registration_string": string, "account_entry": ACCOUNT.replace("dynamic", "h.example")}
        found = parsed(VICIDIAL, vertical(row))
        assert found.auth_method == "ip"
        assert found.registrations == ()


def test_names_of_chan_sip_know_no_case():
    found = parsed(VICIDIAL, vertical(ROW | {"globals_string": "TESTSIPTRUNK => SIP/TestCarrier"}))
    assert found.findings == ()
    assert found.dial_peer == "TestCarrier"


def test_a_dialplan_may_fall_back_on_another_carrier():
    other = {"carrier_id": "B", "registration_string": "", "account_entry": "[b]\ntype=peer\nhost=b.example"}
    other |= {"globals_string": "BTRUNK = SIP/b", "dialplan_entry": "exten => _8X.,1,Dial(${BTRUNK}/${EXTEN:1})"}
    both = ROW["dialplan_entry"] + "\nexten => _91999NXXNXXXXXX,3,Dial(${BTRUNK}/${EXTEN:2})"
    row = ROW | {"dialplan_entry": both}
    assert codes_of(parsed(VICIDIAL, dump(row, ROW | other))) == ["SR310"]
    assert says(parsed(VICIDIAL, dump(row)), "SR327", "hint")


@pytest.mark.parametrize(
    ("channel", "wrong"),
    [
        ("PJSIP/${EXTEN:1}@acme", False),
        ("PJSIP/acme/sip:${EXTEN:1}@sip.acme.example", False),
        ("PJSIP/acme/${EXTEN:1}", True),
        ("${TRUNK}/${EXTEN:1}", True),
        ("${TRUNK}/sip:${EXTEN:1}@sip.acme.example", False),
    ],
)
def test_pjsip_dials_a_uri_behind_the_second_slash(channel, wrong):
    row = ROW | {
        "protocol": "PJSIP",
        "registration_string": "",
        "account_entry": "[acme]\ntype=aor\ncontact=sip:sip.acme.example\n[acme]\ntype=endpoint\naors=acme",
        "globals_string": "TRUNK = PJSIP/acme",
        "dialplan_entry": f"exten => _9.,1,Dial({channel},60)",
    }
    assert ("SR332" in codes_of(parsed(VICIDIAL, vertical(row)))) is wrong


def test_the_log_names_the_file_that_vicidial_writes():
    found = parsed(VICIDIAL, "100:hunter22@sip.acme.example")
    log = next(f.log for f in found.findings if f.code == "SR102")
    assert log == "WARNING ... No '=' (equal sign) in line N of sip-vicidial.conf"
    assert "FreePBX" in says(found, "SR102", "error")


@pytest.mark.parametrize(
    "changes", [{"active": "N"}, {"protocol": "EXTERNAL"}, {"protocol": "Zap"}, {"protocol": "PJSIP"}]
)
@pytest.mark.parametrize("writer", WRITERS)
def test_fields_of_which_nothing_is_made_tell_no_secret(writer, changes):
    account = "[x]\nsecret=Zk9x;Pw77\noutbound_auth/password=Qq88ww"
    row = ROW | changes | {"account_entry": account, "registration_string": "register => 1:Hh66jj:a@h.example"}
    told = report(explain(WRITERS[writer](row))) + str(explain(WRITERS[writer](row)).to_json())
    assert not [secret for secret in ("Zk9x", "Qq88ww", "Hh66jj") if secret in told]


def test_a_dump_of_many_carriers_in_one_line():
    broken = {"registration_string": "register => 100:hunter22@sip.acme.example:5O60", "server_ip": "0.0.0.0"}
    found = {
        count: explain(dump(*(ROW | broken | {"carrier_id": f"C{number}"} for number in range(count))))
        for count in (10, 80)
    }

    def work(count):
        told = report(found[count])
        assert told.count("SR131") == count
        assert "hunter22" not in told

    assert_linear(work, 10)  # not so where each finding looks at the whole line


def test_a_registration_that_was_to_be_commented_out_on_the_page():
    text = form(ROW | {"registration_string": ";register => 100:hunter22@h.example"})
    found = parsed(VICIDIAL, text)
    assert fields(found)["user"] == "100"
    assert "active all the same" in says(found, "SR320", "warning")
    stored = parsed(VICIDIAL, vertical(ROW | {"registration_string": ";register => 100:hunter22@h.example"}))
    assert stored.registrations == ()
