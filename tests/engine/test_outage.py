"""Outages and resets."""

from __future__ import annotations

import pytest
from playbook import LOCAL, Ask, spec
from stage import Stage

from mockregistrar.carrier.checking import SettingsError
from mockregistrar.engine import Listen, Reset, protocol
from mockregistrar.trace import Note


def test_a_silent_outage_answers_nothing_and_says_why():
    stage = Stage("alice:x")
    stage.command(protocol.GoDown())
    for ask in (Ask(), Ask(method="OPTIONS"), Ask(to="<"), Ask(user="nobody"), Ask(cseq="x")):
        assert stage.ask(ask) is None
    assert stage.refusals() == ["outage"] * 5
    assert {(r.account, r.user) for r in stage.engine.trace.refusals()} == {
        ("alice", "alice"),
        ("", ""),
        ("", "nobody"),
    }
    stage.command(protocol.GoUp())
    assert stage.register().status == 200
    assert [r.text for r in stage.records(Note)] == ["outage: down (silent)", "outage: up again"]


def test_a_request_met_with_silence_is_processed_when_it_comes_again():
    stage = Stage("alice:x")
    data = Ask().octets(stage.desk)
    stage.command(protocol.GoDown())
    assert stage.feed(data) == []
    stage.command(protocol.GoUp())
    (send,) = stage.feed(data)
    assert stage.take(send.data).status == 401


@pytest.mark.parametrize("ask", [Ask(), Ask(method="OPTIONS"), Ask(method="INVITE"), Ask(user="nobody"), Ask(to="<")])
def test_a_503_outage_answers_everything_503(ask):
    stage = Stage("alice:x")
    stage.command(protocol.GoDown("503"))
    assert stage.ask(ask).status == 503
    assert stage.refusals() == ["outage"]


def test_bindings_outlive_an_outage_unless_it_forgets_them():
    for forget, left in (((), 1), (("bindings",), 0), (("nonces",), 1)):
        stage = Stage("alice:x")
        stage.register()
        stage.command(protocol.GoDown(forget=forget))
        stage.command(protocol.GoUp())
        assert len(stage.command(protocol.GetBindings())) == left
        again = stage.ask(Ask(password="x"))
        assert (again.status == 401) is ("nonces" in forget)
        assert stage.until(4000) == []


def test_bindings_lapse_during_an_outage():
    stage = Stage("alice:x")
    stage.register(expires=60)
    stage.command(protocol.GoDown())
    stage.until(61)
    assert [r.kind for r in stage.records() if r.kind == "lapsed"] == ["lapsed"]


LISTEN_DOWN, LISTEN_UP = Listen(LOCAL, False), Listen(LOCAL, True)


def test_a_refusing_outage_resets_what_is_connected_and_takes_nothing_new():
    stage = Stage("alice:x")
    flow = stage.connect()
    stage.command(protocol.GoDown("refused"))
    assert stage.engine.outgoing() == [Reset(flow), LISTEN_DOWN]
    late = stage.connect()
    assert stage.engine.outgoing() == [Reset(late)]
    assert stage.ask(Ask()) is None, "UDP is silent"
    stage.command(protocol.GoUp())
    assert stage.engine.outgoing() == [LISTEN_UP]
    assert stage.ask(Ask(transport="tcp"), stage.connect()).status == 401


@pytest.mark.parametrize(
    ("commands", "outputs", "outage"),
    [
        ([protocol.GoDown("refused"), protocol.GoDown("silent")], [LISTEN_DOWN, LISTEN_UP], "silent"),
        ([protocol.GoDown("refused"), protocol.GoDown("refused")], [LISTEN_DOWN, LISTEN_UP, LISTEN_DOWN], "refused"),
        ([protocol.GoDown("refused"), protocol.Reset()], [LISTEN_DOWN, LISTEN_UP], None),
        ([protocol.GoDown("refused"), protocol.Reset(("bindings",))], [LISTEN_DOWN, LISTEN_UP], None),
        ([protocol.GoDown("silent"), protocol.Reset()], [], None),
        ([protocol.GoUp(), protocol.GoUp()], [], None),
    ],
)
def test_one_outage_follows_another(commands, outputs, outage):
    stage = Stage()
    for command in commands:
        stage.command(command)
    assert stage.engine.outgoing() == outputs
    assert stage.command(protocol.GetStatus()).outage == outage


def test_what_an_outage_cannot_be():
    stage = Stage()
    with pytest.raises(SettingsError, match="did you mean `silent`"):
        stage.command(protocol.GoDown("silen"))
    with pytest.raises(SettingsError, match="forget"):
        stage.command(protocol.GoDown(forget=("accounts",)))
    with pytest.raises(SettingsError, match="keep"):
        stage.command(protocol.Reset(("nonces",)))
    assert stage.engine.outage is None


# -- reset ---------------------------------------------------------------------------------------------------------
def lived_in() -> Stage:
    """Return a carrier with everything there is to forget."""
    stage = Stage("alice:x", "bob:y", deny=("203.0.113.0/24",))
    stage.command(protocol.AddAccount(spec("carol:z", domain="one.test")))
    stage.command(protocol.AddAccount(spec("carol:w", domain="two.test")))
    stage.command(protocol.RemoveAccount("bob"))
    stage.register()
    stage.command(protocol.Deny("198.51.100.1"))
    stage.command(protocol.GoDown("silent"))
    return stage


@pytest.mark.parametrize(
    ("keep", "accounts", "bindings", "history"),
    [
        ((), ("alice", "bob"), 0, False),
        (("accounts",), ("alice", "carol", "carol@two.test"), 0, False),
        (("bindings",), ("alice", "carol", "carol@two.test"), 1, False),
        (("accounts", "bindings", "history"), ("alice", "carol", "carol@two.test"), 1, True),
        (("history",), ("alice", "bob"), 0, True),
    ],
)
def test_a_reset_forgets_all_but_what_it_is_told_to_keep(keep, accounts, bindings, history):
    stage = lived_in()
    old = stage.desk.challenges
    stage.command(protocol.Reset(keep))
    status = stage.command(protocol.GetStatus())
    assert (status.outage, status.accounts, status.bindings) == (None, len(accounts), bindings)
    assert stage.command(protocol.GetAccounts()) == accounts
    assert bool(stage.records()) is history
    assert (status.counters.requests_in.get("REGISTER", 0) > 0) is history
    denied = [str(n) for n in stage.engine.carrier.access.deny]
    assert denied == ["203.0.113.0/24"], "lists are those of the settings again"
    stage.desk.challenges = old
    assert stage.ask(Ask(password="x", nc=7)).status == 401, "nonces are forgotten"
    assert stage.refusals()[-1:] == ["nonce-foreign"]
    assert stage.register(call_id="again").status == 200
    assert stage.engine.next_timer() is not None


def test_a_reset_keeps_the_names_that_accounts_have():
    stage = lived_in()
    stage.command(protocol.RemoveAccount("carol"))
    stage.command(protocol.Reset(("accounts",)))
    assert stage.command(protocol.GetAccounts()) == ("alice", "carol@two.test")
    assert stage.command(protocol.GetSummary("carol@two.test")).account == "carol@two.test"


def test_after_a_reset_a_retransmission_is_a_new_request():
    stage = Stage("alice:x")
    data = Ask().octets(stage.desk)
    first = stage.feed(data)
    stage.command(protocol.Reset())
    assert stage.feed(data) != first
