"""Why it was refused: the verdict that follows a refusal, for every cause, and not for one that only looks like it."""

from __future__ import annotations

import pytest
from playbook import HOST, Ask, spec
from stage import Stage

from mockregistrar.engine import diagnoses, protocol
from mockregistrar.engine.diagnoses import WAITING
from mockregistrar.sip.digest import ha1
from mockregistrar.trace import InternalError, Note, Record, Refused, Verdict

SECRET = "kD7m;Wq2x"


def verdicts(stage: Stage, account: str | None = None) -> list[Verdict]:
    found = list(stage.engine.command(protocol.GetVerdicts(account), stage.now))
    for verdict in found:
        assert Record.from_json(verdict.to_json()) == verdict
        assert protocol.from_json(protocol.to_json(verdict)) == verdict
        assert verdict.cause
        assert verdict.fix
        assert not verdict.sentence.endswith(".")
    return found


def verdict(stage: Stage) -> Verdict:
    """The one verdict; it follows the refusal that it is about."""
    (found,) = verdicts(stage)
    refusals = [r for r in stage.engine.trace.since() if isinstance(r, Refused)]
    assert [r.seq for r in refusals] == [found.about]
    return found


def after(*accounts, settings=None, **ask) -> Verdict:
    """The verdict on one login."""
    stage = Stage(*accounts, **(settings or {}))
    stage.ask(Ask(user=ask.get("user", "alice"), **{k: v for k, v in ask.items() if k in ("host", "to", "uri")}))
    stage.ask(Ask(**ask))
    return verdict(stage)


ALICE = spec(f"alice:{SECRET}")
LOGIN = spec(f"alice:{SECRET}", auth_user="login1")


@pytest.mark.parametrize(
    ("ask", "slug", "sentence"),
    [
        ({"password": "kD7m"}, "wrong-password/cut-at-character", "cut: it ends before `;` at position 5"),
        ({"password": "kD7m;Wq2X"}, "wrong-password/wrong-case", "position 9 is `X`, the carrier has `x`"),
        ({"password": "kD7m;Wq2"}, "wrong-password/character-missing", "`x` at position 9"),
        ({"password": "kD7m;Wq22x"}, "wrong-password/character-extra", "`2` at position 9"),
        ({"password": "kD7m;Wq2p"}, "wrong-password/character-differs", "position 9 is `p`, the carrier has `x`"),
        ({"password": "kD7m;qW2x"}, "wrong-password/characters-swapped", "positions 6 and 7, `Wq` came as `qW`"),
        ({"password": "kD7m;Wq2x\n"}, "wrong-password/newline", "a line feed at position 10"),
        ({"password": "kD7m;Wq2x "}, "wrong-password/trailing-blank", "there is a blank behind it, at position 10"),
        ({"password": '"kD7m;Wq2x"'}, "wrong-password/quotes-kept", 'quotes are part of it: `"` at position 1'),
        ({"password": "kD7m%3BWq2x"}, "wrong-password/percent-encoded", "`%` at position 5"),
        ({"password": ""}, "wrong-password/empty", "wrong password, it is empty"),
        ({"password": "alice"}, "wrong-password/user-as-password", "the user name was sent as the password"),
        ({"password": f"alice:{SECRET}"}, "wrong-password/user-and-password", "user and password came together"),
        ({"password": "bobs-own"}, "wrong-password/other-account", "it is another account's: `bob`"),
        (
            {"password": ha1("MD5", "alice", HOST, SECRET)},
            "wrong-password/hash-as-password",
            "the hash stands in the password's place",
        ),
        ({"ha1": SECRET}, "wrong-password/password-as-hash", "the password stands in the hash's place"),
        ({"password": "something else"}, "wrong-password", "wrong password, no near miss found"),
        ({"password": "kD7m;Wq"}, "wrong-password/cut-at-length", "it ends after 7 characters"),
        (
            {"password": SECRET, "edit": lambda v: v.replace('response="', 'response="00')},
            "wrong-password/response-length",
            "the response has 34 characters, MD5 makes 32",
        ),
        # the password is right, and something else in the digest is not what was sent
        (
            {"password": SECRET, "username": f"alice@{HOST}", "edit": lambda v: v.replace(f"alice@{HOST}", "alice", 1)},
            "wrong-auth-user/digest",
            "the password is right, but the digest was made over user `alice@carrier.test`, and `alice` was sent",
        ),
        (
            {"password": SECRET, "changed": {"realm": ""}, "edit": lambda v: v.replace('realm=""', f'realm="{HOST}"')},
            "wrong-realm/digest",
            f"over an empty realm, and `{HOST}` was sent",
        ),
        (
            {"password": SECRET, "digest_uri": f"sip:alice@{HOST}", "edit": lambda v: v.replace("sip:alice@", "sip:")},
            "digest-uri-mismatch/digest",
            f"over uri `sip:alice@{HOST}`",
        ),
        (
            {"password": SECRET, "qop": None, "edit": lambda v: v + ', qop=auth, nc=00000001, cnonce="c0"'},
            "qop-mismatch/digest",
            "made without qop, and `auth` was sent",
        ),
    ],
)  # fmt: skip
def test_a_wrong_digest(ask, slug, sentence):
    found = after(ALICE, "bob:bobs-own", **ask)
    assert found.slug == slug
    assert sentence in found.sentence
    assert (found.account, found.user) == ("alice", "alice")


@pytest.mark.parametrize(
    ("accounts", "ask", "slug", "sentence", "evidence"),
    [
        ((LOGIN,), {"password": SECRET}, "wrong-auth-user/user-sent", "logs in as `login1`", "The password is right."),
        (
            (LOGIN,),
            {"password": "other", "username": "login1@carrier.test"},
            "wrong-auth-user/domain-in-user",
            "the digest user name is `login1@carrier.test`",
            "The password is another, too.",
        ),
        (
            (LOGIN,),
            {"password": SECRET, "username": "logln1"},
            "wrong-auth-user/look-alike",
            "position 4 is `l`, the account has `i`",
            "The password is right.",
        ),
        (
            (LOGIN, "bob:bobs-own"),
            {"password": "bobs-own", "username": "bob"},
            "third-party-registration",
            "`bob` logged in, but registers `alice@carrier.test`",
            "The password is that of `bob`.",
        ),
        ((LOGIN,), {"password": SECRET, "username": "x"}, "wrong-auth-user", "the digest user name is `x`", "right."),
        # users
        (
            ("trunk1:secret1",),
            {"user": "trunkl", "password": "secret1"},
            "unknown-user/look-alike",
            "did you mean `trunk1`: one character differs: position 6 is `l`, the account has `1`",
            "The password is right.",
        ),
        (
            ("trunk1:secret1",),
            {"user": "Trunk1", "password": "secret2", "username": "Trunk1"},
            "unknown-user/wrong-case",
            "did you mean `trunk1`",
            "The password is another, too.",
        ),
        (
            (LOGIN,),
            {"user": "login1", "password": SECRET},
            "third-party-registration/auth-user-sent",
            "stands where its user belongs",
            "The password is right.",
        ),
        (
            (LOGIN,),
            {"user": "login1", "password": "kD7m;Wq2"},
            "wrong-password/character-missing",
            "`x` at",
            "that came.",
        ),
        (
            ("alice:x",),
            {"user": "alice", "to": "<sip:alice%40acme.example@carrier.test>", "password": "x", "username": "nobody"},
            "unknown-user/domain-in-user",
            "the account is `alice`, without the domain",
            "",
        ),
        (("alice:x",), {"user": "zzz99", "password": "x"}, "unknown-user", "no account `zzz99`; there are `alice`", ""),
        (
            (spec("alice:x", domain="acme.example"),),
            {"password": "x"},
            "unknown-user/other-domain",
            "there is one in `acme.example`",
            "The password is right.",
        ),
    ],
)
def test_names(accounts, ask, slug, sentence, evidence):
    found = after(*accounts, **ask)
    assert found.slug == slug
    assert sentence in found.sentence
    assert found.evidence.endswith(evidence)


@pytest.mark.parametrize(
    ("realm", "slug", "sentence"),
    [
        ("", "wrong-realm/empty", "an empty realm"),
        (f'"{HOST}"', "wrong-realm/quotes-kept", "quotes are part of it"),
        ("Carrier.test", "wrong-realm/wrong-case", "position 1 is `C`, the carrier has `c`"),
        ("carrier-test", "wrong-realm/character-differs", "position 8 is `-`, the carrier has `.`"),
        ("asterisk", "wrong-realm", "the credentials are for realm `asterisk`"),
    ],
)
def test_realms(realm, slug, sentence):
    found = after("alice:x", password="x", changed={"realm": realm})
    assert found.slug == slug
    assert sentence in found.sentence
    assert found.evidence == "The password is right."


def test_domains():
    stage = Stage("alice:x", domains=("sip.acme.example",))
    stage.ask(Ask(host="slp.acme.example"))
    found = verdict(stage)
    assert found.slug == "wrong-domain/look-alike"
    assert found.sentence.startswith("`slp.acme.example` is not served here, `sip.acme.example` is")
    stage = Stage("alice:x", domains=("sip.acme.example",))
    stage.ask(Ask(host="elsewhere.test"))
    assert verdict(stage).slug == "wrong-domain"


def test_no_credentials():
    stage = Stage("alice:x")
    stage.ask(Ask())
    stage.ask(Ask())
    assert verdict(stage).slug == "no-credentials/gave-up"
    stage = Stage("alice:x")
    stage.ask(Ask())
    stage.ask(Ask(headers=(("Proxy-Authorization", 'Digest username="alice"'),)))
    assert verdict(stage).slug == "no-credentials/wrong-header"
    assert after("alice:x", authorization="Basic YWxpY2U6eA==").slug == "no-credentials/not-digest"


def test_a_407():
    stage = Stage("alice:x", challenge="407")
    stage.ask(Ask())
    stage.ask(Ask(authorization=f'Digest username="alice", realm="{HOST}", nonce="1", uri="sip:x", response="1"'))
    assert verdict(stage).slug == "no-credentials/wrong-header"


def test_another_scheme_in_answer_to_a_407():
    stage = Stage("alice:x", challenge="407")
    stage.ask(Ask())
    stage.ask(Ask(field="Proxy-Authorization", authorization="Basic YWxpY2U6eA=="))
    found = verdict(stage)
    assert found.slug == "no-credentials/not-digest"
    assert found.sentence == "the client sent `Basic` credentials, not Digest"


def test_what_gets_no_answer_says_so():
    stage = Stage("alice:x", allow=("203.0.113.0/24",), refuse="drop")
    assert stage.ask(Ask()) is None
    assert verdict(stage).sentence == "left unanswered: 192.0.2.7 is not on the allow-list: 203.0.113.0/24"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("answer REGISTER status=503", "the fault `answer REGISTER status=503` answered it 503"),
        ("silence REGISTER", "the fault `silence REGISTER` kept it from being answered"),
        ("suspend REGISTER", "the account is suspended by the fault `suspend REGISTER`"),
    ],
)
def test_what_a_fault_did(fault, sentence):
    stage = Stage("alice:x", faults=fault)
    stage.ask(Ask())
    assert verdict(stage).sentence == sentence


def test_a_miss_is_told_of_the_text_that_it_is_about():
    found = after("trunk1:secret1", user="Trunk1", username="Trunk1", password="secret1")
    assert found.fix == "Upper and lower case count. Copy the user name, do not type it."
    found = after("alice:x", password="x", changed={"realm": f'"{HOST}"'})
    assert found.cause == "The config has quotes around the realm, and this client does not take them away."
    assert found.fix.startswith("Write the realm without quotes. Or leave the realm empty or `*`:")
    assert after("alice:x", password="x", changed={"realm": ""}).fix == "Set the realm of the challenge."


def test_a_malformed_request_that_is_answered():
    stage = Stage("alice:x")
    assert stage.ask(Ask(headers=(("Expires", "soon"),), contact="<sip:a")).status == 400
    found = verdict(stage)
    assert found.slug == "malformed"
    assert found.account == "alice"
    assert found.sentence.startswith("Contact: ")


def test_a_realm_for_each_domain():
    stage = Stage(ALICE, realm_rule="aor")
    stage.ask(Ask(host="acme.example"))
    assert stage.desk.challenges[0].realm == "acme.example"
    stage.ask(Ask(host="acme.example", password=SECRET[:-1]))
    assert verdict(stage).slug == "wrong-password/character-missing"


@pytest.mark.parametrize(
    ("settings", "slugs"),
    [
        ({"lockout_after": 1}, ["wrong-password/wrong-case", "locked-out"]),
        ({"first_refused": 1}, ["refused-at-first", "wrong-password/wrong-case"]),
        ({"rate_limit": 2}, ["wrong-password/wrong-case", "rate-limited"]),
        ({"wrong_password": "drop"}, ["wrong-password/wrong-case"] * 2),
    ],
)
def test_personas(settings, slugs):
    stage = Stage(ALICE, **settings)
    for password in (None, SECRET.upper(), SECRET.upper()):
        stage.ask(Ask(password=password if stage.desk.challenges else None))
    assert [v.slug for v in verdicts(stage)] == slugs


@pytest.mark.parametrize(
    ("settings", "ask", "slug"),
    [
        ({}, {"algorithm": "SHA-256"}, "algorithm-not-offered"),
        ({}, {"qop": "auth-int"}, "qop-mismatch"),
        ({}, {"edit": lambda v: v.replace("nc=00000001", "nc=1")}, "qop-mismatch"),
        ({}, {"unsent": ("cnonce",)}, "qop-mismatch"),
        ({}, {"digest_uri": "sip:elsewhere.test"}, "digest-uri-mismatch"),
        ({}, {"changed": {"nonce": "0" * 34}}, "nonce-foreign"),
        ({}, {"expires": 10}, "interval-too-brief"),
        ({"max_contacts": 1}, {"contact": ("<sip:a@192.0.2.7>", "<sip:b@192.0.2.7>")}, "too-many-contacts"),
        ({}, {"headers": (("Require", "gruu"),)}, "extension-not-supported"),
    ],
)
def test_what_else_is_refused(settings, ask, slug):
    assert after("alice:x", settings=settings, **{"password": "x", **ask}).slug == slug


def test_nonces():
    stage = Stage("alice:x")
    assert stage.register().status == 200
    stage.ask(Ask(password="x", nc=1))
    assert verdict(stage).slug == "nonce-replayed/count-reset"
    stage = Stage("alice:x")
    stage.ask(Ask())
    stage.engine.carrier.forget_nonces()
    stage.ask(Ask(password="x"))
    assert verdict(stage).slug == "nonce-foreign/before-restart"
    stage = Stage("alice:x")
    stage.ask(Ask())
    stage.engine.advance_clock(301)
    stage.ask(Ask(password="x"))
    assert verdict(stage).slug == "nonce-stale"


def test_addresses():
    stage = Stage("alice:x", allow=("203.0.113.0/24",))
    stage.ask(Ask())
    found = verdict(stage)
    assert found.slug == "ip-not-allowed"
    assert "203.0.113.0/24" in found.sentence
    stage = Stage("alice:x", deny=("192.0.2.0/24",))
    stage.ask(Ask())
    assert verdict(stage).slug == "ip-not-allowed/denied"


def test_an_account_of_which_only_the_hash_is_known():
    hashed = ha1("MD5", "alice", HOST, "x")
    alice = spec("alice", ha1={"MD5": hashed})
    assert after(alice, password=hashed).slug == "wrong-password/hash-as-password"
    found = after(alice, "bob:bobs-own", password="bobs-own")
    assert found.slug == "wrong-password/other-account"
    found = after(alice, password="y")
    assert found.slug == "wrong-password"
    assert "only the hash" in found.evidence


def test_a_login_that_succeeds_and_a_first_challenge_have_none():
    stage = Stage("alice:x")
    assert stage.register().status == 200
    assert verdicts(stage) == []
    assert stage.engine.diagnoses is None


def test_it_is_found_after_the_answer_in_slices_by_the_timer():
    stage = Stage(spec("alice:" + "kD7mWq2x" * 4))
    stage.ask(Ask())
    assert stage.ask(Ask(password="something else")).status == 401
    assert [r for r in stage.engine.trace.since() if isinstance(r, Verdict)] == []
    times = 0
    while (due := stage.engine.next_timer()) is not None and due <= stage.now:
        stage.engine.timer_fired(stage.now)
        times += 1
    assert 5 < times < 20
    (found,) = (r for r in stage.engine.trace.since() if isinstance(r, Verdict))
    assert "no near miss found" in found.sentence


def test_what_waits_is_bounded_and_what_was_left_out_is_said():
    stage = Stage("alice:x")
    stage.ask(Ask())
    for _ in range(WAITING + 10):
        stage.ask(Ask(password="something else"))
    assert len(verdicts(stage)) == WAITING
    stage.ask(Ask(password="something else"))
    notes = [r.text for r in stage.engine.trace.since() if isinstance(r, Note)]
    assert notes == ["10 refusals came too fast to be looked into one by one"]


def test_a_flood_gets_a_fifth_of_the_time():
    stage = Stage(spec("alice:" + "kD7mWq2x" * 4))
    stage.ask(Ask())
    for _ in range(200):
        stage.ask(Ask(password="something else"))
        stage.engine.finish_diagnoses()
    first = len(verdicts(stage))
    assert 55 < first < 75
    stage.now += 1
    for _ in range(200):
        stage.ask(Ask(password="something else"))
        stage.engine.finish_diagnoses()
    assert 10 < len(verdicts(stage)) - first < 20


def test_an_account_that_is_gone_meanwhile():
    stage = Stage("alice:x")
    stage.ask(Ask())
    stage.ask(Ask(password="y"))
    stage.engine.command(protocol.RemoveAccount("alice"), stage.now)
    assert verdict(stage).because == "wrong-password"


def test_a_reset_forgets_what_waits():
    stage = Stage("alice:x")
    stage.ask(Ask())
    stage.ask(Ask(password="y"))
    stage.engine.command(protocol.Reset(), stage.now)
    assert [v.because for v in verdicts(stage)] == ["nothing-arrived"]


@pytest.mark.parametrize(
    ("agent", "branch", "said"),
    [
        ("Asterisk PBX 18.26.0", "z9hG4bK1a2b3c4d", "Failed to authenticate on REGISTER"),
        ("Asterisk PBX 20.5.0", "z9hG4bKPj1a2b", "Asterisk"),
        ("baresip v1.0.0 (x86_64/linux)", "z9hG4bK77", "baresip"),
        ("something else", "z9hG4bK77", ""),
    ],
)
def test_what_the_client_will_print(agent, branch, said):
    stage = Stage("alice:x")
    stage.ask(Ask())
    stage.ask(Ask(password="y", branch=branch, headers=(("User-Agent", agent),)))
    found = verdict(stage)
    assert said in found.client
    assert bool(said) == bool(found.client)


# -- silence


def test_nothing_arrived():
    stage = Stage("alice:x")
    for account in (None, "alice"):
        (found,) = verdicts(stage, account)
        assert found.slug == "nothing-arrived"
        assert found.sentence == "nothing arrived on udp 192.0.2.1:5060, tcp 192.0.2.1:5060"


def test_what_arrived_was_no_sip():
    stage = Stage("alice:x")
    stage.feed(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100, stage.connect())
    (found,) = verdicts(stage, "alice")
    assert found.slug == "wrong-transport/tls"
    assert "TLS" in found.sentence
    stage.feed(b"hello there, nothing to see here")
    assert [v.slug for v in verdicts(stage)] == ["wrong-transport/tls", "not-sip"]


def test_an_account_that_was_heard_has_no_verdict_of_silence():
    stage = Stage("alice:x", "bob:x")
    assert stage.register().status == 200
    assert verdicts(stage, "alice") == []
    assert verdicts(stage) == []
    stage.feed(b"hello there, nothing to see here")
    assert verdicts(stage, "alice") == []
    assert [v.slug for v in verdicts(stage, "bob")] == ["not-sip"]


def test_a_misspelt_user_counts_for_the_account_that_was_meant():
    stage = Stage("trunk1:x", "bob:x")
    stage.ask(Ask(user="trunkl"))
    stage.ask(Ask(user="trunkl", password="x"))
    assert [v.slug for v in verdicts(stage, "trunk1")] == ["unknown-user/look-alike"]
    (found,) = verdicts(stage, "bob")
    assert found.slug == "nothing-arrived"
    assert found.account == "bob"
    assert found.sentence == (
        "nothing arrived for `bob` on udp 192.0.2.1:5060, tcp 192.0.2.1:5060, but 2 messages about others"
    )


def test_what_a_fault_dropped():
    stage = Stage("alice:x", "bob:x", faults="drop REGISTER from alice")
    for _ in range(3):
        assert stage.ask(Ask()) is None
    (found,) = verdicts(stage, "alice")
    assert found.slug == "fault"
    assert found.sentence == "a REGISTER arrived, and was dropped by the fault `drop REGISTER from alice`"
    assert stage.register("bob").status == 200
    assert verdicts(stage, "bob") == []


def test_a_password_that_was_changed_for_a_while():
    stage = Stage("alice:x", faults="password from alice")
    stage.ask(Ask())
    assert stage.ask(Ask(password="x")).status == 401
    (found,) = verdicts(stage, "alice")
    assert found.slug == "wrong-password/changed-meanwhile"
    assert "as it is now" in found.sentence


def test_a_defect_in_the_looking_is_told_and_kills_nothing(monkeypatch):
    def examine(_case):
        yield 1
        raise RuntimeError("a defect")

    monkeypatch.setattr(diagnoses, "examine", examine)
    stage = Stage("alice:x")
    stage.ask(Ask())
    stage.ask(Ask(password="y"))
    stage.engine.timer_fired(stage.now)
    assert [r.detail for r in stage.engine.trace.since() if isinstance(r, InternalError)] == [
        "RuntimeError('a defect')"
    ]
    assert stage.register().status == 200


# -- what is not refused


def test_a_question_looks_at_a_hundred_contacts_at_most():
    source = ("203.0.113.7", 41822)
    stage = Stage(*(f"u{n}:x" for n in range(110)))
    for n in range(110):
        stage.register(f"u{n}", call_id=f"c{n}", source=source, contact=f"<sip:u{n}@192.168.1.20:5060>")
    assert [v.slug for v in verdicts(stage)] == ["contact-unreachable/private-address"] * 100


def test_a_contact_whose_register_is_no_longer_held_has_no_verdict():
    stage = Stage("alice:x", history_messages=2)
    stage.register(contact="<sip:alice@0.0.0.0:5060>")
    assert [v.how for v in verdicts(stage)] == ["unspecified-address"]
    stage.ask(Ask(method="OPTIONS"))
    assert verdicts(stage) == []


def test_what_was_asked_for_since_a_record_is_what_came_after_it():
    stage = Stage("alice:x", "bob:x")
    stage.register(contact="<sip:alice@0.0.0.0:5060>")
    since = stage.engine.trace.seq
    assert stage.engine.command(protocol.GetVerdicts("alice", since), stage.now) == ()
    stage.register("bob", call_id="c2", contact="<sip:bob@0.0.0.0:5060>")
    assert [v.account for v in verdicts(stage)] == ["alice", "bob"]
    assert [v.account for v in stage.engine.command(protocol.GetVerdicts(None, since), stage.now)] == ["bob"]
