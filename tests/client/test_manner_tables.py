"""Every client's manners by the tables of what the real one does: refresh, challenge, silence, wrong password, wire.

A row for each of them; that none is missing is a test of its own.
"""

from __future__ import annotations

import pytest
from client_stage import Carrier
from manners_stage import begun, logged_in, refuse_logins, stopped, unanswered

from mockregistrar.client import MANNERS, Refreshed, Registered, Warned, states
from mockregistrar.sip.credentials import Credentials

ALL = sorted(MANNERS)


def by_name(table: dict[str, tuple[object, ...]]) -> list[tuple[object, ...]]:
    assert sorted(table) == ALL, "every client has its row"
    return [(name, *row) for name, row in table.items()]


# --- refresh -----------------------------------------------------------------------------------------------

NEVER = None
REFRESH: dict[str, tuple[float | None, float | None, float | None]] = {
    # for a grant of 20, 60 and 3600 s
    "asterisk-chan_sip": (16, 45, 3585),
    "asterisk-pjsip": (10, 50, 3590),
    "asterisk-pjsip-16": (10, 50, 3590),
    "freepbx-pjsip": (10, 50, 3590),
    "mikopbx": (10, 50, 3590),
    "rfc3261": (16, 50, 3590),
    "3cx": (16, 50, 3590),
    "grandstream": (16, 50, 3590),
    "freeswitch": (10, 45, 3585),
    "kamailio-uac": (90, 90, 3510),
    "opensips-registrant": (100, 100, 3500),
    "baresip": (18, 54, 3240),
    "baresip-4": (18, 54, 3240),
    "linphone": (18, 54, 3240),
    "twinkle": (15, 55, 3595),
    "pjsua": (15, 55, 3595),
    "microsip": (15, 55, 3595),
    "jssip": (15, 55, 0),  # drawn by lot: its own test
    "sipjs": (19.8, 59.4, 3564),
    "pyvoip": (115, 115, 115),
    "sipp": (NEVER, NEVER, NEVER),
    "sipsak": (NEVER, NEVER, NEVER),
}


@pytest.mark.parametrize(("name", "of_20", "of_60", "of_3600"), by_name(REFRESH))
def test_refresh(name, of_20, of_60, of_3600):
    for granted, due in ((20, of_20), (60, of_60), (3600, of_3600)):
        if (name, granted) == ("jssip", 3600):
            continue
        play = logged_in(name, granted)
        outcome = play.events()[-1]
        assert isinstance(outcome, Registered)
        assert outcome.expires_in == granted
        at = play.agent.next_refresh()
        if due is None:
            assert at is None
            play.wait(1e6)
            assert play.agent.outgoing() == []
            continue
        assert at is not None
        assert at - play.carrier_now == pytest.approx(due)
        play.wait(due - 0.01)
        assert play.agent.outgoing() == []
        play.wait(0.02)
        assert play.sent().method == "REGISTER"


def test_jssip_draws_lots_for_a_long_grant():
    play = logged_in("jssip", 3600)
    at = play.agent.next_refresh()
    assert at is not None
    assert 1800 <= at - play.carrier_now <= 3568


@pytest.mark.parametrize("name", ALL)
def test_a_refresh_prolongs_what_is_there(name):
    play = logged_in(name, 3600, expiry=3600)
    play.call(play.agent.refresh)
    request = play.sent()
    if request.first("authorization") is None:
        play.challenge()
        play.sent()
    play.grant(3600)
    assert isinstance(play.events()[-1], Refreshed)


TOO_LATE = {
    # for a grant of 5 s: when the next REGISTER comes, and what is said of it
    "asterisk-pjsip": (1, "a grant of 5 s leaves nothing of the time that Asterisk (PJSIP) refreshes early"),
    "mikopbx": (1, "a grant of 5 s leaves nothing of the time that MikoPBX refreshes early"),
    "kamailio-uac": (90, "what was granted ends after 5 s, and Kamailio (uac) refreshes after 90 s"),
    "opensips-registrant": (
        100,
        "what was granted ends after 5 s, and OpenSIPS (uac_registrant) refreshes after 100 s",
    ),
    "twinkle": (5, "what was granted ends after 5 s, and Twinkle refreshes after 5 s"),
    "pjsua": (5, "what was granted ends after 5 s, and pjsua refreshes after 5 s"),
    "pyvoip": (115, "what was granted ends after 5 s, and pyVoIP refreshes after 115 s"),
    "sipp": (NEVER, "SIPp does not refresh: what was granted ends in 5 s"),
}


@pytest.mark.parametrize(("name", "due", "said"), [(name, *row) for name, row in TOO_LATE.items()])
def test_a_grant_that_is_too_short_is_spoken_of(name, due, said):
    play = logged_in(name, 5)
    [warned] = [event for event in play.events() if isinstance(event, Warned)]
    assert warned.detail.startswith(said)
    at = play.agent.next_refresh()
    assert (None if at is None else at - play.carrier_now) == (due if due is None else pytest.approx(due))


@pytest.mark.parametrize(
    "name", ["asterisk-chan_sip", "rfc3261", "freeswitch", "baresip", "linphone", "jssip", "sipjs"]
)
def test_others_do_well_with_a_grant_of_12_s(name):
    assert [event for event in logged_in(name, 12).events() if isinstance(event, Warned)] == []


# --- challenges --------------------------------------------------------------------------------------------

M = 'Digest realm="acme", nonce="m", algorithm=MD5, qop="auth"'
S = 'Digest realm="acme", nonce="s", algorithm=SHA-256, qop="auth"'
QUOTED = 'Digest realm="acme", nonce="q", algorithm="MD5", qop="auth"'
BARE = 'Digest realm="acme", nonce="b", qop="auth"'
OFFERS = ((M,), (S,), (M, S), (S, M), (QUOTED,), (BARE,), ())
NO = "-"
_STRONGEST = ("m", "s", "s", "s", "q", "b", NO)
_MD5_FIRST_ONLY = ("m", NO, "m", NO, "q", "b", NO)
CHALLENGES: dict[str, tuple[str, ...]] = {
    # MD5, SHA-256, MD5 first, SHA-256 first, in quotes, not named, no challenge: the nonce of what is answered
    "asterisk-chan_sip": ("m", NO, "m", "m", NO, "b", NO),
    "asterisk-pjsip": _STRONGEST,
    "asterisk-pjsip-16": ("m", NO, "s", "s", "q", "b", NO),
    "freepbx-pjsip": _STRONGEST,
    "mikopbx": _STRONGEST,
    "rfc3261": _STRONGEST,
    "3cx": _STRONGEST,
    "grandstream": _STRONGEST,
    "freeswitch": ("m", NO, NO, NO, "q", "b", NO),
    "kamailio-uac": _MD5_FIRST_ONLY,
    "opensips-registrant": ("m", NO, "m", "m", "q", "b", NO),
    "baresip": ("m", NO, NO, NO, "q", "b", NO),
    "baresip-4": _STRONGEST,
    "linphone": ("m", "s", "m", "s", "q", "b", NO),
    "twinkle": ("m", NO, NO, "m", "q", "b", NO),
    "pjsua": _STRONGEST,
    "microsip": _STRONGEST,
    "jssip": _MD5_FIRST_ONLY,
    "sipjs": _MD5_FIRST_ONLY,
    "pyvoip": ("m", "s", "m", "s", "q", "b", NO),
    "sipp": _MD5_FIRST_ONLY,
    "sipsak": _MD5_FIRST_ONLY,
}
NAMES_ALGORITHM = {
    # What it prints for a challenge that names none, as measured or read.
    "asterisk-chan_sip": "MD5",
    "kamailio-uac": "MD5",
    "baresip": None,
    "linphone": None,
    "twinkle": "MD5",
    "pyvoip": "MD5",
    "sipp": "MD5",
    "sipsak": "MD5",
    "jssip": "MD5",
    "sipjs": "MD5",
    "rfc3261": None,
}


@pytest.mark.parametrize(("name", "answered"), [(name, row) for name, *row in by_name(CHALLENGES)])
def test_which_challenge_it_answers(name, answered):
    for offered, nonce in zip(OFFERS, answered, strict=True):
        play = begun(name)
        play.answer(401, *(("WWW-Authenticate", value) for value in offered))
        out = play.agent.outgoing()
        if nonce == NO:
            assert out == [], (name, offered)
            assert play.agent.state in (states.WAITING, states.STOPPED)
            continue
        assert len(out) == 1, (name, offered)
        text = out[0].decode()
        value = next(line for line in text.split("\r\n") if line.startswith("Authorization:"))
        credentials = Credentials.parse(value.partition(":")[2].strip())
        assert credentials.nonce == nonce, (name, offered)
        assert play.right(credentials), (name, offered)


def test_pyvoip_takes_any_challenge_for_one_of_md5():
    play = begun("pyvoip")
    play.challenge(S)
    credentials = play.credentials()
    assert (credentials.algorithm, credentials.qop, credentials.nc) == ("MD5", None, None)


@pytest.mark.parametrize(("name", "printed"), NAMES_ALGORITHM.items())
def test_whether_it_names_the_algorithm(name, printed):
    play = begun(name)
    play.challenge(BARE)
    assert play.credentials().algorithm == printed


def test_baresip_1_names_no_algorithm_even_if_asked_with_one():
    play = begun("baresip")
    play.challenge(M)
    assert play.credentials().algorithm is None


@pytest.mark.parametrize("name", ["jssip", "sipjs"])
def test_browsers_prefer_auth_int(name):
    play = begun(name)
    play.challenge('Digest realm="acme", nonce="n", qop="auth,auth-int"')
    credentials = play.credentials()
    assert credentials.qop == "auth-int"
    assert play.right(credentials)
    again = begun(name)
    again.challenge(M)
    assert again.credentials().qop == "auth"


PROXY_CHALLENGE_UNKNOWN = {"pyvoip"}


@pytest.mark.parametrize("name", ALL)
def test_a_proxy_challenge(name):
    play = begun(name)
    play.challenge(status=407)
    if name in PROXY_CHALLENGE_UNKNOWN:
        assert play.agent.outgoing() == []
    else:
        assert play.sent().first("proxy-authorization")


# --- a wrong password --------------------------------------------------------------------------------------

WRONG_PASSWORD: dict[str, tuple[int, bool]] = {
    # REGISTERs in one attempt when each login meets another nonce; whether that is the end
    "asterisk-chan_sip": (4, False),
    "asterisk-pjsip": (2, True),
    "asterisk-pjsip-16": (2, True),
    "freepbx-pjsip": (2, True),
    "mikopbx": (2, False),
    "rfc3261": (2, True),
    "3cx": (2, True),
    "grandstream": (2, True),
    "freeswitch": (2, False),
    "kamailio-uac": (2, True),
    "opensips-registrant": (2, False),
    "baresip": (16, False),
    "baresip-4": (2, False),
    "linphone": (2, False),
    "twinkle": (2, True),
    "pjsua": (4, True),
    "microsip": (4, True),
    "jssip": (2, True),
    "sipjs": (2, True),
    "pyvoip": (2, False),
    "sipp": (2, True),
    "sipsak": (2, True),
}


@pytest.mark.parametrize(("name", "registers", "final"), by_name(WRONG_PASSWORD))
def test_a_wrong_password(name, registers, final):
    play = begun(name)
    assert refuse_logins(play) == registers
    assert play.agent.failure is not None
    assert play.agent.failure.final is final
    assert stopped(play) is final


@pytest.mark.parametrize("name", ["pjsua", "microsip"])
def test_pjsip_s_own_client_believes_a_refusal_with_the_same_nonce(name):
    play = begun(name)
    assert refuse_logins(play, same_nonce=True) == 2
    assert stopped(play)


@pytest.mark.parametrize(
    ("name", "registers"), [("asterisk-pjsip", 2), ("kamailio-uac", 2), ("jssip", 5), ("rfc3261", 5)]
)
def test_nonces_called_stale(name, registers):
    """Where a stale one is no try, three of them are not: there has to be an end."""
    assert refuse_logins(begun(name), stale=True) == registers


def test_pyvoip_s_wrong_password_costs_six_registers():
    play = begun("pyvoip")
    refuse_logins(play)
    for _ in range(2):
        play.wait(1)
        play.sent()
        refuse_logins(play)
    assert len([request for request in play.seen if request.method == "REGISTER"]) == 6
    assert stopped(play)


# --- silence -----------------------------------------------------------------------------------------------

SILENCE: dict[str, tuple[float | None]] = {
    # Seconds from the REGISTER to the next attempt; None: there is none
    "asterisk-chan_sip": (20,),
    "asterisk-pjsip": (92,),
    "asterisk-pjsip-16": (92,),
    "freepbx-pjsip": (92,),
    "mikopbx": (77,),
    "rfc3261": (62,),
    "3cx": (62,),
    "grandstream": (52,),
    "freeswitch": (62,),
    "kamailio-uac": (None,),
    "opensips-registrant": (132,),
    "baresip": (0,),  # drawn by lot
    "baresip-4": (0,),
    "linphone": (34,),
    "twinkle": (62,),
    "pjsua": (0,),
    "microsip": (0,),
    "jssip": (None,),
    "sipjs": (None,),
    "pyvoip": (30,),
    "sipp": (None,),
    "sipsak": (None,),
}
SILENCE_BETWEEN = {"baresip": (62, 92), "baresip-4": (62, 92), "pjsua": (32, 42), "microsip": (32, 42)}


@pytest.mark.parametrize(("name", "seconds"), by_name(SILENCE))
def test_silence(name, seconds):
    play = begun(name)
    if seconds is None:
        while play.agent.busy:
            when = play.agent.next_timer()
            assert when is not None
            play.wait(when - play.now)
        play.agent.outgoing()
        assert play.now == 32
        assert stopped(play)
        return
    low, high = SILENCE_BETWEEN.get(name, (seconds, seconds))
    assert low <= unanswered(play) <= high


def test_pyvoip_sends_each_register_once():
    play = begun("pyvoip")
    assert play.agent.next_timer() == 30.0
    assert unanswered(play) == 30.0
    assert unanswered(play) == 30.0
    play.wait(30)
    assert len(play.agent.outgoing()) == 2
    assert stopped(play)


# --- what is written ---------------------------------------------------------------------------------------

WIRE: dict[str, tuple[str, str | None]] = {
    # How the Contact begins behind "sip:", and the Expires header
    "asterisk-chan_sip": ("<sip:s@192.0.2.1:5070>", "300"),
    "asterisk-pjsip": ("<sip:s@192.0.2.1:5070>", "300"),
    "asterisk-pjsip-16": ("<sip:s@192.0.2.1:5070>", "300"),
    "freepbx-pjsip": ("<sip:s@192.0.2.1:5070>", "300"),
    "mikopbx": ("<sip:100@192.0.2.1:5070>", "300"),
    "rfc3261": ("<sip:s@192.0.2.1:5070>", "300"),
    "3cx": ("<sip:100@192.0.2.1:5070>", "300"),
    "grandstream": ("<sip:100@192.0.2.1:5070>", "300"),
    "freeswitch": ("<sip:gw+acme@192.0.2.1:5070>", "300"),
    "kamailio-uac": ("<sip:100@192.0.2.1:5070>", "300"),
    "opensips-registrant": ("<sip:100@192.0.2.1:5070>;expires=300", None),
    "baresip": ("<sip:100-0x{lot}@192.0.2.1:5070>;expires=300", None),
    "baresip-4": ("<sip:100@192.0.2.1:5070>;expires=300", None),
    "linphone": ("<sip:100@192.0.2.1:5070;transport=udp>", "300"),
    "twinkle": ("<sip:100@192.0.2.1:5070;transport=udp>;expires=300", None),
    "pjsua": ("<sip:100@192.0.2.1:5070>", "300"),
    "microsip": ("<sip:100@192.0.2.1:5070>", "300"),
    "jssip": ("<sip:{lot}@192.0.2.1:5070>;expires=300;+sip.ice;reg-id=1", "300"),
    "sipjs": ("<sip:{lot}@192.0.2.1:5070>;expires=300", None),
    "pyvoip": ("<sip:100@192.0.2.1:5070;transport=UDP>", "300"),
    "sipp": ("<sip:100@192.0.2.1:5070>", "300"),
    "sipsak": ("<sip:100@192.0.2.1:5070>", "300"),
}


@pytest.mark.parametrize(("name", "contact", "expires"), by_name(WIRE))
def test_what_it_writes(name, contact, expires):
    play = begun(name, expiry=300, name="acme")
    request = play.seen[0]
    own = request.contacts[0].uri
    assert request.first("contact") == contact.format(lot=(own.user or "").removeprefix("100-0x"))
    assert request.first("expires") == expires
    assert request.first("user-agent") == MANNERS[name].user_agent
    assert len(own.user or "") > 0
    assert play.agent.contact == str(own)


@pytest.mark.parametrize("name", ALL)
def test_the_extension_of_the_configuration_stands(name):
    play = begun(name, contact_user="300")
    user = play.seen[0].contacts[0].uri.user or ""
    assert user == "300" or (name == "baresip" and user.startswith("300-0x"))


NEW_CALL_ID = {"kamailio-uac", "pyvoip"}


@pytest.mark.parametrize("name", ALL)
def test_call_id_and_cseq_of_a_refresh(name):
    play = logged_in(name, 3600, expiry=3600)
    first = play.seen[0]
    play.call(play.agent.refresh)
    refresh = play.sent()
    assert (refresh.first("call-id") != first.first("call-id")) is (name in NEW_CALL_ID)
    if name == "kamailio-uac":
        assert [request.cseq_number for request in play.seen] == [10, 11, 10]
    else:
        numbers = [request.cseq_number for request in play.seen]
        assert numbers == list(range(numbers[0], numbers[0] + 3))
    reused = refresh.first("authorization") is not None
    assert reused is MANNERS[name].reuse_nonce


REUSES_THE_NONCE = {"asterisk-chan_sip", "linphone", "baresip-4"}
ASKS_ANEW = {"asterisk-pjsip", "pjsua", "twinkle", "baresip", "kamailio-uac", "pyvoip", "jssip", "sipjs"}


def test_who_answers_one_nonce_again():
    assert all(MANNERS[name].reuse_nonce for name in REUSES_THE_NONCE)
    assert not any(MANNERS[name].reuse_nonce for name in ASKS_ANEW)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("asterisk-chan_sip", 120),
        ("asterisk-pjsip", 3600),
        ("freeswitch", 3600),
        ("linphone", 3600),
        ("pjsua", 300),
        ("microsip", 300),
        ("twinkle", 3600),
        ("jssip", 600),
        ("mikopbx", 120),
        ("grandstream", 3600),
        ("3cx", 600),
        ("pyvoip", 120),
    ],
)
def test_what_it_asks_for_by_itself(name, asked):
    assert begun(name).agent.expiry == asked


def test_baresip_adds_a_lot_to_what_it_asks_for():
    asked = begun("baresip").agent.expiry
    assert 3600 <= asked <= 3855
    assert begun("baresip", expiry=300).agent.expiry == 300


@pytest.mark.parametrize("name", ["asterisk-pjsip", "pjsua", "freeswitch", "opensips-registrant"])
def test_the_request_uri_may_be_the_registrar_s(name):
    play = begun(name, domain="acme.example")
    assert play.seen[0].uri == "sip:192.0.2.9:35060"
    assert play.seen[0].to.uri.host == "acme.example"
    play.challenge()
    assert play.credentials().uri == "sip:192.0.2.9:35060"


@pytest.mark.parametrize("name", ["rfc3261", "linphone", "baresip", "twinkle", "kamailio-uac"])
def test_or_the_domain(name):
    assert begun(name, domain="acme.example").seen[0].uri == "sip:acme.example"


def test_the_transport_of_the_contact_in_capitals():
    play = Carrier(MANNERS["asterisk-pjsip"], transport="tcp")
    play.call(play.agent.register)
    assert play.sent().first("contact") == "<sip:s@192.0.2.1:5070;transport=TCP>"
    other = Carrier(MANNERS["baresip-4"], transport="tls", port=5061)
    other.call(other.agent.register)
    assert other.sent().first("contact") == "<sip:100@192.0.2.1:5070;transport=tls>;expires=" + str(other.agent.expiry)
