"""The built-in user agent logs in at a registrar that is not ours: Kamailio's, asked for its own word each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from clients.kamailio import HINT, Registrar
from clients.pump import Pump
from clients.requirements import require

from mockregistrar.client import (
    ASTERISK_CHAN_SIP,
    MANNERS,
    RFC3261,
    Challenged,
    Failed,
    Manners,
    Profile,
    Refreshed,
    Registered,
    Unregistered,
)


@pytest.fixture
def new_registrar(tmp_path: Path) -> Iterator[Callable[..., Registrar]]:
    require("kamailio", HINT)
    with ExitStack() as stack:

        def start(transport: str = "udp", algorithm: str = "MD5") -> Registrar:
            registrar = Registrar.start(tmp_path, transport, algorithm)
            stack.callback(registrar.stop)
            return registrar

        yield start


@pytest.fixture(params=["udp", "tcp"])
def registrar(request: pytest.FixtureRequest, new_registrar: Callable[..., Registrar]) -> Registrar:
    return new_registrar(request.param)


def profile_for(registrar: Registrar, **changes: object) -> Profile:
    return Profile(
        **{
            "user": registrar.user,
            "secret": registrar.secret,
            "auth_user": registrar.auth_user,
            "domain": registrar.realm,
            "host": registrar.host,
            "port": registrar.port,
            "transport": registrar.transport,
            "contact_user": registrar.user,
            "expiry": 300,
            **changes,
        }
    )


with_manners = pytest.mark.parametrize("manners", MANNERS.values(), ids=lambda m: m.name)
with_obedient_manners = pytest.mark.parametrize(
    "manners",
    [m for m in MANNERS.values() if m.reaction(423).do == "adopt" and not m.adopts_later],
    ids=lambda m: m.name,
)


@with_manners
def test_login_refresh_unregister(registrar: Registrar, manners: Manners) -> None:
    with Pump(profile_for(registrar), manners) as pump:
        happened = pump.do("register")
        assert [type(e) for e in happened if isinstance(e, (Challenged, Registered))] == [Challenged, Registered]
        assert happened[-1].expires_in == 300
        located = registrar.located()
        assert f"AoR: {registrar.user}" in located
        assert str(pump.agent.contact) in located

        (refreshed,) = [e for e in pump.do("refresh") if isinstance(e, Refreshed)]
        assert refreshed.expires_in == 300
        assert len(refreshed.contacts) == 1
        assert registrar.located().count("Address:") == 1

        assert [e for e in pump.do("unregister") if isinstance(e, Unregistered)]
        assert "AoR:" not in registrar.located()


@with_manners
@pytest.mark.parametrize("wrong", [{"secret": "Remote:Secret"}, {"auth_user": "trunk1"}], ids=["secret", "auth_user"])
def test_refused(registrar: Registrar, manners: Manners, wrong: dict[str, str]) -> None:
    with Pump(profile_for(registrar, **wrong), manners) as pump:
        happened = pump.do("register")
    assert not [e for e in happened if isinstance(e, Registered)]
    (failed,) = [e for e in happened if isinstance(e, Failed)]
    assert failed.status == 401
    assert "AoR:" not in registrar.located()


@with_obedient_manners
def test_min_expires(registrar: Registrar, manners: Manners) -> None:
    with Pump(profile_for(registrar, expiry=20), manners) as pump:
        (registered,) = [e for e in pump.do("register") if isinstance(e, Registered)]
    assert registered.expires_in == 60


def test_sha256(new_registrar: Callable[..., Registrar]) -> None:
    registrar = new_registrar(algorithm="SHA-256")
    with Pump(profile_for(registrar), RFC3261) as pump:
        assert [e.expires_in for e in pump.do("register") if isinstance(e, Registered)] == [300]
    assert f"AoR: {registrar.user}" in registrar.located()


def test_sha256_and_a_client_of_md5_alone(new_registrar: Callable[..., Registrar]) -> None:
    registrar = new_registrar(algorithm="SHA-256")
    with Pump(profile_for(registrar), ASTERISK_CHAN_SIP) as pump:
        happened = pump.do("register")
    assert [e for e in happened if isinstance(e, Failed)]
    assert "AoR:" not in registrar.located()
