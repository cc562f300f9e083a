"""Waiting for a carrier: level and edge waits in their three forms, on top of `waits`.

*Level*: `wait_for_registration` returns at once when the account is registered already. *Edge*: `wait_for_refresh` and
`expect_registration` count only what happens after they began. Time-outs are in seconds, of wire time.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any

from mockregistrar.engine import protocol
from mockregistrar.net.questions import AccountLike, Questions
from mockregistrar.net.reactor import ReactorStopped
from mockregistrar.net.waits import FutureAwaitable, begin_wait, block_on, fail, give_up
from mockregistrar.trace import BindingEvent, Lapsed, Record, Refreshed, Registered


class Waiting(Questions):
    """The part of `MockRegistrar` that waits."""

    timeout: float
    """Seconds of every wait that names none."""
    _under_way: set[Future[Any]]

    # -- waits ---------------------------------------------------------------------------------------------
    def future_wait_for_registration(
        self, account: AccountLike, timeout: float | None = None
    ) -> Future[protocol.BindingInfo]:
        """Return a future of the account's binding: at once if it is registered, else when it registers."""
        name = str(account)
        return self._wait(
            name,
            lambda r: self._bound(r, name),
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
            changes: tuple[BindingEvent, ...] = self._link.call(protocol.GetChanges(name))
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

    def expect_registration(self, account: AccountLike, timeout: float | None = None) -> ExpectedRegistration:
        """Around the action that should cause a registration: wait at the end of the block for one begun inside.

        A context manager, with ``async with`` too. Only a registration or refresh after entry counts. Its end raises
        `RegistrationTimeout`.
        """
        return ExpectedRegistration(self, str(account), self.timeout if timeout is None else timeout)

    def future_next_registration(self, account: AccountLike) -> Future[protocol.BindingInfo]:
        """Return a future of the account's next registration or refresh, without a time-out; cancel it to let go."""
        name = str(account)
        self._link.call(protocol.GetSummary(name))
        return self._begin(lambda r: self._bound(r, name), None, None, lambda: "")

    def expire_after(self, future: Future[Any], account: str, timeout: float, since: int) -> None:
        """Let a future of `future_next_registration`, begun at record `since`, fail after `timeout` seconds."""
        cancel = self._link.call_later(
            timeout,
            lambda: fail(future, lambda: self._timed_out("no registration of", account, since, timeout)),
        )
        future.add_done_callback(lambda _: cancel())

    def _bound(self, record: Record, name: str) -> protocol.BindingInfo | None:
        """Return the binding that a record of `name` tells of: as it stands, or as told where it is gone again."""
        if not isinstance(record, (Registered, Refreshed)) or record.account != name:
            return None
        current = [b for b in self.bindings(name) if b.contact == record.contact]
        if current:
            return current[0]
        return protocol.BindingInfo(
            account=name,
            contact=record.contact,
            expires_in=float(record.expires),
            granted=record.expires,
            call_id=record.call_id,
            cseq=record.cseq,
            flow=record.flow,
            user_agent=record.user_agent,
        )

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
        return self._begin(match, present, limit, lambda: self._timed_out(what, name, since, limit))

    def _begin(
        self,
        match: Callable[[Record], Any],
        present: Callable[[], Any] | None,
        timeout: float | None,
        explain: Callable[[], str],
    ) -> Future[Any]:
        """Begin a wait, and keep it for `_give_up_waits` until it is over."""
        future = begin_wait(self._link, match, present, timeout, explain)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    def _give_up_waits(self) -> None:
        """Let every wait under way fail: the carrier is being stopped."""
        for future in list(self._under_way):
            give_up(future, ReactorStopped("the carrier was stopped while this wait was under way"))

    def _timed_out(self, what: str, name: str, since: int, limit: float) -> str:
        return f"{what} `{name}` within {limit:g} s.{self._seen(name, since)}"

    def _block(self, future: Future[Any], timeout: float | None) -> Any:
        __tracebackhide__ = True
        self.refuse_inside(future)
        return block_on(future, self.timeout if timeout is None else timeout)

    def refuse_inside(self, future: Future[Any]) -> None:
        """Raise, and let go of the wait, when the caller is the carrier's own thread: it would wait for itself."""
        if self._link.inside:
            future.cancel()
            raise RuntimeError(
                "a blocking wait on the carrier's own thread would wait for itself; "
                "use the future_ or async_ form there, or wait in another thread"
            )


class ExpectedRegistration:
    """A registration that the block should cause; after the block, `binding` holds it."""

    def __init__(self, carrier: Waiting, account: str, timeout: float) -> None:
        self._carrier = carrier
        self._account = account
        self._timeout = timeout
        self._since = 0
        self._future: Future[protocol.BindingInfo] | None = None
        self._binding: protocol.BindingInfo | None = None

    @property
    def binding(self) -> protocol.BindingInfo:
        """The binding as it was registered or refreshed; there only after the block."""
        if self._binding is None:
            raise AttributeError(
                "the registration is awaited at the end of the `with` block; look at .binding after it"
            )
        return self._binding

    def __enter__(self) -> ExpectedRegistration:
        self._since = self._carrier.status().seq
        # The time-out counts from the end of the block: what the block does may take its time.
        self._future = self._carrier.future_next_registration(self._account)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        future = self._leave(kind)
        if future is not None:
            self._carrier.refuse_inside(future)
            self._binding = block_on(future, self._timeout)

    async def __aenter__(self) -> ExpectedRegistration:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        future = self._leave(kind)
        if future is not None:
            self._binding = await FutureAwaitable(future)

    def _leave(self, kind: type[BaseException] | None) -> Future[protocol.BindingInfo] | None:
        """Start the clock on the future; after an error in the block, let go of it."""
        future, self._future = self._future, None
        if future is None or kind is not None:
            if future is not None:
                future.cancel()
            return None
        self._carrier.expire_after(future, self._account, self._timeout, self._since)
        return future
