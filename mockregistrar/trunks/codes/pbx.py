"""The codes of what is found in providers of MikoPBX and trunks of 3CX."""

from __future__ import annotations

from mockregistrar.trunks.model import Severity

ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "SR340",
        "error",
        "not well-formed JSON",
        "The text begins like JSON and is none: no API takes it. A comma too many is the usual reason.",
    ),
    (
        "SR341",
        "error",
        "a scheme where a bare host belongs",
        "The page takes a host: the PBX puts `sip:` in front by itself, so that a scheme stands there twice.",
    ),
    (
        "SR342",
        "warning",
        "a field that does not exist",
        "The page and the API have no such field: what stands in it is not used.",
    ),
    (
        "SR343",
        "error",
        "a port in the field of the host",
        "The port has a field of its own, and MikoPBX writes it behind the host: two ports make no URI.",
    ),
    (
        "SR344",
        "error",
        "a parameter in the outbound proxy",
        (
            "MikoPBX writes `sip:`, the field and `\\;lr`. A `;` in the field starts a comment in pjsip.conf, and with "
            "it goes the `\\;lr`."
        ),
    ),
    (
        "SR345",
        "hint",
        "a provider that is disabled",
        "MikoPBX writes nothing for a disabled provider.",
    ),
    (
        "SR346",
        "hint",
        "a character that the page may refuse in the login",
        (
            "The page takes letters, digits, `_`, `-` and `.` in the login; a `+` only since 2026 (mikopbx/Core#977). "
            "The REST API stores others, too."
        ),
    ),
    (
        "SR347",
        "error",
        "a provider without host, login or password",
        (
            "A provider that registers needs a host and a login: MikoPBX does not save it without. Without a password "
            "it cannot answer a challenge."
        ),
    ),
    (
        "SR348",
        "warning",
        "a transport that MikoPBX does not offer",
        "The transport is udp, tcp, tls, or left to MikoPBX.",
    ),
    (
        "SR349",
        "warning",
        "attributes that are not used",
        (
            "The additional attributes are `name=value` lines below a `[section]`: registration, registration-auth, "
            "endpoint, endpoint-auth, aor or identify. Others change nothing."
        ),
    ),
    (
        "SR350",
        "warning",
        "a kind of registration that does not exist",
        (
            "`registration_type` is outbound, inbound or none. The page calls them Outgoing registration, Incoming "
            "registration and No registration."
        ),
    ),
    (
        "SR360",
        "error",
        "a trunk without a server",
        "3CX needs a registrar, server or gateway for a trunk that registers.",
    ),
    (
        "SR361",
        "error",
        "a trunk without credentials",
        "With Register/Account based, 3CX needs the Authentication ID and its password.",
    ),
    (
        "SR362",
        "error",
        "not a number",
        "Ports are numbers from 1 to 65535, times are seconds.",
    ),
    (
        "SR363",
        "hint",
        "credentials that are not used",
        "With Do not require - IP Based, 3CX does not register: the carrier knows it by its address.",
    ),
    (
        "SR364",
        "warning",
        "a type of authentication that does not exist",
        "The type is Register/Account based, or Do not require - IP Based.",
    ),
    (
        "SR365",
        "hint",
        "a type of authentication that is deprecated",
        "Incoming (Inbound Only) and Outgoing (Outbound Only) are deprecated in 3CX.",
    ),
    (
        "SR366",
        "warning",
        "a domain in the Authentication ID",
        "3CX puts the registrar behind the Authentication ID by itself: the address has two hosts then.",
    ),
    (
        "SR367",
        "hint",
        "a template without an account",
        "A provider template names the server; the Authentication ID and the password are typed in on the page.",
    ),
)
