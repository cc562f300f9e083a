"""The reference pages' tables and lists, made from the code that they describe, each time the documentation is built.

A page holds ``<!-- generated: NAME -->`` lines; each is replaced by the Markdown that the function NAME of `GENERATED`
returns. Nothing of it is kept in the repository, so nothing of it can be out of date. Sphinx is only needed by `setup`.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import inspect
import io
import os
import re
import textwrap
from typing import Any

import mockregistrar
from mockregistrar import trunks
from mockregistrar.carrier import config_file, settings
from mockregistrar.carrier.accounts_file import COLUMNS
from mockregistrar.carrier.reasons import REASONS
from mockregistrar.client import manners
from mockregistrar.client.manners.outlook import refreshing
from mockregistrar.trace import records
from mockregistrar.trunks.codes import CODES, Code
from pytest_sipreg import options, plugin

MARK = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.MULTILINE)

_VALUES = {
    "CODES": "A dictionary of the [finding codes](codes.md), with title, severity and explanation.",
    "REASONS": "A dictionary of the [reasons](reasons.md): a sentence for each slug.",
}
"""Public names that are neither class nor function."""


# -- dataclasses -----------------------------------------------------------------------------------------------


def field_docs(kind: type) -> dict[str, str]:
    """Return the docstring under each field of a dataclass, as Markdown; empty where there is none."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
    found = {}
    for node, behind in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text = ""
            if isinstance(behind, ast.Expr) and isinstance(behind.value, ast.Constant):
                text = inspect.cleandoc(str(behind.value.value))
            found[node.target.id] = markdown(text)
    return found


def markdown(text: str) -> str:
    """Return a docstring's text as Markdown on one line."""
    text = re.sub(r":rfc:`([\d]+)`", r"[RFC \1](https://www.rfc-editor.org/rfc/rfc\1)", text)
    text = re.sub(r":\w+:`~?([^`<]*?)(?: <[^>]*>)?`", r"`\1`", text)
    return re.sub(r"\s+", " ", text.replace("``", "`")).strip()


def _default(value: Any) -> str:
    if value is dataclasses.MISSING:
        return "–"
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value) or "none"
    if value is None:
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else "empty"


def _fields(kind: type) -> str:
    docs = field_docs(kind)
    lines = ["| Name | Default | Meaning |", "|---|---|---|"]
    for field in dataclasses.fields(kind):
        if field.name == "made_up":
            continue
        meaning = docs[field.name]
        lines.append(f"| `{field.name}` | {_default(field.default)} | {_cell(meaning)} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def carrier_settings() -> str:
    """All fields of `CarrierSettings`."""
    return _fields(settings.CarrierSettings)


def account_settings() -> str:
    """All fields of `AccountSpec`."""
    return _fields(settings.AccountSpec)


def config_keys() -> str:
    """The keys of `sipreg.toml`, with what each holds."""
    lines = ["| Key | Value |", "|---|---|"]
    singular = {many: one for one, many in config_file.SINGULAR.items()}
    for name, (_, text) in config_file.SETTINGS.items():
        also = f" (also `{singular[name]}`)" if name in singular else ""
        lines.append(f"| `{name}`{also} | {_cell(markdown(text))} |")
    return "\n".join(lines)


def config_account_keys() -> str:
    """The keys of an account in `sipreg.toml`."""
    lines = ["| Key | Value |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(markdown(text))} |" for name, (_, text) in config_file.ACCOUNT.items()]
    return "\n".join(lines)


def csv_columns() -> str:
    """The columns of an accounts file."""
    return ", ".join(f"`{name}`" for name in COLUMNS)


def record_kinds() -> str:
    """The kinds of records of the trace, with their fields."""
    common = [field.name for field in dataclasses.fields(records.Record)]
    lines = []
    for kind, record in records.RECORD_TYPES.items():
        own = [field.name for field in dataclasses.fields(record) if field.name not in common]
        text = markdown((inspect.getdoc(record) or "").split("\n\n")[0])
        lines.append(f"`{kind}`\n: {text} Fields: {', '.join(f'`{name}`' for name in own)}.\n")
    return "\n".join(lines)


# -- command lines ---------------------------------------------------------------------------------------------


def serve_help() -> str:
    """What ``mockregistrar serve --help`` prints."""
    from mockregistrar.cli import main

    printed = io.StringIO()
    before = {name: os.environ.get(name) for name in ("COLUMNS", "NO_COLOR")}
    os.environ.update(COLUMNS="110", NO_COLOR="1")
    try:
        with contextlib.redirect_stdout(printed):
            main(["serve", "--help"])
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return f"```text\n{printed.getvalue()}```"


class _Recorder:
    """Takes what the plugin tells pytest's parser."""

    def __init__(self) -> None:
        self.options: dict[str, dict[str, Any]] = {}
        self.ini: dict[str, str] = {}

    def getgroup(self, *_: Any) -> _Recorder:
        return self

    def addoption(self, name: str, **arguments: Any) -> None:
        self.options[name] = arguments

    def addini(self, name: str, help: str, **_: Any) -> None:
        self.ini[name] = help


def pytest_options() -> str:
    """The options of the plugin, with their twins in the ini file and in the environment."""
    recorder: Any = _Recorder()
    plugin.pytest_addoption(recorder)
    twins = {row.name: row for row in options._ROWS}
    lines = ["| Command line | ini | Environment | Meaning |", "|---|---|---|---|"]
    told = set()
    for option, arguments in recorder.options.items():
        name = option.removeprefix("--sipreg").removeprefix("-")
        row = twins.get(name)
        ini = (row.ini if row else "") or ("sipreg" if not name else "")
        told.add(ini)
        value = arguments.get("metavar") or "\\|".join(arguments.get("choices", ()))
        lines.append(
            f"| `{option}{' ' if value else ''}{value}` | {_code(ini)} | {_code(row.env if row else '')} "
            f"| {_cell(arguments['help'])} |"
        )
    lines += [f"| – | `{name}` | – | {_cell(text)} |" for name, text in recorder.ini.items() if name not in told]
    return "\n".join(lines)


def _code(text: str) -> str:
    return f"`{text}`" if text else "–"


def fixtures() -> str:
    """The plugin's fixtures, from its source."""
    tree = ast.parse(inspect.getsource(plugin))
    lines = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if "pytest.fixture" in ast.unparse(decorator):
                scope = "session" if "session" in ast.unparse(decorator) else "function"
                lines.append(f"`{node.name}` ({scope})\n: {markdown(ast.get_docstring(node) or '')}\n")
    return "\n".join(lines)


def marker() -> str:
    """The line that ``pytest --markers`` prints."""
    return f"```text\n@pytest.mark.{textwrap.fill(plugin._MARKER_LINE, 100)}\n```"


# -- registries ------------------------------------------------------------------------------------------------


def reasons() -> str:
    """A section for each reason."""
    return "\n\n".join(f"({slug})=\n### `{slug}`\n\n{text[0].upper()}{text[1:]}." for slug, text in REASONS.items())


def reachable_codes() -> list[Code]:
    """The codes of what can be read so far: the dialects behind the others have no command and no option yet."""
    return [code for code in CODES.values() if code.code < "SR200"]


def codes() -> str:
    """A section for each finding code."""
    return "\n\n".join(
        f"({code.code.lower()})=\n### {code.code}: {code.title}\n\n*{code.severity}.* {code.explanation}"
        for code in reachable_codes()
    )


def code_index() -> str:
    """A line for each finding code."""
    lines = ["| Code | Severity | |", "|---|---|---|"]
    lines += [f"| [{c.code}](#{c.code.lower()}) | {c.severity} | {_cell(c.title)} |" for c in reachable_codes()]
    return "\n".join(lines)


def client_manners() -> str:
    """The manners of the built-in client."""
    return ", ".join(f"`{name}`" for name in manners.MANNERS)


def manners_table() -> str:
    """What each manners stand for, ask for, and answer."""
    lines = ["| Manners | Stands for | Asks for | Refresh | Answers |", "|---|---|---|---|---|"]
    for each in manners.MANNERS.values():
        asks = f"{each.default_expiry} s" + (f" + 0 to {each.expiry_spread} s" if each.expiry_spread else "")
        known = each.settled or each is manners.RFC3261
        refresh = refreshing(each.refresh) if known else "not known"
        answers = ", ".join(each.algorithms) if known else "not known"
        lines.append(
            f"| [`{each.name}`](#manners-{each.name}) | {_cell(each.title)} | {asks} | {refresh} | {answers} |"
        )
    return "\n".join(lines)


def manners_outlooks() -> str:
    """A section for each manners: what they come to on the answers that matter."""
    sections = []
    for each in manners.MANNERS.values():
        sentences = "\n".join(f"- {each.outlook(status)}" for status in (401, 403, 404, 423, 503, None))
        sections.append(f"(manners-{each.name})=\n## `{each.name}`\n\n{sentences}")
    return "\n\n".join(sections)


def dialects() -> str:
    """The names of dialects, aliases included."""
    return ", ".join(f"`{name}`" for name in trunks.dialects())


def api() -> str:
    """Every public name, for autodoc."""
    groups: dict[str, list[str]] = {"classes": [], "errors": [], "functions": [], "values": []}
    for name in sorted(mockregistrar._EXPORTS):
        value = getattr(mockregistrar, name)
        if isinstance(value, type):
            groups["errors" if issubclass(value, Exception) else "classes"].append(name)
        else:
            groups["functions" if callable(value) else "values"].append(name)
    directive = {"classes": "autoclass", "errors": "autoexception", "functions": "autofunction"}
    options_of = {
        "classes": "   :members:\n   :inherited-members: tuple, str, object, BaseProvider\n",
        "errors": "   :show-inheritance:\n",
    }
    titles = {"classes": "Classes", "errors": "Errors", "functions": "Functions", "values": "Values"}
    lines = []
    for group, names in groups.items():
        lines.append(f"## {titles[group]}\n")
        for name in sorted(names, key=lambda name: (name != "MockRegistrar", name)):
            lines.append(f"### `{name}`\n")
            if group == "values":
                lines.append(f"{_VALUES[name]}\n")
                continue
            lines.append(
                f"```{{eval-rst}}\n.. {directive[group]}:: mockregistrar.{name}\n{options_of.get(group, '')}```\n"
            )
    return "\n".join(lines)


GENERATED = {
    function.__name__.replace("_", "-"): function
    for function in (
        account_settings,
        api,
        carrier_settings,
        client_manners,
        code_index,
        codes,
        config_account_keys,
        config_keys,
        csv_columns,
        dialects,
        fixtures,
        manners_outlooks,
        manners_table,
        marker,
        pytest_options,
        reasons,
        record_kinds,
        serve_help,
    )
}


def expand(text: str) -> str:
    """Return a page with all that is generated put in; raise `KeyError` for a name that there is not."""
    return MARK.sub(lambda found: GENERATED[found[1]](), text)


def setup(app: Any) -> dict[str, Any]:
    """Connect to Sphinx."""

    def read(_app: Any, _name: str, source: list[str]) -> None:
        source[0] = expand(source[0])

    def tidy(_app: Any, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
        lines[:] = [re.sub(r"``([^`]+?) ``", r"``\1``", line) for line in lines]  # no blank may stand at its end in RST

    app.connect("source-read", read)
    app.connect("autodoc-process-docstring", tidy)
    return {"version": mockregistrar.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
