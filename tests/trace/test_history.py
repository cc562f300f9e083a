"""The history: one order, bounded, and never an answer that leaves something out unsaid."""

from __future__ import annotations

import pickle
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockregistrar.sip.flow import Flow
from mockregistrar.trace import (
    NOT_SIP,
    OTHER,
    AccountSummary,
    BindingEvent,
    Dropped,
    HistoryTruncated,
    InternalError,
    Lapsed,
    MessageSeen,
    Note,
    Record,
    Refreshed,
    Refused,
    Registered,
    Trace,
    Unregistered,
    start_of,
)

FLOW = Flow("udp", ("127.0.0.1", 5060), ("127.0.0.1", 41822))
REGISTER = b"REGISTER sip:acme.example SIP/2.0\r\n\r\n"
OPTIONS = b"OPTIONS sip:acme.example SIP/2.0\r\n\r\n"
UNAUTHORIZED = b"SIP/2.0 401 Unauthorized\r\n\r\n"
OK = b"SIP/2.0 200 OK\r\n\r\n"


def see(trace, data=REGISTER, account="", direction="in", wire=1.0):
    return trace.message(wire, 1000.0, direction, FLOW, data, account)


def bind(trace, account="alice", change=Registered, wire=1.0):
    return trace.binding(change, wire, 1000.0, account, "a@b", "sip:a", 120, FLOW, "cid", 1, "ua", 0.0)


def refuse(trace, account="alice", because="wrong-password", wire=1.0):
    return trace.refused(wire, 1000.0, account, account, because, "", 401, "REGISTER", FLOW)


def drop(trace, because="not-sip"):
    return trace.dropped(1.0, 1000.0, FLOW, because, "", 5)


def test_numbers_run_over_everything_in_one_order():
    trace = Trace()
    numbers = [see(trace), refuse(trace), bind(trace), drop(trace), trace.note(1.0, 2.0, "x"), see(trace, OK)]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert [record.seq for record in trace.since()] == numbers
    assert [type(record) for record in trace.since()] == [
        MessageSeen,
        Refused,
        Registered,
        Dropped,
        Note,
        MessageSeen,
    ]
    assert trace.seq == 6


def test_records_hold_what_was_written():
    trace = Trace()
    trace.message(1.5, 2.5, "out", FLOW, OK, "alice", "retransmission")
    trace.binding(Lapsed, 3.5, 4.5, "alice", "a@b", "sip:a", 0, None, "cid", 7, "ua", 1.25, "gone", "refresh-dropped")
    trace.refused(5.5, 6.5, "", "alicf", "unknown-user", "did you mean alice?", None, "REGISTER", FLOW)
    trace.dropped(7.5, 8.5, None, "malformed", "no Via", 12)
    trace.internal_error(9.5, 10.5, "KeyError", "Traceback")
    trace.note(11.5, 12.5, "outage: down")
    assert trace.since() == [
        MessageSeen(1, 1.5, 2.5, "out", FLOW, OK, "alice", "retransmission"),
        Lapsed(2, 3.5, 4.5, "alice", "a@b", "sip:a", 0, None, "cid", 7, "ua", 1.25, "gone", "refresh-dropped"),
        Refused(3, 5.5, 6.5, "", "alicf", "unknown-user", "did you mean alice?", None, "REGISTER", FLOW),
        Dropped(4, 7.5, 8.5, None, "malformed", "no Via", 12),
        InternalError(5, 9.5, 10.5, "KeyError", "Traceback"),
        Note(6, 11.5, 12.5, "outage: down"),
    ]


def test_a_record_made_elsewhere_gets_a_number_of_this_trace():
    one = Trace()
    see(one)
    see(one, OK, "alice", "out")
    bind(one)
    refuse(one)
    drop(one)
    one.internal_error(1.0, 2.0, "x", "y")
    one.note(1.0, 2.0, "x")
    other = Trace()
    other.note(0.0, 0.0, "first")
    for record in one.since():
        other.add(record)
    assert [type(record) for record in other.since(1)] == [type(record) for record in one.since()]
    assert [record.seq for record in other.since(1)] == [2, 3, 4, 5, 6, 7, 8]
    assert list(other.since(1)[2].items())[1:] == list(one.since()[2].items())[1:]
    assert other.counters().bindings == one.counters().bindings


def test_only_records_of_the_family_are_kept():
    with pytest.raises(TypeError, match="Record"):
        Trace().add(Record(1, 0.0, 0.0))
    trace = Trace()
    with pytest.raises(TypeError, match="BindingEvent"):
        bind(trace, change=BindingEvent)


def test_since_gives_what_is_newer():
    trace = Trace()
    for _ in range(3):
        see(trace)
        bind(trace)
    assert [record.seq for record in trace.since(4)] == [5, 6]
    assert trace.since(6) == []


# -- bounds -----------------------------------------------------------------------------------------


def test_the_number_of_messages_is_bounded_and_the_setting_is_named():
    trace = Trace(max_messages=3)
    for _ in range(5):
        see(trace)
    assert [record.seq for record in trace.messages(partial=True)] == [3, 4, 5]
    assert [record.seq for record in trace.since(partial=True)] == [3, 4, 5]
    assert [record.seq for record in trace.messages(since=2)] == [3, 4, 5]
    assert [record.seq for record in trace.since(2)] == [3, 4, 5]
    with pytest.raises(HistoryTruncated) as caught:
        trace.messages(since=1)
    assert (caught.value.setting, caught.value.now, caught.value.evicted) == ("history_messages", 3, 2)
    assert "history_messages= (now 3)" in str(caught.value)
    with pytest.raises(HistoryTruncated, match="history_messages="):
        trace.since(1)


def test_the_octets_of_messages_are_bounded_and_the_setting_is_named():
    trace = Trace(max_bytes=100)
    for _ in range(3):
        see(trace, REGISTER + b"x" * (40 - len(REGISTER)))
    assert [record.seq for record in trace.messages(partial=True)] == [2, 3]
    with pytest.raises(HistoryTruncated, match="history_bytes= \\(now 100\\)"):
        trace.messages()
    see(trace, b"x" * 101)
    assert trace.messages(partial=True) == []
    see(trace)
    assert len(trace.messages(partial=True)) == 1


def test_the_setting_named_is_the_one_that_evicted_last():
    trace = Trace(max_messages=2, max_bytes=100)
    see(trace, b"x" * 101)
    for _ in range(3):
        see(trace, b"x")
    with pytest.raises(HistoryTruncated, match="history_messages="):
        trace.messages()


def test_the_defaults_are_two_thousand_messages_and_two_mebibytes():
    trace = Trace()
    for _ in range(2001):
        see(trace)
    assert len(trace.messages(partial=True)) == 2000
    trace = Trace()
    for _ in range(100):
        see(trace, b"x" * 30_000)
    assert len(trace.messages(partial=True)) == (2 << 20) // 30_000


def test_binding_changes_and_the_rest_are_bounded_apart():
    trace = Trace(max_records=2)
    bind(trace)
    for _ in range(9):
        drop(trace)
        see(trace)
    assert [record.kind for record in trace.since(partial=True)][:1] == ["registered"]
    assert trace.bindings() != []
    bind(trace)
    bind(trace)
    with pytest.raises(HistoryTruncated, match="history_records= \\(now 2\\)"):
        trace.bindings()
    with pytest.raises(HistoryTruncated, match="history_records="):
        trace.others()


def test_a_bound_of_nothing_keeps_nothing_and_still_counts():
    trace = Trace(0, 0, 0)
    see(trace, REGISTER, "alice")
    bind(trace)
    refuse(trace)
    assert trace.since(partial=True) == []
    assert trace.counters().requests_in == {"REGISTER": 1}
    assert trace.summary("alice").registered == 1
    assert trace.evicted == 3


def test_a_bound_below_nothing_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        Trace(max_records=-1)


def test_truncation_survives_pickle():
    error = pickle.loads(pickle.dumps(HistoryTruncated("history_bytes", 10, 3)))
    assert (error.setting, error.now, error.evicted) == ("history_bytes", 10, 3)
    assert isinstance(error, LookupError)


# -- questions that lost nothing are answered ---------------------------------------------------------


def test_what_was_evicted_does_not_matter_to_an_account_that_lost_nothing():
    trace = Trace(max_messages=3)
    see(trace, REGISTER, "noise")
    see(trace, OK, "noise", "out")
    for _ in range(2):
        see(trace, REGISTER, "alice")
    see(trace, OK, "noise", "out")
    assert len(trace.messages(account="alice")) == 2
    assert trace.messages(account="nobody") == []
    assert len(trace.messages(method="REGISTER", account="alice", direction="in")) == 2
    with pytest.raises(HistoryTruncated):
        trace.messages(account="noise")


def test_what_was_evicted_does_not_matter_to_a_method_or_status_that_lost_nothing():
    trace = Trace(max_messages=3)
    for data in (OPTIONS, UNAUTHORIZED, REGISTER):
        see(trace, data)
    see(trace, OK, direction="out")
    assert len(trace.messages(method="REGISTER")) == 1
    assert trace.messages(method="INVITE") == []
    assert len(trace.messages(status=401)) == 1
    assert len(trace.messages(direction="out")) == 1
    assert trace.messages(method="OPTIONS", direction="out") == []
    with pytest.raises(HistoryTruncated):
        trace.messages(method="OPTIONS")
    with pytest.raises(HistoryTruncated):
        trace.messages(direction="in")
    with pytest.raises(HistoryTruncated):
        trace.messages()


def test_what_was_evicted_does_not_matter_to_bindings_and_refusals_that_lost_nothing():
    trace = Trace(max_records=2)
    for _ in range(2):
        bind(trace, "noise")
        refuse(trace, "noise")
    bind(trace, "alice")
    refuse(trace, "alice", "nonce-stale")
    assert len(trace.bindings("alice")) == 1
    assert trace.bindings("nobody") == []
    assert len(trace.refusals("alice")) == 1
    assert len(trace.refusals(because="nonce-stale")) == 1
    assert trace.refusals(because="ip-not-allowed") == []
    assert trace.others() == []
    for question in (
        lambda: trace.bindings("noise"),
        trace.bindings,
        trace.refusals,
        lambda: trace.refusals("noise"),
        lambda: trace.refusals(because="wrong-password"),
    ):
        with pytest.raises(HistoryTruncated):
            question()
    assert len(trace.refusals(partial=True)) == 2
    assert len(trace.bindings("noise", partial=True)) == 1


def test_refusals_that_fit_no_account_can_be_asked_for():
    trace = Trace(max_records=2)
    for _ in range(3):
        refuse(trace, "", "unknown-user")
    assert len(trace.refusals("", since=1)) == 2
    with pytest.raises(HistoryTruncated):
        trace.refusals("")


def test_a_message_cannot_have_a_method_and_a_status():
    with pytest.raises(ValueError, match="both"):
        Trace().messages(method="REGISTER", status=200)


WRITES = st.lists(
    st.one_of(
        st.tuples(st.just(see), st.sampled_from([REGISTER, OPTIONS, OK, b"junk"]), st.sampled_from(["", "a", "b"])),
        st.tuples(st.just(bind), st.sampled_from(["a", "b"])),
        st.tuples(st.just(refuse), st.sampled_from(["", "a", "b"]), st.sampled_from(["x", "y"])),
        st.tuples(st.just(drop)),
    ),
    max_size=25,
)


@given(WRITES, st.integers(0, 6), st.integers(0, 200), st.integers(0, 4), st.integers(0, 10))
def test_an_answer_is_the_whole_one_or_none(writes, messages, octets, records, since):
    bounded, whole = Trace(messages, octets, records), Trace()
    for write, *arguments in writes:
        write(bounded, *arguments)
        write(whole, *arguments)
    questions = [
        lambda trace: trace.since(since),
        lambda trace: trace.others(since=since),
        lambda trace: trace.messages(since=since),
        lambda trace: trace.messages(method="REGISTER", account="a", since=since),
        lambda trace: trace.messages(status=200, direction="in"),
        lambda trace: trace.messages(method=NOT_SIP),
        lambda trace: trace.messages(account=""),
        lambda trace: trace.messages(direction="out", account="b"),
        lambda trace: trace.bindings("a", since=since),
        lambda trace: trace.bindings(),
        lambda trace: trace.refusals("a", because="x"),
        lambda trace: trace.refusals("", because="x"),
        lambda trace: trace.refusals(since=since),
    ]
    for question in questions:
        assert_whole_or_refused(question, bounded, whole)
    assert len(bounded.messages(partial=True)) <= messages
    assert sum(len(seen.data) for seen in bounded.messages(partial=True)) <= octets
    assert bounded.counters() == whole.counters()
    assert bounded.summaries() == whole.summaries()


def assert_whole_or_refused(question, bounded, whole):
    try:
        answer = question(bounded)
    except HistoryTruncated:
        assert bounded.evicted
    else:
        assert answer == question(whole)


# -- counters and summaries ---------------------------------------------------------------------------


def test_messages_are_counted_by_method_and_status_and_direction():
    trace = Trace(max_messages=1)
    for data in (REGISTER, REGISTER, OPTIONS, b"ACK sip:100 SIP/2.0\r\n", b"ACK sip:200 SIP/2.0\r\n", OK):
        see(trace, data)
    for data in (UNAUTHORIZED, OK, OK, b"OPTIONS sip:a SIP/2.0\r\n\r\n"):
        see(trace, data, direction="out")
    counters = trace.counters()
    assert counters.requests_in == {"REGISTER": 2, "OPTIONS": 1, "ACK": 2}
    assert counters.requests_out == {"OPTIONS": 1}
    assert counters.responses_in == {200: 1}
    assert counters.responses_out == {401: 1, 200: 2}


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (b"REGISTER sip:a SIP/2.0\r\n", "REGISTER"),
        (b"\r\n\r\nREGISTER sip:a SIP/2.0\r\n", "REGISTER"),
        (b"SUBSCRIBE sip:a SIP/2.0\r\n", "SUBSCRIBE"),
        (b"UNHEARD-OF-METHOD sip:a SIP/2.0\r\n", "UNHEARD-OF-METHOD"),
        (b"TENLETTERS sip:a SIP/2.0\r\n", "TENLETTERS"),
        (b"ELEVENCHARS sip:a SIP/2.0\r\n", "ELEVENCHARS"),
        (b"SIP/2.0 200 OK\r\n", 200),
        (b"SIP/2.0 200", 200),
        (b"SIP/2.0 999 x\r\n", NOT_SIP),
        (b"", NOT_SIP),
        (b"\r\n\r\n", NOT_SIP),
        (b"\x16\x03\x01\x02\x00\x01", NOT_SIP),
        (b"REGISTER", NOT_SIP),
        (b"\xe9REGISTER sip:a SIP/2.0\r\n", NOT_SIP),
    ],
)
def test_a_look_at_the_start_is_enough(data, start):
    assert start_of(data) == start
    trace = Trace()
    for _ in range(3):
        see(trace, data)
    counters = trace.counters()
    assert (counters.requests_in | counters.responses_in) == {start: 3}
    assert len(trace.messages(**{"status" if isinstance(start, int) else "method": start})) == 3


def test_counting_by_start_is_right_and_bounded_whatever_comes():
    trace = Trace()
    for number in range(2000):
        see(trace, b"ACK sip:%d SIP/2.0\r\n" % number)
    assert trace.counters().requests_in == {"ACK": 2000}
    for number in range(2000):
        see(trace, b"METHOD%d sip:a SIP/2.0\r\n" % number)
    requests = trace.counters().requests_in
    assert sum(requests.values()) == 4000
    assert len(requests) <= 600
    assert requests[OTHER] > 1000


def test_a_method_that_may_hide_among_the_others_is_not_said_to_be_whole():
    trace = Trace(max_messages=10)
    for number in range(700):
        see(trace, b"METHOD%d sip:a SIP/2.0\r\n" % number)
    with pytest.raises(HistoryTruncated):
        trace.messages(method="METHOD650")


def test_changes_and_reasons_are_counted():
    trace = Trace()
    for change in (Registered, Refreshed, Refreshed, Unregistered, Lapsed):
        bind(trace, change=change)
    refuse(trace)
    refuse(trace, "", "unknown-user")
    drop(trace)
    trace.internal_error(1.0, 1.0, "x", "y")
    counters = trace.counters()
    assert counters.bindings == {"registered": 1, "refreshed": 2, "unregistered": 1, "lapsed": 1}
    assert counters.refused == {"wrong-password": 1, "unknown-user": 1}
    assert counters.dropped == {"not-sip": 1}
    assert counters.internal_errors == 1


def test_what_an_account_did_is_summed_up():
    trace = Trace(0, 0, 0)
    see(trace, REGISTER, "alice", wire=1.0)
    refuse(trace, wire=2.0)
    refuse(trace, because="nonce-stale", wire=3.0)
    for number, change in enumerate((Registered, Refreshed, Refreshed, Unregistered, Registered, Lapsed)):
        bind(trace, change=change, wire=4.0 + number)
    see(trace, OK, "bob", "out", wire=20.0)
    alice = AccountSummary("alice", 1, 2, 2, 1, 1, 2, "nonce-stale", 9.0)
    bob = AccountSummary("bob", 1, last_wire=20.0)
    assert trace.summary("alice") == alice
    assert trace.summaries() == [alice, bob]
    assert trace.summary("nobody") == AccountSummary("nobody")


def test_ten_thousand_accounts_cost_less_than_one_and_a_half_mebibytes():
    trace = Trace(0, 0, 0)
    names = [f"user{number}" for number in range(10_000)]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number, name in enumerate(names):
            wire = number * 1.1
            see(trace, REGISTER, name, wire=wire)
            see(trace, UNAUTHORIZED, name, "out", wire=wire)
            bind(trace, name, wire=wire)
            refuse(trace, name, wire=wire)
        cost = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert cost < 1.5 * 2**20


def test_a_kept_message_costs_less_than_400_octets_beside_its_own():
    trace = Trace()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(2000):
            trace.message(number * 1.1, number * 2.2, "in", FLOW, REGISTER, "alice")
        cost = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert cost / 2000 < 400


# -- reset and subscribers ----------------------------------------------------------------------------


def test_a_reset_forgets_and_numbers_go_on():
    trace = Trace(max_messages=1)
    for _ in range(3):
        see(trace, REGISTER, "alice")
    bind(trace)
    refuse(trace)
    trace.reset()
    assert trace.since() == []
    assert trace.counters() == Trace().counters()
    assert trace.summaries() == []
    assert trace.evicted == 0
    assert see(trace) == 6
    assert [record.seq for record in trace.messages()] == [6]


def test_nothing_waits_while_nobody_listens():
    trace = Trace()
    see(trace)
    assert trace.pending() == 0
    assert trace.drain() == []
    trace.listeners = 1
    assert trace.drain() == []


def test_listeners_get_everything_once_and_in_order():
    trace = Trace(0, 0, 0)
    trace.listeners += 1
    trace.listeners += 1
    numbers = [see(trace), refuse(trace), bind(trace), drop(trace), trace.note(1.0, 2.0, "x")]
    assert trace.pending() == 5
    assert [record.seq for record in trace.drain()] == numbers
    assert trace.drain() == []
    see(trace)
    bind(trace)
    assert [record.kind for record in trace.drain(messages=False)] == ["registered"]
    trace.listeners -= 1
    see(trace)
    assert trace.pending() == 1
    trace.listeners -= 1
    assert trace.pending() == 0
    with pytest.raises(ValueError, match="no listeners"):
        trace.listeners -= 1


def test_a_reset_takes_nothing_from_listeners():
    trace = Trace()
    trace.listeners = 1
    bind(trace)
    trace.reset()
    assert [record.kind for record in trace.drain()] == ["registered"]
