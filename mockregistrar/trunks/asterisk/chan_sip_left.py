"""Evidence in front of the last `@`: the transport, and separators that cut where no cut was meant."""

from __future__ import annotations

import re
from dataclasses import replace

from mockregistrar.trunks.plausible import unbalanced
from mockregistrar.trunks.positions import Mapped, decode

from .chan_sip_cuts import TRANSPORTS, cut, transport_of, wrapped
from .chan_sip_notes import FORMAT_LOG, FROM_SCHEME, TRANSPORT_LOG, Meaning

_SCHEME = re.compile(rb"(sips?|tcp|tls|udp|wss?|https?|iax2?)(:[/\\]*)", re.IGNORECASE)
_NO_COLON = re.compile(rb"(sips?|tcp|tls|udp|wss?)//", re.IGNORECASE)
_HOST = rb"@[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?::[0-9]+)?"
_TWO_IN_A_LINE = re.compile(_HOST + rb"(?:/[^\s,;|@]*)?\s*[\s,;|](?=[^@]*:)")
_CONTEXT_BEHIND = re.compile(rb"[^:@/]+(?::[^@/]*)?" + _HOST + rb"/[^@/:]*\Z")


def scheme(m: Meaning) -> None:
    """The transport word: misspelt, unknown, or without its slashes."""
    data = m.work.data
    at = m.halves()
    begin = 0
    mark = data.find(b"?", 0, at)
    if mark > 0 and not re.search(rb"[:@/]", data[:mark]):
        begin = mark + 1
    if data[begin : begin + 2] == b"//":
        m.note(
            "SR115",
            m.work.span(begin, begin + 2),
            "`//` has no transport in front of it: what Asterisk does then is undefined.",
            trigger=True,
        )
        m.work = m.work.replace(begin, begin + 2, b"")
        return
    match = _SCHEME.match(data, begin, at)
    if match is None:
        odd = re.compile(rb"([^:/@?]{1,16})://").match(data, begin, at)
        if odd is not None:
            _odd_scheme(m, odd)
        bare = _NO_COLON.match(data, begin, at)
        if bare is not None:
            _no_colon(m, bare)
        return
    word, slashes = decode(match.group(1)).lower(), decode(match.group(2))
    transport = FROM_SCHEME.get(word, "udp")
    span = m.work.span(match.start(), match.end())
    rest = data[match.end() : at]
    if slashes == "://":
        if word in ("tcp", "tls", "udp"):
            return
        m.note(
            "SR111" if word == "sip" else "SR110",
            span,
            "`{0}://` is no transport that Asterisk knows: it uses udp. Only udp, tcp and tls can be written here.",
            word,
            log=TRANSPORT_LOG,
            logged=(word[:3],),
            severity="warning" if transport == "udp" else None,
            trigger=True,
        )
    elif "\\" in slashes:
        if len(slashes) < 3:
            return
        m.note("SR112", span, "A transport is written `{0}://`, with slashes.", word, trigger=True, certain=False)
    elif slashes == ":":
        # nobody is called tcp; http and iax may be, so that it takes a third field to tell
        if b":" not in rest and word not in ("sip", "sips", "tcp", "tls", "udp"):
            return
        if data[begin + len(word) + 1 : begin + len(word) + 2] == b"":
            return
        m.note(
            "SR113",
            span,
            "`{0}:` without `//` is read as the user name: Asterisk takes `{0}` for the user and your user "
            "name for the "
            "password.",
            word,
            trigger=True,
            certain=False,
        )
    elif slashes == ":/":
        m.note(
            "SR112",
            span,
            "`{0}:/` needs a second slash: `{0}://`. As it is, Asterisk refuses the line.",
            word,
            log=FORMAT_LOG,
            trigger=True,
        )
    else:
        return
    if transport in ("tcp", "tls", "udp") and word != "sip":
        m.work = m.work.replace(match.start(), match.end(), transport.encode() + b"://")
    else:
        m.work = m.work.replace(match.start(), match.end(), b"")
        m.overrides["transport"] = transport


def _odd_scheme(m: Meaning, odd: re.Match[bytes]) -> None:
    word = decode(odd.group(1))
    known = transport_of(odd.group(1))
    span = m.work.span(*odd.span(1))
    if known:
        m.note(
            "SR116",
            span,
            "`{0}://` counts as {1}: Asterisk compares the first three letters only.",
            word,
            known,
            fix="",
        )
        return
    m.note(
        "SR110",
        span,
        "`{0}://` is no transport that Asterisk knows: it uses udp. Only udp, tcp and tls can be written here.",
        word,
        log=TRANSPORT_LOG,
        logged=(word[:3],),
        severity="warning",
        trigger=True,
    )
    m.work = m.work.replace(odd.start(), odd.end(), b"")


def _no_colon(m: Meaning, bare: re.Match[bytes]) -> None:
    """`tls//`: chan_sip drops the last character in front of the slashes for the `:`, and compares what is left."""
    word = decode(bare.group(1)).lower()
    transport = FROM_SCHEME.get(word, "udp")
    m.note(
        "SR110",
        m.work.span(*bare.span()),
        "`{0}//` has no `:`: Asterisk takes `{1}` for the transport, does not know it, and uses udp.",
        word,
        word[:-1],
        log=TRANSPORT_LOG,
        logged=(word[:-1][:3],),
        severity="warning" if transport == "udp" else None,
        trigger=True,
    )
    prefix = b"" if transport not in TRANSPORTS or word == "sip" else transport.encode() + b"://"
    m.work = m.work.replace(bare.start(), bare.end(), prefix)
    if transport not in TRANSPORTS:
        m.overrides["transport"] = transport


def separators(m: Meaning) -> None:
    """Separators that cut where no cut was meant, and cuts that an open bracket or quote hides."""
    _two_lines(m)
    _context_behind(m)
    _peer_mark(m)
    _slashes(m)
    _hidden_cuts(m)
    _peer_mark(m)


def _two_lines(m: Meaning) -> None:
    """A second registration behind the first: the last `@` makes one of the two."""
    found = _TWO_IN_A_LINE.search(m.work.data, 0, m.halves())
    before = m.work.data[: found.start()] if found is not None else b""
    if found is None or b":" not in re.sub(rb"\A\w{1,8}://", b"", before):
        return
    m.note(
        "SR130",
        m.work.span(found.end() - 1, len(m.work)),
        "Another registration stands behind the first one, and Asterisk reads the two as one. Each needs a line of its "
        "own.",
        trigger=True,
        certain=False,
        severity="error",
    )
    m.work = m.work.part(0, found.end()).strip()
    m.work = m.work.part(0, len(m.work.data.rstrip(b",;| \t")))


def _context_behind(m: Meaning) -> None:
    """`user:password@host/extension@context`: the last `@` is not the one in front of the host."""
    at = m.halves()
    if m.cut().refused != "slash" or _CONTEXT_BEHIND.match(m.work.data, 0, at) is None:
        return
    m.note(
        "SR130",
        m.work.span(at, len(m.work)),
        "Asterisk takes the last `@` for the one in front of the host, and refuses the line: nothing follows the "
        "extension but `~expiry`.",
        log=FORMAT_LOG,
        trigger=True,
        certain=False,
        severity="error",
    )
    m.work = m.work.part(0, at)


def _peer_mark(m: Meaning) -> None:
    first = m.cut()
    mark = m.work.data.find(b"?", 0, m.halves())
    if mark < 0 or first.refused is not None:
        return
    peer = first.octets("peer")
    dropped = "peer" not in first.fields and cut(m.work, replace(m.rules, peers=False)).fields != first.fields
    if not dropped and b":" not in peer and b"@" not in peer and (not peer or first.octets("user")):
        return
    m.visible.append(m.work.span(mark, mark + 1))
    m.note(
        "SR123",
        m.work.span(mark, mark + 1),
        "`?` at column {0} is taken for the end of a peer name: "
        + ("Asterisk drops it." if dropped else "what stands in front of it is lost for the login.")
        + " Put the password in quotes.",
        str(m.work.span(mark, mark + 1).column),
        trigger=True,
        certain=False,
    )
    m.rules = replace(m.rules, peers=False)


def _slashes(m: Meaning) -> None:
    first = m.cut()
    transport = first.octets("transport")
    # the first slash that is not part of a known `transport://`
    known = re.compile(rb"(?:[^:@?/]*\?)?(?:tcp|tls|udp)://", re.IGNORECASE).match(m.work.data)
    at = m.work.data.find(b"/", known.end() if known else 0, m.halves())
    if at < 0:
        return
    dropped = first.refused is None and "transport" not in first.fields
    if dropped and cut(m.work, replace(m.rules, slashes=False)).fields == first.fields:
        return
    if not dropped and first.refused != "slash" and b":" not in transport:
        return
    span = m.work.span(at, at + 1)
    m.visible.append(span)
    m.note(
        "SR122",
        span,
        "`/` at column {0} is taken for the `/` of `transport://`"
        + (
            ": Asterisk refuses the line."
            if first.refused
            else ", and Asterisk drops it."
            if dropped
            else ": what stands in front of it is lost."
        )
        + " Put the password in quotes.",
        str(span.column),
        log=FORMAT_LOG if first.refused else "" if dropped else TRANSPORT_LOG,
        logged=("...",),
        trigger=True,
        certain=False,
    )
    m.rules = replace(m.rules, slashes=False)


def _hidden_cuts(m: Meaning) -> None:
    first = m.cut()
    at = m.halves()
    left, right = decode(m.work.data[:at]), decode(m.work.data[at + 1 :])
    trailing = len(left) - len(left.rstrip("\\"))
    if trailing % 2 == 1 and first.refused in (None, "slash"):
        plain = cut(m.work, replace(m.rules, over_end=False))
        if plain.refused is None and plain.fields != first.fields:
            m.note(
                "SR139",
                m.work.span(at - 1, at),
                "The backslash in front of the `@` makes Asterisk read on in the host: "
                + (
                    "it takes the `/` there for the one of `transport://`, and refuses the line."
                    if first.refused
                    else "it looks for the auth user there."
                ),
                log=FORMAT_LOG if first.refused else "",
                trigger=True,
            )
            m.rules = replace(m.rules, over_end=False)
            return
    if first.refused is not None:
        return
    for text, offset in ((left, 0), (right, at + 1)):
        found = unbalanced(text)
        if found is None:
            continue
        index, character = found
        if character == '"':
            rules = replace(m.rules, quotes=False)
        else:
            rules = replace(m.rules, brackets=False)
        if cut(m.work, rules).fields == first.fields:
            continue
        octet = offset + len(Mapped.from_text(text[:index]))
        span = m.work.span(octet, octet + 1)
        m.visible.append(span)
        m.note(
            "SR124",
            span,
            "`{0}` at column {1} is never closed: Asterisk does not cut at the separators behind it. "
            + (
                "Quotes do not help against it together with an auth user: use `auth =`, a peer section, or another "
                "password."
                if character in "(["
                else "Take it out, or close it."
            ),
            character,
            str(span.column),
            trigger=True,
            certain=False,
        )
        m.rules = rules
        return
    for name in ("user", "domain"):
        octets = first.octets(name)
        if b":" not in octets or wrapped(first, name):
            continue
        index = next((i for i, octet in enumerate(octets) if octet in b'"([\\'), 0) + first.fields[name][0]
        span = m.work.span(index, index + 1)
        m.visible.append(span)
        m.note(
            "SR124",
            span,
            "`{0}` at column {1} keeps Asterisk from cutting at the `:` behind it: all of it becomes the user name.",
            decode(m.work.data[index : index + 1]),
            str(span.column),
            trigger=True,
            certain=False,
        )
        m.rules = replace(m.rules, quotes=False, brackets=False, escapes=False)
        return


def missing_at(m: Meaning) -> None:
    """No `@`, or nothing on one side of it."""
    if not m.known:
        return
    refused = m.cut().refused
    if refused is None or (refused == "slash"):
        return
    whole = m.work.span(0, len(m.work))
    if refused == "no-at":
        data = m.work.data
        mark = data.rfind(b"#")
        if 0 < mark < len(data) - 1:
            span = m.work.span(mark, mark + 1)
            m.visible.append(span)
            m.note(
                "SR101",
                span,
                "There is no `@`, so there is no registration. Is `#` at column {0} meant to be `@`?",
                str(span.column),
                log=FORMAT_LOG,
                trigger=True,
            )
            m.work = m.work.replace(mark, mark + 1, b"@")
            return
        m.note(
            "SR101",
            whole,
            "There is no `@` between user and host, so there is no registration.",
            fix="",
            log=FORMAT_LOG,
            trigger=True,
            certain=False,
        )
    else:
        side = "in front of" if refused == "empty-left" else "behind"
        m.note(
            "SR101",
            whole,
            "There is nothing {0} the last `@`, so there is no registration.",
            side,
            fix="",
            log=FORMAT_LOG,
            trigger=True,
            certain=False,
        )
    m.known = False
