"""The nameserver on a real socket, asked by another implementation."""

from __future__ import annotations

import socket

from twisted.names import dns

from mockregistrar import MockRegistrar, Note
from mockregistrar.engine import protocol


def ask(carrier: MockRegistrar, name: str, kind: int) -> dns.Message:
    query, answer = dns.Message(id=99), dns.Message()
    query.addQuery(name, kind)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(10)
        link.connect(carrier.nameserver)
        link.send(query.toStr())
        answer.fromStr(link.recv(65535))
    return answer


def test_it_leads_to_the_carrier() -> None:
    with MockRegistrar(domains="sip.acme.example") as carrier:
        first = carrier.nameserver
        assert first == carrier.nameserver, "there is one"
        assert first.host == "127.0.0.1"
        (srv,) = ask(carrier, "_sip._udp.sip.acme.example", dns.SRV).answers
        assert srv.payload.port == carrier.port
        (address,) = ask(carrier, "sip.acme.example", dns.A).answers
        assert address.payload.dottedQuad() == carrier.host
        told = [r.text for r in carrier.records() if isinstance(r, Note)]
        assert told[-1] == "dns: A sip.acme.example from 127.0.0.1: 127.0.0.1"


def test_the_name_goes_and_comes_back() -> None:
    with MockRegistrar(domains="sip.acme.example") as carrier:
        with carrier.fault("dns"):
            assert ask(carrier, "sip.acme.example", dns.A).rCode == dns.ENAME
        assert ask(carrier, "sip.acme.example", dns.A).rCode == dns.OK


def test_it_goes_with_its_carrier() -> None:
    with MockRegistrar() as carrier:
        place = carrier.nameserver
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(place)


def test_its_command_crosses_as_the_others_do() -> None:
    assert protocol.from_json(protocol.to_json(protocol.OpenNameserver())) == protocol.OpenNameserver()
