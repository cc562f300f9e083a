"""Pings of bound contacts: when they go, where they go, what answers, silence and odd timing make of them."""

from __future__ import annotations

import pytest
from playbook import HOST, LOCAL, NOW, SOURCE, Ask
from stage import UDP, Stage

from mockregistrar.engine import Send, protocol
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import Request, parse
from mockregistrar.trace import InternalError, Lapsed, MessageSeen, Qualified
from mockregistrar.trace.ladder import ladder


class Pinged(Stage):
    """A carrier that pings, and whom it lets in without a challenge."""

    def __init__(self, *accounts: str, **settings) -> None:
        given = {"qualify": 60, "access": "ip", "allow": (SOURCE[0],), **settings}
        super().__init__(*(accounts or ("alice:x",)), **given)

    def bind(self, flow: Flow | None = None, **fields) -> None:
        assert self.ask(Ask(expires=3600, **fields), flow).status == 200

    def pings(self, seconds: float) -> list[tuple[float, Flow, Request]]:
        found = []
        for when, output in self.until(seconds):
            assert isinstance(output, Send)
            request = parse(output.data)
            assert isinstance(request, Request)
            found.append((when, output.flow, request))
        return found

    def answer(self, ping: Request, status: str = "200 OK", flow: Flow = UDP) -> None:
        lines = [
            f"SIP/2.0 {status}",
            *(f"{n}: {v}" for n, v in ping.fields() if n in ("Via", "From", "To", "Call-ID", "CSeq")),
        ]
        assert self.feed("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode(), flow) == []

    def told(self) -> list[tuple[str, bool, int | None]]:
        return [(r.account, r.reachable, r.status) for r in self.records(Qualified)]


def test_a_carrier_that_pings_nobody_has_no_part_of_it():
    stage = Stage("alice:x")
    assert stage.register().status == 200
    assert stage.engine.pings is None
    assert stage.until(1000) == []
    (binding,) = stage.command(protocol.GetBindings())
    assert binding.reachable is None


def test_a_contact_is_pinged_where_it_registered_from_once_an_interval():
    stage = Pinged(server="pbx 1", domains=HOST)
    stage.bind()
    assert stage.pings(59.9) == []
    ((when, flow, ping),) = stage.pings(0.2)
    assert when == pytest.approx(0.1)
    assert flow == UDP
    ping.check()
    assert (ping.method, ping.uri, ping.to_aor) == ("OPTIONS", "sip:alice@192.0.2.7", f"alice@{HOST}")
    assert ping.top_via.sent_by == f"{LOCAL[0]}:{LOCAL[1]}"
    assert ping.first("user-agent") == "pbx 1"
    stage.answer(ping)
    (binding,) = stage.command(protocol.GetBindings())
    assert binding.reachable is True
    ((when, _, again),) = stage.pings(60)
    assert when == pytest.approx(59.9)
    assert again.call_id == ping.call_id
    assert again.cseq_number == ping.cseq_number + 1
    assert again.branch != ping.branch
    stage.answer(again)
    assert stage.told() == [("alice", True, 200)], "news alone is told"
    stage.sound()


def test_each_contact_of_each_account_has_its_own_time():
    stage = Pinged("alice:x", "bob:y")
    stage.bind()
    stage.now += 10
    stage.bind(user="bob", contact=("<sip:bob@192.0.2.7>", "<sip:bob@192.0.2.8>"))
    seen = {ping.uri: round(when) for when, _, ping in reversed(stage.pings(65))}
    assert seen == {"sip:alice@192.0.2.7": 50, "sip:bob@192.0.2.7": 60, "sip:bob@192.0.2.8": 60}


def test_an_unanswered_ping_is_repeated_and_given_up():
    stage = Pinged()
    stage.bind()
    sent = stage.pings(64)
    assert [when for when, _, _ in sent] == [60.0, 60.5, 61.5], "timer E, and 3 s instead of timer F"
    assert len({ping.raw for _, _, ping in sent}) == 1
    notes = [r.note for r in stage.records(MessageSeen) if r.direction == "out" and b"OPTIONS sip" in r.data]
    assert notes == ["", "retransmission", "retransmission"]
    assert stage.told() == [("alice", False, None)]
    (record,) = stage.records(Qualified)
    assert record.detail == "no answer to OPTIONS within 3 s"
    assert record.after == pytest.approx(3.0)
    (binding,) = stage.command(protocol.GetBindings())
    assert binding.reachable is False
    ((_, _, ping),) = stage.pings(56.1)
    stage.answer(ping, "486 Busy Here")
    assert stage.told() == [("alice", False, None), ("alice", True, 486)], "any final answer shows that it is there"
    assert "alice is not reachable: no answer to OPTIONS within 3 s" in ladder(stage.records())
    assert "alice is reachable: sip:alice@192.0.2.7 answered OPTIONS with 486" in ladder(stage.records())


def test_the_time_out_is_up_to_timer_f_and_of_wire_time():
    stage = Pinged(qualify_timeout=32)
    stage.bind()
    sent = stage.pings(60)
    stage.engine.advance_clock(30)
    sent += stage.pings(40)
    assert [when for when, _, _ in sent] == [60.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert stage.told() == [("alice", False, None)]


def test_a_provisional_answer_buys_no_time():
    stage = Pinged()
    stage.bind()
    ((_, _, ping),) = stage.pings(60)
    stage.answer(ping, "100 Trying")
    assert stage.told() == []
    stage.pings(3)
    assert stage.told() == [("alice", False, None)]


def test_a_late_or_foreign_answer_is_none():
    stage = Pinged()
    stage.bind()
    ((_, _, ping),) = stage.pings(60.1)
    for wrong in (
        ping.raw.replace(ping.branch.encode(), b"z9hG4bKother"),
        ping.raw.replace(b" OPTIONS\r\n", b" REGISTER\r\n"),
        ping.raw.replace(b"Via: ", b"X: "),
    ):
        assert stage.feed(b"SIP/2.0 200 OK" + wrong[wrong.index(b"\r\n") :]) == []
    assert stage.told() == []
    stage.pings(3)
    stage.answer(ping)
    assert stage.told() == [("alice", False, None)]
    assert [n for _, n in stage.notes() if "nothing we sent" in n] == ["dropped: a response to nothing we sent"] * 4
    stage.sound()


@pytest.mark.parametrize("gone", ["unregistered", "lapsed", "removed", "forgotten"])
def test_a_contact_that_is_gone_is_pinged_no_more(gone):
    stage = Pinged("alice:x", max_expires=90)
    stage.bind()
    ((_, _, ping),) = stage.pings(60.1)
    if gone == "unregistered":
        stage.bind(contact="<sip:alice@192.0.2.7>;expires=0")
    elif gone == "removed":
        stage.command(protocol.RemoveAccount("alice"))
    elif gone == "forgotten":
        stage.command(protocol.GoDown("silent", ("bindings",)))
        stage.command(protocol.GoUp())
    else:
        stage.command(protocol.Expire("alice"))
    stage.answer(ping)
    assert stage.told() == []
    assert stage.pings(300) == []
    assert stage.engine.next_timer() is None
    assert not stage.engine.pings._contacts
    assert not stage.engine.pings.awaited


def test_a_refresh_keeps_the_time_and_moves_the_place():
    stage = Pinged()
    stage.bind()
    stage.now += 30
    stage.bind(source=(SOURCE[0], 5070))
    ((when, flow, _),) = stage.pings(30)
    assert when == pytest.approx(30)
    assert flow == Flow("udp", LOCAL, (SOURCE[0], 5070))


def test_an_earlier_lapse_keeps_the_ping():
    stage = Pinged(min_expires=1)
    stage.bind()
    stage.now += 5
    assert stage.ask(Ask(expires=100)).status == 200
    ((when, _, _),) = stage.pings(55)
    assert when == pytest.approx(55)


def test_a_contact_bound_anew_starts_anew():
    stage = Pinged()
    stage.bind()
    stage.pings(63)
    assert stage.told() == [("alice", False, None)]
    stage.bind(contact="<sip:alice@192.0.2.7>;expires=0")
    stage.bind()
    assert stage.pings(59) == []
    ((_, _, ping),) = stage.pings(1)
    stage.answer(ping)
    assert stage.told()[1:] == [("alice", True, 200)]


def test_over_a_connection_it_goes_over_that_connection_once():
    stage = Pinged()
    flow = stage.connect()
    stage.bind(flow, transport="tcp", contact="<sip:alice@192.0.2.7;transport=tcp>")
    sent = stage.pings(62)
    assert [(when, to) for when, to, _ in sent] == [(60.0, flow)], "a connection repeats by itself"
    ping = sent[0][2]
    assert ping.top_via.transport == "TCP"
    stage.answer(ping, flow=flow)
    assert stage.told() == [("alice", True, 200)]
    stage.engine.closed(flow, "", stage.now)
    assert stage.pings(60) == []
    (_, record) = stage.records(Qualified)
    assert (record.reachable, record.detail) == (False, "the connection that it registered over is gone")


def test_it_goes_over_the_path():
    stage = Pinged(path=True)
    stage.bind(headers=(("Path", "<sip:edge.test;lr>"), ("Supported", "path")))
    ((_, _, ping),) = stage.pings(60)
    assert ping.values("route") == ["<sip:edge.test;lr>"]


def test_what_is_no_sip_uri_is_not_pinged():
    stage = Pinged()
    stage.bind(contact=("<mailto:alice@x.test>", "<tel:+4930123456>"))
    assert stage.pings(300) == []


def test_a_contact_that_does_not_answer_may_be_removed():
    stage = Pinged(qualify_remove=True)
    stage.bind()
    stage.pings(64)
    assert stage.command(protocol.GetBindings()) == ()
    (lapsed,) = stage.records(Lapsed)
    assert (lapsed.because, lapsed.detail) == ("unreachable", "no answer to OPTIONS within 3 s")
    assert lapsed.left == pytest.approx(3600 - 63)
    assert stage.pings(300) == []
    stage.bind()
    assert len(stage.pings(60)) == 1


def test_four_zeros_are_answered_by_nobody():
    stage = Pinged(qualify=30, qualify_with="zeros")
    stage.bind()
    flow = stage.connect()
    stage.bind(flow, transport="tcp", contact="<sip:alice@192.0.2.7;transport=tcp>")
    assert stage.until(60.5) == [(30.0, Send(UDP, b"\0\0\0\0")), (60.0, Send(UDP, b"\0\0\0\0"))]
    assert stage.told() == []


def test_a_carrier_that_is_down_pings_nobody():
    stage = Pinged()
    stage.bind()
    stage.pings(59.9)
    stage.command(protocol.GoDown("silent"))
    assert stage.pings(10) == []
    stage.command(protocol.GoUp())
    ((when, _, _),) = stage.pings(50.5)
    assert when == pytest.approx(50.1)
    stage.command(protocol.GoDown("503"))
    stage.pings(10)
    assert stage.told() == [], "what was under way is judged by nobody"


def test_a_reset_forgets_them_or_keeps_them_with_the_bindings():
    stage = Pinged()
    stage.bind()
    stage.command(protocol.Reset(("bindings",)))
    assert len(stage.pings(60)) == 1
    stage.command(protocol.Reset(()))
    assert stage.pings(300) == []


def test_a_long_way_ahead_gives_one_ping_and_no_burst():
    stage = Pinged()
    stage.bind()
    stage.engine.advance_clock(3000)
    assert [when for when, _, _ in stage.pings(0.1)] == [0.0]
    assert stage.engine.next_carrier_deadline() == pytest.approx(NOW + 3060, abs=0.01)


def test_many_go_in_slices():
    stage = Pinged(*(f"u{n}:x" for n in range(300)))
    for n in range(300):
        stage.bind(user=f"u{n}", contact=f"<sip:u{n}@192.0.2.7>")
    stage.now += 60.01
    inputs = 0
    sent = []
    while stage.engine.next_timer() <= stage.now:
        stage.engine.timer_fired(stage.now)
        out = stage.engine.outgoing()
        assert len(out) <= 50
        sent += out
        inputs += 1
    assert len(sent) == 300
    assert inputs >= 6


@pytest.mark.parametrize(
    ("fault", "sent", "told"),
    [
        ("drop OPTIONS out", [], (False, None)),
        ("drop OPTIONS out first=1", [60.5], (True, 200)),
        ("drop OPTIONS from alice out", [], (False, None)),
        ("drop OPTIONS from bob out optional", [60.0], (True, 200)),
        ("delay OPTIONS out by=200ms", [60.2], (True, 200)),
        ("drop 200 in from alice", [60.0, 60.5, 61.5], (False, None)),
    ],
)
def test_faults_act_on_pings(fault, sent, told):
    stage = Pinged()
    stage.bind()
    stage.command(protocol.AddFault(fault))
    seen, end = [], stage.now + 64
    start = stage.now
    while stage.now < end:
        for when, _, ping in stage.pings(0.1):
            seen.append(round(stage.now - start - 0.1 + when, 1))
            stage.answer(ping)
    assert seen == sent
    assert [(reachable, status) for _, reachable, status in stage.told()] == [told]
    if "optional" not in fault:
        (info,) = stage.command(protocol.GetFaults())
        assert info.fired
    assert stage.records(InternalError) == []


def test_pings_are_in_the_counters_and_the_account_of_whom_they_ask():
    stage = Pinged()
    stage.bind()
    ((_, _, ping),) = stage.pings(60)
    stage.answer(ping)
    counters = stage.command(protocol.GetStatus()).counters
    assert counters.requests_out == {"OPTIONS": 1}
    assert counters.responses_in == {200: 1}
    messages = stage.command(protocol.GetMessages(method="OPTIONS", account="alice", direction="out"))
    assert [m.data for m in messages] == [ping.raw]
