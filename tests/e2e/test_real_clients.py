"""Real clients log in to the mock, and are refused by it: each by its own word, and by what stood on the wire."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from clients import Baresip, KamailioUac, Linphone, NetSip, NpmSip, PyVoip, Sipp, Sipsak, Twinkle
from clients.base import Client
from clients.process import TIMEOUT
from clients.requirements import require, require_client, with_clients, with_transports
from clients.sides import Launch, NewCarrier, awaited
from clients.sipp import SippInOneCallId, SippLeftAlone

from mockregistrar import Account, MockRegistrar
from mockregistrar.trace import BindingEvent, Refreshed, Refused, Registered, Unregistered, pcap

ASKED = 300
"""Seconds that clients ask for here; far from every default."""


def account_for(kind: type[Client], carrier: MockRegistrar, **fields: object) -> Account:
    """Add an account whose digest user name is not its user, where the client can be told both."""
    return carrier.add_account("trunk1", **{"auth_user": "acme-7" if kind.own_auth_user else None, **fields})


@with_transports()
def test_login(kind: type[Client], transport: str, new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = account_for(kind, carrier)
    client = launch(kind, carrier, account, transport, expires=ASKED)
    binding = carrier.wait_for_registration(account)
    client.wait_registered()
    assert (binding.flow.transport, binding.granted) == (transport, ASKED)
    assert not carrier.refusals()
    assert not carrier.verdicts()  # whatever its Contact looks like: on one machine it can be reached
    first, second = carrier.requests("REGISTER")[:2]
    assert first.header("Authorization") is None
    assert f'username="{account.auth_user}"' in second.header("Authorization")


@with_clients()
def test_wrong_password(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = account_for(kind, carrier)
    with awaited(carrier, Refused, account):
        client = launch(kind, carrier, account, secret=f"{account.secret}x")
    client.wait_refused()
    assert carrier.assert_refused(account, because="wrong-password").status == 401
    carrier.assert_not_registered(account)


@with_clients()
def test_unknown_user(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = carrier.add_account("trunk1")
    client = launch(kind, carrier, account, user="trunk7", auth_user="trunk7")
    client.wait_refused()
    assert carrier.assert_refused(because="unknown-user").user == "trunk7"
    carrier.assert_not_registered(account)


@with_clients(lambda kind: kind.own_auth_user)
def test_wrong_auth_user(kind: type[Client], carrier: MockRegistrar, launch: Launch) -> None:
    account = account_for(kind, carrier)
    client = launch(kind, carrier, account, auth_user="trunk1")
    client.wait_refused()
    carrier.assert_refused(account, because="wrong-auth-user")
    carrier.assert_not_registered(account)


@with_clients(lambda kind: kind.grant is not None)
def test_refresh(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = account_for(kind, carrier, grant=kind.grant, min_expires=1)
    refreshed = carrier.future_wait_for_refresh(account)
    launch(kind, carrier, account, expires=kind.grant if kind.asks_grant else ASKED)
    refresh = refreshed.result(TIMEOUT + 5)
    assert 0 < refresh.left < kind.grant
    assert refresh.expires == kind.grant
    assert not carrier.refusals()


@with_clients()
def test_unregister(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = account_for(kind, carrier)
    client = launch(kind, carrier, account, expires=ASKED)
    client.wait_registered()
    carrier.assert_registered(account)
    with awaited(carrier, Unregistered, account):
        client.unregister()
    carrier.assert_not_registered(account)
    assert not carrier.refusals()


# -- allow-lists ---------------------------------------------------------------------------------------------
@with_clients(lambda kind: kind.chooses_source)
def test_allowed_address(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = account_for(kind, carrier, networks=["127.0.0.2/32"])
    client = launch(kind, carrier, account, source="127.0.0.2")
    assert carrier.wait_for_registration(account).flow.remote[0] == "127.0.0.2"
    client.wait_registered()


@with_clients(lambda kind: kind.chooses_source)
def test_refused_address(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = account_for(kind, carrier, networks=["127.0.0.2/32"])
    with awaited(carrier, Refused, account):
        client = launch(kind, carrier, account, source="127.0.0.3")
    refusal = carrier.assert_refused(account, because="ip-not-allowed")
    assert (refusal.status, refusal.flow.remote[0]) == (403, "127.0.0.3")
    client.wait_refused()
    carrier.assert_not_registered(account)


@with_clients(lambda kind: kind in (Baresip, Linphone, KamailioUac, NetSip, NpmSip))
def test_address_instead_of_a_password(kind: type[Client], carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1", secret=False, networks=["127.0.0.2/32"])
    client = launch(kind, carrier, account, source="127.0.0.2", secret="unused")
    carrier.wait_for_registration(account)
    client.wait_registered()
    assert [r.header("Authorization") for r in carrier.requests("REGISTER", account)] == [None]


# -- what carriers ask and clients answer --------------------------------------------------------------------
@with_clients(lambda kind: kind.obeys_min_expires)
def test_min_expires(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(min_expires=90, **kind.settings)
    account = account_for(kind, carrier)
    client = launch(kind, carrier, account, expires=61)
    assert carrier.wait_for_registration(account).granted >= 90
    client.wait_registered()
    refusal = carrier.assert_refused(account, because="interval-too-brief")
    assert refusal.status == 423


@with_clients(lambda kind: kind.sha256)
def test_sha256(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(algorithms="SHA-256")
    account = account_for(kind, carrier)
    client = launch(kind, carrier, account)
    carrier.wait_for_registration(account)
    client.wait_registered()
    assert "SHA-256" in carrier.requests("REGISTER")[1].header("Authorization")


@with_clients(lambda kind: kind.sha256)
def test_sha256_wrong_password(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(algorithms="SHA-256")
    account = account_for(kind, carrier)
    client = launch(kind, carrier, account, secret="Tr0ub4dor")
    client.wait_refused()
    carrier.assert_refused(account, because="wrong-password")


@pytest.mark.parametrize(
    ("kind", "algorithms", "answer"),
    [
        (Linphone, ("MD5", "SHA-256"), "MD5"),
        (Linphone, ("SHA-256", "MD5"), "SHA-256"),
        (NetSip, ("MD5", "SHA-256"), "MD5"),
        (NetSip, ("SHA-256", "MD5"), "MD5"),
        (Twinkle, ("SHA-256", "MD5"), "MD5"),
        (Sipp, ("MD5", "SHA-256"), "MD5"),
        (KamailioUac, ("MD5", "SHA-256"), "MD5"),
    ],
    ids=lambda value: getattr(value, "name", None) or (value if isinstance(value, str) else "+".join(value)),
)
def test_two_challenges(
    kind: type[Client], algorithms: tuple[str, ...], answer: str, new_carrier: NewCarrier, launch: Launch
) -> None:
    carrier = new_carrier(algorithms=algorithms)
    account = account_for(kind, carrier)
    client = launch(kind, carrier, account)
    carrier.wait_for_registration(account)
    client.wait_registered()
    assert f"algorithm={answer}" in carrier.requests("REGISTER")[1].header("Authorization").replace('"', "")


def test_md5_labelled_sha256(new_carrier: NewCarrier, launch: Launch) -> None:
    """npm's sip calls its MD5 hash what the challenge asks for; that is no password."""
    carrier = new_carrier(algorithms="SHA-256")
    account = account_for(NpmSip, carrier)
    client = launch(NpmSip, carrier, account)
    client.wait_refused()
    carrier.assert_refused(account, because="wrong-password")


def test_nonce_too_old(new_carrier: NewCarrier, launch: Launch) -> None:
    """linphone uses its nonce again; told that it is stale, it comes back with the new one."""
    carrier = new_carrier(nonce_ttl=1)
    account = account_for(Linphone, carrier, grant=Linphone.grant, min_expires=1)
    refreshed = carrier.future_wait_for_refresh(account)
    launch(Linphone, carrier, account)
    refreshed.result(TIMEOUT + 5)
    carrier.assert_refused(account, because="nonce-stale")
    assert not carrier.refusals(because="wrong-password")
    assert not carrier.refusals(because="nonce-replayed")


def test_qop_left_out(carrier: MockRegistrar, launch: Launch) -> None:
    """pyVoIP answers as RFC 2069 has it, whatever qop is offered: it is let in."""
    account = account_for(PyVoip, carrier)
    client = launch(PyVoip, carrier, account)
    client.wait_registered()
    carrier.wait_for_registration(account)
    (answer,) = {r.header("Authorization") for r in carrier.requests("REGISTER")} - {None}
    assert "qop" not in answer


# -- one client at a time ------------------------------------------------------------------------------------
def test_sipp_in_one_call_id(carrier: MockRegistrar, launch: Launch) -> None:
    """One Call-ID, one nonce with a growing count: log in, refresh, unregister."""
    account = account_for(Sipp, carrier)
    client = launch(SippInOneCallId, carrier, account)
    client.wait_registered()
    changes = [r for r in carrier.records() if isinstance(r, BindingEvent)]
    assert [type(r) for r in changes] == [Registered, Refreshed, Unregistered]
    assert len({r.call_id for r in changes}) == 1
    answers = [r.header("Authorization") for r in carrier.requests("REGISTER")][1:]
    assert [a.split("nc=")[1][:8] for a in answers] == ["00000001", "00000002", "00000003"]
    assert not carrier.refusals()


def test_sipp_with_its_own_digest_uri(carrier: MockRegistrar, launch: Launch) -> None:
    account = account_for(Sipp, carrier)
    client = launch(SippLeftAlone, carrier, account)
    client.wait_registered()
    carrier.assert_registered(account)


def test_ping(carrier: MockRegistrar, launch: Launch) -> None:
    client = launch(Sipsak, carrier, carrier.add_account("trunk1"))
    client.wait_registered()
    assert client.ping() == 0, client.said()
    assert "200 OK" in client.process.said()
    assert [r.method for r in carrier.requests()].count("OPTIONS") == 1


def test_several_at_once(new_carrier: NewCarrier, launch: Launch) -> None:
    """One carrier, five kinds of clients, an account for each: nobody gets another one's binding."""
    carrier = new_carrier()
    kinds = (Baresip, KamailioUac, NetSip, Twinkle, Linphone)
    for kind in kinds:
        require_client(kind)
    accounts = {kind: carrier.add_account(f"trunk-{kind.name}") for kind in kinds}
    clients = [launch(kind, carrier, account, expires=ASKED) for kind, account in accounts.items()]
    for account in accounts.values():
        assert carrier.wait_for_registration(account).granted == ASKED
    for client in clients:
        client.wait_registered()
    for account in accounts.values():
        (binding,) = carrier.bindings(account)
        assert account.user in binding.contact or binding.flow.remote[0] in binding.contact
    assert not carrier.refusals()


def test_capture(carrier: MockRegistrar, launch: Launch, tmp_path: Path) -> None:
    """The capture of a run is read by tshark, without a warning, as what was on the wire."""
    require("tshark", "apt-get install tshark")
    account = account_for(Baresip, carrier)
    for transport in ("udp", "tcp"):
        client = launch(Baresip, carrier, account, transport)
        client.wait_registered()
        with awaited(carrier, Unregistered, account):
            client.unregister()
    file = tmp_path / "run.pcap"
    with file.open("wb") as stream:
        pcap.write(carrier.records(), stream)
    port = carrier.address("udp").port
    checked = [option for layer in ("ip", "udp", "tcp") for option in ("-o", f"{layer}.check_checksum:TRUE")]
    decoded = [option for layer in ("udp", "tcp") for option in ("-d", f"{layer}.port=={port},sip")]  # no usual port
    fields = ["-T", "fields", "-e", "sip.Method", "-e", "sip.Status-Code", "-e", "_ws.expert.message"]
    read = subprocess.run(
        ["tshark", "-r", file, *decoded, *checked, "-Y", "sip", *fields],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    told = [line.split("\t") for line in read.stdout.splitlines()]
    assert [method or status for method, status, _ in told] == ["REGISTER", "401", "REGISTER", "200"] * 4
    assert not [note for *_, note in told if "checksum" in note.lower() or "malformed" in note.lower()], read.stdout
