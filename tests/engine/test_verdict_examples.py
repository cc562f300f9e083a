"""The examples on the verdicts' pages are what the code says: ``SIPREG_WRITE_DOCS=1`` writes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from verdict_scenes import SCENES, example

from mockregistrar import VERDICTS
from mockregistrar.carrier.diagnosis.hows import HOWS

KEPT = Path(__file__).parents[2] / "docs" / "examples" / "verdicts.json"
WITHOUT = {
    "no-credentials",  # always refined
    "nonce-replayed",
    "wrong-transport",
    "contact-unreachable",
    "algorithm-not-offered/digest",  # a client that calls its digest by another name
    "unknown-user/auth-user-sent",
    "wrong-password/wrong-encoding",
}
"""Verdicts that have no example of their own."""


@pytest.mark.parametrize("slug", SCENES)
def test_each_scene_comes_to_its_verdict(slug):
    assert example(slug)["slug"] == slug


def test_the_examples_that_are_kept_are_what_the_code_says():
    made = {slug: {k: v for k, v in example(slug).items() if k != "slug"} for slug in SCENES}
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("SIPREG_WRITE_DOCS"):
        KEPT.write_text(text, "utf-8")
    assert KEPT.read_text("utf-8") == text, (
        "write them anew: SIPREG_WRITE_DOCS=1 pytest tests/engine/test_verdict_examples.py"
    )


def test_every_verdict_has_one_but_those_on_names():
    own = {slug for slug in VERDICTS if slug.partition("/")[2] not in HOWS or slug.startswith("wrong-password/")}
    assert own - set(SCENES) == WITHOUT
