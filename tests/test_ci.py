"""The CI script runs the README's test command, no other, and leaves no policy behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MARKER = "<!-- command: test -->"


@pytest.fixture
def checkout(tmp_path):
    """A checkout with the script and nothing else, on a machine where apt-get only writes down what it is told."""
    script = ROOT / ".ci" / "run"
    if not script.exists():
        pytest.skip("the sdist has no .ci/run")
    (tmp_path / "repo" / ".ci").mkdir(parents=True)
    shutil.copy(script, tmp_path / "repo" / ".ci" / "run")
    programs = tmp_path / "bin"
    programs.mkdir()
    log, policy = tmp_path / "log", tmp_path / "policy-rc.d"
    programs.joinpath("apt-get").write_text(
        f'#!/bin/sh\necho "apt-get $*" >> {log}\n'
        f'[ "$1" = install ] || exit 0\nsh {policy}; echo "policy $?" >> {log}\nexit "${{APT_FAILS:-0}}"\n'
    )
    programs.joinpath("npm").write_text(f'#!/bin/sh\necho "npm $*" >> {log}\n')
    programs.joinpath("node").write_text("#!/bin/sh\n")
    programs.joinpath("sudo").write_text(f'#!/bin/sh\necho sudo >> {log}\nexec "$@"\n')
    programs.joinpath("id").write_text('#!/bin/sh\necho "${TEST_UID:-0}"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    return tmp_path


def run(checkout, readme, *arguments, **variables):
    (checkout / "repo" / "README.md").write_text(readme)
    environment = os.environ | {"PATH": f"{checkout / 'bin'}:{os.environ['PATH']}"}
    environment |= {"POLICY_RC_D": str(checkout / "policy-rc.d"), "PJSUA_WHEEL": "", **variables}
    environment.pop("SIPREG_REQUIRE_CLIENTS", None)
    script = checkout / "repo" / ".ci" / "run"
    return subprocess.run(
        [str(script), *arguments], capture_output=True, text=True, timeout=60, check=False, env=environment
    )


def log_of(checkout):
    path = checkout / "log"
    return path.read_text().splitlines() if path.exists() else []


def readme(command="true", language="console"):
    return f"# Title\n\n```\nfalse\n```\n\n{MARKER}\n\n```{language}\n{command}\n```\n\n```\nfalse\n```\n"


@pytest.mark.parametrize("language", ["", "console", "sh"])
def test_the_command_is_the_readmes(checkout, language):
    done = run(checkout, readme("echo 'a  b' && echo \"$HOME\"", language), "--command")
    assert (done.returncode, done.stdout) == (0, "echo 'a  b' && echo \"$HOME\"\n")
    assert log_of(checkout) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "```\nfalse\n```\n",
        f"{MARKER}\n",
        f"{MARKER}\nSome words.\n```\ntrue\n```\n",
        f"{MARKER}\n```\n```\n",
        f"{MARKER}\n```\ntrue\n",
    ],
    ids=["empty", "no marker", "no block", "words between", "empty block", "never closed"],
)
def test_a_readme_without_the_command_fails_before_anything_is_installed(checkout, text):
    done = run(checkout, text)
    assert done.returncode == 1
    assert MARKER in done.stderr
    assert log_of(checkout) == []


def test_clients_are_installed_under_a_policy_that_is_gone_before_the_tests_run(checkout):
    done = run(checkout, readme(f"test ! -e {checkout}/policy-rc.d && echo require=$SIPREG_REQUIRE_CLIENTS && pwd"))
    assert done.returncode == 0, done.stderr
    assert log_of(checkout)[0] == "apt-get update"
    assert log_of(checkout)[1].startswith("apt-get install -y --no-install-recommends sip-tester ")
    assert log_of(checkout)[2] == "policy 101"
    assert [line.split()[:2] for line in log_of(checkout)[3:]] == [["npm", "install"]]
    assert f"require=1\n{checkout / 'repo'}\n" in done.stdout


def test_a_policy_that_was_there_stays(checkout):
    (checkout / "policy-rc.d").write_text("exit 7\n")
    assert run(checkout, readme()).returncode == 0
    assert log_of(checkout)[2] == "policy 7"
    assert (checkout / "policy-rc.d").read_text() == "exit 7\n"


def test_who_is_not_root_uses_sudo(checkout):
    assert run(checkout, readme(), TEST_UID="1000").returncode == 0
    assert log_of(checkout).count("sudo") == 6


def test_the_policy_is_gone_and_no_test_runs_when_installing_fails(checkout):
    done = run(checkout, readme("echo ran"), APT_FAILS="100")
    assert done.returncode == 100
    assert not (checkout / "policy-rc.d").exists()
    assert "ran" not in done.stdout


def test_failing_tests_fail_the_run(checkout):
    assert run(checkout, readme("false && true")).returncode == 1


def test_our_own_readme_has_the_command():
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert lines.count(MARKER) == 1
    at = lines.index(MARKER)
    block = [line for line in lines[at + 1 : at + 5] if line.strip()]
    assert block[0].startswith("```")
    assert "python -m pytest" in block[1]
