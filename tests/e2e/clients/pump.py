"""The built-in user agent on a plain blocking socket: no reactor, no carrier of ours, only its octets."""

from __future__ import annotations

import random
import select
import socket
import time
from types import TracebackType

from clients.process import TIMEOUT
from mockregistrar.client import Event, Manners, Profile, UserAgent
from mockregistrar.sip.framing import KeepAlive, StreamFramer


class Pump:
    """One user agent with a socket of its own, connected to where its profile says; a context manager."""

    def __init__(self, profile: Profile, manners: Manners) -> None:
        kind = socket.SOCK_DGRAM if profile.transport == "udp" else socket.SOCK_STREAM
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.settimeout(TIMEOUT)
        self._socket.connect((profile.host, profile.port))
        self._framer = None if profile.transport == "udp" else StreamFramer()
        self.agent = UserAgent(profile, manners, self._socket.getsockname(), random.Random(1))

    def do(self, action: str) -> list[Event]:
        """Do ``register``, ``refresh`` or ``unregister``; return all that happened until it was answered."""
        now = time.monotonic()
        getattr(self.agent, action)(now, now)
        happened: list[Event] = []
        end = now + TIMEOUT
        while True:
            for data in self.agent.outgoing():
                self._socket.sendall(data)
            happened += self.agent.events()
            now = time.monotonic()
            if not self.agent.busy:
                return happened
            assert now < end, f"no answer within {TIMEOUT:g} s: {happened}"
            timer = self.agent.next_timer()
            patience = min(end, timer if timer is not None else end) - now
            if select.select([self._socket], [], [], max(0.0, patience))[0]:
                data = self._socket.recv(65536)
                assert data, f"the connection was closed: {happened}"
                for message in [data] if self._framer is None else self._framer.feed(data):
                    if not isinstance(message, KeepAlive):
                        self.agent.receive(message, time.monotonic(), time.monotonic())
            else:
                self.agent.timer_fired(time.monotonic(), time.monotonic())

    def __enter__(self) -> Pump:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
