"""Captures: what we write, Wireshark reads as it was; what Wireshark captured of a real server, `learn` learns from."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, redirect_stdout
from pathlib import Path

import pytest
from clients.kamailio import HINT as KAMAILIO
from clients.kamailio import Registrar
from clients.process import TIMEOUT
from clients.requirements import require
from clients.sides import NewCarrier
from clients.wireshark import captured_on_loopback, read_by_tshark, with_payload
from test_personas_as_servers import Desks, conversation

from mockregistrar import PERSONAS, MessageSeen, MockRegistrar, write_pcap
from mockregistrar.cli import main
from mockregistrar.sip.framing import StreamFramer
from mockregistrar.sip.message import Request, parse


def without(host: str) -> bool:
    """Whether this machine has no such address."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.bind((host, 0))
    except OSError:
        return True
    return False


NO_IPV6 = pytest.mark.skipif(without("::1"), reason="this machine has no IPv6 loopback")


def a_day_of(carrier: MockRegistrar, transport: str, source: str = "127.0.0.1") -> None:
    """Register, be refused, refresh and leave."""
    phone = carrier.user_agent("alice", transport=transport, source=source, expiry=600)
    assert phone.register()
    stranger = carrier.user_agent("alice", "asterisk-chan_sip", transport=transport, source=source, secret="wrong")
    assert not stranger.register()
    assert phone.refresh()
    assert phone.unregister()


def messages_of(carrier: MockRegistrar) -> list[MessageSeen]:
    return [record for record in carrier.records() if isinstance(record, MessageSeen)]


def told(record: MessageSeen) -> list[str]:
    """Return a message in Wireshark's columns: addresses and ports, method, status, CSeq, Call-ID."""
    ends = (record.flow.remote, record.flow.local)
    source, target = ends if record.direction == "in" else ends[::-1]
    message = parse(record.data)
    method = message.method if isinstance(message, Request) else ""
    status = "" if isinstance(message, Request) else str(message.status)
    return [
        source[0], target[0], str(source[1]), str(target[1]), method, status, message.first("cseq") or "",
        message.first("call-id") or "",
    ]  # fmt: skip


def columns(capture: Path, ports: list[int], transport: str, family: str) -> list[list[str]]:
    ends = [f"{family}.src", f"{family}.dst", f"{transport}.srcport", f"{transport}.dstport"]
    return read_by_tshark(
        capture,
        ports,
        [*ends, "sip.Method", "sip.Status-Code", "sip.CSeq", "sip.Call-ID"],
        f"sip and {transport} and {family}",
    )


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("[::1]", marks=NO_IPV6)])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_tshark_reads_what_a_carrier_saw(new_carrier: NewCarrier, tmp_path: Path, transport: str, host: str) -> None:
    carrier = new_carrier(listen=(f"{transport}:{host}:0",))
    a_day_of(carrier, transport, host.strip("[]"))
    file = tmp_path / "carrier.pcap"
    with file.open("wb") as out:
        write_pcap(carrier.records(), out)
    seen = messages_of(carrier)
    assert len(seen) >= 12
    family = "ipv6" if ":" in host else "ip"
    assert columns(file, [carrier.port], transport, family) == [told(record) for record in seen]
    for wrong in (
        "_ws.malformed",
        "_ws.short",
        "tcp.analysis.flags",
        "udp.checksum.status == 0",
        "_ws.expert.severity == error",
    ):
        assert read_by_tshark(file, [carrier.port], ["frame.number", "_ws.expert.message"], wrong) == [], wrong


def test_tshark_reads_all_transports_of_one_capture(new_carrier: NewCarrier, tmp_path: Path) -> None:
    carrier = new_carrier()
    for transport in ("udp", "tcp", "tls"):
        a_day_of(carrier, transport)
    ports = sorted({place.port for place in carrier.listening})
    file = tmp_path / "carrier.pcap"
    with file.open("wb") as out:
        write_pcap(carrier.records(), out)
    found = columns(file, ports, "udp", "ip") + columns(file, ports, "tcp", "ip")
    assert sorted(found) == sorted(told(record) for record in messages_of(carrier))
    assert read_by_tshark(file, ports, ["frame.number"], "_ws.malformed or _ws.short or tcp.analysis.flags") == []


def test_what_is_written_is_what_was_on_the_wire(new_carrier: NewCarrier, tmp_path: Path) -> None:
    """The octets of each datagram, as another program captured them."""
    carrier = new_carrier()
    with captured_on_loopback(tmp_path / "wire.pcapng", 4, with_payload("udp", carrier.port)):
        assert carrier.user_agent("alice").register()
    with (tmp_path / "written.pcap").open("wb") as out:
        write_pcap(carrier.records(), out)
    fields = ["ip.src", "ip.dst", "udp.srcport", "udp.dstport", "udp.payload"]
    wire, written = (
        read_by_tshark(tmp_path / name, [carrier.port], fields, "udp") for name in ("wire.pcapng", "written.pcap")
    )
    assert len(wire) == 4
    assert written == wire


# --- learn


@pytest.fixture
def kamailio(tmp_path: Path) -> Iterator[Callable[[str, str], Registrar]]:
    require("kamailio", KAMAILIO)
    with ExitStack() as stack:

        def start(transport: str, parameters: str) -> Registrar:
            registrar = Registrar.start(tmp_path, transport, parameters=parameters)
            stack.callback(registrar.stop)
            return registrar

        yield start


def asked(registrar: Registrar, stack: ExitStack) -> Desks:
    """Return a client of a registrar, over the transport that it listens at."""
    kind = socket.SOCK_DGRAM if registrar.transport == "udp" else socket.SOCK_STREAM
    link = stack.enter_context(socket.socket(socket.AF_INET, kind))
    link.settimeout(TIMEOUT)
    link.connect((registrar.host, registrar.port))
    framer = StreamFramer()

    def send(data: bytes) -> bytes:
        link.sendall(data)
        if registrar.transport == "udp":
            return link.recv(65535)
        whole: list[bytes] = []
        while not whole:
            octets = link.recv(65535)
            assert octets, "the registrar closed the connection"
            whole = [piece for piece in framer.feed(octets) if isinstance(piece, bytes)]
        return whole[0]

    return Desks(send, registrar.user, registrar.auth_user, registrar.realm, f"sip:{registrar.host}:{registrar.port}")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_learn_reads_what_dumpcap_captured_of_kamailio(
    kamailio: Callable[[str, str], Registrar], tmp_path: Path, transport: str
) -> None:
    registrar = kamailio(transport, 'modparam("registrar", "max_expires", 7200)')
    steps = conversation(registrar.secret)
    file = tmp_path / "kamailio.pcapng"
    with ExitStack() as stack, captured_on_loopback(file, 2 * len(steps), with_payload(transport, registrar.port)):
        client = asked(registrar, stack)
        for step in steps:
            client.ask(step)
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert main(["learn", str(file), "--json"]) == 0
    learned = json.loads(printed.getvalue())
    assert learned["name"] == "my-kamailio"
    assert learned["registrar"] == [registrar.host, registrar.port]
    assert learned["registers"] == len(steps)
    preset = PERSONAS["kamailio"].knobs
    for knob in ("algorithms", "algorithm_form", "qop", "short_expires", "min_expires", "default_expires", "grant_in",
                 "contacts_joined", "date", "wrong_password"):  # fmt: skip
        assert json.dumps(learned["knobs"][knob]) == json.dumps(preset[knob]), learned["evidence"]
    assert learned["knobs"]["max_expires"] == 7200
    assert learned["knobs"]["server"].startswith("kamailio ")
