"""pyVoIP 1.6: `VoIPPhone(server, port, username, password, myIP=..., callCallback=...)` in a program, or these as JSON.

Theory of operation. Python checks the number and the names of the arguments, pyVoIP checks nothing: what does not fit
fails when it registers, where nobody sees it (it is printed with `pyVoIP.DEBUG = True` only). It speaks UDP, has no
auth user, answers any realm, asks for 120 s (`phone.sip.default_expires`), and gives up after three failures.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mockregistrar.trunks import checks, header_words
from mockregistrar.trunks.form_fields import Places
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import TYPOGRAPHIC_QUOTES

from . import configuration, signs
from .configuration import Options
from .literals import Constant, Listing, Number, Record, Text, Unsettled, Value
from .python_literals import NoPython, Python, python

NAME = "pyvoip"
ALIASES: tuple[str, ...] = ()
FORMS = ("code", "json")

_WORDS = re.compile(r"server|username")
EXPIRES = 120
_PLACES = ("server", "port", "username", "password", "myIP", "callCallback", "sipPort", "rtpPortLow", "rtpPortHigh")
_REQUIRED = _PLACES[:4]
_OTHERS = {
    "user": "username",
    "host": "server",
    "domain": "server",
    "secret": "password",
    "my_ip": "myIP",
    "sip_port": "sipPort",
    "call_callback": "callCallback",
}
_SECRET = re.compile(r"\w*(?:pass(?:word|wd)?|pwd|secret)\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:,\s*(?:[0-9]{1,5}\s*,\s*)*(?:[A-Za-z_]{1,30}\s*=\s*)?|\))\s*")
"""What stands between two strings of a call, or behind the last."""
_UNUSUAL = re.compile(r"[!#$%^&*=?;:/\\\"'<>()\[\]{}|,~ ]")
_FAILED = "REGISTERATION ERROR: "
_INIT = "TypeError: VoIPPhone.__init__() "


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    return signs.recognise(NAME, head)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the phones in a program, or the arguments of one as JSON. Never raises."""
    del path
    notes = Notes()
    form = form or ("json" if re.match(r"\s*\{", text) else "code")
    phones: list[_Phone] = []
    ok = True
    if form == "json":
        program, _, ok = configuration.program(notes, text, "json", _WORDS)
        first = program.first()
        if isinstance(first, Record):
            options = Options(program, first)
            given = {name: options.get(name) for name in options.spans}
            settled = {name: value for name, value in given.items() if value is not None}
            phones.append(_Phone(notes, _Arguments(settled, dict(options.spans), first.span, open=first.open)))
    else:
        read = python(text)
        if isinstance(read, NoPython):
            ok = False
            stop = "" if read.why.endswith(("?", ".")) else "."
            notes.add("SR782", read.span, f"This is no Python: {read.why}{stop}", log=f"SyntaxError: {read.why}")
            _hide_roughly(notes, text)
        else:
            for literal in read.secrets():
                configuration.hide(notes, literal)
            phones = [_Phone(notes, _arguments(notes, read, call)) for call in read.calls("VoIPPhone")]
    found = [phone.read() for phone in phones]
    if not all(phone.good for phone in phones):
        _hide_roughly(notes, text)  # an argument that stands outside of its call may be the password
    if not found:
        signs.elsewhere(notes, NAME, text)
    return configuration.conclude(NAME, form, text, notes, [(real if ok else None, m) for real, m in found], ok=ok)


def _hide_roughly(notes: Notes, text: str) -> None:
    """In a text that cannot be read: keep unseen what may be the password."""
    configuration.hide_roughly(notes, text)
    quotes = "\"'" + "".join(TYPOGRAPHIC_QUOTES)
    places = Places(text)
    patterns = (rf"[{quotes}]([^{quotes}\n]{{1,200}})", rf"[,(]\s*([^{quotes},()\s]{{1,200}})")
    for call in re.finditer(r"VoIPPhone\W{0,9}?\(", text):
        for pattern in patterns:
            for match in re.compile(pattern).finditer(text, call.end() - 1, call.end() + 400):
                words = match.group(1)
                closes = len(re.findall(f"[{quotes}]", text[call.end() : match.start() + 1])) % 2 == 0
                between = closes and match.group()[0] in quotes and _BETWEEN.fullmatch(words)
                if between or (words.endswith("=") and words[:-1] in _PLACES):
                    continue
                if not _hostly(words) and not re.fullmatch(r"[0-9]{1,5}", words):
                    notes.secret(words, Span(*places.place(match.start(1)), len(words)))


@dataclass(slots=True)
class _Arguments:
    """The arguments of a call by their names; with `open` there may be others. `wrong` is what Python says of them."""

    values: dict[str, Value]
    names: dict[str, Span]
    span: Span
    open: bool = False
    surplus: int = 0
    twice: str = ""
    expires: Value | None = None


def _arguments(notes: Notes, read: Python, call: ast.Call) -> _Arguments:
    span = read.span(call)
    found = _Arguments({}, {}, span)
    positional: list[Value] = []
    for node in call.args:
        if isinstance(node, ast.Starred):
            inner = read.settled(node.value, call)
            if not isinstance(inner, Listing):
                found.open = True
                break
            positional.extend(inner.items)
            continue
        value = read.settled(node, call)
        if isinstance(value, Unsettled) and len(positional) == _PLACES.index("password"):
            for text in read.strings(node):
                configuration.hide(notes, text)
        positional.append(value)
    found.values = dict(zip(_PLACES, positional, strict=False))
    found.surplus = max(0, len(positional) - len(_PLACES))
    for keyword in call.keywords:
        value = read.settled(keyword.value, call)
        if keyword.arg is None:
            found.open = found.open or not isinstance(value, Record) or value.open
            entries = value.entries if isinstance(value, Record) else ()
            found.values.update({entry.name: entry.value for entry in entries})
            found.names.update({entry.name: entry.span for entry in entries})
            continue
        if keyword.arg in found.values:
            found.twice = found.twice or keyword.arg
            continue
        where = read.span(keyword)
        found.values[keyword.arg] = value
        found.names[keyword.arg] = Span(where.line, where.column, len(keyword.arg))
        if isinstance(value, Unsettled) and _SECRET.match(keyword.arg):
            for text in read.strings(keyword.value):
                configuration.hide(notes, text)
    target = read.targets.get(id(call), "")
    found.expires = read.member(f"{target}.sip.default_expires") if target else None
    return found


class _Phone:
    """One phone, judged while it is read."""

    def __init__(self, notes: Notes, arguments: _Arguments) -> None:
        self.notes = notes
        self.given = arguments
        self.good = True
        self.meant: dict[str, Value] = {}
        self.judged: dict[str, Value] = {}

    def read(self) -> tuple[Registration | None, Registration]:
        """What pyVoIP does with it, None where it throws; and what was probably meant."""
        values = self.given.values
        for name, value in values.items():
            if _SECRET.match(name):
                if isinstance(value, Text):
                    configuration.hide(self.notes, value)
                elif isinstance(value, Number):
                    self.notes.secret(value.written, value.span)
        self.arguments()
        self.judged = values | self.meant
        ordered = self.order()
        if not ordered:
            self.server()
            self.port()
            self.user()
            self.secret()
        self.own_address()
        real = self.registration(values)
        meant = {name: self.meant.get(name, value) for name, value in values.items()} | self.meant
        return (real if self.good else None), self.registration(meant)

    def registration(self, values: Mapping[str, Value]) -> Registration:
        """Settle every field."""
        user, server = _said(values.get("username")), _said(values.get("server"))
        port = values.get("port")
        expires = self.given.expires
        seconds = int(expires.value) if isinstance(expires, Number) else EXPIRES if expires is None else None
        return Registration(
            user=user,
            secret=_said(values.get("password")),
            effective_auth_user=user,
            domain=server,
            host=server,
            port=int(port.value) if isinstance(port, Number) and abs(port.value) < 1e6 else None,
            transport="udp",
            extension=user,
            expiry=seconds,
            span=self.given.span,
        )

    def string(self, name: str, what: str, *, secret: bool = False) -> Text | None:
        """An argument where it is a string, judged."""
        value = self.judged.get(name)
        if not isinstance(value, Text):
            return None
        configuration.string(self.notes, value, what, "pyVoIP", secret=secret)
        if value.kept != value.text:
            self.meant[name] = value.saying(value.kept)
        return value

    # --- what Python says

    def arguments(self) -> None:
        """Names that do not exist, and arguments that are missing or too many."""
        given, notes = self.given, self.notes
        for name, span in given.names.items():
            if name in _PLACES:
                continue
            near = _OTHERS.get(name) or next(iter(difflib.get_close_matches(name, _PLACES, 1, 0.75)), "")
            message = f"VoIPPhone has no argument `{name}`."
            message += f" Did you mean `{near}`?" if near else ""
            log = f"{_INIT}got an unexpected keyword argument '{name}'"
            notes.add("SR800", span, message, fix=near, log=log)
            self.good = False
            if near and near not in given.values:
                self.meant[near] = given.values[name]
                if near == "password":
                    self.hide(given.values[name])
        if given.twice:
            log = f"{_INIT}got multiple values for argument '{given.twice}'"
            notes.add("SR800", given.span, f"`{given.twice}` is given twice, by its place and by its name.", log=log)
            self.good = False
        if given.surplus:
            log = f"{_INIT}takes from 5 to 10 positional arguments but {given.surplus + 10} were given"
            notes.add("SR800", given.span, "VoIPPhone takes nine arguments by their place, and here are more.", log=log)
            self.good = False
        missing = [name for name in _REQUIRED if name not in given.values]
        if missing and not given.open:
            self.good = False
            unnamed = [name for name in missing if name not in self.meant]
            if unnamed:
                message = f"VoIPPhone needs {_listed([f'`{name}`' for name in unnamed])}."
                plural = "s" if len(missing) > 1 else ""
                quoted = _listed([f"'{name}'" for name in missing])
                log = f"{_INIT}missing {len(missing)} required positional argument{plural}: {quoted}"
                notes.add("SR800", given.span, message, fix="VoIPPhone(server, port, username, password)", log=log)
        low, high = given.values.get("rtpPortLow"), given.values.get("rtpPortHigh")
        lowest = low.value if isinstance(low, Number) else 10_000 if low is None else None
        highest = high.value if isinstance(high, Number) else 20_000 if high is None else None
        if lowest is not None and highest is not None and lowest > highest:
            place = low if low is not None else high
            message = f"The RTP ports go from {lowest} to {highest}: VoIPPhone throws."
            log = "InvalidRangeError: 'rtpPortHigh' must be >= 'rtpPortLow'"
            notes.add("SR800", place.span if place is not None else given.span, message, log=log)
            self.good = False

    def hide(self, value: Value) -> None:
        """Keep a password unseen."""
        if isinstance(value, Text):
            configuration.hide(self.notes, value)
        elif isinstance(value, Number):
            self.notes.secret(value.written, value.span)

    # --- what pyVoIP does not say

    def order(self) -> bool:
        """Arguments that stand in another order: the port where it does not belong, user and server exchanged."""
        values = [self.judged.get(name) for name in _REQUIRED]
        if any(value is None for value in values) or set(_REQUIRED) & set(self.given.names):
            return False
        texts = [value for value in values if isinstance(value, Text)]
        numbers = [value for value in values if _port(value) is not None]
        server, port, user, secret = values
        if _port(port) is None and len(numbers) == 1 and len(texts) == 3 and not _usual(port):
            moved = next(value for value in values if _port(value) is not None)
            self.exchanged([texts[0], moved, *texts[1:]], moved)
            return True
        if isinstance(server, Text) and isinstance(user, Text) and _hostly(user.text) and _userly(server.text):
            self.exchanged([user, port, server, secret], user)
            return True
        if not isinstance(user, Text) or not isinstance(secret, Text) or "@" in user.text:
            return False
        if _UNUSUAL.search(user.text) and re.fullmatch(r"[0-9]{2,6}", secret.text):
            self.exchanged([server, port, secret, user], user)
            return True
        return False

    def exchanged(self, meant: Sequence[Value | None], place: Value | None) -> None:
        """Say the order, and remember it."""
        self.meant.update({name: value for name, value in zip(_REQUIRED, meant, strict=True) if value is not None})
        self.hide(self.meant["password"])
        self.hide(self.judged["password"])
        message = "The order is server, port, username, password: pyVoIP takes each for what stands at its place."
        span = place.inside if isinstance(place, Text) else place.span if place is not None else self.given.span
        port = self.judged["port"]
        log = f"{_FAILED}'str' object cannot be interpreted as an integer" if isinstance(port, Text) else ""
        self.notes.add("SR801", span, message, fix="VoIPPhone(server, port, username, password)", log=log)

    def server(self) -> None:
        """A host, without a scheme and without a port."""
        value = self.string("server", "server")
        if value is None or not value.text:
            return
        text = value.text
        scheme = re.match(r"(?:sips?:(?://)?|[a-z]+://)", text, re.IGNORECASE)
        rest = text[scheme.end() :] if scheme else text
        split = re.fullmatch(r"([^:@/]+):(\d{1,5})", rest)
        host = split.group(1) if split else rest
        log = f"{_FAILED}[Errno -2] Name or service not known"
        if scheme:
            message = "`server` is a host without a scheme: pyVoIP looks this up as a name."
            self.notes.add("SR802", value.part(0, scheme.end()), message, instead=host, at=value.inside, log=log)
        if split:
            start = len(text) - len(split.group(2)) - 1
            message = "`server` is a host without a port: pyVoIP looks this up as a name."
            self.notes.add("SR802", value.part(start, len(text)), message, fix=f"'{host}', {split.group(2)}", log=log)
            self.meant["port"] = Number(split.group(2), split.group(2), int(split.group(2)), value.span)
        if scheme or split:
            self.meant["server"] = value.saying(host)
            return
        checks.host(self.notes, text, value.inside, "pyVoIP")
        checks.placeholders(self.notes, [("server", text, value.inside)])

    def port(self) -> None:
        """A number, and one that a port can be."""
        value = self.judged.get("port")
        if isinstance(value, Text):
            digits = re.fullmatch(r"\s*(\d{1,5})\s*", value.text)
            letter = checks.digits_look_alike(value.text)
            message = "The port is a string: pyVoIP fails when it registers, and shows nothing."
            message = f"`{value.text}` holds the letter {letter}, and is a string: pyVoIP fails." if letter else message
            fix = digits.group(1) if digits else ""
            log = f"{_FAILED}'str' object cannot be interpreted as an integer"
            self.notes.add(
                "SR803", value.inside, message, fix=fix, instead=fix if value.quoted else None, at=value.quoted, log=log
            )
            if digits:
                self.meant["port"] = Number(fix, fix, int(fix), value.span)
            return
        if not isinstance(value, Number):
            if isinstance(value, Constant) and value.value is None:
                log = f"{_FAILED}'NoneType' object cannot be interpreted as an integer"
                self.notes.add(
                    "SR803", value.span, "There is no port: pyVoIP fails when it registers.", instead="5060", log=log
                )
            return
        if isinstance(value.value, float):
            log = f"{_FAILED}'float' object cannot be interpreted as an integer"
            self.notes.add("SR803", value.span, f"`{value.written}` is no port: it has a fraction.", log=log)
        elif not 0 < value.value < 65_536:
            log = f"{_FAILED}sendto(): port must be 0-65535." if value.value else ""
            self.notes.add("SR803", value.span, f"`{value.written}` is no port.", instead="5060", log=log)
        else:
            checks.port_and_transport(self.notes, int(value.value), "udp", value.span)

    def user(self) -> None:
        """A string, without a domain."""
        value = self.judged.get("username")
        if isinstance(value, Number):
            log = f"{_FAILED}unsupported operand type(s) for +: '{type(value.value).__name__}' and 'str'"
            message = "The user name is a number: pyVoIP fails when the carrier asks for the password."
            self.notes.add("SR793", value.span, message, instead=f'"{value.written}"', log=log)
            self.meant["username"] = Text(value.written, value.span, kept=value.written)
        text = self.string("username", "user name")
        if text is None:
            return
        checks.placeholders(self.notes, [("user name", text.text, text.inside)])
        scheme = re.match(r"sips?:", text.text, re.IGNORECASE)
        at = text.text.find("@")
        if scheme or at >= 0:
            user = text.text[scheme.end() if scheme else 0 : at if at >= 0 else len(text.text)]
            span = text.part(at, len(text.text)) if at >= 0 else text.part(0, 4)
            server = _said(self.judged.get("server")) or "server"
            message = f"pyVoIP puts `sip:` and `@{server}` around the user name itself."
            self.notes.add("SR805", span, message, instead=user, at=text.inside)
            self.meant["username"] = text.saying(user)

    def secret(self) -> None:
        """A string."""
        value = self.judged.get("password")
        if isinstance(value, Number | Constant):
            kind = "NoneType" if isinstance(value, Constant) and value.value is None else "bool"
            kind = type(value.value).__name__ if isinstance(value, Number) else kind
            log = f'{_FAILED}can only concatenate str (not "{kind}") to str'
            message = "The password is no string: pyVoIP fails when the carrier asks for it."
            quoted = f"'{value.written}'" if isinstance(value, Number) else "'…'"
            self.notes.add("SR793", value.span, message, instead=quoted, log=log)
            if isinstance(value, Number):
                self.hide(value)
                self.meant["password"] = Text(value.written, value.span, kept=value.written)
            return
        text = self.string("password", "password", secret=True)
        if text is None:
            return
        checks.placeholders(self.notes, [("password", text.text, text.inside)])
        if not text.text:
            message = "The password is empty: pyVoIP answers with it when the carrier asks."
            self.notes.add("SR795", text.span, message)

    def own_address(self) -> None:
        """The address that the carrier is told to send calls to."""
        value = self.judged.get("myIP")
        server = _said(self.judged.get("server")) or ""
        if value is None and not self.given.open:
            message = "Without `myIP` the carrier is told to send calls to 0.0.0.0."
            self.notes.add("SR804", self.given.span, message, fix="myIP='…'")
        elif isinstance(value, Text) and (
            value.text == "0.0.0.0" or (value.text.startswith("127.") and not server.startswith(("127.", "localhost")))
        ):
            message = f"The carrier is told to send calls to {value.text}, where it does not reach this machine."
            self.notes.add("SR804", value.inside, message)


def _said(value: Value | None) -> str | None:
    if isinstance(value, Text | Number):
        return value.text
    return None


def _port(value: Value | None) -> int | None:
    number = value.value if isinstance(value, Number) else None
    return number if isinstance(number, int) and 0 < number < 65_536 else None


def _usual(value: Value | None) -> bool:
    """Whether a text is a port that SIP is often found at."""
    return isinstance(value, Text) and re.fullmatch(r"\s*5\d{3}\s*", value.text) is not None


def _hostly(text: str) -> bool:
    """Whether a text is a host for sure: an address, or a name with two dots."""
    return re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}|(?:[A-Za-z0-9-]+\.){2,9}[A-Za-z]{2,}", text) is not None


def _userly(text: str) -> bool:
    """Whether a text may be a user, and is no host that is found in DNS."""
    return re.fullmatch(r"\+?[A-Za-z0-9_-]+", text) is not None and text != "localhost"


def _listed(words: list[str]) -> str:
    """As Python lists names in a message."""
    if len(words) < 3:
        return " and ".join(words)
    return f"{', '.join(words[:-1])}, and {words[-1]}"


def render(trunk: Trunk) -> str:
    """A program that registers. Raises CannotRender for what pyVoIP has no argument for."""
    configuration.refuse_digest(trunk.ha1, trunk.secret, "pyVoIP")
    configuration.positive(trunk.expiry, "pyVoIP")
    if trunk.dial_transport != "udp":
        raise CannotRender(trunk.dial_transport, f"pyVoIP speaks UDP only, and not {trunk.dial_transport}")
    if trunk.auth_user and trunk.auth_user != trunk.user:
        raise CannotRender(trunk.auth_user, "pyVoIP logs in as the user, and has no auth user beside it")
    if trunk.aor_host != trunk.dial_host or trunk.domain_port is not None:
        raise CannotRender(trunk.aor_host, "pyVoIP takes the server for the domain, and has no other one beside it")
    if not trunk.user:
        raise CannotRender("", "pyVoIP needs a user name")
    header_words.user(trunk.user, "pyVoIP")
    if re.search(r"[:/@\s]", trunk.dial_host):
        raise CannotRender(trunk.dial_host, "pyVoIP takes a host name or an IPv4 address only")
    arguments = ", ".join([_quoted(trunk.dial_host), str(trunk.dial_port), _quoted(trunk.user), _quoted(trunk.secret)])
    lines = ["from pyVoIP.VoIP import VoIPPhone", "", f"phone = VoIPPhone({arguments})"]
    lines += [f"phone.sip.default_expires = {trunk.expiry}"] if trunk.expiry != EXPIRES else []
    return "\n".join([*lines, "phone.start()"]) + "\n"


def _quoted(text: str) -> str:
    found = repr(text)
    if found[0] == "'" and '"' not in found:
        found = f'"{found[1:-1]}"'
    return found
