"""Real clients make real mistakes, and the verdict says which."""

from __future__ import annotations

import pytest
from clients import Baresip, Sipsak
from clients.base import Client
from clients.requirements import with_clients
from clients.sides import Launch, NewCarrier, awaited

from mockregistrar import Refused

SECRET = "kD7mWq2xPz"
MISTAKES = {
    "cut": ("kD7mWq2", "cut-at-length", 8),
    "case": ("kd7mwq2xpz", "wrong-case", None),
    "swapped": ("kD7mqW2xPz", "characters-swapped", 5),
    "missing": ("kD7mW2xPz", "character-missing", 6),
    "extra": ("kD7mWWq2xPz", "character-extra", 6),
    "differs": ("kD7mWq2xAz", "character-differs", 9),
    "twice": (SECRET * 2, "pasted-twice", None),
    "user": ("trunk1", "user-as-password", None),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@with_clients(lambda kind: kind in (Baresip, Sipsak))
def test_a_wrong_password(kind: type[Client], new_carrier: NewCarrier, launch: Launch, mistake: str) -> None:
    sent, how, position = MISTAKES[mistake]
    carrier = new_carrier(**kind.settings)
    account = carrier.add_account("trunk1", SECRET)
    with awaited(carrier, Refused, account):
        client = launch(kind, carrier, account, secret=sent)
    client.wait_refused()
    found = carrier.verdicts(account)[0]
    assert found.slug == f"wrong-password/{how}"
    assert position is None or found.position == position
    assert kind.__name__.lower() in found.client


@with_clients()
def test_one_character_too_many(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = carrier.add_account("trunk1", auth_user="acme-7" if kind.own_auth_user else None)
    with awaited(carrier, Refused, account):
        client = launch(kind, carrier, account, secret=f"{account.secret}x")
    client.wait_refused()
    carrier.assert_refused(account, because="wrong-password/character-extra")
    assert carrier.verdicts(account)[0].position == len(account.secret or "") + 1


@with_clients()
def test_a_misspelt_user(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = carrier.add_account("trunk1")
    client = launch(kind, carrier, account, user="trunkl", auth_user="trunkl")
    client.wait_refused()
    found = carrier.verdicts(account)[0]
    assert found.slug == "unknown-user/look-alike"
    assert found.evidence == "The password is right."


@with_clients(lambda kind: kind.own_auth_user)
def test_the_user_where_the_auth_user_belongs(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = carrier.add_account("trunk1", auth_user="login1")
    client = launch(kind, carrier, account, auth_user="trunk1")
    client.wait_refused()
    carrier.assert_refused(account, because="wrong-auth-user/user-sent")
    assert carrier.verdicts(account)[0].evidence == "The password is right."
