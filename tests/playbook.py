"""Scripts for a carrier: what is asked and what it answers, in order, with a diff when the two part.

    Playbook("alice:secret").play(
        Ask(), "401 Unauthorized",
        Ask(password="secret"), '''
            200 OK
            Contact: <sip:alice@192.0.2.7>;expires=3600
        ''',
    )

A script is a run of steps, each followed by what is expected of it. Expected text begins with the status line; a
refusal's slug follows in brackets. Further lines name header fields: all fields of a name that is mentioned are
compared, in order; ``Name: -`` says that there is none. An answer that is silence is ``silence``.
"""

from __future__ import annotations

import dataclasses
import difflib
import itertools
import random
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mockregistrar.carrier.answer import Answer
from mockregistrar.carrier.carrier import Carrier
from mockregistrar.carrier.making import new_carrier
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings
from mockregistrar.sip.challenge import Challenge, authorization
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import Request, parse

NOW = 1_700_000_000.0
"""Carrier time at which scripts begin: Tue, 14 Nov 2023 22:13:20 GMT."""
HOST = "carrier.test"
SOURCE = ("192.0.2.7", 5060)
LOCAL = ("192.0.2.1", 5060)
_branches = itertools.count(1)
_CHALLENGES = ("WWW-Authenticate", "Proxy-Authenticate")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request; what is None is filled in or left out."""

    user: str = "alice"
    method: str = "REGISTER"
    host: str = HOST
    uri: str | None = None
    to: str | None = None
    contact: str | tuple[str, ...] | None = "<sip:alice@192.0.2.7>"
    expires: int | str | None = None
    call_id: str = "call-1"
    cseq: int | None = None
    via: str | None = None
    branch: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()
    body: bytes = b""
    source: tuple[str, int] = SOURCE
    transport: str = "udp"
    # What to answer the latest challenge with:
    field: str = "Authorization"
    password: str | None = None
    ha1: str | None = None
    username: str | None = None
    challenge: int = 0
    changed: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Fields of the challenge to be taken for others before it is answered: `realm`, `nonce`..."""
    algorithm: str | None = None
    qop: str | None = "auto"
    nc: int | None = None
    cnonce: str = "0a4f113b"
    digest_uri: str | None = None
    digest_body: bytes | None = None
    unsent: tuple[str, ...] = ()
    """Digest parameters left out."""
    edit: Callable[[str], str] = str
    """A last change to the Authorization value."""
    authorization: str | tuple[str, ...] | None = None
    """The Authorization values, word for word."""

    def octets(self, desk: Desk) -> bytes:
        """Return the request as it stands on the wire."""
        uri = f"sip:{self.host}" if self.uri is None else self.uri
        aor = f"sip:{self.user}@{self.host}"
        cseq = desk.next_cseq(self.call_id) if self.cseq is None else self.cseq
        branch = f"z9hG4bK{next(_branches)}" if self.branch is None else self.branch
        via = f"SIP/2.0/{self.transport.upper()} {SOURCE[0]}:{SOURCE[1]};branch={branch};rport"
        fields = [
            ("Via", via if self.via is None else self.via),
            ("Max-Forwards", "70"),
            ("From", f"<{aor}>;tag=f1"),
            ("To", f"<{aor}>" if self.to is None else self.to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {self.method}"),
        ]
        contacts = (self.contact,) if isinstance(self.contact, str) else self.contact or ()
        fields += [("Contact", c) for c in contacts]
        if self.expires is not None:
            fields.append(("Expires", str(self.expires)))
        fields += [(self.field, a) for a in self._authorizations(desk, uri)]
        fields.append(("Content-Length", str(len(self.body))))
        fields = [(name, value) for name, value in fields if name not in self.without]
        lines = [f"{name}: {value}" for name, value in [*fields, *self.headers]]
        head = "\r\n".join([f"{self.method} {uri} SIP/2.0", *lines, "", ""])
        return head.encode("utf-8", "surrogateescape") + self.body

    def _authorizations(self, desk: Desk, uri: str) -> tuple[str, ...]:
        if self.authorization is not None:
            return (self.authorization,) if isinstance(self.authorization, str) else self.authorization
        if self.password is None and self.ha1 is None:
            return ()
        challenge = replace(desk.challenges[self.challenge], **self.changed)
        from mockregistrar.sip.challenge import AUTHORIZATION_ORDER

        value = authorization(
            challenge,
            username=self.user if self.username is None else self.username,
            secret=self.password if self.ha1 is None else None,
            ha1=self.ha1,
            method=self.method,
            uri=uri if self.digest_uri is None else self.digest_uri,
            nc=desk.next_nc(challenge.nonce) if self.nc is None else self.nc,
            cnonce=self.cnonce,
            body=self.body if self.digest_body is None else self.digest_body,
            algorithm=self.algorithm,
            qop=self.qop,
            order=[name for name in AUTHORIZATION_ORDER if name not in self.unsent],
        )
        return (self.edit(value),)

    def __str__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in vars(self).items() if value != _PLAIN[name]]
        return f"{self.method} {' '.join(shown)}".strip()


_PLAIN = vars(Ask())


@dataclass(frozen=True)
class Wait:
    """Let carrier time go on; what lapses is expected as a line for each."""

    seconds: float

    def __str__(self) -> str:
        return f"wait {self.seconds:g} s"


@dataclass(frozen=True)
class Do:
    """Do something to the carrier; nothing is expected of it."""

    action: Callable[[Carrier], Any]
    text: str = "do"

    def __str__(self) -> str:
        return self.text


class Desk:
    """What a client remembers: the latest challenges, the next CSeq of each call, the nonce counts."""

    def __init__(self) -> None:
        self.challenges: list[Challenge] = []
        self._cseq: dict[str, int] = {}
        self._nc: dict[str, int] = {}

    def next_cseq(self, call_id: str) -> int:
        self._cseq[call_id] = number = self._cseq.get(call_id, 0) + 1
        return number

    def next_nc(self, nonce: str) -> int:
        self._nc[nonce] = count = self._nc.get(nonce, 0) + 1
        return count

    def take(self, headers: list[tuple[str, str]]) -> None:
        found = [Challenge.parse(value) for name, value in headers if name in _CHALLENGES]
        if found:
            self.challenges = found


def spec(text: str, **fields: Any) -> AccountSpec:
    """Return the account that ``USER[:SECRET]`` names."""
    user, colon, secret = text.partition(":")
    return AccountSpec(user=user, secret=secret if colon else None, **fields)


class Playbook:
    """A carrier, a client's memory and a clock."""

    def __init__(self, *accounts: str | AccountSpec, seed: int = 1, **settings: Any) -> None:
        specs = tuple(spec(a) if isinstance(a, str) else a for a in accounts)
        given = {"realm": HOST, **settings}
        self.settings = CarrierSettings().changed(accounts=specs, **given)
        self.now = NOW
        self.carrier = new_carrier(self.settings, random.Random(seed), NOW)
        self.desk = Desk()

    def ask(self, request: Ask) -> Answer:
        """Ask, and return the decision."""
        flow = Flow(request.transport, LOCAL, request.source, 0 if request.transport == "udp" else 1)
        try:
            message = parse(request.octets(self.desk))
            assert isinstance(message, Request)
            message.check()
            answer = self.carrier.handle(message, flow, self.now)
        except ParseError as error:
            answer = Answer(error.status, error.reason, detail=error.detail)
        self.desk.take(answer.headers)
        return answer

    def register(self, password: str = "secret", **fields: Any) -> Answer:
        """Ask twice, the second time with credentials; return the second answer."""
        first = self.ask(Ask(**fields))
        assert first.status in (401, 407), (first.status, first.detail)
        return self.ask(Ask(password=password, **fields))

    def wait(self, seconds: float) -> list[str]:
        """Let time go on; return a line for each lapse."""
        self.now += seconds
        lapsed = self.carrier.lapse(self.now, 1000)
        return [f"lapsed {b.account.name} {b.uri}" for b in lapsed]

    def play(self, *script: Any) -> None:
        """Carry out `script` and compare what came with what it expects."""
        expected: list[str] = []
        got: list[str] = []
        steps = list(script)
        while steps:
            step = steps.pop(0)
            text = ""
            if steps and isinstance(steps[0], str):
                text = textwrap.dedent(steps.pop(0)).strip()
            line = f"> {step}"
            expected += [line, *text.splitlines()]
            got.append(line)
            if isinstance(step, Ask):
                got += shown(self.ask(step), text)
            elif isinstance(step, Wait):
                got += self.wait(step.seconds)
            elif isinstance(step, Do):
                step.action(self.carrier)
            else:
                raise TypeError(f"{step!r} is not a step of a script")
        if got != expected:
            diff = difflib.unified_diff(expected, got, "expected", "what happened", lineterm="", n=1000)
            raise AssertionError("the script went another way:\n" + "\n".join(diff))


def shown(answer: Answer, wanted: str) -> list[str]:
    """Return an answer as a script writes it, with the header fields that `wanted` mentions."""
    if answer.status is None:
        first = "silence"
    else:
        first = f"{answer.status} {answer.reason}"
    lines = [first if answer.because is None else f"{first} [{answer.because}]"]
    for name in dict.fromkeys(line.partition(":")[0] for line in wanted.splitlines()[1:]):
        values = [value for key, value in answer.headers if key.lower() == name.lower()]
        lines += [f"{name}: {value}" for value in values] or [f"{name}: -"]
    return lines


def header(answer: Answer, name: str) -> list[str]:
    """Return the values of a header field of an answer."""
    return [value for key, value in answer.headers if key == name]
