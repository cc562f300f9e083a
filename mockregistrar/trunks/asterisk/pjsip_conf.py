"""Registrations in Asterisk's pjsip.conf: sections with `type=registration`, and what they refer to.

Theory of operation. The config reader gives sections and options. Every section with a type is an object; one that
holds an option its type does not have, or lacks what it needs, is dropped with an error, and two objects of one type
and name make Asterisk refuse all of the file. Each registration is then settled from its own options and from the auth
object that `outbound_auth` names. A second pass over the repaired values says what was meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from mockregistrar.trunks import several
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Entry, Notes, Parsed, Registration
from mockregistrar.trunks.uris import pjsip_uri

from .conf_text import read_text, section_span, value_span, where
from .config_reader import Config, Option, Section
from .pjsip_options import AUTH, FROM_CHAN_SIP, IDENTIFY, REGISTRATION, SQUEEZED, TYPES
from .pjsip_registration import Credentials, Value, judge_credentials, judge_numbers, judge_uri, number, settle

NAME = "asterisk-pjsip.conf"
ALIASES = ("pjsip", "pjsip.conf", "asterisk-pjsip")
FORMS = ("file",)

_NUMBERS = frozenset(
    [
        "expiration",
        "retry_interval",
        "forbidden_retry_interval",
        "fatal_retry_interval",
        "max_retries",
        "max_random_initial_delay",
    ]
)
_SWITCHES = frozenset(["auth_rejection_permanent", "support_path", "line"])
_SWITCH = frozenset(["yes", "no", "true", "false", "y", "n", "t", "f", "1", "0", "on", "off"])
_AUTH_TYPES = frozenset(["userpass", "md5", "digest", "google_oauth"])
_TELLING = frozenset(["server_uri", "client_uri", "outbound_auth", "password", "aors"])


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a pjsip.conf or a piece of one. Never raises."""
    del form
    return _File(read_text(text, path, called="pjsip.conf"), text, path).parsed()


class _File:
    def __init__(self, config: Config, text: str, path: Path | None) -> None:
        self.config = config
        self.text = text
        self.file_name = path.name if path is not None else "pjsip.conf"
        self.notes = Notes()
        self.ok = not config.refused
        self.objects: dict[str, dict[str, Section]] = {}
        self.dropped: set[int] = set()
        self.refusals = 0
        self.renamed: dict[int, dict[str, Option]] = {}
        self.incomplete = bool(config.missing)

    def parsed(self) -> Parsed:
        self.notes.findings.extend(self.config.findings)
        for section in self.config.sections:
            if not section.template and not section.unread:
                self.object(section)
        for stray in self.config.strays:
            if stray.why == "no-equals" and not stray.unread:
                log = f"WARNING ... No '=' (equal sign) in line {stray.line} of {stray.path.name}"
                message = "There is no `=` in this line: Asterisk warns and ignores it."
                self.notes.add("SR105", stray.content.span(0, len(stray.content)), message, log=log)
        logins = {name: self.login(section) for name, section in self.of("auth").items()}
        made: list[Registration] = []
        meant: list[Registration] = []
        for name, section in self.of("registration").items():
            real, probably = self.registration(name, section, logins)
            if real is not None:
                made.append(real)
            if probably is not None and probably != real:
                meant.append(probably)
        self.twice(made)
        identify = self.identify()
        if not self.of("registration") and self.ok and (self.of("endpoint") or identify):
            self.nothing(bool(identify))
        if not self.ok:
            made = []
        digest = any(r.auth_user is not None for r in made) or any(
            section.get("outbound_auth") for section in self.of("endpoint").values()
        )
        return Parsed(
            NAME,
            "file",
            self.text,
            ok=self.ok and not self.refusals,
            registrations=tuple(made),
            findings=self.notes.done(),
            meant=tuple(meant),
            peers=self.peers() or None,
            identify=identify or None,
            auth=tuple(self.auth(name, login) for name, login in logins.items()) or None,
            auth_method="digest" if digest else "ip" if identify and not made else None,
            secrets=tuple(sorted(self.notes.secrets)),
            secret_spans=tuple(self.notes.secret_spans),
            visible=tuple(self.notes.visible),
        )

    def of(self, kind: str) -> dict[str, Section]:
        """The objects of a type by name, those that Asterisk drops included."""
        return self.objects.get(kind, {})

    # --- sections

    def object(self, section: Section) -> None:
        option = section.last("type")
        names = {o.key for o in section.options}
        path = where(section, self.config)
        for each in section.options:
            if each.key == "register" and "@" in each.text:
                message = "`register` is chan_sip's: PJSIP does not know it, and registers nothing because of it."
                self.notes.add("SR219", each.name_span, message, fix="a section with type=registration", path=path)
        if option is None:
            if names & _TELLING:
                message = f"[{section.name}] has no `type=`: Asterisk ignores the whole section and prints nothing."
                fix = "type=registration" if "server_uri" in names else "type=auth" if "password" in names else ""
                self.notes.add("SR218", section_span(section), message, fix=fix, path=path)
            return
        kind = option.text.strip().lower()
        if kind not in TYPES:
            near = difflib.get_close_matches(kind, sorted(TYPES), 1, 0.7)
            if near:
                message = f"There is no type `{option.text}`: Asterisk ignores the section and prints nothing. "
                message += f"Did you mean `{near[0]}`?"
                self.notes.add("SR217", value_span(option), message, fix=f"type={near[0]}", path=path)
            return
        same = self.objects.setdefault(kind, {})
        if section.name in same:
            self.ok = False
            message = f"[{section.name}] with `type={kind}` stands in line {same[section.name].line} already: Asterisk "
            message += "refuses all objects of the file."
            log = f"ERROR ... Configuration file '{self.file_name}' could not be loaded; configuration contains a "
            log += f"duplicate object: '{section.name}' of type '{kind}'"
            self.notes.add("SR209", section_span(section), message, fix="another name, or one section", log=log)
            return
        same[section.name] = section
        known = {"registration": REGISTRATION, "auth": AUTH, "identify": IDENTIFY}.get(kind)
        for each in section.options:
            self.option(section, kind, known, each)

    def option(self, section: Section, kind: str, known: frozenset[str] | None, option: Option) -> None:
        name, path = option.key, where(option, self.config)
        if name.startswith("@") or name == "register" or (known is not None and name in known):
            if kind == "registration" and name in _NUMBERS | _SWITCHES:
                self.value(section, name, option)
            return
        near = SQUEEZED.get(re.sub(r"[_\-\s]", "", name), "")
        if known is None:
            if not near or near == name:
                return
        else:
            near = near if near in known else FROM_CHAN_SIP.get(name, "")
            if near not in known:
                near = next(iter(difflib.get_close_matches(name, sorted(known), 1, 0.75)), "")
        self.dropped.add(id(section))
        if near:
            self.renamed.setdefault(id(section), {}).setdefault(near, option)
        log = f"ERROR ... Could not find option suitable for category '{section.name}' named '{option.name}' at line "
        log += f"{option.line} of {self.file_name}"
        message = f"`{option.name}` is no option of `type={kind}`: Asterisk drops [{section.name}]."
        message += f" Did you mean `{near}`?" if near else ""
        fix = f"{near}={option.text}" if near else ""
        if near == "password":
            self.notes.secret(option.text, value_span(option))
        self.notes.add("SR207", option.name_span, message, fix=fix, log=log, path=path)

    def value(self, section: Section, name: str, option: Option) -> None:
        good = number(option.text) is not None if name in _NUMBERS else option.text.lower() in _SWITCH
        if good:
            return
        what = "a whole number" if name in _NUMBERS else "yes or no"
        message = f"`{name}` takes {what}, not `{option.text}`: Asterisk drops [{section.name}]."
        digits = re.match(r"\d+", option.text)
        fix = f"{name}={digits.group()}" if digits and name in _NUMBERS else f"{name}=no"
        log = f"ERROR ... Error parsing {name}={option.text} at line {option.line} of {self.file_name}"
        self.dropped.add(id(section))
        self.notes.add("SR208", value_span(option), message, fix=fix, log=log, path=where(option, self.config))

    def find(self, section: Section, name: str) -> Option | None:
        """An option, also under a name that is misspelt."""
        return section.last(name) or self.renamed.get(id(section), {}).get(name)

    # --- auth

    def login(self, section: Section) -> Credentials:
        """What an auth section was meant to hold; whether Asterisk drops it is in `dropped`."""
        path = where(section, self.config)
        user, secret = self.find(section, "username"), self.find(section, "password")
        judge_credentials(self.notes, _value(user), _value(secret), path=path)
        md5 = section.get("md5_cred")
        self.notes.secret(md5)
        kind = section.get("auth_type").lower() or "userpass"
        if kind not in _AUTH_TYPES:
            option = section.last("auth_type")
            message = f"There is no `auth_type={kind}`: userpass, md5 and digest exist. Asterisk drops the section."
            self.notes.add("SR208", value_span(option), message, fix="auth_type=userpass") if option else None
            self.dropped.add(id(section))
        if (user is None or not user.text) and kind != "google_oauth":
            log = f"ERROR ... {section.name}: No authentication username"
            message = f"[{section.name}] has no `username`: Asterisk drops it."
            if id(section) not in self.dropped:
                self.notes.add("SR211", section_span(section), message, fix="username=…", log=log, path=path)
            self.dropped.add(id(section))
        ha1 = md5 if kind == "md5" else ""
        return Credentials(
            section.name, user.text if user else "", secret.text if secret else "", section.get("realm"), ha1
        )

    def auth(self, name: str, login: Credentials) -> Entry:
        entry: dict[str, str | int | bool | list[str]] = {
            "name": name,
            "username": login.user,
            "password": login.secret,
            "realm": login.realm,
        }
        return entry

    # --- registrations

    def registration(
        self, name: str, section: Section, logins: dict[str, Credentials]
    ) -> tuple[Registration | None, Registration | None]:
        """What Asterisk makes of a section, and what was probably meant."""
        notes, path = self.notes, where(section, self.config)
        values = {o.key: o.text for o in section.options}
        repaired = values | {key: o.text for key, o in self.renamed.get(id(section), {}).items()}
        good = True
        for option, code, label in (("server_uri", "SR201", "server"), ("client_uri", "SR202", "client")):
            given = self.find(section, option)
            if given is None or not given.text:
                good = False
                log = f"ERROR ... No {label} URI specified on outbound registration '{name}'"
                message = f"[{name}] has no `{option}`: Asterisk drops the registration."
                place = given.name_span if given else section_span(section)
                notes.add(code, place, message, fix=f"{option}=sip:…", log=log, path=path)
                continue
            read, repaired[option] = judge_uri(notes, option, _as_value(given), name, path=path)
            good = good and read is not None
        proxy = section.last("outbound_proxy")
        if proxy is not None and proxy.text:
            read, repaired["outbound_proxy"] = judge_uri(notes, "outbound_proxy", _as_value(proxy), name, path=path)
            good = good and read is not None
        if not self.line(section, name, path):
            good = False
        judge_numbers(notes, {o.key: _as_value(o) for o in section.options}, path=path)
        login = self.outbound_auth(section, name, logins, path)
        protocol = self.protocol(section, path)
        if values.get("contact_user", "") == "":
            message = "Without `contact_user` the Contact has the user `s`: calls arrive for extension `s`."
            notes.add("SR221", section_span(section), message, fix="contact_user=the number", path=path)
        if login is not None and re.search(r"[\"']", login.realm):
            realm = self.of("auth")[login.name].last("realm")
            message = f"The realm `{login.realm}` is compared as it stands, quotes included."
            notes.add("SR226", value_span(realm) if realm else section_span(section), message, path=path)
        span = section_span(section)
        probably = settle(repaired, login, protocol, name=name, span=span)
        if not good or id(section) in self.dropped:
            self.refusals += 1
            return None, probably
        usable = login if login is not None and id(self.of("auth")[login.name]) not in self.dropped else None
        real = settle(values, usable, protocol, name=name, span=span)
        return real, probably if repaired != values or usable is not login else None

    def line(self, section: Section, name: str, path: str) -> bool:
        line, endpoint = section.last("line"), section.last("endpoint")
        on = line is not None and line.text.lower() in ("yes", "true", "y", "t", "1", "on")
        if on and (endpoint is None or not endpoint.text):
            log = f"ERROR ... Line support has been enabled on outbound registration '{name}' without providing an "
            message = "`line=yes` needs `endpoint=`: Asterisk drops the registration."
            place = line.name_span if line else section_span(section)
            self.notes.add("SR216", place, message, fix="endpoint=…", log=log + "endpoint", path=path)
            return False
        if not on and endpoint is not None and endpoint.text:
            log = f"ERROR ... An endpoint has been specified on outbound registration '{name}' without enabling line "
            message = "`endpoint=` needs `line=yes`: Asterisk drops the registration."
            self.notes.add("SR216", endpoint.name_span, message, fix="line=yes", log=log + "support", path=path)
            return False
        if endpoint is not None and endpoint.text and endpoint.text not in self.of("endpoint"):
            self.missing(endpoint, "endpoint", path)
        return True

    def outbound_auth(
        self, section: Section, name: str, logins: dict[str, Credentials], path: str
    ) -> Credentials | None:
        option = self.find(section, "outbound_auth")
        if option is None or not option.text:
            message = f"[{name}] has no `outbound_auth`: a challenge of the carrier cannot be answered."
            self.notes.add("SR222", section_span(section), message, fix="outbound_auth=…", path=path)
            return None
        for word in re.split(r"\s*,\s*", option.text):
            if word in logins:
                return logins[word]
        near = next(iter(difflib.get_close_matches(option.text, list(logins), 1, 0.6)), "")
        message = f"There is no section [{option.text}] with `type=auth`: the carrier's challenge cannot be answered."
        message += f" Did you mean `{near}`?" if near else ""
        partial = self.incomplete or not logins
        self.notes.add(
            "SR210",
            value_span(option),
            message,
            fix=f"outbound_auth={near}" if near else f"[{option.text}] with type=auth",
            severity="hint" if self.incomplete else "warning" if partial else None,
            path=path,
        )
        return None

    def protocol(self, section: Section, path: str) -> str | None:
        option = section.last("transport")
        if option is None or not option.text:
            return None
        transports = self.of("transport")
        if option.text in transports:
            return transports[option.text].get("protocol").lower() or "udp"
        if transports:
            self.missing(option, "transport", path)
        return None

    def missing(self, option: Option, kind: str, path: str) -> None:
        if self.incomplete:
            return
        near = next(iter(difflib.get_close_matches(option.text, list(self.of(kind)), 1, 0.6)), "")
        message = f"There is no section [{option.text}] with `type={kind}`."
        message += f" Did you mean `{near}`?" if near else ""
        fix = f"{option.name}={near}" if near else ""
        severity = None if self.of(kind) else "hint"
        self.notes.add("SR223", value_span(option), message, fix=fix, severity=severity, path=path)  # type: ignore[arg-type]

    def twice(self, made: list[Registration]) -> None:
        seen: dict[tuple[str | None, ...], Registration] = {}
        for each in made:
            key = (each.user, (each.domain or "").lower(), (each.host or "").lower(), str(each.port))
            other = seen.setdefault(key, each)
            if other is not each and each.span is not None:
                message = f"[{other.name}] registers the same account: the two take the binding from one another."
                self.notes.add("SR220", each.span, message)

    # --- the rest of the file

    def identify(self) -> tuple[Entry, ...]:
        found: list[Entry] = []
        for name, section in self.of("identify").items():
            match = [w for o in section.options if o.key == "match" for w in re.split(r"[\s,]+", o.text) if w]
            found.append({"name": name, "endpoint": section.get("endpoint"), "match": match})
            endpoint = section.last("endpoint")
            if endpoint is not None and endpoint.text and endpoint.text not in self.of("endpoint"):
                self.missing(endpoint, "endpoint", where(section, self.config))
        return tuple(found)

    def peers(self) -> tuple[Entry, ...]:
        found: list[Entry] = []
        names = ("transport", "context", "outbound_auth", "from_user", "from_domain", "outbound_proxy")
        for name, section in self.of("endpoint").items():
            entry: dict[str, str | int | bool | list[str]] = {"name": name}
            entry.update({key: section.get(key) for key in names if section.get(key)})
            aors = [word for word in re.split(r"\s*,\s*", section.get("aors")) if word]
            contacts = [self.of("aor")[aor].get("contact") for aor in aors if aor in self.of("aor")]
            if aors:
                entry["aors"] = aors
            if any(contacts):
                entry["contact"] = [contact for contact in contacts if contact]
            found.append(entry)
        return tuple(found)

    def nothing(self, identified: bool) -> None:
        message = "No section has `type=registration`: nothing is registered."
        if identified:
            message += " The carrier is known by its address, and must know yours."
        self.notes.add("SR224", Span(1, 1, 0), message)


def _as_value(option: Option) -> Value:
    return Value(option.text, value_span(option), option.value, option.tail)


def _value(option: Option | None) -> Value | None:
    return _as_value(option) if option is not None else None


# --- writing


def render(trunk: Trunk, name: str = "") -> str:
    """The sections for one trunk: registration, auth, endpoint, aor, identify.

    Raises CannotRender for what an option or a URI cannot hold.
    """
    name = name or several.section_name(trunk)
    if re.search(r"[\]\r\n\0;]", name) or name.lower() in ("global", "system"):
        raise CannotRender(name, f"`{name}` cannot be the name of a section")
    host = trunk.dial_host
    server = f"sip:{host}" + (f":{trunk.dial_port}" if trunk.dial_port != _usual(trunk.dial_transport) else "")
    if trunk.dial_transport != "udp":
        server += f";transport={trunk.dial_transport}"
    client = f"sip:{pjsip_uri.user_part(trunk.user)}@{trunk.aor_host}"
    client += f":{trunk.domain_port}" if trunk.domain_port is not None else ""
    for uri in (server, client):
        read = pjsip_uri.parse(uri)
        if isinstance(read, pjsip_uri.BadUri):
            raise CannotRender(uri[read.start : read.stop], f"pjsip refuses the URI: {read.why}")
    rows: list[tuple[str, list[tuple[str, str]]]] = [
        (
            "registration",
            [
                ("server_uri", server),
                ("client_uri", client),
                *([("contact_user", trunk.extension)] if trunk.extension != "s" else []),
                ("outbound_auth", name),
                ("expiration", str(trunk.expiry)),
                ("max_retries", "10000"),
            ],
        ),
        (
            "auth",
            [
                ("auth_type", "md5" if trunk.ha1 and not trunk.secret else "userpass"),
                ("username", trunk.effective_auth_user),
                ("md5_cred", trunk.ha1) if trunk.ha1 and not trunk.secret else ("password", trunk.secret),
            ],
        ),
        ("aor", [("contact", server)]),
        (
            "endpoint",
            [("aors", name), ("outbound_auth", name), ("from_user", trunk.user), ("from_domain", trunk.aor_host)],
        ),
        ("identify", [("endpoint", name), ("match", host.strip("[]"))]),
    ]
    blocks = [
        "\n".join([f"[{name}]", f"type = {kind}", *(option_line(key, value) for key, value in options)])
        for kind, options in rows
    ]
    return "\n\n".join(blocks) + "\n"


def render_all(trunks: Sequence[Trunk]) -> str:
    """The sections of several trunks, each under a name of its own. Raises CannotRender as `render` does."""
    return several.in_sections(render, trunks)


def option_line(name: str, value: str) -> str:
    """One option, `;` escaped. Raises CannotRender for line breaks and for outer blanks, which Asterisk strips."""
    if value != value.strip("".join(map(chr, range(33)))):
        raise CannotRender(" ", f"`{name}` begins or ends with a blank, which Asterisk strips")
    if re.search(r"[\r\n\0]", value):
        raise CannotRender("\n", f"`{name}` holds a line break")
    if len(value) > 4000:
        raise CannotRender("", f"`{name}` is longer than a line of a config can be")
    return f"{name} = {value.replace(';', chr(92) + ';')}"


def _usual(transport: str) -> int:
    return 5061 if transport == "tls" else 5060
