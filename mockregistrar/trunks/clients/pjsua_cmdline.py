"""The command line of pjsua, or its config file: `--id --registrar --realm --username --password ...`.

Theory of operation. The shell has its say first: an unquoted `;`, `&`, `|` or line end ends the command, `$` and
backquotes are replaced. In a config file lines do not end anything, and `#` begins a comment. Then each
`--next-account` begins another account. URIs are read as pjsip reads them; without `--realm` no challenge is ever
answered.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mockregistrar.trunks import checks, command_lines, header_words, shell_words
from mockregistrar.trunks.command_lines import Settled
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.plausible import character_name
from mockregistrar.trunks.positions import Mapped
from mockregistrar.trunks.shell_words import Command, Commands, Word
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri
from mockregistrar.trunks.uris.uri_repair import repaired_and_hidden

NAME = "pjsua-cmdline"
ALIASES = ("pjsua",)
FORMS = ("line", "file")

TIMEOUT = RETRY = 300
LONGEST_TIMEOUT = 3600
_FILE_WORD = re.compile(r"\"([^\"]*)\"?|'([^']*)'?|([^ \t\r\n]+)")
_MEANT = {
    "user": "username",
    "pass": "password",
    "passwd": "password",
    "server": "registrar",
    "reg": "registrar",
    "expires": "reg-timeout",
    "next-accounts": "next-account",
}
_SECRET_OPTION = "--password"
LONGEST_LINE = 200
_CALLED = {"id": "local id", "registrar": "registrar", "proxy": "proxy", "outbound": "outbound proxy"}
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
    "next-account",
    "next-cred",
    "rereg-delay",
    "reg-use-proxy",
    "contact-params",
    "contact-uri-params",
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
    commands = _put_right(commands, notes, in_file=kind == "file")
    return command_lines.settled(text, commands, _settle, dialect=NAME, form=kind, program="pjsua", notes=notes)


def _settle(words: Command, notes: Notes, place: Span) -> Settled:
    del place
    good = not any(_misspelt(word.text) for word in words)
    made: list[Registration] = []
    meant: list[Registration] = []
    for account in _accounts(words):
        if not account.values.keys() & {"id", "registrar", "username", "password"}:
            continue
        real, probably = _settled(account, notes)
        good = good and real is not None
        made += [real] if real is not None else []
        meant += [probably] if probably is not None else []
    checks.one_account_twice(notes, made)
    return Settled(good, tuple(made), tuple(meant))


def _form_of(text: str) -> str:
    """A config file has several lines, the first of them an option."""
    rows = [row.strip() for row in text.split("\n") if row.strip() and not row.lstrip().startswith("#")]
    return "file" if len(rows) > 1 and rows[0].startswith("--") else "line"


def _file_words(text: str, notes: Notes) -> Commands:
    """The words of a config file, as one command: parted by blanks, quotes only around a whole word, `#` for a note."""
    words: list[Word] = []
    for number, row in enumerate(text.split("\n"), 1):
        if len(row) > LONGEST_LINE:
            message = f"pjsua reads {LONGEST_LINE} characters of a line in a config file."
            notes.add("SR534", Span(number, LONGEST_LINE + 1, len(row) - LONGEST_LINE), message)
        for match in _FILE_WORD.finditer(row):
            group = next(index for index in (1, 2, 3) if match.group(index) is not None)
            if group == 3 and match.group(3)[0] == "#":
                break
            if match.group(group):
                piece = Piece(match.group(group), number, match.start(group) + 1)
                words.append(Word(piece, (piece.span,)))
    return Commands((tuple(words),), closed=True)


def _misspelt(text: str) -> str:
    """The option that was meant by a word that pjsua does not know; empty for one that it knows, or no guess."""
    name, equals, _ = text.partition("=")
    dashes = re.match(r"[-‐‑‒–—−]{1,2}(?=[A-Za-z])", name)
    if dashes is None or not re.fullmatch(r"[A-Za-z][A-Za-z-]+", name[dashes.end() :]):
        return ""
    bare = name[dashes.end() :].lower()
    near = _MEANT.get(bare) or next(iter(difflib.get_close_matches(bare, _OURS, 1, 0.84)), "")
    if dashes.group() == "--" and (near == name[2:] or any(each.startswith(bare) for each in _OURS)):
        return ""  # getopt takes the beginning of a name for the whole
    return f"--{near}{equals}" if near and (dashes.group() == "--" or near == bare) else ""


def _put_right(commands: Commands, notes: Notes, *, in_file: bool) -> Commands:
    """The commands with the options that were meant, and without quotes that a config file keeps."""
    meant = tuple(
        tuple(_word(word, notes, in_file=in_file) for word in (_joined(command) if in_file else command))
        for command in (commands.real if commands.meant is None else commands.meant)
    )
    same = commands.real if commands.meant is None else commands.meant
    return commands if meant == same else replace(commands, meant=meant)


def _joined(command: Command) -> Command:
    """The words of a config file, with those as one that quotes behind a `=` were to hold together."""
    found: list[Word] = []
    for word in command:
        last = found[-1].piece if found else None
        short = last is not None and len(last.text) <= LONGEST_LINE
        opened = re.match(r"--[\w-]+=([\"'])", last.text) if last is not None and short else None
        if (
            last is None
            or opened is None
            or last.line != word.piece.line
            or opened.group(1) in last.text[opened.end() :]
        ):
            found.append(word)
            continue
        gap = word.piece.column - last.span.end
        found[-1] = Word(Piece(last.text + " " * gap + word.piece.text, last.line, last.column), found[-1].spans)
    return tuple(found)


def _word(word: Word, notes: Notes, *, in_file: bool) -> Word:
    option = _misspelt(word.text)
    if option:
        name = word.text.partition("=")[0]
        offender = next((c for c in name if not c.isascii()), "")
        message = f"`{name}` is no option of pjsua: it does not start."
        message = (
            f"{character_name(offender)} is no `-`: pjsua takes the word for an address, and does not start."
            if offender
            else message
        )
        span = word.piece.part(0, len(name)).span
        log = f"Invalid SIP URI {name}" if offender else ""
        code = "SR151" if offender else "SR538"
        notes.add(code, span, message, instead=option.rstrip("="), log=log)
        columns = _places(word.piece)
        value = word.text[len(name) + 1 :] if option.endswith("=") else ""
        rest = columns[len(name) + 1 :] if option.endswith("=") else columns[len(name) :]
        text = option + value
        places = (*[columns[0]] * len(option), *rest)
        return Word(Piece(text, word.piece.line, columns[0], places), word.spans, word.replaced, word.whole)
    quoted = re.fullmatch(r"(--[\w-]+=)([\"'])(.*)\2", word.text) if in_file else None
    if quoted is None:
        return word
    start, stop = quoted.span(3)
    name = quoted.group(1)[2:-1]
    if name == "password":
        notes.secret(quoted.group(3))
    span = word.piece.part(quoted.start(2), quoted.end(2)).span
    message = "Quotes protect a whole word of the file only: here they are part of the value."
    notes.add("SR539", span, message, fix=f'"{quoted.group(1)}{quoted.group(3)}"')
    columns = _places(word.piece)
    places = (*columns[: quoted.end(1)], *columns[start:stop], columns[stop])
    piece = Piece(quoted.group(1) + quoted.group(3), word.piece.line, columns[0], places)
    return Word(piece, word.spans, word.replaced, word.whole)


def _places(piece: Piece) -> tuple[int, ...]:
    """The column of each character, and the end of the last."""
    return piece.columns or tuple(range(piece.column, piece.column + len(piece.text) + 1))


def _accounts(words: Command) -> list[_Account]:
    accounts = [_Account()]
    index = 0
    first = True
    while index < len(words):
        piece = words[index].piece
        name, equals, _ = piece.text.partition("=")
        if piece.text == "--next-account":
            accounts.append(_Account())
            first = True
        elif piece.text == "--next-cred":
            first = False
        elif not first and name in ("--username", "--password", "--realm"):
            index += not equals
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
    texts: dict[str, Piece] = {}
    good = True
    for name in _CALLED:
        piece = account.values.get(name)
        if piece is None:
            continue
        uris[name], fixed = _uri(name, piece, notes)
        good = good and uris[name] is not None
        read = pjsip_uri.parse(fixed)
        better[name] = read if isinstance(read, PjUri) else None
        texts[name] = replace(piece, text=fixed)
    for name in ("username", "password", "realm"):
        piece = account.values.get(name)
        if piece is not None and not piece.columns:
            mapped = Mapped.from_text(piece.text, piece.line, piece.column)
            checks.characters(notes, mapped, name, "pjsua", secret=name == "password")
    user, realm = account.get("username"), account.values.get("realm")
    used = True
    if user and (realm is None or not realm.text):
        used = False
        message = "Without `--realm` no challenge is ever answered: the login fails with 401."
        notes.add("SR533", account.values["username"].span, message, fix="--realm='*'")
    elif secret is not None and not user:
        used = False
        message = "`--password` without `--username` is not used: no challenge is answered."
        identity = better.get("id")
        name = shlex.quote(identity.user) if identity is not None and identity.user else "…"
        notes.add("SR536", secret.span, message, fix=f"--username={name}")
    checks.placeholders(
        notes, [(k, account.get(k), account.values[k].span) for k in ("username", "password") if account.get(k)]
    )
    expiry, retry = (
        _seconds(account, name, default, notes)
        for name, default in (("reg-timeout", TIMEOUT), ("reg-retry-interval", RETRY))
    )
    timeout = account.values.get("reg-timeout")
    if timeout is not None and not 1 <= expiry <= LONGEST_TIMEOUT:
        good = False
        message = f"`--reg-timeout` takes 1 to {LONGEST_TIMEOUT} seconds: pjsua does not start."
        log = f"Error: invalid value for --reg-timeout (expecting 1-{LONGEST_TIMEOUT})"
        notes.add("SR537", timeout.span, message, fix=f"--reg-timeout={_likely(expiry)}", log=log)
    if "registrar" not in account.values:
        place = account.values["id"].span if "id" in account.values else next(iter(account.values.values())).span
        notes.add("SR511", place, "Without `--registrar` the account does not register.", fix="--registrar=sip:…")
    real = _registration(account, uris, expiry, retry) if good else None
    if real is not None and not used:
        real = replace(real, secret_used=False)
    meant = _registration(_Account(account.values | texts), better, _likely(expiry), retry)
    if meant is not None and not used:
        meant = replace(meant, realm="*", effective_auth_user=user or meant.user, auth_user=user or meant.user)
    return real, meant


def _likely(expiry: int) -> int:
    """The nearest to an expiry that pjsua takes."""
    return min(expiry, LONGEST_TIMEOUT) or TIMEOUT


def _uri(name: str, piece: Piece, notes: Notes) -> tuple[PjUri | None, str]:
    """A URI as pjsip reads it, and the text that was probably meant."""
    characters = Notes()
    checks.characters(characters, Mapped.from_text(piece.text, piece.line, piece.column), f"`--{name}`", "pjsua")
    read = pjsip_uri.parse(piece.text)
    if isinstance(read, PjUri):
        if name == "registrar":
            place = piece.part(read.host_at, read.host_at + len(read.host)).span
            checks.host(notes, read.host, place, "pjsua")
            if read.port is not None:
                place = piece.part(read.port_at, read.port_at + len(str(read.port))).span
            checks.port_and_transport(notes, read.port, read.transport, place)
        if read.password:
            notes.secret(read.password)
        return read, piece.text
    meant = repaired_and_hidden(piece, read, notes)
    log = f"Error: invalid SIP URL '{piece.text}' in {_CALLED[name]} argument"
    fix = f"--{name}={shlex.quote(meant)}" if meant else ""
    if read.kind == "ascii" and characters.findings:
        found = characters.findings[0]
        notes.add(found.code, found.span, f"{found.message} pjsua refuses it.", fix=fix, log=log)
        return None, meant
    written = piece.text[read.start : read.stop]
    letter = checks.digits_look_alike(written) if read.kind == "port" else ""
    why = f"`{written}` holds the letter {letter}, and {read.why}" if letter else read.why
    span = piece.span if read.kind == "scheme" else piece.part(read.start, max(read.stop, read.start + 1)).span
    notes.add("SR535", span, f"pjsua refuses `--{name}`: {why}.", fix=fix, log=log)
    return None, meant


def _seconds(account: _Account, name: str, default: int, notes: Notes) -> int:
    piece = account.values.get(name)
    if piece is None:
        return default
    digits = re.match(r"\d{1,9}", piece.text)
    if digits is None or digits.group() != piece.text:
        read = digits.group() if digits else "0"
        message = f"`{piece.text}` is no number of seconds: pjsua reads {read}."
        notes.add("SR509", piece.span, message, fix=f"--{name}={default}")
        return int(read)
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
        span=account.values["id"].span if "id" in account.values else None,
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
    if not 1 <= trunk.expiry <= LONGEST_TIMEOUT:
        raise CannotRender(str(trunk.expiry), f"pjsua asks for 1 to {LONGEST_TIMEOUT} seconds")
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
