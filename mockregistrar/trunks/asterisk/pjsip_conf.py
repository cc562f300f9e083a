"""Registrations in Asterisk's pjsip.conf: sections with `type=registration`, and what they refer to.

Theory of operation. Sections are told apart by name and `type`; one that Asterisk cannot use is dropped, and sometimes
the whole file with it: then all of it is only meant. Each registration is settled from its own options and from the
auth object that `outbound_auth` names; a second pass over the repaired values says what was meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mockregistrar.trunks import checks, secret_lines, several
from mockregistrar.trunks.model import CannotRender, Severity, Span, Trunk
from mockregistrar.trunks.parsed import Entry, Notes, Parsed, Registration
from mockregistrar.trunks.plausible import host_problem
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import PjUri

from .conf_text import read_text, value_span
from .config_reader import Config, Option
from .pjsip_objects import WIZARDS, Objects, Thing
from .pjsip_options import TRUE_WORDS
from .pjsip_registration import (
    Credentials,
    Value,
    judge_credentials,
    judge_numbers,
    judge_uri,
    lost_parameter,
    meant_secret,
    meant_user,
    settle,
)

NAME = "asterisk-pjsip.conf"
ALIASES = ("pjsip", "pjsip.conf", "asterisk-pjsip")
FORMS = ("file",)

_AUTH_TYPES = frozenset(["userpass", "md5", "digest", "google_oauth"])
_MD5 = 32


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a pjsip.conf or a piece of one. Never raises."""
    del form
    return _File(read_text(text, path, called="pjsip.conf"), text, path).parsed()


@dataclass(frozen=True, slots=True)
class _Login:
    """The credentials of an auth object: as Asterisk has them, None where it drops it, and as they were meant."""

    real: Credentials | None
    meant: Credentials


class _File:
    def __init__(self, config: Config, text: str, path: Path | None) -> None:
        self.config = config
        self.text = text
        self.notes = Notes()
        self.notes.findings.extend(
            replace(found, fix="[name]") if found.code == "SR160" else found for found in config.findings
        )
        self.objects = Objects(config, path.name if path is not None else "pjsip.conf", self.notes)

    def parsed(self) -> Parsed:
        objects, notes = self.objects, self.notes
        logins = {id(thing): self.login(thing) for thing in objects.of("auth")}
        made: list[Registration] = []
        meant: list[Registration] = []
        for thing in objects.of("registration"):
            real, probably = self.registration(thing, logins)
            if real is not None and not objects.refused:
                made.append(real)
            if probably is not None and (probably != real or objects.refused) and not _told(probably, meant):
                meant.append(probably)
        meant += objects.meant
        checks.one_account_twice(notes, made, "SR220")
        for thing in (*objects.of("endpoint"), *objects.of("aor")):
            self.rest(thing)
        identify = self.identify()
        digest = any(thing.get("outbound_auth") for kind in ("registration", "endpoint") for thing in objects.of(kind))
        refused = objects.refused or any(thing.dropped for thing in objects.all)
        if not objects.of("registration") and not objects.refused and (objects.of("endpoint") or identify):
            self.nothing(bool(identify) and not digest)
        found = Parsed(
            NAME,
            "file",
            self.text,
            ok=not refused,
            registrations=tuple(made),
            meant=tuple(meant),
            peers=self.peers() or None,
            identify=identify or None,
            auth=tuple(self.auth(thing, logins[id(thing)].meant) for thing in objects.of("auth")) or None,
            auth_method="digest" if digest else "ip" if identify and not made else None,
            files=tuple(path for path in self.config.files if path.name != WIZARDS),
        )
        return secret_lines.completed(notes, found)

    # --- auth

    def login(self, thing: Thing) -> _Login:
        """What an auth section holds, and was meant to hold."""
        user, secret = thing.find("username"), thing.find("password")
        judge_credentials(self.notes, Value.maybe(user), Value.maybe(secret), path=thing.path)
        realm = thing.last("realm")
        if realm is not None and realm.text[:1] in ("'", '"') and realm.text:
            message = f"The realm `{realm.text}` is compared as it stands, quotes included: no challenge is answered."
            fix = f"realm={realm.text.strip(chr(34) + chr(39))}"
            self.notes.add("SR226", value_span(realm), message, fix=fix, path=thing.path)
        md5 = thing.get("md5_cred")
        self.notes.secret(md5)
        kind = thing.get("auth_type").lower() or "userpass"
        option = thing.last("auth_type")
        if kind not in _AUTH_TYPES and option is not None:
            message = f"There is no `auth_type={kind}`: userpass, md5 and digest exist. Asterisk drops the section."
            self.notes.add("SR208", value_span(option), message, fix="auth_type=userpass", path=thing.path)
            thing.dropped = True
        if (user is None or not user.text) and kind != "google_oauth":
            log = f"ERROR ... {thing.name}: No authentication username"
            message = f"[{thing.name}] has no `username`: Asterisk drops it."
            if not thing.gone:
                self.notes.add("SR211", thing.span, message, fix="username=…", log=log, path=thing.path)
            thing.dropped = True
        elif kind == "md5" and len(md5) != _MD5:
            what = f"its `md5_cred` is {len(md5)} characters long" if md5 else "it has no `md5_cred`"
            message = f"[{thing.name}] has `auth_type=md5`, and {what}: Asterisk wants {_MD5} hexadecimal digits, and "
            message += "drops the section."
            cred = thing.last("md5_cred")
            fix = "auth_type=userpass" if cred is None and thing.last("password") is not None else ""
            self.notes.add("SR238", value_span(cred) if cred else thing.span, message, fix=fix, path=thing.path)
            thing.dropped = True
        meant = Credentials(
            thing.name,
            meant_user(user.text) if user else "",
            meant_secret(secret.text) if secret else "",
            thing.get("realm").strip("\"'"),
            md5 if kind == "md5" else "",
        )
        real = replace(meant, user=thing.get("username"), secret=thing.get("password"), realm=thing.get("realm"))
        return _Login(None if thing.gone else real, meant)

    def auth(self, thing: Thing, login: Credentials) -> Entry:
        return {
            "name": thing.name,
            "username": thing.get("username") or login.user,
            "password": thing.get("password") or login.secret,
            "realm": thing.get("realm"),
        }

    # --- registrations

    def registration(self, thing: Thing, logins: dict[int, _Login]) -> tuple[Registration | None, Registration | None]:
        """What Asterisk makes of a section, and what was probably meant."""
        notes, path, name = self.notes, thing.path, thing.name
        values, repaired = thing.values, thing.meant_values
        protocol = self.protocol(thing)
        for option, code, label in (("server_uri", "SR201", "server"), ("client_uri", "SR202", "client")):
            given = thing.find(option)
            if given is None or not given.text:
                thing.dropped = True
                if thing.unread:
                    continue
                log = f"ERROR ... No {label} URI specified on outbound registration '{name}'"
                message = f"[{name}] has no `{option}`: Asterisk drops the registration."
                notes.add(
                    code, given.name_span if given else thing.span, message, fix=f"{option}=sip:…", log=log, path=path
                )
                continue
            read, repaired[option] = judge_uri(notes, option, Value.of(given), name, protocol, path=path)
            if read is None or thing.last(option) is None:
                thing.dropped = True
        proxy = thing.find("outbound_proxy")
        if proxy is not None and proxy.text:
            read, repaired["outbound_proxy"] = judge_uri(notes, "outbound_proxy", Value.of(proxy), name, path=path)
            thing.dropped = thing.dropped or read is None
        self.line(thing)
        self.contact_user(thing)
        if "contact_user" in repaired:
            repaired["contact_user"] = _user_of(repaired["contact_user"])
        judge_numbers(notes, {o.key: Value.of(o) for o in thing.options}, path=path)
        login = self.outbound_auth(thing, logins)
        span = None if path else thing.span
        protocol = protocol or None
        probably = settle(repaired, login.meant if login else None, protocol, name=name, span=span)
        if thing.gone:
            return None, probably
        real = settle(values, login.real if login else None, protocol, name=name, span=span)
        return real, probably

    def line(self, thing: Thing) -> None:
        line, endpoint = thing.last("line"), thing.last("endpoint")
        on = line is not None and line.text.lower() in TRUE_WORDS
        named = endpoint is not None and bool(endpoint.text)
        if on and not named:
            log = f"ERROR ... Line support has been enabled on outbound registration '{thing.name}' without providing "
            message = "`line=yes` needs `endpoint=`: Asterisk drops the registration."
            place = line.name_span if line else thing.span
            self.notes.add("SR216", place, message, fix="endpoint=…", log=log + "an endpoint", path=thing.path)
            thing.dropped = True
        elif endpoint is not None and named and not on:
            log = f"ERROR ... An endpoint has been specified on outbound registration '{thing.name}' without enabling "
            message = "`endpoint=` needs `line=yes`: Asterisk drops the registration."
            self.notes.add(
                "SR216", endpoint.name_span, message, fix="line=yes", log=log + "line support", path=thing.path
            )
            thing.dropped = True
        elif endpoint is not None and named:
            self.reference(endpoint, endpoint.text, "endpoint", thing.path)

    def contact_user(self, thing: Thing) -> None:
        option = thing.last("contact_user")
        if (option is None or not option.text) and not thing.unread:
            message = "Without `contact_user` the Contact has the user `s`: calls arrive for extension `s`."
            client = thing.last("client_uri")
            user = _user_of(client.text) if client is not None else ""
            self.notes.add("SR221", thing.span, message, fix=f"contact_user={user or '…'}", path=thing.path)
        elif option is not None and (re.match(r"sips?:", option.text, re.IGNORECASE) or "@" in option.text):
            user = _user_of(option.text)
            message = (
                "`contact_user` is a user, not an address: the Contact cannot be made of it, and Asterisk drops the "
            )
            message += "registration."
            self.notes.add("SR239", value_span(option), message, fix=f"contact_user={user}", path=thing.path)
            thing.dropped = True

    def outbound_auth(self, thing: Thing, logins: dict[int, _Login]) -> _Login | None:
        option = thing.find("outbound_auth")
        if option is None or not option.text:
            message = f"[{thing.name}] has no `outbound_auth`: a challenge of the carrier cannot be answered."
            if not thing.unread:
                names = self.objects.names("auth")
                fix = f"outbound_auth={names[0] if len(names) == 1 else '…'}"
                self.notes.add("SR222", thing.span, message, fix=fix, path=thing.path)
            return None
        for word in re.split(r"\s*,\s*", option.text):
            auth = self.objects.named("auth", word)
            if auth is not None:
                self.without_password(auth, logins[id(auth)])
                return logins[id(auth)]
        names = self.objects.names("auth")
        near = next(iter(difflib.get_close_matches(option.text, names, 1, 0.6)), "")
        message = f"There is no section [{option.text}] with `type=auth`: the carrier's challenge cannot be answered."
        message += f" Did you mean `{near}`?" if near else ""
        piece = self.objects.incomplete or {each.kind for each in self.objects.all} <= {"registration", "transport"}
        severity: Severity | None = "hint" if piece else None if names else "warning"
        fix = f"outbound_auth={near}" if near else f"[{option.text}]"
        log = f"WARNING ... Auth object '{option.text}' could not be found" if severity != "hint" else ""
        self.notes.add("SR210", value_span(option), message, fix=fix, log=log, severity=severity, path=thing.path)
        meant = self.objects.named("auth", near) if near else None
        return replace(logins[id(meant)], real=None) if meant is not None else None

    def without_password(self, auth: Thing, login: _Login) -> None:
        if login.real is None or login.real.secret or login.real.ha1 or auth.get("auth_type").lower() == "google_oauth":
            return
        message = f"[{auth.name}] has no password: Asterisk answers challenges with an empty one."
        self.notes.add("SR237", auth.span, message, fix="password=…", path=auth.path)

    def protocol(self, thing: Thing) -> str | None:
        """The protocol of the transport that is named: None where none is, empty where it is not here."""
        option = thing.last("transport")
        if option is None or not option.text:
            return None
        transport = self.objects.named("transport", option.text)
        if transport is not None:
            return transport.get("protocol").lower() or "udp"
        if self.objects.of("transport"):
            self.reference(option, option.text, "transport", thing.path)
        return ""

    def reference(self, option: Option, name: str, kind: str, path: str) -> None:
        """A name that must be that of a section."""
        if self.objects.incomplete or self.objects.named(kind, name) is not None:
            return
        names = self.objects.names(kind)
        near = next(iter(difflib.get_close_matches(name, names, 1, 0.6)), "")
        message = f"There is no section [{name}] with `type={kind}`."
        message += f" Did you mean `{near}`?" if near else ""
        fix = f"{option.name}={near}" if near else ""
        typo = difflib.get_close_matches(name, names, 1, 0.8) or kind in ("transport", "endpoint")
        severity: Severity | None = None if names and typo else "hint"
        self.notes.add("SR223", value_span(option), message, fix=fix, severity=severity, path=path)

    # --- the rest of the file

    def rest(self, thing: Thing) -> None:
        """Endpoints and AORs: the faults that they share with registrations."""
        for option in thing.options:
            if option.key not in ("contact", "outbound_proxy") or not option.text:
                continue
            lost = lost_parameter(self.notes, option.key, Value.of(option), path=thing.path)
            strict = isinstance(read := pjsip_uri.parse(option.text + lost), PjUri) and read.param("lr") is None
            if option.key == "outbound_proxy" and strict:
                message = "Without `\\;lr` Asterisk takes the proxy for a strict router, which hardly any proxy is."
                fix = f"outbound_proxy={option.text.replace(';', chr(92) + ';')}\\;lr"
                self.notes.add("SR206", value_span(option), message, fix=fix, path=thing.path)
            if option.key == "contact" and not re.match(r"<?sips?:", option.text, re.IGNORECASE):
                log = "ERROR ... Contact uri or hostname length exceeds pjproject limit or is not a sip(s) uri: "
                message = f"`contact` is no SIP URI, `sip:` is missing in front: Asterisk drops [{thing.name}]."
                fix = f"contact=sip:{option.text.replace(';', chr(92) + ';')}"
                self.notes.add("SR203", value_span(option), message, fix=fix, log=log + option.text, path=thing.path)
                thing.dropped = True
        if thing.kind == "endpoint":
            for name, kind in (
                ("aors", "aor"),
                ("outbound_auth", "auth"),
                ("auth", "auth"),
                ("transport", "transport"),
            ):
                option_of = thing.last(name)
                for word in re.split(r"\s*,\s*", option_of.text) if option_of is not None else []:
                    if option_of is not None and word and self.objects.of(kind):
                        self.reference(option_of, word, kind, thing.path)

    def identify(self) -> tuple[Entry, ...]:
        found: list[Entry] = []
        for thing in self.objects.of("identify"):
            match = [w for o in thing.all("match") for w in re.split(r"[\s,]+", o.text) if w]
            found.append({"name": thing.name, "endpoint": thing.get("endpoint"), "match": match})
            endpoint = thing.last("endpoint")
            if endpoint is not None and endpoint.text:
                self.reference(endpoint, endpoint.text, "endpoint", thing.path)
            for option in thing.all("match"):
                self.match(option, thing)
        return tuple(found)

    def match(self, option: Option, thing: Thing) -> None:
        """What `match` takes: names, addresses and networks, without scheme and port."""
        for matched in re.finditer(r"[^\s,]+", option.text):
            word = matched.group()
            bare = re.sub(r"^sips?:", "", word, flags=re.IGNORECASE)
            bare = re.sub(r"(?<![:\]]):\d{1,5}\Z", "", bare) if bare.count(":") == 1 else bare
            if bare == word or host_problem(bare) is not None:
                continue
            log = (
                f"ERROR ... Address '{word}' provided on ip endpoint identifier '{thing.name}' did not resolve to any "
            )
            message = f"`match` takes a name or an address alone: `{word}` cannot be looked up, and matches nothing."
            span = Value.of(option).part(matched.start(), matched.end())
            self.notes.add("SR229", span, message, fix=f"match={bare}", log=log + "address", path=thing.path)

    def peers(self) -> tuple[Entry, ...]:
        found: list[Entry] = []
        names = ("transport", "context", "outbound_auth", "from_user", "from_domain", "outbound_proxy")
        for thing in self.objects.of("endpoint"):
            entry: dict[str, str | int | bool | list[str]] = {"name": thing.name}
            entry.update({key: thing.get(key) for key in names if thing.get(key)})
            aors = [word for word in re.split(r"\s*,\s*", thing.get("aors")) if word]
            contacts: list[str] = []
            for aor in aors:
                named = self.objects.named("aor", aor)
                for option in named.all("contact") if named is not None else []:
                    contacts += [word for word in re.split(r"\s*,\s*", option.text) if word]
            if aors:
                entry["aors"] = aors
            if contacts:
                entry["contact"] = contacts
            found.append(entry)
        return tuple(found)

    def nothing(self, by_address: bool) -> None:
        message = "No section has `type=registration`: nothing is registered."
        if by_address:
            message += " The carrier is known by its address, and must know yours."
        self.notes.add("SR224", Span(1, 1, 0), message)


def _user_of(text: str) -> str:
    """The user in what may be an address."""
    return re.sub(r"^sips?:", "", text, flags=re.IGNORECASE).split("@", 1)[0]


def _told(registration: Registration, others: Sequence[Registration]) -> bool:
    """Whether the same is meant elsewhere already."""
    return any(replace(other, span=registration.span) == registration for other in others)


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
