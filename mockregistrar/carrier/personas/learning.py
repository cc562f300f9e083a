"""The persona of a registrar that was seen: from its messages to knobs, each with what it was learned from.

Theory of operation. A REGISTER and its final answer are an exchange, found by Call-ID, CSeq and branch. Each knob has a
rule that looks at the exchanges and either names a value and the evidence, or says why nothing can be known. Nothing is
guessed: a password is not known here, so a refused digest is a wrong password only where the same login succeeded
before or behind it. Nothing that is secret is kept: no credentials, no user names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from mockregistrar.carrier.personas.model import knob_names
from mockregistrar.carrier.personas.requests import expiries, is_unregister, shortest_expiry
from mockregistrar.carrier.settings import CarrierSettings
from mockregistrar.sip.challenge import Challenge
from mockregistrar.sip.credentials import Credentials
from mockregistrar.sip.digest import canonical_algorithm
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Address
from mockregistrar.sip.grammar import LONG_NAMES, WS, parse_number, printed_name
from mockregistrar.sip.headers import NameAddr
from mockregistrar.sip.message import Request, Response

_CHALLENGED = (401, 407)
_USUAL_ORDER = (
    "via", "from", "to", "call-id", "cseq", "contact", "www-authenticate", "proxy-authenticate", "min-expires",
    "expires", "date", "supported", "service-route", "path", "require", "retry-after", "server", "content-length",
)  # fmt: skip
"""How the carrier writes the fields that are told apart here."""
_SOON = 5.0
"""Seconds in which no nonce grows too old."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A REGISTER and its final answer, None where none came. Times in seconds."""

    time: float
    request: Request
    answer: Response | None

    @property
    def status(self) -> int:
        """The status of the answer; 0 where there is none."""
        return 0 if self.answer is None else self.answer.status

    @property
    def credentials(self) -> Credentials | None:
        """The first Digest credentials of the request."""
        for name in ("authorization", "proxy-authorization"):
            for value in self.request.headers.get(name, ()):
                found = Credentials.parse(value)
                if found.scheme.lower() == "digest":
                    return found
        return None

    @property
    def challenges(self) -> list[Challenge]:
        """The challenges of the answer that can be read, in their order."""
        headers = {} if self.answer is None else self.answer.headers
        values = [value for name in ("www-authenticate", "proxy-authenticate") for value in headers.get(name, ())]
        return [challenge for value in values if (challenge := _challenge_in(value)) is not None]

    def readable(self) -> bool:
        """Whether everything that is looked at here can be read."""
        try:
            _ = self.request.to_aor, expiries(self.request), self.credentials
            if self.answer is not None:
                _ = self.answer.contacts, self.answer.values("supported")
        except ParseError:
            return False
        return True


def _challenge_in(value: str) -> Challenge | None:
    """Return the challenge in a header value; None for one of another scheme."""
    try:
        return Challenge.parse(value)
    except ParseError:
        return None


@dataclass(slots=True)
class Learned:
    """What was learned of one registrar."""

    registrar: Address
    registers: int
    """How many REGISTERs it was sent, retransmissions left out."""
    others: dict[Address, int]
    """Other registrars in the capture, with as many."""
    knobs: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    """What each knob was learned from."""
    notes: list[str] = field(default_factory=list)
    """What was seen and no knob says."""

    @property
    def unknown(self) -> list[str]:
        """The knobs that nothing was learned of."""
        return [name for name in knob_names() if name not in self.knobs]

    def set(self, knob: str, value: Any, evidence: str) -> None:
        """Take note of a value."""
        self.knobs[knob], self.evidence[knob] = value, evidence


class NothingToLearn(LookupError):  # noqa: N818 - names what is wrong, as `LookupError` does
    """There is no REGISTER to learn from; the message says what there is."""


Seen = tuple[float, Address, Address, "Request | Response"]
"""A message: time in seconds, source, target, and itself."""


def learn(messages: Iterable[Seen], registrar: Address | None = None) -> Learned:
    """Return what the messages tell of the registrar at `registrar`, or of the one that most REGISTERs go to.

    Raises `NothingToLearn` where no REGISTER goes there.
    """
    seen = list(messages)
    registers: dict[Address, set[tuple[str, int, str]]] = {}
    for _, _, target, message in seen:
        if isinstance(message, Request) and message.method == "REGISTER" and (key := _key(message)):
            registers.setdefault(target, set()).add(key)
    if not registers:
        raise NothingToLearn(f"no REGISTER among {len(seen)} SIP messages")
    counted = {place: len(keys) for place, keys in registers.items()}
    chosen = max(counted, key=lambda place: counted[place]) if registrar is None else registrar
    if chosen not in counted:
        there = ", ".join(f"{host}:{port}" for host, port in counted)
        raise NothingToLearn(f"no REGISTER to {chosen[0]}:{chosen[1]}; there are some to {there}")
    others = {place: number for place, number in counted.items() if place != chosen}
    learned = Learned(chosen, counted[chosen], others)
    complete = _exchanges(seen, chosen)
    exchanges = [e for e in complete if e.readable()]
    if len(exchanges) < len(complete):
        learned.notes.append(f"{len(complete) - len(exchanges)} REGISTERs, or their answers, cannot be read")
    for rule in _RULES:
        rule(exchanges, learned)
    return learned


def _key(message: Request | Response) -> tuple[str, int, str] | None:
    try:
        return message.call_id, message.cseq.number, message.top_via.branch or ""
    except ParseError:
        return None


def _exchanges(seen: list[Seen], registrar: Address) -> list[Exchange]:
    asked: dict[tuple[str, int, str], tuple[float, Request]] = {}
    answers: dict[tuple[str, int, str], Response] = {}
    for time, source, target, message in seen:
        key = _key(message)
        if key is None:
            continue
        if isinstance(message, Request):
            if message.method == "REGISTER" and target == registrar:
                asked.setdefault(key, (time, message))
        elif message.status >= 200 and source == registrar:
            answers.setdefault(key, message)
    return [Exchange(time, request, answers.get(key)) for key, (time, request) in asked.items()]


# -- the challenge -----------------------------------------------------------------------------------------------
def _challenge(exchanges: list[Exchange], learned: Learned) -> None:
    challenged = [e for e in exchanges if e.status in _CHALLENGED and e.challenges]
    if not challenged:
        open_door = sum(e.status == 200 and e.credentials is None for e in exchanges)
        if open_door:
            learned.notes.append(f"{open_door} REGISTERs without credentials were let in: access by address")
        return
    first = challenged[0]
    learned.set("challenge", str(first.status), f"{len(challenged)} times {first.status}")
    offered = first.challenges
    algorithms = [canonical_algorithm(challenge.algorithm) for challenge in offered]
    forms = {"omitted" if c.algorithm is None else "quoted" if c.algorithm_quoted else "token" for c in offered}
    known = tuple(name for name in algorithms if name is not None)
    if len(known) == len(algorithms):
        learned.set("algorithms", known, "the first challenge" if len(known) == 1 else "the challenges, in their order")
        if len(forms) == 1 and (forms != {"omitted"} or known == ("MD5",)):
            learned.set("algorithm_form", forms.pop(), "the first challenge")
    else:
        learned.notes.append("an algorithm was offered that is not known here")
    qop = tuple(name.lower() for name in offered[0].qop) or ("none",)
    if set(qop) <= {"auth", "auth-int", "none"}:
        learned.set("qop", qop, "the first challenge")
    realms = {challenge.realm for e in challenged for challenge in e.challenges}
    asked = {(e.request.to.uri.host, challenge.realm) for e in challenged for challenge in e.challenges}
    if len(realms) > 1 and all(host == realm for host, realm in asked):
        learned.set("realm_rule", "aor", f"{len(realms)} realms, each the domain of the AOR")
    elif len(realms) > 1:
        learned.notes.append(f"{len(realms)} realms were used")
    elif any(e.request.to_aor.rpartition("@")[2] != next(iter(realms)).lower() for e in challenged):
        learned.set("realm", next(iter(realms)), "the challenges; it is not the domain of the AOR")


def _nonces(exchanges: list[Exchange], learned: Learned) -> None:
    """What becomes of a nonce that was accepted once: accepted again, or refused after how long."""
    issued: dict[str, float] = {}
    accepted: dict[str, int] = {}
    kept, refused, spent = 0.0, [], False
    for number, e in enumerate(exchanges):
        credentials = e.credentials
        nonce = "" if credentials is None else credentials.nonce or ""
        if nonce and e.status == 200:
            if accepted.get(nonce):
                learned.set("nonce_use", "many", "a nonce was accepted again")
            accepted[nonce] = accepted.get(nonce, 0) + 1
            kept = max(kept, e.time - issued.get(nonce, e.time))
        elif (
            e.status in _CHALLENGED
            and accepted.get(nonce)
            and not is_unregister(e.request)
            and _came_in_next(e, exchanges[number + 1 :])
        ):
            age = e.time - issued.get(nonce, e.time)
            spent = spent or age < _SOON
            refused.append((age, any(challenge.stale for challenge in e.challenges)))
        elif nonce and e.status in _CHALLENGED and any(challenge.stale for challenge in e.challenges):
            learned.set("stale", True, "stale=true was told")
        for challenge in e.challenges:
            issued.setdefault(challenge.nonce, e.time)
    if not refused:
        return
    told = any(stale for _, stale in refused)
    learned.set("stale", told, f"a nonce that had been accepted was refused {'with' if told else 'without'} stale=true")
    if spent and "nonce_use" not in learned.knobs:
        learned.set("nonce_use", "once", f"a nonce that had been accepted was refused within {_SOON:g} s")
    youngest = min(age for age, _ in refused)
    if not spent and youngest > kept:
        evidence = f"accepted when {kept:.1f} s old, refused when {youngest:.1f} s old"
        learned.set("nonce_ttl", float(max(1, int(youngest))), evidence)


def _came_in_next(refused: Exchange, later: list[Exchange]) -> bool:
    """Whether the same login succeeded next with a nonce of that refusal: so it was the old nonce that was refused."""
    before = refused.credentials
    sent = {challenge.nonce for challenge in refused.challenges}
    for e in later:
        credentials = e.credentials
        if credentials is not None and e.request.to_aor == refused.request.to_aor:
            new = before is None or credentials.nonce != before.nonce
            return e.status == 200 and new and credentials.nonce in sent
    return False


def _refusals(exchanges: list[Exchange], learned: Learned) -> None:
    in_order = [e for e in exchanges if e.credentials is not None]
    users = {e.request.to_aor for e in exchanges if e.status == 200}
    fresh: set[str] = set()
    used: set[str] = set()
    answers = {challenge.nonce: e for e in exchanges for challenge in e.challenges}
    for e in in_order:
        nonce = e.credentials.nonce or "" if e.credentials else ""
        if nonce in answers and nonce not in used:
            fresh.add(nonce)
        if e.status in (401, 407, 403, 404) and nonce in fresh and nonce not in used:
            told_stale = any(challenge.stale for challenge in e.challenges)
            status = "401" if e.status in _CHALLENGED else str(e.status)
            if told_stale:
                pass
            elif e.request.to_aor in users and status in ("401", "403"):
                learned.set("wrong_password", status, "fresh credentials of a user who logged in otherwise")
            elif status == "404":
                learned.set("unknown_user", status, "fresh credentials of a user who never logged in")
            else:
                learned.notes.append(
                    f"fresh credentials got {e.status}, of a user who never logged in: a wrong password or an unknown "
                    "user, the capture does not say"
                )
        used.add(nonce)
    silent = sum(e.answer is None for e in exchanges)
    if silent:
        learned.notes.append(f"{silent} REGISTERs got no final answer")
    busy = [e for e in exchanges if e.status == 503 and e.answer is not None]
    if busy:
        values = [e.answer.first("retry-after") for e in busy if e.answer is not None]
        seconds = {parse_number((v or "").split(";")[0].split("(")[0].strip(WS), 2**32 - 1) for v in values}
        learned.notes.append(f"{len(busy)} REGISTERs got 503; after how many, the capture does not say")
        if len(seconds) == 1 and (value := next(iter(seconds))) is not None:
            learned.set("retry_after", value, f"{len(busy)} times 503")


# -- expiry and contacts -----------------------------------------------------------------------------------------
def _own_contact(e: Exchange) -> tuple[NameAddr | None, int | None]:
    """Return what the 200 says of the one contact that the request names, with the seconds that this tells."""
    asked, listed = e.request.contacts, _listed(e)
    if not isinstance(asked, list) or len(asked) != 1:
        return None, None
    for contact in listed:
        if contact.uri_text == asked[0].uri_text or contact.uri.equivalent(asked[0].uri):
            return contact, _number(contact.param("expires"))
    return None, None


def _listed(e: Exchange) -> list[NameAddr]:
    contacts = [] if e.answer is None else e.answer.contacts
    return contacts if isinstance(contacts, list) else []


def _number(text: str | None) -> int | None:
    return None if text is None else parse_number(text.strip(WS), 2**32 - 1)


def _registered(exchanges: list[Exchange]) -> list[Exchange]:
    """Return the exchanges in which one contact was registered."""
    return [e for e in exchanges if e.status == 200 and len(_asked(e)) == 1 and not is_unregister(e.request)]


def _contacts(exchanges: list[Exchange], learned: Learned) -> None:
    registered = _registered(exchanges)
    if not registered:
        return
    number = len(registered)
    own = [e for e in registered if _own_contact(e)[0] is not None]
    if not any(_listed(e) for e in registered):
        learned.set("contact_answer", "omit", f"none of {number} 200s has a Contact")
    elif len(own) == number:
        learned.set("contact_answer", "echo", f"the contact came back in all of {number} 200s")
    elif not own:
        learned.set("contact_answer", "rewrite", f"the contact came back as another in {number} 200s")
    else:
        learned.notes.append(f"the contact came back in {len(own)} of {number} 200s")
    several = [e for e in registered if len(_listed(e)) > 1 and e.answer is not None]
    if several:
        fields = several[0].answer.headers["contact"] if several[0].answer is not None else []
        learned.set("contacts_joined", len(fields) == 1, "a 200 with several contacts")
    most = max(len(_listed(e)) for e in registered)
    if most > CarrierSettings().max_contacts:
        learned.set("max_contacts", most, "the most that a 200 has")
    asked = {c.uri_text for e in exchanges for c in _asked(e)}
    foreign = {c.uri_text for e in own for c in _listed(e)} - asked
    if foreign:
        learned.notes.append(f"{len(foreign)} contacts were listed that nobody registers in the capture")
    dated = [e for e in registered if e.answer is not None and e.answer.first("date") is not None]
    if len(dated) in (0, number):
        learned.set("date", bool(dated), f"{len(dated)} of {number} 200s have one")


def _asked(e: Exchange) -> list[NameAddr]:
    contacts = e.request.contacts
    return contacts if isinstance(contacts, list) else []


def _grants(exchanges: list[Exchange], learned: Learned) -> None:
    registered = [e for e in _registered(exchanges) if e.answer is not None]
    places, told = set(), []
    for e in registered:
        assert e.answer is not None
        listed = _listed(e)
        contact, parameter = _own_contact(e)
        if contact is None and len(listed) == 1:
            parameter = _number(listed[0].param("expires"))
        header = _number(e.answer.first("expires"))
        places.add(
            "both" if None not in (parameter, header) else "contact" if parameter is not None
            else "header" if header is not None else "neither"
        )  # fmt: skip
        told.append((expiries(e.request)[0], parameter if parameter is not None else header))
    if len(places) == 1:
        learned.set("grant_in", next(iter(places)), f"all of {len(registered)} 200s")
    grants = [(asked, granted) for asked, granted in told if granted is not None]
    if grants and all(granted == 0 for _, granted in grants):
        learned.set("grant_shown", 0, f"{len(grants)} grants of 0 s")
        return
    defaults = {granted for asked, granted in grants if asked is None}
    if len(defaults) == 1:
        learned.set("default_expires", defaults.pop(), "granted where no expiry was asked for")
    raised = [(asked, granted) for asked, granted in grants if asked is not None and granted > asked]
    cut = [(asked, granted) for asked, granted in grants if asked is not None and granted < asked]
    if len({granted for _, granted in cut}) == 1:
        asked, granted = max(cut)
        learned.set("max_expires", granted, f"asked for {asked} s")
    elif cut:
        learned.notes.append(f"{len(cut)} grants were shorter than asked, and not all the same")
    if len({granted for _, granted in raised}) == 1:
        asked, granted = min(raised)
        learned.set("min_expires", granted, f"asked for {asked} s")
        learned.set("short_expires", "raise", f"asked for {asked} s, granted {granted} s")
    elif raised:
        learned.notes.append(f"{len(raised)} grants were longer than asked, and not all the same")
    _brief(exchanges, learned)
    _beyond(grants, learned)


def _beyond(grants: list[tuple[int | None, int]], learned: Learned) -> None:
    """Take note of grants as asked that the default would not make: the limit lies there or beyond."""
    honoured = [asked for asked, granted in grants if asked == granted]
    default = CarrierSettings()
    longest, shortest = max(honoured, default=0), min(honoured, default=default.min_expires)
    if "max_expires" not in learned.knobs and longest > default.max_expires:
        learned.set("max_expires", longest, "the longest that was asked for, and granted")
    if "min_expires" not in learned.knobs and shortest < default.min_expires:
        learned.set("min_expires", shortest, "the shortest that was asked for, and granted")


def _brief(exchanges: list[Exchange], learned: Learned) -> None:
    brief = [e for e in exchanges if e.status == 423 and e.answer is not None]
    minima = [_number(e.answer.first("min-expires")) for e in brief if e.answer is not None]
    known = [minimum for minimum in minima if minimum is not None]
    if not known:
        return
    early = [e for e in brief if e.credentials is None]
    waits = any(e.status in _CHALLENGED and (shortest_expiry(e.request) or known[0]) < known[0] for e in exchanges)
    if early and "challenge" in learned.knobs:
        learned.set("short_expires", "reject-first", f"{len(early)} times 423 to a REGISTER without credentials")
    else:
        doubt = "" if waits else "; whether without credentials too, the capture does not say"
        learned.set("short_expires", "reject", f"{len(brief)} times 423 to a REGISTER with credentials{doubt}")
    learned.set("min_expires", known[0], "the Min-Expires of the first 423")
    steps = {later - earlier for earlier, later in pairwise(known)} - {0}
    if len(steps) == 1 and (step := next(iter(steps))) > 0:
        learned.set("min_expires_step", step, f"Min-Expires {', '.join(map(str, known[:4]))}")


def _leaving(exchanges: list[Exchange], learned: Learned) -> None:
    accepted: set[str] = set()
    for e in exchanges:
        nonce = "" if e.credentials is None else e.credentials.nonce or ""
        if is_unregister(e.request) and "challenge" in learned.knobs:
            if e.status == 200 and e.credentials is None:
                learned.set("unregister_challenge", "never", "a REGISTER that removed a binding had no credentials")
            elif e.status == 200 and nonce in accepted:
                learned.set("unregister_challenge", "usual", "a nonce that had been accepted was good to unregister")
            elif e.status in _CHALLENGED and nonce in accepted and learned.knobs.get("nonce_use") == "many":
                learned.set("unregister_challenge", "always", "a nonce good for refreshes was not good to unregister")
        if nonce and e.status == 200:
            accepted.add(nonce)


# -- the message -------------------------------------------------------------------------------------------------
def _message(exchanges: list[Exchange], learned: Learned) -> None:
    answers = [e.answer for e in exchanges if e.answer is not None]
    servers = list(dict.fromkeys(server for answer in answers if (server := answer.first("server"))))
    if len(servers) == 1:
        learned.set("server", servers[0], "the Server header")
    elif servers:
        learned.notes.append(f"{len(servers)} Server headers were used")
    done = [answer for answer in answers if answer.status == 200]
    for answer in done:
        routes = answer.headers.get("service-route")
        if routes:
            learned.set("service_route", tuple(routes), "the Service-Route of a 200")
        if any(tag.lower() == "path" for tag in answer.values("supported")) or answer.first("path"):
            learned.set("path", True, "a 200 says so")
    if not done:
        return
    fullest = max(done, key=lambda answer: len(answer.headers))
    names = [name.lower() for name, _ in fullest.fields()]
    learned.set("compact_headers", "v" in names, "the names in a 200")
    long = list(dict.fromkeys(LONG_NAMES.get(name, name) for name in names))
    known = [_USUAL_ORDER.index(name) for name in long if name in _USUAL_ORDER]
    if known != sorted(known):
        learned.set("header_order", tuple(map(printed_name, long)), "the order in a 200")


_RULES: tuple[Callable[[list[Exchange], Learned], None], ...] = (
    _challenge,
    _nonces,
    _refusals,
    _contacts,
    _grants,
    _leaving,
    _message,
)
"""In this order: a later one may look at what an earlier one learned."""
