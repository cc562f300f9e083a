"""Faults through the face, against each carrier of the protocol, with a client on a real socket."""

from __future__ import annotations

import socket

import pytest
from links import AUTHORITY, LINKS

from mockregistrar import FaultError, FaultSpec, MockRegistrar, SettingsError


@pytest.fixture(params=list(LINKS))
def carrier(request):
    with MockRegistrar(link=LINKS[request.param], authority=AUTHORITY) as carrier:
        carrier.add_account("trunk1", grant=1)
        yield carrier


def test_a_fault_is_on_within_its_block_and_counts(carrier):
    phone = carrier.user_agent("trunk1")
    with carrier.fault("answer REGISTER 503 from trunk1 first=1") as fault:
        assert phone.register(timeout=3).status == 503
        assert (fault.number, fault.seen, fault.fired) == (1, 1, 1)
        assert [str(info) for info in carrier.faults()] == [
            "fault 1: answer REGISTER from trunk1 first=1 status=503  (touched one message)"
        ]
    assert carrier.faults() == ()
    assert phone.register().ok
    assert fault.fired == 1
    assert [info.on for info in carrier.faults(removed=True)] == [False]


def test_a_fault_that_touched_nothing_fails_its_block_with_what_came(carrier):
    with pytest.raises(AssertionError) as caught, carrier.fault("drop REGISTER from trunk2"):
        carrier.user_agent("trunk1").register()
    lines = str(caught.value).splitlines()
    assert lines[0] == "the fault `drop REGISTER from trunk2` never touched a message. Closest, with what differs:"
    assert lines[1] == "  REGISTER of `trunk1` from 127.0.0.1 (udp), twice: is of `trunk1`, not of `trunk2`"
    assert "optional" in lines[-1]


@pytest.mark.parametrize("how", [{"spec": "drop INVITE optional"}, {"spec": "drop INVITE", "optional": True}])
def test_an_optional_one_may_touch_nothing(carrier, how):
    with carrier.fault(**how) as fault:
        assert fault.spec.optional


def test_an_error_in_the_block_is_not_hidden(carrier):
    with pytest.raises(KeyError), carrier.fault("drop INVITE"):
        raise KeyError
    assert carrier.faults() == ()


def test_a_mistake_points_at_its_place(carrier):
    with pytest.raises(FaultError) as caught:
        carrier.fault("drop REGITER")
    assert str(caught.value) == (
        "no word `REGITER`; did you mean `REGISTER`? (column 6)\n  drop REGITER\n       ^^^^^^^"
    )
    with pytest.raises(SettingsError, match=r"faults: .*REGITER.* \(column 6 of `drop REGITER`\)"):
        MockRegistrar(faults="drop REGITER")


def test_a_value_does_as_well_as_a_text(carrier):
    fault = carrier.fault(FaultSpec(action="delay", method="REGISTER", by=0.2, optional=True))
    assert fault.remove().spec == FaultSpec.parse("delay REGISTER by=200ms optional")
    assert fault.remove().on is False
    assert repr(fault) == "<Fault 1: delay REGISTER by=0.2s optional>"
    carrier.reset()
    with pytest.raises(LookupError, match="it was reset since"):
        _ = fault.fired


def test_a_lapse_says_that_a_fault_dropped_the_refresh(carrier):
    phone = carrier.user_agent("trunk1")
    phone.register()
    with carrier.fault("drop REGISTER from trunk1"):
        lapse = carrier.wait_for_lapse("trunk1")
    assert lapse.because == "refresh-dropped"
    assert lapse.detail == "fault 1: drop REGISTER from trunk1"


def test_a_reset_within_the_block_ends_the_fault(carrier):
    with carrier.fault("drop REGISTER"):
        carrier.reset()
    assert carrier.faults(removed=True) == ()


def test_what_is_lost_is_among_the_requests_that_came(carrier):
    with carrier.fault("drop REGISTER first=1"):
        assert carrier.user_agent("trunk1").register().ok
    assert [r.method for r in carrier.requests()] == ["REGISTER"] * 3
    assert "* fault 1 (drop REGISTER first=1): REGISTER of trunk1 dropped" in carrier.ladder()


def test_a_stalled_connection_is_read_again_when_the_fault_ends(carrier):
    """Also where the client goes on sending more than the network holds."""
    host, port = carrier.address("tcp")
    ping = b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK%d\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:x>\r\n"
    ping += b"Call-ID: c\r\nCSeq: %d OPTIONS\r\nContent-Length: 0\r\n\r\n"
    with socket.create_connection((host, port), timeout=10) as connection:
        with carrier.fault("stall OPTIONS") as fault:
            connection.sendall(ping % (1, 1))
            connection.settimeout(0.2)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.sendall(b"".join(ping % (n, n) for n in range(2, 200)))
            assert fault.fired == 1
        connection.settimeout(10)
        got = b""
        while got.count(b"SIP/2.0 200 OK") < 199:
            got += connection.recv(65536)


def test_a_reset_connection_is_gone(carrier):
    host, port = carrier.address("tcp")
    with carrier.fault("reset"), socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(b"OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
