"""The heap of deadlines against a plain model of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.carrier.accounts import Account
from mockregistrar.carrier.bindings import Binding, Bindings
from mockregistrar.carrier.settings import AccountSpec


def bound(bindings: Bindings, account: Account, uri: str, expires_at: float) -> Binding:
    binding = Binding(account, uri)
    binding.expires_at = expires_at
    bindings.add(binding)
    return binding


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5), st.integers(1, 100)),
        st.tuples(st.just("remove"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 60), st.integers(1, 4)),
        st.tuples(st.just("late"), st.integers(1, 60), st.integers(0, 1)),
        st.tuples(st.just("clear"), st.just(0), st.just(0)),
    ),
    max_size=40,
)


@given(steps=STEPS)
@settings(max_examples=300, deadline=None)
def test_what_is_bound_lapses_once_on_time_in_any_order_of_things(steps):
    accounts = [Account(AccountSpec(user=f"u{n}")) for n in range(2)]
    bindings, now, model = Bindings(), 0.0, {}
    live: dict[int, Binding] = {}
    for kind, first, second in steps:
        if kind == "put":
            model[first] = now + second
            if first in live:
                live[first].expires_at = now + second
                live[first] = bindings.moved(live[first])
            else:
                live[first] = bound(bindings, accounts[first % 2], f"sip:{first}", now + second)
        elif kind == "remove" and first in live:
            bindings.remove(live.pop(first))
            del model[first]
        elif kind == "clear":
            bindings.clear()
            model.clear()
            live.clear()
        elif kind == "late":
            now += first
            late = [b.uri for b in bindings.take_overdue(accounts[second], now)]
            due = {n for n, at in model.items() if at <= now and n % 2 == second}
            assert sorted(late) == sorted(f"sip:{n}" for n in due)
            for n in due:
                del model[n], live[n]
        elif kind == "wait":
            now += first
            lapsed: list[str] = []
            while (deadline := bindings.next_deadline()) is not None and deadline <= now:
                some = list(bindings.lapse(now, second))
                assert len(some) <= second
                lapsed += [b.uri for b in some]
            due = {n for n, at in model.items() if at <= now}
            assert sorted(lapsed) == sorted(f"sip:{n}" for n in due)
            for n in due:
                del model[n], live[n]
        assert len(bindings) == len(model)
        kept = [b for a in accounts for b in a.bindings or ()]
        assert sorted((b.uri, b.expires_at) for b in kept) == sorted((f"sip:{n}", at) for n, at in model.items())
        assert all(b.live for b in kept)
        assert all(a.bindings != [] for a in accounts)


def test_a_refresh_costs_no_place_in_the_heap_and_a_shorter_one_is_swept():
    bindings, account = Bindings(), Account(AccountSpec(user="u"))
    binding = bound(bindings, account, "sip:u", 100.0)
    for later in range(1000):
        binding.expires_at = 100.0 + later
        assert bindings.moved(binding) is binding
    assert len(bindings._heap) == 1
    for earlier in range(5000):
        binding.expires_at = 90.0 - earlier / 100
        binding = bindings.moved(binding)
    assert len(bindings) == 1
    assert len(bindings._heap) <= 1100
    assert account.bindings == [binding]
    assert [b.uri for _ in range(20) for b in bindings.lapse(90.0, 100)] == ["sip:u"]


def test_bindings_made_and_removed_leave_a_bounded_heap():
    bindings, account = Bindings(), Account(AccountSpec(user="u"))
    for number in range(5000):
        bindings.remove(bound(bindings, account, f"sip:{number}", 1000.0 + number))
    assert len(bindings) == 0
    assert len(bindings._heap) <= 1100
    assert account.bindings is None
