"""The protocol behind the face: commands in, values and events out.

Commands, values and events are frozen, picklable and have a JSON twin; nothing live crosses. The same
protocol serves a thread, a process of its own and a remote carrier. Times in values are seconds.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.client import Profile
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import (
    AccountSummary,
    BindingEvent,
    Counters,
    MessageSeen,
    Record,
    Refused,
)


# -- commands --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Command:
    """Something asked of a running carrier; `call` answers each with one value."""


@dataclass(frozen=True, slots=True)
class AddAccount(Command):
    """Add an account. Answered with its name; an existing one raises `SettingsError`."""

    spec: AccountSpec


@dataclass(frozen=True, slots=True)
class RemoveAccount(Command):
    """Remove an account and, silently, its bindings. Answered with None."""

    account: str


@dataclass(frozen=True, slots=True)
class GetAccounts(Command):
    """Answered with the names of all accounts, as a tuple."""


@dataclass(frozen=True, slots=True)
class GetAccount(Command):
    """Answered with the `AccountSpec` of one account."""

    account: str


@dataclass(frozen=True, slots=True)
class GetBindings(Command):
    """Answered with a tuple of `BindingInfo`, of one account or (None) of all."""

    account: str | None = None


@dataclass(frozen=True, slots=True)
class GetMessages(Command):
    """Answered with a tuple of `MessageSeen`; raises `HistoryTruncated` where some were evicted."""

    method: str | None = None
    account: str | None = None
    direction: str | None = None
    since: int = 0
    partial: bool = False


@dataclass(frozen=True, slots=True)
class GetRefusals(Command):
    """Answered with a tuple of `Refused`; raises `HistoryTruncated` where some were evicted."""

    account: str | None = None
    because: str | None = None
    since: int = 0
    partial: bool = False


@dataclass(frozen=True, slots=True)
class GetRecords(Command):
    """Answered with a tuple of all records after number `since`, in order."""

    since: int = 0
    partial: bool = True


@dataclass(frozen=True, slots=True)
class GetSummary(Command):
    """Answered with the `AccountSummary` of one account, which is never evicted."""

    account: str


@dataclass(frozen=True, slots=True)
class GetStatus(Command):
    """Answered with a `Status`."""


@dataclass(frozen=True, slots=True)
class Allow(Command):
    """Put a network on the allow-list. Answered with None."""

    network: str


@dataclass(frozen=True, slots=True)
class Deny(Command):
    """Put a network on the deny-list. Answered with None."""

    network: str


@dataclass(frozen=True, slots=True)
class Expire(Command):
    """Let all bindings of an account lapse now. Answered with how many there were."""

    account: str


@dataclass(frozen=True, slots=True)
class GoDown(Command):
    """Start an outage: ``silent`` (nothing is answered), ``refused`` (connections are reset, UDP is silent) or
    ``503``. `forget` names what is lost: ``bindings``, ``nonces``. Answered with None.
    """

    kind: str = "silent"
    forget: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoUp(Command):
    """End an outage. Answered with None."""


@dataclass(frozen=True, slots=True)
class Advance(Command):
    """Move carrier time on by `seconds`, deadline by deadline. Answered with None when all is done."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reset(Command):
    """Forget accounts, bindings, nonces, lists, outage and history, but for what `keep` names; ports stay.

    `keep` may hold ``accounts``, ``bindings``, ``history``. Answered with None.
    """

    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listen(Command):
    """Open one more listener. Answered with the `ListenSpec` that was really bound."""

    place: ListenSpec


@dataclass(frozen=True, slots=True)
class OpenAgent(Command):
    """Start a built-in client for an account of this carrier. Answered with its number."""

    profile: Profile
    manners: str
    source: str = "127.0.0.1"
    """The local address to send from."""


@dataclass(frozen=True, slots=True)
class AgentAct(Command):
    """Let a built-in client ``register``, ``refresh`` or ``unregister``. Answered with an `AgentOutcome`."""

    agent: int
    action: str
    timeout: float | None = None
    """Seconds to wait for the outcome; the client itself goes on in its own time."""


@dataclass(frozen=True, slots=True)
class CloseAgent(Command):
    """Stop a built-in client, without unregistering. Answered with None."""

    agent: int


KEEPABLE = ("accounts", "bindings", "history")
OUTAGES = ("silent", "refused", "503")
FORGETTABLE = ("bindings", "nonces")


# -- values ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class BindingInfo:
    """One binding as it stands."""

    account: str
    contact: str
    """The Contact URI exactly as the client wrote it."""
    expires_in: float
    """Seconds left on the carrier's clock."""
    granted: int
    """Seconds granted by the last REGISTER."""
    call_id: str
    cseq: int
    flow: Flow | None
    """Where the last REGISTER came from."""
    user_agent: str = ""
    q: str | None = None
    instance: str | None = None
    reg_id: int | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentOutcome:
    """How what a built-in client was asked to do ended."""

    ok: bool
    state: str
    """The client's state, in the words of its own system."""
    status: int | None
    """Status of the last answer; None when none came."""
    reason: str
    """The answer's phrase, or what is wrong."""
    expires_in: int
    """Seconds granted, as the client understands the answer; 0 where nothing is bound."""
    log: tuple[str, ...]
    """What the real client would have printed so far."""

    def __bool__(self) -> bool:
        return self.ok


@dataclass(frozen=True, slots=True)
class Status:
    """A carrier's state in numbers."""

    seq: int
    """Number of the latest record."""
    wire: float
    """Seconds since it started."""
    carrier: float
    """POSIX seconds on its own clock."""
    bindings: int
    accounts: int
    outage: str | None
    listening: tuple[ListenSpec, ...]
    realm: str
    counters: Counters


# -- the JSON twin ---------------------------------------------------------------------------------------
_CLASSES: dict[str, type[Any]] = {
    c.__name__: c
    for c in (
        AddAccount, RemoveAccount, GetAccount, GetAccounts, GetBindings, GetMessages, GetRefusals, GetRecords,
        GetSummary, GetStatus, Allow, Deny, Expire, GoDown, GoUp, Advance, Reset, Listen, OpenAgent, AgentAct,
        CloseAgent, BindingInfo, AgentOutcome, Status, AccountSpec, Profile, ListenSpec, Flow, AccountSummary, Counters,
        CarrierSettings,
    )
}  # fmt: skip


def to_json(value: Any) -> Any:
    """Return the JSON twin of a command or value. Secrets are in it: mask before a person sees it."""
    if isinstance(value, Record):
        return {"type": "Record", **value.to_json()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        twin = {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"type": type(value).__name__, **twin}
    if isinstance(value, bytes):
        return {"type": "bytes", "base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, (tuple, list)):
        return [to_json(v) for v in value]
    if isinstance(value, Mapping):
        return {"type": "mapping", "items": [[to_json(k), to_json(v)] for k, v in value.items()]}
    return value


def from_json(twin: Any) -> Any:
    """Return the command or value that `to_json` wrote; raise `ValueError` for anything else."""
    try:
        return _read(twin)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not the twin of a command or value of this protocol: {error}") from None


def _read(twin: Any) -> Any:
    if isinstance(twin, list):
        return tuple(_read(v) for v in twin)
    if not isinstance(twin, dict):
        return twin
    kind = twin.get("type")
    if kind == "Record":
        return Record.from_json({k: v for k, v in twin.items() if k != "type"})
    if kind == "bytes":
        return base64.b64decode(twin["base64"], validate=True)
    if kind == "mapping":
        return {_read(k): _read(v) for k, v in twin["items"]}
    cls = _CLASSES.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise ValueError(f"{kind!r} is not a command or value of this protocol")
    return cls(**{k: _read(v) for k, v in twin.items() if k != "type"})


__all__ = [
    "FORGETTABLE",
    "KEEPABLE",
    "OUTAGES",
    "AddAccount",
    "Advance",
    "Allow",
    "BindingEvent",
    "BindingInfo",
    "Command",
    "Deny",
    "Expire",
    "GetAccounts",
    "GetBindings",
    "GetMessages",
    "GetRecords",
    "GetRefusals",
    "GetStatus",
    "GetSummary",
    "GoDown",
    "GoUp",
    "Listen",
    "MessageSeen",
    "Refused",
    "RemoveAccount",
    "Reset",
    "Status",
    "from_json",
    "to_json",
]  # fmt: skip
