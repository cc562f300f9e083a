"""One line about one message: what a person needs of it to follow a conversation.

Nothing here judges. What cannot be read is said to be unreadable, and what is not SIP is named for
what it looks like; a description never raises, whatever the octets are.

Each part of a description says whether it belongs to the message's *sameness*: a second REGISTER is
the same again though its CSeq and nonce count are one higher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mockregistrar.sip.challenge import Challenge
from mockregistrar.sip.credentials import Credentials
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.framing import sniff
from mockregistrar.sip.headers import STAR, NameAddr, parse_expires
from mockregistrar.sip.message import Message, Request, Response, parse

_KEEP_ALIVES = {b"\r\n\r\n": "keep-alive (CRLF CRLF)", b"\r\n": "keep-alive (CRLF)", b"\0": "keep-alive (NUL)"}
_CHALLENGES = (("www-authenticate", "WWW-Authenticate"), ("proxy-authenticate", "Proxy-Authenticate"))
_CREDENTIALS = ("authorization", "proxy-authorization")


@dataclass(frozen=True, slots=True)
class Part:
    """One detail, and whether it must agree for two messages to count as the same again."""

    text: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Description:
    """What a message is, in words."""

    kind: Literal["request", "response", "other"]
    """``other``: no SIP message, or an unreadable one."""
    head: str
    """The method; the status and its phrase; the size and what it is."""
    uri: str = ""
    """The Request-URI as written."""
    parts: tuple[Part, ...] = ()
    """The details, the most telling first."""
    status: int | None = None
    """Status of a response."""

    @property
    def sameness(self) -> tuple[str, ...]:
        """What agrees for all messages that are the same again."""
        return (self.head, self.uri, *(part.text for part in self.parts if part.counts))


def describe(data: bytes) -> Description:
    """Return a description of the octets of one message."""
    if data in _KEEP_ALIVES:
        return Description("other", _KEEP_ALIVES[data])
    try:
        message = parse(data)
    except ParseError as error:
        return _unreadable(data, error)
    if isinstance(message, Request):
        return Description("request", message.method, message.uri, tuple(_request_parts(message)))
    if isinstance(message, Response):
        head = f"{message.status} {message.reason}".rstrip()
        return Description("response", head, "", tuple(_response_parts(message)), message.status)
    raise TypeError(f"neither a request nor a response: {message!r}")


def _unreadable(data: bytes, error: ParseError) -> Description:
    size = "1 octet" if len(data) == 1 else f"{len(data)} octets"
    looks_like = sniff(data)
    if looks_like is not None:
        return Description("other", f"{size}, not SIP ({looks_like})")
    return Description("other", f"{size}, malformed", "", (Part(str(error)),))


def _request_parts(request: Request) -> list[Part]:
    parts = _cseq(request)
    for name in _CREDENTIALS:
        for value in request.headers.get(name, ()):
            parts += _credentials(value)
    if request.method == "REGISTER" and (asked := _asked(request)):
        parts.append(Part(asked))
    return parts


def _cseq(message: Message) -> list[Part]:
    number = (message.first("cseq") or "").partition(" ")[0]
    return [Part(f"cseq {number}", counts=False)] if number else [Part("no CSeq")]


def _credentials(value: str) -> list[Part]:
    try:
        credentials = Credentials.parse(value)
    except ParseError:
        return [Part("unreadable credentials")]
    if credentials.scheme.lower() != "digest":
        return [Part(f"{credentials.scheme} credentials")]
    parts = [Part("Digest without user" if credentials.username is None else f"Digest user {credentials.username}")]
    if credentials.nc is not None:
        try:
            count = f"nc {int(credentials.nc, 16)}"
        except ValueError:
            count = f"nc {credentials.nc}"
        parts.append(Part(count, counts=False))
    return parts


def _contacts(message: Message) -> list[NameAddr] | Literal["*"]:
    try:
        contacts = message.contacts
    except ParseError:
        return []
    return "*" if contacts is STAR else contacts


def _asked(request: Request) -> str:
    contacts = _contacts(request)
    if contacts == "*":
        return "unregisters all"
    default = parse_expires(request.first("expires") or "")
    asked = {_expires(contact, default) for contact in contacts}
    if not contacts:
        return "asks what is bound"
    if asked == {0}:
        return "unregisters"
    return _seconds("asks", asked)


def _expires(contact: NameAddr, default: int | None) -> int | None:
    text = contact.param("expires")
    return default if text is None else parse_expires(text)


def _seconds(verb: str, expiries: set[int | None]) -> str:
    known = sorted(expiry for expiry in expiries if expiry is not None)
    if not known:
        return ""
    if len(known) > 2:
        return f"{verb} {known[0]} to {known[-1]} s"
    return f"{verb} {' and '.join(map(str, known))} s"


def _response_parts(response: Response) -> list[Part]:
    parts = [
        Part(text)
        for name, field in _CHALLENGES
        if (values := response.headers.get(name)) and (text := _challenges(values, field))
    ]
    if 200 <= response.status < 300 and (response.first("cseq") or "").endswith(" REGISTER"):
        parts.append(Part(_granted(response)))
    if 300 <= response.status < 400 and (contact := response.first("contact")):
        parts.append(Part(f"to {contact}"))
    for name, phrase in (("min-expires", "Min-Expires"), ("retry-after", "Retry-After"), ("warning", "Warning")):
        if value := response.first(name):
            parts.append(Part(f"{phrase} {value}"))
    return parts


def _granted(response: Response) -> str:
    contacts = _contacts(response)
    if contacts == "*" or not contacts:
        return "nothing bound"
    default = parse_expires(response.first("expires") or "")
    granted = _seconds("granted", {_expires(contact, default) for contact in contacts})
    return granted if len(contacts) == 1 else f"{len(contacts)} contacts, {granted}".removesuffix(", ")


def _challenges(values: list[str], field: str) -> str:
    """Return what all challenges of one field ask for: ``realm "acme", SHA-256 or MD5, qop auth``."""
    read = [_challenge(value, field) for value in values]
    challenges = [challenge for challenge in read if challenge is not None]
    if not challenges:
        return "unreadable challenge"
    realms = dict.fromkeys(f'"{challenge.realm}"' for challenge in challenges)
    algorithms = dict.fromkeys(challenge.algorithm or "MD5" for challenge in challenges)
    qualities = dict.fromkeys(quality for challenge in challenges for quality in challenge.qop)
    pieces = [f"realm {' or '.join(realms)}", " or ".join(algorithms)]
    pieces.append(f"qop {' or '.join(qualities)}" if qualities else "no qop")
    if any(challenge.stale for challenge in challenges):
        pieces.append("stale")
    return ", ".join(pieces)


def _challenge(value: str, field: str) -> Challenge | None:
    try:
        return Challenge.parse(value, field=field)
    except ParseError:
        return None
