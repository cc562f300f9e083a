"""What a REGISTER passes before its credentials are looked at: limits, names, first refusals, an early 423.

In that order: what protects the server comes before what is about one account. Times are carrier time in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mockregistrar.carrier.accounts import Account
from mockregistrar.carrier.answer import Answer
from mockregistrar.carrier.personas.requests import shortest_expiry, user_of
from mockregistrar.carrier.personas.standing import standing_of
from mockregistrar.carrier.reasons import Reason
from mockregistrar.carrier.register import HOUR, RegisterProcessor
from mockregistrar.carrier.settings import CarrierSettings
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import REASONS, Request

_SOURCES = 4096
"""Source addresses that are counted; a flood of others starts the counting over."""
_Step = Callable[[Request, Flow, "Account | None", float], "Answer | None"]


class Gate:
    """The steps that the settings ask for, in their order."""

    def __init__(self, settings: CarrierSettings, processor: RegisterProcessor) -> None:
        self._settings = settings
        self._processor = processor
        self._seen: dict[str, tuple[float, int]] = {}
        self._steps: list[_Step] = []
        if settings.rate_limit:
            self._steps.append(self._limit)
        if settings.lockout_after:
            self._steps.append(self._locked)
        if settings.uri_user != "any":
            self._steps.append(self._addressed)
        if settings.unknown_user_at_once:
            self._steps.append(self._unknown)
        if settings.first_refused:
            self._steps.append(self._first)
        if settings.short_expires == "reject-first":
            self._steps.append(self._brief)

    def __bool__(self) -> bool:
        return bool(self._steps)

    def __call__(self, request: Request, flow: Flow, account: Account | None, now: float) -> Answer | None:
        """Return the refusal of a REGISTER, or None where it passes."""
        for step in self._steps:
            answer = step(request, flow, account, now)
            if answer is not None:
                return answer
        return None

    def forget(self, accounts: Iterable[Account]) -> None:
        """Forget what was noted by the clock: how often each address asked, and until when accounts are locked."""
        self._seen.clear()
        for account in accounts:
            if account.standing is not None:
                account.standing.locked_until = 0.0

    def failed(self, account: Account, now: float) -> None:
        """Count a wrong password."""
        after = self._settings.lockout_after
        if not after:
            return
        standing = standing_of(account)
        standing.failures += 1
        if standing.failures >= after:
            standing.failures, standing.locked_until = 0, now + self._settings.lockout_time

    def _limit(self, request: Request, flow: Flow, account: Account | None, now: float) -> Answer | None:
        settings, host = self._settings, flow.remote[0]
        since, count = self._seen.get(host, (now, 0))
        if now - since >= settings.rate_window:
            since, count = now, 0
        if host not in self._seen and len(self._seen) >= _SOURCES:
            self._seen.clear()
        self._seen[host] = since, count + 1
        if count < settings.rate_limit:
            return None
        detail = f"{host} sent {count + 1} REGISTERs in {settings.rate_window} s, {settings.rate_limit} are looked at"
        return _refusal(503, request, account, Reason.RATE_LIMITED, detail)

    @staticmethod
    def _locked(request: Request, _flow: Flow, account: Account | None, now: float) -> Answer | None:
        standing = None if account is None else account.standing
        if standing is None or standing.locked_until <= now:
            return None
        detail = f"locked out for another {standing.locked_until - now:.0f} s, after too many wrong passwords"
        return _refusal(403, request, account, Reason.LOCKED_OUT, detail)

    def _addressed(self, request: Request, _flow: Flow, account: Account | None, _now: float) -> Answer | None:
        user = request.request_uri.user
        if user is None:
            return None
        status = 404 if self._settings.uri_user == "404" else None
        detail = f"the Request-URI has the user {user!r}, and a registrar is asked without one"
        return _refusal(status, request, account, Reason.WRONG_DOMAIN, detail)

    def _unknown(self, request: Request, _flow: Flow, account: Account | None, _now: float) -> Answer | None:
        if account is not None:
            return None
        status = None if self._settings.unknown_user == "drop" else int(self._settings.unknown_user)
        return _refusal(status, request, None, Reason.UNKNOWN_USER, f"no account {request.to_aor!r}")

    def _first(self, request: Request, _flow: Flow, account: Account | None, _now: float) -> Answer | None:
        if account is None:
            return None
        settings, standing = self._settings, standing_of(account)
        if standing.refused >= settings.first_refused:
            return None
        standing.refused += 1
        status = None if settings.first_status == "drop" else int(settings.first_status)
        detail = f"REGISTER {standing.refused} of the account, whose first {settings.first_refused} are refused"
        return _refusal(status, request, account, Reason.REFUSED_AT_FIRST, detail)

    def _brief(self, request: Request, _flow: Flow, account: Account | None, _now: float) -> Answer | None:
        expires = shortest_expiry(request)
        if expires is None or not 0 < expires < min(self._processor.minimum(account), HOUR):
            return None
        return self._processor.too_brief(expires, account, user_of(request))


def _refusal(status: int | None, request: Request, account: Account | None, because: Reason, detail: str) -> Answer:
    return Answer(
        status,
        "" if status is None else REASONS[status],
        account="" if account is None else account.name,
        user=user_of(request),
        because=because,
        detail=detail,
    )
