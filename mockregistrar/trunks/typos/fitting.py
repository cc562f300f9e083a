"""Accounts that can have a mistake, and which mistakes the strings of a dialect can have at all.

Theory of operation. An account of a test is made up, so it may be made up to suit: where the string of a plain one
cannot have a mistake, variants of it are tried in turn, with a name for the digest of its own, with an expiry, with a
special character in the password. A variant counts if the dialect can write it and reads it as it was meant. What kinds
a dialect can have is found out once, with a stand-in for the account of a test; so it is the same in every run and on
every worker, and names no port, password or user of a real one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING

from mockregistrar.trunks import registry
from mockregistrar.trunks.items import NOT_SIP
from mockregistrar.trunks.model import CannotRender, Trunk
from mockregistrar.trunks.parsed import Parsed

from . import KINDS, DoesNotApply, Typo, typo_in
from .outcome import LOGINS, astray, outcome
from .places import Sheet, sheets

if TYPE_CHECKING:
    from random import Random

TRANSPORTS = ("udp", "tcp", "tls")
_STAND_IN = Trunk("trunk1", "127.0.0.1", secret="kD7mX0Wq2xRt", extension="trunk1", port=45873)
_LOOK_ALIKES = "O0Il1"
_PLAIN = "".join(c for c in ascii_lowercase + ascii_uppercase + digits if c not in _LOOK_ALIKES)
_SPECIAL = "-&.!# ;'\"@"
"""What some dialect writes in a way of its own, tried in this order: one of them in the password."""
_GLOB = re.compile(r"[*?\[]")


# --- which kinds


def typo_kinds(
    dialect: str = "asterisk-chan_sip",
    kinds: str | Iterable[str] = "*",
    *,
    without: str | Iterable[str] = (),
    config: bool = False,
    transport: str = "udp",
    harmless: bool = False,
) -> tuple[str, ...]:
    """The kinds of mistakes that an account's string in a dialect can have, in the order of `typos.KINDS`.

    `kinds` and `without` are ids or globs, such as ``password-*``; an id named in `kinds` is kept although it may not
    apply. `config` is about a whole config. Unless `harmless`, a mistake has to keep the trunk from logging in. Raises
    ValueError for a dialect, a kind or a transport that there is not, and where nothing is left.
    """
    named = [each for each in _several(kinds) if not _GLOB.search(each)]
    wanted = matching(kinds, without)
    applying = _applying(dialect, config, transport, harmless)
    found = tuple(kind for kind in wanted if kind in applying or kind in named)
    if not found:
        what, whole = ", ".join(_several(kinds)), "a config of " if config else ""
        can = "can be made" if harmless else "keeps a trunk from logging in"
        raise ValueError(
            f"none of {what} {can} in {whole}{dialect}; of the kinds in mockregistrar.typo_kinds() {len(applying)} do"
        )
    return found


def matching(kinds: str | Iterable[str], without: str | Iterable[str] = ()) -> tuple[str, ...]:
    """The kinds that ids and globs name, less those of `without`. Raises ValueError naming the nearest."""
    chosen, left_out = _several(kinds), _several(without)
    for pattern in (*chosen, *left_out):
        if not any(fnmatchcase(kind, pattern) for kind in KINDS):
            raise ValueError(f"there is no kind of typo `{pattern}`{_nearest(pattern)}")
    return tuple(kind for kind in KINDS if _among(kind, chosen) and not _among(kind, left_out))


def _several(patterns: object) -> tuple[str, ...]:
    if not isinstance(patterns, Iterable):
        raise ValueError(f"kinds are ids or globs of them, not {patterns!r}")
    return (patterns,) if isinstance(patterns, str) else tuple(patterns)


def _among(kind: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(kind, pattern) for pattern in patterns)


def _nearest(pattern: str) -> str:
    """The kind that was probably meant; of a glob, one that keeps its stars."""
    known = {kind.partition("-")[0] + "-*": "" for kind in KINDS} if _GLOB.search(pattern) else KINDS
    near = difflib.get_close_matches(pattern.lower(), known, 1, 0.5)
    return f"; did you mean `{near[0]}`?" if near else "; mockregistrar.trunks.typos.KINDS has them all"


@lru_cache(maxsize=64)
def _applying(dialect: str, config: bool, transport: str, harmless: bool) -> tuple[str, ...]:
    variants = [sheets(text, dialect) for _, text in _written(_stand_in(transport), Writing(dialect, config))]
    return tuple(kind for kind in KINDS if _applies(kind, variants, objection(harmless)))


def _applies(kind: str, variants: list[tuple[Sheet, ...]], against: Objections) -> bool:
    """Whether one of the variants can have the mistake; others are looked at where the first has no place for it."""
    found = _tried(variants[0], kind, against)
    if isinstance(found, DoesNotApply) and found.lacks:
        return any(isinstance(_tried(variant, kind, against), Typo) for variant in variants[1:])
    return isinstance(found, Typo)


def _tried(read: tuple[Sheet, ...], kind: str, against: Objections) -> Typo | DoesNotApply:
    try:
        return typo_in(read, kind, against)
    except DoesNotApply as error:
        return error


def _stand_in(transport: str) -> Trunk:
    if transport not in TRANSPORTS:
        raise ValueError(f"transport {transport!r} is not one of {', '.join(TRANSPORTS)}")
    return replace(_STAND_IN, transport=transport)


# --- one mistake


@dataclass(frozen=True, slots=True)
class Writing:
    """How a trunk is written: in which dialect, and whether as a whole config."""

    dialect: str
    config: bool = False

    def text(self, trunk: Trunk) -> str:
        """The trunk in this dialect. Raises CannotRender, and ValueError for a dialect that is not written."""
        return (registry.render_config if self.config else registry.render)(self.dialect, trunk)


class Objections:
    """What is not made of an account of a test."""

    def __init__(self, harmless: bool) -> None:
        self._harmless = harmless

    def __call__(self, before: Parsed, after: Parsed) -> str:
        """Why not, empty where it may be made: it leads to others, or logs in all the same and that is not wanted."""
        against = astray(before, after)
        if against or self._harmless:
            return against
        return LOGINS["registered"] if outcome(before, after) == "registered" else ""


def objection(harmless: bool) -> Objections:
    """What there is against mistakes, those that do no harm among them or not."""
    return Objections(harmless)


def mistyped(kind: str, text: str, dialect: str, rng: Random | None, harmless: bool = False) -> Typo:
    """A mistake in a text, where `rng` has it; if it can be at other places only, at the first.

    Raises DoesNotApply where the text cannot have it.
    """
    against = objection(harmless)
    first = _tried(_read(text, dialect), kind, against)
    if rng is None or (isinstance(first, DoesNotApply) and first.lacks):
        found = first
    else:
        found = _tried(sheets(text, dialect, rng=rng), kind, against)
        found = first if isinstance(found, DoesNotApply) else found
    if isinstance(found, DoesNotApply):
        raise found
    return found


@lru_cache(maxsize=16)
def _read(text: str, dialect: str) -> tuple[Sheet, ...]:
    """The sheets of a text that many mistakes are made in."""
    return sheets(text, dialect)


def fitted(kind: str, trunk: Trunk, how: Writing, rng: Random | None, harmless: bool = False) -> tuple[Trunk, Typo]:
    """The first variant of a trunk that can have the mistake, and the mistake.

    Raises DoesNotApply where none can, ValueError where the dialect cannot write the trunk.
    """
    variants = _written(trunk, how)
    first, text = next(variants)
    try:
        return first, mistyped(kind, text, how.dialect, rng, harmless)
    except DoesNotApply as error:
        if not error.lacks:
            raise
        against = objection(harmless)
        fit = ((v, t) for v, t in variants if isinstance(_tried(_read(t, how.dialect), kind, against), Typo))
        variant, text = next(fit, (None, ""))
        if variant is None:
            raise
    return variant, mistyped(kind, text, how.dialect, rng, harmless)


def _written(trunk: Trunk, how: Writing) -> Iterator[tuple[Trunk, str]]:
    """The variants of a trunk that the dialect writes and reads again as they are, each with its text."""
    written = False
    why = "it is read as another login"
    for variant in _variants(trunk):
        try:
            text = how.text(variant)
        except CannotRender as error:
            why = why if written else error.why
            continue
        if _proven(variant, text, how.dialect):
            written = True
            yield variant, text
        elif not written and variant is trunk:
            why = "it is read as another login"
    if not written:
        raise ValueError(f"{how.dialect} does not do for an account of the carrier: {why}")


def _variants(trunk: Trunk) -> Iterator[Trunk]:
    yield trunk
    yield replace(trunk, auth_user=f"{trunk.user}x")
    yield replace(trunk, expiry=300)
    middle = len(trunk.secret) // 2
    for character in _SPECIAL:
        yield replace(trunk, secret=trunk.secret[:middle] + character + trunk.secret[middle:])


def _proven(trunk: Trunk, text: str, dialect: str) -> bool:
    """Whether the dialect reads a trunk again from its text. Raises ValueError for what is no SIP."""
    parsed = sheets(text, dialect)[-1].parsed
    if any(each.protocol == "iax2" for each in parsed.registrations):
        raise ValueError(f"{dialect}: {NOT_SIP}")
    if not parsed.ok or parsed.worst == "error" or len(parsed.registrations) != 1:
        return False
    read = parsed.registrations[0].trunk
    return (read.user, read.secret, read.effective_auth_user) == (trunk.user, trunk.secret, trunk.effective_auth_user)


# --- made-up passwords


def rich_secret(rng: Random, length: int = 12) -> str:
    """A password that can have every mistake of a password without special characters.

    It has letters of both cases, digits, one character that looks like another, and no character twice in a row.
    """
    while True:
        found = rng.choices(_PLAIN, k=length)
        found[length // 2] = rng.choice(_LOOK_ALIKES)
        text = "".join(found)
        classes = (ascii_lowercase, ascii_uppercase, digits)
        if all(set(text) & set(each) for each in classes) and not re.search(r"(.)\1", text):
            return text
