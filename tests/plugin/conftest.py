"""A project of somebody else: the plugin is run in it, in a process of its own where a reactor is involved."""

from __future__ import annotations

import importlib

import pytest

import mockregistrar

# pytester takes back what a run in this process imported, and a lazily exported class would then be there twice
for _name in dir(mockregistrar):
    getattr(mockregistrar, _name)
for _name in ("carriers", "configs", "items", "options", "plans", "report", "session", "summary", "typos", "watching"):
    importlib.import_module(f"pytest_sipreg.{_name}")

GOOD = """\
[general]
register => 100:kD7mWq2x@sip.acme.example/100
register => 200:pa55word@sip.beta.example/200
"""
CUT = """\
[general]
register => 100:kD7m;Wq2@sip.acme.example/100
"""


class Project:
    """A directory with tests and configs, and pytest with few plugins, so that a run is quick."""

    good = GOOD
    cut = CUT

    def __init__(self, pytester, monkeypatch):
        self.pytester = pytester
        self.path = pytester.path
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        for name in ("ACCOUNTS", "ADVERTISE", "BIND", "CARRIER", "PERSONA", "PORT", "SEED"):
            monkeypatch.delenv(f"SIPREG_{name}", raising=False)
        self.setenv = monkeypatch.setenv
        self.ini()

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def test(self, text, name="test_it.py"):
        self.pytester.makepyfile(**{name.removesuffix(".py"): text})

    def ini(self, *lines):
        self.write("pytest.ini", "\n".join(["[pytest]", "addopts = --strict-markers", *lines]) + "\n")

    def _arguments(self, arguments, plugins):
        given = [item for name in ("pytest_sipreg.plugin", *plugins) for item in ("-p", name)]
        return [*given, "-p", "no:cacheprovider", "-W", "error", *arguments]

    def run(self, *arguments, plugins=()):
        """Run in a process of its own."""
        return self.pytester.runpytest_subprocess(*self._arguments(arguments, plugins), timeout=60)

    def here(self, *arguments, plugins=()):
        """Run in this process: for what starts no reactor."""
        return self.pytester.runpytest_inprocess(*self._arguments(arguments, plugins))

    def ids(self, *arguments):
        """Return the ids that are collected, with --sipreg."""
        result = self.here("--sipreg", "--collect-only", "-q", *arguments)
        assert result.ret in (0, 5), result.stdout.str() + result.stderr.str()
        return [line for line in result.outlines if "::" in line]


@pytest.fixture
def project(pytester, monkeypatch):
    return Project(pytester, monkeypatch)
