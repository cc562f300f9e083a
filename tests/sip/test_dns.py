"""DNS messages, with Twisted's names as the oracle: it writes the queries and reads the answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.names import dns as oracle

from mockregistrar.sip import dns


def query(name: str = "sip.acme.example", kind: int = oracle.A, **fields) -> bytes:
    message = oracle.Message(id=4711, recDes=1, **fields)
    message.addQuery(name, kind)
    return message.toStr()


def read(data: bytes) -> oracle.Message:
    message = oracle.Message()
    message.fromStr(data)
    return message


@pytest.mark.parametrize("kind", ["A", "AAAA", "SRV", "NAPTR", "TXT"])
def test_a_query_is_read(kind: str) -> None:
    found = dns.parse_query(query("SIP.Acme.example", getattr(oracle, kind)))
    assert (found.number, found.name, found.type, found.recursion) == (4711, "sip.acme.example", kind, True)


def test_a_type_without_a_name_is_a_number() -> None:
    assert dns.parse_query(query(kind=65)).type == "TYPE65"


def test_an_answer_is_what_was_meant() -> None:
    asked = dns.parse_query(query(kind=oracle.SRV))
    records = [
        dns.ResourceRecord.address("192.0.2.1"),
        dns.ResourceRecord.address("2001:db8::1"),
        dns.ResourceRecord.srv(1, 2, 5062, "edge.acme.example"),
        dns.ResourceRecord.naptr(10, 20, "SIP+D2U", "_sip._udp.acme.example"),
    ]
    message = read(dns.answer(asked, dns.NOERROR, records))
    assert (message.id, message.answer, message.auth, message.rCode) == (4711, 1, 1, 0)
    assert [str(q.name) for q in message.queries] == ["sip.acme.example"]
    one, six, srv, naptr = (record.payload for record in message.answers)
    assert one.dottedQuad() == "192.0.2.1"
    assert six.address.endswith(b"\1")
    assert (srv.priority, srv.weight, srv.port, str(srv.target)) == (1, 2, 5062, "edge.acme.example")
    assert (naptr.order, naptr.preference, str(naptr.replacement)) == (10, 20, "_sip._udp.acme.example")
    assert (naptr.flags.string, naptr.service.string, naptr.regexp.string) == (b"s", b"SIP+D2U", b"")
    assert {record.ttl for record in message.answers} == {0}, "nobody keeps them"


@pytest.mark.parametrize("status", [dns.NXDOMAIN, dns.SERVFAIL, dns.NOTIMP])
def test_a_failure_has_no_records(status: int) -> None:
    message = read(dns.answer(dns.parse_query(query()), status))
    assert (message.rCode, message.answers) == (status, [])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"x" * 11, query()[:-3], query()[:20],
        oracle.Message(id=1, answer=1).toStr(), oracle.Message(id=1).toStr(),
        query()[:12] + b"\xc0\x0c\0\1\0\1", b"OPTIONS sip:a SIP/2.0\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_query(data: bytes) -> None:
    with pytest.raises(dns.NotDns):
        dns.parse_query(data)


@given(st.binary(max_size=80))
def test_octets_of_any_kind_are_a_query_or_not(data: bytes) -> None:
    try:
        found = dns.parse_query(data)
    except dns.NotDns:
        return
    assert dns.answer(found)[:2] == data[:2]
