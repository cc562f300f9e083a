"""Faults in an engine: each action, what the trace says of it, and what a removed one leaves behind."""

from __future__ import annotations

import contextlib
import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playbook import LOCAL, NOW, SOURCE, Ask
from stage import UDP, Stage

from mockregistrar.engine import Listen, PauseReading, Reset, Send, protocol
from mockregistrar.faults import FaultError
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import parse
from mockregistrar.trace import FaultTouched, Lapsed, MessageSeen
from mockregistrar.trace.closest import seen_instead
from mockregistrar.trace.ladder import ladder


def with_fault(text: str, **settings) -> Stage:
    stage = Stage("alice:x", "bob:y", **settings)
    stage.command(protocol.AddFault(text))
    return stage


def fault(stage: Stage, number: int = 1) -> protocol.FaultInfo:
    return next(f for f in stage.command(protocol.GetFaults(removed=True)) if f.number == number)


def effects(stage: Stage) -> list[str]:
    return [r.effect for r in stage.records(FaultTouched)]


def statuses(sent) -> list[int]:
    return [parse(output.data).status for output in sent if isinstance(output, Send)]


# -- drop -------------------------------------------------------------------------------------------------------------
def test_a_dropped_request_never_came_and_its_retransmission_counts():
    stage = with_fault("drop REGISTER from alice first=2")
    data = Ask().octets(stage.desk)
    assert stage.feed(data) == []
    assert stage.feed(data) == [], "a retransmission is one more datagram"
    assert statuses(stage.feed(data)) == [401]
    assert (fault(stage).seen, fault(stage).fired) == (3, 2)
    assert [(r.direction, r.note) for r in stage.records(MessageSeen)] == [
        ("in", "lost: fault 1"),
        ("in", "lost: fault 1"),
        ("in", ""),
        ("out", ""),
    ]
    assert [(r.effect, r.account, r.method, r.direction) for r in stage.records(FaultTouched)] == [
        ("dropped", "alice", "REGISTER", "in")
    ] * 2
    stage.sound()


def test_a_dropped_answer_was_decided_and_is_not_sent():
    stage = with_fault("drop 200")
    stage.ask(Ask())
    ask = Ask(password="x", branch="z9hG4bKone")
    data = ask.octets(stage.desk)
    assert stage.feed(data) == []
    assert len(stage.command(protocol.GetBindings())) == 1
    stage.command(protocol.RemoveFault(1))
    assert statuses(stage.feed(data)) == [200], "the retransmission gets the answer that was lost"


def test_a_fault_is_about_whom_it_names():
    stage = with_fault("drop REGISTER from bob")
    assert stage.register().status == 200
    assert stage.ask(Ask(user="bob")) is None
    assert stage.ask(Ask(user="bob", method="OPTIONS")).status == 200


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("drop REGISTER nth=2", [True, False, True, True, True, True]),
        ("drop REGISTER first=2", [False, False, True, True, True, True]),
        ("drop REGISTER every=3", [True, True, False, True, True, False]),
        ("drop REGISTER nth=2 burst=3", [True, False, False, False, True, True]),
        ("drop noauth", [False] * 6),
        ("drop auth", [True] * 6),
        ("drop transport=tcp", [True] * 6),
        ("drop source=192.0.2.0/24", [False] * 6),
        ("drop source=198.51.100.1", [True] * 6),
    ],
)
def test_which_ones_are_touched(text, answered):
    stage = with_fault(text)
    assert [stage.ask(Ask()) is not None for _ in answered] == answered


def test_chance_is_seeded_and_the_seed_is_told():
    def run(text):
        stage = with_fault(text)
        return fault(stage).spec, [stage.ask(Ask()) is not None for _ in range(40)]

    spec, first = run("drop REGISTER p=0.5")
    assert spec.seed is not None
    assert run(str(spec))[1] == first
    assert 5 < sum(first) < 35
    assert run("drop REGISTER p=0.5 seed=1")[1] != run("drop REGISTER p=0.5 seed=2")[1]


# -- delay, duplicate, reorder ---------------------------------------------------------------------------------------
def test_a_delayed_answer_leaves_in_wire_time():
    stage = with_fault("delay 401 by=2s")
    assert stage.feed(Ask().octets(stage.desk)) == []
    stage.engine.advance_clock(100)
    assert stage.until(1.9) == []
    ((when, send),) = stage.until(0.2)
    assert when == pytest.approx(0.1)
    assert stage.take(send.data).status == 401
    assert effects(stage) == ["delayed 2 s"]
    sent = [r for r in stage.records(MessageSeen) if r.direction == "out"]
    assert sent[0].wire == pytest.approx(2.0), "the trace has it when it left"


def test_a_delayed_request_is_decided_when_it_comes():
    stage = with_fault("delay REGISTER by=500ms jitter=1s seed=5")
    assert stage.feed(Ask().octets(stage.desk)) == []
    ((when, send),) = stage.until(1.5)
    assert 0.5 < when < 1.5
    assert parse(send.data).status == 401


def test_what_is_held_is_bounded():
    stage = with_fault("delay OPTIONS by=1h")
    for _ in range(40):
        assert len(
            stage.feed(Ask(method="OPTIONS", body=b"x" * 60_000, headers=(("Content-Type", "a/b"),)).octets(stage.desk))
        ) in (0, 1)
    notes = [r.text for r in stage.records() if r.kind == "note" and "not delayed" in r.text]
    assert 20 < len(notes) < 30


def test_a_duplicate_is_a_retransmission_to_the_one_who_gets_it():
    stage = with_fault("duplicate REGISTER copies=2")
    sent = stage.feed(Ask().octets(stage.desk))
    assert statuses(sent) == [401] * 3
    assert len({s.data for s in sent}) == 1
    stage = with_fault("duplicate 401")
    assert statuses(stage.feed(Ask().octets(stage.desk))) == [401] * 2


def test_the_next_message_overtakes():
    stage = with_fault("reorder 401 nth=1")
    assert stage.feed(Ask(call_id="one").octets(stage.desk)) == []
    sent = stage.feed(Ask(call_id="two").octets(stage.desk))
    assert [parse(s.data).call_id for s in sent] == ["two", "one"]
    assert stage.until(5) == []


def test_each_of_a_row_is_overtaken_by_the_next():
    stage = with_fault("reorder 401")
    order = []
    for name in ("one", "two", "three"):
        order += [parse(s.data).call_id for s in stage.feed(Ask(call_id=name).octets(stage.desk))]
    order += [parse(s.data).call_id for _, s in stage.until(2)]
    assert sorted(order) == ["one", "three", "two"]
    assert order[0] == "one"


def test_what_nothing_overtakes_goes_on_by_itself():
    stage = with_fault("reorder REGISTER by=300ms")
    assert stage.feed(Ask().octets(stage.desk)) == []
    ((when, send),) = stage.until(1)
    assert (when, parse(send.data).status) == (pytest.approx(0.3), 401)


# -- corrupt, truncate -----------------------------------------------------------------------------------------------
def test_a_corrupted_request_differs_by_as_many_octets_and_is_repeatable():
    data = Ask(branch="z9hG4bKone").octets(Stage().desk)
    seen = []
    for _ in range(2):
        stage = with_fault("corrupt REGISTER octets=3 seed=7")
        stage.feed(data)
        seen += [r.data for r in stage.records(MessageSeen) if r.direction == "in"]
    assert seen[0] == seen[1]
    assert len(seen[0]) == len(data)
    assert sum(a != b for a, b in zip(seen[0], data, strict=True)) == 3
    stage = with_fault("corrupt REGISTER at=2")
    stage.feed(data)
    (wrong,) = [r.data for r in stage.records(MessageSeen)]
    assert wrong[:4] == b"RE\xc7I"


def test_a_truncated_answer_is_cut():
    stage = with_fault("truncate 401 keep=100")
    (send,) = stage.feed(Ask().octets(stage.desk))
    assert len(send.data) == 100
    assert effects(stage)[0].startswith("cut from ")


# -- connections -----------------------------------------------------------------------------------------------------
def test_a_reset_breaks_the_connection_off_and_loses_the_message():
    stage = with_fault("reset REGISTER auth nth=1")
    flow = stage.connect()
    assert stage.ask(Ask(transport="tcp"), flow).status == 401
    two = Ask(transport="tcp", password="x").octets(stage.desk)
    assert stage.feed(two + two, flow) == [Reset(flow)], "nothing behind it is read"
    assert stage.command(protocol.GetBindings()) == ()
    stage.engine.closed(flow, "", stage.now)
    assert stage.register(flow=stage.connect(), transport="tcp").status == 200
    assert stage.ask(Ask()).status == 401, "UDP has no connection"


def test_a_stalled_connection_is_not_read_until_the_fault_is_removed():
    stage = with_fault("stall REGISTER")
    flow, other = stage.connect(), stage.connect()
    assert stage.feed(Ask(transport="tcp").octets(stage.desk), flow) == [PauseReading(flow, True)]
    assert stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow) == []
    assert stage.ask(Ask(transport="tcp", method="OPTIONS"), other).status == 200
    assert stage.command(protocol.RemoveFault(1)).fired == 1
    sent = stage.engine.outgoing()
    assert sent[0] == PauseReading(flow, False)
    assert statuses(sent) == [401, 200]


def test_a_stalled_connection_is_not_written_to_for_as_long_as_it_says():
    stage = with_fault("stall 401 by=3s")
    flow = stage.connect()
    assert stage.feed(Ask(transport="tcp").octets(stage.desk), flow) == []
    assert stage.feed(b"\r\n\r\n", flow) == [], "a keep-alive is not answered either"
    sent = stage.until(3.1)
    assert [when for when, _ in sent] == [pytest.approx(3.0)] * 2
    assert [output.data[:11] for _, output in sent] == [b"SIP/2.0 401", b"\r\n"]


def test_a_message_drips_and_what_comes_behind_waits():
    stage = with_fault("drip 401 octets=100 by=10ms")
    flow = stage.connect()
    (first,) = stage.feed(Ask(transport="tcp").octets(stage.desk), flow)
    assert len(first.data) == 100
    assert stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow) == []
    pieces = [output.data for _, output in stage.until(1)]
    whole = first.data + b"".join(pieces)
    assert whole.count(b"SIP/2.0 ") == 2
    assert all(len(piece) == 100 for piece in pieces[:-1])
    assert len(stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow)) == 1


def test_a_connection_that_ends_takes_along_what_it_held():
    for text in (
        "stall REGISTER by=2s",
        "drip 401 octets=10",
        "stall 401 by=2s",
        "delay REGISTER by=2s",
        "delay 401 by=2s",
    ):
        stage = with_fault(text)
        flow = stage.connect()
        stage.feed(Ask(transport="tcp").octets(stage.desk), flow)
        stage.engine.closed(flow, "", stage.now)
        assert stage.until(5) == []


# -- NAT -------------------------------------------------------------------------------------------------------------
def test_behind_a_nat_the_port_changes_and_answers_come_through():
    stage = with_fault("rebind REGISTER from alice nth=2")
    assert "rport=5060" in str(stage.ask(Ask()).vias[0])
    (send,) = stage.feed(Ask(password="x").octets(stage.desk))
    port = stage.command(protocol.GetBindings())[0].flow.remote[1]
    assert port not in (0, 5060)
    assert send.flow == UDP, "the NAT lets it through"
    assert f"rport={port}" in str(stage.take(send.data).vias[0])
    again = stage.ask(Ask(method="OPTIONS"))
    assert f"rport={port}" in str(again.vias[0]), "it stays so"
    stage.command(protocol.RemoveFault(1))
    assert "rport=5060" in str(stage.ask(Ask(method="OPTIONS")).vias[0])
    assert fault(stage).fired == 1


# -- the answer side -------------------------------------------------------------------------------------------------
def test_an_answer_in_the_carriers_place():
    stage = with_fault('answer REGISTER 503 first=1 reason="Try later" retry-after=30 header="Warning: 399 mock busy"')
    data = Ask().octets(stage.desk)
    (send,) = stage.feed(data)
    answer = stage.take(send.data)
    assert (answer.status, answer.reason) == (503, "Try later")
    assert (answer.first("Retry-After"), answer.first("Warning")) == ("30", "399 mock busy")
    assert stage.feed(data) == [send], "its retransmission gets the same, and is not counted"
    assert fault(stage).seen == 1
    assert stage.refusals() == ["fault"]
    assert stage.register().status == 200


def test_any_status_can_be_answered():
    for status in (100, 181, 200, 302, 404, 486, 500, 603, 699):
        stage = with_fault(f"answer {status}")
        assert stage.ask(Ask()).status == status
        assert stage.refusals() == (["fault"] if status >= 300 else [])
        assert stage.command(protocol.GetBindings()) == ()


def test_silence_meets_the_retransmissions_too():
    stage = with_fault("silence REGISTER first=1")
    data = Ask().octets(stage.desk)
    for _ in range(4):
        assert stage.feed(data) == []
        stage.now += 1
    assert (fault(stage).seen, fault(stage).fired) == (1, 1)
    assert stage.refusals() == ["fault"]
    assert stage.ask(Ask()).status == 401


def test_an_account_is_suspended_and_an_address_blocked_for_as_long_as_the_fault_is_on():
    stage = with_fault("suspend REGISTER from alice")
    assert stage.ask(Ask()).status == 403
    assert stage.refusals() == ["account-suspended"]
    stage.command(protocol.RemoveFault(1))
    assert stage.register().status == 200
    stage.command(protocol.AddFault(f"block source={SOURCE[0]}/32"))
    assert stage.ask(Ask(method="OPTIONS")).status == 403
    assert stage.refusals()[1:] == ["ip-not-allowed"]
    silent = with_fault("block", refuse="drop")
    assert silent.ask(Ask()) is None


def test_another_password():
    stage = with_fault("password REGISTER from alice nth=1")
    assert stage.register().status == 401
    assert stage.refusals() == ["wrong-password"]
    assert stage.ask(Ask(password="x")).status == 200, "only that once"
    assert stage.register("bob", "y").status == 200


def test_a_skewed_date():
    stage = with_fault("skew REGISTER by=-1h")
    stage.ask(Ask())
    assert stage.ask(Ask(password="x")).first("Date") == "Tue, 14 Nov 2023 21:13:20 GMT"
    assert NOW == 1_700_000_000.0


def test_the_carrier_goes_down_with_a_request_and_comes_up_again():
    stage = with_fault("outage REGISTER nth=2 by=10s kind=503 forget=nonces")
    stage.ask(Ask())
    assert stage.ask(Ask(password="x")).status == 503
    assert stage.ask(Ask(method="OPTIONS")).status == 503
    stage.until(10.1)
    assert stage.ask(Ask(password="x")).status == 401
    assert stage.refusals()[-1] == "nonce-foreign"
    refused = with_fault("outage REGISTER kind=refused")
    flow = refused.connect()
    assert refused.feed(Ask(transport="tcp").octets(refused.desk), flow) == [Reset(flow), Listen(LOCAL, False)]
    refused.command(protocol.RemoveFault(1))
    assert refused.engine.outgoing() == [Listen(LOCAL, True)]


def test_much_that_comes_due_at_once_goes_on_in_slices():
    stage = with_fault("delay 401 by=1s")
    for number in range(120):
        stage.feed(Ask(call_id=f"call-{number}").octets(stage.desk))
    stage.now += 1
    due = []
    while (timer := stage.engine.next_timer()) is not None and timer <= stage.now:
        stage.engine.timer_fired(stage.now)
        due.append(len(stage.engine.outgoing()))
    assert due == [50, 50, 20]


# -- any faults, any traffic -----------------------------------------------------------------------------------------
WORDS = ["", " REGISTER", " 401", " in", " out", " from alice", " p=0.5 seed=1", " first=2", " every=2", " burst=2"]
SOME = st.sampled_from([
    "drop", "delay by=300ms jitter=1s seed=1", "duplicate copies=3", "reorder", "corrupt octets=4 seed=2",
    "corrupt at=30 octets=9", "truncate", "truncate keep=0", "reset", "stall by=1s", "stall", "drip octets=50",
    "rebind", "rebind port=9", "answer 503", "answer 100", "silence", "suspend", "block", "password", "skew by=1m",
    "outage by=1s", "outage kind=refused by=500ms forget=bindings", "outage kind=503",
])  # fmt: skip
TRAFFIC = st.sampled_from(["ask", "login", "options", "tcp", "tcp-login", "again", "noise", "time", "remove", "close"])


@given(st.lists(st.tuples(SOME, st.sampled_from(WORDS)), min_size=1, max_size=4), st.lists(TRAFFIC, max_size=25))
@settings(max_examples=150, deadline=None)
def test_no_faults_and_no_traffic_break_an_engine(faults, traffic):
    stage = Stage("alice:x", "bob:y")
    for text, word in faults:
        with contextlib.suppress(FaultError):  # words that do not go together
            stage.command(protocol.AddFault(text + word))
    flow, data = stage.connect(), b""
    for step in traffic:
        tcp = step.startswith("tcp")
        if step in ("ask", "login", "options", "tcp", "tcp-login"):
            password = "x" if "login" in step and stage.desk.challenges else None
            method = "OPTIONS" if step == "options" else "REGISTER"
            ask = Ask(method=method, password=password, transport="tcp" if tcp else "udp")
            data = ask.octets(stage.desk)
            sent = stage.feed(data, flow if tcp else UDP)
            for output in sent:
                if isinstance(output, Send) and b"WWW-Authenticate" in output.data:
                    with contextlib.suppress(ParseError):
                        stage.take(output.data)
        elif step == "again":
            stage.feed(data or b"x")
        elif step == "noise":
            stage.feed(b"\x16\x03\x01", flow)
        elif step == "time":
            stage.until(0.7)
        elif step == "close":
            stage.engine.closed(flow, "", stage.now)
            flow = stage.connect()
        elif on := stage.command(protocol.GetFaults()):
            stage.command(protocol.RemoveFault(on[0].number))
    for info in stage.command(protocol.GetFaults()):
        stage.command(protocol.RemoveFault(info.number))
    stage.engine.outgoing()
    stage.until(100)
    held = stage.engine.faults
    if held is not None:
        assert (held._held, held._octets, held._heap, held._ways, held._drips) == (0, 0, [], {}, {})
    stage.sound()


# -- several ---------------------------------------------------------------------------------------------------------
def test_faults_act_in_their_order_and_what_is_lost_is_not_counted_behind():
    stage = with_fault("drop REGISTER nth=1")
    stage.command(protocol.AddFault("delay REGISTER by=1s"))
    stage.command(protocol.AddFault("duplicate REGISTER"))
    assert stage.ask(Ask()) is None
    assert [fault(stage, n).seen for n in (1, 2, 3)] == [1, 0, 0]
    assert stage.feed(Ask().octets(stage.desk)) == []
    assert [when for when, _ in stage.until(2)] == [pytest.approx(1.0)] * 2
    assert [fault(stage, n).fired for n in (1, 2, 3)] == [1, 1, 1]


def test_a_delay_in_front_of_what_stalls_or_drips_counts():
    stage = with_fault("delay out by=1s")
    stage.command(protocol.AddFault("drip out octets=400"))
    flow = stage.connect()
    assert stage.feed(Ask(transport="tcp").octets(stage.desk), flow) == []
    assert stage.until(2)[0][0] == pytest.approx(1.0)
    assert len(stage.feed(Ask(transport="tcp").octets(stage.desk), flow)) == 0
    stage.command(protocol.AddFault("stall 200 by=5s"))
    stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow)
    sent = stage.until(10)
    assert sent[0][0] == pytest.approx(1.0), "the answer before it left in time"


def test_what_was_delayed_stalls_by_no_fault_that_was_removed_meanwhile():
    stage = with_fault("delay 401 by=2s")
    stage.command(protocol.AddFault("stall 401"))
    flow = stage.connect()
    assert stage.feed(Ask(transport="tcp").octets(stage.desk), flow) == []
    stage.command(protocol.RemoveFault(2))
    assert [(when, parse(s.data).status) for when, s in stage.until(5)] == [(2.0, 401)]


def test_what_was_delayed_waits_where_the_connection_has_stalled_since():
    stage = with_fault("delay 401 by=2s")
    flow = stage.connect()
    stage.feed(Ask(transport="tcp").octets(stage.desk), flow)
    stage.command(protocol.AddFault("stall 200 by=5s"))
    assert stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow) == []
    sent = stage.until(10)
    assert [(when, parse(s.data).status) for when, s in sent] == [(pytest.approx(2.0), 401), (pytest.approx(7.0), 200)]


@pytest.mark.parametrize("text", ["delay 401 by=2s", "delay REGISTER by=2s", "delay 401 by=1500ms jitter=500ms seed=1"])
def test_on_a_connection_nothing_overtakes_what_is_delayed(text):
    stage = with_fault(text)
    flow = stage.connect()
    data = (
        Ask(transport="tcp").octets(stage.desk)
        + b"\r\n\r\n"
        + Ask(transport="tcp", method="OPTIONS").octets(stage.desk)
    )
    assert stage.feed(data, flow) == []
    stage.now += 1.0
    assert stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow) == []
    assert statuses(stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), stage.connect())) == [200], (
        "another connection is no part"
    )
    sent = stage.until(2)
    assert [output.data[:11] for _, output in sent] == [b"SIP/2.0 401", b"\r\n", b"SIP/2.0 200", b"SIP/2.0 200"]
    assert len({when for when, _ in sent}) == 1, "what waited goes on at once"
    assert len(stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow)) == 1
    stage.sound()


def test_of_two_delays_on_a_connection_the_shorter_one_waits_for_the_longer():
    stage = with_fault("delay OPTIONS by=3s nth=1")
    stage.command(protocol.AddFault("delay REGISTER by=1s"))
    flow = stage.connect()
    assert stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow) == []
    assert stage.feed(Ask(transport="tcp").octets(stage.desk), flow) == []
    assert [(when, parse(s.data).status) for when, s in stage.until(5)] == [(3.0, 200), (3.0, 401)]
    assert stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow) != []


def test_over_udp_the_next_datagram_does_overtake():
    stage = with_fault("delay 401 by=2s")
    assert stage.feed(Ask().octets(stage.desk)) == []
    assert statuses(stage.feed(Ask(method="OPTIONS").octets(stage.desk))) == [200]


def test_too_much_behind_what_is_late_breaks_the_connection_off():
    stage = with_fault("delay REGISTER by=1h")
    flow = stage.connect()
    stage.feed(Ask(transport="tcp").octets(stage.desk), flow)
    big = Ask(transport="tcp", method="OPTIONS", body=b"x" * 60_000, headers=(("Content-Type", "a/b"),))
    assert any(Reset(flow) in stage.feed(big.octets(stage.desk), flow) for _ in range(40))


def test_what_drips_is_bounded():
    stage = with_fault("drip 200 octets=1 by=1h")
    flow = stage.connect()
    ended = False
    for _ in range(10_000):
        sent = stage.feed(Ask(transport="tcp", method="OPTIONS").octets(stage.desk), flow)
        if Reset(flow) in sent:
            ended = True
            break
    assert ended


def test_two_senders_are_not_seen_at_one_port():
    stage = with_fault("rebind REGISTER port=9000")
    ports = [(SOURCE[0], 5060), (SOURCE[0], 5070)]
    sent = [
        stage.feed(Ask(source=port, call_id=str(port)).octets(stage.desk), Flow("udp", LOCAL, port)) for port in ports
    ]
    assert [s.flow.remote for (s,) in sent] == ports
    assert [b"rport=9000" in sent[0][0].data, b"rport=9001" in sent[1][0].data] == [True, True]


def test_an_outage_that_the_test_ordered_meanwhile_is_not_ended_by_the_fault():
    stage = with_fault("outage REGISTER by=1s")
    assert stage.ask(Ask()) is None
    stage.command(protocol.GoDown("503"))
    stage.command(protocol.RemoveFault(1))
    stage.until(5)
    assert stage.command(protocol.GetStatus()).outage == "503"


def test_numbers_go_on_after_a_reset():
    stage = with_fault("drop OPTIONS")
    stage.command(protocol.Reset())
    assert stage.command(protocol.AddFault("drop BYE")).number == 2
    with pytest.raises(LookupError, match="no fault 1"):
        stage.command(protocol.RemoveFault(1))


def test_a_removed_fault_touches_nothing_more_and_is_remembered():
    stage = with_fault("drop REGISTER")
    assert stage.ask(Ask()) is None
    assert stage.command(protocol.RemoveFault(1)).fired == 1
    assert stage.ask(Ask()).status == 401
    assert stage.command(protocol.GetFaults()) == ()
    (info,) = stage.command(protocol.GetFaults(removed=True))
    assert (info.on, info.fired, info.told) == (False, 1, False)
    assert stage.command(protocol.RemoveFault(1, told=True)).told
    with pytest.raises(LookupError, match="no fault 2"):
        stage.command(protocol.RemoveFault(2))
    assert [r.text for r in stage.records() if r.kind == "note"] == [
        "fault 1 on: drop REGISTER",
        "fault 1: drop REGISTER (touched one message) off",
    ]


def test_there_is_a_most():
    stage = Stage()
    for _ in range(64):
        stage.command(protocol.AddFault("drop"))
    with pytest.raises(FaultError, match="64 faults are on already; remove some"):
        stage.command(protocol.AddFault("drop"))


def test_faults_of_the_settings_are_on_from_the_start_and_after_a_reset():
    stage = Stage("alice:x", faults=("drop REGISTER first=1",))
    assert stage.ask(Ask()) is None
    assert fault(stage).given == "settings"
    stage.command(protocol.AddFault("silence OPTIONS"))
    stage.command(protocol.Reset())
    assert [str(f.spec) for f in stage.command(protocol.GetFaults())] == ["drop REGISTER first=1"]
    assert stage.ask(Ask()) is None
    assert stage.register().status == 200


def test_a_reset_reads_again_from_what_stalled():
    stage = with_fault("stall REGISTER")
    flow = stage.connect()
    stage.feed(Ask(transport="tcp").octets(stage.desk), flow)
    stage.command(protocol.Reset())
    assert stage.engine.outgoing() == [PauseReading(flow, False)]


# -- why a refresh did not come --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("drop REGISTER from alice", "refresh-dropped"),
        ("drop 401", "refresh-dropped"),
        ("silence REGISTER", "refresh-dropped"),
        ("answer REGISTER status=503", "refresh-refused"),
        ("password REGISTER", "refresh-refused"),
        ("delay REGISTER by=500s", "refresh-delayed"),
        ("drop REGISTER from bob", "refresh-unfinished"),
        ("drop OPTIONS", "refresh-unfinished"),
        ("duplicate REGISTER", "refresh-unfinished"),
        ("drop REGISTER nth=5", "refresh-unfinished"),
    ],
)
def test_a_lapse_says_what_a_fault_did_to_the_refresh(text, because):
    stage = Stage("alice:x", "bob:y")
    stage.register(expires=60)
    stage.command(protocol.AddFault(text))
    stage.until(50)
    password = "x" if text.startswith("password") else None
    stage.feed(Ask(call_id="again", password=password).octets(stage.desk))
    stage.until(20)
    (lapse,) = stage.records(Lapsed)
    assert lapse.because == because
    assert (text in lapse.detail) is (because != "refresh-unfinished")


def test_what_befell_one_client_explains_no_lapse_of_another():
    stage = Stage("alice:x")
    stage.register(expires=60)
    other = ("192.0.2.7", 6000)
    stage.register(expires=90, source=other, contact="<sip:alice@192.0.2.7:6000>", call_id="other")
    stage.command(protocol.AddFault("drop REGISTER"))
    assert stage.ask(Ask(source=other, call_id="other")) is None
    stage.until(100)
    assert [(r.contact, r.because) for r in stage.records(Lapsed)] == [
        ("sip:alice@192.0.2.7", "refresh-never-sent"),
        ("sip:alice@192.0.2.7:6000", "refresh-dropped"),
    ]


def test_a_refresh_that_came_after_all_clears_the_fault():
    stage = Stage("alice:x")
    stage.register(expires=60)
    stage.command(protocol.AddFault("drop REGISTER nth=1"))
    stage.ask(Ask())
    stage.register(expires=60)
    stage.until(70)
    (lapse,) = stage.records(Lapsed)
    assert lapse.because == "refresh-never-sent"


# -- what is told ----------------------------------------------------------------------------------------------------
def test_the_ladder_shows_which_fault_touched_what():
    stage = with_fault("drop REGISTER from alice first=1")
    stage.ask(Ask())
    stage.ask(Ask())
    text = ladder(stage.records())
    assert "* fault 1 (drop REGISTER from alice first=1): REGISTER of alice dropped" in text
    assert "(lost: fault 1)" in text


def test_a_wait_that_runs_out_is_told_of_faults():
    stage = with_fault("drop REGISTER from alice")
    stage.ask(Ask())
    stage.ask(Ask())
    lines = seen_instead(stage.records(), "alice", ["alice"])
    assert lines[0] == (
        "REGISTER from 192.0.2.7:5060 for `alice`: dropped by fault 1, `drop REGISTER from alice`, twice"
    )


def test_a_fault_that_never_fired_tells_what_came_closest():
    stage = with_fault("drop REGISTER from alicia auth")
    stage.register()
    stage.ask(Ask(method="OPTIONS"))
    text = fault(stage).explain().splitlines()
    assert text[0] == "the fault `drop REGISTER from alicia auth` never touched a message. Closest, with what differs:"
    assert text[1] == "  REGISTER of `alice` from 192.0.2.7 (udp): is of `alice`, not of `alicia`"
    assert "OPTIONS of `alice`" in text[3]
    assert "is OPTIONS, not REGISTER; " in text[3]
    late = with_fault("drop REGISTER nth=5")
    late.register()
    assert "It matched 2 messages, and its turn (nth=5) did not come." in fault(late).explain()
    assert "No message left while it was on." in fault(with_fault("drop 401")).explain()


def test_what_came_close_is_bounded():
    stage = with_fault("drop REGISTER from nobody")
    for number in range(50):
        stage.ask(Ask(user=f"user{number}"))
    assert len(fault(stage).near) <= 6


def test_a_carrier_that_never_had_a_fault_has_no_part_of_it():
    stage = Stage("alice:x")
    stage.register()
    assert stage.engine.faults is None
    assert stage.command(protocol.GetFaults()) == ()


def test_octets_that_are_no_sip_pass_a_fault_as_they_are():
    stage = with_fault("drop REGISTER")
    stage.feed(b"\x16\x03\x01 nonsense", Flow("udp", LOCAL, ("192.0.2.9", 9)))
    assert stage.drops() == ["not-sip"]
    any_message = with_fault("drop")
    any_message.feed(b"nonsense at all")
    assert any_message.drops() == []
    assert fault(any_message).fired == 1
    assert dataclasses.asdict(any_message.records(FaultTouched)[0])["method"] == ""
