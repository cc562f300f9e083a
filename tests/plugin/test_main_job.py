"""`pytest --sipreg sip.conf`: the logins, what a trunk that does not come up is told, and the summary."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET

pytest_plugins = ("pytester",)

UNCHECKED = "Passwords were taken from the configs, not checked: give --sipreg-accounts to check them."


def test_trunks_that_come_up(project):
    project.write("sip.conf", project.good)
    result = project.run("--sipreg", "sip.conf")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*- sipreg -*", f"2 trunks come up. {UNCHECKED}"])


def test_a_trunk_that_does_not(project):
    project.write("asterisk/sip.conf", project.cut + "register => 200:pa55word@sip.beta.example/200\n")
    result = project.here("--sipreg", "asterisk")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ asterisk/sip.conf::register[[]100@sip.acme.example[]] _*",
            "The trunk does not come up: `;` cuts the line. Asterisk refuses the line and sends nothing.",
            "",
            "  asterisk/sip.conf:2:21",
            "*2 | register => 100:••••;•••@sip.acme.example/100",
            "*^^^^^* SR104",
            "*WARNING ... Format for registration is *",
            "*write   register => 100:••••\\;•••@sip.acme.example/100",
            "*- sipreg -*",
            f"1 trunk does not come up, 1 does. {UNCHECKED}",
            "FAILED asterisk/sip.conf::register[[]100@sip.acme.example[]] - `;` cuts the line*",
        ]
    )
    text = result.stdout.str()
    assert "kD7m" not in text
    assert "items.py" not in text


def test_a_line_that_asterisk_ignores_fails_though_it_could_log_in(project):
    project.write(
        "sip.conf", "[general]\n[peer]\ntype=peer\nhost=sip.x.example\nregister => 1:pa55word@sip.x.example\n"
    )
    result = project.here("--sipreg")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "The trunk does not come up: Asterisk does not act on this line (it stands in [[]peer[]]).",
            "*SR161*",
            "*your Asterisk will print   nothing about it",
        ]
    )


def test_warnings_do_not_fail(project):
    project.write("sip.conf", "[general]\nregister => 100:kD7mWq2x:a@sip.acme.example/100\n")
    result = project.here("--sipreg")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["1 * in trunks that come up:", "  sip.conf:2 SR120 *", "1 trunk comes up.*"])


def test_notes_on_files(project):
    project.write("sip-part.conf", "register => 100:kD7mWq2x@sip.acme.example/100\n")
    result = project.here("--sipreg")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["sip-part.conf begins without a section: *end of [[]general[]]."])


def test_a_trunk_that_the_accounts_file_does_not_have_is_named_as_unchecked(project):
    project.write("sip.conf", project.good + "register => 999:pa55word@sip.other.example\n")
    project.write("carrier.csv", "user,secret\n100,kD7mWq2x\n200,pa55word\n")
    result = project.here("--sipreg", "--sipreg-accounts", "carrier.csv")
    result.stdout.fnmatch_lines(
        ["Not in the accounts file, so the password was taken from the config, not checked: *999@sip.other.example*"]
    )


def test_passwords_checked_against_the_accounts(project):
    project.write("sip.conf", project.good)
    project.write("carrier.csv", "user,secret,domain\n100,kD7mWq2x,sip.acme.example\n200,pa55w0rd,sip.beta.example\n")
    result = project.here("--sipreg", "--sipreg-accounts", "carrier.csv", "--junitxml=out.xml", "--sipreg-seed=4711")
    result.assert_outcomes(passed=1, failed=1)
    text = result.stdout.str()
    assert UNCHECKED not in text
    assert "pa55w" not in text
    result.stdout.fnmatch_lines(
        [
            "The trunk does not come up: *password*",
            "  sip.conf:3:22",
            "   3 | register => 200:•••••o••@sip.beta.example/200",
            "     | *    ^",
            "  REGISTER to sip.beta.example port 5060 udp: 401*",
            "  they part at: password*",
            "    ladder *",
            "*401 Unauthorized*refused: wrong-password*",
            "*your Asterisk will print*",
            "1 trunk does not come up, 1 does.",
        ]
    )
    bad = ET.parse(project.path / "out.xml").getroot().findall(".//testcase")[1]
    properties = [(p.get("name"), p.get("value")) for p in bad.iter("property")]
    assert properties == [("sipreg_seed", "4711"), ("sipreg_refused", "wrong-password")]


def test_settings_from_the_toml_file_apply(project):
    project.write("sip.conf", "[general]\nregister => 100:kD7mWq2x@sip.acme.example/100~60\n")
    project.write("sipreg.toml", "[carrier.acme]\nmin_expires = 1800\n")
    result = project.here("--sipreg", "--sipreg-trace=all", "-rP")
    result.stdout.fnmatch_lines(["*1800 s granted*"])


def test_artifacts(project):
    project.write("sip.conf", project.cut)
    project.here("--sipreg", "--sipreg-artifacts=out")
    text = (project.path / "out" / "sip.conf_register_100@sip.acme.example.txt").read_text(encoding="utf-8")
    assert text.startswith("The trunk does not come up: `;` cuts the line.")


def test_a_run_with_xdist_says_the_same(project):
    project.write("sip.conf", project.cut + "register => 200:pa55word@sip.beta.example/200\n")
    project.write("sip-part.conf", "register => 300:kD7mWq2x:a@sip.acme.example/300\n")
    result = project.run("--sipreg", "-n2", plugins=["xdist.plugin"])
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "The trunk does not come up: `;` cuts the line. *",
            "sipreg: found 3 trunks in 2 files",
            "sip-part.conf begins without a section: *",
            "  sip-part.conf:1 SR120 *",
            f"1 trunk does not come up, 2 do. {UNCHECKED}",
        ]
    )
    assert result.stdout.str().count("begins without a section") == 1


def test_collect_only_binds_nothing_and_imports_no_twisted(project):
    project.write("sip.conf", project.good)
    project.write(
        "conftest.py",
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('a socket')\n"
        "socket.socket.bind = refuse\n"
        "def pytest_unconfigure():\n"
        "    heavy = ('twisted', 'mockregistrar.net', 'faker', 'trustme')\n"
        "    print('LOADED', sorted(n for n in sys.modules if n in heavy))\n",
    )
    result = project.run("--sipreg", "--collect-only")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*register[[]200@sip.beta.example[]]*", "LOADED [[][]]"])


def test_the_same_without_a_terminal(project):
    project.write("sip.conf", project.good)
    arguments = ["-p", "pytest_sipreg.plugin", "-p", "no:cacheprovider", "-p", "no:terminal", "--sipreg"]
    assert subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=project.path, check=False).returncode == 0
