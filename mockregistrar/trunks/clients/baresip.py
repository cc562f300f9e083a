"""The `accounts` file of baresip: one account a line, `["Display"] <sip:user@host;uri-params>;addr-param=value...`.

Theory of operation. What stands between `<` and `>` is the URI, what follows are address parameters; without `<>` every
`;` begins an address parameter. Without the `>` the whole is taken for a bare URI whose scheme is `<sip`. A comment has
its `#` in column 1. A line without an address, or with one that has no user, ends the reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import checks, header_words, secret_lines, several
from mockregistrar.trunks.asterisk import chan_sip
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.masking import dotted
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import is_ipv6
from mockregistrar.trunks.positions import Mapped, encode, part_span
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import is_address
from mockregistrar.trunks.uris.uri_repair import hide_password

from .baresip_params import LOGIN, NAMES_A_PARAM, OWN, VALUE, Params

NAME = "baresip-accounts"
ALIASES = ("baresip",)
FORMS = ("file", "line")

REGINT = (3600, 3855)
_URI = re.compile(r"([^:]+):(?:([^@:]*)(?::([^@]*))?@)?(\[[^\]]*\]|[^:;?]*)(?::([^;?]*))?([^?]*)(.*)\Z", re.DOTALL)
_NEEDS_QUOTES = re.compile(r"[\s;]")
_PARTED = re.compile(r">[ \t,]+(?=[A-Za-z_0-9]+[ \t]*=)")
_NO_FURTHER = " It reads no further either: what stands in the lines below is not there."


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    found = re.search(
        r"^[^#\n\[=]*<sips?:[^>\n]*(?:>|;auth_)|^[^#\n<=]*sips?:[^\n]*;(?:auth_pass|regint)=|"
        r"^[^#\n<=]*<[^<>@\n]*@[^<>@\n]*>[^\n]*;(?:auth_pass|auth_user|regint)=",
        head,
        re.MULTILINE,
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
    found = Parsed(
        NAME,
        kind,
        text,
        ok=ok,
        registrations=tuple(made),
        meant=tuple(meant),
    )
    return secret_lines.completed(notes, found)


class _Account:
    def __init__(self, line: str, number: int, notes: Notes) -> None:
        self.line = line
        self.number = number
        self.notes = notes
        self.mapped = Mapped.from_text(line, number)
        self.ends = False
        """Whether baresip reads no further than this line."""
        self.params = Params(line, number, notes)

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
        bracketed = open_ >= 0
        params = self.params.read(rest, inside=bracketed)
        uri = _URI.match(line, start, stop) if start < stop else None
        if line.startswith("\ufeff"):
            message = "A byte-order mark stands in front of the line: it becomes part of the name that is shown. "
            message += "Save the file as UTF-8 without it."
            notes.add("SR150", self.span(0, 1), message, severity="hint")
        if uri is None or uri.group(1).strip().lower() not in ("sip", "sips") or not uri.group(4):
            return None, self.no_address(start, stop, rest, params)
        if line.lstrip()[:1] == "#":
            message = "Only a `#` in column 1 begins a comment: baresip takes this line for an account."
            notes.add("SR516", self.span(begin, begin + 1), message, fix=line.lstrip())
        if not uri.group(2):
            self.ends = True
            self.secrets(params, "")
            hide_password(Piece(line, self.number, 1).part(start, stop), notes)
            message = f"There is no user in the address: baresip does not take the account.{_NO_FURTHER}"
            notes.add("SR510", self.span(start, stop), message, instead=f"sip:user@{line[uri.start(4) : stop]}")
            return None, None
        if not bracketed and ">" in uri.group(4):
            at = line.index(">")
            message = "The `<` is missing: baresip takes the `>` for a part of the host."
            notes.add("SR502", self.span(at, at + 1), message, fix=f"<{line[begin : at + 1]}")
            self.secrets(params, "")
            hide_password(Piece(line, self.number, 1).part(start, at), notes)
            aside = _Account(f"{line[:begin]}<{line[begin:]}", self.number, Notes())
            real = _Account(line, self.number, Notes()).account(uri, params, display, bracketed)
            return real, aside.read()[0]
        real = self.account(uri, params, display, bracketed)
        self.missing_semicolon(rest)
        return real, self.meant(real, uri, stop, params)

    def no_address(
        self, start: int, stop: int, rest: int, params: dict[str, tuple[str, int, int]]
    ) -> Registration | None:
        """What is no address: the scheme is missing, or there is none at all."""
        body = self.line[start:stop]
        self.secrets(params, "")
        self.ends = True
        meant = None
        fix = "<sip:user@host>"
        message = f"baresip cannot read the address: it must begin with `sip:` and name a host.{_NO_FURTHER}"
        if self.line.lstrip()[:1] == "#":
            message = f"Only a `#` in column 1 begins a comment: baresip takes this for an account.{_NO_FURTHER}"
            fix = self.line.lstrip()
        elif re.fullmatch(r"[^\s:@<>=]+@[^\s@:<>=]+(?::\d+)?", body):
            fix = f"<sip:{body}>"
            message = f"`sip:` is missing in front of the address: baresip does not take the account.{_NO_FURTHER}"
            meant = _Account(f"<sip:{body}>{self.line[rest:]}", self.number, Notes()).read()[0]
        elif re.match(r"register\s*=", body, re.IGNORECASE):
            message = f"This is a registration string of Asterisk's chan_sip: baresip does not take it.{_NO_FURTHER}"
            reading = chan_sip.parse(self.line, line=self.number)
            for secret in reading.secrets:
                self.notes.secret(secret)
            self.notes.secret_spans.extend(reading.secret_spans)
        hide_password(Piece(self.line, self.number, 1).part(start, stop), self.notes)
        instead = fix.strip("<>") if meant is not None and start and self.line[start - 1] == "<" else None
        self.notes.add("SR501", self.span(start, max(stop, start + 1)), message, fix=fix, instead=instead)
        return meant

    def unclosed(self, open_: int) -> Registration | None:
        """A `<` without `>`: it belongs in front of the first parameter that is baresip's own."""
        line = self.line
        first = OWN.search(line, open_)
        stop = first.start() if first else len(line.rstrip())
        params = self.params.read(stop, inside=True)
        self.secrets(params, "")
        message = "The `>` is missing: baresip takes `<sip` for the scheme, and the login fails."
        behind = self.span(stop, stop + 1) if first else self.span(max(open_, stop - 1), stop)
        hide_password(Piece(line, self.number, 1).part(open_ + 1, stop), self.notes)
        self.notes.add("SR502", behind, message, instead=">" + line[stop : stop + 1])
        uri = _URI.match(line, open_ + 1, stop)
        if uri is None or not uri.group(4):
            return None
        meant = _Account(line[:stop] + ">" + line[stop:], self.number, Notes()).read()
        return meant[1] or meant[0]

    def missing_semicolon(self, rest: int) -> None:
        """A parameter that no `;` stands in front of."""
        match = re.match(rf"([ \t,]+)(?:{'|'.join(LOGIN)})[ \t]*=[ \t]*({VALUE}*)", self.line[rest:], re.IGNORECASE)
        if match is None:
            return
        begin = rest + match.start(2)
        self.notes.secret(match.group(2), self.span(begin, begin + len(match.group(2))))
        message = "A parameter begins with `;`: baresip does not see this one."
        self.notes.add("SR513", self.span(rest + match.start(1), rest + match.end(1)), message, instead=";")

    def meant(
        self, real: Registration, uri: re.Match[str], stop: int, params: dict[str, tuple[str, int, int]]
    ) -> Registration | None:
        """The line as it was probably meant, where there is something that says so."""
        meant = real
        if "transport" in params and not self.params.routes:
            outside = params["transport"][0].lower()
            meant = replace(meant, transport=outside) if outside in ("udp", "tcp", "tls") else meant
        if self.params.secret is not None:
            meant = replace(meant, secret=self.params.secret)
        if self.params.routes:
            proxy = self.line[params["outbound"][1] : self.params.routes]
            named = re.search(r";transport=(\w+)", proxy)
            transport = named.group(1).lower() if named else meant.transport
            meant = replace(meant, outbound_proxy=proxy, transport=transport)
        login_and, _, host = self.line[uri.start(2) : stop].rpartition("@")
        if "@" in login_and and re.match(r"[\w.\-]+(?:[:;].*)?\Z", host):
            again = self.line[: uri.start(2)] + login_and.replace("@", "%40") + "@" + self.line[stop - len(host) :]
            other = _Account(again, self.number, Notes()).read()[0]
            if other is not None:
                login = meant.auth_user or other.user
                meant = replace(other, secret=meant.secret, effective_auth_user=login)
        parted = _PARTED.match(self.line, stop)
        if parted and not params:
            again = self.line[: stop + 1] + ";" + self.line[parted.end() :]
            meant = _Account(again, self.number, Notes()).read()[0] or meant
        return meant if meant != real else None

    def secrets(self, params: dict[str, tuple[str, int, int]], uri_password: str) -> None:
        value = params.get("auth_pass")
        if value is not None:
            text, start, stop = value
            self.notes.secret(text, self.span(start, stop))
            first, last = len(encode(self.line[:start])), len(encode(self.line[:stop]))
            checks.characters(self.notes, self.mapped.part(first, last), "password", "baresip", secret=True)
            if '\\"' in text:
                message = "A backslash is not removed: it is sent as part of the password. There is no way to write "
                message += '`"`: choose a password without it.'
                at = start + text.index('\\"')
                self.notes.reveal(self.span(at, at + 2))
                self.notes.add("SR506", self.span(at, at + 2), message)
                self.secret = text.replace('\\"', '"')
                self.notes.secret(self.secret)
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
            bare = self.line[: uri.start(3) - 1] + self.line[uri.end(3) :]
            fix = f"{bare.rstrip()};auth_pass={dotted(password)}" if bracketed else ""
            notes.add("SR507", self.span(uri.start(3), uri.end(3)), message, fix=fix)
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
        if port_text and is_ipv6(re.split(r"[;?]", f"{host}:{port_text}", maxsplit=1)[0]):
            whole = f"{host}:{port_text}"
            message = f"`{whole}` is an IPv6 address without brackets: baresip takes its first `:` for that of a port."
            notes.add("SR141", self.span(uri.start(4), uri.end(5)), message, instead=f"[{whole}]")
        elif at >= 0:
            message = f"The user ends at the first `@`: baresip takes `{host}` for the host. In a user `@` is `%40`."
            notes.add("SR501", host_span, message)
        else:
            checks.host(notes, host, host_span, "baresip")
        port: int | None = None
        if port_text:
            digits = re.match(r"\d+", port_text)
            port = (int(digits.group()[:12]) % 65536 or None) if digits else None
            span = self.span(uri.start(5), uri.end(5))
            if ":" in port_text:  # said already
                port = int(digits.group()[:12]) % 65536 or None if digits else None
            elif digits is None or digits.group() != port_text or int(digits.group()[:12]) > 65535:
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
        if user:
            first, last = len(encode(self.line[: uri.start(2)])), len(encode(self.line[: uri.end(2)]))
            checks.characters(notes, self.mapped.part(first, last), "user", "baresip")
            checks.placeholders(notes, [("user", user, user_span)])
        regint, expiry_range = self.regint(params)
        auth_user, begin, _ = params.get("auth_user", ("", 0, 0))
        header_words.judge_login(notes, auth_user, Piece(auth_user, self.number, begin + 1), "baresip")
        if "%" in (user or "") and not auth_user and pjsip_uri.plain(user or "") != user:
            login = pjsip_uri.plain(user or "")
            message = f"Percent signs are for the address only: baresip logs in as `{user}`."
            quoted = f'"{login}"' if _NEEDS_QUOTES.search(login) else login
            notes.add(
                "SR514",
                user_span,
                message,
                instead=f";auth_user={quoted}",
                at=self.span(len(self.line.rstrip()), len(self.line)),
            )
        proxy = params.get("outbound1") or params.get("outbound")
        if proxy is not None and not re.match(r"sips?:", proxy[0], re.IGNORECASE):
            message = "The outbound proxy is a whole URI: without `sip:` baresip does not register."
            notes.add("SR501", self.span(proxy[1], proxy[2]), message, fix=f'outbound="sip:{proxy[0]}"')
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
            self.notes.add("SR509", span, message, instead="3600")
            return 0, None
        seconds = int(text[:9])
        if seconds == 0:
            self.notes.add("SR511", span, "`regint=0` means that the account does not register.")
        else:
            checks.expiry(self.notes, seconds, span)
        return seconds, None


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
    named = NAMES_A_PARAM.search(text)
    if named:
        why = f"the {label} holds `{named.group()}`, which baresip finds and takes for a parameter, quotes or not"
        raise CannotRender(";", why)
    return f'"{text}"' if _NEEDS_QUOTES.search(text) else text


def render_all(trunks: Sequence[Trunk]) -> str:
    """A line for each trunk. Raises CannotRender as `render` does."""
    return several.in_lines(render, trunks)
