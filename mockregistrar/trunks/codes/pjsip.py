"""The codes of what is found in pjsip.conf, pjsip_wizard.conf and SIP URIs as pjsip reads them."""

from __future__ import annotations

from mockregistrar.trunks.model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR201",
        "error",
        "no `server_uri`",
        "A registration needs `server_uri`: where the REGISTER goes. Without it Asterisk drops the object.",
    ),
    (
        "SR202",
        "error",
        "no `client_uri`",
        "A registration needs `client_uri`: the address of record. Without it Asterisk drops the object.",
    ),
    (
        "SR203",
        "error",
        "not a SIP URI",
        (
            "`server_uri` and `client_uri` are whole URIs that begin with `sip:` or `sips:`. A bare `user@host`, as "
            "the help of the module itself shows it, a name in front, `tel:` and hosts that are too long are refused."
        ),
    ),
    (
        "SR204",
        "error",
        "a URI that pjsip cannot read",
        (
            "pjsip refuses a second `@`, an empty port or one with letters, a port above 65535, a bare IPv6 address, "
            "a `/` or `;` at the end, blanks inside and what is not ASCII. Asterisk drops the object then."
        ),
    ),
    (
        "SR205",
        "error",
        "`;` cuts the URI",
        (
            "A `;` starts a comment in every Asterisk config. In a URI it must be written `\\;`, else the parameter "
            "behind it vanishes without a message."
        ),
    ),
    (
        "SR206",
        "warning",
        "an outbound proxy without `\\;lr`",
        "Without `\\;lr` the proxy is taken for a strict router: the request line is rewritten, and most proxies fail.",
    ),
    (
        "SR207",
        "error",
        "an option that this object does not have",
        (
            "Asterisk prints `Could not find option suitable for category` and drops the whole object because of one "
            "misspelt option. Wikis and PDFs like to eat underscores."
        ),
    ),
    (
        "SR208",
        "error",
        "a value that the option cannot take",
        (
            "Numbers are whole and not negative: Asterisk drops the object otherwise. Switches are yes or no, and "
            "anything else counts as no."
        ),
    ),
    (
        "SR209",
        "error",
        "two objects of one type share a name",
        "A section name may be used once for each type. Asterisk refuses all objects of the file otherwise.",
    ),
    (
        "SR210",
        "error",
        "`outbound_auth` names nothing",
        (
            "There is no section of that name with `type=auth`. The REGISTER is sent, and the challenge of the "
            "carrier cannot be answered."
        ),
    ),
    (
        "SR211",
        "error",
        "credentials without a user name",
        "An auth section needs `username`; without one Asterisk drops it.",
    ),
    (
        "SR212",
        "warning",
        "quotes are part of the value",
        'Quotes are not removed in pjsip.conf: `password="x"` is a password with two quotes in it.',
    ),
    (
        "SR213",
        "warning",
        "`%` is not decoded here",
        (
            "`username` is no URI: `a%40b` is sent as it stands. Only the user in `client_uri` is percent-decoded. "
            "A user `a@b` is `client_uri=sip:a%40b@host` and `username=a@b`."
        ),
    ),
    (
        "SR214",
        "warning",
        "`max_retries=0` gives up at the first failure",
        "chan_sip's `registerattempts=0` means for ever. In PJSIP 0 retries mean none.",
    ),
    (
        "SR215",
        "warning",
        "an expiration of ten seconds or less",
        "PJSIP refreshes ten seconds before the end: with ten or less it registers again and again without a pause.",
    ),
    (
        "SR216",
        "error",
        "`line` and `endpoint` belong together",
        "`line=yes` needs an `endpoint`, and `endpoint` is refused without `line=yes`.",
    ),
    (
        "SR217",
        "error",
        "a section with a type that does not exist",
        "Asterisk ignores sections of types that it does not know, without a message.",
    ),
    (
        "SR218",
        "warning",
        "a section without a type",
        "A section without `type=` is no object: Asterisk ignores it without a message.",
    ),
    (
        "SR219",
        "error",
        "a registration of another channel driver",
        "`register =>` is chan_sip's. PJSIP has a section with `type=registration` and one with `type=auth`.",
    ),
    (
        "SR220",
        "warning",
        "one account registered twice",
        "Two registrations with one AOR at one server take the binding from one another.",
    ),
    (
        "SR221",
        "hint",
        "no `contact_user`",
        "The Contact then has the user `s`: the carrier's calls arrive for extension `s` and not for the number.",
    ),
    (
        "SR222",
        "hint",
        "no `outbound_auth`",
        "Without `outbound_auth` a challenge of the carrier cannot be answered.",
    ),
    (
        "SR223",
        "warning",
        "a reference to a section that is not there",
        "What `transport`, `endpoint` or `aors` name must exist as a section of that type.",
    ),
    (
        "SR224",
        "hint",
        "nothing to register",
        "The config holds no registration. With an identify section that is an IP-authenticated trunk, and right.",
    ),
    (
        "SR225",
        "warning",
        "`;` right behind a value",
        "A `;` starts a comment, so that the value ends there. `\\;` is a plain semicolon.",
    ),
    (
        "SR226",
        "error",
        "quotes around a realm",
        (
            "Asterisk does not remove them, and answers only challenges of the realm that is written. None has quotes "
            "in its name. Empty or `*` answers any."
        ),
    ),
    (
        "SR227",
        "warning",
        "a password in the URI",
        "PJSIP takes the password from the auth section only; what stands in the URI is not used for the login.",
    ),
    (
        "SR228",
        "hint",
        "a user in `server_uri`",
        "A REGISTER goes to the address of the server. Some registrars do not answer one that has a user in it.",
    ),
    (
        "SR229",
        "warning",
        "`match` takes names and addresses alone",
        "With a scheme or a port the entry cannot be looked up, and no call of the carrier matches it.",
    ),
    (
        "SR236",
        "error",
        "two types in one section",
        "Each object has a section of its own. One with the options of two is dropped because of those it has not.",
    ),
    (
        "SR237",
        "warning",
        "credentials without a password",
        "An auth section without a password is taken, and challenges are answered with an empty one.",
    ),
    (
        "SR238",
        "error",
        "`auth_type=md5` without a digest",
        "It needs `md5_cred`, the MD5 of `user:realm:password` in 32 hexadecimal digits. Asterisk drops the section.",
    ),
    (
        "SR239",
        "error",
        "an address as `contact_user`",
        "`contact_user` is the user part of the Contact. An address makes a Contact that pjsip refuses.",
    ),
    (
        "SR240",
        "error",
        "`//` behind the scheme",
        "SIP URIs have no `//`. In front of a user it is read as part of the user.",
    ),
    (
        "SR230",
        "error",
        "a wizard without `remote_hosts`",
        "A wizard that sends registrations or auth needs `remote_hosts`; without it nothing is created.",
    ),
    (
        "SR231",
        "error",
        "a wizard without credentials",
        "With `sends_auth` a wizard needs `outbound_auth/username`, else it creates nothing.",
    ),
    (
        "SR232",
        "error",
        "a wrong prefix in a wizard",
        (
            "The options of the created objects are written `outbound_auth/…`, `registration/…`, `endpoint/…`, "
            "`aor/…`, `identify/…`, `inbound_auth/…`, `phoneprov/…`. Others are ignored."
        ),
    ),
    (
        "SR233",
        "warning",
        "the user is the name of the section",
        "Without `sends_auth` the pattern `${USERNAME}` stands for the name of the wizard's section.",
    ),
    (
        "SR234",
        "warning",
        "settings that a wizard does not use",
        "Credentials count with `sends_auth=yes` only, and `registration/…` with `sends_registrations=yes`.",
    ),
    (
        "SR235",
        "error",
        "a URI among the remote hosts",
        "`remote_hosts` takes bare hosts with an optional port: the patterns add `sip:` by themselves.",
    ),
    (
        "SR241",
        "error",
        "hosts that are not parted by commas",
        "`remote_hosts` is a list with commas. A blank does not part two hosts: pjsip refuses the URI made of both.",
    ),
    (
        "SR242",
        "error",
        "a variable that a pattern does not have",
        "The patterns know `${USERNAME}` and `${REMOTE_HOST}`. Others are empty, and without `$` they are plain text.",
    ),
)
