"""The protocol behind the face: commands in, values and events out.

Commands, values and events are frozen, picklable and have a JSON twin; nothing live crosses. The same
protocol serves a thread, a process of its own and a remote carrier. Times in values are seconds.

Names are exported lazily (PEP 562), room by room: making all these classes takes longer than a registration, and no
test uses them all.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockregistrar.engine.protocol.accounts import AddAccount as AddAccount
    from mockregistrar.engine.protocol.accounts import Command as Command
    from mockregistrar.engine.protocol.accounts import Expire as Expire
    from mockregistrar.engine.protocol.accounts import GetAccount as GetAccount
    from mockregistrar.engine.protocol.accounts import GetAccounts as GetAccounts
    from mockregistrar.engine.protocol.accounts import GetSummary as GetSummary
    from mockregistrar.engine.protocol.accounts import RemoveAccount as RemoveAccount
    from mockregistrar.engine.protocol.accounts import Revoke as Revoke
    from mockregistrar.engine.protocol.agents import AgentAct as AgentAct
    from mockregistrar.engine.protocol.agents import AgentOutcome as AgentOutcome
    from mockregistrar.engine.protocol.agents import CloseAgent as CloseAgent
    from mockregistrar.engine.protocol.agents import OpenAgent as OpenAgent
    from mockregistrar.engine.protocol.clock import Freeze as Freeze
    from mockregistrar.engine.protocol.clock import SetClock as SetClock
    from mockregistrar.engine.protocol.clock import SetRate as SetRate
    from mockregistrar.engine.protocol.clock import Thaw as Thaw
    from mockregistrar.engine.protocol.faults import AddFault as AddFault
    from mockregistrar.engine.protocol.faults import FaultInfo as FaultInfo
    from mockregistrar.engine.protocol.faults import FaultSpec as FaultSpec
    from mockregistrar.engine.protocol.faults import GetFaults as GetFaults
    from mockregistrar.engine.protocol.faults import RemoveFault as RemoveFault
    from mockregistrar.engine.protocol.questions import BindingInfo as BindingInfo
    from mockregistrar.engine.protocol.questions import GetBindings as GetBindings
    from mockregistrar.engine.protocol.questions import GetChanges as GetChanges
    from mockregistrar.engine.protocol.questions import GetExpected as GetExpected
    from mockregistrar.engine.protocol.questions import GetMessages as GetMessages
    from mockregistrar.engine.protocol.questions import GetRecords as GetRecords
    from mockregistrar.engine.protocol.questions import GetRefusals as GetRefusals
    from mockregistrar.engine.protocol.questions import GetVerdicts as GetVerdicts
    from mockregistrar.engine.protocol.state import FORGETTABLE as FORGETTABLE
    from mockregistrar.engine.protocol.state import KEEPABLE as KEEPABLE
    from mockregistrar.engine.protocol.state import OUTAGES as OUTAGES
    from mockregistrar.engine.protocol.state import Advance as Advance
    from mockregistrar.engine.protocol.state import Allow as Allow
    from mockregistrar.engine.protocol.state import Deny as Deny
    from mockregistrar.engine.protocol.state import GetStatus as GetStatus
    from mockregistrar.engine.protocol.state import GoDown as GoDown
    from mockregistrar.engine.protocol.state import GoUp as GoUp
    from mockregistrar.engine.protocol.state import Listen as Listen
    from mockregistrar.engine.protocol.state import OpenNameserver as OpenNameserver
    from mockregistrar.engine.protocol.state import Reset as Reset
    from mockregistrar.engine.protocol.state import Status as Status
    from mockregistrar.engine.protocol.twin import from_json as from_json
    from mockregistrar.engine.protocol.twin import to_json as to_json

_ROOMS = {
    name: room
    for room, names in (
        ("accounts", "AddAccount Command Expire GetAccount GetAccounts GetSummary RemoveAccount Revoke"),
        ("agents", "AgentAct AgentOutcome CloseAgent OpenAgent"),
        ("clock", "Freeze SetClock SetRate Thaw"),
        ("faults", "AddFault FaultInfo FaultSpec GetFaults RemoveFault"),
        ("questions", "BindingInfo GetBindings GetChanges GetExpected GetMessages GetRecords GetRefusals GetVerdicts"),
        (
            "state",
            "Advance Allow Deny FORGETTABLE GetStatus GoDown GoUp KEEPABLE Listen OUTAGES OpenNameserver Reset Status",
        ),
        ("twin", "from_json to_json"),
    )
    for name in names.split()
}
"""The module of each name."""


def __getattr__(name: str) -> Any:
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{room}"), name)
    globals()[name] = value
    return value


__all__ = [
    "FORGETTABLE",
    "KEEPABLE",
    "OUTAGES",
    "AddAccount",
    "AddFault",
    "Advance",
    "AgentAct",
    "AgentOutcome",
    "Allow",
    "BindingInfo",
    "CloseAgent",
    "Command",
    "Deny",
    "Expire",
    "FaultInfo",
    "FaultSpec",
    "Freeze",
    "GetAccount",
    "GetAccounts",
    "GetBindings",
    "GetChanges",
    "GetExpected",
    "GetFaults",
    "GetMessages",
    "GetRecords",
    "GetRefusals",
    "GetStatus",
    "GetSummary",
    "GetVerdicts",
    "GoDown",
    "GoUp",
    "Listen",
    "OpenAgent",
    "OpenNameserver",
    "RemoveAccount",
    "RemoveFault",
    "Reset",
    "Revoke",
    "SetClock",
    "SetRate",
    "Status",
    "Thaw",
    "from_json",
    "to_json",
]
