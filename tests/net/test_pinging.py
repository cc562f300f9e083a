"""Pings on real sockets, and `advance` among them: who can answer is waited for, who cannot costs one time-out."""

from __future__ import annotations

import socket
import time

import pytest

from mockregistrar import Lapsed, MessageSeen, MockRegistrar, Qualified


def pings(carrier: MockRegistrar) -> list[bytes]:
    sent = [r for r in carrier.records() if isinstance(r, MessageSeen) and r.direction == "out"]
    return [r.data for r in sent if r.data.startswith(b"OPTIONS ")]


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_built_in_client_answers_every_ping_of_an_hour(transport: str) -> None:
    with MockRegistrar(qualify=60) as carrier:
        phone = carrier.user_agent("alice", transport=transport, manners="asterisk-chan_sip")
        assert phone.register().ok
        carrier.advance(3600)
        (binding,) = carrier.bindings("alice")
        assert binding.reachable is True
        sent = pings(carrier)
        assert len(sent) == len(set(sent)) == 60, "none was repeated"
        assert [r.reachable for r in carrier.records() if isinstance(r, Qualified)] == [True]
        assert not [r for r in carrier.records() if isinstance(r, Lapsed)]


def test_who_does_not_answer_costs_one_time_out_however_far_time_goes_on() -> None:
    with MockRegistrar(qualify=60, qualify_timeout=0.3) as carrier:
        phone = carrier.user_agent("alice", expiry=7200)
        assert phone.register().ok
        phone.close()
        begun = time.monotonic()
        carrier.advance(60)
        assert time.monotonic() - begun >= 0.3, "the time-out is one of wire time"
        (binding,) = carrier.bindings("alice")
        assert binding.reachable is False
        carrier.advance(3600)
        assert [r.reachable for r in carrier.records() if isinstance(r, Qualified)] == [False]
        assert carrier.bindings("alice")


def test_who_does_not_answer_is_removed_and_the_wait_for_its_lapse_knows_why() -> None:
    with MockRegistrar(persona="ping-or-go", qualify_timeout=0.3) as carrier:
        phone = carrier.user_agent("alice")
        assert phone.register().ok
        phone.close()
        carrier.advance(61)
        assert carrier.wait_for_lapse("alice").because == "unreachable"
        assert carrier.bindings("alice") == ()


def test_a_client_that_is_stopped_by_a_fault_is_not_reachable() -> None:
    with MockRegistrar(qualify=60, qualify_timeout=0.3) as carrier:
        phone = carrier.user_agent("alice")
        assert phone.register().ok
        with carrier.fault("drop OPTIONS from alice out"):
            carrier.advance(60)
            assert carrier.bindings("alice")[0].reachable is False
        carrier.advance(60)
        carrier.advance(60)
        assert carrier.bindings("alice")[0].reachable is True


def test_four_zero_octets_arrive() -> None:
    with MockRegistrar(persona="zero-pings", access="ip", allow="127.0.0.1") as carrier:
        carrier.add_account("alice")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.settimeout(10)
            link.connect(carrier.address("udp"))
            own = link.getsockname()
            link.send(
                f"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {own[0]}:{own[1]};branch=z9hG4bK1;rport\r\n"
                "From: <sip:alice@127.0.0.1>;tag=1\r\nTo: <sip:alice@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n"
                f"Contact: <sip:alice@{own[0]}:{own[1]}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n".encode()
            )
            assert link.recv(65535).startswith(b"SIP/2.0 200 ")
            carrier.advance(30)
            assert link.recv(65535) == b"\0\0\0\0"
