"""Captures read back: the SIP messages in a pcap or pcapng file, over UDP and TCP, in the order they were seen.

The counterpart of `pcap`, which writes. What is read: classic pcap in either byte order, micro- and nanosecond stamps;
pcapng with enhanced, simple and obsolete packet blocks; the link types Ethernet (VLAN tags too), Linux cooked (both
versions), raw IP and loopback. IPv4 without its fragments, IPv6 without extension headers. The segments of a TCP
connection are put in order by their sequence numbers, and each direction is cut into messages as the carrier does it
(:rfc:`3261` 18.3). What is no SIP is passed over.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from mockregistrar.sip.errors import FramingError, ParseError
from mockregistrar.sip.flow import Address
from mockregistrar.sip.framing import StreamFramer
from mockregistrar.sip.message import Request, Response, parse

_PCAP = {
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
}
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_TCP, _UDP = 6, 17
_IP4, _IP6 = 0x0800, 0x86DD
_VLANS = (0x8100, 0x88A8, 0x9100)
_MOST_IN_A_BLOCK = 1 << 24
_MOST_AHEAD = 200
"""Segments of one direction that wait for one before them; then that one is not in the capture."""
_SIP = (b"SIP/2.0 ", b" SIP/2.0\r\n", b" SIP/2.0\n")


class CaptureError(ValueError):
    """A file that cannot be read as a capture; the message says what is wrong at which octet."""

    def __init__(self, detail: str, offset: int | None = None) -> None:
        super().__init__(detail if offset is None else f"{detail} (octet {offset})")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Captured:
    """One SIP message of a capture."""

    time: float
    """POSIX time of its last packet, in seconds."""
    transport: str
    """``udp`` or ``tcp``."""
    source: Address
    target: Address
    message: Request | Response


def read_capture(data: bytes) -> list[Captured]:
    """Return the SIP messages of a capture in the order in which they were complete.

    Raises `CaptureError` for what is no capture, for one that breaks off in the middle of a packet, and for a link
    type that is not read.
    """
    found: list[Captured] = []
    streams: dict[tuple[Address, Address], _Direction] = {}
    for time, link, packet in _packets(data):
        segment = _segment(link, packet)
        if segment is None:
            continue
        protocol, source, target, payload = segment
        if protocol == _UDP:
            found += _messages(time, "udp", source, target, [payload])
            continue
        direction = streams.get((source, target))
        if direction is None or payload[13] & 0x02:  # a SYN begins anew
            direction = streams[source, target] = _Direction()
        found += _messages(time, "tcp", source, target, direction.take(payload))
    return found


def _messages(time: float, transport: str, source: Address, target: Address, pieces: list[bytes]) -> Iterator[Captured]:
    for piece in pieces:
        if not any(mark in piece for mark in _SIP):
            continue
        try:
            message = parse(piece)
        except ParseError:
            continue  # not every datagram with these words in it is one
        yield Captured(time, transport, source, target, message)


# -- files -------------------------------------------------------------------------------------------------------
def _packets(data: bytes) -> Iterator[tuple[float, int, bytes]]:
    """Yield (POSIX time, link type, octets) of each packet."""
    if data[:4] in _PCAP:
        yield from _classic(data, *_PCAP[data[:4]])
    elif data[:4] == _PCAPNG:
        yield from _next_generation(data)
    elif not data:
        raise CaptureError("the file is empty")
    else:
        raise CaptureError("is no pcap or pcapng file: it begins with " + data[:4].hex(" "))


def _classic(data: bytes, order: str, unit: float) -> Iterator[tuple[float, int, bytes]]:
    if len(data) < 24:
        raise CaptureError("the header of the file breaks off", len(data))
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    _check_link(link, 20)
    at = 24
    while at < len(data):
        if at + 16 > len(data):
            raise CaptureError("the file breaks off in the header of a packet", at)
        seconds, fraction, length, _ = struct.unpack_from(order + "IIII", data, at)
        if at + 16 + length > len(data):
            raise CaptureError(f"the file breaks off in a packet of {length} octets", at)
        yield seconds + fraction * unit, link, data[at + 16 : at + 16 + length]
        at += 16 + length


def _next_generation(data: bytes) -> Iterator[tuple[float, int, bytes]]:
    order, at = "<", 0
    interfaces: list[tuple[int, float]] = []
    while at < len(data):
        if at + 12 > len(data):
            raise CaptureError("the file breaks off in the header of a block", at)
        if data[at : at + 4] == _PCAPNG:
            order = ">" if data[at + 8 : at + 12] == b"\x1a\x2b\x3c\x4d" else "<"
            interfaces = []
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or length % 4 or length > _MOST_IN_A_BLOCK:
            raise CaptureError(f"a block says that it has {length} octets", at)
        if at + length > len(data):
            raise CaptureError(f"the file breaks off in a block of {length} octets", at)
        body = data[at + 8 : at + length - 4]
        if kind == 1:
            if len(body) < 8:
                raise CaptureError("the description of an interface is too short", at)
            link = struct.unpack_from(order + "H", body)[0]
            _check_link(link, at)
            interfaces.append((link, _resolution(body[8:], order)))
        elif kind in (2, 3, 6):
            yield _block(kind, body, order, interfaces, at)
        at += length


def _block(
    kind: int, body: bytes, order: str, interfaces: list[tuple[int, float]], at: int
) -> tuple[float, int, bytes]:
    """Return the packet in a packet block."""
    head = 4 if kind == 3 else 20
    if len(body) < head:
        raise CaptureError("a packet block is too short", at)
    if kind == 6:
        number, high, low, length = struct.unpack_from(order + "IIII", body)
    elif kind == 2:
        number, _, high, low, length = struct.unpack_from(order + "HHIII", body)
    else:
        number, high, low, length = 0, 0, 0, len(body) - head
    if number >= len(interfaces):
        raise CaptureError(f"a packet is of interface {number}, which is not described before it", at)
    if head + length > len(body):
        raise CaptureError(f"a packet of {length} octets is longer than its block", at)
    link, unit = interfaces[number]
    return (high << 32 | low) * unit, link, body[head : head + length]


def _resolution(options: bytes, order: str) -> float:
    """Return the seconds that one unit of an interface's time stamps stands for; option if_tsresol is 9."""
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, at)
        if code == 9 and length >= 1 and at + 4 < len(options):
            value = options[at + 4]
            return float(2 ** -(value & 0x7F)) if value & 0x80 else 10.0**-value
        if code == 0:
            break
        at += 4 + length + -length % 4
    return 1e-6


# -- packets -----------------------------------------------------------------------------------------------------
_LINKS = {0: 4, 1: 14, 12: 0, 14: 0, 101: 0, 108: 4, 113: 16, 228: 0, 229: 0, 276: 20}
"""Link types, and the octets before the IP packet."""
_TYPE_AT = {1: 12, 113: 14, 276: 0}
"""Where a link header names what is in it."""


def _check_link(link: int, at: int) -> None:
    if link not in _LINKS:
        named = "Ethernet, Linux cooked, raw IP and loopback"
        raise CaptureError(f"link type {link} is not read, only {named}; capture with `tcpdump -i any` or convert", at)


def _segment(link: int, packet: bytes) -> tuple[int, Address, Address, bytes] | None:
    """Return protocol, source, target and payload of a packet (for TCP with its header); None for any other."""
    start = _LINKS[link]
    place = _TYPE_AT.get(link)
    if place is not None:
        if len(packet) < start:
            return None
        kind = int.from_bytes(packet[place : place + 2], "big")
        while kind in _VLANS and link == 1:
            kind = int.from_bytes(packet[start + 2 : start + 4], "big")
            start += 4
        if kind not in (_IP4, _IP6):
            return None
    return _inside_ip(packet[start:])


def _inside_ip(packet: bytes) -> tuple[int, Address, Address, bytes] | None:
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        header = (packet[0] & 15) * 4
        length = int.from_bytes(packet[2:4], "big") or len(packet)  # 0 where the card segments
        if int.from_bytes(packet[6:8], "big") & 0x3FFF:
            return None  # a fragment
        protocol, ends = packet[9], (packet[12:16], packet[16:20])
        payload = packet[header:length]
    elif version == 6 and len(packet) >= 40:
        length = int.from_bytes(packet[4:6], "big") or len(packet) - 40
        protocol, ends = packet[6], (packet[8:24], packet[24:40])
        payload = packet[40 : 40 + length]
    else:
        return None
    if protocol == _UDP and len(payload) >= 8:
        rest = payload[8:]
    elif protocol == _TCP and len(payload) >= 20:
        rest = payload
    else:
        return None
    ports = struct.unpack_from("!HH", payload)
    source, target = ((str(ipaddress.ip_address(end)), port) for end, port in zip(ends, ports, strict=True))
    return protocol, source, target, rest


class _Direction:
    """One direction of a TCP connection: segments in, whole messages out."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._ahead: dict[int, bytes] = {}
        self._framer = StreamFramer()

    def take(self, segment: bytes) -> list[bytes]:
        """Take a segment with its header; return the messages that are whole now."""
        sequence, flags = int.from_bytes(segment[4:8], "big"), segment[13]
        data = segment[(segment[12] >> 4) * 4 :]
        if flags & 0x02:  # SYN
            self._next = (sequence + 1) & 0xFFFFFFFF
            return []
        if not data:
            return []
        if self._next is None:  # the capture began later than the connection
            self._next = sequence
        self._ahead[sequence] = data
        if len(self._ahead) > _MOST_AHEAD:
            self._next = min(self._ahead, key=lambda number: (number - sequence + (1 << 31)) & 0xFFFFFFFF)
            self._framer = StreamFramer()
        found: list[bytes] = []
        while (piece := self._due()) is not None:
            found += self._feed(piece)
        return found

    def _due(self) -> bytes | None:
        """Return the octets that come next, if a segment has them; one that was sent again is cut or dropped."""
        assert self._next is not None
        for sequence, data in sorted(self._ahead.items()):
            behind = (self._next - sequence) & 0xFFFFFFFF
            if behind < 1 << 31:
                del self._ahead[sequence]
                rest = data[behind:]
                self._next = (self._next + len(rest)) & 0xFFFFFFFF
                return rest
        return None

    def _feed(self, data: bytes) -> list[bytes]:
        found = []
        try:
            for piece in self._framer.feed(data):
                if isinstance(piece, bytes):
                    found.append(piece)  # noqa: PERF401 - what was whole before the error counts
        except FramingError:  # no SIP, or the capture began in a message: another one may begin with a segment
            self._framer = StreamFramer()
        return found
