"""A lapse says why the refresh did not come; what faults do to it stands in `test_impairments`."""

from __future__ import annotations

import pytest
from playbook import Ask
from stage import Stage

from mockregistrar.engine import lapses, protocol
from mockregistrar.engine.lapses import LAPSE_REASONS
from mockregistrar.trace import Lapsed

ELSEWHERE = ("192.0.2.9", 7000)


def lapse_after(stage, *happens, expires=60):
    """Register alice, let things happen 50 s later, and return her lapse."""
    stage.register(expires=expires)
    stage.until(50)
    for one in happens:
        one(stage)
        stage.until(1)
    stage.until(60)
    return stage.records(Lapsed)[-1]


def wrong_password(stage):
    stage.ask(Ask(call_id="again"))
    stage.ask(Ask(call_id="again", password="y"))


def right(stage):
    stage.register(expires=60)


def test_nothing_was_sent():
    lapse = lapse_after(Stage("alice:x"))
    assert (lapse.because, lapse.detail) == ("refresh-never-sent", "")


def test_other_requests_are_counted():
    ping = lambda stage: stage.ask(Ask(method="OPTIONS"))  # noqa: E731
    lapse = lapse_after(Stage("alice:x"), ping, ping)
    assert lapse.because == "refresh-never-sent"
    assert lapse.detail == "no REGISTER came; 2 OPTIONS did"


def test_refused_with_which_verdict():
    stage = Stage("alice:horse1battery")
    stage.register(password="horse1battery", expires=60)
    stage.until(50)
    stage.ask(Ask(call_id="again"))
    stage.ask(Ask(call_id="again", password="horseXbattery"))
    stage.until(60)
    (lapse,) = stage.records(Lapsed)
    assert lapse.because == "refresh-refused"
    assert lapse.detail.startswith("wrong-password/character-differs: ")
    assert "horse" not in lapse.detail


def test_refused_and_not_yet_looked_into():
    stage = Stage("alice:x")
    stage.register(expires=60)
    stage.until(59.9)
    wrong_password(stage)
    stage.now += 1
    stage.engine.timer_fired(stage.now)
    (lapse,) = stage.records(Lapsed)
    assert lapse.because == "refresh-refused"
    assert lapse.detail.startswith("wrong-password")


def test_met_with_silence():
    def closed(stage):
        stage.command(protocol.GoDown("silent"))
        assert stage.ask(Ask(call_id="again")) is None

    lapse = lapse_after(Stage("alice:x"), closed)
    assert lapse.because == "refresh-dropped"
    assert lapse.detail.startswith("outage: the carrier is down (silent)")


def test_challenged_and_no_credentials_followed():
    lapse = lapse_after(Stage("alice:x"), lambda stage: stage.ask(Ask(call_id="again")))
    assert (lapse.because, lapse.detail) == ("refresh-unfinished", "it was challenged, and no credentials followed")


def test_the_last_thing_counts():
    lapse = lapse_after(Stage("alice:x"), lambda stage: stage.ask(Ask(call_id="again")), wrong_password)
    assert lapse.because == "refresh-refused"
    lapse = lapse_after(Stage("alice:x"), wrong_password, lambda stage: stage.ask(Ask(call_id="anew")))
    assert lapse.because == "refresh-unfinished"


def test_a_refresh_that_came_clears_what_was_before():
    lapse = lapse_after(Stage("alice:x"), wrong_password, right)
    assert (lapse.because, lapse.detail) == ("refresh-never-sent", "")


def test_a_name_that_was_misspelt_counts_for_the_one_that_was_meant():
    def misspelt(stage):
        stage.ask(Ask(user="alicee", call_id="again"))
        stage.ask(Ask(user="alicee", call_id="again", password="x"))

    lapse = lapse_after(Stage("alice:x"), misspelt)
    assert lapse.because == "refresh-refused"
    assert lapse.detail.startswith("unknown-user")


def test_what_befell_another_phone_of_the_account_explains_nothing():
    stage = Stage("alice:x")
    stage.register(expires=60)
    stage.register(expires=600, source=ELSEWHERE, contact="<sip:alice@192.0.2.9:7000>", call_id="other")
    stage.until(50)
    stage.ask(Ask(call_id="more", source=ELSEWHERE))
    stage.ask(Ask(call_id="more", source=ELSEWHERE, password="wrong"))
    stage.until(20)
    (lapse,) = stage.records(Lapsed)
    assert lapse.because == "refresh-never-sent"


def test_the_only_phone_may_have_moved():
    def from_elsewhere(stage):
        stage.ask(Ask(call_id="more", source=ELSEWHERE))
        stage.ask(Ask(call_id="more", source=ELSEWHERE, password="wrong"))

    assert lapse_after(Stage("alice:x"), from_elsewhere).because == "refresh-refused"


def test_what_is_no_longer_held_is_not_guessed():
    def many_pings(stage):
        for _ in range(30):
            stage.ask(Ask(method="OPTIONS", user="bob"))

    stage = Stage("alice:x", "bob:x", history_messages=10)
    stage.register(expires=60)
    stage.until(30)
    stage.ask(Ask(call_id="again"))
    many_pings(stage)
    stage.until(60)
    (lapse,) = stage.records(Lapsed)
    assert (lapse.because, lapse.detail) == ("", "the history no longer holds what came from it before")


def test_a_client_that_was_never_heard_again_sent_nothing_whatever_the_history_lost():
    stage = Stage("alice:x", "bob:x", history_messages=4)
    stage.register(expires=60)
    for _ in range(30):
        stage.until(1)
        stage.ask(Ask(method="OPTIONS", user="bob"))
    stage.until(60)
    (lapse,) = stage.records(Lapsed)
    assert lapse.because == "refresh-never-sent"


def test_after_a_reset_that_kept_the_bindings_nothing_is_claimed():
    stage = Stage("alice:x")
    stage.register(expires=60)
    stage.command(protocol.Reset(("bindings",)))
    stage.until(61)
    (lapse,) = stage.records(Lapsed)
    assert lapse.because == ""


def test_one_that_the_test_let_lapse_says_so():
    stage = Stage("alice:x")
    stage.register(expires=60)
    stage.command(protocol.Expire("alice"))
    (lapse,) = stage.records(Lapsed)
    assert (lapse.because, lapse.detail) == ("", "expired by the test")


@pytest.mark.parametrize("contact", [None, "sip:alice@192.0.2.7"])
def test_a_revoked_binding_is_unregistered_not_lapsed(contact):
    stage = Stage("alice:x")
    stage.register(expires=60, contact="<sip:alice@192.0.2.7>")
    assert stage.command(protocol.Revoke("alice", contact)) == 1
    assert stage.command(protocol.Revoke("alice")) == 0
    last = stage.records()[-1]
    assert (last.kind, last.detail, last.left) == ("unregistered", "revoked by the test", pytest.approx(60))
    with pytest.raises(LookupError, match="no account"):
        stage.command(protocol.Revoke("alicia"))


def test_a_contact_to_revoke_that_is_not_bound_names_the_nearest():
    stage = Stage("alice:x")
    stage.register(expires=60, contact="<sip:alice@192.0.2.7>")
    with pytest.raises(LookupError, match=r"no binding of 'sip:alice@192.0.2.8'.*sip:alice@192.0.2.7"):
        stage.command(protocol.Revoke("alice", "sip:alice@192.0.2.8"))


def test_every_slug_is_told_of():
    assert set(lapses.OF_FAULTS) <= set(LAPSE_REASONS)


def test_a_crowd_goes_through_the_history_once():
    stage = Stage(*[f"u{n}:x" for n in range(50)])
    for n in range(50):
        stage.register(f"u{n}", expires=60, contact=f"<sip:u{n}@192.0.2.7>", call_id=f"c{n}")
    for n in range(0, 50, 2):
        stage.ask(Ask(user=f"u{n}", call_id=f"again{n}"))
    looked = []
    concerning = stage.engine.trace.concerning

    class Counting(type(stage.engine.trace)):
        __slots__ = ()

        def concerning(self, since, sources):
            looked.append(len(since))
            return concerning(since, sources)

    stage.engine.trace.__class__ = Counting
    stage.now += 61
    stage.engine.timer_fired(stage.now)
    found = {r.account: r.because for r in stage.records(Lapsed)}
    assert looked == [50]
    assert {found[f"u{n}"] for n in range(0, 50, 2)} == {"refresh-unfinished"}
    assert {found[f"u{n}"] for n in range(1, 50, 2)} == {"refresh-never-sent"}


def test_many_accounts_at_one_address_share_no_requests_that_name_none():
    stage = Stage("u1:x", "u2:x")
    for n in (1, 2):
        stage.register(f"u{n}", expires=60, contact=f"<sip:u{n}@192.0.2.7>", call_id=f"c{n}")
    stage.ask(Ask(method="OPTIONS", user="nobody"))
    stage.until(61)
    assert {(r.because, r.detail) for r in stage.records(Lapsed)} == {("refresh-never-sent", "")}
