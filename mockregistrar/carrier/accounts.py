"""The accounts a carrier has, found by AOR and by digest user name.

An account lives as one compact `Account` object that also carries its bindings, so that a
registration costs one dictionary look-up. Most systems log in with the AOR's own user part; only the
accounts that do not are kept in a second index.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from mockregistrar.carrier.checking import Network, SettingsError, parse_network
from mockregistrar.carrier.settings import AccountSpec
from mockregistrar.sip.digest import ha1
from mockregistrar.sip.uri import canonical_host

if TYPE_CHECKING:
    from mockregistrar.carrier.bindings import Binding
    from mockregistrar.carrier.personas.standing import Standing


Source = ipaddress.IPv4Address | ipaddress.IPv6Address
_LISTS = 1000


def source_address(text: str) -> Source:
    """Return the address that `text` names, an IPv4-mapped IPv6 one as the IPv4 address it stands for."""
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped


def listed(address: Source, networks: Iterable[Network]) -> bool:
    """Whether one of `networks` holds `address`."""
    return any(address.version == n.version and address in n for n in networks)


def served_name(host: str) -> str:
    """Return a host as served names are compared: lower case, an IPv6 address bracketed and in its shortest form."""
    return canonical_host(f"[{host}]" if ":" in host and not host.startswith("[") else host)


class Account:
    """One account at work: its spec, cached hashes and current bindings."""

    __slots__ = (
        "_ha1", "_ha1_algorithm", "_ha1_realm", "auth_user", "bindings", "challenged_call", "domain", "guarded", "name",
        "networks", "own_limits", "spec", "standing",
    )  # fmt: skip

    def __init__(self, spec: AccountSpec) -> None:
        self.spec = spec
        self.name = spec.user
        """What the tester calls the account: its user; ``user@domain`` where another has that user."""
        self.auth_user = spec.effective_auth_user
        self.domain = served_name(spec.domain)
        """The domain as it is compared; empty means any."""
        self.bindings: list[Binding] | None = None
        self.networks: tuple[Network, ...] = tuple(parse_network("networks", n) for n in spec.networks)
        self.guarded = bool(self.networks) or spec.access is not None or not spec.has_credentials
        """Whether the source address counts for it even where the carrier itself is open to all."""
        self.own_limits = (spec.min_expires, spec.max_expires, spec.grant) != (None, None, None)
        """Whether it has limits of its own for the expiry."""
        self.challenged_call: int | None = None
        """Hash of the Call-ID in which it was challenged and did not answer yet."""
        self.standing: Standing | None = None
        """What a carrier with a persona remembers of it; None where there is nothing to remember."""
        self._ha1: str | None = None
        self._ha1_algorithm: str | None = None
        self._ha1_realm = ""

    def ha1_for(self, algorithm: str, realm: str) -> str | None:
        """Return H(auth-user:realm:secret) for the digest; None where no secret or hash is known.

        The hash last asked for is kept: an account mostly has one realm and one algorithm in use.
        """
        if self._ha1_algorithm == algorithm and self._ha1_realm == realm:
            return self._ha1
        spec = self.spec
        if spec.secret is not None:
            value: str | None = ha1(algorithm, self.auth_user, realm, spec.secret)
        else:
            value = (spec.ha1 or {}).get(algorithm.removesuffix("-sess"))
        self._ha1_algorithm, self._ha1_realm, self._ha1 = algorithm, realm, value
        return value

    @contextmanager
    def with_secret(self, secret: str) -> Iterator[None]:
        """Within the block, have another password."""
        kept = self.spec, self._ha1_algorithm, self._ha1
        self.spec = replace(self.spec, secret=secret, ha1=None)
        self._ha1_algorithm = self._ha1 = None
        try:
            yield
        finally:
            self.spec, self._ha1_algorithm, self._ha1 = kept


class Accounts:
    """The carrier's accounts; a user may exist once for each domain and once without one."""

    def __init__(self) -> None:
        self._by_user: dict[str, Account | list[Account]] = {}
        self._by_auth_user: dict[str, list[Account]] = {}
        self._with_networks: list[Account] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Account]:
        for entry in self._by_user.values():
            if isinstance(entry, list):
                yield from entry
            else:
                yield entry

    def add(self, spec: AccountSpec) -> Account:
        """Add an account; raise `SettingsError` when its user exists in that domain already."""
        account = Account(spec)
        entry = self._by_user.get(spec.user)
        if entry is None:
            self._by_user[spec.user] = account
        else:
            entries = entry if isinstance(entry, list) else [entry]
            if any(e.domain == account.domain for e in entries):
                raise SettingsError("accounts", f"account {spec.user!r} is there already")
            self._by_user[spec.user] = [*entries, account]
            account.name = f"{spec.user}@{spec.domain}"
        if spec.auth_user is not None and spec.auth_user != spec.user:
            self._by_auth_user.setdefault(spec.auth_user, []).append(account)
        if account.networks:
            self._with_networks.append(account)
        self._count += 1
        return account

    def become(self, others: Accounts) -> None:
        """Have the accounts of `others` and no more, by the names they have there; without their bindings."""
        for account in list(self):
            self.remove(account)
        for account in others:
            self.add(account.spec).name = account.name

    def remove(self, account: Account) -> None:
        """Forget `account`; its bindings go with it."""
        spec = account.spec
        entry = self._by_user[spec.user]
        if isinstance(entry, list):
            entry.remove(account)
            if len(entry) == 1:
                self._by_user[spec.user] = entry[0]
        else:
            del self._by_user[spec.user]
        if spec.auth_user is not None and spec.auth_user != spec.user:
            others = self._by_auth_user[spec.auth_user]
            others.remove(account)
            if not others:
                del self._by_auth_user[spec.auth_user]
        if account.networks:
            self._with_networks.remove(account)
        self._count -= 1

    def listed_by_any(self, host: str) -> bool:
        """Whether an account's own allow-list holds the address `host`."""
        address = source_address(host)
        return any(listed(address, account.networks) for account in self._with_networks)

    def owners(self, host: str, access: str | None) -> list[Account]:
        """Return the accounts that the address `host` suffices for, by an allow-list of their own.

        `access` is that of the carrier, for accounts that have none. Only the first thousand lists are looked at: a
        stranger asks for this.
        """
        if not self._with_networks:
            return []
        address = source_address(host)
        return [
            account
            for account in self._with_networks[:_LISTS]
            if ((account.spec.access or access) in ("ip", "either") or not account.spec.has_credentials)
            and listed(address, account.networks)
        ]

    def find(self, user: str, host: str) -> Account | None:
        """Return the account of the AOR `user`@`host`: that domain's own first, then the domain-less one."""
        entry = self._by_user.get(user)
        if isinstance(entry, Account):
            return entry if entry.domain in ("", host) else None
        return None if entry is None else _best(entry, host)

    def find_by_auth_user(self, auth_user: str, host: str) -> Account | None:
        """Return the account that logs in to `host` with the digest user name `auth_user`."""
        entry = self._by_user.get(auth_user)
        if entry is None and auth_user not in self._by_auth_user:
            return None
        candidates = [] if entry is None else (entry if isinstance(entry, list) else [entry])
        candidates = [a for a in candidates if a.spec.auth_user in (None, auth_user)]
        candidates += self._by_auth_user.get(auth_user, ())
        return _best(candidates, host)

    def named(self, name: str) -> Account:
        """Return the account called `name` (``user`` or ``user@domain``); raise `LookupError` otherwise."""
        user, at, domain = name.rpartition("@")
        candidates = self._entries(name) + (self._entries(user) if at else [])
        for account in candidates:
            if account.name == name or (account.spec.user == user and account.domain == served_name(domain)):
                return account
        raise LookupError(name)

    def _entries(self, user: str) -> list[Account]:
        entry = self._by_user.get(user)
        return [] if entry is None else (entry if isinstance(entry, list) else [entry])


def _best(candidates: list[Account], host: str) -> Account | None:
    fallback = None
    for account in candidates:
        if account.domain == host:
            return account
        if not account.domain and fallback is None:
            fallback = account
    return fallback
