"""FreeSWITCH, Kamailio, OpenSIPS and 3CX by scripts."""

from __future__ import annotations

import pytest
from client_stage import HELLO
from manners_stage import begun, logged_in, pauses, refuse_logins, refused, stopped, unanswered, until_next

from mockregistrar.client import MANNERS, Failed, Warned, states

FREESWITCH = MANNERS["freeswitch"]
KAMAILIO = MANNERS["kamailio-uac"]
OPENSIPS = MANNERS["opensips-registrant"]
MD5 = 'Digest realm="acme", nonce="m", algorithm=MD5'
SHA = 'Digest realm="acme", nonce="s", algorithm=SHA-256'

# --- FreeSWITCH --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [302, 403, 404, 408, 480, 500, 504, 603])
def test_freeswitch_waits_longer_with_each_failure_and_never_stops(status):
    play = refused(FREESWITCH, status, name="acme")
    assert play.agent.log == (
        f"acme Failed Registration with status No [{status}]. failure #1",
        f"acme Failed Registration [{status}], setting retry to 30 seconds.",
    )
    assert pauses(play, status, 5) == [30.0, 60.0, 90.0, 120.0, 150.0]
    assert play.agent.log[-2:] == (
        f"acme Failed Registration with status No [{status}]. failure #6",
        f"acme Failed Registration [{status}], setting retry to 180 seconds.",
    )
    assert play.agent.next_timer() == play.now + 180


def test_freeswitch_waits_no_longer_for_a_503():
    play = refused(FREESWITCH, 503)
    assert pauses(play, 503, 5) == [30.0] * 5
    assert play.agent.log[-1] == "192.0.2.9 Failed Registration [503], setting retry to 30 seconds."
    pauses(play, 404, 1)
    assert play.agent.next_timer() == play.now + 210


def test_a_success_makes_freeswitch_patient_again():
    play = refused(FREESWITCH, 403)
    pauses(play, 403, 3)
    until_next(play)
    play.sent()
    play.grant(60)
    play.wait(45)
    play.sent()
    play.answer(403)
    assert play.agent.next_timer() == play.now + 30


def test_freeswitch_s_own_retry_seconds():
    play = refused(FREESWITCH.adjusted(retry_interval=10), 404)
    assert pauses(play, 404, 3) == [10.0, 20.0, 30.0]
    assert pauses(refused(FREESWITCH.adjusted(retry_interval=10), 503), 503, 2) == [10.0, 10.0]


def test_freeswitch_in_silence():
    play = begun(FREESWITCH, name="acme")
    assert [unanswered(play) for _ in range(3)] == [62.0, 92.0, 122.0]
    assert play.agent.log[:2] == (
        "acme Failed Registration with status Request Timeout [408]. failure #1",
        "acme Failed Registration [408], setting retry to 30 seconds.",
    )


def test_freeswitch_gives_up_on_two_challenges():
    play = begun(FREESWITCH)
    play.challenge(MD5, SHA)
    assert play.agent.outgoing() == []
    assert play.agent.next_timer() == 30.0


def test_freeswitch_answers_any_realm():
    play = begun(FREESWITCH, realm="mine")
    play.challenge()
    assert play.credentials().realm == "acme"


# --- Kamailio ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [302, 403, 404, 408, 480, 500, 503, 603])
def test_kamailio_stops_at_the_first_failure(status):
    play = refused(KAMAILIO, status, ("Retry-After", "5"), contact_user="u1")
    assert play.events() == [Failed(status, "No", f"got sip response {status} while registering [u1]", final=True)]
    assert stopped(play)


def test_kamailio_in_silence():
    play = begun(KAMAILIO, contact_user="u1")
    while play.agent.busy:
        until_next(play)
    play.agent.outgoing()
    assert play.agent.log == ("got sip response 408 while registering [u1]",)
    assert stopped(play)


def test_kamailio_s_refused_login():
    play = begun(KAMAILIO, contact_user="u1")
    assert refuse_logins(play) == 2
    assert play.agent.log == ("authentication failed for <u1>",)
    assert stopped(play)


@pytest.mark.parametrize(
    ("offered", "line"),
    [((SHA, MD5), "failed to parse auth hdr body"), ((), "failed to extract authenticate hdr")],
)
def test_kamailio_cannot_answer(offered, line):
    play = begun(KAMAILIO)
    play.answer(401, *(("WWW-Authenticate", value) for value in offered))
    assert play.agent.log == (line,)
    assert stopped(play)


@pytest.mark.parametrize(
    ("realm", "answers"), [(None, True), ("", True), ("acme", True), ("ACME", False), ("*", False)]
)
def test_kamailio_compares_the_realm_letter_by_letter(realm, answers):
    play = begun(KAMAILIO, realm=realm)
    play.challenge()
    assert bool(play.agent.outgoing()) is answers
    if not answers:
        assert play.agent.log == ("realms do not match. requested realm: [acme]",)
        assert stopped(play)


@pytest.mark.parametrize(("retry_interval", "seconds"), [(1, 90.0), (90, 90.0), (91, 180.0), (300, 360.0)])
def test_kamailio_with_a_retry_interval_tries_again_when_it_looks(retry_interval, seconds):
    play = refused(KAMAILIO.adjusted(retry_interval=retry_interval), 403, contact_user="u1")
    assert play.agent.log == ("got sip response 403 while registering [u1]",)
    assert pauses(play, 403, 4) == [seconds] * 4


def test_kamailio_may_look_more_often():
    often = KAMAILIO.adjusted(timer_interval=1, retry_interval=60)
    assert pauses(refused(often, 403), 403, 2) == [60.0, 60.0]
    play = logged_in(often, 20)
    assert play.agent.next_refresh() == play.carrier_now + 16
    assert not [event for event in play.events() if isinstance(event, Warned)]
    assert KAMAILIO.adjusted(retry_interval=60, timer_interval=1) == often


def test_kamailio_takes_up_min_expires_when_it_looks_again():
    play = refused(KAMAILIO, 423, ("Min-Expires", "1800"), expiry=60)
    assert play.agent.state == states.WAITING
    assert play.agent.next_timer() == 90.0
    until_next(play)
    assert play.sent().first("expires") == "1800"
    play.grant(1800)
    assert play.agent.state == states.REGISTERED


def test_kamailio_asks_for_twice_as_long_without_min_expires():
    play = refused(KAMAILIO, 423, expiry=60)
    until_next(play)
    assert play.sent().first("expires") == "120"


def test_kamailio_lets_a_short_grant_lapse():
    play = logged_in(KAMAILIO, 60)
    play.wait(89.9)
    assert play.agent.outgoing() == []
    play.wait(0.1)
    assert play.sent().first("authorization") is None


# --- OpenSIPS ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [302, 403, 404, 480, 500, 503, 603])
def test_opensips_tries_again_when_its_timer_comes_by(status):
    play = refused(OPENSIPS, status, ("Retry-After", "5"))
    assert pauses(play, status, 5) == [100.0] * 5
    call_ids = {request.first("call-id") for request in play.seen}
    assert len(call_ids) == len(play.seen)


def test_what_opensips_prints():
    assert refused(OPENSIPS, 302).agent.log == ("Redirection not implemented yet",)
    play = begun(OPENSIPS)
    refuse_logins(play)
    assert play.agent.log == ("Wrong credentials for [sip:100@192.0.2.9]",)
    assert play.agent.next_timer() == 100.0
    unchallenged = refused(OPENSIPS, 401)
    assert unchallenged.agent.log == ("Unable to extract authentication info",)


def test_opensips_complains_of_a_short_grant():
    play = logged_in(OPENSIPS, 60)
    line = "Please decrease timer_interval=[100] - imposed server expires [60] to small for AOR=[sip:100@192.0.2.9]"
    assert play.agent.log == (line,)
    assert [event.log for event in play.events() if isinstance(event, Warned)] == [line]
    assert logged_in(OPENSIPS, 150).agent.log == ()
    assert logged_in(OPENSIPS.adjusted(timer_interval=20), 60).agent.next_refresh() is not None


def test_opensips_keeps_its_call_id_while_all_is_well():
    play = logged_in(OPENSIPS, 3600)
    play.call(play.agent.refresh)
    assert play.sent().first("call-id") == play.seen[0].first("call-id")


# --- 3CX ---------------------------------------------------------------------------------------------------


def test_3cx_keeps_the_port_in_its_address_of_record():
    request = begun("3cx", expiry=None).seen[0]
    assert request.first("to") == "<sip:100@192.0.2.9:35060>"
    assert request.first("expires") == "600"


def test_of_3cx_no_line_is_known():
    for status in (403, 404, 423, 500, 603):
        assert refused("3cx", status).agent.log == ()
    play = begun("3cx")
    play.challenge()
    play.sent()
    play.challenge(HELLO.replace("n1", "n2"))
    assert play.agent.log == ()
