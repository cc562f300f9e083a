"""The command line of pjsua, or its config file: `--id --registrar --realm --username --password ...`.

Theory of operation. The shell has its say first: an unquoted `;`, `&`, `|` or line end ends the command, `$` and
backquotes are replaced. Words are split by `shlex`. In a config file lines do not end anything, and `#` begins a
comment. Then each `--next-account` begins another account. URIs are read as pjsip reads them; without `--realm` no
challenge is ever answered.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from mockregistrar.trunks import checks
from mockregistrar.trunks.asterisk.pjsip_registration import repaired
from mockregistrar.trunks.form_fields import Piece, Places
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri

NAME = "pjsua-cmdline"
ALIASES = ("pjsua",)
FORMS = ("line", "file")

TIMEOUT = RETRY = 300
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
    words = _words(text, notes, shell=kind == "line")
    if words is None:
        for match in re.finditer(r"--password[= ]\s*(\S+)", text):
            notes.secret(match.group(1).strip("'\""))
        return Parsed(NAME, kind, text, ok=False, findings=notes.done(), secrets=tuple(notes.secrets))
    accounts = _accounts(words)
    made: list[Registration] = []
    meant: list[Registration] = []
    ok = True
    for account in accounts:
        if not account.values.keys() & {"id", "registrar", "username", "password"}:
            continue
        real, probably = _settled(account, notes)
        ok = ok and real is not None
        made += [real] if real is not None else []
        meant += [probably] if probably is not None and probably != real else []
    return Parsed(
        NAME,
        kind,
        text,
        ok=ok,
        registrations=tuple(made) if ok else (),
        findings=notes.done(),
        meant=tuple(meant),
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=tuple(notes.secret_spans),
        visible=tuple(notes.visible),
    )


def _form_of(text: str) -> str:
    """A config file has several lines, the first of them an option."""
    rows = [row.strip() for row in text.split("\n") if row.strip() and not row.lstrip().startswith("#")]
    return "file" if len(rows) > 1 and rows[0].startswith("--") else "line"


def _words(text: str, notes: Notes, *, shell: bool) -> list[Piece] | None:
    """The words with their places; None where a quote is never closed."""
    places = Places(text)
    if shell:
        text = _command(text, places, notes)
    else:
        for number, row in enumerate(text.split("\n"), 1):
            if len(row) > LONGEST_LINE:
                message = f"pjsua reads {LONGEST_LINE} characters of a line in a config file."
                notes.add("SR534", Span(number, LONGEST_LINE + 1, len(row) - LONGEST_LINE), message)
        text = re.sub(r"(?m)^[ \t]*#.*$", lambda m: " " * len(m.group()), text)
    stream = StringIO(text)
    lexer = shlex.shlex(stream, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[Piece] = []
    try:
        while True:
            start = stream.tell()
            word = lexer.get_token()
            if word is None:
                return words
            end = stream.tell()
            raw = text[start:end]
            lead = len(raw) - len(raw.lstrip())
            line, column = places.place(start + lead)
            body = raw.strip()
            piece = Piece(word, line, column)
            if body != word:
                columns = _columns(body, word, column)
                piece = Piece(word, line, column, columns)
            words.append(piece)
    except ValueError:
        line, column = places.place(min(start, len(text)))
        notes.add(
            "SR530", Span(line, column, 1), "A quote is never closed: the shell waits for more, pjsua never starts."
        )
        return None


def _columns(raw: str, word: str, column: int) -> tuple[int, ...]:
    """Where the characters of a word stand in its quoted form."""
    columns: list[int] = []
    at = 0
    for character in word:
        found = raw.find(character, at)
        at = found if found >= 0 else at
        columns.append(column + at)
        at += 1
    return (*columns, (columns[-1] if columns else column) + 1)


def _command(text: str, places: Places, notes: Notes) -> str:
    """The text up to the end of the command, and what the shell does to it before."""
    quote = ""
    index = 0
    while index < len(text):
        character = text[index]
        if character == "\\" and quote != "'":
            index += 2
            continue
        if quote:
            if character == quote:
                quote = ""
            elif quote == '"' and character in "$`":
                _expansion(text, index, places, notes)
        elif character in "'\"":
            quote = character
        elif character in ";&|":
            line, column = places.place(index)
            rest = text[index:].split("\n", 1)[0].rstrip()
            message = (
                f"`{character}` ends the command for the shell: pjsua never sees what follows. Put quotes around it."
            )
            notes.add("SR531", Span(line, column, len(rest)), message)
            _hide(rest, notes)
            return text[:index]
        elif character in "$`":
            _expansion(text, index, places, notes)
        elif character == "\n" and text[index:].strip():
            line, column = places.place(index)
            message = "The command ends with the line: a backslash at its end would go on with the next."
            notes.add("SR531", Span(line, column, 1), message, fix="\\ at the end of the line")
            _hide(text[index:], notes)
            return text[:index]
        index += 1
    return text


def _hide(rest: str, notes: Notes) -> None:
    for match in re.finditer(r"--password[= ]\s*(\S+)", rest):
        notes.secret(match.group(1).strip("'\""))


def _expansion(text: str, index: int, places: Places, notes: Notes) -> None:
    found = re.compile(r"\$(?:\w+|\{[^}]*\}|\()|`").match(text, index)
    if found is None:
        return
    line, column = places.place(index)
    message = f"The shell replaces `{found.group()}` before pjsua sees it. In single quotes it stays as it is."
    notes.add(
        "SR532", Span(line, column, len(found.group())), message, severity="hint" if "{" in found.group() else None
    )


def _accounts(words: list[Piece]) -> list[_Account]:
    accounts = [_Account()]
    index = 0
    while index < len(words):
        piece = words[index]
        name, equals, _ = piece.text.partition("=")
        if piece.text == "--next-account":
            accounts.append(_Account())
        elif name.startswith("--") and name[2:] in _OURS:
            if equals:
                accounts[-1].values[name[2:]] = piece.part(len(name) + 1, len(piece.text))
            elif index + 1 < len(words):
                index += 1
                accounts[-1].values[name[2:]] = words[index]
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
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "pjsua takes a password, not its digest")
    if "\0" in trunk.secret + trunk.effective_auth_user:
        raise CannotRender("\0", "a word of a command line cannot hold a NUL")
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
    return "pjsua " + " ".join(f"--{name}={shlex.quote(value)}" for name, value in rows)
