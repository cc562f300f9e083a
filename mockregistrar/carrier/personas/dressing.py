"""A response as some servers write it: header fields in another order, names in their compact form."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mockregistrar.sip.grammar import LONG_NAMES

_COMPACT = {long: short for short, long in LONG_NAMES.items()}
_END = b"\r\n\r\n"


def dressing(order: Sequence[str], *, compact: bool) -> Callable[[bytes], bytes] | None:
    """Return what octets of a response go through; None where they stay as they are.

    `order` names fields that come first. Fields of one name keep their order among themselves (:rfc:`3261` 7.3.1).
    """
    if not order and not compact:
        return None
    places = {name.lower(): place for place, name in enumerate(order)}

    def place_of(line: str) -> int:
        name = line.partition(":")[0].strip().lower()
        return places.get(LONG_NAMES.get(name, name), len(places))

    def shortened(line: str) -> str:
        name, colon, value = line.partition(":")
        return f"{_COMPACT.get(name.strip().lower(), name)}{colon}{value}"

    def dress(octets: bytes) -> bytes:
        head, end, body = octets.partition(_END)
        start, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
        if places:
            lines.sort(key=place_of)
        if compact:
            lines = [shortened(line) for line in lines]
        return "\r\n".join([start, *lines]).encode("utf-8", "surrogateescape") + end + body

    return dress
