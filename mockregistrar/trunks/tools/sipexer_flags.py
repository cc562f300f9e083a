"""The flags of sipexer as Go's flag package reads them, and as they were meant.

One dash or two make no difference; a value follows behind `=` or is the next word, whatever it looks like; a switch
takes one only behind `=`. The first word that is no flag ends them: what follows is the target. At a flag that does not
exist sipexer prints its usage and stops; the reading that was meant goes on.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.shell_words import Command, Word

from .word_scan import WordScan

_VALUES = (
    "method mt, ruri ru, ruser rn, fuser fu, tuser tu, fdomain fd, tdomain td, from-uri, to-uri, template-file tf,"
    " template-body-file tbf, fields-file ff, laddr, user-agent ua, tls-certificate tc, tls-key tk, message-body mb,"
    " content-type ct, websocket-origin wso, websocket-proto wsp, auth-user au, auth-password ap, no-val,"
    " contact-uri cu, expires ex, timer-t1, timer-t2, timeout-write, timeout, af, verbosity vl, sessionwait sw,"
    " field-val fv, field-unset fvu, extra-header xh, ring-time, call-duration, buffer-size"
)
_SWITCHES = (
    "fields-eval fe, no-crlf, flag-defaults fvd, template-defaults tpd, template-run tpr, connect-udp, set-domains sd,"
    " set-user su, tls-insecure ti, register r, options o, message m, invite i, info, publish, subscribe, notify,"
    " contact-build cb, register-party, raw, no-parse, nagios, ha1, no-body, color-output co, color-message com,"
    " dns-srv-print, late-offer, help-commands hc, version v, help h, call-self, call-user, register-first,"
    " subscribe-session"
)


def _names(text: str) -> dict[str, str]:
    return {name: group.split()[0] for group in text.split(",") for name in group.split()}


WITH_VALUE, SWITCHES = _names(_VALUES), _names(_SWITCHES)
"""Every name of a flag, and the first of its names."""
_KNOWN = WITH_VALUE | SWITCHES
_MOST_GUESSES = 20
_URIS = ("ruri", "from-uri", "to-uri", "contact-uri")
_TARGET = re.compile(r"(?:udp|tcp|tls|wss?|sips?):\S", re.IGNORECASE)
_MEANT = {
    "u": "auth-user",
    "user": "auth-user",
    "username": "auth-user",
    "authuser": "auth-user",
    "p": "auth-password",
    "pw": "auth-password",
    "pass": "auth-password",
    "passwd": "auth-password",
    "password": "auth-password",
    "secret": "auth-password",
    "d": "fdomain",
    "domain": "fdomain",
    "from-user": "fuser",
    "from-domain": "fdomain",
    "expire": "expires",
    "x": "expires",
    "reg": "register",
    "contact": "contact-uri",
}
"""Names that are typed for others."""


def is_flag(word: Word) -> bool:
    """Whether a word is for sure a flag that sipexer has: one letter may be anything."""
    return re.match(r"--?[A-Za-z]{2}", word.text) is not None and word.text.lstrip("-") in _KNOWN


@dataclass(slots=True)
class Flags:
    """The values by the first names of their flags (the last one counts), the words of the target, and all fields."""

    values: dict[str, Word] = field(default_factory=dict)
    switches: dict[str, Word] = field(default_factory=dict)
    fields: dict[str, Word] = field(default_factory=dict)
    target: list[Word] = field(default_factory=list)
    ok: bool = True

    def text(self, name: str) -> str:
        """A value, empty where it is absent."""
        word = self.values.get(name)
        return word.text if word is not None else ""


def read(words: Command, notes: Notes) -> Flags:
    """The flags as sipexer gets them, up to the one that makes it stop."""
    return _Scan(words, notes, Flags()).flags()


def read_meant(words: Command) -> Flags:
    """The flags as they were meant: misspelt names repaired, those behind the target counted too."""
    return _Scan(words, None, Flags()).flags()


class _Scan(WordScan[Flags]):
    def flags(self) -> Flags:
        for word in self.each():
            if word.text == "--":
                self.made.target += self.rest()
                break
            if len(word.text) > 1 and word.text.startswith("-"):
                self._flag(word)
                continue
            self.made.target.append(word)
            if self.notes is not None:
                self.made.target += self.rest()
                self._tell_behind(self.notes)
                break
        return self.made

    def _tell_behind(self, notes: Notes) -> None:
        late = next((word for word in self.made.target[1:] if re.match(r"--?[A-Za-z]", word.text)), None)
        if late is None:
            return
        count = len(self.made.target)
        log = f"invalid number of arguments : {count}" if count > 3 else ""
        message = "Options stand in front of the target: sipexer takes this for a part of it, and stops."
        self.stop("SR778", late.part(0, len(late.text.partition("=")[0])).span, message, log=log)
        for index, word in enumerate(self.made.target[1:-1], 1):
            if re.fullmatch(r"--?(?:ap|auth-password)", word.text):
                secret = self.made.target[index + 1]
                notes.secret(secret.text, *secret.spans)

    def _flag(self, word: Word) -> None:
        dashes = 2 if word.text.startswith("--") else 1
        name, equals, _ = word.text[dashes:].partition("=")
        value = word.part(dashes + len(name) + 1) if equals else None
        if name in _KNOWN:
            self._take(word, name, value)
            return
        if re.match(r"ua2-[a-z-]+\Z", name):  # the second user of newer versions: none of ours
            self.at += 0 if equals else 1
            return
        near = _MEANT.get(name) or self._like(name)
        if self.notes is None:
            if near:
                self._take(word, near, value)
            elif not equals:
                self._step_over()
            return
        span = word.part(0, dashes + len(name)).span
        if near:
            log = f"flag provided but not defined: -{name}"
            message = f"`-{name}` is no option of sipexer: it prints its usage and stops."
            self.stop("SR763", span, message, f"-{near}", log=log)
            return
        message = f"`-{name}` is no option that is known of sipexer: at one that does not exist it stops."
        self.notes.add("SR763", span, message, severity="warning")
        if not equals:
            self._step_over()

    def _like(self, name: str) -> str:
        """The flag that a name looks like, for the first few."""
        self.guesses += 1
        if self.guesses > _MOST_GUESSES:
            return ""
        return next(iter(difflib.get_close_matches(name, [known for known in _KNOWN if len(known) > 3], 1, 0.75)), "")

    def _step_over(self) -> None:
        """Step over the value of a flag that nobody knows, where it seems to have one."""
        if self.at + 1 < len(self.words) and not self.words[self.at].text.startswith("-"):
            self.at += 1

    def _target_taken(self, word: Word, name: str, value: Word) -> None:
        """An option without a value in front of the target."""
        if self.notes is None:
            self.at += 1
            self.made.target.append(value)
            return
        message = f"`-{name}` takes the target for its value: a value is missing, and nothing is sent to the carrier."
        self.notes.add("SR764", word.span, message)

    def _take(self, word: Word, name: str, value: Word | None) -> None:
        first = _KNOWN[name]
        if first in SWITCHES:
            if value is None or value.text.lower() not in ("0", "f", "false"):
                self.made.switches[first] = word
            else:
                self.made.switches.pop(first, None)
            return
        if value is None:
            if self.at >= len(self.words):
                log = f"flag needs an argument: -{name}"
                self.stop("SR764", word.span, f"`-{name}` needs a value: sipexer prints its usage and stops.", log=log)
                return
            value = self.words[self.at]
            last = self.at == len(self.words) - 1 and not self.made.target
            if last and first not in _URIS and _TARGET.match(value.text):
                self._target_taken(word, name, value)
                if self.notes is None:
                    return
            flag = value.text.lstrip("-").partition("=")[0]
            if value.text.startswith("-") and flag in _KNOWN:
                if self.notes is None:
                    return
                message = (
                    f"`-{name}` takes the next word for its value, and that looks like an option: a value is missing."
                )
                self.notes.add("SR764", word.span, message)
            self.at += 1
        if first == "field-val":
            key, colon, _ = value.text.partition(":")
            if colon:
                self.made.fields[key] = value.part(len(key) + 1)
        self.made.values[first] = value
