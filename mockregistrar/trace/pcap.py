"""pcap: the messages as a capture that Wireshark, tshark and sngrep open.

The trace holds messages, not packets, so the packets are made up around them: a classic pcap file of
raw IP packets (LINKTYPE_RAW), microsecond stamps, with correct checksums.

- A datagram is one UDP packet.
- A message of a stream is one TCP segment, or several when it is longer than 65,495 octets. A
  connection opens with SYN, SYN-ACK and ACK before the first message that the trace has of it; each
  segment is acknowledged at once. Sequence numbers run on per connection and direction, so that analysers see a
  whole, orderly stream. No connection is closed: the trace does not know when.
- What travelled over TLS is written as plain TCP on its own port. Analysers take port 5061 for TLS
  unless told otherwise; :func:`write` returns a hint with the option to give.

Nothing is masked unless a :class:`~mockregistrar.trace.masking.Masker` is given: a capture with masked octets
no longer verifies as a login.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from mockregistrar.sip.flow import Address, Flow
from mockregistrar.trace.masking import Masker
from mockregistrar.trace.records import MessageSeen, Record

MAX_SEGMENT = 65_495
"""Octets of a message in one TCP segment: what an IPv4 packet holds behind its two headers."""

_IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_MAGIC = 0xA1B2C3D4
_LINKTYPE_RAW = 101
_SNAPLEN = 262_144
_TCP, _UDP = 6, 17
_SYN, _PSH, _ACK = 0x02, 0x08, 0x10
_WINDOW = 65_535
_TTL = 64
_MAX_DATAGRAM = {4: 65_507, 6: 65_527}
_STEP = 0x0100_0000  # between the initial sequence numbers of connections, so that reuse is seen as new


def write(records: Iterable[Record], file: BinaryIO, *, epoch: float = 0.0, masker: Masker | None = None) -> list[str]:
    """Write the messages among *records* to *file*; return hints on how to read it, a sentence each.

    *epoch* is the POSIX time at which the carrier's wire time was 0. Raises :exc:`ValueError` when an
    address of a flow is no IP address.
    """
    file.write(struct.pack("!IHHiIII", _MAGIC, 2, 4, 0, 0, _SNAPLEN, _LINKTYPE_RAW))
    secure: dict[int, None] = {}
    for stamp, packet in packets(records, epoch=epoch, masker=masker, secure=secure):
        seconds, micros = divmod(round(stamp * 1_000_000), 1_000_000)
        file.write(struct.pack("!IIII", seconds, micros, len(packet), len(packet)) + packet)
    return [
        f"what travelled over TLS on port {port} is written decrypted, as TCP: tshark -d tcp.port=={port},sip"
        for port in secure
    ]


def packets(
    records: Iterable[Record],
    *,
    epoch: float = 0.0,
    masker: Masker | None = None,
    secure: dict[int, None] | None = None,
) -> Iterator[tuple[float, bytes]]:
    """Yield (POSIX time, IP packet) for the messages among *records*; other records are passed over.

    Local ports of TLS flows are put into *secure*, where one is given.
    """
    identification = 0
    connections: dict[Flow, _Connection] = {}
    for record in records:
        if not isinstance(record, MessageSeen):
            continue
        flow = record.flow
        data = masker.octets(record.data) if masker is not None else record.data
        sender, receiver = (flow.remote, flow.local) if record.direction == "in" else (flow.local, flow.remote)
        if flow.reliable:
            connection = connections.get(flow)
            if connection is None:
                connection = connections[flow] = _Connection(len(connections), sender, receiver)
                if flow.secure and secure is not None:
                    secure[flow.local[1]] = None
            segments = connection.segments(sender, data)
        else:
            segments = iter([(sender, receiver, _UDP, data)])
        for source, target, protocol, payload in segments:
            identification = (identification + 1) & 0xFFFF
            yield epoch + record.wire, _packet(source, target, protocol, payload, identification)


_Segment = tuple[Address, Address, int, bytes]
"""Source, target, IP protocol, and for TCP the header without its checksum with the octets behind it."""


class _Connection:
    """Both directions of one TCP connection, from its handshake on."""

    def __init__(self, number: int, client: Address, server: Address) -> None:
        start = (1 + number * _STEP) & 0xFFFFFFFF
        self._next = {client: start, server: (start + _STEP // 2) & 0xFFFFFFFF}
        self._client = client
        self._server = server
        self._open = False

    def segments(self, sender: Address, data: bytes) -> Iterator[_Segment]:
        """Yield the segments that carry *data*, those that open the connection first if need be."""
        if not self._open:
            self._open = True
            yield self._segment(self._client, _SYN)
            yield self._segment(self._server, _SYN | _ACK)
            yield self._segment(self._client, _ACK)
        for at in range(0, len(data), MAX_SEGMENT):
            yield self._segment(sender, _PSH | _ACK, data[at : at + MAX_SEGMENT])
            yield self._segment(self._peer(sender), _ACK)

    def _segment(self, sender: Address, flags: int, data: bytes = b"") -> _Segment:
        receiver = self._peer(sender)
        sequence = self._next[sender]
        acknowledged = self._next[receiver] if flags & _ACK else 0
        self._next[sender] = (sequence + len(data) + bool(flags & _SYN)) & 0xFFFFFFFF
        header = struct.pack("!HHIIBBHHH", sender[1], receiver[1], sequence, acknowledged, 5 << 4, flags, _WINDOW, 0, 0)
        return sender, receiver, _TCP, header + data

    def _peer(self, end: Address) -> Address:
        return self._server if end == self._client else self._client


def _packet(source: Address, target: Address, protocol: int, payload: bytes, identification: int) -> bytes:
    source_ip, target_ip = _ip(source), _ip(target)
    if source_ip.version != target_ip.version:
        raise ValueError(f"one end is IPv4, the other IPv6: {source[0]}, {target[0]}")
    if protocol == _UDP:
        payload = payload[: _MAX_DATAGRAM[source_ip.version]]  # no longer one could have been sent
        payload = struct.pack("!HHHH", source[1], target[1], 8 + len(payload), 0) + payload
    ends = source_ip.packed + target_ip.packed
    pseudo = ends + struct.pack("!II", len(payload), protocol)  # sums up alike for IPv4 and IPv6
    at = 6 if protocol == _UDP else 16
    checksum = internet_checksum(pseudo + payload)
    if protocol == _UDP and checksum == 0:
        checksum = 0xFFFF  # 0 would mean that there is none (RFC 768)
    payload = payload[:at] + checksum.to_bytes(2, "big") + payload[at + 2 :]
    if source_ip.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, _TTL) + ends + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), identification, 0x4000, _TTL, protocol, 0)
    checksum = internet_checksum(head + ends)
    return head[:10] + checksum.to_bytes(2, "big") + ends + payload


def _ip(address: Address) -> _IpAddress:
    ip = ipaddress.ip_address(address[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


def internet_checksum(data: bytes) -> int:
    """Return the Internet checksum of *data* (:rfc:`1071`), an odd octet at the end padded with zero.

    The sum of 16-bit words in one's complement is the number that the octets form, modulo 65535.
    """
    if len(data) % 2:
        data += b"\0"
    folded = int.from_bytes(data, "big") % 0xFFFF
    return 0xFFFF - folded if folded or not any(data) else 0
