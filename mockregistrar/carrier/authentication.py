"""Who is asking? Challenges, and the check of the credentials that come back (:rfc:`3261` 22, :rfc:`8760`).

Theory of operation: the digest is always computed, for an unknown user with a hash of nobody's password, so that
an unknown user and a wrong password cost the same time and get the same answer. Every shortcoming is then
weighed in an order that tells the tester the *first* cause: credentials for another realm before a wrong
algorithm before a wrong user before a wrong password; the nonce comes last, since only a right digest may be
told that its nonce is stale.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import NamedTuple

from mockregistrar.carrier.accounts import Account, Accounts
from mockregistrar.carrier.nonces import Nonces, NonceState
from mockregistrar.carrier.reasons import Reason
from mockregistrar.carrier.settings import CarrierSettings
from mockregistrar.sip.credentials import digest_fields
from mockregistrar.sip.digest import Credentials, digest_response, ha1, ha2
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.message import Request
from mockregistrar.sip.uri import Uri

_LONGEST_KEPT = 256
"""Characters of a URI that is remembered: 256 of the longest make no more than 64 kB."""
_NC = re.compile(r"[0-9a-fA-F]{8}\Z")
_FIRST = "00000001"


class Verdict(NamedTuple):
    """The outcome of an authentication: an account that proved itself, or why not."""

    account: Account | None
    because: Reason | None = None
    detail: str = ""
    stale: bool = False
    username: str = ""
    status: int = 401
    """Status of the refusal where it is not a plain new challenge."""


_NO_CREDENTIALS = Verdict(None)


def _none_if(account: Account | None, verdict: Verdict) -> Verdict | None:
    """Return None where `account` proved itself, the verdict otherwise."""
    return None if verdict.account is not None and verdict.account is account else verdict


class Authenticator:
    """Challenges and verifies for one carrier. Times are carrier time in seconds."""

    def __init__(
        self,
        settings: CarrierSettings,
        realm: str,
        accounts: Accounts,
        nonces: Nonces,
        is_us: Callable[[str], bool],
    ) -> None:
        """`is_us` says whether a host is a name or an address of this carrier."""
        self.realm = realm
        self._is_us = is_us
        self._accounts = accounts
        self._nonces = nonces
        self._algorithms = settings.algorithms
        self._offered = {a.lower(): a for a in settings.algorithms}
        self._plain = frozenset(a for a in settings.algorithms if "auth" in settings.qop)
        self._qops = () if settings.qop == ("none",) else settings.qop
        self._proxy = settings.challenge == "407"
        self._field = "Proxy-Authenticate" if self._proxy else "WWW-Authenticate"
        self._stale = ", stale=true" if settings.stale else ""
        self._dummy_ha1 = {a: ha1(a, "nobody", realm, "\0") for a in settings.algorithms}
        quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
        qop = f', qop="{",".join(self._qops)}"' if self._qops else ""
        named = {"token": ", algorithm={}", "quoted": ', algorithm="{}"', "omitted": ""}[settings.algorithm_form]
        self._challenges = [
            (a, f'Digest realm="{quoted}", nonce="', f'"{named.format(a)}{qop}') for a in self._algorithms
        ]
        self._ha2_cache: dict[tuple[str, str, str], str] = {}

    def challenge(self, now: float, *, stale: bool = False) -> list[tuple[str, str]]:
        """Return the fields of a challenge, one for each algorithm, in the configured order."""
        end = self._stale if stale else ""
        issue, realm, field = self._nonces.issue, self.realm, self._field
        return [(field, head + issue(now, realm, algorithm) + tail + end) for algorithm, head, tail in self._challenges]

    def verify(
        self, request: Request, aor_user: str, aor_host: str, account: Account | None, now: float
    ) -> Verdict | None:
        """Check the credentials in `request`, which is about `account`, that of `aor_user`@`aor_host`.

        Returns None when the account proved itself; else whose credentials they are, or what is wrong with them.
        Raises `ParseError` when a field cannot be read at all.
        """
        values = request.headers.get("proxy-authorization") if self._proxy else request.credentials
        if not values:
            return _NO_CREDENTIALS if not self._proxy else self._none_for_407(request)
        if len(values) > 1:
            return _none_if(account, self._judge(self._pick(values), request, aor_user, aor_host, now))
        # The usual shape, judged in a few steps. What is unusual in any way is judged step by step below; an
        # unknown user takes this way too, and so the same time as a wrong password.
        username, realm, nonce, uri, response, algorithm, cnonce, nc, qop, _ = digest_fields(values[0])
        algorithm = algorithm or "MD5"
        if (
            qop == "auth"
            and realm == self.realm
            and uri == request.uri
            and algorithm in self._plain
            and cnonce
            and nc is not None
            and (nc == _FIRST or _NC.match(nc))
        ):
            nonce, username = nonce or "", username or ""
            if account is not None:
                usual = username == account.auth_user
                known = account.ha1_for(algorithm, realm)
            else:
                usual = self._accounts.find_by_auth_user(username, aor_host) is None
                known = None
            if usual:
                first = known or self._dummy_ha1[algorithm]
                second = self._ha2(algorithm, request.method, uri)
                expected = digest_response(algorithm, first, second, nonce, nc, cnonce, "auth")
                if known is None or (expected != response and expected != (response or "").lower()):
                    because, detail = self._blame(account, username, aor_user, aor_host, algorithm)
                    return Verdict(None, because, detail, username=username)
                if self._nonces.accept(nonce, 1 if nc == _FIRST else int(nc, 16), now, realm, algorithm):
                    return None
        return _none_if(account, self._judge(self._pick(values), request, aor_user, aor_host, now))

    @staticmethod
    def _none_for_407(request: Request) -> Verdict:
        """Tell a client that answers a 407 as if it were a 401."""
        if not request.credentials:
            return _NO_CREDENTIALS
        detail = "there is an Authorization field; a 407 is answered with Proxy-Authorization"
        return Verdict(None, Reason.NO_CREDENTIALS, detail)

    def _judge(
        self, credentials: Credentials | None, request: Request, aor_user: str, aor_host: str, now: float
    ) -> Verdict:
        """Weigh everything in the order that names the first cause."""
        if credentials is None:
            return Verdict(None, Reason.NO_CREDENTIALS, "the Authorization field is not of the Digest scheme")
        username = credentials.username or ""
        if credentials.realm != self.realm:
            detail = f"the credentials are for realm {credentials.realm!r}, the challenge was for {self.realm!r}"
            return Verdict(None, Reason.WRONG_REALM, detail, username=username)
        algorithm = self._offered.get((credentials.algorithm or "MD5").lower())
        if algorithm is None:
            detail = f"algorithm {credentials.algorithm or 'MD5'!r} was not offered, only {', '.join(self._algorithms)}"
            return Verdict(None, Reason.ALGORITHM_NOT_OFFERED, detail, username=username)
        shortcoming = self._qop_shortcoming(credentials, algorithm)
        if shortcoming:
            return Verdict(None, Reason.QOP_MISMATCH, shortcoming, username=username)
        uri_mismatch = self._uri_mismatch(credentials.uri or "", request)
        if uri_mismatch:
            return Verdict(None, Reason.DIGEST_URI_MISMATCH, uri_mismatch, username=username, status=400)
        own = self._accounts.find(aor_user, aor_host)  # several accounts may log in under one name
        account = own if own is not None and own.auth_user == username else None
        account = account or self._accounts.find_by_auth_user(username, aor_host)
        if not self._digest_right(credentials, algorithm, account, request):
            because, detail = self._blame(account, username, aor_user, aor_host, algorithm)
            return Verdict(None, because, detail, username=username)
        return self._weigh_nonce(credentials, algorithm, account, now, username)

    def _pick(self, values: list[str]) -> Credentials | None:
        """Return the Digest credentials for our realm and an algorithm of ours, else the nearest to them, else None."""
        best, best_worth = None, -1
        for value in values:
            credentials = Credentials.parse(value)
            if credentials.scheme.lower() != "digest":
                continue
            ours = credentials.realm == self.realm
            worth = ours + (ours and (credentials.algorithm or "MD5").lower() in self._offered)
            if worth > best_worth:
                best, best_worth = credentials, worth
        return best

    def _qop_shortcoming(self, credentials: Credentials, algorithm: str) -> str:
        qop = credentials.qop
        if qop is None:
            # A client of RFC 2069 knows no qop. RFC 2617 3.2.1 and 3.2.2 let it in where integrity is not what is asked
            # for, and pyVoIP is one; its nonce ages, and has no count to be replayed.
            if self._qops and "auth" not in self._qops:
                return "the challenge asked for qop=auth-int and the credentials have none"
            if algorithm.endswith("-sess") and not credentials.cnonce:
                return f"{algorithm} needs a cnonce"
            return ""
        if qop.lower() not in self._qops:
            offered = " or ".join(self._qops) or "no qop at all"
            return f"qop {qop!r} was not offered, but {offered}"
        if not credentials.cnonce:
            return "the credentials have a qop but no cnonce"
        if not credentials.nc:
            return "the credentials have a qop but no nc"
        if not _NC.match(credentials.nc):
            return f"nc {credentials.nc!r} is not eight hexadecimal digits"
        return ""

    def _uri_mismatch(self, digest_uri: str, request: Request) -> str:
        """Say what differs when the digest is for another resource.

        Another port or parameter is none, and so is another name of this carrier: SIPp hashes over the address it
        sends to, whatever the Request-URI says.
        """
        if digest_uri == request.uri:
            return ""
        try:
            ours, theirs = request.request_uri, Uri.parse(digest_uri)
        except ParseError:
            return f"the digest uri {digest_uri!r} is not a URI"
        if (ours.scheme, ours.unescaped_user) == (theirs.scheme, theirs.unescaped_user) and (
            ours.host.lower() == theirs.host.lower() or self._is_us(theirs.host)
        ):
            return ""
        return f"the digest uri is {digest_uri!r}, the request goes to {request.uri!r}"

    def _digest_right(
        self, credentials: Credentials, algorithm: str, account: Account | None, request: Request
    ) -> bool:
        known = account.ha1_for(algorithm, self.realm) if account is not None else None
        qop, uri = credentials.qop, credentials.uri or ""
        if qop is not None and qop.lower() == "auth-int":
            second = ha2(algorithm, request.method, uri, request.body)
        else:
            second = self._ha2(algorithm, request.method, uri)
        expected = digest_response(
            algorithm,
            known if known is not None else self._dummy_ha1[algorithm],
            second,
            credentials.nonce or "",
            credentials.nc,
            credentials.cnonce,
            qop,
        )
        got = (credentials.response or "").lower().encode("utf-8", "surrogateescape")
        return hmac.compare_digest(expected.encode(), got) and known is not None

    def _ha2(self, algorithm: str, method: str, uri: str) -> str:
        """Return H(method:uri), which most requests of a carrier share."""
        key = (algorithm, method, uri)
        cached = self._ha2_cache.get(key)
        if cached is None:
            if len(self._ha2_cache) >= 256:
                self._ha2_cache.clear()
            cached = ha2(algorithm, method, uri, None)
            if len(uri) <= _LONGEST_KEPT:
                self._ha2_cache[key] = cached
        return cached

    def _blame(
        self, account: Account | None, username: str, aor_user: str, aor_host: str, algorithm: str
    ) -> tuple[Reason, str]:
        if account is None:
            owner = self._accounts.find(aor_user, aor_host)
            if owner is None:
                return Reason.UNKNOWN_USER, f"no account logs in as {username!r}"
            expected = owner.spec.effective_auth_user
            return Reason.WRONG_AUTH_USER, f"{aor_user!r} logs in as {expected!r}, the digest user name is {username!r}"
        if account.ha1_for(algorithm, self.realm) is None:
            return Reason.ALGORITHM_NOT_OFFERED, f"the account has no {algorithm} hash, so no digest can be right"
        return Reason.WRONG_PASSWORD, f"the digest of {username!r} was made with another password"

    def _weigh_nonce(
        self, credentials: Credentials, algorithm: str, account: Account | None, now: float, username: str
    ) -> Verdict:
        nonce = credentials.nonce or ""
        state = self._nonces.check(nonce, now, self.realm, algorithm)
        if state is NonceState.FOREIGN:
            return Verdict(
                None, Reason.NONCE_FOREIGN, "the digest is right, but the nonce is not one of ours", True, username
            )
        if state is NonceState.STALE:
            detail = f"the digest is right, but the nonce is older than {self._nonces.ttl:g} s"
            return Verdict(None, Reason.NONCE_STALE, detail, True, username)
        if credentials.qop is not None and not self._nonces.use(nonce, int(credentials.nc or "0", 16)):
            detail = f"the digest is right, but nc {credentials.nc} was used before with this nonce"
            return Verdict(None, Reason.NONCE_REPLAYED, detail, True, username)
        return Verdict(account, username=username)
