"""Nonces: what keeps state and what does not."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.carrier import nonces as module
from mockregistrar.carrier.nonces import Nonces, NonceState

NOW = 1_700_000_000.0


def made(**fields) -> Nonces:
    nonces = Nonces(b"k" * 16, 300.0, **fields)
    nonces.start(NOW)
    return nonces


def test_issuing_keeps_nothing():
    nonces = made()
    issued = {nonces.issue(NOW, "r", "MD5") for _ in range(20_000)}
    assert len(issued) == 20_000
    assert len(nonces._counts) == len(nonces._order) == 0
    assert len(nonces._hashes) == 1


def test_a_change_anywhere_makes_a_nonce_foreign():
    nonces = made()
    nonce = nonces.issue(NOW, "r", "MD5")
    assert nonces.check(nonce, NOW, "r", "MD5") is NonceState.GOOD
    for at in range(len(nonce)):
        other = "0" if nonce[at] != "0" else "1"
        assert nonces.check(nonce[:at] + other + nonce[at + 1 :], NOW, "r", "MD5") is NonceState.FOREIGN
    for text in ("", nonce[:-1], f"{nonce}0", nonce.upper(), "\udcff" * len(nonce), "٣" * len(nonce)):
        assert nonces.check(text, NOW, "r", "MD5") is NonceState.FOREIGN
    assert nonces.check(nonce, NOW, "s", "MD5") is NonceState.FOREIGN
    assert nonces.check(nonce, NOW, "r", "SHA-256") is NonceState.FOREIGN


def test_counts_are_bounded_and_an_evicted_nonce_is_stale_for_ever():
    nonces = made(capacity=10)
    issued = [nonces.issue(NOW + i, "r", "MD5") for i in range(100)]
    for nonce in issued:
        assert nonces.use(nonce, 1)
    assert len(nonces._counts) == len(nonces._order) == 10
    states = [nonces.check(n, NOW + 100, "r", "MD5") for n in issued]
    assert states == [NonceState.STALE] * 90 + [NonceState.GOOD] * 10


def test_a_running_number_that_wraps_round_locks_nobody_out():
    nonces = made(capacity=1)
    nonces._serial = 0xFFFFFFE
    nonces.use(nonces.issue(NOW, "r", "MD5"), 1)
    nonces.use(nonces.issue(NOW + 1, "r", "MD5"), 1)
    after = nonces.issue(NOW + 2, "r", "MD5")
    assert nonces.check(after, NOW + 2, "r", "MD5") is NonceState.GOOD


@given(counts=st.lists(st.integers(1, 200), max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_count_is_taken_twice_and_no_fresh_one_within_the_window_is_refused(counts):
    nonces = made()
    nonce = nonces.issue(NOW, "r", "MD5")
    taken: set[int] = set()
    for count in counts:
        highest = max(taken, default=0)
        fresh = count not in taken and count > highest - module._WINDOW
        assert nonces.use(nonce, count) is fresh
        if fresh:
            taken.add(count)


def test_a_seed_gives_the_same_nonces_again():
    one, two = (Nonces(random.Random(7).randbytes(16), 300) for _ in range(2))
    assert one.issue(NOW, "r", "MD5") == two.issue(NOW, "r", "MD5")
