"""The names that must agree in a carrier of VICIdial: sections, globals, and what the dialplan dials.

A call goes out by `Dial(SIP/name/...)`, often through a variable of the Globals String. Where no section has that name,
or the channel technology is another one, calls fail although the registration is fine. What any active carrier in the
text defines counts, because a dialplan may fall back on another carrier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mockregistrar.trunks.form_fields import Field, Piece

_GLOBAL = re.compile(r"^[ \t]*(\w+)[ \t]*=>?[ \t]*(SIP|PJSIP|IAX2)/([^\s,/@]+)", re.IGNORECASE | re.MULTILINE)
_DIAL = re.compile(r"\bDial\(\s*(?:\$\{(\w+)\}/|(SIP|PJSIP|IAX2)/)([^,)\n]*)", re.IGNORECASE)
_OPTIONS = re.compile(r",[^()\n]*(?:\([^()\n]*\)[^()\n]*)*")
_SECTION = re.compile(r"\s*\[([^\]]+)\]")
_TYPICAL = re.compile(r"[\w-]+\Z")
_TECHNOLOGY = {"SIP": "SIP", "PJSIP": "PJSIP", "PJSIP_WIZ": "PJSIP", "IAX2": "IAX2"}


@dataclass(slots=True)
class Known:
    """What all active carriers of a text define: section names in lower case, and variables with their channel."""

    sections: set[str] = field(default_factory=set)
    variables: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, record: Mapping[str, Field], template: Iterable[Piece]) -> None:
        """Take in what a carrier defines."""
        self.sections.update(name.lower() for name in sections([*record.get("account_entry", []), *template]))
        self.variables.update(variables(record))


@dataclass(frozen=True, slots=True)
class Dialled:
    """One channel that is dialled or named: `key` is the field, `word` what stands there.

    `number` is what stands behind the second slash where that is a number, `options` all behind it.
    """

    technology: str
    name: str
    key: str
    word: str
    dialled: bool
    number: str = ""
    options: str = ""


@dataclass(frozen=True, slots=True)
class Naming:
    """Something wrong with a name: its code, the field and the word there, and what is said."""

    code: str
    key: str
    word: str
    message: str
    fix: str = ""
    hint: bool = False


def sections(lines: Iterable[Piece]) -> list[str]:
    """The names of the sections in an account entry."""
    return list(dict.fromkeys(match.group(1) for piece in lines if (match := _SECTION.match(piece.text))))


def variables(record: Mapping[str, Field]) -> dict[str, tuple[str, str]]:
    """The variables of a Globals String that name a channel: technology and name."""
    text = _text(record, "globals_string")
    return {m.group(1): (m.group(2).upper(), m.group(3)) for m in _GLOBAL.finditer(text)}


def channels(record: Mapping[str, Field], known: Known) -> list[Dialled]:
    """The channels that the dialplan dials, then those that only the Globals String names."""
    own = variables(record)
    found: list[Dialled] = []
    dialplan = _text(record, "dialplan_entry")
    for match in _DIAL.finditer(dialplan):
        variable, technology, rest = match.groups()
        options = _OPTIONS.match(dialplan, match.end())
        behind = options.group() if options is not None else ""
        if variable:
            where = "globals_string" if variable in own else ""
            technology, name = own.get(variable) or known.variables.get(variable, ("", ""))
            if name:
                found.append(Dialled(technology, name, where, name, True, _number(rest), behind))
            continue
        before, at, host = rest.rpartition("@")
        name, _, number = (host if at else rest).partition("/")
        name = name.strip()
        if name and _TYPICAL.match(name) and not before.count("/"):
            last = "" if at else _number(number)
            found.append(Dialled(technology.upper(), name, "dialplan_entry", name, True, last, behind))
    named = {each.name for each in found}
    found += [Dialled(t, n, "globals_string", n, False) for t, n in own.values() if n not in named]
    return found


def _number(text: str) -> str:
    """What is dialled, where it is no URI."""
    return "" if text.lower().startswith("sip") else text.strip()


def dial_peer(dialled: list[Dialled]) -> str | None:
    """The peer that calls go out by: the first that is dialled, else the first that is named."""
    return next((each.name for each in dialled), None)


def judge(record: Mapping[str, Field], protocol: str, own: list[str], known: Known) -> list[Naming]:
    """What does not agree; `own` are the sections of the carrier itself."""
    dialled = channels(record, known)
    found = [*_unset(record, known), *_numbers(dialled, protocol)]
    works = any(each.dialled and _defined(each, own, protocol) for each in dialled)
    technology = _TECHNOLOGY.get(protocol, "")
    for each in dialled:
        if not each.key or not _TYPICAL.match(each.name):
            continue
        label = {"globals_string": "Globals String", "dialplan_entry": "Dialplan Entry"}[each.key]
        if _defined(each, own, protocol) and technology and each.technology != technology:
            message = f"The {label} says {each.technology}/{each.name}, and with Protocol {protocol} it is called "
            message += f"{technology}/{each.name}: calls fail, although the registration is fine."
            found.append(Naming("SR326", each.key, each.word, message, f"{technology}/{each.name}"))
        elif not _defined(each, own, protocol) and each.name.lower() not in known.sections:
            has = f"has only [{'], ['.join(own)}]" if own else "has no section of that name"
            message = f"The {label} names `{each.name}`, and the account entry {has}: calls fail, although the "
            message += "registration is fine."
            found.append(Naming("SR326", each.key, each.word, message, own[0] if own else "", works or not own))
    return found


def _defined(each: Dialled, own: list[str], protocol: str) -> bool:
    """chan_sip and chan_iax2 find a peer in any case, PJSIP does not."""
    if protocol.startswith("PJSIP"):
        return each.name in own
    return each.name.lower() in [name.lower() for name in own]


def _unset(record: Mapping[str, Field], known: Known) -> list[Naming]:
    own = variables(record)
    if not own:
        return []
    used = [m.group(1) for m in _DIAL.finditer(_text(record, "dialplan_entry")) if m.group(1)]
    works = any(name in own for name in used)
    found: list[Naming] = []
    for name in dict.fromkeys(used):
        if name not in own and name not in known.variables:
            message = f"The dialplan dials `${{{name}}}`, and the Globals String sets {', '.join(own)}."
            fix = f"${{{next(iter(own))}}}"
            found.append(Naming("SR327", "dialplan_entry", f"${{{name}}}", message, fix, hint=works))
    return found


def _numbers(dialled: list[Dialled], protocol: str) -> list[Naming]:
    """`PJSIP/name/number`: what stands behind the second slash is a URI there, and a number is none."""
    if not protocol.startswith("PJSIP"):
        return []
    for each in dialled:
        if each.technology == "PJSIP" and each.number:
            message = f"PJSIP takes what stands behind `{each.name}/` for a SIP URI, and a number is none: calls fail."
            fix = f"Dial(PJSIP/{each.number}@{each.name}{each.options})"
            return [Naming("SR332", "dialplan_entry", "Dial(", message, fix)]
    return []


def _text(record: Mapping[str, Field], key: str) -> str:
    return "\n".join(piece.text for piece in record.get(key, []))
