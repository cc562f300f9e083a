"""Commands about accounts, and the base of all commands.

A command without fields of its own inherits what the decorator made for its base: each decorated class takes as long to
make as a registration.
"""

from __future__ import annotations

from dataclasses import dataclass

from mockregistrar.carrier.settings import AccountSpec


@dataclass(frozen=True, slots=True)
class Command:
    """Something asked of a running carrier; `call` answers each with one value."""


@dataclass(frozen=True, slots=True)
class AddAccount(Command):
    """Add an account. Answered with its name; an existing one raises `SettingsError`."""

    spec: AccountSpec


@dataclass(frozen=True, slots=True)
class OfAccount(Command):
    """What is asked about the account of this name; an unknown one raises `UnknownAccount`."""

    account: str


class RemoveAccount(OfAccount):
    """Remove an account and, silently, its bindings. Answered with None."""

    __slots__ = ()


class GetAccount(OfAccount):
    """Answered with the `AccountSpec` of one account."""

    __slots__ = ()


class GetSummary(OfAccount):
    """Answered with the `AccountSummary` of one account, which is never evicted."""

    __slots__ = ()


class Expire(OfAccount):
    """Let all bindings of an account lapse now. Answered with how many there were."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Revoke(Command):
    """Take bindings of an account away, all or that of one contact, as an administrator does: the client is not told.

    Answered with how many there were.
    """

    account: str
    contact: str | None = None


class GetAccounts(Command):
    """Answered with the names of all accounts, as a tuple."""

    __slots__ = ()
