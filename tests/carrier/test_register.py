"""REGISTER, step by step after RFC 3261 10.3, and what is commonly done wrong there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playbook import HOST, NOW, SOURCE, Ask, Do, Playbook, Wait, header, spec

A = "<sip:alice@192.0.2.7>"
B = "<sip:alice@192.0.2.8:5070;transport=tcp>"
C = "<sip:alice@192.0.2.9>"


def at_home(**settings_: object) -> Playbook:
    """Return a carrier that trusts the test's address: no challenge, so that scripts are about the bindings."""
    return Playbook("alice:secret", "bob:hidden", access="ip", allow=(SOURCE[0],), **settings_)


def contacts(book: Playbook, user: str = "alice") -> list[str]:
    return [b.uri for b in book.carrier.accounts.named(user).bindings or ()]


# -- the usual life ------------------------------------------------------------------------------------------
def test_challenge_register_refresh_fetch_remove():
    Playbook("alice:secret").play(
        Ask(expires=600), "401 Unauthorized",
        Ask(expires=600, password="secret"), """
            200 OK
            Contact: <sip:alice@192.0.2.7>;expires=600
            Date: Tue, 14 Nov 2023 22:13:20 GMT
            Min-Expires: -
            Record-Route: -
        """,
        Wait(100),
        Ask(contact=None, password="secret"), """
            200 OK
            Contact: <sip:alice@192.0.2.7>;expires=500
            Date: Tue, 14 Nov 2023 22:15:00 GMT
        """,
        Ask(expires=900, password="secret"), """
            200 OK
            Contact: <sip:alice@192.0.2.7>;expires=900
        """,
        Ask(expires=0, password="secret"), """
            200 OK
            Contact: -
        """,
        Wait(1000),
    )  # fmt: skip


def test_a_binding_lapses_when_its_time_is_up_and_not_before():
    at_home().play(
        Ask(expires=60), "200 OK",
        Wait(59.5),
        Ask(contact=None, call_id="x"), """
            200 OK
            Contact: <sip:alice@192.0.2.7>;expires=1
        """,
        Wait(0.5), "lapsed alice sip:alice@192.0.2.7",
        Ask(contact=None, call_id="x"), """
            200 OK
            Contact: -
        """,
    )  # fmt: skip


def test_a_binding_whose_time_is_up_counts_no_more_even_before_it_was_swept():
    book = at_home(max_contacts=1)
    book.ask(Ask(expires=60))
    book.now += 61  # the sweep has not come by
    answer = book.ask(Ask(contact=B, expires=60))
    assert answer.status == 200, answer.detail
    assert header(answer, "Contact") == [f"{B};expires=60"]
    assert [b.uri for b in book.carrier.overdue] == [A[1:-1]]
    assert book.wait(0) == [], "a lapse is told once"
    book.now += 61
    again = book.ask(Ask(contact=B, expires=60, cseq=1))
    assert [c.value for c, _, _ in again.changes] == ["registered"], "no refresh of what was gone"
    assert [b.uri for b in book.carrier.overdue] == [A[1:-1], B[1:-1]]


# -- step 1: the domain ----------------------------------------------------------------------------------------
def test_a_foreign_domain_is_refused_before_anything_else_is_looked_at():
    Playbook("alice:secret", domains=(HOST,)).play(
        Ask(uri="sip:elsewhere.test", headers=(("Require", "gruu"),)), """
            404 Not Found [wrong-domain]
            WWW-Authenticate: -
            Unsupported: -
        """,
        Ask(uri="sip:elsewhere.test", headers=(("Content-Type", "text/x"),), body=b"x"), "404 Not Found [wrong-domain]",
        Ask(uri=f"tel:{HOST}"), "416 Unsupported URI Scheme [malformed]",
        Ask(uri=f"sips:{HOST}"), "401 Unauthorized",
    )  # fmt: skip


# -- step 2: extensions, content ---------------------------------------------------------------------------------
def test_require_names_all_and_only_what_is_not_supported():
    at_home(path=True).play(
        Ask(headers=(("Require", "path, gruu"), ("Require", "foo"))), """
            420 Bad Extension [extension-not-supported]
            Unsupported: gruu, foo
            Contact: -
        """,
        Ask(headers=(("Require", "PATH"),)), "200 OK",
        Ask(headers=(("Proxy-Require", "nonsense"),)), "200 OK",
        Ask(headers=(("Require", ""),)), "200 OK",
    )  # fmt: skip


def test_extensions_are_refused_where_they_are_not_switched_on():
    at_home().play(
        Ask(headers=(("Require", "path"),)), "420 Bad Extension [extension-not-supported]\nUnsupported: path",
        Ask(headers=(("Require", "outbound"),)), "420 Bad Extension [extension-not-supported]\nUnsupported: outbound",
        Ask(headers=(("Path", "<sip:p.test;lr>"), ("Supported", "path, gruu"))), """
            200 OK
            Path: -
            Supported: -
            Service-Route: -
        """,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "understood"),
    [
        ((("Content-Type", "application/sdp"),), True),
        ((("Content-Type", "Application/SDP;charset=utf-8"),), True),
        ((), True),
        ((("Content-Type", "text/plain"),), False),
        ((("Content-Type", "text/plain"), ("Content-Disposition", "render; handling=optional")), True),
        ((("Content-Type", "application/sdp"), ("Content-Encoding", "gzip")), False),
        ((("Content-Type", "application/sdp"), ("Content-Encoding", "identity")), True),
    ],
)
def test_content_that_is_not_understood_gets_415_and_what_would_be(headers, understood):
    answer = at_home().ask(Ask(headers=headers, body=b"v=0\r\n"))
    if understood:
        assert answer.status == 200
    else:
        assert answer.status == 415
        assert header(answer, "Accept") == ["application/sdp"]
        assert header(answer, "Accept-Encoding") == ["identity"]


# -- step 3 to 5: who, may he, whom ------------------------------------------------------------------------------
def test_nothing_about_an_aor_is_revealed_before_the_challenge_is_met():
    Playbook("alice:secret", domains=(HOST,)).play(
        Ask(user="nobody"), "401 Unauthorized",
        Ask(expires=5), "401 Unauthorized\nMin-Expires: -",
        Ask(contact="<sip:x@y;;>"), "400 Malformed Contact",
        Ask(contact="*", expires=7, call_id="two"), "401 Unauthorized",
        Ask(host="elsewhere.test", uri=f"sip:{HOST}", call_id="three"), "401 Unauthorized",
        Ask(host="elsewhere.test", uri=f"sip:{HOST}", password="secret"), "404 Not Found [wrong-domain]",
    )  # fmt: skip


def test_one_account_cannot_register_another_whether_that_exists_or_not():
    book = Playbook("alice:secret", "bob:hidden")
    book.ask(Ask())
    seen = [
        (a.status, a.reason, a.headers, a.because)
        for a in (book.ask(Ask(user=user, username="alice", password="secret")) for user in ("bob", "nobody"))
    ]
    assert seen[0] == seen[1] == (403, "Forbidden", [], "third-party-registration")
    assert contacts(book, "bob") == []


def test_the_to_field_decides_and_from_does_not_matter():
    book = Playbook("alice:secret")
    boss = (("From", "<sip:boss@elsewhere.test>;tag=b"),)
    answer = book.register(to='"Alice" <sip:%61lice@CARRIER.test:5099;user=phone>;x=y', headers=boss, without=("From",))
    assert answer.status == 200
    assert contacts(book) == [A[1:-1]]


# -- step 6: Contact: * ---------------------------------------------------------------------------------------------
def test_star_removes_all_or_nothing():
    at_home().play(
        Ask(contact=(A, B), expires=600), "200 OK",
        Ask(contact="*"), "400 Contact * Needs Expires 0",
        Ask(contact="*", expires=1), "400 Contact * Needs Expires 0",
        Ask(contact="*", expires="zero"), "400 Contact * Needs Expires 0",
        Ask(contact=("*", C), expires=0), "400 Malformed Contact",
        Ask(contact=(C, "*"), expires=0), "400 Malformed Contact",
        Ask(contact=f"*, {C}", expires=0), "400 Malformed Contact",
        Ask(contact=("*", "*"), expires=0), "400 Malformed Contact",
        Ask(contact=None), f"200 OK\nContact: {A};expires=600\nContact: {B};expires=600",
        Ask(contact="*", expires=0), "200 OK\nContact: -",
        Ask(contact="*", expires=0), "200 OK\nContact: -",
    )  # fmt: skip


def test_star_obeys_the_order_of_cseq_for_every_binding():
    at_home().play(
        Ask(contact=A, expires=600, call_id="one", cseq=5), "200 OK",
        Ask(contact=B, expires=600, call_id="two", cseq=9), "200 OK",
        Ask(contact="*", expires=0, call_id="two", cseq=9), "500 CSeq Not Increased [cseq-not-increased]",
        Ask(contact="*", expires=0, call_id="two", cseq=3), "500 CSeq Not Increased [cseq-not-increased]",
        Ask(contact=None), f"200 OK\nContact: {A};expires=600\nContact: {B};expires=600",
        Ask(contact="*", expires=0, call_id="two", cseq=10), "200 OK\nContact: -",
    )  # fmt: skip


# -- step 7: CSeq and Call-ID, kept for each binding ----------------------------------------------------------------
def test_cseq_is_kept_for_each_binding_and_not_for_the_aor():
    at_home().play(
        Ask(contact=A, expires=600, call_id="one", cseq=10), "200 OK",
        Ask(contact=B, expires=600, call_id="one", cseq=5), "200 OK",
        Ask(contact=A, expires=600, call_id="one", cseq=10), "500 CSeq Not Increased [cseq-not-increased]",
        Ask(contact=A, expires=0, call_id="one", cseq=9), "500 CSeq Not Increased [cseq-not-increased]",
        Ask(contact=A, expires=600, call_id="two", cseq=1), "200 OK",
        Ask(contact=A, expires=600, call_id="one", cseq=2), "200 OK",
    )  # fmt: skip


def test_a_refused_request_changes_nothing_at_all():
    book = at_home(max_contacts=3)
    book.ask(Ask(contact=B, expires=600, call_id="kept", cseq=7))
    before = (contacts(book), len(book.carrier.bindings))
    for failing, status in [
        (Ask(contact=(A, f"{B};expires=700"), expires=600, call_id="kept", cseq=7), 500),
        (Ask(contact=(A, f"{C};expires=5"), expires=600), 423),
        (Ask(contact=(A, f"{C};q=7"), expires=600), 400),
        (Ask(contact=(A, C, "<sip:d@192.0.2.7>"), expires=600), 403),
        (Ask(contact=(A, f"{B};expires=0", "<sip:bad"), expires=600), 400),
    ]:
        answer = book.ask(failing)
        assert answer.status == status, (failing, answer.detail)
        assert answer.changes == []
        assert (contacts(book), len(book.carrier.bindings)) == before, failing


# -- contacts ---------------------------------------------------------------------------------------------------------
def test_several_contacts_are_kept_listed_and_echoed_as_written():
    odd = '"Alice, <the> \\"one\\"" <sip:al%69ce,x;y@Host.TEST:5070;line=a%2Cb;ob;TRANSPORT=TCP>'
    at_home().play(
        Ask(contact=(f"{odd};q=0.7;expires=100", "sip:alice@192.0.2.8;expires=200, <sips:a@192.0.2.9>"), expires=300),
        """
            200 OK
            Contact: <sip:al%69ce,x;y@Host.TEST:5070;line=a%2Cb;ob;TRANSPORT=TCP>;expires=100;q=0.7
            Contact: <sip:alice@192.0.2.8>;expires=200
            Contact: <sips:a@192.0.2.9>;expires=300
        """,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "same"),
    [
        ("sip:alice@example.test", "sip:alice@EXAMPLE.Test"),
        ("sip:alice@example.test", "sip:%61lice@example.test"),
        ("sip:alice@example.test;a=1;b=2", "sip:alice@example.test;b=2;a=1"),
        ("sip:alice@example.test;ob", "sip:alice@example.test"),
        ("sip:alice@example.test", "sip:alice@example.test;line=xyz"),
        ("sip:alice@example.test;transport=tcp", "sip:alice@example.test;Transport=TCP"),
        ("sip:alice@[2001:db8::7]", "sip:alice@[2001:DB8:0:0::7]"),
    ],
)
def test_contacts_that_mean_the_same_are_one_binding_in_its_latest_spelling(stored, same):
    at_home().play(
        Ask(contact=f"<{stored}>", expires=600), "200 OK",
        Ask(contact=f"<{same}>", expires=700), f"200 OK\nContact: <{same}>;expires=700",
        Ask(contact=f"<{stored}>", expires=0), "200 OK\nContact: -",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "other"),
    [
        ("sip:alice@example.test", "sip:ALICE@example.test"),
        ("sip:alice@example.test", "sip:alice@example.test:5060"),
        ("sip:alice@example.test", "sips:alice@example.test"),
        ("sip:alice@example.test", "sip:alice@example.test;transport=udp"),
        ("sip:alice@example.test;line=a", "sip:alice@example.test;line=b"),
        ("sip:alice@example.test", "sip:alice:pw@example.test"),
        ("sip:alice@example.test", "sip:example.test"),
    ],
)
def test_contacts_that_mean_something_else_are_bindings_of_their_own(stored, other):
    at_home().play(
        Ask(contact=f"<{stored}>", expires=600), "200 OK",
        Ask(contact=f"<{other}>", expires=700),
        f"200 OK\nContact: <{stored}>;expires=600\nContact: <{other}>;expires=700",
    )  # fmt: skip


def test_one_request_may_name_a_contact_twice_and_the_last_word_counts():
    at_home().play(
        Ask(contact=(f"{A};expires=100", f"{A};expires=200")), f"200 OK\nContact: {A};expires=200",
        Ask(contact=(f"{A};expires=100", "<sip:alice@192.0.2.7;ob>;expires=0")), "200 OK\nContact: -",
    )  # fmt: skip


@pytest.mark.parametrize("q", ["0", "1", "0.5", "0.333", "1.000", "0.", "1."])
def test_q_is_kept(q):
    at_home().play(Ask(contact=f"{A};q={q}", expires=60), f"200 OK\nContact: {A};expires=60;q={q}")


@pytest.mark.parametrize("q", ["1.1", "-1", "0.1234", "2", "x", ".5", '""', "1.001"])
def test_a_q_that_is_none_is_malformed(q):
    at_home().play(Ask(contact=f"{A};q={q}", expires=60), "400 Bad q Value", Ask(contact=None), "200 OK\nContact: -")


def test_q_goes_when_a_refresh_has_none():
    at_home().play(
        Ask(contact=f"{A};q=0.5", expires=60), f"200 OK\nContact: {A};expires=60;q=0.5",
        Ask(contact=A, expires=60), f"200 OK\nContact: {A};expires=60",
    )  # fmt: skip


def test_no_more_contacts_than_the_carrier_keeps():
    at_home(max_contacts=2).play(
        Ask(contact=(A, B), expires=600), "200 OK",
        Ask(contact=C, expires=600), "403 Too Many Contacts [too-many-contacts]",
        Ask(contact=(A, B), expires=700), "200 OK",
        Ask(contact=(f"{A};expires=0", C), expires=600), f"200 OK\nContact: {B};expires=700\nContact: {C};expires=600",
    )  # fmt: skip


def test_an_account_may_have_its_own_limit():
    book = Playbook(spec("alice:secret", max_contacts=1), spec("bob:x"), access="ip", allow=(SOURCE[0],))
    assert book.ask(Ask(contact=(A, B), expires=60)).because == "too-many-contacts"
    assert book.ask(Ask(user="bob", contact=(A, B), expires=60)).status == 200


def test_an_instance_is_kept_and_quoted_whatever_is_in_it():
    urn = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
    nasty = r'+sip.instance="a\"b\\c"'
    at_home().play(
        Ask(contact=f"{A};{urn};reg-id=1", expires=60), f"200 OK\nContact: {A};expires=60;{urn}\nRequire: -",
        Ask(contact=f"{A};{nasty}", expires=60), f"200 OK\nContact: {A};expires=60;{nasty}",
    )  # fmt: skip


# -- expiry -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("header_", "parameter", "granted"),
    [
        (None, None, 3600),
        (600, None, 600),
        (600, "300", 300),
        (None, "300", 300),
        (300, "600", 600),
        (600, "rubbish", 3600),
        ("rubbish", None, 3600),
        ("-1", None, 3600),
        ("600s", None, 3600),
        ("0x10", None, 3600),
        ("", None, 3600),
        ("4294967295", None, 7200),
        ("4294967296", None, 7200),
        ("4294967297", None, 7200),
        ("18446744073709551616", None, 7200),
        ("9" * 400, None, 7200),
        (600, "4294967296", 7200),
        (600, "4294967356", 7200),
        (60, None, 60),
        (7201, None, 7200),
        ("0600", None, 600),
    ],
)
def test_how_long_a_contact_is_bound(header_, parameter, granted):
    contact = A if parameter is None else f"{A};expires={parameter}"
    at_home().play(Ask(contact=contact, expires=header_), f"200 OK\nContact: {A};expires={granted}")


def test_too_short_an_expiry_is_refused_with_the_minimum():
    at_home().play(
        Ask(expires=59), "423 Interval Too Brief [interval-too-brief]\nMin-Expires: 60\nContact: -",
        Ask(contact=f"{A};expires=1", expires=600), "423 Interval Too Brief [interval-too-brief]\nMin-Expires: 60",
        Ask(expires=60), "200 OK",
        Ask(expires=0), "200 OK\nContact: -",
    )  # fmt: skip


def test_too_short_an_expiry_is_raised_where_the_carrier_does_so():
    at_home(short_expires="raise").play(Ask(expires=5), f"200 OK\nContact: {A};expires=60")


def test_an_expiry_of_an_hour_or_more_is_never_too_brief():
    at_home(min_expires=7000, max_expires=7200).play(
        Ask(expires=3599), "423 Interval Too Brief [interval-too-brief]\nMin-Expires: 7000",
        Ask(expires=3600), f"200 OK\nContact: {A};expires=3600",
    )  # fmt: skip


def test_who_asks_for_no_expiry_is_never_told_that_it_is_too_brief():
    at_home(default_expires=30).play(Ask(), f"200 OK\nContact: {A};expires=30")


@pytest.mark.parametrize(
    ("limits", "asked", "expected"),
    [
        ({"grant": 5}, 3600, 5),
        ({"grant": 5}, 60, 5),
        ({"grant": 500}, 60, 60),
        ({"grant": 5}, 30, 423),
        ({"max_expires": 90}, 3600, 90),
        ({"max_expires": 9000}, 8000, 8000),
        ({"min_expires": 10}, 15, 15),
        ({"min_expires": 120}, 60, 423),
        ({"min_expires": 0}, 1, 1),
        ({"grant": 5, "min_expires": 1}, 3, 3),
    ],
)
def test_an_account_has_limits_of_its_own(limits, asked, expected):
    book = Playbook(spec("alice:secret", **limits), "bob:x", access="ip", allow=(SOURCE[0],))
    answer = book.ask(Ask(expires=asked))
    if expected == 423:
        assert (answer.status, header(answer, "Min-Expires")) == (423, [str(limits.get("min_expires", 60))])
    else:
        assert header(answer, "Contact") == [f"{A};expires={expected}"]
    assert book.ask(Ask(user="bob", expires=600)).status == 200


@given(asked=st.integers(0, 2**34), ttl=st.floats(0, 1e5))
@settings(max_examples=60, deadline=None)
def test_never_more_is_granted_or_shown_than_was_asked(asked, ttl):
    book = at_home(min_expires=0)
    book.now += ttl
    answer = book.ask(Ask(expires=asked))
    assert answer.status == 200
    shown = [int(c.rpartition("=")[2]) for c in header(answer, "Contact")]
    assert shown == ([min(asked, 7200)] if asked else [])


# -- step 8: the answer -----------------------------------------------------------------------------------------------
def test_path_is_kept_and_returned_in_order():
    path = ("<sip:p1.test;lr>", "<sip:p2.test;lr>")
    book = at_home(path=True, service_route=("sip:out.test;lr", "<sip:b.test;lr>"))
    book.play(
        Ask(headers=(("Path", f"{path[0]}, {path[1]}"), ("Supported", "path")), expires=60), f"""
            200 OK
            Path: {path[0]}
            Path: {path[1]}
            Service-Route: <sip:out.test;lr>
            Service-Route: <sip:b.test;lr>
            Supported: path
        """,
    )  # fmt: skip
    assert book.carrier.accounts.named("alice").bindings[0].path == path


def outbound() -> Playbook:
    return at_home(path=True, outbound=True)


INSTANCE = '+sip.instance="<urn:uuid:1>"'
OB = (("Supported", "path, outbound"),)


def test_outbound_binds_by_instance_and_reg_id_whatever_the_uri():
    outbound().play(
        Ask(contact=f"<sip:a@192.0.2.7:1>;{INSTANCE};reg-id=1", expires=60, headers=OB), f"""
            200 OK
            Contact: <sip:a@192.0.2.7:1>;expires=60;{INSTANCE};reg-id=1
            Require: outbound
            Supported: path, outbound
        """,
        Ask(contact=f"<sip:a@192.0.2.7:2>;{INSTANCE};reg-id=2", expires=60, headers=OB), f"""
            200 OK
            Contact: <sip:a@192.0.2.7:1>;expires=60;{INSTANCE};reg-id=1
            Contact: <sip:a@192.0.2.7:2>;expires=60;{INSTANCE};reg-id=2
        """,
        Ask(contact=f"<sip:a@192.0.2.7:3>;{INSTANCE};reg-id=1", expires=60, headers=OB), f"""
            200 OK
            Contact: <sip:a@192.0.2.7:3>;expires=60;{INSTANCE};reg-id=1
            Contact: <sip:a@192.0.2.7:2>;expires=60;{INSTANCE};reg-id=2
        """,
        Ask(contact=f"<sip:a@192.0.2.7:9>;{INSTANCE};reg-id=2", expires=0, headers=OB), f"""
            200 OK
            Contact: <sip:a@192.0.2.7:3>;expires=60;{INSTANCE};reg-id=1
        """,
    )  # fmt: skip


def test_reg_id_counts_only_with_an_instance_and_with_support_for_outbound():
    outbound().play(
        Ask(contact=f"{A};{INSTANCE};reg-id=1", expires=60), f"200 OK\nContact: {A};expires=60;{INSTANCE}\nRequire: -",
        Ask(contact=f"{A};reg-id=1", expires=60, headers=OB), f"200 OK\nContact: {A};expires=60\nRequire: -",
        Ask(contact=f"{A};{INSTANCE};reg-id=0", expires=60, headers=OB), "400 Bad reg-id",
        Ask(contact=f"{A};{INSTANCE};reg-id=x", expires=60, headers=OB), "400 Bad reg-id",
        Ask(contact=f"{A};{INSTANCE};reg-id={'9' * 5000}", expires=60, headers=OB), "400 Bad reg-id",
        Ask(contact=f"{A};{INSTANCE};reg-id=2", expires=60, headers=(("Supported", "outbounds"),)),
        f"200 OK\nContact: {A};expires=60;{INSTANCE}\nRequire: -",
    )  # fmt: skip


def test_two_contacts_in_one_request_cannot_both_be_outbound():
    """RFC 5626 section 6: more than one Contact with a non-zero expiry, one of them with reg-id, is a 400."""
    outbound().play(
        Ask(contact=(f"{A};{INSTANCE};reg-id=1", B), expires=60, headers=OB), "400 Several Contacts With reg-id",
        Ask(contact=None), "200 OK\nContact: -",
        Ask(contact=(f"{A};{INSTANCE};reg-id=1", f"{B};expires=0"), expires=60, headers=OB), "200 OK",
    )  # fmt: skip


def test_server_is_in_every_answer_when_given_and_in_none_otherwise():
    Playbook("alice:secret", server="mock 1").play(
        Ask(), "401 Unauthorized\nServer: mock 1",
        Ask(password="secret"), "200 OK\nServer: mock 1",
        Ask(method="OPTIONS"), "200 OK\nServer: mock 1",
    )  # fmt: skip
    Playbook("alice:secret").play(Ask(), "401 Unauthorized\nServer: -")


def test_the_flow_of_the_latest_register_and_the_user_agent_are_kept():
    book = at_home()
    book.ask(Ask(expires=60, headers=(("User-Agent", "one"),)))
    book.ask(Ask(expires=60, headers=(("User-Agent", "two"),), source=(SOURCE[0], 9)))
    (binding,) = book.carrier.accounts.named("alice").bindings
    assert (binding.flow.remote, binding.user_agent, binding.granted) == ((SOURCE[0], 9), "two", 60)
    assert binding.expires_at == NOW + 60


def test_a_refresh_tells_how_much_time_was_left():
    book = at_home()
    book.ask(Ask(expires=600))
    book.now += 450
    ((change, _, left),) = book.ask(Ask(expires=600)).changes
    assert (change.value, left) == ("refreshed", 150)
    book.now += 100
    ((change, _, left),) = book.ask(Ask(expires=0)).changes
    assert (change.value, left) == ("unregistered", 500)


# -- other methods ----------------------------------------------------------------------------------------------------
def test_methods():
    allow = "Allow: REGISTER, OPTIONS"
    Playbook("alice:secret").play(
        Ask(method="OPTIONS", uri="sip:192.0.2.1", contact=None), f"200 OK\n{allow}\nAccept: application/sdp",
        Ask(method="OPTIONS", uri=f"sip:nobody@{HOST}", contact=None), "200 OK",
        Ask(method="OPTIONS", headers=(("Require", "x"),)), "420 Bad Extension [extension-not-supported]",
        Ask(method="INVITE"), f"405 Method Not Allowed [method-not-supported]\n{allow}",
        Ask(method="PUBLISH"), f"405 Method Not Allowed [method-not-supported]\n{allow}",
        Ask(method="SUBSCRIBE"), f"405 Method Not Allowed [method-not-supported]\n{allow}",
        Ask(method="register"), f"501 Not Implemented [method-not-supported]\n{allow}",
        Ask(method="FROBNICATE"), f"501 Not Implemented [method-not-supported]\n{allow}",
    )  # fmt: skip


def test_an_account_removed_takes_its_bindings_with_it():
    book = at_home()
    book.ask(Ask(expires=600))
    alice = book.carrier.accounts.named("alice")
    book.play(Do(lambda c: (c.bindings.remove(alice.bindings[0]), c.accounts.remove(alice))))
    assert book.wait(1000) == []
    assert book.ask(Ask(contact=None)).because == "unknown-user"
