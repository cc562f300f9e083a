"""The house rules that a reader relies on, held by reading the source and by counting what an import costs.

Imports are read from the syntax tree, those inside functions and under ``if TYPE_CHECKING`` included:
knowing a type of a floor above is knowing the floor above.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import mockregistrar

ROOT = Path(__file__).resolve().parent.parent

FLOORS = ("cli", "web", "net", "engine", "trace", "client", "carrier", "faults", "trunks", "sip")
"""From the top of the house down."""
PURE = frozenset({"engine", "trace", "faults", "client", "carrier", "trunks", "sip"})

IMPURE = frozenset(
    {
        "asyncio",
        "concurrent",
        "faker",
        "multiprocessing",
        "random",
        "secrets",
        "select",
        "selectors",
        "signal",
        "socket",
        "ssl",
        "subprocess",
        "threading",
        "time",
        "trustme",
        "twisted",
        "uuid",
        "zope",
    }
)
"""Sockets, clocks, threads, processes, randomness, Twisted: what no pure floor imports."""
IMPURE_CALLS = frozenset({"os.environ", "os.getenv", "os.urandom", "datetime.now", "datetime.today", "datetime.utcnow"})
TYPES_ONLY = frozenset({"random"})
"""What a pure floor may name in annotations, behind ``if TYPE_CHECKING``: the generator that it is handed."""

LONGEST = 600


@dataclass(frozen=True)
class Import:
    """One name imported: the module it comes from, the name (empty for ``import x``), and where."""

    module: str
    name: str
    line: int
    types_only: bool = False


def imports_of(source, package=""):
    """Return all imports of a module; *package* is the package that relative ones start from."""
    found = []

    def visit(node, types_only):
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, "", node.lineno, types_only) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])
            found.extend(Import(base, alias.name, node.lineno, types_only) for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            for child in node.body:
                visit(child, True)
            for child in node.orelse:
                visit(child, types_only)
            return
        for child in ast.iter_child_nodes(node):
            visit(child, types_only)

    visit(ast.parse(source), False)
    return found


def attributes_of(source):
    """Return each ``a.b`` that stands in a module, with its line, dotted names cut to their last two parts."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return [(".".join(ast.unparse(node).split(".")[-2:]), node.lineno) for node in nodes]


def floor_of(module):
    """Return the floor of a dotted module name; None for the package itself and for what is not in the house."""
    parts = module.split(".")
    return parts[1] if parts[0] == "mockregistrar" and len(parts) > 1 else None


def reaches(imported):
    """Return the floor that an import reaches, however it is spelled: ``from mockregistrar import net``."""
    if imported.module == "mockregistrar" and imported.name in FLOORS:
        return imported.name
    return floor_of(imported.module)


def upward_imports(source, floor, package=""):
    """Return the imports that go up the house, or to its front door, which leads everywhere."""
    wrong = []
    for imported in imports_of(source, package):
        if imported.module.split(".")[0] == "pytest_sipreg":
            wrong.append(imported)
        elif imported.module == "mockregistrar" and imported.name not in FLOORS:
            if imported.name != "__version__":
                wrong.append(imported)
        elif (target := reaches(imported)) is not None and (
            target not in FLOORS or FLOORS.index(target) < FLOORS.index(floor)
        ):
            wrong.append(imported)
    return wrong


def impure_imports(source):
    return [
        imported
        for imported in imports_of(source)
        if imported.module.split(".")[0] in IMPURE and not (imported.types_only and imported.module in TYPES_ONLY)
    ]


def impure_names(source):
    imported = {f"{each.module}.{each.name}": each.line for each in imports_of(source)}
    return [*((name, line) for name, line in attributes_of(source) if name in IMPURE_CALLS)] + [
        (name, line) for name, line in imported.items() if name in IMPURE_CALLS
    ]


def modules(*packages):
    paths = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


def package_of(path):
    return ".".join(path.relative_to(ROOT).parts[:-1])


HOUSE = [each for each in modules("mockregistrar") if len(each.values[0].relative_to(ROOT).parts) > 2]


@pytest.mark.parametrize("path", HOUSE)
def test_imports_only_go_down(path):
    floor = path.relative_to(ROOT).parts[1]
    assert floor in FLOORS, f"{floor} is no floor of the house: {', '.join(FLOORS)}"
    wrong = upward_imports(path.read_text("utf-8"), floor, package_of(path))
    assert not wrong, "\n".join(f"{path}:{each.line}: {floor} imports {each.module} {each.name}" for each in wrong)


@pytest.mark.parametrize("path", [each for each in HOUSE if each.values[0].relative_to(ROOT).parts[1] in PURE])
def test_pure_means_pure(path):
    source = path.read_text("utf-8")
    wrong = [(f"{each.module} {each.name}", each.line) for each in impure_imports(source)] + impure_names(source)
    assert not wrong, "\n".join(f"{path}:{line}: a pure floor uses {name}" for name, line in wrong)


@pytest.mark.parametrize("path", modules("pytest_sipreg"))
def test_the_plugin_knows_public_names_only(path):
    public = {*mockregistrar._EXPORTS, "__version__"}
    wrong = [
        each
        for each in imports_of(path.read_text("utf-8"), package_of(path))
        if each.module.split(".")[0] == "mockregistrar"
        and not (each.module == "mockregistrar" and (not each.name or each.name in public))
    ]
    assert not wrong, "\n".join(f"{path}:{each.line}: {each.module} {each.name} is not public" for each in wrong)


@pytest.mark.parametrize("path", modules("mockregistrar", "pytest_sipreg"))
def test_every_module_says_what_it_is_for_and_is_one_room(path):
    source = path.read_text("utf-8")
    docstring = ast.get_docstring(ast.parse(source))
    assert docstring, f"{path} has no docstring"
    assert len(source.splitlines()) <= LONGEST, f"{path} wants to be two rooms"


# -- what an import costs -----------------------------------------------------------------------------

COUNT = """
import sys
import pytest
before = set(sys.modules)
import {module}
print(*sorted(set(sys.modules) - before), sep="\\n")
"""


def newly_imported(module):
    """Return what importing *module* adds to a fresh interpreter that has imported pytest."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(module=module)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_plugin_imports_the_standard_library_and_pytest_only():
    added = newly_imported("pytest_sipreg.plugin")
    assert "pytest_sipreg.plugin" in added
    ours = {name for name in added if name == "mockregistrar" or name.split(".")[0] == "pytest_sipreg"}
    foreign = {name for name in added - ours if name.split(".")[0] not in sys.stdlib_module_names}
    assert not foreign, f"importing the plugin imports {sorted(foreign)}"


@pytest.mark.parametrize(
    "module", ["mockregistrar", "mockregistrar.trunks", "mockregistrar.trace", "mockregistrar.engine"]
)
def test_no_twisted_before_it_is_needed(module):
    added = {name.split(".")[0] for name in newly_imported(module)}
    assert "mockregistrar" in added
    assert not added & {"twisted", "zope", "faker", "trustme", "OpenSSL", "cryptography"}


def test_every_public_name_is_there():
    for name in mockregistrar._EXPORTS:
        assert getattr(mockregistrar, name) is not None
    assert set(mockregistrar._EXPORTS) <= set(dir(mockregistrar))


# -- the rules above can be broken ----------------------------------------------------------------------

SNEAKY = """
from __future__ import annotations
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from mockregistrar.net.host import Host
def later():
    from .. import engine
    import mockregistrar.cli
    from mockregistrar import web, MockRegistrar, __version__
    from ..sip import flow
    from .masking import Masker
    from mockregistrar.trunks import Trunk
    import pytest_sipreg.plugin
    import mockregistrar.attic
"""


def test_no_spelling_of_an_upward_import_gets_through():
    wrong = upward_imports(SNEAKY, "trace", "mockregistrar.trace")
    assert [(each.module, each.name) for each in wrong] == [
        ("mockregistrar.net.host", "Host"),
        ("mockregistrar", "engine"),
        ("mockregistrar.cli", ""),
        ("mockregistrar", "web"),
        ("mockregistrar", "MockRegistrar"),
        ("pytest_sipreg.plugin", ""),
        ("mockregistrar.attic", ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "from twisted.internet import defer",
        "def f():\n    import time",
        "import concurrent.futures",
        "import random",
        "from random import Random",
        "if TYPE_CHECKING:\n    import time",
        "if x:\n    import random",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import random",
    ],
)
def test_no_spelling_of_an_impure_import_gets_through(line):
    assert impure_imports(line)


@pytest.mark.parametrize(
    "line",
    [
        "os.environ['HOME']",
        "os.getenv('HOME')",
        "datetime.datetime.now()",
        "datetime.now(tz)",
        "from os import environ",
    ],
)
def test_no_spelling_of_an_impure_call_gets_through(line):
    assert impure_names(line)


@pytest.mark.parametrize(
    "line", ["import hashlib", "if TYPE_CHECKING:\n    from random import Random", "import timeit", "import datetime"]
)
def test_what_is_pure_passes(line):
    assert not impure_imports(line)
    assert not impure_names(line)
