"""``mockregistrar personas``: the list, a persona as TOML, mistakes; and ``serve --persona``."""

from __future__ import annotations

import json
import sys

import pytest

from mockregistrar import PERSONAS, load_config
from mockregistrar.carrier.config_file import read_config
from mockregistrar.cli import main
from mockregistrar.cli.options import options_from
from mockregistrar.cli.parser import UsageError, parse


@pytest.fixture
def run(capfdbinary):
    def call(*words):
        code = main([str(word) for word in words])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


def test_a_line_for_each(run):
    code, out, err = run("personas")
    assert (code, err) == (0, "")
    for persona in PERSONAS.values():
        assert any(line.split() == [persona.name, *persona.title.split()] for line in out.splitlines())
    assert out.index("kamailio") < out.index("oddities, to put over a server") < out.index("no-stale")


def test_the_list_as_json(run):
    twins = json.loads(run("personas", "--json")[1])
    assert list(twins) == list(PERSONAS)
    assert twins["no-stale"] == {"kind": "oddity", "title": PERSONAS["no-stale"].title, "knobs": {"stale": False}}


def test_what_two_come_to_can_be_pasted(run):
    code, out, _ = run("personas", "kamailio", "no-stale")
    assert code == 0
    assert "# not known, and so as the default: realm, realm_rule\n" in out
    assert "stale = false                    # creytiv/re#223" in out
    (persona,) = read_config(out).personas
    assert persona.name == "my-kamailio-no-stale"
    settings = load_config(out + '[carrier.acme]\npersona = "my-kamailio-no-stale"\n')
    assert (settings.qop, settings.stale) == (("none",), False)


def test_it_as_json(run):
    found = json.loads(run("personas", "no-stale", "--json")[1])
    assert found == {"personas": ["no-stale"], "knobs": {"stale": False}, "sources": PERSONAS["no-stale"].sources}


def test_own_ones(run, tmp_path):
    config = tmp_path / "sipreg.toml"
    config.write_text('[persona.edge]\nlike = "kamailio"\ntitle = "The edge."\nnonce_ttl = 20\n')
    assert run("personas", "--config", config)[1].endswith("your own\n  edge                         The edge.\n")
    assert "nonce_ttl = 20\n" in run("personas", "--config", config, "edge")[1]
    config.write_text("[persona.edge]\nttl = 20\n")
    assert f"{config}:2: ttl: no such knob of a persona" in run("personas", "--config", config)[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["kamalio"], "no persona 'kamalio'; did you mean `kamailio`?"),
        (["kamailio", "opensips"], "kamailio and opensips are whole servers"),
        (["--config", "/nowhere/x.toml"], "--config: /nowhere/x.toml: No such file or directory"),
        (["--jso"], "--jso: no such option; did you mean --json?"),
    ],
)
def test_mistakes(run, words, message):
    code, out, err = run("personas", *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"mockregistrar personas: {message}")
    assert err.count("\n") == 1


# -- serve -----------------------------------------------------------------------------------------------------------
def served(*words):
    return options_from(parse(["serve", *map(str, words)]), {}).settings


def test_serve_takes_personas_and_its_flags_win():
    settings = served("--persona", "kamailio", "--persona", "no-stale", "--qop", "auth")
    assert (settings.short_expires, settings.stale, settings.qop) == ("raise", False, ("auth",))


def test_serve_knows_those_of_the_file(tmp_path):
    config = tmp_path / "sipreg.toml"
    config.write_text('[persona.edge]\nlike = "kamailio"\nnonce_ttl = 20\n[carrier.a]\nmin_expires = 5\n')
    settings = served("--config", config, "--persona", "edge")
    assert (settings.nonce_ttl, settings.min_expires, settings.short_expires) == (20, 5, "raise")


def test_serve_names_the_flag():
    with pytest.raises(UsageError, match="serve: --persona: no persona 'kamalio'; did you mean `kam"):
        served("--persona", "kamalio")
    with pytest.raises(UsageError, match="serve: --algorithm: the persona's algorithm_form omitted means MD5"):
        served("--persona", "missing-algorithm", "--algorithm", "SHA-256")
