from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockregistrar.sip import transactions as tx
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import Request, parse
from mockregistrar.sip.transactions import (
    IllegalStep,
    NonInviteClientTransaction,
    ServerTransactions,
    key_of,
)

UDP = Flow("udp", ("192.0.2.9", 5060), ("192.0.2.1", 40000))
OK = b"SIP/2.0 200 OK\r\n\r\n"
RINGING = b"SIP/2.0 180 Ringing\r\n\r\n"
BUSY = b"SIP/2.0 486 Busy Here\r\n\r\n"


def request(
    method: str = "REGISTER",
    via: str = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77",
    cseq: str | None = None,
    to: str = "<sip:a@acme>",
    uri: str = "sip:acme",
) -> Request:
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: {via}",
        "From: <sip:a@acme>;tag=1",
        f"To: {to}",
        "Call-ID: c1",
        f"CSeq: {cseq or '102 ' + method}",
        "Content-Length: 0",
    ]
    found = parse("\r\n".join([*lines, "", ""]).encode())
    assert isinstance(found, Request)
    return found


# --- identity ----------------------------------------------------------------------------------------------


def test_the_same_request_from_another_port_is_the_same():
    elsewhere = Flow("udp", UDP.local, ("192.0.2.1", 41111))
    assert key_of(request(), UDP) == key_of(request(), elsewhere)


@pytest.mark.parametrize(
    "other",
    [
        request(via="SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK78"),
        request(via="SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK77"),
        request(via="SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bK77"),
        request("CANCEL"),
        request(cseq="103 REGISTER"),
    ],
)
def test_what_makes_another_transaction(other):
    assert key_of(request(), UDP) != key_of(other, UDP)


@pytest.mark.parametrize(
    "via",
    [
        "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77;rport",
        "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK77",
        "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77, SIP/2.0/UDP p;branch=z9hG4bKp",
        "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77 ;x=y",
        "SIP/2.0/UDP 192.0.2.1:5060;BRANCH=z9hG4bK77",
        'SIP/2.0/UDP 192.0.2.1:5060;x=";branch=z9hG4bK1";branch=z9hG4bK77',
        "SIP / 2.0 / UDP 192.0.2.1:5060 ; branch=z9hG4bK77",
    ],
)
def test_writing_does_not_matter(via):
    assert key_of(request(via=via), UDP) == key_of(request(), UDP)


@pytest.mark.parametrize("top", ["SIP/2.0/UDP 192.0.2.1:5060", "SIP/2.0/UDP 192.0.2.1:5060;x"])
def test_the_second_hops_branch_is_not_taken(top):
    mine = key_of(request(via=f"{top}, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK77"), UDP)
    other = request(via=f"{top.replace('2.1', '2.8')}, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK77")
    assert mine not in (key_of(other, UDP), key_of(request(), UDP))


@pytest.mark.parametrize("branch", ["", ";branch=1", ";branch=z9hG4bK"])
def test_rfc2543_clients(branch):
    via = "SIP/2.0/UDP 192.0.2.1:5060" + branch
    assert key_of(request(via=via), UDP) == key_of(request(via=via), UDP)
    for other in (request(via=via, to="<sip:b@acme>"), request(via=via, uri="sip:b"), request(via=via + ";x")):
        assert key_of(request(via=via), UDP) != key_of(other, UDP)


@pytest.mark.parametrize(
    "via", ["SIP/2.0/UDP h;branch=z9hG4bK1", "SIP/2.0/UDP h", "SIP/2.0/UDP h;rport;Branch=z9hG4bK1"]
)
def test_an_ack_belongs_to_its_invite_and_is_no_retransmission(via):
    invite = key_of(request("INVITE", via), UDP)
    ack = key_of(request("ACK", via, to="<sip:a@acme>;tag=server"), UDP)
    assert ack == invite
    assert hash(ack) == hash(invite)
    known = ServerTransactions()
    known.complete(invite, BUSY, 0.0, invite=True)
    assert known.find(ack, 0.1) is None
    assert known.find(invite, 0.1) == BUSY
    assert known.acknowledge(ack, 0.2)


def test_no_via_no_identity():
    broken = parse(b"REGISTER sip:acme SIP/2.0\r\nCSeq: 1 REGISTER\r\n\r\n")
    with pytest.raises(ParseError):
        key_of(broken, UDP)


# --- non-INVITE server -------------------------------------------------------------------------------------


def test_a_retransmission_gets_the_same_octets_for_32_seconds():
    known = ServerTransactions()
    key = key_of(request(), UDP)
    assert known.find(key, 0.0) is None
    known.complete(key, OK, 0.0)
    assert known.find(key, 0.5) == OK
    assert known.find(key, 31.9) == OK
    assert known.find(key, 32.0) is None
    assert len(known) == 0
    assert known.octets == 0
    assert known.evicted == 0


def test_only_the_first_final_response_counts():
    known = ServerTransactions()
    known.complete("k", OK, 0.0)
    known.complete("k", BUSY, 1.0)
    assert known.find("k", 1.0) == OK
    assert known.find("k", 32.0) is None


def test_a_request_in_work_is_absorbed_then_answered():
    known = ServerTransactions()
    known.open("k", 0.0)
    assert known.find("k", 1.0) == b""
    with pytest.raises(IllegalStep, match="opening cannot happen in state Trying"):
        known.open("k", 1.0)
    known.complete("k", RINGING, 2.0)
    assert known.find("k", 3.0) == RINGING
    known.complete("k", OK, 40.0)
    assert known.find("k", 71.9) == OK
    assert known.find("k", 72.0) is None


def test_over_a_stream_nothing_is_kept():
    known = ServerTransactions()
    known.complete("k", OK, 0.0, reliable=True)
    assert known.find("k", 0.0) is None
    known.open("k", 0.0, reliable=True)
    assert known.find("k", 0.1) == b""
    known.complete("k", OK, 0.2, reliable=True)
    assert known.find("k", 0.3) is None
    assert known.octets == 0


def test_a_key_may_come_back_after_its_time():
    known = ServerTransactions()
    known.complete("k", OK, 0.0)
    known.complete("k", BUSY, 33.0)
    assert known.find("k", 64.0) == BUSY
    assert known.octets == len(BUSY)


# --- bounds ------------------------------------------------------------------------------------------------


def test_the_oldest_goes_first():
    known = ServerTransactions(max_entries=3)
    for name in "abcd":
        known.complete(name, OK, 0.0)
    assert [known.find(name, 1.0) for name in "abcd"] == [None, OK, OK, OK]
    assert known.evicted == 1


def test_octets_are_bounded_too():
    known = ServerTransactions(max_bytes=3 * len(OK))
    for name in "abcd":
        known.complete(name, OK, 0.0)
    assert known.octets == 3 * len(OK)
    known.complete("huge", b"SIP/2.0 200 " + b"x" * 100, 0.0)
    assert (len(known), known.octets, known.evicted) == (0, 0, 5)


def test_expiry_is_no_eviction():
    known = ServerTransactions(max_entries=2)
    for number in range(10):
        known.complete(number, OK, 40.0 * number)
    assert known.evicted == 0
    assert len(known) == 1


def test_finished_ones_behind_an_open_one_do_not_pile_up():
    known = ServerTransactions(max_entries=10)
    known.open("slow", 0.0, invite=True)
    for number in range(1000):
        known.complete(number, BUSY, 0.01 * number, invite=True, reliable=True)
        known.acknowledge(number, 0.01 * number)
    assert len(known) == 1
    assert len(known._order) <= 40
    assert known.next_timer() is None


class Bounds(RuleBasedStateMachine):
    """Whatever happens in whatever order: bounds hold, sums are right, answers are the right ones."""

    def __init__(self):
        super().__init__()
        self.known = ServerTransactions(max_entries=4, max_bytes=200)
        self.now = 0.0
        self.last: dict[int, bytes] = {}

    @rule(key=st.integers(0, 7), size=st.integers(0, 90), status=st.sampled_from([180, 200, 486]), invite=st.booleans(),
          reliable=st.booleans())  # fmt: skip
    def complete(self, key, size, status, invite, reliable):
        octets = f"SIP/2.0 {status} ".encode() + b"x" * size
        before = self.known.find(key, self.now)
        try:
            self.known.complete(key, octets, self.now, invite=invite, reliable=reliable)
        except IllegalStep:
            return
        after = self.known.find(key, self.now)
        assert after in (octets, before, None)

    @rule(key=st.integers(0, 7))
    def acknowledge(self, key):
        self.known.acknowledge(key, self.now)

    @rule(seconds=st.sampled_from([0.1, 0.5, 3.0, 33.0]))
    def wait(self, seconds):
        self.now += seconds
        for key, octets in self.known.due(self.now):
            assert self.known.find(key, self.now) == octets

    @invariant()
    def bounded(self):
        entries = self.known._entries.values()
        assert len(self.known) <= 4
        assert self.known.octets == sum(len(entry.octets) for entry in entries) <= 200
        timer = self.known.next_timer()
        assert timer is None or timer > self.now


TestBounds = Bounds.TestCase
TestBounds.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


# --- INVITE server -----------------------------------------------------------------------------------------


def test_a_refused_invite_is_repeated_until_the_ack():
    known = ServerTransactions()
    known.complete("k", RINGING, 0.0, invite=True)
    assert known.next_timer() is None
    known.complete("k", BUSY, 10.0, invite=True, flow=UDP)
    assert known.flow_of("k") == UDP
    sent = []
    for _ in range(5):
        when = known.next_timer()
        assert known.due(when - 0.001) == []
        assert known.due(when) == [("k", BUSY)]
        sent.append(when)
    assert sent == [10.5, 11.5, 13.5, 17.5, 21.5]
    assert known.acknowledge("k", 22.0)
    assert known.next_timer() is None
    assert known.due(60.0) == []
    assert known.find("k", 26.9) == b""  # Confirmed absorbs
    assert known.acknowledge("k", 26.9)
    assert known.find("k", 27.0) is None
    assert not known.acknowledge("k", 27.1)
    assert known.unacknowledged == 0


def test_an_ack_that_never_comes():
    known = ServerTransactions()
    known.complete("k", BUSY, 0.0, invite=True)
    times = []
    while (when := known.next_timer()) is not None:
        times += [when] * len(known.due(when))
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert known.unacknowledged == 1
    assert len(known) == 0


def test_over_a_stream_only_the_ack_is_waited_for():
    known = ServerTransactions()
    known.complete("k", BUSY, 0.0, invite=True, reliable=True)
    assert known.next_timer() == 32.0
    assert known.due(31.0) == []
    assert known.acknowledge("k", 31.5)
    assert len(known) == 0
    known.complete("k", BUSY, 40.0, invite=True, reliable=True)
    assert known.due(72.0) == []
    assert known.unacknowledged == 1


def test_an_accepted_invite_gets_its_200_again_and_no_timer():
    known = ServerTransactions()
    known.complete("k", OK, 0.0, invite=True)
    assert known.next_timer() is None
    assert known.find("k", 1.0) == OK
    assert not known.acknowledge("k", 2.0)
    known.complete("k", OK, 3.0, invite=True)
    assert known.find("k", 34.9) == OK


def test_illegal_steps_name_event_and_state():
    known = ServerTransactions()
    known.complete("k", BUSY, 0.0, invite=True)
    with pytest.raises(IllegalStep, match="INVITE server transaction: 2xx cannot happen in state Completed") as caught:
        known.complete("k", OK, 1.0, invite=True)
    assert (caught.value.state, caught.value.event) == ("Completed", "2xx")
    known.complete("r", OK, 0.0)
    with pytest.raises(IllegalStep, match="non-INVITE server transaction: 1xx cannot happen in state Completed"):
        known.complete("r", RINGING, 1.0)


def test_clear():
    known = ServerTransactions()
    known.complete("k", BUSY, 0.0, invite=True)
    known.clear()
    assert (len(known), known.octets, known.next_timer(), known.find("k", 0.0)) == (0, 0, None, None)


# --- the tables --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [tx.NON_INVITE_SERVER, tx.INVITE_SERVER, tx.NON_INVITE_CLIENT])
def test_tables_are_closed(table):
    """Whatever the other side sends has a row in every state that a row leads to, but for the last."""
    states = {state for state, _ in table} | {state for state, _ in table.values()}
    remote = {tx.REQUEST, tx.ACK} if table is not tx.NON_INVITE_CLIENT else {tx.PROVISIONAL, tx.SUCCESS, tx.FAILURE}
    for state in states - ({tx.TERMINATED} if table is not tx.NON_INVITE_CLIENT else set()):
        for event in remote:
            assert (state, event) in table


# --- non-INVITE client -------------------------------------------------------------------------------------


def run(client: NonInviteClientTransaction, until: float) -> list[float]:
    times = []
    while (when := client.next_timer()) is not None and when <= until:
        times += [when] * len(client.due(when))
    return times


def test_silence():
    client = NonInviteClientTransaction(b"x", 100.0, reliable=False)
    assert run(client, 200.0) == [100, 100.5, 101.5, 103.5, 107.5, 111.5, 115.5, 119.5, 123.5, 127.5, 131.5]
    assert client.state == tx.TERMINATED
    assert client.timed_out
    assert client.sent == 11
    assert not client.received(200, 140.0)


def test_silence_over_a_stream():
    client = NonInviteClientTransaction(b"x", 0.0, reliable=True)
    assert run(client, 200.0) == [0.0]
    assert client.timed_out


def test_provisional_slows_down():
    client = NonInviteClientTransaction(b"x", 0.0, reliable=False)
    assert client.due(0.0) == [b"x"]
    assert client.received(100, 0.1)
    assert client.state == tx.PROCEEDING
    assert run(client, 10.0) == [0.5, 4.5, 8.5]
    assert client.received(200, 10.0)
    assert client.state == tx.COMPLETED
    assert not client.received(200, 10.1)
    assert not client.received(100, 10.1)
    assert run(client, 200.0) == []
    assert client.state == tx.TERMINATED
    assert not client.timed_out


def test_final_over_a_stream_ends_it():
    client = NonInviteClientTransaction(b"x", 0.0, reliable=True)
    client.due(0.0)
    assert client.received(401, 0.1)
    assert client.state == tx.TERMINATED
    assert client.next_timer() is None
    assert not client.received(401, 0.2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.integers(100, 699), st.floats(0.01, 20)), max_size=20), st.booleans())
def test_client_takes_whatever_comes(steps, reliable):
    client = NonInviteClientTransaction(b"x", 0.0, reliable)
    now = 0.0
    finals = 0
    for it in steps:
        if isinstance(it, int):
            finals += client.received(it, now) and it >= 200
        else:
            now += it
            assert len(client.due(now)) <= 1
            timer = client.next_timer()
            assert timer is None or timer > now
    assert finals <= 1
