"""A link carries the command/event protocol between the face and a running carrier.

`ThreadLink` reaches a carrier on a reactor thread of this process. Others (a process of its own, a remote
carrier) carry the same commands, values and events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mockregistrar.carrier.settings import CarrierSettings, ListenSpec
from mockregistrar.net.reactor import ReactorThread

if TYPE_CHECKING:
    from mockregistrar.engine.protocol import Command
    from mockregistrar.trace import Record

Subscriber = Callable[["list[Record]"], None]
_SLOW = frozenset({"Advance", "AgentAct", "SetClock"})
"""The commands whose answer takes its time."""


class Started(NamedTuple):
    """What a carrier says when it is up."""

    listening: tuple[ListenSpec, ...]
    seed: int
    realm: str


class Link(Protocol):
    """The carrier of the protocol. Callbacks run on the link's own thread and must not block."""

    @property
    def inside(self) -> bool:
        """Whether the caller is the link's own thread, which a wait would hold up for ever."""

    def start(self) -> Started:
        """Start the carrier; raises `SettingsError` when something cannot be bound."""

    def stop(self) -> None:
        """Stop the carrier and close every socket. Stopping twice is fine."""

    def call(self, command: Command, timeout: float = ...) -> Any:
        """Return the value of `command`."""

    def subscribe(self, subscriber: Subscriber, *, messages: bool = False) -> Callable[[], None]:
        """Hand every run of records from now on to `subscriber`; return what ends it."""

    def call_later(self, delay: float, function: Callable[[], None]) -> Callable[[], None]:
        """Call `function` on the link's thread after `delay` seconds; return what cancels it."""


class ThreadLink:
    """A carrier on a reactor thread of this process."""

    def __init__(self, settings: CarrierSettings, thread: ReactorThread, authority: Callable[[], Any]) -> None:
        self._settings = settings
        self._thread = thread
        self._authority = authority
        self._host: Any = None

    @property
    def inside(self) -> bool:
        """Whether the caller is the reactor's own thread."""
        return self._thread.inside

    def start(self) -> Started:
        """Start the carrier on the thread, and the thread when nobody holds it yet."""
        self._thread.hold()
        try:
            return self._thread.call(self._start)  # type: ignore[no-any-return]
        except BaseException:
            self._thread.release()
            raise

    def _start(self) -> Started:
        from mockregistrar.net.host import CarrierHost

        host = CarrierHost(self._settings, self._thread.reactor, self._authority)
        listening = host.start()
        self._host = host
        return Started(listening, host.seed, host.engine.carrier.realm)

    def stop(self) -> None:
        """Close every socket, and let go of the thread; not from the reactor's own thread."""
        if self._thread.inside:
            raise RuntimeError("a carrier cannot be stopped from its own thread: stop it from the one that started it")
        host, self._host = self._host, None
        if host is None:
            return
        if self._thread.running:
            self._thread.call(host.stop)
        self._thread.release()

    def call(self, command: Command, timeout: float = 30.0) -> Any:
        """Return the value of `command`; from the thread itself at once, if it does not take its time."""
        if self._thread.inside:
            if type(command).__name__ in _SLOW:
                raise RuntimeError("a blocking call from the reactor's own thread would wait for itself")
            return self._running().execute(command)
        try:
            return self._thread.call(lambda: self._running().execute(command), timeout=timeout)
        except (ValueError, LookupError) as error:
            # A mistake in the call, not in the carrier: the frames of the reactor thread would only hide it.
            raise error.with_traceback(None) from None

    def subscribe(self, subscriber: Subscriber, *, messages: bool = False) -> Callable[[], None]:
        """Hand every run of records from now on to `subscriber`; return what ends it, from any thread."""

        def begin() -> Callable[[], None]:
            end: Callable[[], None] = self._running().subscribe(subscriber, messages=messages)
            return end

        end = begin() if self._thread.inside else self._thread.call(begin)

        def end_anywhere() -> None:
            if self._thread.inside:
                end()
            elif self._thread.running:
                self._thread.reactor.callFromThread(end)

        return end_anywhere

    def call_later(self, delay: float, function: Callable[[], None]) -> Callable[[], None]:
        """Call `function` on the reactor thread after `delay` seconds; return what cancels it."""
        reactor = self._thread.reactor
        timer: list[Any] = []
        cancelled: list[bool] = []

        def begin() -> None:
            if not cancelled:
                timer.append(reactor.callLater(delay, function))

        def cancel() -> None:
            cancelled.append(True)
            if timer and timer[0].active():
                timer[0].cancel()

        def cancel_anywhere() -> None:
            if self._thread.inside:
                cancel()
            elif self._thread.running:
                reactor.callFromThread(cancel)

        if self._thread.inside:
            begin()
        else:
            reactor.callFromThread(begin)
        return cancel_anywhere

    def _running(self) -> Any:
        if self._host is None:
            from mockregistrar.net.reactor import ReactorStopped

            raise ReactorStopped("the carrier is not running: call start() first, or use it as a context manager")
        return self._host
