"""The carrier: one decision for each request, in the order of :rfc:`3261` 8.2 and 10.3.

Source address first, then method, scheme, Require and content, then domain, challenge, AOR and bindings.
Nothing about an AOR is revealed before the challenge is met. No I/O, no clock: carrier time (seconds) is an
argument, and randomness comes from the generator handed in.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from mockregistrar.carrier.access import AccessList, Entry
from mockregistrar.carrier.accounts import Account, Accounts, served_name
from mockregistrar.carrier.answer import Answer
from mockregistrar.carrier.authentication import Authenticator, Verdict
from mockregistrar.carrier.bindings import Binding, Bindings
from mockregistrar.carrier.checking import parse_network
from mockregistrar.carrier.nonces import Nonces
from mockregistrar.carrier.reasons import Reason
from mockregistrar.carrier.register import RegisterProcessor
from mockregistrar.carrier.settings import AccountSpec, CarrierSettings, ListenSpec
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.grammar import METHODS
from mockregistrar.sip.message import Request

if TYPE_CHECKING:
    import random


ALLOWED = ("REGISTER", "OPTIONS")
ALLOW = ", ".join(ALLOWED)
_CONTENT = "application/sdp"
_REFUSED = {"401": 401, "403": 403, "404": 404, "drop": None}
_PHRASES = {400: "Digest URI Mismatch", 403: "Forbidden", 404: "Not Found", None: ""}


class Carrier:
    """Accounts, access, authentication and bindings of one carrier, behind `handle`."""

    def __init__(self, settings: CarrierSettings, rng: random.Random, now: float) -> None:
        self.settings = settings
        self._rng = rng
        self.accounts = Accounts()
        for spec in settings.accounts:
            self.accounts.add(spec)
        self.access = AccessList(settings)
        self.bindings = Bindings()
        self.overdue: list[Binding] = []
        """Bindings that a request found to be past their time before `lapse` came by; for the caller to record."""
        self.nonces = self._new_nonces(rng.randbytes(16))
        self.nonces.start(now)
        self._register = self._new_processor()
        self._gate: Callable[[Request, Flow, Account | None, float], Answer | None] | None = None
        """What a REGISTER that is let in passes before its credentials are looked at; None where nothing stands."""
        self.dress: Callable[[bytes], bytes] | None = None
        """What the octets of each response go through; None where they go out as they are."""
        self._served: set[str] | None = None
        self._ours: set[str] = set()
        self._hosts: set[str] = set()
        self._names: set[str] = set()
        self.listening(settings.listen)
        self.realm = settings.realm if settings.realm is not None else self.default_host
        self._authenticator = self._new_authenticator()
        self._supported = tuple(t for t, on in (("path", settings.path), ("outbound", settings.outbound)) if on)
        self._fixed: list[tuple[str, str]] = []
        if self._supported:
            self._fixed.append(("Supported", ", ".join(self._supported)))
        for route in settings.service_route:
            self._fixed.append(("Service-Route", route if route.startswith("<") else f"<{route}>"))
        self._date = ("", 0)

    # -- the parts, which a carrier with a persona has others of -----------------------------------------
    def _new_nonces(self, key: bytes) -> Nonces:
        return Nonces(key, self.settings.nonce_ttl)

    def _new_processor(self) -> RegisterProcessor:
        return RegisterProcessor(self.settings, self.bindings)

    def _new_authenticator(self) -> Authenticator:
        return Authenticator(self.settings, self.realm, self.accounts, self.nonces, self.is_us)

    @property
    def default_host(self) -> str:
        """The host of AORs and realm where nobody named one."""
        if self.settings.domains:
            return self.settings.domains[0]
        if self.settings.advertise:
            return self.settings.advertise
        return self.settings.listen[0].host if self.settings.listen else "localhost"

    # -- names and lists, which may change while the carrier runs ------------------------------------
    def listening(self, places: Iterable[ListenSpec]) -> None:
        """Take note of the addresses listened at: they are served names (DESIGN decision 12)."""
        self._hosts.update(served_name(p.host) for p in places)
        settings = self.settings
        self._names = {*map(served_name, settings.domains), *self._hosts, "localhost"}
        if settings.advertise:
            self._names.add(served_name(settings.advertise))
        if settings.domains:
            self._served = self._names
            self._ours.clear()

    @property
    def served(self) -> tuple[str, ...]:
        """The hosts that requests may be for, the configured domains first; none where all are served."""
        if self._served is None:
            return ()
        domains = tuple(map(served_name, self.settings.domains))
        return (*domains, *sorted(self._served.difference(domains)))

    def is_us(self, host: str) -> bool:
        """Whether `host` is one of this carrier's own names: a configured domain, an address of its, localhost."""
        return served_name(host) in self._names

    def serves(self, host: str) -> bool:
        """Whether requests for `host` are for this carrier; without domains, every host is."""
        served = self._served
        return served is None or host in served or served_name(host) in served

    def add_account(self, spec: AccountSpec) -> Account:
        """Add an account; raise `SettingsError` when it exists."""
        return self.accounts.add(spec)

    def allow(self, network: str) -> None:
        """Put a network on the allow-list, and take it off the deny-list."""
        self.access.put_on_allow_list(parse_network("allow", network))

    def deny(self, network: str) -> None:
        """Put a network on the deny-list, and take it off the allow-list."""
        self.access.put_on_deny_list(parse_network("deny", network))

    def forget_lists(self) -> None:
        """Go back to the allow- and deny-list of the settings."""
        self.access = AccessList(self.settings)

    def forget_nonces(self) -> None:
        """Make every nonce issued so far foreign, as a restart does."""
        self.nonces.forget(self._rng.randbytes(16))

    def set_back(self, now: float) -> None:
        """Forget what was noted by the clock, which is being set back to `now`: the nonces issued so far."""
        self.forget_nonces()
        self.nonces.start(now)

    def lapse(self, now: float, limit: int) -> list[Binding]:
        """Remove and return at most `limit` bindings whose time is up."""
        return list(self.bindings.lapse(now, limit))

    # -- requests ------------------------------------------------------------------------------------
    def handle(self, request: Request, flow: Flow, now: float) -> Answer:
        """Decide about one well-formed request. Raises `ParseError` for what turns out malformed on the way."""
        method = request.method
        if method == "REGISTER":
            answer = self._handle_register(request, flow, now)
        else:
            answer = self._handle_other(request, flow)
        if self.settings.server is not None and answer.status is not None:
            answer.headers.append(("Server", self.settings.server))
        return answer

    def _handle_other(self, request: Request, flow: Flow) -> Answer:
        host = flow.remote[0]
        entry, why = Entry.CHALLENGE, ""
        if not self.access.open:
            entry, why = self.access.decide(None, host)
            if entry is Entry.REFUSED and not self.access.denied(host) and self.accounts.listed_by_any(host):
                entry = Entry.CHALLENGE
        if entry is Entry.REFUSED:
            return self.refuse_source("", "", why)
        method = request.method
        if method not in ALLOWED:
            known = method in METHODS
            return Answer(
                405 if known else 501,
                "Method Not Allowed" if known else "Not Implemented",
                [("Allow", ALLOW)],
                because=Reason.METHOD_NOT_SUPPORTED,
                detail=f"{method} is not served here, only {ALLOW}",
            )
        refusal = self._check_scheme(request) or self._inspect(request)
        if refusal is not None:
            return refusal
        headers = [("Allow", ALLOW), ("Accept", _CONTENT)]
        if self._supported:
            headers.append(("Supported", ", ".join(self._supported)))
        return Answer(200, "OK", headers)

    @staticmethod
    def _check_scheme(request: Request) -> Answer | None:
        """Refuse a Request-URI that is neither sip nor sips (8.2.2.1)."""
        if request.uri.startswith("sip:") or request.request_uri.scheme in ("sip", "sips"):
            return None
        detail = f"the Request-URI has scheme {request.request_uri.scheme!r}"
        return Answer(416, "Unsupported URI Scheme", because=Reason.MALFORMED, detail=detail)

    def _inspect(self, request: Request) -> Answer | None:
        """Require and content: what 8.2.2.3 and 8.2.3 check before anything is done."""
        headers = request.headers
        if "require" in headers:
            unsupported = [t for t in request.values("require") if t.lower() not in self._supported]
            if unsupported:
                return Answer(
                    420,
                    "Bad Extension",
                    [("Unsupported", ", ".join(unsupported))],
                    because=Reason.EXTENSION_NOT_SUPPORTED,
                    detail=f"Require: {', '.join(unsupported)} is not switched on",
                )
        if request.body and not self._content_understood(request):
            return Answer(
                415,
                "Unsupported Media Type",
                [("Accept", _CONTENT), ("Accept-Encoding", "identity")],
                because=Reason.MALFORMED,
                detail=f"the body is {request.first('content-type')!r}",
            )
        return None

    @staticmethod
    def _content_understood(request: Request) -> bool:
        disposition = (request.first("content-disposition") or "").lower().replace(" ", "")
        if "handling=optional" in disposition:
            return True
        encoding = (request.first("content-encoding") or "identity").lower()
        content = (request.first("content-type") or _CONTENT).lower()
        return encoding == "identity" and content.partition(";")[0].strip() == _CONTENT

    def _handle_register(self, request: Request, flow: Flow, now: float) -> Answer:
        aor_user, _, aor_host = request.to_aor.rpartition("@")
        account = self.accounts.find(aor_user, aor_host)
        name = "" if account is None else account.name
        trusted = False
        if not self.access.open or (account is not None and account.guarded):
            entry, why = self.access.decide(account, flow.remote[0])
            if entry is Entry.REFUSED:
                answer = self.refuse_source(name, aor_user, why)
                return answer if account is not None else self._nobody_of(answer, request, flow)
            trusted = entry is Entry.TRUSTED
        refusal = None if request.uri.startswith("sip:") else self._check_scheme(request)
        if refusal is None and self._served is not None and request.uri not in self._ours:
            refusal = self._check_domain(request)
        if refusal is None and (request.body or request.has_require):
            refusal = self._inspect(request)
        if refusal is not None:
            refusal.account, refusal.user = name, aor_user
            return refusal
        if self._gate is not None:
            refusal = self._gate(request, flow, account, now)
            if refusal is not None:
                return refusal
        if not trusted:
            verdict = self._authenticator.verify(request, aor_user, aor_host, account, now)
            if account is not None and verdict is None:
                account.challenged_call = None
            elif verdict is not None and verdict.account is None:
                answer = self._challenge(request, account, verdict, aor_user, now)
                told = account is not None or answer.because is not None
                return answer if told else self._nobody_of(answer, request, flow)
            elif verdict is not None and verdict.account is not None:
                return Answer(
                    403,
                    "Forbidden",
                    account=verdict.account.name,
                    user=aor_user,
                    because=Reason.THIRD_PARTY_REGISTRATION,
                    detail=f"{verdict.username!r} logged in, but registers {request.to_aor!r}",
                )
        if not self.serves(aor_host):
            refusal = self._wrong_domain(aor_host)
            refusal.account, refusal.user = name, aor_user
            return refusal
        if account is None:
            because = Reason.UNKNOWN_USER
            return Answer(404, "Not Found", user=aor_user, because=because, detail=f"no account {request.to_aor!r}")
        for binding in account.bindings or ():
            if binding.expires_at <= now:
                self.overdue += self.bindings.take_overdue(account, now)
                break
        answer = self._register.process(request, flow, account, now)
        if answer.status == 200:
            answer.headers = self._register.contact_fields(account, now)
            answer.headers.append(("Date", self.date_at(now)))
            if self._fixed:
                answer.headers += self._fixed
            if self.settings.path:
                answer.headers += [("Path", v) for v in request.values("path")]
            if self.settings.outbound and any(b.reg_id is not None for _, b, _ in answer.changes):
                answer.headers.append(("Require", "outbound"))
        return answer

    def _nobody_of(self, answer: Answer, request: Request, flow: Flow) -> Answer:
        """Say, to the tester only, that the user is unknown where the address is one of an account's own."""
        host = flow.remote[0]
        if not self.access.denied(host) and self.accounts.owners(host, self.access.access):
            answer.because, answer.detail = Reason.UNKNOWN_USER, f"no account {request.to_aor!r}"
        return answer

    def _challenge(self, request: Request, account: Account | None, verdict: Verdict, user: str, now: float) -> Answer:
        """Answer a request that did not prove itself: with a challenge, or as policy has it."""
        because, settings = verdict.because, self.settings
        name = "" if account is None else account.name
        detail = verdict.detail
        if because is None and account is not None:
            call_id = hash(request.call_id)  # of any length, as a stranger likes it
            if account.challenged_call == call_id:
                because = Reason.NO_CREDENTIALS
                detail = "challenged in this Call-ID before, and here again without credentials"
            account.challenged_call = call_id
        elif account is not None:
            account.challenged_call = None
        status: int | None = verdict.status
        if because is Reason.UNKNOWN_USER or because is Reason.WRONG_AUTH_USER:
            status = _REFUSED[settings.unknown_user]
        elif because is Reason.WRONG_PASSWORD:
            status = _REFUSED[settings.wrong_password]
        if status == 401:
            headers = self._authenticator.challenge(now, stale=verdict.stale)
            return Answer(401, "Unauthorized", headers, account=name, user=user, because=because, detail=detail)
        return Answer(status, _PHRASES[status], account=name, user=user, because=because, detail=detail)

    def refuse_source(self, account: str, user: str, why: str) -> Answer:
        """Answer a source address that is not let in, as policy has it; `why` is for the tester."""
        because = Reason.IP_NOT_ALLOWED
        if self.settings.refuse == "drop":
            return Answer(None, account=account, user=user, because=because, detail=why)
        return Answer(403, "Forbidden", account=account, user=user, because=because, detail=why)

    def _check_domain(self, request: Request) -> Answer | None:
        """Refuse a Request-URI of another domain (10.3 step 1); remember those that are ours."""
        host = request.request_uri.host
        if not self.serves(host):
            return self._wrong_domain(host)
        if len(request.uri) <= 256:
            if len(self._ours) >= 256:
                self._ours.clear()
            self._ours.add(request.uri)
        return None

    def _wrong_domain(self, host: str) -> Answer:
        served = ", ".join(self.settings.domains)
        detail = f"{host!r} is not served here, only {served} and the carrier's own addresses"
        return Answer(404, "Not Found", because=Reason.WRONG_DOMAIN, detail=detail)

    def date_at(self, now: float) -> str:
        """Return the SIP-date of carrier time `now` (:rfc:`3261` 20.17), worked out once a second."""
        second = int(now)
        text, of = self._date
        if of != second or not text:
            moment = datetime.datetime.fromtimestamp(second, datetime.timezone.utc)
            day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
            month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][
                moment.month - 1
            ]
            text = f"{day}, {moment.day:02d} {month} {moment.year} {moment:%H:%M:%S} GMT"
            self._date = (text, second)
        return text
