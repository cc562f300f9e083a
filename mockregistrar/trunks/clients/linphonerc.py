"""linphonerc: `[proxy_N]` for the accounts, `[auth_info_N]` for the credentials.

Everything behind `=` is the value, leading and trailing blanks included; nothing in a line is a comment, quotes are
quotes. Sections are numbered without gaps: reading stops at the first that is missing. The scheme is added to
`reg_proxy` where it is missing, but not to `reg_identity`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mockregistrar.trunks import checks, ini_lines
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.ini_lines import IniSection
from mockregistrar.trunks.model import CannotRender, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed, Registration
from mockregistrar.trunks.positions import Mapped
from mockregistrar.trunks.uris import pjsip_uri
from mockregistrar.trunks.uris.pjsip_uri import BadUri, PjUri

NAME = "linphonerc"
ALIASES = ("linphone",)
FORMS = ("file",)

EXPIRES = 3600
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
    sections = {section.name: section for section in ini_lines.read(text, comments="#")}
    logins = [_login(section, notes) for section in _numbered(sections, "auth_info", notes)]
    made: list[Registration] = []
    meant: list[Registration] = []
    ok = True
    for section in _numbered(sections, "proxy", notes):
        real, probably = _account(section, logins, notes)
        ok = ok and real is not None
        made += [real] if real is not None else []
        meant += [probably] if probably is not None and probably != real else []
    return Parsed(
        NAME,
        "file",
        text,
        ok=ok,
        registrations=tuple(made),
        findings=notes.done(),
        meant=tuple(meant),
        secrets=tuple(sorted(notes.secrets)),
        secret_spans=tuple(notes.secret_spans),
        visible=tuple(notes.visible),
    )


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
        checks.placeholders(notes, [("password", passwd.text, passwd.span)])
    for key in ("username", "userid", "domain", "realm"):
        piece = section.get(key)
        if piece is not None:
            _blanks(notes, piece, key)
            _note(notes, piece)
    return section


def _blanks(notes: Notes, piece: Piece, what: str) -> None:
    lead = len(piece.text) - len(piece.text.lstrip(" \t"))
    tail = len(piece.text.rstrip(" \t"))
    if not piece.text.strip():
        return
    if lead:
        message = f"The blank behind `=` is part of the {what}: linphone does not strip it."
        span = Span(piece.line, piece.column, lead)
        notes.reveal(span)
        notes.add("SR520", span, message, fix="no blank behind `=`")
    if tail < len(piece.text):
        message = f"The blank at the end is part of the {what}: linphone does not strip it."
        span = Span(piece.line, piece.column + tail, len(piece.text) - tail)
        notes.reveal(span)
        notes.add("SR520", span, message, fix="no blank at the end")


def _note(notes: Notes, piece: Piece) -> None:
    match = _NOTE.search(piece.text)
    if match:
        span = Span(piece.line, piece.column + match.start(), match.end() - match.start())
        message = "Nothing in a line is a comment for linphone: the note is part of the value."
        notes.add("SR522", span, message, fix="the note in a line of its own, with `#` in front")


def _uri(text: str, *, add_scheme: bool) -> PjUri | BadUri:
    read = pjsip_uri.parse(text)
    if isinstance(read, BadUri) and read.kind == "scheme" and add_scheme:
        inner = text.strip().strip("<>")
        read = pjsip_uri.parse(f"sip:{inner}")
    return read


def _account(
    section: IniSection, logins: list[IniSection], notes: Notes
) -> tuple[Registration | None, Registration | None]:
    identity_piece, proxy_piece = section.get("reg_identity"), section.get("reg_proxy")
    for piece in (identity_piece, proxy_piece):
        if piece is not None:
            _note(notes, piece)
    identity_text = identity_piece.text if identity_piece else ""
    identity = _uri(identity_text, add_scheme=False)
    meant_identity = _uri(identity_text, add_scheme=True)
    place = identity_piece.span if identity_piece is not None and identity_piece.text else section.span
    if isinstance(identity, BadUri):
        fix = (
            f"reg_identity=sip:{identity_text.strip()}"
            if isinstance(meant_identity, PjUri)
            else "reg_identity=sip:user@host"
        )
        notes.add("SR523", place, f"linphone cannot read `reg_identity`: {identity.why}.", fix=fix)
    proxy_text = proxy_piece.text if proxy_piece else ""
    proxy = _uri(proxy_text, add_scheme=True)
    if isinstance(proxy, BadUri):
        where = proxy_piece.span if proxy_piece is not None and proxy_piece.text else section.span
        notes.add("SR523", where, f"linphone cannot read `reg_proxy`: {proxy.why}.", fix="reg_proxy=<sip:host>")
        return None, None
    if isinstance(meant_identity, BadUri):
        return None, None
    meant = _settled(section, meant_identity, proxy, proxy_piece, logins, notes, judged=True)
    if isinstance(identity, BadUri):
        return None, meant
    return meant, None


def _settled(
    section: IniSection,
    identity: PjUri,
    proxy: PjUri,
    proxy_piece: Piece | None,
    logins: list[IniSection],
    notes: Notes,
    *,
    judged: bool,
) -> Registration:
    login = next((each for each in logins if _matches(each, identity)), None)
    transport = proxy.transport or "udp"
    port = proxy.port or None
    if port is None and pjsip_uri.is_address(proxy.host):
        port = 5061 if transport == "tls" else 5060
    if judged and proxy_piece is not None:
        at = proxy_piece.text.find(proxy.host)
        span = Span(proxy_piece.line, proxy_piece.column + max(0, at), len(proxy.host))
        checks.host(notes, proxy.host, span, "linphone")
        checks.port_and_transport(notes, proxy.port, proxy.transport, span)
    seconds = re.match(r"\s*\d{1,9}", _text(section, "reg_expires"))
    expiry = int(seconds.group()) if seconds else (0 if section.get("reg_expires") else EXPIRES)
    piece = section.get("reg_expires")
    if piece is not None and judged:
        checks.expiry(notes, expiry, piece.span)
    register = _text(section, "reg_sendregister").strip() not in ("0", "-1")
    if login is None and register and judged:
        message = f"No [auth_info_N] has the username `{identity.user}`: the carrier's challenge is not answered."
        notes.add("SR524", section.span, message, fix=f"[auth_info_0] with username={identity.user}")
    userid = _text(login, "userid") if login is not None else ""
    user = _text(login, "username") if login is not None else identity.user
    return Registration(
        user=identity.user,
        secret=_text(login, "passwd") if login is not None else None,
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
        ha1=(_text(login, "ha1") or None) if login is not None else None,
        name=section.name,
        span=section.span,
    )


def _matches(login: IniSection, identity: PjUri) -> bool:
    domain = _text(login, "domain")
    return _text(login, "username") == identity.user and (not domain or domain.lower() == identity.host.lower())


def render_all(trunks: Sequence[Trunk]) -> str:
    """The sections for several accounts, numbered without gaps. Raises CannotRender as `render` does."""
    return "\n".join(render(trunk, number) for number, trunk in enumerate(trunks))


def render(trunk: Trunk, number: int = 0) -> str:
    """The two sections for one account. Raises CannotRender for line breaks and for what a URI cannot hold."""
    if re.search(r"[\r\n\0]", trunk.secret + trunk.auth_user):
        raise CannotRender("\n", "the password or the auth user holds a line break")
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
    if re.search(r"[\r\n\0]", trunk.user):
        raise CannotRender("\n", "the user holds a line break")
    rows += [f"userid={trunk.auth_user}"] if trunk.auth_user else []
    rows += [f"ha1={trunk.ha1}"] if trunk.ha1 and not trunk.secret else [f"passwd={trunk.secret}"]
    rows += ["", f"[proxy_{number}]", f"reg_proxy={proxy}", f"reg_identity={identity}", f"reg_expires={trunk.expiry}"]
    return "\n".join([*rows, "reg_sendregister=1"]) + "\n"
