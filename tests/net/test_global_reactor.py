"""The global reactor is never imported or installed: a whole carrier's life, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent


def run(script: str, *, silent: bool = True) -> str:
    """Run a script in a fresh interpreter that makes warnings errors; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS / "net"), str(TESTS.parent)])},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" or not silent, done.stderr
    return done.stdout


LIFE = """
    import asyncio, signal, sys, threading
    handlers = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGCHLD, signal.SIGTERM)]
    from mockregistrar import MockRegistrar, RegistrationTimeout
    from phone import Phone, log_in
    with MockRegistrar(domains=("one.test",)) as carrier:
        account = carrier.add_account("alice")
        for transport in ("udp", "tcp", "tls"):
            with Phone(carrier, transport) as phone:
                assert phone.register("alice", account.secret).status == 200
        client = carrier.user_agent("bob", transport="tls")
        assert client.register() and client.unregister()
        future = carrier.future_wait_for_refresh(account)
        log_in(carrier, account)
        future.result(5)
        asyncio.run(carrier.async_wait_for_registration(account))
        with carrier.outage("refused"):
            try:
                Phone(carrier, "tcp")
            except ConnectionRefusedError:
                pass
        carrier.advance(10_000)
        try:
            carrier.wait_for_registration(account, timeout=0.01)
        except RegistrationTimeout:
            pass
        assert carrier.ladder()
        carrier.reset()
    assert threading.active_count() == 1, threading.enumerate()
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGCHLD, signal.SIGTERM)] == handlers
    from twisted.python import threadable
    assert threadable.ioThread is None
    assert "twisted.internet.reactor" not in sys.modules
"""


def test_a_whole_life_of_a_carrier_installs_no_reactor():
    run(LIFE)


def test_another_reactor_can_still_be_installed_afterwards():
    run(
        textwrap.dedent(LIFE)
        + textwrap.dedent("""
            from twisted.internet import asyncioreactor
            loop = asyncio.new_event_loop()
            asyncioreactor.install(loop)
            from twisted.internet import reactor
            assert type(reactor).__name__ == "AsyncioSelectorReactor"
            loop.close()
        """)
    )


def test_twisted_coroutines_wait_on_the_reactor_of_their_own():
    out = run(
        """
        from twisted.internet import reactor, threads
        from twisted.internet.defer import CancelledError, ensureDeferred
        from mockregistrar import MockRegistrar, RegistrationTimeout
        from links import AUTHORITY, thread_link, waiters
        from phone import log_in

        async def story(carrier, account):
            wait = ensureDeferred(carrier.async_wait_for_registration(account))
            await threads.deferToThread(log_in, carrier, account)
            assert (await wait).account == "alice"
            async with carrier.expect_registration(account) as expected:
                await threads.deferToThread(log_in, carrier, account)
            assert expected.binding.account == "alice"
            try:
                await carrier.async_wait_for_refresh(account, timeout=0.01)
            except RegistrationTimeout as error:
                assert "no refresh of `alice`" in str(error)
            else:
                raise AssertionError("no time-out")
            lost = ensureDeferred(carrier.async_wait_for_refresh(account))
            lost.cancel()
            try:
                await lost
            except CancelledError:
                pass
            assert waiters(carrier._link) == 0
            print("done")

        with MockRegistrar(authority=AUTHORITY, link=thread_link) as carrier:
            account = carrier.add_account("alice")
            failures = []
            def finish(result):
                if result is not None:
                    failures.append(result)
                reactor.stop()
            reactor.callWhenRunning(lambda: ensureDeferred(story(carrier, account)).addBoth(finish))
            reactor.run()
            assert not failures, failures[0].getTraceback()
    """,
        silent=False,  # the global reactor leaves a file open behind it
    )
    assert out == "done\n"


def test_an_interpreter_may_end_while_a_carrier_runs():
    out = run(
        """
        from mockregistrar import MockRegistrar
        from phone import log_in
        carrier = MockRegistrar().start()
        account = carrier.add_account("alice")
        assert log_in(carrier, account).status == 200
        future = carrier.future_wait_for_refresh(account)
        print("end")
        """,
        silent=False,  # Twisted keeps a file open in reserve, of which some Pythons warn at their end
    )
    assert out == "end\n"


@pytest.mark.parametrize("code", ["import mockregistrar", "from mockregistrar import CarrierSettings, truth"])
def test_what_needs_no_network_imports_no_twisted(code):
    run(f"{code}\nimport sys\nassert not [m for m in sys.modules if m.startswith(('twisted', 'OpenSSL', 'trustme'))]")
