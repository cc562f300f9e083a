"""A carrier on paper for the user agent: what it sends, and what it is answered."""

from __future__ import annotations

import random
from collections.abc import Callable

from mockregistrar.client import (
    ASTERISK_CHAN_SIP,
    Manners,
    Profile,
    Sent,
    UserAgent,
)
from mockregistrar.sip import digest
from mockregistrar.sip.digest import Credentials
from mockregistrar.sip.message import Request, parse, response

LOCAL = ("192.0.2.1", 5070)
CARRIER = ("192.0.2.9", 35060)
EPOCH = 1_700_000_000.0
HELLO = 'Digest realm="acme", nonce="n1", algorithm=MD5, qop="auth"'


class Carrier:
    """One user agent, and a script that plays the carrier to it. Both clocks start together."""

    def __init__(
        self, manners: Manners = ASTERISK_CHAN_SIP, *, seed: int = 4711, delays_first: bool = False, **profile: object
    ) -> None:
        told: dict[str, object] = {"user": "100", "secret": "s3cret", "host": CARRIER[0], "port": CARRIER[1]}
        self.profile = Profile(**{**told, **profile})  # type: ignore[arg-type]
        self.agent = UserAgent(self.profile, manners, LOCAL, random.Random(seed), delays_first=delays_first)
        self.now = 0.0
        self.carrier_now = EPOCH
        self.seen: list[Request] = []

    def call(self, method: Callable[[float, float], None]) -> None:
        method(self.now, self.carrier_now)

    def sent(self) -> Request:
        """Return the one request that the agent has put out."""
        octets = self.agent.outgoing()
        assert len(octets) == 1, octets
        request = parse(octets[0])
        assert isinstance(request, Request)
        request.check()
        self.seen.append(request)
        return request

    def credentials(self) -> Credentials:
        request = self.sent()
        value = request.first("authorization") or request.first("proxy-authorization")
        assert value is not None
        return Credentials.parse(value)

    def answer(self, status: int, *headers: tuple[str, str], to: Request | None = None, reason: str = "") -> None:
        octets = response(to or self.seen[-1], status, reason, to_tag="carrier", source=LOCAL, headers=headers)
        self.agent.receive(octets, self.now, self.carrier_now)

    def challenge(self, *values: str, status: int = 401) -> None:
        name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
        self.answer(status, *((name, value) for value in values or (HELLO,)))

    def grant(self, seconds: int) -> None:
        self.answer(200, ("Contact", f"<{self.agent.contact}>;expires={seconds}"))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.carrier_now += seconds
        self.call(self.agent.timer_fired)

    def events(self) -> list[object]:
        """Return what happened but for what was sent."""
        return [event for event in self.agent.events() if not isinstance(event, Sent)]

    def right(self, credentials: Credentials) -> bool:
        algorithm = credentials.algorithm or "MD5"
        secret = digest.ha1(algorithm, self.profile.digest_user, credentials.realm or "", self.profile.secret)
        return credentials.response == digest.expected_response(credentials, secret, "REGISTER")


def registered(manners: Manners = ASTERISK_CHAN_SIP, seconds: int = 120, **profile: object) -> Carrier:
    play = Carrier(manners, **profile)
    play.call(play.agent.register)
    play.sent()
    play.challenge()
    play.sent()
    play.grant(seconds)
    play.events()
    return play
