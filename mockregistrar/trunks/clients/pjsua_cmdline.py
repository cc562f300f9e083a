"""The command line of pjsua, or its config file: `--id --registrar --realm --username --password ...`.

Theory of operation. The shell has its say first: an unquoted `;`, `&`, `|` or line end ends the command, `$` and
backquotes are replaced. In a config file lines do not end anything, and `#` begins a comment. Then each
`--next-account` begins another account. URIs are read as pjsip reads them; without `--realm` no challenge is ever
answered.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mockregistrar.trunks import checks, command_lines, header_words, shell_words
from mockregistrar.trunks.command_lines import Settled
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.shell_words import Command, Commands
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri
from mockregistrar.trunks.uris.uri_repair import repaired

NAME = "pjsua-cmdline"
ALIASES = ("pjsua",)
FORMS = ("line", "file")

TIMEOUT = RETRY = 300
_SECRET_OPTION = "--password"
LONGEST_LINE = 200
_OURS = (
    "id",
    "registrar",
    "realm",
    "username",
    "password",
    "proxy",
    "outbound",
    "contact",
    "reg-timeout",
    "reg-retry-interval",
    "config-file",
)


@dataclass(slots=True)
class _Account:
    values: dict[str, Piece] = field(default_factory=dict)

    def get(self, name: str) -> str:
        piece = self.values.get(name)
        return piece.text if piece is not None else ""


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    named = re.match(r"\s*(?:\S*/)?pjsua\b", head) is not None
    if named or (re.search(r"(?:^|\s)--registrar[= ]", head) and re.search(r"(?:^|\s)--id[= ]", head)):
        return _form_of(head), "it has the options of pjsua"
    return None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a command line, or with the form `file` a config file. Never raises."""
    del path
    notes = Notes()
    kind = form or _form_of(text)
    if kind == "line":
        commands = shell_words.read(text, notes, "pjsua", _SECRET_OPTION)
    else:
        commands = _file_words(text, notes)
    return command_lines.settled(text, commands, _settle, dialect=NAME, form=kind, program="pjsua", notes=notes)


def _settle(words: Command, notes: Notes, place: Span) -> Settled:
    del place
    good = True
    made: list[Registration] = []
    meant: list[Registration] = []
    for account in _accounts(words):
        if not account.values.keys() & {"id", "registrar", "username", "password"}:
            continue
        real, probably = _settled(account, notes)
        good = good and real is not None
        made += [real] if real is not None else []
        meant += [probably] if probably is not None else []
    return Settled(good, tuple(made), tuple(meant))


def _form_of(text: str) -> str:
    """A config file has several lines, the first of them an option."""
    rows = [row.strip() for row in text.split("\n") if row.strip() and not row.lstrip().startswith("#")]
    return "file" if len(rows) > 1 and rows[0].startswith("--") else "line"


def _file_words(text: str, notes: Notes) -> Commands:
    """The words of a config file, as one command."""
    for number, row in enumerate(text.split("\n"), 1):
        if len(row) > LONGEST_LINE:
            message = f"pjsua reads {LONGEST_LINE} characters of a line in a config file."
            notes.add("SR534", Span(number, LONGEST_LINE + 1, len(row) - LONGEST_LINE), message)
    uncommented = re.sub(r"(?m)^[ \t]*#.*$", lambda m: " " * len(m.group()), text)
    words = shell_words.plain_words(uncommented, notes, "pjsua", _SECRET_OPTION)
    return Commands((words or (),), closed=words is not None)


def _accounts(words: Command) -> list[_Account]:
    accounts = [_Account()]
    index = 0
    while index < len(words):
        piece = words[index].piece
        name, equals, _ = piece.text.partition("=")
        if piece.text == "--next-account":
            accounts.append(_Account())
        elif name.startswith("--") and name[2:] in _OURS:
            if equals:
                accounts[-1].values[name[2:]] = piece.part(len(name) + 1, len(piece.text))
            elif index + 1 < len(words):
                index += 1
                accounts[-1].values[name[2:]] = words[index].piece
        index += 1
    return accounts


def _settled(account: _Account, notes: Notes) -> tuple[Registration | None, Registration | None]:
    secret = account.values.get("password")
    if secret is not None:
        notes.secret(secret.text, secret.span)
    uris: dict[str, PjUri | None] = {}
    better: dict[str, PjUri | None] = {}
    good = True
    for name, called in (
        ("id", "local id"),
        ("registrar", "registrar"),
        ("proxy", "proxy"),
        ("outbound", "outbound proxy"),
    ):
        piece = account.values.get(name)
        uris[name] = better[name] = None
        if piece is None:
            continue
        read = pjsip_uri.parse(piece.text)
        if isinstance(read, PjUri):
            uris[name] = better[name] = read
            if name == "registrar":
                checks.host(notes, read.host, piece.span, "pjsua")
                checks.port_and_transport(notes, read.port, read.transport, piece.span)
            continue
        good = False
        fix = repaired(piece.text, read)
        fixed = pjsip_uri.parse(fix) if fix else None
        better[name] = fixed if isinstance(fixed, PjUri) else None
        log = f"Error: invalid SIP URL '{piece.text}' in {called} argument"
        message = f"pjsua refuses `--{name}`: {read.why}."
        notes.add("SR535", piece.span, message, fix=f"--{name}={shlex.quote(fix)}" if fix else "", log=log)
    user, realm = account.get("username"), account.values.get("realm")
    if user and (realm is None or not realm.text):
        message = "Without `--realm` no challenge is ever answered: the login fails with 401."
        notes.add("SR533", account.values["username"].span, message, fix="--realm='*'")
    elif secret is not None and not user:
        message = "`--password` without `--username` is not used: no challenge is answered."
        notes.add("SR536", secret.span, message, fix="--username=…")
    checks.placeholders(
        notes, [(k, account.get(k), account.values[k].span) for k in ("username", "password") if account.get(k)]
    )
    expiry, retry = (
        _seconds(account, name, default, notes)
        for name, default in (("reg-timeout", TIMEOUT), ("reg-retry-interval", RETRY))
    )
    real = _registration(account, uris, expiry, retry) if good else None
    return real, _registration(account, better, expiry, retry)


def _seconds(account: _Account, name: str, default: int, notes: Notes) -> int:
    piece = account.values.get(name)
    if piece is None:
        return default
    digits = re.match(r"\d{1,9}", piece.text)
    if digits is None or digits.group() != piece.text:
        notes.add("SR509", piece.span, f"`{piece.text}` is no number of seconds.", fix=f"--{name}={default}")
    seconds = int(digits.group()) if digits else 0
    if name == "reg-timeout":
        checks.expiry(notes, seconds, piece.span)
    return seconds


def _registration(account: _Account, uris: dict[str, PjUri | None], expiry: int, retry: int) -> Registration | None:
    identity, registrar = uris.get("id"), uris.get("registrar")
    if identity is None and registrar is None:
        return None
    transport = (registrar.transport if registrar else None) or "udp"
    port = (registrar.port or (5061 if transport == "tls" else 5060)) if registrar else None
    user = account.get("username")
    return Registration(
        user=identity.user if identity else "",
        secret=account.get("password") if "password" in account.values else None,
        auth_user=user,
        effective_auth_user=user or None,
        domain=identity.host if identity else None,
        domain_port=(identity.port or None) if identity else None,
        host=registrar.host if registrar else None,
        port=port,
        transport=transport,
        expiry=expiry,
        realm=account.get("realm"),
        outbound_proxy=account.get("proxy") or account.get("outbound"),
        register=registrar is not None,
        display_name=identity.display if identity else None,
        server_uri=account.get("registrar") or None,
        client_uri=account.get("id") or None,
        retry_interval=retry,
    )


def render(trunk: Trunk) -> str:
    """The command line, quoted for the shell. Raises CannotRender for what a URI cannot hold."""
    return f"pjsua {_options(trunk)}"


def render_all(trunks: Sequence[Trunk]) -> str:
    """One command line with several accounts. Raises CannotRender as `render` does."""
    return "pjsua " + " --next-account ".join(map(_options, trunks))


def _options(trunk: Trunk) -> str:
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "pjsua takes a password, not its digest")
    if "\0" in trunk.secret + trunk.effective_auth_user:
        raise CannotRender("\0", "a word of a command line cannot hold a NUL")
    if "%" in trunk.user:
        raise CannotRender("%", "pjsip decodes a percent sign in the user, and does not write it again")
    header_words.login(trunk.effective_auth_user, "pjsip")
    domain_port = f":{trunk.domain_port}" if trunk.domain_port is not None else ""
    identity = f"sip:{pjsip_uri.user_part(trunk.user)}@{trunk.aor_host}{domain_port}"
    usual = 5061 if trunk.dial_transport == "tls" else 5060
    registrar = f"sip:{trunk.dial_host}" + (f":{trunk.dial_port}" if trunk.dial_port != usual else "")
    registrar += f";transport={trunk.dial_transport}" if trunk.dial_transport != "udp" else ""
    for uri in (identity, registrar):
        read = pjsip_uri.parse(uri)
        if isinstance(read, BadUri):
            raise CannotRender(uri[read.start : read.stop], f"pjsip refuses the URI: {read.why}")
    rows = [
        ("id", identity),
        ("registrar", registrar),
        ("realm", "*"),
        ("username", trunk.effective_auth_user),
        ("password", trunk.secret),
        ("reg-timeout", str(trunk.expiry)),
    ]
    return " ".join(f"--{name}={shlex.quote(value)}" for name, value in rows)
