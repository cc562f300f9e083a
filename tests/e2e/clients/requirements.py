"""Clients that are not installed: their tests are skipped, or fail where every client has to be there."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

import pytest

from clients import CLIENTS
from clients.base import Client, find_program

REQUIRED = "SIPREG_REQUIRE_CLIENTS"


def absent(what: str, hint: str) -> None:
    """Skip the test because `what` is not installed; fail it where ``SIPREG_REQUIRE_CLIENTS=1`` is set."""
    __tracebackhide__ = True
    message = f"{what} is not installed: {hint}"
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{message} ({REQUIRED}=1 asks for every client)", pytrace=False)
    pytest.skip(message)


def require(program: str, hint: str) -> None:
    """Skip or fail the test when `program` is not installed."""
    __tracebackhide__ = True
    if find_program(program) is None:
        absent(program, hint)


@cache
def _missing(kind: type[Client]) -> str | None:
    return kind.missing()


def require_client(kind: type[Client]) -> None:
    """Skip or fail the test when `kind` is not installed."""
    __tracebackhide__ = True
    what = _missing(kind)
    if what and kind.optional:
        pytest.skip(f"{what} is not installed: {kind.hint}")
    if what:
        absent(what, kind.hint)


def with_clients(able: Callable[[type[Client]], bool] = lambda _: True) -> pytest.MarkDecorator:
    """Run the test once with each client that is `able`."""
    return pytest.mark.parametrize("kind", [c for c in CLIENTS if able(c)], ids=lambda c: c.name)


def with_transports() -> pytest.MarkDecorator:
    """Run the test once with each client over each transport it speaks."""
    pairs = [(kind, transport) for kind in CLIENTS for transport in kind.transports]
    return pytest.mark.parametrize(("kind", "transport"), pairs, ids=[f"{k.name}-{t}" for k, t in pairs])
