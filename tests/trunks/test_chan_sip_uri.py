"""URIs as chan_sip's `parse_uri` reads them, with the cases of its own unit tests."""

from __future__ import annotations

import pytest
from dialect_checks import codes_of, fields, loud, parsed, says, under
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.trunks.explanation import explain, report

URI = "sip-uri-chan_sip"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "sip:user:secret@host:5060;param=discard;transport=tcp;param2=residue",
            {"user": "user", "secret": "secret", "host": "host", "port": 5060, "transport": "tcp"},
        ),
        (
            "sip:user:secret@host:5060;param=discard;transport=tcp;param2=discard2?header=blah&header2=blah2;param3=x",
            {"user": "user", "transport": "tcp"},
        ),
        ("sip:-_.!~*'()&=+$,;?/:secret@host:5060;transport=tcp", {"user": "-_.!~*'()&=+$,;?/", "secret": "secret"}),
        ("sip:user:-_.!~*'()&=+$,@host:5060;transport=tcp", {"user": "user", "secret": "-_.!~*'()&=+$,"}),
        ("sip:user:secret@host:5060;param=discard;lr?header=blah", {"host": "host", "transport": "udp"}),
        ("sip:name:secret@host;transport=tcp", {"user": "name", "secret": "secret", "transport": "tcp"}),
        ("sip:host", {"user": "", "host": "host"}),
        ("sip:u@h.example?a=b?c=d", {"host": "h.example?a=b"}),
    ],
)
def test_the_cases_of_asterisk(text, expected):
    found = parsed(URI, text)
    assert found.ok
    assert expected.items() <= fields(found).items()


@pytest.mark.parametrize(
    ("text", "ok", "user", "host"),
    [
        ("tel:0987654321;phone-context=+32987654321", True, "0987654321", "+32987654321"),
        ("tel:+32987654321", True, "+32987654321", "+32987654321"),
        (
            "tel:0987654321;ext=1234;param=discard;phone-context=+32987654321;transport=udp?header=blah",
            True,
            "0987654321;ext=1234;param=discard",
            "+32987654321",
        ),
        ("tel:911", False, "911", ""),
    ],
)
def test_a_number_is_no_account(text, ok, user, host):
    found = parsed(URI, text)
    assert found.ok is ok
    assert (fields(found)["user"], fields(found)["host"]) == (user, host)
    says(found, "SR203", "error")


@pytest.mark.parametrize(
    ("text", "code", "severity", "place", "fix"),
    [
        ("sip:u@h.example:5O60", "SR131", "error", "5O60", ""),
        ("sip:u@h.example:port", "SR133", "warning", "port", ""),
        ("sip:u@h.example:5060x", "SR132", "warning", "5060x", ""),
        ("sip:u@2001:db8::1", "SR141", "error", "2001:db8::1", "sip:u@[2001:db8::1]"),
        ("sip:u@h.example;lr;transport=tcp", "SR114", "warning", "transport=tcp", ""),
        ("<sip:u@h.example>", "SR203", "error", "<sip:u@h.example>", "sip:u@h.example"),
        ('"Bob" <sip:u@h.example>', "SR203", "error", '"Bob" <sip:u@h.example>', "sip:u@h.example"),
        ("http://u@h.example", "SR203", "error", "http://u@h.example", "sip:u@h.example"),
        (" sip:u@h.example", "SR203", "error", " sip:u@h.example", "sip:u@h.example"),
        ("host", "SR203", "error", "host", ""),
    ],
)
def test_mistakes(text, code, severity, place, fix):
    found = parsed(URI, text)
    says(found, code, severity)
    assert under(text, found, code) == place
    assert next(f.fix for f in found.findings if f.code == code) == fix


def test_a_transport_behind_a_bare_parameter_is_overlooked():
    assert fields(parsed(URI, "sip:u@h.example;lr;transport=tcp"))["transport"] == "udp"
    assert fields(parsed(URI, "sip:u@h.example;lr;x=1;transport=tcp"))["transport"] == "tcp"
    assert fields(parsed(URI, "sip:u@h.example;transport=tcp;lr"))["transport"] == "tcp"


@pytest.mark.parametrize(
    "text",
    ["sip:100@h.example", "sips:100@h.example", "sip:u@[2001:db8::1]:5070", "sip:u:p@h.example:5061;transport=tls"],
)
def test_right_ones(text):
    assert loud(parsed(URI, text)) == []
    assert codes_of(parsed(URI, text)) == []


def test_the_line_of_a_uri_is_told():
    assert {f.span.line for f in parsed(URI, "\n\nhost\n").findings} == {3}


@given(st.text(alphabet="QXZ79:@/?~;#ß", min_size=5, max_size=10).filter(lambda s: s.strip() == s))
@settings(max_examples=80, deadline=None)
def test_what_may_be_a_password_is_not_told(secret):
    for text in (f"100:{secret}", f"register => 100:{secret}@h.example", f"sip:100:{secret}@h.example"):
        explanation = explain(text, dialect=URI)
        assert secret not in report(explanation)
        assert all(secret not in f.message + f.fix for f in explanation.parsed.findings)
