"""The carrier that knows what personas do: the plain one with other parts, and its answers put another way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockregistrar.carrier.answer import Answer
from mockregistrar.carrier.authentication import Authenticator, Verdict
from mockregistrar.carrier.carrier import Carrier
from mockregistrar.carrier.nonces import Nonces
from mockregistrar.carrier.personas.dressing import dressing
from mockregistrar.carrier.personas.gate import Gate
from mockregistrar.carrier.personas.login import OneTimeNonces, PersonaAuthenticator
from mockregistrar.carrier.personas.requests import user_of
from mockregistrar.carrier.personas.standing import standing_of
from mockregistrar.carrier.reasons import Reason
from mockregistrar.carrier.register import Refusal, RegisterProcessor
from mockregistrar.sip.flow import format_address
from mockregistrar.sip.message import REASONS

if TYPE_CHECKING:
    import random

    from mockregistrar.carrier.accounts import Account
    from mockregistrar.carrier.bindings import Binding
    from mockregistrar.carrier.settings import CarrierSettings
    from mockregistrar.sip.flow import Flow
    from mockregistrar.sip.headers import NameAddr
    from mockregistrar.sip.message import Request

_REALMS = 64
"""Realms that are kept at hand where each AOR has its own."""
_NONCE = re.compile(r'nonce="([^"]*)"')
_EXPIRES = re.compile(r";expires=[0-9]+")
_INSTANCE = re.compile(r';\+sip\.instance="<([^">]+)>"')
_ESCAPED = re.compile(r"%([2-7][0-9A-Fa-f])")
_DELIMITERS = ' "<>@%\x7f'
_REWRITTEN = "nat=yes"
"""The parameter of a rewritten contact, after what NAT helpers add: it differs from what was registered, always."""


class PersonaProcessor(RegisterProcessor):
    """REGISTER with a minimum that may move, and other rules of CSeq, expiry and outbound."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(carrier.settings, carrier.bindings)
        if carrier.settings.min_expires_step:
            self._usual_low = self._settings.max_expires + 1

    def minimum(self, account: Account | None) -> int:
        """Return the shortest expiry that the account is granted by now."""
        raised = 0 if account is None or account.standing is None else account.standing.raised
        minimum = super().minimum(account)
        return max(minimum, min(minimum + raised, self._settings.max_expires))

    def too_brief(self, expires: int, account: Account | None, user: str) -> Answer:
        """Return the 423; the next one asks for more."""
        answer = super().too_brief(expires, account, user)
        step = self._settings.min_expires_step
        if account is not None and step:
            standing_of(account).raised += step
        return answer

    def process(self, request: Request, flow: Flow, account: Account, now: float) -> Answer:
        """Process as usual, unless CSeq must increase over all bindings of the account, and does not."""
        if self._settings.cseq_rule == "account" and "contact" in request.headers:
            for binding in account.bindings or ():
                if request.cseq_number <= binding.cseq:
                    return _not_increased(request, account, f"{binding.cseq}, seen before for this account")
        return super().process(request, flow, account, now)

    def _check_order(self, binding: Binding, request: Request, account: Account) -> None:
        if self._settings.cseq_rule == "contact" and request.cseq_number <= binding.cseq:
            raise Refusal(_not_increased(request, account, f"{binding.cseq}, seen before for this contact"))
        super()._check_order(binding, request, account)

    def expires_of(self, contact: NameAddr, request: Request) -> str | None:
        """Return the parameter, unless the header counts first."""
        if self._settings.expires_from == "header" and request.expires is not None:
            return None
        return super().expires_of(contact, request)

    def _outbound(self, contact: NameAddr, request: Request) -> tuple[str | None, int | None]:
        instance, reg_id = super()._outbound(contact, request)
        if reg_id is not None and not self._settings.first_hop_outbound:
            detail = "outbound was asked for (reg-id), and the first hop does not support it"
            raise Refusal(Answer(439, REASONS[439], because=Reason.EXTENSION_NOT_SUPPORTED, detail=detail))
        return instance, reg_id


def _not_increased(request: Request, account: Account, than: str) -> Answer:
    return Answer(
        500,
        "CSeq Not Increased",
        account=account.name,
        user=account.spec.user,
        because=Reason.CSEQ_NOT_INCREASED,
        detail=f"CSeq {request.cseq_number} is not above {than}",
    )


class PersonaCarrier(Carrier):
    """A carrier with settings that the plain one does not know."""

    _register: PersonaProcessor

    def __init__(self, settings: CarrierSettings, rng: random.Random, now: float) -> None:
        super().__init__(settings, rng, now)
        self._authenticators: dict[str, Authenticator] = {}
        self._barrier = Gate(settings, self._register)
        self._gate = self._barrier if self._barrier else None
        self.dress = dressing(
            settings.header_order, compact=settings.compact_headers, rport=settings.via_rport, to_tag=settings.to_tag
        )

    def _new_nonces(self, key: bytes) -> Nonces:
        kind = OneTimeNonces if self.settings.nonce_use == "once" else Nonces
        return kind(key, self.settings.nonce_ttl)

    def _new_processor(self) -> PersonaProcessor:
        return PersonaProcessor(self)

    def _new_authenticator(self) -> Authenticator:
        return self._authenticator_for(self.realm)

    def _authenticator_for(self, realm: str) -> Authenticator:
        return PersonaAuthenticator(self.settings, realm, self.accounts, self.nonces, self.is_us)

    def _choose_realm(self, request: Request) -> None:
        """Challenge and check in the realm of the AOR, which the server does not make canonical."""
        realm = request.to.uri.host
        known = self._authenticators.get(realm)
        if known is None:
            if len(self._authenticators) >= _REALMS:
                self._authenticators.clear()
            known = self._authenticators[realm] = self._authenticator_for(realm)
        self._authenticator = known

    def set_back(self, now: float) -> None:
        """Forget rates and lock-outs too."""
        super().set_back(now)
        self._barrier.forget(self.accounts)

    # -- REGISTER ------------------------------------------------------------------------------------
    def _handle_register(self, request: Request, flow: Flow, now: float) -> Answer:
        if self.settings.realm_rule == "aor":
            self._choose_realm(request)
        answer = super()._handle_register(request, flow, now)
        settings = self.settings
        if answer.status == 200:
            self._write_grant(answer, request, flow, now)
            answer.delay, answer.trying = settings.grant_delay, settings.trying
        elif answer.status == 439 and not answer.account:
            answer.user = user_of(request)
            account = self.accounts.find(*_aor(request))
            answer.account = "" if account is None else account.name
        elif answer.status == 503 and settings.retry_after is not None:
            answer.headers.append(("Retry-After", str(settings.retry_after)))
        return answer

    def _challenge(self, request: Request, account: Account | None, verdict: Verdict, user: str, now: float) -> Answer:
        settings = self.settings
        if settings.stale_always and verdict.because is not None:
            verdict = verdict._replace(stale=True)
        answer = super()._challenge(request, account, verdict, user, now)
        counted = verdict.because is Reason.WRONG_PASSWORD or (
            settings.lockout_counts == "stale-too" and verdict.because is Reason.NONCE_STALE
        )
        if account is not None and counted:
            self._barrier.failed(account, now)
        if answer.status == 401:
            if self.settings.challenge == "407":
                answer.status, answer.reason = 407, "Proxy Authentication Required"
            if account is not None and self.settings.nonce_use == "latest":
                found = (_NONCE.search(value) for _, value in answer.headers)
                standing_of(account).latest = tuple(match[1] for match in found if match)
        return answer

    # -- what a 200 says -----------------------------------------------------------------------------
    def _write_grant(self, answer: Answer, request: Request, flow: Flow, now: float) -> None:
        """Write contacts, grant and Date as the settings have them."""
        settings = self.settings
        if settings.lockout_after and settings.lockout_counts == "wrong-password":
            account = self.accounts.find(*_aor(request))
            if account is not None and account.standing is not None:
                account.standing.failures = 0
        own = [value for name, value in answer.headers if name == "Contact"]
        others = [(name, value) for name, value in answer.headers if name != "Contact"]
        if not settings.date:
            others = [field for field in others if field[0] != "Date"]
        granted = self._granted(answer, request, now)
        if settings.contact_answer == "rewrite":
            own = [_rewritten(value, flow) for value in own]
        elif settings.contact_answer == "decode":
            own = [_decoded(value) for value in own]
        if settings.pub_gruu and any(tag.lower() == "gruu" for tag in request.values("supported")):
            own = [self._with_gruu(value, request) for value in own]
        if settings.grant_shown is not None:
            own = [_EXPIRES.sub(f";expires={settings.grant_shown}", value) for value in own]
        foreign = [f"<{uri}>;expires={settings.default_expires}" for uri in settings.foreign_contacts]
        contacts = [*foreign, *own] if settings.contact_answer != "omit" else []
        if settings.grant_in in ("header", "neither"):
            contacts = [_EXPIRES.sub("", value) for value in contacts]
        if settings.contacts_joined and contacts:
            contacts = [", ".join(contacts)]
        answer.headers = [("Contact", value) for value in contacts]
        if granted is not None and settings.grant_in in ("header", "both"):
            shown = granted if settings.grant_shown is None else settings.grant_shown
            answer.headers.append(("Expires", str(shown)))
        answer.headers += others

    def _with_gruu(self, value: str, request: Request) -> str:
        """Return a Contact value with a public GRUU, where it names an instance."""
        instance = _INSTANCE.search(value)
        return value if instance is None else f'{value};pub-gruu="sip:{request.to_aor};gr={instance[1]}"'

    def _granted(self, answer: Answer, request: Request, now: float) -> int | None:
        """Return the seconds granted to what the request changed, else the longest that is left; None if nothing is."""
        lasting = [binding.granted for _, binding, _ in answer.changes if binding.live]
        if lasting:
            return lasting[-1]
        if answer.changes:
            return 0
        account = self.accounts.find(*_aor(request))
        bindings: list[Binding] = [] if account is None else account.bindings or []
        return max((int(b.expires_at - now + 0.999) for b in bindings), default=None)


def _aor(request: Request) -> tuple[str, str]:
    user, _, host = request.to_aor.rpartition("@")
    return user, host


def _decoded(value: str) -> str:
    """Return a Contact value whose user has its percent-encoded characters as they are, where it stays one."""

    def plain(found: re.Match[str]) -> str:
        char = chr(int(found[1], 16))
        return found[0] if char in _DELIMITERS else char

    uri, end, params = value.partition(">")
    user, at, host = uri.rpartition("@")
    return f"{_ESCAPED.sub(plain, user)}{at}{host}{end}{params}"


def _rewritten(value: str, flow: Flow) -> str:
    """Return a Contact value as a NAT helper leaves it: the user stays, the rest is where the request came from."""
    uri, _, params = value[1:].partition(">")
    scheme, _, rest = uri.partition(":")
    user = f"{rest.rpartition('@')[0]}@" if "@" in rest else ""
    transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
    return f"<{scheme}:{user}{format_address(flow.remote)}{transport};{_REWRITTEN}>{params}"
