"""Typed header values: Via, name-addr, Contact, CSeq, expires."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.headers import (
    MAX_EXPIRES,
    STAR,
    CSeq,
    NameAddr,
    Via,
    known_name_addr,
    parse_contacts,
    parse_expires,
)
from mockregistrar.sip.uri import Uri


def test_via_parts() -> None:
    via = Via.parse(
        "SIP / 2.0 / UDP  host.example.com : 5070 ;branch=z9hG4bK1; rport ;received=192.0.2.1;maddr=224.2.0.1"
    )
    assert (via.protocol, via.transport, via.host, via.port) == ("SIP/2.0", "UDP", "host.example.com", 5070)
    assert (via.branch, via.received, via.maddr) == ("z9hG4bK1", "192.0.2.1", "224.2.0.1")
    assert (via.has_rport, via.rport) == (True, None)
    assert via.sent_by == "host.example.com:5070"
    assert str(via) == "SIP/2.0/UDP host.example.com:5070;branch=z9hG4bK1;rport;received=192.0.2.1;maddr=224.2.0.1"


@pytest.mark.parametrize(
    ("params", "has", "port"),
    [
        ("", False, None),
        (";rport", True, None),
        (";RPort=5061", True, 5061),
        (";rport=x", True, None),
        (";rport=70000", True, None),
    ],
)
def test_via_rport(params: str, has: bool, port: int | None) -> None:
    via = Via.parse(f"SIP/2.0/UDP h{params}")
    assert (via.has_rport, via.rport) == (has, port)


@pytest.mark.parametrize(
    "text",
    [
        "SIP/2.0/UDP h",
        "SIP/2.0/TLS-SCTP [2001:db8::1]:5061;branch=z9hG4bK-a.b",
        'SIP/7.0/UDP h;x="quoted;,\\"";y',
        "SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks;alias",
    ],
)
def test_via_prints_as_written(text: str) -> None:
    assert str(Via.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0 h",
        "SIP/2.0/UDPh",
        "SIP/2.0/UDP h;",
        "SIP/2.0/UDP h;;branch=a",
        "SIP/2.0/UDP h x",
        "SIP/2.0/UDP h:",
        "SIP/2.0/UDP h:99999",
        "SIP/2.0/UDP [::g]",
        "SIP/2.0/UDP [1::2::3]",
        "SIP/2.0/UDP 2001:db8::1",
        'SIP/2.0/UDP h;branch="a',
        "SIP/2.0/UDP h\x00",
    ],
)
def test_via_refused(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        Via.parse(text)
    assert caught.value.status == 400


def test_via_lists() -> None:
    vias = Via.parse_list('SIP/2.0/UDP a;x="1,2" , SIP/2.0/TCP b')
    assert [via.host for via in vias] == ["a", "b"]
    for value in ("", "SIP/2.0/UDP a,", ",SIP/2.0/UDP a"):
        with pytest.raises(ParseError, match="element of the list is empty"):
            Via.parse_list(value)


@pytest.mark.parametrize(
    ("text", "display", "uri", "params"),
    [
        ("<sip:a@b>", None, "sip:a@b", ()),
        ("sip:a@b", None, "sip:a@b", ()),
        ("sip:a@b;tag=1;x", None, "sip:a@b", (("tag", "1"), ("x", None))),
        ("  sip:a@b ; tag = 1 ", None, "sip:a@b", (("tag", "1"),)),
        ("<sip:a@b;lr?x=y>;tag=1", None, "sip:a@b;lr?x=y", (("tag", "1"),)),
        ("Alice <sip:a@b>", "Alice", "sip:a@b", ()),
        ("Alice<sip:a@b>", "Alice", "sip:a@b", ()),
        ("A. B. Sea   <sip:a@b>", "A. B. Sea", "sip:a@b", ()),
        ('"A, \\"B\\" <C>; \\\\" <sip:a@b>;tag=1', 'A, "B" <C>; \\', "sip:a@b", (("tag", "1"),)),
        ('"" <sip:a@b>', "", "sip:a@b", ()),
        ("José 李 <sip:a@b>", "José 李", "sip:a@b", ()),
        ("\udce9 <sip:a@b>", "\udce9", "sip:a@b", ()),
        ("<sip:a,b;c@d>;x", None, "sip:a,b;c@d", (("x", None),)),
        (
            '<sip:a@b>;+sip.instance="<urn:uuid:0>";reg-id=1',
            None,
            "sip:a@b",
            (("+sip.instance", '"<urn:uuid:0>"'), ("reg-id", "1")),
        ),
        ("tel:+1;x=1", None, "tel:+1", (("x", "1"),)),
    ],
)
def test_name_addr(text: str, display: str | None, uri: str, params: tuple[tuple[str, str | None], ...]) -> None:
    address = NameAddr.parse(text)
    assert (address.display, address.uri_text, address.params) == (display, uri, params)
    assert address.uri == Uri.parse(uri)
    assert NameAddr.parse(str(address)) == address


def test_name_addr_params_unquoted() -> None:
    address = NameAddr.parse('<sip:a@b>;Tag=x;+sip.instance="<urn:uuid:\\"1>";lr')
    assert address.tag == "x"
    assert address.param("+SIP.instance") == '<urn:uuid:"1>'
    assert address.has_param("lr")
    assert address.param("lr") is None
    assert not address.has_param("q")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "there is no URI"),
        (";tag=1", "there is no URI"),
        ("<>", "expected a scheme"),
        ("<sip:a@b", "is never closed"),
        ('"Alice <sip:a@b>', "the quote at character 1 is never closed"),
        ('Al"ice <sip:a@b>', "the quote at character 3"),
        ('"a" b <sip:a@b>', "the quote at character 1"),
        ("sip:a@b>", "the > at character 8 was never opened"),
        ("Bell, Alexander <sip:a@b>", "a display name with ',' (character 5) must be quoted"),
        ("a@b <sip:a@b>", "a display name with '@' (character 2) must be quoted"),
        ("< sip:a@b>", "white space before the URI"),
        ("<sip:a@b >", "white space at character 8"),
        ("<sip:a@b> x", "expected a parameter"),
        ("<sip:a@b>;", "expected a parameter"),
        ("<sip:a@b>;tag=", "expected a parameter"),
        ("sip:a@b?x=y", "with ? at character 8 must stand in <>"),
        ("sip:a,b@c", "comma at character 6"),
        ("alice", "expected a scheme"),
        ("<alice@b>", "expected a scheme"),
    ],
)
def test_name_addr_refused(text: str, detail: str) -> None:
    with pytest.raises(ParseError) as caught:
        NameAddr.parse(text)
    assert detail in caught.value.detail
    assert caught.value.status == 400


def test_known_name_addr_is_a_name_addr() -> None:
    known = known_name_addr("A", "sip:a@b", (("q", "1"),))
    assert known == NameAddr.parse('"A" <sip:a@b>;q=1')
    assert hash(known) == hash(NameAddr("A", "sip:a@b", (("q", "1"),)))
    assert known.uri.user == "a"
    assert known.uri is known.uri
    with pytest.raises(dataclasses.FrozenInstanceError):
        known.display = "B"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(known)) == known


def test_contacts() -> None:
    contacts = parse_contacts(['"A, B" <sip:a@b>;expires=5, sip:c@d;q=0.5', "<sip:e,f@g>"])
    assert contacts is not STAR
    assert [contact.uri_text for contact in contacts] == ["sip:a@b", "sip:c@d", "sip:e,f@g"]
    assert [contact.param("expires") for contact in contacts] == ["5", None, None]
    assert parse_contacts([]) == []
    assert parse_contacts(["*"]) is STAR
    assert parse_contacts([" * "]) is STAR


@pytest.mark.parametrize("values", [["*", "<sip:a@b>"], ["<sip:a@b>, *"], ["*, *"], ["*", "*"]])
def test_star_stands_alone(values: list[str]) -> None:
    with pytest.raises(ParseError, match="beside other contacts"):
        parse_contacts(values)


@pytest.mark.parametrize("values", [[""], ["<sip:a@b>,"], [",<sip:a@b>"], ["<sip:a@b>", ""], ["*;expires=0"]])
def test_contacts_refused(values: list[str]) -> None:
    with pytest.raises(ParseError):
        parse_contacts(values)


def test_cseq() -> None:
    assert CSeq.parse("1 REGISTER") == CSeq(1, "REGISTER")
    assert CSeq.parse(" 0009 \t INVITE ") == CSeq(9, "INVITE")
    assert CSeq.parse("2147483647 ACK").number == 2**31 - 1
    assert CSeq.parse("1 register").method == "register"
    assert str(CSeq(9, "INVITE")) == "9 INVITE"


@pytest.mark.parametrize(
    "text",
    ["", "1", "REGISTER", "1REGISTER", "-1 A", "+1 A", "2147483648 A", "9" * 5000 + " A", "1 A B", "1 A/B", "٣ A"],
)
def test_cseq_refused(text: str) -> None:
    with pytest.raises(ParseError):
        CSeq.parse(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        (" 3600 ", 3600),
        ("4294967295", MAX_EXPIRES),
        ("4294967296", MAX_EXPIRES),
        ("4294967297", MAX_EXPIRES),
        ("1" + "0" * 100, MAX_EXPIRES),
        ("-1", None),
        ("", None),
        ("1h", None),
        ("1.5", None),
        ("0x10", None),
        ("١", None),
    ],
)
def test_parse_expires(text: str, seconds: int | None) -> None:
    assert parse_expires(text) == seconds
