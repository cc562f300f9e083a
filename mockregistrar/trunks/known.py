"""What the carrier has on file for a registration, as far as it can be known.

The first that applies: the accounts that the tester gave; the peer section for the same host and user, where its
password contradicts the line; the dialect's own reading, unless a named trigger says that the person meant something
else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .model import Span, Trunk

if TYPE_CHECKING:
    from .items import Item

Source = Literal["accounts", "carrier", "peer", "reading", "meant"]


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account as the carrier has it. An empty domain means any; `ha1` stands in for a secret that is not known."""

    user: str
    secret: str | None = field(default=None, repr=False)
    auth_user: str = ""
    domain: str = ""
    ha1: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which what is sent parts from what the carrier has.

    `span` is where the field stands, None when it is not in the text. `position` is the place of the first differing
    character (1-based), for the secret only; `missing` and `extra` tell how many characters one has more.
    """

    field: str
    span: Span | None = None
    position: int | None = None
    missing: int = 0
    extra: int = 0


@dataclass(frozen=True, slots=True)
class Truth:
    """The account and the address that the person meant. `secret` is None where only `ha1` is known, or nothing."""

    user: str
    secret: str | None = field(repr=False)
    auth_user: str
    domain: str
    host: str
    port: int
    transport: str
    source: Source
    trigger: str | None = None
    ha1: str | None = field(default=None, repr=False)
    spans: tuple[tuple[str, Span], ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is an account at all: a line that says nothing has none."""
        return bool(self.user)

    @property
    def effective_auth_user(self) -> str:
        """The digest user name."""
        return self.auth_user or self.user

    def differences(self, real: Trunk | None) -> tuple[Difference, ...]:
        """The fields in which a trunk parts from this; none for no trunk, as there is nothing to compare."""
        if real is None:
            return ()
        spans = dict(self.spans)
        found: list[Difference] = []
        if real.user != self.user:
            found.append(Difference("user", spans.get("user")))
        if self.secret is not None and not real.ha1 and real.secret != self.secret:
            mine, theirs = real.secret, self.secret
            at = next(
                (i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs))
            )
            found.append(
                Difference(
                    "secret",
                    spans.get("secret"),
                    at + 1,
                    missing=max(0, len(theirs) - len(mine)),
                    extra=max(0, len(mine) - len(theirs)),
                )
            )
        if real.effective_auth_user != self.effective_auth_user:
            found.append(Difference("auth_user", spans.get("auth_user") or spans.get("user")))
        if self.domain and self.domain.lower() not in (
            real.aor_host.lower(),
            real.host.lower(),
            real.dial_host.lower(),
        ):
            found.append(Difference("domain", spans.get("domain") or spans.get("host")))
        if real.dial_host.lower() != self.host.lower():
            found.append(Difference("host", spans.get("host")))
        if real.dial_port != self.port:
            found.append(Difference("port", spans.get("port")))
        if real.dial_transport != self.transport:
            found.append(Difference("transport", spans.get("transport")))
        return tuple(found)


def truth(item: Item, accounts: Sequence[KnownAccount] | None = None, *, source: Source = "accounts") -> Truth:
    """What the carrier has on file for an item. Where nothing can be known, `Truth.known` is False.

    `source` says where `accounts` come from.
    """
    reading = item.reading
    trunk = reading.meant or reading.real
    if trunk is None:
        return Truth("", None, "", "", "", 5060, "udp", "meant", reading.trigger, spans=reading.real_spans)
    account = _account(item, accounts or ())
    if account is not None:
        return _made(
            item,
            trunk,
            source,
            user=account.user,
            secret=account.secret,
            auth_user=account.auth_user or account.user,
            domain=account.domain,
            ha1=account.ha1,
        )
    peer = item.peer
    if item.kind == "register" and peer is not None and trunk.secret and peer.login_secret not in ("", trunk.secret):
        return _made(item, trunk, "peer", secret=peer.login_secret)
    if item.kind == "register" and peer is not None and reading.real is not None and reading.real.ha1:
        return _made(item, trunk, "peer", secret=None, ha1=reading.real.ha1)
    return _made(item, trunk, "reading" if reading.trigger is None else "meant")


def _made(
    item: Item,
    trunk: Trunk,
    source: Source,
    *,
    user: str | None = None,
    secret: str | None = "",
    auth_user: str | None = None,
    domain: str | None = None,
    ha1: str | None = None,
) -> Truth:
    return Truth(
        user=trunk.user if user is None else user,
        secret=trunk.secret if secret == "" else secret,
        auth_user=trunk.effective_auth_user if auth_user is None else auth_user,
        domain=trunk.domain if domain is None else domain,
        host=trunk.dial_host,
        port=trunk.dial_port,
        transport=trunk.dial_transport,
        source=source,
        trigger=item.reading.trigger if source != "reading" else None,
        ha1=ha1,
        spans=item.reading.real_spans,
    )


def _account(item: Item, accounts: Sequence[KnownAccount]) -> KnownAccount | None:
    """The account of an item: the one with the right secret first, then the real reading before the meant one."""
    readings = [trunk for trunk in (item.reading.meant, item.reading.real) if trunk is not None]
    best: tuple[int, KnownAccount] | None = None
    for account in accounts:
        for trunk in readings:
            if account.user != trunk.user or not _served(account, trunk):
                continue
            score = (4 if account.secret == trunk.secret else 0) + (2 if account.domain else 0)
            score += 1 if trunk is item.reading.real else 0
            if best is None or score > best[0]:
                best = score, account
    return best[1] if best else None


def _served(account: KnownAccount, trunk: Trunk) -> bool:
    names = {trunk.host.lower(), trunk.domain.lower(), trunk.dial_host.lower()}
    return not account.domain or account.domain.lower() in names
