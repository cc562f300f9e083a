"""The torture messages of RFC 4475 and RFC 5118, each with its outcome.

The octets are in ``torture/``, named as in the RFCs. Where the RFC leaves a choice, the row says
which one was taken. Differences from the RFCs' octets: the binary part of ``mpart01`` is our own
(every octet value and an empty line), and the Content-Length of the RFC 5118 messages with SDP, which
the RFC miscounts, is right.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mockregistrar.sip import ParseError, Request, Response, parse, response
from mockregistrar.sip.framing import FramingError, StreamFramer
from mockregistrar.sip.headers import MAX_EXPIRES, parse_expires

DATA = Path(__file__).parent / "torture"

ACCEPTED = [
    # RFC 4475 3.1.1, valid messages
    "wsinv",
    "intmeth",
    "esc01",
    "escnull",
    "esc02",
    "lwsdisp",
    "longreq",
    "dblreq",
    "semiuri",
    "transports",
    "mpart01",
    "unreason",
    "noreason",
    # 3.1.2, where an element may take what it does not need: the Date is none of our business
    "baddate",
    # 3.2: a branch that is nothing but the cookie
    "badbranch",
    # 3.3, well-formed messages that an application refuses: 416, 404, 420, 415, 401, 483, 406
    "unkscm",
    "novelsc",
    "unksm2",
    "bext01",
    "invut",
    "regaut01",
    "zeromf",
    "cparam01",
    "cparam02",
    "regescrt",
    "sdp01",
    "bcast",
    # 3.4: RFC 2543
    "inv2543",
    # RFC 5118 section 4
    "ipv6-good",
    "port-ambiguous",
    "port-unambiguous",
    "via-received-param-with-delim",
    "via-received-param-no-delim",
    "ipv6-in-sdp",
    "mult-ip-in-header",
    "mult-ip-in-sdp",
    "ipv4-mapped-ipv6",
    "ipv6-bug-abnf-3-colons",
    "ipv6-correct-abnf-2-colons",
]

REFUSED = [
    # name, status (None: dropped without an answer), field that is named
    ("badinv01", 400, "Via"),
    ("clerr", 400, "Content-Length"),
    ("ncl", 400, "Content-Length"),
    ("scalar02", 400, "CSeq"),
    ("scalarlg", None, "CSeq"),
    ("quotbal", 400, "To"),
    ("ltgtruri", 400, "Request-URI"),
    ("lwsruri", 400, "start line"),
    ("lwsstart", 400, "start line"),
    ("trws", 400, "start line"),
    ("escruri", 400, "Request-URI"),
    ("regbadct", 400, "Contact"),
    ("badaspec", 400, "To"),
    ("baddn", 400, "From"),
    ("badvers", 505, "start line"),
    ("mismatch01", 400, "CSeq"),
    ("mismatch02", 400, "CSeq"),
    ("bigcode", None, "start line"),
    ("insuf", 400, "From"),
    ("multi01", 400, "From"),
    ("mcl01", 400, "Content-Length"),
    ("ipv6-bad", 400, "Request-URI"),
]


def octets(name: str) -> bytes:
    return (DATA / f"{name}.dat").read_bytes()


def read(name: str) -> Request:
    message = parse(octets(name))
    assert isinstance(message, Request)
    message.check()
    return message


def test_every_message_has_an_outcome() -> None:
    expected = {*ACCEPTED, *(name for name, _, _ in REFUSED)}
    assert {path.stem for path in DATA.glob("*.dat")} == expected
    assert len(expected) == len(ACCEPTED) + len(REFUSED)


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str) -> None:
    message = parse(octets(name))
    message.check()
    assert message.raw == octets(name)


@pytest.mark.parametrize(("name", "status", "field"), REFUSED)
def test_refused(name: str, status: int | None, field: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(octets(name)).check()
    assert caught.value.status == status
    assert caught.value.field == field


@pytest.mark.parametrize("name", [name for name, status, _ in REFUSED if status is not None])
def test_refused_can_be_answered(name: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(octets(name)).check()
    request = caught.value.request
    assert isinstance(request, Request)
    answer = response(request, 400, caught.value.reason, to_tag="ours", source=("192.0.2.77", 5066))
    reread = parse(answer)
    assert isinstance(reread, Response)
    assert reread.headers["call-id"] == request.headers["call-id"][:1] if name != "insuf" else True
    assert reread.first("CSeq") == request.first("CSeq")


@pytest.mark.parametrize("name", ["dblreq", "mpart01", "wsinv", "semiuri", "zeromf", "longreq"])
def test_the_same_from_a_stream(name: str) -> None:
    whole = parse(octets(name))
    first = next(StreamFramer().feed(octets(name)))
    assert isinstance(first, bytes)
    assert parse(first).headers == whole.headers
    assert parse(first).body == whole.body


@pytest.mark.parametrize("name", ["ncl", "mcl01", "inv2543"])
def test_no_way_on_in_a_stream(name: str) -> None:
    with pytest.raises(FramingError, match="Content-Length"):
        list(StreamFramer().feed(octets(name)))


def test_wsinv_reads_as_the_rfc_says() -> None:
    request = read("wsinv")
    assert request.to.uri_text == "sip:vivekg@chair-dnrc.example.com"
    assert request.to_tag == request.to.tag == "1918181833n"
    assert request.from_.display == 'J Rosenberg \\"'
    assert request.from_tag == "98asjd8"
    assert (request.cseq.number, request.cseq.method) == (9, "INVITE")
    assert request.max_forwards == 68
    assert [(via.transport, via.host, via.branch) for via in request.vias] == [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ]
    assert request.first("Subject") == ""
    assert request.first("NewFangledHeader") == "newfangled value continued newfangled value"
    (contact,) = request.contacts
    assert contact.display == 'Quoted string ""'
    assert [contact.param(name) for name in ("newparam", "secondparam", "q")] == ["newvalue", None, "0.33"]
    assert contact.has_param("SecondParam")
    assert len(request.body) == 150


def test_intmeth_keeps_every_character() -> None:
    request = read("intmeth")
    assert request.method == request.cseq.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert request.request_uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert request.request_uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert request.to.display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert request.from_.display == "token1~` token2'+_ token3*%!.-"
    assert request.from_.param("fromParam''~+*_!.-%") == "работающий"
    assert request.from_tag == "_token~1'+`*%!-."
    assert request.call_id == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"
    assert request.headers["extensionheader-!.%*+_`'~"] == ["\ufeff大停電"]


def test_escapes_are_escapes_only_in_uris() -> None:
    request = read("esc01")
    assert request.request_uri.unescaped_user == "sips:user@example.com"
    assert request.request_uri.host == "example.net"
    assert request.to_aor == "user@example.com"
    assert request.from_aor == "I have spaces@example.net"
    (contact,) = request.contacts
    assert contact.uri_text == "sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31"
    assert contact.uri.has_param("lr")
    assert contact.uri.param("name") == "v%61lue%25%34%31"
    assert read("escnull").to_aor == "null-\0-null@example.com"
    assert [contact.uri.unescaped_user for contact in read("escnull").contacts] == ["\0", "\0\0"]
    other = read("esc02")
    assert other.method == "RE%47IST%45R"
    assert other.to.display == "%Z%45"
    assert len(other.contacts) == 2
    assert other.headers["c%6fntact"] == ["<sip:alias2@host2.example.com>"]


def test_valid_oddities() -> None:
    assert read("lwsdisp").from_.display == "caller"
    long = read("longreq")
    assert len(long.vias) == 34
    assert long.vias[0].host == "sip33.example.com"
    assert long.branch is None
    first = read("dblreq")
    assert first.method == "REGISTER"
    assert first.body == b""
    semi = read("semiuri")
    assert semi.request_uri.unescaped_user == "user;par=u@example.net"
    assert semi.request_uri.params == ()
    assert len(semi.values("accept")) == 6
    assert [via.transport for via in read("transports").vias] == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]
    body = read("mpart01").body
    assert bytes(range(256)) in body
    assert body.endswith(b"--7a9cbec02ceef655--\r\n")


def test_reason_phrases() -> None:
    unusual, none = parse(octets("unreason")), parse(octets("noreason"))
    assert isinstance(unusual, Response)
    assert isinstance(none, Response)
    assert unusual.reason == "= 2**3 * 5**2 но сто девяносто девять - простое"
    assert (none.status, none.reason) == (100, "")


def test_large_scalars_are_large_not_wrapped() -> None:
    request = parse(octets("scalar02").replace(b"36893488147419103232", b"1"))
    request.check()
    assert request.max_forwards is None
    assert request.expires == MAX_EXPIRES
    (contact,) = request.contacts
    assert parse_expires(contact.param("expires")) == MAX_EXPIRES


def test_unknown_schemes_are_told_apart_above_the_wire() -> None:
    assert read("unkscm").request_uri.scheme == "nobodyknowsthisscheme"
    assert read("novelsc").request_uri.scheme == "soap.beep"
    request = read("unksm2")
    assert (request.to.uri.scheme, request.from_.uri.scheme) == ("isbn", "http")
    assert request.contacts[0].uri.scheme == "name"


def test_parameters_of_contact_and_of_its_uri() -> None:
    (header,), (uri,) = read("cparam01").contacts, read("cparam02").contacts
    assert header.uri_text == "sip:+19725552222@gw1.example.net"
    assert (header.has_param("unknownparam"), header.uri.has_param("unknownparam")) == (True, False)
    assert (uri.has_param("unknownparam"), uri.uri.has_param("unknownparam")) == (False, True)
    (escaped,) = read("regescrt").contacts
    assert escaped.uri.headers == (("Route", "%3Csip:sip.example.com%3E"),)


def test_rfc_2543_requests_pass() -> None:
    request = read("inv2543")
    assert (request.branch, request.from_tag, request.to_tag) == (None, None, None)
    assert request.to.params == (("user", "phone"),)
    assert read("badbranch").branch == "z9hG4bK"
    assert read("zeromf").max_forwards == 0


def test_ipv6() -> None:
    assert (read("port-ambiguous").request_uri.host, read("port-ambiguous").request_uri.port) == (
        "[2001:db8::10:5070]",
        None,
    )
    assert read("port-unambiguous").request_uri.port == 5070
    assert read("via-received-param-with-delim").top_via.received == "[2001:db8::9:255]"
    assert read("via-received-param-no-delim").top_via.received == "2001:db8::9:255"
    assert [via.port for via in read("mult-ip-in-header").vias] == [6050, None, None]
    three, two = read("ipv6-bug-abnf-3-colons"), read("ipv6-correct-abnf-2-colons")
    assert three.to_aor == two.to_aor == "user@[2001:db8::c000:201]"
    assert three.request_uri.equivalent(two.request_uri)
    assert read("ipv6-in-sdp").body.endswith(b"H263-1998/90000\r\n")
