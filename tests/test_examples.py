"""The examples, run as those run them who read them: in a process of their own, from their own folder."""

from __future__ import annotations

import re
import socket

import console
import pytest

EXAMPLES = console.ROOT / "docs" / "examples"
FOLDERS = (
    EXAMPLES / "fixtures",
    EXAMPLES / "personas",
    EXAMPLES / "typos",
    EXAMPLES / "session_dialer",
    EXAMPLES / "with_twisted",
    EXAMPLES / "other_plugins",
    EXAMPLES / "ci",
    console.ROOT / "examples" / "good",
    console.ROOT / "examples" / "bad",
)
"""Folders whose files are run by the tests below."""
ALSO_RUN = (EXAMPLES / "dialer.py",)
"""Files that those of the folders run."""


def passes(folder, *options, **plugins):
    code, printed = console.run(" ".join(["python -m pytest -ra", *options]), folder, **plugins)
    assert code == 0, printed
    assert not re.search(r"\d (skipped|warning|xfailed)", printed), printed
    return printed


def test_the_dialer_projects_tests():
    printed = passes(console.ROOT / "examples", "test_trunk.py")
    assert "7 passed" in printed


def test_the_examples_of_the_how_tos(tmp_path):
    folder = console.copied("docs/examples/fixtures", tmp_path)
    passes(folder, "-o asyncio_default_fixture_loop_scope=function", without="-p no:twisted")


def test_the_personas_of_the_how_to(tmp_path):
    passes(console.copied("docs/examples/personas", tmp_path))


def test_the_mistakes_of_the_how_to(tmp_path):
    folder = console.copied("docs/examples/typos", tmp_path)
    assert "1 passed" in passes(folder, "test_reports.py", "-k", "once", "--sipreg-seed", "1")
    passes(folder, "-n 2")


def test_the_example_with_twisted(tmp_path):
    passes(console.copied("docs/examples/with_twisted", tmp_path), without="-p no:asyncio")


def test_the_session_dialer_at_its_fixed_port(tmp_path):
    """At another fixed port than the one shown, which something on this machine may have."""
    folder = console.copied("docs/examples/session_dialer", tmp_path)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    conftest = folder / "conftest.py"
    text = conftest.read_text("utf-8")
    assert text.count("5070") == 3
    conftest.write_text(text.replace("5070", str(port)), "utf-8")
    assert "3 passed" in passes(folder)


def test_a_failed_test_of_the_session_dialer_shows_its_own_traffic_only(tmp_path):
    folder = console.copied("docs/examples/session_dialer", tmp_path)
    conftest = folder / "conftest.py"
    text = conftest.read_text("utf-8").replace("udp:127.0.0.1:5070", "udp:127.0.0.1:0")
    text = text.replace('"tcp:127.0.0.1:5070"', "").replace('"5070"]', "str(carrier.port)]")
    conftest.write_text(text, "utf-8")
    (folder / "test_trunk.py").write_text(
        "def test_first(carrier, dialer):\n    carrier.wait_for_registration('dialer')\n\n\n"
        "def test_second(carrier, dialer):\n    carrier.wait_for_refresh('dialer')\n    assert False\n",
        "utf-8",
    )
    code, printed = console.run("python -m pytest", folder)
    assert code == 1
    assert "SIP traffic" in printed
    assert printed.count("REGISTER") == 2  # the refresh: without and with credentials


@pytest.mark.parametrize("options", ["--disable-socket", "--disable-socket --allow-hosts=127.0.0.1"])
def test_with_pytest_socket(tmp_path, options):
    passes(console.copied("docs/examples/other_plugins", tmp_path), options)


def test_pytest_socket_says_what_lifts_it(tmp_path):
    folder = console.copied("docs/examples/other_plugins", tmp_path)
    test = folder / "test_socket.py"
    test.write_text(test.read_text("utf-8").replace("@pytest.mark.enable_socket\n", ""), "utf-8")
    code, printed = console.run("python -m pytest --disable-socket", folder)
    assert code == 1
    assert "@pytest.mark.enable_socket" in printed


def test_with_xdist(tmp_path):
    passes(console.copied("docs/examples/ci", tmp_path), "-n 2")


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_the_ci_files(tmp_path, name):
    """Their pytest line works word for word, in the folder that has the ini file they go with."""
    folder = console.copied("docs/examples/ci", tmp_path)
    [line] = re.findall(r"(python -m pytest .*)", (folder / name).read_text("utf-8"))
    code, printed = console.run(line, folder)
    assert code == 0, printed
    assert "3 trunks come up" in printed
    assert (folder / "trunks.xml").read_text("utf-8").count("<testcase ") == 3
    assert not (folder / "sip-traffic").exists()

    config = folder / "asterisk" / "sip.conf"
    config.write_text(config.read_text("utf-8").replace("\\;", ";"), "utf-8")
    code, printed = console.run(line, folder)
    assert code == 1, printed
    assert list((folder / "sip-traffic").glob("*.txt"))
    assert 'name="sipreg_seed"' in (folder / "trunks.xml").read_text("utf-8")


def test_every_line_of_the_bad_example_is_told_apart():
    code, printed = console.run("python -m pytest --sipreg examples/bad", console.ROOT)
    assert code == 1
    assert {"SR104", "SR131", "SR113", "SR122", "SR106"} <= set(re.findall(r"\bSR\d+\b", printed))
    assert "pa55word" not in printed


def test_the_bad_example_against_what_the_carrier_has():
    code, printed = console.run(
        "python -m pytest --sipreg examples/bad --sipreg-accounts examples/bad/carrier.csv", console.ROOT
    )
    assert code == 1
    assert "5 trunks do not come up." in printed
    assert "pa55word" not in printed


def test_the_good_example_with_warnings_as_errors():
    code, printed = console.run("python -W error -m pytest -W error --sipreg examples/good -p no:asyncio", console.ROOT)
    assert code == 0, printed
