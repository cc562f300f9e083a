"""Dialects by name, VICIdial's field, whole configs, and the registry of codes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mockregistrar import trunks
from mockregistrar.trunks import CODES, CannotRender, Trunk, dialect, render_config
from mockregistrar.trunks.asterisk import chan_sip_dialect
from mockregistrar.trunks.pbx import vicidial_carrier, vicidial_string

TRUNK = Trunk("100", "sip.acme.example", secret="hunter22", extension="100")


def test_dialects_have_names_and_aliases():
    assert dialect("asterisk-chan_sip") is chan_sip_dialect
    assert dialect("asterisk") is chan_sip_dialect
    assert dialect("VICIdial") is vicidial_carrier
    for alias, name in trunks.aliases().items():
        assert dialect(alias) is dialect(name)


@pytest.mark.parametrize(
    ("name", "nearest"), [("astersk", "asterisk"), ("vicdial", "vicidial"), ("zzz", "asterisk-chan_sip")]
)
def test_an_unknown_dialect_names_the_nearest(name, nearest):
    with pytest.raises(ValueError, match=f"did you mean '{nearest}'"):
        dialect(name)


def test_vicidial_has_no_way_to_write_a_semicolon():
    with pytest.raises(CannotRender) as caught:
        vicidial_string.render(Trunk("100", "sip.acme.example", secret="hun;ter"))
    assert caught.value.character == ";"
    assert "hun" not in str(caught.value)
    with pytest.raises(CannotRender):
        render_config("vicidial", Trunk("100", "sip.acme.example", secret="hun;ter"))


def test_vicidial_counts_the_keyword():
    fits = Trunk("u", "h", secret="p" * (255 - len("register => u:@h")))
    assert len(vicidial_string.registration_line(fits)) == 255
    with pytest.raises(CannotRender):
        vicidial_string.registration_line(Trunk("u", "h", secret=fits.secret + "p"))


def test_vicidial_deletes_semicolons():
    reading = vicidial_string.parse(r"register => 100:hun\;ter@sip.acme.example")
    assert reading.real.secret == "hun\\ter"
    assert reading.meant.secret == "hun;ter"
    assert reading.findings[0].code == "SR104"
    assert vicidial_string.parse("register => 100:hunter22@sip.acme.example").findings == ()


def test_a_config_holds_the_line_and_the_section():
    text = render_config("asterisk-sip.conf", Trunk("100", "sip.acme.example", secret="h;r", port=5080), "acme")
    assert text == (
        "[general]\n"
        "register => 100:h\\;r@sip.acme.example:5080\n"
        "\n"
        "[acme]\n"
        "type = peer\n"
        "host = sip.acme.example\n"
        "port = 5080\n"
        "defaultuser = 100\n"
        "secret = h\\;r\n"
        "fromuser = 100\n"
        "insecure = port,invite\n"
    )
    assert "[sip-acme-example]" in render_config("asterisk", TRUNK)


@pytest.mark.parametrize("name", ["general", "a]b", "a\nb"])
def test_a_section_needs_a_name_that_can_be_one(name):
    with pytest.raises(CannotRender):
        render_config("asterisk", TRUNK, name)


def test_codes_are_stable_and_documented():
    assert len(CODES) > 60
    for code, entry in CODES.items():
        assert code == entry.code
        assert re.fullmatch(r"SR\d\d\d", code)
        assert entry.severity in ("error", "warning", "hint")
        assert entry.title
        assert entry.title[-1] != "."
        assert len(entry.explanation) > 20


def test_every_code_in_the_source_is_registered_and_every_registered_one_used():
    paths = [path for path in Path(trunks.__file__).parent.rglob("*.py") if path.parent.name != "codes"]
    used = set(re.findall(r"\b(SR\d+)\b", "".join(path.read_text() for path in paths)))
    assert used == set(CODES)


def test_reading_a_string_imports_no_network():
    script = (
        "import sys, mockregistrar.trunks as t; t.explain('a:b@c'); "
        "print(sorted(m for m in ('twisted', 'socket', 'threading', 'ssl', 'asyncio') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("[]", "['threading']")


def test_the_face_names_what_it_exports():
    assert all(hasattr(trunks, name) for name in trunks.__all__)
