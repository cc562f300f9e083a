"""The nameserver of one carrier on a UDP port of its own, for clients that can be told which one to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import protocol

from mockregistrar.carrier.settings import ListenSpec
from mockregistrar.sip.flow import Flow

if TYPE_CHECKING:
    from mockregistrar.net.host import CarrierHost


class _Queries(protocol.DatagramProtocol):
    """Hands each query to the engine, and what it answers back."""

    transport: Any

    def __init__(self, host: CarrierHost) -> None:
        self._host = host
        self.place = ListenSpec("udp", "127.0.0.1", 0)

    def datagramReceived(self, data: bytes, addr: Any) -> None:  # noqa: N802 - Twisted's name
        flow = Flow("udp", (self.place.host, self.place.port), (self._host.seen_as(addr[0]), addr[1]))
        answer = self._host.resolve(data, flow)  # a defect is recorded there, and costs this query alone
        if answer is not None:
            self.transport.write(answer, addr)


def open_nameserver(host: CarrierHost, reactor: Any) -> tuple[ListenSpec, Any]:
    """Bind a port on loopback that the system chooses; return where, and what closes it by ``stopListening``."""
    queries = _Queries(host)
    port = reactor.listenUDP(0, queries, interface=queries.place.host)
    queries.place = ListenSpec("udp", queries.place.host, port.getHost().port)
    return queries.place, port
