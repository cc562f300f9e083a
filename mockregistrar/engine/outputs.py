"""What an engine asks of the shim around it: a few frozen words, drained after each input."""

from __future__ import annotations

from typing import NamedTuple

from mockregistrar.sip.flow import Address, Flow


class Send(NamedTuple):
    """Put these octets on the flow: one datagram, or a run of a stream."""

    flow: Flow
    data: bytes


class Close(NamedTuple):
    """Close the connection once everything sent has left."""

    flow: Flow


class Reset(NamedTuple):
    """Break the connection off at once."""

    flow: Flow


class PauseReading(NamedTuple):
    """Stop (or go on) reading from a connection."""

    flow: Flow
    on: bool


class Dial(NamedTuple):
    """Open a connection to an address."""

    address: Address
    transport: str


class Listen(NamedTuple):
    """Take connections at an address, or refuse them; the port is never given back."""

    address: Address
    up: bool


Output = Send | Close | Reset | PauseReading | Dial | Listen
