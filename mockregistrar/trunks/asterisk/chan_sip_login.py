"""What stands in front of the last `@` once it is cut: user, password, auth user and the port of a domain."""

from __future__ import annotations

import re
from urllib.parse import unquote

from mockregistrar.trunks.c_numbers import port_number
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.plausible import host_problem, repaired_number
from mockregistrar.trunks.positions import decode

from .chan_sip_cuts import Cut, wrapped
from .chan_sip_notes import DOMAIN_PORT_LOG, Meaning

_PLACEHOLDER = re.compile(
    r"(?:<.*>|\$\{.*\}|\{\{.*\}\}|x{3,}|(?:your|my)[ _-]?(?:user(?:name)?|pass(?:word)?|secret|account|sip.*)"
    r"|user(?:name)?|pass(?:word)?|secret|changeme|example)\Z",
    re.IGNORECASE,
)
_UNFILLED = re.compile(
    r"(?:<.*>|\$\{.*\}|\{\{.*\}\}|[xX]{3,}|\*{3,}|PASS(?:WORD)?|SECRET"
    r"|(?i:(?:your|my)[ _-]?(?:sip[ _-]?)?(?:pass(?:word)?|secret)|changeme))\Z"
)
# What somebody encodes who takes the line for a URI; any other `%` is one by chance.
_OPEN_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\\Z")
_ENCODED = re.compile(rb"%(?:2[0235689BF]|3[ABDF]|40|5[BCD])", re.IGNORECASE)


def left_half(m: Meaning) -> None:
    """Judge user, password and auth user."""
    if not m.known:
        return
    cut_ = m.cut()
    if cut_.refused is not None:
        m.known = False
        return
    _domain_port(m, cut_)
    cut_ = m.cut()
    user, secret = cut_.text("user"), cut_.text("secret")
    span = m.work.span(*cut_.fields["user"]) if "user" in cut_.fields else m.work.span(0, 0)
    if not user:
        m.note("SR129", Span(span.line, span.column, max(1, span.length)), "There is no user name.", fix="", log="")
    elif re.search(r"[ \t]", user) and not wrapped(cut_, "user"):
        _blank_in_user(m, cut_, secret)
    elif "secret" not in cut_.fields and not wrapped(cut_, "user"):
        _no_password(m, cut_)
    auth_user = cut_.text("auth_user")
    if secret and m.trigger is None and "domain_port" not in cut_.fields and not _an_account(auth_user, user):
        start, stop = cut_.fields["auth_user"]
        m.note(
            "SR120",
            m.work.span(start, stop),
            "Two `:` in front of the `@`: the third field is the auth user. If it belongs to the password, put the "
            "password in quotes.",
            instead={"secret": f"{secret}:{auth_user}", "auth_user": ""},
        )
    if auth_user and not secret:
        m.certain = False  # an empty password in front of an auth user: it may as well begin with the colon
    _escapes(m, cut_)
    _second_at(m, cut_)
    if _PLACEHOLDER.match(user):
        m.note("SR109", span, "The user looks like a placeholder from a guide.", fix="")
    elif secret and _UNFILLED.match(secret):
        m.note(
            "SR109", m.work.span(*cut_.fields["secret"]), "The password looks like a placeholder from a guide.", fix=""
        )
    if re.fullmatch(r"\[.*\]", secret):
        m.note("SR147", m.work.span(*cut_.fields["secret"]), "A password in brackets names an RSA key in IAX2.", fix="")


def _an_account(auth_user: str, user: str) -> bool:
    """Whether a third field is surely an auth user, or empty: like the user, a mail address, a number beside one."""
    if not auth_user or auth_user in user or user in auth_user:
        return True
    digits = auth_user.isdigit() and len(auth_user) > 4 and user.lstrip("+").isdigit()
    return digits or re.fullmatch(r"[^@\s]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", auth_user) is not None


def _second_at(m: Meaning, cut_: Cut) -> None:
    """An `@` in the password that could be the one in front of the host."""
    at = m.halves()
    name = "secret" if "secret" in cut_.fields else "domain" if "domain" in cut_.fields else ""
    second = re.search(r"@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\Z", cut_.text("secret"))
    if second and not cut_.text("auth_user") and host_problem(second.group(1)) is None:
        domain = second.group(1)
        likely: dict[str, object] = {"domain": domain, "secret": cut_.text("secret")[: second.start()]}
        host = cut_.text("host").lower()
        related = host == domain.lower() or host.endswith(f".{domain.lower()}")
        certain = related and "domain" not in cut_.fields and m.trigger is None
        m.note(
            "SR130",
            m.work.span(at, at + 1),
            "Asterisk takes the last `@`: what stands in front of it is password. A domain goes right behind the user.",
            fix="" if "domain" in cut_.fields or not likely["secret"] else None,
            severity="warning" if certain else None,
            trigger=certain,
            instead=None if certain else likely,
        )
        if certain:
            m.overrides |= likely
    elif name and m.work.data[at - 1 : at] == b"@" and not wrapped(cut_, "secret"):
        what = "belongs to the password" if name == "secret" else "ends an empty domain"
        m.note("SR130", m.work.span(at - 1, at + 1), "Of two `@` in a row the first " + what + ".", fix="")


def _no_password(m: Meaning, cut_: Cut) -> None:
    """A user and nothing else: the `:` may be another character."""
    start, stop = cut_.fields["user"]
    mark = next((i for i in range(start, stop) if m.work.data[i] in b",|;"), -1)
    if start < mark < stop - 1 and "domain" not in cut_.fields:
        m.note(
            "SR128",
            m.work.span(mark, mark + 1),
            "`:` is expected between user and password, but there is `{0}`: Asterisk takes all of it for the user "
            "name.",
            decode(m.work.data[mark : mark + 1]),
            trigger=True,
            certain=False,
        )
        m.work = m.work.replace(mark, mark + 1, b":")
    elif m.trigger is None and b":" not in m.work.data[: m.halves()]:
        m.note("SR146", m.work.span(start, stop), "There is no password: Asterisk cannot answer a challenge.", fix="")


def _domain_port(m: Meaning, cut_: Cut) -> None:
    """Four fields: user, domain port, password, auth user."""
    if "domain_port" not in cut_.fields:
        return
    start, stop = cut_.fields["domain_port"]
    text = decode(cut_.octets("domain_port"))
    number = port_number(cut_.octets("domain_port"))
    span = m.work.span(start, stop)
    extra = b":" in cut_.octets("auth_user")
    repaired = repaired_number(text.strip())
    if "domain" in cut_.fields and not extra and repaired is not None and 1 <= repaired <= 65535:
        if repaired != number:
            m.overrides["domain_port"] = repaired
            m.note("SR131", span, "The domain port `{0}` is read as {1}.", span, str(number or 5060), trigger=True)
        return
    if number is not None and not extra and re.fullmatch(r"\s*[0-9]+\s*", text):
        m.note("SR138", span, "`{0}` is taken for the port of a domain, but there is no domain.", span, fix="")
        return
    at = m.halves()
    last = m.work.data.rfind(b":", 0, at)
    m.visible.append(m.work.span(stop, stop + 1))
    m.note(
        "SR121",
        m.work.span(stop, stop + 1),
        "There are more `:` in front of the `@` than Asterisk has fields: it takes the second field for a port and the "
        "third for the password. Put the password in quotes.",
        log=DOMAIN_PORT_LOG if number is None else "",
        logged=("...",),
        trigger=True,
        certain=False,
    )
    m.joined = (start, last)


def _blank_in_user(m: Meaning, cut_: Cut, secret: str) -> None:
    start, stop = cut_.fields["user"]
    blank = next(i for i in range(start, stop) if m.work.data[i] in b" \t")
    span = m.work.span(blank, blank + 1)
    if secret or "secret" in cut_.fields:
        m.note("SR128", span, "The user name holds a blank: it is sent as it is.", fix="", severity="warning")
        return
    m.note(
        "SR128",
        span,
        "`:` is expected between user and password, but there is a blank: Asterisk takes all of it for the user name.",
        trigger=True,
        certain=False,
    )
    m.work = m.work.replace(blank, blank + 1, b":")


def _escapes(m: Meaning, cut_: Cut) -> None:
    for name in ("user", "secret", "auth_user"):
        if name not in cut_.fields:
            continue
        start, stop = cut_.fields[name]
        octets = m.work.data[start:stop]
        found = re.search(rb"\\[:/?@]", octets)
        if stop == m.halves() and _OPEN_ESCAPE.search(octets) and m.rules.over_end:
            m.note(
                "SR126",
                m.work.span(stop - 1, stop),
                "The backslash in front of the `@` stays in the value and is sent along; the `@` needs none.",
                instead={name: decode(octets[:-1])},
            )
        elif found and not wrapped(cut_, name):
            m.note(
                "SR126",
                m.work.span(start + found.start(), start + found.start() + 1),
                "The backslash stays in the value and is sent along. Put the field in quotes instead, without it.",
                instead={name: decode(re.sub(rb"\\([:/?@])", rb"\1", octets))},
            )
        percent = _ENCODED.search(octets)
        if percent:
            at = start + percent.start()
            m.note(
                "SR127",
                m.work.span(at, at + 1),
                "Percent signs are plain characters here: nothing is decoded.",
                instead={name: unquote(decode(octets), errors="replace")},
            )
        if len(octets) > 2 and octets[:1] == b"'" == octets[-1:]:
            m.note(
                "SR127",
                m.work.span(start, start + 1),
                'Single quotes are part of the value; only `"` wraps a field.',
                instead={name: decode(octets[1:-1])},
            )
