"""The clock, refreshes and lapses as a test holds them, against each carrier of the protocol."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from links import AUTHORITY, LINKS
from phone import log_in

from mockregistrar import HistoryTruncated, MockRegistrar, UnknownAccount
from mockregistrar.trace import Lapsed, Note, Refreshed, Unregistered

NEW_YEAR = datetime(2031, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(params=list(LINKS))
def carrier(request):
    with MockRegistrar(link=LINKS[request.param], authority=AUTHORITY) as carrier:
        yield carrier


@pytest.fixture
def phone(carrier):
    """A built-in client of `alice`, registered: it asks for 120 s and refreshes 15 s before they are over."""
    client = carrier.user_agent(carrier.add_account("alice"), manners="asterisk-chan_sip")
    assert client.register().ok
    return client


def told(error) -> str:
    return str(error.value)


# -- the clock -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "moment",
    [
        NEW_YEAR,
        NEW_YEAR.replace(tzinfo=None),
        NEW_YEAR.astimezone(timezone(timedelta(hours=-5))),
        "2031-01-01T00:00:00Z",
        "2031-01-01T01:00:00+01:00",
        "2031-01-01",
        NEW_YEAR.timestamp(),
    ],
    ids=["datetime", "naive", "elsewhere", "Z", "offset", "date", "posix"],
)
def test_set_to_a_moment(carrier, moment):
    with carrier.freeze():
        carrier.at(moment)
        assert carrier.now == NEW_YEAR


def test_set_on_it_lets_everything_due_happen(carrier, phone):
    carrier.at(carrier.now + timedelta(hours=1))
    assert len(carrier.refreshes("alice")) == 34
    carrier.assert_registered("alice")


def test_set_back_before_the_first_registration(carrier):
    carrier.at("2020-02-29T12:00:00Z")
    assert carrier.now.date().isoformat() == "2020-02-29"
    client = carrier.user_agent("alice")
    assert client.register().ok
    dates = [m.data for m in carrier.records() if m.kind == "message" and m.data.startswith(b"SIP/2.0 200")]
    assert b"Date: Sat, 29 Feb 2020 12:00:0" in dates[0]


def test_not_set_back_under_a_client(carrier, phone):
    with pytest.raises(ValueError, match="a built-in client waits for its next step"):
        carrier.at("2020-02-29T12:00:00Z")
    phone.close()
    with pytest.raises(ValueError, match="while there are bindings"):
        carrier.at("2020-02-29T12:00:00Z")
    carrier.reset()
    carrier.at("2020-02-29T12:00:00Z")


@pytest.mark.parametrize("moment", ["tomorrow", "2031-13-01", ""])
def test_what_is_no_moment(carrier, moment):
    with pytest.raises(ValueError, match="no date and time; write 2026-12-31T23:59:50Z"):
        carrier.at(moment)


@pytest.mark.parametrize("moment", [0, -1e12, 1e18, "9999-01-01"])
def test_moments_out_of_reach(carrier, moment):
    with pytest.raises(ValueError, match="before 1970-01-02 or more than a hundred years on"):
        carrier.at(moment)


def test_advance_does_not_go_back(carrier):
    with pytest.raises(ValueError, match=r"not by -1; at\(\) can set the clock back"):
        carrier.advance(-1)


def test_held(carrier, phone):
    with carrier.freeze() as frozen:
        then = carrier.now
        assert carrier.rate == 0
        assert carrier.now == then
        left = carrier.assert_registered("alice").expires_in
        assert carrier.assert_registered("alice").expires_in == left
        carrier.advance(106)
        assert carrier.now - then == timedelta(seconds=106)
        assert len(carrier.refreshes("alice")) == 1
        frozen.thaw()
        assert carrier.rate == 1
    carrier.freeze()
    carrier.thaw()
    carrier.thaw()
    assert carrier.rate == 1


def test_faster_a_client_refreshes_of_itself(carrier, phone):
    carrier.rate = 1000
    assert 0 <= carrier.wait_for_refresh("alice").left <= 16  # a millisecond of this machine is a second there
    assert carrier.rate == 1000
    notes = [record.text for record in carrier.records() if isinstance(record, Note)]
    assert notes == ["clock: 1000 times as fast as real time"]


def test_while_it_is_held_no_client_refreshes_and_then_it_does(carrier, phone):
    carrier.rate = 1000
    with carrier.freeze():
        carrier.add_account("bob")
        client = carrier.user_agent("bob", manners="asterisk-chan_sip")
        assert client.register().ok
        assert not carrier.refreshes("bob")
        seen = len(carrier.refreshes("alice"))
    carrier.wait_for_refresh("bob")
    assert len(carrier.refreshes("alice")) >= seen


@pytest.mark.parametrize("rate", [0, -1, 1e9])
def test_rates_that_are_none(carrier, rate):
    with pytest.raises(ValueError, match="a clock's rate is above 0"):
        carrier.rate = rate


# -- bindings that end -----------------------------------------------------------------------------------------
def test_revoked_the_client_is_not_told_and_comes_back_with_its_refresh(carrier, phone):
    assert carrier.revoke("alice") == 1
    carrier.assert_not_registered("alice")
    assert isinstance(carrier.records()[-1], Unregistered)
    carrier.advance(106)
    carrier.assert_registered("alice")
    carrier.assert_never_lapsed("alice")


def test_one_contact_of_two_is_revoked(carrier):
    account = carrier.add_account("alice")
    for _ in range(2):
        assert carrier.user_agent(account).register().ok
    first, second = (binding.contact for binding in carrier.bindings("alice"))
    assert carrier.revoke(account, first) == 1
    assert [binding.contact for binding in carrier.bindings("alice")] == [second]
    with pytest.raises(LookupError, match="has no binding of"):
        carrier.revoke(account, first)
    with pytest.raises(UnknownAccount):
        carrier.revoke("nobody")


# -- refreshes -------------------------------------------------------------------------------------------------
def test_intervals_margins_and_jitter(carrier, phone):
    assert not carrier.refreshes("alice")
    with carrier.freeze():
        carrier.advance(500)
    found = carrier.refreshes("alice")
    assert len(found) == 4
    assert found.intervals == pytest.approx((105,) * 4, abs=2)
    assert found.margins == pytest.approx((15,) * 4, abs=2)
    assert found.margin == min(found.margins)
    assert 0 <= found.jitter < 2
    assert all(isinstance(refresh, Refreshed) for refresh in found)
    assert found[:1] == (found[0],)
    since = found[1].seq
    assert len(carrier.refreshes("alice", since=since)) == 2
    assert carrier.refreshes("alice", since=since).intervals == found.intervals[2:]
    assert str(found).startswith("`alice` was refreshed 4 times, after 105.0 s")


def test_none_has_no_margin(carrier):
    carrier.add_account("alice")
    found = carrier.refreshes("alice")
    assert (len(found), found.jitter, str(found)) == (0, 0.0, "`alice` has not been refreshed")
    with pytest.raises(ValueError, match="has not been refreshed"):
        _ = found.margin
    with pytest.raises(UnknownAccount):
        carrier.refreshes("alicia")


def test_refreshed_in_time(carrier, phone):
    carrier.advance(1000)
    assert len(carrier.assert_refreshed_before_lapse("alice")) == 9
    carrier.assert_refreshed_before_lapse("alice", margin=10)
    carrier.assert_never_lapsed("alice")


def test_refreshed_but_late(carrier, phone):
    carrier.advance(1000)
    with pytest.raises(AssertionError) as error:
        carrier.assert_refreshed_before_lapse("alice", margin=20)
    lines = told(error).splitlines()
    assert lines[0] == "`alice` was not always refreshed at least 20 s before the lapse:"
    assert len(lines) == 10
    assert "15.0 s before the lapse, granted 120 s" in lines[1]
    with pytest.raises(AssertionError, match="not always"):
        carrier.assert_refreshed_before_lapse("alice", margin=20, since=carrier.refreshes("alice")[-2].seq)


def test_late_and_still_waited_for(carrier, phone):
    phone.close()
    carrier.advance(115)
    with pytest.raises(AssertionError) as error:
        carrier.assert_refreshed_before_lapse("alice", margin=10)
    assert told(error).startswith("`alice` is not refreshed at least 10 s before the lapse:\n  sip:alice@127.0.0.1:")
    assert "s left, no refresh yet" in told(error)


def test_not_refreshed_yet(carrier, phone):
    with pytest.raises(AssertionError) as error:
        carrier.assert_refreshed_before_lapse("alice")
    assert told(error).startswith("`alice` has not been refreshed.\n")
    assert "wait_for_refresh() waits for the next one" in told(error)
    carrier.advance(110)
    carrier.assert_refreshed_before_lapse("alice")
    with pytest.raises(AssertionError, match=r"has not been refreshed since record \d+\."):
        carrier.assert_refreshed_before_lapse("alice", since=carrier.status().seq)


def test_never_registered_proves_nothing(carrier):
    carrier.add_account("alice")
    with pytest.raises(AssertionError, match=r"`alice` has not been refreshed\. Nothing arrived"):
        carrier.assert_refreshed_before_lapse("alice")
    with pytest.raises(AssertionError, match=r"`alice` was not registered, so it could not lapse\. Nothing arrived"):
        carrier.assert_never_lapsed("alice")


def test_a_lapse_tells_why(carrier, phone):
    with carrier.fault("answer REGISTER status=403 from alice"):
        carrier.advance(130)
    for check in (carrier.assert_never_lapsed, carrier.assert_refreshed_before_lapse):
        with pytest.raises(AssertionError) as error:
            check("alice")
        assert "refresh-refused: fault 1: answer REGISTER from alice status=403" in told(error)
    seen = carrier.status().seq
    assert phone.register().ok
    carrier.assert_never_lapsed("alice", since=seen)


def test_registered_all_along_since_then(carrier, phone):
    seen = carrier.status().seq
    carrier.assert_never_lapsed("alice", since=seen)
    assert phone.unregister().ok
    carrier.assert_never_lapsed("alice", since=seen)
    with pytest.raises(AssertionError, match=r"was not registered since record \d+, so it could not lapse"):
        carrier.assert_never_lapsed("alice", since=carrier.status().seq)


def test_a_refused_refresh_is_told_with_its_verdict(carrier):
    account = carrier.add_account("alice", secret="battery5staple")
    client = carrier.user_agent(account, manners="asterisk-chan_sip")
    assert client.register().ok
    carrier.remove_account(account)
    carrier.add_account("alice", secret="battery6staple")
    log_in(carrier, carrier.account("alice"))
    carrier.advance(4000)
    (lapse,) = (record for record in carrier.records() if isinstance(record, Lapsed))
    assert lapse.because == "refresh-refused"
    assert lapse.detail.startswith("wrong-password/neighbour-key")
    assert "battery" not in lapse.detail


def test_changes_no_longer_held_are_said_to_be(carrier):
    with MockRegistrar(history_records=5) as small:
        client = small.user_agent("alice", manners="asterisk-chan_sip")
        assert client.register().ok
        small.advance(4000)
        with pytest.raises(HistoryTruncated, match="history_records="):
            small.refreshes("alice")


def test_a_lapse_is_found_where_the_messages_are_long_gone():
    with MockRegistrar(history_messages=2) as small:
        client = small.user_agent("alice")
        assert client.register().ok
        client.close()
        small.advance(4000)
        assert small.wait_for_lapse("alice", timeout=5).because in ("refresh-never-sent", "")
