"""A request happens once, however often it comes."""

from __future__ import annotations

import pytest
from playbook import SOURCE, Ask
from stage import UDP, Stage

from mockregistrar.engine import Send
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import Refreshed, Registered


def test_a_retransmission_gets_the_same_octets_and_nothing_is_done_twice():
    stage = Stage("alice:x")
    challenge = Ask().octets(stage.desk)
    ((_, first),) = stage.feed(challenge)
    stage.take(first)
    register = Ask(password="x", expires=600).octets(stage.desk)
    ((_, second),) = stage.feed(register)
    assert b"SIP/2.0 200 " in second
    for now in (100.5, 101.5, 131.9):
        stage.now = now
        assert stage.feed(challenge) == [Send(UDP, first)]
        assert stage.feed(register) == [Send(UDP, second)]
    assert len(stage.records(Registered)) == 1
    assert stage.records(Refreshed) == []
    assert stage.refusals() == []
    assert stage.notes()[4:6] == [("in", "retransmission"), ("out", "retransmission")]
    assert stage.ask(Ask(password="x", expires=600)).status == 200, "no nonce count was burnt"


def test_a_retransmission_from_another_port_is_answered_there():
    stage = Stage("alice:x")
    data = Ask().octets(stage.desk)
    ((_, octets),) = stage.feed(data)
    elsewhere = Flow("udp", UDP.local, (SOURCE[0], 7777))
    assert stage.feed(data, elsewhere) == [Send(elsewhere, octets)]


def test_after_32_seconds_it_is_a_new_request():
    stage = Stage("alice:x")
    stage.ask(Ask())
    register = Ask(password="x", expires=600).octets(stage.desk)
    stage.feed(register)
    stage.now += 32.1
    ((_, octets),) = stage.feed(register)
    assert stage.take(octets).status == 401
    assert stage.refusals() == ["nonce-replayed"]


@pytest.mark.parametrize("broken", [{"via": None, "cseq": "x"}, {"contact": "<sip:a@b;;>"}, {"expires": 1, "to": "<"}])
def test_what_is_malformed_gets_the_same_octets_too(broken):
    stage = Stage("alice:x")
    data = Ask(**broken).octets(stage.desk)
    answers = [stage.feed(data) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2] != []
    assert stage.take(answers[0][0].data).status == 400
    other = stage.feed(Ask(**broken).octets(stage.desk))
    assert stage.take(other[0].data).to.tag if "to" not in broken else True


def test_an_answer_evicted_is_worked_out_again():
    stage = Stage("alice:x")
    stage.engine.transactions.max_entries = 2
    stage.ask(Ask())
    register = Ask(password="x", expires=600).octets(stage.desk)
    stage.feed(register)
    for _ in range(5):
        stage.ask(Ask(user="bob"))
    ((_, octets),) = stage.feed(register)
    assert stage.take(octets).status == 401, "idempotent: a replay, with a fresh nonce"
    assert len(stage.records(Registered)) == 1


def test_over_a_stream_the_same_octets_are_a_request_of_their_own():
    stage = Stage("alice:x")
    flow = stage.connect()
    data = Ask(transport="tcp").octets(stage.desk)
    first, second = stage.feed(data, flow)[0].data, stage.feed(data, flow)[0].data
    assert first != second
    assert len(stage.engine.transactions) == 0


# -- INVITE ---------------------------------------------------------------------------------------------------
def test_a_refused_invite_is_answered_again_until_its_ack():
    stage = Stage("alice:x")
    invite = Ask(method="INVITE", branch="z9hG4bKinv", cseq=1)
    data = invite.octets(stage.desk)
    ((_, refusal),) = stage.feed(data)
    assert stage.take(refusal).status == 405
    assert stage.until(8.0) == [(t, Send(UDP, refusal)) for t in (0.5, 1.5, 3.5, 7.5)]
    assert stage.feed(data) == [Send(UDP, refusal)]
    ack = Ask(method="ACK", branch="z9hG4bKinv", cseq=1, contact=None).octets(stage.desk)
    assert stage.feed(ack) == []
    assert stage.until(60.0) == []
    assert stage.feed(ack) == []


def test_a_refused_invite_without_an_ack_is_given_up_after_32_seconds():
    stage = Stage("alice:x")
    stage.feed(Ask(method="INVITE").octets(stage.desk))
    times = [t for t, _ in stage.until(100.0)]
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert stage.engine.next_timer() is None
    assert stage.engine.transactions.unacknowledged == 1


def test_a_refused_invite_over_a_stream_is_sent_once():
    stage = Stage("alice:x")
    flow = stage.connect()
    assert len(stage.feed(Ask(method="INVITE", transport="tcp").octets(stage.desk), flow)) == 1
    assert [o for _, o in stage.until(29.0)] == []


def test_acks_and_responses_are_never_answered():
    stage = Stage("alice:x")
    for data in (
        Ask(method="ACK").octets(stage.desk),
        Ask(method="ACK", cseq="x").octets(stage.desk),
        Ask(method="ACK", to="<").octets(stage.desk),
        Ask(method="ACK", via="rubbish").octets(stage.desk),
        Ask(method="ACK", without=("Via", "To", "From", "Call-ID", "CSeq")).octets(stage.desk),
        Ask(method="ACK").octets(stage.desk).replace(b"SIP/2.0\r\n", b"SIP/7.0\r\n", 1),
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 4000 Rubbish\r\n\r\n",
        b"SIP/2.0 200\r\nContent-Length: 77\r\n\r\n",
    ):
        assert stage.feed(data) == [], data
    assert stage.refusals() == []
    stage.sound()
