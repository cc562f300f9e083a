"""What each command does to an engine: one function for each, and the table that finds it by the command's name.

By its name, so that no command need be imported before one is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockregistrar.carrier.accounts import Account
from mockregistrar.carrier.bindings import Binding
from mockregistrar.carrier.checking import SettingsError, nearest, one_of
from mockregistrar.carrier.settings import AccountSpec
from mockregistrar.engine import protocol

if TYPE_CHECKING:
    from mockregistrar.engine.engine import CarrierEngine
    from mockregistrar.trace import AccountSummary, BindingEvent, MessageSeen, Record, Refused, Verdict
    from mockregistrar.trace.compared import Expected


class UnknownAccount(LookupError):  # noqa: N818 - names what is wrong, as `LookupError` does
    """No account has this name; the message names the nearest one."""


def account_named(engine: CarrierEngine, name: str) -> Account:
    """Return the account called `name`; raise `UnknownAccount` with the nearest known one."""
    try:
        return engine.carrier.accounts.named(name)
    except LookupError:
        known = [a.name for a, _ in zip(engine.carrier.accounts, range(1000), strict=False)]
        raise UnknownAccount(f"the carrier has no account {name!r}{nearest(name, known)}") from None


def _info(engine: CarrierEngine, binding: Binding, carrier_now: float) -> protocol.BindingInfo:
    return protocol.BindingInfo(
        account=binding.account.name,
        contact=binding.uri,
        expires_in=max(0.0, binding.expires_at - carrier_now),
        granted=binding.granted,
        call_id=binding.call_id,
        cseq=binding.cseq,
        flow=binding.flow,
        user_agent=binding.user_agent,
        q=binding.q,
        instance=binding.instance,
        reg_id=binding.reg_id,
        path=binding.path,
        reachable=None if engine.pings is None else engine.pings.reachable(binding),
    )


def _add_account(engine: CarrierEngine, command: protocol.AddAccount, _now: float) -> str:
    return engine.carrier.add_account(command.spec).name


def _remove_account(engine: CarrierEngine, command: protocol.RemoveAccount, _now: float) -> None:
    account = account_named(engine, command.account)
    for binding in list(account.bindings or ()):
        engine.carrier.bindings.remove(binding)
    engine.carrier.accounts.remove(account)


def _get_accounts(engine: CarrierEngine, _command: protocol.GetAccounts, _now: float) -> tuple[str, ...]:
    return tuple(a.name for a in engine.carrier.accounts)


def _get_account(engine: CarrierEngine, command: protocol.GetAccount, _now: float) -> AccountSpec:
    return account_named(engine, command.account).spec


def _get_bindings(engine: CarrierEngine, command: protocol.GetBindings, now: float) -> tuple[protocol.BindingInfo, ...]:
    carrier_now = engine.carrier_time(now)
    accounts = engine.carrier.accounts if command.account is None else [account_named(engine, command.account)]
    return tuple(
        _info(engine, b, carrier_now) for a in accounts for b in a.bindings or () if b.expires_at > carrier_now
    )


def _get_messages(engine: CarrierEngine, command: protocol.GetMessages, _now: float) -> tuple[MessageSeen, ...]:
    direction = command.direction
    if direction is not None:
        one_of("direction", direction, ("in", "out"))
    return tuple(
        engine.trace.messages(
            method=command.method,
            account=command.account,
            direction="in" if direction == "in" else "out" if direction == "out" else None,
            since=command.since,
            partial=command.partial,
        )
    )


def _get_refusals(engine: CarrierEngine, command: protocol.GetRefusals, _now: float) -> tuple[Refused, ...]:
    engine.finish_diagnoses()
    return tuple(
        engine.trace.refusals(command.account, because=command.because, since=command.since, partial=command.partial)
    )


def _get_changes(engine: CarrierEngine, command: protocol.GetChanges, _now: float) -> tuple[BindingEvent, ...]:
    return tuple(engine.trace.bindings(account_named(engine, command.account).name, since=command.since))


def _get_expected(engine: CarrierEngine, command: protocol.GetExpected, _now: float) -> Expected:
    from mockregistrar.trace.compared import Expected

    account, carrier = account_named(engine, command.account), engine.carrier
    access, networks = carrier.access.policy(account)
    spec = account.spec
    return Expected(
        user=spec.user,
        auth_user="" if access in ("ip", "either") else spec.effective_auth_user,
        realm=carrier.realm,
        domains=(spec.domain,) if spec.domain else carrier.served,
        transports=tuple(dict.fromkeys(place.transport for place in engine.listening_at)),
        networks=() if access in ("digest", "either") else tuple(map(str, networks)),
    )


def _get_records(engine: CarrierEngine, command: protocol.GetRecords, _now: float) -> tuple[Record, ...]:
    engine.finish_diagnoses()
    return tuple(engine.trace.since(command.since, partial=command.partial))


def _get_verdicts(engine: CarrierEngine, command: protocol.GetVerdicts, _now: float) -> tuple[Verdict, ...]:
    from mockregistrar.engine.unrefused import of_accepted, of_silence

    engine.finish_diagnoses()
    found = engine.trace.verdicts(command.account, since=command.since)
    account = command.account or ""
    silence = list(of_silence(engine.trace, engine.listening_at, command.since, account))
    if account and (found or engine.trace.summary(account).messages):
        silence = [verdict for verdict in silence if verdict.account == account and verdict.because == "fault"]
    accepted = of_accepted(engine.trace, command.since)
    if command.account is not None:
        accepted = [verdict for verdict in accepted if verdict.account == command.account]
    return tuple(sorted((*found, *silence, *accepted), key=lambda verdict: verdict.seq))


def _get_summary(engine: CarrierEngine, command: protocol.GetSummary, _now: float) -> AccountSummary:
    return engine.trace.summary(account_named(engine, command.account).name)


def _get_status(engine: CarrierEngine, _command: protocol.GetStatus, now: float) -> protocol.Status:
    return protocol.Status(
        seq=engine.trace.seq,
        wire=engine.wire_time(now),
        carrier=engine.carrier_time(now),
        bindings=len(engine.carrier.bindings),
        accounts=len(engine.carrier.accounts),
        outage=engine.outage,
        listening=engine.listening_at,
        realm=engine.carrier.realm,
        counters=engine.trace.counters(),
        rate=engine.clock.rate,
    )


def _allow(engine: CarrierEngine, command: protocol.Allow, now: float) -> None:
    engine.carrier.allow(command.network)
    engine.note(f"allow {command.network}", now)


def _deny(engine: CarrierEngine, command: protocol.Deny, now: float) -> None:
    engine.carrier.deny(command.network)
    engine.note(f"deny {command.network}", now)


def _expire(engine: CarrierEngine, command: protocol.Expire, now: float) -> int:
    bindings = list(account_named(engine, command.account).bindings or ())
    for binding in bindings:
        engine.carrier.bindings.remove(binding)
    engine.lapse(bindings, now, "expired by the test")
    return len(bindings)


def _revoke(engine: CarrierEngine, command: protocol.Revoke, now: float) -> int:
    bindings = list(account_named(engine, command.account).bindings or ())
    if command.contact is not None:
        found = [binding for binding in bindings if binding.uri == command.contact]
        if bindings and not found:
            near = nearest(command.contact, [binding.uri for binding in bindings])
            raise LookupError(f"`{command.account}` has no binding of {command.contact!r}{near}")
        bindings = found
    for binding in bindings:
        engine.carrier.bindings.remove(binding)
    engine.revoke(bindings, now)
    return len(bindings)


def _freeze(engine: CarrierEngine, _command: protocol.Freeze, now: float) -> None:
    engine.clock.freeze(now)
    engine.note("clock: frozen", now)


def _thaw(engine: CarrierEngine, _command: protocol.Thaw, now: float) -> None:
    engine.clock.thaw(now)
    engine.note("clock: runs again", now)


def _set_rate(engine: CarrierEngine, command: protocol.SetRate, now: float) -> None:
    engine.clock.set_rate(command.rate, now)
    engine.note(f"clock: {command.rate:g} times as fast as real time", now)


def _set_clock(engine: CarrierEngine, command: protocol.SetClock, now: float) -> None:
    engine.set_clock(command.moment, now)


def _names(setting: str, given: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    for name in given:
        one_of(setting, name, allowed)


def _go_down(engine: CarrierEngine, command: protocol.GoDown, now: float) -> None:
    one_of("kind", command.kind, protocol.OUTAGES)
    _names("forget", command.forget, protocol.FORGETTABLE)
    engine.go_down(command.kind, command.forget, now)


def _go_up(engine: CarrierEngine, _command: protocol.GoUp, now: float) -> None:
    engine.go_up(now)


def _reset(engine: CarrierEngine, command: protocol.Reset, now: float) -> None:
    _names("keep", command.keep, protocol.KEEPABLE)
    engine.restart(now, keep=command.keep)


def _add_fault(engine: CarrierEngine, command: protocol.AddFault, now: float) -> protocol.FaultInfo:
    spec = protocol.FaultSpec.parse(command.spec)
    if command.optional:
        spec = replace(spec, optional=True)
    return engine.impairments().add(spec, "test", now)


def _remove_fault(engine: CarrierEngine, command: protocol.RemoveFault, now: float) -> protocol.FaultInfo:
    if engine.faults is None:
        raise LookupError(f"there is no fault {command.number}")
    return engine.faults.remove(command.number, now, told=command.told)


def _get_faults(engine: CarrierEngine, command: protocol.GetFaults, _now: float) -> tuple[protocol.FaultInfo, ...]:
    return () if engine.faults is None else engine.faults.faults.infos(removed=command.removed)


HANDLERS: dict[str, Callable[[CarrierEngine, Any, float], Any]] = {
    "AddAccount": _add_account,
    "RemoveAccount": _remove_account,
    "GetAccounts": _get_accounts,
    "GetAccount": _get_account,
    "GetBindings": _get_bindings,
    "GetMessages": _get_messages,
    "GetRefusals": _get_refusals,
    "GetRecords": _get_records,
    "GetExpected": _get_expected,
    "GetChanges": _get_changes,
    "GetVerdicts": _get_verdicts,
    "GetSummary": _get_summary,
    "GetStatus": _get_status,
    "Allow": _allow,
    "Deny": _deny,
    "Expire": _expire,
    "Revoke": _revoke,
    "Freeze": _freeze,
    "Thaw": _thaw,
    "SetRate": _set_rate,
    "SetClock": _set_clock,
    "AddFault": _add_fault,
    "RemoveFault": _remove_fault,
    "GetFaults": _get_faults,
    "GoDown": _go_down,
    "GoUp": _go_up,
    "Reset": _reset,
}

__all__ = ["HANDLERS", "SettingsError", "UnknownAccount", "account_named"]
