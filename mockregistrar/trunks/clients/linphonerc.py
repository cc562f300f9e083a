"""linphonerc: `[proxy_N]` for the accounts, `[auth_info_N]` for the credentials.

What stands behind `=` is the value, with the blanks in front of it and without the ones at its end; an empty value is
as good as none. Nothing in a line is a comment, quotes are quotes. Sections are numbered without gaps: reading stops at
the first that is missing. The scheme is added to `reg_proxy` where it is missing, but not to `reg_identity`. Numbers
are read as C does it. Credentials are those of the user at the domain, else of the user anywhere; a realm that is not
the challenge's does not matter, except to a digest (`ha1`), which counts for its realm only.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import checks, header_words, ini_lines, secret_lines
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.ini_lines import IniSection
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri
from mockregistrar.trunks.uris.uri_repair import repaired_and_hidden

NAME = "linphonerc"
ALIASES = ("linphone",)
FORMS = ("file",)

EXPIRES = 3600
_OUTSIDE = re.compile(r">([ \t]*;[^>]*)\Z")
_INTEGER = re.compile(r"\s*([+-]?)(0[xX][0-9A-Fa-f]{1,8}|0[0-7]{0,12}|[1-9][0-9]{0,8})")
_SECRET_NOTE = re.compile(r"(?<![ \t])[ \t]+[#;][ \t]+\w.*\Z")
_PROXY_KEYS = ("reg_proxy", "reg_identity", "reg_expires", "reg_sendregister", "reg_route")
_LOGIN_KEYS = ("username", "userid", "passwd", "ha1", "realm", "domain", "algorithm", "available_algorithms")
_NOTE = re.compile(r"(?<![ \t])[ \t]+[#;][ \t]*\w.*\Z")


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    if re.search(r"^[ \t]*\[(?:proxy|auth_info)_\d+\]", head, re.MULTILINE) is None:
        return None
    return "file", "it has sections such as [proxy_0] and [auth_info_0]"


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read a linphonerc. Never raises."""
    del form, path
    notes = Notes()
    if text.startswith("\ufeff"):
        message = "A byte-order mark stands in front of the first section: linphone does not see that section. "
        message += "Save the file as UTF-8 without it."
        notes.add("SR150", Span(1, 1, 1), message)
    sections = _sections(text)
    logins = [_login(section, notes) for section in _numbered(sections, "auth_info", notes)]
    made: list[Registration] = []
    meant: list[Registration] = []
    ok = True
    put_right = {name: _put_right(section) for name, section in sections.items()}
    better = [put_right[name] for name in sections if re.fullmatch(r"auth_info_\d{1,6}", name)]
    accounts = _numbered(sections, "proxy", notes)
    for section in accounts:
        real, probably = _account(section, logins, notes)
        if (section, *logins) != (put_right[section.name], *better):
            probably = _account(put_right[section.name], better, Notes())[1]
        ok = ok and real is not None
        made += [real] if real is not None else []
        meant += [probably] if probably is not None and probably != real else []
    read = {account.name for account in accounts}
    for name, section in put_right.items():
        if re.fullmatch(r"proxy_\d{1,6}", name) and name not in read:
            probably = _account(section, better, Notes())[1]
            meant += [probably] if probably is not None else []
    checks.one_account_twice(notes, made)
    found = Parsed(
        NAME,
        "file",
        text,
        ok=ok,
        registrations=tuple(made),
        meant=tuple(meant),
    )
    return secret_lines.completed(notes, found)


def _sections(text: str) -> dict[str, IniSection]:
    """The sections, those of one name together, with the values as linphone keeps them."""
    found: dict[str, IniSection] = {}
    for section in ini_lines.read(text, comments="#"):
        name = section.name.split(maxsplit=1)[0] if section.name.strip() else ""
        kept = found.setdefault(name, IniSection(name, section.span))
        for key, piece in section.values.items():
            value = piece.part(0, len(piece.text.rstrip(" ")))
            if value.text:
                kept.values[key], kept.places[key] = value, section.places[key]
    return found


def _numbered(sections: dict[str, IniSection], kind: str, notes: Notes) -> list[IniSection]:
    """The sections of a kind up to the first gap."""
    found: list[IniSection] = []
    while (section := sections.get(f"{kind}_{len(found)}")) is not None:
        found.append(section)
    for name, section in sections.items():
        match = re.fullmatch(rf"{kind}_(\d{{1,6}})", name)
        if match and int(match.group(1)) >= len(found):
            message = f"There is no [{kind}_{len(found)}]: linphone stops there and never reads this section."
            notes.add("SR521", section.span, message, fix=f"[{kind}_{len(found)}]")
            passwd = section.get("passwd")
            if passwd is not None:
                notes.secret(passwd.text, passwd.span)
    return found


def _text(section: IniSection, key: str) -> str:
    piece = section.get(key)
    return piece.text if piece is not None else ""


def _login(section: IniSection, notes: Notes) -> IniSection:
    passwd = section.get("passwd")
    if passwd is not None and passwd.text:
        notes.secret(passwd.text, passwd.span)
        checks.characters(
            notes, Mapped.from_text(passwd.text, passwd.line, passwd.column), "password", "linphone", secret=True
        )
        _blanks(notes, passwd, "password")
        _secret(notes, passwd)
        checks.placeholders(notes, [("password", passwd.text, passwd.span)])
    _names(section, _LOGIN_KEYS, notes)
    for key in ("username", "userid", "domain", "realm"):
        piece = section.get(key)
        if piece is not None:
            _blanks(notes, piece, key)
            _note(notes, piece)
    login = section.get("userid") or section.get("username")
    if login is not None:
        header_words.judge_login(notes, login.text, login, "linphone")
    ha1 = section.get("ha1")
    if ha1 is not None:
        notes.secret(ha1.text, ha1.span)
        if section.get("realm") is None:
            message = "A digest counts for one realm: without `realm` linphone does not answer, not by `passwd` "
            message += "either. The realm is the one that the carrier's challenge names."
            notes.add("SR525", ha1.span, message, fix="realm=…")
    return section


def _secret(notes: Notes, passwd: Piece) -> None:
    """A note behind a password, and quotes around it."""
    text = passwd.text
    if _meant_secret(text) == text:
        return
    notes.secret(_meant_secret(text))
    note = _SECRET_NOTE.search(text)
    if note:
        place = passwd.part(note.start(), note.end()).span
        notes.reveal(place)
        message = "Nothing in a line is a comment for linphone: the note is part of the password."
        notes.add("SR522", place, message, instead="")
    elif text.strip(" \t")[:1] == '"':
        message = "The quotes are part of the password: linphone does not remove them."
        notes.add("SR528", passwd.span, message, fix=f"passwd={_meant_secret(text)}")


def _blanks(notes: Notes, piece: Piece, what: str) -> None:
    lead = len(piece.text) - len(piece.text.lstrip(" \t"))
    tail = len(piece.text.rstrip(" \t"))
    if not piece.text.strip():
        return
    if lead:
        message = f"The blank behind `=` is part of the {what}: linphone does not strip it."
        span = Span(piece.line, piece.column, lead)
        notes.reveal(span)
        notes.add("SR520", span, message, instead="")
    if tail < len(piece.text):
        message = f"The tab at the end is part of the {what}: linphone strips blanks there, and nothing else."
        span = Span(piece.line, piece.column + tail, len(piece.text) - tail)
        notes.reveal(span)
        notes.add("SR520", span, message, instead="")


def _note(notes: Notes, piece: Piece) -> None:
    match = _NOTE.search(piece.text)
    if match:
        span = Span(piece.line, piece.column + match.start(), match.end() - match.start())
        message = "Nothing in a line is a comment for linphone: the note is part of the value."
        notes.add("SR522", span, message, instead="")


def _uri(text: str, *, add_scheme: bool) -> PjUri | BadUri:
    outside = _OUTSIDE.search(text)
    text = text[: outside.start(1)] if outside else text  # belongs to a header, and counts for nothing here
    read = pjsip_uri.parse(text)
    if isinstance(read, BadUri) and read.kind == "scheme" and add_scheme:
        inner = text.strip().strip("<>")
        read = pjsip_uri.parse(f"sip:{inner}")
    return read


def _account(
    section: IniSection, logins: list[IniSection], notes: Notes
) -> tuple[Registration | None, Registration | None]:
    pieces = section.get("reg_identity"), section.get("reg_proxy")
    for piece in pieces:
        if piece is not None:
            _note(notes, piece)
    _names(section, _PROXY_KEYS, notes)
    (identity, meant_identity), (proxy, meant_proxy) = (
        _judged(piece, name, section, notes, add_scheme=name == "reg_proxy")
        for piece, name in zip(pieces, ("reg_identity", "reg_proxy"), strict=True)
    )
    if meant_identity is None or meant_proxy is None:
        return None, None
    made = _settled(section, meant_identity, meant_proxy, pieces[1], logins, notes)
    meant = replace(made, transport=_outside(pieces[1], made.transport, notes))
    login = _login_of(meant_identity, logins)
    if login is not None and made.secret:
        meant = replace(meant, secret=_meant_secret(made.secret))
    return (made if identity is not None and proxy is not None else None), meant


def _judged(
    piece: Piece | None, name: str, section: IniSection, notes: Notes, *, add_scheme: bool
) -> tuple[PjUri | None, PjUri | None]:
    """A URI as linphone reads it, and as it was meant."""
    if piece is None:
        message = f"There is no `{name}`: linphone does not register the account."
        example = "<sip:the carrier's host>" if add_scheme else "sip:user@host"
        notes.add("SR523", section.span, message, fix=f"{name}={example}")
        return None, None
    read = _uri(piece.text, add_scheme=add_scheme)
    if isinstance(read, PjUri):
        if read.password:
            written = piece.text[read.password_at : piece.text.find("@", read.password_at)]
            place = piece.part(read.password_at, read.password_at + len(written)).span
            notes.secret(read.password, place)
            notes.secret(written)
            message = "The password in the URI is not used for the login, and is sent along for everybody to see. It "
            message += "belongs into [auth_info_N]."
            notes.add("SR526", place, message, fix="passwd=…")
        return read, read
    better = repaired_and_hidden(piece, read, notes)
    plain = better.strip("<> ")
    fix = f"{name}=<{plain}>" if better and add_scheme else f"{name}={plain}" if better else ""
    log = f"Cannot create Address, bad uri [{piece.text}]"
    letter = checks.digits_look_alike(piece.text[read.start : read.stop]) if read.kind == "port" else ""
    why = f"`{piece.text[read.start : read.stop]}` holds the letter {letter}, and {read.why}" if letter else read.why
    span = piece.part(read.start, max(read.stop, read.start + 1)).span if read.kind != "scheme" else piece.span
    notes.add("SR523", span, f"linphone cannot read `{name}`: {why}.", fix=fix, log=log)
    meant = pjsip_uri.parse(better) if better else None
    return None, meant if isinstance(meant, PjUri) else None


def _names(section: IniSection, known: Sequence[str], notes: Notes) -> None:
    """Keys that look like misspelt ones of those that matter."""
    for key, piece in section.values.items():
        near = _near(section, key, known)
        if not near:
            continue
        if near == "passwd":
            notes.secret(piece.text, piece.span)
        span = section.places[key]
        message = f"linphone does not know `{key}` and ignores it. Did you mean `{near}`?"
        notes.add("SR527", span, message, fix=f"{near}={piece.text}")


def _near(section: IniSection, key: str, known: Sequence[str]) -> str:
    """The key that was meant by one that linphone does not know; empty where nothing says so."""
    near = next(iter(difflib.get_close_matches(key.lower(), known, 1, 0.8)), "")
    near = near or {"password": "passwd", "secret": "passwd", "user": "username", "authid": "userid"}.get(key, "")
    good = key not in known and near in known and section.get(near) is None and not key.startswith("quality")
    return near if good else ""


def _put_right(section: IniSection) -> IniSection:
    """A section with the keys that were meant."""
    known = _PROXY_KEYS if section.name.startswith("proxy_") else _LOGIN_KEYS
    if not re.match(r"(?:proxy|auth_info)_", section.name):
        return section
    values = {_near(section, key, known) or key: piece for key, piece in section.values.items()}
    return IniSection(
        section.name,
        section.span,
        {
            key: piece.strip() if key in ("username", "userid", "domain", "realm") else piece
            for key, piece in values.items()
        },
    )


def _meant_secret(text: str) -> str:
    """A password without blanks in front, a note behind, and quotes around it, which linphone takes for parts of it."""
    text = _SECRET_NOTE.sub("", text).lstrip(" \t")
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text


def _outside(piece: Piece | None, transport: str | None, notes: Notes) -> str | None:
    """The transport that was meant: one behind the `>` does not count."""
    outside = _OUTSIDE.search(piece.text) if piece is not None else None
    named = re.search(r";[ \t]*(transport[ \t]*=[ \t]*(\w+))", outside.group(1), re.IGNORECASE) if outside else None
    if piece is None or outside is None or named is None or named.group(2).lower() == transport:
        return transport
    begin = outside.start(1)
    message = f"Behind the `>` `transport` counts for nothing: linphone goes by {transport}. It belongs in front of it."
    fix = f"reg_proxy=<sip:host;transport={named.group(2)}>"
    notes.add("SR503", piece.part(begin + named.start(1), begin + named.end(1)).span, message, fix=fix)
    return named.group(2).lower()


def _settled(
    section: IniSection,
    identity: PjUri,
    proxy: PjUri,
    proxy_piece: Piece | None,
    logins: list[IniSection],
    notes: Notes,
) -> Registration:
    login = _login_of(identity, logins)
    transport = proxy.transport or "udp"
    port = proxy.port or None
    if port is None and pjsip_uri.is_address(proxy.host):
        port = 5061 if transport == "tls" else 5060
    if proxy_piece is not None:
        at = proxy_piece.text.find(proxy.host)
        span = Span(proxy_piece.line, proxy_piece.column + max(0, at), len(proxy.host))
        checks.host(notes, proxy.host, span, "linphone")
        checks.port_and_transport(notes, proxy.port, proxy.transport, span)
    expiry = _expiry(section, notes)
    register = _registers(section, notes)
    if login is None and register:
        message = f"No [auth_info_N] has the username `{identity.user}`: the carrier's challenge is not answered."
        notes.add("SR524", section.span, message, fix=f"username={identity.user}")
    userid = _text(login, "userid") if login is not None else ""
    ha1 = (_text(login, "ha1") or None) if login is not None else None
    user = _text(login, "username") if login is not None else identity.user
    return Registration(
        user=identity.user,
        secret=None if login is None else "" if ha1 else _text(login, "passwd"),
        auth_user=userid if login is not None else None,
        effective_auth_user=(userid or user) if login is not None else None,
        domain=identity.host,
        domain_port=identity.port or None,
        host=proxy.host,
        port=port,
        transport=transport,
        expiry=expiry,
        realm=(_text(login, "realm") if login is not None else "") or _text(section, "realm"),
        outbound_proxy=_text(section, "reg_route"),
        register=register,
        display_name=identity.display,
        ha1=ha1,
        secret_used=False if ha1 and login is not None and not _text(login, "realm") else None,
        name=section.name,
        span=section.span,
    )


def _login_of(identity: PjUri, logins: Sequence[IniSection]) -> IniSection | None:
    """The credentials for an account: those of its domain, else of its user anywhere."""
    own = [login for login in logins if _text(login, "username") == identity.user]
    near = [login for login in own if _text(login, "domain").lower() == identity.host.lower()]
    return next(iter([*near, *own]), None)


def _integer(text: str) -> int:
    """A number as C's `%i` reads it; 0 where there is none."""
    match = _INTEGER.match(text)
    if match is None:
        return 0
    digits = match.group(2)
    number = int(digits, 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10)
    return -number if match.group(1) == "-" else number


def _registers(section: IniSection, notes: Notes) -> bool:
    piece = section.get("reg_sendregister")
    if piece is None or _integer(piece.text):
        return True
    if piece.text.strip(" 0"):
        message = f"`{piece.text}` is no number and counts as 0: linphone does not register."
        notes.add("SR509", piece.span, message, fix="reg_sendregister=1")
    else:
        notes.add("SR511", piece.span, "`reg_sendregister=0` means that the account does not register.")
    return False


def _expiry(section: IniSection, notes: Notes) -> int | None:
    """The seconds that are asked for; None where the carrier chooses."""
    piece = section.get("reg_expires")
    if piece is None:
        return EXPIRES
    expiry = _integer(piece.text)
    if expiry and not _INTEGER.fullmatch(piece.text):
        message = f"`{piece.text}` is no number of seconds: linphone reads {expiry}."
        notes.add("SR509", piece.span, message, fix=f"reg_expires={EXPIRES}")
        return max(expiry, 0)
    if expiry == 0:
        counts = "is" if piece.text.strip(" 0") == "" else "is no number of seconds and counts as"
        message = f"`{piece.text}` {counts} 0: linphone asks for 0 seconds, which un-registers."
        notes.add("SR135", piece.span, message, fix=f"reg_expires={EXPIRES}")
    checks.expiry(notes, expiry, piece.span)
    return expiry if expiry >= 0 else None


def render_all(trunks: Sequence[Trunk]) -> str:
    """The sections for several accounts, numbered without gaps. Raises CannotRender as `render` does."""
    return "\n".join(render(trunk, number) for number, trunk in enumerate(trunks))


def render(trunk: Trunk, number: int = 0) -> str:
    """The two sections for one account. Raises CannotRender for line breaks, and for what linphone would not keep."""
    words = (("user", trunk.user), ("password", trunk.secret), ("auth user", trunk.auth_user))
    for label, text in words:
        if re.search(r"[\r\n\0]", text):
            raise CannotRender("\n", f"the {label} holds a line break")
        if text.endswith(" "):
            raise CannotRender(" ", f"the {label} ends with a blank, which linphone strips")
    odd = re.search(r"[,;?]", trunk.user)
    if odd:
        raise CannotRender(
            odd.group(), "linphone writes the address without `<>`, and this character in a user ends it"
        )
    if trunk.ha1 and not trunk.secret:
        raise CannotRender("ha1", "linphone takes a digest for one realm only, and which one is not known")
    header_words.login(trunk.effective_auth_user, "linphone")
    domain_port = f":{trunk.domain_port}" if trunk.domain_port is not None else ""
    identity = f"sip:{pjsip_uri.user_part(trunk.user)}@{trunk.aor_host}{domain_port}"
    usual = 5061 if trunk.dial_transport == "tls" else 5060
    proxy = f"<sip:{trunk.dial_host}" + (f":{trunk.dial_port}" if trunk.dial_port != usual else "")
    proxy += f";transport={trunk.dial_transport}>"
    for uri in (identity, proxy):
        read = pjsip_uri.parse(uri)
        if isinstance(read, BadUri):
            raise CannotRender(uri[read.start : read.stop], f"the URI cannot be written: {read.why}")
    rows = [f"[auth_info_{number}]", f"username={trunk.user}"]
    rows += [f"userid={trunk.auth_user}"] if trunk.auth_user else []
    rows += [f"passwd={trunk.secret}"]
    rows += ["", f"[proxy_{number}]", f"reg_proxy={proxy}", f"reg_identity={identity}", f"reg_expires={trunk.expiry}"]
    return "\n".join([*rows, "reg_sendregister=1"]) + "\n"
