"""Accounts from CSV: what is read, and how a row that cannot be used is answered."""

import pickle
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockregistrar import AccountSpec, SettingsError
from mockregistrar.carrier.accounts_file import FileError, load_accounts_csv

HASH = "0123456789abcdef0123456789ABCDEF"


def only(text, **options):
    (account,) = load_accounts_csv(text, "c.csv", **options)
    return account


def refused(text, **options):
    with pytest.raises(FileError) as caught:
        load_accounts_csv(text, "c.csv", **options)
    return str(caught.value)


def test_user_and_secret():
    accounts = load_accounts_csv("user,secret\n100,s3cret\n200,pass;word\n")
    assert accounts == (AccountSpec(user="100", secret="s3cret"), AccountSpec(user="200", secret="pass;word"))
    assert not accounts[0].made_up


def test_all_columns_in_any_order():
    account = only(
        "access,networks,ha1,domain,auth_user,secret,user\n"
        f"either,10.0.0.0/8;192.0.2.7 2001:db8::/32,{HASH},sip.acme.example,login,s3cret,100\n"
    )
    assert account == AccountSpec(
        user="100",
        secret="s3cret",
        auth_user="login",
        domain="sip.acme.example",
        ha1={"MD5": HASH.lower()},
        networks=("10.0.0.0/8", "192.0.2.7", "2001:db8::/32"),
        access="either",
    )


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffuser,secret\n100,s3cret\n",
        "user,secret\r\n100,s3cret\r\n",
        "user,secret\n\n100,s3cret\n,\n\n",
        'user,secret\n"100","s3cret"',
        " User , SECRET\n100,s3cret\n",
        "user, secret\n100, s3cret\n",
    ],
    ids=["bom", "crlf", "blank rows", "quotes, no last line end", "loose header", "blanks behind commas"],
)
def test_as_people_and_spreadsheets_write_it(text):
    assert only(text) == AccountSpec(user="100", secret="s3cret")


def test_a_secret_is_taken_as_it_stands():
    assert only('user,secret\n100," a,""b"" "\n').secret == ' a,"b" '
    assert only("user,secret\n100,p\u2028ss\x0bword\n").secret == "p\u2028ss\x0bword"


def test_a_hash_alone_is_enough():
    assert only(f"user,ha1\n100,{HASH}\n").ha1 == {"MD5": HASH.lower()}


def test_an_account_without_secret_is_let_in_by_address():
    assert only("user,secret,networks\n100,,10.0.0.7\n").secret is None
    assert not only("user,secret\n100,\n", needs_networks=False).has_credentials
    assert only("user,secret,access\n100,,ip\n").access == "ip"


def test_a_user_may_be_there_once_for_each_domain():
    assert len(load_accounts_csv("user,secret,domain\n100,a,one.example\n100,b,two.example\n100,c,\n")) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "c.csv: holds no accounts: the first line names the columns, e.g. user,secret"),
        ("user,secret\n", "c.csv: holds no accounts behind its header"),
        ("usr,secret\n1,2\n", "c.csv:1: 'usr' is not a column; did you mean `user`?"),
        (
            "user,secret,zzzzz\n1,2,3\n",
            "c.csv:1: 'zzzzz' is not a column; known are user, secret, auth_user, domain, ha1, networks, access",
        ),
        ("user,user,secret\n1,2,3\n", "c.csv:1: column 'user' is there twice"),
        ("100,s3cret\n", "c.csv:1: '100' is not a column; known are user, secret, "),
        ("secret\ns3cret\n", "c.csv:1: the header has no column 'user'"),
        ("user,domain\n1,x\n", "c.csv:1: the header has no column 'secret'"),
        ("user;secret\n1;2\n", "c.csv:1: the columns are parted by ';'; write commas: user,secret"),
        ("user,secret\n100,a\n200\n", "c.csv:3: 1 field, the header has 2"),
        ("user,secret\n100,a,b\n", "c.csv:2: 3 fields, the header has 2; a comma inside a value needs double quotes"),
        ("user,secret\n ,s3cret\n", "c.csv:2: user: is empty"),
        ("user,secret\n100,a\n200,b\n100,c\n", "c.csv:4: user: account '100' is there already, on line 2"),
        ("user,secret,domain\n100,a,x.example\n100,b,X.EXAMPLE\n", "is there already, on line 2"),
        ("user,secret\n100,\n", "c.csv:2: secret: account '100' has no secret, so it can only be let in by address"),
        ("user,secret,networks\n100,a,10.0.0.300\n", "c.csv:2: networks: '10.0.0.300' is not an address or CIDR"),
        ("user,secret,access\n100,a,ipp\n", "c.csv:2: access: 'ipp' is not one of digest, ip, both, either; did you"),
        ("user,ha1\n100,abc\n", "c.csv:2: ha1: is not 32 hexadecimal digits"),
        ('user,secret\n100,a\n200,"b\n300,c\n', "c.csv:3: not a CSV row: "),
        ('user,secret\n100,"a"b\n', "c.csv:2: not a CSV row: "),
        ('user,secret\n100,"a\nb"\n200\n', "c.csv:4: 1 field"),
        ("user,secret\n1\x0000,a\n", "c.csv:2: "),
    ],
)
def test_a_row_that_cannot_be_used(text, message):
    assert message in refused(text)
    assert "\n" not in refused(text)


def test_an_error_shows_no_secret():
    for text in (
        "user,secret,access\n100,hunter2,nowhere\n",
        "user,secret\n100,hunter2,more\n",
        'user,secret\n100,"hunter2"x\n',
        "user,secret\n,hunter2\n",
    ):
        assert "hunter2" not in refused(text)


def test_an_error_is_a_settings_error_that_survives_pickling():
    error = FileError("user", "is empty", "c.csv", 7)
    assert isinstance(error, SettingsError)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.where, copy.setting, copy.line) == ("c.csv:7: user: is empty", "c.csv:7", "user", 7)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        said = repr(load_accounts_csv("user,secret,networks\n" + text))
    except FileError as error:
        said = str(error)
    assert said != "()"
    assert "\n" not in said


def test_a_large_file_loses_nothing():
    generator = random.Random(1)
    secrets = ["".join(generator.choices(string.ascii_letters, k=12)) for _ in range(5000)]
    text = "secret,user\n" + "".join(f"{secret},{number}\n" for number, secret in enumerate(secrets))
    assert [account.secret for account in load_accounts_csv(text)] == secrets
