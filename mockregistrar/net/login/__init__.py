"""The real login of one registration: a built-in client with the manners of its system against a carrier of its own.

Theory of operation. The carrier has the *truth*: what the person meant, what the accounts file says, or what a trunk
plan says the carrier is like. The client has what the system *reads*. A map of names and ports stands in for DNS and
the network: what leads to the carrier leads to its real socket, any other port or address to a bound socket that never
answers, any other name to "does not resolve". Sockets are real; the client's timers run on a clock of its own, which
skips the waiting, so that a registration timeout costs milliseconds. The client registers, refreshes once with the
carrier's time moved on, and unregisters; each step is checked on both sides.
"""

from __future__ import annotations

from typing import Any

from mockregistrar.carrier.checking import SettingsError
from mockregistrar.carrier.settings import CarrierSettings
from mockregistrar.net.login.exchange import REAL_LIMIT, Login
from mockregistrar.net.login.report import LoginReport, Story
from mockregistrar.net.login.stage import Stage, manners_of, profile_of, stage_for, staged
from mockregistrar.net.reactor import SHARED, ReactorThread
from mockregistrar.trace.masking import Masker
from mockregistrar.trunks import Item, Truth


def check_login(
    item: Item,
    truth: Truth,
    *,
    settings: CarrierSettings | None = None,
    carrier: CarrierSettings | None = None,
    source: str = "",
    thread: ReactorThread | None = None,
    authority: Any = None,
    path: str = "",
) -> LoginReport:
    """Log in with what the system reads of `item` at a carrier that has the `truth`; refresh; unregister.

    `settings` are the carrier's policies (expiry limits, algorithms...); its listeners, domains and accounts are
    replaced by what the truth says. With `carrier` the carrier is as it says instead, accounts and domains included,
    and `source` is the address it sees the client come from. `path` is how the file is called in the report. Raises
    nothing for what the config gets wrong: that is the report.
    """
    system = item.system
    trunk = item.reading.real
    masker = Masker([s for s in (*item.reading.secrets, truth.secret or "", trunk.secret if trunk else "") if s])
    if trunk is None or (carrier is None and not truth.known):
        return LoginReport(
            False, f"{system} refuses this: nothing is sent, and the trunk does not come up.", system=system
        )
    try:
        manners = manners_of(item)
        profile, aside = profile_of(trunk, item.registration)
        if carrier is None:
            stage = stage_for(truth, settings or CarrierSettings(), (profile.realm or "").strip('"*'))
        else:
            stage = staged(carrier, source)
    except SettingsError as error:
        return LoginReport(False, f"The carrier cannot have this account: {masker.text(str(error))}.", system=system)
    except ValueError as error:
        return LoginReport(False, f"What {system} reads cannot be sent: {masker.text(str(error))}.", system=system)
    held = thread or SHARED
    held.hold()
    try:
        login = Login(profile, manners, stage, authority, system)
        login.steps += aside
        held.call(lambda: login.run(held.reactor), timeout=REAL_LIMIT + 10.0)
    except SettingsError as error:
        return LoginReport(False, f"The carrier cannot have this account: {masker.text(str(error))}.", system=system)
    finally:
        held.release()
    return Story(item, truth, profile, stage, login, system, path or str(item.path)).report(masker)


__all__ = ["LoginReport", "Stage", "check_login"]
