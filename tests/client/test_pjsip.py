"""Asterisk's PJSIP by scripts: what stops it, what it tries again, what a configuration changes, and what it prints."""

from __future__ import annotations

import pytest
from client_stage import EPOCH, HELLO, Carrier
from manners_stage import begun, logged_in, pauses, refuse_logins, refused, stopped, unanswered, until_next

from mockregistrar.client import ASTERISK_PJSIP, MANNERS, Failed, Refreshed, Registered, TimedOut, Warned, states
from mockregistrar.sip.transactions import IllegalStep

SERVER = "sip:192.0.2.9:35060"
CLIENT = "sip:100@192.0.2.9"
WHOM = f"received from '{SERVER}' on registration attempt to '{CLIENT}'"


def fatal(status: int) -> str:
    return f"Fatal response '{status}' {WHOM}, stopping outbound registration"


def temporal(status: int, seconds: int = 60) -> str:
    return f"Temporal response '{status}' {WHOM}, retrying in '{seconds}'"


GAVE_UP = (
    f"Maximum retries reached when attempting outbound registration to '{SERVER}' with client '{CLIENT}', "
    "stopping registration attempt"
)
NOBODY = f"No response received from '{SERVER}' on registration attempt to '{CLIENT}', retrying in '60'"


@pytest.mark.parametrize("status", [301, 400, 403, 404, 405, 420, 480, 486, 501, 505, 513])
def test_what_stops_it_for_good(status):
    play = refused(ASTERISK_PJSIP, status)
    assert play.events() == [Failed(status, "No", fatal(status), final=True)]
    assert play.agent.log == (fatal(status),)
    assert stopped(play)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 600, 603])
def test_what_it_takes_for_temporary(status):
    play = refused(ASTERISK_PJSIP, status)
    assert play.events() == [Failed(status, "No", temporal(status), final=False)]
    assert play.agent.next_timer() == 60.0
    assert pauses(play, status, 9) == [60.0] * 9
    assert not stopped(play)
    assert pauses(play, status, 1) == [60.0]
    assert play.agent.failure == Failed(status, "No", GAVE_UP, final=True)
    assert play.agent.log == (temporal(status),) * 10 + (GAVE_UP,)
    assert stopped(play)


def test_a_success_forgives_the_retries():
    play = refused(ASTERISK_PJSIP, 503)
    pauses(play, 503, 8)
    until_next(play)
    play.sent()
    play.grant(60)
    play.wait(50)
    play.sent()
    play.answer(503)
    assert pauses(play, 503, 9) == [60.0] * 9
    assert not stopped(play)


def test_silence():
    play = begun(ASTERISK_PJSIP)
    assert unanswered(play) == 92.0
    assert [event for event in play.events() if isinstance(event, TimedOut)] == [TimedOut(1, NOBODY)]
    for _ in range(9):
        assert unanswered(play) == 92.0
    while play.agent.busy:
        until_next(play)
    assert play.agent.log == (NOBODY,) * 10 + (GAVE_UP,)
    play.agent.outgoing()
    assert stopped(play)


def test_zero_retries_is_not_for_ever():
    play = refused(ASTERISK_PJSIP.adjusted(max_retries=0), 503)
    assert play.agent.log == (GAVE_UP,)
    assert stopped(play)
    silent = begun(ASTERISK_PJSIP.adjusted(max_retries=0))
    while silent.agent.busy:
        until_next(silent)
    silent.agent.outgoing()
    assert silent.agent.log == (GAVE_UP,)
    assert stopped(silent)


def test_no_retry_interval_makes_the_temporary_fatal():
    manners = ASTERISK_PJSIP.adjusted(retry_interval=0)
    play = refused(manners, 503)
    assert play.agent.log == (fatal(503),)
    assert stopped(play)
    silent = begun(manners)
    while silent.agent.busy:
        until_next(silent)
    silent.agent.outgoing()
    assert silent.agent.log == (f"Fatal registration attempt to '{CLIENT}', stopping outbound registration",)
    assert stopped(silent)


def test_another_retry_interval_and_limit():
    play = refused(ASTERISK_PJSIP.adjusted(retry_interval=20, max_retries=2), 500)
    assert play.agent.log == (temporal(500, 20),)
    assert pauses(play, 500, 2) == [20.0, 20.0]
    assert play.agent.log[-1] == GAVE_UP
    assert stopped(play)


@pytest.mark.parametrize("status", [403, 404, 503])
def test_retry_after_comes_first_and_counts_as_no_retry(status):
    play = refused(ASTERISK_PJSIP.adjusted(max_retries=0), status, ("Retry-After", "7"))
    for _ in range(20):
        assert play.agent.log[-1] == temporal(status, 7)
        assert until_next(play) == 7.0
        play.sent()
        play.answer(status, ("Retry-After", "7"))
    assert not stopped(play)


def test_a_retry_after_of_zero_is_none():
    assert stopped(refused(ASTERISK_PJSIP, 403, ("Retry-After", "0")))


def test_forbidden_retry_interval():
    manners = ASTERISK_PJSIP.adjusted(forbidden_retry_interval=30, max_retries=2)
    play = refused(manners, 403)
    line = f"403 Forbidden fatal response {WHOM}, retrying in '30' seconds"
    assert play.events() == [Failed(403, "No", line, final=False)]
    assert pauses(play, 403, 2) == [30.0, 30.0]
    assert play.agent.log == (line, line, fatal(403))
    assert stopped(play)
    assert stopped(refused(manners, 404))


def test_fatal_retry_interval():
    manners = ASTERISK_PJSIP.adjusted(fatal_retry_interval=40, max_retries=1)
    for status in (403, 404):
        play = refused(manners, status)
        line = f"'{status}' fatal response {WHOM}, retrying in '40' seconds"
        assert play.agent.log == (line,)
        assert pauses(play, status, 1) == [40.0]
        assert play.agent.log == (line, fatal(status))
        assert stopped(play)
    login = begun(manners)
    refuse_logins(login)
    assert login.agent.next_timer() == 40.0


def test_a_refused_login_is_permanent_unless_told_otherwise():
    play = begun(ASTERISK_PJSIP)
    assert refuse_logins(play) == 2
    assert play.agent.log == (fatal(401),)
    assert stopped(play)
    soft = begun(ASTERISK_PJSIP.adjusted(auth_rejection_permanent=False))
    assert refuse_logins(soft) == 2
    assert soft.agent.log == (temporal(401),)
    assert soft.agent.next_timer() == 60.0
    assert ASTERISK_PJSIP.adjusted(auth_rejection_permanent=True) == ASTERISK_PJSIP


def test_a_stale_nonce_is_a_refusal_too():
    play = begun(ASTERISK_PJSIP)
    play.challenge()
    play.sent()
    play.challenge(HELLO.replace("n1", "n2") + ", stale=true")
    assert stopped(play)


def test_each_refresh_is_challenged_anew():
    play = logged_in(ASTERISK_PJSIP, 60)
    for number in range(2, 5):
        play.wait(50)
        assert play.sent().first("authorization") is None
        play.challenge(HELLO.replace("n1", f"n{number}"))
        assert play.credentials().nc == "00000001"
        play.grant(60)
    assert play.agent.state == states.REGISTERED


@pytest.mark.parametrize(
    ("configured", "answers"),
    [(None, True), ("", True), ("*", True), ("acme", True), ("ACME", True), ("asterisk", False)],
)
def test_realm(configured, answers):
    play = begun(ASTERISK_PJSIP, realm=configured)
    play.challenge()
    assert bool(play.agent.outgoing()) is answers
    if not answers:
        assert play.agent.log == (
            f"Failed to create authenticated REGISTER request to server '{SERVER}' from client '{CLIENT}'",
            fatal(401),
        )
        assert stopped(play)


def test_a_challenge_that_it_cannot_answer():
    play = begun(MANNERS["asterisk-pjsip-16"])
    play.challenge('Digest realm="acme", nonce="n", algorithm=SHA-256')
    assert play.agent.log[0].startswith("Failed to create authenticated REGISTER request")
    assert stopped(play)


def test_a_grant_of_10_s_or_less_makes_it_loop_which_is_bounded_here():
    play = logged_in(ASTERISK_PJSIP, 10)
    for _ in range(5):
        *_, warned, outcome = play.events()
        assert isinstance(warned, Warned)
        assert "registers again at once, over and over, here once in 1 s" in warned.detail
        assert isinstance(outcome, (Registered, Refreshed))
        assert outcome.refresh_in == 1.0
        play.wait(0.99)
        assert play.agent.outgoing() == []
        play.wait(0.01)
        play.sent()
        play.challenge()
        play.sent()
        play.grant(10)
    assert play.carrier_now == pytest.approx(EPOCH + 5)


def test_a_grant_of_nothing_is_the_end_of_it():
    play = begun(ASTERISK_PJSIP)
    play.grant(0)
    assert play.events() == [Failed(200, "granted 0 s", "", final=True)]
    assert stopped(play)


def test_423():
    play = refused(ASTERISK_PJSIP, 423, ("Min-Expires", "1800"), expiry=60)
    assert play.sent().first("expires") == "1800"
    again = refused(ASTERISK_PJSIP, 423, ("Min-Expires", "60"), expiry=60)
    assert again.agent.log == (fatal(423),)
    assert stopped(again)


def test_the_first_register_may_be_put_off():
    delays = []
    for seed in range(40):
        play = Carrier(ASTERISK_PJSIP, delays_first=True, seed=seed)
        play.call(play.agent.register)
        assert play.agent.outgoing() == []
        assert play.agent.state == states.WAITING
        delays.append(until_next(play))
        assert play.sent().method == "REGISTER"
    assert all(1 <= delay <= 10 for delay in delays)
    assert max(delays) - min(delays) > 5


def test_who_waits_at_first_can_be_hurried_or_sent_away():
    play = Carrier(ASTERISK_PJSIP, delays_first=True)
    play.call(play.agent.register)
    play.call(play.agent.register)
    play.sent()
    with pytest.raises(IllegalStep):
        play.call(play.agent.register)
    other = Carrier(ASTERISK_PJSIP, delays_first=True)
    other.call(other.agent.register)
    other.call(other.agent.unregister)
    assert other.sent().first("expires") == "0"
    nobody_waits = Carrier(MANNERS["rfc3261"], delays_first=True)
    nobody_waits.call(nobody_waits.agent.register)
    nobody_waits.sent()


def test_mikopbx_hardly_ever_stops():
    play = refused("mikopbx", 403)
    assert play.agent.next_timer() == 300.0
    assert play.agent.log == (f"403 Forbidden fatal response {WHOM}, retrying in '300' seconds",)
    assert refused("mikopbx", 404).agent.next_timer() == 300.0
    assert refused("mikopbx", 503).agent.next_timer() == 45.0
    assert pauses(play, 403, 199) == [300.0] * 199
    assert not stopped(play)
    pauses(play, 403, 1)
    assert stopped(play)
