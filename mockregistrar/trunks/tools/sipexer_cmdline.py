"""The command line of sipexer: `sipexer -register -cb -ex 600 -fuser user -fd domain -au user -ap password host:port`.

Theory of operation. The shell splits the words, Go's flag package reads the flags, the rest is the target: an address
(`proto:host:port`, UDP and 5060 unless it says more), the same in two or three words, a SIP URI or a WebSocket URL.
From and To are `alice` at `localhost` unless `-fuser` and `-fdomain` say more, or `-sd` takes the domain from the
Request-URI. `-au` is the name in the digest, by default that of From. Without `-cb` or `-cu` there is no Contact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mockregistrar.trunks import checks, shell_words
from mockregistrar.trunks.command_lines import Program, Settled
from mockregistrar.trunks.masking import dotted
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import host_problem, repaired_number
from mockregistrar.trunks.positions import Mapped
from mockregistrar.trunks.shell_words import Command, Word
from mockregistrar.trunks.uris import pjsip_uri

from . import sipexer_flags
from .sipexer_flags import Flags

NAME = "sipexer-cmdline"
ALIASES = ("sipexer",)
FORMS = ("line",)

_USER, _DOMAIN = "alice", "localhost"
_PORT, _HIGHEST_PORT = 5060, 65535
_WEB_PORTS = {"ws": 80, "wss": 443}
_PROTOCOLS = ("udp", "tcp", "tls", "sctp", "ws", "wss")
_SPEAKS = ("udp", "tcp", "tls", "ws", "wss")
_NO_VALUE = "no"
_METHODS = ("register", "message", "options", "invite", "info", "subscribe", "publish", "notify")
_PROGRAM = Program("sipexer", NAME, secret_option=r"--?(?:ap|auth-password|pass\w*|pw)")
_TARGET = re.compile(r"(?:udp|tcp|tls):(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::[0-9]{2,5})?")
"""A target that is for sure no word of a password."""
_LOCAL = re.compile(r"localhost|127\.\d+\.\d+\.\d+|\[::1\]")


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    return _PROGRAM.recognise(head)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the commands in a text that run sipexer. Never raises."""
    del form, path
    return _PROGRAM.parse(text, _settle)


def _settle(words: Command, notes: Notes, place: Span) -> Settled:
    flags = sipexer_flags.read(words, notes)
    aside = Notes()
    real = _Login(flags, notes if flags.ok else aside, place)
    made = real.registration()
    ok = flags.ok and real.ok
    meant = _Login(sipexer_flags.read_meant(words), aside, place, as_meant=True).registration()
    shell_words.take_secrets(notes, aside)
    return Settled(ok, (made,) if ok and made is not None else (), (meant,) if meant is not None else ())


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request is sent. `user` is that of the Request-URI; `why` says why there is no such target."""

    host: str = "127.0.0.1"
    port: int = _PORT
    transport: str = "udp"
    user: str = ""
    written_port: bool = False
    sips: bool = False
    why: str = ""


def target_of(words: list[str]) -> Target:
    """A target as sipexer reads it: at most three words. Never raises."""
    if not words:
        return Target()
    if len(words) > 3:
        return Target(why="it has more than three words")
    if len(words) == 1 and re.match(r"wss?://", words[0], re.IGNORECASE):
        return _web(words[0])
    text = ":".join(words)
    if len(words) == 2 and words[0].lower() not in _PROTOCOLS:
        text = f"udp:{text}"
    address = _address(text)
    return address if not address.why else _uri(text) or address


def _web(text: str) -> Target:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return Target(why="it is no URL")
    scheme = parts.scheme.lower()
    host = f"[{host}]" if ":" in host else host
    return Target(host, port or _WEB_PORTS[scheme], scheme, written_port=port is not None)


def _address(text: str) -> Target:
    """`host`, `host:port`, `proto:host` or `proto:host:port`."""
    first, colon, rest = text.partition(":")
    named = colon and first.lower() in _PROTOCOLS and not text.startswith("[")
    transport, rest = (first.lower(), rest) if named else ("udp", text)
    if rest.startswith("["):
        host, close, port = rest.partition("]")
        host, port = host + close, port.removeprefix(":") if close else ""
    else:
        host, second, port = rest.partition(":")
        if second and not port:
            return Target(why="the port is missing behind `:`")
    if port and not re.fullmatch(r"\d{1,9}", port, re.ASCII):
        return Target(why="the port is no number")
    return Target(host, int(port) if port else _PORT, transport, written_port=bool(port))


def _uri(text: str) -> Target | None:
    """A SIP URI; None for what is none."""
    match = re.fullmatch(r"(sips?|SIPS?):(?:([^@]+)@)?(\[[^\]]*\]|[^:;@]*)(?::([^;]*))?((?:;.*)?)", text, re.DOTALL)
    if match is None:
        return None
    scheme, user, host, port, parameters = match.groups()
    if port is not None and not re.fullmatch(r"\d{1,9}", port, re.ASCII):
        return Target(why="the port is no number")
    named = re.search(r";transport=([^;]*)", parameters)
    transport = named.group(1).lower() if named else "udp"
    if transport not in _PROTOCOLS:
        return Target(why=f"`{transport}` is no transport")
    sips = scheme.lower() == "sips" and not named
    return Target(host, int(port) if port else _PORT, transport, user or "", port is not None, sips)


class _Login:
    """One command, as sipexer reads it, or as it was meant."""

    def __init__(self, flags: Flags, notes: Notes, place: Span, *, as_meant: bool = False) -> None:
        self.flags = flags
        self.notes = notes
        self.place = place
        self.as_meant = as_meant
        self.ok = True
        self.open = False

    def registration(self) -> Registration | None:
        """The login; None where nothing is sent."""
        secret = self._secret()
        ha1 = self._ha1(secret)
        expiry = self._expiry()
        target = self._target()
        if target is None:
            return None
        user, domain, domain_port = self._address_of_record(target)
        registers = self._registers()
        login = self.flags.values.get("auth-user")
        auth_user = "" if login is None else None if login.replaced else login.text
        self._judge(registers, target)
        from_user = self._from_user()
        return Registration(
            user=user,
            secret=None if ha1 else secret,
            auth_user=auth_user,
            effective_auth_user=auth_user if auth_user or auth_user is None else from_user,
            domain=domain,
            domain_port=domain_port,
            host=None if self.open else target.host,
            port=None if self.open else target.port,
            transport=None if self.open else target.transport,
            extension=self._extension(registers),
            expiry=expiry,
            register=registers,
            display_name=self._field("fname"),
            ha1=ha1,
            span=self.place,
        )

    def _stop(self, code: str, span: Span, message: str, *, fix: str = "", log: str = "") -> None:
        self.notes.add(code, span, message, fix=fix, log=log)
        self.ok = False

    # --- credentials

    def _secret(self) -> str | None:
        word = self.flags.values.get("auth-password")
        if word is None:
            return ""
        if not word.whole:
            self.notes.secret(word.text, *word.spans)
        return None if word.replaced and (word.whole or not self.as_meant) else word.text

    def _ha1(self, secret: str | None) -> str | None:
        if "ha1" not in self.flags.switches or not secret:
            return None
        word = self.flags.values["auth-password"]
        if not re.fullmatch(r"[0-9A-Fa-f]{32}", secret):
            message = "With `-ha1` the password is an HA1, 32 hexadecimal digits: this one will not be accepted. "
            message += "For a plain password leave `-ha1` out."
            self.notes.add("SR777", word.span, message)
        return secret

    def _registers(self) -> bool:
        for method in _METHODS:
            if method in self.flags.switches:
                return method == "register" or "register-first" in self.flags.switches
        if {"register-first", "call-self", "call-user"} & self.flags.switches.keys():
            return True
        named = self.flags.text("method") or self._field("method") or ""
        return named.upper() == "REGISTER"

    def _expiry(self) -> int | None:
        word = self.flags.values.get("expires")
        text = word.text if word is not None else ""
        if word is None or not text or word.replaced:
            return None
        if re.fullmatch(r"\+?\d{1,9}", text, re.ASCII):
            if int(text) == 0:
                self.notes.add("SR135", word.span, "0 seconds remove the registration.", severity="hint")
            checks.expiry(self.notes, int(text), word.span)
            return int(text)
        repaired = repaired_number(text)
        letter = checks.digits_look_alike(text)
        what = f"holds the letter {letter}" if letter else "is no number"
        fix = str(repaired) if repaired is not None else ""
        message = f"`{text}` {what}: sipexer stops."
        self._stop("SR772", word.span, message, fix=fix, log=f"invalid expires value: {text}")
        return repaired

    # --- who

    def _field(self, name: str) -> str | None:
        """A field of the template that `-fv` sets."""
        word = self.flags.fields.get(name)
        return None if word is None or word.replaced else word.text

    def _of(self, flag: str, name: str, usual: str) -> str | None:
        """A flag, else the field of the template, else its default; None where the shell decides, "" for none."""
        word = self.flags.values.get(flag)
        word = word if word is not None and word.text else self.flags.fields.get(name)
        if word is None:
            return usual
        if word.replaced:
            return None
        return "" if word.text == (self.flags.text("no-val") or _NO_VALUE) else word.text

    def _from_user(self) -> str | None:
        login = self.flags.values.get("auth-user")
        likely = self.as_meant and login is not None and login.text and not login.replaced
        return self._of("fuser", "fuser", login.text if login is not None and likely else _USER)

    def _address_of_record(self, target: Target) -> tuple[str | None, str | None, int | None]:
        """User, domain and port of To, which is what is registered."""
        uri = self.flags.values.get("to-uri")
        if uri is not None and not uri.replaced:
            read = _uri(uri.text.strip("<>"))
            if read is not None and not read.why:
                return pjsip_uri.plain(read.user), read.host, read.port if read.written_port else None
        party = "register-party" in self.flags.switches
        user = self._of("tuser", "tuser", "bob") if party else self._from_user()
        domain = self._of("tdomain", "tdomain", _DOMAIN) if party else self._of("fdomain", "fdomain", _DOMAIN)
        if "set-domains" in self.flags.switches:
            uri = self.flags.values.get("ruri")
            other = _uri(uri.text) if uri is not None and not uri.replaced else None
            domain = other.host if other is not None and not other.why else None if self.open else target.host
        name, _, port = (domain or "").partition(":") if not (domain or "").startswith("[") else (domain or "", "", "")
        domain_port = int(port) if re.fullmatch(r"\d{1,5}", port, re.ASCII) else None
        plain = None if user is None else pjsip_uri.plain(user)
        return plain, None if domain is None else name, domain_port

    def _extension(self, registers: bool) -> str | None:
        """The user of the Contact: `-cb` writes none."""
        if "contact-build" in self.flags.switches:
            return ""
        contact = self.flags.values.get("contact-uri") or self.flags.fields.get("contacturi")
        if contact is None:
            if registers:
                message = "Without `-cb` or `-cu` there is no Contact: the login is checked, nothing is bound."
                self.notes.add("SR769", self.place, message, fix="-cb")
            return None
        found = re.match(r"<?sips?:(?:([^@>]*)@)?", contact.text, re.IGNORECASE)
        return pjsip_uri.plain(found.group(1) or "") if found and not contact.replaced else None

    # --- where to

    def _target(self) -> Target | None:
        words = self.flags.target
        if any(word.replaced for word in words):
            self.open = True
            return Target()
        target = target_of([word.text for word in words])
        if target.host.startswith("//"):
            target = Target(why="`://` is for `ws` and `wss` only")
        first = words[0] if words else None
        if first is None:
            return target
        span = first.span
        if target.why:
            fix = self._repaired(words)
            # what stands in front of the target may be the rest of a password with a blank in it
            parts: list[str] = []
            for word in words[:-1]:
                known = _TARGET.fullmatch(word.text) is not None or sipexer_flags.is_flag(word)
                parts.append(word.text if known else dotted(word.text))
                if not known:
                    self.notes.secret(word.text, word.span)
            shown = ":".join([*parts, words[-1].text])
            many = f"invalid number of arguments : {len(words)}"
            log = many if len(words) > 3 else f"invalid destination address: {shown}"
            self._stop("SR774", span, f"sipexer cannot read the target: {target.why}.", fix=fix, log=log)
            return target_of([fix]) if self.as_meant and fix else None
        if target.transport not in _SPEAKS:
            log = f"transport protocol not supported yet for target {':'.join(w.text for w in words)}"
            self._stop("SR773", span, f"sipexer does not speak {target.transport}: it stops.", log=log)
        if not 0 < target.port <= _HIGHEST_PORT:
            self._stop("SR772", span, "A port is a number from 1 to 65535.")
        if host_problem(target.host) is not None:
            self.ok = False
        at = max(0, first.text.find(target.host))
        where = first.part(at, at + len(target.host)).span if target.host in first.text else span
        checks.host(self.notes, target.host, where, "sipexer")
        if not target.host:
            self._stop("SR774", span, "There is no host in the target.")
        if target.sips:
            message = "`sips:` alone changes nothing: sipexer sends over UDP."
            self.notes.add("SR774", span, message, fix=f"tls:{target.host}:5061", severity="warning")
        if target.transport in ("udp", "tcp", "tls"):
            checks.port_and_transport(self.notes, target.port, target.transport, span)
        return target

    def _repaired(self, words: list[Word]) -> str:
        """The target that was meant, empty where none is probable."""
        text = ":".join(word.text for word in words)
        head, colon, port = text.rpartition(":")
        number = repaired_number(re.split(r"[;/]", port, maxsplit=1)[0]) if colon else None
        candidates = [f"{head}:{number}" if number is not None else "", re.split(r"[;/?]", text, maxsplit=1)[0]]
        if "@" in text and not re.match(r"sips?:", text):
            candidates.insert(0, f"sip:{text}")
        if "://" in text:
            transport, _, rest = text.partition("://")
            candidates.insert(0, f"{transport if transport.lower() in _SPEAKS else 'udp'}:{rest.partition('/')[0]}")
        return next((each for each in candidates if each and each != text and not target_of([each]).why), "")

    # --- what there is to say

    def _judge(self, registers: bool, target: Target) -> None:
        values = self.flags.values
        if not registers:
            self.notes.add("SR769", self.place, "Without `-register` sipexer sends another request.", fix="-register")
        login = values.get("auth-user")
        named = {"fuser", "to-uri", "from-uri"} & values.keys() or {"fuser", "tuser"} & self.flags.fields.keys()
        if registers and login is not None and not named and login.text not in ("", _USER):
            message = f"`-au` is the name in the digest only: sipexer registers `{_USER}`, its default."
            self.notes.add("SR775", login.span, message, fix=f"-fuser {login.text}")
        given = {"fdomain", "to-uri"} & values.keys() or "fdomain" in self.flags.fields
        if (
            registers
            and not given
            and "set-domains" not in self.flags.switches
            and not _LOCAL.fullmatch(target.host)
            and not self.open
        ):
            message = f"Without `-fdomain` or `-sd` the address that is registered is at `{_DOMAIN}`."
            self.notes.add("SR776", self.place, message, fix="-sd")
        fields: list[tuple[str, str, Span]] = []
        for flag, what in (("auth-password", "password"), ("auth-user", "user name of the login"), ("fuser", "user")):
            word = values.get(flag)
            if word is None or word.replaced:
                continue
            mapped = Mapped.from_text(word.text, word.piece.line, word.piece.column)
            checks.characters(self.notes, mapped, what, "sipexer", secret=flag == "auth-password")
            fields.append((what, word.text, word.span))
        checks.placeholders(self.notes, fields)
        domain = values.get("fdomain")
        if domain is not None and not domain.replaced:
            host = re.sub(r":\d+\Z", "", domain.text)
            checks.host(self.notes, host, domain.part(0, len(host)).span, "the carrier")


def render(trunk: Trunk) -> str:
    """The command, quoted for the shell. Raises CannotRender for what sipexer cannot be told."""
    if trunk.dial_transport not in _SPEAKS:
        raise CannotRender(trunk.dial_transport, "sipexer speaks udp, tcp, tls, ws and wss")
    for host in (trunk.dial_host, trunk.aor_host):
        if not host or host_problem(host) is not None:
            raise CannotRender(host, "it is no host")
    user = pjsip_uri.user_part(trunk.user)
    if user in ("", _NO_VALUE):
        raise CannotRender(user, "sipexer takes it for no user at all")
    domain_port = f":{trunk.domain_port}" if trunk.domain_port is not None else ""
    words = ["sipexer", "-register", "-cb", "-ex", str(trunk.expiry)]
    words += [*_flag("-fuser", user), *_flag("-fd", trunk.aor_host + domain_port)]
    words += _flag("-au", trunk.effective_auth_user)
    words += ["-ha1"] if trunk.ha1 and not trunk.secret else []
    words += _flag("-ap", trunk.secret or trunk.ha1)
    web = trunk.dial_transport in _WEB_PORTS
    words.append(f"{trunk.dial_transport}:{'//' if web else ''}{trunk.dial_host}:{trunk.dial_port}")
    return " ".join(shell_words.word_for(word, "command") for word in words)


def _flag(flag: str, value: str) -> list[str]:
    """A flag and its value; one that looks like a flag is joined to it."""
    return [f"{flag}={value}"] if value.startswith("-") else [flag, value]
