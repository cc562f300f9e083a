"""Faults as a test holds them: a handle that turns itself off, and complains where it touched nothing."""

from __future__ import annotations

from types import TracebackType

from mockregistrar.engine import protocol
from mockregistrar.net.link import Link


class Fault:
    """One fault of a running carrier, on from the moment it was asked for.

    As a context manager it is removed at the end of the block, which fails where it touched nothing and is not
    ``optional``. Without a block it is on until `remove`, and the plugin looks after it when the test ends.
    """

    def __init__(self, link: Link, number: int) -> None:
        self._link = link
        self.number = number
        """From 1, as the trace calls it."""

    @property
    def info(self) -> protocol.FaultInfo:
        """The fault as it stands: `spec`, `seen`, `fired`, what came close. Raises `LookupError` after a `reset`."""
        found: tuple[protocol.FaultInfo, ...] = self._link.call(protocol.GetFaults(removed=True))
        for info in found:
            if info.number == self.number:
                return info
        raise LookupError(f"the carrier no longer knows fault {self.number}: it was reset since")

    @property
    def spec(self) -> protocol.FaultSpec:
        """What it does, with the seed that it draws by."""
        return self.info.spec

    @property
    def fired(self) -> int:
        """How many messages it touched."""
        return self.info.fired

    @property
    def seen(self) -> int:
        """How many messages matched it."""
        return self.info.seen

    def remove(self) -> protocol.FaultInfo:
        """Turn it off and return how it stood; doing so twice is fine."""
        found: protocol.FaultInfo = self._link.call(protocol.RemoveFault(self.number))
        return found

    def __enter__(self) -> Fault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        try:
            info: protocol.FaultInfo = self._link.call(protocol.RemoveFault(self.number, told=True))
        except LookupError:
            return  # the block reset the carrier, and so ended the fault
        if kind is None and info.missed:
            raise AssertionError(info.explain())

    def __repr__(self) -> str:
        return f"<Fault {self.number}: {self.spec}>"
