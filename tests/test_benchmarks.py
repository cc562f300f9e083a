"""The benchmarks run, and nothing has become ten times slower: ratios within one run, with wide margins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processor time is read from /proc")


def measure(tmp_path: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """Run the benchmarks in a process of their own, as they choose their processor; without Kamailio."""
    found = tmp_path / "figures.json"
    subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments, "--rounds=1", f"--json={found}"],
        cwd=ROOT,
        env={**os.environ, "PATH": "/nowhere"},
        check=True,
        capture_output=True,
        timeout=60,
    )
    return {figure["name"]: figure for figure in json.loads(found.read_text())}


def test_a_registration_costs_no_more_than_some_tens_of_echoes(tmp_path):
    (figure,) = measure(tmp_path, "registrations", "--accounts=500").values()
    assert max(figure["measured"]) > 0.02


def test_a_launch_takes_no_more_than_some_launches_of_the_echo(tmp_path):
    (figure,) = measure(tmp_path, "launch").values()
    assert min(figure["measured"]) < 10


def test_the_small_figures_can_be_measured(tmp_path):
    figures = measure(tmp_path, "fixture", "plugin", "lapses", "memory", "--lapses=1000", "--accounts=500")
    assert len(figures) == 4
    assert all(value > 0 for name in figures for value in figures[name]["measured"] if "memory" not in name)


def test_an_unknown_figure_is_named(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "speed"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no such figure: speed; there are registrations" in done.stderr
