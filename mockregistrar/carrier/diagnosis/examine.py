"""Why was it refused? The verdict on one refusal, worked out when the answer is already sent.

Theory of operation. The carrier knows what the client does not say: the right password, the names that exist. So a
refusal that is decided in microseconds is looked into afterwards, by a generator that yields after each slice of at
most `SLICE` units of work (one unit is one MD5 guess, about two microseconds) and gives up after `BUDGET` units, about
15 ms. What it returns is a fact, or says that nothing was found: a digest is right or it is not, so a claim about a
password is never a guess.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from mockregistrar.carrier.access import Entry
from mockregistrar.carrier.diagnosis import words
from mockregistrar.carrier.diagnosis.misses import Candidate, Miss, candidates, difference, octets
from mockregistrar.carrier.diagnosis.names import nearest_name
from mockregistrar.carrier.diagnosis.probe import Probe, ingredients
from mockregistrar.carrier.diagnosis.whys import why
from mockregistrar.carrier.reasons import REASONS, Reason
from mockregistrar.sip.credentials import Credentials
from mockregistrar.sip.digest import ha1
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import Request

if TYPE_CHECKING:
    from mockregistrar.carrier.accounts import Account
    from mockregistrar.carrier.answer import Answer
    from mockregistrar.carrier.carrier import Carrier

BUDGET: Final = 8000
"""Units of work for one refusal."""
SLICE: Final = 1000
"""Units of work in one go, about two milliseconds."""
MOST_ACCOUNTS: Final = 1000
"""Accounts that are looked at for one refusal."""
_COSTS: Final = {"MD5": 1}
"""Units of one guess; two for the longer hashes."""
_RESPONSE_LENGTHS: Final = {"MD5": 32, "SHA-256": 64, "SHA-512-256": 64}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a refusal comes to."""

    because: str
    """The reason's slug; another than that of the refusal where the digest tells more."""
    how: str
    """What refines it; empty where nothing does."""
    sentence: str
    """What happened, without a full stop."""
    evidence: str = ""
    """How that is known."""
    cause: str = ""
    """Where it usually comes from."""
    fix: str = ""
    """What to do about it."""
    position: int | None = None
    """Where in the password or name it is, in code points from 1."""
    meant: str = ""
    """Name of the account that was probably meant, where the request names none."""


class Case:
    """One refusal, with what is needed to look into it."""

    __slots__ = ("account", "answer", "carrier", "credentials", "flow", "realm", "request")

    def __init__(self, carrier: Carrier, request: Request, flow: Flow, answer: Answer) -> None:
        self.carrier = carrier
        self.request = request
        self.flow = flow
        self.answer = answer
        self.account: Account | None = None
        if answer.account:
            try:
                self.account = carrier.accounts.named(answer.account)
            except LookupError:  # removed since
                self.account = None
        self.realm = _realm_for(request, carrier)
        """The realm that the request was challenged for."""
        self.credentials = _digest_of(request, self.realm)

    @property
    def aor(self) -> tuple[str, str]:
        """User and host that the request is about; empty where it does not say."""
        try:
            user, _, host = self.request.to_aor.rpartition("@")
        except ParseError:
            return "", ""
        return user, host

    @property
    def accounts(self) -> Iterator[Account]:
        """The carrier's accounts, the first thousand."""
        for account, _ in zip(self.carrier.accounts, range(MOST_ACCOUNTS), strict=False):
            yield account


def _realm_for(request: Request, carrier: Carrier) -> str:
    if carrier.settings.realm_rule == "aor":
        with contextlib.suppress(ParseError):
            return request.to.uri.host
    return carrier.realm


def _digest_of(request: Request, realm: str) -> Credentials | None:
    best: Credentials | None = None
    for value in (*request.headers.get("authorization", ()), *request.headers.get("proxy-authorization", ())):
        try:
            read = Credentials.parse(value)
        except ParseError:
            continue
        if read.scheme.lower() == "digest" and (best is None or (read.realm == realm and best.realm != realm)):
            best = read
    return best


Work = Generator[int, None, Diagnosis]
"""Yields the units of work done since the last time, at most `SLICE`; returns the diagnosis."""


def examine(case: Case) -> Work:
    """Look into one refusal."""
    because = case.answer.because
    assert because is not None, "only what was refused is looked into"
    examiner = _EXAMINERS.get(because)
    found = yield from (_as_told(case) if examiner is None else examiner(case))
    if case.answer.status is None and because not in (Reason.FAULT, Reason.OUTAGE):  # which say so themselves
        found = replace(found, sentence=f"left unanswered: {found.sentence}")
    return found


def _made(
    because: Reason | str,
    how: str,
    sentence: str,
    *,
    evidence: str = "",
    miss: Miss | None = None,
    meant: Account | None = None,
) -> Diagnosis:
    slug = str(because)
    cause, fix = why(slug, how)
    position = None if miss is None else miss.position
    return Diagnosis(slug, how, sentence, evidence, cause, fix, position, "" if meant is None else meant.name)


def _as_told(case: Case) -> Work:
    """Say what the refusal says already, with cause and fix."""
    yield 1
    answer = case.answer
    because = str(answer.because)
    how, sentence = "", answer.detail or REASONS[because]
    if answer.because is Reason.IP_NOT_ALLOWED and case.carrier.access.denied(case.flow.remote[0]):
        how = "denied"
    fault = _FAULT.match(sentence)
    if fault is not None and answer.because is Reason.ACCOUNT_SUSPENDED:
        sentence = f"the account is suspended by the fault `{fault[1]}`"
    elif fault is not None:
        done = "kept it from being answered" if answer.status is None else f"answered it {answer.status}"
        sentence = f"the fault `{fault[1]}` {done}"
    return _made(because, how, sentence)


_FAULT: Final = re.compile(r"fault \d+: (.+)", re.DOTALL)


# --- passwords


def _wrong_password(case: Case) -> Work:
    account, read = case.account, case.credentials
    if account is None and read is not None:  # it registers another than it logs in as
        account = case.carrier.accounts.find_by_auth_user(read.username or "", case.aor[1])
    if account is None or read is None:
        return (yield from _as_told(case))
    if case.account is not None and (read.username or "") != account.auth_user:  # that of another account
        return (yield from _wrong_auth_user(case))
    probe = Probe(read, case.request.method, case.request.body)
    secret = account.spec.secret
    wanted = _RESPONSE_LENGTHS[probe.algorithm.removesuffix("-sess")]
    if len(read.response or "") != wanted:
        other = None if secret is None else _other_ingredient(case, account, read, secret)
        yield 60
        if other is not None:  # the length of the algorithm that was really used
            return other
        sentence = f"the response has {len(read.response or '')} characters, {probe.algorithm} makes {wanted}"
        return _made(Reason.WRONG_PASSWORD, "response-length", sentence)
    if secret is None:
        return (yield from _against_hash(case, account, probe))
    if probe.password(octets(secret)):
        yield 1
        sentence = "the password is the account's own as it is now; it was another one when the request came"
        return _made(Reason.WRONG_PASSWORD, "changed-meanwhile", sentence)
    other = _other_ingredient(case, account, read, secret)
    yield 60
    if other is not None:
        return other
    tried = 60
    cost = _COSTS.get(probe.algorithm, 2)
    for guesses in (_likely(case, account, secret), candidates(secret)):
        while tried < BUDGET:
            found, number = probe.first(guesses, min(SLICE, BUDGET - tried) // cost)
            tried += number * cost
            yield number * cost
            if found is not None:
                return _missed(Miss(*found[1:]))
            if number < SLICE // cost:
                break
    sentence = "wrong password, no near miss found"
    evidence = f"{tried // cost} usual mistakes were tried"
    if tried >= BUDGET:
        evidence += "; the rest was not, to leave the carrier its time"
    return _made(Reason.WRONG_PASSWORD, "", sentence, evidence=f"{evidence}.")


def _missed(miss: Miss) -> Diagnosis:
    evidence = "A digest made with that is just the one that came."
    return _made(Reason.WRONG_PASSWORD, miss.how, f"wrong password, {words.told(miss)}", evidence=evidence, miss=miss)


def _likely(case: Case, account: Account, secret: str) -> Iterator[Candidate]:
    """Yield what stands in a password's place though it is no misspelt password."""
    spec, read = account.spec, case.credentials
    user = account.auth_user
    for name in dict.fromkeys((spec.user, user, *(f"{n}@{case.aor[1]}" for n in (spec.user, user)))):
        yield octets(name), "user-as-password", None, name, ""
    for name in dict.fromkeys((spec.user, user)):
        for between in (":", "/", " "):
            yield octets(f"{name}{between}{secret}"), "user-and-password", None, "", ""
            yield octets(f"{secret}{between}{name}"), "user-and-password", None, "", ""
    realm = (read.realm if read is not None else None) or ""
    algorithms = dict.fromkeys(("MD5", "SHA-256"))
    for algorithm in algorithms:
        hashed = ha1(algorithm, user, realm, secret)
        yield octets(hashed), "hash-as-password", None, "", ""
        yield octets(hashed.upper()), "hash-as-password", None, "", ""
    for other in case.accounts:
        if other is not account and other.spec.secret is not None and other.spec.secret != secret:
            yield octets(other.spec.secret), "other-account", None, other.name, ""


def _against_hash(case: Case, account: Account, probe: Probe) -> Work:
    """Look into a digest of an account of which only the hash is known."""
    yield 20
    known = account.ha1_for(probe.algorithm, case.realm) or ""
    if probe.password(octets(known)):
        miss = Miss("hash-as-password")
        return _made(Reason.WRONG_PASSWORD, miss.how, f"wrong password, {words.told(miss)}", miss=miss)
    tried = 0
    guesses = (
        (octets(o.spec.secret), "other-account", None, o.name, "")
        for o in case.accounts
        if o is not account and o.spec.secret is not None
    )
    found, tried = probe.first(guesses, SLICE)
    yield tried
    if found is not None:
        return _missed(Miss(*found[1:]))
    evidence = "The carrier has only the hash of this account's password, so near misses cannot be tried."
    return _made(Reason.WRONG_PASSWORD, "", "wrong password", evidence=evidence)


_PART_REASONS: Final = {
    "user": Reason.WRONG_AUTH_USER,
    "realm": Reason.WRONG_REALM,
    "uri": Reason.DIGEST_URI_MISMATCH,
    "method": Reason.DIGEST_URI_MISMATCH,
    "qop": Reason.QOP_MISMATCH,
    "nc": Reason.QOP_MISMATCH,
    "cnonce": Reason.QOP_MISMATCH,
    "algorithm": Reason.ALGORITHM_NOT_OFFERED,
}


def _other_ingredient(case: Case, account: Account, read: Credentials, secret: str) -> Diagnosis | None:
    """Return the diagnosis of a digest made with the right password and something else that is wrong."""
    user, host = case.aor
    spec, carrier = account.spec, case.carrier
    names = (spec.user, account.auth_user, user, f"{user}@{host}", f"{account.auth_user}@{host}", "", "anonymous")
    realms = (case.realm, "", *carrier.settings.domains, host, f'"{case.realm}"', "*", "asterisk", user)
    uris: tuple[str, ...] = (case.request.uri, f"sip:{host}", f"sip:{user}@{host}", f"sip:{case.realm}", "", host)
    uris += tuple(f"sip:{n}" for n in (f"{case.flow.local[0]}:{case.flow.local[1]}", case.flow.local[0]))
    found = ingredients(read, secret, case.request.method, users=names, realms=realms, uris=uris)
    if found is None:
        probe = Probe(read, case.request.method, case.request.body)
        if probe.ha1(secret):
            miss = Miss("password-as-hash")
            return _made(Reason.WRONG_PASSWORD, miss.how, f"wrong password, {words.told(miss)}", miss=miss)
        return None
    part, other = found
    sent = {"user": read.username, "realm": read.realm, "uri": read.uri, "method": case.request.method}.get(part)
    sent = sent if sent is not None else {"nc": read.nc, "cnonce": read.cnonce, "qop": read.qop}.get(part)
    said = read.algorithm or "MD5" if part == "algorithm" else sent
    over = f"over {part} `{other}`" if other else f"over an empty {part}"
    if part == "qop":
        over = "without qop" if read.qop is not None else f"with qop `{other}`"
    sent_text = f"`{said}` was sent" if said else "none was sent"
    sentence = f"the password is right, but the digest was made {over}, and {sent_text}"
    evidence = "Made over that, with the right password, the digest is the one that came."
    return _made(_PART_REASONS[part], "digest", sentence, evidence=evidence)


# --- names


def _password_of(case: Case, account: Account, *, realm: str | None = None) -> str:
    """Return whether the digest was made with the password of an account, as a sentence; empty where it cannot tell."""
    read, secret = case.credentials, account.spec.secret
    if read is None or secret is None:
        return ""
    try:
        right = Probe(read, case.request.method, case.request.body, realm=realm).password(octets(secret))
    except ValueError:
        return ""
    return "The password is right." if right else "The password is another, too."


def _unknown_user(case: Case) -> Work:
    yield 1
    user, host = case.aor
    accounts = list(case.accounts)
    for account in accounts:
        if account.spec.user == user:
            sentence = f"no account `{user}` in `{host}`; there is one in `{account.spec.domain}`"
            return _made(
                Reason.UNKNOWN_USER, "other-domain", sentence, evidence=_password_of(case, account), meant=account
            )
    yield len(accounts) // 8 + 1
    for account in accounts:
        if account.auth_user == user:
            sentence = f"`{user}` is the auth user of account `{account.name}`, not its user"
            return _made(
                Reason.UNKNOWN_USER, "auth-user-sent", sentence, evidence=_password_of(case, account), meant=account
            )
    first = user.partition("@")[0]
    if first != user:
        for account in accounts:
            if account.spec.user == first:
                sentence = f"the user is `{user}`; the account is `{first}`, without the domain"
                return _made(
                    Reason.UNKNOWN_USER, "domain-in-user", sentence, evidence=_password_of(case, account), meant=account
                )
    host = case.flow.remote[0]
    owners = case.carrier.accounts.owners(host, case.carrier.access.access)
    by_name = {account.spec.user: account for account in owners or accounts}
    found, spent = None, 0
    names = list(by_name)
    for start in range(0, len(names), 50):
        near = nearest_name(user, names[start : start + 50])
        spent += 500
        yield 500
        if near is not None and (found is None or (near[1] is not None and found[1] is None)):
            found = near
        if (found is not None and found[1] is not None) or spent >= BUDGET:
            break
    if owners or case.carrier.access.decide(None, host)[0] is Entry.TRUSTED:
        return _of_address(user, host, owners, found, by_name)
    if found is None:
        sentence = f"no account `{user}`" if user else "the request names no user"
        return _made(Reason.UNKNOWN_USER, "", sentence + (f"; there are {_few(names)}" if names else ""))
    name, miss = found
    said = f": {words.told(miss, 'the account has')}" if miss is not None else ""
    return _made(
        Reason.UNKNOWN_USER,
        "" if miss is None else miss.how,
        f"no account `{user}`; did you mean `{name}`{'?' if not said else ''}{said}",
        evidence=_password_of(case, by_name[name]),
        miss=miss,
        meant=by_name[name],
    )


def _of_address(
    user: str, host: str, owners: list[Account], found: tuple[str, Miss | None] | None, by_name: dict[str, Account]
) -> Diagnosis:
    """Return the diagnosis of a user that is unknown, from an address that needs no password."""
    sentence = f"no account `{user}`" if user else "the request names no user"
    whose = f"for {_few(list(by_name))}" if owners else "for every account"
    sentence += f", and {host} is allowed {whose}"
    name, miss = found or ("", None)
    if name:
        sentence += f"; did you mean `{name}`" + (f": {words.told(miss, 'the account has')}" if miss else "?")
    meant = by_name.get(name) or (owners[0] if len(owners) == 1 else None)
    return _made(
        Reason.UNKNOWN_USER, "address-is-allowed", sentence,
        evidence=f"No password is asked for from {host}.", miss=miss, meant=meant,
    )  # fmt: skip


def _few(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _wrong_auth_user(case: Case) -> Work:
    yield 1
    read, account = case.credentials, case.account
    user, host = case.aor
    account = account or case.carrier.accounts.find(user, host)
    if read is None or account is None:
        return (yield from _as_told(case))
    sent, expected = read.username or "", account.auth_user
    evidence = _password_of(case, account)
    text = f"`{user}` logs in as `{expected}`, the digest user name is `{sent}`" if sent else ""
    text = text or f"`{user}` logs in as `{expected}`, the digest has no user name"
    if sent == account.spec.user:
        return _made(Reason.WRONG_AUTH_USER, "user-sent", text, evidence=evidence)
    if sent.partition("@")[0] in (expected, account.spec.user) and "@" in sent:
        return _made(Reason.WRONG_AUTH_USER, "domain-in-user", text, evidence=evidence)
    other = case.carrier.accounts.find_by_auth_user(sent, host)
    if other is not None and other is not account:
        text += f", the auth user of `{other.name}`"
        return _made(Reason.WRONG_AUTH_USER, "other-account", text, evidence=evidence)
    yield SLICE
    return _differing(Reason.WRONG_AUTH_USER, sent, expected, text, evidence, "the account has")


def _wrong_realm(case: Case) -> Work:
    yield 1
    read = case.credentials
    if read is None:
        return (yield from _as_told(case))
    sent, expected = read.realm or "", case.realm
    host = case.aor[1]
    owner = case.carrier.accounts.find_by_auth_user(read.username or "", host) or case.account
    evidence = "" if owner is None else _password_of(case, owner)
    text = f"the credentials are for realm `{sent}`, the challenge was for `{expected}`"
    if not sent:
        return _made(Reason.WRONG_REALM, "empty", text.replace("realm ``", "an empty realm"), evidence=evidence)
    if sent in (*case.carrier.settings.domains, host):
        return _made(Reason.WRONG_REALM, "domain-as-realm", text, evidence=evidence)
    yield SLICE
    return _differing(Reason.WRONG_REALM, sent, expected, text, evidence)


def _differing(because: Reason, sent: str, expected: str, text: str, evidence: str, *whose: str) -> Diagnosis:
    """Return what is said of a name that was sent in place of another: how the one was made of the other, if it was."""
    miss = difference(sent, expected)
    if miss is None:
        return _made(because, "", text, evidence=evidence)
    return _made(because, miss.how, f"{text}: {words.told(miss, *whose)}", evidence=evidence, miss=miss)


def _third_party(case: Case) -> Work:
    yield 1
    account, user = case.account, case.aor[0]
    if account is not None and user == account.auth_user:
        text = f"`{user}` is the auth user of account `{account.name}`, and stands where its user belongs"
        return _made(Reason.THIRD_PARTY_REGISTRATION, "auth-user-sent", text, evidence="The password is right.")
    name = "" if case.credentials is None else case.credentials.username
    text = f"`{name}` logged in, but registers `{'@'.join(case.aor)}`"
    return _made(Reason.THIRD_PARTY_REGISTRATION, "", text, evidence=f"The password is that of `{name}`.")


def _wrong_domain(case: Case) -> Work:
    yield 1
    try:
        host = case.request.request_uri.host
    except ParseError:
        host = case.aor[1]
    host = host if not case.carrier.serves(host) else case.aor[1]
    domains = case.carrier.settings.domains
    near = nearest_name(host, domains)
    yield SLICE
    whole = next((d for d in domains if f".{d}".endswith(f".{host}") or f".{host}".endswith(f".{d}")), "")
    if whole and "." in host:
        return _made(Reason.WRONG_DOMAIN, "part-of-it", f"`{host}` is not served here, `{whole}` is")
    if near is None:
        how = "address" if host.startswith("[") or host.replace(".", "").isdigit() else ""
        served = ", ".join(f"`{domain}`" for domain in domains)
        sentence = f"`{host}` is not served here, only {served} and the carrier's own addresses"
        return _made(Reason.WRONG_DOMAIN, how, sentence)
    name, miss = near
    said = f": {words.told(miss)}" if miss is not None else ""
    how = "" if miss is None else miss.how
    return _made(Reason.WRONG_DOMAIN, how, f"`{host}` is not served here, `{name}` is{said}", miss=miss)


# --- the digest's other parts


def _no_credentials(case: Case) -> Work:
    yield 1
    headers, status = case.request.headers, case.carrier.settings.challenge
    fields = ("Authorization", "Proxy-Authorization")
    right, wrong = fields if status == "401" else fields[::-1]
    if right.lower() not in headers and wrong.lower() in headers:
        sentence = f"the challenge was a {status}, and the answer came as {wrong}"
        return _made(Reason.NO_CREDENTIALS, "wrong-header", sentence)
    if right.lower() in headers:
        scheme = headers[right.lower()][0].split(" ", 1)[0]
        return _made(Reason.NO_CREDENTIALS, "not-digest", f"the client sent `{scheme}` credentials, not Digest")
    return _made(Reason.NO_CREDENTIALS, "gave-up", "challenged, the client sent the same again without credentials")


def _nonce(case: Case) -> Work:
    yield 1
    read, answer = case.credentials, case.answer
    how, sentence = "", answer.detail
    if read is not None and answer.because is Reason.NONCE_REPLAYED:
        how = "count-reset" if (read.nc or "").lstrip("0") in ("", "1") else ""
    if read is not None and answer.because is Reason.NONCE_FOREIGN:
        algorithm = read.algorithm or "MD5"
        if case.carrier.nonces.was_ours(read.nonce or "", case.realm, algorithm):
            how, sentence = "before-restart", "the digest is right, but the nonce is from before the carrier's restart"
    return _made(str(answer.because), how, sentence)


_Examiner = Callable[[Case], Work]
_EXAMINERS: Final[dict[Reason, _Examiner]] = {
    Reason.WRONG_PASSWORD: _wrong_password,
    Reason.UNKNOWN_USER: _unknown_user,
    Reason.WRONG_AUTH_USER: _wrong_auth_user,
    Reason.WRONG_REALM: _wrong_realm,
    Reason.WRONG_DOMAIN: _wrong_domain,
    Reason.THIRD_PARTY_REGISTRATION: _third_party,
    Reason.NO_CREDENTIALS: _no_credentials,
    Reason.NONCE_FOREIGN: _nonce,
    Reason.NONCE_REPLAYED: _nonce,
}
