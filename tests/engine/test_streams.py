"""Streams: cut anywhere, several at once, kept alive, limited in number and time."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playbook import SOURCE, Ask, Desk
from stage import Stage

from mockregistrar.engine import Close, Reset, Send, StreamLimits
from mockregistrar.engine.streams import Streams
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import parse
from mockregistrar.trace import Dropped


def ask(**fields) -> bytes:
    return Ask(transport="tcp", **fields).octets(Desk())


def statuses(outputs) -> list[int | bytes]:
    return [o.data if o.data == b"\r\n" else parse(o.data).status for o in outputs]


TALK = b"".join(
    [
        ask(method="OPTIONS", contact=None),
        b"\r\n\r\n",
        ask(method="OPTIONS", contact=None, body=b"v=0\r\n\r\nSIP/2.0", headers=(("Content-Type", "application/sdp"),)),
        b"\r\n",
        ask(user="nobody"),
        ask(method="INVITE", contact=None),
    ]
)
EXPECTED = [200, b"\r\n", 200, 401, 405]


def test_a_stream_cut_at_every_place():
    for at in range(len(TALK) + 1):
        stage = Stage("alice:x")
        flow = stage.connect()
        assert statuses(stage.feed(TALK[:at], flow) + stage.feed(TALK[at:], flow)) == EXPECTED, at


@given(cuts=st.lists(st.integers(0, len(TALK)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_stream_cut_at_any_places(cuts):
    stage, outputs = Stage("alice:x"), []
    flow = stage.connect()
    places = [0, *sorted(cuts), len(TALK)]
    for start, end in itertools.pairwise(places):
        outputs += stage.feed(TALK[start:end], flow)
    assert statuses(outputs) == EXPECTED
    assert all(isinstance(o, Send) and o.flow == flow for o in outputs)


def test_a_stream_octet_by_octet_and_all_at_once():
    stage = Stage("alice:x")
    one, two = stage.connect(), stage.connect()
    assert statuses([o for i in range(len(TALK)) for o in stage.feed(TALK[i : i + 1], one)]) == EXPECTED
    assert statuses(stage.feed(TALK, two)) == EXPECTED


def test_connections_do_not_mix():
    stage = Stage("alice:x")
    one, two = stage.connect(), stage.connect()
    data = ask(method="OPTIONS")
    assert stage.feed(data[:50], one) == []
    assert statuses(stage.feed(data, two)) == [200]
    (send,) = stage.feed(data[50:], one)
    assert send.flow == one


@pytest.mark.parametrize(
    ("data", "answered", "because"),
    [
        (ask().replace(b"Content-Length: 0\r\n", b""), 400, "malformed"),
        (ask().replace(b"Content-Length: 0", b"Content-Length: x"), 400, "malformed"),
        (ask().replace(b"Content-Length: 0", b"Content-Length: -1"), 400, "malformed"),
        (ask().replace(b"Content-Length: 0", b"Content-Length: 0\r\nl: 0"), 400, "malformed"),
        (ask().replace(b"Content-Length: 0", b"Content-Length: 99999999999999999999"), 400, "malformed"),
        (ask(method="ACK").replace(b"Content-Length: 0\r\n", b""), None, "malformed"),
        (b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n", None, "malformed"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", None, "wrong-transport"),
        (b"GET / HTTP/1.1\r\n", None, "wrong-transport"),
        (b"SSH-2.0-x\r\n", None, "not-sip"),
        (b"\x80\x60" + bytes(20), None, "not-sip"),
        (b"rubbish and more of it\r\n", None, "not-sip"),
        (b"REGISTER sip:x SIP/2.0\r\nX: " + b"x" * 70_000, None, "malformed"),
    ],
)
def test_a_stream_that_lost_its_place_is_closed(data, answered, because):
    stage = Stage("alice:x")
    flow = stage.connect()
    outputs = stage.feed(data, flow)
    assert outputs[-1] == Close(flow)
    assert statuses(outputs[:-1]) == ([] if answered is None else [answered])
    assert (stage.drops() if answered is None else stage.refusals()) == [because]
    assert stage.feed(ask(method="OPTIONS"), flow) == [], "nothing more is read from it"
    assert len(stage.engine._streams) == 0
    stage.sound()


def test_what_came_before_the_break_is_still_answered():
    stage = Stage("alice:x")
    flow = stage.connect()
    outputs = stage.feed(ask(method="OPTIONS") * 2 + b"\0rubbish", flow)
    assert statuses(outputs[:-1]) == [200, 200]
    assert outputs[-1] == Close(flow)


# -- limits ------------------------------------------------------------------------------------------------------
LIMITS = StreamLimits(connections=3, first_message=10.0, whole_message=5.0, idle=60.0)


def test_no_more_connections_than_allowed():
    stage = Stage("alice:x", limits=LIMITS)
    flows = [stage.connect() for _ in range(5)]
    assert stage.engine.outgoing() == [Reset(flows[3]), Reset(flows[4])]
    assert stage.feed(ask(), flows[3]) == []
    stage.engine.closed(flows[0], "gone", stage.now)
    assert statuses(stage.feed(ask(method="OPTIONS"), stage.connect())) == [200]


def closings(stage: Stage, seconds: float) -> list[tuple[float, Flow]]:
    return [(t, o.flow) for t, o in stage.until(seconds) if isinstance(o, Close)]


def test_a_connection_that_says_nothing_is_closed():
    stage = Stage("alice:x", limits=LIMITS)
    flow = stage.connect()
    assert closings(stage, 100) == [(10.0, flow)]
    (dropped,) = stage.records(Dropped)
    assert "idle" in dropped.detail
    assert stage.engine.next_timer() is None


def test_a_message_that_drips_in_is_cut_off_whenever_it_began():
    stage = Stage("alice:x", limits=LIMITS)
    flow = stage.connect()
    stage.feed(ask(method="OPTIONS"), flow)
    stage.now += 30
    data, start = ask(), stage.now
    for octet in data:
        if closings(stage, 0.5):
            break
        stage.feed(bytes([octet]), flow)
    assert 5.0 <= stage.now - start <= 7.0
    assert "unfinished" in stage.records(Dropped)[0].detail


def test_an_idle_connection_is_closed_and_a_ping_keeps_it():
    stage = Stage("alice:x", limits=LIMITS)
    flow = stage.connect()
    stage.feed(ask(method="OPTIONS"), flow)
    for _ in range(5):
        assert closings(stage, 59) == []
        assert statuses(stage.feed(b"\r\n\r\n", flow)) == [b"\r\n"]
    assert closings(stage, 100) == [(60.0, flow)]


def test_a_lone_line_end_is_no_unfinished_message():
    stage = Stage("alice:x", limits=LIMITS)
    flow = stage.connect()
    stage.feed(ask(method="OPTIONS"), flow)
    stage.feed(b"\r\n", flow)
    assert closings(stage, 100) == [(60.0, flow)]


def test_a_binding_keeps_its_connection():
    stage = Stage("alice:x", limits=LIMITS)
    flow = stage.connect()
    for _ in range(2):
        answer = stage.register(flow=flow, transport="tcp", expires=3600)
        assert answer.status == 200
    assert closings(stage, 3600) == []
    assert [f for _, f in closings(stage, 200)] == [flow]


def test_unregistering_keeps_nothing():
    stage = Stage("alice:x", limits=LIMITS)
    flow = stage.connect()
    stage.register(flow=flow, transport="tcp", expires=0)
    assert closings(stage, 100) == [(60.0, flow)]


def test_an_answer_to_a_connection_that_is_gone_is_told_as_such():
    stage = Stage("alice:x")
    flow = stage.connect()
    stage.feed(ask()[:100], flow)
    stage.engine.closed(flow, "gone", stage.now)
    assert stage.feed(ask()[100:], flow) == []


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["open", "close", "whole", "partial", "more", "wait"])),
        max_size=60,
    )
)
@settings(max_examples=100, deadline=None)
def test_every_connection_is_found_overdue_when_its_own_deadline_comes(steps):
    streams, now = Streams(StreamLimits(first_message=7.0, whole_message=3.0, idle=20.0)), 0.0
    deadlines: dict[int, float] = {}
    partial: set[int] = set()
    flows = [Flow("tcp", ("h", 1), ("p", n), n) for n in range(5)]
    for which, what in steps:
        stream = streams.get(flows[which])
        if what == "wait":
            now += which + 0.5
            late = {flow.serial for flow, _ in streams.overdue(now)}
            assert late == {n for n, at in deadlines.items() if at <= now}
            for n in late:
                streams.close(flows[n])
                del deadlines[n]
                partial.discard(n)
            assert streams.next_deadline() is None or streams.next_deadline() >= 0
            if deadlines:
                assert streams.next_deadline() <= min(deadlines.values())
            else:
                assert streams.next_deadline() is None
        elif what == "open" and stream is None:
            streams.open(flows[which], now)
            deadlines[which] = now + 7.0
        elif stream is None:
            continue
        elif what == "close":
            streams.close(flows[which])
            del deadlines[which]
            partial.discard(which)
        elif what == "whole":
            streams.progressed(stream, now, whole=True, partial=False)
            deadlines[which] = now + 20.0
            partial.discard(which)
        elif what == "partial":
            streams.progressed(stream, now, whole=True, partial=True)
            deadlines[which] = now + 3.0
            partial.add(which)
        else:
            streams.progressed(stream, now, whole=False, partial=True)
            if which not in partial:
                deadlines[which] = now + 3.0
            partial.add(which)
    assert len(streams) == len(deadlines)


def test_the_source_of_a_stream_is_where_it_came_from_whatever_its_via_says():
    stage = Stage("alice:x")
    flow = stage.connect()
    (send,) = stage.feed(ask(via="SIP/2.0/TCP 10.0.0.1:9;branch=z9hG4bKx"), flow)
    assert send.flow == flow
    assert parse(send.data).top_via.received == SOURCE[0]
