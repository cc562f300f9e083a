"""The face's contract, against each carrier of the protocol: a thread, a pipe, a wire of JSON."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys
import threading

import pytest
import trio
from links import AUTHORITY, LINKS, timers, waiters
from phone import Phone, log_in
from playbook import Ask

from mockregistrar import (
    HistoryTruncated,
    MockRegistrar,
    ReactorStopped,
    RegistrationTimeout,
    SettingsError,
    UnknownAccount,
)
from mockregistrar.trace import InternalError


@pytest.fixture(params=list(LINKS))
def make(request):
    """Return what makes a running carrier, and stop all of them afterwards."""
    made: list[MockRegistrar] = []

    def start(**settings) -> MockRegistrar:
        carrier = MockRegistrar(link=LINKS[request.param], authority=AUTHORITY, **settings)
        made.append(carrier)
        return carrier.start()

    yield start
    for carrier in made:
        carrier.stop()


@pytest.fixture
def carrier(make) -> MockRegistrar:
    return make()


def quiet(carrier: MockRegistrar) -> None:
    """Fail if a waiter or its timer is left behind."""
    assert waiters(carrier._link) == 0
    assert timers(carrier._link) == 0


def run_trio(story) -> object:
    """Run a coroutine function with trio, also where pytest-twisted has a reactor at the signals already."""
    taken = signal.set_wakeup_fd(-1)
    try:
        return trio.run(story)
    finally:
        signal.set_wakeup_fd(taken)


def later(action) -> threading.Thread:
    thread = threading.Thread(target=action)
    thread.start()
    return thread


# -- life and addresses -----------------------------------------------------------------------------
def test_udp_and_tcp_share_a_number(carrier):
    assert carrier.address("udp") == carrier.address("tcp") == ("127.0.0.1", carrier.port)
    assert carrier.host == "127.0.0.1"
    assert str(carrier.address("udp")) == f"127.0.0.1:{carrier.port}"
    assert [p.transport for p in carrier.listening] == ["udp", "tcp"]
    with pytest.raises(ValueError, match="did you mean `udp`"):
        carrier.address("upd")


def test_stopped_or_not_started_it_says_so(make):
    carrier = make()
    carrier.stop()
    carrier.stop()
    for ask in (lambda: carrier.port, lambda: carrier.seed):
        with pytest.raises(RuntimeError, match="not running: call start"):
            ask()
    for ask in (carrier.status, lambda: carrier.add_account("a"), lambda: carrier.wait_for_registration("a")):
        with pytest.raises(ReactorStopped, match="not running"):
            ask()
    assert "not running" in repr(carrier)


def test_a_carrier_can_be_started_again(make):
    carrier = make()
    carrier.stop()
    carrier.start()
    assert log_in(carrier, carrier.add_account("alice")).status == 200


def test_the_same_seed_makes_the_same_secrets(make):
    one, two, three = make(seed=7), make(seed=7), make()
    secrets = [c.add_account("alice").secret for c in (one, two, three)]
    assert secrets[0] == secrets[1] != secrets[2]
    assert one.seed == 7
    assert isinstance(three.seed, int)


# -- accounts ---------------------------------------------------------------------------------------
def test_an_account_registers_over_every_transport(carrier):
    account = carrier.add_account("alice", "s3cret")
    for transport in ("udp", "tcp", "tls"):
        with Phone(carrier, transport) as phone:
            assert phone.register("alice", "s3cret", contact=f"<sip:alice@{transport}>").status == 200
    assert [b.flow.transport for b in carrier.bindings(account)] == ["udp", "tcp", "tls"]
    assert [r.transport for r in carrier.requests("REGISTER", account)] == ["udp"] * 2 + ["tcp"] * 2 + ["tls"] * 2
    assert carrier.requests("REGISTER", account)[0].header("CSeq") == "1 REGISTER"


def test_errors_of_commands_come_through_whole(make):
    carrier = make(history_messages=2)
    carrier.add_account("alice")
    with pytest.raises(SettingsError, match="'alice' is there already") as settings_error:
        carrier.add_account("alice")
    assert settings_error.value.setting == "accounts"
    with pytest.raises(UnknownAccount, match="did you mean `alice`"):
        carrier.bindings("alicia")
    for _ in range(3):
        log_in(carrier, carrier.account("alice"))
    with pytest.raises(HistoryTruncated) as truncated:
        carrier.requests("REGISTER")
    assert truncated.value.setting == "history_messages"
    with pytest.raises(SettingsError, match="did you mean `min_expires`"):
        carrier.add_account("bob", min_expire=3)


def test_an_unknown_account_is_a_mistake_and_not_a_wait(carrier):
    carrier.add_account("alice")
    for wait in (carrier.wait_for_registration, carrier.wait_for_refresh, carrier.wait_for_lapse):
        with pytest.raises(UnknownAccount, match="did you mean `alice`"):
            wait("alicia", timeout=5)
    with pytest.raises(UnknownAccount), carrier.expect_registration("alicia"):
        pytest.fail("the block is not entered")
    quiet(carrier)


# -- waits: level and edge --------------------------------------------------------------------------
def test_waiting_for_a_registration_is_level(carrier):
    account = carrier.add_account("alice")
    log_in(carrier, account, expires=600)
    binding = carrier.wait_for_registration(account, timeout=0.01)
    assert (binding.account, binding.granted, binding.contact) == ("alice", 600, "sip:alice@127.0.0.1:9")
    assert carrier.assert_registered(account).call_id.startswith("alice-")
    quiet(carrier)


def test_a_registration_that_comes_later_ends_the_wait(carrier):
    account = carrier.add_account("alice")
    future = carrier.future_wait_for_registration(account)
    assert not future.done()
    assert waiters(carrier._link) == 1
    thread = later(lambda: log_in(carrier, account))
    assert future.result(5).account == "alice"
    thread.join()
    quiet(carrier)


def test_waiting_for_a_refresh_is_edge(carrier):
    account = carrier.add_account("alice")
    for _ in range(2):
        log_in(carrier, account)
    with pytest.raises(RegistrationTimeout, match=r"no refresh of `alice` within 0\.01 s"):
        carrier.wait_for_refresh(account, timeout=0.01)
    future = carrier.future_wait_for_refresh(account)
    log_in(carrier, account, expires=700)
    assert future.result(5).expires == 700
    quiet(carrier)


def test_an_expected_registration_is_one_begun_inside(carrier):
    account = carrier.add_account("alice")
    log_in(carrier, account)
    with pytest.raises(RegistrationTimeout), carrier.expect_registration(account, timeout=0.01):
        pass
    with carrier.expect_registration(account) as expected:
        with pytest.raises(AttributeError, match="after"):
            expected.binding  # noqa: B018
        log_in(carrier, account, expires=777)
    assert expected.binding.granted == 777
    with pytest.raises(ZeroDivisionError), carrier.expect_registration(account):
        raise ZeroDivisionError
    quiet(carrier)


def test_waiting_for_a_lapse_is_level_while_it_is_lapsed(carrier):
    account = carrier.add_account("alice")
    log_in(carrier, account, expires=60)
    future = carrier.future_wait_for_lapse(account)
    carrier.advance(59)
    assert not future.done()
    carrier.advance(1.5)
    assert future.result(5).account == "alice"
    assert carrier.wait_for_lapse(account, timeout=0.01).contact == "sip:alice@127.0.0.1:9"
    log_in(carrier, account, expires=60)
    with pytest.raises(RegistrationTimeout, match="no lapse"):
        carrier.wait_for_lapse(account, timeout=0.01)
    quiet(carrier)


def test_a_wait_that_runs_out_leaves_nobody_behind(carrier):
    account = carrier.add_account("alice")
    for wait in (carrier.wait_for_registration, carrier.wait_for_refresh, carrier.wait_for_lapse):
        with pytest.raises(RegistrationTimeout) as raised:
            wait(account, timeout=0.005)
        assert isinstance(raised.value, AssertionError)
        assert isinstance(raised.value, TimeoutError)
    quiet(carrier)


def test_a_cancelled_wait_leaves_nobody_behind(carrier):
    account = carrier.add_account("alice")
    futures = [
        carrier.future_wait_for_registration(account),
        carrier.future_wait_for_refresh(account),
        carrier.future_wait_for_lapse(account),
    ]
    assert waiters(carrier._link) == 3
    assert all(f.cancel() for f in futures)
    quiet(carrier)
    log_in(carrier, account)


def test_the_default_time_out_is_the_carriers(make):
    carrier = make(timeout=0.01)
    carrier.add_account("alice")
    with pytest.raises(RegistrationTimeout, match=r"within 0\.01 s"):
        carrier.wait_for_registration("alice")


def test_a_stopped_carrier_ends_the_waits_under_way(carrier):
    account = carrier.add_account("alice")
    future = carrier.future_wait_for_registration(account, timeout=60)
    carrier.stop()
    with pytest.raises(ReactorStopped, match="stopped while this wait"):
        future.result(0)


# -- waits: what the message says -------------------------------------------------------------------
def test_a_time_out_says_that_nothing_came(carrier):
    carrier.add_account("trunk1")
    with pytest.raises(RegistrationTimeout) as raised:
        carrier.wait_for_registration("trunk1", timeout=0.01)
    assert str(raised.value) == (
        f"no registration of `trunk1` within 0.01 s. Nothing arrived on udp 127.0.0.1:{carrier.port}, "
        f"tcp 127.0.0.1:{carrier.port}.\n"
        "next: Look at host, port and transport in the client's config, and at its log.\n"
        "more: mockregistrar codes nothing-arrived"
    )


def test_a_time_out_says_what_came_instead_closest_first(carrier):
    trunk = carrier.add_account("trunk1")
    carrier.add_account("zebra", "z")
    future = carrier.future_wait_for_registration(trunk, timeout=0.4)
    with Phone(carrier) as phone:
        phone.send(b"GET / HTTP/1.0\r\n\r\n")
        phone.ask(Ask(method="OPTIONS"))
        phone.register("zebra", "wrong")
        phone.register("trunk2", "x", call_id="2")
        phone.register("trunk1", "wrong", call_id="3")
    with pytest.raises(RegistrationTimeout) as raised:
        future.result(5)
    lines = str(raised.value).splitlines()
    assert lines[0] == "no registration of `trunk1` within 0.4 s. Seen meanwhile, closest first:"
    assert "for `trunk1`: wrong password" in lines[1]
    assert "for `trunk2`: unknown user, did you mean `trunk1`?" in lines[2]
    assert "for `zebra`: wrong password" in lines[3]
    assert any("HTTP" in line for line in lines[4:])


def test_a_blocked_event_loop_is_named_as_a_possible_cause(carrier):
    carrier.add_account("alice")

    async def block() -> str:
        with pytest.raises(RegistrationTimeout) as raised:
            carrier.wait_for_registration("alice", timeout=0.01)
        return str(raised.value)

    for text in (asyncio.run(block()), run_trio(block)):
        assert "This wait blocked a thread with a running event loop" in text
        assert "async_" in text
    with pytest.raises(RegistrationTimeout) as plain:
        carrier.wait_for_registration("alice", timeout=0.01)
    assert "event loop" not in str(plain.value)


# -- waits: coroutines ------------------------------------------------------------------------------
def test_asyncio(carrier):
    alice, bob = carrier.add_account("alice"), carrier.add_account("bob")

    async def story() -> None:
        waits = [asyncio.ensure_future(carrier.async_wait_for_registration(a)) for a in (alice, bob)]
        refresh = asyncio.ensure_future(carrier.async_wait_for_refresh(alice))
        lost = asyncio.ensure_future(carrier.async_wait_for_lapse(bob))
        await asyncio.to_thread(log_in, carrier, alice)
        await asyncio.to_thread(log_in, carrier, bob)
        assert [b.account for b in await asyncio.gather(*waits)] == ["alice", "bob"]
        await asyncio.to_thread(log_in, carrier, alice)
        assert (await refresh).account == "alice"
        lost.cancel()
        with pytest.raises(asyncio.CancelledError):
            await lost
        with pytest.raises(RegistrationTimeout, match="no lapse of `bob`"):
            await carrier.async_wait_for_lapse(bob, timeout=0.01)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(carrier.async_wait_for_lapse(bob), 0.01)
        async with carrier.expect_registration(bob) as expected:
            await asyncio.to_thread(log_in, carrier, bob)
        assert expected.binding.account == "bob"

    asyncio.run(story())
    quiet(carrier)


def test_trio(carrier):
    alice = carrier.add_account("alice")

    async def story() -> None:
        got = []

        async def wait() -> None:
            got.append(await carrier.async_wait_for_registration(alice))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            await trio.to_thread.run_sync(log_in, carrier, alice)
        assert [b.account for b in got] == ["alice"]
        with pytest.raises(RegistrationTimeout, match="no refresh"):
            await carrier.async_wait_for_refresh(alice, timeout=0.01)
        with trio.move_on_after(0.01) as scope:
            await carrier.async_wait_for_refresh(alice)
        assert scope.cancelled_caught
        async with carrier.expect_registration(alice):
            await trio.to_thread.run_sync(log_in, carrier, alice)

    run_trio(story)
    quiet(carrier)


def test_a_coroutine_that_nobody_runs_is_told_so(carrier, monkeypatch):
    monkeypatch.delitem(sys.modules, "twisted.internet.reactor", raising=False)  # pytest-twisted puts it there
    account = carrier.add_account("alice")
    coroutine = carrier.async_wait_for_registration(account)
    with pytest.raises(RuntimeError, match="needs asyncio, trio or a Twisted coroutine"):
        coroutine.send(None)
    quiet(carrier)


# -- from the carrier's own thread ------------------------------------------------------------------
def on_its_thread(carrier: MockRegistrar, action) -> object:
    """Run `action` in a subscriber's callback; return what it returned or raised."""
    done: list[object] = []
    told = threading.Event()

    def subscriber(records) -> None:
        try:
            done.append(action())
        except BaseException as error:  # noqa: BLE001 - returned to the test
            done.append(error)
        told.set()

    end = carrier.subscribe(subscriber)
    carrier.deny("203.0.113.9")
    assert told.wait(5)
    end()
    return done[0]


def test_a_blocking_wait_on_the_carriers_thread_raises_at_once(carrier):
    account = carrier.add_account("alice")

    def expect() -> None:
        with carrier.expect_registration(account):
            pass

    for wait in (
        lambda: carrier.wait_for_registration(account),
        lambda: carrier.wait_for_refresh(account),
        lambda: carrier.wait_for_lapse(account),
        lambda: carrier.advance(1),
        carrier.stop,
        expect,
    ):
        error = on_its_thread(carrier, wait)
        assert isinstance(error, RuntimeError), error
        assert "own thread" in str(error)
    quiet(carrier)
    assert on_its_thread(carrier, lambda: carrier.bindings(account)) == (), "questions are answered there"


def test_a_subscriber_that_raises_stops_nobody_else(carrier):
    account = carrier.add_account("alice")
    seen = []

    def broken(records) -> None:
        raise ZeroDivisionError

    ends = [carrier.subscribe(broken), carrier.subscribe(seen.extend)]
    assert log_in(carrier, account).status == 200
    carrier.wait_for_registration(account)
    for end in ends:
        end()
    assert [r.kind for r in seen if r.kind == "registered"] == ["registered"]
    (error,) = [r for r in carrier.records() if isinstance(r, InternalError)][:1]
    assert "ZeroDivisionError" in error.detail
    quiet(carrier)


def test_messages_are_handed_on_where_they_are_asked_for(carrier):
    account = carrier.add_account("alice")
    with_messages, without = [], []
    ends = [carrier.subscribe(with_messages.extend, messages=True), carrier.subscribe(without.extend)]
    log_in(carrier, account)
    carrier.status()
    for end in ends:
        end()
    assert [r.kind for r in with_messages] == ["message"] * 3 + ["registered", "message"]
    assert [r.kind for r in without] == ["registered"]


# -- control ----------------------------------------------------------------------------------------
def test_advance_goes_from_deadline_to_deadline(carrier):
    for user, seconds in (("alice", 60), ("bob", 90), ("carol", 3600)):
        log_in(carrier, carrier.add_account(user), expires=seconds)
    before = carrier.status()
    carrier.advance(100)
    lapsed = [r for r in carrier.records() if r.kind == "lapsed"]
    assert [r.account for r in lapsed] == ["alice", "bob"]
    assert [round(r.carrier - before.carrier) for r in lapsed] == [60, 90]
    after = carrier.status()
    assert 100 <= after.carrier - before.carrier < 105
    assert after.wire - before.wire < 5
    carrier.assert_registered("carol")
    carrier.assert_not_registered("alice")
    with pytest.raises(AssertionError, match="`alice` is not registered"):
        carrier.assert_registered("alice")
    for wrong in (-1, float("nan"), float("inf"), 1e12):
        with pytest.raises(ValueError, match="time only goes on"):
            carrier.advance(wrong)
    carrier.advance(0)
    assert [r.text for r in carrier.records() if r.kind == "note"] == ["clock: advance 100 s", "clock: advance 0 s"]


def test_a_short_grant_lapses_by_itself(carrier):
    account = carrier.add_account("alice", grant=1)
    assert log_in(carrier, account, expires=60).headers["contact"] == ["<sip:alice@127.0.0.1:9>;expires=1"]
    assert carrier.wait_for_lapse(account, timeout=5).left == 0


def test_expire_allow_and_deny(carrier):
    account = carrier.add_account("alice")
    log_in(carrier, account)
    assert carrier.expire(account) == 1
    assert carrier.wait_for_lapse(account, timeout=0.1).detail == "expired by the test"
    carrier.deny("127.0.0.1")
    assert log_in(carrier, account).status == 403
    assert carrier.assert_refused(account, because="ip-not-allowed").status == 403
    carrier.allow("127.0.0.0/8")
    carrier.allow("127.0.0.1")
    assert log_in(carrier, account).status == 200


def test_reset_keeps_what_it_is_told_to(carrier):
    alice = carrier.add_account("alice", "x")
    log_in(carrier, alice)
    port = carrier.port
    carrier.reset(keep=("accounts", "bindings", "history"))
    carrier.assert_registered(alice)
    carrier.reset(keep="accounts")
    carrier.assert_not_registered(alice)
    assert carrier.records() == ()
    assert carrier.account("alice") == alice
    assert log_in(carrier, alice).status == 200
    carrier.reset()
    assert carrier.port == port
    with pytest.raises(LookupError, match="no account 'alice'"):
        carrier.account("alice")
    assert carrier.add_account("alice", "y").secret == "y"
    with pytest.raises(SettingsError, match="keep"):
        carrier.reset(keep="nonces")


def test_refusals_are_asserted_by_reason(carrier):
    account = carrier.add_account("alice", "x")
    with Phone(carrier) as phone:
        phone.register("alice", "y")
    assert carrier.assert_refused(account).because == "wrong-password"
    assert carrier.assert_refused(because="wrong-password").account == "alice"
    with pytest.raises(AssertionError, match="for something else:\n  refused: wrong-password"):
        carrier.assert_refused(account, because="unknown-user")
    with pytest.raises(ValueError, match="did you mean `wrong-password`"):
        carrier.assert_refused(because="wrong-pasword")
    with pytest.raises(UnknownAccount):
        carrier.assert_refused("alicia")


def test_a_refusal_has_a_verdict(carrier):
    account = carrier.add_account("alice", "kD7m;Wq2x")
    with Phone(carrier) as phone:
        phone.register("alice", "kD7m")
        phone.register("alicia", "x")
    (found,) = carrier.verdicts(account)
    assert found.slug == "wrong-password/cut-at-character"
    assert found.position == 5
    refusal = carrier.assert_refused(account, because="wrong-password/cut-at-character")
    assert refusal.seq == found.about
    assert carrier.assert_refused(account, because="wrong-password") == refusal
    with pytest.raises(AssertionError, match=r"refused: wrong-password/cut-at-character \(wrong password, it is cut"):
        carrier.assert_refused(account, because="wrong-password/wrong-case")
    with pytest.raises(ValueError, match="wrong-password has no refinement 'wrong-cas'; did you mean `wrong-case`"):
        carrier.assert_refused(because="wrong-password/wrong-cas")
    assert [v.because for v in carrier.verdicts()] == ["wrong-password", "unknown-user"]
    assert carrier.verdicts(since=found.seq)[0].because == "unknown-user"
    assert "why: wrong password, it is cut: it ends before `;` at position 5" in carrier.ladder()
    assert "kD7m;Wq2x" not in carrier.ladder()
    with pytest.raises(UnknownAccount):
        carrier.verdicts("alicia")


def test_silence_has_a_verdict(carrier):
    (found,) = carrier.verdicts(carrier.add_account("alice", "x"))
    assert found.because == "nothing-arrived"
    assert str(carrier.port) in found.sentence


# -- outages ----------------------------------------------------------------------------------------
def test_a_silent_outage(carrier):
    account = carrier.add_account("alice")
    with Phone(carrier, timeout=0.05) as phone:
        with carrier.outage():
            with pytest.raises(TimeoutError):
                phone.register("alice", account.secret)
            assert carrier.status().outage == "silent"
        assert phone.register("alice", account.secret).status == 200
    assert carrier.status().outage is None


def test_a_503_outage_that_forgets_bindings(carrier):
    account = carrier.add_account("alice")
    log_in(carrier, account)
    with carrier.outage("503", forget="bindings"):
        assert log_in(carrier, account).status == 503
    carrier.assert_not_registered(account)
    for wrong in ({"kind": "504"}, {"forget": "accounts"}):
        with pytest.raises(SettingsError):
            carrier.outage(**wrong)


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_refusing_outage_keeps_the_port(carrier, transport):
    account = carrier.add_account("alice")
    address = carrier.address(transport)
    phone = Phone(carrier, transport)
    assert phone.register("alice", account.secret).status == 200
    outage = carrier.outage("refused")
    for _ in range(2):
        outage.down()
        outage.down()
        with phone, pytest.raises(OSError):  # noqa: PT011 - reset, closed or end of file: TLS has its own names
            phone.ask(Ask(transport=transport))
        with pytest.raises(ConnectionRefusedError):
            Phone(carrier, transport)
        with socket.socket() as other:
            with pytest.raises(OSError) as taken:  # noqa: PT011 - by its number
                other.bind(tuple(address))
            assert taken.value.errno == errno.EADDRINUSE
        outage.up()
        outage.up()
        phone = Phone(carrier, transport)
        assert phone.register("alice", account.secret).status == 200
        assert carrier.address(transport) == address
    phone.socket.close()
