"""The objects of pjsip.conf: its sections by type, and whether Asterisk takes each of them.

Theory of operation. Every section with a type is an object. One that holds an option its type does not have, or a
number that is none, is dropped with an error; two of one type and name make Asterisk refuse all of the file. What a
misspelt option, a line without `=` or a forgotten `[section]` line was meant to say is kept beside what Asterisk reads,
so that both readings can be settled from one object.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, replace

from mockregistrar.trunks import checks
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes, Registration
from mockregistrar.trunks.plausible import character_name, invisible
from mockregistrar.trunks.positions import Mapped

from . import chan_sip
from .conf_text import section_span, value_span, where
from .config_reader import Config, Option, Section, Stray
from .pjsip_options import FALSE_WORDS, FROM_CHAN_SIP, NUMBERS, OPTIONS, SQUEEZED, SWITCHES, TRUE_WORDS, TYPES
from .pjsip_registration import meant_number, number

_TELLING = frozenset(["server_uri", "client_uri", "outbound_auth", "password", "aors", "auth_type", "contact"])
WIZARDS = "pjsip_wizard.conf"
_SECRETS = frozenset(["password", "md5_cred", "oauth_secret", "refresh_token"])
_NO_EQUALS = re.compile(r"([A-Za-z_]+)\s*(?:->|⇒|→|＝|:|\s)>?\s*(\S.*)\Z", re.DOTALL)
_REQUIRED = {"registration": ("server_uri", "client_uri"), "auth": ("username",)}
_REFERENCES = ("outbound_auth", "auth", "aors", "transport", "endpoint", "contact_user", "match", "contact", "realm")


@dataclass(eq=False, slots=True)
class Thing:
    """An object as it stands in the file. `dropped` tells that Asterisk refuses it, `ignored` that it does not see it.

    `meant` holds options that Asterisk does not read as such, by the names that they were meant to have.
    """

    kind: str
    section: Section
    options: list[Option]
    path: str
    dropped: bool = False
    ignored: bool = False
    meant: dict[str, Option] = field(default_factory=dict)
    start: Span | None = None

    @property
    def name(self) -> str:
        """What the object is called."""
        return self.section.name

    @property
    def span(self) -> Span:
        """Where it begins."""
        return self.start or section_span(self.section)

    @property
    def unread(self) -> bool:
        """Whether Asterisk never gets to it, so that it may be less than it was meant to be."""
        return bool(self.section.unread)

    @property
    def gone(self) -> bool:
        """Whether Asterisk does without it."""
        return self.dropped or self.ignored

    def last(self, name: str) -> Option | None:
        """The option that counts, as Asterisk reads it."""
        return next((o for o in reversed(self.options) if o.key == name), None)

    def find(self, name: str) -> Option | None:
        """The option that was meant, also under a name that is misspelt."""
        return self.last(name) or self.meant.get(name)

    def get(self, name: str) -> str:
        """The value that counts, empty when there is none."""
        option = self.last(name)
        return option.text if option is not None else ""

    def all(self, name: str) -> list[Option]:
        """All options of a name, for those that add up."""
        return [o for o in self.options if o.key == name]

    @property
    def values(self) -> dict[str, str]:
        """The options as Asterisk reads them."""
        return {o.key: o.text for o in self.options}

    @property
    def meant_values(self) -> dict[str, str]:
        """The options as they were meant."""
        found = {key: o.text for key, o in self.meant.items()} | self.values
        wrong = {key: text for key, text in found.items() if key in NUMBERS and number(text) is None}
        return found | {key: meant_number(text) for key, text in wrong.items()}


class Objects:
    """All objects of a config. `refused` tells that Asterisk takes none of them, `meant` registrations of chan_sip."""

    def __init__(self, config: Config, file_name: str, notes: Notes) -> None:
        self.config = config
        self.file_name = file_name
        self.notes = notes
        self.refused = bool(config.refused)
        self.incomplete = bool(config.missing)
        self.all: list[Thing] = []
        self.first: dict[tuple[str, str], Thing] = {}
        self.meant: list[Registration] = []
        for section in config.sections:
            if not section.template:
                self._section(section)
        for stray in config.strays:
            if stray.why == "no-equals" and not stray.unread:
                self._no_equals(stray)

    def of(self, kind: str) -> list[Thing]:
        """The objects of a type, those that Asterisk drops included."""
        return [thing for thing in self.all if thing.kind == kind]

    def named(self, kind: str, name: str) -> Thing | None:
        """The object of a type and name."""
        return self.first.get((kind, name))

    def names(self, kind: str) -> list[str]:
        """The names of all objects of a type."""
        return [name for (each, name) in self.first if each == kind]

    # --- sections

    def _section(self, section: Section) -> None:
        path = where(section, self.config)
        self._hidden_characters(section, path)
        parts = _parts(section)
        if len(parts) > 1:
            self._without_headers(section, parts, path)
            return
        option = section.last("type")
        self._registers(section, path, typed=option is not None)
        if option is None:
            names = {o.key for o in section.options}
            if names & _TELLING:
                message = f"[{section.name}] has no `type=`: Asterisk ignores the whole section and prints nothing."
                likely = next((each for each, telling in _BY_OPTION if names & telling), "")
                fix = f"type={likely}" if likely else ""
                self.notes.add("SR218", section_span(section), message, fix=fix, path=path)
                self._keep_secrets(section)
                if likely:
                    self._add(Thing(likely, section, section.options, path, ignored=True), real=False)
            return
        kind = self._kind(section, option, path)
        if kind is None:
            return
        known = kind == option.text.strip()
        self._add(Thing(kind, section, section.options, path, ignored=not known), real=known)

    def _kind(self, section: Section, option: Option, path: str) -> str | None:
        """The type of a section, also where it is misspelt; None for one that says nothing here."""
        text = option.text.strip()
        if text == "wizard":
            if not path.endswith(WIZARDS):
                message = f"Asterisk reads wizards from {WIZARDS} only: [{section.name}] makes nothing here. "
                message += "Move the section there."
                self.notes.add("SR217", value_span(option), message, severity="warning", path=path)
            self._keep_secrets(section)
            return None
        if text in TYPES:
            return text
        near = text.lower() if text.lower() in TYPES else ""
        near = near or next(iter(difflib.get_close_matches(text.lower(), sorted(TYPES), 1, 0.7)), "")
        if not near:
            self._keep_secrets(section)
            return None
        message = f"There is no type `{option.text}`: Asterisk ignores the section and prints nothing. "
        message += f"Did you mean `{near}`?" if near != text.lower() else f"Types are written small: `{near}`."
        self.notes.add("SR217", value_span(option), message, fix=f"type={near}", path=path)
        return near

    def _add(self, thing: Thing, *, real: bool = True) -> None:
        """Keep an object; one that is not `real` was meant only."""
        key = (thing.kind, thing.name)
        self.all.append(thing)
        if not real:
            self.first.setdefault(key, thing)
            return
        for each in thing.options:
            self._option(thing, each)
        same = self.first.get(key)
        if same is None or same.dropped:
            self.first[key] = thing
        elif not thing.dropped and not thing.unread:
            self.refused = True
            message = f"[{thing.name}] with `type={thing.kind}` stands in line {same.section.line} already: Asterisk "
            message += "refuses all objects of the file. Rename one of the two, or make one section of both."
            log = f"ERROR ... Configuration file '{self.file_name}' could not be loaded; configuration contains a "
            log += f"duplicate object: '{thing.name}' of type '{thing.kind}'"
            self.notes.add("SR209", thing.span, message, log=log, path=thing.path)

    def _without_headers(self, section: Section, parts: list[list[Option]], path: str) -> None:
        """Two types in one section: the line with the name of the second is missing."""
        for index, part in enumerate(parts):
            option = next(o for o in part if o.key == "type")
            kind = self._kind(section, option, path)
            if index:
                message = f"`type=` stands twice in [{section.name}]: a `[section]` line is missing above this one. "
                message += "Asterisk makes one object of all these options, and drops it."
                self.notes.add("SR236", option.name_span, message, fix=f"[{section.name}]", path=path)
            if kind is not None:
                span = section_span(section) if not index else option.name_span
                self._add(Thing(kind, section, part, path, dropped=True, start=span), real=False)
        self._keep_secrets(section)

    def _keep_secrets(self, section: Section) -> None:
        for option in section.options:
            if re.search(r"password|secret", option.key) or option.key in _SECRETS:
                self.notes.secret(option.text, value_span(option))

    # --- options

    def _option(self, thing: Thing, option: Option) -> None:
        name, known = option.key, OPTIONS.get(thing.kind)
        if name.startswith("@") or known is None:
            return
        if name == "register" and "@" in option.text:  # said by itself
            thing.dropped = True
            return
        if name in known:
            if thing.kind == "registration":
                self._value(thing, option)
            return
        plain = "".join(c for c in name if not invisible(c))
        near = plain if plain in known else SQUEEZED.get(re.sub(r"[_\-\s]", "", plain), "")
        near = near if near in known else FROM_CHAN_SIP.get(plain, "")
        foreign = plain in FROM_CHAN_SIP and thing.kind in ("endpoint", "aor")
        if near not in known:
            cutoff = 0.75 if thing.kind in ("registration", "auth", "identify") else 0.86
            near = next(iter(difflib.get_close_matches(plain, sorted(known), 1, cutoff)), "")
        if thing.kind in ("endpoint", "aor") and not near and not foreign:
            return  # newer versions know more
        thing.dropped = True
        if near:
            thing.meant.setdefault(near, option)
        log = f"ERROR ... Could not find option suitable for category '{thing.name}' named '{option.name}' at line "
        log += f"{option.line} of {option.path.name if thing.path else self.file_name}"
        fix = f"{near}={option.text}" if near else ""
        if near in _SECRETS or name == "secret":
            self.notes.secret(option.text, value_span(option))
        hidden = next((c for c in option.name if invisible(c)), "")
        if hidden:
            at = option.name_span.column + option.name.index(hidden)
            span = Span(option.line, at, 1)
            message = f"There is an invisible character at column {at} ({character_name(hidden)}): Asterisk knows no "
            message += f"option of that name and drops [{thing.name}]."
            self.notes.add("SR150", span, message, fix=fix, log=log, path=thing.path)
            return
        message = f"`{option.name}` is no option of `type={thing.kind}`: Asterisk drops [{thing.name}]."
        message += f" Did you mean `{near}`?" if near else ""
        if name == "secret" and not near:
            message += " A password belongs into a section with type=auth."
        self.notes.add("SR207", option.name_span, message, fix=fix, log=log, path=thing.path)

    def _value(self, thing: Thing, option: Option) -> None:
        name, text = option.key, option.text
        if name in SWITCHES and text.lower() not in TRUE_WORDS | FALSE_WORDS:
            message = f"`{text}` is neither yes nor no: Asterisk takes `{name}` for no."
            self.notes.add("SR208", value_span(option), message, fix=f"{name}=yes", severity="warning", path=thing.path)
        if name not in NUMBERS or number(text) is not None:
            return
        thing.dropped = True
        message = f"`{name}` takes a whole number, not `{text}`: Asterisk drops [{thing.name}]."
        fix = f"{name}={meant_number(text)}" if meant_number(text) else ""
        log = f"ERROR ... Error parsing {name}={text} at line {option.line} of "
        log += option.path.name if thing.path else self.file_name
        self.notes.add("SR208", value_span(option), message, fix=fix, log=log, path=thing.path)

    def _registers(self, section: Section, path: str, *, typed: bool) -> None:
        """`register =>` is chan_sip's."""
        for option in section.options:
            if option.key != "register" or "@" not in option.text:
                continue
            log = ""
            if typed:
                log = (
                    f"ERROR ... Could not find option suitable for category '{section.name}' named 'register' at line "
                )
                log += f"{option.line} of {option.path.name if path else self.file_name}"
            meant = foreign_register(self.notes, option, path=path, log=log)
            if meant is not None:
                self.meant.append(replace(meant, name=section.name))

    def _no_equals(self, stray: Stray) -> None:
        """A line without `=`: what it was meant to say is kept with its object."""
        log = f"WARNING ... No '=' (equal sign) in line {stray.line} of {stray.path.name}"
        message = "There is no `=` in this line: Asterisk warns and ignores it."
        span = stray.content.span(0, len(stray.content))
        above = [t for t in self.all if t.name == stray.section and t.section.path == stray.path]
        thing = next((t for t in reversed(above) if t.section.line < stray.line), None)
        path = "" if stray.path == self.config.path else str(stray.path)
        words = _NO_EQUALS.match(stray.content.text)
        known = OPTIONS.get(thing.kind) if thing is not None else None
        fix = ""
        if words and thing is not None and known and words.group(1).lower() in known:
            name, value = words.group(1).lower(), words.group(2)
            if name in _REQUIRED.get(thing.kind, ()) and thing.last(name) is None:
                message += f" [{thing.name}] is dropped then, because it has no `{name}`."
                thing.dropped = True
            part = Mapped.from_text(value, stray.line, span.column + words.start(2))
            option = Option(name, part, span, stray.path, stray.line, stray.source, stray.section, stray.tail)
            if thing.last(name) is None:
                thing.meant.setdefault(name, option)
            fix = f"{name}={value}"
            if name in _SECRETS:
                self.notes.secret(value, value_span(option))
        self.notes.add("SR105", span, message, fix=fix, log=log, path=path)

    def _hidden_characters(self, section: Section, path: str) -> None:
        """What cannot be seen in the name of a section and in the names that point at sections."""
        if not section.name.isascii():
            place = Mapped.from_text(section.name, section.line, 2)
            self._characters(place, "name of the section", path)
        for option in section.options:
            if option.key in _REFERENCES and not option.text.isascii():
                self._characters(option.value, f"`{option.key}`", where(option, self.config))

    def _characters(self, value: Mapped, what: str, path: str) -> None:
        aside = Notes()
        checks.characters(aside, value, what, "Asterisk")
        for found in aside.findings:
            self.notes.add(found.code, found.span, found.message, fix=found.fix, severity=found.severity, path=path)


_BY_OPTION = (
    ("registration", frozenset(("server_uri", "client_uri"))),
    ("auth", frozenset(("password", "auth_type"))),
    ("endpoint", frozenset(("aors",))),
    ("aor", frozenset(("contact",))),
)
"""The type that options without one belong to."""


def foreign_register(notes: Notes, option: Option, *, path: str = "", log: str = "") -> Registration | None:
    """A `register =>` of chan_sip's where PJSIP reads: it registers nothing. Returns what was meant by it."""
    reading = chan_sip.parse(option.text, line=option.line, column=value_span(option).column)
    for secret in reading.secrets:
        notes.secret(secret)
    notes.secret_spans.extend(reading.secret_spans)
    message = "`register` is chan_sip's: PJSIP does not know it, and registers nothing because of it. It has sections "
    message += "for that, with `type=registration` and `type=auth`: `mockregistrar convert` makes them of this line."
    notes.add("SR219", option.name_span, message, log=log, path=path)
    trunk = reading.meant or reading.real
    span = option.name_span if not path else None
    return Registration.of(trunk, span=span) if trunk is not None else None


def _parts(section: Section) -> list[list[Option]]:
    """The options of a section, parted at each further `type=` that says something else."""
    parts: list[list[Option]] = [[]]
    seen: Option | None = None
    for option in section.options:
        if option.key == "type":
            other = seen is not None and (seen.section, option.section) == (section.name, section.name)
            if other and seen is not None and seen.text.strip().lower() != option.text.strip().lower():
                parts.append([])
            seen = option
        parts[-1].append(option)
    return parts
