"""The codes of what is found in accounts that Kamailio, OpenSIPS and Yate log in with."""

from __future__ import annotations

from mockregistrar.trunks.model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR420",
        "error",
        "not JSON",
        "The text begins like JSON, and cannot be read as that.",
    ),
    (
        "SR421",
        "error",
        "a column that must not be empty",
        (
            "Kamailio ignores a record of uacreg in which one of them is empty, although that is the default of "
            "the schema."
        ),
    ),
    (
        "SR422",
        "error",
        "a record without a password",
        "Kamailio ignores a record that has neither `auth_password` nor `auth_ha1`.",
    ),
    (
        "SR423",
        "error",
        "not a digest",
        (
            "`auth_ha1` is the MD5 of user, realm and password: 32 hexadecimal digits. A password "
            "goes into `auth_password`."
        ),
    ),
    (
        "SR424",
        "hint",
        "the digest is used before the password",
        "With `auth_ha1` set Kamailio does not look at `auth_password`.",
    ),
    (
        "SR425",
        "error",
        "a place that nothing can be sent to",
        (
            "`auth_proxy` is a SIP URI, and `r_domain` becomes one with `sip:` in front. When Kamailio cannot "
            "read it, sending fails, and the record is disabled at once."
        ),
    ),
    (
        "SR426",
        "error",
        "an expiry of 0 never registers",
        "Kamailio loads a record whose `expires` is 0, the default of the schema, and never registers it.",
    ),
    (
        "SR427",
        "hint",
        "a record that is disabled",
        "Kamailio: the bit 1 of `flags`. OpenSIPS: a `state` that is not 0; 0 means enabled.",
    ),
    (
        "SR428",
        "error",
        "a scheme where none belongs",
        "`r_domain` and `r_username` are bare: Kamailio puts `sip:` in front, so that a scheme stands there twice.",
    ),
    (
        "SR429",
        "error",
        "a domain in the user name",
        "The server puts `@` and the domain behind the user name. An `@` that belongs to the user is written `%40`.",
    ),
    (
        "SR430",
        "warning",
        "a name that does not exist",
        (
            "Nothing reads an option or a column that the server does not know. A database refuses the statement: "
            "there it is an error, as it is where Yate lacks what it needs."
        ),
    ),
    (
        "SR431",
        "error",
        "db_text: the values do not fit the columns",
        (
            "A `:` parts the values of a row, also in a URI: there it is written `\\:`. With one row that does not "
            "fit, the whole table is not loaded."
        ),
    ),
    (
        "SR432",
        "error",
        "db_text: not a number",
        "A column of type int takes digits only. Otherwise the whole table is not loaded.",
    ),
    (
        "SR433",
        "error",
        "db_text: an escape that does not exist",
        (
            "A backslash stands in front of `:`, of another one, or of n, r, t, 0. Otherwise the whole table is "
            "not loaded."
        ),
    ),
    (
        "SR434",
        "error",
        "db_text: NULL where it is not allowed",
        (
            "An empty value is NULL, and only a column whose type is written with `,null` may hold it. Otherwise "
            "the whole table is not loaded, unless the module's `empty_string` is set."
        ),
    ),
    (
        "SR435",
        "error",
        "two records with one l_uuid",
        (
            "`l_uuid` is the key of uacreg: a database refuses the second record, and without one Kamailio finds "
            "the first."
        ),
    ),
    (
        "SR436",
        "error",
        "db_text: no header",
        (
            "The first line of a file names its columns, `name(type)` one behind the other. Otherwise the table "
            "is not loaded."
        ),
    ),
    (
        "SR437",
        "hint",
        "db_text: the last line does not end",
        "A row is taken over at the end of its line; a last one without is lost.",
    ),
    (
        "SR438",
        "warning",
        "a word for nothing that is taken as it is",
        (
            "`.` stands for an empty value in Kamailio's RPC, and `none` in what it prints. In the database they "
            "are values."
        ),
    ),
    (
        "SR439",
        "hint",
        "shorter than the timer",
        (
            "Kamailio refreshes when its timer comes by, every 90 s unless `reg_timer_interval` says otherwise. A "
            "shorter registration lapses in between."
        ),
    ),
    (
        "SR440",
        "error",
        "columns and values do not match",
        "A database refuses a statement that does not give one value for each column.",
    ),
    (
        "SR441",
        "error",
        "a column that takes a number",
        "MySQL refuses text in a number column, or keeps 0 with a warning.",
    ),
    (
        "SR442",
        "error",
        "a character that no URI has",
        (
            "Kamailio writes `l_uuid` and `r_username` into its URIs as they are, so that blanks, `<`, `>` and "
            "quotes break them."
        ),
    ),
    (
        "SR443",
        "warning",
        "longer than the column",
        "The columns for users and passwords are VARCHAR(64): MySQL refuses a longer value, or cuts it.",
    ),
    (
        "SR444",
        "error",
        "a blank at the edge of a value",
        "A database keeps blanks, and the server sends them.",
    ),
    (
        "SR445",
        "error",
        "not a SIP URI",
        (
            "OpenSIPS skips a record in which registrar, proxy, aor, third_party_registrant or binding_URI is no "
            "SIP URI. The `sip:` in front is part of it."
        ),
    ),
    (
        "SR446",
        "error",
        "a user too many, or none",
        (
            "`registrar` and `proxy` are URIs of servers and must not have a user: the record is skipped. AOR and "
            "binding have one."
        ),
    ),
    (
        "SR447",
        "error",
        "a column that must be there",
        "OpenSIPS skips a record without registrar, aor or binding_URI.",
    ),
    (
        "SR448",
        "error",
        "parameters without `;`",
        "`binding_params` is put right behind the binding: it begins with `;`.",
    ),
    (
        "SR449",
        "error",
        "an expiry that OpenSIPS skips",
        (
            "`expiry` must be above the module's `timer_interval`, 100 s unless it is set. Otherwise the record "
            "is skipped."
        ),
    ),
    (
        "SR450",
        "error",
        "half of the credentials",
        "OpenSIPS answers a challenge only with both username and password; the user of the AOR does not stand in.",
    ),
    (
        "SR451",
        "error",
        "not a socket",
        "`forced_socket` names a socket that OpenSIPS listens on, `udp:address:port`. Otherwise the record is skipped.",
    ),
    (
        "SR452",
        "error",
        "not a sharing tag",
        "`cluster_shtag` is written `name/cluster_id`. Otherwise the record is skipped.",
    ),
    (
        "SR453",
        "hint",
        "a directive that is not followed",
        "`[$include ...]`, `[$require ...]` and `[$enabled ...]` bring other files, or leave parts of this one out.",
    ),
    (
        "SR454",
        "warning",
        "an option in front of the first section",
        "Yate ignores what stands in no section.",
    ),
    (
        "SR455",
        "hint",
        "an account that is not enabled",
        "Yate ignores a section with `enabled=no`.",
    ),
    (
        "SR456",
        "error",
        "a section without a user name",
        "Without `enabled=yes` Yate ignores a section that has no `username`.",
    ),
    (
        "SR457",
        "error",
        "not a protocol of Yate",
        "A module takes an account by its `protocol`, in small letters. What no module takes is never logged in.",
    ),
    (
        "SR458",
        "hint",
        "not an account for SIP",
        "Yate logs in by iax, h323 and jabber too.",
    ),
    (
        "SR459",
        "hint",
        "an account that does not register",
        "Yate registers an account that has both `username` and `registrar`.",
    ),
    (
        "SR460",
        "error",
        "a scheme where a bare host belongs",
        "`registrar`, `outbound` and `domain` are hosts: Yate puts `sip:` in front.",
    ),
    (
        "SR461",
        "error",
        "a note that belongs to the value",
        "In Yate's configs only a line that begins with `;` is a comment.",
    ),
    (
        "SR462",
        "error",
        "a backslash that joins two lines",
        (
            "A backslash at the very end of a line goes on with the next one. With a blank behind it, it stays a "
            "backslash."
        ),
    ),
    (
        "SR463",
        "warning",
        "a line that is too long",
        "Yate reads 1023 octets of a line and takes the rest for the next one.",
    ),
    (
        "SR464",
        "warning",
        "neither yes nor no",
        (
            "Yate knows yes, true, on, enable, t and no, false, off, disable, f, in small letters. Others count "
            "as not written."
        ),
    ),
    (
        "SR465",
        "warning",
        "not a number of seconds",
        "What is no number counts as 600. As in C, `0x10` is hexadecimal and `010` octal.",
    ),
    (
        "SR466",
        "error",
        "an interval of 0 un-registers",
        "A registration for 0 seconds removes the registration.",
    ),
    (
        "SR467",
        "warning",
        "not a transport of Yate",
        "`ip_transport` is udp, tcp or tls.",
    ),
    (
        "SR468",
        "error",
        "not a port",
        "Yate goes to 5060, or 5061 with tls, when what stands behind the `:` is no number.",
    ),
    (
        "SR469",
        "warning",
        "one option twice",
        "The first of two values counts, also where the section is there twice.",
    ),
)
