"""The documentation: it builds without a warning, shows files that tests run, and leaves nothing public out."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
import subprocess
import sys
from contextlib import nullcontext

import console
import pytest

import mockregistrar
from mockregistrar.carrier import config_file
from pytest_sipreg import plugin

DOCS = console.ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
BLOCKS = [block for path in PAGES for block in console.blocks(path, "run")]
SERVED = [block for path in PAGES for block in console.blocks(path, "serve")]

sys.path.insert(0, str(DOCS / "_ext"))
sys.path.insert(0, str(DOCS / "examples"))


@pytest.fixture(scope="module")
def reference():
    import sipreg_reference

    return sipreg_reference


# -- building --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    not (importlib.util.find_spec("sphinx") and importlib.util.find_spec("myst_parser")),
    reason="needs Sphinx: pip install -e '.[docs]'",
)
def test_it_builds_without_a_warning(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", tmp_path / "trees", DOCS, tmp_path / "html"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    codes = (tmp_path / "html" / "reference" / "codes.html").read_text("utf-8")
    assert [code for code in mockregistrar.CODES if code < "SR200" and f'id="{code.lower()}"' not in codes] == []
    api = (tmp_path / "html" / "reference" / "api.html").read_text("utf-8")
    named = {name for name in mockregistrar._EXPORTS if f'id="mockregistrar.{name}"' in api}
    assert set(mockregistrar._EXPORTS) - named == {"CODES", "REASONS"}  # these are pages of their own


# -- what is shown is what is -----------------------------------------------------------------------------------


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.id)
def test_commands_print_what_is_shown(block, tmp_path):
    from dialer import Dialer

    asked = console.asked(block)
    here = console.copied(asked.folder, tmp_path)
    with console.registrar(here / asked.registrar, Dialer) if asked.registrar else nullcontext("") as address:
        for line, output in console.steps(block):
            code, printed = console.run(line.replace("127.0.0.1:5060", address) if address else line, here)
            assert code == asked.exit_code, printed
            console.compare(block, output, printed)


@pytest.mark.parametrize("block", SERVED, ids=lambda block: block.id)
def test_serve_prints_what_is_shown(block, tmp_path):
    from dialer import Dialer

    [(line, output)] = console.steps(block)
    console.compare(block, output, console.served(line, console.copied(block.rest, tmp_path), Dialer))


def included():
    """Return the files that pages include."""
    for page in PAGES:
        for name in re.findall(r"```\{literalinclude\} (\S+)", page.read_text("utf-8")):
            yield page, (page.parent / name).resolve()


def test_files_that_are_shown_are_run():
    import test_examples

    folders = {(console.ROOT / block.rest.split()[0]).resolve() for block in [*BLOCKS, *SERVED] if block.rest}
    folders |= {path.resolve() for path in test_examples.FOLDERS}
    shown = list(included())
    assert shown
    for page, path in shown:
        assert path.is_file(), f"{page} includes {path}, which is not there"
        run = any(folder in (path.parent, *path.parents) for folder in folders) or path in test_examples.ALSO_RUN
        assert run, f"{page} shows {path.name}, which no test runs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_shown_python_is_a_file(page):
    assert "```python" not in page.read_text("utf-8"), "show a file that tests run, with literalinclude"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_console_blocks_are_run(page):
    text = page.read_text("utf-8")
    tied = len(console.blocks(page, "run")) + len(console.blocks(page, "serve"))
    assert text.count("```console") == tied, "a console block needs a `run` or `serve` marker above it"


# -- nothing is left out ---------------------------------------------------------------------------------------


def test_every_public_name_is_in_the_reference(reference):
    text = reference.api()
    assert [name for name in mockregistrar._EXPORTS if f"### `{name}`" not in text] == []


def test_every_finding_code_is_in_the_reference(reference):
    text, index = reference.codes(), reference.code_index()
    assert len(reference.reachable_codes()) > 60
    for code in reference.reachable_codes():
        assert f"({code.code.lower()})=\n### {code.code}: {code.title}\n" in text
        assert f"[{code.code}](#{code.code.lower()})" in index


def test_every_reason_is_in_the_reference(reference):
    text = reference.reasons()
    assert [slug for slug in mockregistrar.REASONS if f"### `{slug}`" not in text] == []


@pytest.mark.parametrize("kind", ["CarrierSettings", "AccountSpec"])
def test_every_setting_has_a_meaning(reference, kind):
    of = getattr(mockregistrar, kind)
    rows = reference._fields(of).splitlines()[2:]
    named = [name for name in (field.name for field in dataclasses.fields(of)) if name != "made_up"]
    assert [re.match(r"\| `(\w+)` \|", row)[1] for row in rows] == named
    docs = reference.field_docs(of)
    if kind == "CarrierSettings":
        assert [name for name in named if not docs[name]] == []


def test_every_key_of_the_config_file_is_in_the_reference(reference):
    keys = reference.config_keys()
    assert [name for name in config_file.SETTINGS if f"| `{name}`" not in keys] == []


def test_every_option_ini_name_and_variable_is_in_the_reference(reference):
    text = reference.pytest_options()
    for name in (*plugin._LONG_OPTIONS, *plugin._INI, *plugin._ENVIRONMENT):
        assert re.search(rf"`{name}[` ]", text), name


def test_every_fixture_is_in_the_reference(reference):
    text = reference.fixtures()
    for name in ("sipreg", "make_sipreg", "sipreg_factory", "sipreg_config", "sipreg_tls"):
        assert re.search(rf"^`{name}` \((function|session)\)\n: \S", text, re.MULTILINE), name


def test_every_kind_of_record_is_in_the_reference(reference):
    text = reference.record_kinds()
    assert "`registered`\n: " in text
    assert "`internal-error`\n: " in text


def test_pages_ask_for_what_there_is(reference):
    asked = {name for page in PAGES for name in reference.MARK.findall(page.read_text("utf-8"))}
    assert asked == set(reference.GENERATED)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_no_page_names_a_reason_or_code_that_there_is_not(page):
    text = page.read_text("utf-8")
    assert set(re.findall(r"\bSR\d{3}\b", text)) <= set(mockregistrar.CODES)
    assert set(re.findall(r'because="([\w-]+)"', text)) <= set(mockregistrar.REASONS)
