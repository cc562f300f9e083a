"""The codes of what is found in user profiles of Twinkle."""

from __future__ import annotations

from mockregistrar.trunks.model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR560",
        "error",
        "a scheme where a bare host belongs",
        (
            "`registrar`, `outbound_proxy` and `user_domain` take no scheme: Twinkle puts `sip:` in front by itself. "
            "With one written, it takes `sip` for the host and what follows for the port, and says nothing."
        ),
    ),
    (
        "SR561",
        "error",
        "a server that Twinkle does not take",
        (
            "A server is a host with an optional port, without a user. Another value is dropped with the message "
            "`Invalid server value` in the log; Twinkle goes on as if the setting were not there."
        ),
    ),
    (
        "SR562",
        "error",
        "a line that makes Twinkle refuse the profile",
        (
            "Every line is empty, a comment with `#` in front, or `name=value`. Anything else, and values of a few "
            "settings that do not exist, are a `Syntax error in file`: the whole profile is not loaded."
        ),
    ),
    (
        "SR563",
        "error",
        "a tab or carriage return that belongs to the value",
        (
            "Twinkle strips blanks, but neither tabs nor the carriage return of a Windows line end: they become part "
            "of the name or the value, and a line that holds nothing else is a syntax error."
        ),
    ),
    (
        "SR564",
        "error",
        "a note that belongs to the value",
        (
            "Only a line that begins with `#` is a comment. Behind a value `#` and what follows it belong to the "
            "value. A warning in a password, which may hold them."
        ),
    ),
    (
        "SR565",
        "warning",
        "a setting that Twinkle does not know",
        "Twinkle ignores settings that it does not know; names count with their case. Only the log says so.",
    ),
    (
        "SR566",
        "error",
        "half of the credentials",
        (
            "Twinkle answers a challenge only with both `auth_name` and `auth_pass`; it does not take `user_name` in "
            "the place of a missing `auth_name`. Without them the window asks, and the console reports 401."
        ),
    ),
    (
        "SR567",
        "error",
        "a transport that Twinkle does not go by",
        (
            "`sip_transport` is udp, tcp or auto; another value counts as auto. There is no TLS. A `;transport=` of "
            "the server that contradicts `sip_transport` keeps Twinkle from sending anything."
        ),
    ),
    (
        "SR568",
        "error",
        "a user name beyond ASCII",
        "Twinkle escapes octets beyond ASCII wrongly, as `%ffffffffffffc3`: nobody knows that user.",
    ),
    (
        "SR569",
        "error",
        "a switch that is not `yes`",
        "Switches are on with `yes`, in small letters and nothing behind it. `true`, `1` and `Yes` count as no.",
    ),
    (
        "SR570",
        "warning",
        "a setting that stands there twice",
        "Twinkle takes the last of several values for one setting.",
    ),
    (
        "SR571",
        "warning",
        "no expiry is asked for",
        (
            "`registration_time` is read up to the first character that is no digit. With 0, or no number at all, the "
            "REGISTER names no expiry, and the carrier chooses one."
        ),
    ),
    (
        "SR572",
        "error",
        "quotes that belong to the value",
        (
            "Twinkle removes no quotes: they become part of the name, the host or the password. A warning in a "
            "password, which may begin and end with them."
        ),
    ),
    (
        "SR573",
        "error",
        "no user or no domain",
        "`user_name` and `user_domain` make the address that is registered. Without one it is `sip:@…` or `sip:…@`.",
    ),
    (
        "SR574",
        "error",
        "an IPv6 address",
        "Twinkle speaks IPv4 only: it sends nothing to an IPv6 address.",
    ),
    (
        "SR575",
        "warning",
        "a domain in the user name",
        "Twinkle escapes the `@` of a user name and adds the domain: `100%40host@host` is registered.",
    ),
    (
        "SR576",
        "error",
        "a quote in the login name",
        "Clients do not escape a quote in the user name that they log in with: nobody can read their credentials.",
    ),
)
