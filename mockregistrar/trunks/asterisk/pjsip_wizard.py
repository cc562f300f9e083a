"""Trunks in Asterisk's pjsip_wizard.conf: one `type=wizard` section makes registrations, auth, endpoint and identify.

The wizard fills two patterns, `client_uri_pattern` and `server_uri_pattern`, once for each of `remote_hosts`, port
included. `${USERNAME}` is the outbound user name with `sends_auth`, and the name of the section without it. What comes
out is judged and settled like any registration in pjsip.conf.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from mockregistrar.trunks import checks, several
from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.parsed import Entry, Notes, Parsed, Registration
from mockregistrar.trunks.positions import part_span
from mockregistrar.trunks.uris import pjsip_uri

from .conf_text import read_text, section_span, value_span, where
from .config_reader import Option, Section
from .pjsip_conf import option_line
from .pjsip_options import AUTH, REGISTRATION, TRUE_WORDS
from .pjsip_registration import Credentials, Value, judge_credentials, judge_numbers, judge_uri, number, settle

NAME = "asterisk-pjsip_wizard.conf"
ALIASES = ("pjsip_wizard", "pjsip_wizard.conf", "asterisk-pjsip_wizard")
FORMS = ("file",)

CLIENT_PATTERN, SERVER_PATTERN = "sip:${USERNAME}@${REMOTE_HOST}", "sip:${REMOTE_HOST}"
_PREFIXES = ("outbound_auth", "inbound_auth", "registration", "endpoint", "aor", "identify", "phoneprov")
_OPTIONS = frozenset(
    (
        "type",
        "transport",
        "remote_hosts",
        "outbound_proxy",
        "sends_auth",
        "accepts_auth",
        "sends_registrations",
        "sends_line_with_registrations",
        "accepts_registrations",
        "has_phoneprov",
        "server_uri_pattern",
        "client_uri_pattern",
        "contact_pattern",
        "has_hint",
        "hint_exten",
        "hint_context",
        "hint_application",
    )
)


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a pjsip_wizard.conf or a piece of one. Never raises."""
    del form
    config = read_text(text, path, called="pjsip_wizard.conf")
    notes = Notes()
    notes.findings.extend(config.findings)
    made: list[Registration] = []
    meant: list[Registration] = []
    identify: list[Entry] = []
    auth: list[Entry] = []
    refused = bool(config.refused)
    wizards = 0
    for section in config.sections:
        if section.template or section.unread or section.get("type").lower() != "wizard":
            continue
        wizards += 1
        wizard = _Wizard(section, notes, where(section, config))
        real, probably = wizard.registrations()
        refused = refused or wizard.refused
        made.extend(real)
        meant.extend(each for each in probably if each not in real)
        if wizard.credentials is not None and not wizard.refused:
            auth.append(
                {
                    "name": f"{section.name}-oauth",
                    "username": wizard.credentials.user,
                    "password": wizard.credentials.secret,
                    "realm": wizard.credentials.realm,
                }
            )
        if wizard.hosts and not wizard.accepts:
            match = [re.sub(r":\d+\Z", "", host) for host, _ in wizard.hosts]
            identify.append({"name": f"{section.name}-identify", "endpoint": section.name, "match": match})
    if config.refused:
        made = []
    digest = bool(auth)
    return Parsed(
        NAME,
        "file",
        text,
        ok=not refused,
        registrations=tuple(made),
        findings=notes.done(),
        meant=tuple(meant),
        identify=tuple(identify) or None,
        auth=tuple(auth) or None,
        auth_method="digest" if digest else "ip" if identify and not made else None,
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=tuple(notes.secret_spans),
        visible=tuple(notes.visible),
    )


class _Wizard:
    def __init__(self, section: Section, notes: Notes, path: str) -> None:
        self.section = section
        self.notes = notes
        self.path = path
        self.refused = False
        self.sends_auth = self.switch("sends_auth")
        self.accepts = self.switch("accepts_registrations")
        self.sends = self.switch("sends_registrations")
        self.hosts = self.remote_hosts()
        self.credentials = self.login()
        self.names()

    def switch(self, name: str) -> bool:
        return self.section.get(name).lower() in TRUE_WORDS

    def get(self, name: str) -> str:
        return self.section.get(name)

    def remote_hosts(self) -> list[tuple[str, Value]]:
        option = self.section.last("remote_hosts")
        found: list[tuple[str, Value]] = []
        if option is None:
            return found
        text = option.text
        for match in re.finditer(r"[^,]+", text):
            word = match.group().strip()
            if not word:
                continue
            start = match.start() + match.group().index(word)
            span = part_span(option.value, start, start + len(word))
            found.append((word, Value(word, span)))
        return found

    def login(self) -> Credentials | None:
        user, secret = self.section.last("outbound_auth/username"), self.section.last("outbound_auth/password")
        judge_credentials(self.notes, _value(user), _value(secret), path=self.path)
        if not self.sends_auth:
            if user is not None or secret is not None:
                option = user or secret
                message = "Credentials count with `sends_auth=yes` only: the carrier's challenge is not answered."
                if option is not None:
                    self.notes.add("SR234", option.name_span, message, fix="sends_auth=yes", path=self.path)
            return None
        if user is None or not user.text:
            self.refused = True
            log = (
                f"ERROR ... Wizard '{self.section.name}' must have 'outbound_auth/username' if it sends authentication."
            )
            message = f"[{self.section.name}] sends auth, but has no `outbound_auth/username`: nothing is created."
            self.notes.add(
                "SR231", section_span(self.section), message, fix="outbound_auth/username=…", log=log, path=self.path
            )
            return None
        realm = self.get("outbound_auth/realm")
        return Credentials(self.section.name, user.text, secret.text if secret else "", realm)

    def names(self) -> None:
        for option in self.section.options:
            name = option.key
            prefix, slash, rest = name.partition("/")
            if not slash:
                if name not in _OPTIONS:
                    self.unknown(option, name, sorted(_OPTIONS), "`{0}` is no option of a wizard")
                continue
            if prefix not in _PREFIXES:
                near = {"outbound": "outbound_auth", "inbound": "inbound_auth", "auth": "outbound_auth"}.get(prefix, "")
                near = near or next(iter(difflib.get_close_matches(prefix, _PREFIXES, 1, 0.6)), "")
                message = f"`{prefix}/` is no prefix of a wizard: Asterisk ignores `{option.name}`."
                fix = f"{near}/{rest}={option.text}" if near else ""
                if rest == "password":
                    self.notes.secret(option.text, value_span(option))
                self.notes.add("SR232", option.name_span, message, fix=fix, path=self.path)
                continue
            known = {"registration": REGISTRATION, "outbound_auth": AUTH}.get(prefix)
            if known is not None and rest not in known:
                self.refused = True
                self.unknown(option, rest, sorted(known), f"`{{0}}` is no option of `{prefix}/`")
            elif prefix == "registration" and not self.sends:
                message = "`registration/…` counts with `sends_registrations=yes` only: nothing is registered."
                self.notes.add("SR234", option.name_span, message, fix="sends_registrations=yes", path=self.path)

    def unknown(self, option: Option, name: str, known: list[str], what: str) -> None:
        near = next(iter(difflib.get_close_matches(name, known, 1, 0.75)), "")
        message = what.format(option.name) + (f". Did you mean `{near}`?" if near else ".")
        self.notes.add("SR207", option.name_span, message, fix=near, path=self.path)

    def registrations(self) -> tuple[list[Registration], list[Registration]]:
        section, notes = self.section, self.notes
        if not self.hosts and (self.sends or self.sends_auth):
            self.refused = True
            log = f"ERROR ... Wizard '{section.name}' must have 'remote_hosts' if it sends registrations."
            message = f"[{section.name}] has no `remote_hosts`: nothing is created."
            notes.add("SR230", section_span(section), message, fix="remote_hosts=…", log=log, path=self.path)
        if not self.sends:
            return [], []
        values = {o.key.partition("/")[2]: o.text for o in section.options if o.key.startswith("registration/")}
        if self.get("outbound_proxy"):
            values.setdefault("outbound_proxy", self.get("outbound_proxy"))
        if self.switch("sends_line_with_registrations"):
            values |= {"line": "yes", "endpoint": section.name}
        judged = {
            o.key.partition("/")[2]: Value(o.text, value_span(o), o.value, o.tail)
            for o in section.options
            if o.key.startswith("registration/")
        }
        for option in ("expiration", "retry_interval", "max_retries"):
            given = judged.get(option)
            if given is not None and number(given.text) is None:
                self.refused = True
                message = f"`registration/{option}` takes a whole number, not `{given.text}`: nothing is created."
                notes.add("SR208", given.span, message, path=self.path)
        judge_numbers(notes, judged, path=self.path)
        proxy = judged.get("outbound_proxy") or _value(section.last("outbound_proxy"))
        if proxy is not None and proxy.text:
            judge_uri(notes, "outbound_proxy", proxy, section.name, path=self.path)
        if not self.sends_auth:
            message = f"Without `sends_auth` the user is the name of the section, `{section.name}`."
            notes.add("SR233", section_span(section), message, fix="sends_auth=yes", path=self.path)
        username = self.credentials.user if self.credentials else section.name
        real: list[Registration] = []
        meant: list[Registration] = []
        for host, place in self.hosts:
            one, probably = self.one(host, place, values, username)
            if one is None:
                self.refused = True
            elif not self.refused:
                real.append(one)
            if probably is not None and probably != one:
                meant.append(probably)
        return real, meant

    def one(
        self, host: str, place: Value, values: dict[str, str], username: str
    ) -> tuple[Registration | None, Registration | None]:
        """The registration at one host, and what was probably meant."""
        uris: dict[str, str] = {}
        repaired: dict[str, str] = {}
        uri_in_host = re.match(r"sips?:", host, re.IGNORECASE) is not None
        if uri_in_host:
            message = f"`remote_hosts` takes bare hosts: the pattern puts `sip:` in front of `{host}` once more."
            fix = f"remote_hosts={host.partition(':')[2]}"
            self.notes.add("SR235", place.span, message, fix=fix, path=self.path)
        for option, pattern in (("client_uri", CLIENT_PATTERN), ("server_uri", SERVER_PATTERN)):
            given = self.section.last(f"{option}_pattern")
            text = given.text if given is not None and given.text else pattern
            uri = text.replace("${USERNAME}", username).replace("${REMOTE_HOST}", host)
            if uri == place.text:
                uri = text
            span = value_span(given) if given is not None and host not in uri else place.span
            mapped = given.value if given is not None and text == uri else None
            tail = given.tail if given is not None else None
            value = Value(uri, span, mapped, tail)
            judged = Notes() if uri_in_host else self.notes
            read, repaired[option] = judge_uri(judged, option, value, self.section.name, path=self.path)
            uris[option] = uri if read is not None else ""
            if given is not None and tail is not None and tail.columns[0] == given.value.end:
                self.lost(given, option)
        if uri_in_host:
            bare = host.partition(":")[2]
            for option, pattern in (("client_uri", CLIENT_PATTERN), ("server_uri", SERVER_PATTERN)):
                text = self.get(f"{option}_pattern") or pattern
                repaired[option] = text.replace("${USERNAME}", username).replace("${REMOTE_HOST}", bare)
        name = f"{self.section.name}-reg-{[h for h, _ in self.hosts].index(host)}"
        span = section_span(self.section)
        probably = settle(values | repaired, self.credentials, name=name, span=span)
        real = settle(values | uris, self.credentials, name=name, span=span)
        return real, probably

    def lost(self, given: Option, option: str) -> None:
        tail = given.tail
        if tail is None or not re.match(rb";(?:transport=|lr\b)", tail.data):
            return
        message = f"`;` starts a comment here: `{tail.text[1:]}` has no effect."
        fix = f"{option}_pattern={given.text}\\{tail.text}"
        self.notes.add("SR205", tail.span(0, len(tail)), message, fix=fix, path=self.path)


def _value(option: Option | None) -> Value | None:
    return Value(option.text, value_span(option), option.value, option.tail) if option is not None else None


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
