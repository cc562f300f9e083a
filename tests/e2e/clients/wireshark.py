"""Wireshark's programs: `tshark` reads a capture, `dumpcap` makes one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from clients.base import find_program
from clients.process import TIMEOUT, ClientProcess
from clients.requirements import require

HINT = "apt-get install tshark"


def read_by_tshark(capture: Path, ports: Sequence[int], fields: Sequence[str], only: str = "sip") -> list[list[str]]:
    """Return the `fields` of each packet that the display filter `only` lets through; `ports` carry SIP."""
    require("tshark", HINT)
    command: list[str] = [find_program("tshark") or "tshark", "-r", str(capture), "-Y", only, "-T", "fields"]
    for port in ports:
        command += ["-d", f"udp.port=={port},sip", "-d", f"tcp.port=={port},sip"]
    for check in ("ip", "udp", "tcp"):
        command += ["-o", f"{check}.check_checksum:TRUE"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT * 3, check=False)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def with_payload(transport: str, port: int) -> str:
    """Return the capture filter for what is sent to and from a port, without a connection's own packets."""
    if transport == "udp":
        return f"udp port {port}"
    headers = "((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2)"
    return f"tcp port {port} and ip[2:2] - {headers} != 0"


@contextmanager
def captured_on_loopback(file: Path, packets: int, what: str) -> Iterator[None]:
    """Within the block, capture; it ends when the number of `packets` that the filter `what` lets through is there.

    Skips the test where nobody but root may capture, and says so.
    """
    require("dumpcap", HINT)
    program = find_program("dumpcap") or "dumpcap"
    process = ClientProcess([program, "-i", "lo", "-f", what, "-c", str(packets), "-w", file], cwd=file.parent)
    try:
        said = process.wait_said(r"File: |[Pp]ermission|not permitted|doesn't have|no interface")
        if said[0] != "File: ":
            pytest.skip(f"dumpcap may not capture on the loopback interface here: {process.said().strip()}")
        yield
        assert process.wait_ended() == 0, process.said()
    finally:
        process.stop()
