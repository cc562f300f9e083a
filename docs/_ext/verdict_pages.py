"""A page for each verdict, made anew each time the documentation is built: ``reference/verdicts/SLUG.md``.

Theory of operation. A page is put together from `VERDICTS`, which ``mockregistrar codes SLUG`` prints, too, and from
``docs/examples/verdicts.json``: what the code said of a mistake that was made on purpose, by slug, with the status that
the client saw. A test makes that file anew and compares. The pages are files, since Sphinx reads files; the repository
does not hold them. One that is as it was is left alone; one whose verdict is gone is removed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockregistrar.carrier.diagnosis.hows import HOWS
from mockregistrar.client.manners import MANNERS
from mockregistrar.verdicts import VERDICTS, VerdictKind

EXAMPLES = Path("examples") / "verdicts.json"
FOLDER = Path("reference") / "verdicts"
"""Both within the source folder of the documentation."""
_NAMES = ("unknown-user", "wrong-auth-user", "wrong-realm", "wrong-domain")


def link(slug: str, here: str = "") -> str:
    """Return a link to a verdict's page, from the reference or from the page of the verdict `here`."""
    up = "../" * here.count("/") if here else "verdicts/"
    return f"[`{slug}`]({up}{slug}.md)"


def sentence(text: str) -> str:
    """Return a phrase as a sentence."""
    return f"{text[0].upper()}{text[1:]}."


def pages(examples: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, str]:
    """Return the text of each verdict's page by slug. Raises `KeyError` for an example of a verdict there is not."""
    shown = examples or {}
    for slug in shown:
        VERDICTS[slug]
    return {slug: _page(kind, shown.get(slug)) for slug, kind in VERDICTS.items()}


def _page(kind: VerdictKind, example: Mapping[str, Any] | None) -> str:
    slug = kind.slug
    because, refined, how = slug.partition("/")
    means = sentence(kind.title)
    if refined and how in HOWS:
        means = {"wrong-password": "The password is wrong: "}.get(because, f"`{because}`: ") + f"{kind.title}."
    parts = ["---\norphan: true\n---", f"(verdict-{slug.replace('/', '-')})=\n# {slug}", means]
    if kind.cause:
        parts += ["## Cause", kind.cause, "## Fix", kind.fix]
    parts += ["## How it is known", kind.known_by]
    if example is not None:
        said = "\n".join(filter(None, (example["sentence"], example["evidence"])))
        parts += ["## Example", f"```text\n{said}\n```"]
        if example["status"] is not None and example["status"] >= 300:
            lines = [f"- {m.outlook(example['status'])}" for m in MANNERS.values() if m.settled]
            parts += [f"## What clients do on the {example['status']} and print", "\n".join(lines)]
    own = [
        other for other in VERDICTS if other.startswith(f"{slug}/") and (because not in _NAMES or not _of_text(other))
    ]
    if own:
        parts += ["## Refinements", "\n".join(f"- {link(other, slug)}: {VERDICTS[other].title}" for other in own)]
    if because in _NAMES and not refined:
        parts.append("[The ways in which a text is missed](../reasons.md) refine it, too.")
    if kind.neighbours:
        parts += ["## What it is mistaken for"]
        parts.append("\n".join(f"- {link(other, slug)}: {VERDICTS[other].title}" for other in kind.neighbours))
    parts.append(
        f"`mockregistrar codes {slug}` says this, too. [All verdicts]({'../' * (slug.count('/') + 1)}reasons.md)"
    )
    return "\n\n".join(parts) + "\n"


def _of_text(slug: str) -> bool:
    return slug.partition("/")[2] in HOWS


def write(source: Path) -> None:
    """Bring the pages in the documentation's `source` folder up to date. Raises as `pages` does."""
    try:
        examples: dict[str, Any] = json.loads((source / EXAMPLES).read_text("utf-8"))
    except FileNotFoundError:
        examples = {}
    made = pages(examples)
    folder = source / FOLDER
    folder.mkdir(exist_ok=True)
    for path in folder.rglob("*"):
        if path.is_file() and (path.suffix != ".md" or path.relative_to(folder).with_suffix("").as_posix() not in made):
            path.unlink()
    for slug, text in made.items():
        path = folder / f"{slug}.md"
        path.parent.mkdir(exist_ok=True)
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
