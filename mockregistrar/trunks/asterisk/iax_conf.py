"""An iax.conf: its registrations are told apart from SIP's, and its sections are given as peers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mockregistrar.trunks.parsed import Entry, Notes, Parsed, Registration
from mockregistrar.trunks.positions import encode

from . import iax2
from .conf_text import read_text, value_span, where
from .config_reader import Config, Option
from .plain_registers import cut_by_comment
from .sip_conf import is_fragment
from .sip_conf_dialect import peer_entry
from .sip_peers import peers_of
from .sip_sections import secret_options, unread_secrets

_ONCE = "SR304"


def read_file(text: str, path: Path | None) -> Parsed:
    """Read an iax.conf or a piece of one. Never raises."""
    inside = "general" if is_fragment(encode(text)) else None
    config = read_text(text, path, called="iax.conf", inside=inside)
    notes = Notes()
    notes.findings.extend(config.findings)
    for secret, span in secret_options(config):
        notes.secret(secret, *([span] if span is not None else []))
    notes.secret_spans.extend(unread_secrets(text))
    made: list[Registration] = []
    meant: list[Registration] = []
    ok = not config.refused
    general = config.section("general")
    seen: dict[tuple[str | None, str | None], int] = {}
    told = False
    for section in config.sections:
        for option in section.options:
            if option.key != "register" or section.template:
                continue
            found = _registration(option, text)
            notes.secrets.update(found.secrets)
            if option.path == config.path:
                notes.secret_spans.extend(found.secret_spans)
                notes.visible.extend(found.visible)
            if section is not general:
                message = f"`register` counts in [general] only: in [{section.name}] Asterisk ignores it. "
                message += "Move the line there."
                place = where(option, config)
                notes.add("SR161", option.name_span, message, path=place)
                continue
            for finding in found.findings:
                if finding.code != _ONCE or not told:
                    notes.findings.append(replace(finding, path=where(option, config)))
                told = told or finding.code == _ONCE
            ok = ok and found.ok
            meant += [replace(each, name=_name(each, option), span=value_span(option)) for each in found.meant]
            for each in found.registrations:
                line = seen.setdefault((each.user, each.host), option.line)
                if line != option.line:
                    message = f"This account is registered in line {line} too: both register."
                    notes.add("SR163", value_span(option), message, path=where(option, config))
                name = _name((*found.meant, each)[0], option)
                made.append(replace(each, name=name, span=value_span(option)))
    return notes.complete(
        Parsed(
            iax2.NAME,
            "file",
            text,
            ok=ok,
            registrations=() if config.refused else tuple(made),
            meant=(*meant, *(made if config.refused else ())),
            peers=peer_entries(config),
            auth_method="digest" if made else None,
        )
    )


def _name(made: Registration, option: Option) -> str:
    """What a registration is called: its account, or its line where that is not whole."""
    return f"{made.user}@{made.host}" if made.user and made.host else f"line-{option.line}"


def _registration(option: Option, text: str) -> Parsed:
    """One registration, or what becomes of it where a comment swallows its `@`."""
    tail = option.tail
    attached = tail is not None and tail.columns[0] == option.value.end
    log = iax2.LOG.format(line=option.line)
    cut = cut_by_comment(
        option.value, tail if attached else None, lambda joined: iax2.read_value(joined, text, "file"), log
    )
    return cut if cut is not None else iax2.read_value(option.value, text, "file")


def peer_entries(config: Config) -> tuple[Entry, ...] | None:
    """The sections that are peers, as far as their options are those of chan_sip; None for none."""
    entries = map(peer_entry, peers_of(config))
    return tuple({key: value for key, value in entry.items() if key != "transport"} for entry in entries) or None
