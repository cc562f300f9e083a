"""What the parts print that all of Asterisk shares: the reader of config files, and the dialplan.

Sources: main/config.c and pbx/pbx_config.c. Which channel driver it is about tells the name of the file.
"""

from __future__ import annotations

from .known_line import KnownLine

LINES = (
    KnownLine(
        "SR930",
        "",
        ("No '=' (equal sign) in line {line} of {file}",),
        "Line {line} of {file} has no `=`: Asterisk ignores it. If it was a registration, that trunk does not exist.",
        "line {line} of {file}",
        (
            "`register =>` is missing in front of the string (in VICIdial it belongs into the field)",
            "`->` or a typographic arrow in place of `=>`",
            "a comment without its `;`: VICIdial deletes every `;`",
        ),
        focus="line",
    ),
    KnownLine(
        "SR931",
        "",
        ("parse error: No category context for line {line} of {file}",),
        "Line {line} stands before the first [section]: Asterisk refuses the whole of {file}, and every trunk in it is "
        "gone.",
        "the first lines of {file}: `[general]` belongs above line {line}",
        ("the section header is missing, or is a comment", "the file has a byte order mark in the wrong place"),
        focus="line",
    ),
    KnownLine(
        "SR931",
        "",
        (
            "parse error: no closing ']', line {line} of {file}",
            "parse error in line {line} of {file}",
            "parse error: {reason}, line {line} of {file}",
        ),
        "Asterisk cannot read line {line} and refuses the whole of {file}.",
        "line {line} of {file}",
        focus="line",
    ),
    KnownLine(
        "SR932",
        "",
        (
            "Unknown directive '#{directive}' at line {line} of {file}",
            "Unknown directive '{directive}' at line {line} of {file}",
        ),
        "`#` first in a line is no comment but a directive. Asterisk ignores line {line} of {file}.",
        "`;` in place of `#`, or nothing in its place",
        ("a line was to be a comment",),
        focus="directive",
    ),
    KnownLine(
        "SR933",
        "",
        (
            "==!!== Unknown directive: {directive} at line {line} of {file} -- IGNORING!!!",
            "==!!== Unknown directive: {directive} at line {line}",
        ),
        "`{directive}` in line {line} means nothing in a dialplan and is ignored. A registration that stands in "
        "extensions.conf does not exist.",
        "move `register =>` into [general] of sip.conf",
        ("the registration was pasted into extensions.conf", "a word of the dialplan is misspelt"),
        focus="directive",
    ),
    KnownLine(
        "SR934",
        "",
        ("The file '{file}' was listed as a #include but it does not exist.",),
        "{file} is missing: Asterisk refuses the whole file that includes it.",
        "#tryinclude in place of #include where it may be missing",
        ("the file was moved, or its name is misspelt",),
        focus="file",
    ),
    KnownLine(
        "SR935",
        "",
        (
            "Unterminated comment detected beginning on line {line}",
            "Unterminated comment detected beginning on line",
            "Line {line} too long, skipping.",
            "Maximum Include level ({level}) exceeded",
        ),
        "A part of a config file was not read: what stands in it does not exist for Asterisk.",
        "that place in the file",
        (
            "`;--` opened a block comment that never ends",
            "a line is longer than 8190 octets",
            "files include each other",
        ),
    ),
)
