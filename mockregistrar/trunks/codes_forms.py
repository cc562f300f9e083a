"""The codes of what is found in older register lines and in the forms of PBXes that write registrations."""

from __future__ import annotations

from .model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR301",
        "error",
        "Asterisk 1.4 does not know this",
        (
            "`transport://`, `peer?` and `~expiry` came with later versions. Asterisk 1.4 takes them for parts of the "
            "user name, the password or the extension."
        ),
    ),
    (
        "SR302",
        "error",
        "a second `@` in an IAX2 registration",
        "IAX2 cuts at the first `@` and has no way to write one in a password.",
    ),
    (
        "SR303",
        "error",
        "a second `:` in an IAX2 registration",
        "IAX2 knows user and password only. What stands behind a second `:` is dropped.",
    ),
    (
        "SR304",
        "warning",
        "a registration of IAX2",
        "IAX2 is another protocol, on port 4569. A SIP registrar does not answer it.",
    ),
)
