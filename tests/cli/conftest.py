"""A carrier as a process, and a small client of its own making: nothing here uses the code under test."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


class Client:
    """Registers over UDP, as the simplest phone would."""

    def __init__(self, host, port):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect((host, port))
        self.host, self.port = host, port
        self.cseq = 0

    def close(self):
        self.socket.close()

    def send(self, octets):
        self.socket.send(octets)

    def exchange(self, user, *, authorization="", expires=120, agent="Small client", at=None):
        """Send a REGISTER, with a Contact that is `at` another place where one is given; return the answer."""
        self.cseq += 1
        host, port = self.socket.getsockname()[:2]
        self.send(
            (
                f"REGISTER sip:{self.host}:{self.port} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{os.urandom(8).hex()};rport\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:{user}@{self.host}>;tag=a1\r\nTo: <sip:{user}@{self.host}>\r\n"
                f"Call-ID: {id(self)}@here\r\nCSeq: {self.cseq} REGISTER\r\nUser-Agent: {agent}\r\n"
                f"Contact: <sip:{user}@{at or f'{host}:{port}'}>\r\n"
                f"Expires: {expires}\r\n{authorization}Content-Length: 0\r\n\r\n"
            ).encode()
        )
        answer = self.socket.recv(65535).decode()
        return int(answer.split()[1]), answer

    def register(self, user, secret, **options):
        status, answer = self.exchange(user, **options)
        if status != 401:
            return status
        challenge = dict(
            re.findall(r'(\w+)="?([^",]*)"?', answer.split("WWW-Authenticate: Digest ")[1].split("\r\n")[0])
        )
        uri = f"sip:{self.host}:{self.port}"
        first, second = md5(f"{user}:{challenge['realm']}:{secret}"), md5(f"REGISTER:{uri}")
        response = md5(f"{first}:{challenge['nonce']}:00000001:c0ffee:auth:{second}")
        authorization = (
            f'Authorization: Digest username="{user}", realm="{challenge["realm"]}", nonce="{challenge["nonce"]}", '
            f'uri="{uri}", response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c0ffee"\r\n'
        )
        return self.exchange(user, authorization=authorization, **options)[0]


class Serve:
    """A running ``mockregistrar serve``."""

    def __init__(self, *arguments, cwd, env=None):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mockregistrar", "serve", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=environment(env),
            text=True,
            encoding="utf-8",
        )

    def line(self):
        return self.process.stdout.readline()

    def event(self):
        line = self.line()
        assert line, self.process.communicate(timeout=PATIENCE)[1]
        return json.loads(line)

    def lines_until(self, text):
        lines = []
        while text not in (line := self.line()):
            assert line, (lines, self.process.communicate(timeout=PATIENCE)[1])
            lines.append(line)
        return [*lines, line]

    def end(self, number=signal.SIGTERM):
        """Send a signal; return exit code, the rest of standard output, standard error."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


def environment(more=None):
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COV_CORE_SOURCE")}
    return {**env, "PYTHONPATH": str(ROOT), "TZ": "UTC", **(more or {})}


@pytest.fixture
def serve(tmp_path):
    """Starts carriers; whatever still runs at the end is killed."""
    with contextlib.ExitStack() as stack:

        def start(*arguments, env=None):
            running = Serve(*arguments, cwd=tmp_path, env=env)
            stack.enter_context(running.process)
            stack.callback(running.process.kill)
            return running

        yield start


@pytest.fixture
def run(tmp_path):
    """Runs a command to its end; returns exit code, standard output, standard error."""

    def runner(*arguments, env=None):
        done = subprocess.run(
            [sys.executable, "-m", "mockregistrar", *map(str, arguments)],
            cwd=tmp_path,
            env=environment(env),
            capture_output=True,
            timeout=PATIENCE,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return runner


@pytest.fixture
def client():
    """Makes clients, and closes them."""
    with contextlib.ExitStack() as stack:

        def make(place):
            made = Client(place["host"], place["port"])
            stack.callback(made.close)
            return made

        yield make
