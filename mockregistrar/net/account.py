"""The account as a test holds it: what to give the client, ready to paste."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockregistrar.sip.flow import format_address

if TYPE_CHECKING:
    from mockregistrar.trunks import Trunk

_USER = "-_.!~*'()&=+$,;?/"
"""What stands in the user part of a SIP URI unescaped (:rfc:`3261` 25.1), besides letters and digits."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a running carrier, with the strings a client logs in with."""

    name: str
    """What the account is called in every method of the carrier."""
    user: str
    secret: str | None = field(repr=False)
    """The password; None for an account that is let in by its address alone."""
    auth_user: str
    """The digest user name."""
    domain: str
    """The domain of the AOR, or the carrier's address where it has none."""
    address: Callable[[str], tuple[str, int]] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.name

    @property
    def uri(self) -> str:
        """The AOR as a SIP URI a client can register with: ``sip:user@host[:port]``."""
        if self.domain:
            return f"sip:{quote(self.user, safe=_USER)}@{self.domain}"
        return f"sip:{quote(self.user, safe=_USER)}@{format_address(self.address('udp'))}"

    def trunk(self, transport: str = "udp") -> Trunk:
        """Return the neutral trunk that logs in to this account."""
        from mockregistrar import trunks  # here, since dialects take long to import and most tests need none

        host, port = self.address(transport)
        return trunks.Trunk(
            user=self.user,
            secret=self.secret or "",
            auth_user=self.auth_user if self.auth_user != self.user else "",
            domain=self.domain,
            host=host,
            port=port,
            transport=transport,
            extension=self.user,
        )

    def registration_string(self, dialect: str = "asterisk-chan_sip", *, transport: str = "udp") -> str:
        """Return exactly what is pasted into that system, in any dialect that `trunks` can write.

        A ``register => `` line for Asterisk and VICIdial, a gateway for FreeSWITCH, an account line for baresip.
        Raises `ValueError` for an unknown dialect, and `trunks.CannotRender` when it cannot express this account.
        """
        from mockregistrar import trunks

        return trunks.render(dialect, self.trunk(transport))

    def config(self, dialect: str = "asterisk-sip.conf", *, transport: str = "udp") -> str:
        """Return a whole client configuration for this account; raises as `registration_string` does."""
        from mockregistrar import trunks

        return trunks.render_config(dialect, self.trunk(transport))
