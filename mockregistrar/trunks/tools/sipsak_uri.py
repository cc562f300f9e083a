"""URIs as sipsak cuts them: at the first `:` and the first `@`, without parameters, passwords or brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mockregistrar.trunks.plausible import repaired_number


@dataclass(frozen=True, slots=True)
class SipsakUri:
    """A URI as sipsak cuts it. `port` is 0 for none and negative for one that is no number."""

    scheme: str | None
    user: str | None
    host: str
    port: int
    port_text: str = ""

    @classmethod
    def cut(cls, text: str) -> SipsakUri:
        """The parts as sipsak finds them."""
        colon, at = text.find(":"), text.find("@")
        if colon < 0:
            return cls(None, None, text, 0)
        if 0 <= at < colon:
            return cls(None, text[:at], text[at + 1 : colon], _number(text[colon + 1 :]), text[colon + 1 :])
        if at > colon:
            host, _, port = text[at + 1 :].partition(":")
            return cls(text[:colon], text[colon + 1 : at], host, _number(port) if port else 0, port)
        host, second, port = text[colon + 1 :].partition(":")
        if second:
            return cls(text[:colon], None, host, _number(port) if port else 0, port)
        if host.isascii() and host.isdigit():
            return cls(None, None, text[:colon], int(host[:9]), host)
        return cls(text[:colon], None, host, 0)

    @classmethod
    def probable(cls, text: str) -> tuple[SipsakUri, str, str]:
        """The URI that was meant, the password written into it, and the transport that it names."""
        bare = text.strip().removeprefix("<").removesuffix(">")
        scheme = re.match(r"(sips?):(?://)?", bare, re.IGNORECASE)
        bare = bare[scheme.end() :] if scheme else bare
        bare, _, parameters = bare.partition(";")
        user, _, host = bare.rpartition("@")
        user, _, password = user.partition(":")
        name, _, port = host.partition(":") if not host.startswith("[") else (host, "", "")
        named = re.search(r"(?:\A|;)transport=(\w+)", parameters, re.IGNORECASE)
        transport = named.group(1).lower() if named else ""
        if scheme and scheme.group(1).lower() == "sips":
            transport = "tls"
        number = repaired_number(port) if port else 0
        return cls("sip", user or None, name, number or 0, port), password, transport


def _number(text: str) -> int:
    """A number as sipsak reads it up to the first blank; -2 for none."""
    digits = text.split(maxsplit=1)[0] if text.strip() else ""
    return int(digits[:9]) if digits.isascii() and digits.isdigit() else -2
