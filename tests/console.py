"""Documents that show commands and what they print: found, run, and compared with what they print today.

Theory of operation. A fenced block is tied to what it shows by an HTML comment right above it:

``<!-- run: FOLDER [exit=N] [registrar=FILE] -->``
    a console block; each ``$ command`` runs in a copy of FOLDER, and the lines behind it are its output; meanwhile the
    carrier of FILE, a `sipreg.toml`, runs on a free port, which stands in for the 5060 of a ``127.0.0.1:5060`` in the
    commands, and a dialer is registered there with its first account;
``<!-- serve [FOLDER] -->``
    a console block with one ``$ mockregistrar serve``; it is logged in to, then with a wrong password, then ended;
``<!-- example: FILE NAME... -->``
    a block with these functions of a Python file.

In a shown output a line ``[...]`` stands for any number of lines. What differs from run to run (ports, times, seeds,
versions, widths) is made equal on both sides first. ``SIPREG_WRITE_DOCS=1`` lets the tests put today's output into the
documents instead; a ``[...]`` has to be put back by hand.
"""

from __future__ import annotations

import ast
import difflib
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mockregistrar

ROOT = Path(__file__).resolve().parent.parent
WRITE = bool(os.environ.get("SIPREG_WRITE_DOCS"))
ELLIPSIS = "[...]"
_BLOCK = re.compile(
    r"<!-- (?P<word>[a-z]+)(?:: (?P<rest>[^\n]*?))? -->\n\n?```(?P<language>\w*)\n(?P<text>.*?)```", re.DOTALL
)
_PASSED_OVER = ("platform ", "rootdir: ", "configfile: ", "plugins: ", "asyncio: ", "cachedir: ")


@dataclass(frozen=True)
class Block:
    """A fenced block with its marker."""

    path: Path
    word: str
    rest: str
    text: str
    start: int
    """Where its text begins in the document."""

    @property
    def id(self) -> str:
        line = self.path.read_text("utf-8").count("\n", 0, self.start)
        return f"{self.path.relative_to(ROOT)}:{line}"


def blocks(path, word):
    """Return the blocks of a document whose marker begins with `word`."""
    document = path.read_text("utf-8")
    return [
        Block(path, found["word"], found["rest"] or "", found["text"], found.start("text"))
        for found in _BLOCK.finditer(document)
        if found["word"] == word
    ]


def write(block, text):
    """Put `text` into the document in place of the block's own, which is found again as documents grow."""
    document = block.path.read_text("utf-8")
    for found in _BLOCK.finditer(document):
        if (found["word"], found["rest"] or "", found["text"]) == (block.word, block.rest, block.text):
            start, end = found.span("text")
            block.path.write_text(document[:start] + text + document[end:], "utf-8")
            return
    raise LookupError(f"{block.path} has no such block any more")


def compare(block, shown, real):
    """Fail with a diff where the `real` output is not what is `shown`."""
    expected, seen = normalised(shown), normalised(real)
    if _matches(expected, seen):
        return
    if WRITE:
        text = "".join(f"{line}\n" for line in real.rstrip().split("\n") if not line.startswith(_PASSED_OVER))
        write(block, block.text.replace(shown, text) if shown else block.text + text)
    else:
        diff = difflib.unified_diff(expected, seen, "shown", "printed", lineterm="")
        raise AssertionError(f"{block.id} shows what is not printed any more:\n" + "\n".join(diff))


def _matches(expected, seen):
    """Whether the lines are those expected, where an ellipsis stands for any number of them."""
    pattern = "".join(r"(?:.*\n)*?" if line == ELLIPSIS else re.escape(line) + r"\n" for line in expected)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in seen)) is not None


def normalised(text):
    """Return the lines of an output without what differs from run to run."""
    lines = []
    for line in text.splitlines():
        if line.startswith(_PASSED_OVER):
            continue
        same = line
        for pattern, replacement in _RULES:
            same = pattern.sub(replacement, same)
        lines.append(same.rstrip())
    return "\n".join(lines).strip("\n").split("\n")


_RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\x1b\[[0-9;]*m", ""),
        (r"\b\d\d:\d\d:\d\d\b", "TIME"),
        (r"127\.0\.0\.1(:\d+)?", "127.0.0.1:PORT"),
        (r"(?<=, )\d+(?= tls)", "PORT"),
        (r"\bseed \d+", "seed N"),
        (r"--sipreg-seed \d+", "--sipreg-seed N"),
        (r"mock carrier \d+\.\d+\.\d+\S*", "mock carrier VERSION"),
        (r"\bin \d+\.\d\ds( \(\d:\d\d:\d\d\))?", "in N s"),
        (r"[+]\d+\.\d m?s", "+N ms"),
        (r"\b\d+\.\d ms", "N ms"),
        (r"\b\d+ s left", "N s left"),
        (r":[A-Za-z0-9]{12}@", ":MADE-UP@"),
        (r"=+ ", "= "),
        (r" =+", " ="),
        (r"_{3,}", "__"),
        (r"-{3,}", "--"),
        (r" {2,}", "  "),
        (r"FAILED .*", lambda found: found[0].split(" - ")[0]),  # what is cut off depends on the width
    )
]


def environment(without="-p no:asyncio -p no:twisted"):
    """Return the environment of a command: the width that documents are written with, nothing of this run.

    `without` switches those plugins of the test extra off that a reader need not have, and that have a say in each run.
    """
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SIPREG_", "PYTEST_", "COV_", "TOX_"))
    }
    return kept | {"COLUMNS": "100", "PY_COLORS": "0", "PYTEST_ADDOPTS": f"-p no:cacheprovider {without}".strip()}


def command_line(text):
    """Return a shown command for the shell, with this interpreter in it."""
    python = f"'{sys.executable}'"
    words = {
        "python": python,
        "python3": python,
        "pytest": f"{python} -m pytest",
        "mockregistrar": f"{python} -m mockregistrar",
    }
    return re.sub(
        r"(?<!\S)(?:\.venv/bin/)?(python3?|pytest|mockregistrar)(?= (?!-m venv))",
        lambda found: found[0] if text[: found.start()].endswith("-m ") else words[found[1]],
        text,
    )


def run(command, folder, **plugins):
    """Run a shown command in `folder`; return its exit code and what it printed."""
    done = subprocess.run(
        ["bash", "-c", command_line(command)],
        cwd=folder,
        env=environment(**plugins),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def copied(folder, tmp_path):
    """Return a copy of a folder of the repository, with the dialer of the documentation beside it."""
    target = tmp_path / Path(folder).name
    shutil.copytree(ROOT / folder, target, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "docs" / "examples" / "dialer.py", tmp_path)
    return target


@dataclass(frozen=True)
class Asked:
    """What the marker of a `run` block asks for."""

    folder: str
    exit_code: int = 0
    registrar: str = ""


def asked(block):
    """Return what a `run` block asks for; an option that there is not raises."""
    folder, *words = block.rest.split()
    options = dict(word.split("=", 1) for word in words)
    known = {"exit": ("exit_code", int), "registrar": ("registrar", str)}
    return Asked(folder, **{known[name][0]: known[name][1](value) for name, value in options.items()})


@contextmanager
def registrar(config, dialer):
    """Run the carrier of a `sipreg.toml` while a dialer is registered there; yield its address."""
    settings = mockregistrar.load_config(config.read_text("utf-8"), config.name)
    with mockregistrar.MockRegistrar(settings, listen=["udp:127.0.0.1:0", "tcp:127.0.0.1:0"]) as carrier:
        account = settings.accounts[0]
        client = dialer(account.user, account.secret, carrier.host, carrier.port)
        try:
            client.register()
            yield f"{carrier.host}:{carrier.port}"
        finally:
            client.close()


def steps(block):
    """Yield each command of a console block with its output."""
    for step in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = step.partition("\n")
        yield command, output


def served(command, folder, dialer):
    """Return what ``serve`` prints when a client logs in to it, and one with a wrong password, and it is ended."""
    listen = "--listen udp:127.0.0.1:0 --listen tcp:127.0.0.1:0"
    shell = command_line(command)
    if "--listen" not in shell:
        shell = shell.replace(" serve", f" serve {listen}", 1)
    with subprocess.Popen(
        ["bash", "-c", f"exec {shell}"], cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        lines = []
        try:
            for line in process.stdout:
                lines.append(line)
                if not line.strip():
                    break
            pasted = re.search(r"register => (\w+):(\w+)@([\d.]+)(?::(\d+))?", "".join(lines))
            for secret in (pasted[2], "wrong") if pasted else ():
                client = dialer(pasted[1], secret, pasted[3], int(pasted[4] or 5060))
                try:
                    client.register()
                except OSError:
                    assert secret == "wrong"
                finally:
                    client.close()
                lines.append(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGINT)
        lines.append(process.stdout.read())
        assert process.wait(timeout=20) == 0
    return "".join(lines)


def functions(block):
    """Return the functions that an example block names, as they stand in their file."""
    name, *wanted = block.rest.split()
    source = (ROOT / name).read_text("utf-8")
    nodes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    return "\n\n".join((ast.get_source_segment(source, nodes[name]) or "") + "\n" for name in wanted)
