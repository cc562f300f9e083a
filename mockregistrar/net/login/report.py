"""What is told of a login: a headline, the place in the config, the steps, the ladder, the client's own log lines."""

from __future__ import annotations

import difflib
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockregistrar.carrier.diagnosis.misses import difference
from mockregistrar.carrier.diagnosis.words import told
from mockregistrar.client import Profile
from mockregistrar.net.login.stage import Stage
from mockregistrar.trace.masking import Masker
from mockregistrar.trunks import Difference, Item, Span, Trunk, Truth, excerpt

if TYPE_CHECKING:
    from mockregistrar.net.login.exchange import Login

_DOWN = "The trunk does not come up: "
_WHOSE = {"accounts": "the accounts file has", "carrier": "the carrier has", "peer": "the peer section has"}


@dataclass(frozen=True, slots=True)
class LoginReport:
    """How the login of one registration went. Secrets are masked in every text."""

    ok: bool
    headline: str
    """What happened, in one sentence."""
    because: str = ""
    """The slug of the refusal, or ``nothing-arrived``; empty where there was none."""
    steps: tuple[str, ...] = ()
    """What was sent where and what came of it, a line each."""
    where_they_part: str = ""
    """The field, and the character, in which what is sent and what was meant part; empty where they agree."""
    log: tuple[str, ...] = ()
    """The lines that the real client prints."""
    ladder: str = ""
    excerpt: str = ""
    """The line, with the place underlined where what is sent and what was meant part; empty where it is not in it."""
    system: str = "Asterisk"
    """What the system is called whose config it is."""
    outlook: str = ""
    """What the client does after such an answer: try again, and when, or stop for good."""

    @property
    def state(self) -> str:
        """``registered``, ``refused``, ``lapsed`` (the refresh did not come), ``no-answer`` or ``not-sent``."""
        if self.ok:
            return "registered"
        if self.because == "nothing-arrived":
            return "no-answer"
        if self.because:
            return "refused"
        return "lapsed" if self.steps else "not-sent"

    @property
    def text(self) -> str:
        """Return everything below the headline, ready to print."""
        lines = [*self.excerpt.splitlines(), ""] if self.excerpt else []
        lines += self.steps
        if self.where_they_part:
            lines.append(f"they part at: {self.where_they_part}")
        if self.ladder:
            lines += ["", *(f"  {line}" for line in self.ladder.splitlines()), ""]
        lines += [f"your {self.system} will print   {line}" for line in self.log]
        if self.outlook:
            said = self.outlook.partition(" and prints ")[0].rstrip(".") + "." if self.log else self.outlook
            lines += textwrap.wrap(said, 100, break_long_words=False)
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        """The JSON twin."""
        return {
            "ok": self.ok,
            "state": self.state,
            "headline": self.headline,
            "because": self.because,
            "steps": list(self.steps),
            "where_they_part": self.where_they_part,
            "log": list(self.log),
            "outlook": self.outlook,
            "ladder": self.ladder,
        }


@dataclass(frozen=True, slots=True)
class Story:
    """All that a report is made of."""

    item: Item
    truth: Truth
    profile: Profile
    stage: Stage
    login: Login
    system: str
    path: str

    @property
    def trunk(self) -> Trunk:
        """What the system reads; there is one, since it logged in."""
        assert self.item.reading.real is not None
        return self.item.reading.real

    def report(self, masker: Masker) -> LoginReport:
        """Return how it went, every secret masked."""
        login = self.login
        steps = tuple(masker.text(step) for step in (*self._assumed(), *login.steps))
        if not login.failed:
            granted = next((step for step in login.steps if "granted" in step), "")
            headline = masker.text(f"The trunk comes up. {granted}".strip())
            return LoginReport(True, headline, steps=steps, ladder=login.ladder(masker), system=self.system)
        parts = () if login.because == "ip-not-allowed" else self.truth.differences(self.trunk)
        where = "; ".join(self._described(d) for d in parts)
        return LoginReport(
            False,
            masker.text(f"{_DOWN}{self._headline(parts)}."),
            login.because,
            steps,
            masker.text(where),
            tuple(masker.text(line).strip() for line in login.log),
            login.ladder(masker),
            self._excerpt(parts),
            self.system,
            login.outlook,
        )

    def _assumed(self) -> list[str]:
        if not self.stage.assumed:
            return []
        return [f"from {self.stage.source}, the first address that the carrier lets in (`source` names another)"]

    def _headline(self, parts: tuple[Difference, ...]) -> str:
        whose = _WHOSE.get(self.truth.source, "was meant")
        found = {d.field: d for d in parts}
        failed = self.login.failed
        if self.login.because == "unknown-user" and self.truth.source not in _WHOSE:
            return f"the carrier has no account `{self.trunk.effective_auth_user}`{self._nearest()}"
        if self.login.because == "ip-not-allowed":
            return f"the carrier does not let this address in: {self.login.detail}"
        if "user" in found:
            return f"{self.system} logs in as another user than {whose}"
        dials = self.profile
        where = f"{dials.host} port {dials.port} {dials.transport}"
        if not self.stage.names.leads(dials):
            return f"{self.system} sends to {where}, where {failed}; the carrier is {self._carrier()}"
        if "secret" in found:
            return f"wrong password: it is not the one that {whose}; {self._secret(found['secret'])}"
        if "auth_user" in found:
            return f"{self.system} sends another auth user than {whose}"
        if self.login.because:
            return f"{failed}: {self.login.because.replace('-', ' ')}{self._detail()}"
        return failed

    def _carrier(self) -> str:
        if self.truth.source == "carrier" or self.stage.assumed or self.stage.source:
            return str(self.stage.names)
        t = self.truth
        return f"{t.host} port {t.port} {t.transport}"

    def _detail(self) -> str:
        return f" ({self.login.detail})" if self.login.detail else ""

    def _nearest(self) -> str:
        known = [account.user for account in self.stage.settings.accounts]
        near = difflib.get_close_matches(self.trunk.effective_auth_user, known, 1, 0.5)
        return f"; did you mean `{near[0]}`?" if near else ""

    def _secret(self, d: Difference) -> str:
        """Say how two passwords part, showing one character of each at the most."""
        sent, has = self.trunk.secret, self.truth.secret or ""
        miss = difference(sent, has)
        if miss is not None:
            return told(miss)
        if d.missing:
            return f"shorter by {d.missing}, from character {d.position} on"
        if d.extra:
            return f"longer by {d.extra}, from character {d.position} on"
        apart = [(a, b) for a, b in zip(sent, has, strict=True) if a != b]
        if len(apart) == 1:
            return f"one character differs: position {d.position} is `{apart[0][0]}`, the carrier has `{apart[0][1]}`"
        return f"{len(apart)} characters differ, the first at position {d.position}"

    def _mark(self, d: Difference) -> Span | None:
        """Return the place where a field parts; of a password that stands there as it is, the character alone."""
        span = d.span
        if span is None or d.field != "secret" or d.position is None or span.length != len(self.trunk.secret):
            return span
        return Span(span.line, span.column + min(d.position, span.length) - 1, 1)

    def _excerpt(self, parts: tuple[Difference, ...]) -> str:
        """Show the line with the first place underlined where what is sent and what was meant part."""
        marks = [mark for mark in map(self._mark, parts) if mark is not None and mark.line == self.item.line]
        if not marks:
            return ""
        shown = [piece for span in self.item.reading.secret_spans for piece in _without(span, marks[0])]
        return excerpt(self.path, self.item.line, self.item.source_line, marks[:1], secret_spans=shown)

    def _described(self, d: Difference) -> str:
        mark = self._mark(d)
        where = f", column {mark.column} of line {mark.line}" if mark is not None else ""
        if mark is None and self.item.reading.real_spans:
            where = " (a default, not in the line)"
        name = f"password, character {d.position}" if d.field == "secret" else d.field.replace("_", " ")
        return f"{name}{where}"


def _without(span: Span, shown: Span) -> list[Span]:
    """Return what is left of a secret's span when the one character that is `shown` is taken out of it."""
    if shown.length != 1 or shown.line != span.line or not span.column <= shown.column < span.end:
        return [span]
    left = Span(span.line, span.column, shown.column - span.column)
    right = Span(span.line, shown.end, span.end - shown.end)
    return [piece for piece in (left, right) if piece.length]
