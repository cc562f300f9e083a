"""The notebook of a reading: the working copy of a register value and what was found out about it so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockregistrar.trunks.model import Severity, Span
from mockregistrar.trunks.positions import Mapped

from .chan_sip_cuts import AS_ASTERISK, Cut, Rules, cut

# A line of pasted blanks has one cause: the rest of a kind is not worth telling.
MOST_OF_A_KIND = 8

FORMAT_LOG = (
    "WARNING ... Format for registration is [peer?][transport://]user[@domain][:secret[:authuser]]@host[:port]"
    "[/extension][~expiry] at line {line}"
)
PORT_LOG = "NOTICE ... '{0}' is not a valid port number on line {line} of sip.conf. using default."
DOMAIN_PORT_LOG = "NOTICE ... '{0}' is not a valid domain port number on line {line} of sip.conf. using default."
NUMERIC_LOG = "WARNING ... Purely numeric hostname ({0}), and not a peer--rejecting!"
DNS_LOG = "WARNING ... Unable to lookup '{1}'"
TRANSPORT_LOG = "NOTICE ... '{0}' is not a valid transport type on line {line} of sip.conf. defaulting to udp."

# The transport that a scheme stands for, chan_sip's own and those it does not know.
FROM_SCHEME = {"sips": "tls", "sip": "udp", "tcp": "tcp", "tls": "tls", "udp": "udp", "ws": "ws", "wss": "wss"}


@dataclass(slots=True)
class Note:
    """A finding in the making. Arguments are text, hidden by value, or spans of the line, hidden by place."""

    code: str
    span: Span
    message: str
    arguments: tuple[str | Span, ...] = ()
    fix: str | None = None  # None: the meant registration written right
    log: str = ""
    logged: tuple[str | Span, ...] = ()
    severity: Severity | None = None
    instead: dict[str, object] | None = None  # what to write instead differs so from what was meant


@dataclass(slots=True)
class Meaning:
    """The working copy of a value, and what was found out about it so far."""

    value: Mapped
    tail: Mapped | None
    source: Mapped
    in_file: bool
    default_expiry: int
    work: Mapped
    rules: Rules = AS_ASTERISK
    notes: list[Note] = field(default_factory=list)
    overrides: dict[str, object] = field(default_factory=dict)
    triggers: list[str] = field(default_factory=list)
    known: bool = True
    certain: bool = True
    visible: list[Span] = field(default_factory=list)
    keyword: bool = False
    joined: tuple[int, int] | None = None
    last_cut: tuple[Mapped, Rules, tuple[int, int] | None, Cut] | None = None

    def note(
        self,
        code: str,
        span: Span,
        message: str,
        *arguments: str | Span,
        fix: str | None = None,
        log: str = "",
        logged: tuple[str | Span, ...] = (),
        severity: Severity | None = None,
        trigger: bool = False,
        certain: bool = True,
        instead: dict[str, object] | None = None,
    ) -> None:
        """Remember a finding; with `trigger` it is evidence that something else was meant.

        `instead` are the fields of the text to write, where that is only a possibility.
        """
        if sum(note.code == code for note in self.notes) < MOST_OF_A_KIND:
            self.notes.append(Note(code, span, message, arguments, fix, log, logged, severity, instead))
        if trigger:
            self.triggers.append(code)
        self.certain = self.certain and certain

    @property
    def trigger(self) -> str | None:
        """The first evidence that something else was meant."""
        return self.triggers[0] if self.triggers else None

    def cut(self) -> Cut:
        """The working copy, cut. `joined` is a password with colons in it, between the first `:` and the last."""
        last = self.last_cut
        if last is not None and last[0] is self.work and last[1:3] == (self.rules, self.joined):
            return last[3]
        found = cut(self.work, self.rules)
        self.last_cut = self.work, self.rules, self.joined, found
        if self.joined is not None and found.refused is None:
            found.fields["secret"] = self.joined
            found.fields["auth_user"] = (self.joined[1] + 1, self.halves())
            found.fields.pop("domain_port", None)
        return found

    def halves(self) -> int:
        """Where the last `@` of the working copy is; its length when there is none."""
        at = self.work.data.rfind(b"@")
        return len(self.work) if at < 0 else at
