"""A page for each finding code, made anew each time the documentation is built: what it means, and an example of it.

Theory of operation. A page is put together from `CODES` and from ``docs/examples/mistakes.json``, a list of objects
with ``code``, ``dialect``, ``form`` and ``text``; what stands below such a text is what ``explain`` prints for it. The
pages are files, since Sphinx reads files: they go into ``docs/reference/codes``, which the repository does not hold.
One that is as it was is left alone, so that Sphinx need not read it again; one whose code is gone is removed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mockregistrar.trunks import CODES, Code, explanation

EXAMPLES = Path("examples") / "mistakes.json"
FOLDER = Path("reference") / "codes"
"""Both within the source folder of the documentation."""

HUNDREDS = {
    "SR1": "chan_sip: registration strings and sip.conf",
    "SR2": "PJSIP: pjsip.conf, pjsip_wizard.conf, SIP URIs",
    "SR3": "PBXs: VICIdial, FreePBX, MikoPBX, 3CX; also Asterisk 1.4 and IAX2",
    "SR4": "Servers: FreeSWITCH, Kamailio, OpenSIPS, Yate",
    "SR5": "Softphones: baresip, linphone, pjsua, MicroSIP, Twinkle",
    "SR6": "Env files",
    "SR7": "Desk phones; JsSIP and SIP.js; SIPp, sipsak and sipexer",
    "SR8": "pyVoIP and drachtio",
    "SR9": "Logs and consoles",
}
"""What the codes of each hundred are about. It is where most of them turn up: a dialect takes those of others, too."""

_CODE = re.compile(r"`(SR\d{3})`")


class StaleExampleError(Exception):
    """An example in which its code is not found any more."""


def linked(text: str) -> str:
    """Return Markdown in which each code in backquotes leads to its page; what is fenced stays as it is."""
    parts = re.split(r"(^(`{3,})[^\n]*\n.*?^\2$)", text, flags=re.MULTILINE | re.DOTALL)
    parts[::3] = [_CODE.sub(lambda found: f"{{ref}}`{found[1]} <{found[1].lower()}>`", part) for part in parts[::3]]
    del parts[2::3]  # what the inner group took: the fence alone
    return "".join(parts)


def fenced(text: str) -> str:
    """Return a text as a block that shows it letter by letter, whatever backquotes it holds."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def index() -> str:
    """Return a table of the codes of each hundred, under a heading of its own."""
    sections = []
    for hundred, title in HUNDREDS.items():
        lines = [f"## {title}", "", "| Code | Severity | |", "|---|---|---|"]
        for code in sorted(CODES.values(), key=lambda code: code.code):
            if code.code.startswith(hundred):
                what = code.title.replace("|", "\\|")
                lines.append(f"| [{code.code}](codes/{code.code}.md) | {code.severity} | {what} |")
        sections.append("\n".join(lines))
    return "\n\n".join(sections)


def pages(examples: Iterable[Mapping[str, str]] = ()) -> dict[str, str]:
    """Return the text of each code's page by code. Raises `StaleExampleError`; `KeyError` for no code."""
    shown: dict[str, list[str]] = {code: [] for code in CODES}
    for example in examples:
        shown[example["code"]].append(_example(example))
    return {name: _page(code, shown[name]) for name, code in CODES.items()}


def _page(code: Code, examples: list[str]) -> str:
    heading = "Example" if len(examples) == 1 else "Examples"
    parts = [
        "---\norphan: true\n---",
        f"({code.code.lower()})=\n# {code.code}: {code.title}",
        f"*{code.severity.capitalize()}.* {code.explanation}",
        *([f"## {heading}", *examples] if examples else []),
        "[All codes](../codes.md)",
    ]
    return "\n\n".join(parts) + "\n"


def _example(example: Mapping[str, str]) -> str:
    code, text = example["code"], example["text"]
    found = explanation.explain(text, dialect=example["dialect"], form=example["form"])
    if code not in {finding.code for finding in found.parsed.findings}:
        raise StaleExampleError(f"{EXAMPLES}: {code} is not found in its example (dialect {example['dialect']})")
    options = f"--dialect {example['dialect']} --form {example['form']}"
    return f"{fenced(text)}\n\n`mockregistrar explain {options}` prints:\n\n{fenced(explanation.report(found))}"


def write(source: Path) -> None:
    """Bring the pages in the documentation's `source` folder up to date. Raises as `pages` does."""
    try:
        examples: list[dict[str, Any]] = json.loads((source / EXAMPLES).read_text("utf-8"))
    except FileNotFoundError:
        examples = []
    made = pages(examples)
    folder = source / FOLDER
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.stem not in made or path.suffix != ".md":
            path.unlink()
    for name, text in made.items():
        path = folder / f"{name}.md"
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
