"""Passwords in lines that were not understood: a key was misspelt or split, but the value is a secret all the same.

A net below the dialects: they know their secrets, and this hides what stands behind something that looks like
`password`, `passwd` or `secret` in lines where they found none.
"""

from __future__ import annotations

import re

from .form_fields import Piece
from .parsed import Notes, Parsed

_WORDS = ("password", "passwd", "secret", "authpass")
_MISSPELT = {*_WORDS, *(word[:at] + word[at + 1 :] for word in _WORDS for at in range(len(word)))}
_KEY = re.compile(f"(?:{'|'.join(sorted(_MISSPELT, key=len, reverse=True))})(?:word)?")
_VALUE = re.compile(r"[^=:\"'>]{0,12}?[=:\"'>#]+[^A-Za-z0-9]{0,12}?\s*[\"']?([^\s\"'<>;]{4,})")
_QUOTED = re.compile(r"[\"']([^\"']{4,})[\"'][^\"']*\Z")
_BARE = re.compile(r"[^\w=:]*([^\s=:]{4,})\s*\Z")
_XML = re.compile(r"\s*<[A-Za-z]+[\s%]")
_COMMENT = re.compile(r"\s*(?:[;#]|//|<!--)")
_LONGEST = 4096


def completed(notes: Notes, parsed: Parsed) -> Parsed:
    """A result with the findings, and with what is to be hidden in it, be it only probably a password."""
    hide(notes, parsed.text)
    return notes.complete(parsed)


def hide(notes: Notes, text: str) -> None:
    """Hide what is probably a password in lines in which none was found."""
    known = {span.line for span in notes.secret_spans}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw[:_LONGEST]
        if number in known or _COMMENT.match(line):
            continue
        places = [index for index, c in enumerate(line) if "a" <= c <= "z" or "A" <= c <= "Z"]
        letters = "".join(line[index] for index in places).lower()
        key = _KEY.search(letters)
        if key is None or any(secret in line for secret in notes.secrets):
            continue
        begin = places[key.end() - 1] + 1
        value = _QUOTED.search(line, begin) if _XML.match(line) else None
        value = value or _VALUE.match(line, begin) or _BARE.match(line, begin)
        if value is not None:
            notes.secret(value.group(1), Piece(line, number, 1).part(*value.span(1)).span)
