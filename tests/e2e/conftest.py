"""Fixtures of the tests with real clients: a carrier, and clients that end with their test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from clients.base import Client, Login
from clients.process import TIMEOUT
from clients.requirements import require_client
from clients.sides import DOMAIN, Launch, NewCarrier

from mockregistrar import Account, MockRegistrar, TestAuthority

_carriers = pytest.StashKey[list[MockRegistrar]]()
_clients = pytest.StashKey[list[Client]]()


@pytest.fixture(scope="session")
def authority() -> TestAuthority:
    return TestAuthority()


@pytest.fixture
def new_carrier(request: pytest.FixtureRequest, authority: TestAuthority) -> Iterator[NewCarrier]:
    """Start carriers that serve `DOMAIN` and end with the test."""
    with ExitStack() as stack:

        def start(**settings: Any) -> MockRegistrar:
            carrier = MockRegistrar(timeout=TIMEOUT, authority=authority, **{"domains": DOMAIN, **settings})
            request.node.stash.setdefault(_carriers, []).append(carrier)
            return stack.enter_context(carrier)

        yield start


@pytest.fixture
def carrier(new_carrier: NewCarrier) -> MockRegistrar:
    return new_carrier()


@pytest.fixture
def launch(request: pytest.FixtureRequest, tmp_path: Path, authority: TestAuthority) -> Iterator[Launch]:
    """Start clients, each in a directory of its own, that end with the test."""
    running: list[Client] = request.node.stash.setdefault(_clients, [])
    with ExitStack() as stack:

        def start(
            kind: type[Client], carrier: MockRegistrar, account: Account, transport: str = "udp", **changes: Any
        ) -> Client:
            __tracebackhide__ = True
            require_client(kind)
            too_old = kind.too_old_for(transport)
            if too_old:
                pytest.skip(too_old)
            if transport == "tls":
                changes.setdefault("ca_file", authority.write_ca(tmp_path / "ca.pem"))
            login = Login.of(carrier, account, transport, **changes)
            client = kind(login, tmp_path / f"{kind.name}-{len(running)}")
            running.append(client)
            return stack.enter_context(client)

        yield start


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Show both witnesses of a failure: what stood on the wire, and what the clients said."""
    outcome = yield
    report = outcome.get_result()
    if call.when != "call" or not report.failed:
        return
    for carrier in item.stash.get(_carriers, []):
        report.sections.append(("what the carrier saw", carrier.ladder()))
    for client in item.stash.get(_clients, []):
        report.sections.append((f"what {client.name} said", client.said()))
