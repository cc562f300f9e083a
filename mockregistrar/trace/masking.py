"""Masking by value: a secret that somebody gave us is hidden wherever it turns up.

Theory of operation. A secret does not stay where it was given: a dialer that reads a registration
string wrongly sends the password as its user name, percent-encoded in a URI, or with its quotes
escaped in a header. So masking does not look for places where secrets belong but for the values, in each of the
readings that a text can be given:

- as it stands;
- percent-encoding undone (``p%40ss``, any letter case, any part of it encoded);
- quoted pairs undone (``p\\"ss`` inside a quoted string);
- HTML references undone (``p&amp;ss``, ``p&#64;ss``);
- HTML references undone, then one of the other two.

A reading is a text with, for each of its characters, the place it came from. What is found in a reading is masked
in the text as it stands: one dot (``•``) per character, so that columns stay where they were. On octets of
the wire, one ``*`` per octet, so that Content-Length and every offset stay right.

**Weak secrets.** A secret of one or two characters, a number of up to five digits (a port, a status, an
extension), or a word of the protocol (``sip``, ``digest``, ``password``, ...) stands all over every
message. Masking each occurrence would garble the text and would tell more than it hides. A weak
secret is masked only where it stands as a whole token: not inside a longer run of letters, digits, ``_``,
``-`` and ``.``, not as a name (directly followed by ``:`` or ``=``), and not as the method, version or status of a
start line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator

DOT = "•"
"""Stands for one character of a secret in text that people read."""

_WEAK_LENGTH = 2
_WEAK_DIGITS = 5
_MANY = 48  # secrets; from here on, an index by their first three characters pays
_INDEX = 3

_WORDS = frozenset(
    """
    ack algorithm allow auth authorization branch bye call-id cancel contact content-length cseq digest
    expires from info invite lr max-forwards md5 message min-expires nc cnonce nonce notify ok opaque
    options passwd password phone prack proxy-authorization publish qop realm received refer register
    registrar response route rport secret server sha-256 sip sips stale subscribe supported tag tcp test
    tls to transport trunk trying udp unauthorized update uri user user-agent username via ws wss
    www-authenticate
    """.split()  # noqa: SIM905 - a paragraph reads better than seventy quoted words
)

_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PAIR = re.compile(r"\\(.)", re.DOTALL)
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class Masker:
    """Hides the given *secrets*; one without secrets returns what it gets, at no cost.

    Empty secrets are passed over. The same object masks text (:meth:`text`) and octets (:meth:`octets`).
    """

    __slots__ = ("_in_octets", "_in_text")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        distinct = {secret for secret in secrets if secret}
        self._in_text = _Finder(distinct)
        # Octets are searched as Latin-1, one character per octet, for the secrets' own octets.
        self._in_octets = _Finder({secret.encode("utf-8", "surrogateescape").decode("latin-1") for secret in distinct})

    def __bool__(self) -> bool:
        """Whether there is anything to hide."""
        return bool(self._in_text)

    def text(self, text: str) -> str:
        """Return *text* with each secret in it replaced, one dot per character that it takes up."""
        if not self._in_text:
            return text
        return _masked(text, self._in_text.spans(text, _utf8), DOT)

    def octets(self, data: bytes) -> bytes:
        """Return *data*, octets of the wire, with each secret in it replaced, one ``*`` per octet."""
        if not self._in_octets:
            return data
        text = data.decode("latin-1")
        spans = self._in_octets.spans(text, _latin1)
        return _masked(text, spans, "*").encode("latin-1") if spans else data


class _Finder:
    """Finds secrets in the readings of a text."""

    __slots__ = ("_by_start", "_strong", "_weak", "_words")

    def __init__(self, secrets: set[str]) -> None:
        self._strong = sorted(secret for secret in secrets if not is_weak(secret))
        weak = [secret for secret in secrets if is_weak(secret)]
        # A weak secret that is one word can only be a whole word: those are looked up, however many there are.
        self._words = frozenset(secret for secret in weak if _WORD.fullmatch(secret))
        odd = sorted(set(weak) - self._words, key=len, reverse=True)
        self._weak = _whole_token("|".join(map(re.escape, odd))) if odd else None
        self._by_start: dict[str, list[str]] = {}
        if len(self._strong) >= _MANY:
            for secret in self._strong:
                self._by_start.setdefault(secret[:_INDEX], []).append(secret)

    def __bool__(self) -> bool:
        return bool(self._strong or self._weak or self._words)

    def spans(self, text: str, decode: Decoder) -> list[tuple[int, int]]:
        """Return where secrets stand in *text*, sorted and not touching."""
        found: list[tuple[int, int]] = []
        for reading, places in _readings(text, decode):
            for start, end in self._in(reading):
                found.append((start, end) if places is None else (places[start], places[end]))
        found.sort()
        merged: list[tuple[int, int]] = []
        for start, end in found:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _in(self, reading: str) -> Iterator[tuple[int, int]]:
        for secret in self._candidates(reading):
            at = reading.find(secret)
            while at >= 0:
                yield at, at + len(secret)
                at = reading.find(secret, at + 1)
        if self._weak is not None:
            for match in self._weak.finditer(reading):
                yield match.span()
        if self._words:
            for match in _ANY_WORD.finditer(reading):
                if match[0] in self._words:
                    yield match.span()

    def _candidates(self, reading: str) -> Iterable[str]:
        if not self._by_start:
            return self._strong
        starts = {reading[at : at + _INDEX] for at in range(len(reading) - _INDEX + 1)}
        return [secret for start in starts & self._by_start.keys() for secret in self._by_start[start]]


def is_weak(secret: str) -> bool:
    """Whether masking every occurrence of *secret* would garble a message; see the module's text."""
    if len(secret) <= _WEAK_LENGTH or secret.lower() in _WORDS:
        return True
    return secret.isascii() and secret.isdigit() and len(secret) <= _WEAK_DIGITS


def _whole_token(pattern: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.-])(?<!SIP/2\.0 )(?:{pattern})(?![\w-]|\.\w)(?![:=])(?! sips?:)(?!/\d\.\d)",
    )


_WORD = re.compile(r"\w+")
_ANY_WORD = _whole_token(r"\w+")


_Pieces = list[tuple[str, int]]
"""Characters, and where each begins within the notation that stands for them."""


def _utf8(octets: bytes) -> _Pieces:
    """Return what percent-encoded octets mean in text that was decoded as UTF-8."""
    pieces: _Pieces = []
    at = 0
    for char in octets.decode("utf-8", "surrogateescape"):
        pieces.append((char, 3 * at))
        at += len(char.encode("utf-8", "surrogateescape"))
    return pieces


def _latin1(octets: bytes) -> _Pieces:
    """Return what percent-encoded octets mean in text that has one character per octet."""
    return [(chr(octet), 3 * at) for at, octet in enumerate(octets)]


Decoder = Callable[[bytes], _Pieces]


def _readings(text: str, decode: Decoder) -> Iterator[tuple[str, list[int] | None]]:
    """Yield each reading of *text*, and for each of its characters (and its end) the place in *text*."""

    def percent(match: re.Match[str]) -> _Pieces:
        return decode(bytes.fromhex(match[0].replace("%", "")))

    def pair(match: re.Match[str]) -> _Pieces:
        return [(match[1], 0)]

    def reference(match: re.Match[str]) -> _Pieces:
        decimal, hexadecimal, name = match.groups()
        if name is not None:
            return [(_NAMED[name], 0)]
        number = int(decimal) if decimal is not None else int(hexadecimal, 16)
        if number > sys.maxunicode:
            return [(char, at) for at, char in enumerate(match[0])]
        octets = chr(number).encode("utf-8", "surrogatepass")
        return [(char, 0) for char, _ in decode(octets)]

    yield text, None
    if "%" in text:
        yield _undone(text, _PERCENT, percent)
    if "\\" in text:
        yield _undone(text, _PAIR, pair)
    if "&" in text:
        outer, places = _undone(text, _REFERENCE, reference)
        yield outer, places
        for sign, notation, undo in (("%", _PERCENT, percent), ("\\", _PAIR, pair)):
            if sign in outer:
                inner, inner_places = _undone(outer, notation, undo)
                yield inner, [places[place] for place in inner_places]


def _undone(text: str, notation: re.Pattern[str], undo: Callable[[re.Match[str]], _Pieces]) -> tuple[str, list[int]]:
    reading: list[str] = []
    places: list[int] = []
    at = 0
    for match in notation.finditer(text):
        start = match.start()
        reading.append(text[at:start])
        places.extend(range(at, start))
        for char, offset in undo(match):
            reading.append(char)
            places.append(start + offset)
        at = match.end()
    reading.append(text[at:])
    places.extend(range(at, len(text) + 1))
    return "".join(reading), places


def _masked(text: str, spans: list[tuple[int, int]], mark: str) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += (text[at:start], mark * (end - start))
        at = end
    pieces.append(text[at:])
    return "".join(pieces)
