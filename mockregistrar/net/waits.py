"""Waiting by event: one mechanism, three forms.

A wait subscribes first and looks at the present state second, so that nothing falls between. Its result is a
`concurrent.futures.Future`, which a thread blocks on, and which asyncio, trio and Twisted coroutines await through
their own means, found at the time of the await; none of them is imported for it. Whatever ends a wait (an event,
the time-out, a cancellation), the subscription and the timer end with it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Generator
from concurrent.futures import Future, InvalidStateError
from typing import Any, TypeVar

from mockregistrar.net.link import Link
from mockregistrar.trace import Record

T = TypeVar("T")


class RegistrationTimeout(AssertionError, TimeoutError):  # noqa: N818 - the public name of DESIGN decision 5
    """A wait ran out; the message says what was waited for and what came instead, closest first."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


def begin_wait(
    link: Link,
    match: Callable[[Record], T | None],
    present: Callable[[], T | None] | None,
    timeout: float | None,
    explain: Callable[[], str],
) -> Future[T]:
    """Return a future of the first value that `match` makes of a record, or that `present` finds now.

    After `timeout` seconds (never when None) it fails with `RegistrationTimeout` and the text of `explain`, which runs
    on the link's thread.
    """
    future: Future[T] = Future()

    def look(records: list[Record]) -> None:
        for record in records:
            value = match(record)
            if value is not None:
                _settle(future, value)
                return

    def expire() -> None:
        if not future.done():
            fail(future, explain)

    end = link.subscribe(look)
    cancel = None if timeout is None else link.call_later(timeout, expire)

    def clean_up(_: Future[T]) -> None:
        end()
        if cancel is not None:
            cancel()

    future.add_done_callback(clean_up)
    if present is not None:
        try:
            value = present()
        except BaseException:
            future.cancel()
            raise
        if value is not None:
            _settle(future, value)
    return future


def fail(future: Future[Any], explain: Callable[[], str]) -> None:
    """Let a future fail with a `RegistrationTimeout` and the text of `explain`, unless it is done."""
    try:
        outcome: BaseException = RegistrationTimeout(explain())
    except Exception as error:  # noqa: BLE001 - handed to who waits: the carrier may be stopped by now
        outcome = error
    _settle(future, outcome)


def give_up(future: Future[Any], error: BaseException) -> None:
    """Let a future fail with `error`, unless it is done."""
    _settle(future, error)


def _settle(future: Future[Any], outcome: Any) -> None:
    try:
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
    except InvalidStateError:
        return  # settled or cancelled from another thread in between: the first outcome counts


def block_on(future: Future[T], timeout: float) -> T:
    """Wait for `future` in this thread; an interrupt leaves no waiter behind."""
    __tracebackhide__ = True
    try:
        return future.result(timeout + 10.0)
    except RegistrationTimeout as error:
        raise RegistrationTimeout(str(error) + _loop_hint()) from None
    except BaseException:
        future.cancel()
        raise


def _loop_hint() -> str:
    """Return a remark when this thread runs an event loop that the wait held up."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        if not _in_trio():
            return ""
    return (
        "\n  This wait blocked a thread with a running event loop: a client that runs in that loop could not do "
        "anything meanwhile. Use the async_ form of the wait."
    )


def _in_trio() -> bool:
    trio = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True


class FutureAwaitable:
    """Awaits a future the way of whatever runs the coroutine: asyncio, trio or Twisted."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def __await__(self) -> Generator[Any, Any, Any]:
        future = self._future
        if _in_trio():
            return (yield from _trio_wait(future).__await__())
        try:
            in_task = asyncio.current_task() is not None
        except RuntimeError:
            in_task = False
        if in_task:
            return (yield from asyncio.wrap_future(future).__await__())
        reactor = sys.modules.get("twisted.internet.reactor")
        if reactor is not None:
            return (yield from _deferred_of(future, reactor).__await__())
        future.cancel()
        raise RuntimeError("an async_ wait needs asyncio, trio or a Twisted coroutine around it")


async def _trio_wait(future: Future[Any]) -> Any:
    trio = sys.modules["trio"]
    token = trio.lowlevel.current_trio_token()
    done = trio.Event()

    def wake(_: Future[Any]) -> None:
        try:
            token.run_sync_soon(done.set)
        except trio.RunFinishedError:
            return  # nobody waits there any more

    future.add_done_callback(wake)
    try:
        await done.wait()
    except BaseException:
        future.cancel()
        raise
    return future.result()


def _deferred_of(future: Future[Any], reactor: Any) -> Any:
    from twisted.internet.defer import Deferred

    def cancel(_: Deferred[Any]) -> None:
        future.cancel()

    deferred: Any = Deferred(cancel)

    def fire() -> None:
        if deferred.called:
            return
        try:
            result = future.result()
        except BaseException:  # noqa: BLE001 - handed to the coroutine
            deferred.errback()
            return
        deferred.callback(result)

    future.add_done_callback(lambda _: reactor.callFromThread(fire))
    return deferred
