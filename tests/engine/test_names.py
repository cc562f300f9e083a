"""What the carrier's nameserver says, and what faults make of it."""

from __future__ import annotations

import pytest
from playbook import LOCAL, SOURCE
from stage import Stage
from twisted.names import dns as oracle

from mockregistrar.carrier.settings import ListenSpec
from mockregistrar.engine import protocol
from mockregistrar.engine.names import resolve
from mockregistrar.faults import FaultError, FaultSpec
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import FaultTouched, Note

ASKING = Flow("udp", LOCAL, SOURCE)
PLACES = (ListenSpec("udp", "127.0.0.1", 5062), ListenSpec("tcp", "127.0.0.1", 5063))


def served(*places: ListenSpec, **settings) -> Stage:
    stage = Stage("alice:x", **{"domains": "sip.acme.example", **settings})
    stage.engine.listening(places or PLACES)
    return stage


def asked(stage: Stage, name: str, kind: str) -> tuple[int, list[str]] | None:
    message = oracle.Message(id=7)
    message.addQuery(name, getattr(oracle, kind))
    data = resolve(stage.engine, message.toStr(), ASKING, stage.now)
    if data is None:
        return None
    answer = oracle.Message()
    answer.fromStr(data)
    return answer.rCode, [_shown(record.payload) for record in answer.answers]


def _shown(payload) -> str:
    if isinstance(payload, oracle.Record_SRV):
        return f"{payload.target}:{payload.port}"
    if isinstance(payload, oracle.Record_NAPTR):
        return f"{payload.service.string.decode()} {payload.replacement}"
    return payload.dottedQuad() if isinstance(payload, oracle.Record_A) else payload._address


def notes(stage: Stage) -> list[str]:
    return [r.text for r in stage.records(Note) if r.text.startswith("dns")]


def test_a_name_is_found_as_rfc_3263_has_it():
    stage = served()
    name = "sip.acme.example"
    assert asked(stage, name, "NAPTR") == (0, [f"SIP+D2U _sip._udp.{name}", f"SIP+D2T _sip._tcp.{name}"])
    assert asked(stage, f"_sip._udp.{name}", "SRV") == (0, [f"{name}:5062"])
    assert asked(stage, f"_SIP._tcp.{name}", "SRV") == (0, [f"{name}:5063"])
    assert asked(stage, name, "A") == (0, ["127.0.0.1"])
    assert asked(stage, name, "AAAA") == (0, [])
    assert asked(stage, name, "TXT") == (0, [])
    assert notes(stage)[:2] == [
        f"dns: NAPTR {name} from {SOURCE[0]}: SIP+D2U, SIP+D2T",
        f"dns: SRV _sip._udp.{name} from {SOURCE[0]}: port 5062 of {name}",
    ]


@pytest.mark.parametrize(
    "name", ["other.example", "_sips._tcp.sip.acme.example", "_x.sip.acme.example", "_sip._udp.other"]
)
def test_what_is_not_served_does_not_exist(name: str):
    assert asked(served(), name, "SRV") == (3, [])


def test_without_domains_every_name_is_served_but_no_address_has_one():
    stage = served(domains=())
    assert asked(stage, "whatever.test", "A") == (0, ["127.0.0.1"])
    assert asked(stage, "1.0.0.127.in-addr.arpa", "PTR") == (3, [])


def test_a_wildcard_is_told_by_the_advertised_address():
    assert asked(served(ListenSpec("udp", "0.0.0.0", 5060), advertise="192.0.2.9"), "sip.acme.example", "A") == (
        0, ["192.0.2.9"],
    )  # fmt: skip
    assert asked(served(ListenSpec("udp", "0.0.0.0", 5060), advertise="pbx.test"), "sip.acme.example", "A") == (
        0, ["127.0.0.1"],
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "status"), [("", 3), ("kind=nxdomain", 3), ("kind=servfail", 2)])
def test_the_name_is_gone_for_as_long_as_the_fault_counts(kind: str, status: int):
    stage = served()
    stage.command(protocol.AddFault(f"dns first=2 {kind}"))
    assert [asked(stage, "sip.acme.example", "A") for _ in range(3)] == [(status, [])] * 2 + [(0, ["127.0.0.1"])]
    first, _ = stage.records(FaultTouched)
    assert first.effect == f"sip.acme.example not resolved ({kind[5:] or 'nxdomain'})"
    assert stage.command(protocol.RemoveFault(1)).fired == 2


def test_silence():
    stage = served()
    stage.command(protocol.AddFault("dns kind=silent"))
    assert asked(stage, "sip.acme.example", "A") is None
    stage.command(protocol.RemoveFault(1))
    assert asked(stage, "sip.acme.example", "A") == (0, ["127.0.0.1"])


def test_it_touches_no_sip_and_sip_touches_none_of_it():
    stage = served()
    stage.command(protocol.AddFault("dns"))
    assert stage.register(host="sip.acme.example").status == 200
    (info,) = stage.command(protocol.GetFaults())
    assert "No message came while it was on" in info.explain()
    stage.command(protocol.RemoveFault(1))
    stage.command(protocol.AddFault("drop in"))
    assert asked(stage, "sip.acme.example", "A") == (0, ["127.0.0.1"])


def test_from_where_it_is_asked():
    stage = served()
    stage.command(protocol.AddFault("dns source=198.51.100.0/24"))
    assert asked(stage, "sip.acme.example", "A") == (0, ["127.0.0.1"])
    (info,) = stage.command(protocol.GetFaults())
    assert f"a look-up of sip.acme.example from {SOURCE[0]}" in info.explain()


@pytest.mark.parametrize(
    "text",
    ["dns REGISTER", "dns 401", "dns from alice", "dns auth", "dns kind=refused", "dns out", "dns transport=tcp"],
)
def test_what_a_dns_fault_cannot_be(text: str):
    with pytest.raises(FaultError) as caught:
        FaultSpec.parse(text)
    assert caught.value.line


def test_what_is_no_query_is_noted_and_not_answered():
    stage = served()
    assert resolve(stage.engine, b"\0" * 5, ASKING, stage.now) is None
    assert notes(stage) == [f"dns: no query from {SOURCE[0]}: 5 octets, a header has 12"]
