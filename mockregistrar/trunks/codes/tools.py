"""The codes of what is found in SIPp's injection files and on the command lines of sipsak and sipexer."""

from __future__ import annotations

from mockregistrar.trunks.model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR750",
        "error",
        "the first line does not say the file type",
        (
            "The first line of an injection file holds RANDOM, SEQUENTIAL or USER, in capitals. Without one of them "
            "SIPp stops; where a line of data happens to hold one, that line is used up."
        ),
    ),
    (
        "SR751",
        "error",
        "`;` ends the field",
        (
            "SIPp splits a line at every `;`, also inside of quotes and brackets, and crashes when a field opens "
            "`[authentication` and does not close it. Written `\\x3B` (in quotes `\\\\x3B`) a semicolon is possible."
        ),
    ),
    (
        "SR752",
        "error",
        "a value that ends too early",
        (
            "Without quotes a value in `[authentication ...]` ends at the first blank or character that is not ASCII, "
            "and nothing else ends it: a comma and single quotes belong to it."
        ),
    ),
    (
        "SR753",
        "error",
        "an empty line ends the file",
        "SIPp stops reading at the first empty line. What stands behind it is never used, without a message.",
    ),
    (
        "SR754",
        "warning",
        "a line with another number of fields",
        "A field that a line does not have is empty when the scenario asks for it; SIPp only warns.",
    ),
    (
        "SR755",
        "warning",
        "lines that end in CR LF",
        (
            "SIPp removes the CR from the first line only: in all others it belongs to the last field and goes into "
            "the message, which many servers refuse. An empty line does not end such a file."
        ),
    ),
    (
        "SR756",
        "error",
        "the `]` of `[authentication ...]` is missing or comes too early",
        (
            "The first `]` ends it, even in quotes; what follows is sent behind the Authorization header. Without "
            "any, SIPp crashes. A bracket in a value is written `\\x5D` (in quotes `\\\\x5D`)."
        ),
    ),
    (
        "SR757",
        "error",
        "`[` in a value begins a keyword",
        (
            "Values are read like the text of a scenario: SIPp takes `[` for the beginning of a keyword and stops. "
            "Written `\\x5B` (in quotes `\\\\x5B`) it is a bracket."
        ),
    ),
    (
        "SR758",
        "warning",
        "a value that is read as hexadecimal",
        "An unquoted value that begins with `0x` is a row of octets in hexadecimal. In quotes it is taken literally.",
    ),
    (
        "SR759",
        "error",
        "PRINTF that cannot be read",
        (
            "`PRINTF=n` makes n lines of those in the file, and `%d`, `%05d` and the like their number. "
            "Anything else behind `%`, or no number behind `PRINTF=`, stops SIPp."
        ),
    ),
    (
        "SR760",
        "warning",
        "a parameter that SIPp does not know",
        (
            "`[authentication]` knows `username=`, `password=`, `aka_OP=`, `aka_AMF=` and `aka_K=`, without blanks "
            "around the `=`. For one that it does not find, `-au` (or `-s`) and `-ap` of the command line count."
        ),
    ),
    ("SR761", "error", "no line with data", "SIPp stops with `Input file has zero lines`."),
    (
        "SR762",
        "error",
        "a value that is too long",
        "SIPp has room for 256 octets: a longer `[authentication ...]` makes it stop, or write beyond its buffer.",
    ),
    (
        "SR763",
        "error",
        "an option that does not exist",
        "The program prints how it is used, and stops.",
    ),
    (
        "SR764",
        "error",
        "an option without its value",
        "An option that takes a value takes the next word, whatever it is; at the end of the line there is none.",
    ),
    (
        "SR765",
        "warning",
        "a word that is not read",
        "sipsak ignores words that belong to no option, without a message.",
    ),
    (
        "SR766",
        "error",
        "a long option with one dash",
        "With one dash sipsak reads single letters: `-password` is the option `-p` with the value `assword`.",
    ),
    (
        "SR767",
        "error",
        "a URI that sipsak cannot read",
        (
            "sipsak knows `sip:user@host:port` and no more: no `sips:`, no parameters, no password, no IPv6 address, "
            "and the user ends at the first `@`."
        ),
    ),
    (
        "SR768",
        "error",
        "no account to register",
        "To register sipsak needs `-s` and a URI with a user in it.",
    ),
    (
        "SR769",
        "hint",
        "nothing is bound",
        (
            "sipsak registers with `-U` only, sipexer with `-register`. Without a Contact (`-C none`, or neither `-cb` "
            "nor `-cu`) a REGISTER checks the login and binds nothing."
        ),
    ),
    (
        "SR770",
        "hint",
        "sipsak without `-u`",
        "Without `-u` sipsak 0.9.8 logs in with the user and an `@` behind it, which no carrier knows.",
    ),
    (
        "SR771",
        "hint",
        "a port of five digits in the URI",
        "sipsak writes only four digits into From, To and Request-URI; it sends to the right port. `-r` avoids it.",
    ),
    (
        "SR772",
        "error",
        "not a number",
        "Ports and seconds are plain digits; with anything else in it the program stops.",
    ),
    (
        "SR773",
        "error",
        "not a transport",
        "sipsak knows udp and tcp, and tls where it was built with it; sipexer udp, tcp, tls, ws and wss.",
    ),
    (
        "SR774",
        "error",
        "a target that sipexer cannot read",
        "The target is `host`, `proto:host:port`, `host port`, `proto host port`, a SIP URI, or a `ws://` URL.",
    ),
    (
        "SR775",
        "warning",
        "a login without `-fuser`",
        "`-au` is the name in the digest only: without `-fuser` sipexer registers the address of `alice`.",
    ),
    (
        "SR776",
        "hint",
        "the domain is `localhost`",
        "Without `-fdomain` and `-set-domains` sipexer registers an address at `localhost`.",
    ),
    (
        "SR777",
        "error",
        "not an HA1",
        "An HA1 is the MD5 digest of user, realm and password: 32 hexadecimal digits.",
    ),
    (
        "SR778",
        "error",
        "options behind the target",
        "sipexer reads options up to the first word that is none; what follows counts as a part of the target.",
    ),
    (
        "SR779",
        "warning",
        "a backslash that the shell removes",
        "Outside of quotes a backslash makes the next character literal and disappears.",
    ),
)
