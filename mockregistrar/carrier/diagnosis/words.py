"""How the place of a mistake is told: positions and characters in words, never more of a password than that."""

from __future__ import annotations

import unicodedata
from typing import Final

from mockregistrar.carrier.diagnosis.hows import HOWS
from mockregistrar.carrier.diagnosis.misses import Miss

_NAMES: Final = {
    " ": "a blank", "\t": "a tab", "\n": "a line feed", "\r": "a carriage return", "\r\n": "CR LF",
    "\\n": "`\\n` in letters", "\\r\\n": "`\\r\\n` in letters", "\u00a0": "a no-break space (U+00A0)",
    "\u200b": "a zero width space (U+200B)", "\ufeff": "a byte order mark (U+FEFF)", "`": "a backquote",
}  # fmt: skip

_OF_BLANKS: Final = ("leading-blank", "trailing-blank", "blank-lost")
"""Their titles say already what it is."""
_ENCODINGS: Final = {
    "": "what is not ASCII is missing, from position {at} on",
    "?": "what is not ASCII came as `?`, from position {at} on",
    "latin-1": "Latin-1, from position {at} on",
    "cp1252": "Windows-1252, from position {at} on",
    "cp1251": "Windows-1251, from position {at} on",
    "cp437": "the DOS code page 437, from position {at} on",
    "utf-16-le": "UTF-16",
    "utf-8 twice": "encoded as UTF-8 twice, from position {at} on",
    "NFC": "accents composed (NFC), from position {at} on",
    "NFD": "accents decomposed (NFD), from position {at} on",
    "NFKC": "in the form NFKC, from position {at} on",
}


def character(text: str) -> str:
    """Return one character, or a few, as they are shown: "`x`", "a blank", "`о` (CYRILLIC SMALL LETTER O)"."""
    if text in _NAMES:
        return _NAMES[text]
    if text and not text.strip(" "):
        return f"{len(text)} blanks"
    if len(text) == 1 and not text.isascii():
        name = unicodedata.name(text, f"U+{ord(text):04X}")
        return f"`{text}` ({name})" if text.isprintable() else name
    return f"`{text}`" if text.isprintable() else f"`{text.encode('unicode_escape').decode()}`"


def told(miss: Miss, whose: str = "the carrier has") -> str:
    """Return a miss in words: "one character differs: position 7 is `l`, the carrier has `1`"."""
    title = HOWS[miss.how].title
    if miss.got + miss.want == " " and miss.position and miss.how in _OF_BLANKS:
        return f"{title}, at position {miss.position}"
    where = _where(miss, whose)
    return f"{title}: {where}" if where else title


def _where(miss: Miss, whose: str) -> str:
    how, at, got, want = miss
    if how == "cut-at-character":
        return f"it ends before {character(want)} at position {at}"
    if how == "begun-behind-character":
        return f"it begins behind {character(want)} at position {at}"
    if how == "cut-at-length" and at:
        return f"it ends after {at - 1} character{'s' if at > 2 else ''}"
    if how == "start-missing" and at:
        return f"it begins at position {at}"
    if how == "characters-swapped" and at:
        return f"positions {at} and {at + 1}, {character(want)} came as {character(got)}"
    if how == "wrong-encoding":
        return _ENCODINGS.get(got, "{got}, from position {at} on").format(at=at, got=got)
    if how in ("other-account", "pasted-twice"):
        return character(got) if got else ""
    if at is None:
        return ""
    if got and want:
        return f"position {at} is {character(got)}, {whose} {character(want)}"
    if want:
        return f"{character(want)} at position {at}"
    return f"{character(got)} at position {at}" if got else f"from position {at} on"
