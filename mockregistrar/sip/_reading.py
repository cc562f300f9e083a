"""Octets to messages. See :mod:`mockregistrar.sip.message` for the theory of operation."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from mockregistrar.sip._model import Message, Request, Response, bad, doubled
from mockregistrar.sip._usual import read_usual
from mockregistrar.sip.errors import BAD_REQUEST, ParseError
from mockregistrar.sip.grammar import (
    LONG_NAMES,
    METHODS,
    TOKEN,
    WS,
    excerpt,
    is_token,
    parse_number,
    printed_name,
    split_head,
    unfold,
)


class Limits(NamedTuple):
    """How much one message may hold; beyond it is a 513."""

    head: int = 65535
    """Octets of start line and header fields."""
    fields: int = 256
    """Header lines, folds included."""


DEFAULT_LIMITS: Final = Limits()

_MEMO_SIZE: Final = 1024
_MEMO_KEY: Final = 64
_TOP_LENGTH: Final = 2**32
_ZERO: Final = ["0"]
_START_RE: Final = re.compile(rf"({TOKEN}) ([^ \t\r\n]+) (SIP/[0-9]+\.[0-9]+)", re.IGNORECASE)
_VERSION_RE: Final = re.compile(r"SIP/[0-9]+\.[0-9]+", re.IGNORECASE)
_STATUS_RE: Final = re.compile(r"SIP/2\.0 ([0-9]+)(?: ([^\r\n]*))?", re.IGNORECASE)
_NAME_RE: Final = re.compile(rf"({TOKEN})[ \t]*")

_names: dict[str, str] = {}
"""Header names as written before the colon -> lower-case long name; tokens only."""


def _learn(raw: str) -> str | None:
    """Return the long name of a header name as written, remembering it; ``None`` if it is none."""
    key = _names.get(raw)
    if key is None:
        found = _NAME_RE.fullmatch(raw)
        if found is None:
            return None
        key = found[1].lower()
        key = LONG_NAMES.get(key, key)
        if len(raw) <= _MEMO_KEY:
            if len(_names) >= _MEMO_SIZE:
                _names.clear()
            _names[raw] = key
    return key


def parse(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Request | Response:
    """Parse one datagram, or one message a framer cut out of a stream.

    Octets behind the body are ignored (18.3); so are line ends before the start line (7.5).

    :raises ParseError: 400 or 513, with ``request`` holding what could be read; without status
        when there is nobody to answer: no request line, or a malformed response.
    """
    if limits is DEFAULT_LIMITS and (usual := read_usual(data)) is not None:
        return usual
    return parse_unusual(data, limits)


def parse_unusual(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Request | Response:
    """Parse as :func:`parse` does, without its shortcut for the usual REGISTER."""
    end = len(data) - 4 if data.endswith(b"\r\n\r\n") else data.find(b"\r\n\r\n")
    if not 0 < end <= limits.head:
        return _parse_carefully(data, limits)
    headers: dict[str, list[str]] = {}
    names = _names
    try:
        lines = data[:end].decode().split("\r\n")
        together = "".join(lines)
        method, uri, version = lines[0].split(" ")
        del lines[0]
        for line in lines:
            raw, value = line.split(":", 1)
            headers[names[raw]] = [value.strip(" \t")]
    except (KeyError, ValueError):  # an unknown name, a fold, an empty line, a start line to look at, no UTF-8
        return _parse_carefully(data, limits)
    if version != "SIP/2.0" or method not in METHODS or not uri or len(lines) > limits.fields:
        return _parse_carefully(data, limits)
    if "\n" in together or "\r" in together:
        return _parse_carefully(data, limits)
    doubled = len(headers) != len(lines)
    if doubled:
        headers = {}
        for line in lines:
            raw, value = line.split(":", 1)
            headers.setdefault(names[raw], []).append(value.strip(" \t"))
    request = Request(data, headers, b"", method, uri, version)
    request._doubled = doubled
    if headers.get("content-length") != _ZERO:
        request.body = _body(request, data, end + 4)
    return request


def _parse_carefully(data: bytes, limits: Limits) -> Request | Response:
    """Parse anything, line by line; at the end report the first thing that was wrong."""
    head, body_at = split_head(data)
    problem: ParseError | None = None
    if body_at < 0:
        problem = ParseError(
            BAD_REQUEST, "Incomplete Head", "no empty line (CR LF CR LF) ends the header fields", field="message"
        )
        head = head.removesuffix("\r\n")
    lines = head.split("\r\n")
    start = lines[0]
    if "\n" in start and len(lines) == 1 and "\r" not in start:
        problem = ParseError(BAD_REQUEST, "Bare Line Feed", "the lines end in LF alone, not in CR LF", field="message")
        lines = start.partition("\n\n")[0].split("\n")
        start = lines[0]
    message: Request | Response
    if start[:4].upper() == "SIP/":
        message, found = _read_status_line(data, start)
    else:
        message, found = _read_request_line(data, start)
    problem = problem or found
    if len(head) > limits.head or len(lines) - 1 > limits.fields:
        problem = problem or ParseError(513, "Message Too Large", "the head is larger than the limit", field="message")
    found = _read_fields(message.headers, lines[1:])
    problem = problem or found
    if problem is None:
        message.body = _body(message, data, body_at)
        return message
    raise _about(problem, message)


def _about(problem: ParseError, message: Message) -> ParseError:
    if isinstance(message, Request):
        problem.request = message
    else:
        problem.status = None
    return problem


def _read_request_line(data: bytes, start: str) -> tuple[Request, ParseError | None]:
    found = _START_RE.fullmatch(start)
    if found is not None:
        return Request(data, {}, b"", found[1], found[2], found[3]), None
    method, _, rest = start.replace("\t", " ").strip(" ").partition(" ")
    uri, _, version = rest.rpartition(" ")
    if not is_token(method) or _VERSION_RE.fullmatch(version) is None:
        if not start:
            raise ParseError(None, "", "nothing but line ends: a keep-alive", field="message")
        raise ParseError(None, "", f"no SIP: the first line is {excerpt(start, 60)}", field="start line")
    problem = ParseError(
        BAD_REQUEST,
        "Malformed Request Line",
        "expected a method, a URI and the version, with one blank between them and none around",
        field="start line",
    )
    return Request(data, {}, b"", method, uri.strip(" "), version), problem


def _read_status_line(data: bytes, start: str) -> tuple[Response, ParseError | None]:
    found = _STATUS_RE.fullmatch(start)
    status = parse_number(found[1], 1000) if found is not None else None
    if found is None or status is None or len(found[1]) != 3 or not 100 <= status <= 699:
        raise ParseError(None, "", "no status line of SIP/2.0 with a status from 100 to 699", field="start line")
    return Response(data, {}, b"", status, found[2] or ""), None


def _read_fields(headers: dict[str, list[str]], lines: list[str]) -> ParseError | None:
    """Add the fields of unfolded ``lines``; return the first problem, having read all there is."""
    problem = None
    if lines and lines[0][:1] in (" ", "\t"):
        problem = _line_problem("the first header line begins with white space", lines[0])
    for line in unfold(lines):
        raw, colon, value = line.partition(":")
        key = _learn(raw) if colon else None
        if key is None:
            problem = problem or _line_problem("a line is no header field (name: value)", line)
            continue
        if "\r" in value or "\n" in value:
            name = printed_name(key)
            problem = problem or ParseError(
                BAD_REQUEST, f"Malformed {name}", "a CR or LF stands alone in the value", field=name
            )
            value = value.replace("\r", " ").replace("\n", " ")
        headers.setdefault(key, []).append(value.strip(WS))
    return problem


def _line_problem(detail: str, line: str) -> ParseError:
    return ParseError(BAD_REQUEST, "Malformed Header Line", f"{detail}: {excerpt(line, 40)}", field="header")


def _body(message: Message, data: bytes, start: int) -> bytes:
    """Return the body by Content-Length; without one, all that follows the head (18.3)."""
    values = message.headers.get("content-length")
    if values is None:
        return data[start:]
    length = parse_number(values[0], _TOP_LENGTH)
    rest = len(data) - start
    if len(values) > 1:
        problem = doubled("content-length")
    elif length is None:
        problem = bad("Content-Length", f"expected a number of octets, found {excerpt(values[0])}")
    elif length > rest:
        problem = bad("Content-Length", f"it promises {length} octets of body, but only {rest} follow")
    else:
        return data[start : start + length]
    raise _about(problem, message)
