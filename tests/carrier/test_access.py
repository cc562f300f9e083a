"""Access: what an address is worth, for which account (DESIGN decision 11)."""

from __future__ import annotations

import itertools

import pytest
from playbook import SOURCE, Ask, Do, Playbook, spec

HERE, ELSEWHERE = SOURCE[0], "198.51.100.1"
NETS = {"none": (), "here": ("192.0.2.0/24",), "elsewhere": (ELSEWHERE,)}


def worth(access, allow, deny, own_access, own, secret) -> str:
    """Return what decision 11 says, straight from its text: challenge, trusted or refused."""
    if deny == "here":
        return "refused"
    networks = own if own != "none" else allow
    listed = networks == "here"
    policy = own_access or access
    if not secret:
        policy = "ip"
    elif policy is None:
        policy = "digest" if networks == "none" else "both"
    return {
        "digest": "challenge",
        "ip": "trusted" if listed else "refused",
        "both": "challenge" if listed else "refused",
        "either": "trusted" if listed else "challenge",
    }[policy]


POLICIES = (None, "digest", "ip", "both", "either")


@pytest.mark.parametrize("access", POLICIES)
@pytest.mark.parametrize("own_access", POLICIES)
def test_the_whole_matrix(access, own_access):
    expected = {"challenge": (401, None), "trusted": (200, None), "refused": (403, "ip-not-allowed")}
    for allow, deny, own, secret in itertools.product(NETS, NETS, NETS, (True, False)):
        account = spec("alice:x" if secret else "alice", access=own_access, networks=NETS[own])
        book = Playbook(account, access=access, allow=NETS[allow], deny=NETS[deny])
        answer = book.ask(Ask())
        wanted = expected[worth(access, allow, deny, own_access, own, secret)]
        assert (answer.status, answer.because) == wanted, (allow, deny, own, secret, answer.detail)
        if answer.status == 401:
            assert book.ask(Ask(password="x")).status == 200


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (401, None)),
        ({"allow": NETS["here"]}, (401, None)),
        ({"allow": NETS["elsewhere"]}, (403, "ip-not-allowed")),
        ({"deny": NETS["here"]}, (403, "ip-not-allowed")),
        ({"access": "ip", "allow": NETS["here"]}, (404, "unknown-user")),
        ({"access": "ip"}, (403, "ip-not-allowed")),
        ({"access": "either", "allow": NETS["elsewhere"]}, (401, None)),
    ],
)
def test_an_unknown_user_is_met_with_the_carriers_own_policy(settings, expected):
    answer = Playbook("alice:x", **settings).ask(Ask(user="nobody"))
    assert (answer.status, answer.because) == expected


@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS", "INVITE"])
@pytest.mark.parametrize("settings", [{"deny": NETS["here"]}, {"access": "ip"}])
def test_dropping_means_silence_for_every_method(method, settings):
    ask = Ask(method=method)
    Playbook("alice:x", refuse="drop", **settings).play(ask, "silence [ip-not-allowed]")
    Playbook("alice:x", **settings).play(ask, "403 Forbidden [ip-not-allowed]\nWWW-Authenticate: -\nAllow: -")


@pytest.mark.parametrize(
    ("network", "source", "let_in"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("192.0.2.0/29", "::ffff:192.0.2.8", False),
        ("::ffff:0:0/96", "192.0.2.7", False),
        ("2001:db8::/32", "2001:DB8::7", True),
        ("2001:db8::/32", "192.0.2.7", False),
        ("0.0.0.0/0", "2001:db8::7", False),
        ("fe80::/10", "fe80::1%eth0", True),
    ],
)
def test_addresses_of_both_families(network, source, let_in):
    book = Playbook("alice", allow=(network,))
    assert book.ask(Ask(source=(source, 5060))).status == (200 if let_in else 403)


def test_deny_beats_allow_and_a_later_word_beats_an_earlier_one():
    both = {"allow": ("192.0.2.0/24",), "deny": (HERE,)}
    Playbook("alice:x", **both).play(
        Ask(), "403 Forbidden [ip-not-allowed]",
        Do(lambda c: c.allow(HERE), f"allow {HERE}"),
        Ask(), "401 Unauthorized",
        Do(lambda c: c.deny("192.0.2.0/24"), "deny the network"),
        Ask(), "403 Forbidden [ip-not-allowed]",
        Do(lambda c: c.allow("192.0.2.0/24"), "allow the network"),
        Do(lambda c: c.deny(HERE), f"deny {HERE}"),
        Ask(), "403 Forbidden [ip-not-allowed]",
    )  # fmt: skip


def test_a_first_allow_closes_the_carrier_to_all_others():
    Playbook("alice:x", "trunk").play(
        Ask(user="trunk"), "403 Forbidden [ip-not-allowed]",
        Ask(), "401 Unauthorized",
        Do(lambda c: c.allow(ELSEWHERE), "allow another"),
        Ask(), "403 Forbidden [ip-not-allowed]",
        Ask(user="trunk"), "403 Forbidden [ip-not-allowed]",
        Do(lambda c: c.allow(HERE), "allow this one"),
        Ask(call_id="2"), "401 Unauthorized",
        Ask(user="trunk"), "200 OK",
    )  # fmt: skip


def test_an_account_on_its_own_list_may_ping_though_the_carrier_lists_others():
    book = Playbook(spec("trunk", networks=(HERE,)), allow=(ELSEWHERE,))
    assert book.ask(Ask(method="OPTIONS")).status == 200
    assert book.ask(Ask(method="OPTIONS", source=("203.0.113.5", 1))).status == 403
    book.carrier.deny(HERE)
    assert book.ask(Ask(method="OPTIONS")).status == 403


def test_the_refusal_says_which_list_it_was():
    def detail(**settings):
        return Playbook("alice:x", **settings).ask(Ask()).detail

    assert detail(deny=(HERE,)) == f"{HERE} is on the deny-list"
    assert detail(allow=(ELSEWHERE,)) == f"{HERE} is not on the allow-list: {ELSEWHERE}/32"
    assert detail(access="ip") == f"{HERE} is not allowed: no network is on the allow-list yet"
