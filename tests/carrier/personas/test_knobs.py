"""What each knob does to the carrier, one after the other, in scripts."""

from __future__ import annotations

import random

import pytest
from playbook import HOST, SOURCE, Ask, Playbook, Wait, header, shown

from mockregistrar import CarrierSettings
from mockregistrar.carrier.carrier import Carrier
from mockregistrar.carrier.personas.carrier import PersonaCarrier
from mockregistrar.carrier.personas.presets import PERSONAS
from mockregistrar.sip.challenge import Challenge

OPEN = {"access": "ip", "allow": (SOURCE[0],)}
"""Settings of a carrier that challenges nobody."""
RIGHT = {"password": "secret"}


def book(*accounts: str, **settings: object) -> Playbook:
    return Playbook(*(accounts or ("alice:secret",)), **settings)


# -- which carrier ---------------------------------------------------------------------------------------------
def test_a_carrier_without_knobs_is_the_plain_one():
    assert type(book().carrier) is Carrier
    assert type(book(persona="default").carrier) is Carrier
    assert type(book(min_expires=1, algorithms=("SHA-256",), stale=False, grant=60).carrier) is Carrier
    assert type(book(date=False).carrier) is PersonaCarrier


@pytest.mark.parametrize("name", PERSONAS)
def test_no_knob_is_lost_on_the_plain_carrier(name: str):
    """The list of what needs the other carrier is complete: both answer alike where the plain one is chosen."""
    settings = CarrierSettings().changed(persona=name, realm=HOST)
    plain = Playbook("alice:secret", persona=name)
    if type(plain.carrier) is not Carrier:
        return
    other = Playbook("alice:secret", persona=name)
    other.carrier = PersonaCarrier(other.settings, random.Random(1), other.now)
    assert settings.persona == (name,)
    for ask in (Ask(expires=30), Ask(expires=30, **RIGHT), Ask(contact=None, **RIGHT), Ask(expires=0, **RIGHT)):
        if name.startswith(("two-", "sha", "strict")):
            continue
        one, two = plain.ask(ask), other.ask(ask)
        assert (one.status, one.headers, one.because) == (two.status, two.headers, two.because)


# -- the challenge -----------------------------------------------------------------------------------------------
def test_407_for_register():
    script = book(challenge="407")
    script.play(Ask(), "407 Proxy Authentication Required\nWWW-Authenticate: -")
    assert Challenge.parse(header(script.ask(Ask()), "Proxy-Authenticate")[0]).realm == HOST
    script.play(
        Ask(**RIGHT), "407 Proxy Authentication Required [no-credentials]",
        Ask(field="Proxy-Authorization", **RIGHT), "200 OK",
        Ask(field="Proxy-Authorization", password="other"), "407 Proxy Authentication Required [wrong-password]",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "text"), [("token", ", algorithm=MD5,"), ("quoted", ', algorithm="MD5",'), ("omitted", "")]
)
def test_how_the_algorithm_is_named(form: str, text: str):
    script = book(algorithm_form=form)
    (value,) = header(script.ask(Ask()), "WWW-Authenticate")
    assert text in value
    assert ("algorithm" in value) == bool(text)
    script.play(Ask(**RIGHT), "200 OK")


def test_the_realm_of_the_aor():
    script = book("alice:secret", "bob:hidden", realm_rule="aor")
    for host in (HOST, "192.0.2.1", "Carrier.TEST"):
        assert Challenge.parse(header(script.ask(Ask(host=host)), "WWW-Authenticate")[0]).realm == host
        script.play(
            Ask(host=host, **RIGHT), "200 OK", Ask(host=host, password="x"), "401 Unauthorized [wrong-password]"
        )
    script.play(Ask(host=HOST), "401 Unauthorized", Ask(host="192.0.2.1", **RIGHT), "401 Unauthorized [wrong-realm]")
    for number in range(200):
        script.ask(Ask(host=f"h{number}.test"))
    assert len(script.carrier._authenticators) <= 64


def test_stale_is_not_told():
    for stale in (True, False):
        script = book(stale=stale, nonce_ttl=5)
        script.play(Ask(), "401 Unauthorized", Ask(**RIGHT), "200 OK", Wait(6))
        answer = script.ask(Ask(**RIGHT))
        assert str(answer.because) == "nonce-stale"
        assert Challenge.parse(header(answer, "WWW-Authenticate")[0]).stale is stale


@pytest.mark.parametrize("qop", ["auth", "none", "auth-int"])
def test_a_nonce_for_one_request(qop: str):
    script = book(nonce_use="once", qop=qop)
    script.play(
        Ask(), "401 Unauthorized", Ask(**RIGHT), "200 OK", Ask(nc=2, **RIGHT), "401 Unauthorized [nonce-replayed]"
    )
    script.play(Ask(nc=1, **RIGHT), "200 OK")  # with the nonce of that challenge
    script.play(Ask(password="wrong"), "401 Unauthorized [wrong-password]", Ask(nc=1, **RIGHT), "200 OK")


def test_only_the_newest_nonce_is_good():
    script = book(nonce_use="latest")
    script.play(Ask(), "401 Unauthorized", Ask(**RIGHT), "200 OK", Ask(**RIGHT), "200 OK")
    (old,) = script.desk.challenges
    script.play(Ask(call_id="other"), "401 Unauthorized", Ask(**RIGHT), "200 OK")
    answer = script.ask(Ask(changed={"nonce": old.nonce}, nc=9, **RIGHT))
    assert shown(answer, "") == ["401 Unauthorized [nonce-stale]"]
    assert Challenge.parse(header(answer, "WWW-Authenticate")[0]).stale
    script.play(Ask(**RIGHT), "200 OK")


def test_the_digest_over_the_exact_uri():
    other = f"sip:{HOST}:5060"
    book().play(Ask(), "401 Unauthorized", Ask(digest_uri=other, **RIGHT), "200 OK")
    book(digest_uri="exact").play(
        Ask(), "401 Unauthorized",
        Ask(digest_uri=other, **RIGHT), "400 Digest URI Mismatch [digest-uri-mismatch]",
        Ask(**RIGHT), "200 OK",
    )  # fmt: skip


@pytest.mark.parametrize("qop", ["auth", "none"])
def test_unregistering_is_challenged_anew(qop: str):
    script = book(unregister_challenge="always", qop=qop)
    script.play(
        Ask(), "401 Unauthorized",
        Ask(**RIGHT), "200 OK",
        Ask(**RIGHT), "200 OK",
        Ask(expires=0, **RIGHT), "401 Unauthorized",
        Ask(expires=0, **RIGHT), "200 OK\nContact: -",
    )  # fmt: skip


def test_unregistering_is_not_challenged():
    script = book(unregister_challenge="never")
    script.play(
        Ask(), "401 Unauthorized",
        Ask(**RIGHT), "200 OK",
        Ask(contact="<sip:alice@192.0.2.7>;expires=0"), "200 OK\nContact: -",
        Ask(contact="*", expires=0), "200 OK",
        Ask(), "401 Unauthorized",
        Ask(user="bob", expires=0), "401 Unauthorized",
    )  # fmt: skip


# -- refusals ----------------------------------------------------------------------------------------------------
def test_silence_instead_of_a_refusal():
    script = book(wrong_password="drop", unknown_user="drop")
    script.play(
        Ask(), "401 Unauthorized",
        Ask(password="x"), "silence [wrong-password]",
        Ask(user="bob", password="x"), "silence [unknown-user]",
        Ask(username="bob", password="x"), "silence [wrong-auth-user]",
        Ask(**RIGHT), "200 OK",
    )  # fmt: skip


def test_locked_out_after_wrong_passwords():
    script = book("alice:secret", "bob:hidden", lockout_after=2, lockout_time=100)
    wrong = Ask(password="x")
    script.play(
        Ask(), "401 Unauthorized",
        wrong, "401 Unauthorized [wrong-password]",
        Ask(**RIGHT), "200 OK",
        wrong, "401 Unauthorized [wrong-password]",
        wrong, "401 Unauthorized [wrong-password]",
        Ask(**RIGHT), "403 Forbidden [locked-out]",
        Ask(user="bob", password="hidden"), "200 OK",
        Wait(99), Ask(**RIGHT), "403 Forbidden [locked-out]",
        Wait(1), Ask(**RIGHT), "200 OK",
    )  # fmt: skip


@pytest.mark.parametrize(
    "status", ["503 Service Unavailable", "403 Forbidden", "404 Not Found", "500 Server Internal Error"]
)
def test_the_first_ones_are_refused(status: str):
    script = book("alice:secret", "bob:hidden", first_refused=2, first_status=status[:3])
    refused = f"{status} [refused-at-first]\nRetry-After: -"
    script.play(
        Ask(), refused, Ask(), refused, Ask(), "401 Unauthorized", Ask(**RIGHT), "200 OK",
        Ask(user="bob"), refused, Ask(**RIGHT), "200 OK",
    )  # fmt: skip


def test_the_first_ones_are_not_answered():
    book(first_refused=1, first_status="drop").play(Ask(), "silence [refused-at-first]", Ask(), "401 Unauthorized")


def test_retry_after_is_in_every_503():
    book(first_refused=1, retry_after=7).play(
        Ask(), "503 Service Unavailable [refused-at-first]\nRetry-After: 7", Ask(), "401 Unauthorized\nRetry-After: -"
    )
    script = book(max_contacts=1, too_many_contacts="503", retry_after=9, **OPEN)
    script.play(
        Ask(), "200 OK",
        Ask(contact="<sip:alice@192.0.2.8>"), "503 Service Unavailable [too-many-contacts]\nRetry-After: 9",
    )  # fmt: skip


def test_too_many_contacts_are_a_403_or_a_503():
    more = Ask(contact="<sip:alice@192.0.2.8>")
    book(max_contacts=1, **OPEN).play(Ask(), "200 OK", more, "403 Too Many Contacts [too-many-contacts]")
    book(max_contacts=1, too_many_contacts="503", **OPEN).play(
        Ask(), "200 OK", more, "503 Service Unavailable [too-many-contacts]\nRetry-After: -"
    )


def test_a_rate_limit_counts_by_source_address():
    elsewhere = ("192.0.2.99", 5060)
    script = book(rate_limit=2, rate_window=10, retry_after=10)
    refused = "503 Service Unavailable [rate-limited]\nRetry-After: 10"
    script.play(
        Ask(), "401 Unauthorized", Wait(9), Ask(**RIGHT), "200 OK", Ask(**RIGHT), refused, Ask(user="bob"), refused,
        Ask(source=elsewhere), "401 Unauthorized", Wait(1), Ask(**RIGHT), "200 OK",
    )  # fmt: skip


# -- the expiry --------------------------------------------------------------------------------------------------
def test_423_before_any_challenge():
    script = book(short_expires="reject-first", min_expires=600)
    brief = "423 Interval Too Brief [interval-too-brief]\nMin-Expires: 600"
    script.play(
        Ask(expires=60), brief,
        Ask(contact="<sip:alice@192.0.2.7>;expires=60", expires=900), brief,
        Ask(user="nobody", expires=60), brief,
        Ask(expires=600), "401 Unauthorized",
        Ask(expires=600, **RIGHT), "200 OK",
        Ask(expires=0, **RIGHT), "200 OK",
        Ask(contact=None, expires=1, **RIGHT), "200 OK",
        Ask(expires=None, **RIGHT), "200 OK",
    )  # fmt: skip


def test_423_that_moves():
    script = book("alice:secret", "bob:hidden", min_expires=600, min_expires_step=600, max_expires=1500, **OPEN)

    def brief(seconds: int) -> str:
        return f"423 Interval Too Brief [interval-too-brief]\nMin-Expires: {seconds}"

    script.play(
        Ask(expires=60), brief(600), Ask(expires=600), brief(1200), Ask(expires=1200), brief(1500),
        Ask(expires=1499), brief(1500), Ask(expires=1500), "200 OK", Ask(user="bob", expires=600), "200 OK",
    )  # fmt: skip


def test_a_grant_for_everybody():
    short = AccountSpecOf("bob", grant=10)
    script = Playbook("alice:secret", short, grant=90, **OPEN)
    script.play(
        Ask(expires=3600), "200 OK\nContact: <sip:alice@192.0.2.7>;expires=90",
        Ask(expires=70), "200 OK\nContact: <sip:alice@192.0.2.7>;expires=70",
        Ask(expires=30), "423 Interval Too Brief [interval-too-brief]",
        Ask(user="bob", expires=3600), "200 OK\nContact: <sip:alice@192.0.2.7>;expires=10",
    )  # fmt: skip


def AccountSpecOf(user: str, **fields: object):
    from mockregistrar import AccountSpec

    return AccountSpec(user=user, secret="hidden", **fields)


C = "<sip:alice@192.0.2.7>"


@pytest.mark.parametrize(
    ("where", "contact", "expires"),
    [
        ("contact", f"{C};expires=600", "-"),
        ("header", C, "600"),
        ("both", f"{C};expires=600", "600"),
        ("neither", C, "-"),
    ],
)
def test_where_the_grant_is_told(where: str, contact: str, expires: str):
    text = f"200 OK\nContact: {contact}\nExpires: {expires}"
    later = text.replace("600", "500")
    gone = f"200 OK\nContact: -\nExpires: {'0' if expires != '-' else '-'}"
    book(grant_in=where, **OPEN).play(
        Ask(expires=600), text, Wait(100), Ask(contact=None), later, Ask(expires=600), text, Ask(expires=0), gone,
        Ask(contact=None), "200 OK\nContact: -\nExpires: -",
    )  # fmt: skip


def test_another_grant_is_told_than_given():
    script = book(grant_shown=0, grant_in="both", **OPEN)
    script.play(
        Ask(expires=600), f"200 OK\nContact: {C};expires=0\nExpires: 0", Wait(599), Wait(1), f"lapsed alice {C[1:-1]}"
    )


# -- the contacts ------------------------------------------------------------------------------------------------
def test_contacts_are_rewritten():
    script = book(contact_answer="rewrite", **OPEN)
    script.play(
        Ask(contact="<sip:al@10.0.0.1:5062;ob>;q=0.5", expires=600),
        f"200 OK\nContact: <sip:al@{SOURCE[0]}:{SOURCE[1]};nat=yes>;expires=600;q=0.5",
    )  # fmt: skip
    assert script.carrier.accounts.named("alice").bindings[0].uri == "sip:al@10.0.0.1:5062;ob"
    script.play(Ask(contact="<sip:al@10.0.0.1:5062;ob>", expires=0), "200 OK\nContact: -")


def test_contacts_are_left_out():
    book(contact_answer="omit", grant_in="header", **OPEN).play(
        Ask(expires=600), "200 OK\nContact: -\nExpires: 600\nDate: Tue, 14 Nov 2023 22:13:20 GMT"
    )


def test_foreign_contacts_stand_before_the_own():
    book(foreign_contacts="sip:other@192.0.2.99", default_expires=900, **OPEN).play(
        Ask(expires=600), f"200 OK\nContact: <sip:other@192.0.2.99>;expires=900\nContact: {C};expires=600"
    )


def test_contacts_in_one_field():
    other = "<sip:alice@192.0.2.8>"
    book(contacts_joined=True, **OPEN).play(
        Ask(expires=600, contact=(C, other)), f"200 OK\nContact: {C};expires=600, {other};expires=600",
        Ask(expires=0, contact="*", call_id="x"), "200 OK\nContact: -",
    )  # fmt: skip


def test_no_date():
    book(date=False, server="x", service_route="sip:edge.test;lr", **OPEN).play(
        Ask(), "200 OK\nDate: -\nServer: x\nService-Route: <sip:edge.test;lr>"
    )


def test_percent_encoded_characters_come_back_decoded():
    script = book(contact_answer="decode", **OPEN)
    script.play(
        Ask(contact="<sip:al%23ice%2B1%40x%20%3e%e4@192.0.2.7>", expires=600),
        "200 OK\nContact: <sip:al#ice+1%40x%20%3e%e4@192.0.2.7>;expires=600",
    )
    assert script.carrier.accounts.named("alice").bindings[0].uri == "sip:al%23ice%2B1%40x%20%3e%e4@192.0.2.7"


def test_a_public_gruu_that_leads_nowhere():
    with_instance = '<sip:alice@192.0.2.7>;+sip.instance="<urn:uuid:1>"'
    gruu = (("Supported", "path, gruu"),)
    script = book(pub_gruu=True, **OPEN)
    listed = f'{C};expires=600;+sip.instance="<urn:uuid:1>"'
    script.play(
        Ask(contact=with_instance, expires=600), f"200 OK\nContact: {listed}",
        Ask(contact=with_instance, expires=600, headers=gruu),
        f'200 OK\nContact: {listed};pub-gruu="sip:alice@{HOST};gr=urn:uuid:1"',
        Ask(expires=600, headers=gruu), f"200 OK\nContact: {C};expires=600",
    )  # fmt: skip


# -- commonly done wrong -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("always", [True, False])
def test_a_wrong_password_may_be_told_stale(always: bool):
    script = book(stale_always=always)
    script.play(Ask(), "401 Unauthorized")
    assert Challenge.parse(header(script.ask(Ask()), "WWW-Authenticate")[0]).stale is False
    answer = script.ask(Ask(password="wrong"))
    assert str(answer.because) == "wrong-password"
    assert Challenge.parse(header(answer, "WWW-Authenticate")[0]).stale is always


@pytest.mark.parametrize(("answer", "shown"), [("404", "404 Not Found"), ("403", "403 Forbidden"), ("drop", "silence")])
def test_an_unknown_user_is_told_at_once(answer: str, shown: str):
    book(unknown_user=answer, unknown_user_at_once=True).play(
        Ask(user="bob"), f"{shown} [unknown-user]", Ask(), "401 Unauthorized", Ask(**RIGHT), "200 OK"
    )
    book(unknown_user=answer).play(Ask(user="bob"), "401 Unauthorized")


@pytest.mark.parametrize(("answer", "shown"), [("404", "404 Not Found"), ("drop", "silence")])
def test_a_user_in_the_request_uri_is_not_served(answer: str, shown: str):
    named = Ask(uri=f"sip:alice@{HOST}")
    book(uri_user=answer).play(named, f"{shown} [wrong-domain]", Ask(), "401 Unauthorized", Ask(**RIGHT), "200 OK")
    book().play(named, "401 Unauthorized")


def test_cseq_must_increase_across_calls():
    refused = "500 CSeq Not Increased [cseq-not-increased]"
    other = "<sip:alice@192.0.2.8>"
    for rule, again, elsewhere in (
        ("call", "200 OK", "200 OK"), ("contact", refused, "200 OK"), ("account", refused, refused),
    ):  # fmt: skip
        book(cseq_rule=rule, **OPEN).play(
            Ask(cseq=7), "200 OK",
            Ask(cseq=3, contact=other, call_id="b"), elsewhere,
            Ask(cseq=2, call_id="restarted"), again,
            Ask(cseq=8, call_id="c"), "200 OK",
            Ask(cseq=1, contact=None, call_id="d"), "200 OK",
        )  # fmt: skip


def test_the_header_may_beat_the_contact():
    both = Ask(contact=f"{C};expires=120", expires=600)
    book(**OPEN).play(both, f"200 OK\nContact: {C};expires=120")
    book(expires_from="header", **OPEN).play(
        both, f"200 OK\nContact: {C};expires=600", Ask(contact=f"{C};expires=120"), f"200 OK\nContact: {C};expires=120"
    )


def test_old_nonces_may_count_for_a_lock_out():
    script = book(lockout_after=2, lockout_time=100, lockout_counts="stale-too", nonce_ttl=5)
    stale = "401 Unauthorized [nonce-stale]"
    script.play(
        Ask(), "401 Unauthorized", Ask(**RIGHT), "200 OK",
        Wait(6), Ask(**RIGHT), stale, Ask(**RIGHT), "200 OK",
        Wait(6), Ask(**RIGHT), stale, Ask(**RIGHT), "403 Forbidden [locked-out]",
        Wait(101), Ask(**RIGHT), stale, Ask(**RIGHT), "200 OK",
    )  # fmt: skip


def test_439_where_outbound_is_asked_for():
    script = book(path=True, outbound=True, first_hop_outbound=False)
    asks = Ask(
        contact=f'{C};reg-id=1;+sip.instance="<urn:uuid:1>"', headers=(("Supported", "path, outbound"),), **RIGHT
    )
    refused = script.play(
        Ask(), "401 Unauthorized",
        asks, "439 First Hop Lacks Outbound Support [extension-not-supported]",
        Ask(**RIGHT), "200 OK",
    )  # fmt: skip
    assert refused is None
    answer = script.ask(asks)
    assert (answer.account, answer.user) == ("alice", "alice")
