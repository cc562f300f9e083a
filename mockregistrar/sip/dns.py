"""DNS messages, as far as finding a SIP server goes (:rfc:`3263`): questions read, answers written (:rfc:`1035` 4).

Records: A and AAAA (:rfc:`3596`), SRV (:rfc:`2782`), NAPTR (:rfc:`3403`). Names are text without the last dot.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NOERROR: Final = 0
FORMERR: Final = 1
SERVFAIL: Final = 2
NXDOMAIN: Final = 3
NOTIMP: Final = 4

TYPES: Final = {
    1: "A",
    2: "NS",
    5: "CNAME",
    6: "SOA",
    12: "PTR",
    15: "MX",
    16: "TXT",
    28: "AAAA",
    33: "SRV",
    35: "NAPTR",
}
"""Names of the types that clients of a SIP server ask for, or might."""
_NUMBERS: Final = {name: number for number, name in TYPES.items()}
_HEADER: Final = struct.Struct("!6H")
_INTERNET: Final = 1
_RESPONSE, _AUTHORITATIVE, _RECURSION = 0x8000, 0x0400, 0x0100
_POINTER_TO_QUESTION: Final = b"\xc0\x0c"


class NotDns(ValueError):  # noqa: N818 - says what the octets are not
    """Octets that are no DNS query, so that there is nothing to answer."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question."""

    number: int
    """What the answer is matched by."""
    name: str
    type: str
    """``A``, ``SRV``; ``TYPE65`` for one without a name here."""
    question: bytes
    """The question as it stood."""
    recursion: bool
    opcode: int = 0


@dataclass(frozen=True, slots=True)
class ResourceRecord:
    """One record of an answer."""

    type: str
    data: bytes

    @classmethod
    def address(cls, host: str) -> ResourceRecord:
        """Return the A or AAAA record of an address."""
        address = ipaddress.ip_address(host)
        return cls("A" if address.version == 4 else "AAAA", address.packed)

    @classmethod
    def srv(cls, priority: int, weight: int, port: int, target: str) -> ResourceRecord:
        """Return an SRV record."""
        return cls("SRV", struct.pack("!3H", priority, weight, port) + _encoded(target))

    @classmethod
    def naptr(cls, order: int, preference: int, service: str, replacement: str) -> ResourceRecord:
        """Return a NAPTR record with flag ``s``: an SRV name follows."""
        texts = b"".join(bytes([len(text)]) + text.encode("ascii") for text in ("s", service, ""))
        return cls("NAPTR", struct.pack("!2H", order, preference) + texts + _encoded(replacement))


def parse_query(data: bytes) -> Query:
    """Return the question of a query; raise `NotDns` for what is none, an answer included."""
    if len(data) < _HEADER.size:
        raise NotDns(f"{len(data)} octets, a header has {_HEADER.size}")
    number, flags, questions, *_ = _HEADER.unpack_from(data)
    if flags & _RESPONSE:
        raise NotDns("an answer, and nothing was asked")
    if questions != 1:
        raise NotDns(f"{questions} questions, where one is usual")
    labels: list[str] = []
    at = _HEADER.size
    while True:
        length = data[at] if at < len(data) else 64
        if length > 63 or at + 1 + length > len(data):
            raise NotDns("the name of the question ends beyond the datagram, or is compressed")
        at += 1
        if not length:
            break
        labels.append(data[at : at + length].decode("latin-1"))
        at += length
    if at + 4 > len(data):
        raise NotDns("the question has no type")
    kind, _ = struct.unpack_from("!2H", data, at)
    question = data[_HEADER.size : at + 4]
    name = TYPES.get(kind, f"TYPE{kind}")
    return Query(number, ".".join(labels).lower(), name, question, bool(flags & _RECURSION), flags >> 11 & 15)


def answer(query: Query, status: int = NOERROR, records: Iterable[ResourceRecord] = ()) -> bytes:
    """Return the answer to a query. Its records live 0 seconds, so that nobody keeps them (:rfc:`2181` 8)."""
    found = list(records)
    flags = _RESPONSE | _AUTHORITATIVE | (_RECURSION if query.recursion else 0) | query.opcode << 11 | status
    parts = [_HEADER.pack(query.number, flags, 1, len(found), 0, 0), query.question]
    for record in found:
        head = struct.pack("!2HIH", _NUMBERS[record.type], _INTERNET, 0, len(record.data))
        parts += [_POINTER_TO_QUESTION, head, record.data]
    return b"".join(parts)


def _encoded(name: str) -> bytes:
    labels = [label.encode("latin-1") for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
