"""The cut order of chan_sip, row by row, and what it makes of the odd ones."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import Trunk
from mockregistrar.trunks.asterisk.chan_sip_cuts import cut, trunk_of
from mockregistrar.trunks.c_numbers import c_integer, port_number
from mockregistrar.trunks.positions import Mapped, decode, encode

DEFAULTS = asdict(Trunk("", ""))


def real(text: str, default_expiry: int = 120) -> Trunk | None:
    return trunk_of(cut(Mapped.from_text(text)), default_expiry)


def fields(**given_fields):
    return {**DEFAULTS, **given_fields}


DOCUMENTED = {
    # the register-line tests in Asterisk's own source
    "name@domain": fields(user="name", host="domain"),
    "name:pass@domain": fields(user="name", secret="pass", host="domain"),
    "name@namedomain:pass:authuser@domain": fields(
        user="name", domain="namedomain", secret="pass", auth_user="authuser", host="domain"
    ),
    "name@namedomain:pass:authuser@domain/extension": fields(
        user="name", domain="namedomain", secret="pass", auth_user="authuser", host="domain", extension="extension"
    ),
    "tcp://name@namedomain:pass:authuser@domain/extension": fields(
        user="name",
        domain="namedomain",
        secret="pass",
        auth_user="authuser",
        host="domain",
        extension="extension",
        transport="tcp",
    ),
    "tls://name@namedomain:pass:authuser@domain/extension~111": fields(
        user="name",
        domain="namedomain",
        secret="pass",
        auth_user="authuser",
        host="domain",
        extension="extension",
        transport="tls",
        port=5061,
        expiry=111,
    ),
    "peer?tcp://name@namedomain:pass:authuser@domain:1234/extension~111": fields(
        user="name",
        domain="namedomain",
        secret="pass",
        auth_user="authuser",
        host="domain",
        port=1234,
        extension="extension",
        transport="tcp",
        expiry=111,
        peer="peer",
    ),
    "peer?name@namedomain:pass:authuser@domain:1234/extension~111": fields(
        user="name",
        domain="namedomain",
        secret="pass",
        auth_user="authuser",
        host="domain",
        port=1234,
        extension="extension",
        expiry=111,
        peer="peer",
    ),
    "name@namedomain:4321:pass:authuser@domain": fields(
        user="name", domain="namedomain", domain_port=4321, secret="pass", auth_user="authuser", host="domain"
    ),
    "name@namedomain:4321::@domain": fields(user="name", domain="namedomain", domain_port=4321, host="domain"),
}

ODD = {
    # a field in quotes may hold separators; nothing else lets them in
    'user:"p:a/s?s"@host': fields(user="user", secret="p:a/s?s", host="host"),
    r"user:pa\:ss@host": fields(user="user", secret=r"pa\:ss", host="host"),
    # unbalanced brackets and quotes hide the cuts behind them, brackets also inside quotes
    "user:p(w:auth@host": fields(user="user", secret="p(w:auth", host="host"),
    "(user:pass@host": fields(user="(user:pass", host="host"),
    "user:pa(ss@host": fields(user="user", secret="pa(ss", host="host"),
    'user:"p(w":auth@host': fields(user="user", secret='"p(w":auth', host="host"),
    # the last `@` counts
    "user:p@ss@host": fields(user="user", secret="p@ss", host="host"),
    "user:pass@ho@st": fields(user="user", secret="pass@ho", host="st"),
    "user@dom.ain:pass@host": fields(user="user", domain="dom.ain", secret="pass", host="host"),
    # plain characters
    "user:pa%40ss@host": fields(user="user", secret="pa%40ss", host="host"),
    "user:'pass'@host": fields(user="user", secret="'pass'", host="host"),
    "user:pässwörd#1@host": fields(user="user", secret="pässwörd#1", host="host"),
    # hosts
    "user:p@2001:db8::1": fields(user="user", secret="p", host="2001"),
    "user:p@[2001:db8::1]:5070": fields(user="user", secret="p", host="[2001:db8::1]", port=5070),
    # transports by three letters
    "tcpfoo://u:p@h": fields(user="u", secret="p", host="h", transport="tcp"),
    "TLS://u:p@h": fields(user="u", secret="p", host="h", transport="tls", port=5061),
    "ws://u:p@h": fields(user="u", secret="p", host="h"),
    # numbers
    "u:p@h:5060abc": fields(user="u", secret="p", host="h"),
    "u:p@h:5O60": fields(user="u", secret="p", host="h", port=5),
    "u:p@h:50 60": fields(user="u", secret="p", host="h", port=50),
    "u:p@h:70000": fields(user="u", secret="p", host="h"),
    "u:p@h~": fields(user="u", secret="p", host="h", expiry=0),
    "u:p@h~soon": fields(user="u", secret="p", host="h", expiry=0),
    "u:p@h~60/100": fields(user="u", secret="p", host="h", expiry=60),
    "u:p@h/": fields(user="u", secret="p", host="h"),
    "u:p:@h": fields(user="u", secret="p", host="h"),
    # three colons and more
    "u:a:b:c@h": fields(user="u", secret="b", auth_user="c", host="h"),
    # a scheme without slashes
    "tls:u:p@h": fields(user="tls", secret="u", auth_user="p", host="h"),
    # blanks at the ends of fields go, one pair of quotes goes
    " u : p @ h ": fields(user="u", secret="p", host="h"),
    'u:"p"@"h"/"100"~"60"': fields(user="u", secret="p", host="h", extension="100", expiry=60),
    '"u:p@h"': fields(user='"u:p', host='h"'),
    "user?@host": fields(user="user", host="host"),
    "peer?//u:p@h": fields(user="u", secret="p", host="h", peer="peer"),
    # a backslash in front of the `@` makes it read on in the right half
    "u:pass\\@host:5070": fields(user="u", secret="pass\\", auth_user="5070", host="host"),
}

REFUSED = {
    "": "no-at",
    "hello": "no-at",
    "peer?name:pass:authuser:1234/extension~111": "no-at",
    "@domin:1234": "empty-left",
    "u:p@": "empty-right",
    "u:pa/ss@h": "slash",
    "u:p/a/ss@h": "slash",
    "tcp:/u:p@h": "slash",
    "//user:pass@host": "underflow",
    "u:pass\\@host/100": "slash",
}


@pytest.mark.parametrize(("text", "expected"), [*DOCUMENTED.items(), *ODD.items()])
def test_a_value_is_cut_as_chan_sip_cuts_it(text, expected):
    trunk = real(text)
    assert trunk is not None
    assert asdict(trunk) == expected


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_a_value_is_refused_as_chan_sip_refuses_it(text, why):
    assert cut(Mapped.from_text(text)).refused == why
    assert real(text) is None


def test_all_behind_octet_255_is_gone():
    text = "u:" + "p" * 240 + "@host.example.com"
    trunk = real(text)
    assert trunk is not None
    assert trunk.host == "host.example.com"[: 255 - len("u:" + "p" * 240 + "@")]


def test_the_limit_counts_octets_and_may_halve_a_character():
    text = "u:p@h/" + "é" * 125  # 6 + 250 octets: the last character loses one
    trunk = real(text)
    assert trunk is not None
    assert trunk.extension == "é" * 124 + decode(b"\xc3")


@pytest.mark.parametrize(
    ("octets", "number"),
    [
        (b"5060", 5060),
        (b" 5060", 5060),
        (b"+5060", 5060),
        (b"-1", -1),
        (b"", None),
        (b"x", None),
        (b"0x10", 0),
        (b"4294972356", 5060),  # wraps at 2**32
        (b"9" * 40, -1),
    ],
)
def test_numbers_are_read_as_c_reads_them(octets, number):
    assert c_integer(octets) == number


def test_a_port_has_a_range():
    assert port_number(b"65535") == 65535
    assert port_number(b"65536") is None
    assert port_number(b"0") is None


@given(st.binary(max_size=400))
@settings(max_examples=120, deadline=None)
def test_no_octets_make_it_raise(octets):
    text = decode(octets)
    found = cut(Mapped.from_text(text))
    trunk_of(found)
    for start, stop in found.fields.values():
        assert 0 <= start <= stop <= len(octets)


@given(st.text(alphabet='up:@/?~"()[]\\ 50é', max_size=40))
@example("é//0@0")
@settings(max_examples=500, deadline=None)
def test_the_fields_are_where_the_spans_say(text):
    found = cut(Mapped.from_text(text, line=7, column=3))
    for name in found.fields:
        span = found.span(name)
        assert span is not None
        assert span.line == 7
        shown = text[span.column - 3 : span.end - 3]
        if name == "transport":  # its last octet is dropped, be it half a character
            assert encode(shown).startswith(found.octets(name))
        else:
            assert shown == found.text(name)


def test_spans_count_code_points():
    found = cut(Mapped.from_text("ü:pé@hö"))
    assert found.span("secret").column == 3
    assert found.span("host").column == 6
    assert encode("ü") == b"\xc3\xbc"
