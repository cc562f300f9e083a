"""Cutting streams, keep-alives, limits, and naming what is no SIP."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.sip.errors import FramingError
from mockregistrar.sip.framing import KeepAlive, StreamFramer, sniff

PING = KeepAlive.PING


def message(body: bytes = b"", length: str = "Content-Length: {}", start: str = "OPTIONS sip:h SIP/2.0") -> bytes:
    return f"{start}\r\nVia: SIP/2.0/TCP h\r\n{length.format(len(body))}\r\nSubject: x\r\n\r\n".encode() + body


def cut(*slices: bytes, framer: StreamFramer | None = None) -> list[bytes | KeepAlive]:
    framer = framer or StreamFramer()
    return [item for piece in slices for item in framer.feed(piece)]


SESSION: list[bytes | KeepAlive] = [
    message(),
    PING,
    message(b"v=0\r\n\r\nOPTIONS sip:h SIP/2.0\r\n\r\n"),
    message(b"abc", "l : {}"),
    message(b"ab\r\n", "CONTENT-length:\t{} "),
    PING,
    PING,
    message(b"x" * 300, "Content-Length:\r\n\t{}"),
    message(b"", "X: y\r\n Content-Length: 7\r\nL:0{}", "SIP/2.0 200 OK"),
    message(b"z", start="Foo!  sip:h;x y SIP/7.0 "),
]
STREAM = b"".join(b"\r\n\r\n" if isinstance(item, KeepAlive) else item for item in SESSION)
STREAM = STREAM.replace(message(b"abc", "l : {}"), b"\r\n" + message(b"abc", "l : {}"))  # a lone CR LF between two


def test_a_session_whole() -> None:
    framer = StreamFramer()
    assert cut(STREAM, framer=framer) == SESSION
    assert framer.pending == 0


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_a_session_cut_anywhere(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert cut(*[STREAM[a:b] for a, b in pairwise(edges)]) == SESSION


def test_a_session_octet_by_octet() -> None:
    assert cut(*[STREAM[i : i + 1] for i in range(len(STREAM))]) == SESSION


def test_each_message_comes_as_soon_as_it_is_whole() -> None:
    framer = StreamFramer()
    data = message(b"abc")
    assert cut(data[:-1], framer=framer) == []
    assert framer.pending == len(data) - 1
    assert cut(data[-1:] + data[:5], framer=framer) == [data]
    assert framer.pending == 5


def test_octets_are_taken_even_if_nobody_iterates() -> None:
    framer = StreamFramer()
    framer.feed(message()[:20])
    assert cut(message()[20:], framer=framer) == [message()]


@pytest.mark.parametrize(
    ("slices", "items"),
    [
        ([b"\r\n"], []),
        ([b"\r\n\r\n"], [PING]),
        ([b"\r\n", b"\r\n"], [PING]),
        ([b"\r", b"\n\r", b"\n"], [PING]),
        ([b"\r\n" * 5], [PING, PING]),
        ([b"\r\n", message()], [message()]),
        ([b"\r\n\r\n\r\n", message()], [PING, message()]),
    ],
)
def test_keep_alives(slices: list[bytes], items: list[bytes | KeepAlive]) -> None:
    assert cut(*slices) == items


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (message(length="X: {}"), "there is no Content-Length"),
        (message(length=" Content-Length: {}"), "there is no Content-Length"),
        (message(length="Content-Length-X: {}"), "there is no Content-Length"),
        (message(length="l: 0\r\nContent-Length: {}"), "several Content-Length"),
        (message(length="l: 0\r\nl: {}"), "several Content-Length"),
        (message(length="l: -1"), "no number of octets: '-1'"),
        (message(length="l: 1, 1"), "no number of octets"),
        (message(length="l:"), "no number of octets: ''"),
        (message(length="l: 1\r\n 2"), "no number of octets"),
        (message(length="l: " + "9" * 5000), "the limit is"),
        (message(length="l: 1048577"), "announces 1048577 octets of body, the limit is 1048576"),
    ],
)
def test_the_next_message_cannot_be_found(data: bytes, detail: str) -> None:
    with pytest.raises(FramingError) as caught:
        cut(data)
    assert detail in caught.value.detail
    assert caught.value.head == data


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "looks like TLS ClientHello"),
        (b"\x16", "looks like TLS"),
        (b"GET / HTTP/1.1\r\n", "looks like HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "looks like SSH"),
        (b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"a" * 12, "looks like STUN"),
        (b"hello world\r\n", "cannot begin with 'hello world"),
        (b"hello\n", "cannot begin with 'hello'"),
        (b" OPTIONS sip:h SIP/2.0\r\n", "cannot begin with"),
        (b"\n", "keep-alive (line ends)"),
        (b"\r\n\rX", "cannot begin with"),
        (b"OPTIONS sip:h SIP/2.0\nVia: x\n\n", "LF alone"),
        (b"OPTIONS sip:h\r\n", "cannot begin with 'OPTIONS sip:h"),
    ],
)
def test_no_sip_is_told_at_once(data: bytes, detail: str) -> None:
    for slices in ([data], [data[i : i + 1] for i in range(len(data))]):
        with pytest.raises(FramingError) as caught:
            cut(*slices)
        if len(slices) == 1:
            assert detail in caught.value.detail
        assert caught.value.head is None


def test_messages_before_the_break_are_delivered_and_nothing_after() -> None:
    framer = StreamFramer()
    items = framer.feed(message() + b"nonsense\r\n" + message())
    assert next(items) == message()
    with pytest.raises(FramingError, match="nonsense"):
        next(items)
    with pytest.raises(FramingError, match="nonsense"):
        cut(message(), framer=framer)


def test_limits() -> None:
    head = len(message())
    assert cut(message(b"12345"), framer=StreamFramer(max_head=head, max_body=5)) == [message(b"12345")]
    with pytest.raises(FramingError, match=f"larger than {head - 1} octets"):
        cut(message(), framer=StreamFramer(max_head=head - 1))
    with pytest.raises(FramingError, match="the limit is 4"):
        cut(message(b"12345"), framer=StreamFramer(max_body=4))
    with pytest.raises(FramingError, match="larger than 100 octets"):
        cut(*[b"O" * 10] * 11, framer=StreamFramer(max_head=100))


class CountingBuffer(bytearray):
    """Counts how many octets are looked through."""

    looked = 0

    def find(self, sub, start=0, end=None):
        found = super().find(sub, start)
        CountingBuffer.looked += (found if found >= 0 else len(self)) - min(start, len(self))
        return found


def test_octet_by_octet_looks_at_each_octet_a_few_times_only() -> None:
    data = message(b"", "X: " + "a" * 20_000 + "\r\nl: {}")
    framer = StreamFramer()
    framer._buffer = CountingBuffer()
    CountingBuffer.looked = 0
    assert cut(*[data[i : i + 1] for i in range(len(data))], framer=framer) == [data]
    assert 0 < CountingBuffer.looked < 10 * len(data)


def rtp(kind: int, length: int = 160) -> bytes:
    return struct.pack("!BBHII", 0x80, kind, 4711, 160, 0xDEADBEEF) + bytes(length)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", "TLS ClientHello"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "TLS"),
        (b"\x16\xfe\xfd\x00\x00\x00\x00\x00", "DTLS"),
        (b"\x00\x01\x00\x08\x21\x12\xa4\x42abcdefghijkl", "STUN"),
        (rtp(0), "RTP"),
        (rtp(0x80 | 101, 4), "RTP"),
        (struct.pack("!BBHI", 0x80, 200, 6, 1) + bytes(20), "RTCP"),
        (struct.pack("!HHIBBBB", 0x8001, 0, 3, 0, 0, 6, 13), "IAX2"),
        (b"GET /socket HTTP/1.1\r\n", "HTTP"),
        (b"HTTP/1.1 200 OK\r\n", "HTTP"),
        (b"OPTIONS * HTTP/1.1\r\n", "HTTP"),
        (b"POST /", "HTTP"),
        (b"DESCRIBE rtsp://h RTSP/1.0\r\n", "RTSP"),
        (b"CRCX 1204 aaln/1@rgw MGCP 1.0\r\n", "MGCP"),
        (b"SSH-2.0-x", "SSH"),
        (b"EHLO x\r\n", "SMTP"),
        (b"Action: Login\r\n", "Asterisk Manager Interface"),
        (b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n", "PROXY protocol"),
        (b"\r\n\r\n\x00\r\nQUIT\n\x21\x11", "PROXY protocol"),
        (b"\x03\x00\x00\x16", "H.323 (TPKT)"),
        (b"\x05\x01\x00", "SOCKS"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"\r\n\r\n", "keep-alive (line ends)"),
        (b"\x00\x00\x00\x00", "keep-alive (zero octets)"),
        (b"", None),
        (b"hello", None),
        (message(), None),
        (b"SIP/2.0 200 OK\r\n\r\n", None),
        (b"REGISTER sip:HTTP/1.1 SIP/2.0\r\n", None),
    ],
)
def test_sniff(data: bytes, name: str | None) -> None:
    assert sniff(data) == name
