"""A mock SIP carrier: the registrar that dialers and phones are tested against.

Names are exported lazily (PEP 562): reading a registration string costs no Twisted import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockregistrar.carrier.accounts_file import load_accounts_csv as load_accounts_csv
    from mockregistrar.carrier.checking import SettingsError as SettingsError
    from mockregistrar.carrier.config_file import load_config as load_config
    from mockregistrar.carrier.known_accounts import known_accounts as known_accounts
    from mockregistrar.carrier.personas.model import Persona as Persona
    from mockregistrar.carrier.personas.presets import PERSONAS as PERSONAS
    from mockregistrar.carrier.planning import PlanItem as PlanItem
    from mockregistrar.carrier.planning import configs_of as configs_of_plan
    from mockregistrar.carrier.planning import read_plan as read_plan
    from mockregistrar.carrier.reasons import REASONS as REASONS
    from mockregistrar.carrier.reasons import Reason as Reason
    from mockregistrar.carrier.settings import AccountSpec as AccountSpec
    from mockregistrar.carrier.settings import CarrierSettings as CarrierSettings
    from mockregistrar.carrier.settings import ListenSpec as ListenSpec
    from mockregistrar.engine.control import UnknownAccount as UnknownAccount
    from mockregistrar.engine.protocol import AgentOutcome as AgentOutcome
    from mockregistrar.engine.protocol import BindingInfo as BindingInfo
    from mockregistrar.engine.protocol import Status as Status
    from mockregistrar.engine.unrefused import further_verdicts as further_verdicts
    from mockregistrar.fake import SipProvider as SipProvider
    from mockregistrar.faults.active import FaultInfo as FaultInfo
    from mockregistrar.faults.spec import FaultError as FaultError
    from mockregistrar.faults.spec import FaultSpec as FaultSpec
    from mockregistrar.net.account import Account as Account
    from mockregistrar.net.account_typos import AccountTypo as AccountTypo
    from mockregistrar.net.account_typos import account_typo as account_typo
    from mockregistrar.net.faults import Fault as Fault
    from mockregistrar.net.login import LoginReport as LoginReport
    from mockregistrar.net.login import check_login as check_login
    from mockregistrar.net.plans import PlanOutcome as PlanOutcome
    from mockregistrar.net.plans import run as run_planned
    from mockregistrar.net.reactor import ReactorStopped as ReactorStopped
    from mockregistrar.net.reactor import ReactorThread as ReactorThread
    from mockregistrar.net.registrar import MockRegistrar as MockRegistrar
    from mockregistrar.net.seen import SeenRequest as SeenRequest
    from mockregistrar.net.tls import TestAuthority as TestAuthority
    from mockregistrar.net.waits import RegistrationTimeout as RegistrationTimeout
    from mockregistrar.trace.incidents import Dropped as Dropped
    from mockregistrar.trace.incidents import FaultTouched as FaultTouched
    from mockregistrar.trace.incidents import InternalError as InternalError
    from mockregistrar.trace.incidents import Note as Note
    from mockregistrar.trace.incidents import Qualified as Qualified
    from mockregistrar.trace.incidents import Refused as Refused
    from mockregistrar.trace.incidents import Verdict as Verdict
    from mockregistrar.trace.jsonl import write as write_jsonl
    from mockregistrar.trace.ladder import ladder as render_ladder
    from mockregistrar.trace.masking import Masker as Masker
    from mockregistrar.trace.pcap import write as write_pcap
    from mockregistrar.trace.records import BindingEvent as BindingEvent
    from mockregistrar.trace.records import Lapsed as Lapsed
    from mockregistrar.trace.records import MessageSeen as MessageSeen
    from mockregistrar.trace.records import Record as Record
    from mockregistrar.trace.records import Refreshed as Refreshed
    from mockregistrar.trace.records import Registered as Registered
    from mockregistrar.trace.records import Unregistered as Unregistered
    from mockregistrar.trace.shelves import HistoryTruncated as HistoryTruncated
    from mockregistrar.trunks.codes import CODES as CODES
    from mockregistrar.trunks.excerpt import finding_excerpt as finding_excerpt
    from mockregistrar.trunks.explanation import Explanation as Explanation
    from mockregistrar.trunks.explanation import explain as explain
    from mockregistrar.trunks.items import Item as TrunkItem
    from mockregistrar.trunks.known import KnownAccount as KnownAccount
    from mockregistrar.trunks.known import Truth as Truth
    from mockregistrar.trunks.known import truth as truth
    from mockregistrar.trunks.model import CannotRender as CannotRender
    from mockregistrar.trunks.model import Finding as Finding
    from mockregistrar.trunks.model import Trunk as Trunk
    from mockregistrar.trunks.trunk_files import TrunkFile as TrunkFile
    from mockregistrar.trunks.trunk_files import looks_like_trunks as looks_like_trunks
    from mockregistrar.trunks.trunk_files import read as read_trunks
    from mockregistrar.trunks.typos import DoesNotApply as DoesNotApply
    from mockregistrar.trunks.typos import Typo as Typo
    from mockregistrar.trunks.typos.fitting import typo_kinds as typo_kinds
    from mockregistrar.trunks.typos.outcome import LOGINS as TYPO_LOGINS
    from mockregistrar.verdicts import VERDICTS as VERDICTS
    from mockregistrar.verdicts import VerdictKind as VerdictKind

__version__ = "0.1.0"

_EXPORTS: dict[str, tuple[str, str]] = {
    "Account": ("net.account", "Account"),
    "AccountSpec": ("carrier.settings", "AccountSpec"),
    "AccountTypo": ("net.account_typos", "AccountTypo"),
    "AgentOutcome": ("engine.protocol", "AgentOutcome"),
    "BindingEvent": ("trace.records", "BindingEvent"),
    "BindingInfo": ("engine.protocol", "BindingInfo"),
    "CODES": ("trunks.codes", "CODES"),
    "CannotRender": ("trunks.model", "CannotRender"),
    "CarrierSettings": ("carrier.settings", "CarrierSettings"),
    "DoesNotApply": ("trunks.typos", "DoesNotApply"),
    "Dropped": ("trace.incidents", "Dropped"),
    "Explanation": ("trunks.explanation", "Explanation"),
    "Fault": ("net.faults", "Fault"),
    "FaultError": ("faults.spec", "FaultError"),
    "FaultInfo": ("faults.active", "FaultInfo"),
    "FaultSpec": ("faults.spec", "FaultSpec"),
    "FaultTouched": ("trace.incidents", "FaultTouched"),
    "Finding": ("trunks.model", "Finding"),
    "HistoryTruncated": ("trace.shelves", "HistoryTruncated"),
    "InternalError": ("trace.incidents", "InternalError"),
    "KnownAccount": ("trunks.known", "KnownAccount"),
    "Lapsed": ("trace.records", "Lapsed"),
    "ListenSpec": ("carrier.settings", "ListenSpec"),
    "LoginReport": ("net.login", "LoginReport"),
    "Masker": ("trace.masking", "Masker"),
    "MessageSeen": ("trace.records", "MessageSeen"),
    "MockRegistrar": ("net.registrar", "MockRegistrar"),
    "Note": ("trace.incidents", "Note"),
    "PERSONAS": ("carrier.personas.presets", "PERSONAS"),
    "Persona": ("carrier.personas.model", "Persona"),
    "PlanItem": ("carrier.planning", "PlanItem"),
    "PlanOutcome": ("net.plans", "PlanOutcome"),
    "Qualified": ("trace.incidents", "Qualified"),
    "REASONS": ("carrier.reasons", "REASONS"),
    "ReactorStopped": ("net.reactor", "ReactorStopped"),
    "ReactorThread": ("net.reactor", "ReactorThread"),
    "Reason": ("carrier.reasons", "Reason"),
    "Record": ("trace.records", "Record"),
    "Refreshed": ("trace.records", "Refreshed"),
    "Refused": ("trace.incidents", "Refused"),
    "Registered": ("trace.records", "Registered"),
    "RegistrationTimeout": ("net.waits", "RegistrationTimeout"),
    "SeenRequest": ("net.seen", "SeenRequest"),
    "SettingsError": ("carrier.checking", "SettingsError"),
    "SipProvider": ("fake", "SipProvider"),
    "Status": ("engine.protocol", "Status"),
    "TYPO_LOGINS": ("trunks.typos.outcome", "LOGINS"),
    "TestAuthority": ("net.tls", "TestAuthority"),
    "Trunk": ("trunks.model", "Trunk"),
    "TrunkFile": ("trunks.trunk_files", "TrunkFile"),
    "TrunkItem": ("trunks.items", "Item"),
    "Truth": ("trunks.known", "Truth"),
    "Typo": ("trunks.typos", "Typo"),
    "UnknownAccount": ("engine.control", "UnknownAccount"),
    "Unregistered": ("trace.records", "Unregistered"),
    "VERDICTS": ("verdicts", "VERDICTS"),
    "Verdict": ("trace.incidents", "Verdict"),
    "VerdictKind": ("verdicts", "VerdictKind"),
    "account_typo": ("net.account_typos", "account_typo"),
    "check_login": ("net.login", "check_login"),
    "configs_of_plan": ("carrier.planning", "configs_of"),
    "explain": ("trunks.explanation", "explain"),
    "finding_excerpt": ("trunks.excerpt", "finding_excerpt"),
    "further_verdicts": ("engine.unrefused", "further_verdicts"),
    "known_accounts": ("carrier.known_accounts", "known_accounts"),
    "load_accounts_csv": ("carrier.accounts_file", "load_accounts_csv"),
    "load_config": ("carrier.config_file", "load_config"),
    "looks_like_trunks": ("trunks.trunk_files", "looks_like_trunks"),
    "read_plan": ("carrier.planning", "read_plan"),
    "read_trunks": ("trunks.trunk_files", "read"),
    "render_ladder": ("trace.ladder", "ladder"),
    "run_planned": ("net.plans", "run"),
    "truth": ("trunks.known", "truth"),
    "typo_kinds": ("trunks.typos.fitting", "typo_kinds"),
    "write_jsonl": ("trace.jsonl", "write"),
    "write_pcap": ("trace.pcap", "write"),
}


__all__ = [
    "CODES",
    "PERSONAS",
    "REASONS",
    "TYPO_LOGINS",
    "VERDICTS",
    "Account",
    "AccountSpec",
    "AccountTypo",
    "AgentOutcome",
    "BindingEvent",
    "BindingInfo",
    "CannotRender",
    "CarrierSettings",
    "DoesNotApply",
    "Dropped",
    "Explanation",
    "Fault",
    "FaultError",
    "FaultInfo",
    "FaultSpec",
    "FaultTouched",
    "Finding",
    "HistoryTruncated",
    "InternalError",
    "KnownAccount",
    "Lapsed",
    "ListenSpec",
    "LoginReport",
    "Masker",
    "MessageSeen",
    "MockRegistrar",
    "Note",
    "Persona",
    "PlanItem",
    "PlanOutcome",
    "Qualified",
    "ReactorStopped",
    "ReactorThread",
    "Reason",
    "Record",
    "Refreshed",
    "Refused",
    "Registered",
    "RegistrationTimeout",
    "SeenRequest",
    "SettingsError",
    "SipProvider",
    "Status",
    "TestAuthority",
    "Trunk",
    "TrunkFile",
    "TrunkItem",
    "Truth",
    "Typo",
    "UnknownAccount",
    "Unregistered",
    "Verdict",
    "VerdictKind",
    "account_typo",
    "check_login",
    "configs_of_plan",
    "explain",
    "finding_excerpt",
    "further_verdicts",
    "known_accounts",
    "load_accounts_csv",
    "load_config",
    "looks_like_trunks",
    "read_plan",
    "read_trunks",
    "render_ladder",
    "run_planned",
    "truth",
    "typo_kinds",
    "write_jsonl",
    "write_pcap",
]


def __getattr__(name: str) -> Any:
    try:
        module, attribute = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value = getattr(importlib.import_module(f"mockregistrar.{module}"), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})
