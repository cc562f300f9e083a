"""The README: its commands exit as it says and print what it shows; its examples are those that are tested."""

from __future__ import annotations

import re
import sys

import console
import pytest

README = console.ROOT / "README.md"
sys.path.insert(0, str(console.ROOT / "docs" / "examples"))


def command(name):
    [block] = [block for block in console.blocks(README, "command") if block.rest == name]
    return block.text.strip()


def test_the_main_job():
    line = command("main")
    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/python -m pytest ")
    code, printed = console.run(line.rpartition(" && ")[2], console.ROOT)
    assert code == 0, printed
    assert "trunks come up" in printed
    assert not re.search(r"\d warning", printed.splitlines()[-1]), printed


def test_the_test_command():
    assert command("test") == (
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/python -m pytest -n 2"
    )


def test_the_bad_example():
    code, printed = console.run(command("bad"), console.ROOT)
    assert code == 1
    [shown] = [block for block in console.blocks(README, "output") if block.rest == "bad"]
    console.compare(shown, shown.text, printed)


@pytest.mark.parametrize("block", console.blocks(README, "example"), ids=lambda block: block.id)
def test_examples_are_those_of_their_file(block):
    if console.WRITE:
        console.write(block, console.functions(block))
        return
    assert block.text == console.functions(block)


@pytest.mark.parametrize("block", console.blocks(README, "serve"), ids=lambda block: block.id)
def test_serve(block):
    from dialer import Dialer

    [(line, output)] = console.steps(block)
    console.compare(block, output, console.served(line, console.ROOT, Dialer))


@pytest.mark.parametrize("block", console.blocks(README, "run"), ids=lambda block: block.id)
def test_commands_print_what_is_shown(block, tmp_path):
    folder, _, options = block.rest.partition(" ")
    here = console.copied(folder, tmp_path)
    for line, output in console.steps(block):
        code, printed = console.run(line, here)
        assert code == (int(options.removeprefix("exit=")) if options else 0), printed
        console.compare(block, output, printed)


def test_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README.read_text("utf-8"))
    assert links
    assert [link for link in links if not (console.ROOT / link).exists()] == []
