"""TLS: a certificate authority made on the spot, and leaves that carry the names a carrier is called by.

Nothing here is imported before TLS is first used. The authority lives in memory; its certificate is handed to
clients as PEM, in memory or as a file.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import trustme
from OpenSSL import SSL
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from twisted.python.failure import Failure
from zope.interface import implementer

ALWAYS_NAMED = ("localhost", "127.0.0.1", "::1")


class TestAuthority:
    """A certificate authority for tests: `ca_pem` is what clients are told to trust."""

    __test__ = False  # not a test class, whatever its name begins with

    def __init__(self) -> None:
        self._ca = trustme.CA(organization_name="mockregistrar test CA")

    @property
    def ca_pem(self) -> bytes:
        """The authority's certificate in PEM."""
        return self._ca.cert_pem.bytes()

    def write_ca(self, path: Path) -> Path:
        """Write the authority's certificate to `path` and return it."""
        path.write_bytes(self.ca_pem)
        return path

    def server_options(self, names: Iterable[str]) -> Any:
        """Return the connection creator of a server whose certificate carries `names`, localhost, 127.0.0.1 and ::1."""
        leaf = self._ca.issue_cert(*dict.fromkeys([*filter(_can_be_named, names), *ALWAYS_NAMED]))
        context = _context()
        # Not through Twisted's CertificateOptions: it hands pyOpenSSL the X509 objects that are deprecated there, and a
        # project that makes warnings errors would see its handshakes fail.
        leaf.configure_cert(context)
        return _ServerCreator(context)

    def client_options(self, hostname: str) -> Any:
        """Return the connection creator of a client that trusts this authority alone and checks `hostname`."""
        context = _context()
        self._ca.configure_trust(context)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda _c, _x, _e, _d, ok: bool(ok))
        return _ClientCreator(context, hostname)


class TrustError(ValueError):
    """A file of certificates to trust cannot be used."""


def trusting_options(hostname: str, trusted: Path | None = None) -> Any:
    """Return the connection creator of a client that checks `hostname` against certificates in a PEM file.

    Without a file those that the system trusts count. Raises `TrustError` for a file that holds no certificate.
    """
    context = _context()
    if trusted is None:
        context.set_default_verify_paths()
    else:
        try:
            trusted.read_bytes()
            context.load_verify_locations(str(trusted))
        except OSError as error:
            raise TrustError(error.strerror or str(error)) from None
        except SSL.Error:
            raise TrustError("holds no certificate in PEM") from None
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda _c, _x, _e, _d, ok: bool(ok))
    return _ClientCreator(context, hostname)


def _context() -> SSL.Context:
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    return context


@implementer(IOpenSSLServerConnectionCreator)
class _ServerCreator:
    def __init__(self, context: SSL.Context) -> None:
        self._context = context

    def serverConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:  # noqa: ARG002, N802, N803 - Twisted's names
        return SSL.Connection(self._context, None)


@implementer(IOpenSSLClientConnectionCreator)
class _ClientCreator:
    """Checks the server's name when the handshake is done (:rfc:`5922` 7.2, by service-identity)."""

    def __init__(self, context: SSL.Context, hostname: str) -> None:
        self._hostname = hostname
        self._context = context
        context.set_info_callback(self._handshake_done)

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:  # noqa: N802, N803 - Twisted's names
        connection = SSL.Connection(self._context, None)
        connection.set_app_data(tlsProtocol)
        if not _is_address(self._hostname):
            connection.set_tlsext_host_name(self._hostname.encode("idna"))
        return connection

    def _handshake_done(self, connection: SSL.Connection, where: int, _: int) -> None:
        if not where & SSL.SSL_CB_HANDSHAKE_DONE:
            return
        try:
            if _is_address(self._hostname):
                verify_ip_address(connection, self._hostname)
            else:
                verify_hostname(connection, self._hostname)
        except Exception:  # noqa: BLE001 - whatever is wrong with the certificate, the connection ends with it
            connection.get_app_data().failVerification(Failure())  # type: ignore[no-untyped-call]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _can_be_named(name: str) -> bool:
    """Whether a certificate can carry `name`: an address, or a host name of plain labels."""
    if _is_address(name):
        return True
    labels = name.rstrip(".").split(".")
    return all(0 < len(label) < 64 and label.replace("-", "a").isalnum() and label.isascii() for label in labels)
