"""Twinkle's user profile (`~/.twinkle/NAME.cfg`): `user_name=`, `user_domain=`, `auth_name=`, `registrar=`, ...

Theory of operation. Blanks, and nothing but blanks, are stripped from a line and on both sides of its first `=`; the
last value of a setting counts. A line without `=` that is no comment makes Twinkle refuse the whole profile. REGISTER
goes to `registrar`, without one to `outbound_proxy`, else to the domain; `all_requests_to_proxy` changes nothing about
it. `auth_name` is not filled in from `user_name`. What was meant is settled from the same settings, repaired.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from mockregistrar.trunks import checks, header_words
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.masking import dotted
from mockregistrar.trunks.model import CannotRender, Severity, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import character_name, is_ipv6
from mockregistrar.trunks.positions import Mapped, encode

from . import twinkle_server
from .twinkle_options import ACCOUNT, CHOICES, FOREIGN, KNOWN, RANGES, SWITCHES

NAME = "twinkle-cfg"
ALIASES = ("twinkle",)
FORMS = ("file",)

_MOST_OF_A_KIND = 8
_BLANK = "\t\r\v\f\xa0\ufeff"
_NOTE = re.compile(r"(?<![ \t])[ \t]+[#;][ \t]*\w")
_CONTROLS = {"\t": "A tab", "\r": "A carriage return", "\v": "A vertical tab", "\f": "A form feed"}
_SECRET_NOTE = re.compile(r"(?<![ \t])[ \t]+[#;][ \t]+\w")
_LOST = re.compile(r"[ \t]*([A-Za-z_]+)[ \t]*(?::|[ \t]|=>)[ \t]*(.*)")
_WORDS = (
    ("user_name", "user name"),
    ("auth_name", "login name"),
    ("auth_pass", "password"),
    ("auth_realm", "realm"),
    ("user_display", "display name"),
)
_SIGN = re.compile(
    r"^[ ]*(user_name|user_domain|auth_name|auth_pass|auth_realm|registrar|outbound_proxy|register_at_startup"
    r"|registration_time|all_requests_to_proxy|sip_transport)[ ]*=",
    re.MULTILINE,
)
_OWN = frozenset(("user_name", "user_domain", "register_at_startup", "registration_time", "all_requests_to_proxy"))


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    found = set(_SIGN.findall(head))
    if len(found) < 2 or not found & _OWN or re.search(r"^[ \t]*\[[^\]\n]+\]", head, re.MULTILINE):
        return None
    return "file", "it has the settings of a user profile of Twinkle"


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a user profile. Never raises."""
    del form
    return _Profile(text, path.name if path is not None else "NAME.cfg").parsed()


class _Profile:
    def __init__(self, text: str, file_name: str) -> None:
        self.text = text
        self.log = f"Syntax error in file ~/.twinkle/{file_name}"
        self.notes = Notes()
        self.ok = True
        self.real: dict[str, Piece] = {}
        self.lost: dict[str, Piece] = {}
        self.meant: dict[str, str] = {}
        self.unknown: list[tuple[Piece, Piece]] = []
        self.tailed: list[Piece] = []
        self.refused = 0

    def parsed(self) -> Parsed:
        """Everything about the profile."""
        self.read()
        self.names()
        self.tails()
        notes = self.notes
        made: Registration | None = None
        meant: Registration | None = None
        if self.real or self.meant:
            self.judge()
            values = {name: piece.text for name, piece in self.real.items()}
            place = self.real.get("user_name") or next(iter(self.real.values()), None)
            span = place.span if place is not None else Span(1, 1, 0)
            made = twinkle_server.settled(values, span) if self.ok else None
            meant = twinkle_server.settled(values | self.meant, span)
        return notes.complete(
            Parsed(
                NAME,
                "file",
                self.text,
                ok=self.ok,
                registrations=(made,) if made is not None else (),
                meant=(meant,) if meant is not None and meant != made else (),
            )
        )

    # --- lines

    def read(self) -> None:
        """The settings, the last value of each."""
        for number, raw in enumerate(self.text.split("\n"), 1):
            line = Piece(raw, number, 1)
            line = _stripped(line)
            if not line.text or line.text[0] == "#":
                continue
            name, equals, _ = line.text.partition("=")
            if not equals:
                self.refuse(line)
                continue
            key = _stripped(line.part(0, len(name)))
            value = _stripped(line.part(len(name) + 1, len(line.text)))
            if value.text.endswith("\r"):
                self.tailed.append(value)
            if key.text not in KNOWN:
                self.unknown.append((key, value))
                continue
            before = self.real.get(key.text)
            if before is not None and before.text != value.text and key.text != "number_conversion":
                message = f"`{key.text}` stands in line {number} again: Twinkle takes the last value."
                self.hide(key.text, before)
                self.notes.add("SR570", before.span, message)
            self.real[key.text] = value

    def hide(self, name: str, value: Piece) -> None:
        """Remember a value that is a password."""
        if FOREIGN.get(name, name) == "auth_pass":
            self.notes.secret(value.text.strip(_BLANK), value.span)

    def refuse(self, line: Piece) -> None:
        """A line that is neither a setting nor a comment."""
        self.ok = False
        self.refused += 1
        lost = _LOST.match(line.text)
        name = lost.group(1) if lost else ""
        known = name if name in KNOWN else FOREIGN.get(name, "")
        value = line.part(lost.start(2), len(line.text)).strip() if lost else line.part(0, 0)
        if re.match(r"auth_pass|pass|secret", name):
            known = "auth_pass"
            self.hide(known, value)
        if self.refused > _MOST_OF_A_KIND:
            return
        if not line.text.strip(_BLANK):
            message = "The line is not empty: it holds white space that Twinkle does not strip. It refuses the profile."
            self.notes.add("SR563", line.span, message, instead="", log=self.log)
            return
        if line.text[0] == "\ufeff" and line.text[1:2] in ("", "#"):
            message = "The byte order mark makes this no comment: Twinkle refuses the whole profile. "
            message += "Save the file as UTF-8 without it."
            self.notes.add("SR150", line.part(0, 1).span, message, log=self.log)
        elif known and value.text:
            self.lost.setdefault(known, value)
            self.meant.setdefault(known, value.text)
            message = f"There is no `=` behind `{name}`: Twinkle refuses the whole profile."
            self.notes.add("SR562", line.span, message, fix=f"{known}={value.text}", log=self.log)
        elif line.text[0] in ";/'\"" or "#" in line.text[:3]:
            message = "A comment begins with `#`, at the beginning of its line: Twinkle refuses the whole profile."
            bare = line.text.lstrip(";/'\"#\t ")
            self.notes.add("SR562", line.span, message, fix=f"# {bare}", log=self.log)
        elif re.match(r"\[.*\]", line.text):
            message = "A profile has no sections: Twinkle refuses it because of this line."
            self.notes.add("SR562", line.span, message, fix="", log=self.log)
        else:
            message = "There is no `=` in this line: Twinkle refuses the whole profile. A comment has a `#` in front."
            self.notes.add("SR562", line.span, message, log=self.log)

    def names(self) -> None:
        """Settings that Twinkle does not know."""
        for key, value in self.unknown:
            bare = key.text.strip(_BLANK)
            self.hide(bare, value)
            if bare.startswith(("auth_pas", "pass")):
                self.hide("auth_pass", value)
        for key, value in self.unknown[:_MOST_OF_A_KIND]:
            bare = key.text.strip(_BLANK)
            log = f"Unknown parameter in user profile: {bare}"
            near = _near(bare)
            if near and near not in self.real:
                self.lost.setdefault(near, value)
                self.meant.setdefault(near, value.text.strip("\t\r\v\f"))
            if bare != key.text and bare in KNOWN:
                odd = next(i for i, c in enumerate(key.text) if c in _BLANK)
                span = key.part(odd, odd + 1).span
                what = _CONTROLS.get(key.text[odd]) or character_name(key.text[odd])
                message = f"{what} is part of the name: Twinkle does not know the setting."
                code = "SR563" if key.text[odd] in "\t\r\v\f" else "SR150"
                self.notes.add(
                    code, span, message, fix=f"{bare}=…", log=f"Unknown parameter in user profile: {_dotted(key.text)}"
                )
            elif near:
                missing = near in ACCOUNT and near not in self.real
                message = f"Twinkle does not know `{bare}` and ignores it. Did you mean `{near}`?"
                severity: Severity = "error" if missing else "warning"
                self.notes.add("SR565", key.span, message, fix=f"{near}={value.text}", log=log, severity=severity)
            else:
                message = f"Twinkle does not know `{bare}` and ignores it."
                self.notes.add("SR565", key.span, message, log=log, severity="hint")

    def tails(self) -> None:
        """Tabs and carriage returns that are not stripped."""
        if self.tailed:
            piece = self.tailed[0]
            span = piece.part(len(piece.text) - 1, len(piece.text)).span
            lines = len(self.tailed)
            where = f"This line, and {lines - 1} others, end" if lines > 1 else "This line ends"
            message = f"{where} in a carriage return, as Windows writes it: Twinkle takes it for a part of the value."
            spoilt = [n for n, (_, known) in CHOICES.items() if n in self.real and self.real[n].text[:-1] in known]
            if spoilt:
                self.ok = False
                message += f" It refuses the whole profile because of `{spoilt[0]}`."
            self.notes.reveal(span)
            message += " Save the file with the line ends of Unix (dos2unix)."
            self.notes.add("SR563", span, message)
        for name, piece in self.real.items():
            bare = piece.text.strip("\t\r\v\f")
            if bare == piece.text:
                continue
            self.meant[name] = bare
            for at in (0, len(piece.text.rstrip("\r")) - 1):
                if at >= 0 and piece.text[at] in "\t\v\f":
                    span = piece.part(at, at + 1).span
                    self.notes.reveal(span)
                    what = _CONTROLS[piece.text[at]]
                    message = f"{what} is part of the value of `{name}`: Twinkle strips blanks only."
                    self.notes.add("SR563", span, message, instead="")

    # --- what the settings say

    def value(self, name: str) -> Piece:
        """A value without what `tails` has told of."""
        piece = self.real.get(name) or self.lost.get(name)
        if piece is None:
            return Piece("", 1, 1)
        bare = piece.text.strip("\t\r\v\f")
        at = piece.text.index(bare)
        return piece.part(at, at + len(bare))

    def judge(self) -> None:
        """Everything that can be said of the settings."""
        notes = self.notes
        self.hide("auth_pass", self.value("auth_pass"))
        for name, what in _WORDS:
            piece = self.value(name)
            mapped = Mapped.from_text(piece.text, piece.line, piece.column)
            checks.characters(notes, mapped, what, "Twinkle", secret=name == "auth_pass")
            checks.placeholders(notes, [(what, piece.text, piece.span)])
        for name in (*ACCOUNT, "registration_time", "sip_transport", *SWITCHES):
            if self.value(name).text:
                self.ends(name)
        self.choices()
        self.switches()
        self.account()
        self.credentials()
        transport = self.transport()
        for name in ("registrar", "outbound_proxy"):
            piece = self.value(name)
            if piece.text and name not in self.meant:
                decides = name == "registrar" or not self.value("registrar").text
                meant = twinkle_server.judge(notes, name, piece, transport, decides=decides)
                if meant != piece.text:
                    self.meant[name] = meant
        self.expiry()

    def ends(self, name: str) -> None:
        """Quotes around a value and notes behind it."""
        piece = self.value(name)
        text = piece.text
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            message = f"The quotes are part of the value: `{name}` begins and ends with `{text[0]}`."
            for at in (0, len(text) - 1):
                self.notes.reveal(piece.part(at, at + 1).span)
            severity: Severity | None = "warning" if name == "auth_pass" else None
            fix = f"{name}={dotted(text[1:-1]) if name == 'auth_pass' else text[1:-1]}"
            self.notes.add("SR572", piece.span, message, fix=fix, severity=severity)
            if name != "auth_pass":
                self.meant[name] = text[1:-1]
            return
        note = _NOTE.search(text)
        if note is None or (name in ("registrar", "outbound_proxy") and ":" in text[: note.start()]):
            return  # behind a port or a number it is ignored, which is told there
        if name == "registration_time":
            return
        span = piece.part(note.start(), len(text)).span
        message = f"Nothing behind a value is a comment: the note is part of `{name}`."
        if name == "auth_pass":
            if _SECRET_NOTE.search(text):
                self.notes.reveal(span)
            self.notes.add("SR564", span, message, instead="", severity="warning")
            return
        self.notes.add("SR564", span, message, instead="")
        self.meant[name] = text[: note.start()]

    def choices(self) -> None:
        """Values that make Twinkle refuse the profile."""
        for name, (what, known) in CHOICES.items():
            piece = self.real.get(name)
            if piece is not None and piece.text not in known and piece.text.rstrip("\r") not in known:
                self.forbid(name, piece, what, "one of " + ", ".join(sorted(known)))
        for name, (what, least, most) in RANGES.items():
            piece = self.real.get(name)
            if piece is not None and not least <= (twinkle_server.number(piece.text) or 0) <= most:
                self.forbid(name, piece, what, f"{least} to {most}")

    def forbid(self, name: str, piece: Piece, what: str, known: str) -> None:
        """A value of some other setting that Twinkle does not take."""
        self.ok = False
        message = f"`{name}` is {known}: Twinkle refuses the whole profile."
        self.notes.add("SR562", piece.span, message, log=f"{self.log} … {what}: {piece.text.strip(_BLANK)}")

    def switches(self) -> None:
        """Switches that mean the opposite of what they look like, and one that is off."""
        for name in SWITCHES:
            piece = self.value(name)
            if piece.text != "yes" and piece.text.lower() in ("yes", "true", "on", "1", "y"):
                message = f"`{piece.text}` counts as no for Twinkle: only `yes` is yes."
                self.notes.add("SR569", piece.span, message, fix=f"{name}=yes")
                self.meant[name] = "yes"
        startup = self.value("register_at_startup")
        if startup.text in ("no", "false", "off", "0"):
            message = "Twinkle does not register when it starts, but only when it is told to."
            self.notes.add("SR511", startup.span, message, fix="register_at_startup=yes")

    def account(self) -> None:
        """User and domain."""
        notes = self.notes
        user, domain = self.value("user_name"), self.value("user_domain")
        for name, piece in (("user_name", user), ("user_domain", domain)):
            if not piece.text:
                shown = f"sip:@{domain.text or '…'}" if name == "user_name" else f"sip:{user.text or '…'}@"
                message = f"There is no `{name}`: Twinkle registers `{shown}`."
                notes.add("SR573", piece.span, message, fix=f"{name}=…")
        scheme = re.match(r"sips?:", user.text, re.IGNORECASE)
        if scheme:
            bare = user.text[scheme.end() :]
            message = f"`user_name` is no address: `{scheme.group()}` becomes part of the user."
            notes.add("SR560", user.part(0, scheme.end()).span, message, fix=f"user_name={bare.split('@')[0]}")
            self.meant["user_name"] = bare.split("@", maxsplit=1)[0]
        elif domain.text and user.text.lower().endswith("@" + domain.text.lower()):
            at = len(user.text) - len(domain.text) - 1
            shown = f"{user.text[:at]}%40{user.text[at + 1 :]}@{domain.text}"
            message = f"Twinkle adds the domain by itself: it registers `{shown}`."
            notes.add("SR575", user.part(at, len(user.text)).span, message, fix=f"user_name={user.text[:at]}")
            self.meant["user_name"] = user.text[:at]
        odd = next((i for i, c in enumerate(user.text) if not c.isascii()), None)
        if odd is not None:
            span = user.part(odd, odd + 1).span
            octet = user.text[odd].encode("utf-8", "surrogateescape")[0]
            message = f"Twinkle escapes this character wrongly, as `%ffffffffffff{octet:02x}…`: nobody has that name."
            notes.add("SR568", span, message)
        self.domain(domain)

    def domain(self, piece: Piece) -> None:
        """The domain: a host with an optional port."""
        scheme = re.match(r"sips?:(?://)?", piece.text, re.IGNORECASE)
        if scheme:
            bare = piece.text[scheme.end() :]
            message = f"`user_domain` takes no scheme: Twinkle registers at `sip:{piece.text}`."
            self.notes.add("SR560", piece.part(0, scheme.end()).span, message, fix=f"user_domain={bare}")
            self.meant["user_domain"] = bare
            piece = piece.part(scheme.end(), len(piece.text))
        host, _ = twinkle_server.host_port(piece.text)
        elsewhere = self.value("registrar").text or self.value("outbound_proxy").text
        if (is_ipv6(host) or host.startswith("[")) and not elsewhere:
            message = "Twinkle speaks IPv4 only: it sends nothing to an IPv6 address, and there is no `registrar`."
            self.notes.add("SR574", piece.part(0, len(host)).span, message)
        elif "user_domain" not in self.meant or scheme:
            checks.host(self.notes, host, piece.part(0, len(host)).span, "the carrier")

    def credentials(self) -> None:
        """A login name and a password, or neither."""
        notes = self.notes
        name, secret, user = self.value("auth_name"), self.value("auth_pass"), self.value("user_name")
        if name.text and not secret.text:
            message = (
                "Without `auth_pass` Twinkle asks for the password; on the console the registration fails with 401."
            )
            notes.add("SR566", name.span, message, fix="auth_pass=…", severity="hint")
        elif secret.text and not name.text:
            message = "Without `auth_name` Twinkle does not use the password: a challenge is not answered. It does not "
            message += "take `user_name` for it."
            log = "registration failed: 401 Unauthorized"
            notes.add("SR566", secret.span, message, fix=f"auth_name={user.text}", log=log)
            self.meant.setdefault("auth_name", self.meant.get("user_name", user.text))
        elif not secret.text and not name.text and user.text:
            message = "Without `auth_name` and `auth_pass` Twinkle asks for them when the carrier wants a login."
            notes.add("SR566", user.span, message, severity="hint")
        if "auth_name" not in self.meant:
            header_words.judge_login(notes, name.text, name, "Twinkle")

    def transport(self) -> str:
        """`sip_transport`: `udp`, `tcp`, or empty for auto."""
        piece = self.value("sip_transport")
        text = self.meant.get("sip_transport", piece.text)
        if text in ("udp", "tcp"):
            return text
        if text not in ("", "auto") and "sip_transport" not in self.meant:
            known = text.lower() in ("udp", "tcp", "auto")
            if text.lower() == "tls":
                message = "Twinkle has no TLS: it goes by udp, or by tcp where the server asks for it."
            else:
                message = f"`{text}` counts as auto for Twinkle: udp, tcp and auto are, in small letters."
            fix = f"sip_transport={text.lower() if known else 'udp'}"
            severity: Severity | None = None if text.lower() == "tls" else "warning"
            self.notes.add("SR567", piece.span, message, fix=fix, severity=severity)
            if known:
                self.meant["sip_transport"] = text.lower()
        return ""

    def expiry(self) -> None:
        """The seconds that are asked for."""
        piece = self.value("registration_time")
        if not piece.text:
            return
        seconds = twinkle_server.number(piece.text)
        digits = re.match(r"\d+", piece.text)
        if not seconds or seconds < 0:
            asks = "asks for no expiry, and the carrier chooses one" if not seconds else "asks for a gigantic expiry"
            message = f"`{piece.text}` is no number of seconds: Twinkle {asks}."
            fix = f"registration_time={twinkle_server.REGISTRATION_TIME}"
            self.notes.add("SR571", piece.span, message, fix=fix)
        elif digits and digits.end() < len(piece.text):
            rest = piece.part(digits.end(), len(piece.text)).span
            severity: Severity | None = "hint" if piece.text[digits.end()] == " " else None
            message = f"What stands behind the number is ignored: Twinkle asks for {seconds} s."
            self.notes.add("SR132", rest, message, severity=severity)
        if seconds is not None:
            checks.expiry(self.notes, seconds, piece.span)


def _stripped(piece: Piece) -> Piece:
    """Without outer blanks; nothing else is stripped."""
    begin = len(piece.text) - len(piece.text.lstrip(" "))
    return piece.part(begin, max(begin, len(piece.text.rstrip(" "))))


def _dotted(name: str) -> str:
    """A name as Twinkle's log shows it: a dot for each octet that is not printable ASCII."""
    return "".join(c if " " <= c <= "~" else "." * len(encode(c)) for c in name)


def _near(name: str) -> str:
    """The setting that was probably meant, empty where nothing is probable."""
    if name in KNOWN:
        return name
    lower = name.lower()
    if lower in KNOWN or lower in FOREIGN:
        return lower if lower in KNOWN else FOREIGN[lower]
    return next(iter(difflib.get_close_matches(lower[:40], sorted(KNOWN), 1, 0.85)), "")


def render(trunk: Trunk) -> str:
    """A user profile. Raises CannotRender for what Twinkle has not: TLS, IPv6, and what its lines cannot hold."""
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "Twinkle takes a password, not its digest")
    if trunk.dial_transport not in ("udp", "tcp"):
        raise CannotRender(trunk.dial_transport, f"Twinkle has no {trunk.dial_transport}: it goes by udp and tcp")
    if trunk.expiry <= 0:
        raise CannotRender("0", "Twinkle has no way to ask for an expiry of 0")
    if not trunk.user.isascii():
        odd = next(c for c in trunk.user if not c.isascii())
        raise CannotRender(odd, "Twinkle escapes a user name beyond ASCII wrongly")
    if trunk.user.startswith("/"):
        raise CannotRender("/", "Twinkle ignores every answer to a user that begins with a slash")
    header_words.login(trunk.effective_auth_user, "Twinkle")
    server = trunk.dial_host + (f":{trunk.dial_port}" if trunk.dial_port != 5060 else "")
    read = twinkle_server.read(server)
    if read is None or read.host != trunk.dial_host or read.host.startswith("["):
        raise CannotRender("[" if "[" in server else server, "Twinkle takes a host name or an IPv4 address")
    rows = [
        ("user_name", trunk.user),
        ("user_domain", trunk.aor_host + (f":{trunk.domain_port}" if trunk.domain_port is not None else "")),
        ("auth_name", trunk.effective_auth_user),
        ("auth_pass", trunk.secret),
        ("registrar", server),
        ("registration_time", str(trunk.expiry)),
        ("register_at_startup", "yes"),
        ("sip_transport", trunk.dial_transport),
    ]
    return "".join(f"{name}={_written(name, value)}\n" for name, value in rows)


def _written(name: str, value: str) -> str:
    if re.search(r"[\r\n\0]", value):
        raise CannotRender("\n", f"{name} holds a line break")
    if value != value.strip(" "):
        raise CannotRender(" ", f"{name} begins or ends with a blank, which Twinkle strips")
    return value
