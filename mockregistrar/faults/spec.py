"""`FaultSpec`: one fault as a value, read from one line of text and printed back to it.

The grammar is `words.GRAMMAR`. Text is cut at blanks; a value with blanks stands in double quotes, in which a
backslash takes the next character as it is. Errors name the column, and the nearest word where one is unknown.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, fields
from typing import Any

from mockregistrar.faults.reading import FaultError, Token, said, tokens
from mockregistrar.faults.words import ACTIONS, ANSWER, COMMON, COUNTS, GRAMMAR, KEYS, NAMES, WORDS, Action
from mockregistrar.sip.grammar import METHODS, is_token

__all__ = ["FaultError", "FaultSpec"]

_TRANSPORTS = ("udp", "tcp", "tls")
OUTAGES = ("silent", "refused", "503")
LOOK_UPS = ("nxdomain", "servfail", "silent")
FORGETTABLE = ("bindings", "nonces")
_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(-?)([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h)?\Z")
_LONGEST = 86400.0
_NUMBERS = {
    "nth": (1, 1_000_000),
    "first": (1, 1_000_000),
    "every": (1, 1_000_000),
    "burst": (2, 10_000),
    "seed": (0, 2**32 - 1),
    "copies": (1, 10),
    "octets": (1, 65535),
    "at": (0, 65535),
    "keep": (0, 65535),
    "port": (1, 65535),
    "status": (100, 699),
    "retry_after": (0, 2**32 - 1),
}
"""The least and the largest of each whole number."""
_FIELD_OF = {"status": "answer_status", "retry-after": "retry_after", "header": "headers"}
"""Keys whose field has another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpec:
    """One fault: what it does, to which messages, and how often. Times are in seconds.

    Making one with a value that cannot be raises `FaultError`. ``str()`` gives the text that `parse` reads.
    """

    action: str
    """One of `ACTIONS`."""
    method: str = ""
    """Only messages of this method: requests, and (with direction ``out``) the answers to them."""
    status: str = ""
    """Only answers of this status: ``401``, or ``4xx`` for a class."""
    user: str = ""
    """Only messages of this user, ``USER`` or ``USER@HOST``."""
    direction: str = ""
    """``in``, ``out``, or empty: what the rest implies (a method is ``in``, a status ``out``, neither both)."""
    auth: bool | None = None
    """Whether the request has credentials; None for either."""
    nth: int | None = None
    first: int | None = None
    every: int | None = None
    p: float | None = None
    burst: int | None = None
    """Messages in a row, once one is touched."""
    source: str = ""
    """Address or CIDR network of the far end."""
    transport: str = ""
    seed: int | None = None
    by: float | None = None
    jitter: float | None = None
    copies: int | None = None
    octets: int | None = None
    at: int | None = None
    keep: int | None = None
    port: int | None = None
    answer_status: int | None = None
    """What ``answer`` answers."""
    reason: str = ""
    retry_after: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Header fields of the answer, name and value."""
    kind: str = ""
    forget: tuple[str, ...] = ()
    optional: bool = False
    """Whether it may touch nothing without failing a test."""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def side(self) -> str:
        """``wire`` or ``answer``: which of the two fault points it acts at."""
        return ACTIONS[self.action].side

    @property
    def acts_in(self) -> tuple[str, ...]:
        """The directions that it looks at."""
        if self.direction:
            return (self.direction,)
        possible = ACTIONS[self.action].directions
        implied = "out" if self.status else "in" if self.method else ""
        return (implied,) if implied in possible else possible

    @property
    def draws(self) -> bool:
        """Whether anything in it is left to chance, and so needs a seed."""
        return self.p is not None or bool(self.jitter) or (self.action == "corrupt" and self.at is None)

    @classmethod
    def parse(cls, text: str) -> FaultSpec:
        """Return the fault that `text` describes; raise `FaultError` with the place of what is wrong in it."""
        found = tokens(text)
        if not found:
            raise FaultError(f"is empty; a fault is {GRAMMAR}", text)
        first, *rest = found
        action = ACTIONS.get(first.text) if not first.quoted else None
        if action is None:
            raise first.error(text, said("action", first.text, ACTIONS))
        return _Parser(text, action).read(rest)

    def __str__(self) -> str:
        parts = [self.action]
        parts += [word for word in (self.method, self.status) if word]
        if self.user:
            parts += ["from", _quoted(self.user)]
        if self.direction:
            parts.append(self.direction)
        if self.auth is not None:
            parts.append("auth" if self.auth else "noauth")
        for key in KEYS:
            value = getattr(self, _FIELD_OF.get(key, key))
            if key == "header":
                parts += [f"header={_quoted(f'{name}: {text}')}" for name, text in value]
            elif key == "forget":
                parts += [f"forget={','.join(value)}"] if value else []
            elif value is not None and value != "":
                parts.append(f"{key}={_printed(key, value)}")
        if self.optional:
            parts.append("optional")
        return " ".join(parts)


class _Parser:
    """Reads the words behind the action."""

    def __init__(self, text: str, action: Action) -> None:
        self._text = text
        self._action = action
        self._values: dict[str, Any] = {"action": action.name}
        self._places: dict[str, Token] = {}

    def read(self, rest: list[Token]) -> FaultSpec:
        words = iter(rest)
        for token in words:
            if token.key is not None:
                self._key(token, token.key)
            elif not token.quoted and token.text == "from":
                user = next(words, None)
                if user is None:
                    raise token.error(self._text, "names no user: write from USER")
                self._put("user", user.whole, user, "from")
            else:
                self._word(token)
        if (needed := self._action.needs) and _FIELD_OF.get(needed, needed) not in self._values:
            raise FaultError(
                f"{self._action.name} needs {needed}=, {KEYS[needed]}; e.g. {self._action.example}", self._text
            )
        try:
            return FaultSpec(**self._values)
        except FaultError as error:
            raise self._placed(error) from None

    def _placed(self, error: FaultError) -> FaultError:
        """Return an error about a field as one about the word that set it."""
        token = self._places.get(error.field)
        return FaultError(error.message, self._text) if token is None else token.error(self._text, error.message)

    def _put(self, field: str, value: Any, token: Token, shown: str) -> None:
        if field in self._values:
            raise token.error(self._text, f"{shown} is there twice; write one of them")
        self._values[field] = value
        self._places[field] = token

    def _word(self, token: Token) -> None:
        word = token.text
        if token.quoted:
            raise token.error(self._text, "is quoted, and belongs to nothing; write from USER, or KEY=VALUE")
        if word in ("in", "out"):
            self._put("direction", word, token, "the direction")
        elif word in ("auth", "noauth"):
            self._put("auth", word == "auth", token, "auth or noauth")
        elif word == "optional":
            self._put("optional", True, token, word)
        elif word.upper() in METHODS:
            self._put("method", word.upper(), token, "a method")
        elif re.fullmatch(r"[1-6](?:[0-9][0-9]|xx)", word):
            if self._action.name == "answer":
                if word.endswith("xx"):
                    raise token.error(self._text, "is a class of statuses; an answer has one, e.g. 503")
                self._put("answer_status", int(word), token, "a status")
            else:
                self._put("status", word, token, "a status")
        elif "by" in self._action.keys and _DURATION.match(word) and not word[-1].isdigit():
            self._put("by", self._duration(word, token, "by"), token, "a time")
        else:
            known = [*WORDS, *METHODS, *(f"{key}=" for key in (*self._action.keys, *COMMON))]
            raise token.error(self._text, said("word", word, known, _WORDS_HINT))

    def _key(self, token: Token, key: str) -> None:
        known = (*self._action.keys, *COMMON)
        if key not in known:
            what = f"{self._action.name} takes no {key}=" if key in KEYS else None
            raise token.error(self._text, what or said("key", key, known), whole=False)
        field = _FIELD_OF.get(key, key)
        value = self._value(token, key)
        if key == "header":
            self._values["headers"] = (*self._values.get("headers", ()), value)
            self._places["headers"] = token
        else:
            self._put(field, value, token, f"{key}=")

    def _value(self, token: Token, key: str) -> Any:
        text = token.text
        if key in ("by", "jitter"):
            return self._duration(text, token, key)
        if key == "p":
            if not re.fullmatch(r"[0-9]{0,3}\.?[0-9]{1,9}", text):
                raise token.error(self._text, f"p={text} is not a number, e.g. p=0.3")
            return float(text)
        if key == "header":
            name, colon, value = text.partition(":")
            if not colon:
                raise token.error(self._text, 'is not a header field, e.g. header="Warning: 399 mock busy"')
            return name.strip(), value.strip()
        if key == "forget":
            return tuple(text.split(","))
        if key.replace("-", "_") in _NUMBERS:
            if not re.fullmatch(r"[0-9]{1,12}", text):
                raise token.error(self._text, f"{key}={text} is not a whole number")
            return int(text)
        return text

    def _duration(self, text: str, token: Token, key: str) -> float:
        match = _DURATION.match(text)
        if match is None:
            raise token.error(self._text, f"{key}={text} is not a time, e.g. {key}=2s or {key}=500ms")
        if match[3] is None and float(match[2]) != 0:
            raise token.error(self._text, f"{key}={text} has no unit; write {text}s or {text}ms")
        value = float(match[2]) * _UNITS[match[3] or "s"]
        return -value if match[1] else value


_WORDS_HINT = "; behind the action come a method or status, from USER, in or out, auth or noauth, KEY=VALUE, optional"


# -- what a fault cannot be --------------------------------------------------------------------------------------


def _check(spec: FaultSpec) -> None:
    """Raise `FaultError`, naming the field, for what cannot be; round times to microseconds."""
    action = ACTIONS.get(spec.action)
    if action is None:
        raise FaultError(said("action", spec.action, ACTIONS), field="action")
    _check_keys(spec, action)
    _check_numbers(spec)
    _check_texts(spec, action)
    if spec.action == "password" and spec.auth is False:
        raise FaultError("password acts on requests with credentials", field="auth")
    given = [name for name in COUNTS if getattr(spec, name) is not None]
    if len(given) > 1:
        raise FaultError(f"has {given[0]}= and {given[1]}=; a fault counts in one way", field=given[1])
    if action.side == NAMES:
        for name in ("method", "status", "user", "auth"):
            if getattr(spec, name) not in ("", None):
                raise FaultError(f"{action.name} acts on what a nameserver is asked, which is no SIP", field=name)
        if spec.kind and spec.kind not in LOOK_UPS:
            raise FaultError(said("kind", spec.kind, LOOK_UPS), field="kind")
    if action.side == ANSWER and spec.status:
        raise FaultError(f"{action.name} acts on requests, which have no status", field="status")


def _check_keys(spec: FaultSpec, action: Action) -> None:
    allowed = {_FIELD_OF.get(key, key) for key in (*action.keys, *COMMON)}
    for key in KEYS:
        field = _FIELD_OF.get(key, key)
        if field not in allowed and getattr(spec, field) not in (None, "", ()):
            raise FaultError(f"{action.name} takes no {key}=", field=field)
    if action.needs and getattr(spec, _FIELD_OF.get(action.needs, action.needs)) is None:
        raise FaultError(f"{action.name} needs {action.needs}=, {KEYS[action.needs]}", field=action.needs)
    if spec.direction and spec.direction not in action.directions:
        known = " or ".join(action.directions)
        raise FaultError(f"{spec.direction!r}: {action.name} acts on what goes {known}", field="direction")
    if spec.transport and spec.transport not in action.transports:
        known = ", ".join(action.transports)
        raise FaultError(said("transport", spec.transport, _TRANSPORTS) if spec.transport not in _TRANSPORTS else
                         f"{action.name} acts on {known} alone", field="transport")  # fmt: skip


def _check_numbers(spec: FaultSpec) -> None:
    for name, (low, high) in _NUMBERS.items():
        field = _FIELD_OF.get(name, name)
        value = getattr(spec, field)
        if value is not None and not low <= value <= high:
            raise FaultError(f"{name.replace('_', '-')}={value} is not between {low} and {high}", field=field)
    if spec.p is not None:
        object.__setattr__(spec, "p", round(spec.p, 6))
        if not 0 < spec.p <= 1:
            raise FaultError(f"p={spec.p:g} is no probability above 0 and up to 1", field="p")
    for name in ("by", "jitter"):
        value = getattr(spec, name)
        if value is None:
            continue
        object.__setattr__(spec, name, round(value, 6) + 0.0)
        if not abs(value) <= (_LONGEST * 36525 if spec.action == "skew" else _LONGEST):
            raise FaultError(f"{name} is longer than a day", field=name)
        if value < 0 and spec.action != "skew":
            raise FaultError(f"{name} is below 0: time only goes on", field=name)


def _check_texts(spec: FaultSpec, action: Action) -> None:
    if spec.method and spec.method not in METHODS:
        raise FaultError(said("method", spec.method, METHODS), field="method")
    if spec.status and not re.fullmatch(r"[1-6](?:[0-9][0-9]|xx)", spec.status):
        raise FaultError(f"{spec.status!r} is no status, e.g. 401 or 4xx", field="status")
    if spec.direction and spec.direction not in ("in", "out"):
        raise FaultError(f"{spec.direction!r} is neither in nor out", field="direction")
    if spec.source:
        try:
            ipaddress.ip_network(spec.source)
        except ValueError as error:
            raise FaultError(
                f"source={spec.source} is not an address or CIDR network ({error})", field="source"
            ) from None
    if action.name == "outage":
        if spec.kind and spec.kind not in OUTAGES:
            raise FaultError(said("kind", spec.kind, OUTAGES), field="kind")
        for name in spec.forget:
            if name not in FORGETTABLE:
                raise FaultError(said("thing to forget", name, FORGETTABLE), field="forget")
    for name in ("user", "reason"):
        if any(ord(c) < 32 or ord(c) == 127 for c in getattr(spec, name)):
            raise FaultError("holds a control character", field=name)
    for name, value in spec.headers:
        if not is_token(name) or name.lower() in _OURS:
            raise FaultError(f"{name!r} is no header field that an answer can be given", field="headers")
        if value != value.strip() or any(ord(c) < 32 or ord(c) == 127 for c in value):
            raise FaultError(f"the value of {name} holds a control character, or blanks at its ends", field="headers")


_OURS = ("via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "content-length", "l")
"""Header fields that every answer has from its request."""


# -- printing ----------------------------------------------------------------------------------------------------


def _printed(key: str, value: Any) -> str:
    if key in ("by", "jitter"):
        return f"{_decimal(value)}s"
    if key == "p":
        return _decimal(value)
    return _quoted(str(value))


def _decimal(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    if text and not re.search(r'[\s"\\=]', text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


assert {f.name for f in fields(FaultSpec)} >= {_FIELD_OF.get(key, key) for key in KEYS}
