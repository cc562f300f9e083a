"""The sockets: UDP ports that deliver a batch at a time, TCP and TLS ports, and how they are bound.

Bind, then hand over: port 0 lets the system choose, UDP and TCP on one host get one number, and the real port is read
back. A listener that refuses for a while (an outage) keeps its port: on Linux a listening socket that is shut down
stays bound, and connections to it are refused.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet import protocol, tcp
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IPushProducer, IReadDescriptor
from zope.interface import implementer

from mockregistrar.carrier.checking import SettingsError
from mockregistrar.carrier.settings import ListenSpec
from mockregistrar.sip.flow import Address, Flow

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress

MAX_DATAGRAM = 65535
_BATCH = 256 * 1024
"""Octets read from one UDP port before others have their turn."""
_FLOWS_KEPT = 8192
_SAME_PORT_TRIES = 50
_CLOSING_LIMIT = 5.0
"""Seconds that a connection being closed may take to read the last answers."""


class Sink(Protocol):
    """What takes the octets: the host of an engine."""

    def datagram(self, data: bytes, flow: Flow) -> None:
        """Take one datagram; `pump` follows after the batch."""

    def pump(self) -> None:
        """Drain the engine."""

    def connection_made(self, connection: Connection, flow: Flow) -> None:
        """Take up a connection."""

    def connection_data(self, flow: Flow, data: bytes) -> None:
        """Take a slice of a stream."""

    def connection_lost(self, flow: Flow, reason: str) -> None:
        """Forget a connection."""

    def next_serial(self) -> int:
        """Return a number for a new connection."""

    def seen_as(self, host: str) -> str:
        """Return the address that the carrier sees in place of a real one."""


@implementer(IReadDescriptor)
class DatagramPort:
    """A UDP port that drains its engine once for each batch of datagrams, not for each datagram.

    It is a reader of its own, not Twisted's `udp.Port`: that one looks at the text of each address it sends to, writes
    four lines to the log for each port, and takes twice as long to open and close.
    """

    def __init__(self, place: ListenSpec, sink: Sink, reactor: Any) -> None:
        self.place = place
        self._sink = sink
        self._reactor = reactor
        self._flows: dict[Any, Flow] = {}

    def startListening(self) -> None:  # noqa: N802 - as Twisted's ports have it
        """Bind, and take note of what was really bound; raises `OSError`."""
        family = socket.AF_INET6 if ":" in self.place.host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self.socket.setblocking(False)
            self.socket.bind((self.place.host, self.place.port))
        except OSError:
            self.socket.close()
            raise
        self.place = ListenSpec("udp", self.place.host, self.socket.getsockname()[1])
        self._local = (self.place.host, self.place.port)
        self._reactor.addReader(self)

    def stopListening(self) -> None:  # noqa: N802 - as Twisted's ports have it
        """Give the port back."""
        self._reactor.removeReader(self)
        self.socket.close()

    def fileno(self) -> int:
        """Return the socket's number; -1 when it is closed."""
        return self.socket.fileno()

    def logPrefix(self) -> str:  # noqa: N802 - Twisted's name
        """Return what stands before the lines that Twisted logs about it."""
        return str(self.place)

    def connectionLost(self, reason: Any) -> None:  # noqa: ARG002, N802 - Twisted's name; the reactor has stopped
        """Close the socket."""
        self.socket.close()

    def doRead(self) -> None:  # noqa: N802 - Twisted's name
        """Take the datagrams that wait, but let others have their turn; then let the engine answer."""
        receive, flows, datagram = self.socket.recvfrom, self._flows, self._sink.datagram
        taken = 0
        try:
            while taken < _BATCH:
                data, address = receive(MAX_DATAGRAM)
                taken += len(data)
                flow = flows.get(address)
                datagram(data, self._new_flow(address) if flow is None else flow)
        except OSError as error:
            if error.errno not in _NOTHING_TO_READ:
                raise
        self._sink.pump()

    def _new_flow(self, address: Any) -> Flow:
        if len(self._flows) >= _FLOWS_KEPT:
            self._flows.clear()
        flow = self._flows[address] = Flow("udp", self._local, (self._sink.seen_as(address[0]), address[1]))
        return flow

    def send(self, data: bytes, address: Address) -> None:
        """Send one datagram; what the network cannot take now is lost, as datagrams are."""
        try:
            self.socket.sendto(data, address)
        except OSError as error:
            if error.errno not in _LOST:
                raise


_NOTHING_TO_READ = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR, errno.ECONNREFUSED}
"""What reading says when no datagram waits, or when one that was sent has met a closed port."""
_LOST = {
    errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNREFUSED, errno.EINTR, errno.EMSGSIZE, errno.ENOBUFS, errno.EPERM,
    errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EINVAL, errno.EACCES,
}  # fmt: skip


class Connection(protocol.Protocol):
    """One TCP or TLS connection."""

    transport: Any

    def __init__(self, sink: Sink, transport_name: str, reactor: Any) -> None:
        self._sink = sink
        self._name = transport_name
        self._reactor = reactor
        self._flow: Flow | None = None
        self._patience: Any = None
        self._backpressure: _Backpressure | None = None

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Name the flow and hand the connection over."""
        self.transport.setTcpNoDelay(True)
        # Who sends without reading the answers is read no further, so that they do not pile up here.
        self._backpressure = _Backpressure(self.transport)
        self.transport.registerProducer(self._backpressure, True)
        local, remote = self.transport.getHost(), self.transport.getPeer()
        seen = (self._sink.seen_as(remote.host), remote.port)
        flow = Flow(self._name, (local.host, local.port), seen, self._sink.next_serial())
        self._flow = flow
        self._sink.connection_made(self, flow)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Hand on a slice of the stream."""
        if self._flow is not None:
            self._sink.connection_data(self._flow, data)

    def pause(self, on: bool) -> None:
        """Stop reading, or go on; what the client sends meanwhile stays in the network."""
        if self._backpressure is not None:
            self._backpressure.hold(on)

    def close(self) -> None:
        """Close once everything has left; break off when it has not after a while."""
        self.transport.unregisterProducer()
        self.transport.loseConnection()
        self._patience = self._reactor.callLater(_CLOSING_LIMIT, self.transport.abortConnection)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 - Twisted's name
        """Say that the connection is gone."""
        if self._patience is not None and self._patience.active():
            self._patience.cancel()
        if self._flow is not None:
            self._sink.connection_lost(self._flow, tls_failure(reason))
            self._flow = None


@implementer(IPushProducer)
class _Backpressure:
    """Reads from a connection only while what is written to it gets away, and nobody holds it."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._held = self._full = False

    def hold(self, on: bool) -> None:
        """Read nothing, whatever gets away; or go on."""
        self._held = on
        self._read()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self._full = True
        self._read()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self._full = False
        self._read()

    def _read(self) -> None:
        if self._held or self._full:
            self._transport.pauseProducing()
        else:
            self._transport.resumeProducing()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Nothing more is produced anyhow: the connection is gone."""


def tls_failure(reason: Any) -> str:
    """Say why TLS broke the connection off; empty for a connection that ended in any other way."""
    value = getattr(reason, "value", None)
    if type(value).__module__.partition(".")[0] != "OpenSSL":
        return ""
    args = getattr(value, "args", ())
    words = [part[-1] for part in (args[0] if args else ()) if isinstance(part, tuple) and part]
    return f"TLS failed: {'; '.join(words) or 'the handshake was broken off'}"


class _Connections(protocol.Factory):
    noisy = False

    def __init__(self, sink: Sink, transport_name: str, reactor: Any) -> None:
        self._sink = sink
        self._name = transport_name
        self._reactor = reactor

    def buildProtocol(self, addr: IAddress | None) -> Connection:  # noqa: ARG002, N802 - Twisted's names
        return Connection(self._sink, self._name, self._reactor)


class StreamPort(tcp.Port):
    """A TCP port (TLS when given options) that can refuse connections without giving its number back."""

    _fresh: Any = None

    def __init__(self, place: ListenSpec, sink: Sink, reactor: Any, tls_options: Any = None) -> None:
        factory: Any = _Connections(sink, place.transport, reactor)
        if tls_options is not None:
            from twisted.protocols.tls import TLSMemoryBIOFactory

            factory = TLSMemoryBIOFactory(tls_options, False, factory, clock=reactor)
            factory.noisy = False
        self._transport_name = place.transport
        super().__init__(place.port, factory, 511, place.host, reactor)

    def createInternetSocket(self) -> Any:  # noqa: N802 - Twisted's name
        """Return a new socket, and remember it until it is bound."""
        made = self._fresh = super().createInternetSocket()  # type: ignore[no-untyped-call]
        return made

    def startListening(self) -> None:  # noqa: N802 - Twisted's name
        """Bind, and take note of what was really bound."""
        try:
            super().startListening()
        except BaseException:
            if self._fresh is not None:  # Twisted leaves it to the garbage collector's warning
                self._fresh.close()
            raise
        finally:
            self._fresh = None
        self.place = ListenSpec(self._transport_name, self.interface, self.socket.getsockname()[1])

    def stopListening(self) -> None:  # type: ignore[override]  # noqa: N802 - Twisted's name
        """Give the port back, at once: Twisted waits a turn, for who might be in the midst of accepting."""
        if self.connected:
            self.stopReading()  # type: ignore[no-untyped-call]
            self.connectionLost(None)  # type: ignore[no-untyped-call]

    def refuse(self) -> None:
        """Refuse connections from now on; the port stays bound."""
        self.stopReading()  # type: ignore[no-untyped-call]
        self.socket.shutdown(socket.SHUT_RD)

    def accept_again(self) -> None:
        """Take connections again."""
        self.socket.listen(self.backlog)
        self.startReading()  # type: ignore[no-untyped-call]


Port = DatagramPort | StreamPort


def bind_all(places: tuple[ListenSpec, ...], sink: Sink, reactor: Any, tls_options: Callable[[], Any]) -> list[Port]:
    """Bind every place, or none; return the ports, with wildcard UDP places one port an address.

    UDP and TCP places of one host that both leave the number open get the same one, and so do all the addresses of a
    wildcard UDP place. Raises `SettingsError` that says which place failed, why, and what to do instead.
    """
    ports: list[Port] = []
    waiting = sorted(places, key=lambda p: p.transport != "udp")  # UDP first: its number is the one to share
    try:
        while waiting:
            place = waiting.pop(0)
            group = _spread(place)
            twin = ListenSpec("tcp", place.host, 0)
            if place.port == 0 and place.transport == "udp" and twin in waiting:
                waiting.remove(twin)
                group.append(twin)
            if place.port == 0 and len(group) > 1:
                ports += _open_at_one_number(group, sink, reactor)
            elif place.port == 0 and place.transport != "udp":
                ports.append(_open_kept(place, sink, reactor, tls_options))
            else:
                for each in group:  # one by one: what is open must be in the list when the next one fails
                    ports.append(_open(each, sink, reactor, tls_options))
    except BaseException:
        for port in ports:
            port.stopListening()
        raise
    return ports


def _spread(place: ListenSpec) -> list[ListenSpec]:
    """Return a wildcard UDP place as one place for each local address: answers leave from the address asked."""
    if place.transport == "udp" and is_wildcard(place.host):
        return [ListenSpec("udp", host, place.port) for host in local_addresses(":" in place.host)]
    return [place]


@lru_cache(maxsize=64)
def is_wildcard(host: str) -> bool:
    """Whether `host` stands for every address of the machine."""
    return ipaddress.ip_address(host).is_unspecified


def local_addresses(ipv6: bool) -> list[str]:
    """Return this machine's own addresses of one family, loopback first, link-local ones left out."""
    import ifaddr

    found = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            host = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            address = ipaddress.ip_address(host)
            if (address.version == 6) == ipv6 and not address.is_link_local:
                found.append(host)
    return sorted(found, key=lambda h: not ipaddress.ip_address(h).is_loopback)


def _open_at_one_number(group: list[ListenSpec], sink: Sink, reactor: Any) -> list[Port]:
    """Open a UDP port at a number the system chose, and the rest of the group at the same."""
    refused: SettingsError | None = None
    for _ in range(_SAME_PORT_TRIES):
        first = _open(group[0], sink, reactor, _no_tls)
        ports, number = [first], first.place.port
        try:
            for place in group[1:]:  # one by one: what is open must be in the list when the next one fails
                again = ListenSpec(place.transport, place.host, number)
                ports.append(_open(again, sink, reactor, _no_tls))
        except SettingsError as error:
            refused = error
            for port in ports:
                port.stopListening()
        else:
            return ports
    where = " and ".join(f"{p.transport} {p.host}" for p in group)
    raise SettingsError("listen", f"no port number is free for all of {where} ({refused})")


def _open_kept(place: ListenSpec, sink: Sink, reactor: Any, tls_options: Callable[[], Any]) -> Port:
    """Open a stream port at a number that the system chose, but bound *by* number: only so is it kept in an outage."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    refused: SettingsError | None = None
    for _ in range(_SAME_PORT_TRIES):
        with socket.socket(family, socket.SOCK_STREAM) as chooser:
            try:
                chooser.bind((place.host, 0))
            except OSError as error:
                raise _cannot(place, error) from None
            number = chooser.getsockname()[1]
        try:
            return _open(ListenSpec(place.transport, place.host, number), sink, reactor, tls_options)
        except SettingsError as error:
            refused = error
    raise SettingsError("listen", f"no port number is free on {place.host} for {place.transport} ({refused})")


def _no_tls() -> Any:
    raise AssertionError("a UDP or plain TCP port asked for TLS options")


def _open(place: ListenSpec, sink: Sink, reactor: Any, tls_options: Callable[[], Any]) -> Port:
    port: Port
    if place.transport == "udp":
        port = DatagramPort(place, sink, reactor)
    else:
        port = StreamPort(place, sink, reactor, tls_options() if place.transport == "tls" else None)
    try:
        port.startListening()
    except CannotListenError as error:
        raise _cannot(place, error.socketError) from None
    except OSError as error:
        raise _cannot(place, error) from None
    return port


def _cannot(place: ListenSpec, error: Any) -> SettingsError:
    code = getattr(error, "errno", None)
    if code == errno.EADDRINUSE:
        free = ListenSpec(place.transport, place.host, 0)
        return SettingsError(
            "listen",
            f"{place} is taken by another process; let the system choose with {free}, or name a free port",
        )
    if code == errno.EADDRNOTAVAIL:
        return SettingsError("listen", f"{place}: this machine has no address {place.host}")
    if code == errno.EACCES:
        return SettingsError("listen", f"{place}: not permitted; ports below 1024 need privileges, take e.g. 5060")
    return SettingsError("listen", f"{place}: {error}")
