"""TLS: a certificate authority made on the spot, and leaves that carry the names a carrier is called by.

Nothing here is imported before TLS is first used. The authority lives in memory; its certificate is handed to
clients as PEM, in memory or as a file.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import trustme
from twisted.internet import ssl

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

    def server_options(self, names: Iterable[str]) -> ssl.CertificateOptions:
        """Return the TLS options of a server whose certificate carries `names`, localhost, 127.0.0.1 and ::1."""
        leaf = self._ca.issue_cert(*dict.fromkeys([*filter(_can_be_named, names), *ALWAYS_NAMED]))
        pem = leaf.private_key_pem.bytes() + b"".join(c.bytes() for c in leaf.cert_chain_pems)
        load: Callable[[bytes], Any] = ssl.PrivateCertificate.loadPEM
        options: ssl.CertificateOptions = load(pem).options()
        return options

    def client_options(self, hostname: str) -> Any:
        """Return the connection creator of a client that trusts this authority alone and checks `hostname`."""
        trust: Callable[[list[Any]], Any] = ssl.trustRootFromCertificates
        return ssl.optionsForClientTLS(hostname, trustRoot=trust([ssl.Certificate.loadPEM(self.ca_pem)]))


def _can_be_named(name: str) -> bool:
    """Whether a certificate can carry `name`: an address, or a host name of plain labels."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        labels = name.rstrip(".").split(".")
        return all(0 < len(label) < 64 and label.replace("-", "a").isalnum() and label.isascii() for label in labels)
    return True
