"""Real clients that find the carrier by its name, and that are pinged by it."""

from __future__ import annotations

from threading import Event

from clients import Baresip, KamailioUac, Linphone, Twinkle
from clients.base import Client
from clients.process import TIMEOUT
from clients.requirements import with_clients
from clients.sides import DOMAIN, Launch, NewCarrier, awaited

from mockregistrar import FaultTouched, MockRegistrar, Note, Qualified


class ByName(Baresip):
    """baresip that is told a nameserver, and nothing else of where the carrier is."""

    nameserver = ""

    def _account(self) -> str:
        login, config = self.login, self.home / "config"
        config.write_text(f"{config.read_text()}dns_server {self.nameserver}\n")
        return f"<sip:{login.user}@{login.domain}>;auth_user={login.auth_user};auth_pass={login.secret};regint=60\n"


def told(carrier: MockRegistrar) -> list[str]:
    return [r.text for r in carrier.records() if isinstance(r, Note) and r.text.startswith("dns: ")]


def by_name(carrier: MockRegistrar) -> type[ByName]:
    return type("ByNameHere", (ByName,), {"nameserver": str(carrier.nameserver)})


def test_a_client_finds_the_carrier_by_its_name(carrier: MockRegistrar, launch: Launch) -> None:
    account = carrier.add_account("trunk1")
    client = launch(by_name(carrier), carrier, account)
    client.wait_registered()
    assert any(f"SRV _sip._udp.{DOMAIN} from 127.0.0.1: port {carrier.port}" in text for text in told(carrier))


def test_a_client_whose_carrier_has_lost_its_name_sends_nothing_until_it_is_back(
    carrier: MockRegistrar, launch: Launch
) -> None:
    account = carrier.add_account("trunk1")
    with carrier.fault("dns") as fault:
        gone = Event()
        end = carrier.subscribe(
            lambda records: gone.set() if any(isinstance(r, FaultTouched) for r in records) else None
        )
        client = launch(by_name(carrier), carrier, account)
        assert gone.wait(TIMEOUT)
        end()
        client.process.wait_said("Destination address required")
        assert not carrier.requests("REGISTER"), "it does not know where to send one"
    assert fault.fired
    client.stop()  # it would ask again by itself, after half a minute to a minute
    launch(by_name(carrier), carrier, account).wait_registered()


@with_clients(lambda kind: kind in (Baresip, KamailioUac, Linphone, Twinkle))
def test_a_client_answers_pings(kind: type[Client], new_carrier: NewCarrier, launch: Launch) -> None:
    carrier = new_carrier(qualify=1)
    account = carrier.add_account("trunk1")
    with awaited(carrier, Qualified, account):
        launch(kind, carrier, account).wait_registered()
    (binding,) = carrier.bindings(account)
    assert binding.reachable is True
