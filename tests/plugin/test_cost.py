"""Unused, the plugin costs nothing; used, it costs one carrier per test."""

from __future__ import annotations

import os
import subprocess
import sys

pytest_plugins = ("pytester",)


def test_a_run_without_sip_loads_the_entry_point_alone(project):
    project.test("def test_nothing(): pass")
    project.write(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    heavy = ('pytest_sipreg', 'mockregistrar', 'twisted', 'faker')\n"
        "    print('LOADED', sorted(n for n in sys.modules if n.split('.')[0] in heavy))\n",
    )
    result = project.run()
    result.stdout.fnmatch_lines(["LOADED ['pytest_sipreg', 'pytest_sipreg.plugin']"])


def test_a_run_with_options_loads_no_twisted(project):
    project.test("def test_nothing(): pass")
    project.write(
        "conftest.py", "import sys\ndef pytest_unconfigure():\n    print('LOADED', 'twisted' in sys.modules)\n"
    )
    result = project.run("--sipreg-seed=1", "--sipreg-strict", "--sipreg")
    result.stdout.fnmatch_lines(["sipreg: mock carrier*seed 1", "LOADED False"])


def test_the_entry_point_imports_nothing_that_pytest_does_not():
    code = (
        "import sys, pytest, _pytest.config\n"
        "before = set(sys.modules)\n"
        "import pytest_sipreg.plugin\n"
        "print(sorted(set(sys.modules) - before))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "['pytest_sipreg', 'pytest_sipreg.plugin']"


def test_importing_it_is_cheap_beside_pytest(tmp_path):
    """As a ratio, since machines differ: 0.5 ms beside some 150, both from compiled files."""
    code = (
        "import time\n"
        "a = time.perf_counter(); import pytest\n"
        "b = time.perf_counter(); import pytest_sipreg.plugin\n"
        "c = time.perf_counter(); print((c - b) / (b - a))\n"
    )
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}

    def ratio():
        command = [sys.executable, "-c", code]
        return float(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)

    ratio()  # compiles
    assert min(ratio() for _ in range(3)) < 0.02


def test_one_reactor_thread_for_the_whole_run(project):
    project.test("""
        import pytest, threading

        def threads():
            return {t.ident for t in threading.enumerate() if t.name == "mockregistrar"}

        seen = set()

        @pytest.mark.parametrize("n", range(3))
        def test_it(sipreg, make_sipreg, sipreg_factory, n):
            make_sipreg(), sipreg_factory.start()
            seen.update(threads())
            assert len(seen) == 1

        def test_it_stays():
            assert threads() == seen
        """)
    project.write(
        "conftest.py",
        "import pytest, threading\n"
        "@pytest.hookimpl(trylast=True)\n"
        "def pytest_unconfigure():\n"
        "    print('LEFT', [t.name for t in threading.enumerate() if t.name == 'mockregistrar'])\n",
    )
    result = project.run()
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["LEFT [[][]]"])
