"""The stable registry of what can be found in a registration text or a config: never renumbered, only added to.

`CODES` is what the reference documentation is generated from. Findings are made with `finding`, which takes the
severity from here unless the place knows better.
"""

from __future__ import annotations

from dataclasses import dataclass

from mockregistrar.trunks.model import Finding, Severity, Span

from . import clients as codes_clients
from . import forms as codes_forms
from . import libraries as codes_libraries
from . import logs as codes_logs
from . import pbx as codes_pbx
from . import phones as codes_phones
from . import pjsip as codes_pjsip
from . import servers as codes_servers
from . import tools as codes_tools
from . import twinkle as codes_twinkle


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding: its stable code, usual severity, a title and a paragraph that explains it."""

    code: str
    severity: Severity
    title: str
    explanation: str


_ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR101",
        "error",
        "refused: not the form of a registration",
        (
            "chan_sip needs `user@host` at the least: it cuts at the last `@`, and both sides must hold "
            "something. What it "
            "cannot cut it drops with the `Format for registration is ...` warning; the trunk does not exist then."
        ),
    ),
    (
        "SR102",
        "error",
        "`register =>` is missing",
        (
            "A registration is an option like any other: without `register =>` in front Asterisk does not "
            "know what the line "
            "is. In VICIdial the keyword belongs into the Registration String; in FreePBX the form adds it."
        ),
    ),
    (
        "SR103",
        "error",
        "`register =>` is there twice",
        (
            "Forms such as FreePBX put `register=` in front of the field. Typed once more, it becomes part "
            "of the user name."
        ),
    ),
    (
        "SR104",
        "error",
        "`;` cuts the line",
        (
            "A `;` starts a comment anywhere in an Asterisk config, also inside quotes. What stands behind "
            "it is gone without "
            "a message. `\\;` is a plain semicolon."
        ),
    ),
    (
        "SR105",
        "error",
        "misspelt arrow",
        "Name and value are parted by `=` or `=>`. Other arrows leave no `=` in the line, or leave a `>` in the value.",
    ),
    ("SR106", "error", "misspelt option name", "Asterisk ignores options that it does not know, without a message."),
    (
        "SR107",
        "error",
        "longer than 255 octets",
        "chan_sip copies the value into a buffer of 256 octets; the rest is cut off silently.",
    ),
    (
        "SR108",
        "error",
        "a note became part of the value",
        "In an Asterisk config only `;` starts a comment. `#` and what follows it belong to the value.",
    ),
    ("SR109", "hint", "a placeholder was left in", "The text still holds a word from a guide, such as USERNAME."),
    (
        "SR110",
        "error",
        "not a transport of chan_sip",
        "Only udp, tcp and tls can be written in front of `://`. Anything else means udp, with a NOTICE.",
    ),
    (
        "SR111",
        "warning",
        "`sip://` means udp",
        "`sip` is no transport: Asterisk prints a NOTICE and uses udp. Leave it out, or name udp, tcp or tls.",
    ),
    ("SR112", "error", "one slash where two are needed", "A transport is written `tcp://`, with two slashes."),
    (
        "SR113",
        "error",
        "a scheme without `//` is read as the user name",
        (
            "Without `//` the colon parts user and password, so that the scheme becomes the user and the "
            "user the password."
        ),
    ),
    (
        "SR114",
        "error",
        "`;transport=` cannot be written here",
        (
            "URI parameters do not exist in a register line. In sip.conf the `;` even makes it a comment. "
            "Put `tls://` or "
            "`tcp://` in front instead."
        ),
    ),
    (
        "SR115",
        "error",
        "`//` without a transport",
        "An empty transport makes chan_sip write in front of its buffer: what happens is undefined.",
    ),
    (
        "SR116",
        "hint",
        "transport known by its first three letters",
        "chan_sip compares three letters only, so that `tcpx://` is tcp.",
    ),
    (
        "SR117",
        "hint",
        "unusual port for the transport",
        "TLS usually lives on 5061, UDP and TCP on 5060. Some carriers differ (MessageNet runs UDP on 5061).",
    ),
    (
        "SR118",
        "error",
        "a scheme in front of the host",
        "Behind the `@` stands a bare host. A scheme there becomes the host name.",
    ),
    (
        "SR119",
        "warning",
        "a transport where the extension belongs",
        "What follows `/` is the extension that calls go to, not a transport.",
    ),
    (
        "SR120",
        "hint",
        "three fields: user, password, auth user",
        (
            "Two colons in front of the `@` are legal: the third field is the digest user name. If the "
            "colon belongs to the "
            "password, the password needs quotes."
        ),
    ),
    (
        "SR121",
        "error",
        "a `:` too many",
        "With three colons the second field is a domain port. A colon in the password therefore moves every field.",
    ),
    (
        "SR122",
        "error",
        "`/` in front of the `@` is taken for `transport://`",
        "chan_sip looks for `transport://` before it looks for user and password. Quote the password.",
    ),
    (
        "SR123",
        "error",
        "`?` in front of the `@` is taken for `peer?`",
        "What stands in front of the first `?` is the name of a peer section. Quote the password.",
    ),
    (
        "SR124",
        "error",
        "an unbalanced quote or bracket hides the separators behind it",
        (
            'The splitter does not cut inside `(...)`, `[...]` and `"..."`. One that is never closed hides '
            "all that follows, "
            "brackets even inside quotes."
        ),
    ),
    (
        "SR125",
        "error",
        "quotes around the whole text",
        "Quotes may wrap a single field only. Around the whole text they become part of user and host.",
    ),
    (
        "SR126",
        "warning",
        "a backslash does not escape here",
        "A backslash keeps a separator from cutting, but it stays in the value and is sent along.",
    ),
    (
        "SR127",
        "hint",
        "an escape that does not exist here",
        "Percent signs and single quotes are plain characters in a register line.",
    ),
    ("SR128", "error", "no `:` between user and password", "A blank does not part user and password; `:` does."),
    ("SR129", "error", "no user", "There is nothing in front of the first `:`."),
    (
        "SR130",
        "hint",
        "a second `@`",
        (
            "The last `@` counts: what stands in front of it is password. A domain goes right behind the user; where "
            "one was probably meant this is a warning."
        ),
    ),
    (
        "SR131",
        "error",
        "a number with something else in it",
        "Numbers are read up to the first character that is no digit. `5O60` with the letter O is port 5, silently.",
    ),
    ("SR132", "warning", "something behind a number", "It is ignored silently; the number itself is read right."),
    (
        "SR133",
        "error",
        "not a port",
        "A port is a number from 1 to 65535. Otherwise Asterisk prints a NOTICE and uses the default port.",
    ),
    (
        "SR134",
        "error",
        "`/extension` behind `~expiry`",
        "The order is `/extension~expiry`. The other way round the extension is lost and calls go to `s`.",
    ),
    (
        "SR135",
        "error",
        "an expiry of 0 un-registers",
        "Text or nothing behind `~` counts as 0, and a registration for 0 seconds removes the registration.",
    ),
    ("SR136", "hint", "a short expiry", "Many carriers refuse less than 60 seconds with 423 Interval Too Brief."),
    ("SR137", "warning", "two ports", "Asterisk uses the first number and ignores the other."),
    (
        "SR138",
        "hint",
        "a domain port without a domain",
        "Four fields are user@domain, domain port, password, auth user.",
    ),
    (
        "SR139",
        "error",
        "a backslash in front of the `@`",
        "It makes chan_sip step over the end of the left half and look for the auth user in the right one.",
    ),
    ("SR140", "error", "not a host name", "A host is a name of letters, digits, `-` and `.`, or an address."),
    (
        "SR141",
        "error",
        "IPv6 address without brackets",
        "The host ends at its first `:`. An IPv6 address is written `[2001:db8::1]`.",
    ),
    ("SR142", "error", "no host", "There is nothing between the last `@` and the port or extension."),
    (
        "SR143",
        "warning",
        "a dot at the end of the host",
        "It is sent along in the request; carriers rarely know that name.",
    ),
    (
        "SR144",
        "warning",
        "this looks like an IAX2 registration",
        "Port 4569 is IAX2. A SIP registrar will not answer there; the line belongs into iax.conf.",
    ),
    ("SR145", "hint", "nothing behind `/`", "Calls would go to extension `s`. Name an extension or drop the `/`."),
    (
        "SR146",
        "hint",
        "no password",
        "A registration without a password cannot answer a challenge. That is right only where the address suffices.",
    ),
    (
        "SR147",
        "hint",
        "this may be an IAX2 registration",
        "The host or the password has a form that is usual for IAX2.",
    ),
    (
        "SR150",
        "error",
        "an invisible character",
        (
            "Blanks that are no ASCII blank, zero-width characters and control characters are not stripped: "
            "they become part "
            "of the field they stand in."
        ),
    ),
    (
        "SR151",
        "error",
        "a look-alike character",
        (
            "Typographic quotes, full-width signs and letters of other alphabets that look like ASCII ones "
            "are different "
            "characters for every computer."
        ),
    ),
    (
        "SR160",
        "error",
        "text before the first section",
        "Asterisk refuses the whole file when an option stands before the first `[section]`.",
    ),
    (
        "SR161",
        "error",
        "a registration outside [general]",
        "Only [general] may hold `register =>`. Elsewhere it is ignored silently.",
    ),
    ("SR162", "warning", "the same text twice", "Asterisk drops the second of two identical registrations silently."),
    (
        "SR163",
        "warning",
        "one account registered twice",
        "Two lines for one account that differ in their text both register, and take the binding from one another.",
    ),
    ("SR164", "hint", "`defaultexpiry` below the registration", "It counts only for the lines behind it."),
    (
        "SR165",
        "warning",
        "an included file is missing",
        (
            "When it is missing on the server too, Asterisk refuses the whole file. `#tryinclude` may miss. A hint "
            "where only a text was given, and nothing could be included."
        ),
    ),
    (
        "SR166",
        "hint",
        "`#exec` is not run",
        "What the program would print is unknown here; registrations in it are not seen.",
    ),
    (
        "SR167",
        "error",
        "includes go round in a circle, or too deep",
        "Asterisk stops at ten levels and refuses the file.",
    ),
    (
        "SR168",
        "error",
        "a block comment that never ends",
        "`;--` opens a block comment (`;---` does not). Up to `--;`, or the end of the file, nothing is read.",
    ),
    (
        "SR169",
        "hint",
        "an unknown directive",
        (
            "A `#` first in a line is a directive, not a comment: Asterisk warns and ignores the line. "
            "Comments start with `;`."
        ),
    ),
    ("SR170", "error", "a line of more than 8190 octets", "Asterisk does not read such a line."),
    (
        "SR171",
        "error",
        "a broken section header",
        "Asterisk refuses the whole file at a section header it cannot read.",
    ),
    (
        "SR172",
        "error",
        "a [general] that does not count",
        (
            "Only the first section named [general] that is no template is looked at. `[general](+)` adds to it. A "
            "warning at the section, an error at each registration in it."
        ),
    ),
    (
        "SR173",
        "warning",
        "a section without a usable type",
        "A peer section needs `type=peer`, `user` or `friend`, else it is skipped.",
    ),
    (
        "SR174",
        "warning",
        "`peer?` names no section",
        "Without such a section Asterisk takes the name for a host and looks it up.",
    ),
    (
        "SR175",
        "error",
        "callbackextension cannot carry this password",
        "It glues user, password and host together without quotes and reads the result like a register line.",
    ),
    (
        "SR176",
        "warning",
        "port and transport of the peer section do not count",
        (
            "A registration always has a port and a transport of its own, those of the line or the usual ones. `port` "
            "and `transport` of the peer section that it names are for calls; where the section does not speak the "
            "transport of the registration, Asterisk gives it up, and that is an error. `callbackextension` has no way "
            "to name either."
        ),
    ),
    ("SR177", "error", "no address to register to", "The peer has `host=dynamic` or none: there is nobody to send to."),
    (
        "SR178",
        "error",
        "the peer section has another password",
        "The registration and the peer section for the same user and host disagree about the password.",
    ),
    ("SR179", "hint", "`auth =` does not count in [general]", "It belongs into [authentication] or a peer section."),
    (
        "SR180",
        "hint",
        "realm credentials win",
        "An `auth =` whose realm is that of the challenge is used instead of the register line.",
    ),
    ("SR181", "hint", "`username` is now `defaultuser`", "It still works, with a NOTICE."),
    ("SR182", "warning", "unknown insecure mode", "`very` and `yes` are gone: write `port,invite`."),
    (
        "SR183",
        "error",
        "nothing to register",
        (
            "The file holds neither a registration nor a peer with an address. A hint where it has other settings of "
            "chan_sip: it may be a file of phones alone, or include the registrations from elsewhere."
        ),
    ),
    (
        "SR184",
        "warning",
        "the peer's password is sent instead",
        "When the host or `peer?` names a peer section with `remotesecret` or `md5secret`, that is used for the login.",
    ),
    ("SR185", "error", "`--;` where no block comment is open", "It hides the rest of the file."),
    (
        "SR186",
        "hint",
        "`;` right behind a password",
        "A `;` starts a comment, so that a password in `secret=` ends there. `\\;` is a plain semicolon.",
    ),
    (
        "SR187",
        "error",
        "text behind a section header",
        "What follows `[section]` in the same line is not read. An option needs a line of its own.",
    ),
    (
        "SR189",
        "hint",
        "names that a letter parts",
        "The registration and a peer section for it name the host, or the account, in two ways that look like a typo.",
    ),
    ("SR188", "error", "a registration in a dialplan", "In extensions.conf `register` means nothing."),
)

CODES: dict[str, Code] = {
    row[0]: Code(*row)
    for row in (
        *_ROWS,
        *codes_pjsip.ROWS,
        *codes_forms.ROWS,
        *codes_clients.ROWS,
        *codes_servers.ROWS,
        *codes_phones.ROWS,
        *codes_libraries.ROWS,
        *codes_logs.ROWS,
        *codes_tools.ROWS,
        *codes_twinkle.ROWS,
        *codes_pbx.ROWS,
    )
}


def finding(
    code: str,
    span: Span,
    message: str,
    *,
    fix: str = "",
    log: str = "",
    severity: Severity | None = None,
    path: str = "",
) -> Finding:
    """A finding of a registered code; its severity is the code's unless given."""
    return Finding(code, severity or CODES[code].severity, span, message, fix, log, path)
