"""A client on a plain blocking socket, apart from everything the carrier is made of but its digest."""

from __future__ import annotations

import itertools
import socket
import ssl
from typing import Any

from playbook import Ask, Desk

from mockregistrar import MockRegistrar
from mockregistrar.sip.framing import StreamFramer
from mockregistrar.sip.message import Response, parse

_phones = itertools.count(1)


class Phone:
    """Talks to a carrier over UDP, TCP or TLS."""

    def __init__(
        self,
        carrier: MockRegistrar,
        transport: str = "udp",
        *,
        source: str | None = None,
        address: tuple[str, int] | None = None,
        tls_name: str = "localhost",
        timeout: float = 5.0,
    ) -> None:
        self.transport = transport
        self._number = next(_phones)
        self.address = tuple(carrier.address(transport)) if address is None else address
        self.desk = Desk()
        family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self.socket: Any = socket.socket(family, kind)
        self.socket.settimeout(timeout)
        self._waiting: list[bytes] = []
        self._framer = StreamFramer()
        self.answered_from: tuple[str, int] | None = None
        try:
            if source is not None:
                self.socket.bind((source, 0))
            if transport != "udp":
                self.socket.connect(self.address)
            if transport == "tls":
                context = ssl.create_default_context(cadata=carrier.ca_pem.decode())
                self.socket = context.wrap_socket(self.socket, server_hostname=tls_name)
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        if self.transport == "udp":
            self.socket.sendto(data, self.address)
        else:
            self.socket.sendall(data)

    def receive(self) -> bytes:
        if self.transport == "udp":
            data, where = self.socket.recvfrom(65535)
            self.answered_from = where[:2]
            return data
        while not self._waiting:
            data = self.socket.recv(65535)
            if not data:
                raise ConnectionError("the carrier closed the connection")
            self._waiting += [m for m in self._framer.feed(data) if isinstance(m, bytes)]
        return self._waiting.pop(0)

    def ask(self, request: Ask) -> Response:
        """Send a request and return the answer."""
        self.send(request.octets(self.desk))
        answer = parse(self.receive())
        assert isinstance(answer, Response)
        self.desk.take([("WWW-Authenticate", v) for v in answer.headers.get("www-authenticate", ())])
        return answer

    def register(self, user: str, password: str | None, **fields: Any) -> Response:
        """Register; return the last answer."""
        fields = {"host": self.address[0] if ":" not in self.address[0] else f"[{self.address[0]}]", **fields}
        fields = {"user": user, "transport": self.transport, "call_id": f"{user}-{self._number}", **fields}
        fields.setdefault("contact", f"<sip:{user}@127.0.0.1:9>")
        answer = self.ask(Ask(**fields))
        if answer.status == 401 and password is not None:
            answer = self.ask(Ask(password=password, **fields))
        return answer


def log_in(carrier: MockRegistrar, account: Any, **fields: Any) -> Response:
    """Register an account over UDP, once."""
    with Phone(carrier) as phone:
        return phone.register(account.user, account.secret, **fields)
