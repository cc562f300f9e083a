"""What a failed wait or assertion says: the closest candidate field by field, the verdict, the next step."""

from __future__ import annotations

import pytest
from phone import Phone
from playbook import Ask

from mockregistrar import MockRegistrar, RegistrationTimeout


@pytest.fixture
def carrier():
    with MockRegistrar(timeout=0.05) as carrier:
        yield carrier


def said(check, *arguments, **keywords) -> list[str]:
    """Return the lines of the failure behind the lines of what was seen."""
    with pytest.raises(AssertionError) as error:
        check(*arguments, **keywords)
    lines = str(error.value).splitlines()
    start = [n for n, line in enumerate(lines) if line.startswith("The closest, from 127.0.0.1:")]
    return lines[start[0] + 1 :] if start else []


def ask(carrier, user, password="x", **fields):
    with Phone(carrier) as phone:
        return phone.register(user, password, **fields)


def test_another_user(carrier):
    account = carrier.add_account("trunk1", "x")
    ask(carrier, "trunkl")
    lines = said(carrier.assert_registered, account)
    assert lines[:3] == [
        "  user       expected `trunk1`, seen `trunkl`",
        "  auth user  expected `trunk1`, seen `trunkl`",
        "  as it should be: realm 127.0.0.1, transport udp",
    ]
    assert lines[3].startswith("verdict: unknown-user")
    assert lines[4].startswith("next: ")
    assert lines[5] == "more: mockregistrar codes unknown-user"


def test_another_password_is_not_shown(carrier):
    account = carrier.add_account("trunk1", "correct-horse")
    ask(carrier, "trunk1", "correct-house")
    lines = said(carrier.assert_registered, account)
    assert lines[:2] == [
        "  password  expected the account's, seen another",
        "  as it should be: user trunk1, auth user trunk1, realm 127.0.0.1, transport udp",
    ]
    assert lines[2].startswith("verdict: wrong-password/")
    assert "correct-h" not in "".join(lines)


def test_the_user_right_and_the_auth_user_wrong(carrier):
    account = carrier.add_account("trunk1", "x", auth_user="auth1")
    ask(carrier, "trunk1")
    assert said(carrier.assert_registered, account)[0] == "  auth user  expected `auth1`, seen `trunk1`"


def test_all_that_differs_at_once():
    with MockRegistrar(domains=["sip.acme.example"], timeout=0.05) as carrier:
        account = carrier.add_account("trunk1", "x", networks=["192.0.2.0/24", "198.51.100.7"])
        with Phone(carrier) as phone:
            phone.ask(Ask(user="trunk2", host="elsewhere.example"))
        lines = said(carrier.assert_registered, account)
        assert [line.split("  ")[1] for line in lines[:3]] == ["user", "domain", "source"]
        assert "expected `sip.acme.example or 127.0.0.1 or localhost`, seen `elsewhere.example`" in lines[1]
        assert lines[2].endswith("expected `192.0.2.0/24 or 198.51.100.7/32`, seen `127.0.0.1`")


def test_challenged_and_given_up(carrier):
    account = carrier.add_account("trunk1", "x")
    with Phone(carrier) as phone:
        assert phone.ask(Ask(user="trunk1")).status == 401
    assert said(carrier.assert_registered, account)[0] == "  credentials  expected those of `trunk1`, seen none"


def test_a_question_registers_nobody(carrier):
    account = carrier.add_account("trunk1", "x")
    ask(carrier, "trunk1", contact=None)
    lines = said(carrier.assert_registered, account)
    assert lines[0] == "  Contact  expected one, seen none, which asks who is registered and registers nobody"


def test_lost_on_the_way(carrier):
    account = carrier.add_account("trunk1", "x")
    with carrier.fault("drop REGISTER"):
        carrier.user_agent(account).register(timeout=0.05)
    lines = said(carrier.assert_registered, account)
    assert lines == [
        "  way  expected undisturbed, seen dropped by fault 1, `drop REGISTER`",
        "  as it should be: user trunk1, transport udp",
    ]


def test_the_one_that_is_likest_and_latest_counts(carrier):
    account = carrier.add_account("trunk1", "x")
    carrier.add_account("zebra", "z")
    ask(carrier, "trunk1", "wrong")
    ask(carrier, "trunk2")
    ask(carrier, "zebra", "wrong")
    assert said(carrier.assert_registered, account)[0].startswith("  password")


def test_what_is_unlike_is_not_compared(carrier):
    account = carrier.add_account("trunk1", "x")
    ask(carrier, "zebra", "wrong")
    assert said(carrier.assert_registered, account) == []


def test_credentials_that_cannot_be_read_are_no_reason_to_fail(carrier):
    account = carrier.add_account("trunk1", "x")
    with Phone(carrier) as phone:
        octets = Ask(user="trunk1").octets(phone.desk)
        phone.send(octets.replace(b"Content-Length:", b'Authorization: Digest username="\r\nContent-Length:', 1))
        phone.ask(Ask(method="OPTIONS"))
    said(carrier.assert_registered, account)


def test_nothing_came(carrier):
    account = carrier.add_account("trunk1", "x")
    with pytest.raises(AssertionError) as error:
        carrier.assert_registered(account)
    first, step, more = str(error.value).splitlines()
    assert first.startswith("`trunk1` is not registered. Nothing arrived on udp 127.0.0.1:")
    assert step.startswith("next: Look at host, port and transport")
    assert more == "more: mockregistrar codes nothing-arrived"


@pytest.mark.parametrize(("wait", "step"), [("wait_for_refresh", "grant it less"), ("wait_for_lapse", "expire()")])
def test_what_takes_its_time_says_how_to_hurry_it(carrier, wait, step):
    account = carrier.add_account("trunk1", "x")
    with pytest.raises(RegistrationTimeout, match="It is not registered"):
        getattr(carrier, wait)(account)
    ask(carrier, "trunk1", expires=3600)
    with pytest.raises(RegistrationTimeout) as error:
        getattr(carrier, wait)(account)
    first, bound, last = str(error.value).splitlines()
    assert first.endswith("within 0.05 s. It is registered:")
    assert bound.endswith("s left of 3600 s granted")
    assert last.startswith(f"next: {step}")


def test_a_login_that_was_challenged_first_is_not_told_as_given_up(carrier):
    carrier.add_account("trunk1", "x")
    carrier.add_account("trunk2", "x")
    ask(carrier, "trunk1")
    with pytest.raises(AssertionError) as error:
        carrier.assert_registered("trunk2")
    assert "no credentials came" not in str(error.value)
