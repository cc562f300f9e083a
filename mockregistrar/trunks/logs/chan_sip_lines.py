"""What chan_sip prints about the trunks it registers: while it reads sip.conf, and at run time. And IAX2, next door.

Sources: channels/chan_sip.c (`handle_response_register`, `sip_reg_timeout`, `transmit_register`, `build_peer`),
channels/sip/config_parser.c and channels/chan_iax2.c of Asterisk 1.4 to 20.
"""

from __future__ import annotations

from .answers import NO_ANSWER, REFUSED, WRONG_LOGIN
from .known_line import KnownLine

_SIP = "asterisk-chan_sip"
_IAX = "asterisk-iax2"

_RUN_TIME = (
    KnownLine(
        "SR901",
        _SIP,
        (
            "Outbound Registration: Expiry for {host} is {expiry} sec (Scheduling reregistration in {seconds} s)",
            "Outbound Registration: Expiry for {host} is {expiry} sec",
        ),
        "The registration at {host} succeeded: the carrier granted {expiry:second|seconds}.",
        "",
        focus="expiry",
    ),
    KnownLine(
        "SR902",
        _SIP,
        (
            "-- Registration for '{user}@{host}' timed out, trying again (Attempt #{attempt})",
            "-- Registration for '{user}@{host}' timed out, trying again",
        ),
        "No usable answer came for {user} from {host} within `registertimeout` (20 s). Asterisk tries again, for ever "
        "unless `registerattempts` sets a limit.",
        "whether anything comes back at all (`sip set debug on`, or a trace); if not: host, port, transport, firewall",
        (
            *NO_ANSWER,
            "the login failed before: then `Failed to authenticate on REGISTER` stands above",
            "the carrier answered 5xx, which chan_sip does not look at",
        ),
        focus="host",
    ),
    KnownLine(
        "SR903",
        _SIP,
        (
            "-- Last Registration Attempt #{attempt} failed, Giving up forever trying to register '{user}@{host}'",
            "-- Last Registration Attempt #{attempt} failed, Giving up forever",
        ),
        "No usable answer came in {attempt:attempt|attempts}, and `registerattempts` allows no more: Asterisk does not "
        "register {user} at {host} again until `sip reload`.",
        "host, port, transport and firewall; then set registerattempts=0, which tries for ever",
        NO_ANSWER,
        focus="attempt",
    ),
    KnownLine(
        "SR904",
        _SIP,
        (
            "Forbidden - wrong password on authentication for REGISTER for '{user}' to '{host}'",
            "Forbidden - wrong password on authentication for REGISTER",
        ),
        "The carrier answered 403 for {user} at {host}. Asterisk prints `wrong password` whatever the cause, and stops "
        "for good unless `register_retry_403=yes`.",
        "whether the account is active and this address allowed at the carrier, then the password; then `sip reload`",
        REFUSED,
        focus="user",
    ),
    KnownLine(
        "SR905",
        _SIP,
        ("Treating 403 response to REGISTER as non-fatal for {user}@{host}",),
        "The carrier answered 403 for {user} at {host}. With `register_retry_403=yes` Asterisk tries again.",
        "whether the account is active and this address allowed at the carrier, then the password",
        REFUSED,
        focus="user",
    ),
    KnownLine(
        "SR906",
        _SIP,
        ("Got 404 Not found on SIP register to service {user}@{host}, giving up",),
        "The carrier does not know {user} at {host} (404). Asterisk stops for good.",
        "the user and the domain against the carrier's letter; then `sip reload`",
        (
            "the user is misspelt",
            "the domain is not one that the carrier serves: see fromdomain, or `user@domain` in the register line",
            "the account was removed, or lives on another server of the carrier",
        ),
        focus="user",
    ),
    KnownLine(
        "SR907",
        _SIP,
        (
            "Got error {status} on register to {user}@{host}, giving up (check config)",
            "Got error {status} on register to {user}@{host}, giving up",
        ),
        "The carrier answered {status} for {user} at {host}: {meaning}. Asterisk stops for good.",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR908",
        _SIP,
        (
            "Failed to authenticate on REGISTER to '{user}@{host}' (Tries {tries})",
            "Failed to authenticate on REGISTER to '{user}@{host}'",
            "Failed to authenticate on REGISTER to '{from}' (tries '{tries}')",
        ),
        "The carrier asked for the login again each time, in {tries:try|tries}: it does not accept the credentials. "
        "Asterisk starts over when the request times out, and will fail in the same way.",
        "the password, character by character, then the auth user",
        (
            *WRONG_LOGIN,
            "an `auth =` line for the carrier's realm holds another password and wins",
            "the carrier offers no MD5 challenge, the only one that chan_sip answers",
        ),
        focus="user",
    ),
    KnownLine(
        "SR909",
        _SIP,
        (
            "Got 423 Interval too brief for service {user}@{host}, minimum is {minimum} seconds",
            "Got 423 Interval too brief for service {user}@{host}",
        ),
        "The carrier grants no less than {minimum:second|seconds} to {user} at {host}. Asterisk asks again with that, "
        "as long as it is not above `maxexpiry`.",
        "`~{minimum}` at the end of the register line, or defaultexpiry={minimum} above it",
        ("the expiry asked for (120 s by default) is below the carrier's minimum",),
        focus="minimum",
    ),
    KnownLine(
        "SR910",
        _SIP,
        (
            "Required expiration time from {user}@{host} is too high, giving up",
            "Required expiration time from {who} is too high",
        ),
        "The carrier asks {user} at {host} for an expiry above `maxexpiry` (3600 s by default). Asterisk stops for "
        "good.",
        "maxexpiry: set it to the minimum that the 423 line above names, or more; then `sip reload`",
        ("the carrier's minimum is above maxexpiry",),
        focus="user",
    ),
    KnownLine(
        "SR911",
        _SIP,
        (
            "Probably a DNS error for registration to {user}@{host}, trying REGISTER again (after {seconds} seconds)",
            "Probably a DNS error for registration to {user}@{host}",
        ),
        "{host} was not found when {user} was to be registered. Asterisk tries again.",
        "`host {host}` on this machine: spelling of the name, then /etc/resolv.conf",
        (
            "the host is misspelt, or holds something that belongs elsewhere (`,com`, a port, `;transport=`)",
            "this machine cannot reach its DNS server, or could not when Asterisk started",
        ),
        focus="host",
    ),
    KnownLine(
        "SR912",
        _SIP,
        ("Unable to lookup '{name}'", "No such host: {name}", 'getaddrinfo("{name}", {service}, ...): {reason}'),
        "The name `{name}` was not found.",
        "`host NAME` on this machine: spelling of the name, then /etc/resolv.conf",
        ("the host is misspelt", "this machine cannot reach its DNS server, or could not when Asterisk started"),
        focus="name",
    ),
    KnownLine(
        "SR913",
        _SIP,
        ("Got 200 OK on REGISTER, but there isn't a registry entry for '{user}' (we probably already got the OK)",),
        "The carrier said OK a second time. That is a retransmission and does no harm.",
        "",
    ),
    KnownLine(
        "SR957",
        _SIP,
        ("Registration from '{caller}' failed for '{address}' - {reason}", "Registration from '{caller}' failed for"),
        "Somebody at {address} tried to register at this Asterisk as {caller}, and was refused. That is not the trunk "
        "to the carrier.",
        "whether the address is a phone of yours; if it is not, it is a scanner: a firewall keeps it away",
        focus="address",
    ),
    KnownLine(
        "SR914",
        _SIP,
        (
            "Peer '{peer}' is now UNREACHABLE! Last qualify: {seconds}",
            "Peer '{peer}' is now UNREACHABLE",
            "Peer '{peer}' is now Lagged",
        ),
        "{peer} does not answer the OPTIONS of `qualify` in time: calls through it fail. That says nothing about the "
        "registration.",
        "whether the carrier answers OPTIONS at all; if it does not: qualify=no",
        ("the carrier does not answer OPTIONS", *NO_ANSWER),
        focus="peer",
    ),
    KnownLine(
        "SR915",
        _SIP,
        ("Peer '{peer}' is now Reachable. ({seconds}ms", "Peer '{peer}' is now Reachable"),
        "{peer} answers the OPTIONS of `qualify`. That says nothing about the registration.",
        "",
        focus="peer",
    ),
)

_CALLED = (
    KnownLine(
        "SR916",
        _SIP,
        ("Purely numeric hostname ({value}), and not a peer--rejecting!",),
        "`{value}` stands where a host belongs, and there is no peer section of that name: nothing is sent.",
        "the host in the register line, or in the dial string",
        ("an IPv6 address without `[...]`", "an extension behind the `@`", "a peer section that is missing"),
        focus="value",
    ),
    KnownLine(
        "SR917",
        _SIP,
        (
            "'{which}' is not a valid transport for '{section}'. we only use '{value}'! ending call.",
            "'{which}' is not a valid transport for '{section}'",
        ),
        "[{section}] has no {which} in its `transport=`: Asterisk gives up what it was to send there, be it a "
        "registration or a call.",
        "`transport=` in [{section}], and the transport in the register line that names it",
        (
            "a register line without `tcp://` or `tls://` for a peer that speaks only that",
            "`callbackextension` in a peer with `transport=tls`: it registers over UDP",
        ),
        focus="section",
    ),
)

_LOAD = (
    KnownLine(
        "SR920",
        _SIP,
        (
            (
                "Format for registration is [peer?][transport://]user[@domain][:secret[:authuser]]@host[:port]"
                "[/extension][~expiry] at line {line}"
            ),
            "Format for registration is [peer?][transport://]user[@domain]",
            "Format for registration is user[:secret[:authuser]]@host[:port][/contact] at line {line}",
            "Format for registration is user[:secret[:authuser]]@host",
            "Format for registration is [transport://]user[:secret[:authuser]]@host[:port]",
        ),
        "Asterisk could not cut a `register =>` line into its parts and dropped it: that trunk does not exist.",
        "that line: run `mockregistrar explain` on it",
        (
            "a `;` in the password starts a comment, so that no `@` is left: write `\\;`",
            'a `/` in the password is taken for `transport://`: quote the field, `user:"pass/word"@host`',
            "there is no `@`, or nothing in front of it or behind it",
            "the keyword is there twice",
        ),
        focus="line",
    ),
    KnownLine(
        "SR920",
        _IAX,
        (
            "Format for registration is user[:secret]@host[:port] at line {line}",
            "Format for registration is user[:secret]@host",
        ),
        "Asterisk could not cut a `register =>` line of iax.conf into its parts and dropped it.",
        "that line: IAX2 takes `user[:secret]@host[:port]` and nothing else",
        ("there is no `@`", "it is a SIP string (`transport://`, `/extension`, `~expiry`)"),
        focus="line",
    ),
    KnownLine(
        "SR921",
        _SIP,
        (
            "'{value}' is not a valid transport type on line {line} of sip.conf. defaulting to udp.",
            "'{value}' is not a valid transport type",
        ),
        "`{value}` in front of `://` is no transport. Asterisk registers over UDP.",
        "the transport in the register line: udp, tcp or tls",
        (
            "a transport that chan_sip does not know",
            "a `/` or `//` in the password: what stands before it is taken for the transport",
        ),
        focus="value",
    ),
    KnownLine(
        "SR922",
        _SIP,
        (
            "'{value}' is not a valid port number on line {line} of sip.conf. using default.",
            "'{value}' is not a valid port number on line {line}",
            "'{value}' is not a valid domain port number on line {line} of sip.conf. using default.",
        ),
        "`{value}` is no port. Asterisk uses the default, 5060, or 5061 for TLS.",
        "the port in the register line: a number from 1 to 65535",
        ("letters in the port, such as O for 0", "an IPv6 address without `[...]`", "a port above 65535"),
        focus="value",
    ),
    KnownLine(
        "SR923",
        _IAX,
        ("{value} is not a valid port number at line {line}",),
        "`{value}` is no port, and IAX2 and Asterisk 1.4 drop the registration for that.",
        "the port in the register line",
        focus="value",
    ),
    KnownLine(
        "SR924",
        _SIP,
        ("Unknown insecure mode '{value}' on line {line}", "Unknown insecure mode '{value}'"),
        "`insecure={value}` is gone and ignored: calls from the carrier are asked for a password and fail. The "
        "registration is not touched by it.",
        "insecure=port,invite",
        ("`very` and `yes` were removed in Asterisk 1.8",),
        focus="value",
    ),
    KnownLine(
        "SR925",
        _SIP,
        ("The 'username' field for sip peers has been deprecated in favor of the term 'defaultuser'",),
        "`username=` in a peer still works, but is called `defaultuser=` now.",
        "nothing, or rename it",
    ),
    KnownLine(
        "SR926",
        _SIP,
        ("Section '{section}' lacks type", "Unknown type '{value}' for '{section}' in sip.conf"),
        "[{section}] has no `type=` that chan_sip knows: the section is ignored, and calls through it fail.",
        "type=peer or type=friend in [{section}]",
        focus="section",
    ),
    KnownLine(
        "SR927",
        _SIP,
        ("srvlookup failed for host: {value}, on peer {section}, removing peer",),
        "Asterisk found no address for `{value}` and removed [{section}]: calls through it fail until `sip reload`.",
        "`host=` in [{section}]: a bare name or address that resolves on this machine",
        ("a port or `sip:` in `host=`", "a misspelt name", "DNS was down when Asterisk started"),
        focus="value",
    ),
    KnownLine(
        "SR928",
        _SIP,
        ("Invalid peer port configuration at line {line} : {value}",),
        "`port={value}` is no port: Asterisk leaves it out, and calls go to the default port.",
        "`port=` in that line: a number from 1 to 65535",
        focus="value",
    ),
)

_IAX2 = (
    KnownLine(
        "SR968",
        _IAX,
        ("Registration of '{user}' rejected: '{reason}' from: '{host}'",),
        "The IAX2 server at {host} refuses {user}: {reason}.",
        "user and secret in iax.conf",
        WRONG_LOGIN,
        focus="reason",
    ),
)

LINES = (*_RUN_TIME, *_CALLED, *_LOAD, *_IAX2)
