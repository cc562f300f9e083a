"""What can be asked of a running carrier, and asserted: questions that look, and never wait.

Every answer comes from a command; nothing of the carrier's state is kept here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mockregistrar.carrier.checking import nearest
from mockregistrar.carrier.reasons import REASONS
from mockregistrar.carrier.settings import ListenSpec
from mockregistrar.engine import protocol
from mockregistrar.net.account import Account
from mockregistrar.net.link import Link
from mockregistrar.net.seen import SeenRequest
from mockregistrar.sip.flow import format_address

if TYPE_CHECKING:
    from mockregistrar.trace import MessageSeen, Record, Refused, Verdict
    from mockregistrar.trace.masking import Masker

AccountLike = Account | str
_UNREACHABLE = "contact-unreachable"


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

    def verdicts(self, account: AccountLike | None = None, since: int = 0) -> tuple[Verdict, ...]:
        """Return why requests were refused, of an account or of all, oldest first; of those seen after number `since`.

        A verdict goes further than its refusal: which mistake made the password wrong and where, whose name was sent
        instead, what to change, what the client does now. A misspelt user counts for the account that was meant.
        Silence has verdicts too: ``nothing-arrived``, or what came and was no SIP.
        """
        name = None if account is None else str(account)
        if name:
            self._link.call(protocol.GetSummary(name))  # an unknown name is a mistake, not an empty answer
        found: tuple[Verdict, ...] = self._link.call(protocol.GetVerdicts(name, since))
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

    def assert_reachable(self, account: AccountLike) -> protocol.BindingInfo:
        """Return the account's binding; fail when there is none, or when calls to its contact would not arrive.

        A registration that is accepted can still bring no calls: its Contact names a private address, no address, a
        port that no answer comes through. That is the verdict ``contact-unreachable`` and its refinements. On loopback
        only what no client can mean counts.
        """
        __tracebackhide__ = True
        binding = self.assert_registered(account)
        bound = {b.contact for b in self.bindings(account)}
        found = [v for v in self.verdicts(account) if v.because == _UNREACHABLE]
        about = {r.seq: r for r in self.records() if r.seq in {v.about for v in found}}
        found = [v for v in found if getattr(about.get(v.about), "contact", None) in bound]
        if found:
            lines = [f"`{account}` is registered, and calls would not reach it:"]
            for verdict in found:
                lines += [f"  {verdict.slug}: {verdict.sentence}", f"next: {verdict.fix}"]
            lines.append(f"more: mockregistrar codes {_UNREACHABLE}")
            raise AssertionError(self.masker.text("\n".join(lines)))
        return binding

    def assert_refused(self, account: AccountLike | None = None, because: str | None = None) -> Refused:
        """Return the latest refusal of `account` (any when None) for the reason `because`; fail when there is none.

        `because` is a slug, that of the refusal or that of its verdict, which may be refined:
        ``wrong-password``, ``wrong-password/cut-at-character``.
        """
        __tracebackhide__ = True
        wanted = None if because is None else _known_slug(str(because))
        name = None if account is None else str(account)
        if name is not None:
            self._link.call(protocol.GetSummary(name))  # an unknown name is a mistake, not an empty answer
        refusals = [r for r in self.refusals() if name is None or r.account == name]
        verdicts = {v.about: v for v in self.verdicts()}
        matching = [r for r in refusals if wanted is None or wanted in _slugs(r, verdicts.get(r.seq))]
        if matching:
            return matching[-1]
        if wanted is not None and wanted.partition("/")[0] == _UNREACHABLE:
            raise ValueError(f"{wanted} refuses nothing: the login is accepted. See verdicts() or assert_reachable()")
        what = f"`{name}` was not refused" if name else "nothing was refused"
        text = what + (f" because of {because}." if because else ".")
        if refusals:
            others = dict.fromkeys(f"  refused: {_told(r, verdicts.get(r.seq), wanted)}" for r in refusals)
            masked = self.masker.text("\n".join([text + " It was refused for something else:", *others]))
            raise AssertionError(masked)
        raise AssertionError(text + self._seen(name or "", 0))

    def _seen(self, account: str, since: int) -> str:
        """Return the lines of a failed wait or assertion: what came instead, closest first."""
        from mockregistrar.trace.closest import seen_instead

        known = self._link.call(protocol.GetAccounts())
        records = self._link.call(protocol.GetRecords(since))
        where = ", ".join(f"{p.transport} {format_address((p.host, p.port))}" for p in self._listening)
        lines = seen_instead(records, account, known[:1000])
        opening = " Seen meanwhile, closest first:"
        if not lines and since:
            records = self._link.call(protocol.GetRecords())
            lines = seen_instead(records, account, known[:1000])
            opening = f" Nothing arrived on {where} since this wait began. Seen before it, closest first:"
        if not lines:
            return "\n".join([f" Nothing arrived on {where}.", *_nothing()])
        text = [opening, *(f"  {line}" for line in lines)]
        if account in known:
            from mockregistrar.trace.compared import closest_register

            closest = closest_register(records, self._link.call(protocol.GetExpected(account)))
            text += [] if closest is None else closest.lines()
        return self.masker.text("\n".join(text))


def _nothing() -> list[str]:
    """Return the next step where nothing came at all."""
    from mockregistrar.carrier.diagnosis.whys import why

    return [f"next: {why('nothing-arrived').fix}", "more: mockregistrar codes nothing-arrived"]


def _known_slug(because: str) -> str:
    """Return a reason's slug, refined or not; raise ValueError with the nearest for one that is none."""
    reason, _, how = because.partition("/")
    if reason not in REASONS:
        raise ValueError(f"no reason {because!r}{nearest(reason, REASONS)}")
    if how:
        from mockregistrar.carrier.diagnosis.refinements import refinements

        known = refinements(reason)
        if how not in known:
            raise ValueError(f"{reason} has no refinement {how!r}{nearest(how, known)}")
    return because


def _slugs(refusal: Refused, verdict: Verdict | None) -> set[str]:
    return {refusal.because} | (set() if verdict is None else {verdict.because, verdict.slug})


def _told(refusal: Refused, verdict: Verdict | None, wanted: str | None) -> str:
    """Return a refusal in a line, with its verdict where that says more."""
    if verdict is None:
        return refusal.because + (f" ({refusal.detail})" if refusal.detail else "")
    slug = verdict.slug if wanted and "/" in wanted else verdict.because
    return f"{slug} ({verdict.sentence})"
