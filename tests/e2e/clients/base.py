"""What every driver of a real client offers, so that one test can be run with each of them.

A driver writes the client's own configuration into a directory made for it, starts the program as a person would,
and reads its own words. It never looks at the carrier: what stood on the wire is the test's second witness.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from clients.process import TIMEOUT, ClientProcess
from mockregistrar import Account, MockRegistrar


@dataclass(frozen=True, slots=True)
class Login:
    """What a client is told: the account, the carrier, and how to get there."""

    user: str
    secret: str
    auth_user: str
    domain: str
    """Host of the AOR; the client sends to `host` all the same."""
    host: str
    port: int
    transport: str = "udp"
    expires: int = 300
    """Seconds asked for."""
    source: str = "127.0.0.1"
    """Address to send from."""
    ca_file: Path | None = None
    """Certificate of the authority to trust, for TLS."""
    config: str = ""
    """The configuration of the client's accounts, word for word; empty where the driver makes one of the above."""

    @classmethod
    def of(cls, carrier: MockRegistrar, account: Account, transport: str = "udp", **changes: object) -> Login:
        """Return what logs in to `account` of `carrier`."""
        host, port = carrier.address(transport)
        login = cls(account.user, account.secret or "", account.auth_user, account.domain, host, port, transport)
        return replace(login, **changes)


class Client(ABC):
    """One real client with one login; a context manager that starts and, whatever happens, ends it."""

    name: ClassVar[str]
    """What it is called in test ids."""
    program: ClassVar[str]
    """The executable that must be there, or for a library what runs it."""
    hint: ClassVar[str]
    """The command that installs it."""
    dialect: ClassVar[str] = ""
    """The dialect of `Login.config`; empty for a client whose configuration is no dialect of ours."""
    at_once: ClassVar[int] = 1
    """How many accounts one configuration may hold."""
    optional: ClassVar[bool] = False
    """Whether it may be missing even where every client has to be there."""
    transports: ClassVar[tuple[str, ...]] = ("udp", "tcp")
    says_registered: ClassVar[str]
    """Regular expression of its own words on success."""
    says_refused: ClassVar[str]
    """The same for a login that failed."""
    sha256: ClassVar[bool] = False
    """Whether it answers a lone SHA-256 challenge."""
    obeys_min_expires: ClassVar[bool] = False
    """Whether it comes back with what a 423 tells it."""
    chooses_source: ClassVar[bool] = True
    """Whether it can be told which of the machine's addresses to send from."""
    own_domain: ClassVar[bool] = True
    """Whether its AOR may have a host other than the one it sends to."""
    own_auth_user: ClassVar[bool] = True
    """Whether its digest user name may differ from the user."""
    grant: ClassVar[int | None] = None
    """Grant, in seconds, that it refreshes within a few seconds; None when it does not refresh by itself."""
    settings: ClassVar[dict[str, object]] = {}
    """Settings of a carrier that it needs to log in at all."""
    ended_by: ClassVar[signal.Signals] = signal.SIGTERM
    """Signal that ends it at once."""
    asks_grant: ClassVar[bool] = False
    """Whether it goes by the expiry it asks for, and so has to ask for what it is granted."""

    def __init__(self, login: Login, home: Path) -> None:
        self.login = login
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self._processes: list[ClientProcess] = []

    @classmethod
    def missing(cls) -> str | None:
        """Return what is not installed, or None: the executable, unless a driver knows better."""
        return None if find_program(cls.program) else cls.program

    @abstractmethod
    def start(self) -> None:
        """Start the client; it registers by itself."""

    @abstractmethod
    def unregister(self) -> None:
        """Make it take its registration back, and wait for its own word that it did, where it has one."""

    def wait_registered(self, timeout: float = TIMEOUT) -> None:
        """Wait for the client's own word that it is registered."""
        __tracebackhide__ = True
        self.process.wait_said(self.says_registered, timeout)

    def wait_refused(self, timeout: float = TIMEOUT) -> None:
        """Wait for the client's own word that it was refused."""
        __tracebackhide__ = True
        self.process.wait_said(self.says_refused, timeout)

    @property
    def process(self) -> ClientProcess:
        """The process that was started last."""
        return self._processes[-1]

    def run(self, *command: str | Path, env: dict[str, str] | None = None) -> ClientProcess:
        """Start a process that ends with this client at the latest."""
        program = find_program(str(command[0])) or command[0]
        process = ClientProcess([program, *command[1:]], cwd=self.home, env=env)
        self._processes.append(process)
        return process

    def said(self) -> str:
        """What it said, all processes in their order."""
        return "\n".join(process.said() for process in self._processes)

    def stop(self) -> None:
        """End every process of this client; what they said can still be read."""
        for process in self._processes:
            process.stop(self.ended_by)

    @classmethod
    def too_old_for(cls, transport: str) -> str:
        """Return why the installed version cannot speak `transport`, or an empty string."""
        return ""

    def __enter__(self) -> Client:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class OneShot(Client):
    """A tool that registers once and ends: its exit status is part of its word."""

    @abstractmethod
    def register(self, expires: int) -> None:
        """Run it once, asking for `expires` seconds."""

    def start(self) -> None:
        self.register(self.login.expires)

    def unregister(self) -> None:
        __tracebackhide__ = True
        self.register(0)
        self.wait_registered()  # all went well: it has one word for both

    def wait_registered(self, timeout: float = TIMEOUT) -> None:
        __tracebackhide__ = True
        status = self.process.wait_ended(timeout)
        assert status == 0, f"{self.name} ended with status {status}; it said:\n{self.process.said()}"
        super().wait_registered(timeout)

    def wait_refused(self, timeout: float = TIMEOUT) -> None:
        __tracebackhide__ = True
        status = self.process.wait_ended(timeout)
        assert status != 0, f"{self.name} ended well although refused; it said:\n{self.process.said()}"
        super().wait_refused(timeout)


def find_program(program: str) -> str | None:
    """Return where `program` is; the sbin directories are looked into too, where daemons lie."""
    return shutil.which(program, path=os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin")


def free_port(host: str) -> int:
    """Return a port that is free on `host` for UDP and for TCP.

    Only for programs that take port 0 for their default and never for "any": between here and their own bind
    another program may take it, which is why the ones that can are given 0.
    """
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind((host, 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind((host, port))
            except OSError:
                continue
            return port
