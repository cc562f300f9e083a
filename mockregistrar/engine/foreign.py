"""What came in place of SIP: another protocol on our port, or nothing that is known."""

from __future__ import annotations

from typing import Final

from mockregistrar.carrier.reasons import Reason

_OTHERS: Final = ("TLS ClientHello", "DTLS", "HTTP")
"""What the client would speak on another port of ours."""
_NO_TLS: Final = ("wrong version number", "http request", "https proxy request", "unknown protocol")
"""What OpenSSL says of a first record that is none, in its older and newer versions."""


def octets_because(kind: str | None) -> str:
    """Return the slug for octets that look like `kind`, as `sniff` calls it."""
    return str(Reason.WRONG_TRANSPORT if kind in _OTHERS else Reason.NOT_SIP)


def handshake_failed(reason: str) -> tuple[str, str]:
    """Return slug and detail of a TLS connection that broke off for `reason`, in OpenSSL's words."""
    if any(words in reason for words in _NO_TLS):
        told = reason.removeprefix("TLS failed: ")
        return str(Reason.WRONG_TRANSPORT), f"what came to the TLS port was not TLS ({told})"
    return str(Reason.TLS_FAILED), reason
