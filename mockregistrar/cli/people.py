"""Lines for people: what happened, to which account, in columns; safe for a terminal, secrets masked.

A flood does not scroll everything away: of input that is dropped, one line for each source and second is printed, with
the number of those that were not. The nearest known name of an unknown user is only looked for at a bounded pace,
among the first thousand accounts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice

from mockregistrar.cli.opening import MANY, Opening, places
from mockregistrar.cli.terminal import printable
from mockregistrar.sip.flow import Flow, format_address
from mockregistrar.trace import (
    BindingEvent,
    Dropped,
    FaultTouched,
    InternalError,
    Lapsed,
    Masker,
    Note,
    Qualified,
    Record,
    Refreshed,
    Refused,
    Registered,
    Unregistered,
    Verdict,
)

_KINDS = 12  # columns of the longest word: unregistered
_NAMES = 20  # columns that account names may take before the others are pushed right
_SOURCE = 25  # columns of 255.255.255.255:65535 udp
_AGENT = 40  # characters of a User-Agent that are shown
_DETAIL = 160
_VERDICT = 300
_REMEMBERED = 100_000  # bindings whose last refresh is known, for the line of a lapse
_SOURCES = 1024  # sources whose drops are counted apart
_SUGGESTIONS = 256
_SUGGESTION_PAUSE = 0.25
_KNOWN = 1000
_LOOK_ALIKES = str.maketrans("lIiOoSsZzBb", "11100552288")

_COLOURS = {
    "registered": "32",
    "refreshed": "2",
    "lapsed": "33",
    "refused": "31",
    "why": "31",
    "dropped": "35",
    "fault": "35",
    "defect": "1;31",
}


class PeopleLines:
    """Makes the lines that people read."""

    def __init__(
        self,
        masker: Masker,
        known: Callable[[], Iterable[str]],
        *,
        colour: bool,
        clock: Callable[[], float],
        local: Callable[[float], time.struct_time] = time.localtime,
    ) -> None:
        """`known` returns the account names, `clock` any seconds that only go on, `local` the local time."""
        self._masker = masker
        self._known = known
        self._colour = colour
        self._clock = clock
        self._local = local
        self._names = 6
        self._second = (-1, "")
        self._since: dict[tuple[str, str], float] = {}
        self._drops: dict[str, tuple[int, int]] = {}
        self._suggestions: dict[str, str] = {}
        self._suggested = float("-inf")

    # -- the parts of an output ------------------------------------------------------------------------------
    def opening(self, opening: Opening) -> str:
        """Return the lines that come first: where the carrier listens, and what to paste."""
        lines = [f"mock carrier on {places(opening.listening)}     Ctrl-C ends it"]
        self._names = min(_NAMES, max((self._names, *(len(login.user) for login in opening.logins))))
        shown = opening.logins[:MANY]
        for login in shown:
            name = f"account  {printable(login.user):<{self._names}}"
            if login.string is None:
                lines.append(f"{name}  {printable(login.remark)}")
                continue
            lines.append(f"{name}  paste into sip.conf, or VICIdial's registration string:")
            lines.append(f"  {login.string}")
            if login.remark:
                lines.append(f"  ({login.remark})")
        if opening.accounts > len(shown):
            lines.append(f"         and {opening.accounts - len(shown):,} more")
        if opening.ca is not None:
            lines.append(f"TLS      clients trust the certificate in {opening.ca}")
        elif opening.secure:
            lines.append("TLS      with a certificate of its own: --tls-ca FILE writes what clients are to trust")
        lines += [f"fault    {printable(text)}" for text in opening.faults]
        return "\n".join(lines) + "\n\n"

    def lines(self, records: list[Record]) -> str:
        """Return the lines of a batch of records."""
        made = [line for record in records if (line := self._line(record))]
        return "\n".join(made) + "\n" if made else ""

    def lost(self, number: int) -> str:
        """Return the line about records that were left out because nobody read."""
        return f"... {number:,} lines left out, as this output was not read fast enough\n"

    def closing(self, files: Iterable[object]) -> str:
        """Return the last lines: which files were written."""
        return "".join(f"wrote {file}\n" for file in files)

    # -- one line ----------------------------------------------------------------------------------------------
    def _line(self, record: Record) -> str:
        if isinstance(record, BindingEvent):
            return self._row(record, record.account, record.kind, self._binding(record))
        if isinstance(record, Refused):
            if record.because == "nonce-stale":
                return ""  # a client that refreshes is challenged anew: no refusal in a person's eyes
            return self._row(record, record.account or self._clean(record.user), "refused", self._refusal(record))
        if isinstance(record, Verdict):
            if not record.how:
                return ""  # the line of the refusal says as much
            name = self._clean(record.user) or record.account
            return self._row(record, name, "why", self._clean(f"{record.sentence}. {record.fix}", _VERDICT))
        if isinstance(record, Dropped):
            text = self._drop(record)
            return self._row(record, "", "dropped", text) if text else ""
        if isinstance(record, FaultTouched):
            from mockregistrar.trace.ladder import fault_text  # here, as most carriers have none

            return self._row(record, record.account, "fault", self._clean(fault_text(record)))
        if isinstance(record, Qualified):
            what = f"answers OPTIONS with {record.status}" if record.reachable else self._clean(record.detail)
            kind = "reachable" if record.reachable else "unreachable"
            return self._row(record, record.account, kind, f"{_source(record.flow):<{_SOURCE}}  {what}")
        if isinstance(record, Note):
            return self._row(record, "", "note", self._clean(record.text))
        if isinstance(record, InternalError):
            detail = self._clean(record.detail)
            return self._row(record, "", "defect", f"in mockregistrar itself, please report it: {detail}")
        return ""

    def _row(self, record: Record, name: str, kind: str, text: str) -> str:
        second = int(record.carrier)
        if self._second[0] != second:
            self._second = (second, time.strftime("%H:%M:%S", self._local(second)))
        if len(name) > self._names:
            self._names = min(_NAMES, len(name))
        padded = f"{kind:<{_KINDS}}"
        if self._colour and kind in _COLOURS:
            padded = f"\x1b[{_COLOURS[kind]}m{padded}\x1b[0m"
        return f"{self._second[1]}  {printable(name):<{self._names}}  {padded}  {text}".rstrip()

    def _binding(self, record: BindingEvent) -> str:
        key = (record.account, record.contact)
        if isinstance(record, (Registered, Refreshed)):
            if len(self._since) < _REMEMBERED or key in self._since:
                self._since[key] = record.carrier
            if isinstance(record, Refreshed):
                return _with(f"{record.left:.0f} s before the lapse", self._clean(record.detail))
            parts = [f"{_source(record.flow):<{_SOURCE}}"]
            if record.user_agent:
                parts.append(self._clean(record.user_agent, _AGENT))
            parts.append(f"{record.expires} s")
            return _with("  ".join(parts), self._clean(record.detail))
        since = self._since.pop(key, None)
        if isinstance(record, Unregistered):
            return _with(f"{record.left:.0f} s before the lapse", self._clean(record.detail))
        came = "no refresh came"
        if isinstance(record, Lapsed) and since is not None:
            came = f"no refresh since {time.strftime('%H:%M:%S', self._local(int(since)))}"
        what = record.because.removeprefix("refresh-")
        why = self._clean(record.detail)
        return _with(came, why if what in ("", "never-sent") else f"{what}: {why}")

    def _refusal(self, record: Refused) -> str:
        reason = record.because.replace("-", " ")
        text = reason
        if record.because == "unknown-user":
            near = self._nearest(record.user)
            text += f"; did you mean {near}?" if near else ""
        elif record.detail:
            text += f": {self._clean(record.detail, _DETAIL)}"
        if record.method and record.method != "REGISTER":
            text = f"{self._clean(record.method, _AGENT)}: {text}"
        silence = "  no answer" if record.status is None else ""
        source = _source(record.flow)
        return f"{text}  ({source}{silence})" if source else text + silence

    def _drop(self, record: Dropped) -> str:
        host = record.flow.remote[0] if record.flow is not None else ""
        second = int(record.wire)
        last, hidden = self._drops.get(host, (-1, 0))
        if last == second:
            self._drops[host] = (second, hidden + 1)
            return ""
        if len(self._drops) >= _SOURCES:
            self._drops.clear()
        self._drops[host] = (second, 0)
        octets = f"{record.size} octet{'s' * (record.size != 1)}"
        more = f"; {hidden:,} more since the line before" if hidden else ""
        return f"{_source(record.flow):<{_SOURCE}}  {self._clean(record.detail, _DETAIL)} ({octets}{more})"

    def _nearest(self, user: str) -> str:
        """Return the known name that is nearest, if any; at a bounded pace, as it takes milliseconds."""
        found = self._suggestions.get(user)
        if found is None:
            now = self._clock()
            if now < self._suggested + _SUGGESTION_PAUSE:
                return ""
            self._suggested = now
            if len(self._suggestions) >= _SUGGESTIONS:
                self._suggestions.clear()
            found = self._suggestions[user] = printable(_nearest(user[:64], islice(self._known(), _KNOWN)))
        return found

    def _clean(self, text: str, most: int = _DETAIL) -> str:
        """Return text from the wire with secrets masked, nothing a terminal would obey, and no longer than `most`."""
        if not text:
            return ""
        text = printable(self._masker.text(text))
        return text if len(text) <= most else text[: most - 1] + "…"


def _nearest(user: str, known: Iterable[str]) -> str:
    """Return the name that is nearest to `user`; among equals, the one that differs in look-alikes only."""
    import difflib

    close = difflib.get_close_matches(user, list(known), n=5)
    alike = [name for name in close if name.translate(_LOOK_ALIKES) == user.translate(_LOOK_ALIKES)]
    return (alike or close or [""])[0]


def _with(text: str, detail: str) -> str:
    return f"{text}  {detail}" if detail else text


def _source(flow: Flow | None) -> str:
    return "" if flow is None else f"{format_address(flow.remote)} {flow.transport}"
