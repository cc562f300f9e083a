"""The options of a wizard in pjsip_wizard.conf, its variables, and what misspelt ones were meant to be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from mockregistrar.trunks.model import Severity
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.positions import Mapped, encode, part_span

from .conf_text import value_span
from .config_reader import Option
from .pjsip_objects import foreign_register
from .pjsip_options import AOR, AUTH, ENDPOINT, IDENTIFY, REGISTRATION, SQUEEZED
from .pjsip_registration import Value

PATTERNS = {"server_uri": "sip:${REMOTE_HOST}", "client_uri": "sip:${USERNAME}@${REMOTE_HOST}"}
_PREFIXES = {
    "outbound_auth": AUTH,
    "inbound_auth": AUTH,
    "registration": REGISTRATION,
    "endpoint": ENDPOINT,
    "aor": AOR,
    "identify": IDENTIFY,
    "phoneprov": frozenset[str](),
}
_MEANT_PREFIXES = {"outbound": "outbound_auth", "inbound": "inbound_auth", "auth": "outbound_auth"}
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
_NEEDED = frozenset(
    ("sends_auth", "sends_registrations", "remote_hosts", "outbound_auth/username", "outbound_auth/password")
)
TELLING = frozenset(("remote_hosts", "sends_registrations", "sends_auth", "outbound_auth/username"))
VARIABLE = re.compile(r"\$\{([^}]*)\}|\{(USERNAME|REMOTE_HOST)\}")
VARIABLES = ("USERNAME", "REMOTE_HOST")
NUMBERS = ("expiration", "retry_interval", "max_retries", "forbidden_retry_interval", "fatal_retry_interval")


def judge_names(options: Mapping[str, Option], notes: Notes, path: str) -> dict[str, Option]:
    """Options that a wizard does not know; returns them by the names that they were meant to have."""
    renamed: dict[str, Option] = {}
    for name, option in options.items():
        if name == "register" and "@" in option.text:
            foreign_register(notes, option, path=path)
            continue
        prefix, slash, rest = name.partition("/")
        known = _PREFIXES.get(prefix)
        if slash and known is not None:
            good = not known or rest in known or prefix in ("endpoint", "aor")
            near = "" if good else SQUEEZED.get(re.sub(r"[_\-]", "", rest), "")
            near = (
                near
                if not known or near in known
                else next(iter(difflib.get_close_matches(rest, sorted(known), 1, 0.75)), "")
            )
            meant, code = f"{prefix}/{near}" if near else "", "SR207"
            message = f"`{option.name}` is no option of `{prefix}/`: Asterisk cannot make the object."
        elif slash:
            good, code = False, "SR232"
            near = _MEANT_PREFIXES.get(prefix) or next(iter(difflib.get_close_matches(prefix, _PREFIXES, 1, 0.6)), "")
            meant = f"{near}/{rest}" if near else ""
            message = f"`{prefix}/` is no prefix of a wizard: Asterisk ignores `{option.name}`."
        else:
            good, code, meant = name in _OPTIONS, "SR207", _meant_option(name)
            message = f"`{option.name}` is no option of a wizard: Asterisk ignores it."
            if not good and meant and "/" not in meant:
                message += f" Did you mean `{meant}`?"
        if good:
            continue
        if re.search(r"password|secret", name):
            notes.secret(option.text, value_span(option))
        if meant:
            renamed.setdefault(meant, option)
        fix = f"{meant}={option.text}" if meant else ""
        severity: Severity | None = None if slash or meant in _NEEDED else "warning"
        notes.add(code, option.name_span, message, fix=fix, severity=severity, path=path)
    return renamed


def _meant_option(name: str) -> str:
    """What an option without a prefix was meant to be."""
    if name in ("client_uri", "server_uri"):
        return f"{name}_pattern"
    near = next(iter(difflib.get_close_matches(name, sorted(_OPTIONS), 1, 0.8)), "")
    if near:
        return near
    for prefix, known in _PREFIXES.items():
        rest = name[len(prefix) + 1 :] if name.startswith((f"{prefix}_", f"{prefix}.", f"{prefix}-")) else name
        if rest in known and prefix != "inbound_auth":
            return f"{prefix}/{rest}"
    return ""


def meant_variable(match: re.Match[str]) -> str:
    """The variable that was meant."""
    name = match.group(1) or match.group(2)
    return next(iter(difflib.get_close_matches(name.upper(), VARIABLES, 1, 0.6)), name)


def words(value: Value, pattern: str) -> list[Value]:
    """The stretches of a value that a pattern finds, without outer blanks."""
    found: list[Value] = []
    for match in re.finditer(pattern, value.text):
        word = match.group().strip()
        if word:
            start = match.start() + match.group().index(word)
            found.append(stretch(value, start, start + len(word)))
    return found


def stretch(value: Value, start: int, stop: int) -> Value:
    """A stretch of a value, as one of its own."""
    text = value.text[start:stop]
    if value.mapped is None or value.text != value.mapped.text:
        return Value(text, value.span)
    span = part_span(value.mapped, start, stop)
    first = len(encode(value.text[:start]))
    mapped: Mapped = value.mapped.part(first, first + len(encode(text)))
    return Value(text, span, mapped)


def without_scheme(host: Value) -> Value:
    """A host without the `sip:` in front; the same value where there is none."""
    scheme = re.match(r"sips?:(?://)?", host.text, re.IGNORECASE)
    return stretch(host, scheme.end(), len(host.text)) if scheme else host
