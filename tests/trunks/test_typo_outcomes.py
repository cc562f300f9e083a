"""What becomes of a login with a mistake in its string, where that may lead, and which kinds a dialect can have."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from mockregistrar.trunks import Trunk, registry
from mockregistrar.trunks.typos import KINDS, DoesNotApply, typo
from mockregistrar.trunks.typos.fitting import Writing, fitted, matching, mistyped, rich_secret, typo_kinds
from mockregistrar.trunks.typos.outcome import LOGINS, astray, outcome

RIGHT = "register => 100:kD7mWq2x@127.0.0.1:5080/100"
TRUNK = Trunk("100", "127.0.0.1", secret="kD7mWq2x", extension="100", port=5080)


def read(text, dialect="asterisk-chan_sip"):
    return registry.named(dialect).parse(text)


def config(*lines):
    return read("\n".join(["[general]", *lines]), "asterisk-sip.conf")


# -- what becomes of the login ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("register => 100:kD7mWq2x@127.0.0.1:5080/200", "registered"),
        ("register => 100:kD7mWq2x@127.0.0.1:5080/100~600", "registered"),
        ("register => tcp://100:kD7mWq2x@127.0.0.1:5080/100", "registered"),
        ("register => tls://100:kD7mWq2x@127.0.0.1:5080/100", "no-answer"),
        ("register => 100:kD7mWq2X@127.0.0.1:5080/100", "refused"),
        ("register => 101:kD7mWq2x@127.0.0.1:5080/100", "refused"),
        ("register => 100:kD7mWq2x:101@127.0.0.1:5080/100", "refused"),
        ("register => 100@other.example:kD7mWq2x@127.0.0.1:5080/100", "refused"),
        ("register => 100:kD7mWq2x@127.0.0.1/100", "no-answer"),
        ("register => 100:kD7mWq2x@127.0.0.2:5080/100", "no-answer"),
        ("register => 100:kD7mWq2x@127.0.0.1.:5080/100", "no-answer"),
        ("register => 100:kD7mWq2x@127.0.0.1:5080/100~0", "lapsed"),
        ("register => 100:kD7mWq2x", "not-sent"),
        ("", "not-sent"),
    ],
)
def test_the_login(text, login):
    assert outcome(read(RIGHT), read(text)) == login
    assert login in LOGINS


def test_a_dot_behind_a_name_says_nothing():
    right = read("register => 100:kD7mWq2x@sip.acme.example/100")
    assert outcome(right, read("register => 100:kD7mWq2x@sip.acme.example./100")) == "registered"


def test_of_several_it_is_that_of_the_one_that_changed():
    other = "register => 200:pa55word@sip.beta.example"
    right = config(RIGHT, other)
    assert outcome(right, config(other, RIGHT)) == "registered"
    assert outcome(right, config(RIGHT, RIGHT, other)) == "registered"
    assert outcome(right, config(RIGHT, other.replace("pa55", "pass"))) == "refused"
    assert outcome(right, config(RIGHT)) == "not-sent"
    assert outcome(right, config(RIGHT.replace("5080", "5081"), other)) == "no-answer"


def test_a_realm_counts_where_it_is_read():
    texts = {name: registry.render_config(name, TRUNK) for name in ("freeswitch-gateway", "pjsua-cmdline")}
    gateway, command = read(texts["freeswitch-gateway"], "freeswitch"), read(texts["pjsua-cmdline"], "pjsua")
    again = texts["freeswitch-gateway"].replace("</gateway>", '<param name="realm" value="x"/></gateway>')
    assert outcome(gateway, read(again, "freeswitch")) == "registered"
    assert outcome(command, read(texts["pjsua-cmdline"].replace("'*'", "x"), "pjsua")) == "refused"


def test_a_typo_says_what_becomes_of_the_login_and_what_was_right():
    found = typo("password-missing", RIGHT, "asterisk-chan_sip")
    assert (found.login, found.right) == ("refused", RIGHT)
    assert RIGHT not in repr(found)
    assert typo("note-behind", RIGHT, "vicidial").login == "registered"


# -- where it leads ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("127.0.0.2", ""),
        ("127.0.0", ""),
        ("127.0.1.1", ""),
        ("l27.0.0.1", ""),
        ("1270.0.1", ""),
        ("127.0.0.1.", ""),
        ("sip:127.0.0.1", ""),
        ("127.0.01", "it still leads to the carrier"),
        ("0177.0.0.1", "it still leads to the carrier"),
        ("0x7f.1", "it still leads to the carrier"),
        ("2130706433", "it still leads to the carrier"),
        ("128.0.0.1", "it leads to another machine"),
        ("172.0.0.1", "it leads to another machine"),
        ("10.1", "it leads to another machine"),
        ("0", "it leads to another machine"),
    ],
)
def test_no_slip_in_an_address_calls_another_machine(host, why):
    parsed = read(RIGHT)
    (right,) = parsed.registrations
    assert astray(parsed, replace(parsed, registrations=(replace(right, host=host),))) == why


@pytest.mark.parametrize(
    ("host", "why"), [("[::2]", "it leads to another machine"), ("[0::1]", "it still leads to the carrier")]
)
def test_ipv6(host, why):
    parsed = read(RIGHT.replace("127.0.0.1", "[::1]"))
    (right,) = parsed.registrations
    assert astray(parsed, replace(parsed, registrations=(replace(right, host=host),))) == why


@pytest.mark.parametrize("proxy", ["sip:128.0.0.1:5080", "<sip:x@128.0.0.1;lr>", "128.0.0.1", "wss://128.0.0.1/ws"])
def test_a_proxy_is_somebody_too(proxy):
    parsed = read(RIGHT)
    (right,) = parsed.registrations
    again = replace(parsed, registrations=(replace(right, outbound_proxy=proxy),))
    assert astray(parsed, again) == "it leads to another machine"
    near = replace(parsed, registrations=(replace(right, outbound_proxy=proxy.replace("128", "127")),))
    assert astray(parsed, near) == ""


@pytest.mark.parametrize("seed", range(40))
def test_mistakes_in_an_account_s_host_stay_on_this_machine(seed):
    for kind in ("host-swapped", "host-wrong", "host-extra", "host-missing", "host-doubled", "dot-missing"):
        found = mistyped(kind, RIGHT, "asterisk-chan_sip", Random(seed))
        assert found.login == "no-answer"
        assert not astray(read(RIGHT), read(found.text))


# -- the kinds of a dialect -------------------------------------------------------------------------------------


def test_the_kinds_of_a_dialect_are_those_that_it_can_have():
    found = typo_kinds("vicidial")
    assert {"password-missing", "keyword-missing", "user-for-auth-user", "password-percent-encoded"} <= {*found}
    assert not {"opening-angle-missing", "slash-missing", "note-behind", "port-letter"} & {*found}
    assert {"slash-missing", "note-behind"} <= {*typo_kinds("vicidial", harmless=True)}
    assert list(found) == [kind for kind in KINDS if kind in found]
    assert "section-missing" in typo_kinds("pjsip", config=True)
    assert "slashes-missing" in typo_kinds(transport="tls")
    assert "password-unescaped" in typo_kinds("freeswitch", "password-*")


def test_kinds_are_chosen_by_id_or_glob():
    assert typo_kinds("vicidial", "password-[a-d]*", without=["*-case", "*-at"]) == (
        "password-doubled",
        "password-curly-quotes",
        "password-colon",
        "password-double-quote",
        "password-backslashed",
    )
    assert typo_kinds("vicidial", ["wide-at", "at-missing"]) == ("at-missing", "wide-at")
    assert typo_kinds("vicidial", "opening-angle-missing") == ("opening-angle-missing",)  # it skips, and says why
    assert len(matching("*")) == len(KINDS)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("vicidal",), "unknown dialect 'vicidal'; did you mean 'vicidial'"),
        (("vicidial", "password-mising"), "no kind of typo `password-mising`; did you mean `password-missing`"),
        (("vicidial", "pasword-*"), "no kind of typo `pasword-*`; did you mean `password-*`"),
        (("vicidial", "qqqqq"), "no kind of typo `qqqqq`; mockregistrar.trunks.typos.KINDS has them all"),
        (("vicidial", "opening-*"), r"none of opening-\* keeps a trunk from logging in in vicidial"),
        (("vicidial", "password-*", "passwrd-*"), "no kind of typo `passwrd-"),
        (("jssip",), "jssip does not do for an account of the carrier: JsSIP speaks WebSocket only"),
        (("iax2",), "a registration of IAX2: a SIP carrier does not answer it"),
    ],
)
def test_what_there_is_not_is_said(arguments, says):
    dialect, *kinds = arguments
    with pytest.raises(ValueError, match=says.replace("*", r"\*") if "\\" not in says else says):
        typo_kinds(dialect, *kinds[:1], without=kinds[1:])
    with pytest.raises(ValueError, match="transport 'sctp' is not one of udp, tcp, tls"):
        typo_kinds(transport="sctp")


# -- accounts that suit -----------------------------------------------------------------------------------------


def test_an_account_is_varied_until_it_can_have_the_mistake():
    how = Writing("freeswitch")
    plain, _ = fitted("password-missing", TRUNK, how, Random(1))
    assert plain == TRUNK
    named, found = fitted("user-for-auth-user", TRUNK, how, Random(1))
    assert named == replace(TRUNK, auth_user="100x")
    assert found.login == "refused"
    special, found = fitted("password-unescaped", TRUNK, how, Random(1))
    assert set(special.secret) - set(TRUNK.secret)
    assert "&" in found.right


def test_where_no_account_can_have_it_the_plain_one_says_why():
    with pytest.raises(DoesNotApply, match="brackets-missing: the text has no IPv6 host") as caught:
        fitted("brackets-missing", TRUNK, Writing("vicidial"), Random(1))
    assert caught.value.lacks
    with pytest.raises(DoesNotApply, match="logs in all the same") as caught:
        fitted("note-behind", TRUNK, Writing("vicidial"), Random(1))
    assert not caught.value.lacks


def test_a_rich_password_can_have_every_plain_mistake():
    for seed in range(50):
        secret = rich_secret(Random(seed))
        assert secret == rich_secret(Random(seed))
        text = registry.render("vicidial", replace(TRUNK, secret=secret))
        for kind in ("swapped", "missing", "extra", "doubled", "wrong", "case", "look-alike"):
            assert mistyped(f"password-{kind}", text, "vicidial", Random(seed)).login == "refused"
