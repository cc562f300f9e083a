"""What a failed test is told, and the tests that fail because the carrier did."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

pytest_plugins = ("pytester",)

WRONG = """
def test_it(sipreg):
    sipreg.add_account("trunk1", "kD7mWq2x")
    assert sipreg.user_agent("trunk1", secret="kD7mWq2y").register()
"""


def test_the_section(project):
    project.test("import pytest\npytestmark = pytest.mark.sipreg(min_expires=5)\n" + WRONG)
    result = project.here("--sipreg-seed=4711")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- SIP traffic -*",
            "sipreg  carrier on 127.0.0.1:* udp tcp",
            "settings  min_expires = 5  (marker)",
            "refused   REGISTER for `trunk1`: wrong-password*",
            "*ladder *client udp 127.0.0.1:*carrier 127.0.0.1:*",
            "*REGISTER sip:*",
            "*401 Unauthorized*refused: wrong-password*",
            "seed 4711: --sipreg-seed 4711 gives the same *",
        ]
    )
    section = result.stdout.str().partition("SIP traffic")[2]
    assert "kD7mWq2x" not in section


def test_what_was_not_refused_has_its_verdict_too(project):
    project.test("""
        import socket

        def test_it(sipreg):
            sipreg.add_account("trunk1", secret=False, networks=["127.0.0.1/32"])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
                phone.settimeout(10)
                phone.sendto(b"\\x80\\x00" + b"\\1" * 170, tuple(sipreg.address("udp")))
                lines = ["REGISTER sip:carrier.test SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1;rport",
                         "From: <sip:trunk1@carrier.test>;tag=1", "To: <sip:trunk1@carrier.test>", "Call-ID: 1",
                         "CSeq: 1 REGISTER", "Contact: <sip:trunk1@0.0.0.0:5060>", "Max-Forwards: 70", "", ""]
                phone.sendto("\\r\\n".join(lines).encode(), tuple(sipreg.address("udp")))
                assert phone.recv(9999).startswith(b"SIP/2.0 200")
            assert sipreg.requests("INVITE")
    """)
    result = project.here()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "beside    not-sip/rtp",
            "  why     RTP came to udp 127.0.0.1:*, where plain SIP is spoken. 172 octets came from 127.0.0.1:*",
            "beside    contact-unreachable/unspecified-address of `trunk1`",
            "  why     the Contact says `0.0.0.0`, which is no address that a call can be sent to. The REGISTER came *",
            "  cause   The client listens at every address*",
            "  fix     Set the address that it shall be called at, in place of the wildcard.",
        ]
    )


def test_no_section_where_nothing_failed(project):
    project.test("def test_it(sipreg): pass")
    assert "SIP traffic" not in project.here("-rP").stdout.str()


def test_trace_all_and_none(project):
    project.test("def test_good(sipreg): sipreg.user_agent('a').register()\ndef test_bad(sipreg): assert 0")
    assert project.here("-rA", "--sipreg-trace=all").stdout.str().count("- SIP traffic -") == 2
    project.ini("sipreg_trace = none")
    assert "SIP traffic" not in project.here("-rA").stdout.str()


def test_a_fixture_that_fails_behind_ours(project):
    project.test("""
        import pytest

        @pytest.fixture
        def dialer(sipreg):
            sipreg.wait_for_registration(sipreg.add_account("trunk1"), timeout=0.01)

        @pytest.fixture
        def falls(sipreg):
            yield
            sipreg.user_agent("late").register()
            raise RuntimeError("the dialer does not stop")

        def test_setup(dialer): pass
        def test_teardown(falls): pass
        """)
    result = project.here()
    result.assert_outcomes(errors=2, passed=1)
    setup, teardown = result.stdout.str().split("ERROR at teardown of test_teardown")
    assert "SIP traffic" in setup
    assert "200 OK" in teardown.partition("SIP traffic")[2]


def test_a_carrier_that_the_test_stopped(project):
    project.test("def test_it(sipreg):\n    sipreg.stop()\n    assert 0")
    result = project.here()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the test stopped this carrier itself: what it saw is gone"])


def test_junit(project):
    project.test(WRONG + "\ndef test_good(sipreg): pass\n")
    project.here("--junitxml=out.xml", "--sipreg-seed=4711")
    bad, good = ET.parse(project.path / "out.xml").getroot().iter("testcase")
    properties = [(p.get("name"), p.get("value")) for p in bad.iter("property")]
    assert properties == [("sipreg_seed", "4711"), ("sipreg_refused", "wrong-password")]
    assert list(good.iter("property")) == []


def test_artifacts(project):
    project.test(WRONG.replace("test_it", "test_it[1/2 x]".partition("[")[0]))
    project.here("--sipreg-artifacts", "out")
    names = sorted(path.name for path in (project.path / "out").iterdir())
    stem = "test_it.py_test_it"
    assert names == [f"{stem}.jsonl", f"{stem}.pcap", f"{stem}.txt"]
    records = [json.loads(line) for line in (project.path / "out" / f"{stem}.jsonl").read_text().splitlines()]
    assert "refused" in {record["kind"] for record in records}
    capture = (project.path / "out" / f"{stem}.pcap").read_bytes()
    assert capture[:4] == b"\xa1\xb2\xc3\xd4"
    assert b"REGISTER sip:" in capture
    assert "wrong-password" in (project.path / "out" / f"{stem}.txt").read_text()


def test_artifacts_only_of_what_failed(project):
    project.test("def test_it(sipreg): pass")
    project.here("--sipreg-artifacts", "out")
    assert not (project.path / "out").exists()


BREAKS = """
import pytest

@pytest.fixture(autouse=True)
def broken(monkeypatch):
    from mockregistrar.carrier.carrier import Carrier

    def handle(*_):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(Carrier, "handle", handle)

def send(carrier):
    import socket
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.connect(carrier.address("udp"))
        branch = b"z9hG4bK1"
        client.send(
            b"OPTIONS sip:a@127.0.0.1 SIP/2.0\\r\\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=%s\\r\\n"
            b"From: <sip:a@b>;tag=1\\r\\nTo: <sip:a@b>\\r\\nCall-ID: 1\\r\\nCSeq: 1 OPTIONS\\r\\n\\r\\n"
            % (client.getsockname()[1], branch)
        )
        return client.recv(65535)
"""


def test_a_defect_of_the_carrier_fails_the_test_at_teardown(project):
    project.test(
        BREAKS
        + """
def test_own(sipreg):
    send(sipreg)

def test_lasting(sipreg_factory):
    send(sipreg_factory.start())

def test_after():
    pass
"""
    )
    result = project.here()
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_own*",
            "the mock carrier itself failed: this is a defect of pytest-sipreg, please report it",
            "sipreg: ZeroDivisionError('a defect')",
            "*Traceback *",
            "*- SIP traffic -*",
            "*ERROR at teardown of test_lasting*",
            "sipreg_factory: ZeroDivisionError('a defect')",
        ]
    )


def test_a_defect_in_a_test_that_failed_is_a_section_and_no_second_error(project):
    project.test(
        BREAKS
        + """
def test_it(sipreg):
    send(sipreg)
    assert 0

@pytest.fixture
def late(sipreg):
    yield
    send(sipreg)

def test_late(late):
    assert 0
"""
    )
    result = project.here()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*- SIP traffic -*",
            "internal error, a defect of the mock carrier:",
            "ZeroDivisionError: a defect",
            "*- SIP internal error in teardown -*",
            "*ZeroDivisionError*",
        ]
    )


STRAY = """
import pytest, socket

def send(carrier):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"GET / HTTP/1.1\\r\\n\\r\\n", carrier.address("udp"))
    carrier.user_agent("a").register()

def test_it(sipreg):
    send(sipreg)

@pytest.mark.sipreg(strict=False)
def test_opted_out(sipreg):
    send(sipreg)
"""


def test_strict(project):
    project.test(STRAY)
    project.here().assert_outcomes(passed=2)
    result = project.here("--sipreg-strict")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_it*",
            "strict: the carrier was sent what is no proper SIP",
            "  sipreg: * from 127.0.0.1:*: HTTP, not SIP",
        ]
    )
