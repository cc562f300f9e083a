"""A carrier's clock, and what it brings about: refreshes and lapses.

The clock is that of DESIGN decision 6: bindings, nonces, lock-outs and the Date header go by it, waits and
retransmissions do not. Built-in clients share it; a client in another process keeps its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from types import TracebackType
from typing import TYPE_CHECKING

from mockregistrar.engine import protocol
from mockregistrar.net.link import Link
from mockregistrar.net.questions import AccountLike
from mockregistrar.net.waiting import Waiting
from mockregistrar.trace import BindingEvent, Lapsed

if TYPE_CHECKING:
    from mockregistrar.net.refreshes import Refreshes

_FURTHEST = 100 * 365.25 * 86400
_EARLIEST = datetime(1970, 1, 2, tzinfo=timezone.utc).timestamp()
_LINES = 10
"""Binding changes that an assertion's message shows, at most."""


class Frozen:
    """A clock that is held since `freeze` was called; as a context manager it runs again at the end of the block."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def thaw(self) -> None:
        """Let the clock run on, from what it shows. Twice is fine."""
        self._link.call(protocol.Thaw())

    def __enter__(self) -> Frozen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.thaw()


class Timing(Waiting):
    """The part of `MockRegistrar` that has to do with its clock."""

    # -- the clock -----------------------------------------------------------------------------------------
    @property
    def now(self) -> datetime:
        """What the carrier's clock shows, in UTC."""
        return datetime.fromtimestamp(self.status().carrier, timezone.utc)

    def advance(self, seconds: float) -> None:
        """Move the carrier's clock on, deadline by deadline; returns when everything due is done.

        Built-in clients share this clock. A client in another process keeps its own: to see its refreshes, grant it
        little (``add_account(..., grant=5)``).
        """
        if not 0 <= seconds <= _FURTHEST:
            raise ValueError(
                f"advance() takes 0 to {_FURTHEST:g} s (a hundred years), not {seconds:g}; at() can set the clock back"
            )
        self._link.call(protocol.Advance(seconds), timeout=30.0 + seconds / 100)

    def at(self, moment: datetime | str | float) -> None:
        """Set the carrier's clock: on as `advance` does, back only while nothing is bound.

        `moment` is a `datetime` (without a zone it is UTC), its ISO 8601 text (``2026-12-31T23:59:50Z``), or POSIX
        seconds. Raises ValueError for what is none of these, further than a hundred years off, or back in time while
        there are bindings.
        """
        then, now = _posix(moment), self.status().carrier
        if not _EARLIEST <= then <= now + _FURTHEST:
            raise ValueError(f"{moment} is before 1970-01-02 or more than a hundred years on")
        self._link.call(protocol.SetClock(then), timeout=30.0 + max(0.0, then - now) / 100)

    def freeze(self) -> Frozen:
        """Hold the carrier's clock until the end of the block, or until `thaw`; `advance` and `at` still move it.

        While it is held no binding lapses and no built-in client refreshes, however long the test takes.
        """
        self._link.call(protocol.Freeze())
        return Frozen(self._link)

    def thaw(self) -> None:
        """Let a frozen clock run on, from what it shows."""
        self._link.call(protocol.Thaw())

    @property
    def rate(self) -> float:
        """Carrier seconds in a second of real time: 1 unless set otherwise, 0 while frozen.

        To set it lets the clock run slower or faster, up to 100,000 times: ``carrier.rate = 60`` makes a minute of
        every second. For a demonstration or a long soak; to get on in a test use `advance`.
        """
        return self.status().rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._link.call(protocol.SetRate(float(rate)))

    # -- bindings that end ---------------------------------------------------------------------------------
    def expire(self, account: AccountLike) -> int:
        """Let all bindings of an account lapse now; return how many there were."""
        count: int = self._link.call(protocol.Expire(str(account)))
        return count

    def revoke(self, account: AccountLike, contact: str | None = None) -> int:
        """Take the bindings of an account away, or that of one `contact`; return how many there were.

        What a carrier's administrator does: the client is not told, and believes itself registered until it refreshes.
        It is recorded as ``unregistered``, not as a lapse. Raises `LookupError` for a contact that is not bound.
        """
        count: int = self._link.call(protocol.Revoke(str(account), contact))
        return count

    # -- refreshes -----------------------------------------------------------------------------------------
    def refreshes(self, account: AccountLike, since: int = 0) -> Refreshes:
        """Return the refreshes of an account, of those after record number `since`, with intervals and jitter.

        Raises `HistoryTruncated` where some are no longer held.
        """
        from mockregistrar.net.refreshes import refreshes_of  # here, as most tests look at none

        return refreshes_of(str(account), self._changes(account), since)

    def assert_refreshed_before_lapse(self, account: AccountLike, margin: float = 0.0, since: int = 0) -> Refreshes:
        """Return the refreshes of an account; fail unless there are some, all with `margin` seconds to spare.

        It fails where a binding lapsed too, and where one is left now with less than the margin. Only what came after
        record number `since` counts (``status().seq`` is the latest).
        """
        __tracebackhide__ = True
        name, changes = str(account), self._changes(account)
        found = self.refreshes(account, since)
        late = [change for change in changes if change.seq > since and _late(change, margin)]
        room = f" at least {margin:g} s before the lapse" if margin else " before the lapse"
        if late:
            raise AssertionError(self._masked([f"`{name}` was not always refreshed{room}:", *_lines(late)]))
        due = [f"{b.contact}  {b.expires_in:.1f} s left, no refresh yet" for b in self.bindings(name)]
        if any(b.expires_in < margin for b in self.bindings(name)):
            raise AssertionError(self._masked([f"`{name}` is not refreshed{room}:", *_indented(due)]))
        if not found:
            what = f"`{name}` has not been refreshed" + (f" since record {since}." if since else ".")
            if not due:
                raise AssertionError(what + self._seen(name, since))
            wait = "  wait_for_refresh() waits for the next one; advance() brings on those of a built-in client"
            raise AssertionError(self._masked([what, *_indented(due), wait]))
        return found

    def assert_never_lapsed(self, account: AccountLike, since: int = 0) -> None:
        """Fail when a binding of an account lapsed after record number `since`, or when it was not registered at all.

        A client that unregisters has not lapsed.
        """
        __tracebackhide__ = True
        name, changes = str(account), self._changes(account)
        lapsed = [change for change in changes if change.seq > since and isinstance(change, Lapsed)]
        if lapsed:
            times = "once" if len(lapsed) == 1 else f"{len(lapsed)} times"
            raise AssertionError(self._masked([f"`{name}` lapsed {times}:", *_lines(lapsed)]))
        if not self.bindings(name) and not any(change.seq > since for change in changes):
            what = f"`{name}` was not registered" + (f" since record {since}" if since else "")
            raise AssertionError(f"{what}, so it could not lapse.{self._seen(name, since)}")

    def _changes(self, account: AccountLike) -> tuple[BindingEvent, ...]:
        found: tuple[BindingEvent, ...] = self._link.call(protocol.GetChanges(str(account)))
        return found

    def _masked(self, lines: list[str]) -> str:
        return self.masker.text("\n".join(lines))


def _late(change: BindingEvent, margin: float) -> bool:
    return isinstance(change, Lapsed) or (change.kind == "refreshed" and change.left < margin)


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _lines(changes: Sequence[BindingEvent]) -> list[str]:
    from mockregistrar.net.refreshes import told

    shown = [f"  {_clock(change.carrier)}  {told(change)}" for change in changes[:_LINES]]
    return shown + ([f"  and {len(changes) - _LINES} more"] if len(changes) > _LINES else [])


def _clock(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, timezone.utc):%H:%M:%S}"


def _posix(moment: datetime | str | float) -> float:
    """Return a moment in POSIX seconds. Raises ValueError where it is none."""
    if isinstance(moment, str):
        text = moment.strip()
        try:
            moment = datetime.fromisoformat(text[:-1] + "+00:00" if text[-1:] in ("Z", "z") else text)
        except ValueError:
            raise ValueError(f"{moment!r} is no date and time; write 2026-12-31T23:59:50Z") from None
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    return float(moment)
