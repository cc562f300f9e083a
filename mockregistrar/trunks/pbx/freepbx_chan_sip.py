"""The chan_sip trunk page of FreePBX, Elastix and Issabel: a Register String, and Peer Details beside it.

The page writes `register=` and the field into a file that sip.conf includes, so that the keyword must not be typed and
`;` starts a comment. Peer Details become a section named after the trunk.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks.asterisk import chan_sip as asterisk_chan_sip
from mockregistrar.trunks.asterisk.sip_conf_dialect import read_items
from mockregistrar.trunks.form_fields import Assembled, Field, Form, Piece, looks_like_form, read_form
from mockregistrar.trunks.model import Finding, Span, Trunk
from mockregistrar.trunks.parsed import Notes, Parsed
from mockregistrar.trunks.positions import first_line

NAME = "freepbx-chan_sip-form"
ALIASES = ("freepbx", "freepbx-chan_sip", "elastix", "issabel")
FORMS = ("value", "form", "json")

LABELS = {
    "registerstring": "register",
    "register": "register",
    "registration": "register",
    "registrationstring": "register",
    "trunkname": "name",
    "channelid": "name",
    "peerdetails": "peer",
    "outgoingsettingspeerdetails": "peer",
    "usercontext": "user_name",
    "userdetails": "user",
    "userconfig": "user",
    "outboundcallerid": "caller_id",
    "cidoptions": "cid_options",
    "maximumchannels": "channels",
    "disabletrunk": "disabled",
    "hidecallerid": "hide",
    "asterisktrunkdialoptions": "options",
    "continueifbusy": "continue",
}
AREAS = frozenset(("peer", "user"))


_TELLING = {label: LABELS[label] for label in ("registerstring", "peerdetails", "userdetails", "usercontext")}
_KEYS = re.compile(r'"(?:register[ _]?string|(?:peer|user)[ _]?details|user[ _]?context)"\s*:', re.IGNORECASE)
# Said of the fields of a form it is no help: FreePBX's own example has it so.
_USUAL = frozenset(("SR181", "SR183"))


def recognise(head: str) -> tuple[str, str] | None:
    """The form of a text that is in this dialect, and by which sign; None for any other."""
    if head.lstrip().startswith("{"):
        return ("json", "it has the fields of FreePBX's chan_sip trunk page") if _KEYS.search(head) else None
    if not looks_like_form(head, _TELLING, 1):
        return None
    return "form", "it has the labels of FreePBX's chan_sip trunk page"


def parse(text: str, *, form: str | None = None, path: Path | None = None) -> Parsed:
    """Read the Register String alone, or the form. Never raises."""
    del path
    whole = form in ("form", "json") or (
        form is None and (recognise(text) is not None or text.lstrip().startswith("{"))
    )
    if not whole:
        return _parsed(Form({"register": _field(text)}), text, "value")
    return _parsed(read_form(text, LABELS, AREAS), text, form or ("json" if text.lstrip().startswith("{") else "form"))


def _field(text: str) -> Field:
    line, number = first_line(text)
    return [Piece(line, number, 1).strip()]


def _parsed(form: Form, text: str, kind: str) -> Parsed:
    assembled = Assembled()
    assembled.line("[general]")
    register = form.piece("register")
    if register is not None:
        assembled.line("register=", register)
    for name, details, default in (("name", "peer", "trunk"), ("user_name", "user", "")):
        title = form.piece(name)
        if any(piece.text.strip() for piece in form.lines(details)) and (title or default):
            assembled.line("[", title or default, "]")
            assembled.lines(form.lines(details))
    found = assembled.back(read_items(assembled.text, None, dialect=NAME, form=kind), text, _adapted)
    notes = Notes()
    findings = tuple(f for f in found.findings if f.code not in _USUAL)
    if register is None:
        place = form.span("register")
        if found.peers:
            message = "Without a Register String nothing is registered: right where the carrier knows your address."
        else:
            message = "There is no Register String: nothing is registered."
        notes.add("SR310", place if form.lines("register") else Span(1, 1, 0), message)
    name_of_peer = form.text("name")
    known = any(peer.get("name") == name_of_peer for peer in found.peers or ())
    return replace(
        found,
        findings=tuple(sorted((*findings, *notes.done()), key=lambda f: (f.span.line, f.span.column))),
        auth_method="digest" if register else "ip" if found.peers else None,
        dial_peer=name_of_peer if known else None,
    )


def _adapted(finding: Finding) -> Finding:
    """A finding in words of this form: the field has no keyword."""
    message = finding.message
    if finding.code == "SR103":
        message = "FreePBX adds `register=` by itself: the keyword that was typed becomes part of the user name."
    return replace(finding, message=message, fix=finding.fix.removeprefix("register => "))


def render(trunk: Trunk) -> str:
    """What to type into the Register String. Raises CannotRender as chan_sip does."""
    return asterisk_chan_sip.escape(asterisk_chan_sip.render(trunk))
