"""The plain good citizen of the RFCs: what the user agent does with manners `rfc3261`."""

from __future__ import annotations

import pytest
from client_stage import HELLO, Carrier, registered

from mockregistrar.client import (
    RFC3261,
    Failed,
    Manners,
    Refreshed,
    Registered,
    RetryRule,
    TimedOut,
    Unregistered,
    states,
)
from mockregistrar.sip import digest
from mockregistrar.sip.challenge import Challenge
from mockregistrar.sip.digest import Credentials

# --- a good citizen ----------------------------------------------------------------------------------------


def test_good_citizen_logs_in():
    play = Carrier(RFC3261, user="tr unk", transport="tls", port=5061, domain="acme")
    play.call(play.agent.register)
    first = play.sent()
    assert first.uri == "sip:acme"
    assert (first.first("via") or "").endswith(";rport")
    assert first.first("to") == "<sip:tr%20unk@acme>"
    assert first.first("contact") == "<sip:s@192.0.2.1:5070;transport=tls>"
    assert first.first("cseq") == "1 REGISTER"
    play.challenge()
    second = play.sent()
    assert second.from_tag == first.from_tag
    assert Credentials.parse(second.first("authorization") or "").username == "tr unk"
    play.grant(3600)
    assert play.events()[-1] == Registered(3600, ("sip:s@192.0.2.1:5070;transport=tls",), 3590.0)


@pytest.mark.parametrize("algorithm", ["SHA-256", "SHA-512-256", "MD5", "sha-256"])
def test_good_citizen_answers_what_is_offered(algorithm):
    if digest.canonical_algorithm(algorithm) is None:
        pytest.skip("this OpenSSL has no SHA-512/256")
    play = Carrier(RFC3261)
    play.call(play.agent.register)
    play.sent()
    play.challenge(str(Challenge("acme", "n", algorithm)))
    credentials = play.credentials()
    assert credentials.algorithm == algorithm
    assert play.right(credentials)


@pytest.mark.parametrize("backwards", [False, True])
def test_good_citizen_takes_the_strongest(backwards):
    offered = [str(Challenge("acme", name, name)) for name in RFC3261.algorithms]
    play = Carrier(RFC3261)
    play.call(play.agent.register)
    play.sent()
    play.challenge(*(reversed(offered) if backwards else offered))
    assert play.credentials().algorithm == RFC3261.algorithms[0]


def test_good_citizen_believes_a_second_refusal():
    play = Carrier(RFC3261)
    play.call(play.agent.register)
    play.sent()
    play.challenge()
    play.sent()
    play.challenge(HELLO.replace("n1", "n2"))
    assert play.agent.outgoing() == []
    failure = play.agent.failure
    assert isinstance(failure, Failed)
    assert failure.final
    assert failure.log == "100@192.0.2.9: the credentials were refused (tries: 1)"


def test_good_citizen_gives_stale_nonces_another_try_but_not_for_ever():
    play = registered(RFC3261, 60)
    play.wait(50)
    tries = 0
    while play.agent.busy and tries < 20:
        play.sent()
        play.challenge(HELLO.replace("n1", f"s{tries}") + ", stale=true")
        tries += 1
    assert tries == 5
    assert play.agent.state == states.STOPPED


def test_every_attempt_may_meet_stale_nonces_of_its_own():
    play = registered(RFC3261, 60)
    for number in range(6):
        play.wait(50)
        play.sent()
        play.challenge(HELLO.replace("n1", f"s{number}") + ", stale=true")
        play.sent()
        play.challenge(HELLO.replace("n1", f"t{number}"))
        play.sent()
        play.grant(60)
        assert isinstance(play.events()[-1], Refreshed)


def test_a_longer_expiry_may_be_challenged_anew():
    play = Carrier(RFC3261, expiry=30)
    play.call(play.agent.register)
    play.sent()
    play.challenge()
    play.sent()
    play.answer(423, ("Min-Expires", "60"))
    play.sent()
    play.challenge(HELLO.replace("n1", "n2"))
    assert play.credentials().nonce == "n2"


def test_an_attempt_may_outlast_its_transaction():
    manners = Manners(
        name="slow", user_agent="x", reactions=(), refresh=RFC3261.refresh, retry=RetryRule(5.0), attempt_timeout=60.0
    )
    play = Carrier(manners)
    play.call(play.agent.register)
    while play.now < 60:
        when = play.agent.next_timer()
        assert when is not None
        assert when > play.now
        play.wait(when - play.now)
    assert [event for event in play.events() if isinstance(event, TimedOut)] == [TimedOut(1, "")]
    assert play.now == 60.0


def test_good_citizen_honours_retry_after():
    play = Carrier(RFC3261)
    play.call(play.agent.register)
    play.sent()
    play.answer(503, ("Retry-After", "7 (maintenance);duration=3600"))
    assert play.agent.next_timer() == 7.0
    play.wait(6.9)
    assert play.agent.outgoing() == []
    play.wait(0.1)
    play.sent()
    play.answer(503, ("Retry-After", "0"))
    assert play.agent.next_timer() == play.now + 1
    play.wait(1)
    play.sent()
    play.answer(500)
    assert play.agent.next_timer() == play.now + 30


@pytest.mark.parametrize("status", [301, 403, 404, 420, 604])
def test_good_citizen_stops(status):
    play = Carrier(RFC3261)
    play.call(play.agent.register)
    play.sent()
    play.answer(status)
    assert play.agent.state == states.STOPPED
    assert str(status) in play.agent.log[0]


def test_good_citizen_in_silence():
    play = Carrier(RFC3261)
    play.call(play.agent.register)
    while play.agent.busy:
        when = play.agent.next_timer()
        assert when is not None
        play.wait(when - play.now)
    assert play.now == 32.0
    assert len(play.agent.outgoing()) == 11
    assert isinstance(play.agent.failure, TimedOut)
    assert play.agent.next_timer() == 62.0
    play.wait(30)
    assert play.sent().first("cseq") == "2 REGISTER"


def test_good_citizen_believes_a_grant_of_nothing():
    play = Carrier(RFC3261)
    play.call(play.agent.register)
    play.sent()
    play.grant(0)
    assert play.events() == [Failed(200, "granted 0 s", "", final=False)]
    assert play.agent.next_timer() == 30.0
    asks_for_nothing = Carrier(RFC3261, expiry=0)
    asks_for_nothing.call(asks_for_nothing.agent.register)
    assert asks_for_nothing.sent().first("expires") == "0"
    asks_for_nothing.answer(200)
    assert asks_for_nothing.events() == [Unregistered(())]


def test_a_closed_connection():
    play = Carrier(RFC3261, transport="tcp")
    play.call(play.agent.register)
    play.sent()
    play.agent.disconnected(play.now)
    assert play.events() == [Failed(None, "the connection was closed", "", final=False)]
    play.agent.disconnected(play.now)
    play.agent.local = ("192.0.2.1", 5071)
    play.wait(30)
    assert "5071" in (play.sent().first("contact") or "")
    other = Carrier(transport="tcp")
    other.call(other.agent.register)
    other.agent.disconnected(other.now)
    assert other.agent.next_timer() == 20.0
