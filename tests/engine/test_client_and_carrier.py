"""Two engines against each other in memory: the built-in client and the carrier, over a stream cut anywhere.

No socket and no clock: octets are handed over in pieces of every size, time is a number.
"""

from __future__ import annotations

import random

import pytest

from mockregistrar.carrier.settings import AccountSpec, CarrierSettings
from mockregistrar.client import MANNERS, Profile, Refreshed, Registered, Unregistered, UserAgent
from mockregistrar.engine import CarrierEngine, Send
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.framing import StreamFramer

EPOCH = 1_800_000_000.0


class Pair:
    """A client and a carrier on one in-memory connection."""

    def __init__(self, manners: str, transport: str, size: int, **settings: object) -> None:
        specs = (AccountSpec(user="alice", secret="s3cret"),)
        changed = CarrierSettings(accounts=specs).changed(**settings)
        self.carrier = CarrierEngine(changed, rng=random.Random(1), now=0.0, epoch=EPOCH)
        self.flow = Flow(transport, ("127.0.0.1", 5060), ("127.0.0.1", 40000), 1 if transport != "udp" else 0)
        profile = Profile(user="alice", secret="s3cret", host="127.0.0.1", port=5060, transport=transport)
        self.client = UserAgent(profile, MANNERS[manners], ("127.0.0.1", 40000), random.Random(2))
        self.size = size
        self.framer = StreamFramer()
        self.now = 0.0
        if transport != "udp":
            self.carrier.opened(self.flow, 0.0)

    def pieces(self, data: bytes) -> list[bytes]:
        if not self.flow.reliable:
            return [data]
        return [data[i : i + self.size] for i in range(0, len(data), self.size)]

    def run(self) -> list[object]:
        """Hand everything over until both are silent; return what the client says happened."""
        happened: list[object] = []
        for _ in range(50):
            out = self.client.outgoing()
            for piece in self.pieces(b"".join(out)) if self.flow.reliable else out:
                self.carrier.receive(piece, self.flow, self.now)
            answers = [o.data for o in self.carrier.outgoing() if isinstance(o, Send)]
            for piece in self.pieces(b"".join(answers)) if self.flow.reliable else answers:
                messages = (
                    [m for m in self.framer.feed(piece) if isinstance(m, bytes)] if self.flow.reliable else [piece]
                )
                for message in messages:
                    self.client.receive(message, self.now, EPOCH + self.now)
            happened += self.client.events()
            if not out and not answers:
                return happened
        raise AssertionError("client and carrier talk without end")

    def bound(self) -> int:
        return len(self.carrier.carrier.bindings)


def of(kind: type, happened: list[object]) -> list[object]:
    return [event for event in happened if isinstance(event, kind)]


@pytest.mark.parametrize("manners", sorted(MANNERS))
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_life_register_refresh_unregister(manners: str, transport: str) -> None:
    pair = Pair(manners, transport, size=7)
    pair.client.register(0.0, EPOCH)
    happened = pair.run()
    assert len(of(Registered, happened)) == 1
    assert pair.bound() == 1
    due = pair.client.next_refresh()
    if MANNERS[manners].refresh.never:
        assert due is None
        pair.client.refresh(0.0, EPOCH)
    else:
        assert due is not None
        pair.now = due - EPOCH
        pair.client.timer_fired(pair.now, due)
    assert len(of(Refreshed, pair.run())) == 1
    pair.client.unregister(pair.now, EPOCH + pair.now)
    assert len(of(Unregistered, pair.run())) == 1
    assert pair.bound() == 0
    assert pair.carrier.trace.counters().internal_errors == 0


@pytest.mark.parametrize("size", [*range(1, 60), 128, 255, 1024, 65536])
def test_a_login_over_a_stream_cut_into_pieces_of_any_size(size: int) -> None:
    pair = Pair("rfc3261", "tcp", size)
    pair.client.register(0.0, EPOCH)
    assert of(Registered, pair.run())
    assert pair.bound() == 1


def test_a_login_over_a_stream_cut_at_every_single_place() -> None:
    whole = Pair("rfc3261", "tcp", 65536)
    whole.client.register(0.0, EPOCH)
    length = len(whole.client.outgoing()[0])
    for cut in range(1, length):
        pair = Pair("rfc3261", "tcp", 65536)
        pair.client.register(0.0, EPOCH)
        first = pair.client.outgoing()[0]
        pair.carrier.receive(first[:cut], pair.flow, 0.0)
        assert pair.carrier.outgoing() == []
        pair.carrier.receive(first[cut:], pair.flow, 0.0)
        (answer,) = pair.carrier.outgoing()
        assert isinstance(answer, Send)
        assert answer.data.startswith(b"SIP/2.0 401 ")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
@pytest.mark.parametrize("qop", ["auth", "auth-int", "none"])
def test_every_algorithm_and_qop_logs_in(algorithm: str, qop: str) -> None:
    pair = Pair("rfc3261", "udp", 1, algorithms=(algorithm,), qop=(qop,))
    pair.client.register(0.0, EPOCH)
    assert of(Registered, pair.run())


def test_a_client_that_knows_md5_alone_gives_up_on_sha_256() -> None:
    pair = Pair("asterisk-chan_sip", "udp", 1, algorithms=("SHA-256",))
    pair.client.register(0.0, EPOCH)
    assert not of(Registered, pair.run())
    assert pair.bound() == 0


def test_an_expiry_below_the_minimum_is_taken_up_from_the_423() -> None:
    pair = Pair("asterisk-chan_sip", "udp", 1, min_expires=600)
    pair.client.register(0.0, EPOCH)
    (registered,) = of(Registered, pair.run())
    assert isinstance(registered, Registered)
    assert registered.expires_in == 600
