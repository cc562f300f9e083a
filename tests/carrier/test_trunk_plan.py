"""The `[[trunk]]` tables of a sipreg.toml: what they may say, and how a mistake is told."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import mockregistrar
from mockregistrar import SettingsError
from mockregistrar.carrier import config_file, trunk_plan
from mockregistrar.carrier.config_file import read_config, tomllib
from mockregistrar.carrier.config_schema import schema
from mockregistrar.carrier.planning import configs_of, read_plan

CARRIER = '[carrier.acme]\ndomain = "sip.acme.example"\naccounts = [{ user = "100", secret_env = "ACME_SECRET" }]\n\n'
SIP_CONF = "[general]\nregister => 100:hunter22@sip.acme.example/100\nregister => 200:other333@sip.acme.example\n"


def plan(trunk, carrier=CARRIER, *, files=None, environ=None):
    files = {"asterisk/sip.conf": SIP_CONF, **(files or {}), "sipreg.toml": carrier + trunk}

    def read_file(path):
        try:
            return files[str(path.relative_to("/p"))].encode()
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory") from None

    environ = {"ACME_SECRET": "hunter22"} if environ is None else environ
    return read_plan(Path("/p/sipreg.toml"), environ, rootdir=Path("/p"), read_file=read_file)


def test_every_registration_of_a_config_or_one_of_them():
    first, second = plan('[[trunk]]\nname = "main"\nconfig = "asterisk/sip.conf"\n')
    assert (first.name, second.name) == ("main[100@sip.acme.example]", "main[200@sip.acme.example]")
    assert first.carrier.accounts[0].secret == "hunter22"
    assert first.trunk.carrier == "acme"
    (only,) = plan('[[trunk]]\nname = "main"\nconfig = "asterisk/sip.conf"\nselect = "200"\n')
    assert only.name == "main"
    assert only.item.reading.real.user == "200"


def test_a_string_in_place_of_a_file():
    (one,) = plan('[[trunk]]\nstring = "register => 100:hunter22@sip.acme.example"\n')
    assert (one.name, one.item.reading.real.user) == ("trunk 1", "100")
    environ = {"ACME_SECRET": "x", "LINE": "<sip:100@sip.acme.example>;auth_pass=x"}
    (one,) = plan('[[trunk]]\nname = "b"\nstring_env = "LINE"\n', environ=environ)
    assert one.item.dialect == "baresip-accounts"


def test_the_configs_that_a_plan_names(tmp_path):
    path = tmp_path / "sipreg.toml"
    path.write_text(CARRIER + '[[trunk]]\nconfig = "a.conf"\n[[trunk]]\nname = "b"\nstring = "x"\n')
    assert configs_of(path) == (tmp_path / "a.conf",)
    path.write_text("not TOML")
    assert configs_of(path) == ()


TRUNK = '[[trunk]]\nname = "main"\nconfig = "asterisk/sip.conf"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TRUNK + 'carier = "acme"\n', "sipreg.toml:8: carier: no such key of a trunk; did you mean `carrier`?"),
        (TRUNK + 'carrier = "acne"\n', "sipreg.toml:8: carrier: has no [carrier.acne] table; did you mean `acme`?"),
        (TRUNK + 'expect = "registred"\n', "sipreg.toml:8: expect: no such outcome as 'registred'; did you mean"),
        (TRUNK + 'expect = "wrong password"\n', "did you mean `wrong-password`?"),
        (TRUNK + "expect = 403\n", "sipreg.toml:8: expect: is text in quotes, and not empty"),
        (TRUNK + 'source = "home"\n', "sipreg.toml:8: source: 'home' is no IP address"),
        (TRUNK + 'dialect = "astrisk"\n', "sipreg.toml:8: dialect: unknown dialect 'astrisk'; did you mean 'asterisk"),
        (TRUNK + 'form = "files"\n', "sipreg.toml:8: form: 'files' is not one of"),
        (TRUNK + 'form = "row"\n', "sipreg.toml:8: form: asterisk-sip.conf has no form 'row'"),
        (TRUNK + 'select = "300"\n', "sipreg.toml:8: select: asterisk/sip.conf has no registration '300'; it has"),
        (TRUNK + 'string = "x"\n', "sipreg.toml:8: string: there is a config beside it; one of the two"),
        (TRUNK + TRUNK, "sipreg.toml:9: name: 'main' is what another trunk is called"),
        ('[[trunk]]\nname = "a"\n', "sipreg.toml:5: trunk: says nothing to test"),
        ('[[trunk]]\nconfig = ""\n', "sipreg.toml:6: config: is text in quotes, and not empty"),
        ('[[trunk]]\nconfig = "no.conf"\n', "sipreg.toml:6: config: no.conf: No such file or directory"),
        ('[[trunk]]\nstring_env = "LINE"\n', "sipreg.toml:6: string_env: the environment variable LINE is not set"),
        ('[trunk]\nconfig = "a"\n', "sipreg.toml:5: trunk: a trunk has double brackets: [[trunk]]"),
        ('[[trunks]]\nconfig = "a"\n', "trunks: no such table; did you mean `trunk`?"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(text, says):
    with pytest.raises(SettingsError) as caught:
        plan(text)
    assert says in str(caught.value)
    assert "hunter22" not in str(caught.value)


def test_several_carriers_must_be_told_apart_and_none_is_none():
    with pytest.raises(SettingsError, match="there are several carriers: name one of acme, beta"):
        plan(TRUNK, CARRIER + "[carrier.beta]\n\n")
    with pytest.raises(SettingsError, match=r"there is no \[carrier.NAME\] table to log in to"):
        plan(TRUNK, "")


def test_a_secret_that_is_not_in_the_environment_is_told_by_its_line():
    with pytest.raises(
        SettingsError, match=r"sipreg\.toml:3: secret_env: the environment variable ACME_SECRET is not set"
    ):
        plan(TRUNK, environ={})


def test_serve_and_fixtures_pass_the_trunks_over():
    text = CARRIER.replace('secret_env = "ACME_SECRET"', 'secret = "x"') + '[[trunk]]\nnonsense = "x"\n'
    assert mockregistrar.load_config(text).domains == ("sip.acme.example",)
    several = mockregistrar.CarrierSettings(realm="fallback")
    two = "[carrier.a]\n[carrier.b]\nrealm = 'b'\n"
    assert mockregistrar.load_config(two, several=several) is several
    assert mockregistrar.load_config(two, several=several, carrier="b").realm == "b"


# -- the schema --------------------------------------------------------------------------------------------------------


def valid(text):
    jsonschema.Draft202012Validator(schema()).validate(tomllib.loads(text))


def test_the_shipped_schema_is_made_from_the_tables():
    shipped = Path(mockregistrar.__file__).parent / "sipreg.schema.json"
    assert json.loads(shipped.read_text("utf-8")) == schema(), (
        "run: mockregistrar check --schema > mockregistrar/sipreg.schema.json"
    )
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_key_is_in_the_schema():
    carrier = schema()["properties"]["carrier"]["additionalProperties"]["properties"]
    assert set(config_file.SETTINGS) | set(config_file.SINGULAR) == set(carrier)
    assert set(trunk_plan.KEYS) == set(schema()["properties"]["trunk"]["items"]["properties"])


def test_what_is_read_is_valid_and_what_is_refused_is_not():
    valid(CARRIER + TRUNK + 'expect = "ip-auth"\n')
    for wrong in (
        TRUNK + 'carier = "acme"\n',
        TRUNK + 'expect = "registred"\n',
        TRUNK + 'string = "x"\n',
        '[[trunk]]\nname = "a"\n',
        "[carrier.a]\nmin_expires = 'x'\n",
        "[carrier.a]\nmin_expire = 1\n",
        "[carrier.a]\naccounts = [{ secret = 'x' }]\n",
    ):
        with pytest.raises(jsonschema.ValidationError):
            valid(wrong)
        with pytest.raises(SettingsError):
            read_config(wrong if "[carrier" in wrong else CARRIER + wrong)
