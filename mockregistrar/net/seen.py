"""A request as a test looks at it: typed where it is asked, the octets as they came."""

from __future__ import annotations

from functools import cached_property

from mockregistrar.sip.flow import Address
from mockregistrar.sip.message import Message, Request, parse
from mockregistrar.trace import MessageSeen


class SeenRequest:
    """One request that reached the carrier."""

    def __init__(self, record: MessageSeen) -> None:
        self.record = record

    @cached_property
    def message(self) -> Message:
        """The parsed message; raises `ParseError` when it was not well formed."""
        return parse(self.record.data)

    @property
    def method(self) -> str:
        """The method, e.g. ``REGISTER``."""
        message = self.message
        return message.method if isinstance(message, Request) else ""

    @property
    def uri(self) -> str:
        """The Request-URI as written."""
        message = self.message
        return message.uri if isinstance(message, Request) else ""

    def header(self, name: str) -> str | None:
        """Return the first value of a header field (any case, compact names too), or None."""
        return self.message.first(name)

    @property
    def source(self) -> Address:
        """Where it came from."""
        return self.record.flow.remote

    @property
    def transport(self) -> str:
        """``udp``, ``tcp`` or ``tls``."""
        return self.record.flow.transport

    @property
    def account(self) -> str:
        """Name of the account it was about; empty when there is none."""
        return self.record.account

    @property
    def data(self) -> bytes:
        """The octets as they came."""
        return self.record.data

    def __repr__(self) -> str:
        return f"<SeenRequest {self.record.data[:60]!r} from {self.record.flow.remote[0]}:{self.record.flow.remote[1]}>"
