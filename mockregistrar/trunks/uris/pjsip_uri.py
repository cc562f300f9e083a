"""SIP URIs as pjsip reads them, which is what decides in PJSIP and in pjsua: stricter than most, and odd in places.

It knows outer blanks, `<...>` and `"name" <...>`. It takes a `#` in the user but not in the password, and hosts such as
`192.168.1.300` or `host..com`. It refuses a second `@`, a bare IPv6 address, an empty or non-numeric port, a port above
65535, a `/` or `;` at the end, what is not ASCII, inner blanks, and a missing scheme.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from mockregistrar.trunks.plausible import is_ipv6
from mockregistrar.trunks.positions import decode, encode

_USER = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#]|%[0-9A-Fa-f]{2})+")
_PASSWORD = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*")
_HOST = re.compile(r"[A-Za-z0-9_.\-]+")
_PARAMETER = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()\[\]/:&+$`]|%[0-9A-Fa-f]{2})+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"[ \t]*')
_NO_NAME = re.compile(r'[":;@]')
_USER_SAFE = "-_.!~*'()&=+$,;?/"


@dataclass(frozen=True, slots=True)
class PjUri:
    """The parts, user and password percent-decoded. `port` is None when none was written.

    The names that end in `_at` say where a part begins in the text as typed.
    """

    scheme: str
    user: str
    password: str
    host: str
    port: int | None
    params: tuple[tuple[str, str], ...] = ()
    display: str = ""
    host_at: int = 0
    port_at: int = 0
    user_at: int = 0
    password_at: int = 0

    def param(self, name: str) -> str | None:
        """The value of a parameter in lower case names, None when it is absent."""
        return dict(self.params).get(name)

    @property
    def transport(self) -> str | None:
        """What the URI says of the transport; None when it says nothing. `sips:` overrules what is not secure."""
        named = (self.param("transport") or "").lower()
        if self.scheme == "sips" and named not in ("tls", "wss"):
            return "tls"
        return named or None


@dataclass(frozen=True, slots=True)
class BadUri:
    """Why pjsip does not take a URI: `kind` for programs, `why` for people, and where, as a stretch of the text."""

    kind: str
    why: str
    start: int
    stop: int


def parse(text: str) -> PjUri | BadUri:
    """Read a URI. Never raises."""
    begin = len(text) - len(text.lstrip(" \t\r\n"))
    end = max(begin, len(text.rstrip(" \t\r\n")))
    bad = next((i for i in range(begin, end) if not "\x20" <= text[i] <= "\x7e"), None)
    if bad is not None:
        return BadUri("ascii", "it holds a character that is not ASCII", bad, bad + 1)
    display = ""
    if "<" in text[begin:end]:
        quoted = _QUOTED.match(text, begin, end)
        angle = quoted.end() if quoted else text.index("<", begin)
        display = text[begin:angle].strip()
        if text[angle : angle + 1] != "<" or (quoted is None and _NO_NAME.search(display)):
            return BadUri("brackets", "what stands in front of `<` cannot be a name", begin, max(angle, begin + 1))
        display = display.strip('"')
        begin = angle + 1
        close = text.find(">", begin, end)
        if close < 0:
            return BadUri("brackets", "the `>` is missing", angle, angle + 1)
        if close != end - 1:
            return BadUri("brackets", "nothing can stand behind the `>`", close + 1, end)
        end = close
    return _bare(text, begin, end, display)


def _bare(text: str, begin: int, end: int, display: str) -> PjUri | BadUri:
    colon = text.find(":", begin, end)
    scheme = text[begin:colon].lower() if colon >= 0 else ""
    if scheme == "tel":
        return BadUri("tel", "a `tel:` number is no account", begin, end)
    if scheme not in ("sip", "sips"):
        return BadUri("scheme", "`sip:` is missing in front", begin, end)
    at = user_at = password_at = colon + 1
    cut = text.find("@", at, end)
    user = password = ""
    if cut >= 0:
        second = text.find("@", cut + 1, end)
        if second >= 0:
            return BadUri("second-at", "there are two `@`: one in the user is written `%40`", cut, cut + 1)
        matched = _USER.match(text, at, cut)
        stop = matched.end() if matched else at
        user = text[at:stop]
        if stop < cut and text[stop] == ":" and user:
            secret = _PASSWORD.match(text, stop + 1, cut)
            stop2 = secret.end() if secret else stop + 1
            password_at = stop + 1
            password, stop = text[stop + 1 : stop2], stop2
        if not user and stop == cut:
            return BadUri("user", "there is no user in front of the `@`", cut, cut + 1)
        if stop != cut or not user:
            what = "a blank" if text[stop : stop + 1] == " " else f"`{text[stop : stop + 1]}`"
            return BadUri("user", f"{what} cannot stand in the user part", stop, stop + 1)
        at = cut + 1
    host_at = at
    if text[at : at + 1] == "[":
        close = text.find("]", at, end)
        if close < 0 or not is_ipv6(text[at + 1 : close]):
            return BadUri("host", "there is no IPv6 address in the brackets", at, max(at + 1, close + 1))
        host, at = text[at : close + 1], close + 1
    else:
        named = _HOST.match(text, at, end)
        if named is None and text.startswith("//", at):
            return BadUri("host", "no `//` stands in a SIP URI", at, at + 2)
        if named is None:
            return BadUri("host", "there is no host", at, max(at, min(end, at + 1)))
        host, at = named.group(), named.end()
        if (
            text[at : at + 1] == ":"
            and text.count(":", at, end) > 1
            and is_ipv6(re.split(r"[;?]", text[host_at:end], maxsplit=1)[0])
        ):
            return BadUri("ipv6", "an IPv6 address stands in `[...]`", host_at, end)
    port: int | None = None
    port_at = at
    if text[at : at + 1] == ":" and at < end:
        stop = at + 1
        while stop < end and text[stop].isdigit():
            stop += 1
        rest = next((i for i in range(stop, end) if text[i] in ";?"), end)
        if stop == at + 1 or rest != stop or stop - at > 6 or int(text[at + 1 : stop]) > 65535:
            if cut < 0 and host.lower() in ("sip", "sips"):
                return BadUri("port", "the scheme stands there twice", host_at, at + 1)
            two = re.fullmatch(r"\d{1,5}:\d{1,5}", text[at + 1 : rest])
            why = "there are two ports" if two else "a port is a number from 0 to 65535"
            return BadUri("port", why, at + 1, max(rest, at + 1))
        port, port_at, at = int(text[at + 1 : stop]), at + 1, stop
    params: list[tuple[str, str]] = []
    while at < end and text[at] == ";":
        found = _PARAMETER.match(text, at + 1, end)
        if found is None:
            return BadUri("parameter", "nothing that could be a parameter stands behind `;`", at, end)
        name, at, value = found.group().lower(), found.end(), ""
        if at < end and text[at] == "=":
            found = _PARAMETER.match(text, at + 1, end)
            if found is not None:
                value, at = found.group(), found.end()
            elif text[at + 1 : at + 2] == '"':
                close = text.find('"', at + 2, end)
                if close < 0:
                    return BadUri("parameter", f"the quotes behind `{name}=` are not closed", at, end)
                value, at = text[at + 2 : close], close + 1
            else:  # a value may be empty
                at += 1
        params.append((name, value))
    if at < end and text[at] == "?" and at + 1 < end:
        at = end
    if at != end:
        what = "a blank" if text[at] == " " else f"`{text[at]}`"
        return BadUri("rest", f"{what} cannot stand here", at, end)
    return PjUri(
        scheme,
        plain(user),
        plain(password),
        host,
        port,
        tuple(params),
        display,
        host_at,
        port_at,
        user_at,
        password_at,
    )


def plain(text: str) -> str:
    """A text with its percent signs decoded."""
    return decode(unquote_to_bytes(encode(text))) if "%" in text else text


def user_part(user: str) -> str:
    """A user as it is written in a URI."""
    return quote(encode(user), safe=_USER_SAFE)


def is_address(host: str) -> bool:
    """Whether a host is an address, so that no DNS decides on port and transport."""
    return host.startswith("[") or re.fullmatch(r"[0-9]+(?:\.[0-9]+){3}", host) is not None
