"""Peer sections of sip.conf as chan_sip builds them, and what they mean for a registration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from mockregistrar.trunks.c_numbers import port_number
from mockregistrar.trunks.model import Span, Target, Trunk
from mockregistrar.trunks.positions import encode

from .config_reader import Config, Option, Section

_TRANSPORTS = re.compile(r"(udp|tcp|tls|wss|ws)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RealmCredentials:
    """An `auth = user:secret@realm` or `user#md5secret@realm` line; `effective` unless it stands where none counts."""

    user: str
    realm: str
    section: str
    path: Path
    line: int
    secret: str = field(default="", repr=False)
    md5secret: str = field(default="", repr=False)
    effective: bool = True


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer section. `host` is empty for `dynamic`; `dials_out` says whether Asterisk sends requests to it."""

    name: str
    path: Path
    line: int
    kind: str = ""
    host: str = ""
    port: int | None = None
    transports: tuple[str, ...] = ("udp",)
    user: str = ""
    from_user: str = ""
    from_domain: str = ""
    outbound_proxy: str = ""
    callback: str = ""
    secret: str = field(default="", repr=False)
    remote_secret: str = field(default="", repr=False)
    md5_secret: str = field(default="", repr=False)
    dynamic: bool = False
    secret_line: int = 0

    @property
    def dials_out(self) -> bool:
        """Whether it counts as a peer: sections of type user do not."""
        return self.kind in ("peer", "friend")

    @property
    def login_secret(self) -> str:
        """The password for outgoing logins."""
        return self.remote_secret or self.secret

    @property
    def transport(self) -> str:
        """The transport of calls to it: the first one."""
        return self.transports[0]

    def users(self) -> set[str]:
        """The user names it is known by."""
        return {name for name in (self.user, self.from_user, self.name) if name}


class PeerIndex:
    """The peer sections of a file, found by name and by host."""

    def __init__(self, peers: tuple[Peer, ...]) -> None:
        self.peers = peers
        self.by_name = {peer.name.lower(): peer for peer in peers}
        self.by_host: dict[str, list[Peer]] = {}
        self.by_secret: dict[str, list[Peer]] = {}
        for peer in peers:
            if peer.login_secret:
                self.by_secret.setdefault(peer.login_secret, []).append(peer)
            if peer.host:
                self.by_host.setdefault(peer.host.lower(), []).append(peer)

    def related(self, trunk: Trunk) -> Peer | None:
        """The peer section that stands in for the host: by `peer?`, else by the host being its name."""
        peer = self.by_name.get((trunk.peer or trunk.host).lower())
        return peer if peer is not None and peer.dials_out else None

    def counterpart(self, trunk: Trunk) -> Peer | None:
        """The peer section for host and user of a registration: the related one, else one with both."""
        peer = self.related(trunk)
        if peer is not None:
            return peer
        names = {trunk.user, trunk.effective_auth_user}
        for host in dict.fromkeys((trunk.host.lower(), trunk.domain.lower())):
            for candidate in self.by_host.get(host, ()):
                if candidate.users() & names:
                    return candidate
        return None

    def named_by_host(self, trunk: Trunk) -> Peer | None:
        """The peer section that is named where the host belongs."""
        peer = self.by_name.get(trunk.host.lower())
        return peer if peer is not None and peer.dials_out else None

    def dialled(self, trunk: Trunk) -> Trunk:
        """The trunk as Asterisk uses it: proxy and passwords of the related peer, and its address if it is the host.

        Port and transport are those of the line: it always settles them, and what the section has does not count.
        """
        peer = self.related(trunk)
        if peer is None:
            return trunk
        named = self.named_by_host(trunk)
        host = named.host if named is not None else trunk.host
        target = Target(host, trunk.port, trunk.transport, peer.outbound_proxy, peer.from_domain) if host else None
        secret = peer.remote_secret or trunk.secret or peer.secret
        return replace(trunk, target=target, secret=secret, ha1=peer.md5_secret)


def peers_of(config: Config) -> tuple[Peer, ...]:
    """Every peer section; a name that comes twice is one peer whose later values win."""
    found: dict[str, Peer] = {}
    general = config.section("general")
    option = general.last("transport") if general else None
    usual = (_transports(option) if option else ()) or ("udp",)
    for section in config.sections:
        if section.template or section.unread or section.name.lower() in ("", "general", "authentication"):
            continue
        key = section.name.lower()
        found[key] = _peer(section, found.get(key), usual)
    return tuple(found.values())


def _peer(section: Section, before: Peer | None, usual: tuple[str, ...]) -> Peer:
    def value(default: str, *names: str) -> str:
        option = section.last(*names)
        return option.text if option is not None else default

    base = before or Peer(section.name, section.path, section.line, transports=usual)
    host_option = section.last("host")
    host, dynamic = base.host, base.dynamic
    if host_option is not None:
        dynamic = host_option.text.lower() == "dynamic"
        host = "" if dynamic else host_option.text.split(";")[0].strip()
    port_option = section.last("port")
    transport = section.last("transport")
    secret = section.last("remotesecret") or section.last("secret")
    return replace(
        base,
        kind=value(base.kind, "type").lower(),
        host=host,
        dynamic=dynamic,
        port=port_number(encode(port_option.text)) if port_option else base.port,
        transports=(_transports(transport) or usual) if transport else base.transports,
        user=value(base.user, "username", "defaultuser"),
        from_user=value(base.from_user, "fromuser"),
        from_domain=value(base.from_domain, "fromdomain").split(":")[0],
        outbound_proxy=value(base.outbound_proxy, "outboundproxy"),
        callback=value(base.callback, "callbackextension"),
        secret=value(base.secret, "secret"),
        remote_secret=value(base.remote_secret, "remotesecret"),
        md5_secret=value(base.md5_secret, "md5secret"),
        secret_line=secret.line if secret else base.secret_line,
    )


def _transports(option: Option) -> tuple[str, ...]:
    """The transports of an option in order, each known by how it begins."""
    words = (_TRANSPORTS.match(word.strip()) for word in option.text.split(","))
    return tuple(dict.fromkeys(match.group(1).lower() for match in words if match))


def realm_credentials(config: Config) -> tuple[RealmCredentials, ...]:
    """All `auth =` lines in order. They count in [authentication] and in peer sections, not in [general]."""
    found: list[RealmCredentials] = []
    for section in config.sections:
        if section.template or section.unread:
            continue
        for option in section.options:
            if option.key != "auth":
                continue
            left, at, realm = option.text.rpartition("@")
            if not at:
                continue
            mark = ":" if ":" in left else "#"
            user, _, rest = left.partition(mark)
            found.append(
                RealmCredentials(
                    user,
                    realm,
                    section.name,
                    option.path,
                    option.line,
                    secret=rest if mark == ":" else "",
                    md5secret=rest if mark == "#" else "",
                    effective=section.name.lower() != "general",
                )
            )
    return tuple(found)


def option_span(option: Option) -> Span:
    """Where the value of an option stands, or its name when it is empty."""
    return option.value.span(0, len(option.value)) if len(option.value) else option.name_span
