"""Several trunks in one text: one line each, or one section each under names that differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from .model import Trunk


def in_lines(render: Callable[[Trunk], str], trunks: Iterable[Trunk]) -> str:
    """A line for each trunk."""
    return "".join(render(trunk).rstrip("\n") + "\n" for trunk in trunks)


def section_name(trunk: Trunk) -> str:
    """What a section is called for a trunk whose config names none: after the host that it dials."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", trunk.host).strip("-") or "carrier"


def section_names(trunks: Sequence[Trunk]) -> list[str]:
    """A name for each trunk, by its host; hosts that come again are told apart by the user, else by a number."""
    names: list[str] = []
    for trunk in trunks:
        name = section_name(trunk)
        if name in names:
            user = re.sub(r"[^A-Za-z0-9_-]+", "-", trunk.user).strip("-")
            name = f"{name}-{user}" if user else name
        number = 2
        base = name
        while name in names:
            name, number = f"{base}-{number}", number + 1
        names.append(name)
    return names


def in_sections(render: Callable[[Trunk, str], str], trunks: Sequence[Trunk]) -> str:
    """A piece of config for each trunk, under names that differ."""
    return "\n".join(render(trunk, name) for trunk, name in zip(trunks, section_names(trunks), strict=True))
