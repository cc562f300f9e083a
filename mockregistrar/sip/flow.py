"""A flow: the two ends and the transport a message travels between.

Every floor above the wire names flows by this one frozen value, so that a trace record, a binding
and a socket speak of the same thing. A UDP flow is known by its addresses alone; a stream flow
also carries the serial number of its connection, since a port can be used twice.
"""

from __future__ import annotations

from dataclasses import dataclass

Address = tuple[str, int]
"""Host (an IP address without brackets) and port."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The frozen identity of a UDP address pair or of one TCP or TLS connection."""

    transport: str
    """``udp``, ``tcp`` or ``tls``."""
    local: Address
    """Our end, as the other side addressed it."""
    remote: Address
    """The far end: where the octets came from."""
    serial: int = 0
    """Number of the connection within its listener; 0 for UDP."""

    @property
    def reliable(self) -> bool:
        """Whether the transport delivers in order and retransmits by itself (:rfc:`3261` 17)."""
        return self.transport != "udp"

    @property
    def secure(self) -> bool:
        """Whether the transport is encrypted."""
        return self.transport == "tls"

    def __str__(self) -> str:
        return f"{self.transport} {format_address(self.remote)} -> {format_address(self.local)}"


def format_address(address: Address) -> str:
    """Return ``host:port``, an IPv6 host in brackets (:rfc:`3261` 25.1, hostport)."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
