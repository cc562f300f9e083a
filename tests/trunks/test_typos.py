"""Mistakes made on purpose: each kind where it applies, in every dialect that there is."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from random import Random

import pytest
from growth import assert_at_most
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import CannotRender, Trunk, registry
from mockregistrar.trunks.explanation import explain
from mockregistrar.trunks.typos import KINDS, DoesNotApply, Typo, places, typo, typos

SECRET = "kD7mWq2x"
PLAIN = Trunk("100", "sip.acme.example", secret=SECRET, extension="100")
FULL = replace(PLAIN, transport="tcp", port=5080, auth_user="login1", expiry=300, domain="acme.example")
WORDS = replace(FULL, user="trunk1", host="sip0.acme.example", secret="hOl1day<Co&#", auth_user="trunk1x")
NASTY = Trunk("alice", "192.0.2.10", secret="p;w/x y$z'q", port=5090)
WEB = replace(PLAIN, transport="wss", port=8089, extension="s")
WRITTEN = [name for name in registry.names() if registry.renders(name)]

STABLE = re.findall(
    r"\S+",
    """
    password-swapped password-missing password-extra password-doubled password-wrong password-case
    password-look-alike password-blank-before password-blank-behind password-no-break-space password-zero-width
    password-curly-quotes user-swapped user-missing user-extra user-doubled user-wrong user-case user-look-alike
    user-blank-before user-blank-behind user-no-break-space user-zero-width user-curly-quotes host-swapped
    host-missing host-extra host-doubled host-wrong host-look-alike host-blank-before host-blank-behind
    host-no-break-space host-zero-width host-curly-quotes port-swapped port-missing port-doubled port-wrong
    expiry-missing expiry-doubled user-with-domain user-for-auth-user host-with-scheme host-dot-behind
    host-slash-behind host-transport-behind port-letter port-blank port-twice port-iax2 expiry-letter
    password-semicolon password-colon password-slash password-at password-question-mark password-hash
    password-bracket password-double-quote password-single-quote password-blank password-ampersand
    password-dollar password-less-than password-percent password-twice password-percent-encoded
    password-backslashed password-unquoted password-unescaped password-placeholder password-for-user at-missing
    colon-missing semicolon-missing comma-missing dot-missing slash-missing equals-sign-missing
    double-quote-missing single-quote-missing opening-angle-missing closing-angle-missing
    opening-bracket-missing closing-bracket-missing closing-brace-missing backslash-missing hyphen-missing
    line-break-missing at-doubled colon-doubled dot-doubled equals-sign-doubled semicolon-for-colon
    blank-for-colon hash-for-at comma-for-dot colon-for-equals-sign comma-for-semicolon colon-for-semicolon
    semicolon-for-comma backslash-for-slash curly-for-double-quote curly-for-single-quote dash-for-hyphens
    wide-colon wide-at no-break-space-for-blank keyword-missing keyword-doubled keyword-misspelt
    arrow-with-hyphen arrow-character arrow-apart slashes-missing one-slash-missing scheme-missing
    parameter-outside expiry-first brackets-missing section-missing keyword-extra whole-quoted option-misspelt
    option-swapped note-behind account-twice
    """,
)
"""Tests of other projects are named after these. Only ever added to."""


def written(render, dialect, *trunks):
    """Return the first of some trunks that the dialect can write, written."""

    def attempt(trunk):
        try:
            return render(dialect, trunk)
        except CannotRender:
            return None

    return next(text for text in map(attempt, trunks) if text is not None)


def texts(dialect):
    """Return texts in a dialect: what is pasted, with all that a trunk can have and with a nasty secret; a config."""
    plainer = (PLAIN, WEB)
    found = [
        written(registry.render, dialect, WORDS, replace(WORDS, domain="", auth_user="", transport="udp"), *plainer),
        written(registry.render, dialect, NASTY, replace(WEB, secret=NASTY.secret), *plainer),
        written(registry.render_config, dialect, FULL, *plainer),
    ]
    return list(dict.fromkeys(found))


def told(parsed):
    found = parsed.to_json(show_secrets=True)
    for finding in found["findings"]:
        del finding["line"], finding["column"], finding["length"]
    return found, [registration.secret for registration in parsed.registrations]


@pytest.fixture(scope="module", params=WRITTEN)
def made(request):
    """Every mistake in a dialect, each with the text that it was made in and with what was read then."""
    readings = {}
    read = places.Sheet.read

    def remembered(sheet, text):
        readings[sheet.parsed.form, text] = parsed = read(sheet, text)
        return parsed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places.Sheet, "read", remembered)
        found = [(text, each) for text in texts(request.param) for each in typos(text, request.param)]
    return [(text, each, readings[each.form, each.text]) for text, each in found]


def applies(kind, text, dialect):
    try:
        return bool(typo(kind, text, dialect))
    except DoesNotApply:
        return False


# --- all kinds, in all dialects


def test_the_kinds_stay():
    assert [kind for kind in STABLE if kind not in KINDS] == []
    assert len(set(STABLE)) == len(STABLE) > 100
    for kind, title in KINDS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind)
        assert re.fullmatch(r"(?s)[A-Z`].*[^. ]", title)


def test_every_kind_applies_somewhere():
    others = [
        ("register => 100:kD7mWq2x@[2001:db8::1]:5060/100", "asterisk"),
        ("100:kD7mWq2x@sip.acme.example/100", "freepbx"),
        ('{"Trunk Name": "acme", "Register String": "100:kD7mWq2x@sip.acme.example"}', "freepbx"),
    ]
    kinds = {each.kind for text, dialect in others for each in typos(text, dialect)}
    for nth in range(3):
        for dialect in WRITTEN:
            for text in texts(dialect)[nth : nth + 1]:
                kinds |= {kind for kind in set(KINDS) - kinds if applies(kind, text, dialect)}
    assert set(KINDS) - kinds == set()


def test_each_makes_another_text_that_comes_to_something_else(made):
    assert len(made) > 100
    forms = {(text, each.dialect, each.form) for text, each, _ in made}
    before = {key: told(explain(key[0], dialect=key[1], form=key[2]).parsed) for key in forms}
    for text, each, parsed in made:
        assert each.text != text
        assert (each.dialect, each.form) == (parsed.dialect, parsed.form)
        assert told(parsed) != before[text, each.dialect, each.form], each


def test_what_was_read_when_it_was_made_is_what_there_is_to_read(made):
    for _, each, parsed in made[::16]:
        assert told(parsed) == told(explain(each.text, dialect=each.dialect, form=each.form).parsed)


def test_each_says_what_it_is_and_where_without_the_secret(made):
    for text, each, _ in made:
        assert each.description.startswith(KINDS[each.kind]) or each.kind.endswith("look-alike")
        assert re.search(r", at (line \d+, )?column \d+\.\Z", each.description), each
        for trunk in (PLAIN, WORDS, NASTY):
            assert trunk.secret not in each.description
            assert trunk.secret not in repr(each)
        lines = each.text.split("\n")
        assert 1 <= each.span.line <= len(lines)
        assert 1 <= each.span.column <= each.span.end <= len(lines[each.span.line - 1]) + 1
        assert text.split("\n")[: each.span.line - 1] == lines[: each.span.line - 1], (
            "the place is the first difference"
        )


def test_a_kind_that_does_not_apply_says_why():
    text = registry.render("asterisk", PLAIN)
    applying = {each.kind for each in typos(text, "asterisk")}
    for kind in KINDS:
        if kind in applying:
            assert typo(kind, text, "asterisk").kind == kind
            continue
        with pytest.raises(DoesNotApply) as caught:
            typo(kind, text, "asterisk")
        assert caught.value.kind == kind
        assert re.match(r"the text has no \S|that is no mistake in asterisk-chan_sip\Z", caught.value.why)
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("port-letter", "u:pass1@h.example", "the text has no 0 in its port"),
        ("user-case", "100:pass1@h.example", "the text has no letter in its user name"),
        ("password-at", "u:pass1@h.example", "that is no mistake in asterisk-chan_sip"),
        ("password-blank-behind", "u:pass1@h.example", "that is no mistake in asterisk-chan_sip"),
        ("keyword-missing", "u:pass1@h.example", "the text has no `register =>`"),
        ("password-swapped", "u@h.example", "the text has no password with neighbours that differ"),
    ],
)
def test_reasons(kind, text, why):
    with pytest.raises(DoesNotApply) as caught:
        typo(kind, text, "asterisk")
    assert caught.value.why == why


# --- the mistakes of the reference

LINE = "register => 100:kD7mWq2x@sip.acme.example:5060/100~300"
TLS = "register => tls://100:kD7mWq2x@sip.acme.example/100"
PJSIP = """[acme]
type = registration
server_uri = sip:sip.acme.example\\;transport=tcp
client_uri = sip:100@sip.acme.example
outbound_auth = acme

[acme]
type = auth
username = 100
password = kD7mWq2x
"""
BARESIP = "<sip:100@sip.acme.example;transport=tls>;auth_pass=kD7mWq2x"
LINPHONE = """[auth_info_0]
username=100
passwd=kD7mWq2x
domain=sip.acme.example
[proxy_0]
reg_proxy=<sip:sip.acme.example>
reg_identity=sip:100@sip.acme.example
"""
GATEWAY = """<include>
<gateway name="acme">
  <param name="username" value="100"/>
  <param name="password" value="a&lt;b7d2x"/>
  <param name="proxy" value="sip.acme.example"/>
</gateway>
</include>
"""
MISTAKES = [
    ("password-semicolon", "asterisk", LINE, "kD7m;Wq2x"),
    ("password-colon", "asterisk", LINE, "kD7m:Wq2x"),
    ("password-slash", "asterisk", LINE, "kD7m/Wq2x"),
    ("password-question-mark", "asterisk", LINE, "kD7m?Wq2x"),
    ("password-bracket", "asterisk", LINE.replace("@", ":login1@"), "kD7m(Wq2x:login1@"),
    ("password-curly-quotes", "asterisk", LINE, ":“kD7mWq2x”@"),
    ("password-no-break-space", "asterisk", LINE, "kD7mWq2x\u00a0@"),
    ("password-zero-width", "asterisk", LINE, "kD7mWq2x\u200b@"),
    ("password-placeholder", "asterisk", LINE, ":your_password@"),
    ("password-look-alike", "asterisk", LINE.replace("m", "1"), "kD7lWq2x"),
    ("host-look-alike", "asterisk", LINE, "sip.acme.examp1e"),
    ("user-look-alike", "asterisk", LINE, "1O0:kD7mWq2x"),
    ("port-letter", "asterisk", LINE, ":5O60/"),
    ("port-blank", "asterisk", LINE, ":5 060/"),
    ("port-twice", "asterisk", LINE, ":5060:5061/"),
    ("port-iax2", "asterisk", LINE, ":4569/"),
    ("expiry-first", "asterisk", LINE, ":5060~300/100"),
    ("expiry-letter", "asterisk", LINE, "~3O0"),
    ("host-slash-behind", "asterisk", "register => 100:kD7mWq2x@sip.acme.example", ".example/"),
    ("host-dot-behind", "asterisk", LINE, ".example.:5060"),
    ("host-transport-behind", "asterisk", TLS, ".example;transport=tcp/100"),
    ("host-with-scheme", "asterisk", LINE, "@sip:sip.acme.example"),
    ("comma-for-dot", "asterisk", LINE, "sip,acme.example"),
    ("at-missing", "asterisk", LINE, "kD7mWq2xsip.acme"),
    ("hash-for-at", "asterisk", LINE, "kD7mWq2x#sip.acme"),
    ("semicolon-for-colon", "asterisk", LINE, "100;kD7mWq2x"),
    ("blank-for-colon", "asterisk", LINE, "100 kD7mWq2x"),
    ("keyword-missing", "asterisk", LINE, LINE.removeprefix("register => ")),
    ("keyword-missing", "vicidial", LINE, LINE.removeprefix("register => ")),
    ("keyword-missing", "asterisk-sip.conf", f"[general]\n{LINE}\n", "[general]\n100:"),
    ("keyword-doubled", "asterisk", LINE, f"register => {LINE}"),
    ("keyword-extra", "freepbx", LINE.removeprefix("register => "), LINE),
    ("keyword-misspelt", "asterisk", LINE, "registr => 100"),
    ("arrow-with-hyphen", "asterisk", LINE, "register -> 100"),
    ("arrow-character", "asterisk", LINE, "register ⇒ 100"),
    ("arrow-apart", "asterisk", LINE, "register = > 100"),
    ("equals-sign-missing", "asterisk", LINE, "register > 100"),
    ("whole-quoted", "asterisk", LINE, '=> "100:kD7mWq2x@sip.acme.example:5060/100~300"'),
    ("slashes-missing", "asterisk", TLS, "tls:100:"),
    ("one-slash-missing", "asterisk", TLS, "tls:/100:"),
    ("brackets-missing", "asterisk", "register => 100:kD7mWq2x@[2001:db8::1]/100", "@2001:db8::1/100"),
    ("no-break-space-for-blank", "asterisk", LINE, "=>\u00a0100"),
    ("wide-at", "asterisk", LINE, "kD7mWq2x＠sip"),
    ("note-behind", "asterisk", LINE, "~300 # main line"),
    ("account-twice", "asterisk-sip.conf", "[general]\nregister => 100:kD7mWq2x@sip.acme.example\n", "example/s\n"),
    ("section-missing", "pjsip", PJSIP, "auth = acme\n\ntype = auth"),
    ("closing-bracket-missing", "asterisk-sip.conf", f"[general]\n{LINE}\n", "[general\n"),
    ("backslash-missing", "pjsip", PJSIP, "example;transport=tcp"),
    ("scheme-missing", "pjsip", PJSIP, "client_uri = 100@"),
    ("user-with-domain", "pjsip", PJSIP, "100@sip.acme.example@sip.acme.example"),
    ("option-misspelt", "pjsip", PJSIP, "passord"),
    ("port-twice", "pjsip", PJSIP.replace("example\\", "example:5080\\"), "5080:5061"),
    ("parameter-outside", "baresip", BARESIP, ".example>;transport=tls;auth_pass"),
    ("closing-angle-missing", "baresip", BARESIP, ";transport=tls;auth_pass"),
    ("password-blank", "baresip", BARESIP, "kD7m Wq2x"),
    ("password-blank-before", "linphone", LINPHONE, "passwd= kD7mWq2x"),
    ("password-blank-behind", "freeswitch", GATEWAY, 'a&lt;b7d2x "'),
    ("note-behind", "linphone", LINPHONE, "# main line"),
    ("password-colon", "freeswitch", GATEWAY.replace("&lt;", "x"), '"axb7:d2x"'),
    ("password-unescaped", "freeswitch", GATEWAY, "a<b7d2x"),
    ("double-quote-missing", "freeswitch", GATEWAY, "value=a&lt;b7d2x"),
    ("host-with-scheme", "freeswitch", GATEWAY, 'value="sip:sip.acme.example"'),
    ("host-with-scheme", "microsip", registry.render("microsip", PLAIN), "server=sip:sip.acme.example"),
    ("password-unquoted", "pjsua", registry.render("pjsua", replace(PLAIN, secret="a;b c")), "--password=a;b c"),
    ("dash-for-hyphens", "pjsua", registry.render("pjsua", PLAIN), "–"),
    ("password-backslashed", "asterisk", LINE.replace("mW", "#W"), "kD7\\#Wq2x"),
    ("password-percent-encoded", "asterisk", LINE.replace("mW", "#W"), "kD7%23Wq2x"),
    ("user-for-auth-user", "asterisk", LINE.replace("@", ":login1@"), "login1:kD7mWq2x:100@"),
    ("password-for-user", "asterisk", LINE, "kD7mWq2x:100@"),
]


@pytest.mark.parametrize(("kind", "dialect", "text", "holds"), MISTAKES, ids=lambda value: str(value)[:40])
def test_the_mistakes_that_people_make(kind, dialect, text, holds):
    found = typo(kind, text, dialect)
    assert found.text == holds or (holds in found.text and holds not in text)
    parsed = explain(found.text, dialect=found.dialect, form=found.form).parsed
    before = explain(text, dialect=found.dialect, form=found.form).parsed
    logins = [[r.to_json() for r in each.registrations] for each in (parsed, before)]
    assert logins[0] != logins[1] or [f.code for f in parsed.findings] != [f.code for f in before.findings]


def test_a_character_that_the_dialect_keeps_is_no_mistake():
    for kind, dialect in (
        ("password-colon", "pjsip"),
        ("password-semicolon", "linphone"),
        ("password-hash", "asterisk"),
        ("password-slash", "freeswitch"),
        ("password-at", "asterisk"),
    ):
        with pytest.raises(DoesNotApply, match="that is no mistake in"):
            typo(kind, registry.render(dialect, PLAIN), dialect)


def test_a_typo_in_the_password_is_one_in_the_password():
    """Not in a comment, in the name of a section, or in another value that happens to be the same."""
    text = f"[kD7mWq2x]\n; kD7mWq2x\ntype=auth\nusername=kD7mWq2x\npassword=kD7mWq2x\n{PJSIP.replace('acme]', 'a]')}"
    for kind in KINDS:
        if kind.startswith("password-"):
            try:
                found = typo(kind, text.replace("auth = acme", "auth = kD7mWq2x"), "pjsip")
            except DoesNotApply:
                continue
            if kind != "password-for-user":
                assert found.text.split("\n")[:4] == text.split("\n")[:4], found


def test_several_accounts_have_their_mistakes_in_any():
    text = "[general]\n" + "".join(f"register => {n}:kD7m{n}Wq@sip{n}.acme.example/{n}\n" for n in range(200, 212))
    places = {typo("password-missing", text, "asterisk-sip.conf", Random(seed)).span.line for seed in range(10)}
    assert len(places) > 4
    assert len({typo("password-missing", text, "asterisk-sip.conf").span.line for _ in range(3)}) == 1


def test_a_text_that_is_refused_anyway_can_have_more_mistakes():
    found = typo("comma-for-dot", "register => 100:a;b7@sip.acme.example", "asterisk")
    assert found.text == "register => 100:a;b7@sip,acme.example"


def test_the_dialect_and_form_of_the_text_stay():
    assert typo("keyword-missing", LINE, "asterisk").form == "line"
    assert typo("keyword-missing", LINE, "asterisk").dialect == "asterisk-chan_sip"
    assert typo("scheme-missing", PJSIP, "pjsip").dialect == "asterisk-pjsip.conf"
    found = typo("password-colon", "u:pass1@h.example", "asterisk", form="value")
    assert (found.form, found.text) == ("value", "u:pas:s1@h.example")


# --- what is promised


def test_the_same_generator_makes_the_same_mistakes_and_another_one_others():
    for dialect in ("asterisk-sip.conf", "freeswitch", "baresip"):
        text = registry.render_config(dialect, FULL)
        first, again, other = (typos(text, dialect, Random(seed)) for seed in (1, 1, 2))
        assert first == again
        assert {t.kind: t.text for t in first} != {t.kind: t.text for t in other}
        assert typos(text, dialect) == typos(text, dialect)


def test_what_there_is_not_is_said():
    with pytest.raises(ValueError, match="there is no kind of typo 'swaped'"):
        typo("swaped", LINE, "asterisk")
    with pytest.raises(ValueError, match="did you mean 'asterisk'"):
        typos(LINE, "astersk")
    with pytest.raises(ValueError, match="has no form 'row'"):
        typos(LINE, "asterisk", form="row")


@pytest.mark.parametrize("dialect", registry.names())
@given(text=st.text(alphabet='register => u:p@h/~;[proxy_0]<>"\n\\&{},$', max_size=60), seed=st.integers(0, 9))
@settings(max_examples=4, deadline=None)
def test_any_text_has_mistakes_or_none(dialect, text, seed):
    for each in typos(text, dialect, Random(seed)):
        assert isinstance(each, Typo)
        assert each.text != text


@pytest.mark.parametrize("text", ["", "\n", " ", "@", "u@", "register =>", "[a]\n[b]\n", "\udce4:\udcff@h"])
def test_texts_with_nothing_in_them(text):
    for dialect in registry.names():
        typos(text, dialect)


def accounts(count, last=""):
    lines = "".join(f"register => u{n}:kD7m{n}Wq@sip{n}.acme.example/{n}\n" for n in range(count))
    return f"[general]\n{lines}{last}"


def test_a_long_config_takes_a_few_readings_of_it_for_a_mistake_and_not_many_for_all():
    text = accounts(1000)
    reading = partial(explain, text, dialect="asterisk-sip.conf")
    assert_at_most(4, lambda: typo("password-swapped", text, "asterisk-sip.conf"), reading)
    assert_at_most(12, lambda: typos(text, "asterisk-sip.conf"), reading)


def test_the_mistakes_of_a_long_config_are_those_of_its_beginning_and_change_the_whole():
    short, long = accounts(15), accounts(150)
    before = told(explain(long, dialect="asterisk-sip.conf").parsed)
    made = typos(long, "asterisk-sip.conf")
    assert {each.kind for each in made} == {each.kind for each in typos(short, "asterisk-sip.conf")}
    for each in made:
        assert len(each.text) > len(long) - 100
        assert each.span.line < 60
    for each in made[::5]:
        assert told(explain(each.text, dialect="asterisk-sip.conf").parsed) != before, each


def test_what_only_the_end_of_a_long_config_has_is_slipped_in_there():
    text = accounts(200, "register => u:kD7mWq2x@[2001:db8::1]/100\n")
    found = typo("brackets-missing", text, "asterisk-sip.conf")
    assert found.text == text.replace("[2001:db8::1]", "2001:db8::1")
    assert found.span.line == 202


@pytest.mark.parametrize("seed", range(3))
def test_a_generator_does_not_make_it_read_more(seed):
    text = accounts(1000)
    reading = partial(explain, text, dialect="asterisk-sip.conf")
    assert_at_most(4, lambda: typo("user-wrong", text, "asterisk-sip.conf", Random(seed)), reading)


def test_a_text_that_cannot_be_read_in_part_is_read_a_few_times_only(monkeypatch):
    rows = ",\n".join(f'{{"registrar": "sip:h{n}", "aor": "sip:u{n}@h{n}", "username": "u{n}"}}' for n in range(300))
    readings = []
    read = places.Sheet.read
    monkeypatch.setattr(places.Sheet, "read", lambda sheet, each: readings.append(len(each)) or read(sheet, each))
    typo("user-swapped", f"[{rows}]", "opensips-registrant")
    assert 0 < len(readings) < 20


def test_a_password_that_is_a_word_of_the_sentence_is_hidden_in_it():
    found = typo("expiry-first", "register => 100:extension@sip.acme.example/100~300", "asterisk")
    assert found.description == "`~expiry` stands before `/•••••••••`, at column 43."
