"""Trunk plans carried out: each trunk logs in to the carrier of the plan, and is judged by what the plan expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockregistrar.carrier.access import AccessList, Entry
from mockregistrar.carrier.accounts import Account
from mockregistrar.carrier.known_accounts import known_accounts
from mockregistrar.carrier.planning import PlanItem
from mockregistrar.carrier.trunk_plan import IP_AUTH, REFUSED, REGISTERED, PlannedTrunk
from mockregistrar.net.login import LoginReport, check_login
from mockregistrar.net.login.stage import staged
from mockregistrar.net.reactor import ReactorThread
from mockregistrar.trunks import truth


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """How one login of a plan went, and whether that is what the plan expects. Secrets are masked in every text."""

    ok: bool
    headline: str
    state: str
    """``registered``, ``refused``, ``lapsed``, ``not-sent``, ``no-answer`` or ``ip-auth``."""
    login: LoginReport | None = None

    def to_json(self) -> dict[str, object]:
        """The JSON twin."""
        login = self.login.to_json() if self.login is not None else None
        return {"ok": self.ok, "state": self.state, "headline": self.headline, "login": login}


def run(
    planned: PlanItem,
    *,
    thread: ReactorThread | None = None,
    authority: Any = None,
    path: str = "",
    seed: int | None = None,
) -> PlanOutcome:
    """Carry out one login and judge it. `path` is how the config is called in the report."""
    trunk, item = planned.trunk, planned.item
    if item.kind == "ip-peer" or item.skip is not None:
        return _nothing_to_register(planned)
    known = truth(item, known_accounts(planned.carrier.accounts), source="carrier")
    carrier = planned.carrier if seed is None else planned.carrier.changed(seed=seed)
    login = check_login(
        item, known, carrier=carrier, source=trunk.source, thread=thread, authority=authority, path=path
    )
    return _judged(trunk, login)


def _judged(trunk: PlannedTrunk, login: LoginReport) -> PlanOutcome:
    state = login.state
    if trunk.expect == REGISTERED:
        return PlanOutcome(login.ok, login.headline, state, login)
    wanted = trunk.expect.replace("-", " ")
    if login.ok:
        return PlanOutcome(False, f"The trunk registers, and the plan expects {wanted}.", state, login)
    if trunk.expect == REFUSED and state == "refused":
        return PlanOutcome(True, f"Refused, as expected: {login.because.replace('-', ' ')}.", state, login)
    if trunk.expect == login.because:
        return PlanOutcome(True, f"As expected: {wanted}.", state, login)
    if trunk.expect == IP_AUTH:
        message = "The config registers, and the plan expects a carrier that knows the address (ip-auth)."
        return PlanOutcome(False, message, state, login)
    came = login.because.replace("-", " ") or "nothing is sent"
    return PlanOutcome(False, f"The plan expects {wanted}; it is {came}. {login.headline}", state, login)


def _nothing_to_register(planned: PlanItem) -> PlanOutcome:
    """Judge a trunk without a registration: it works where the carrier lets its address in without a password."""
    trunk, item = planned.trunk, planned.item
    if item.kind != "ip-peer":
        return PlanOutcome(False, f"{item.system} does not register: {item.skip}.", "not-sent")
    if trunk.expect != IP_AUTH:
        message = "There is nothing to register in the config: it leaves the trunk to the address. "
        return PlanOutcome(False, f'{message}Where the carrier does so too, write expect = "{IP_AUTH}".', "not-sent")
    stage = staged(planned.carrier, trunk.source)
    source = stage.source or "127.0.0.1"
    access = AccessList(planned.carrier)
    accounts = [Account(spec) for spec in planned.carrier.accounts]
    entries = [access.decide(account, source) for account in accounts] or [access.decide(None, source)]
    if any(entry is Entry.TRUSTED for entry, _ in entries):
        return PlanOutcome(True, f"The carrier lets {source} in without a password.", "ip-auth")
    why = next((reason for entry, reason in entries if entry is Entry.REFUSED), "it asks everybody for a password")
    return PlanOutcome(False, f"The carrier does not let {source} in by its address alone: {why}.", "refused")
