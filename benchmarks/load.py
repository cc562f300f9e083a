"""The load: REGISTERs, and one socket that keeps a number of them in flight.

The digest is worked out between two runs of datagrams (all first REGISTERs, then all with credentials), so that the
client does no more in a run than send and receive. What it counts as the server's cost is the processor time that the
system charged to the server's threads, which other work on the machine moves far less than the wall clock.
"""

from __future__ import annotations

import hashlib
import re
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

WINDOW = 32
_PATIENCE = 5.0
_NONCE = re.compile(rb'nonce="([^"]+)"')
_BRANCH = re.compile(rb"branch=z9hG4bK([0-9a-z]+)")


class Run(NamedTuple):
    """What one run of datagrams cost."""

    answers: list[bytes]
    server: float
    """Seconds of processor time of the server."""
    client: float
    """Seconds of processor time of the client."""
    wall: float

    @property
    def busy(self) -> float:
        """How busy the client was: near 1, it was the limit, and the server had time to spare."""
        return self.client / self.wall


def processor_time(pid: int) -> float:
    """Return the seconds of processor time that a process and its children have used so far."""
    spent = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        spent += int((task / "schedstat").read_text().split()[0]) / 1e9
        for child in (task / "children").read_text().split():
            spent += processor_time(int(child))
    return spent


def memory(pid: int) -> float:
    """Return the proportional set size of one process in MiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError("the system does not tell the set size")


class Client:
    """One UDP socket towards one server."""

    def __init__(self, port: int, domain: str) -> None:
        self.domain = domain
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))
        self._socket.settimeout(_PATIENCE)
        self._host, self._port = self._socket.getsockname()
        self._serial = 0

    def close(self) -> None:
        self._socket.close()

    def register(self, user: str, cseq: int, *, expires: int = 3600, credentials: str = "") -> bytes:
        """Return a REGISTER as clients made with PJSIP send it."""
        self._serial += 1
        return (
            f"REGISTER sip:{self.domain} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._host}:{self._port};rport;branch=z9hG4bK{self._serial:08x}\r\n"
            "Max-Forwards: 70\r\n"
            f'From: "User {user}" <sip:{user}@{self.domain}>;tag=t{cseq}\r\n'
            f'To: "User {user}" <sip:{user}@{self.domain}>\r\n'
            f"Call-ID: {user}@{self._host}\r\n"
            f"CSeq: {cseq} REGISTER\r\n"
            "User-Agent: benchmark\r\n"
            f"Contact: <sip:{user}@{self._host}:{self._port};ob>\r\n"
            f"Expires: {expires}\r\n"
            "Allow: PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER, OPTIONS\r\n"
            f"{credentials}"
            "Content-Length:  0\r\n\r\n"
        ).encode()

    def credentials(self, user: str, password: str, challenge: bytes) -> str:
        """Return the Authorization field that answers a 401."""
        found = _NONCE.search(challenge)
        if found is None:
            raise AssertionError(f"no challenge: {challenge[:80]!r}")
        nonce, uri = found[1].decode(), f"sip:{self.domain}"
        first = _md5(f"{user}:{self.domain}:{password}")
        right = _md5(f"{first}:{nonce}:00000001:b0b:auth:{_md5(f'REGISTER:{uri}')}")
        return (
            f'Authorization: Digest username="{user}", realm="{self.domain}", nonce="{nonce}", uri="{uri}", '
            f'response="{right}", algorithm=MD5, cnonce="b0b", qop=auth, nc=00000001\r\n'
        )

    def ask(self, data: bytes) -> bytes:
        """Send one datagram and return what comes back."""
        self._socket.send(data)
        return self._socket.recv(65535)

    def run(self, datagrams: Sequence[bytes], pid: int) -> Run:
        """Send all, `WINDOW` in flight; return the answers in the order of the requests where they name them."""
        send, receive = self._socket.send, self._socket.recv
        answers = []
        server, client, wall = processor_time(pid), time.thread_time(), time.perf_counter()
        for data in datagrams[:WINDOW]:
            send(data)
        for data in datagrams[WINDOW:]:
            answers.append(receive(65535))
            send(data)
        answers += [receive(65535) for _ in datagrams[-WINDOW:]]
        wall, client = time.perf_counter() - wall, time.thread_time() - client
        server = processor_time(pid) - server
        by_branch = {found[1]: answer for answer in answers if (found := _BRANCH.search(answer))}
        ordered = [by_branch[found[1]] for data in datagrams if (found := _BRANCH.search(data))]
        return Run(ordered, server, client, wall)

    def register_all(self, users: Sequence[tuple[str, str]], pid: int, cseq: int = 1) -> tuple[Run, Run]:
        """Let every one of the users register by digest: REGISTER, 401, REGISTER, 200."""
        first = self.run([self.register(name, cseq) for name, _ in users], pid)
        retries = [
            self.register(name, cseq + 1, credentials=self.credentials(name, secret, challenge))
            for (name, secret), challenge in zip(users, first.answers, strict=True)
        ]
        second = self.run(retries, pid)
        refused = [answer for answer in second.answers if not answer.startswith(b"SIP/2.0 200")]
        if refused:
            raise AssertionError(f"{len(refused)} of {len(users)} were refused: {refused[0][:80]!r}")
        return first, second


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
