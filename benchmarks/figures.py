"""The figures: each measures one goal, as a ratio within one run wherever it can be one."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks import launching
from benchmarks.load import Client, Run, memory
from benchmarks.servers import DOMAIN, password, user


class Figure(NamedTuple):
    """One line of the table."""

    name: str
    unit: str
    required: float
    aim: float | None
    more_is_better: bool
    measured: list[float]
    """One value for each round."""
    remark: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.measured)

    @property
    def reached(self) -> bool:
        """Whether the median reaches what is required."""
        return self.median >= self.required if self.more_is_better else self.median <= self.required


class Scale(NamedTuple):
    """How much is measured."""

    accounts: int = 10_000
    lapses: int = 100_000
    rounds: int = 5


def _users(numbers: range) -> list[tuple[str, str]]:
    return [(user(n), password(n)) for n in numbers]


def _cost(*runs: Run) -> float:
    """Return the server's seconds for one answer."""
    return sum(run.server for run in runs) / sum(len(run.answers) for run in runs)


def registrations(scale: Scale) -> Iterator[Figure]:
    """Digest registrations per second of the server's processor, two answers each, to echo and Kamailio."""
    processor = launching.separate()
    users = _users(range(scale.accounts))
    to_echo, to_kamailio, busy, costs = [], [], [], []
    for turn in range(scale.rounds):
        random.Random(turn).shuffle(users)
        with launching.python_server("echo", processor) as server:
            client = Client(server.port, DOMAIN)
            requests = [client.register(name, 1) for name, _ in users]
            client.run(requests[:1000], server.pid)
            echo = _cost(client.run(requests, server.pid))
            client.close()
        with launching.python_server("carrier", processor, scale.accounts) as server:
            client = Client(server.port, DOMAIN)
            client.register_all(users, server.pid)
            runs = client.register_all(users, server.pid, cseq=3)
            ours = _cost(*runs)
            busy.append(max(run.busy for run in runs))
            client.close()
        to_echo.append(echo / ours)
        costs.append(f"{ours * 1e6:.0f} against {echo * 1e6:.1f} us")
        if launching.kamailio_modules() is not None:
            with launching.kamailio_server(processor) as server:
                client = Client(server.port, DOMAIN)
                client.register_all(users, server.pid)
                to_kamailio.append(_cost(*client.register_all(users, server.pid, cseq=3)) / ours)
                client.close()
    remark = f"an answer costs {costs[-1]} in the last round; client at most {max(busy):.0%} busy"
    yield Figure("registrations per CPU second, to a Twisted echo", "x", 0.30, 0.45, True, to_echo, remark)
    if to_kamailio:
        yield Figure("the same, to packaged Kamailio", "x", 0.9, 1.3, True, to_kamailio)


def binding_memory(scale: Scale) -> Iterator[Figure]:
    """Memory of 10,000 bindings more, once history and caches are full."""
    processor = launching.separate()
    measured = []
    filling = min(3000, scale.accounts)  # both history and retransmission cache reach their bounds
    for _ in range(min(scale.rounds, 3)):
        with launching.python_server("carrier", processor, filling + scale.accounts) as server:
            client = Client(server.port, DOMAIN)
            for cseq in (1, 3):
                client.register_all(_users(range(filling)), server.pid, cseq)
            before = memory(server.pid)
            client.register_all(_users(range(filling, filling + scale.accounts)), server.pid)
            measured.append((memory(server.pid) - before) * 10_000 / scale.accounts)
            client.close()
    yield Figure("memory of 10,000 bindings", "MiB", 8.5, None, False, measured)


def lapses(scale: Scale) -> Iterator[Figure]:
    """How long an answer takes at most while all bindings lapse at once."""
    processor = launching.separate()
    measured, usual = [], []
    for _ in range(min(scale.rounds, 3)):
        with launching.python_server("lapses", processor, scale.lapses) as server:
            client = Client(server.port, DOMAIN)
            for first in range(0, scale.lapses, 10_000):
                numbers = range(first, min(first + 10_000, scale.lapses))
                run = client.run([client.register(user(n), 1) for n in numbers], server.pid)
                assert all(answer.startswith(b"SIP/2.0 200") for answer in run.answers)
            usual.append(max(_answer_times(client, 0.3)))
            server.orders.write("100000\n")
            server.orders.flush()
            measured.append(max(_answer_times(client, 0.3 + scale.lapses / 20_000)))
            client.close()
    remark = f"{scale.lapses} bindings; longest before: {statistics.median(usual):.1f} ms"
    yield Figure("longest answer while all lapse", "ms", 50, None, False, measured, remark)


def _answer_times(client: Client, seconds: float) -> list[float]:
    """Return the milliseconds of one answer after the other, for a time."""
    times, end, cseq = [], time.perf_counter() + seconds, 0
    while (begin := time.perf_counter()) < end:
        cseq += 1
        client.ask(client.register("nobody", cseq))
        times.append((time.perf_counter() - begin) * 1000)
    return times


def fixture(scale: Scale) -> Iterator[Figure]:
    """Set-up, reset and tear-down of a carrier on UDP and TCP, on a reactor thread that runs already."""
    from mockregistrar import MockRegistrar, ReactorThread

    thread = ReactorThread()
    thread.hold()
    times = []
    try:
        for _ in range(100 * scale.rounds):
            begin = time.perf_counter()
            with MockRegistrar(thread=thread) as carrier:
                carrier.reset()
            times.append((time.perf_counter() - begin) * 1000)
    finally:
        thread.release()
    slices = [statistics.median(times[n :: scale.rounds]) for n in range(scale.rounds)]
    yield Figure("set-up, reset and tear-down, UDP and TCP", "ms", 1.0, 0.3, False, slices, "medians of 100")


_FIRST_USE = """
import time
begin = time.perf_counter()
{first}
middle = time.perf_counter()
{then}
print((middle - begin) * 1000, (time.perf_counter() - middle) * 1000)
"""


def _python(first: str, then: str) -> tuple[float, float]:
    """Return the milliseconds that two pieces of code take in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_USE.format(first=first, then=then)],
        env=launching.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    one, two = map(float, done.stdout.split())
    return one, two


def first_use(scale: Scale) -> Iterator[Figure]:
    """What the first carrier of a process takes beyond the import of the epoll reactor."""
    reactor = "import twisted.internet.epollreactor"
    carrier = "from mockregistrar import MockRegistrar; carrier = MockRegistrar().start()"
    _python(reactor, carrier)  # compiles
    beyond = [_python(reactor, carrier)[1] for _ in range(4 * scale.rounds)]
    slices = [statistics.median(beyond[n :: scale.rounds]) for n in range(scale.rounds)]
    yield Figure("first use beyond the import of the reactor", "ms", 15, None, False, slices)


def plugin(scale: Scale) -> Iterator[Figure]:
    """What the plugin's import adds to that of pytest."""
    _python("import pytest", "import pytest_sipreg.plugin")  # compiles
    times = [_python("import pytest", "import pytest_sipreg.plugin")[1] for _ in range(4 * scale.rounds)]
    slices = [statistics.median(times[n :: scale.rounds]) for n in range(scale.rounds)]
    yield Figure("import of the plugin", "ms", 2.0, 0.5, False, slices)


def launch(scale: Scale) -> Iterator[Figure]:
    """From the launch of ``mockregistrar serve`` to its first 200, to the same of the echo."""
    processor = launching.separate()
    ratios, remark = [], ""
    for _ in range(3 * scale.rounds):
        port = launching.free_port()
        echo = _until_served(launching.python_command("echo", port), port, processor, digest=False)
        port = launching.free_port()
        command = [sys.executable, "-m", "mockregistrar", "serve", "--listen", f"udp:127.0.0.1:{port}"]
        command += ["--domain", DOMAIN, "--account", f"{user(0)}:{password(0)}"]
        ours = _until_served(command, port, processor, digest=True)
        ratios.append(ours / echo)
        remark = f"{ours:.0f} against {echo:.0f} ms in the last round"
    slices = [statistics.median(ratios[n :: scale.rounds]) for n in range(scale.rounds)]
    yield Figure("launch to first 200, to the echo's", "x", 1.25, None, False, slices, remark)


def _until_served(command: list[str], port: int, processor: int | None, *, digest: bool) -> float:
    """Return the milliseconds from the launch of a server to its first answer that counts."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, env=launching.environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    launching.pin(process.pid, processor)
    client = Client(port, DOMAIN)
    with launching.stopping(process):
        while True:
            try:
                answer = client.ask(client.register(user(0), 1))
                break
            except ConnectionRefusedError:  # the port is not open yet
                if process.poll() is not None:
                    raise AssertionError(f"the server ended with status {process.returncode}") from None
        if digest:
            credentials = client.credentials(user(0), password(0), answer)
            answer = client.ask(client.register(user(0), 2, credentials=credentials))
            assert answer.startswith(b"SIP/2.0 200"), answer
        taken = (time.perf_counter() - begin) * 1000
    client.close()
    return taken


FIGURES: dict[str, Callable[[Scale], Iterator[Figure]]] = {
    "registrations": registrations,
    "memory": binding_memory,
    "fixture": fixture,
    "first-use": first_use,
    "launch": launch,
    "plugin": plugin,
    "lapses": lapses,
}
