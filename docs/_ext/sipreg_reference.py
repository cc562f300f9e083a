"""The reference pages' tables and lists, made from the code that they describe, each time the documentation is built.

A page holds ``<!-- generated: NAME -->`` lines; each is replaced by the Markdown that the function NAME of `GENERATED`
returns. A finding code in backquotes becomes a link to its page (`code_pages`). Nothing of it is kept in the
repository, so nothing of it can be out of date. Sphinx is only needed by `setup`.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib
import inspect
import os
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import code_pages
import verdict_pages

import mockregistrar
from mockregistrar import trunks
from mockregistrar.carrier import config_file, settings, trunk_plan
from mockregistrar.carrier.accounts_file import COLUMNS
from mockregistrar.carrier.diagnosis.hows import HOWS
from mockregistrar.carrier.diagnosis.whys import WHYS
from mockregistrar.carrier.persona_tables import toml_value
from mockregistrar.carrier.personas import knob_names
from mockregistrar.carrier.personas.presets import PERSONAS
from mockregistrar.carrier.reasons import REASONS
from mockregistrar.cli.parser import COMMANDS, PROGRAM
from mockregistrar.client import manners
from mockregistrar.client.manners.outlook import refreshing
from mockregistrar.faults import words
from mockregistrar.trace import incidents, records
from mockregistrar.trunks import registry
from mockregistrar.trunks.typos import KINDS
from mockregistrar.trunks.typos.outcome import LOGINS
from mockregistrar.verdicts import VERDICTS
from pytest_sipreg import options, plugin

MARK = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.MULTILINE)

UNNAMED = ("made_up", *settings.NOT_SETTINGS)
"""Fields that nobody sets by name."""
_VALUES = {
    "PERSONAS": "A dictionary of the [personas](personas.md) that come with it, by name.",
    "CODES": "A dictionary of the [finding codes](codes.md), with title, severity and explanation.",
    "REASONS": "A dictionary of the [reasons](reasons.md): a sentence for each slug.",
    "TYPO_LOGINS": "A dictionary of what can become of a login with a [mistake](typos.md) in its string.",
    "VERDICTS": "A dictionary of the [verdicts](reasons.md): what happened, cause and fix for each slug.",
    "Severity": "`error`, `warning` or `hint`.",
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
        if field.name in UNNAMED:
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
    for kind, record in incidents.RECORD_TYPES.items():
        own = [field.name for field in dataclasses.fields(record) if field.name not in common]
        text = markdown((inspect.getdoc(record) or "").split("\n\n")[0])
        lines.append(f"`{kind}`\n: {text} Fields: {', '.join(f'`{name}`' for name in own)}.\n")
    return "\n".join(lines)


# -- command lines ---------------------------------------------------------------------------------------------


def command_help() -> str:
    """A section for each command: what its --help prints."""
    with _environment(COLUMNS="110", NO_COLOR="1"):
        sections = [
            f"## {PROGRAM} {name}\n\n```text\n{command.make_parser().format_help()}```"
            for name, command in COMMANDS.items()
        ]
    return "\n\n".join(sections)


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


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


def typos_marker() -> str:
    """The line that ``pytest --markers`` prints for the mistakes."""
    return f"```text\n@pytest.mark.{textwrap.fill(plugin._TYPOS_LINE, 100)}\n```"


def typo_kinds() -> str:
    """Every kind of mistake, with what the hand does."""
    lines = ["| Kind | What is wrong |", "|---|---|"]
    lines += [f"| `{kind}` | {_cell(title)} |" for kind, title in KINDS.items()]
    return "\n".join(lines)


def typo_logins() -> str:
    """What can become of a login with a mistake in its string."""
    return "\n\n".join(f"`{name}`\n: {_sentence(text)}" for name, text in LOGINS.items())


# -- registries ------------------------------------------------------------------------------------------------


def fault_grammar() -> str:
    """The shape of a fault."""
    return f"```text\n{words.GRAMMAR}\n```"


def wire_faults() -> str:
    """The actions on the wire."""
    return _actions(words.WIRE)


def answer_faults() -> str:
    """The actions in the carrier's place."""
    return _actions(words.ANSWER)


def name_faults() -> str:
    """The actions on what the nameserver is asked."""
    return _actions(words.NAMES)


def _actions(side: str) -> str:
    lines = ["| Action | What it does | Own keys | Over | Example |", "|---|---|---|---|---|"]
    for each in words.ACTIONS.values():
        if each.side == side:
            keys = ", ".join(f"`{key}`" for key in each.keys) or "-"
            over = "all" if len(each.transports) == 3 else ", ".join(each.transports)
            lines.append(f"| `{each.name}` | {_cell(each.says)} | {keys} | {over} | `{each.example}` |")
    return "\n".join(lines)


def fault_words() -> str:
    """The words of faults that stand alone."""
    lines = ["| Word | Meaning |", "|---|---|"]
    lines += ["| a method | only requests of this method; with `out` the answers to them |"]
    lines += ["| a status | only answers of this status; `4xx` for a class |"]
    lines += [f"| `{word}` | {_cell(text)} |" for word, text in words.WORDS.items()]
    return "\n".join(lines)


def fault_keys() -> str:
    """The keys of faults, the common ones first."""
    own = [key for key in words.KEYS if key not in words.COMMON]
    lines = ["| Key | Value |", "|---|---|"]
    lines += [f"| `{key}` | {_cell(words.KEYS[key])} |" for key in words.COMMON]
    lines += ["| | |", *(f"| `{key}` | {_cell(words.KEYS[key])} |" for key in own)]
    return "\n".join(lines)


def reasons() -> str:
    """A section for each reason, with what refines it alone."""
    parts = []
    for slug, text in REASONS.items():
        parts.append(f"({slug})=\n### `{slug}`\n\n{_sentence(text)}")
        own = [kind for kind in VERDICTS.values() if kind.slug.partition("/")[0] == slug]
        if own[0].cause:
            parts.append(f"{own[0].cause} {own[0].fix}")
        parts.append(f"More: {verdict_pages.link(slug)}.")
        parts += [
            f"{verdict_pages.link(kind.slug)}\n: {_sentence(kind.title)} {kind.cause} {kind.fix}"
            for kind in own[1:]
            if kind.slug.partition("/")[2] not in HOWS or kind.slug in WHYS
        ]
    return "\n\n".join(parts)


def misses() -> str:
    """A section for each way in which a password or a name is missed."""
    return "\n\n".join(
        f"(how-{slug})=\n### `{slug}`\n\n{_sentence(how.title)} {how.cause} {how.fix}\n\n"
        f"More: {verdict_pages.link(f'wrong-password/{slug}')}."
        for slug, how in HOWS.items()
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def codes() -> str:
    """All finding codes, by what they are about, each with a link to its page."""
    return code_pages.index()


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


def persona_table() -> str:
    """The personas: name and sentence, servers first."""
    lines = []
    for kind, head in (("server", "Servers"), ("oddity", "Oddities")):
        lines += [f"## {head}", "", "| Persona | What it is |", "|---|---|"]
        lines += [
            f"| [`{p.name}`](#persona-{p.name}) | {_cell(p.title)} |" for p in PERSONAS.values() if p.kind == kind
        ]
        lines.append("")
    return "\n".join(lines)


def persona_sections() -> str:
    """A section for each persona: what it sets, where that is known from, and what is not known."""
    sections = []
    for persona in PERSONAS.values():
        text = f"(persona-{persona.name})=\n### `{persona.name}`\n\n{_cell(persona.title)}"
        if persona.knobs:
            text += "\n\n| Setting | Value | Known from |\n|---|---|---|"
            for name, value in persona.knobs.items():
                text += f"\n| `{name}` | `{toml_value(value)}` | {_cell(persona.with_source(name))} |"
        if persona.unknown:
            names = ", ".join(f"`{name}`" for name in persona.unknown)
            text += f"\n\nNot known, and so as the default: {names}."
        sections.append(text)
    return "\n\n".join(sections)


def persona_keys() -> str:
    """The keys of a persona in `sipreg.toml`."""
    return ", ".join(f"`{name}`" for name in knob_names())


def dialect_table() -> str:
    """The dialects: name, short names, forms, whether `convert` writes it, and whose it is."""
    lines = ["| Dialect | Short names | Forms | Written | Read by |", "|---|---|---|---|---|"]
    for name in registry.names():
        found = registry.named(name)
        short = ", ".join(f"`{alias}`" for alias in found.ALIASES) or "–"
        written = "yes" if registry.renders(name) else "no"
        forms = ", ".join(f"`{form}`" for form in found.FORMS)
        system = registry.system(name).replace("client", "any client")
        lines.append(f"| [`{name}`](#{_anchor(name)}) | {short} | {forms} | {written} | {system} |")
    return "\n".join(lines)


def dialect_sections() -> str:
    """A section for each dialect: what its system makes of a text, and the same trunk as it is written there."""
    sections = []
    for name in registry.names():
        paragraphs = (registry.module(name).__doc__ or "").strip().split("\n\n")
        about = "\n\n".join(markdown(text).removeprefix("Theory of operation. ") for text in paragraphs)
        section = f"({_anchor(name)})=\n## `{name}`\n\n{about}"
        if registry.renders(name):
            section += f"\n\n{code_pages.fenced(_written(name))}"
        sections.append(section)
    return "\n\n".join(sections)


_TRUNK = trunks.Trunk(user="100", secret="kD7mWq2x", host="sip.acme.example", extension="100")
"""What each dialect that can be written is shown with."""


def _written(name: str) -> str:
    """Return the example trunk in a dialect; over WebSocket for a library that speaks nothing else."""
    try:
        return registry.render(name, _TRUNK)
    except trunks.CannotRender:
        return registry.render(name, dataclasses.replace(_TRUNK, transport="wss", port=443))


def _anchor(name: str) -> str:
    return f"dialect-{re.sub('[^a-z0-9]+', '-', name)}"


def plan_keys() -> str:
    """The keys of a trunk in `sipreg.toml`."""
    lines = ["| Key | Value |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(markdown(text))} |" for name, text in trunk_plan.KEYS.items()]
    return "\n".join(lines)


def plan_outcomes() -> str:
    """What `expect` may say, refusals by name aside."""
    return ", ".join(f"`{name}`" for name in trunk_plan.outcomes() if name not in REASONS)


def api() -> str:
    """Every public name of the package, for autodoc."""
    return _documented("mockregistrar", mockregistrar._EXPORTS)


def trunks_api() -> str:
    """Every public name of `mockregistrar.trunks` that the package itself does not have, for autodoc."""
    shown = [getattr(mockregistrar, name) for name in mockregistrar._EXPORTS]
    names = [name for name in trunks.__all__ if all(getattr(trunks, name) is not each for each in shown)]
    return _documented("mockregistrar.trunks", names)


def _documented(package: str, names: Iterable[str]) -> str:
    """Return a section for each name of a package, by what kind of thing it is."""
    groups: dict[str, list[str]] = {"classes": [], "errors": [], "functions": [], "values": []}
    module = importlib.import_module(package)
    for name in names:
        value = getattr(module, name)
        if isinstance(value, type):
            groups["errors" if issubclass(value, Exception) else "classes"].append(name)
        else:
            groups["functions" if inspect.isroutine(value) else "values"].append(name)
    directive = {"classes": "autoclass", "errors": "autoexception", "functions": "autofunction"}
    options_of = {
        "classes": "   :members:\n   :inherited-members: tuple, str, object, BaseProvider\n",
        "errors": "   :show-inheritance:\n",
    }
    lines = []
    for group, members in groups.items():
        if members:
            lines.append(f"### {group.capitalize()}\n")
        for name in sorted(members, key=lambda name: (name != "MockRegistrar", name)):
            lines.append(f"#### `{name}`\n")
            if group == "values":
                lines.append(f"{_VALUES[name]}\n")
                continue
            lines.append(f"```{{eval-rst}}\n.. {directive[group]}:: {package}.{name}\n{options_of.get(group, '')}```\n")
    return "\n".join(lines)


GENERATED = {
    function.__name__.replace("_", "-"): function
    for function in (
        account_settings,
        api,
        carrier_settings,
        client_manners,
        codes,
        command_help,
        config_account_keys,
        config_keys,
        csv_columns,
        dialect_sections,
        dialect_table,
        fault_grammar,
        fault_keys,
        fault_words,
        wire_faults,
        answer_faults,
        name_faults,
        fixtures,
        manners_outlooks,
        manners_table,
        marker,
        misses,
        plan_keys,
        plan_outcomes,
        persona_keys,
        persona_sections,
        persona_table,
        pytest_options,
        reasons,
        record_kinds,
        trunks_api,
        typo_kinds,
        typo_logins,
        typos_marker,
    )
}


def expand(text: str) -> str:
    """Return a page with all that is generated put in; raise `KeyError` for a name that there is not."""
    return MARK.sub(lambda found: GENERATED[found[1]](), text)


def setup(app: Any) -> dict[str, Any]:
    """Connect to Sphinx."""

    def read(_app: Any, _name: str, source: list[str]) -> None:
        source[0] = code_pages.linked(expand(source[0]))

    def write_pages(app: Any) -> None:
        code_pages.write(Path(app.srcdir))
        verdict_pages.write(Path(app.srcdir))

    def tidy(_app: Any, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
        lines[:] = [re.sub(r"``([^`]+?) ``", r"``\1``", line) for line in lines]  # no blank may stand at its end in RST

    app.connect("builder-inited", write_pages)
    app.connect("source-read", read)
    app.connect("autodoc-process-docstring", tidy)
    return {"version": mockregistrar.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
