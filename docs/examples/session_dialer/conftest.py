"""One dialer for the whole session, and one carrier for it, at an address that its configuration can name."""

import subprocess
import sys
from pathlib import Path

import pytest

DIALER = Path(__file__).parent.parent / "dialer.py"


@pytest.fixture(scope="session")
def carrier(sipreg_factory):
    return sipreg_factory.start(
        listen=["udp:127.0.0.1:5070", "tcp:127.0.0.1:5070"],
        accounts=[{"user": "dialer", "secret": "s3cret", "grant": 2}],
    )


@pytest.fixture(scope="session")
def dialer(carrier):
    command = [sys.executable, DIALER, "dialer", "s3cret", "127.0.0.1", "5070"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        carrier.wait_for_registration("dialer")
        yield process
        process.kill()
