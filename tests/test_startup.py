"""What a start imports: start-up time is imports, and one careless line at the top of a module gives it away.

Counted, not timed: a loaded machine changes nothing here. What Twisted brings along is free, whatever it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockregistrar import trunks

NOT_TO_START = frozenset(
    {
        "OpenSSL",
        "cryptography",
        "faker",
        "ifaddr",
        "trustme",
        "asyncio",
        "csv",
        "dataclasses",
        "datetime",
        "difflib",
        "email",
        "glob",
        "html",
        "http",
        "inspect",
        "json",
        "multiprocessing",
        "pdb",
        "pickle",
        "sqlite3",
        "textwrap",
        "tomli",
        "tomllib",
        "unicodedata",
        "urllib",
        "uuid",
        "xml",
        "mockregistrar.carrier.config_file",
        "mockregistrar.carrier.persona_tables",
        "mockregistrar.carrier.personas",
        "mockregistrar.carrier.toml_lines",
        "mockregistrar.client",
        "mockregistrar.engine.protocol.agents",
        "mockregistrar.engine.protocol.questions",
        "mockregistrar.engine.protocol.state",
        "mockregistrar.engine.protocol.twin",
        "mockregistrar.engine.lapses",
        "mockregistrar.engine.pings",
        "mockregistrar.net.agents",
        "mockregistrar.net.login",
        "mockregistrar.net.nameserver",
        "mockregistrar.net.refreshes",
        "mockregistrar.net.tls",
        "mockregistrar.sip.challenge",
        "mockregistrar.sip.headers",
        "mockregistrar.trace.closest",
        "mockregistrar.trace.compared",
        "mockregistrar.trace.describe",
        "mockregistrar.trace.incidents",
        "mockregistrar.trace.jsonl",
        "mockregistrar.trace.ladder",
        "mockregistrar.trace.pcap",
        "mockregistrar.trace.totals",
        "mockregistrar.trunks",
        "mockregistrar.web",
        "pytest",
        "pytest_sipreg",
    }
)
"""What no start needs. A package stands for all that is in it."""

REGISTER = (
    "REGISTER sip:{host}:{port} SIP/2.0\\r\\nVia: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK1;rport\\r\\n"
    "From: <sip:alice@{host}>;tag=1\\r\\nTo: <sip:alice@{host}>\\r\\nCall-ID: 1\\r\\nCSeq: 1 REGISTER\\r\\n"
    "Contact: <sip:alice@127.0.0.1:5062>\\r\\nExpires: 3600\\r\\nContent-Length: 0\\r\\n\\r\\n"
)
PRINT = "import json, sys\nprint(json.dumps(sorted(before)))\n"
TWISTED = """\
import sys
{hide}
import twisted.internet.protocol, twisted.internet.tcp, twisted.internet.udp
from mockregistrar.net.reactor import new_reactor
new_reactor()
before = {{m for m in sys.modules if sys.modules[m] is not None}}
"""
HIDE = 'sys.modules["OpenSSL"] = None'  # as `serve` does where nothing speaks TLS
FACE = f"""\
import socket, sys
from mockregistrar import MockRegistrar
with MockRegistrar(domains=("a.test",)) as carrier, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
    carrier.add_account("alice", "secret")
    phone.settimeout(60)
    phone.sendto("{REGISTER}".format(host=carrier.host, port=carrier.port).encode(), (carrier.host, carrier.port))
    answer = phone.recv(65535)
    before = set(sys.modules)
assert answer.startswith(b"SIP/2.0 401 "), answer
"""


def modules_after(script: str) -> set[str]:
    """Return the modules that a script, run in a fresh interpreter, leaves in `before`."""
    done = subprocess.run(
        [sys.executable, "-c", script + PRINT], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    found: set[str] = set(json.loads(done.stdout))
    return found


def imported_by_serve(*arguments: str) -> set[str]:
    """Return the modules that `serve` has imported when it says that it listens."""
    command = [sys.executable, "-X", "importtime", "-m", "mockregistrar", "serve", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as serve:
        assert serve.stdout is not None
        first = serve.stdout.readline()
        serve.kill()
        _, errors = serve.communicate(timeout=60)
    assert first.startswith("mock carrier on "), errors[-2000:]
    lines = [line for line in errors.splitlines() if line.startswith("import time:")]
    tried = {line.rpartition("|")[2].strip() for line in lines[1:]}
    return tried - {"OpenSSL", "OpenSSL.SSL"}  # hidden: tried, not found; with it `cryptography` would be there


def needless(modules: set[str], free: set[str]) -> list[str]:
    """Return what is in `modules` and on the list, and does not come free."""
    return sorted(m for m in modules - free if any(m == name or m.startswith(f"{name}.") for name in NOT_TO_START))


def test_serve_imports_nothing_needless_before_it_listens(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("user,secret\nalice,secret\n")
    free = modules_after(TWISTED.format(hide=HIDE))
    place = ("--listen", "udp:127.0.0.1:0")
    assert needless(imported_by_serve(*place, "--listen", "tcp:127.0.0.1:0"), free) == []
    with_file = imported_by_serve(*place, "--accounts", str(accounts))
    assert needless(with_file, free | {"csv"}) == []
    assert "csv" in with_file, "this test sees what is imported"


def test_the_first_carrier_imports_nothing_needless_until_its_first_answer() -> None:
    free = modules_after(TWISTED.format(hide=""))
    assert needless(modules_after(FACE), free) == []


@pytest.mark.parametrize("module", ["pytest_sipreg.plugin", "mockregistrar", "mockregistrar.trunks"])
def test_what_users_import_imports_no_twisted(module: str) -> None:
    script = f"import pytest, sys\nfree = set(sys.modules)\nimport {module}\nbefore = set(sys.modules) - free\n"
    found = modules_after(script)
    assert not [m for m in found if m.split(".")[0] in {"twisted", "zope", "faker", "trustme", "OpenSSL", "asyncio"}]


def test_a_string_imports_its_own_dialect_alone() -> None:
    script = "import sys\nfrom mockregistrar import trunks\ntrunks.dialect('asterisk')\nbefore = set(sys.modules)\n"
    found = modules_after(script)
    assert "mockregistrar.trunks.asterisk.chan_sip" in found
    assert not found & {f"mockregistrar.trunks.{m}" for m in ("known", "detect", "pbx.vicidial_carrier", "clients")}


@pytest.mark.parametrize(
    "package", ["mockregistrar", "mockregistrar.client", "mockregistrar.sip", "mockregistrar.trunks"]
)
def test_every_lazy_name_is_there(package: str) -> None:
    script = (
        f"import {package} as package, inspect\n"
        "before = {n for n in package.__all__ if inspect.ismodule(getattr(package, n))}\n"
    )
    assert modules_after(script) == set()


def test_dialects_are_found_by_the_names_that_their_modules_have() -> None:
    for name in (*trunks.dialects(), *trunks.aliases()):
        module = trunks.dialect(name)
        assert name in (module.NAME, *module.ALIASES)
