"""From words to settings: what flags and files mean, and the one line when they mean nothing."""

import re

import pytest

from mockregistrar import AccountSpec, ListenSpec
from mockregistrar.cli.options import options_from
from mockregistrar.cli.parser import COMMANDS, UsageError, parse


def options(*words, environ=None):
    return options_from(parse(["serve", *map(str, words)]), environ or {})


def settings(*words, **more):
    return options(*words, **more).settings


def refused(*words, **more):
    with pytest.raises(UsageError) as caught:
        options(*words, **more)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("mockregistrar serve: ")
    return text.removeprefix("mockregistrar serve: ")


def test_defaults_just_work():
    made = options()
    assert made.settings.listen == (ListenSpec("udp", "127.0.0.1", 5060), ListenSpec("tcp", "127.0.0.1", 5060))
    (account,) = made.settings.accounts
    assert (account.user, account.made_up, len(account.secret)) == ("trunk1", True, 12)
    assert made.given_secrets == ()
    assert settings().accounts != settings().accounts


def test_every_flag_reaches_its_setting():
    made = settings(
        *("--listen", "udp:127.0.0.1:0", "--listen", "TLS:[::1]:5061"),
        *("--advertise", "192.0.2.1", "--domain", "a.example", "--domain", "b.example", "--realm", "r"),
        *("--allow", "10.0.0.0/8", "--deny", "10.9.0.0/16", "--access", "either", "--refuse", "drop"),
        *("--min-expires", "30", "--max-expires", "600", "--default-expires", "300", "--short-expires", "raise"),
        *("--algorithm", "SHA-256", "--algorithm", "MD5", "--qop", "auth", "--qop", "auth-int", "--nonce-ttl", "12.5"),
    )
    assert made.listen == (ListenSpec("udp", "127.0.0.1", 0), ListenSpec("tls", "::1", 5061))
    assert (made.advertise, made.domains, made.realm) == ("192.0.2.1", ("a.example", "b.example"), "r")
    assert (made.allow, made.deny) == (("10.0.0.0/8",), ("10.9.0.0/16",))
    assert (made.access, made.refuse) == ("either", "drop")
    assert (made.min_expires, made.max_expires, made.default_expires, made.short_expires) == (30, 600, 300, "raise")
    assert (made.algorithms, made.qop, made.nonce_ttl) == (("SHA-256", "MD5"), ("auth", "auth-int"), 12.5)


def test_accounts_from_flags_and_files_together(tmp_path):
    (tmp_path / "c.csv").write_text("user,secret\n300,b:c\n")
    made = options("--account", "100", "--account", "200:s3:cret", "--accounts", tmp_path / "c.csv")
    first, *others = made.settings.accounts
    assert first.made_up
    assert others == [AccountSpec(user="200", secret="s3:cret"), AccountSpec(user="300", secret="b:c")]
    assert set(made.given_secrets) == {"s3:cret", "b:c"}
    assert options("--account", "200:s3cret", "--show-secrets").given_secrets == ()


CONFIG = """\
[carrier.acme]
listen = "udp:127.0.0.2:0"
min_expires = 60
max_expires = 120
allow = ["10.0.0.0/8"]
accounts = [{ user = "100", secret_env = "ACME" }]
accounts_file = "more.csv"
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "sipreg.toml"
    path.write_text(CONFIG)
    (tmp_path / "more.csv").write_text("user,secret\n200,b\n")
    return path


def test_a_config_file_and_what_stands_beside_it(config):
    made = options("--config", config, environ={"ACME": "s3cret"})
    assert not made.default_listen
    assert made.settings.name == "acme"
    assert made.settings.listen == (ListenSpec("udp", "127.0.0.2", 0),)
    assert [account.secret for account in made.settings.accounts] == ["s3cret", "b"]


def test_the_trunks_of_a_plan_do_not_matter_to_serve(config):
    config.write_text(config.read_text() + "[[trunk]]\nnonsense = 1\n")
    assert options("--config", config, environ={"ACME": "s3cret"}).settings.name == "acme"


def test_flags_win_and_lists_replace(config):
    made = settings(
        *("--config", config, "--min-expires", "10", "--allow", "192.0.2.0/24", "--account", "300:x"),
        *("--listen", "tcp:127.0.0.1:0"),
    )
    assert (made.min_expires, made.max_expires) == (10, 120)
    assert made.allow == ("192.0.2.0/24",)
    assert made.accounts == (AccountSpec(user="300", secret="x"),)
    assert made.listen == (ListenSpec("tcp", "127.0.0.1", 0),)


def test_a_flag_and_the_file_are_checked_together(config):
    assert refused("--config", config, "--account", "1:x", "--min-expires", "500") == (
        "--min-expires: 500 is above --max-expires 120"
    )
    assert settings("--config", config, "--account", "1:x", "--min-expires", "500", "--max-expires", "500")


def test_a_wrong_value_in_the_file_is_named_by_its_line(config):
    config.write_text("[carrier.acme]\n\nmin_expires = 9000\n")
    assert refused("--config", config) == f"{config}:3: min_expires: 9000 is above max_expires 7200"
    config.write_text("[carrier.acme]\nmax_expires = 30\n")
    assert refused("--config", config) == f"{config}:2: max_expires: the default min_expires 60 is above max_expires 30"
    config.write_text("[carrier.acme]\nmin_expire = 30\n")
    assert refused("--config", config).startswith(f"{config}:2: min_expire: no such setting; did you mean")


def test_one_of_several_carriers_must_be_named(config):
    config.write_text("[carrier.a]\n[carrier.b]\nrealm = 'b'\n")
    assert refused("--config", config) == f"{config}: has several carriers, name one of a, b with --carrier"
    assert settings("--config", config, "--carrier", "b").realm == "b"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--listen", "udp:127.0.0.1"],
            "--listen: 'udp:127.0.0.1' is not TRANSPORT:HOST:PORT, e.g. udp:127.0.0.1:5060",
        ),
        (["--listen", "udp:localhost:5060"], "--listen: 'localhost' in 'udp:localhost:5060' is not an IP address"),
        (["--listen", "udpp:127.0.0.1:0"], "--listen: 'udpp' is not one of udp, tcp, tls; did you mean `udp`?"),
        (["--listen", "udp:127.0.0.1:70000"], "--listen: port 70000 in 'udp:127.0.0.1:70000' is above 65535"),
        (["--listen"], "--listen: expected one argument"),
        (["--allow", "10.0.0.300"], "--allow: '10.0.0.300' is not an address or CIDR network"),
        (["--deny", "10.0.0.1/8"], "--deny: '10.0.0.1/8' is not an address or CIDR network (10.0.0.1/8 has host bits"),
        (["--access", "ipp"], "--access: 'ipp' is not one of digest, ip, both, either; did you mean `ip`?"),
        (["--refuse", "404"], "--refuse: '404' is not one of 403, drop"),
        (["--short-expires", "rise"], "--short-expires: 'rise' is not one of reject, raise; did you mean `raise`?"),
        (["--algorithm", "SHA256"], "--algorithm: 'SHA256' is not one of MD5, "),
        (["--qop", "none", "--qop", "auth"], "--qop: is auth, auth-int, both, or none alone"),
        (["--min-expires", "1m"], "--min-expires: '1m' is not a whole number of seconds"),
        (["--nonce-ttl", "nan"], "--nonce-ttl: 'nan' is not a number of seconds"),
        (["--nonce-ttl", "0"], "--nonce-ttl: is the seconds a nonce lives, above 0"),
        (["--max-expires", "30"], "--max-expires: the default --min-expires 60 is above --max-expires 30"),
        (["--domain", "a b"], "--domain: 'a b' is not a host name or address"),
        (["--account", "100:"], "--account: '100:' has no secret behind the colon; write 100 to have one made up"),
        (["--account", ":x"], "--account: there is no user before the colon"),
        (["--account", "1:x", "--account", "1:y"], "--account: account '1' is there twice"),
        (["--accounts", "/nowhere/c.csv"], "--accounts: /nowhere/c.csv: No such file or directory"),
        (["--config", "/nowhere/c.toml"], "--config: /nowhere/c.toml: No such file or directory"),
        (["--carrier", "acme"], "--carrier: names a table of a config file; give --config FILE.toml too"),
        (["--tls-ca", "ca.pem"], "--tls-ca: nothing listens with TLS; add e.g. --listen tls:127.0.0.1:5061"),
        (["--lissen", "x"], "--lissen: no such option; did you mean --listen?"),
        (["--allow-all"], "--allow-all: no such option; did you mean --allow?"),
        (["--min", "5"], "--min: no such option"),
        (["udp:127.0.0.1:0"], "udp:127.0.0.1:0: not expected here (see mockregistrar serve --help)"),
    ],
)
def test_what_means_nothing_is_one_line_that_names_the_flag(words, message):
    assert refused(*words).startswith(message)


def test_a_malformed_row_is_named_by_its_line(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("user,secret\n100,hunter2\n200\n")
    assert refused("--accounts", path).startswith(f"--accounts: {path}:3: 1 field, the header has 2")
    path.write_bytes(b"user,secret\n100,\xff\n")
    assert refused("--accounts", path) == f"--accounts: {path} is not UTF-8 text (octet 16)"


def test_accounts_without_secret_need_a_network_of_their_own_or_the_carriers(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("user,secret\n100,\n")
    assert refused("--accounts", path).startswith(f"--accounts: {path}:2: secret: account '100' has no secret")
    assert settings("--accounts", path, "--allow", "10.0.0.0/8").accounts == (AccountSpec(user="100"),)


def test_help_and_version_are_answered(capsys):
    assert parse([]) is None
    told = capsys.readouterr().out
    assert all(name in told for name in COMMANDS)
    assert parse(["--version"]) is None
    assert capsys.readouterr().out.startswith("mockregistrar ")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_tells_its_options(command, capsys):
    assert parse([command, "--help"]) is None
    told = capsys.readouterr().out
    assert "examples:" in told
    for flag in COMMANDS[command].make_parser()._option_string_actions:
        assert flag in told


@pytest.mark.parametrize("word", ["portal", "personas", "learn"])
def test_what_is_not_built_is_not_spoken_of(word, capsys):
    parse(["--help"])
    parse(["serve", "--help"])
    assert not re.search(rf"\b{word}s?\b", capsys.readouterr().out)
    with pytest.raises(UsageError):
        parse([word])
