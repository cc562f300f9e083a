"""The short way for the usual REGISTER against the careful one: what it takes, it must read alike."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.sip import Flow, ParseError, Request, key_of, parse, response, response_target
from mockregistrar.sip._reading import parse_unusual
from mockregistrar.sip._usual import UsualRequest, read_usual

FLOW = Flow("udp", ("192.0.2.2", 5060), ("192.0.2.9", 40001))
ZONED = Flow("udp", ("fe80::1%lo", 5060), ("fe80::2%lo", 40001))
ANSWERS = [
    (401, "", [("WWW-Authenticate", 'Digest realm="r"')]),
    (200, "OK", [("Contact", "<sip:a@b>"), ("Date", "now")]),
    (400, "Bad", []),
]
VIEWS = (
    "method", "uri", "version", "body", "headers", "vias", "top_via", "from_", "to", "cseq", "call_id", "contacts",
    "expires", "max_forwards", "branch", "branch_key", "sent_host", "sent_port", "rport", "from_tag", "from_aor",
    "to_tag", "to_aor", "cseq_number", "plain_contact", "credentials", "user_agent", "has_require", "request_uri",
    "_plain_via",
)  # fmt: skip

LINES = {
    "via": [
        "Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK-1",
        "Via: SIP/2.0/TCP Host.Example;branch=z9hG4bK-2;rport",
        "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK-3",
        "Via: SIP/2.0/UDP h:65535;branch=z9hG4bK-3",
        "Via: SIP/2.0/UDP h:65536;branch=z9hG4bK-3",
        "Via: SIP/2.0/UDP h;rport;branch=z9hG4bK-3;rport",
        "Via: SIP/2.0/UDP h;rport=1;branch=z9hG4bK-3",
        "Via: SIP/2.0/UDP h;branch=z9hG4bK",
        "Via: SIP/2.0/UDP h;branch=old",
        "Via: SIP/2.0/UDP a..b;branch=z9hG4bK-3",
        "Via: SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK-3",
        "Via: SIP/2.0/UDP h;branch=z9hG4bK-3, SIP/2.0/UDP i;branch=z9hG4bK-4",
        "v: SIP/2.0/UDP h;branch=z9hG4bK-3",
    ],
    "from": [
        "From: <sip:alice@example.com>;tag=f",
        'From: "A, B" <sip:alice@Example.com:5060;user=phone>;tag=f',
        "From: Alice <sips:example.com>",
        "From: sip:alice@example.com;tag=f",
        "From: <sip:alice@example..com>;tag=f",
        "From: <sip:al%69ce@example.com>;tag=f",
        "From:  <sip:alice@example.com>;tag=f ",
        "FROM: <sip:alice@example.com>;tag=f",
        "From: <tel:+1>;tag=f",
    ],
    "to": [
        "To: <sip:alice@example.com>",
        "To: Al <sip:Alice@EXAMPLE.com>;tag=t",
        "To: <sip:example.com>",
        "To: <sip:a@b>;tag=t;x=y",
        "To: <sip:a@..b>",
    ],
    "call-id": ["Call-ID: c1@192.0.2.1", "Call-ID: a b", "Call-ID: ", "i: c1"],
    "cseq": ["CSeq: 7 REGISTER", "CSeq: 0007 REGISTER", "CSeq: 7 OPTIONS", "CSeq: 9999999999 REGISTER", "CSeq: x"],
    "contact": [
        "",
        "Contact: <sip:alice@192.0.2.1:5060;ob>",
        'Contact: "A" <sip:alice@192.0.2.1>;expires=60;+sip.instance="<urn:uuid:1>"',
        "Contact: *",
        "Contact: sip:alice@192.0.2.1",
        "Contact: <sip:a@b>, <sip:a@c>",
        "Contact: <sip:a@b..c>",
        "Contact: ",
    ],
    "expires": ["", "Expires: 3600", "Expires: 0", "Expires: 99999999999", "Expires: -1", "Expires: x"],
    "hops": ["", "Max-Forwards: 70", "Max-Forwards: 300", "Max-Forwards: x"],
    "length": [
        "",
        "Content-Length: 0",
        "Content-Length:  0",
        "Content-Length:0",
        "Content-Length: 1",
        "Content-Length: 00",
        "l: 0",
    ],
    "more": [
        "",
        'Authorization: Digest username="a", realm="r"',
        "Authorization:  Basic x ",
        "User-Agent: Some thing/1.0\t",
        "Supported: path, outbound",
        "Allow: INVITE, ACK\r\nAllow: BYE",
        "Require: outbound",
        "Route: <sip:h;lr>",
        "X-Other: 1",
        "Subject: caf\u00e9",
        "Allow: a\r\n b",
        "User-Agent: a\rb",
    ],
    "end": ["", "", "", "body", "\r\n"],
}
ORDER = tuple(LINES)[:-1]


def same(data: bytes) -> bool:
    """Whether the short way takes `data`; fail where it then says anything else than the careful way."""
    quick = read_usual(data)
    if quick is None:
        return False
    careful = parse_unusual(data)
    assert isinstance(careful, Request)
    careful.check()
    quick.check()
    for name in ("sent_port", "sent_host", "rport", "to_tag"):  # set, not made from the header fields
        assert getattr(quick, name) == getattr(careful, name), name
    for flow in (FLOW, ZONED):
        assert key_of(quick, flow) == key_of(careful, flow)
        assert response_target(quick, flow) == response_target(careful, flow)
        for status, reason, headers in ANSWERS:
            for tag in ("t", ""):
                made = [
                    response(each, status, reason, to_tag=tag, source=flow.remote, headers=headers)
                    for each in (quick, careful)
                ]
                assert made[0] == made[1]
    for name in VIEWS:
        assert getattr(quick, name) == getattr(careful, name), name
    assert (quick.raw, quick.fields(), str(quick)) == (careful.raw, careful.fields(), str(careful))
    return True


def made_of(chosen: dict[str, str], order: tuple[str, ...], uri: str = "sip:example.com") -> bytes:
    lines = [f"REGISTER {uri} SIP/2.0", *[chosen[name] for name in order if chosen[name]]]
    return ("\r\n".join(lines) + "\r\n\r\n" + chosen["end"]).encode()


def first_of_each() -> dict[str, str]:
    """Return the usual lines, their Request-URI known."""
    usual = {name: choices[0] for name, choices in LINES.items()}
    parse(made_of(usual, ORDER)).check()
    return usual


@pytest.mark.parametrize("name", LINES)
def test_each_line(name: str) -> None:
    usual = first_of_each()
    taken = [same(made_of({**usual, name: line}, ORDER)) for line in LINES[name]]
    assert taken[0]
    assert name in ("end", "cseq") or not all(taken)


def test_any_order_and_no_field_twice() -> None:
    usual = first_of_each()
    full = {**usual, "contact": LINES["contact"][1], "expires": "Expires: 60", "hops": "Max-Forwards: 70"}
    assert same(made_of(full, ORDER))
    assert same(made_of(full, ORDER[::-1]))
    for name in ("via", "from", "to", "call-id", "cseq", "contact", "expires", "hops"):
        assert not same(made_of(full, (*ORDER, name))), name
        without = tuple(each for each in ORDER if each != name)
        assert same(made_of(full, without)) == (name in ("contact", "expires", "hops")), name
    assert same(made_of({**full, "more": "Supported: path\r\nSupported: gruu"}, ORDER))


@settings(max_examples=600, deadline=None)
@given(
    st.fixed_dictionaries({name: st.sampled_from(choices) for name, choices in LINES.items()}),
    st.permutations(ORDER),
    st.lists(st.sampled_from(ORDER), max_size=1),
    st.sampled_from(["sip:example.com", "sip:example.com:5060", "sips:e", "tel:+1", "sip:..", "sip:a?b=c"]),
)
def test_any_choice_of_lines(chosen: dict[str, str], order: list[str], again: list[str], uri: str) -> None:
    data = made_of(chosen, (*order, *again), uri)
    with contextlib.suppress(ParseError):
        parse(data).check()  # the Request-URI is known from here on
    same(data)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_nearly_usual(data: st.DataObject) -> None:
    whole = made_of({**first_of_each(), "contact": LINES["contact"][2], "more": LINES["more"][1]}, ORDER)
    at = data.draw(st.integers(0, len(whole)))
    cut = data.draw(st.integers(0, 3))
    put = data.draw(
        st.sampled_from([b"", b" ", b"\r\n", b"\n", b"\r", b"\0", b";", b".", b"..", b",", b'"', b"\xff", b"%", b"0"])
    )
    mutated = whole[:at] + put + whole[at + cut :]
    with contextlib.suppress(ParseError):
        parse(mutated).check()
    same(mutated)


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "torture").glob("*.dat")), ids=lambda path: path.stem)
def test_torture(path: Path) -> None:
    data = path.read_bytes()
    with contextlib.suppress(ParseError):
        parse(data).check()
    same(data)


def test_parse_takes_the_short_way_from_the_first_request_on() -> None:
    request = parse(made_of(first_of_each(), ORDER, "sip:never-seen-before.example"))
    assert type(request) is UsualRequest
    assert str(request.request_uri) == "sip:never-seen-before.example"
    assert "UsualRequest" not in repr(request)


@pytest.mark.parametrize("uri", ["sip:a.example?h=v", "sip:a.example:65536", f"sip:{'a' * 130}.example"])
def test_a_request_uri_to_look_at_goes_the_careful_way(uri: str) -> None:
    data = made_of(first_of_each(), ORDER, uri)
    assert type(parse(data)) is Request
    same(data)


CLIENTS = {
    "chan_sip": """\
REGISTER sip:carrier.test SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2ae4c3b1;rport
Max-Forwards: 70
From: <sip:100@carrier.test>;tag=as3c1f7e0b
To: <sip:100@carrier.test>
Call-ID: 5f1b@[::1]
CSeq: 103 REGISTER
Supported: replaces, timer
User-Agent: Asterisk PBX 16.2.1~dfsg
Authorization: Digest username="100", realm="r", algorithm=MD5, uri="sip:carrier.test", nonce="n", response="0"
Expires: 120
Contact: <sip:100@192.0.2.1:5060>
Content-Length: 0

""",
    "PJSIP": """\
REGISTER sip:carrier.test:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKPj1e0c-4d
Max-Forwards: 70
From: "Al" <sip:100@carrier.test>;tag=9f
To: "Al" <sip:100@carrier.test>
Call-ID: 0c7a-11
CSeq: 5711 REGISTER
Route: <sip:carrier.test;lr>
User-Agent: PJSUA v2.13
Contact: "Al" <sip:100@192.0.2.1:5060;ob>
Expires: 300
Allow: PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, REFER, MESSAGE, OPTIONS
Content-Length:  0

""",
    "linphone": """\
REGISTER sip:carrier.test SIP/2.0
Via: SIP/2.0/TCP 192.0.2.1:41000;branch=z9hG4bK.a~B3;rport
From: <sip:100@carrier.test>;tag=i0f~
To: sip:100@carrier.test
CSeq: 20 REGISTER
Call-ID: sKq2-yM
Max-Forwards: 70
Supported: replaces, outbound, gruu, path
Accept: application/sdp, text/plain
Contact: <sip:100@192.0.2.1:41000;transport=tcp>;+sip.instance="<urn:uuid:6f>";+org.linphone.specs="lime"
Expires: 3600
User-Agent: Linphone/5.1 (belle-sip/5.2)

""",
    "SIPp": """\
REGISTER sip:carrier.test SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-77-1-0
Max-Forwards: 70
From: "sipp" <sip:100@carrier.test>;tag=77SIPpTag001
To: "sipp" <sip:100@carrier.test>
Call-ID: 1-77@192.0.2.1
CSeq: 1 REGISTER
Contact: <sip:100@192.0.2.1:5060>;transport=UDP
Expires: 60
Content-Length: 0

""",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_what_clients_send_is_usual(client: str) -> None:
    data = CLIENTS[client].replace("\n", "\r\n").encode()
    parse(data).check()
    assert same(data) == (client != "linphone")  # a To without <> is left to the careful way


def test_long_heads_take_the_careful_way() -> None:
    usual = first_of_each()
    assert read_usual(made_of({**usual, "more": f"User-Agent: {'x' * 1500}"}, ORDER)) is not None
    assert read_usual(made_of({**usual, "more": f"User-Agent: {'x' * 2500}"}, ORDER)) is None


def test_nothing_gets_into_an_answer() -> None:
    request = read_usual(made_of(first_of_each(), ORDER))
    assert request is not None
    for value in ("a\r\nb", "a\nb", "a\rb"):
        with pytest.raises(ValueError, match="CR or LF"):
            response(request, 200, to_tag="t", source=FLOW.remote, headers=[("X", value)])
        with pytest.raises(ValueError, match="CR or LF"):
            response(request, 200, value, to_tag="t", source=FLOW.remote)
