"""Real clients with something other than the password wrong in their configs, and the verdicts on them."""

from __future__ import annotations

from clients import NpmSip
from clients.base import Client
from clients.requirements import with_clients
from clients.sides import DOMAIN, Launch, NewCarrier, awaited

from mockregistrar import Refused


@with_clients(lambda kind: kind.own_domain)
def test_a_misspelt_domain(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = carrier.add_account("trunk1")
    with awaited(carrier, Refused, account):
        launch(kind, carrier, account, domain=DOMAIN.replace("acme", "acne"))
    found = carrier.verdicts()[0]
    assert found.slug == "wrong-domain/neighbour-key"
    assert (found.user, found.position) == ("trunk1", DOMAIN.index("m") + 1)


@with_clients(lambda kind: kind.own_auth_user)
def test_the_auth_user_of_another_account(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(**kind.settings)
    account = carrier.add_account("trunk1", auth_user="acme-7")
    carrier.add_account("trunk2", auth_user="globex-9")
    with awaited(carrier, Refused, account):
        client = launch(kind, carrier, account, auth_user="globex-9")
    client.wait_refused()
    found = carrier.verdicts(account)[0]
    assert found.slug == "wrong-auth-user/other-account"
    assert found.sentence.endswith("the digest user name is `globex-9`, the auth user of `trunk2`")
    assert found.evidence == "The password is right."


def test_an_md5_digest_that_is_called_sha_256(new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(algorithms="SHA-256")
    account = carrier.add_account("trunk1")
    with awaited(carrier, Refused, account):
        launch(NpmSip, carrier, account)
    found = carrier.verdicts(account)[0]
    assert found.slug == "algorithm-not-offered/digest"
    assert "the digest was made over algorithm `MD5`" in found.sentence
