"""`MockRegistrar`: the one public object, a thin face over the command/event protocol.

The same in a ``with`` block, in the fixture and behind the command line. It holds no state of the carrier: every
question is a command, every wait a subscription, so that the carrier may run in a thread, in a process of its own or
elsewhere. All times are in seconds.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NamedTuple

from mockregistrar.carrier.reasons import REASONS
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec, SettingsError, nearest
from mockregistrar.client import Profile
from mockregistrar.engine import protocol
from mockregistrar.net.account import Account
from mockregistrar.net.link import Link, Started, ThreadLink
from mockregistrar.net.reactor import SHARED, ReactorThread
from mockregistrar.net.seen import SeenRequest
from mockregistrar.net.waits import FutureAwaitable, RegistrationTimeout, begin_wait, block_on
from mockregistrar.sip.flow import format_address
from mockregistrar.trace import (
    BindingEvent,
    Lapsed,
    MessageSeen,
    Record,
    Refreshed,
    Refused,
    Registered,
)
from mockregistrar.trace.closest import seen_instead
from mockregistrar.trace.ladder import ladder
from mockregistrar.trace.masking import Masker

DEFAULT_TIMEOUT = 15.0
"""Seconds of every wait that names none: Asterisk's PJSIP sends its first REGISTER after up to 10 s."""
_SECRET_LETTERS = "".join(c for c in string.ascii_letters + string.digits if c not in "O0Il1")

AccountLike = Account | str


class Address(NamedTuple):
    """Where the carrier listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return format_address(self)


class ExpectedRegistration:
    """What `expect_registration` yields: after the block, `binding` holds what was registered."""

    def __init__(self) -> None:
        self._binding: protocol.BindingInfo | None = None

    @property
    def binding(self) -> protocol.BindingInfo:
        """The binding as it was registered or refreshed; there only after the block."""
        if self._binding is None:
            raise AttributeError(
                "the registration is awaited at the end of the `with` block; look at .binding after it"
            )
        return self._binding


class MockRegistrar:
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
        self._secrets = random.Random()

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
            self._secrets = random.Random(self._started.seed)
        return self

    def stop(self) -> None:
        """Close every socket. Stopping twice is fine."""
        self._started = None
        self._link.stop()

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
                return Address(self.settings.advertise or _reachable(place.host), place.port)
        if transport != "tls":
            raise ValueError(f"the carrier does not listen on {transport}; add it to listen=")
        place = self._link.call(protocol.Listen(ListenSpec("tls", self._listening[0].host, 0)))
        self._listening.append(place)
        return Address(self.settings.advertise or _reachable(place.host), place.port)

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
            secret = "".join(self._secrets.choices(_SECRET_LETTERS, k=12))
        if secret is True:
            raise SettingsError("secret", "is a password, None (one is made up) or False (none: by address alone)")
        given = secret if isinstance(secret, str) else None
        spec = AccountSpec(user=user, secret=given, made_up=made_up, **fields)
        name = self._link.call(protocol.AddAccount(spec))
        if given and not made_up:
            self._given_secrets.append(given)
        account = Account(
            name=name,
            user=user,
            secret=given,
            auth_user=spec.effective_auth_user,
            domain=spec.domain or (self.settings.domains[0] if self.settings.domains else ""),
            address=self.address,
        )
        self._accounts[name] = account
        return account

    def remove_account(self, account: AccountLike) -> None:
        """Remove an account; its bindings go without a word."""
        name = str(account)
        self._link.call(protocol.RemoveAccount(name))
        self._accounts.pop(name, None)

    def account(self, name: str) -> Account:
        """Return the account called `name` that was added here."""
        try:
            return self._accounts[name]
        except KeyError:
            raise LookupError(f"no account {name!r} was added here{nearest(name, self._accounts)}") from None

    # -- questions -----------------------------------------------------------------------------------------
    def bindings(self, account: AccountLike | None = None) -> tuple[protocol.BindingInfo, ...]:
        """Return the bindings of an account, or of all."""
        found: tuple[protocol.BindingInfo, ...] = self._link.call(
            protocol.GetBindings(None if account is None else str(account))
        )
        return found

    def requests(self, method: str | None = None, account: AccountLike | None = None) -> list[SeenRequest]:
        """Return the requests that came, retransmissions included, oldest first.

        Raises `HistoryTruncated` when some of them are no longer held.
        """
        name = None if account is None else str(account)
        records: tuple[MessageSeen, ...] = self._link.call(protocol.GetMessages(method, name, "in"))
        return [SeenRequest(r) for r in records if not r.data.startswith(b"SIP/2.0 ") and "dropped" not in r.note]

    def refusals(self, account: AccountLike | None = None, because: str | None = None) -> tuple[Refused, ...]:
        """Return the refusals with their reasons, oldest first."""
        name = None if account is None else str(account)
        found: tuple[Refused, ...] = self._link.call(protocol.GetRefusals(name, because))
        return found

    def records(self, since: int = 0) -> tuple[Record, ...]:
        """Return everything that was seen after record number `since` and is still held, in order."""
        found: tuple[Record, ...] = self._link.call(protocol.GetRecords(since))
        return found

    def status(self) -> protocol.Status:
        """Return the carrier's state in numbers."""
        found: protocol.Status = self._link.call(protocol.GetStatus())
        return found

    def ladder(self, since: int = 0) -> str:
        """Return what was seen as a text ladder, given secrets masked."""
        return ladder(self.records(since), self.masker)

    @property
    def masker(self) -> Masker:
        """What masks the secrets that were given to this carrier (made-up ones are shown)."""
        return Masker(self._given_secrets)

    def subscribe(self, subscriber: Callable[[list[Record]], None], *, messages: bool = False) -> Callable[[], None]:
        """Call `subscriber` on the carrier's thread with every run of records; return what ends it."""
        return self._link.subscribe(subscriber, messages=messages)

    # -- assertions ----------------------------------------------------------------------------------------
    def assert_registered(self, account: AccountLike) -> protocol.BindingInfo:
        """Return the account's binding (the one that lasts longest); fail when there is none."""
        __tracebackhide__ = True
        bindings = self.bindings(account)
        if not bindings:
            raise AssertionError(f"`{account}` is not registered.{self._seen(str(account), 0)}")
        return max(bindings, key=lambda b: b.expires_in)

    def assert_not_registered(self, account: AccountLike) -> None:
        """Fail when the account is registered."""
        __tracebackhide__ = True
        bindings = self.bindings(account)
        if bindings:
            lines = [
                f"  {b.contact}  {b.expires_in:.0f} s left"
                + (f"  from {format_address(b.flow.remote)} {b.flow.transport}" if b.flow else "")
                for b in bindings
            ]
            raise AssertionError("\n".join([f"`{account}` is registered:", *lines]))

    def assert_refused(self, account: AccountLike | None = None, because: str | None = None) -> Refused:
        """Return the latest refusal of `account` (any when None) for the slug `because`; fail when there is none."""
        __tracebackhide__ = True
        if because is not None and str(because) not in REASONS:
            raise ValueError(f"no reason {because!r}{nearest(str(because), REASONS)}")
        name = None if account is None else str(account)
        if name is not None:
            self._link.call(protocol.GetSummary(name))  # an unknown name is a mistake, not an empty answer
        refusals = [r for r in self.refusals() if name is None or r.account == name]
        matching = [r for r in refusals if because is None or r.because == str(because)]
        if matching:
            return matching[-1]
        what = f"`{name}` was not refused" if name else "nothing was refused"
        text = what + (f" because of {because}." if because else ".")
        if refusals:
            others = dict.fromkeys(f"  refused: {r.because}" + (f" ({r.detail})" if r.detail else "") for r in refusals)
            raise AssertionError("\n".join([text + " It was refused for something else:", *others]))
        raise AssertionError(text + self._seen(name or "", 0))

    def _seen(self, account: str, since: int) -> str:
        """Return the lines of a failed wait or assertion: what came instead, closest first."""
        known = self._link.call(protocol.GetAccounts())
        records = self._link.call(protocol.GetRecords(since))
        where = ", ".join(f"{p.transport} {format_address((p.host, p.port))}" for p in self._listening)
        lines = seen_instead(records, account, known[:1000], where, heard_before=since > 0)
        if len(lines) == 1 and lines[0].startswith("nothing arrived"):
            return f" {lines[0][0].upper()}{lines[0][1:]}."
        return "\n".join([" Seen meanwhile, closest first:", *(f"  {line}" for line in lines)])

    # -- waits ---------------------------------------------------------------------------------------------
    def future_wait_for_registration(
        self, account: AccountLike, timeout: float | None = None
    ) -> Future[protocol.BindingInfo]:
        """Return a future of the account's binding: at once if it is registered, else when it registers."""
        name = str(account)
        return self._wait(
            name,
            lambda r: _bound(r) if isinstance(r, (Registered, Refreshed)) and r.account == name else None,
            lambda: max(self.bindings(name), key=lambda b: b.expires_in, default=None),
            timeout,
            "no registration of",
        )

    def wait_for_registration(self, account: AccountLike, timeout: float | None = None) -> protocol.BindingInfo:
        """Return the account's binding: at once if it is registered, else when it registers.

        Raises `RegistrationTimeout` with what came instead.
        """
        __tracebackhide__ = True
        found: protocol.BindingInfo = self._block(self.future_wait_for_registration(account, timeout), timeout)
        return found

    async def async_wait_for_registration(
        self, account: AccountLike, timeout: float | None = None
    ) -> protocol.BindingInfo:
        """`wait_for_registration` for coroutines of asyncio, trio and Twisted."""
        found: protocol.BindingInfo = await FutureAwaitable(self.future_wait_for_registration(account, timeout))
        return found

    def future_wait_for_refresh(self, account: AccountLike, timeout: float | None = None) -> Future[Refreshed]:
        """Return a future of the account's next refresh; one before the call does not count."""
        name = str(account)
        self._link.call(protocol.GetSummary(name))
        return self._wait(
            name,
            lambda r: r if isinstance(r, Refreshed) and r.account == name else None,
            None,
            timeout,
            "no refresh of",
        )

    def wait_for_refresh(self, account: AccountLike, timeout: float | None = None) -> Refreshed:
        """Return the account's next refresh (`.left` tells how early it came); raises `RegistrationTimeout`."""
        __tracebackhide__ = True
        found: Refreshed = self._block(self.future_wait_for_refresh(account, timeout), timeout)
        return found

    async def async_wait_for_refresh(self, account: AccountLike, timeout: float | None = None) -> Refreshed:
        """`wait_for_refresh` for coroutines of asyncio, trio and Twisted."""
        found: Refreshed = await FutureAwaitable(self.future_wait_for_refresh(account, timeout))
        return found

    def future_wait_for_lapse(self, account: AccountLike, timeout: float | None = None) -> Future[Lapsed]:
        """Return a future of the account's lapse: the last one at once if it is lapsed now, else the next."""
        name = str(account)

        def lapsed_now() -> Lapsed | None:
            if self.bindings(name):
                return None
            changes = [r for r in self.records() if isinstance(r, BindingEvent) and r.account == name]
            return changes[-1] if changes and isinstance(changes[-1], Lapsed) else None

        return self._wait(
            name,
            lambda r: r if isinstance(r, Lapsed) and r.account == name else None,
            lapsed_now,
            timeout,
            "no lapse of",
        )

    def wait_for_lapse(self, account: AccountLike, timeout: float | None = None) -> Lapsed:
        """Return the account's lapse: the last one at once if it is lapsed now, else the next one.

        The carrier's clock decides: see `advance`, or give the account a short `grant`. Raises `RegistrationTimeout`.
        """
        __tracebackhide__ = True
        found: Lapsed = self._block(self.future_wait_for_lapse(account, timeout), timeout)
        return found

    async def async_wait_for_lapse(self, account: AccountLike, timeout: float | None = None) -> Lapsed:
        """`wait_for_lapse` for coroutines of asyncio, trio and Twisted."""
        found: Lapsed = await FutureAwaitable(self.future_wait_for_lapse(account, timeout))
        return found

    @contextmanager
    def expect_registration(self, account: AccountLike, timeout: float | None = None) -> Iterator[ExpectedRegistration]:
        """Around the action that should cause a registration: wait at the end of the block for one begun inside.

        Only a registration or refresh after entry counts. Raises `RegistrationTimeout`.
        """
        __tracebackhide__ = True
        name = str(account)
        self._link.call(protocol.GetSummary(name))
        expected = ExpectedRegistration()
        limit = self.timeout if timeout is None else timeout
        found: Future[protocol.BindingInfo] = Future()

        def look(records: list[Record]) -> None:
            for record in records:
                if isinstance(record, (Registered, Refreshed)) and record.account == name and not found.done():
                    found.set_result(_bound(record))

        since = self.status().seq
        end = self._link.subscribe(look)
        try:
            yield expected
            if not found.done():
                cancel = self._link.call_later(limit, lambda: self._expire(found, name, since, limit))
                found.add_done_callback(lambda _: cancel())
            expected._binding = self._block(found, limit)
        finally:
            end()

    def _expire(self, future: Future[Any], name: str, since: int, limit: float) -> None:
        if not future.done():
            future.set_exception(RegistrationTimeout(self._timed_out("no registration of", name, since, limit)))

    def _wait(
        self,
        name: str,
        match: Callable[[Record], Any],
        present: Callable[[], Any] | None,
        timeout: float | None,
        what: str,
    ) -> Future[Any]:
        limit = self.timeout if timeout is None else timeout
        since = self.status().seq
        return begin_wait(self._link, match, present, limit, lambda: self._timed_out(what, name, since, limit))

    def _timed_out(self, what: str, name: str, since: int, limit: float) -> str:
        return f"{what} `{name}` within {limit:g} s.{self._seen(name, since)}"

    def _block(self, future: Future[Any], timeout: float | None) -> Any:
        __tracebackhide__ = True
        return block_on(future, self.timeout if timeout is None else timeout)

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

        `manners` says how it behaves: ``rfc3261`` or ``asterisk-chan_sip``. It shares the carrier's clock. `source`
        is the address it sends from, `secret` another password than the account's.
        """
        name = str(account)
        known = self._accounts.get(name)
        if known is None:
            known = account if isinstance(account, Account) else self.add_account(name)
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
        return BuiltInClient(self._link, number, known.name)

    def _dialled(self, transport: str) -> tuple[str, int]:
        """Return where a client of this machine reaches the carrier, whatever it advertises."""
        self.address(transport)
        place = next(p for p in self._listening if p.transport == transport)
        return _reachable(place.host), place.port

    # -- control -------------------------------------------------------------------------------------------
    def advance(self, seconds: float) -> None:
        """Move the carrier's clock on, deadline by deadline; returns when everything due is done.

        Built-in clients share this clock. A client in another process keeps its own: to see its refreshes, grant it
        little (``add_account(..., grant=5)``).
        """
        if seconds < 0:
            raise ValueError("time only goes on")
        self._link.call(protocol.Advance(seconds), timeout=30.0 + seconds / 100)

    def expire(self, account: AccountLike) -> int:
        """Let all bindings of an account lapse now; return how many there were."""
        count: int = self._link.call(protocol.Expire(str(account)))
        return count

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

    def reset(self, keep: Iterable[str] = ()) -> None:
        """Forget accounts, bindings, nonces, lists, outage and history, but for what `keep` names; ports stay.

        `keep` may hold ``accounts``, ``bindings`` (which keeps the accounts too) and ``history``.
        """
        kept = (keep,) if isinstance(keep, str) else tuple(keep)
        self._link.call(protocol.Reset(kept))
        if not {"accounts", "bindings"} & set(kept):
            self._accounts.clear()


class BuiltInClient:
    """A client of our own: a user agent core on a real socket, with a known client's manners."""

    def __init__(self, link: Link, number: int, account: str) -> None:
        self._link = link
        self._number = number
        self.account = account

    def register(self) -> protocol.AgentOutcome:
        """Register and return how it ended; later refreshes go by themselves, on the carrier's clock."""
        return self._act("register")

    def refresh(self) -> protocol.AgentOutcome:
        """Refresh now; raises `IllegalStep` when nothing is registered."""
        return self._act("refresh")

    def unregister(self) -> protocol.AgentOutcome:
        """Remove the binding."""
        return self._act("unregister")

    def close(self) -> None:
        """Stop without unregistering, as a client that loses power does."""
        self._link.call(protocol.CloseAgent(self._number))

    def _act(self, action: str) -> protocol.AgentOutcome:
        outcome: protocol.AgentOutcome = self._link.call(protocol.AgentAct(self._number, action), timeout=60.0)
        return outcome


class Outage:
    """A carrier that is down for a while."""

    def __init__(self, link: Link, kind: str, forget: tuple[str, ...]) -> None:
        self._link = link
        self.kind = kind
        self.forget = forget

    def down(self) -> None:
        """Start the outage."""
        self._link.call(protocol.GoDown(self.kind, self.forget))

    def up(self) -> None:
        """End it."""
        self._link.call(protocol.GoUp())

    def __enter__(self) -> Outage:
        self.down()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.up()


def _bound(record: BindingEvent) -> protocol.BindingInfo:
    return protocol.BindingInfo(
        account=record.account,
        contact=record.contact,
        expires_in=float(record.expires),
        granted=record.expires,
        call_id=record.call_id,
        cseq=record.cseq,
        flow=record.flow,
        user_agent=record.user_agent,
    )


def _reachable(host: str) -> str:
    """Return the host that clients of a wildcard listener can be given."""
    if host not in ("0.0.0.0", "::"):
        return host
    from mockregistrar.net.listeners import local_addresses

    own = local_addresses(host == "::")
    return own[-1] if own else "127.0.0.1"
