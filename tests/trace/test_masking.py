"""Masking: no secret stays, in whatever form it stands, and nothing else goes."""

from __future__ import annotations

import html
import string
import urllib.parse

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mockregistrar.trace.masking import Masker, is_weak

SECRET = 'p@s;"\\&<é'
HEAD = (
    b"REGISTER sip:sip.acme.example SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK100\r\n"
    b'From: "100" <sip:100@sip.acme.example>;tag=1001\r\n'
    b"CSeq: 100 REGISTER\r\nContent-Length: 0\r\n\r\n"
)


def test_without_secrets_nothing_is_touched():
    masker = Masker(["", ""])
    text, data = "some text", b"some octets"
    assert not masker
    assert masker.text(text) is text
    assert masker.octets(data) is data


def test_one_dot_per_character_and_one_star_per_octet():
    masker = Masker(["geheimnis", "pässword"])
    assert masker.text("secret=geheimnis;pässword") == "secret=•••••••••;••••••••"
    assert masker.octets("geheimnis pässword".encode()) == b"********* *********"


def test_octets_that_hold_no_secret_come_back_as_they_are():
    data = b"REGISTER \xff\xfe"
    assert Masker(["geheim"]).octets(data) is data


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        urllib.parse.quote(SECRET, safe=""),
        urllib.parse.quote(SECRET, safe="").lower(),
        "".join(f"%{octet:02x}" for octet in SECRET.encode()),
        SECRET.replace("@", "%40"),
        SECRET.replace("\\", "\\\\").replace('"', '\\"'),
        "".join("\\" + char for char in SECRET),
        html.escape(SECRET),
        html.escape(SECRET.replace("\\", "\\\\").replace('"', '\\"')),
        html.escape(urllib.parse.quote(SECRET, safe="&")),
        "".join(f"&#{ord(char)};" for char in SECRET),
        "".join(f"&#x{ord(char):X};" for char in SECRET),
        SECRET.replace("&", "&amp;").replace("@", "&#64;"),
    ],
)
def test_every_form_that_a_secret_can_take_is_masked(form):
    masker = Masker([SECRET])
    assert masker.text(f"a {form} b") == f"a {'•' * len(form)} b"
    octets = form.encode()
    assert masker.octets(b"a " + octets + b" b") == b"a " + b"*" * len(octets) + b" b"


def test_text_from_the_wire_that_is_no_utf8_is_searched_too():
    secret = b"caf\xe9!".decode("utf-8", "surrogateescape")
    masker = Masker([secret])
    assert masker.text(f"x{secret}x%63af%e9!x") == "x•••••x•••••••••x"
    assert masker.octets(b"xcaf\xe9!x") == b"x*****x"


def test_overlapping_and_touching_secrets_are_all_masked():
    assert Masker(["abcd", "cdef", "efgh"]).text("xabcdefghx") == "x••••••••x"
    assert Masker(["aba"]).text("ababa") == "•••••"
    assert Masker(["geheim", "geheimnis"]).text("geheimnis") == "•••••••••"


def test_references_that_mean_nothing_are_left_alone():
    assert Masker(["geheim"]).text("&#9999999;&#xFFFFFF;&#xD800;%zz\\") == "&#9999999;&#xFFFFFF;&#xD800;%zz\\"


SECRETS = st.text(st.characters(codec="utf-8"), min_size=3, max_size=12).filter(lambda secret: not is_weak(secret))
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
FORMS = st.sampled_from(
    [
        lambda secret: secret,
        lambda secret: urllib.parse.quote(secret, safe=""),
        lambda secret: secret.replace("\\", "\\\\").replace('"', '\\"'),
        html.escape,
        lambda secret: html.escape(secret.replace("\\", "\\\\").replace('"', '\\"')),
    ]
)


@given(st.lists(SECRETS, min_size=1, max_size=60), FORMS, TEXT, TEXT)
@example(["000000"] * 3, str, "%30", "")
def test_no_secret_survives_in_text_or_octets(secrets, form, before, after):
    masker = Masker(secrets)
    for secret in secrets[:3]:
        text = before + form(secret) + after
        shown = masker.text(text)
        assert len(shown) == len(text)
        assert secret not in shown
        octets = text.encode()
        masked = masker.octets(octets)
        assert len(masked) == len(octets)
        assume("*" not in secret)
        assert secret.encode() not in masked


@given(st.lists(SECRETS, max_size=5), TEXT)
def test_masking_twice_is_masking_once(secrets, text):
    assume(not any("•" in secret for secret in secrets))
    masker = Masker(secrets)
    once = masker.text(text)
    assert masker.text(once) == once


def test_many_secrets_are_found_like_few():
    secrets = [f"secret{number}x" for number in range(500)]
    text = " ".join(secrets[::50])
    assert set(Masker(secrets).text(text)) == {"•", " "}


# -- weak secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["1", "ab", "100", "5060", "65535", "sip", "SIP", "Digest", "password", "é"])
def test_what_stands_all_over_a_message_is_weak(secret):
    assert is_weak(secret)


@pytest.mark.parametrize("secret", ["abc", "123456", "sips1", "l3tmein", "٣٤٥"])
def test_what_does_not_is_strong(secret):
    assert not is_weak(secret)


def test_a_strong_secret_is_masked_inside_longer_words():
    assert Masker(["abc"]).text("xabcx") == "x•••x"


def test_a_weak_secret_is_masked_as_a_whole_token_only():
    masker = Masker(["100"])
    assert masker.text("register => 200:100@host/1001, 100; 10.0.100.1 z-100 100.") == (
        "register => 200:•••@host/1001, •••; 10.0.100.1 z-100 •••."
    )
    assert masker.text('username="100"') == 'username="•••"'
    assert masker.text("%3100 sip:%31%30%30@host") == "%3100 sip:•••••••••@host"


def test_a_weak_secret_leaves_what_makes_a_message_readable():
    masker = Masker(["100", "sip", "REGISTER", "UDP", "SIP", "To", "realm"])
    assert masker.octets(HEAD) == (
        HEAD.replace(b'"100"', b'"***"')
        .replace(b"sip:100@", b"sip:***@")
        .replace(b"CSeq: 100 REGISTER", b"CSeq: *** ********")
        .replace(b"/UDP", b"/***")
    )
    assert masker.text("SIP/2.0 100 Trying") == "SIP/2.0 100 Trying"
    assert masker.text('realm="realm", sip:sip@sip') == 'realm="•••••", sip:•••@•••'


@given(st.text(string.ascii_letters + string.digits, min_size=1, max_size=2), st.integers(100, 699))
def test_a_weak_secret_never_breaks_a_start_line(secret, status):
    masker = Masker([secret, str(status)])
    assert masker.octets(b"SIP/2.0 %d " % status) == b"SIP/2.0 %d " % status
    assert masker.octets(b"REGISTER sip:host") in {b"REGISTER sip:host", b"REGISTER sip:" + b"*" * 4}
