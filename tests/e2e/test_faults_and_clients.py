"""Real clients under each kind of fault: what it did to them, by their own word and by what stood on the wire."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from clients import Baresip, KamailioUac, Linphone, Sipp, Sipsak, Twinkle
from clients.base import Client
from clients.process import TIMEOUT
from clients.requirements import with_clients
from clients.sides import DOMAIN, Launch, NewCarrier, awaited

from mockregistrar import FaultTouched, Lapsed, MessageSeen, MockRegistrar, Record, Refreshed, Refused

RETRANSMITTING = (Baresip, KamailioUac, Linphone, Sipp, Sipsak, Twinkle)


@contextmanager
def seen(carrier: MockRegistrar, enough: Callable[[list[Record]], bool]) -> Iterator[list[Record]]:
    """Around what causes traffic: wait at the end of the block until `enough` of it was seen."""
    records: list[Record] = []
    changed = threading.Condition()

    def look(new: list[Record]) -> None:
        with changed:
            records.extend(new)
            changed.notify_all()

    end = carrier.subscribe(look, messages=True)
    try:
        yield records
        with changed:
            assert changed.wait_for(lambda: enough(records), TIMEOUT), carrier.ladder()
    finally:
        end()


def messages(carrier: MockRegistrar, direction: str) -> list[MessageSeen]:
    return [r for r in carrier.records() if isinstance(r, MessageSeen) and r.direction == direction]


def touched(carrier: MockRegistrar) -> list[FaultTouched]:
    return [r for r in carrier.records() if isinstance(r, FaultTouched)]


# -- loss -------------------------------------------------------------------------------------------------------------
@with_clients(lambda kind: kind in RETRANSMITTING)
def test_a_lost_request_is_sent_again(kind: type[Client], carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("drop REGISTER from trunk1 first=1") as fault:
        client = launch(kind, carrier, account)
        client.wait_registered()
    assert fault.fired == 1
    first, second = carrier.requests("REGISTER")[:2]
    assert first.data == second.data, "the very same octets: a retransmission"
    assert first.record.note == "lost: fault 1"
    assert not carrier.refusals()


@with_clients(lambda kind: kind in RETRANSMITTING)
def test_a_lost_answer_is_given_again(kind: type[Client], carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("drop 401 first=1"), carrier.fault("drop REGISTER 200 first=1"):
        client = launch(kind, carrier, account)
        client.wait_registered()
    lost = [m for m in messages(carrier, "out") if m.note.startswith("not sent")]
    again = [m for m in messages(carrier, "out") if m.note == "retransmission"]
    assert [m.data for m in lost] == [m.data for m in again]
    assert [m.data[8:11] for m in lost] == [b"401", b"200"]


def test_a_refresh_that_is_lost_leads_to_a_lapse_that_says_so(carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1", grant=4)
    client = launch(Baresip, carrier, account)
    client.wait_registered()
    with carrier.fault("drop REGISTER from trunk1"):
        lapse = carrier.wait_for_lapse(account)
    assert lapse.because == "refresh-dropped"
    assert "drop REGISTER from trunk1" in carrier.ladder()


def test_silence_outlasts_every_retransmission(carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with (
        carrier.fault("silence REGISTER first=1") as fault,
        seen(carrier, lambda records: sum(r.kind == "message" for r in records) >= 4),
    ):
        launch(Baresip, carrier, account)
    assert (fault.seen, fault.fired) == (1, 1)
    assert not messages(carrier, "out")
    assert [m.note for m in messages(carrier, "in")][1:4] == ["retransmission"] * 3
    assert carrier.assert_refused(account, because="fault").status is None


# -- time and order ---------------------------------------------------------------------------------------------------
def test_a_late_answer_meets_a_client_that_has_asked_again(carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("delay 401 by=1s"):
        client = launch(Baresip, carrier, account)
        client.wait_registered()
    late = touched(carrier)[0]
    sent = next(m for m in messages(carrier, "out") if m.note == "")
    assert late.effect == "delayed 1 s"
    assert sent.wire - late.wire >= 1.0
    assert "retransmission" in [m.note for m in messages(carrier, "in")]


@with_clients(lambda kind: kind in (Baresip, Linphone, Twinkle))
def test_what_comes_twice_counts_once(kind: type[Client], carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("duplicate REGISTER"), carrier.fault("duplicate out"):
        client = launch(kind, carrier, account)
        client.wait_registered()
    assert len(carrier.bindings(account)) == 1
    assert not carrier.refusals()
    requests = messages(carrier, "in")
    assert [m.note for m in requests[:2]] == ["", "retransmission"]
    assert requests[0].data == requests[1].data


def test_one_answer_overtakes_another(carrier: MockRegistrar, launch: Launch) -> None:
    accounts = [carrier.add_account(f"trunk{number}") for number in (1, 2)]
    host, port = carrier.address("udp")
    config = "".join(
        f'<sip:{a.user}@{DOMAIN}>;outbound="sip:{host}:{port}";auth_pass={a.secret};regint=300\n' for a in accounts
    )
    with carrier.fault("reorder 401 nth=1 by=10s"):
        launch(Baresip, carrier, accounts[0], config=config)
        for account in accounts:
            carrier.wait_for_registration(account)
    asked = [r.message.call_id for r in carrier.requests("REGISTER")[:2]]
    answered = [m.data for m in messages(carrier, "out") if m.data[8:11] == b"401"][:2]
    assert [call_id.encode() in data for call_id, data in zip(reversed(asked), answered, strict=True)] == [True, True]


# -- damage -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["corrupt 401 at=0 octets=8 first=1", "truncate 401 keep=12 first=1"])
@with_clients(lambda kind: kind in (Baresip, Linphone, KamailioUac))
def test_a_damaged_answer_is_none(kind: type[Client], text: str, carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault(text):
        client = launch(kind, carrier, account)
        client.wait_registered()
    damaged, whole = messages(carrier, "out")[:2]
    assert damaged.data != whole.data
    assert whole.note == "retransmission", "the client asked again"


# -- answers ----------------------------------------------------------------------------------------------------------
@with_clients(lambda kind: kind in (Baresip, Linphone, Sipp, Twinkle))
def test_another_answer_than_the_carriers(kind: type[Client], carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault('answer REGISTER from trunk1 status=403 reason="Not today" first=1'):
        with awaited(carrier, Refused, account):
            client = launch(kind, carrier, account)
        client.wait_refused()
    assert b"SIP/2.0 403 Not today\r\n" in messages(carrier, "out")[0].data
    assert carrier.assert_refused(account, because="fault").status == 403


def test_an_answer_with_a_header_of_ours(carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("answer REGISTER status=503 retry-after=7"):
        client = launch(Sipsak, carrier, account)
        client.process.wait_ended(TIMEOUT)
    assert "Retry-After: 7" in client.said()


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("suspend REGISTER from trunk1", "account-suspended"),
        ("block source=127.0.0.0/8", "ip-not-allowed"),
        ("password REGISTER from trunk1", "wrong-password"),
    ],
)
def test_an_account_that_the_carrier_turned_against(
    text: str, because: str, carrier: MockRegistrar, launch: Launch
) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault(text):
        client = launch(Baresip, carrier, account)
        client.wait_refused()
    assert carrier.assert_refused(account, because=because)
    carrier.assert_not_registered(account)
    launch(Baresip, carrier, account).wait_registered()


def test_a_carrier_whose_clock_is_off(carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("skew REGISTER by=-8760h"):
        client = launch(Sipsak, carrier, account)
        client.wait_registered()
    launch(Sipsak, carrier, account).wait_registered()
    dates = [m.data.partition(b"Date: ")[2][:25] for m in messages(carrier, "out") if m.data[8:11] == b"200"]
    then, now = (int(date.split()[3]) for date in dates)
    assert now - then == 1


def test_an_outage_in_the_middle_of_a_refresh(carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1", grant=4)
    client = launch(Baresip, carrier, account)
    client.wait_registered()
    with carrier.fault("outage REGISTER kind=503 nth=1"), awaited(carrier, Lapsed, account):
        client.process.wait_said(r"503 Service Unavailable")
    lapse = next(r for r in carrier.records() if isinstance(r, Lapsed))
    assert lapse.because == "refresh-refused"
    assert carrier.status().outage is None


# -- connections ------------------------------------------------------------------------------------------------------
@with_clients(lambda kind: kind in (Linphone, Sipp))
def test_a_reset_connection_is_an_error_to_the_client(
    kind: type[Client], carrier: MockRegistrar, launch: Launch
) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("reset REGISTER first=1"), seen(carrier, lambda rs: any(r.kind == "fault" for r in rs)):
        client = launch(kind, carrier, account, "tcp")
    client.process.wait_said(r"(?i)reset|closed|broken|failed")
    (lost,) = messages(carrier, "in")[:1]
    assert lost.note == "lost: fault 1"


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_stalled_connection_holds_the_answer_back(transport: str, carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("stall 401 by=1s first=1"):
        client = launch(Baresip, carrier, account, transport)
        client.wait_registered()
    (stalled,) = touched(carrier)
    assert messages(carrier, "out")[0].wire - stalled.wire >= 1.0


def test_a_connection_that_is_not_read(carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with (
        carrier.fault("stall REGISTER in") as fault,
        seen(carrier, lambda records: any(r.kind == "fault" for r in records)),
    ):
        client = launch(Baresip, carrier, account, "tcp")
    assert fault.fired == 1
    client.wait_registered()


@with_clients(lambda kind: kind in (Baresip, Linphone, Sipp, KamailioUac))
def test_an_answer_that_drips_is_put_together(kind: type[Client], carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("drip out octets=16 by=5ms"):
        client = launch(kind, carrier, account, "tcp")
        client.wait_registered()
    assert not carrier.refusals()


# -- NAT --------------------------------------------------------------------------------------------------------------
@with_clients(lambda kind: kind in (Baresip, Linphone))
def test_a_nat_that_binds_anew_is_seen_in_the_answer(
    kind: type[Client], new_carrier: NewCarrier, launch: Launch
) -> None:
    carrier = new_carrier(**kind.settings)
    account = carrier.add_account("trunk1", grant=kind.grant, min_expires=1)
    with carrier.fault("rebind REGISTER from trunk1 nth=3"), awaited(carrier, Refreshed, account):
        launch(kind, carrier, account).wait_registered()
    ports = list(dict.fromkeys(m.flow.remote[1] for m in messages(carrier, "in")))
    assert len(ports) == 2
    assert carrier.bindings(account)[0].flow.remote[1] == ports[1]
    assert any(f"rport={ports[1]}".encode() in m.data for m in messages(carrier, "out"))
