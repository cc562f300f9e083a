"""The user agent by scripts: what it is given and what it must do, in order."""

from __future__ import annotations

import pytest
from client_stage import CARRIER, EPOCH, HELLO, Carrier, registered
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.client import (
    ASTERISK_CHAN_SIP,
    MANNERS,
    RFC3261,
    Challenged,
    Failed,
    Ignored,
    Manners,
    Refreshed,
    Registered,
    Sent,
    TimedOut,
    Unregistered,
    states,
)
from mockregistrar.sip.digest import Credentials
from mockregistrar.sip.message import Request, Response, build_request, parse, response
from mockregistrar.sip.transactions import IllegalStep

# --- chan_sip ----------------------------------------------------------------------------------------------


def test_chan_sip_logs_in():
    play = Carrier(contact_user="300")
    assert play.agent.state == states.IDLE
    play.call(play.agent.register)
    first = play.sent()
    assert first.fields()[0][0] == "Via"
    assert [name for name, _ in first.fields()] == [
        "Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Supported", "User-Agent", "Expires", "Contact",
        "Content-Length",
    ]  # fmt: skip
    assert first.uri == "sip:192.0.2.9:35060"
    assert "rport" not in (first.first("via") or "")
    assert (first.first("via") or "").startswith("SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK")
    assert (first.first("from") or "").startswith("<sip:100@192.0.2.9>;tag=as")
    assert first.first("to") == "<sip:100@192.0.2.9>"
    assert first.first("cseq") == "102 REGISTER"
    assert first.first("contact") == "<sip:300@192.0.2.1:5070>"
    assert first.first("expires") == "120"
    assert play.agent.busy

    play.now += 0.01
    play.challenge()
    assert play.events() == [Challenged(401, "acme", "MD5", False, 1)]
    second = play.sent()
    assert second.uri == "sip:192.0.2.9"
    value = second.first("authorization") or ""
    assert value.startswith('Digest username="100", realm="acme", algorithm=MD5, uri="sip:192.0.2.9:35060", nonce="n1"')
    assert "qop=auth, cnonce=" in value
    assert value.endswith("nc=00000001")
    assert second.first("cseq") == "103 REGISTER"
    assert second.first("call-id") == first.first("call-id")
    assert second.from_tag == first.from_tag
    assert second.branch != first.branch
    assert play.right(Credentials.parse(value))

    play.grant(120)
    assert play.events() == [Registered(120, ("sip:300@192.0.2.1:5070",), 105.0)]
    assert play.agent.state == states.REGISTERED
    assert not play.agent.busy
    assert play.agent.next_timer() is None
    assert play.agent.next_refresh() == EPOCH + 105
    assert play.agent.registered_until == EPOCH + 120
    assert play.agent.log == ()
    assert play.agent.failure is None


def test_port_5060_is_named_nowhere_but_in_our_own_address():
    play = Carrier(port=5060)
    play.call(play.agent.register)
    assert play.sent().uri == "sip:192.0.2.9"
    play.challenge()
    assert play.credentials().uri == "sip:192.0.2.9"


def test_domain_auth_user_and_display_name():
    play = Carrier(domain="acme.example", auth_user="auth", display_name='Tr"unk')
    play.call(play.agent.register)
    first = play.sent()
    assert first.uri == "sip:acme.example"
    assert (first.first("from") or "").startswith('"Tr\\"unk" <sip:100@acme.example>;tag=')
    play.challenge()
    credentials = play.credentials()
    assert credentials.username == "auth"
    assert credentials.uri == "sip:acme.example"
    assert play.right(credentials)


@pytest.mark.parametrize(
    ("granted", "refresh"), [(3600, 3585.0), (120, 105.0), (31, 16.0), (30, 24.0), (5, 4.0), (1, 0.5)]
)
def test_chan_sip_refreshes_15_seconds_or_a_fifth_early(granted, refresh):
    play = registered(seconds=granted)
    assert play.agent.next_refresh() == EPOCH + refresh


def test_refresh_uses_the_nonce_again():
    play = registered()
    play.wait(104.9)
    assert play.agent.outgoing() == []
    play.wait(0.1)
    credentials = play.credentials()
    assert (credentials.nonce, credentials.nc) == ("n1", "00000002")
    assert play.right(credentials)
    assert play.agent.state == states.REQUESTED
    play.grant(120)
    assert play.events() == [Refreshed(120, ("sip:s@192.0.2.1:5070",), 105.0)]
    play.call(play.agent.refresh)
    assert play.credentials().nc == "00000003"


def test_after_the_lapse_it_is_a_new_registration():
    play = registered(seconds=30)
    play.now += 31
    play.carrier_now += 31
    play.call(play.agent.timer_fired)
    play.sent()
    play.grant(30)
    assert isinstance(play.events()[-1], Registered)


def test_a_stale_nonce_on_refresh():
    play = registered()
    play.wait(105)
    play.sent()
    play.challenge('Digest realm="acme", nonce="n2", algorithm=MD5, qop="auth", stale=true')
    credentials = play.credentials()
    assert (credentials.nonce, credentials.nc) == ("n2", "00000001")
    play.grant(60)
    assert play.events() == [
        Challenged(401, "acme", "MD5", True, 1),
        Refreshed(60, ("sip:s@192.0.2.1:5070",), 45.0),
    ]


def test_wrong_password():
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    for number in (1, 2, 3):
        play.challenge(HELLO.replace("n1", f"n{number}"))
        assert play.credentials().nc == "00000001"
    play.challenge(HELLO.replace("n1", "n4"))
    assert play.agent.outgoing() == []
    line = "Failed to authenticate on REGISTER to '100@192.0.2.9' (Tries 3)"
    assert play.events()[-1] == Failed(401, "Unauthorized", line, final=False)
    assert play.agent.state == states.WAITING
    assert play.agent.failure == Failed(401, "Unauthorized", line, final=False)
    # The registration timeout was not stopped: it starts over, with the last nonce.
    assert play.agent.next_timer() == 20.0
    play.wait(20.0)
    again = "   -- Registration for '100@192.0.2.9' timed out, trying again (Attempt #5)"
    assert play.events() == [TimedOut(4, again)]
    assert play.agent.log == (line, again)
    request = play.sent()
    assert request.first("cseq") == "106 REGISTER"
    credentials = Credentials.parse(request.first("authorization") or "")
    assert (credentials.nonce, credentials.nc) == ("n3", "00000002")


def test_the_same_nonce_again_counts_on():
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    counts = []
    for _ in range(3):
        play.challenge()
        counts.append(play.credentials().nc)
    assert counts == ["00000001", "00000002", "00000003"]


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        (('Digest realm="a", nonce="n"',), "n"),
        (('Digest realm="a", nonce="2", algorithm=SHA-256', 'Digest realm="a", nonce="1", algorithm=MD5'), "1"),
        (('Digest realm="a", nonce="1", algorithm=MD5', 'Digest realm="a", nonce="2", algorithm=SHA-256'), "1"),
        (('Digest realm="a", nonce="q", algorithm="MD5"', 'Digest realm="a", nonce="1"'), "1"),
        (("Basic realm=x", "Digest nonsense", 'Digest realm="a", nonce="1"'), "1"),
        (('Digest realm="a", nonce="2", algorithm=SHA-256',), None),
        (('Digest realm="a", nonce="q", algorithm="MD5"',), None),
        ((), None),
    ],
)
def test_chan_sip_picks_the_first_plain_md5(offered, answered):
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    play.answer(401, *(("WWW-Authenticate", value) for value in offered))
    if answered is None:
        assert play.agent.log == ("Failed to authenticate on REGISTER to '100@192.0.2.9' (Tries 1)",)
        assert play.agent.state == states.WAITING
    else:
        credentials = play.credentials()
        assert (credentials.nonce, credentials.algorithm) == (answered, "MD5")
        assert play.right(credentials)


def test_chan_sip_answers_any_qop_with_auth_and_none_with_none():
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    play.challenge('Digest realm="a", nonce="n", qop="auth-int", opaque="o"')
    credentials = play.credentials()
    assert (credentials.qop, credentials.opaque) == ("auth", "o")
    play.challenge('Digest realm="a", nonce="m"')
    credentials = play.credentials()
    assert (credentials.qop, credentials.nc, credentials.cnonce) == (None, None, None)


def test_proxy_challenge():
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    play.challenge(status=407)
    request = play.sent()
    assert request.first("authorization") is None
    assert play.right(Credentials.parse(request.first("proxy-authorization") or ""))
    assert [name for name, _ in request.fields()].index("Proxy-Authorization") == 8


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (403, "Forbidden - wrong password on authentication for REGISTER for '100' to '192.0.2.9'"),
        (404, "Got 404 Not found on SIP register to service 100@192.0.2.9, giving up"),
        (400, "Got error 400 on register to 100@192.0.2.9, giving up (check config)"),
        (414, "Got error 414 on register to 100@192.0.2.9, giving up (check config)"),
        (493, "Got error 493 on register to 100@192.0.2.9, giving up (check config)"),
    ],
)
def test_chan_sip_stops_for_good(status, line):
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    play.answer(status, reason="No")
    assert play.events() == [Failed(status, "No", line, final=True)]
    assert play.agent.log == (line,)
    assert play.agent.state == states.STOPPED
    assert play.agent.next_timer() is None
    assert play.agent.next_refresh() is None
    play.wait(1000)
    assert play.agent.outgoing() == []
    play.call(play.agent.register)  # its owner may start it again
    play.sent()
    play.grant(60)
    assert play.agent.failure is None


@pytest.mark.parametrize("status", [302, 405, 479, 486, 500, 503, 603])
def test_what_chan_sip_does_not_know_is_left_to_the_timeout(status):
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    play.answer(status, ("Retry-After", "1"), reason="No")
    assert play.events() == [Failed(status, "No", "", final=False)]
    assert play.agent.log == ()
    assert play.agent.next_timer() == 20.0
    play.wait(20)
    assert isinstance(play.events()[0], TimedOut)
    play.sent()


def test_408_forgives_the_attempts():
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    play.answer(408)
    play.wait(20)
    assert isinstance(play.events()[-1], TimedOut)
    assert play.agent.log[-1].endswith("(Attempt #1)")


def test_423_adopts_the_minimum():
    play = Carrier(expiry=60)
    play.call(play.agent.register)
    play.sent()
    play.challenge()
    play.sent()
    play.answer(423, ("Min-Expires", "1800"))
    line = "Got 423 Interval too brief for service 100@192.0.2.9, minimum is 1800 seconds"
    assert play.events()[-1] == Failed(423, "Interval Too Brief", line, final=False)
    request = play.sent()
    assert request.first("expires") == "1800"
    assert Credentials.parse(request.first("authorization") or "").nc == "00000002"
    play.grant(1800)
    assert play.agent.next_refresh() == EPOCH + 1785


@pytest.mark.parametrize(("manners", "asked_next"), [(ASTERISK_CHAN_SIP, 60), (RFC3261, 1800)])
def test_what_it_asks_for_after_a_minimum_was_granted(manners, asked_next):
    play = Carrier(manners, expiry=60)
    play.call(play.agent.register)
    play.sent()
    play.answer(423, ("Min-Expires", "1800"))
    play.sent()
    play.grant(1800)
    play.call(play.agent.refresh)
    assert play.sent().first("expires") == str(asked_next)


def test_a_refusal_counts_though_its_from_is_as_broken_as_ours_was():
    play = Carrier(user="u 98")
    play.call(play.agent.register)
    request = parse(play.agent.outgoing()[0])
    assert isinstance(request, Request)
    play.answer(400, to=request, reason="Malformed From")
    line = "Got error 400 on register to u 98@192.0.2.9, giving up (check config)"
    assert play.events() == [Failed(400, "Malformed From", line, final=True)]


def test_chan_sip_names_the_port_except_in_answers_to_a_challenge():
    play = Carrier(expiry=60)
    play.call(play.agent.register)
    assert play.sent().uri == "sip:192.0.2.9:35060"
    play.challenge()
    assert play.sent().uri == "sip:192.0.2.9"
    play.answer(423, ("Min-Expires", "120"))
    assert play.sent().uri == "sip:192.0.2.9:35060"
    play.grant(120)
    play.wait(105)
    refresh = play.sent()
    assert refresh.uri == "sip:192.0.2.9:35060"
    assert refresh.first("authorization")
    assert refresh.from_tag == play.seen[0].from_tag


def test_423_too_high():
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    play.answer(423, ("Min-Expires", "3601"))
    line = "Required expiration time from 100@192.0.2.9 is too high, giving up"
    assert play.events() == [Failed(423, "Interval Too Brief", line, final=True)]
    assert play.agent.log == (
        "Got 423 Interval too brief for service 100@192.0.2.9, minimum is 3601 seconds",
        line,
    )
    assert play.agent.outgoing() == []


@pytest.mark.parametrize("minimum", ["120", "0", "soon", None])
def test_423_that_asks_for_nothing_longer_is_no_loop(minimum):
    play = Carrier()
    play.call(play.agent.register)
    play.sent()
    play.answer(423, *([("Min-Expires", minimum)] if minimum else []))
    assert play.agent.outgoing() == []
    assert play.agent.state == states.WAITING
    assert play.agent.next_timer() == 20.0


def test_423_that_always_wants_more_is_no_loop():
    play = Carrier()
    play.call(play.agent.register)
    for minimum in range(200, 205):
        play.sent()
        play.answer(423, ("Min-Expires", str(minimum)))
    play.sent()
    play.answer(423, ("Min-Expires", "300"))
    assert play.agent.outgoing() == []
    assert play.agent.state == states.WAITING


def test_each_attempt_may_adopt_anew():
    play = Carrier()
    play.call(play.agent.register)
    for minimum in range(200, 212):
        play.sent()
        play.answer(423, ("Min-Expires", str(minimum)))
        assert play.sent().first("expires") == str(minimum)
        play.grant(minimum)
        play.call(play.agent.refresh)


def test_silence():
    play = Carrier()
    play.call(play.agent.register)
    first = play.sent().raw
    times = []
    while (when := play.agent.next_timer()) is not None and when < 20:
        play.wait(when - play.now)
        assert play.agent.outgoing() == [first]
        times.append(when)
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5]
    assert play.agent.next_timer() == 20.0
    sent = [event for event in play.agent.events() if isinstance(event, Sent)]
    assert sent == [Sent("REGISTER", 102)] + [Sent("REGISTER", 102, again=True)] * 7
    play.wait(0.5)
    line = "   -- Registration for '100@192.0.2.9' timed out, trying again (Attempt #2)"
    assert play.agent.events() == [TimedOut(1, line), Sent("REGISTER", 103)]
    assert play.agent.failure == TimedOut(1, line)
    assert play.sent().first("cseq") == "103 REGISTER"
    assert play.agent.next_timer() == 20.5
    play.grant(120)
    assert play.agent.attempts == 0
    assert isinstance(play.events()[-1], Registered)


def test_silence_over_a_stream_is_not_repeated():
    play = Carrier(transport="tcp")
    play.call(play.agent.register)
    request = play.sent()
    assert (request.first("via") or "").startswith("SIP/2.0/TCP ")
    assert request.first("contact") == "<sip:s@192.0.2.1:5070;transport=tcp>"
    assert play.agent.next_timer() == 20.0
    play.wait(19.9)
    assert play.agent.outgoing() == []
    play.wait(0.1)
    play.sent()


def test_a_limit_of_attempts():
    manners = Manners(
        name="limited", user_agent="x", reactions=(), refresh=RFC3261.refresh, attempt_timeout=20.0, max_attempts=2,
        silence=ASTERISK_CHAN_SIP.silence, gave_up_log=ASTERISK_CHAN_SIP.gave_up_log,
    )  # fmt: skip
    play = Carrier(manners)
    play.call(play.agent.register)
    play.wait(20)
    play.wait(20)
    line = "   -- Last Registration Attempt #2 failed, Giving up forever trying to register '100@192.0.2.9'"
    assert play.agent.events()[-1] == Failed(None, "no answer", line, final=True)
    assert play.agent.state == states.STOPPED


def test_expiry_is_that_of_our_own_contact_else_the_header_else_the_default():
    ours = "<sip:s@192.0.2.1:5070>"
    other = "<sip:other@192.0.2.7>;expires=3600"
    cases = [
        ([("Contact", f"{other}, {ours};expires=40")], 40),
        ([("Contact", f'"x, y" {other}'), ("Contact", "<sip:s@192.0.2.1:5070;line=1>;expires=50")], 50),
        ([("Contact", f"{other}, {ours}"), ("Expires", "70")], 70),
        ([("Contact", other), ("Expires", "70")], 70),
        ([("Contact", "<<<"), ("Expires", "70")], 70),
        ([("Contact", f"{ours};expires=soon"), ("Expires", "70")], 70),
        ([("Contact", "*")], 120),
        ([("Contact", other)], 120),
        ([], 120),
        ([("Contact", f"{ours};expires=0")], 120),  # chan_sip takes 0 for no word
    ]
    for headers, expected in cases:
        play = Carrier()
        play.call(play.agent.register)
        play.sent()
        play.answer(200, *headers)
        outcome = play.events()[-1]
        assert isinstance(outcome, Registered)
        assert outcome.expires_in == expected, headers


def test_unregister():
    play = registered()
    play.call(play.agent.unregister)
    request = play.sent()
    assert request.first("expires") == "0"
    assert request.first("contact") == "<sip:s@192.0.2.1:5070>"
    assert Credentials.parse(request.first("authorization") or "").nc == "00000002"
    assert play.agent.next_refresh() is None
    play.challenge(HELLO.replace("n1", "n2"))
    assert play.agent.state == states.LEAVING_ANSWERED
    assert play.sent().first("expires") == "0"
    play.answer(200, ("Contact", "<sip:other@192.0.2.7>;expires=99"))
    assert play.events()[-1] == Unregistered(("sip:other@192.0.2.7",))
    assert play.agent.state == states.IDLE
    assert play.agent.registered_until is None
    assert play.agent.next_timer() is None


@pytest.mark.parametrize("status", [403, 423, 500, 503])
def test_unregister_refused(status):
    play = registered()
    play.call(play.agent.unregister)
    play.sent()
    play.answer(status, ("Min-Expires", "60"))
    failure = play.events()[-1]
    assert isinstance(failure, Failed)
    assert failure.final
    assert play.agent.state == states.STOPPED
    assert play.agent.next_timer() is None


def test_unregister_unanswered():
    play = registered()
    play.call(play.agent.unregister)
    play.wait(20)
    assert play.agent.state == states.STOPPED
    assert play.agent.next_timer() is None


def test_unregister_gives_up_what_is_under_way():
    play = Carrier()
    play.call(play.agent.register)
    first = play.sent()
    play.call(play.agent.unregister)
    play.sent()
    play.answer(200, to=first)
    assert play.events() == [Ignored("a response (200) to nothing we sent")]
    play.answer(200)
    assert play.events() == [Unregistered(())]


def test_illegal_steps():
    play = Carrier()
    with pytest.raises(IllegalStep, match="registration: refresh cannot happen in state Unregistered"):
        play.call(play.agent.refresh)
    play.call(play.agent.register)
    with pytest.raises(IllegalStep, match="registration: register cannot happen in state Request Sent"):
        play.call(play.agent.register)
    play.call(play.agent.unregister)
    with pytest.raises(IllegalStep):
        play.call(play.agent.unregister)


# --- matching ----------------------------------------------------------------------------------------------


def test_responses_that_match_nothing_are_ignored():
    play = Carrier()
    play.call(play.agent.register)
    request = play.sent()
    raw = request.raw.replace(b"branch=z9hG4bK", b"branch=z9hG4bKx")
    foreign = parse(raw)
    assert isinstance(foreign, Request)
    play.answer(403, to=foreign)
    assert play.events() == [Ignored("a response (403) to nothing we sent")]
    play.answer(100)
    assert play.events() == []
    assert play.agent.state == states.REQUESTED
    play.grant(120)
    play.grant(60)  # the 200 again
    assert [type(event) for event in play.events()] == [Registered]
    assert play.agent.next_refresh() == EPOCH + 105


def test_keep_alives_mean_nothing():
    play = registered()
    for data in (b"", b"\r\n", b"\r\n\r\n", b"\0\0\0\0"):
        play.agent.receive(data, play.now, play.carrier_now)
    assert play.agent.events() == []


# --- requests that reach it --------------------------------------------------------------------------------


def ping(method: str = "OPTIONS", branch: str = "z9hG4bK1", cseq: str | None = None) -> bytes:
    fields = [
        ("Via", f"SIP/2.0/UDP 192.0.2.9:5060;branch={branch};rport"),
        ("From", "<sip:carrier@acme>;tag=1"),
        ("To", "<sip:s@192.0.2.1>"),
        ("Call-ID", "q1"),
        ("CSeq", cseq or f"7 {method}"),
    ]
    return build_request(method, "sip:s@192.0.2.1:5070", fields)


def reply(play: Carrier, data: bytes) -> Response:
    play.agent.receive(data, play.now, play.carrier_now, CARRIER)
    [octets] = play.agent.outgoing()
    answer = parse(octets)
    assert isinstance(answer, Response)
    return answer


@pytest.mark.parametrize(
    ("method", "status"),
    [("OPTIONS", 200), ("INVITE", 405), ("BYE", 405), ("NOTIFY", 405), ("CANCEL", 481), ("options", 501), ("X", 501)],
)
def test_it_is_never_silent(method, status):
    play = Carrier()
    answer = reply(play, ping(method))
    assert answer.status == status
    assert answer.first("allow") == "OPTIONS"
    assert answer.to.tag
    assert answer.top_via.received == CARRIER[0]
    assert answer.top_via.rport == CARRIER[1]
    assert play.agent.events() == [Sent(method, 7, status=status)]


def test_a_ping_again_gets_the_same_answer():
    play = registered()
    first = reply(play, ping())
    assert reply(play, ping()).raw == first.raw
    assert len(play.agent.events()) == 1
    assert play.agent.state == states.REGISTERED


def test_a_refused_invite_is_refused_until_the_ack():
    play = Carrier()
    answer = reply(play, ping("INVITE"))
    assert play.agent.next_timer() == 0.5
    play.wait(0.5)
    assert play.agent.outgoing() == [answer.raw]
    play.agent.receive(ping("ACK"), play.now, play.carrier_now)
    assert play.agent.next_timer() is None
    assert play.agent.outgoing() == []


def test_malformed_requests_get_400():
    play = Carrier()
    assert reply(play, ping(cseq="x OPTIONS")).status == 400
    assert reply(play, ping(cseq="7 INVITE")).status == 400
    assert reply(play, ping().replace(b"SIP/2.0\r\n", b"SIP/3.0\r\n")).status == 505
    play.agent.events()
    for silent in (b"OPTIONS sip:x SIP/2.0\r\n\r\n", ping("ACK", cseq="7 BYE"), b"\x16\x03\x01\x02"):
        play.agent.receive(silent, play.now, play.carrier_now)
        assert play.agent.outgoing() == []
        assert isinstance(play.agent.events()[0], Ignored)


# --- properties --------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"SIP/2.0 200 OK\r\n", b"OPTIONS sip:x SIP/2.0\r\n"]))
def test_octets_never_raise(data, start):
    play = Carrier()
    play.call(play.agent.register)
    play.agent.receive(start + data, 0.1, EPOCH)
    play.agent.receive(start + data + b"\r\n\r\n", 0.1, EPOCH, CARRIER)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_broken_answers_never_raise(data):
    play = Carrier(
        data.draw(st.sampled_from(list(MANNERS.values()))), realm=data.draw(st.sampled_from([None, "", "x"]))
    )
    play.call(play.agent.register)
    request = play.sent()
    status = data.draw(st.sampled_from([200, 401, 407, 423, 503]))
    text = st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=40)
    shreds = st.lists(st.sampled_from(['Digest realm="', '"', ",", 'nonce="a"', "<sip:s@192.0.2.1:5070>", ";expires=",
                                       "9", "%", "\\", "\x00", "*", "é"]), max_size=8).map("".join)  # fmt: skip
    names = ("WWW-Authenticate", "Proxy-Authenticate", "Contact", "Expires", "Min-Expires", "Retry-After")
    headers = [(name, data.draw(st.one_of(text, shreds))) for name in names]
    octets = response(request, status, to_tag="t", headers=headers)
    cut = data.draw(st.integers(0, len(octets)))
    play.agent.receive(octets[:cut] + data.draw(st.binary(max_size=3)) + octets[cut:], 0.1, EPOCH)
    play.agent.receive(octets, 0.2, EPOCH)
    for _ in range(30):
        when = play.agent.next_timer()
        if when is None:
            break
        play.now = max(when, play.now)
        play.call(play.agent.timer_fired)
    assert play.agent.state in {state for state, _ in states.TABLE}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([200, 202, 401, 403, 404, 407, 408, 423, 500, 503, "wait", "go", "leave"]), max_size=25),
    st.sampled_from(list(MANNERS.values())),
)
def test_no_sequence_of_answers_breaks_it(steps, manners):
    """Timers always lie ahead, at most one REGISTER is on its way, and the states are those of the table."""
    play = Carrier(manners)
    play.call(play.agent.register)
    for it in steps:
        for octets in play.agent.outgoing():
            found = parse(octets)
            assert isinstance(found, Request)
            play.seen.append(found)
        if it == "go" and play.agent.state in (states.IDLE, states.STOPPED):
            play.call(play.agent.register)
        elif it == "leave" and play.agent.state not in states.LEAVINGS:
            play.call(play.agent.unregister)
        elif it == "wait":
            when = play.agent.next_timer()
            play.wait(max(0.0, when - play.now) if when is not None else 50.0)
        elif isinstance(it, int):
            extra = [("WWW-Authenticate", HELLO), ("Proxy-Authenticate", HELLO), ("Min-Expires", "90")]
            play.answer(it, *extra, ("Contact", f"<{play.agent.contact}>;expires=40"))
        timer = play.agent.next_timer()
        assert timer is None or timer > play.now
        assert not play.agent.busy or timer is not None


def test_the_same_seed_gives_the_same_octets():
    runs = []
    for _ in range(2):
        play = registered()
        play.wait(105)
        runs.append([request.raw for request in play.seen] + play.agent.outgoing())
    assert runs[0] == runs[1]
