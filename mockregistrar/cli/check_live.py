"""``mockregistrar check --against``: the credentials, once, at a registrar that is there already.

Nothing is sent beyond loopback without ``--really``, and then only after it was printed what goes to whom.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockregistrar.cli.parser import PROGRAM, UsageError
from mockregistrar.cli.terminal import paint, printable, write

if TYPE_CHECKING:
    from mockregistrar.client import Profile
    from mockregistrar.net.live import LiveOutcome
    from mockregistrar.net.reactor import ReactorThread
    from mockregistrar.sip.flow import Address
    from mockregistrar.trace.masking import Masker
    from mockregistrar.trunks import Item

_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\s/@]+)(?::([0-9]{1,5}))?")


def check_live(arguments: argparse.Namespace, items: tuple[Item, ...]) -> int:
    """Ask the registrar about each registration; return the exit code."""
    host, port = _place(arguments.against)
    tried = [item for item in items if item.reading.real is not None and item.skip is None]
    if not tried:
        why = items[0].skip if items and items[0].skip else "its system sends nothing of it; `explain` says why"
        raise _usage(f"there is nothing to log in with: {why}")
    calls = [_call(arguments, item, host, port) for item in tried]
    if not arguments.json:
        for item, profile, address in calls:
            write(_announcement(item, profile, address, bind=arguments.bind))
    from mockregistrar.net.reactor import ReactorThread

    thread = ReactorThread()
    thread.hold()
    try:
        told = [_asked(arguments, thread, *call) for call in calls]
    finally:
        thread.release()
    if arguments.json:
        write(json.dumps({"ok": all(one["ok"] for one in told), "trunks": told}, indent=2) + "\n")
    return 0 if all(one["ok"] for one in told) else 1


def _usage(text: str) -> UsageError:
    return UsageError(f"{PROGRAM} check: {text}")


def _place(text: str) -> tuple[str, int | None]:
    match = _PLACE.fullmatch(text)
    if match is None or (match[2] and not 0 < int(match[2]) < 65536):
        raise _usage(f"--against: {text!r} is not HOST or HOST:PORT, e.g. sip.acme.example:5060")
    return match[1].strip("[]"), int(match[2]) if match[2] else None


def _call(arguments: argparse.Namespace, item: Item, host: str, port: int | None) -> tuple[Item, Profile, Address]:
    """Return what is sent and where it goes. Raises `UsageError` where it must not, or cannot."""
    from dataclasses import replace

    from mockregistrar.net.live import addresses_of, is_loopback
    from mockregistrar.net.login.stage import profile_of

    assert item.reading.real is not None
    try:
        made, _ = profile_of(item.reading.real, item.registration)
    except ValueError as error:
        raise _usage(f"{item.id}: what {item.system} reads cannot be sent: {error}") from None
    if made.transport != item.reading.real.dial_transport:
        raise _usage(f"{item.id}: it goes over {item.reading.real.dial_transport}, which check does not speak")
    # the realm is left aside: the question is whether the password is right, and a client may answer any
    profile = replace(made, domain=made.domain or made.host, host=host, port=port or made.port, realm=None)
    try:
        addresses = addresses_of(host, profile.port, profile.transport)
    except OSError as error:
        raise _usage(f"--against: {host}: the name does not resolve ({error.strerror or error})") from None
    if not arguments.really and not all(map(is_loopback, addresses)):
        raise _usage(
            f"--against: {host} is not this machine ({addresses[0][0]}): the login of {profile.digest_user} would go "
            "there; add --really if it may"
        )
    if profile.transport == "tls":
        _trusting(arguments.tls_ca, host)
    return item, profile, addresses[0]


def _announcement(item: Item, profile: Profile, address: Address, *, bind: bool) -> str:
    """Return what will be sent to whom."""
    from mockregistrar.sip.flow import format_address
    from mockregistrar.trunks import Veil

    veil = Veil(item.reading.secrets)
    where = f"{format_address(address)} {profile.transport}"
    user = veil(f"{profile.user}@{profile.aor_host}")
    lines = [
        f"will send to {where}: REGISTER for {user} without Contact, which moves no binding",
        f"  if it asks: one login as {veil.word(profile.digest_user)}, a digest of {_secret(profile)}; no second one",
    ]
    if bind:
        lines.append("  then a contact of our own is registered and removed again; no other contact is touched")
    return "\n".join(lines) + "\n"


def _secret(profile: Profile) -> str:
    if profile.ha1:
        return "the hash in place of the password"
    return f"the password ({len(profile.secret)} characters)" if profile.secret else "an empty password"


def _asked(
    arguments: argparse.Namespace, thread: ReactorThread, item: Item, profile: Profile, address: Address
) -> dict[str, Any]:
    from mockregistrar.net.live import ask
    from mockregistrar.trace.ladder import ladder
    from mockregistrar.trace.masking import Masker

    outcome = ask(
        profile,
        address,
        thread=thread,
        timeout=arguments.timeout,
        tls_name=profile.host,
        tls_options=lambda name: _trusting(arguments.tls_ca, name),
        bind=arguments.bind,
    )
    masker = Masker([] if arguments.show_secrets else [secret for secret in item.reading.secrets if secret])
    if not arguments.json:
        good = outcome.accepted and outcome.bound is not False
        word = "accepted" if good else "no answer" if outcome.status is None else "refused"
        write(f"{paint('good' if good else 'bad', word)}  {item.id}  ")
        write("\n".join(printable(masker.text(line)) for line in _sentences(outcome, profile)) + "\n")
        if not good and outcome.records:
            write("\n" + "\n".join(f"  {line}" for line in ladder(list(outcome.records), masker).splitlines()) + "\n")
    found = outcome.to_json()
    return {"name": item.id, **_masked(found, masker)}


def _trusting(file: str | None, name: str) -> Any:
    """Return what a TLS client trusts. Raises `UsageError` for a file that holds no certificate."""
    from mockregistrar.net.tls import TrustError, trusting_options

    try:
        return trusting_options(name, Path(file) if file is not None else None)
    except TrustError as error:
        raise _usage(f"--tls-ca: {file}: {error}") from None


def _masked(found: dict[str, Any], masker: Masker) -> dict[str, Any]:
    return {key: masker.text(value) if isinstance(value, str) else value for key, value in found.items()}


def _sentences(outcome: LiveOutcome, profile: Profile) -> list[str]:
    """Return what came of it, and who is registered now."""
    if outcome.accepted:
        how = f"realm {outcome.realm!r}, {outcome.algorithm}" if outcome.challenged else "it asked for no password"
        first = f"{outcome.status} {outcome.reason}: the registrar takes the credentials ({how})"
        if not outcome.challenged:
            first = f"{outcome.status} {outcome.reason}: the registrar lets this address in without a password"
        lines = [first]
        for uri, seconds in outcome.contacts:
            left = f", {seconds} s left" if seconds is not None else ""
            lines.append(f"  {uri} is registered now{left}")
        if not outcome.contacts:
            lines.append("  nobody is registered now, as far as it says")
        if outcome.bind_detail:
            lines.append(f"  {outcome.bind_detail}")
        return lines
    if outcome.status is None:
        return [f"{outcome.reason}: nothing is known of the credentials"]
    if outcome.status in (401, 407) and outcome.challenged:
        who = f"`{profile.digest_user}` in realm {outcome.realm!r}"
        return [f"{outcome.status} {outcome.reason}: it does not take the password, or does not know {who}"]
    return [f"{outcome.status} {outcome.reason}{_hint(outcome.status)}"]


def _hint(status: int) -> str:
    hints = {
        401: ": none of its challenges can be answered here",
        403: ": forbidden; a wrong password, an account that is locked, or an address that is not on its list",
        404: ": it does not know this user or domain",
        405: ": it takes no REGISTER there",
        408: ": it gave up itself",
        423: ": it asks for a longer expiry even of a question",
        503: ": it is overloaded or down; nothing is known of the credentials",
    }
    return hints.get(status, "")
