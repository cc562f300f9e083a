"""Carriers of VICIdial: the field alone, the page, rows as mysql prints them, and a dump."""

from __future__ import annotations

import json
import time

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says, under
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


@pytest.mark.parametrize(
    "junk",
    ["'" * 30000, "(" * 30000, "\\" * 30001, "a: b\n" * 8000, "INSERT INTO vicidial_server_carriers VALUES (" * 600],
)
def test_time_is_linear(junk):
    begin = time.perf_counter()
    parsed(VICIDIAL, "INSERT INTO vicidial_server_carriers VALUES ('" + junk, form="row")
    parsed(VICIDIAL, "Registration String: x\n" + junk, form="form")
    assert time.perf_counter() - begin < 2
