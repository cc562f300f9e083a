"""A hundred thousand lapses at once, in slices that let everything else run."""

from __future__ import annotations

from playbook import Ask
from stage import UDP, Stage

from mockregistrar.carrier.bindings import Binding
from mockregistrar.engine import protocol
from mockregistrar.engine.engine import LAPSE_SLICE
from mockregistrar.trace import Lapsed


def crowded(count: int) -> Stage:
    """Return a carrier with `count` bindings that lapse together in 600 s."""
    stage = Stage(*[f"u{n}:x" for n in range(count)], history_records=10)
    for account in stage.engine.carrier.accounts:
        binding = Binding(account, f"sip:{account.name}@192.0.2.7")
        binding.granted, binding.expires_at, binding.flow = 600, stage.engine.carrier_time(stage.now) + 600, UDP
        stage.engine.carrier.bindings.add(binding)
    return stage


def test_no_input_does_more_than_a_slice():
    count = 100_000
    stage = crowded(count)
    stage.engine.subscribe()
    stage.now += 600
    left, slices = count, 0
    while stage.engine.next_timer() is not None and stage.engine.next_timer() <= stage.now:
        stage.engine.timer_fired(stage.now)
        lapsed = stage.engine.events()
        assert 0 < len(lapsed) <= LAPSE_SLICE
        assert {type(r) for r in lapsed} == {Lapsed}
        left -= len(lapsed)
        assert len(stage.engine.carrier.bindings) == left
        slices += 1
        if slices == 100:
            assert stage.ask(Ask(method="OPTIONS")).status == 200
            stage.engine.events()
    assert (left, slices) == (0, count // LAPSE_SLICE)
    assert stage.engine.next_timer() is None
    assert stage.engine.trace.counters().bindings["lapsed"] == count


def test_who_refreshes_while_the_slices_run_is_registered_anew():
    stage = crowded(2000)
    stage.now += 600
    stage.engine.timer_fired(stage.now)
    last = next(a for a in stage.engine.carrier.accounts if a.bindings)
    assert stage.register(last.name, contact=f"<sip:{last.name}@192.0.2.7>", expires=100).status == 200
    kinds = [r.kind for r in stage.records() if getattr(r, "account", "") == last.name and r.kind != "message"]
    assert kinds == ["lapsed", "registered"]
    stage.until(10)
    assert len(stage.engine.carrier.bindings) == 1
    assert stage.engine.trace.counters().bindings["lapsed"] == 2000


def test_an_outage_that_forgets_a_crowd_tells_nothing():
    stage = crowded(1000)
    stage.command(protocol.GoDown(forget=("bindings",)))
    assert stage.command(protocol.GetBindings()) == ()
    stage.until(700)
    assert stage.engine.trace.counters().bindings["lapsed"] == 0


def test_many_refreshes_are_looked_at_once_each_and_none_lapses():
    stage = crowded(1000)
    for account in stage.engine.carrier.accounts:
        account.bindings[0].expires_at += 600
    stage.until(601)
    assert stage.engine.trace.counters().bindings["lapsed"] == 0
    assert stage.engine.next_timer() > stage.now
    stage.until(600)
    assert stage.engine.trace.counters().bindings["lapsed"] == 1000
