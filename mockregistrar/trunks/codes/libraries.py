"""The codes of what is found in configurations of SIP libraries: JsSIP, SIP.js, drachtio-srf and pyVoIP."""

from __future__ import annotations

from mockregistrar.trunks.model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR780",
        "error",
        "not JavaScript",
        "A quote inside of a string, a missing comma, a typographic quote: the program does not start at all.",
    ),
    ("SR781", "error", "not JSON", "JSON has double quotes, no comments and no comma behind the last option."),
    ("SR782", "error", "not Python", "The program does not start at all: Python reports a SyntaxError."),
    (
        "SR783",
        "warning",
        "an option that the library does not know",
        (
            "Options that are not known are ignored without a message: misspelt ones, those of an older version, and "
            "those of another library (`authorization_user` in JsSIP is `authorizationUsername` in SIP.js). An error "
            "for what the library cannot do without."
        ),
    ),
    (
        "SR784",
        "error",
        "a value that the library refuses",
        (
            "JsSIP, and SIP.js before 0.16, throw a ConfigurationError for a value that does not fit, and there is no "
            'user agent. `register` is a boolean, `"true"` is none; `register_expires` is above 0.'
        ),
    ),
    ("SR785", "error", "an option that is required", "Without it the library throws, and there is no user agent."),
    (
        "SR786",
        "error",
        "a URI that the library cannot read",
        (
            "The grammar is strict: no blank, no second `@`, nothing but ASCII, no host that ends in a dot. JsSIP puts "
            "`sip:` in front where it is missing; `UserAgent.makeURI` does not, and gives nothing back."
        ),
    ),
    (
        "SR787",
        "error",
        "not the address of a WebSocket",
        "A browser reaches a registrar by WebSocket only: the address begins with `wss://` or `ws://`.",
    ),
    (
        "SR788",
        "error",
        "a user in the address of the registrar",
        "The registrar is a host: `sip:sip.example.com`. With a user in front the library throws.",
    ),
    (
        "SR789",
        "warning",
        "a password and its digest",
        "Where both are given the password is used, and the digest is not looked at (in SIP.js it is the other way).",
    ),
    (
        "SR790",
        "error",
        "a digest that cannot be used",
        (
            "`ha1` is the MD5 of user, realm and password in 32 hexadecimal digits. JsSIP uses it for the realm "
            "that is named beside it."
        ),
    ),
    (
        "SR791",
        "error",
        "an escape in a string",
        "`\\t`, `\\n` and the like are one character other than they look. A backslash that is meant is written twice.",
    ),
    (
        "SR792",
        "warning",
        "a backslash that is dropped",
        "JavaScript drops a backslash in front of a letter that makes no escape. One that is meant is written twice.",
    ),
    (
        "SR793",
        "error",
        "a number where a text belongs",
        (
            "Without quotes a password of digits is a number: a leading zero makes it octal, beyond 16 digits it is "
            "rounded, and in Python it cannot be put together with text at all."
        ),
    ),
    (
        "SR794",
        "error",
        "a password in the URI",
        "JsSIP and SIP.js take `alice:secret` in front of the `@` for the user. The password is an option of its own.",
    ),
    ("SR795", "hint", "no password", "Without a password a challenge is not answered. Some carriers ask for none."),
    (
        "SR796",
        "error",
        "`${...}` outside of backquotes",
        "Only a string in backquotes is a template. In other quotes `${name}` is sent as it stands.",
    ),
    (
        "SR797",
        "hint",
        "nothing registers",
        "SIP.js since 0.16 registers when the program makes a Registerer and calls `register()`, not by an option.",
    ),
    (
        "SR798",
        "error",
        "a string where an object belongs",
        (
            "JsSIP takes sockets that are made with `new JsSIP.WebSocketInterface(...)`, SIP.js since 0.16 takes URIs "
            "that are made with `UserAgent.makeURI(...)`. A plain string does not work in their place."
        ),
    ),
    (
        "SR799",
        "hint",
        "an option of an older version",
        "It still works, with a warning, and is to be gone in a later version.",
    ),
    (
        "SR800",
        "error",
        "arguments that do not fit",
        "VoIPPhone takes server, port, username and password, in this order or by name. Others raise a TypeError.",
    ),
    (
        "SR801",
        "error",
        "arguments in the wrong order",
        "pyVoIP does not check what it is given: server, port, username, password is the order.",
    ),
    (
        "SR802",
        "error",
        "not a bare host",
        "`server` of pyVoIP is a host or an address. It puts `sip:` in front itself, and the port is an argument.",
    ),
    (
        "SR803",
        "error",
        "not a port",
        "The port of pyVoIP is a number from 1 to 65535 without quotes. Another one fails when it registers.",
    ),
    (
        "SR804",
        "hint",
        "no address of its own",
        "Without `myIP` pyVoIP tells the carrier to send calls to 0.0.0.0: it registers, but nobody can call it.",
    ),
    (
        "SR805",
        "error",
        "a domain in the user name",
        "pyVoIP puts `@server` behind the user name itself, so that a domain stands there twice.",
    ),
    (
        "SR810",
        "error",
        "`auth` that holds no credentials",
        (
            "drachtio answers a challenge with `auth: {username, password}`, or with a function that hands them over. "
            "Anything else fails when the carrier asks."
        ),
    ),
    ("SR811", "hint", "no `auth`", "Without `auth` drachtio hands the 401 of the carrier to the program."),
    (
        "SR812",
        "error",
        "a request without a URI or a method",
        "`srf.request` needs the URI that it sends to, with `sip:` in front, and a method.",
    ),
    (
        "SR813",
        "error",
        "a header that is no address",
        "To, From and Contact hold a SIP URI; with parameters of the header it stands in angle brackets.",
    ),
    (
        "SR820",
        "warning",
        "the configuration of another library",
        "Nothing in the text belongs to this library, but something to another one.",
    ),
)
