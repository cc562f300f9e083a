"""What was probably meant by URIs that pjsip refuses, and that their passwords do not show."""

from __future__ import annotations

import pytest
from growth import assert_linear_reading

from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri
from mockregistrar.trunks.uris.uri_repair import hide_password, repaired


def meant(text: str) -> str:
    bad = pjsip_uri.parse(text)
    assert isinstance(bad, BadUri)
    assert text[bad.start : bad.stop] or bad.start == bad.stop
    return repaired(text, bad)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100@h.example", "sip:100@h.example"),
        ("sip.acme.example", "sip:sip.acme.example"),
        ("sip-a.acme.example:5070", "sip:sip-a.acme.example:5070"),
        ("sip 100@h.example", "sip:100@h.example"),
        ("tls:h.example", "sip:h.example;transport=tls"),
        ("tcp://h.example:5060", "sip:h.example:5060;transport=tcp"),
        ("http://h.example", "sip:h.example"),
        ("sip://h.example", "sip:h.example"),
        ("sip:sip:h.example", "sip:h.example"),
        ("sip: 100@h.example", "sip:100@h.example"),
        ("sip:+49 30 12@h.example", "sip:+493012@h.example"),
        ("sip:a b@h.example", "sip:a%20b@h.example"),
        ("sip:a:p#w@h.example", "sip:a:p%23w@h.example"),
        ("sip:a@b@h.example", "sip:a%40b@h.example"),
        ("sip:ü@h.example", "sip:%C3%BC@h.example"),
        ("“sip:h.example”", "sip:h.example"),
        ("sip:100\u200b@h.example", "sip:100@h.example"),
        ("sip:h.example:5O60", "sip:h.example:5060"),
        ("sip:h.example:5060:5060", "sip:h.example:5060"),
        ("sip:h.example:5060/tcp", "sip:h.example:5060;transport=tcp"),
        ("sip:h.example/", "sip:h.example"),
        ("sip:h.example;", "sip:h.example"),
        ("sip:h.example # main", "sip:h.example"),
        ("sip:h,example", "sip:h.example"),
        ("sip:a@2001:db8::1", "sip:a@[2001:db8::1]"),
        ("sip:a@2001:db8::1:5070", "sip:a@[2001:db8::1]:5070"),
        ("<sip:a@h.example>;expires=60", "sip:a@h.example"),
        ("<sip:a@h.example", "sip:a@h.example"),
        ("im:a@h.example", ""),
        ("mailto:a@h.example", ""),
        ("tel:+4930123", ""),
        ("sip:", ""),
        ("", ""),
    ],
)
def test_what_was_meant(text, expected):
    found = meant(text)
    assert found == expected
    assert not found or isinstance(pjsip_uri.parse(found), PjUri)


@pytest.mark.parametrize(
    "text",
    [
        "sip:100:hunter22@h.example:5O60",
        "100:hunter22@h.example",
        "sip:100:hunter22]h.example",
        '"Al" "ip:100:hunter22@h.example',
        "sip:a@b:hunter22@h.example",
        "<sip:100:hunter22@h.example",
    ],
)
def test_what_could_be_a_password_is_hidden(text):
    notes = Notes()
    hide_password(Piece(text, 1, 1), notes)
    assert any("hunter22" in secret for secret in notes.secrets)
    notes.add("SR204", Piece(text, 1, 1).span, f"it is {text}")
    assert "hunter22" not in notes.done()[0].message


@pytest.mark.parametrize("text", ["sip:h.example:5060", "sip:100@h.example", "h.example", "sip:h.example:5O60"])
def test_what_is_no_password_stays_visible(text):
    notes = Notes()
    hide_password(Piece(text, 1, 1), notes)
    assert notes.secrets == set()


@pytest.mark.parametrize("unit", ["sip:", "a@", ":", "/", " ", "\u200b", "sip:a:b@", "[", ";x="])
def test_time_is_linear(unit):
    def read(text):
        bad = pjsip_uri.parse(text)
        if isinstance(bad, BadUri):
            repaired(text, bad)
        hide_password(Piece(text, 1, 1), Notes())

    assert_linear_reading(read, unit, small=2000)
