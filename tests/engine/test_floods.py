"""Floods: memory stays bounded, and a stranger's request is never worth much to send."""

from __future__ import annotations

import random
import sys
from contextlib import suppress

import pytest
from playbook import LOCAL, Ask
from stage import UDP, Stage

from mockregistrar.engine import Reset, StreamLimits
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import Refused

TINY = b"REGISTER sip:x SIP/2.0\r\nv:SIP/2.0/UDP h\r\nf:<sip:a@x>\r\nt:<sip:a@x>\r\ni:%d\r\nCSeq:1 REGISTER\r\n\r\n"


def size(thing: object, seen: set[int] | None = None) -> int:
    """Return the octets that `thing` and all it alone leads to take; modules, classes and functions do not count."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, (type, type(sys))) or callable(thing):
        return 0
    seen.add(id(thing))
    total = sys.getsizeof(thing)
    if isinstance(thing, dict):
        parts = [*thing.keys(), *thing.values()]
    elif isinstance(thing, (str, bytes, bytearray, int, float)):
        parts = []
    elif hasattr(thing, "__iter__") and not hasattr(thing, "__dict__"):
        parts = list(thing)
    else:
        parts = [*vars(thing).values()] if hasattr(thing, "__dict__") else []
    for cls in type(thing).__mro__:
        names = getattr(cls, "__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            with suppress(AttributeError):  # never set; asked of the slot itself, as a message would fill it
                parts.append(object.__getattribute__(thing, name))
    return total + sum(size(part, seen) for part in parts)


def test_the_ruler_measures():
    assert size({"a": [b"x" * 10_000, (1, "y" * 5000)]}) > 15_000
    stage = Stage()
    before = size(stage.engine)
    stage.feed(Ask(headers=(("X", "x" * 50_000),)).octets(stage.desk))
    assert size(stage.engine) - before > 50_000


SMALL = {"history_messages": 50, "history_bytes": 100_000, "history_records": 50}


def flooded(stage: Stage, octets, count: int, *, ceiling: int) -> None:
    """Send `count` messages; the engine's size must stay below `ceiling` at half time and at the end."""
    for at in range(count):
        data = octets(at)
        flow = Flow("udp", LOCAL, (f"198.51.{at % 250}.{at % 199}", 1024 + at % 50_000))
        stage.feed(data, flow)
        stage.now += 0.0001
        if at in (count // 2, count - 1):
            assert size(stage.engine) < ceiling, at
    stage.sound()


def test_a_flood_of_requests_for_a_nonce():
    stage = Stage("alice:x", **SMALL)
    flooded(stage, lambda at: TINY % at, 5000, ceiling=4_000_000)
    assert len(stage.engine.carrier.nonces._counts) == 0
    assert len(stage.engine.transactions) <= 2000
    assert len(stage.engine.carrier.bindings) == 0


def test_a_flood_of_used_nonces():
    stage = Stage("alice:x", **SMALL)
    stage.engine.carrier.nonces._capacity = 100
    stage.engine.transactions.max_entries = 100
    for _ in range(400):
        stage.ask(Ask())
        assert stage.ask(Ask(password="x", expires=600)).status == 200
    assert len(stage.engine.carrier.nonces._counts) == 100
    assert size(stage.engine) < 1_500_000


def test_a_flood_of_contacts_meets_the_limit():
    stage = Stage("alice:x", **SMALL)
    stage.ask(Ask())
    for at in range(200):
        stage.ask(Ask(password="x", contact=f"<sip:{at}@192.0.2.7>", expires=600))
    assert len(stage.engine.carrier.bindings) == 10
    many = ", ".join(f"<sip:{at}@192.0.2.7>" for at in range(1500))
    answer = stage.ask(Ask(password="x", contact=many, expires=600))
    assert answer.status == 403
    assert len(stage.engine.carrier.bindings) == 10
    assert stage.records(Refused)[-1].because == "too-many-contacts"


LONG = "x" * 30_000


@pytest.mark.parametrize(
    "fields",
    [
        lambda at: {"user": f"{at}{LONG}"},
        lambda at: {"user": "alice", "call_id": f"{at}{LONG}"},
        lambda at: {"uri": f"sip:{at}{LONG}@carrier.test"},
        lambda at: {"user": f"user{at}", "call_id": f"{at}{LONG}"},
        lambda at: {"authorization": f'Digest username="{at}{LONG}", realm="carrier.test"'},
        lambda at: {"authorization": f'Digest realm="{at}{LONG}"'},
        lambda at: {"authorization": f'Digest realm="carrier.test", algorithm=A{at}{LONG}'},
        lambda at: {"authorization": f'Digest realm="carrier.test", qop={at}{LONG}'},
        lambda at: {
            "authorization": f'Digest realm="carrier.test", uri="sip:{at}{LONG}", qop=auth, nc=00000001, cnonce=x'
        },
        lambda at: {"headers": ((f"X-{at}{LONG}", "1"),)},
        lambda at: {"headers": (("Require", f"{at}{LONG}"),)},
        lambda at: {"method": f"M{at}{LONG}"},
        lambda at: {"via": f"SIP/2.0/UDP h;branch=z9hG4bK{at}{LONG}"},
        lambda at: {"via": f"SIP/2.0/UDP h;branch=z9hG4bK{at}", "contact": f"<sip:{at}{LONG}@h"},
        lambda at: {"cseq": f"{at}{LONG}"},
    ],
)
def test_a_flood_of_long_texts_is_remembered_nowhere(fields):
    stage = Stage("alice:x", domains=("carrier.test",), **SMALL)
    flooded(stage, lambda at: Ask(**fields(at)).octets(stage.desk), 300, ceiling=4_000_000)


def test_a_flood_of_rubbish():
    dice = random.Random(5)
    stage = Stage("alice:x", **SMALL)
    valid = Ask().octets(stage.desk)

    def octets(at: int) -> bytes:
        if at % 3 == 0:
            return dice.randbytes(dice.randrange(200))
        data = bytearray(valid)
        for _ in range(dice.randrange(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        return bytes(data)

    flooded(stage, octets, 3000, ceiling=4_000_000)


def test_a_flood_of_connections():
    stage = Stage("alice:x", limits=StreamLimits(connections=200), **SMALL)
    resets = 0
    for _ in range(2000):
        flow = stage.connect()
        resets += stage.feed(b"REGISTER sip:x SIP/2.0\r\nX: " + b"y" * 1000, flow) == [Reset(flow)]
    assert len(stage.engine._streams) == 200
    assert resets == 1800
    assert size(stage.engine._streams) < 800_000
    stage.until(1000)
    assert len(stage.engine._streams) == 0
    for _ in range(3000):
        flow = stage.connect()
        stage.engine.closed(flow, "gone", stage.now)
    stage.until(1000)
    assert len(stage.engine._streams._heap) == 0


def test_connections_that_come_and_go_leave_nothing_behind_them():
    stage = Stage("alice:x")
    first = stage.connect()  # the earliest deadline stays alive on top of the heap
    stage.feed(Ask(method="OPTIONS", transport="tcp").octets(stage.desk), first)
    for _ in range(20_000):
        stage.engine.closed(stage.connect(), "gone", stage.now)
    assert len(stage.engine._streams._heap) < 5000


def test_a_body_is_bounded():
    stage = Stage("alice:x")
    flow = stage.connect()
    head = Ask(transport="tcp").octets(stage.desk).replace(b"Content-Length: 0", b"Content-Length: 900000")
    stage.feed(head, flow)
    for _ in range(90):
        stage.feed(bytes(10_000), flow)
    assert size(stage.engine) < 3_000_000


# -- what a stranger gets for his octets ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "settings", [{}, {"algorithms": ("MD5", "SHA-256")}, {"qop": ("auth", "auth-int")}, {"server": "mock"}]
)
@pytest.mark.parametrize(
    "data",
    [
        TINY % 1,
        TINY.replace(b"t:<sip:a@x>", b"t:<") % 1,
        (TINY % 1).replace(b"REGISTER", b"INVITE"),
        (TINY % 1).replace(b"REGISTER", b"OPTIONS"),
        (TINY % 1).replace(b"REGISTER", b"X"),
        (TINY % 1).replace(b"SIP/2.0\r\nv", b"SIP/3.0\r\nv"),
        (TINY % 1).replace(b"\r\n\r\n", b"\r\nRequire:a,b,c,d,e,f,g\r\n\r\n"),
        (TINY % 1).replace(b"sip:x", b"x:y", 1),
        b"R sip:x SIP/2.0\r\nv:SIP/2.0/UDP h\r\n\r\n",
    ],
)
def test_an_unauthorised_answer_is_one_datagram_of_at_most_five_times_the_request(data, settings):
    stage = Stage("alice:x", **settings)
    outputs = stage.feed(data)
    assert len(outputs) == 1
    assert len(outputs[0].data) <= 5 * len(data), outputs[0].data
    assert len(outputs[0].data) < 1300
    assert outputs[0].flow.remote[0] == UDP.remote[0]


def test_the_answer_never_goes_to_another_host_than_the_request_came_from():
    stage = Stage("alice:x")
    for via in ("6.6.6.6", "h;maddr=6.6.6.6", "h;received=6.6.6.6;rport=66", "[2001:db8::6]:66;maddr=[2001:db8::6]"):
        (send,) = stage.feed(Ask(via=f"SIP/2.0/UDP {via};branch=z9hG4bK1{len(via)}").octets(stage.desk))
        assert send.flow.remote[0] == UDP.remote[0]
