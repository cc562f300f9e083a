"""What can be asked of a running carrier, and asserted: questions that look, and never wait.

Every answer comes from a command; nothing of the carrier's state is kept here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mockregistrar.carrier.reasons import REASONS
from mockregistrar.carrier.settings import ListenSpec, nearest
from mockregistrar.engine import protocol
from mockregistrar.net.account import Account
from mockregistrar.net.link import Link
from mockregistrar.net.seen import SeenRequest
from mockregistrar.sip.flow import format_address
from mockregistrar.trace import MessageSeen, Record, Refused

if TYPE_CHECKING:
    from mockregistrar.trace.masking import Masker

AccountLike = Account | str


class Questions:
    """The part of `MockRegistrar` that asks."""

    _link: Link
    _listening: list[ListenSpec]
    _given_secrets: list[str]

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
        from mockregistrar.trace.ladder import (
            ladder,
        )  # here, as all that shows what was seen: a passing test shows none

        return ladder(self.records(since), self.masker)

    @property
    def masker(self) -> Masker:
        """What masks the secrets that were given to this carrier (made-up ones are shown)."""
        from mockregistrar.trace.masking import Masker

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
        from mockregistrar.trace.closest import seen_instead

        known = self._link.call(protocol.GetAccounts())
        records = self._link.call(protocol.GetRecords(since))
        where = ", ".join(f"{p.transport} {format_address((p.host, p.port))}" for p in self._listening)
        lines = seen_instead(records, account, known[:1000], where, heard_before=since > 0)
        if len(lines) == 1 and lines[0].startswith("nothing arrived"):
            return f" {lines[0][0].upper()}{lines[0][1:]}."
        return "\n".join([" Seen meanwhile, closest first:", *(f"  {line}" for line in lines)])
