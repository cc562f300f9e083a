"""Objects of a JSON text, however deep they lie, with the place of every value: what RPC and MI of SIP servers print.

The text is read by `json` first, which decides whether it is JSON at all. Then its tokens are gone through once more
for their places, which `json` does not tell.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from .form_fields import JSON_ESCAPES, Field, Piece, Places, unescaped

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(slots=True)
class JsonObject:
    """One object: its plain members, its lists of plain values, and its names, all with their places."""

    members: dict[str, Field] = field(default_factory=dict)
    lists: dict[str, list[Field]] = field(default_factory=dict)
    names: dict[str, Piece] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoJson:
    """Why a text is no JSON, and where."""

    why: str
    line: int
    column: int


def read(text: str) -> list[JsonObject] | NoJson:
    """All objects of a text, in the order in which they begin. Never raises."""
    try:
        json.loads(text)
    except json.JSONDecodeError as problem:
        return NoJson(problem.msg, problem.lineno, problem.colno)
    except (ValueError, RecursionError) as problem:
        return NoJson(str(problem), 1, 1)
    return _Walk(text).objects


@dataclass(slots=True)
class _Open:
    """A container that is not closed yet: an object, or a list and the name that it has in its object."""

    made: JsonObject | None
    items: list[Field] = field(default_factory=list)
    name: str | None = None


class _Walk:
    def __init__(self, text: str) -> None:
        self.places = Places(text)
        self.objects: list[JsonObject] = []
        self.open: list[_Open] = []
        for match in _TOKEN.finditer(text):
            self.token(match.group(), match.start())

    def token(self, token: str, at: int) -> None:
        if token in ",:":
            return
        if token == "{":
            self.objects.append(JsonObject())
            self.open.append(_Open(self.objects[-1]))
        elif token == "[":
            self.open.append(_Open(None))
        elif token in "]}":
            self.close()
        else:
            self.scalar(token, at)

    def close(self) -> None:
        closed = self.open.pop()
        if not self.open:
            return
        holder = self.open[-1]
        if holder.made is not None and holder.name is not None:
            if closed.made is None:
                holder.made.lists[holder.name] = closed.items
            holder.name = None

    def scalar(self, token: str, at: int) -> None:
        if not self.open:
            return
        holder = self.open[-1]
        if holder.made is not None and holder.name is None:
            name = self.value(token, at)
            holder.name = "\n".join(piece.text for piece in name)
            holder.made.names[holder.name] = name[0]
        elif holder.made is not None and holder.name is not None:
            holder.made.members[holder.name] = self.value(token, at)
            holder.name = None
        else:
            holder.items.append(self.value(token, at))

    def value(self, token: str, at: int) -> Field:
        """A value as a field; null is one without pieces."""
        if token == "null":
            return []
        if not token.startswith('"'):
            said = {"true": "yes", "false": "no"}.get(token, token)
            return [Piece(said, *self.places.place(at))]
        place = self.places.place(at + 1)
        pieces = unescaped(token[1:-1], *place, escapes=JSON_ESCAPES)
        exact = str(json.loads(token))
        if "\n".join(piece.text for piece in pieces) == exact:
            return pieces
        return [Piece(part, *place) for part in exact.split("\n")]
