"""Messages: reading, checking, answering."""

from __future__ import annotations

import pytest

from mockregistrar.sip import (
    STAR,
    Flow,
    Limits,
    ParseError,
    Request,
    Response,
    build_request,
    parse,
    response,
    response_target,
)
from mockregistrar.sip import _reading as reading
from mockregistrar.sip.message import REASONS

SOURCE = ("192.0.2.9", 40001)

PLAIN = {
    "Via": "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK-1",
    "From": "<sip:alice@example.com>;tag=f1",
    "To": "<sip:alice@example.com>",
    "Call-ID": "c1@192.0.2.1",
    "CSeq": "7 REGISTER",
    "Contact": "<sip:alice@192.0.2.1:5060>",
    "Max-Forwards": "70",
    "Expires": "3600",
    "Content-Length": "0",
}


def octets(
    start: str = "REGISTER sip:example.com SIP/2.0", body: bytes = b"", /, **changes: str | list[str] | None
) -> bytes:
    """A plain REGISTER; a keyword (``_`` for ``-``) replaces a field, ``None`` takes it out, a list doubles it."""
    fields: dict[str, str | list[str] | None] = dict(PLAIN)
    for name, value in changes.items():
        fields[
            next((key for key in PLAIN if key.lower().replace("-", "_") == name.lower()), name.replace("_", "-"))
        ] = value
    lines = [start]
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        lines.extend([f"{name}: {one}" for one in values if one is not None])
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def read(data: bytes) -> Request:
    message = parse(data)
    assert isinstance(message, Request)
    return message


def checked(
    start: str = "REGISTER sip:example.com SIP/2.0", body: bytes = b"", /, **changes: str | list[str] | None
) -> Request:
    request = read(octets(start, body, **changes))
    request.check()
    return request


def refusal(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(data).check()
    return caught.value


def lines_of(answer: bytes) -> list[str]:
    return answer.decode("utf-8", "surrogateescape").partition("\r\n\r\n")[0].split("\r\n")


def top_via(answer: bytes) -> str:
    return lines_of(answer)[1].removeprefix("Via: ")


# -- reading --------------------------------------------------------------------------------------


def test_the_usual_request() -> None:
    data = octets()
    request = read(data)
    assert (request.method, request.uri, request.version) == ("REGISTER", "sip:example.com", "SIP/2.0")
    assert request.raw is data
    assert request.body == b""
    assert request.headers["call-id"] == ["c1@192.0.2.1"]
    assert request.first("CALL-ID") == request.first("i") == "c1@192.0.2.1"
    assert request.first("Subject") is None
    assert request.fields() == list(PLAIN.items())


def test_the_usual_response() -> None:
    message = parse(b"SIP/2.0 423 Interval Too Brief\r\nMin-Expires: 60\r\nv: SIP/2.0/UDP h\r\nl: 2\r\n\r\nabc")
    assert isinstance(message, Response)
    assert (message.status, message.reason, message.body) == (423, "Interval Too Brief", b"ab")
    assert message.top_via.host == "h"
    assert (message.first("min-expires"), message.expires) == ("60", None)


def test_names_in_any_spelling() -> None:
    request = read(
        octets(Via=None, v=["SIP/2.0/UDP a", "SIP/2.0/UDP b"], **{"V": "SIP/2.0/UDP c", "vIA \t": "SIP/2.0/UDP d"})
    )
    assert request.headers["via"] == ["SIP/2.0/UDP a", "SIP/2.0/UDP b", "SIP/2.0/UDP c", "SIP/2.0/UDP d"]
    assert [via.host for via in request.vias] == ["a", "b", "c", "d"]
    assert [name for name, _ in request.fields()][-4:] == ["v", "v", "V", "vIA"]


def test_values_are_stripped_and_unfolded() -> None:
    request = read(octets(Subject="  a \t", X_Fold="b \r\n \t c\r\n\td", User_Agent="\u00a0x\u00a0"))
    assert request.headers["subject"] == ["a"]
    assert request.headers["x-fold"] == ["b c d"]
    assert request.headers["user-agent"] == ["\u00a0x\u00a0"]
    assert ("X-Fold", "b c d") in request.fields()


def test_lists_are_split_on_demand() -> None:
    request = read(octets(Supported=["path, gruu", "outbound"], Allow=""))
    assert request.values("k") == ["path", "gruu", "outbound"]
    assert request.values("Allow") == request.values("Require") == []
    with pytest.raises(ParseError, match="Warning: the quote") as caught:
        read(octets(Warning='399 x "a')).values("warning")
    assert caught.value.field == "Warning"


def test_octets_that_are_not_utf_8_come_back() -> None:
    request = read(octets(From='"\udcff\udc80" <sip:alice@example.com>;tag=1', User_Agent="Löffel"))
    request.check()
    assert request.from_.display == "\udcff\udc80"
    assert request.headers["user-agent"] == ["Löffel"]
    assert b'From: "\xff\x80" <sip:alice@example.com>;tag=1\r\n' in response(request, 200, to_tag="t")


def test_line_ends_before_the_start_line() -> None:
    assert read(b"\r\n\r\n\r\n" + octets()).fields() == list(PLAIN.items())


def test_body_by_content_length() -> None:
    assert read(octets("REGISTER sip:h SIP/2.0", b"abcdef", Content_Length="3")).body == b"abc"
    assert read(octets("REGISTER sip:h SIP/2.0", b"abcdef", Content_Length="0006")).body == b"abcdef"
    assert read(octets("REGISTER sip:h SIP/2.0", b"a\r\n\r\n", Content_Length=None)).body == b"a\r\n\r\n"
    assert read(octets("REGISTER sip:h SIP/2.0", b"abc", Content_Length="0")).body == b""


@pytest.mark.parametrize("length", ["4", "-1", "+1", "1 1", "", "0x1", "1" + "0" * 5000, "１"])
def test_bad_content_length(length: str) -> None:
    error = refusal(octets("REGISTER sip:h SIP/2.0", b"abc", Content_Length=length))
    assert (error.status, error.field, error.reason) == (400, "Content-Length", "Malformed Content-Length")
    assert error.request is not None


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n"])
def test_keep_alives_are_nothing_to_answer(data: bytes) -> None:
    error = refusal(data)
    assert (error.status, error.request) == (None, None)
    assert "keep-alive" in error.detail


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\x00" * 20,
        b"REGISTER sip:h\r\nVia: SIP/2.0/UDP h\r\n\r\n",
        b"REG/ISTER sip:h SIP/2.0\r\n\r\n",
        b"REGISTER sip:h SIP/2\r\n\r\n",
        b"SIP/2.0 99 x\r\n\r\n",
        b"SIP/2.0 700 x\r\n\r\n",
        b"SIP/2.0 0200 x\r\n\r\n",
        b"SIP/2.0 2 00\r\n\r\n",
        b"SIP/3.0 200 OK\r\n\r\n",
        b"SIP/2.0  200 OK\r\n\r\n",
        b"SIP/2.0\r\n\r\n",
    ],
)
def test_what_cannot_be_answered(data: bytes) -> None:
    error = refusal(data)
    assert (error.status, error.request) == (None, None)


@pytest.mark.parametrize(
    ("data", "reason", "method"),
    [
        (octets()[:-4], "Incomplete Head", "REGISTER"),
        (octets()[:-2], "Incomplete Head", "REGISTER"),
        (octets().replace(b"\r\n", b"\n"), "Bare Line Feed", "REGISTER"),
        (octets("REGISTER  sip:h SIP/2.0"), "Malformed Request Line", "REGISTER"),
        (octets("REGISTER sip:h SIP/2.0 "), "Malformed Request Line", "REGISTER"),
        (octets("REGISTER\tsip:h\tSIP/2.0"), "Malformed Request Line", "REGISTER"),
        (octets("REGISTER SIP/2.0"), "Malformed Request Line", "REGISTER"),
        (octets(Bad="x").replace(b"Bad:", b"Bad"), "Malformed Header Line", "REGISTER"),
        (octets(Bad="x").replace(b"Bad:", b"B d:"), "Malformed Header Line", "REGISTER"),
        (octets(Bad="x").replace(b"Bad:", b":"), "Malformed Header Line", "REGISTER"),
        (octets(Bad="x").replace(b"Bad:", b"B\xc3\xa4d:"), "Malformed Header Line", "REGISTER"),
        (octets().replace(b"Via", b" Via", 1), "Malformed Header Line", "REGISTER"),
        (octets(User_Agent="a\nEvil: b"), "Malformed User-Agent", "REGISTER"),
        (octets(User_Agent="a\rEvil: b"), "Malformed User-Agent", "REGISTER"),
        (octets(Call_ID="a\nb"), "Malformed Call-ID", "REGISTER"),
        (octets("FOO sip:h SIP/2.0", Call_ID="a\rb"), "Malformed Call-ID", "FOO"),
    ],
)
def test_broken_but_answerable(data: bytes, reason: str, method: str) -> None:
    error = refusal(data)
    assert (error.status, error.reason) == (400, reason)
    request = error.request
    assert request is not None
    assert request.method == method
    answer = response(request, 400, error.reason, to_tag="t", source=SOURCE)
    assert lines_of(answer)[0] == f"SIP/2.0 400 {reason}"
    assert "Call-ID: " in answer.decode()
    parse(answer)


def test_a_line_feed_in_the_start_line() -> None:
    error = refusal(octets("REGISTER sip:h\nX SIP/2.0"))
    assert (error.status, error.field) == (400, "start line")


def test_a_line_feed_ends_no_field() -> None:
    request = refusal(octets(Call_ID="a\nVia: SIP/2.0/UDP evil")).request
    assert request is not None
    assert request.headers["call-id"] == ["a Via: SIP/2.0/UDP evil"]
    assert len(request.headers["via"]) == 1


def test_the_first_problem_is_reported_and_the_rest_still_read() -> None:
    error = refusal(octets("REGISTER  sip:h SIP/2.0", Bad="x\ny"))
    assert error.field == "start line"
    assert error.request is not None
    assert error.request.headers["bad"] == ["x y"]


def test_limits() -> None:
    limits = Limits(head=600, fields=12)
    parse(octets(), limits=limits)
    for data in (octets(X="y" * 600), octets(X=["y"] * 20), octets(X="a" + "\r\n b" * 20)):
        with pytest.raises(ParseError, match="larger than the limit") as caught:
            parse(data, limits=limits)
        assert caught.value.status == 513
        assert caught.value.request is not None


def test_memos_are_bounded() -> None:
    for number in range(3 * reading._MEMO_SIZE):
        read(octets(f"REGISTER sip:host{number} SIP/2.0", **{f"X-{number}": "1"})).check()
    assert len(reading._names) <= reading._MEMO_SIZE
    assert len(parse.__globals__["_names"]) == len(reading._names)
    read(octets(**{"X-" + "long" * 100: "1"}))
    assert max(map(len, reading._names)) <= reading._MEMO_KEY


# -- checking -------------------------------------------------------------------------------------


def test_the_plain_attributes() -> None:
    request = checked()
    assert request._plain_via
    assert (request.branch, request.sent_host, request.sent_port, request.rport) == (
        "z9hG4bK-1",
        "192.0.2.1",
        5060,
        True,
    )
    assert (request.from_aor, request.from_tag) == ("alice@example.com", "f1")
    assert (request.to_aor, request.to_tag) == ("alice@example.com", None)
    assert (request.cseq_number, request.cseq.method, request.call_id) == (7, "REGISTER", "c1@192.0.2.1")
    assert (request.expires, request.max_forwards) == (3600, 70)
    (contact,) = request.contacts
    assert (contact.uri_text, contact.display, contact.params) == ("sip:alice@192.0.2.1:5060", None, ())


def test_the_branch_key_tells_hops_and_branches_apart() -> None:
    keys = {
        checked(Via=via).branch_key
        for via in (
            "SIP/2.0/UDP a;branch=z9hG4bK1",
            "SIP/2.0/UDP A;branch=z9hG4bK1",
            "SIP/2.0/UDP a:5060;branch=z9hG4bK1",
            "SIP/2.0/UDP b;branch=z9hG4bK1",
            "SIP/2.0/UDP a;branch=z9hG4bK2",
        )
    }
    assert len(keys) == 4
    usual, unusual = checked(Via="SIP/2.0/UDP A:1;branch=z9hG4bK1"), checked(Via="SIP / 2.0/UDP a:1;branch=z9hG4bK1")
    assert usual._plain_via
    assert not unusual._plain_via
    assert usual.branch_key == unusual.branch_key


@pytest.mark.parametrize("missing", ["From", "To", "Call-ID", "CSeq"])
def test_missing(missing: str) -> None:
    error = refusal(octets(**{missing: None}))
    assert (error.status, error.reason, error.field) == (400, f"Missing {missing}", missing)
    assert error.request is not None


def test_missing_via_cannot_be_answered() -> None:
    error = refusal(octets(Via=None, To=None))
    assert error.status is None
    assert error.detail == "mandatory, but not there: Via, To"


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq", "Max-Forwards", "Expires", "Content-Length"])
def test_doubled(name: str) -> None:
    error = refusal(octets(**{name: [PLAIN[name], PLAIN[name]]}))
    assert (error.status, error.reason) == (400, f"Several {name} Fields")


def test_what_may_be_missing_or_doubled() -> None:
    request = checked(
        Max_Forwards=None, Expires=None, Content_Length=None, Contact=None, Date=["a", "b"], User_Agent=["c", "d"]
    )
    assert (request.max_forwards, request.expires, request.contacts) == (None, None, [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"Via": "SIP/2.0/UDP"}, "Via"),
        ({"Via": ["SIP/2.0/UDP a;branch=z9hG4bK1", "nonsense"]}, "Via"),
        ({"Via": "SIP/2.0/UDP a..b;branch=z9hG4bK1"}, "Via"),
        ({"From": "<sip:alice@example.com"}, "From"),
        ({"From": '"a\\" <sip:alice@example.com>'}, "From"),
        ({"From": ""}, "From"),
        ({"To": "<sip:al ice@example.com>"}, "To"),
        ({"To": "<sip:a@b>;tag=1;"}, "To"),
        ({"To": "<sip:a@b>, <sip:c@d>"}, "To"),
        ({"Call_ID": "a b"}, "Call-ID"),
        ({"Call_ID": ""}, "Call-ID"),
        ({"CSeq": "REGISTER"}, "CSeq"),
        ({"CSeq": "-1 REGISTER"}, "CSeq"),
        ({"CSeq": "2147483648 REGISTER"}, "CSeq"),
        ({"CSeq": "7 register"}, "CSeq"),
        ({"CSeq": "7 INVITE"}, "CSeq"),
        ({"Contact": "<sip:a@b"}, "Contact"),
        ({"Contact": '"a\\" <sip:a@b>'}, "Contact"),
        ({"Contact": ""}, "Contact"),
        ({"Contact": "<sip:a@b>;;"}, "Contact"),
        ({"Contact": "<sip:a@b:65536>"}, "Contact"),
        ({"Contact": ["*", "<sip:a@b>"]}, "Contact"),
        ({"Max_Forwards": "-1"}, "Max-Forwards"),
        ({"Max_Forwards": "many"}, "Max-Forwards"),
    ],
)
def test_malformed(changes: dict[str, str | list[str]], field: str) -> None:
    error = refusal(octets(**changes))
    assert (error.status, error.field, error.reason) == (400, field, f"Malformed {field}")
    assert isinstance(error.request, Request)


@pytest.mark.parametrize("uri", ["h", "<sip:h>", "sip:", "sip:h?a=b", "sip:a@h:x", "sip:%zz@h"])
def test_bad_request_uri_every_time(uri: str) -> None:
    for _ in range(2):
        assert refusal(octets(f"REGISTER {uri} SIP/2.0")).field == "Request-URI"


@pytest.mark.parametrize(
    ("version", "status"), [("sip/2.0", 200), ("SIP/2.1", 505), ("SIP/7.0", 505), ("SIP/02.0", 505)]
)
def test_versions(version: str, status: int) -> None:
    if status == 505:
        error = refusal(octets(f"REGISTER sip:h {version}"))
        assert (error.status, error.reason) == (505, "Version Not Supported")
    else:
        assert checked(f"REGISTER sip:h {version}").version == version


def test_methods_are_case_sensitive_and_any_token() -> None:
    assert checked("register sip:h SIP/2.0", CSeq="7 register").method == "register"
    assert checked("X!y sip:h SIP/2.0", CSeq="7 X!y").method == "X!y"


def test_expires_is_clamped_or_malformed_but_no_400() -> None:
    assert [checked(Expires=text).expires for text in ("0", "4294967296", "999999999", "soon", "-1", "²", "١")] == [
        0,
        2**32 - 1,
        999999999,
        None,
        None,
        None,
        None,
    ]


# What real clients send (the first three of each are of the usual shape, the others are not).
CONTACTS = [
    ("<sip:alice@192.0.2.1:5060;ob>", "sip:alice@192.0.2.1:5060;ob", {}),
    ('"A, <B>;" <sip:s@192.0.2.1:5062;line=abc>;q=0.5', "sip:s@192.0.2.1:5062;line=abc", {"q": "0.5"}),
    (
        '<sip:trunk1-0x5618@192.0.2.1:5060;transport=TCP>;expires=60;+sip.instance="<urn:uuid:1-2>";reg-id=1',
        "sip:trunk1-0x5618@192.0.2.1:5060;transport=TCP",
        {"expires": "60", "+sip.instance": "<urn:uuid:1-2>", "reg-id": "1"},
    ),
    ("sip:alice@192.0.2.1;expires=5;q=1", "sip:alice@192.0.2.1", {"expires": "5", "q": "1"}),
    ('"\\"sipp\\" user" <sip:a@192.0.2.1>', "sip:a@192.0.2.1", {}),
    ("<sip:50%25@192.0.2.1;x=%41>;+sip.ice", "sip:50%25@192.0.2.1;x=%41", {}),
    ("<sip:a@[2001:db8::1]:5060>", "sip:a@[2001:db8::1]:5060", {}),
    (
        "<sip:df7jal23ls0d@gr3m8.invalid;transport=ws> ; expires = 600",
        "sip:df7jal23ls0d@gr3m8.invalid;transport=ws",
        {"expires": "600"},
    ),
    ("<tel:+1>", "tel:+1", {}),
]


@pytest.mark.parametrize(("value", "uri", "params"), CONTACTS)
def test_contacts_keep_their_uri_as_written(value: str, uri: str, params: dict[str, str]) -> None:
    (contact,) = checked(Contact=value).contacts
    assert contact.uri_text == str(contact.uri) == uri
    assert {name: contact.param(name) for name in params} == params


def test_display_names_of_contacts() -> None:
    names = {'"A, \\"B\\\\" ': 'A, "B\\', '"A" ': "A", '""': "", "A B ": "A B", "": None}
    for written, meant in names.items():
        (contact,) = checked(Contact=f"{written}<sip:a@h>").contacts
        assert contact.display == meant


def test_several_contacts_and_star() -> None:
    request = checked(Contact=["<sip:a@h>, <sip:b@h>;q=1", "sip:c@h"])
    assert [contact.uri_text for contact in request.contacts] == ["sip:a@h", "sip:b@h", "sip:c@h"]
    assert checked(Contact="*", Expires="0").contacts is STAR


ADDRESSES = [
    ("<sip:bob@example.com>", "bob@example.com", None),
    ("<sip:Bob@Example.COM:5060;transport=udp>;tag=x", "Bob@example.com", "x"),
    ('"Bob, \'s" <sips:bob@example.com>;tag=x.y', "bob@example.com", "x.y"),
    ("Bob T. Fax<sip:example.com>", "example.com", None),
    ("sip:bob@example.com;tag=x", "bob@example.com", "x"),
    ("<sip:%62ob@example.com>;tag=y", "bob@example.com", "y"),
    ("<sip:bob@example.com.>;tag=y", "bob@example.com", "y"),
    ('"B\\"" <sip:bob@[2001:DB8::1]> ; tag = z', "bob@[2001:db8::1]", "z"),
    ("Bjørn <sip:b@h>", "b@h", None),
    ("<tel:+1>", "tel:+1", None),
]


@pytest.mark.parametrize(("value", "aor", "tag"), ADDRESSES)
def test_addresses(value: str, aor: str, tag: str | None) -> None:
    request = checked(From=value, To=value)
    assert (request.from_aor, request.from_tag) == (request.to_aor, request.to_tag) == (aor, tag)
    unchecked = read(octets(From=value, To=value))
    assert (unchecked.from_aor, unchecked.from_tag) == (unchecked.to_aor, unchecked.to_tag) == (aor, tag)


def test_views_are_made_once_and_unknown_names_are_errors() -> None:
    request = read(octets())
    assert request.vias is request.vias
    assert request.to is request.to
    assert request.top_via is request.vias[0]
    with pytest.raises(AttributeError, match="Request' object has no attribute 'nonsense'"):
        _ = request.nonsense
    with pytest.raises(AttributeError):
        _ = parse(b"SIP/2.0 200 OK\r\n\r\n").branch_key


def test_responses_are_checked_but_never_answered() -> None:
    data = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
    data += b"Call-ID: 1\r\nCSeq: 1 REGISTER\r\n\r\n"
    parse(data).check()
    for broken in (
        data.replace(b"CSeq: 1", b"CSeq: x"),
        data.replace(b"Via", b"X"),
        data.replace(b"Call-ID", b"X"),
        data.replace(b"To: ", b"To: <sip:x@y>\r\nTo: "),
        data.replace(b"200 OK", b"200 OK\nX"),
        data.replace(b"CSeq", b"Content-Length: 5\r\nCSeq"),
    ):
        error = refusal(broken)
        assert (error.status, error.request) == (None, None)


# -- answering ------------------------------------------------------------------------------------


def test_an_answer_whole() -> None:
    request = checked(Via=["SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK-1", "SIP/2.0/TCP a , SIP/2.0/UDP b"])
    answer = response(request, 200, to_tag="t1", source=SOURCE, headers=[("Expires", "60")], body=b"abc")
    assert answer == (
        b"SIP/2.0 200 OK\r\n"
        b"Via: SIP/2.0/UDP 192.0.2.1:5060;received=192.0.2.9;rport=40001;branch=z9hG4bK-1\r\n"
        b"Via: SIP/2.0/TCP a , SIP/2.0/UDP b\r\n"
        b"From: <sip:alice@example.com>;tag=f1\r\n"
        b"To: <sip:alice@example.com>;tag=t1\r\n"
        b"Call-ID: c1@192.0.2.1\r\n"
        b"CSeq: 7 REGISTER\r\n"
        b"Expires: 60\r\n"
        b"Content-Length: 3\r\n"
        b"\r\nabc"
    )


@pytest.mark.parametrize(
    ("via", "stamped"),
    [
        # the usual shapes
        (
            "SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bK1",
            "SIP/2.0/UDP 192.0.2.9;received=192.0.2.9;rport=40001;branch=z9hG4bK1",
        ),
        ("SIP/2.0/UDP h:1;branch=z9hG4bK1;rport", "SIP/2.0/UDP h:1;branch=z9hG4bK1;received=192.0.2.9;rport=40001"),
        ("SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1", "SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1"),
        ("SIP/2.0/UDP 192.0.2.8;branch=z9hG4bK1", "SIP/2.0/UDP 192.0.2.8;branch=z9hG4bK1;received=192.0.2.9"),
        ("SIP/2.0/WSS x.invalid;branch=z9hG4bK1", "SIP/2.0/WSS x.invalid;branch=z9hG4bK1;received=192.0.2.9"),
        # a forged received, a filled rport, other parameters, no branch
        ("SIP/2.0/UDP h;received=6.6.6.6;branch=z9hG4bK1", "SIP/2.0/UDP h;branch=z9hG4bK1;received=192.0.2.9"),
        ("SIP/2.0/UDP 192.0.2.9;Received=6.6.6.6", "SIP/2.0/UDP 192.0.2.9;received=192.0.2.9"),
        ("SIP/2.0/UDP h;rport=9;x;branch=z9hG4bK1", "SIP/2.0/UDP h;x;branch=z9hG4bK1;received=192.0.2.9;rport=40001"),
        (
            "SIP/2.0/UDP h;branch=z9hG4bK1;rport;alias",
            "SIP/2.0/UDP h;branch=z9hG4bK1;alias;received=192.0.2.9;rport=40001",
        ),
        ("SIP/2.0/UDP h;branch=z9hG4bK1;rportx=1", "SIP/2.0/UDP h;branch=z9hG4bK1;rportx=1;received=192.0.2.9"),
        ("SIP/2.0/UDP h;rport;branch=z9hG4bK1;rport", "SIP/2.0/UDP h;branch=z9hG4bK1;received=192.0.2.9;rport=40001"),
        ("SIP/2.0/UDP 192.0.2.9", "SIP/2.0/UDP 192.0.2.9"),
        # a comma list: the first alone
        (
            'SIP/2.0/UDP a;x="1,2";rport , SIP/2.0/UDP b;rport;received=1.1.1.1',
            'SIP/2.0/UDP a;x="1,2";received=192.0.2.9;rport=40001 , SIP/2.0/UDP b;rport;received=1.1.1.1',
        ),
        ("SIP/2.0/UDP 192.0.2.9,SIP/2.0/UDP b;rport", "SIP/2.0/UDP 192.0.2.9,SIP/2.0/UDP b;rport"),
    ],
)
def test_the_top_via_is_stamped(via: str, stamped: str) -> None:
    assert top_via(response(checked(Via=via), 200, to_tag="t", source=SOURCE)) == stamped
    assert top_via(response(read(octets(Via=via)), 200, to_tag="t")) == via


@pytest.mark.parametrize(
    ("via", "host", "stamped"),
    [
        ("SIP/2.0/UDP [2001:DB8::0:9];branch=z9hG4bK1", "2001:db8::9", "SIP/2.0/UDP [2001:DB8::0:9];branch=z9hG4bK1"),
        ("SIP/2.0/UDP [2001:db8::8]", "2001:db8::9", "SIP/2.0/UDP [2001:db8::8];received=2001:db8::9"),
        (
            "SIP/2.0/UDP h;rport;branch=z9hG4bK1",
            "fe80::1%eth0",
            "SIP/2.0/UDP h;received=fe80::1;rport=40001;branch=z9hG4bK1",
        ),
    ],
)
def test_the_top_via_is_stamped_with_ipv6(via: str, host: str, stamped: str) -> None:
    assert top_via(response(checked(Via=via), 200, to_tag="t", source=(host, 40001))) == stamped


@pytest.mark.parametrize(
    ("to", "answered"),
    [
        ("<sip:a@b>", "<sip:a@b>;tag=new"),
        ("sip:a@b", "sip:a@b;tag=new"),
        ("sip:a@b;x=y", "sip:a@b;x=y;tag=new"),
        ('"tag=1;" <sip:a@b;tag=2>', '"tag=1;" <sip:a@b;tag=2>;tag=new'),
        ("<sip:a@b>;tag=old", "<sip:a@b>;tag=old"),
        ("<sip:a@b> ; TAG = old", "<sip:a@b> ; TAG = old"),
        ("sip:a@b;tag=old", "sip:a@b;tag=old"),
    ],
)
def test_a_to_tag_is_added_once(to: str, answered: str) -> None:
    for request in (read(octets(To=to)), checked(To=to)):
        assert f"To: {answered}" in lines_of(response(request, 200, to_tag="new"))
        assert f"To: {to}" in lines_of(response(request, 100, to_tag=""))


def test_reasons() -> None:
    request = checked()
    assert lines_of(response(request, 423, to_tag="t"))[0] == "SIP/2.0 423 Interval Too Brief"
    assert lines_of(response(request, 299, to_tag="t"))[0] == "SIP/2.0 299 "
    assert lines_of(response(request, 401, "Go Away", to_tag="t"))[0] == "SIP/2.0 401 Go Away"
    assert all(100 <= status <= 699 and reason.isascii() for status, reason in REASONS.items())


@pytest.mark.parametrize("evil", ["a\r\nEvil: 1", "a\nb", "a\rb", "\r\n"])
def test_nothing_can_be_injected(evil: str) -> None:
    request = checked()
    for bad in ({"headers": [("X", evil)]}, {"headers": [(evil, "x")]}, {"reason": evil}, {"to_tag": evil}):
        with pytest.raises(ValueError, match="CR or LF"):
            response(request, 200, **{"to_tag": "t", **bad})
    for arguments in (
        ("REGISTER", "sip:" + evil.replace(" ", ""), []),
        ("REGISTER", "sip:h", [("X", evil)]),
        ("REGISTER", "sip:h", [(evil, "x")]),
    ):
        with pytest.raises(ValueError, match="CR or LF"):
            build_request(*arguments)


def test_an_answer_to_a_request_with_a_field_missing() -> None:
    error = refusal(octets(Call_ID=None, From=""))
    assert error.request is not None
    assert lines_of(response(error.request, 400, error.reason, to_tag="t"))[:-1] == [
        "SIP/2.0 400 Missing Call-ID",
        f"Via: {PLAIN['Via']}",
        "From: ",
        f"To: {PLAIN['To']};tag=t",
        f"CSeq: {PLAIN['CSeq']}",
    ]


def test_an_answer_to_next_to_nothing() -> None:
    error = refusal(b"REGISTER sip:h SIP/2.0\r\nVia: \r\n\r\n")
    assert error.request is not None
    assert (
        response(error.request, 400, to_tag="t", source=SOURCE)
        == b"SIP/2.0 400 Bad Request\r\nVia: \r\nContent-Length: 0\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("via", "target"),
    [
        ("SIP/2.0/UDP 192.0.2.1:5070;rport;branch=z9hG4bK1", ("192.0.2.9", 40001)),
        ("SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1", ("192.0.2.9", 5070)),
        ("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", ("192.0.2.9", 5060)),
        ("SIP/2.0/UDP 192.0.2.1:5070;received=6.6.6.6", ("192.0.2.9", 5070)),
        ("SIP/2.0/UDP 192.0.2.1:5070;maddr=224.2.0.1;rport", ("224.2.0.1", 5070)),
        ("SIP/2.0/UDP h;maddr=[2001:db8::1]", ("2001:db8::1", 5060)),
        ("SIP/2.0/UDP h;;", ("192.0.2.9", 40001)),
    ],
)
def test_where_answers_go(via: str, target: tuple[str, int]) -> None:
    request = read(octets(Via=via))
    assert response_target(request, Flow("udp", ("192.0.2.2", 5060), SOURCE)) == target
    assert response_target(request, Flow("tcp", ("192.0.2.2", 5060), SOURCE, 1)) == SOURCE


def test_build_request() -> None:
    data = build_request("OPTIONS", "sip:h", [("Via", "SIP/2.0/UDP h;branch=z9hG4bK1"), ("Subject", "é\udcff")], b"abc")
    assert data == (
        b"OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
        b"Subject: \xc3\xa9\xff\r\nContent-Length: 3\r\n\r\nabc"
    )
    assert read(data).body == b"abc"
    for method, uri in (("A B", "sip:h"), ("", "sip:h"), ("A", ""), ("A", "sip:h x"), ("A", "sip:\th")):
        with pytest.raises(ValueError, match="no token or the URI"):
            build_request(method, uri, [])
