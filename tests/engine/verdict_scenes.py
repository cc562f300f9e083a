"""Mistakes made on purpose, one for each verdict: what the pages of the documentation show as examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playbook import HOST, LOCAL, Ask, spec
from stage import Stage

from mockregistrar.carrier.settings import AccountSpec
from mockregistrar.engine import protocol
from mockregistrar.sip.digest import ha1
from mockregistrar.sip.flow import Flow
from mockregistrar.trace import Refused, Verdict

SECRET = "kD7m;Wq2x"
PUBLIC = ("203.0.113.7", 41822)

PASSWORDS: dict[str, tuple[str, str]] = {
    "empty": (SECRET, ""),
    "wrong-case": (SECRET, "kD7m;Wq2X"),
    "leading-blank": (SECRET, f" {SECRET}"),
    "trailing-blank": (SECRET, f"{SECRET} "),
    "blank-lost": ("kD7m Wq2x", "kD7mWq2x"),
    "newline": (SECRET, f"{SECRET}\n"),
    "quotes-kept": (SECRET, f'"{SECRET}"'),
    "quotes-lost": ('kD"7mWq"2x', "kD7mWq2x"),
    "backslash-kept": (SECRET, "kD7m\\;Wq2x"),
    "backslash-lost": ("kD7m\\Wq2x", "kD7mWq2x"),
    "character-doubled": ("kD7m$Wq2x", "kD7m$$Wq2x"),
    "character-halved": ("kD7m%%Wq2x", "kD7m%Wq2x"),
    "variable-replaced": ("kD7m$Wq2x", "kD7m"),
    "percent-encoded": (SECRET, "kD7m%3BWq2x"),
    "percent-decoded": ("kD7m%41Wq2x", "kD7mAWq2x"),
    "html-entity": ("kD7m&Wq2x", "kD7m&amp;Wq2x"),
    "html-decoded": ("kD7m&lt;Wq2x", "kD7m<Wq2x"),
    "cut-at-character": (SECRET, "kD7m"),
    "begun-behind-character": ("kD7m:Wq2x", "Wq2x"),
    "cut-at-length": ("kD7mWq2x", "kD7mW"),
    "start-missing": ("kD7mWq2x", "mWq2x"),
    "pasted-twice": ("kD7mWq2x", "kD7mWq2xkD7mWq2x"),
    "other-keyboard": ("kD7zWq2y", "kD7yWq2z"),
    "smart-character": ("kD7m'Wq2x", "kD7m\u2019Wq2x"),
    "look-alike": ("kD7m1Wq2x", "kD7mlWq2x"),
    "neighbour-key": ("kD7mWq2x", "kD7mWw2x"),
    "characters-swapped": ("kD7mWq2x", "kD7mqW2x"),
    "character-missing": ("kD7mWq2x", "kD7mW2x"),
    "character-extra": ("kD7mWq2x", "kD7mWq92x"),
    "character-differs": ("kD7mWq2x", "kD7mWq2p"),
    "user-as-password": (SECRET, "alice"),
    "user-and-password": (SECRET, f"alice:{SECRET}"),
    "other-account": (SECRET, "bobs-own"),
    "hash-as-password": (SECRET, ha1("MD5", "alice", HOST, SECRET)),
}

Scene = Callable[[], Stage]


def _login(*accounts: Any, settings: dict[str, Any] | None = None, **ask: Any) -> Scene:
    """A login in two steps."""

    def scene() -> Stage:
        stage = Stage(*(accounts or (spec(f"alice:{SECRET}"), "bob:bobs-own")), **(settings or {}))
        first = {name: value for name, value in ask.items() if name in ("user", "host", "to", "uri", "source")}
        stage.ask(Ask(**first))
        stage.ask(Ask(**{"password": SECRET, **ask}))
        return stage

    return scene


def _asked(*asks: Ask, accounts: tuple[Any, ...] = (), **settings: Any) -> Scene:
    """Requests one after the other."""

    def scene() -> Stage:
        stage = Stage(*(accounts or (spec(f"alice:{SECRET}"),)), **settings)
        for ask in asks:
            stage.ask(ask)
        return stage

    return scene


def _octets(data: bytes, transport: str = "udp") -> Scene:
    """Octets that are no SIP."""

    def scene() -> Stage:
        stage = Stage("alice:x")
        stage.feed(data, *((stage.connect(transport),) if transport != "udp" else ()))
        return stage

    return scene


def _tls_failed(reason: str) -> Scene:
    def scene() -> Stage:
        stage = Stage("alice:x")
        stage.engine.closed(Flow("tls", (LOCAL[0], 5061), ("192.0.2.7", 41822), 1), reason, stage.now)
        return stage

    return scene


def _contact(contact: str, *, source: tuple[str, int] = PUBLIC, via: str = "") -> Scene:
    """A login that is accepted, with that Contact."""

    def scene() -> Stage:
        stage = Stage(spec(f"alice:{SECRET}"))
        sent = via or f"{source[0]}:{source[1]};rport"
        for step in (None, SECRET):
            line = f"SIP/2.0/UDP {sent};branch=z9hG4bK{step or 1}"
            stage.ask(Ask(contact=f"<{contact}>", source=source, via=line, password=step))
        return stage

    return scene


def _moved(seconds: float) -> Scene:
    def scene() -> Stage:
        stage = Stage(spec(f"alice:{SECRET}"))
        stage.ask(Ask())
        stage.engine.advance_clock(seconds)
        stage.ask(Ask(password=SECRET))
        return stage

    return scene


def _changed_meanwhile() -> Stage:
    stage = Stage(spec(f"alice:{SECRET}"))
    stage.command(protocol.AddFault("password REGISTER from alice"))
    stage.ask(Ask())
    stage.ask(Ask(password=SECRET))
    return stage


def _restarted() -> Stage:
    stage = Stage(spec(f"alice:{SECRET}"))
    stage.ask(Ask())
    stage.engine.carrier.forget_nonces()
    stage.ask(Ask(password=SECRET))
    return stage


def _replayed() -> Stage:
    stage = Stage(spec(f"alice:{SECRET}"))
    stage.register(password=SECRET)
    stage.ask(Ask(password=SECRET, nc=1))
    return stage


def _old_cseq() -> Stage:
    stage = Stage(spec(f"alice:{SECRET}"))
    stage.register(password=SECRET)
    stage.ask(Ask(password=SECRET, cseq=1))
    return stage


def _down() -> Stage:
    stage = Stage("alice:x")
    stage.command(protocol.GoDown("503", ()))
    stage.ask(Ask())
    return stage


_TWICE = (Ask(), Ask())
_OTHER_HOST = ("198.51.100.9", 41822)
_LOGIN = spec(f"alice:{SECRET}", auth_user="login1")
_TRUNK = AccountSpec(user="trunk1", networks=("203.0.113.7/32",))

SCENES: dict[str, Scene] = {
    **{
        f"wrong-password/{how}": _login(spec(f"alice:{secret}"), "bob:bobs-own", password=wrong)
        for how, (secret, wrong) in PASSWORDS.items()
    },
    "wrong-password/changed-meanwhile": _changed_meanwhile,
    "wrong-password": _login(password="something else"),
    "wrong-password/password-as-hash": _login(ha1=SECRET),
    "wrong-password/response-length": _login(edit=lambda v: v.replace('response="', 'response="00')),
    "unknown-user": _login(user="zzz99"),
    "unknown-user/look-alike": _login(spec(f"trunk1:{SECRET}"), user="trunkl"),
    "unknown-user/domain-in-user": _login(to="<sip:alice%40acme.example@carrier.test>", username="nobody"),
    "unknown-user/other-domain": _login(spec(f"alice:{SECRET}", domain="acme.example")),
    "unknown-user/address-is-allowed": _asked(Ask(user="5551234", source=PUBLIC), accounts=(_TRUNK,)),
    "wrong-auth-user": _login(_LOGIN, username="x"),
    "wrong-auth-user/user-sent": _login(_LOGIN),
    "wrong-auth-user/domain-in-user": _login(_LOGIN, username="login1@carrier.test"),
    "wrong-auth-user/digest": _login(username=f"alice@{HOST}", edit=lambda v: v.replace(f"alice@{HOST}", "alice", 1)),
    "wrong-realm": _login(changed={"realm": "asterisk"}),
    "wrong-realm/empty": _login(changed={"realm": ""}),
    "wrong-realm/digest": _login(changed={"realm": ""}, edit=lambda v: v.replace('realm=""', f'realm="{HOST}"')),
    "wrong-realm/domain-as-realm": _login(
        settings={"domains": ("carrier.test",), "realm": "pbx-7"}, changed={"realm": "carrier.test"}
    ),
    "wrong-domain": _asked(Ask(host="elsewhere.test"), domains=("sip.acme.example",)),
    "wrong-domain/look-alike": _asked(Ask(host="slp.acme.example"), domains=("sip.acme.example",)),
    "wrong-domain/part-of-it": _asked(Ask(host="acme.example"), domains=("sip.acme.example",)),
    "wrong-domain/address": _asked(Ask(host="198.51.100.9"), domains=("sip.acme.example",)),
    "no-credentials/gave-up": _asked(*_TWICE),
    "no-credentials/wrong-header": _asked(Ask(), Ask(headers=(("Proxy-Authorization", 'Digest username="alice"'),))),
    "no-credentials/not-digest": _login(authorization="Basic YWxpY2U6eA=="),
    "algorithm-not-offered": _login(algorithm="SHA-256"),
    "qop-mismatch": _login(unsent=("cnonce",)),
    "qop-mismatch/digest": _login(qop=None, edit=lambda v: v + ', qop=auth, nc=00000001, cnonce="c0"'),
    "nonce-stale": _moved(301),
    "nonce-foreign": _login(changed={"nonce": "0" * 34}),
    "nonce-foreign/before-restart": _restarted,
    "nonce-replayed/count-reset": _replayed,
    "digest-uri-mismatch": _login(digest_uri="sip:elsewhere.test"),
    "digest-uri-mismatch/digest": _login(
        digest_uri=f"sip:alice@{HOST}", edit=lambda v: v.replace("sip:alice@", "sip:")
    ),
    "third-party-registration": _login(_LOGIN, "bob:bobs-own", password="bobs-own", username="bob"),
    "third-party-registration/auth-user-sent": _login(_LOGIN, user="login1"),
    "ip-not-allowed": _asked(Ask(source=_OTHER_HOST), allow=("203.0.113.0/24",)),
    "ip-not-allowed/denied": _asked(Ask(source=_OTHER_HOST), deny=("198.51.100.0/24",)),
    "interval-too-brief": _login(expires=10),
    "too-many-contacts": _login(settings={"max_contacts": 1}, contact=("<sip:a@192.0.2.7>", "<sip:b@192.0.2.7>")),
    "cseq-not-increased": _old_cseq,
    "extension-not-supported": _login(headers=(("Require", "gruu"),)),
    "method-not-supported": _asked(Ask(method="PUBLISH")),
    "malformed": _asked(Ask(contact="<sip:alice@192.0.2.7")),
    "outage": _down,
    "rate-limited": _asked(Ask(), Ask(call_id="2"), Ask(call_id="3"), rate_limit=2),
    "refused-at-first": _asked(Ask(), first_refused=1),
    "locked-out": _login(settings={"lockout_after": 1, "first_refused": 0}, password="x"),
    "fault": _asked(Ask(), faults="drop REGISTER from alice"),
    "account-suspended": _asked(Ask(), faults="suspend from alice"),
    "tls-failed": _tls_failed("TLS failed: tlsv1 alert unknown ca"),
    "wrong-transport/plain-at-tls-port": _tls_failed("TLS failed: wrong version number"),
    "wrong-transport/tls": _octets(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100, "tcp"),
    "wrong-transport/dtls": _octets(b"\x16\xfe\xff" + b"\0" * 60),
    "wrong-transport/http": _octets(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "tcp"),
    "wrong-transport/websocket": _octets(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "tcp"),
    "not-sip": _octets(b"hello there, nothing to see here"),
    "not-sip/rtp": _octets(b"\x80\x00" + b"\1" * 170),
    "not-sip/stun": _octets(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"\1" * 12),
    "not-sip/iax2": _octets(b"\x80\x01" + b"\0" * 8 + b"\x06\x0d" + b"\1" * 12),
    "not-sip/proxy-protocol": _octets(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "tcp"),
    "nothing-arrived": lambda: Stage("alice:x"),
    "contact-unreachable/private-address": _contact("sip:alice@192.168.1.20:5060"),
    "contact-unreachable/loopback-address": _contact("sip:alice@127.0.0.1:5060"),
    "contact-unreachable/unspecified-address": _contact("sip:alice@0.0.0.0:5060"),
    "contact-unreachable/invalid-name": _contact("sip:alice@a1b2c3.invalid"),
    "contact-unreachable/local-name": _contact("sip:alice@pbx.local"),
    "contact-unreachable/port-zero": _contact("sip:alice@203.0.113.7:0"),
    "contact-unreachable/no-port": _contact("sip:alice@203.0.113.7"),
    "contact-unreachable/other-port": _contact("sip:alice@203.0.113.7:5060", via="192.168.1.20:5060;rport"),
    "contact-unreachable/no-rport": _contact("sip:alice@203.0.113.7:5060", via="192.168.1.20:5060"),
    "contact-unreachable/other-transport": _contact("sip:alice@203.0.113.7:41822;transport=tcp"),
}
"""By slug; each ends with that verdict as the last one."""


def example(slug: str) -> dict[str, Any]:
    """Return what the code says of the mistake, with the status that the client saw; of the slug that it came to."""
    stage = SCENES[slug]()
    if slug == "locked-out":
        stage.ask(Ask(password="x"))
    found: tuple[Verdict, ...] = stage.command(protocol.GetVerdicts())
    last = found[-1]
    statuses = {refusal.seq: refusal.status for refusal in stage.records(Refused)}
    return {
        "slug": last.slug,
        "sentence": last.sentence,
        "evidence": last.evidence,
        "status": 200 if last.because == "contact-unreachable" else statuses.get(last.about),
    }
