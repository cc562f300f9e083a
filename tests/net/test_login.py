"""The real login of sip.conf lines: what was read against what was meant, over real sockets."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockregistrar import KnownAccount, LoginReport, ReactorThread, TestAuthority, check_login, read_trunks, truth


@pytest.fixture(scope="module")
def thread():
    thread = ReactorThread()
    thread.hold()
    yield thread
    thread.release()


@pytest.fixture(scope="module")
def authority():
    return TestAuthority()


@pytest.fixture
def login(tmp_path: Path, thread: ReactorThread, authority: TestAuthority):
    def run(line: str, accounts: list[KnownAccount] | None = None, rest: str = "", **settings: object) -> LoginReport:
        from mockregistrar import CarrierSettings

        path = tmp_path / "sip.conf"
        path.write_text(f"[general]\n{line}\n{rest}", encoding="utf-8")
        item = read_trunks(path).items[0]
        return check_login(
            item,
            truth(item, accounts),
            settings=CarrierSettings().changed(**settings),
            thread=thread,
            authority=authority,
            path="sip.conf",
        )

    return run


@pytest.mark.parametrize(
    "line",
    [
        "register => 100:kD7mWq2x@sip.acme.example/100",
        "register => 100:kD7mWq2x@sip.acme.example:5070",
        "register => 100:kD7mWq2x:auth7@sip.acme.example",
        "register => tcp://100:kD7mWq2x@sip.acme.example/100",
        "register => tls://100:kD7mWq2x@sip.acme.example:5061/100",
        'register => 100:"p:a/s?s"@sip.acme.example',
        "register => 100:p@ss@sip.acme.example",
        "register => 100:p\\;ss@sip.acme.example",
        "register => +4930123@t-online.example:kD7mWq2x@tel.t-online.example",
        "register => 100:kD7mWq2x@192.0.2.10:5060/100~300",
        "register => 100:grün💚geheim@sip.acme.example",
    ],
)
def test_a_good_line_registers_refreshes_and_unregisters(login, line: str) -> None:
    report = login(line)
    assert report.ok, report.text
    assert "comes up" in report.headline
    assert report.because == ""
    assert any("refresh" in step and "accepted" in step for step in report.steps)
    assert report.steps[-1] == "unregister: accepted"


def test_a_wrong_password_shows_the_one_character(login) -> None:
    report = login("register => 100:secretl@sip.acme.example", [KnownAccount("100", "secret1")])
    assert not report.ok
    assert report.because == "wrong-password"
    assert "position 7 is `l`, the carrier has `1`" in report.headline
    assert report.log == ("Failed to authenticate on REGISTER to '100@sip.acme.example' (Tries 3)",)
    assert "secret" not in report.text.replace("secret spans", "")
    assert "••••••l@" in report.excerpt
    assert "401 Unauthorized" in report.ladder


def test_a_wrong_port_is_met_with_silence_as_the_client_would_see_it(login) -> None:
    report = login("register => 100:kD7mWq2x@sip.acme.example:5O60")
    assert not report.ok
    assert report.because == "nothing-arrived"
    assert "port 5 udp" in report.headline
    assert "timed out, trying again (Attempt #2)" in report.log[0]


def test_a_host_that_was_not_meant_does_not_resolve(login) -> None:
    report = login("register => 100:kD7mWq2x@sip,acme.example")
    assert not report.ok
    assert report.because == "nothing-arrived"
    assert report.log[0] == "WARNING ... Unable to lookup 'sip,acme.example'"


def test_an_expiry_of_zero_leaves_nothing_bound_whatever_the_client_believes(login) -> None:
    report = login("register => 100:kD7mWq2x@sip.acme.example~0")
    assert not report.ok
    assert "un-registers" in report.headline


def test_an_expiry_below_the_minimum_is_taken_up_from_the_423(login) -> None:
    report = login("register => 100:kD7mWq2x@sip.acme.example~30", min_expires=90)
    assert report.ok, report.text
    assert "90 s granted" in report.headline


def test_a_carrier_that_wants_more_than_chan_sip_allows_is_given_up_on(login) -> None:
    report = login("register => 100:kD7mWq2x@sip.acme.example", min_expires=7000)
    # 120 s asked, 3600 s is the most that chan_sip takes up
    assert not report.ok
    assert "too high" in report.log[-1]


def test_sha_256_alone_is_more_than_chan_sip_can_answer(login) -> None:
    report = login("register => 100:kD7mWq2x@sip.acme.example", algorithms=("SHA-256",))
    assert not report.ok
    assert "Failed to authenticate" in report.log[-1]


def test_the_peer_section_is_believed_where_it_contradicts_the_line(login) -> None:
    peer = "[acme]\ntype=friend\nhost=sip.acme.example\ndefaultuser=100\nsecret=right1\n"
    report = login("register => 100:wrong1@sip.acme.example", rest=peer)
    assert not report.ok
    assert "peer section" in report.headline


def test_another_user_than_the_accounts_file_has(login) -> None:
    report = login("register => tls:100:kD7mWq2x@sip.acme.example", [KnownAccount("100", "kD7mWq2x")])
    assert not report.ok
    assert "kD7mWq2x" not in report.text + report.headline


def test_a_refused_line_sends_nothing(login) -> None:
    report = login("register => 100:pa/ss@sip.acme.example")
    assert not report.ok
    assert "sends nothing" in report.headline or "nothing is sent" in report.headline
    assert report.ladder == ""


@pytest.mark.parametrize("secret", ["kD7mWq2x", "p@ss:w/rd", "ümläut", 'q"uote', "a b c"])
def test_no_report_shows_the_secret(login, secret: str) -> None:
    report = login(f"register => 100:{secret}@sip.acme.example:5O60", [KnownAccount("100", "another" + secret)])
    assert not report.ok
    assert secret not in report.text
    assert secret not in report.headline


def test_a_password_that_the_system_does_not_use_answers_no_challenge(tmp_path, thread, authority) -> None:
    path = tmp_path / "pjsua.cfg"
    text = "--id sip:100@127.0.0.1\n--registrar sip:127.0.0.1\n--realm *\n--password secret1\n"
    states = []
    for more in ("", "--username 100\n"):
        path.write_text(text + more, encoding="utf-8")
        (item,) = read_trunks(path, dialect="pjsua-cmdline").items
        report = check_login(item, truth(item), thread=thread, authority=authority, path=path.name)
        states.append((report.state, report.because))
    assert states == [("refused", "no-credentials"), ("registered", "")]
