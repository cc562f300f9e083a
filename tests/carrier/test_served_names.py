"""Served names (DESIGN decision 12), and accounts of several domains."""

from __future__ import annotations

import pytest
from playbook import Ask, Playbook, header, spec

from mockregistrar.carrier.checking import SettingsError
from mockregistrar.carrier.settings import ListenSpec

LISTEN = ("udp:192.0.2.1:5060", "tcp:[2001:db8::1]:5060")


def served(host: str, **settings) -> bool:
    book = Playbook("alice:x", listen=LISTEN, **settings)
    answer = book.ask(Ask(host=host))
    assert answer.status in (401, 404)
    if answer.status == 404:
        assert answer.because == "wrong-domain"
        assert header(answer, "WWW-Authenticate") == []
    return answer.status == 401


@pytest.mark.parametrize(
    ("host", "is_served"),
    [
        ("one.test", True),
        ("ONE.Test", True),
        ("one.test.", True),
        ("one.test:5099", True),
        ("two.test", True),
        ("sub.one.test", False),
        ("three.test", False),
        ("edge.test", True),
        ("localhost", True),
        ("192.0.2.1", True),
        ("192.0.2.1:7000", True),
        ("192.0.2.2", False),
        ("[2001:db8::1]", True),
        ("[2001:DB8:0::1]:5061", True),
        ("[2001:db8::2]", False),
    ],
)
def test_domains_addresses_the_advertised_host_and_localhost_are_served(host, is_served):
    assert served(host, domains=("one.test", "Two.TEST"), advertise="edge.test") is is_served
    assert served(host), "without a domain, every host is"


def test_what_is_bound_later_is_served_too():
    book = Playbook("alice:x", domains=("one.test",))
    assert book.ask(Ask(host="192.0.2.99")).status == 404
    book.carrier.listening((ListenSpec("tls", "192.0.2.99", 5061),))
    assert book.ask(Ask(host="192.0.2.99")).status == 401


@pytest.mark.parametrize(
    ("settings", "realm"),
    [
        ({}, "192.0.2.1"),
        ({"advertise": "edge.test"}, "edge.test"),
        ({"advertise": "edge.test", "domains": ("one.test", "two.test")}, "one.test"),
        ({"domains": ("one.test",), "realm": "asterisk"}, "asterisk"),
    ],
)
def test_the_realm_is_the_first_domain_or_else_the_host(settings, realm):
    assert Playbook(listen=LISTEN, **{"realm": None, **settings}).carrier.realm == realm


def test_an_account_without_a_domain_is_that_of_every_served_one():
    book = Playbook("alice:x", domains=("one.test", "two.test"))
    for host in ("one.test", "two.test", "localhost"):
        assert book.register("x", host=host, call_id=host).status == 200
    assert len(book.carrier.accounts.named("alice").bindings) == 1


def test_an_account_of_one_domain_is_unknown_in_another():
    book = Playbook(spec("alice:x", domain="One.Test"), domains=("one.test", "two.test"))
    assert book.register("x", host="ONE.test").status == 200
    assert book.register("x", host="one.test.", call_id="dot").status == 200
    assert book.register("x", host="two.test", call_id="2").because == "unknown-user"


def test_an_account_may_have_an_address_for_a_domain():
    book = Playbook(spec("alice:x", domain="2001:DB8::1"), spec("bob:x", domain="[2001:db8::1]"))
    for user in ("alice", "bob"):
        assert book.register("x", user=user, host="[2001:db8:0::1]", call_id=user).status == 200


def test_one_user_may_exist_in_several_domains():
    book = Playbook(spec("alice:1", domain="one.test"), spec("alice:2", domain="two.test"), "alice:any")
    names = [a.name for a in book.carrier.accounts]
    assert names == ["alice", "alice@two.test", "alice@"]
    for host, password in (("one.test", "1"), ("two.test", "2"), ("three.test", "any")):
        assert book.register(password, host=host, call_id=host).status == 200
        assert book.register("no", host=host, call_id=host).because == "wrong-password"
    assert [len(book.carrier.accounts.named(n).bindings) for n in names] == [1, 1, 1]
    assert book.carrier.accounts.named("alice@one.test") is book.carrier.accounts.named("alice")
    with pytest.raises(LookupError):
        book.carrier.accounts.named("alice@four.test")
    with pytest.raises(SettingsError, match="there already"):
        book.carrier.add_account(spec("alice:3", domain="TWO.test"))


def test_an_account_removed_and_added_again_starts_anew():
    book = Playbook(spec("alice:x", auth_user="a1", networks=("192.0.2.7",)), access="either")
    assert book.ask(Ask()).status == 200
    book.carrier.accounts.remove(book.carrier.accounts.named("alice"))
    assert len(book.carrier.accounts) == 0
    assert book.carrier.accounts.find_by_auth_user("a1", "x") is None
    assert not book.carrier.accounts.listed_by_any("192.0.2.7")
    book.carrier.add_account(spec("alice:y"))
    assert book.register("y", call_id="again").status == 200
