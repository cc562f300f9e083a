"""Mistakes in the strings of a carrier's accounts: what `MockRegistrar.typo` and `typos` give back, and how."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from difflib import SequenceMatcher

from mockregistrar.net.account import Account
from mockregistrar.trunks import registry
from mockregistrar.trunks.parsed import Parsed
from mockregistrar.trunks.typos import DoesNotApply, Typo
from mockregistrar.trunks.typos.fitting import Writing, fitted, mistyped, rich_secret

_TEXTS = ("user", "auth_user", "domain", "host", "peer", "extension", "outbound_proxy")
_SHORTEST_PIECE = 4
"""Characters of a secret that are hidden where they stand alone; fewer tell nothing, and stand everywhere."""


@dataclass(frozen=True, slots=True, repr=False)
class AccountTypo(Typo):
    """What is to be pasted for an account, with a mistake of one kind in it; `right` is the same without."""

    account: Account

    def __repr__(self) -> str:
        return f"<AccountTypo {self.kind} of {self.account}: {self.login}>"  # it stands in every failed assertion


def account_typo(
    kind: str,
    account: Account,
    dialect: str = "asterisk-chan_sip",
    *,
    config: bool = False,
    transport: str = "udp",
    harmless: bool = False,
    seed: int | None = None,
) -> AccountTypo:
    """Return an account's string with a mistake of that kind; `MockRegistrar.typo` says more.

    `seed` chooses where; without one it is the likeliest place. Raises `DoesNotApply` where the string cannot have the
    mistake, `CannotRender` where the dialect cannot write the account, ValueError for a kind or dialect there is not.
    """
    text = Writing(dialect, config).text(account.trunk(transport))
    return of_account(mistyped(kind, text, dialect, _rng(seed, kind), harmless), account)


def account_typos(
    kinds: tuple[str, ...],
    account: Account,
    dialect: str,
    *,
    config: bool,
    transport: str,
    harmless: bool,
    seed: int | None,
) -> Iterator[AccountTypo]:
    """Yield what `account_typo` returns for each kind that the account's string can have."""
    for kind in kinds:
        try:
            found = account_typo(
                kind, account, dialect, config=config, transport=transport, harmless=harmless, seed=seed
            )
        except DoesNotApply:
            continue
        yield found


def fitting_account(
    kind: str, account: Account, how: Writing, *, transport: str, harmless: bool, seed: int
) -> tuple[Account, Typo]:
    """Return an account like `account`, whose password is made up so that it can have the mistake, and the mistake."""
    rng = _rng(seed, kind)
    plain = replace(account.trunk(transport), secret=rich_secret(rng or random.Random()))
    trunk, found = fitted(kind, plain, how, rng, harmless)
    return replace(account, secret=trunk.secret, auth_user=trunk.effective_auth_user), found


def rich_account(account: Account, seed: int) -> Account:
    """Return an account like `account`, with a made-up password that can have most mistakes."""
    return replace(account, secret=rich_secret(random.Random(seed)))


def of_account(found: Typo, account: Account) -> AccountTypo:
    """Return the mistake as one in the string of that account."""
    return AccountTypo(**{each.name: getattr(found, each.name) for each in fields(Typo)}, account=account)


def _rng(seed: int | None, kind: str) -> random.Random | None:
    """Return the generator of one mistake: the same whatever else is made of the seed."""
    return None if seed is None else random.Random(f"{seed} {kind}")


def leavings(found: AccountTypo) -> tuple[str, ...]:
    """Return what the mistake leaves of the account's secret: the mistyped one, and pieces of it in other fields."""
    secret = found.account.secret or ""
    dialect = registry.named(found.dialect)
    right, after = (dialect.parse(text, form=found.form) for text in (found.right, found.text))
    known = _values(right)
    pieces = (_piece(value, secret) for value in _values(after) - known)
    secrets = {each.secret for each in after.registrations if each.secret}
    return tuple(sorted({*after.secrets, *secrets, *filter(None, pieces)} - known))


def _values(parsed: Parsed) -> set[str]:
    everything = (getattr(each, name) for each in parsed.registrations for name in _TEXTS)
    return {value for value in everything if value}


def _piece(value: str, secret: str) -> str:
    """Return what of a secret stands in a value."""
    found = SequenceMatcher(None, value, secret, autojunk=False).find_longest_match(0, len(value), 0, len(secret))
    return value[found.a : found.a + found.size] if found.size >= _SHORTEST_PIECE else ""
