"""The protocol behind the face: each command, and the JSON twin and pickle of everything that crosses."""

from __future__ import annotations

import dataclasses
import json
import pickle
import typing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playbook import HOST, LOCAL, NOW, SOURCE, Ask, spec
from stage import PLACES, UDP, Stage

from mockregistrar.carrier.checking import SettingsError
from mockregistrar.carrier.personas import Persona
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.client import Profile
from mockregistrar.engine import Reset, UnknownAccount, control, protocol
from mockregistrar.engine.protocol import from_json, to_json, twin
from mockregistrar.faults import ACTIONS, FaultSpec
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import RECORD_TYPES, AccountSummary, HistoryTruncated, Registered


# -- the commands -----------------------------------------------------------------------------------------------
def test_accounts_come_and_go():
    stage = Stage("alice:x")
    assert stage.command(protocol.AddAccount(spec("bob:y"))) == "bob"
    assert stage.command(protocol.AddAccount(spec("bob:z", domain="two.test"))) == "bob@two.test"
    assert stage.command(protocol.GetAccounts()) == ("alice", "bob", "bob@two.test")
    with pytest.raises(SettingsError, match="'bob' is there already"):
        stage.command(protocol.AddAccount(spec("bob:y")))
    assert stage.register("bob", "y").status == 200
    assert stage.command(protocol.RemoveAccount("bob")) is None
    assert stage.command(protocol.GetBindings()) == ()
    assert stage.until(9000) == [], "its bindings go without a word"
    assert [r for r in stage.records() if r.kind == "lapsed"] == []
    with pytest.raises(UnknownAccount, match=r"did you mean `bob@two\.test`"):
        stage.command(protocol.RemoveAccount("bobb@two.test"))


@pytest.mark.parametrize(
    "command",
    [kind("alicia") for kind in (protocol.GetBindings, protocol.GetSummary, protocol.Expire, protocol.RemoveAccount)],
)
def test_an_unknown_account_is_an_error_with_the_nearest_name(command):
    with pytest.raises(UnknownAccount, match="'alicia'; did you mean `alice`"):
        Stage("alice:x").command(command)


def test_bindings_tell_all_there_is():
    stage = Stage("alice:x", path=True, outbound=True)
    stage.register(
        contact='<sip:a%2Cb@h;X=y>;q=0.5;+sip.instance="<urn:1>";reg-id=2',
        expires=600,
        headers=(("User-Agent", "phone 1"), ("Path", "<sip:p;lr>"), ("Supported", "outbound")),
        call_id="call",
    )
    stage.now += 100
    (info,) = stage.command(protocol.GetBindings("alice"))
    assert info == protocol.BindingInfo(
        account="alice", contact="sip:a%2Cb@h;X=y", expires_in=pytest.approx(500.0), granted=600, call_id="call",
        cseq=2, flow=UDP, user_agent="phone 1", q="0.5", instance="<urn:1>", reg_id=2, path=("<sip:p;lr>",),
    )  # fmt: skip
    stage.now += 500
    assert stage.command(protocol.GetBindings("alice")) == (), "past its time, swept or not"


def test_expire_lapses_all_bindings_at_once():
    stage = Stage("alice:x")
    stage.register(contact=("<sip:a@1>", "<sip:a@2>"), expires=600)
    assert stage.command(protocol.Expire("alice")) == 2
    assert stage.command(protocol.Expire("alice")) == 0
    lapsed = [r for r in stage.records() if r.kind == "lapsed"]
    assert [(r.contact, r.left, r.detail) for r in lapsed] == [
        ("sip:a@1", pytest.approx(600), "expired by the test"),
        ("sip:a@2", pytest.approx(600), "expired by the test"),
    ]
    assert stage.until(9000) == []
    assert len([r for r in stage.records() if r.kind == "lapsed"]) == 2


def test_allow_and_deny_leave_a_note():
    stage = Stage("alice:x")
    stage.command(protocol.Deny(SOURCE[0]))
    assert stage.ask(Ask()).status == 403
    stage.command(protocol.Allow(SOURCE[0]))
    assert stage.ask(Ask()).status == 401
    assert [r.text for r in stage.records() if r.kind == "note"] == [f"deny {SOURCE[0]}", f"allow {SOURCE[0]}"]
    for command in (protocol.Allow("192.0.2.1/24"), protocol.Deny("nonsense")):
        with pytest.raises(SettingsError, match="not an address or CIDR network"):
            stage.command(command)


def test_messages_and_refusals_are_found():
    stage = Stage("alice:x")
    stage.register("alice")
    stage.ask(Ask(password="no"))
    stage.ask(Ask(user="bob", password="no"))
    requests = stage.command(protocol.GetMessages(method="REGISTER", account="alice", direction="in"))
    assert [r.direction for r in requests] == ["in"] * 3
    assert len(stage.command(protocol.GetMessages())) == 8
    assert stage.command(protocol.GetMessages(since=requests[-1].seq)) != ()
    because = [r.because for r in stage.command(protocol.GetRefusals())]
    assert because == ["wrong-password", "unknown-user"]
    assert stage.command(protocol.GetRefusals(account="alice", because="unknown-user")) == ()
    with pytest.raises(SettingsError, match="direction"):
        stage.command(protocol.GetMessages(direction="inwards"))


def test_a_question_behind_what_was_evicted_is_no_silent_lie():
    stage = Stage("alice:x", history_messages=4)
    for _ in range(5):
        stage.ask(Ask())
    with pytest.raises(HistoryTruncated, match="history_messages") as raised:
        stage.command(protocol.GetMessages(method="REGISTER"))
    assert pickle.loads(pickle.dumps(raised.value)).setting == "history_messages"
    assert len(stage.command(protocol.GetMessages(partial=True))) == 4
    assert len(stage.command(protocol.GetRecords())) >= 4


def test_the_status():
    stage = Stage("alice:x", "bob:y")
    stage.register()
    stage.now += 10
    status = stage.command(protocol.GetStatus())
    assert (status.wire, status.carrier, status.bindings, status.accounts) == (10.0, NOW + 10, 1, 2)
    assert (status.outage, status.listening, status.realm) == (None, PLACES, HOST)
    assert status.counters.responses_out == {401: 1, 200: 1}
    assert status.seq == stage.records()[-1].seq


def test_a_summary_is_never_evicted():
    stage = Stage("alice:x", history_messages=1, history_records=1)
    stage.register()
    summary = stage.command(protocol.GetSummary("alice"))
    assert (summary.registered, summary.messages) == (1, 4)


def test_every_command_has_a_handler_but_those_of_the_shim():
    public = [getattr(protocol, name) for name in protocol.__all__]
    commands = {c.__name__ for c in public if isinstance(c, type) and issubclass(c, protocol.Command)}
    agents = {"OpenAgent", "AgentAct", "CloseAgent", "OpenNameserver"}
    assert commands - set(control.HANDLERS) == {"Command", "Advance", "Listen", *agents}
    with pytest.raises(TypeError, match="Advance is not a command of the engine"):
        Stage().command(protocol.Advance(1.0))
    with pytest.raises(TypeError, match="Reset is not a command of the engine"):
        Stage().command(Reset(UDP))  # what the engine says to a connection, not what is said to it


def test_advancing_the_clock_moves_carrier_time_alone():
    stage = Stage("alice:x")
    stage.register(expires=600)
    stage.engine.advance_clock(599)
    assert stage.engine.next_timer() == pytest.approx(stage.now + 1)
    assert stage.until(0.5) == []
    assert stage.command(protocol.GetStatus()).carrier == pytest.approx(NOW + 599.5)
    assert stage.engine.wire_time(stage.now) == 0.5
    stage.until(1)
    assert [r.kind for r in stage.records()][-1] == "lapsed"


# -- events ------------------------------------------------------------------------------------------------------
def test_events_are_kept_only_while_somebody_listens():
    stage = Stage("alice:x")
    stage.register()
    assert stage.engine.events() == []
    stage.engine.subscribe()
    stage.engine.subscribe(messages=True)
    stage.ask(Ask(password="x"))
    assert [r.kind for r in stage.engine.events()] == ["message", "refreshed", "message"]
    stage.engine.unsubscribe()
    stage.engine.unsubscribe()
    stage.ask(Ask(password="x"))
    assert stage.engine.events() == []
    stage.engine.subscribe()
    stage.ask(Ask(password="x"))
    assert [r.kind for r in stage.engine.events()] == ["refreshed"]


# -- the JSON twin and pickle ---------------------------------------------------------------------------------------
TEXT = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(["", "caf\udce9", 'a"b\\', "\n"])
ODD: dict[type, st.SearchStrategy[Any]] = {
    AccountSpec: st.builds(
        AccountSpec,
        user=st.sampled_from(["alice", "é,\udce9"]),
        secret=st.none() | TEXT,
        ha1=st.none() | st.just({"MD5": "0" * 32}),
        networks=st.sampled_from([(), ("192.0.2.0/24", "::1")]),
        access=st.sampled_from([None, "ip"]),
        grant=st.none() | st.integers(1, 9),
        made_up=st.booleans(),
    ),
    CarrierSettings: st.builds(
        lambda spec_, domains: CarrierSettings().changed(accounts=(spec_,), domains=domains, seed=3),
        st.just(spec("a:b")),
        st.sampled_from([(), ("one.test",)]),
    ),
    FaultSpec: st.sampled_from(list(ACTIONS.values())).map(lambda action: FaultSpec.parse(action.example)),
    ListenSpec: st.sampled_from(PLACES),
    Persona: st.builds(
        Persona,
        name=st.sampled_from(["mine", "a_b-2"]),
        title=TEXT,
        like=st.sampled_from([(), ("kamailio", "no-stale")]),
        knobs=st.sampled_from([{}, {"stale": False, "qop": ("auth", "auth-int"), "nonce_ttl": 2.5, "grant": None}]),
        sources=st.dictionaries(TEXT, TEXT, max_size=2),
    ),
    Profile: st.builds(Profile, user=st.just("é"), secret=TEXT.filter(str.isprintable), expiry=st.none() | st.just(60)),
    Flow: st.sampled_from([UDP, Flow("tls", ("::1", 5061), SOURCE, 7)]),
}


def some(kind: Any) -> st.SearchStrategy[Any]:
    """Return values of a field's type."""
    if kind in ODD:
        return ODD[kind]
    if dataclasses.is_dataclass(kind):
        return instances(kind)
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return st.lists(some(args[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(some(args[0]), some(args[1]), max_size=3)
    if origin is typing.Literal:
        return st.sampled_from(args)
    if args:
        return st.one_of(*map(some, args))
    return {
        str: TEXT,
        int: st.integers(0, 2**32),
        float: st.floats(0, 1e10),
        bool: st.booleans(),
        bytes: st.binary(max_size=8),
        type(None): st.none(),
    }[kind]


def instances(cls: type) -> st.SearchStrategy[Any]:
    if cls in ODD:
        return ODD[cls]
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{f.name: some(hints[f.name]) for f in dataclasses.fields(cls)})


CROSSING = sorted(
    {*twin.CLASSES.values(), *RECORD_TYPES.values()},
    key=lambda cls: cls.__name__,
)


def test_everything_public_in_the_protocol_crosses():
    defined = {c for c in map(protocol.__getattr__, protocol.__all__) if dataclasses.is_dataclass(c)}
    assert defined - {protocol.Command} <= set(CROSSING)
    assert {AccountSummary, AccountSpec, CarrierSettings, Flow} <= set(CROSSING)


@pytest.mark.parametrize("cls", CROSSING, ids=lambda cls: cls.__name__)
def test_it_survives_json_and_pickle_and_cannot_be_changed(cls):
    @given(value=instances(cls))
    @settings(max_examples=12, deadline=None)
    def check(value):
        assert from_json(json.loads(json.dumps(to_json(value)))) == value
        assert pickle.loads(pickle.dumps(value)) == value
        name = next((f.name for f in dataclasses.fields(value)), None)
        if name is not None:
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(value, name, None)
        assert not hasattr(value, "__dict__")

    check()


@pytest.mark.parametrize(
    "text",
    [
        {"type": "Nonsense"},
        {"type": "Reset", "keep": [], "extra": 1},
        {"type": ["Reset"]},
        {"type": None},
        {},
        {"type": "bytes"},
        {"type": "bytes", "base64": "!"},
        {"type": "bytes", "base64": 3},
        {"type": "mapping", "items": [1]},
        {"type": "mapping", "items": [[[], {}], 1]},
        {"type": "mapping", "items": [[{"type": "mapping", "items": []}, 1]]},
        {"type": "Record", "kind": "nonsense"},
        {"type": "Record"},
        {"type": "AccountSpec", "user": ""},
        {"type": "ListenSpec"},
        [{"type": "Nonsense"}],
    ],
)
def test_what_is_no_twin_is_a_value_error(text):
    with pytest.raises(ValueError):  # noqa: PT011 - of any kind
        from_json(text)


def test_the_events_of_a_real_exchange_cross():
    stage = Stage("alice:x")
    stage.register(headers=(("User-Agent", "caf\udce9"),))
    stage.feed(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Flow("udp", LOCAL, ("::1", 3)))
    stage.command(protocol.Expire("alice"))
    records = stage.records()
    assert {type(r).__name__ for r in records} == {"MessageSeen", "Registered", "Dropped", "Lapsed"}
    assert from_json(json.loads(json.dumps(to_json(tuple(records))))) == tuple(records)
    assert pickle.loads(pickle.dumps(records)) == records
    assert [r.user_agent for r in records if isinstance(r, Registered)] == ["caf\udce9"]
