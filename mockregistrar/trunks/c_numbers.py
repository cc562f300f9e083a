"""Numbers as C's library reads them: what systems written in C make of a port or of seconds."""

from __future__ import annotations

import re

_INTEGER = re.compile(rb"[ \t\n\v\f\r]*([+-]?[0-9]+)")


def c_integer(data: bytes) -> int | None:
    """What `sscanf("%d")` makes of the octets, None for no number; too large a number wraps as in C."""
    match = _INTEGER.match(data)
    if match is None:
        return None
    digits = match.group(1)[:30]
    number = int(digits) if digits not in (b"+", b"-") else 0
    number = max(-(2**63), min(2**63 - 1, number))
    return (number + 2**31) % 2**32 - 2**31


def port_number(data: bytes) -> int | None:
    """A port as chan_sip reads it: 1 to 65535, else None."""
    number = c_integer(data)
    return number if number is not None and 1 <= number <= 65535 else None
