"""The documentation: it builds without a warning, shows files that tests run, and leaves nothing public out."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import console
import pytest

import mockregistrar
from mockregistrar import trunks
from mockregistrar.carrier import config_file, trunk_plan
from mockregistrar.carrier.diagnosis.hows import HOWS
from mockregistrar.cli.parser import COMMANDS
from mockregistrar.engine import lapses
from mockregistrar.faults import words
from mockregistrar.trunks.typos import KINDS
from pytest_sipreg import plugin

DOCS = console.ROOT / "docs"
MADE = (DOCS / "_build", DOCS / "reference" / "codes", DOCS / "reference" / "verdicts")
"""Folders that a build of the documentation leaves behind."""
PAGES = sorted(path for path in DOCS.rglob("*.md") if not any(folder in path.parents for folder in MADE))
BLOCKS = [block for path in PAGES for block in console.blocks(path, "run")]
SERVED = [block for path in PAGES for block in console.blocks(path, "serve")]

sys.path.insert(0, str(DOCS / "_ext"))
sys.path.insert(0, str(DOCS / "examples"))


@pytest.fixture(scope="module")
def reference():
    import sipreg_reference

    return sipreg_reference


@pytest.fixture(scope="module")
def code_pages():
    import code_pages

    return code_pages


# -- building --------------------------------------------------------------------------------------------------


def made_by_a_build(folder, names):
    return [name for name in names if name == "__pycache__" or Path(folder, name) in MADE]


@pytest.mark.skipif(
    not (importlib.util.find_spec("sphinx") and importlib.util.find_spec("myst_parser")),
    reason="needs Sphinx: pip install -e '.[docs]'",
)
def test_it_builds_without_a_warning(tmp_path):
    for folder in ("docs", "examples"):  # a copy, since a build writes the pages of the codes into its source
        shutil.copytree(console.ROOT / folder, tmp_path / folder, ignore=made_by_a_build)
    docs, html = tmp_path / "docs", tmp_path / "html"
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", tmp_path / "trees", docs, html],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {path.stem for path in (html / "reference" / "codes").glob("*.html")}
    assert pages == set(mockregistrar.CODES)
    index = (html / "reference" / "codes.html").read_text("utf-8")
    assert [code for code in mockregistrar.CODES if f'href="codes/{code}.html"' not in index] == []
    verdicts = html / "reference" / "verdicts"
    made = {path.relative_to(verdicts).with_suffix("").as_posix() for path in verdicts.rglob("*.html")}
    assert made == set(mockregistrar.VERDICTS)
    assert 'href="reference/codes/SR104.html' in (html / "tutorial.html").read_text("utf-8")
    api = (html / "reference" / "api.html").read_text("utf-8")
    named = {name for name in mockregistrar._EXPORTS if f'id="mockregistrar.{name}"' in api}
    assert set(mockregistrar._EXPORTS) - named == {"CODES", "PERSONAS", "REASONS"}  # these are pages of their own


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
    assert [name for name in mockregistrar._EXPORTS if f"\n#### `{name}`\n" not in text] == []
    also = reference.trunks_api()
    here = [name for name in trunks.__all__ if f"\n#### `{name}`\n" in also]
    assert {"report", "render", "Parsed", "Registration"} <= set(here)
    elsewhere = [getattr(trunks, name) for name in trunks.__all__ if name not in here]
    assert all(any(each is getattr(mockregistrar, name) for name in mockregistrar._EXPORTS) for each in elsewhere)


def test_every_finding_code_is_in_the_index(reference, code_pages):
    index = reference.codes()
    rows = re.findall(r"^\| \[(SR\d+)\]\(codes/SR\d+\.md\) \| (\w+) \|", index, re.MULTILINE)
    assert rows == [(code.code, code.severity) for code in sorted(mockregistrar.CODES.values(), key=lambda c: c.code)]
    assert [title for title in code_pages.HUNDREDS.values() if f"## {title}\n\n| Code" not in index] == []


def test_every_dialect_is_in_the_reference(reference):
    table, sections = reference.dialect_table(), reference.dialect_sections()
    for name in trunks.dialects():
        anchor = re.search(rf"^\| \[`{re.escape(name)}`\]\(#([\w-]+)\) \|.*\|$", table, re.MULTILINE)[1]
        section = sections.partition(f"({anchor})=\n## `{name}`\n")[2].partition("\n(dialect-")[0]
        assert section.strip(), name
        assert ("```" in section) == ("| yes |" in table.partition(f"[`{name}`]")[2].partition("\n")[0])
    assert all(f"`{alias}`" in table for alias in trunks.aliases())
    assert "Theory of operation" not in sections


def test_every_command_is_in_the_reference(reference):
    text = reference.command_help()
    for name in COMMANDS:
        assert re.search(rf"^## mockregistrar {name}\n\n```text\nusage: mockregistrar {name} ", text, re.MULTILINE)
    assert "\x1b" not in text


def test_every_key_of_a_trunk_is_in_the_reference(reference):
    keys = reference.plan_keys()
    assert [name for name in trunk_plan.KEYS if not re.search(rf"^\| `{name}` \| \w", keys, re.MULTILINE)] == []
    assert reference.plan_outcomes() == "`registered`, `ip-auth`, `refused`"


def test_every_persona_is_in_the_reference(reference):
    table, sections = reference.persona_table(), reference.persona_sections()
    for persona in mockregistrar.PERSONAS.values():
        assert f"| [`{persona.name}`](#persona-{persona.name}) | {persona.title}" in table
        section = sections.partition(f"(persona-{persona.name})=\n### `{persona.name}`\n\n")[2].partition("\n(persona")[
            0
        ]
        assert [knob for knob in persona.knobs if not re.search(rf"\n\| `{knob}` \| `.+` \| \S", section)] == []
        assert [knob for knob in persona.unknown if f"`{knob}`" not in section] == []


def test_every_fault_word_and_key_is_in_the_reference(reference):
    actions = reference.wire_faults() + reference.answer_faults() + reference.name_faults()
    assert [name for name in words.ACTIONS if f"| `{name}` |" not in actions] == []
    assert [key for key in words.KEYS if f"| `{key}` |" not in reference.fault_keys()] == []
    assert [word for word in words.WORDS if f"| `{word}` |" not in reference.fault_words()] == []
    told = (DOCS / "reference/faults.md").read_text("utf-8")
    lines = re.findall(r"`(refresh-\w+)` \(([\w, ]+)\)", told.replace("\n", " "))
    assert {slug: tuple(names.split(", ")) for slug, names in lines} == lapses.OF_FAULTS


def test_every_reason_is_in_the_reference(reference):
    text = reference.reasons()
    assert [slug for slug in mockregistrar.REASONS if f"### `{slug}`" not in text] == []
    assert [slug for slug in mockregistrar.REASONS if f"](verdicts/{slug}.md)" not in text] == []
    assert [slug for slug in HOWS if f"](verdicts/wrong-password/{slug}.md)" not in reference.misses()] == []


# -- the pages of the verdicts ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def verdict_pages():
    import verdict_pages

    return verdict_pages


def test_a_page_tells_what_is_known_of_a_verdict(verdict_pages):
    examples = json.loads((DOCS / verdict_pages.EXAMPLES).read_text("utf-8"))
    pages = verdict_pages.pages(examples)
    assert set(pages) == set(mockregistrar.VERDICTS)
    for slug, page in pages.items():
        kind = mockregistrar.VERDICTS[slug]
        assert f"# {slug}\n" in page
        assert all(part in page for part in (kind.cause, kind.fix, kind.known_by))
        assert kind.known_by
        assert ("## Example\n" in page) == (slug in examples)
        folder = (DOCS / "reference" / "verdicts" / slug).parent
        for target in re.findall(r"\]\(([^)]*)\.md\)", page):
            path = Path(os.path.normpath(folder / target)).relative_to(DOCS / "reference")
            assert path.as_posix() == "reasons" or path.relative_to("verdicts").as_posix() in pages


def test_a_page_shows_what_the_code_said_and_what_clients_print(verdict_pages):
    said = {"sentence": "what happened", "evidence": "How it is known.", "status": 403}
    page = verdict_pages.pages({"ip-not-allowed": said})["ip-not-allowed"]
    assert "```text\nwhat happened\nHow it is known.\n```" in page
    assert "## What clients do on the 403 and print\n\n- With 403 your Asterisk (chan_sip) stops for good" in page
    with pytest.raises(KeyError, match="no-such"):
        verdict_pages.pages({"no-such": said})


def test_the_pages_of_verdicts_are_written_anew_and_only_where_they_differ(verdict_pages, tmp_path):
    (tmp_path / "reference").mkdir()
    verdict_pages.write(tmp_path)
    folder = tmp_path / "reference" / "verdicts"
    untouched = (folder / "outage.md").stat().st_mtime_ns
    (folder / "wrong-password" / "gone.md").write_text("a verdict that is gone", "utf-8")
    verdict_pages.write(tmp_path)
    assert not (folder / "wrong-password" / "gone.md").exists()
    assert (folder / "outage.md").stat().st_mtime_ns == untouched


@pytest.mark.parametrize("kind", ["CarrierSettings", "AccountSpec"])
def test_every_setting_has_a_meaning(reference, kind):
    of = getattr(mockregistrar, kind)
    rows = reference._fields(of).splitlines()[2:]
    named = [field.name for field in dataclasses.fields(of) if field.name not in reference.UNNAMED]
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
    for name in (
        "sipreg",
        "make_sipreg",
        "sipreg_factory",
        "sipreg_config",
        "sipreg_tls",
        "sipreg_persona",
        "sipreg_typo",
        "sipreg_typo_account",
    ):
        assert re.search(rf"^`{name}` \((function|session)\)\n: \S", text, re.MULTILINE), name


def test_every_kind_of_mistake_is_in_the_reference(reference):
    rows = re.findall(r"^\| `([\w-]+)` \| \S.* \|$", reference.typo_kinds(), re.MULTILINE)
    assert rows == list(KINDS)
    assert [name for name in mockregistrar.TYPO_LOGINS if f"`{name}`\n: " not in reference.typo_logins()] == []
    assert "@pytest.mark.sipreg_typos(" in reference.typos_marker()


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


# -- the pages of the codes ------------------------------------------------------------------------------------


EXAMPLE = {
    "code": "SR104",
    "dialect": "asterisk-chan_sip",
    "form": "line",
    "text": "register => 100:kD7m;Wq2x@sip.acme.example/100",
}


def test_a_page_tells_what_a_code_means(code_pages):
    pages = code_pages.pages()
    assert set(pages) == set(mockregistrar.CODES)
    for code in mockregistrar.CODES.values():
        assert f"({code.code.lower()})=\n# {code.code}: {code.title}\n\n" in pages[code.code]
        assert f"\n\n*{code.severity.capitalize()}.* {code.explanation}\n\n" in pages[code.code]
        assert "## Example" not in pages[code.code]


def test_a_page_shows_an_example_and_what_explain_prints_for_it(code_pages):
    page = code_pages.pages([EXAMPLE])["SR104"]
    assert f"## Example\n\n```text\n{EXAMPLE['text']}\n```\n\n" in page
    assert "`mockregistrar explain --dialect asterisk-chan_sip --form line` prints:\n\n```text\nasterisk-chan" in page
    assert "SR104 error\n" in page
    assert page.count("kD7m") == 1  # in the text itself
    assert "## Examples\n" in code_pages.pages([EXAMPLE, EXAMPLE])["SR104"]


def test_an_example_without_its_code_is_not_shown_but_raised(code_pages):
    with pytest.raises(code_pages.StaleExampleError, match="SR104 is not found in its example"):
        code_pages.pages([EXAMPLE | {"text": "register => 100:kD7mWq2x@sip.acme.example/100"}])
    with pytest.raises(KeyError, match="SR000"):
        code_pages.pages([EXAMPLE | {"code": "SR000"}])


def test_pages_are_written_anew_and_only_where_they_differ(code_pages, tmp_path):
    (tmp_path / "reference").mkdir()
    code_pages.write(tmp_path)
    folder = tmp_path / "reference" / "codes"
    assert {path.name for path in folder.iterdir()} == {f"{code}.md" for code in mockregistrar.CODES}
    untouched = (folder / "SR101.md").stat().st_mtime_ns
    (folder / "SR000.md").write_text("a code that is gone", "utf-8")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "mistakes.json").write_text(json.dumps([EXAMPLE]), "utf-8")
    code_pages.write(tmp_path)
    assert not (folder / "SR000.md").exists()
    assert "## Example\n" in (folder / "SR104.md").read_text("utf-8")
    assert (folder / "SR101.md").stat().st_mtime_ns == untouched


@pytest.mark.skipif(not (DOCS / "examples" / "mistakes.json").is_file(), reason="there is no mistakes.json yet")
def test_the_examples_of_the_codes_hold(code_pages):
    examples = json.loads((DOCS / code_pages.EXAMPLES).read_text("utf-8"))
    shown = [code for code, page in code_pages.pages(examples).items() if "\n## Example" in page]
    assert shown == [code for code in mockregistrar.CODES if code in {example["code"] for example in examples}]


def test_a_code_in_a_sentence_leads_to_its_page_and_one_in_a_block_stays(code_pages):
    text = "See `SR104`.\n\n```text\n`SR105`\n```\n\n````text\n```\n`SR106`\n````\nAnd `SR107`."
    assert code_pages.linked(text) == text.replace("`SR104`", "{ref}`SR104 <sr104>`").replace(
        "`SR107`", "{ref}`SR107 <sr107>`"
    )
    assert code_pages.fenced("a ``` b") == "````text\na ``` b\n````"


def test_titles_and_explanations_of_codes_are_plain_text_with_code_in_backquotes():
    for code in mockregistrar.CODES.values():
        for text in (code.title, code.explanation):
            assert text.count("`") % 2 == 0, code
            assert not re.search(r"[<>*$]", re.sub(r"`[^`]*`", "", text)), code
