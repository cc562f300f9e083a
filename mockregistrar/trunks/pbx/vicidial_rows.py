"""Carriers of VICIdial as people have them: the admin page's fields, `mysql -B`, `mysql ... \\G`, a mysqldump, JSON.

All of them become records: the columns of `vicidial_server_carriers`, or of `vicidial_conf_templates`, each a field of
pieces that know their place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mockregistrar.trunks import json_records, sql_rows
from mockregistrar.trunks.form_fields import Field, looks_like_form, normal, read_form
from mockregistrar.trunks.json_records import NoJson
from mockregistrar.trunks.sql_rows import Schema, Table

CARRIERS = (
    "carrier_id",
    "carrier_name",
    "registration_string",
    "template_id",
    "account_entry",
    "protocol",
    "globals_string",
    "dialplan_entry",
    "server_ip",
    "active",
    "carrier_description",
    "user_group",
)
TEMPLATES = ("template_id", "template_name", "template_contents", "user_group")
AREAS = frozenset(("account_entry", "dialplan_entry", "template_contents"))
OPTIONS = frozenset(("registration_string", "globals_string"))

LABELS = {normal(name): name for name in (*CARRIERS, *TEMPLATES)} | {
    "registration": "registration_string",
    "globals": "globals_string",
    "globalstring": "globals_string",
    "dialplan": "dialplan_entry",
    "account": "account_entry",
    "template": "template_id",
    "server": "server_ip",
    "admingusergroup": "user_group",
    "adminusergroup": "user_group",
}
# What no other form has: enough to know one by.
TELLING = {
    label: key
    for label, key in LABELS.items()
    if key in ("registration_string", "account_entry", "globals_string", "dialplan_entry", "carrier_id", "carrier_name")
}

# One that needs no second beside it.
_SURE = {"registrationstring": "registration_string"}
_JSON_KEY = re.compile(r'"registration[ _]string"\s*:', re.IGNORECASE)

SCHEMA = Schema(
    (
        Table("vicidial_server_carriers", CARRIERS, frozenset(["registration_string"])),
        Table("vicidial_conf_templates", TEMPLATES),
    ),
    LABELS,
)


@dataclass(slots=True)
class Records:
    """What was read: carriers and templates, and how the text looked (`form`, `row`, `json`)."""

    carriers: list[dict[str, Field]] = field(default_factory=list)
    templates: dict[str, Field] = field(default_factory=dict)
    form: str = "form"
    typed: bool = False

    def add(self, record: dict[str, Field]) -> None:
        """Sort a record by what it has."""
        if "template_contents" in record and "carrier_id" not in record and "protocol" not in record:
            self.templates[_text(record.get("template_id", []))] = record["template_contents"]
        else:
            self.carriers.append(record)


def _text(lines: Field) -> str:
    return "\n".join(piece.text for piece in lines)


def form_of(text: str) -> str:
    """The form of a text that holds carriers, empty when it does not."""
    head = text[:65_536]
    if SCHEMA.shape(head):
        return "row"
    if head.lstrip().startswith(("{", "[")) and _JSON_KEY.search(head):
        return "json"
    if looks_like_form(head, _SURE, 1):
        return "form"
    return "form" if looks_like_form(head, TELLING, 1) and looks_like_form(head, LABELS, 2) else ""


def read(text: str, form: str | None = None) -> Records:
    """Read the carriers in a text of any of the forms. Never raises."""
    kind = form or form_of(text) or "form"
    records = Records(form=kind)
    if kind == "row":
        for row in sql_rows.read(text, SCHEMA):
            records.add(row.fields)
    elif kind == "json" and text.lstrip().startswith("["):
        found = json_records.read(text)
        for each in [] if isinstance(found, NoJson) else found:
            if each.members:
                records.add({SCHEMA.column(name): value for name, value in each.members.items()})
    else:
        records.typed = kind == "form"
        records.carriers.append(read_form(text, LABELS, AREAS, OPTIONS).fields)
        for record in records.carriers:
            if "template_contents" in record:
                records.templates[_text(record.get("template_id", []))] = record["template_contents"]
    return records
