"""baresip, Linphone, Twinkle, pjsua, MicroSIP and the libraries by scripts, as they were measured or read."""

from __future__ import annotations

import pytest
from client_stage import HELLO, Carrier
from manners_stage import begun, logged_in, pauses, refuse_logins, refused, stopped, unanswered, until_next

from mockregistrar.client import MANNERS, Failed, states

# --- baresip -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["baresip", "baresip-4"])
@pytest.mark.parametrize("status", [302, 403, 404, 408, 480, 500, 503, 603])
def test_baresip_doubles_its_pauses_up_to_half_an_hour(name, status):
    play = refused(name, status, ("Retry-After", "5"))
    assert play.agent.log == (f"reg: sip:100@192.0.2.9: {status} No ()",)
    waited = pauses(play, status, 8)
    for pause, most in zip(waited, [60, 120, 240, 480, 960, 1800, 1800, 1800], strict=True):
        assert most / 2 <= pause <= most
    assert not stopped(play)


def test_baresip_draws_its_pauses():
    drawn = set()
    for seed in range(20):
        play = Carrier(MANNERS["baresip"], seed=seed)
        play.call(play.agent.register)
        play.sent()
        play.answer(403)
        drawn.add(play.agent.next_timer())
    assert len(drawn) == 20


def test_baresip_names_the_server_in_its_line():
    assert refused("baresip", 403, ("Server", "acme/1")).agent.log == ("reg: sip:100@192.0.2.9: 403 No (acme/1)",)


def test_baresip_in_silence():
    play = begun("baresip")
    assert 62 <= unanswered(play) <= 92
    assert play.agent.log == ("reg: sip:100@192.0.2.9: Register: Connection timed out",)


def test_baresip_obeys_a_423_once():
    play = refused("baresip", 423, ("Min-Expires", "400"), expiry=300)
    assert play.agent.log == ()
    assert play.sent().contacts[0].param("expires") == "400"
    play.answer(423, ("Min-Expires", "400"), reason="No")
    assert play.agent.log == ("reg: sip:100@192.0.2.9: 423 No ()",)
    assert 30 <= until_next(play) <= 60


# --- Linphone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 403, 408, 486, 502, 504])
def test_linphone_tries_again_after_a_minute(status):
    assert pauses(refused("linphone", status, ("Retry-After", "5")), status, 4) == [60.0] * 4


@pytest.mark.parametrize("status", [301, 302, 404, 480, 500, 501, 505, 600, 603])
def test_what_stops_linphone(status):
    assert stopped(refused("linphone", status))


@pytest.mark.parametrize("status", [404, 480, 481, 500, 503])
def test_linphone_comes_back_when_it_is_told_to(status):
    play = refused("linphone", status, ("Retry-After", "5"))
    for _ in range(3):
        assert until_next(play) == 5.0
        play.sent()
        play.answer(status, ("Retry-After", "5"))


def test_linphone_stays_away_for_seventeen_hours_after_a_503():
    assert refused("linphone", 503).agent.next_timer() == 60_000.0


def test_linphone_and_a_pending_request():
    assert 1 <= until_next(refused("linphone", 491)) <= 10


def test_linphone_in_silence():
    play = begun("linphone")
    assert [unanswered(play) for _ in range(3)] == [34.0, 34.0, 34.0]


def test_linphone_s_wrong_password():
    play = begun("linphone")
    assert refuse_logins(play) == 2
    assert until_next(play) == 60.0
    assert play.sent().first("authorization")
    assert refuse_logins(play) == 2


@pytest.mark.parametrize("extra", [(), (("Min-Expires", "60"),)])
def test_a_423_that_says_nothing_stops_linphone(extra):
    assert stopped(refused("linphone", 423, *extra, expiry=60))


# --- Twinkle -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [302, 403, 404, 408, 480, 486, 500, 503, 603])
def test_twinkle_tries_again_after_half_a_minute(status):
    play = refused("twinkle", status, ("Retry-After", "5"), name="trunk")
    assert play.agent.log == (f"trunk, registration failed: {status} No",)
    assert pauses(play, status, 4) == [30.0] * 4


def test_twinkle_stops_when_its_password_is_refused():
    play = begun("twinkle", name="trunk")
    refuse_logins(play)
    assert play.agent.log == ("trunk, registration failed: 401 Unauthorized",)
    assert stopped(play)


@pytest.mark.parametrize("extra", [(), (("Min-Expires", "60"),)])
def test_a_423_that_says_nothing_stops_twinkle(extra):
    assert stopped(refused("twinkle", 423, *extra, expiry=60))
    assert refused("twinkle", 423, ("Min-Expires", "90"), expiry=60).sent().contacts[0].param("expires") == "90"


def test_twinkle_in_silence():
    play = begun("twinkle", name="trunk")
    assert unanswered(play) == 62.0
    assert play.agent.log == ("trunk, registration failed: 408 Request Timeout",)


@pytest.mark.parametrize(("realm", "answers"), [("", True), ("acme", True), ("ACME", False), ("other", False)])
def test_twinkle_compares_the_realm_letter_by_letter(realm, answers):
    play = begun("twinkle", realm=realm)
    play.challenge()
    assert bool(play.agent.outgoing()) is answers


# --- pjsua and MicroSIP ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pjsua", "microsip"])
@pytest.mark.parametrize("status", [408, 480, 500, 502, 503, 504, 600, 603])
def test_pjsua_tries_again_soon_and_then_every_five_minutes(name, status):
    play = refused(name, status, ("Retry-After", "5"))
    assert play.agent.log == (f"SIP registration failed, status={status} (No)",)
    first, *others = pauses(play, status, 6)
    assert 1 <= first <= 10
    assert all(290 <= pause <= 310 for pause in others)


@pytest.mark.parametrize("status", [302, 400, 403, 404, 486, 501])
def test_what_stops_pjsua(status):
    play = refused("pjsua", status)
    assert play.agent.log == (f"SIP registration failed, status={status} (No)",)
    assert stopped(play)


def test_pjsua_s_own_retry_interval():
    play = refused(MANNERS["pjsua"].adjusted(retry_interval=60), 503)
    assert all(50 <= pause <= 70 for pause in pauses(play, 503, 5)[1:])
    assert stopped(refused(MANNERS["pjsua"].adjusted(retry_interval=0), 503))


@pytest.mark.parametrize(
    ("realm", "answers"), [(None, True), ("", False), ("*", True), ("acme", True), ("ACME", True), ("x", False)]
)
def test_pjsua_needs_a_realm(realm, answers):
    play = begun("pjsua", realm=realm)
    play.challenge()
    assert bool(play.agent.outgoing()) is answers
    assert stopped(play) is not answers


@pytest.mark.parametrize("realm", [None, "", "*", "x"])
def test_microsip_answers_any(realm):
    play = begun("microsip", realm=realm)
    play.challenge()
    assert play.sent().first("authorization")


def test_what_microsip_shows():
    play = begun("microsip")
    refuse_logins(play)
    assert play.agent.log == ("Incorrect Password",)


# --- libraries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["jssip", "sipjs", "sipp", "sipsak"])
@pytest.mark.parametrize("status", [302, 403, 404, 408, 480, 500, 503, 603])
def test_what_never_tries_again_by_itself(name, status):
    assert stopped(refused(name, status, ("Retry-After", "5")))


def test_what_sip_js_prints():
    assert refused("sipjs", 403).agent.log == ("Failed to register, status code 403",)
    assert refused("sipjs", 302).agent.log == ("Redirect received. Not supported.",)
    play = begun("sipjs")
    refuse_logins(play)
    assert play.agent.log == (
        "401 apparently in authentication loop, cannot authenticate",
        "Failed to register, status code 401",
    )
    silent = begun("sipjs")
    while silent.agent.busy:
        until_next(silent)
    assert silent.agent.log[-1] == "Failed to register, status code 408"


@pytest.mark.parametrize("name", ["jssip", "sipjs"])
def test_browsers_obey_a_423(name):
    play = refused(name, 423, ("Min-Expires", "1800"))
    assert play.sent().contacts[0].param("expires") == "1800"
    assert stopped(refused(name, 423))


def test_jssip_takes_a_grant_of_less_than_10_s_for_10_s():
    play = logged_in("jssip", 3)
    assert play.agent.state == states.REGISTERED
    assert play.agent.next_refresh() == play.carrier_now + 5


@pytest.mark.parametrize(
    ("status", "pause"), [(302, 1.0), (403, 1.0), (404, 1.0), (407, 1.0), (423, 1.0), (500, 5.0), (503, 1.0)]
)
def test_pyvoip_tries_three_times(status, pause):
    play = refused("pyvoip", status, ("Retry-After", "60"), ("Min-Expires", "900"))
    assert pauses(play, status, 2) == [pause, pause]
    assert [request.first("expires") for request in play.seen] == ["120"] * 3
    assert len({request.first("call-id") for request in play.seen}) == 3
    assert play.agent.failure == Failed(status, "No", "", final=True)
    assert stopped(play)


def test_pyvoip_refreshes_by_what_it_asked_for():
    play = logged_in("pyvoip", 3600)
    assert play.agent.next_refresh() == play.carrier_now + 115
    play.wait(115)
    request = play.sent()
    assert request.first("authorization") is None
    assert request.first("call-id") != play.seen[0].first("call-id")


def test_one_shots_can_be_told_to_go_on():
    play = logged_in("sipp", 60)
    assert play.agent.state == states.REGISTERED
    play.call(play.agent.refresh)
    play.sent()
    play.challenge(HELLO.replace("n1", "n2"))
    play.sent()
    play.grant(60)
    play.call(play.agent.unregister)
    assert play.sent().first("expires") == "0"


@pytest.mark.parametrize("name", ["baresip", "linphone"])
def test_who_goes_on_after_a_grant_of_nothing(name):
    play = begun(name)
    play.grant(0)
    assert play.agent.state == states.REGISTERED
    assert play.agent.next_refresh() == play.carrier_now + 1


def test_grandstream():
    assert pauses(refused("grandstream", 503), 503, 2) == [20.0, 20.0]
    assert refused("grandstream", 403).agent.log == ()
