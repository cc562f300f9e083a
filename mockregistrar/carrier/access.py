"""May this source address do this? Allow-lists, deny-lists and what they ask of an account.

The theory (DESIGN decision 11): `deny` beats everything. Otherwise the account's own networks, or the
carrier's where it has none, are the allow-list; `access` says what being listed means. Where nobody
set `access`, an allow-list makes it ``both`` for an account with a secret and ``ip`` for one without.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from mockregistrar.carrier.accounts import Account, Source, listed, source_address
from mockregistrar.carrier.checking import Network, parse_network
from mockregistrar.carrier.settings import CarrierSettings


class Entry(Enum):
    """What a source address is worth."""

    CHALLENGE = "challenge"
    """Let in to the digest challenge."""
    TRUSTED = "trusted"
    """The address suffices: no challenge."""
    REFUSED = "refused"


class AccessList:
    """The carrier's own allow- and deny-lists and its access policy."""

    def __init__(self, settings: CarrierSettings) -> None:
        self.access = settings.access
        self.allow: list[Network] = [parse_network("allow", n) for n in settings.allow]
        self.deny: list[Network] = [parse_network("deny", n) for n in settings.deny]
        self._sources: dict[str, Source] = {}
        self.open = False
        """Whether no list and no policy is set: everybody is simply challenged."""
        self._see_whether_open()

    def _see_whether_open(self) -> None:
        self.open = not self.deny and not self.allow and self.access in (None, "digest")

    def put_on_allow_list(self, network: Network) -> None:
        """Let a network in, and take it off the deny-list."""
        self.deny = [n for n in self.deny if n != network]
        if network not in self.allow:
            self.allow.append(network)
        self._see_whether_open()

    def put_on_deny_list(self, network: Network) -> None:
        """Refuse a network, and take it off the allow-list."""
        self.allow = [n for n in self.allow if n != network]
        if network not in self.deny:
            self.deny.append(network)
        self._see_whether_open()

    def denied(self, host: str) -> bool:
        """Whether `host` is on the deny-list."""
        return bool(self.deny) and self._listed(host, self.deny)

    def decide(self, account: Account | None, host: str) -> tuple[Entry, str]:
        """Return what a request from `host` for `account` (None: an unknown user) is worth, and why."""
        if self.denied(host):
            return Entry.REFUSED, f"{host} is on the deny-list"
        access, networks = self.policy(account)
        if access == "digest":
            return Entry.CHALLENGE, ""
        listed = bool(networks) and self._listed(host, networks)
        if access == "either":
            return (Entry.TRUSTED if listed else Entry.CHALLENGE), ""
        if listed:
            return (Entry.TRUSTED if access == "ip" else Entry.CHALLENGE), ""
        if not networks:
            return Entry.REFUSED, f"{host} is not allowed: no network is on the allow-list yet"
        return Entry.REFUSED, f"{host} is not on the allow-list: {', '.join(map(str, networks))}"

    def policy(self, account: Account | None) -> tuple[str, Sequence[Network]]:
        """Return the policy for an account (None: an unknown user), a word of `ACCESS`, and its allow-list."""
        spec = None if account is None else account.spec
        networks = (account.networks if account is not None else ()) or self.allow
        access = (spec.access if spec is not None else None) or self.access
        if spec is not None and not spec.has_credentials:
            access = "ip"
        elif access is None:
            access = "both" if networks else "digest"
        return access, networks

    def _listed(self, host: str, networks: Sequence[Network]) -> bool:
        address = self._sources.get(host)
        if address is None:
            if len(self._sources) >= 4096:
                self._sources.clear()
            address = self._sources[host] = source_address(host)
        return listed(address, networks)
