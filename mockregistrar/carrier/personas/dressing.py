"""A response as some servers write it: fields in another order, names in compact form, Via and To not as they ought."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count

from mockregistrar.sip.grammar import LONG_NAMES

_COMPACT = {long: short for short, long in LONG_NAMES.items()}
_RPORT = re.compile(r";rport=([0-9]+)")
_TO_TAG = re.compile(r";tag=[^;\s>]*\Z")
_END = b"\r\n\r\n"


def dressing(
    order: Sequence[str], *, compact: bool, rport: str = "right", to_tag: bool = True
) -> Callable[[bytes], bytes] | None:
    """Return what octets of a response go through; None where they stay as they are.

    `order` names fields that come first. Fields of one name keep their order among themselves (:rfc:`3261` 7.3.1).
    `rport` and `to_tag` are as the settings `via_rport` and `to_tag` have them.
    """
    if not order and not compact and rport == "right" and to_tag:
        return None
    serial = count(1)
    places = {name.lower(): place for place, name in enumerate(order)}

    def place_of(line: str) -> int:
        name = line.partition(":")[0].strip().lower()
        return places.get(LONG_NAMES.get(name, name), len(places))

    def shortened(line: str) -> str:
        name, colon, value = line.partition(":")
        return f"{_COMPACT.get(name.strip().lower(), name)}{colon}{value}"

    def other_port(found: re.Match[str]) -> str:
        return f";rport={1024 + (int(found[1]) - 1024 + 4099 * next(serial)) % 64512}"

    def misstated(line: str) -> str:
        if rport != "right" and line.startswith("Via:"):
            line = _RPORT.sub(other_port if rport == "changing" else ";rport", line, count=1)
        return _TO_TAG.sub("", line) if not to_tag and line.startswith("To:") else line

    def dress(octets: bytes) -> bytes:
        head, end, body = octets.partition(_END)
        start, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
        if rport != "right" or not to_tag:
            lines = [misstated(line) for line in lines]
        if places:
            lines.sort(key=place_of)
        if compact:
            lines = [shortened(line) for line in lines]
        return "\r\n".join([start, *lines]).encode("utf-8", "surrogateescape") + end + body

    return dress
