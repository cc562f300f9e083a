"""Mistakes made on purpose: a registration string or config with one slip of the hand in it, and what the slip is.

For tests of what reads such strings: a dialer that is given one has to report it. `typos` makes one text of each kind
of mistake that the text can have, `typo` one of a kind. Both are pure: the same text, kind and generator give the same
mistake, and without a generator it is the first that can be made.

Theory of operation. A kind proposes edits; each is read as the text's own dialect reads it, and the first that makes a
difference counts. So whatever is given back is a mistake in that dialect: the system reads another value, refuses the
text, or there is a finding more to tell. A slip that the system forgives, such as a blank that it strips, is none, and
its kind then does not apply. At most sixteen edits are tried for a kind, fewer in a long text; in one with many
accounts they are made in the first of them, where that is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockregistrar.trunks.masking import Veil
from mockregistrar.trunks.model import Span
from mockregistrar.trunks.parsed import Parsed

from .kinds import ASIDE, LOGIN, NOTHING, TABLE, Kind
from .outcome import outcome
from .places import Edit, Sheet, sheets

if TYPE_CHECKING:
    from random import Random

Objection = Callable[[Parsed, Parsed], str]
"""Why a mistake is not to be made, by what the right text and that with the mistake are read as; empty: it may be."""

KINDS: Mapping[str, str] = {kind.id: kind.title for kind in TABLE.values()}
"""Every kind of mistake by its id, with what the hand does. The ids are for names of tests: they stay."""

_LACKS = "the text has no"


@dataclass(frozen=True, slots=True)
class Typo:
    """A text with a mistake of one kind in it.

    `description` is a sentence for people and never holds the secret; `text` does, and `right`, the text without the
    mistake. `span` is where the mistake stands in `text`, of length 0 where something is missing. `dialect` and `form`
    say how to read it: a line with its keyword missing is still meant as a line. `login` is what becomes of the login,
    as the dialect reads the text: ``refused``, ``no-answer``, ``lapsed``, ``not-sent``, or ``registered`` where the
    mistake is about something else.
    """

    kind: str
    text: str = field(repr=False)
    description: str
    span: Span
    dialect: str
    form: str
    right: str = field(repr=False)
    login: str


class DoesNotApply(ValueError):  # noqa: N818 - reads as the sentence it is
    """A text cannot have a mistake of this kind; `why` says what it lacks, or that its dialect forgives the slip.

    `lacks` is whether it lacks something, so that another text of the dialect may have the mistake.
    """

    def __init__(self, kind: str, why: str, *, lacks: bool = False) -> None:
        super().__init__(f"{kind}: {why}")
        self.kind = kind
        self.why = why
        self.lacks = lacks


def typo(
    kind: str,
    text: str,
    dialect: str,
    rng: Random | None = None,
    *,
    form: str | None = None,
    objection: Objection | None = None,
) -> Typo:
    """The text with a mistake of that kind; `rng` chooses where, and what there is an `objection` to is passed over.

    Raises DoesNotApply where the text cannot have it, ValueError for a kind, dialect or form that there is not.
    """
    return typo_in(sheets(text, dialect, form, rng), kind, objection)


def typo_in(found: Sequence[Sheet], kind: str, objection: Objection | None = None) -> Typo:
    """As `typo`, for a text that is read already, by `sheets`."""
    if kind not in TABLE:
        raise ValueError(f"there is no kind of typo {kind!r}; mockregistrar.trunks.typos.KINDS has them all")
    made = _made(TABLE[kind], found, objection)
    if isinstance(made, str):
        raise DoesNotApply(kind, made, lacks=made.startswith(_LACKS))
    return made


def typos(text: str, dialect: str, rng: Random | None = None, *, form: str | None = None) -> tuple[Typo, ...]:
    """The text with a mistake of each kind that it can have, in the order of `KINDS`; `rng` chooses where.

    Raises ValueError for a dialect or form that there is not.
    """
    found = sheets(text, dialect, form, rng)
    made = (_made(kind, found) for kind in TABLE.values())
    return tuple(each for each in made if isinstance(each, Typo))


def _made(kind: Kind, found: Sequence[Sheet], objection: Objection | None = None) -> Typo | str:
    """The mistake, one that spoils the login rather than one aside; or why there is none."""
    for sheet in found:
        candidates = sheet.ordered(kind.edits(sheet))
        if candidates:
            return _tried(kind, candidates, sheet, found[-1], objection)
    return f"{_LACKS} {kind.needs}"


def _tried(
    kind: Kind, candidates: Sequence[Edit], sheet: Sheet, whole: Sheet, objection: Objection | None
) -> Typo | str:
    aside: tuple[Edit, str] | None = None
    why_not = f"that is no mistake in {sheet.parsed.dialect}"
    for edit in candidates[: sheet.tries]:
        text = edit.applied(sheet.text)
        if text == sheet.text:
            continue
        after = sheet.read(text)
        done = kind.does(sheet, edit, after)
        against = objection(sheet.parsed, after) if objection is not None and done != NOTHING else ""
        if against:
            why_not = against
        elif done == LOGIN:
            return _typo(kind, whole, edit, outcome(sheet.parsed, after))
        elif done == ASIDE and aside is None:
            aside = edit, outcome(sheet.parsed, after)
    return why_not if aside is None else _typo(kind, whole, *aside)


def _typo(kind: Kind, sheet: Sheet, edit: Edit, login: str) -> Typo:
    parsed = sheet.parsed
    return Typo(
        kind=kind.id,
        text=edit.applied(sheet.text),
        description=Veil(parsed.secrets)(f"{edit.what or kind.title}, at {sheet.where(edit)}."),
        span=sheet.span(edit),
        dialect=parsed.dialect,
        form=parsed.form,
        right=sheet.text,
        login=login,
    )
