"""One question to a registrar: what is sent, what its answers mean, and that the password is used once at the most."""

from __future__ import annotations

import random

import pytest

from mockregistrar.client import ASTERISK_CHAN_SIP, RFC3261, Answered, Failed, Profile, Question
from mockregistrar.sip import digest
from mockregistrar.sip.digest import Credentials
from mockregistrar.sip.message import parse, response

LOCAL = ("192.0.2.1", 5070)
CHALLENGE = ("WWW-Authenticate", 'Digest realm="acme", nonce="n1", algorithm=MD5, qop="auth"')


class Stage:
    def __init__(self, manners=RFC3261, **profile):
        told = {"user": "100", "secret": "s3cret", "host": "192.0.2.9", "domain": "acme.example"} | profile
        self.core = Question(Profile(**told), manners, LOCAL, random.Random(1))
        self.now = 0.0

    def ask(self):
        self.core.ask(self.now, 0.0)
        return self.sent()

    def sent(self):
        (octets,) = self.core.outgoing()
        return parse(octets)

    def answer(self, request, status, *headers):
        self.core.receive(response(request, status, "", to_tag="t", source=LOCAL, headers=headers), self.now, 0.0)

    def told(self, kind):
        return [event for event in self.core.events() if isinstance(event, kind)]


@pytest.fixture
def stage():
    return Stage()


@pytest.mark.parametrize("manners", [RFC3261, ASTERISK_CHAN_SIP])
def test_there_is_neither_contact_nor_expires(manners):
    request = Stage(manners).ask()
    request.check()
    assert request.method == "REGISTER"
    assert request.first("contact") is None
    assert request.first("expires") is None
    assert request.first("authorization") is None


def test_right_credentials_and_who_is_bound(stage):
    stage.answer(stage.ask(), 401, CHALLENGE)
    request = stage.sent()
    credentials = Credentials.parse(request.first("authorization"))
    assert request.first("contact") is None
    assert (credentials.username, credentials.realm, credentials.nc) == ("100", "acme", "00000001")
    ha1 = digest.ha1("MD5", "100", "acme", "s3cret")
    assert credentials.response == digest.expected_response(credentials, ha1, "REGISTER")
    bound = "<sip:100@203.0.113.9:5060>;expires=84, <sip:100@[2001:db8::1]>;q=0.5"
    stage.answer(request, 200, ("Contact", bound), ("Expires", "60"))
    (answered,) = stage.told(Answered)
    assert answered.challenged
    assert (answered.realm, answered.algorithm) == ("acme", "MD5")
    assert answered.contacts == (("sip:100@203.0.113.9:5060", 84), ("sip:100@[2001:db8::1]", 60))
    assert not stage.core.busy
    assert stage.core.next_timer() is None


@pytest.mark.parametrize("status", [401, 407, 403, 404, 423, 500, 503, 603])
def test_after_the_credentials_nothing_is_tried_again(stage, status):
    stage.answer(stage.ask(), 401, CHALLENGE)
    stage.answer(stage.sent(), status, CHALLENGE, ("Retry-After", "0"), ("Min-Expires", "60"))
    assert stage.core.outgoing() == []
    (answered,) = stage.told(Answered)
    assert (answered.status, answered.challenged, answered.contacts) == (status, True, ())
    stage.now += 1000
    stage.core.timer_fired(stage.now, 0.0)
    assert stage.core.outgoing() == []


def test_a_stale_nonce_is_no_reason_to_use_the_password_twice(stage):
    stage.answer(stage.ask(), 401, CHALLENGE)
    stage.answer(stage.sent(), 401, ("WWW-Authenticate", 'Digest realm="acme", nonce="n2", stale=true, qop="auth"'))
    assert stage.core.outgoing() == []


def test_a_registrar_that_asks_for_nothing(stage):
    stage.answer(stage.ask(), 200)
    (answered,) = stage.told(Answered)
    assert not answered.challenged
    assert answered.contacts == ()


def test_a_challenge_that_cannot_be_answered(stage):
    stage.answer(stage.ask(), 401, ("WWW-Authenticate", 'Digest realm="acme", nonce="n1", algorithm=AKAv1-MD5'))
    (failed,) = stage.told(Failed)
    assert (failed.status, failed.reason) == (401, "none of its challenges can be answered")


def test_silence_ends_it_after_64_t1(stage):
    stage.ask()
    while (due := stage.core.next_timer()) is not None:
        stage.now = due
        stage.core.timer_fired(due, 0.0)
    assert stage.now == pytest.approx(32.0)
    (failed,) = stage.told(Failed)
    assert failed.status is None


def test_a_closed_connection_ends_it():
    stage = Stage(transport="tcp")
    stage.ask()
    stage.core.disconnected(0.0)
    (failed,) = stage.told(Failed)
    assert failed.reason == "the connection was closed"


def test_other_messages_are_passed_over(stage):
    request = stage.ask()
    for octets in (b"\r\n\r\n", b"not SIP", b"OPTIONS sip:a SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n"):
        stage.core.receive(octets, 0.0, 0.0)
    assert stage.core.busy
    stage.answer(request, 100)
    assert stage.core.busy
