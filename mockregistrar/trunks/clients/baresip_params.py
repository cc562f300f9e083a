"""The address parameters of a baresip account: how baresip finds them, and what cuts their values short.

A parameter is searched for as `;name=`, upper case or lower, wherever that stands, also inside of another's quotes. Its
value ends at a blank or `;` that is neither between double quotes nor behind a backslash; one pair of quotes around all
of it is removed, a backslash never is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.positions import Mapped, part_span

_PARAMS = frozenset(
    [
        "auth_user",
        "auth_pass",
        "outbound",
        "outbound1",
        "outbound2",
        "regint",
        "rwait",
        "pubint",
        "mediaenc",
        "medianat",
        "stunserver",
        "stunuser",
        "stunpass",
        "sipnat",
        "answermode",
        "answerdelay",
        "audio_codecs",
        "video_codecs",
        "audio_source",
        "audio_player",
        "video_source",
        "video_display",
        "ptime",
        "call_transfer",
        "catchall",
        "check_origin",
        "cert",
        "dtmfmode",
        "extra",
        "fbregint",
        "info",
        "inreq_allowed",
        "mwi",
        "natpinhole",
        "prio",
        "sip_autoanswer",
        "sip_autoredirect",
        "tcpsrcport",
        "vidbitrate",
        "vidfps",
        "vidsize",
        "autoredirect",
        "refer",
        "rel100",
        "sip_autoanswer_beep",
        "stuntransp",
        "tls_verify",
        "uas_pass",
        "uas_user",
    ]
)
KNOWN = _PARAMS | {"100rel", "sip_autoanswer_method", "stun_user", "stun_pass", "jbuf", "videoenc", "dtls_srtp_role"}
BLANKS = r"[ \t\r\n]*"
VALUE = r"""(?:\\(?:.|\Z)|"(?:\\.|[^"\\])*(?:"|\\?\Z)|[^ \t\r\n;"\\])"""
_PARAM = re.compile(rf'{BLANKS}([^=; \t\r\n"]+){BLANKS}(?:={BLANKS}({VALUE}*))?')
LOGIN = ("auth_user", "auth_pass", "outbound1", "outbound", "regint")
_FOUND = {name: re.compile(rf";{BLANKS}{name}{BLANKS}={BLANKS}({VALUE}+)", re.IGNORECASE) for name in LOGIN}
OWN = re.compile(rf";{BLANKS}(?:{'|'.join(sorted(KNOWN))}){BLANKS}(?:=|;|\Z)", re.IGNORECASE)
NAMES_A_PARAM = re.compile(rf";{BLANKS}(?:{'|'.join(sorted(KNOWN))}){BLANKS}=", re.IGNORECASE)


class Params:
    """The parameters of one line. What was meant by it, where something says so, is kept beside what baresip reads."""

    def __init__(self, line: str, number: int, notes: Notes) -> None:
        self.line = line
        self.notes = notes
        self.mapped = Mapped.from_text(line, number)
        self.secret: str | None = None
        """The password that was meant, where that is another one than baresip reads."""
        self._password_end = -1
        self.routes = 0
        """Where the outbound proxy ends that was meant, with the parameters that the missing quotes cut off."""

    def span(self, start: int, stop: int) -> Span:
        """A stretch of the line."""
        return part_span(self.mapped, start, stop)

    def read(self, at: int, *, inside: bool) -> dict[str, tuple[str, int, int]]:
        """The parameters from a place on: value and where it stands; the first of a name counts."""
        line = self.line
        begin = at
        found: dict[str, tuple[str, int, int]] = {}
        values: list[range] = []
        while at < len(line):
            if line[at] != ";":
                at += 1
                continue
            match = _PARAM.match(line, at + 1)
            if match is None:
                at += 1
                continue
            name, raw = match.group(1), match.group(2)
            value, start, stop = _unquoted(raw or "", match.start(2) if raw is not None else match.end())
            first = found.setdefault(name.lower(), (value, start, stop))
            if first[0] != value and name.lower() in LOGIN and first[0] and value:
                self.notes.secret(value if name.lower() == "auth_pass" else "", self.span(start, stop))
                message = f"`{name}` stands there twice: baresip takes the first."
                self.notes.add("SR515", self.span(match.start(1), match.end(1)), message)
            values.append(range(start, stop))
            behind = self.behind_proxy(name, match.start() - 1, found)
            if behind and raw is not None:
                self.routes = match.end()
            elif not self.behind_password(name, raw, match, found):
                self.known(name, match.start(1), match.end(1), value, self.span(start, stop), inside=inside)
            if raw and name.lower() in ("auth_pass", "auth_user"):
                self.cut(name.lower(), raw, match.start(2))
            at = match.end()
        for name, pattern in _FOUND.items():
            found.pop(name, None)
            for match in pattern.finditer(line, begin):
                value, start, stop = _unquoted(match.group(1), match.start(1))
                if value:
                    found[name] = value, start, stop
                    self.inside(name, match, values)
                    break
        return found

    def inside(self, name: str, match: re.Match[str], values: Sequence[range]) -> None:
        """A parameter that baresip finds in the value of another one."""
        if any(match.start() in value for value in values):
            message = (
                f"baresip looks for `;{name}=` wherever it stands, and finds it in the value of another parameter. "
                "Quotes do not keep it apart: choose a value without it."
            )
            self.notes.add("SR512", self.span(match.start(), match.start(1)), message)

    def behind_proxy(self, name: str, at: int, found: dict[str, tuple[str, int, int]]) -> bool:
        """A parameter of the outbound proxy, which stands behind it without quotes: baresip takes it for its own."""
        proxy = found.get("outbound")
        if name.lower() not in ("transport", "lr") or proxy is None or self.line[proxy[2] : at].strip():
            return False
        if self.line[proxy[2] : proxy[2] + 1] == '"':
            return False
        message = "The value of `outbound` ends at the `;`: baresip does not see what follows. Quotes keep it together."
        self.notes.add("SR505", self.span(at, at + 1), message, fix=f'outbound="{self.line[proxy[1] : at]};{name}…"')
        return True

    def behind_password(
        self, name: str, raw: str | None, match: re.Match[str], found: dict[str, tuple[str, int, int]]
    ) -> bool:
        """What stands behind an unquoted password and is no parameter is the rest of it."""
        password = found.get("auth_pass")
        at = match.start() - 1
        if password is None or raw is not None or name.lower() in KNOWN or not self._adjoins(password[2], at):
            return False
        if match.end() <= self._password_end:
            return True
        if self.line[password[2] : password[2] + 1] == '"' or self.secret is not None:
            return False
        end = match.end()
        while (more := _PARAM.match(self.line, end + 1)) and self.line[end] == ";" and more.group(2) is None:
            if more.group(1).lower() in KNOWN:
                break
            end = more.end()
        self._password_end = end
        whole = self.line[password[1] : end]
        self.secret = whole.strip("'") if whole[:1] == whole[-1:] == "'" else whole
        self.notes.secret(self.secret)
        self.notes.secret_spans.append(self.span(match.start(1), end))
        self.notes.reveal(self.span(at, at + 1))
        message = f"The value ends at the `;`: baresip reads {len(password[0])} characters. Double quotes keep it "
        message += "together."
        written = self.span(password[1], end)
        self.notes.add("SR505", self.span(at, at + 1), message, instead=f'"{self.secret}"', at=written)
        return True

    def _adjoins(self, end: int, at: int) -> bool:
        """Whether a place belongs to the password that ends there, or to the rest of it."""
        return at <= self._password_end or not self.line[end:at].strip()

    def known(self, name: str, start: int, stop: int, value: str, place: Span, *, inside: bool) -> None:
        """Judge the name of a parameter."""
        if name.lower() in KNOWN:
            return
        span = self.span(start, stop)
        if name.lower() == "transport":
            message = "Outside of `<>` `transport` is no parameter that baresip knows: it uses UDP. It belongs in "
            message += "front of the `>`." if inside else "front of a `>`, and a `<` in front of the address."
            self.notes.add("SR503", span, message, fix=self.with_transport(start, place.end - 1, value))
            return
        near = {"password": "auth_pass", "pass": "auth_pass", "authuser": "auth_user", "authpass": "auth_pass"}
        meant = near.get(name.lower()) or next(iter(difflib.get_close_matches(name, sorted(KNOWN), 1, 0.8)), "")
        if meant:
            if meant == "auth_pass":
                self.notes.secret(value, place)
                self.secret = value
            message = f"baresip does not know `{name}` and ignores it. Did you mean `{meant}`?"
            login = meant in ("auth_pass", "auth_user")
            self.notes.add("SR504", span, message, instead=meant, severity="error" if login else None)

    def with_transport(self, start: int, stop: int, value: str) -> str:
        """The line with a transport where it belongs: behind the host, inside of the brackets."""
        rest = self.line[: self.line.rfind(";", 0, start)].rstrip() + self.line[stop:]
        address, close, behind = rest.partition(">")
        if not close:
            address, semicolon, behind = rest.partition(";")
            address, behind = f"<{address.strip()}", f"{semicolon}{behind}"
        return f"{address};transport={value}>{behind}".strip()

    def cut(self, name: str, raw: str, start: int) -> None:
        """A blank in an unquoted value, quotes that are none or are not closed, a backslash in front of a `;`."""
        end = start + len(raw)
        rest = self.line[end:]
        whole = self.span(start, end)
        opened = re.sub(r"\\.", "", raw).count('"') % 2 == 1
        if opened and (";" in raw or (raw[0] == '"' != raw[-1])):
            self.notes.secret_spans.append(whole)
            message = "The double quote is never closed: baresip takes the rest of the line for the value."
            self.notes.add("SR505", whole, message)
        hidden = re.search(r"\\[ \t;]", re.sub(r'"(?:\\.|[^"\\])*"?', lambda m: "x" * len(m.group()), raw))
        if hidden:
            place = self.span(start + hidden.start(), start + hidden.end())
            self.notes.reveal(place)
            message = f"The backslash hides the `{hidden.group()[1]}` behind it, and is not removed: baresip reads on."
            self.notes.add("SR506", place, message, fix=f'{name}="…"' if '"' not in raw else "")
        behind = rest.lstrip()[:1] if rest[:1] in (" ", "\t") else ""
        if name == "auth_pass" and raw[0] != '"' and behind and behind not in ";#":
            lost = rest.split(";", 1)[0].rstrip()
            self.secret = raw + lost
            self.notes.secret(self.secret)
            self.notes.secret_spans.append(self.span(end, end + len(lost)))
            message = (
                f"The value ends at the blank: baresip reads {len(raw)} characters. Double quotes keep it together."
            )
            written = self.span(start, end + len(lost))
            self.notes.add("SR505", self.span(end, end + 1), message, instead=f'"{self.secret}"', at=written)
        if name == "auth_pass" and len(raw) > 1 and raw[0] == raw[-1] == "'":
            self.secret = raw[1:-1]
            self.notes.secret(self.secret)
            message = "Single quotes are part of the value: only double quotes protect."
            self.notes.add("SR505", whole, message, instead=f'"{self.secret}"', severity="warning")


def _unquoted(raw: str, start: int) -> tuple[str, int, int]:
    """A value without the quotes around all of it, and where it stands."""
    end = start + len(raw)
    if len(raw) > 1 and raw[0] == raw[-1] == '"':
        return raw[1:-1], start + 1, end - 1
    return raw, start, end
