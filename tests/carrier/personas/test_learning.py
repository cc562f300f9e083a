"""A persona learned from a conversation with a carrier that has it: what can be seen is learned, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from playbook import HOST, LOCAL, NOW, SOURCE, Ask, Desk

from mockregistrar import PERSONAS, AccountSpec, CarrierSettings
from mockregistrar.carrier.personas.learning import Learned, NothingToLearn, learn
from mockregistrar.engine import CarrierEngine, Send
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import parse

UDP = Flow("udp", LOCAL, SOURCE)
RIGHT: dict[str, Any] = {"password": "s3cret"}
FETCH: dict[str, Any] = {"contact": None}


class Line:
    """A client and a carrier in memory, and who listens in."""

    def __init__(self, **settings: Any) -> None:
        import random

        account = AccountSpec(user="alice", secret="s3cret")
        given = {"realm": HOST, "domains": HOST, "accounts": account, **settings}
        self.now = 0.0
        self.engine = CarrierEngine(CarrierSettings().changed(**given), rng=random.Random(1), now=0.0, epoch=NOW)
        self.field = "Authorization"
        self.desk = Desk()
        self.seen: list[Any] = []

    def say(self, *steps: dict[str, Any] | float) -> Line:
        for step in steps:
            if isinstance(step, float):
                self.now += step
                continue
            self.now += 0.1
            octets = Ask(field=self.field, **step).octets(self.desk)
            self.seen.append((self.now, SOURCE, LOCAL, parse(octets)))
            self.engine.receive(octets, UDP, self.now)
            for output in self.engine.outgoing():
                if isinstance(output, Send):
                    answer = parse(output.data)
                    self.seen.append((self.now + 0.01, LOCAL, SOURCE, answer))
                    for name in ("www-authenticate", "proxy-authenticate"):
                        self.desk.take([("WWW-Authenticate", v) for v in answer.headers.get(name, ())])
        return self

    def learned(self) -> Learned:
        return learn(self.seen)


def of(learned: Learned, names: Iterable[str]) -> dict[str, Any]:
    return {name: learned.knobs.get(name) for name in names}


LIFE = (
    {"expires": 3600}, {"expires": 3600, **RIGHT}, {"expires": 3600, **RIGHT}, 2.0, {"expires": 20, **RIGHT},
    dict(RIGHT), {"expires": 999_999, **RIGHT}, {"expires": 0, **RIGHT}, {"expires": 20},
)  # fmt: skip

CHALLENGE = ("challenge", "algorithms", "algorithm_form", "qop", "realm", "nonce_use")


@pytest.mark.parametrize("name", PERSONAS)
def test_what_is_learned_of_a_preset_is_true(name: str):
    """Nothing learned is wrong: each knob is what the carrier has, or what nobody can tell apart."""
    line = Line(persona=name, realm=PERSONAS[name].knobs.get("realm", HOST))
    settings = line.engine.settings
    if settings.challenge == "407":
        line.field = "Proxy-Authorization"
    learned = line.say(*({},) * settings.first_refused, *LIFE).learned()
    for knob, value in learned.knobs.items():
        actual = getattr(settings, knob)
        if knob == "header_order":
            assert [n for n in value if n in actual] == list(actual)
        elif knob == "nonce_use" and actual == "latest":
            assert value == "many"  # one client alone sees no difference
        elif knob == "contact_answer" and settings.contact_answer == "omit":
            assert value == "omit"
        elif knob == "contact_answer" and actual == "decode":
            assert value == "echo"  # this client's contact has nothing to decode
        elif knob == "grant_in" and settings.contact_answer == "omit":
            assert value == ("neither" if actual == "contact" else actual)
        elif knob == "max_expires" and settings.grant is not None:
            assert value == settings.grant
        elif knob == "max_expires" and actual > 999_999:
            assert value == 999_999  # as far as was asked
        elif knob == "default_expires":
            assert value == min(actual, settings.grant or actual, settings.max_expires)
        elif knob == "nonce_ttl":
            assert actual - 3 <= value <= actual + 3
        else:
            assert value == actual, (knob, learned.evidence[knob])


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("kamailio", (*CHALLENGE, "short_expires", "min_expires", "default_expires", "grant_in", "date", "server")),
        ("asterisk-chan_sip", (*CHALLENGE, "short_expires", "min_expires", "default_expires", "max_expires")),
        ("strict", ("algorithms", "algorithm_form")),
        ("quoted-algorithm", ("algorithm_form",)),
        ("foreign-realm", ("realm",)),
        ("proxy-challenge", ("challenge",)),
        ("challenge-unregister", ("unregister_challenge",)),
        ("grant-in-header", ("grant_in",)),
        ("grant-in-both", ("grant_in",)),
        ("grant-absent", ("grant_in",)),
        ("grant-zero", ("grant_shown",)),
        ("grant-raised", ("short_expires", "min_expires")),
        ("contact-omitted", ("contact_answer",)),
        ("contact-rewritten", ("contact_answer",)),
        ("compact-headers", ("compact_headers",)),
        ("423-before-auth", ("short_expires", "min_expires")),
        ("no-date", ("date",)),
    ],
)
def test_what_a_life_shows_is_learned(name: str, knobs: tuple[str, ...]):
    line = Line(persona=name, realm=PERSONAS[name].knobs.get("realm", HOST))
    if name == "proxy-challenge":
        line.field = "Proxy-Authorization"
    settings = line.engine.settings
    learned = line.say(*LIFE).learned()
    expected = {knob: getattr(settings, knob) for knob in knobs}
    if expected.get("realm") == HOST:
        expected["realm"] = None  # the domain of the AOR needs no knob
    if name == "kamailio":
        expected["nonce_use"] = "many"
    assert of(learned, knobs) == expected


def test_stale_and_the_age_of_nonces():
    for stale in (True, False):
        line = Line(nonce_ttl=30, stale=stale)
        line.say({}, dict(RIGHT), 28.0, dict(RIGHT), 4.0, dict(RIGHT), dict(RIGHT), dict(RIGHT))
        learned = line.learned()
        assert of(learned, ("stale", "nonce_use")) == {"stale": stale, "nonce_use": "many"}
        assert 30 <= learned.knobs["nonce_ttl"] <= 33
        assert learned.evidence["nonce_ttl"].startswith("accepted when 28.")


def test_one_time_nonces():
    learned = Line(nonce_use="once").say({}, dict(RIGHT), dict(RIGHT), dict(RIGHT), dict(RIGHT), dict(RIGHT)).learned()
    assert of(learned, ("nonce_use", "stale", "nonce_ttl")) == {"nonce_use": "once", "stale": True, "nonce_ttl": None}


def test_a_wrong_password_is_no_old_nonce():
    line = Line(wrong_password="401")
    wrong = {"password": "wrong"}
    learned = line.say({}, dict(RIGHT), wrong, wrong, dict(RIGHT)).learned()
    assert of(learned, ("stale", "nonce_use", "nonce_ttl")) == dict.fromkeys(("stale", "nonce_use", "nonce_ttl"))
    assert learned.knobs["wrong_password"] == "401"


def test_limits_beyond_the_default_are_learned_as_far_as_they_were_tried():
    line = Line(min_expires=5, max_expires=100_000, max_contacts=50, access="ip", allow=SOURCE[0])
    line.say({"expires": 90_000}, {"expires": 10}, *({"contact": f"<sip:a@192.0.2.{n}>"} for n in range(12)))
    limits = of(line.learned(), ("min_expires", "max_expires", "max_contacts", "short_expires"))
    assert limits == {"min_expires": 10, "max_expires": 90_000, "max_contacts": 13, "short_expires": None}


def test_refusals():
    line = Line(wrong_password="403", unknown_user="404")
    nobody = {"user": "nobody", **RIGHT}
    learned = line.say({}, {"password": "wrong"}, {}, dict(RIGHT), {"user": "nobody"}, nobody).learned()
    assert of(learned, ("wrong_password", "unknown_user")) == {"wrong_password": "403", "unknown_user": "404"}
    unsure = Line().say({}, {"password": "wrong"}).learned()
    assert of(unsure, ("wrong_password", "unknown_user")) == {"wrong_password": None, "unknown_user": None}
    assert "a wrong password or an unknown user, the capture does not say" in unsure.notes[0]


def test_moving_423():
    line = Line(persona="423-moving").say({}, *({"expires": n, **RIGHT} for n in (60, 600, 1200, 1800)))
    assert of(line.learned(), ("min_expires", "min_expires_step")) == {"min_expires": 600, "min_expires_step": 600}


def test_503_and_silence_are_told():
    learned = Line(persona="503-retry-after").say({}, {}, dict(RIGHT)).learned()
    assert learned.knobs["retry_after"] == 2
    assert learned.notes == ["1 REGISTERs got 503; after how many, the capture does not say"]
    silent = Line(wrong_password="drop").say({}, {"password": "x"}).learned()
    assert silent.notes == ["1 REGISTERs got no final answer"]


def test_a_realm_for_each_domain():
    line = Line(realm_rule="aor", domains=()).say({}, {"host": "other.test"})
    assert of(line.learned(), ("realm", "realm_rule")) == {"realm": None, "realm_rule": "aor"}
    two = [*Line(realm="one").say({}).seen, *Line(realm="two").say({"call_id": "b"}).seen]
    assert "2 realms were used" in learn(two).notes


def test_several_contacts_and_foreign_ones():
    line = Line(contacts_joined=True, foreign_contacts="sip:other@192.0.2.99")
    learned = line.say({}, dict(RIGHT)).learned()
    assert learned.knobs["contacts_joined"] is True
    assert learned.notes == ["1 contacts were listed that nobody registers in the capture"]


def test_a_carrier_that_challenges_nobody():
    learned = Line(access="ip", allow=SOURCE[0]).say({}, {}).learned()
    assert learned.notes == ["2 REGISTERs without credentials were let in: access by address"]
    assert "challenge" in learned.unknown
    assert "qop" in learned.unknown


def test_nothing_secret_and_nobody_is_kept():
    learned = Line(wrong_password="403").say(*LIFE, {"password": "wr0ng"}).learned()
    text = repr((learned.knobs, learned.evidence, learned.notes))
    assert "alice" not in text
    assert "s3cret" not in text
    assert "response" not in text


def test_which_registrar():
    line = Line().say({}, dict(RIGHT))
    other = ("192.0.2.50", 5060)
    moved = [(t, s, other if d == LOCAL else d, m) for t, s, d, m in Line().say({}).seen if s == SOURCE]
    learned = learn([*line.seen, *moved])
    assert (learned.registrar, learned.registers, learned.others) == (LOCAL, 2, {other: 1})
    assert learn([*line.seen, *moved], other).registers == 1
    with pytest.raises(NothingToLearn, match=r"no REGISTER to 192\.0\.2\.1:9; there are some to 192\.0\.2\.1:5060"):
        learn(line.seen, ("192.0.2.1", 9))
    with pytest.raises(NothingToLearn, match="no REGISTER among 0 SIP messages"):
        learn([])


def test_what_cannot_be_read_is_passed_over():
    line = Line().say({}, {"contact": "<sip:broken", **RIGHT}, dict(RIGHT))
    learned = line.learned()
    assert learned.registers == 3
    assert "1 REGISTERs, or their answers, cannot be read" in learned.notes
    assert learned.knobs["contact_answer"] == "echo"
