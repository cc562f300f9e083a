"""What a user agent writes: its URIs and its REGISTER, shaped by its manners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from mockregistrar.client.manners import Manners, PortRule
from mockregistrar.client.profile import DEFAULT_PORTS, Profile, bracketed
from mockregistrar.sip.flow import Address, format_address
from mockregistrar.sip.grammar import quote
from mockregistrar.sip.message import build_request

_USER_UNESCAPED: Final = re.compile(r"[^-_.!~*'()&=+$,;?/0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Turn:
    """What makes one REGISTER different from the last."""

    cseq: int
    branch: str
    tag: str
    call_id: str
    expires: int | None
    """Seconds to ask for; None: neither Contact nor Expires are sent, which asks who is bound and changes nothing
    (:rfc:`3261` 10.2.3)."""
    contact: str = ""
    """Our Contact URI."""
    credentials: tuple[str, str] | None = None
    """Header name and value."""
    answers: bool = False
    """Whether it answers a challenge."""


def escaped(user: str) -> str:
    """Return a user part with everything percent-encoded that may not stand in one (:rfc:`3261` 25.1, user)."""

    def percent(found: re.Match[str]) -> str:
        return "".join(f"%{octet:02X}" for octet in found[0].encode("utf-8", "surrogateescape"))

    return _USER_UNESCAPED.sub(percent, user)


def _with_port(host: str, port: int | None, transport: str, rule: PortRule) -> str:
    if port is None or rule == "never" or (rule == "unless-default" and port == DEFAULT_PORTS[transport]):
        return host
    return f"{host}:{port}"


def _user(profile: Profile, manners: Manners) -> str:
    return escaped(profile.user) if manners.escapes_user else profile.user


def _registrar(profile: Profile, manners: Manners, rule: PortRule) -> str:
    if manners.request_uri_host == "registrar":
        return f"sip:{_with_port(bracketed(profile.host), profile.port, profile.transport, rule)}"
    return f"sip:{_with_port(profile.aor_host, profile.aor_port, profile.transport, rule)}"


def request_uri(profile: Profile, manners: Manners, *, answers: bool = False) -> str:
    """Return the Request-URI: the registrar's domain, without a user part (:rfc:`3261` 10.2)."""
    return _registrar(profile, manners, manners.answer_uri_port if answers else manners.request_uri_port)


def digest_uri(profile: Profile, manners: Manners) -> str:
    """Return what goes into the digest's ``uri``."""
    return _registrar(profile, manners, manners.digest_uri_port)


def aor_uri(profile: Profile, manners: Manners) -> str:
    """Return the address of record as it stands in From and To."""
    host = _with_port(profile.aor_host, profile.aor_port, profile.transport, manners.aor_port)
    return f"sip:{_user(profile, manners)}@{host}"


def contact_user(profile: Profile, manners: Manners, lot: str) -> str:
    """Return the user part of our Contact, not escaped; `lot` is what stands where a client draws one."""
    user = profile.contact_user
    if user is None:
        user = manners.contact_user.format(user=profile.user, name=profile.label, random=lot)
    return user + manners.contact_suffix.format(random=lot) if user else ""


def contact_uri(profile: Profile, manners: Manners, local: Address, lot: str = "") -> str:
    """Return our Contact URI: the extension at `local`, with the transport where the manners name it."""
    rule = manners.contact_transport
    transport = profile.transport.upper() if manners.upper_transport else profile.transport
    named = rule == "always" or (rule == "unless-udp" and profile.transport != "udp")
    user = escaped(contact_user(profile, manners, lot))
    return f"sip:{user and user + '@'}{format_address(_unbracketed(local))}{f';transport={transport}' if named else ''}"


def _unbracketed(address: Address) -> Address:
    host, port = address
    return host.strip("[]"), port


def call_id_host(local: Address) -> str:
    """Return the host that ends a Call-ID."""
    return bracketed(local[0])


def register_request(profile: Profile, manners: Manners, local: Address, turn: Turn) -> bytes:
    """Return the octets of a REGISTER (:rfc:`3261` 10.2). Raises ValueError for what would break a line."""
    name = f"{quote(profile.display_name)} " if profile.display_name else ""
    address = f"{name}<{aor_uri(profile, manners)}>"
    sent_by = format_address(_unbracketed(local))
    rport = ";rport" if manners.rport else ""
    by_contact = f";expires={turn.expires}" if manners.expires_in != "header" else ""
    contact = turn.contact or contact_uri(profile, manners, local)
    headers = {
        "Via": f"SIP/2.0/{profile.transport.upper()} {sent_by};branch={turn.branch}{rport}",
        "Max-Forwards": "70",
        "From": f"{address};tag={turn.tag}",
        "To": address,
        "Call-ID": turn.call_id,
        "CSeq": f"{turn.cseq} REGISTER",
        "Contact": f"<{contact}>{by_contact}{manners.contact_params}",
        "Expires": str(turn.expires),
        "User-Agent": manners.user_agent,
        **dict(manners.extra_headers),
    }
    if turn.expires is None:
        del headers["Contact"]
    if turn.expires is None or manners.expires_in == "contact":
        del headers["Expires"]
    order = list(manners.header_order)
    if turn.credentials is not None:
        header, value = turn.credentials
        headers[header] = value
        if "Authorization" in order:
            order[order.index("Authorization")] = header
    order += [header for header in headers if header not in order]
    fields = [(header, headers[header]) for header in order if header in headers]
    return build_request("REGISTER", request_uri(profile, manners, answers=turn.answers), fields)
