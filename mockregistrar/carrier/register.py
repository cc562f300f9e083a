"""REGISTER: what a registrar does with a request that was let in (:rfc:`3261` 10.3, steps 6 to 8).

Everything is worked out first and committed last, so that a request either changes all it asks for or
nothing. Times are carrier time in seconds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mockregistrar.carrier.accounts import Account
from mockregistrar.carrier.answer import Answer, Change
from mockregistrar.carrier.bindings import Binding, Bindings, same_contact
from mockregistrar.carrier.reasons import Reason
from mockregistrar.carrier.settings import CarrierSettings
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.grammar import MAX_EXPIRES, WS, parse_number, quote
from mockregistrar.sip.message import Request

if TYPE_CHECKING:
    from mockregistrar.sip.headers import NameAddr

_Q = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")
HOUR = 3600
"""Seconds from which on no expiry is too brief (:rfc:`3261` 10.3 step 7)."""
_TOP_REG_ID = 2**31 - 1
_NAMED_BEYOND = 50
"""Contacts that one request may name beyond those the carrier keeps: it may remove some."""
_NEVER = 2**32
"""Above any expiry."""


class _Wanted(NamedTuple):
    """One contact of the request: what is asked for it."""

    contact: NameAddr
    expires: int
    q: str | None
    instance: str | None
    reg_id: int | None
    current: Binding | None


class Refusal(Exception):  # noqa: N818 - control flow within this module, not an error
    """The request fails; nothing was changed."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class RegisterProcessor:
    """Applies REGISTER requests to the bindings of one carrier."""

    def __init__(self, settings: CarrierSettings, bindings: Bindings) -> None:
        self._settings = settings
        self._bindings = bindings
        self._usual_low = _NEVER if settings.path or settings.grant is not None else max(settings.min_expires, 1)
        """The least expiry that the short way grants; it knows nothing of paths, nor of a grant for all."""

    def process(self, request: Request, flow: Flow, account: Account, now: float) -> Answer:
        """Add, refresh or remove what `request` asks for; return the 200 that lists all, or the refusal.

        Raises `ParseError` for a malformed Contact, CSeq or Call-ID; then nothing was changed.
        """
        answer = Answer(200, "OK", account=account.name, user=account.spec.user)
        try:
            uri = request.plain_contact
            if uri is not None and self._plain(uri, request, account):
                self._commit_plain(uri, request, flow, account, now, answer)
                return answer
            contacts = request.contacts
            if not isinstance(contacts, list):  # *
                self._remove_all(request, flow, account, now, answer)
            elif contacts:
                self._check_number(len(contacts), account)
                wanted = [self._wanted(c, request, account) for c in contacts]
                self._commit(self._without_repeats(wanted), request, flow, account, now, answer)
        except Refusal as refusal:
            return refusal.answer
        return answer

    def contact_fields(self, account: Account, now: float) -> list[tuple[str, str]]:
        """Return a Contact field for each binding of `account`, the URI exactly as it was registered."""
        bindings = account.bindings
        if bindings is None:
            return []
        fields = []
        for b in bindings:
            value = f"<{b.uri}>;expires={int(b.expires_at - now + 0.999)}"
            if b.q is not None:
                value += f";q={b.q}"
            if b.instance is not None:
                value += f";+sip.instance={quote(b.instance)}"
            if b.reg_id is not None:
                value += f";reg-id={b.reg_id}"
            fields.append(("Contact", value))
        return fields

    # -- the usual case ------------------------------------------------------------------------------
    def _plain(self, uri: str, request: Request, account: Account) -> bool:
        """Whether the one contact `uri` is new or the only one, and asks for a usual expiry."""
        expires = request.expires
        if expires is None or expires < self._usual_low or account.own_limits:
            return False
        bindings = account.bindings
        return bindings is None or (len(bindings) == 1 and bindings[0].uri == uri)

    def _commit_plain(
        self, uri: str, request: Request, flow: Flow, account: Account, now: float, answer: Answer
    ) -> None:
        granted = min(request.expires or 0, self._settings.max_expires)
        bindings = account.bindings
        if bindings is None:
            binding = Binding(account, uri)
            change, left = Change.REGISTERED, 0.0
        else:
            binding = bindings[0]
            self._check_order(binding, request, account)
            change, left = Change.REFRESHED, binding.expires_at - now
            binding.q = binding.instance = binding.reg_id = None
        binding.call_id, binding.cseq, binding.flow = request.call_id, request.cseq_number, flow
        binding.granted, binding.expires_at = granted, now + granted
        binding.user_agent = request.user_agent
        if bindings is None:
            self._bindings.add(binding)
        elif binding.expires_at < binding.heap_at:
            binding = self._bindings.moved(binding)
        answer.changes.append((change, binding, left))

    # -- step 6: Contact: * --------------------------------------------------------------------------
    def _remove_all(self, request: Request, flow: Flow, account: Account, now: float, answer: Answer) -> None:
        if request.expires != 0:
            raise ParseError(400, "Contact * Needs Expires 0", "Contact: * came without `Expires: 0`", field="Contact")
        bindings = list(account.bindings or ())
        for binding in bindings:
            self._check_order(binding, request, account)
        for binding in bindings:
            self._remove(binding, request, flow, now, answer)

    # -- step 7: each contact ------------------------------------------------------------------------
    def _wanted(self, contact: NameAddr, request: Request, account: Account) -> _Wanted:
        settings, spec = self._settings, account.spec
        text = self.expires_of(contact, request)
        expires = request.expires if text is None else parse_number(text.strip(WS), MAX_EXPIRES)
        minimum = self.minimum(account)
        if expires is None:
            expires = settings.default_expires
        elif 0 < expires < minimum and expires < HOUR:
            if settings.short_expires != "raise":
                raise Refusal(self.too_brief(expires, account, spec.user))
            expires = minimum
        q = instance = reg_id = None
        if contact.params:
            q = contact.param("q")
            if q is not None and not _Q.match(q):
                raise ParseError(400, "Bad q Value", f"q={q!r} is not between 0 and 1", field="Contact")
            instance, reg_id = self._outbound(contact, request)
        uri = contact.uri_text
        current = None
        for binding in account.bindings or ():
            if reg_id is not None:
                if (binding.instance, binding.reg_id) == (instance, reg_id):
                    current = binding
            elif binding.reg_id is None and (binding.uri == uri or same_contact(binding, uri, contact.uri)):
                current = binding
        return _Wanted(contact, expires, q, instance, reg_id, current)

    def expires_of(self, contact: NameAddr, request: Request) -> str | None:  # noqa: ARG002 - personas ask it
        """Return the expiry that a contact asks for by itself; None where that of the header counts."""
        return contact.param("expires") if contact.params else None

    def minimum(self, account: Account | None) -> int:
        """Return the shortest expiry that `account` (None: nobody we know) is granted, in seconds."""
        own = None if account is None else account.spec.min_expires
        return self._settings.min_expires if own is None else own

    def too_brief(self, expires: int, account: Account | None, user: str) -> Answer:
        """Return the 423 for an expiry below the minimum."""
        minimum = self.minimum(account)
        return Answer(
            423,
            "Interval Too Brief",
            [("Min-Expires", str(minimum))],
            account="" if account is None else account.name,
            user=user,
            because=Reason.INTERVAL_TOO_BRIEF,
            detail=f"{expires} s were asked for, the minimum is {minimum} s",
        )

    def _outbound(self, contact: NameAddr, request: Request) -> tuple[str | None, int | None]:
        """Return instance and reg-id of a contact; both count only together and when switched on (RFC 5626 6)."""
        instance = contact.param("+sip.instance")
        text = contact.param("reg-id")
        if not self._settings.outbound or text is None or instance is None:
            return instance, None
        number = parse_number(text, _TOP_REG_ID + 1)
        if number is None or not 0 < number <= _TOP_REG_ID:
            raise ParseError(400, "Bad reg-id", f"reg-id={text!r} is not a number from 1 to 2^31-1", field="Contact")
        supported = any(tag.lower() == "outbound" for tag in request.values("supported"))
        return instance, number if supported else None

    @staticmethod
    def _without_repeats(wanted: list[_Wanted]) -> list[_Wanted]:
        """Keep the last word on each contact: one request may name a contact twice."""
        if len(wanted) < 2:
            return wanted
        lasting = [item for item in wanted if item.expires]
        if len(lasting) > 1 and any(item.reg_id is not None for item in lasting):
            detail = "a contact with reg-id must be the only one with an expiry (RFC 5626 6)"
            raise ParseError(400, "Several Contacts With reg-id", detail, field="Contact")
        kept: list[_Wanted] = []
        for item in wanted:
            kept = [
                k
                for k in kept
                if not (
                    (k.instance, k.reg_id) == (item.instance, item.reg_id)
                    if item.reg_id is not None
                    else k.reg_id is None and k.contact.uri.equivalent(item.contact.uri)
                )
            ]
            kept.append(item)
        return kept

    def _check_number(self, named: int, account: Account) -> None:
        """Refuse a request that names contacts by the hundred before each is compared with each."""
        limit = self._limit(account)
        if named > limit + _NAMED_BEYOND:
            raise self._too_many(f"{named} contacts are named, the carrier keeps at most {limit}", account)

    def _limit(self, account: Account) -> int:
        own = account.spec.max_contacts
        return self._settings.max_contacts if own is None else own

    def _too_many(self, detail: str, account: Account) -> Refusal:
        refused = self._settings.too_many_contacts == "403"
        return Refusal(
            Answer(
                403 if refused else 503,
                "Too Many Contacts" if refused else "Service Unavailable",
                account=account.name,
                user=account.spec.user,
                because=Reason.TOO_MANY_CONTACTS,
                detail=detail,
            )
        )

    def _check_order(self, binding: Binding, request: Request, account: Account) -> None:
        """Within one Call-ID the CSeq must increase; otherwise the request fails (step 7)."""
        if binding.call_id == request.call_id and request.cseq_number <= binding.cseq:
            raise Refusal(
                Answer(
                    500,
                    "CSeq Not Increased",
                    account=account.name,
                    user=account.spec.user,
                    because=Reason.CSEQ_NOT_INCREASED,
                    detail=f"CSeq {request.cseq_number} is not above {binding.cseq}, seen before in this Call-ID",
                )
            )

    def _commit(
        self, wanted: list[_Wanted], request: Request, flow: Flow, account: Account, now: float, answer: Answer
    ) -> None:
        count = len(account.bindings or ())
        for item in wanted:
            if item.current is not None:
                self._check_order(item.current, request, account)
            count += (item.current is None and item.expires > 0) - (item.current is not None and item.expires == 0)
        spec = account.spec
        limit = self._limit(account)
        if count > limit and any(w.current is None and w.expires for w in wanted):
            raise self._too_many(f"{count} contacts would be registered, the carrier keeps at most {limit}", account)
        longest = self._settings.max_expires if spec.max_expires is None else spec.max_expires
        grant = self._settings.grant if spec.grant is None else spec.grant
        if grant is not None:
            longest = min(longest, grant)
        path = tuple(request.values("path")) if self._settings.path else ()
        call_id, cseq = request.call_id, request.cseq_number
        user_agent = request.user_agent
        for item in wanted:
            binding = item.current
            if item.expires == 0:
                if binding is not None:
                    self._remove(binding, request, flow, now, answer)
                continue
            left = 0.0
            fresh = binding is None
            if binding is None:
                binding = Binding(account, item.contact.uri_text)
            else:
                left = binding.expires_at - now
                binding.uri = item.contact.uri_text
            granted = min(item.expires, longest)
            binding.call_id, binding.cseq, binding.flow, binding.path = call_id, cseq, flow, path
            binding.q, binding.instance, binding.reg_id = item.q, item.instance, item.reg_id
            binding.granted, binding.expires_at, binding.user_agent = granted, now + granted, user_agent
            if fresh:
                self._bindings.add(binding)
                answer.changes.append((Change.REGISTERED, binding, left))
            else:
                answer.changes.append((Change.REFRESHED, self._bindings.moved(binding), left))

    def _remove(self, binding: Binding, request: Request, flow: Flow, now: float, answer: Answer) -> None:
        """Drop a binding; what is told of it names the REGISTER that did it."""
        self._bindings.remove(binding)
        binding.call_id, binding.cseq, binding.flow = request.call_id, request.cseq_number, flow
        answer.changes.append((Change.UNREGISTERED, binding, binding.expires_at - now))
