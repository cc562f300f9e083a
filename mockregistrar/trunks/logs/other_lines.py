"""What FreeSWITCH, Kamailio, OpenSIPS, softphones and tools print about registrations.

Sources: mod_sofia sofia.c and sofia_reg.c, Kamailio's uac_reg.c, OpenSIPS' uac_registrant, pjsua, MicroSIP, Twinkle,
drachtio-srf, SIPp.
"""

from __future__ import annotations

from .answers import NO_ANSWER, WRONG_LOGIN
from .known_line import KnownLine

_FS = "freeswitch-gateway"
_KAMAILIO = "kamailio-uacreg"
_OPENSIPS = "opensips-registrant"
_PJSUA = "pjsua-cmdline"

_FREESWITCH = (
    KnownLine(
        "SR980",
        _FS,
        ("ERROR: {param} param is REQUIRED!",),
        "A gateway has no `{param}`: FreeSWITCH skips it.",
        'the gateway\'s XML: <param name="{param}" value="..."/>',
        ("the param is missing, empty or misspelt", "register=false is missing where no login is wanted"),
        focus="param",
    ),
    KnownLine(
        "SR980",
        _FS,
        ("ERROR: unsupported transport",),
        "A gateway's `register-transport` is none: FreeSWITCH skips the gateway.",
        "register-transport: udp, tcp, tls or sctp",
    ),
    KnownLine(
        "SR981",
        _FS,
        ("Ignoring invalid name '{gateway_name}'",),
        "`{gateway_name}` is no name for a gateway: FreeSWITCH ignores it.",
        "the name: letters, digits, `.`, `-` and `_` only",
        focus="gateway_name",
    ),
    KnownLine(
        "SR981",
        _FS,
        ("Ignoring duplicate gateway '{gateway_name}'",),
        "A gateway `{gateway_name}` is loaded already: FreeSWITCH ignores this one. After a change of its file that is "
        "usual, as a rescan does not replace gateways.",
        "`sofia profile NAME killgw {gateway_name}`, then rescan; else another name",
        focus="gateway_name",
        severity="warning",
    ),
    KnownLine(
        "SR982",
        _FS,
        (
            "Invalid register-frequency of {value} on gateway {gateway}, using the value of {seconds} instead",
            "Invalid retry-seconds of {value} on gateway {gateway}, using the value of {seconds} instead",
            "Invalid {param} of {value} on gateway {gateway}, using the value of {seconds} instead",
        ),
        "The value {value} is too small for FreeSWITCH: gateway {gateway} uses {seconds:second|seconds}.",
        "expire-seconds and retry-seconds of the gateway: 5 or more",
        focus="value",
    ),
    KnownLine(
        "SR983",
        _FS,
        (
            "{gateway} Failed Registration with status {phrase} [{status}]. failure #{failures}",
            "{gateway} Failed Registration with status {phrase} [{status}]",
            "{gateway} Registration Failed with status {phrase} [{status}]. failure #{failures}",
            "{gateway} Failed Registration [{status}], setting retry to {seconds} seconds.",
            "{gateway} Failed Registration [{status}]",
        ),
        "The registration of gateway {gateway} failed with {status}: {meaning}. FreeSWITCH tries again after "
        "retry-seconds times the number of failures, and never gives up.",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR984",
        _FS,
        ("Timeout Registering {gateway}",),
        "No answer came for gateway {gateway} within 60 s. FreeSWITCH tries again after retry-seconds.",
        "host, port and transport of the gateway's proxy, then the firewall",
        NO_ANSWER,
        focus="gateway",
    ),
    KnownLine(
        "SR985",
        _FS,
        (
            "Cannot locate any authentication credentials to complete an authentication request for realm '{realm}'",
            "Cannot locate any authentication credentials to complete an authentication request",
        ),
        "The carrier asked for a login, and FreeSWITCH found no gateway or user for it.",
        "username and password of the gateway",
        ("the gateway has no credentials", "the call did not go out through the gateway"),
        focus="realm",
    ),
)

_PROXIES = (
    KnownLine(
        "SR993",
        _KAMAILIO,
        (
            "empty value not allowed for column[{number}]='{column}' - ignoring record",
            "empty value not allowed for column",
        ),
        "A record of `uacreg` has nothing in `{column}`: Kamailio ignores the record.",
        "`{column}` in that row; `.` stands for empty in RPC only",
        ("the schema's default '' was left in a column that must have a value",),
        focus="column",
    ),
    KnownLine(
        "SR993",
        _KAMAILIO,
        ("no password value provided - ignoring record",),
        "A record of `uacreg` has neither `auth_password` nor `auth_ha1`: Kamailio ignores the record.",
        "one of the two in that row",
        ("a column was left at the schema's default ''",),
    ),
    KnownLine(
        "SR993",
        _KAMAILIO,
        (
            "invalid HA2 length: {number} - ignoring record",
            "invalid HA1 length: {number} - ignoring record",
            "invalid char {number} in HA1 string",
        ),
        "`auth_ha1` of a record is no MD5 digest of 32 hexadecimal digits: Kamailio ignores the record.",
        "`auth_ha1` in that row; a password goes into `auth_password`",
        ("a password was put into `auth_ha1`",),
        focus="number",
    ),
    KnownLine(
        "SR993",
        _KAMAILIO,
        ("could not load database from file [{table}]",),
        "The file `{table}` of db_text cannot be read: none of its records is loaded.",
        "that file: run `mockregistrar explain` on it",
        (
            "a `:` in a value without its backslash, so that a row has too many values",
            "a word in a column of numbers, or nothing in one that is not `null`",
            "line ends as on Windows",
        ),
        focus="table",
    ),
    KnownLine(
        "SR995",
        _KAMAILIO,
        ("failed to send request for [{record}]",),
        "Kamailio could not send the REGISTER of record `{record}`, and disables the record, as `reg_retry_interval` "
        "is 0 by default.",
        "r_domain and auth_proxy of that record; then `uac.reg_enable`",
        (
            "`auth_proxy` is no SIP URI, or `r_domain` no bare host",
            "the host does not resolve",
            "there is no socket for its transport",
        ),
        focus="record",
    ),
    KnownLine(
        "SR994",
        _KAMAILIO,
        ("realms do not match. requested realm: [{realm}]", "realms do not match"),
        "The carrier's realm is `{realm}`, and `realm` in `uacreg` is another one: Kamailio sends no login and "
        "disables the record, as `reg_retry_interval` is 0 by default.",
        "`realm` in `uacreg`: the carrier's, letter by letter, or empty for any; then `uac.reg_enable`",
        ("the realm differs, if only in case",),
        focus="realm",
    ),
    KnownLine(
        "SR995",
        _KAMAILIO,
        ("authentication failed for <{record}>",),
        "The carrier refused the login of record `{record}`. Kamailio disables the record, as `reg_retry_interval` is "
        "0 by default.",
        "auth_username and auth_password of that record; then `uac.reg_enable`",
        WRONG_LOGIN,
        focus="record",
    ),
    KnownLine(
        "SR995",
        _KAMAILIO,
        ("got sip response {status} while registering [{record}]", "got sip response {status} while registering"),
        "The carrier answered {status} to record `{record}`: {meaning}. Kamailio disables the record, as "
        "`reg_retry_interval` is 0 by default.",
        "then `uac.reg_enable`; reg_retry_interval keeps it trying",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR995",
        _KAMAILIO,
        ("failed to extract authenticate hdr", "failed to parse auth hdr body"),
        "Kamailio found no challenge that it can answer: it sends no login and disables the record, as "
        "`reg_retry_interval` is 0 by default.",
        "the WWW-Authenticate of the carrier's answer, in a SIP trace; then `uac.reg_enable`",
        ("the carrier offers SHA-256 first, and Kamailio reads the first challenge only", "the challenge is malformed"),
    ),
    KnownLine(
        "SR959",
        _OPENSIPS,
        ("Wrong credentials for [{account}]", "Wrong credentials for ["),
        "The carrier refused the login of {account}. OpenSIPS tries again with its timer, and will fail in the same "
        "way.",
        "username and password of that row",
        WRONG_LOGIN,
        focus="account",
    ),
    KnownLine(
        "SR959",
        _OPENSIPS,
        ("Unable to extract authentication info",),
        "OpenSIPS found no challenge that it can answer, and sends no login.",
        "the WWW-Authenticate of the carrier's answer, in a SIP trace",
        ("the challenge is malformed, or of an algorithm that OpenSIPS does not know",),
    ),
    KnownLine(
        "SR959",
        _OPENSIPS,
        ("Credentials not provisioned",),
        "The carrier asked for a login, and the row has not both `username` and `password`: OpenSIPS sends none.",
        "username and password of that row",
    ),
    KnownLine(
        "SR996",
        _OPENSIPS,
        (
            "Please decrease timer_interval=[{timer}] - requested expires=[{expiry}] to small for AOR=[{account}]",
            "Please decrease timer_interval=[{timer}] - requested expires=[{expiry}]",
        ),
        "`expiry` of a row is {expiry}, which is not more than `timer_interval`, {timer} s: OpenSIPS skips the row.",
        "`expiry` in that row: well above `timer_interval`",
        focus="expiry",
    ),
    KnownLine(
        "SR996",
        _OPENSIPS,
        ("invalid forced socket [{socket}]",),
        "`{socket}` is none of OpenSIPS's own sockets: it skips the row.",
        "`forced_socket` in `registrant`: `udp:address:port` as a `socket=` of the script has it, or nothing",
        focus="socket",
    ),
    KnownLine(
        "SR996",
        _OPENSIPS,
        (
            "Bad naming for sharing tag <{tag}>, <name/cluster_id> expected",
            "Bad naming for sharing tag <{tag}>",
        ),
        "`{tag}` is no sharing tag: OpenSIPS skips the row.",
        "`cluster_shtag` in `registrant`: `name/cluster_id`, or nothing",
        focus="tag",
    ),
    KnownLine(
        "SR978",
        _OPENSIPS,
        (
            "Please decrease timer_interval=[{timer}] - imposed server expires [{expiry}] to small for AOR=[{account}]",
            "Please decrease timer_interval=[{timer}] - imposed server expires [{expiry}]",
        ),
        "The carrier granted {expiry:second|seconds}, and OpenSIPS looks after its registrations every {timer} s only: "
        "the registration lapses in between.",
        "`timer_interval` of uac_registrant: well below what the carrier grants",
        focus="expiry",
    ),
    KnownLine(
        "SR996",
        _OPENSIPS,
        (
            "cannot parse registrar uri [{uri}]",
            "cannot parse proxy uri [{uri}]",
            "cannot parse aor uri [{uri}]",
            "cannot parse contact uri [{uri}]",
            "cannot parse third party registrant uri [{uri}]",
        ),
        "`{uri}` is no SIP URI: OpenSIPS skips the row.",
        "that column of `registrant`: a URI begins with `sip:`",
        ("`sip:` is missing",),
        focus="uri",
    ),
    KnownLine(
        "SR996",
        _OPENSIPS,
        ("registrant uri must not have user [{user}]", "proxy uri must not have user [{user}]"),
        "A URI that may only name a host has the user `{user}`: OpenSIPS skips the row.",
        "`registrar` and `proxy` in `registrant`: `sip:host`; the user belongs into `aor`",
        focus="user",
    ),
    KnownLine(
        "SR996",
        _OPENSIPS,
        (
            "columns [{a}] or/and [{b}] or/and [{c}] cannot be null -> skipping",
            "ignoring empty registrar",
            "ignoring empty AOR",
        ),
        "A row of `registrant` lacks a column that it must have: OpenSIPS skips the row.",
        "registrar, aor and binding_URI of that row",
    ),
)

_CLIENTS = (
    KnownLine(
        "SR999",
        _PJSUA,
        (
            "{account}: registration success, status={status} ({phrase}), will re-register in {seconds} seconds",
            "{account}: registration success, status={status}",
        ),
        "{account} is registered.",
        "",
        focus="account",
    ),
    KnownLine(
        "SR998",
        _PJSUA,
        ("SIP registration failed, status={status} ({phrase})", "SIP registration failed, status={status}"),
        "The carrier answered {status}: {meaning}.",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR998",
        "baresip-accounts",
        ("reg: {account}: {status} {phrase}",),
        "The carrier answered {status} to {account}: {meaning}. baresip tries again, ever more slowly.",
        focus="status",
        answer=True,
        severity="warning",
    ),
    KnownLine(
        "SR998",
        "baresip-accounts",
        ("reg: {account}: Register: {reason}",),
        "No answer came for {account}. baresip tries again, ever more slowly.",
        "host, port and transport, then the firewall",
        NO_ANSWER,
        focus="account",
        severity="warning",
    ),
    KnownLine(
        "SR998",
        "twinkle-cfg",
        ("{name}, registration failed: {status} {phrase}", "registration failed: {status} {phrase}"),
        "The carrier answered {status}: {meaning}.",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR998",
        "sipjs",
        ("Failed to register, status code {status}",),
        "The carrier answered {status}: {meaning}. SIP.js does not try again by itself.",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR998",
        "sipjs",
        ("{status} apparently in authentication loop, cannot authenticate",),
        "The carrier asked for the login again after it got it: {meaning}. SIP.js does not try again by itself.",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR997",
        _PJSUA,
        ("Error: invalid SIP URL '{uri}' in {which} argument", "invalid SIP URL '{uri}' in"),
        "pjsua cannot read `{uri}` and does not start.",
        "that argument: run `mockregistrar explain` on the command line",
        (
            "`sip:` is missing",
            "the shell took `;transport=...` away: quote the argument",
            "two `@`: one in the user is written `%40`",
        ),
        focus="uri",
    ),
    KnownLine(
        "SR997",
        _PJSUA,
        ("Error: invalid value for --reg-timeout (expecting 1-3600)", "invalid value for --reg-timeout"),
        "pjsua asks for 1 to 3600 seconds, and does not start with any other `--reg-timeout`.",
        "--reg-timeout: a number from 1 to 3600",
    ),
    KnownLine(
        "SR997",
        "linphonerc",
        ("Cannot create Address, bad uri [{uri}]",),
        "`{uri}` is an address that linphone cannot read.",
        "reg_proxy and reg_identity of linphonerc: run `mockregistrar explain` on the file",
        ("`sip:` is missing in reg_identity", "two `@`: one in the user is written `%40`", "the port is no number"),
        focus="uri",
    ),
    KnownLine(
        "SR997",
        "microsip-ini",
        ("Invalid registrar URI",),
        "MicroSIP cannot read `server` of the account, and does not register.",
        "`server`: a bare host without `sip:`, or with a port behind it",
        ("`sip:` was typed, and MicroSIP adds its own", "the port is no number"),
    ),
    KnownLine(
        "SR998",
        "microsip-ini",
        ("Incorrect Password",),
        "The carrier answered 401: MicroSIP shows that as a wrong password.",
        "password and authID of the account",
        WRONG_LOGIN,
    ),
    KnownLine(
        "SR997",
        "twinkle-cfg",
        ("Invalid server value: {value}",),
        "`{value}` is no server for Twinkle: the profile is not loaded.",
        "registrar, outbound_proxy and user_domain: a host without `sip:`",
        ("`sip:` was typed in front of the host",),
        focus="value",
    ),
    KnownLine(
        "SR997",
        "twinkle-cfg",
        ("Syntax error in file {file}", "Syntax error in file"),
        "Twinkle cannot read the profile.",
        "every line of it: `name=value`",
    ),
    KnownLine(
        "SR997",
        "twinkle-cfg",
        ("Unknown parameter in user profile: {option}", "Unknown parameter in user profile"),
        "Twinkle does not know the setting `{option}` and ignores it.",
        "the spelling of `{option}`",
        ("it is misspelt", "a blank or a tab is part of its name", "it is of another version of Twinkle"),
        focus="option",
        severity="warning",
    ),
    KnownLine(
        "SR998",
        "drachtio",
        ("no credentials were supplied to reply to server authentication challenge",),
        "The server asked for a login, and the program gave drachtio none.",
        "`auth: {{username, password}}` in the options of the request",
        ("`auth` is missing, or is a function that returns nothing",),
    ),
    KnownLine(
        "SR997",
        "sipp-inf",
        ("Unknown file type {value}", "Unknown file type"),
        "The first line of a file for SIPp's `-inf` says how it is read, and this one does not: SIPp stops.",
        "the first line: SEQUENTIAL, RANDOM or USER",
        ("the first line is data already",),
    ),
)

LINES = (*_FREESWITCH, *_PROXIES, *_CLIENTS)
