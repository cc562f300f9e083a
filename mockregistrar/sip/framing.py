"""Cutting a stream into messages (:rfc:`3261` 18.3), and naming what is no SIP at all.

A message on a stream is its head, up to the first empty line, and as many octets of body as its
Content-Length says. There is no other way to find the next message, so a missing, doubled or
malformed Content-Length ends the stream. Between messages, CR LF CR LF is a ping to be answered with
CR LF, and a lone CR LF is the answer to ours or an idle line (:rfc:`5626` 4.4.1, :rfc:`3261` 7.5).

The framer keeps one buffer and remembers how far it has looked for the empty line, so that a message
fed octet by octet costs as much in total as one fed whole. The first octet and the first line of a
message are looked at as soon as they are there: a TLS handshake on a TCP port is told at once, not
when a limit is reached.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from mockregistrar.sip.errors import FramingError
from mockregistrar.sip.grammar import excerpt, parse_number

_END: Final = b"\r\n\r\n"
_LENGTH_RE: Final = re.compile(
    rb"\r\n(?:content-length|l)[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)(?=\r\n)", re.IGNORECASE
)
_START_RE: Final = re.compile(
    rb"SIP/[0-9]+\.[0-9]+ [0-9]|[-.!%*_+`'~0-9A-Za-z]+[ \t].*SIP/[0-9]+\.[0-9]+[ \t]*\Z", re.IGNORECASE | re.DOTALL
)
_TOKEN_OCTETS: Final = frozenset(b"-.!%*_+`'~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LENGTH_CEILING: Final = 2**63

_BEGINNINGS: Final = (
    (rb"\x16\x03[\x00-\x04]..\x01", re.DOTALL, "TLS ClientHello"),
    (rb"[\x14-\x17]\x03[\x00-\x04]|\x16\x03?\Z", 0, "TLS"),
    (rb"[\x14-\x17]\xfe[\xfc-\xff]", 0, "DTLS"),
    (rb"[\x00-\x3f].{3}\x21\x12\xa4\x42", re.DOTALL, "STUN"),
    (rb"[\x80-\xff].{9}\x06[\x01-\x28]", re.DOTALL, "IAX2"),
    (rb"[\x80-\xbf][\xc0-\xdf].{6}", re.DOTALL, "RTCP"),
    (rb"[\x80-\xbf].{11}", re.DOTALL, "RTP"),
    (rb"\r\n\r\n\x00\r\nQUIT\n|PROXY (?:TCP|UNKNOWN)", 0, "PROXY protocol"),
    (rb"[A-Z]+ [^\r\n]* RTSP/[0-9]|RTSP/[0-9]", 0, "RTSP"),
    (rb"[A-Z]+ [^\r\n]* HTTP/[0-9]|HTTP/[0-9]|(?:GET|HEAD|POST|PUT|DELETE) /", 0, "HTTP"),
    (rb"[A-Z]{4} [0-9]+ [^\r\n]* MGCP [0-9]", 0, "MGCP"),
    (rb"SSH-[0-9]", 0, "SSH"),
    (rb"(?:EHLO|HELO) ", 0, "SMTP"),
    (rb"Action: |Asterisk Call Manager", 0, "Asterisk Manager Interface"),
    (rb"<\?xml|<stream:", 0, "XML"),
    (rb"\x03\x00.{2}", re.DOTALL, "H.323 (TPKT)"),
    (rb"\x05[\x01-\x04][\x00-\x04]|\x04\x01", 0, "SOCKS"),
    (rb"[\r\n]+\Z", 0, "keep-alive (line ends)"),
    (rb"\x00+\Z", 0, "keep-alive (zero octets)"),
)


@cache
def _beginnings() -> tuple[tuple[re.Pattern[bytes], str], ...]:
    """Return the patterns of :data:`_BEGINNINGS`; most carriers never see what is no SIP."""
    return tuple((re.compile(pattern, flags), name) for pattern, flags, name in _BEGINNINGS)


def sniff(data: bytes) -> str | None:
    """Name what a datagram, or the beginning of a stream, is if it is no SIP.

    One of ``TLS ClientHello``, ``TLS``, ``DTLS``, ``STUN``, ``IAX2``, ``RTCP``, ``RTP``, ``HTTP``, ``RTSP``,
    ``MGCP``, ``SSH``, ``SMTP``, ``XML``, ``H.323 (TPKT)``, ``SOCKS``, ``PROXY protocol``,
    ``Asterisk Manager Interface``, ``keep-alive (line ends)``, ``keep-alive (zero octets)``; ``None`` for
    SIP and for what is not recognised. A guess from a few octets, for people to read.
    """
    beginning = bytes(data[:512])
    for pattern, name in _beginnings():
        if pattern.match(beginning):
            return name
    return None


class KeepAlive(enum.Enum):
    """What may stand between messages."""

    PING = "ping"
    """CR LF CR LF: to be answered with CR LF (:rfc:`5626` 4.4.1)."""


class StreamFramer:
    """Cuts one stream into messages; feed it whatever slices the network gives.

    :param max_head: octets of start line and header fields, the empty line included.
    :param max_body: octets of body.
    """

    __slots__ = ("_broken", "_buffer", "_line_seen", "_looked", "_max_body", "_max_head", "_need")

    def __init__(self, max_head: int = 65536, max_body: int = 1 << 20) -> None:
        self._max_head = max_head
        self._max_body = max_body
        self._buffer = bytearray()
        self._broken: FramingError | None = None
        self._next_message()

    def _next_message(self) -> None:
        self._looked = 0
        self._line_seen = False
        self._need = 0

    @property
    def pending(self) -> int:
        """How many octets of an unfinished message are waiting; 0 between messages."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes | KeepAlive]:
        """Take a slice of the stream; yield each message that is complete now, and pings, in order.

        The octets are taken at once, the messages are cut as they are asked for.

        :raises FramingError: from the iterator, when the stream cannot go on; and ever after.
        """
        self._buffer += data
        return self._messages()

    def _messages(self) -> Iterator[bytes | KeepAlive]:
        if self._broken is not None:
            raise self._broken
        try:
            while self._buffer:
                if not self._need:
                    line_ends = self._line_ends()
                    if line_ends is None:
                        return
                    if line_ends:
                        del self._buffer[:line_ends]
                        if line_ends == len(_END):
                            yield KeepAlive.PING
                        continue
                    if not self._find_head():
                        return
                if len(self._buffer) < self._need:
                    return
                message = bytes(self._buffer[: self._need])
                del self._buffer[: self._need]
                self._next_message()
                yield message
        except FramingError as error:
            self._broken = error
            self._buffer.clear()
            raise

    def _line_ends(self) -> int | None:
        """Return how many octets of line ends stand here: 4, 2 or none; ``None``: that cannot be told yet."""
        beginning = bytes(self._buffer[:4])
        if beginning == _END:
            return 4
        if _END.startswith(beginning):
            return None
        return 2 if beginning[:2] == b"\r\n" else 0

    def _find_head(self) -> bool:
        """Find the end of the head, and with it the length of the message; return whether it is there."""
        buffer = self._buffer
        if not self._line_seen:
            self._look_at_beginning()
        at = buffer.find(_END, self._looked)
        size = len(buffer) if at < 0 else at + len(_END)
        if size > self._max_head:
            raise FramingError(f"the head is larger than {self._max_head} octets")
        if at < 0:
            self._looked = max(0, len(buffer) - len(_END) + 1)
            return False
        head = bytes(buffer[:size])
        length = _content_length(head)
        if length > self._max_body:
            raise FramingError(
                f"Content-Length announces {length} octets of body, the limit is {self._max_body}", head=head
            )
        self._need = size + length
        return True

    def _look_at_beginning(self) -> None:
        """Refuse at once what begins like anything but SIP."""
        buffer = self._buffer
        if buffer[0] not in _TOKEN_OCTETS:
            raise FramingError(_no_sip(bytes(buffer[:512])))
        end = buffer.find(b"\n", self._looked)
        if end < 0:
            return
        self._line_seen = True
        line = bytes(buffer[:end])
        if not line.endswith(b"\r"):
            raise FramingError(
                _no_sip(line) if _START_RE.match(line) is None else "the first line ends in LF alone, not in CR LF"
            )
        if _START_RE.match(line[:-1]) is None:
            raise FramingError(_no_sip(line))


def _content_length(head: bytes) -> int:
    values = _LENGTH_RE.findall(head)
    if not values:
        raise FramingError(
            "there is no Content-Length: without it (RFC 3261 20.14) the next message cannot be found",
            head=head,
        )
    if len(values) > 1:
        raise FramingError("there are several Content-Length fields", head=head)
    text = values[0].decode("latin-1").strip(" \t\r\n")
    length = parse_number(text, _LENGTH_CEILING)
    if length is None:
        raise FramingError(f"Content-Length is no number of octets: {excerpt(text)}", head=head)
    return length


def _no_sip(beginning: bytes) -> str:
    name = sniff(beginning)
    text = excerpt(beginning[:40].decode("latin-1"), 40)
    return f"no SIP: this looks like {name}" if name else f"no SIP: a message cannot begin with {text}"
