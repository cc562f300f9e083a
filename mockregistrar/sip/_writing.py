"""Messages to octets, and where they go. See :mod:`mockregistrar.sip.message`."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from mockregistrar.sip._model import Request
from mockregistrar.sip._usual import UsualRequest
from mockregistrar.sip.errors import ParseError
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.grammar import is_token, split_list
from mockregistrar.sip.uri import canonical_host

REASONS: Final = MappingProxyType(
    {
        100: "Trying",
        180: "Ringing",
        181: "Call Is Being Forwarded",
        182: "Queued",
        183: "Session Progress",
        200: "OK",
        202: "Accepted",
        300: "Multiple Choices",
        301: "Moved Permanently",
        302: "Moved Temporarily",
        305: "Use Proxy",
        380: "Alternative Service",
        400: "Bad Request",
        401: "Unauthorized",
        402: "Payment Required",
        403: "Forbidden",
        404: "Not Found",
        405: "Method Not Allowed",
        406: "Not Acceptable",
        407: "Proxy Authentication Required",
        408: "Request Timeout",
        410: "Gone",
        413: "Request Entity Too Large",
        414: "Request-URI Too Long",
        415: "Unsupported Media Type",
        416: "Unsupported URI Scheme",
        420: "Bad Extension",
        421: "Extension Required",
        422: "Session Interval Too Small",
        423: "Interval Too Brief",
        429: "Provide Referrer Identity",
        439: "First Hop Lacks Outbound Support",
        480: "Temporarily Unavailable",
        481: "Call/Transaction Does Not Exist",
        482: "Loop Detected",
        483: "Too Many Hops",
        484: "Address Incomplete",
        485: "Ambiguous",
        486: "Busy Here",
        487: "Request Terminated",
        488: "Not Acceptable Here",
        489: "Bad Event",
        491: "Request Pending",
        493: "Undecipherable",
        500: "Server Internal Error",
        501: "Not Implemented",
        502: "Bad Gateway",
        503: "Service Unavailable",
        504: "Server Time-out",
        505: "Version Not Supported",
        513: "Message Too Large",
        580: "Precondition Failure",
        600: "Busy Everywhere",
        603: "Decline",
        604: "Does Not Exist Anywhere",
        606: "Not Acceptable",
    }
)
"""The usual phrase of each status (section 21 and the IANA registry)."""


def response(
    request: Request,
    status: int,
    reason: str = "",
    *,
    to_tag: str,
    source: tuple[str, int] | None = None,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
) -> bytes:
    """Return the octets of an answer (8.2.6).

    Via, From, To, Call-ID and CSeq are copied as they are; To gets ``to_tag`` if it has no tag.
    With ``source`` (where the request came from) the top-most Via says so: ``received`` always if
    the sender asked for ``rport``, named another host, or had forged one (18.2.1, :rfc:`3581`).
    What the request lacks or what is malformed in it is left out or as it was: a 400 must go out too.

    :param to_tag: empty adds none (100 Trying).
    :param headers: further fields; not Content-Length, which is always added.
    :raises ValueError: a CR or LF in a value, a name or the reason.
    """
    if type(request) is UsualRequest and source is not None and not body:
        return _usual_response(request, status, reason, to_tag, source, headers)
    fields = request.headers
    copied = ""
    count = 3
    if vias := fields.get("via"):
        copied = f"Via: {vias[0] if source is None else _stamped(request, vias[0], source)}\r\n"
        for via in vias[1:]:
            copied += f"Via: {via}\r\n"
        count += len(vias)
    tag = "" if not to_tag or _has_to_tag(request) else f";tag={to_tag}"
    try:
        copied += (
            f"From: {fields['from'][0]}\r\nTo: {fields['to'][0]}{tag}\r\n"
            f"Call-ID: {fields['call-id'][0]}\r\nCSeq: {fields['cseq'][0]}\r\n"
        )
        count += 4
    except KeyError:
        for name in ("From", "To", "Call-ID", "CSeq"):
            if (value := request.first(name)) is not None:
                copied += f"{name}: {value}{tag if name == 'To' else ''}\r\n"
                count += 1
    for name, value in headers:
        copied += f"{name}: {value}\r\n"
        count += 1
    head = f"SIP/2.0 {status} {reason or REASONS.get(status, '')}\r\n{copied}Content-Length: {len(body)}\r\n\r\n"
    if head.count("\n") != count or head.count("\r") != count:
        raise ValueError("a header field of the response holds a CR or LF")
    return head.encode("utf-8", "surrogateescape") + body


def _usual_response(
    request: UsualRequest,
    status: int,
    reason: str,
    to_tag: str,
    source: tuple[str, int],
    headers: Iterable[tuple[str, str]],
) -> bytes:
    """Return what :func:`response` returns, for a request whose fields are at hand and known to be there."""
    via = request.via_value
    if request.rport and "%" not in source[0]:
        via = via.replace(";rport", f";received={source[0]};rport={source[1]}", 1)
    else:
        via = _stamped(request, via, source)
    tag = "" if not to_tag or request.to_tag is not None else f";tag={to_tag}"
    more = [f"{name}: {value}\r\n" for name, value in headers]
    head = (
        f"SIP/2.0 {status} {reason or REASONS.get(status, '')}\r\n"
        f"Via: {via}\r\nFrom: {request.from_value}\r\nTo: {request.to_value}{tag}\r\n"
        f"Call-ID: {request.call_id}\r\nCSeq: {request.cseq_value}\r\n"
        f"{''.join(more)}Content-Length: 0\r\n\r\n"
    )
    count = 8 + len(more)
    if head.count("\n") != count or head.count("\r") != count:
        raise ValueError("a header field of the response holds a CR or LF")
    return head.encode("utf-8", "surrogateescape")


def _has_to_tag(request: Request) -> bool:
    try:
        return request.to_tag is not None
    except ParseError:  # nothing can be added to what cannot be read; the 400 says so
        return True


def _stamped(request: Request, value: str, source: tuple[str, int]) -> str:
    """Return the first Via field with ``received`` and ``rport`` in its first element."""
    host, port = source
    if "%" in host:  # the zone of a link-local address means nothing to the other side
        host = host.partition("%")[0]
    try:
        if request._plain_via:
            if request.rport:
                return value.replace(";rport", f";received={host};rport={port}", 1)
            return value if request.sent_host == host else f"{value};received={host}"
        from mockregistrar.sip.headers import Via

        first = split_list(value)[0]
        via = Via.parse(first)
    except (ParseError, IndexError):  # answered with 400 and the Via it came with
        return value
    kept = [(name, old) for name, old in via.params if name.lower() not in ("received", "rport")]
    itself = canonical_host(f"[{host}]" if ":" in host else host) == canonical_host(via.host)
    if itself and len(kept) == len(via.params):
        return value
    kept.append(("received", host))
    if via.has_rport:
        kept.append(("rport", str(port)))
    stamped = Via(via.protocol, via.transport, via.host, via.port, tuple(kept))
    return f"{stamped}{value[len(first) :]}"


def response_target(request: Request, flow: Flow) -> tuple[str, int]:
    """Return where an answer goes (18.2.2, :rfc:`3581` 4).

    Over a connection: back on it. Over UDP: to ``maddr`` if the top Via names one; else to the
    source address, at the source port if ``rport`` was asked for, at the port of sent-by otherwise
    (5060 if it has none). A Via that cannot be read is answered at the source.
    """
    if flow.transport != "udp" or (request._plain_via and request.rport):
        return flow.remote
    try:
        maddr = None if request._plain_via else request.top_via.maddr
        if request.rport and not maddr:
            return flow.remote
        return (maddr.strip("[]") if maddr else flow.remote[0], request.sent_port or 5060)
    except ParseError:
        return flow.remote


def build_request(method: str, uri: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> bytes:
    """Return the octets of a request; Content-Length is added, the rest is the caller's.

    :raises ValueError: a CR or LF anywhere, white space in ``uri``, or a method that is no token.
    """
    if not is_token(method) or not uri or any(blank in uri for blank in " \t"):
        raise ValueError("the method is no token or the URI is empty or holds white space")
    lines = [
        f"{method} {uri} SIP/2.0",
        *[f"{name}: {value}" for name, value in headers],
        f"Content-Length: {len(body)}",
    ]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header field of the request holds a CR or LF")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body
