"""Links that carry the protocol as another process or machine would: nothing live gets across."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

from mockregistrar.carrier.settings import CarrierSettings
from mockregistrar.engine.protocol import Command, from_json, to_json
from mockregistrar.net.link import Link, Started, ThreadLink
from mockregistrar.net.reactor import SHARED
from mockregistrar.net.tls import TestAuthority
from mockregistrar.trace import Record

Subscriber = Callable[[list[Record]], None]
AUTHORITY = TestAuthority()


def pickled(value: Any) -> Any:
    """Return `value` as it comes out at the other end of a pipe."""
    return pickle.loads(pickle.dumps(value))


def through_json(value: Any) -> Any:
    """Return `value` as it comes out at the other end of an HTTP request; errors go as they are."""
    if isinstance(value, (BaseException, Started)):
        return pickled(value)
    return from_json(json.loads(json.dumps(to_json(value))))


class CrossingLink:
    """A thread link with a border in the middle."""

    def __init__(self, inner: Link, cross: Callable[[Any], Any]) -> None:
        self.inner = inner
        self._cross = cross

    @property
    def inside(self) -> bool:
        return self.inner.inside

    def start(self) -> Started:
        return self._guarded(self.inner.start)

    def stop(self) -> None:
        self.inner.stop()

    def call(self, command: Command, timeout: float = 30.0) -> Any:
        return self._guarded(lambda: self.inner.call(self._cross(command), timeout=timeout))

    def subscribe(self, subscriber: Subscriber, *, messages: bool = False) -> Callable[[], None]:
        return self.inner.subscribe(lambda records: subscriber(list(self._cross(records))), messages=messages)

    def call_later(self, delay: float, function: Callable[[], None]) -> Callable[[], None]:
        return self.inner.call_later(delay, function)

    def _guarded(self, ask: Callable[[], Any]) -> Any:
        try:
            return self._cross(ask())
        except Exception as error:  # noqa: BLE001 - an error crosses too
            raise self._cross(error) from None


def thread_link(settings: CarrierSettings) -> ThreadLink:
    return ThreadLink(settings, SHARED, lambda: AUTHORITY)


LINKS: dict[str, Callable[[CarrierSettings], Link]] = {
    "thread": thread_link,
    "pickle": lambda settings: CrossingLink(thread_link(settings), pickled),
    "json": lambda settings: CrossingLink(thread_link(settings), through_json),
}


def waiters(link: Any) -> int:
    """Return how many subscribers the carrier behind `link` has, when everything asked so far is done."""
    link = getattr(link, "inner", link)
    return link._thread.call(lambda: len(link._host._subscribers))


def timers(link: Any) -> int:
    """Return how many timers run on the reactor of `link`, that of the carrier left out."""
    link = getattr(link, "inner", link)
    return link._thread.call(lambda: sum(c is not link._host._timer for c in link._thread.reactor.getDelayedCalls()))
