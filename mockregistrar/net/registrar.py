"""`MockRegistrar`: the one public object, a thin face over the command/event protocol.

The same in a ``with`` block, in the fixture and behind the command line. It holds no state of the carrier: every
question is a command, every wait a subscription, so that the carrier may run in a thread, in a process of its own or
elsewhere. All times are in seconds.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, NamedTuple

from mockregistrar.carrier.checking import SettingsError, nearest
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.engine import protocol
from mockregistrar.net.account import Account
from mockregistrar.net.faults import Fault
from mockregistrar.net.handles import BuiltInClient, Outage
from mockregistrar.net.link import Link, Started, ThreadLink
from mockregistrar.net.mistyping import Mistyping
from mockregistrar.net.questions import AccountLike
from mockregistrar.net.reactor import SHARED, ReactorThread
from mockregistrar.net.timing import Timing
from mockregistrar.sip.flow import format_address

DEFAULT_TIMEOUT = 15.0
"""Seconds of every wait that names none: Asterisk's PJSIP sends its first REGISTER after up to 10 s."""
_WILDCARDS = ("0.0.0.0", "::")
_SECRET_LETTERS = "".join(c for c in string.ascii_letters + string.digits if c not in "O0Il1")


class Address(NamedTuple):
    """Where the carrier listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return format_address(self)


class MockRegistrar(Timing, Mistyping):
    """A SIP carrier to test clients against.

    ``MockRegistrar(min_expires=30)`` takes any field of `CarrierSettings` by name, over `settings` if given.
    Use it as a context manager, or call `start` and `stop`.
    """

    def __init__(
        self,
        settings: CarrierSettings | None = None,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        thread: ReactorThread | None = None,
        authority: Any = None,
        link: Callable[[CarrierSettings], Link] | None = None,
        **overrides: Any,
    ) -> None:
        """Check the settings; nothing is bound before `start`.

        `timeout` is the default of every wait. `thread` and `authority` (a `TestAuthority`) may be shared between
        carriers. `link` builds another carrier of the protocol than a thread.
        """
        self.settings = (settings or CarrierSettings()).changed(**overrides)
        self.timeout = timeout
        self._authority = authority
        self._link: Link = (link or (lambda s: ThreadLink(s, thread or SHARED, self._get_authority)))(self.settings)
        self._started: Started | None = None
        self._listening: list[ListenSpec] = []
        self._accounts: dict[str, Account] = {}
        self._given_secrets: list[str] = [a.secret for a in self.settings.accounts if a.secret and not a.made_up]
        self._secrets: random.Random | None = None
        self._under_way = set()

    def _get_authority(self) -> Any:
        if self._authority is None:
            from mockregistrar.net.tls import TestAuthority

            self._authority = TestAuthority()
        return self._authority

    # -- life ----------------------------------------------------------------------------------------------
    def start(self) -> MockRegistrar:
        """Bind everything and start; raises `SettingsError` when something cannot be bound."""
        if self._started is None:
            self._started = self._link.start()
            self._listening = list(self._started.listening)
            self._secrets = None
        return self

    def stop(self) -> None:
        """Close every socket; waits under way fail with `ReactorStopped`. Stopping twice is fine."""
        self._link.stop()
        self._started = None
        self._give_up_waits()

    def __enter__(self) -> MockRegistrar:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        where = " ".join(map(str, self._listening)) if self._started else "not running"
        return f"<MockRegistrar {self.settings.name} {where}>"

    @property
    def seed(self) -> int:
        """The seed of nonces, tags and made-up secrets in this run."""
        return self._up().seed

    def _up(self) -> Started:
        if self._started is None:
            raise RuntimeError("the carrier is not running: call start(), or use it as a context manager")
        return self._started

    # -- addresses -----------------------------------------------------------------------------------------
    @property
    def listening(self) -> tuple[ListenSpec, ...]:
        """Every place that is bound, with the real port numbers."""
        self._up()
        return tuple(self._listening)

    @property
    def host(self) -> str:
        """The host to show to clients: the advertised one, else the one listened at."""
        return self.address().host

    @property
    def port(self) -> int:
        """The port of the first transport listened at, normally UDP and TCP alike."""
        return self.address().port

    @property
    def realm(self) -> str:
        """The digest realm."""
        return self._up().realm

    def address(self, transport: str | None = None) -> Address:
        """Return host and port for a transport (the first one when None); TLS is opened on first use."""
        self._up()
        if transport is not None:
            transport = transport.lower()
            if transport not in ("udp", "tcp", "tls"):
                raise ValueError(f"no transport {transport!r}{nearest(transport, ('udp', 'tcp', 'tls'))}")
        for place in self._listening:
            if transport is None or place.transport == transport:
                return Address(self._shown(place), place.port)
        if transport != "tls":
            raise ValueError(f"the carrier does not listen on {transport}; add it to listen=")
        place = self._link.call(protocol.Listen(ListenSpec("tls", self.settings.listen[0].host, 0)))
        self._listening.append(place)
        return Address(self._shown(place), place.port)

    @property
    def nameserver(self) -> Address:
        """Where a nameserver answers for the carrier's names, over UDP; started on first use.

        It has A, AAAA, SRV and NAPTR records (:rfc:`3263`) for the `domains`, for every name where there are none, and
        the real ports. The fault ``dns`` lets it fail. For clients that can be told which nameserver to ask.
        """
        self._up()
        place = self._link.call(protocol.OpenNameserver())
        return Address(place.host, place.port)

    def _shown(self, place: ListenSpec) -> str:
        """Return the host to show for a place: the advertised one; for a wildcard the machine's own address."""
        if self.settings.advertise:
            return self.settings.advertise
        family = ":" in place.host
        wildcards = [p.host for p in self.settings.listen if p.host in _WILDCARDS and (":" in p.host) == family]
        asked = wildcards and place.host not in {p.host for p in self.settings.listen if p.transport == place.transport}
        return _reachable(wildcards[0] if asked else place.host)

    @property
    def ca_pem(self) -> bytes:
        """Certificate of the authority that signed the TLS certificate, in PEM: what clients are to trust."""
        pem: bytes = self._get_authority().ca_pem
        return pem

    # -- accounts ------------------------------------------------------------------------------------------
    def add_account(self, user: str, secret: str | bool | None = None, **fields: Any) -> Account:
        """Add an account and return it.

        Without `secret` one of letters and digits is made up; ``secret=False`` makes an account that is let in by its
        address alone. Further fields are those of `AccountSpec`: `auth_user`, `domain`, `ha1`, `networks`, `access`,
        `min_expires`, `max_expires`, `grant`, `max_contacts`. Raises `SettingsError` for a user that exists.
        """
        known = [f for f in AccountSpec.__dataclass_fields__ if f not in ("user", "secret", "made_up")]
        for name in fields:
            if name not in known:
                raise SettingsError(name, f"no such account field{nearest(name, known)}")
        if isinstance(fields.get("networks"), str):
            fields["networks"] = (fields["networks"],)
        fields["networks"] = tuple(fields.get("networks", ()))
        if isinstance(fields.get("ha1"), str):
            fields["ha1"] = {"MD5": fields["ha1"]}
        made_up = secret is None and not fields.get("ha1")
        if made_up:
            if self._secrets is None:  # made when asked for: many tests bring their own, or none
                self._secrets = random.Random(self._started.seed if self._started else 0)
            secret = "".join(self._secrets.choices(_SECRET_LETTERS, k=12))
        if secret is True:
            raise SettingsError("secret", "is a password, None (one is made up) or False (none: by address alone)")
        given = secret if isinstance(secret, str) else None
        return self._add(AccountSpec(user=user, secret=given, made_up=made_up, **fields))

    def _add(self, spec: AccountSpec) -> Account:
        name = self._link.call(protocol.AddAccount(spec))
        if spec.secret and not spec.made_up:
            self._given_secrets.append(spec.secret)
        return self._handle(name, spec)

    def remove_account(self, account: AccountLike) -> None:
        """Remove an account; its bindings go without a word."""
        name = str(account)
        self._link.call(protocol.RemoveAccount(name))
        self._accounts.pop(name, None)

    def account(self, name: str) -> Account:
        """Return the account called `name`, added here or in the settings; raise `UnknownAccount` with the nearest."""
        known = self._accounts.get(name)
        if known is None:
            known = self._handle(name, self._link.call(protocol.GetAccount(name)))
        return known

    def _handle(self, name: str, spec: AccountSpec) -> Account:
        account = self._accounts[name] = self._shown_as(name, spec)
        return account

    def _shown_as(self, name: str, spec: AccountSpec) -> Account:
        return Account(
            name=name,
            user=spec.user,
            secret=spec.secret,
            auth_user=spec.effective_auth_user,
            domain=spec.domain or (self.settings.domains[0] if self.settings.domains else ""),
            address=self.address,
        )

    # -- built-in clients ------------------------------------------------------------------------------------
    def user_agent(
        self,
        account: AccountLike,
        manners: str = "rfc3261",
        *,
        transport: str = "udp",
        source: str = "127.0.0.1",
        expiry: int | None = None,
        secret: str | None = None,
    ) -> BuiltInClient:
        """Return a built-in client for an account, which is made up when it does not exist.

        `manners` says how it behaves: ``rfc3261``, or as ``asterisk-chan_sip`` and others do. It shares the carrier's
        clock. `source` is the address it sends from, `secret` another password than the account's.
        """
        from mockregistrar.client.profile import Profile
        from mockregistrar.engine import UnknownAccount

        name = str(account)
        try:
            known = account if isinstance(account, Account) else self.account(name)
        except UnknownAccount:
            known = self.add_account(name)
        host, port = self._dialled(transport)
        profile = Profile(
            user=known.user,
            secret=secret if secret is not None else known.secret or "",
            auth_user=known.auth_user if known.auth_user != known.user else None,
            domain=known.domain,
            host=host,
            port=port,
            transport=transport,
            contact_user=known.user,
            expiry=expiry,
        )
        number: int = self._link.call(protocol.OpenAgent(profile, manners, source))
        return BuiltInClient(self._link, number, known.name, self.timeout)

    def _dialled(self, transport: str) -> tuple[str, int]:
        """Return where a client of this machine reaches the carrier, whatever it advertises."""
        self.address(transport)
        place = next(p for p in self._listening if p.transport == transport)
        return _reachable(place.host), place.port

    # -- control -------------------------------------------------------------------------------------------
    def allow(self, network: str) -> None:
        """Put an address or CIDR network on the allow-list."""
        self._link.call(protocol.Allow(network))

    def deny(self, network: str) -> None:
        """Put an address or CIDR network on the deny-list, which beats the allow-list."""
        self._link.call(protocol.Deny(network))

    def outage(self, kind: str = "silent", forget: Iterable[str] = ()) -> Outage:
        """Return an outage, to be used as a context manager or with `down` and `up`.

        ``silent``: nothing is answered. ``refused``: connections are refused and reset (UDP is silent).
        ``503``: everything is answered 503. `forget` names what a restart would lose: ``bindings``, ``nonces``.
        """
        forgotten = (forget,) if isinstance(forget, str) else tuple(forget)
        if kind not in protocol.OUTAGES:
            raise SettingsError("kind", f"{kind!r} is not one of {', '.join(protocol.OUTAGES)}")
        for name in forgotten:
            if name not in protocol.FORGETTABLE:
                raise SettingsError("forget", f"{name!r} is not one of {', '.join(protocol.FORGETTABLE)}")
        return Outage(self._link, kind, forgotten)

    def fault(self, spec: str | protocol.FaultSpec, *, optional: bool = False) -> Fault:
        """Turn a fault on, and return the handle that turns it off: ``with carrier.fault("drop REGISTER first=2"):``.

        It counts from now. Where it touches nothing the end of the block fails, unless it is `optional`. Raises
        `FaultError`, which points at what is wrong in the text.
        """
        info: protocol.FaultInfo = self._link.call(protocol.AddFault(str(spec), optional))
        return Fault(self._link, info.number)

    def faults(self, *, removed: bool = False) -> tuple[protocol.FaultInfo, ...]:
        """Return the faults that are on, with what they touched; with `removed` those too that were, before them."""
        found: tuple[protocol.FaultInfo, ...] = self._link.call(protocol.GetFaults(removed))
        return found

    def reset(self, keep: Iterable[str] = ()) -> None:
        """Forget accounts, bindings, nonces, lists, outage, faults and history, but for what `keep` names; ports stay.

        `keep` may hold ``accounts``, ``bindings`` (which keeps the accounts too) and ``history``. The clock runs again
        as it did at first, and shows the real time unless bindings are kept.
        """
        kept = (keep,) if isinstance(keep, str) else tuple(keep)
        self._link.call(protocol.Reset(kept))
        if not {"accounts", "bindings"} & set(kept):
            self._accounts.clear()


def _reachable(host: str) -> str:
    """Return the host that clients of a wildcard listener can be given."""
    if host not in _WILDCARDS:
        return host
    from mockregistrar.net.listeners import local_addresses

    own = local_addresses(host == "::")
    return own[-1] if own else "127.0.0.1"
