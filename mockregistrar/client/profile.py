"""What a user agent is told about its account: one registration, free of manners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

TRANSPORTS: Final = ("udp", "tcp", "tls")
DEFAULT_PORTS: Final = {"udp": 5060, "tcp": 5060, "tls": 5061}


@dataclass(frozen=True, slots=True)
class Profile:
    """One account at one carrier, as the person who configures the client means it.

    Raises ValueError for a transport, port, host or expiry that cannot be, and for text that cannot go on the wire.
    """

    user: str
    """The user part of the address of record."""
    secret: str = field(default="", repr=False)
    """The password; never shown in a repr."""
    ha1: str = field(default="", repr=False)
    """An MD5 hash of user, realm and password in hex, used in place of the password where it is given."""
    auth_user: str | None = None
    """The digest user name; None: the same as `user`."""
    domain: str = ""
    """The host part of the address of record; empty: the same as `host`."""
    domain_port: int | None = None
    host: str = "127.0.0.1"
    """Where the registrar is: a name or an address, IPv6 with or without brackets."""
    port: int = 5060
    transport: str = "udp"
    """``udp``, ``tcp`` or ``tls``."""
    contact_user: str | None = None
    """The user part of the Contact: the extension that calls go to; None: what the manners make of it."""
    expiry: int | None = None
    """Seconds to ask for; None: what the manners ask for. 0 asks to be removed."""
    display_name: str = ""
    realm: str | None = None
    """The realm that the configuration names, empty where it leaves it empty; None: it is none of our business, and any
    challenge is answered."""
    answers_challenges: bool = True
    """Whether the system answers a challenge at all: there are configurations that hold a password for nothing."""
    name: str = ""
    """What the configuration calls this entry, a gateway or a section; empty: the same as `host`."""

    def __post_init__(self) -> None:
        if self.transport not in TRANSPORTS:
            raise ValueError(f"transport {self.transport!r} is not one of {', '.join(TRANSPORTS)}")
        for name in ("port", "domain_port"):
            port = getattr(self, name)
            if port is not None and not 0 < port < 65536:
                raise ValueError(f"{name} {port} is not between 1 and 65535")
        if self.expiry is not None and self.expiry < 0:
            raise ValueError(f"expiry {self.expiry} is negative")
        if not self.user or not self.host:
            raise ValueError("a profile needs a user and a host")
        for name in ("user", "secret", "auth_user", "domain", "host", "contact_user", "display_name", "realm", "name"):
            _check_text(name, getattr(self, name))
        if any(letter.isspace() for letter in self.host + self.domain):
            raise ValueError("host and domain hold no white space")

    @property
    def digest_user(self) -> str:
        """The user name that goes into the digest."""
        return self.user if self.auth_user is None else self.auth_user

    @property
    def label(self) -> str:
        """What the configuration calls this entry."""
        return self.name or self.host

    @property
    def aor_host(self) -> str:
        """The host part of the address of record, an IPv6 address in brackets."""
        return bracketed(self.domain or self.host)

    @property
    def aor_port(self) -> int:
        """The port that belongs to `aor_host`."""
        if self.domain:
            return self.domain_port or DEFAULT_PORTS[self.transport]
        return self.port


def bracketed(host: str) -> str:
    """Return a host as it stands in a URI (:rfc:`3261` 25.1): an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _check_text(name: str, text: str | None) -> None:
    """Raise ValueError for a line break or for what has no octets; say nothing of the text, it may be secret."""
    if text is None:
        return
    if name != "secret" and ("\r" in text or "\n" in text):
        raise ValueError(f"{name} holds a line break")
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ValueError(f"{name} holds a character that cannot be encoded") from None
