"""How each mistake is made over the wire: one row for each verdict, with a neighbour that is told apart from it.

A built-in client makes the mistake where a client can; a plain socket where none would, or where the octets matter.
"""

from __future__ import annotations

import queue
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from mistaken_texts import HOSTS, TEXTS, Text
from phone import Phone
from playbook import Ask

from mockregistrar import Account, Dropped, MockRegistrar, Record, TestAuthority
from mockregistrar.sip.digest import ha1

SECRET = "kD7m;Wq2x"
OTHER = "something else"
"""A password that has nothing to do with it."""
Settings = tuple[tuple[str, Any], ...]


class Scene:
    """A carrier that knows nobody yet, and clients at it."""

    def __init__(self, carrier: MockRegistrar) -> None:
        self.carrier = carrier

    def alice(self, secret: str = SECRET, **fields: Any) -> Account:
        """Add the account that most mistakes are about."""
        return self.carrier.add_account("alice", secret, **fields)

    def log_in(self, account: Account, secret: str | None = None, **changes: Any) -> None:
        """Have a built-in client log in; `changes` are what its config has otherwise than the account."""
        options = {k: changes.pop(k) for k in ("manners", "transport", "source", "expiry") if k in changes}
        self.carrier.user_agent(replace(account, **changes), secret=secret, **options).register()

    def answer(self, account: Account | None = None, password: str | None = SECRET, **ask: Any) -> int:
        """Have a plain socket answer the challenge, with whatever `Ask` can get wrong; return the last status."""
        account = self.alice() if account is None else account
        with Phone(self.carrier) as phone:
            return phone.register(ask.pop("user", account.user), password, **ask).status

    @contextmanager
    def until(self, kind: type[Record]) -> Iterator[None]:
        """Within the block something is sent; the block ends when a record of this kind was made of it."""
        found: queue.Queue[Record] = queue.Queue()

        def look(records: list[Record]) -> None:
            for record in records:
                if isinstance(record, kind):
                    found.put(record)

        end = self.carrier.subscribe(look)
        try:
            yield
            found.get(timeout=5)
        finally:
            end()

    def put(self, octets: bytes, transport: str = "udp") -> None:
        """Send octets that get no answer; return when the carrier has seen them."""
        with Phone(self.carrier, transport) as phone:
            phone.send(octets)
            if transport == "udp":  # one socket's datagrams come in order
                assert phone.ask(Ask(method="OPTIONS", user="ping")).status == 200
            else:
                assert phone.socket.recv(1) == b""


Make = Callable[[Scene], object]


@dataclass(frozen=True)
class Row:
    """One verdict."""

    slug: str
    make: Make
    near: Make
    """Makes a mistake that is much like it."""
    instead: str
    """The verdict of that."""
    settings: Settings = ()
    """Those of the carrier, which rows with the same ones share."""
    near_settings: Settings | None = None
    """Those of the neighbour's carrier, where they make the difference."""
    account: str | None = None
    """Whose verdicts are asked for; all when None."""
    also: frozenset[str] = field(default_factory=frozenset)
    """Verdicts that come with it, since the mistake begins or goes on with another."""


def _with(**settings: Any) -> Settings:
    return tuple(settings.items())


# --- misspelt texts


def _password(text: Text, wrong: str) -> Make:
    return lambda scene: scene.log_in(scene.alice(text.right), secret=wrong)


def _user(text: Text, wrong: str) -> Make:
    return lambda scene: scene.log_in(scene.carrier.add_account(text.right, "s3cret99"), user=wrong, auth_user=wrong)


def _auth_user(text: Text, wrong: str) -> Make:
    return lambda scene: scene.log_in(scene.alice("s3cret99", auth_user=text.right), auth_user=wrong)


def _realm(_text: Text, wrong: str) -> Make:
    return lambda scene: scene.answer(changed={"realm": wrong})


def _domain(_text: Text, wrong: str) -> Make:
    return lambda scene: scene.log_in(scene.alice(), domain=wrong)


def _texts(
    because: str,
    make: Callable[[Text, str], Make],
    texts: Mapping[str, Text],
    settings: Callable[[Text], Settings] = lambda _: (),
) -> list[Row]:
    return [
        Row(
            f"{because}/{how}",
            make(text, text.wrong),
            make(text, text.near),
            f"{because}/{text.near_how}" if text.near_how else because,
            settings(text),
        )
        for how, text in texts.items()
    ]


# --- passwords


def _bob_and_alice(scene: Scene, secret: str) -> None:
    scene.carrier.add_account("bob", "bobs-own")
    scene.log_in(scene.alice(), secret=secret)


def _backwards(value: str) -> str:
    return re.sub(r'response="(\w+)"', lambda found: f'response="{found[1][::-1]}"', value)


def _as_hash(scene: Scene, value: str) -> None:
    scene.alice()
    with Phone(scene.carrier) as phone:
        phone.ask(Ask())
        phone.ask(Ask(ha1=value))


def _hash_of(scene: Scene, realm: str) -> str:
    return ha1("MD5", "alice", realm or scene.carrier.realm, SECRET)


PASSWORDS = [
    Row(
        "wrong-password",
        lambda s: s.log_in(s.alice(), secret=OTHER),
        lambda s: s.log_in(s.alice(), secret=SECRET[:-1]),
        "wrong-password/character-missing",
    ),
    Row(
        "wrong-password/response-length",
        lambda s: s.answer(edit=lambda v: v.replace('response="', 'response="00')),
        lambda s: s.answer(edit=_backwards),
        "wrong-password",
    ),
    Row(
        "wrong-password/changed-meanwhile",
        lambda s: _within(s, "password REGISTER from alice"),
        lambda s: _within(s, "password REGISTER from alice", SECRET[:-1]),
        "wrong-password/character-missing",
    ),
    Row(
        "wrong-password/empty",
        lambda s: s.log_in(s.alice(), secret=""),
        lambda s: s.log_in(s.alice(), secret=" "),
        "wrong-password",
    ),
    Row(
        "wrong-password/pasted-twice",
        lambda s: s.log_in(s.alice(), secret=SECRET * 2),
        lambda s: s.log_in(s.alice(), secret=SECRET * 3),
        "wrong-password",
    ),
    Row(
        "wrong-password/user-as-password",
        lambda s: s.log_in(s.alice(), secret="alice"),
        lambda s: s.log_in(s.alice(), secret="Alice"),
        "wrong-password",
    ),
    Row(
        "wrong-password/user-and-password",
        lambda s: s.log_in(s.alice(), secret=f"alice:{SECRET}"),
        lambda s: s.log_in(s.alice(), secret=f"bob:{SECRET}"),
        "wrong-password",
    ),
    Row(
        "wrong-password/other-account",
        lambda s: _bob_and_alice(s, "bobs-own"),
        lambda s: _bob_and_alice(s, "bobs-owm"),
        "wrong-password",
    ),
    Row(
        "wrong-password/hash-as-password",
        lambda s: s.log_in(s.alice(), secret=_hash_of(s, "")),
        lambda s: s.log_in(s.alice(), secret=_hash_of(s, "another.realm")),
        "wrong-password",
    ),
    Row(
        "wrong-password/password-as-hash",
        lambda s: _as_hash(s, SECRET),
        lambda s: _as_hash(s, SECRET.upper()),
        "wrong-password",
    ),
]


# --- names


def _login1(scene: Scene) -> Account:
    return scene.alice(auth_user="login1")


def _of_acme(scene: Scene) -> Account:
    return scene.alice(domain="acme.example")


def _two_logins(scene: Scene, auth_user: str) -> None:
    scene.carrier.add_account("bob", "bobs-own", auth_user="login2")
    scene.log_in(_login1(scene), auth_user=auth_user)


def _registers_another(scene: Scene, secret: str | None) -> None:
    bob = scene.carrier.add_account("bob", "bobs-own")
    scene.alice()
    scene.log_in(bob, user="alice", secret=secret)


def _hashed(name: str, sent: str) -> Callable[[str], str]:
    return lambda value: value.replace(f'"{name}"', f'"{sent}"', 1)


NAMES = [
    Row(
        "unknown-user",
        lambda s: s.log_in(s.alice(), user="zzz99", auth_user="zzz99"),
        lambda s: s.log_in(s.alice(), user="alicia", auth_user="alicia"),
        "unknown-user",
    ),
    Row(
        "unknown-user/auth-user-sent",  # the two fields swapped
        lambda s: s.log_in(_login1(s), user="login1", auth_user="alice"),
        lambda s: s.log_in(_login1(s), user="login1"),
        "third-party-registration/auth-user-sent",
    ),
    Row(
        "unknown-user/domain-in-user",
        lambda s: s.log_in(s.alice(), user="alice@acme.example", auth_user="alice@acme.example"),
        lambda s: s.log_in(s.alice(), user="alic@acme.example", auth_user="alic@acme.example"),
        "unknown-user",
    ),
    Row(
        "unknown-user/other-domain",
        lambda s: s.log_in(_of_acme(s), domain="acme.test"),
        lambda s: s.log_in(_of_acme(s), user="alicee", auth_user="alicee"),
        "unknown-user/character-extra",
    ),
    Row(
        "wrong-auth-user",
        lambda s: s.log_in(_login1(s), auth_user="somebody"),
        lambda s: s.log_in(s.alice(), user="somebody", auth_user="somebody"),
        "unknown-user",
    ),
    Row(
        "wrong-auth-user/user-sent",
        lambda s: s.log_in(_login1(s), auth_user="alice"),
        lambda s: s.log_in(_login1(s), auth_user="alicf"),
        "wrong-auth-user",
    ),
    Row(
        "wrong-auth-user/domain-in-user",
        lambda s: s.log_in(_login1(s), auth_user="login1@acme.example"),
        lambda s: s.log_in(_login1(s), auth_user="login1#acme.example"),
        "wrong-auth-user",
    ),
    Row(
        "wrong-auth-user/other-account",
        lambda s: _two_logins(s, "login2"),
        lambda s: _two_logins(s, "login3"),
        "wrong-auth-user/character-differs",
    ),
    Row(
        "wrong-auth-user/digest",
        lambda s: s.answer(username="alice@127.0.0.1", edit=_hashed("alice@127.0.0.1", "alice")),
        lambda s: s.answer(username="alice@127.0.0.1"),
        "wrong-auth-user/domain-in-user",
    ),
    Row(
        "third-party-registration",
        lambda s: _registers_another(s, None),
        lambda s: _registers_another(s, SECRET),
        "wrong-auth-user/other-account",
    ),
    Row(
        "third-party-registration/auth-user-sent",
        lambda s: s.log_in(_login1(s), user="login1"),
        lambda s: s.log_in(_login1(s), user="login1", secret=SECRET[:-1]),
        "wrong-password/character-missing",
    ),
    Row(
        "wrong-domain",
        lambda s: s.log_in(s.alice(), domain="elsewhere.test"),
        lambda s: s.log_in(s.alice(), domain="sip.acme.exampl"),
        "wrong-domain/character-missing",
        _with(domains="sip.acme.example"),
    ),
    Row(
        "wrong-realm",
        lambda s: s.answer(changed={"realm": "asterisk"}),
        lambda s: s.answer(changed={"realm": "carier"}),
        "wrong-realm/character-missing",
        _with(realm="carrier"),
    ),
    Row(
        "wrong-realm/empty",
        lambda s: s.answer(changed={"realm": ""}),
        lambda s: s.answer(changed={"realm": " "}),
        "wrong-realm",
        _with(realm="carrier"),
    ),
    Row(
        "wrong-realm/domain-as-realm",
        lambda s: s.answer(changed={"realm": "sip.acme.example"}),
        lambda s: s.answer(changed={"realm": "www.acme.example"}),
        "wrong-realm",
        _with(realm="carrier", domains="sip.acme.example"),
    ),
    Row(
        "wrong-realm/digest",
        lambda s: s.answer(changed={"realm": ""}, edit=_hashed("", "carrier")),
        lambda s: s.answer(changed={"realm": ""}, edit=_hashed("", "carrier"), password=OTHER),
        "wrong-password",
        _with(realm="carrier"),
    ),
]


# --- the digest's other parts


def _gives_up(scene: Scene, call_id: str) -> None:
    scene.alice()
    with Phone(scene.carrier) as phone:
        phone.ask(Ask(call_id="one"))
        phone.ask(Ask(call_id=call_id))


def _in_the_other_header(scene: Scene, field_name: str) -> None:
    scene.alice()
    with Phone(scene.carrier) as phone:
        phone.ask(Ask())
        phone.ask(Ask(field=field_name, password=SECRET))


def _twice(scene: Scene, nc: int) -> None:
    """Register twice with one nonce and the same count."""
    scene.alice()
    with Phone(scene.carrier) as phone:
        assert phone.register("alice", SECRET, nc=nc).status == 200
        phone.ask(Ask(host="127.0.0.1", password=SECRET, call_id="again", nc=nc))


def _after(scene: Scene, what: Callable[[MockRegistrar], object], **ask: Any) -> None:
    """Be challenged, let something happen, and answer."""
    scene.alice()
    with Phone(scene.carrier) as phone:
        phone.ask(Ask(host="127.0.0.1"))
        what(scene.carrier)
        phone.ask(Ask(host="127.0.0.1", password=SECRET, **ask))


def _restart(carrier: MockRegistrar) -> None:
    with carrier.outage("silent", forget=["nonces"]):
        pass


_FOREIGN = "0" * 34
DIGESTS = [
    Row(
        "no-credentials/gave-up",
        lambda s: _gives_up(s, "one"),
        lambda s: s.answer(authorization="Basic YWxpY2U6eA=="),
        "no-credentials/not-digest",
    ),
    Row(
        "no-credentials/wrong-header",
        lambda s: _in_the_other_header(s, "Proxy-Authorization"),
        lambda s: _gives_up(s, "one"),
        "no-credentials/gave-up",
    ),
    Row(
        "no-credentials/not-digest",
        lambda s: s.answer(authorization="Basic YWxpY2U6eA=="),
        lambda s: _in_the_other_header(s, "Proxy-Authorization"),
        "no-credentials/wrong-header",
    ),
    Row(
        "algorithm-not-offered",
        lambda s: s.answer(algorithm="SHA-256"),
        lambda s: s.answer(password=OTHER, algorithm="MD5"),
        "wrong-password",
    ),
    Row(
        "algorithm-not-offered/digest",  # as npm's `sip` does
        lambda s: s.answer(algorithm="MD5", edit=lambda v: v.replace("algorithm=MD5", "algorithm=SHA-256")),
        lambda s: s.answer(password=OTHER, algorithm="SHA-256"),
        "wrong-password",
        _with(algorithms=("SHA-256",)),
    ),
    Row(
        "qop-mismatch",
        lambda s: s.answer(qop="auth-int"),
        lambda s: s.answer(algorithm="SHA-256"),
        "algorithm-not-offered",
    ),
    Row(
        "qop-mismatch/digest",
        lambda s: s.answer(qop=None, edit=lambda v: v + ', qop=auth, nc=00000001, cnonce="c0"'),
        lambda s: s.answer(password=OTHER, qop=None),
        "wrong-password",
    ),
    Row(
        "nonce-stale",
        lambda s: _after(s, lambda carrier: carrier.advance(301)),
        lambda s: _after(s, _restart),
        "nonce-foreign/before-restart",
    ),
    Row(
        "nonce-foreign",
        lambda s: s.answer(changed={"nonce": _FOREIGN}),
        lambda s: _after(s, _restart),
        "nonce-foreign/before-restart",
    ),
    Row(
        "nonce-foreign/before-restart",
        lambda s: _after(s, _restart),
        lambda s: _after(s, _restart, changed={"nonce": _FOREIGN}),
        "nonce-foreign",
    ),
    Row(
        "nonce-replayed",
        lambda s: _twice(s, 5),
        lambda s: _twice(s, 1),
        "nonce-replayed/count-reset",
    ),
    Row(
        "nonce-replayed/count-reset",
        lambda s: _twice(s, 1),
        lambda s: _twice(s, 5),
        "nonce-replayed",
    ),
    Row(
        "digest-uri-mismatch",
        lambda s: s.answer(digest_uri="sip:elsewhere.test"),
        lambda s: s.answer(password=OTHER, digest_uri="sip:127.0.0.1:5999"),
        "wrong-password",
    ),
    Row(
        "digest-uri-mismatch/digest",
        lambda s: s.answer(digest_uri="sip:alice@127.0.0.1", edit=lambda v: v.replace("sip:alice@", "sip:")),
        lambda s: s.answer(digest_uri="sip:alice@127.0.0.1"),
        "digest-uri-mismatch",
    ),
]


# --- addresses, bindings, what the carrier does not serve


def _cseq(scene: Scene, number: int, call_id: str, nc: int) -> None:
    scene.alice()
    with Phone(scene.carrier) as phone:
        assert phone.register("alice", SECRET, call_id="one").status == 200
        contact = "<sip:alice@127.0.0.1:9>"
        phone.ask(Ask(host="127.0.0.1", password=SECRET, call_id=call_id, cseq=number, nc=nc, contact=contact))


def _two_contacts(scene: Scene, *contacts: str) -> None:
    scene.answer(scene.alice(max_contacts=1), contact=tuple(f"<sip:{c}@192.0.2.7>" for c in contacts))


def _ask(scene: Scene, **ask: Any) -> None:
    scene.alice()
    with Phone(scene.carrier) as phone:
        phone.ask(Ask(**ask))


OTHERS = [
    Row(
        "ip-not-allowed",
        lambda s: s.log_in(s.alice(networks=("127.0.0.9/32",))),
        lambda s: s.log_in(s.alice(networks=("127.0.0.1/32",)), secret=OTHER),
        "wrong-password",
    ),
    Row(
        "ip-not-allowed/denied",
        lambda s: (s.carrier.deny("127.0.0.1"), s.log_in(s.alice())),
        lambda s: (s.carrier.deny("127.0.0.9"), s.carrier.allow("127.0.0.8"), s.log_in(s.alice())),
        "ip-not-allowed",
    ),
    Row(
        "interval-too-brief",
        lambda s: s.log_in(s.alice(), expiry=10),
        lambda s: s.log_in(s.alice(), expiry=10, secret=OTHER),
        "wrong-password",
    ),
    Row(
        "too-many-contacts",
        lambda s: _two_contacts(s, "a", "b"),
        lambda s: _two_contacts(s, "a", "a"),
        "",
    ),
    Row(
        "cseq-not-increased",
        lambda s: _cseq(s, 2, "one", 2),
        lambda s: _cseq(s, 2, "one", 1),
        "nonce-replayed/count-reset",
    ),
    Row(
        "extension-not-supported",
        lambda s: s.answer(headers=(("Require", "gruu"),)),
        lambda s: s.answer(headers=(("Supported", "gruu"),), password=OTHER),
        "wrong-password",
    ),
    Row(
        "method-not-supported",
        lambda s: _ask(s, method="SUBSCRIBE"),
        lambda s: _ask(s, method="OPTIONS", headers=(("Require", "gruu"),)),
        "extension-not-supported",
    ),
    Row(
        "malformed",
        lambda s: _ask(s, headers=(("Content-Length", "many"),), without=("Content-Length",)),
        lambda s: s.put(b"hello there, nothing to see here"),
        "not-sip",
    ),
]


# --- what was ordered


def _within(scene: Scene, fault: str, secret: str | None = None) -> None:
    account = scene.alice()
    with scene.carrier.fault(fault):
        scene.log_in(account, secret=secret)


def _down(scene: Scene) -> None:
    account = scene.alice()
    with scene.carrier.outage("503"):
        scene.log_in(account)


def _times(scene: Scene, number: int, secret: str | None) -> None:
    account = scene.alice()
    for _ in range(number):
        scene.log_in(account, secret=secret)


ORDERED = [
    Row("outage", _down, lambda s: _within(s, "answer REGISTER status=503"), "fault"),
    Row("fault", lambda s: _within(s, "answer REGISTER status=503"), _down, "outage"),
    Row(
        "account-suspended",
        lambda s: _within(s, "suspend REGISTER from alice"),
        lambda s: _within(s, "block REGISTER from alice"),
        "ip-not-allowed",
    ),
    Row(
        "locked-out",
        lambda s: _times(s, 2, OTHER),
        lambda s: _times(s, 1, OTHER),
        "wrong-password",
        _with(lockout_after=1),
        also=frozenset({"wrong-password"}),
    ),
    Row(
        "rate-limited",
        lambda s: _times(s, 2, None),
        lambda s: _times(s, 2, OTHER),
        "wrong-password",
        _with(rate_limit=2),
        near_settings=_with(rate_limit=20),
    ),
    Row(
        "refused-at-first",
        lambda s: s.answer(),
        lambda s: s.answer(password=OTHER),
        "wrong-password",
        _with(first_refused=1),
        near_settings=(),
    ),
]


# --- silence


def _sip_to_a_tls_port(scene: Scene) -> None:
    with Phone(scene.carrier, "tcp", address=scene.carrier.address("tls")) as phone, scene.until(Dropped):
        phone.send(Ask().octets(phone.desk))


def _untrusting(scene: Scene) -> None:
    context = ssl.create_default_context(cadata=_STRANGER.ca_pem.decode())
    with (
        socket.create_connection(scene.carrier.address("tls"), timeout=5) as plain,
        scene.until(Dropped),
        suppress(ssl.SSLError),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


_STRANGER = TestAuthority()
_RTP = b"\x80\x00" + b"\x11" * 20
_HTTP = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
_WEBSOCKET = b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
_SMTP = b"EHLO me\r\n"
_PROXY = b"PROXY TCP4 192.0.2.1 192.0.2.2 40000 5060\r\n"
_STUN = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"\x01" * 12
_IAX2 = b"\x80\x01\x00\x00\x00\x00\x00\x01\x00\x00\x06\x0d"
_DTLS = b"\x16\xfe\xfd" + b"\x00" * 20
_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 60
SILENCE = [
    Row(
        "nothing-arrived",
        lambda s: s.alice(),
        lambda s: (s.alice(), s.put(_RTP)),
        "not-sip/rtp",
        account="alice",
    ),
    Row("not-sip", lambda s: s.put(_SMTP, "tcp"), lambda s: s.put(_HTTP, "tcp"), "wrong-transport/http"),
    Row("not-sip/rtp", lambda s: s.put(_RTP), lambda s: s.put(_STUN), "not-sip/stun"),
    Row("not-sip/stun", lambda s: s.put(_STUN), lambda s: s.put(_RTP), "not-sip/rtp"),
    Row("not-sip/iax2", lambda s: s.put(_IAX2), lambda s: s.put(_RTP), "not-sip/rtp"),
    Row("not-sip/proxy-protocol", lambda s: s.put(_PROXY, "tcp"), lambda s: s.put(_SMTP, "tcp"), "not-sip"),
    Row("wrong-transport/http", lambda s: s.put(_HTTP, "tcp"), lambda s: s.put(_SMTP, "tcp"), "not-sip"),
    Row(
        "wrong-transport/websocket",
        lambda s: s.put(_WEBSOCKET, "tcp"),
        lambda s: s.put(_HTTP, "tcp"),
        "wrong-transport/http",
    ),
    Row("wrong-transport/tls", lambda s: s.put(_HELLO, "tcp"), lambda s: s.put(_SMTP, "tcp"), "not-sip"),
    Row("wrong-transport/dtls", lambda s: s.put(_DTLS), lambda s: s.put(_RTP), "not-sip/rtp"),
    Row("wrong-transport/plain-at-tls-port", _sip_to_a_tls_port, _untrusting, "tls-failed"),
    Row("tls-failed", _untrusting, _sip_to_a_tls_port, "wrong-transport/plain-at-tls-port"),
]


# --- names and addresses


def _from_an_allowed_address(scene: Scene, user: str) -> None:
    scene.carrier.add_account("trunk1", secret=False, networks=["127.0.0.1"])
    scene.carrier.add_account("trunk2", secret=False, networks=["127.0.0.9"])
    with Phone(scene.carrier) as phone:
        phone.ask(Ask(host="127.0.0.1", user=user))


PLACES = [
    Row(
        "unknown-user/address-is-allowed",
        lambda s: _from_an_allowed_address(s, "5551234"),
        lambda s: _from_an_allowed_address(s, "trunk2"),
        "ip-not-allowed",
    ),
    Row(
        "wrong-domain/part-of-it",
        lambda s: s.answer(host="acme.example"),
        lambda s: s.answer(host="sip.acme.exampel"),
        "wrong-domain/characters-swapped",
        _with(domains="sip.acme.example"),
    ),
    Row(
        "wrong-domain/address",
        lambda s: s.answer(host="198.51.100.9"),
        lambda s: s.answer(host="elsewhere.test"),
        "wrong-domain",
        _with(domains="sip.acme.example"),
    ),
]

ROWS: list[Row] = [
    *_texts("wrong-password", _password, TEXTS),
    *_texts("unknown-user", _user, TEXTS),
    *_texts("wrong-auth-user", _auth_user, TEXTS),
    *_texts("wrong-realm", _realm, TEXTS, lambda text: _with(realm=text.right)),
    *_texts("wrong-domain", _domain, HOSTS, lambda text: _with(domains=text.right)),
    *PASSWORDS,
    *NAMES,
    *DIGESTS,
    *OTHERS,
    *ORDERED,
    *SILENCE,
    *PLACES,
]
