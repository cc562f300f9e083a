"""Faker's `faker` fixture with what is SIP in it, and with a seed of the test's own.

The provider is there in every test that asks for the fixture. The seed is that of the run, where the run says one: it
was given, or the test starts a carrier, whose report names the seed that made up its accounts. Any other test keeps the
constant seed that Faker gives it, so that installing sipreg changes nothing in tests without SIP; and a project's own
`faker_seed` stands above all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_sipreg.carriers import derived_seed
from pytest_sipreg.plugin import SESSION
from pytest_sipreg.session import session_of

if TYPE_CHECKING:
    import pytest

_CARRIERS = frozenset({"sipreg", "make_sipreg", "sipreg_factory"})


def equip(fake: Any, request: pytest.FixtureRequest) -> None:
    """Put the provider into a `Faker` that its own fixture has made, and seed it."""
    from mockregistrar import SipProvider

    for factory in fake.factories:  # one for each locale
        if not any(isinstance(provider, SipProvider) for provider in factory.get_providers()):
            factory.add_provider(SipProvider)  # once, as the usual instance lasts for the session
    seed = None if "faker_seed" in request.fixturenames else _seed(request)
    if seed is not None:
        fake.seed_instance(derived_seed(seed, request.node.nodeid))


def _seed(request: pytest.FixtureRequest) -> int | None:
    session = request.config.stash.get(SESSION, None)
    if session is not None and session.options.seed is not None:
        return session.options.seed
    return session_of(request.config).settings.seed if _CARRIERS.intersection(request.fixturenames) else None
