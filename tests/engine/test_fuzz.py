"""Whatever comes: no exception, no defect of ours, no header field that we did not write."""

from __future__ import annotations

import re
import string

from hypothesis import given, settings
from hypothesis import strategies as st
from playbook import LOCAL, SOURCE, Ask, Desk
from stage import UDP, Stage

from mockregistrar.engine import Close, Send, protocol
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import InternalError

PIECES = [
    b"REGISTER", b"INVITE", b"ACK", b"OPTIONS", b" ", b"sip:carrier.test", b"sip:", b"tel:1", b" SIP/2.0",
    b"SIP/2.0 200 OK", b"\r\n", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\t", b" ", b"Via", b"v", b":", b": ",
    b"SIP/2.0/UDP h;branch=z9hG4bK1", b"From: <sip:a@b>;tag=1\r\n", b"To: <sip:alice@carrier.test>\r\n",
    b"Call-ID: 1\r\n", b"CSeq: 1 REGISTER\r\n", b"Via: SIP/2.0/UDP h;branch=z9hG4bK1;rport\r\n", b"Contact: *\r\n",
    b"Contact: <sip:a@b>;expires=0\r\n", b"Content-Length: 0\r\n", b"Content-Length: 99\r\n",
    b"Authorization: Digest username=\"alice\", realm=\"carrier.test\"\r\n", b"Require: x\r\n", b"Expires: 0\r\n",
    b"\"", b"<", b">", b",", b";", b"=", b"\\", b"%", b"\0", b"\xff", b"[::1]", b"@", b"0",
]  # fmt: skip
SOUP = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), max_size=30).map(b"".join)
VALID = Ask(password=None, expires=600).octets(Desk())
MUTATED = st.lists(
    st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 6), st.sampled_from([b"", *PIECES])),
    min_size=1,
    max_size=5,
)


def mutate(changes) -> bytes:
    data = VALID
    for at, cut, new in changes:
        data = data[:at] + new + data[at + cut :]
    return data


@given(
    data=st.one_of(st.binary(max_size=100), SOUP, MUTATED.map(mutate)), outage=st.sampled_from([None, "503", "silent"])
)
@settings(max_examples=400, deadline=None)
def test_any_datagram(data, outage):
    stage = Stage("alice:x", "bob", domains=("carrier.test",))
    if outage is not None:
        stage.command(protocol.GoDown(outage))
    outputs = stage.feed(data)
    assert len(outputs) <= 1
    for output in outputs:
        assert isinstance(output, Send)
        assert output.data.startswith(b"SIP/2.0 ")
    assert stage.feed(data) == outputs or outage is None, "asked again"
    stage.command(protocol.GoUp())
    stage.until(40)
    stage.sound()


@given(pieces=st.lists(st.one_of(st.binary(max_size=20), SOUP, MUTATED.map(mutate), st.just(VALID)), max_size=5))
@settings(max_examples=200, deadline=None)
def test_any_stream(pieces):
    stage = Stage("alice:x")
    flow = stage.connect()
    outputs = [o for piece in pieces for o in stage.feed(piece, flow)]
    assert all(isinstance(o, (Send, Close)) and o.flow == flow for o in outputs)
    assert sum(isinstance(o, Close) for o in outputs) <= 1
    stage.until(2000)
    stage.sound()


WRITTEN_BY_US = {
    "via", "from", "to", "call-id", "cseq", "content-length", "www-authenticate", "contact", "date", "allow", "accept",
    "accept-encoding", "unsupported", "min-expires", "supported", "service-route", "path", "require",
}  # fmt: skip
NASTY = st.text(
    st.sampled_from(
        [*string.printable, "é", "\udcff", "\u2028", "\x85", "\x0b", "\x0c", "\x1c", "\0", '"', "\\", "<", ">"]
    ),
    max_size=12,
) | st.sampled_from(
    ["\r\nX-Evil: 1", '"\r\nX-Evil: 1', "%0d%0aX-Evil: 1", "\nX-Evil: 1", "\rX-Evil: 1", "\\\r\nX-Evil: 1"]
)


@given(
    nasty=NASTY,
    place=st.sampled_from(
        [
            "user",
            "contact",
            "display",
            "param",
            "instance",
            "call_id",
            "via",
            "require",
            "path",
            "ua",
            "to",
            "username",
            "uri",
        ]
    ),
    answered=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_no_header_is_injected_whatever_the_text_and_where_it_stands(nasty, place, answered):
    stage = Stage("alice:x", path=True, outbound=True)
    fields = {
        "user": {"user": f"alice{nasty}"},
        "contact": {"contact": f"<sip:{nasty}@192.0.2.7>"},
        "display": {"contact": f'"{nasty}" <sip:a@192.0.2.7>'},
        "param": {"contact": f"<sip:a@192.0.2.7>;x={nasty}"},
        "instance": {"contact": f'<sip:a@192.0.2.7>;+sip.instance="{nasty}"'},
        "call_id": {"call_id": f"call{nasty}"},
        "via": {"via": f"SIP/2.0/UDP h;branch=z9hG4bK1;x={nasty}"},
        "require": {"headers": (("Require", f"x{nasty}"),)},
        "path": {"headers": (("Path", f"<sip:p{nasty};lr>"), ("Supported", "path"))},
        "ua": {"headers": (("User-Agent", nasty),)},
        "to": {"to": f'"{nasty}" <sip:alice@carrier.test>'},
        "username": {"username": f"alice{nasty}"} if "\r" not in nasty and "\n" not in nasty else {},
        "uri": {"uri": f"sip:carrier.test{nasty}"},
    }[place]
    if answered:
        stage.ask(Ask())
        fields = {"password": "x", "expires": 600, **fields}
    try:
        data = Ask(**fields).octets(stage.desk)
    except ValueError:
        return  # our own client code would not say it
    for output in stage.feed(data):
        head, _, body = output.data.partition(b"\r\n\r\n")
        assert body == b""
        for line in head.split(b"\r\n")[1:]:
            assert re.match(rb"[A-Za-z-]+: ", line), line
            assert line.partition(b":")[0].decode().lower() in WRITTEN_BY_US
        assert b"\n" not in head.replace(b"\r\n", b"")
        assert b"\r" not in head.replace(b"\r\n", b"")
    assert stage.records(InternalError) == []


@given(
    timeline=st.lists(
        st.one_of(
            st.tuples(st.just("data"), SOUP),
            st.tuples(st.just("ask"), st.sampled_from([{}, {"password": "x"}, {"method": "INVITE"}, {"expires": 60}])),
            st.tuples(st.just("wait"), st.floats(0, 1000)),
            st.tuples(st.just("clock"), st.floats(0, 1e6)),
            st.tuples(st.just("command"), st.sampled_from([
                protocol.GoDown(), protocol.GoDown("refused", ("bindings",)), protocol.GoUp(), protocol.Reset(),
                protocol.Reset(("bindings",)), protocol.Reset(("accounts", "history")), protocol.Deny("192.0.2.0/24"),
                protocol.Allow("192.0.2.0/24"), protocol.GetRecords(), protocol.GetBindings(), protocol.GetStatus(),
            ])),
            st.tuples(st.just("connect"), st.just(None)),
            st.tuples(st.just("close"), st.integers(0, 5)),
        ),
        max_size=25,
    )
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_order_of_things(timeline):
    stage = Stage("alice:x")
    flows = [UDP]
    stage.ask(Ask())
    for what, value in timeline:
        if what == "data":
            stage.feed(value, flows[-1])
        elif what == "ask":
            stage.feed(Ask(**value).octets(stage.desk), flows[0])
        elif what == "wait":
            stage.until(value)
        elif what == "clock":
            stage.engine.advance_clock(value)
        elif what == "command":
            stage.command(value)
            stage.engine.outgoing()
        elif what == "connect":
            flows.append(stage.connect())
        elif len(flows) > 1:
            stage.engine.closed(flows[-1 - value % (len(flows) - 1)], "gone", stage.now)
        due = stage.engine.next_timer()
        assert due is None or due < stage.now + 1e9
    stage.command(protocol.Reset())
    stage.engine.outgoing()
    stage.until(4000)
    assert len(stage.engine._streams) == 0
    answer = stage.ask(Ask(method="OPTIONS", source=(SOURCE[0], 5081)), Flow("udp", LOCAL, (SOURCE[0], 5081)))
    assert answer.status == 200
    assert stage.records(InternalError) == []
