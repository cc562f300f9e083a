"""Which files are SIP configs, and which tests they hold: nothing runs here."""

from __future__ import annotations

import pytest

pytest_plugins = ("pytester",)

ONE = "[general]\nregister => {user}:pa55word@sip.acme.example/1\n"


def one(user="100"):
    return ONE.format(user=user)


def test_the_flag_collects_configs_and_nothing_else(project):
    project.write("sip.conf", project.good)
    project.test("def test_python(): pass")
    assert project.ids() == [
        "sip.conf::register[100@sip.acme.example]",
        "sip.conf::register[200@sip.beta.example]",
        "test_it.py::test_python",
    ]
    result = project.here("--collect-only", "-q")
    assert [line for line in result.outlines if "::" in line] == ["test_it.py::test_python"]


def test_the_ini_file_does_it_too(project):
    project.write("sip.conf", one())
    project.ini("sipreg = true")
    result = project.here("--collect-only", "-q")
    result.stdout.fnmatch_lines(["sip.conf::register[[]100@sip.acme.example[]]"])


def test_without_the_plugin_the_ini_is_only_unknown(project):
    project.write("sip.conf", one())
    project.test("def test_python(): pass")
    project.ini("sipreg = true")
    arguments = ("-p", "no:sipreg", "-p", "no:pytest_sipreg.plugin", "-p", "no:cacheprovider")
    project.pytester.runpytest_inprocess(*arguments).assert_outcomes(passed=1)


# -- which files -------------------------------------------------------------------------------------------------


def test_names_at_any_depth_below_a_directory(project):
    for name in ("a/sip.conf", "a/b/sip-x.conf", "a/b/sip_y.conf", "a/sip.conf.bak", "a/pjsip.conf", "c/sip.conf"):
        project.write(name, one())
    assert sorted(line.partition("::")[0] for line in project.ids("a")) == [
        "a/b/sip-x.conf",
        "a/b/sip_y.conf",
        "a/pjsip.conf",
        "a/sip.conf",
    ]


def test_an_explicit_file_of_any_name(project):
    project.write("trunks.txt", one())
    assert project.ids("trunks.txt") == ["trunks.txt::register[100@sip.acme.example]"]
    assert project.ids("trunks.txt::register[100@sip.acme.example]") == ["trunks.txt::register[100@sip.acme.example]"]
    assert project.ids() == []


@pytest.mark.parametrize("plugins", [(), ("xdist.plugin",)])
def test_an_explicit_file_of_no_known_kind(project, plugins):
    project.write("notes.conf", "there is nothing like SIP in here\n")
    workers = ("-n2",) if plugins else ()
    result = project.here("--sipreg", "notes.conf", *workers, plugins=plugins)
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: notes.conf: no SIP config of a known kind*"])


def test_an_explicit_file_that_another_plugin_takes(project):
    project.write("notes.txt", ">>> 1 + 1\n2\n")
    assert project.ids("notes.txt", "--doctest-glob=*.txt") == ["notes.txt::notes.txt"]


def test_a_missing_file_is_answered_by_pytest(project):
    result = project.here("--sipreg", "sip.conf")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: file or directory not found: sip.conf*"])


@pytest.mark.parametrize("argument", ["sip.conf", "sip.conf::register[100@sip.acme.example]", "other.conf"])
def test_a_named_config_without_the_flag(project, argument):
    project.write("sip.conf", one())
    project.write("other.conf", one())
    result = project.here(argument)
    assert result.ret == 4
    name = argument.partition("::")[0]
    result.stderr.fnmatch_lines([f"ERROR: {name} is a SIP config: add --sipreg to test its trunks"])


def test_outside_testpaths(project, monkeypatch):
    project.write("asterisk/sip.conf", one())
    project.write("tests/test_it.py", "def test_python(): pass")
    project.write("tests/sip-lab.conf", one("300"))
    project.ini("testpaths = tests")
    everything = [
        "tests/sip-lab.conf::register[300@sip.acme.example]",
        "tests/test_it.py::test_python",
        "asterisk/sip.conf::register[100@sip.acme.example]",
    ]
    assert project.ids() == everything
    assert project.ids("tests") == everything[:2]
    monkeypatch.chdir(project.path / "tests")
    assert sorted(project.ids()) == sorted(everything)


def test_what_pytest_ignores_is_ignored(project):
    for name in ("old/sip.conf", "venv/sip.conf", ".hidden/sip.conf", "node_modules/sip.conf", "mine/sip.conf"):
        project.write(name, one())
    project.write("env3/pyvenv.cfg", "home = /usr\n")
    project.write("env3/sip.conf", one())
    project.write("tests/test_it.py", "def test_python(): pass")
    project.write("conftest.py", "collect_ignore = ['mine']\n")
    project.ini("testpaths = tests")
    assert project.ids("--ignore=old") == ["tests/test_it.py::test_python"]
    assert project.ids("--ignore=old", "venv/sip.conf") == ["venv/sip.conf::register[100@sip.acme.example]"]


def test_patterns(project):
    project.write("asterisk/trunks/acme.conf", one())
    project.write("asterisk/trunks/deep/beta.conf", one("200"))
    project.write("other/gateways.conf", one("300"))
    project.write("sip.conf", one("400"))
    project.write("tests/test_it.py", "def test_python(): pass")
    project.ini("testpaths = tests", "sipreg_files = asterisk/**/*.conf gate*.conf")
    assert project.ids() == [
        "tests/test_it.py::test_python",
        "asterisk/trunks/acme.conf::register[100@sip.acme.example]",
        "asterisk/trunks/deep/beta.conf::register[200@sip.acme.example]",
        "other/gateways.conf::register[300@sip.acme.example]",
    ]
    assert project.ids("asterisk/trunks/deep") == [
        "asterisk/trunks/deep/beta.conf::register[200@sip.acme.example]",
    ]


@pytest.mark.parametrize("arguments", [(), ("-n2",), ("tests",)])
def test_a_pattern_that_matches_nothing(project, arguments):
    project.write("sip.conf", one())
    project.write("tests/test_it.py", "def test_python(): pass")
    project.ini("sipreg_files = sip.conf asterisk/*.conf")
    result = project.here("--sipreg", *arguments, plugins=["xdist.plugin"])
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["ERROR: sipreg_files: no file below * matches asterisk/[*].conf; correct the pattern*"]
    )


def test_how_many_were_found(project):
    project.write("sip.conf", project.good)
    project.write("a/sip.conf", project.good + "[ip]\ntype=peer\nhost=sip.x.example\n")
    project.here("--sipreg", "--collect-only").stdout.fnmatch_lines(["sipreg: found 4 trunks in 2 files"])
    project.here("--sipreg", "--collect-only", "a").stdout.fnmatch_lines(["sipreg: found 2 trunks in 1 file"])
    project.write("b/test_it.py", "def test_python(): pass")
    project.here("--sipreg", "b").stdout.fnmatch_lines(
        ["sipreg: found no SIP config (looked for sip.conf sip-[*].conf sip_[*].conf pjsip.conf *); name the file*"]
    )


def test_last_failed_keeps_to_the_configs(project):
    project.write("asterisk/sip.conf", one() + "registr => 200:pa55word@sip.acme.example\n")
    project.write("tests/test_it.py", "def test_python(): pass")
    project.ini("testpaths = tests")
    arguments = ("-p", "pytest_sipreg.plugin", "--sipreg")
    project.pytester.runpytest_inprocess(*arguments).assert_outcomes(passed=2, failed=1)
    project.pytester.runpytest_inprocess(*arguments, "--lf").assert_outcomes(failed=1)


# -- includes ----------------------------------------------------------------------------------------------------


def test_an_included_file_is_part_of_the_other(project):
    project.write("sip.conf", "[general]\n#include sip-acme.conf\nregister => 200:pa55word@sip.beta.example\n")
    project.write("sip-acme.conf", "register => 100:pa55word@sip.acme.example\n")
    project.write("sip-alone.conf", "register => 300:pa55word@sip.gamma.example\n")
    whole = [
        "sip-alone.conf::register[300@sip.gamma.example]",
        "sip.conf::register[200@sip.beta.example]",
        "sip.conf::register[100@sip.acme.example]",
    ]
    assert project.ids() == whole
    assert project.ids("sip.conf") == whole[1:]
    assert project.ids("sip-acme.conf") == ["sip-acme.conf::register[100@sip.acme.example]"]
    assert project.ids("sip.conf", "sip-acme.conf") == [
        *whole[1:],
        "sip-acme.conf::register[100@sip.acme.example]",
    ]


PJSIP = (
    "[acme]\ntype=registration\nserver_uri=sip:sip.acme.example\nclient_uri=sip:100@sip.acme.example\n"
    "contact_user=100\noutbound_auth=acme\n\n[acme]\ntype=auth\nusername=100\npassword=pa55word\n"
)


def test_what_pjsip_conf_includes_is_part_of_it(project):
    project.write("pjsip.conf", "#include pjsip-acme.conf\n#include pjsip_wizard.conf\n")
    project.write("pjsip-acme.conf", PJSIP)
    project.write("pjsip-alone.conf", PJSIP.replace("acme", "beta"))
    project.write(
        "pjsip_wizard.conf",
        "[gamma]\ntype=wizard\nsends_auth=yes\nsends_registrations=yes\nremote_hosts=sip.gamma.example\n"
        "outbound_auth/username=300\noutbound_auth/password=pa55word\n",
    )
    project.ini("sipreg_files = pjsip*.conf")
    files = [line.partition("::")[0] for line in project.ids()]
    assert sorted(files) == ["pjsip-alone.conf", "pjsip.conf", "pjsip_wizard.conf"]


def test_an_include_from_outside_what_was_asked_for(project):
    project.write("sip.conf", "[general]\n#include parts/sip-acme.conf\n")
    project.write("parts/sip-acme.conf", "register => 100:pa55word@sip.acme.example\n")
    assert project.ids() == ["sip.conf::register[100@sip.acme.example]"]
    assert project.ids("parts") == ["parts/sip-acme.conf::register[100@sip.acme.example]"]


def test_a_circle_of_includes_is_still_collected(project):
    project.write("sip-a.conf", "[general]\n#include sip-b.conf\nregister => 100:pa55word@sip.acme.example\n")
    project.write("sip-b.conf", "#include sip-a.conf\n")
    assert {line.partition("::")[0] for line in project.ids()} == {"sip-a.conf"}


def test_an_unreadable_file_is_a_collection_error(project, monkeypatch):
    project.write("sip.conf", one())

    def read(path, **_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("mockregistrar.read_trunks", read)
    result = project.here("--sipreg", "--collect-only")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["sip.conf cannot be read: Permission denied"])


# -- items -------------------------------------------------------------------------------------------------------


def test_every_line_that_was_meant_as_a_registration(project):
    project.write(
        "sip.conf",
        "[general]\n"
        "register => 100:pa55word@sip.acme.example\n"
        "; register => 101:pa55word@sip.acme.example\n"
        "registr => 102:pa55word@sip.acme.example\n"
        "register -> 103:pa55word@sip.acme.example\n"
        "register => 104:pa55word@sip.beta.example\n"
        "register => 104:pa55word@sip.beta.example\n"
        "[peer]\n"
        "type=peer\n"
        "host=sip.gamma.example\n"
        "defaultuser=105\n"
        "secret=pa55word\n"
        "callbackextension=105\n"
        "register => 106:pa55word@sip.acme.example\n",
    )
    assert project.ids() == [
        "sip.conf::register[100@sip.acme.example]",
        "sip.conf::register[102@sip.acme.example]",
        "sip.conf::register[103@sip.acme.example]",
        "sip.conf::register[104@sip.beta.example]",
        "sip.conf::register[104@sip.beta.example]-2",
        "sip.conf::callbackextension[105@sip.gamma.example]",
        "sip.conf::register[106@sip.acme.example]",
    ]


def test_a_repeat_can_be_named(project):
    project.write("sip.conf", one() + "register => 100:pa55word@sip.acme.example/2\n")
    name = "sip.conf::register[100@sip.acme.example]-2"
    assert project.ids(name) == [name]


def test_the_line_where_it_is_not_certain_what_is_secret(project):
    project.write("sip.conf", "[general]\nregister => tls:100:pa55word@sip.acme.example\n")
    assert project.ids() == ["sip.conf::register[line-2]"]


@pytest.mark.parametrize(
    ("word", "found"),
    [("100", ["100"]), ("beta", ["200"]), ("sip.acme.example", ["100"]), ("not 100", ["200"]), ("mypeer", ["200"])],
)
def test_keywords(project, word, found):
    project.write("sip.conf", project.good + "[mypeer]\ntype=peer\nhost=sip.beta.example\ndefaultuser=200\n")
    assert [line.partition("[")[2].partition("@")[0] for line in project.ids("-k", word)] == found


def test_peers_without_a_registration_are_skipped(project):
    project.write("sip.conf", "[general]\n[acme]\ntype=peer\nhost=192.0.2.1\n[beta]\ntype=peer\nhost=192.0.2.2\n")
    result = project.here("--sipreg", "-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["SKIPPED*IP-authenticated: nothing to register*"])


def test_a_file_with_nothing_fails_with_why(project):
    project.write("sip.conf", "[general]\ncontext=default\n")
    result = project.here("--sipreg")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*sip.conf::nothing*", "There is no trunk in this file.", "*SR183*"])


def test_ids_under_xdist_are_the_same_everywhere(project):
    project.write("asterisk/sip.conf", project.good)
    project.write("tests/test_it.py", "def test_python(): pass")
    project.ini("testpaths = tests")
    result = project.run("--sipreg", "-n2", plugins=["xdist.plugin"])
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["sipreg: found 2 trunks in 1 file", "2 trunks come up.*"])
