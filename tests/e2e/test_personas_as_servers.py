"""The same conversation with a real server and with the carrier that plays it: what the client sees is compared.

The server is asked over a socket; the persona is asked in memory, with the same octets but for ports and branches.
"""

from __future__ import annotations

import io
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clients.kamailio import HINT, Registrar
from clients.process import TIMEOUT
from clients.requirements import require
from playbook import NOW, Ask, Desk

from mockregistrar import PERSONAS, AccountSpec, CarrierSettings, MessageSeen, Persona, write_pcap
from mockregistrar.carrier.personas.learning import learn
from mockregistrar.engine import CarrierEngine, Send
from mockregistrar.sip.challenge import Challenge
from mockregistrar.sip.flow import Flow
from mockregistrar.sip.message import Response, parse
from mockregistrar.trace.capture import read_capture

ONE, TWO, THREE = "<sip:trunk1@192.0.2.7:5062>", "<sip:trunk1@192.0.2.8>", "<sip:trunk1@192.0.2.9>"
OWN_WORDS = ("p-registrar-error",)
"""Header fields that say the same as the status, in the server's own words: no knob is for them."""
ADDRESSES = ("via", "from", "to", "call-id", "cseq", "content-length")
"""Header fields that are copied from the request, which other tests are about."""


class Desks:
    """A client of one registrar: its memory, and what it saw."""

    link: socket.socket
    """What it is asked over, for one on a socket."""

    def __init__(self, send: Callable[[bytes], bytes], user: str, auth_user: str, realm: str, uri: str) -> None:
        self._send = send
        self._base = Ask(user=user, username=auth_user, host=realm, uri=uri, contact=ONE)
        self._desk = Desk()
        self.seen: list[tuple[str, Any]] = []

    def ask(self, step: dict[str, Any]) -> Response:
        via = f"SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK{os.urandom(6).hex()};rport"
        answer = parse(self._send(replace(self._base, via=via, **step).octets(self._desk)))
        assert isinstance(answer, Response)
        self._desk.take([("WWW-Authenticate", v) for v in answer.headers.get("www-authenticate", ())])
        self.seen.append((f"{step}", view(answer)))
        return answer


def view(answer: Response) -> dict[str, Any]:
    """Return what a client makes of an answer: status, header fields, the parameters of those that count."""
    seen: dict[str, Any] = {"status": answer.status}
    for name, values in answer.headers.items():
        if name in ADDRESSES or name in OWN_WORDS or (name == "contact" and answer.status != 200):
            continue  # Kamailio lists the bindings in its refusals too, which nobody reads
        if name == "www-authenticate":
            found = [Challenge.parse(value) for value in values]
            seen[name] = [replace(challenge, nonce="") for challenge in found]
        elif name == "contact":
            seen["contact fields"] = len(values)
            seen[name] = {(c.uri_text, frozenset(c.params)) for c in answer.contacts}  # type: ignore[union-attr]
        else:
            seen[name] = values
    return seen


@pytest.fixture
def kamailio(tmp_path: Path) -> Iterator[Callable[[str], Registrar]]:
    require("kamailio", HINT)
    with ExitStack() as stack:

        def start(parameters: str) -> Registrar:
            registrar = Registrar.start(tmp_path, parameters=parameters)
            stack.callback(registrar.stop)
            return registrar

        yield start


def asked_over_a_socket(registrar: Registrar, stack: ExitStack, tap: list[MessageSeen] | None = None) -> Desks:
    """Return a client on a socket; `tap` gets what goes over it."""
    link = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    link.settimeout(TIMEOUT)
    link.connect((registrar.host, registrar.port))

    flow = Flow("udp", (registrar.host, registrar.port), link.getsockname())

    def send(data: bytes) -> bytes:
        link.send(data)
        taps.append(MessageSeen(0, time.monotonic(), 0.0, "in", flow, data))
        answer = link.recv(65535)
        taps.append(MessageSeen(0, time.monotonic(), 0.0, "out", flow, answer))
        return answer

    taps: list[MessageSeen] = [] if tap is None else tap
    desk = Desks(send, registrar.user, registrar.auth_user, registrar.realm, f"sip:{registrar.host}:{registrar.port}")
    desk.link = link
    return desk


class Played:
    """The carrier that plays a server, in memory, with a clock of its own."""

    def __init__(self, registrar: Registrar, **settings: Any) -> None:
        account = AccountSpec(user=registrar.user, secret=registrar.secret, auth_user=registrar.auth_user)
        given = {"domains": registrar.realm, "accounts": account, **settings}
        self.now = 0.0
        self.engine = CarrierEngine(CarrierSettings().changed(**given), rng=random.Random(1), now=0.0, epoch=NOW)
        self._flow = Flow("udp", ("127.0.0.1", registrar.port), ("127.0.0.1", 5062))
        self.desk = Desks(
            self.send, registrar.user, registrar.auth_user, registrar.realm, f"sip:{registrar.host}:{registrar.port}"
        )

    def send(self, data: bytes) -> bytes:
        self.engine.receive(data, self._flow, self.now)
        (output,) = self.engine.outgoing()
        assert isinstance(output, Send)
        return output.data


def conversation(secret: str) -> list[dict[str, Any]]:
    """Return the steps: what a client does in its life, and what it gets wrong."""
    right = {"password": secret}
    return [
        {"expires": 3600},
        {"expires": 3600, "password": "wrong"},
        {"expires": 3600, "username": "nobody", **right},
        {"expires": 3600, **right},
        {"expires": 600, **right},
        {"contact": None, **right},
        {"contact": ONE + ";expires=120", "expires": 600, **right},
        {"expires": 30, **right},
        {"expires": 59, "contact": TWO, **right},
        {"expires": 60, "contact": TWO, **right},
        {"contact": TWO, **right},
        {"expires": 9000, "contact": TWO, **right},
        {"expires": 2_000_000, "contact": TWO, **right},
        {"contact": (ONE + ";expires=300", THREE + ';q=0.5;+sip.instance="<urn:uuid:1>"'), "expires": 400, **right},
        {"contact": THREE, "expires": 0, **right},
        {"contact": ONE, "expires": 900, "call_id": "another", **right},
        {"contact": "*", "expires": 0, "call_id": "all-away", **right},
        {"contact": None, **right},
        *({"contact": f"<sip:trunk1@192.0.2.{n}>", "expires": 500, "call_id": f"call-{n}", **right} for n in range(12)),
        {"contact": "<sip:trunk1@192.0.2.3>", "expires": 0, "call_id": "other", **right},
        {"method": "REGISTER", "to": "<sip:somebody@sip.acme.example>", "username": "somebody", **right},
    ]


LIMITS = {"max_contacts": 2, "retry_after": 30, "max_expires": 7200, "default_expires": 100}
CONFIGURED = {
    "as it comes": ("", {}),
    "min_expires_mode": ('modparam("registrar", "min_expires_mode", 1)', {"short_expires": "reject"}),
    "limits": (
        "\n".join(
            f'modparam("registrar", "{name}", {value})'
            for name, value in (
                ("max_contacts", 2),
                ("retry_after", 30),
                ("max_expires", 7200),
                ("default_expires", 100),
            )
        ),
        LIMITS,
    ),
    "SHA-256": ('modparam("auth", "algorithm", "SHA-256")', {"algorithms": "SHA-256", "algorithm_form": "token"}),
}
"""Parameters of Kamailio, and the settings that stand for them."""


@pytest.mark.parametrize("parameters", CONFIGURED)
def test_a_client_sees_the_same_of_kamailio_and_of_its_persona(
    kamailio: Callable[[str], Registrar], parameters: str
) -> None:
    text, settings = CONFIGURED[parameters]
    registrar = kamailio(text)
    played = Played(registrar, persona="kamailio", **settings)
    with ExitStack() as stack:
        real = asked_over_a_socket(registrar, stack)
        for step in conversation(registrar.secret):
            real.ask(step)
            played.desk.ask(step)
    version = next(seen["server"] for _, seen in real.seen)
    for (step, one), (_, other) in zip(real.seen, played.desk.seen, strict=True):
        other["server"] = version  # the preset has that of 5.6.3
        assert (step, _ageless(other)) == (step, _ageless(one))


def test_what_is_learned_from_a_capture_of_kamailio_plays_it(kamailio: Callable[[str], Registrar]) -> None:
    registrar = kamailio("")
    tap: list[MessageSeen] = []
    with ExitStack() as stack:
        real = asked_over_a_socket(registrar, stack, tap)
        for step in conversation(registrar.secret):
            real.ask(step)
    file = io.BytesIO()
    write_pcap(tap, file, epoch=NOW)
    learned = learn((c.time, c.source, c.target, c.message) for c in read_capture(file.getvalue()))
    assert learned.registrar == (registrar.host, registrar.port)
    assert learned.registers == len(real.seen)
    preset = PERSONAS["kamailio"].knobs
    for knob in ("algorithms", "algorithm_form", "qop", "short_expires", "min_expires", "default_expires", "grant_in",
                 "contacts_joined", "date", "wrong_password"):  # fmt: skip
        assert learned.knobs[knob] == preset[knob], learned.evidence
    played = Played(registrar, persona=[Persona(name="learned", knobs=learned.knobs)])
    for step in conversation(registrar.secret):
        played.desk.ask(step)
    for (step, one), (_, other) in zip(real.seen, played.desk.seen, strict=True):
        assert (step, _ageless(other)) == (step, _ageless(one))


def _ageless(seen: dict[str, Any]) -> dict[str, Any]:
    """Return what was seen with the seconds that are left rounded: the real server's clock goes on meanwhile."""
    contacts = seen.get("contact")
    if contacts is None:
        return seen
    rounded = {
        (uri, frozenset((n, str(round(int(v) / 20)) if n == "expires" else v) for n, v in params))
        for uri, params in contacts
    }
    return {**seen, "contact": rounded}


def test_of_an_old_nonce_both_say_the_same(kamailio: Callable[[str], Registrar]) -> None:
    registrar = kamailio('modparam("auth", "nonce_expire", 1)')
    played = Played(registrar, persona="kamailio", nonce_ttl=1)
    right = {"password": registrar.secret, "expires": 600}
    with ExitStack() as stack:
        real = asked_over_a_socket(registrar, stack)
        for desk in (real, played.desk):
            assert desk.ask({}).status == 401
            assert desk.ask(right).status == 200
        (nonce,) = (c.nonce for c in real._desk.challenges)
        while (answer := real.ask(right)).status == 200:  # it has its own clock, which is asked until it is time
            assert real._desk.challenges[0].nonce == nonce
        played.now += 2.0
        mocked = played.desk.ask(right)
    assert (mocked.status, answer.status) == (401, 401)
    (one,), (other,) = real.seen[-1][1]["www-authenticate"], played.desk.seen[-1][1]["www-authenticate"]
    assert one == other
    assert not one.stale


def test_four_zeros_are_what_nathelper_sends(kamailio: Callable[[str], Registrar]) -> None:
    registrar = kamailio(
        'loadmodule "nathelper.so"\nmodparam("nathelper", "natping_interval", 1)\n'
        'modparam("nathelper", "ping_nated_only", 0)'
    )
    right = {"password": registrar.secret, "expires": 600}
    with ExitStack() as stack:
        real = asked_over_a_socket(registrar, stack)
        link = real.link
        own = f"<sip:trunk1@{registrar.host}:{link.getsockname()[1]}>"
        assert real.ask({"contact": own}).status == 401
        assert real.ask({"contact": own, **right}).status == 200
        pings = [link.recv(65535) for _ in range(2)]
    played = Played(registrar, persona=["kamailio", "zero-pings"])
    played.desk.ask({})
    assert played.desk.ask(right).status == 200
    mocked = []
    while len(mocked) < 2:
        played.now = played.engine.next_timer()
        played.engine.timer_fired(played.now)
        mocked += [output.data for output in played.engine.outgoing()]
    assert mocked == pings == [b"\0\0\0\0"] * 2


def test_the_preset_is_needed(kamailio: Callable[[str], Registrar]) -> None:
    """The comparison can fail: the default persona is seen to be another server."""
    registrar = kamailio("")
    played = Played(registrar)
    with ExitStack() as stack:
        real = asked_over_a_socket(registrar, stack)
        for step in conversation(registrar.secret)[:1]:
            real.ask(step)
            played.desk.ask(step)
    assert real.seen != played.desk.seen
