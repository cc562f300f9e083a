"""What a host, a number and a character may be: the small judgements behind the findings on a register value."""

from __future__ import annotations

import difflib
import ipaddress
import re
import unicodedata
from collections.abc import Sequence

_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\Z")
_HOST_CHARACTER = re.compile(r"[A-Za-z0-9_.\-]")
_PLACEHOLDER_HOST = re.compile(
    r"<.*>|\$\{.*\}|\{\{.*\}\}|[xX]{3,}(?:\.[xX]{1,3})*|[A-Z]{4,}(?:[_-][A-Z]+)*"
    r"|(?:\w{1,20}\.)?(?:[Yy]our|YOUR)[._-]?(?:sip)?-?(?:provider|carrier|host|server|domain|company|voip)[\w.-]*"
)
_DIGIT_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8", " ": None})

UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    "d": 86400,
}
"""Seconds by the words that people write behind a number of them."""
_WITH_UNIT = re.compile(r"\s*([0-9]{1,7})\s*([A-Za-z]+)\s*")

TYPOGRAPHIC_QUOTES = {
    "“": '"',
    "”": '"',
    "„": '"',
    "‟": '"',
    "«": '"',
    "»": '"',
    "‘": "'",
    "’": "'",
    "‚": "'",
    "‛": "'",
}
_SEPARATORS = {
    "﹫": "@",
    "﹕": ":",
    "∶": ":",
    "ː": ":",
    "꞉": ":",
    "⁄": "/",
    "∕": "/",
    "；": ";",
    ";": ";",
    "﹔": ";",
    "‽": "?",
    "﹖": "?",
}
_SIGNS = {
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "﹣": "-",
    "․": ".",
    "。": ".",
    "．": ".",
    "‚": ",",
}
_LETTERS = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһԛԝαοερνιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "ABESIJKMHOPCTYXaesijopcyxdhqwaoepviABEZHIKMNOPTYX",
        strict=True,
    )
)


def full_width(character: str) -> str:
    """The ASCII character that a full-width form stands for, else nothing."""
    return chr(ord(character) - 0xFEE0) if "！" <= character <= "～" else ""


def separator_look_alike(character: str) -> str:
    """The separator of a register value that a character is easily taken for, else nothing."""
    found = _SEPARATORS.get(character) or full_width(character)
    return found if found in "@:/;?~" else ""


def look_alike(character: str) -> str:
    """The ASCII character that a character is easily taken for, else nothing."""
    return (
        separator_look_alike(character)
        or full_width(character)
        or TYPOGRAPHIC_QUOTES.get(character, "")
        or _SIGNS.get(character, "")
        or _LETTERS.get(character, "")
    )


def invisible(character: str) -> bool:
    """Whether a character cannot be seen, or only as a blank that is none; the blank itself is not meant."""
    if character == " ":
        return False
    if character == "\udca0":  # the no-break space of a Latin-1 file
        return True
    return unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cf", "Cc")


def character_name(character: str) -> str:
    """How to name a character in a sentence: `U+00A0 NO-BREAK SPACE`."""
    if "\udc80" <= character <= "\udcff":
        return f"octet {ord(character) - 0xDC00:02X}, which is not UTF-8"
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()


def is_ipv6(text: str) -> bool:
    """Whether a text is a bare IPv6 address."""
    if text.count(":") < 2 or len(text) > 64:
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def host_problem(host: str) -> tuple[int, str] | None:
    """Where a host stops being one, and why; None for a good one. The empty host is not judged here."""
    if host.startswith("["):
        if host.endswith("]") and is_ipv6(host[1:-1]):
            return None
        return 0, "is no IPv6 address in brackets"
    for index, character in enumerate(host):
        if not _HOST_CHARACTER.match(character):
            return index, "holds a character that no host name has"
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)+\.?", host):
        try:
            ipaddress.IPv4Address(host.rstrip("."))
        except ValueError:
            return 0, "is no IPv4 address"
        return None
    if len(host) > 253:
        return 0, "is longer than a host name can be"
    offset = 0
    labels = host[:-1].split(".") if host.endswith(".") else host.split(".")
    for label in labels:
        if not label or len(label) > 63 or not _LABEL.match(label):
            return offset, "has an empty part between two dots" if not label else "has a part that is no name"
        offset += len(label) + 1
    return None


def placeholder_host(host: str) -> bool:
    """Whether a host is a word from a guide that was to be replaced."""
    return _PLACEHOLDER_HOST.fullmatch(host) is not None


def repaired_host(host: str) -> str:
    """The host that was probably meant, empty when nothing is probable."""
    text = host.strip().strip("<>()'\"`")
    candidates = [text, re.sub(r"[,;:!)>'\"\\]+\Z", "", text), text.replace(",", ".")]
    candidates.append(re.sub(r"\.{2,}", ".", text).strip("."))
    # a blank beside a dot was typed into the name; any other one parts it from a note
    candidates.append(" ".join(text.split()).replace(" .", ".").replace(". ", "."))
    candidates.append("".join(look_alike(c) or c for c in text))
    candidates += [re.split(r"[\s#;,?&]", text, maxsplit=1)[0], re.sub(r"\s+", "", text)]
    for candidate in candidates:
        if candidate and candidate != host and host_problem(candidate) is None:
            return candidate
    return ""


def repaired_number(text: str) -> int | None:
    """The number that was probably meant where letters look like digits, else None."""
    digits = text.translate(_DIGIT_LOOKALIKES)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def meant_seconds(text: str) -> int | None:
    """The seconds that were probably meant by a number with a unit, or with letters that look like digits."""
    match = _WITH_UNIT.fullmatch(text)
    if match is not None and match.group(2).lower() in UNITS:
        return int(match.group(1)) * UNITS[match.group(2).lower()]
    return repaired_number(text.strip())


def meant_transport(text: str, known: Sequence[str]) -> str:
    """The transport that was probably meant by a word that is none, empty when nothing is probable."""
    word = text.strip().lower()
    if "tls" in known and word in ("ssl", "tsl", "sips", "ssl/tls", "tls/ssl"):
        return "tls"
    return next(iter(difflib.get_close_matches(word[:20], known, 1, 0.5)), "")


def unbalanced(text: str) -> tuple[int, str] | None:
    """The first quote or bracket that is never closed, as the splitter counts them: (index, character)."""
    open_parens: list[int] = []
    open_brackets: list[int] = []
    quote = -1
    index = 0
    while index < len(text):
        character = text[index]
        if character == "\\":
            index += 1
        elif character == "(":
            open_parens.append(index)
        elif character == ")" and open_parens:
            open_parens.pop()
        elif character == "[":
            open_brackets.append(index)
        elif character == "]" and open_brackets:
            open_brackets.pop()
        elif character == '"':
            quote = index if quote < 0 else -1
        index += 1
    left = [*open_parens[:1], *open_brackets[:1], *([quote] if quote >= 0 else [])]
    return (min(left), text[min(left)]) if left else None
