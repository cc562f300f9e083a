"""The `accounts` file of baresip: one account a line, `["Display"] <sip:user@host;uri-params>;addr-param=value...`.

Theory of operation. What stands between `<` and `>` is the URI, what follows are address parameters; without `<>` every
`;` begins an address parameter. Without the `>` the whole is taken for a bare URI whose scheme is `<sip`. A parameter
is searched for as `;name=`, upper case or lower, wherever that stands, also inside of another's quotes. Its value ends
at a blank or `;` that is neither between double quotes nor behind a backslash; one pair of quotes around all of it is
removed, a backslash never is. A comment has its `#` in column 1. A line without an address ends the reading.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from mockregistrar.trunks import checks, header_words, several
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped, encode, part_span
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import is_address

NAME = "baresip-accounts"
ALIASES = ("baresip",)
FORMS = ("file", "line")

REGINT = (3600, 3855)
_PARAMS = frozenset(
    [
        "auth_user",
        "auth_pass",
        "outbound",
        "outbound1",
        "outbound2",
        "regint",
        "rwait",
        "pubint",
        "mediaenc",
        "medianat",
        "stunserver",
        "stunuser",
        "stunpass",
        "sipnat",
        "answermode",
        "answerdelay",
        "audio_codecs",
        "video_codecs",
        "audio_source",
        "audio_player",
        "video_source",
        "video_display",
        "ptime",
        "call_transfer",
        "catchall",
        "check_origin",
        "cert",
        "dtmfmode",
        "extra",
        "fbregint",
        "info",
        "inreq_allowed",
        "mwi",
        "natpinhole",
        "prio",
        "sip_autoanswer",
        "sip_autoredirect",
        "tcpsrcport",
        "vidbitrate",
        "vidfps",
        "vidsize",
        "autoredirect",
        "refer",
        "rel100",
        "sip_autoanswer_beep",
        "stuntransp",
        "tls_verify",
        "uas_pass",
        "uas_user",
    ]
)
_KNOWN = _PARAMS | {"100rel", "sip_autoanswer_method", "stun_user", "stun_pass", "jbuf", "videoenc", "dtls_srtp_role"}
_URI = re.compile(r"([^:]+):(?:([^@:]*)(?::([^@]*))?@)?(\[[^\]]*\]|[^:;?>]*)(?::([^;?]*))?([^?]*)(.*)\Z", re.DOTALL)
_BLANKS = r"[ \t\r\n]*"
_VALUE = r"""(?:\\(?:.|\Z)|"(?:\\.|[^"\\])*(?:"|\\?\Z)|[^ \t\r\n;"\\])"""
_PARAM = re.compile(rf'{_BLANKS}([^=; \t\r\n"]+){_BLANKS}(?:={_BLANKS}({_VALUE}*))?')
_LOGIN = ("auth_user", "auth_pass", "outbound1", "outbound", "regint")
_FOUND = {name: re.compile(rf";{_BLANKS}{name}{_BLANKS}={_BLANKS}({_VALUE}+)", re.IGNORECASE) for name in _LOGIN}
_NEEDS_QUOTES = re.compile(r"[\s;]")
_NAMES_A_PARAM = re.compile(rf";{_BLANKS}(?:{'|'.join(sorted(_KNOWN))}){_BLANKS}=", re.IGNORECASE)


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    found = re.search(
        r"^[^#\n\[=]*<sips?:[^>\n]*(?:>|;auth_)|^[^#\n<=]*sips?:[^\n]*;(?:auth_pass|regint)=", head, re.MULTILINE
    )
    if found is None or re.search(r"^[ \t]*\[[^\]\n]+\]", head, re.MULTILINE):
        return None
    return "file" if "\n" in head.strip() else "line", "it has an address in angle brackets, or baresip's parameters"


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read an accounts file or one line of it. Never raises."""
    del path
    notes = Notes()
    made: list[Registration] = []
    meant: list[Registration] = []
    ok = True
    reads = True
    seen: dict[tuple[str | None, str | None], int] = {}
    rows = text.split("\n")
    kind = form or ("file" if sum(bool(row.strip()) for row in rows) > 1 or not text.strip() else "line")
    for number, raw in enumerate(rows, 1):
        line = raw.rstrip("\r")
        if not line.strip() or line.startswith("#"):
            continue
        account = _Account(line, number, notes)
        real, probably = account.read()
        if not reads:
            meant += [each for each in (probably or real,) if each is not None]
            continue
        ok = ok and real is not None
        reads = reads and not account.ends
        if real is not None:
            made.append(real)
            key = (real.user, real.host)
            if seen.setdefault(key, number) != number:
                message = f"This account stands in line {seen[key]} too: the two take turns at the binding."
                notes.add("SR163", Span(number, 1, len(line)), message)
        if probably is not None and probably != real:
            meant.append(probably)
    return Parsed(
        NAME,
        kind,
        text,
        ok=ok,
        registrations=tuple(made),
        findings=notes.done(),
        meant=tuple(meant),
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=tuple(notes.secret_spans),
        visible=tuple(notes.visible),
    )


class _Account:
    def __init__(self, line: str, number: int, notes: Notes) -> None:
        self.line = line
        self.number = number
        self.notes = notes
        self.mapped = Mapped.from_text(line, number)
        self.ends = False
        """Whether baresip reads no further than this line."""

    def span(self, start: int, stop: int) -> Span:
        return part_span(self.mapped, start, stop)

    def read(self) -> tuple[Registration | None, Registration | None]:
        """What baresip makes of the line, and what was probably meant."""
        line, notes = self.line, self.notes
        begin = len(line) - len(line.lstrip())
        open_ = line.find("<")
        close = line.find(">", open_) if open_ >= 0 else -1
        display = ""
        if open_ >= 0 and close > open_:
            display = line[begin:open_].strip().strip('"')
            start, stop, rest = open_ + 1, close, close + 1
        elif open_ >= 0:
            return None, self.unclosed(open_)
        else:
            semicolon = line.find(";", begin)
            start, stop = begin, semicolon if semicolon >= 0 else len(line.rstrip())
            rest = stop
        params = self.params(rest)
        uri = _URI.match(line, start, stop) if start < stop else None
        bracketed = open_ >= 0
        if uri is None or uri.group(1).strip().lower() not in ("sip", "sips") or not uri.group(4):
            self.secrets(params, "")
            scheme = uri.group(1).strip() if uri else ""
            message = "baresip cannot read the address: it must begin with `sip:` and name a host."
            if scheme and scheme.lower() not in ("sip", "sips") and "@" in scheme + line:
                message = "`sip:` is missing in front of the address: baresip does not take the account."
            self.ends = True
            message += " It reads no further either: what stands in the lines below is not there."
            notes.add("SR501", self.span(start, max(stop, start + 1)), message, fix="<sip:user@host>")
            return None, self.meant_without_scheme(start, stop, params)
        real = self.account(uri, params, display, bracketed)
        return real, self.outside(real, uri, params, bracketed)

    def unclosed(self, open_: int) -> Registration | None:
        """A `<` without `>`."""
        line = self.line
        semicolon = line.find(";", open_)
        stop = semicolon if semicolon >= 0 else len(line)
        fix = line[open_:stop] + ">"
        message = "The `>` is missing: baresip takes `<sip` for the scheme, and the login fails."
        params = self.params(stop)
        self.secrets(params, "")
        self.notes.add("SR502", self.span(open_, open_ + 1), message, fix=fix)
        uri = _URI.match(line, open_ + 1, stop)
        if uri is None or not uri.group(4):
            return None
        return _Account(line[:stop] + ">" + line[stop:], self.number, Notes()).read()[0]

    def meant_without_scheme(
        self, start: int, stop: int, params: dict[str, tuple[str, int, int]]
    ) -> Registration | None:
        del params
        body = self.line[start:stop]
        if "@" not in body or body.lower().startswith(("sip:", "sips:")):
            return None
        return _Account(f"<sip:{body}>{self.line[stop:].lstrip('>')}", self.number, Notes()).read()[0]

    def params(self, at: int) -> dict[str, tuple[str, int, int]]:
        """The address parameters: value and where it stands; the first of a name counts."""
        line = self.line
        begin = at
        found: dict[str, tuple[str, int, int]] = {}
        values: list[range] = []
        while at < len(line):
            if line[at] != ";":
                at += 1
                continue
            match = _PARAM.match(line, at + 1)
            if match is None:
                at += 1
                continue
            name, raw = match.group(1), match.group(2)
            value, start, stop = _unquoted(raw or "", match.start(2) if raw is not None else match.end())
            found.setdefault(name.lower(), (value, start, stop))
            values.append(range(start, stop))
            self.known(name, match.start(1), match.end(1), value, self.span(start, stop))
            if raw and name.lower() in ("auth_pass", "auth_user"):
                self.cut(name.lower(), raw, match.start(2))
            at = match.end()
        for name, pattern in _FOUND.items():
            found.pop(name, None)
            for match in pattern.finditer(line, begin):
                value, start, stop = _unquoted(match.group(1), match.start(1))
                if value:
                    found[name] = value, start, stop
                    self.inside(name, match, values)
                    break
        return found

    def inside(self, name: str, match: re.Match[str], values: Sequence[range]) -> None:
        """A parameter that baresip finds in the value of another one."""
        if any(match.start() in value for value in values):
            message = (
                f"baresip looks for `;{name}=` wherever it stands, and finds it in the value of another parameter."
            )
            self.notes.add("SR512", self.span(match.start(), match.start(1)), message)

    def known(self, name: str, start: int, stop: int, value: str, place: Span) -> None:
        if name.lower() in _KNOWN:
            return
        span = self.span(start, stop)
        if name.lower() == "transport":
            message = (
                "Outside of `<>` `transport` is no parameter that baresip knows: it uses UDP. It belongs in front "
            )
            self.notes.add("SR503", span, message + "of the `>`.", fix="<sip:user@host;transport=…>")
            return
        near = {"password": "auth_pass", "pass": "auth_pass", "authuser": "auth_user", "authpass": "auth_pass"}
        meant = near.get(name.lower()) or next(iter(difflib.get_close_matches(name, sorted(_KNOWN), 1, 0.8)), "")
        if meant:
            if meant == "auth_pass":
                self.notes.secret(value, place)
            message = f"baresip does not know `{name}` and ignores it. Did you mean `{meant}`?"
            self.notes.add("SR504", span, message, fix=meant)

    def cut(self, name: str, raw: str, start: int) -> None:
        """A blank in an unquoted value, quotes that are none or are not closed, a backslash in front of a `;`."""
        end = start + len(raw)
        rest = self.line[end:]
        whole = self.span(start, end)
        opened = re.sub(r"\\.", "", raw).count('"') % 2 == 1
        if opened and (";" in raw or (raw[0] == '"' != raw[-1])):
            self.notes.secret_spans.append(whole)
            message = "The double quote is never closed: baresip takes the rest of the line for the value."
            self.notes.add("SR505", whole, message)
        hidden = re.search(r"\\[ \t;]", re.sub(r'"(?:\\.|[^"\\])*"?', lambda m: "x" * len(m.group()), raw))
        if hidden:
            place = self.span(start + hidden.start(), start + hidden.end())
            self.notes.reveal(place)
            message = f"The backslash hides the `{hidden.group()[1]}` behind it, and is not removed: baresip reads on."
            self.notes.add("SR506", place, message)
        if name == "auth_pass" and raw[0] != '"' and rest[:1] in (" ", "\t") and not rest.lstrip().startswith(";"):
            if not rest.strip():
                return
            lost = rest.split(";", 1)[0].rstrip()
            self.notes.secret_spans.append(self.span(end, end + len(lost)))
            message = (
                f"The value ends at the blank: baresip reads {len(raw)} characters. Double quotes keep it together."
            )
            self.notes.add("SR505", self.span(end, end + 1), message, fix='auth_pass="…"')
        if name == "auth_pass" and len(raw) > 1 and raw[0] == raw[-1] == "'":
            message = "Single quotes are part of the value: only double quotes protect."
            self.notes.add("SR505", whole, message, fix='auth_pass="…"', severity="warning")

    def secrets(self, params: dict[str, tuple[str, int, int]], uri_password: str) -> None:
        value = params.get("auth_pass")
        if value is not None:
            text, start, stop = value
            self.notes.secret(text, self.span(start, stop))
            first, last = len(encode(self.line[:start])), len(encode(self.line[:stop]))
            checks.characters(self.notes, self.mapped.part(first, last), "password", "baresip", secret=True)
            if '\\"' in text:
                message = 'A backslash is not removed: it is sent as part of the password, and `"` cannot be written.'
                at = start + text.index('\\"')
                self.notes.reveal(self.span(at, at + 2))
                self.notes.add("SR506", self.span(at, at + 2), message, fix="a password without double quotes")
            checks.placeholders(self.notes, [("password", text, self.span(start, stop))])
        self.notes.secret(uri_password)

    def account(
        self, uri: re.Match[str], params: dict[str, tuple[str, int, int]], display: str, bracketed: bool
    ) -> Registration:
        notes = self.notes
        scheme, user, password, host, port_text, tail, _ = uri.groups()
        self.secrets(params, password or "")
        if password and "auth_pass" not in params:
            message = "A password in the URI is not used since baresip has `auth_pass`."
            notes.add("SR507", self.span(uri.start(3), uri.end(3)), message, fix=";auth_pass=… behind the `>`")
        if "auth_user" in params and "auth_pass" not in params:
            _, start, stop = params["auth_user"]
            message = "With `auth_user` and without `auth_pass` baresip asks for the password when it starts."
            notes.add("SR508", self.span(start, stop), message)
        transport = "tls" if scheme.strip().lower() == "sips" else "udp"
        if bracketed:
            named = re.search(r";\s*transport=([^;>\s]*)", tail, re.IGNORECASE)
            if named:
                transport = named.group(1).lower()
                if transport not in ("udp", "tcp", "tls", "ws", "wss"):
                    place = self.span(uri.start(6) + named.start(1), uri.start(6) + named.end(1))
                    notes.add("SR503", place, f"`{named.group(1)}` is no transport: udp, tcp, tls, ws and wss are.")
        at = host.find("@")
        host_span = self.span(uri.start(4), uri.end(4))
        if at >= 0:
            message = f"The user ends at the first `@`: baresip takes `{host}` for the host. In a user `@` is `%40`."
            notes.add("SR501", host_span, message)
        else:
            checks.host(notes, host, host_span, "baresip")
        port: int | None = None
        if port_text:
            digits = re.match(r"\d+", port_text)
            port = (int(digits.group()[:12]) % 65536 or None) if digits else None
            span = self.span(uri.start(5), uri.end(5))
            if digits is None or digits.group() != port_text or int(digits.group()[:12]) > 65535:
                letter = checks.digits_look_alike(port_text)
                message = f"`{port_text}` is no port: baresip uses {port if port else 'the default'}."
                if letter:
                    message = (
                        f"`{port_text}` holds the letter {letter}: baresip uses {port if port else 'the default'}."
                    )
                notes.add("SR509", span, message)
        if port is None and is_address(host):
            port = 5061 if transport == "tls" else 5060
        checks.port_and_transport(notes, port if port_text else None, transport, host_span)
        user_span = self.span(uri.start(2), uri.end(2))
        if not user:
            notes.add(
                "SR510", host_span, "There is no user in the address: nobody is registered.", fix="<sip:user@host>"
            )
        else:
            first, last = len(encode(self.line[: uri.start(2)])), len(encode(self.line[: uri.end(2)]))
            checks.characters(notes, self.mapped.part(first, last), "user", "baresip")
            checks.placeholders(notes, [("user", user, user_span)])
        regint, expiry_range = self.regint(params)
        auth_user, begin, _ = params.get("auth_user", ("", 0, 0))
        header_words.judge_login(notes, auth_user, lambda a, b: self.span(begin + a, begin + b), "baresip")
        proxy = params.get("outbound1") or params.get("outbound")
        return Registration(
            user=pjsip_uri.plain(user or ""),
            secret=params.get("auth_pass", ("", 0, 0))[0],
            auth_user=auth_user,
            effective_auth_user=auth_user or user or "",
            domain=host,
            domain_port=port if port_text else None,
            host=host,
            port=port,
            transport=self.routed(proxy, transport) if proxy is not None else transport,
            expiry=regint,
            expiry_range=expiry_range,
            outbound_proxy=proxy[0] if proxy is not None else "",
            register=regint != 0,
            display_name=display,
            span=Span(self.number, 1, len(self.line)),
        )

    def routed(self, proxy: tuple[str, int, int], named: str) -> str:
        """The transport with an outbound proxy: what that names, UDP where it names none."""
        text, start, stop = proxy
        found = re.search(r";transport=(\w+)", text, re.IGNORECASE)
        transport = found.group(1).lower() if found else "tls" if text.lower().startswith("sips:") else "udp"
        if transport != named and not found:
            message = (
                f"REGISTER goes to the outbound proxy, by {transport}: the transport of the address does not count."
            )
            fix = f'outbound="{text};transport={named}"'
            self.notes.add("SR503", self.span(start, stop), message, fix=fix, severity="warning")
        return transport

    def regint(self, params: dict[str, tuple[str, int, int]]) -> tuple[int | None, tuple[int, int] | None]:
        if "regint" not in params:
            return None, REGINT
        text, start, stop = params["regint"]
        span = self.span(start, max(stop, start + 1))
        if not re.fullmatch(r"[0-9]+", text):
            message = f"`{text}` is no number of seconds: it counts as 0, and baresip does not register."
            self.notes.add("SR509", span, message, fix="regint=3600")
            return 0, None
        seconds = int(text[:9])
        if seconds == 0:
            self.notes.add("SR511", span, "`regint=0` means that the account does not register.")
        else:
            checks.expiry(self.notes, seconds, span)
        return seconds, None

    def outside(
        self, real: Registration, uri: re.Match[str], params: dict[str, tuple[str, int, int]], bracketed: bool
    ) -> Registration | None:
        """The reading with a transport that stands outside of the brackets."""
        del uri, bracketed
        if "transport" not in params:
            return None
        from dataclasses import replace

        transport = params["transport"][0].lower()
        return replace(real, transport=transport) if transport in ("udp", "tcp", "tls") else None


def _unquoted(raw: str, start: int) -> tuple[str, int, int]:
    """A value without the quotes around all of it, and where it stands."""
    end = start + len(raw)
    if len(raw) > 1 and raw[0] == raw[-1] == '"':
        return raw[1:-1], start + 1, end - 1
    return raw, start, end


def render(trunk: Trunk) -> str:
    """The line for the accounts file. Raises CannotRender for a password with `"`, and for what a URI cannot hold."""
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "baresip takes a password, not its digest")
    if not trunk.user or re.search(r"[\r\n\0]", trunk.user):
        raise CannotRender("\n" if trunk.user else "", "the user cannot stand in baresip's address")
    wrong = re.search(r"[@;<>?\s\"/]", trunk.aor_host)
    if wrong or not trunk.aor_host:
        raise CannotRender(wrong.group() if wrong else "", "the host cannot stand in baresip's address")
    if trunk.aor_host.count(":") and not trunk.aor_host.startswith("["):
        raise CannotRender(":", "an IPv6 address stands in brackets")
    elsewhere = trunk.aor_host != trunk.dial_host
    port = trunk.domain_port if elsewhere else trunk.dial_port
    shown = f":{port}" if port not in (None, 5061 if trunk.dial_transport == "tls" else 5060) else ""
    transport = f";transport={trunk.dial_transport}" if trunk.dial_transport != "udp" else ""
    user = pjsip_uri.user_part(trunk.user)
    text = f"<sip:{user}@{trunk.aor_host}{shown}{transport}>"
    login = trunk.auth_user or (trunk.user if user != trunk.user else "")  # percent signs are for the URI only
    if login:
        text += f";auth_user={_value('auth user', header_words.login(login, 'baresip'))}"
    if elsewhere:
        usual = 5061 if trunk.dial_transport == "tls" else 5060
        proxy = f"sip:{trunk.dial_host}" + (f":{trunk.dial_port}" if trunk.dial_port != usual else "") + transport
        text += f';outbound="{proxy}"'
    text += f";regint={trunk.expiry}"
    # The password is the last, so that nothing stands behind a backslash at its end.
    return text + (f";auth_pass={_value('password', trunk.secret)}" if trunk.secret else "")


def _value(label: str, text: str) -> str:
    if '"' in text:
        raise CannotRender('"', f"the {label} holds a double quote, and baresip has no way to write one")
    if re.search(r"[\r\n\0]", text):
        raise CannotRender("\n", f"the {label} holds a line break")
    named = _NAMES_A_PARAM.search(text)
    if named:
        why = f"the {label} holds `{named.group()}`, which baresip finds and takes for a parameter, quotes or not"
        raise CannotRender(";", why)
    return f'"{text}"' if _NEEDS_QUOTES.search(text) else text


def render_all(trunks: Sequence[Trunk]) -> str:
    """A line for each trunk. Raises CannotRender as `render` does."""
    return several.in_lines(render, trunks)
