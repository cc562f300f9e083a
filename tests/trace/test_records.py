"""Records: what they hold survives pickle and JSON, whatever octets came in."""

from __future__ import annotations

import dataclasses
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockregistrar.sip.flow import Flow
from mockregistrar.trace import (
    RECORD_TYPES,
    BindingEvent,
    Dropped,
    FaultTouched,
    InternalError,
    Lapsed,
    MessageSeen,
    Note,
    Qualified,
    Record,
    Refreshed,
    Refused,
    Registered,
    Unregistered,
    Verdict,
)

UDP = Flow("udp", ("127.0.0.1", 5060), ("127.0.0.1", 41822))
TLS = Flow("tls", ("::1", 5061), ("::1", 41823), 7)
BINDING = ("alice", "alice@acme.example", "sip:alice@127.0.0.1:41822", 120, UDP, "cid", 3, "baresip", 24.5)

ONE_OF_EACH = [
    MessageSeen(1, 0.5, 1000.5, "in", UDP, b"OPTIONS sip:a SIP/2.0\r\n\r\n", "alice", "retransmission"),
    Registered(2, 0.5, 1000.5, *BINDING),
    Refreshed(3, 0.5, 1000.5, *BINDING, detail="again"),
    Unregistered(4, 0.5, 1000.5, *BINDING),
    Lapsed(5, 0.5, 1000.5, *BINDING, because="refresh-dropped"),
    Refused(6, 0.5, 1000.5, "alice", "alice", "wrong-password", "position 7", 401, "REGISTER", TLS),
    Verdict(
        7, 0.5, 1000.5, 6, "alice", "alice", "wrong-password", "wrong-case", "a sentence", "evidence", "cause", "fix",
        "it stops for good", 7, TLS,
    ),
    Dropped(8, 0.5, 1000.5, UDP, "not-sip", "TLS ClientHello", 517),
    FaultTouched(11, 0.5, 1000.5, 1, "drop REGISTER", "dropped", "in", UDP, "alice", "REGISTER", None),
    Qualified(12, 0.5, 1000.5, "alice", "sip:alice@127.0.0.1:41822", False, None, 3.0, UDP, "no answer within 3 s"),
    InternalError(9, 0.5, 1000.5, "KeyError", "Traceback ..."),
    Note(10, 0.5, 1000.5, "outage: down"),
]  # fmt: skip


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: record.kind)
def test_each_survives_pickle_and_json(record):
    assert pickle.loads(pickle.dumps(record)) == record
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record


def test_each_kind_is_known_and_named_once():
    assert [type(record) for record in ONE_OF_EACH] == list(RECORD_TYPES.values())
    assert all(record.to_json()["kind"] == record.kind for record in ONE_OF_EACH)


def test_binding_events_are_one_family():
    family = [record.kind for record in ONE_OF_EACH if isinstance(record, BindingEvent)]
    assert family == ["registered", "refreshed", "unregistered", "lapsed"]


def test_records_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ONE_OF_EACH[0].seq = 9


def test_the_json_twin_can_be_read():
    assert ONE_OF_EACH[5].to_json() == {
        "kind": "refused",
        "seq": 6,
        "wire": 0.5,
        "carrier": 1000.5,
        "account": "alice",
        "user": "alice",
        "because": "wrong-password",
        "detail": "position 7",
        "status": 401,
        "method": "REGISTER",
        "flow": {"transport": "tls", "local": "[::1]:5061", "remote": "[::1]:41823", "serial": 7},
    }


def test_octets_that_are_no_text_stand_beside_the_text_that_people_read():
    record = MessageSeen(1, 0.0, 0.0, "in", UDP, b"caf\xe9 \\xe9")
    twin = record.to_json()
    assert twin["data"] == "caf\\xe9 \\xe9"
    assert twin["octets"] == {"data": "Y2Fm6SBceGU5"}
    assert Record.from_json(twin) == record


def test_text_from_the_wire_that_is_no_utf8_comes_back_as_it_was():
    user = b"caf\xe9".decode("utf-8", "surrogateescape")
    record = dataclasses.replace(ONE_OF_EACH[5], user=user)
    text = json.dumps(record.to_json(), ensure_ascii=False)
    text.encode("utf-8")  # no lone surrogate in it
    assert Record.from_json(json.loads(text)) == record


@given(st.binary(max_size=200))
def test_any_octets_come_back(data):
    record = MessageSeen(1, 0.0, 0.0, "out", TLS, data)
    twin = json.loads(json.dumps(record.to_json()))
    assert Record.from_json(twin) == record
    assert ("octets" in twin) == (not _is_utf8(data))


def _is_utf8(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_what_a_newer_version_adds_is_passed_over_and_what_has_a_default_may_be_missing():
    twin = ONE_OF_EACH[0].to_json() | {"weather": "fair"}
    del twin["note"]
    assert Record.from_json(twin) == dataclasses.replace(ONE_OF_EACH[0], note="")


@pytest.mark.parametrize(
    ("twin", "says"),
    [
        ({"kind": "weather"}, "'weather'"),
        ({}, "None"),
        ({"kind": ["note"]}, "note"),
        ({"kind": "note", "seq": 1, "wire": 0.0, "carrier": 0.0}, "'text'"),
        ({**ONE_OF_EACH[6].to_json(), "flow": {"transport": "udp"}}, "flow"),
        ({**ONE_OF_EACH[6].to_json(), "flow": "udp"}, "flow"),
    ],
)
def test_what_is_no_record_is_refused_by_name(twin, says):
    with pytest.raises(ValueError, match=says):
        Record.from_json(twin)
