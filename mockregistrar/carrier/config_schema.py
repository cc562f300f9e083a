"""The JSON Schema of `sipreg.toml`, made from the tables that the file is checked by: for editors that complete.

It is shipped as ``mockregistrar/sipreg.schema.json``, which a test holds equal to this.
"""

from __future__ import annotations

from typing import Any

from mockregistrar.carrier import config_file
from mockregistrar.carrier.config_file import Check
from mockregistrar.carrier.personas import knob_names
from mockregistrar.carrier.trunk_plan import FORMS, KEYS, outcomes
from mockregistrar.trunks import registry

_TEXT = {"type": "string"}
_TEXTS = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_KINDS: dict[int, dict[str, Any]] = {
    id(config_file.SECONDS): {"type": "integer", "minimum": 0},
    id(config_file.COUNT): {"type": "integer", "minimum": 0},
    id(config_file.TEXT): _TEXT,
    id(config_file.TEXTS): _TEXTS,
    id(config_file.SWITCH): {"type": "boolean"},
    id(config_file.NUMBER): {"type": "number"},
    id(config_file.FAULTS): _TEXTS,
    id(config_file.STATUS): {"oneOf": [_TEXT, {"type": "integer"}]},
}


def schema() -> dict[str, Any]:
    """Return the schema, draft 2020-12."""
    accounts = {"type": "array", "items": {"oneOf": [_TEXT, _account()]}}
    keys = {name: _value(check) for name, check in config_file.SETTINGS.items()} | {"accounts": accounts}
    keys |= {one: keys[many] for one, many in config_file.SINGULAR.items()}
    carrier = {"type": "object", "additionalProperties": False, "properties": dict(sorted(keys.items()))}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sipreg.toml",
        "description": "Mock SIP carriers, and the trunks that must log in to them.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "carrier": {
                "type": "object",
                "description": "A table for each carrier: [carrier.NAME].",
                "additionalProperties": carrier,
            },
            "persona": {
                "type": "object",
                "description": "A table for each persona of your own: [persona.NAME].",
                "additionalProperties": _persona(),
            },
            "trunk": {
                "type": "array",
                "description": "The trunks that must log in: [[trunk]].",
                "items": _trunk(),
            },
        },
    }


def _value(check: Check) -> dict[str, Any]:
    return dict(_KINDS.get(id(check), {})) | {"description": check[1]}


def _account() -> dict[str, Any]:
    keys = {name: _value(check) for name, check in config_file.ACCOUNT.items()}
    keys["ha1"] = {"oneOf": [_TEXT, {"type": "object", "additionalProperties": _TEXT}]}
    return {"type": "object", "additionalProperties": False, "properties": keys, "required": ["user"]}


def _persona() -> dict[str, Any]:
    keys = {name: _value(config_file.SETTINGS[name]) for name in knob_names()}
    keys["like"] = _TEXTS | {"description": "names personas that it starts from, later ones over earlier ones"}
    keys["title"] = _TEXT | {"description": "says what it is, in one sentence"}
    return {"type": "object", "additionalProperties": False, "properties": dict(sorted(keys.items()))}


def _trunk() -> dict[str, Any]:
    keys: dict[str, dict[str, Any]] = {
        name: {"type": "string", "minLength": 1, "description": text} for name, text in KEYS.items()
    }
    keys["expect"]["enum"] = list(outcomes())
    keys["form"]["enum"] = list(FORMS)
    keys["dialect"]["enum"] = [*registry.names(), *registry.aliases()]
    ways = [{"required": [name]} for name in ("config", "string", "string_env")]
    return {"type": "object", "additionalProperties": False, "properties": keys, "oneOf": ways}
