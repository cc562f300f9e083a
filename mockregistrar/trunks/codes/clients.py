"""The codes of what is found in gateways of FreeSWITCH, accounts of softphones, and env files."""

from __future__ import annotations

from mockregistrar.trunks.model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR401",
        "error",
        "not well-formed XML",
        "FreeSWITCH does not load a file that is no XML. `<` and quotes in a value are written as entities.",
    ),
    (
        "SR402",
        "error",
        "not a name for a gateway",
        "The name of a gateway holds letters, digits, `.`, `-` and `_` only; others are ignored.",
    ),
    (
        "SR403",
        "error",
        "two gateways of one name",
        "FreeSWITCH takes the first gateway of a name and ignores the others.",
    ),
    (
        "SR404",
        "error",
        "a param that is required",
        "A gateway needs `username` and `password` unless `register` is false. Without them it is skipped.",
    ),
    (
        "SR405",
        "error",
        "not a transport of a gateway",
        "`register-transport` is udp, tcp, tls or sctp. With another the gateway is skipped.",
    ),
    (
        "SR406",
        "warning",
        "a param that does not exist",
        "FreeSWITCH ignores params that it does not know, without a message.",
    ),
    (
        "SR407",
        "warning",
        "too few seconds",
        "`expire-seconds` and `retry-seconds` below 5 are replaced by 3600 and 30.",
    ),
    (
        "SR408",
        "error",
        "a scheme where a bare host belongs",
        "`proxy` takes a host: FreeSWITCH puts `sip:` in front, so that a scheme stands there twice.",
    ),
    (
        "SR409",
        "error",
        "a `:` in user or password",
        (
            "The credentials travel inside FreeSWITCH joined by colons. A colon in user or password cuts them, and "
            "there is no way to write one."
        ),
    ),
    (
        "SR410",
        "warning",
        "credentials too long",
        "Realm, user and password share a buffer of 256 octets inside FreeSWITCH.",
    ),
    (
        "SR411",
        "hint",
        "no gateway",
        "Only what stands in a `<gateway>` registers. Users of the directory and settings of a profile do not.",
    ),
    (
        "SR412",
        "warning",
        "neither yes nor no",
        "`register` is true or false. Anything else counts as false, and the gateway does not register.",
    ),
    (
        "SR413",
        "warning",
        "a blank that belongs to the value",
        "FreeSWITCH strips nothing: a blank inside of the quotes is part of the user name, password or realm.",
    ),
    (
        "SR414",
        "error",
        "not a port",
        "The port behind the host of `proxy` is a number from 1 to 65535.",
    ),
    (
        "SR501",
        "error",
        "an address that baresip cannot read",
        "An account begins with an address such as `<sip:user@host>`; the user ends at the first `@`.",
    ),
    (
        "SR502",
        "error",
        "`>` is missing",
        "Without the closing `>` baresip takes `<sip` for the scheme of the address, and the login fails.",
    ),
    (
        "SR503",
        "error",
        "a transport in the wrong place",
        "`;transport=` belongs to the URI and stands inside of `<>`. Outside it is ignored, and UDP is used.",
    ),
    (
        "SR504",
        "warning",
        "a parameter that baresip does not know",
        (
            "baresip ignores address parameters that it does not know, without a message. An error where `auth_pass` "
            "or `auth_user` was meant."
        ),
    ),
    (
        "SR505",
        "error",
        "a value that ends too early",
        "An unquoted value ends at a blank or `;`. Double quotes keep it together; single quotes do not.",
    ),
    (
        "SR506",
        "error",
        "a backslash that is not removed",
        'baresip does not remove backslashes: `"pa\\"ss"` is sent with the backslash. There is no escape.',
    ),
    (
        "SR507",
        "warning",
        "a password in the URI",
        "baresip takes the password from `auth_pass`; what stands in the URI is not used.",
    ),
    (
        "SR508",
        "hint",
        "baresip will ask for the password",
        "With `auth_user` and without `auth_pass` baresip asks when it starts.",
    ),
    (
        "SR509",
        "error",
        "not a number",
        "Ports and intervals are read up to the first character that is no digit; ports above 65535 wrap round.",
    ),
    (
        "SR510",
        "error",
        "an address without a user",
        "An account needs a user in its address: baresip takes none without, and reads no further.",
    ),
    (
        "SR511",
        "hint",
        "an account that does not register",
        "With an interval of 0 the account exists, but is not registered.",
    ),
    (
        "SR512",
        "error",
        "a parameter inside of a value",
        "baresip looks for `;name=` anywhere behind the address, also inside of another parameter's quotes.",
    ),
    (
        "SR513",
        "error",
        "a parameter without its `;`",
        "Each parameter of an account begins with `;`. A blank or a comma does not part them.",
    ),
    (
        "SR514",
        "warning",
        "percent signs in the user of the login",
        (
            "In the address `%40` is `@`. The login takes the text as it stands: a user `a@b` is `<sip:a%40b@host>` "
            "and `auth_user=a@b`."
        ),
    ),
    (
        "SR515",
        "warning",
        "a parameter twice",
        "baresip takes the first parameter of a name and does not look at others.",
    ),
    (
        "SR516",
        "warning",
        "a comment that is none",
        "Only a `#` in the first column begins a comment. Behind a blank the line is an account like any other.",
    ),
    (
        "SR520",
        "error",
        "a blank that belongs to the value",
        "linphone strips blanks at the end of a line and nothing else: a blank behind `=` is part of the value.",
    ),
    (
        "SR521",
        "error",
        "a gap in the numbering",
        "Sections are numbered from 0 without gaps: linphone stops reading at the first that is missing.",
    ),
    (
        "SR522",
        "error",
        "a note that belongs to the value",
        "Nothing in a line of linphonerc is a comment; only a line that begins with `#` is.",
    ),
    (
        "SR523",
        "error",
        "a URI that linphone cannot read",
        "`reg_identity` and `reg_proxy` are SIP URIs; only to `reg_proxy` a missing scheme is added.",
    ),
    (
        "SR524",
        "warning",
        "an account without credentials",
        "No auth_info section has the user name of the account: a challenge cannot be answered.",
    ),
    (
        "SR525",
        "error",
        "a digest without its realm",
        "`ha1` counts for one realm: without `realm` linphone does not answer a challenge, not even by `passwd`.",
    ),
    (
        "SR526",
        "warning",
        "a password in the address",
        "linphone takes the password from auth_info; what stands in `reg_identity` is sent along in the To header.",
    ),
    (
        "SR527",
        "error",
        "a key that linphone does not know",
        "linphone ignores keys that it does not know, without a message.",
    ),
    (
        "SR528",
        "warning",
        "quotes are part of the password",
        'linphone removes no quotes: `passwd="x"` is a password with two quotes in it.',
    ),
    (
        "SR530",
        "error",
        "a quote that is never closed",
        "The shell waits for the closing quote: the command does not start.",
    ),
    (
        "SR531",
        "error",
        "the shell ends the command here",
        "`;`, `&`, `|` and the end of a line end a command unless they are quoted: what follows is never seen.",
    ),
    (
        "SR532",
        "warning",
        "the shell replaces this",
        "`$` and backquotes are replaced by the shell, also inside of double quotes. Single quotes keep them.",
    ),
    (
        "SR533",
        "error",
        "no `--realm`",
        "pjsua answers challenges of the realm it was told only. `--realm='*'` answers any; without it none.",
    ),
    (
        "SR534",
        "warning",
        "a line that is too long",
        "pjsua reads 200 characters of a line in a config file.",
    ),
    (
        "SR535",
        "error",
        "a URI that pjsua refuses",
        "`--id`, `--registrar`, `--proxy` and `--outbound` are whole URIs that begin with `sip:`.",
    ),
    (
        "SR536",
        "warning",
        "a password without a user name",
        "pjsua has credentials only where `--username` is given.",
    ),
    (
        "SR537",
        "error",
        "a registration too long or too short for pjsua",
        "`--reg-timeout` takes 1 to 3600 seconds. With another number pjsua does not start.",
    ),
    (
        "SR538",
        "error",
        "an option that pjsua does not know",
        "pjsua does not start with an option that it does not know. Options have two dashes.",
    ),
    (
        "SR539",
        "error",
        "quotes inside of a word of a config file",
        (
            'In a config file of pjsua quotes protect a whole word, `"--id=sip:…"`. Behind `=` they are part of the '
            "value."
        ),
    ),
    (
        "SR540",
        "error",
        "a scheme in front of a host",
        (
            "`server`, `proxy` and `domain` of MicroSIP are bare hosts: it adds `sip:` by itself. For `server` it says "
            "Invalid registrar URI."
        ),
    ),
    (
        "SR541",
        "error",
        "no domain",
        "Every account of MicroSIP needs a domain.",
    ),
    (
        "SR542",
        "error",
        "not a port",
        "The port behind the server's host is a number from 1 to 65535.",
    ),
    (
        "SR543",
        "warning",
        "not a transport of MicroSIP",
        "`transport` is udp, tcp, tls or empty.",
    ),
    (
        "SR544",
        "warning",
        "an address as the user name",
        "`username` is the user alone: MicroSIP adds `@` and the domain. A login that is an address goes to `authID`.",
    ),
    (
        "SR545",
        "error",
        "a key that MicroSIP does not know",
        "Windows hands over the values of the keys that MicroSIP asks for. Others are ignored, without a message.",
    ),
    (
        "SR546",
        "error",
        "a note that belongs to the value",
        "In an ini file of Windows only a line that begins with `;` is a comment.",
    ),
    (
        "SR547",
        "warning",
        "a quote that is never closed",
        "A pair of quotes around a value is taken away. A quote on one side only is part of the value.",
    ),
    (
        "SR548",
        "warning",
        "no user name",
        "Without `username` the account has no number, and nobody to answer a challenge as.",
    ),
    (
        "SR601",
        "warning",
        "two names for one setting",
        "Two variables say the same thing with different values. Which one counts depends on the program.",
    ),
    (
        "SR602",
        "hint",
        "a comment behind a value",
        "dotenv and compose take ` #` for a comment; `docker --env-file` takes it as part of the value.",
    ),
    (
        "SR603",
        "error",
        "not a port",
        "A port is a number from 1 to 65535.",
    ),
    (
        "SR604",
        "warning",
        "not a transport",
        "SIP goes over udp, tcp, tls, ws or wss.",
    ),
    (
        "SR605",
        "error",
        "a quote that does not close the value",
        "Some readers of env files refuse the line, others take the quotes for part of the value.",
    ),
    (
        "SR606",
        "hint",
        "`$` in a value",
        "Where variables are expanded `$name` is replaced by its value, mostly nothing. Single quotes keep it.",
    ),
    (
        "SR607",
        "warning",
        "an unusual name of a setting",
        "Programs read the variables that they know by name. A misspelt one is as if it were not set.",
    ),
)
