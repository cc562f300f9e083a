"""Over real sockets: logins that are accepted and that calls cannot reach, other protocols at the SIP port, addresses
that are allowed for another account. Beside each the mistake that looks like it and is none.

A client on loopback stands for one elsewhere where the carrier sees it under another address (`seen_as`).
"""

from __future__ import annotations

import socket
import threading

import pytest
from phone import Phone
from playbook import Ask

from mockregistrar import MockRegistrar, further_verdicts
from mockregistrar.net.host import CarrierHost

PUBLIC, INNER, OWN = "203.0.113.7", "192.168.1.20", "127.0.0.1"
SECRET = "kD7mWq2x"


@pytest.fixture
def seen(monkeypatch):
    """Have carriers see what comes from one address as if it came from another."""

    def see(real, shown):
        made = CarrierHost.__init__

        def make(self, settings, reactor, authority, **_):
            made(self, settings, reactor, authority, seen_as={real: shown})

        monkeypatch.setattr(CarrierHost, "__init__", make)

    return see


def told(carrier, account=None):
    """The slugs of the verdicts, which the records alone give, too, and which fail no assertion of a login."""
    found = carrier.verdicts(account)
    for verdict in found:
        assert verdict.cause
        assert verdict.fix
        assert not verdict.sentence.endswith(".")
    if account is None:
        records = further_verdicts(carrier.records(), carrier.listening)
        assert [v for v in found if v.because == "contact-unreachable"] == [
            v for v in records if v.because == "contact-unreachable"
        ]
    return [verdict.slug for verdict in found]


def register(phone, contact, via="{host}:{port};branch=z9hG4bK{n};rport", **fields):
    """Register with a Contact and a Via that may name the phone's own port."""
    host, port = phone.socket.getsockname()[:2]
    transport = phone.transport.upper()
    values = {"host": host, "port": port}
    for step in (1, 2):
        line = f"SIP/2.0/{transport} {via.format(n=f'{port}x{step}', **values)}"
        password = SECRET if step == 2 else None
        asked = Ask(
            host=phone.address[0], contact=contact.format(**values), via=line, password=password,
            transport=phone.transport, call_id=f"c-{port}", **fields,
        )  # fmt: skip
        answer = phone.ask(asked)
    assert answer.status == 200
    return answer


@pytest.mark.parametrize(
    ("shown", "contact", "via", "slug"),
    [
        # an inner address behind a public one; the same where both are inner, or the public one stands there itself
        (PUBLIC, f"<sip:alice@{INNER}:{{port}}>", None, "private-address"),
        (PUBLIC, "<sip:alice@100.64.3.4:{port}>", None, "private-address"),
        (PUBLIC, "<sip:alice@169.254.3.4:{port}>", None, "private-address"),
        (PUBLIC, "<sip:alice@[fd00::7]:{port}>", None, "private-address"),
        ("10.1.2.3", f"<sip:alice@{INNER}:{{port}}>", None, None),
        (OWN, f"<sip:alice@{INNER}:{{port}}>", None, None),
        (PUBLIC, f"<sip:alice@{PUBLIC}:{{port}}>", None, None),
        (PUBLIC, "<sip:alice@198.51.100.9:{port}>", None, None),
        # loopback, from elsewhere and from here
        (PUBLIC, "<sip:alice@127.0.0.1:{port}>", None, "loopback-address"),
        (INNER, "<sip:alice@localhost:{port}>", None, "loopback-address"),
        (OWN, "<sip:alice@127.0.0.3:{port}>", None, None),
        (OWN, "<sip:alice@localhost:{port}>", None, None),
        # no address at all
        (OWN, "<sip:alice@0.0.0.0:{port}>", None, "unspecified-address"),
        (OWN, "<sip:alice@[::]:{port}>", None, "unspecified-address"),
        (OWN, "<sip:alice@0.0.0.7:{port}>", None, None),
        # names
        (OWN, "<sip:alice@a1b2.invalid:{port}>", None, "invalid-name"),
        (PUBLIC, "<sip:alice@desk.local:{port}>", None, "local-name"),
        (PUBLIC, "<sip:alice@pbx:{port}>", None, "local-name"),
        (OWN, "<sip:alice@pbx:{port}>", None, None),
        (PUBLIC, "<sip:alice@pbx.acme.example:{port}>", None, None),
        (PUBLIC, "<sip:alice@invalid.acme.example:{port}>", None, None),
        # ports
        (OWN, "<sip:alice@127.0.0.1:0>", None, "port-zero"),
        (OWN, "<sip:alice@127.0.0.1>", None, "no-port"),
        (OWN, "<sip:alice@127.0.0.1>", "127.0.0.1:9;branch=z9hG4bK{n};rport", None),
        (OWN, "<sip:alice@127.0.0.1:9>", None, None),
        (PUBLIC, f"<sip:alice@{PUBLIC}:9>", f"{INNER}:9;branch=z9hG4bK{{n}};rport", "other-port"),
        (PUBLIC, f"<sip:alice@{PUBLIC}:9>", f"{INNER}:{{port}};branch=z9hG4bK{{n}}", "no-rport"),
        (PUBLIC, f"<sip:alice@{PUBLIC}:9>", f"{PUBLIC}:9;branch=z9hG4bK{{n}};rport", None),
        (PUBLIC, f"<sip:alice@{PUBLIC}:{{port}}>", f"{INNER}:9;branch=z9hG4bK{{n}};rport", None),
        (INNER, f"<sip:alice@{INNER}:9>", "10.0.0.4:9;branch=z9hG4bK{n};rport", None),
        # transports
        (OWN, "<sip:alice@127.0.0.1:{port};transport=tcp>", None, "other-transport"),
        (OWN, "<sips:alice@127.0.0.1:{port}>", None, "other-transport"),
        (OWN, "<sip:alice@127.0.0.1:{port};transport=upd>", None, "other-transport"),
        (OWN, "<sip:alice@127.0.0.1:{port};transport=ws>", None, "other-transport"),
        (OWN, "<sip:alice@127.0.0.1:{port};transport=UDP>", None, None),
        (OWN, "<sip:alice@127.0.0.1:5062;transport=tcp>", None, None),
        # what keeps the way open
        (PUBLIC, f"<sip:alice@{INNER}:{{port}};ob>", None, None),
        (PUBLIC, f"<sip:alice@{INNER}:{{port}};gr=urn:uuid:1>", None, None),
        (PUBLIC, f'<sip:alice@{INNER}:{{port}}>;reg-id=1;+sip.instance="<urn:uuid:1>"', None, None),
    ],
)
def test_a_contact_over_udp(seen, shown, contact, via, slug):
    seen(OWN, shown)
    with MockRegistrar() as carrier, Phone(carrier, source=OWN) as phone:
        account = carrier.add_account("alice", SECRET)
        register(phone, contact, **({} if via is None else {"via": via}))
        carrier.assert_registered(account)
        wanted = [f"contact-unreachable/{slug}"] if slug else []
        assert told(carrier, account) == told(carrier) == wanted
        assert not carrier.refusals()


@pytest.mark.parametrize("headers", [(("Supported", "path, outbound"),), (("Path", "<sip:edge.acme.example;lr>"),)])
def test_a_client_or_proxy_that_sees_to_the_way_back(seen, headers):
    seen(OWN, PUBLIC)
    with MockRegistrar() as carrier, Phone(carrier, source=OWN) as phone:
        carrier.add_account("alice", SECRET)
        register(phone, f"<sip:alice@{INNER}:{{port}}>", headers=headers)
        assert told(carrier) == []


@pytest.mark.parametrize(
    ("contact", "slugs"),
    [
        (f"<sip:alice@{INNER}:5060>", []),
        ("<sip:alice@0.0.0.0;transport=tcp>", []),
        ("<sip:alice@a1b2.invalid;transport=tcp>", []),
        ("<sip:alice@a1b2.invalid;transport=ws>", ["contact-unreachable/other-transport"]),
    ],
)
def test_over_tcp_calls_come_back_on_the_connection(seen, contact, slugs):
    seen(OWN, PUBLIC)
    with MockRegistrar() as carrier, Phone(carrier, "tcp", source=OWN) as phone:
        carrier.add_account("alice", SECRET)
        register(phone, contact)
        assert told(carrier) == slugs


def test_a_client_that_learns_its_address_from_the_answer(seen):
    seen(OWN, PUBLIC)
    with MockRegistrar() as carrier, Phone(carrier, source=OWN) as phone:
        carrier.add_account("alice", SECRET)
        register(phone, f"<sip:alice@{INNER}:{{port}}>")
        assert told(carrier) == ["contact-unreachable/private-address"]
        register(phone, f"<sip:alice@{PUBLIC}:{{port}}>")
        assert told(carrier) == []


def test_it_is_told_once_for_all_refreshes_and_goes_with_its_account(seen):
    seen(OWN, PUBLIC)
    with MockRegistrar() as carrier, Phone(carrier, source=OWN) as phone:
        carrier.add_account("alice", SECRET)
        bob = carrier.add_account("bob")
        for _ in range(3):
            register(phone, f"<sip:alice@{INNER}:{{port}}>")
        (verdict,) = carrier.verdicts()
        registered = next(r for r in carrier.records() if r.kind == "registered")
        assert (verdict.about, verdict.account, verdict.flow) == (registered.seq, "alice", registered.flow)
        assert verdict.sentence == (
            f"the Contact says `{INNER}`, a private address (RFC 1918), and the REGISTER came from {PUBLIC}"
        )
        assert told(carrier, bob) == ["nothing-arrived"]


def test_registered_and_not_reachable(seen):
    seen(OWN, PUBLIC)
    with MockRegistrar() as carrier, Phone(carrier, source=OWN) as phone:
        account = carrier.add_account("alice", SECRET)
        with pytest.raises(AssertionError, match="`alice` is not registered"):
            carrier.assert_reachable(account)
        register(phone, f"<sip:alice@{INNER}:{{port}}>")
        with pytest.raises(AssertionError) as error:
            carrier.assert_reachable(account)
        first, why, step, more = str(error.value).splitlines()
        assert first == "`alice` is registered, and calls would not reach it:"
        assert why.startswith(f"  contact-unreachable/private-address: the Contact says `{INNER}`")
        assert step.startswith("next: ")
        assert more == "more: mockregistrar codes contact-unreachable"
        with pytest.raises(ValueError, match=r"refuses nothing: .* assert_reachable\(\)"):
            carrier.assert_refused(account, because="contact-unreachable/private-address")
        carrier.expire(account)
        register(phone, f"<sip:alice@{PUBLIC}:{{port}}>")
        assert carrier.assert_reachable(account).contact.startswith(f"sip:alice@{PUBLIC}:")


@pytest.mark.parametrize(
    ("agent", "branch", "fix"),
    [
        ("Asterisk PBX 18.26.0", "z9hG4bK1a2b3c4d", "`externip`"),
        ("Asterisk PBX 20.5.0", "z9hG4bKPj1a2b", "`external_signaling_address`"),
        ("baresip v4.0.0 (x86_64/Linux)", "z9hG4bK77", "`;sipnat=outbound`"),
        ("FreeSWITCH-mod_sofia/1.10", "z9hG4bK77", "`ext-sip-ip`"),
        ("something else", "z9hG4bK77", "Tell it its public address"),
    ],
)
def test_the_fix_is_that_of_the_client(seen, agent, branch, fix):
    seen(OWN, PUBLIC)
    with MockRegistrar() as carrier, Phone(carrier, source=OWN) as phone:
        carrier.add_account("alice", SECRET)
        via = f"{INNER}:{{port}};branch={branch}{{n}};rport"
        register(phone, f"<sip:alice@{INNER}:{{port}}>", via=via, headers=(("User-Agent", agent),))
        (verdict,) = carrier.verdicts()
        assert verdict.fix.startswith(fix) or fix in verdict.fix.split(". ")[0]
        assert ("With 200 your" in verdict.client) == (agent != "something else")


@pytest.mark.parametrize(("rport", "slugs"), [("", ["contact-unreachable/no-rport"]), (";rport", [])])
def test_a_client_that_no_answer_reaches(seen, rport, slugs):
    """Its Via names a port that the router did not open; it sends the same again, and no answer comes."""
    seen(OWN, PUBLIC)
    with MockRegistrar() as carrier, Phone(carrier, source=OWN) as phone:
        carrier.add_account("alice", SECRET)
        asked = Ask(host=OWN, via=f"SIP/2.0/UDP {INNER}:9;branch=z9hG4bK77{rport}", contact=f"<sip:alice@{INNER}>")
        octets = asked.octets(phone.desk)
        for _ in range(4):
            phone.send(octets)
        with Phone(carrier) as other:  # whose question stands behind the others
            assert other.ask(Ask(method="OPTIONS", host=OWN)).status == 200
        assert told(carrier) == slugs


# -- other protocols at the port ---------------------------------------------------------------------------------

HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100
UPGRADE = b"GET /ws HTTP/1.1\r\nHost: sip.acme.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


@pytest.mark.parametrize(
    ("transport", "octets", "slug", "said"),
    [
        ("tcp", HELLO, "wrong-transport/tls", "does not listen for TLS"),
        ("udp", HELLO, "wrong-transport/tls", "does not listen for TLS"),
        ("udp", b"\x16\xfe\xff" + b"\0" * 60, "wrong-transport/dtls", "transport udp, tcp or tls"),
        ("tcp", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "wrong-transport/http", "port of the web server"),
        ("tcp", UPGRADE, "wrong-transport/websocket", "Here: tcp at 127.0.0.1:"),
        ("udp", b"\x80\x00" + b"\1" * 170, "not-sip/rtp", "ports for media"),
        ("udp", b"\x80\xc8" + b"\0" * 26, "not-sip/rtp", "ports for media"),
        ("udp", b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"\1" * 12, "not-sip/stun", "port 3478"),
        ("udp", b"\x80\x01\x00\x00\x00\x00\x00\x00\x00\x00\x06\x0d" + b"\1" * 12, "not-sip/iax2", "4569"),
        ("tcp", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "not-sip/proxy-protocol", "send-proxy"),
        ("udp", b"hello there, nothing to see here", "not-sip", "port in the client's config"),
        ("udp", b"REGISTER sip:x SIP/2.0\r\nVia: no via\r\n\r\n", "malformed", "Look at the message"),
    ],
)
def test_another_protocol_at_the_port(transport, octets, slug, said):
    with MockRegistrar() as carrier, Phone(carrier, transport) as phone:
        account = carrier.add_account("alice", SECRET)
        phone.send(octets)
        _heard(carrier)
        (verdict,) = carrier.verdicts(None if slug == "malformed" else account)
        assert verdict.slug == slug
        assert said in verdict.fix


def _heard(carrier):
    """Return when the carrier has taken a message or dropped one."""
    if not carrier.records():
        heard = threading.Event()
        end = carrier.subscribe(lambda _: heard.set(), messages=True)
        if not carrier.records():
            assert heard.wait(10)
        end()


def test_plain_sip_at_the_tls_port_and_a_certificate_that_is_not_trusted():
    listen = ("udp:127.0.0.1:0", "tls:127.0.0.1:0")
    with MockRegistrar(listen=listen) as carrier:
        where = tuple(carrier.address("tls"))
        with Phone(carrier, "tcp", address=where) as phone, pytest.raises(OSError):  # noqa: PT011
            phone.ask(Ask())
        (verdict,) = carrier.verdicts()
        assert verdict.slug == "wrong-transport/plain-at-tls-port"
        assert f"Here: udp at 127.0.0.1:{carrier.address('udp').port}, tls at 127.0.0.1:{where[1]}." in verdict.fix
    with MockRegistrar(listen=listen) as carrier, MockRegistrar() as other:
        with pytest.raises(OSError):  # noqa: PT011
            Phone(other, "tls", address=tuple(carrier.address("tls")))
        _heard(carrier)
        assert told(carrier) == ["tls-failed"]


def test_tls_at_a_plain_port_of_a_carrier_that_has_tls():
    with MockRegistrar(listen=("tcp:127.0.0.1:0", "tls:127.0.0.1:0")) as carrier:
        with socket.create_connection(tuple(carrier.address("tcp"))) as sent:
            sent.sendall(HELLO)
            _heard(carrier)
        (verdict,) = carrier.verdicts()
        assert verdict.fix.endswith(f" Here: tls at 127.0.0.1:{carrier.address('tls').port}.")


# -- names and addresses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("acme.example", "wrong-domain/part-of-it"),
        ("edge.sip.acme.example", "wrong-domain/part-of-it"),
        ("198.51.100.9", "wrong-domain/address"),
        ("sip.acme.exampel", "wrong-domain/characters-swapped"),
        ("elsewhere.test", "wrong-domain"),
    ],
)
def test_a_host_that_the_carrier_does_not_serve(host, slug):
    with MockRegistrar(domains="sip.acme.example") as carrier, Phone(carrier, source=OWN) as phone:
        carrier.add_account("alice", SECRET)
        assert phone.register("alice", SECRET, host=host).status == 404
        assert told(carrier) == [slug]
        assert carrier.assert_refused(because=slug).because == "wrong-domain"


ALLOWED = {"secret": False, "networks": ["127.0.0.2/32"]}


@pytest.mark.parametrize(
    ("source", "user", "slug", "said"),
    [
        ("127.0.0.2", "trunkl", "unknown-user/address-is-allowed", "did you mean `trunk1`: one character differs"),
        ("127.0.0.2", "5551234", "unknown-user/address-is-allowed", "127.0.0.2 is allowed for `trunk1`"),
        ("127.0.0.3", "trunk1", "ip-not-allowed", "127.0.0.3 is not on the allow-list: 127.0.0.2/32"),
        ("127.0.0.3", "trunkl", None, ""),
    ],
)
def test_an_address_that_is_allowed_for_another_account(source, user, slug, said):
    with MockRegistrar() as carrier, Phone(carrier, source=source) as phone:
        account = carrier.add_account("trunk1", **ALLOWED)
        carrier.add_account("bob", SECRET)
        phone.register(user, None)
        assert told(carrier) == ([slug] if slug else [])
        if slug:
            (verdict,) = carrier.verdicts(account)
            assert said in verdict.sentence
            assert carrier.assert_refused(because=slug).user == user


@pytest.mark.parametrize("access", ["ip", "either"])
def test_an_allow_list_for_all_accounts(access):
    settings = {"access": access, "allow": ("127.0.0.2/32",)}
    with MockRegistrar(**settings) as carrier, Phone(carrier, source="127.0.0.2") as phone:
        carrier.add_account("trunk1", SECRET)
        assert phone.register("trunkl", None).status == 404
        assert phone.register("trunk1", None).status == 200
        assert told(carrier) == ["unknown-user/address-is-allowed"]
        (verdict,) = carrier.verdicts("trunk1")
        assert "127.0.0.2 is allowed for every account; did you mean `trunk1`: " in verdict.sentence


def test_where_a_password_is_asked_for_too_the_address_says_nothing():
    with MockRegistrar() as carrier, Phone(carrier, source="127.0.0.2") as phone:
        carrier.add_account("trunk1", SECRET, networks=["127.0.0.2/32"])
        assert phone.register("trunkl", SECRET).status == 401
        assert told(carrier) == ["unknown-user/look-alike"]


def test_an_allowed_address_is_told_nothing_on_the_wire():
    with MockRegistrar(access="ip") as carrier, Phone(carrier, source="127.0.0.2") as phone:
        carrier.add_account("trunk1", networks=["127.0.0.2/32"])
        assert phone.register("trunkl", None).status == 403
        assert told(carrier) == ["unknown-user/address-is-allowed"]
