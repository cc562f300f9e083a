"""Datagrams: what is answered, where to, with which tag, and what is dropped with which reason."""

from __future__ import annotations

import pytest
from playbook import HOST, LOCAL, SOURCE, Ask
from stage import UDP, Stage

from mockregistrar.engine import Send
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import Dropped, Refused


# -- where answers go --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("via", "source", "port", "stamped"),
    [
        ("192.0.2.7:5060;branch=z9hG4bKa;rport", SOURCE, 5060, ";received=192.0.2.7;rport=5060"),
        ("192.0.2.7:5060;rport;branch=z9hG4bKa", ("192.0.2.7", 9999), 9999, ";received=192.0.2.7;rport=9999"),
        ("192.0.2.7:5070;branch=z9hG4bKa", ("192.0.2.7", 9999), 5070, ""),
        ("192.0.2.7;branch=z9hG4bKa", ("192.0.2.7", 9999), 5060, ""),
        ("10.0.0.5:5070;branch=z9hG4bKa", ("192.0.2.7", 9999), 5070, ";received=192.0.2.7"),
        ("client.invalid;branch=z9hG4bKa;rport", ("192.0.2.7", 9999), 9999, ";received=192.0.2.7;rport=9999"),
        ("192.0.2.7;branch=z9hG4bKa;received=6.6.6.6", SOURCE, 5060, ";received=192.0.2.7"),
        ("192.0.2.7;branch=z9hG4bKa;rport=1;received=6.6.6.6", SOURCE, 5060, ";received=192.0.2.7;rport=5060"),
        ("192.0.2.7;branch=z9hG4bKa;maddr=6.6.6.6", ("192.0.2.7", 9999), 9999, ""),
        ("[2001:db8::9]:5070;branch=z9hG4bKa", ("2001:db8::7", 9), 5070, ";received=2001:db8::7"),
        ("[2001:DB8:0::7]:5070;branch=z9hG4bKa", ("2001:db8::7", 9), 5070, ""),
    ],
)
def test_answers_go_where_rfc_3261_18_2_2_and_rfc_3581_say(via, source, port, stamped):
    stage = Stage("alice:x")
    flow = Flow("udp", LOCAL, source)
    (send,) = stage.feed(Ask(via=f"SIP/2.0/UDP {via}").octets(stage.desk), flow)
    assert send.flow == Flow("udp", LOCAL, (source[0], port))
    (answered,) = stage.take(send.data).headers["via"]
    if stamped:
        assert all(part in answered for part in stamped.split(";")), answered
        assert "6.6.6.6" not in answered
        assert "rport=1;" not in f"{answered};"
    else:
        assert answered == f"SIP/2.0/UDP {via}"


def test_every_via_comes_back_in_order_and_only_the_first_is_stamped():
    stage = Stage("alice:x")
    second = 'SIP/2.0/UDP p1.test;branch=z9hG4bKb;x="a,b" , SIP/2.0/TCP p2.test;branch=z9hG4bKc'
    third = "SIP/2.0/UDP p3.test;branch=z9hG4bKd;received=1.2.3.4"
    top = "SIP/2.0/UDP other.test;branch=z9hG4bKa, SIP/2.0/UDP p0.test;branch=z9hG4bKz"
    (send,) = stage.feed(Ask(via=top, headers=(("Via", second), ("v", third))).octets(stage.desk))
    vias = stage.take(send.data).headers["via"]
    assert vias[1:] == [second, third]
    assert vias[0].count("received=192.0.2.7") == 1
    assert vias[0].index("received") < vias[0].index("p0.test")


def test_to_gets_a_tag_of_its_own_in_each_answer_and_keeps_one_that_is_there():
    stage = Stage("alice:x")
    tags = [stage.ask(Ask()).to.tag for _ in range(50)]
    assert all(tags)
    assert len(set(tags)) == 50
    assert stage.ask(Ask(to=f"<sip:alice@{HOST}>;tag=mine")).headers["to"] == [f"<sip:alice@{HOST}>;tag=mine"]


def test_from_call_id_and_cseq_come_back_as_they_were():
    stage = Stage("alice:x")
    odd = (("f", '"A, \\"B\\"" <sip:x@y>;tag=1;z="q"'), ("Max-Forwards", "70"))
    answer = stage.ask(Ask(without=("From",), headers=odd, call_id="a@b-c!~", cseq=2147483647))
    assert answer.headers["from"] == [odd[0][1]]
    assert answer.headers["call-id"] == ["a@b-c!~"]
    assert answer.headers["cseq"] == ["2147483647 REGISTER"]


# -- what is malformed -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ask", "status"),
    [
        ({"cseq": "2147483648"}, 400),
        ({"cseq": "4294967296"}, 400),
        ({"cseq": "-1"}, 400),
        ({"without": ("CSeq",)}, 400),
        ({"without": ("Call-ID",)}, 400),
        ({"without": ("To",)}, 400),
        ({"without": ("From",)}, 400),
        ({"call_id": "two words"}, 400),
        ({"contact": "<sip:a@b"}, 400),
        ({"contact": '"unclosed <sip:a@b>'}, 400),
        ({"uri": "sip:a b"}, 400),
        ({"uri": "sip:[::1"}, 400),
        ({"headers": (("To", "<sip:x@y>"),)}, 400),
        ({"headers": (("Content-Length", "0"),)}, 400),
        ({"headers": (("Expires", "1"), ("Expires", "2"))}, 400),
        ({"headers": (("bad header", "x"),)}, 400),
        ({"uri": "tel:123"}, 416),
    ],
)
def test_malformed_requests_are_answered_and_told(ask, status):
    stage = Stage("alice:x")
    answer = stage.ask(Ask(**ask))
    assert answer.status == status
    (refused,) = stage.records(Refused)
    assert (refused.because, refused.status, refused.method) == ("malformed", status, "REGISTER")
    assert refused.detail
    if "To" not in str(ask):
        assert (refused.account, refused.user) == ("alice", "alice")
    stage.sound()


def test_what_only_the_carrier_finds_malformed_is_told_of_its_account():
    stage = Stage("alice:x")
    answer = stage.register(contact="*", expires=1)
    assert answer.status == 400
    (refused,) = stage.records(Refused)
    assert (refused.account, refused.because) == ("alice", "malformed")


def test_a_cseq_of_another_method_is_malformed():
    stage = Stage("alice:x")
    (send,) = stage.feed(Ask().octets(stage.desk).replace(b"1 REGISTER", b"1 OPTIONS"))
    assert stage.take(send.data).status == 400


def test_another_version_gets_505():
    stage = Stage("alice:x")
    data = Ask().octets(stage.desk).replace(b"SIP/2.0\r\n", b"SIP/3.0\r\n", 1)
    (send,) = stage.feed(data)
    assert stage.take(send.data).status == 505


def test_octets_behind_the_body_are_ignored_and_a_body_that_ends_early_is_malformed():
    stage = Stage("alice:x")
    data = Ask().octets(stage.desk)
    (send,) = stage.feed(data + b"INVITE sip:x SIP/2.0\r\n\r\n")
    assert stage.take(send.data).status == 401
    (send,) = stage.feed(Ask().octets(stage.desk).replace(b"Content-Length: 0", b"Content-Length: 7"))
    assert stage.take(send.data).status == 400


def test_a_datagram_of_64_kb_is_answered():
    stage = Stage("alice:x")
    answer = stage.ask(Ask(headers=(("X-Long", "x" * 64_000),)))
    assert answer.status == 401


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0"])
def test_keep_alives_leave_no_trace(data):
    stage = Stage()
    assert stage.feed(data) == []
    assert stage.records() == []


# -- what is no SIP ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "because", "told"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40), "wrong-transport", "TLS ClientHello"),
        (b"\x16\xfe\xff\x00\x00" + bytes(40), "wrong-transport", "DTLS"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "wrong-transport", "HTTP"),
        (b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12), "not-sip", "STUN"),
        (b"\x80\x00" + bytes(20), "not-sip", "RTP"),
        (b"SSH-2.0-OpenSSH_9\r\n", "not-sip", "SSH"),
        (b"hello", "not-sip", "hello"),
        (b"\xff\xfe\xfd", "not-sip", ""),
        (b"REGISTER sip:x SIP/2.0\r\nTo: <sip:a@b>\r\n\r\n", "malformed", "mandatory"),
        (b"REGISTER sip:x SIP/2.0\r\n\r\n", "malformed", "mandatory"),
    ],
)
def test_what_cannot_be_answered_is_dropped_and_told(data, because, told):
    stage = Stage()
    assert stage.feed(data) == []
    (dropped,) = stage.records(Dropped)
    assert (dropped.because, dropped.size, dropped.flow) == (because, len(data), UDP)
    assert told in dropped.detail
    stage.sound()


def test_an_answer_is_sent_once_and_traced_as_it_was_sent():
    stage = Stage("alice:x")
    data = Ask().octets(stage.desk)
    (send,) = stage.feed(data)
    assert isinstance(send, Send)
    seen = [(r.direction, r.data, r.account, r.flow) for r in stage.records()]
    assert seen == [("in", data, "alice", UDP), ("out", send.data, "alice", UDP)]
