"""Ports, addresses, TLS names, forks, leaks and crowds, on real sockets of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import ssl
import threading
import warnings
from pathlib import Path

import pytest
from links import timers, waiters
from phone import Phone, log_in
from playbook import Ask, Desk

from mockregistrar import ListenSpec, MockRegistrar, ReactorStopped, ReactorThread, SettingsError
from mockregistrar.net import listeners
from mockregistrar.net.listeners import local_addresses
from mockregistrar.net.reactor import SHARED
from mockregistrar.trace import InternalError


def can_bind(host: str) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


needs_ipv6 = pytest.mark.skipif(not can_bind("::1"), reason="this machine has no IPv6 loopback")
needs_127_0_0_2 = pytest.mark.skipif(not can_bind("127.0.0.2"), reason="only 127.0.0.1 can be bound here")


@pytest.fixture(scope="module", autouse=True)
def shared_reactor():
    """Keep the shared reactor running between tests, as the session does."""
    SHARED.hold()
    yield
    SHARED.release()


@pytest.fixture
def carrier():
    with MockRegistrar() as carrier:
        yield carrier


# -- ports ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_taken_port_is_named_with_what_to_do(transport):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", 0))
        if transport != "udp":
            other.listen()
        place = f"{transport}:127.0.0.1:{other.getsockname()[1]}"
        carrier = MockRegistrar(listen=("udp:127.0.0.1:0", place))
        with pytest.raises(SettingsError) as raised:
            carrier.start()
        assert str(raised.value) == (
            f"listen: {place} is taken by another process; let the system choose with {transport}:127.0.0.1:0, "
            "or name a free port"
        )
        with pytest.raises(ReactorStopped):
            carrier.status()
    with carrier:
        assert carrier.status().listening[1].port == int(place.rpartition(":")[2])


def test_an_address_of_another_machine_is_named():
    with pytest.raises(SettingsError, match=r"this machine has no address 203\.0\.113\.7"):
        MockRegistrar(listen="udp:203.0.113.7:0").start()


def test_a_carrier_that_could_not_start_has_bound_nothing():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        with pytest.raises(SettingsError):
            MockRegistrar(listen=(f"udp:127.0.0.1:{number}", f"tcp:127.0.0.1:{number}")).start()
        with MockRegistrar(listen=f"udp:127.0.0.1:{number}") as again:
            assert again.port == number


def test_a_fixed_port_can_be_taken_again_at_once():
    with MockRegistrar() as first:
        number = first.port
        with Phone(first, "tcp") as phone:
            assert phone.ask(Ask(method="OPTIONS", transport="tcp")).status == 200
    for _ in range(5):
        with MockRegistrar(listen=(f"udp:127.0.0.1:{number}", f"tcp:127.0.0.1:{number}")) as again:
            account = again.add_account("alice")
            assert log_in(again, account).status == 200
            with Phone(again, "tcp") as phone:
                assert phone.register("alice", account.secret).status == 200


def test_many_places_at_once():
    listen = ("udp:127.0.0.1:0", "udp:127.0.0.1:0", "tcp:127.0.0.1:0", "tcp:127.0.0.1:0", "tls:127.0.0.1:0")
    with MockRegistrar(listen=listen) as carrier:
        places = carrier.listening
        assert sorted(p.transport for p in places) == ["tcp", "tcp", "tls", "udp", "udp"]
        assert len({(p.transport, p.port) for p in places}) == 5
        account = carrier.add_account("alice")
        for place in places:
            with Phone(carrier, place.transport, address=(place.host, place.port)) as phone:
                assert phone.register("alice", account.secret).status == 200


# -- addresses --------------------------------------------------------------------------------------
@needs_ipv6
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_ipv6(transport):
    with MockRegistrar(listen=("udp:[::1]:0", "tcp:[::1]:0"), allow=("::1",)) as carrier:
        assert carrier.address("udp") == carrier.address("tcp") == ("::1", carrier.port)
        assert str(carrier.address()) == f"[::1]:{carrier.port}"
        account = carrier.add_account("alice")
        assert account.uri == f"sip:alice@[::1]:{carrier.port}"
        with Phone(carrier, transport, tls_name="::1") as phone:
            answer = phone.register("alice", account.secret)
        assert answer.status == 200
        assert answer.top_via.received == "::1"
        assert carrier.assert_registered(account).flow.remote[0] == "::1"


@needs_127_0_0_2
def test_each_address_answers_for_itself():
    with MockRegistrar(listen=("udp:127.0.0.1:0", "udp:127.0.0.2:0")) as carrier:
        account = carrier.add_account("alice")
        for place in carrier.listening:
            with Phone(carrier, address=(place.host, place.port), source="127.0.0.3") as phone:
                assert phone.register("alice", account.secret).status == 200
                assert phone.answered_from == (place.host, place.port)
        flows = {b.flow.local for b in carrier.bindings()} | {r.record.flow.local for r in carrier.requests()}
        assert flows == {(p.host, p.port) for p in carrier.listening}


def test_a_wildcard_answers_from_the_address_that_was_asked():
    own = local_addresses(False)
    assert own[0] == "127.0.0.1"
    with MockRegistrar(listen=("udp:0.0.0.0:0", "tcp:0.0.0.0:0"), domains=("one.test",)) as carrier:
        assert {p.port for p in carrier.listening} == {carrier.port}
        assert carrier.host == own[-1]
        assert carrier.address("tcp") == (own[-1], carrier.port)
        account = carrier.add_account("alice")
        for host in own:
            for transport in ("udp", "tcp"):
                with Phone(carrier, transport, address=(host, carrier.port)) as phone:
                    assert phone.register("alice", account.secret, uri=f"sip:{host}").status == 200
                    if transport == "udp":
                        assert phone.answered_from == (host, carrier.port)
        with Phone(carrier, "tls", tls_name=own[-1]) as phone:
            assert phone.register("alice", account.secret).status == 200


def test_a_wildcard_at_a_number_of_its_own():
    with MockRegistrar(listen="udp:0.0.0.0:0") as first:
        number = first.port
    with MockRegistrar(listen=(f"udp:0.0.0.0:{number}", f"tcp:0.0.0.0:{number}")) as carrier:
        assert {p.port for p in carrier.listening} == {number}


def test_a_wildcard_tcp_place_serves_every_own_address_by_name():
    with MockRegistrar(listen="tcp:0.0.0.0:0", domains=("one.test",)) as carrier:
        account = carrier.add_account("alice")
        for host in local_addresses(False):
            with Phone(carrier, "tcp", address=(host, carrier.port)) as phone:
                assert phone.register("alice", account.secret, uri=f"sip:{host}").status == 200


def test_an_advertised_host_is_what_is_shown():
    with MockRegistrar(advertise="edge.test", domains=("one.test",)) as carrier:
        assert carrier.host == "edge.test"
        account = carrier.add_account("alice")
        assert account.uri == "sip:alice@one.test"
        with Phone(carrier, "tls", address=("127.0.0.1", carrier.address("tls").port), tls_name="edge.test") as phone:
            assert phone.register("alice", account.secret, host="edge.test").status == 200


# -- TLS --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "one.test", "two.test"])
def test_the_certificate_carries_every_name(name):
    with MockRegistrar(listen="tls:127.0.0.1:0", domains=("one.test", "two.test")) as carrier:
        account = carrier.add_account("alice")
        with Phone(carrier, "tls", tls_name=name) as phone:
            assert phone.register("alice", account.secret, host="one.test").status == 200
        assert carrier.assert_registered(account).flow.transport == "tls"


def test_the_certificate_carries_no_other_name_and_no_other_authority_signed_it():
    with MockRegistrar(listen="tls:127.0.0.1:0") as carrier, MockRegistrar() as other:
        with pytest.raises(ssl.SSLCertVerificationError, match=r"[Hh]ostname mismatch"):
            Phone(carrier, "tls", tls_name="elsewhere.test")
        address = tuple(carrier.address("tls"))
        with pytest.raises(ssl.SSLCertVerificationError):
            Phone(other, "tls", address=address)
        with Phone(carrier, "tls") as phone:
            assert phone.ask(Ask(method="OPTIONS", transport="tls")).status == 200


def test_plain_sip_at_a_tls_port_and_tls_at_a_plain_one(carrier):
    with Phone(carrier, "tcp", address=tuple(carrier.address("tls"))) as phone, pytest.raises(OSError):  # noqa: PT011
        phone.ask(Ask(transport="tcp"))
    with pytest.raises(ssl.SSLError):
        Phone(carrier, "tls", address=tuple(carrier.address("tcp")))
    dropped = [r for r in carrier.records() if r.kind == "dropped"]
    assert "wrong-transport" in [r.because for r in dropped]
    carrier.add_account("alice")
    assert log_in(carrier, carrier.account("alice")).status == 200


# -- streams ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_several_requests_in_one_segment_and_one_in_many(carrier, transport):
    data = Ask(method="OPTIONS", transport=transport).octets(Desk())
    with Phone(carrier, transport) as phone:
        phone.send(data * 5)
        assert [phone.receive()[:11] for _ in range(5)] == [b"SIP/2.0 200"] * 5
        for octet in data:
            phone.send(bytes([octet]))
        assert phone.receive().startswith(b"SIP/2.0 200")
        phone.send(b"\r\n\r\n" + data)
        assert phone.socket.recv(2) == b"\r\n"


def test_a_client_that_does_not_read_is_not_read_either(carrier):
    data = Ask(method="OPTIONS", transport="tcp").octets(Desk()) * 100
    with socket.socket() as stubborn:
        stubborn.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stubborn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        stubborn.settimeout(0.3)
        stubborn.connect(tuple(carrier.address("tcp")))
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 50_000_000:
                sent += stubborn.send(data)
        assert sent < 50_000_000, "everything was read though nothing was listened to"
        answered = carrier.status().counters.responses_out[200]
        assert answered < sent // (len(data) // 100), "the rest waits in the network, not here"
        stubborn.settimeout(5)
        heard, whole = bytearray(), sent // (len(data) // 100)
        while heard.count(b"SIP/2.0 200 OK\r\n") < whole:
            heard += stubborn.recv(1 << 20)
    assert heard.count(b"SIP/2.0 200 OK\r\n") == whole, "once it reads, all is answered"


def test_a_connection_that_breaks_the_protocol_is_closed_after_its_answer(carrier):
    with Phone(carrier, "tcp") as phone:
        phone.send(Ask(transport="tcp").octets(Desk()).replace(b"Content-Length: 0", b"Content-Length: x"))
        assert phone.receive().startswith(b"SIP/2.0 400 ")
        with pytest.raises(ConnectionError):
            phone.receive()
    assert carrier._link._thread.call(lambda: len(carrier._link._host._connections)) == 0
    assert timers(carrier._link) == 0


# -- threads, forks, leaks, crowds ------------------------------------------------------------------
def told_by(ask) -> str:
    """Return the text of the `ReactorStopped` that `ask` raises."""
    try:
        ask()
    except ReactorStopped as error:
        return str(error)
    return "no error"


def test_after_a_fork_the_child_is_told(carrier):
    account = carrier.add_account("alice")
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of what this test is about
        child = os.fork()
    if not child:  # nothing of pytest may run in here
        told = [
            told_by(carrier.status),
            told_by(lambda: carrier.wait_for_registration(account, timeout=1)),
            told_by(lambda: carrier.expire(account)),
            told_by(lambda: carrier.address("tls")),
        ]
        with contextlib.suppress(BaseException):
            carrier.stop()
            told.append("stopped")
        os.write(writing, "\n".join(told).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    os.waitpid(child, 0)
    assert [("forked" in line, line == "stopped") for line in lines] == [(True, False)] * 4 + [(False, True)]
    assert log_in(carrier, account).status == 200


def test_a_carrier_may_be_started_in_the_child(carrier):
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        result = b"failed"
        with contextlib.suppress(BaseException), MockRegistrar(thread=ReactorThread()) as own:
            result = b"%d" % log_in(own, own.add_account("alice")).status
        os.write(writing, result)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == "200"
    os.waitpid(child, 0)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0


def test_two_thousand_starts_and_stops_leave_nothing_behind():
    thread = ReactorThread()
    MockRegistrar(thread=thread).start().stop()
    gc.collect()
    before, threads = descriptors(), set(threading.enumerate())
    for _ in range(1000):  # each with a reactor of its own
        MockRegistrar(thread=thread).start().stop()
    thread.hold()
    for _ in range(1000):  # all on one
        MockRegistrar(thread=thread).start().stop()
    thread.release()
    assert set(threading.enumerate()) <= threads
    assert descriptors() <= before
    assert not thread.running


def test_connections_left_open_leave_nothing_behind():
    thread = ReactorThread()
    before = descriptors()
    for _ in range(3):
        phones = []
        with MockRegistrar(thread=thread) as carrier:
            for transport in ("tcp", "tls"):
                for _ in range(5):
                    phone = Phone(carrier, transport)
                    phone.ask(Ask(method="OPTIONS", transport=transport))
                    phones.append(phone)
        for phone in phones:
            phone.socket.close()
    gc.collect()
    assert descriptors() == before


def test_a_thousand_registrations_and_no_wait_is_lost(carrier):
    accounts = [carrier.add_account(f"u{n}", "x") for n in range(1000)]
    futures = [carrier.future_wait_for_registration(a, timeout=30) for a in accounts[:500]]

    def work(some) -> None:
        with Phone(carrier) as phone:
            for account in some:
                assert phone.register(account.user, "x").status == 200

    async def tasks() -> list[str]:
        waits = [asyncio.ensure_future(carrier.async_wait_for_registration(a, timeout=30)) for a in accounts[500:]]
        await asyncio.sleep(0)
        workers = [threading.Thread(target=work, args=(accounts[n::4],)) for n in range(4)]
        for worker in workers:
            worker.start()
        found = [b.account for b in await asyncio.gather(*waits)]
        for worker in workers:
            worker.join()
        return found

    assert asyncio.run(tasks()) == [a.name for a in accounts[500:]]
    assert [f.result(5).account for f in futures] == [a.name for a in accounts[:500]]
    assert carrier.status().counters.bindings["registered"] == 1000
    assert waiters(carrier._link) == 0
    assert timers(carrier._link) == 0
    assert [r for r in carrier.records() if isinstance(r, InternalError)] == []


def test_waits_in_many_threads_at_once(carrier):
    accounts = [carrier.add_account(f"u{n}", "x") for n in range(40)]
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda a=a: found.append(carrier.wait_for_registration(a, timeout=20).account))
        for a in accounts
    ]
    for thread in threads:
        thread.start()
    for account in reversed(accounts):
        log_in(carrier, account)
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(a.name for a in accounts)


def test_many_carriers_at_once_do_not_mix():
    with contextlib.ExitStack() as stack:
        carriers = [stack.enter_context(MockRegistrar(name=f"c{n}")) for n in range(20)]
        own = stack.enter_context(MockRegistrar(thread=ReactorThread()))
        assert len({c.port for c in [*carriers, own]}) == 21
        for carrier in [*carriers, own]:
            carrier.add_account("alice", carrier.settings.name)
        for carrier in [*carriers, own]:
            assert log_in(carrier, carrier.account("alice")).status == 200
            with Phone(carrier) as phone:
                assert phone.register("alice", "another", call_id="no").status == 401
        assert [c.status().bindings for c in carriers] == [1] * 20


def test_a_datagram_of_64_kb(carrier):
    with Phone(carrier) as phone:
        answer = phone.ask(Ask(headers=(("X-Long", "x" * 64_000),)))
        assert answer.status == 401


def test_a_flood_of_datagrams_is_answered_as_far_as_it_arrives(carrier):
    account = carrier.add_account("alice")
    with Phone(carrier) as phone:
        for _ in range(100):  # no more than waits in a socket of the usual size
            phone.send(b"\xff" * 100)
            phone.send(Ask(method="OPTIONS").octets(phone.desk))
    assert log_in(carrier, account).status == 200
    assert carrier.status().counters.internal_errors == 0


class _Beach:
    """A sink and a reactor in one: takes note of what a UDP port hands on."""

    def __init__(self):
        self.taken, self.pumped, self.reading = [], 0, []

    def datagram(self, data, flow):
        self.taken.append((data, flow))

    def pump(self):
        self.pumped += 1

    def seen_as(self, host):
        return {"127.0.0.1": "192.0.2.7"}.get(host, host)

    def addReader(self, reader):
        self.reading.append(reader)

    def removeReader(self, reader):
        self.reading.remove(reader)


def test_a_udp_port_takes_a_batch_and_lets_others_have_their_turn(monkeypatch):
    monkeypatch.setattr(listeners, "_BATCH", 1000)
    beach = _Beach()
    port = listeners.DatagramPort(ListenSpec("udp", "127.0.0.1", 0), beach, beach)
    port.startListening()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        for number in range(5):
            phone.sendto(bytes([number]) * 400, ("127.0.0.1", port.place.port))
        port.doRead()
        assert ([data[0] for data, _ in beach.taken], beach.pumped) == ([0, 1, 2], 1)
        port.doRead()
        assert ([data[0] for data, _ in beach.taken], beach.pumped) == ([0, 1, 2, 3, 4], 2)
        port.doRead()  # nothing waits
        (flow,) = {flow for _, flow in beach.taken}
        assert flow.local == ("127.0.0.1", port.place.port)
        assert flow.remote == ("192.0.2.7", phone.getsockname()[1])
    assert beach.reading == [port]
    port.stopListening()
    assert (beach.reading, port.fileno()) == ([], -1)


def test_a_udp_port_whose_reactor_stops_closes_its_socket():
    thread = ReactorThread()
    thread.hold()
    beach = _Beach()
    port = listeners.DatagramPort(ListenSpec("udp", "127.0.0.1", 0), beach, thread.reactor)
    thread.call(port.startListening)
    thread.release()
    assert port.fileno() == -1
