"""Trunks in Asterisk's pjsip_wizard.conf: one `type=wizard` section makes registrations, auth, endpoint and identify.

Theory of operation. The wizard fills two patterns, `client_uri_pattern` and `server_uri_pattern`, once for each of
`remote_hosts`, port included. `${USERNAME}` is the outbound user name with `sends_auth`, and the name of the section
without it. What comes out is judged and settled like any registration in pjsip.conf. Options that a wizard does not
know are ignored; where they are known in another spelling, a second wizard with all of them put right says what was
meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mockregistrar.trunks import checks, secret_lines, several
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Entry, Notes, Parsed, Registration
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri

from .conf_text import read_text, section_span, value_span, where
from .config_reader import Option, Section
from .pjsip_conf import option_line
from .pjsip_options import FALSE_WORDS, TRUE_WORDS
from .pjsip_registration import (
    Credentials,
    Value,
    judge_credentials,
    judge_numbers,
    judge_uri,
    meant_number,
    meant_secret,
    meant_user,
    number,
    settle,
)
from .pjsip_wizard_options import (
    NUMBERS,
    PATTERNS,
    TELLING,
    VARIABLE,
    VARIABLES,
    judge_names,
    meant_variable,
    stretch,
    without_scheme,
    words,
)

NAME = "asterisk-pjsip_wizard.conf"
ALIASES = ("pjsip_wizard", "pjsip_wizard.conf", "asterisk-pjsip_wizard")
FORMS = ("file",)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a pjsip_wizard.conf or a piece of one. Never raises."""
    del form
    config = read_text(text, path, called="pjsip_wizard.conf")
    notes = Notes()
    notes.findings.extend(replace(found, fix="[name]") if found.code == "SR160" else found for found in config.findings)
    made: dict[str, _Made] = {}
    ok = not config.refused
    for section in config.sections:
        options = {o.key: o for o in section.options}
        if section.template or not _is_wizard(section, options, notes, where(section, config)):
            continue
        found = _read(section, options, notes, where(section, config), unseen=bool(config.refused))
        ok = ok and not found.refused
        if section.name in made:
            message = f"[{section.name}] stands there twice: what this one makes takes the place of the first."
            notes.add("SR209", section_span(section), message, severity="warning", path=where(section, config))
        made[section.name] = found
    for stray in config.strays:
        if stray.why == "no-equals" and not stray.unread:
            log = f"WARNING ... No '=' (equal sign) in line {stray.line} of {stray.path.name}"
            message = "There is no `=` in this line: Asterisk warns and ignores it."
            notes.add("SR105", stray.content.span(0, len(stray.content)), message, log=log)
    registrations = [each for found in made.values() for each in found.real]
    meant = [each for found in made.values() for each in found.meant]
    checks.one_account_twice(notes, registrations, "SR220")
    if made and not registrations and not meant and ok:
        by_address = any(found.identify is not None and found.auth is None for found in made.values())
        message = "No wizard sends registrations: nothing is registered."
        message += " The carrier is known by its address, and must know yours." if by_address else ""
        notes.add("SR224", Span(1, 1, 0), message)
    identify = [found.identify for found in made.values() if found.identify is not None]
    auth = [found.auth for found in made.values() if found.auth is not None]
    result = Parsed(
        NAME,
        "file",
        text,
        ok=ok,
        registrations=tuple(registrations),
        meant=tuple(meant),
        peers=tuple(found.peer for found in made.values()) or None,
        identify=tuple(identify) or None,
        auth=tuple(auth) or None,
        auth_method="digest" if auth else "ip" if identify and not registrations else None,
        files=tuple(config.files),
    )
    return secret_lines.completed(notes, result)


def _is_wizard(section: Section, options: Mapping[str, Option], notes: Notes, path: str) -> bool:
    """Whether a section is a wizard, or was to be one."""
    option = options.get("type")
    if option is None:
        if not options.keys() & TELLING:
            return False
        message = f"[{section.name}] has no `type=`: Asterisk ignores the whole section and prints nothing."
        notes.add("SR218", section_span(section), message, fix="type=wizard", path=path)
        return True
    kind = option.text.strip()
    if kind == "wizard":
        return True
    if not difflib.get_close_matches(kind.lower(), ["wizard"], 1, 0.7):
        return False
    message = f"There is no type `{option.text}`: Asterisk ignores the section and prints nothing."
    notes.add("SR217", value_span(option), message, fix="type=wizard", path=path)
    return True


@dataclass(frozen=True, slots=True)
class _Made:
    """What becomes of a wizard."""

    peer: Entry
    real: tuple[Registration, ...] = ()
    meant: tuple[Registration, ...] = ()
    identify: Entry | None = None
    auth: Entry | None = None
    refused: bool = False


def _read(section: Section, options: dict[str, Option], notes: Notes, path: str, *, unseen: bool) -> _Made:
    """Both readings of a wizard; an `unseen` one is only meant."""
    unseen = unseen or section.get("type").strip() != "wizard"
    renamed = judge_names(options, notes, path)
    wizard = _Wizard(section, options, notes, path)
    real, meant = wizard.registrations()
    if renamed:
        again = _Wizard(section, renamed | options, Notes(), path)
        made, better = again.registrations()
        notes.secrets.update(again.notes.secrets)
        meant = [*better, *(each for each in made if each.span not in {b.span for b in better})]
    return _Made(
        peer=wizard.peer(),
        real=() if unseen else tuple(real),
        meant=tuple(each for each in meant or (real if unseen else []) if unseen or each not in real),
        identify=wizard.identify(),
        auth=wizard.auth(),
        refused=wizard.refused,
    )


class _Wizard:
    def __init__(self, section: Section, options: Mapping[str, Option], notes: Notes, path: str) -> None:
        self.section = section
        self.options = options
        self.notes = notes
        self.path = path
        self.refused = False
        self.sends_auth = self.switch("sends_auth")
        self.accepts = self.switch("accepts_registrations")
        self.sends = self.switch("sends_registrations")
        self.hosts, self.meant_hosts = self.remote_hosts()
        self.real_login, self.login = self.credentials()

    def switch(self, name: str) -> bool:
        option = self.options.get(name)
        if option is not None and option.text.lower() not in TRUE_WORDS | FALSE_WORDS:
            message = f"`{option.text}` is neither yes nor no: Asterisk takes `{name}` for no."
            self.notes.add("SR208", value_span(option), message, fix=f"{name}=yes", severity="warning", path=self.path)
        return self.get(name).lower() in TRUE_WORDS

    def get(self, name: str) -> str:
        option = self.options.get(name)
        return option.text if option is not None else ""

    def under(self, prefix: str) -> dict[str, Value]:
        """The options that an object is given, without the prefix."""
        return {
            key.partition("/")[2]: Value.of(option)
            for key, option in self.options.items()
            if key.startswith(f"{prefix}/")
        }

    def take(self, found: Notes, prefix: str) -> None:
        """What was found in the options under a prefix; a fix has to name it."""
        self.notes.secrets |= found.secrets
        self.notes.secret_spans += found.secret_spans
        self.notes.visible += found.visible
        for each in found.findings:
            fix = prefix + each.fix if re.match(r"[a-z_]+=", each.fix) else each.fix
            self.notes.findings.append(replace(each, fix=fix))

    def remote_hosts(self) -> tuple[list[Value], list[Value]]:
        """The hosts as the wizard parts them, and as they were meant."""
        option = self.options.get("remote_hosts")
        if option is None:
            return [], []
        value = Value.of(option)
        hosts = words(value, r"[^,]+")
        meant = words(value, r"[^,\s]+")
        if len(meant) != len(hosts):
            message = "Hosts are parted by commas: Asterisk takes what stands between two of them for one host."
            fix = f"remote_hosts={','.join(host.text for host in meant)}"
            self.notes.add("SR241", value.span, message, fix=fix, path=self.path)
        tail = option.tail
        if tail is not None and tail.columns[0] == option.value.end and re.match(rb";[\w.-]+\.\w+", tail.data):
            message = f"`;` starts a comment here: Asterisk reads `{option.text}` only. Hosts are parted by commas."
            fix = f"remote_hosts={option.text}{tail.text.replace(';', ',')}"
            self.notes.add("SR225", tail.span(0, 1), message, fix=fix, path=self.path)
            meant += words(Value(tail.text, tail.span(0, len(tail)), tail), r"[^,;\s]+")
        for host in hosts:
            if host.mapped is not None:
                checks.characters(self.notes, host.mapped, "host", "Asterisk")
        return hosts, meant

    def credentials(self) -> tuple[Credentials | None, Credentials | None]:
        """The outbound credentials as Asterisk has them, and as they were meant."""
        user, secret = self.options.get("outbound_auth/username"), self.options.get("outbound_auth/password")
        found = Notes()
        judge_credentials(found, Value.maybe(user), Value.maybe(secret), path=self.path)
        self.take(found, "outbound_auth/")
        inbound = self.options.get("inbound_auth/password")
        if inbound is not None:
            self.notes.secret(inbound.text, value_span(inbound))
        if not self.sends_auth:
            option = user or secret
            if option is not None:
                message = "Credentials count with `sends_auth=yes` only: the carrier's challenge is not answered."
                self.notes.add("SR234", option.name_span, message, fix="sends_auth=yes", path=self.path)
            return None, None
        if user is None or not user.text:
            self.refused = True
            log = f"ERROR ... Wizard '{self.section.name}' must have 'outbound_auth/username' if it sends "
            log += "authentication."
            message = f"[{self.section.name}] sends auth, but has no `outbound_auth/username`: it makes no login."
            fix = "outbound_auth/username=…"
            self.notes.add("SR231", section_span(self.section), message, fix=fix, log=log, path=self.path)
            return None, None
        realm = self.get("outbound_auth/realm")
        real = Credentials(self.section.name, user.text, secret.text if secret else "", realm)
        meant = replace(real, user=meant_user(real.user), secret=meant_secret(real.secret))
        return real, meant

    # --- what it makes

    def registrations(self) -> tuple[list[Registration], list[Registration]]:
        """One for each host: as Asterisk makes it, and as it was meant where that is another one."""
        section, notes = self.section, self.notes
        if not self.hosts and (self.sends or not self.accepts):
            self.refused = True
            why = "it sends registrations" if self.sends else "it doesn't accept registrations"
            log = f"ERROR ... Wizard '{section.name}' must have 'remote_hosts' if {why}."
            message = f"[{section.name}] has no `remote_hosts`: nothing is created from it."
            notes.add("SR230", section_span(section), message, fix="remote_hosts=…", log=log, path=self.path)
        given = self.under("registration")
        if not self.sends:
            self.unused()
            return [], []
        values = {key: value.text for key, value in given.items()}
        if self.get("outbound_proxy"):
            values.setdefault("outbound_proxy", self.get("outbound_proxy"))
        if self.switch("sends_line_with_registrations"):
            values |= {"line": "yes", "endpoint": section.name}
        good = not self.refused
        repaired = dict(values)
        for option in NUMBERS:
            if option in given and number(given[option].text) is None:
                good = False
                repaired[option] = meant_number(given[option].text)
                fix = f"registration/{option}={repaired[option]}" if repaired[option] else ""
                message = (
                    f"`registration/{option}` takes a whole number, not `{given[option].text}`: nothing registers."
                )
                notes.add("SR208", given[option].span, message, fix=fix, path=self.path)
        found = Notes()
        judge_numbers(found, given, path=self.path)
        self.take(found, "registration/")
        proxy = given.get("outbound_proxy") or Value.maybe(self.options.get("outbound_proxy"))
        if proxy is not None and proxy.text:
            read, repaired["outbound_proxy"] = judge_uri(notes, "outbound_proxy", proxy, section.name, path=self.path)
            good = good and read is not None
        if not self.sends_auth and "${USERNAME}" in self.pattern("client_uri")[0].text:
            message = f"Without `sends_auth` the user is the name of the section, `{section.name}`."
            notes.add("SR233", section_span(section), message, fix="sends_auth=yes", path=self.path)
        as_meant = self.hosts == self.meant_hosts
        real: list[Registration] = []
        meant: list[Registration] = []
        for index, host in enumerate(self.hosts):
            one, probably = self.one(host, index, values, repaired, notes if as_meant else Notes())
            good = good and one is not None
            if one is not None:
                real.append(one)
            if as_meant and probably is not None and (not self.sends_auth or self.get("outbound_auth/username")):
                meant.append(probably)
        if not as_meant:
            settled = (self.one(host, i, values, repaired, Notes())[1] for i, host in enumerate(self.meant_hosts))
            meant = [each for each in settled if each is not None]
        self.refused = self.refused or not good
        return (real if good else []), [each for each in meant if not good or each not in real]

    def unused(self) -> None:
        """Options of registrations that are not sent; those of templates serve other wizards too."""
        for key, option in self.options.items():
            if key.startswith("registration/") and option.section == self.section.name:
                message = "`registration/…` counts with `sends_registrations=yes` only: nothing is registered."
                self.notes.add("SR234", option.name_span, message, fix="sends_registrations=yes", path=self.path)
                return

    def pattern(self, option: str) -> tuple[Value, Value]:
        """A pattern as it stands, and as it was meant."""
        given = self.options.get(f"{option}_pattern")
        if given is None:
            default = Value(PATTERNS[option], section_span(self.section))
            return default, default
        value = Value.of(given)
        explicit = self.options.get(f"registration/{option}")
        if not value.text and explicit is not None:
            value = Value.of(explicit)
        text = VARIABLE.sub(lambda m: f"${{{meant_variable(m)}}}", value.text)
        return value, replace(value, text=text) if text != value.text else value

    def fill(self, pattern: Value, user: Value, host: Value) -> Value:
        """A pattern filled in, each stretch with its place; a variable that does not exist is empty."""
        text = ""
        pieces: list[tuple[int, int, Value]] = []
        at = 0
        for match in (*re.finditer(r"\$\{([^}]*)\}", pattern.text), None):
            stop = match.start() if match else len(pattern.text)
            named = {"USERNAME": user, "REMOTE_HOST": host}.get(match.group(1)) if match else None
            for piece in (stretch(pattern, at, stop), named):
                if piece is not None and piece.text:
                    pieces.append((len(text), len(text) + len(piece.text), piece))
                    text += piece.text
            at = match.end() if match else stop
        written = pattern.mapped is not None
        return Value(text, pattern.span if written else host.span, None, pattern.attached, tuple(pieces))

    def one(
        self, host: Value, index: int, values: Mapping[str, str], repaired: Mapping[str, str], notes: Notes
    ) -> tuple[Registration | None, Registration | None]:
        """The registration at one host, and what was probably meant."""
        bare = without_scheme(host)
        if bare is not host:
            message = f"`remote_hosts` takes bare hosts: the pattern puts `sip:` in front of `{host.text}` once more."
            scheme = host.part(0, len(host.text) - len(bare.text))
            notes.add("SR235", scheme, message, fix=f"remote_hosts={bare.text}", path=self.path)
        option = self.options.get("outbound_auth/username") if self.sends_auth else None
        user = Value.of(option) if option is not None else Value(self.section.name, section_span(self.section))
        named = f"{self.section.name}-reg-{index}"
        uris: dict[str, str] = {}
        better: dict[str, str] = {}
        told: set[Span] = set()  # what is wrong with the host is wrong in both URIs, and logged for the first
        for name in ("server_uri", "client_uri"):
            pattern, meant = self.pattern(name)
            self.variables(pattern, notes if index == 0 else Notes())
            filled = self.fill(pattern, user, host)
            as_meant = meant is pattern and bare is host
            found = Notes()
            read, better[name] = judge_uri(found, name, filled, named, path=self.path)
            if as_meant:
                self.fixes(found, name, pattern, user, host)
                self.user_in_pattern(found, filled.text, pattern, user)
                news = [each for each in found.findings if each.span not in told]
                notes.findings.extend(each for each in news if each.code != "SR109" or option is None)
                told.update(each.span for each in found.findings)
                notes.visible.extend(found.visible)
            else:
                _, better[name] = judge_uri(Notes(), name, self.fill(meant, user, bare), named)
            notes.secrets.update(found.secrets)
            notes.secret_spans.extend(found.secret_spans)
            uris[name] = filled.text if read is not None else ""
        span = None if self.path else section_span(self.section)
        probably = settle({**repaired, **better}, self.login, name=named, span=span)
        real = settle({**values, **uris}, self.real_login, name=named, span=span)
        return real, probably

    def fixes(self, notes: Notes, name: str, pattern: Value, user: Value, host: Value) -> None:
        """What to write is said in the options of the wizard."""
        for index, found in enumerate(notes.findings):
            if not found.fix.startswith(f"{name}="):
                continue
            uri = found.fix.partition("=")[2]
            if pattern.mapped is None:
                fix = f"remote_hosts={uri.rpartition('@')[2].removeprefix('sip:')}"
            else:
                uri = uri.replace(f":{user.text}@", ":${USERNAME}@").replace(host.text, "${REMOTE_HOST}")
                fix = f"{name}_pattern={uri}"
            notes.findings[index] = replace(found, fix=fix)

    def variables(self, pattern: Value, notes: Notes) -> None:
        """Variables that there are not."""
        for match in VARIABLE.finditer(pattern.text):
            if match.group(1) not in VARIABLES:
                message = f"`{match.group()}` is no variable of a pattern: `${{USERNAME}}` and `${{REMOTE_HOST}}` are."
                meant = f"${{{meant_variable(match)}}}"
                notes.add("SR242", pattern.part(match.start(), match.end()), message, instead=meant, path=self.path)

    def user_in_pattern(self, notes: Notes, uri: str, pattern: Value, user: Value) -> None:
        """The user of the login can be no part of a URI: then the pattern must hold it in escapes."""
        bad = pjsip_uri.parse(uri)
        if not isinstance(bad, BadUri) or bad.kind not in ("second-at", "user") or "${USERNAME}" not in pattern.text:
            return
        written = pattern.text.replace("${USERNAME}", pjsip_uri.user_part(user.text))
        written = written.replace(";", "\\;")
        notes.findings = [replace(found, fix=f"client_uri_pattern={written}") for found in notes.findings]

    def identify(self) -> Entry | None:
        if not self.hosts or self.accepts:
            return None
        match = [host.text.partition(":")[0] if "[" not in host.text else host.text for host in self.hosts]
        if self.get("identify/match"):
            match = [word for word in re.split(r"[\s,]+", self.get("identify/match")) if word]
        return {"name": f"{self.section.name}-identify", "endpoint": self.section.name, "match": match}

    def auth(self) -> Entry | None:
        if self.real_login is None:
            return None
        return {
            "name": f"{self.section.name}-oauth",
            "username": self.real_login.user,
            "password": self.real_login.secret,
            "realm": self.real_login.realm,
        }

    def peer(self) -> Entry:
        """The endpoint that it makes."""
        name = self.section.name
        entry: dict[str, str | int | bool | list[str]] = {"name": name}
        values = {key: self.get(f"endpoint/{key}") for key in ("context", "from_user", "from_domain", "outbound_proxy")}
        values["transport"] = self.get("transport") or self.get("endpoint/transport")
        values["outbound_proxy"] = values["outbound_proxy"] or self.get("outbound_proxy")
        values["outbound_auth"] = f"{name}-oauth" if self.real_login is not None else ""
        entry.update({key: text for key, text in values.items() if text})
        entry["aors"] = [name]
        pattern = self.get("contact_pattern") or "sip:${REMOTE_HOST}"
        contacts = [pattern.replace("${REMOTE_HOST}", host.text) for host in self.hosts]
        if self.get("aor/contact") or contacts:
            entry["contact"] = [self.get("aor/contact")] if self.get("aor/contact") else contacts
        return entry


def render(trunk: Trunk, name: str = "") -> str:
    """The wizard section for one trunk. Raises CannotRender for what an option or a URI cannot hold."""
    name = name or several.section_name(trunk)
    if re.search(r"[\]\r\n\0;]", name):
        raise CannotRender(name, f"`{name}` cannot be the name of a section")
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "a wizard holds a password, not its digest")
    host, transport = trunk.dial_host, trunk.dial_transport
    usual = 5061 if transport == "tls" else 5060
    remote = host + (f":{trunk.dial_port}" if trunk.dial_port != usual else "")
    server = "sip:${REMOTE_HOST}" + (f";transport={transport}" if transport != "udp" else "")
    client = f"sip:{pjsip_uri.user_part(trunk.user)}@{trunk.aor_host}"
    client += f":{trunk.domain_port}" if trunk.domain_port is not None else ""
    for uri in (server.replace("${REMOTE_HOST}", remote), client):
        read = pjsip_uri.parse(uri)
        if isinstance(read, pjsip_uri.BadUri):
            raise CannotRender(uri[read.start : read.stop], f"pjsip refuses the URI: {read.why}")
    if "," in host or checks.placeholder(host):
        raise CannotRender(",", "`remote_hosts` is a list: a host cannot hold a comma")
    options = [
        ("type", "wizard"),
        ("remote_hosts", remote),
        ("sends_auth", "yes"),
        ("sends_registrations", "yes"),
        ("outbound_auth/username", trunk.effective_auth_user),
        ("outbound_auth/password", trunk.secret),
        ("server_uri_pattern", server),
        ("client_uri_pattern", client),
        *([("registration/contact_user", trunk.extension)] if trunk.extension != "s" else []),
        ("registration/expiration", str(trunk.expiry)),
        ("registration/max_retries", "10000"),
    ]
    return "\n".join([f"[{name}]", *(option_line(key, value) for key, value in options)]) + "\n"


def render_all(trunks: Sequence[Trunk]) -> str:
    """The sections of several trunks, each under a name of its own. Raises CannotRender as `render` does."""
    return several.in_sections(render, trunks)
