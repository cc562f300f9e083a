"""Built-in clients on real sockets: transports, time, what happens when the carrier is not there."""

from __future__ import annotations

import queue

import pytest

from mockregistrar import Dropped, MockRegistrar, Record, TestAuthority
from mockregistrar.sip.transactions import IllegalStep


@pytest.fixture
def carrier():
    with MockRegistrar(timeout=5) as registrar:
        yield registrar


@pytest.mark.parametrize("manners", ["rfc3261", "asterisk-chan_sip"])
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_life(carrier: MockRegistrar, transport: str, manners: str) -> None:
    client = carrier.user_agent("alice", manners, transport=transport)
    outcome = client.register()
    assert outcome
    assert outcome.expires_in > 60
    binding = carrier.assert_registered("alice")
    assert binding.flow is not None
    assert binding.flow.transport == transport
    assert client.refresh()
    assert client.unregister()
    carrier.assert_not_registered("alice")


def test_an_hour_of_refreshes_takes_no_time(carrier: MockRegistrar) -> None:
    client = carrier.user_agent("alice", "asterisk-chan_sip")
    client.register()
    carrier.advance(3600)
    carrier.assert_registered("alice")
    counters = carrier.status().counters
    assert counters.bindings["lapsed"] == 0
    assert 30 <= counters.bindings["refreshed"] <= 40  # every 105 s


def test_a_client_that_lost_power_lapses_on_time(carrier: MockRegistrar) -> None:
    client = carrier.user_agent("alice", "asterisk-chan_sip")
    client.register()
    client.close()
    carrier.advance(119)
    carrier.assert_registered("alice")
    carrier.advance(2)
    assert carrier.wait_for_lapse("alice").account == "alice"


def test_a_wrong_password_tells_both_sides(carrier: MockRegistrar) -> None:
    outcome = carrier.user_agent("alice", "asterisk-chan_sip", secret="wrong").register()
    assert not outcome
    assert outcome.status == 401
    assert outcome.log == ("Failed to authenticate on REGISTER to 'alice@127.0.0.1' (Tries 3)",)
    carrier.assert_refused("alice", because="wrong-password")


def test_the_source_address_is_the_one_asked_for(carrier: MockRegistrar) -> None:
    carrier.add_account("trunk1", secret=False, networks=["127.0.0.2"])
    assert carrier.user_agent("trunk1", source="127.0.0.2").register()
    assert carrier.user_agent("trunk1", source="127.0.0.3", transport="tcp").register().status == 403
    carrier.assert_refused("trunk1", because="ip-not-allowed")


def test_a_refused_connection_is_an_outcome(carrier: MockRegistrar) -> None:
    client = carrier.user_agent("alice", transport="tcp")
    with carrier.outage("refused"):
        outcome = client.register()
    assert not outcome
    assert outcome.status is None
    assert "cannot connect" in outcome.reason
    assert client.register()


def test_a_connection_that_was_reset_is_made_anew(carrier: MockRegistrar) -> None:
    client = carrier.user_agent("alice", transport="tcp")
    assert client.register()
    with carrier.outage("refused", forget=["bindings", "nonces"]):
        pass
    assert client.refresh()
    carrier.assert_registered("alice")


def test_an_unavailable_carrier_is_told_by_status(carrier: MockRegistrar) -> None:
    client = carrier.user_agent("alice")
    with carrier.outage("503"):
        assert client.register().status == 503
    assert client.register()


def test_what_cannot_be_done_now_raises(carrier: MockRegistrar) -> None:
    client = carrier.user_agent("alice")
    with pytest.raises(IllegalStep, match="refresh"):
        client.refresh()
    client.close()
    with pytest.raises(LookupError, match="closed"):
        client.register()
    with pytest.raises(ValueError, match="no manners are called 'zoiper'"):
        carrier.user_agent("bob", "zoiper")


def test_tls_is_refused_by_a_client_that_trusts_another_authority(carrier: MockRegistrar) -> None:
    with MockRegistrar(authority=TestAuthority()) as other:
        other.address("tls")
        assert other.ca_pem != carrier.ca_pem
    client = carrier.user_agent("alice", transport="tls")
    carrier._authority = TestAuthority()  # what the client trusts from now on
    drops: queue.Queue[Record] = queue.Queue()
    carrier.subscribe(lambda records: [drops.put(r) for r in records if isinstance(r, Dropped)])
    assert not client.register()
    carrier.assert_not_registered("alice")
    dropped = drops.get(timeout=5)
    assert isinstance(dropped, Dropped)
    assert dropped.because == "tls-failed"
    assert "unknown ca" in dropped.detail


def test_reset_closes_the_built_in_clients(carrier: MockRegistrar) -> None:
    client = carrier.user_agent("alice")
    client.register()
    carrier.reset()
    with pytest.raises(LookupError):
        client.refresh()
    assert carrier.bindings() == ()
