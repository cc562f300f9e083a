"""What `advance` waits for where the carrier pings its contacts: that those answer which can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

if TYPE_CHECKING:
    from mockregistrar.net.host import CarrierHost
    from mockregistrar.trace import Record

PATIENCE = 10.0
"""Seconds of wire time that one `advance` waits for answers to pings, all in all."""


async def answered(host: CarrierHost, patience: float) -> float:
    """Wait until no contact is awaited that is not known to be gone; return what is left of `patience`, in seconds.

    A contact that does not answer costs its time-out once: from then on nobody waits for it.
    """
    pings = host.engine.pings
    if pings is None or not pings.awaited or patience <= 0:
        return patience
    begun = host.wire_time()
    done: Deferred[None] = Deferred()

    def look(_: list[Record]) -> None:
        if not pings.awaited and not done.called:
            done.callback(None)

    end = host.subscribe(look, messages=True)
    timer: Any = host.reactor.callLater(patience, done.callback, None)
    try:
        await done
    finally:
        end()
        if timer.active():
            timer.cancel()
    return patience - (host.wire_time() - begun)
