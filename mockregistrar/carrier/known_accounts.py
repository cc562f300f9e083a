"""The carrier's accounts as the trunks floor knows them: what a login is compared with."""

from __future__ import annotations

from collections.abc import Iterable

from mockregistrar.carrier.settings import AccountSpec
from mockregistrar.trunks import KnownAccount


def known_accounts(accounts: Iterable[AccountSpec]) -> list[KnownAccount]:
    """Return what `mockregistrar.trunks.truth` takes for the accounts that a carrier has."""
    return [
        KnownAccount(
            user=account.user,
            secret=account.secret,
            auth_user=account.auth_user or "",
            domain=account.domain,
            ha1=(account.ha1 or {}).get("MD5"),
        )
        for account in accounts
    ]
