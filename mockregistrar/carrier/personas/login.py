"""Logins as some servers have them: nonces that are used up, the exact digest URI, an own rule to unregister."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockregistrar.carrier.authentication import Authenticator, Verdict
from mockregistrar.carrier.nonces import Nonces, NonceState
from mockregistrar.carrier.personas.requests import is_unregister
from mockregistrar.carrier.reasons import Reason
from mockregistrar.sip.credentials import digest_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockregistrar.carrier.accounts import Account, Accounts
    from mockregistrar.carrier.settings import CarrierSettings
    from mockregistrar.sip.digest import Credentials
    from mockregistrar.sip.message import Request


class OneTimeNonces(Nonces):
    """Nonces that are good for one right digest, whatever their count."""

    def use(self, nonce: str, count: int) -> bool:
        """Count the first use; return False for every other."""
        return not self.used(nonce) and super().use(nonce, count)

    def accept(self, nonce: str, count: int, now: float, realm: str, algorithm: str) -> bool:
        """Check and count in one, as the other nonces do."""
        return not self.used(nonce) and super().accept(nonce, count, now, realm, algorithm)


class PersonaAuthenticator(Authenticator):
    """The plain rules, and those of a persona around them."""

    def __init__(
        self,
        settings: CarrierSettings,
        realm: str,
        accounts: Accounts,
        nonces: Nonces,
        is_us: Callable[[str], bool],
    ) -> None:
        super().__init__(settings, realm, accounts, nonces, is_us)
        self._settings = settings
        self._once = settings.nonce_use == "once"
        self._latest = settings.nonce_use == "latest"
        self._unregister = settings.unregister_challenge
        self._counted = self._once or self._unregister == "always"

    def verify(
        self, request: Request, aor_user: str, aor_host: str, account: Account | None, now: float
    ) -> Verdict | None:
        """Check the credentials as `Authenticator.verify` does, and what the persona asks beyond it."""
        leaving = self._unregister != "usual" and is_unregister(request)
        if leaving and self._unregister == "never" and account is not None:
            return None
        sent = self._nonces_in(request)
        spent = leaving and any(map(self._nonces.used, sent))
        verdict = super().verify(request, aor_user, aor_host, account, now)
        if verdict is not None or account is None:
            return verdict
        if spent:
            return Verdict(None, stale=True)
        if self._latest and account.standing is not None and not set(sent) & set(account.standing.latest):
            detail = "the digest is right, but the account was sent a newer nonce since"
            return Verdict(None, Reason.NONCE_STALE, detail, True)
        return None

    def _nonces_in(self, request: Request) -> list[str]:
        values = request.headers.get("proxy-authorization") if self._proxy else request.credentials
        return [digest_fields(value)[2] or "" for value in values or ()]

    def _uri_mismatch(self, digest_uri: str, request: Request) -> str:
        if self._settings.digest_uri == "exact" and digest_uri != request.uri:
            return f"the digest uri is {digest_uri!r}, the request goes to {request.uri!r}, and they must be the same"
        return super()._uri_mismatch(digest_uri, request)

    def _weigh_nonce(
        self, credentials: Credentials, algorithm: str, account: Account | None, now: float, username: str
    ) -> Verdict:
        nonce = credentials.nonce or ""
        if self._counted and self._nonces.check(nonce, now, self.realm, algorithm) is NonceState.GOOD:
            used = self._nonces.used(nonce)
            if used and self._once:
                detail = "the digest is right, but the nonce was used before, and is good for one request"
                return Verdict(None, Reason.NONCE_REPLAYED, detail, True, username)
            if not used and credentials.qop is None:
                self._nonces.use(nonce, 0)  # without qop there is no count, but there is a use
        return super()._weigh_nonce(credentials, algorithm, account, now, username)
