"""Every kind of mistake that a hand makes in a registration string: what it is called, and when it is one.

Theory of operation. A `Kind` proposes edits for a text, and says by what it is known that an edit is a mistake: the
password is another one now, the host is, or simply that the dialect reads or judges the text differently. Nothing here
knows any dialect: what a slip does is asked of the dialect that the text is in. Tests are named after the kinds, so an
id never changes its meaning, and a new kind goes to the end of its table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from mockregistrar.trunks.parsed import Parsed

from . import edits as slips
from .edits import LABELS, SLIPS, Edits
from .places import Edit, Sheet, loudness, same_in_all, same_registrations

Judge = Callable[[Sheet, Edit, Parsed], int]
"""What an edit does, by what the dialect made of the text with it: `LOGIN`, `ASIDE` or `NOTHING`."""

LOGIN, ASIDE, NOTHING = 2, 1, 0
"""The login is another one, or gone; only something beside it is, or a finding was added; it is no mistake."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mistake. `title` is a sentence without its end; `needs` completes "the text has no ..."."""

    id: str
    title: str
    needs: str
    edits: Edits
    does: Judge


# --- when an edit is a mistake


def _read_otherwise(sheet: Sheet, _edit: Edit, after: Parsed) -> int:
    """The dialect reads or judges the text differently."""
    if not same_registrations(after, sheet.parsed):
        return LOGIN
    return NOTHING if same_in_all(after, sheet.parsed) else ASIDE


def _changes(name: str) -> Judge:
    """The field is another one now, or the text is refused, or the registration is gone."""

    def judge(sheet: Sheet, _edit: Edit, after: Parsed) -> int:
        before = sheet.parsed
        if before.ok and not after.ok:
            return LOGIN
        same = [getattr(r, name) for r in after.registrations] == [getattr(r, name) for r in before.registrations]
        return NOTHING if same else LOGIN

    return judge


def _taken_apart(sheet: Sheet, edit: Edit, after: Parsed) -> int:
    """The password is another one now, and it is not what was typed; or it is, and there is a warning of it."""
    text = edit.applied(sheet.text)
    typed = {text[p.start : p.stop + len(edit.new)] for p in sheet.places("secret") if p.start <= edit.start <= p.stop}
    if any(registration.secret in typed for registration in after.registrations):
        return ASIDE if loudness(after) > loudness(sheet.parsed) else NOTHING
    return _changes("secret")(sheet, edit, after)


def _not_obeyed(name: str) -> Judge:
    """The edit asks for another value of the field, and gets something else."""

    def judge(sheet: Sheet, edit: Edit, after: Parsed) -> int:
        if after.ok and _changes(name)(sheet, edit, after):
            return NOTHING
        return _read_otherwise(sheet, edit, after)

    return judge


# --- mistakes in the values

_FIELDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("secret", ("swapped", "missing", "extra", "doubled", "wrong", "case")),
    ("user", ("swapped", "missing", "extra", "doubled", "wrong", "case")),
    ("host", ("swapped", "missing", "extra", "doubled", "wrong")),  # names ignore case
    ("port", ("swapped", "missing", "doubled", "wrong")),
    ("expiry", ("missing", "doubled")),
)
_AROUND = (
    ("blank-before", " ", "", "A blank stands before the {}"),
    ("blank-behind", "", " ", "A blank stands behind the {}"),
    ("no-break-space", "", "\u00a0", "An invisible no-break space (U+00A0) was pasted behind the {}"),
    ("zero-width", "", "\u200b", "An invisible zero-width space (U+200B) was pasted behind the {}"),
    ("curly-quotes", "“", "”", "Curly quotes (U+201C and U+201D) stand around the {}"),
)


def _of_values() -> Iterator[Kind]:
    for name, found in _FIELDS:
        label, changed = LABELS[name], _changes(name)
        prefix = "password" if name == "secret" else name
        for slip in found:
            function, title, needs = SLIPS[slip]
            edits = slips.inside(name, function)
            yield Kind(f"{prefix}-{slip}", title.format(label), needs.format(label), edits, changed)
        if name in ("secret", "user", "host"):
            title = f"A letter of the {label} stands for a digit that looks like it, or a digit for a letter"
            needs = f"O, 0, l, I or 1 in its {label}"
            yield Kind(f"{prefix}-look-alike", title, needs, slips.look_alike(name), changed)
            for mark, before, behind, title in _AROUND:
                edits = slips.around(name, before, behind)
                yield Kind(f"{prefix}-{mark}", title.format(label), label, edits, changed)


_OF_VALUES: tuple[tuple[str, str, str, Edits, Judge], ...] = (
    ("user-with-domain", "The user name has a domain", "user name", slips.domain_behind_user, _changes("user")),
    (
        "user-for-auth-user",
        "User name and auth user are exchanged",
        "auth user besides its user name",
        slips.exchanged("user", "auth_user"),
        _changes("user"),
    ),
    ("host-with-scheme", "`sip:` stands before the host", "host", slips.around("host", "sip:", ""), _changes("host")),
    ("host-dot-behind", "A dot stands behind the host", "host", slips.around("host", "", "."), _changes("host")),
    ("host-slash-behind", "A lone slash stands behind the host", "host", slips.slash_behind_host, _read_otherwise),
    (
        "host-transport-behind",
        "A `;transport=` stands behind the host, where it is not read",
        "host",
        slips.transport_behind_host,
        _not_obeyed("transport"),
    ),
    (
        "port-letter",
        "The letter O stands for a 0 in the port",
        "0 in its port",
        slips.letter_in("port"),
        _changes("port"),
    ),
    ("port-blank", "A blank stands inside the port", "port", slips.blank_in("port"), _changes("port")),
    ("port-twice", "A second port stands behind the port", "port", slips.around("port", "", ":5061"), _read_otherwise),
    ("port-iax2", "The port is that of IAX2", "port", slips.instead("port", lambda _: "4569"), _changes("port")),
    (
        "expiry-letter",
        "The letter O stands for a 0 in the expiry",
        "0 in its expiry",
        slips.letter_in("expiry"),
        _changes("expiry"),
    ),
)

# --- mistakes in the way that the password is written

_SPECIAL = (
    ("semicolon", ";"),
    ("colon", ":"),
    ("slash", "/"),
    ("at", "@"),
    ("question-mark", "?"),
    ("hash", "#"),
    ("bracket", "("),
    ("double-quote", '"'),
    ("single-quote", "'"),
    ("blank", " "),
    ("ampersand", "&"),
    ("dollar", "$x"),
    ("less-than", "<"),
    ("percent", "%40"),
)
_OF_THE_PASSWORD: tuple[tuple[str, str, str, Edits], ...] = (
    ("twice", "The password was pasted twice", "password", slips.instead("secret", lambda s: s + s)),
    (
        "percent-encoded",
        "A character of the password is percent-encoded",
        "password with a special character that is written as it is",
        slips.each_special(lambda c: quote(c, safe="", errors="replace")),
    ),
    (
        "backslashed",
        "A backslash stands before a character of the password",
        "password with a special character that is written as it is",
        slips.each_special(lambda c: f"\\{c}"),
    ),
    ("unquoted", "The quotes around the password are missing", "quotes around its password", slips.unquoted),
    (
        "unescaped",
        "A character of the password is written as it is, where an entity belongs",
        "entity in its password",
        slips.unescaped,
    ),
    (
        "placeholder",
        "The placeholder of a guide was left in for the password",
        "password",
        slips.instead("secret", lambda _: "your_password"),
    ),
    (
        "for-user",
        "User name and password are exchanged",
        "user name and password that differ",
        slips.exchanged("user", "secret"),
    ),
)


def _of_the_password() -> Iterator[Kind]:
    for name, characters in _SPECIAL:
        title = f"`{characters}` stands in the password as it is, where that has another meaning"
        yield Kind(
            f"password-{name}", title, "password that is written plainly", slips.special(characters), _taken_apart
        )
    for name, title, needs, edits in _OF_THE_PASSWORD:
        yield Kind(f"password-{name}", title, needs, edits, _changes("secret"))


# --- mistakes between the values

_CHARACTERS = (
    ("at", "@", "`@`"),
    ("colon", ":", "colon"),
    ("semicolon", ";", "semicolon"),
    ("comma", ",", "comma"),
    ("dot", r"(?<=\w)\.(?=\w)", "dot"),
    ("slash", "/", "slash"),
    ("equals-sign", "=", "equals sign"),
    ("double-quote", '"', "double quote"),
    ("single-quote", "'", "single quote"),
    ("opening-angle", "<", "`<`"),
    ("closing-angle", ">", "`>`"),
    ("opening-bracket", r"\[", "`[`"),
    ("closing-bracket", r"\]", "`]`"),
    ("closing-brace", r"\}", "`}`"),
    ("backslash", r"\\", "backslash"),
    ("hyphen", "(?<![A-Za-z0-9])-", "hyphen before a name"),
    ("line-break", r"(?<=\S)\r?\n(?=[^\r\n])", "line break"),
)
_DOUBLED = (
    ("at", "@", "`@`"),
    ("colon", ":", "colon"),
    ("dot", r"(?<=\w)\.(?=\w)", "dot"),
    ("equals-sign", "=", "equals sign"),
)
_INSTEAD = (
    ("semicolon-for-colon", ":", ";", "semicolon", "colon"),
    ("blank-for-colon", ":", " ", "blank", "colon"),
    ("hash-for-at", "@", "#", "`#`", "`@`"),
    ("comma-for-dot", r"(?<=\w)\.(?=\w)", ",", "comma", "dot"),
    ("colon-for-equals-sign", "=(?!>)", ":", "colon", "equals sign"),
    ("comma-for-semicolon", ";", ",", "comma", "semicolon"),
    ("colon-for-semicolon", ";", ":", "colon", "semicolon"),
    ("semicolon-for-comma", ",", ";", "semicolon", "comma"),
    ("backslash-for-slash", "/", r"\\", "backslash", "slash"),
    ("curly-for-double-quote", '"', "“", "curly quote (U+201C)", "double quote"),
    ("curly-for-single-quote", "'", "’", "curly quote (U+2019)", "single quote"),
    ("dash-for-hyphens", "--", "–", "dash (U+2013)", "`--`"),
    ("wide-colon", ":", "：", "full-width colon (U+FF1A)", "colon"),
    ("wide-at", "@", "＠", "full-width `@` (U+FF20)", "`@`"),
    ("no-break-space-for-blank", " ", "\u00a0", "no-break space (U+00A0)", "blank"),
)
_KEYWORD = "`register =>`"
_ARROW = r"^([ \t]*register[ \t]*)=>"
_SHAPES = (
    ("keyword-missing", slips.KEYWORD, "", f"{_KEYWORD} is missing", _KEYWORD),
    ("keyword-doubled", slips.KEYWORD, r"\g<0>\1\2", f"{_KEYWORD} is there twice", _KEYWORD),
    ("keyword-misspelt", slips.KEYWORD, r"registr\2", "`register` lacks a letter", _KEYWORD),
    ("arrow-with-hyphen", _ARROW, r"\1->", "`->` stands for `=>`", _KEYWORD),
    ("arrow-character", _ARROW, r"\1⇒", "An arrow (U+21D2) stands for `=>`", _KEYWORD),
    ("arrow-apart", _ARROW, r"\1= >", "A blank stands inside `=>`", _KEYWORD),
    ("slashes-missing", "://", ":", "`//` is missing behind the transport", "`://`"),
    ("one-slash-missing", "://", ":/", "A slash of `://` is missing", "`://`"),
    ("scheme-missing", r"\bsips?:(?!//)", "", "`sip:` is missing", "`sip:`"),
    ("parameter-outside", r"(;\w+=[\w.-]+)>", r">\1", "A parameter stands outside of `<>`", "parameter in `<>`"),
    ("expiry-first", r"(/[^/~@\s]+)(~\d+)", r"\2\1", "`~expiry` stands before `/extension`", "`/extension~expiry`"),
    (
        "brackets-missing",
        r"\[([\dA-Fa-f]*:[\dA-Fa-f:.]+)\]",
        r"\1",
        "The brackets of an IPv6 host are missing",
        "IPv6 host",
    ),
    ("section-missing", r"^[ \t]*\[[^\]\n]+\].*\n", "", "The line with the `[section]` is missing", "`[section]`"),
)


def _between() -> Iterator[Kind]:
    more = "{} outside of its password"
    for name, pattern, label in _CHARACTERS:
        title = f"{_article(label)} is missing"
        yield Kind(f"{name}-missing", title, more.format(label), slips.put(pattern), _read_otherwise)
    for name, pattern, label in _DOUBLED:
        edits = slips.put(pattern, r"\g<0>\g<0>")
        yield Kind(f"{name}-doubled", f"{_article(label)} is there twice", more.format(label), edits, _read_otherwise)
    for name, pattern, new, typed, right in _INSTEAD:
        title = f"{_article(typed)} stands for {_article(right).replace('A', 'a', 1)}"
        yield Kind(name, title, more.format(right), slips.put(pattern, new), _read_otherwise)
    for name, pattern, new, title, needs in _SHAPES:
        yield Kind(name, title, needs, slips.put(pattern, new), _read_otherwise)


def _article(label: str) -> str:
    """A label at the beginning of a sentence."""
    if label.startswith("`"):
        return label
    return f"{'An' if re.match('[aeiou]', label) else 'A'} {label}"


# --- mistakes about the whole

_OF_THE_WHOLE: tuple[tuple[str, str, str, Edits], ...] = (
    ("keyword-extra", "`register =>` is typed where none belongs", "bare register value", slips.keyword_before),
    ("whole-quoted", "Quotes stand around the whole string", "single line", slips.whole_quoted),
    ("option-misspelt", "The name of an option lacks a letter", "named option", slips.in_a_name(swap=False)),
    ("option-swapped", "Two letters of an option's name are swapped", "named option", slips.in_a_name(swap=True)),
    ("note-behind", "A note with `#` stands behind a value", "value", slips.note_behind),
    ("account-twice", "The account is there twice", "password", slips.account_twice),
)


def _all() -> Iterator[Kind]:
    yield from _of_values()
    yield from (Kind(*row) for row in _OF_VALUES)
    yield from _of_the_password()
    yield from _between()
    yield from (Kind(*row, _read_otherwise) for row in _OF_THE_WHOLE)


TABLE: dict[str, Kind] = {kind.id: kind for kind in _all()}
"""Every kind by its id, in a stable order."""
