"""The command line of sipsak: `sipsak -U -s sip:user@host -u authuser -a password -x expires -p proxy -r port`.

Theory of operation. The shell splits the words, getopt reads the options. `-s` is cut at the first `:` and the first
`@`, and knows no parameters. The port is the first one that `-p`, `-r` and `-s` name, in their order, but `-r` always
wins; a name without a port is looked up by SRV, an address is UDP. Only `-U` registers, once, for 15 seconds unless
`-x` says more. An absent password is an empty one, and `-` is asked for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import checks, header_words, shell_words
from mockregistrar.trunks.command_lines import Program, Settled
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import host_problem, meant_seconds, repaired_number
from mockregistrar.trunks.positions import Mapped
from mockregistrar.trunks.shell_words import Command, Word
from mockregistrar.trunks.uris import pjsip_uri

from . import sipsak_options
from .sipsak_options import Options
from .sipsak_uri import SipsakUri

NAME = "sipsak-cmdline"
ALIASES = ("sipsak",)
FORMS = ("line",)

EXPIRES = 15
_PORT, _HIGHEST_PORT = 5060, 65535
_PORT_DIGITS = 4
_MOST_NUMBERED = 1000
_TRANSPORTS = ("udp", "tcp", "tls")
_CONTACT = r"(?:empty|none|star|\*)\Z|<?sips?:|[^:@]+:"
_PROGRAM = Program("sipsak", NAME, secret_option=r"-[A-Za-z]*?a|--pass\w*")


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    return _PROGRAM.recognise(head)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the commands in a text that run sipsak. Never raises."""
    del form, path
    return _PROGRAM.parse(text, _settle)


def _settle(words: Command, notes: Notes, place: Span) -> Settled:
    options = sipsak_options.read(words, notes)
    aside = Notes()
    real = _Login(options, notes if options.ok else aside, place)
    made = real.registrations()
    ok = options.ok and real.ok
    meant = _Login(sipsak_options.read_meant(words), aside, place, as_meant=True).registrations()
    shell_words.take_secrets(notes, aside)
    return Settled(ok, made if ok else (), meant)


class _Login:
    """One command, as sipsak reads it, or as it was meant."""

    def __init__(self, options: Options, notes: Notes, place: Span, *, as_meant: bool = False) -> None:
        self.options = options
        self.notes = notes
        self.place = place
        self.as_meant = as_meant
        self.ok = True
        self.port = 0
        self.transport: str | None = None
        self.looked_up = False
        self.proxy: SipsakUri | None = None
        self.uri: SipsakUri | None = None
        self.password = ""

    def registrations(self) -> tuple[Registration, ...]:
        """The logins; none where sipsak stops."""
        secret = self._secret()
        for letter, value, _ in self.options.found:
            if value is not None and letter in ("E", "p", "r", "s"):
                {"E": self._transport, "p": self._proxy, "r": self._remote_port, "s": self._address}[letter](value)
        registers = self._registers()
        user = self.uri.user if self.uri else None
        if registers and (self.uri is None or not user):
            word = self.options.word("s")
            message = "To register sipsak needs `-s` with a user in its URI: it stops."
            log = "error: for the USRLOC mode you have to give a SIPURI with a username"
            self._stop("SR768", word.span if word else self.place, message, fix="-s sip:user@host", log=log)
        if self.uri is None or (registers and not user):
            return ()
        self._settle_port()
        expiry = self._expiry(registers)
        numbers = self._numbers()
        self._judge(registers, user or "")
        made = self._registration(self.uri, registers, secret, expiry)
        if self._open("s", user or ""):
            return (replace(made, effective_auth_user=made.auth_user or None),)
        names = [user or ""] if numbers is None else [f"{user}{number}" for number in numbers]
        return tuple(self._named(made, name) for name in names)

    def _named(self, made: Registration, name: str) -> Registration:
        """A registration for a user as it is written in the URI."""
        user = pjsip_uri.plain(name)
        login = None if made.auth_user is None else made.auth_user or name
        return replace(made, user=user, effective_auth_user=login, extension=self._extension(user))

    def _open(self, letter: str, text: str) -> bool:
        """Whether the shell puts something else in place of a part of an option's value."""
        word = self.options.value(letter)
        return word is not None and word.replaced and ("$" in text or "`" in text)

    def _stop(
        self, code: str, span: Span, message: str, instead: str | None = None, *, fix: str = "", log: str = ""
    ) -> None:
        self.notes.add(code, span, message, fix=fix, instead=instead, log=log)
        self.ok = False

    def _value(self, letter: str) -> str:
        word = self.options.value(letter)
        return word.text if word is not None else ""

    # --- what is secret

    def _secret(self) -> str | None:
        word, digest = self.options.value("a"), self.options.value("J")
        if digest is not None:
            self.notes.secret(digest.text, *digest.spans)
        if word is None:
            return ""
        if not word.whole:
            self.notes.secret(word.text, *word.spans)
        if word.text == "-" or (word.replaced and (word.whole or not self.as_meant)):
            return None
        return word.text

    def _ha1(self) -> str | None:
        digest = self.options.value("J")
        if digest is None or digest.replaced:
            return None
        if len(digest.text) < 32:
            message = "`-J` takes the 32 hexadecimal digits of an HA1: sipsak stops. A password is for `-a`."
            self._stop("SR777", digest.span, message, log="error: authhash string is too short")
        return digest.text[:32]

    # --- where it goes

    def _transport(self, word: Word) -> None:
        named = word.text.lower()
        if named in _TRANSPORTS:
            self.transport = named
        elif not word.replaced:
            log = f"error: unsupported transport '{word.text}', supported values: udp, tcp"
            self._stop("SR773", word.span, f"`{word.text}` is no transport of sipsak: it stops.", log=log)

    def _integer(self, word: Word) -> int | None:
        digits = word.text.strip()
        if digits.isascii() and digits.isdigit():
            return int(digits[:9])
        if word.replaced:
            return None
        repaired = meant_seconds(digits)
        message = f"`{word.text}` is no number: sipsak stops."
        letter = checks.digits_look_alike(digits)
        if letter and repaired is not None:
            message = f"`{word.text}` holds the letter {letter}: sipsak stops."
        better = str(repaired) if repaired is not None else None
        self._stop("SR772", word.span, message, better, log=f"error: string is not a number: '{word.text}'")
        return repaired

    def _remote_port(self, word: Word) -> None:
        self.port = self._integer(word) or 0

    def _proxy(self, word: Word) -> None:
        uri = SipsakUri.cut(word.text)
        self.proxy = uri
        if word.replaced:
            self.looked_up = self.looked_up or not self.port
            return
        self._host(word, uri.host)
        self._looks_up(uri.host, uri.port)
        if uri.port and not self.port:
            self.port = uri.port
            self._judge_port(word, uri)

    def _address(self, word: Word) -> None:
        uri, named, judged = SipsakUri.cut(word.text), "", True
        if self.as_meant:
            uri, self.password, named = SipsakUri.probable(word.text)
        elif not word.replaced:
            judged = self._judge_uri(word, uri)
        if self.password:
            self.notes.secret(self.password)
        self.uri = uri
        if uri.port and not self.port and not word.replaced:
            self.port = uri.port
            if judged:
                self._judge_port(word, uri)
        if named in _TRANSPORTS and self.transport is None:
            self.transport = named
        if self.proxy is None:
            self._looks_up(uri.host, self.port)

    def _looks_up(self, host: str, port: int) -> None:
        """An address is UDP, a name with a port is too; for a name without one SRV decides."""
        if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", host):
            self.transport = self.transport or "udp"
        elif not port and not self.port:
            self.looked_up = True  # also where the shell puts in the host: nobody knows what it will be

    def _settle_port(self) -> None:
        if not self.port and not self.looked_up:
            self.port = _PORT
        if not self.looked_up:
            self.transport = self.transport or "udp"

    def _host(self, word: Word, host: str) -> None:
        at = word.text.find(host)
        if host and host_problem(host) is not None:
            self.ok = False
        checks.host(self.notes, host, word.part(at, at + len(host)).span, "sipsak")

    def _judge_port(self, word: Word, uri: SipsakUri) -> None:
        at = word.text.rfind(uri.port_text)
        span = word.part(at, at + len(uri.port_text)).span
        if uri.port < 0:
            repaired = repaired_number(uri.port_text)
            better = str(repaired) if repaired is not None else None
            log = f"error: string is not a number: '{uri.port_text.split(maxsplit=1)[0] if uri.port_text else ''}'"
            self._stop("SR772", span, f"`{uri.port_text}` is no port: sipsak stops.", better, log=log)
        elif uri.port > _HIGHEST_PORT:
            log = f"error: invalid remote port: {uri.port}"
            self._stop("SR772", span, "A port is a number from 1 to 65535: sipsak stops.", log=log)
        else:
            checks.port_and_transport(self.notes, uri.port, self._named_transport(), span)

    def _named_transport(self) -> str:
        """The transport that `-E` names wherever it stands, else UDP."""
        named = self._value("E").lower()
        return named if named in _TRANSPORTS else "udp"

    # --- what there is to say

    def _judge_uri(self, word: Word, uri: SipsakUri) -> bool:
        """Whether sipsak takes the URI."""
        text = word.text
        problem = self._problem(text, uri)
        if problem is not None:
            start, stop, why, fix, log = problem
            self._stop("SR767", word.part(start, max(stop, start + 1)).span, why, fix=fix, log=log)
            return False
        user, host = uri.user or "", uri.host
        at = text.find(host, len(text) - len(host) - len(uri.port_text) - 1)
        checks.host(self.notes, host, word.part(max(0, at), max(0, at) + len(host)).span, "sipsak")
        if host_problem(host) is not None:
            self.ok = False
        name, colon, password = user.partition(":")
        if colon:
            begin = text.index(":") + 1 + len(name)
            if password:
                self.notes.secret(password, word.part(begin + 1, begin + 1 + len(password)).span)
            span = word.part(begin, begin + 1).span
            self.notes.reveal(span)
            message = "sipsak takes a password in the URI for a part of the user: `-a` is for the password."
            self.notes.add("SR767", span, message, fix="-a …", severity="warning")
        if len(uri.port_text) > _PORT_DIGITS and uri.port > 0:
            begin = text.rfind(uri.port_text)
            span = word.part(begin, begin + len(uri.port_text)).span
            message = f"sipsak writes the port as {uri.port_text[:_PORT_DIGITS]} into From, To and the Request-URI, "
            message += "unless `-r` stands in front of `-s`."
            self.notes.add("SR771", span, message, fix=f"-r {uri.port}")
        return True

    def _problem(self, text: str, uri: SipsakUri) -> tuple[int, int, str, str, str] | None:
        """Why sipsak refuses a URI: where, the sentence, the fix and the log line."""
        scheme = (uri.scheme or "").lower()
        colon = text.find(":") + 1
        if uri.scheme is None:
            why = "`sip:` is missing in front: sipsak stops."
            return 0, len(text), why, f"-s sip:{text}", "error: missing scheme in SIP URI"
        if scheme == "sips":
            why = "sipsak knows no `sips:`: `-E tls` is for TLS, where sipsak was built with it."
            return 0, colon, why, "-E tls -s sip:…", "error: sips is not supported yet"
        if scheme != "sip":
            why = "sipsak takes a bare URI that begins with `sip:`."
            return 0, colon, why, "-s sip:user@host", "error: scheme of SIP URI has to be sip"
        parameter = text.find(";", max(text.rfind("@"), 0))
        if parameter >= 0:
            named = re.search(r"transport=(udp|tcp|tls)\b", text[parameter:], re.IGNORECASE)
            why = "sipsak knows no parameters of a URI: they become a part of host or port."
            return parameter, len(text), why, f"-E {named.group(1).lower()}" if named else "", ""
        second = text.find("@", text.find("@") + 1) if "@" in text else -1
        if second >= 0:
            why = "The user ends at the first `@`, and the rest is no host. In a user it is written `%40`."
            return text.find("@"), second + 1, why, "%40", ""
        if uri.host.startswith("["):
            return colon, len(text), "sipsak knows no IPv6 addresses.", "", "'[' is unresolvable"
        return None

    def _judge(self, registers: bool, user: str) -> None:
        word = self.options.word("s")
        place = word.span if word else self.place
        if not registers:
            self.notes.add("SR769", self.place, "Without `-U` sipsak sends OPTIONS: nothing is registered.", fix="-U")
        elif self._value("C") in ("none", "empty"):
            where = self.options.word("C")
            message = f"With `-C {self._value('C')}` there is no Contact: the login is checked, nothing is bound."
            self.notes.add("SR769", where.span if where else place, message)
        if registers and self.options.value("u") is None and not self._open("s", user):
            message = f"Without `-u` sipsak 0.9.8 logs in as `{user}@`, which no carrier knows."
            self.notes.add("SR770", place, message, fix=f"-u {user}")
        named = [("a", "password", True), ("u", "user name of the login", False), ("s", "URI", False)]
        fields: list[tuple[str, str, Span]] = []
        for letter, what, secret in named:
            value = self.options.value(letter)
            if value is None or value.replaced:
                continue
            if letter == "u":
                header_words.judge_login(self.notes, value.text, value.piece, "sipsak")
            mapped = Mapped.from_text(value.text, value.piece.line, value.piece.column)
            checks.characters(self.notes, mapped, what, "sipsak", secret=secret)
            fields.append((what, user, value.span) if letter == "s" else (what, value.text, value.span))
        checks.placeholders(self.notes, fields)
        contact = self.options.value("C")
        if contact is not None and re.match(_CONTACT, contact.text, re.IGNORECASE) is None and not contact.replaced:
            log = "error: REGISTER Contact URI doesn't not contain sip:, sips:, *, or is not empty"
            fix = f"-C sip:{contact.text}"
            self._stop("SR767", contact.span, "The Contact is a URI: sipsak stops.", fix=fix, log=log)

    def _registers(self) -> bool:
        """Whether the last mode that is named is one that registers."""
        mode = ""
        for letter, _, _ in self.options.found:
            if letter in "FRT":
                mode = letter
            elif letter == "U":
                mode = "U" + mode if mode in ("I", "M") else "U"
            elif letter in "IM":
                mode = "U" + letter if mode == "U" else letter
        if mode == "UI" and self.options.value("l") is None:
            word = self.options.word("I")
            message = "`-I` together with `-U` needs a local port, `-l`: sipsak stops."
            self._stop("SR764", word.span if word else self.place, message, fix="-l 5070")
        return mode.startswith("U")

    def _expiry(self, registers: bool) -> int:
        word = self.options.value("x")
        if word is None:
            if registers:
                message = (
                    f"Without `-x` sipsak asks for {EXPIRES} seconds: many carriers answer 423 Interval Too Brief."
                )
                option = self.options.word("U")
                self.notes.add("SR136", option.span if option else self.place, message, fix="-x 3600")
            return EXPIRES
        seconds = self._integer(word)
        if seconds is None:
            return EXPIRES
        if registers and seconds == 0:
            message = "0 seconds remove the registration."
            self.notes.add("SR135", word.span, message, severity="hint")
        checks.expiry(self.notes, seconds, word.span)
        return seconds

    def _numbers(self) -> range | None:
        """The numbers that are appended to the user; None for none."""
        begin, end = self.options.value("b"), self.options.value("e")
        first = self._integer(begin) if begin is not None else None
        last = self._integer(end) if end is not None else None
        if first and last is None and begin is not None:
            log = "error: if a starting numbers is given also an ending number have to be specified"
            self._stop("SR764", begin.span, "`-b` needs `-e`: sipsak stops.", fix=f"-e {first}", log=log)
        if not last or self.options.value("C") is not None:
            return None
        first = first or 0
        return range(first, min(last, first + _MOST_NUMBERED - 1) + 1)

    def _extension(self, user: str) -> str | None:
        contact = self.options.value("C")
        if contact is None:
            return user
        found = re.match(r"<?sips?:(?:([^@>]*)@)?", contact.text, re.IGNORECASE)
        return pjsip_uri.plain(found.group(1) or "") if found else None

    def _registration(self, uri: SipsakUri, registers: bool, secret: str | None, expiry: int) -> Registration:
        domain_port = int(str(uri.port)[:_PORT_DIGITS]) if uri.port > 0 else None
        domain = None if self._open("s", uri.host) else uri.host
        proxy = None if self.proxy is None or self._open("p", self.proxy.host) else self.proxy.host
        if self.as_meant and self.password and self.options.value("a") is None:
            secret = self.password
        ha1 = self._ha1()
        return Registration(
            secret=None if ha1 and self.options.value("a") is None else secret,
            auth_user=None if self._open("u", self._value("u")) else self._value("u"),
            domain=domain,
            domain_port=domain_port,
            host=proxy if self.proxy is not None else domain,
            port=self.port if self.port > 0 else None,
            transport=self.transport,
            expiry=expiry,
            outbound_proxy=self._value("p"),
            register=registers,
            ha1=ha1,
            span=self.place,
        )


def render(trunk: Trunk) -> str:
    """The command, quoted for the shell. Raises CannotRender for what sipsak cannot be told."""
    domain_port = f":{trunk.domain_port}" if trunk.domain_port is not None else ""
    if len(domain_port) > _PORT_DIGITS + 1:
        raise CannotRender(domain_port, "sipsak writes only four digits of a port into the address")
    for host in (trunk.dial_host, trunk.aor_host):
        if host.startswith("[") or host_problem(host) is not None or not host:
            raise CannotRender(host, "sipsak takes a host name or an IPv4 address")
    if trunk.dial_transport not in _TRANSPORTS:
        raise CannotRender(trunk.dial_transport, "sipsak speaks udp, tcp and tls")
    if not trunk.user:
        raise CannotRender("", "sipsak needs a user to register")
    if trunk.secret == "-":
        raise CannotRender("-", "sipsak takes `-` for a password that it has to ask for")
    words = ["sipsak", "-U", "-x", str(trunk.expiry)]
    words += ["-E", trunk.dial_transport] if trunk.dial_transport != "udp" else []
    away = trunk.aor_host.lower() != trunk.dial_host.lower()
    words += ["-p", f"{trunk.dial_host}:{trunk.dial_port}"] if away else ["-r", str(trunk.dial_port)]
    words += ["-s", f"sip:{header_words.escaped_user(trunk.user)}@{trunk.aor_host}{domain_port}"]
    words += _option("-u", header_words.login(trunk.effective_auth_user, "sipsak"))
    words += _option("-J", trunk.ha1) if trunk.ha1 and not trunk.secret else _option("-a", trunk.secret)
    return " ".join(shell_words.word_for(word, "command") for word in words)


def _option(option: str, value: str) -> list[str]:
    """An option and its value; one that looks like an option is joined to it."""
    return [f"{option}{value}"] if value.startswith("-") else [option, value]
