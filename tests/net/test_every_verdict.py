"""Every verdict there is comes of a mistake made over the wire, and not of one that only looks like it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import test_contacts_on_the_wire
from phone import Phone
from playbook import Ask
from wire_mistakes import ROWS, Make, Row, Scene, Settings

from mockregistrar import Dropped, MockRegistrar, Refused, Verdict
from mockregistrar.verdicts import VERDICTS

ONLY_REFINED = {
    "contact-unreachable": "it is always known in which way",
    "no-credentials": "it is always known how: given up, in the wrong header, of another scheme",
    "wrong-transport": "it is always known what came instead",
}
"""Verdicts that are heads of families only, with the reason."""

Open = Callable[[Settings], MockRegistrar]


@pytest.fixture(scope="module")
def open_carrier() -> Iterator[Open]:
    """Start a carrier for each set of settings, once, and have it forget everything each time it is asked for."""
    with ExitStack() as stack:
        running: dict[Settings, MockRegistrar] = {}

        def open_(settings: Settings) -> MockRegistrar:
            if settings not in running:
                running[settings] = stack.enter_context(MockRegistrar(timeout=5, **dict(settings)))
            carrier = running[settings]
            carrier.reset()
            return carrier

        yield open_


def _found(carrier: MockRegistrar, make: Make, account: str | None) -> list[Verdict]:
    scene = Scene(carrier)
    make(scene)
    found = list(carrier.verdicts(account))
    for verdict in found:
        assert verdict.slug in VERDICTS
        assert verdict.cause.endswith(".")
        assert verdict.fix.endswith(".")
        assert verdict.sentence
        assert not verdict.sentence.endswith(".")
        if verdict.because == "wrong-password":
            for secret in carrier._given_secrets:
                assert secret not in f"{verdict.sentence} {verdict.evidence}"
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
def test_the_mistake_and_its_neighbour(open_carrier: Open, row: Row) -> None:
    found = _found(open_carrier(row.settings), row.make, row.account)
    assert {v.slug for v in found} - row.also == {row.slug}, found
    settings = row.settings if row.near_settings is None else row.near_settings
    found = _found(open_carrier(settings), row.near, row.account)
    assert {v.slug for v in found} == ({row.instead} if row.instead else set()), found
    assert row.slug not in {v.slug for v in found} or row.slug == "unknown-user"


def _of_contacts() -> set[str]:
    """Return the verdicts on logins that were accepted, which are judged where a client can seem to be elsewhere."""
    (table,) = test_contacts_on_the_wire.test_a_contact_over_udp.pytestmark
    assert {row[3] for row in table.args[1]} > {None}
    return {f"contact-unreachable/{row[3]}" for row in table.args[1] if row[3]}


def test_there_is_a_row_for_every_verdict() -> None:
    slugs = [row.slug for row in ROWS]
    assert len(slugs) == len(set(slugs))
    assert set(slugs) | _of_contacts() | ONLY_REFINED.keys() == VERDICTS.keys()
    assert not ONLY_REFINED.keys() & set(slugs)


@pytest.mark.parametrize(
    "first", ["REGISTER sip:carrier.test SIP/2.0\r\n", "OPTIONS sip:x SIP/2.0\r\n", "GET / HTTP/1.1\r\n"]
)
def test_plain_text_at_the_tls_port(open_carrier: Open, first: str) -> None:
    carrier = open_carrier(())
    scene = Scene(carrier)
    with Phone(carrier, "tcp", address=carrier.address("tls")) as phone, scene.until(Dropped):
        phone.send(first.encode() + b"\r\n")
    (found,) = carrier.verdicts()
    assert found.slug == "wrong-transport/plain-at-tls-port"
    assert found.sentence.startswith("plain text came to tls 127.0.0.1:")


def test_what_is_no_sip_has_its_size_and_way_as_evidence(open_carrier: Open) -> None:
    carrier = open_carrier(())
    Scene(carrier).put(b"EHLO me\r\n", "tcp")
    (found,) = carrier.verdicts()
    assert found.evidence.startswith("9 octets came from 127.0.0.1:")
    assert found.evidence.endswith(f"to tcp {carrier.address('tcp')}.")


# --- silence


def _unanswered(carrier: MockRegistrar) -> None:
    """Send a REGISTER that gets no answer; return when the carrier has seen it."""
    with Phone(carrier) as phone:
        phone.send(Ask(host="127.0.0.1").octets(phone.desk))
        assert phone.ask(Ask(method="OPTIONS", user="ping")).status == 200  # one socket's datagrams come in order


def test_nothing_arrived_names_what_is_bound_and_no_more(open_carrier: Open) -> None:
    carrier = open_carrier(())
    bound = ", ".join(f"{place.transport} {place.host}:{place.port}" for place in carrier.listening)
    Scene(carrier).alice()
    for account in (None, "alice"):
        (found,) = carrier.verdicts(account)
        assert found.sentence == f"nothing arrived on {bound}"


def test_what_a_fault_dropped_on_its_way(open_carrier: Open) -> None:
    carrier = open_carrier(())
    scene = Scene(carrier)
    scene.alice()
    scene.carrier.add_account("bob")
    with carrier.fault("drop REGISTER from alice"):
        _unanswered(carrier)
    (found,) = carrier.verdicts("alice")
    assert found.slug == "fault"
    assert found.sentence == "a REGISTER arrived, and was dropped by the fault `drop REGISTER from alice`"
    (found,) = carrier.verdicts("bob")  # who sent nothing
    assert found.slug == "nothing-arrived"
    assert found.sentence.endswith(", but 2 messages about others")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ((("deny", ("127.0.0.1",)), ("refuse", "drop")), "left unanswered: 127.0.0.1 is on the deny-list"),
        ((("first_refused", 1), ("first_status", "drop")), "left unanswered: REGISTER 1 of the account"),
    ],
)
def test_what_a_policy_dropped(settings: Settings, sentence: str) -> None:
    with MockRegistrar(timeout=5, **dict(settings)) as carrier:
        carrier.add_account("alice")
        with Phone(carrier) as phone, Scene(carrier).until(Refused):
            phone.send(Ask(host="127.0.0.1").octets(phone.desk))
        (found,) = carrier.verdicts("alice")
    assert found.sentence.startswith(sentence)


def test_a_silent_outage(open_carrier: Open) -> None:
    carrier = open_carrier(())
    account = Scene(carrier).alice()
    with carrier.outage("silent"), Scene(carrier).until(Refused):
        assert not carrier.user_agent(account).register(timeout=0.2)
    (found,) = {(v.slug, v.sentence) for v in carrier.verdicts("alice")}
    assert found == ("outage", "the carrier is down (silent)")
