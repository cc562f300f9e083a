"""The explanation of a text: the dialect and why, the report for people, the JSON twin, and no secret in either."""

from __future__ import annotations

import json
from functools import partial

import pytest
import test_asterisk_chan_sip
from growth import assert_linear_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report

DETECTED = [
    ("register => 100:hunter22@sip.acme.example", None, "asterisk-chan_sip", "line"),
    ("100:hunter22@sip.acme.example/100", None, "asterisk-chan_sip", "value"),
    ("registr => 100:hunter22@sip.acme.example", None, "asterisk-chan_sip", "line"),
    ("register -> 100:hunter22@sip.acme.example", None, "asterisk-chan_sip", "line"),
    ("register => 100:hunter22@sip.acme.example:4569", None, "asterisk-iax2", "line"),
    ("100:hunter22@iax.acme.example", None, "asterisk-iax2", "value"),
    ("[general]\nregister => a:b@c\n", None, "asterisk-sip.conf", "file"),
    ("[acme]\ntype=peer\nhost=c\n", None, "asterisk-sip.conf", "file"),
    ("register => a:b@c\nregister => d:e@f\n", None, "asterisk-sip.conf", "file"),
    ("[acme]\ntype=registration\n", None, "asterisk-pjsip.conf", "file"),
    ("[acme]\ntype = endpoint\n", None, "asterisk-pjsip.conf", "file"),
    ("[acme]\nserver_uri=sip:h\n", None, "asterisk-pjsip.conf", "file"),
    ("[acme]\ntype=wizard\n", None, "asterisk-pjsip_wizard.conf", "file"),
    ("anything", "/etc/asterisk/pjsip.conf", "asterisk-pjsip.conf", "file"),
    ("anything", "/etc/asterisk/sip.conf", "asterisk-sip.conf", "file"),
    ("[a]\nx=y\n", "pjsip.registration.conf", "asterisk-pjsip.conf", "file"),
]


@pytest.mark.parametrize(("text", "name", "dialect", "form"), DETECTED)
def test_the_dialect_is_detected_and_the_reason_said(text, name, dialect, form):
    found = detect(text, name)
    assert (found.dialect, found.form) == (dialect, form)
    assert found.reason


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_every_text_has_an_explanation(text):
    explanation = explain(text)
    json.dumps(explanation.to_json())
    assert report(explanation)
    assert explanation.exit_status in (0, 1)


def test_the_sketch_of_the_first_page():
    explanation = explain("register => tls:100:secret@sip.acme.example:5O60/100~300")
    lines = report(explanation).split("\n")
    assert lines[0].startswith("asterisk-chan_sip, line (because it begins with")
    assert (
        lines[1] == "  will log in as   user tls, password •••, auth user ••••••, to sip.acme.example port 5 udp, calls"
    )
    assert "probably meant   user 100, password ••••••, to sip.acme.example port 5060 tls" in lines[3]
    assert "SR113 error" in report(explanation)
    assert "SR131 error" in report(explanation)
    assert "secret" not in report(explanation)
    assert explanation.exit_status == 1
    assert "password secret" in report(explanation, show_secrets=True)


def test_the_json_twin():
    explanation = explain("register => 100:hunter22@sip.acme.example/100~300")
    assert explanation.to_json() == {
        "dialect": "asterisk-chan_sip",
        "form": "line",
        "ok": True,
        "registrations": [
            {
                "user": "100",
                "auth_user": "",
                "effective_auth_user": "100",
                "domain": "",
                "host": "sip.acme.example",
                "port": 5060,
                "transport": "udp",
                "extension": "100",
                "expiry": 300,
                "peer": "",
            }
        ],
        "findings": [],
    }
    shown = explanation.to_json(show_secrets=True)
    assert shown["registrations"][0]["secret"] == "hunter22"
    assert explanation.exit_status == 0


def test_secrets_are_masked_by_value_wherever_they_turn_up():
    explanation = explain("register => hunter22:hunter22@sip.acme.example")
    assert explanation.to_json()["registrations"][0]["user"] == "••••••••"
    assert "hunter22" not in report(explanation)


def test_a_line_is_read_as_a_line_and_a_value_as_a_value():
    assert explain("register => u:pa\\;ss@h.example").parsed.registrations[0].secret == "pa;ss"
    assert explain("u:pa;ss@h.example").parsed.registrations[0].secret == "pa;ss"
    assert not explain("register => u:pa;ss@h.example").parsed.ok
    assert explain("register => u:pa;ss@h.example").parsed.meant[0].secret == "pa;ss"


@pytest.mark.parametrize("name", [*registry.names(), *registry.aliases()])
def test_dialects_go_by_the_names_of_their_modules(name):
    module = registry.module(name)
    assert name == module.NAME or name in module.ALIASES
    assert set(module.ALIASES) == {alias for alias, of in registry.aliases().items() if of == module.NAME}
    assert explain("x", dialect=name.upper()).parsed.dialect == module.NAME


def test_an_unknown_dialect_and_form():
    with pytest.raises(ValueError, match="did you mean 'asterisk"):
        explain("x", dialect="astrisk")
    with pytest.raises(ValueError, match="has no form 'row'; it has value, line"):
        explain("x", dialect="asterisk", form="row")


def test_files_with_includes_are_read_from_where_they_are(tmp_path):
    (tmp_path / "sip.conf").write_text("[general]\n#include more.conf\n")
    (tmp_path / "more.conf").write_text("register => 100:hunter;22@sip.acme.example\n")
    path = tmp_path / "sip.conf"
    explanation = explain(path.read_text(), path=path)
    assert explanation.parsed.dialect == "asterisk-sip.conf"
    assert explanation.parsed.findings[0].path == str(tmp_path / "more.conf")
    assert "more.conf:1:" in report(explanation)


def test_a_sip_conf_with_peers_and_credentials():
    text = (
        "[general]\nregistertimeout=30\nregister => 100:hunter22@sip.acme.example/100\n"
        "[authentication]\nauth = 100:other555@realm.example\n"
        "[acme]\ntype=peer\nhost=sip.acme.example\ndefaultuser=100\nsecret=hunter22\n"
    )
    found = explain(text).to_json()
    assert found["registrations"][0]["retry_interval"] == 30
    assert found["registrations"][0]["max_retries"] == 0
    assert found["peers"] == [
        {"name": "acme", "type": "peer", "host": "sip.acme.example", "transport": "udp", "user": "100"}
    ]
    assert found["auth"] == [{"user": "100", "realm": "realm.example"}]
    assert found["auth_method"] == "digest"
    assert "hunter22" not in str(found)
    assert "other555" not in str(found)


# --- what the floor below knows is told here too


@pytest.mark.parametrize("text", test_asterisk_chan_sip.GREEN)
def test_correct_strings_are_left_alone_in_both_forms(text):
    for explanation in (
        explain(text, dialect="asterisk", form="value"),
        explain(f"register => {text}", dialect="asterisk"),
    ):
        assert explanation.parsed.worst in (None, "hint"), explanation.parsed.findings
        assert explanation.parsed.ok
        assert len(explanation.parsed.registrations) == 1


@pytest.mark.parametrize("row", test_asterisk_chan_sip.MISTAKES, ids=lambda row: row[0])
def test_mistakes_are_told_with_what_was_meant(row):
    text, code, severity, (column, length), meant = row
    found = explain(text, dialect="asterisk", form="line" if text.startswith("register") else "value").parsed
    finding = next(f for f in found.findings if f.code == code)
    assert (finding.severity, finding.span.column, finding.span.length) == (severity, column, length)
    if meant is not None:
        probably = (found.meant or found.registrations)[0].trunk
        assert {name: getattr(probably, name) for name in meant} == meant


@pytest.mark.parametrize(
    "unit", ["\n", " ", "\t", "*", "SIP_", "[", "[a]\n", "=", "'", "<", "\\", "a:", "# \n", "--a ", "&", "é", ";a=b"]
)
def test_any_text_is_explained_in_linear_time(unit):
    assert_linear_reading(explain, unit)
    for name in registry.names():
        for form in registry.named(name).FORMS:
            assert_linear_reading(partial(registry.named(name).parse, form=form), unit, small=500)
