"""The ways in which a text misses the right one: what each is called, where it comes from, what to do about it.

Each is a refinement of a reason (``wrong-password``), never a reason of its own, and only ever added to. They are
written about passwords; where the text is another (a user, a realm), its name stands in the password's place: `how_of`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple


class How(NamedTuple):
    """One way to miss a text."""

    title: str
    """What happened, in words that follow "wrong password: "."""
    cause: str
    """Where it usually comes from."""
    fix: str
    """What to do about it."""


_AGAIN: Final = "Copy it again from where it was given."
_HOWS: Final = {
    "empty": How(
        "it is empty",
        "The client has no password: a field left empty, a variable that is not set, an option with another name.",
        "Set the password in the client's config.",
    ),
    "wrong-case": How(
        "upper and lower case differ",
        "Typed from paper or from a picture, or with Caps Lock.",
        "Upper and lower case count. Copy the password, do not type it.",
    ),
    "leading-blank": How(
        "there is a blank before it",
        "Copied with a blank, or written behind `=` in a file that keeps blanks.",
        "Remove what stands before the password.",
    ),
    "trailing-blank": How(
        "there is a blank behind it",
        "Copied with a blank, or a blank before the end of the line in a file that keeps it.",
        "Remove what stands behind the password.",
    ),
    "blank-lost": How(
        "a blank of it is missing",
        "The client or its config reader removes blanks.",
        "Quote the password as the client wants it, or have one without blanks.",
    ),
    "newline": How(
        "there is a line end behind it",
        "Read from a file, a pipe or an environment variable with its line end, or from a file with Windows line ends.",
        "Strip the line end: `printf %s` in place of `echo`; convert the file with dos2unix.",
    ),
    "quotes-kept": How(
        "quotes are part of it",
        "The config has quotes around the password, and this client does not take them away.",
        "Write the password without quotes.",
    ),
    "quotes-lost": How(
        "its quotes are missing",
        "The client or a shell took the quotes for its own.",
        "Escape the quotes as the client wants it.",
    ),
    "backslash-kept": How(
        "a backslash is part of it",
        "A character was escaped for a reader that does not know the escape.",
        "Write the character without the backslash.",
    ),
    "backslash-lost": How(
        "a backslash of it is missing",
        "The config reader took the backslash for an escape.",
        "Write the backslash twice, or as the client wants it.",
    ),
    "character-doubled": How(
        "a character is doubled",
        "It was doubled to escape it, for a reader that does not know that.",
        "Write it once.",
    ),
    "character-halved": How(
        "a doubled character came as one",
        "The reader took the first for an escape.",
        "Double each of the two, or as the client wants it.",
    ),
    "variable-replaced": How(
        "what follows a `$` is missing",
        "A shell, Docker or a template took it for a variable.",
        "Put the password into single quotes, or write `$$` where Compose files want it.",
    ),
    "percent-encoded": How(
        "it is percent-encoded",
        "It was encoded for a URI, and stands where no URI is read.",
        "Write the characters themselves.",
    ),
    "percent-decoded": How(
        "a `%` of it was decoded",
        "The client takes the password from a URI and decodes `%`.",
        "Write `%25` for each `%`.",
    ),
    "html-entity": How(
        "it holds an HTML entity",
        "Copied from the source of a page or from an XML file, or stored twice by a web form.",
        "Write the characters themselves.",
    ),
    "html-decoded": How(
        "an entity of it was decoded",
        "The config is XML, and `&` begins an entity there.",
        "Write `&amp;` for each `&`.",
    ),
    "cut-at-character": How(
        "it is cut",
        "The character has a meaning in the client's config: it ends a value, begins a comment or parts two fields.",
        "Escape or quote it as the client wants it; where it cannot be written, have another password.",
    ),
    "begun-behind-character": How(
        "its beginning is missing",
        "The character has a meaning in the client's config, and what stands before it was taken for something else.",
        "Escape or quote it as the client wants it; where it cannot be written, have another password.",
    ),
    "cut-at-length": How(
        "its end is missing",
        "Cut by a field that is too short, or not copied to its end.",
        "Copy it to its end, and look whether the field takes so many characters.",
    ),
    "start-missing": How("its beginning is missing", "Not copied from its beginning.", _AGAIN),
    "pasted-twice": How("it is there twice", "Pasted twice.", "Clear the field, then paste once."),
    "other-keyboard": How(
        "y and z are swapped",
        "Typed with another keyboard layout than the one that was thought of.",
        "Copy it, do not type it.",
    ),
    "smart-character": How(
        "a typographic character stands in it",
        "A word processor, a mail program or a portal put it in place of the plain one.",
        "Type the plain character.",
    ),
    "wrong-encoding": How(
        "it is in another encoding",
        "The config is not UTF-8, or is converted on its way.",
        "Save the config as UTF-8, or have a password of plain ASCII.",
    ),
    "look-alike": How(
        "one character differs",
        "It looks like the right one: typed from paper, from a picture or in another alphabet.",
        "Copy it, do not type it.",
    ),
    "neighbour-key": How("one character differs", "The key beside was hit.", _AGAIN),
    "characters-swapped": How("two characters are swapped", "A typing error.", _AGAIN),
    "character-missing": How("one character is missing", "A typing error, or not copied as a whole.", _AGAIN),
    "character-extra": How("one character too many", "A typing error, or a key that was pressed twice.", _AGAIN),
    "character-differs": How("one character differs", "A typing error.", _AGAIN),
    "user-as-password": How(
        "the user name was sent as the password", "Two fields swapped, or the same text in both.", "Set the password."
    ),
    "user-and-password": How(
        "user and password came together",
        "`user:password` where only the password belongs.",
        "Leave only the password in the field.",
    ),
    "other-account": How(
        "it is another account's",
        "A copied config with the password of its first owner.",
        "Take the password of this account.",
    ),
    "hash-as-password": How(
        "the hash stands in the password's place",
        "The config has the HA1 (an MD5 sum) in the field for the password.",
        "Put the password there, or the hash into the field for hashes.",
    ),
    "password-as-hash": How(
        "the password stands in the hash's place",
        "The config has the password in the field for the HA1 (an MD5 sum).",
        "Put the hash there, or the password into the field for passwords.",
    ),
}
HOWS: Final = MappingProxyType(_HOWS)
"""By slug."""

_NOUNS: Final = {
    "wrong-password": "password",
    "unknown-user": "user name",
    "wrong-auth-user": "auth user",
    "wrong-realm": "realm",
    "wrong-domain": "domain",
}


def how_of(because: str, how: str) -> How | None:
    """Return what is said of a miss of the text that the reason `because` is about; None where there is none."""
    known, noun = HOWS.get(how), _NOUNS.get(because)
    if known is None or noun is None or noun == "password":
        return known
    one = f"an {noun}" if noun[0] in "aeio" else f"a {noun}"
    cause, fix = (text.replace("a password", one).replace("password", noun) for text in known[1:])
    return How(known.title, cause, fix)
