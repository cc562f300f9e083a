"""A private Twisted reactor in a daemon thread.

The global reactor is never imported or installed, so that tests may use asyncio, trio, pytest-twisted or a
reactor of their own beside it. The Twisted names used here that are private (`_registerAsIOThread`,
`_internalReaders`, `_poller`) are used nowhere else, and defensively.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar, cast

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")

_STOP_TIMEOUT = 10.0
_CALL_TIMEOUT = 30.0


class ReactorStopped(RuntimeError):  # noqa: N818 - a state, named as one
    """The carrier's reactor thread is not running (any more), or belongs to another process."""


def new_reactor() -> Any:
    """Return a fresh reactor of the best kind this platform has, not installed, on a clock that nobody adjusts."""
    reactor = _best_reactor()()
    # Else it would overwrite the process-wide `threadable.ioThread`, which belongs to the global reactor.
    reactor._registerAsIOThread = False
    # Twisted's own is the wall clock: a clock step would delay, or rush, every timer.
    reactor.seconds = time.monotonic
    return reactor


def _best_reactor() -> Callable[[], Any]:
    try:
        from twisted.internet.epollreactor import EPollReactor

        return cast("Callable[[], Any]", EPollReactor)
    except ImportError:
        pass  # not Linux
    try:
        from twisted.internet.pollreactor import PollReactor

        return cast("Callable[[], Any]", PollReactor)
    except ImportError:
        from twisted.internet.selectreactor import SelectReactor

        return cast("Callable[[], Any]", SelectReactor)


class ReactorThread:
    """One reactor and its thread, shared by those who hold it: it runs from the first `hold` to the last `release`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._thread: threading.Thread | None = None
        self._pid = 0
        self.reactor: Any = None

    def hold(self) -> None:
        """Start the reactor unless it runs; each `hold` needs a `release`."""
        with self._lock:
            if self._holders and self._pid != os.getpid():
                self._holders, self._thread = 0, None  # a fork left the thread behind in the parent
            if not self._holders:
                self._start()
            self._holders += 1

    def release(self) -> None:
        """Let go; the last one stops the reactor and joins its thread."""
        with self._lock:
            if not self._holders or self._pid != os.getpid():
                return
            self._holders -= 1
            if not self._holders:
                self._stop()

    @property
    def running(self) -> bool:
        """Whether the reactor runs in this process."""
        return self._thread is not None and self._thread.is_alive() and self._pid == os.getpid()

    @property
    def inside(self) -> bool:
        """Whether the caller is the reactor's own thread."""
        return threading.current_thread() is self._thread

    def call(self, function: Callable[..., Any], *args: Any, timeout: float = _CALL_TIMEOUT) -> Any:
        """Run `function` on the reactor thread and return what it returns, or what its Deferred fires with.

        Raises `ReactorStopped` when the thread does not run here (also in the child of a fork), and
        `TimeoutError` when there is no result within `timeout` seconds.
        """
        if self.inside:
            raise RuntimeError("a blocking call from the reactor's own thread would wait for itself")
        try:
            return self.submit(function, *args).result(timeout)
        except FutureTimeout as error:
            if error.args:
                raise  # the function's own
            raise TimeoutError(f"the carrier's thread gave no result within {timeout:g} s") from None

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Run `function` on the reactor thread; return a future of its result."""
        if self._thread is not None and self._pid != os.getpid():
            raise ReactorStopped(
                "this process was forked from the one the carrier runs in, and a fork does not copy threads; "
                "start the carrier in the child, or use subprocess instead of os.fork()"
            )
        if not self.running:
            raise ReactorStopped("the carrier's reactor thread is not running; was the carrier stopped?")
        future: Future[Any] = Future()

        def run() -> None:
            try:
                result = function(*args)
            except BaseException as error:  # noqa: BLE001 - handed to the caller
                future.set_exception(error)
                return
            if isinstance(result, Deferred):
                result.addCallbacks(future.set_result, lambda failure: _fail(future, failure))
            else:
                future.set_result(result)

        self.reactor.callFromThread(run)
        return future

    def _start(self) -> None:
        self._pid = os.getpid()
        self.reactor = reactor = new_reactor()
        ready = threading.Event()
        reactor.callWhenRunning(ready.set)
        self._thread = threading.Thread(
            target=reactor.run, kwargs={"installSignalHandlers": False}, name="mockregistrar", daemon=True
        )
        self._thread.start()
        if not ready.wait(_STOP_TIMEOUT):
            raise ReactorStopped(f"the reactor did not start within {_STOP_TIMEOUT:g} s")

    def _stop(self) -> None:
        thread, reactor = self._thread, self.reactor
        if thread is None or not thread.is_alive():
            return
        reactor.callFromThread(reactor.stop)
        thread.join(_STOP_TIMEOUT)
        if thread.is_alive():
            raise ReactorStopped(f"the reactor did not stop within {_STOP_TIMEOUT:g} s: a callback blocks it")
        self._thread = None
        for reader in list(getattr(reactor, "_internalReaders", ())):
            reactor._removeInternalReader(reader)
            reader.connectionLost(None)
        close = getattr(getattr(reactor, "_poller", None), "close", None)
        if close is not None:
            close()


def _fail(future: Future[Any], failure: Failure) -> None:
    future.set_exception(failure.value)


SHARED = ReactorThread()
"""The thread that all carriers of this process share, unless they are given another."""


@atexit.register
def _end() -> None:
    """Stop the shared thread before the interpreter takes its modules apart."""
    if SHARED.running and not SHARED.inside:
        SHARED.reactor.callFromThread(SHARED.reactor.stop)
