"""Evidence behind the last `@`: host, port, extension and expiry."""

from __future__ import annotations

import re

from mockregistrar.trunks.c_numbers import c_integer, port_number
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.plausible import (
    UNITS,
    host_problem,
    is_ipv6,
    placeholder_host,
    repaired_host,
    repaired_number,
)
from mockregistrar.trunks.positions import decode

from .chan_sip_cuts import TRANSPORTS, Cut
from .chan_sip_notes import DNS_LOG, FROM_SCHEME, NUMERIC_LOG, PORT_LOG, Meaning

_SCHEME_AT_HOST = re.compile(rb"(sips?|tcp|tls|udp|wss?|https?):(//)?(?=[^/])", re.IGNORECASE)
_NOTE = re.compile("(?<!\\s)\\s+(?:#|//|--|[(\\[*<]|–|—|←).*".encode(), re.DOTALL)
_PARAMETER = re.compile(rb"(?:[;?&]|(?<!\s)\s)\s*transport\s*=\s*([A-Za-z]+)[^/~]*", re.IGNORECASE)
_IAX_PORT = 4569
_SHORT_EXPIRY = 60
_MISTYPED = frozenset((506, 560, 500, 60, 5600, 5006, 50600, 50060, 50660, 55060, 561, 501, 61, 5601, 50061, 50661))
"""5060 and 5061 with a digit too few, doubled, or two of them swapped, as far as nobody uses the number."""


def host_half(m: Meaning) -> None:
    """Judge what stands behind the last `@`."""
    if not m.known or m.cut().refused is not None:
        return
    _note_behind(m)
    _parameter(m)
    _scheme(m)
    _ipv6(m)
    cut_ = m.cut()
    if cut_.refused is not None:
        return
    _port(m, cut_)
    _expiry(m, cut_)
    _extension(m, m.cut())
    _host(m, m.cut())


def _note_behind(m: Meaning) -> None:
    at = m.halves()
    match = _NOTE.search(m.work.data, at + 1)
    if match is None or match.start() == at + 1:
        return
    cut_ = m.cut()
    names = [n for n, (a, b) in cut_.fields.items() if a < match.end() and b > match.start() and n != "raw_extension"]
    span = m.work.span(match.start() + 1, match.end())
    if names and set(names) <= {"port", "expiry"}:
        m.note(
            "SR132",
            span,
            "This is no comment: only `;` starts one. It does no harm here, because Asterisk stops reading a number at "
            "the blank.",
            severity="hint",
        )
    else:
        what = {"host": "the host name", "extension": "the extension"}.get(names[0] if names else "", "the value")
        m.note(
            "SR108",
            span,
            "This is no comment: only `;` starts one. Asterisk takes it for a part of {0}.",
            what,
            trigger=True,
        )
    m.work = m.work.part(0, match.start())


def _parameter(m: Meaning) -> None:
    at = m.halves()
    match = _PARAMETER.search(m.work.data, at + 1)
    if match is None:
        return
    word = decode(match.group(1)).lower()
    transport = FROM_SCHEME.get(word, "udp")
    m.overrides["transport"] = transport
    m.note(
        "SR114",
        m.work.span(match.start(), match.end()),
        "`{0}transport={1}` cannot be written here: Asterisk takes it for a part of the host or the port, or for a "
        "comment. The transport stands in front, with `://`.",
        decode(match.group()[:1]).strip(),
        word,
        trigger=True,
    )
    m.work = m.work.replace(match.start(), match.end(), b"")
    if transport == "tls" and "port" not in m.cut().fields:
        m.overrides["port"] = 5061


def _scheme(m: Meaning) -> None:
    at = m.halves()
    match = _SCHEME_AT_HOST.match(m.work.data, at + 1)
    if match is None or (not match.group(2) and re.match(rb"[0-9]+(?:[/~]|\Z)", m.work.data[match.end() :])):
        return
    word = decode(match.group(1)).lower()
    m.note(
        "SR118",
        m.work.span(match.start(), match.end()),
        "A bare host belongs behind the `@`: Asterisk takes `{0}` for the host name.",
        word,
        log=DNS_LOG,
        logged=("user", word),
        trigger=True,
    )
    m.work = m.work.replace(match.start(), match.end(), b"")
    transport = FROM_SCHEME.get(word) if word != "sip" else None
    if transport and "transport" not in m.cut().fields:
        m.overrides.setdefault("transport", transport)
        if transport == "tls" and "port" not in m.cut().fields:
            m.overrides["port"] = 5061


def _ipv6(m: Meaning) -> None:
    at = m.halves()
    match = re.compile(rb"[0-9A-Fa-f:.]{2,64}(?=[/~]|\s*\Z)").match(m.work.data, at + 1)
    if match is None or not is_ipv6(decode(match.group())):
        return
    host, port = decode(match.group()).split(":", 1)
    log, logged = (NUMERIC_LOG, host) if host.isdigit() else ("", "")
    if port_number(port.encode()) is None:
        log, logged = PORT_LOG, port
    m.note(
        "SR141",
        m.work.span(match.start(), match.end()),
        "An IPv6 address needs brackets: Asterisk ends the host at the first `:`.",
        log=log,
        logged=(logged,),
        trigger=True,
    )
    m.work = m.work.replace(match.start(), match.end(), b"[" + match.group() + b"]")


def _port(m: Meaning, cut_: Cut) -> None:
    if "port" not in cut_.fields:
        return
    octets = cut_.octets("port")
    text = decode(octets)
    span = m.work.span(*cut_.fields["port"])
    number = port_number(octets)
    repaired = repaired_number(text.strip())
    transport = cut_.text("transport")[:3].lower() or "udp"
    if number is None:
        default = 5061 if transport == "tls" else 5060
        named = text.strip().lower()
        m.note(
            "SR133",
            span if span.length else Span(span.line, span.column - 1, 1),
            "`{0}` is no port: Asterisk uses the default port {1}."
            if text
            else "There is no port behind `:`: Asterisk uses the default port {1}.",
            span,
            str(default),
            log=PORT_LOG,
            logged=(span if text else "",),
            severity="warning" if not text.strip() or repaired == default else None,
            trigger=(repaired is not None and 1 <= repaired <= 65535) or named in TRANSPORTS,
        )
        if named in TRANSPORTS:
            m.overrides |= {"transport": named, "port": 5061 if named == "tls" else 5060}
        elif repaired is not None and 1 <= repaired <= 65535:
            m.overrides["port"] = repaired
    elif re.fullmatch(r"\s*\+?[0-9]+\s*", text):
        _usual_port(m, span, number, transport)
    elif re.match(r"\s*[0-9]+\s*:", text):
        m.note("SR137", span, "There are two ports: Asterisk uses {0} and ignores the rest.", str(number))
    elif repaired is not None and repaired != number:
        odd = next((c for c in text.strip() if not c.isdigit()), "")
        at = text.index(odd)
        m.overrides["port"] = repaired
        m.note(
            "SR131",
            span,
            "`{0}` "
            + ("holds a blank" if odd == " " else f"holds the letter {odd}" if odd.isalpha() else f"holds `{odd}`")
            + " at column {2}: Asterisk stops reading there and uses port {1}, without a message.",
            span,
            str(number),
            str(span.column + at),
            trigger=True,
        )
    else:
        m.note(
            "SR132",
            span,
            "`{0}` is not only a number: Asterisk uses {1} and ignores the rest.",
            span,
            str(number),
            severity="hint" if re.match(r"\s*[0-9]+\s+[^0-9]", text) else None,
        )


def _usual_port(m: Meaning, span: Span, number: int, transport: str) -> None:
    if number == _IAX_PORT:
        m.note(
            "SR144",
            span,
            "Port 4569 is IAX2: a SIP registrar will not answer there. Is this a line of iax.conf?",
            instead={"port": 5060},
        )
    elif transport == "tls" and number == 5060:
        m.note("SR117", span, "TLS to port 5060: most carriers have TLS on 5061.", instead={"port": 5061})
    elif transport != "tls" and number == 5061:
        m.note(
            "SR117",
            span,
            "Port 5061 is usually TLS, but this line uses {0}.",
            transport,
            instead={"transport": "tls"},
        )
    elif number in _MISTYPED:
        usual = 5061 if str(number).endswith("1") else 5060
        m.note("SR117", span, "{0} looks like {1}, mistyped.", str(number), str(usual), instead={"port": usual})


def _expiry(m: Meaning, cut_: Cut) -> None:
    if "expiry" not in cut_.fields:
        return
    octets = cut_.octets("expiry")
    text = decode(octets)
    span = m.work.span(*cut_.fields["expiry"])
    span = span if span.length else Span(span.line, span.column - 1, 1)
    number = c_integer(octets) or 0
    swapped = re.fullmatch(r"\s*([0-9]+)\s*/(.*)", text, re.DOTALL)
    if swapped:
        m.note(
            "SR134",
            span,
            "The order is `/extension~expiry`: Asterisk does not see the extension behind `~`, calls go to `{0}`.",
            cut_.text("extension") or "s",
            trigger=True,
        )
        m.overrides["extension"] = swapped.group(2).strip() or "s"
    elif number <= 0:
        m.note(
            "SR135",
            span,
            "The expiry `{0}` counts as {1}: Asterisk asks to be un-registered. Leave `~` out for {2} seconds.",
            span,
            str(number),
            str(m.default_expiry),
            trigger=True,
        )
        repaired = repaired_number(text.strip())
        m.overrides["expiry"] = repaired if repaired else m.default_expiry
    elif not re.fullmatch(r"\s*\+?[0-9]+\s*", text):
        repaired = repaired_number(text.strip())
        unit = re.fullmatch(r"\s*[0-9]+\s*([A-Za-z]+)\s*", text)
        if unit and unit.group(1).lower() in UNITS:
            repaired = number * UNITS[unit.group(1).lower()]
        seconds = "1 second" if number == 1 else f"{number} seconds"
        if repaired is not None and repaired != number:
            m.overrides["expiry"] = repaired
            m.note("SR131", span, "`{0}` is read as {1}, without a message.", span, seconds, trigger=True)
        else:
            m.note("SR132", span, "`{0}` is read as {1}; the rest is ignored.", span, seconds)
    elif number < _SHORT_EXPIRY:
        seconds = "1 second is" if number == 1 else f"{number} seconds are"
        m.note(
            "SR136",
            span,
            "{0} short: carriers often refuse less than 60 with 423.",
            seconds,
            instead={"expiry": _SHORT_EXPIRY},
        )


def _extension(m: Meaning, cut_: Cut) -> None:
    if "raw_extension" not in cut_.fields:
        return
    start, stop = cut_.fields["raw_extension"]
    text = cut_.text("extension")
    slash = m.work.span(start - 1, start)
    if start == stop:
        m.note("SR145", slash, "Nothing stands behind `/`: calls go to extension `s`.")
    elif text.lower() in TRANSPORTS:
        m.note(
            "SR119",
            m.work.span(start, stop),
            "`/{0}` is the extension that calls go to. The transport stands in front: `{0}://`.",
            text,
            trigger=True,
        )
        m.overrides |= {"transport": text.lower(), "extension": "s"}
        if text.lower() == "tls" and "port" not in m.cut().fields:
            m.overrides["port"] = 5061
    elif re.search(r"\s", text):
        m.note(
            "SR108",
            m.work.span(start, stop),
            "The extension holds a blank: it is sent as it is and no carrier can read it.",
            trigger=True,
        )
        m.overrides["extension"] = text.split()[0]


def _host(m: Meaning, cut_: Cut) -> None:
    host = cut_.text("host")
    if host and placeholder_host(host):
        m.note("SR109", m.work.span(*cut_.fields["host"]), "The host looks like a placeholder from a guide.", fix="")
    if not host:
        at = m.halves()
        m.note(
            "SR142",
            m.work.span(at, at + 1),
            "There is no host behind the `@`.",
            fix="",
            log=DNS_LOG,
            logged=("user", ""),
        )
        return
    start, stop = cut_.fields["host"]
    span = m.work.span(start, stop)
    if m.rules.brackets is False and host.startswith("["):
        return
    problem = host_problem(host)
    if problem is not None:
        index, why = problem
        repaired = repaired_host(host)
        if repaired:
            m.overrides["host"] = repaired
        column = span.column + index
        character = host[index]
        m.note(
            "SR140",
            span,
            "`{0}` "
            + why
            + (": `{1}` at column {2}." if "character" in why else ".")
            + (" Did you mean `{3}`?" if repaired else ""),
            span,
            character if character.isprintable() else repr(character)[1:-1],
            str(column),
            repaired,
            fix=None if repaired else "",
            log=DNS_LOG,
            logged=(m.work.span(*cut_.fields["user"]) if cut_.text("user") else "", span),
            trigger=bool(repaired),
        )
    elif host.isascii() and host.isdigit():
        message = "`{0}` is no host name: Asterisk rejects one of digits alone, unless a peer section is called so."
        m.note("SR140", span, message, span, fix="", log=NUMERIC_LOG, logged=(span,))
    elif host.endswith("."):
        m.overrides["host"] = host.rstrip(".")
        m.note("SR143", Span(span.line, span.end - 1, 1), "The dot at the end of the host is sent along.", trigger=True)
    if host.lower().startswith("iax"):
        m.note("SR147", span, "The host looks like one for IAX2.", fix="")
