"""Lines of logs and tables of consoles: each known one, bare and as loggers write it, and nothing else for one."""

from __future__ import annotations

import json
import re

import pytest
import test_asterisk_chan_sip
from dialect_checks import says, under
from growth import assert_linear, assert_linear_reading
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CODES, logs, registry
from mockregistrar.trunks.detect import detect
from mockregistrar.trunks.explanation import explain, report
from mockregistrar.trunks.logs.known_line import needle
from mockregistrar.trunks.logs.reading import KNOWN, find
from mockregistrar.trunks.model import Finding, Span

SIP, IAX, PJSIP, WIZARD = "asterisk-chan_sip", "asterisk-iax2", "asterisk-pjsip.conf", "asterisk-pjsip_wizard.conf"
FS, KAMAILIO, OPENSIPS, PJSUA = "freeswitch-gateway", "kamailio-uacreg", "opensips-registrant", "pjsua-cmdline"
FORMAT = "Format for registration is [peer?][transport://]user[@domain][:secret[:authuser]]@host[:port][/extension]"
HOST = {"user": "100", "host": "sip.acme.example"}
BOTH = {
    "user": "100",
    "domain": "acme.example",
    "host": "sip.acme.example",
    "port": 5080,
    "transport": "tcp",
    "server_uri": "sip:sip.acme.example:5080;transport=tcp",
    "client_uri": "sip:100@acme.example",
}
S, C = BOTH["server_uri"], BOTH["client_uri"]

# the line, whose, code, severity, what the carets stand under, what the message says, the registration
LINES = [
    (
        "   -- Registration for '100@sip.acme.example' timed out, trying again (Attempt #7)",
        *(SIP, "SR902", "warning", "sip.acme.example", "tries again", HOST),
    ),
    (
        "-- Last Registration Attempt #1 failed, Giving up forever trying to register '100@sip.acme.example'",
        *(SIP, "SR903", "error", "1", "in 1 attempt,", HOST),
    ),
    (
        "Last Registration Attempt #10 failed, Giving up forever trying to register '100@sip.acme.example'",
        *(SIP, "SR903", "error", "10", "in 10 attempts,", HOST),
    ),
    (
        "Forbidden - wrong password on authentication for REGISTER for '100' to 'sip.acme.example'",
        *(SIP, "SR904", "error", "100", "whatever the cause, and stops for good", HOST),
    ),
    (
        "Treating 403 response to REGISTER as non-fatal for 100@sip.acme.example",
        *(SIP, "SR905", "warning", "100", "register_retry_403", HOST),
    ),
    (
        "Got 404 Not found on SIP register to service 100@sip.acme.example, giving up",
        *(SIP, "SR906", "error", "100", "does not know 100", HOST),
    ),
    (
        "Got error 400 on register to 100@sip.acme.example, giving up (check config)",
        *(SIP, "SR907", "error", "400", "malformed", HOST),
    ),
    (
        "Got error 414 on register to 100@sip.acme.example, giving up (check config)",
        *(SIP, "SR907", "error", "414", "too long", HOST),
    ),
    (
        "Got error 479 on register to 100@sip.acme.example, giving up (check config)",
        *(SIP, "SR907", "error", "479", "stops for good", HOST),
    ),
    (
        "Got error 493 on register to 100@sip.acme.example, giving up (check config)",
        *(SIP, "SR907", "error", "493", "decipher", HOST),
    ),
    (
        "Failed to authenticate on REGISTER to '100@sip.acme.example' (Tries 3)",
        *(SIP, "SR908", "error", "100", "in 3 tries", HOST),
    ),
    (
        "Failed to authenticate on REGISTER to '+49@t-online.de@tel.t-online.de' (Tries 3)",
        *(SIP, "SR908", "error", "+49@t-online.de", "", {"user": "+49@t-online.de", "host": "tel.t-online.de"}),
    ),
    (
        "Failed to authenticate on REGISTER to '\"Al\" <sip:100@sip.acme.example>;tag=as1' (tries '1')",
        *(SIP, "SR908", "error", None, "in 1 try", {"user": "100", "domain": "sip.acme.example"}),
    ),
    (
        "Got 423 Interval too brief for service 100@sip.acme.example, minimum is 3600 seconds",
        *(SIP, "SR909", "warning", "3600", "3600 seconds", HOST),
    ),
    (
        "Required expiration time from 100@sip.acme.example is too high, giving up",
        *(SIP, "SR910", "error", "100", "maxexpiry", HOST),
    ),
    (
        "Probably a DNS error for registration to 100@sip.acme.example, trying REGISTER again (after 20 seconds)",
        *(SIP, "SR911", "warning", "sip.acme.example", "was not found", HOST),
    ),
    ("Unable to lookup 'sip.acme,example'", SIP, "SR912", "warning", "sip.acme,example", "not found", None),
    ("No such host: sip.acme.example", SIP, "SR912", "warning", "sip.acme.example", "not found", None),
    (
        'getaddrinfo("sip.acme.example", "(null)", ...): Name or service not known',
        *(SIP, "SR912", "warning", "sip.acme.example", "not found", None),
    ),
    (
        "Outbound Registration: Expiry for sip.acme.example is 120 sec (Scheduling reregistration in 105 s)",
        *(SIP, "SR901", "hint", "120", "120 seconds", {"host": "sip.acme.example", "expiry": 120}),
    ),
    (
        "Registration from '\"x\" <sip:x@192.0.2.1>' failed for '198.51.100.7:5060' - Wrong password",
        *(SIP, "SR957", "hint", "198.51.100.7:5060", "not the trunk", None),
    ),
    ("Peer 'acme' is now UNREACHABLE!  Last qualify: 23", SIP, "SR914", "warning", "acme", "nothing about", None),
    ("Peer 'acme' is now Reachable. (23ms / 2000ms)", SIP, "SR915", "hint", "acme", "nothing about", None),
    (f"{FORMAT}[~expiry] at line 12", SIP, "SR920", "error", "12", "does not exist", None),
    (
        "Format for registration is user[:secret[:authuser]]@host[:port][/contact] at line 12",
        *(SIP, "SR920", "error", "12", "", None),
    ),
    ("Format for registration is user[:secret]@host[:port] at line 3", IAX, "SR920", "error", "3", "iax.conf", None),
    (
        "'abc' is not a valid transport type on line 7 of sip.conf. defaulting to udp.",
        *(SIP, "SR921", "warning", "abc", "over UDP", None),
    ),
    (
        "'xyz' is not a valid port number on line 7 of sip.conf. using default.",
        *(SIP, "SR922", "warning", "xyz", "5060", None),
    ),
    ("Unknown insecure mode 'very' on line 9", SIP, "SR924", "warning", "very", "asked for a password", None),
    (
        "Purely numeric hostname (2001), and not a peer--rejecting!",
        SIP,
        "SR916",
        "error",
        "2001",
        "no peer section",
        None,
    ),
    (
        "'UDP' is not a valid transport for 'acme'. we only use 'TLS'! ending call.",
        *(SIP, "SR917", "error", "acme", "gives up", None),
    ),
    (
        "srvlookup failed for host: h.example:5060, on peer acme, removing peer",
        *(SIP, "SR927", "error", "h.example:5060", "removed [acme]", None),
    ),
    ("Invalid peer port configuration at line 5 : abc", SIP, "SR928", "warning", "abc", "leaves it out", None),
    (
        "The 'username' field for sip peers has been deprecated in favor of the term 'defaultuser'",
        *(SIP, "SR925", "hint", None, "still works", None),
    ),
    ("No '=' (equal sign) in line 4 of sip.conf", SIP, "SR930", "error", "4", "Line 4 of sip.conf", None),
    ("No '=' (equal sign) in line 4 of pjsip.conf", PJSIP, "SR930", "error", "4", "", None),
    ("No '=' (equal sign) in line 4 of iax-vicidial.conf", IAX, "SR930", "error", "4", "", None),
    (
        "parse error: No category context for line 1 of sip.conf",
        *(SIP, "SR931", "error", "1", "refuses the whole of sip.conf", None),
    ),
    ("Unknown directive '#register' at line 3 of sip.conf", SIP, "SR932", "warning", "register", "no comment", None),
    (
        "==!!== Unknown directive: register at line 3 of extensions.conf -- IGNORING!!!",
        *(SIP, "SR933", "error", "register", "nothing in a dialplan", None),
    ),
    ("No server URI specified on outbound registration 't'", PJSIP, "SR940", "error", "t", "server_uri", None),
    ("No client URI specified on outbound registration 't'", PJSIP, "SR940", "error", "t", "client_uri", None),
    (
        "Server URI or hostname length exceeds pjproject limit or is not a sip(s) uri: 't'",
        *(PJSIP, "SR941", "error", "t", "(Server)", None),
    ),
    (
        "Client URI or hostname length exceeds pjproject limit or is not a sip(s) uri: 't'",
        *(PJSIP, "SR941", "error", "t", "(Client)", None),
    ),
    (
        "Invalid server URI 'sip:h:5O60' specified on outbound registration 't'",
        *(PJSIP, "SR942", "error", "sip:h:5O60", "drops the registration [t]", None),
    ),
    (
        "Line support has been enabled on outbound registration 't' without providing an endpoint",
        *(PJSIP, "SR943", "error", "t", "without `endpoint=`", None),
    ),
    (
        "An endpoint has been specified on outbound registration 't' without enabling line support",
        *(PJSIP, "SR943", "error", "t", "without `line=yes`", None),
    ),
    (
        "Could not find option suitable for category 't' named 'outboundproxy' at line 8 of pjsip.conf",
        *(PJSIP, "SR944", "error", "outboundproxy", "drops the whole object", None),
    ),
    ("a: No authentication username", PJSIP, "SR945", "error", "a", "no login is sent", None),
    ("No authentication username for auth 'a'", PJSIP, "SR945", "error", "a", "no login is sent", None),
    (
        "configuration contains a duplicate object: 't' of type 'registration'",
        *(PJSIP, "SR946", "error", "t", "all objects", None),
    ),
    (
        "Could not create an object of type 'registration' with id 't' from configuration file 'pjsip.conf'",
        *(PJSIP, "SR949", "error", "t", "does not exist", None),
    ),
    (
        f"Fatal response '401' received from '{S}' on registration attempt to '{C}', stopping outbound registration",
        *(PJSIP, "SR951", "error", "401", "the login is not accepted. Asterisk stops for good", BOTH),
    ),
    (
        f"Fatal response '403' received from '{S}' on registration attempt to '{C}', stopping outbound registration",
        *(PJSIP, "SR951", "error", "403", "need not be the password", BOTH),
    ),
    (
        f"Fatal response '404' received from '{S}' on registration attempt to '{C}', stopping outbound registration",
        *(PJSIP, "SR951", "error", "404", "does not know this user", BOTH),
    ),
    (
        f"Fatal registration attempt to '{C}', stopping outbound registration",
        *(
            PJSIP,
            "SR951",
            "error",
            C,
            "could not even be sent",
            {key: BOTH[key] for key in ("user", "domain", "client_uri")},
        ),
    ),
    (
        f"Temporal response '503' received from '{S}' on registration attempt to '{C}', retrying in '60'",
        *(PJSIP, "SR952", "warning", "503", "again in 60 seconds", BOTH),
    ),
    (
        f"403 Forbidden fatal response received from '{S}' on registration attempt to '{C}', retrying in '300' seconds",
        *(PJSIP, "SR955", "warning", "403", "again in 300 seconds", BOTH),
    ),
    (
        f"'404' fatal response received from '{S}' on registration attempt to '{C}', retrying in '300' seconds",
        *(PJSIP, "SR955", "warning", "404", "again in 300 seconds", BOTH),
    ),
    (
        f"Maximum retries reached when attempting outbound registration to '{S}' with client '{C}', stopping",
        *(PJSIP, "SR953", "error", C, "stops for good", BOTH),
    ),
    (
        f"No response received from '{S}' on registration attempt to '{C}', retrying in '60'",
        *(PJSIP, "SR954", "warning", S, "Nothing answered", BOTH),
    ),
    (f"Outbound registration to '{S}' with client '{C}' successful", PJSIP, "SR950", "hint", C, "succeeded", BOTH),
    (
        "Endpoint: 'acme': Unable to create request with auth. No auth credentials for realm(s) 'acme' in challenge.",
        *(PJSIP, "SR956", "error", "acme", "no auth object has that realm", None),
    ),
    (
        "Request 'INVITE' from '<sip:x@192.0.2.1>' failed for '192.0.2.1' (callid: abc@h) - No matching endpoint found",
        *(PJSIP, "SR958", "warning", None, "although the registration is good", None),
    ),
    (
        "Wizard 't' must have 'outbound_auth/username' if it sends authentication.",
        WIZARD,
        "SR947",
        "error",
        "t",
        "",
        None,
    ),
    ("Wizard 't' must have 'remote_hosts' if it sends registrations.", WIZARD, "SR947", "error", "t", "", None),
    (
        "Registration of '100' rejected: 'Registration Refused' from: '192.0.2.9'",
        *(
            IAX,
            "SR968",
            "error",
            "Registration Refused",
            "refuses 100",
            {"user": "100", "host": "192.0.2.9", "protocol": "iax2"},
        ),
    ),
    ("ERROR: username param is REQUIRED!", FS, "SR980", "error", "username", "skips it", None),
    ("ERROR: password param is REQUIRED!", FS, "SR980", "error", "password", "skips it", None),
    ("ERROR: unsupported transport", FS, "SR980", "error", None, "skips the gateway", None),
    ("Ignoring invalid name 'my gw'", FS, "SR981", "error", "my gw", "no name", None),
    ("Ignoring duplicate gateway 'acme'", FS, "SR981", "warning", "acme", "loaded already", None),
    (
        "Invalid register-frequency of 2 on gateway acme, using the value of 3600 instead",
        *(FS, "SR982", "warning", "2", "uses 3600 seconds", None),
    ),
    (
        "Invalid retry-seconds of 1 on gateway acme, using the value of 30 instead.",
        *(FS, "SR982", "warning", "1", "uses 30 seconds", None),
    ),
    (
        "acme Failed Registration [403], setting retry to 30 seconds.",
        FS,
        "SR983",
        "warning",
        "403",
        "gateway acme",
        None,
    ),
    (
        "acme Failed Registration with status Forbidden [403]. failure #2",
        *(FS, "SR983", "warning", "403", "never gives up", None),
    ),
    ("acme Failed Registration [908], setting retry to 30 seconds.", FS, "SR983", "warning", "908", "no answer", None),
    ("Timeout Registering acme", FS, "SR984", "warning", "acme", "within 60 s", None),
    (
        "Cannot locate any authentication credentials to complete an authentication request for realm '\"acme\"'",
        *(FS, "SR985", "error", '"acme"', "no gateway", None),
    ),
    ("empty value not allowed for column[5]='realm' - ignoring record", KAMAILIO, "SR993", "error", "realm", "", None),
    ("realms do not match. requested realm: [acme]", KAMAILIO, "SR994", "error", "acme", "disables the record", None),
    ("authentication failed for <u1>", KAMAILIO, "SR995", "error", "u1", "refused the login", None),
    ("got sip response 404 while registering [u1]", KAMAILIO, "SR995", "error", "404", "does not know this user", None),
    ("failed to extract authenticate hdr", KAMAILIO, "SR995", "error", None, "no challenge", None),
    ("failed to parse auth hdr body", KAMAILIO, "SR995", "error", None, "no challenge", None),
    (
        "Wrong credentials for [sip:100@acme.example]",
        *(OPENSIPS, "SR959", "error", "sip:100@acme.example", "refused", {"user": "100", "domain": "acme.example"}),
    ),
    ("Unable to extract authentication info", OPENSIPS, "SR959", "error", None, "no login", None),
    (
        "Please decrease timer_interval=[100] - imposed server expires [60] to small for AOR=[sip:100@acme.example]",
        *(OPENSIPS, "SR978", "warning", "60", "every 100 s", {"user": "100", "domain": "acme.example"}),
    ),
    ("cannot parse registrar uri [acme.example]", OPENSIPS, "SR996", "error", "acme.example", "skips the row", None),
    ("registrant uri must not have user [alice]", OPENSIPS, "SR996", "error", "alice", "skips the row", None),
    ("proxy uri must not have user [bob]", OPENSIPS, "SR996", "error", "bob", "skips the row", None),
    ("Error: invalid SIP URL 'a@b' in local id argument", PJSUA, "SR997", "error", "a@b", "does not start", None),
    ("Error: invalid SIP URL 'h' in registrar argument", PJSUA, "SR997", "error", "h", "does not start", None),
    ("SIP registration failed, status=403 (Forbidden)", PJSUA, "SR998", "error", "403", "forbidden", None),
    (
        "sip:100@acme.example: registration success, status=200 (OK), will re-register in 300 seconds",
        *(PJSUA, "SR999", "hint", "sip:100@acme.example", "is registered", {"user": "100", "domain": "acme.example"}),
    ),
    (
        "reg: sip:100@acme.example: 403 Forbidden (kamailio)",
        *("baresip-accounts", "SR998", "warning", "403", "forbidden", {"user": "100", "domain": "acme.example"}),
    ),
    (
        "reg: sip:100@acme.example: Register: Connection timed out",
        *("baresip-accounts", "SR998", "warning", "sip:100@acme.example", "No answer"),
        {"user": "100", "domain": "acme.example"},
    ),
    ("acme, registration failed: 404 Not Found", "twinkle-cfg", "SR998", "error", "404", "does not know", None),
    ("Failed to register, status code 403", "sipjs", "SR998", "error", "403", "forbidden", None),
    ("401 apparently in authentication loop, cannot authenticate", "sipjs", "SR998", "error", "401", "again", None),
    ("Invalid registrar URI", "microsip-ini", "SR997", "error", None, "does not register", None),
    ("Incorrect Password", "microsip-ini", "SR998", "error", None, "401", None),
    ("Invalid server value: sip:acme", "twinkle-cfg", "SR997", "error", "sip:acme", "not loaded", None),
    ("Syntax error in file acme.cfg", "twinkle-cfg", "SR997", "error", None, "Twinkle", None),
    (
        "no credentials were supplied to reply to server authentication challenge",
        *("drachtio", "SR998", "error", None, "gave drachtio none", None),
    ),
    ("Unknown file type SEQENTIAL", "sipp-inf", "SR997", "error", None, "SIPp stops", None),
    ("Auth object 'acme' could not be found", PJSIP, "SR956", "error", "acme", "no auth section [acme]", None),
    (
        "Address 'sip.acme.exmaple' provided on ip endpoint identifier 'acme' did not resolve to any address",
        *(PJSIP, "SR912", "error", "sip.acme.exmaple", "no endpoint", None),
    ),
    ("no password value provided - ignoring record", KAMAILIO, "SR993", "error", None, "neither", None),
    ("invalid HA2 length: 8 - ignoring record", KAMAILIO, "SR993", "error", "8", "no MD5 digest", None),
    ("could not load database from file [uacreg]", KAMAILIO, "SR993", "error", "uacreg", "none of its records", None),
    ("failed to send request for [u1]", KAMAILIO, "SR995", "error", "u1", "could not send", None),
    ("Credentials not provisioned", OPENSIPS, "SR959", "error", None, "sends none", None),
    (
        "Please decrease timer_interval=[100] - requested expires=[60] to small for AOR=[sip:100@acme.example]",
        *(OPENSIPS, "SR996", "error", "60", "skips the row", {"user": "100", "domain": "acme.example"}),
    ),
    ("invalid forced socket [sip:192.0.2.1]", OPENSIPS, "SR996", "error", "sip:192.0.2.1", "skips the row", None),
    ("Bad naming for sharing tag <vip>, <name/cluster_id> expected", OPENSIPS, "SR996", "error", "vip", "skips", None),
    ("Cannot create Address, bad uri [100@h]", "linphonerc", "SR997", "error", "100@h", "linphone cannot read", None),
    (
        "Error: invalid value for --reg-timeout (expecting 1-3600)",
        *(PJSUA, "SR997", "error", None, "does not start", None),
    ),
    ("Unknown parameter in user profile: auth_pas", "twinkle-cfg", "SR997", "warning", "auth_pas", "ignores it", None),
]

_SYSLOG = "Nov 27 10:00:00 pbx1 asterisk[812]: "
PREFIXES = {
    SIP: [
        "[Nov 27 10:00:00] NOTICE[1234]: chan_sip.c:15774 sip_reg_timeout: ",
        "[2023-11-27 10:00:00.123] WARNING[1234][C-0000001a] chan_sip.c: ",
        _SYSLOG + "WARNING[1234]: chan_sip.c:24000 in handle_response_register: ",
        "ast_1  | [Nov  7 10:00:00] \x1b[1;31mERROR\x1b[0m[1]: \x1b[1mx.c\x1b[0m:\x1b[1m1\x1b[0m \x1b[1mf\x1b[0m: ",
        "full:120:[Nov 27 10:00:00] NOTICE[1234]: chan_sip.c:15774 sip_reg_timeout: ",
        "WARNING ... ",
    ],
    PJSIP: [
        "[Nov 27 10:00:00] WARNING[9]: res_pjsip_outbound_registration.c:1051 schedule_retry: ",
        "[2026-03-05 16:56:14] ERROR[14305] res_pjsip_outbound_registration.c: ",
        _SYSLOG + "ERROR[1234]: res_pjsip_outbound_registration.c:500 in sip_outbound_registration_apply: ",
    ],
    FS: [
        "2023-11-27 10:00:00.123456 [WARNING] sofia_reg.c:508 ",
        "2023-11-27 10:00:00.123456 95.20% [ERR] sofia.c:3300 ",
    ],
    KAMAILIO: [
        "Nov 27 10:00:00 sbc /usr/sbin/kamailio[77]: ERROR: uac [uac_reg.c:934]: uac_reg_tm_callback(): ",
        " 3(77) ERROR: uac [uac_reg.c:934]: uac_reg_tm_callback(): ",
    ],
    OPENSIPS: ["Nov 27 10:00:00 [99] ERROR:uac_registrant:load_reg_info_from_db: "],
    PJSUA: ["10:00:05.954    pjsua_acc.c  ....", "10:00:05.954 pjsua_app_config.c  "],
    "microsip-ini": [""],
    "linphonerc": ["2023-11-27 10:00:00:123 liblinphone-error-"],
    "baresip-accounts": ["", "10:00:05.954 "],
    "sipjs": ["2023-11-27T10:00:00.000Z "],
    "twinkle-cfg": ["2023-11-27 10:00:00 "],
    "drachtio": ["2023-11-27T10:00:00.000Z "],
    "sipp-inf": [""],
}
PREFIXES[IAX] = [prefix.replace("chan_sip", "chan_iax2") for prefix in PREFIXES[SIP]]
PREFIXES[WIZARD] = [prefix.replace("outbound_registration", "config_wizard") for prefix in PREFIXES[PJSIP]]


def fields(found: logs.Parsed, index: int = 0) -> dict[str, object]:
    return found.registrations[index].to_json()


def check(text: str, row: tuple, line: int = 1) -> None:
    bare, dialect, code, severity, marked, said, registration = row
    found = logs.parse(text)
    assert found.ok
    assert (found.dialect, found.form) == (dialect, "log")
    assert [(f.code, f.severity, f.span.line) for f in found.findings] == [(code, severity, line)]
    finding = found.findings[0]
    assert marked in (None, under(text, found, code))
    assert said in finding.message
    assert "{" not in finding.message + finding.fix.replace("{username", "")
    assert " ".join(finding.log.removeprefix("-- ").split()) in " ".join(bare.split())
    assert [each.to_json() for each in found.registrations] == ([registration] if registration else [])
    assert not found.secrets


@pytest.mark.parametrize("row", LINES, ids=lambda row: row[0].strip()[:60])
def test_each_known_line_bare_and_as_loggers_write_it(row):
    check(row[0], row)
    for prefix in PREFIXES[row[1]]:
        check(prefix + row[0], row)
        check(f"Asterisk Ready.\n\n{prefix}{row[0]}\r\n*CLI> ", row, line=3)


@pytest.mark.parametrize("row", LINES, ids=lambda row: row[0].strip()[:60])
def test_other_quotes_case_and_blanks_are_the_same_line(row):
    bare, dialect, code, severity, *_ = row
    for text in (
        bare.replace("'", '"'),
        re.sub("'([^']*)'", "‘\\1’", bare),
        bare.replace(" ", "  "),
        bare.upper() if not row[6] else bare,
    ):
        found = logs.parse(text)
        assert [(f.code, f.severity) for f in found.findings] == [(code, severity)]
        assert found.dialect == dialect


def test_a_shell_eats_quotes():
    text = "Registration for 100@sip.acme.example timed out, trying again (Attempt #3)"
    assert fields(logs.parse(text)) == HOST
    text = f"Fatal response 403 received from {S} on registration attempt to {C}, stopping outbound registration"
    assert fields(logs.parse(text)) == BOTH


def test_the_abbreviated_lines_of_documentation():
    for text, code in (
        ("Got error N on register to user@host, giving up (check config)", "SR907"),
        ("Got 423 Interval too brief for service user@host, minimum is N seconds", "SR909"),
        ("Required expiration time from … is too high, giving up", "SR910"),
        ("Probably a DNS error for registration to user@host, trying REGISTER again (after N seconds)", "SR911"),
        ("No '=' (equal sign) in line N of FILE", "SR930"),
        ("==!!== Unknown directive: register at line N … -- IGNORING!!!", "SR933"),
        ("Temporal response 'N' received … retrying in 'X'", "SR952"),
        ("Invalid server URI '…' specified on outbound registration 't'", "SR942"),
        ("Wizard 't' must have 'outbound_auth/username'…", "SR947"),
        ("Maximum retries reached when attempting outbound registration to 'S' with client 'C', stopping", "SR953"),
        ("No response received from 'S' on registration attempt to 'C', retrying in 'X'", "SR954"),
        ("Invalid register-frequency of N on gateway x, using the value of 3600 instead.", "SR982"),
    ):
        found = logs.parse(text)
        assert [f.code for f in found.findings] == [code]
        assert "{" not in report(explain(text, form="log"))


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.forms[0][:60])
def test_every_form_of_a_known_line_is_that_line(known):
    assert known.code in CODES
    sample = {
        "host": "sip.acme.example",
        "user": "100",
        "gateway": "acme",
        "which": "Server",
        "account": "sip:a@b.example",
    }
    numbers = ("attempt", "tries", "seconds", "minimum", "status", "line", "failures", "expiry")
    for form in known.forms:
        text = re.sub(r"\{(\w+)\}", lambda m: sample.get(m[1]) or ("403" if m[1] in numbers else "word"), form)
        found = find(text)
        assert found is not None
        assert found.known.code == known.code, text
        assert needle(form) in " ".join(text.lower().split())
        told = logs.parse(text)
        assert told.ok
        assert "{" not in told.findings[0].message
        assert told.findings[0].message[0].isupper() or told.findings[0].message[0] in "`[s1wap"
        assert told.findings[0].message.endswith(".")


def test_messages_of_what_a_line_leaves_out():
    found = logs.parse("Fatal response '403' received from")
    assert says(found, "SR951").startswith("The carrier answered 403 to the account: ")
    found = logs.parse("Temporal response '503' received")
    assert "tries again in some seconds" in says(found, "SR952")


# --- tables

REGISTRY = """pbx*CLI> sip show registry
Host                                    dnsmgr Username       Refresh State                Reg.Time
192.168.1.1:5060                        N      alarmanruf         285 Registered           Tue, 04 Jan 2022 19:40:21
[2001:db8::1]:5061                      Y      200                 20 Request Sent
sip.acme.example:5060                   N      300                105 {state}
3 SIP registrations.
"""


@pytest.mark.parametrize(
    ("state", "code", "severity"),
    [
        ("Registered", "SR960", "hint"),
        ("Unregistered", "SR961", "warning"),
        ("Request Sent", "SR962", "warning"),
        ("Auth. Sent", "SR963", "warning"),
        ("Rejected", "SR964", "error"),
        ("No Authentication", "SR965", "error"),
        ("Failed", "SR966", "error"),
        ("Timeout", "SR967", "warning"),
    ],
)
def test_sip_show_registry(state, code, severity):
    text = REGISTRY.replace("{state}", state)
    found = logs.parse(text)
    assert found.dialect == SIP
    assert detect(text).form == "log"
    assert [each.to_json() for each in found.registrations] == [
        {"user": "alarmanruf", "host": "192.168.1.1", "port": 5060},
        {"user": "200", "host": "[2001:db8::1]", "port": 5061},
        {"user": "300", "host": "sip.acme.example", "port": 5060},
    ]
    assert [f.span.line for f in found.findings] == [3, 4, 5]
    last = found.findings[-1]
    assert (last.code, last.severity) == (code, severity)
    assert text.split("\n")[4][last.span.column - 1 : last.span.end - 1] == state
    row = "sip.acme.example:5060                   N      300                105 " + state
    assert [f.code for f in logs.parse(row).findings] == [code]
    assert [f.code for f in logs.parse(" ".join(row.split())).findings] == [code]


def test_registered_does_not_prove_a_live_registration():
    message = says(logs.parse(REGISTRY.replace("{state}", "Rejected")), "SR960", "hint")
    assert "does not prove a live registration" in message
    assert "Tue, 04 Jan 2022 19:40:21" in message
    assert "every 285 s" in message


def test_columns_that_are_cut_are_said_and_left_out():
    text = (
        "Host                                    dnsmgr Username       Refresh State                Reg.Time\n"
        "sip.a-very-long-host-name-of-a-carrier. N      trunkuser123       20 Unregistered\n"
        "sip.one-with-a-port-at-the-end.example: N      300                20 Unregistered\n"
        "sip.two-with-a-port-at-the.example:50 N 300 20 Unregistered\n"
        "sip.three-with-a-port-at-end.example:50 N      300                20 Unregistered\n"
    )
    found = logs.parse(text)
    assert [each.to_json() for each in found.registrations] == [
        {"user": "trunkuser123"},
        {"user": "300"},
        {"user": "300", "host": "sip.two-with-a-port-at-the.example", "port": 50},
        {"user": "300", "host": "sip.three-with-a-port-at-end.example"},
    ]
    assert "The host goes on: the column ends after 39 characters." in found.findings[0].message
    assert "The user name may go on: the column ends after 12 characters." in found.findings[0].message
    assert "The port may go on" in found.findings[3].message
    assert "go on" not in found.findings[2].message


def test_the_older_tables_of_sip_show_registry():
    text = (
        "Host                            Username       Refresh State                Reg.Time\n"
        "sip.acme.example:5060           100                105 Registered           Tue, 06 Dec 2016 21:02:09\n"
        "a-host-that-is-longer.acme.exa  200                105 Rejected\n"
    )
    found = logs.parse(text)
    assert [f.code for f in found.findings] == ["SR960", "SR964"]
    assert [each.to_json() for each in found.registrations] == [
        {"user": "100", "host": "sip.acme.example", "port": 5060},
        {"user": "200"},
    ]


def test_iax2_show_registry():
    text = (
        "Host                  dnsmgr  Username    Perceived             Refresh  State\n"
        "162.248.92.131:4569   Y       560029      45.32.240.26:4569         181  Registered\n"
        "70.183.85.70:4569     N       switchvoxp  <Unregistered>             60  Rejected\n"
    )
    for given_text in (text, text.split("\n", 1)[1]):
        found = logs.parse(given_text)
        assert found.dialect == IAX
        assert [f.code for f in found.findings] == ["SR969", "SR964"]
        assert fields(found) == {"user": "560029", "host": "162.248.92.131", "port": 4569, "protocol": "iax2"}
    assert "may go on" in found.findings[1].message


def test_an_empty_table():
    for text in (
        "Host                            dnsmgr Username       Refresh State       Reg.Time\n0 SIP registrations.",
        "*CLI> pjsip show registrations\nNo objects found.\n",
        " <Registration/ServerURI....>  <Auth....>  <Status....>\n====\n\nObjects found: 0\n",
    ):
        found = logs.parse(text)
        assert found.ok
        assert "right where the carrier knows the address" in says(found, "SR977", "warning")
    assert not logs.parse("No objects found.").ok


PJSIP_TABLE = """
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

 acme/sip:sip.acme.example:5080;transport=tcp            acme-auth                   {status}

Objects found: 1
"""


@pytest.mark.parametrize(
    ("status", "code", "severity", "said"),
    [
        ("Registered        (exp. 30s)", "SR970", "hint", "refreshed in 30 s"),
        ("Registered        (exp. 2s ago)", "SR970", "hint", "It is registered."),
        ("Registered        (exp. 560s ago)", "SR971", "warning", "due 560 s ago"),
        ("Registered", "SR970", "hint", "It is registered."),
        ("Unregistered      (exp. 7s)", "SR972", "warning", "next REGISTER is in 7 s"),
        ("Unregistered", "SR972", "warning", "1 to 10 s after load"),
        ("Rejected          (exp. 56s)", "SR973", "warning", "next try is in 56 s"),
        ("Rejected          (exp. 9s ago)", "SR974", "error", "it has stopped"),
        ("Rejected", "SR974", "error", "it has stopped"),
        ("Stopped", "SR975", "error", "Nothing is sent any more"),
        ("Stopping", "SR976", "hint", "taken away"),
    ],
)
def test_pjsip_show_registrations(status, code, severity, said):
    text = PJSIP_TABLE.replace("{status}", status)
    found = logs.parse(text)
    assert found.dialect == PJSIP
    assert (detect(text).form, detect(text).dialect) == ("log", PJSIP)
    assert [(f.code, f.severity) for f in found.findings] == [(code, severity)]
    assert said in found.findings[0].message
    assert under(text, found, code) == status.split()[0]
    assert found.registrations[0].name == "acme"
    assert fields(found) == {key: BOTH[key] for key in ("host", "port", "transport", "server_uri")}
    assert [f.code for f in logs.parse(text.split("\n")[4]).findings] == [code]


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sip:sip.a-very-long-name-of-a-carrier.acme.examp", None),
        ("sip:sip.a-very-long-name-of-acme.example:50", "sip.a-very-long-name-of-acme.example"),
    ],
)
def test_a_uri_that_is_cut(uri, expected):
    name = "x" * (53 - len(uri))
    found = logs.parse(f" {name}/{uri}  auth  Registered  (exp. 30s)")
    assert "cut in this table" in found.findings[0].message
    assert [each.to_json() for each in found.registrations] == ([{"host": expected}] if expected else [])


def test_pjsip_show_registration_tells_all_of_it():
    details = """
 ParameterName            : ParameterValue
 ====================================================================
 auth_rejection_permanent : true
 client_uri               : sip:100@acme.example
 contact_user             : 4711
 expiration               : 10
 max_retries              : 0
 outbound_auth            : acme-auth
 outbound_proxy           :
 retry_interval           : 60
 server_uri               : sip:sip.acme.example:5080;transport=tcp
"""
    text = PJSIP_TABLE.replace("{status}", "Registered        (exp. 30s)").replace("\nObjects found: 1\n", details)
    found = logs.parse(text)
    assert [each.to_json() for each in found.registrations] == [
        {**BOTH, "extension": "4711", "outbound_proxy": "", "expiry": 10, "retry_interval": 60, "max_retries": 0}
    ]
    assert found.registrations[0].name == "acme"
    assert [f.code for f in found.findings] == ["SR970", "SR215", "SR214"]
    assert under(text, found, "SR214") == "0"
    assert logs.parse(details).registrations[0].to_json()["extension"] == "4711"
    harmless = details.replace(": 10\n", ": 3600\n").replace("max_retries              : 0", "max_retries : 10")
    assert logs.parse(harmless).findings == ()
    assert logs.parse(harmless).ok
    endpoint = " ParameterName : ParameterValue\n ===\n allow : (ulaw)\n auth : a\n"
    assert not logs.parse(endpoint).ok


SOFIA = """                     Name\t   Type\t                                      Data\tState
=================================================================================================
            external::acme\tgateway\t                  sip:100@sip.acme.example\t{state}
                 external\tprofile\t          sip:mod_sofia@192.0.2.1:5080\tRUNNING (0)
=================================================================================================
"""


@pytest.mark.parametrize(
    ("state", "code", "severity"),
    [
        ("REGED", "SR986", "hint"),
        ("UNREGED", "SR987", "warning"),
        ("TRYING", "SR988", "warning"),
        ("REGISTER", "SR988", "warning"),
        ("UNREGISTER", "SR987", "warning"),
        ("FAILED (retry: 30s)", "SR989", "warning"),
        ("FAILED (retry: NEVER)", "SR989", "error"),
        ("FAIL_WAIT", "SR989", "warning"),
        ("EXPIRED", "SR990", "warning"),
        ("TIMEOUT", "SR990", "warning"),
        ("NOREG", "SR991", "hint"),
        ("DOWN", "SR992", "warning"),
    ],
)
def test_sofia_status(state, code, severity):
    text = SOFIA.replace("{state}", state)
    found = logs.parse(text)
    assert found.dialect == FS
    assert (detect(text).form, detect(text).dialect) == ("log", FS)
    assert [(f.code, f.severity) for f in found.findings] == [(code, severity)]
    assert under(text, found, code) == state.split()[0]
    assert fields(found) == {"user": "100", "domain": "sip.acme.example", "register": state != "NOREG"}


def test_sofia_status_gateway():
    text = """=================================================================================================
Name    \tacme
Profile \texternal
Scheme  \tDigest
Realm   \tacme
Username\t100
Password\tyes
From    \t<sip:100@acme.example>
Contact \t<sip:gw+acme@192.0.2.1:5080;transport=udp;gw=acme>
Exten   \t4711
To      \tsip:100@acme.example
Proxy   \tsip:sip.acme.example:5080
Context \tpublic
Expires \t3600
Freq    \t3600
Ping    \t0
State   \tNOREG
Status  \tDOWN
=================================================================================================
"""
    found = logs.parse(text)
    assert [f.code for f in found.findings] == ["SR991", "SR992"]
    assert found.registrations[0].name == "acme"
    assert fields(found) == {
        "user": "100",
        "domain": "acme.example",
        "host": "sip.acme.example",
        "port": 5080,
        "realm": "acme",
        "extension": "4711",
        "expiry": 3600,
        "register": False,
    }


# --- whole logs

_STAMP = "[Nov 27 10:00:01] NOTICE[2]: chan_sip.c:1 f: "
LOG = f"""[Nov 27 10:00:00] VERBOSE[1] asterisk.c: Asterisk Ready.
{_STAMP}   -- Registration for '100@sip.acme.example' timed out, trying again (Attempt #1)
{_STAMP}   -- Registration for '100@sip.acme.example' timed out, trying again (Attempt #2)
{_STAMP}Forbidden - wrong password on authentication for REGISTER for '200' to 'sip.b.example'
{_STAMP}Peer 'acme' is now Reachable. (23ms / 2000ms)
{_STAMP}Failed to authenticate on INVITE to '<sip:1@h>;tag=1'
"""


def test_a_log_of_several_lines():
    found = logs.parse(LOG)
    assert [(f.code, f.span.line) for f in found.findings] == [("SR902", 2), ("SR902", 3), ("SR904", 4), ("SR915", 5)]
    assert [each.to_json() for each in found.registrations] == [HOST, {"user": "200", "host": "sip.b.example"}]
    assert found.findings[0].causes
    assert found.findings[0].to_json()["causes"] == list(found.findings[0].causes)
    assert "causes" not in found.findings[3].to_json()


def test_the_system_is_that_of_most_lines():
    lines = [f"No response received from '{S}' on registration attempt to '{C}', retrying in '60'"] * 2
    assert logs.parse("\n".join([*lines, LINES[0][0]])).dialect == PJSIP
    assert logs.parse("\n".join([lines[0], LINES[0][0], LINES[0][0]])).dialect == SIP
    assert logs.parse(f"{lines[0]}\nNo '=' (equal sign) in line 4 of extra.conf").dialect == PJSIP


def test_a_dialect_limits_to_the_lines_of_its_system():
    text = "\n".join(row[0] for row in LINES)
    for dialect, systems in (
        ("asterisk-chan_sip", {SIP}),
        ("asterisk-sip.conf", {SIP}),
        ("pjsip", {PJSIP, WIZARD}),
        ("iax2", {IAX}),
        ("vicidial", {SIP, PJSIP, WIZARD, IAX}),
        ("freeswitch", {FS}),
        ("pjsua", {PJSUA}),
    ):
        lines = {finding.span.line for finding in explain(text, dialect=dialect, form="log").parsed.findings}
        own = {number for number, row in enumerate(LINES, 1) if row[1] in systems}
        shared = {number for number, row in enumerate(LINES, 1) if row[2] in ("SR930", "SR931", "SR932", "SR933")}
        assert lines - shared == own - shared
        assert lines <= own | shared
    found = explain(LINES[0][0], dialect="pjsip", form="log").parsed
    assert not found.ok
    assert "from asterisk-chan_sip" in says(found, "SR900", "error")
    assert explain(REGISTRY, dialect="pjsip", form="log").parsed.findings[0].code == "SR900"
    assert explain(PJSIP_TABLE, dialect="chan_sip", form="log").parsed.ok is False


def test_the_report_says_causes_once_and_what_to_check():
    explanation = explain(LOG)
    text = report(explanation)
    assert text.startswith("asterisk-chan_sip, log (because its lines have the time and level of a log)")
    assert "  is about         user 100, at sip.acme.example" in text
    assert text.count("cause   the carrier is down") == 1
    assert text.count("check   whether anything comes back at all") == 1
    assert text.count("SR902 warning") == 2
    assert "will log in as" not in text
    assert "write   " not in text
    assert explanation.exit_status == 1
    assert explain(LINES[0][0]).exit_status == 0
    assert "SR900 error" in report(explain("nothing to see here", form="log"))


def test_a_table_in_the_report():
    text = report(explain(PJSIP_TABLE.replace("{status}", "Registered  (exp. 30s)")))
    assert "is about         acme, at sip.acme.example port 5080 tcp" in text
    iax = report(explain("162.248.92.131:4569   Y  560029  45.32.240.26:4569  181  Registered", form="log"))
    assert "is about         user 560029, at 162.248.92.131 port 4569 (IAX2)" in iax
    expiry = report(explain(LINES[19][0], form="log"))
    assert "at sip.acme.example, expiry 120 s" in expiry


def test_causes_are_in_the_json_only_where_there_are_some():
    assert "causes" not in Finding("SR900", "error", Span(1, 1, 1), "x").to_json()
    assert Finding("SR900", "error", Span(1, 1, 1), "x", causes=("y",)).to_json()["causes"] == ["y"]
    json.dumps(explain(LOG).to_json())


# --- what is no known line

GARBAGE = [
    "",
    "hello",
    "Failed to authenticate on INVITE to '<sip:1@h>;tag=1'",
    "Got 404 Not found on SIP subscribe",
    "100:hunter22@sip.acme.example",
    "Name/username             Host                                    Dyn Forcerport Comedia    ACL Port     Status",
    "alarmanruf/alarmanruf     192.168.1.1                                 Yes        Yes      A  5060     Unmonitored",
    " Contact:  1000/sip:1000@10.0.0.5:5060                     5f3a9c2b1d Avail        12.345",
    " Endpoint:  1001                                                    Not in use    0 of inf",
    "Name      acme\nhello",
    "the user is Registered",
    "host Y user notanumber Registered",
]


@pytest.mark.parametrize("text", GARBAGE)
def test_garbage_is_no_known_line(text):
    found = logs.parse(text)
    assert not found.ok
    assert [f.code for f in found.findings] == ["SR900"]
    assert found.registrations == ()
    assert logs.recognise(text) is None


def test_the_nearest_known_line_is_named():
    found = logs.parse("[Nov 27 10:00:00] NOTICE[1]: chan_sip.c:1 f: Registration for '100@h' timed out, try again")
    message = says(found, "SR900")
    assert "The nearest known one is `-- Registration for '...@...' timed out, trying again (Attempt #...)`." in message
    assert "nearest" not in says(logs.parse("lorem ipsum dolor"), "SR900")


@given(st.text(max_size=300))
@example("Name\tx\nProxy\t\nState\tREGED")
@example("Name\tx\nProxy\ty\nState\tREGED")
@example("a/sip:\xa0 x Registered (exp. 99999999999s)")
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_raise(text):
    for parsed in (logs.parse(text), explain(text, form="log").parsed):
        json.dumps(parsed.to_json())
    logs.recognise(text)
    assert report(explain(text, form="log"))


WORDS = st.sampled_from(sorted({word for known in KNOWN for form in known.forms for word in form.split()}))


@given(st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=30))
@settings(max_examples=200, deadline=None)
def test_shuffled_words_of_known_lines_do_not_make_it_raise(words):
    text = " ".join(words)
    found = logs.parse(text)
    lines = text.split("\n")
    for finding in found.findings:
        assert 1 <= finding.span.line <= len(lines)
        assert finding.span.column >= 1
        assert finding.span.end <= len(lines[finding.span.line - 1]) + 2
    report(explain(text, form="log"))


UNITS = [
    *GARBAGE[1:],
    "'",
    " ",
    "CLI>",
    "a=a:",
    "\t",
    "[Nov 27 10:00:00] ",
    "Host Y ",
    "a:b@",
    "--",
    "x/sip:",
    "\x1b[1m",
]


@pytest.mark.parametrize("unit", [*UNITS, *(row[0] + " " for row in LINES[::6])])
def test_time_is_linear(unit):
    for read in (logs.parse, logs.recognise):
        assert_linear_reading(read, unit)
    assert_linear_reading(logs.parse, unit.replace(" ", "\n"))


def test_a_thousand_lines_take_linear_time():
    def work(count):
        assert len(logs.parse(LOG * count).findings) == 4 * count

    assert_linear(work, 21)


# --- secrets


@pytest.mark.parametrize(
    "text",
    [
        f"No response received from 'sip:h.example' on registration attempt to 'sip:100:hunter22@h.example', x\n{LOG}",
        f"register => 100:hunter22@sip.acme.example\n{LOG}",
        f"register => tls://100:hun@ter22@sip.acme.example\n{LOG}",
        f"register => 100@acme.example:hunter22:auth@sip.acme.example\n{LOG}",
        f" password : hunter22\n{LOG}",
        f"secret=hunter22\n{LOG}",
        "Failed to authenticate on REGISTER to '100:hunter22@sip.acme.example' (Tries 3)",
        "[Nov 27 10:00:00] x 100:hunter22@sip.acme.example",
    ],
)
def test_passwords_are_dotted_out(text):
    explanation = explain(text, form="log")
    for word in ("hunter22", "hun@ter22", "ter22"):
        assert word not in report(explanation)
        assert word not in json.dumps(explanation.to_json())
    assert explanation.parsed.secrets
    shown = report(explain(text, form="log", show_secrets=True), show_secrets=True)
    assert ("ter22" in shown) == ("ter22" in text.split("\n")[explanation.parsed.findings[0].span.line - 1])


@pytest.mark.parametrize(
    "text",
    [
        "10:00:05.954    pjsua_acc.c  ....sip:9114@h.example: registration success, status=200 (OK)",
        f"Fatal response '403' received from '{S}' on registration attempt to '{C}', stopping outbound registration",
        f"{FORMAT}[~expiry] at line 12",
        "Contact:sip:100@h.example",
        "uri=[sip:100@h.example] {sip:100@h.example} x[sip:100@h.example]",
        "<sips:100@h.example:5061>, sip:200@h.example",
    ],
)
def test_addresses_are_no_passwords(text):
    assert logs.parse(text).secrets == ()


# --- detection


@pytest.mark.parametrize("row", [row for row in LINES if len(row[0].split()) > 3], ids=lambda row: row[0].strip()[:60])
def test_a_line_is_detected(row):
    for text in (row[0], *(prefix + row[0] for prefix in PREFIXES[row[1]] if prefix[:1] in "[N2")):
        found = detect(text)
        assert found.form == "log", text
        assert found.reason
        assert not found.sure
        assert found.dialect == row[1]


@pytest.mark.parametrize(
    "text",
    [
        "register => 100:hunter22@sip.acme.example",
        "; -- Registration for '100@h' timed out, trying again (Attempt #1)\n[general]\nregister => a:b@c\n",
        "# 2023-11-27 10:00:00 NOTICE[1]\n<sip:a@b>;auth_pass=c\n",
        "[general]\n; [Nov 27 10:00:00] NOTICE[1]: chan_sip.c:1 f: Failed to authenticate\nregister => a:b@c\n",
        "-- MySQL dump 10.14\n-- Host: h    Database: asterisk\nINSERT INTO `vicidial_server_carriers` VALUES (1);\n",
        "Register String: 100:hunter22@sip.acme.example\nUser Context: x\n",
        '<include><gateway name="a"><param name="username" value="b"/></gateway></include>',
        "[acme]\ntype=registration\nserver_uri=sip:h\n",
        "SIP_USERNAME=a\nSIP_PASSWORD=b\n",
        "pjsua --id sip:a@b --registrar sip:b",
    ],
)
def test_a_config_is_no_log(text):
    assert detect(text).form != "log"


def test_a_file_with_the_name_of_a_config_is_one():
    assert detect(LOG, "sip.conf").form == "file"
    assert detect(LOG, "messages").form == "log"


def test_the_lines_that_findings_quote_are_known():
    texts = [(row[0], "asterisk-chan_sip") for row in test_asterisk_chan_sip.MISTAKES]
    texts += [
        ("[a]\ntype=registration\nserver_uri=h\nline=yes\n[a]\ntype=registration\n[c]\ntype=auth\n", PJSIP),
        ("[e]\ntype=registration\nserver_uri=sip:h:5O60\nclient_uri=tel:1\nexpiration=x\nendpoint=y\nfoo=1\n", PJSIP),
        ("[a]\ntype=wizard\nsends_registrations=yes\nsends_auth=yes\n", WIZARD),
        ("register => a:b@c\n", "asterisk-sip.conf"),
        (
            "[general]\n#include nope.conf\n#register\nregister -> x\n[p]\nhost=h\ninsecure=very\nusername=x\n",
            "sip.conf",
        ),
        ("abc", "asterisk-iax2"),
        ("abc", "asterisk-chan_sip-1.4"),
        ('<include><gateway name="my gw"/><gateway name="x"/><gateway name="x"/></include>', FS),
        ("pjsua --id a@b --registrar h", PJSUA),
        ("[Account1]\nserver=sip:h\ndomain=h\n", "microsip-ini"),
    ]
    quoted = {f.log for text, dialect in texts for f in registry.named(dialect).parse(text).findings if f.log}
    assert len(quoted) > 25
    for log in sorted(quoted):
        assert logs.parse(log).ok, log
