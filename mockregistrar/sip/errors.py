"""What can be wrong with octets from the wire.

Both errors are about *their* bytes, never about our code: a caller that hands over bad arguments
gets a plain :class:`ValueError`. A :class:`ParseError` carries the status a server answers with, a
:class:`FramingError` means that a stream has lost its place and can only be closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockregistrar.sip.message import Request

BAD_REQUEST = 400


class ParseError(ValueError):
    """Octets that are not what :rfc:`3261` section 25 describes.

    ``reason`` goes on the wire, so it holds nothing of the sender's; ``detail`` is for the tester.
    """

    def __init__(
        self,
        status: int | None,
        reason: str,
        detail: str,
        *,
        field: str | None = None,
        offset: int | None = None,
        request: Request | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        """The status to answer a request with; ``None``: it cannot be answered, drop it."""
        self.reason = reason
        """The phrase for the status line: short and ASCII."""
        self.detail = detail
        """One sentence for the tester: what is wrong, in which field, where."""
        self.field = field
        """The header field's printed name, ``Request-URI``, ``start line`` or ``body``."""
        self.offset = offset
        """Where in the field's value, in characters from 0."""
        self.request = request
        """As much of the request as could be read, to answer it; ``None`` for a response."""

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        return f"{where}{self.detail}"

    def __repr__(self) -> str:
        return f"ParseError({self.status!r}, {self.reason!r}, {self.detail!r}, field={self.field!r})"

    def placed(self, field: str) -> ParseError:
        """Return this error with the header field it happened in, unless that is known already."""
        if self.field is None:
            self.field = field
            self.reason = f"Malformed {field}"
        return self


class FramingError(ValueError):
    """A stream in which the next message cannot be found: answer if possible, then close it."""

    def __init__(self, detail: str, *, head: bytes | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        """One sentence for the tester."""
        self.head = head
        """The head of the offending message when it was complete; parse it to answer 400 before closing."""
