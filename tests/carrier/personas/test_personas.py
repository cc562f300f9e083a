"""Personas as settings: how they compose, what beats them, and every mistake with the nearest name."""

from __future__ import annotations

import dataclasses
import json
import pickle

import pytest

from mockregistrar import PERSONAS, CarrierSettings, Persona, SettingsError, load_config
from mockregistrar.carrier import config_file
from mockregistrar.carrier.accounts_file import FileError
from mockregistrar.carrier.config_file import read_config
from mockregistrar.carrier.persona_tables import composed, write_persona
from mockregistrar.carrier.personas import combined, knob_names
from mockregistrar.engine.protocol import from_json, to_json


def taken(*names: object, **overrides: object) -> CarrierSettings:
    return CarrierSettings().changed(persona=names, **overrides)


def refused(*names: object, **overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        taken(*names, **overrides)
    return str(caught.value)


# -- presets -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda p: p.name)
def test_every_preset_is_whole(persona: Persona):
    assert persona.title.endswith(".")
    assert "\n" not in persona.title
    assert persona.kind in ("server", "oddity")
    assert set(persona.sources) == set(persona.knobs)
    assert set(persona.unknown) <= set(knob_names()) - set(persona.knobs)
    settings = taken(persona.name)
    assert {name: getattr(settings, name) for name in persona.knobs} == persona.knobs
    if persona.name not in ("default", "grant-in-contact"):
        assert dataclasses.replace(settings, persona=()) != CarrierSettings()


@pytest.mark.parametrize("server", [p.name for p in PERSONAS.values() if p.kind == "server"])
@pytest.mark.parametrize("oddity", [p.name for p in PERSONAS.values() if p.kind == "oddity"])
def test_every_oddity_goes_over_every_server(server: str, oddity: str):
    settings = taken(server, oddity)
    for name, value in PERSONAS[oddity].knobs.items():
        assert getattr(settings, name) == value


def test_default_changes_nothing():
    assert dataclasses.replace(taken("default"), persona=()) == CarrierSettings()
    assert taken("default", "kamailio").qop == ("none",)


# -- who wins ----------------------------------------------------------------------------------------------------
def test_later_ones_win():
    assert taken("grant-in-header", "grant-in-both").grant_in == "both"
    assert taken("grant-in-both", "grant-in-header").grant_in == "header"
    assert taken("kamailio", "no-stale").stale is False


def test_a_setting_by_name_beats_the_persona_before_and_behind_and_at_its_default():
    default = CarrierSettings()
    assert default.changed(persona="kamailio", qop="auth").qop == ("auth",)
    assert default.changed(qop="auth").changed(persona="kamailio").qop == ("auth",)
    assert default.changed(persona="kamailio").changed(qop="auth").qop == ("auth",)
    assert default.changed(persona="kamailio").changed(qop="auth").changed(persona="asterisk-chan_sip").qop == ("auth",)
    assert CarrierSettings(nonce_ttl=7).changed(persona="kamailio").nonce_ttl == 7
    assert CarrierSettings(persona=("kamailio",), nonce_ttl=7).nonce_ttl == 7


def test_one_persona_after_another_leaves_nothing_of_the_first():
    there_and_back = CarrierSettings().changed(persona="kamailio").changed(persona="opensips")
    assert there_and_back == taken("opensips")
    assert there_and_back.changed(persona=()) == CarrierSettings()
    assert dataclasses.replace(taken("kamailio"), name="x").qop == ("none",)


def test_what_a_persona_set_is_told():
    assert taken("kamailio", qop="auth").taken_on == set(PERSONAS["kamailio"].knobs) - {"qop"}
    assert CarrierSettings().taken_on == frozenset()


# -- mistakes ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["kamalio"], "persona: no persona 'kamalio'; did you mean `kamailio`?"),
        (["Asterisk_PJSIP"], "persona: no persona 'Asterisk_PJSIP'; did you mean `asterisk-pjsip`?"),
        (["no_stale"], "persona: no persona 'no_stale'; did you mean `no-stale`?"),
        (["qop"], "persona: no persona 'qop'; did you mean `no-qop`?"),
        (["rate_window"], "persona: no persona 'rate_window'"),
        (["zzzz"], "persona: no persona 'zzzz'; `mockregistrar personas` lists them"),
        (["*"], "persona: `*` runs a test once for each persona: it is for @pytest.mark.sipreg alone"),
        ([5], "persona: 5 is not the name of a persona, e.g. 'default'"),
        (
            ["kamailio", "no-stale", "opensips"],
            "persona: kamailio and opensips are whole servers, and a carrier is one; keep one, add oddities",
        ),
    ],
)
def test_mistakes(names: list[object], message: str):
    assert refused(*names).startswith(message)


def test_personas_that_do_not_go_together_name_the_setting():
    assert refused("missing-algorithm", algorithms="SHA-256").startswith("algorithm_form: omitted means MD5")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"knobs": {"qopp": "auth"}}, "qopp: no such knob; did you mean `qop`?"),
        ({"knobs": {"listen": "udp:127.0.0.1:0"}}, "listen: is a setting of one carrier and no persona's"),
        ({"knobs": {"explicit": ()}}, "explicit: no such knob"),
        ({"name": "a b"}, "persona: 'a b' is no name"),
    ],
)
def test_a_persona_that_cannot_be(fields: dict[str, object], message: str):
    with pytest.raises(SettingsError) as caught:
        Persona(**{"name": "mine", **fields})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("field", ["explicit", "taken_on"])
def test_what_is_no_setting_is_none(field: str):
    with pytest.raises(SettingsError, match="no such setting"):
        CarrierSettings().changed(**{field: ()})


# -- one's own ---------------------------------------------------------------------------------------------------
MINE = Persona(name="mine", like=("kamailio", "no-stale"), knobs={"qop": "auth", "wrong_password": 403})


def test_an_own_persona():
    for settings in (taken(MINE), taken("mine", personas=[MINE]), CarrierSettings(persona=(MINE,))):
        assert (settings.qop, settings.stale, settings.wrong_password) == (("auth",), False, "403")
        assert settings.short_expires == "raise"
    assert refused("mime", personas=[MINE]) == "persona: no persona 'mime'; did you mean `mine`?"


def test_it_crosses_processes():
    settings = taken("mine", personas=[MINE])
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert from_json(json.loads(json.dumps(to_json(settings)))) == settings


FILE = """\
[persona.edge]
like = ["kamailio", "no-stale"]
title = "The edge of Acme."
nonce_ttl = 20

[carrier.acme]
persona = ["edge", "grant-in-header"]
qop = "auth"
"""


def test_a_persona_in_the_file():
    settings = load_config(FILE)
    assert (settings.nonce_ttl, settings.stale, settings.grant_in, settings.qop) == (20, False, "header", ("auth",))
    assert settings.changed(persona="edge").grant_in == "contact"
    (persona,) = read_config(FILE).personas
    assert persona.title == "The edge of Acme."
    both = FILE + "[carrier.other]\n"
    assert [p.name for p in load_config(both, several=CarrierSettings()).personas] == ["edge"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[persona.a]\nqopp = 'auth'\n", "2: qopp: no such knob of a persona; did you mean `qop`?"),
        ("[persona.a]\nlisten = 'x'\n", "2: listen: no such knob of a persona; it is set on a carrier"),
        ("[persona.a]\nstale = 1\n", "2: stale: is true or false"),
        ("[persona.a]\n\nlike = ['kamalio']\n", "3: like: no persona 'kamalio'; did you mean `kamailio`?"),
        ("[persona.a]\nlike = ['kamailio', 'opensips']\n", "2: like: kamailio and opensips are whole servers"),
        ("[persona.a]\nlike = 'b'\n[persona.b]\nlike = 'a'\n", "2: like: a is like b is like a"),
        ("[persona.a]\ngrant_in = 'nowhere'\n", "2: grant_in: 'nowhere' is not one of contact, header, both, neither"),
        ("[persona.kamailio]\nqop = 'auth'\n", "1: persona.kamailio: is the name of a preset; take another"),
        ("[persona]\nqop = 'auth'\n", "2: persona.qop: is not a table"),
        ("[carrier.a]\npersona = 'kamalio'\n", "2: persona: no persona 'kamalio'; did you mean `kamailio`?"),
        ("[person.a]\n", "1: person: no such table; did you mean `persona`?"),
    ],
)
def test_mistakes_in_the_file(text: str, message: str):
    with pytest.raises(FileError) as caught:
        load_config(text if "carrier" in text else text + "[carrier.x]\n")
    assert str(caught.value).startswith(f"sipreg.toml:{message}")


@pytest.mark.parametrize("name", PERSONAS)
def test_what_is_printed_is_read_back(name: str):
    knobs, sources = composed([name])
    text = write_persona("again", knobs, sources, ["a comment", ""])
    (persona,) = read_config(text).personas
    assert persona.knobs == {k: v for k, v in combined([name]).items() if v is not None}


def test_every_knob_has_a_check():
    assert set(knob_names()) <= set(config_file.SETTINGS)
