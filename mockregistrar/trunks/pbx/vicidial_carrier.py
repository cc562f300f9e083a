"""A carrier of VICIdial: what its keepalive script writes for Asterisk, and what becomes of it there.

Theory of operation. For an active carrier the script writes the Registration String as typed into sip-vicidial.conf,
which is included at the end of [general], then the Account Entry and the template below it; for IAX2 into
iax-vicidial.conf; for PJSIP and PJSIP_WIZ the Account Entry only, never the string; for EXTERNAL and Zap nothing. The
admin page deletes every `;` before any of that. So the fields are put together as the script does it, read by the
dialect of that file, and what is found is told at the place of the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks.asterisk import iax2, pjsip_conf, pjsip_wizard, sip_conf_writer
from mockregistrar.trunks.asterisk.conf_text import read_text
from mockregistrar.trunks.asterisk.iax_conf import peer_entries
from mockregistrar.trunks.asterisk.sip_conf_dialect import read_items
from mockregistrar.trunks.form_fields import Assembled, Field, Piece
from mockregistrar.trunks.masking import Veil
from mockregistrar.trunks.model import CannotRender, Finding, Severity, Span, Trunk
from mockregistrar.trunks.parsed import Entry, Notes, Parsed, Registration
from mockregistrar.trunks.positions import first_line

from . import vicidial_names, vicidial_rows, vicidial_string
from .vicidial_string import FIELD_LENGTH

NAME = "vicidial-carrier"
ALIASES = ("vicidial",)
FORMS = ("line", "form", "row", "json", "value")

_PJSIP: dict[str, Callable[[str], Parsed]] = {"PJSIP": pjsip_conf.parse, "PJSIP_WIZ": pjsip_wizard.parse}
_TYPE = re.compile(r"\s*type\s*=>?\s*([\w-]+)", re.IGNORECASE)
_SECRET = re.compile(
    r"\s*(?:(?:remote|md5)?secret|password|md5_cred|(?:in|out)bound_auth/(?:password|md5_cred))\s*=>?\s*(\S.*)",
    re.IGNORECASE,
)
_IDLE = frozenset(
    ("", "none", "null", "nil", "no", "n a", "na", "empty", "blank", "disabled", "ip", "ip auth", "ip based")
)
_CONFIG_LOG = re.compile(r"(No '=' \(equal sign\) in|Unknown directive '[^']*' at) line N of sip\.conf")
# Which `type=` makes anything of a section, by protocol.
_PEERS = frozenset(("peer", "friend", "user"))
_KINDS = {
    "SIP": _PEERS,
    "IAX2": _PEERS,
    "PJSIP": frozenset(("registration", "auth", "endpoint", "aor", "identify", "transport", "acl", "global", "system")),
    "PJSIP_WIZ": frozenset(("wizard",)),
}
_NO_KEYWORD = (
    "`register => ` is missing: VICIdial writes the field as it is, and Asterisk ignores the line. Without the keyword "
    "it is a FreePBX string."
)
# Said of the fields of a form they are no help: every guide, and VICIdial's own examples, have them so.
_USUAL = frozenset(("SR181", "SR183"))


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    form = vicidial_rows.form_of(head)
    what = {"row": "rows of vicidial_server_carriers", "json": "its columns", "form": "the fields of its page"}
    return (form, f"it has {what[form]}") if form else None


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the Registration String alone, the fields of a carrier, or rows of the table. Never raises."""
    del path
    kind = form or vicidial_rows.form_of(text) or "line"
    if kind in ("line", "value"):
        return _string(text, kind)
    records = vicidial_rows.read(text, kind)
    notes = Notes()
    found: list[tuple[dict[str, Field], Parsed]] = []
    carriers = [_Carrier(record, records, notes, text) for record in records.carriers]
    known = vicidial_names.Known()
    for carrier in carriers:
        if carrier.active:
            known.add(carrier.record, carrier.template())
    for record, carrier in zip(records.carriers, carriers, strict=True):
        carrier.known = known
        result = carrier.parsed()
        if result is not None:
            found.append((record, result))
    _accounts(found, notes)
    results = [result for _, result in found]
    for result in results:
        notes.merge(result)
    registrations = tuple(r for result in results for r in result.registrations)
    single = results[0] if len(results) == 1 else None
    methods = {result.auth_method for result in results if result.auth_method}
    return notes.complete(
        Parsed(
            NAME,
            records.form,
            text,
            ok=all(result.ok for result in results),
            registrations=registrations,
            meant=tuple(r for result in results for r in result.meant),
            peers=tuple(peer for result in results for peer in result.peers or ()) or None,
            identify=tuple(entry for result in results for entry in result.identify or ()) or None,
            auth=tuple(entry for result in results for entry in result.auth or ()) or None,
            auth_method=methods.pop() if len(methods) == 1 else None,
            dial_peer=single.dial_peer if single else None,
        )
    )


def _string(text: str, kind: str) -> Parsed:
    line, number = first_line(text)
    records = vicidial_rows.Records(form=kind, typed=True)
    record = {"registration_string": [Piece(line, number, 1).strip()], "protocol": [Piece("SIP", number, 1)]}
    notes = Notes()
    found = _Carrier(record, records, notes, text).parsed() or Parsed(NAME, kind, text)
    notes.merge(found)
    return notes.complete(
        replace(
            found,
            dialect=NAME,
            form=kind,
            auth_method=None,
        )
    )


class _Carrier:
    def __init__(self, record: dict[str, Field], records: vicidial_rows.Records, notes: Notes, text: str) -> None:
        self.record = record
        self.records = records
        self.notes = notes
        self.source = text
        self.protocol = self.text("protocol").strip().upper() or "SIP"
        self.name = self.text("carrier_id").strip() or self.text("carrier_name").strip()
        self.string = self.piece("registration_string")
        self.known = vicidial_names.Known()
        self.foreign = False  # a section in it is for another protocol
        self.idle = False  # what stands in the field is no registration, and was not meant as one

    @property
    def active(self) -> bool:
        """Whether VICIdial writes the carrier at all."""
        return not self.text("active").strip().upper().startswith("N")

    def text(self, key: str) -> str:
        return "\n".join(piece.text for piece in self.record.get(key, []))

    def piece(self, key: str) -> Piece | None:
        return next((piece for piece in self.record.get(key, []) if piece.text.strip()), None)

    def span(self, key: str) -> Span:
        piece = self.piece(key) or next(iter(self.record.get(key, [])), None)
        if piece is not None:
            return piece.span
        first = next((p for lines in self.record.values() for p in lines), None)
        return Span(first.line, first.column, 0) if first else Span(1, 1, 0)

    def parsed(self) -> Parsed | None:
        """What becomes of the carrier; None where nothing is written."""
        notes = self.notes
        self.hide()
        if not self.active:
            name = f" {self.name}" if self.name else ""
            notes.add("SR329", self.span("active"), f"The carrier{name} is not active: nothing is written for it.")
            return None
        if self.protocol in ("EXTERNAL", "ZAP", "DAHDI"):
            if self.string is not None:
                message = f"With Protocol {self.protocol} VICIdial writes nothing: the registration string is not used."
                notes.add("SR322", self.unused(self.string), message, fix="Protocol: SIP")
            return None
        self.lengths()
        self.idle_string()
        self.kinds()
        if self.protocol in _PJSIP:
            found = self.pjsip()
        elif self.protocol == "IAX2":
            found = self.iax()
        else:
            found = self.sip()
        return self.surroundings(found)

    # --- what is written

    def sip(self) -> Parsed:
        assembled = Assembled()
        assembled.line("[general]")
        self.write("registration_string", assembled)
        self.account(assembled)
        text = assembled.text
        found = assembled.back(read_items(text, None, dialect=NAME, form="file"), self.source, self.adapted)
        told = _USUAL | {"SR173"} if self.foreign else _USUAL
        found = replace(found, findings=tuple(f for f in found.findings if f.code not in told))
        registrations = tuple(replace(r, retry_interval=None, max_retries=None) for r in found.registrations)
        meant = tuple(replace(r, retry_interval=None, max_retries=None) for r in found.meant)
        if self.string is not None and self.records.typed and ";" in self.string.text:
            reading = vicidial_string.parse(self.string.text)
            if reading.meant is not None and Registration.of(reading.meant) not in registrations:
                self.notes.secret(reading.meant.secret)
                meant = (Registration.of(reading.meant),)
        return replace(found, registrations=registrations, meant=meant, spans_complete=False)

    def iax(self) -> Parsed:
        peers = self.iax_peers()
        nothing = Parsed(NAME, self.records.form, self.source, peers=peers)
        if self.string is None or self.idle:
            return nothing
        assembled = Assembled()
        self.write("registration_string", assembled)
        line = assembled.text.rstrip("\n")
        if not re.match(r"\s*register\s*=", line, re.IGNORECASE):
            self.missing_keyword()
            meant = iax2.parse(line, form="value").registrations
            self.notes.secret(meant[0].secret or "" if meant else "")
            return replace(nothing, ok=False, meant=meant)
        found = assembled.back(iax2.parse(line, form="line"), self.source)
        findings = tuple(f for f in found.findings if f.code != "SR304")
        return replace(found, dialect=NAME, findings=findings, peers=peers)

    def iax_peers(self) -> tuple[Entry, ...] | None:
        """The sections of the account entry, as far as they are what chan_sip's are too."""
        assembled = Assembled()
        self.write("account_entry", assembled)
        assembled.lines(self.template())
        return peer_entries(read_text(assembled.text, None, called=self.file, inside="general"))

    def missing_keyword(self) -> None:
        if self.string is None:
            return
        fix = f"register => {self.string.text}"
        log = "WARNING ... No '=' (equal sign) in line N of iax-vicidial.conf"
        self.notes.add("SR102", self.string.span, _NO_KEYWORD, fix=fix, log=log)

    def pjsip(self) -> Parsed:
        if self.string is not None and not self.idle:
            message = f"With Protocol {self.protocol} VICIdial never writes the registration string: nothing is "
            message += "registered by it. The registration belongs into the Account Entry, as `type=registration` and "
            message += "`type=auth`."
            span = self.unused(self.string)
            self.notes.add("SR321", span, message)
        assembled = Assembled()
        self.account(assembled)
        found = assembled.back(_PJSIP[self.protocol](assembled.text), self.source, self.adapted)
        return replace(found, dialect=NAME)

    def unused(self, string: Piece) -> Span:
        """Hide the secret in a string that nobody reads; returns where it stands, without the keyword."""
        keyword = re.match(r"\s*register\s*=>?\s*", string.text, re.IGNORECASE)
        reading = vicidial_string.parse(string.text)
        for trunk in (reading.real, reading.meant):
            if trunk is not None:
                self.notes.secret(trunk.secret)
        for span in reading.secret_spans:
            self.notes.secret_spans.append(string.part(span.column - 1, span.end - 1).span)
        return string.part(keyword.end() if keyword else 0, len(string.text)).span

    def account(self, assembled: Assembled) -> None:
        self.write("account_entry", assembled)
        template = self.template_id
        if template in ("", "NONE", "--NONE--"):
            return
        if template not in self.records.templates:
            message = f"The template `{template}` was not given: what it adds to the account entry was not read."
            self.notes.add("SR328", self.span("template_id"), message)
        assembled.lines(self.template())

    def hide(self) -> None:
        """Remember every password in the fields, also where nothing is made of them."""
        for piece in [*self.record.get("account_entry", []), *self.template()]:
            match = _SECRET.match(piece.text)
            if match is not None:
                self.notes.secret(match.group(1).strip(), piece.part(match.start(1), match.end(1)).strip().span)
        if self.string is not None:
            self.unused(self.string)

    def idle_string(self) -> None:
        """A word such as NONE in the field, or a comment: it is written into the file like any other text."""
        string = self.string
        if string is None:
            return
        if re.sub(r"[\W_]+", " ", string.text).strip().lower() in _IDLE:
            self.idle = True
            self.notes.reveal(string.span)
            message = f"VICIdial writes `{string.text}` as it is, and Asterisk warns about a line without `=`. Where "
            message += "nothing is to be registered the field stays empty."
            log = f"WARNING ... No '=' (equal sign) in line N of {self.file}"
            if self.protocol not in _PJSIP:
                self.notes.add("SR333", string.span, message, fix="", log=log)
        elif string.text.lstrip()[:1] in ("#", ";") and not (self.records.typed and ";" in string.text):
            self.idle = True

    @property
    def file(self) -> str:
        """The file that the registration string is written to."""
        return "iax-vicidial.conf" if self.protocol == "IAX2" else "sip-vicidial.conf"

    def kinds(self) -> None:
        """Sections for another protocol than the carrier has, and options without a section."""
        lines = [*self.record.get("account_entry", []), *self.template()]
        wanted = _KINDS.get(self.protocol, frozenset())
        first = next((piece for piece in lines if piece.text.strip()[:1] not in ("", ";", "#")), None)
        if first is not None and not first.text.lstrip().startswith("["):
            message = "There is no `[name]` in front of it: what follows falls into the section above, which is "
            message += "[general] or that of another carrier. It belongs in a line above."
            self.notes.add("SR331", first.span, message, fix=f"[{self.name or 'name'}]")
        for piece in lines:
            match = _TYPE.match(piece.text)
            kind = match.group(1).lower() if match is not None else ""
            other = next((name for name, kinds in _KINDS.items() if kind in kinds), "")
            if match is not None and other and kind not in wanted:
                message = (
                    f"`type={kind}` is for Protocol {other}: with Protocol {self.protocol} Asterisk makes nothing "
                )
                message += "of the section."
                place = piece.part(match.start(1), match.end(1)).span
                self.notes.add("SR330", place, message, fix=f"Protocol: {other}")
                self.foreign = True
                return

    def write(self, key: str, assembled: Assembled) -> None:
        """The lines of a field; the admin page has deleted every `;` of what is typed there."""
        told = False
        for piece in self.record.get(key, []):
            if not self.records.typed or ";" not in piece.text:
                assembled.line(piece)
                continue
            parts: list[str | Piece] = []
            start = 0
            for match in re.finditer(";", piece.text):
                parts.append(piece.part(start, match.start()))
                start = match.end()
                if not told:
                    self.deleted(piece, match.start())
                    told = True
            parts.append(piece.part(start, len(piece.text)))
            assembled.line(*parts)

    def deleted(self, piece: Piece, at: int) -> None:
        span = piece.part(at, at + 1).span
        self.notes.reveal(span)
        if piece.text[:at].strip():
            message = "VICIdial deletes every `;` from this field, and there is no way to write one: what holds it "
            message += "arrives without it."
            self.notes.add("SR104", span, message)
        else:
            becomes = "comes into force as an option" if "=" in piece.text else "becomes a bad line"
            message = f"VICIdial deletes every `;` from this field: the comment loses its mark and {becomes}."
            if re.match(r"[;\s]*register\b", piece.text, re.IGNORECASE):
                message = "VICIdial deletes every `;` from this field: the registration is active all the same."
            message += " Leave the line out."
            self.notes.add("SR320", span, message, severity="warning")

    def adapted(self, finding: Finding) -> Finding:
        """A finding in words of this page, and with the name of the file that VICIdial writes."""
        log = _CONFIG_LOG.sub(r"\1 line N of sip-vicidial.conf", finding.log)
        return replace(finding, message=_NO_KEYWORD if finding.code == "SR102" else finding.message, log=log)

    # --- lengths, servers, names

    def lengths(self) -> None:
        string = self.string
        if string is None:
            return
        length = len(string.text)
        if length >= FIELD_LENGTH:
            message = f"The string has {length} characters: the column keeps {FIELD_LENGTH}"
            message += ", and this may be what is left of a longer one." if length == FIELD_LENGTH else "."
            span = string.part(FIELD_LENGTH - 1, max(FIELD_LENGTH, length)).span
            self.notes.add("SR324", span, message, severity="error" if length > FIELD_LENGTH else None)
        at = string.text.find('"')
        if at >= 0:
            message = 'The page shows the field in `value="…"` as it is: at the next edit the text ends at this `"`, '
            message += "and the rest is lost. Leave the quotes out; a password that needs them cannot be used."
            span = string.part(at, at + 1).span
            self.notes.reveal(span)
            self.notes.add("SR325", span, message)

    def surroundings(self, found: Parsed) -> Parsed:
        notes = self.notes
        registers = bool(found.registrations or found.meant)
        if self.text("server_ip").strip().upper().startswith(("0.0.0.0", "ALL")) and registers:
            message = "With Server IP 0.0.0.0 every server logs in to this one account: the last one gets the calls. "
            message += "Name one of them."
            notes.add("SR323", self.span("server_ip"), message)
        dial_peer = self.names()
        whole = len(self.record) > 2
        if (self.string is None or self.idle) and whole and not registers:
            message = "Nothing is registered by it" if self.idle else "There is no registration string"
            message += ": the carrier must know the address of this server."
            notes.add("SR310", self.span("registration_string"), message)
        method = found.auth_method
        if method is None or self.protocol == "SIP":
            written = self.protocol not in _PJSIP and self.string is not None and not self.idle
            method = "digest" if registers or written else "ip" if found.peers or found.identify else None
        return replace(found, form=self.records.form, auth_method=method, dial_peer=dial_peer)

    def names(self) -> str | None:
        """Account entry, Globals and Dialplan must name one peer. Returns it."""
        known = self.known
        own = vicidial_names.sections([*self.record.get("account_entry", []), *self.template()])
        if "account_entry" in self.record:
            for each in vicidial_names.judge(self.record, self.protocol, own, known):
                severity: Severity | None = "hint" if each.hint else None
                place = self.place(each.key, each.word)
                word = each.fix if each.fix and each.code != "SR332" and "/" not in each.fix else None
                self.notes.add(each.code, place, each.message, fix=each.fix, instead=word, severity=severity)
        return vicidial_names.dial_peer(vicidial_names.channels(self.record, known))

    def template(self) -> Field:
        return self.records.templates.get(self.template_id, [])

    @property
    def template_id(self) -> str:
        """The template without its name, which the page shows behind ` - `."""
        return self.text("template_id").partition(" -")[0].strip()

    def place(self, key: str, word: str) -> Span:
        for piece in self.record.get(key, []):
            at = piece.text.find(word)
            if at >= 0:
                return piece.part(at, at + len(word)).span
        return self.span(key)


def _accounts(found: list[tuple[dict[str, Field], Parsed]], notes: Notes) -> None:
    """One account in two active carriers: on one server or on two, they share the binding."""
    seen: dict[tuple[str, str, str], str] = {}
    for record, result in found:
        name = "".join(piece.text for piece in record.get("carrier_id", []))
        for each in result.registrations:
            key = (each.user or "", (each.host or "").lower(), str(each.port))
            other = seen.setdefault(key, name)
            if other != name:
                veil = Veil(result.secrets)
                string = next(iter(record.get("registration_string", [])), None)
                message = f"The carrier {veil(other)} registers this account too: the two take turns at the binding."
                notes.add("SR163", string.span if string else Span(1, 1, 0), message)


def render(trunk: Trunk) -> str:
    """What to type into the Registration String. Raises CannotRender for `;` and beyond 255 characters."""
    return vicidial_string.registration_line(trunk)


def render_config(trunk: Trunk, name: str = "") -> str:
    """The fields of the carrier's page, one after another. Raises CannotRender for `;` and beyond 255 characters."""
    string = vicidial_string.registration_line(trunk)
    _, _, entry = sip_conf_writer.render(trunk, name).partition("\n\n")
    if ";" in entry:
        raise CannotRender(";", "VICIdial deletes every `;` from its fields: it cannot be written there")
    section = entry[1 : entry.index("]")]
    # 9 is the prefix that VICIdial's own examples dial out with.
    dialplan = (
        "exten => _91NXXNXXXXXX,1,AGI(agi://127.0.0.1:4577/call_log)",
        "exten => _91NXXNXXXXXX,2,Dial(${TRUNK}/${EXTEN:1},,tTo)",
        "exten => _91NXXNXXXXXX,3,Hangup",
    )
    rows = [f"Carrier ID: {section}", f"Registration String: {string}", f"Account Entry: {entry.rstrip()}"]
    rows += ["Protocol: SIP", f"Globals String: TRUNK = SIP/{section}", f"Dialplan Entry: {dialplan[0]}", *dialplan[1:]]
    return "\n".join([*rows, "Active: Y"]) + "\n"
