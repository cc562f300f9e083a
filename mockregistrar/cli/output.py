"""Standard output beside a reactor: written in batches, never blocking, quiet when nobody reads any more.

Theory of operation. A carrier under load makes more lines than a terminal takes. Records are gathered, and written
at most every `PAUSE` seconds as one run of octets. Before each write the descriptor is polled, and no write to a pipe
or terminal is longer than what one that polls writable is bound to take (PIPE_BUF octets); so a reader that stands
still never holds up the carrier. What it leaves waits, up to `LIMIT` octets, until the reactor says that the
descriptor is writable again. Beyond that, whole batches are left out, and counted: the count is printed when there is
room again.
"""

from __future__ import annotations

import os
import select
import stat
import time
from collections import deque
from collections.abc import Callable
from typing import Any

PAUSE = 0.02
"""Seconds between two writes while there is much to write; the first line after a rest goes out at once."""
LIMIT = 4 << 20
"""Octets that wait for a slow reader."""
LAST_WAIT = 3.0
"""Seconds that the last octets wait at the end for a reader that takes nothing."""
_LONGEST_WAIT = 20.0


class Output:
    """The standard output of a process with a reactor."""

    def __init__(
        self,
        descriptor: int,
        reactor: Any,
        *,
        render: Callable[[list[Any]], str],
        lost: Callable[[int], str],
        closed: Callable[[OSError | None], None],
    ) -> None:
        """Write to `descriptor`.

        `render` makes the text of a batch of records, `lost` that of a number of records left out; `closed` is called,
        with the system's error if there is one, when nothing can be written any more.
        """
        self.open = True
        self._fd = descriptor
        self._reactor = reactor
        self._render = render
        self._lost_text = lost
        self._closed = closed
        self._records: list[Any] = []
        self._waiting: deque[memoryview] = deque()
        self._size = 0
        self._lost = 0
        self._timer: Any = None
        self._last = float("-inf")
        self._stalled = False
        self._poller = select.poll()
        self._poller.register(descriptor, select.POLLOUT)
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)  # takes everything at once, and never blocks
        self._most = 1 << 20 if regular else select.PIPE_BUF

    def records(self, records: list[Any]) -> None:
        """Take a batch of records; what they look like is worked out when they are written."""
        if not self.open:
            return
        self._records += records
        if self._stalled:
            self._leave_out()
        elif self._timer is None:
            rest = self._last + PAUSE - time.monotonic()
            self._timer = self._reactor.callLater(max(0.0, rest), self._flush)

    def text(self, text: str) -> None:
        """Write text now, behind what was taken before."""
        if self.open:
            self._make()
            self._append(text)
            self._write()

    def leave_reactor(self) -> None:
        """Only gather from now on, until `finish`: a reactor that stops tells all it watches that they are lost."""
        self._stalled = True
        self._reactor.removeWriter(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def finish(self, text: str = "") -> None:
        """Write what is left, then `text`; give up on a reader that takes nothing for `LAST_WAIT` seconds."""
        if not self.open:
            return
        self.leave_reactor()
        self._make()
        self._append(text)
        deadline = time.monotonic() + _LONGEST_WAIT
        while self.open and self._waiting and time.monotonic() < deadline:
            if not self._poller.poll(LAST_WAIT * 1000):
                break
            self._step()
        self.open = False

    # -- from records to octets ----------------------------------------------------------------------------
    def _flush(self) -> None:
        self._timer = None
        self._last = time.monotonic()
        self._make()
        self._write()

    def _make(self) -> None:
        records, self._records = self._records, []
        if self._lost and self._size < LIMIT // 2:
            lost, self._lost = self._lost, 0
            self._append(self._lost_text(lost))
        if records:
            self._append(self._render(records))

    def _append(self, text: str) -> None:
        if text:
            octets = memoryview(text.encode("utf-8", "backslashreplace"))
            self._waiting.append(octets)
            self._size += len(octets)

    def _leave_out(self) -> None:
        """While the reader stands still: keep what there is room for, count the rest."""
        if self._size >= LIMIT:
            self._lost += len(self._records)
            self._records = []
        else:
            self._make()

    # -- from octets to the descriptor -----------------------------------------------------------------------
    def _write(self) -> None:
        while self.open and self._waiting:
            if not self._poller.poll(0) or not self._step():
                self._stall()
                return

    def _step(self) -> bool:
        """Write once, no more than is bound to be taken; whether the descriptor takes anything."""
        first = self._waiting[0]
        try:
            written = os.write(self._fd, first[: self._most])
        except BlockingIOError:
            return False
        except OSError as error:
            self._end(error)
            return True
        self._size -= written
        if written == len(first):
            self._waiting.popleft()
        else:
            self._waiting[0] = first[written:]
        return True

    def _end(self, error: OSError | None) -> None:
        self.open = False
        self._resume()
        self._waiting.clear()
        self._records = []
        self._closed(error)

    # -- a reader that stands still (Twisted's IWriteDescriptor) ---------------------------------------------
    def _stall(self) -> None:
        if not self._stalled:
            self._stalled = True
            self._reactor.addWriter(self)

    def _resume(self) -> None:
        if self._stalled:
            self._stalled = False
            self._reactor.removeWriter(self)

    def fileno(self) -> int:
        """Return the descriptor that the reactor watches while the reader stands still."""
        return self._fd

    def doWrite(self) -> None:  # noqa: N802 - Twisted's name
        """Go on: the reader takes octets again."""
        self._resume()
        self._make()
        self._write()

    def connectionLost(self, reason: Any) -> None:  # noqa: ARG002, N802 - Twisted's name
        """End: the reader is gone."""
        if self.open:
            self._end(None)

    def logPrefix(self) -> str:  # noqa: N802 - Twisted's name
        """Return what Twisted's log calls this."""
        return "standard output"
