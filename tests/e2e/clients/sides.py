"""The carrier's side and the client's side of a test: what the fixtures hand out, and a wait across both."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from typing import Any, Protocol

from clients.base import Client
from clients.process import TIMEOUT
from mockregistrar import Account, MockRegistrar
from mockregistrar.trace import Record, Refused, Registered

DOMAIN = "sip.acme.example"
NONCE_AGAIN = frozenset(("nonce-stale", "nonce-replayed"))
"""Refusals that a client answers by itself: linphone has one nonce for all of its accounts."""


class NewCarrier(Protocol):
    """Starts a carrier that serves `DOMAIN`; takes `CarrierSettings` by name."""

    def __call__(self, **settings: Any) -> MockRegistrar: ...


class Launch(Protocol):
    """Starts a client that logs in to an account; `changes` are fields of `Login`."""

    def __call__(
        self, kind: type[Client], carrier: MockRegistrar, account: Account, transport: str = "udp", **changes: Any
    ) -> Any: ...


@contextmanager
def outcomes(carrier: MockRegistrar, accounts: Sequence[Account], timeout: float = TIMEOUT) -> Iterator[dict[str, str]]:
    """Around what makes clients log in: wait at its end until each account is registered, or known why not.

    Gives, by the names of the accounts, ``registered`` or the reason of the last refusal. A request that cannot be
    read belongs to no account and ends the wait for one of them.
    """
    seen: dict[str, str] = {}
    unread = 0
    changed = threading.Condition()

    def look(records: list[Record]) -> None:
        nonlocal unread
        with changed:
            for record in records:
                if isinstance(record, Registered):
                    seen[record.account] = "registered"
                elif isinstance(record, Refused) and record.because in NONCE_AGAIN:
                    continue
                elif isinstance(record, Refused) and record.account:
                    seen[record.account] = f"{record.because}: {record.detail}"
                elif isinstance(record, Refused):
                    unread += 1
            changed.notify_all()

    end = carrier.subscribe(look)
    try:
        yield seen
        with changed:
            changed.wait_for(lambda: len(seen) + unread >= len(accounts), timeout)
    finally:
        end()


@contextmanager
def awaited(carrier: MockRegistrar, kind: type[Record], account: Account, timeout: float = TIMEOUT) -> Iterator[None]:
    """Around what should cause a record of `kind` about `account`: wait for it at the end of the block."""
    __tracebackhide__ = True
    seen: Future[Record] = Future()

    def look(records: list[Record]) -> None:
        for record in records:
            if isinstance(record, kind) and getattr(record, "account", None) == account.name and not seen.done():
                seen.set_result(record)

    end = carrier.subscribe(look)
    try:
        yield
        try:
            seen.result(timeout)
        except FutureTimeout:  # until 3.10 it is not the built-in one
            raise AssertionError(f"no {kind.kind} of {account} within {timeout:g} s") from None
    finally:
        end()
