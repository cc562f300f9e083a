"""From sections, options and strays to the registrations that somebody meant: the item list of a sip.conf.

An item is judged twice: its text by the dialect, its place here. What Asterisk prints about a misplaced line is said
with it, and where it prints nothing, that is said too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks import codes
from mockregistrar.trunks.c_numbers import c_integer
from mockregistrar.trunks.items import IP_AUTHENTICATED, Item, Kind, named
from mockregistrar.trunks.masking import Veil
from mockregistrar.trunks.model import Finding, Reading, Span, Trunk
from mockregistrar.trunks.plausible import character_name, host_problem, invisible
from mockregistrar.trunks.positions import Mapped, encode

from .chan_sip_cuts import cut, trunk_of
from .chan_sip_meaning import read_value
from .chan_sip_options import KNOWN
from .config_reader import Config, Option, Section, Stray, strip_comments
from .sip_context import in_context, refused_transport
from .sip_peers import Peer, RealmCredentials, option_span

_NEAR_REGISTER = re.compile(r"regist|rgister|reigster|regster|resgister|regsiter", re.IGNORECASE)
_KNOWN_REGISTER = ("register", "registertimeout", "registerattempts", "register_retry_403", "registersip")
_ARROW = re.compile(r"[\W\d_]{0,12}regist[a-z]*[\s=>~:\-⇒→⟹➔➜–—−＝＞»\u00a0\u200b-\u200f\u2060\ufeff]*", re.IGNORECASE)
_BARE = re.compile(rb"[^\s:@=]+(?:@[^\s:@=]+)?:[^\s@]\S*@[^\s@]+\Z")
_DIALPLAN_LOG = "==!!== Unknown directive: register at line {line} ... -- IGNORING!!!"


class _Maker:
    """Collects items, and what is known of the text before each of them."""

    def __init__(self, config: Config, peers: tuple[Peer, ...], credentials: tuple[RealmCredentials, ...]) -> None:
        self.config = config
        self.peers = peers
        self.credentials = credentials
        self.general = config.section("general")
        # peers are built when all of [general] was read: the last value counts for them
        last = self.general.last("defaultexpiry", "defaultexpirey") if self.general else None
        seconds = (c_integer(last.value.data) or 0) if last else 0
        self.final_expiry = seconds if seconds >= 1 else 120
        self.by_name = {peer.name.lower(): peer for peer in peers}
        self.made: list[Item] = []
        self.seen: set[tuple[Path, int, str]] = set()

    def add(
        self,
        kind: Kind,
        option: Option | Stray,
        reading: Reading,
        ignored: str | None,
        extra: Iterable[Finding] = (),
        owner: str = "",
    ) -> None:
        """Add an item for a line, once, with the findings of its place in front of those of its text."""
        key = (option.path, option.line, f"{kind} {owner}")
        if key in self.seen:
            return
        self.seen.add(key)
        veil = Veil(reading.secrets)
        own = [replace(f, message=veil(f.message), fix=veil(f.fix)) for f in extra]
        value = option.text if isinstance(option, Option) else option.content.text
        self.made.append(
            Item(
                "",
                kind,
                option.path,
                option.line,
                option.source,
                reading,
                ignored=ignored,
                findings=(*own, *reading.findings),
                value=value,
            )
        )


def items_of(config: Config, peers: tuple[Peer, ...], credentials: tuple[RealmCredentials, ...]) -> tuple[Item, ...]:
    """All items in the order of the files and lines they stand in."""
    maker = _Maker(config, peers, credentials)
    for section in config.sections:
        _section(maker, section)
    for stray in config.strays:
        _stray(maker, stray)
    order = {path: index for index, path in reversed(list(enumerate(config.files)))}
    maker.made.sort(key=lambda item: (order.get(item.path, 0), item.line))
    items = in_context(maker.made, config, peers, credentials)
    if not items:
        items = _no_registration(config, peers)
    return named(items)


def _section(maker: _Maker, section: Section) -> None:
    default_expiry = 120
    dialplan = any(option.key in ("exten", "same") for option in section.options)
    for option in section.options:
        if option.key in ("defaultexpiry", "defaultexpirey") and section is maker.general:
            seconds = c_integer(option.value.data) or 0
            default_expiry = seconds if seconds >= 1 else 120
        elif option.key == "register":
            _register(maker, section, option, default_expiry, dialplan)
        elif _begins_oddly(option):
            _odd_beginning(maker, option, default_expiry)
        elif _misspelt(option) or _reads_as_registration(option):
            _unknown_option(maker, option, default_expiry)
        elif ":" in option.name or "@" in option.name or option.key.startswith("register"):
            _whole_line(maker, option)
    callback = section.last("callbackextension")
    if callback is not None and not section.template:
        _callback(maker, section, callback)


def _read(option: Option | Stray, value: Mapped, default_expiry: int = 120) -> Reading:
    source = Mapped.from_text(option.source, option.line)
    return read_value(value, source=source, tail=option.tail, in_file=True, default_expiry=default_expiry, keyword=True)


def _refused(maker: _Maker, option: Option | Stray) -> tuple[str, list[Finding]] | None:
    """What to say where Asterisk refuses the file the line is in, or gave it up further up."""
    log = option.unread or maker.config.refused
    if not log:
        return None
    code = "SR160" if "No category" in log else "SR171"
    message = "Asterisk refuses the whole file because of another line: nothing in it counts."
    if log.endswith(f"line {option.line} of {option.path.name}"):
        message = "This line stands before the first [section]: Asterisk refuses the whole file."
    return log, [codes.finding(code, _line_span(option), message, log="WARNING ... " + log)]


def _line_span(option: Option | Stray) -> Span:
    text = option.source
    begin = len(text) - len(text.lstrip())
    return Span(option.line, begin + 1, max(1, len(text.rstrip()) - begin))


def _register(maker: _Maker, section: Section, option: Option, default_expiry: int, dialplan: bool) -> None:
    reading = _read(option, option.value, default_expiry)
    ignored: str | None = None
    extra: list[Finding] = []
    refused = _refused(maker, option)
    if refused is not None:
        ignored, extra = refused
    elif dialplan:
        ignored = "it stands in a dialplan"
        log = _DIALPLAN_LOG.format(line=option.line)
        message = "This is a dialplan: `register` means nothing in it. The line belongs into [general] of sip.conf."
        extra = [codes.finding("SR188", option.name_span, message, log=log)]
    elif section is not maker.general:
        name = section.name
        if name.lower() == "general":
            ignored = "its [general] does not count"
            message = (
                "Asterisk looks at the first [general] only, and not at templates: this line is ignored, silently."
            )
            extra = [codes.finding("SR172", option.name_span, message, fix="[general](+)")]
        else:
            ignored = f"it stands in [{name}]"
            message = f"`register` counts in [general] only: in [{name}] Asterisk ignores it and prints nothing. "
            message += "Move the line there."
            extra = [codes.finding("SR161", option.name_span, message)]
    maker.add("register", option, reading, ignored, extra)


def _misspelt(option: Option) -> bool:
    name = option.key
    if name in _KNOWN_REGISTER or b"@" not in option.value.data + (option.tail.data if option.tail else b""):
        return False
    return bool(re.fullmatch(r"[a-z_\-]+", name)) and (_NEAR_REGISTER.match(name) is not None or _distance(name) <= 2)


def _begins_oddly(option: Option) -> bool:
    """Whether `register` has something in front of it, or behind, that keeps Asterisk from knowing it."""
    if option.key == "register" or b"@" not in option.value.data + (option.tail.data if option.tail else b""):
        return False
    return re.fullmatch(r"[\W\d_]{0,12}register\W{0,4}", option.key) is not None


def _odd_beginning(maker: _Maker, option: Option, default_expiry: int) -> None:
    begin, end = option.key.index("register"), option.key.index("register") + len("register")
    junk = next((i for i, c in enumerate(option.name) if not begin <= i < end and invisible(c)), -1)
    value = option.value
    opened = option.name[:begin].strip()
    quote = encode(opened[-1:])
    if quote and value.data.endswith(quote):  # quotes around the whole line
        value = value.part(0, len(value) - len(quote))
    reading = _read(option, value, default_expiry)
    span = option.name_span
    if junk >= 0:
        span = Span(span.line, span.column + junk, 1)
        message = (
            f"There is an invisible character at column {span.column} ({character_name(option.name[junk])}): with it "
            f"Asterisk does not know the option, ignores the line, and prints nothing."
        )
    else:
        message = f"Asterisk does not know `{option.name}`: it ignores the line and prints nothing."
    code = "SR150" if junk >= 0 else "SR106"
    own = codes.finding(code, span, message, fix=_fix(reading, default_expiry))
    ignored, extra = _refused(maker, option) or (f"`{option.name}` is no option", [])
    maker.add("register", option, reading, ignored, [*extra, own])


def _reads_as_registration(option: Option) -> bool:
    """Whether an option that chan_sip does not have holds all that a registration is made of."""
    if option.key in KNOWN or option.key in ("exten", "same") or _BARE.match(option.value.data) is None:
        return False
    found = trunk_of(cut(option.value))
    return found is not None and bool(found.user and found.secret) and _is_host(found.host)


def _is_host(host: str) -> bool:
    return host_problem(host) is None and re.search(r"[.\]]", host) is not None


def _distance(name: str, target: str = "register") -> int:
    """Edit distance to a short word, cut off for long names."""
    if abs(len(name) - len(target)) > 2:
        return 3
    row = list(range(len(target) + 1))
    for i, a in enumerate(name, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(target, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def _unknown_option(maker: _Maker, option: Option, default_expiry: int) -> None:
    reading = _read(option, option.value, default_expiry)
    refused = _refused(maker, option)
    message = (
        f"Asterisk does not know `{option.name}`: it ignores the line and prints nothing. Did you mean `register`?"
    )
    own = codes.finding("SR106", option.name_span, message, fix=_fix(reading, default_expiry))
    ignored, extra = refused or (f"`{option.name}` is no option", [])
    maker.add("register", option, reading, ignored, [*extra, own])


def _fix(reading: Reading, default_expiry: int = 120) -> str:
    """The registration written right, for a line whose place or keyword is wrong."""
    from mockregistrar.trunks.model import CannotRender

    from .chan_sip import masked

    trunk = reading.meant or reading.real
    if trunk is None:
        return ""
    try:
        return "register => " + masked(trunk, escape=True, default_expiry=default_expiry, certain=reading.parts_certain)
    except CannotRender:
        return ""


def _whole_line(maker: _Maker, option: Option) -> None:
    """A line whose first `=` is inside the registration: the arrow or the keyword is missing."""
    source = Mapped.from_text(option.source, option.line)
    pieces, _ = strip_comments(source.data, number=option.line)
    _no_equals(maker, option, source.gather(pieces or []).strip(), "")


def _stray(maker: _Maker, stray: Stray) -> None:
    if stray.why == "no-equals":
        log = f"WARNING ... No '=' (equal sign) in line {stray.line} of {stray.path.name}"
        _no_equals(maker, stray, stray.content, log)
        return
    match = re.match(rb"\s*register\s*=>?\s*", stray.content.data, re.IGNORECASE)
    if match is None or b"@" not in stray.content.data + (stray.tail.data if stray.tail else b""):
        return
    reading = _read(stray, stray.content.part(match.end(), len(stray.content)))
    if stray.why == "behind-header":
        message = f"What stands behind `[{stray.section}]` in the same line is not read: Asterisk prints nothing."
        own = codes.finding("SR187", stray.content.span(0, len(stray.content)), message, fix=_fix(reading))
        ignored, extra = _refused(maker, stray) or ("it stands behind a section header", [])
        maker.add("register", stray, reading, ignored, [*extra, own])
        return
    where = f"the `;--` in line {stray.opened}" if stray.opened else "a `--;` further up"
    message = f"Asterisk never reads this line: {where} hides the rest of the file."
    log = f"WARNING ... Unterminated comment detected beginning on line {stray.opened}" if stray.opened else ""
    code = "SR168" if stray.opened else "SR185"
    maker.add(
        "register",
        stray,
        reading,
        "it is in a block comment",
        [codes.finding(code, _line_span(stray), message, log=log)],
    )


def _no_equals(maker: _Maker, option: Option | Stray, content: Mapped, log: str) -> None:
    refused = _refused(maker, option)
    match = _ARROW.match(content.text)
    end = len(encode(match.group())) if match is not None else 0
    if match is not None and b"@" in content.data[end:] + (option.tail.data if option.tail else b""):
        reading = _read(option, content.part(end, len(content)))
        word = match.group().strip()
        message = f"`{word}` is not `register =>`: " + (
            "there is no `=` in the line, so Asterisk warns and ignores it." if log else "Asterisk does not know it."
        )
        span = content.span(0, len(encode(match.group().rstrip())))
        own = codes.finding("SR105", span, message, fix=_fix(reading), log=log)
        ignored, extra = refused or ("there is no `=` in it", [])
        maker.add("register", option, reading, ignored, [*extra, own])
        return
    if _BARE.match(content.data) is None:
        return
    found = trunk_of(cut(content))
    if found is None or not found.user or not _is_host(found.host):
        return
    reading = _read(option, content)
    message = "This looks like a registration, but `register =>` is missing in front of it: Asterisk ignores the line."
    own = codes.finding("SR102", content.span(0, len(content)), message, fix=_fix(reading), log=log)
    ignored, extra = refused or ("`register =>` is missing", [])
    maker.add("register", option, reading, ignored, [*extra, own])


# --- callbackextension


def _callback(maker: _Maker, section: Section, option: Option) -> None:
    peer = maker.by_name.get(section.name.lower())
    ignored: str | None = None
    extra: list[Finding] = []
    refused = _refused(maker, option)
    span = option_span(option)
    if refused is not None:
        ignored, extra = refused
    elif peer is None:
        ignored = f"it stands in [{section.name}]"
        message = "`callbackextension` belongs into a peer section: here Asterisk ignores it and prints nothing."
        extra = [codes.finding("SR161", option.name_span, message)]
    elif peer.kind not in ("peer", "friend", "user"):
        ignored = "the section has no usable type"
        log = f"WARNING ... Section '{section.name}' lacks type"
        if peer.kind:
            log = f"WARNING ... Unknown type '{peer.kind}' for '{section.name}' in sip.conf"
        message = f"Asterisk skips [{section.name}]: it needs `type=peer`, `user` or `friend`."
        extra = [codes.finding("SR173", span, message, log=log, severity="error")]
    if not option.text:
        return
    reading = _callback_reading(maker, option, peer or Peer(section.name, option.path, option.line), span)
    maker.add("callbackextension", option, reading, ignored, extra, owner=section.name)


def _callback_reading(maker: _Maker, option: Option, peer: Peer, span: Span) -> Reading:
    user = peer.from_user or peer.user
    text = f"{peer.name}?{user}:{peer.login_secret}:{peer.user}@{peer.host}/{option.text}"
    expiry = maker.final_expiry
    real = trunk_of(cut(Mapped.from_text(text, option.line)), expiry)
    meant = Trunk(
        user=user,
        host=peer.host,
        secret=peer.login_secret,
        auth_user=peer.user,
        port=peer.port or (5061 if peer.transport == "tls" else 5060),
        transport=peer.transport,
        extension=option.text,
        expiry=expiry,
        peer=peer.name,
    )
    secrets = tuple({s for s in (peer.login_secret, real.secret if real else "") if s})
    veil = Veil(secrets)
    findings: list[Finding] = []
    trigger: str | None = None
    if not peer.host:
        message = (
            f"[{peer.name}] has no address" + (" (`host=dynamic`)" if peer.dynamic else "") + ": nobody to register to."
        )
        findings.append(codes.finding("SR177", span, veil(message), fix="host=…"))
    elif not user:
        message = f"[{peer.name}] has neither `defaultuser` nor `fromuser`: there is no user name to register."
        findings.append(codes.finding("SR129", span, veil(message), fix="defaultuser=…"))
    elif real is None or (real.user, real.secret, real.host) != (user, peer.login_secret, peer.host):
        trigger = "SR175"
        message = (
            "The text that Asterisk builds from this section for the registration is cut in the wrong places, because "
            "the password holds a separator and cannot be quoted here. " + _CALLBACK
        )
        findings.append(codes.finding("SR175", span, message, fix=_callback_fix(meant)))
    elif real.transport not in peer.transports:
        trigger = "SR176"
        message, log = refused_transport(peer, real.transport)
        message = f"{message} {_CALLBACK}"
        findings.append(
            codes.finding("SR176", span, message, fix=_callback_fix(meant, keep_peer=True), log=log, severity="error")
        )
    elif (real.port, real.transport) != (meant.port, meant.transport):
        trigger = "SR176"
        message = (
            f"Asterisk registers over {real.transport} at port {real.port}: `port` and `transport` do not count here. "
            + _CALLBACK
        )
        findings.append(codes.finding("SR176", span, message, fix=_callback_fix(meant)))
    same = trigger is None
    return Reading(
        text=option.source,
        real=real,
        meant=real if same and real is not None else meant,
        findings=tuple(findings),
        secret_spans=(),
        parts_certain=True,
        trigger=trigger,
        secrets=secrets,
    )


_CALLBACK = "Write a registration in [general], and leave `callbackextension` out."


def _callback_fix(meant: Trunk, *, keep_peer: bool = False) -> str:
    from mockregistrar.trunks.model import CannotRender

    from .chan_sip import masked

    try:
        return "register => " + masked(
            meant if keep_peer else replace(meant, peer=""), escape=True, default_expiry=meant.expiry
        )
    except CannotRender:
        return ""


# --- no registration at all


def _no_registration(config: Config, peers: tuple[Peer, ...]) -> list[Item]:
    nothing = Reading("", None, None)
    found = [
        Item(
            f"ip-peer[{peer.name}]",
            "ip-peer",
            peer.path,
            peer.line,
            "",
            nothing,
            peer=peer,
            keywords=tuple(dict.fromkeys((peer.name, peer.host))),
            skip=IP_AUTHENTICATED,
        )
        for peer in peers
        if peer.dials_out and peer.host and not config.refused
    ]
    if found:
        return found
    if config.refused:
        message = "Asterisk refuses the whole file, and there is no registration in it."
    else:
        message = (
            "There is nothing to register: no `register =>` in [general], no `callbackextension`, and no peer with an "
            "address."
        )
    log = f"WARNING ... {config.refused}" if config.refused else ""
    # a file of phones alone, or one whose registrations are in an include, is nobody's mistake
    sound = not config.refused and any(o.key in KNOWN for s in config.sections for o in s.options)
    fix = "" if sound else "register => user:password@host"
    severity = "hint" if sound else None
    finding = codes.finding("SR183", Span(1, 1, 1), message, fix=fix, log=log, severity=severity)  # type: ignore[arg-type]
    return [Item("nothing", "nothing", config.path, 1, "", nothing, ignored="nothing to register", findings=(finding,))]
