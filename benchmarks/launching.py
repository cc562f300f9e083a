"""Starts the servers, pins them and the client to processors of their own, and stops them again."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from benchmarks.servers import DOMAIN

HERE = Path(__file__).parent
_MODULES = ("/usr/lib/x86_64-linux-gnu/kamailio/modules", "/usr/lib/aarch64-linux-gnu/kamailio/modules")

KAMAILIO = """
debug=0
log_stderror=yes
children=1
auto_aliases=no
disable_tcp=yes
listen=udp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("auth", "nonce_expire", 300)
modparam("auth", "nonce_auth_max_drift", 3)
request_route {{
    if (!is_method("REGISTER")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
    # secret-<number>, the number being that of u<number> without leading zeros
    $var(number) = $(au{{s.substr,1,0}}{{s.int}});
    if (!pv_www_authenticate("{domain}", "secret-$var(number)", "0")) {{ www_challenge("{domain}", "1"); exit; }}
    save("location");
    exit;
}}
"""
"""Digest with qop=auth, bindings in memory, one worker: what a registrar that does no more looks like."""


class Server(NamedTuple):
    """A server that runs."""

    pid: int
    port: int
    orders: IO[str]


def free_port() -> int:
    """Return a UDP port that was free a moment ago: the servers measured do not all report what they chose."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as chooser:
        chooser.bind(("127.0.0.1", 0))
        return int(chooser.getsockname()[1])


def separate() -> int | None:
    """Keep this process to the last processor; return the first, for the servers. None: there is only one."""
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        return None
    os.sched_setaffinity(0, {processors[-1]})
    return processors[0]


def environment() -> dict[str, str]:
    """Return an environment in which the packages of this tree are found, and compiled once."""
    paths = [str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONDONTWRITEBYTECODE": ""}


def python_command(kind: str, port: int, accounts: int = 0) -> list[str]:
    """Return the command line of one of our own servers."""
    return [sys.executable, str(HERE / "servers.py"), kind, str(port), str(accounts)]


@contextlib.contextmanager
def python_server(kind: str, processor: int | None, accounts: int = 0) -> Iterator[Server]:
    """Run one of our own servers."""
    port = free_port()
    process = subprocess.Popen(
        python_command(kind, port, accounts),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with stopping(process):
        pin(process.pid, processor)
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise AssertionError(f"the {kind} server did not start")
        yield Server(process.pid, port, process.stdin)


def kamailio_modules() -> str | None:
    """Return where Kamailio keeps its modules; None if it is not installed."""
    if shutil.which("kamailio") is None:
        return None
    return next((path for path in _MODULES if Path(path).is_dir()), None)


@contextlib.contextmanager
def kamailio_server(processor: int | None) -> Iterator[Server]:
    """Run Kamailio as it is packaged, one worker, bindings in memory."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "kamailio.cfg"
        config.write_text(KAMAILIO.format(port=port, modules=kamailio_modules(), domain=DOMAIN))
        process = subprocess.Popen(
            ["kamailio", "-DD", "-E", "-m", "512", "-M", "32", "-Y", folder, "-f", str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with stopping(process):
            pin(process.pid, processor)
            _until_answered(process, port)
            assert process.stdin is not None
            yield Server(process.pid, port, process.stdin)


def _until_answered(process: subprocess.Popen[str], port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("127.0.0.1", port))
        probe.settimeout(0.02)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if process.poll() is not None:
                raise AssertionError(f"it ended with status {process.returncode}")
            with contextlib.suppress(ConnectionRefusedError, TimeoutError):
                probe.send(
                    f"OPTIONS sip:{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKp\r\n"
                    f"From: <sip:p@{DOMAIN}>;tag=p\r\nTo: <sip:p@{DOMAIN}>\r\nCall-ID: p\r\nCSeq: 1 OPTIONS\r\n"
                    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n".encode()
                )
                probe.recv(65535)
                return
    raise AssertionError("no answer in 10 s")


@contextlib.contextmanager
def stopping(process: subprocess.Popen[str]) -> Iterator[None]:
    """End a process whatever happens."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def pin(pid: int, processor: int | None) -> None:
    """Keep a process to one processor, if there is one to keep it to."""
    if processor is not None:
        os.sched_setaffinity(pid, {processor})
