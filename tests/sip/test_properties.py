"""Properties of the wire: nothing breaks it, the fast way agrees with the careful one, an oracle agrees with both.

The oracle is ``sipmessage``. It reads no folds, no blanks before a colon and only one quoted string in
a value, knows no escaped quotes and wants a top label of letters; the messages made for it keep to that.
"""

from __future__ import annotations

import contextlib
import string
from itertools import pairwise
from pathlib import Path

import pytest
import sipmessage
from growth import assert_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.sip import (
    CSeq,
    Flow,
    FramingError,
    NameAddr,
    ParseError,
    Request,
    Response,
    Uri,
    Via,
    parse,
    response,
    response_target,
)
from mockregistrar.sip.framing import KeepAlive, StreamFramer, sniff
from mockregistrar.sip.grammar import quote, split_list, split_params, unescape, unquote
from mockregistrar.sip.headers import parse_contacts, parse_expires

bounded = settings(max_examples=200, deadline=None)
thorough = settings(max_examples=600, deadline=None)

SOURCE = ("192.0.2.9", 40001)
FLOW = Flow("udp", ("192.0.2.2", 5060), SOURCE)

USUAL = (
    b"REGISTER sip:example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK-1\r\n"
    b'From: "Alice A." <sip:alice@example.com>;tag=f1\r\n'
    b"To: <sip:alice@Example.com:5060;user=phone>\r\n"
    b"Call-ID: c1@192.0.2.1\r\n"
    b"CSeq: 7 REGISTER\r\n"
    b'Contact: "A" <sip:alice@192.0.2.1:5060;ob>;expires=60;+sip.instance="<urn:uuid:1>"\r\n'
    b"Max-Forwards: 70\r\n"
    b"Expires: 3600\r\n"
    b"Content-Length: 0\r\n\r\n"
)
SEEDS = [USUAL, *[path.read_bytes() for path in sorted((Path(__file__).parent / "torture").glob("*.dat"))]]


# -- nothing breaks it ----------------------------------------------------------------------------


def exercise(data: bytes) -> None:
    """Do with ``data`` all that a registrar may do with it; only ParseError may come out, inside."""
    sniff(data)
    try:
        message = parse(data)
    except ParseError as error:
        judge(error, error.request)
        return
    assert message.raw == data
    message.fields()
    for name in list(message.headers):
        with contextlib.suppress(ParseError):
            message.values(name)
    if isinstance(message, Request):
        answer(message)
    try:
        message.check()
    except ParseError as error:
        judge(error, message)
        return
    if isinstance(message, Request):
        agree(message)
        answer(message)


def judge(error: ParseError, message: Request | Response | None) -> None:
    """An error says what the caller needs: a status and a request, or neither."""
    assert error.status in (None, 400, 505, 513)
    assert error.reason.isascii()
    assert error.detail
    if isinstance(message, Request):
        assert error.request is message
        answer(message)
    else:
        assert (error.status, error.request) == (None, None)


def answer(request: Request) -> None:
    octets = response(request, 400, to_tag="t", source=SOURCE, headers=[("X", "y")])
    reread = parse(octets)
    assert isinstance(reread, Response)
    assert reread.first("X") == "y"
    for name in ("via", "from", "call-id", "cseq"):
        assert len(reread.headers.get(name, ())) == (
            len(request.headers.get(name, ())) if name == "via" else min(1, len(request.headers.get(name, ())))
        )
    response_target(request, FLOW)


def agree(request: Request) -> None:
    """A request that passed: the plain attributes say what the typed classes make of the same values."""
    headers = request.headers
    via = Via.parse_list(headers["via"][0])[0]
    from_, to = NameAddr.parse(headers["from"][0]), NameAddr.parse(headers["to"][0])
    cseq = CSeq.parse(headers["cseq"][0])
    assert (request.branch, request.sent_host, request.sent_port) == (via.branch, via.host, via.port)
    assert request.rport == via.has_rport
    assert (request.from_tag, request.from_aor) == (from_.tag, from_.uri.aor)
    assert (request.to_tag, request.to_aor) == (to.tag, to.uri.aor)
    assert (request.cseq_number, request.cseq, request.method) == (cseq.number, cseq, cseq.method)
    assert request.call_id == headers["call-id"][0]
    assert request.contacts == parse_contacts(headers.get("contact", []))
    assert request.expires == (parse_expires(headers["expires"][0]) if "expires" in headers else None)
    assert request.request_uri == Uri.parse(request.uri)
    if isinstance(request.contacts, list):
        for contact in request.contacts:
            assert str(contact.uri) == contact.uri_text


@bounded
@given(st.binary(max_size=300))
def test_any_octets(data: bytes) -> None:
    exercise(data)


@bounded
@given(
    st.lists(
        st.sampled_from(
            [
                b"\r\n",
                b"\r",
                b"\n",
                b" ",
                b":",
                b"SIP/2.0",
                b"REGISTER",
                b"sip:h",
                b"Via",
                b"To",
                b"\xff",
                b"a",
                b"0",
                b"l",
                b'"',
                b"<",
                b";",
            ]
        )
    )
)
def test_any_octets_that_look_like_sip(pieces: list[bytes]) -> None:
    exercise(b"".join(pieces))
    exercise(b"REGISTER sip:h SIP/2.0\r\n" + b"".join(pieces) + b"\r\n\r\n")


SPECIAL = [bytes([c]) for c in b"\x00\t\r\n !\"#%&'()*+,-./0129:;<=>?@AZ[\\]^_`az{|}~\x7f\x80\xc3\xff"] + [
    b"\r\n",
    b"\r\n ",
    b"%41",
    b"..",
    b"\xc3\xa9",
]


@thorough
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from(SPECIAL)), min_size=1, max_size=4),
)
def test_mutated_messages(data: bytes, mutations: list[tuple[float, int, bytes]]) -> None:
    for where, drop, insert in mutations:
        at = int(where * len(data))
        data = data[:at] + insert + data[at + drop :]
    exercise(data)


@thorough
@given(st.integers(0, len(USUAL) - 1), st.integers(0, 2), st.sampled_from(SPECIAL))
def test_the_usual_message_with_one_thing_changed(at: int, drop: int, insert: bytes) -> None:
    exercise(USUAL[:at] + insert + USUAL[at + drop :])


def test_the_usual_message_takes_the_fast_way() -> None:
    request = parse(USUAL)
    assert isinstance(request, Request)
    request.check()
    assert request._plain_via
    agree(request)


@bounded
@given(
    st.lists(st.sampled_from([*SEEDS[:12], b"\r\n\r\n", b"\r\n", b"x"]), max_size=4),
    st.lists(st.integers(0, 2000), max_size=6),
)
def test_any_stream(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    framer = StreamFramer()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    taken = b""
    broken: FramingError | None = None
    try:
        for begin, end in pairwise(edges):
            for item in framer.feed(data[begin:end]):
                if isinstance(item, KeepAlive):
                    continue
                assert item in data
                taken += item
                exercise(item)
    except FramingError as error:
        broken = error
    assert len(taken) <= len(data)
    assert broken is None or broken.detail.isascii()


@bounded
@given(st.binary(max_size=200))
def test_any_stream_of_octets(data: bytes) -> None:
    with contextlib.suppress(FramingError):
        for item in StreamFramer(max_head=100, max_body=10).feed(data):
            assert item is KeepAlive.PING or len(item) <= 110


# -- linear work ----------------------------------------------------------------------------------

SHORT = 7_500
LONG = 8 * SHORT
SITES = [
    "{} sip:h SIP/2.0\r\n\r\n",
    "REGISTER {} SIP/2.0\r\n\r\n",
    "REGISTER sip:{} SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: <sip:a@b>\r\nt: <sip:a@b>\r\ni: 1\r\nCSeq: 1 REGISTER\r\n\r\n",
    "REGISTER sip:h SIP/2.0{}\r\n\r\n",
    "SIP/2.0 200 {}\r\n\r\n",
    "REGISTER sip:h SIP/2.0\r\n{}\r\n\r\n",
    "REGISTER sip:h SIP/2.0\r\nContent-Length: {}\r\n\r\n",
]
FIELDS = [
    "Via: {}",
    "Via: SIP/2.0/UDP {}",
    "Via: SIP/2.0/UDP h{}",
    "Via: SIP/2.0/UDP h;branch={}",
    "Via: SIP/2.0/UDP h;rport;branch=z{}",
    "From: {}",
    "From: {}<sip:a@b>",
    'From: "{}" <sip:a@b>',
    'From: "{} <sip:a@b>',
    "From: <{}>",
    "From: <sip:{}>",
    "From: <sip:a@{}>",
    "From: <sip:a@b;{}>",
    "From: <sip:a@b?{}>",
    "From: <sip:a@b>{}",
    "From: <sip:a@b>;tag={}",
    "Call-ID: {}",
    "CSeq: {}",
    "CSeq: 1{}REGISTER",
    "CSeq: {} REGISTER",
    "Contact: {}",
    "Contact: <sip:a@b>;{}",
    'Contact: <sip:a@b>;x="{}"',
    'Contact: <sip:a@b>;x="{}',
    "Contact: <sip:a@b>, {}",
    "Max-Forwards: {}",
    "Expires: {}",
    "X-Fold: a{}",
]


@pytest.mark.parametrize(
    "unit",
    [
        *' \t"\\<>,;:=@%.-/[]()?&a1*~\x00\xe9',
        '\\"',
        ";a",
        "a=",
        "a,",
        "<>",
        '""',
        "\r\n ",
        "%41",
        "a.",
        "::",
        ";;",
        "a:",
        "a@",
        "\n",
        "\r",
    ],
)
def test_work_is_linear_in_repeated_characters(unit: str) -> None:
    """A quadratic step over eight times as much takes 64 times as long, a linear one eight times."""
    cases = {size: _cases(unit * (size // len(unit))) for size in (SHORT, LONG)}
    for index, what in enumerate([*SITES, *FIELDS]):
        assert_linear(lambda size, at=index: _read(cases[size][at]), SHORT, f"{unit!r} in {what!r}")


def _cases(run: str) -> list[str]:
    """Return a message for each place with a run in it."""
    cases = [site.replace("{}", run) for site in SITES]
    for field in FIELDS:
        name = field.partition(":")[0]
        lines = USUAL.decode().split("\r\n")
        lines = [field.replace("{}", run) if line.startswith(name + ":") else line for line in lines]
        if name == "X-Fold":
            lines.insert(1, field.replace("{}", run))
        cases.append("\r\n".join(lines))
    return cases


def _read(case: str) -> None:
    """Read a message in both ways."""
    data = case.encode()
    exercise(data)
    with contextlib.suppress(FramingError):
        list(StreamFramer().feed(data))


# -- URIs and pieces of grammar -------------------------------------------------------------------

UNRESERVED = string.ascii_letters + string.digits + "-_.!~*'()"
escape = st.sampled_from([f"%{c:02X}" for c in range(256)] + [f"%{c:02x}" for c in range(0xA0, 0x100)])
users = st.lists(st.sampled_from([*UNRESERVED, *"&=+$,;?/#"]) | escape, min_size=1, max_size=8).map("".join)
labels = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9_-]{0,4}[a-zA-Z0-9])?", fullmatch=True)
names = st.lists(labels, min_size=1, max_size=3).map(".".join)
hosts = names | st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(lambda address: f"[{address}]")
ports = st.none() | st.integers(0, 65535)
param_text = st.lists(st.sampled_from([*UNRESERVED, *"[]/:&+$"]) | escape, min_size=1, max_size=5).map("".join)
uri_params = st.lists(st.tuples(param_text, st.none() | param_text), max_size=3).map(tuple)
uri_headers = st.lists(
    st.tuples(st.from_regex("[a-zA-Z]{1,5}", fullmatch=True), st.from_regex("([a-z]|%20){0,5}", fullmatch=True)),
    max_size=2,
).map(tuple)


@st.composite
def sip_uris(draw: st.DrawFn) -> Uri:
    user = draw(st.none() | users)
    return Uri(
        scheme=draw(st.sampled_from(["sip", "sips"])),
        user=user,
        password=draw(st.none() | st.just("p%41$")) if user is not None else None,
        host=draw(hosts),
        port=draw(ports),
        params=draw(uri_params),
        headers=draw(uri_headers),
    )


@bounded
@given(sip_uris())
def test_uris_round_trip(uri: Uri) -> None:
    text = str(uri)
    read = Uri.parse(text)
    assert read == uri
    assert str(read) == text
    assert NameAddr.parse(f"<{text}>;x").uri_text == text


@bounded
@given(sip_uris(), sip_uris())
def test_equivalence_is_reflexive_and_symmetric(one: Uri, other: Uri) -> None:
    assert one.equivalent(one)
    assert one.equivalent(other) == other.equivalent(one)
    if one.equivalent(other):
        assert one.aor == other.aor


@bounded
@given(sip_uris(), st.randoms(use_true_random=False))
def test_equivalence_survives_what_changes_nothing(uri: Uri, random) -> None:
    user = None
    if uri.user is not None:
        user = "".join(
            f"%{ord(c):02x}" if c in UNRESERVED and "%" not in uri.user and random.random() < 0.5 else c
            for c in uri.user
        )
    unique = {unescape(name).lower(): (name, value) for name, value in uri.params}
    params = list(unique.values())
    original = Uri(uri.scheme, uri.user, uri.password, uri.host, uri.port, tuple(params), uri.headers)
    random.shuffle(params)
    swapped = tuple((name.swapcase() if "%" not in name else name, value) for name, value in params)
    changed = Uri(uri.scheme, user, uri.password, uri.host.swapcase(), uri.port, swapped, uri.headers)
    assert original.equivalent(changed)
    assert changed.equivalent(original)
    assert original.aor == changed.aor


@bounded
@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20))
def test_quoted_strings(text: str) -> None:
    assert unquote(quote(text)) == text


@bounded
@given(
    st.lists(st.text('ab "\\,;<>', max_size=6).map(quote), min_size=1, max_size=4), st.sampled_from([",", " , ", "\t,"])
)
def test_lists_of_quoted_strings(pieces: list[str], comma: str) -> None:
    assert split_list(comma.join(pieces)) == pieces
    assert split_params(";".join(["x", *[f"n={piece}" for piece in pieces]]))[1] == tuple(
        ("n", piece) for piece in pieces
    )


# -- the oracle -----------------------------------------------------------------------------------

TOKEN_TEXT = st.text(string.ascii_letters + string.digits + "-.!*_+'~", min_size=1, max_size=8)
oracle_labels = st.text(string.ascii_letters, min_size=1, max_size=4)
oracle_hosts = (
    st.lists(oracle_labels, min_size=1, max_size=3).map(".".join)
    | st.ip_addresses(v=4).map(str)
    | st.integers(1, 0xFFFF).map(lambda n: f"[2001:db8::{n:x}]")
)
oracle_users = st.lists(
    st.sampled_from([*string.ascii_letters, *string.digits, *"-_.+;=$&,", "%20", "%40", "%61"]), min_size=1, max_size=8
).map("".join)
oracle_ports = st.none() | st.integers(1, 65535)
oracle_values = st.text(string.ascii_letters + string.digits + "-.", min_size=1, max_size=6)
oracle_params = st.dictionaries(
    st.from_regex("[a-z][a-z-]{0,6}", fullmatch=True), st.none() | oracle_values, max_size=3
)
displays = st.sampled_from(["", "Alice ", "A. B. ", "x~`1* ", '"Alice, <A>" ', '"" ', '"Jos\u00e9; b" '])


def joined(params: dict[str, str | None]) -> str:
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in params.items()])


@st.composite
def oracle_uris(draw: st.DrawFn) -> str:
    user, port = draw(st.none() | oracle_users), draw(oracle_ports)
    return (
        draw(st.sampled_from(["sip:", "sips:"]))
        + ("" if user is None else f"{user}@")
        + draw(oracle_hosts)
        + ("" if port is None else f":{port}")
        + joined(draw(oracle_params))
    )


@st.composite
def oracle_addresses(draw: st.DrawFn, tag: bool = False) -> str:
    params = draw(oracle_params) | ({"tag": draw(TOKEN_TEXT)} if tag else {})
    blanks = draw(st.sampled_from(["", " "]))
    return f"{draw(displays)}<{draw(oracle_uris())}>{joined(params).replace(';', blanks + ';' + blanks)}"


@st.composite
def oracle_vias(draw: st.DrawFn) -> str:
    port = draw(oracle_ports)
    params = (
        {"branch": "z9hG4bK" + draw(TOKEN_TEXT)} | draw(oracle_params) | draw(st.sampled_from([{}, {"rport": None}]))
    )
    slash = draw(st.sampled_from(["/", " / "]))
    sent_by = draw(oracle_hosts) + ("" if port is None else f":{port}")
    return f"SIP{slash}2.0{slash}{draw(st.sampled_from(['UDP', 'TCP', 'TLS', 'WS']))} {sent_by}{joined(params)}"


@st.composite
def oracle_messages(draw: st.DrawFn) -> bytes:
    method = draw(st.sampled_from(["REGISTER", "OPTIONS", "INVITE", "x!"]))
    vias = draw(st.lists(st.lists(oracle_vias(), min_size=1, max_size=2), min_size=1, max_size=2))
    contacts = draw(st.lists(oracle_addresses(), max_size=2))
    names = draw(st.sampled_from([("Via", "From", "To", "Contact"), ("v", "f", "t", "m"), ("VIA", "from", "tO", "M")]))
    lines = [
        *[f"{names[0]}: {', '.join(hops)}" for hops in vias],
        f"{names[1]}: {draw(oracle_addresses(tag=True))}",
        f"{names[2]}:{draw(oracle_addresses(tag=draw(st.booleans())))}",
        f"Call-ID: {draw(TOKEN_TEXT)}@{draw(oracle_hosts)}",
        f"CSeq: {draw(st.integers(0, 2**31 - 1))}{draw(st.sampled_from([' ', '   ']))}{method}",
        *[f"{names[3]}: {contact}" for contact in contacts],
    ]
    body = draw(st.binary(max_size=10))
    lines = [*draw(st.permutations(lines)), f"Content-Length: {len(body)}"]
    return "\r\n".join([f"{method} {draw(oracle_uris())} SIP/2.0", *lines, "", ""]).encode() + body


def same_address(mine: NameAddr, theirs: sipmessage.Address) -> None:
    assert (mine.display or "") == theirs.name
    assert dict(mine.params) == dict(theirs.parameters)
    same_uri(mine.uri, theirs.uri)


def same_uri(mine: Uri, theirs: sipmessage.URI) -> None:
    assert (mine.scheme, mine.unescaped_user, mine.host, mine.port) == (
        theirs.scheme,
        theirs.user,
        theirs.host,
        theirs.port,
    )
    assert dict(mine.params) == dict(theirs.parameters)


@bounded
@given(oracle_messages())
def test_an_independent_parser_agrees(data: bytes) -> None:
    mine, theirs = parse(data), sipmessage.Message.parse(data)
    assert isinstance(mine, Request)
    assert isinstance(theirs, sipmessage.Request)
    mine.check()
    agree(mine)
    assert (mine.method, mine.body, mine.call_id) == (theirs.method, theirs.body, theirs.call_id)
    same_uri(mine.request_uri, theirs.uri)
    same_address(mine.from_, theirs.from_address)
    same_address(mine.to, theirs.to_address)
    assert (mine.cseq.number, mine.cseq.method) == (theirs.cseq.sequence, theirs.cseq.method)
    assert [(via.transport, via.host, via.port, dict(via.params)) for via in mine.vias] == [
        (via.transport, via.host, via.port, dict(via.parameters)) for via in theirs.via
    ]
    assert isinstance(mine.contacts, list)
    assert len(mine.contacts) == len(theirs.contact)
    for contact, other in zip(mine.contacts, theirs.contact, strict=True):
        same_address(contact, other)


@settings(max_examples=80, deadline=None)
@given(oracle_messages(), st.integers(200, 699), st.text(string.ascii_letters + " ", max_size=10))
def test_an_independent_parser_reads_the_answers(data: bytes, status: int, reason: str) -> None:
    request = parse(data)
    assert isinstance(request, Request)
    request.check()
    octets = response(request, status, reason.strip() or "x", to_tag="ours", source=SOURCE, body=b"abc")
    theirs, asked = sipmessage.Message.parse(octets), sipmessage.Message.parse(data)
    assert isinstance(theirs, sipmessage.Response)
    assert (theirs.code, theirs.phrase, theirs.body) == (status, reason.strip() or "x", b"abc")
    assert (theirs.from_address, theirs.cseq, theirs.call_id) == (asked.from_address, asked.cseq, asked.call_id)
    assert theirs.to_address.parameters["tag"] == asked.to_address.parameters.get("tag", "ours")
    first, *others = theirs.via
    assert others == asked.via[1:]
    wanted = dict(asked.via[0].parameters)
    if "rport" in wanted:
        wanted |= {"rport": "40001", "received": "192.0.2.9"}
    elif asked.via[0].host != "192.0.2.9" or "received" in wanted:
        wanted["received"] = "192.0.2.9"
    assert dict(first.parameters) == wanted
