"""Digest: who is let in, who is told what, and what the tester is told instead."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playbook import HOST, SOURCE, Ask, Do, Playbook, Wait, header, spec

from mockregistrar.carrier import authentication
from mockregistrar.carrier.reasons import REASONS, Reason
from mockregistrar.sip.challenge import Challenge
from mockregistrar.sip.digest import ALGORITHMS, ha1

SECRET = 's3cr,et "x" ü'


# -- the challenge -------------------------------------------------------------------------------------------
def test_one_md5_challenge_with_qop_auth_is_the_default():
    (value,) = header(Playbook("alice:x").ask(Ask()), "WWW-Authenticate")
    assert re.fullmatch(rf'Digest realm="{HOST}", nonce="[0-9a-f]{{34}}", algorithm=MD5, qop="auth"', value)


def test_several_challenges_come_each_in_a_field_in_the_configured_order():
    answer = Playbook("alice:x", algorithms=("SHA-256", "MD5"), qop=("auth", "auth-int")).ask(Ask())
    challenges = [Challenge.parse(v) for v in header(answer, "WWW-Authenticate")]
    assert [(c.algorithm, c.qop, c.stale) for c in challenges] == [
        ("SHA-256", ("auth", "auth-int"), False),
        ("MD5", ("auth", "auth-int"), False),
    ]
    assert len({c.nonce for c in challenges}) == 2


def test_a_realm_is_quoted_and_hashed_as_it_is():
    Playbook(f"alice:{SECRET}", realm='say "hi" \\ x, y=z').play(
        Ask(), "401 Unauthorized",
        Ask(password=SECRET), "200 OK",
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("qop", ["auth", "auth-int", "none"])
def test_every_algorithm_with_every_qop(algorithm, qop):
    body = {"body": b"v=0\r\n", "headers": (("Content-Type", "application/sdp"),)}
    book = Playbook(f"alice:{SECRET}", algorithms=(algorithm,), qop=(qop,))
    book.play(
        Ask(**body), "401 Unauthorized",
        Ask(password=SECRET, **body), "200 OK",
        Ask(password="wrong", **body), "401 Unauthorized [wrong-password]",
        Ask(password=SECRET, **body), "200 OK",
    )  # fmt: skip
    if qop == "auth-int":
        assert book.ask(Ask(password=SECRET, digest_body=b"other", **body)).because == "wrong-password"
    if qop == "none":
        assert Challenge.parse(header(book.ask(Ask()), "WWW-Authenticate")[0]).qop == ()


@pytest.mark.parametrize("chosen", [0, 1])
def test_either_of_two_challenges_may_be_answered(chosen):
    book = Playbook("alice:x", algorithms=("MD5", "SHA-256"))
    book.play(
        Ask(), "401 Unauthorized",
        Ask(password="x", challenge=chosen), "200 OK",
        Ask(password="x", challenge=1 - chosen), "200 OK",
    )  # fmt: skip


def test_a_client_of_rfc_2069_knows_no_qop_and_is_let_in_where_integrity_is_not_asked_for():
    Playbook("alice:x").play(Ask(call_id="a"), "401 Unauthorized", Ask(password="x", qop=None), "200 OK")
    Playbook("alice:x", qop=("auth-int",)).play(
        Ask(call_id="a"), "401 Unauthorized", Ask(password="x", qop=None), "401 Unauthorized [qop-mismatch]"
    )


@pytest.mark.parametrize(
    ("digest_uri", "outcome"),
    [
        ("sip:127.0.0.1:5060", "200 OK"),  # our address: SIPp hashes over where it sends to
        ("sip:localhost", "200 OK"),
        ("sip:other.example", "400 Digest URI Mismatch [digest-uri-mismatch]"),
        ("sip:bob@127.0.0.1", "400 Digest URI Mismatch [digest-uri-mismatch]"),
    ],
)
def test_the_digest_may_be_for_another_name_of_the_same_carrier(digest_uri, outcome):
    Playbook("alice:x").play(Ask(call_id="a"), "401 Unauthorized", Ask(password="x", digest_uri=digest_uri), outcome)


def test_accounts_that_share_an_auth_user_are_told_apart_by_their_own():
    book = Playbook(spec("alice:x", auth_user="office"), spec("bob:y", auth_user="office"))
    for user, password in (("alice", "x"), ("bob", "y")):
        login = {"user": user, "username": "office", "digest_uri": "sip:localhost"}
        book.play(
            Ask(call_id=user, **login), "401 Unauthorized",
            Ask(call_id=user, password=password, **login), "200 OK",
        )  # fmt: skip


def test_a_client_may_take_another_qop_on_each_request():
    Playbook("alice:x", qop=("auth", "auth-int")).play(
        Ask(), "401 Unauthorized",
        Ask(password="x", qop="auth"), "200 OK",
        Ask(password="x", qop="auth-int"), "200 OK",
        Ask(password="x", qop="AUTH"), "200 OK",
        Ask(password="x", qop=None), "200 OK",
    )  # fmt: skip


# -- hashes instead of secrets -----------------------------------------------------------------------------------
def test_an_account_may_have_hashes_instead_of_a_secret():
    hashes = {a: ha1(a, "alice", HOST, "x") for a in ("MD5", "SHA-256")}
    book = Playbook(spec("alice", ha1=hashes), algorithms=("MD5", "SHA-256", "MD5-sess", "SHA-512-256"))
    book.play(
        Ask(), "401 Unauthorized",
        Ask(password="x", challenge=0), "200 OK",
        Ask(ha1=hashes["SHA-256"], challenge=1), "200 OK",
        Ask(password="x", challenge=2), "200 OK",
        Ask(password="x", challenge=0), "200 OK",
        Ask(password="y", challenge=0), "401 Unauthorized [wrong-password]",
        Ask(password="x", challenge=3), "401 Unauthorized [algorithm-not-offered]",
    )  # fmt: skip


def test_an_account_may_log_in_by_another_name():
    book = Playbook(spec("alice:x", auth_user="100@trunk"), "bob:y")
    book.play(
        Ask(), "401 Unauthorized",
        Ask(password="x"), "401 Unauthorized [wrong-auth-user]",
        Ask(password="x", username="100@trunk"), "200 OK",
        Ask(password="x", username="bob"), "401 Unauthorized [wrong-password]",
        Ask(user="bob", password="x", username="100@trunk"), "403 Forbidden [third-party-registration]",
    )  # fmt: skip


# -- what is refused, and why ----------------------------------------------------------------------------------
def edit(pattern: str, new: str) -> Any:
    def change(value: str) -> str:
        changed, count = re.subn(pattern, new, value)
        assert count == 1, (pattern, value)
        return changed

    return change


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ({"password": "wrong"}, "401 Unauthorized [wrong-password]"),
        ({"user": "nobody", "password": "x"}, "401 Unauthorized [unknown-user]"),
        ({"username": "nobody", "password": "x"}, "401 Unauthorized [wrong-auth-user]"),
        ({"password": "x", "changed": {"realm": "asterisk"}}, "401 Unauthorized [wrong-realm]"),
        ({"password": "x", "changed": {"nonce": "0" * 34}}, "401 Unauthorized [nonce-foreign]"),
        ({"password": "x", "changed": {"nonce": "é"}}, "401 Unauthorized [nonce-foreign]"),
        ({"password": "wrong", "changed": {"nonce": "0" * 34}}, "401 Unauthorized [wrong-password]"),
        ({"password": "x", "algorithm": "SHA-256"}, "401 Unauthorized [algorithm-not-offered]"),
        (
            {"password": "x", "edit": edit("algorithm=MD5", "algorithm=SHA-256")},
            "401 Unauthorized [algorithm-not-offered]",
        ),
        (
            {"password": "x", "edit": edit("algorithm=MD5", "algorithm=ROT13")},
            "401 Unauthorized [algorithm-not-offered]",
        ),
        ({"password": "x", "qop": "auth-int"}, "401 Unauthorized [qop-mismatch]"),
        ({"password": "x", "unsent": ("nc",)}, "401 Unauthorized [qop-mismatch]"),
        ({"password": "x", "unsent": ("cnonce",)}, "401 Unauthorized [qop-mismatch]"),
        ({"password": "x", "cnonce": ""}, "401 Unauthorized [qop-mismatch]"),
        ({"password": "x", "edit": edit("nc=00000001", "nc=1")}, "401 Unauthorized [qop-mismatch]"),
        ({"password": "x", "edit": edit("nc=00000001", "nc=0000000g")}, "401 Unauthorized [qop-mismatch]"),
        ({"password": "x", "unsent": ("response",)}, "401 Unauthorized [wrong-password]"),
        ({"password": "x", "unsent": ("username",)}, "401 Unauthorized [wrong-auth-user]"),
        ({"password": "x", "unsent": ("realm",)}, "401 Unauthorized [wrong-realm]"),
        ({"password": "x", "unsent": ("nonce",)}, "401 Unauthorized [wrong-password]"),
        ({"password": "x", "unsent": ("uri",)}, "400 Digest URI Mismatch [digest-uri-mismatch]"),
        ({"password": "x", "digest_uri": "sip:other.test"}, "400 Digest URI Mismatch [digest-uri-mismatch]"),
        ({"password": "x", "digest_uri": f"sip:alice@{HOST}"}, "400 Digest URI Mismatch [digest-uri-mismatch]"),
        ({"password": "x", "digest_uri": f"sips:{HOST}"}, "400 Digest URI Mismatch [digest-uri-mismatch]"),
        ({"password": "x", "digest_uri": "nonsense"}, "400 Digest URI Mismatch [digest-uri-mismatch]"),
        ({"authorization": "Basic YWxpY2U6eA=="}, "401 Unauthorized [no-credentials]"),
        ({"authorization": 'Digest username="alice'}, "400 Malformed Authorization"),
        ({"authorization": ""}, "400 Malformed Authorization"),
        ({"authorization": "Digest"}, "401 Unauthorized [wrong-realm]"),
    ],
)
def test_refusals(ask, expected):
    book = Playbook("alice:x")
    book.play(
        Ask(call_id="first"), "401 Unauthorized",
        Ask(**ask), expected,
        Ask(password="x", nc=9), "200 OK",
    )  # fmt: skip


def test_an_md5_hash_labelled_sha256_is_a_wrong_password_even_where_sha256_is_offered():
    Playbook("alice:x", algorithms=("SHA-256", "MD5")).play(
        Ask(), "401 Unauthorized",
        Ask(password="x", challenge=1, edit=edit("=MD5", "=sha-256")), "401 Unauthorized [wrong-password]",
    )  # fmt: skip


def test_who_comes_back_without_credentials_is_told_so_and_who_begins_anew_is_not():
    Playbook("alice:x").play(
        Ask(call_id="one"), "401 Unauthorized",
        Ask(call_id="one"), "401 Unauthorized [no-credentials]",
        Ask(call_id="two"), "401 Unauthorized",
        Ask(call_id="two", password="x"), "200 OK",
        Ask(call_id="two"), "401 Unauthorized",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "wrong", "unknown"),
    [
        ({}, "401 Unauthorized", "401 Unauthorized"),
        ({"wrong_password": "403"}, "403 Forbidden", "401 Unauthorized"),
        ({"unknown_user": "404"}, "401 Unauthorized", "404 Not Found"),
        ({"unknown_user": "403", "wrong_password": "403"}, "403 Forbidden", "403 Forbidden"),
    ],
)
def test_what_a_wrong_password_gets_is_a_matter_of_policy(policy, wrong, unknown):
    Playbook("alice:x", **policy).play(
        Ask(), "401 Unauthorized",
        Ask(password="y"), f"{wrong} [wrong-password]",
        Ask(user="nobody", password="y"), f"{unknown} [unknown-user]",
        Ask(user="nobody"), "401 Unauthorized",
    )  # fmt: skip


# -- what clients do that must not be refused --------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        edit("algorithm=MD5", "algorithm=md5"),
        edit("algorithm=MD5", 'algorithm="MD5"'),
        edit("algorithm=MD5, ", ""),
        edit("qop=auth", 'qop="auth"'),
        edit("^Digest ", "dIGEST   "),
        edit("username=", "USERNAME = "),
        lambda value: value.replace(", ", ","),
        lambda value: value.replace(", ", " ,\t , "),
        edit("$", ', opaque="", x="a, b=\\"c\\", realm=other"'),
        lambda value: re.sub(r'response="([0-9a-f]+)"', lambda m: f'response="{m[1].upper()}"', value),
        lambda value: "Digest " + ", ".join(reversed(value.removeprefix("Digest ").split(", "))),
    ],
)
def test_any_spelling_of_right_credentials_is_right(change):
    Playbook("alice:x").play(Ask(), "401 Unauthorized", Ask(password="x", edit=change), "200 OK")


@pytest.mark.parametrize(
    ("uri", "digest_uri"),
    [
        (f"sip:{HOST}", f"sip:{HOST}:5060"),
        (f"sip:{HOST}:5099", f"sip:{HOST}"),
        (f"sip:{HOST}", f"sip:{HOST};transport=UDP"),
        (f"sip:{HOST};transport=tcp", f"sip:{HOST}"),
        (f"sip:{HOST}", f"SIP:{HOST.upper()}"),
        (f"sip:{HOST}:5060", f"sip:{HOST}:506"),
        (f"sip:alice@{HOST}", f"sip:%61lice@{HOST}"),
    ],
)
def test_the_digest_is_for_the_same_resource_whatever_its_port_and_parameters(uri, digest_uri):
    Playbook("alice:x").play(
        Ask(uri=uri), "401 Unauthorized", Ask(uri=uri, password="x", digest_uri=digest_uri), "200 OK"
    )


def test_among_several_authorization_fields_ours_is_found():
    book = Playbook("alice:x")
    book.ask(Ask())
    ours = Ask(password="x")._authorizations(book.desk, f"sip:{HOST}")[0]
    other = 'Digest username="alice", realm="proxy.test", nonce="n", uri="sip:x", response="0", opaque="a, b"'
    wrong = ours.replace("algorithm=MD5", "algorithm=SHA-512-256")
    assert book.ask(Ask(authorization=(other, ours))).status == 200
    again = Ask(password="x")._authorizations(book.desk, f"sip:{HOST}")[0]
    assert book.ask(Ask(authorization=("Basic x", wrong, again))).status == 200
    assert book.ask(Ask(authorization=("Basic x", other))).because == "wrong-realm"


def test_a_name_with_a_quote_a_comma_and_a_letter_beyond_ascii():
    user = 'a"l, i\\cé'
    escaped = "a%22l%2C%20i%5Cc%C3%A9"
    book = Playbook(spec(f"{user}:x"))
    book.play(
        Ask(user=escaped, contact=None), "401 Unauthorized",
        Ask(user=escaped, username=user, password="x", contact=None), "200 OK",
    )  # fmt: skip


# -- nonces ------------------------------------------------------------------------------------------------------
def test_a_nonce_is_reused_with_a_growing_count_and_no_new_challenge():
    Playbook("alice:x").play(
        Ask(), "401 Unauthorized",
        *[step for count in (1, 2, 3, 10) for step in (Ask(password="x", nc=count), "200 OK")],
        Ask(password="x", nc=10), "401 Unauthorized [nonce-replayed]",
        Ask(password="x"), "200 OK",
    )  # fmt: skip


def test_counts_may_come_out_of_order_within_a_window_but_never_twice():
    book = Playbook("alice:x")
    first = book.ask(Ask())
    book.desk.take(first.headers)
    challenges = book.desk.challenges

    def count(number: int) -> str | None:
        book.desk.challenges = challenges
        because = book.ask(Ask(password="x", nc=number)).because
        return None if because is None else because.value

    assert [count(n) for n in (5, 3, 4, 3, 5)] == [None, None, None, "nonce-replayed", "nonce-replayed"]
    assert [count(n) for n in (100, 37, 36, 99, 37)] == [None, None, "nonce-replayed", None, "nonce-replayed"]
    assert [count(n) for n in (0xFFFFFFFF, 100, 0xFFFFFFFE)] == [None, "nonce-replayed", None]


def test_stale_is_said_only_to_who_knows_the_password():
    def stale(answer) -> list[bool]:
        return [Challenge.parse(v).stale for v in header(answer, "WWW-Authenticate")]

    book = Playbook("alice:x", nonce_ttl=30)
    book.ask(Ask())
    old = book.desk.challenges
    book.now += 31
    answer = book.ask(Ask(password="x"))
    assert (answer.because, stale(answer)) == (Reason.NONCE_STALE, [True])
    assert book.ask(Ask(password="x")).status == 200
    for ask in ({"password": "y"}, {"password": "x", "user": "nobody"}, {"password": "x", "qop": "auth-int"}):
        book.desk.challenges = old
        answer = book.ask(Ask(**ask))
        assert stale(answer) == [False], ask


def test_a_nonce_lives_its_time_and_no_longer():
    Playbook("alice:x", nonce_ttl=30).play(
        Ask(), "401 Unauthorized",
        Wait(29.9), Ask(password="x"), "200 OK",
        Wait(0.2), Ask(password="x"), "401 Unauthorized [nonce-stale]",
        Ask(password="x"), "200 OK",
    )  # fmt: skip


def test_a_restart_makes_old_nonces_foreign():
    Playbook("alice:x").play(
        Ask(), "401 Unauthorized",
        Do(lambda carrier: carrier.forget_nonces()),
        Ask(password="x"), "401 Unauthorized [nonce-foreign]",
        Ask(password="x"), "200 OK",
    )  # fmt: skip


def test_a_nonce_is_bound_to_its_algorithm():
    book = Playbook("alice:x", algorithms=("MD5", "SHA-256"))
    book.ask(Ask())
    _, sha = book.desk.challenges
    assert book.ask(Ask(password="x", changed={"nonce": sha.nonce})).because == "nonce-foreign"


def test_a_replayed_request_without_qop_is_let_in_as_long_as_the_nonce_lives():
    Playbook("alice:x", qop=("none",), nonce_ttl=30).play(
        Ask(), "401 Unauthorized",
        Ask(password="x"), "200 OK",
        Ask(password="x"), "200 OK",
        Wait(31), Ask(password="x"), "401 Unauthorized [nonce-stale]",
    )  # fmt: skip


# -- nobody can tell who exists --------------------------------------------------------------------------------------
def on_the_wire(answer) -> tuple:
    headers = [(n, re.sub('nonce="[0-9a-f]{34}"', "nonce", v)) for n, v in answer.headers]
    return answer.status, answer.reason, headers


VARIANTS: list[dict[str, Any]] = [
    {},
    {"password": "wrong"},
    {"password": "wrong", "qop": None},
    {"password": "wrong", "qop": "AUTH"},
    {"password": "wrong", "changed": {"nonce": "0" * 34}},
    {"password": "wrong", "changed": {"realm": "other"}},
    {"password": "wrong", "algorithm": "SHA-256"},
    {"password": "wrong", "digest_uri": "sip:other.test"},
    {"password": "wrong", "digest_uri": f"sip:{HOST}:5060"},
    {"password": "wrong", "unsent": ("nc",)},
    {"authorization": "Basic eA=="},
    {"authorization": ("Basic eA==", "Basic eA==")},
    {"expires": 1},
    {"contact": "*", "expires": 9},
]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("policy", [{}, {"algorithms": ("MD5", "SHA-256")}, {"domains": (HOST,)}, {"qop": ("none",)}])
def test_an_unknown_user_and_a_wrong_password_look_alike_and_cost_alike(variant, policy, monkeypatch):
    made: list[str] = []
    for name in ("digest_response", "ha1", "ha2"):
        real = getattr(authentication, name)
        monkeypatch.setattr(authentication, name, lambda *a, _n=name, _r=real: made.append(_n) or _r(*a))
    book = Playbook("alice:x", spec("b0bbb:y", auth_user="other"), **policy)
    book.ask(Ask())
    book.ask(Ask(user="b0bbb", username="other", password="wrong"))
    for _ in range(2):  # the second time, since the hash of a secret and that of a URI are made once
        seen = []
        for user in ("alice", "alicf", "b0bbb"):
            made.clear()
            answer = book.ask(Ask(user=user, call_id=f"{user}-1", **variant))
            seen.append((on_the_wire(answer), sorted(made)))
    assert seen[0] == seen[1] == seen[2]


# -- the reasons ----------------------------------------------------------------------------------------------------
def test_every_reason_has_a_sentence_and_every_sentence_a_reason():
    assert set(REASONS) == {r.value for r in Reason}
    assert all(text and not text.endswith(".") for text in REASONS.values())
    assert str(Reason.MALFORMED) == f"{Reason.MALFORMED}" == "malformed"


def test_the_detail_names_both_sides():
    book = Playbook(spec("alice:x", auth_user="a1"))
    book.ask(Ask())
    details = {
        book.ask(Ask(**ask)).detail
        for ask in (
            {"password": "x"},
            {"password": "x", "changed": {"realm": "asterisk"}},
            {"password": "x", "username": "a1", "digest_uri": "sip:other.test"},
        )
    }
    assert details == {
        "'alice' logs in as 'a1', the digest user name is 'alice'",
        f"the credentials are for realm 'asterisk', the challenge was for '{HOST}'",
        f"the digest uri is 'sip:other.test', the request goes to 'sip:{HOST}'",
    }


def test_the_source_of_a_request_is_no_part_of_who_it_is_from():
    book = Playbook("alice:x")
    book.ask(Ask())
    assert book.ask(Ask(password="x", source=("198.51.100.9", 4), transport="tcp")).status == 200
    assert SOURCE not in {b.flow.remote for b in book.carrier.accounts.named("alice").bindings}
