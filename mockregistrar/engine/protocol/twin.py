"""The JSON twin of commands and values: what a carrier in another process or place is spoken to with."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping
from typing import Any

from mockregistrar.carrier.personas import Persona
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.client.profile import Profile
from mockregistrar.engine.protocol import accounts, agents, clock, faults, questions, state
from mockregistrar.faults import FaultInfo, FaultSpec, Near
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import AccountSummary, Counters, Record
from mockregistrar.trace.compared import Expected

CLASSES: dict[str, type[Any]] = {
    c.__name__: c
    for c in (
        accounts.AddAccount, accounts.RemoveAccount, accounts.GetAccount, accounts.GetAccounts, accounts.GetSummary,
        accounts.Expire, questions.GetBindings, questions.GetMessages, questions.GetRefusals, questions.GetRecords,
        state.GetStatus, state.Allow, state.Deny, state.GoDown, state.GoUp, state.Advance, state.Reset, state.Listen,
        faults.AddFault, faults.RemoveFault, faults.GetFaults, FaultInfo, FaultSpec, Near,
        agents.OpenAgent, agents.AgentAct, agents.CloseAgent, questions.BindingInfo, agents.AgentOutcome, state.Status,
        questions.GetVerdicts, state.OpenNameserver, AccountSpec, Profile, ListenSpec, Flow, AccountSummary, Counters,
        CarrierSettings, Persona, Expected, accounts.Revoke, questions.GetExpected, questions.GetChanges,
        clock.Freeze, clock.Thaw, clock.SetRate, clock.SetClock,
    )
}  # fmt: skip
"""What crosses, by its name in JSON; only ever added to."""


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
    cls = CLASSES.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise ValueError(f"{kind!r} is not a command or value of this protocol")
    return cls(**{k: _read(v) for k, v in twin.items() if k != "type"})
