"""Names of variables with SIP settings: what each sets, with or without a vendor in front or a number."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

_KEYS = {
    "username": ("USERNAME", "USER", "USER_NAME", "USERID", "USER_ID", "LOGIN"),
    "secret": ("PASSWORD", "PASS", "PASSWD", "PWD", "SECRET", "AUTH_PASSWORD", "AUTH_PASS", "AUTH_SECRET"),
    "auth_user": (
        *("AUTH_ID", "AUTHID", "AUTH_USER", "AUTHUSER", "AUTH_USERNAME", "AUTH_NAME", "AUTHNAME"),
        *("AUTHORIZATION_USER", "AUTHORIZATION_USERNAME"),
    ),
    "extension": ("EXTENSION", "EXTEN"),
    "domain": ("DOMAIN", "DOMAIN_NAME"),
    "realm": ("REALM",),
    "server": (
        *("SERVER", "SERVER_HOST", "SERVER_IP", "SERVER_ADDRESS", "SERVER_URI", "SERVER_URL", "HOST", "HOSTNAME"),
        *("REGISTRAR", "REGISTRAR_HOST", "REGISTRAR_SERVER", "REGISTRAR_URI"),
    ),
    "proxy": ("PROXY", "OUTBOUND_PROXY"),
    "port": ("PORT", "SERVER_PORT", "REGISTRAR_PORT"),
    "transport": ("TRANSPORT", "PROTOCOL"),
    "uri": ("URI", "URL", "AOR"),
    "display_name": ("DISPLAY_NAME", "DISPLAYNAME"),
    "expiry": ("EXPIRES", "EXPIRY", "REGISTER_EXPIRES", "REG_EXPIRES", "REGISTRATION_EXPIRES"),
    "register": ("REGISTER",),
}
_MEANS = {name: key for key, names in _KEYS.items() for name in names}
_SIP = re.compile(r"(?:\A|.*?_)SIPS?(\d{0,3})_", re.DOTALL)
_LONGEST = max(map(len, _MEANS)) + 32
_OBJECT = re.compile(r"(?:TRUNK|ACCOUNT|PROVIDER|CARRIER|CLIENT|LINE)_?(\d{0,3})_")
_SECRET = re.compile(r"PAS+W?O?R?D?|SECRET|PWD")


@dataclass(frozen=True, slots=True)
class Name:
    """What a name sets: `ACME_SIP_USER_2` is group `ACME_SIP_2`, rest `USER`, key `username`; `key` is empty for a
    setting that is not known.
    """

    group: str
    rest: str
    key: str

    @property
    def secret(self) -> bool:
        """Whether it looks like one for a secret."""
        return self.key == "secret" or _SECRET.search(self.rest) is not None

    @property
    def near(self) -> str:
        """A known name that this one may be misspelt for."""
        if self.key or self.rest.removesuffix("S") in _MEANS or len(self.rest) < 4:
            return ""
        return next(iter(difflib.get_close_matches(self.rest, _MEANS, 1, 0.86)), "")

    def as_if(self, rest: str) -> Name:
        """The name with another rest."""
        return Name(self.group, rest, _MEANS[rest])


def name_of(text: str) -> Name | None:
    """What a name sets; None for one that has nothing to do with SIP."""
    upper = text.upper()
    found: Name | None = None
    at = last = 0
    while (match := _SIP.match(upper, at)) is not None:
        last, at = at, match.end()
        if len(upper) - at > _LONGEST:  # no known name is as long as that
            found = None
            continue
        found = _name(upper, match)
        if found.key:
            return found
    if found is None and (match := _SIP.match(upper, last)) is not None:
        return _name(upper, match)
    return found


def _name(upper: str, match: re.Match[str]) -> Name:
    """What a name sets if this is the `SIP_` in it that counts."""
    rest, number = upper[match.end() :], match.group(1)
    kind = _OBJECT.match(rest)
    if kind is not None:
        rest, number = rest[kind.end() :], number or kind.group(1)
    behind = re.search(r"_?(\d{1,3})\Z", rest)
    if behind is not None and rest not in _MEANS:
        rest, number = rest[: behind.start()], number or behind.group(1)
    group = upper[: match.end() - 1].rstrip("0123456789") + (f"_{number}" if number else "")
    return Name(group, rest, _MEANS.get(rest, ""))
