"""The servers that are measured, each a program of its own: ``python servers.py carrier|echo|lapses PORT [ACCOUNTS]``.

``carrier`` is what ``mockregistrar serve`` runs (a host on the main thread's reactor), with one subscriber to its
events; ``lapses`` asks for no digest and moves its clock on by what it reads as a line from standard input; ``echo``
is the least that Twisted can do with a datagram. Each prints ``ready`` when its port is open.
"""

from __future__ import annotations

import sys
from typing import Any

from mockregistrar.net.reactor import new_reactor

DOMAIN = "bench.test"


def user(number: int) -> str:
    return f"u{number:06d}"


def password(number: int) -> str:
    return f"secret-{number}"


def run_echo(port: int) -> None:
    from twisted.internet.protocol import DatagramProtocol

    class Echo(DatagramProtocol):
        def datagramReceived(self, data: bytes, addr: Any) -> None:  # noqa: N802 - Twisted's name
            transport: Any = self.transport
            transport.write(data, addr)

    reactor = new_reactor()
    reactor.listenUDP(port, Echo(), "127.0.0.1", 65535)
    print("ready", flush=True)
    reactor.run(installSignalHandlers=False)


def run_carrier(port: int, accounts: int, *, digest: bool) -> None:
    from mockregistrar import AccountSpec, CarrierSettings, ListenSpec
    from mockregistrar.net.host import CarrierHost

    settings = CarrierSettings(
        listen=(ListenSpec("udp", "127.0.0.1", port),),
        domains=(DOMAIN,),
        accounts=tuple(
            AccountSpec(user=user(n), secret=password(n) if digest else None, domain=DOMAIN) for n in range(accounts)
        ),
        allow=() if digest else ("127.0.0.1",),
    )
    reactor = new_reactor()
    host = CarrierHost(settings, reactor, lambda: None)
    host.start()
    host.subscribe(lambda _: None)
    if not digest:
        reactor.addReader(_Orders(host))
    print("ready", flush=True)
    reactor.run(installSignalHandlers=False)


class _Orders:
    """Standard input as a reader: each line is a number of seconds to move the carrier's clock on by, at once."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def fileno(self) -> int:
        return sys.stdin.fileno()

    def logPrefix(self) -> str:  # noqa: N802 - Twisted's name
        return "orders"

    def doRead(self) -> None:  # noqa: N802 - Twisted's name
        line = sys.stdin.readline()
        if not line:
            self._host.reactor.stop()
            return
        self._host.engine.advance_clock(float(line))
        self._host.pump()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        pass


if __name__ == "__main__":
    kind, number = sys.argv[1], int(sys.argv[2])
    if kind == "echo":
        run_echo(number)
    else:
        run_carrier(number, int(sys.argv[3]), digest=kind == "carrier")
