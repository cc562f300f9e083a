"""What becomes of the login when a text has a mistake in it, by what its dialect reads before and after.

Theory of operation. Only what is sent to the registrar counts: where to, as whom, with which password. A registration
of the right text that is there no more, as it was sent, is followed to what stands in its place, and that is compared
field by field in the order in which a login fails: nothing is sent, nobody answers, the carrier refuses. What reads the
same in all of these logs in, whatever else the mistake changed.

The words are those of a login report (`LOGINS`). They are what a carrier does that listens for UDP and TCP at one port,
and serves no domain besides those that are named in the right text. An expiry that is too brief for it is taken to be
raised, by the carrier or by the client that asks again.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Mapping

from mockregistrar.trunks.model import Trunk
from mockregistrar.trunks.parsed import Parsed, Registration

LOGINS: Mapping[str, str] = {
    "registered": "it logs in all the same",
    "refused": "it logs in with what the carrier refuses",
    "no-answer": "it sends to where no carrier answers",
    "lapsed": "it asks for 0 s, which un-registers",
    "not-sent": "nothing is sent, as the text is refused, or holds no registration now",
}
"""What can become of a login, with what it means."""

_REALM_FOR_SHOW = frozenset({"freeswitch-gateway"})
"""Dialects whose systems answer a challenge of any realm, whichever one is configured."""
_ONE_PORT = frozenset({"udp", "tcp"})
_OCTETS = 4
_PROXY_HOST = re.compile(
    r"[<\s]*(?:(?:sips?|tcp|tls|udp|wss?):(?://)?)?(?:[^@]*@)?(\[[^\]]*\]|[^:;>?/\s]+)", re.IGNORECASE
)
_HIGHEST_PORT = 65535


def outcome(before: Parsed, after: Parsed) -> str:
    """What becomes of the login, one of `LOGINS`, when `before` is the right text and `after` the one with the mistake.

    With several registrations it is that of the first that is another one now.
    """
    gone = list((Counter(map(_sent, before.registrations)) - Counter(map(_sent, after.registrations))).elements())
    if not gone:
        return "registered"
    right = next(each for each in before.registrations if _sent(each) == gone[0])
    known = Counter(map(_sent, before.registrations))
    others = [each for each in after.registrations if not known[_sent(each)]]
    if not others:
        return "not-sent"
    same_name = [each for each in others if each.name == right.name]
    realm_read = before.dialect not in _REALM_FOR_SHOW
    found = [_login(right, each, realm_read=realm_read) for each in same_name or others]
    return "registered" if "registered" in found else found[0]


def _sent(each: Registration) -> tuple[object, ...]:
    """What of a registration is sent, or says where to."""
    trunk = each.trunk
    where = (_bare(trunk.dial_host), trunk.dial_port, trunk.dial_transport, each.outbound_proxy)
    who = (trunk.user, trunk.secret, trunk.ha1, trunk.effective_auth_user, _bare(trunk.aor_host))
    how = (each.realm, each.register is False, each.protocol, each.secret_used is False, each.expiry == 0)
    return where + who + how


def _login(right: Registration, other: Registration, *, realm_read: bool) -> str:
    """What becomes of a login that is sent otherwise than the right one."""
    mine, theirs = right.trunk, other.trunk
    if other.register is False or other.protocol != right.protocol or not _sendable(theirs):
        return "not-sent"
    if _elsewhere(right, other):
        return "no-answer"
    if (theirs.user, theirs.secret, theirs.ha1, theirs.effective_auth_user) != (
        mine.user,
        mine.secret,
        mine.ha1,
        mine.effective_auth_user,
    ):
        return "refused"
    if other.secret_used is False or (realm_read and other.realm and other.realm != right.realm):
        return "refused"
    if _bare(theirs.aor_host) not in (_bare(mine.aor_host), _bare(mine.host), _bare(mine.dial_host)):
        return "refused"
    return "lapsed" if other.expiry == 0 != right.expiry else "registered"


def _sendable(trunk: Trunk) -> bool:
    """Whether a request can be made of a login: with a user, a host without blanks in it, and a port that there is."""
    blank = any(character.isspace() for character in trunk.dial_host + trunk.domain)
    return bool(trunk.user and trunk.dial_host) and not blank and 0 < trunk.dial_port <= _HIGHEST_PORT


def _elsewhere(right: Registration, other: Registration) -> bool:
    """Whether what is dialled is not the carrier."""
    mine, theirs = right.trunk, other.trunk
    if _bare(theirs.dial_host) != _bare(mine.dial_host) or theirs.dial_port != mine.dial_port:
        return True
    if theirs.dial_transport != mine.dial_transport and not {theirs.dial_transport, mine.dial_transport} <= {
        *_ONE_PORT
    }:
        return True
    return _dotless(other.outbound_proxy) != _dotless(right.outbound_proxy)


def _dotless(proxy: str | None) -> str:
    """A proxy as it is compared: the dot at the end of a name says nothing."""
    return re.sub(r"(?<=[a-z])\.(?=[:;>]|$)", "", (proxy or "").lower())


def _bare(host: str) -> str:
    """A host as it is compared; a name may have a dot behind it, an address may not."""
    bare = host.lower().strip("[]")
    return bare if bare[:-1].replace(".", "").isdigit() else bare.rstrip(".")


def astray(before: Parsed, after: Parsed) -> str:
    """Why nobody should log in with `after`: it leads to another machine, or to the carrier by another spelling.

    Empty where it does neither. A slip in an address makes another address, of somebody whom a test must not call, but
    for those of loopback. And ``127.0.01`` is the carrier for most systems, whatever the dialect thinks of it.
    """
    mine = {host for each in before.registrations for host in _hosts(each)}
    known = {_address(host) for host in mine}
    for host in (host for each in after.registrations for host in _hosts(each) if host not in mine):
        address = _address(host)
        if address is not None and address in known:
            return "it still leads to the carrier"
        if address is not None and not address.is_loopback:
            return "it leads to another machine"
    return ""


def _hosts(each: Registration) -> list[str]:
    trunk = each.trunk
    proxy = _PROXY_HOST.match(each.outbound_proxy or "")
    return [_bare(host) for host in (trunk.dial_host, trunk.host, proxy[1] if proxy else "") if host]


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is, as the C library reads it: fewer parts, octal and hexadecimal included; or None."""
    host = host.strip(" \t\r\n")
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host.partition("%")[0])
        except ValueError:
            return None
    parts = host.split(".")
    try:
        numbers = [_part(part) for part in parts]
    except ValueError:
        return None
    if len(numbers) > _OCTETS or any(number > 255 for number in numbers[:-1]):
        return None
    free = 8 * (_OCTETS + 1 - len(numbers))
    if numbers[-1] >> free:
        return None
    return ipaddress.IPv4Address(sum(number << 24 - 8 * at for at, number in enumerate(numbers[:-1])) + numbers[-1])


def _part(text: str) -> int:
    """A number as C writes it. Raises ValueError for what is none."""
    if not text.isascii() or not text.isalnum():
        raise ValueError(text)
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    return int(text, 8 if text[0] == "0" and len(text) > 1 else 10)
