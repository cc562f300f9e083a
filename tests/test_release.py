"""What is uploaded: the sdist and the wheel, built and opened."""

from __future__ import annotations

import configparser
import email
import importlib.util
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import mockregistrar

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("mockregistrar", "pytest_sipreg")

STRAY = re.compile(
    r"(^|/)(__pycache__|\.(?!git(?:ignore|attributes)$)[^/]*|[^/]*(\.py[co]|\.orig|\.rej|\.log|\.pcap|\.swp|~))(/|$)"
)
"""Caches, leftovers of editors and merges, captures, anything hidden."""

IN_SDIST = {
    "CHANGELOG.md",
    "LICENSE",
    "PKG-INFO",
    "README.md",
    "benchmarks",
    "docs",
    "examples",
    "mockregistrar",
    "pyproject.toml",
    "pytest_sipreg",
    "tests",
    "tox.ini",
    ".gitignore",  # hatchling's own choice: it decides what a build from the sdist leaves out
}


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Build the sdist, and the wheel from it, as ``python -m build`` does for an upload."""
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(target), str(ROOT)]
    if importlib.util.find_spec("hatchling") is not None:
        command.append("--no-isolation")  # the build backend is here, no need to fetch it
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.fail(f"the build failed:\n{done.stdout}{done.stderr}", pytrace=False)
    (sdist,), (wheel,) = target.glob("*.tar.gz"), target.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def sdist(archives):
    """Names in the sdist, without the top folder."""
    with tarfile.open(archives[0]) as archive:
        names = [member.name for member in archive.getmembers() if member.isfile()]
    return [name.partition("/")[2] for name in names]


@pytest.fixture(scope="module")
def wheel(archives):
    with zipfile.ZipFile(archives[1]) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def info(wheel, name):
    (path,) = [each for each in wheel if each.endswith(f".dist-info/{name}")]
    return wheel[path].decode("utf-8")


def modules_of(package):
    paths = (ROOT / package).rglob("*.py")
    return {str(path.relative_to(ROOT)) for path in paths}


def test_the_archives_are_named_for_the_version(archives):
    version = mockregistrar.__version__
    assert [archive.name for archive in archives] == [
        f"pytest_sipreg-{version}.tar.gz",
        f"pytest_sipreg-{version}-py3-none-any.whl",
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_has_every_module_and_the_type_marker(wheel, package):
    assert modules_of(package) <= set(wheel)
    assert f"{package}/py.typed" in wheel


def test_the_wheel_has_nothing_else(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert tops == {*PACKAGES, f"pytest_sipreg-{mockregistrar.__version__}.dist-info"}
    assert [name for name in wheel if STRAY.search(name)] == []


def test_the_wheel_says_how_it_is_called(wheel):
    entry_points = configparser.ConfigParser()
    entry_points.read_string(info(wheel, "entry_points.txt"))
    assert {name: dict(entry_points[name]) for name in entry_points.sections()} == {
        "console_scripts": {"mockregistrar": "mockregistrar.cli:main"},
        "pytest11": {"sipreg": "pytest_sipreg.plugin"},
    }


def test_the_wheel_says_what_it_is(wheel):
    metadata = email.message_from_string(info(wheel, "METADATA"))
    assert metadata["Name"] == "pytest-sipreg"
    assert metadata["Version"] == mockregistrar.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.10"
    assert "Framework :: Pytest" in metadata.get_all("Classifier", [])
    assert info(wheel, "licenses/LICENSE") == (ROOT / "LICENSE").read_text("utf-8")
    required = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    names = {re.split(r"[^\w-]", each)[0] for each in required}
    assert {"faker", "pytest", "trustme", "twisted"} <= names
    assert not names & {"build", "hypothesis", "mypy", "pytest-xdist", "ruff", "sipmessage"}, (
        "a user needs no test tools"
    )


def test_the_sdist_has_the_tests_and_what_they_need(sdist):
    tests = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}
    assert tests <= set(sdist)
    for package in PACKAGES:
        assert modules_of(package) <= set(sdist)
    assert {"README.md", "LICENSE", "CHANGELOG.md", "tox.ini", "pyproject.toml"} <= set(sdist)


def test_the_sdist_has_nothing_else(sdist):
    assert {name.split("/")[0] for name in sdist} <= IN_SDIST
    assert [name for name in sdist if STRAY.search(name)] == []


@pytest.mark.parametrize(
    "name",
    ["a/__pycache__/b.cpython-311.pyc", "tests/.hypothesis/x", ".coverage", "a/b.py.orig", "x.pcap", "x~", "a/.b.swp"],
)
def test_what_is_stray_is_seen(name):
    assert STRAY.search(name)


@pytest.mark.parametrize("name", [".gitignore", "mockregistrar/trace/pcap.py", "tests/sip/data/torture.dat"])
def test_what_is_ours_is_not_stray(name):
    assert not STRAY.search(name)


def test_the_changelog_tells_of_this_version():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## \[?{re.escape(mockregistrar.__version__)}\]?", text, re.MULTILINE)
