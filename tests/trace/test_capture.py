"""Captures read back: what `pcap` wrote, what other programs write, and files that are none."""

from __future__ import annotations

import io
import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from mockregistrar.sip.flow import Flow
from mockregistrar.trace import MessageSeen
from mockregistrar.trace.capture import Captured, CaptureError, read_capture
from mockregistrar.trace.pcap import packets, write

REGISTER = (
    b"REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n"
    b"To: <sip:a@h>\r\nCall-ID: %d\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"
)
OK = (
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n"
    b"To: <sip:a@h>;tag=2\r\nCall-ID: %d\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"
)
HERE, THERE = ("192.0.2.1", 5060), ("192.0.2.7", 40000)
V6 = Flow("udp", ("2001:db8::1", 5060), ("2001:db8::7", 40000))
EPOCH = 1_700_000_000.0


def records(*flows: Flow) -> list[MessageSeen]:
    made = []
    for number in range(3):
        for flow in flows:
            made.append(MessageSeen(0, number + 0.25, 0.0, "in", flow, REGISTER % number))
            made.append(MessageSeen(0, number + 0.5, 0.0, "out", flow, OK % number))
    return made


def shown(captured: list[Captured]) -> list[tuple[str, object, object, bytes]]:
    return [(c.transport, c.source, c.target, c.message.raw) for c in captured]


def meant(seen: list[MessageSeen]) -> list[tuple[str, object, object, bytes]]:
    found = []
    for record in seen:
        ends = (record.flow.remote, record.flow.local)
        source, target = ends if record.direction == "in" else ends[::-1]
        found.append((record.flow.transport, source, target, record.data))
    return found


def classic(link: int, wrapped: list[bytes], order: str = "<", magic: int = 0xA1B2C3D4) -> bytes:
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    return head + b"".join(struct.pack(order + "IIII", 1, 500_000, len(p), len(p)) + p for p in wrapped)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += b"\0" * (-len(body) % 4)
    length = 12 + len(body)
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def next_generation(link: int, wrapped: list[bytes], order: str = "<", options: bytes = b"", kind: int = 6) -> bytes:
    out = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    out += block(0x12345, b"something new", order)
    out += block(1, struct.pack(order + "HHI", link, 0, 0) + options, order)
    for packet in wrapped:
        if kind == 6:
            head = struct.pack(order + "IIIII", 0, 0, 1_500_000, len(packet), len(packet))
        elif kind == 2:
            head = struct.pack(order + "HHIIII", 0, 0, 0, 1_500_000, len(packet), len(packet))
        else:
            head = struct.pack(order + "I", len(packet))
        out += block(kind, head + packet, order)
    return out


UDP = Flow("udp", HERE, THERE)
TCP = Flow("tcp", HERE, THERE, 1)
PLAIN = [packet for _, packet in packets(records(UDP))]
WRAPS = {
    1: lambda p: bytes(12) + b"\x08\x00" + p,
    113: lambda p: bytes(14) + b"\x08\x00" + p,
    276: lambda p: b"\x08\x00" + bytes(18) + p,
    0: lambda p: b"\x02\0\0\0" + p,
    108: lambda p: b"\0\0\0\x02" + p,
    101: bytes,
    12: bytes,
    228: bytes,
}


# -- what is read ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("flows", [(UDP,), (TCP,), (V6,), (UDP, TCP, V6)], ids=["udp", "tcp", "v6", "all"])
def test_what_was_written_is_read_back(flows):
    file = io.BytesIO()
    write(records(*flows), file, epoch=EPOCH)
    captured = read_capture(file.getvalue())
    assert shown(captured) == meant(records(*flows))
    assert captured[0].time == pytest.approx(EPOCH + 0.25)


@pytest.mark.parametrize("link", WRAPS)
@pytest.mark.parametrize("order", "<>")
def test_every_link_type_and_byte_order(link, order):
    wrapped = [WRAPS[link](packet) for packet in PLAIN]
    expected = meant(records(UDP))
    for data in (
        classic(link, wrapped, order),
        classic(link, wrapped, order, 0xA1B23C4D),
        next_generation(link, wrapped, order),
        next_generation(link, wrapped, order, kind=2),
        next_generation(link, wrapped, order, kind=3),
    ):
        assert shown(read_capture(data)) == expected


def test_vlan_tags():
    wrapped = [bytes(12) + b"\x88\xa8\0\x01\x81\0\0\x02\x08\0" + packet for packet in PLAIN]
    assert shown(read_capture(classic(1, wrapped))) == meant(records(UDP))


@pytest.mark.parametrize(
    ("options", "time"),
    [
        (b"", 1.5),
        (struct.pack("<HHBxxx", 9, 1, 6), 1.5),
        (struct.pack("<HHBxxx", 9, 1, 3), 1500.0),
        (struct.pack("<HH4sHHBxxx", 2, 3, b"eth\0", 9, 1, 0x80 | 1), 750_000.0),
        (struct.pack("<HHHHBxxx", 0, 0, 9, 1, 3), 1.5),
    ],
)
def test_the_unit_of_time_stamps(options, time):
    assert read_capture(next_generation(101, PLAIN, options=options))[0].time == pytest.approx(time)


def test_what_is_no_sip_is_passed_over():
    noise = [bytes(12) + kind + bytes(60) for kind in (b"\x08\x06", b"\x08\x00", b"\x86\xdd")]
    noise += [bytes(5), b"", WRAPS[1](PLAIN[0][:15]), WRAPS[1](PLAIN[0][:25])]
    fragment = bytearray(PLAIN[0])
    fragment[6:8] = b"\x20\x00"
    wrapped = [*noise, WRAPS[1](bytes(fragment)), *map(WRAPS[1], PLAIN)]
    assert shown(read_capture(classic(1, wrapped))) == meant(records(UDP))


# -- TCP ---------------------------------------------------------------------------------------------------------
def stream(cuts: int, seed: int) -> tuple[list[bytes], list[tuple[str, object, object, bytes]]]:
    """Return the packets of a connection in small segments, shuffled a little and some twice, and what they carry."""
    whole = b"\r\n\r\n" + b"".join(REGISTER % number for number in range(5))
    pieces = [whole[at : at + cuts] for at in range(0, len(whole), cuts)]
    flow = Flow("tcp", HERE, THERE, 1)
    made = [p for _, p in packets([MessageSeen(0, 0.0, 0.0, "in", flow, piece) for piece in pieces])]
    rng = random.Random(seed)
    opening, rest = made[:3], made[3:]
    rest += rng.choices(rest, k=5)
    rest = [packet for _, packet in sorted(enumerate(rest), key=lambda at: at[0] + rng.uniform(0, 6))]
    return opening + rest, [("tcp", THERE, HERE, REGISTER % number) for number in range(5)]


@pytest.mark.parametrize("seed", range(20))
def test_segments_out_of_order_and_sent_twice(seed):
    made, expected = stream(37 + 50 * seed, seed)
    assert shown(read_capture(classic(101, made))) == expected


def test_a_capture_that_begins_later_than_the_connection():
    made = [packet for _, packet in packets(records(TCP))][3:]
    assert shown(read_capture(classic(101, made))) == meant(records(TCP))


def test_a_segment_that_is_missing():
    made = [packet for _, packet in packets([*records(TCP), *records(TCP) * 80])]
    del made[7]
    found = shown(read_capture(classic(101, made)))
    assert len(meant(records(TCP)) * 81) - 220 < len(found) < len(meant(records(TCP)) * 81)


def test_a_connection_from_the_same_port_again():
    made = [p for _, p in packets(records(TCP))] + [p for _, p in packets(records(Flow("tcp", HERE, THERE, 2)))]
    assert shown(read_capture(classic(101, made))) == meant(records(TCP)) * 2


# -- other programs ----------------------------------------------------------------------------------------------
@pytest.mark.skipif(shutil.which("editcap") is None, reason="needs editcap: apt-get install wireshark-common")
@pytest.mark.parametrize("form", ["pcapng", "pcap", "nsecpcap"])
def test_what_editcap_writes(tmp_path: Path, form):
    with (tmp_path / "ours.pcap").open("wb") as file:
        write(records(UDP, TCP, V6), file, epoch=EPOCH)
    subprocess.run(["editcap", "-F", form, tmp_path / "ours.pcap", tmp_path / "theirs"], check=True, timeout=60)
    captured = read_capture((tmp_path / "theirs").read_bytes())
    assert shown(captured) == meant(records(UDP, TCP, V6))
    assert captured[0].time == pytest.approx(EPOCH + 0.25)


# -- mistakes ----------------------------------------------------------------------------------------------------
GOOD = classic(101, PLAIN)
GOOD_NG = next_generation(101, PLAIN)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"GET / HTTP", "is no pcap or pcapng file: it begins with 47 45 54 20"),
        (GOOD[:20], "the header of the file breaks off (octet 20)"),
        (GOOD[:30], "the file breaks off in the header of a packet (octet 24)"),
        (GOOD[:60], f"the file breaks off in a packet of {len(PLAIN[0])} octets (octet 24)"),
        (classic(127, PLAIN), "link type 127 is not read, only Ethernet"),
        (GOOD_NG[:-5], "the file breaks off in a block of"),
        (GOOD_NG + b"\x06\0\0\0", "the file breaks off in the header of a block"),
        (GOOD_NG + struct.pack("<III", 6, 13, 0), "a block says that it has 13 octets"),
        (next_generation(127, PLAIN), "link type 127 is not read"),
        (GOOD_NG[:28] + block(6, bytes(40)), "a packet is of interface 0, which is not described before it (octet 28)"),
        (GOOD_NG + block(6, struct.pack("<IIIII", 0, 0, 0, 99, 99)), "a packet of 99 octets is longer than its block"),
        (GOOD_NG + block(6, b"abcd"), "a packet block is too short"),
        (GOOD_NG[:28] + block(1, b"abcd"), "the description of an interface is too short (octet 28)"),
    ],
)
def test_files_that_are_no_captures(data, message):
    with pytest.raises(CaptureError) as caught:
        read_capture(data)
    assert message in str(caught.value)


@pytest.mark.parametrize("seed", range(40))
def test_no_file_breaks_it(seed):
    rng = random.Random(seed)
    made, _ = stream(200, seed)
    for data in (classic(1, [WRAPS[1](p) for p in PLAIN]), next_generation(113, PLAIN), classic(101, made)):
        broken = bytearray(data)
        for _ in range(1 + seed % 7):
            broken[rng.randrange(4, len(broken))] = rng.randrange(256)
        try:
            read_capture(bytes(broken))
        except CaptureError as error:
            assert str(error)  # noqa: PT017 - it may be readable all the same
