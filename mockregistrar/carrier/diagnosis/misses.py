"""What a password becomes on its way into a client: every near miss of a text, the likely ones first.

Theory of operation. A digest says yes or no to one guess, so a mistake is found by making it: each way in which people
and config files spoil a password is applied to the right one, and the result is tried. The order is the order of
claims: where two mistakes give the same text, the one that is named first is reported, so the special ones (a cut at
`;`, a kept quote) come before the general ones (a character that is missing). The same list tells how two readable
texts differ, such as the user that was sent and the one that exists: see `difference`.

Positions count code points, from 1. A missing or a wrong character has its position in the right text, an extra one in
the wrong text; in a run of equal characters it is that of the last.
"""

from __future__ import annotations

import contextlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from urllib.parse import quote, unquote, unquote_plus

from mockregistrar.carrier.diagnosis.alike import LOOK_ALIKES, NEIGHBOURS, RUNS, SMART

_PRINTABLE: Final = "".join(map(chr, range(32, 127)))
_FURTHER: Final = "äöüÄÖÜßéèñç£€§´"
_LONGEST: Final = 512
"""Characters of a text that is looked into: no client takes longer passwords."""
_SAFE: Final = ("", "/", "!$&'()*+,;=:@/?", "-_.!~*'()&=+$,", "-_.!~*'()")


class Miss(NamedTuple):
    """One way to miss a text."""

    how: str
    """Slug of the mistake: ``cut-at-character``."""
    position: int | None = None
    """Where it is; None where it is all over the text."""
    got: str = ""
    """The character or characters that stand there instead."""
    want: str = ""
    """Those that belong there."""


Candidate = tuple[bytes, str, int | None, str, str]
"""The octets, and the fields of the `Miss` that led to them."""


def octets(text: str) -> bytes:
    """Return a text as it is hashed."""
    return text.encode("utf-8", "surrogateescape")


def candidates(text: str) -> Iterator[Candidate]:
    """Yield what `text` may have become, the likely first; a text of over 512 characters yields nothing."""
    if len(text) > _LONGEST:
        return
    yield b"", "empty", None, "", ""
    for wrong, how, position, got, want in _as_a_whole(text):
        if wrong != text:
            yield octets(wrong), how, position, got, want
    yield from _otherwise_encoded(text)
    for wrong, how, position, got, want in _by_one_character(text):
        if wrong != text:
            yield octets(wrong), how, position, got, want


def difference(got: str, want: str) -> Miss | None:
    """Return how `got` misses `want`; None where they are the same or have nothing in common."""
    if got == want:
        return None
    wrong = octets(got)
    for candidate, how, position, instead, belongs in candidates(want):
        if candidate == wrong:
            return Miss(how, position, instead, belongs)
    return None


_Text = tuple[str, str, int | None, str, str]


def _as_a_whole(text: str) -> Iterator[_Text]:
    yield from _cased(text)
    yield from _padded(text)
    yield from _quoted(text)
    yield from _escaped(text)
    yield from _cut(text)
    yield from _dressed_up(text)
    for between in ("", "\n", " "):
        yield text + between + text, "pasted-twice", len(text) + 1, "", ""
    swapped = text.translate(str.maketrans("yzYZ", "zyZY"))
    yield swapped, "other-keyboard", None, "", ""


def _cased(text: str) -> Iterator[_Text]:
    for wrong in (text.lower(), text.upper(), text.swapcase(), text.capitalize(), text.title()):
        at = [i for i, (a, b) in enumerate(zip(text, wrong, strict=False)) if a != b]
        one = at[0] if len(at) == 1 and len(wrong) == len(text) else None
        if one is None:
            yield wrong, "wrong-case", None, "", ""
        else:
            yield wrong, "wrong-case", one + 1, wrong[one], text[one]


def _padded(text: str) -> Iterator[_Text]:
    end = len(text) + 1
    for tail in ("\n", "\r\n", "\r", "\\n", "\\r\\n"):
        yield text + tail, "newline", end, tail, ""
    for blank in (" ", "\t", "  ", "   ", "\u00a0", "\u200b", "\ufeff"):
        yield text + blank, "trailing-blank", end, blank, ""
        yield blank + text, "leading-blank", 1, blank, ""
        yield blank + text + blank, "leading-blank", 1, blank, ""
    stripped = text.strip()
    if stripped != text:
        first = len(text) - len(text.lstrip())
        yield text.rstrip(), "blank-lost", len(text.rstrip()) + 1, "", " "
        yield text.lstrip(), "blank-lost", 1, "", " "
        yield stripped, "blank-lost", 1 if first else len(stripped) + 1, "", " "
    if re.search(r"\s", text):
        yield re.sub(r"\s+", "", text), "blank-lost", re.search(r"\s", text).start() + 1, "", " "  # type: ignore[union-attr]
        yield re.sub(r"\s+", " ", text), "blank-lost", None, "", " "


def _quoted(text: str) -> Iterator[_Text]:
    for mark in ('"', "'", "`"):
        yield f"{mark}{text}{mark}", "quotes-kept", 1, mark, ""
        yield f"{mark}{text}", "quotes-kept", 1, mark, ""
        yield f"{text}{mark}", "quotes-kept", len(text) + 1, mark, ""
        if len(text) > 1 and text[0] == mark == text[-1]:
            yield text[1:-1], "quotes-lost", 1, "", mark
        if mark in text:
            yield text.replace(mark, ""), "quotes-lost", text.index(mark) + 1, "", mark
    yield f"<{text}>", "quotes-kept", 1, "<", ""
    yield f"[{text}]", "quotes-kept", 1, "[", ""
    yield f"\u201c{text}\u201d", "quotes-kept", 1, "\u201c", ""


def _specials(text: str) -> list[str]:
    """Return the characters of a text that are neither letters nor digits, each once."""
    return list(dict.fromkeys(c for c in text if not c.isalnum()))


def _escaped(text: str) -> Iterator[_Text]:
    specials = _specials(text)
    if specials:
        every = "".join(c if c.isalnum() else f"\\{c}" for c in text)
        yield every, "backslash-kept", every.index("\\") + 1, "\\", ""
        for one in specials:
            yield text.replace(one, f"\\{one}"), "backslash-kept", text.index(one) + 1, "\\", ""
            if one in "\"'%$&;\\":
                yield text.replace(one, one * 2), "character-doubled", text.index(one) + 1, one * 2, one
                yield text.replace(one * 2, one), "character-halved", text.find(one * 2) + 1, one, one * 2
    if "\\" in text:
        at = text.index("\\") + 1
        yield re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL), "backslash-lost", at, "", "\\"
        yield text.replace("\\", ""), "backslash-lost", at, "", "\\"
        plain = text.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r")
        yield plain, "backslash-lost", at, "", "\\"
    yield from _percent(text, specials)
    yield from _html(text)
    if "$" in text:
        at = text.index("$") + 1
        yield re.sub(r"\$(?:\w+|\{[^}]*\})", "", text), "variable-replaced", at, "", "$"
        yield re.sub(r"\$(?:[A-Za-z_]\w*|[0-9]|\{[^}]*\})", "", text), "variable-replaced", at, "", "$"


def _html(text: str) -> Iterator[_Text]:
    for escaped in ("&<>\"'", "&<>", "&"):
        at = next((i for i, c in enumerate(text) if c in escaped), None)
        if at is not None:
            wrong = "".join(html.escape(c) if c in escaped else c for c in text)
            yield wrong, "html-entity", at + 1, html.escape(text[at]), text[at]
            again = "".join(html.escape(html.escape(c)) if c in escaped else c for c in text)
            yield again, "html-entity", at + 1, html.escape(html.escape(text[at])), text[at]
    for entity in re.finditer(r"&#?\w+;?", text):
        if html.unescape(entity[0]) != entity[0]:
            yield html.unescape(text), "html-decoded", entity.start() + 1, html.unescape(entity[0]), entity[0]
            return


def _percent(text: str, specials: list[str]) -> Iterator[_Text]:
    raw = octets(text)
    for safe in _SAFE:
        wrong = quote(raw, safe=safe)
        yield wrong, "percent-encoded", _first_other(wrong, text), "%", ""
        yield re.sub("%..", lambda m: m[0].lower(), wrong), "percent-encoded", _first_other(wrong, text), "%", ""
        yield quote(wrong, safe=safe), "percent-encoded", _first_other(wrong, text), "%", ""
    for one in specials:
        code = quote(octets(one), safe="")
        yield text.replace(one, code), "percent-encoded", text.index(one) + 1, code, one
    if " " in text:
        yield text.replace(" ", "+"), "percent-encoded", text.index(" ") + 1, "+", " "
    for errors in ("surrogateescape", "replace"):
        for decode in (unquote, unquote_plus):
            wrong = decode(text, errors=errors)
            yield wrong, "percent-decoded", _first_other(wrong, text), "", "%"


def _first_other(wrong: str, text: str) -> int | None:
    """Return the position at which two texts part."""
    at = next((i for i, (a, b) in enumerate(zip(wrong, text, strict=False)) if a != b), min(len(wrong), len(text)))
    return at + 1


def _cut(text: str) -> Iterator[_Text]:
    for at, one in enumerate(text):
        if not one.isalnum():
            yield text[:at], "cut-at-character", at + 1, "", one
    for at, one in enumerate(text):
        if not one.isalnum():
            yield text[at + 1 :], "begun-behind-character", at + 1, "", one
            if at:
                yield text[:at].rstrip(), "cut-at-character", at + 1, "", one
    # One character alone at an end is told below: it is missing.
    for length in range(1, len(text) - 1):
        yield text[:length], "cut-at-length", length + 1, "", ""
    for start in range(2, len(text)):
        yield text[start:], "start-missing", start + 1, "", ""


def _dressed_up(text: str) -> Iterator[_Text]:
    for plain, smart in SMART.items():
        for one in smart:
            if plain in text:
                yield text.replace(plain, one), "smart-character", text.index(plain) + 1, one, plain
            if one in text:
                yield text.replace(one, plain), "smart-character", text.index(one) + 1, plain, one
    if '"' in text:  # as word processors do it, with the other quotes too
        parts = text.split('"')
        wrong = "".join(p + ("\u201c\u201d"[i % 2] if i + 1 < len(parts) else "") for i, p in enumerate(parts))
        yield wrong, "smart-character", text.index('"') + 1, "\u201c", '"'
        if "'" in text:
            at = min(text.index('"'), text.index("'"))
            smart = "\u201c" if text[at] == '"' else "\u2019"
            yield wrong.replace("'", "\u2019"), "smart-character", at + 1, smart, text[at]
    yield text.replace("...", "\u2026"), "smart-character", text.find("...") + 1, "\u2026", "..."
    yield text.replace("--", "\u2013"), "smart-character", text.find("--") + 1, "\u2013", "--"


def _otherwise_encoded(text: str) -> Iterator[Candidate]:
    if text.isascii():
        return
    right = octets(text)
    at = next(i for i, c in enumerate(text) if not c.isascii()) + 1
    for encoding in ("latin-1", "cp1252", "cp1251", "cp437", "utf-16-le"):
        with contextlib.suppress(UnicodeError):  # it has no such character
            yield text.encode(encoding), "wrong-encoding", at, encoding, "utf-8"
            yield right.decode(encoding).encode("utf-8"), "wrong-encoding", at, "utf-8 twice", "utf-8"
    for form in ("NFC", "NFD", "NFKC"):
        wrong = unicodedata.normalize(form, text)
        if wrong != text:
            yield octets(wrong), "wrong-encoding", at, form, ""
    yield text.encode("ascii", "replace"), "wrong-encoding", at, "?", text[at - 1]
    yield text.encode("ascii", "ignore"), "wrong-encoding", at, "", text[at - 1]


def _by_one_character(text: str) -> Iterator[_Text]:
    """Yield the texts that are one stroke away."""
    for at, one in enumerate(text):
        for other in LOOK_ALIKES.get(one, ""):
            if other.lower() != one.lower():
                yield text[:at] + other + text[at + 1 :], "look-alike", at + 1, other, one
        if one.swapcase() != one:
            yield text[:at] + one.swapcase() + text[at + 1 :], "wrong-case", at + 1, one.swapcase(), one
    for one in dict.fromkeys(text):
        for other in LOOK_ALIKES.get(one, ""):
            yield text.replace(one, other), "look-alike", text.index(one) + 1, other, one
    for two, single in RUNS:
        for have, get in ((two, single), (single, two)):
            for match in re.finditer(have, text):
                at = match.start()
                yield text[:at] + get + text[match.end() :], "look-alike", at + 1, get, have
    for at in range(len(text) - 1):
        if text[at] != text[at + 1]:
            wrong = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            yield wrong, "characters-swapped", at + 1, text[at + 1] + text[at], text[at : at + 2]
    for at, one in enumerate(text):
        if text[at + 1 : at + 2] != one:
            yield text[:at] + text[at + 1 :], "character-missing", at + 1, "", one
            yield text[: at + 1] + text[at:], "character-extra", at + 2, one, ""
    for at, one in enumerate(text):
        for other in NEIGHBOURS.get(one, ""):
            yield text[:at] + other + text[at + 1 :], "neighbour-key", at + 1, other, one
    yield from _any_character(text)


def _any_character(text: str) -> Iterator[_Text]:
    own = "".join(dict.fromkeys(c for c in text if c not in _PRINTABLE))
    usual = [c for c in _PRINTABLE if c.isalnum()]
    rest = [c for c in _PRINTABLE if not c.isalnum()] + list(own)
    for alphabet in (usual, rest, _FURTHER):
        for at in range(len(text)):
            head, one, tail = text[:at], text[at], text[at + 1 :]
            for other in alphabet:
                if other != one:
                    yield head + other + tail, "character-differs", at + 1, other, one
        for at in range(len(text) + 1):
            head, tail = text[:at], text[at:]
            for other in alphabet:
                if tail[:1] != other:  # in a run of equal characters, behind its last
                    yield head + other + tail, "character-extra", at + 1, other, ""


def several(texts: Iterable[tuple[str, str]], how: str) -> Iterator[Candidate]:
    """Yield other texts altogether, each with what it is, as misses of one kind."""
    for text, what in texts:
        yield octets(text), how, None, what, ""
