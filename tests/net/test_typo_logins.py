"""Mistakes in the strings of a running carrier's accounts, and whether each login ends as the mistake says."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from mockregistrar import (
    REASONS,
    AccountSpec,
    CannotRender,
    CarrierSettings,
    DoesNotApply,
    ListenSpec,
    MockRegistrar,
    ReactorThread,
    account_typo,
    check_login,
)
from mockregistrar.trunks import Trunk, registry, truth
from mockregistrar.trunks.items import items_of
from mockregistrar.trunks.typos import KINDS
from mockregistrar.trunks.typos.fitting import mistyped, rich_secret


@pytest.fixture(scope="module")
def thread():
    held = ReactorThread()
    held.hold()
    yield held
    held.release()


@pytest.fixture
def carrier(thread):
    with MockRegistrar(seed=7, thread=thread) as running:
        yield running


# -- accounts ---------------------------------------------------------------------------------------------------


def test_typos_of_an_account(carrier):
    account = carrier.add_account("trunk1")
    found = list(carrier.typos(account, "vicidial"))
    right = account.registration_string("vicidial")
    assert len(found) > 40
    assert {each.right for each in found} == {right}
    assert all(each.text != right and each.account is account for each in found)
    assert {each.login for each in found} == {"refused", "no-answer", "not-sent"}
    kinds = {each.kind for each in found}
    assert [each.kind for each in found] == [kind for kind in KINDS if kind in kinds]
    assert "registered" in {each.login for each in carrier.typos(account, "vicidial", harmless=True)}
    chosen = [each.kind for each in carrier.typos(account, "vicidial", kinds="password-*", without="*-c*")]
    assert {"password-missing", "password-wrong"} <= {*chosen}
    assert not any("-c" in kind for kind in chosen)


def test_a_whole_config_and_another_transport(carrier):
    account = carrier.add_account("trunk1")
    found = carrier.typo("keyword-missing", account, "asterisk", config=True, transport="tcp")
    assert found.right == account.config("asterisk", transport="tcp")
    assert found.dialect == "asterisk-sip.conf"


def test_an_account_is_made_up_to_suit(carrier):
    found = carrier.typo("user-for-auth-user", "trunk1", "vicidial")
    assert carrier.account("trunk1") == found.account
    assert found.account.auth_user == "trunk1x"
    special = carrier.typo("password-unescaped", "trunk2", "freeswitch").account
    assert not special.secret.isalnum()
    assert carrier.masker.text(special.secret) == special.secret  # made up: shown
    assert carrier.typo("password-wrong", "trunk2", "vicidial").account == special  # there by now
    assert next(carrier.typos("trunk3", kinds="*-missing")).account.name == "trunk3"
    assert carrier.user_agent("trunk3").register()


def test_the_seed_says_where(thread):
    def made(own, **more):
        with MockRegistrar(CarrierSettings(seed=own), thread=thread) as carrier:
            account = carrier.add_account("trunk1", "kD7mWq2xRtV9bN4s")
            return [each.description for each in carrier.typos(account, kinds="password-w*", **more)]

    assert made(1) == made(1) == made(2, seed=1)
    assert len({tuple(made(seed)) for seed in range(8)}) > 3


def test_what_is_left_of_a_given_secret_is_masked(carrier):
    account = carrier.add_account("trunk1", "kD7m$Wq2xRt")
    for found in carrier.typos(account, "vicidial", kinds=["password-*", "*-missing", "user-*"]):
        shown = carrier.masker.text(found.text)
        for piece in ("kD7m", "D7m$", "Wq2x", "q2xR", "2xRt"):
            assert piece not in shown, found
        assert "kD7m" not in repr(found) + found.description
    made_up = carrier.add_account("trunk2")
    found = carrier.typo("password-wrong", made_up, "vicidial")
    assert carrier.masker.text(found.text) == found.text


def test_of_an_account_alone(carrier):
    account = carrier.add_account("trunk1", "kD7mWq2xRtV9")
    found = account_typo("password-wrong", account, "vicidial")
    assert carrier.masker.text(found.text) == found.text  # nobody told the carrier
    assert carrier.hide_typo(found) is found
    assert carrier.masker.text(found.text).count("•") == 12


def test_mistakes_of_the_test(carrier):
    account = carrier.add_account("trunk1", "kD7m;Wq2x")
    with pytest.raises(CannotRender, match="VICIdial deletes every `;`"):
        carrier.typos(account, "vicidial")
    with pytest.raises(ValueError, match="did you mean `password-\\*`"):
        carrier.typos(account, kinds="pasword-*")
    with pytest.raises(ValueError, match="unknown dialect 'vicidal'; did you mean 'vicidial'"):
        carrier.typos(account, "vicidal")
    with pytest.raises(DoesNotApply, match="it logs in all the same"):
        carrier.typo("slash-missing", "trunk2", "vicidial")


# -- judged by a login ------------------------------------------------------------------------------------------

WRITTEN = [
    name for name in registry.names() if registry.renders(name) and name not in ("asterisk-iax2", "jssip", "sipjs")
]
SAMPLE = 16
PORT = 35060


def addresses(text):
    """Return the addresses that stand in a text."""
    for quad in re.findall(r"(?<![\w.])\d+(?:\.\d+){3}(?![\w.])", text):
        with contextlib.suppress(ValueError):
            yield ipaddress.ip_address(quad)


def logged_in(found, host, thread):
    """Return how the built-in client's logins with the mistyped text end, one report for each registration in it."""
    dialect = registry.named(found.dialect)
    known = truth(items_of(dialect.parse(found.right, form=found.form), Path("right"))[0])
    carrier = CarrierSettings(
        listen=tuple(ListenSpec(transport, "127.0.0.1", PORT) for transport in ("udp", "tcp")),
        domains=(host,),
        accounts=(AccountSpec(user=known.user, secret=known.secret, auth_user=known.auth_user or None),),
        seed=1,
    )
    for item in items_of(dialect.parse(found.text, form=found.form), Path("mistyped")):
        if item.kind == "register" and item.skip is None:
            yield check_login(item, known, carrier=carrier, thread=thread)


@pytest.mark.parametrize("dialect", WRITTEN)
def test_a_login_ends_as_the_mistake_says(dialect, thread):
    rng = Random(dialect)
    seen = Counter()
    for host in ("127.0.0.1", "sip0.acme.example"):
        trunk = Trunk("trunk1", host, secret=rich_secret(rng), extension="trunk1", port=PORT)
        text = registry.render(dialect, trunk)
        for kind in rng.sample(list(KINDS), SAMPLE):
            try:
                found = mistyped(kind, text, dialect, rng, harmless=True)
            except DoesNotApply:
                continue
            new = {*addresses(found.text)} - {*addresses(found.right)}
            assert all(each.is_loopback for each in new), found.text
            reports = list(logged_in(found, host, thread))
            states = {report.state for report in reports} or {"not-sent"}
            brief = any("423" in report.headline for report in reports)  # whether it asks again is the client's manners
            if brief:
                continue
            assert found.login in states, (kind, found.text, [report.headline for report in reports])
            assert found.login == "registered" or "registered" not in states, (kind, found.text)
            for report in reports:  # none is silent
                assert report.headline
                assert report.state != "refused" or report.because in REASONS, report
                assert report.state != "no-answer" or report.because == "nothing-arrived", report
            seen[found.login] += 1
    assert seen["refused"] > 1, seen


def test_a_mistake_is_told_by_the_carrier_that_it_was_made_for(carrier):
    account = carrier.add_account("trunk1")
    for found in carrier.typos(account, kinds="password-[sw]*"):
        reads = registry.named(found.dialect).parse(found.text).registrations
        if not reads or reads[0].user != "trunk1":
            continue
        (read,) = reads
        assert found.login == "refused"
        assert not carrier.user_agent(account, secret=read.secret).register()
        carrier.assert_refused(account, because="wrong-password")
        assert carrier.verdicts(account)
