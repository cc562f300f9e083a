"""pcap: an analyser that is not ours reads the messages back, and finds nothing wrong with the packets."""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockregistrar.sip.flow import Flow
from mockregistrar.trace import Masker, MessageSeen, Note, pcap

UDP = Flow("udp", ("127.0.0.1", 35060), ("127.0.0.1", 41822))
UDP6 = Flow("udp", ("::1", 35060), ("::1", 41822))
TCP = Flow("tcp", ("127.0.0.1", 35060), ("127.0.0.1", 41823), 1)
TLS6 = Flow("tls", ("::1", 35061), ("::1", 41824), 2)
FLOWS = [UDP, UDP6, TCP, TLS6]


def request(cseq, method="REGISTER", body=b""):
    return (
        f"{method} sip:acme.example SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:41822;branch=z9hG4bK{cseq}\r\n"
        f"From: <sip:200@acme.example>;tag=a\r\nTo: <sip:200@acme.example>\r\nCall-ID: cid\r\n"
        f"CSeq: {cseq} {method}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def response(cseq, status):
    return request(cseq).replace(b"REGISTER sip:acme.example SIP/2.0", b"SIP/2.0 %d Phrase" % status)


def conversation(flow, start=0.0):
    return [
        MessageSeen(1, start, 0.0, "in", flow, request(1)),
        MessageSeen(2, start + 0.25, 0.0, "out", flow, response(1, 401)),
        Note(3, start + 0.25, 0.0, "no message"),
        MessageSeen(4, start + 0.5, 0.0, "in", flow, request(2)),
        MessageSeen(5, start + 0.75, 0.0, "out", flow, response(2, 200)),
        MessageSeen(6, start + 1.0, 0.0, "out", flow, request(1, "OPTIONS")),
    ]


def captured(records, **options):
    file = io.BytesIO()
    hints = pcap.write(records, file, **options)
    return file.getvalue(), hints


# -- read back by tshark ------------------------------------------------------------------------------


@pytest.fixture
def tshark(tmp_path):
    program = shutil.which("tshark")
    if program is None:
        if os.environ.get("SIPREG_REQUIRE_CLIENTS") == "1":
            pytest.fail("tshark is not there: apt-get install tshark")
        pytest.skip("needs tshark: apt-get install tshark")

    def read(data, *arguments):
        path = tmp_path / "trace.pcap"
        path.write_bytes(data)
        checks = ("ip.check_checksum", "udp.check_checksum", "tcp.check_checksum")
        command = [program, "-r", str(path), *(part for check in checks for part in ("-o", f"{check}:TRUE"))]
        for port in (35060, 35061):
            command += ["-d", f"tcp.port=={port},sip", "-d", f"udp.port=={port},sip"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return read


SIP_FIELDS = ["-Y", "sip", "-T", "fields", "-e", "sip.Method", "-e", "sip.Status-Code", "-e", "sip.CSeq"]


@pytest.mark.parametrize("flow", FLOWS, ids=str)
def test_tshark_reads_the_messages_back(tshark, flow):
    data, _ = captured(conversation(flow))
    assert tshark(data, *SIP_FIELDS) == [
        "REGISTER\t\t1 REGISTER",
        "\t401\t1 REGISTER",
        "REGISTER\t\t2 REGISTER",
        "\t200\t2 REGISTER",
        "OPTIONS\t\t1 OPTIONS",
    ]


@pytest.mark.parametrize("flow", FLOWS, ids=str)
def test_tshark_finds_the_ends_and_the_times(tshark, flow):
    data, _ = captured(conversation(flow), epoch=1_700_000_000.5)
    ip = "ipv6" if ":" in flow.local[0] else "ip"
    transport = "tcp" if flow.reliable else "udp"
    fields = ["frame.time_epoch", f"{ip}.src", f"{transport}.srcport", f"{ip}.dst", f"{transport}.dstport"]
    options = [part for field in fields for part in ("-e", field)]
    lines = [line.split("\t") for line in tshark(data, "-Y", "sip", "-T", "fields", *options)]
    client, carrier = ([host, str(port)] for host, port in (flow.remote, flow.local))
    assert [line[1:] for line in lines] == [
        client + carrier,
        carrier + client,
        client + carrier,
        carrier + client,
        carrier + client,
    ]
    assert [float(line[0]) - 1_700_000_000 for line in lines] == [0.5, 0.75, 1.0, 1.25, 1.5]


def test_tshark_finds_nothing_wrong(tshark):
    large = b"v=0\r\n" + b"x" * 200_001
    again = Flow("tcp", TCP.local, ("127.0.0.1", 41825), 4)
    records = [record for flow in FLOWS for record in conversation(flow)]
    records += [MessageSeen(7, 2.0, 0.0, "in", TCP, request(3, "MESSAGE", large))]
    records += [MessageSeen(8, 3.0, 0.0, "out", again, request(9, "INVITE"))]
    records += [MessageSeen(9, 4.0, 0.0, "in", UDP, request(4, body=b"x" * odd)) for odd in (1, 2)]
    data, _ = captured(records)
    assert tshark(data, "-Y", "tcp.checksum.status != 1 or udp.checksum.status != 1 or ip.checksum.status != 1") == []
    assert tshark(data, "-Y", "tcp.analysis.flags") == []
    assert tshark(data, "-Y", "_ws.malformed or _ws.short") == []
    assert "MESSAGE\t\t3 MESSAGE" in tshark(data, *SIP_FIELDS)
    assert "INVITE\t\t9 INVITE" in tshark(data, *SIP_FIELDS)


def test_tshark_sees_a_broken_checksum(tshark):
    """The check above can fail."""
    data, _ = captured(conversation(UDP))
    broken = data[:-1] + bytes([data[-1] ^ 1])
    assert len(tshark(broken, "-Y", "udp.checksum.status == 0")) == 1


def test_tshark_takes_a_port_used_twice_for_two_connections(tshark):
    second = Flow("tcp", TCP.local, TCP.remote, 2)
    data, _ = captured(conversation(TCP) + conversation(second, 10.0))
    assert len(tshark(data, *SIP_FIELDS)) == 10
    assert sorted(set(tshark(data, "-T", "fields", "-e", "tcp.stream"))) == ["0", "1"]


# -- on our own ---------------------------------------------------------------------------------------


def test_the_file_says_raw_ip_and_the_lengths_add_up():
    data, hints = captured(conversation(UDP))
    assert struct.unpack("!IHHiIII", data[:24]) == (0xA1B2C3D4, 2, 4, 0, 0, 262_144, 101)
    assert hints == []
    at, packets = 24, 0
    while at < len(data):
        _, _, kept, whole = struct.unpack("!IIII", data[at : at + 16])
        assert kept == whole
        at += 16 + kept
        packets += 1
    assert (at, packets) == (len(data), 5)


def test_a_connection_is_opened_by_who_speaks_first_and_segments_are_acknowledged():
    packets = [packet for _, packet in pcap.packets(conversation(TCP)[:2])]
    flags = [packet[33] for packet in packets]
    assert flags == [0x02, 0x12, 0x10, 0x18, 0x10, 0x18, 0x10]
    ports = [struct.unpack("!HH", packet[20:24]) for packet in packets]
    inward, outward = (41823, 35060), (35060, 41823)
    assert ports == [inward, outward, inward, inward, outward, outward, inward]
    dialled = [packet for _, packet in pcap.packets([MessageSeen(1, 0.0, 0.0, "out", TCP, b"x")])]
    assert struct.unpack("!HH", dialled[0][20:24]) == outward


def test_numbers_run_on_and_wrap():
    messages = [MessageSeen(n, 0.0, 0.0, "in", Flow("tcp", *TCP_ENDS, n), b"xy") for n in range(300)]
    for _, packet in pcap.packets(messages):
        sequence, acknowledged = struct.unpack("!II", packet[24:32])
        assert 0 <= sequence < 2**32
        assert 0 <= acknowledged < 2**32
    messages = [MessageSeen(n, 0.0, 0.0, "in", TCP, b"xy") for n in range(3)]
    carried = [packet for _, packet in pcap.packets(messages) if packet[33] & 0x08]
    first = struct.unpack("!I", carried[0][24:28])[0]
    assert [struct.unpack("!I", packet[24:28])[0] - first for packet in carried] == [0, 2, 4]


TCP_ENDS = (TCP.local, TCP.remote)


@pytest.mark.parametrize(
    ("size", "segments"),
    [(0, []), (1, [1]), (65_495, [65_495]), (65_496, [65_495, 1]), (131_000, [65_495, 65_495, 10])],
)
def test_long_messages_are_cut_into_segments(size, segments):
    packets = [packet for _, packet in pcap.packets([MessageSeen(1, 0.0, 0.0, "in", TCP, b"x" * size)])]
    assert [len(packet) - 40 for packet in packets if packet[33] & 0x08] == segments


@pytest.mark.parametrize(("flow", "limit"), [(UDP, 65_507), (UDP6, 65_527)])
def test_no_datagram_is_longer_than_one_can_be(flow, limit):
    headers = 48 if flow is UDP6 else 28
    for size in (limit, limit + 1):
        ((_, packet),) = pcap.packets([MessageSeen(1, 0.0, 0.0, "out", flow, b"x" * size)])
        assert len(packet) == headers + limit


def test_a_datagram_never_says_that_it_has_no_checksum():
    ((_, packet),) = pcap.packets([MessageSeen(1, 0.0, 0.0, "in", UDP, b"\0\0")])
    makes_it_zero = packet[26:28]  # what sums up to the checksum, added, leaves none
    ((_, packet),) = pcap.packets([MessageSeen(1, 0.0, 0.0, "in", UDP, makes_it_zero)])
    assert packet[26:28] == b"\xff\xff"


def test_what_travelled_over_tls_is_hinted_at_once():
    _, hints = captured(conversation(TLS6) + conversation(TLS6))
    assert hints == [
        "what travelled over TLS on port 35061 is written decrypted, as TCP: tshark -d tcp.port==35061,sip"
    ]


def test_nothing_is_masked_unless_asked_for():
    records = [MessageSeen(1, 0.0, 0.0, "in", UDP, b"x geheim x")]
    assert b"x geheim x" in captured(records)[0]
    masked, _ = captured(records, masker=Masker(["geheim"]))
    assert b"x ****** x" in masked
    assert b"geheim" not in masked


def test_a_mapped_address_is_its_ipv4_address():
    mapped = Flow("udp", ("127.0.0.1", 35060), ("::ffff:127.0.0.1", 41822))
    records = [MessageSeen(1, 0.0, 0.0, "in", mapped, b"x")]
    ((_, packet),) = pcap.packets(records)
    assert packet[0] >> 4 == 4


@pytest.mark.parametrize("remote", ["client.example", "::1"])
def test_what_cannot_be_packed_is_refused(remote):
    flow = Flow("udp", ("127.0.0.1", 5060), (remote, 5060))
    with pytest.raises(ValueError, match=remote):
        list(pcap.packets([MessageSeen(1, 0.0, 0.0, "in", flow, b"x")]))


def summed(data):
    """RFC 1071 as it is written there: 16-bit words, carries added back."""
    data += b"\0" * (len(data) % 2)
    total = sum(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@given(st.binary(max_size=100) | st.lists(st.sampled_from([b"\0\0", b"\xff\xff", b"\0\1", b"\xff\xfe"])).map(b"".join))
def test_the_checksum_is_that_of_the_rfc(data):
    assert pcap.internet_checksum(data) == summed(data)
