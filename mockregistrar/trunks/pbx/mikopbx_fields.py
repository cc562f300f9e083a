"""The fields of a provider of MikoPBX: labels of its page, keys of its API, columns of its table, and the attributes.

The additional attributes are lines of an INI file in one field: what stands in `[registration]` overrules options of
the registration, and so on. Older versions store them in base64.
"""

from __future__ import annotations

import base64
import binascii
import re

from mockregistrar.trunks.form_fields import Field, Form, Piece, normal
from mockregistrar.trunks.parsed import Notes
from mockregistrar.trunks.sql_rows import Schema, Table

from . import trunk_records

LABELS = {
    "id": "id",
    "uniqid": "uniqid",
    "providerid": "uniqid",
    "type": "type",
    "providertype": "type",
    "description": "name",
    "name": "name",
    "provider": "name",
    "providername": "name",
    "registrationtype": "registration",
    "registration": "registration",
    "accounttype": "registration",
    "noregister": "noregister",
    "disableregistration": "noregister",
    "disabled": "disabled",
    "host": "host",
    "hostoripaddress": "host",
    "providerhost": "host",
    "providerhostip": "host",
    "providerhostoripaddress": "host",
    "providerserveraddress": "host",
    "serveraddress": "host",
    "remoteserveripaddress": "host",
    "peeripaddress": "host",
    "username": "user",
    "login": "user",
    "user": "some_user",
    "providerlogin": "user",
    "peerusername": "user",
    "usernameforauthentication": "user",
    "secret": "secret",
    "password": "secret",
    "providerpassword": "secret",
    "peerpassword": "secret",
    "passwordforauthentication": "secret",
    "port": "port",
    "sipport": "port",
    "sipconnectionport": "port",
    "connectionport": "port",
    "providerport": "port",
    "peerport": "port",
    "transport": "transport",
    "transportprotocol": "transport",
    "outboundproxy": "proxy",
    "fromuser": "from_user",
    "fromdomain": "from_domain",
    "domain": "from_domain",
    "disablefromuser": "no_from_user",
    "disableuseoffromuserfield": "no_from_user",
    "additionalhosts": "hosts",
    "additionalprovideraddresses": "hosts",
    "address": "address",
    "manualattributes": "manual",
    "additionalpjsipattributes": "manual",
    "receivecallswithoutauth": "without_auth",
    "receivingcallswithoutauthentication": "without_auth",
}
_OTHER = (
    "qualify qualifyfreq natsessionsupport dtmfmode note networkfilter networkfilterid nat codecs context extension"
    " busylevel weakpassword enablerecording defaultuser cidsource didsource represent statusclass"
)
LABELS |= dict.fromkeys(_OTHER.split(), "other")

_COLUMNS = (
    "id uniqid disabled extension type host port username secret defaultuser fromuser fromdomain nat dtmfmode"
    " qualifyfreq qualify busylevel networkfilterid manualattributes disablefromuser noregister"
    " receive_calls_without_auth registration_type transport outbound_proxy description weakSecret"
)
SCHEMA = Schema((Table("m_Sip", tuple(_COLUMNS.split()), frozenset(("registration_type", "noregister"))),))

TELLING = {label: LABELS[label] for label in ("registrationtype", "providerserveraddress", "providerhostip")}
TELLING_TYPE = re.compile(r"^[ \t]*account type[ \t]*[:=\t][ \t]*(?:outgoing|incoming|no) registration", re.I | re.M)
ACCOUNT = {
    label: key
    for label, key in LABELS.items()
    if key in ("host", "user", "some_user", "secret", "port", "transport", "registration")
}
REGISTRATIONS = {
    "outbound": "outbound",
    "outgoingregistration": "outbound",
    "outgoing": "outbound",
    "inbound": "inbound",
    "incomingregistration": "inbound",
    "incoming": "inbound",
    "none": "none",
    "noregistration": "none",
    "noregistrationipauthentication": "none",
}
SECTIONS = ("registration", "registration-auth", "endpoint", "endpoint-auth", "aor", "identify")
_MANUAL = re.compile(r"[ \t]*([A-Za-z][A-Za-z ]{0,60}?)[ \t]*[:=][ \t]*")
_LABELLED = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9 _/()-]{0,60}?)[ \t]*:")
_HEADER = re.compile(r"[ \t]*\[([^\]]*)\]")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){2,}={0,2}|[A-Za-z0-9+/]{6,}={1,2}")
_SECRET_NAME = re.compile(r"[ \t]*(?:password|md5_cred)[ \t]*=", re.IGNORECASE)

_ELSEWHERE = (
    (re.compile(r"expir\w*|\w*regist(?:er|ration)(?:expir\w*|interval|time(?:out)?|period|frequency)"), "an expiry"),
    (re.compile(r"auth(?:entication|orization|orisation)?(?:user(?:name)?|name|id|login)"), "an auth user"),
    (re.compile(r"(?:auth)?realm"), "a realm"),
)
_OPTIONS = {
    "an expiry": "[registration] with expiration=…",
    "an auth user": "[registration-auth] with username=…",
    "a realm": "[registration-auth] with realm=…",
}
_MOST_LABELS = 20

Attributes = dict[str, list[tuple[Piece, Piece]]]
"""Names and values of options, by section."""


def kind_of(text: str) -> str:
    """The form that a text has."""
    if SCHEMA.shape(text[:65_536]):
        return "row"
    return "json" if text.lstrip().startswith(("{", "[")) else "form"


def providers(text: str, kind: str, notes: Notes) -> list[Form] | None:
    """The providers of a text; None for JSON that is none."""
    area: Field = []
    if kind == "form":
        text, area = _without_attributes(text)
    records = trunk_records.read(text, kind, LABELS, notes, SCHEMA)
    found: list[Form] = []
    for record in records:
        if area:
            record.fields["manual"] = area
        some_user = record.fields.pop("some_user", None)  # the page calls the user of From so, people the login
        if some_user is not None:
            record.fields.setdefault("from_user" if "user" in record.fields else "user", some_user)
        if set(record.fields) & {"host", "user", "registration", "secret"}:
            if record.text("type").lower() != "peer":  # an extension of the PBX
                found.append(record)
        elif found and "address" in record.fields:  # an entry of the list of additional hosts
            found[-1].fields.setdefault("hosts", []).extend(record.lines("address"))
    return found if records or kind != "json" else None


def _without_attributes(text: str) -> tuple[str, Field]:
    """The text with the lines of the additional attributes left empty, and those lines."""
    lines = text.split("\n")
    area: Field = []
    inside = False
    for index, raw in enumerate(lines):
        line = raw.rstrip("\r")
        opening, labelled = _MANUAL.match(line), _LABELLED.match(line)
        if opening and LABELS.get(normal(opening.group(1))) == "manual":
            inside = True
            area.append(Piece(line[opening.end() :], index + 1, opening.end() + 1))
        elif inside and not (labelled and normal(labelled.group(1)) in LABELS):
            area.append(Piece(line, index + 1, 1))
        else:
            inside = False
            continue
        lines[index] = ""
    return "\n".join(lines), area


def attributes(form: Form, notes: Notes) -> Attributes:
    """The additional attributes of a provider."""
    lines = form.lines("manual")
    if len(lines) == 1 and (decoded := _decoded(lines[0].text)) is not None:
        whole = lines[0]
        lines = [Piece(each, whole.line, whole.span.column) for each in decoded.split("\n")]
        if any(_SECRET_NAME.match(each.text) for each in lines):
            notes.secret(whole.text, whole.span)
    found: Attributes = {}
    section = ""
    for piece in lines:
        if _SECRET_NAME.match(piece.text):
            at = piece.text.index("=") + 1
            hidden = piece.part(at, len(piece.text)).strip()
            notes.secret(hidden.text, hidden.span)
        header = _HEADER.match(piece.text)
        name, equals, _ = piece.text.partition("=")
        if header:
            section = header.group(1).strip()
            if section not in SECTIONS:
                message = f"There is no section `{section}`: registration, endpoint and aor are the usual ones."
                notes.add("SR349", piece.part(header.start(1) - 1, header.end(1) + 1).span, message)
        elif equals and section:
            key = piece.part(0, len(name)).strip()
            value = piece.part(len(name) + 1, len(piece.text)).strip()
            if key.text and value.text and key.text != "type":
                found.setdefault(section, []).append((key, value))
        elif equals:
            message = "The attributes begin with a `[section]`: what stands in front of the first is not used."
            notes.add("SR349", piece.strip().span, message, fix="[registration]")
    return found


def elsewhere(form: Form, notes: Notes) -> None:
    """Labels of other systems for what MikoPBX has no field for; others may be any note."""
    for piece in form.unknown[:_MOST_LABELS]:
        what = next((what for pattern, what in _ELSEWHERE if pattern.fullmatch(normal(piece.text)[:60])), "")
        if what:
            message = (
                f"MikoPBX has no field for {what}: `{piece.text}` is not used. The additional attributes take one."
            )
            notes.add("SR342", piece.span, message, fix=_OPTIONS[what], severity="hint")


def _decoded(text: str) -> str | None:
    """Attributes out of base64, None for plain ones."""
    if _BASE64.fullmatch(text) is None:
        return None
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
