"""Carrier time: along with wire time, faster, slower, held, set on and back."""

from __future__ import annotations

import pytest
from playbook import NOW, Ask
from stage import Stage

from mockregistrar.engine import protocol
from mockregistrar.engine.clock import FASTEST, CarrierClock
from mockregistrar.trace import Lapsed, Note


def test_it_runs_along_with_wire_time():
    clock = CarrierClock(10.0, 1_000.0)
    assert (clock.at(10.0), clock.at(15.0), clock.wire_at(1_005.0)) == (1_000.0, 1_005.0, 15.0)
    assert not clock.frozen


def test_moved_on_and_back():
    clock = CarrierClock(10.0, 1_000.0)
    clock.move(100)
    clock.move(-30)
    assert (clock.at(10.0), clock.wire_at(1_071.0)) == (1_070.0, 11.0)


def test_at_another_rate_from_now_on():
    clock = CarrierClock(10.0, 1_000.0)
    clock.set_rate(60, 20.0)
    assert (clock.at(20.0), clock.at(21.0), clock.wire_at(1_130.0)) == (1_010.0, 1_070.0, 22.0)
    clock.set_rate(0.5, 21.0)
    assert clock.at(23.0) == 1_071.0


def test_held_it_still_can_be_moved_and_goes_on_at_its_rate():
    clock = CarrierClock(10.0, 1_000.0)
    clock.set_rate(2, 10.0)
    clock.freeze(11.0)
    clock.freeze(12.0)
    assert (clock.frozen, clock.rate, clock.pace) == (True, 0.0, 2.0)
    assert (clock.at(11.0), clock.at(99.0), clock.wire_at(1_003.0)) == (1_002.0, 1_002.0, None)
    clock.move(5)
    clock.set_rate(3, 50.0)
    assert clock.at(99.0) == 1_007.0
    clock.thaw(100.0)
    clock.thaw(101.0)
    assert (clock.frozen, clock.at(102.0)) == (False, 1_013.0)


@pytest.mark.parametrize("rate", [0, -1, FASTEST * 2, float("nan"), float("inf")])
def test_no_clock_runs_back_or_stands_by_its_rate(rate):
    clock = CarrierClock(10.0, 1_000.0)
    with pytest.raises(ValueError, match="a clock's rate is above 0"):
        clock.set_rate(rate, 10.0)
    assert clock.at(11.0) == 1_001.0


def test_while_it_is_held_nothing_lapses_and_afterwards_it_does():
    stage = Stage("alice:x")
    stage.register(expires=60)
    stage.until(10)
    stage.command(protocol.Freeze())
    stage.until(1_000)
    assert stage.records(Lapsed) == []
    assert stage.engine.carrier.bindings.next_deadline() is not None
    stage.command(protocol.Thaw())
    stage.until(49)
    assert stage.records(Lapsed) == []
    stage.until(1.1)
    (lapse,) = stage.records(Lapsed)
    assert lapse.carrier == pytest.approx(NOW + 60, abs=0.2)


def test_a_clock_that_is_set_on_while_it_is_held_lets_lapse():
    stage = Stage("alice:x")
    stage.register(expires=60)
    stage.command(protocol.Freeze())
    stage.command(protocol.SetClock(NOW + 61))
    stage.engine.timer_fired(stage.now)
    (lapse,) = stage.records(Lapsed)
    assert lapse.carrier == NOW + 61


def test_at_another_rate_bindings_lapse_sooner():
    stage = Stage("alice:x")
    stage.register(expires=60)
    stage.command(protocol.SetRate(30))
    assert stage.engine.next_timer() == pytest.approx(stage.now + 2)
    stage.until(1.9)
    assert stage.records(Lapsed) == []
    stage.until(0.2)
    assert len(stage.records(Lapsed)) == 1


def test_a_connection_outlives_its_binding_at_any_rate():
    stage = Stage("alice:x")
    flow = stage.connect()
    stage.command(protocol.SetRate(0.1))
    stage.register(flow=flow, transport="tcp", expires=600)
    stage.until(5_000)
    assert stage.engine.connected(flow)
    assert len(stage.engine.carrier.bindings) == 1


def test_it_is_set_back_only_while_nothing_is_bound():
    stage = Stage("alice:x")
    stage.register(expires=60)
    with pytest.raises(ValueError, match=r"cannot be set back while there are bindings \(1\)"):
        stage.command(protocol.SetClock(NOW - 3600))
    stage.until(61)
    stage.command(protocol.SetClock(NOW - 86_400))
    assert stage.command(protocol.GetStatus()).carrier == NOW - 86_400
    assert stage.register(expires=60).status == 200
    assert [record.text for record in stage.records(Note)] == ["clock: set back by 86461 s"]


def test_a_nonce_from_before_the_clock_was_set_back_is_foreign():
    stage = Stage("alice:x")
    stage.ask(Ask())
    stage.command(protocol.SetClock(NOW - 86_400))
    answer = stage.ask(Ask(password="x"))
    assert answer.status == 401
    assert stage.ask(Ask(password="x")).status == 200


def test_a_lockout_does_not_outlast_a_clock_that_is_set_back():
    stage = Stage("alice:x", lockout_after=1, lockout_time=600)
    stage.register(password="wrong")
    assert stage.ask(Ask()).status == 403
    stage.command(protocol.SetClock(NOW - 86_400))
    assert stage.register(expires=60).status == 200


def test_the_status_tells_the_rate():
    stage = Stage()
    assert stage.command(protocol.GetStatus()).rate == 1
    stage.command(protocol.SetRate(60))
    assert stage.command(protocol.GetStatus()).rate == 60
    stage.command(protocol.Freeze())
    assert stage.command(protocol.GetStatus()).rate == 0


@pytest.mark.parametrize("keep", [(), ("accounts", "history"), ("bindings",)])
def test_a_reset_lets_it_run_as_at_first(keep):
    stage = Stage("alice:x")
    stage.command(protocol.SetRate(60))
    stage.command(protocol.SetClock(NOW + 5000))
    stage.command(protocol.Freeze())
    stage.command(protocol.Reset(keep))
    stage.now += 10
    status = stage.command(protocol.GetStatus())
    assert status.rate == 1
    assert status.carrier == pytest.approx(NOW + 10 + (5000 if "bindings" in keep else 0))
