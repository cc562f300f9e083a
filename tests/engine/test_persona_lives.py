"""A built-in client's life at each persona: register, refresh, unregister; or the trouble it is known for."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from test_client_and_carrier import EPOCH, Pair, of

from mockregistrar import PERSONAS
from mockregistrar.client import MANNERS, Failed, Refreshed, Registered, Unregistered, UserAgent

LATER = {"503-retry-after", "503-bare"}
"""Personas at which a login succeeds at the second try."""
TROUBLE = {
    "rfc3261": {"403-then-fine": 403, "grant-zero": 200},
    "asterisk-pjsip": {"403-then-fine": 403, "grant-zero": 200},
    "asterisk-chan_sip": {"403-then-fine": 403, "sha256-only": 401, "quoted-algorithm": 401, "423-moving": 423},
}
"""Manners, and the personas at which they never come up, with the status that they end on."""


class Life(Pair):
    """A client and a carrier whose timers are fired in their order."""

    def __init__(self, manners: str, **settings: object) -> None:
        super().__init__(manners, "udp", 1, **settings)
        self.happened: list[object] = []

    def run(self) -> list[object]:
        """Hand everything over, and what comes late when its time has come."""
        happened = super().run()
        while self.carrier.late is not None and (due := self.carrier.late.next_timer()) is not None:
            self.now = max(self.now, due)
            self.client.timer_fired(self.now, EPOCH + self.now)
            self.carrier.timer_fired(self.now)
            happened += super().run()
        return happened

    def register(self, tries: int) -> None:
        self.client.register(self.now, EPOCH + self.now)
        self.happened += self.run()
        while not of(Registered, self.happened) and tries > 1:
            due = self.client.next_timer()
            if due is None:
                return
            self.now = max(self.now, due)
            self.client.timer_fired(self.now, EPOCH + self.now)
            self.happened += self.run()
            tries -= 1

    def refresh(self) -> list[object]:
        due = self.client.next_refresh()
        assert due is not None
        self.now = due - EPOCH
        self.carrier.timer_fired(self.now)
        assert self.bound() == 1, "the client comes after the lapse"
        self.client.timer_fired(self.now, due)
        return self.run()

    def unregister(self) -> list[object]:
        self.client.unregister(self.now, EPOCH + self.now)
        return self.run()


@pytest.mark.parametrize("manners", TROUBLE)
@pytest.mark.parametrize("persona", PERSONAS)
def test_a_life_at_every_persona(manners: str, persona: str) -> None:
    life = Life(manners, persona=persona)
    trouble = TROUBLE[manners].get(persona)
    life.register(tries=4)
    failures = of(Failed, life.happened)
    assert life.carrier.trace.counters().internal_errors == 0
    if trouble is not None:
        assert not of(Registered, life.happened)
        assert {failure.status for failure in failures} == {trouble}
        return
    assert len(of(Registered, life.happened)) == 1
    assert [failure.status for failure in failures if failure.status != 423] == [503] * (persona in LATER)
    assert len(of(Refreshed, life.refresh())) == 1
    assert len(of(Unregistered, life.unregister())) == 1
    assert life.bound() == 0
    assert life.carrier.trace.counters().internal_errors == 0


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_dressed_responses_are_read_over_a_stream(transport: str) -> None:
    pair = Pair("rfc3261", transport, 7, persona=["compact-headers", "shuffled-headers"])
    pair.client.register(0.0, EPOCH)
    assert of(Registered, pair.run())
    octets = [m.data for m in pair.carrier.trace.messages(direction="out")]
    assert octets
    for data in octets:
        names = [line.partition(b":")[0] for line in data.split(b"\r\n")[1:-2]]
        assert b"v" in names
        assert b"Via" not in names
        assert names.index(b"v") > names.index(b"f") > names.index(b"t") > names.index(b"i")
        assert names[-1] == b"l"


def test_what_is_malformed_is_answered_in_the_same_dress() -> None:
    pair = Pair("rfc3261", "udp", 1, persona="compact-headers")
    pair.carrier.receive(
        b"REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\n"
        b"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
        pair.flow,
        0.0,
    )
    (answer,) = pair.carrier.outgoing()
    assert answer.data.startswith(b"SIP/2.0 400 ")
    assert b"\r\nv: SIP/2.0/UDP h" in answer.data


@pytest.mark.parametrize(
    "persona", ["two-challenges-md5-first", "two-challenges-sha256-first", "sha256-only", "strict"]
)
def test_two_challenges_break_baresip(persona: str) -> None:
    life = Life("baresip", persona=persona)
    life.register(tries=2)
    assert {failure.status for failure in of(Failed, life.happened)} == {401}
    assert life.bound() == 0


def test_a_wrong_password_locks_the_account_out() -> None:
    life = Life("rfc3261", persona="lock-out")
    right = life.client.profile
    for secret in ("wrong", "wrong", "wrong", right.secret):
        profile = replace(right, secret=secret)
        life.client = UserAgent(
            profile, MANNERS["rfc3261"], ("127.0.0.1", 40000), random.Random(secret + str(life.now))
        )
        life.now += 1.0
        life.happened = []
        life.register(tries=1)
    assert [failure.status for failure in of(Failed, life.happened)] == [403]
    refusals = [refusal.because for refusal in life.carrier.trace.refusals(None)]
    assert refusals == ["wrong-password"] * 3 + ["locked-out"]
