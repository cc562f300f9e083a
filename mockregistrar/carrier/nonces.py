"""Nonces that verify themselves, and the counts of those that were used.

A nonce is ``time serial mac``: carrier time in milliseconds, a running number, and a keyed hash over both
bound to realm and algorithm. Issuing one keeps nothing, so a flood of REGISTERs without credentials costs
no memory. State is kept only after a *right* digest: the highest nonce count and a window of the 64 below it
(:rfc:`7616` 3.3), bounded; a nonce whose state was evicted is treated as stale, which costs its client one
round trip and never a refusal.
"""

from __future__ import annotations

import hashlib
from collections import deque
from enum import Enum

_TIME, _SERIAL, _MAC = 11, 7, 16
_HEAD = _TIME + _SERIAL
_LENGTH = _HEAD + _MAC
_OLD_KEYS = 4
_WINDOW = 64
_WINDOW_MASK = (1 << _WINDOW) - 1


class NonceState(Enum):
    """What a nonce that came back is worth."""

    GOOD = "good"
    STALE = "stale"
    FOREIGN = "foreign"


class Nonces:
    """Issues and checks the nonces of one carrier. Times are carrier time in seconds."""

    def __init__(self, key: bytes, ttl: float, *, capacity: int = 4096) -> None:
        self.ttl = ttl
        self._capacity = capacity
        self._key = key
        self._old_keys: deque[bytes] = deque(maxlen=_OLD_KEYS)
        self._hashes: dict[tuple[str, str], hashlib.blake2s] = {}
        self._serial = 0
        # By the head of the nonce, time and serial: heads grow, as text too, and never wrap round.
        self._counts: dict[str, int] = {}
        self._order: deque[str] = deque()
        self._evicted = ""
        self._epoch = 0.0

    def start(self, now: float) -> None:
        """Count nonce time from `now`, so that it stays small."""
        self._epoch = now

    def issue(self, now: float, realm: str, algorithm: str) -> str:
        """Return a fresh nonce for one challenge."""
        self._serial = serial = (self._serial + 1) & 0xFFFFFFF
        head = f"{int((now - self._epoch) * 1000) & 0xFFFFFFFFFFF:011x}{serial:07x}"
        return head + self._mac(head, realm, algorithm)

    def check(self, nonce: str, now: float, realm: str, algorithm: str) -> NonceState:
        """Say whether `nonce` was issued here for this realm and algorithm, and is young enough."""
        head = nonce[:_HEAD]
        if len(nonce) != _LENGTH or self._mac(head, realm, algorithm) != nonce[_HEAD:]:
            return NonceState.FOREIGN
        age = (now - self._epoch) - int(nonce[:_TIME], 16) / 1000
        if age > self.ttl:
            return NonceState.STALE
        if head <= self._evicted and head not in self._counts:
            return NonceState.STALE
        return NonceState.GOOD

    def accept(self, nonce: str, count: int, now: float, realm: str, algorithm: str) -> bool:
        """Check and count in one: whether `nonce` is good and `count` new. A False says nothing about why."""
        head = nonce[:_HEAD]
        if head in self._counts or head <= self._evicted:
            return self.check(nonce, now, realm, algorithm) is NonceState.GOOD and self.use(nonce, count)
        # What `check` and `use` come to for a nonce used for the first time, which is the usual case.
        if head + self._mac(head, realm, algorithm) != nonce:
            return False
        if (now - self._epoch) - int(nonce[:_TIME], 16) / 1000 > self.ttl:
            return False
        return self._first_use(head, count)

    def use(self, nonce: str, count: int) -> bool:
        """Count a right digest with nonce count `count`; return False for a count that was used before.

        Counts may arrive out of order within a window of 64 (:rfc:`7616` 3.3: no smaller ones are
        promised to be accepted).
        """
        head = nonce[:_HEAD]
        counts = self._counts
        state = counts.get(head)
        if state is None:
            return self._first_use(head, count)
        highest, window = state >> _WINDOW, state & _WINDOW_MASK
        if count > highest:
            window = (window << (count - highest)) & _WINDOW_MASK | 1 if count - highest < _WINDOW else 1
            highest = count
        else:
            bit = 1 << (highest - count) if highest - count < _WINDOW else 0
            if not bit or window & bit:
                return False
            window |= bit
        counts[head] = highest << _WINDOW | window
        return True

    def used(self, nonce: str) -> bool:
        """Whether `nonce` came with a right digest before, as far as that is still known."""
        return nonce[:_HEAD] in self._counts

    def _first_use(self, head: str, count: int) -> bool:
        counts = self._counts
        if len(counts) >= self._capacity:
            oldest = self._order.popleft()
            del counts[oldest]
            self._evicted = max(self._evicted, oldest)
        self._order.append(head)
        counts[head] = count << _WINDOW | 1
        return True

    def forget(self, key: bytes) -> None:
        """Change the key, so that every nonce issued so far becomes foreign (a carrier's restart)."""
        self._old_keys.append(self._key)
        self._key = key
        self._hashes.clear()
        self._counts.clear()
        self._order.clear()
        self._evicted = ""

    def was_ours(self, nonce: str, realm: str, algorithm: str) -> bool:
        """Whether `nonce` was issued here before one of the last few times that all were forgotten."""
        for key in self._old_keys:
            mac = _binding(key, realm, algorithm)
            mac.update(nonce[:_HEAD].encode("utf-8", "surrogateescape"))
            if len(nonce) == _LENGTH and mac.hexdigest() == nonce[_HEAD:]:
                return True
        return False

    def _mac(self, head: str, realm: str, algorithm: str) -> str:
        bound = self._hashes.get((realm, algorithm))
        if bound is None:
            if len(self._hashes) >= 64:
                self._hashes.clear()
            bound = self._hashes[(realm, algorithm)] = _binding(self._key, realm, algorithm)
        mac = bound.copy()
        mac.update(head.encode("utf-8", "surrogateescape"))
        return mac.hexdigest()


def _binding(key: bytes, realm: str, algorithm: str) -> hashlib.blake2s:
    return hashlib.blake2s(f"{algorithm} {realm} ".encode("utf-8", "surrogateescape"), key=key, digest_size=_MAC // 2)
