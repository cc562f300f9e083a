"""A config of every dialect that is written here logs in, with the manners of its own system."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockregistrar import CarrierSettings, KnownAccount, ReactorThread, TestAuthority, check_login, truth
from mockregistrar.net.login.stage import manners_of
from mockregistrar.trunks import Trunk, registry, trunk_files

WRITTEN = [name for name in registry.names() if registry.renders(name)]
SOCKETS = ("jssip", "sipjs")  # they speak WebSocket, which the mock carrier stands in for with TCP and TLS


@pytest.fixture(scope="module")
def thread():
    thread = ReactorThread()
    thread.hold()
    yield thread
    thread.release()


@pytest.fixture(scope="module")
def authority():
    return TestAuthority()


@pytest.fixture
def login(thread, authority):
    def run(dialect, text, accounts=None, **settings):
        (item,) = trunk_files.of_text(text, dialect=dialect).items
        carrier = CarrierSettings().changed(**settings)
        return check_login(item, truth(item, accounts), settings=carrier, thread=thread, authority=authority)

    return run


def written(dialect):
    trunk = Trunk(
        "100", "sip.acme.example", secret="kD7mWq2x", expiry=120 if dialect == "asterisk-chan_sip-1.4" else 300
    )
    if dialect in SOCKETS:
        trunk = replace(trunk, transport="wss", port=8443)
    return registry.render_config(dialect, trunk)


@pytest.mark.parametrize("dialect", [name for name in WRITTEN if name != "asterisk-iax2"])
def test_what_is_written_logs_in(login, dialect):
    report = login(dialect, written(dialect))
    assert report.ok, f"{report.headline}\n{report.text}"
    assert report.system == registry.system(dialect)


@pytest.mark.parametrize("dialect", [name for name in WRITTEN if name != "asterisk-iax2"])
def test_a_wrong_password_is_refused_and_what_the_client_does_is_told(login, dialect):
    report = login(dialect, written(dialect), [KnownAccount("100", "kD7mWq2y")])
    assert not report.ok
    assert report.because in ("wrong-password", "no-credentials")
    assert "401" in report.outlook
    assert "kD7mWq" not in report.text


def test_iax2_is_no_sip_and_skipped(login):
    (item,) = trunk_files.of_text("register => 100:kD7mWq2x@iax.acme.example").items
    assert "IAX2" in item.skip


def test_a_realm_that_the_config_names_is_the_carriers(login):
    text = written("asterisk-pjsip.conf").replace("auth_type = userpass", "auth_type = userpass\nrealm = acme")
    assert login("asterisk-pjsip.conf", text).ok
    report = login("asterisk-pjsip.conf", text, realm="other")
    assert not report.ok
    assert "realm" in report.text or report.because == "no-credentials"


def test_retries_of_the_config_are_the_clients():
    text = written("asterisk-pjsip.conf")
    (often,) = trunk_files.of_text(text).items
    (never,) = trunk_files.of_text(text.replace("max_retries = 10000", "max_retries = 0")).items
    assert "again" in manners_of(often).outlook(503)
    assert "stops" in manners_of(never).outlook(503)


def test_a_tool_that_registers_once_needs_no_refresh(login):
    report = login("sipsak-cmdline", written("sipsak-cmdline"))
    assert report.ok
    assert "refresh: none, it registers once" in report.steps


def test_a_refresh_that_comes_too_late_is_told(login):
    text = registry.render_config("kamailio-uacreg", Trunk("100", "sip.acme.example", secret="x1", expiry=60))
    report = login("kamailio-uacreg", text)
    if report.ok:
        pytest.fail(f"Kamailio looks every 90 s, and a grant of 60 s lapses before: {report.steps}")
    assert report.state == "lapsed"
    assert "the refresh does not come before the binding lapses" in report.headline
