"""URIs: parsing, the letter kept, and the comparison of RFC 3261 19.1.4 with the RFC's own examples."""

from __future__ import annotations

import dataclasses

import pytest

from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.uri import Uri, canonical_host, is_host


def test_parts() -> None:
    uri = Uri.parse("SIPS:al%69ce:pa$s@Example.COM:5061;Transport=TCP;lr?Subject=a%20b&to=sip:x%40y")
    assert uri == Uri(
        scheme="sips",
        user="al%69ce",
        password="pa$s",
        host="Example.COM",
        port=5061,
        params=(("Transport", "TCP"), ("lr", None)),
        headers=(("Subject", "a%20b"), ("to", "sip:x%40y")),
    )
    assert uri.param("transport") == "TCP"
    assert uri.param("lr") is None
    assert uri.has_param("LR")
    assert not uri.has_param("maddr")
    assert uri.unescaped_user == "alice"
    assert uri.aor == "alice@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@atlanta.com",
        "sip:alice:secretword@atlanta.com;transport=tcp",
        "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sips:1212@gateway.com",
        "sip:alice@192.0.2.4",
        "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip:alice;day=tuesday@atlanta.com",
        "SIP:Host",
        "sip:host.:05060",
        "sip:u@h:0;p;q=1",
        "sip:u:@h",
        "sip:*67#@pbx",
        "sip:u@my_host.local",
        "sip:[2001:db8::1]:5060",
        "sip:u@[::ffff:192.0.2.1];x=[::1]:80",
        "sip:h?a=&b=c",
        "tel:+1-201-555-0123;phone-context=x",
        "soap.beep://192.0.2.103:3002",
        "urn:service:sos",
    ],
)
def test_prints_as_written(text: str) -> None:
    uri = Uri.parse(text)
    assert str(uri) == text
    assert uri.equivalent(uri)


def test_prints_from_parts_once_changed() -> None:
    uri = Uri.parse("SIP:a:b@h:05060;x;y=1?z=2")
    assert str(dataclasses.replace(uri, host="other")) == "sip:a:b@other:5060;x;y=1?z=2"
    assert str(dataclasses.replace(uri, user=None, password=None, port=None, params=(), headers=())) == "sip:h"
    assert str(Uri(scheme="tel", opaque="+1")) == "tel:+1"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "expected a scheme"),
        ("alice", "expected a scheme"),
        ("1sip:a", "expected a scheme"),
        (" sip:a", "white space before"),
        ("<sip:a>", "must not stand in <>"),
        ("sip:", "no host at character 5"),
        ("sip:alice@", "no host at character 11"),
        ("sip:@host", "no host"),
        ("sip:a b@h", "white space at character 6"),
        ("sip:a@h ", "white space at character 8"),
        ("sip:a\tb", "white space"),
        ("sip:a<b@h", "'<' at character 6 must be escaped"),
        ('sip:a"b@h', "must be escaped"),
        ("sip:é@h", "must be escaped"),
        ("sip:a\x00@h", "must be escaped"),
        ("sip:a\r\n@h", "must be escaped"),
        ("sip:a%4@h", "% at character 6 starts no escape"),
        ("sip:a%@h", "starts no escape"),
        ("sip:a@h:", "no port behind the colon"),
        ("sip:a@h:x", "no port behind the colon"),
        ("sip:2001:db8::10", "is it an IPv6 address"),
        ("sip:a@h:65536", "the port is above 65535"),
        ("sip:a@h:" + "9" * 5000, "the port is above 65535"),
        ("sip:a@[::1", "no host"),
        ("sip:a@[1::2::3]", "is no IPv6 address"),
        ("sip:a@[2001:db8:::10]", "is no IPv6 address"),
        ("sip:a@h;", "cannot go on at character 8"),
        ("sip:a@h;;x", "cannot go on at character 8"),
        ("sip:a@h;x=", "cannot go on at character 10"),
        ("sip:a@h?", "cannot go on at character 8"),
        ("sip:a@h?b", "no name=value"),
        ("sip:a@h?=c", "no name=value"),
        ("sip:a@a..b", "cannot go on"),
        ("sip:.a", "no host"),
        ("sip:a@b@c", "cannot go on"),
        ("tel:", "cannot be in a URI"),
        ("tel:+1 2", "character 7 cannot be in a URI"),
    ],
)
def test_refused_with_the_place(text: str, detail: str) -> None:
    with pytest.raises(ParseError) as caught:
        Uri.parse(text)
    assert detail in caught.value.detail
    assert caught.value.status == 400
    assert caught.value.offset is not None


EQUAL = [
    # RFC 3261 19.1.4
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
    ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    # escapes: case of the hex digits, reserved characters stay escaped on both sides
    ("sip:a%3bb@h", "sip:a%3Bb@h"),
    ("sip:%23@h", "sip:#@h"),
    ("sip:a@h;p%61r=%41", "sip:a@h;par=a"),
    # hosts
    ("sip:a@[2001:DB8::0:1]", "sip:a@[2001:db8::1]"),
    ("sip:a@[::ffff:192.0.2.1]", "sip:a@[::FFFF:c000:201]"),
    ("SIP:a@h", "sip:a@H"),
    ("tel:+1", "TEL:+1"),
]

UNEQUAL = [
    # RFC 3261 19.1.4
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    # the rules themselves
    ("sip:a@h", "sips:a@h"),
    ("sip:a@h", "sip:h"),
    ("sip:a:b@h", "sip:a@h"),
    ("sip:a:b@h", "sip:a:B@h"),
    ("sip:a;b@h", "sip:a%3Bb@h"),
    ("sip:a@h;user=ip", "sip:a@h"),
    ("sip:a@h;ttl=1", "sip:a@h"),
    ("sip:a@h;maddr=1.2.3.4", "sip:a@h"),
    ("sip:a@h;method=INVITE", "sip:a@h"),
    ("sip:a@h;lr", "sip:a@h;lr=on"),
    ("sip:h?a=1", "sip:h?a=2"),
    ("tel:+1", "tel:+2"),
    ("tel:+1", "sip:+1@h"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equivalent(one: str, other: str) -> None:
    assert Uri.parse(one).equivalent(Uri.parse(other))
    assert Uri.parse(other).equivalent(Uri.parse(one))


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_not_equivalent(one: str, other: str) -> None:
    assert not Uri.parse(one).equivalent(Uri.parse(other))
    assert not Uri.parse(other).equivalent(Uri.parse(one))


def test_equivalence_is_not_transitive_by_the_rfc() -> None:
    on, none, off = (Uri.parse(f"sip:carol@chicago.com{rest}") for rest in (";security=on", "", ";security=off"))
    assert on.equivalent(none)
    assert none.equivalent(off)
    assert not on.equivalent(off)


@pytest.mark.parametrize(
    ("text", "aor"),
    [
        ("sip:alice@Example.com:5060;transport=tcp?x=y", "alice@example.com"),
        ("sips:Alice:secret@example.com.", "Alice@example.com"),
        ("sip:%61l%20ice@h", "al ice@h"),
        ("sip:a%40b@h", "a@b@h"),
        ("sip:example.com", "example.com"),
        ("sip:a@[2001:DB8:0:0::1]:5060", "a@[2001:db8::1]"),
        ("tel:+1-201", "tel:+1-201"),
    ],
)
def test_aor(text: str, aor: str) -> None:
    assert Uri.parse(text).aor == aor


def test_hosts() -> None:
    assert all(is_host(text) for text in ("a", "a.b.", "192.0.2.1", "a_b-c.d", "[::1]", "[::ffff:1.2.3.4]"))
    assert not any(is_host(text) for text in ("", ".", "a..b", "::1", "[::1", "[g::1]", "a b", "[]", "é"))
    assert canonical_host("[2001:DB8:0::1]") == "[2001:db8::1]"
    assert canonical_host("EXAMPLE.com.") == "example.com"
