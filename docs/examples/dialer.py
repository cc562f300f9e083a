"""A dialer that fits on a page: it registers over UDP, refreshes in time, and says when the trunk is down.

It stands in for yours in the examples of this documentation. Run it in a process of its own:
``python dialer.py USER SECRET HOST PORT``. It prints ``up`` and ``down`` as the trunk changes.
"""

from __future__ import annotations

import hashlib
import re
import socket
import sys
import threading
import uuid

PATIENCE = 0.5
"""Seconds that an answer may take. A real dialer waits 32 s (timer F of RFC 3261); a test has no time for that."""


class Dialer:
    """One trunk."""

    def __init__(self, user: str, secret: str, host: str, port: int) -> None:
        self.user, self.secret, self.host, self.port = user, secret, host, port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE)
        self._socket.connect((host, port))
        self._call_id = uuid.uuid4().hex
        self._cseq = 0

    def register(self) -> int:
        """Register or refresh; return the seconds granted. Raises OSError where it fails."""
        status, head = self._ask("")
        if status == 401:
            status, head = self._ask(self._authorization(head))
        if status != 200:
            raise ConnectionRefusedError(f"the carrier answers {status}")
        return int(re.search(r"(?im)^Contact:.*;expires=(\d+)", head)[1])

    def close(self) -> None:
        self._socket.close()

    def _ask(self, authorization: str) -> tuple[int, str]:
        self._cseq += 1
        address, port = self._socket.getsockname()
        branch = f"z9hG4bK{uuid.uuid4().hex}"
        self._socket.send(
            f"REGISTER sip:{self.host} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {address}:{port};branch={branch};rport\r\n"
            f"Max-Forwards: 70\r\n"
            f"From: <sip:{self.user}@{self.host}>;tag={self._call_id[:8]}\r\n"
            f"To: <sip:{self.user}@{self.host}>\r\n"
            f"Call-ID: {self._call_id}\r\n"
            f"CSeq: {self._cseq} REGISTER\r\n"
            f"Contact: <sip:{self.user}@{address}:{port}>\r\n"
            f"Expires: 3600\r\n"
            f"{authorization}"
            f"Content-Length: 0\r\n\r\n".encode()
        )
        while True:
            head = self._socket.recv(65535).decode()
            if branch in head:  # and not a late answer to the request before
                return int(head.split()[1]), head

    def _authorization(self, challenge: str) -> str:
        realm, nonce = (re.search(rf'{name}="([^"]*)"', challenge)[1] for name in ("realm", "nonce"))
        uri, nc, cnonce = f"sip:{self.host}", "00000001", uuid.uuid4().hex
        ha1 = _md5(f"{self.user}:{realm}:{self.secret}")
        response = _md5(f"{ha1}:{nonce}:{nc}:{cnonce}:auth:{_md5(f'REGISTER:{uri}')}")
        return (
            f'Authorization: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=MD5, qop=auth, nc={nc}, cnonce="{cnonce}"\r\n'
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def main(user: str, secret: str, host: str, port: str) -> None:
    dialer, clock = Dialer(user, secret, host, int(port)), threading.Event()
    state = ""
    while True:
        try:
            granted = dialer.register()
            new, pause = "up", granted * 0.8
        except OSError:
            new, pause = "down", PATIENCE
        if new != state:
            state = new
            print(state, flush=True)
        clock.wait(pause)


if __name__ == "__main__":
    main(*sys.argv[1:])
