"""Answers that go out late: what the client repeats meanwhile, 100 Trying, and a carrier that goes down."""

from __future__ import annotations

import pytest
from playbook import Ask
from stage import Stage

from mockregistrar.engine import Send, late, protocol
from mockregistrar.sip.message import parse
from mockregistrar.sip.transactions import T1


def statuses(sent) -> list[int]:
    return [parse(output.data).status for output in sent if isinstance(output, Send)]


def asked(transport: str = "udp", **settings):
    stage = Stage("alice:x", **settings)
    flow = None if transport == "udp" else stage.connect()
    assert stage.ask(Ask(transport=transport), flow).status == 401, "only what is granted comes late"
    return stage, Ask(transport=transport, password="x").octets(stage.desk), (flow,) * (flow is not None)


def test_a_200_comes_behind_the_retransmission():
    stage, data, _ = asked(persona="late-200")
    assert stage.feed(data) == []
    assert len(stage.command(protocol.GetBindings())) == 1, "it is bound when the request comes"
    assert stage.until(T1) == []
    assert stage.feed(data) == [], "what is repeated is absorbed"
    ((when, send),) = stage.until(1)
    assert when == pytest.approx(0.2)
    assert stage.take(send.data).status == 200
    assert stage.feed(data) == [send], "and meets the answer later"
    assert [n for _, n in stage.notes() if n] == ["retransmission", "retransmission", "retransmission"]
    stage.sound()


def test_100_goes_before_it():
    stage, data, _ = asked(persona="trying-first")
    (trying,) = stage.feed(data)
    assert parse(trying.data).status == 100
    assert parse(trying.data).to.tag is None
    assert statuses(stage.feed(data)) == [100]
    assert [(when, parse(s.data).status) for when, s in stage.until(1)] == [(0.7, 200)]
    assert statuses(stage.feed(data)) == [200]


def test_over_a_connection():
    for persona in ("late-200", "trying-first"):
        stage, data, flow = asked("tcp", persona=persona)
        early = stage.feed(data, *flow)
        assert statuses(early) == [100] * (persona == "trying-first")
        ((when, send),) = stage.until(1)
        assert (when, send.flow, parse(send.data).status) == (0.7, *flow, 200)


def test_a_client_that_gave_up_gets_both():
    stage, data, _ = asked(grant_delay=40)
    assert stage.feed(data) == []
    stage.until(33)
    again = Ask(password="x").octets(stage.desk)
    assert stage.feed(again) == []
    assert [(round(when), parse(s.data).cseq.number) for when, s in stage.until(60)] == [(7, 2), (40, 3)]


def test_a_carrier_that_went_down_or_started_over_says_nothing():
    stage, data, _ = asked(persona="late-200")
    stage.feed(data)
    stage.command(protocol.GoDown("silent"))
    assert stage.until(1) == []
    stage, data, _ = asked(persona="late-200")
    stage.feed(data)
    stage.command(protocol.Reset(()))
    assert stage.until(1) == []


def test_what_is_held_is_bounded(monkeypatch):
    monkeypatch.setattr(late, "MOST", 1)
    stage, data, _ = asked(persona="late-200")
    assert stage.feed(data) == []
    assert statuses(stage.feed(Ask(password="x").octets(stage.desk))) == [200]
    assert statuses(s for _, s in stage.until(1)) == [200]


def test_delay_and_faults_add_up():
    stage, data, _ = asked(persona="late-200")
    stage.command(protocol.AddFault("delay 200 by=1s"))
    stage.feed(data)
    ((when, send),) = stage.until(3)
    assert (when, parse(send.data).status) == (pytest.approx(1.7), 200)
