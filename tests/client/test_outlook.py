"""The sentence that foretells what a client does, held against what the user agent then does: each with each status."""

from __future__ import annotations

import re

import pytest
from client_stage import HELLO, Carrier
from manners_stage import begun, refused, until_next

from mockregistrar.client import ASTERISK_CHAN_SIP, ASTERISK_PJSIP, MANNERS, Profile, states
from mockregistrar.client.manners.outlook import refreshing

STATUSES = [
    *(
        300,
        301,
        302,
        305,
        380,
        400,
        402,
        403,
        404,
        405,
        406,
        408,
        410,
        413,
        414,
        415,
        416,
        420,
        421,
        422,
        428,
        436,
        437,
    ),
    *(
        438,
        439,
        440,
        446,
        479,
        480,
        481,
        482,
        483,
        484,
        485,
        486,
        487,
        488,
        489,
        491,
        493,
        494,
        499,
        500,
        501,
        502,
        503,
    ),
    *(504, 505, 513, 555, 580, 599, 600, 603, 604, 606, 607, 608, 699),
]
SERVER = ("Server", "SOFTWARE")
PROFILE = {"name": "trunk", "contact_user": "u1"}


def holds(play: Carrier, sentence: str, printed: tuple[str, ...]) -> None:
    """Compare a sentence with what the agent did at its first failure."""
    first = sentence.rpartition(" is not known; ")[2].partition(";")[0]
    for line in printed:
        assert f"`{line}`" in sentence, (sentence, line)
    if not printed:
        assert "prints" not in first, sentence
    if play.agent.state == states.STOPPED:
        assert "stops for good" in first, sentence
        return
    assert play.agent.state == states.WAITING
    when = play.agent.next_timer()
    assert when is not None
    assert "tries again" in first, sentence
    pause = when - play.now
    if "at once" in first:
        assert pause == 1.0, "at once is once a second here"
    elif found := re.search(r"tries again after ([\d.]+) to ([\d.]+) s", first):
        assert float(found[1]) <= pause <= max(float(found[2]), 1.0), sentence
    else:
        found = re.search(r"tries again (?:after|when) ([\d.]+) s", first)
        assert found, sentence
        assert pause == pytest.approx(float(found[1])), sentence


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_every_refusal(name):
    for status in STATUSES:
        play = refused(name, status, SERVER, reason="REASON", **PROFILE)
        holds(play, play.agent.manners.outlook(status, play.profile), play.agent.log)


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_every_refused_login(name):
    play = begun(name, **PROFILE)
    for number in range(20):
        headers = (("WWW-Authenticate", HELLO.replace("n1", f"n{number}")), SERVER)
        play.answer(401, *headers, reason="REASON")
        if not play.agent.busy:
            break
        play.sent()
    sentence = play.agent.manners.outlook(401, play.profile)
    answered, _, consequence = sentence.partition("; refused even so, it ")
    logins = sum(request.first("authorization") is not None for request in play.seen)
    said = {1: "logs in", 2: "twice", 3: "three times"}.get(logins, f"{logins} times")
    assert answered.endswith(said), sentence
    holds(play, consequence, play.agent.log)


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_every_silence(name):
    play = begun(name, **PROFILE)
    sentence = play.agent.manners.outlook(None, play.profile)
    attempts = play.agent.attempts
    while play.agent.busy and play.agent.attempts == attempts:
        until_next(play)
    waited = re.search(r"waits ([\d.]+) s, then", sentence)
    assert waited, sentence
    assert play.now == float(waited[1])
    if play.agent.busy:
        assert "tries again at once" in sentence.partition(";")[0]
        for line in play.agent.log:
            assert f"`{line}`" in sentence
    else:
        holds(play, sentence, play.agent.log)


OBEYS_423 = [name for name in sorted(MANNERS) if MANNERS[name].reaction(423).do == "adopt"]


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_every_423(name):
    play = refused(name, 423, ("Min-Expires", "1800"), SERVER, reason="REASON", expiry=60, **PROFILE)
    sentence = play.agent.manners.outlook(423, play.profile)
    if name not in OBEYS_423:
        holds(play, sentence, play.agent.log)
        return
    assert ("asks at once for as long as Min-Expires says" in sentence) is play.agent.busy
    assert ("asks at its next look" in sentence) is not play.agent.busy
    for line in play.agent.log:
        assert f"`{line.replace('1800', 'MINIMUM')}`" in sentence
    if "where that is missing" in sentence:
        return
    again = refused(name, 423, ("Min-Expires", "47"), SERVER, reason="REASON", expiry=60, **PROFILE)
    consequence = sentence.rpartition("; if that is no longer than it asked for, it ")[2]
    holds(again, consequence, tuple(line for line in again.agent.log if "47" not in line))


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_what_is_no_refusal(name):
    manners = MANNERS[name]
    assert manners.outlook(100).endswith("goes on waiting for a final answer.")
    assert "is registered and " in manners.outlook(200)
    for status in (0, 99, 700):
        with pytest.raises(ValueError, match=f"{status} is not the status of a response"):
            manners.outlook(status)


@pytest.mark.parametrize("name", sorted(MANNERS))
def test_every_sentence_is_one(name):
    for status in (None, *range(100, 700)):
        sentence = MANNERS[name].outlook(status)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert sentence.count(" and prints and ") == 0
        assert "{" not in sentence
        assert sentence.count("`") % 2 == 0


# --- in words ----------------------------------------------------------------------------------------------


def test_chan_sip_in_words():
    profile = Profile("100", host="sip.acme.example")
    assert ASTERISK_CHAN_SIP.outlook(403, profile) == (
        "With 403 your Asterisk (chan_sip) stops for good and prints `Forbidden - wrong password on authentication for "
        "REGISTER for '100' to 'sip.acme.example'`."
    )
    assert ASTERISK_CHAN_SIP.outlook(404) == (
        "With 404 your Asterisk (chan_sip) stops for good and prints `Got 404 Not found on SIP register to service "
        "USER@HOST, giving up`."
    )
    assert ASTERISK_CHAN_SIP.outlook(503) == (
        "With 503 your Asterisk (chan_sip) tries again when 20 s have passed since its REGISTER."
    )
    assert (
        ASTERISK_CHAN_SIP.adjusted(max_retries=3)
        .outlook(None)
        .endswith(
            "; after 3 REGISTERs without success it stops for good and prints "
            "`   -- Last Registration Attempt #3 failed, Giving up forever trying to register 'USER@HOST'`."
        )
    )


def test_pjsip_in_words():
    assert ASTERISK_PJSIP.outlook(403, Profile("100", host="sip.acme.example")).startswith(
        "With 403 your Asterisk (PJSIP) stops for good and prints `Fatal response '403' received from "
        "'sip:sip.acme.example' on registration attempt to 'sip:100@sip.acme.example', "
        "stopping outbound registration`; with Retry-After it tries again when that says"
    )
    once = ASTERISK_PJSIP.adjusted(max_retries=1).outlook(503)
    assert "tries again after 60 s" in once
    assert "; after 1 retry in vain it stops for good and prints `Maximum retries reached" in once
    assert "stops for good and prints `Maximum" in ASTERISK_PJSIP.adjusted(max_retries=0).outlook(503)


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        (
            "freeswitch",
            404,
            "With 404 your FreeSWITCH tries again after 30 s, then 60 s, then 90 s and so on and prints ",
        ),
        ("freeswitch", 503, "With 503 your FreeSWITCH tries again after 30 s and prints "),
        (
            "kamailio-uac",
            403,
            "With 403 your Kamailio (uac) stops for good and prints `got sip response 403 while registering [CONTACT]",
        ),
        (
            "baresip",
            403,
            "With 403 your baresip tries again after 30 to 60 s, then 60 to 120 s, doubling up to 900 to 1800 s",
        ),
        (
            "pjsua",
            503,
            "With 503 your pjsua tries again after 0 to 10 s, then after 290 to 310 s each time and prints ",
        ),
        ("jssip", 500, "With 500 your JsSIP stops for good."),
        ("pyvoip", 403, "With 403 your pyVoIP tries again at once; after 2 retries in vain it stops for good."),
        ("rfc3261", 403, "With 403 a client that goes by RFC 3261 stops for good and prints "),
        ("3cx", 403, "What your 3CX does with 403 is not known; by RFC 3261 and its settings it stops for good."),
        ("grandstream", None, "What your Grandstream phone does without an answer is not known; by RFC 3261 and its "),
    ],
)
def test_others_in_words(name, status, sentence):
    assert MANNERS[name].outlook(status).startswith(sentence)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("asterisk-pjsip", "refreshes 10 s before the end of what was granted"),
        ("linphone", "refreshes when 90 % of what was granted is over"),
        ("sipjs", "refreshes when 99 % of what was granted is over"),
        ("pyvoip", "refreshes 5 s before the end of what it asked for"),
        ("sipp", "does not refresh"),
        ("kamailio-uac", "refreshes 93 s before the end of what was granted, looking every 90 s"),
        ("pjsua", "refreshes 5 s before the end of what was granted, but not within 5 s"),
        ("freeswitch", "refreshes 15 s before the end of what was granted (50 % before it where that is 30 s or less)"),
        ("twinkle", "refreshes 5 s before the end of what was granted (at it where that is 5 s or less)"),
    ],
)
def test_a_refresh_in_words(name, said):
    assert refreshing(MANNERS[name].refresh) == said
