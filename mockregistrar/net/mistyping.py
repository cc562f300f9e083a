"""The part of `MockRegistrar` that makes mistakes in registration strings, for tests that a dialer reports them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mockregistrar.carrier.settings import AccountSpec
from mockregistrar.net.account import Account

if TYPE_CHECKING:
    from mockregistrar.net.account_typos import AccountTypo


class Mistyping:
    """What `MockRegistrar` mixes in. The dialects are imported when the first mistake is made."""

    _given_secrets: list[str]

    if TYPE_CHECKING:

        @property
        def seed(self) -> int:
            """The carrier's."""

        def account(self, name: str) -> Account:
            """The account of that name."""

        def _add(self, spec: AccountSpec) -> Account: ...
        def _shown_as(self, name: str, spec: AccountSpec) -> Account: ...

    def typo(
        self,
        kind: str,
        account: Account | str,
        dialect: str = "asterisk-chan_sip",
        *,
        config: bool = False,
        transport: str = "udp",
        harmless: bool = False,
        seed: int | None = None,
    ) -> AccountTypo:
        """Return an account's registration string with a mistake of one kind in it (`typo_kinds` has them).

        An account that the carrier does not have is added, with a made-up password that can have the mistake. With
        `config` it is a whole config. `seed` chooses where the mistake is; without one the carrier's does. Unless
        `harmless`, the mistake keeps the trunk from logging in; its `login` says how. None leads to another machine.
        Raises `DoesNotApply` where the string cannot have such a mistake, ValueError for a kind or dialect that there
        is not, and `CannotRender` where the dialect cannot write the account.
        """
        from mockregistrar.net import account_typos as typing
        from mockregistrar.trunks.typos.fitting import Writing

        seed = self.seed if seed is None else seed
        known = self._known(account)
        if known is None:
            how = Writing(dialect, config)
            made, found = typing.fitting_account(
                kind, self._unadded(str(account)), how, transport=transport, harmless=harmless, seed=seed
            )
            return typing.of_account(found, self._added(made))
        return self.hide_typo(
            typing.account_typo(kind, known, dialect, config=config, transport=transport, harmless=harmless, seed=seed)
        )

    def typos(
        self,
        account: Account | str,
        dialect: str = "asterisk-chan_sip",
        *,
        kinds: str | Iterable[str] = "*",
        without: str | Iterable[str] = (),
        config: bool = False,
        transport: str = "udp",
        harmless: bool = False,
        seed: int | None = None,
    ) -> Iterator[AccountTypo]:
        """Yield an account's registration string with one mistake of each kind that it can have, as `typo` makes it.

        `kinds` and `without` are ids or globs, such as ``password-*``. Raises as `typo` does, before the first.
        """
        from mockregistrar.net import account_typos as typing
        from mockregistrar.trunks.typos.fitting import Writing, matching

        chosen = matching(kinds, without)
        seed = self.seed if seed is None else seed
        known = self._known(account)
        if known is None:
            known = self._added(typing.rich_account(self._unadded(str(account)), seed))
        Writing(dialect, config).text(known.trunk(transport))  # raises now what it would raise for the first
        found = typing.account_typos(
            chosen, known, dialect, config=config, transport=transport, harmless=harmless, seed=seed
        )
        return map(self.hide_typo, found)

    def hide_typo(self, found: AccountTypo) -> AccountTypo:
        """Mask what a mistake leaves of a secret that was given to this carrier, from now on; return the mistake.

        For one that `account_typo` made; `typo` and `typos` do it themselves.
        """
        if found.account.secret in self._given_secrets:
            from mockregistrar.net.account_typos import leavings

            self._given_secrets += [each for each in leavings(found) if each not in self._given_secrets]
        return found

    def _known(self, account: Account | str) -> Account | None:
        from mockregistrar.engine import UnknownAccount

        if isinstance(account, Account):
            return account
        try:
            return self.account(account)
        except UnknownAccount:
            return None

    def _unadded(self, name: str) -> Account:
        return self._shown_as(name, AccountSpec(user=name))

    def _added(self, made: Account) -> Account:
        auth_user = made.auth_user if made.auth_user != made.user else None
        return self._add(AccountSpec(user=made.user, secret=made.secret, auth_user=auth_user, made_up=True))
