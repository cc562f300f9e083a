"""What the rest of the file says about a registration: peer sections, repeats, defaults, realm credentials."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from mockregistrar.trunks import codes
from mockregistrar.trunks.items import Item
from mockregistrar.trunks.masking import Veil
from mockregistrar.trunks.model import CannotRender, Finding, Span, Trunk

from .chan_sip import masked
from .chan_sip_cuts import TRANSPORTS
from .config_reader import Config, Option
from .sip_peers import Peer, PeerIndex, RealmCredentials


def in_context(
    items: list[Item], config: Config, peers: tuple[Peer, ...], credentials: tuple[RealmCredentials, ...]
) -> list[Item]:
    """The items with their peer, effective target, keywords, and the findings that come from their surroundings."""
    index = PeerIndex(peers)
    realms: dict[str, list[RealmCredentials]] = {}
    for entry in credentials:
        if entry.effective:
            realms.setdefault(entry.section.lower(), []).append(entry)
    general = config.section("general")
    late = general.last("defaultexpiry", "defaultexpirey") if general else None
    texts: dict[str, Item] = {}
    accounts: dict[tuple[object, ...], Item] = {}
    found: list[Item] = []
    for made in items:
        item = _with_peer(made, index, realms) if made.kind == "register" else _callback_peer(made, index)
        trunk = item.reading.meant or item.reading.real
        extra: list[Finding] = []
        ignored = item.ignored
        if ignored is None and item.kind == "register":
            text = item.value
            if text in texts:
                ignored = f"the same text stands in line {texts[text].line}"
                message = f"The same text stands in line {texts[text].line} already: Asterisk drops this one silently."
                extra.append(codes.finding("SR162", _whole(item), message))
            else:
                texts[text] = item
        if ignored is None and trunk is not None and trunk.user:
            key = (trunk.user, trunk.dial_host.lower(), trunk.dial_port, trunk.domain.lower(), trunk.dial_transport)
            if key in accounts:
                other = accounts[key].line
                message = (
                    f"This account is registered in line {other} too: both register, and take turns at the binding."
                )
                extra.append(codes.finding("SR163", _whole(item), message))
            else:
                accounts[key] = item
        if ignored is None and trunk is not None:
            extra.extend(_context(item, trunk, config, index, late))
        veil = Veil(item.reading.secrets)
        extra = [replace(f, message=veil(f.message), fix=veil(f.fix)) for f in extra]
        found.append(replace(item, ignored=ignored, findings=(*item.findings, *extra), keywords=_keywords(item, veil)))
    return found


def _whole(item: Item) -> Span:
    text = item.source_line
    begin = len(text) - len(text.lstrip())
    return Span(item.line, begin + 1, max(1, len(text.rstrip()) - begin))


def _callback_peer(item: Item, index: PeerIndex) -> Item:
    trunk = item.reading.meant or item.reading.real
    if trunk is None:
        return item
    return replace(item, peer=index.by_name.get(trunk.peer.lower()))


def _with_peer(item: Item, index: PeerIndex, realms: dict[str, list[RealmCredentials]]) -> Item:
    reading = item.reading
    real = index.dialled(reading.real) if reading.real is not None else None
    meant = reading.meant
    if meant is reading.real:
        meant = real
    elif meant is not None:
        meant = replace(index.dialled(meant), secret=meant.secret, ha1=meant.ha1)
    trunk = meant or real
    peer = index.counterpart(trunk) if trunk is not None else None
    related = index.related(trunk) if trunk is not None else None
    names = ("authentication", *((related.name.lower(),) if related else ()))
    own = tuple(entry for name in names for entry in realms.get(name, ()))
    secrets = {*reading.secrets, *(c.secret for c in own), *(c.md5secret for c in own)}
    if peer is not None:
        secrets |= {peer.secret, peer.remote_secret, peer.md5_secret}
    secrets |= {each.secret for each in (real, meant) if each is not None}
    reading = replace(reading, real=real, meant=meant, secrets=tuple(sorted(secrets - {""})))
    findings = item.findings
    if trunk is not None and trunk.host.lower() in index.by_name:
        findings = tuple(f for f in findings if f.code != "SR140")
    if trunk is not None and (trunk.secret or trunk.ha1 or own):  # the password stands elsewhere in the file
        findings = tuple(f for f in findings if f.code != "SR146")
    return replace(item, reading=reading, peer=peer, credentials=own, findings=findings)


def _context(item: Item, trunk: Trunk, config: Config, index: PeerIndex, late: Option | None) -> list[Finding]:
    found: list[Finding] = []
    if item.kind != "register":
        return found
    reading = item.reading
    span = reading.span_of("peer") or reading.span_of("host") or _whole(item)
    peer = index.related(trunk)
    if trunk.peer and peer is None:
        near = difflib.get_close_matches(trunk.peer, [p.name for p in index.peers[:200]], 1)
        message = f"`{trunk.peer}?` names a section that is not there: Asterisk takes it for a host and looks it up."
        if near:
            message += f" Did you mean `{near[0]}`?"
        severity = "warning" if near and not config.missing else "hint"
        found.append(codes.finding("SR174", span, message, severity=severity))  # type: ignore[arg-type]
    named = index.named_by_host(trunk)
    if named is not None and not named.host:
        message = f"[{named.name}] has no address of its own: Asterisk has nobody to register to until it calls in."
        found.append(codes.finding("SR177", span, message))
    if peer is not None:
        found.extend(_port_and_transport(reading.real or trunk, peer, named, span))
    found.extend(_passwords(item, trunk, peer))
    found.extend(_mistyped(trunk, index, reading.span_of("host") or span))
    if (
        late is not None
        and late.path == item.path
        and late.line > item.line
        and reading.span_of("expiry") is None
        and reading.real is not None
        and late.text != str(reading.real.expiry)
    ):
        message = (
            f"`{late.name}` in line {late.line} comes too late for this line: it asks for "
            f"{reading.real.expiry} seconds. It belongs in a line above."
        )
        found.append(codes.finding("SR164", _whole(item), message, fix=f"{late.name}={late.text}"))
    names = {trunk.host.lower(), trunk.domain.lower()}
    for entry in item.credentials:
        if entry.realm.lower() in names:
            message = (
                f"`auth =` in line {entry.line} is for the realm {entry.realm}: if the carrier names that realm, "
                f"it wins."
            )
            found.append(codes.finding("SR180", _whole(item), message))
    return found


def _port_and_transport(trunk: Trunk, peer: Peer, named: Peer | None, span: Span) -> list[Finding]:
    """A peer section whose transport the line does not speak, or whose port it does not go to."""
    if trunk.transport not in peer.transports:
        message, log = refused_transport(peer, trunk.transport)
        fix = f"transport={trunk.transport}"
        if peer.transports[0] in TRANSPORTS:
            fix = _over(trunk, peer.transports[0])
        return [codes.finding("SR176", span, message, fix=fix, log=log, severity="error")]
    if named is None or named.port in (None, trunk.port):
        return []
    message = f"[{named.name}] has `port={named.port}`, which does not count for a registration: it goes to port "
    return [codes.finding("SR176", span, f"{message}{trunk.port}.", fix=f"{trunk.host}:{named.port}")]


def _over(trunk: Trunk, transport: str) -> str:
    """The line over another transport, at its usual port where this one goes to the usual port of its own."""
    usual = trunk.port == (5061 if trunk.transport == "tls" else 5060)
    port = (5061 if transport == "tls" else 5060) if usual else trunk.port
    try:
        return f"register => {masked(replace(trunk, transport=transport, port=port), escape=True)}"
    except CannotRender:
        return ""


def refused_transport(peer: Peer, transport: str) -> tuple[str, str]:
    """Message and log line where a registration comes over a transport that the peer section does not have."""
    message = f"[{peer.name}] speaks {' and '.join(peer.transports)}, and the registration is over {transport}: "
    message += "Asterisk gives it up each time."
    log = ""
    if len(peer.transports) == 1:
        log = f"ERROR ... '{transport.upper()}' is not a valid transport for '{peer.name}'. we only use "
        log += f"'{peer.transports[0].upper()}'! ending call."
    return message, log


def _mistyped(trunk: Trunk, index: PeerIndex, span: Span) -> list[Finding]:
    """A peer section that is for this registration but for a letter: in the host, or in the account."""
    if not trunk.secret or index.counterpart(trunk) is not None:
        return []
    found: list[Finding] = []
    for peer in index.by_secret.get(trunk.secret, ())[:8]:
        account = peer.user or peer.from_user or peer.name
        if peer.host and account in (trunk.user, trunk.effective_auth_user) and _slip(peer.host, trunk.host):
            what = f"the host `{peer.host}`"
        elif peer.host.lower() == trunk.host.lower() and _slip(account, trunk.user):
            what = f"the account `{account}`"
        else:
            continue
        message = f"[{peer.name}] has the same password, and {what}: is one of the two mistyped?"
        found.append(codes.finding("SR189", span, message))
    return found[:1]


def _slip(one: str, other: str) -> bool:
    """Whether two names differ by little, and not only in their digits: sip1 and sip2 are two servers."""
    if abs(len(one) - len(other)) > 2 or re.sub(r"\d", "", one) == re.sub(r"\d", "", other):
        return False
    return difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio() >= 0.85


def _passwords(item: Item, trunk: Trunk, peer: Peer | None) -> list[Finding]:
    """Where the peer section has another password than the line."""
    span = item.reading.span_of("secret") or _whole(item)
    line_secret = _line_secret(item)
    if peer is not None and (peer.md5_secret or peer.remote_secret not in ("", line_secret)):
        option = "md5secret" if peer.md5_secret else "remotesecret"
        message = f"[{peer.name}] has `{option}`: Asterisk logs in with that and not with the password in this line."
        return [codes.finding("SR184", span, message)]
    other = item.peer
    if other is None or not other.login_secret or not trunk.secret or other.login_secret == trunk.secret:
        return []
    message = (
        f"The peer section [{other.name}] for the same user and host has another password (line {other.secret_line}): "
        f"{first_difference(trunk.secret, other.login_secret)}."
    )
    return [codes.finding("SR178", span, message)]


def _line_secret(item: Item) -> str:
    span = item.reading.span_of("secret")
    if span is None:
        return ""
    return item.source_line[span.column - 1 : span.end - 1].strip('"')


def first_difference(one: str, other: str) -> str:
    """Where two passwords part, in words, without showing either."""
    position = next((i for i, (a, b) in enumerate(zip(one, other, strict=False), 1) if a != b), None)
    if position is None:
        return f"one has {len(one)} characters, the other {len(other)}"
    return f"they part at position {position}"


def _keywords(item: Item, veil: Veil) -> tuple[str, ...]:
    trunk = item.reading.meant or item.reading.real
    if trunk is None or not item.reading.parts_certain:
        return ()
    # a `:` in the user was between quotes that cover the password too; one in the peer belongs to what a `?` cut
    parts = [name for name in (trunk.user, trunk.peer) if ":" not in name]
    names = (*parts, trunk.host, trunk.domain, item.peer.name if item.peer else "")
    return tuple(dict.fromkeys(name for name in names if name and not veil.knows(name)))
