"""Faults: what networks and carriers do to a trunk, on request, named, countable and removable.

A fault is written in one line (`FaultSpec`), decides by count or by seeded chance which messages it touches (`Faults`),
and says which messages came close when it touched none. Everything here is pure: the engine carries out what is
decided.
"""

from mockregistrar.faults.active import FaultInfo, Faults, Near
from mockregistrar.faults.matching import Facts, differences
from mockregistrar.faults.spec import FaultError, FaultSpec
from mockregistrar.faults.words import ACTIONS, KEYS, Action

__all__ = [
    "ACTIONS",
    "KEYS",
    "Action",
    "Facts",
    "FaultError",
    "FaultInfo",
    "FaultSpec",
    "Faults",
    "Near",
    "differences",
]
