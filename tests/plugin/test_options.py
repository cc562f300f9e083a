"""What a run is told: usage errors with the nearest name, and which of several words counts."""

from __future__ import annotations

import pytest

pytest_plugins = ("pytester",)

USAGE = 4


def error(result):
    assert result.ret == USAGE, result.stdout.str()
    return result.stderr.str() + result.stdout.str()


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("--sipreg-port=70000", "--sipreg-port: '70000' is not a number from 0 to 65534"),
        ("--sipreg-transports=udp,tpc", "--sipreg-transports: no transport 'tpc'; did you mean `tcp`?"),
        ("--sipreg-bind=localhost", "--sipreg-bind: 'localhost' is no IP address"),
        ("--sipreg-accounts=nowhere.csv", "--sipreg-accounts: there is no file nowhere.csv"),
        ("--sipreg-config=nowhere.toml", "--sipreg-config: there is no file nowhere.toml"),
        ("--sipreg-seed=abc", "--sipreg-seed: 'abc' is not a number"),
        ("--sipreg-advertise=a\tb", "--sipreg-advertise: "),
    ],
)
def test_a_wrong_option(project, argument, says):
    assert says in error(project.here(argument))


def test_an_unknown_option(project):
    text = error(project.run("--sipreg-acounts=x"))
    assert "no such option: --sipreg-acounts; did you mean `--sipreg-accounts`?" in text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("sipreg_fils = x", "no such ini option: sipreg_fils; did you mean `sipreg_files`?"),
        ("sipreg_timeout = soon", "ini sipreg_timeout: 'soon' is not a number of seconds"),
        ("sipreg_timeout = 0", "ini sipreg_timeout: '0' is not a number of seconds above 0"),
        ("sipreg_trace = fialed", "ini sipreg_trace: 'fialed' is not one of failed, all, none; did you mean `failed`?"),
    ],
)
def test_a_wrong_line_in_the_ini_file(project, line, says):
    project.ini(line)
    assert says in error(project.here())


def test_a_wrong_word_in_the_environment(project):
    project.setenv("SIPREG_PORT", "x")
    assert "SIPREG_PORT: 'x' is not a number" in error(project.here())


def test_a_wrong_row_in_the_accounts_file(project):
    project.write("carrier.csv", "user,secret\n100,kD7mWq2x\n100,other\n")
    text = error(project.here("--sipreg-accounts", "carrier.csv"))
    assert "--sipreg-accounts: carrier.csv:3" in text
    assert "kD7mWq2x" not in text


def test_a_wrong_setting_in_the_toml_file(project):
    project.write("other.toml", "[carrier.acme]\nmin_expire = 3\n")
    assert "min_expires" in error(project.here("--sipreg-config", "other.toml"))


def test_one_port_cannot_serve_several_workers(project):
    text = error(project.here("--sipreg-port", "5999", "-n2", plugins=["xdist.plugin"]))
    assert "--sipreg-port: one port cannot serve several xdist workers" in text


def test_a_port_without_workers_is_fine(project):
    project.test("def test_nothing(): pass")
    assert project.here("--sipreg-port", "5999", "-n0", plugins=["xdist.plugin"]).ret == 0


def test_a_file_in_the_ini_is_relative_to_the_ini(project, monkeypatch):
    project.write("conf/carrier.csv", "user,secret\n100,kD7mWq2x\n")
    project.write("tests/test_it.py", "def test_nothing(): pass")
    project.ini("sipreg_accounts = conf/carrier.csv")
    monkeypatch.chdir(project.path / "tests")
    assert project.here().ret == 0


# -- the header --------------------------------------------------------------------------------------------------


def header(result):
    return [line for line in result.outlines if line.startswith("sipreg: mock carrier")]


def test_no_header_without_an_option(project):
    project.test("def test_nothing(): pass")
    assert header(project.here()) == []


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ((), "127.0.0.1 (udp tcp tls)"),
        (("--sipreg-transports=udp",), "127.0.0.1 (udp)"),
        (("--sipreg-bind=::1", "--sipreg-port=5062"), "::1 port 5062 (udp tcp tls)"),
    ],
)
def test_the_header(project, arguments, where):
    project.test("def test_nothing(): pass")
    (line,) = header(project.here("--sipreg-seed=4711", *arguments))
    assert line == f"sipreg: mock carrier 0.1.0 on {where}, seed 4711"


# -- precedence: marker > command line > environment > ini > sipreg.toml > default ----------------------------------


def settings_seen(project, *arguments, **kinds):
    """Return what a test sees of the settings."""
    project.test(
        "import pytest\n"
        + ("@pytest.mark.sipreg(advertise='marker')\n" if "marker" in kinds else "")
        + "def test_it(sipreg, sipreg_config):\n"
        "    print('SEEN', sipreg.settings.advertise, sipreg.settings.min_expires, sipreg.timeout)\n"
    )
    result = project.here("-s", *arguments)
    assert result.ret == 0, result.stdout.str()
    (line,) = [line for line in result.outlines if "SEEN" in line]
    return line.partition("SEEN ")[2].split()


def test_precedence(project):
    assert settings_seen(project)[:2] == ["None", "60"]
    project.write("sipreg.toml", '[carrier.acme]\nadvertise = "toml"\nmin_expires = 7\n')
    assert settings_seen(project)[:2] == ["toml", "7"]
    project.ini("sipreg_advertise = ini", "sipreg_timeout = 2.5")
    assert settings_seen(project) == ["ini", "7", "2.5"]
    project.setenv("SIPREG_ADVERTISE", "environment")
    assert settings_seen(project)[0] == "environment"
    assert settings_seen(project, "--sipreg-advertise=cli")[0] == "cli"
    assert settings_seen(project, "--sipreg-advertise=cli", marker=True) == ["marker", "7", "2.5"]
