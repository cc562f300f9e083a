"""`sipreg.toml`: what is read, and that every error names its line."""

import dataclasses

import pytest

from mockregistrar import AccountSpec, CarrierSettings, ListenSpec, SettingsError, load_config
from mockregistrar.carrier import config_file, settings
from mockregistrar.carrier.accounts_file import FileError
from mockregistrar.carrier.config_file import read_config

FULL = """\
# the lab
[carrier.acme]
listen = ["udp:127.0.0.1:5060", "tls:[::1]:0"]
advertise = "192.0.2.1"
domains = ["sip.acme.example"]
realm = "acme"
allow = ["10.0.0.0/8"]
deny = "10.9.0.0/16"
access = "either"
refuse = 403
min_expires = 30
max_expires = 600
default_expires = 300
short_expires = "raise"
algorithms = ["SHA-256", "MD5"]
qop = ["auth", "auth-int"]
nonce_ttl = 12.5
max_contacts = 3
seed = 7
path = true
faults = ["drop REGISTER first=2", "delay 401 2s"]
accounts = [
    { user = "100", secret = "s3cret" },
    { user = "200", ha1 = "0123456789ABCDEF0123456789abcdef", networks = "192.0.2.7", grant = 5 },
    "300:sec:ret",
]
"""


def nothing(_name):
    raise AssertionError("no file is named")


def refused(text, **options):
    with pytest.raises(FileError) as caught:
        load_config(text, "sipreg.toml", **options)
    return str(caught.value)


def test_everything():
    assert load_config(FULL) == CarrierSettings(
        name="acme",
        listen=(ListenSpec("udp", "127.0.0.1", 5060), ListenSpec("tls", "::1", 0)),
        advertise="192.0.2.1",
        domains=("sip.acme.example",),
        realm="acme",
        allow=("10.0.0.0/8",),
        deny=("10.9.0.0/16",),
        access="either",
        refuse="403",
        min_expires=30,
        max_expires=600,
        default_expires=300,
        short_expires="raise",
        algorithms=("SHA-256", "MD5"),
        qop=("auth", "auth-int"),
        nonce_ttl=12.5,
        max_contacts=3,
        seed=7,
        path=True,
        faults=("drop REGISTER first=2", "delay 401 2s"),
        accounts=(
            AccountSpec(user="100", secret="s3cret"),
            AccountSpec(user="200", ha1={"MD5": "0123456789abcdef0123456789abcdef"}, networks=("192.0.2.7",), grant=5),
            AccountSpec(user="300", secret="sec:ret"),
        ),
    )


def test_every_setting_has_a_key():
    named = {*config_file.SETTINGS, "name"} - {"accounts_file"}
    assert named == {f.name for f in dataclasses.fields(CarrierSettings)} - {*settings.NOT_SETTINGS, "personas"}
    assert {*config_file.ACCOUNT, "made_up"} - {"secret_env"} == {f.name for f in dataclasses.fields(AccountSpec)}


def test_the_names_of_the_repeatable_flags_are_known_too():
    settings = load_config('[carrier.a]\ndomain = "x.example"\nalgorithm = ["MD5"]\naccount = [{user="1", secret="a"}]')
    assert settings.domains == ("x.example",)
    assert settings.accounts == (AccountSpec(user="1", secret="a"),)


def test_a_fault_that_is_none_is_told_with_its_line():
    text = '[carrier.a]\nfaults = [\n    "drop REGISTER",\n    "drop REGITER",\n]'
    said = "no word `REGITER`; did you mean `REGISTER`? (column 6 of `drop REGITER`)"
    assert refused(text) == f"sipreg.toml:4: faults: {said}"
    assert refused('[carrier.a]\nrealm = "x"\nfault = "drop REGITER"') == f"sipreg.toml:3: fault: {said}"
    assert "is a list of faults in quotes" in refused("[carrier.a]\nfaults = 3")


def test_accounts_as_tables_of_their_own():
    text = (
        '[carrier.a]\n[[carrier.a.accounts]]\nuser = "1"\nsecret = "a"\n[[carrier.a.accounts]]\nuser = "2"\nsecrt = "b"'
    )
    assert refused(text) == "sipreg.toml:7: secrt: no such account field; did you mean `secret`?"
    assert [a.user for a in load_config(text.replace("secrt", "secret")).accounts] == ["1", "2"]


def test_secrets_from_the_environment():
    text = '[carrier.a]\naccounts = [\n  { user = "1",\tsecret_env = "ACME_SECRET" },\n]\n'
    assert load_config(text, environ={"ACME_SECRET": "s3cret"}).accounts[0].secret == "s3cret"
    assert refused(text) == "sipreg.toml:3: secret_env: the environment variable ACME_SECRET is not set"
    assert refused(text, environ={"ACME_SECRET": ""}).endswith("the environment variable ACME_SECRET is empty")
    both = text.replace("secret_env", 'secret = "x", secret_env')
    assert refused(both) == "sipreg.toml:3: secret_env: there is a secret beside it; one of the two"


def test_accounts_from_a_file_beside_it():
    text = '[carrier.a]\naccounts = [{ user = "1", secret = "a" }]\naccounts_file = "lab/carrier.csv"\n'
    files = {"lab/carrier.csv": "user,secret\n2,b\n"}
    assert [a.user for a in load_config(text, read=files.__getitem__).accounts] == ["1", "2"]
    files["lab/carrier.csv"] = "user,secret\n2\n"
    assert refused(text, read=files.__getitem__).startswith("lab/carrier.csv:2: 1 field, the header has 2")

    def missing(name):
        raise FileNotFoundError(2, "No such file or directory", name)

    assert refused(text, read=missing) == "sipreg.toml:3: accounts_file: lab/carrier.csv: No such file or directory"
    assert refused(text).startswith("sipreg.toml:3: accounts_file: lab/carrier.csv: cannot be read from here")


def test_the_only_carrier_is_taken_and_one_of_several_must_be_named():
    two = "[carrier.acme]\nrealm = 'a'\n[carrier.other]\nrealm = 'o'\n"
    assert load_config("[carrier.acme]\n").name == "acme"
    assert load_config(two, carrier="other").realm == "o"
    assert refused(two) == "sipreg.toml: has several carriers, name one of acme, other"
    assert refused(two, carrier="acne") == "sipreg.toml: has no [carrier.acne] table; did you mean `acme`?"
    assert refused(two, carrier="zzz") == "sipreg.toml: has no [carrier.zzz] table; there are acme, other"
    assert refused("# nothing\n") == "sipreg.toml: has no [carrier.NAME] table"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[carrier.a]\n\nmin_expire = 60\n", "3: min_expire: no such setting; did you mean `min_expires`?"),
        ("[carrier.a]\nmin-expires = 60\n", "2: min-expires: no such setting; did you mean `min_expires`?"),
        ("[carrier.a]\nzzzz = 1\n", "2: zzzz: no such setting"),
        ('[carrier.a]\nmin_expires = "60"\n', '2: min_expires: "60" is wrong here: it is a whole number of seconds'),
        ("[carrier.a]\nmin_expires = 6.5\n", "2: min_expires: 6.5 is wrong here: it is a whole number of seconds"),
        ("[carrier.a]\nmin_expires = true\n", "2: min_expires: true is wrong here: it is a whole number of seconds"),
        ("[carrier.a]\nmin_expires = -1\n", "2: min_expires: -1 is not between 0"),
        ("[carrier.a]\npath = 1\n", "2: path: 1 is wrong here: it is true or false"),
        ("[carrier.a]\nrealm = 5\n", "2: realm: 5 is wrong here: it is text in quotes"),
        ("[carrier.a]\nallow = [1]\n", "2: allow: is a list of texts in quotes"),
        ("[carrier.a]\nrealm = 'x'\nallow = ['10.0.0.300']\n", "3: allow: '10.0.0.300' is not an address or CIDR"),
        ("[carrier.a]\nlisten = [\n 'udp:127.0.0.1:1',\n 'upd:127.0.0.1:1']\n", "4: listen: 'upd' is not one of udp,"),
        ("[carrier.a]\nlisten = 'udp'\n", "2: listen: 'udp' is not TRANSPORT:HOST:PORT"),
        ("[carrier.a]\nrealm = 'x'\naccess = 'ipp'\n", "3: access: 'ipp' is not one of digest, ip, both, either"),
        ("[carrier.a]\ndomain = 'x'\ndomains = ['y']\n", "3: domains: is the same setting as domains"),
        ("[carrier.a]\ndomain = 'ä ö'\n", "2: domain: 'ä ö' is not a host name or address"),
        ("[carrier.a]\naccounts = 'carrier.csv'\n", '2: accounts: is a list of accounts, e.g. [{ user = "100", secret'),
        ("[carrier.a]\naccounts = 'carrier.csv'\n", 'to read them from a file: accounts_file = "carrier.csv"'),
        ("[carrier.a]\naccounts = ['100']\n", '2: accounts: an account in quotes is "USER:SECRET"'),
        ("[carrier.a]\naccounts = [\n{ secret = 'a' },\n]\n", "3: accounts: an account needs a user"),
        (
            "[carrier.a]\naccounts = [{ user = 100, secret = 'a' }]\n",
            "2: user: 100 is wrong here: it is text in quotes",
        ),
        (
            "[carrier.a]\naccounts = [\n{ user = '1', secret = 'a' },\n{ usr = '2' }]\n",
            "4: usr: no such account field; ",
        ),
        ("[carrier.a]\naccounts = [{ user = '1' }]\n", "2: user: account '1' has no secret, so it can only be let in"),
        ("[carrier.a]\naccounts = [{ user = '1', secret = '' }]\n", "2: secret: is empty; leave it out"),
        ("[carrier.a]\naccounts = [{ user='1', ha1='xyz' }]\n", "2: ha1: is not lower-case hex"),
        (
            "[carrier.a]\naccounts = [\n{user='1', secret='a'}, {user='1', secret='b'}]\n",
            "2: accounts: account '1' is there twice",
        ),
        ("[trunks]\nfile = 'x'\n", "1: trunks: no such table; did you mean `trunk`?"),
        ("[carriers.a]\n", "1: carriers: no such table; did you mean `carrier`?"),
        (
            "[carrier]\nmin_expires = 60\n",
            "2: carrier.min_expires: is not a table; settings stand in a table with a name",
        ),
        ("carrier = 5\n", "1: carrier: is a table for each carrier: [carrier.NAME]"),
        ("[carrier.a]\nrealm = \n", "2: not TOML: "),
        ("[carrier.a]\nrealm = 'x'\nrealm = 'y'\n", "3: not TOML: "),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(text, message):
    said = refused(text)
    assert said.startswith("sipreg.toml:")
    assert message in said
    assert "\n" not in said


def test_no_error_shows_a_secret():
    for row in ("{ user = 1, secret = 'hunter2' }", "{ user = '1', secret = ['hunter2'] }", "'1hunter2'"):
        assert "hunter2" not in refused(f"[carrier.a]\naccounts = [{row}]\n")


def test_accounts_without_secret_need_no_networks_behind_an_allow_list():
    assert load_config("[carrier.a]\nallow = '10.0.0.0/8'\naccounts = [{ user = '1' }]\n").accounts[0].secret is None


def test_overrides_leave_out_what_will_be_given_otherwise():
    table = read_config(
        "[carrier.a]\nlisten = 'nonsense'\naccounts_file = 'x'\nrealm = 'r'\nallow = '10.0.0.0/8'\n"
    ).carrier()
    assert table.overrides({}, nothing, without={"listen", "accounts"}) == {
        "name": "a",
        "realm": "r",
        "allow": "10.0.0.0/8",
    }


def test_an_error_is_a_settings_error():
    with pytest.raises(SettingsError) as caught:
        load_config("[carrier.a]\nmin_expires = 9000\n")
    assert (caught.value.setting, caught.value.line) == ("min_expires", 2)
