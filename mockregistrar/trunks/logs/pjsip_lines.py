"""What PJSIP prints about outbound registrations: while it reads pjsip.conf, and at run time.

Sources: res/res_pjsip_outbound_registration.c, res_pjsip_outbound_authenticator_digest.c, res_pjsip_config_wizard.c,
res_pjsip/config_auth.c, main/sorcery.c and main/config_options.c of Asterisk 13 to 22.
"""

from __future__ import annotations

from .answers import NO_ANSWER
from .known_line import KnownLine

_PJSIP = "asterisk-pjsip.conf"
_WIZARD = "asterisk-pjsip_wizard.conf"
_AGAIN = "`pjsip send register NAME`, or reload"

_RUN_TIME = (
    KnownLine(
        "SR950",
        _PJSIP,
        ("Outbound registration to '{server}' with client '{client}' successful",),
        "The registration of {client} at {server} succeeded.",
        "",
        focus="client",
    ),
    KnownLine(
        "SR951",
        _PJSIP,
        (
            (
                "Fatal response '{status}' received from '{server}' on registration attempt to '{client}', stopping "
                "outbound registration"
            ),
            "Fatal response '{status}' received from '{server}' on registration attempt to '{client}'",
            "Fatal response '{status}' received from",
        ),
        "{server} answered {status} to {client}: {meaning}. Asterisk stops for good (401 and 407 too, as "
        "`auth_rejection_permanent` is yes by default).",
        f"then {_AGAIN}; fatal_retry_interval or forbidden_retry_interval keep it trying",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR951",
        _PJSIP,
        ("Fatal registration attempt to '{client}', stopping outbound registration",),
        "The REGISTER of {client} could not even be sent. Asterisk stops for good.",
        "server_uri and transport",
        ("server_uri names a host that does not resolve", "its transport does not exist, or TLS failed"),
        focus="client",
    ),
    KnownLine(
        "SR955",
        _PJSIP,
        (
            (
                "'{status}' fatal response received from '{server}' on registration attempt to '{client}', retrying in "
                "'{seconds}' seconds"
            ),
            "'{status}' fatal response received from '{server}' on registration attempt to '{client}'",
            (
                "{status} Forbidden fatal response received from '{server}' on registration attempt to '{client}', "
                "retrying in '{seconds}' seconds"
            ),
            "{status} Forbidden fatal response received from '{server}'",
        ),
        "{server} answered {status} to {client}: {meaning}. Asterisk tries again in {seconds:second|seconds}, because "
        "a retry interval for such answers is set.",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR952",
        _PJSIP,
        (
            (
                "Temporal response '{status}' received from '{server}' on registration attempt to '{client}', "
                "retrying in '{seconds}'"
            ),
            "Temporal response '{status}' received from '{server}'",
            "Temporal response '{status}' received",
        ),
        "{server} answered {status} to {client}: {meaning}. Asterisk tries again in {seconds:second|seconds}, up to "
        "`max_retries` (10) times.",
        focus="status",
        answer=True,
    ),
    KnownLine(
        "SR953",
        _PJSIP,
        (
            (
                "Maximum retries reached when attempting outbound registration to '{server}' with client '{client}', "
                "stopping registration attempt"
            ),
            "Maximum retries reached when attempting outbound registration to '{server}' with client '{client}'",
            "Maximum retries reached when attempting outbound registration",
        ),
        "`max_retries` is used up for {client} at {server}. Asterisk stops for good.",
        f"why the tries before failed (the lines above); then a larger max_retries, and {_AGAIN}",
        (
            *NO_ANSWER,
            "the carrier was away for longer than retry_interval x max_retries (10 minutes by default)",
            "max_retries=0, which is not `for ever` but `stop at the first failure`",
        ),
        focus="client",
    ),
    KnownLine(
        "SR954",
        _PJSIP,
        (
            "No response received from '{server}' on registration attempt to '{client}', retrying in '{seconds}'",
            "No response received from '{server}' on registration attempt to '{client}'",
            "No response received from '{server}' on registration attempt",
        ),
        "Nothing answered {client} at {server}. Asterisk tries again in {seconds:second|seconds}, up to `max_retries` "
        "(10) times.",
        "whether anything comes back at all (`pjsip set logger on`); if not: host, port, transport, firewall",
        (*NO_ANSWER, "a `;transport=` in server_uri was lost, because `;` needs `\\;` in pjsip.conf"),
        focus="server",
    ),
    KnownLine(
        "SR956",
        _PJSIP,
        (
            "Unable to create request with auth. No auth credentials for realm(s) '{realm}' in challenge.",
            "No auth credentials for realm(s) '{realm}' in challenge",
        ),
        "The carrier's challenge has the realm `{realm}`, and no auth object has that realm: no login is sent.",
        "realm= in the auth section: empty takes any realm",
        ("realm= in the auth section is another one, or has quotes around it",),
        focus="realm",
    ),
    KnownLine(
        "SR956",
        _PJSIP,
        (
            "Failed to create authenticated REGISTER request to server '{server}' from client '{client}'",
            "Unable to create request with auth",
            "There were no auth ids available",
        ),
        "The carrier asked for a login, and Asterisk has none to give.",
        "outbound_auth= in the registration, and that the auth section it names was loaded (`pjsip show auths`)",
        (
            "outbound_auth is missing, or names no section",
            "the auth section was dropped for an option that does not exist",
            "the carrier offers no algorithm that this Asterisk knows",
        ),
    ),
    KnownLine(
        "SR956",
        _PJSIP,
        ("Auth object '{name}' could not be found",),
        "There is no auth section [{name}]: no login is sent.",
        "outbound_auth= of the registration, and that the auth section it names was loaded (`pjsip show auths`)",
        ("the name is misspelt; case counts", "the section was dropped for an option that does not exist"),
        focus="name",
    ),
    KnownLine(
        "SR958",
        _PJSIP,
        (
            "Request '{method}' from '{caller}' failed for '{address}' (callid: {callid}) - No matching endpoint found",
            "No matching endpoint found",
        ),
        "A request from outside belongs to no endpoint and is refused. Calls from the carrier fail so although the "
        "registration is good.",
        "type=identify with match= for the carrier's addresses, or line=yes and endpoint= in the registration",
        (
            "no identify section matches the carrier's address",
            "the carrier sends calls from other addresses",
            "a scanner knocks, if the address is not the carrier's",
        ),
    ),
    KnownLine(
        "SR914",
        _PJSIP,
        (
            "Contact {peer} is now Unreachable. RTT: {time} msec",
            "Endpoint {peer} is now Unreachable",
        ),
        "{peer} does not answer the OPTIONS of `qualify_frequency`: calls through it fail. That says nothing about the "
        "registration.",
        "whether the carrier answers OPTIONS at all; if it does not: qualify_frequency=0",
        ("the carrier does not answer OPTIONS", *NO_ANSWER),
        focus="peer",
    ),
    KnownLine(
        "SR915",
        _PJSIP,
        ("Contact {peer} is now Reachable. RTT: {time} msec", "Endpoint {peer} is now Reachable"),
        "{peer} answers the OPTIONS of `qualify_frequency`. That says nothing about the registration.",
        "",
        focus="peer",
    ),
)

_LOAD = (
    KnownLine(
        "SR940",
        _PJSIP,
        ("No server URI specified on outbound registration '{name}'",),
        "[{name}] has no `server_uri`: Asterisk drops the registration.",
        "server_uri=sip:host in [{name}]",
        focus="name",
    ),
    KnownLine(
        "SR940",
        _PJSIP,
        ("No client URI specified on outbound registration '{name}'",),
        "[{name}] has no `client_uri`: Asterisk drops the registration.",
        "client_uri=sip:user@domain in [{name}]",
        focus="name",
    ),
    KnownLine(
        "SR941",
        _PJSIP,
        (
            "{which} URI or hostname length exceeds pjproject limit or is not a sip(s) uri: '{name}'",
            "{which} URI or hostname length exceeds pjproject limit",
        ),
        "A URI of the registration [{name}] ({which}) is no SIP URI for Asterisk: it drops the registration.",
        "server_uri and client_uri in [{name}]: both begin with `sip:`",
        ("`sip:` is missing", "it is a `tel:` number", "the host is longer than pjproject allows"),
        focus="name",
    ),
    KnownLine(
        "SR942",
        _PJSIP,
        (
            "Invalid {which} URI '{uri}' specified on outbound registration '{name}'",
            "Invalid {which} URI '{uri}' specified",
        ),
        "`{uri}` cannot be read: Asterisk drops the registration [{name}].",
        "that URI: run `mockregistrar explain` on it",
        (
            "two `@`: one in the user is written `%40`",
            "letters in the port, or nothing behind the `:`",
            "a `/` at the end",
            "a bare IPv6 address",
            "a blank or a character that is not ASCII",
        ),
        focus="uri",
    ),
    KnownLine(
        "SR943",
        _PJSIP,
        (
            "Line support has been enabled on outbound registration '{name}' without providing an endpoint",
            "Line support has been enabled on outbound registration '{name}'",
        ),
        "[{name}] has `line=yes` without `endpoint=`: Asterisk drops the registration.",
        "endpoint= in [{name}]",
        focus="name",
    ),
    KnownLine(
        "SR943",
        _PJSIP,
        (
            "An endpoint has been specified on outbound registration '{name}' without enabling line support",
            "An endpoint has been specified on outbound registration '{name}'",
        ),
        "[{name}] has `endpoint=` without `line=yes`: Asterisk drops the registration.",
        "line=yes in [{name}]",
        focus="name",
    ),
    KnownLine(
        "SR944",
        _PJSIP,
        (
            "Could not find option suitable for category '{name}' named '{option}' at line {line} of {file}",
            "Could not find option suitable for category '{name}' named '{option}'",
        ),
        "`{option}` is no option of what [{name}] is: Asterisk drops the whole object.",
        "the spelling of `{option}`, and whether it belongs to that type",
        (
            "the option is misspelt (`outboundproxy` for `outbound_proxy`)",
            "an option of chan_sip (`secret`, `host`, `username` in an endpoint)",
        ),
        focus="option",
    ),
    KnownLine(
        "SR912",
        _PJSIP,
        (
            "Address '{value}' provided on ip endpoint identifier '{name}' did not resolve to any address",
            "Address '{value}' provided on ip endpoint identifier",
        ),
        "The name `{value}` in `match=` was not found when Asterisk started: calls from there belong to no endpoint.",
        "`host {value}` on this machine: spelling of the name, then /etc/resolv.conf; then `pjsip reload`",
        (
            "the host is misspelt, or has `sip:` or a port with it",
            "this machine could not reach its DNS server when Asterisk started",
        ),
        focus="value",
        severity="error",
    ),
    KnownLine(
        "SR948",
        _PJSIP,
        ("Error parsing {option}={value} at line {line} of {file}", "Error parsing {option}={value} at line {line}"),
        "`{option}` does not take that value: Asterisk drops the whole object.",
        "the value of `{option}`",
        ("a number or yes/no was expected", "the object that it names does not exist"),
        focus="option",
    ),
    KnownLine(
        "SR945",
        _PJSIP,
        ("No authentication username for auth '{name}'", "{name}: No authentication username"),
        "The auth section [{name}] has no `username`: Asterisk drops it, and no login is sent.",
        "username= in [{name}]",
        focus="name",
    ),
    KnownLine(
        "SR946",
        _PJSIP,
        (
            (
                "Configuration file '{file}' could not be loaded; configuration contains a duplicate object: '{name}' "
                "of type '{kind}'"
            ),
            "configuration contains a duplicate object: '{name}' of type '{kind}'",
        ),
        "Two sections are called [{name}] and have `type={kind}`: Asterisk refuses all objects of the file.",
        "another name for one of them",
        ("a trunk was copied and not renamed", "the file is included twice"),
        focus="name",
    ),
    KnownLine(
        "SR949",
        _PJSIP,
        (
            "Could not create an object of type '{kind}' with id '{name}' from configuration file '{file}'",
            "Could not create an object of type '{kind}' with id '{name}'",
        ),
        "The {kind} [{name}] does not exist: Asterisk dropped it for what the line above says.",
        "the line above this one",
        focus="name",
    ),
    KnownLine(
        "SR947",
        _WIZARD,
        (
            "Wizard '{name}' must have 'remote_hosts' if it sends registrations.",
            "Wizard '{name}' must have 'remote_hosts'",
        ),
        "[{name}] has no `remote_hosts`: nothing is created from it.",
        "remote_hosts=host[:port] in [{name}]",
        focus="name",
    ),
    KnownLine(
        "SR947",
        _WIZARD,
        (
            "Wizard '{name}' must have 'outbound_auth/username' if it sends authentication.",
            "Wizard '{name}' must have 'outbound_auth/username'",
        ),
        "[{name}] sends authentication, but has no `outbound_auth/username`: nothing is created from it.",
        "outbound_auth/username= in [{name}]",
        ("the prefix `outbound/` was typed, which the sample file once had by mistake",),
        focus="name",
    ),
)

LINES = (*_RUN_TIME, *_LOAD)
